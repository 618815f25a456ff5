"""``advisories completion``: what a shell needs to complete commands, options and their values.

The scripts hold all words, so a shell does not start this program to complete one. They are made of the same parsers
that read the options.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from advisories.cli.options import OneOf, SomeOf, one_of
from advisories.cli.outputs import OutputOf
from advisories.cli.terminal import DONE, FAILED, print_lines
from advisories.models.frozen import frozen

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what a shell needs to complete commands, options and values

Print a script for bash, zsh or fish. bash and zsh: source it in the shell's
own start file (zsh: behind compinit). fish: save it among its completions.

example:
  source <(advisories completion bash)
  advisories completion fish > ~/.config/fish/completions/advisories.fish

exit status:
  0 done
  2 wrong usage, or output that cannot be written
"""

_SHELLS = ("bash", "zsh", "fish")
_COMMAND: Final = ("--help", "--version")


@frozen
class _Values:
    """What may stand behind an option, or as an argument.

    :ivar kind: ``words``; ``list`` of words with commas between; ``pairs``, words with ``=`` behind them; ``outputs``,
        pairs with a file; ``file``; ``free`` for what no table has; ``none`` for a flag.
    """

    kind: str
    words: tuple[str, ...] = ()


@frozen
class _Command:
    """What a command takes.

    :ivar options: by each of their words, such as ``-o`` and ``--output``.
    :ivar first: its first argument.
    :ivar others: those behind it.
    """

    options: Mapping[str, _Values]
    first: _Values
    others: _Values


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("shell", metavar="SHELL", type=one_of("shell", _SHELLS), help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]
    return DONE if print_lines(write(_commands())) else FAILED


def _commands() -> dict[str, _Command]:
    from advisories.cli.entry import command_parser, option_names, parser_of_commands

    parser = parser_of_commands()
    found = {}
    for name in option_names():
        actions = command_parser(parser, name)._actions
        options = {word: _values(action, name) for action in actions for word in action.option_strings}
        arguments = [_values(action, name) for action in actions if not action.option_strings] or [_Values("free")]
        found[name] = _Command(options, arguments[0], arguments[-1])
    return found


def _values(action: argparse.Action, command: str) -> _Values:
    from advisories.cli.entry import option_names
    from advisories.fetch.publishers import EVERY, publishers
    from advisories.sources.limits import LIMIT_NAMES

    check, metavar = action.type, action.metavar
    if action.nargs == 0:
        return _Values("none")
    if isinstance(check, OutputOf):
        return _Values("outputs", check.words)
    if isinstance(check, OneOf):
        return _Values("list" if isinstance(check, SomeOf) else "words", check.words)
    if metavar == "COMMAND":
        return _Values("words", tuple(option_names()))
    if metavar == "ID:RELEASE":
        return _Values("words", _releases())
    if metavar == "DISTRO":
        return _Values("words", tuple(sorted({one.distribution for one in publishers() if one.distribution != EVERY})))
    if metavar == "FEED":
        return _Values("words", tuple(sorted(one.name for one in publishers())))
    if metavar == "NAME=NUMBER":
        return _Values("pairs", tuple(LIMIT_NAMES))
    is_file = metavar in ("PATH", "FOLDER", "FILE", "INVENTORY", "REPORT", "SOURCE", "STORE") or command == "db"
    return _Values("file" if is_file else "free")


def _releases() -> tuple[str, ...]:
    """Every release with a date of support, and the ids of distributions that have none."""
    from advisories.distros.lifecycle import support_table
    from advisories.models.distribution import FAMILIES

    dated = support_table()
    ids = {id for id, _ in dated}
    return tuple(sorted({*(f"{id}:{release}" for id, release in dated), *(id for id in FAMILIES if id not in ids)}))


def _cases(commands: Mapping[str, _Command]) -> Iterator[tuple[list[str], _Values]]:
    """Patterns of ``COMMAND:OPTION`` that have the same values behind them, each value once."""
    options = dict.fromkeys(option for one in commands.values() for option in one.options)
    found: dict[_Values, list[str]] = {}
    for option in options:
        having = {name: one.options[option] for name, one in commands.items() if option in one.options}
        if len(set(having.values())) == 1:
            having = {"*": next(iter(having.values()))}
        for name, values in having.items():
            found.setdefault(values, []).append(f"{name}:{option}")
    for values, patterns in found.items():
        if values.kind != "none":
            yield patterns, values


def _arguments(commands: Mapping[str, _Command]) -> Iterator[tuple[str, _Values]]:
    """The values of arguments, by ``COMMAND:first`` or ``COMMAND:other``. Files are left to the shell."""
    for name, one in commands.items():
        for which, values in (("first", one.first), ("other", one.others)):
            if values.kind == "words" and (which == "first" or name == "fetch"):
                yield f"{name}:{which}", values


# ``line`` is what stands before the cursor, and its last word may be cut by readline at = and :, so that only what is
# behind them is replaced. ``kept`` is what readline keeps.
_BASH: Final = r"""
_advisories_offer() {
    local word prefix=$1 end=$2 words=$3
    for word in $words; do
        case $prefix$word$end in "$token"*) word=$prefix$word$end; COMPREPLY+=("${word#"$kept"}") ;; esac
    done
    if [ -n "$end" ]; then compopt -o nospace 2>/dev/null; fi
}
_advisories() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} place=other
    local token before command kept value= cut=${COMP_WORDS[COMP_CWORD]}
    local -a typed
    read -ra typed <<<"$line"
    case $line in *[[:space:]]) typed+=("") ;; esac
    token=${typed[${#typed[@]}-1]} before=${typed[${#typed[@]}-2]} command=${typed[1]}
    case $cut in '=' | ':') cut= ;; esac
    kept=${token%"$cut"}
    COMPREPLY=()
    if [ ${#typed[@]} -eq 2 ]; then _advisories_offer '' '' "@COMMANDS@"; return; fi
    if [ ${#typed[@]} -eq 3 ]; then place=first; fi
    case $token in --*=*) before=${token%%=*} value=$before= ;; esac
    case $command:$before in
@CASES@
    esac
    case $token in
        -*)
            case $command in
@OPTIONS@
            esac
            ;;
        *)
            case $command:$place in
@ARGUMENTS@
            esac
            ;;
    esac
}
complete -o default -F _advisories advisories
"""


def _bash(commands: Mapping[str, _Command]) -> Iterator[str]:
    def offer(values: _Values) -> str:
        words = " ".join(values.words)
        if values.kind == "list":
            return f"""case ${{token#"$value"}} in *,*) value=${{token%,*}}, ;; esac; {call("$value", "", words)}"""
        if values.kind in ("outputs", "pairs"):
            return f"""case ${{token#"$value"}} in *=*) ;; *) {call("$value", "=", words)} ;; esac"""
        return call("$value", "", words) if words else ":"

    def call(prefix: str, end: str, words: str) -> str:
        return f"""_advisories_offer "{prefix}" '{end}' "{words}\""""

    cases = [f"        {' | '.join(map(_quoted, of))}) {offer(values)}; return ;;" for of, values in _cases(commands)]
    options = [
        f"""                {name}) {call("", "", " ".join(one.options))} ;;""" for name, one in commands.items()
    ]
    arguments = [f"                {place}) {offer(values)} ;;" for place, values in _arguments(commands)]
    yield from _filled(_BASH, " ".join((*commands, *_COMMAND)), cases, options, arguments)


_ZSH: Final = r"""#compdef advisories
_advisories() {
    local command=$words[2] before=$words[CURRENT-1] place=other
    if (( CURRENT == 2 )); then compadd -- @COMMANDS@; return; fi
    if (( CURRENT == 3 )); then place=first; fi
    if [[ $PREFIX == --*=* ]]; then before=${PREFIX%%=*}; compset -P 1 '*='; fi
    case $command:$before in
@CASES@
    esac
    if [[ $PREFIX == -* ]]; then
        case $command in
@OPTIONS@
        esac
        return
    fi
    case $command:$place in
@ARGUMENTS@
        *) _files ;;
    esac
}
if [[ $funcstack[1] == _advisories ]]; then _advisories; else compdef _advisories advisories; fi
"""


def _zsh(commands: Mapping[str, _Command]) -> Iterator[str]:
    def offer(values: _Values) -> str:
        words = " ".join(values.words)
        if values.kind == "list":
            return f"compset -P '*,'; compadd -- {words}"
        if values.kind in ("outputs", "pairs"):
            behind = "_files" if values.kind == "outputs" else ":"
            return f"if compset -P 1 '*='; then {behind}; else compadd -S = -- {words}; fi"
        return f"compadd -- {words}" if words else "_files" if values.kind == "file" else ":"

    cases = [f"        {'|'.join(map(_quoted, of))}) {offer(values)}; return ;;" for of, values in _cases(commands)]
    options = [f"            {name}) compadd -- {' '.join(one.options)} ;;" for name, one in commands.items()]
    arguments = [f"        {place}) {offer(values)} ;;" for place, values in _arguments(commands)]
    yield from _filled(_ZSH, " ".join((*commands, *_COMMAND)), cases, options, arguments)


def _quoted(pattern: str) -> str:
    command, _, option = pattern.partition(":")
    return f"{command}:'{option}'" if command == "*" else f"'{pattern}'"


def _filled(
    form: str, commands: str, cases: Iterable[str], options: Iterable[str], arguments: Iterable[str]
) -> Iterator[str]:
    """The lines of a form with what stands in it."""
    parts = {"@CASES@": cases, "@OPTIONS@": options, "@ARGUMENTS@": arguments}
    for line in form.strip().splitlines():
        yield from parts.get(line, [line.replace("@COMMANDS@", commands)])


def _fish(commands: Mapping[str, _Command]) -> Iterator[str]:
    start = "complete -c advisories"
    yield f"{start} -n __fish_use_subcommand -f -a '{' '.join(commands)}'"
    yield f"{start} -n __fish_use_subcommand -l help"
    yield f"{start} -n __fish_use_subcommand -l version"
    for name, one in commands.items():
        seen = f"__fish_seen_subcommand_from {name}"
        for option, values in one.options.items():
            word = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            yield f"{start} -n '{seen}' {word}{_behind(values)}"
    for place, values in _arguments(commands):
        name, _, which = place.partition(":")
        first = "; and test (count (commandline -opc)) -eq 2" if which == "first" and name != "fetch" else ""
        if (name, which) != ("fetch", "other"):
            yield f"{start} -n '__fish_seen_subcommand_from {name}{first}' -f -a '{' '.join(values.words)}'"


def _behind(values: _Values) -> str:
    """What fish is given of an option's values."""
    words = " ".join(values.words)
    return {
        "none": "",
        "free": " -x",
        "file": " -r -F",
        "words": f" -x -a '{words}'",
        "list": f' -x -a "(__fish_complete_list , \'printf \\"%s\\\\n\\" {words}\')"',
        "pairs": f" -x -a '{' '.join(f'{word}=' for word in values.words)}'",
        # fish completes files behind the = by itself.
        "outputs": f" -r -F -a '{' '.join(f'{word}=' for word in values.words)}'",
    }[values.kind]
