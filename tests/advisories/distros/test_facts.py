"""The tables of facts: every row parses, is there once and names its source; none is read before it is used."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from advisories_tables import facts
from places import SRC

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.distros.kernels import kernel_words
from advisories.distros.lifecycle import support_table
from advisories.distros.vendors import third_party_domains, vendors_of
from advisories.models.distribution import FAMILIES, codenames_of, filed_under, normalised
from advisories.models.facts import rows_of

#: Each table of the package, and how many of its columns make a row what it is.
TABLES = {
    "distros/fix_states.tsv": 2,
    "distros/kernels.tsv": 3,
    "distros/signed_sources.tsv": 3,
    "distros/support.tsv": 2,
    "distros/third_parties.tsv": 1,
    "distros/vendors.tsv": 2,
    "models/codenames.tsv": 2,
}


def grouped(words: Sequence[str]) -> bool:
    """Whether equal words stand together."""
    return len(set(words)) == 1 + sum(one != other for one, other in pairwise(words))


def test_all_tables_are_here() -> None:
    package = SRC / "advisories"
    assert sorted(TABLES) == sorted(path.relative_to(package).as_posix() for path in package.rglob("*.tsv"))


@pytest.mark.parametrize("table", TABLES)
def test_rows(table: str) -> None:
    lines = (SRC / "advisories" / table).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert not [line for line in lines if any(cell != cell.strip() for cell in line.split("\t"))]
    rows = facts(table)
    assert len(rows) == len(lines) - 1
    assert {len(row) for row in rows} == {lines[0].count("\t") + 1}
    assert all(row[-1] for row in rows), "every fact has its source"
    keys = [row[: TABLES[table]] for row in rows]
    assert len(keys) == len(set(keys)), "every fact is there once"
    assert grouped([key[0] for key in keys]) or len(keys[0]) == 1


def test_another_header_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"third_parties.tsv has the columns \('domain', 'source'\)"):
        rows_of("advisories.distros", "third_parties.tsv", ("host",))


def test_support() -> None:
    rows = facts("distros/support.tsv")
    assert len(support_table()) == len(rows)
    for id, release, standard, extended, by, _ in rows:
        # A release stands as hosts' are looked up.
        assert FAMILIES[id].release(release) == release
        assert bool(extended) is bool(by)
        assert not extended or date.fromisoformat(extended) > date.fromisoformat(standard)


def test_codenames() -> None:
    for id, codename, release, _ in facts("models/codenames.tsv"):
        assert FAMILIES[id].codenames == id
        assert codename == codename.lower()
        assert codenames_of(id)[codename] == release
        assert normalised(id, codename.title()) == filed_under(normalised(id, release))
    assert codenames_of("raspbian") == codenames_of("debian")
    assert not codenames_of("almalinux")
    assert not codenames_of("nobody")
    for family in FAMILIES.values():
        assert not family.codenames or codenames_of(family.codenames)


def test_vendors() -> None:
    for id, begins, source in facts("distros/vendors.tsv"):
        assert FAMILIES[id].type in ("rpm", "deb")
        assert begins == begins.casefold()
        assert begins in vendors_of(id)
        assert source.partition(": ")[2].casefold().startswith(begins), (
            "a source quotes the text that the row stands for"
        )
        assert source.startswith("Vendor" if FAMILIES[id].type == "rpm" else "Origin")


def test_third_parties() -> None:
    domains = [row[0] for row in facts("distros/third_parties.tsv")]
    assert domains == sorted(domain.lower() for domain in domains)
    assert third_party_domains() == set(domains)


def test_kernels() -> None:
    for group, kind, word, _ in facts("distros/kernels.tsv"):
        assert group in ("rpm", "amazon", "suse", "photon", "deb", "apk")
        assert kind in ("flavour", "part", "line", "metapackage", "metapackage part")
        assert word in kernel_words(group, kind)


def test_fix_states() -> None:
    rows = facts("distros/fix_states.tsv")
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=list(Vocabulary).index)
    assert {row[0] for row in rows} == set(Vocabulary)
    for vocabulary, word, state, _ in rows:
        assert fix_states(Vocabulary(vocabulary))[word].value == state


def test_import_reads_no_table(tmp_path: Path) -> None:
    program = (
        "import sys, pkgutil; opened = [];"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])));"
        "import advisories, advisories.distros.kernels, advisories.distros.lifecycle, advisories.cli.entry;"
        "assert not [path for path in opened if path.endswith('.tsv')], opened;"
        "advisories.distros.kernels.side_by_side_rpms();"
        "assert [path for path in opened if path.endswith('.tsv')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env={"PYTHONPATH": str(SRC)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
