"""The work of ignore rules with globs grows as the rules and the host do, not as their product."""

from collections.abc import Callable
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from growth import Shape, grows_in_proportion
from hypothesis import given
from hypothesis import strategies as st

from advisories import Feed, match, suppress
from advisories.models import Package
from advisories.models.statements import Product, Purl, Statement, StatementStatus
from advisories.triage.globs import Globs

_CVE = "CVE-2024-0001"
_DAY = date(2026, 1, 1)


def _suppressing(
    rules: list[Statement], packages: list[Package], names: list[str], fixed: str = "2-1"
) -> Callable[[], object]:
    feed = Feed([advisory("A", *[affected(name, fixed) for name in names], cves=[_CVE])])
    inventory = host(*packages)
    found = tuple(match(inventory, feed))
    return lambda: suppress(found, rules, _DAY, inventory)


def _rule(number: int, *packages: str, ids: tuple[str, ...] = (), **more: Any) -> Statement:
    return Statement("a", f"{number}", StatementStatus.IGNORED, ids, packages=packages, reason="r", **more)


def _of_globs(n: int, pattern: str, found: bool = True, **more: Any) -> Callable[[], object]:
    names = [f"a{i}z{i}b" for i in range(n)]
    rules = [_rule(i, pattern.format(i=i), **more) for i in range(n)]
    return _suppressing(rules, [rpm(name, "1-1") for name in names], names if found else names[:1])


def _beginnings(n: int) -> Callable[[], object]:
    return _of_globs(n, "a{i}z*")


def _ends(n: int) -> Callable[[], object]:
    return _of_globs(n, "*z{i}b")


def _middles(n: int) -> Callable[[], object]:
    return _of_globs(n, "*z{i}?")


def _classes(n: int) -> Callable[[], object]:
    return _of_globs(n, "[a]{i}[!y]*")


def _of_one_vulnerability(n: int) -> Callable[[], object]:
    return _of_globs(n, "a{i}z*", ids=(_CVE,))


def _without_a_finding(n: int) -> Callable[[], object]:
    return _of_globs(n, "a{i}z*", found=False)


def _not_installed(n: int) -> Callable[[], object]:
    return _of_globs(n, "c{i}*", found=False)


def _places(n: int) -> Callable[[], object]:
    names = [f"p{i}" for i in range(n)]
    packages = [rpm(name, "1-1", location=f"/opt/{name}/lib") for name in names]
    return _suppressing([_rule(i, location=f"/opt/p{i}/*") for i in range(n)], packages, names)


def _places_without_a_finding(n: int) -> Callable[[], object]:
    packages = [rpm(f"p{i}", "1-1", location=f"/opt/p{i}/lib") for i in range(n)]
    return _suppressing([_rule(i, location=f"/opt/p{i}/*") for i in range(n)], packages, ["p0"])


def _names_of_one_rule(n: int) -> Callable[[], object]:
    names = [f"p{i}" for i in range(n)]
    return _suppressing([_rule(1, *names)], [rpm(name, "1-1") for name in names], names)


def _ids_and_names_of_one_rule(n: int) -> Callable[[], object]:
    names = [f"p{i}" for i in range(n)]
    ids = tuple(f"CVE-2024-{i:04}" for i in range(n))
    return _suppressing([_rule(1, *names, ids=ids)], [rpm(name, "1-1") for name in names], names)


def _globs_of_one_rule(n: int) -> Callable[[], object]:
    names = [f"p{i}x" for i in range(n)]
    return _suppressing([_rule(1, *[f"p{i}?" for i in range(n)])], [rpm(name, "1-1") for name in names], names)


def _versions(n: int, installed: int) -> Callable[[], object]:
    """n kernels, and a VEX statement about each of n versions."""
    packages = [rpm("kernel", f"5-{i}.el9") for i in range(n)]
    products = [
        Purl(f"pkg:rpm/almalinux/kernel@{installed}-{i}.el9", "rpm", "almalinux", "kernel", f"{installed}-{i}.el9")
        for i in range(n)
    ]
    vex = [
        Statement("a", f"{i}", StatementStatus.FIXED, (_CVE,), products=(Product(one),))
        for i, one in enumerate(products)
    ]
    return _suppressing(vex, packages, ["kernel"], "9-1")


def _statements_of_versions(n: int) -> Callable[[], object]:
    return _versions(n, 5)


def _statements_of_versions_that_are_not_installed(n: int) -> Callable[[], object]:
    return _versions(n, 6)


_SHAPES = [
    _statements_of_versions,
    _statements_of_versions_that_are_not_installed,
    _beginnings,
    _ends,
    _middles,
    _classes,
    _of_one_vulnerability,
    _without_a_finding,
    _not_installed,
    _places,
    _places_without_a_finding,
    _names_of_one_rule,
    _ids_and_names_of_one_rule,
    _globs_of_one_rule,
]


@given(st.lists(st.text("ab*?[]!", max_size=6), max_size=8), st.text("ab[]!", max_size=8))
def test_globs_are_those_that_fit_one_by_one(patterns: list[str], text: str) -> None:
    """Also unclosed brackets, and brackets in a class."""
    assert list(Globs(patterns).fitting(text)) == [
        place for place, pattern in enumerate(patterns) if fnmatchcase(text, pattern)
    ]


@pytest.mark.parametrize("place", range(6))
def test_a_rule_of_many_names_holds_for_each(place: int) -> None:
    names = [f"p{i}" for i in range(6)]
    found = tuple(match(host(rpm("p3", "1-1")), Feed([advisory("A", affected("p3", "2-1"), cves=[_CVE])])))
    rule = _rule(1, *names[place:], *names[:place])
    assert not suppress(found, [rule], _DAY, host(rpm("p3", "1-1"))).kept


@pytest.mark.parametrize("pairs", [0, 1000])
def test_a_rule_of_many_ids_and_names_holds_for_each_pair(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisories.triage.filing._PAIRS", pairs)
    cves = [f"CVE-2024-{i:04}" for i in range(3)]
    feed = Feed([advisory("A", *[affected(f"p{i}", "2-1") for i in range(3)], cves=cves)])
    inventory = host(*[rpm(f"p{i}", "1-1") for i in range(3)])
    kept = suppress(tuple(match(inventory, feed)), [_rule(1, "p0", "p1", ids=tuple(cves[:2]))], _DAY, inventory).kept
    assert [(one.package.name, one.vulnerability) for one in kept] == [
        ("p0", cves[2]),
        ("p1", cves[2]),
        *[("p2", cve) for cve in cves],
    ]


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape)
