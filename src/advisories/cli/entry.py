"""The command ``advisories``: paths in, a report or a store out, and an exit status.

Exit status: 0 done; 1 findings at or above ``--fail-on``; 2 wrong usage, unreadable input, output that cannot be
written, a damaged store, or rejected records with ``--strict``; 3 the feed does not cover the inventory's release. Only
this floor prints and exits.
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from advisories.cli import check, compile, explain, fix, lint, match, verify
from advisories.cli.terminal import INTERRUPTED, WRONG, Wrong, say, wrong
from advisories.models.errors import AdvisoriesError, InvalidIgnoreFile

__all__ = ["main"]

# Every command, in the order of the help. A new one is its module and a word here.
_COMMANDS: Final = (match, fix, verify, explain, compile, check, lint)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (the process's own by default) and return its exit status."""
    options = _parser().parse_args(arguments)
    if sys.stdin is None or sys.stdout is None:
        return wrong("standard input and output must be open")
    # Half of the reading time would go into looking for cycles among millions of new objects; there are none.
    gc.disable()
    try:
        status: int = options.run(options)
        return status
    except InvalidIgnoreFile as error:
        for problem in error.problems:
            say(str(problem))
        return WRONG
    except (AdvisoriesError, Wrong) as error:
        return wrong(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        gc.enable()


class _Version(argparse.Action):
    """``--version``: the metadata of the distribution are slow to read, so only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"advisories {version('vercmp')}")
        parser.exit()


class _Once(argparse.Action):
    """An option of one value: said again, neither of the two wins."""

    _said = False

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        if self._said:
            raise argparse.ArgumentError(self, "said more than once")
        self._said = True
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """As its parent, and so are those of its commands: options by their whole names, what takes one value once."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)
        self.register("action", None, _Once)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="advisories", description="Installed packages against what is known to be vulnerable.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
