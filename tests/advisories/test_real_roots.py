"""Hosts made in a folder with the real dpkg and the real rpm: their databases, and the lists that the tools print."""

import os
import shutil
from pathlib import Path

import pytest
from attrs import evolve

import oracles
from advisories import inventories
from advisories.host import this_host
from advisories.inventories import dpkg_query, rpm_qa
from advisories.models import Inventory, Package, State
from advisories_roots import built_deb, dpkg, empty_root

# name, version, architecture, source, maintainer, more
DEBS = (
    ("tool", "1:2.0-1+b2", "amd64", "tools (1:2.0-1)", ""),
    ("libtool1", "2.0-1", "amd64", "tools (1:2.0-1)", "Multi-Arch: same\n"),
    ("libtool1", "2.0-1", "i386", "tools (1:2.0-1)", "Multi-Arch: same\n"),
    ("linux-image-6.1.0-18-amd64", "6.1.76-1", "amd64", "linux-signed-amd64 (6.1.76+1)", ""),
    ("linux-image-6.1.0-21-amd64", "6.1.90-1", "amd64", "linux-signed-amd64 (6.1.90+1)", ""),
    ("leftover", "3.1~rc1-1", "all", "leftover", ""),
)

# name, epoch, version, release, vendor
RPMS = (
    ("tool", "2", "1.0~rc1", "4.el9", "AlmaLinux"),
    ("libtool", "", "1.0^git1", "4.el9", "AlmaLinux"),
    ("kernel-core", "", "5.14.0", "427.13.1.el9_4", "AlmaLinux"),
    ("kernel-core", "", "5.14.0", "427.16.1.el9_4", "AlmaLinux"),
    ("third-party", "1", "7", "1", "Somebody Else"),
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
    """A root folder with two kernels, a third party's package, and versions with a tilde and a caret."""
    folder = tmp_path_factory.mktemp("rpm")
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    for number, (name, epoch, version, release, vendor) in enumerate(RPMS):
        spec = folder / f"{number}.spec"
        spec.write_text(
            f"Name: {name}\n{f'Epoch: {epoch}' if epoch else ''}\nVersion: {version}\nRelease: {release}\n"
            f"Summary: x\nLicense: x\nVendor: {vendor}\nBuildArch: noarch\n%description\nx\n%files\n"
        )
        oracles.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/{number}", str(spec)])
    built = sorted(str(path) for path in folder.rglob("*.rpm"))
    assert len(built) == len(RPMS)
    rpm = ["rpm", "--dbpath", str(root / "var/lib/rpm"), "--define", "_db_backend sqlite"]
    oracles.run([*rpm, "--install", "--justdb", "--nodeps", "--noscripts", "--nosignature", *built])
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
    versions = sorted((n, f"{e}:{v}-{r}" if e else f"{v}-{r}") for n, e, v, r, _ in RPMS)
    assert [(one.name, one.version) for one in found] == versions
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
