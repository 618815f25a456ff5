"""Package URLs, one a line. Empty lines and those that begin with ``#`` are ignored, but for the facts of a list that
``advisories list`` wrote (:mod:`advisories.readers.inventories.carried`).

A package URL shows an epoch of 0 by none, and a package that is its own source by no source. A list in which these are
not known has the fact *unknown*, and then neither is taken for granted of any package in it.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from advisories.models.assumptions import Assumption
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.readers.collector import Collector, fill_source_epochs
from advisories.readers.inventories.carried import Carried
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, is_comment, lines_of
from advisories.readers.listing import Listing
from advisories.readers.purls import distributions_of, package_of
from advisories.readers.releases import the_release
from advisories.readers.source_packages import fill_own_sources
from advisories.sources.purl import needs_library

__all__ = ["completed", "read", "sniff", "unknown_of"]

_BEGINNING: Final = re.compile(rb"(?:\s*#[^\n]*\n)*\s*pkg:", re.IGNORECASE)


def sniff(head: Head) -> bool:
    """The first line that is not a comment is a package URL."""
    return _BEGINNING.match(head.data) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not a package is rejected."""
    needs_library(source)
    collector = Collector(source)
    carried = Carried(collector)
    text = data.decode("utf-8", "replace")
    carried.take_comments(text)
    purls = [(number, line.strip(BLANKS)) for number, line in enumerate(lines_of(text), 1)]
    purls = [(number, line) for number, line in purls if line and not is_comment(line)]
    for number, purl in purls:
        collector.add(number, purl, package_of, purl)
    carried.check_whole(text, len(purls))
    completed(collector.packages, carried.unknown, carried.assumed)
    by_purl = the_release(distributions_of(purl for _, purl in purls), "the purls' distro")
    found = (carried.distribution, carried.distribution_source) if carried.has_release else by_purl
    return collector.listing(
        *found, carried.running_kernel, carried.image, carried.removed, *carried.set_up, is_complete=True
    )


def unknown_of(packages: Iterable[Package]) -> frozenset[str]:
    """What of packages is not known where nothing shows it, *epoch* or *source*, in a list of their package URLs."""
    found = set()
    for package in packages:
        if not package.epoch_known:
            found.add("epoch")
        if package.source_name is None:
            found.add("source")
    return frozenset(found)


def completed(packages: list[Package], unknown: Collection[str], assumed: frozenset[Assumption] = frozenset()) -> None:
    """Complete, in place, what package URLs leave out.

    :param unknown: what is not known where nothing shows it, as :func:`unknown_of` has it.
    :param assumed: what is assumed of each package.
    """
    if assumed:
        packages[:] = [evolve(package, doubts=package.doubts | assumed) for package in packages]
    if "epoch" in unknown:
        for place, package in enumerate(packages):
            if package.type == "rpm" and ":" not in package.version:
                packages[place] = evolve(package, epoch_known=False)
    if "source" not in unknown:
        fill_own_sources(packages)
    fill_source_epochs(packages)
