"""Packages of languages in folders, archives and images: what is found is the same in each, and what a package of the
system owns is judged as that one."""

import json
import tarfile
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import pytest
from archives import Row, gzipped, tar_of
from attrs import evolve
from elves import go_program, program
from images import Layout, saved_archive
from rpm_files import header, ndb

from advisories import DEFAULT_LIMITS, read_inventory
from advisories.models import Assumption, Inventory, Package
from advisories.models.errors import EmptySource, LimitExceeded, UnknownPackageType, UnreadableSource
from advisories.readers.inventories.languages import choice, scan
from advisories.readers.inventories.languages.owners import Owners
from advisories.sources.folder import Folder
from advisories.sources.packed import Packed

#: The files of a root, and what makes one of them.
Root = dict[str, str | bytes]
Form = Callable[[Root], Path | BytesIO]

STATUS = "var/lib/dpkg/status"
STANZA = (
    "Package: {0}\nStatus: install ok installed\nVersion: 1\nMaintainer: Debian Python Team <x@tracker.debian.org>\n\n"
)
SITE = "usr/lib/python3/dist-packages"
LOCAL = "usr/local/lib/python3.11/site-packages"
GO = go_program("go1.22", "mod\ta.b/c\tv1.0.0\n")

#: A root of Debian with a package of each language.
ROOT: Root = {
    STATUS: STANZA.format("python3-idna"),
    "etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "var/lib/dpkg/info/python3-idna.list": f"/.\n/{SITE}/idna-3.3.egg-info/PKG-INFO\n",
    f"{SITE}/idna-3.3.egg-info/PKG-INFO": "Name: idna\nVersion: 3.3\n",
    f"{LOCAL}/idna-3.7.dist-info/METADATA": "Name: idna\nVersion: 3.7\n",
    "app/node_modules/@s/a/package.json": '{"name": "@s/a", "version": "1.0.0"}',
    "app/node_modules/@s/a/dist/package.json": '{"name": "x", "version": "1.0.0"}',
    "var/lib/gems/3.1.0/specifications/rake-13.0.6.gemspec": "# stub: rake 13.0.6 ruby lib\n",
    "app/b.jar": b"no zip",
    "usr/local/bin/go": GO,
    "usr/local/bin/script": "#!/bin/sh\n",
    "usr/local/lib/go.so": GO,
}
EXECUTABLE = {"usr/local/bin/go", "usr/local/bin/script", "usr/bin/go", "opt/x/go"}
FOUND = [
    "gem rake 13.0.6 /var/lib/gems/3.1.0/specifications/rake-13.0.6.gemspec",
    "golang a.b/c v1.0.0 /usr/local/bin/go",
    "golang a.b/c v1.0.0 /usr/local/lib/go.so",
    "golang stdlib 1.22.0 /usr/local/bin/go",
    "golang stdlib 1.22.0 /usr/local/lib/go.so",
    "npm @s/a 1.0.0 /app/node_modules/@s/a",
    f"pypi idna 3.7 /{LOCAL}",
]
OWNED = "files of packages of Python that a package of type deb owns: judged as that package"
ASSUMED = OWNED.replace(":", ", whose maker nothing shows:")
OTHERS = "{0} as the owner of {1}, which are none of the distribution's: they are listed"
PART = "package.json further down in a package of npm: of a part, an extension or a sample, which is no package"
NOT_READ = "files of archives of Java: not looked into (--pkg-types os,library does)"


def rows(root: Root) -> list[Row]:
    return [(name, "file", text) for name, text in root.items()]


def tar(root: Root) -> bytes:
    def executable(member: tarfile.TarInfo) -> None:
        member.mode = 0o755 if member.name in EXECUTABLE else 0o644

    return tar_of(*rows(root), change=executable)


def folder(root: Root, path: Path) -> Path:
    for name, text in root.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        (path / name).chmod(0o755 if name in EXECUTABLE else 0o644)
    return path


def oci(*layers: bytes, pack: Callable[[bytes], bytes]) -> BytesIO:
    layout = Layout()
    kind = "tar" if pack is bytes else "tar+gzip"
    return BytesIO(tar_of(*layout.rows(layout.image(*layers, pack=pack, kind=kind))))


#: A root in each form, from the root and a folder for it.
FORMS: dict[str, Callable[[Root, Path], Path | BytesIO]] = {
    "folder": folder,
    "tar": lambda root, path: BytesIO(tar(root)),
    "packed-tar": lambda root, path: BytesIO(gzipped(tar(root))),
    "saved": lambda root, path: BytesIO(saved_archive(tar(root))),
    "oci": lambda root, path: oci(tar(root), pack=bytes),
    "packed-oci": lambda root, path: oci(tar(root), pack=gzipped),
    "packed-image": lambda root, path: BytesIO(gzipped(saved_archive(tar(root)))),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Form:
    return lambda root: FORMS[request.param](root, tmp_path)


def found(inventory: Inventory) -> list[str]:
    packages = [one for one in inventory.packages if one.type not in ("deb", "rpm", "apk")]
    return sorted(f"{one.type} {one.name} {one.version} {one.location}" for one in packages)


def skips(inventory: Inventory) -> dict[str, int]:
    assert inventory.report is not None
    return dict(inventory.report.skips)


def refused(inventory: Inventory) -> list[tuple[str, str]]:
    assert inventory.report is not None
    return [(one.position, one.why) for one in inventory.report.rejections]


def test_in_each_form(form: Form) -> None:
    inventory = read_inventory(form(ROOT))
    assert found(inventory) == FOUND
    assert skips(inventory) == {OWNED: 1, NOT_READ: 1, PART: 1}
    assert refused(inventory) == []
    assert inventory.report is not None
    assert inventory.report.kept == len(inventory.packages) == 8


def test_what_is_chosen(form: Form) -> None:
    inventory = read_inventory(form(ROOT), package_types=["os", "maven", "npm"])
    assert found(inventory) == ["npm @s/a 1.0.0 /app/node_modules/@s/a"]
    assert refused(inventory) == [("app/b.jar", "not a whole zip archive: it has no end")]
    assert skips(inventory) == {
        OWNED: 1,
        PART: 1,
        "files of gems of Ruby: not looked into (--pkg-types os,library does)": 1,
        "files of packages of Python: not looked into (--pkg-types os,library does)": 1,
        "programs: not looked into for modules of Go (--pkg-types os,library does)": 2,
        "programs: not looked into for crates of Rust (--pkg-types os,library does)": 2,
    }


def test_none_is_chosen(form: Form) -> None:
    inventory = read_inventory(form(ROOT), package_types=["os"])
    assert (found(inventory), skips(inventory)) == ([], {choice.NOT_LOOKED_FOR: 1})


def test_an_unknown_choice() -> None:
    with pytest.raises(UnknownPackageType, match="write one of os, library, pypi"):
        read_inventory(BytesIO(b"bash-5.1.8-4.el9.x86_64\n"), package_types=["python"])


DAMAGED: Root = {
    STATUS: STANZA.format("a"),
    "etc/os-release": "ID=debian\nVERSION_ID=12\n",
    f"{LOCAL}/a.dist-info/METADATA": "Name: a\n",
    "app/node_modules/a/package.json": "{",
    "usr/local/bin/go": GO[:200],
    "usr/local/bin/script": program({b".dep-v0": b"x"}),
}


def test_damage(form: Form) -> None:
    inventory = read_inventory(form(DAMAGED))
    assert [package.name for package in inventory.packages] == ["a"]
    places = [place for place, _ in refused(inventory)]
    expected = ["app/node_modules/a/package.json", "usr/local/bin/go", "usr/local/bin/go", "usr/local/bin/script"]
    assert places == [*expected, f"{LOCAL}/a.dist-info/METADATA"]


def test_projects_that_nothing_names(form: Form) -> None:
    """A project of Python without its metadata is installed all the same, and was passed over without a word."""
    names = [f"{LOCAL}/flask-3.0.0.dist-info/RECORD", f"{LOCAL}/old.egg-info/top_level.txt"]
    beside = {f"{LOCAL}/idna-3.7.dist-info/RECORD": "", f"{SITE}/idna-3.3.egg-info/top_level.txt": "idna\n"}
    # A text of somebody else, and what a package is tested with.
    others = {"srv/RECORD": "", f"{LOCAL}/a/tests/b.dist-info/RECORD": ""}
    inventory = read_inventory(form({**ROOT, **beside, **others, **dict.fromkeys(names, "x")}))
    assert refused(inventory) == [
        (name, f"no regular file {other} is beside it: which project it is of is unknown")
        for name, other in zip(names, ("METADATA", "PKG-INFO"), strict=True)
    ]
    assert found(inventory) == FOUND
    assert skips(inventory)[OWNED] == 1


class TestOwners:
    """Told by the files of packages, whatever the languages: by dpkg's lists, rpm's headers and apk's database."""

    def test_by_another_name(self, tmp_path: Path) -> None:
        """A package of a system where lib is in usr lists it by its old name."""
        root = folder(ROOT, tmp_path)
        (root / "lib").symlink_to("usr/lib")
        (root / "var/lib/dpkg/info/python3-idna.list").write_text(
            "/.\n/lib/python3/dist-packages/idna-3.3.egg-info/PKG-INFO\n"
        )
        assert skips(read_inventory(root))[OWNED] == 1

    def test_by_links_in_a_circle(self, tmp_path: Path) -> None:
        root = folder(ROOT, tmp_path)
        (root / "x").symlink_to("y")
        (root / "y").symlink_to("x")
        (root / "var/lib/dpkg/info/python3-idna.list").write_text(f"/x/y/PKG-INFO\n{'/x' * 3000}/PKG-INFO\n")
        assert OWNED not in skips(read_inventory(root))

    def test_of_what_is_removed(self, tmp_path: Path) -> None:
        """Its list stays for its configuration: it owns nothing that is read."""
        root = folder(ROOT, tmp_path)
        text = STANZA.format("bash") + STANZA.format("python3-idna").replace("ok installed", "ok config-files")
        (root / STATUS).write_text(text)
        inventory = read_inventory(root)
        assert f"pypi idna 3.3 /{SITE}" in found(inventory)

    @pytest.mark.parametrize(
        ("more", "is_listed"),
        [
            ("Maintainer: AMD <x@amd.com>\n", True),
            ("Maintainer: Debian Python Team <team+python@tracker.debian.org>\n", False),
        ],
    )
    def test_of_a_third_party(self, form: Form, more: str, is_listed: bool) -> None:
        """Nobody judges its packages, so what it brings is listed."""
        stanza = STANZA.format("python3-idna").partition("Maintainer")[0]
        inventory = read_inventory(form(ROOT | {STATUS: f"{stanza}{more}\n"}))
        assert (f"pypi idna 3.3 /{SITE}" in found(inventory)) is is_listed
        assert (OWNED in skips(inventory)) is not is_listed

    @pytest.mark.parametrize(
        ("vendor", "site", "is_listed"),
        [
            ([(1011, "AlmaLinux")], SITE, False),
            ([(1011, "Somebody")], SITE, True),
            ([], SITE, True),
            ([(1011, "AlmaLinux")], "opt/x/site-packages", True),  # a product of the same maker
            ([(1011, "AlmaLinux")], "opt/rh/x/site-packages", False),
        ],
    )
    def test_of_rpm(self, form: Form, vendor: list[tuple[int, str]], site: str, is_listed: bool) -> None:
        """By the folders, places and names of a header. Its database has the vendor of each of the distribution's."""
        name = f"{site}/idna-3.7.dist-info"
        entries = [
            *(
                (tag, 6, 1, text.encode() + b"\0")
                for tag, text in ((1000, "python3-idna"), (1001, "3.7"), (1002, "1.el9"), *vendor)
            ),
            (1116, 4, 1, bytes(4)),
            (1117, 8, 1, b"METADATA\0"),
            (1118, 8, 1, f"/{name}/\0".encode()),
        ]
        root: Root = {
            "var/lib/rpm/Packages.db": ndb([header(*entries)]),
            "etc/os-release": "ID=almalinux\nVERSION_ID=9.4\n",
            f"{name}/METADATA": "Name: idna\nVersion: 3.7\n",
            "usr/local/bin/go": GO,
        }
        inventory = read_inventory(form(root))
        if is_listed:
            assert found(inventory) == [FOUND[1], FOUND[3], f"pypi idna 3.7 /{site}"]
            assert skips(inventory) == {OTHERS.format("python3-idna", "packages of Python"): 1}
        else:
            assert found(inventory) == [FOUND[1], FOUND[3]]
            assert skips(inventory) == {OWNED.replace("deb", "rpm"): 1}

    def test_of_apk(self, form: Form) -> None:
        site = "usr/lib/python3.12/site-packages/idna-3.7.dist-info"
        database = f"P:py3-idna\nV:3.7-r0\nA:x86_64\no:py3-idna\nF:{site}\nR:METADATA\n\n"
        root: Root = {
            "lib/apk/db/installed": database,
            "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
            f"{site}/METADATA": "Name: idna\nVersion: 3.7\n",
            "usr/local/bin/go": GO,
        }
        inventory = read_inventory(form(root))
        assert found(inventory) == [FOUND[1], FOUND[3]]
        assert skips(inventory) == {ASSUMED.replace("deb", "apk"): 1}
        assert not any(package.doubts for package in inventory.packages)

    def test_of_a_distroless_image(self, form: Form) -> None:
        parts = "var/lib/dpkg/status.d/python3-idna"
        root = {name: text for name, text in ROOT.items() if not name.startswith("var/lib/dpkg")}
        root |= {
            parts: "Package: python3-idna\nVersion: 1\nMaintainer: x <x@debian.org>\n",
            f"{parts}.md5sums": f"{'0' * 32}  {SITE}/idna-3.3.egg-info/PKG-INFO\n",
        }
        inventory = read_inventory(form(root))
        assert found(inventory) == FOUND
        assert skips(inventory) == {OWNED: 1, NOT_READ: 1, PART: 1}

    @pytest.mark.parametrize(
        ("program", "maintainer", "is_listed"),
        [
            ("usr/bin/go", "Debian Go Packaging Team <x@tracker.debian.org>", False),
            ("usr/bin/go", "Somebody <x@gmail.com>", True),  # as vendors and their tools have it
            ("usr/local/bin/go", "x <x@debian.org>", True),  # no package of Debian has a file there
            ("opt/x/go", "x <x@debian.org>", True),
        ],
    )
    def test_a_program(self, form: Form, program: str, maintainer: str, is_listed: bool) -> None:
        lists = "var/lib/dpkg/info/"  # dpkg's database lacks the packages of those lists
        root = {name: text for name, text in ROOT.items() if text is not GO and not name.startswith(lists)}
        root |= {
            STATUS: f"Package: x\nStatus: install ok installed\nVersion: 1\nMaintainer: {maintainer}\n\n",
            "var/lib/dpkg/info/x.list": f"/{program}\n",
            program: GO,
        }
        inventory = read_inventory(form(root))
        assert any(one.startswith("golang") for one in found(inventory)) is is_listed
        assert (skips(inventory).get(OTHERS.format("x", "modules of Go")) == 1) is is_listed
        assert not any(package.doubts for package in inventory.packages)

    APP: ClassVar[Root] = {
        STATUS: STANZA.format("a") + "Package: code\nStatus: install ok installed\nVersion: 1\n{0}\n",
        "etc/os-release": "ID=debian\nVERSION_ID=12\n",
        "var/lib/dpkg/info/code.list": "/{1}/node_modules/x/package.json\n",
        "{1}/node_modules/x/package.json": '{{"name": "x", "version": "1.0.0"}}',
    }

    @pytest.mark.parametrize(
        ("maintainer", "folder", "is_listed"),
        [
            ("Maintainer: Somebody <x@gmail.com>\n", "opt/app", True),
            ("Maintainer: Somebody <x@debian.org>\n", "opt/app", True),
            ("Maintainer: Debian JavaScript <x@lists.alioth.debian.org>\n", "usr/share", False),
            ("Maintainer: Debian Rust <x@alioth-lists.debian.net>\n", "usr/share", False),
            ("Origin: Debian\nMaintainer: Somebody <x@gmail.com>\n", "usr/share", False),
            ("Maintainer: Somebody <x@gmail.com>\n", "usr/share", None),
            ("Maintainer: Somebody <x@debian.org.example>\n", "usr/share", None),
            ("", "usr/share", None),
        ],
    )
    def test_who_made_it(self, form: Form, maintainer: str, folder: str, is_listed: bool | None) -> None:
        """Who nothing shows to be the distribution's counts as that, which is an assumption, where it may be."""
        texts = {name: text for name, text in self.APP.items() if isinstance(text, str)}
        inventory = read_inventory(
            form({name.format("", folder): text.format(maintainer, folder) for name, text in texts.items()})
        )
        assert found(inventory) == ([f"npm x 1.0.0 /{folder}/node_modules/x"] if is_listed else [])
        what = "files of packages of npm that a package of type deb owns"
        assert (
            skips(inventory)
            == {
                None: {f"{what}, whose maker nothing shows: judged as that package": 1},
                False: {f"{what}: judged as that package": 1},
                True: {OTHERS.format("code", "packages of npm"): 1},
            }[is_listed]
        )
        doubts = {one.name: one.doubts for one in inventory.packages if one.doubts}
        assert doubts == ({"code": {Assumption.MAKER_UNKNOWN}} if is_listed is None else {})

    @pytest.mark.parametrize("release", ["ID=nosuch\nVERSION_ID=1\n", "ID=almalinux\nVERSION_ID=9\n"])
    def test_of_what_nobody_judges(self, form: Form, release: str) -> None:
        """A package of a distribution that no table has, or of another package manager than the distribution's."""
        inventory = read_inventory(form(ROOT | {"etc/os-release": release}))
        assert f"pypi idna 3.3 /{SITE}" in found(inventory)

    def test_many_others(self, tmp_path: Path) -> None:
        names = [f"x{number}" for number in range(40)]
        root: Root = {
            STATUS: "".join(f"Package: {name}\nStatus: install ok installed\nVersion: 1\n\n" for name in names),
            "etc/os-release": "ID=debian\nVERSION_ID=12\n",
        }
        for name in names:
            root[f"var/lib/dpkg/info/{name}.list"] = f"/opt/{name}/node_modules/a/package.json\n"
            root[f"opt/{name}/node_modules/a/package.json"] = '{"name": "a", "version": "1.0.0"}'
        inventory = read_inventory(folder(root, tmp_path))
        assert len(found(inventory)) == 40
        counts = skips(inventory)
        assert len(counts) == 31
        assert counts[OTHERS.format("other packages", "packages of npm")] == 10


INFO = "var/lib/dpkg/info/python3-idna"
SUMS = f"{'0' * 32}  {SITE}/idna-3.3.egg-info/PKG-INFO\n"
BESIDE = "the files of a package of type {0}, which no list names: what of languages it brought is listed beside it"
BOTH = sorted([*FOUND, f"pypi idna 3.3 /{SITE}"])


def doubted(inventory: Inventory) -> list[str]:
    """The packages of which an owner is not known. None has another doubt."""
    assert {doubt for one in inventory.packages for doubt in one.doubts} <= {Assumption.OWNER_UNKNOWN}
    return [f"{one.type} {one.name} {one.version} {one.location}" for one in inventory.packages if one.doubts]


class TestWithoutListsOfFiles:
    """Slimmed images lack dpkg's lists. Then nobody knows which files of languages debs brought: they were judged
    twice without a word."""

    ROOT: ClassVar[Root] = {name: text for name, text in ROOT.items() if not name.startswith("var/lib/dpkg/info")}

    def test_none(self, form: Form) -> None:
        """Listed, and an assumption, but in folders where no package of a distribution has a file."""
        inventory = read_inventory(form(self.ROOT))
        assert found(inventory) == BOTH
        assert doubted(inventory) == [f"pypi idna 3.3 /{SITE}"]
        assert skips(inventory) == {BESIDE.format("deb"): 1, NOT_READ: 1, PART: 1}

    def test_checksums_stand_in(self, form: Form) -> None:
        inventory = read_inventory(form({**self.ROOT, f"{INFO}.md5sums": SUMS}))
        assert (found(inventory), doubted(inventory)) == (FOUND, [])
        assert skips(inventory) == {OWNED: 1, NOT_READ: 1, PART: 1}
        assert inventory.packages[0].locations == (f"/{SITE}/idna-3.3.egg-info/PKG-INFO",)

    @pytest.mark.parametrize(("arch", "name"), [("amd64", "python3-idna:amd64"), ("all", "python3-idna")])
    def test_of_one_architecture(self, form: Form, arch: str, name: str) -> None:
        stanza = STANZA.format("python3-idna").replace("Version", f"Architecture: {arch}\nVersion")
        root = {**self.ROOT, STATUS: stanza, f"var/lib/dpkg/info/{name}.md5sums": SUMS}
        assert doubted(read_inventory(form(root))) == []

    @pytest.mark.parametrize(("end", "text"), [("list", ""), ("md5sums", ""), ("md5sums", "x\n")])
    def test_one_without_a_file(self, form: Form, end: str, text: str) -> None:
        """dpkg's own have the root folder at least."""
        inventory = read_inventory(form({**self.ROOT, f"{INFO}.{end}": text}))
        assert doubted(inventory) == [f"pypi idna 3.3 /{SITE}"]

    def test_of_another_package(self, form: Form) -> None:
        """What has an owner is the owner's, and the rest may be the package's without a list."""
        status = STANZA.format("python3-idna") + STANZA.format("other")
        site = f"{SITE}/x.dist-info/METADATA"
        inventory = read_inventory(form(ROOT | {STATUS: status, site: "Name: x\nVersion: 1\n"}))
        assert doubted(inventory) == [f"pypi x 1 /{SITE}"]
        assert skips(inventory)[OWNED] == skips(inventory)[BESIDE.format("deb")] == 1

    def test_of_what_is_removed(self, form: Form) -> None:
        """Nothing of it is there but configuration."""
        gone = STANZA.format("other").replace("ok installed", "ok config-files")
        inventory = read_inventory(form({**ROOT, STATUS: f"{STANZA.format('python3-idna')}{gone}"}))
        assert (found(inventory), doubted(inventory)) == (FOUND, [])

    def test_of_a_distroless_image(self, form: Form) -> None:
        root = {name: text for name, text in self.ROOT.items() if name != STATUS}
        root["var/lib/dpkg/status.d/python3-idna"] = STANZA.format("python3-idna")
        inventory = read_inventory(form(root))
        assert found(inventory) == BOTH
        assert doubted(inventory) == [f"pypi idna 3.3 /{SITE}"]

    def test_no_language_is_looked_for(self, form: Form) -> None:
        inventory = read_inventory(form(self.ROOT), package_types=["os"])
        assert (doubted(inventory), skips(inventory)) == ([], {choice.NOT_LOOKED_FOR: 1})

    @pytest.mark.parametrize(("files", "is_known"), [("", False), ("F:usr/bin\nR:busybox\n", True)])
    def test_of_apk(self, form: Form, files: str, is_known: bool) -> None:
        """A package of apk may have no file. A whole database without one had them taken out."""
        site = "usr/lib/python3.12/site-packages"
        rows = ["P:busybox\nV:1-r0\no:busybox\n{0}\n", "P:alpine-base\nV:1-r0\no:alpine-base\n\n"]
        root: Root = {
            "lib/apk/db/installed": "".join(rows).format(files),
            "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
            f"{site}/idna-3.7.dist-info/METADATA": "Name: idna\nVersion: 3.7\n",
        }
        inventory = read_inventory(form(root))
        assert found(inventory) == [f"pypi idna 3.7 /{site}"]
        assert doubted(inventory) == ([] if is_known else [f"pypi idna 3.7 /{site}"])
        assert skips(inventory) == ({} if is_known else {BESIDE.format("apk"): 2})

    def test_of_a_list_of_rpms(self, form: Form) -> None:
        """Distroless images of Azure Linux have it in their database's place. It has no files."""
        row = (
            "python3-idna\t3.7-1.azl3\t1700000000\t1700000000\tMicrosoft Corporation\tAzure Linux\t1\tnoarch\t0\t{0}\n"
        )
        site = "usr/lib/python3.12/site-packages"
        root: Root = {
            "var/lib/rpmmanifest/container-manifest-2": row.format("python-idna-3.7-1.azl3.src.rpm"),
            "etc/os-release": "ID=azurelinux\nVERSION_ID=3.0\n",
            f"{site}/idna-3.7.dist-info/METADATA": "Name: idna\nVersion: 3.7\n",
        }
        inventory = read_inventory(form(root))
        assert doubted(inventory) == [f"pypi idna 3.7 /{site}"]
        assert skips(inventory) == {BESIDE.format("rpm"): 1}

    def test_more_bytes_than_the_limit(self, form: Form) -> None:
        """Checksums that are not read show nobody's files. The rest is read."""
        more = {f"var/lib/dpkg/info/b{number}.md5sums": SUMS * 40 for number in range(4)}
        status = STANZA.format("python3-idna") + "".join(STANZA.format(f"b{number}") for number in range(4))
        limits = evolve(DEFAULT_LIMITS, inventory=len(SUMS) * 100)
        inventory = read_inventory(form({**self.ROOT, **more, STATUS: status, f"{INFO}.md5sums": SUMS}), limits=limits)
        assert skips(inventory) == {
            OWNED: 1,
            NOT_READ: 1,
            PART: 1,
            "a package's list of files: files of its kind are larger than the limit of bytes together": 2,
        }
        assert (found(inventory), doubted(inventory)) == (FOUND, [])

    def test_checksums_in_a_folders_place(self, tmp_path: Path) -> None:
        root = folder(self.ROOT, tmp_path)
        (root / f"{INFO}.md5sums").mkdir(parents=True)
        inventory = read_inventory(root)
        assert doubted(inventory) == [f"pypi idna 3.3 /{SITE}"]
        assert skips(inventory)["a package's list of files: a folder, where a regular file is expected"] == 1

    def test_a_package_that_is_cut_from_the_database(self, form: Form) -> None:
        """Checksums show it as lists do."""
        inventory = read_inventory(form({**self.ROOT, "var/lib/dpkg/info/gone.md5sums": SUMS}))
        assert Assumption.INVENTORY_PARTIAL in inventory.packages[0].doubts
        assert [why for _, why in refused(inventory)] == [
            "dpkg's database lacks packages that have a list of files: gone. It may be cut"
        ]


BELOW = "lists of the files of packages, which a layer removed: taken of the layers below"


class TestListsOfLayersBelow:
    """A layer that removes dpkg's lists makes an image no smaller: they are there still."""

    UPGRADED: ClassVar[Root] = {STATUS: STANZA.format("python3-idna").replace("Version: 1", "Version: 2")}

    @pytest.fixture(params=[bytes, gzipped], ids=["plain", "packed"])
    def image(self, request: pytest.FixtureRequest) -> Callable[..., Inventory]:
        return lambda *roots: read_inventory(oci(*map(tar, roots), pack=request.param))

    @pytest.mark.parametrize("end", ["list", "md5sums"])
    @pytest.mark.parametrize("removed", ["info/.wh.python3-idna.{0}", "info/.wh..wh..opq", ".wh.info"])
    def test_they_are_read(self, image: Callable[..., Inventory], end: str, removed: str) -> None:
        root = {name: text for name, text in ROOT.items() if not name.startswith("var/lib/dpkg/info")}
        root[f"{INFO}.{end}"] = ROOT[f"{INFO}.list"] if end == "list" else SUMS
        inventory = image(root, {f"var/lib/dpkg/{removed.format(end)}": ""})
        assert (found(inventory), doubted(inventory)) == (FOUND, [])
        assert skips(inventory) == {OWNED: 1, NOT_READ: 1, PART: 1, BELOW: 1}

    @pytest.mark.parametrize("is_at_once", [True, False])
    def test_of_another_version(self, image: Callable[..., Inventory], is_at_once: bool) -> None:
        """They are of files that an upgrade has replaced."""
        removed: Root = {f"{INFO.replace('python3', '.wh.python3')}.list": ""}
        inventory = image(ROOT, self.UPGRADED | removed) if is_at_once else image(ROOT, removed, self.UPGRADED)
        assert doubted(inventory) == [f"pypi idna 3.3 /{SITE}"]
        assert BELOW not in skips(inventory)

    def test_it_is_there_again(self, image: Callable[..., Inventory]) -> None:
        inventory = image(ROOT, {"var/lib/dpkg/.wh.info": ""}, {f"{INFO}.list": "/.\n"})
        assert found(inventory) == BOTH
        assert BELOW not in skips(inventory)

    def test_of_a_package_that_is_gone(self, image: Callable[..., Inventory]) -> None:
        both = {**ROOT, STATUS: f"{STANZA.format('python3-idna')}{STANZA.format('x')}"}
        both["var/lib/dpkg/info/x.list"] = "/.\n"
        inventory = image(both, {STATUS: ROOT[STATUS], "var/lib/dpkg/.wh.info": ""})
        assert [one.name for one in inventory.packages if one.type == "deb"] == ["python3-idna"]
        assert (doubted(inventory), refused(inventory)) == ([], [])
        assert skips(inventory)[BELOW] == 1


class TestWhatIsNotLookedFor:
    def test_it_is_counted(self, form: Form) -> None:
        root = ROOT | {
            "app/vendor/composer/installed.json": "[]",
            "app/x.deps.json": "{}",
            "opt/conda/conda-meta/a-1.0-0.json": "{}",
            "opt/conda/conda-meta/history": "",
            "app/x.json": "{}",
            "srv/a/var/lib/dpkg/status": "",
            "srv/a/usr/lib/apk/db/installed": "",
            "srv/a/usr/lib/sysimage/rpm/rpmdb.sqlite": "",
            "srv/a/b/Packages": "",
            "app/A-1.0.JAR": b"no zip",
            "usr/local/bin/script": b"#!/usr/bin/env python3\nPK\x03\x04",
        }
        counts = skips(read_inventory(form(root)))
        assert counts == {
            OWNED: 1,
            PART: 1,
            NOT_READ: 2,
            "lists of packages of PHP (Composer): not looked for": 1,
            "lists of packages of .NET (.deps.json): not looked for": 1,
            "packages of Conda (conda-meta): not looked for": 1,
            "package databases in other folders of the root (containers, snapshots): not read, unless a link leads "
            "there": 3,
            "scripts with an archive behind them (zipapps of Python, Java): not looked into": 1,
        }
        assert skips(read_inventory(form(root), package_types=["os"])) == {choice.NOT_LOOKED_FOR: 1}


class TestLayers:
    LATER: ClassVar[Root] = {
        "app/node_modules/b/package.json": '{"name": "b", "version": "2.0.0"}',
        f"{LOCAL}/.wh.idna-3.7.dist-info": "",
    }

    @pytest.mark.parametrize("pack", [bytes, gzipped])
    def test_each_package_has_its_own(self, pack: Callable[[bytes], bytes]) -> None:
        inventory = read_inventory(oci(tar(ROOT), tar(self.LATER), pack=pack))
        layers = {one.name: one.layer and one.layer.history for one in inventory.packages}
        assert layers == {
            "python3-idna": "step 1",
            "rake": "step 1",
            "a.b/c": "step 1",
            "stdlib": "step 1",
            "@s/a": "step 1",
            "b": "step 2",
        }

    def test_of_a_file_that_another_archive_had(self) -> None:
        """A layer of which nothing is left does not lend its files to the next one."""
        name = "app/node_modules/b/package.json"
        layers = [{name: json.dumps({"name": "b", "version": f"{number}.0.0"})} for number in range(9)]
        inventory = read_inventory(oci(tar(ROOT), *(tar(dict(one)) for one in layers), pack=gzipped))
        assert "npm b 8.0.0 /app/node_modules/b" in found(inventory)


class TestWithoutADatabase:
    """An image from scratch has its programs alone. Where a distribution is shown, its database is missing."""

    def test_of_one_program(self, form: Form) -> None:
        inventory = read_inventory(form({"usr/local/bin/go": GO}))
        assert found(inventory) == [FOUND[1], FOUND[3]]
        assert refused(inventory) == []
        assert {one.doubts for one in inventory.packages} == {frozenset({Assumption.SYSTEM_UNKNOWN})}

    @pytest.mark.parametrize(
        "sign",
        ["usr/lib/os-release", "etc/redhat-release", "var/lib/dpkg/info/a.list", "etc/apk/world", "nix/store/x/bin/x"],
    )
    def test_of_a_distribution(self, form: Form, sign: str) -> None:
        """More is installed than is listed."""
        with pytest.raises(UnreadableSource, match="no package database"):
            read_inventory(form({sign: ""}))
        inventory = read_inventory(form({"usr/local/bin/go": GO, sign: ""}))
        assert found(inventory) == [FOUND[1], FOUND[3]]
        ((_, why),) = refused(inventory)
        assert why.startswith("no package database of dpkg, rpm or apk")
        assert why.endswith(" shows")
        assert {one.doubts for one in inventory.packages} == {frozenset({Assumption.INVENTORY_PARTIAL})}

    def test_of_another_distribution(self, form: Form) -> None:
        """dpkg was installed on a system of rpm, whose own database is gone."""
        status = "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
        root: Root = {"var/lib/dpkg/status": status, "etc/os-release": "ID=fedora\nVERSION_ID=40\n"}
        inventory = read_inventory(form(root))
        assert refused(inventory) == [
            ("-", "fedora 40 has packages of type rpm. The root has none of these, but of deb")
        ]
        assert {one.doubts for one in inventory.packages} == {frozenset({Assumption.INVENTORY_PARTIAL})}
        of_another: Root = {"var/lib/dpkg/status": status, "etc/os-release": "ID=mydistro\nVERSION_ID=40\n"}
        assert refused(read_inventory(form(of_another))) == []

    def test_of_a_database_without_a_package(self, form: Form) -> None:
        """It was emptied, or all of it is refused: what languages have is not all."""
        root: Root = {"lib/apk/db/installed": "P:a\n\n", "usr/local/bin/go": GO}
        with pytest.raises(EmptySource, match="no installed package"):
            read_inventory(form(root))

    def test_of_nothing(self, form: Form) -> None:
        with pytest.raises(UnreadableSource, match="no package database"):
            read_inventory(form({"usr/local/bin/script": "#!/bin/sh\n"}))


class TestLinks:
    def test_none_is_followed(self, tmp_path: Path) -> None:
        root = folder(ROOT, tmp_path / "root")
        outside = folder({"node_modules/x/package.json": '{"name": "x", "version": "1"}'}, tmp_path / "outside")
        (root / "app/node_modules/x").symlink_to(outside / "node_modules/x")
        (root / "app/node_modules/circle").symlink_to("..")
        (root / "app/node_modules/y").mkdir()
        (root / "app/node_modules/y/package.json").symlink_to(outside / "node_modules/x/package.json")
        assert found(read_inventory(root)) == FOUND

    def test_what_is_mounted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the kernel shows there is no part of the root. Files of the root itself are."""
        root = folder({f"{name}/node_modules/x/package.json": "{" for name in ("proc", "sys", "dev", "run")}, tmp_path)
        assert len(refused(read_inventory(folder(ROOT, root)))) == 4
        monkeypatch.setattr(Folder, "_is_mounted", lambda root, part: True)
        assert refused(read_inventory(root)) == []

    def test_one_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An archive passes again only for what nobody could look at."""
        passes: list[int] = []
        monkeypatch.setattr(Packed, "pass_again", lambda archive, names, looks: passes.append(len(names)))
        for types in (None, ["os"], ["npm"], ["library"]):
            read_inventory(BytesIO(gzipped(tar(ROOT))), package_types=types)
        assert passes == []

    @pytest.mark.parametrize("count", [1, 50])
    @pytest.mark.parametrize("pack", [bytes, gzipped])
    def test_hard_links(self, pack: Callable[[bytes], bytes], count: int) -> None:
        """The contents pass by other names, as pnpm's store has them."""
        store: list[Row] = [(f"store/{n}", "file", f'{{"name": "x{n}", "version": "1.0.0"}}') for n in range(count)]
        links: list[Row] = [(f"app/node_modules/x{n}/package.json", "hard", f"store/{n}") for n in range(count)]
        expected = [f"npm x{n} 1.0.0 /app/node_modules/x{n}" for n in range(count)]
        for data in (pack(tar_of(*rows(ROOT), *store, *links)), oci(tar_of(*rows(ROOT), *store, *links), pack=pack)):
            inventory = read_inventory(BytesIO(data) if isinstance(data, bytes) else data)
            assert refused(inventory) == []
            assert set(expected) <= set(found(inventory))

    @pytest.mark.parametrize("pack", [bytes, gzipped])
    def test_hard_links_of_what_could_be_a_program(self, pack: Callable[[bytes], bytes]) -> None:
        """The content passes by a name that shows no packages, may be executed, and is no program."""

        def executable(member: tarfile.TarInfo) -> None:
            member.mode = 0o755

        members = [
            ("store/1-exec", "file", '{"name": "x", "version": "1.0.0"}'),
            ("usr/src/app/node_modules/x/package.json", "hard", "store/1-exec"),
        ]
        inventory = read_inventory(BytesIO(pack(tar_of(*rows(ROOT), *members, change=executable))))
        assert "npm x 1.0.0 /usr/src/app/node_modules/x" in found(inventory)


class TestLimits:
    def test_of_files(self, form: Form) -> None:
        with pytest.raises(LimitExceeded, match=r"more .* than the limit of 5.* \(--limit members="):
            read_inventory(form(ROOT), limits=evolve(DEFAULT_LIMITS, members=5))

    @pytest.mark.parametrize("form", ["packed-tar", "packed-oci"])
    def test_of_one_file(self, form: str, tmp_path: Path) -> None:
        """Of a compressed archive, where all of it has to be kept while it is looked into."""
        large = ROOT | {"usr/local/bin/go": GO + bytes(100_000)}
        inventory = read_inventory(FORMS[form](large, tmp_path), limits=evolve(DEFAULT_LIMITS, document=90_000))
        why = "larger than the limit of 90000 bytes (--limit document=NUMBER allows more)"
        assert refused(inventory) == [("usr/local/bin/go", why)]

    def test_of_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is larger goes into a temporary file while it is looked at."""
        monkeypatch.setattr(scan, "_IN_MEMORY", 100)
        assert found(read_inventory(BytesIO(gzipped(tar(ROOT))))) == FOUND


@pytest.mark.parametrize(("links", "is_followed"), [(40, True), (42, False)])
def test_links_to_a_file_s_owner(links: int, is_followed: bool, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "0").symlink_to("real")
    for number in range(1, links):
        (tmp_path / str(number)).symlink_to(str(number - 1))
    owner = Package("deb", "a", "1-1")
    with closing(Folder(tmp_path)) as tree:
        owners = Owners(tree, [b"real/x"])
        owners.see_paths(owner, [f"/{links - 1}/x"])
        assert owners.packages == ({b"real/x": owner} if is_followed else {})


@pytest.mark.parametrize(("depth", "is_followed"), [(200, True), (202, False)])
def test_depth_of_a_file_s_owner(depth: int, is_followed: bool, tmp_path: Path) -> None:
    """Links in folders that are deeper are not resolved: the file counts as nobody's."""
    (tmp_path / "link").symlink_to("real")
    folder = "/".join(["d"] * (depth - 1))
    owner = Package("deb", "a", "1-1")
    with closing(Folder(tmp_path)) as tree:
        owners = Owners(tree, [f"real/{folder}/x".encode()])
        owners.see_paths(owner, [f"/link/{folder}/x"])
        assert bool(owners.packages) == is_followed
