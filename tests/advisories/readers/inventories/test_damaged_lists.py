"""What is refused of damaged lists, with its line, and dpkg's own word on its database where dpkg is installed."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from advisories import read_inventory
from advisories.models.assumptions import Assumption
from advisories.models.errors import AdvisoriesError, EmptySource
from advisories.models.packages import Inventory
from advisories.readers.inventories import dnf_list, dpkg_query, dpkg_status, pip_list, rpm_qa
from advisories.readers.lines import is_whole, lines_of
from advisories.readers.releases import parse_os_release


def read(text: str | bytes) -> Inventory:
    return read_inventory(BytesIO(text if isinstance(text, bytes) else text.encode()), name="list")


def refused(inventory: Inventory) -> list[tuple[str, str, str]]:
    assert inventory.report is not None
    return [(one.position, one.what, one.why) for one in inventory.report.rejections]


def test_what_ends_a_line() -> None:
    assert lines_of("a\nb\r\nc\x0bd\x0ce\x85f\u2028g\n\nh") == ["a", "b", "c\x0bd\x0ce\x85f\u2028g", "", "h"]
    assert lines_of("") == []
    assert lines_of("a") == ["a"]


@pytest.mark.parametrize("sign", ["\0", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_what_another_line_may_be_behind(sign: str) -> None:
    assert not is_whole(f"# a{sign}bash-5.1.8-6.el9.x86_64")
    assert is_whole("# a\tb \xa0")


def test_os_release_has_the_line_ends_of_a_shell() -> None:
    assert parse_os_release("ID=debian\r\nNAME=a\x0bID=b\u2028ID=c\nVERSION_ID=12\n") == {
        "ID": "debian",
        "NAME": "a\x0bID=b\u2028ID=c",
        "VERSION_ID": "12",
    }


STATUS = (
    "Package: one\nStatus: install ok installed\nPriority: optional\nSection: libs\nMaintainer: A B <a@b.org>\n"
    "Architecture: amd64\nMulti-Arch: same\nSource: first (1.0-1)\nVersion: 1.0-1\n"
    "Description: a thing\n with more of it\nHomepage: https://example.org\n\n"
)
TWO = STATUS + STATUS.replace("one", "two").replace("first", "second")


class TestStatus:
    @pytest.mark.parametrize(
        ("old", "new", "position", "why"),
        [
            ("Section: libs\n", "Section: libs\nSection: libs\n", "line 5", "the field Section twice"),
            ("Homepage:", "description:", "line 12", "the field description twice"),
            ("Package: two", " more\nPackage: two", "line 14", "not a field"),
            ("Source: second", " Source: second", "line 14", "multi-arch goes on in another line"),
            ("a thing\n with", "a \0thing\n with", "line 1", "a NUL, so another stanza may be hidden"),
            (
                "Homepage: https://example.org\n",
                "Homepage: x\rPackage: three\n",
                "line 1",
                "a field behind a carriage return, so another stanza may be hidden",
            ),
        ],
    )
    def test_a_stanza(self, old: str, new: str, position: str, why: str) -> None:
        inventory = read(TWO.replace(old, new) if "second" in old or "two" in old else TWO.replace(old, new, 1))
        assert [one[2] for one in refused(inventory)] == [why]
        assert refused(inventory)[0][0] == position
        assert len(inventory.packages) == 1

    def test_two_stanzas_in_one(self) -> None:
        """Both are counted."""
        inventory = read(TWO.replace("\n\nPackage: two", "\nPackage: two") + STATUS.replace("one", "three"))
        assert [package.name for package in inventory.packages] == ["three"]
        assert refused(inventory) == [
            ("line 13", "one", "the field Package twice"),
            ("line 13", "two", "another package in one stanza"),
        ]

    def test_another_list_behind_it(self) -> None:
        inventory = read(TWO + "bash-5.1.8-6.el9.x86_64\nzlib-1.2.11-40.el9.x86_64\n")
        assert len(inventory.packages) == 2
        assert [one[:2] for one in refused(inventory)] == [
            ("line 27", "bash-5.1.8-6.el9.x86_64"),
            ("line 28", "zlib-1.2.11-40.el9.x86_64"),
        ]

    @pytest.mark.parametrize("cut", ["Version: 1.0", "Architecture: am", "Source: fir", "Status: install ok instal"])
    def test_a_file_that_ends_in_a_value(self, cut: str) -> None:
        data = TWO[: TWO.rindex(cut.partition(" ")[0])] + cut
        assert [package.name for package in read(data).packages] == ["one"]
        assert [one[1] for one in refused(read(data))] == ["the list", "two"]

    @pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not installed")
    def test_what_dpkg_refuses_is_never_clean(self, tmp_path: Path) -> None:
        """Cut in steps, without each of the lines, with each twice or indented: there is a rejection or an error."""
        lines = TWO.splitlines(keepends=True)
        changed = [TWO[:place] for place in range(1, len(TWO) - 1, 7)]
        for place, line in enumerate(lines):
            for other in ("", line * 2, f" {line}", f"{line[:3]}\n{line[3:]}"):
                changed.append("".join([*lines[:place], other, *lines[place + 1 :]]))
        (tmp_path / "info").mkdir()
        (tmp_path / "updates").mkdir()
        for text in changed:
            (tmp_path / "status").write_text(text)
            command = ["dpkg-query", f"--admindir={tmp_path}", "-W"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            listing = dpkg_status.read(text.encode(), "list")
            if not listing.report.rejections:
                known = ["missing", "Homepage", "Description", "Priority", "Section"]
                assert not done.returncode or any(word in done.stderr for word in known), (text, done.stderr)


class TestApk:
    STANZA = "C:Q1a=\nP:one\nV:1-r0\nA:x86_64\nT:a thing\no:one\nF:bin\nR:one\n\n"

    def test_two_stanzas_in_one(self) -> None:
        two = (self.STANZA + self.STANZA.replace("one", "two")).replace("\n\nC:", "\nC:")
        inventory = read(two + self.STANZA.replace("one", "three"))
        assert [package.name for package in inventory.packages] == ["three"]
        assert [one[1] for one in refused(inventory)] == ["one", "two"]

    def test_files_that_hide_another(self) -> None:
        """Of a block of files between two packages, the beginning is gone."""
        text = self.STANZA + self.STANZA[self.STANZA.index("F:") :]
        assert [one[2] for one in refused(read(text))] == ["a stanza without name"]

    def test_a_file_that_ends_in_a_value(self) -> None:
        text = self.STANZA + "C:Q1a=\nP:two\nV:1-"
        assert [one[1:] for one in refused(read(text))] == [
            ("the list", "the file ends in the middle of a line: it may be cut"),
            ("two", "the file ends in the middle of a line"),
        ]


class TestLines:
    def test_a_comment_hides_nothing(self) -> None:
        """In front, and between the rows."""
        text = "# a\rzlib-1.2.11-40.el9.x86_64\nbash-5.1.8-6.el9.x86_64\n# b\x0bxz-5.2-1.el9.x86_64\n# c\n"
        inventory = read(text)
        assert [package.name for package in inventory.packages] == ["bash"]
        assert [one[0] for one in refused(inventory)] == ["line 1", "line 3"]

    @pytest.mark.parametrize("line", ["bash-\u0663:5.1.8-6.el9.x86_64", "bash\t\u0663\t5.1.8\t6.el9\tx86_64"])
    def test_digits_of_another_script_are_no_epoch(self, line: str) -> None:
        report = rpm_qa.read(f"zlib-0:1.2.11-40.el9.x86_64\n{line}\n".encode(), "list")
        assert all("\u0663" not in package.version.partition(":")[0] for package in report.packages)

    def test_digits_of_another_script_are_no_time(self) -> None:
        form = "# queryformat %{NAME} %{VERSION} %{RELEASE} %{INSTALLTIME}\n"
        (package,) = rpm_qa.read(f"{form}bash 5.1 1 {chr(0x661) * 9}\n".encode(), "list").packages
        assert package.installed_at is None

    @pytest.mark.parametrize("place", [1, 2, 4, 5])
    def test_bytes_that_are_not_utf_8(self, place: int) -> None:
        """In a maintainer's name they are known from old systems."""
        columns = [b"installed", b"bash", b"5.2-1", b"amd64", b"bash", b"5.2-1", b"", b"Andr\xe9 <a@b.org>"]
        (package,) = dpkg_query.read(b"\t".join(columns), "list").packages
        assert package.maintainer == "Andr\ufffd <a@b.org>"
        columns[place] += b"\xe9"
        assert len(dpkg_query.read(b"\t".join(columns), "list").report.rejections) == 1

    def test_the_head_of_a_table_is_right_above_its_rule(self) -> None:
        text = "||/ bash 5.2-1\n+++-====-=====-====-=\nii  bash 5.2-1 amd64 x\n|  gone 1-1 amd64 x\na=b/c\n"
        listing = dpkg_query.read(text.encode(), "list")
        assert [package.name for package in listing.packages] == ["bash"]
        assert [one.position for one in listing.report.rejections] == ["line 4", "line 5"]

    def test_what_stands_above_a_list_of_apt_is_no_package(self) -> None:
        inventory = read(
            "Listing...\nb\0ash/stable,now 5.2-1 amd64\nzsh/stable,now 5-1 amd64\nxz/stable,now 1-1 amd64\n"
        )
        assert [package.name for package in inventory.packages] == ["zsh", "xz"]
        assert [one[0] for one in refused(inventory)] == ["line 2"]

    def test_an_indented_row_of_dnf_completes_no_other(self) -> None:
        text = "Installed Packages\na.x86_64 1-1\n b.x86_64 2-1 @base\nc.x86_64\n  3-1\n  @base\n"
        listing = dnf_list.read(text.encode(), "list")
        assert [package.name for package in listing.packages] == ["b", "c"]
        assert [one.position for one in listing.report.rejections] == ["line 2"]

    @pytest.mark.parametrize("behind", ["", "two==2\n", "# Editable install (two==2)\n-e /srv/two\n"])
    def test_a_comment_of_pip_without_its_package(self, behind: str) -> None:
        listing = pip_list.read(f"zero==0\n# Editable install (one==1)\n{behind}".encode(), "list")
        assert [(one.position, one.what) for one in listing.report.rejections] == [("line 2", "one")]
        assert len(listing.packages) == 1 + bool(behind)

    def test_a_notice_in_front_of_a_list_of_pip_is_no_array(self) -> None:
        listing = pip_list.read(b"[notice] A new release of pip is available\none==1\ntwo==2\n", "list")
        assert [package.name for package in listing.packages] == ["one", "two"]

    @pytest.mark.parametrize("name", ["b%00ash", "b%FFash", "b\udcffash"])
    def test_a_purl_of_no_text(self, name: str) -> None:
        text = f"pkg:deb/debian/{name}@5.2-1\npkg:deb/debian/zsh@5-1\n".encode("utf-8", "surrogateescape")
        assert [package.name for package in read(text).packages] == ["zsh"]
        assert len(refused(read(text))) == 1

    def test_a_list_of_one_long_line(self) -> None:
        with pytest.raises(AdvisoriesError):
            read("x" * (1 << 20))

    def test_blanks_of_other_scripts_separate_nothing(self) -> None:
        for sign in ("\xa0", "\u3000", "\u2003"):
            with pytest.raises(AdvisoriesError):
                read(f"bash{sign}5.2-1\nzsh{sign}5-1\n")
        with pytest.raises(EmptySource):
            read("Package: one\nVersion: 1\u3000\n")

    def test_a_broken_row_changes_no_other_column(self) -> None:
        """An epoch that is missing in all rows but the broken one was taken for the version of all."""
        rows = "".join(f"p{number}x|(none)|1.{number}|1.el9|x86_64\n" for number in range(20))
        listing = rpm_qa.read(f"{rows}p||1|1.el9|x86_64\np\n".encode(), "list")
        assert [package.version for package in listing.packages[:20]] == [f"1.{number}-1.el9" for number in range(20)]
        assert [one.position for one in listing.report.rejections] == ["line 22"]


def test_a_heading_of_dnf_on_two_lines_is_none() -> None:
    """The packages below it were taken for packages that are not installed."""
    listing = dnf_list.read(b"Install\r\n Packages\np1x.x86_64   1.1-1.el9   @baseos\n", "-")
    assert [package.name for package in listing.packages] == ["p1x"]
    assert listing.report.rejected == 1


APK = "P:{}\nV:1.2-r0\nA:x86_64\nL:MIT\no:{}\n\n"
CUT_LISTS = {
    "status": TWO[: TWO.rindex("Version") + 9],
    "status, between two lines": TWO[: TWO.rindex("Version")],
    "apk's database": (APK.format("one", "one") + APK.format("two", "two"))[:-20],
    "dpkg-query": "".join(
        f"installed\t{one}\t1.0-1\tamd64\t{one}\t1.0-1\t\tA <a@debian.org>\n" for one in ("one", "two")
    )[:-9],
    "rpm -qa": "bash-5.1.8-6.el9.x86_64\nzlib-1.2.11-40.el9.x86_64\nopenssl-li",
    "apt list": "one/stable,now 1.0-1 amd64 [installed]\ntwo/stable,now 1.0-1 amd64 [installed]\nthree/stable,now 1.",
    "apk list": "one-1.0-r0 x86_64 {one} (MIT) [installed]\ntwo-1.0-r0 x86_64 {two} (MIT) [installed]\nthree-1.0-r0 x8",
}


@pytest.mark.parametrize("what", CUT_LISTS)
def test_a_list_that_shows_that_it_was_cut_is_whole_for_no_package(what: str) -> None:
    """Nobody knows what else is installed: it was one rejection, and all that was left was clean with status 0."""
    inventory = read(CUT_LISTS[what])
    assert inventory.packages
    assert refused(inventory)
    assert all(Assumption.INVENTORY_PARTIAL in package.doubts for package in inventory.packages)


@pytest.mark.parametrize("what", CUT_LISTS)
def test_a_list_that_ends_with_a_line_is_whole(what: str) -> None:
    text = CUT_LISTS[what]
    end = text.rindex("\n\n") + 2 if "\n\n" in text else text.rindex("\n") + 1
    assert all(Assumption.INVENTORY_PARTIAL not in package.doubts for package in read(text[:end]).packages)
