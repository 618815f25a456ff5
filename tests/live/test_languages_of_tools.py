"""Packages of languages that the real tools installed: the same as these tools list, and whose a file is, by dpkg and
rpm themselves."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import oracles
import pytest
from advisories_roots import dpkg, empty_root

from advisories import read_inventory
from advisories.models import Assumption, Inventory

SITE = "usr/lib/python3/dist-packages"


def found(inventory: Inventory, type: str) -> list[tuple[str, str]]:
    return sorted((one.name, one.version) for one in inventory.packages if one.type == type)


def skips(inventory: Inventory) -> dict[str, int]:
    assert inventory.report is not None
    return dict(inventory.report.skips)


def wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with a module."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def install(root: Path, *wheels: Path) -> None:
    pip = [sys.executable, "-m", "pip", "-q", "--isolated", "install", "--no-index", "--no-deps", "--target"]
    oracles.run([*pip, str(root / SITE), *map(str, wheels)])


def system(root: Path) -> Path:
    """A root of Debian with one package."""
    empty_root(root)
    (root / "var/lib/dpkg/status").write_text("Package: a\nStatus: install ok installed\nVersion: 1\n\n")
    return root


def test_pip(tmp_path: Path) -> None:
    root = system(tmp_path / "root")
    install(root, wheel(tmp_path, "one_two", "1.0.0"), wheel(tmp_path, "three", "2.0rc1"))
    listed = oracles.run([sys.executable, "-m", "pip", "list", "--path", str(root / SITE), "--format", "json"])
    expected = sorted((one["name"], one["version"]) for one in json.loads(listed))
    assert found(read_inventory(root), "pypi") == expected == [("one_two", "1.0.0"), ("three", "2.0rc1")]


NPM = shutil.which("npm")


@pytest.mark.skipif(NPM is None, reason="npm is not installed")
def test_npm(tmp_path: Path) -> None:
    """What npm itself lists, and a package that one has below a folder of its own, which npm does not look into."""
    assert NPM is not None
    root = system(tmp_path / "root")
    environment = {**os.environ, "HOME": str(tmp_path), "npm_config_cache": str(tmp_path / "cache")}
    for switch in ("offline", "ignore_scripts"):
        environment[f"npm_config_{switch}"] = "true"

    def npm(folder: Path, *words: str) -> str:
        command = [NPM, *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout

    def folder(path: Path, name: str, version: str, **more: object) -> Path:
        path.mkdir(parents=True)
        (path / "package.json").write_text(json.dumps({"name": name, "version": version, **more}))
        return path

    def packed(path: Path) -> str:
        return f"file:{path / npm(path, 'pack', '--silent').strip()}"

    inner = folder(tmp_path / "inner", "inner", "1.0.0")
    outer = folder(
        tmp_path / "outer", "@some/outer", "2.0.0", dependencies={"inner": "1.5.0"}, bundleDependencies=["inner"]
    )
    folder(outer / "node_modules/inner", "inner", "1.5.0")
    folder(outer / "lib/code/node_modules/deep", "deep", "3.0.0")
    folder(outer / "lib/code/extensions/yaml", "yaml", "1.0.0")
    needed = {"inner": packed(inner), "@some/outer": packed(outer)}
    app = folder(root / "srv/app", "app", "1.0.0", private=True, dependencies=needed)
    npm(app, "install")
    listed = {(one["name"], one["version"]) for one in json.loads(npm(app, "query", "*")) if one["location"]}
    assert listed == {("inner", "1.0.0"), ("inner", "1.5.0"), ("@some/outer", "2.0.0")}
    inventory = read_inventory(root)
    assert set(found(inventory, "npm")) == listed | {("deep", "3.0.0")}
    assert sum(skips(inventory).values()) == 2  # the extension, and the program itself


def test_gem(tmp_path: Path) -> None:
    root = system(tmp_path / "root")
    home = str(root / "var/lib/gems/3.1.0")
    oracles.run(["gem", "--version"])

    def gem(*words: str) -> str:
        environment = {**os.environ, "GEM_HOME": home, "GEM_PATH": home}
        command = ["gem", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    for version, platform in (("1.0.0", "ruby"), ("1.10.0", "ruby"), ("2.0.0.pre1", "x86_64-linux")):
        (tmp_path / "x.gemspec").write_text(
            f'Gem::Specification.new do |s|\n  s.name = "some-gem"\n  s.version = "{version}"\n  s.summary = "x"\n'
            f'  s.authors = ["x"]\n  s.files = []\n  s.platform = "{platform}"\nend\n'
        )
        gem("build", "x.gemspec", "-o", "x.gem")
        gem("install", "--local", "--no-document", "--force", "x.gem")
    listed = gem("list", "--local", "--prerelease", "--all", "--exact", "some-gem")
    versions = sorted(re.findall(r"[(,] ?([0-9][0-9A-Za-z.]*)", listed))
    assert (
        [version for _, version in found(read_inventory(root), "gem")] == versions == ["1.0.0", "1.10.0", "2.0.0.pre1"]
    )


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_go(tmp_path: Path) -> None:
    root = system(tmp_path / "root")
    (root / "usr/local/bin").mkdir(parents=True)
    (tmp_path / "go.mod").write_text("module example.com/x\n\ngo 1.16\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { println(1) }\n")
    program = str(root / "usr/local/bin/x")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOOS": "linux", "GOFLAGS": "-mod=mod"}
    command = ["go", "build", "-ldflags=-s -w", "-o", program, "."]
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    shown = oracles.run(["go", "version", "-m", program]).decode().split()
    (own, standard) = found(read_inventory(root), "golang")
    assert own == ("example.com/x", "(devel)")
    assert shown[1].startswith(f"go{standard[1].removesuffix('.0')}")
    assert "\t".join(("mod", *own)) in "\t".join(shown)


def test_dpkg_owns(tmp_path: Path) -> None:
    """A project that a deb brings, and another one beside it that pip installed."""
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    install(tree, wheel(tmp_path, "one", "1.0.0"))
    control = (
        "Package: python3-one\nVersion: 1.0.0-1\nArchitecture: all\nMaintainer: x <x@debian.org>\nDescription: x\n"
    )
    (tree / "DEBIAN/control").write_text(control)
    oracles.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(tmp_path / "one.deb")])
    root = empty_root(tmp_path / "root")
    dpkg(root, "--install", str(tmp_path / "one.deb"))
    install(root, wheel(tmp_path, "two", "2.0.0"))
    inventory = read_inventory(root)
    assert found(inventory, "deb") == [("python3-one", "1.0.0-1")]
    assert found(inventory, "pypi") == [("two", "2.0.0")]
    what = "files of packages of Python that a package of type deb owns: judged as that package"
    assert skips(inventory) == {what: 1}


@pytest.mark.parametrize("is_known", [True, False], ids=["checksums", "nothing"])
def test_dpkg_without_its_lists(tmp_path: Path, is_known: bool) -> None:
    """Slimmed images lack them. dpkg itself takes such a package for one without files (``dpkg --listfiles``)."""
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    install(tree, wheel(tmp_path, "one", "1.0.0"))
    control = "Package: python3-one\nVersion: 1.0.0-1\nArchitecture: all\nMaintainer: x <x@debian.org>\n"
    (tree / "DEBIAN/control").write_text(f"{control}Description: x\n")
    files = sorted(str(path.relative_to(tree)) for path in (tree / "usr").rglob("*") if path.is_file())
    sums = subprocess.run(["md5sum", *files], cwd=tree, capture_output=True, check=True).stdout
    (tree / "DEBIAN/md5sums").write_bytes(sums)
    oracles.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(tmp_path / "one.deb")])
    root = empty_root(tmp_path / "root")
    dpkg(root, "--install", str(tmp_path / "one.deb"))
    install(root, wheel(tmp_path, "two", "2.0.0"))
    for path in (root / "var/lib/dpkg/info").iterdir():
        if path.suffix == ".list" or not is_known:
            path.unlink()
    assert not oracles.run(["dpkg", f"--root={root}", "--listfiles", "python3-one"]).decode().count("METADATA")
    inventory = read_inventory(root)
    assert found(inventory, "deb") == [("python3-one", "1.0.0-1")]
    doubts = {one.name: one.doubts for one in inventory.packages if one.type == "pypi"}
    if is_known:
        assert doubts == {"two": frozenset()}
    else:
        assert doubts == dict.fromkeys(("one", "two"), frozenset({Assumption.OWNER_UNKNOWN}))


SPEC = """\
Name: python3-one
Version: 1.0.0
Release: 1.el9
Summary: x
License: x
{1}BuildArch: noarch
%description
x
%install
mkdir -p %{{buildroot}}/usr
cp -r {0}/usr/lib %{{buildroot}}/usr/
%files
/usr/lib/python3
"""


@pytest.mark.parametrize(("vendor", "is_own"), [("Vendor: AlmaLinux\n", True), ("", False)])
def test_rpm_owns(tmp_path: Path, vendor: str, is_own: bool) -> None:
    """rpm's database has the vendor of each package that the distribution built."""
    tree, root = tmp_path / "tree", tmp_path / "root"
    install(tree, wheel(tmp_path, "one", "1.0.0"))
    (tmp_path / "x.spec").write_text(SPEC.format(tree, vendor))
    build = ["--define", f"_topdir {tmp_path}/build", "--define", "__os_install_post %{nil}"]
    oracles.run(["rpmbuild", "-bb", *build, str(tmp_path / "x.spec")])
    (package,) = (tmp_path / "build/RPMS/noarch").glob("*.rpm")
    (root / "var/lib/rpm").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text("ID=almalinux\nVERSION_ID=9.4\n")
    oracles.run(["rpm", "--dbpath", str(root / "var/lib/rpm"), "--justdb", "--nodeps", "-i", str(package)])
    shutil.copytree(tree / "usr", root / "usr")
    install(root, wheel(tmp_path, "two", "2.0.0"))
    inventory = read_inventory(root)
    assert found(inventory, "rpm") == [("python3-one", "1.0.0-1.el9")]
    assert found(inventory, "pypi") == [("two", "2.0.0")] if is_own else [("one", "1.0.0"), ("two", "2.0.0")]
    own = "files of packages of Python that a package of type rpm owns: judged as that package"
    other = "python3-one as the owner of packages of Python, which are none of the distribution's: they are listed"
    assert skips(inventory) == {own if is_own else other: 1}
