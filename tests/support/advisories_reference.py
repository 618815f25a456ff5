"""What the tests of ``advisories`` share: short ways to make nouns, and the slow obvious matcher they are held against.

The matcher is written from the rules alone, over texts and ``vercmp.compare``: no keys, no index, no module of
``advisories`` beyond the nouns. It knows the rules but for those of a host (minor releases of 8, 11) and of order (16).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

import vercmp
from advisories.index.feed import Feed
from advisories.models import (
    NO_MODULE,
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
    ReadReport,
    Status,
)
from advisories.models.texts import whole_text

ALMA9 = Distribution("almalinux", "9")
DEBIAN12 = Distribution("debian", "12")


def rpm(name: str, version: str, **more: Any) -> Package:
    return Package("rpm", name, version, **({"arch": "x86_64"} | more))


def deb(name: str, version: str, **more: Any) -> Package:
    return Package("deb", name, version, **({"arch": "amd64"} | more))


def host(*packages: Package, distribution: Distribution | None = ALMA9, kernel: str | None = None) -> Inventory:
    return Inventory(distribution, packages, kernel, "a list", "test")


def affected(
    package: str,
    fixed: str | None = None,
    *,
    introduced: str | None = None,
    distribution: Distribution = ALMA9,
    names: Names = Names.BINARY,
    module: Module = NO_MODULE,
    **more: Any,
) -> Affected:
    type = "deb" if distribution.id in ("debian", "ubuntu") else "rpm"
    defaults: dict[str, Any] = {
        "ranges": (Range(introduced, fixed),),
        "fix_state": FixState.FIXED if fixed else FixState.NOT_FIXED,
    }
    return Affected(package, type, distribution, names, module=module, **(defaults | more))


def advisory(
    id: str, *entries: Affected, cves: Iterable[str] = (), kind: Kind = Kind.SECURITY, **more: Any
) -> Advisory:
    return Advisory(id, kind, tuple(cves), entries, **more)


def as_read(advisories: Iterable[Advisory]) -> Feed:
    """A feed as a reader made it: nobody looks at its entries once more."""
    made = tuple(advisories)
    return Feed(made, [ReadReport("a feed", "test", len(made), len(made))])


# ---- the slow obvious matcher ----

#: (name, arch, version, vulnerability).
FoundPlace = tuple[str, str, str, str]
#: A package of a release, as a record names it.
Place = tuple[str, str | None, Names, str]
Entries = Mapping[Place, list[tuple[Advisory, Affected]]]
#: Compares two versions: -1, 0, 1.
Compare = Callable[[str, str], int]

ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "ppc64el": "ppc64le", **dict.fromkeys(("i386", "i586"), "i686")}
VENDORS = {"almalinux": "almalinux", "debian": "debian"}
ADDITIVE = ("esm-apps", "esm-infra", "esm-infra-legacy", "pro", "els")


@frozen
class SlowQuery:
    """What of a package is compared with the records that name it (rule 2)."""

    names: Names
    name: str
    version: str
    epoch_known: bool


@frozen
class SlowComparison:
    """The outcome of one entry (inside, outside or undecidable), the ranges it is inside of, and what it assumes."""

    query: SlowQuery
    advisory: Advisory
    entry: Affected
    word: str
    ranges: tuple[Range, ...] = ()
    assumed: bool = False


def bare(version: str, scheme: str) -> str:
    """A version without its epoch."""
    epoch = vercmp.SCHEMES[scheme].split(version)[0]
    return version if epoch is None else version.partition(":")[2]


class SlowFeed:
    """Advisories by what they name: made once for many hosts."""

    def __init__(self, advisories: Iterable[Advisory]) -> None:
        self.by_name: dict[Place, list[tuple[Advisory, Affected]]] = {}
        left_out = advisories.completions if isinstance(advisories, Feed) else {}
        for one in advisories:
            for entry in (*one.affected, *left_out.get(one.id, ())) if one.withdrawn is None else ():
                if entry.distribution is not None:
                    place = entry.distribution.id, entry.distribution.release, entry.names, entry.package
                    self.by_name.setdefault(place, []).append((one, entry))

    def shows_epoch(self, place: Place) -> bool:
        """Whether a record that names it has a version with an epoch. Completions are no records."""
        return any(shows_epoch(entry) and entry in one.affected for one, entry in self.by_name.get(place, ()))


def slow_match(
    inventory: Inventory, advisories: Iterable[Advisory] | SlowFeed, release: Distribution
) -> dict[FoundPlace, str | None]:
    """Everything affected, with the fixed version."""
    return {
        (package.name, package.arch or "", package.version, vulnerability): fix
        for (package, vulnerability), (status, fix) in slow_findings(inventory, advisories, release).items()
        if status is Status.AFFECTED
    }


def slow_findings(
    inventory: Inventory, advisories: Iterable[Advisory] | SlowFeed, release: Distribution
) -> dict[tuple[Package, str], tuple[Status, str | None]]:
    """The status of each package and vulnerability that has one, with the fixed version."""
    feed = advisories if isinstance(advisories, SlowFeed) else SlowFeed(advisories)
    by_name = feed.by_name
    found: dict[tuple[Package, str], tuple[Status, str | None]] = {}
    for package in set(inventory.packages):
        vendor = (package.vendor or "").casefold()
        if not package.state.on_disk or (vendor and not vendor.startswith(VENDORS.get(release.id, ""))):
            continue
        entries = [
            slow_compare(package, query, one, entry)
            for query in slow_epochs(package, slow_queries(package, release), release, feed)
            for one, entry in by_name.get((release.id, slow_release(package, release), query.names, query.name), ())
            if slow_applies(package, query, entry, release)
        ]
        entries = [one for one in entries if one.advisory.cves or one.advisory.kind not in UPDATES]
        for vulnerability in {name for comparison in entries for name in comparison.advisory.vulnerabilities}:
            about = [comparison for comparison in entries if vulnerability in comparison.advisory.vulnerabilities]
            outcome = slow_finding(about, release, by_name if release.id == "debian" else {}, vulnerability)
            if outcome is not None:
                found[package, vulnerability] = outcome
    return found


UPDATES = (Kind.BUGFIX, Kind.ENHANCEMENT)


def slow_release(package: Package, release: Distribution) -> str | None:
    """Rule 1b: the release whose records apply to a package, of a Debian backport the next one."""
    build = re.search(r"~bpo([0-9]+)\+[0-9]+(\+b[0-9]+)?$", package.version)
    if release.id == "debian" and build is not None:
        of = build[1][0] if build[1] in ("40", "50", "60", "70") else build[1]
        if of == release.release:
            return str(int(of) + 1)
    return release.release


def is_slow_metapackage(package: Package) -> bool:
    """Rule 2: a deb that brings a kernel and has nothing of it: its source shows it, or a name without a release."""
    if package.type != "deb" or not package.name.startswith("linux-"):
        return False
    source = package.source_name or ""
    if source.startswith(("linux-meta", "linux-latest")):
        return True
    named = re.fullmatch(r"linux-(image|headers|modules|tools)-[a-z0-9-]+", package.name)
    return named is not None and (source == "linux" or source.startswith("linux-signed"))


def shows_epoch(entry: Affected) -> bool:
    versions = [*(end for range in ordered_ranges(entry) for end in ends(range)), *entry.versions]
    return any(":" in version for version in versions if is_version(version, SCHEME_OF_TYPE[entry.type]))


def slow_epochs(package: Package, queries: list[SlowQuery], release: Distribution, feed: SlowFeed) -> list[SlowQuery]:
    """Rule 0: a source has no epoch where the list shows the binary's and no record of the source shows one."""
    return [
        evolve(query, epoch_known=True)
        if query.names is Names.SOURCE
        and package.epoch_known
        and ":" not in query.version
        and not feed.shows_epoch((release.id, slow_release(package, release), query.names, query.name))
        else query
        for query in queries
    ]


def slow_queries(package: Package, release: Distribution) -> list[SlowQuery]:
    if is_slow_metapackage(package):
        return []
    signed = re.fullmatch(r"(linux)-signed(-[0-9.]+)?-(amd64|arm64|i386)", package.source_name or "")
    if signed is not None:
        package = evolve(package, source_name=signed[1] + (signed[2] or ""), source_version=None)
    source = package.source_version
    if source is None:
        source = re.sub(r"\+b[0-9]+$", "", package.version) if package.type == "deb" else package.version
    known = package.epoch_known if package.source_version is None else package.source_epoch_known
    binary = package.version
    if slow_release(package, release) != release.release:
        source, binary = (re.sub(r"~bpo[0-9]+\+[0-9]+(\+b[0-9]+)?$", "", version) for version in (source, binary))
    found = [
        SlowQuery(Names.BINARY, package.name, binary, package.epoch_known),
        SlowQuery(Names.SOURCE, package.source_name or package.name, source, known),
    ]
    # Ubuntu's signed kernels, whose source has the version of what it signs.
    of_line = re.fullmatch(r"linux-signed(-.+)?", package.source_name or "")
    if package.type == "deb" and of_line is not None:
        found.append(SlowQuery(Names.SOURCE, f"linux{of_line[1] or ''}", package.version, package.epoch_known))
    return found


def slow_applies(package: Package, query: SlowQuery, entry: Affected, release: Distribution) -> bool:
    """Rules 6, 7 and 8: module, architecture, flavour, channel."""
    if not same_module(package.module, entry.module):
        return False
    listed = {ARCHITECTURES.get(arch, arch) for arch in entry.arches}
    arch = ARCHITECTURES.get(package.arch or "", package.arch)
    if listed and arch not in (None, "noarch", "all") and arch not in listed and not listed & {"noarch", "all"}:
        return False
    fixes = [range.fixed for range in entry.ranges if range.fixed is not None]
    if package.type == "rpm" and fixes and flavour(query.version) not in map(flavour, fixes):
        return False
    return entry.channel in (None, *ADDITIVE, *release.channels)


def flavour(version: str) -> tuple[bool, bool]:
    return "ksplice" in version, "fips" in version


def same_module(installed: Module, record: Module) -> bool:
    if not (installed.known and record.known):
        return True
    return installed.streams == record.streams or bool(set(installed.streams) & set(record.streams))


def slow_compare(package: Package, query: SlowQuery, one: Advisory, entry: Affected) -> SlowComparison:
    """Rules 3, 4, 5 and 14: one entry against a version."""
    scheme, installed = SCHEME_OF_TYPE[package.type], query.version
    assumed = not (package.module.known and entry.module.known)
    assumed = assumed or (package.arch is None and bool(entry.arches) and not {"noarch", "all"} & set(entry.arches))

    def outcome(word: str, *ranges: Range) -> SlowComparison:
        # What holds every version holds it with any epoch.
        holds_all = word == "inside" and (any(not ends(range) for range in ranges) or not entry.ranges + entry.versions)
        return SlowComparison(query, one, entry, word, ranges, assumed or not (query.epoch_known or holds_all))

    if not is_version(installed, scheme):
        return outcome("inside" if installed in entry.versions else "undecidable")
    if entry.negative and not entry.ranges and not entry.versions:
        return outcome("inside")
    compare = comparing(query, scheme)
    ordered = ordered_ranges(entry)
    words = [slow_range(installed, range, query, scheme) for range in ordered]
    inside = [range for range, word in zip(ordered, words, strict=True) if word == "inside"]
    if inside:
        return outcome("inside", *inside)
    versions = [version for version in entry.versions if is_version(version, scheme)]
    if any(compare(installed, version) == 0 for version in versions):
        return outcome("inside")
    refused = len(ordered) < len(entry.ranges) or len(versions) < len(entry.versions)
    tied = "tied" in words or any(ties(installed, version, query, scheme) for version in versions)
    upside_down = not query.epoch_known and any(
        is_empty(range, comparing(query, scheme))
        and not is_empty(range, comparing(evolve(query, epoch_known=True), scheme))
        for range in ordered
    )
    return outcome("undecidable" if tied or upside_down or refused else "outside")


def comparing(query: SlowQuery, scheme: str) -> Compare:
    """The order of versions as it applies: with epochs, or without (rule 4)."""

    def compare(a: str, b: str) -> int:
        if not query.epoch_known:
            a, b = bare(a, scheme), bare(b, scheme)
        return vercmp.compare(a, b, scheme=scheme)

    return compare


def is_version(version: str, scheme: str) -> bool:
    try:
        vercmp.validate(version, scheme=scheme)
    except vercmp.InvalidVersion:
        return False
    return True


def ends(range: Range) -> list[str]:
    return [end for end in (range.introduced, range.fixed, range.last_affected, range.limit) if end is not None]


def holds(installed: str, range: Range, compare: Compare) -> bool:
    return (
        range.fixed != "0"
        and (range.introduced is None or compare(range.introduced, installed) <= 0)
        and (range.fixed is None or compare(installed, range.fixed) < 0)
        and (range.limit is None or compare(installed, range.limit) < 0)
        and (range.last_affected is None or compare(installed, range.last_affected) <= 0)
    )


def is_empty(range: Range, compare: Compare) -> bool:
    low = range.introduced
    if range.fixed == "0":
        return True
    return low is not None and (
        (range.fixed is not None and compare(low, range.fixed) >= 0)
        or (range.limit is not None and compare(low, range.limit) >= 0)
        or (range.last_affected is not None and compare(low, range.last_affected) > 0)
    )


def slow_range(installed: str, range: Range, query: SlowQuery, scheme: str) -> str:
    """Rule 5: a bound on whose missing release the answer hangs is left out; if the others hold, it is a tie."""
    compare = comparing(query, scheme)

    def open_if_tied(end: str | None, either: bool = False) -> str | None:
        return None if end is None or ties(installed, end, query, scheme, either) else end

    without = Range(
        open_if_tied(range.introduced),
        open_if_tied(range.fixed),
        open_if_tied(range.last_affected, True),
        open_if_tied(range.limit),
    )
    if without == range:
        return "inside" if holds(installed, range, compare) else "outside"
    return "tied" if holds(installed, without, compare) else "outside"


def ties(installed: str, bound: str, query: SlowQuery, scheme: str, either: bool = False) -> bool:
    if scheme != "rpm" or bound == "0":
        return False
    ours, theirs = vercmp.rpm.split(installed), vercmp.rpm.split(bound)
    if (ours.release is None) == (theirs.release is None) or (ours.release is not None and not either):
        return False
    same_epoch = not query.epoch_known or int(ours.epoch or 0) == int(theirs.epoch or 0)
    return same_epoch and vercmp.rpm.rpmvercmp(ours.version, theirs.version) == 0


def slow_finding(
    about: list[SlowComparison], release: Distribution, by_name: Entries, vulnerability: str
) -> tuple[Status, str | None] | None:
    """Rules 8 and 9: what all entries of one vulnerability give together."""
    public = [one for one in about if one.entry.channel is None or one.entry.channel in release.channels]
    if any(names_fix(comparison, range) for comparison in public for range in ordered_ranges(comparison.entry)):
        about = public
    if any(one.entry.negative and one.word == "inside" and not one.assumed for one in about):
        return None
    about = [comparison for comparison in about if not comparison.entry.negative]
    fixes = {names: [] for names in Names}  # type: dict[Names, list[SlowFix]]
    for one in about:
        fixes[one.query.names] += [
            SlowFix(r.fixed, one.entry.channel)
            for r in ordered_ranges(one.entry)
            if r.fixed not in (None, "0")
            and not all(
                is_empty(r, comparing(query, SCHEME_OF_TYPE[one.entry.type]))
                for query in (one.query, evolve(one.query, epoch_known=True))
            )
        ]
    inside = [comparison for comparison in about if comparison.word == "inside"]
    inside = [one for one in inside if not slow_cleared(one, fixes[one.query.names], release)]
    undecided = [comparison for comparison in about if comparison.word == "undecidable"]
    if not inside and not undecided:
        return None
    first = min(inside or undecided, key=lambda one: (one.advisory.id, one.query.names.value, whole_text(one.entry)))
    fix = slow_fix(first, fixes[first.query.names], release)
    if inside and fix is None and slow_unstable(first.query, vulnerability, by_name):
        return None
    return (Status.AFFECTED if inside else Status.UNDECIDABLE), fix


def names_fix(comparison: SlowComparison, range: Range) -> bool:
    """Whether a range has a fix, and begins at or below the version."""
    if range.fixed in (None, "0"):
        return False
    installed, scheme = comparison.query.version, SCHEME_OF_TYPE[comparison.entry.type]
    if range.introduced is None or not is_version(installed, scheme):
        return True
    return comparing(comparison.query, scheme)(range.introduced, installed) <= 0


def ordered_ranges(entry: Affected) -> list[Range]:
    scheme = SCHEME_OF_TYPE[entry.type]
    return [r for r in entry.ranges if r.fixed == "0" or all(is_version(end, scheme) for end in ends(r))]


@frozen
class SlowFix:
    """A fixed version, and the channel that carries it."""

    version: str
    channel: str | None

    def is_had(self, release: Distribution) -> bool:
        return self.channel is None or self.channel in release.channels


def slow_fix(comparison: SlowComparison, fixes: list[SlowFix], release: Distribution) -> str | None:
    """rpm: the lowest of its own branch, else the lowest above what is installed. deb: the highest of what the host can
    have, of all or of one of its channels.
    """
    installed, scheme = comparison.query.version, SCHEME_OF_TYPE[comparison.entry.type]
    key = cmp_to_key(comparing(comparison.query, scheme))
    fixes.sort(key=lambda fix: key(fix.version))
    above = fixes
    if is_version(installed, scheme):
        above = [fix for fix in fixes if comparing(comparison.query, scheme)(installed, fix.version) < 0]
    above = [fix for fix in above if fix.is_had(release)] or above
    if not above:
        return None
    if not is_version(installed, scheme):
        return above[0].version
    if scheme == "rpm":
        own = [fix for fix in above if minor_stream(fix.version) == minor_stream(installed) is not None]
        return (own or above)[0].version
    channels = {fix.channel for fix in above if fix.channel in ADDITIVE and fix.is_had(release)}
    highest = [above, *([fix for fix in above if fix.channel == channel] for channel in channels)]
    return min((some[-1].version for some in highest), key=key)


def slow_cleared(comparison: SlowComparison, fixes: list[SlowFix], release: Distribution) -> bool:
    """Whether each of the ranges that hold it is cleared by a fix that begins above the range's beginning."""
    compare = comparing(comparison.query, SCHEME_OF_TYPE[comparison.entry.type])
    cleared = [slow_range_cleared(comparison, range, fixes, compare, release) for range in comparison.ranges]
    return bool(cleared) and all(cleared)


def slow_range_cleared(
    comparison: SlowComparison, range: Range, fixes: list[SlowFix], compare: Compare, release: Distribution
) -> bool:
    installed = comparison.query.version
    later = [fix for fix in fixes if range.introduced is None or compare(range.introduced, fix.version) < 0]
    is_open = range.fixed is None and range.limit is None and range.last_affected is None
    if comparison.entry.type == "rpm":
        if any(compare(installed, fix.version) == 0 for fix in later):
            return True
        own = [fix for fix in later if minor_stream(fix.version) == minor_stream(installed)]
        if any(compare(installed, fix.version) >= 0 for fix in own):
            return True
        ends = is_open or range.fixed is not None
        return ends and bool(later) and all(compare(installed, fix.version) >= 0 for fix in later)
    for channel in {fix.channel for fix in later} - {None, comparison.entry.channel}:
        same = [fix for fix in later if fix.channel == channel]
        goes_on = channel in ADDITIVE and channel in release.channels
        if (is_open or goes_on) and all(compare(installed, fix.version) >= 0 for fix in same):
            return True
    return False


def minor_stream(version: str) -> str | None:
    tags = re.findall(r"\.el[0-9]+_[0-9]+", version)
    return tags[-1] if tags else None


def slow_unstable(query: SlowQuery, vulnerability: str, by_name: Entries) -> bool:
    """Rule 1a: whether unstable's fix clears it."""
    compare = comparing(query, "dpkg")
    return any(
        compare(query.version, range.fixed) >= 0
        for one, entry in by_name.get(("debian", "unstable", query.names, query.name), ())
        if vulnerability in one.vulnerabilities
        for range in ordered_ranges(entry)
        if range.fixed not in (None, "0")
    )


# ---- real hosts ----


def query_format_lines(scan: Path) -> str:
    """A host of ``inventories/hosts`` as ``rpm -qa`` with the recommended query format would have listed it.

    The scan keeps no vendor, and source packages with an epoch that a source rpm's name cannot show.
    """
    host = json.loads(scan.read_text())
    built_from = {
        binary: f"{source['name']}-{source['version'].rpartition(':')[2]}.src.rpm"
        for source in host["SrcPackages"].values()
        for binary in source["binaryNames"]
    }
    family = {"alma": "almalinux", "redhat": "rhel"}.get(host["family"], host["family"])
    lines = [f"# os-release ID={family} VERSION_ID={host['release']}", f"# uname -r {host['runningKernel']['release']}"]
    for package in host["packages"].values():
        epoch, _, version = package["version"].rpartition(":")
        columns = (
            package["name"],
            epoch or "(none)",
            version,
            package["release"],
            package["arch"],
            built_from.get(package["name"], "(none)"),
            "(none)",
            package["modularitylabel"] or "(none)",
        )
        lines.append("\t".join(columns))
    return "\n".join(lines) + "\n"
