"""Standard output, standard error and the exit statuses. Commands print through here and nowhere else."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from advisories.models.printing import printable, printable_lines
from vercmp._console import abandon, write_error

if TYPE_CHECKING:
    import argparse

    from advisories.models.reading import ReadReport, Rejection

__all__ = [
    "DONE",
    "FAILED",
    "FOUND",
    "INTERRUPTED",
    "NOT_COVERED",
    "UsageProblem",
    "columns",
    "fail",
    "flush_streams",
    "is_terminal",
    "print_lines",
    "print_report",
    "progress_width",
    "shows_colours",
    "terminal_columns",
    "waiting",
    "warn",
    "warn_of_each",
    "warn_of_rejections",
]

# The exit statuses of every command. Where several fit: FAILED, then NOT_COVERED, then FOUND.
DONE: Final = 0
FOUND: Final = 1
FAILED: Final = 2
NOT_COVERED: Final = 3
# 128 and the number of SIGINT, as shells have it.
INTERRUPTED: Final = 130

# How many lines are written at once: a megabyte of findings as JSON.
_AT_ONCE: Final = 1000

# The most columns of a line that is rewritten.
_WIDEST: Final = 200

# How many rejections standard error gets one by one. The JSON report has all.
_SHOWN: Final = 20


class UsageProblem(Exception):
    """Options or inputs that a command cannot run with. Its text goes to standard error, and the status is 2."""


def columns(options: "argparse.Namespace") -> int | None:
    """The columns that text is laid out in: those of ``--width``, else of ``COLUMNS``, else of the terminal, else 80.

    None for ``--width 0``: lines may be of any length.
    """
    return terminal_columns() if options.width is None else options.width or None


def terminal_columns() -> int:
    """As :func:`shutil.get_terminal_size` has them, without what that imports."""
    with suppress(KeyError, ValueError):
        if (found := int(os.environ["COLUMNS"])) > 0:
            return found
    with suppress(AttributeError, ValueError, OSError):
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    return 80


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def shows_colours(options: "argparse.Namespace") -> bool:
    """Whether what goes to standard output may have colours: on a terminal, unless the environment has other wishes.

    Sources: no-color.org, and force-color.org.
    """
    to_files = any(one.path != "-" for one in options.output) and options.format is None
    if os.environ.get("NO_COLOR") or to_files:
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def print_report(lines: Iterable[str]) -> bool:
    """Print the lines of a report on standard output. False where that failed: a reader may have seen enough."""
    return _write(lines)


def print_lines(lines: Iterable[str]) -> bool:
    """Print lines for people on standard output, with what cannot be seen escaped. Returns as :func:`print_report`."""
    return _write(printable_lines(lines))


def flush_streams() -> bool:
    """Write what standard output and standard error still hold. False where that failed for standard output."""
    is_written = sys.stdout is not None and _write(())
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
        return is_written
    if sys.stderr is not None:
        abandon(sys.stderr)
    return is_written


def _write(lines: Iterable[str]) -> bool:
    try:
        _print(lines)
    except BrokenPipeError:
        # The result stands, whether or not all of it was read.
        abandon(sys.stdout)
    except OSError as error:
        abandon(sys.stdout)
        warn(f"standard output: {error.strerror or error}")
        return False
    return True


def _print(lines: Iterable[str]) -> None:
    # A terminal or a pipe of another encoding gets what it cannot show escaped, not a traceback.
    encoding = sys.stdout.encoding or "utf-8"
    rest = iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        # Without a buffer, as by PYTHONUNBUFFERED, a part may be written.
        left = memoryview("\n".join([*some, ""]).encode(encoding, "backslashreplace"))
        while left:
            left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.flush()


def progress_width() -> int:
    """The columns of a line of progress, whatever the environment has: no terminal shows more of it."""
    return min(terminal_columns(), _WIDEST) - 1


@contextmanager
def waiting(options: "argparse.Namespace", what: str) -> Iterator[None]:
    """Show on a terminal what takes longer than a second, and with ``--verbose`` how long it took."""
    if options.quiet or not (options.verbose or (sys.stderr is not None and sys.stderr.isatty())):
        yield
        return
    from threading import Event, Thread
    from time import monotonic

    begin, done = monotonic(), Event()

    def show() -> None:
        width = progress_width()
        while not done.wait(1):
            text = printable(f"{what}: {monotonic() - begin:.0f} s")
            with suppress(OSError, ValueError):
                sys.stderr.write(f"\r{text[:width]:{width}}\r")
                sys.stderr.flush()
        with suppress(OSError, ValueError):
            sys.stderr.write(f"\r{'':{width}}\r" if monotonic() - begin >= 1 else "")

    shown = Thread(target=show, daemon=True) if sys.stderr is not None and sys.stderr.isatty() else None
    if shown is not None:
        shown.start()
    try:
        yield
    finally:
        done.set()
        if shown is not None:
            shown.join()
    if options.verbose:
        warn(f"{what}: {monotonic() - begin:.2f} s")


def warn(text: str) -> None:
    """Print one line on standard error. Where that is closed or full, the exit status must do."""
    write_error(f"advisories: {printable(text)}")


def fail(text: str) -> int:
    """Print on standard error what went wrong, and return the exit status for it."""
    warn(text)
    return FAILED


def warn_of_rejections(reports: Iterable["ReadReport"], where: str) -> int:
    """Print on standard error what was rejected, and return how much that was.

    :param where: what shows all of it, as a sentence: the first few are printed.
    """
    return warn_of_each([rejection for report in reports for rejection in report.rejections], where)


def warn_of_each(rejections: "Sequence[Rejection]", where: str) -> int:
    """:func:`warn_of_rejections` of some of them."""
    for rejection in rejections[:_SHOWN]:
        warn(str(rejection))
    if len(rejections) > _SHOWN:
        warn(f"and {len(rejections) - _SHOWN} more; {where}")
    return len(rejections)
