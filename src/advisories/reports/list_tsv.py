"""A list as a table: a package a line, its facts between tabs, in front the names of the columns.

Comments in front have the facts of the list. Nothing is lost: what cannot be printed is escaped
(:mod:`advisories.readers.inventories.escapes`).
"""

from collections.abc import Iterator

from advisories.models.packages import Package
from advisories.readers.inventories.carried import COLUMNS, FACTS, comments_of, package_facts
from advisories.readers.inventories.escapes import escaped
from advisories.reports.inventory import ListReport

__all__ = ["render"]


def render(report: ListReport) -> Iterator[str]:
    """The lines of the table."""
    packages = report.inventory.packages
    yield from comments_of(report.inventory, len(packages))
    yield "\t".join(COLUMNS)
    for package in packages:
        yield _row(package)


def _row(package: Package) -> str:
    facts = package_facts(package)
    first = package.type, package.name, package.version
    values = [*first, *[facts.get(name, "") for name in FACTS]]
    row = "\t".join(values)
    is_plain = row.isascii() and "\\" not in row and row.count("\t") == len(values) - 1 and "" not in facts.values()
    if is_plain and row.replace("\t", "").isprintable():
        return row
    values = [text and escaped(text) for text in first]  # one that is not installed may have no version
    return "\t".join([*values, *[escaped(facts[name]) if name in facts else "" for name in FACTS]])
