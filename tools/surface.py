"""Writes docs/reference/surface.tsv: every name that is public, one a line, in an order that shows a change as a line.

python tools/surface.py writes it anew. A test holds that it is as the code has it, and that a commit that changes it
changes the changelog too. What is not in it is not public (docs/guide/stability.md).
"""

import argparse
import enum
import inspect
import json
import re
import runpy
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

__all__ = ["GUIDES", "TABLE", "changed_alone", "rows", "text"]

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = "docs/reference/surface.tsv"

# It finds what a page shows. No module of that name: tests have another one.
_REFERENCE: Final = runpy.run_path(str(ROOT / "tools" / "reference.py"))

# What guides show beside the pages of reference: module, and names in it.
GUIDES: Final[tuple[tuple[str, tuple[str, ...] | None], ...]] = (
    ("advisories.models", None),
    ("vercmp", ("KEY_VERSION", "SCHEMES", "InvalidVersion", "UnknownScheme")),
    ("advisories.distros.package_managers", ("MANAGERS",)),
    ("advisories.engines.columns", ("hosts_table", "packages_table")),
    ("advisories.engines.duckdb", ("Fleet",)),
    ("advisories.engines.spark", ("judge",)),
    ("advisories.engines.export", ("CANDIDATES", "check_export", "export_store")),
    ("advisories.reports.document", ("Document",)),
    ("advisories.reports.findings_template", ("renderer",)),
    ("advisories.reports.reading", ("read_report",)),
)

# The modules that other Cython packages cimport (docs/building.md): each `cdef` of these declarations.
_CIMPORTED: Final = ("_rpmvercmp", "_dpkg", "_apk", "_semver", "_gem", "_pep440")
_DECLARED: Final = re.compile(r"^cdef ([^\n(]*?)(\w+)\(([^)]*)\) *(?:noexcept|except)[^\n]*$", re.MULTILINE)
_IVAR: Final = re.compile(r"^ *:ivar (\w+):", re.MULTILINE)
_STATUS: Final = re.compile(r"^ {2}(\d+) ", re.MULTILINE)


def text() -> str:
    """The whole file."""
    lines = ["\t".join(("kind", "name", "form")), *["\t".join(row) for row in rows()]]
    return "\n".join(lines) + "\n"


def rows() -> Iterator[tuple[str, str, str]]:
    """The kind of each name, the name, and its form: how it is called, its value, or its type."""
    yield from sorted({row for part in (_python(), _commands(), _cimported(), _stored(), _reports()) for row in part})


def changed_alone(log: str, beside: tuple[str, ...] = ("CHANGELOG.md", "changes/")) -> list[str]:
    """The commits of a log that change nothing beside that table in the changelog.

    :param log: of ``git log --format=%x00%h%x09%s --name-only --full-diff -- docs/reference/surface.tsv``.
    """
    found = []
    for commit in log.split("\0")[1:]:
        title, *names = [line for line in commit.splitlines() if line]
        if TABLE in names and not any(name.startswith(beside) for name in names):
            found.append(title)
    return found


# ---- Python ----


def _python() -> Iterator[tuple[str, str, str]]:
    listed = [one for _, _, modules in _REFERENCE["PAGES"].values() for one in modules]
    for module_name, names in (*listed, *GUIDES):
        module = import_module(module_name)
        for name in _REFERENCE["_names"](module) if names is None else names:
            value = getattr(module, name)
            home = getattr(value, "__module__", module_name)
            if names is None and home != module_name and home in {one for one, *_ in listed}:
                yield ("name", f"{module_name}.{name}", f"{home}.{name}")
            else:
                yield from _of(f"{module_name}.{name}", value)


def _of(name: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if inspect.ismodule(value):
        yield ("module", name, "")
    elif inspect.isclass(value):
        base = next((one.__name__ for one in value.__mro__[1:] if one is not object), "")
        yield ("class", name, f"({', '.join(_parameters(value))})" + (f" {base}" if base else ""))
        yield from _members(name, value)
    elif callable(value):
        yield ("function", name, f"({', '.join(_parameters(value))})")
    elif isinstance(value, Mapping):
        yield ("constant", name, "mapping")
        yield from (("key", f"{name}[{key}]", "") for key in value if isinstance(key, str) and name.endswith("SCHEMES"))
    else:
        is_plain = isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < 40)
        yield ("constant", name, repr(value) if is_plain else type(value).__name__)


def _parameters(value: Any) -> list[str]:
    if inspect.isclass(value) and (issubclass(value, enum.Enum) or getattr(value, "_is_protocol", False)):
        return ["..."]
    found: list[str] = _REFERENCE["_parameters"](value)
    return found


def _members(name: str, cls: type) -> Iterator[tuple[str, str, str]]:
    if issubclass(cls, enum.Enum):
        yield from (("member", f"{name}.{one.name}", repr(one.value)) for one in cls)
    slots = vars(cls).get("__slots__", ())
    fields = {*(slots if isinstance(slots, tuple) else ()), *_IVAR.findall(cls.__doc__ or "")}
    for inner, value in vars(cls).items():
        if inner.startswith("_"):
            continue
        if isinstance(value, property) or type(value).__name__ in ("cached_property", "getset_descriptor"):
            fields.add(inner)
        elif inspect.isroutine(value) or isinstance(value, classmethod | staticmethod):
            yield ("method", f"{name}.{inner}", f"({', '.join(_parameters(getattr(cls, inner)))})")
    yield from (("field", f"{name}.{one}", "") for one in fields if not one.startswith("_"))


# ---- commands ----


def _commands() -> Iterator[tuple[str, str, str]]:
    from advisories.cli.entry import command_parser, option_names, parser_of_commands
    from vercmp import _command as ours_in

    whole = parser_of_commands()
    for name in option_names():
        command = command_parser(whole, name)
        yield from _options(f"advisories {name}", command)
        yield from (("status", f"advisories {name}", one) for one in _STATUS.findall(command.epilog or ""))
    yield ("status", "advisories", "130")
    ours = ours_in._parser()
    (commands,) = [one for one in ours._actions if isinstance(one, argparse._SubParsersAction)]
    for name, command in commands.choices.items():
        yield from _options(f"vercmp {name}", command)
    statuses = {
        "vercmp": (0, ours_in._BAD_INPUT, ours_in._INTERRUPTED, ours_in._BROKEN_PIPE),
        "vercmp compare": (ours_in._FIRST_NEWER, ours_in._SECOND_NEWER),
        "vercmp validate": (ours_in._REFUSED,),
        "vercmp conformance": (ours_in._DIFFERENT,),
    }
    yield from (("status", name, str(one)) for name, several in statuses.items() for one in several)


def _options(command: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, str]]:
    yield ("command", command, "")
    for action in parser._actions:
        choices = "|".join(map(str, action.choices)) if action.choices is not None else ""
        if action.option_strings:
            takes = "" if action.nargs == 0 else choices or str(action.metavar or action.dest.upper())
            yield from (("option", f"{command} {one}", takes) for one in action.option_strings)
        else:
            yield ("argument", f"{command} {action.metavar or action.dest}", choices or str(action.nargs or ""))


# ---- what is written in C, to disk and in reports ----


def _cimported() -> Iterator[tuple[str, str, str]]:
    for module in _CIMPORTED:
        declarations = (ROOT / "src" / "vercmp" / f"{module}.pxd").read_text(encoding="utf-8")
        for kind, name, parameters in _DECLARED.findall(declarations):
            yield ("cimport", f"vercmp.{module}.{name}", f"{kind.strip()} ({' '.join(parameters.split())})")


def _stored() -> Iterator[tuple[str, str, str]]:
    import vercmp
    from advisories.fetch.manifest import SCHEMA
    from advisories.models import schemas
    from advisories.readers.feeds.registry import FORMATS as FEEDS
    from advisories.readers.inventories.carried import FACTS
    from advisories.readers.inventories.registry import FORMATS as INVENTORIES
    from advisories.readers.statements.registry import FORMATS as STATEMENTS
    from advisories.reports.registry import FORMATS as REPORTS
    from advisories.store.schema import SCHEMA_VERSION, TABLES

    yield ("version", "keys", str(vercmp.KEY_VERSION))
    yield ("version", "store", str(SCHEMA_VERSION))
    yield ("version", "cache", SCHEMA)
    yield ("version", "pickled IntervalIndex", str(vercmp.IntervalIndex(()).__reduce__()[1][0]))
    for name in (schemas.REPORT, schemas.PLAN, schemas.VERIFICATION, schemas.LINT):
        yield ("version", name.rpartition("/")[0], name.rpartition("/")[2])
    yield from (("table", f"store {name}", " ".join(sql.split())) for name, sql in TABLES.items())
    yield from (("fact", f"list {name}", "") for name in FACTS)
    for of, formats in (("feeds", FEEDS), ("package lists", INVENTORIES), ("statements", STATEMENTS)):
        yield from (("format", f"{of} {name}", "") for name in formats)
    yield from (("format", f"{what} {name}", "") for what, name in REPORTS)


def _reports() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "src" / "advisories" / "reports" / "schemas").glob("*.json")):
        schema = json.loads(path.read_bytes())
        name = schema["properties"]["schema"]["const"].rpartition("/")[0]
        yield from _of_schema(name, schema, schema, ())


def _of_schema(place: str, node: Any, whole: Any, inside: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """A row for each member that a report may have: its place, and its types or words."""
    ref = node.get("$ref")
    if ref is not None:
        if ref in inside:
            return
        yield from _of_schema(place, whole["$defs"][ref.rpartition("/")[2]], whole, (*inside, ref))
    for name, member in node.get("properties", {}).items():
        optional = "" if name in node.get("required", ()) else "?"
        yield ("report", f"{place}.{name}{optional}", _type_of(member, whole))
        yield from _of_schema(f"{place}.{name}", member, whole, inside)
    for of, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(node.get(of), dict):
            yield from _of_schema(place + mark, node[of], whole, inside)
    for of in ("anyOf", "allOf", "oneOf"):
        for one in node.get(of, ()):
            yield from _of_schema(place, one, whole, inside)


def _type_of(node: Any, whole: Any) -> str:
    if "$ref" in node:
        return _type_of(whole["$defs"][node["$ref"].rpartition("/")[2]], whole)
    if "const" in node:
        return json.dumps(node["const"])
    if "enum" in node:
        return "|".join(json.dumps(one) for one in node["enum"])
    several = [_type_of(one, whole) for of in ("anyOf", "oneOf", "allOf") for one in node.get(of, ())]
    kind = node.get("type", "")
    return "|".join([*([kind] if isinstance(kind, str) and kind else kind or []), *several])


def main() -> None:
    (ROOT / TABLE).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    main()
