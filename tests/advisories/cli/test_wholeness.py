"""Roots and images of which not all could be read: what each command answers, and what each report shows."""

import html
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import Row, gzipped, tar_of
from images import DOCKER, OCI, Layout, saved_archive, sha256, text_of
from report_schemas import validator

from advisories import cli
from advisories.reports import formats

STATUS = "var/lib/dpkg/status"
RELEASE: Row = ("etc/os-release", "file", "ID=debian\nVERSION_ID=12\n")
DPKG: Row = (
    STATUS,
    "file",
    "Package: bash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nSource: bash\n\n",
)
NPM: Row = ("app/node_modules/a/package.json", "file", '{"name": "a", "version": "1.0.0"}')
VULNERABLE: Row = ("app/node_modules/other/package.json", "file", '{"name": "other", "version": "0.1.0"}')
BASE = tar_of(RELEASE, DPKG)
APP = tar_of(NPM)
HIDDEN = (("var/lib/dpkg/.wh.status", "file", ""), ("etc/.wh.os-release", "file", ""), ("var/lib/.wh.dpkg", "file", ""))

#: The formats of findings that may be without any. OpenVEX is refused then.
STATING_NOTHING = [format for format in formats("findings") if format != "openvex"]

Run = Callable[..., tuple[int, Any, str]]


def records() -> str:
    """Whole feeds of npm and Debian, none of whose records is about what is installed."""
    entries = [
        {"package": {"ecosystem": ecosystem, "name": "other"}, "ranges": [{"type": "SEMVER", "events": events}]}
        for ecosystem, events in (("npm", [{"introduced": "0"}, {"fixed": "1.0.0"}]),)
    ]
    debian = {
        "package": {"ecosystem": "Debian:12", "name": "other"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1"}]}],
    }
    made = [
        {"id": f"X-{number}", "upstream": [f"CVE-2024-{number}"], "affected": [*entries, debian]}
        for number in range(1000, 1200)
    ]
    return "".join(f"{json.dumps(one)}\n" for one in made)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that matches an archive, and gives the status, the report and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("feed.jsonl").write_text(records())

    def run(data: bytes, *words: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = cli.main(["match", "-", "--feed", "feed.jsonl", "-o", "json=-", *words])
        out, err = capsys.readouterr()
        report = json.loads(out) if out else None
        if report is not None:
            validator("report").validate(report)
        return status, report, err

    return run


def image(*layers: bytes, kind: str | None = None, is_there: bool = True) -> tuple[bytes, str]:
    """An image whose lowest layer has a media type, and is there or not. And the digest of that layer."""
    layout = Layout()
    descriptor = layout.image(*layers, pack=gzipped, kind="tar+gzip")
    manifest = json.loads(layout.blobs[descriptor["digest"]])
    lowest = manifest["layers"][0]
    if kind is not None:
        lowest["mediaType"] = kind
    rows = layout.rows(layout.put(text_of(manifest), f"{OCI}manifest.v1+json"))
    if not is_there:
        rows = [row for row in rows if not row[0].endswith(lowest["digest"][7:])]
    return tar_of(*rows), lowest["digest"]


def shown(path: Path) -> str:
    return " ".join(html.unescape(path.read_text()).split())


INVENTORY_PARTIAL = "could not be read: more is installed than is listed"
SYSTEM_UNKNOWN = "no packages of a system were found: packages of languages alone are listed"
FOREIGN = f"{DOCKER}image.rootfs.foreign.diff.tar.gzip"
UNREAD = [
    (image(BASE, APP, kind=FOREIGN, is_there=False), "a foreign layer"),
    (image(BASE, APP, is_there=False), "this layer is not there"),
    (image(BASE, APP, kind=f"{OCI}layer.v1.tar+gzip+encrypted"), "an encrypted layer"),
    (image(BASE, APP, kind=f"{OCI}layer.v1.squashfs"), "a layer of an unknown media type"),
]


class TestALayerThatIsNotRead:
    """What the others have is listed. Nothing of it is clean, and the status shows that."""

    @pytest.mark.parametrize("number", range(len(UNREAD)))
    @pytest.mark.parametrize("words", [(), ("--strict",), ("--fail-on", "low"), ("--fail-on-not-covered", "0%")])
    def test_below_packages_of_a_language(self, number: int, words: tuple[str, ...], run: Run) -> None:
        (data, digest), why = UNREAD[number]
        status, report, err = run(data, *words)
        assert status == 2
        assert digest in err
        assert why in err
        assert report["coverage"]["classes"]["clean"] == 0
        assert report["coverage"]["assumptions"] == {"inventory-partial": 1}
        assert report["coverage"]["classes"]["unchecked"] == 1

    def test_below_a_database(self, run: Run) -> None:
        """The database is of above, and whole. Packages of languages below it are not known."""
        data, digest = image(APP, BASE, kind=FOREIGN, is_there=False)
        status, report, err = run(data)
        assert (status, report["coverage"]["classes"]["unchecked"]) == (2, 1)
        assert digest in err

    def test_with_the_release(self, run: Run) -> None:
        """What asks for the release names the layer: it may have it."""
        data, digest = image(tar_of(RELEASE), tar_of(DPKG), is_there=False)
        status, report, err = run(data)
        assert (status, report) == (2, None)
        assert f"Add --distro ID:RELEASE. It is not whole: -!{digest}: -: the image is not complete" in err
        status, report, _ = run(data, "--distro", "debian:12")
        assert (status, report["coverage"]["assumptions"]) == (2, {"inventory-partial": 1})

    def test_alone(self, run: Run) -> None:
        """An error that names it."""
        data, digest = image(BASE, tar_of(("x", "file", "")), kind=FOREIGN, is_there=False)
        status, report, err = run(data)
        assert (status, report) == (2, None)
        assert digest in err

    def test_accepted(self, run: Run) -> None:
        for (data, _), _ in UNREAD:
            for words in ((), ("--strict",)):
                status, report, _ = run(data, "--accept", "inventory-partial", *words)
                assert status == 0
                assert report["coverage"]["assumptions"] == {"inventory-partial": 1}

    @pytest.mark.parametrize("format", STATING_NOTHING)
    def test_in_each_format(self, format: str, run: Run, tmp_path: Path) -> None:
        data, _ = image(BASE, tar_of(VULNERABLE), kind=FOREIGN, is_there=False)  # some formats need a finding
        run(data, "-o", f"{format}={tmp_path / 'out'}")
        assert "inventory-partial" in (text := shown(tmp_path / "out")) or INVENTORY_PARTIAL in text

    @pytest.mark.parametrize("format", ["tsv", "cyclonedx", "spdx", "syft", "purls"])
    def test_of_a_written_list(self, format: str, run: Run, tmp_path: Path) -> None:
        """The list has it, and who reads the list sees it."""
        (data, _), _ = UNREAD[0]
        (tmp_path / "image.tar").write_bytes(data)
        assert cli.main(["list", "image.tar", "-o", f"{format}=written"]) == 2
        status, report, _ = run((tmp_path / "written").read_bytes())
        assert (status, report["coverage"]["assumptions"]) == (2, {"inventory-partial": 1})

    def test_of_other_commands(self, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (data, _), _ = UNREAD[0]
        (tmp_path / "image.tar").write_bytes(data)
        inputs = ["--inventory", "image.tar", "--feed", "feed.jsonl"]
        assert cli.main(["explain", "a", "CVE-2024-1000", *inputs]) == 2
        assert cli.main(["fix", *inputs]) == 2
        capsys.readouterr()
        _, report, _ = run(tar_of(NPM))
        (tmp_path / "before.json").write_text(json.dumps(report))
        assert cli.main(["verify", "--baseline", "before.json", *inputs]) == 2


class TestADatabaseThatIsGone:
    @pytest.mark.parametrize("words", [(), ("--strict",), ("--fail-on", "low")])
    def test_with_the_file_of_its_distribution(self, words: tuple[str, ...], run: Run) -> None:
        for data in (
            tar_of(RELEASE, NPM),
            saved_archive(BASE, tar_of(NPM, HIDDEN[0])),
            saved_archive(BASE, tar_of(NPM, HIDDEN[2])),
            tar_of(RELEASE, NPM, (STATUS, "file", "")),
        ):
            status, report, err = run(data, *words)
            assert status == 2
            assert "inventory-partial" in err
            assert report["coverage"]["classes"]["clean"] == 0
            assert report["inventory"]["distribution"]["id"] == "debian"

    def test_with_all_that_shows_it(self, run: Run) -> None:
        """A layer below shows that there was a system: its files are there still."""
        last = tar_of(NPM, *HIDDEN[1:])
        status, report, err = run(saved_archive(BASE, last))
        assert (status, report["coverage"]["assumptions"]) == (2, {"inventory-partial": 1})
        assert f"the database {STATUS} of layers below was removed" in err
        assert sha256(last) in err

    def test_beside_another(self, run: Run) -> None:
        """A database that was removed while another stays: what it listed is not known."""
        part: Row = ("var/lib/dpkg/status.d/a", "file", DPKG[2])
        status, report, _ = run(saved_archive(BASE, tar_of(part, HIDDEN[0])))
        assert (status, report["coverage"]["assumptions"]) == (2, {"inventory-partial": 1})
        # Parts that were put into one file are no loss.
        status, report, _ = run(
            saved_archive(tar_of(RELEASE, part), tar_of(DPKG, ("var/lib/dpkg/.wh.status.d", "file", "")))
        )
        assert (status, report["coverage"]["assumptions"]) == (0, {})

    def test_of_another_system(self, run: Run) -> None:
        fedora: Row = ("etc/os-release", "file", "ID=debian\nVERSION_ID=12\n")
        apk: Row = ("lib/apk/db/installed", "file", "P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\n")
        status, report, err = run(tar_of(fedora, apk))
        assert status == 2
        assert "debian 12 has packages of type deb. The root has none of these, but of apk" in err
        assert report["coverage"]["classes"]["not-covered"] == 1
        assert report["coverage"]["assumptions"] == {"inventory-partial": 1}


class TestAListOfAnotherSystem:
    """Nothing of it is judged by the advisories of the release that its heading names."""

    @pytest.mark.parametrize("words", [(), ("--strict",), ("--fail-on", "low")])
    def test_of_debs(self, words: tuple[str, ...], run: Run) -> None:
        heading = "# os-release ID=debian VERSION_ID=12\n"
        apk = b"P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\n"
        status, report, err = run(heading.encode() + apk, *words)
        assert status == 3
        assert "NOT COVERED: no listed package is of the type that debian 12 has" in err
        assert report["coverage"]["covered"] is False
        status, report, _ = run(heading.encode() + str(DPKG[2]).encode(), *words)
        assert (status, report["coverage"]["classes"]["clean"]) == (0, 1)

    def test_of_what_is_not_judged_anyway(self, run: Run) -> None:
        """Removed packages, and those of a third party."""
        stanzas = str(DPKG[2]) + (
            "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
            "Package: code\nStatus: install ok installed\nVersion: 1\nMaintainer: Microsoft <x@microsoft.com>\n\n"
        )
        status, report, _ = run(f"# os-release ID=alpine VERSION_ID=3.20.1\n{stanzas}".encode())
        assert (status, report["coverage"]["covered"]) == (3, False)

    def test_with_packages_of_languages(self, run: Run) -> None:
        purls = "pkg:apk/alpine/musl@1.2.4-r2?distro=debian-12\npkg:npm/a@1.0.0\n"
        status, report, _ = run(purls.encode(), "--distro", "debian:12")
        assert (status, report["coverage"]["classes"]["clean"]) == (3, 1)
        assert run(b"pkg:npm/a@1.0.0\n")[0] == 0


class TestABillOfMaterials:
    def test_of_languages_alone(self, run: Run) -> None:
        """It names the distribution of the image, and nothing that is installed of it."""
        system = {"type": "operating-system", "name": "debian", "version": "12"}
        program = {"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0"}
        deb = {"type": "library", "name": "x", "version": "1", "purl": "pkg:deb/debian/x@1?distro=debian-12"}
        for components, expected in (
            ([system, program], {"system-unknown": 1}),
            ([program], {}),
            ([system, program, deb], {"source-unknown": 1}),
        ):
            document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}
            status, report, _ = run(json.dumps(document).encode())
            assert (status, report["coverage"]["assumptions"]) == (0, expected)


class TestFromScratch:
    """Nothing shows a system. That it has none is taken for granted, and printed."""

    def test_a_program_alone(self, run: Run) -> None:
        status, report, err = run(tar_of(NPM))
        assert (status, report["coverage"]["assumptions"]) == (0, {"system-unknown": 1})
        assert report["coverage"]["classes"]["unchecked"] == 1
        status, _, err = run(tar_of(NPM), "--strict")
        assert status == 2
        assert "assumed: system-unknown (1)" in err
        assert run(tar_of(NPM), "--strict", "--accept", "system-unknown")[0] == 0

    @pytest.mark.parametrize("format", STATING_NOTHING)
    def test_in_each_format(self, format: str, run: Run, tmp_path: Path) -> None:
        run(tar_of(VULNERABLE), "-o", f"{format}={tmp_path / 'out'}")
        assert "system-unknown" in (text := shown(tmp_path / "out")) or SYSTEM_UNKNOWN in text
