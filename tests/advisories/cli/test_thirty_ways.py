"""Ways in which a pipeline gets status 0 though nothing is known: none of them passes without a word.

Each row is one command as somebody's pipeline has it, with what went wrong in its inputs. The first row is the control:
the same command with nothing wrong fails for its finding.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from advisories import cli

pytest.importorskip("packageurl")

BAD = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\nzsh-5.8-9.el9.x86_64\n"


def osv(id: str = "ALSA-2024:0001", ecosystem: str = "AlmaLinux:9", name: str = "bash") -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]
    entry = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    severity = [{"type": "CVSS_V3", "score": BAD}]
    date = "2024-06-01T00:00:00Z"
    return {"id": id, "modified": date, "related": ["CVE-2024-1"], "affected": [entry], "severity": severity}


def many(**more: Any) -> list[dict[str, Any]]:
    """Enough records that a feed is no excerpt."""
    return [osv(f"ALSA-2024:{number:04}", name="other", **more) for number in range(1000, 1150)]


FILES: dict[str, str | bytes | object] = {
    "list": LIST,
    "feed.json": [osv(), *many()],
    "empty": "",
    "header": "# os-release ID=almalinux VERSION_ID=9.4\n",
    "bom": b"\xef\xbb\xbf",
    "newlines": "\n\n\n",
    "message": "Error: cannot connect to the daemon\n",
    "page.html": "<html><body>404</body></html>\n",
    "null.json": None,
    "array.json": [],
    "object.json": {},
    "nothing.gz": gzip.compress(b""),
    "names": "bash\nzsh\n",
    "cut": LIST[:-12],
    "others": "# os-release ID=almalinux VERSION_ID=9.4\n" + "".join(f"other{n}x-1-1.el9.x86_64\n" for n in range(20)),
    "fixed": "pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64&distro=almalinux-9.4\n",
    "sbom.json": {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []},
    "sbom-files.json": {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "file", "name": "x"}]},
    "sbom-no-purl.json": {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            {"type": "library", "name": "bash", "version": "5.1.8-4.el9"},
            {"type": "library", "name": "z", "purl": "pkg:rpm/almalinux/z@1-1?arch=x86_64&distro=almalinux-9.4"},
        ],
    },
    "spdx.json": {"spdxVersion": "SPDX-2.3", "packages": []},
    "syft.json": {"artifacts": []},
    "trivy.json": {"SchemaVersion": 2, "Metadata": {"OS": {"Family": "alma", "Name": "9.4"}}, "Results": []},
    "status": "Package: bash\nStatus: deinstall ok config-files\nVersion: 5\nArchitecture: amd64\n",
    "feed-8.json": [osv(ecosystem="AlmaLinux:8"), *many(ecosystem="AlmaLinux:8")],
    "feed-rejected.json": [{**osv(), "affected": 1} for _ in range(9)],
    "feed-broken.json": [*many(), *({**osv(f"ALSA-2024:2{n:03}"), "affected": 1} for n in range(150))],
    "feed-gone.json": many(),
    "all.toml": '[[ignore]]\npackage = "[!~]*"\nreason = "x"\n',
    "most.toml": '[[ignore]]\npackage = ["bash", "zsh"]\nreason = "x"\n',
    "broken.toml": "[[ignore]\n",
}

# What went wrong, the words behind "match", the status, and a piece of what is printed.
WAYS = [
    ("nothing", "list --feed feed.json --fail-on high", 1, ""),
    # The list.
    ("an empty list", "empty --distro almalinux:9 --feed feed.json --fail-on high", 2, "empty"),
    ("a heading alone", "header --feed feed.json --fail-on high", 2, "no packages"),
    ("a byte order mark alone", "bom --distro almalinux:9 --feed feed.json --fail-on high", 2, "empty"),
    ("empty lines", "newlines --distro almalinux:9 --feed feed.json --fail-on high", 2, "empty"),
    ("a compressed nothing", "nothing.gz --distro almalinux:9 --feed feed.json --fail-on high", 2, "empty"),
    ("a program's error in its place", "message --distro almalinux:9 --feed feed.json --fail-on high", 2, "no"),
    ("a page in its place", "page.html --distro almalinux:9 --feed feed.json --fail-on high", 2, "not a package list"),
    ("null", "null.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "not a package list"),
    ("an array", "array.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "not a package list"),
    ("names without versions", "names --distro almalinux:9 --feed feed.json --fail-on high", 2, ""),
    ("a cut list", "cut --feed feed.json", 2, "inventory-partial"),
    ("a cut list behind a gate", "cut --feed feed.json --fail-on high --fail-on-unchecked 0", 2, "rejected"),
    ("a list that is not there", "nowhere --feed feed.json --fail-on high", 2, "No such file"),
    ("a variable for it that is not set", "'' --feed feed.json --fail-on high", 2, "the path is empty"),
    ("an empty SBOM of CycloneDX", "sbom.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "no installed"),
    ("an SBOM of files", "sbom-files.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "no installed"),
    ("an SBOM without purls", "sbom-no-purl.json --feed feed.json --strict --accept feed-partial", 2, "1 rejected"),
    ("an empty SBOM of SPDX", "spdx.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "no installed"),
    ("an empty SBOM of Syft", "syft.json --distro almalinux:9 --feed feed.json --fail-on high", 2, "no installed"),
    ("a scan of Trivy without results", "trivy.json --feed feed.json --fail-on high", 2, "no installed"),
    ("configuration alone", "status --distro debian:12 --feed feed.json --fail-on high", 2, "no installed"),
    ("an empty folder", "folder --distro almalinux:9 --feed feed.json --fail-on high", 2, "no package database"),
    ("a root without a database", "root --feed feed.json --fail-on high", 2, "no package database"),
    ("another system's list", "others --feed feed-gone.json --gate", 1, "20 of 20 packages have no verdict"),
    # The feed.
    ("an empty feed", "list --feed empty --fail-on high", 2, "the file is empty"),
    ("a feed without records", "list --feed array.json --fail-on high", 2, "not a feed"),
    ("an object", "list --feed object.json --fail-on high", 2, "not a feed"),
    ("a folder without files", "list --feed folder --fail-on high", 2, "no record"),
    ("a compressed nothing as feed", "list --feed nothing.gz --fail-on high", 2, "the file is empty"),
    ("a page as feed", "list --feed page.html --fail-on high", 2, "not a feed"),
    ("a variable for the feed that is not set", "list --feed '' --fail-on high", 2, "the path is empty"),
    ("one of two feeds is empty", "list --feed feed.json --feed empty --fail-on high", 2, "the file is empty"),
    ("the list as the feed", "list --feed list --fail-on high", 2, "not a feed"),
    ("a feed of another release", "list --feed feed-8.json --fail-on high", 3, "NOT COVERED"),
    ("a feed of which all is rejected", "list --feed feed-rejected.json --fail-on high", 2, "no record"),
    ("a feed of which half is rejected", "fixed --feed feed-broken.json --gate", 1, "150 of 300 records"),
    ("a stale feed", "list --feed feed.json --max-feed-age 7 --on 2024-12-01 --fail-on high", 1, "days old"),
    ("no feed and no cache", "list --cache nowhere --fail-on high", 2, "is missing"),
    # The release.
    ("another distribution", "list --distro debian:12 --feed feed.json --fail-on high", 3, "NOT COVERED"),
    ("a variable for the release that is not set", "list --distro '' --feed feed.json --fail-on high", 2, "empty"),
    # Rules and filters.
    ("an ignore file that is not there", "list --feed feed.json --ignore nowhere --fail-on high", 2, "No such file"),
    ("a variable for it that is not set", "list --feed feed.json --ignore '' --fail-on high", 2, "the path is empty"),
    ("a broken ignore file", "list --feed feed.json --ignore broken.toml --fail-on high", 2, "not TOML"),
    ("a rule about everything", "list --feed feed.json --ignore all.toml --fail-on high", 2, "matches everything"),
    ("rules about all packages", "list --feed feed.json --ignore most.toml --strict", 2, "no finding is left"),
    ("a mistyped package", "list --feed feed.json --package bsah --fail-on high", 2, "can never fail"),
    ("an unknown advisory", "list --feed feed.json --advisory CVE-2099-1 --fail-on high", 2, "can never fail"),
    ("a variable for a package that is not set", "list --feed feed.json --package '' --fail-on high", 2, "empty"),
    ("filters that hide what fails", "list --feed feed.json --fix-state not-fixed --fail-on high", 0, "not counted"),
    ("filters that exclude each other", "list --feed feed.json --only-fixable --fix-state wont-fix", 2, "nothing"),
    ("types of packages of a list", "list --feed feed.json --pkg-types pypi --fail-on high", 2, "roots and images"),
    # The gate.
    ("a variable for the gate that is not set", "list --feed feed.json --fail-on ''", 2, "unknown priority"),
    ("a mistyped gate", "list --feed feed.json --fial-on high", 2, "Did you mean --fail-on?"),
    ("a gate of which nothing is known", "fixed --feed feed-excerpt.json --fail-on high", 0, "it is no gate"),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in {**FILES, "feed-excerpt.json": [osv()]}.items():
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for folder in ("folder", "root/etc"):
        Path(folder).mkdir(parents=True)
    Path("root/etc/os-release").write_text("ID=almalinux\nVERSION_ID=9.4\n")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("words", "status", "printed"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_no_way_passes_without_a_word(
    words: str, status: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["" if word == "''" else word for word in words.split()]
    try:
        found = cli.main(["match", *arguments])
    except SystemExit as stopped:
        found = int(stopped.code or 0)
    out, error = capsys.readouterr()
    assert (found, printed in " ".join(f"{error} {out}".split())) == (status, True), error
    assert status or error, "what passes is printed on standard error"


@pytest.mark.usefixtures("here")
def test_an_empty_variable_in_the_place_of_the_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADVISORIES_FAIL_ON", "")
    assert cli.main(["match", "list", "--feed", "feed.json"]) == 0
    assert "ADVISORIES_FAIL_ON is empty, so --fail-on is not set" in capsys.readouterr().err
