"""Where reports go: standard output, or files that are written whole or not at all."""

import argparse
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from advisories.cli.options import one_of
from advisories.cli.terminal import UsageProblem, print_report, warn
from advisories.models.frozen import frozen

if TYPE_CHECKING:
    from advisories.reports import AnyReport

__all__ = ["Output", "add_outputs", "check_outputs", "write_reports"]


@frozen
class Output:
    """One report to write.

    :ivar path: ``-`` for standard output.
    """

    format: str
    path: str


def add_outputs(command: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add ``-o``, which takes a format and a path."""
    command.add_argument(
        "-o",
        "--output",
        metavar="FORMAT=PATH",
        type=_output_of(formats),
        action="append",
        default=[],
        help="write a report to a file, or to standard output for - (repeatable)",
    )


def _output_of(formats: Sequence[str]) -> Callable[[str], Output]:
    check = one_of("format", formats)

    def output(text: str) -> Output:
        format, mark, path = text.partition("=")
        if not mark or not path:
            raise argparse.ArgumentTypeError(f"{text!r} is not FORMAT=PATH, such as json=report.json or {formats[0]}=-")
        return Output(check(format), path)

    return output


def check_outputs(options: argparse.Namespace, inputs: Iterable[str]) -> None:
    """Check where reports go before anything is read.

    :param inputs: the paths that are read, none of which is written.

    Raises :class:`UsageProblem` where two reports go to one place, where a report would take the place of an input, and
    where no file can be written.
    """
    outputs: list[Output] = options.output
    places: dict[object, Output] = {}
    read = {_place(path): path for path in inputs if path != "-"}
    for one in outputs:
        place = _place(one.path)
        if place in places:
            raise UsageProblem(f"-o {one.format}={one.path}: {places[place].format} goes there too")
        if place in read and not _is_no_file(one.path):
            raise UsageProblem(f"-o {one.format}={one.path}: it would take the place of an input")
        places[place] = one
        if one.path != "-":
            _check_writable(one)
    if options.format is not None and any(one.path == "-" for one in outputs):
        raise UsageProblem("--format and -o both go to standard output. Leave out one of them")


def _place(path: str) -> object:
    """What a path names, links followed."""
    if path == "-":
        return path
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return os.path.realpath(path)


def _is_no_file(path: str) -> bool:
    """Whether it is a terminal, a pipe or a device: writing there replaces nothing."""
    with suppress(OSError):
        return not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path)
    return False


def _check_writable(one: Output) -> None:
    with suppress(FileNotFoundError):
        mode = os.stat(one.path).st_mode
        if stat.S_ISDIR(mode):
            raise UsageProblem(f"-o {one.format}={one.path}: a folder")
        if not stat.S_ISREG(mode):
            return
    folder = os.path.dirname(os.path.realpath(one.path))
    try:
        os.stat(folder)
    except FileNotFoundError:
        raise UsageProblem(f"-o {one.format}={one.path}: there is no folder {folder}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageProblem(f"-o {one.format}={one.path}: no permission to write to {folder}")


def write_reports(report: "AnyReport", options: argparse.Namespace, usual: str) -> bool:
    """Write every report that was asked for. False where one of them failed: the others are whole all the same.

    :param usual: the format for standard output where none was asked for.
    """
    done = True
    outputs: list[Output] = options.output
    if options.format is not None or not outputs:
        outputs = [Output(options.format or usual, "-"), *outputs]
    for one in outputs:
        done &= print_report(report, one.format) if one.path == "-" else _written(report, one)
    return done


def _written(report: "AnyReport", one: Output) -> bool:
    from advisories.reports import render

    lines = render(report, one.format)
    try:
        with _replaced(one.path) as file:
            file.writelines(f"{line}\n".encode("utf-8", "backslashreplace") for line in lines)
    except OSError as error:
        warn(f"-o {one.format}={one.path}: {error.strerror or error}")
        return False
    return True


@contextmanager
def _replaced(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of the one at a path when all is written. A pipe or a device is written to."""
    if _is_no_file(path):
        with open(path, "wb") as file:
            yield file
        return
    # Through a link to the file it names. The new one must be in the same folder to take its name.
    target = os.path.realpath(path)
    name = f"{target}.{os.getpid()}.part"
    try:
        with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(os.stat(target).st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    finally:
        with suppress(OSError):
            os.unlink(name)
