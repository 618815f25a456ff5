"""Lists that people cut, quoted, filtered or printed in their language: nothing in them may pass for another thing."""

import gettext
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from advisories.models import Assumption, Inventory, Package
from advisories.models.errors import EmptySource, UnknownFormat, UnreadableSource
from advisories.models.reading import ReadReport
from advisories.readers import inventories

Unpack = Callable[[str], Path]


def read(text: str) -> Inventory:
    return inventories.read_stream(BytesIO(text.encode()), "list")


def report(listed: Inventory) -> ReadReport:
    assert listed.report is not None
    return listed.report


def versions(listed: Inventory) -> dict[str, str]:
    return {package.name: package.version for package in listed.packages}


RPMS = ["bash-5.1.8-4.el9.x86_64", "openssl-libs-3.0.1-20.el9_0.x86_64", "zlib-1.2.11-32.el9_0.x86_64"]
WRAPPED = ['"{}"', "'{}'", '"{}",', "{},", "rpm:{}", "`{}`", "({})", "{};", "host1:{}", "[{}]"]


class TestNames:
    @pytest.mark.parametrize("form", sorted(set(WRAPPED) - {"{},", "{};"}))
    def test_of_rpm(self, form: str) -> None:
        """``"bash`` is no package: no record names it, so that it would be clean."""
        with pytest.raises(
            EmptySource, match=r"not a (package name|version and release)|3 columns|2 columns|1 columns"
        ):
            read("".join(f"{form.format(one)}\n" for one in RPMS))

    @pytest.mark.parametrize("form", ["{},", "{};"])
    def test_of_rpm_in_columns(self, form: str) -> None:
        assert set(versions(read("".join(f"{form.format(one)}\n" for one in RPMS)))) == {"bash", "openssl-libs", "zlib"}

    @pytest.mark.parametrize("form", WRAPPED)
    def test_among_others(self, form: str) -> None:
        listed = read("\n".join([*RPMS * 4, form.format("sudo-1.9.5p2-7.el9.x86_64"), ""]))
        assert "sudo" not in versions(listed)
        assert len(listed.packages) == 12
        assert report(listed).rejected == 1

    @pytest.mark.parametrize("form", ['"{}"', "host1:{}", "`{}`"])
    def test_of_apk(self, form: str) -> None:
        listed = read("musl-1.2.3-r4\nbusybox-1.35.0-r29\nzlib-1.2.12-r3\n" + form.format("openssl-3.0.7-r0") + "\n")
        assert set(versions(listed)) == {"musl", "busybox", "zlib"}
        assert report(listed).rejected == 1

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:deb/debian/libstdc%2520%2B6@12.2.0-14?arch=amd64",
            "pkg:deb/debian/libstdc%252B%252B6@12.2.0-14?arch=amd64",
            "pkg:deb/debian/apt@2.2.4?upstream=apt%25402.2.4",
            "pkg:rpm/redhat/bash%22@5.1.8-4.el9",
            "pkg:rpm/redhat/bash@5.1.8-4.el9%2C",
            "pkg:apk/alpine/libstdc%252B%252B@12.2.1-r0",
        ],
    )
    def test_of_package_urls(self, purl: str) -> None:
        """Most are encoded twice."""
        listed = read(f"pkg:deb/debian/bash@5.1-2?arch=amd64\n{purl}\n")
        assert set(versions(listed)) == {"bash"}
        assert report(listed).rejected == 1

    def test_of_trivy_and_vuls(self) -> None:
        packages = [{"Name": name, "Version": "1.0", "Release": "1.el9", "Arch": "x86_64"} for name in ("a", '"b"')]
        of_trivy = read(json.dumps([{**one, "AnalyzedBy": "rpm"} for one in packages]))
        entries = {name: {"name": name, "version": "1.0", "release": "1.el9"} for name in ("a", '"b"')}
        of_vuls = read(json.dumps({"jsonVersion": 4, "family": "alma", "release": "9.0", "packages": entries}))
        for listed in (of_trivy, of_vuls):
            assert set(versions(listed)) == {"a"}
            assert report(listed).rejected == 1

    def test_real_names_are_names(self, unpacked: Unpack) -> None:
        for path in sorted(unpacked("inventories/rpm-lists").rglob("*.txt"))[:20]:
            assert not [one for one in report(inventories.read(path)).rejections if "not a package name" in one.why]


class TestWhatIsNotInstalled:
    """Lists of updates and of what archives offer: on a host with their versions all would be clean."""

    @pytest.mark.parametrize(
        "form",
        [
            "ALSA-2024:{number}  Important/Sec. p{number}-1.{number}-1.el9_4.x86_64\n",
            "i CVE-2024-{number} Moderate/Sec.  p{number}-1.{number}-1.el9_4.x86_64\n",
            "ALBA-2024:{number}  bugfix         p{number}-1:1.{number}-1.el9_4.noarch\n",
            "ALAS2-2024-{number} medium/Sec.    p{number}-1.{number}-1.amzn2.0.1.x86_64\n",
            "openSUSE-SU-2024:{number} moderate p{number}-1.{number}-1.1.x86_64\n",
            # dnf 5
            "FEDORA-2024-0ab{number} security Moderate p{number}-1.{number}-1.fc40.x86_64 2024-05-03 02:01:13\n",
        ],
    )
    @pytest.mark.parametrize("head", ["", "Last metadata expiration check: 0:00:01 ago on Mon 1 Jan 2024.\n"])
    def test_updateinfo(self, form: str, head: str) -> None:
        with pytest.raises(UnreadableSource, match="a list of advisories"):
            read(head + "".join(form.format(number=number) for number in range(100, 120)))

    @pytest.mark.parametrize("head", ["\n", "Last metadata expiration check: 0:00:01 ago on Mon 1 Jan 2024.\n\n"])
    def test_check_update(self, head: str) -> None:
        """It has no heading."""
        with pytest.raises(EmptySource, match="installed"):
            read(head + OFFERED + OFFERED.replace("openssl", "curl"))

    def test_rows_that_the_mark_shows_need_no_heading(self) -> None:
        rows = dnf_list("Installed Packages").partition("\n")[2]
        assert set(versions(read(rows + OFFERED))) == {"bash", "zlib"}

    @pytest.mark.parametrize(("files", "is_partial"), [("", True), ("F:etc\n", False)])
    def test_an_index_of_a_repository_of_apk(self, files: str, is_partial: bool) -> None:
        """It has a database's stanzas, without the folders."""
        stanza = "C:Q1abc=\nP:p{number}\nV:1.{number}-r0\nA:x86_64\no:p{number}\n"
        listed = read("".join(f"{stanza.format(number=number)}{files}\n" for number in range(101)))
        assert len(listed.packages) == 101
        assert {package.doubts for package in listed.packages} == {
            frozenset({Assumption.INVENTORY_PARTIAL} if is_partial else ())
        }

    @pytest.mark.parametrize("type", ["software_File", "ai_AIPackage", "https://spdx.org/rdf/3.0.1/terms/Package"])
    def test_of_spdx_3_whatever_has_a_package_url_is_a_package(self, type: str) -> None:
        graph = [
            {"type": one, "name": name, "software_packageUrl": f"pkg:rpm/redhat/{name}@5.1.8-4.el9"}
            for one, name in (("software_Package", "bash"), (type, "curl"))
        ]
        context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
        assert set(versions(read(json.dumps({"@context": context, "@graph": graph})))) == {"bash", "curl"}

    @pytest.mark.parametrize(
        "date", ["2024-01-31", "2024-01-31 10:00:00", "2024-01-31T10:00:00Z INFO Installed:", "2024-01-31T10:00:00+01"]
    )
    def test_a_date_in_front_is_no_package(self, date: str) -> None:
        """Each line was a package 2024."""
        assert set(versions(read("".join(f"{date} {one}\n" for one in RPMS * 2)))) == {"bash", "openssl-libs", "zlib"}

    @pytest.mark.parametrize("date", ["2024-01-31 10:00:00", "2024-01-31T10:00:00 CET"])
    def test_a_date_behind_is_no_version(self, date: str) -> None:
        assert versions(read("".join(f"{one}   {date}\n" for one in RPMS)))["bash"] == "5.1.8-4.el9"

    @pytest.mark.parametrize("member", ["arch", "release", "revision", "source", "epoch", "vendor", "architecture"])
    def test_of_osquery_is_not_of_python(self, member: str) -> None:
        rows = [{"name": name, "version": "5.1.8", "size": "1", member: "4.el9"} for name in ("bash", "curl")]
        with pytest.raises(UnknownFormat):
            read(json.dumps(rows, indent=1))


class TestEpochs:
    @pytest.mark.parametrize("purl", ["1:3.0.1-20.el9?epoch=2", "1:3.0.1-20.el9?epoch=0"])
    def test_a_package_url_with_two(self, purl: str) -> None:
        with pytest.raises(EmptySource, match="two epochs"):
            read(f"pkg:rpm/redhat/openssl@{purl}\n")

    @pytest.mark.parametrize("purl", ["1:3.0.1-20.el9?epoch=1", "1:3.0.1-20.el9?epoch=01", "3.0.1-20.el9?epoch=1"])
    def test_one_that_stands_twice(self, purl: str) -> None:
        assert versions(read(f"pkg:rpm/redhat/openssl@{purl}\n")) == {"openssl": "1:3.0.1-20.el9"}


def dnf_list(heading: str, mark: str = "@") -> str:
    rows = [f"bash.x86_64   5.1.8-4.el9   {mark}baseos\n", f"zlib.x86_64   1.2.11-32.el9_0   {mark}baseos\n"]
    return "".join([f"{heading}\n", *rows])


OFFERED = "openssl.x86_64   1:3.5.5-1.el9_7   baseos\n"
#: Of dnf's catalogs: what is installed, and what may be.
HEADINGS = [
    ("Installed Packages", "Available Packages"),
    ("Installed packages", "Available packages"),
    ("Paquets installés", "Paquets disponibles"),
    ("Installierte Pakete", "Verfügbare Pakete"),
    ("Nainstalované balíčky:", "Dostupné balíčky:"),
    ("Установленные пакеты", "Имеющиеся пакеты"),
    ("インストール済みパッケージ", "利用可能なパッケージ"),
    ("स्थापित केलेली संकुले", "उपलब्ध संकुले"),
    ("已安装的软件包", "可安装的软件包"),
]


def catalogs(of: str) -> Iterator[gettext.GNUTranslations]:
    for path in sorted(Path("/usr/share/locale").glob(f"*/LC_MESSAGES/{of}.mo")):
        with path.open("rb") as file:
            yield gettext.GNUTranslations(file)


class TestDnf:
    @pytest.mark.parametrize(("installed", "offered"), HEADINGS)
    @pytest.mark.parametrize("mark", ["@", ""])
    def test_what_is_offered_is_not_installed(self, installed: str, offered: str, mark: str) -> None:
        """dnf 5 has no ``@``."""
        listed = read(f"{dnf_list(installed, mark)}{offered}\n{OFFERED}")
        assert set(versions(listed)) == {"bash", "zlib"}

    @pytest.mark.parametrize("heading", ["Mises à jour disponibles", "Verfügbare Aktualisierungen", "可用升级"])
    def test_a_list_of_upgrades_alone_is_no_list(self, heading: str) -> None:
        """It was a host on which each package is the newest."""
        with pytest.raises(EmptySource):
            read(f"{heading}\n{OFFERED}{OFFERED.replace('openssl', 'curl')}")

    def test_below_a_heading_that_nobody_knows_the_mark_decides(self) -> None:
        listed = read(f"{dnf_list('Pakkoj instalitaj nun')}{OFFERED}bzip2.x86_64  1.0.8-8.el9  installed\n")
        assert set(versions(listed)) == {"bash", "zlib", "bzip2"}
        assert "LC_ALL=C" in report(listed).rejections[-1].why

    def test_a_damaged_row_takes_no_neighbours_down(self) -> None:
        listed = read(dnf_list("Installed Packages", "") + "bash\n" + OFFERED)
        assert set(versions(listed)) == {"bash", "zlib", "openssl"}

    def test_every_catalog(self) -> None:
        seen = 0
        for catalog in catalogs("dnf"):
            installed, offered = catalog.gettext("Installed Packages"), catalog.gettext("Available Packages")
            if offered != "Available Packages":
                seen += 1
                assert set(versions(read(f"{dnf_list(installed, '')}{offered}\n{OFFERED}"))) == {"bash", "zlib"}, (
                    installed
                )
        if not seen:
            pytest.skip("dnf's catalogs are not installed")


def test_the_dates_of_last_behind_a_long_name() -> None:
    """rpm's alias pads names to 45 characters: behind a longer one is one blank."""
    names = ["crypto-policies-scripts-20220223-1.git5203b41.el9_0.1.noarch", "bash-5.1.8-4.el9.x86_64"]
    listed = read("".join(f"{name:<45} Mon 30 Nov 2026 10:00:00 AM UTC\n" for name in names))
    assert versions(listed) == {
        "crypto-policies-scripts": "20220223-1.git5203b41.el9_0.1",
        "bash": "5.1.8-4.el9",
    }


DEBS = [
    ("adduser", "3.134", "all"),
    ("libssl1.1", "1.1.1n-0+deb11u3", "amd64"),
    ("python3", "3.9.2-3", "amd64"),
    ("tzdata", "2021a-1+deb11u8~rc1", "all"),
]
HEAD = """\
Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
"""
GERMAN = """\
Gewünscht=Unbekannt/Installieren/R=Entfernen/P=Vollständig Löschen/Halten
| Status=Nicht/Installiert/Config/U=Entpackt/halb konFiguriert/
         Halb installiert/Trigger erWartet/Trigger anhängig
|/ Fehler?=(kein)/R=Neuinstallation notwendig (Status, Fehler: GROSS=schlecht)
"""


#: Of the columns up to the architecture, with the widths below.
WIDTH_TO_ARCH = 40


def dpkg_l(head: str = HEAD) -> str:
    rows = [f"ii  {name:<12} {version:<22} {arch:<12} a package\n" for name, version, arch in DEBS]
    names = f"||/ {'Name':<12} {'Version':<22} {'Architecture':<12} Description\n"
    return "".join([head, names, f"+++-{'=' * 12}-{'=' * 22}-{'=' * 12}-{'=' * 30}\n", *rows])


class TestDpkg:
    @pytest.mark.parametrize("width", range(10, 85))
    @pytest.mark.parametrize("is_stripped", [False, True])
    def test_a_table_that_is_cut_at_a_column_has_no_other_versions(self, width: int, is_stripped: bool) -> None:
        """``1.1.1n-0+deb11u3`` up to ``1.1.1n-0`` is another version, and ``~rc1`` cut off is a later one."""
        lines = [line[:width].rstrip() if is_stripped else line[:width] for line in dpkg_l().splitlines()]
        try:
            listed = read("\n".join([*lines, ""]))
        except Exception as error:  # nothing is left, or no format is seen
            assert type(error).__name__ in ("EmptySource", "UnknownFormat", "UnreadableSource")  # noqa: PT017
            return
        whole = {(name, version, arch if width > WIDTH_TO_ARCH else None) for name, version, arch in DEBS}
        assert {(one.name, one.version, one.arch) for one in listed.packages} <= whole

    def test_the_whole_table(self) -> None:
        assert [(one.name, one.version, one.arch) for one in read(dpkg_l()).packages] == DEBS

    def test_its_head_in_german(self) -> None:
        listed = read(dpkg_l(GERMAN))
        assert (len(listed.packages), report(listed).rejected) == (len(DEBS), 0)

    def test_its_head_in_every_language(self) -> None:
        heads = [
            str(text)
            for catalog in catalogs("dpkg")
            for key, text in catalog._catalog.items()  # type: ignore[attr-defined]
            if isinstance(key, str) and key.startswith("Desired=")
        ]
        if not heads:
            pytest.skip("dpkg's catalogs are not installed")
        for head in heads:
            listed = read(dpkg_l(head.rstrip("\n") + "\n"))
            assert (len(listed.packages), report(listed).rejected) == (len(DEBS), 0), head

    def test_a_damaged_row_above_the_table_is_rejected(self) -> None:
        listed = read("ii  sed é|= 4.8-1 amd64\x01\n" + dpkg_l())
        assert report(listed).rejected >= 1


def stanzas(count: int, more: str = "") -> str:
    return "".join(
        f"Package: libone{number}\nStatus: install ok installed\n{more}Architecture: amd64\nVersion: 1.0-1\n\n"
        for number in range(count)
    )


def sources(packages: tuple[Package, ...]) -> set[str | None]:
    return {package.source_name and package.source_version for package in packages}


class TestStanzasWithoutSources:
    def test_of_many_none_is_its_own_source(self) -> None:
        """``grep -v Source`` left a list in which libssl3 was a source of its own, that no advisory names."""
        assert sources(read(stanzas(10)).packages) == {None}

    @pytest.mark.parametrize(
        "text", [stanzas(9), stanzas(10) + stanzas(1, "Source: one\n").replace("libone", "libtwo")]
    )
    def test_a_few_may_be_and_so_may_those_beside_one_with_a_source(self, text: str) -> None:
        assert sources(read(text).packages) == {"1.0-1"}

    @pytest.mark.parametrize(("count", "found"), [(10, None), (9, "1.0-1")])
    def test_the_same_in_syfts_json(self, count: int, found: str | None) -> None:
        artifacts = [
            {"name": f"libone{number}", "purl": f"pkg:deb/debian/libone{number}@1.0-1", "metadata": {"source": ""}}
            for number in range(count)
        ]
        document = {"artifacts": artifacts, "descriptor": {"name": "syft"}, "schema": {"version": "16.0.0"}}
        assert sources(read(json.dumps({**document, "distro": {"id": "debian", "versionID": "12"}})).packages) == {
            found
        }

    def test_a_field_is_the_same_in_lower_case(self) -> None:
        assert sources(read(stanzas(10, "source: one\n")).packages) == {"1.0-1"}


def test_what_apk_offers_is_not_installed() -> None:
    """``apk list`` prints the version that is offered, and in brackets the one that is installed."""
    installed = "musl-1.2.3-r4 x86_64 {musl} (MIT) [installed]\n"
    offered = "zlib-1.2.13-r0 x86_64 {zlib} (Zlib) [upgradable from: zlib-1.2.12-r3]\n"
    listed = read(installed + offered)
    assert versions(listed) == {"musl": "1.2.3-r4"}
    assert report(listed).skips == (("versions that are not installed", 1),)
    with pytest.raises(EmptySource, match="not installed"):
        read(offered)


COMPONENT = '<component type="library"><name>a</name><purl>pkg:deb/debian/bash{}@5.1-2?arch=amd64</purl></component>'
XML = '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>{}</components></bom>'


class TestHalfOfADocument:
    """What of JSON is an error left half a host of XML."""

    @pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.999])
    def test_of_xml_no_package_of_it_is_clean(self, share: float) -> None:
        whole = XML.format("".join(map(COMPONENT.format, range(10))))
        listed = read(whole[: int(share * len(whole))])
        assert 4 <= len(listed.packages) <= 10
        assert {package.doubts for package in listed.packages} == {frozenset({Assumption.INVENTORY_PARTIAL})}
        assert [one.is_of_the_whole for one in report(listed).rejections] == [True]

    def test_a_whole_one_has_no_doubts(self) -> None:
        listed = read(XML.format(COMPONENT.format("")))
        assert (listed.packages[0].doubts, report(listed).rejected) == (frozenset(), 0)

    def test_a_scan_of_vuls_with_errors(self) -> None:
        scan = {
            "jsonVersion": 4,
            "family": "alma",
            "release": "9.0",
            "packages": {"a": {"name": "a", "version": "1.0", "release": "1.el9"}},
        }
        assert read(json.dumps({**scan, "errors": []})).packages[0].doubts == frozenset()
        listed = read(json.dumps({**scan, "errors": ["Failed to scan: dpkg-query"]}))
        assert listed.packages[0].doubts == frozenset({Assumption.INVENTORY_PARTIAL})
        assert report(listed).rejections[0].why == "the scan had errors: 'Failed to scan: dpkg-query'"
