"""Rules 2, 6, 7, 8, 13 and 15: which records are no concern of a query."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from advisories.distros.lines import FLAVOURS, LINED, LINED_BY_CHANNEL, MAIN_LINE, branch_of, lines_of_record
from advisories.distros.machines import MACHINES
from advisories.index.records import Record
from advisories.matching.rules.terms import Query
from advisories.models.advisories import Advisory, Affected
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, has_channel, is_additive, is_branch
from advisories.models.findings import Note
from advisories.models.packages import Module

__all__ = [
    "ANY_ARCH",
    "ARCH_ALIASES",
    "OTHER_ARCH",
    "arch_applies",
    "channel_applies",
    "completion_applies",
    "epoch_applies",
    "excluding_rule",
    "exclusion",
    "flavour_applies",
    "flavours_of",
    "is_withdrawn",
    "line_applies",
    "lines_of",
    "module_applies",
    "source_applies",
]


def completion_applies(query: Query) -> bool:
    """Rule 0: whether a package is compared with an advisory that names documentation of its source alone."""
    return not query.as_published


def source_applies(query: Query, affected: Affected) -> bool:
    """Rule 2: a record of a binary package that names its source is about that source's builds alone.

    Where the package's source is not known, the record applies.
    """
    return not query.sources or affected.source in query.sources


def module_applies(installed: Module, record: Module) -> tuple[bool, Assumption | None]:
    """Rule 6: equal streams, or none and none, are compared. Different ones, or one against none, are not.

    Where either is unknown they are compared, with an assumption.
    """
    if not installed.known or not record.known:
        return True, Assumption.MODULE_UNKNOWN
    if not installed.streams and not record.streams:
        return True, None
    return not set(installed.streams).isdisjoint(record.streams), None


#: Names of one architecture. What is not here has one name.
ARCH_ALIASES: Final[Mapping[str, str]] = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "ppc64el": "ppc64le",
    "i386": "i686",
    "i486": "i686",
    "i586": "i686",
}
#: Stands for every architecture that no record of a package names.
OTHER_ARCH: Final = ""
#: The names of what is for every architecture.
ANY_ARCH: Final = frozenset({"noarch", "all", "any"})


def arch_applies(installed: str | None, arches: Sequence[str]) -> tuple[bool, Assumption | None]:
    """Rule 7: an architecture of the list, by any of its names. ``noarch`` and ``all`` are any, ``src`` never.

    A word that is no architecture's name shows none.
    """
    if installed in ("src", "nosrc"):
        return False, None
    listed = {ARCH_ALIASES.get(arch, arch) for arch in arches} - {"src", "nosrc"}
    if arches and not listed:
        return False, None
    if not arches or installed in ANY_ARCH or not ANY_ARCH.isdisjoint(listed):
        return True, None
    own = None if installed is None else ARCH_ALIASES.get(installed, installed)
    if own in listed:
        return True, None
    return (False, None) if own in MACHINES or own == OTHER_ARCH else (True, Assumption.ARCH_UNKNOWN)


def flavour_applies(query: Query, affected: Affected) -> bool:
    """Rule 7: rpm builds for ksplice or FIPS match records of their own kind only, by their fixed version's words."""
    if query.scheme != "rpm":
        return True
    fixes = [range.fixed for range in affected.ranges if range.fixed is not None]
    return not fixes or any(flavours_of(fix) == flavours_of(query.version) for fix in fixes)


@lru_cache(maxsize=1 << 12)
def flavours_of(version: str) -> frozenset[str]:
    return frozenset(flavour for flavour in FLAVOURS if flavour in version)


def channel_applies(query: Query, affected: Affected, host: Distribution) -> bool:
    """Rule 8: records of a branch concern builds of it, and hosts that have it. What goes on from the public builds
    concerns everybody. :func:`line_applies` decides about those of a line.
    """
    channel = affected.channel
    if channel is None or is_additive(channel) or has_channel(host, channel):
        return True
    if is_branch(channel):
        release = affected.distribution.release if affected.distribution is not None else None
        return query.scheme == "rpm" and release is not None and branch_of(query.version) == release
    return query.distribution.id in LINED


def line_applies(query: Query, affected: Affected, host: Distribution) -> bool:
    """Rule 8: records of one line are no concern of the builds of another. What shows no line meets every line.

    A host that states a line's channel may have builds of it that do not show it.
    """
    if affected.channel is None and query.distribution.id in LINED_BY_CHANNEL:
        return query.line == MAIN_LINE
    lines = lines_of(query.distribution, affected)
    if lines is None or query.line in lines:
        return True
    channel = affected.channel
    if query.line is None:
        stated = {one for one in host.channels if not is_additive(one) and not is_branch(one)}
        return not stated or MAIN_LINE in lines or (channel is not None and has_channel(host, channel))
    return query.line == MAIN_LINE and channel is not None and has_channel(host, channel)


def lines_of(distribution: Distribution, affected: Affected) -> frozenset[str] | None:
    """The lines that a record is about. None means every line of its name."""
    named = [range.fixed for range in affected.ranges if range.fixed is not None and range.fixed != "0"]
    if not named:
        named = [range.last_affected for range in affected.ranges if range.last_affected is not None]
    return lines_of_record(distribution, affected.package, affected.channel, tuple(named) or affected.versions)


def epoch_applies(query: Query, record: Record) -> bool:
    """Rule 13: a rebuild may have an epoch that the distribution's package does not have.

    Records that show an epoch are compared with it, others without.
    """
    if query.epochs_shown is None:
        return True
    shows = record.epochless is not record.intervals or record.epochless_versions is not record.versions
    return shows is query.epochs_shown


def is_withdrawn(advisory: Advisory) -> bool:
    """Rule 15: withdrawn advisories never match."""
    return advisory.withdrawn is not None


def excluding_rule(
    query: Query, record: Record, host: Distribution
) -> tuple[Callable[..., object] | None, Sequence[Assumption]]:
    """The rule that excludes a record from a query (15, 2, 8, 7 and 6), or None. And what is assumed then."""
    affected = record.affected
    if is_withdrawn(record.advisory):
        return is_withdrawn, ()
    if affected.completed and not completion_applies(query):
        return completion_applies, ()
    if affected.source is not None and not source_applies(query, affected):
        return source_applies, ()
    if query.epochs_shown is not None and not epoch_applies(query, record):
        return epoch_applies, ()
    if affected.channel is not None and not channel_applies(query, affected, host):
        return channel_applies, ()
    if not flavour_applies(query, affected):
        return flavour_applies, ()
    if query.distribution.id in LINED and not line_applies(query, affected, host):
        return line_applies, ()
    same_module, module_assumption = module_applies(query.module, affected.module)
    if not same_module:
        return module_applies, ()
    same_arch, arch_assumption = arch_applies(query.arch, affected.arches)
    if not same_arch:
        return arch_applies, ()
    epoch_assumption = None if affected.epoch_known else Assumption.EPOCH_UNKNOWN
    if module_assumption is arch_assumption is epoch_assumption is None:
        return None, ()
    assumed = (module_assumption, arch_assumption, epoch_assumption)
    return None, [assumption for assumption in assumed if assumption is not None]


def exclusion(query: Query, record: Record, host: Distribution) -> Note | None:
    """A note of the rule that excludes a record, for an explanation. None where none does."""
    affected = record.affected
    rule = excluding_rule(query, record, host)[0]
    if rule is None:
        return None
    if rule is is_withdrawn:
        return Note(15, "the advisory was withdrawn")
    if rule is completion_applies:
        return Note(0, "the advisory does not name the package, and you compare what is named alone")
    if rule is source_applies:
        return Note(2, f"it is about builds of {affected.source}, and this one is of {' or '.join(query.sources)}")
    if rule is channel_applies:
        return Note(8, f"it is about {affected.channel}, a line of builds that the host does not have")
    if rule is epoch_applies:
        return Note(13, "a rebuild: records that show an epoch are compared with it, others without")
    if rule is line_applies:
        lines = ", ".join(sorted(one or "the main line" for one in lines_of(query.distribution, affected) or ()))
        return Note(8, f"it is about builds of {lines}, and this one is of {query.line or 'the main line'}")
    if rule is flavour_applies:
        return Note(7, "it is about builds of another flavour (ksplice, fips)")
    if rule is module_applies:
        return Note(6, f"module {query.module} against {affected.module}")
    return Note(7, f"architecture {query.arch} against {', '.join(affected.arches)}")
