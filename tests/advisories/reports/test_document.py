"""What a report of findings carries: one content for a match and for its JSON, one schema, made from the types."""

import json
import sys
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from places import ROOT
from report_schemas import validator

from advisories import Feed, match, read_feed, read_inventory
from advisories.models.advisories import Enrichment, Reference, Severity
from advisories.models.frozen import evolve
from advisories.models.json_fields import Malformed
from advisories.models.json_types import check
from advisories.models.packages import Inventory
from advisories.reports import Report, render
from advisories.reports.document import Document, FindingObject, ReadObject, ReportObject, StatementObject
from advisories.reports.members import target_of
from advisories.reports.verification_document import MatchedObject

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HOST = host(rpm("bash", "1:1-1", arch="x86_64"), rpm("zsh", "1-1"))
BASH = evolve(
    advisory("ALSA-2024:1", affected("bash", "1:2-1"), cves=["CVE-2024-1", "CVE-2024-2"]),
    severities=(Severity("CVSS_V3", VECTOR, "vendor", "CVE-2024-2"),),
    published=datetime(2024, 1, 2, tzinfo=UTC),
    references=(Reference("REPORT", "https://bugs.example/1"), Reference("ADVISORY", "javascript:alert(1)")),
)
ZSH = evolve(advisory("ALSA-2024:2", affected("zsh", None), cves=["CVE-2024-3"]), aliases=("GHSA-1",))
FEED = Feed(
    [BASH, ZSH], enrichments=[Enrichment("CVE-2024-1", "nvd", severities=(Severity("CVSS_V3", VECTOR, "nvd"),))]
)


def made(inventory: Inventory = HOST, feed: Feed = FEED, **more: Any) -> Report:
    return Report(inventory, feed, match(inventory, feed), **more)


def read_back(report: Report) -> Any:
    return json.loads("\n".join(render(report, "json")))


def test_a_document_is_what_the_json_has() -> None:
    report = made(on=date(2024, 2, 1), target="registry.example/app:1@sha256:ab")
    document = Document.of(report)
    assert document.content == read_back(report)
    assert list(render(document, "json")) == list(render(report, "json"))
    validator("report").validate(document.content)
    check(document.content, ReportObject)
    assert document.content["target"] == {"name": "registry.example/app:1", "digest": "sha256:ab"}


def test_the_example_too() -> None:
    folder = ROOT / "examples" / "almalinux-9"
    inventory, feed = read_inventory(folder / "host.tsv"), read_feed(folder / "advisories.jsonl")
    report = made(inventory, feed)
    document = Document.of(report)
    assert document.content == read_back(report)
    check(document.content, ReportObject)
    assert len(document.findings) == sum(document.counts.values()) == 5484
    assert all(finding["purl"].startswith("pkg:rpm/almalinux/") for finding in document.findings)


def test_what_is_published_about_a_finding() -> None:
    first, second, third = sorted(Document.of(made()).findings, key=lambda finding: finding["vulnerability"])
    assert first["title"] == "CVE-2024-1 in bash"
    assert first["vectors"] == [{"source": "nvd", "type": "CVSS_V3", "vector": VECTOR}]
    assert second["vectors"] == [{"source": "vendor", "type": "CVSS_V3", "vector": VECTOR}]
    assert first["purl"] == "pkg:rpm/almalinux/bash@1-1?arch=x86_64&distro=almalinux-9&epoch=1"
    # The address of the record is none that a browser should open: the publisher's own page stands in for it.
    assert [link["id"] for link in first["links"]] == ["ALSA-2024:1", "CVE-2024-1"]
    assert all(link["url"].startswith("https://") for link in first["links"])
    assert (first["published"], first["fix_command"]) == ("2024-01-02T00:00:00+00:00", "dnf upgrade bash")
    assert (third["aliases"], third["fix_command"], third["published"]) == (["GHSA-1"], None, None)


def test_a_link_is_to_the_page_of_its_id() -> None:
    """AlmaLinux's records name the advisory of Red Hat first, and their own page last or not at all."""
    theirs = Reference("ADVISORY", "https://access.redhat.com/errata/RHSA-2024:1")
    own = Reference("ADVISORY", "https://errata.almalinux.org/9/ALSA-2024-1.html?own")
    for references, expected in (
        ((theirs, own), own.url),
        ((theirs,), "https://errata.almalinux.org/9/ALSA-2024-1.html"),
        ((), "https://errata.almalinux.org/9/ALSA-2024-1.html"),
    ):
        content = read_back(made(feed=Feed([evolve(BASH, references=references)])))
        assert content["findings"][0]["links"][0] == {"id": "ALSA-2024:1", "url": expected}
    odd = evolve(advisory("X-1", affected("bash", "1:2-1"), cves=["CVE-2024-1"]), references=(theirs,))
    assert read_back(made(feed=Feed([odd])))["findings"][0]["links"][0]["url"] == theirs.url


def test_a_target_is_never_a_dash() -> None:
    assert target_of(None, "-") == {"name": "standard input", "digest": None}
    assert target_of("a@b", "-") == {"name": "a@b", "digest": None}


def test_the_schemas_are_those_of_the_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.delitem(sys.modules, "schemas", raising=False)
    import schemas

    for name in schemas.FORMS:
        assert schemas.path(name).read_text(encoding="utf-8") == schemas.text(name), "run python tools/schemas.py"
    assert sorted(schemas.FOLDER.iterdir()) == sorted(map(schemas.path, schemas.FORMS))


@pytest.mark.parametrize(
    ("schema", "made_of_it", "other"),
    [
        ("report", "reported_finding", FindingObject),
        ("report", "noted", StatementObject),
        ("plan", "read_statements", ReadObject),
        ("verification", "new", FindingObject),
        ("verification", "matched_now", MatchedObject),
    ],
)
def test_what_a_type_has_of_another_is_described_by_every_python(schema: str, made_of_it: str, other: type) -> None:
    made = validator(schema).schema["$defs"][made_of_it]["properties"]
    described = {one.partition(":")[0] for one in (other.__doc__ or "").split(":ivar ")[1:]}
    assert described
    assert {name for name in other.__annotations__ if "description" in made[name]} >= described


@pytest.mark.parametrize("wrong", [None, True, 1, -1.5, "text", [], {}, [None], {"a": 1}])
def test_a_member_of_another_type_is_found_where_the_schema_finds_it(wrong: object) -> None:
    content = read_back(made())
    schema = validator("report")
    for path in list(paths(content)):
        changed = deepcopy(content)
        parent = changed
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = wrong
        found = flaw(changed)
        if found is None:
            # What is read is more than what is written: members that are not known are ignored.
            known = {one.validator for one in schema.iter_errors(changed)}
            assert known <= {"additionalProperties", "unevaluatedProperties"}, path
        else:
            # A validator checks no format of texts unless it has the libraries for it.
            assert not schema.is_valid(changed) or found.why.startswith("a date"), path


def flaw(content: object) -> Malformed | None:
    try:
        check(content, ReportObject)
    except Malformed as error:
        return error
    return None


def paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """A path to every member, of arrays to the first entry alone."""
    entries = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, entry in entries:
        yield (*path, name)
        yield from paths(entry, (*path, name))
