"""``--sources`` on the command line: what a list without sources gives with a map (rule 0)."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisories import cli

PLAIN = "libssl1.1:amd64\t1.1.1k-1\nxz-utils\t5.2.5-2\nmystery\t1.0-1\n"
STATUS = """\
Package: libssl1.1
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 1.1.1k-1

Package: xz-utils
Status: install ok installed
Architecture: amd64
Version: 5.2.5-2
"""
INDEX = """\
Package: libssl1.1
Source: openssl
Version: 1.1.1w-0+deb11u2
Architecture: amd64

Package: xz-utils
Version: 5.2.5-2.1~deb11u1
Architecture: amd64
"""
NAMES = """\
Package: openssl
Binary: libssl1.1, openssl
Version: 1.1.1w-0+deb11u2

Package: xz-utils
Binary: xz-utils
Version: 5.2.5-2.1~deb11u1
"""


def record(id: str, cve: str, source: str, fixed: str) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": "Debian:11", "name": source}, "ranges": ranges}]
    return {"id": id, "modified": "2024-01-01T00:00:00Z", "upstream": [cve], "affected": affected}


FEED = [
    record("DSA-1", "CVE-2021-3711", "openssl", "1.1.1k-1+deb11u1"),
    record("DSA-2", "CVE-2022-1271", "xz-utils", "5.2.5-2.1~deb11u1"),
]
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    for name, text in (("list", PLAIN), ("status", STATUS), ("Packages", INDEX), ("Sources", NAMES)):
        Path(name).write_text(text)
    Path("feed.json").write_text(json.dumps(FEED))

    def run(command: str, *options: str) -> int:
        inputs = ("--inventory", "list", "--feed", "feed.json", "--distro", "debian:11")
        return cli.main([*command.split(), *inputs, *options])

    return run


def found(out: str) -> list[tuple[str, str, str]]:
    return [(one["package"], one["source"], one["source_version"]) for one in json.loads(out)["findings"]]


LIBSSL, XZ = ("libssl1.1", "openssl", "1.1.1k-1"), ("xz-utils", "xz-utils", "5.2.5-2")


@pytest.mark.parametrize(
    "map", [["status"], ["Packages"], ["Sources"], ["Sources", "Packages"], ["status", "Packages", "Sources"]]
)
def test_findings(run: Run, map: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("match", "--format", "json") == 0
    assert found(capsys.readouterr().out) == [XZ]
    options = [word for path in map for word in ("--sources", path)]
    assert run("match", "--format", "json", *options) == 0
    assert found(capsys.readouterr().out) == [LIBSSL, XZ]


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stream() -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(INDEX.encode()))

    monkeypatch.setattr(sys, "stdin", stream())
    assert run("match", "--format", "json", "--sources", "-") == 0
    assert found(capsys.readouterr().out) == [LIBSSL, XZ]
    monkeypatch.setattr(sys, "stdin", stream())
    assert run("match", "--sources", "-", "--sources", "-") == 2
    assert "standard input (-) can be one of the inputs" in capsys.readouterr().err


def test_other_commands(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain libssl1.1 CVE-2021-3711", "--sources", "Packages") == 0
    assert "openssl 1.1.1k-1" in capsys.readouterr().out
    assert run("fix", "--sources", "Packages") == 0
    assert "libssl1.1" in capsys.readouterr().out
    assert run("match", "--format", "json", "--sources", "Packages") == 0
    Path("before.json").write_text(capsys.readouterr().out)
    assert run("verify --baseline before.json", "--sources", "Packages") == 0
    assert "nothing new" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the list is empty"),
        ("libssl1.1\t1.1.1k-1\nxz-utils\t5.2.5-2\n", "it shows no source packages"),
        ("P:musl\nV:1.2.4-r1\no:musl\n", "it has apk packages, and the list deb"),
        ("Package: other\nVersion: 1\n", "it has no package of the list by its name"),
    ],
)
def test_a_wrong_map_is_an_error(run: Run, text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("wrong").write_text(text)
    assert run("match", "--sources", "wrong") == 2
    assert message in capsys.readouterr().err


def test_a_map_of_another_release_is_a_warning(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("list").write_text("".join(f"package{number}\t1.0-1\n" for number in range(9)))
    Path("other").write_text("\n\n".join(f"Package: package{number}\nVersion: 2.0-1" for number in range(9)))
    assert run("match", "--sources", "other") == 0
    assert "it may be of another release" in capsys.readouterr().err
    assert run("match", "--sources", "other", "--strict") == 2


def test_a_map_that_contradicts_itself(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other").write_text(STATUS.replace("openssl", "openssl1.1"))
    assert run("match", "--sources", "status", "--sources", "other") == 0
    assert "libssl1.1 1.1.1k-1: several sources: openssl 1.1.1k-1, openssl1.1 1.1.1k-1" in capsys.readouterr().err
    assert run("match", "--sources", "status", "--sources", "other", "--strict") == 2
