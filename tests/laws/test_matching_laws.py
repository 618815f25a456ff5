"""Laws of matching, over generated hosts and feeds that are dense enough to hit each other."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from advisories_reference import ALMA9, DEBIAN12, bare, host, is_version, slow_findings
from advisories_strategies import (
    ADVISORIES,
    COVERED,
    EPOCHS,
    FAMILIES,
    INVENTORIES,
    MODULES,
    NAMES,
    RPM_VERSIONS,
    Kinds,
)
from attrs import evolve, fields
from examples import examples
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from oracles import Oracle

import vercmp
from advisories import Feed, MatchPolicy, match, match_many
from advisories.models import (
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Finding,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    PackageClass,
    Priority,
    Range,
    Status,
)
from advisories.models.findings import Remedy
from advisories.reports import Report, render
from advisories.reports.details import Details
from advisories.reports.objects import reported_object
from advisories.triage.pipeline import Triaged

thorough = settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Of each family.
quick = settings(thorough, max_examples=examples(60))
ORACLES = {"rpm": ("librpm", "evr"), "dpkg": ("libdpkg", "deb")}


each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@each_family
@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(family: Kinds, data: st.DataObject, random: Random) -> None:
    inventory, advisories = data.draw(family.inventories()), data.draw(family.advisories())
    findings = match(inventory, Feed([*advisories, family.covered]))
    packages, records = [*inventory.packages] * 2, [*advisories, family.covered] * 2
    random.shuffle(packages)
    random.shuffle(records)
    again = match(evolve(inventory, packages=tuple(packages)), Feed(records))
    assert again == findings
    assert repr(list(again)) == repr(list(findings))


@each_family
@settings(thorough, max_examples=examples(200))
@given(data=st.data())
def test_it_is_the_slow_matcher(family: Kinds, data: st.DataObject) -> None:
    """Finding by finding, of rpm and deb, with everything the rules know."""
    inventory, advisories = data.draw(family.inventories()), data.draw(family.advisories())
    assert inventory.distribution is not None
    findings = match(inventory, Feed([*advisories, family.covered]))
    slow = slow_findings(inventory, advisories, inventory.distribution)
    event(f"found: {min(len(slow), 3)}")
    assert {(f.package, f.vulnerability): f.status for f in findings} == {
        key: status for key, (status, _) in slow.items()
    }
    for finding in findings:
        ours, theirs = finding.fixed_version, slow[finding.package, finding.vulnerability][1]
        if ours != theirs:
            # Two texts of one version.
            assert ours is not None
            assert theirs is not None
            scheme = SCHEME_OF_TYPE[family.type]
            assert vercmp.compare(bare(ours, scheme), bare(theirs, scheme), scheme=scheme) == 0


@thorough
@given(INVENTORIES, ADVISORIES)
def test_coverage_adds_up(inventory: Inventory, advisories: list[Advisory]) -> None:
    findings = match(inventory, Feed(advisories))
    coverage = findings.coverage
    assert coverage.packages == len(set(inventory.packages)) == sum(coverage.counts.values())
    assert coverage.covered is Feed(advisories).covers(ALMA9)
    for finding in findings:
        expected = {finding.status.value, "affected"} if finding.status is Status.UNDECIDABLE else {"affected"}
        assert dict(coverage.classes)[finding.package].value in expected
    assert all(package.state.on_disk for package in coverage.packages_in(PackageClass.CLEAN))
    if coverage.covered:
        assert len(coverage.packages_in(PackageClass.NOT_INSTALLED)) == len(
            {package for package in inventory.packages if not package.state.on_disk}
        )


@each_family
@quick
@given(data=st.data())
def test_withdrawn_and_unrelated_records_change_nothing(family: Kinds, data: st.DataObject) -> None:
    inventory, advisories = data.draw(family.inventories()), data.draw(family.advisories())
    standing = [advisory for advisory in advisories if advisory.withdrawn is None]
    release, elsewhere = family.release, family.others[-1]
    unrelated = [
        Affected("other", family.type, release, Names.BINARY, (Range(),)),
        Affected("bash", family.type, elsewhere, Names.BINARY, (Range(),)),
        Affected("bash", family.type, elsewhere, Names.SOURCE, (Range(),), negative=True),
        Affected("bash", family.type, release, Names.BINARY, (Range(),), arches=("s390x",)),
        Affected("bash", family.type, release, Names.BINARY, (Range(),), channel="eus"),
    ]
    named = evolve(inventory, packages=tuple(evolve(one, arch=one.arch or "x86_64") for one in inventory.packages))
    named = evolve(named, packages=tuple(one for one in named.packages if one.arch != "noarch"))
    more = Advisory("X-Y", Kind.SECURITY, ("CVE-2024-1111",), tuple(unrelated))
    with_all = match(named, Feed([*advisories, family.covered, more]))
    without = match(named, Feed([*standing, family.covered]))
    assert list(with_all) == list(without)
    assert with_all.coverage.classes == without.coverage.classes


@each_family
@quick
@given(data=st.data())
def test_a_negative_record_never_adds(family: Kinds, data: st.DataObject) -> None:
    """And it clears no other vulnerability than its own."""
    inventory, advisories = data.draw(family.inventories()), data.draw(family.advisories())
    (entry, *_), *_ = [one.affected for one in data.draw(family.advisories())]
    negative = Advisory("VEX-1", Kind.SECURITY, ("CVE-2024-1111",), (evolve(entry, negative=True),))
    before = match(inventory, Feed([*advisories, family.covered]))
    after = match(inventory, Feed([*advisories, family.covered, negative]))
    assert {(f.package, f.vulnerability) for f in after} <= {(f.package, f.vulnerability) for f in before}
    assert {f.vulnerability for f in before} - {f.vulnerability for f in after} <= {"CVE-2024-1111"}


@thorough
@given(NAMES, st.lists(RPM_VERSIONS, min_size=1, max_size=4), MODULES)
def test_fixed_is_clean(name: str, fixes: list[str], module: Module) -> None:
    """An instance at a fix of every vulnerability, or at what a finding names as its fix, has no finding."""
    records = [
        Advisory(
            f"ALSA-{number}",
            Kind.SECURITY,
            ("CVE-2024-1111",),
            (Affected(name, "rpm", ALMA9, Names.BINARY, (Range(None, fix),), module=module),),
        )
        for number, fix in enumerate(fixes)
    ]
    feed = Feed(records)
    for version in fixes:
        assert not match(host(Package("rpm", name, version, module=module)), feed)
    old = match(host(Package("rpm", name, "0-0", module=module)), feed)
    assert len(old) == 1
    assert old[0].fixed_version is not None
    assert not match(host(evolve(old[0].package, version=old[0].fixed_version)), feed)


@thorough
@given(INVENTORIES, ADVISORIES)
def test_upgrading_to_the_named_fix_clears_the_finding(inventory: Inventory, advisories: list[Advisory]) -> None:
    feed = Feed([*advisories, COVERED])
    for finding in match(inventory, feed):
        if finding.status is Status.AFFECTED and finding.fixed_version and finding.package.epoch_known:
            package = evolve(finding.package, version=finding.fixed_version)
            again = {f.vulnerability for f in match(host(package), feed) if f.status is Status.AFFECTED}
            if finding.vulnerability in again:
                # Only a range that begins at or above the fix brings it back.
                ranges = [r for a in advisories for e in a.affected for r in e.ranges if r.introduced]
                assert any(vercmp.compare(r.introduced or "", finding.fixed_version, scheme="rpm") >= 0 for r in ranges)


@each_family
@settings(thorough, max_examples=examples(120))
@given(data=st.data())
def test_every_affected_finding_is_the_real_tools(family: Kinds, data: st.DataObject) -> None:
    """What a finding shows is true by the order of librpm and libdpkg: the versions lie as its cause states."""
    inventory, advisories = data.draw(family.inventories()), data.draw(family.advisories())
    scheme = SCHEME_OF_TYPE[family.type]
    oracle = Oracle(*ORACLES[scheme])
    for finding in match(inventory, Feed([*advisories, family.covered])):
        assert finding.evidence.advisory in finding.advisories or finding.fixed_version is not None
        assert finding.evidence.advisory in finding.cause
        if finding.status is not Status.AFFECTED:
            continue
        evidence = finding.evidence
        if not is_version(evidence.installed, scheme):
            # It has no place in the order: a record lists it, and the fix is named all the same.
            assert "listed as affected" in finding.cause
            continue
        # Rule 4: an unknown epoch is left out on both sides.
        shown = not any(note.rule == 4 for note in evidence.notes)

        def compare(a: str, b: str, shown: bool = shown) -> int:
            return oracle.compare(a if shown else bare(a, scheme), b if shown else bare(b, scheme))

        if finding.fixed_version is not None:
            assert compare(evidence.installed, finding.fixed_version) == -1
        holds = evidence.introduced is None or compare(evidence.introduced, evidence.installed) <= 0
        holds = holds and (evidence.fixed is None or compare(evidence.installed, evidence.fixed) < 0)
        holds = holds and (evidence.last_affected is None or compare(evidence.installed, evidence.last_affected) <= 0)
        # The range shown holds the version; or it is another entry's, of which the fix is taken.
        assert holds or evidence.fixed == finding.fixed_version


@thorough
@given(NAMES, st.sampled_from(["1.0-1", "1.1~rc1-1", "1:1.0-1"]), RPM_VERSIONS, ADVISORIES)
def test_upgrading_never_adds_a_finding_whose_range_ends_below(
    name: str, old: str, new: str, advisories: list[Advisory]
) -> None:
    """What a later version has and an earlier one had not comes of a range that holds the later one; with one record a
    vulnerability, of one that begins above the earlier.
    """
    assume(vercmp.compare(old, new, scheme="rpm") < 0)
    feed = Feed([*advisories, COVERED])
    before, after = (match(host(Package("rpm", name, version, "x86_64")), feed) for version in (old, new))
    known = {finding.vulnerability for finding in before}
    for finding in after:
        if finding.vulnerability in known or finding.status is not Status.AFFECTED:
            continue
        entries = [
            entry
            for advisory in advisories
            if finding.vulnerability in advisory.vulnerabilities and advisory.withdrawn is None
            for entry in advisory.affected
            if entry.package == name and entry.distribution == ALMA9
        ]
        ranges = [range for entry in entries for range in entry.ranges]
        holding = [r for r in ranges if r.fixed is None or vercmp.compare(new, r.fixed, scheme="rpm") < 0]
        assert holding
        if len(ranges) == 1:
            assert ranges[0].introduced is not None
            assert vercmp.compare(old, ranges[0].introduced, scheme="rpm") < 0


@thorough
@given(INVENTORIES, ADVISORIES)
def test_assuming_epoch_zero_is_knowing_it(inventory: Inventory, advisories: list[Advisory]) -> None:
    feed = Feed([*advisories, COVERED])
    known = evolve(inventory, packages=tuple(evolve(p, epoch_known=True) for p in set(inventory.packages)))
    assumed = match(inventory, feed, MatchPolicy(unknown_epoch_is_zero=True))
    places = {(f.package.name, f.package.arch, f.package.version, f.package.module, f.vulnerability) for f in assumed}
    assert places == {
        (f.package.name, f.package.arch, f.package.version, f.package.module, f.vulnerability)
        for f in match(known, feed)
    }


DEB_VERSIONS = st.builds(
    "{}{}".format, EPOCHS, st.sampled_from(["1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0~rc1-1", "2"])
)


@thorough
@given(
    st.lists(st.tuples(DEB_VERSIONS, st.none() | DEB_VERSIONS), min_size=1, max_size=3),
    st.none() | DEB_VERSIONS,
    DEB_VERSIONS,
)
def test_source_records_ask_the_source_version(
    ranges: list[tuple[str, str | None]], source: str | None, version: str
) -> None:
    entry = Affected(
        "src", "deb", DEBIAN12, Names.SOURCE, tuple(Range(low, high) for low, high in ranges), fix_state=FixState.FIXED
    )
    feed = Feed([Advisory("DSA-1", Kind.SECURITY, ("CVE-2024-1111",), (entry,))])
    package = Package("deb", "bin", version, "amd64", source_name="src", source_version=source or version)
    compared = source or version

    def below(a: str, b: str) -> bool:
        return vercmp.compare(a, b, scheme="dpkg") < 0

    def inside(low: str, high: str | None) -> bool:
        return not below(compared, low) and (high is None or below(compared, high))

    found = match(host(package, distribution=DEBIAN12), feed)
    if not any(inside(low, high) for low, high in ranges):
        assert not found
    for finding in found:
        assert finding.evidence.installed == compared


@thorough
@given(st.lists(INVENTORIES, min_size=1, max_size=4), ADVISORIES)
def test_many_hosts_are_each_host(inventories: list[Inventory], advisories: list[Advisory]) -> None:
    """What a feed remembers of other hosts changes no answer; results come in the order of the hosts."""
    feed = Feed([*advisories, COVERED])
    expected = [(inventory, match(inventory, Feed(feed))) for inventory in inventories]
    for _ in range(2):
        assert list(match_many(inventories, feed)) == expected


@thorough
@given(INVENTORIES, ADVISORIES)
def test_a_report_is_that_of_each_finding_alone(inventory: Inventory, advisories: list[Advisory]) -> None:
    """Findings that share an object, and so a part of the report, show in it as if each were its own."""
    feed = Feed([*advisories, COVERED])
    findings = match(inventory, feed)
    # No two of these have an object in common.
    alone = tuple(pickle.loads(pickle.dumps(finding)) for finding in findings)
    report, chosen, apart = (
        Report(inventory, feed, findings, chosen=Triaged(findings, shown)) for shown in (findings, [*findings], alone)
    )
    assert len({id(one) for _, one in chosen.shared_rows()}) <= len({id(one) for _, one in report.rows()})
    assert list(render(report, "text")) == list(render(chosen, "text")) == list(render(apart, "text"))
    lines = list(render(report, "json"))
    assert lines == list(render(chosen, "json")) == list(render(apart, "json"))
    details = Details.of(inventory, feed, findings)
    objects = [json.dumps(reported_object(finding, details, inventory)) for finding in findings]
    assert [line.strip().removesuffix(",") for line in lines[len(lines) - len(objects) - 2 : -2]] == objects


@thorough
@given(INVENTORIES, ADVISORIES)
def test_columns_are_the_findings(inventory: Inventory, advisories: list[Advisory]) -> None:
    findings = match(inventory, Feed([*advisories, COVERED]))
    assert len(findings) == sum(findings.counts.values()) == len(list(findings))
    for name in (field.name for field in fields(Finding)):
        assert findings.column(name) == tuple(getattr(finding, name) for finding in findings)
    assert [evolve(finding, vulnerability=name) for name, finding in findings.rows()] == list(findings)
    assert findings.by_priority() == {
        priority: tuple(f for f in findings if f.priority is priority) for priority in Priority
    }
    assert findings.by_package() == {
        package: tuple(f for f in findings if f.package == package) for package in {f.package for f in findings}
    }
    advisories = {advisory for finding in findings for advisory in finding.advisories}
    names = {finding.vulnerability for finding in findings}
    assert findings.by_vulnerability() == {n: tuple(f for f in findings if f.vulnerability == n) for n in names}
    assert findings.by_advisory() == {
        advisory: tuple(f for f in findings if advisory in f.advisories) for advisory in advisories
    }
    remedies = {Remedy.of(finding) for finding in findings}
    assert findings.by_fix() == {one: tuple(f for f in findings if Remedy.of(f) == one) for one in remedies}
    for view in (findings.by_package(), findings.by_advisory(), findings.by_fix()):
        places = [list(findings).index(found[0]) for found in view.values()]
        assert places == sorted(places)
    assert [findings[place] for place in range(len(findings))] == list(findings)
    assert pickle.loads(pickle.dumps(findings)) == findings


def test_threads_share_a_feed() -> None:
    feed = Feed([alma_advisory(number) for number in range(50)])
    hosts = [host(*(Package("rpm", f"p{n}", f"{h}-1") for n in range(50))) for h in range(20)]
    expected = [match(inventory, Feed(feed)) for inventory in hosts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            feed.memo.clear()
            assert list(pool.map(lambda inventory: match(inventory, feed), hosts)) == expected


def alma_advisory(number: int) -> Advisory:
    entry = Affected(f"p{number}", "rpm", ALMA9, Names.BINARY, (Range(None, f"{number % 20}-1"),))
    return Advisory(f"ALSA-{number}", Kind.SECURITY, ("CVE-2024-1111",), (entry,))
