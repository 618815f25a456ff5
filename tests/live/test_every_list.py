"""Every file of the real package lists is read, as a table says; and laws that hold of every format."""

import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from inventory_table import ARCHIVES, Row, read
from places import DATA

from advisories.models import Inventory, Package
from advisories.models.errors import AdvisoriesError, EmptySource
from advisories.readers import inventories
from advisories.readers.inventories.registry import FORMATS

Unpack = Callable[[str], Path]

TABLE = DATA / "inventories.tsv"


@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_file(unpacked: Unpack, archive: str) -> None:
    folder = unpacked(f"inventories/{archive}")
    expected = [line for line in TABLE.read_text().splitlines() if line.startswith(f"{archive}/")]
    found: list[str] = []
    for row, inventory in read(archive, folder):
        found.append(str(row))
        assert row.read == row.installed + row.not_installed + row.rejected
        if inventory is not None:
            no_epoch_leaks(row, inventory, folder.parent / folder.name / row.file.partition("/")[2])
    assert found == expected


#: What stands around a version in any list.
_AROUND = re.compile(r'[\s"(){}<>@&,;|=]+')


def no_epoch_leaks(row: Row, inventory: Inventory, path: Path) -> None:
    """A source version is one that the list itself has. Of rpm no list has its epoch: it is that of a binary of its
    version and release, and positive.
    """
    rpms = [package for package in inventory.packages if package.type == "rpm"]
    shown = {(package.source_name, package.version) for package in rpms if package.epoch_known}
    for package in rpms:
        epoch, colon, _ = (package.source_version or "").partition(":")
        assert package.source_version is None or package.source_epoch_known is bool(colon)
        assert not colon or (int(epoch) > 0 and (package.source_name, package.source_version) in shown)
    suspects = {one.source_version for one in inventory.packages if one.type != "rpm" and one.source_version}
    suspects = {version for version in suspects if ":" in version}
    if not suspects:
        return
    assert path.is_file() or row.format == "root"
    text = (path if path.is_file() else path / "var/lib/dpkg/status").read_text("utf-8", "replace")
    said = set(_AROUND.split(text)) | set(_AROUND.split(unquote(text)))
    if row.format == "trivy":  # the parts, each by itself
        said |= {f"{entry.get('SrcEpoch')}:{_joined(entry)}" for entry in json.loads(text)}
    assert suspects <= said


def _joined(entry: dict[str, str]) -> str:
    return "-".join(part for part in (entry.get("SrcVersion"), entry.get("SrcRelease")) if part)


def test_the_table_has_every_format(unpacked: Unpack) -> None:
    del unpacked
    formats = {line.split("\t")[1] for line in TABLE.read_text().splitlines()}
    assert formats - {"EmptySource", "UnknownFormat", "UnreadableSource", "root"} == set(FORMATS) - {
        "apk-list",  # in no archive; test_list_columns, test_inventory_formats and test_apt_pip have these
        "apt-list",
        "pip-list",
        "dnf-list",
        "purl",
        "tsv",  # our own: test_written_lists has it
    }


def _first(unpacked: Unpack, archive: str, pattern: str) -> bytes:
    return next(
        path for path in sorted(unpacked(f"inventories/{archive}").rglob(pattern)) if path.is_file()
    ).read_bytes()


def _apk(package: Package) -> str:
    return f"{package.name}-{package.version} {package.arch} {{{package.source_name}}} (MIT) [installed]"


@pytest.fixture(scope="module")
def lists(unpacked: Unpack) -> dict[str, bytes]:
    """A list of every format of text."""
    status = _first(unpacked, "dpkg-status", "limeroot+seed/var/lib/dpkg/status")
    installed = _first(unpacked, "apk-installed", "v3.19/*x86_64/installed")
    plain = _first(unpacked, "rpm-lists", "2022-05-09_al-9.0.1-beta*micro.txt")
    debs = inventories.read_stream(BytesIO(status)).packages
    apks = inventories.read_stream(BytesIO(installed)).packages
    rpms = inventories.read_stream(BytesIO(plain)).packages
    found = {
        "dpkg-status": status,
        "apk-installed": installed,
        "rpm-qa": plain,
        "dpkg-query": _first(unpacked, "image-manifests", "*.manifest"),
        "apk-list": "\n".join(map(_apk, apks)).encode() + b"\n",
        "dnf-list": "".join(f"{one.name}.{one.arch or 'x86_64'}  {one.version}  @base\n" for one in rpms).encode(),
        "purl": "".join(f"pkg:deb/debian/{one.name}@{one.version}?arch=all\n" for one in debs).encode(),
        "apt-list": "".join(f"{one.name}/stable,now {one.version} {one.arch} [installed]\n" for one in debs).encode(),
        "pip-list": "".join(f"{one.name}=={one.version}\n" for one in apks if "+" not in one.name).encode(),
        "rpms-lock": _first(unpacked, "rpm-lists", "rpms.lock.yaml"),
        "apt-lock": _first(unpacked, "image-manifests", "bookworm.lock.json"),
        "vuls": _first(unpacked, "hosts", "alpine_319.json"),
        "trivy": _first(unpacked, "trivy-packages", "alpine-310.json.golden"),
        "cyclonedx": _first(unpacked, "sboms", "postgres-stretch.cdx.xml"),
        "spdx": _first(unpacked, "sboms", "alpine-spdx.json"),
        "syft": _first(unpacked, "sboms", "sbom.syft.json"),
    }
    # Tables are our own: test_written_lists and test_list_laws have them.
    assert {*found, "rpm-database", "tsv"} == set(FORMATS)
    return found


#: Formats of lines or stanzas, with a line that is none of their own.
LINES = {
    "dpkg-status": "\nPackage: broken\nVersion\n\n",
    "apk-installed": "\nP:broken\nnonsense\n\n",
    "rpm-qa": "error: rpmdb: damaged header\n",
    "dpkg-query": "BROKEN\t1\n",
    "apk-list": "ERROR: no such thing\n",
    "dnf-list": "Error: broken\n",
    "purl": "broken\n",
    "apt-list": "broken/now\n",
    "pip-list": "broken\n",
}


def names(inventory: Inventory) -> list[tuple[str, str]]:
    return [(package.name, package.version) for package in inventory.packages]


def test_line_ends_and_marks(lists: dict[str, bytes]) -> None:
    """CRLF, a byte order mark and UTF-16 change nothing, in any format."""
    for format, data in lists.items():
        whole = inventories.read_stream(BytesIO(data))
        assert whole.format == format
        forms = [data.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + data]
        if b"encoding=" not in data[:100]:
            forms.append(data.decode().encode("utf-16"))
        for form in forms:
            again = inventories.read_stream(BytesIO(form))
            assert (again.format, again.packages) == (format, whole.packages)
            assert again.report is not None
            assert again.report.rejections == ()


def test_something_broken_in_the_middle(lists: dict[str, bytes]) -> None:
    """It is refused with its place, and takes none of its neighbours with it."""
    for format, broken in LINES.items():
        data = lists[format]
        end = b"\n\n" if broken.startswith("\n") else b"\n"
        middle = data.index(end, len(data) // 2) + len(end)
        for text in (broken.encode(), broken.replace("roken", "roken\udcff").encode("utf-8", "surrogateescape")):
            listed = inventories.read_stream(BytesIO(data[:middle] + text + data[middle:]))
            assert names(listed) == names(inventories.read_stream(BytesIO(data))), format
            assert listed.report is not None
            (rejection,) = listed.report.rejections
            number = data[:middle].count(b"\n")
            assert re.fullmatch(r"line [0-9]+", rejection.position)
            assert number < int(rejection.position.split(" ")[1]) <= number + 4


def _cuts(data: bytes) -> Iterator[int]:
    return iter(range(1, len(data), max(len(data) // 40, 1)))


def test_truncated(lists: dict[str, bytes]) -> None:
    """Cut off anywhere: what was whole is kept, or an error says why there is nothing; no package is made up."""
    for format, data in lists.items():
        whole = names(inventories.read_stream(BytesIO(data)))
        for cut in _cuts(data):
            try:
                listed = inventories.read_stream(BytesIO(data[:cut]))
            except AdvisoriesError:
                continue
            found = names(listed)
            assert listed.report is not None
            assert listed.report.read == len(found) + listed.report.rejected
            # The entry that the cut goes through may be shorter than it was.
            assert listed.format != format or set(found[:-1]) <= set(whole), (format, cut)


@pytest.mark.parametrize(
    "format",
    ["dpkg-status", "dpkg-query", "apk-installed", "apk-list", "dnf-list", "purl", "apt-list", "pip-list", "rpm-qa"],
)
def test_none_installed_is_an_error(lists: dict[str, bytes], format: str) -> None:
    """Nothing but what is broken: an error that shows the first of it."""
    with pytest.raises((EmptySource, AdvisoriesError)):
        inventories.read_stream(BytesIO((LINES[format] * 3).encode()))
    del lists


def test_sboms_say_what_the_database_says(unpacked: Unpack) -> None:
    """Syft keeps of each package what it read in the database beside what it made of it."""
    compared = 0
    for path in sorted(unpacked("inventories/sboms").rglob("*syft*.json")):
        if "artifacts" not in path.read_text()[:100]:
            continue
        artifacts = json.loads(path.read_text())["artifacts"]
        for package, artifact in zip(inventories.read(path).packages, artifacts, strict=True):
            entry = artifact["metadata"]
            assert (package.name, package.version, package.arch) == (
                entry["package"],
                entry["version"],
                entry["architecture"],
            )
            assert (package.source_name, package.maintainer) == (entry["originPackage"], entry["maintainer"])
            owned = {file["path"] for file in entry["files"] or () if "digest" in file}
            assert set(package.locations) <= owned or not owned
            assert package.locations
            compared += 1
    assert compared == 42
