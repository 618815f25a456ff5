"""Situations that users of other matchers reported as judged wrongly, each with its neighbours.

A case is a package list in a real format, a feed in a real format, and the expected class of each version: the one that
was reported, one before, the fix itself, one after. The whole way is taken: both are read, matched, and counted. Beside
every case stand the same list of another architecture, on a release that the feed does not cover, and on one that it
covers without a word of the package. Situations that are no more than an order of two versions are in the vectors of
vercmp, and here by their numbers; those that are about a command or two lists in a row have a test of their own.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, field, frozen

import vercmp
from advisories import Feed, cli, match
from advisories.distros.kernels import Role, kernel_of
from advisories.models import (
    Advisory,
    Affected,
    Assumption,
    Distribution,
    Finding,
    Findings,
    FixState,
    Inventory,
    Kind,
    Names,
    Package,
    PackageClass,
    Presence,
    Priority,
    Range,
    Status,
)
from advisories.readers import inventories
from advisories.store import read_feed
from vercmp.testing.facts import ordered

#: Affected, not affected, undecidable, of a third party, not covered.
V, NA, U, THIRD, OUT = "affected", "clean", "undecidable", "third-party", "not-covered"
CVE: Final = "CVE-2020-10000"


def record(
    ecosystem: str, package: str, fixed: str | None, *, id: str = "X-1", summary: str = "x", **more: Any
) -> dict[str, Any]:
    """An OSV record of one package."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed is not None else [])]
    named = {"ecosystem": ecosystem, "name": package}
    # The database that a record comes from shows in its id.
    prefix = {"AlmaLinux": "ALSA-2024:", "Rocky Linux": "RLSA-2024:", "Red Hat": "RHSA-2024:"}
    id = prefix.get(ecosystem.partition(":")[0], "X-") + id.rpartition("-")[2]
    affected = {"package": named, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {
        "id": id,
        "summary": summary,
        "modified": "2024-01-01T00:00:00Z",
        "related": [CVE],
        "upstream": [CVE],
        "affected": [affected],
        **more,
    }


def tracked(
    package: str, releases: Mapping[str, tuple[str, str | None]], urgency: str = "not yet assigned"
) -> dict[str, Any]:
    """Debian's tracker on one package: by release its state and fixed version."""
    rows = {
        release: {"status": status, "urgency": urgency, "repositories": {}}
        | ({"fixed_version": fixed} if fixed else {})
        for release, (status, fixed) in releases.items()
    }
    return {package: {CVE: {"scope": "remote", "releases": rows}}}


def updated(id: str, *packages: tuple[str, str, str]) -> str:
    """An updateinfo.xml of one advisory: (name, version, architecture)."""
    rows = []
    for name, evr, arch in packages:
        epoch, _, rest = evr.rpartition(":")
        version, _, release = rest.rpartition("-")
        rows.append(
            f'<package name="{name}" epoch="{epoch or 0}" version="{version}" release="{release}" arch="{arch}"/>'
        )
    return (
        f'<?xml version="1.0"?><updates><update type="security"><id>{id}</id><references>'
        f'<reference href="https://example.org/" id="{CVE}" type="cve"/></references>'
        f"<pkglist><collection>{''.join(rows)}</collection></pkglist></update></updates>"
    )


def triaged(*lines: str) -> str:
    """A file of Ubuntu's tracker."""
    head = f"Candidate: {CVE}\nPublicDate: 2020-03-24 15:15:00 UTC\nPriority: medium\n"
    return head + "".join(f"{line}\n" for line in lines)


@frozen
class Case:
    """One situation.

    :ivar number: as it was reported.
    :ivar list: a line or stanza with ``{}`` for the version (``{v}`` and ``{r}`` where a format keeps them apart,
        ``{e}`` for the epoch).
    :ivar classes: the expected class of each version, and
    :ivar elsewhere: of those of another architecture where that is something else.
    :ivar assumed: the assumptions that a finding has to carry.
    """

    number: int
    distribution: str
    list: str
    feed: Any
    classes: Mapping[str, str]
    assumed: frozenset[Assumption] = frozenset()
    kernel: str | None = None
    elsewhere: Mapping[str, str] = field(factory=dict)


def columns(
    name: str, arch: str = "x86_64", source: str = "(none)", vendor: str = "(none)", label: str = "(none)"
) -> str:
    """A line of the recommended form of ``rpm -qa``."""
    return "\t".join((name, "{e}", "{v}", "{r}", arch, source, vendor, label)) + "\n"


def stanza(name: str, source: str | None = None, **more: str) -> str:
    """A stanza of dpkg's status."""
    fields = {"Package": name, "Status": "install ok installed", "Architecture": "amd64", "Version": "{}"}
    fields |= {"Source": source} if source else {}
    return "".join(f"{key}: {value}\n" for key, value in (fields | more).items()) + "\n"


def installed(name: str, origin: str | None = None) -> str:
    """A stanza of apk's database."""
    return f"P:{name}\nV:{{}}\nA:x86_64\n" + (f"o:{origin}\n" if origin else "") + "\n"


HTTPD = "httpd:2.4"
NODEJS = "nodejs:18"
RHEL = "Red Hat:enterprise_linux"
CASES = [
    Case(
        0,
        "centos:7",
        "mariadb-libs-{}.x86_64\n",
        [record(f"{RHEL}:7::server", "mariadb-libs", "1:5.5.56-2.el7")],
        {"5.5.52-1.el7": V, "5.5.56-1.el7": V, "5.5.56-2.el7": NA, "5.5.60-1.el7_5": NA},
        frozenset({Assumption.EPOCH_UNKNOWN}),
    ),
    Case(
        1,
        "almalinux:8",
        columns("postgresql", label="postgresql:9.6:8050020211206:x"),
        [
            record(
                "AlmaLinux:8",
                "postgresql",
                "12.5-1.module_el8.3.0+2044+12421f43",
                summary="Important: postgresql:12 security update",
            )
        ],
        {
            "9.6.22-1.module_el8.5.0+826+29c1ad77": NA,
            "9.6.1-1.module_el8.3.0+1+1": NA,
            "12.5-1.module_el8.3.0+2044+12421f43": NA,
        },
    ),
    Case(
        1,
        "almalinux:8",
        columns("postgresql", label="postgresql:12:8050020211206:x"),
        [
            record(
                "AlmaLinux:8",
                "postgresql",
                "12.5-1.module_el8.3.0+2044+12421f43",
                summary="Important: postgresql:12 security update",
            )
        ],
        {"12.4-1.module_el8.3.0+1+1": V, "12.5-1.module_el8.3.0+2044+12421f43": NA, "12.9-1.module_el8.5.0+9+9": NA},
    ),
    Case(
        3,
        "rocky:8",
        columns("perl-Errno", source="perl-5.26.3-419.el8_4.1.src.rpm"),
        [record("Rocky Linux:8", "perl", "4:5.26.3-417.el8_3")],
        {"1.28-419.el8_4.1": NA, "0:1.28-419.el8_4.1": NA, "1.28-400.el8": NA},
    ),
    Case(
        3,
        "rocky:8",
        columns("perl-Errno", source="perl-5.26.3-417.el8_3.src.rpm"),
        [record("Rocky Linux:8", "perl", "4:5.26.3-417.el8_3")],
        {"1.28-417.el8_3": NA},
    ),
    Case(
        3,
        "rocky:8",
        columns("perl-Errno", source="perl-5.26.3-416.el8.src.rpm"),
        [record("Rocky Linux:8", "perl", "4:5.26.3-417.el8_3")],
        {"1.28-416.el8": V},
        frozenset({Assumption.EPOCH_UNKNOWN}),
    ),
    Case(
        5,
        "almalinux:8",
        "openssl-{}.x86_64\n",
        [record("AlmaLinux:8", "openssl", "1:1.1.1k-9.el8_7")],
        {"1.1.1k-8.el8_6": V, "1.1.1k-9.el8_7": NA, "1.1.1k-12.el8_9": NA},
        frozenset({Assumption.EPOCH_UNKNOWN}),
    ),
    Case(
        5,
        "almalinux:8",
        columns("openssl"),
        [record("AlmaLinux:8", "openssl", "1:1.1.1k-9.el8_7")],
        {"1:1.1.1k-8.el8_6": V, "1:1.1.1k-9.el8_7": NA, "1.1.1k-12.el8_9": V, "2:1.0-1": NA},
    ),
    Case(
        7,
        "rhel:9",
        columns("libsolv"),
        [
            record("Red Hat:satellite:6.11::el8", "libsolv", "1:0.7.20-6.el8sat"),
            record(f"{RHEL}:9::baseos", "bash", "5.1.8-6.el9", id="X-2"),
        ],
        {"0.7.24-3.el9": NA, "0.7.1-1.el9": NA},
    ),
    Case(
        7,
        "rhel:9",
        columns("libsolv"),
        [record(f"{RHEL}:9::baseos", "libsolv", "0.7.24-2.el9")],
        {"0.7.24-3.el9": NA, "0.7.24-2.el9": NA, "0.7.24-1.el9": V},
    ),
    Case(
        9,
        "almalinux:8",
        columns("bind-export-libs"),
        [
            record("AlmaLinux:8", "bind-export-libs", "32:9.11.26-4.el8_4.1"),
            record("AlmaLinux:8", "bind-export-libs", "32:9.11.36-3.el8_6.1", id="X-2"),
        ],
        {"32:9.11.26-4.el8_4.1": NA, "32:9.11.26-4.el8_4": V, "32:9.11.36-3.el8_6.1": NA, "32:9.11.36-3.el8_6": V},
    ),
    Case(
        11,
        "rhel:8.4+eus",
        columns("openssl"),
        [
            record("Red Hat:rhel_eus:8.4::baseos", "openssl", "1:1.1.1g-16.el8_4"),
            record(f"{RHEL}:8::baseos", "openssl", "1:1.1.1k-6.el8_5", id="X-2"),
        ],
        {"1:1.1.1g-16.el8_4": NA, "1:1.1.1g-15.el8_3": V, "1:1.1.1k-6.el8_5": NA, "1:1.1.1k-7.el8_6": NA},
    ),
    Case(
        # The same host without the channel: the public fix is the one to reach.
        11,
        "rhel:8.4",
        columns("openssl"),
        [
            record("Red Hat:rhel_eus:8.4::baseos", "openssl", "1:1.1.1g-17.el8_4"),
            record(f"{RHEL}:8::baseos", "openssl", "1:1.1.1k-6.el8_5", id="X-2"),
        ],
        {"1:1.1.1g-16.el8_4": V, "1:1.1.1k-5.el8_5": V, "1:1.1.1k-6.el8_5": NA},
    ),
    Case(
        13,
        "centos:6",
        columns("httpd", vendor="CentOS"),
        [record(f"{RHEL}:6::server", "httpd", "1:2.2.15-60.el6_9.5")],
        {"1:2.2.15-60.el6.centos.6": V, "1:2.2.15-59.el6.centos": V},
        frozenset({Assumption.REBUILD}),
    ),
    Case(
        13,
        "centos:6",
        columns("httpd", vendor="CentOS"),
        [record(f"{RHEL}:6::server", "httpd", "1:2.2.15-60.el6_9.5")],
        {"1:2.2.15-60.el6_9.5": NA, "1:2.2.15-69.el6.centos": NA, "1:2.2.15-60.el6_9.4": V},
    ),
    Case(
        15,
        "almalinux:8",
        columns("npm", label=NODEJS),
        [
            record(
                "AlmaLinux:8",
                "npm",
                "1:8.19.2-1.18.12.1.2.module_el8.10.0+4006+1",
                summary="Important: nodejs:18 security update",
            )
        ],
        {
            "1:8.19.2-1.18.12.1.2.module_el8.10.0+4006+1": NA,
            "1:8.19.2-1.18.12.1.1.module_el8.9.0+1+1": V,
            "1:8.19.3-1.18.13.module_el8.10.0+5000+1": NA,
        },
    ),
    Case(
        # By the feed of another distribution the same build is somebody's rebuild, and looks older.
        15,
        "rhel:8",
        columns("npm", label=NODEJS),
        [record(f"{RHEL}:8::appstream", "npm", "1:8.19.2-1.18.12.1.2.module+el8.10.0+23140+1")],
        {"1:8.19.2-1.18.12.1.2.module_el8.10.0+4006+1": V},
        frozenset({Assumption.REBUILD}),
    ),
    Case(
        17,
        "ol:7",
        columns("openssl-libs"),
        updated(
            "ELSA-2024-1",
            ("openssl-libs", "2:1.0.2k-19.0.1.ksplice1.el7", "x86_64"),
            ("bash", "4.2.46-35.el7_9", "x86_64"),
        ),
        {
            "1:1.0.2k-19.0.1.el7": NA,
            "1:1.0.2k-8.el7": NA,
            "2:1.0.2k-8.0.1.ksplice1.el7": V,
            "2:1.0.2k-19.0.1.ksplice1.el7": NA,
            "2:1.0.2k-20.0.1.ksplice1.el7": NA,
        },
        elsewhere={"2:1.0.2k-8.0.1.ksplice1.el7": NA},
    ),
    Case(
        19,
        "ol:7",
        columns("rsyslog"),
        updated(
            "ELSA-2024-1",
            ("rsyslog", "8.24.0-57.0.1.el7_9.3", "x86_64"),
            ("rsyslog", "8.24.0-57.0.4.el7_9.3", "aarch64"),
        ),
        {
            "8.24.0-57.0.1.el7_9.3": NA,
            "8.24.0-57.0.3.el7_9.3": NA,
            "8.24.0-57.0.0.el7_9.3": V,
            "8.24.0-57.0.4.el7_9.3": NA,
        },
        elsewhere={"8.24.0-57.0.1.el7_9.3": V, "8.24.0-57.0.3.el7_9.3": V},
    ),
    Case(
        23,
        "amzn:2023",
        columns("kernel-headers"),
        updated("ALAS2023-2024-1", ("kernel-headers", "1:6.1.159-181.297.amzn2023", "x86_64")),
        {"1:6.1.170-210.320.amzn2023": NA, "1:6.1.159-181.297.amzn2023": NA, "1:6.1.158-1.amzn2023": V},
        elsewhere={"1:6.1.158-1.amzn2023": NA},
    ),
    Case(
        21,
        "opensuse-leap:15.4",
        columns("qemu-ipxe", source="qemu-6.2.0-150400.37.8.2.src.rpm"),
        [record("openSUSE:Leap 15.4", "qemu", "6.2.0-150400.37.8.2")],
        {"1.0.0+-150400.37.8.2": NA},
    ),
    Case(
        21,
        "opensuse-leap:15.4",
        columns("qemu-ipxe", source="qemu-6.2.0-150400.37.5.1.src.rpm"),
        [record("openSUSE:Leap 15.4", "qemu", "6.2.0-150400.37.8.2")],
        {"1.0.0+-150400.37.5.1": V},
    ),
    Case(
        21,
        "opensuse-leap:15.4",
        columns("qemu-vgabios", source="qemu-6.2.0-150400.37.8.2.src.rpm"),
        [record("openSUSE:Leap 15.4", "qemu", "6.2.0-150400.37.8.2")],
        {"1.15.0_0_g2dd4b9b-150400.37.8.2": NA},
    ),
    Case(
        21,
        "opensuse-leap:15.4",
        columns("qemu-vgabios", source="qemu-6.2.0-150400.37.9.1.src.rpm"),
        [record("openSUSE:Leap 15.4", "qemu", "6.2.0-150400.37.8.2")],
        {"1.15.0_0_g2dd4b9b-150400.37.9.1": NA},
    ),
    Case(
        25,
        "rhel:7",
        columns("kernel"),
        [record(f"{RHEL}:7::server", "kernel", "3.10.0-693.11.6.el7")],
        {"3.10.0-693.5.2.el7": V, "3.10.0-693.11.6.el7": NA, "3.10.0-862.el7": NA},
        kernel="3.10.0-693.5.2.el7.x86_64",
    ),
    Case(
        27,
        "almalinux:9",
        "pkg:rpm/almalinux/xz@{}?arch=x86_64\n",
        [record("AlmaLinux:9", "xz", "5.2.5-8.el9_0")],
        {"5.2.5-8.el9_0": NA, "5.2.5": U, "5.2.4": V, "5.2.6": NA, "5.2.5-7.el9": V},
    ),
    Case(
        31,
        "almalinux:8",
        columns("httpd-tools", label=HTTPD, source="httpd-2.4.37-65.module_el8.10.0+1+1.src.rpm"),
        [
            record(
                "AlmaLinux:8", "httpd", "2.4.37-66.module_el8.10.0+2+2", summary="Important: httpd:2.4 security update"
            )
        ],
        {"2.4.37-65.module_el8.10.0+1+1": NA, "2.4.37-60.module_el8.10.0+1+1": NA},
    ),
    Case(
        31,
        "almalinux:8",
        columns("httpd-tools", label=HTTPD, source="httpd-2.4.37-65.module_el8.10.0+1+1.src.rpm"),
        [
            record(
                "AlmaLinux:8",
                "httpd-tools",
                "2.4.37-66.module_el8.10.0+2+2",
                summary="Important: httpd:2.4 security update",
            )
        ],
        {"2.4.37-65.module_el8.10.0+1+1": V, "2.4.37-66.module_el8.10.0+2+2": NA, "2.4.37-67.module_el8.10.0+3+3": NA},
    ),
    Case(
        33,
        "sles:15.1",
        columns("kernel-default", source="kernel-default-4.12.14-197.7.1.src.rpm"),
        [
            record("SUSE:Linux Enterprise Server 15 SP2", "kernel-default", "5.3.18-22"),
            record("SUSE:Linux Enterprise Server 15 SP1", "bash", "4.4-9.10.1", id="X-2"),
        ],
        {"4.12.14-197.7.1": NA, "4.12.14-1.1": NA},
    ),
    Case(
        33,
        "sles:15.2",
        columns("kernel-default", source="kernel-default-5.3.18-20.src.rpm"),
        [record("SUSE:Linux Enterprise Server 15 SP2", "kernel-default", "5.3.18-22")],
        {"5.3.18-20": V},
    ),
    Case(
        33,
        "sles:15.2",
        columns("kernel-default", source="kernel-default-5.3.18-22.src.rpm"),
        [record("SUSE:Linux Enterprise Server 15 SP2", "kernel-default", "5.3.18-22")],
        {"5.3.18-22": NA},
    ),
    Case(
        35,
        "rhel:7",
        columns("libldb"),
        [record(f"{RHEL}:7::server", "libldb", "1.5.4-2.el7_9")],
        {"1.5.4-2.el7": V, "1.5.4-2.el7_9": NA, "1.5.4-3.el7": NA, "1.5.4-1.el7": V},
    ),
    Case(
        37,
        "debian:12",
        stanza("bsdutils", "util-linux (2.38.1-5)"),
        [record("Debian:12", "util-linux", "2.38.1-5+deb12u1")],
        {"1:2.38.1-5+b1": V},
    ),
    Case(
        37,
        "debian:12",
        stanza("bsdutils", "util-linux (2.38.1-5+deb12u1)"),
        [record("Debian:12", "util-linux", "2.38.1-5+deb12u1")],
        {"1:2.38.1-5+deb12u1": NA},
    ),
    Case(
        # As an SBOM has it, written and read: the epoch of the binary does not bleed into the source's version.
        37,
        "debian:12",
        "pkg:deb/debian/bsdutils@1%3A2.38.1-5%2Bb1?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5\n",
        [record("Debian:12", "util-linux", "2.38.1-5")],
        {"1:2.38.1-5+b1": NA},
    ),
    Case(
        39,
        "debian:8",
        stanza("tar"),
        [record("Debian:8", "tar", "1.27.1-2+deb8u1")],
        {"1.27.1-2+b1": V, "1.27.1-1": V, "1.27.1-2+deb8u1": NA, "1.27.1-2+deb8u2": NA},
    ),
    Case(
        45,
        "debian:12",
        stanza("openssl"),
        [record("Debian:12", "openssl", "3.0.11-1~deb12u1")],
        {"3.0.15-1~deb12u1": NA, "3.0.11-1~deb12u1": NA, "3.0.11-1~deb12u0": V, "3.0.9-1": V},
    ),
    Case(
        47,
        "debian:11",
        stanza("bash"),
        tracked("bash", {"bullseye": ("open", None), "sid": ("resolved", "5.2.15-2")}),
        {"5.2.15-2": NA, "5.2.15-1": V, "5.2.21-1": NA},
    ),
    Case(
        49,
        "debian:12",
        stanza("linux-image-6.12.90-amd64", "linux"),
        tracked("linux", {"bookworm": ("open", None), "trixie": ("resolved", "6.12.90-2")}),
        {"6.12.90-2~bpo12+1": NA, "6.12.90-1~bpo12+1": V, "6.12.91-1~bpo12+1": NA, "6.1.90-1": V},
    ),
    Case(
        51,
        "ubuntu:18.04",
        stanza("python3-twisted", "twisted"),
        [record("Ubuntu:18.04:LTS", "twisted", "17.9.0-2ubuntu0.1")],
        {"17.9.0-2ubuntu0.3+esm2": NA, "17.9.0-2ubuntu0.1": NA, "17.9.0-2": V, "17.9.0-2ubuntu0.2": NA},
    ),
    Case(
        53,
        "ubuntu:18.04",
        stanza("libsystemd0", "systemd"),
        triaged(
            "bionic_systemd: ignored (end of standard support, was needed)",
            "focal_systemd: released (245.4-4ubuntu3.20)",
        ),
        {"237-3ubuntu10.57": V, "237-3ubuntu10.56": V, "245.4-4ubuntu3.20": V},
    ),
    Case(
        53,
        "ubuntu:20.04",
        stanza("libsystemd0", "systemd"),
        triaged(
            "bionic_systemd: ignored (end of standard support, was needed)",
            "focal_systemd: released (245.4-4ubuntu3.20)",
        ),
        {"245.4-4ubuntu3.19": V, "245.4-4ubuntu3.20": NA, "245.4-4ubuntu3.21": NA},
    ),
    Case(
        57,
        "ubuntu:22.04",
        stanza("linux-image-aws", "linux-meta-aws"),
        [record("Ubuntu:22.04:LTS", "linux-aws", "5.15.0-1031.35")],
        {"5.15.0.1030.34": NA, "5.15.0.1031.35": NA},
        kernel="5.15.0-1030-aws",
    ),
    Case(
        63,
        "debian:11",
        stanza("bind9", "bind9"),
        tracked("bind9", {"bullseye": ("open", None)}, urgency="end-of-life"),
        {"1:9.16.50-1~deb11u2": V, "1:9.16.50-1~deb11u1": V, "1:9.20-1": V},
    ),
    Case(
        63,
        "debian:12",
        stanza("bind9", "bind9"),
        tracked("bind9", {"bullseye": ("open", None), "bookworm": ("resolved", "1:9.18.24-1")}),
        {"1:9.18.19-1": V, "1:9.18.24-1": NA, "1:9.18.28-1": NA},
    ),
    Case(
        78,
        "debian:12",
        stanza("linux-libc-dev", "linux"),
        [record("Debian:12", "linux", "6.1.76-1")],
        {"6.1.69-1": V, "6.1.76-1": NA, "6.1.85-1": NA},
        kernel="6.1.0-17-amd64",
    ),
    Case(
        55,
        "ubuntu:22.04",
        stanza("linux-image-5.15.0-164-generic", "linux"),
        [
            record("Ubuntu:20.04:LTS", "linux", "5.15.0-70.77~20.04.1"),
            record("Ubuntu:22.04:LTS", "linux", "5.15.0-70.77", id="X-2"),
        ],
        {"5.15.0-164.174": NA, "5.15.0-70.77": NA, "5.15.0-69.76": V},
    ),
    Case(
        59,
        "ubuntu:20.04",
        stanza("unzip"),
        [
            record("Ubuntu:18.04:LTS", "unzip", "6.0-21ubuntu1.2"),
            record("Ubuntu:20.04:LTS", "unzip", "6.0-25ubuntu1.1", id="X-2"),
            record("Ubuntu:22.04:LTS", "unzip", "6.0-26ubuntu3.1", id="X-3"),
        ],
        {"6.0-25ubuntu1": V, "6.0-25ubuntu1.1": NA, "6.0-25ubuntu1.2": NA},
    ),
    Case(
        61,
        "ubuntu:18.04",
        stanza("zabbix-get", "zabbix", Maintainer="Zabbix Packager <info@zabbix.com>"),
        [record("Ubuntu:18.04:LTS", "zabbix", None)],
        {"1:5.0.20-1+bionic": THIRD, "1:3.0.12+dfsg-1": THIRD},
    ),
    Case(
        61,
        "ubuntu:18.04",
        stanza("zabbix-agent", "zabbix", Maintainer="Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>"),
        [record("Ubuntu:18.04:LTS", "zabbix", "1:3.0.12+dfsg-1ubuntu1")],
        {"1:3.0.12+dfsg-1": V, "1:3.0.12+dfsg-1ubuntu1": NA, "1:3.0.12+dfsg-1ubuntu2": NA},
    ),
    Case(
        65,
        "ubuntu:18.04",
        stanza("libwebp6", "libwebp"),
        [record("Ubuntu:18.04:LTS", "libwebp", "0.6.1-2ubuntu0.18.04.2")],
        {"0.6.1-2ubuntu0.18.04.1": V, "0.6.1-2ubuntu0.18.04.2": NA, "0.6.1-2": V},
    ),
    Case(
        66,
        "alpine:3.10",
        installed("jq"),
        [record("Alpine:v3.10", "jq", "1.6_rc1-r0")],
        {"1.6-r0": NA, "1.6_rc1-r0": NA, "1.5-r5": V, "1.6_rc1-r1": NA},
    ),
    Case(
        69,
        "alpine:3.10",
        installed("curl"),
        {
            "distroversion": "v3.10",
            "reponame": "main",
            "archs": ["x86_64"],
            "packages": [{"pkg": {"name": "curl", "secfixes": {"0": [CVE]}}}],
        },
        {"7.66.0-r0": NA, "0-r0": NA},
    ),
    Case(
        69,
        "alpine:3.10",
        installed("curl"),
        {
            "distroversion": "v3.10",
            "reponame": "main",
            "archs": ["x86_64"],
            "packages": [{"pkg": {"name": "curl", "secfixes": {"7.66.0-r0": [CVE], "0": ["CVE-2020-10001"]}}}],
        },
        {"7.65.0-r0": V, "7.66.0-r0": NA, "7.67.0-r0": NA},
    ),
    Case(
        71,
        "alpine:3.19",
        installed("busybox"),
        [record("Alpine:v3.19", "busybox", "1.10.0-r0")],
        {"1.2.0-r0": V, "1.9.9-r0": V, "1.10.0-r0": NA, "1.11.0-r0": NA},
    ),
    Case(
        72,
        "alpine:3.12",
        installed("sudo"),
        [record("Alpine:v3.12", "sudo", "1.9.5p2-r0")],
        {"1.9.5p2-r0": U, "1.9.5-r0": U},
    ),
    Case(
        72,
        "alpine:3.12",
        installed("qt5-qtbase"),
        [record("Alpine:v3.12", "qt5-qtbase", "5.15.3_git20200401-r1")],
        {"5.15.3_git20200401-r0": V, "5.15.3_git20200401-r1": NA, "5.15.3_git20200406-r0": NA, "5.15.2-r0": V},
    ),
    Case(
        77,
        "debian:12",
        stanza("curl"),
        [record("Debian:12", "curl", None), record("Debian:12", "curl", "7.88.1-10+deb12u5", id="X-2")],
        # A record without a fix stands against fixes of its own channel (rule 8).
        {"7.88.1-10+deb12u4": V, "7.88.1-10+deb12u5": V, "7.88.1-10+deb12u6": V},
    ),
]


def named(case: Case) -> str:
    return f"{case.number}-{case.list.split()[0][:40]}"


def listed(case: Case, version: str) -> Inventory:
    epoch, _, rest = version.rpartition(":")
    upstream, _, release = rest.rpartition("-")
    places = {"e": epoch or "(none)", "v": upstream, "r": release}
    text = case.list.format(version, **places) if "{e}" not in case.list else case.list.format(**places)
    inventory = inventories.read_stream(BytesIO(text.encode()), "list")
    return evolve(inventory, distribution=Distribution.parse(case.distribution), running_kernel=case.kernel)


def fed(case: Case, folder: Path) -> Feed:
    for number, document in enumerate(case.feed if isinstance(case.feed, list) else [case.feed]):
        (folder / f"{number}").write_text(document if isinstance(document, str) else json.dumps(document))
    feed = read_feed(folder)
    assert not any(report.rejections for report in feed.reports)
    return feed


def verdicts(findings: Findings) -> Counter[str]:
    """Packages by class. An unchecked one counts as clean: these lists and feeds show little (rule 0)."""
    counts = Counter[str]()
    for name, count in findings.coverage.counts.items():
        counts[NA if name is PackageClass.UNCHECKED else name.value] += count
    return +counts


@pytest.mark.parametrize("case", CASES, ids=named)
def test_reported(case: Case, tmp_path: Path) -> None:
    feed = fed(case, tmp_path)
    for version, expected in case.classes.items():
        inventory = listed(case, version)
        findings = match(inventory, feed)
        assert (version, verdicts(findings)) == (version, {expected: 1})
        assert len(findings) == (1 if expected in (V, U) else 0)
        for finding in findings:
            assert finding.vulnerability == CVE
            assert (finding.status is Status.AFFECTED) is (expected == V)
            assert case.assumed <= set(finding.assumptions)
            _is_true(finding)
            # A kernel's package is the only one that can run; headers and metapackages are installed like any other.
            is_kernel = kernel_of(finding.package) is not None and case.number in (25, 33, 49, 55)
            assert (finding.presence is Presence.INSTALLED) is not is_kernel
            assert finding.priority is not Priority.LOW


def test_63_the_end_of_life_says_nothing_of_the_urgency(tmp_path: Path) -> None:
    (case, _) = (case for case in CASES if case.number == 63)
    (finding,) = match(listed(case, "1:9.16.50-1~deb11u2"), fed(case, tmp_path))
    assert (finding.fix_state, finding.priority, finding.rule) == (FixState.END_OF_LIFE, Priority.MEDIUM, "A0")


def test_78_headers_can_be_told(tmp_path: Path) -> None:
    """They carry the kernel's vulnerabilities, and are kept; who does not want them leaves them out by their role."""
    (case,) = (case for case in CASES if case.number == 78)
    (finding,) = match(listed(case, "6.1.69-1"), fed(case, tmp_path))
    kernel = kernel_of(finding.package)
    assert kernel is not None
    assert (kernel.role, finding.presence, finding.restart_required) == (Role.HEADERS, Presence.INSTALLED, False)


def _is_true(finding: Finding) -> None:
    """The sentence shows the versions that were compared."""
    assert finding.evidence.installed in finding.cause or finding.package.version in finding.cause
    if finding.fixed_version is not None:
        assert finding.fixed_version in finding.cause


#: Of each architecture another one, where the list shows it.
OTHERS = {"x86_64": "aarch64", "amd64": "arm64"}


@pytest.mark.parametrize("case", CASES, ids=named)
def test_another_architecture(case: Case, tmp_path: Path) -> None:
    """The same classes, but for records that are about one architecture."""
    (other,) = {case.list.replace(arch, OTHERS[arch]) for arch in OTHERS if arch in case.list}
    feed = fed(case, tmp_path)
    for version, expected in (case.classes | case.elsewhere).items():
        inventory = listed(evolve(case, list=other), version)
        assert {package.arch for package in inventory.packages} <= set(OTHERS.values())
        assert (version, verdicts(match(inventory, feed))) == (version, {expected: 1})


@pytest.mark.parametrize("case", CASES, ids=named)
def test_another_release_is_not_covered(case: Case, tmp_path: Path) -> None:
    feed = fed(case, tmp_path)
    inventory = listed(case, next(iter(case.classes)))
    assert inventory.distribution is not None
    type, id = inventory.packages[0].type, inventory.distribution.id
    # Later than any that a dist tag shows.
    other = Distribution(id, "99.04" if id == "ubuntu" else "99.9" if type == "apk" else "9999")
    inventory = evolve(inventory, distribution=other)
    findings = match(inventory, feed)
    assert not findings.coverage.covered
    assert {name for name, count in findings.coverage.counts.items() if count} == {PackageClass.NOT_COVERED}
    # Where the feed knows the release, it has no record of the package there.
    entry = Affected("something-else", type, other, Names.BINARY, (Range(fixed="1-1"),))
    both = match(inventory, Feed([*feed, Advisory("X-9", affected=(entry,))]))
    assert both.coverage.covered
    judged = PackageClass.THIRD_PARTY if THIRD in case.classes.values() else PackageClass.CLEAN
    assert {name for name, count in both.coverage.counts.items() if count} == {judged}
    assert not both


#: Situations that are an order of versions alone, each earlier than the next; they are in the vectors too.
ORDERS: Mapping[int, Sequence[tuple[str, str, Sequence[str]]]] = {
    29: [
        ("rpm", "rpm.tsv", ("2.0.5^20260117git1be041b", "2.0.5.1")),
        ("rpm", "rpm.tsv", ("1.0~rc1", "1.0", "1.0^", "1.0^git1", "1.0.0", "1.0.1")),
    ],
    41: [
        ("dpkg", "dpkg.tsv", ("1.2.3-1~deb7u1", "1.2.3-1")),
        ("dpkg", "dpkg.tsv", ("2.7.4+reloaded2-13ubuntu1", "2.7.4+reloaded2-13+deb9u1")),
    ],
    43: [("dpkg", "dpkg.tsv", ("1:4.15", "1:4.16.0-2+really2.41-5"))],
}


@pytest.mark.parametrize("number", ORDERS)
def test_orders(number: int) -> None:
    for scheme, vectors, versions in ORDERS[number]:
        in_vectors = [version for group in ordered(vectors) for version in group]
        assert [version for version in in_vectors if version in versions] == list(versions)
        for earlier, later in pairwise(versions):
            assert (vercmp.compare(earlier, later, scheme=scheme), vercmp.compare(later, earlier, scheme=scheme)) == (
                -1,
                1,
            )
            type = "deb" if scheme == "dpkg" else "rpm"
            release = Distribution.parse("ubuntu:18.04" if type == "deb" else "almalinux:9")
            entry = Affected("x", type, release, Names.BINARY, (Range(fixed=later),))
            feed = Feed([Advisory("X-1", Kind.SECURITY, (CVE,), (entry,))])
            statuses = [
                [finding.status for finding in match(Inventory(release, (Package(type, "x", version),)), feed)]
                for version in (earlier, later)
            ]
            assert statuses == [[Status.AFFECTED], []]


class TestUpgrades:
    """Two lists of one host, one after the other: a finding is the same by its instance and vulnerability."""

    def test_73_upgraded_and_still_vulnerable(self) -> None:
        feed = Feed(
            [
                Advisory(
                    "DSA-1",
                    Kind.SECURITY,
                    ("CVE-2020-28924",),
                    (
                        Affected(
                            "rclone", "deb", Distribution.parse("debian:11"), Names.SOURCE, (Range(fixed="1.53.3-1"),)
                        ),
                    ),
                )
            ]
        )
        found = [self.found("rclone", version, feed) for version in ("1.49.5-1", "1.50.0-1", "1.53.3-1")]
        assert found[0] == found[1] == {("deb/rclone/amd64", "CVE-2020-28924")}
        assert found[2] == set()

    def test_74_an_upgrade_makes_no_second_finding(self) -> None:
        entries = [
            Affected("curl", "deb", Distribution.parse("debian:11"), Names.SOURCE, (Range(fixed=fixed),))
            for fixed in ("7.74.0-1.3+deb11u2", "7.74.0-1.3+deb11u3")
        ]
        feed = Feed([Advisory(f"DSA-{n}", Kind.SECURITY, (f"CVE-{n}",), (one,)) for n, one in enumerate(entries, 2001)])
        before = self.found("curl", "7.74.0-1.3+deb11u1", feed)
        after = self.found("curl", "7.74.0-1.3+deb11u2", feed)
        assert after < before
        assert {vulnerability for _, vulnerability in before - after} == {"CVE-2001"}
        assert len({instance for instance, _ in before | after}) == 1

    def found(self, package: str, version: str, feed: Feed) -> set[tuple[str, str]]:
        inventory = inventories.read_stream(BytesIO(stanza(package).format(version).encode()), "list")
        findings = match(evolve(inventory, distribution=Distribution.parse("debian:11")), feed)
        identities = [(finding.instance, finding.vulnerability) for finding in findings]
        assert len(set(identities)) == len(identities)
        return set(identities)


class TestCommands:
    """What is empty for the wrong reason is not clean: the exit status and the words show it."""

    def run(self, tmp_path: Path, listing: str, feed: str | None, *more: str) -> int:
        (tmp_path / "list").write_text(listing)
        if feed is not None:
            (tmp_path / "feed").write_text(feed)
        return cli.main(["match", "--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed"), *more])

    def test_75_an_image_at_its_end_of_life(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        listing = "# os-release ID=almalinux VERSION_ID=7.9\nbash-4.2.46-35.el7_9.x86_64\n"
        feed = json.dumps(record("AlmaLinux:8", "bash", "4.4.20-4.el8_6"))
        assert self.run(tmp_path, listing, feed) == 3
        printed = capsys.readouterr()
        assert "NOT COVERED" in printed.err
        assert "No packages were checked" in " ".join(printed.out.split())
        assert self.run(tmp_path, listing.replace("7.9", "8.9"), feed) == 0

    def test_80_the_wrong_feed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        listing = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\n"
        right = json.dumps(record("AlmaLinux:9", "bash", "5.1.8-6.el9"))
        foreign = json.dumps(record("Debian:12", "bash", "5.2.15-2"))
        assert self.run(tmp_path, listing, right) == 0
        assert "1 finding" in capsys.readouterr().out
        assert self.run(tmp_path, listing, foreign) == 3
        assert "NOT COVERED" in capsys.readouterr().err
        assert self.run(tmp_path, listing, "[]") == 2
        assert self.run(tmp_path, listing, "") == 2
        assert self.run(tmp_path, listing, right, "--distro", "almalinx:9") == 2
        assert self.run(tmp_path, listing, right, "--distro", "almalinux:8") == 3


def test_every_situation_has_a_case(shared: Path) -> None:
    """No row of the collection of situations is forgotten."""
    rows = [
        line.split("|")[1].strip() for line in (shared / "CASES.md").read_text().splitlines() if line.startswith("| ")
    ]
    numbers = {int(cell) for cell in rows if cell.isdecimal()}
    assert len(numbers) >= 44
    own = {
        int(name.split("_")[1])
        for one in (TestUpgrades, TestCommands)
        for name in vars(one)
        if name.startswith("test_")
    }
    assert numbers == {case.number for case in CASES} | set(ORDERS) | own
