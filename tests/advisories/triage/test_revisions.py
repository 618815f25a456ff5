"""Revisions of one VEX document: what a later one withdrew suppresses nothing, in whatever order they are given."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from hypothesis import given
from hypothesis import strategies as st
from places import EXAMPLE

from advisories import Feed, match, read_statements
from advisories.cli import main
from advisories.models import Findings
from advisories.models.statements import Product, Revision, Statement, StatementStatus
from advisories.readers.statements import Statements, purl_of
from advisories.triage.pipeline import triage
from advisories.triage.revisions import standing_of
from advisories.triage.suppress import Outcome, suppress

DAY = date(2026, 1, 1)
FEED = Feed([advisory("ALSA-1", affected("bash", "5.2-1.el9"), cves=("CVE-2024-1", "CVE-2024-2"))])
HOST = host(rpm("bash", "5.1-1.el9"))
BASH = "pkg:rpm/almalinux/bash"

#: What a document states of the two vulnerabilities, in the words of OpenVEX.
Stated = dict[str, str]
Written = Callable[..., bytes]


def openvex(
    stated: Stated, version: Any = 1, *, id: str = "https://example.org/vex/1", when: str = "01", author: str = "A"
) -> bytes:
    statements = [
        {"vulnerability": {"name": name}, "products": [{"@id": BASH}], "status": status, "impact_statement": "x"}
        for name, status in stated.items()
    ]
    head = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": id, "author": author, "version": version}
    return json.dumps({**head, "timestamp": f"2025-01-{when}T00:00:00Z", "statements": statements}).encode()


def csaf(stated: Stated, version: Any = "1", *, id: str = "X-1", when: str = "01", author: str = "A") -> bytes:
    words = {"not_affected": "known_not_affected", "affected": "known_affected"}
    product = {"product_id": "P", "name": "bash", "product_identification_helper": {"purl": BASH}}
    tracking = {
        "id": id,
        "version": version,
        "current_release_date": f"2025-01-{when}T00:00:00Z",
        "status": "draft" if version == "draft" else "final",
    }
    publisher = {"name": author, "namespace": "https://example.org"}
    return json.dumps(
        {
            "document": {
                "category": "csaf_vex",
                "csaf_version": "2.0",
                "publisher": publisher,
                "tracking": tracking,
            },
            "product_tree": {"full_product_names": [product]},
            "vulnerabilities": [
                {"cve": name, "product_status": {words[status]: ["P"]}} for name, status in stated.items()
            ],
        }
    ).encode()


SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"


def cyclonedx(stated: Stated, version: Any = 1, *, id: str = SERIAL, when: str = "01", author: str = "A") -> bytes:
    words = {"not_affected": "not_affected", "affected": "exploitable"}
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": id, "version": version}
    about = {"timestamp": f"2025-01-{when}T00:00:00Z", "authors": [{"name": author}]}
    found = [
        {"id": name, "analysis": {"state": words[status]}, "affects": [{"ref": BASH}]}
        for name, status in stated.items()
    ]
    return json.dumps({**head, "metadata": about, "vulnerabilities": found}).encode()


def cyclonedx_xml(stated: Stated, version: Any = 1, *, id: str = SERIAL, when: str = "01", author: str = "A") -> bytes:
    words = {"not_affected": "not_affected", "affected": "exploitable"}
    found = "".join(
        f"<vulnerability><id>{name}</id><analysis><state>{words[status]}</state></analysis>"
        f"<affects><target><ref>{BASH}</ref></target></affects></vulnerability>"
        for name, status in stated.items()
    )
    return f"""<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="{id}"
version="{version}"><metadata><timestamp>2025-01-{when}T00:00:00Z</timestamp>
<authors><author><name>{author}</name></author></authors></metadata>
<vulnerabilities>{found}</vulnerabilities></bom>""".encode()


WRITTEN: dict[str, Written] = {
    "openvex": openvex,
    "csaf": csaf,
    "cyclonedx": cyclonedx,
    "cyclonedx-xml": cyclonedx_xml,
}
FIRST, SECOND = "CVE-2024-1", "CVE-2024-2"
NO = "not_affected"


@pytest.fixture(params=WRITTEN)
def written(request: pytest.FixtureRequest) -> Written:
    return WRITTEN[request.param]


def read(*documents: bytes) -> list[Statements]:
    return [read_statements(BytesIO(one), name=f"{number}.json") for number, one in enumerate(documents)]


def kept(*documents: bytes) -> set[str]:
    """What of the two is kept: the same in whatever order the documents are, and in one source or several."""
    found: Findings = match(HOST, FEED)
    sources = read(*documents)
    ways = [sources, sources[::-1]]
    every = [one for source in sources for one in source.statements]
    revisions = [one for source in sources for one in source.revisions]
    ways.append([Statements(tuple(every), sources[0].report, tuple(revisions))])
    shown = [{one.vulnerability for one in triage(HOST, FEED, statements=way, on=DAY).shown} for way in ways]
    assert shown[0] == shown[1] == shown[2]
    if all(source.statements for source in sources):
        # The statements are enough where each revision has any.
        assert {one.vulnerability for one in suppress(found, every, DAY, HOST).kept} == shown[0]
    return shown[0]


def outcomes(*documents: bytes) -> list[str]:
    found = triage(HOST, FEED, statements=read(*documents), on=DAY)
    return [report.outcome.value for _, reports in found.by_source() for report in reports]


def test_what_a_later_revision_withdrew_is_kept(written: Written) -> None:
    old, new = written({FIRST: NO, SECOND: NO}), written({FIRST: NO}, 2, when="02")
    assert kept(old) == set()
    assert kept(new) == kept(old, new) == {SECOND}
    # Whoever signed it.
    assert kept(old, written({FIRST: NO}, 2, when="02", author="B")) == {SECOND}
    assert outcomes(old, new) == ["superseded", "superseded", "applied"]
    assert outcomes(old) == ["applied", "applied"]


def test_a_later_revision_has_another_word(written: Written) -> None:
    old, new = written({FIRST: NO}), written({FIRST: "affected"}, 2, author="B")
    assert kept(old, new) == {FIRST, SECOND}
    assert kept(written({FIRST: "affected"}, author="B"), written({FIRST: NO}, 2)) == {SECOND}
    # What it is silent about is still affected, whoever else has another word on it.
    of_others = written({FIRST: NO}, id=SERIAL.replace("3e67", "aaaa"), author="C")
    assert kept(written({FIRST: "affected"}), written({SECOND: NO}, 2), of_others) == {FIRST}
    assert kept(of_others, written({SECOND: NO}, 2)) == set()


@pytest.mark.parametrize(
    ("version", "later"), [(9, 10), ("9", "10"), ("1.9.0", "1.10.0"), ("1.0.0-rc.1", "1.0.0"), ("09", "10")]
)
def test_versions_are_no_texts(version: Any, later: Any) -> None:
    for one in (openvex, csaf):
        assert kept(one({FIRST: NO, SECOND: NO}, version), one({FIRST: NO}, later)) == {SECOND}


def test_revisions_without_statements(tmp_path: Path) -> None:
    for one in (openvex, csaf):
        assert kept(one({FIRST: NO}), one({}, 2)) == {FIRST, SECOND}
    # In a folder, a document of CycloneDX without vulnerabilities is skipped. It withdraws what it had.
    (tmp_path / "a.json").write_bytes(cyclonedx({FIRST: NO}))
    (tmp_path / "b.json").write_bytes(cyclonedx({}, 2))
    (tmp_path / "c.json").write_bytes(cyclonedx({SECOND: NO}, id=SERIAL.replace("3e67", "aaaa")))
    found = triage(HOST, FEED, statements=[read_statements(tmp_path)], on=DAY)
    assert [one.vulnerability for one in found.shown] == [FIRST]


def test_a_later_revision_that_is_refused_withdraws_all(tmp_path: Path) -> None:
    """Nobody knows what it has."""
    (tmp_path / "a.json").write_bytes(openvex({FIRST: NO}))
    (tmp_path / "b.json").write_bytes(openvex({FIRST: NO}, 2).replace(b"v0.2.0", b"v9.0.0"))
    statements = read_statements(tmp_path)
    assert statements.report.rejected == 1
    assert len(triage(HOST, FEED, statements=[statements], on=DAY).shown) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [((None, "01"), (2, "02")), (("x", "01"), ("y", "02")), (("1", "01"), ("1.0.1", "02")), ((2, "01"), (1, "02"))],
    ids=["no version", "words", "of two kinds", "dated otherwise"],
)
def test_without_an_order_only_what_both_suppress_is_suppressed(one: Any, other: Any) -> None:
    for write in (openvex, csaf):
        documents = [
            write(stated, version, when=when, author=version if isinstance(version, str) else str(when))
            for stated, (version, when) in (({FIRST: NO, SECOND: NO}, one), ({SECOND: NO}, other))
        ]
        assert kept(*documents) == {FIRST}
        assert sorted(outcomes(*documents)) == ["applied", "applied", "undecided"]
        (unsure,) = [
            report
            for report in suppress(
                match(HOST, FEED), [one for each in read(*documents) for one in each.statements], DAY, HOST
            ).statements
            if report.outcome is Outcome.UNDECIDED
        ]
        assert (unsure.undecided, unsure.findings, unsure.suppressed) == (1, 0, 0)
        assert "another revision of its document" in unsure.why


def test_a_draft_takes_nobodys_place_and_suppresses_nothing() -> None:
    final, draft = csaf({FIRST: NO, SECOND: "affected"}), csaf({FIRST: NO}, "draft", when="03")
    assert kept(final) == {SECOND}
    assert kept(final, draft) == {FIRST, SECOND}


def test_documents_that_share_an_id_and_a_version_all_count(written: Written) -> None:
    """Docker gives all of its documents one id and one version. A copy is no other revision either."""
    one, other = written({FIRST: NO}, when="01"), written({SECOND: NO}, when="02")
    assert kept(one, other) == set()
    assert kept(one, one) == kept(one, one + b"\n") == {SECOND}
    assert kept(written({FIRST: NO}, id=" "), written({SECOND: NO}, 2, id=" ")) == set()


def test_case_and_blanks_make_no_other_document(written: Written) -> None:
    old = written({FIRST: NO}, id=SERIAL)
    assert kept(old, written({SECOND: NO}, 2, id=f" {SERIAL.upper()} ")) == {FIRST}
    assert kept(old, written({SECOND: NO}, 2, id=SERIAL.replace("3e67", "aaaa"))) == set()


def test_a_publishers_ids_are_its_own() -> None:
    elsewhere = csaf({SECOND: NO}, "2").replace(b"https://example.org", b"https://example.com")
    assert kept(csaf({FIRST: NO}), elsewhere) == set()
    assert kept(csaf({FIRST: NO}), csaf({SECOND: NO}, "2").replace(b"example.org", b"EXAMPLE.org/")) == {FIRST}


def test_one_document_a_line() -> None:
    lines = b"\n".join([csaf({FIRST: NO, SECOND: NO}), csaf({FIRST: NO}, "2")])
    assert kept(lines) == {SECOND}
    assert outcomes(lines) == ["superseded", "superseded", "applied"]


def test_a_rule_of_your_own_is_of_no_revision() -> None:
    rule = b'[[ignore]]\nid = "CVE-2024-1"\nreason = "x"\n'
    assert kept(openvex({FIRST: NO}), openvex({}, 2), rule) == {SECOND}


def test_the_command_line_prints_what_is_superseded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.json").write_bytes(openvex({FIRST: NO, SECOND: NO}))
    (tmp_path / "new.json").write_bytes(openvex({}, 2))
    command = ["match", "--inventory", f"{EXAMPLE}/host.tsv", "--feed", f"{EXAMPLE}/advisories.jsonl"]
    command += ["--on", "2026-01-01", "--width", "200"]
    main([*command, "--ignore", str(tmp_path / "new.json"), "--ignore", str(tmp_path / "old.json")])
    assert "old.json: 2 statements: 0 applied, 2 superseded by a later one" in capsys.readouterr().out


VERSIONS = st.sampled_from([None, "1", "2", "10", "1.0.0", "1.2.0", "x"])
DATES = st.none() | st.integers(0, 3).map(lambda days: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days))
REVISIONS = st.builds(Revision, st.sampled_from("AB"), VERSIONS, DATES, st.sampled_from("ab"))


@given(st.lists(REVISIONS, min_size=1, max_size=8))
def test_each_document_has_a_latest_revision(revisions: list[Revision]) -> None:
    standing = standing_of(revisions)
    assert standing.keys() == set(revisions)
    for one, its in standing.items():
        assert its.latest
        assert its.is_old is (one not in its.latest)
        assert its.rivals <= its.latest - {one}
        assert not (its.is_old and its.rivals)
        assert all(one in standing[other].rivals for other in its.rivals)
        assert {other.document for other in its.latest} == {one.document}
    assert standing == standing_of(revisions[::-1])


STATEMENTS = st.builds(
    Statement,
    st.just("vex"),
    st.just("statements[0]"),
    st.sampled_from([StatementStatus.NOT_AFFECTED, StatementStatus.FIXED, StatementStatus.AFFECTED]),
    st.sampled_from([(FIRST,), (SECOND,), (FIRST, SECOND)]),
    products=st.just((Product(purl_of(f"{BASH}@5.1-1.el9")),)),
    owner=st.sampled_from(["A", "B"]),
    timestamp=DATES,
    revision=st.none() | REVISIONS,
)


@given(st.lists(STATEMENTS, max_size=6), STATEMENTS)
def test_a_revision_that_is_old_suppresses_nothing(statements: list[Statement], one: Statement) -> None:
    """What it has adds to what is kept at most, and the highest version of all is never old."""
    findings = match(HOST, FEED)
    newest = Revision("A", "999", datetime(2025, 2, 1, tzinfo=UTC), "z")
    given_ = [other for other in statements if other.revision is None or other.revision.document != "A"]
    old = Statement(
        "old",
        "1",
        one.status,
        one.ids,
        products=one.products,
        owner=one.owner,
        timestamp=one.timestamp,
        revision=Revision("A", "1", None, "y"),
    )
    before = set(suppress(findings, given_, DAY, HOST, revisions=[newest]).kept)
    after = suppress(findings, [*given_, old], DAY, HOST, revisions=[newest])
    assert not any(old in suppressed.statements for suppressed in after.suppressed)
    if one.status.suppresses:
        assert set(after.kept) == before
        assert after.statements[-1].outcome is Outcome.SUPERSEDED
