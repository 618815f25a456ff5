"""Standard output and standard error, and the exit statuses. Commands print through here and nowhere else."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from advisories.reports.lines import printable

if TYPE_CHECKING:
    from advisories.models import ReadReport, Rejection

__all__ = [
    "DONE",
    "FOUND",
    "INTERRUPTED",
    "NOT_COVERED",
    "WRONG",
    "Wrong",
    "printed",
    "say",
    "say_rejections",
    "width",
    "wrong",
]

DONE: Final = 0
FOUND: Final = 1
WRONG: Final = 2
NOT_COVERED: Final = 3
# 128 and the number of SIGINT, as shells say it.
INTERRUPTED: Final = 130

# How many rejections are shown one by one on standard error; the JSON report has all.
_SHOWN: Final = 20


class Wrong(Exception):
    """What keeps a command from running, for standard error; the exit status is :data:`WRONG`."""


def width() -> int | None:
    """The terminal's columns; None where standard output is no terminal, and lines may be long."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def printed(lines: Iterable[str]) -> bool:
    """Print lines on standard output; whether whoever reads it got them, or has seen enough."""
    try:
        _print(lines)
    except BrokenPipeError:
        # The verdict stands.
        _abandon_output()
    except OSError as error:
        _abandon_output()
        say(f"standard output: {error.strerror or error}")
        return False
    return True


def _print(lines: Iterable[str]) -> None:
    # A terminal or a pipe of another encoding gets what it cannot show escaped, not a traceback.
    encoding = sys.stdout.encoding or "utf-8"
    write = sys.stdout.buffer.write
    for line in lines:
        write(line.encode(encoding, "backslashreplace") + b"\n")
    sys.stdout.flush()


def _abandon_output() -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def say(text: str) -> None:
    """One line on standard error."""
    print(f"advisories: {printable(text)}", file=sys.stderr)


def wrong(text: str) -> int:
    """Say on standard error what is wrong; the exit status for it."""
    say(text)
    return WRONG


def say_rejections(reports: Iterable["ReadReport"], where: str, *, strict: bool) -> None:
    """Name what was refused on standard error, and where all of it is named. Raises :class:`Wrong` where that is an
    error.
    """
    rejections: list[Rejection] = [rejection for report in reports for rejection in report.rejections]
    for rejection in rejections[:_SHOWN]:
        say(str(rejection))
    if len(rejections) > _SHOWN:
        say(f"and {len(rejections) - _SHOWN} more; {where}")
    if rejections and strict:
        raise Wrong(f"{len(rejections)} rejected, and --strict makes that an error")
