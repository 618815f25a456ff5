"""``advisories config``: which options hold, and where each comes from."""

import argparse
import os

from advisories.cli.options import add_flag, one_of
from advisories.cli.terminal import DONE, FAILED, print_lines

__all__ = ["HELP", "add_options", "run"]


HELP = """\
which options hold, and where each comes from

Show the options of a command as they are without any on the command line,
and whether each comes from the environment, a configuration file, or is the
usual one.

example:
  advisories config match

exit status:
  0 done
  2 wrong usage, or a setting that no command has
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("of", metavar="COMMAND", nargs="?", type=_command, default="match", help="the command (match)")
    add_flag(command, "--changed", "only options that are not as usual")


def _command(text: str) -> str:
    from advisories.cli.entry import option_names

    return one_of("command", tuple(option_names()))(text)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.cli.entry import command_parser, option_names, parser_of_commands
    from advisories.cli.settings import (
        IGNORE_FILE,
        applied,
        default_ignore_file,
        exclusive_options,
        found_settings,
        options_of,
    )

    names = option_names()
    settings = found_settings(os.environ)
    settings.check(names)
    values = settings.of(options.of)
    parser = command_parser(parser_of_commands([options.of]), options.of)
    actions = options_of(parser)
    for group in exclusive_options(parser):
        held = settings.exclusive(options.of, group)
        values = {name: value for name, value in values.items() if name not in group or name == held}
    lines = [f"configuration file: {settings.file or 'none'}"]
    for name, action in actions.items():
        if name in values:
            lines.append(
                f"{name} = {_shown(applied(action, values[name]), values[name].value)}  ({values[name].where})"
            )
        elif name == "ignore" and (path := default_ignore_file()) is not None:
            lines.append(f"{name} = {path}  ({IGNORE_FILE} in the working folder or above)")
        elif not options.changed:
            lines.append(f"{name} = {_shown(action.default, action.default)}  (usual)")
    return DONE if print_lines(lines) else FAILED


def _shown(value: object, text: object) -> str:
    from advisories.cli.settings import parts_of

    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    parts = parts_of(text) if isinstance(value, list) and isinstance(text, str) else text
    return ", ".join(map(str, parts)) if isinstance(parts, list) else str(parts)
