"""The OVAL reader on small documents: what a tree becomes, and what is refused, whole."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories import Feed, match
from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Extent,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
    Rejection,
    Skip,
)
from advisories.models.reading import Loss
from advisories.readers.feeds import oval, oval_criteria, oval_documents, oval_entries
from advisories.readers.feeds.oval_criteria import Known
from advisories.readers.feeds.oval_documents import Definition
from advisories.readers.feeds.oval_entries import Made
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

RHEL8 = Distribution("rhel", "8")

# A test of each sort; criteria are made of them.
PARTS = """
<tests>
  <rpminfo_test id="t:acl" check="at least one"><object object_ref="o:acl"/><state state_ref="s:2"/></rpminfo_test>
  <rpminfo_test id="t:acl-signed" check="at least one"><object object_ref="o:acl"/><state state_ref="s:signed"/>
  </rpminfo_test>
  <rpminfo_test id="t:acl-from" check="at least one"><object object_ref="o:acl"/><state state_ref="s:from"/>
  </rpminfo_test>
  <rpminfo_test id="t:acl-last" check="at least one"><object object_ref="o:acl"/><state state_ref="s:last"/>
  </rpminfo_test>
  <rpminfo_test id="t:acl-is" check="at least one"><object object_ref="o:acl"/><state state_ref="s:is"/></rpminfo_test>
  <rpminfo_test id="t:acl-any" check="at least one"><object object_ref="o:acl"/></rpminfo_test>
  <rpminfo_test id="t:acl-pattern" check="at least one"><object object_ref="o:pattern"/></rpminfo_test>
  <rpminfo_test id="t:acl-greater" check="at least one"><object object_ref="o:acl"/><state state_ref="s:greater"/>
  </rpminfo_test>
  <rpminfo_test id="t:acl-version" check="at least one"><object object_ref="o:acl"/><state state_ref="s:version"/>
  </rpminfo_test>
  <rpminfo_test id="t:acl-none" check="none satisfy"><object object_ref="o:acl"/><state state_ref="s:2"/></rpminfo_test>
  <rpminfo_test id="t:acl-missing" check="all" check_existence="none_exist"><object object_ref="o:acl"/></rpminfo_test>
  <rpminfo_test id="t:ksplice" check="at least one"><object object_ref="o:acl"/><state state_ref="s:ksplice"/>
  </rpminfo_test>
  <rpminfo_test id="t:host-arch" check="at least one"><object object_ref="o:release"/><state state_ref="s:arch"/>
  </rpminfo_test>
  <textfilecontent54_test id="t:file" check="all"/>
  <rpminfo_test id="t:two" check="at least one"><object object_ref="o:two"/><state state_ref="s:2"/></rpminfo_test>
  <rpminfo_test id="t:built" check="at least one"><object object_ref="o:bash"/><state state_ref="s:built"/>
  </rpminfo_test>
  <rpminfo_test id="t:bash" check="at least one"><object object_ref="o:bash"/><state state_ref="s:2"/></rpminfo_test>
  <rpmverifyfile_test id="t:el8" check="at least one"/>
  <rpmverifyfile_test id="t:no-el8" check="none satisfy"/>
  <textfilecontent54_test id="t:module" check="all"/>
  <uname_test id="t:uname" check="at least one"><object object_ref="o:uname"/><state state_ref="s:uname"/></uname_test>
  <family_test id="t:family" check="all"/>
</tests>
<objects>
  <rpminfo_object id="o:acl"><name>acl</name></rpminfo_object>
  <rpminfo_object id="o:release"><name>oraclelinux-release</name></rpminfo_object>
  <rpminfo_object id="o:bash"><name>bash</name></rpminfo_object>
  <rpminfo_object id="o:two"><name var_ref="v:two" var_check="at least one"/></rpminfo_object>
  <uname_object id="o:uname"/>
  <rpminfo_object id="o:pattern"><name operation="pattern match">^acl.*</name></rpminfo_object>
</objects>
<states>
  <rpminfo_state id="s:2"><arch operation="pattern match">aarch64|x86_64</arch>
    <evr datatype="evr_string" operation="less than">0:2-1.el8</evr></rpminfo_state>
  <rpminfo_state id="s:from"><evr operation="greater than or equal">0:1-1.el8</evr></rpminfo_state>
  <rpminfo_state id="s:last"><evr operation="less than or equal">1:2-1.el8</evr></rpminfo_state>
  <rpminfo_state id="s:is"><evr operation="equals">0:2-1.el8</evr></rpminfo_state>
  <rpminfo_state id="s:greater"><evr operation="greater than">0:2-1.el8</evr></rpminfo_state>
  <rpminfo_state id="s:ksplice"><release operation="pattern match">ksplice</release></rpminfo_state>
  <rpminfo_state id="s:arch"><arch operation="pattern match">aarch64</arch></rpminfo_state>
  <rpminfo_state id="s:version"><version operation="less than">2</version></rpminfo_state>
  <uname_state id="s:uname"><os_release operation="pattern match">4[.]18</os_release></uname_state>
  <rpminfo_state id="s:built"><evr operation="less than">0:2-1.module+el8.1.0+1+a</evr></rpminfo_state>
  <rpminfo_state id="s:signed"><signature_keyid operation="equals">0123456789abcdef</signature_keyid></rpminfo_state>
</states>
<variables><constant_variable id="v:two"><value>one</value><value>other</value></constant_variable></variables>
"""
EL8 = '<criterion test_ref="t:el8" comment="Red Hat Enterprise Linux 8 is installed"/>'
ACL = '<criterion test_ref="t:acl" comment="acl is earlier than 0:2-1.el8"/>'


def definition(criteria: str, *, id: str = "oval:test:def:1", kind: str = "patch", metadata: str = "") -> str:
    return (
        f'<definition class="{kind}" id="{id}"><metadata><title>a title</title>'
        '<reference source="RHSA" ref_id="RHBA-2019:4268" ref_url="https://example.org/a"/>'
        f'<reference source="CVE" ref_id="CVE-2019-10195" ref_url="https://example.org/b"/>{metadata}</metadata>'
        f"<criteria>{criteria}</criteria></definition>"
    )


def document(*definitions: str, name: str = "a.xml", head: str = "") -> Document:
    body = f"<definitions>{''.join(definitions)}</definitions>{PARTS}"
    text = f'{head}<oval_definitions xmlns="urn:o">{body}</oval_definitions>'
    return Document(name, name, text.encode(), alone=True)


def read(*definitions: str, name: str = "a.xml") -> list[Advisory | Rejection | Skip]:
    return list(oval.read(document(*definitions, name=name), DEFAULT_LIMITS))


def entries(criteria: str) -> tuple[Affected, ...]:
    (item,) = read(definition(criteria))
    assert isinstance(item, Advisory), item
    return item.affected


def entry(name: str = "acl", *ranges: Range, **more: object) -> Affected:
    expected: dict[str, object] = {"ranges": ranges or (Range(fixed="2-1.el8"),), "fix_state": FixState.FIXED}
    expected |= {"arches": () if ranges else ("aarch64", "x86_64"), "module": NO_MODULE} | more
    return Affected(name, "rpm", RHEL8, Names.BINARY, **expected)  # type: ignore[arg-type]


def criterion(test: str, comment: str = "") -> str:
    return f'<criterion test_ref="t:{test}" comment="{comment}"/>'


def any_of(*nodes: str) -> str:
    return f'<criteria operator="OR">{"".join(nodes)}</criteria>'


def test_what_a_definition_becomes() -> None:
    metadata = (
        "<advisory><severity>Moderate</severity><issued date='2019-12-17'/><updated date='2019-12-18 10:00:00 UTC'/>"
        "<cve cvss3='5.7/CVSS:3.0/AV:N/AC:L/PR:L/UI:R/S:U/C:H/I:N/A:N'>CVE-2019-10195</cve></advisory>"
    )
    (one,) = read(definition(EL8 + ACL, metadata=metadata))
    assert isinstance(one, Advisory)
    assert (one.id, one.aliases, one.kind, one.cves) == (
        "RHBA-2019:4268",
        ("oval:test:def:1",),
        Kind.BUGFIX,
        ("CVE-2019-10195",),
    )
    assert (one.database, one.rating) == ("rhel", "moderate")
    assert (one.published, one.modified) == (
        datetime(2019, 12, 17, tzinfo=UTC),
        datetime(2019, 12, 18, 10, tzinfo=UTC),
    )
    (severity,) = one.severities
    assert (severity.type, severity.score[:8]) == ("CVSS_V3", "CVSS:3.0")
    assert [reference.url for reference in one.references] == ["https://example.org/a", "https://example.org/b"]
    (same,) = read(definition(EL8 + ACL, kind="vulnerability"))
    assert isinstance(same, Advisory)
    assert (same.id, same.aliases, same.kind) == ("oval:test:def:1", (), Kind.SECURITY)


ISSUED = "<advisory><issued date='2019-12-17'/></advisory>"


@pytest.mark.parametrize(
    ("kind", "metadata", "modified"),
    [
        ("patch", "", datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("patch", ISSUED, datetime(2019, 12, 17, tzinfo=UTC)),
        # The date of a vulnerability is when its CVE was published: nothing of the record.
        ("vulnerability", ISSUED, datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)),
    ],
)
def test_a_definition_without_its_own_date_has_the_documents(kind: str, metadata: str, modified: datetime) -> None:
    made = "<generator><schema_version>5.10</schema_version><timestamp>2020-02-03T04:05:06</timestamp></generator>"
    whole = document(definition(EL8 + ACL, kind=kind, metadata=metadata))
    for generator, expected in ((made, modified), ("<generator><timestamp>soon</timestamp></generator>", None)):
        data = whole.data.replace(b"<definitions>", generator.encode() + b"<definitions>")
        (one,) = oval.read(evolve(whole, data=data), DEFAULT_LIMITS)
        assert isinstance(one, Advisory)
        assert one.modified == (expected or (one.published if kind == "patch" else None))


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (EL8 + ACL, (entry(),)),
        (EL8 + ACL + criterion("acl-signed", "acl is signed with Red Hat redhatrelease2 key"), (entry(),)),
        (EL8 + criterion("uname", "kernel earlier than 2 is currently running") + ACL, (entry(),)),
        (EL8 + criterion("module", "Module idm:DL1 is enabled") + ACL, (entry(module=Module.of("idm:DL1")),)),
        (EL8 + any_of(ACL, criterion("bash")), (entry(), entry("bash"))),
        (EL8 + any_of(ACL, ACL), (entry(),)),
        (EL8 + criterion("two"), (entry("one"), entry("other"))),
        (EL8 + criterion("acl-from"), (entry("acl", Range("1-1.el8"), fix_state=FixState.UNKNOWN),)),
        (
            EL8 + criterion("acl-last"),
            (entry("acl", Range(last_affected="1:2-1.el8"), fix_state=FixState.UNKNOWN),),
        ),
        (
            EL8 + criterion("acl-any", "acl package is affected, but a decision has been made to defer addressing it"),
            (entry("acl", Range(), fix_state=FixState.DEFERRED),),
        ),
        (
            EL8 + criterion("built"),
            (entry("bash", Range(fixed="2-1.module+el8.1.0+1+a"), module=UNKNOWN_MODULE),),
        ),
    ],
)
def test_trees(criteria: str, expected: tuple[Affected, ...]) -> None:
    assert entries(criteria) == expected


@pytest.mark.parametrize(("words", "state"), fix_states(Vocabulary.UBUNTU_OVAL).items(), ids=str)
def test_the_words_of_a_comment(words: str, state: FixState) -> None:
    """Rule 10: each is read as the published table says."""
    expected = entry("acl", Range(), fix_state=state)
    assert entries(EL8 + criterion("acl-any", f"acl package {words} x")) == (expected,)


def test_a_release_by_its_file() -> None:
    file = criterion("file", "Red Hat Enterprise Linux 8 is installed")
    assert entries(file + criterion("acl")) == (entry(),)


def test_the_hosts_architecture_and_the_packages_flavour() -> None:
    """As Oracle asks: the architecture of the release package; ksplice by the package's release (rule 7)."""
    asked = criterion("host-arch") + criterion("acl-from") + criterion("acl-signed") + criterion("ksplice")
    (found,) = entries(EL8 + asked)
    assert (found.package, found.arches, found.ranges) == ("acl", ("aarch64",), (Range("1-1.el8"),))
    (refused,) = read(definition(EL8 + criterion("host-arch")))
    assert isinstance(refused, Rejection)
    assert refused.why == "is true without any package"


def test_oracles_ksplice(unpacked: Callable[[str], Path]) -> None:
    (path,) = unpacked("feeds/vunnel-testdata").rglob("mock_ksplice_data")
    (item,) = oval.read(Document("a.xml", "a.xml", path.read_bytes(), alone=True), DEFAULT_LIMITS)
    assert isinstance(item, Advisory)
    assert item.id == "ELSA-2021-9151"
    fixed = Range(fixed="2:1.1.1g-15.ksplice1.el8_3")
    names = {"openssl", "openssl-devel", "openssl-libs", "openssl-perl"}
    by_arch = {"aarch64": names | {"openssl-debugsource", "openssl-static"}, "x86_64": names}
    expected = {(name, arch): (Distribution("ol", "8"), (fixed,)) for arch in by_arch for name in by_arch[arch]}
    found = {(one.package, *one.arches): (one.distribution, one.ranges) for one in item.affected}
    assert found == expected
    # Rule 7: the build without ksplice is another line, whatever its version.
    plain = Package("rpm", "openssl-libs", "1:1.1.1g-12.el8_3", "x86_64")
    spliced = Package("rpm", "openssl-libs", "2:1.1.1g-12.ksplice1.el8_3", "x86_64")
    findings = match(Inventory(Distribution("ol", "8.3"), (plain, spliced)), Feed([item]))
    assert {finding.package for finding in findings} == {spliced}


def test_a_release_that_must_not_be_there_adds_nothing() -> None:
    inner = f'<criteria operator="AND">{EL8}{ACL}</criteria>'
    tree = any_of(criterion("no-el8", "Red Hat Enterprise Linux must be installed"), inner)
    assert entries(tree) == (entry(),)


def test_one_version_is_listed_not_a_range() -> None:
    (one,) = entries(EL8 + criterion("acl-is"))
    assert (one.ranges, one.versions) == ((), ("2-1.el8",))


@pytest.mark.parametrize(
    ("criteria", "why"),
    [
        (EL8, "is true without any package"),
        (ACL, "has no release"),
        (EL8 + ACL + criterion("bash"), "needs acl and bash together"),
        (EL8 + ACL + criterion("acl-last"), "two versions of acl together (acl of rhel 8)"),
        (EL8 + criterion("nothing"), "test t:nothing is not there"),
        (EL8 + criterion("acl-pattern"), "object o:pattern does not name packages one by one"),
        (EL8 + criterion("acl-version"), "state s:version: version by operation 'less than' of '2'"),
        (EL8 + criterion("acl-none"), "a test of acl that needs at_least_one_exists, none satisfy"),
        (EL8 + criterion("acl-missing"), "is true without any package"),
        (EL8 + criterion("acl-missing") + criterion("bash"), "needs acl not to be installed (bash of rhel 8)"),
        (EL8 + criterion("uname"), "is about the kernel that runs as 4[.]18 alone (a kernel of rhel 8)"),
        (EL8 + criterion("family", "is it unix?"), "a family test: 'is it unix?'"),
        (EL8 + ACL.replace("<criterion", '<criterion negate="true"'), "a negated criterion"),
        (EL8 + f'<criteria operator="XOR">{ACL}</criteria>', "criteria joined by XOR"),
        (EL8 + '<extend_definition definition_ref="oval:test:def:9"/>', "extends oval:test:def:9, which is no"),
        ("<criteria>" * 99 + ACL + "</criteria>" * 99, "criteria nested more than 64 deep"),
        (EL8 + any_of(*[ACL] * 1000) * 2, "criteria of more than 200000 clauses"),
    ],
)
def test_what_does_not_fit_is_refused_whole(criteria: str, why: str) -> None:
    refused, kept = read(definition(criteria, id="oval:test:def:7"), definition(EL8 + ACL))
    assert isinstance(refused, Rejection)
    assert (refused.position, refused.what, refused.extent) == ("oval:test:def:7", "a title", Extent.RECORD)
    assert refused.why.startswith(why)
    assert isinstance(kept, Advisory)


def test_a_way_that_does_not_fit_is_a_part_of_a_definition_that_is_kept() -> None:
    """What is lost names the packages and the release."""
    both = f'<criteria operator="AND">{ACL}{criterion("bash")}</criteria>'
    kept, part = read(definition(EL8 + any_of(ACL, both)))
    assert isinstance(kept, Advisory)
    assert kept.affected == (entry(),)
    assert isinstance(part, Rejection)
    assert (part.extent, part.position, part.what) == (Extent.PART, "oval:test:def:1", "a title")
    assert part.why == "needs acl and bash together (acl, bash of rhel 8)"
    assert part.losses == (Loss("acl", RHEL8), Loss("bash", RHEL8))


def test_what_is_lost_with_a_whole_definition() -> None:
    """The package and the release as far as they are known, and the id, which may come from elsewhere as well."""
    id = "oval:test:def:7"
    platform = "<affected><platform>Red Hat Enterprise Linux 8</platform></affected>"
    cases = [
        (EL8 + criterion("acl-none"), "", Loss("acl", RHEL8, id)),
        (EL8 + criterion("acl-version"), "", Loss("acl", RHEL8, id)),
        (EL8 + ACL.replace("<criterion", '<criterion negate="true"'), "", Loss("acl", RHEL8, id)),
        (EL8 + f'<criteria negate="true">{ACL}</criteria>', "", Loss("acl", RHEL8, id)),
        (EL8 + f'<criteria operator="ONE">{ACL}</criteria>', "", Loss("acl", RHEL8, id)),
        (EL8 + criterion("nothing"), "", Loss(None, RHEL8, id)),
        (ACL, "", Loss("acl", None, id)),
        ("<criteria>" * 99 + ACL + "</criteria>" * 99, platform, Loss(None, RHEL8, id)),
        ("<criteria>" * 99 + ACL + "</criteria>" * 99, "", Loss(None, None, id)),
    ]
    for criteria, metadata, loss in cases:
        (refused,) = read(definition(criteria, id=id, metadata=metadata))
        assert isinstance(refused, Rejection)
        assert refused.losses == (loss,), criteria


def test_a_definition_without_criteria_is_about_no_package_of_suse_and_lost_of_others() -> None:
    platform = "<affected><platform>Red Hat Enterprise Linux 8</platform></affected>"
    suse = definition("", id="oval:org.opensuse.security:def:20213507").replace("<criteria></criteria>", "")
    other = definition("", id="oval:com.redhat.rhsa:def:1", metadata=platform).replace("<criteria></criteria>", "")
    skip, refused = read(suse, other)
    assert isinstance(skip, Skip)
    assert (skip.why, skip.losses) == ("a definition without criteria: it is about no package", ())
    assert isinstance(refused, Rejection)
    assert refused.why == "a definition without criteria"
    assert refused.losses == (Loss(None, RHEL8, "oval:com.redhat.rhsa:def:1"),)


def test_a_deprecated_definition_is_skipped() -> None:
    (skip,) = read(definition(EL8 + ACL).replace("<definition ", '<definition deprecated="true" '))
    assert isinstance(skip, Skip)
    assert skip.why == "a deprecated definition: it holds no more"


def test_a_product_that_is_not_known_is_skipped() -> None:
    manager = criterion("el8", "SUSE Manager Server 4.3 is installed")
    kept, skip = read(definition(f'<criteria operator="OR">{EL8}{manager}</criteria>{ACL}'))
    assert isinstance(kept, Advisory)
    assert kept.affected == (entry(),)
    assert isinstance(skip, Skip)
    assert skip.why == "product SUSE Manager Server 4.3: no release of a distribution that is known"


def test_the_name_of_the_file_says_the_release_where_nothing_else_does() -> None:
    (kept,) = read(definition(ACL), name="cbl-mariner-2.0-oval.xml")
    assert isinstance(kept, Advisory)
    assert [one.distribution for one in kept.affected] == [Distribution("mariner", "2.0")]


def test_a_date_that_is_none_is_told_and_its_definition_kept() -> None:
    kept, part = read(definition(EL8 + ACL, metadata="<advisory><issued date='99999-01-01'/></advisory>"))
    assert isinstance(kept, Advisory)
    assert isinstance(part, Rejection)
    assert (part.why, part.extent) == ("not a date: '99999-01-01'", Extent.PART)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE o SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_not_read(head: str) -> None:
    (refused,) = oval.read(document(definition(EL8 + ACL), head=head), DEFAULT_LIMITS)
    assert isinstance(refused, Rejection)
    assert refused.why == "a document type declaration: entities are not read"


@pytest.mark.parametrize("data", [b"", b"oval_definitions", b"<oval_definitions", b"\xff\xfe<", b"<a>\xff</a>"])
def test_no_xml(data: bytes) -> None:
    (refused,) = oval.read(Document("a", "a-oval.xml", data, alone=True), DEFAULT_LIMITS)
    assert isinstance(refused, Rejection)
    assert refused.why.startswith("not XML: ")
    assert refused.position.startswith("line ")


def test_what_is_lost_behind_damage_is_of_the_releases_in_their_order() -> None:
    platforms = "".join(f"<platform>Oracle Linux {number}</platform>" for number in (9, 5, 8, 6, 7))
    whole = document(definition(EL8 + ACL, metadata=f"<affected>{platforms}</affected>")).data
    *_, broken = oval.read(
        Document("a", "a.xml", whole.replace(b"</definitions>", b"</end>"), alone=True), DEFAULT_LIMITS
    )
    assert isinstance(broken, Rejection)
    assert [str(loss.distribution) for loss in broken.lost] == ["ol 9", "ol 5", "ol 8", "ol 6", "ol 7"]


@given(st.data())
def test_a_truncated_document_loses_no_definition_in_silence(data: st.DataObject) -> None:
    whole = document(definition(EL8 + ACL), definition(EL8 + criterion("bash"), id="oval:test:def:2")).data
    cut = data.draw(st.integers(1, len(whole) - 1))
    items = list(oval.read(Document("a", "a.xml", whole[:cut], alone=True), DEFAULT_LIMITS))
    assert isinstance(items[-1], Rejection)
    assert items[-1].why.startswith("not XML: ")
    ended = whole[:cut].count(b"</definition>")
    assert len(items) == ended + 1


def test_elements_nested_very_deep() -> None:
    deep = "<criteria>" * 100_000 + "</criteria>" * 100_000
    refused, kept = read(definition(deep, id="oval:test:def:7"), definition(EL8 + ACL))
    assert isinstance(refused, Rejection)
    assert isinstance(kept, Advisory)


TESTS_OF_ACL = (
    "acl",
    "acl-signed",
    "acl-from",
    "acl-last",
    "acl-is",
    "acl-any",
    "acl-greater",
    "acl-none",
    "acl-missing",
)


class Forgetful(dict[object, object]):
    """A dictionary that keeps nothing."""

    def __setitem__(self, key: object, value: object) -> None:
        pass


def forgetful_facts(made: Made, definition: Definition) -> object:
    facts = oval_entries._Facts(definition, 0)
    object.__setattr__(facts, "of_clauses", Forgetful())
    return facts


def joined(operator: str, negate: str, nodes: list[str]) -> str:
    return f'<criteria operator="{operator}" {negate}>{"".join(nodes)}</criteria>'


NEGATE = st.sampled_from(["", "", "", 'negate="true"'])
CRITERION = st.builds(
    lambda test, comment, negate: f'<criterion test_ref="t:{test}" comment="{comment}" {negate}/>',
    st.sampled_from((*TESTS_OF_ACL, "bash", "bash-signed", "el8")),
    st.sampled_from(["", "(CVE-2024-0001) x", "Red Hat Enterprise Linux 8 is installed"]),
    NEGATE,
)
OPERATORS = st.sampled_from(["AND", "OR", "OR", "XOR"])
CRITERIA = st.recursive(
    CRITERION, lambda nodes: st.builds(joined, OPERATORS, NEGATE, st.lists(nodes, max_size=3)), max_leaves=8
)


@settings(max_examples=examples(300), deadline=None)
@given(st.data(), st.lists(CRITERIA, min_size=1, max_size=6), st.sampled_from([1, 40, 200, 1_000_000]))
def test_what_definitions_share_changes_nothing(data: st.DataObject, criteria: list[str], expansions: int) -> None:
    """Clauses and entries are made once for all definitions of a document, and count for each against the limit."""
    ways = data.draw(st.lists(st.lists(st.sampled_from(criteria), max_size=4), min_size=2, max_size=6))
    definitions = [definition(EL8 + any_of(*nodes), id=f"oval:test:def:{number}") for number, nodes in enumerate(ways)]
    limits = evolve(DEFAULT_LIMITS, expansions=expansions)
    shared = list(oval.read(document(*definitions), limits))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oval_documents, "_FREE", 1)
        shared_of_less = list(oval.read(document(*definitions), limits))
        patch.setattr(oval_criteria, "_PAIRS", 0)
        patch.setattr(Known, "of_nodes", Forgetful(), raising=False)
        patch.setattr(Known, "__init__", lambda self: setattr(self, "_pairs", {}))
        patch.setattr(Made, "__init__", lambda self: setattr(self, "entries", Forgetful()))
        patch.setattr(Made, "facts_of", forgetful_facts)
        assert list(oval.read(document(*definitions), limits)) == shared_of_less
        patch.setattr(oval_documents, "_FREE", 64)
        assert list(oval.read(document(*definitions), limits)) == shared


def test_criteria_in_criteria_hold_their_clauses_once() -> None:
    """60 levels of one operator around the same thousand criteria, in definitions that differ."""

    def most_memory(levels: int) -> int:
        many = "".join(criterion("acl", f"comment {number}") for number in range(1_000))
        nested = "<criteria operator='OR'>" * levels + many + "</criteria>" * levels
        one = document(
            *(definition(EL8 + any_of(criterion("acl", f"of {n}")) + nested, id=f"d:{n}") for n in range(20))
        )
        tracemalloc.start()
        try:
            assert len(list(oval.read(one, DEFAULT_LIMITS))) == 20
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most_memory(1)
    assert most_memory(60) < 1.5 * most_memory(1)
