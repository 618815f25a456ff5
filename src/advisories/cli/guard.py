"""The boundary of every command: whatever is raised inside becomes one line on standard error and an exit status.

An uncaught exception would end the process with status 1, which means findings.
"""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from advisories.cli.terminal import FAILED, INTERRUPTED, UsageProblem, fail, flush_streams, warn
from advisories.models.errors import AdvisoriesError, InvalidIgnoreFile
from vercmp._console import hold_standard_descriptors

__all__ = ["guarded"]

#: With this in the environment you see the traceback too.
_DEBUG = "ADVISORIES_DEBUG"
_T = TypeVar("_T")


def guarded(run: Callable[[_T], int], arguments: _T) -> int:
    """The exit status of a command with these arguments: its own, or that of what it raises.

    Only SystemExit goes through, by which a parser of options leaves: with 2 where its output cannot be written.
    """
    try:
        if None in (sys.stdin, sys.stdout, sys.stderr):
            hold_standard_descriptors()
        return run(arguments)
    except SystemExit:
        if not flush_streams():
            raise SystemExit(FAILED) from None
        raise
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            # Python 3.11 wraps what is raised while a class is made.
            return INTERRUPTED
        if os.environ.get(_DEBUG):
            _print_traceback()
        if isinstance(error, InvalidIgnoreFile):
            for problem in error.problems:
                warn(str(problem))
            return FAILED
        return fail(_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, AdvisoriesError):
        from advisories.cli.next_steps import next_step  # only an error needs it

        step = next_step(error)
        return str(error) if step is None else f"{error}. {step}"
    if isinstance(error, UsageProblem):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, RecursionError):
        return "the input is nested too deeply"
    if isinstance(error, OSError):
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None
        why = error.strerror or str(error) or type(error).__name__
        return why if name is None else f"{name}: {why}"
    if isinstance(error, ImportError):
        if (error.name or "").partition(".")[0] in sys.stdlib_module_names:
            return f"{error}. This Python was built without a part of its standard library: use another one"
        return f"{error}. This installation is not whole: install vercmp again with this Python"
    text = f": {error}" if str(error) else ""
    return f"a fault of this program: {type(error).__name__}{text}. With {_DEBUG}=1 you see where"


def _print_traceback() -> None:
    import traceback

    for line in traceback.format_exc().splitlines():
        warn(line)
