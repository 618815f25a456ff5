"""What a report leaves open: what was not checked, what was assumed, and what is not shown.

Each format of findings shows these sentences where its readers look: a report of a host that nobody checked must not
look clean.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import PackageClass
from advisories.models.frozen import frozen
from advisories.reports.lines import by_choice, counted, feed_age, named

if TYPE_CHECKING:
    from advisories.reports.document import DistributionObject, ReadObject, ReportObject

__all__ = ["Caveat", "Level", "caveats", "day_of", "release_of"]

# How many reasons or ids of one kind are named. JSON has all.
_NAMED: Final = 12


class Level(StrEnum):
    """How much a caveat takes from the report. Members are in falling order."""

    #: What you wanted to know was not checked.
    ERROR = "error"
    #: There may be more than the findings, or less.
    WARNING = "warning"
    #: Good to know.
    NOTE = "note"


@frozen
class Caveat:
    """One thing that a report leaves open.

    :ivar id: a word for it, the same in every report.
    :ivar text: one or more sentences.
    :ivar instances: the installed instances that it is about, where a report lists them.
    """

    id: str
    level: Level
    text: str
    instances: tuple[str, ...] = ()


def caveats(content: "ReportObject") -> list[Caveat]:
    """What a report leaves open, in a fixed order, errors first."""
    found = [*_coverage(content), *_assumptions(content), *_inputs(content), *_findings(content)]
    return sorted(found, key=lambda one: _RANK[one.level])


def day_of(content: "ReportObject") -> date | None:
    """The day that the report was made for (``--on``, else today). None where it has none."""
    newest, age = content["coverage"]["feed_newest"], content["feed"]["age_days"]
    try:
        return None if newest is None or age is None else datetime.fromisoformat(newest).date() + timedelta(age)
    except OverflowError:  # a report that was read may have any number
        return None


def release_of(content: "ReportObject") -> str:
    """The release whose advisories the packages were matched against, in words."""
    judged_as = content["coverage"]["judged_as"]
    return "an unknown release" if judged_as is None else str(_distribution(judged_as))


_ASSUMPTIONS: Final = {assumption: assumption for assumption in Assumption}
_RANK: Final = {level: rank for rank, level in enumerate(Level)}


def _distribution(of: "DistributionObject") -> Distribution:
    return Distribution(of["id"], of["release"], frozenset(of["channels"]))


def _coverage(content: "ReportObject") -> Iterator[Caveat]:
    coverage, feed = content["coverage"], content["feed"]
    classes, not_judged = coverage["classes"], cast(Mapping[str, list[str]], coverage["not_judged"])
    if not coverage["covered"]:
        everything = classes[PackageClass.NOT_COVERED] == coverage["packages"]
        releases = [_distribution(one) for one in feed["releases"]]
        judged_as = coverage["judged_as"]
        hint = by_choice(None if judged_as is None else _distribution(judged_as), releases)
        yield Caveat(
            "release-not-covered",
            Level.ERROR,
            f"Not covered: the feed has no advisories of {release_of(content)}, it has those of "
            f"{named([*map(str, releases)], _NAMED) or 'no release'}. "
            f"{'No packages were checked.' if everything else 'Only packages of languages were checked.'}{hint}",
        )
    if not coverage["packages"]:
        yield Caveat("no-packages", Level.WARNING, "The list has no packages: nothing was checked.")
    for package_class, level in _NOT_JUDGED:
        if count := classes[package_class]:
            yield Caveat(
                package_class.value,
                level,
                f"{counted(count, 'package')} not checked: {package_class.meaning}.",
                tuple(not_judged.get(package_class.value, ())),
            )
    if later := coverage["installed_later"]:
        newest = str(coverage["feed_newest"])[:10]
        yield Caveat(
            "installed-later",
            Level.WARNING,
            f"{counted(later, 'package')} installed after the newest advisory of the feed ({newest}): it does not have "
            "later vulnerabilities.",
        )


_NOT_JUDGED: Final = (
    (PackageClass.NOT_COVERED, Level.WARNING),
    (PackageClass.THIRD_PARTY, Level.WARNING),
    (PackageClass.NOT_INSTALLED, Level.NOTE),
)


def _assumptions(content: "ReportObject") -> Iterator[Caveat]:
    """An assumption (rule 0), and the packages without a finding that rest on it."""
    unchecked: dict[str, list[str]] = {}
    for package in content["coverage"]["unchecked"]:
        for word in package["assumptions"]:
            unchecked.setdefault(word, []).append(package["instance"])
    for word, count in content["coverage"]["assumptions"].items():
        without, assumption = unchecked.get(word, []), _ASSUMPTIONS[word]
        of_these = f", {len(without)} of them without a finding and so unchecked" if without else ""
        yield Caveat(
            assumption.value,
            Level.WARNING,
            f"Assumed of {counted(count, 'package')}{of_these}: {assumption.meaning}. You can {assumption.advice}.",
            tuple(without),
        )


def _inputs(content: "ReportObject") -> Iterator[Caveat]:
    inventory, feed, coverage = content["inventory"], content["feed"], content["coverage"]
    support = inventory["support"]
    if support is not None and support["standard_ended"]:
        yield Caveat("support-ended", Level.WARNING, f"Standard support of the release ended on {support['standard']}.")
    reads: list[ReadObject] = [*filter(None, [inventory["read"]]), *feed["sources"]]
    if content["statements"] is not None:
        reads.extend(content["statements"]["sources"])
        yield from _statements(content["statements"]["outcomes"], len(content["statements"]["disputed"]))
    for read in reads:
        if read["rejected"] or read["rejections"]:
            yield Caveat("rejected", Level.WARNING, _rejected(read))
    if feed["conflicts"]:
        what = f"ids of the feed with two contents each: {named(feed['conflicts'], _NAMED)}"
        yield Caveat("conflicts", Level.WARNING, f"{len(feed['conflicts'])} {what}.")
    for read in reads:
        if read["skipped"]:
            reasons = named([f"{count} {why}" for why, count in read["skipped"].items()], _NAMED)
            yield Caveat("skipped", Level.NOTE, f"{read['source']}: skipped deliberately: {reasons}.")
    newest = coverage["feed_newest"]
    age = feed_age(None if newest is None else datetime.fromisoformat(newest), day_of(content))
    yield Caveat("feed-age", Level.NOTE, f"{age[:1].upper()}{age[1:]}.")


def _rejected(read: "ReadObject") -> str:
    text = f"{read['source']}: {read['rejected']} of {counted(read['read'], 'record')} rejected"
    if not read["rejections"]:
        return f"{text}."
    first = read["rejections"][0]
    return f"{text}, the first at {first['position']}: {first['what']}: {first['why']}."


def _statements(outcomes: Any, disputed: int) -> Iterator[Caveat]:
    found = [f"{outcomes[word]} {word}" for word in ("expired", "contradicted", "undecided") if outcomes[word]]
    if found:
        yield Caveat("statements", Level.WARNING, f"Statements that suppress nothing: {', '.join(found)}.")
    if disputed:
        what = f"{counted(disputed, 'finding')} kept, as statements disagree"
        yield Caveat("disputed", Level.WARNING, f"{what}.")


def _findings(content: "ReportObject") -> Iterator[Caveat]:
    findings = content["findings"]
    for id, level, count, what in (
        ("undecidable", Level.WARNING, _count(findings, "status", "undecidable"), "undecidable: see their causes"),
        ("kernel-unknown", Level.WARNING, _count(findings, "presence", "unknown"), "of kernels that may not run"),
        (
            "priority-assumed",
            Level.WARNING,
            _count(findings, "basis", "assumed"),
            "without a severity",
        ),
        ("suppressed", Level.NOTE, len(content["suppressed"]), "suppressed by statements"),
    ):
        if count:
            yield Caveat(id, level, f"{counted(count, 'finding')} {what}.")
    hidden = content["hidden"]
    if hidden:
        reasons = ", ".join(f"{count} by {reason}" for reason, count in hidden.items())
        what = f"{counted(sum(hidden.values()), 'finding')} not shown by choice ({reasons})"
        yield Caveat("hidden", Level.NOTE, f"{what}.")
    if others := content["coverage"]["not_security"]:
        what = "bugfix or enhancement updates apply too. Without a CVE, they are not findings"
        yield Caveat("not-security", Level.NOTE, f"{others} {what}.")


def _count(findings: Sequence[Any], member: str, word: str) -> int:
    return sum([finding[member] == word for finding in findings])
