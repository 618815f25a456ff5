"""Real hosts in the formats of VEX and SBOM: valid by the official schemas, and what VEX suppressed ours suppresses."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve
from cyclonedx.model.bom import Bom
from places import EXAMPLE
from sbom_schemas import error_of
from stated_host import DAY, reread, suppressed_by, triaged, written

from advisories import Feed, match, read_feed, read_inventory
from advisories.models import Distribution, Inventory
from advisories.readers import inventories
from advisories.readers import statements as readers
from advisories.readers.statements import Statements
from advisories.reports import Report
from advisories.reports.document import Document

Unpack = Callable[[str], Path]

#: Host, its archive and release, and the files of its feed.
HOSTS = {
    "almalinux": (EXAMPLE / "host.tsv", "", "", [EXAMPLE / "advisories.jsonl"]),
    "debian": ("debian_9.json", "hosts", "", [("debian-security-tracker-2023-04", "DSA/list")]),
    "ubuntu": ("ubuntu_1804.json", "hosts", "", [("vunnel-testdata", "UBUNTU-CVE-*.json")]),
    "alpine": ("installed", "apk-installed", "alpine:3.7", [("alpine-secdb-2020-06", "v3.7/*.yaml")]),
    "rhel": ("rhel_73.json", "hosts", "", [("claircore-testdata", "cve-20*.json")]),
}
#: About so many advisories of a large host are looked at: the validators take a minute for all of them.
MOST = 10


@pytest.fixture(params=sorted(HOSTS), scope="module")
def host(request: pytest.FixtureRequest, unpacked: Unpack) -> tuple[Inventory, Feed]:
    name, archive, release, sources = HOSTS[request.param]
    if archive:
        folder = unpacked(f"inventories/{archive}")
        path = next(path for path in sorted(folder.rglob(str(name))) if "v3.7" in path.parts or archive == "hosts")
        files = [path for of, glob in sources for path in sorted(unpacked(f"feeds/{of}").rglob(glob))]
    else:
        path, files = Path(name), sources
    inventory = inventories.read(path) if archive else read_inventory(path)
    if release:
        inventory = evolve(inventory, distribution=Distribution.parse(release))
    feed = read_feed(*files)
    findings = match(inventory, feed)
    assert findings
    few = {id for finding in findings[:: max(1, len(findings) // MOST)] for id in finding.advisories}
    return inventory, Feed([one for one in feed if one.id in few])


def vex_of(inventory: Inventory, feed: Feed) -> Statements:
    """A vendor who states that every other finding is none."""
    report = Document.of(Report(inventory, feed, match(inventory, feed)))
    made = [
        {
            "vulnerability": {"name": finding["vulnerability"]},
            "products": [{"@id": finding["purl"]}],
            "status": "not_affected" if number % 4 else "fixed",
            "impact_statement": "the code is not there",
        }
        for number, finding in enumerate(report.findings)
        if number % 2
    ]
    content = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.com/vex",
        "author": "vendor",
        "timestamp": "2026-01-20T00:00:00Z",
        "version": 1,
        "statements": made,
    }
    return readers.read_stream(BytesIO(json.dumps(content).encode()), "vendor.json")


def test_valid_whole_and_read_back(host: tuple[Inventory, Feed]) -> None:
    inventory, feed = host
    chosen = triaged([vex_of(inventory, feed)], inventory, feed)
    assert chosen.suppression is not None
    suppressed = {(one.finding.instance, one.finding.vulnerability) for one in chosen.suppression.suppressed}
    report = Document.of(Report(inventory, feed, chosen.findings, chosen=chosen, on=DAY))
    assert suppressed
    assert chosen.shown
    for format in ("cyclonedx", "cyclonedx-1.7", "openvex", "csaf-vex", "spdx"):
        text = written(report, format)
        assert error_of(format, text) is None, format
        assert written(reread(report), format) == text, format
        if format != "spdx":
            assert suppressed_by(text, inventory, feed) == suppressed, format
        if format in ("cyclonedx", "cyclonedx-1.7", "spdx"):
            found = inventories.read_stream(BytesIO(text.encode()))
            assert found.distribution == inventory.distribution
            every = [*report.findings, *[one["finding"] for one in report.content["suppressed"]]]
            assert {(one.name, one.version) for one in found.packages} == {
                (one["package"], one["version"]) for one in every
            }


def test_the_library_of_cyclonedx_loads_it(host: tuple[Inventory, Feed]) -> None:
    inventory, feed = host
    report = Document.of(Report(inventory, feed, match(inventory, feed)))
    bom = Bom.from_json(json.loads(written(report, "cyclonedx")))
    assert {one.id for one in bom.vulnerabilities} == {finding["vulnerability"] for finding in report.findings}
    assert len(bom.components) == len({finding["instance"] for finding in report.findings}) + 1
    assert bom.metadata.timestamp is not None
