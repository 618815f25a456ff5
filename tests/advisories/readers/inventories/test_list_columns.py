"""Lists in columns of somebody's own choice, as the real rpm and dpkg-query print them of real databases."""

import contextlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models import Distribution, Inventory, Package, State
from advisories.models.errors import AdvisoriesError, EmptySource, UnknownFormat, UnreadableSource
from advisories.readers import inventories

Unpack = Callable[[str], Path]


def read(data: str | bytes) -> Inventory:
    return inventories.read_stream(BytesIO(data.encode() if isinstance(data, str) else data), "list")


def names(listed: Inventory) -> list[tuple[str, str]]:
    assert listed.report is not None
    assert listed.report.rejections == ()
    return [(one.name, one.version) for one in listed.packages]


def said(word: str, format: str, printed: bytes) -> bytes:
    return f"# {word} {format}\n".encode() + printed


#: Of --showformat, with what the columns can say: the state, the source package and its version.
DPKG = [
    (r"${Package} ${Version} ${Status}\n", "state"),
    (r"${db:Status-Abbrev} ${Package} ${Version}\n", "state"),
    (r"${db:Status-Abbrev}${binary:Package} ${Version}\n", "state"),
    (r"${db:Status-Status} ${Package} ${Version} ${Architecture}\n", "state"),
    (r"${binary:Package} , ${db:Status-Abbrev} , ${Version} , ${Source} , ${source:Version} \n", "state source"),
    (r"${Package}|${Version}|${Architecture}|${Status}|${Source}\n", "state source"),
    (r"${Package} ${Version} -- ${Source}\n", "source"),
    (r"${Version} ${binary:Package}\n", ""),
    (r"${Package}=${Version}\n", ""),
    (r"${Package}_${Version}_${Architecture}\n", ""),
    (r"${Package} ${Version} ${Maintainer}\n", ""),
    (r"${Package}\t${Section}\t${Priority}\t${Installed-Size}\t${Version}\t${binary:Summary}\n", ""),
    (r"${Package} ${Version} ${source:Upstream-Version}\n", ""),
]
#: What columns alone do not tell on every host: then it is an error, and the list has to say its format.
DPKG_UNCLEAR = [
    (r"${binary:Package}\t${source:Package}\t${Version}\t${source:Version}\n", "source"),
    (r"${source:Package};${Package};${source:Version};${Version};${Status}\n", "state source"),
]


@pytest.fixture(scope="module")
def databases(unpacked: Unpack, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Inventory]]:
    """Real status files, each where dpkg-query comparisons for it, with what our reader says of it."""
    found = []
    for status in sorted(unpacked("inventories/dpkg-status").rglob("*status")):
        if status.is_file():
            folder = tmp_path_factory.mktemp("dpkg")
            shutil.copy(status, folder / "status")
            (folder / "info").mkdir()
            found.append((folder, inventories.read(status)))
    assert len(found) == 7
    return found


class TestDpkg:
    @pytest.mark.parametrize(("format", "says"), [*DPKG, *DPKG_UNCLEAR])
    def test_the_real_tool(self, databases: list[tuple[Path, Inventory]], format: str, says: str) -> None:
        for folder, database in databases:
            printed = oracles.run(["dpkg-query", f"--admindir={folder}", "-W", "-f", format])
            lists = [read(said("showformat", format, printed))]
            if (format, says) in DPKG_UNCLEAR:
                with contextlib.suppress(UnreadableSource):
                    lists.append(read(printed))
            else:
                lists.append(read(printed))
            for listed in lists:
                assert listed.format == "dpkg-query"
                assert listed.report is not None
                assert listed.report.rejections == ()
                assert Counter(_told(one, says) for one in listed.packages) == Counter(
                    _told(one, says) for one in database.packages
                )

    @pytest.mark.parametrize("error", [" ", "R"])
    @pytest.mark.parametrize("wanted", "uihrp")
    def test_letters_of_states(self, wanted: str, error: str) -> None:
        words = {
            "n": "not-installed",
            "c": "config-files",
            "H": "half-installed",
            "U": "unpacked",
            "F": "half-configured",
            "W": "triggers-awaited",
            "t": "triggers-pending",
            "i": "installed",
        }
        rows = [
            f"{wanted}{letter}{error} package-{letter.lower()}{letter.islower():d}  1-1  all  x\n" for letter in words
        ]
        listed = read("".join(["+++-====-====-====-====\n", *rows]))
        assert [one.state.value for one in listed.packages] == list(words.values())
        on_disk = [one.state.value for one in listed.packages if one.state.on_disk]
        assert on_disk == [word for word in words.values() if word not in ("not-installed", "config-files")]

    def test_the_table(self, databases: list[tuple[Path, Inventory]]) -> None:
        for folder, database in databases:
            table = read(oracles.run(["dpkg", f"--admindir={folder}", "-l"]))
            expected = Counter(_told(one, "state") for one in database.packages if one.state is not State.NOT_INSTALLED)
            assert Counter(_told(one, "state") for one in table.packages) == expected

    def test_widths_cut_values_off(self, databases: list[tuple[Path, Inventory]]) -> None:
        format = r"${Package;-30}${Version;-30}${Architecture}\n"
        refused = 0
        for folder, database in databases:
            listed = read(
                said("showformat", format, oracles.run(["dpkg-query", f"--admindir={folder}", "-W", "-f", format]))
            )
            assert listed.report is not None
            assert {_told(one, "") for one in listed.packages} <= {_told(one, "") for one in database.packages}
            assert len(listed.packages) + listed.report.rejected == len(database.packages)
            refused += listed.report.rejected
        assert refused > 10

    def test_a_terminal_cuts_values_off(self) -> None:
        head = "Desired=Unknown/Install/Remove/Purge/Hold\n||/ Name  Version  Architecture Description\n"
        rule = "+++-" + "-".join("=" * width for width in (14, 12, 12, 33))
        listed = read(
            f"{head}{rule}\nii  bash           5.1-2        amd64        sh\nii  linux-image-6. 6.1.90-1  amd64  x\n"
        )
        assert [one.name for one in listed.packages] == ["bash"]
        assert listed.report is not None
        assert [one.position for one in listed.report.rejections] == ["line 5"]
        assert "as wide as its column" in listed.report.rejections[0].why

    def test_a_table_in_another_language(self) -> None:
        head = (
            "Gew\u00fcnscht=Unbekannt/Installieren/R=Entfernen/P=Vollst\u00e4ndig L\u00f6schen/Halten\n"
            "| Status=Nicht/Installiert/Config/U=Entpackt/halb konFiguriert/\n"
            "|/ Fehler?=(kein)/R=Neuinstallation notwendig (Status, Fehler: GROSS=schlecht)\n"
            "||/ Name           Version      Architektur  Beschreibung\n"
        )
        listed = read(head + "+++-======-=====-===-==\nii  bash   5.1-2 all x\n")
        assert names(listed) == [("bash", "5.1-2")]

    def test_a_table_without_its_head(self) -> None:
        listed = read(
            "ii  adduser        3.134    all  Add and remove some users\nrc  libfoo1:amd64  1:2-3  amd64  Gone\n" * 2
        )
        assert {(one.name, one.version, one.arch, one.state.value) for one in listed.packages} == {
            ("adduser", "3.134", "all", "installed"),
            ("libfoo1", "1:2-3", "amd64", "config-files"),
        }

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("libssl3 -- openssl\nbash -- \n", "the list has no versions"),
            ("libssl3 openssl 3.0.9-1\nzlib1g zlib 1.2-1\n", "more than one column may be the binary package's name"),
            ("bash 5.1-1\nlibssl3 3.0-1 openssl\n" * 9, "in some rows of 2 columns values are missing"),
            ("a|1.0-1|2.0-1\nb|3-1|2-1\n", "more than one column may be the binary package's version"),
            ("# showformat ${Package} ${Maintainer} ${Version}\na b 1\n", "where a value of Maintainer ends"),
            ("# showformat ${Package}${Version}\na1\n", "where a value of Package ends"),
            ("# showformat ${Package}-${Version}\na-1\n", "where a value of Package ends"),
            ("# showformat ${Version}\\n\n1\n", "the list has no names"),
            ("# showformat ${Package}\\n${Version}\\n\na\n1\n", "one line a package"),
            ("# showformat ${Package\na\n", "is not understood"),
        ],
    )
    def test_what_cannot_be_told_apart(self, text: str, why: str) -> None:
        with pytest.raises(UnreadableSource, match=re.escape(why)):
            read(text)

    def test_no_row_takes_long(self) -> None:
        """Whatever a list says of its format: a row is matched or refused in a time that grows with its length."""
        for format, row in (
            ("${Package} ${Version} ${Source} ${Architecture} ${Section}", "a " * 50_000),
            ("${Package}|${Version}|${Description}|${Homepage}", "a|" * 50_000 + "\x07"),
            ("${Package;-10}${Version;-10}${Status}x", "a" * 100_000),
            ("${Package} ${Version} -- ${Source}x", "a -- " * 20_000),
        ):
            with pytest.raises(EmptySource, match=r"not of the format|not a package name"):
                read(f"# showformat {format}\n{row}\n")

    def test_a_broken_row_takes_none_with_it(self) -> None:
        rows = [f"ii package-{chr(97 + number)} 1.{number}-1" for number in range(20)]
        listed = read("\n".join([*rows, "ii Bad_Name 1", "ii only", "zz other 1-1", "ii odd -1"]))
        assert len(listed.packages) == 20
        assert listed.report is not None
        assert [one.position for one in listed.report.rejections] == ["line 21", "line 22", "line 23", "line 24"]

    def test_names_alone_are_no_rpm_list(self, databases: list[tuple[Path, Inventory]]) -> None:
        for folder, _ in databases:
            names = oracles.run(["dpkg-query", f"--admindir={folder}", "-W", "-f", r"${binary:Package}\n"])
            with pytest.raises(UnknownFormat):
                read(names)


def _told(package: Package, says: str) -> tuple[object, ...]:
    source = (package.source_name or package.name, package.source_version or package.version)
    return (
        package.name,
        package.version,
        package.state.value if "state" in says else None,
        source if "source" in says else None,
    )


#: Of --queryformat: whether the list shows epochs, and source packages.
RPM = [
    (r"%{NAME}-%{VERSION}-%{RELEASE}\n", ""),
    (r"%{NAME}-%{EPOCH}:%{VERSION}-%{RELEASE}.%{ARCH}\n", "epoch"),
    (r"%{NEVRA}.rpm\n", "epoch"),
    (r"%{NAME} %{EPOCHNUM} %{VERSION} %{RELEASE} %{ARCH} %{SOURCERPM}\n", "epoch source"),
    (r"%{NAME} %{EPOCHNUM} %{VERSION} %{RELEASE} %{ARCH} %{SOURCERPM} %{MODULARITYLABEL}\n", "epoch source"),
    (r"%{NAME},%{VERSION},%{RELEASE},%{ARCH},%{EPOCH},%{SIZE},%{SIGMD5},%{BUILDTIME}\n", "epoch"),
    (r"%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{VENDOR}\n", "epoch"),
    (r"%{NAME}\t%{VERSION}-%{RELEASE}\n", ""),
    (r"%{NAME} %{EVR} %{ARCH}\n", "epoch"),
    (r"%{NAME}=%{EVR}\n", "epoch"),
    (r"%{NAME} %{VERSION} %{RELEASE}\n", ""),
    (r"%-40{NAME} %{VERSION}-%{RELEASE}\n", ""),
    (r"%{NVRA} %{SOURCERPM}\n", "source"),
    (r"%{INSTALLTIME} %{NEVRA}\n", "epoch"),
    # The manifest of Azure Linux's distroless images.
    (
        r"%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{VENDOR}\t%{EPOCH}\t%{SIZE}\t%{ARCH}"
        r"\t%{EPOCHNUM}\t%{SOURCERPM}\n",
        "epoch source",
    ),
    (r"%{SOURCERPM}\t%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n", "epoch source"),
]


@pytest.fixture(scope="module")
def mariner(unpacked: Unpack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inventory]:
    (original,) = unpacked("inventories/rpm-databases").rglob("cbl-mariner-2.0/rpmdb.sqlite")
    folder = tmp_path_factory.mktemp("rpm")
    shutil.copy(original, folder)
    return folder, inventories.read(original)


class TestRpm:
    @pytest.mark.parametrize(("format", "says"), RPM)
    def test_the_real_tool(self, mariner: tuple[Path, Inventory], format: str, says: str) -> None:
        folder, database = mariner
        printed = oracles.run(["rpm", "--dbpath", str(folder), "-qa", "--queryformat", format])
        for listed in (read(printed), read(said("queryformat", format, printed))):
            assert (listed.format, listed.distribution) == ("rpm-qa", Distribution("mariner", "2.0"))
            assert listed.report is not None
            assert listed.report.rejections == ()
            assert {one.epoch_known for one in listed.packages} == {"epoch" in says}
            assert Counter(_shown(one, says) for one in listed.packages) == Counter(
                _shown(one, says) for one in database.packages
            )
        times = {one.installed_at for one in read(said("queryformat", format, printed)).packages}
        assert times == ({one.installed_at for one in database.packages} if "INSTALLTIME" in format else {None})

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("# queryformat %{NAME} %{VENDOR}\\n\nbash x\n", "the list has no names or versions"),
            ("# queryformat [%{FILENAMES}\\n]\n/bin\n", "is not understood"),
            ("# queryformat %{VENDOR} %{NAME} %{EVR}\nx y 1-1\n", "where a value of VENDOR ends"),
        ],
    )
    def test_formats_that_will_not_do(self, text: str, why: str) -> None:
        with pytest.raises(UnreadableSource, match=re.escape(why)):
            read(text)

    def test_images_listed_in_two_ways(self, unpacked: Unpack) -> None:
        """Rocky's builds print their packages twice: plain, and with epochs among other columns."""
        compared = 0
        for meta in sorted(unpacked("inventories/rpm-lists").rglob("*.build.meta")):
            rows = re.findall(r"<extra>(.*?)</extra>", json.loads(meta.read_text()).get("icicle") or "")
            if not rows:
                continue
            columns = read("\n".join(rows))
            plain = inventories.read(str(meta).replace(".build.meta", ".packages.txt"))
            assert columns.report is not None
            assert columns.report.rejections == ()
            assert {one.epoch_known for one in columns.packages} == {True}
            assert Counter(_shown(one, "arch") for one in columns.packages) == Counter(
                _shown(one, "arch") for one in plain.packages
            )
            assert columns.distribution == plain.distribution
            compared += 1
        assert compared == 98


def _shown(package: Package, says: str) -> tuple[object, ...]:
    version = package.version.removeprefix("0:") if "epoch" in says else package.version.rpartition(":")[2]
    return (
        package.name,
        version,
        package.arch if "arch" in says else None,
        # The epoch of a source rpm is a binary's.
        (package.source_name, (package.source_version or "").rpartition(":")[2]) if "source" in says else None,
    )


TOKENS = st.sampled_from(
    (
        *("bash", "libssl3", "openssl", "1:3.0-1", "3.0-1+b1", "3.0", "ii", "rc", "installed", "install", "ok", "all"),
        *("amd64", "x86_64", "4.el9", "3.0-4.el9", "(none)", "0", "1", "a-1-2.el9.src.rpm", "a-1-2.noarch", "libs"),
        *("", " ", "--", "A B <a@b>", "a (1-2)", "\x07", "\udcff", "\u00e9", "#", "%{NAME}", "+++-==-==-==", "|/ "),
    )
)
ROWS = st.lists(st.lists(TOKENS, max_size=7), max_size=6)
FIELDS = st.sampled_from(
    (
        *(
            "${Package}",
            "${Version}",
            "${Status}",
            "${Source}",
            "${Package;-9}",
            "${X}",
            "%{NAME}",
            "%{EVR}",
            "%{VENDOR}",
        ),
        *("%-9{NAME}", "%{VERSION}", "%{RELEASE}", "%{EPOCH}", r"\t", r"\n", " ", "-", "|", "\\", "%", "$", "%%", "["),
    )
)


@settings(deadline=None)
@given(ROWS, st.sampled_from("\t|;,=_ "), st.none() | st.lists(FIELDS, max_size=6), st.sampled_from("sq"))
def test_any_columns(rows: list[list[str]], sign: str, format: list[str] | None, word: str) -> None:
    """Whatever the columns and the format: an inventory whose counts add up, or an error that says why not."""
    text = "\n".join(sign.join(row) for row in rows)
    if format is not None:
        text = f"# {'showformat' if word == 's' else 'queryformat'} {''.join(format)}\n{text}"
    try:
        listed = read(text.encode("utf-8", "surrogateescape"))
    except AdvisoriesError:
        return
    assert listed.report is not None
    assert listed.report.read == len(listed.packages) + listed.report.rejected
    assert all(package.name and package.name.isprintable() for package in listed.packages)


class TestHeading:
    HEADER = "# os-release ID='debian' VERSION_ID=\"12\"\n# uname -r 6.1.0-18-amd64\n# of a host\n"

    @pytest.mark.parametrize(
        "text",
        [
            "bash\t5.2-1\n",
            "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n",
            "# showformat ${Package} ${Version}\nbash 5.2-1\n",
            "pkg:deb/debian/bash@5.2-1\n",
        ],
    )
    def test_any_list_may_say_its_host(self, text: str) -> None:
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            listed = read((self.HEADER + text).replace("\n", "\r\n").encode(encoding))
            assert [(one.name, one.version) for one in listed.packages] == [("bash", "5.2-1")]
            assert (listed.distribution, listed.distribution_source) == (
                Distribution("debian", "12"),
                "the list's header",
            )
            assert listed.running_kernel == "6.1.0-18-amd64"

    def test_places_are_those_of_the_file(self) -> None:
        listed = read(self.HEADER + "bash\t5.2-1\nBASH\t1\n")
        assert listed.report is not None
        assert [one.position for one in listed.report.rejections] == ["line 5"]

    def test_half_an_encoding(self) -> None:
        with pytest.raises(UnreadableSource, match="its first bytes are a mark of UTF-16"):
            read(b"\xff\xfea")
