"""Real lists are of the release that they are of: never in doubt as themselves, and nearly always as another one."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from inventory_table import read

from advisories.distros.release_marks import release_mark
from advisories.matching.rules import ENOUGH_TAGS, contradicts_release
from advisories.models import Distribution, Inventory
from advisories.models.distribution import filed_under
from advisories.models.findings import ReleaseMark

Unpack = Callable[[str], Path]

ARCHIVES = (
    *("debian-archive-bookworm", "dpkg-status", "hosts", "image-manifests", "rpm-databases", "rpm-lists", "sboms"),
    "trivy-packages",
)
#: The release of those that do not name it, by a word of their path.
OF: dict[str, str] = {
    **dict.fromkeys(("trixie", "testing", "unstable", "sid_"), "debian:13"),
    **dict.fromkeys(("oldstable", "bullseye"), "debian:11"),
    **dict.fromkeys(("bookworm", "stable_"), "debian:12"),
    "buster": "debian:10",
    "distroless-base": "debian:9",
    "truecommand": "debian:10",
    "limeroot": "debian:6",
    "RPi": "raspbian:8",
    "trusty": "ubuntu:14.04",
    "gautamMalu": "ubuntu:14.10",
    "xenial": "ubuntu:16.04",
    "bionic": "ubuntu:18.04",
    "ubuntu-18.04": "ubuntu:18.04",
    "focal": "ubuntu:20.04",
    "jammy": "ubuntu:22.04",
    "kinetic": "ubuntu:22.10",
    "jdmasa": "ubuntu:24.04",
    "centos-6": "centos:6",
    "ubi-7": "rhel:7",
    "ubi9": "rhel:9",
    "kernel-module-management": "rhel:9",
    "oraclelinux-8": "ol:8",
    "fedora-35": "fedora:35",
    "amazon-2": "amzn:2",
    "photon-30": "photon:3.0",
    "suse-15.3": "sles:15.3",
    "leap-151": "opensuse-leap:15.1",
}
#: The releases that a list of a distribution is judged as too.
OTHERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("rhel", "almalinux", "rocky", "ol"), ("5", "6", "7", "8", "9", "10")),
    "debian": ("8", "9", "10", "11", "12", "13", "14"),
    "ubuntu": ("14.04", "16.04", "18.04", "20.04", "22.04", "24.04", "26.04"),
    "fedora": ("34", "36", "37", "39", "41", "43"),
    "amzn": ("1", "2", "2022", "2023"),
    "mariner": ("1.0",),
    "photon": ("1.0", "2.0", "4.0", "5.0"),
    "sles": ("12.4", "12.5", "15", "15.2", "15.3", "15.4"),
    "opensuse-leap": ("15.1", "15.2", "15.3", "15.6", "16.0"),
}


def lists(unpacked: Unpack) -> Iterator[tuple[str, Inventory, Distribution]]:
    """Of debs and rpms, each with the release that it is of. Left out is what shows none."""
    for archive in ARCHIVES:
        for row, inventory in read(archive, unpacked(f"inventories/{archive}")):
            if inventory is None or not {package.type for package in inventory.packages} & {"deb", "rpm"}:
                continue
            of = inventory.distribution
            if of is None or of.release is None:
                found = [release for word, release in OF.items() if re.search(word, row.file)]
                of = Distribution.parse(found[0]) if found else None
            if of is not None and not row.file.endswith("vmaas/pkglist.txt"):  # builds of two releases
                yield row.file, inventory, filed_under(of)


def marks_of(inventory: Inventory, release: Distribution) -> tuple[Counter[ReleaseMark | None], int]:
    """How many packages have each mark, and how many names have another release's tag."""
    marked = [(release_mark(one, release), one.name) for one in inventory.instances if one.state.on_disk]
    names = {name for mark, name in marked if mark is ReleaseMark.OTHER_TAG}
    return Counter(mark for mark, _ in marked), len(names)


def is_in_doubt(marks: Counter[ReleaseMark | None], names: int) -> bool:
    return contradicts_release(
        marks[ReleaseMark.OWN_TAG],
        marks[ReleaseMark.OTHER_TAG],
        names,
        marks[ReleaseMark.OWN_RELEASE] > 0,
        marks[ReleaseMark.OTHER_RELEASE] > 0,
    )


def test_as_themselves_and_as_others(unpacked: Unpack) -> None:
    seen, doubted = Counter[str](), Counter[bool]()
    own, others, small = 0, [], set()
    for file, inventory, release in lists(unpacked):
        seen["deb" if release.id in ("debian", "ubuntu") else "rpm"] += 1
        marks, names = marks_of(inventory, release)
        assert not is_in_doubt(marks, names), (file, release, marks)
        own += marks[ReleaseMark.OWN_TAG]
        if marks[ReleaseMark.OTHER_TAG]:
            others.append((file.rpartition("/")[2], marks[ReleaseMark.OWN_TAG], marks[ReleaseMark.OTHER_TAG]))
        for number in OTHERS.get(release.id, ()):
            other = Distribution(release.id, number)
            if other.release != release.release:
                marks, names = marks_of(inventory, other)
                doubted[is_in_doubt(marks, names)] += 1
                if not is_in_doubt(marks, names):
                    assert names < ENOUGH_TAGS, (file, other, marks)
                    small.add(file.rpartition("/")[2])
    assert (seen, own) == ({"rpm": 204, "deb": 186}, 39_659)
    assert others == [
        ("bookworm-security_main_amd64_Packages", 2881, 13),
        ("debian_10.json", 152, 2),
        ("fedora_42.json", 632, 3),
    ]
    # Excerpts of an archive's index for one image.
    assert small == {"trixie_adoptium.lock.json", "trixie_java.lock.json"}
    assert doubted == {True: 2112, False: 12}
