"""``apk list -I`` and ``apk info -v``: a line for each package. The first also has architecture and origin.

In other lists of ``apk list`` a line with ``[upgradable from: musl-1.2.3-r4]`` is of the version that is offered, and
is skipped. What is installed has a line of its own.

Virtual packages, whose name begins with a dot and whose version has no revision, are skipped and counted.
"""

import re
from typing import Final

from advisories.models.packages import Package
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, CUT, is_cut, is_whole, lines_of
from advisories.readers.listing import Listing
from advisories.readers.package_names import check_name
from advisories.readers.source_packages import check_virtual

__all__ = ["read", "sniff"]

# The version begins behind the last dash that a digit follows, but for the revision's own.
_LINE: Final = re.compile(
    r"(?P<name>\S+)-(?P<version>[0-9][^\s-]*-r[0-9]+)"
    r"(?: (?P<arch>\S+) \{(?P<origin>[^{}\s]*)\}(?P<rest>.*)| - .*)?",
)
_REVISION: Final = re.compile(r"-r[0-9]")


def sniff(head: Head) -> bool:
    """Most of the first lines are packages, apart from warnings of apk."""
    if _REVISION.search(head.text) is None and not head.text.startswith("WARNING:"):
        return False
    lines = [line for line in head.more_lines if not line.startswith(("WARNING:", "."))]
    return sum(_LINE.fullmatch(line.rstrip()) is not None for line in lines) * 2 > len(lines)


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not an installed package is rejected."""
    collector = Collector(source)
    text = data.decode("utf-8", "surrogateescape")
    lines = lines_of(text)
    if is_cut(text, lines, lambda line: line.endswith("]")) and not lines[-1].startswith("WARNING:"):
        collector.reject_rest(len(lines), lines.pop(), CUT)
    for number, line in enumerate(lines, 1):
        line = line.rstrip(BLANKS)
        if line.startswith("WARNING:") and is_whole(line):
            collector.skip("a warning of apk")
        elif line:
            collector.add(number, line, _package, line)
    return collector.listing()


def _package(line: str) -> Package:
    match = _LINE.fullmatch(line)
    if match is None or not line.isprintable():
        check_virtual(line)
        raise Unreadable("not name-version-rN")
    check_name("apk", match["name"])
    version, origin = match["version"], match["origin"] or None
    if match["arch"] and "[installed" not in match["rest"]:
        if "[upgradable" in match["rest"]:
            raise Skipped("versions that are not installed")
        raise Unreadable("not installed: list with apk list -I")
    if origin is None:
        check_virtual(match["name"])
    return Package(
        "apk",
        match["name"],
        version,
        match["arch"],
        source_name=origin,
        source_version=version if origin else None,
    )
