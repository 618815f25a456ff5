"""The work on the worst shapes grows as their size does: counted lines and calls, at n, 2n and 4n."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from growth import Shape, csaf_document, grows_in_proportion

from advisories import DEFAULT_LIMITS, Feed, Limits, match, plan, suppress
from advisories.index.lint import flaws_of
from advisories.index.merging import merged
from advisories.index.records import record_of
from advisories.models import Advisory, Distribution, Finding, Range, Rejection, Severity, Skip
from advisories.models.errors import EmptySource
from advisories.models.statements import Product, Purl, Statement, StatementStatus
from advisories.readers import feeds, statements
from advisories.readers.collector import fill_source_epochs


def _feed(data: str, name: str, limits: Limits = DEFAULT_LIMITS) -> Callable[[], object]:
    encoded = data.encode()

    def run() -> object:
        return list(feeds.read_stream(BytesIO(encoded), name, limits))

    return run


def _lint_contradictions(n: int) -> Callable[[], object]:
    """As many records that a vulnerability does not affect as records that it does, none in the other's range."""
    cves = [f"CVE-2024-{number:04}" for number in range(4)]
    no = [
        advisory(f"N-{i}", affected("bash", None, negative=True, ranges=(Range(f"{i}-1", f"{i}-2"),)), cves=cves)
        for i in range(n)
    ]
    yes = [
        advisory(f"Y-{i}", affected("bash", f"{i}-4", introduced=f"{i}-3"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)
    ]
    records = [record_of(one, one.affected[0]) for one in (*no, *yes)]
    return lambda: list(flaws_of(records))


def _lint_ranges(n: int) -> Callable[[], object]:
    """One record with n ranges that is not affected, and n that are."""
    many = tuple(Range(f"{i}-1", f"{i}-2") for i in range(n))
    one = advisory("N", affected("bash", None, negative=True, ranges=many), cves=["CVE-2024-0001"])
    others = [
        advisory(f"Y-{i}", affected("bash", f"{i}-4", introduced=f"{i}-3"), cves=["CVE-2024-0001"]) for i in range(n)
    ]
    records = [record_of(it, it.affected[0]) for it in (one, *others)]
    return lambda: list(flaws_of(records))


def _lint_beginnings(n: int) -> Callable[[], object]:
    """Ranges from the first version, each of which may hold the beginning of n others."""
    entries = [affected("bash", f"{n + i}-1") for i in range(n)]
    entries += [affected("bash", f"{i}-2", introduced=f"{i}-1") for i in range(n)]
    one = advisory("A", *entries, cves=["CVE-2024-0001"])
    records = [record_of(one, entry) for entry in entries]
    return lambda: list(flaws_of(records))


def _lint_of_one_advisory(n: int) -> Callable[[], object]:
    """An advisory of n CVEs with n records that they do not affect and n that they do, none in the other's range."""
    entries = [affected("bash", None, negative=True, ranges=(Range(f"{i}-1", f"{i}-2"),)) for i in range(n)]
    entries += [affected("bash", f"{i}-4", introduced=f"{i}-3") for i in range(n)]
    one = advisory("A", *entries, cves=[f"CVE-2024-{i:04}" for i in range(n)])
    records = [record_of(one, entry) for entry in entries]
    return lambda: list(flaws_of(records))


def _merging(n: int) -> Callable[[], object]:
    """One id n times, each time with another entry."""
    many = [advisory("A", affected("bash", f"{i}-1"), cves=["CVE-2024-0001"]) for i in range(n)]
    return lambda: merged(many)


def _finding(package: str = "bash") -> Finding:
    found = match(host(rpm(package, "1-1")), Feed([advisory("A", affected(package, "2-1"), cves=["CVE-2024-0001"])]))
    return found[0]


def _statements_of_one(n: int) -> Callable[[], object]:
    """A finding that n statements suppress."""
    finding = _finding()
    many = [
        Statement("a", f"{i}", StatementStatus.IGNORED, ("CVE-2024-0001",), packages=("bash",), reason="r")
        for i in range(n)
    ]
    inventory = host(finding.package)
    return lambda: suppress([finding], many, date(2026, 1, 1), inventory)


def _rules_and_packages(n: int) -> Callable[[], object]:
    """Rules that name a package each, and as many packages with a finding each."""
    packages = [rpm(f"p{i}", "1-1") for i in range(n)]
    feed = Feed([advisory(f"A-{i}", affected(f"p{i}", "2-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)])
    inventory = host(*packages)
    found = tuple(match(inventory, feed))
    rules = [Statement("a", f"{i}", StatementStatus.IGNORED, (), packages=(f"p{i}",), reason="r") for i in range(n)]
    return lambda: suppress(found, rules, date(2026, 1, 1), inventory)


def _products_of_one(n: int) -> Callable[[], object]:
    """A statement about n products, and a package with a finding for each."""
    packages = [rpm(f"p{i}", "1-1") for i in range(n)]
    feed = Feed([advisory("A", *[affected(f"p{i}", "2-1") for i in range(n)], cves=["CVE-2024-0001"])])
    inventory = host(*packages)
    found = tuple(match(inventory, feed))
    products = tuple(Product(Purl(f"pkg:rpm/almalinux/p{i}", "rpm", "almalinux", f"p{i}")) for i in range(n))
    one = Statement("a", "1", StatementStatus.FIXED, ("CVE-2024-0001",), products=products, reason="r")
    return lambda: suppress(found, [one], date(2026, 1, 1), inventory)


def _vectors(n: int) -> Callable[[], object]:
    """An advisory of n CVEs with a vector of each."""
    cves = [f"CVE-2024-{i:04}" for i in range(n)]
    vector = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H"
    severities = tuple(Severity("CVSS_V3", vector, "vendor", cve) for cve in cves)
    feed = Feed([advisory("A", affected("bash", "2-1"), cves=cves, severities=severities)])
    inventory = host(rpm("bash", "1-1"))
    return lambda: [one.priority for one in match(inventory, feed)]


def _aliases(n: int) -> Callable[[], object]:
    """An advisory of n CVEs with n other ids, of which a statement names one."""
    cves, ids = ([f"{kind}-2024-{i:04}" for i in range(n)] for kind in ("CVE", "GHSA"))
    inventory = host(rpm("bash", "1-1"))
    found = tuple(match(inventory, Feed([advisory("A", affected("bash", "2-1"), cves=cves, aliases=tuple(ids))])))
    one = Statement("a", "1", StatementStatus.IGNORED, tuple(ids[:1]), packages=("bash",), reason="r")
    return lambda: suppress(found, [one], date(2026, 1, 1), inventory, aliases={"A": ids})


def _documentation(n: int) -> Callable[[], object]:
    """An advisory that names n packages and their documentation, and one that names the documentation alone."""
    documentation, others = ([f"p{i}{ending}" for i in range(n)] for ending in ("-doc", ""))
    first = advisory("A", *[affected(name, "1-1") for name in (*documentation, *others)], cves=["CVE-2024-0001"])
    second = advisory("B", *[affected(name, "2-1") for name in documentation], cves=["CVE-2024-0002"])
    return lambda: Feed([first, second])


def _kernels(n: int) -> Callable[[], object]:
    """A plan for n kernels beside each other."""
    feed = Feed([advisory("A", affected("kernel", "9-1"), cves=["CVE-2024-0001"])])
    inventory = host(*[rpm("kernel", f"5-{i}.el9") for i in range(n)], kernel="5-1.el9.x86_64")
    return lambda: plan(inventory, feed)


def _openvex(n: int) -> Callable[[], object]:
    """A statement of n products, and n components beside them that are of each."""
    statement = {
        "vulnerability": {"name": "CVE-2024-0001"},
        "status": "affected",
        "products": [{"@id": f"pkg:oci/p{i}"} for i in range(n)],
        "subcomponents": [{"@id": f"pkg:rpm/x/s{i}"} for i in range(n)],
    }
    head = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "timestamp": "2024-01-01T00:00:00Z"}
    return _statements({**head, "author": "a", "statements": [statement]})


def _cyclonedx(n: int) -> Callable[[], object]:
    """A vulnerability for each component."""
    parts = [{"type": "library", "name": "p", "bom-ref": f"p{i}", "purl": f"pkg:rpm/x/p{i}@1"} for i in range(n)]
    found = [
        {"id": f"CVE-2024-{i:04}", "analysis": {"state": "not_affected"}, "affects": [{"ref": f"p{i}"}]}
        for i in range(n)
    ]
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5"}
    return _statements({**head, "components": parts, "vulnerabilities": found})


def _statements(document: dict[str, Any]) -> Callable[[], object]:
    data = json.dumps(document).encode()
    return lambda: statements.read_stream(BytesIO(data), "vex.json")


def _epochs_of_a_source(n: int) -> Callable[[], object]:
    """Binaries of one source, each with an epoch of its own."""
    packages = [
        rpm(f"p{i}", f"{i + 1}:1-1", source_name="s", source_version="1-1", source_epoch_known=False) for i in range(n)
    ]
    return lambda: fill_source_epochs(list(packages))


def _matching(n: int) -> Callable[[], object]:
    """Records of many packages of which one each is installed."""
    feed = Feed([advisory(f"A-{i}", affected(f"p{i}", "2-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)])
    inventory = host(*[rpm(f"p{i}", "1-1") for i in range(n)])
    return lambda: tuple(match(inventory, feed))


def _usn(n: int) -> Callable[[], object]:
    """Sources without binaries, and as many pockets."""
    release = {
        "sources": {f"s{i}": {"version": "1"} for i in range(n)},
        "binaries": {f"b{i}": {"version": "1", "pocket": f"pocket{i}"} for i in range(n)},
    }
    document = {"1-1": {"id": "1-1", "isummary": "", "cves": ["CVE-2024-0001"], "releases": {"jammy": release}}}
    return _feed(json.dumps(document), "database.json")


def _updateinfo(n: int) -> Callable[[], object]:
    """An update of n references and n packages."""
    references = "".join(
        f'<reference id="CVE-2024-{i:04}" type="cve" href="https://example.org/{i}"/>' for i in range(n)
    )
    packages = "".join(f'<package name="p{i}" version="1" release="1.el9" epoch="0" arch="x86_64"/>' for i in range(n))
    text = (
        '<updates><update type="security"><id>ALSA-2024:1</id>'
        f'<references>{references}</references><pkglist><collection short="almalinux-9"><name>AlmaLinux 9</name>'
        f"{packages}</collection></pkglist></update></updates>"
    )
    return _feed(text, "updateinfo.xml")


def _updateinfo_nested(n: int) -> Callable[[], object]:
    """Collections inside of collections."""
    package = '<package name="p" version="1" release="1.el9" epoch="0" arch="x86_64"/>'
    text = (
        '<updates><update type="security"><id>ALSA-2024:1</id><pkglist>'
        + f'<collection short="a">{package}' * n
        + "</collection>" * n
        + "</pkglist></update></updates>"
    )
    return _feed(text, "updateinfo.xml")


# Above the default a document may have a million parts more than its size allows. Here the size alone counts.
_NO_FREE = Limits(expansions=0)


def _csaf(
    n: int, vulnerabilities: list[dict[str, Any]], limits: Limits = DEFAULT_LIMITS, **tree: Any
) -> Callable[[], object]:
    purls = [f"pkg:rpm/redhat/p{i}@1-1?arch=x86_64" for i in range(n)]
    document = csaf_document(purls, vulnerabilities, references=n, **tree)
    return _feed(json.dumps(document), "cve-2024-1.json", limits)


def _csaf_vulnerabilities(n: int) -> Callable[[], object]:
    """A vulnerability for each product, and as many references."""
    return _csaf(n, [{"cve": f"CVE-2024-{i:04}", "product_status": {"fixed": [f"P:p{i}"]}} for i in range(n)])


def _csaf_broken(n: int) -> Callable[[], object]:
    """Vulnerabilities that cannot be read, any of which could be about any product."""
    return _csaf(n, [{"cve": f"CVE-2024-{i:04}", "product_status": []} for i in range(n)])


def _csaf_groups(n: int) -> Callable[[], object]:
    """Remediations of one vulnerability, each for the group of all products."""
    remedies = [{"category": "no_fix_planned", "details": "d", "group_ids": ["G"]} for _ in range(n)]
    status = {"known_affected": [f"P:p{i}" for i in range(n)]}
    group = {"group_id": "G", "product_ids": status["known_affected"]}
    return _csaf(
        n, [{"cve": "CVE-2024-0001", "product_status": status, "remediations": remedies}], product_groups=[group]
    )


def _csaf_negatives(n: int) -> Callable[[], object]:
    """Products that are affected, and as many that are not."""
    half = n // 2
    status = {
        "known_affected": [f"P:p{i}" for i in range(half)],
        "known_not_affected": [f"P:p{i}" for i in range(half, n)],
    }
    return _csaf(n, [{"cve": "CVE-2024-0001", "product_status": status}])


def _oval(definitions: str, parts: str = "") -> Callable[[], object]:
    text = (
        '<oval_definitions xmlns="urn:o"><definitions>' + definitions + "</definitions><tests>"
        '<rpmverifyfile_test id="t:el8" check="at least one"/>' + parts + "</oval_definitions>"
    )
    return _feed(text, "oval.xml", _NO_FREE)


def _definition(number: int, criteria: str, about: str = "") -> str:
    return (
        f'<definition class="patch" id="oval:test:def:{number}"><metadata><title>a title</title>'
        f"<affected><platform>Red Hat Enterprise Linux 8</platform></affected>"
        f'<reference source="CVE" ref_id="CVE-2024-{number:04}"/>{about}</metadata>'
        f'<criteria operator="AND">{criteria}</criteria></definition>'
    )


_EL8 = '<criterion test_ref="t:el8" comment="Red Hat Enterprise Linux 8 is installed"/>'


def _tests(names: list[str]) -> str:
    tests = "".join(
        f'<rpminfo_test id="t:{x}" check="at least one"><object object_ref="o:{x}"/><state state_ref="s:2"/>'
        "</rpminfo_test>"
        for x in names
    )
    objects = "".join(f'<rpminfo_object id="o:{x}"><name>{x}</name></rpminfo_object>' for x in names)
    state = '<rpminfo_state id="s:2"><evr operation="less than">0:2-1.el8</evr></rpminfo_state>'
    return f"{tests}</tests><objects>{objects}</objects><states>{state}</states>"


def _oval_products(n: int) -> Callable[[], object]:
    """One of n packages, and one of n others."""
    ors = [
        '<criteria operator="OR">'
        + "".join(
            f'<criterion test_ref="t:{side}{i}" comment="{side}{i} is earlier than 0:2-1.el8"/>' for i in range(n)
        )
        + "</criteria>"
        for side in "ab"
    ]
    return _oval(_definition(1, _EL8 + "".join(ors)), _tests([f"{side}{i}" for side in "ab" for i in range(n)]))


def _oval_variables(n: int) -> Callable[[], object]:
    """A variable of n packages, and n definitions of it."""
    definitions = "".join(_definition(i, _EL8 + f'<criterion test_ref="t:v" comment="v {i}"/>') for i in range(n))
    values = "".join(f"<value>p{i}</value>" for i in range(n))
    parts = (
        '<rpminfo_test id="t:v" check="at least one"><object object_ref="o:v"/><state state_ref="s:2"/>'
        "</rpminfo_test></tests>"
        '<objects><rpminfo_object id="o:v"><name var_ref="v:v" var_check="at least one"/></rpminfo_object></objects>'
        '<states><rpminfo_state id="s:2"><evr operation="less than">0:2-1.el8</evr></rpminfo_state></states>'
        f'<variables><constant_variable id="v:v">{values}</constant_variable></variables>'
    )
    return _oval(definitions, parts)


def _oval_cves(n: int) -> Callable[[], object]:
    """A definition of n CVEs, a criterion and n vectors of each."""
    either = "".join(
        f'<criterion test_ref="t:p{i}" comment="(CVE-2024-{i:04}) p{i} is earlier than 0:2-1.el8"/>' for i in range(n)
    )
    about = (
        "<advisory>"
        + "".join(
            f'<cve cvss3="5.5/CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H">CVE-2024-{i:04}</cve>' for i in range(n)
        )
        + "</advisory>"
    )
    about = "".join(f'<reference source="x" ref_id="x" ref_url="https://example.org/{i}"/>' for i in range(n)) + about
    return _oval(
        _definition(1, _EL8 + f'<criteria operator="OR">{either}</criteria>', about),
        _tests([f"p{i}" for i in range(n)]),
    )


def _oval_platforms(n: int) -> Callable[[], object]:
    """A definition of n platforms, and n packages."""
    either = "".join(f'<criterion test_ref="t:p{i}" comment="p{i} is earlier than 0:2-1.el8"/>' for i in range(n))
    about = "<affected>" + "<platform>Red Hat Enterprise Linux 8</platform>" * n + "</affected>"
    about += (
        "<advisory><affected_cpe_list>"
        + "<cpe>cpe:/o:redhat:enterprise_linux:8</cpe>" * n
        + "</affected_cpe_list></advisory>"
    )
    return _oval(
        _definition(1, f'<criteria operator="OR">{either}</criteria>', about), _tests([f"p{i}" for i in range(n)])
    )


def _osv(n: int) -> Callable[[], object]:
    """A record of n aliases and n entries."""
    record = {
        "id": "ALSA-2024:1",
        "modified": "2024-01-02T00:00:00Z",
        "aliases": [f"CVE-2024-{i:04}" for i in range(n)],
        "related": [f"CVE-2023-{i:04}" for i in range(n)],
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": f"p{i}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1"}]}],
            }
            for i in range(n)
        ],
    }
    return _feed(json.dumps(record), "ALSA-2024:1.json")


def _osv_events(n: int) -> Callable[[], object]:
    """A range of n events."""
    events = [e for i in range(n) for e in ({"introduced": f"{i}-1"}, {"fixed": f"{i}-2"})]
    record = {
        "id": "ALSA-2024:1",
        "modified": "2024-01-02T00:00:00Z",
        "aliases": ["CVE-2024-0001"],
        "affected": [
            {"package": {"ecosystem": "AlmaLinux:9", "name": "p"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    }
    return _feed(json.dumps(record), "ALSA-2024:1.json")


#: From how many on a product is beyond its bound.
_BEYOND = {"_oval_products": 260, "_oval_variables": 260, "_usn": 120}

_SHAPES = [
    *(_aliases, _documentation, _lint_of_one_advisory),
    *(_lint_contradictions, _lint_ranges, _lint_beginnings, _merging, _epochs_of_a_source, _matching),
    *(
        _statements_of_one,
        _rules_and_packages,
        _products_of_one,
        _usn,
        _updateinfo,
        _updateinfo_nested,
        _osv,
        _osv_events,
    ),
    *(_csaf_vulnerabilities, _csaf_broken, _csaf_groups, _csaf_negatives),
    *(_oval_products, _oval_variables, _oval_cves, _oval_platforms),
]


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape, _BEYOND.get(shape.__name__, 60))


def test_criteria_beyond_the_limit_are_lost_alone() -> None:
    """The definition beside them is kept, and the release of what is lost is known."""
    sides = "".join(
        '<criteria operator="OR">' + f'<criterion test_ref="t:a" comment="{side}"/>' * 300 + "</criteria>"
        for side in "ab"
    )
    small = _definition(2, _EL8 + '<criterion test_ref="t:a" comment="a is earlier than 0:2-1.el8"/>')
    items = _oval(_definition(1, _EL8 + sides) + small, _tests(["a"]))()
    assert isinstance(items, list)
    kept = [one for one in items if isinstance(one, Advisory)]
    (lost,) = [one for one in items if isinstance(one, Rejection)]
    assert [one.cves for one in kept] == [("CVE-2024-0002",)]
    assert "--limit expansions=NUMBER" in lost.why
    assert {loss.distribution for loss in lost.losses or ()} == {Distribution("rhel", "8")}


def test_groups_beyond_the_limit() -> None:
    listed = {"known_affected": ["P:p0"]}
    remedies = [{"category": "no_fix_planned", "details": "d", "group_ids": ["G"]}]
    grouped = {"cve": "CVE-2024-0001", "product_status": listed, "remediations": remedies}
    beside = {"cve": "CVE-2024-0002", "product_status": {"fixed": ["P:p1"]}}
    group = {"group_id": "G", "product_ids": ["P:p0", "P:p1"]}
    items = _csaf(2, [grouped, beside], _NO_FREE, product_groups=[group])()
    assert isinstance(items, list)
    (lost,) = [one for one in items if isinstance(one, Rejection)]
    assert "--limit expansions=NUMBER" in lost.why
    assert [loss.package for loss in lost.losses or ()] == ["p0"]
    assert [one.cves for one in items if isinstance(one, Advisory)] == [("CVE-2024-0002",)]


def test_groups_of_statements_beyond_the_limit() -> None:
    """A thousand and one flags, each for the group of a thousand products. That vulnerability alone is refused."""
    head = {"category": "csaf_vex", "csaf_version": "2.0", "tracking": {}, "publisher": {"name": "a"}}
    flags = [{"label": "component_not_present", "group_ids": ["G"]}] * 1001
    document = {
        "document": head,
        "product_tree": {"product_groups": [{"group_id": "G", "product_ids": ["p"] * 1000}]},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "flags": flags}, {"cve": "CVE-2024-0002"}],
    }
    with pytest.raises(EmptySource, match=r"the first of 1 refused: .*groups of more than 1000000 products"):
        _statements(document)()


_DEEP = 10_000
_NESTED = {
    "criteria": '<oval_definitions xmlns="urn:o"><definitions><definition class="patch" id="a"><metadata/>'
    + "<criteria>" * _DEEP
    + "</criteria>" * _DEEP
    + "</definition></definitions></oval_definitions>",
    "branches": '{"document":{"category":"csaf_vex","csaf_version":"2.0","tracking":{"id":"C"}},'
    '"product_tree":{"branches":[' + '{"branches":[' * _DEEP + "]}" * _DEEP + "]}}",
}


@pytest.mark.parametrize("data", _NESTED.values(), ids=_NESTED)
def test_nested_very_deep(data: str) -> None:
    (lost,) = feeds.read_stream(BytesIO(data.encode()), "a.xml")
    assert isinstance(lost, Rejection)
    assert "deep" in lost.why


@pytest.mark.parametrize("end", ["p", "c0"])
def test_joins_in_a_long_chain_or_a_circle(end: str) -> None:
    """No product at the end of it is one of a release that is known."""
    ids = [f"c{i}" for i in range(_DEEP)]
    chain = [
        {
            "full_product_name": {"product_id": id, "name": "x"},
            "product_reference": "p0",
            "relates_to_product_reference": after,
        }
        for id, after in zip(ids, [*ids[1:], end], strict=True)
    ]
    items = _csaf(1, [{"cve": "CVE-2024-0001", "product_status": {"fixed": ids}}], relationships=chain)()
    assert isinstance(items, list)
    # The last one is joined with what the document does not describe, unless that is joined itself.
    refused = [one.why for one in items if isinstance(one, Rejection)]
    assert [why.partition(":")[0] for why in refused] == ["a product that the document does not describe"] * (
        end == "p"
    )
    assert sum(isinstance(one, Skip) for one in items) == _DEEP - len(refused)


def test_more_pockets_than_ubuntu_has() -> None:
    items = _usn(101)()
    assert isinstance(items, list)
    (lost,) = [one for one in items if isinstance(one, Rejection)]
    assert lost.why == "more pockets than 100"
    assert [loss.distribution for loss in lost.losses or ()] == [Distribution("ubuntu", "22.04")]


def test_a_negative_record_beside_very_many() -> None:
    """What is not compared is a flaw."""
    no = advisory("N", affected("bash", None, negative=True, ranges=()), cves=["CVE-2024-0001"])
    yes = [advisory(f"Y-{i}", affected("bash", "2-1"), cves=["CVE-2024-0001"]) for i in range(1005)]
    flaws = [one.why for one in flaws_of([record_of(it, it.affected[0]) for it in (no, *yes)])]
    assert len(flaws) == 1001
    assert flaws[0].endswith("1005 records have as affected: 5 of them are not compared")


def test_a_flaw_lists_so_many_vulnerabilities() -> None:
    entries = affected("bash", None, negative=True, ranges=()), affected("bash", "2-1")
    one = advisory("A", *entries, cves=[f"CVE-2024-{i:04}" for i in range(103)])
    (flaw,) = flaws_of([record_of(one, entry) for entry in entries])
    assert "CVE-2024-0099 and 3 more, but affected in A" in flaw.why
