"""Real packages and fixed versions have no dist tag of another distribution, and hardly one of a later release."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inventory_table import read

from advisories.distros.dist_tags import is_of_another, is_of_later_release
from advisories.models import Advisory
from advisories.readers import feeds

Unpack = Callable[[str], Path]


@pytest.mark.parametrize("archive", ["dpkg-status", "hosts", "image-manifests", "rpm-databases", "rpm-lists"])
def test_packages(unpacked: Unpack, archive: str) -> None:
    later = set()
    for _, inventory in read(archive, unpacked(f"inventories/{archive}")):
        host = inventory.distribution if inventory is not None else None
        if inventory is None or host is None:
            continue
        assert not [one for one in inventory.packages if is_of_another(one.type, one.version, host)]
        later |= {one.version for one in inventory.packages if is_of_later_release(one.type, one.version, host)}
    # Backports, which are judged by that release.
    assert later <= {"1:9.16.27-1~deb11u1~bpo10+1"}


@pytest.mark.parametrize(
    ("feed", "later"),
    [
        ("almalinux-osv", set()),
        ("azurelinux-oval", set()),
        ("debian-security-tracker-2023-04", set()),
        # A transitional build that Ubuntu put into an earlier release under this version.
        ("ubuntu-cve-tracker-2020-06", {"1.2.5-0ubuntu0.14.10.1"}),
        ("vuls-data-update-fetch-fixtures", set()),
    ],
)
def test_fixed_versions(unpacked: Unpack, feed: str, later: set[str]) -> None:
    found = set()
    for advisory in feeds.read(unpacked(f"feeds/{feed}")):
        for entry in advisory.affected if isinstance(advisory, Advisory) else ():
            release = entry.distribution
            for one in entry.ranges if release is not None else ():
                version = one.fixed
                if version is not None and release is not None:
                    assert not is_of_another(entry.type, version, release), (advisory.id, entry.package, version)
                    if is_of_later_release(entry.type, version, release):
                        found.add(version)
    assert found <= later
