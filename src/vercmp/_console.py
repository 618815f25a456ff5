"""What both commands of this distribution do about standard streams that are closed or full."""

import os
import sys
from contextlib import suppress
from typing import TextIO

__all__ = ["abandon", "hold_standard_descriptors", "write_error"]


def hold_standard_descriptors() -> None:
    """Where standard input, output or error is closed, its number is taken: no file that is opened later gets it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def abandon(stream: TextIO) -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def write_error(line: str) -> None:
    """Print one line on standard error. Where that is closed or full, the exit status must do."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        abandon(sys.stderr)
