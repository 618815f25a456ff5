"""The truth table of verification, as text: a host and its records, in the baseline and currently, and the rows.

A cell of packages: ``NAME VERSION [ARCH] [WORD=VALUE ...]``, several apart by ``;``; ``-`` for none. The words are
``module`` (``?`` is unknown), ``state``, ``vendor``, ``src`` (``NAME/VERSION``), ``epoch=?``, and ``arch=-`` for none.

A cell of records: ``ID [CVE,CVE] [withdrawn]: NAME [>=INTRODUCED] [<FIXED] [WORD=VALUE ...]``, several apart by ``;``,
the entries of one apart by ``|``. The words are ``state`` (of a fix), ``module``, ``channel``; ``not`` is a negative
record. ``=`` is as in the baseline, ``elsewhere`` is a feed of another release.
"""

from typing import Any

from advisories_strategies import WITHDRAWN
from attrs import frozen

from advisories import Feed
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
    State,
)

HEAD = (
    "what",
    "baseline release",
    "baseline packages",
    "baseline kernel",
    "baseline records",
    "current release",
    "current packages",
    "current kernel",
    "current records",
    "states",
    "cases",
    "reasons",
    "new",
)


@frozen
class Line:
    """One line of the table."""

    what: str
    baseline: Inventory
    baseline_records: Feed
    current: Inventory
    current_records: Feed
    states: tuple[str, ...]
    cases: tuple[str, ...]
    reasons: tuple[str, ...]
    new: tuple[str, ...]


def parsed(text: str) -> Line:
    cells = dict(zip(HEAD, text.split("\t"), strict=True))
    for name in ("release", "kernel", "records"):
        if cells[f"current {name}"] == "=":
            cells[f"current {name}"] = cells[f"baseline {name}"]
    return Line(
        cells["what"],
        _host(cells["baseline release"], cells["baseline packages"], cells["baseline kernel"]),
        _feed(cells["baseline release"], cells["baseline records"]),
        _host(cells["current release"], cells["current packages"], cells["current kernel"]),
        _feed(cells["current release"], cells["current records"]),
        _list(cells["states"], "; "),
        _list(cells["cases"], "; "),
        _list(cells["reasons"], " | "),
        _list(cells["new"], "; "),
    )


def _list(cell: str, apart: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(apart))


def _distribution(cell: str) -> Distribution:
    id, _, rest = cell.partition(":")
    release, *channels = rest.split("+")
    return Distribution(id, release, frozenset(channels))


def _type(distribution: Distribution) -> str:
    return {"almalinux": "rpm", "alpine": "apk"}.get(distribution.id, "deb")


def _host(release: str, packages: str, kernel: str) -> Inventory:
    distribution = _distribution(release)
    installed = tuple(_package(cell, _type(distribution)) for cell in _list(packages, "; "))
    return Inventory(distribution, installed, None if kernel == "-" else kernel, "a list", "test")


def _words(cell: str) -> tuple[list[str], dict[str, str]]:
    plain = [word for word in cell.split() if "=" not in word or word.startswith(">=")]
    return plain, dict(word.split("=", 1) for word in cell.split() if word not in plain)


def _package(cell: str, type: str) -> Package:
    (name, version, *arch), words = _words(cell)
    source = words.get("src", "").partition("/")
    more: dict[str, Any] = {"source_name": source[0], "source_version": source[2]} if source[0] else {}
    default = {"rpm": "x86_64", "apk": "x86_64", "deb": "amd64"}[type]
    return Package(
        type,
        name,
        version,
        None if words.get("arch") == "-" else arch[0] if arch else default,
        epoch_known=words.get("epoch") != "?",
        module=_module(words),
        state=State(words.get("state", "installed")),
        vendor=words.get("vendor"),
        **more,
    )


def _module(words: dict[str, str]) -> Module:
    text = words.get("module")
    return NO_MODULE if text is None else UNKNOWN_MODULE if text == "?" else Module.of(text)


def _feed(release: str, cell: str) -> Feed:
    distribution = _distribution(release)
    distribution = Distribution(distribution.id, "8" if cell == "elsewhere" else distribution.release)
    covered = Affected("covered", _type(distribution), distribution, Names.BINARY, (Range(None, "0"),))
    records = [] if cell == "elsewhere" else [_advisory(one, distribution) for one in _list(cell, "; ")]
    return Feed([Advisory("COVERED", Kind.SECURITY, affected=(covered,)), *records])


def _advisory(cell: str, distribution: Distribution) -> Advisory:
    head, _, entries = cell.partition(": ")
    id, *more = head.split()
    cves = [cve for word in more if word != "withdrawn" for cve in word.split(",")]
    affected = tuple(_affected(entry, distribution) for entry in entries.split(" | "))
    withdrawn = WITHDRAWN if "withdrawn" in more else None
    return Advisory(id, Kind.SECURITY, tuple(cves), affected, withdrawn=withdrawn)


def _affected(cell: str, distribution: Distribution) -> Affected:
    (name, *bounds), words = _words(cell)
    fixed = next((bound[1:] for bound in bounds if bound.startswith("<")), None)
    introduced = next((bound[2:] for bound in bounds if bound.startswith(">=")), None)
    negative = "not" in bounds
    return Affected(
        name,
        _type(distribution),
        distribution,
        Names.SOURCE if _type(distribution) == "deb" else Names.BINARY,
        () if negative and not fixed else (Range(introduced, fixed),),
        fix_state=FixState(words.get("state", "fixed" if fixed else "not-fixed")),
        negative=negative,
        module=_module(words),
        channel=words.get("channel"),
    )
