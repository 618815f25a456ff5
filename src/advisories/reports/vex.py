"""What the formats that state findings to other programs have in common: CycloneDX, OpenVEX, CSAF and SPDX.

A finding is *affected*, or *under investigation* where it is undecidable or its publisher still investigates. One that
VEX statements suppress is *not affected* or *fixed*, as they state. Your own ignore rule is a decision to live with a
finding. It states nothing about the vulnerability, so the finding stays *affected*, with the rule as what is done.

A report that was read is not trusted: links are addresses of the web here, and vectors are scored anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from hashlib import sha1
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid5

from advisories.distros.package_urls import image_url
from advisories.matching.cvss import exploit_of
from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.findings import Status
from advisories.models.reading import shown_source
from advisories.models.statements import JUSTIFICATIONS, StatementStatus
from advisories.reports.caveats import caveats, day_of, release_of
from advisories.reports.lines import counted

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject, StatementObject

__all__ = [
    "LABELS",
    "NAMESPACE",
    "Numbered",
    "Rating",
    "Stated",
    "commands_of",
    "id_of",
    "image_of",
    "issued",
    "left_open",
    "link_of",
    "links_of",
    "names_of",
    "ratings_of",
    "serial",
    "shape_of",
    "stated",
    "utc",
]

#: Where the names of our documents come from. Any other number would do, but never another one.
NAMESPACE: Final = UUID("6f0d4f0e-6a0b-5f7c-9d55-8a2f6f1a7c3b")
#: The moment of a report in which nothing has a date.
_NO_DATE: Final = "1970-01-01T00:00:00Z"
_ADDRESS: Final = ":/?#[]@!$&'()*+,;=%-._~"


class Stated(NamedTuple):
    """What holds of one vulnerability in some packages.

    :ivar finding: any of the findings. They differ in the package, the cause and the command of the fix alone.
    :ivar status: never *ignored*.
    :ivar why: the reason of the statements that suppress it, or the ignore rule. Empty without any.
    :ivar label: the justification, in the words of the format of the statement.
    :ivar by: who states it, and where.
    """

    finding: "ReportedFinding"
    status: StatementStatus
    why: str
    label: str | None
    by: str
    findings: "list[ReportedFinding]"

    @property
    def is_ignored(self) -> bool:
        """Whether an ignore rule of yours suppresses it, and nothing else."""
        return bool(self.by) and self.status not in (StatementStatus.NOT_AFFECTED, StatementStatus.FIXED)

    @property
    def action(self) -> str:
        """What to do about it, in sentences without the command."""
        return f"{self.why} {_action(self.finding)}" if self.is_ignored else _action(self.finding)

    @property
    def reason(self) -> str:
        """Why it is not affected, never empty: who states it, where nobody gives a reason."""
        return self.why or f"Stated by {self.by}."

    @property
    def notes(self) -> list[str]:
        """How it was found, and by whom it is stated, in sentences: the causes, the priority, what was assumed."""
        finding = self.finding
        stated = [self.why] if self.is_ignored else [f"Stated by {self.by}."] if self.by else []
        causes = [f"{cause}." for one in self.findings for cause in _causes(one)]
        why = f"Priority {finding['priority']} ({finding['rule']}): {finding['priority_reason']}."
        exploited = ["It is known to be exploited."] if finding["known_exploited"] else []
        return list(dict.fromkeys([*stated, *causes, why, *exploited, *self.assumed]))

    @property
    def assumed(self) -> list[str]:
        """What it rests on, in sentences."""
        return [f"Assumed ({word}): {_ASSUMED[word]}." for word in self.finding["assumptions"]]


def _causes(finding: "ReportedFinding") -> list[str]:
    return [finding["cause"], *[note["text"] for note in finding["evidence"]["notes"]]]


#: The justifications of all formats in the words of OpenVEX and CSAF. One that is missing here is not written.
LABELS: Final[Mapping[str, str]] = {
    **{label: label for label in JUSTIFICATIONS},
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
    "protected_by_mitigating_control": "inline_mitigations_already_exist",
}
_ASSUMED: Final = {assumption.value: assumption.meaning for assumption in Assumption}
_SAME: Final[Callable[[Any], tuple[Any, ...]]] = itemgetter(
    *("vulnerability", "status", "fixed_version", "fix_state", "channel", "presence", "pending_restart", "restart"),
    *("priority", "rule", "basis", "score", "priority_reason", "known_exploited", "epss", "published", "modified"),
)


def stated(content: "ReportObject") -> list[Stated]:
    """What a report states, in the order of the findings, those that are suppressed last."""
    found: dict[tuple[Any, ...], Stated] = {}
    for finding in content["findings"]:
        key = *_SAME(finding), *finding["advisories"], *finding["assumptions"]
        known = found.get(key)
        if known is None:
            found[key] = Stated(finding, _status(finding), "", None, "", [finding])
        else:
            known.findings.append(finding)
    for entry in content["suppressed"]:
        finding = entry["finding"]
        made = _suppressed(finding, entry["statements"])
        key = *_SAME(finding), *finding["advisories"], *finding["assumptions"], *made[1:5]
        found.setdefault(key, made).findings.append(finding)
    return list(found.values())


_SHAPE: Final[Callable[[Any], tuple[Any, ...]]] = itemgetter(
    *("fixed_version", "fix_state", "channel", "presence", "pending_restart", "restart", "priority", "rule", "status"),
    *("priority_reason", "known_exploited", "epss", "published", "modified"),
)
_PACKAGE: Final = itemgetter("purl", "instance", "version", "cause")


def shape_of(statement: Stated) -> tuple[Any, ...]:
    """Equal for statements that differ in what depends on the vulnerability alone: its id, aliases and vectors.

    What they have in common can be written once.
    """
    finding = statement.finding
    id = finding["vulnerability"]
    return (
        *_SHAPE(finding),
        id if id in finding["advisories"] else None,
        tuple(finding["advisories"]),
        tuple(finding["assumptions"]),
        tuple(finding["vectors_refused"]),
        *statement[1:5],
        *[(_PACKAGE(one), *[note["text"] for note in one["evidence"]["notes"]]) for one in statement.findings],
    )


def _status(finding: "ReportedFinding") -> StatementStatus:
    if finding["status"] == Status.UNDECIDABLE or finding["fix_state"] == FixState.UNDER_INVESTIGATION:
        return StatementStatus.UNDER_INVESTIGATION
    return StatementStatus.AFFECTED


def _suppressed(finding: "ReportedFinding", statements: "list[StatementObject]") -> Stated:
    """What holds of a finding that statements suppress: what the first of VEX states, else your ignore rule."""
    if not statements:  # nobody states it
        return Stated(finding, _status(finding), "", None, "", [])
    vex = [one for one in statements if one["status"] != StatementStatus.IGNORED]
    one = (vex or statements)[0]
    place = f"{shown_source(one['source'])}: {one['position']}"
    by = f"{one['owner']} ({place})" if one["owner"] else place
    if vex:
        why = one["reason"] or one["justification"] or ""
        return Stated(finding, StatementStatus(one["status"]), why, one["justification"], by, [])
    until = f" until {one['until']}" if one["until"] else ""
    return Stated(finding, _status(finding), f"Ignored{until} by {by}: {one['reason'].rstrip('.')}.", None, by, [])


_MEANINGS: Final = {state.value: state.meaning for state in FixState}
_RESTARTS: Final = {"machine": " Then restart the machine.", "services": " Then restart the services that use it."}


def _action(finding: "ReportedFinding") -> str:
    fixed = finding["fixed_version"]
    if finding["status"] == Status.UNDECIDABLE:
        return "It is not known whether the package is affected: compare the versions yourself."
    if finding["pending_restart"]:
        return "Restart the machine: a fixed kernel is installed."
    if finding["channel"] is not None:
        return f"The fix{f' {fixed}' if fixed else ''} is in {finding['channel']}, which the host does not have."
    if fixed is not None:
        return f"Upgrade to {fixed} or later.{_RESTARTS.get(finding['restart'] or '', '')}"
    meaning = _MEANINGS[finding["fix_state"]]
    return f"{meaning[:1].upper()}{meaning[1:]}."


def commands_of(statement: Stated) -> list[str]:
    """The commands that fix it, each once."""
    return list(dict.fromkeys([one["fix_command"] for one in statement.findings if one["fix_command"] is not None]))


class Rating(NamedTuple):
    """How severe somebody rates a vulnerability.

    :ivar method: ``2.0``, ``3.0``, ``3.1`` or ``4.0`` for CVSS. None for another scale.
    :ivar vector: of CVSS, in the form of its specification. The word of another scale.
    :ivar score: the base score. None for another scale.
    :ivar severity: ``none``, ``low``, ``medium``, ``high`` or ``critical``. None for a word that is none of these.
    """

    source: str
    method: str | None
    vector: str
    score: float | None
    severity: str | None


def ratings_of(finding: "ReportedFinding") -> list[Rating]:
    """What publishers and databases rate, the publishers of the advisories first."""
    return [_rating(one["source"], one["vector"]) for one in finding["vectors"]]


# The words that publishers use for their severities.
_WORDS: Final[Mapping[str, str]] = {
    **{word: word for word in ("none", "low", "medium", "high", "critical")},
    "important": "high",
    "moderate": "medium",
    "negligible": "low",
    "minor": "low",
    "unimportant": "low",
}


@lru_cache(maxsize=65536)
def _rating(source: str, vector: str) -> Rating:
    exploit = exploit_of(vector)
    if exploit is None:
        return Rating(source, None, vector, None, _WORDS.get(vector.strip().lower()))
    text, score = vector.strip().rstrip("/"), exploit.score
    if exploit.version == 2:
        text = text.removeprefix("CVSS2#").removeprefix("CVSS:2.0/").removeprefix("(").removesuffix(")")
        # The bands of NVD: the specification has none.
        return Rating(source, "2.0", text, score, "low" if score < 4 else "medium" if score < 7 else "high")
    bands = ((0.1, "none"), (4, "low"), (7, "medium"), (9, "high"), (11, "critical"))
    return Rating(source, text[5:8], text, score, next(word for above, word in bands if score < above))


# ---- the whole ----


def left_open(content: "ReportObject") -> list[str]:
    """What has to be known of a report beside its findings, in sentences, with the packages that were not checked.

    Each caveat begins with its level.
    """
    counts = ", ".join([f"{count} {word}" for word, count in content["coverage"]["classes"].items() if count])
    whole = f"{counted(content['coverage']['packages'], 'package')}: {counts}." if counts else "No packages."
    texts = [
        " ".join(
            [
                f"{one.level.value.capitalize()}: {one.text}",
                *([f"These are: {', '.join(one.instances)}."] if one.instances else []),
            ]
        )
        for one in caveats(content)
    ]
    return [f"{content['target']['name']}, matched against the advisories of {release_of(content)}. {whole}", *texts]


# ---- names, moments, links ----


def names_of(statements: Iterable[Stated], member: str) -> dict[tuple[str, str], str]:
    """The name of each package in a document, by its package URL and instance.

    :param member: what it is named by: ``purl`` or ``instance``. Two that have it in common have the other one too.
    """
    place = ("purl", "instance").index(member)
    known: dict[tuple[str, str], None] = {}
    for statement in statements:
        for finding in statement.findings:
            known[id_of(finding)] = None
    seen: dict[str, int] = {}
    for key in known:
        seen[key[place]] = seen.get(key[place], 0) + 1
    return {key: key[place] if seen[key[place]] == 1 else f"{key[place]} {key[1 - place]}" for key in known}


id_of: Final[Callable[[Any], tuple[str, str]]] = itemgetter("purl", "instance")


def image_of(content: "ReportObject") -> str | None:
    """The package URL of the image that was listed: what is stated is stated inside of it. None where no digest shows
    that it is one.
    """
    target = content["target"]
    return image_url(target["name"], target["digest"]) if target["digest"] and target["name"] else None


def serial(texts: Iterable[str]) -> str:
    """A UUID of what a document has: the same for the same texts."""
    return str(uuid5(NAMESPACE, "\n".join(texts)))


class Numbered:
    """A UUID of lines that are written meanwhile: the same for the same lines."""

    def __init__(self) -> None:
        self._hash: Final = sha1(NAMESPACE.bytes, usedforsecurity=False)

    def seen(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines as they are."""
        for line in lines:
            self._hash.update(line.encode())
            self._hash.update(b"\n")
            yield line

    def __str__(self) -> str:
        return str(UUID(bytes=self._hash.digest()[:16], version=5))


def issued(content: "ReportObject") -> str:
    """When a report was made, by what it has: the day it was made for, or when the newest advisory changed. The latter
    alone where there is no such day. No clock is read.
    """
    newest = content["coverage"]["feed_newest"]
    day = day_of(content)
    if newest is not None:
        midnight = None if day is None else utc(datetime.combine(day, time(), UTC).isoformat())
        return max(filter(None, [utc(newest), midnight]))
    dates = [source["newest"] for source in content["feed"]["sources"]]
    dates += [date for one in content["findings"] for date in (one["modified"], one["published"])]
    return max([utc(date) for date in dates if date is not None], default=_NO_DATE)


@lru_cache(maxsize=65536)
def utc(moment: str) -> str:
    """A moment in whole seconds of UTC, as every format takes it.

    >>> utc("2026-01-31T23:30:00.5-02:00")
    '2026-02-01T01:30:00Z'
    """
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:  # on the first or the last day there is
        return f"{moment[:19]}Z"


@lru_cache(maxsize=65536)
def link_of(url: str) -> str | None:
    """An address of the web as formats take it: what may not stand in one is escaped. None for another address."""
    return quote(url, safe=_ADDRESS, errors="replace") if url.startswith(("https://", "http://")) else None


def links_of(finding: "ReportedFinding") -> Iterator[tuple[str, str]]:
    """Ids with their addresses."""
    for link in finding["links"]:
        url = link_of(link["url"])
        if url is not None:
            yield link["id"], url
