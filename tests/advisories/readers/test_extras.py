"""A missing extra is an error that names it, never fewer records: each reader with the library of its extra blocked."""

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard
from lacking import lacking
from places import LIBRARY

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


# Where a library of an extra is imported by itself: behind what has found it whole, or what raises the error.
BEHIND = {
    "fetch/client.py": {"urllib3"},
    "readers/feeds/osv_shapes.py": {"msgspec"},
    "reports/findings_template.py": {"jinja2"},
    "reports/template_sandbox.py": {"jinja2"},
    "sources/compression.py": {"zstandard"},
    "sources/json.py": {"msgspec"},
    # The session is the caller's: Spark is there.
    "engines/spark.py": {"pyspark"},
}
LIBRARIES = frozenset(
    ("duckdb", "jinja2", "msgspec", "packageurl", "pandas", "pyarrow", "pyspark", "urllib3", "yaml", "zstandard")
)


def test_no_other_import_of_a_library_may_fail() -> None:
    found: dict[str, set[str]] = {}
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not any(library in text for library in LIBRARIES):
            continue
        tree = ast.parse(text)
        typing = {
            inner
            for node in tree.body
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            libraries = {name.partition(".")[0] for name in names} & LIBRARIES
            if libraries and node not in typing:
                found.setdefault(path.relative_to(SOURCES).as_posix(), set()).update(libraries)
    assert found == BEHIND
    assert issubclass(MissingExtra, UnreadableSource)


# Installed, and of no use: one raises ImportError inside, one anything else, one lacks what newer ones have.
BROKEN = {
    "inside": (
        "import a_module_that_is_not_there",
        "ModuleNotFoundError: No module named 'a_module_that_is_not_there'",
    ),
    "anything": ("raise RuntimeError('no backend')", "RuntimeError: no backend"),
    "old": ("", "has no [A-Z]|cannot import name"),
}
PROGRAM = """
import contextlib, io, json, sys
from advisories.cli import main
for name, words in json.load(open("commands.json")).items():
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    out.flush()
    print(json.dumps([name, status, out.buffer.getvalue().decode(), err.getvalue()]))
"""


@pytest.mark.parametrize("kind", BROKEN)
def test_half_installed(tmp_path: Path, kind: str) -> None:
    """A broken or old library is an error with its name, the reason and the command, and no list or feed is smaller."""
    body, why = BROKEN[kind]
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for library in ("packageurl", "yaml", "zstandard", "jinja2", "urllib3", "msgspec"):
        (fakes / f"{library}.py").write_text(body + "\n")
    feed = str(written(tmp_path / "feed.json", OSV))
    host = str(written(tmp_path / "list", '# os-release ID="almalinux" VERSION_ID="9.4"\nbash-5.1-1.el9.x86_64\n'))
    commands = {
        "sbom": ["match", str(written(tmp_path / "bom.json", CYCLONEDX)), "--feed", feed, "--distro", "almalinux:9"],
        "yaml": ["match", host, "--feed", feed, "--feed", str(written(tmp_path / "main.yaml", SECDB))],
        "zstd": ["list", str(written(tmp_path / "list.zst", LISTS["zstd"][1]))],
        "template": ["match", host, "--feed", feed, "-o", f"template:{written(tmp_path / 'a.txt', 'x')}=-", "-q"],
        "fetch": ["fetch", "almalinux:9", "--cache", str(tmp_path / "cache")],
        # JSON is the same without the library that is only faster.
        "fast": ["match", host, "--feed", feed, "--format", "csv"],
    }
    if "_ssl" in lacking():
        del commands["fetch"]
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(fakes), str(LIBRARY)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = {name: (status, out, err) for name, status, out, err in map(json.loads, done.stdout.splitlines())}
    status, out, err = results.pop("fast")
    assert (status, "ALSA-1" in out) == (0, True), err
    assert results.keys() == commands.keys() - {"fast"}
    for extra, (status, out, err) in results.items():
        assert (status, out) == (2, ""), (extra, err)
        assert re.search(
            rf"needs a library, and the installed \w+ .*({why}).*: pip install .*\(extra {extra}\)", err
        ), err


@pytest.mark.parametrize("kind", BROKEN)
def test_half_installed_for_orders(tmp_path: Path, kind: str) -> None:
    body, why = BROKEN[kind]
    for library in ("packaging", "pyarrow", "sqlalchemy", "django", "hypothesis"):
        (tmp_path / f"{library}.py").write_text(body + "\n")
    program = """
import importlib
from advisories.engines.columns import packages_table
from vercmp import duckdb, pep440
calls = [lambda: pep440.validate("1!2.dev1+x"), lambda: duckdb.register(None), lambda: packages_table([])]
modules = ["vercmp.sqlalchemy", "vercmp.django", "vercmp.testing.strategies"]
for call in [*calls, *[lambda one=one: importlib.import_module(one) for one in modules]]:
    try:
        call()
    except ImportError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(LIBRARY)])},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 6, lines
    why += "|is not a package" if kind == "old" else ""
    assert [line for line in lines if not re.search(rf"({why}).*pip install --upgrade --force-reinstall", line)] == []
