"""A list as package URLs, one a line, for programs that take nothing else.

Comments behind the first one have the facts of the list: others look at the first line to recognise the format, and
pass over what is no package URL. A package URL has no room for most of what is known of a package
(:mod:`advisories.reports.losses`), and a package that is not installed has none.
"""

from collections.abc import Iterator

from advisories.distros.package_urls import package_url
from advisories.readers.inventories.carried import comments_of
from advisories.readers.inventories.purl_list import unknown_of
from advisories.reports.inventory import ListReport

__all__ = ["render"]


def render(report: ListReport) -> Iterator[str]:
    """The lines of the list."""
    inventory = report.inventory
    installed = list(report.installed)
    comments = list(comments_of(inventory, len(installed), unknown_of(installed)))
    for package in installed:
        yield package_url(package, inventory.distribution)
        yield from comments
        comments = []
