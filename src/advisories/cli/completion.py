"""``advisories completion``: what a shell needs to complete commands and options."""

import argparse
from collections.abc import Iterator

from advisories.cli.options import one_of
from advisories.cli.terminal import DONE, FAILED, print_lines

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what a shell needs to complete commands and options

Print a script for bash, zsh or fish. Source it in the shell's own start file.

example:
  advisories completion bash

exit status:
  0 done
  2 wrong usage, or output that cannot be written
"""

_SHELLS = ("bash", "zsh", "fish")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("shell", metavar="SHELL", type=one_of("shell", _SHELLS), help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.cli.entry import option_names

    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]
    return DONE if print_lines(write(option_names())) else FAILED


def _bash(commands: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield "_advisories() {"
    yield "    local current=${COMP_WORDS[COMP_CWORD]} words="
    yield '    if [ "$COMP_CWORD" -eq 1 ]; then'
    yield f'        words="{" ".join(commands)} --help --version"'
    yield "    else"
    yield "        case ${COMP_WORDS[1]} in"
    for name, options in commands.items():
        yield f'            {name}) words="{_words(options)}" ;;'
    yield "        esac"
    yield "    fi"
    yield "    COMPREPLY=()"
    yield '    if [ "$COMP_CWORD" -eq 1 ] || [ "${current#-}" != "$current" ]; then'
    yield '        COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "    fi"
    yield "}"
    yield "complete -o default -F _advisories advisories"


def _zsh(commands: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield "#compdef advisories"
    yield "_advisories() {"
    yield "    if (( CURRENT == 2 )); then"
    yield f"        compadd -- {' '.join(commands)} --help --version"
    yield "    elif [[ $words[CURRENT] == -* ]]; then"
    yield "        case $words[2] in"
    for name, options in commands.items():
        yield f"            {name}) compadd -- {_words(options)} ;;"
    yield "        esac"
    yield "    else"
    yield "        _files"
    yield "    fi"
    yield "}"
    yield "compdef _advisories advisories"


def _fish(commands: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield f"complete -c advisories -n __fish_use_subcommand -f -a '{' '.join(commands)}'"
    for name, options in commands.items():
        for option in (*options, "help"):
            yield f"complete -c advisories -n '__fish_seen_subcommand_from {name}' -l {option}"


def _words(options: tuple[str, ...]) -> str:
    return " ".join(f"--{option}" for option in (*options, "help"))
