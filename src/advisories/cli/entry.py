"""The command ``advisories``: paths in, a report or a store out, and an exit status.

Exit status: 0 done. 1 findings to fail on. 2 wrong usage, unreadable input, output that cannot be written, a damaged
store, or rejected records with ``--strict``. 3 the feed does not cover the release of the inventory. 130 interrupted.
Where several fit: 2, then 3, then 1.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import Any, Final, NoReturn, Protocol, cast

from advisories.cli.options import one_of
from advisories.cli.settings import complete, found_settings, options_of
from advisories.cli.terminal import DONE, FAILED, fail, print_lines, terminal_columns, warn
from advisories.models.printing import printable
from advisories.models.words import nearest
from vercmp._console import usage_text, write_error

__all__ = ["command_parser", "option_names", "parser_of_commands", "run"]

# Every command and its module, in the order of the help. A new one is its module and a line here.
_COMMANDS: Final = {
    "match": "advisories.cli.match",
    "fix": "advisories.cli.fix",
    "verify": "advisories.cli.verify",
    "explain": "advisories.cli.explain",
    "list": "advisories.cli.list",
    "report": "advisories.cli.report",
    "fetch": "advisories.cli.fetch",
    "bundle": "advisories.cli.bundle",
    "db": "advisories.cli.db",
    "compile": "advisories.cli.compile",
    "check": "advisories.cli.check",
    "lint": "advisories.cli.lint",
    "config": "advisories.cli.config",
    "completion": "advisories.cli.completion",
}


class Command(Protocol):
    """What the module of a command offers."""

    #: One line for the list of commands, what the command does, then an example and the exit statuses, with an empty
    #: line between them.
    HELP: str

    def add_options(self, command: argparse.ArgumentParser) -> None:
        """Add the command's options to its parser."""

    def run(self, options: argparse.Namespace) -> int:
        """Run the command and return its exit status."""


def run(arguments: Sequence[str] | None) -> int:
    """The exit status of the command with these arguments, of the process's own where there are none."""
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    if sys.stdin is None or sys.stdout is None:
        return fail("standard input and output must be open")
    # Looking for cycles among millions of new objects would take half of the reading time, and there are none.
    gc.disable()
    try:
        status: int = options.run(options)
        return status
    finally:
        gc.enable()


def _parse(words: Sequence[str]) -> argparse.Namespace:
    if words and words[0] in _COMMANDS:
        name = words[0]
        parser = parser_of_commands([name])
        cast(_Parser, parser).of = name
        _check_options(command_parser(parser, name), words[1:])
        settings = found_settings(os.environ)
        given = frozenset(word.partition("=")[0] for word in takewhile("--".__ne__, words) if word.startswith("--"))
        if not (settings.file or settings.environment):
            options = parser.parse_args(words)
            options.given = given
            return options
        settings.check(option_names())
        options = complete(name, command_parser(parser, name), words, settings, parser.parse_args)
        options.given = given
        options.configuration = settings.file
        if settings.file and not options.quiet:
            warn(f"options from {settings.file}")
        return options
    # The version needs no command.
    parser = parser_of_commands(() if words and words[0] == "--version" else tuple(_COMMANDS))
    if words and not words[0].startswith("-"):
        try:
            one_of("command", tuple(_COMMANDS))(words[0])
        except argparse.ArgumentTypeError as error:
            parser.error(str(error))
    if words and words[0].startswith("--") and words[0] not in ("--help", "--version"):
        option = words[0].partition("=")[0]
        parser.error(f"{option} stands before the command: put it behind, as in advisories match {option}")
    return parser.parse_args(words)


def _check_options(command: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Refuse an option that the command does not have, before its value is taken for the package list."""
    for word in takewhile("--".__ne__, words):
        option = word.partition("=")[0]
        if option.startswith("--") and option not in command._option_string_actions:
            near = nearest(option, command._option_string_actions)
            command.error(f"unrecognized arguments: {word}{f'. Did you mean {near}?' if near else ''}")


class _Version(argparse.Action):
    """``--version``. The distribution's metadata are slow to read, so they are read only here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        parser.exit(DONE if print_lines([f"advisories {version('vercmp')}"]) else FAILED)


_OURS: Final = {
    "one of the arguments --inventory INVENTORY --host is required": "no package list: give INVENTORY, --inventory "
    "PATH, or --host for this machine"
}


class _Once(argparse.Action):
    """An option of one value. Given twice, neither value wins: it is an error."""

    _given = False

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        if self._given:
            raise argparse.ArgumentError(self, "given more than once")
        self._given = True
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """A parser that takes options by their whole names, and an option of one value once. Commands have it too."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)
        self.register("action", None, _Once)

    def print_help(self, file: Any = None) -> None:
        # argparse itself leaves with 0 where this cannot be written.
        if not print_lines(self.format_help().splitlines()):
            self.exit(FAILED)

    def error(self, message: str) -> NoReturn:
        # argparse itself prints the usage, of up to 20 lines, and on standard output where standard error is closed.
        optional = {action.metavar for action in self._actions if action.nargs == "*"}
        message = _OURS.get(message, message)
        if self._is_about_a_file(message):
            message += ". A feed is given by --feed"
        write_error(printable(usage_text(self.asked, message, optional)))
        raise SystemExit(FAILED)

    def _is_about_a_file(self, message: str) -> bool:
        """Whether it is about a word too many that names a file, and the command takes a feed."""
        start, _, words = message.partition("unrecognized arguments: ")
        if start or not words or self.of is None or not os.path.exists(words.partition(" ")[0]):
            return False
        return "--feed" in command_parser(self, self.of)._option_string_actions

    @property
    def asked(self) -> str:
        """What was typed, as far as it is known."""
        return self.prog if self.of is None else f"{self.prog} {self.of}"

    #: The command whose words are parsed, of the parser of all.
    of: str | None = None


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, width=terminal_columns() - 2)


def command_parser(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """The parser of one of a parser's commands."""
    (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    found: argparse.ArgumentParser = commands.choices[name]
    return found


def option_names() -> dict[str, tuple[str, ...]]:
    """The options of every command, as settings have them."""
    parser = parser_of_commands()
    return {name: tuple(options_of(command_parser(parser, name))) for name in _COMMANDS}


def parser_of_commands(names: Sequence[str] = tuple(_COMMANDS)) -> argparse.ArgumentParser:
    """The parser of ``advisories`` with these commands, all of them unless you choose."""
    parser = _Parser(
        prog="advisories",
        description="Which installed packages are vulnerable, why, and what to do about it.",
        epilog="example:\n  advisories match --inventory packages.txt --feed advisories.zip\n\n"
        "'advisories COMMAND --help' has the options, an example and the exit statuses of a command.",
        formatter_class=_help_formatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    # Without a name of ours argparse works it out by a usage, which imports what reads the terminal's size.
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog=parser.prog)
    for name in names:
        command = cast(Command, import_module(_COMMANDS[name]))
        summary, description, ending = command.HELP.split("\n\n", 2)
        own = commands.add_parser(
            name,
            help=summary,
            description=description,
            epilog=ending,
            formatter_class=_help_formatter,
        )
        command.add_options(own)
        loudness = own.add_mutually_exclusive_group()
        loudness.add_argument("-q", "--quiet", action="store_true", help="no progress and no notes, errors alone")
        loudness.add_argument("-v", "--verbose", action="store_true", help="what was read, and how long that took")
        own.set_defaults(run=command.run)
    return parser
