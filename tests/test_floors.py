"""The house: imports go down only. The floors are those of the design; this reads the import graph and holds them."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"

# The longest name that fits decides.
FLOORS = {
    "vercmp": 0,
    "advisories.errors": 1,
    "advisories.limits": 1,
    "advisories.models": 1,
    "advisories._slots": 1,
    "advisories.findings": 1,
    "advisories.distributions": 1,
    "advisories.kernels": 1,
    "advisories.lifecycle": 1,
    "advisories.restarts": 1,
    "advisories.statements": 1,
    "advisories.feeds": 2,
    "advisories.inventories": 2,
    "advisories.ignores": 2,
    "advisories.records": 3,
    "advisories.merging": 3,
    "advisories.feed": 3,
    "advisories.store": 3,
    "advisories.rules": 4,
    "advisories.judging": 4,
    "advisories.matching": 4,
    "advisories.explaining": 4,
    "advisories.priority": 4,
    "advisories.vectors": 4,
    "advisories.verification": 4,
    "advisories.remediation": 4,
    "advisories.step_commands": 4,
    "advisories.package_managers": 4,
    "advisories.suppression": 4,
    "advisories.selection": 4,
    "advisories.reports": 5,
    "advisories.host": 6,
    "advisories.cli": 6,
    "advisories.commands": 6,
    "advisories.__main__": 6,
}

# The package itself hands names on from floors 1 to 4 and is imported by nobody inside.
HANDS_ON = "advisories"

# vercmp stands alone; advisories is light.
OUTSIDE = {"vercmp": frozenset[str](), "advisories": frozenset({"attrs", "vercmp"})}
# Modules behind an extra, or over a library that is imported when it is needed: strategies, a scheme, vectors.
EXTRAS = {
    "vercmp.testing": frozenset({"hypothesis"}),
    "vercmp.pep440": frozenset({"packaging"}),
    "advisories.vectors": frozenset({"cvss"}),
    "advisories.feeds.compression": frozenset({"zstandard"}),
    "advisories.feeds.secdb": frozenset({"yaml"}),
    "advisories.feeds.csaf_products": frozenset({"packageurl"}),
    "advisories.feeds.json_decoding": frozenset({"msgspec"}),
    "advisories.inventories.purls": frozenset({"packageurl"}),
    "advisories.inventories.rpms_lock": frozenset({"yaml"}),
}


def modules(package: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in (SRC / package).rglob("*.py"):
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


def floor(name: str) -> int:
    fitting = [known for known in FLOORS if name == known or name.startswith(f"{known}.")]
    assert fitting, f"{name} stands on no floor: give it one here and in the design"
    return FLOORS[max(fitting, key=len)]


def test_the_table_of_contributing_has_the_floors() -> None:
    page = (SRC.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([0-9]) \| (.*?) \|", page, re.MULTILINE)
    told = {name.removesuffix(".*"): int(floor) for floor, names in rows for name in re.findall(r"`([^`]+)`", names)}
    assert told == FLOORS


def test_there_is_a_house() -> None:
    assert len(modules("vercmp")) > 5
    assert len(modules("advisories")) > 20
    assert "advisories.models" in set(imports("advisories.matching", ALL["advisories.matching"]))


@pytest.mark.parametrize("name", sorted(set(ALL) - {HANDS_ON}))
def test_imports_go_down_only(name: str) -> None:
    ours = floor(name)
    for imported in imports(name, ALL[name]):
        if imported.partition(".")[0] in OUTSIDE:
            assert imported != HANDS_ON, f"{name} imports the package that hands its names on"
            # From the inside of a package, names come from where they are, not from where they are handed on.
            assert floor(imported) <= ours, f"{name} (floor {ours}) imports {imported} (floor {floor(imported)})"


@pytest.mark.parametrize("name", sorted(ALL))
def test_light(name: str) -> None:
    package = name.partition(".")[0]
    allowed = OUTSIDE[package] | {package} | EXTRAS.get(name, frozenset())
    roots = {imported.partition(".")[0] for imported in imports(name, ALL[name])}
    assert roots - sys.stdlib_module_names <= allowed


def test_models_know_no_order_and_do_no_io() -> None:
    for name in ("advisories.models", "advisories.distributions", "advisories.kernels", "advisories.statements"):
        assert {imported.partition(".")[0] for imported in imports(name, ALL[name])}.isdisjoint(
            {"vercmp", "io", "os", "pathlib", "sys", "subprocess", "socket", "urllib", "time"}
        )


def test_matching_is_pure_by_its_imports() -> None:
    impure = {"io", "os", "pathlib", "sys", "subprocess", "socket", "urllib", "time", "random", "locale", "threading"}
    for name in (
        "advisories.matching",
        "advisories.explaining",
        "advisories.judging",
        "advisories.rules",
        "advisories.priority",
        "advisories.suppression",
        "advisories.selection",
        "advisories.verification.verifying",
        "advisories.verification.pairing",
        "advisories.verification.baseline",
        "advisories.verification.cases",
    ):
        assert {imported.partition(".")[0] for imported in imports(name, ALL[name])}.isdisjoint(impure)


def test_nobody_imports_in_a_circle() -> None:
    graph = {name: {other for other in imports(name, path) if other in ALL} for name, path in ALL.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph[name] - {name}):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_only_the_command_line_prints_and_exits() -> None:
    for name, path in modules("advisories").items():
        if floor(name) == FLOORS["advisories.cli"] if name != HANDS_ON else False:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id not in ("print", "SystemExit", "exit", "input"), f"{name}, line {node.lineno}"
