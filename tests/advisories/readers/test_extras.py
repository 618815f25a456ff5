"""A missing extra is an error that names it, never fewer records: each reader with the library of its extra blocked."""

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard

from advisories import read_inventory
from advisories.cli import main
from advisories.models.errors import MissingExtra, UnreadableSource
from advisories.readers import feeds
from advisories.readers import statements as ignores
from advisories.sources import purl

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "src/advisories"

PURL = "pkg:rpm/redhat/bash@5.1-1.el9?arch=x86_64"
OSV = {
    "id": "ALSA-1",
    "modified": "2024-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1-2.el9"}]}],
        }
    ],
}
CSAF = {
    "document": {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "publisher": {"name": "P"},
        "tracking": {"id": "A-1", "current_release_date": "2024-01-01T00:00:00Z"},
    },
    "product_tree": {
        "full_product_names": [
            {"product_id": "9", "name": "Red Hat Enterprise Linux 9"},
            {"product_id": "a", "name": "a", "product_identification_helper": {"purl": PURL}},
        ],
        "relationships": [
            {
                "full_product_name": {"product_id": "9:a", "name": "x"},
                "product_reference": "a",
                "relates_to_product_reference": "9",
            }
        ],
    },
    "vulnerabilities": [{"cve": "CVE-2024-1000", "product_status": {"fixed": ["9:a"]}}],
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [{"type": "library", "name": "bash", "version": "5.1-1.el9", "purl": PURL, "bom-ref": "a"}],
    "vulnerabilities": [{"id": "CVE-2024-1000", "analysis": {"state": "not_affected"}, "affects": [{"ref": "a"}]}],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {
            "name": "bash",
            "SPDXID": "SPDXRef-1",
            "versionInfo": "5.1-1.el9",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": PURL}],
        }
    ],
}
SYFT = {
    "artifacts": [{"id": "1", "name": "bash", "version": "5.1-1.el9", "type": "rpm", "purl": PURL}],
    "source": {},
    "descriptor": {"name": "syft"},
    "schema": {"version": "16.0.0"},
}
OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "x",
    "author": "A",
    "timestamp": "2024-01-01T00:00:00Z",
    "version": 1,
    "statements": [{"vulnerability": {"name": "CVE-2024-1000"}, "products": [{"@id": PURL}], "status": "fixed"}],
}
LOCK = (
    "lockfileVersion: 1\nlockfileVendor: redhat\narches:\n- arch: x86_64\n  packages:\n  - name: bash\n    evr: 5.1-1\n"
)
SECDB = (
    "distroversion: v3.10\nreponame: main\nurlprefix: x\napkurl: y\n"
    "packages:\n- pkg:\n    name: a\n    secfixes:\n      1-r0:\n      - CVE-2024-1000\n"
)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing that was parsed before is remembered, and nothing of a test afterwards."""
    forget()
    yield
    forget()


def forget() -> None:
    purl._library.cache_clear()
    purl.parsed.cache_clear()


def block(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Block a library, also where it was imported before."""
    monkeypatch.setitem(sys.modules, library, None)
    forget()


def written(path: Path, content: Any) -> Path:
    data = content if isinstance(content, bytes) else content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


LISTS = {
    "cyclonedx": ("packageurl", CYCLONEDX, "sbom"),
    "spdx": ("packageurl", SPDX, "sbom"),
    "syft": ("packageurl", SYFT, "sbom"),
    "purl": ("packageurl", f"{PURL}\n", "sbom"),
    "rpms-lock": ("yaml", LOCK, "yaml"),
    "zstd": ("zstandard", zstandard.ZstdCompressor().compress(b"bash-5.1-1.el9.x86_64\nzlib-1-1.el9.x86_64\n"), "zstd"),
}
FEEDS = {
    "csaf": ("packageurl", CSAF, "sbom"),
    "secdb": ("yaml", SECDB, "yaml"),
    "zstd": ("zstandard", zstandard.ZstdCompressor().compress(json.dumps(OSV).encode()), "zstd"),
}
STATEMENTS = {
    "csaf": ("packageurl", CSAF, "sbom"),
    "openvex": ("packageurl", OPENVEX, "sbom"),
    "cyclonedx": ("packageurl", CYCLONEDX, "sbom"),
}


def names(extra: str) -> str:
    """How a message names it: with the library to install, as the package is on no index."""
    return rf"pip install [a-z-]+ \(extra {extra}\)"


def each(cases: dict[str, tuple[str, Any, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("library", "content", "extra"), cases.values(), ids=cases)


@each(LISTS)
def test_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, content: Any, extra: str) -> None:
    path = written(tmp_path / "list", content)
    assert read_inventory(path).packages
    block(monkeypatch, library)
    with pytest.raises(MissingExtra, match=names(extra)):
        read_inventory(path)


@each(FEEDS)
def test_feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, content: Any, extra: str) -> None:
    path = written(tmp_path / "main.yaml", content)
    assert feeds.read(path).records()
    block(monkeypatch, library)
    with pytest.raises(MissingExtra, match=names(extra)):
        feeds.read(path).records()


@each(FEEDS)
@pytest.mark.parametrize("container", ["folder", "zip", "tar"])
def test_one_file_of_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, container: str, library: str, content: Any, extra: str
) -> None:
    """The neighbours alone would be a smaller feed, which nobody would notice."""
    folder = tmp_path / "folder"
    folder.mkdir()
    members = [written(folder / "a.json", OSV), written(folder / "b.yaml", content)]
    path = folder
    if container == "zip":
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.write(member, member.name)
    elif container == "tar":
        path = tmp_path / "a.tar"
        with tarfile.open(path, "w") as archive:
            for member in members:
                data = member.read_bytes()
                info = tarfile.TarInfo(member.name)
                info.size = len(data)
                archive.addfile(info, BytesIO(data))
    assert len(feeds.read(path).records()) == 2
    block(monkeypatch, library)
    with pytest.raises(MissingExtra, match=names(extra)):
        feeds.read(path).records()


@each(STATEMENTS)
def test_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, content: Any, extra: str) -> None:
    path = written(tmp_path / "vex.json", content)
    assert ignores.read(path).statements
    block(monkeypatch, library)
    with pytest.raises(MissingExtra, match=names(extra)):
        ignores.read(path)


@each(FEEDS)
@pytest.mark.parametrize("command", ["match", "compile", "lint"])
def test_commands(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    library: str,
    content: Any,
    extra: str,
) -> None:
    feed, good = str(written(tmp_path / "a.yaml", content)), str(written(tmp_path / "good.json", OSV))
    inventory = str(written(tmp_path / "list", '# os-release ID="almalinux" VERSION_ID="9.4"\nbash-5.1-1.el9.x86_64\n'))
    block(monkeypatch, library)
    arguments = {
        "match": ["--inventory", inventory, "--feed", good, "--feed", feed],
        "compile": [good, feed, "-o", str(tmp_path / "feed.db")],
        "lint": [feed],
    }
    assert main([command, *arguments[command]]) == 2
    assert re.search(names(extra), capsys.readouterr().err)
    assert not (tmp_path / "feed.db").exists()


def test_every_import_that_may_fail_raises_it() -> None:
    """Of the readers. JSON is the same without msgspec, which is only faster."""
    handlers = {
        str(path.relative_to(SOURCES)): re.findall(
            r"except (?:ImportError|ModuleNotFoundError)[^\n]*\n\s+(.*(?:\n.*)?)", path.read_text()
        )
        for path in SOURCES.rglob("*.py")
    }
    found = {name: texts for name, texts in handlers.items() if texts}
    assert len(found) >= 4
    del found["sources/json.py"]
    assert [name for name, texts in found.items() if not all("MissingExtra" in text for text in texts)] == []
    assert issubclass(MissingExtra, UnreadableSource)
