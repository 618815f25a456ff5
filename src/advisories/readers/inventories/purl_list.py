"""Package URLs, one a line. Empty lines and those that begin with ``#`` are ignored, but for the facts of a list that
``advisories list`` wrote (:mod:`advisories.readers.inventories.carried`).

A package URL shows an epoch of 0 by none, and a package that is its own source by no source. A list in which these are
not known has the fact *unknown*, and then neither is taken for granted of any package in it.
"""

import re
from typing import Final

from advisories.readers.collector import Collector
from advisories.readers.inventories.carried import Carried
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, is_comment, lines_of
from advisories.readers.listing import Listing
from advisories.readers.purls import distributions_of, package_of
from advisories.readers.releases import the_release
from advisories.readers.source_packages import fill_own_sources
from advisories.sources.purl import needs_library

__all__ = ["read", "sniff"]

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
    carried.doubt(collector.packages)
    if "source" not in carried.unknown:
        fill_own_sources(collector.packages)
    by_purl = the_release(distributions_of(purl for _, purl in purls), "the purls' distro")
    found = by_purl if carried.distribution is None else (carried.distribution, carried.distribution_source)
    return collector.listing(*found, carried.running_kernel, carried.image, carried.removed, *carried.set_up)
