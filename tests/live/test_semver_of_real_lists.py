"""Versions of npm, Go and Cargo in real SBOMs, and of the SEMVER ranges of real OSV records, by real libraries."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from conformance import assert_all_pairs
from oracles import SemVer, node_semver, signed

import vercmp

_PURL = re.compile(rb'pkg:(npm|golang|cargo)/[^"\s<?#]+@([^"<?#\s@]+)')
_EVENTS = re.compile(rb'"type":\s*"SEMVER",\s*"events":\s*(\[[^\]]*\])|"events":\s*(\[[^\]]*\]),\s*"type":\s*"SEMVER"')
_VERSIONS = re.compile(r'"(?:introduced|fixed|last_affected)":\s*"([^"]*)"')
_LISTS = ("inventories/sboms", "feeds/redhat-csaf-vex-sboms", "feeds/dhi-openvex", "feeds/claircore-testdata")
_FEEDS = ("redhat-csaf-vex-sboms", "osv-schema-testdata", "vuln-list-update-testdata", "vunnel-testdata")


def documents(archive: Path) -> Iterator[bytes]:
    with tarfile.open(archive) as opened:
        for member in opened:
            file = opened.extractfile(member) if member.isfile() else None
            if file is not None:
                yield file.read()


def refused(versions: set[str]) -> dict[str, str]:
    reasons = {}
    for version in versions:
        try:
            vercmp.semver.validate(version)
        except vercmp.InvalidVersion as error:
            reasons[version] = error.reason
    return reasons


def assert_ordered_as_by_the_real_ones(versions: set[str]) -> None:
    listed = vercmp.sorted_versions(sorted(versions), scheme="semver")
    assert_all_pairs(listed, vercmp.semver.compare_many, vercmp.semver.sort_key, SemVer())
    for version, row in zip(listed, node_semver(listed), strict=True):
        assert row == signed(vercmp.semver.compare_many([version] * len(listed), listed)), version


def test_versions_of_packages(shared: Path) -> None:
    """Go writes a ``v`` before each, and ``(devel)`` where it knows none."""
    found = {
        unquote(version.decode()).removeprefix("v" if kind == b"golang" else "")
        for name in _LISTS
        for text in documents(shared / "data" / f"{name}.tar.xz")
        for kind, version in _PURL.findall(text)
    }
    reasons = refused(found)
    assert (len(found), reasons) == (1056, {"(devel)": "does not begin with a digit"})
    assert_ordered_as_by_the_real_ones(found - set(reasons))


def test_versions_of_ranges(shared: Path) -> None:
    """OSV's ``0`` is the beginning and no version."""
    found = {
        version
        for name in _FEEDS
        for text in documents(shared / "data" / "feeds" / f"{name}.tar.xz")
        for events in _EVENTS.findall(text)
        for version in _VERSIONS.findall((events[0] or events[1]).decode())
    }
    reasons = refused(found)
    assert (len(found), reasons) == (38, {"0": "fewer than three numbers"})
    assert_ordered_as_by_the_real_ones(found - set(reasons))
