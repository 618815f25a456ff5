"""The real lists of debs and rpms, each with the release that it is of."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from inventory_table import read

from advisories.models import Distribution, Inventory
from advisories.models.distribution import filed_under

__all__ = ["released_lists"]

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


def released_lists(unpacked: Unpack) -> Iterator[tuple[str, Inventory, Distribution]]:
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
