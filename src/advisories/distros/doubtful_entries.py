"""What no publisher means, whatever the format: names that no package has, machines and channels that there are not,
ranges that end before they begin, entries without any version.

A reader takes such an entry as it stands, and so does who makes advisories by hand. Here it stays and loses what makes
it hold nothing, or it is counted as lost: a package that no record concerns any more would be clean (rule 0).
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import vercmp
from advisories.distros.lines import REBUILT_LINES
from advisories.distros.machines import MACHINES
from advisories.distros.package_names import ends_in_arch, is_name, is_odd_version
from advisories.models.advisories import Advisory, Affected, Range
from advisories.models.distribution import (
    CHANNELS,
    ID_OF_NAME,
    OPEN_CHANNELS,
    Distribution,
    family_of,
    filed_under,
    is_additive,
    is_branch,
    language_of,
    name_filed_under,
    normalised,
)
from advisories.models.frozen import evolve
from advisories.models.json_fields import SHOWN
from advisories.models.packages import SCHEME_OF_TYPE, SYSTEM_TYPES
from advisories.models.reading import Extent, Loss, Rejection
from advisories.models.words import nearest

__all__ = ["without_doubtful"]

_WORDS: Final = MACHINES | {"noarch", "all", "any", "src", "nosrc", "source"}
# Releases as advisories are filed under them: 9, 15.4, 22.03-LTS-SP1.
_RELEASE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:-LTS(?:-SP[0-9]+)?)?|rolling|unstable|testing|edge", re.ASCII)
_LONG: Final = re.compile(r"[0-9][02468]\.03", re.ASCII)
# What stands in no package's name, whatever manages it.
_ODD: Final = re.compile(r"[ ,;\"<>|]")


def without_doubtful(items: Iterable[Any], source: str, *, by_hand: bool = False) -> list[Any]:
    """The items of a reader, or advisories made by hand. Behind an advisory stands what was refused of it here.

    Entries of withdrawn advisories concern nobody, and nothing is lost with them.

    :param by_hand: whether nobody looked for the release. Without one an entry may be of any then, where a reader's is
        of one that is not known here.
    """
    found: list[Any] = []
    for item in items:
        if item.__class__ is Advisory and item.withdrawn is None:
            doubtful = [number for number, one in enumerate(item.affected) if _is_doubtful(one, by_hand)]
            if doubtful:
                remarks: dict[Rejection, None] = {}
                kept = list(item.affected)
                for number in reversed(doubtful):
                    kept[number : number + 1] = _mended(kept[number], item.id, source, remarks, by_hand)
                found.append(evolve(item, affected=tuple(kept)))
                found.extend(reversed(remarks))
                continue
        found.append(item)
    return found


def _is_doubtful(one: Affected, by_hand: bool) -> bool:
    """Whether an entry needs a second look. Nearly none does, and there are millions."""
    type = one.type
    for bounds in one.ranges:
        first, fixed, last, limit = bounds.introduced, bounds.fixed, bounds.last_affected, bounds.limit
        if type == "rpm" and (is_odd_version(last if fixed is None else fixed) or is_odd_version(first)):
            return True
        if first is not None and _is_empty(type, first, fixed, last):
            return True
        if fixed is not None and last is not None and _is_empty(type, last, fixed):
            return True
        if limit is not None and first is not None and _is_empty(type, first, limit):
            return True
    return (
        _is_odd_name(type, one.package)
        or (bool(one.arches) and not _are_known(one.arches))
        or not (one.ranges or one.versions or one.negative)
        or (by_hand if one.distribution is None else _is_elsewhere(type, one.distribution, one.channel))
    )


# Releases have the same names.
@lru_cache(maxsize=1 << 14)
def _is_odd_name(type: str, name: str) -> bool:
    return (
        not name or _ODD.search(name) is not None or _meant(type, name) != name or name_filed_under(type, name) != name
    )


def _meant(type: str, name: str) -> str:
    """The name that a system's package has, of one that has its architecture too or was encoded for a URL."""
    if type not in SYSTEM_TYPES or (is_name(type, name) and not ends_in_arch(type, name)):
        return name
    from urllib.parse import unquote  # nearly no name needs it

    found = unquote(name).strip().partition(":")[0]
    if type == "deb":
        found = found.lower()  # Debian policy 5.6.7
    if ends_in_arch(type, found):
        found = found.rpartition(".")[0]
    return found if is_name(type, found) else name


@lru_cache(maxsize=1 << 10)
def _is_elsewhere(type: str, distribution: Distribution, channel: str | None) -> bool:
    """Whether a release has no packages of a type, no such channel, or is not as advisories are filed."""
    return (
        _is_of_other_type(type, distribution)
        or not _has_channel(distribution, channel)
        or _filed(type, distribution, channel) != distribution
    )


def _filed(type: str, distribution: Distribution | None, channel: str | None) -> Distribution | None:
    """The release that an entry is filed under. None where nobody could look it up.

    Minor releases have entries of their own in their channels alone, as RHEL 8.6's EUS, and where TuxCare builds them.
    """
    if distribution is None:
        return language_of(type)
    named = normalised(distribution.id, distribution.release, distribution.channels)
    if family_of(named) is None:
        # Another distribution is none of those that are judged here. A word that is like a known one is a mistake.
        return distribution if named == distribution and nearest(named.id, ID_OF_NAME) is None else None
    is_minor = channel is not None and (is_branch(channel) or (type == "rpm" and channel in REBUILT_LINES))
    filed = named if is_minor else filed_under(named)
    if filed.release is None or not _RELEASE.fullmatch(filed.release):
        return None
    # Of openEuler's releases with long support each service pack is one: 22.03 shows none.
    return None if filed.id == "openeuler" and _LONG.fullmatch(filed.release) else filed


def _is_of_other_type(type: str, distribution: Distribution) -> bool:
    family = family_of(distribution)
    return family is not None and family.type != type


def _has_channel(distribution: Distribution, channel: str | None) -> bool:
    id = distribution.id
    if channel is None or is_additive(channel) or is_branch(channel) or id in OPEN_CHANNELS:
        return True
    return channel in CHANNELS.get(id, ()) or family_of(distribution) is None


@lru_cache(maxsize=1 << 10)
def _are_known(arches: tuple[str, ...]) -> bool:
    return _WORDS.issuperset(arches)


def _mended(one: Affected, id: str, source: str, remarks: dict[Rejection, None], by_hand: bool) -> Iterator[Affected]:
    """What is left of an entry. What was refused of it is added."""
    one, at, misplaced = _placed(one, by_hand)

    def refuse(why: str, *lost: Loss) -> None:
        remarks[Rejection(source, "-", id, why, Extent.PART, () if one.negative else lost)] = None

    if _is_odd_name(one.type, one.package):
        name = _meant(one.type, one.package.strip())
        lost = Loss(None if _is_odd_name(one.type, name) else name, at)
        refuse(f"not the name of a package: {one.package[:SHOWN]!a}", lost)
        if not one.negative and one.package and _ODD.search(one.package) is None:
            yield one  # a list may have it in the same way
        return
    if not _are_known(one.arches):
        word = next(arch for arch in one.arches if arch not in _WORDS)
        refuse(f"an architecture that is not known: {word[:SHOWN]!a}")
        if one.negative:
            return  # what is not sure removes nothing
        one = evolve(one, arches=())
    if one.type == "rpm":
        one = evolve(one, ranges=tuple([_without_blanks(bounds) for bounds in one.ranges]))
    why = misplaced or next((why for bounds in one.ranges if (why := _why(one.type, bounds))), "")
    if not why and not (one.ranges or one.versions or one.negative):
        why = "an entry without any version"
    if why:
        refuse(f"{one.package}: {why}", Loss(one.package, at))
    yield one


def _placed(one: Affected, by_hand: bool) -> tuple[Affected, Distribution | None, str]:
    """An entry by the name and under the release that hosts are looked up by.

    :returns: the entry, the release that is lost with it if it is, None for any, and why it cannot be of a release.
    """
    type, given, channel = one.type, one.distribution, one.channel
    if (name := name_filed_under(type, one.package)) != one.package:
        one = evolve(one, package=name)
    if given is None and not by_hand:
        return one, None, ""
    filed = _filed(type, given, channel)
    if filed is None:
        known = None if given is None else normalised(given.id, None)
        at = known if known is not None and family_of(known) is not None else None
        return one, at, f"a release that is not known: {str(given)[:SHOWN]!a}"
    if _is_of_other_type(type, filed):
        return evolve(one, distribution=filed), filed, f"{filed.id} has no packages of type {type[:SHOWN]}"
    if not _has_channel(filed, channel):
        why = f"a channel that is not known: {(channel or '')[:SHOWN]!a}"
        return evolve(one, distribution=filed), filed, why
    return evolve(one, distribution=filed), filed, ""


def _without_blanks(bounds: Range) -> Range:
    """A range whose versions have no blanks around them, which say nothing."""
    first, fixed, last = bounds.introduced, bounds.fixed, bounds.last_affected
    return Range(first and first.strip(), fixed and fixed.strip(), last and last.strip(), bounds.limit)


def _why(type: str, bounds: Range) -> str:
    """Why a range cannot be meant so. Empty where it can.

    rpm alone has a place for whatever stands there. Of the others matching finds what has none (rule 14).
    """
    first, fixed, last, limit = bounds.introduced, bounds.fixed, bounds.last_affected, bounds.limit
    if type == "rpm":
        for one in (first, last if fixed is None else fixed):
            if one is not None and is_odd_version(one):
                return f"not a version: {one[:SHOWN]!a}"
    if fixed is not None and last is not None and _is_empty(type, last, fixed):
        return "a range whose last affected version is behind its fix"
    if first is not None and (_is_empty(type, first, fixed, last) or _is_empty(type, first, limit)):
        return "a range that ends before it begins"
    return ""


def _is_empty(type: str, first: str, end: str | None, last: str | None = None) -> bool:
    """Whether a range holds nothing that begins with a version.

    :param end: the first version behind it, and
    :param last: the last one in it.
    """
    scheme = SCHEME_OF_TYPE.get(type)
    if scheme is None or end == "0":
        return False
    try:
        if end is not None and vercmp.compare(first, end, scheme=scheme) >= 0:
            return True
        return last is not None and vercmp.compare(first, last, scheme=scheme) > 0
    except vercmp.InvalidVersion:
        return False
