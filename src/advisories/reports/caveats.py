"""What a report leaves open: what was not checked, what was assumed, and what is not shown.

Each format of findings shows these sentences where its readers look: a report of a host that nobody checked must not
look clean.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from advisories.distros.identity import in_words
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, filed_under
from advisories.models.findings import PackageClass
from advisories.models.frozen import frozen
from advisories.models.reading import shown_source
from advisories.models.setups import Setup, SetupKind
from advisories.reports.lines import age_in_days, by_choice, counted, feed_age, named, rejected_text
from advisories.reports.set_up import no_security, others

if TYPE_CHECKING:
    from advisories.reports.document import (
        CaveatObject,
        CoverageObject,
        DistributionObject,
        FindingObject,
        InventoryObject,
        ReadObject,
        ReportObject,
        StatementsObject,
    )

__all__ = [
    "TITLES",
    "Caveat",
    "Level",
    "caveat_line",
    "caveat_objects",
    "caveat_of",
    "caveats",
    "caveats_of",
    "counts_of",
    "coverage_caveats",
    "day_of",
    "feed_age_caveat",
    "feed_caveats",
    "host_caveats",
    "ranked",
    "read_caveats",
    "release_of",
    "release_text",
    "statement_caveats",
]

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


#: What the gravest caveat makes of a report.
TITLES: Final = {
    Level.ERROR: "Do not rely on this report",
    Level.WARNING: "Not everything was checked",
    Level.NOTE: "What was checked",
}


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


def caveat_objects(found: Iterable[Caveat]) -> "list[CaveatObject]":
    """Caveats as JSON has them."""
    return [{"id": one.id, "level": one.level, "text": one.text, "instances": list(one.instances)} for one in found]


def caveat_of(one: "CaveatObject") -> Caveat:
    """A caveat that JSON has."""
    return Caveat(one["id"], Level(one["level"]), one["text"], tuple(one["instances"]))


def caveat_line(caveat: Caveat, most: int = 0) -> str:
    """A caveat as a line of text.

    :param most: how many of the instances that it is about are named.
    """
    names = [*map(in_words, caveat.instances[:most]), *caveat.instances[most:]]
    about = f" These are {named(names, most)}." if most and names else ""
    return f"{caveat.level.value} ({caveat.id}): {caveat.text}{about}"


def caveats(content: "ReportObject") -> list[Caveat]:
    """What a report leaves open, in a fixed order, errors first."""
    counts = counts_of((finding, (None,)) for finding in content["findings"])
    return caveats_of(cast(Mapping[str, Any], content), {**counts, "suppressed": len(content["suppressed"])})


def counts_of(findings: "Iterable[tuple[FindingObject, Sequence[object]]]") -> dict[str, int]:
    """How many findings each of ``_OF_FINDINGS`` is about, but for those that are suppressed.

    :param findings: each with the vulnerabilities that share it.
    """
    undecidable = unknown = assumed = refused = without = 0
    for one, ids in findings:
        undecidable += len(ids) if one["status"] == "undecidable" else 0
        unknown += len(ids) if one["presence"] == "unknown" else 0
        assumed += len(ids) if one["basis"] == "assumed" else 0
        refused += len(ids) if one["vectors_refused"] else 0
        without += len(ids) if one["score"] is None else 0
    return {
        "undecidable": undecidable,
        "kernel-unknown": unknown,
        "priority-assumed": assumed,
        "vectors-refused": refused,
        "without-score": without,
    }


def caveats_of(head: Mapping[str, Any], counts: Mapping[str, int]) -> list[Caveat]:
    """:func:`caveats` of a report whose findings are counted already.

    :param head: all members of the report but its findings.
    :param counts: how many findings each of ``_OF_FINDINGS`` is about.
    """
    releases = [_distribution(one) for one in head["feed"]["releases"]]
    gates = [Caveat(one["id"], Level.ERROR, f"A gate failed: --{one['id']}: {one['text']}.") for one in head["gates"]]
    return ranked([*coverage_caveats(head["coverage"], releases), *gates, *_inputs(head), *_findings(head, counts)])


def ranked(found: Iterable[Caveat]) -> list[Caveat]:
    """The caveats, errors first."""
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
    return release_text(content["coverage"]["judged_as"])


def release_text(judged_as: "DistributionObject | None") -> str:
    """A release in words."""
    return "several languages" if judged_as is None else str(_distribution(judged_as))


_ASSUMPTIONS: Final = {assumption: assumption for assumption in Assumption}
_KINDS: Final[Mapping[str, SetupKind]] = {kind.value: kind for kind in SetupKind}
_RANK: Final = {level: rank for rank, level in enumerate(Level)}


def _distribution(of: "DistributionObject") -> Distribution:
    return Distribution(of["id"], of["release"], frozenset(of["channels"]))


def coverage_caveats(coverage: "CoverageObject", releases: Sequence[Distribution] | None) -> Iterator[Caveat]:
    """What was not checked and what was assumed.

    :param releases: those that the feed has. None where that is not known.
    """
    if not coverage["covered"]:
        yield _not_covered(coverage, releases)
    yield from _packages(coverage)
    yield from _assumptions(coverage)


def _not_covered(coverage: "CoverageObject", releases: Sequence[Distribution] | None) -> Caveat:
    classes = coverage["classes"]
    everything = sum([classes[one] for one, _ in _NOT_JUDGED]) == coverage["packages"]
    judged_as = coverage["judged_as"]
    has = hint = ""
    if releases is not None and judged_as is not None and filed_under(_distribution(judged_as)) in releases:
        return Caveat(
            "release-not-covered",
            Level.ERROR,
            f"Not covered: no listed package is of the type that {release_text(judged_as)} has. "
            f"{'No packages were checked.' if everything else 'Only packages of languages were checked.'}",
        )
    if releases is not None:
        has = f", it has those of {named([*map(str, releases)], _NAMED) or 'no release'}"
        hint = by_choice(None if judged_as is None else _distribution(judged_as), releases)
    return Caveat(
        "release-not-covered",
        Level.ERROR,
        f"Not covered: the feed has no advisories of {release_text(judged_as)}{has}. "
        f"{'No packages were checked.' if everything else 'Only packages of languages were checked.'}{hint}",
    )


def _packages(coverage: "CoverageObject") -> Iterator[Caveat]:
    classes, not_judged = coverage["classes"], cast(Mapping[str, list[str]], coverage["not_judged"])
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


def _assumptions(coverage: "CoverageObject") -> Iterator[Caveat]:
    """An assumption (rule 0), and the packages without a finding that rest on it."""
    unchecked: dict[str, list[str]] = {}
    for package in coverage["unchecked"]:
        for word in package["assumptions"]:
            unchecked.setdefault(word, []).append(package["instance"])
    for word, count in coverage["assumptions"].items():
        without, assumption = unchecked.get(word, []), _ASSUMPTIONS[word]
        of_these = f", {len(without)} of them without a finding and so unchecked" if without else ""
        yield Caveat(
            assumption.value,
            Level.ERROR if assumption is Assumption.INVENTORY_PARTIAL else Level.WARNING,
            f"Assumed of {counted(count, 'package')}{of_these}: {assumption.meaning}. You can {assumption.advice}.",
            tuple(without),
        )


def feed_age_caveat(newest: datetime | None, on: date | None) -> Caveat:
    """How old the newest advisory of the feed is. One from the future makes the age of all others doubtful."""
    age, days = feed_age(newest, on), age_in_days(newest, on)
    # A day has more than one date around the world.
    level = Level.WARNING if days is not None and days < -1 else Level.NOTE
    return Caveat("feed-age", level, f"{age[:1].upper()}{age[1:]}.")


def _inputs(content: Mapping[str, Any]) -> Iterator[Caveat]:
    feed, newest = content["feed"], content["coverage"]["feed_newest"]
    yield from host_caveats(content["inventory"])
    yield from statement_caveats(content["statements"])
    yield from feed_caveats(feed["sources"], feed["conflicts"], feed["unordered"])
    day = day_of(cast("ReportObject", content))
    yield feed_age_caveat(None if newest is None else datetime.fromisoformat(newest), day)


def host_caveats(inventory: "InventoryObject") -> Iterator[Caveat]:
    """What the list leaves open: what was rejected and skipped of it, what its files show, which kernel runs, and what
    an image has not any more.
    """
    support, kernel, image = inventory["support"], inventory["running_kernel"], inventory["image"]
    if support is not None and support["standard_ended"]:
        yield Caveat("support-ended", Level.WARNING, f"Standard support of the release ended on {support['standard']}.")
    yield from _setups(inventory)
    if kernel is not None and inventory["running_kernel_listed"] is False:
        what = f"The running kernel {kernel} is none of the kernels in the list: what it is affected by was not checked"
        yield Caveat("running-kernel-unlisted", Level.WARNING, f"{what}.")
    if image is not None and image["removed"]:
        removed = [one["instance"] for one in image["removed"]]
        what = f"{counted(len(removed), 'package')} of lower layers of the image removed by later ones: not matched"
        yield Caveat("removed-packages", Level.NOTE, f"{what}.", tuple(removed))
    if inventory["read"] is not None:
        yield from read_caveats([inventory["read"]], "entry")


def statement_caveats(statements: "StatementsObject | None") -> Iterator[Caveat]:
    """What statements leave open. Nothing without any."""
    if statements is not None:
        yield from _outcomes(statements["outcomes"], len(statements["disputed"]))
        yield from read_caveats(statements["sources"])


def feed_caveats(
    sources: "Iterable[ReadObject]", conflicts: Sequence[str], unordered: Mapping[str, int]
) -> Iterator[Caveat]:
    """What the advisories leave open.

    :param conflicts: ids with two contents.
    :param unordered: records of types of packages whose versions have no order here.
    """
    yield from read_caveats(sources)
    if conflicts:
        what = f"{counted(len(conflicts), 'id')} of the feed with two contents each: {named(conflicts, _NAMED)}"
        yield Caveat("conflicts", Level.WARNING, f"{what}.")
    if unordered:
        types = named([f"{counted(count, 'record')} of {type}" for type, count in unordered.items()], _NAMED)
        yield Caveat("unordered", Level.NOTE, f"Not compared, as their versions have no order here: {types}.")


def read_caveats(reads: "Iterable[ReadObject]", noun: str = "record") -> Iterator[Caveat]:
    """What was rejected and skipped of what was read.

    :param noun: what a record of it is called.
    """
    for read in reads:
        if lost := rejected_text(read["rejected"], len(read["rejections"]), read["read"], noun):
            yield Caveat("rejected", Level.WARNING, f"{shown_source(read['source'])}: {lost}{_first(read)}.")
        if read["skipped"]:
            reasons = named([f"{why} ({count})" for why, count in read["skipped"].items()], _NAMED)
            yield Caveat("skipped", Level.NOTE, f"{shown_source(read['source'])}: skipped deliberately: {reasons}.")


def _setups(inventory: "InventoryObject") -> Iterator[Caveat]:
    setups = [
        Setup(_KINDS[one["kind"]], one["name"], one["by"], one["is_on"], one["is_security"], one["source"], one["line"])
        for one in inventory["setups"]
    ]
    own = inventory["distribution"]
    for text in inventory["contradictions"]:
        yield Caveat("contradiction", Level.WARNING, f"The host contradicts itself: {text}.")
    for text in no_security(setups, None if own is None else own["release"]):
        yield Caveat("no-security-updates", Level.WARNING, f"{text}.")
    for text in others(setups):
        yield Caveat("other-repositories", Level.NOTE, f"{text}.")


def _first(read: "ReadObject") -> str:
    """The place and the reason of the first rejection."""
    if not read["rejections"]:
        return ""
    first = read["rejections"][0]
    source = "" if first["source"] == read["source"] else f"{shown_source(first['source'])}: "
    # A document as a whole is in its place already.
    file = first["source"].rpartition("!")[2].rpartition("/")[2]
    what = "" if first["what"] == file else f"{first['what']}: "
    return f", the first at {source}{first['position']}: {what}{first['why']}"


def _outcomes(outcomes: Any, disputed: int) -> Iterator[Caveat]:
    found = [f"{outcomes[word]} {word}" for word in ("expired", "contradicted", "undecided") if outcomes[word]]
    if found:
        yield Caveat("statements", Level.WARNING, f"Statements that suppress nothing: {', '.join(found)}.")
    if disputed:
        what = f"{counted(disputed, 'finding')} kept, as statements disagree"
        yield Caveat("disputed", Level.WARNING, f"{what}.")


# What a report leaves open about its findings: how many there are of each is counted by who has them.
_OF_FINDINGS: Final = (
    ("undecidable", Level.WARNING, "undecidable: see their causes"),
    ("kernel-unknown", Level.WARNING, "of kernels that may not run"),
    ("priority-assumed", Level.WARNING, "without a severity, listed as Medium"),
    ("vectors-refused", Level.NOTE, "with an invalid vector: the next source was used"),
    ("without-score", Level.NOTE, "without an impact score: add a feed with vectors, such as NVD's or CVE's records"),
    ("suppressed", Level.NOTE, "suppressed by statements"),
)


_RUNNING: Final = ": add --running-kernel with what uname -r prints"


def _findings(content: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[Caveat]:
    for id, level, what in _OF_FINDINGS:
        if count := counts[id]:
            more = _RUNNING if id == "kernel-unknown" and not content["inventory"]["running_kernel"] else ""
            yield Caveat(id, level, f"{counted(count, 'finding')} {what}{more}.")
    hidden = content["hidden"]
    if hidden:
        reasons = ", ".join(f"{count} by {reason}" for reason, count in hidden.items())
        what = f"{counted(sum(hidden.values()), 'finding')} not shown by choice ({reasons})"
        yield Caveat("hidden", Level.NOTE, f"{what}.")
    if others := content["coverage"]["not_security"]:
        what = "bugfix or enhancement updates apply too. Without a CVE, they are not findings"
        yield Caveat("not-security", Level.NOTE, f"{others} {what}.")
