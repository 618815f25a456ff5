"""Drafts give what the rules give: on golden cases, on generated feeds and hosts, and field by field of a record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from advisories_drafts import both_ways, by_drafts
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve, fields
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import EXAMPLE, GOLDEN

from advisories import Feed, MatchPolicy, match
from advisories.index.records import Record
from advisories.matching import rules
from advisories.matching.drafts import OTHER, Drafts, _Maker, draft_group
from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Enrichment,
    FixState,
    Kind,
    Module,
    Names,
    Package,
    Priority,
    Range,
    Severity,
)
from advisories.models.assumptions import Assumption
from advisories.models.distribution import language_of
from advisories.readers import inventories
from advisories.store import read_feed

SLES = Distribution("sles", "15.5")
BIONIC = Distribution("ubuntu", "18.04")
UNSTABLE = Distribution("debian", "unstable")
FOLDERS = sorted(path.parent for path in GOLDEN.glob("match/*/expected.json"))
_DECISION = _Maker._decision
thorough = settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _as_the_rules(maker: Any, query: rules.Query, records: Sequence[Record]) -> rules.Decision | None:
    """What a draft rests on, held to what the rules decide of the same records."""
    found = _DECISION(maker, query, records)
    compared = [rules.compare(query, record, maker._host) for record in records]
    inside = [one for one in compared if one is not None and one.outcome is rules.Outcome.INSIDE]
    decision = rules.decide(inside, maker._host)
    ends = {record.affected.ranges[0].fixed is None for record in records}
    is_plain = not (decision.undecided or decision.doubts or decision.assumptions or decision.cleared)
    if is_plain and len(ends) == 1 and len(decision.inside) == len(records):
        assert found is not None
        assert (list(found.inside), list(found.fixes)) == (list(decision.inside), list(decision.fixes))
    else:
        assert found is None
    return found


@pytest.fixture(autouse=True, scope="module")
def as_the_rules() -> Iterator[None]:
    """Whatever is drafted in these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Maker, "_decision", _as_the_rules)
        yield


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_golden_cases(folder: Path) -> None:
    options = iter(json.loads((folder / "expected.json").read_text())["arguments"])
    chosen = dict(zip(options, options, strict=False))
    inventory = inventories.read(folder / "inventory.txt")
    if "--distro" in chosen:
        inventory = evolve(inventory, distribution=Distribution.parse(chosen["--distro"]))
    feed = read_feed(*sorted(folder.glob("feed*")))
    for policy in (MatchPolicy(), MatchPolicy(as_published=True), MatchPolicy(include_third_party=True)):
        both_ways(inventory, feed, policy)


# ---- generated feeds and hosts, nearly all of them usual ----

_CVES = st.lists(st.integers(1, 9).map("CVE-2024-{}".format), min_size=1, max_size=4, unique=True)
_NUMBERS = st.integers(1, 6)
_TAGS = {"rpm": ["", ".el9", ".el9_1", ".el9_2", ".module+el9.1.0+5+c"], "deb": ["", "~deb12u1", "+deb12u2"]}
_DISTRIBUTIONS = {"rpm": (ALMA9, SLES), "deb": (DEBIAN12, BIONIC)}
_MODULES = st.sampled_from([Module(True)] * 5 + [Module.of("a:1"), Module.of("a:2"), UNKNOWN_MODULE])
_ARCHES = st.sampled_from([()] * 4 + [("x86_64",), ("aarch64", "amd64"), ("noarch",), ("src",), ("i686", "s390x")])


@st.composite
def _versions(draw: st.DrawFn, type: str) -> str:
    epoch = draw(st.sampled_from(["", "", "", "1:"]))
    return f"{epoch}{draw(_NUMBERS)}-{draw(st.integers(1, 2))}{draw(st.sampled_from(_TAGS[type]))}"


@st.composite
def _entries(draw: st.DrawFn, type: str, distribution: Distribution) -> Affected:
    fixed = draw(st.none() | _versions(type) | _versions(type) | _versions(type))
    kind = draw(st.integers(0, 19))
    more: dict[str, Any] = {}
    if kind == 0:
        more = {"negative": True, "ranges": ()}
    elif kind == 1:
        more = {"ranges": (Range(draw(_versions(type)), fixed),)}
    elif kind == 2:
        more = {"ranges": (Range(None, "0"),)}
    elif kind == 3:
        more = {"channel": draw(st.sampled_from(["esm-infra", "eus", "fips"]))}
    elif kind == 4:
        more = {"source": draw(st.sampled_from(["bash", "bash-source"]))}
    elif kind == 5:
        more = {"versions": (draw(_versions(type)),)}
    elif kind == 6:
        more = {"epoch_known": False}
    elif fixed is None:
        more = {"fix_state": draw(st.sampled_from([FixState.NOT_FIXED, FixState.WONT_FIX, FixState.DEFERRED]))}
    names = draw(st.sampled_from(Names))
    arches = draw(_ARCHES) if type == "rpm" else ()
    module = draw(_MODULES) if type == "rpm" else Module(True)
    of = draw(st.sampled_from([distribution] * 5 + [UNSTABLE])) if distribution == DEBIAN12 else distribution
    return affected("bash", fixed, distribution=of, names=names, arches=arches, module=module, **more)


@st.composite
def _advisories(draw: st.DrawFn, type: str, distribution: Distribution) -> list[Advisory]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        entries = draw(st.lists(_entries(type, distribution), min_size=1, max_size=2))
        kind = draw(st.sampled_from([Kind.SECURITY] * 4 + [Kind.BUGFIX]))
        more: dict[str, Any] = {
            "cves": draw(_CVES) if kind is Kind.SECURITY or draw(st.booleans()) else (),
            "rating": draw(st.sampled_from(["low", "important", None])),
            "reboot_suggested": draw(st.booleans()),
            "database": draw(st.sampled_from(["", "", "", "", "other"])),
            "severities": draw(st.sampled_from([(), (), _VECTORS[:1], _VECTORS])),
        }
        if draw(st.integers(0, 9)) == 0:
            more["withdrawn"] = datetime(2024, 1, 1, tzinfo=UTC)
        found.append(advisory(f"A-{number}", *entries, kind=kind, **more))
    return found


_VECTORS = (
    Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "vendor", "CVE-2024-1"),
    Severity("CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "vendor"),
)


@st.composite
def _packages(draw: st.DrawFn, type: str) -> Package:
    version = draw(_versions(type))
    make = rpm if type == "rpm" else deb
    more: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"source_name": "bash", "source_version": version}, {"source_name": "bash-source"}])
    )
    if type == "rpm":
        arch = draw(st.sampled_from(["x86_64"] * 4 + ["noarch", "aarch64", "riscv64", "src", None]))
        more = more | {"arch": arch, "module": draw(_MODULES), "epoch_known": draw(st.integers(0, 9)) > 0}
    return make(draw(st.sampled_from(["bash", "bash", "other"])), version, **more)


@pytest.mark.parametrize("type", ["rpm", "deb"])
@thorough
@given(data=st.data())
def test_generated_feeds(type: str, data: st.DataObject) -> None:
    distribution = data.draw(st.sampled_from(_DISTRIBUTIONS[type]))
    enrichments = [Enrichment("CVE-2024-2", "nvd", severities=_VECTORS[1:])] if data.draw(st.booleans()) else []
    covered = advisory("Z", affected("covered", "1-1", distribution=distribution), cves=["CVE-1999-1"])
    feed = Feed([*data.draw(_advisories(type, distribution)), covered], (), enrichments)
    packages = data.draw(st.lists(_packages(type), min_size=1, max_size=4, unique=True))
    both_ways(host(*packages, distribution=distribution), feed)


# ---- field by field ----

_PLAIN = affected("bash", "2-1")
#: A value of each field of an entry that is not the usual one, and what a usual entry has there.
_UNUSUAL: Mapping[str, tuple[object, ...]] = {
    "ranges": (
        (Range("1-1", "2-1"),),
        (Range(None, None, "2-1"),),
        (Range(None, "2-1", None, "3-1"),),
        (Range(None, "2-1"), Range("3-1", "4-1")),
        (Range(None, "0"),),
        (Range(None, "a b"),),
        (),
    ),
    "versions": (("1-1",),),
    "fix_state": (FixState.WONT_FIX,),
    "negative": (True,),
    "arches": (("x86_64",), ("s390x",), ("src",), ("noarch",)),
    "module": (UNKNOWN_MODULE, Module.of("a:1")),
    "channel": ("eus", "esm-infra", "fips"),
    "epoch_known": (False,),
    "source": ("bash", "else"),
    "completed": (True,),
    "in_archive": ("3-1",),
}
#: What names the entry, and is that of the group for all of them.
_OF_GROUP = {"package", "type", "distribution", "names"}


def test_each_field_has_an_unusual_value() -> None:
    """A new field of an entry must stand here, so that somebody thinks of whether drafts know it."""
    assert {field.name for field in fields(Affected) if field.init} == {*_UNUSUAL, *_OF_GROUP}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in _UNUSUAL.items() for value in values], ids=str
)
@pytest.mark.parametrize("version", ["1-1", "1-1.el9_1", "2-1", "2", "3-1", "1:1-1", "2-1.fips"])
def test_an_unusual_record(field: str, value: object, version: str) -> None:
    unusual = evolve(_PLAIN, **{field: value})
    later = affected("bash", "3-1")
    for entries in ((unusual,), (unusual, later), (_PLAIN, unusual), (_PLAIN, unusual, later)):
        records = [advisory(f"A-{place}", one, cves=["CVE-2024-1"]) for place, one in enumerate(entries)]
        inventory = host(rpm("bash", version), rpm("bash", version, arch=None), rpm("bash", version, arch="noarch"))
        both_ways(inventory, Feed(records))


@pytest.mark.parametrize(
    "more",
    [
        {"withdrawn": datetime(2024, 1, 1, tzinfo=UTC)},
        {"kind": Kind.BUGFIX, "cves": ()},
        {"kind": Kind.BUGFIX},
        {"database": "other"},
        {"rating": "low"},
        {"reboot_suggested": True},
        {"known_exploited": True},
        {"severities": _VECTORS},
    ],
    ids=str,
)
@pytest.mark.parametrize("version", ["1-1", "2-1", "3-1"])
def test_an_unusual_advisory(more: dict[str, Any], version: str) -> None:
    unusual = advisory("A-1", _PLAIN, **({"cves": ["CVE-2024-1", "CVE-2024-2"]} | more))
    other = advisory("A-2", affected("bash", "3-1"), cves=["CVE-2024-1"])
    for records in ([unusual], [unusual, other]):
        both_ways(host(rpm("bash", version)), Feed(records))


@pytest.mark.parametrize(
    "package",
    [
        rpm("bash", "1-1", epoch_known=False),
        rpm("bash", "1"),
        rpm("bash", "1-1.centos"),
        rpm("bash", "1-1.ksplice1"),
        rpm("bash", "1-1", arch=None),
        rpm("bash", "1-1", arch="src"),
        rpm("bash", "1-1", module=UNKNOWN_MODULE),
        rpm("bash", "1-1", module=Module.of("a:1", "a:2")),
        rpm("bash", "1-1", vendor="somebody else"),
        rpm("bash", "1-1", doubts=frozenset({Assumption.SOURCE_UNKNOWN})),
        rpm("bash", "", arch="x86_64"),
    ],
    ids=str,
)
def test_an_unusual_package(package: Package) -> None:
    records = [
        advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1"]),
        advisory("A-2", affected("bash", "3-1.module+el9+1+a", arches=("x86_64",)), cves=["CVE-2024-1"]),
        advisory("A-3", affected("bash", "4-1", module=Module.of("a:1")), cves=["CVE-2024-3"]),
    ]
    for some in (records[:1], records[:2], records):
        for policy in (MatchPolicy(), MatchPolicy(judge_as=ALMA9), MatchPolicy(unknown_epoch_is_zero=True)):
            both_ways(host(package), Feed(some), policy)


@pytest.mark.parametrize("policy", [MatchPolicy(), MatchPolicy(judge_as=ALMA9)], ids=str)
def test_packages_of_languages_beside_those_of_the_host(policy: MatchPolicy) -> None:
    """A host whose release was chosen is decided by the rules, and so is every language on it."""
    entry = evolve(affected("flask", "3.0"), type="pypi", distribution=language_of("pypi"), names=Names.SOURCE)
    python = [advisory("P-1", evolve(entry, names=names), cves=["CVE-2024-7"]) for names in Names]
    records = [advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1"]), *python]
    inventory = host(rpm("bash", "1-1"), Package("pypi", "flask", "2.0"), distribution=Distribution("rocky", "9"))
    for one in (inventory, evolve(inventory, distribution=ALMA9)):
        both_ways(one, Feed(records), policy)


# ---- what they are ----


def test_usual_packages_are_decided_by_drafts() -> None:
    feed = Feed([advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1"])])
    ways = both_ways(host(rpm("bash", "1-1"), rpm("bash", "2-1", arch="noarch")), feed)
    assert (ways.drafts, ways.rules) == (2, 0)


def test_a_group_is_drafted_at_the_second_look() -> None:
    """One look alone costs less by the rules."""
    feed = Feed([advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1"])])
    inventory = host(rpm("bash", "1-1"))
    assert not feed.drafted
    both_ways(inventory, feed)
    assert [type(one) for one in feed.drafted.values()] == [Drafts]


@pytest.mark.parametrize(
    ("version", "rating", "advisories", "fixed", "rule"),
    [
        ("1-1", "low", ("A-1", "A-2", "A-3"), "2-1", "V3"),
        ("1-1.el9_2", "low", ("A-1", "A-2", "A-3"), "4-1.el9_2", "V3"),
        ("2-1.el9_2", "important", ("A-2", "A-3"), "4-1.el9_2", "V1"),
        ("3-1.el9_4", "low", ("A-3",), "4-1.el9_2", "A0"),
    ],
)
def test_between_the_fixes_of_a_vulnerability(
    version: str, rating: str, advisories: tuple[str, ...], fixed: str, rule: str
) -> None:
    """The advisories that are left are named and rated, and reaching a fix of another branch clears nothing."""
    feed = Feed(
        [
            advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1"], rating="low"),
            advisory("A-2", affected("bash", "3-1.el9_3"), cves=["CVE-2024-1"], rating=rating),
            advisory("A-3", affected("bash", "4-1.el9_2"), cves=["CVE-2024-1"]),
        ]
    )
    ways = both_ways(host(rpm("bash", version)), feed)
    assert (ways.drafts, ways.rules) == (1, 0)
    (finding,) = by_drafts(host(rpm("bash", version)), feed)[0]
    assert (finding.advisories, finding.fixed_version, finding.rule) == (advisories, fixed, rule)


def test_parts_of_a_group() -> None:
    """Records are parted by what they are about. Architectures of which the records are the same stand together."""
    records = [
        advisory("A-1", affected("bash", "2-1", arches=("amd64", "aarch64")), cves=["CVE-2024-1"]),
        advisory("A-2", affected("bash", "3-1", arches=("aarch64", "x86_64")), cves=["CVE-2024-2"]),
        advisory("A-3", affected("bash", "3-1", arches=("s390x", "src")), cves=["CVE-2024-3"]),
        advisory("A-4", affected("bash", "3-1", module=Module.of("a:1")), cves=["CVE-2024-4"]),
    ]
    drafts = draft_group(Feed(records), ALMA9, Names.BINARY, "bash")
    assert drafts.parts is not None
    found = {(part.streams, part.arches): [draft.vulnerability for draft in part.drafts or ()] for part in drafts.parts}
    assert found == {
        ((), ("aarch64", "x86_64")): ["CVE-2024-1", "CVE-2024-2"],
        ((), ("s390x",)): ["CVE-2024-3"],
        ((), ("noarch",)): ["CVE-2024-1", "CVE-2024-2", "CVE-2024-3"],
        ((), (OTHER,)): [],
        (("a:1",), ()): ["CVE-2024-4"],
    }


def test_one_record_of_an_unusual_part_leaves_the_others_drafted() -> None:
    records = [
        advisory("A-1", affected("bash", "2-1", module=Module.of("a:1")), cves=["CVE-2024-1"]),
        advisory("A-2", affected("bash", "2-1", introduced="1-1"), cves=["CVE-2024-2"]),
    ]
    drafts = draft_group(Feed(records), ALMA9, Names.BINARY, "bash")
    assert drafts.parts is not None
    assert {part.streams: part.drafts is None for part in drafts.parts} == {("a:1",): False, (): True}
    assert not drafts.is_empty


def test_a_record_of_unstable_that_cannot_show_an_epoch_has_no_draft() -> None:
    """It has the installed version's (rule 4): 1:1-1 has not reached 1:1-2."""
    entries = [
        affected("bash", distribution=DEBIAN12),
        affected("bash", "1-2", distribution=UNSTABLE, epoch_known=False),
    ]
    feed = Feed([advisory("A-1", *entries, cves=["CVE-2024-1"])])
    inventory = host(deb("bash", "1:1-1"), deb("bash", "1:1-2", arch="arm64"), distribution=DEBIAN12)
    both_ways(inventory, feed)
    assert [finding.package.version for finding in by_drafts(inventory, feed)[0]] == ["1:1-1"]


def test_findings_of_several_priorities_keep_the_order_of_their_vulnerabilities() -> None:
    """Between fixes a vulnerability may be rated otherwise. It stands among those of its new priority, by number."""
    records = [
        advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-2", "CVE-2024-10"], rating="low"),
        advisory("A-2", affected("bash", "3-1"), cves=["CVE-2024-2", "CVE-2024-10"], rating="important"),
        advisory("A-3", affected("bash", "4-1"), cves=["CVE-2024-1", "CVE-2024-9"], rating="important"),
    ]
    inventory = host(rpm("bash", "2-1.el9_1"), rpm("bash", "1-1", arch="noarch"))
    both_ways(inventory, Feed(records))
    findings = by_drafts(inventory, Feed(records))[0]
    high = [f"{finding.vulnerability} {finding.package.arch}" for finding in findings.by_priority()[Priority.HIGH]]
    assert high == [f"CVE-2024-{number} {arch}" for arch in ("noarch", "x86_64") for number in (1, 2, 9, 10)]


def test_groups_have_the_rows() -> None:
    """Each row once, by finding, with its place in the order of rule 16."""
    inventory = inventories.read(EXAMPLE / "host.tsv")
    findings = match(inventory, read_feed(EXAMPLE / "advisories.jsonl"))
    for priority, groups in findings.groups().items():
        # Packages come in their order, so that their rows do.
        packages = {one.package: number for number, one in enumerate(dict.fromkeys(one for one, _, _ in groups))}
        rows = [
            (packages[one.package], place, name, one.cause)
            for one, names, places in groups
            for name, place in zip(names, places, strict=True)
        ]
        expected = [(finding.vulnerability, finding.cause) for finding in findings.by_priority()[priority]]
        assert [(name, cause) for _, _, name, cause in sorted(rows)] == expected
