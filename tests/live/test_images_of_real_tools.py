"""Images made by the real umoci and skopeo of roots that the real dpkg and rpm changed step by step: what is read of
each form is what the package manager lists, and each package has the layer of its step.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import oracles
import pytest
from advisories_roots import built_deb, dpkg, empty_root

from advisories.models import Assumption, Inventory
from advisories.models.frozen import evolve
from advisories.readers import inventories
from advisories.readers.inventories import dpkg_query, rpm_qa
from advisories.reports import render
from advisories.reports.inventory import ListReport

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="umoci and dpkg give files to root")

#: How skopeo writes an image.
FORMS = {
    "docker-archive": ["docker-archive:{}:app:1"],
    "oci-archive": ["oci-archive:{}:app:1"],
    "oci": ["oci:{}:app:1"],
    "zstd": ["--dest-compress-format", "zstd", "oci:{}:app:1"],
}


def image_of(folder: Path, root: Path, steps: Iterator[str]) -> Path:
    """An OCI layout with a layer for each step, which has changed the root when it is yielded."""
    layout, bundle = folder / "layout", folder / "bundle"
    oracles.run(["umoci", "init", "--layout", str(layout)])
    oracles.run(["umoci", "new", "--image", f"{layout}:app"])
    oracles.run(["umoci", "unpack", "--image", f"{layout}:app", str(bundle)])
    (bundle / "rootfs").rmdir()
    root.rename(bundle / "rootfs")
    root.symlink_to(bundle / "rootfs")
    repack = ["umoci", "repack", "--refresh-bundle", "--image", f"{layout}:app", str(bundle)]
    for step in steps:
        oracles.run([*repack, "--history.created_by", step])
    return layout


def debs(folder: Path, root: Path) -> Iterator[str]:
    """A root of dpkg: installed, upgraded, removed with and without its configuration, there again."""
    numbers = iter(range(100))

    def built(name: str, version: str, arch: str = "amd64", *, configuration: bool = False) -> str:
        more = "Multi-Arch: same\n" if name == "libtool1" else ""
        place = folder / f"deb{next(numbers)}"
        return str(built_deb(place, name, version, arch, name, more, configuration=configuration))

    both = [built("libtool1", "2.0-1", arch) for arch in ("amd64", "i386")]
    others = [built("tool", "1:2.0-1"), built("gone", "1-1"), built("left", "1-1", configuration=True)]
    dpkg(root, "--install", *both, *others, built("back", "1-1"))
    yield "install"
    dpkg(root, "--install", built("tool", "1:2.0-2"), built("new", "3~rc1-1"))
    yield "upgrade"
    dpkg(root, "--remove", "gone", "left", "back", "libtool1:i386")
    yield "remove"
    dpkg(root, "--install", built("back", "1-1"))
    yield "re-add"


@pytest.fixture(scope="module")
def deb_image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A layout, and the root as it is after its last layer."""
    folder = tmp_path_factory.mktemp("debs")
    root = empty_root(folder / "root")
    return image_of(folder, root, debs(folder, root)), root


def rpms(folder: Path, root: Path) -> Iterator[str]:
    """The same of rpm."""
    rpm = ["rpm", "--dbpath", str(root.resolve() / "var/lib/rpm"), "--define", "_db_backend sqlite"]
    rpm += ["--nodeps", "--noscripts", "--justdb"]

    def built(name: str, version: str, release: str = "1.el9") -> str:
        place = folder / f"{name}-{version}"
        place.mkdir()
        (place / "spec").write_text(
            f"Name: {name}\nEpoch: 1\nVersion: {version}\nRelease: {release}\nVendor: AlmaLinux\n"
            "Summary: x\nLicense: x\n%description\nx\n%files\n"
        )
        build = ["rpmbuild", "-bb", "--quiet", "--nodeps", "--target", "noarch", "--define", f"_topdir {place}"]
        oracles.run([*build, str(place / "spec")])
        return str(next(place.rglob("*.rpm")))

    install = ["--nosignature", "--ignorearch", "--upgrade"]
    oracles.run([*rpm, *install, built("tool", "1.0"), built("gone", "1.0"), built("stays", "1.0")])
    yield "install"
    oracles.run([*rpm, *install, built("tool", "1.1~rc1"), built("new", "1^git1")])
    yield "upgrade"
    oracles.run([*rpm, "--erase", "gone"])
    yield "remove"


@pytest.fixture(scope="module")
def rpm_image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("rpms")
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    return image_of(folder, root, rpms(folder, root)), root


@pytest.mark.parametrize("edits", [False, True])
def test_rpm_removes_a_package_from_its_database_alone(tmp_path: Path, edits: bool) -> None:
    """``rpm -e --justdb`` leaves the files, whose package nobody lists any more. ``rpm -e`` removes them too."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')

    def built(name: str) -> str:
        place = tmp_path / name
        place.mkdir()
        (place / "spec").write_text(
            f"Name: {name}\nVersion: 1\nRelease: 1.el9\nVendor: AlmaLinux\nSummary: x\nLicense: x\n%description\nx\n"
            f"%install\nmkdir -p %{{buildroot}}/usr/bin\necho {name} > %{{buildroot}}/usr/bin/{name}\n"
            f"%files\n/usr/bin/{name}\n"
        )
        build = ["rpmbuild", "-bb", "--quiet", "--nodeps", "--target", "noarch", "--define", f"_topdir {place}"]
        oracles.run([*build, str(place / "spec")])
        return str(next(place.rglob("*.rpm")))

    def steps() -> Iterator[str]:
        rpm = ["rpm", "--root", str(root.resolve()), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"]
        rpm += ["--nodeps", "--noscripts"]
        oracles.run([*rpm, "--nosignature", "--ignorearch", "--install", built("tool"), built("gone")])
        assert (root / "usr/bin/gone").exists()
        yield "install"
        oracles.run([*rpm, "--erase", *(["--justdb"] if edits else []), "gone"])
        yield "remove"

    found = inventories.read(image_of(tmp_path, root, steps()))
    assert (root / "usr/bin/gone").exists() is edits
    assert [one.package.name for one in found.removed] == ["gone"]
    assert found.report is not None
    whys = [one.why for one in found.report.rejections]
    assert [why.partition(":")[0] for why in whys] == [
        "a layer took gone out of a database, and the files are there still"
    ] * edits
    assert {Assumption.INVENTORY_PARTIAL in package.doubts for package in found.packages} == {edits}


def of_a_repository(folder: Path, root: Path, manager: str) -> Iterator[str]:
    """What dnf or zypper makes of a root and a small repository: installed, upgraded, removed, there again."""
    repository = folder / "repository"
    repository.mkdir()

    def published(name: str, version: str) -> None:
        top = folder / f"{name}-{version}"
        top.mkdir()
        (top / "spec").write_text(
            f"Name: {name}\nEpoch: 1\nVersion: {version}\nRelease: 1.el9\nVendor: AlmaLinux\nBuildArch: noarch\n"
            "Summary: x\nLicense: x\n%description\nx\n%install\n"
            f"mkdir -p %{{buildroot}}/usr/share/{name}; echo {version} > %{{buildroot}}/usr/share/{name}/x\n"
            f"%files\n/usr/share/{name}/x\n"
        )
        oracles.run(["rpmbuild", "-bb", "--quiet", "--nodeps", "--define", f"_topdir {top}", str(top / "spec")])
        (package,) = top.rglob("*.rpm")
        package.rename(repository / package.name)

    def run(*words: str) -> None:
        oracles.run(["createrepo_c", "--quiet", str(repository)])
        place = root.resolve()
        if manager == "dnf":
            options = [f"--installroot={place}", "--releasever=9", "--assumeyes", "--nogpgcheck", "--repo=made"]
            options += [f"--repofrompath=made,{repository}", "--setopt=module_platform_id=platform:el9"]
            options += [f"--setopt=cachedir={folder}/cache", f"--setopt=reposdir={folder}", "--setopt=plugins=false"]
            oracles.run(["dnf", "--quiet", "--refresh", *options, *words])
        else:
            options = ["--root", str(place), "--non-interactive", "--no-gpg-checks"]
            if not (place / "etc/zypp/repos.d").is_dir():
                oracles.run(["zypper", *options, "addrepo", "--no-gpgcheck", str(repository), "made"])
            oracles.run(["zypper", *options, "refresh", "--force"])
            oracles.run(["zypper", *options, *words])

    for name in ("tool", "gone", "back"):
        published(name, "1.0")
    run("install", "tool", "gone", "back")
    yield "install"
    published("tool", "1.1~rc1")
    published("tool", "1.1")
    published("new", "1^git1")
    run("install", "new")
    run("upgrade" if manager == "dnf" else "update", "tool")
    yield "upgrade"
    run("remove", "gone", "back")
    yield "remove"
    run("install", "back")
    yield "re-add"


def copied(layout: Path, form: str, target: Path) -> Path:
    """The image in another form."""
    *options, place = FORMS[form]
    oracles.run(["skopeo", "copy", "--quiet", *options, f"oci:{layout}:app", place.format(target)])
    return target


def bare(inventory: Inventory) -> list[object]:
    """The packages without what an image has more than a root."""
    return sorted((evolve(one, layer=None, locations=()) for one in inventory.packages), key=str)


def rows(inventory: Inventory, columns: Callable[[dict[str, str]], list[str]]) -> list[str]:
    """The lines of a table that we write, in other columns."""
    lines = [line for line in render(ListReport(inventory), "tsv") if not line.startswith("#")]
    names, *cells = [line.split("\t") for line in lines]
    return sorted("\t".join(columns(dict(zip(names, row, strict=True)))) for row in cells)


def history(inventory: Inventory) -> dict[str, str | None]:
    return {f"{one.name} {one.version}": one.layer and one.layer.history for one in inventory.packages}


@pytest.mark.parametrize("form", FORMS)
def test_the_real_dpkg(deb_image: tuple[Path, Path], form: str, tmp_path: Path) -> None:
    layout, root = deb_image
    found = inventories.read(copied(layout, form, tmp_path / "image"))
    assert bare(found) == bare(inventories.read(root))
    query = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", dpkg_query.QUERY_FORMAT]
    names = ("state", "name", "version", "arch", "source", "source-version", "vendor", "maintainer")
    printed = oracles.run(query).decode().splitlines()
    assert rows(found, lambda row: [row[name] for name in names]) == sorted(printed)
    assert history(found) == {
        "libtool1 2.0-1": "install",
        "tool 1:2.0-2": "upgrade",
        "new 3~rc1-1": "upgrade",
        "left 1-1": None,
        "back 1-1": "re-add",
    }
    removed = [(one.package.name, one.package.arch, one.layer.history) for one in found.removed]
    assert sorted(removed, key=str) == [
        ("gone", "amd64", "remove"),
        ("left", "amd64", "remove"),
        ("libtool1", "i386", "remove"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_real_rpm(rpm_image: tuple[Path, Path], form: str, tmp_path: Path) -> None:
    layout, root = rpm_image
    found = inventories.read(copied(layout, form, tmp_path / "image"))
    assert bare(found) == bare(inventories.read(root))
    assert history(found) == {
        "tool 1:1.1~rc1-1.el9": "upgrade",
        "new 1:1^git1-1.el9": "upgrade",
        "stays 1:1.0-1.el9": "install",
    }
    assert [(one.package.name, one.layer.history) for one in found.removed] == [("gone", "remove")]
    query = ["rpm", "--dbpath", str(root.resolve() / "var/lib/rpm"), "-qa", "--queryformat", rpm_qa.QUERY_FORMAT]
    assert rows(found, _as_rpm) == sorted(oracles.run(query).decode().splitlines())


@pytest.mark.parametrize("manager", ["dnf", "zypper"])
def test_roots_of_managers(manager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root that dnf or zypper filled from a repository, with a layer for each of its steps."""
    # Debian's rpm has its database elsewhere.
    (tmp_path / ".rpmmacros").write_text("%_dbpath /var/lib/rpm\n%_db_backend sqlite\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    layout = image_of(tmp_path, root, of_a_repository(tmp_path, root, manager))
    found = inventories.read(copied(layout, "docker-archive", tmp_path / "image"))
    assert bare(found) == bare(inventories.read(root))
    assert history(found) == {
        "tool 1:1.1-1.el9": "upgrade",
        "new 1:1^git1-1.el9": "upgrade",
        "back 1:1.0-1.el9": "re-add",
    }
    assert [(one.package.name, one.layer.history) for one in found.removed] == [("gone", "remove")]
    query = ["rpm", "--dbpath", str(root.resolve() / "var/lib/rpm"), "-qa", "--queryformat", rpm_qa.QUERY_FORMAT]
    assert rows(found, _as_rpm) == sorted(oracles.run(query).decode().splitlines())


@pytest.mark.parametrize("form", FORMS)
def test_a_root_of_alpine(unpacked: Callable[[str], Path], form: str, tmp_path: Path) -> None:
    """Of two real root file systems of Alpine the second is a layer on the first: an upgrade of nearly everything."""
    folder = unpacked("inventories/apk-installed")
    older, newer = (next(iter(sorted(folder.rglob(f"{release}/*-x86_64/installed")))).parent for release in _ALPINE)
    root = tmp_path / "root"

    def steps() -> Iterator[str]:
        for step in (older, newer):
            (root.resolve() / "lib/apk/db").mkdir(parents=True, exist_ok=True)
            (root.resolve() / "etc").mkdir(exist_ok=True)
            shutil.copy(step / "installed", root.resolve() / "lib/apk/db/installed")
            shutil.copy(step / "os-release", root.resolve() / "etc/os-release")
            yield step.parent.name

    root.mkdir()
    found = inventories.read(copied(image_of(tmp_path, root, steps()), form, tmp_path / "image"))
    listed = {f"{one.name} {one.version}" for one in inventories.read(newer / "installed").packages}
    before = {f"{one.name} {one.version}" for one in inventories.read(older / "installed").packages}
    assert {f"{one.name} {one.version}" for one in found.packages} == listed
    assert history(found) == {one: _ALPINE[0] if one in before else _ALPINE[1] for one in listed}
    kept = {one.split()[0] for one in listed}
    assert {one.package.name for one in found.removed} == {one.split()[0] for one in before} - kept


_ALPINE = ("v3.18", "v3.19")


def _as_rpm(row: dict[str, str]) -> list[str]:
    epoch, rest = row["version"].split(":")
    source = f"{row['source']}-{row['source-version'].partition(':')[2]}.src.rpm"
    return [row["name"], epoch, *rest.split("-"), row["arch"], source, row["vendor"], row["module"] or "(none)"]


def test_the_real_buildah(deb_image: tuple[Path, Path], tmp_path: Path) -> None:
    """What buildah squashes has one layer, and the same packages."""
    layout, root = deb_image
    store = ["--root", str(tmp_path / "store"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]
    image = f"oci:{layout}:app"
    container = oracles.run(["buildah", *store, "from", image]).decode().strip()
    oracles.run(
        ["buildah", *store, "commit", "--quiet", "--squash", container, f"docker-archive:{tmp_path}/saved.tar:app:1"]
    )
    found = inventories.read(tmp_path / "saved.tar")
    assert bare(found) == bare(inventories.read(root))
    assert len({one.layer.digest for one in found.packages if one.layer}) == 1
    assert found.removed == ()
    shutil.rmtree(tmp_path / "store", ignore_errors=True)


def test_layers_that_cannot_be_read(deb_image: tuple[Path, Path], tmp_path: Path) -> None:
    """One that is missing, cut or encrypted is named by its digest, what the others have is listed, and nothing is
    known for sure.
    """
    layout = copied(deb_image[0], "oci", tmp_path / "image")
    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads((layout / "blobs/sha256" / index["manifests"][0]["digest"][7:]).read_text())
    whole = bare(inventories.read(layout))
    for layer in manifest["layers"]:
        blob = layout / "blobs/sha256" / layer["digest"][7:]
        content = blob.read_bytes()
        for why, text in (("is not there", None), ("its digest is|not a whole", content[:-30])):
            blob.unlink()
            if text is not None:
                blob.write_bytes(text)
            named, whys = unread(inventories.read(layout))
            assert named == [layer["digest"]]
            assert re.search(why, whys[0])
            blob.write_bytes(content)
    assert bare(inventories.read(layout)) == whole
    oracles.run(["openssl", "genrsa", "-out", f"{tmp_path}/key", "2048"])
    oracles.run(["openssl", "rsa", "-in", f"{tmp_path}/key", "-pubout", "-out", f"{tmp_path}/public"])
    encrypted = ["--encryption-key", f"jwe:{tmp_path}/public", "--encrypt-layer", "-1"]
    oracles.run(["skopeo", "copy", *encrypted, f"oci:{layout}:app:1", f"oci:{tmp_path}/encrypted:app:1"])
    named, whys = unread(inventories.read(tmp_path / "encrypted"))
    assert len(named) == 1
    assert whys[0].startswith("an encrypted layer: ")


def unread(inventory: Inventory) -> tuple[list[str], list[str]]:
    """The layers that could not be read, and why."""
    assert inventory.report is not None
    assert all(Assumption.INVENTORY_PARTIAL in one.doubts for one in inventory.packages)
    found = [one for one in inventory.report.rejections if one.what.startswith("sha256:")]
    return [one.what for one in found], [one.why for one in found]
