"""``apt list`` and ``pip list``: lists of their own, held against the tools themselves where they are."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from io import BytesIO

import pytest
from packaging.utils import canonicalize_name

import advisories
from advisories import cli
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.packages import Inventory, State
from advisories.readers.inventories.registry import format_of

APT = """\
Listing... Done
bash/bookworm,now 5.2.15-2+b7 amd64 [installed]
libc6/bookworm-security,bookworm-updates,now 2.36-9+deb12u8 amd64 [installed,automatic]
libc6/bookworm,now 2.36-9+deb12u8 i386 [installed,automatic]
vlc/now 3:3.0.18-2 amd64 [installed,local]
"""


def read(text: str) -> Inventory:
    return advisories.read_inventory(BytesIO(text.encode()))


def names(text: str) -> list[tuple[str, str]]:
    return [(package.name, package.version) for package in read(text).packages]


def skips(text: str) -> dict[str, int]:
    report = read(text).report
    assert report is not None
    return dict(report.skips)


class TestApt:
    def test_a_list(self) -> None:
        inventory = read(APT)
        assert inventory.format == "apt-list"
        assert [(one.name, one.version, one.arch, one.repository) for one in inventory.packages] == [
            ("bash", "5.2.15-2+b7", "amd64", "bookworm"),
            ("libc6", "2.36-9+deb12u8", "amd64", "bookworm-security,bookworm-updates"),
            ("libc6", "2.36-9+deb12u8", "i386", "bookworm"),
            ("vlc", "3:3.0.18-2", "amd64", None),
        ]
        assert {one.source_name for one in inventory.packages} == {None}
        assert skips(APT) == {"remarks of apt": 1}

    @pytest.mark.parametrize(
        "front",
        [
            "",
            "Auflistung… Fertig\n",
            "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\nListing...\n",
            "# os-release ID=debian VERSION_ID=12\nListing... Done\n",
        ],
    )
    @pytest.mark.parametrize("word", ["installed", "Installiert,automatisch", "installé, local"])
    def test_any_language(self, front: str, word: str) -> None:
        assert names(f"{front}bash/stable,now 5.2-1 amd64 [{word}]\n") == [("bash", "5.2-1")]

    def test_what_is_not_installed(self) -> None:
        text = (
            f"{APT}\nbash/trixie 5.2.37-2 amd64 [upgradable from: 5.2.15-2+b7]\n  GNU Bourne Again SHell\n"
            "gone/now 1.0-1 all [residual-config]\nN: There is 1 additional version.\n"
        )
        assert [one.state for one in read(text).packages][-1] is State.CONFIG_FILES
        assert len(names(text)) == 5
        assert skips(text) == {"remarks of apt": 2, "versions that are not installed": 1, "descriptions": 1}

    def test_upgrades_alone_are_no_list(self) -> None:
        with pytest.raises(EmptySource, match=r"skipped \(1\): versions that are not installed"):
            read("Listing... Done\nbash/trixie 5.2.37-2 amd64 [upgradable from: 5.2.15-2+b7]\n")

    @pytest.mark.parametrize("line", ["bash/now 5.2-1 amd64 x", "bash/now", "Bash/now 1 amd64 [installed]", "a b c d"])
    def test_a_line_that_is_no_package(self, line: str) -> None:
        inventory = read(f"{APT}{line}\n")
        assert inventory.report is not None
        (rejection,) = inventory.report.rejections
        assert rejection.position == "line 6"

    @pytest.mark.skipif(shutil.which("apt") is None, reason="apt is not installed")
    def test_as_dpkg_has_it(self) -> None:
        listed = subprocess.run(["apt", "list", "--installed"], capture_output=True, text=True, check=True).stdout
        form = "${db:Status-Status} ${Package} ${Version} ${Architecture}\n"
        known = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in known.splitlines()]
        expected = {tuple(row[1:]) for row in rows if row[0] == "installed"}
        inventory = read(listed)
        assert {(one.name, one.version, one.arch) for one in inventory.packages} == expected
        assert inventory.report is not None
        assert not inventory.report.rejections


COLUMNS = """\
Package       Version   Editable project location
------------- --------- -------------------------
attrs         23.2.0
ruamel.yaml   0.17.21
vercmp        0.1.0     /srv/vercmp
"""
EXPECTED = [("attrs", "23.2.0"), ("ruamel.yaml", "0.17.21"), ("vercmp", "0.1.0")]


class TestPip:
    @pytest.mark.parametrize(
        "text",
        [
            COLUMNS,
            f"{COLUMNS}\n[notice] A new release of pip is available: 23.2.1 -> 24.0\n",
            f"DEPRECATION: x is deprecated\n{COLUMNS}",
            "attrs==23.2.0\nruamel.yaml==0.17.21\nvercmp==0.1.0\n",
            "attrs (23.2.0)\nruamel.yaml (0.17.21)\nvercmp (0.1.0, /srv/vercmp)\n",
            json.dumps([{"name": name, "version": version} for name, version in EXPECTED]),
            json.dumps(
                [{"name": name, "version": version, "installer": "pip"} for name, version in EXPECTED], indent=1
            ),
            "attrs==23.2.0\nruamel.yaml==0.17.21\n# Editable Git install with no remote (vercmp==0.1.0)\n-e /srv\n",
        ],
    )
    def test_forms(self, text: str) -> None:
        inventory = read(text)
        assert inventory.format == "pip-list"
        assert names(text) == EXPECTED
        assert {one.type for one in inventory.packages} == {"pypi"}
        assert str(inventory.distribution) == "pypi rolling"

    def test_places(self) -> None:
        text = (
            "Package Version Location                 Installer\n------- ------- ------------------------ ---------\n"
        )
        text += "attrs   23.2.0  /usr/lib/python3/dist-packages pip\n"
        assert read(text.replace(" pip", "")).packages[0].location == "/usr/lib/python3/dist-pa"
        text = json.dumps([{"name": "attrs", "version": "23.2.0", "location": "/usr/lib/python3/dist-packages"}])
        (package,) = read(text).packages
        assert package.location == "/usr/lib/python3/dist-packages"
        assert package.locations == ("/usr/lib/python3/dist-packages",)

    def test_what_shows_no_version(self) -> None:
        text = "attrs==23.2.0\nb==1\nc==2\n-e git+https://x/x.git@a#egg=x\ny @ file:///srv/y.whl\nz[e]@ git+x\n"
        assert names(text) == [("attrs", "23.2.0"), ("b", "1"), ("c", "2")]
        assert skips(text) == {"packages from an address or a folder, which show no version": 3}

    @pytest.mark.parametrize("line", ["d>=1.0", "d", "d==1.0 ; python_version < '3'", "d==1;x", "--hash=sha256:00"])
    def test_a_line_that_is_no_package(self, line: str) -> None:
        inventory = read(f"attrs==23.2.0\nb==1\nc==2\n{line}\n")
        assert inventory.report is not None
        (rejection,) = inventory.report.rejections
        assert (rejection.position, rejection.why) == ("line 4", "not name==version")

    @pytest.mark.parametrize("row", ["attrs", "attrs         23.2.0 x", "-bad-         1.0"])
    def test_a_row_that_is_no_package(self, row: str) -> None:
        inventory = read(f"{COLUMNS}{row}\n")
        assert inventory.report is not None
        assert len(inventory.report.rejections) == 1

    @pytest.mark.parametrize(
        "entry", [{"name": "x"}, {"name": 1, "version": "1"}, "x", None, {"name": "", "version": "1"}]
    )
    def test_an_object_that_is_no_package(self, entry: object) -> None:
        inventory = read(json.dumps([{"name": "attrs", "version": "23.2.0"}, entry]))
        assert inventory.report is not None
        assert [one.position for one in inventory.report.rejections] == ["[1]"]

    @pytest.mark.parametrize("text", ["one (two)\nthree four\n", "a=1\n", "Package  Version\n"])
    def test_other_texts_are_no_list_of_pip(self, text: str) -> None:
        assert format_of(text.encode()) != "pip-list"
        with pytest.raises(UnknownFormat):
            read("Package  Version\n")

    @pytest.mark.parametrize("form", [["list"], ["list", "--format=json"], ["list", "--format=freeze"], ["list", "-v"]])
    def test_as_the_environment_has_it(self, form: list[str]) -> None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", *form]
        run = subprocess.run(pip, capture_output=True, text=True)
        if run.returncode:
            pytest.skip("pip is not installed")
        expected = {
            (canonicalize_name(one.metadata["Name"]), one.version) for one in importlib.metadata.distributions()
        }
        found = {(canonicalize_name(name), version) for name, version in names(run.stdout)}
        assert found <= expected
        assert len(found) == len(run.stdout.splitlines()) or form[-1] != "--format=freeze"
        assert ("vercmp" in {name for name, _ in found}) is ("vercmp" in {name for name, _ in expected})


def test_python_packages_need_no_release(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    record = {
        "id": "PYSEC-2024-1",
        "modified": "2024-01-01T00:00:00Z",
        "aliases": ["CVE-2024-35195"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "ruamel-yaml"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.18"}]}],
            }
        ],
    }
    listed, feed = tmp_path / "list", tmp_path / "feed.json"
    listed.write_text(COLUMNS)
    feed.write_text(json.dumps(record))
    arguments = ["--inventory", str(listed), "--feed", str(feed)]
    assert cli.main(["match", *arguments, "--format", "json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["package"], finding["fixed_version"]) == ("ruamel.yaml", "0.18")
    listed.write_text("bash\t5.2-1\nzsh\t5.9-1\n")
    assert cli.main(["match", *arguments]) == 2
    assert "Add --distro ID:RELEASE" in capsys.readouterr().err
