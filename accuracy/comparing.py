"""Two sides of one host: what both have, what one has alone, and the reason of each difference."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from oracles import Oracle

from accuracy.facts import Fact
from accuracy.joins import EARLIER, ORDERS
from accuracy.lists import Installed
from accuracy.ours import Ours
from accuracy.places import Difference, Place
from accuracy.reasons import REASONS
from advisories.matching.explain import Explanation
from advisories.models import Assumption, Finding, Package, Status

__all__ = ["Comparison", "Theirs", "compared"]


class Theirs(NamedTuple):
    """What stands beside ours.

    :ivar tool: its name and version.
    :ivar places: what it found, and for each the fixed version and advisory that it was found by, where that is known.
    :ivar installed: the list as that side read it.
    :ivar left_out: what that side leaves out of the feed, counted by the reason.
    :ivar named: the packages that each advisory names, where that side has read them.
    """

    tool: str
    places: Mapping[Place, Fact | None]
    installed: Sequence[Installed] = ()
    left_out: Mapping[str, int] = {}
    named: Mapping[str, Collection[str]] = {}


class Comparison(NamedTuple):
    """One host, one feed, one tool.

    :ivar unit: what is counted.
    """

    host: str
    feed: str
    tool: str
    unit: str
    agreed: int
    ours_alone: Sequence[Difference]
    theirs_alone: Sequence[Difference]
    left_out: Mapping[str, int]

    @property
    def union(self) -> int:
        """All that either side has."""
        return self.agreed + len(self.ours_alone) + len(self.theirs_alone)


def compared(
    host: str, feed: str, unit: str, ours: Ours, places: Mapping[Place, Finding], theirs: Theirs
) -> Comparison:
    """Our findings by place beside theirs."""
    listed = {one[:3]: one for one in theirs.installed}
    return Comparison(
        host,
        feed,
        theirs.tool,
        unit,
        len(places.keys() & theirs.places.keys()),
        [
            _ours_alone(place, places[place], ours, listed, theirs.named)
            for place in sorted(places.keys() - theirs.places.keys())
        ],
        [
            _theirs_alone(place, theirs.places[place], ours, listed)
            for place in sorted(theirs.places.keys() - places.keys())
        ],
        theirs.left_out,
    )


def _difference(place: Place, reason: str, evidence: str) -> Difference:
    return Difference(place, REASONS[reason].rule, reason, evidence)


#: Reasons by the rule that contributed a note to our finding.
_OF_NOTES = {1: "backport", 2: "signed", 14: "undecidable"}


def _ours_alone(
    place: Place,
    finding: Finding,
    ours: Ours,
    listed: Mapping[tuple[str, ...], Installed],
    named: Mapping[str, Collection[str]],
) -> Difference:
    notes = [note for note in finding.evidence.notes if note not in ours.of_the_host]
    one = listed.get(place[:3])
    if Assumption.RECORD_INCOMPLETE in finding.assumptions:
        reason = "documentation"
    elif finding.status is Status.UNDECIDABLE:
        reason = "undecidable"
    elif known := next((_OF_NOTES[note.rule] for note in notes if note.rule in _OF_NOTES), None):
        reason = known
    elif one and one.source == finding.source and one.source_version != finding.source_version:
        reason = "build"
    elif not place.name and finding.evidence.name != finding.package.name:
        reason = "source"
    else:
        reason = "unexplained"
    parts = [finding.cause, *(note.text for note in notes if note.text not in finding.cause)]
    if reason == "build" and one:
        parts.append(f"the list has {one.source} {one.source_version}")
    if reason == "documentation" and finding.evidence.advisory in named:
        parts.append(f"it names {', '.join(sorted(named[finding.evidence.advisory]))}")
    return _difference(place, reason, "; ".join(parts))


#: Reasons by the rule that decided that there is no finding.
_OF_DECISIONS = {6: "stream", 9: "negative", 12: "removed", 13: "third-party"}


def _theirs_alone(
    place: Place, fact: Fact | None, ours: Ours, listed: Mapping[tuple[str, ...], Installed]
) -> Difference:
    found = [_without_finding(place, fact, ours.explained(one, place.id), listed) for one in ours.packages(place)]
    known = [one for one in found if one.rule is not None]
    return next(iter(known or found), _difference(place, "unexplained", _stated(place, fact)))


def _without_finding(
    place: Place, fact: Fact | None, explanation: Explanation, listed: Mapping[tuple[str, ...], Installed]
) -> Difference:
    decided, package = explanation.decided, explanation.package
    one = listed.get(place[:3])
    reason = "unexplained"
    if decided.rule in _OF_DECISIONS:
        reason = _OF_DECISIONS[decided.rule]
    elif decided.rule == 8:
        fixes = [note for considered in explanation.considered for note in considered.notes]
        reason = "channel" if any("channel" in note.text for note in fixes) or (fact and not fact.fixed) else "branch"
    elif decided.rule == 10:
        reason = "bugfix"
    elif (
        fact
        and fact.fixed
        and ":" in fact.fixed
        and not package.epoch_known
        and _free_without_epoch(package, fact.fixed)
    ):
        reason = "epoch"
    elif one and fact and fact.source and one.source_version != package.source_version:
        reason = "build"
    of_list = f"; the list has {one.source} {one.source_version}" if reason == "build" and one else ""
    return _difference(place, reason, f"{_stated(place, fact)}{of_list}; here: {decided.text}")


def _free_without_epoch(package: Package, fixed: str) -> bool:
    """Whether the real library, too, puts the package at a fix or above it, where the fix's epoch is left out."""
    return (
        ":" in fixed and Oracle(*ORDERS[package.type]).against(package.version, [fixed.partition(":")[2]])[0] != EARLIER
    )


def _stated(place: Place, fact: Fact | None) -> str:
    package = f"{place.name} {place.version}".strip() or "the host"
    if fact is None:
        return f"{package}: {place.id}"
    state = f"fixed in {fact.fixed}" if fact.fixed else "without a fix"
    return f"{package}, {place.id}: {fact.advisory} has {fact.package} {state}"
