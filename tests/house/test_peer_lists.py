"""``make peer-lists``: what names one package is one row, and what others name otherwise is a difference."""

import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools/peer_lists.py"))
STATUS = "Package: {0}\nStatus: install ok {1}\nVersion: 1:2-3\nArchitecture: amd64\n\n"
COMPONENTS = '{{"components": [{{"purl": "pkg:deb/debian/bash@{0}?distro=debian-12"}}, {{"name": "app"}}]}}'
ARTIFACTS = (
    '{"artifacts": [{"type": "deb", "name": "bash", "version": "1:2-3", "purl": "pkg:deb/debian/bash@1:2-3"}, '
    '{"type": "binary", "name": "node", "version": "22.1.0", "purl": "pkg:generic/node@22.1.0"}]}'
)


@pytest.mark.parametrize(
    ("purls", "row"),
    [
        (["pkg:deb/debian/a@1%3A2-3?arch=amd64", "pkg:deb/debian/a@2-3?epoch=1"], ("deb", "a", "1:2-3")),
        (["pkg:rpm/almalinux/a@2-3.el9?epoch=0", "pkg:rpm/rhel/a@0:2-3.el9"], ("rpm", "a", "2-3.el9")),
        (["pkg:pypi/a-b.c@1.0", "pkg:pypi/A_B-c@1.0"], ("pypi", "a-b-c", "1.0")),
        (["pkg:npm/%40s/a@1.0.0", "pkg:npm/@s/a@1.0.0"], ("npm", "@s/a", "1.0.0")),
        (["pkg:golang/stdlib@1.26.8", "pkg:golang/stdlib@v1.26.8"], ("golang", "stdlib", "1.26.8")),
        (["pkg:golang/a.b/C%2Fv4@v4.0.0", "pkg:golang/a.b/c@v4.0.0#v4"], ("golang", "a.b/c/v4", "4.0.0")),
        (["pkg:golang/x", "pkg:golang/x@%28devel%29", "pkg:golang/x@UNKNOWN"], ("golang", "x", "")),
        (["pkg:maven/org.x/a@1", "pkg:maven/a@1"], ("maven", "a", "1")),
    ],
)
def test_one_spelling(purls: list[str], row: tuple[str, str, str]) -> None:
    assert {TOOL["row_of"](purl) for purl in purls} == {row}


@pytest.mark.parametrize(("version", "all"), [("1:2-3", "1"), ("2-3", "0")])
def test_a_root(version: str, all: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs that stand for the two. What is removed is listed by nobody."""
    (tmp_path / "root/var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "root/var/lib/dpkg/status").write_text(
        STATUS.format("bash", "installed") + STATUS.format("gone", "config-files")
    )
    options = []
    for name, text in (("trivy", COMPONENTS.format(version)), ("syft", ARTIFACTS)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{text}'\n")
        program.chmod(0o755)
        options += [f"--{name}", str(program)]
    TOOL["main"]([*options, "--show", str(tmp_path / "root")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == [
        "| root | binary | 0 | 0 | 1 | 0 | 0 | 0 | 1 |",
        f"| root | deb | 1 | 1 | 1 | {all} | 0 | {1 - int(all)} | 0 |",
    ]
    assert "root\tbinary\tnode\t22.1.0\tsyft" in lines
    assert ("root\tdeb\tbash\t1:2-3\there, syft" in lines) is (version == "2-3")
