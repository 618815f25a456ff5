"""The table of releases and the table of kernels."""

import doctest
import importlib
import pickle
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from advisories_reference import deb, rpm
from attrs import evolve

import advisories
from advisories.distros.identity import instance_of
from advisories.distros.kernels import KernelPackage, Role, kernel_of, running, slot_of, unames
from advisories.matching.rules import presences
from advisories.models import SCHEME_OF_TYPE, Distribution, Package, Presence
from advisories.models.distribution import (
    ADDITIVE_CHANNELS,
    CHANNEL_OPENED_BY,
    CHANNELS,
    FAMILIES,
    codenames_of,
    compatible,
    family_of,
    filed_under,
    has_channel,
    is_additive,
    next_release,
    normalised,
)
from advisories.models.errors import UnknownChannel, UnknownDistribution
from advisories.readers import inventories
from advisories.readers.releases import (
    from_cpe,
    from_ecosystem,
    from_identifier,
    from_os_release,
    from_product,
    from_release_file,
    from_release_packages,
    parse_os_release,
)

MODULES = sorted(found.name for found in pkgutil.walk_packages(advisories.__path__, "advisories."))


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    ("ecosystem", "id", "release", "channel"),
    [
        ("AlmaLinux:9", "almalinux", "9", None),
        ("Rocky Linux:8", "rocky", "8", None),
        ("Debian:12", "debian", "12", None),
        ("Debian:6.0", "debian", "6", None),
        ("Debian:3.1", "debian", "3.1", None),
        ("Ubuntu:22.04:LTS", "ubuntu", "22.04", None),
        ("Ubuntu:25.10", "ubuntu", "25.10", None),
        ("Ubuntu:Pro:18.04:LTS", "ubuntu", "18.04", "pro"),
        ("Ubuntu:Pro:FIPS:18.04:LTS", "ubuntu", "18.04", "fips"),
        ("Ubuntu:Pro:FIPS-updates:18.04:LTS", "ubuntu", "18.04", "fips-updates"),
        ("Ubuntu:Pro:FIPS-preview:22.04:LTS", "ubuntu", "22.04", "fips-preview"),
        ("Ubuntu:Pro:Realtime:22.04:LTS", "ubuntu", "22.04", "realtime"),
        *((f"Red Hat:rhel_{one}:8.4::appstream", "rhel", "8.4", one) for one in ("eus", "aus", "tus", "e4s")),
        ("Red Hat:rhel_els:7", "rhel", "7", "els"),
        ("Alpine:v3.19", "alpine", "3.19", None),
        ("openSUSE:Leap 15.3", "opensuse-leap", "15.3", None),
        ("openSUSE:Tumbleweed", "opensuse-tumbleweed", "rolling", None),
        ("SUSE:Linux Enterprise Server 12 SP1", "sles", "12.1", None),
        ("SUSE:Linux Enterprise Server 12", "sles", "12", None),
        ("Red Hat:enterprise_linux:9::appstream", "rhel", "9", None),
        ("Red Hat:rhel_eus:8.8::baseos", "rhel", "8.8", "eus"),
        ("Mageia:9", "mageia", "9", None),
        ("openEuler:20.03-LTS-SP1", "openeuler", "20.03-LTS-SP1", None),
        ("Photon OS:3.0", "photon", "3.0", None),
        ("Azure Linux:3", "azurelinux", "3", None),
        ("Azure Linux:2", "mariner", "2.0", None),
        ("Debian:sid", "debian", "unstable", None),
        ("openSUSE:Leap Micro 5.3", "opensuse-leap-micro", "5.3", None),
        ("SUSE:Linux Enterprise Server 15 SP3-LTSS", "sles", "15.3", "ltss"),
        ("SUSE:Linux Enterprise Server 16.0", "sles", "16.0", None),
        ("SUSE:Linux Enterprise Server for SAP Applications 12", "sles", "12", None),
        ("SUSE:Linux Enterprise Server LTSS Extended Security 12 SP5", "sles", "12.5", "ltss-extended-security"),
        ("SUSE:Linux Enterprise Server 12 SP2-BCL", "sles", "12.2", "bcl"),
        ("SUSE:Linux Enterprise Desktop 12 SP1", "sles", "12.1", None),
        ("SUSE:Linux Enterprise Software Development Kit 12", "sles", "12", None),
        ("SUSE:Linux Enterprise Workstation Extension 12 SP1", "sles", "12.1", None),
        ("SUSE:Linux Enterprise High Performance Computing 15 SP7-ESPOS", "sles", "15.7", "espos"),
        ("SUSE:Linux Enterprise Module for Basesystem 15 SP7", "sles", "15.7", None),
        ("SUSE:Linux Enterprise Module for Basesystem 15", "sles", "15", None),
        ("SUSE:Real Time Module 15 SP3", "sles", "15.3", None),
        ("SUSE:Linux Enterprise Micro 5.3", "sle-micro", "5.3", None),
        ("SUSE:Linux Micro 6.2", "sle-micro", "6.2", None),
        ("Red Hat:enterprise_linux_eus:10.0", "rhel", "10.0", "eus"),
        ("Alpaquita:23", "alpaquita", "23", None),
        ("Alpaquita:stream", "alpaquita", "stream", None),
        ("BellSoft Hardened Containers:25", "bellsoft-hardened-containers", "25", None),
        ("MinimOS", "minimos", "rolling", None),
        ("CleanStart", "cleanstart", "rolling", None),
        ("Echo", "echo", "rolling", None),
        ("Wolfi", "wolfi", "rolling", None),
        ("Chainguard", "chainguard", "rolling", None),
        ("Debian:trixie", "debian", "13", None),
        ("Alpine:edge", "alpine", "edge", None),
        ("Ubuntu:Pro:22.04:LTS:Realtime:Kernel", "ubuntu", "22.04", "realtime"),
        ("Ubuntu:22.04:LTS:for:NVIDIA:BlueField", "ubuntu", "22.04", "bluefield"),
        ("Ubuntu:Nvidia-BlueField:24.04:LTS", "ubuntu", "24.04", "bluefield"),
        # What is made of another distribution's packages: a distribution of its own, or a channel of that one.
        ("Docker Hardened Images:Alpine:3.24", "dhi-alpine", "3.24", None),
        ("Docker Hardened Images:Debian:13", "dhi-debian", "13", None),
        ("Docker Hardened Images:Debian:trixie", "dhi-debian", "13", None),
        ("Root:Alpine:3.18", "alpine", "3.18", "root"),
        ("Root:Debian:12", "debian", "12", "root"),
        ("Root:Ubuntu:22.04", "ubuntu", "22.04", "root"),
        ("TuxCare:AlmaLinux:9.6", "almalinux", "9.6", "tuxcare"),
        ("TuxCare:CentOS-Stream:8", "centos-stream", "8", "tuxcare"),
        ("TuxCare:OracleLinux:7", "ol", "7", "tuxcare"),
        ("TuxCare:RHEL:8", "rhel", "8", "tuxcare"),
        ("TuxCare:CentOS:7", "rhel", "7", "tuxcare"),
        ("TuxCare:Ubuntu:18.04", "ubuntu", "18.04", "tuxcare"),
        ("TuxCare:Ubuntu:22.04:LTS", "ubuntu", "22.04", "tuxcare"),
        ("TuxCare:Debian:10", "debian", "10", "tuxcare"),
        ("TuxCare:Alpine:v3.16", "alpine", "3.16", "tuxcare"),
    ],
)
def test_ecosystems(ecosystem: str, id: str, release: str, channel: str | None) -> None:
    assert from_ecosystem(ecosystem) == (Distribution(id, release), channel)
    assert channel is None or channel in CHANNELS[id]


#: The Linux ecosystems of OSV's schema 1.7.5, with an example each, and the type of their packages.
LINUX = {
    "AlmaLinux:9": "rpm",
    "Alpaquita:23": "apk",
    "Alpine:v3.22": "apk",
    "Azure Linux:3": "rpm",
    "BellSoft Hardened Containers:25": "apk",
    "Chainguard": "apk",
    "CleanStart": "apk",
    "Debian:13": "deb",
    "Docker Hardened Images:Alpine:3.24": "apk",
    "Docker Hardened Images:Debian:13": "deb",
    "Echo": "deb",
    "Mageia:9": "rpm",
    "MinimOS": "apk",
    "Photon OS:5.0": "rpm",
    "Red Hat:enterprise_linux:9::baseos": "rpm",
    "Rocky Linux:9": "rpm",
    "Root:Alpine:3.18": "apk",
    "Root:Debian:12": "deb",
    "SUSE:Linux Enterprise Server 15 SP7": "rpm",
    "TuxCare:AlmaLinux:9.6": "rpm",
    "TuxCare:Ubuntu:18.04": "deb",
    "Ubuntu:24.04:LTS": "deb",
    "Wolfi": "apk",
    "openEuler:24.03-LTS": "rpm",
    "openSUSE:Leap 15.6": "rpm",
}


def test_hardened_images_are_told_by_what_they_are_made_of() -> None:
    for like, version, expected in (
        ("alpine", "3.24.1", "dhi-alpine 3.24"),
        ("debian", "13", "dhi-debian 13"),
        ("", "3.24", "dhi-alpine 3.24"),
        ("", "13", "dhi-debian 13"),
    ):
        found = from_os_release({"ID": "dhi", "ID_LIKE": like, "VERSION_ID": version})
        assert found is not None
        assert str(filed_under(found)) == expected
    assert from_identifier("dhi-3.24") == Distribution("dhi-alpine", "3.24")
    assert Distribution.parse("dhi:trixie") == Distribution("dhi-debian", "13")
    # Before they had an ID of their own they were what they are made of.
    assert from_os_release({"ID": "alpine", "VERSION_ID": "3.24.1"}) == Distribution("alpine", "3.24.1")


def test_every_linux_ecosystem_has_a_release() -> None:
    assert len({ecosystem.partition(":")[0] for ecosystem in LINUX}) == 22
    for ecosystem, type in LINUX.items():
        place = from_ecosystem(ecosystem)
        assert place is not None, ecosystem
        family = family_of(place[0])
        assert family is not None
        assert family.type == type


@pytest.mark.parametrize(
    "ecosystem",
    [
        "",
        "AlmaLinux",
        "AlmaLinux:",
        "AlmaLinux:nine",
        "Alma Linux:9",
        "almalinux:9",
        "Ubuntu",
        "Ubuntu:Pro",
        "Ubuntu:FIPS:22.04:LTS",
        "Alpine",
        "Alpine:3.19",
        "Wolfi:1",
        "openSUSE:Leap",
        "openSUSE:Tumbleweed 1",
        "SUSE:Linux Enterprise Server for Raspberry Pi 12 SP2",
        "SUSE:Linux Enterprise Server 12 SP1-TERADATA",
        "SUSE:Linux Enterprise Module for Web and Scripting 12",
        "SUSE:Linux Enterprise Module for SUSE Manager Server 4.3",
        "SUSE:Package Hub 15 SP5",
        "SUSE:Manager Server 4.3",
        "TuxCare:8",
        "TuxCare",
        "TuxCare:Maven",
        "TuxCare:PyPI",
        "TuxCare:CentOS",
        "TuxCare:TuxCare:Debian:10",
        "TuxCare:Root:Debian:10",
        "TuxCare:Ubuntu:Pro:18.04:LTS",
        "Root",
        "Root:Debian",
        "Root:PyPI",
        "Root:npm",
        "Docker Hardened Images",
        "Docker Hardened Images:Debian",
        "Docker Hardened Images:Ubuntu:24.04",
        "Docker Hardened Images:Docker Hardened Images:Debian:13",
        "Ubuntu:Pro:22.04:LTS:Another:Product",
        "Debian:experimental",
        "Debian:",
        "Echo:PyPi",
        "Alpaquita",
        "Alpaquita:edge",
        "Red Hat:",
        "Red Hat:ocp_tools:4.15::el9",
        "PyPI:3",
    ],
)
def test_unknown_ecosystems_stay_unknown(ecosystem: str) -> None:
    assert from_ecosystem(ecosystem) is None


@pytest.mark.parametrize(
    ("fields", "host", "filed"),
    [
        ({"ID": "almalinux", "VERSION_ID": "9.0"}, ("almalinux", "9.0"), ("almalinux", "9")),
        ({"ID": "rhel", "VERSION_ID": "8.6"}, ("rhel", "8.6"), ("rhel", "8")),
        ({"ID": "centos", "VERSION_ID": "7"}, ("centos", "7"), ("rhel", "7")),
        ({"ID": "centos", "VERSION_ID": "9"}, ("centos", "9"), ("centos", "9")),
        ({"ID": "raspbian", "VERSION_ID": "12"}, ("raspbian", "12"), ("debian", "12")),
        ({"ID": "linuxmint", "VERSION_ID": "21.3"}, ("linuxmint", "21.3"), ("ubuntu", "22.04")),
        ({"ID": "linuxmint", "VERSION_ID": "17"}, ("linuxmint", "17"), ("ubuntu", "14.04")),
        ({"ID": "linuxmint", "NAME": "LMDE", "VERSION_ID": "6"}, ("lmde", "6"), ("debian", "12")),
        ({"ID": "elementary", "VERSION_ID": "5.1.7"}, ("elementary", "5.1.7"), ("ubuntu", "18.04")),
        ({"ID": "zorin", "VERSION_ID": "17"}, ("zorin", "17"), ("ubuntu", "22.04")),
        ({"ID": "pop", "VERSION_ID": "22.04"}, ("pop", "22.04"), ("ubuntu", "22.04")),
        ({"ID": "scientific", "VERSION_ID": "7.9"}, ("scientific", "7.9"), ("rhel", "7")),
        # Their builds and advisories are their own: known by name, and not judged by anybody else's.
        ({"ID": "alinux", "VERSION_ID": "3"}, ("alinux", "3"), ("alinux", "3")),
        ({"ID": "anolis", "VERSION_ID": "8.8"}, ("anolis", "8.8"), ("anolis", "8")),
        ({"ID": "ol", "VERSION_ID": "8.9"}, ("ol", "8.9"), ("ol", "8")),
        ({"ID": "debian", "VERSION_ID": "12"}, ("debian", "12"), ("debian", "12")),
        ({"ID": "debian"}, ("debian", None), ("debian", None)),
        ({"ID": "debian", "VERSION_CODENAME": "bookworm"}, ("debian", "12"), ("debian", "12")),
        ({"ID": "debian", "VERSION_ID": "11", "VERSION_CODENAME": "bookworm"}, ("debian", "11"), ("debian", "11")),
        ({"ID": "debian", "VERSION_ID": "", "VERSION_CODENAME": "sid"}, ("debian", "unstable"), None),
        # Testing and unstable before trixie was released, in the same words.
        (
            {"ID": "debian", "VERSION_CODENAME": "trixie", "PRETTY_NAME": "Debian GNU/Linux trixie/sid"},
            ("debian", None),
            ("debian", None),
        ),
        ({"ID": "debian", "VERSION_CODENAME": "slink"}, ("debian", None), ("debian", None)),
        ({"ID": "ubuntu", "VERSION_CODENAME": "Jammy"}, ("ubuntu", "22.04"), ("ubuntu", "22.04")),
        ({"ID": "raspbian", "VERSION_CODENAME": "bookworm"}, ("raspbian", "12"), ("debian", "12")),
        ({"ID": "fedora", "VERSION_CODENAME": "bookworm"}, ("fedora", None), ("fedora", None)),
        ({"ID": "nixos", "VERSION_CODENAME": "tapir"}, ("nixos", None), ("nixos", None)),
        ({"ID": "ubuntu", "VERSION_ID": "22.04"}, ("ubuntu", "22.04"), ("ubuntu", "22.04")),
        ({"ID": "alpine", "VERSION_ID": "3.19.1"}, ("alpine", "3.19.1"), ("alpine", "3.19")),
        ({"ID": "opensuse-tumbleweed", "VERSION_ID": "20240101"}, ("opensuse-tumbleweed", "rolling"), None),
        ({"ID": "mariner", "VERSION_ID": "2.0.20240112"}, ("mariner", "2.0.20240112"), ("mariner", "2.0")),
        (
            {"ID": "openEuler", "VERSION_ID": "20.03", "VERSION": "20.03 (LTS-SP1)"},
            ("openeuler", "20.03-LTS-SP1"),
            ("openeuler", "20.03-LTS-SP1"),
        ),
        ({"ID": "openEuler", "VERSION_ID": "23.09", "VERSION": "23.09"}, ("openeuler", "23.09"), None),
        ({"ID": "sled", "VERSION_ID": "15.3"}, ("sles", "15.3"), ("sles", "15.3")),
        ({"ID": "sl-micro", "VERSION_ID": "6.0"}, ("sle-micro", "6.0"), ("sle-micro", "6.0")),
        ({"ID": "alpaquita", "VERSION_ID": "stream"}, ("alpaquita", "stream"), ("alpaquita", "stream")),
        ({"ID": "minimos", "VERSION_ID": "20241031"}, ("minimos", "rolling"), ("minimos", "rolling")),
        ({"ID": "nixos", "VERSION_ID": "23.11"}, ("nixos", "23.11"), ("nixos", "23.11")),
        ({"VERSION_ID": "1"}, None, None),
        # Debian by its codename, and what has the next release's codename before that is released.
        (
            {"ID": "debian", "VERSION_CODENAME": "trixie", "PRETTY_NAME": "Debian GNU/Linux trixie"},
            ("debian", "13"),
            ("debian", "13"),
        ),
        (
            {"ID": "debian", "VERSION_CODENAME": "forky", "VERSION": "forky/sid"},
            ("debian", None),
            ("debian", None),
        ),
        # A parent's codename is not its own.
        ({"ID": "parrot", "VERSION_CODENAME": "lory", "DEBIAN_CODENAME": "bookworm"}, ("parrot", None), None),
        ({"ID": "devuan", "VERSION_ID": "5", "VERSION_CODENAME": "daedalus"}, ("devuan", "5"), ("devuan", "5")),
        ({"ID": "kali", "VERSION_ID": "2026.2", "VERSION_CODENAME": "kali-rolling"}, ("kali", "2026.2"), None),
        ({"ID": "mx", "VERSION_ID": "25"}, ("mx", "25"), ("mx", "25")),
        ({"ID": "neon", "VERSION_ID": "22.04", "UBUNTU_CODENAME": "jammy"}, ("neon", "22.04"), ("neon", "22.04")),
        ({"ID": "zorin", "VERSION_CODENAME": "jammy"}, ("zorin", None), ("zorin", None)),
        ({"ID": "linuxmint", "NAME": "Linux Mint", "VERSION_ID": "21.3"}, ("linuxmint", "21.3"), ("ubuntu", "22.04")),
        # Alpine edge, which has the number of the branch to come.
        (
            {"ID": "alpine", "VERSION_ID": "3.22.0_alpha20250108"},
            ("alpine", "3.22.0_alpha20250108"),
            ("alpine", "edge"),
        ),
        ({"ID": "alpine", "VERSION_ID": "3.17_alpha20220715"}, ("alpine", "3.17_alpha20220715"), ("alpine", "edge")),
        ({"ID": "alpine", "PRETTY_NAME": "Alpine Linux edge"}, ("alpine", "edge"), ("alpine", "edge")),
        ({"ID": "alpine", "VERSION_ID": "3.20.0_rc1"}, ("alpine", "3.20.0_rc1"), ("alpine", "3.20")),
        # Distributions of one release need none.
        ({"ID": "wolfi"}, ("wolfi", "rolling"), ("wolfi", "rolling")),
        ({"ID": "chainguard", "VERSION_ID": "20230214"}, ("chainguard", "rolling"), ("chainguard", "rolling")),
        # CentOS Stream and its rebuild have one ID.
        ({"ID": "centos", "NAME": "CentOS Linux", "VERSION_ID": "8"}, ("centos", "8"), ("rhel", "8")),
        ({"ID": "centos", "NAME": "CentOS Stream", "VERSION_ID": "8"}, ("centos-stream", "8"), ("centos-stream", "8")),
        ({"ID": "centos", "NAME": "CentOS Stream", "VERSION_ID": "10"}, ("centos-stream", "10"), None),
        # Red Hat's and Fedora's that are numbered like others.
        ({"ID": "rhcos", "VERSION_ID": "4.13", "RHEL_VERSION": "9.2"}, ("rhcos", "4.13"), ("rhcos", "4.13")),
        ({"ID": "rhel", "VERSION_ID": "9.6", "VARIANT_ID": "coreos"}, ("rhel", "9.6"), ("rhel", "9")),
        ({"ID": "fedora", "VERSION_ID": "41"}, ("fedora", "41"), ("fedora", "41")),
        (
            {"ID": "fedora", "VERSION_ID": "41", "REDHAT_BUGZILLA_PRODUCT_VERSION": "rawhide"},
            ("fedora", "rawhide"),
            ("fedora", "rawhide"),
        ),
        (
            {"ID": "fedora", "VERSION_ID": "41", "REDHAT_BUGZILLA_PRODUCT_VERSION": "rawhide", "VARIANT_ID": "eln"},
            ("eln", "41"),
            ("eln", "41"),
        ),
        ({"ID": "eln", "VERSION_ID": "11", "VARIANT_ID": "eln"}, ("eln", "11"), ("eln", "11")),
        # SUSE's, as they were renamed.
        ({"ID": "sles", "VERSION_ID": "16.0", "NAME": "SLES"}, ("sles", "16.0"), ("sles", "16.0")),
        ({"ID": "suse-microos", "VERSION_ID": "5.0"}, ("sle-micro", "5.0"), ("sle-micro", "5.0")),
        ({"ID": "sle-micro-rancher", "VERSION_ID": "5.2"}, ("sle-micro", "5.2"), ("sle-micro", "5.2")),
        ({"ID": "sle_hpc", "VERSION_ID": "15.5"}, ("sles", "15.5"), ("sles", "15.5")),
        ({"ID": "opensuse-microos", "VERSION_ID": "20240228"}, ("opensuse-tumbleweed", "rolling"), None),
        ({"ID": "aeon", "VERSION_ID": "20241118"}, ("opensuse-tumbleweed", "rolling"), None),
        ({"ID": "opensuse-slowroll", "VERSION_ID": "20240101"}, ("opensuse-slowroll", "rolling"), None),
        ({"ID": "opensuse", "VERSION_ID": "42.3"}, ("opensuse-leap", "42.3"), ("opensuse-leap", "42.3")),
        ({"ID": "opensuse", "VERSION_ID": "20170101"}, ("opensuse-tumbleweed", "rolling"), None),
        ({"ID": "opensuse", "VERSION_ID": "13.2"}, ("opensuse", "13.2"), ("opensuse", "13.2")),
        ({"ID": "amzn", "VERSION_ID": "2018.03"}, ("amzn", "2018.03"), ("amzn", "1")),
        ({"ID": "azurelinux", "VERSION_ID": "3.0"}, ("azurelinux", "3.0"), ("azurelinux", "3")),
    ],
)
def test_os_release(
    fields: dict[str, str], host: tuple[str, str | None] | None, filed: tuple[str, str | None] | None
) -> None:
    found = from_os_release(fields)
    assert found == (None if host is None else Distribution(*host))
    if found is not None and filed is not None:
        assert filed_under(found) == Distribution(*filed)
        assert filed_under(filed_under(found)) == filed_under(found)


def test_debian_version_shows_what_os_release_does_not() -> None:
    fields = {"ID": "debian", "VERSION_CODENAME": "trixie"}
    assert from_os_release(fields, "13.0\n") == Distribution("debian", "13")
    assert from_os_release(fields, "trixie/sid\n") == Distribution("debian", None)
    assert from_os_release({**fields, "VERSION_ID": "13"}, "trixie/sid\n") == Distribution("debian", "13")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3.22.0_alpha20250108", ("alpine", "3.22.0_alpha20250108")),
        ("3.17_alpha20220715", ("alpine", "3.17_alpha20220715")),
        ("3.20.0_rc1", ("alpine", "3.20")),
        ("CentOS Stream release 9", ("centos-stream", "9")),
        ("CentOS Linux release 8.5.2111", ("centos", "8.5.2111")),
        ("Fedora release 43 (Rawhide)", ("fedora", "rawhide")),
        ("Fedora release 42 (Adams)", ("fedora", "42")),
        ("Red Hat Enterprise Linux CoreOS release 4.16", ("rhcos", "4.16")),
        ("Anolis OS release 23", ("anolis", "23")),
    ],
)
def test_release_file_texts(text: str, found: tuple[str, str]) -> None:
    assert from_release_file(text) == Distribution(*found)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("SUSE Linux Enterprise Server 16.0", ("sles", "16.0")),
        ("SUSE Linux Enterprise Server for SAP Applications 15 SP5", ("sles", "15.5")),
        ("SUSE Linux Enterprise Desktop 15 SP4", ("sles", "15.4")),
        ("SUSE Linux Enterprise Micro 5.5", ("sle-micro", "5.5")),
        ("SUSE Linux Micro 6.1", ("sle-micro", "6.1")),
        ("openSUSE Leap Micro 5.5", ("opensuse-leap-micro", "5.5")),
        ("Anolis OS 23", ("anolis", "23")),
        ("Anolis OS 8.8", ("anolis", "8")),
    ],
)
def test_products(name: str, found: tuple[str, str]) -> None:
    assert from_product(name) == Distribution(*found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cpe:/o:suse:sles:16:16.0", ("sles", "16.0")),
        ("cpe:/o:suse:sles:15:sp5", ("sles", "15.5")),
        ("cpe:/o:suse:sles:15", ("sles", "15")),
        ("cpe:/o:suse:sles_sap:15:sp4", ("sles", "15.4")),
        ("cpe:/o:suse:sle-micro:5.5", ("sle-micro", "5.5")),
        ("cpe:/o:suse:sl-micro:6.0", ("sle-micro", "6.0")),
        ("cpe:/o:suse:suse-microos:5.0", ("sle-micro", "5.0")),
        ("cpe:/o:suse:sle-module-basesystem:15:sp5", ("sles", "15.5")),
        ("cpe:/o:suse:ses:7.1", None),
    ],
)
def test_cpes_of_suse(text: str, found: tuple[str, str] | None) -> None:
    assert from_cpe(text) == (found and (Distribution(*found), None))


def test_os_release_of_testing_and_unstable(unpacked: Callable[[str], Path]) -> None:
    """Real files, of images of both and of what was to become 13: none says which it is."""
    files = [
        path
        for path in unpacked("inventories/image-manifests").rglob("*os-release")
        if path.name.startswith(("sid", "unstable", "testing", "trixie"))
    ]
    assert len(files) > 20
    for path in files:
        assert from_os_release(parse_os_release(path.read_text())) == Distribution("debian", None), path


@pytest.mark.parametrize(
    ("text", "id", "release"),
    [
        ("almalinux:9", "almalinux", "9"),
        ("Alma:9.0", "almalinux", "9.0"),
        ("debian:bookworm", "debian", "12"),
        ("debian:sid", "debian", "unstable"),
        ("ubuntu:jammy", "ubuntu", "22.04"),
        ("oracle:8", "ol", "8"),
        ("wolfi", "wolfi", "rolling"),
        ("bookworm", "debian", "12"),
        ("Noble", "ubuntu", "24.04"),
        ("debian:testing", "debian", "testing"),
        ("alpine:edge", "alpine", "edge"),
        ("centos:stream9", "centos-stream", "9"),
        ("CentOS-Stream-9", "centos-stream", "9"),
        ("sl-micro:6.0", "sle-micro", "6.0"),
        ("almalinux-9", "almalinux", "9"),
        ("Debian 12", "debian", "12"),
        ("opensuse-leap-15.3", "opensuse-leap", "15.3"),
        ("opensuse-leap-micro-5.3", "opensuse-leap-micro", "5.3"),
        ("openeuler-20.03-LTS-SP1", "openeuler", "20.03-LTS-SP1"),
    ],
)
def test_parsed(text: str, id: str, release: str) -> None:
    assert Distribution.parse(text) == Distribution(id, release)


def test_alpine_as_its_repositories_write_it() -> None:
    assert filed_under(Distribution.parse("alpine:v3.18")) == filed_under(Distribution.parse("alpine:3.18.4"))


@pytest.mark.parametrize("text", ["", ":", "almalinux", "almalinux:", "nixos:23", "9"])
def test_parsed_unknown(text: str) -> None:
    with pytest.raises(UnknownDistribution, match="almalinux") as raised:
        Distribution.parse(text)
    assert raised.value.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Debain:12", "unknown distribution 'Debain': did you mean debian?"),
        ("debain-12", "unknown distribution 'debain-12': did you mean debian?"),
        ("rehdat:9", "unknown distribution 'rehdat': did you mean rhel?"),
        ("nixos:23", "unknown distribution 'nixos': write ID:RELEASE, where ID is one of almalinux, rocky, "),
        ("debian", "'debian' has no release: write debian:RELEASE"),
        ("debian:bokworm", "unknown release 'bokworm' of debian: did you mean bookworm?"),
        ("ubuntu:jamy+pro", "unknown release 'jamy' of ubuntu: did you mean jammy?"),
        ("ubuntu:ten", "unknown release 'ten' of ubuntu: write its number, or one of warty, hoary, "),
    ],
)
def test_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(UnknownDistribution) as raised:
        Distribution.parse(text)
    assert str(raised.value).startswith(message)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_distribution_of_no_table_is_no_error() -> None:
    assert filed_under(Distribution("foo", "1")) == Distribution("foo", "1")


@pytest.mark.parametrize(
    "text",
    [
        "ubuntu:18.04+esm-infra+fips",
        "ubuntu:bionic+PRO",
        "rhel:8.4+eus",
        "centos:7+els",
        "linuxmint:21+esm-apps",
        "amzn:2+kernel-5.15",
        "almalinux:9+",
    ],
)
def test_channels_of_an_option(text: str) -> None:
    assert Distribution.parse(text).channels == {one.lower() for one in text.split("+")[1:] if one}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("almalinux:9+foo", "unknown channel 'foo' in 'almalinux:9+foo': almalinux has tuxcare"),
        (
            "ubuntu:18.04+pro+esm-infr",
            "'esm-infr' in 'ubuntu:18.04+pro+esm-infr': did you mean esm-infra? ubuntu has pro, esm-infra, ",
        ),
        ("rhel:8.4+esm-infra", "rhel has eus, aus, tus, e4s, els"),
        ("centos:9+eus", "centos has none"),
        ("centos-stream:9+eus", "centos-stream has tuxcare"),
    ],
)
def test_unknown_channels(text: str, said: str) -> None:
    with pytest.raises(UnknownChannel) as raised:
        Distribution.parse(text)
    assert said in str(raised.value)
    assert raised.value.channel in text


def test_the_channels_that_are_told_apart_are_known() -> None:
    assert set().union(*CHANNELS.values()) >= ADDITIVE_CHANNELS | set(CHANNEL_OPENED_BY)


def test_release_packages() -> None:
    assert from_release_packages({"redhat-release": "8.6"}) == Distribution("rhel", "8.6")
    assert from_release_packages({"redhat-release": "8.6", "rocky-release": "8.6"}) is None
    for variant in ("server", "client", "workstation", "computenode"):
        version = f"6{variant.capitalize().replace('node', 'Node')}"
        assert from_release_packages({f"redhat-release-{variant}": version}) == Distribution("rhel", "6")
    assert from_release_packages({}) is None
    assert from_release_packages({"mariner-release": "2.0"}) == Distribution("mariner", "2.0")
    assert from_release_packages({"sles-release": "12.5"}) == Distribution("sles", "12.5")
    assert from_release_packages({"centos-stream-release": "9.0"}) == Distribution("centos-stream", "9.0")
    assert from_release_packages({"centos-linux-release": "8.5"}) == Distribution("centos", "8.5")
    assert from_release_packages({"SL-Micro-release": "6.0"}) == Distribution("sle-micro", "6.0")


def test_channels() -> None:
    esm = Distribution("ubuntu", "18.04", frozenset({"esm-infra"}))
    assert has_channel(esm, "pro")
    assert has_channel(esm, "esm-infra")
    assert not has_channel(esm, "fips")
    assert not has_channel(Distribution("ubuntu", "18.04"), "pro")
    assert is_additive("pro")
    assert not is_additive("fips")
    assert str(esm) == "ubuntu 18.04 {esm-infra}"
    assert filed_under(esm) == esm


@pytest.mark.parametrize(
    ("one", "alike"),
    [
        ("rocky:9.4", ["almalinux 9", "ol 9", "rhel 9"]),
        ("centos:7", ["ol 7"]),  # which is judged by rhel 7 unasked
        ("rhel:9", ["almalinux 9", "ol 9", "rocky 9"]),
        ("ol:6", ["rhel 6"]),
        ("centos:9", []),  # Stream
        ("almalinux:11", []),
        ("fedora:42", []),
        ("debian:12", []),
    ],
)
def test_compatible(one: str, alike: list[str]) -> None:
    ids, releases = ("almalinux", "rocky", "rhel", "ol", "centos", "debian"), ("6", "7", "8", "8.6", "9", "11", "12")
    feed = [Distribution(id, release) for id in ids for release in releases]
    assert sorted(map(str, compatible(Distribution.parse(one), feed))) == alike


def test_next_release() -> None:
    assert next_release(Distribution("debian", "12")) == Distribution("debian", "13")
    assert next_release(Distribution("debian", "unstable")) is None
    assert next_release(Distribution("ubuntu", "22")) is None


def test_the_table() -> None:
    ids = [id for id, family in FAMILIES.items() for id in (id, *family.aliases)]
    assert len(ids) == len(set(ids))
    assert {family.type for family in FAMILIES.values()} == {*SCHEME_OF_TYPE, "maven"}
    for id in FAMILIES:
        assert normalised(id.upper(), "1").id == id
        for codename, release in codenames_of(id).items():
            assert filed_under(Distribution.parse(f"{id}:{codename}")) == filed_under(Distribution(id, release))


@pytest.mark.parametrize(
    ("package", "role", "flavour", "release"),
    [
        (rpm("kernel", "5.14.0-70.el9"), Role.KERNEL, "kernel", "5.14.0-70.el9"),
        (rpm("kernel-core", "1:5.14.0-70.el9"), Role.KERNEL, "kernel", "5.14.0-70.el9"),
        (rpm("kernel-modules-extra", "5.14.0-70.el9"), Role.KERNEL, "kernel", "5.14.0-70.el9"),
        (rpm("kernel-rt-core", "4.18.0-1.rt7.el8"), Role.KERNEL, "kernel-rt", "4.18.0-1.rt7.el8"),
        (rpm("kernel-uek", "5.4.17-1.el8uek"), Role.KERNEL, "kernel-uek", "5.4.17-1.el8uek"),
        (rpm("kernel-devel", "5-1"), Role.HEADERS, "kernel", "5-1"),
        (rpm("kernel-headers", "5-1"), Role.HEADERS, "kernel", "5-1"),
        (deb("linux-image-6.1.0-18-amd64", "6.1.76-1"), Role.KERNEL, "amd64", "6.1.0-18"),
        (deb("linux-image-6.1.0-18-cloud-amd64", "6.1.76-1"), Role.KERNEL, "cloud-amd64", "6.1.0-18"),
        (deb("linux-image-6.12.38+deb13-amd64", "6.12.38-1"), Role.KERNEL, "amd64", "6.12.38+deb13"),
        (deb("linux-image-unsigned-5.15.0-70-generic", "5.15.0-70.77"), Role.KERNEL, "generic", "5.15.0-70"),
        (deb("linux-modules-5.15.0-1031-aws", "5.15.0-1031.35"), Role.KERNEL, "aws", "5.15.0-1031"),
        (deb("linux-headers-5.15.0-70", "5.15.0-70.77"), Role.HEADERS, "", "5.15.0-70"),
        (deb("linux-libc-dev", "6.1.76-1"), Role.HEADERS, "", None),
    ],
)
def test_kernels(package: Package, role: Role, flavour: str, release: str | None) -> None:
    found = kernel_of(package)
    assert found is not None
    assert (found.role, found.flavour, found.release) == (role, flavour, release)


@pytest.mark.parametrize(
    "package",
    [
        rpm("kernel-tools", "5-1"),
        rpm("kernel-tools-libs", "5-1"),
        rpm("bash", "5-1"),
        rpm("kernel-doc", "5-1"),
        deb("linux-image-amd64", "6.1.76-1"),
        deb("linux-image-aws", "5.15.0.1031.35"),
        deb("linux-image-686", "6.1.76-1"),
        deb("linux-image-686-pae", "6.1.76-1"),
        deb("linux-headers-4kc-malta", "6.1.76-1"),
        deb("linux-generic", "5.15.0.70.68"),
        deb("linux-base", "4.9"),
        deb("linux-firmware", "2022"),
        deb("linux-tools-common", "5.15.0-100.110"),
        deb("linux-tools-virtual", "5.15.0.100.97"),
        Package("apk", "linux-firmware", "20231111-r0"),
        rpm("linux-firmware", "20231111-1.ph4"),
    ],
)
def test_no_kernels(package: Package) -> None:
    assert kernel_of(package) is None


@pytest.mark.parametrize(
    ("uname", "type", "release", "flavour", "arch"),
    [
        ("5.14.0-70.13.1.el9_0.x86_64", "rpm", "5.14.0-70.13.1.el9_0", "kernel", "x86_64"),
        ("5.14.0-70.el9.aarch64+64k", "rpm", "5.14.0-70.el9", "kernel-64k", "aarch64"),
        ("5.14.0-70.el9.aarch64+64k+debug", "rpm", "5.14.0-70.el9", "kernel-64k-debug", "aarch64"),
        ("5.14.0-70.el9.x86_64+debug", "rpm", "5.14.0-70.el9", "kernel-debug", "x86_64"),
        ("5.14.0-70.el9.x86_64+rt", "rpm", "5.14.0-70.el9", "kernel-rt", "x86_64"),
        ("4.18.0-305.rt7.72.el8.x86_64", "rpm", "4.18.0-305.rt7.72.el8", "kernel-rt", "x86_64"),
        ("5.4.17-2136.el8uek.x86_64", "rpm", "5.4.17-2136.el8uek", "kernel-uek", "x86_64"),
        ("5.3.18-150300.59.93-default", "rpm", "5.3.18-150300.59.93", "kernel-default", None),
        ("4.14.232-176.381.amzn2.x86_64", "rpm", "4.14.232-176.381.amzn2", "kernel", "x86_64"),
        ("6.1.0-18-amd64", "deb", "6.1.0-18", "amd64", None),
        ("5.15.0-1031-aws", "deb", "5.15.0-1031", "aws", None),
        ("6.12.38+deb13-amd64", "deb", "6.12.38+deb13", "amd64", None),
        ("4.18.0-305.rt7.72.el8.x86_64+debug", "rpm", "4.18.0-305.rt7.72.el8", "kernel-rt-debug", "x86_64"),
        ("3.10.0-1160.el7.x86_64.debug", "rpm", "3.10.0-1160.el7", "kernel-debug", "x86_64"),
        ("5.14.0-427.13.1.el9_4.aarch64+rt+64k", "rpm", "5.14.0-427.13.1.el9_4", "kernel-rt-64k", "aarch64"),
        ("6.4.0-150600.23.17-64kb", "rpm", "6.4.0-150600.23.17", "kernel-64kb", None),
        ("6.6.3-1-rt_debug", "rpm", "6.6.3-1", "kernel-rt_debug", None),
        ("5.15.131.1-2.cm2", "rpm", "5.15.131.1-2.cm2", "kernel", None),
        ("5.10.0-8-686-pae", "deb", "5.10.0-8", "686-pae", None),
        ("5.10.0-8-686", "deb", "5.10.0-8", "686", None),
        ("6.1.0-0.deb11.17-rt-amd64", "deb", "6.1.0-0.deb11.17", "rt-amd64", None),
        ("6.8.0-31-generic-64k", "deb", "6.8.0-31", "generic-64k", None),
        ("6.1.0-18-5kc-malta", "deb", "6.1.0-18", "5kc-malta", None),
        ("custom", "deb", "custom", "", None),
        ("4.19.283-3.ph3", "rpm", "4.19.283-3.ph3", "linux", None),
        ("5.10.190-1.ph4-esx", "rpm", "5.10.190-1.ph4", "linux-esx", None),
        ("6.1.55-0-lts", "apk", "6.1.55-r0", "lts", None),
        ("5.15.0-0-custom", "apk", "5.15.0-0-custom", "", None),
    ],
)
def test_uname(uname: str, type: str, release: str, flavour: str, arch: str | None) -> None:
    found = running(uname, type)
    assert (found.release, found.flavour, found.arch) == (release, flavour, arch)


@pytest.mark.parametrize(
    ("package", "role", "flavour", "release"),
    [
        (rpm("kernel-default-base", "6.4.0-150600.23.17.1"), Role.KERNEL, "kernel-default", "6.4.0-150600.23.17.1"),
        (rpm("kernel-64kb-devel", "6.4.0-1.1"), Role.HEADERS, "kernel-64kb", "6.4.0-1.1"),
        (rpm("kernel6.12-modules", "6.12.8-1.amzn2023"), Role.KERNEL, "kernel", "6.12.8-1.amzn2023"),
        (deb("linux-image-6.1.0-18-amd64-unsigned", "6.1.76-1"), Role.KERNEL, "amd64", "6.1.0-18"),
        (deb("linux-image-5.10.0-8-686-pae-unsigned", "5.10.46-4"), Role.KERNEL, "686-pae", "5.10.0-8"),
        (deb("linux-image-extra-4.4.0-21-generic", "4.4.0-21.37"), Role.KERNEL, "generic", "4.4.0-21"),
        (deb("linux-headers-6.1.0-18-rt-686-pae", "6.1.76-1"), Role.HEADERS, "rt-686-pae", "6.1.0-18"),
        (deb("linux-aws-headers-5.15.0-1050", "5.15.0-1050.55"), Role.HEADERS, "", "5.15.0-1050"),
        (deb("linux-hwe-5.15-headers-5.15.0-91", "5.15.0-91.101~20.04.1"), Role.HEADERS, "", "5.15.0-91"),
        (deb("linux-tools-7.0.0-14-generic", "7.0.0-14.14"), Role.TOOLS, "generic", "7.0.0-14"),
        (deb("linux-cloud-tools-5.15.0-100", "5.15.0-100.110"), Role.TOOLS, "", "5.15.0-100"),
        (rpm("linux-esx", "5.10.190-1.ph4"), Role.KERNEL, "linux-esx", "5.10.190-1.ph4"),
        (rpm("linux-devel", "5.10.190-1.ph4"), Role.HEADERS, "linux", "5.10.190-1.ph4"),
        (Package("apk", "linux-virt", "6.1.55-r1"), Role.KERNEL, "virt", "6.1.55-r1"),
        (Package("apk", "linux-lts-dev", "6.1.55-r1"), Role.HEADERS, "lts", "6.1.55-r1"),
    ],
)
def test_flavours(package: Package, role: Role, flavour: str, release: str) -> None:
    assert kernel_of(package) == KernelPackage(role, flavour, release)


@pytest.mark.parametrize(
    ("package", "uname"),
    [
        (rpm("kernel-core", "0:5.14.0-70.el9"), "5.14.0-70.el9"),
        (rpm("kernel-rt-debug-core", "4.18.0-305.rt7.72.el8"), "4.18.0-305.rt7.72.el8"),
        (rpm("kernel-uek", "5.4.17-2136.el8uek"), "5.4.17-2136.el8uek"),
        (rpm("kernel-default", "6.4.0-150600.23.17.1"), "6.4.0-150600.23.17-default"),
        (rpm("kernel-rt_debug", "6.6.3-1.1"), "6.6.3-1-rt_debug"),
        (rpm("linux", "4.19.283-3.ph3"), "4.19.283-3.ph3"),
        (rpm("linux-esx", "5.10.190-1.ph4"), "5.10.190-1.ph4-esx"),
        (deb("linux-image-6.1.0-18-rt-amd64", "6.1.76-1"), "6.1.0-18-rt-amd64"),
        (deb("linux-image-6.1.0-18", "6.1.76-1"), "6.1.0-18"),
    ],
)
def test_what_uname_may_say(package: Package, uname: str) -> None:
    assert uname in unames(package)


def test_nothing_of_what_never_runs() -> None:
    others = [rpm("bash", "5.1-1"), rpm("kernel-devel", "5.14.0-70.el9"), Package("apk", "linux-lts", "6.1.55-r0")]
    assert [unames(package) for package in others] == [(), (), ()]


@pytest.mark.parametrize("name", ["linux-image-6.1.0-18-amd64-dbg", "linux-image-6.1.0-18-amd64-dbgsym"])
def test_symbols_are_no_kernel(name: str) -> None:
    assert kernel_of(deb(name, "6.1.76-1")) is None


def test_suse_shows_no_rebuild() -> None:
    kernels = [rpm("kernel-default", f"6.4.0-150600.23.{number}.1") for number in (14, 17, 22)]
    other = rpm("kernel-rt", "6.4.0-150600.23.17.1")
    assert presences([*kernels, other], "6.4.0-150600.23.17-default") == {
        kernels[0]: Presence.RESIDUAL,
        kernels[1]: Presence.RUNNING,
        kernels[2]: Presence.STANDBY,
        other: Presence.STANDBY,
    }


def test_alpine_and_photon_run_what_is_there() -> None:
    lts, virt = Package("apk", "linux-lts", "6.1.55-r0", "x86_64"), Package("apk", "linux-virt", "6.1.60-r0", "x86_64")
    assert presences([lts, virt], "6.1.55-0-lts") == {lts: Presence.RUNNING, virt: Presence.STANDBY}
    # Upgraded, and not yet started anew.
    assert presences([evolve(lts, version="6.1.60-r0")], "6.1.55-0-lts").popitem()[1] is Presence.STANDBY
    esx, plain = rpm("linux-esx", "5.10.190-1.ph4"), rpm("linux", "5.10.180-1.ph4")
    assert presences([esx, plain], "5.10.190-1.ph4-esx") == {esx: Presence.RUNNING, plain: Presence.RESIDUAL}


def test_identity() -> None:
    assert instance_of(rpm("bash", "1-1")) == instance_of(rpm("bash", "2-1")) == "rpm/bash/x86_64"
    assert instance_of(rpm("kernel-core", "1-1")) != instance_of(rpm("kernel-core", "2-1"))
    assert instance_of(rpm("kernel-devel", "1-1")) != instance_of(rpm("kernel-devel", "2-1"))
    assert instance_of(rpm("kernel-headers", "1-1")) == instance_of(rpm("kernel-headers", "2-1"))
    assert instance_of(rpm("bash", "1-1", arch="i686")) != instance_of(rpm("bash", "1-1"))
    assert instance_of(rpm("bash", "1-1", arch=None)) == "rpm/bash/-"
    assert instance_of(Package("pypi", "x", "1", location="/venv")) == "pypi/x/-#/venv"


def test_readers_store_the_identity(tmp_path: Path) -> None:
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    status = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n"
    (tmp_path / "var/lib/dpkg/status").write_text(status)
    lines = "bash-5.1.8-4.el9.x86_64\nkernel-core-5.14.0-70.el9.x86_64\n"
    (tmp_path / "list").write_text(lines)
    (bash,) = inventories.read(tmp_path).packages
    assert bash.instance == instance_of(bash) == "deb/bash/amd64"
    packages = inventories.read(tmp_path / "list").packages
    assert [one.instance for one in packages] == ["rpm/bash/x86_64", "rpm/kernel-core/x86_64/5.14.0-70.el9"]
    # Of what is made by hand or changed, it is computed.
    newer = evolve(packages[1], version="5.14.0-80.el9")
    assert newer.instance is None
    assert instance_of(newer) == "rpm/kernel-core/x86_64/5.14.0-80.el9"
    assert packages[1] == evolve(packages[1])


def test_running_kernels_of_real_hosts(unpacked: Callable[[str], Path]) -> None:
    """Every host's running kernel is one of its packages, but that of a container, which runs its host's."""
    without = []
    for path in sorted(unpacked("inventories/hosts").rglob("*.json")):
        host = inventories.read(path)
        assert host.running_kernel
        found = presences(host.packages, host.running_kernel)
        if Presence.RUNNING not in found.values():
            without.append(path.stem)
        for package, presence in found.items():
            if presence is Presence.RUNNING and slot_of(package) is not None:
                assert any(f"{host.running_kernel}.".startswith(f"{shown}.") for shown in unames(package))
    assert without == ["alpine_319"]
