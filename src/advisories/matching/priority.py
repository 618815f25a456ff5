"""How soon to act on a finding: the table of priorities as data, first row that fits.

Rows H1 to L5 follow from what an exploit needs and gains, as a CVSS vector says it; H4 also from somebody
authoritative saying that it is exploited. V1 to V3 are the vendor's word, A0 is for where there is nothing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from attrs import frozen

from advisories.matching.cvss import Exploit, exploit_of
from advisories.matching.order import order_of_packages, order_of_vulnerabilities
from advisories.models import Advisory, Assessment, Basis, Enrichment, Finding, Priority, Severity

__all__ = ["ASSUMED", "RATINGS", "ROWS", "SOURCES", "UNASSESSED", "Row", "assess", "rank", "row_of"]

#: What a priority rests on, first choice first: the vendor knows how it built the package, other databases know how
#: the software is written, and a vendor's word says least.
SOURCES: Final = (Basis.VENDOR_VECTOR, Basis.OTHER_VECTOR, Basis.VENDOR_RATING)


@frozen
class Row:
    """A row of the table.

    :ivar rule: its id.
    :ivar title: what an exploit gains, in a few words.
    :ivar when: the condition, in the terms of the table's head.
    """

    rule: str
    title: str
    when: str
    priority: Priority


def _h1(e: Exploit) -> bool:
    return e.full and not e.interaction and e.easy and e.privileges in ("N", "L")


def _h2(e: Exploit) -> bool:
    return e.network and e.confidentiality == "H" and not e.interaction and e.easy and e.privileges == "N"


def _h3(e: Exploit) -> bool:
    return e.network and e.integrity == "H" and not e.interaction and e.easy and e.privileges == "N"


def _h4(e: Exploit) -> bool:
    gains = (e.confidentiality, e.integrity, e.availability)
    return e.scope_changed and e.network and not e.interaction and e.privileges == "N" and "H" in gains


_EXPLOITED: Final = Row(
    "H4",
    "large-scale impact",
    "known exploited; or scope changed, net, UI:N, PR:N and any of C, I, A high",
    Priority.HIGH,
)

#: The rows for vectors, in order, each with its condition; the last fits everything.
ROWS: Final[Sequence[tuple[Row, Callable[[Exploit], bool]]]] = (
    (Row("H1", "permissions on the operating system", "full, UI:N, easy, PR:N or L", Priority.HIGH), _h1),
    (Row("H2", "sensitive data obtained or leaked", "net, C:H, UI:N, easy, PR:N", Priority.HIGH), _h2),
    (Row("H3", "unauthorised access", "net, I:H, UI:N, easy, PR:N", Priority.HIGH), _h3),
    (_EXPLOITED, _h4),
    (Row("M1", "permissions, indirectly", "full otherwise", Priority.MEDIUM), lambda e: e.full),
    (
        Row("M2", "files read, written, downloaded, deleted", "C:H or I:H otherwise", Priority.MEDIUM),
        lambda e: "H" in (e.confidentiality, e.integrity),
    ),
    (
        Row("M3", "remote denial of service", "net, A:H, UI:N", Priority.MEDIUM),
        lambda e: e.network and e.availability == "H" and not e.interaction,
    ),
    (Row("L1", "only with user interaction", "UI:R", Priority.LOW), lambda e: e.interaction),
    (Row("L2", "unauthorised operations", "I:L", Priority.LOW), lambda e: e.integrity == "L"),
    (
        Row("L3", "after changing configuration or learning something first", "AC:H or PR:H", Priority.LOW),
        lambda e: not e.easy or e.privileges == "H",
    ),
    (
        Row("L4", "local denial of service", "local, A:H", Priority.LOW),
        lambda e: not e.network and e.availability == "H",
    ),
    (Row("L5", "minor impact", "the rest", Priority.LOW), lambda e: True),
)

_V1: Final = Row("V1", "the vendor's word", "critical, important or high", Priority.HIGH)
_V2: Final = Row("V2", "the vendor's word", "moderate or medium", Priority.MEDIUM)
_V3: Final = Row("V3", "the vendor's word", "low, negligible, minor or unimportant", Priority.LOW)
#: The row for where there is nothing to go by; counted apart by its basis.
ASSUMED: Final = Row("A0", "nothing known", "nobody says anything", Priority.MEDIUM)

#: Vendors' severity words, lower case, and the row of each. Any other word says nothing.
RATINGS: Final = MappingProxyType(
    {
        "critical": _V1,
        "important": _V1,
        "high": _V1,
        "moderate": _V2,
        "medium": _V2,
        "low": _V3,
        "negligible": _V3,
        "minor": _V3,
        "unimportant": _V3,
    }
)

#: What is said of a vulnerability before anybody was asked.
UNASSESSED: Final = Assessment(ASSUMED.priority, ASSUMED.rule, Basis.ASSUMED, ASSUMED.when)


@frozen
class _Said:
    """A row that somebody's word leads to, and how to say so.

    :ivar exploit: what it was found for; None for a word.
    """

    row: Row
    reason: str
    exploit: Exploit | None = None


def row_of(exploit: Exploit) -> Row:
    """The first row of the table that fits what a vector says."""
    return next(row for row, fits in ROWS if fits(exploit))


def assess(
    vulnerability: str,
    advisories: Collection[Advisory],
    enrichments: Sequence[Enrichment] = (),
    sources: Sequence[Basis] = SOURCES,
) -> Assessment:
    """The priority of a vulnerability by what these advisories, and others, say of it; the same for any order of them.

    The first of `sources` that says anything decides; of several vectors there the latest version of CVSS, of these
    and of several words the most urgent. A vector that cannot be read says nothing. The score is that of the first
    vector by the same order, wherever the priority comes from. What is known to be exploited is High.
    """
    said: dict[Basis, _Said] = {}
    refused: set[str] = set()
    for basis in sources:
        best = _best(basis, vulnerability, advisories, enrichments, refused)
        if best is not None:
            said[basis] = best
    score = next((one.exploit.score for one in said.values() if one.exploit is not None), None)
    exploiter = _exploiter(advisories, enrichments)
    epss = max([one.epss for one in enrichments if one.epss is not None], default=None)
    basis, first = next(iter(said.items()), (Basis.ASSUMED, _Said(ASSUMED, ASSUMED.when)))
    if exploiter is not None and (first.exploit is None or first.row not in _BEFORE_EXPLOITED):
        basis, first = Basis.KNOWN_EXPLOITED, _Said(_EXPLOITED, f"{exploiter} lists it as exploited")
    exploited = exploiter is not None
    vectors = tuple(sorted(refused))
    return Assessment(first.row.priority, first.row.rule, basis, first.reason, score, exploited, epss, vectors)


_BEFORE_EXPLOITED: Final = tuple(row for row, _ in ROWS[:3])


def _best(
    basis: Basis,
    vulnerability: str,
    advisories: Iterable[Advisory],
    enrichments: Iterable[Enrichment],
    refused: set[str],
) -> _Said | None:
    """What a source says first; CVSS vectors of it that are none are added to `refused`."""
    if basis is Basis.VENDOR_RATING:
        words = [
            _Said(row, f"{one.id} is rated {one.rating}")
            for one in advisories
            if (row := RATINGS.get(one.rating or "")) is not None
        ]
        return min(words, key=lambda one: (one.row.priority.rank, one.reason), default=None)
    # What a vendor's record repeats of NVD's is not the vendor's.
    severities = [
        s for one in advisories for s in one.severities if (s.source == "nvd") == (basis is Basis.OTHER_VECTOR)
    ]
    if basis is Basis.OTHER_VECTOR:
        severities += [severity for one in enrichments for severity in one.severities]
    vectors: list[_Said] = []
    for severity in severities:
        if severity.cve in (None, vulnerability):
            found = _of_vector(severity)
            if found is not None:
                vectors.append(found)
            elif severity.type.startswith("CVSS"):
                refused.add(severity.score)
    return min(vectors, key=_urgency, default=None)


def _urgency(said: _Said) -> tuple[int, int, float, str]:
    assert said.exploit is not None
    return -said.exploit.version, said.row.priority.rank, -said.exploit.score, said.reason


@lru_cache(maxsize=65536)
def _of_vector(severity: Severity) -> _Said | None:
    exploit = exploit_of(severity.score)
    if exploit is None:
        return None
    row = row_of(exploit)
    return _Said(row, f"{row.title}: {severity.score} by {severity.source}", exploit)


def _exploiter(advisories: Iterable[Advisory], enrichments: Iterable[Enrichment]) -> str | None:
    listed = [one.source for one in enrichments if one.known_exploited is not None]
    return min(listed + [one.id for one in advisories if one.known_exploited], default=None)


def rank(findings: Iterable[Finding]) -> list[Finding]:
    """The findings as a person should take them: by priority; within one what is known to be exploited comes first,
    then by falling probability of exploitation, then by falling score, those with a fix before those without, and last
    by rule 16: package, version, vulnerability.

    What nobody gives a probability or score counts as lowest.
    """
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[object, ...]:
    said = finding.assessment
    return (
        said.priority.rank,
        not said.known_exploited,
        -(said.epss or 0.0),
        -(said.score or 0.0),
        finding.fixed_version is None,
        order_of_packages(finding.package),
        finding.instance,
        order_of_vulnerabilities(finding.vulnerability),
    )
