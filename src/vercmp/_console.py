"""What both commands of this distribution do about standard streams that are closed or full."""

# What Python itself has imported, so that this can be imported where nothing else can.
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TextIO

__all__ = ["abandon", "hold_standard_descriptors", "not_started", "usage_text", "write_error"]

_WORDS = {": expected one argument": ": a value is missing", "not allowed with argument": "not allowed with"}
_WHY = b": cannot be started: there is not enough memory, or a module is missing\n"
# Made beforehand: it is written where there is no memory left to make it.
_NOT_STARTED = {"advisories": b"advisories" + _WHY, "vercmp": b"vercmp" + _WHY}
_LACKING = "the following arguments are required: "


def hold_standard_descriptors() -> None:
    """Where standard input, output or error is closed, its number is taken: no file that is opened later gets it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def abandon(stream: "TextIO") -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def write_error(line: str) -> None:
    """Print one line on standard error. Where that is closed or full, the exit status must do."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        abandon(sys.stderr)


def usage_text(command: str, message: str, optional: "Collection[object]" = ()) -> str:
    """What argparse has against the words of a command, as one line in our words that ends with the next step.

    :param optional: names of what may be missing. Python 3.11 takes them for required.
    """
    if message.startswith(_LACKING):
        names = [name for name in message.removeprefix(_LACKING).split(", ") if name not in optional]
        message = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    text = message.removeprefix("argument ").rstrip(".")
    return f"{command}: {text}{'' if text.endswith('?') else '.'} See: {command} --help"


def not_started(command: str, error: BaseException) -> int:
    """The exit status of a command that could not be imported: what it raised is one line on standard error.

    With ``VERCMP_DEBUG`` or ``ADVISORIES_DEBUG`` in the environment you see the traceback too.
    """
    # Python 3.11 wraps what is raised while a class is made.
    if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
        return 130
    try:
        if os.environ.get(f"{command.upper()}_DEBUG"):
            import traceback

            write_error(traceback.format_exc().rstrip())
        if isinstance(error, MemoryError):
            text = "there is not enough memory"
        else:
            text = f"cannot be started: {type(error).__name__}: {error}"
        write_error(f"{command}: {text}".encode("unicode_escape").decode())
    except KeyboardInterrupt:
        return 130
    except Exception:
        # There is not even memory for that. This takes none.
        try:
            os.write(2, _NOT_STARTED[command])
        except (OSError, MemoryError):
            return 2
    return 2
