"""What is wrong with a feed, one thing after the other, and what each means: for every format of lint but text and
JSON.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from advisories.models.patterns import pattern
from advisories.models.reading import Extent, FlawKind
from advisories.reports.alerts import host_name
from advisories.reports.caveats import Caveat, Level, ranked, release_text
from advisories.reports.lines import counted, named

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintObject

__all__ = [
    "RULES",
    "TITLES",
    "Problem",
    "headline",
    "lint_caveats",
    "problems",
    "releases_text",
    "sources_text",
]

#: What the gravest problem makes of a feed.
TITLES: Final = {
    Level.ERROR: "Records are lost or contradict themselves",
    Level.WARNING: "Some records need a look",
    Level.NOTE: "No flaws",
}
# How many reasons are named.
_NAMED: Final = 12


class _Rule(NamedTuple):
    """A kind of problem.

    :ivar meaning: what is wrong, as a sentence.
    :ivar matters: what comes of it when packages are matched, as a sentence.
    """

    level: Level
    meaning: str
    matters: str


#: Every kind of problem, by its id.
RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "record-rejected": _Rule(
            Level.ERROR,
            "A record cannot be read.",
            "Packages that it may concern are unchecked, unless they have a finding.",
        ),
        "part-rejected": _Rule(
            Level.WARNING, "A part of a record cannot be read.", "The rest of the record is matched without it."
        ),
        FlawKind.UPSIDE_DOWN: _Rule(
            Level.ERROR, "A range ends before it begins.", "It holds no version, so it never makes a finding."
        ),
        FlawKind.VERSION_REFUSED: _Rule(
            Level.ERROR, "A version is none to the package manager.", "Findings that depend on it are undecidable."
        ),
        FlawKind.VERSION_WARNED: _Rule(
            Level.WARNING, "A version makes the package manager warn.", "It is compared as the package manager does."
        ),
        FlawKind.NO_LOWER_BOUND: _Rule(
            Level.WARNING,
            "A range from the first version on holds the beginning of another range of the advisory.",
            "It holds builds that the other range leaves out.",
        ),
        FlawKind.NO_EPOCH: _Rule(
            Level.WARNING,
            "A fix has no epoch, and another fix of the package has one.",
            "Builds with an epoch are later than it, whatever their version.",
        ),
        FlawKind.CONTRADICTION: _Rule(
            Level.ERROR,
            "One record has a version as affected, another has it as not affected.",
            "Where nothing shows which one holds, the version is affected.",
        ),
        FlawKind.CONFLICT: _Rule(
            Level.ERROR, "One id has two contents of the same moment.", "Both are matched as one advisory."
        ),
        FlawKind.RECORD_INCOMPLETE: _Rule(
            Level.WARNING,
            "An advisory names the documentation or the list of symbols of a source alone.",
            "The other packages of the source are compared with its version, with an assumption.",
        ),
    }
)


class Problem(NamedTuple):
    """One thing that is wrong.

    :ivar rule: the id of its rule.
    :ivar file: a path without the folders of the machine. Empty where a flaw is of no file.
    :ivar line: in the file. None where the place is none.
    :ivar position: where in the file, in words.
    :ivar what: the id or name of the record.
    :ivar why: what is wrong with this one.
    """

    rule: str
    file: str
    line: int | None
    position: str
    what: str
    package: str | None
    release: str | None
    why: str

    @property
    def level(self) -> Level:
        """How much it takes from a feed."""
        return RULES[self.rule].level

    @property
    def text(self) -> str:
        """All of it in a line."""
        of = "" if self.package is None else f", {self.package} of {self.release}"
        at = f"{self.position}: " if self.position else ""
        return f"{at}{self.what}{of}: {self.why}"


_LINE: Final = pattern(r"line ([1-9][0-9]{0,8})(?![0-9])", re.ASCII)


def problems(content: "LintObject") -> Iterator[Problem]:
    """Every problem: what was rejected by source and reason, then flaws by kind."""
    for read in content["sources"]:
        for reason in read["rejections"]:
            rule = "record-rejected" if reason["extent"] == Extent.RECORD else "part-rejected"
            for at in reason["where"]:
                # A member of an archive is no file of a repository.
                file, position = host_name(at["source"].partition("!")[0]), at["position"]
                line = _LINE.match(position) if "!" not in at["source"] else None
                member = at["source"].partition("!")[2]
                shown = f"{member}: {position}" if member else position
                number = None if line is None else int(line[1])
                yield Problem(rule, file, number, shown, at["what"], None, None, reason["why"])
    for kind, flaws in content["flaws"].items():
        for flaw in flaws:
            yield Problem(str(kind), "", None, "", flaw["advisory"], flaw["package"], flaw["distribution"], flaw["why"])


def headline(content: "LintObject") -> str:
    """What the feed comes to."""
    rejected = sum(reason["count"] for read in content["sources"] for reason in read["rejections"])
    flaws = sum(map(len, content["flaws"].values()))
    return f"{counted(content['advisories'], 'advisory')}, {rejected} rejected, {counted(flaws, 'flaw')}"


def sources_text(content: "LintObject") -> str:
    """The sources by name, without the folders of the machine."""
    return named([host_name(read["source"]) for read in content["sources"]], _NAMED)


def releases_text(content: "LintObject") -> str:
    """The releases that the feed is of."""
    return named(list(map(release_text, content["releases"])), _NAMED) or "no release"


def lint_caveats(content: "LintObject") -> list[Caveat]:
    """What is wrong with the feed and what was not read, in sentences, errors first."""
    return ranked(_caveats(content))


def _caveats(content: "LintObject") -> Iterator[Caveat]:
    if not content["advisories"] and not content["enrichments"]:
        yield Caveat("no-advisories", Level.ERROR, "There are no advisories: nothing is found by this feed.")
    for read in content["sources"]:
        source = host_name(read["source"])
        for extent, rule in ((Extent.RECORD, "record-rejected"), (Extent.PART, "part-rejected")):
            reasons = [one for one in read["rejections"] if one["extent"] == extent]
            if reasons:
                what = counted(sum(one["count"] for one in reasons), "record" if extent is Extent.RECORD else "part")
                why = named([f"{one['why']} ({one['count']})" for one in reasons], _NAMED)
                of = f" of {read['read']}" if extent is Extent.RECORD else ""
                yield Caveat(rule, RULES[rule].level, f"{source}: {what}{of} rejected: {why}.")
        if read["skipped"]:
            why = named([f"{count} {reason}" for reason, count in read["skipped"].items()], _NAMED)
            yield Caveat("skipped", Level.NOTE, f"{source}: skipped deliberately: {why}.")
    for kind, flaws in content["flaws"].items():
        if flaws:
            level, meaning, matters = RULES[str(kind)]
            yield Caveat(str(kind), level, f"{counted(len(flaws), 'flaw')}: {meaning} {matters}")
    for type, count in content["unordered"].items():
        what = f"{counted(count, 'affected entry')} of type {type}, whose versions have no order here"
        yield Caveat("unordered", Level.WARNING, f"{what}: no package is compared with them.")
    if content["duplicates"]:
        again = counted(content["duplicates"], "advisory")
        yield Caveat("duplicates", Level.NOTE, f"{again} read again under the id of another.")
