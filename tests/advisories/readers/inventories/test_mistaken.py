"""Columns that are not what they are taken for. A size in the place of a version is above every fix."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from places import ROOT

from advisories.models import Inventory
from advisories.models.errors import UnreadableSource
from advisories.readers import inventories

HOST = ROOT / "examples" / "almalinux-9" / "host.tsv"
LINES = HOST.read_text().splitlines(keepends=True)
HEADING = "".join(line for line in LINES if line.startswith("#"))
COLUMNS = [line.rstrip("\n").split("\t") for line in LINES if not line.startswith("#")]
#: What programs print beside versions: sizes, times, counts.
NUMBERS = [str(1000 + 7919 * number) for number in range(len(COLUMNS))]


def read(text: str) -> Inventory:
    return inventories.read_stream(BytesIO(text.encode()), "list")


def refused(text: str) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read(text)
    return caught.value.why


def rpms(change: Callable[[list[str], str], list[str]], separator: str = "\t") -> str:
    rows = [change(columns, number) for columns, number in zip(COLUMNS, NUMBERS, strict=True)]
    return f"{HEADING}{''.join(separator.join(row) + chr(10) for row in rows)}"


def debs(versions: list[str]) -> str:
    """A status file of packages in these versions."""
    return "".join(
        f"Package: name{number}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
        for number, version in enumerate(versions)
    )


class TestVersionsAndReleases:
    @pytest.mark.parametrize("last", [5, 6, 8])
    def test_that_have_changed_places(self, last: int) -> None:
        changed = rpms(lambda row, _: [*row[:2], row[3], row[2], *row[4:last]])
        assert refused(changed) == "versions stand in the place of releases, and releases in that of versions"

    def test_in_plain_lines(self) -> None:
        assert refused(rpms(lambda row, _: [f"{row[0]}-{row[3]}-{row[2]}.{row[4]}"])).startswith("versions stand in")

    def test_of_a_distribution_without_dist_tags_the_source_rpm_shows_it(self) -> None:
        rows = [f"p{n}\t(none)\t150400.{n}.1\t2.{n}.4\tx86_64\tp{n}-2.{n}.4-150400.{n}.1.src.rpm\n" for n in range(12)]
        assert refused("".join(rows)).startswith("versions stand in")
        right = [row.replace(f"150400.{n}.1\t2.{n}.4", f"2.{n}.4\t150400.{n}.1") for n, row in enumerate(rows)]
        assert len(read("".join(right)).packages) == 12


class TestNumbersInThePlaceOfVersions:
    WHY = "other numbers, such as sizes, stand in the place of versions"

    def test_of_rpms(self) -> None:
        assert refused(rpms(lambda row, number: [*row[:2], f"{number}0", *row[3:]])) == self.WHY
        assert refused(rpms(lambda row, number: [f"{row[0]}-{number}0-{row[3]}.{row[4]}"])) == self.WHY

    def test_of_debs(self) -> None:
        assert refused(debs(NUMBERS[:12])) == self.WHY
        assert refused("".join(f"name{n}x\t{number}\n" for n, number in enumerate(NUMBERS[:12]))) == self.WHY

    def test_of_an_sbom(self) -> None:
        components = [
            {"type": "library", "name": f"n{n}", "version": number, "purl": f"pkg:apk/alpine/n{n}@{number}"}
            for n, number in enumerate(NUMBERS[:12])
        ]
        assert (
            refused(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components})) == self.WHY
        )

    @pytest.mark.parametrize("versions", [NUMBERS[:9], [*NUMBERS[:9], "1.2-3", "1.3-1", "2.0-1"]])
    def test_few_may_be_versions(self, versions: list[str]) -> None:
        assert len(read(debs(versions)).packages) == len(versions)

    @pytest.mark.parametrize("versions", [["252-1"] * 12, ["20240102-1"] * 12, [f"{n}-1" for n in range(99)]])
    def test_they_differ_and_are_large(self, versions: list[str]) -> None:
        assert len(read(debs(versions)).packages) == len(versions)


class TestDatesInThePlaceOfVersions:
    @pytest.mark.parametrize("date", ["2024-01-02", "2024-01-02T10:00:00Z"])
    def test_of_debs(self, date: str) -> None:
        assert refused(debs([date] * 12 + ["2.0-1"] * 2)) == "dates stand in the place of versions"

    def test_few_may_be_versions(self) -> None:
        assert len(read(debs([*["2024-01-02"] * 12, *[f"1.{n}-1" for n in range(8)]])).packages) == 20
        assert len(read(debs(["2024-01-02"] * 9)).packages) == 9


class TestNumbersInThePlaceOfEpochs:
    def test_leave_epochs_unknown(self) -> None:
        found = read(rpms(lambda row, number: [row[0], number, *row[2:]]))
        true = read(HOST.read_text())
        assert found.report is not None
        assert found.report.skips == (
            ("a number in the place of an epoch, which most packages do not have", len(COLUMNS)),
        )
        assert not any(package.epoch_known for package in found.packages)
        without = [package.version.rpartition(":")[2] for package in true.packages]
        assert [package.version for package in found.packages] == without

    @pytest.mark.parametrize(("sources", "epochs"), [(9, 20), (20, 1), (20, 9)])
    def test_of_few_sources_or_values_they_are_epochs(self, sources: int, epochs: int) -> None:
        rows = [
            f"perl-{n}\t{4 + n % epochs}\t5.32.{n}\t1.el9\tx86_64\tperl-{n % sources}-5.32.1-1.el9.src.rpm\n"
            for n in range(20)
        ]
        assert [one.version.partition(":")[0] for one in read("".join(rows)).packages] == [
            str(4 + n % epochs) for n in range(20)
        ]

    def test_true_lists_keep_theirs(self) -> None:
        true = read(HOST.read_text())
        assert sum(":" in package.version for package in true.packages) > 50
        assert true.report is not None
        assert true.report.skips == ()


def test_real_lists_are_as_they_were(unpacked: Callable[[str], Path]) -> None:
    """Each is read, as other tests hold. Of each list of rpms with versions and releases changed none is."""
    changed = 0
    for path in sorted(unpacked("inventories/hosts").rglob("*.json")):
        inventory = inventories.read(path)
        rows = [package for package in inventory.packages if package.type == "rpm" and package.state.on_disk]
        if inventory.distribution is None or len(rows) < 10 or ".el" not in rows[-1].version:
            continue
        lines = []
        for package in rows:
            evr = package.version.rpartition(":")[2]
            version, _, release = evr.rpartition("-")
            lines.append(f"{package.name}\t(none)\t{release}\t{version}\t{package.arch or 'noarch'}\n")
        assert refused("".join(lines)).startswith("versions stand in"), path
        changed += 1
    assert changed > 5
