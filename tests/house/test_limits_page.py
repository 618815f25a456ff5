"""*Limits and promises* has the defaults that the code has: a budget that changes there changes here."""

import importlib
import re
from pathlib import Path

import pytest

from advisories.sources.limits import DEFAULT_LIMITS, LIMIT_NAMES

ROOT = Path(__file__).resolve().parents[2]
UNITS = {"GiB": 1 << 30, "MiB": 1 << 20}

#: Budgets without an option: words of the row, its modules and constants, in the order of the row's numbers.
FIXED = {
    "bytes of an index, manifest or configuration of an image": ["sources.image._MOST"],
    "manifests of an archive or folder of images": [
        *("sources.image._MOST_MANIFESTS", "sources.image._DEEPEST", "sources.image._MOST_LAYERS")
    ],
    "memory for the databases of compressed layers": ["sources.packed._MOST_KEPT"],
    "files outside of the usual places": ["sources.packed._MOST_PASSES"],
    "parts of what links lead to": ["sources.overlay._MOST_STEPS"],
    "folders below one another in a name of a root": ["sources.folder._DEEPEST"],
    "links followed in one name of a root": ["sources.folder._MOST_LINKS"],
    "bytes of a name in a tar archive": ["sources.tar._LONGEST_NAME"],
    "bytes of one header of tar": ["sources.documents._HEADER"],
    "times that a file of a root is read again": ["sources.tree._TRIES"],
    "bytes of a file of rpm's macros": [
        *("readers.inventories.rpm_backend._MOST", "readers.inventories.rpm_backend._MOST_FILES")
    ],
    "bytes of one list of dpkg's files": ["readers.inventories.dpkg_lists._MOST"],
    "bytes of `etc/apk/world`": ["readers.inventories.root._MOST_WANTED"],
    "bytes of a release file": ["readers.inventories.root_release._MOST"],
    "bytes of one file about repositories": ["readers.setups.of_root._MOST", "readers.setups.of_root._ALL"],
    "files about them in one folder": [
        *("readers.setups.of_root._FILES", "readers.setups.of_root._ENTRIES"),
        *("readers.setups.entry.MOST_SIGNS", "readers.setups.of_root._REFUSED"),
    ],
    "depth of braces": ["readers.setups.apt_conf._DEEPEST"],
    "bytes of the databases in all layers": ["readers.inventories.image._MOST_LOOKED_AT"],
    "links that are followed to find whose a file is": [
        *("readers.inventories.languages.owners._MOST_LINKS", "readers.inventories.languages.owners._DEEPEST")
    ],
    "characters of a name and version of a package of a language": ["readers.inventories.languages.found._LONGEST"],
    "bytes of a configuration file": ["cli.settings._LONGEST", "sources.toml_lines._MOST_DOTS"],
    "parts of a key in an ignore file": ["sources.toml_lines._MOST_DOTS"],
    "clauses of the criteria of one OVAL definition": ["readers.feeds.oval_criteria._CLAUSES"],
    "depth of OVAL criteria": ["readers.feeds.oval_documents._DEPTH", "readers.feeds.csaf_products._DEPTH"],
    "pockets of one release": ["readers.feeds.usn._POCKETS"],
    "records of its vulnerabilities and build": ["index.lint._COMPARED", "index.lint._NAMED"],
    "records and ranges that decide": ["matching.evaluate._DECIDED"],
    "packages that the documentation of a feed stands for": ["index.completeness._COMPLETED"],
    "versions of a package that `fix` tries": ["triage.plan._TRIES"],
    "bytes of a summary of Markdown": ["reports.markdown_text.MOST"],
    "characters of one name or sentence in such a summary": ["reports.markdown_text.LONGEST"],
    "characters of a template": ["reports.findings_template._LONGEST"],
    "bytes of the manifest of a cache or bundle": ["fetch.bundle._LONGEST"],
    "changed documents that are fetched one by one": ["fetch.methods._MOST_CHANGES"],
}


def rows() -> list[tuple[str, str, str]]:
    text = (ROOT / "docs/guide/limits.md").read_text().partition("\n## Budgets")[2]
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [(what, default, option) for what, default, option, _ in cells[1:]]


def shown(value: int) -> str:
    """A number as the page has it: ``4 MiB``, ``1,000,000``."""
    for unit, size in UNITS.items():
        if value >= size and value % size == 0:
            return f"{value // size} {unit}"
    return f"{value:,}"


def parts(text: str) -> tuple[list[str], set[str]]:
    """The numbers of a cell in their order, and the units: one unit may stand for several (``4 and 16 MiB``)."""
    return re.findall(r"[0-9]+(?:,[0-9]{3})*", text), set(re.findall("|".join(UNITS), text))


def constant(place: str) -> int:
    module, _, name = place.rpartition(".")
    value = getattr(importlib.import_module(f"advisories.{module}"), name)
    assert isinstance(value, int)
    return value


def test_options() -> None:
    given = [(option.strip("`"), default) for _, default, option in rows() if option != "none"]
    for option, default in given:
        value = getattr(DEFAULT_LIMITS, option)
        assert default.startswith((shown(value), str(value))), option
    # What is left is in a sentence of another row, or counts rejections.
    assert set(LIMIT_NAMES) - {option for option, _ in given} == {"ratio_from", "rejections"}


@pytest.mark.parametrize("words", FIXED)
def test_without_an_option(words: str) -> None:
    ((_, default, option),) = [row for row in rows() if row[0].startswith(words)]
    assert option == "none"
    values = [constant(place) for place in FIXED[words]]
    wanted, units = parts(" ".join(f"{one:,}" if words.startswith("characters") else shown(one) for one in values))
    found, found_units = parts(default)
    assert found[: len(wanted)] == wanted
    assert units <= found_units
