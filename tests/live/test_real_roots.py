"""Hosts made in a folder with the real dpkg and the real rpm: their databases, the lists that the tools print, and what
is said of their packages: several kernels, two architectures, third parties, modules, packages that were removed.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import oracles
import pytest
from advisories_reference import DEBIAN12, advisory, affected
from advisories_roots import built_deb, dpkg, empty_root
from attrs import evolve
from places import ROOT

from advisories import Feed, match
from advisories.models import NO_MODULE, Advisory, Inventory, Module, Names, Package, PackageClass, State
from advisories.readers import inventories
from advisories.readers.inventories import dpkg_query, rpm_qa
from advisories.readers.inventories.this_host import this_host

GUIDE = ROOT / "docs/guide/inventories.md"

# name, version, architecture, source, more fields
DEBS = (
    ("tool", "1:2.0-1+b2", "amd64", "tools (1:2.0-1)", ""),
    ("libtool1", "2.0-1", "amd64", "tools (1:2.0-1)", "Multi-Arch: same\n"),
    ("libtool1", "2.0-1", "i386", "tools (1:2.0-1)", "Multi-Arch: same\n"),
    ("linux-image-6.1.0-18-amd64", "6.1.76-1", "amd64", "linux-signed-amd64 (6.1.76+1)", ""),
    ("linux-image-6.1.0-21-amd64", "6.1.90-1", "amd64", "linux-signed-amd64 (6.1.90+1)", ""),
    ("linux-image-6.1.0-25-amd64", "6.1.106-3", "amd64", "linux-signed-amd64 (6.1.106+3)", ""),
    ("linux-image-amd64", "6.1.106-3", "amd64", "linux-signed-amd64 (6.1.106+3)", ""),
    ("linux-headers-6.1.0-18-amd64", "6.1.76-1", "amd64", "linux (6.1.76-1)", ""),
    ("grafana", "10.0-1", "amd64", "grafana", "Maintainer: contact@grafana.com\n"),
    ("agent", "1.0-1", "amd64", "tools (1:2.0-1)", "Origin: Somebody\n"),
    ("leftover", "3.1~rc1-1", "all", "leftover", ""),
)

# name, epoch, version, release, architecture, vendor, module label
RPMS = (
    ("tool", "2", "1.0~rc1", "4.el9", "noarch", "AlmaLinux", ""),
    ("libtool", "", "1.0^git1", "4.el9", "noarch", "AlmaLinux", ""),
    ("libshared", "", "1.0", "1.el9", "x86_64", "AlmaLinux", ""),
    ("libshared", "", "1.0", "1.el9", "i686", "AlmaLinux", ""),
    ("kernel-core", "", "5.14.0", "427.13.1.el9_4", "x86_64", "AlmaLinux", ""),
    ("kernel-core", "", "5.14.0", "427.16.1.el9_4", "x86_64", "AlmaLinux", ""),
    ("kernel-core", "", "5.14.0", "427.20.1.el9_4", "x86_64", "AlmaLinux", ""),
    ("nodejs", "1", "18.19.0", "1.module_el9.3.0+60+aa", "x86_64", "AlmaLinux", "nodejs:18:9030020240101:aa"),
    ("npm", "1", "10.2.3", "1.18.19.0.1.module_el9.3.0+60+aa", "x86_64", "AlmaLinux", "nodejs:18:9030020240101:aa"),
    ("third-party", "1", "7", "1", "noarch", "Somebody Else", ""),
)


@pytest.fixture(scope="module")
def dpkg_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with packages of two architectures, two kernels, and one removed with its configuration left."""
    folder = tmp_path_factory.mktemp("dpkg")
    root = empty_root(folder / "root")
    built = [
        built_deb(folder / str(number), *columns, configuration=columns[0] == "leftover")
        for number, columns in enumerate(DEBS)
    ]
    dpkg(root, "--install", *map(str, built))
    dpkg(root, "--remove", "leftover")
    return root


@pytest.fixture(scope="module")
def rpm_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with three kernels, two architectures, a module, a third party, versions with tilde and caret."""
    folder = tmp_path_factory.mktemp("rpm")
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    for number, (name, epoch, version, release, arch, vendor, label) in enumerate(RPMS):
        spec = folder / f"{number}.spec"
        spec.write_text(
            f"Name: {name}\n{f'Epoch: {epoch}' if epoch else ''}\nVersion: {version}\nRelease: {release}\n"
            f"Summary: x\nLicense: x\nVendor: {vendor}\n{f'ModularityLabel: {label}' if label else ''}\n"
            f"%description\nx\n%files\n"
        )
        build = ["rpmbuild", "-bb", "--quiet", "--nodeps", "--target", arch, "--define", f"_topdir {folder}/{number}"]
        oracles.run([*build, str(spec)])
    built = sorted(str(path) for path in folder.rglob("*.rpm"))
    assert len(built) == len(RPMS)
    rpm = ["rpm", "--dbpath", str(root / "var/lib/rpm"), "--define", "_db_backend sqlite"]
    oracles.run([*rpm, "--install", "--justdb", "--nodeps", "--noscripts", "--nosignature", "--ignorearch", *built])
    return root


def packages(inventory: Inventory) -> list[Package]:
    """The packages in order, without where their files are; nothing was refused."""
    assert inventory.report is not None
    assert inventory.report.rejections == ()
    bare = [evolve(package, location=None, locations=()) for package in inventory.packages]
    return sorted(bare, key=lambda one: (one.name, one.version, one.arch or ""))


def listed(tmp_path: Path, data: bytes) -> Inventory:
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    return inventories.read(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg gives the files of a root folder to root")
def test_the_real_dpkg(dpkg_root: Path, tmp_path: Path) -> None:
    of_root = inventories.read(dpkg_root)
    assert str(of_root.distribution) == "debian 12"
    found = packages(of_root)
    assert [(one.name, one.version, one.arch) for one in found] == sorted((n, v, a) for n, v, a, _, _ in DEBS)
    assert [one.name for one in found if not one.state.on_disk] == ["leftover"]
    assert {one.source_version for one in found if one.source_name == "tools"} == {"1:2.0-1"}
    query = ["dpkg-query", f"--admindir={dpkg_root}/var/lib/dpkg", "-W", "-f", dpkg_query.QUERY_FORMAT]
    assert packages(listed(tmp_path, oracles.run(query))) == found


def test_the_real_rpm(rpm_root: Path, tmp_path: Path) -> None:
    of_root = inventories.read(rpm_root)
    assert str(of_root.distribution) == "almalinux 9.4"
    found = packages(of_root)
    versions = [(n, f"{e}:{v}-{r}" if e else f"{v}-{r}", arch) for n, e, v, r, arch, _, _ in RPMS]
    assert sorted((one.name, one.version, str(one.arch)) for one in found) == sorted(versions)
    assert {one.name: one.module for one in found if one.module != NO_MODULE} == {
        "nodejs": Module.of("nodejs:18"),
        "npm": Module.of("nodejs:18"),
    }
    assert [one.vendor for one in found if one.name == "third-party"] == ["Somebody Else"]
    assert all(one.state is State.INSTALLED and one.epoch_known for one in found)
    query = ["rpm", "--dbpath", str(rpm_root / "var/lib/rpm"), "-qa", "--queryformat", rpm_qa.QUERY_FORMAT]
    assert packages(listed(tmp_path, oracles.run(query))) == found


@pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes into the root, which only the superuser may")
def test_the_host_asks_rpm(rpm_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And without rpm its database is read."""
    # Debian's rpm has its database elsewhere.
    for folder in ("var/lib/rpm", "root/.rpmdb"):
        shutil.copytree(rpm_root / "var/lib/rpm", tmp_path / folder)
    shutil.copytree(rpm_root / "etc", tmp_path / "etc")
    monkeypatch.setenv("HOME", "/root")
    oracles.run(["rpm", "--version"])
    asked = this_host(tmp_path)
    assert (asked.source, str(asked.distribution)) == ("rpm -qa", "almalinux 9.4")
    assert packages(asked) == packages(inventories.read(rpm_root))
    monkeypatch.setenv("PATH", str(tmp_path))
    without = this_host(tmp_path)
    assert (without.format, packages(without)) == ("root", packages(asked))


def with_heading(command: str, root: Path, tmp_path: Path) -> Inventory:
    """What the one command of the page that has this text writes on a host that is this root, read."""
    lines = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0].splitlines()
    (line,) = (line for line in lines if command in line)
    tools = tmp_path / "bin"
    tools.mkdir(exist_ok=True)
    for tool, option in (("rpm", "--dbpath"), ("dpkg-query", "--admindir")):
        path = shutil.which(tool)
        if path is not None:
            folder = root / "var/lib" / tool.removesuffix("-query")
            (tools / tool).write_text(f'#!/bin/sh\nexec {path} {option} {folder} "$@"\n')
            (tools / tool).chmod(0o755)
    script = re.sub("(?<=[ ])/(?=etc|var|lib)", f"{root}/", f"{lines[0]}\n{line}\n")
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-ec", script], check=True, cwd=tmp_path, env=environment)
    return inventories.read(tmp_path / "packages.txt")


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg gives the files of a root folder to root")
@pytest.mark.parametrize("command", ["cat /var/lib/dpkg/status", dpkg_query.QUERY_FORMAT])
def test_lists_of_the_real_dpkg_with_a_heading(command: str, dpkg_root: Path, tmp_path: Path) -> None:
    oracles.run(["dpkg-query", "--version"])
    read = with_heading(command, dpkg_root, tmp_path)
    assert (str(read.distribution), read.running_kernel) == ("debian 12", os.uname().release)
    assert packages(read) == packages(inventories.read(dpkg_root))


def test_lists_of_the_real_rpm_with_a_heading(rpm_root: Path, tmp_path: Path) -> None:
    without = r"%{VENDOR}\n"
    for form in (rpm_qa.QUERY_FORMAT, without):
        read = with_heading(form, rpm_root, tmp_path)
        assert (str(read.distribution), read.running_kernel) == ("almalinux 9.4", os.uname().release)
        if form != without:
            assert packages(read) == packages(inventories.read(rpm_root))


def test_a_list_of_apk_with_a_heading(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name, text in (
        ("etc/os-release", 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.18.4\nBUG_REPORT_URL="https://x/?ID=1"\n'),
        ("lib/apk/db/installed", "P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n"),
    ):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text)
    read = with_heading("cat /lib/apk/db/installed", root, tmp_path)
    assert (str(read.distribution), read.running_kernel) == ("alpine 3.18.4", os.uname().release)
    assert packages(read) == packages(inventories.read(root))


def shown(inventory: Inventory, *records: Advisory) -> tuple[dict[str, str], dict[str, set[str]]]:
    """What is said of each instance but for *clean*, and the instances of each class."""
    findings = match(inventory, Feed(records))
    said = {
        f"{one.package.name} {one.package.version} {one.package.arch}": (
            f"{one.fixed_version} {one.presence}{' pending' if one.pending_restart else ''}"
        )
        for one in findings
    }
    assert len(said) == len(findings) == len({one.instance for one in findings})
    classes = {name.value: {package.name for package in findings.coverage.packages_in(name)} for name in PackageClass}
    assert sum(findings.coverage.counts.values()) == len(inventory.packages)
    return said, classes


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg gives the files of a root folder to root")
def test_matching_the_real_dpkgs_root(dpkg_root: Path) -> None:
    def source(name: str, fixed: str) -> Advisory:
        entry = affected(name, fixed, distribution=DEBIAN12, names=Names.SOURCE)
        return advisory(f"DSA-{name}", entry, cves=["CVE-2024-1000"])

    records = [source("tools", "1:2.0-2"), source("leftover", "9-1"), source("grafana", "99-1")]
    records += [source("linux", "6.1.99-1")]
    inventory = evolve(inventories.read(dpkg_root), running_kernel="6.1.0-21-amd64")
    said, classes = shown(inventory, *records)
    assert said == {
        "tool 1:2.0-1+b2 amd64": "1:2.0-2 installed",
        "libtool1 2.0-1 amd64": "1:2.0-2 installed",
        "libtool1 2.0-1 i386": "1:2.0-2 installed",
        "linux-image-6.1.0-18-amd64 6.1.76-1 amd64": "6.1.99-1 residual",
        "linux-image-6.1.0-21-amd64 6.1.90-1 amd64": "6.1.99-1 running pending",
        "linux-headers-6.1.0-18-amd64 6.1.76-1 amd64": "6.1.99-1 installed",
    }
    assert (classes["clean"], classes["not-installed"], classes["third-party"]) == (
        {"linux-image-6.1.0-25-amd64", "linux-image-amd64"},
        {"leftover"},
        {"grafana", "agent"},
    )
    # Before the fixed kernel runs, none of the two is it; after, both are what is left of older days.
    after, _ = shown(evolve(inventory, running_kernel="6.1.0-25-amd64"), *records)
    assert {one for name, one in after.items() if name.startswith("linux-image")} == {"6.1.99-1 residual"}
    unknown, _ = shown(evolve(inventory, running_kernel=None), *records)
    assert {one for name, one in unknown.items() if name.startswith("linux-image")} == {"6.1.99-1 unknown"}


def test_matching_the_real_rpms_root(rpm_root: Path, tmp_path: Path) -> None:
    nodejs = Module.of("nodejs:18")
    records = [
        advisory("ALSA-1", affected("tool", "2:1.0-1.el9"), affected("libtool", "1.0.1-1.el9"), cves=["CVE-2024-1000"]),
        advisory("ALSA-2", affected("kernel-core", "5.14.0-427.18.1.el9_4"), cves=["CVE-2024-2000"]),
        advisory("ALSA-3", affected("nodejs", "1:18.20.0-1.module_el9.4.0+1+1", module=nodejs), cves=["CVE-2024-3000"]),
        advisory(
            "ALSA-4",
            affected("npm", "1:20.0-1.module_el9.4.0+1+1", module=Module.of("nodejs:20")),
            cves=["CVE-2024-4000"],
        ),
        advisory("ALSA-5", affected("libshared", "1.0-2.el9", arches=("i686",)), cves=["CVE-2024-5000"]),
        advisory("ALSA-6", affected("third-party", "1:8-1"), cves=["CVE-2024-6000"]),
    ]
    of_root = evolve(inventories.read(rpm_root), running_kernel="5.14.0-427.16.1.el9_4.x86_64")
    said, classes = shown(of_root, *records)
    assert said == {
        "tool 2:1.0~rc1-4.el9 noarch": "2:1.0-1.el9 installed",
        "libtool 1.0^git1-4.el9 noarch": "1.0.1-1.el9 installed",
        "kernel-core 5.14.0-427.13.1.el9_4 x86_64": "5.14.0-427.18.1.el9_4 residual",
        "kernel-core 5.14.0-427.16.1.el9_4 x86_64": "5.14.0-427.18.1.el9_4 running pending",
        "nodejs 1:18.19.0-1.module_el9.3.0+60+aa x86_64": "1:18.20.0-1.module_el9.4.0+1+1 installed",
        "libshared 1.0-1.el9 i686": "1.0-2.el9 installed",
    }
    assert (classes["clean"], classes["third-party"]) == ({"npm", "kernel-core", "libshared"}, {"third-party"})
    # The list that rpm prints says the same.
    query = ["rpm", "--dbpath", str(rpm_root / "var/lib/rpm"), "-qa", "--queryformat", rpm_qa.QUERY_FORMAT]
    printed = listed(tmp_path, oracles.run(query))
    printed = evolve(printed, distribution=of_root.distribution, running_kernel=of_root.running_kernel)
    assert shown(printed, *records) == (said, classes)
