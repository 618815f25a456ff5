"""The house: imports go down only. The rooms are those of CONTRIBUTING.md. This reads the import graph."""

import ast
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT, SRC

# The rooms of the house, the lowest first: a room imports only rooms below it.
ROOMS = (
    "vercmp",
    "advisories.models",
    "advisories.distros",
    "advisories.sources",
    "advisories.readers",
    "advisories.index",
    "advisories.matching",
    "advisories.store",
    "advisories.engines",
    "advisories.fetch",
    "advisories.triage",
    "advisories.reports",
    "advisories.cli",
)

# The front door hands names on, and is imported by nobody inside; the modules that are run stand above all.
HANDS_ON = "advisories"
RUN = frozenset({"advisories.__main__", "vercmp.__main__", "vercmp._command"})

# vercmp stands alone; advisories is light.
OUTSIDE = {"vercmp": frozenset[str](), "advisories": frozenset({"attrs", "vercmp"})}
# Modules behind an extra, or over a library that is imported when it is needed: strategies, a scheme, vectors.
EXTRAS = {
    "vercmp.testing.strategies": frozenset({"hypothesis"}),
    "vercmp.pep440": frozenset({"packaging"}),
    "vercmp.django": frozenset({"django"}),
    "vercmp.duckdb": frozenset({"pyarrow"}),
    "vercmp.sqlalchemy": frozenset({"sqlalchemy"}),
    **{f"advisories.engines.{name}": frozenset({"pyarrow"}) for name in ("columns", "export", "judging")},
    "advisories.engines.duckdb": frozenset({"duckdb", "pyarrow"}),
    "advisories.engines.spark": frozenset({"pyarrow", "pyspark"}),
    "advisories.fetch.client": frozenset({"urllib3"}),
    "advisories.matching.cvss": frozenset({"cvss"}),
    "advisories.reports.findings_template": frozenset({"jinja2"}),
    "advisories.reports.template_sandbox": frozenset({"jinja2", "markupsafe"}),
    "advisories.sources.compression": frozenset({"zstandard"}),
    "advisories.readers.feeds.csaf_products": frozenset({"packageurl"}),
    "advisories.readers.feeds.osv_shapes": frozenset({"msgspec"}),
    "advisories.sources.json": frozenset({"msgspec"}),
    "advisories.sources.purl": frozenset({"packageurl"}),
    "advisories.sources.yaml_text": frozenset({"yaml"}),
}


def modules(package: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in (SRC / package).rglob("*.py"):
        if path.with_suffix(".pyx").exists():
            continue  # Python finds the compiled one before it
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


ALL = modules("vercmp") | modules("advisories")


def imports(name: str, path: Path) -> Iterator[str]:
    """Every module a module imports, at its top or inside functions; names imported from packages resolved."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in ALL else node.module


def room(name: str) -> str:
    found = ".".join(name.split(".")[:2]) if name.startswith("advisories.") else name.partition(".")[0]
    assert found in ROOMS, f"{name} is in no room: it belongs into one of these"
    return found


def folder(name: str) -> str:
    """The folder of a module: the package itself, or the package that it is in."""
    return name if ALL[name].name == "__init__.py" else name.rpartition(".")[0]


INSIDE = sorted(set(ALL) - {HANDS_ON} - RUN)


def test_the_table_of_contributing_has_the_rooms() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    page = page[page.index("| room |") : page.index("test_floors.py")]
    assert tuple(re.findall(r"^\| `([\w.]+)/?` \|", page, re.MULTILINE)) == ROOMS[::-1]


def test_there_is_a_house() -> None:
    assert len(modules("vercmp")) > 5
    assert {room(name) for name in INSIDE} == set(ROOMS)
    assert "advisories.models.findings" in set(imports("advisories.matching.match", ALL["advisories.matching.match"]))


@pytest.mark.parametrize("ours", ROOMS)
def test_a_room_imports_only_rooms_below_it(ours: str) -> None:
    for name in INSIDE:
        if room(name) == ours:
            for imported in imports(name, ALL[name]):
                if imported.partition(".")[0] in OUTSIDE:
                    assert imported != HANDS_ON, f"{name} imports the package that hands its names on"
                    assert ROOMS.index(room(imported)) <= ROOMS.index(ours), f"{name} imports {imported}"


def rooms_below() -> dict[str, set[str]]:
    """The other rooms that each room imports something of."""
    found: dict[str, set[str]] = {ours: set() for ours in ROOMS}
    for name in INSIDE:
        ours = {room(other) for other in imports(name, ALL[name]) if other in INSIDE}
        found[room(name)] |= ours - {room(name)}
    return found


def test_the_picture_is_of_this_house() -> None:
    drawn = runpy.run_path(str(ROOT / "tools" / "house.py"))
    assert drawn["PICTURE"].read_text(encoding="utf-8") == drawn["draw"](ROOMS, rooms_below()), "python tools/house.py"


def test_no_folders_import_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name in INSIDE:
        others = {folder(other) for other in imports(name, ALL[name]) if other in ALL and other != HANDS_ON}
        graph.setdefault(folder(name), set()).update(others - {folder(name)})
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("name", sorted(ALL))
def test_light(name: str) -> None:
    package = name.partition(".")[0]
    allowed = OUTSIDE[package] | {package} | EXTRAS.get(name, frozenset())
    roots = {imported.partition(".")[0] for imported in imports(name, ALL[name])}
    assert roots - sys.stdlib_module_names <= allowed


def roots(of: str) -> dict[str, set[str]]:
    """What each module of a room imports, by the first part of the name."""
    return {
        name: {other.partition(".")[0] for other in imports(name, ALL[name])} for name in INSIDE if room(name) == of
    }


def roots_of(name: str) -> set[str]:
    return {other.partition(".")[0] for other in imports(name, ALL[name])}


def test_models_know_no_order_and_do_no_io() -> None:
    # One module of the nouns reads files, by what imports modules: the tables of facts in the package.
    for imported in roots("advisories.models").values():
        assert "pkgutil" not in imported
        assert imported.isdisjoint({"vercmp", "io", "os", "pathlib", "sys", "subprocess", "socket", "urllib", "time"})


def test_matching_is_pure_by_its_imports() -> None:
    impure = {"io", "os", "pathlib", "sys", "subprocess", "socket", "urllib", "time", "random", "locale", "threading"}
    for name, imported in (roots("advisories.matching") | roots("advisories.triage")).items():
        if name != "advisories.triage.baseline":
            assert imported.isdisjoint(impure), name


def test_nothing_imports_the_engines() -> None:
    for name in INSIDE:
        if room(name) != "advisories.engines":
            assert not [one for one in imports(name, ALL[name]) if one.startswith("advisories.engines")], name


def test_only_the_client_opens_connections() -> None:
    networks = {"http", "socket", "ssl", "urllib3", "urllib.request", "ftplib", "asyncio", "xmlrpc", "socketserver"}
    found = {name for name in ALL if networks & {*imports(name, ALL[name]), *roots_of(name)}}
    assert found == {"advisories.fetch.client"}


def test_only_the_command_line_fetches_and_only_where_it_must() -> None:
    for name in INSIDE:
        tree = ast.parse(ALL[name].read_text(encoding="utf-8"))
        fetching = {other for other in imports(name, ALL[name]) if other.startswith("advisories.fetch")}
        if fetching and room(name) != "advisories.fetch":
            assert room(name) == "advisories.cli", name
            # At the top, what is imported for the types alone stands below an if.
            top = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
            assert not [node.module for node in top if (node.module or "").startswith("advisories.fetch")], name


def test_only_the_command_line_prints_and_exits() -> None:
    for name in INSIDE:
        if name.startswith("advisories.") and room(name) != "advisories.cli":
            for node in ast.walk(ast.parse(ALL[name].read_text(encoding="utf-8"))):
                if isinstance(node, ast.Name):
                    assert node.id not in ("print", "SystemExit", "exit", "input"), f"{name}, line {node.lineno}"
