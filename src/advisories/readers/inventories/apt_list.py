"""``apt list --installed``: ``name/suite,now version architecture [installed,automatic]``, a line for each package.

What is installed has ``now`` among its suites, in every language. The other suites are those that offer this version,
and stand as the package's repository. Lines of other versions (``apt list -a``, ``--upgradable``) are not installed.
The list shows no source packages.

Source: apt 2.6, ``apt-private/private-output.cc``, *ListSingleVersion*.
"""

from typing import Final

from advisories.models.frozen import evolve
from advisories.models.packages import Package, State
from advisories.models.patterns import pattern
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.dpkg_columns import package
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, CUT, is_cut, is_whole, lines_of
from advisories.readers.listing import Listing

__all__ = ["read", "sniff"]

_LINE: Final = pattern(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?/(?P<suites>[^\s/]+) (?P<version>[0-9A-Za-z.+~:-]+)"
    r" (?P<arch>[a-z0-9-]+)(?: \[(?P<state>[^][]+)\])?"
)
_NOW: Final = "now"
_REMOVED: Final = "residual-config"
_NOTICES: Final = ("WARNING:", "N: ", "W: ", "E: ")


def sniff(head: Head) -> bool:
    """Half of the first lines are packages with a suite, apart from what apt prints around them."""
    if b"/" not in head.data:
        return False
    lines = [line for line in head.lines if not line.startswith((*_NOTICES, " "))]
    return sum(_LINE.fullmatch(line.rstrip()) is not None for line in lines) * 2 >= max(len(lines), 1)


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not a package is rejected."""
    collector = Collector(source)
    before = True
    text = data.decode("utf-8", "surrogateescape")
    lines = lines_of(text)
    if is_cut(text, lines, lambda line: line.endswith("]")) and "/" in lines[-1]:
        collector.reject_rest(len(lines), lines.pop(), CUT)
    for number, line in enumerate(lines, 1):
        line = line.rstrip(BLANKS)
        if before and _LINE.fullmatch(line):
            before = False
        if not line:
            continue
        # Its heading is in the words of some language.
        if (line.startswith(_NOTICES) and is_whole(line)) or (before and "/" not in line):
            collector.skip("remarks of apt")
        elif line.startswith(" ") and is_whole(line):
            collector.skip("descriptions")
        else:
            collector.add(number, line, _package, line)
    return collector.listing()


def _package(line: str) -> Package:
    match = _LINE.fullmatch(line)
    if match is None or not line.isprintable():
        raise Unreadable("not name/suite version architecture [state]")
    suites = match["suites"].split(",")
    if _NOW not in suites:
        raise Skipped("versions that are not installed")
    state = State.CONFIG_FILES if match["state"] == _REMOVED else State.INSTALLED
    repository = ",".join(suite for suite in suites if suite != _NOW) or None
    return evolve(package(match["name"], match["version"], match["arch"], state), repository=repository)
