"""Options from below the command line: the environment, then a configuration file.

The file is ``advisories.toml``, or ``[tool.advisories]`` of ``pyproject.toml``, the first one from the working folder
upwards, to the root of the repository or your home, and in no folder of somebody else. Keys are the options' names
without dashes in front. What stands above all tables holds for every command that has the option, what stands in a
table ``[match]`` for that command. Paths are taken from the file's folder. ``ADVISORIES_FAIL_ON=high`` is ``--fail-on
high``, for every command that has it. An option on the command line wins over the environment, and that over the file.
A repeatable option is taken from one of them alone.

A key or a variable that no command has is an error: a gate that you mistyped would let everything pass.
"""

import argparse
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from advisories.cli.options import SomeOf
from advisories.cli.terminal import UsageProblem, warn
from advisories.models.frozen import frozen
from advisories.models.words import nearest

__all__ = [
    "IGNORE_FILE",
    "Settings",
    "Value",
    "applied",
    "complete",
    "default_ignore_file",
    "exclusive_options",
    "found_settings",
    "options_of",
    "parts_of",
]

#: An ignore file of this name is used where you name none, from the working folder upwards.
IGNORE_FILE: Final = ".advisories-ignore.toml"
_FILE: Final = "advisories.toml"
_PROJECT: Final = "pyproject.toml"
_PREFIX: Final = "ADVISORIES_"
#: Variables that are no options.
_OTHERS: Final = frozenset({"ADVISORIES_DEBUG"})
#: Options whose values are paths.
_PATHS: Final = frozenset(
    {"inventory", "feed", "sources", "ignore", "baseline", "available", "cache", "ca-bundle", "keyring"}
)
#: The option whose values are a format and a path, or of ``compile`` a path. A format may have a template's path.
_OUTPUT: Final = "output"
_TEMPLATE: Final = "template:"
#: Options that make a command fail.
_GATES: Final = frozenset(
    {
        *("fail-on", "fail-on-eol", "fail-on-new", "fail-on-not-covered", "fail-on-unchecked"),
        *("gate", "keyring", "max-feed-age", "strict"),
    }
)
#: What the root of a repository has.
_ROOTS: Final = (".git", ".hg", ".svn", ".jj")
Parse = Callable[[Sequence[str]], argparse.Namespace]
_LONGEST: Final = 1 << 24
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})


@frozen
class Value:
    """The value of an option, and where it comes from.

    :ivar value: a text, True for a flag, or a list of texts.
    :ivar where: for messages: a variable, or a file with the line.
    """

    value: Any
    where: str


@frozen
class Settings:
    """What stands below the command line.

    :ivar file: the configuration file. None where there is none.
    :ivar shared: by option name, for every command that has it.
    :ivar own: by command and option name.
    :ivar environment: by option name.
    """

    file: str | None
    shared: Mapping[str, Value]
    own: Mapping[str, Mapping[str, Value]]
    environment: Mapping[str, Value]

    def of(self, command: str) -> dict[str, Value]:
        """The values for a command by option name, those of other commands among them.

        Options that exclude each other are among them too: see :meth:`exclusive`.
        """
        return {**self.shared, **self.own.get(command, {}), **self.environment}

    def exclusive(self, command: str, actions: "Mapping[str, argparse.Action]") -> str | None:
        """Which of some options that exclude each other holds: that of the environment before those of the file.

        Raises :class:`UsageProblem` where one place has two of them, and for a wrong value.
        """
        for values in (self.environment, self.own.get(command, {}), self.shared):
            given = [name for name in sorted(actions) if name in values and applied(actions[name], values[name])]
            if len(given) > 1:
                raise UsageProblem(f"{values[given[0]].where}: {' and '.join(given)} exclude each other")
            if given:
                return given[0]
        return None

    def check(self, commands: Mapping[str, Sequence[str]]) -> None:
        """Raise :class:`UsageProblem` for the first option that no command has, or that a table's command lacks.

        :param commands: the names of the options of each command.
        """
        every = sorted({name for names in commands.values() for name in names})
        for name, value in (*self.environment.items(), *self.shared.items()):
            if name not in every:
                raise UsageProblem(f"{value.where}: {_unknown(name, every)}")
        for command, options in self.own.items():
            if command not in commands:
                where = next((value.where for value in options.values()), self.file)
                raise UsageProblem(f"{where}: there is no command {command}")
            for name, value in options.items():
                if name not in commands[command]:
                    raise UsageProblem(f"{value.where}: {_unknown(name, commands[command], command)}")


def _unknown(name: str, names: Sequence[str], command: str = "") -> str:
    near = nearest(name, names)
    hint = f": did you mean {near}?" if near else ""
    return f"{command or 'no command'} has {'no' if command else 'an'} option {name}{hint}"


def found_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of the working folder and of an environment.

    Raises :class:`UsageProblem` with file and line for a file that is no TOML or has a value of a wrong type.
    """
    path, text = _file()
    shared: dict[str, Value] = {}
    own: dict[str, dict[str, Value]] = {}
    if path is not None:
        for keys, value, line in _values(path, text):
            where = f"{path}, line {line}"
            if isinstance(value, dict) and len(keys) == 1:
                own.setdefault(keys[0], {})
                continue
            to = shared if len(keys) == 1 else own[keys[0]]
            to[keys[-1]] = Value(_checked(value, keys[-1], where, path), where)
    return Settings(path, shared, own, dict(_variables(environment)))


def _variables(environment: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for name in sorted(environment):
        option = name.removeprefix(_PREFIX).lower().replace("_", "-")
        if not name.startswith(_PREFIX) or name in _OTHERS:
            continue
        # An empty one is as none: pipelines set what nobody filled in so. A gate is then missing.
        if environment[name]:
            yield option, Value(environment[name], name)
        elif option in _GATES:
            warn(f"{name} is empty, so --{option} is not set")


def _upwards() -> Iterator[str]:
    """The working folder and those above it, as far as they are yours."""
    return (folder for folder, is_yours in _folders() if is_yours)


def _folders() -> Iterator[tuple[str, bool]]:
    """The working folder and those above it, and whether each is looked at.

    The root of a repository and your home are the last. What is above a folder of somebody else, or of one in which
    anybody may write, such as /tmp, is not looked at: whoever can put a file there would choose your options.
    """
    folder, is_yours = os.getcwd(), True
    home = os.path.realpath(os.path.expanduser("~"))
    owners = _owners()
    while True:
        yield folder, is_yours
        above = os.path.dirname(folder)
        if above == folder or folder == home or any(os.path.lexists(os.path.join(folder, one)) for one in _ROOTS):
            return
        found = os.stat(above)
        if found.st_uid not in owners:
            return
        is_yours = is_yours and not found.st_mode & stat.S_IWOTH
        folder = above


def _owners() -> frozenset[int]:
    """You, and the owner of the working folder: in a container its files may be those of a user outside."""
    return frozenset({os.geteuid(), os.stat(os.getcwd()).st_uid})


def _check_passed_over(folder: str) -> None:
    """Raise :class:`UsageProblem` for a configuration of yours in a folder that is not looked at.

    Anybody may write there, or between there and the working folder. The runners of GitLab check repositories out so,
    and a gate may stand in the file.
    """
    for name in (_FILE, _PROJECT):
        path = os.path.join(folder, name)
        try:
            owner = os.lstat(path).st_uid
        except OSError:
            continue
        if owner in _owners() and (name == _FILE or _project(path) is not None):
            raise UsageProblem(
                f"{os.path.relpath(path)}: anybody may write in a folder above the working folder, so it would not "
                "count. Run the command in the folder of the file, or take that right away: chmod o-w"
            )


def _is_there(path: str) -> bool:
    """Whether a file is there. What has its name and is none is an error: a gate may stand in what cannot be read."""
    if os.path.isfile(path):
        _check_owner(path)
        return True
    if os.path.lexists(path):
        raise UsageProblem(f"{os.path.relpath(path)}: no file that can be read. Repair or remove it")
    return False


def _check_owner(path: str) -> None:
    """Raise :class:`UsageProblem` for a file of somebody else than you, the superuser and the owner of its folder."""
    owner = os.stat(path).st_uid
    if owner not in (os.geteuid(), 0, _owner_of_folder(path)):
        raise UsageProblem(
            f"{os.path.relpath(path)}: it belongs to another user ({owner}), who would choose your options. "
            "Run the command in a folder of your own"
        )


def _owner_of_folder(path: str) -> int | None:
    """The owner of the folder that a file is in. None where anybody may write there."""
    found = os.stat(os.path.dirname(path))
    return None if found.st_mode & stat.S_IWOTH else found.st_uid


def default_ignore_file() -> str | None:
    """The nearest file named :data:`IGNORE_FILE`, from the working folder upwards. None where there is none."""
    for folder in _upwards():
        path = os.path.join(folder, IGNORE_FILE)
        if _is_there(path):
            return os.path.relpath(path)
    return None


def _file() -> tuple[str | None, str]:
    for folder, is_yours in _folders():
        if not is_yours:
            _check_passed_over(folder)
            continue
        path, project = os.path.join(folder, _FILE), os.path.join(folder, _PROJECT)
        text = _project(project)
        if _is_there(path):
            if text is not None:
                # A gate may stand in the one that would not count.
                raise UsageProblem(
                    f"{os.path.relpath(path)}: tool.advisories of {_PROJECT} beside it. Keep one of them"
                )
            return os.path.relpath(path), _text(path)
        if text is not None:
            _check_owner(project)
            return os.path.relpath(project), text
    return None, ""


def _project(path: str) -> str | None:
    """The text of a project file that has options of ours. None where there is none, or it has none."""
    if not os.path.isfile(path):
        if os.path.islink(path) and not os.path.isdir(path):
            raise UsageProblem(f"{os.path.relpath(path)}: no file that can be read. Repair or remove it")
        return None
    text = _text(path)
    # However the table is written, its name is there. An escape may hide it.
    if "advisories" not in text and "\\u" not in text.lower():
        return None
    # A gate may stand in what cannot be read.
    tool = _content(os.path.relpath(path), text).get("tool", {})
    return text if isinstance(tool, dict) and "advisories" in tool else None


def _text(path: str) -> str:
    with open(path, "rb") as file:
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise UsageProblem(f"{os.path.relpath(path)}: longer than {_LONGEST} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{os.path.relpath(path)}: not UTF-8 at byte {error.start}") from None


def _content(path: str, text: str) -> dict[str, Any]:
    from advisories.sources.toml_lines import NotToml, content_of

    try:
        return content_of(text)
    except NotToml as error:
        raise UsageProblem(f"{path}, line {error.line}: {error.why}") from None


def _values(path: str, text: str) -> Iterator[tuple[tuple[str, ...], Any, int]]:
    """The keys of the file with their values and their lines, a table in front of what stands in it."""
    from advisories.sources.toml_lines import lines_of

    content: Any = _content(path, text)
    lines = lines_of(text)
    is_project = os.path.basename(path) == _PROJECT
    above: tuple[str, ...] = ("tool", "advisories") if is_project else ()
    for name in above:
        content = content[name]
    if not isinstance(content, dict):
        raise UsageProblem(f"{path}, line {lines.get(above, 1)}: tool.advisories is no table of options")
    for name, value in content.items():
        line = lines.get((*above, name), 1)
        yield (name,), value, line
        for inner, its in value.items() if isinstance(value, dict) else ():
            yield (name, inner), its, lines.get((*above, name, inner), line)


def _checked(value: Any, name: str, where: str, path: str) -> Any:
    """A value as options have it: a text, True or False, or a list of texts."""
    values = value if isinstance(value, list) else [value]
    texts: list[Any] = []
    for one in values:
        if isinstance(one, bool) and not isinstance(value, list):
            return one
        # Not a datetime, which is a date too.
        if isinstance(one, bool) or not (isinstance(one, str | int | float) or type(one) is date):
            raise UsageProblem(f"{where}: {name} takes a text, a number, a day, true, false, or a list of texts")
        text = str(one)
        if "\0" in text:
            # A path with one is none, and the command line has none.
            raise UsageProblem(f"{where}: {name} has a NUL")
        texts.append(_placed(text, name, where, path))
    return texts if isinstance(value, list) else texts[0]


def _placed(text: str, name: str, where: str, path: str) -> str:
    """A value, with the paths in it taken from the folder of the file."""
    if name == _OUTPUT:
        format, mark, target = text.rpartition("=")
        if format.startswith(_TEMPLATE) and format != _TEMPLATE:
            format = _TEMPLATE + _from_folder(format.removeprefix(_TEMPLATE), path)
        return f"{format}{mark}{_from_folder(target, path)}" if target else text
    if name not in _PATHS:
        return text
    if not text:
        # It would be the folder of the file.
        raise UsageProblem(f"{where}: {name} is empty. Give a path, or leave it out")
    return _from_folder(text, path)


def _from_folder(text: str, path: str) -> str:
    return text if text == "-" else os.path.normpath(os.path.join(os.path.dirname(path), text))


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options of a parser by the names that settings have them under."""
    return {
        word.removeprefix("--"): action
        for action in parser._actions
        for word in action.option_strings
        if word.startswith("--") and word not in ("--help", "--version")
    }


def complete(
    command: str, parser: argparse.ArgumentParser, words: Sequence[str], settings: Settings, parse: Parse
) -> argparse.Namespace:
    """The options of a command: from the command line, else from the settings, else as they are without either.

    :param parser: the command's own parser.
    :param parse: parses the words by that parser.

    Raises :class:`UsageProblem` for a setting of a wrong value.
    """
    actions = options_of(parser)
    values = {name: applied(actions[name], value) for name, value in settings.of(command).items() if name in actions}
    defaults = {action.dest: action.default for action in actions.values()}
    for name, action in actions.items():
        action.default = argparse.SUPPRESS
        action.required &= name not in values
    groups = exclusive_options(parser)
    for group, exclusive in zip(parser._mutually_exclusive_groups, groups, strict=True):
        group.required &= exclusive.keys().isdisjoint(values)
    options = parse(words)
    given = {name for name, action in actions.items() if hasattr(options, action.dest)}
    for exclusive in groups:
        held = None if exclusive.keys() & given else settings.exclusive(command, exclusive)
        values = {name: value for name, value in values.items() if name not in exclusive or name == held}
    for name, value in values.items():
        if name not in given:
            setattr(options, actions[name].dest, value)
    for dest, default in defaults.items():
        if not hasattr(options, dest):
            setattr(options, dest, default)
    return options


def exclusive_options(parser: argparse.ArgumentParser) -> list[dict[str, argparse.Action]]:
    """The groups of options of a parser that exclude each other, by the names that settings have them under."""
    actions = options_of(parser)
    return [
        {name: action for name, action in actions.items() if action in group._group_actions}
        for group in parser._mutually_exclusive_groups
    ]


def applied(action: argparse.Action, value: Value) -> Any:
    """The value of an option as the command line would give it. Raises :class:`UsageProblem` for a wrong one."""
    name = action.option_strings[-1]
    found = value.value
    if action.nargs == 0:
        if isinstance(found, str) and found.lower() in _TRUE | _FALSE:
            return found.lower() in _TRUE
        if isinstance(found, bool):
            return found
        raise UsageProblem(f"{value.where}: {name} is true or false, not {found!r:.80}")
    is_list = isinstance(action, argparse._AppendAction)
    if isinstance(found, list) and isinstance(action.type, SomeOf):
        found = ",".join(found)
    if isinstance(found, bool) or (isinstance(found, list) and not is_list):
        raise UsageProblem(f"{value.where}: {name} takes one value, not {found!r:.80}")
    # In a variable values stand behind or below each other.
    texts = found if isinstance(found, list) else parts_of(found) if is_list else [found]
    made = [_typed(action, text, value.where) for text in texts]
    return made if is_list else made[0]


def parts_of(text: str) -> list[str]:
    """The values of a repeatable option in a variable: behind or below each other."""
    return [part for one in text.replace("\n", ",").split(",") if (part := one.strip())]


def _typed(action: argparse.Action, text: str, where: str) -> Any:
    if action.type is None:
        return text
    try:
        return action.type(text)  # type: ignore[operator]
    except argparse.ArgumentTypeError as error:
        raise UsageProblem(f"{where}: {action.option_strings[-1]}: {error}") from None
