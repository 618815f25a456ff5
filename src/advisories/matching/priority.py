"""How soon to act on a finding: the table of priorities as data, the first row that fits.

Rows H1 to L5 follow from what an exploit needs and gains by its CVSS vector. H4 also applies where an authority lists
the vulnerability as exploited. V1 to V3 are the vendor's word, and A0 is for where there is nothing.

Source: the guide on priorities, over the metrics of CVSS (:mod:`advisories.matching.cvss`).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from advisories.matching.cvss import Exploit, exploit_of
from advisories.matching.rules.order import order_of_packages, order_of_vulnerabilities
from advisories.models.advisories import Advisory, Enrichment, Severity
from advisories.models.findings import Assessment, Basis, Finding, Priority
from advisories.models.frozen import evolve, frozen

__all__ = ["ASSUMED", "RATINGS", "ROWS", "SOURCES", "Row", "assess", "assess_all", "rank", "row_of"]

#: What a priority rests on, first choice first. The vendor knows how it built the package, other databases know how
#: the software is written, and a vendor's word has the least detail.
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

#: The rows for vectors, in order, each with its condition. The last fits everything.
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
#: The row for where nothing is known. Its basis counts it apart.
ASSUMED: Final = Row("A0", "nothing known", "no vector and no rating", Priority.MEDIUM)

#: Vendors' severity words, lower case, and the row of each. Any other word has no row.
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


@frozen
class _Choice:
    """A row that one source leads to, with the reason as text.

    :ivar exploit: by the vector that it was found for. None for a vendor's word.
    """

    row: Row
    reason: str
    exploit: Exploit | None = None


def row_of(exploit: Exploit) -> Row:
    """The first row of the table that fits an exploit."""
    return next(row for row, fits in ROWS if fits(exploit))


def assess(
    vulnerability: str,
    advisories: Collection[Advisory],
    enrichments: Sequence[Enrichment] = (),
    sources: Sequence[Basis] = SOURCES,
) -> Assessment:
    """The priority of a vulnerability by these advisories and enrichments, the same for any order of them.

    The first of `sources` that has a vector or a known word decides. Of several vectors the latest version of CVSS
    counts, and of these, as of several words, the most urgent. A vector that cannot be read does not count. The score
    is that of the first vector by the same order, wherever the priority comes from. What is known to be exploited is
    High.
    """
    if not enrichments and Basis.VENDOR_RATING in sources and not any(map(_SEVERITIES, advisories)):
        exploiters = [one.id for one in advisories if one.known_exploited]
        words = [(one.id, word) for one in advisories if (word := one.rating) is not None and word in RATINGS]
        return _by_words(tuple(words), min(exploiters, default=None))
    choices: dict[Basis, _Choice] = {}
    refused: set[str] = set()
    for basis in sources:
        best = _best(basis, vulnerability, advisories, enrichments, refused)
        if best is not None:
            choices[basis] = best
    score = next((one.exploit.score for one in choices.values() if one.exploit is not None), None)
    epss = max([one.epss for one in enrichments if one.epss is not None], default=None)
    basis, first = next(iter(choices.items()), _NOTHING_KNOWN)
    return _assessment(basis, first, score, _exploiter(advisories, enrichments), epss, tuple(sorted(refused)))


@lru_cache(maxsize=4096)
def _by_words(words: tuple[tuple[str, str], ...], exploiter: str | None) -> Assessment:
    """The assessment by vendors' words alone: the id of each advisory that has one, and the word."""
    best = _most_urgent([_of_rating(*word) for word in words])
    basis, first = _NOTHING_KNOWN if best is None else (Basis.VENDOR_RATING, best)
    return _assessment(basis, first, None, exploiter, None, ())


def _assessment(
    basis: Basis,
    first: _Choice,
    score: float | None,
    exploiter: str | None,
    epss: float | None,
    refused: tuple[str, ...],
) -> Assessment:
    if exploiter is not None and (first.exploit is None or first.row not in _BEFORE_EXPLOITED):
        basis, first = Basis.KNOWN_EXPLOITED, _Choice(_EXPLOITED, f"{exploiter} lists it as exploited")
    exploited = exploiter is not None
    return Assessment(first.row.priority, first.row.rule, basis, first.reason, score, exploited, epss, refused)


_NOTHING_KNOWN: Final = Basis.ASSUMED, _Choice(ASSUMED, ASSUMED.when)


def assess_all(
    vulnerabilities: Iterable[str],
    advisories: Collection[Advisory],
    enrichments_of: Callable[[str], Sequence[Enrichment]],
    sources: Sequence[Basis] = SOURCES,
) -> dict[Assessment, list[str]]:
    """The vulnerabilities that the same advisories name, by their assessment (:func:`assess`).

    Most advisories have vectors of all their vulnerabilities alone. Those that nothing else tells apart are assessed
    once.
    """
    are_apart = any(severity.cve is not None for one in advisories for severity in one.severities)
    alike: dict[Assessment, list[str]] = {}
    common: list[str] | None = None
    # Of n vulnerabilities and n vectors each looks at its own alone.
    apart: list[dict[str | None, list[Severity]]] | None = None
    if are_apart and sum([len(one.severities) for one in advisories]) > _FEW:
        apart = [_by_cve(one) for one in advisories]
    for name in vulnerabilities:
        enrichments = enrichments_of(name)
        if are_apart or enrichments:
            own = advisories
            if apart is not None:
                own = [
                    evolve(one, severities=(*found.get(None, ()), *found.get(name, ())))
                    for one, found in zip(advisories, apart, strict=True)
                ]
            alike.setdefault(assess(name, own, enrichments, sources), []).append(name)
        elif common is None:
            common = alike.setdefault(assess(name, advisories, (), sources), [])
            common.append(name)
        else:
            common.append(name)
    return alike


# Up to so many vectors are looked at one by one.
_FEW: Final = 64


def _by_cve(advisory: Advisory) -> dict[str | None, list[Severity]]:
    found: dict[str | None, list[Severity]] = {}
    for severity in advisory.severities:
        found.setdefault(severity.cve, []).append(severity)
    return found


_SEVERITIES: Final = attrgetter("severities")
_BEFORE_EXPLOITED: Final = tuple(row for row, _ in ROWS[:3])


def _best(
    basis: Basis,
    vulnerability: str,
    advisories: Iterable[Advisory],
    enrichments: Iterable[Enrichment],
    refused: set[str],
) -> _Choice | None:
    """The most urgent choice of a source. Its CVSS vectors that cannot be read are added to `refused`."""
    if basis is Basis.VENDOR_RATING:
        return _most_urgent(
            [_of_rating(one.id, word) for one in advisories if (word := one.rating) is not None and word in RATINGS]
        )
    # A vendor's record may repeat NVD's vector: that one is not the vendor's.
    severities = [
        s for one in advisories for s in one.severities if (s.source == "nvd") == (basis is Basis.OTHER_VECTOR)
    ]
    if basis is Basis.OTHER_VECTOR:
        severities += [severity for one in enrichments for severity in one.severities]
    vectors: list[_Choice] = []
    for severity in severities:
        if severity.cve in (None, vulnerability):
            found = _of_vector(severity)
            if found is not None:
                vectors.append(found)
            elif severity.type.startswith("CVSS"):
                refused.add(severity.score)
    return min(vectors, key=_urgency, default=None)


@lru_cache(maxsize=4096)
def _of_rating(advisory: str, rating: str) -> _Choice:
    return _Choice(RATINGS[rating], f"{advisory} is rated {rating}")


def _most_urgent(words: Sequence[_Choice]) -> _Choice | None:
    return words[0] if len(words) == 1 else min(words, key=_urgency_of_word, default=None)


def _urgency_of_word(choice: _Choice) -> tuple[int, str]:
    return choice.row.priority.rank, choice.reason


def _urgency(choice: _Choice) -> tuple[int, int, float, str]:
    assert choice.exploit is not None
    return -choice.exploit.version, choice.row.priority.rank, -choice.exploit.score, choice.reason


@lru_cache(maxsize=65536)
def _of_vector(severity: Severity) -> _Choice | None:
    exploit = exploit_of(severity.score)
    if exploit is None:
        return None
    row = row_of(exploit)
    return _Choice(row, f"{row.title}: {severity.score} by {severity.source}", exploit)


def _exploiter(advisories: Iterable[Advisory], enrichments: Iterable[Enrichment]) -> str | None:
    listed = [one.source for one in enrichments if one.known_exploited is not None]
    return min(listed + [one.id for one in advisories if one.known_exploited], default=None)


def rank(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order in which to act on them.

    First by priority. Within one, what is known to be exploited comes first, then falling probability of exploitation,
    falling score, those with a fix before those without, and last rule 16: package, version, vulnerability. Without a
    probability or a score a finding comes last.
    """
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[object, ...]:
    assessment = finding.assessment
    return (
        assessment.priority.rank,
        not assessment.known_exploited,
        -(assessment.epss or 0.0),
        -(assessment.score or 0.0),
        finding.fixed_version is None,
        order_of_packages(finding.package),
        finding.instance,
        order_of_vulnerabilities(finding.vulnerability),
    )
