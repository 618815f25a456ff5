"""Trivy's integration goldens: its own small feeds, package lists and findings, as the nouns here.

The feeds are Trivy's database in YAML, which is no format that anybody publishes: they are turned into advisories here.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from advisories import Feed
from advisories.models import Advisory, Affected, Distribution, FixState, Inventory, Kind, Names, Package, Range
from advisories.models.distribution import FAMILIES, filed_under, normalised

__all__ = ["CASES", "Case", "Row", "without_zero"]

#: Package, version, vulnerability and fixed version.
Row = tuple[str, str, str, str | None]

# What Trivy's lists of each of its families compare: the source's version or the binary's.
BY_SOURCE = {"alpine", "debian", "ubuntu", "photon", "mariner"}

#: Red Hat's repositories by number, as cpe.yaml of the fixtures says, and the release each is of.
REPOSITORIES = {857: "6", 869: "7"}
#: Its words for fixes by number, as far as the fixtures have them.
FIX_STATES = {5: FixState.WONT_FIX, 7: FixState.END_OF_LIFE}


class Case(NamedTuple):
    """One golden.

    :ivar listed: its package list. None: what the golden itself names.
    :ivar bucket: the part of the feed.
    :ivar distribution: the release as the list is of.
    """

    golden: str
    listed: str | None
    feed: str
    bucket: str
    distribution: Distribution

    def read(self, truth: Path, lists: Path) -> tuple[Inventory, Feed, set[Row]]:
        """The list, the feed, and what Trivy found.

        :param truth: the folder of its goldens.
        :param lists: that of its package lists.
        """
        theirs = expected(truth / f"{self.golden}.json.golden")
        if self.listed is None:
            host = named_by(theirs, self.distribution)
        else:
            host = inventory(lists / f"{self.listed}.json.golden", self.distribution)
        return host, Feed(advisories(truth / "fixtures/db" / self.feed, self.bucket, self.distribution)), theirs


CASES = [
    Case("alpine-310", "alpine-310", "alpine.yaml", "alpine 3.10", Distribution("alpine", "3.10")),
    Case("amazon-2", "amazon-2", "amazon.yaml", "amazon linux 2", Distribution("amzn", "2")),
    Case("debian-buster", "debian-buster", "debian.yaml", "debian 10", Distribution("debian", "10")),
    Case(
        "opensuse-leap-151",
        "opensuse-leap-151",
        "opensuse.yaml",
        "openSUSE Leap 15.1",
        Distribution("opensuse-leap", "15.1"),
    ),
    Case(
        "opensuse-tumbleweed",
        "opensuse-tumbleweed",
        "opensuse.yaml",
        "openSUSE Tumbleweed",
        normalised("opensuse-tumbleweed", "rolling"),
    ),
    Case("oraclelinux-8", "oraclelinux-8-slim", "oracle.yaml", "Oracle Linux 8", Distribution("ol", "8")),
    Case("photon-30", "photon-30", "photon.yaml", "Photon OS 3.0", Distribution("photon", "3.0")),
    Case("centos-6", "centos-6", "redhat.yaml", "Red Hat", Distribution("centos", "6.10")),
    Case("ubi-7", "ubi-7", "redhat.yaml", "Red Hat", Distribution("rhel", "7.7")),
    Case("centos-7", None, "redhat.yaml", "Red Hat", Distribution("centos", "7.6.1810")),
    Case("almalinux-8", None, "almalinux.yaml", "alma 8", Distribution("almalinux", "8.5")),
    Case("rockylinux-8", None, "rockylinux.yaml", "rocky 8", Distribution("rocky", "8.5")),
    Case("amazon-1", None, "amazon.yaml", "amazon linux 1", Distribution("amzn", "2018.03")),
    Case("mariner-1.0", None, "mariner.yaml", "CBL-Mariner 1.0", Distribution("mariner", "1.0")),
    Case("ubuntu-1804", "ubuntu-18.04", "ubuntu.yaml", "ubuntu 18.04", Distribution("ubuntu", "18.04")),
]


def advisories(path: Path, bucket: str, distribution: Distribution) -> Iterator[Advisory]:
    for one in yaml.load(path.read_text(), Loader=yaml.CSafeLoader):
        for package in one["pairs"] if one["bucket"] == bucket else ():
            for pair in package["pairs"]:
                key, value = pair["key"].strip(), pair.get("value") or {}
                if bucket == "Red Hat":
                    yield from of_red_hat(package["bucket"], key, value["Entries"], distribution)
                else:
                    affected = entry(package["bucket"], value.get("FixedVersion"), distribution)
                    yield Advisory(f"{package['bucket']}:{key}", Kind.SECURITY, (key,), (affected,))


def entry(package: str, fixed: str | None, distribution: Distribution, state: FixState | None = None) -> Affected:
    return Affected(
        package,
        FAMILIES[distribution.id].type,
        filed_under(distribution),
        Names.SOURCE if distribution.id in BY_SOURCE else Names.BINARY,
        (Range(None, fixed),),
        fix_state=state or (FixState.FIXED if fixed else FixState.NOT_FIXED),
    )


def of_red_hat(
    package: str, key: str, entries: list[Mapping[str, Any]], distribution: Distribution
) -> Iterator[Advisory]:
    release = filed_under(distribution).release
    for number, one in enumerate(entries):
        if release in [REPOSITORIES.get(repository) for repository in one["Affected"]]:
            affected = entry(package, one.get("FixedVersion"), distribution, FIX_STATES.get(one.get("Status", 0)))
            cves = tuple(sorted(cve["ID"] for cve in one["Cves"] if "ID" in cve))
            yield Advisory(f"{package}:{key}:{number}", Kind.SECURITY, cves or (key,), (affected,))


def evr(one: Mapping[str, Any], prefix: str = "") -> str | None:
    """Trivy keeps epoch, version and release apart."""
    version = one.get(f"{prefix}Version")
    if not version:
        return None
    release, epoch = one.get(f"{prefix}Release"), one.get(f"{prefix}Epoch")
    text = f"{version}-{release}" if release else str(version)
    return f"{epoch}:{text}" if epoch else text


def inventory(path: Path, distribution: Distribution) -> Inventory:
    type = FAMILIES[distribution.id].type
    packages = tuple(
        Package(
            type,
            one["Name"],
            evr(one) or "",
            one.get("Arch"),
            source_name=one.get("SrcName"),
            source_version=evr(one, "Src"),
        )
        for one in json.loads(path.read_text())
    )
    return Inventory(distribution, packages)


def named_by(rows: set[Row], distribution: Distribution) -> Inventory:
    type = FAMILIES[distribution.id].type
    packages = {(name, version) for name, version, _, _ in rows}
    return Inventory(distribution, tuple(Package(type, name, version, "x86_64") for name, version in sorted(packages)))


def without_zero(version: str | None) -> str | None:
    """Trivy leaves an epoch of 0 away from what it shows."""
    return version.removeprefix("0:") if version else version


def expected(path: Path) -> set[Row]:
    found: set[Row] = set()
    for result in json.loads(path.read_text())["Results"]:
        if result["Class"] == "os-pkgs":
            for one in result.get("Vulnerabilities", ()):
                row = one["PkgName"], one["InstalledVersion"], one["VulnerabilityID"], one.get("FixedVersion")
                found.add(row)
    return found
