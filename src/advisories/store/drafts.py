"""Drafts as the table ``draft`` has them: JSON, the same text for the same drafts.

A list of parts. Each is ``[streams, source, arches]`` where the rules decide. Else it goes on with

- the fixes, ``[version, advisory]`` each, in the order of the versions,
- the assessments, fields as those of :class:`~advisories.models.Assessment`,
- the drafts, fields as those of :class:`~advisories.matching.drafts.Draft`, each with the place of its assessment,
- for each priority the vulnerabilities, and the places of their drafts,
- the updates, ``[version, advisory]`` each.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from advisories.matching.drafts import Draft, Drafts, Part
from advisories.models.advisories import FixState
from advisories.models.findings import Assessment, Basis, Priority
from vercmp import sort_key

__all__ = ["drafts_from", "text_of"]

_PRIORITIES: Final = {one.value: one for one in Priority}
_BY_RANK: Final = tuple(Priority)
_BASES: Final = {one.value: one for one in Basis}
_STATES: Final = {one.value: one for one in FixState}
_TEXT: Final = frozenset({str})
_NUMBER: Final = frozenset({int})


def text_of(drafts: Drafts) -> str | None:
    """The drafts as text. None where the rules decide all there is."""
    if drafts.parts is None or drafts.is_empty:
        return None
    return json.dumps([_plain(part) for part in drafts.parts], separators=(",", ":"))


def _plain(part: Part) -> list[Any]:
    if part.drafts is None:
        return [part.streams, part.source, part.arches]
    assessments = {
        assessment: place for place, assessment in enumerate(dict.fromkeys(d.assessment for d in part.drafts))
    }
    return [
        part.streams,
        part.source,
        part.arches,
        part.fixes,
        [[a.priority, a.rule, a.basis, a.reason, a.score, a.known_exploited, a.epss, a.refused] for a in assessments],
        [
            [
                one.vulnerability,
                one.fixes,
                one.advisories,
                one.advisory,
                one.fix_state,
                one.reboot_suggested,
                assessments[one.assessment],
                one.cleared_from,
                one.later,
            ]
            for one in part.drafts
        ],
        [[[name for name, _ in ranked], [place for _, place in ranked]] for ranked in part.rows],
        part.updates,
    ]


def drafts_from(text: str, scheme: str) -> Drafts:
    """The drafts of a text, for versions of a scheme.

    Raises :class:`ValueError`, :class:`LookupError` or :class:`TypeError` for what :func:`text_of` does not write.
    """
    parts = json.loads(text)
    if not isinstance(parts, list):
        raise TypeError("drafts are no list")
    return Drafts(tuple([_part(scheme, *part) for part in parts]))


def _part(scheme: str, streams: Any, source: Any, arches: Any, *rest: Any) -> Part:
    own = _texts(streams), _maybe_text(source), _texts(arches)
    if not rest:
        return Part(scheme, *own)
    fixes, assessments, drafts, rows, updates = rest
    its_fixes = _pairs(fixes)
    made = [_assessment(*row[:7], _texts(row[7])) for row in assessments]
    its_drafts = tuple([_draft(place, len(drafts), len(its_fixes), made, *row) for place, row in enumerate(drafts)])
    part = Part(scheme, *own, its_fixes, its_drafts, _rows(rows, its_drafts), _pairs(updates))
    for one in its_drafts:
        if one.later is not None and its_drafts[one.later].fixes != one.fixes[1:]:
            raise ValueError("a draft leads to one of other fixes")
        if one.cleared_from is not None:
            sort_key(one.cleared_from, scheme=scheme)
    # So that a version which is refused is found here, where it is damage.
    if sorted(part.keys) != list(part.keys) or len(part.update_keys) != len(part.updates):
        raise ValueError("the fixes of a draft are not in the order of their versions")
    return part


def _draft(
    own: int,
    drafts: int,
    fixes: int,
    assessments: Sequence[Assessment],
    vulnerability: Any,
    places: Any,
    advisories: Any,
    advisory: Any,
    state: Any,
    reboot: Any,
    assessment: Any,
    cleared_from: Any,
    later: Any,
) -> Draft:
    if places and not (
        _are(_NUMBER, places) and 0 <= places[0] <= places[-1] < fixes and sorted(set(places)) == places
    ):
        raise ValueError("a draft names fixes that there are not")
    _texts((vulnerability, advisory))
    if later is not None and (type(later) is not int or not own < later < drafts or not places):
        raise ValueError("a draft leads nowhere")
    if type(reboot) is not bool or type(assessment) is not int or assessment < 0:
        raise ValueError("a draft is not what it should be")
    return Draft(
        vulnerability,
        tuple(places),
        _texts(advisories),
        advisory,
        _STATES[state],
        reboot,
        assessments[assessment],
        _maybe_text(cleared_from),
        later,
    )


def _rows(rows: Any, drafts: Sequence[Draft]) -> tuple[tuple[tuple[str, int], ...], ...]:
    found: list[tuple[tuple[str, int], ...]] = []
    for priority, (names, places) in zip(_BY_RANK, rows, strict=True):
        _texts(names)
        if not _are(_NUMBER, places) or min(places, default=0) < 0:
            raise ValueError("a vulnerability has no draft")
        if {drafts[place].assessment.priority for place in set(places)} - {priority}:
            raise ValueError("a vulnerability stands under another priority than its draft")
        found.append(tuple(zip(names, places, strict=True)))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def _assessment(
    priority: str,
    rule: str,
    basis: str,
    reason: str,
    score: float | None,
    exploited: bool,
    epss: float | None,
    refused: tuple[str, ...],
) -> Assessment:
    _texts((rule, reason))
    if type(exploited) is not bool or not _is_within(score, 10) or not _is_within(epss, 1):
        raise ValueError("an assessment is not what it should be")
    return Assessment(_PRIORITIES[priority], rule, _BASES[basis], reason, score, exploited, epss, refused)


def _is_within(value: Any, most: int) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value <= most)


def _pairs(values: Any) -> tuple[tuple[str, str], ...]:
    pairs = tuple([(first, second) for first, second in values])
    _texts(tuple(chain.from_iterable(pairs)))
    return pairs


def _texts(values: Any) -> tuple[str, ...]:
    if not _are(_TEXT, values):
        raise ValueError("a draft has another value where a text belongs")
    return tuple(values)


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _texts((value,))[0]


def _are(types: frozenset[type], values: Any) -> bool:
    return isinstance(values, list | tuple) and set(map(type, values)) <= types
