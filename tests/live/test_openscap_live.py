"""OpenSCAP as it is installed here, on hosts and definitions made by chance and on a real host: the same CVEs."""

import gzip
import json
import os
import random
import re
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest
from oracles import oscap

from advisories import Feed, match
from advisories.models import Advisory, Distribution, Inventory, Package
from advisories.readers import feeds
from advisories.store import read_feed

Unpack = Callable[[str], Path]

VERSIONS = ("0", "1.0", "1.0-1", "1.0~rc1-1", "1.0-1~deb1", "1:0.9", "1.0-1ubuntu1", "1.0a", "2", "10-1", "1.0+dfsg-1")
NAMES = ("acl", "bash", "curl", "dash", "libc6", "zlib1g")
LINUX = "http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"


def evaluated(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What OpenSCAP prints. Its threads may wait for each other for ever, so it gets three tries."""
    for _ in range(2):
        with suppress(subprocess.TimeoutExpired):
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=True)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)


def true_by_openscap(oval: Path, status: Path) -> set[str]:
    """The CVEs of the true definitions, with the packages of a dpkg status file in place of this machine's."""
    config = status.with_name("apt.conf")
    config.write_text(f'Dir::State::status "{status}"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";')
    done = evaluated([oscap(), "oval", "eval", str(oval)], os.environ | {"APT_CONFIG": str(config), "LC_ALL": "C"})
    assert "Evaluation done." in done.stdout, done.stderr
    results = re.findall(r"^Definition (\S+): (\w+)$", done.stdout, re.MULTILINE)
    assert {result for _, result in results} <= {"true", "false"}
    cves = cves_of(oval)
    return {cve for id, result in results if result == "true" for cve in cves[id]}


def cves_of(oval: Path) -> dict[str, set[str]]:
    """The CVEs that each definition of a document refers to. Inventory definitions refer to none."""
    found: dict[str, set[str]] = {}
    for element in ElementTree.parse(oval).iter():
        if element.tag.endswith("}definition"):
            ids = " ".join(one.get("ref_id", "") for one in element.iter() if one.tag.endswith("}reference"))
            found[element.get("id", "")] = set(re.findall(r"CVE-[0-9]+-[0-9]+", ids))
    return found


def true_by_matching(oval: Path, packages: Mapping[str, str]) -> set[str]:
    installed = tuple(Package("deb", name, version) for name, version in packages.items())
    findings = match(Inventory(Distribution.parse("ubuntu:18.04"), installed), read_feed(oval))
    return set(findings.column("vulnerability"))


def write_status(path: Path, packages: Mapping[str, str]) -> Path:
    fields = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\nDescription: a package\n"
    path.write_text("\n".join(fields.format(name, version) for name, version in packages.items()) + "\n")
    return path


def parted(chance: random.Random) -> list[list[str]]:
    """One to three lists of packages, no package in two."""
    names = chance.sample(NAMES, len(NAMES))
    return [[names.pop() for _ in range(chance.randint(1, 2))] for _ in range(chance.randint(1, 3))]


def document(chance: random.Random, count: int) -> str:
    """Definitions of one to three tests, each of a package or several: against a version in every way, or against none.

    No package is in two tests of a definition: where one vulnerability has several fixes, rule 8 decides, not OR.
    """
    parts: dict[str, list[str]] = {"definitions": [], "tests": [], "objects": [], "states": [], "variables": []}
    for number in range(count):
        criteria = []
        for place, names in enumerate(parted(chance)):
            id = f"{number * 10 + place + 1}"
            operation = chance.choice(["less than", "less than or equal", "greater than or equal", "equals", ""])
            state = f'<state state_ref="oval:t:ste:{id}"/>' if operation else ""
            parts["tests"].append(
                f'<dpkginfo_test xmlns="{LINUX}" id="oval:t:tst:{id}" version="1" check="at least one" '
                f'check_existence="at_least_one_exists" comment="t"><object object_ref="oval:t:obj:{id}"/>{state}'
                "</dpkginfo_test>"
            )
            parts["objects"].append(
                f'<dpkginfo_object xmlns="{LINUX}" id="oval:t:obj:{id}" version="1">'
                f'<name var_ref="oval:t:var:{id}" var_check="at least one"/></dpkginfo_object>'
            )
            values = "".join(f"<value>{name}</value>" for name in names)
            parts["variables"].append(
                f'<constant_variable id="oval:t:var:{id}" version="1" datatype="string" comment="v">{values}'
                "</constant_variable>"
            )
            if operation:
                version = chance.choice(VERSIONS)
                version = version if ":" in version else f"0:{version}"
                parts["states"].append(
                    f'<dpkginfo_state xmlns="{LINUX}" id="oval:t:ste:{id}" version="1">'
                    f'<evr datatype="debian_evr_string" operation="{operation}">{version}</evr></dpkginfo_state>'
                )
            criteria.append(f'<criterion test_ref="oval:t:tst:{id}" comment="c"/>')
        parts["definitions"].append(
            f'<definition class="vulnerability" id="oval:t:def:{number + 1}" version="1"><metadata><title>t</title>'
            '<affected family="unix"><platform>Ubuntu 18.04 LTS</platform></affected>'
            f'<reference source="CVE" ref_id="CVE-2020-{number + 1000}"/><description>d</description></metadata>'
            f'<criteria operator="OR">{"".join(criteria)}</criteria></definition>'
        )
    body = "".join(f"<{name}>{''.join(children)}</{name}>" for name, children in parts.items())
    return (
        '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" '
        'xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5"><generator>'
        "<oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp>"
        f"</generator>{body}</oval_definitions>"
    )


@pytest.mark.parametrize("seed", range(4))
def test_by_chance(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    oval = tmp_path / "a-oval.xml"
    oval.write_text(document(chance, 400))
    packages = {name: chance.choice(VERSIONS) for name in chance.sample(NAMES, 4)}
    expected = true_by_openscap(oval, write_status(tmp_path / "status", packages))
    assert 50 < len(expected) < 400
    assert true_by_matching(oval, packages) == expected


def test_a_real_host(unpacked: Unpack, ubuntu_oval: Callable[[str], Path], tmp_path: Path) -> None:
    (scan,) = unpacked("inventories/hosts").rglob("ubuntu_1804.json")
    packages = {one["name"]: one["version"] for one in json.loads(scan.read_text("utf-8"))["packages"].values()}
    # The release is told by a file of the host; the definitions are asked with that of a bionic in its place.
    release = tmp_path / "lsb-release"
    release.write_text("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\nDISTRIB_CODENAME=bionic\n")
    oval = tmp_path / "oval.xml"
    oval.write_text(ubuntu_oval("bionic").read_text("utf-8").replace("/etc/lsb-release", str(release)))
    expected = true_by_openscap(oval, write_status(tmp_path / "status", packages))
    assert len(expected) == 359
    assert true_by_matching(ubuntu_oval("bionic"), packages) == expected


SPEC = """Name: {name}
Version: {version}
Release: {release}
Summary: a package
License: none
{build_arch}%description
%files
"""


def rpm_host(folder: Path, packages: Mapping[str, str], noarch: Collection[str]) -> Path:
    """A home with an rpm database of packages that were built for it, empty, each in its version without epoch."""
    home = folder / "home"
    (home / ".rpmdb").mkdir(parents=True)
    for name, version in packages.items():
        spec = folder / "a.spec"
        version, _, release = version.partition("-")
        build_arch = "BuildArch: noarch\n" if name in noarch else ""
        spec.write_text(SPEC.format(name=name, version=version, release=release, build_arch=build_arch))
        build = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}", "--define", "_rpmfilename a.rpm"]
        subprocess.run([*build, str(spec)], capture_output=True, check=True)
        install = ["rpm", "--dbpath", str(home / ".rpmdb"), "-i", "--justdb", "--nodeps", "--ignorearch"]
        subprocess.run([*install, str(folder / "RPMS/a.rpm")], capture_output=True, check=True)
    return home


@pytest.mark.parametrize(
    ("archive", "file", "release_package", "release", "least"),
    [
        (
            "suse-oval-and-ubuntu-osv",
            "opensuse.leap.15.3.xml.gz",
            ("openSUSE-release", "15.3-1"),
            "opensuse-leap:15.3",
            100,
        ),
        ("claircore-history", "com.vmware.phsa-photon3.xml", ("photon-release", "3.0-1"), "photon:3.0", 10),
    ],
)
def test_rpm_definitions(
    unpacked: Unpack,
    tmp_path: Path,
    archive: str,
    file: str,
    release_package: tuple[str, str],
    release: str,
    least: int,
) -> None:
    """SUSE's and Photon's whole files on hosts made by chance. Who signed a package is not compared (rule 13)."""
    (packed,) = unpacked(f"feeds/{archive}").rglob(file)
    data = gzip.decompress(packed.read_bytes()) if file.endswith(".gz") else packed.read_bytes()
    oval = tmp_path / "a-oval.xml"
    oval.write_text(re.sub(r"<criterion[^>]*is signed with[^>]*/>", "", data.decode("utf-8")))
    advisories = [item for item in feeds.read(oval) if isinstance(item, Advisory)]
    fixes: dict[str, set[str]] = {}
    noarch = {one.package for advisory in advisories for one in advisory.affected if one.arches == ("noarch",)}
    for advisory in advisories:
        for one in advisory.affected:
            # rpmbuild takes no epoch from the name, and kernels install side by side.
            if one.ranges and ":" not in (fix := one.ranges[0].fixed or ":") and not one.package.startswith("kernel"):
                fixes.setdefault(one.package, set()).add(fix)
    chance = random.Random(7)
    packages = {name: chance.choice(sorted(fixes[name])) for name in chance.sample(sorted(fixes), 25)}
    home = rpm_host(tmp_path, dict([release_package, *packages.items()]), noarch)
    done = evaluated(
        [oscap(), "oval", "eval", "--skip-valid", str(oval)], os.environ | {"HOME": str(home), "LC_ALL": "C"}
    )
    cves = cves_of(oval)
    true = re.findall(r"^Definition (.+): true$", done.stdout, re.MULTILINE)
    expected = {cve for id in true for cve in cves[id]}
    assert len(expected) >= least
    installed = tuple(
        Package("rpm", name, version, "noarch" if name in noarch else "x86_64") for name, version in packages.items()
    )
    findings = match(Inventory(Distribution.parse(release), installed), Feed(advisories))
    assert set(findings.column("vulnerability")) == expected
