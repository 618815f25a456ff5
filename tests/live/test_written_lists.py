"""Real lists are the same lists when they were written in other formats and read back. So is a match of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inventory_table import ARCHIVES, read
from places import EXAMPLE
from written_list import LOSSLESS, reread, same

from advisories import match, read_feed, read_inventory
from advisories.models import Inventory

Unpack = Callable[[str], Path]
#: Of each archive so many lists. All of them, 145,000 packages, were compared by hand.
MOST = 6


def real_lists(unpacked: Unpack, archive: str) -> Iterator[tuple[str, Inventory]]:
    """A few lists of an archive, of each format that it has, none of them an archive of a distribution."""
    seen: dict[str, int] = {}
    for row, inventory in read(archive, unpacked(f"inventories/{archive}")):
        if inventory is not None and len(inventory.packages) < 3000 and seen.get(row.format, 0) < MOST:
            seen[row.format] = seen.get(row.format, 0) + 1
            yield row.file, inventory


@pytest.mark.parametrize("archive", [archive for archive in ARCHIVES if archive != "debian-archive-bookworm"])
def test_real_lists(unpacked: Unpack, archive: str) -> None:
    """All that is known of each package, of the list, and what was rejected and skipped."""
    for name, inventory in real_lists(unpacked, archive):
        for format in LOSSLESS:
            assert same(reread(inventory, format)) == same(inventory), (name, format)


def test_package_urls_lose_nothing_of_what_is_installed(unpacked: Unpack) -> None:
    """Names, versions and architectures of what is installed, in the order of the list."""
    for archive in ("apk-installed", "dpkg-status", "hosts", "trivy-packages"):
        for name, inventory in real_lists(unpacked, archive):
            there = [package for package in inventory.packages if package.state.on_disk]
            back = reread(inventory, "purls").packages
            assert [(one.type, one.name, one.version, one.arch) for one in back] == [
                (one.type, one.name, one.version, one.arch) for one in there
            ], name


@pytest.mark.parametrize("format", LOSSLESS)
def test_a_match_of_the_bundled_host(format: str) -> None:

    feed, host = read_feed(str(EXAMPLE / "advisories.jsonl")), read_inventory(str(EXAMPLE / "host.tsv"))
    found, again = match(host, feed), match(reread(host, format), feed)
    # Where a finding has no files, the file of the list stands for them.
    texts = [[json.dumps(finding.to_dict("list"), sort_keys=True) for finding in one] for one in (found, again)]
    assert texts[0] == texts[1]
    assert found.coverage.to_dict() == again.coverage.to_dict()


def test_what_package_urls_lose_changes_no_finding_of_the_bundled_host() -> None:
    """The one package that is not installed is not in it, and nothing else differs."""
    feed, host = read_feed(str(EXAMPLE / "advisories.jsonl")), read_inventory(str(EXAMPLE / "host.tsv"))
    found, again = match(host, feed), match(reread(host, "purls"), feed)
    facts = [
        [(one.instance, one.vulnerability, one.status, one.fixed_version, one.presence) for one in f]
        for f in (found, again)
    ]
    assert facts[0] == facts[1]
    classes = [coverage.to_dict()["classes"] for coverage in (found.coverage, again.coverage)]
    assert classes[0] | {"not-installed": 0} == classes[1]
    assert found.coverage.assumptions == again.coverage.assumptions
