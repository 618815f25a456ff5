"""A list as a table: a package a line, its facts between tabs, in front the names of the columns.

Comments in front have the facts of the list. Nothing is lost. A backslash is written twice, and what cannot be printed
is escaped with one.
"""

from collections.abc import Iterator

from advisories.models.packages import Package
from advisories.models.printing import printable
from advisories.readers.inventories.carried import COLUMNS, FACTS, comments_of, package_facts
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
    values = [package.type, package.name, package.version, *[facts.get(name, "") for name in FACTS]]
    row = "\t".join(values)
    if row.isascii() and "\\" not in row and row.count("\t") == len(values) - 1 and row.replace("\t", "").isprintable():
        return row
    return "\t".join([printable(value.replace("\\", "\\\\")) for value in values])
