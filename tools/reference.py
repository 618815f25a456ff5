"""Writes the reference pages of docs/reference from docstrings, as Markdown that any forge shows.

The pages of `vercmp`'s commands are written from its parser, with what their examples print. python tools/reference.py
writes all of them anew. A test holds that they are as the code has them.
"""

import argparse
import enum
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import GenericAlias, ModuleType
from typing import Any, Final

__all__ = ["COMMANDS", "PAGES", "command_page", "page"]

ROOT: Final = Path(__file__).resolve().parents[1]
WIDTH: Final = 120
MARK: Final = "<!-- Written by tools/reference.py from docstrings: edit those, and run it. -->"
MARK_OF_COMMANDS: Final = "<!-- Written by tools/reference.py from the command's parser: edit that, and run it. -->"

#: The commands of vercmp, each with the guide that shows it at work.
COMMANDS: Final = {
    "compare": "[The orders](../../guide/orders.md) has the rules of each scheme.",
    "sort": "[The orders](../../guide/orders.md) has the rules of each scheme.",
    "max": "[The orders](../../guide/orders.md) has the rules of each scheme.",
    "key": "[Versions as keys](../../guide/keys.md) shows what to do with them.",
    "validate": "[The orders](../../guide/orders.md) has what each scheme refuses, and what it warns of.",
    "conformance": "[Test a comparator](../../guide/conformance.md#in-any-language) shows what it prints.",
    "vectors": "[Test a comparator](../../guide/conformance.md#as-a-table) shows how to use the table.",
}

# Each page: its title, what stands first, and its modules with the names to show (all that are public for None).
PAGES: Final[dict[str, tuple[str, str, tuple[tuple[str, tuple[str, ...] | None], ...]]]] = {
    "vercmp": (
        "vercmp",
        "Versions in, order out. The guides on [orders](../guide/orders.md) and [keys](../guide/keys.md) explain both.",
        (
            (
                "vercmp",
                (
                    "compare",
                    "sort_key",
                    "validate",
                    "compare_many",
                    "sort_keys",
                    "sorted_versions",
                    "argsort",
                    "max_version",
                    "IntervalIndex",
                ),
            ),
            ("vercmp.rpm", None),
            ("vercmp.dpkg", None),
            ("vercmp.apk", None),
            ("vercmp.pep440", None),
            ("vercmp.semver", None),
            ("vercmp.gem", None),
            ("vercmp.vers", None),
            ("vercmp.arrow", ("sort_keys", "KeyColumn", "Column")),
            ("vercmp.sqlite", None),
            ("vercmp.duckdb", ("register",)),
            ("vercmp.sqlalchemy", None),
            ("vercmp.django", None),
            ("vercmp.names", None),
            ("vercmp.schemes", ("Scheme", "SCHEMES", "NOT_ORDERS", "KEY_VERSION", "scheme_named")),
            ("vercmp.errors", None),
        ),
    ),
    "testing": (
        "vercmp.testing",
        "Laws, vectors and strategies for a comparator of your own. The [guide](../guide/conformance.md) shows how.",
        (("vercmp.testing", None),),
    ),
    "advisories": (
        "advisories",
        "What `import advisories` gives you. The [guide on matching](../guide/matching.md) shows the verbs at work.",
        (("advisories", None),),
    ),
    "models": (
        "advisories.models",
        "The nouns: what is installed, what is known, what was found, what was read, and the errors.",
        (
            ("advisories.models.packages", None),
            ("advisories.models.distribution", ("Distribution",)),
            ("advisories.models.advisories", None),
            ("advisories.models.findings", None),
            ("advisories.models.statements", None),
            ("advisories.models.reading", None),
            ("advisories.models.errors", None),
        ),
    ),
    "triage": (
        "After the match",
        "What the verbs `suppress`, `select`, `plan`, `verify` and `explain` take and return.",
        (
            ("advisories.triage.pipeline", None),
            ("advisories.triage.suppress", None),
            ("advisories.triage.select", None),
            ("advisories.triage.plan", None),
            ("advisories.triage.commands", None),
            ("advisories.triage.baseline", None),
            ("advisories.triage.cases", None),
            ("advisories.triage.verify", None),
            ("advisories.matching.explain", None),
            ("advisories.matching.priority", ("assess", "rank")),
        ),
    ),
}

_ROLE: Final = re.compile(r":[a-z:]+:`(~?)([^`]*)`")
_FIELD: Final = re.compile(r":(param|ivar|returns?|raises?|var|cvar)\b ?([^:]*):\s*(.*)")


def page(name: str) -> str:
    """The text of a page."""
    title, first, modules = PAGES[name]
    lines = [f"# {title}", "", MARK, "", first, ""]
    for module_name, names in modules:
        module = import_module(module_name)
        if len(modules) > 1:
            lines += [f"## {module_name}", ""]
            lines += [*_markdown(module.__doc__ or ""), ""] if names is None and module_name.count(".") else []
        for one in _names(module) if names is None else names:
            lines += _entry(one, getattr(module, one), "###" if len(modules) > 1 else "##")
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _names(module: ModuleType) -> list[str]:
    return [name for name in module.__all__ if not name.startswith("__")]


def _entry(name: str, value: Any, level: str) -> Iterator[str]:
    """The lines of one name."""
    if inspect.ismodule(value):
        return
    if inspect.isclass(value):
        yield from (f"{level} {name}", "", *_class_head(name, value), *_markdown(inspect.getdoc(value) or ""), "")
        yield from _members(value)
    elif callable(value):
        yield from (f"{level} {name}", "", "```python", _call(name, value), "```", "")
        yield from (*_markdown(inspect.getdoc(value) or ""), "")
    else:
        yield from (f"{level} {name}", "", f"A constant: `{_short(value)}`.", "")


def _class_head(name: str, cls: type) -> Iterator[str]:
    if issubclass(cls, enum.Enum) or issubclass(cls, BaseException) or getattr(cls, "_is_protocol", False):
        return
    yield from ("```python", _call(name, cls), "```", "")


def _members(cls: type) -> Iterator[str]:
    if issubclass(cls, enum.Enum):
        yield from ("| member | value |", "|---|---|")
        for member in cls:
            meaning = getattr(member, "meaning", None)
            yield f"| `{member.name}` | `{member.value}`{f': {meaning}' if meaning else ''} |"
        yield ""
    found = []
    for name, value in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            found.append((f"`{name}`", inspect.getdoc(value) or ""))
        elif inspect.isroutine(value) or isinstance(value, classmethod | staticmethod):
            inner = getattr(cls, name)
            doc = vars(inner).get("__doc__") if hasattr(inner, "__dict__") else None
            doc = doc or inner.__doc__
            if doc:
                found.append((f"`{name}({', '.join(_parameters(inner))})`", inspect.cleandoc(doc)))
        elif type(value).__name__ == "cached_property":
            found.append((f"`{name}`", inspect.getdoc(value) or ""))
    for title, doc in found:
        body = [line for line in _markdown(doc) if line is not None]
        yield from (f"- {title}", "", *(f"  {line}" if line else "" for line in body), "")


def _call(name: str, value: Any) -> str:
    """How it is called: on one line, or one parameter a line."""
    parameters = _parameters(value)
    line = f"{name}({', '.join(parameters)})"
    return line if len(line) <= WIDTH else "\n".join([f"{name}(", *(f"    {one}," for one in parameters), ")"])


def _parameters(value: Any) -> list[str]:
    if isinstance(value, GenericAlias):  # the name of a type, whose signature is another in each Python
        return ["..."]
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ["..."]
    parameters = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        text = parameter.name
        if parameter.kind is parameter.VAR_POSITIONAL:
            text = f"*{text}"
        elif parameter.kind is parameter.VAR_KEYWORD:
            text = f"**{text}"
        if parameter.default is not parameter.empty:
            text += f"={_short(parameter.default)}"
        parameters.append((parameter.kind, text))
    shown: list[str] = []
    kinds = [kind for kind, _ in parameters]
    for number, (kind, text) in enumerate(parameters):
        if (
            kind is inspect.Parameter.KEYWORD_ONLY
            and inspect.Parameter.VAR_POSITIONAL not in kinds
            and "*" not in shown
        ):
            shown.append("*")
        shown.append(text)
        last = number + 1 == len(parameters) or parameters[number + 1][0] is not kind
        if kind is inspect.Parameter.POSITIONAL_ONLY and last:
            shown.append("/")
    return shown


def _short(value: object) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    text = repr(value)
    if isinstance(value, str | int | float | bool | None) or value in ((), frozenset()):
        return text
    name = getattr(value, "__name__", None) or type(value).__name__
    return name if len(text) > 30 or " at 0x" in text else text


def _markdown(doc: str) -> list[str]:
    """A docstring in reStructuredText as lines of Markdown: what ours use of it, and no more."""
    lines: list[str] = []
    source = iter(inspect.cleandoc(doc).split("\n"))
    fence = ""
    for line in source:
        if fence and (not line.strip() if fence == "pycon" else line.strip() and not line.startswith(" ")):
            while lines and not lines[-1]:
                lines.pop()
            lines += ["```", ""]
            fence = ""
        if not fence and line.lstrip().startswith(">>>"):
            fence = "pycon"
            lines += ["```pycon"]
        if fence:
            lines.append(line if fence == "pycon" else line.removeprefix("    "))
            continue
        field = _FIELD.match(line)
        if field:
            kind, name, text = field.groups()
            label = f"`{name}`" if name else kind
            if lines and lines[-1] and not lines[-1].startswith(("- ", "  ")):
                lines.append("")
            lines.append(f"- {label}: {_inline(text)}")
        elif line.endswith("::"):
            lines += [_inline(line[:-1]), "", "```text"]
            fence = "text"
        else:
            lines.append(_inline(line))
    if fence:
        while lines and not lines[-1]:
            lines.pop()
        lines.append("```")
    # A continuation of a field is indented by four in the docstring, by two below a bullet.
    return [re.sub(r"^ {4}(?=\S)", "  ", line) for line in lines]


def _inline(text: str) -> str:
    def role(match: re.Match[str]) -> str:
        target = match[2]
        return f"`{target.rpartition('.')[2] if match[1] else target}`"

    return _ROLE.sub(role, text).replace("``", "`")


def command_page(name: str) -> str:
    """The text of the page of a command of vercmp."""
    from vercmp import _command

    (commands,) = (one for one in _command._parser()._actions if isinstance(one, argparse._SubParsersAction))
    parser = commands.choices[name]
    example = (parser.epilog or "").removeprefix("Example: ")
    shown = [f"    {example}"]
    if ">" not in example and "--" not in example.split():
        shown = ["```console", f"$ {example}", *_printed(example.split()[1:]), "```"]
    lines = [f"# vercmp {name}", "", MARK_OF_COMMANDS, "", *shown, ""]
    lines += [" ".join((parser.description or "").split()), "", "| argument or option | meaning |", "|---|---|"]
    for action in parser._actions:
        words = (action.help or "").strip() % {**vars(action), "prog": parser.prog}
        lines.append(f"| {_term(action)} | {words or 'the two versions'} |")
    lines += ["", COMMANDS[name], "All commands are on [the page of the command line](../command-line.md).", ""]
    return "\n".join(lines)


def _term(action: argparse.Action) -> str:
    shown = action.metavar or (", ".join(map(str, action.choices)) if action.choices else action.dest.upper())
    value = "" if action.nargs == 0 else shown if isinstance(shown, str) else " ".join(shown)
    if not action.option_strings:
        return f"`{value}`"
    of = f": `{value.replace(', ', '`, `')}`" if action.choices and not action.metavar else ""
    return ", ".join(f"`{one}`" if of or not value else f"`{one} {value}`" for one in action.option_strings) + of


def _printed(words: list[str]) -> list[str]:
    """What a command prints, on both outputs."""
    command = [sys.executable, "-m", "vercmp", *words]
    # Of the sources, or of the wheel that tests import.
    environment = os.environ | {"PYTHONPATH": str(Path(find_spec("vercmp").origin).parents[1])}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
    )
    return done.stdout.splitlines()


def main() -> None:
    reference = ROOT / "docs" / "reference"
    for name in PAGES:
        (reference / f"{name}.md").write_text(page(name), encoding="utf-8")
    for name in COMMANDS:
        (reference / "commands" / f"vercmp-{name}.md").write_text(command_page(name), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    main()
