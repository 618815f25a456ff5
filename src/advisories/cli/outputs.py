"""Where reports go: standard output, or files that are written whole or not at all."""

import argparse
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from advisories.cli.options import one_of
from advisories.cli.terminal import UsageProblem, print_report, warn
from advisories.models.errors import EmptyReport, UnknownReport
from advisories.models.frozen import frozen

if TYPE_CHECKING:
    from advisories.reports import AnyReport
    from advisories.reports.document import Document

__all__ = [
    "Output",
    "OutputOf",
    "add_outputs",
    "check_formats",
    "check_outputs",
    "formats_of",
    "is_printed",
    "write_reports",
]

_TEMPLATE = "template:"
# Bytes of a template: four for each character that it may have.
_LONGEST = 1 << 22


@frozen
class Output:
    """One report to write.

    :ivar path: ``-`` for standard output.
    :ivar template: the path of the template that it is written by. None for every other format.
    """

    format: str
    path: str
    template: str | None = None

    def __str__(self) -> str:
        return f"-o {self.format if self.template is None else f'{_TEMPLATE}{self.template}'}={self.path}"


def add_outputs(command: argparse.ArgumentParser, formats: Sequence[str], *, has_templates: bool = False) -> None:
    """Add ``-o``, which takes a format and a path.

    :param has_templates: whether a format may be ``template:`` and the path of a template.
    """
    by_template = ", by a template of yours for template:PATH=PATH" if has_templates else ""
    command.add_argument(
        "-o",
        "--output",
        metavar="FORMAT=PATH",
        type=OutputOf(formats, has_templates),
        action="append",
        default=[],
        help=f"write a report to a file, or to standard output for -{by_template} (repeatable)",
    )


class OutputOf:
    """The `type` of an option that takes a format and a path.

    :ivar words: the formats, for completion.
    """

    def __init__(self, formats: Sequence[str], has_templates: bool) -> None:
        self.words = tuple(formats)
        self._check = one_of("format", formats)
        self._has_templates = has_templates

    def __call__(self, text: str) -> Output:
        format, mark, path = text.partition("=")
        if not mark or not path:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not FORMAT=PATH, such as json=report.json or {self.words[0]}=-"
            )
        if self._has_templates and format.startswith(_TEMPLATE) and format != _TEMPLATE:
            return Output("template", path, format.removeprefix(_TEMPLATE))
        return Output(self._check(format), path)


def check_outputs(options: argparse.Namespace, inputs: Iterable[str]) -> None:
    """Check where reports go before anything is read.

    :param inputs: the paths that are read, none of which is written.

    Raises :class:`UsageProblem` where two reports go to one place, where a report would take the place of an input, and
    where no file can be written.
    """
    outputs: list[Output] = options.output
    places: dict[object, Output] = {}
    templates = [one.template for one in outputs if one.template is not None]
    configuration = filter(None, [getattr(options, "configuration", None)])
    read = {_place(path): path for path in (*inputs, *templates, *configuration) if path != "-"}
    for one in outputs:
        place = _place(one.path)
        if place in places:
            raise UsageProblem(f"{one}: {places[place].format} goes there too")
        if place in read and not _is_no_file(one.path):
            raise UsageProblem(f"{one}: it would take the place of an input")
        places[place] = one
        if one.path != "-":
            _check_writable(one)
    for one in outputs:
        if one.template is not None:
            # A template with mistakes is found before anything is matched.
            _renderer(one.template)
    if options.format is not None and any(one.path == "-" for one in outputs):
        raise UsageProblem("--format and -o both go to standard output. Leave out one of them")


def check_formats(options: argparse.Namespace, what: str, formats: Sequence[str]) -> None:
    """Check that a report has all the formats that are asked for, before the first is written.

    :param what: the kind of report: findings, plan, verification or lint.

    Raises :class:`~advisories.models.errors.UnknownReport` for one that it does not have.
    """
    words = [] if options.format is None else [options.format]
    for word in (*words, *[one.format for one in options.output]):
        if word not in formats and not (word == "template" and what == "findings"):
            raise UnknownReport(f"an earlier report of {what}", word, tuple(formats))


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
            raise UsageProblem(f"{one}: a folder")
        if not stat.S_ISREG(mode):
            return
    folder = os.path.dirname(os.path.realpath(one.path))
    try:
        os.stat(folder)
    except FileNotFoundError:
        raise UsageProblem(f"{one}: there is no folder {folder}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageProblem(f"{one}: no permission to write to {folder}")


def write_reports(report: "AnyReport", options: argparse.Namespace, usual: str) -> bool:
    """Write every report that was asked for. False where one of them failed: the others are whole all the same.

    A file whose format demands more than the report has is not written, and one that is there is removed.

    :param usual: the format for standard output where none was asked for.
    """
    done = True
    for one in _chosen(options, usual):
        try:
            lines = _lines(report, one)
        except EmptyReport as error:
            done &= _left_out(one, error)
            continue
        done &= print_report(lines) if one.path == "-" else _written(lines, one)
    return done


def _left_out(one: Output, error: EmptyReport) -> bool:
    """Leave out a report that has nothing to state, and remove the one of an earlier run. False where a program reads
    what is written: for it, nothing is a document that was cut.
    """
    if one.path == "-" or _is_no_file(one.path):
        warn(f"{error}. Nothing is written")
        return False
    try:
        os.unlink(os.path.realpath(one.path))
    except FileNotFoundError:
        warn(f"{error}. {one.path} is not written")
    except OSError as problem:
        warn(f"{one}: the file of an earlier run cannot be removed: {problem.strerror or problem}")
        return False
    else:
        warn(f"{error}. {one.path} was of an earlier run, and is removed")
    return True


def formats_of(options: argparse.Namespace, usual: str) -> list[str]:
    """The formats that were written, each once."""
    return list(dict.fromkeys([one.format for one in _chosen(options, usual)]))


def is_printed(options: argparse.Namespace) -> bool:
    """Whether a report goes to standard output. Else nothing there shows what was found."""
    return any(one.path == "-" for one in _chosen(options, ""))


def _chosen(options: argparse.Namespace, usual: str) -> list[Output]:
    outputs: list[Output] = options.output
    if options.format is not None or not outputs:
        return [Output(options.format or usual, "-"), *outputs]
    return outputs


def _lines(report: "AnyReport", one: Output) -> Iterable[str]:
    if one.template is None:
        from advisories.reports import render

        return render(report, one.format)
    from advisories.reports.document import Document
    from advisories.reports.findings import Report

    render_document = _renderer(one.template)
    if isinstance(report, Report):
        return render_document(Document.of(report))
    assert isinstance(report, Document)
    return render_document(report)


def _renderer(path: str) -> "Callable[[Document], list[str]]":
    from advisories.reports.findings_template import renderer

    try:
        with open(path, "rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error  # what a read raises has no name
    if len(data) > _LONGEST:
        raise UsageProblem(f"{path}: longer than {_LONGEST} bytes, which no template is")
    try:
        return renderer(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{path}: not UTF-8 at byte {error.start}") from None


def _written(lines: Iterable[str], one: Output) -> bool:
    try:
        with _replaced(one.path) as file:
            file.writelines(f"{line}\n".encode("utf-8", "backslashreplace") for line in lines)
    except OSError as error:
        warn(f"{one}: {error.strerror or error}")
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
