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
from typing import Any, Final

from advisories.matching.drafts import Draft, Drafts, Part
from advisories.models.advisories import FixState
from advisories.models.findings import Assessment, Basis, Priority
from advisories.store._draft_rows import columns, maybe_text, pairs, ranked, texts

__all__ = ["drafts_from", "text_of"]

_PRIORITIES: Final = {one.value: one for one in Priority}
_BASES: Final = {one.value: one for one in Basis}
_STATES: Final = {one.value: one for one in FixState}


def text_of(drafts: Drafts) -> str | None:
    """The drafts as text. None where the rules decide all there is."""
    if drafts.parts is None or drafts.is_empty:
        return None
    return json.dumps([_plain(part) for part in drafts.parts], separators=(",", ":"))


def _plain(part: Part) -> list[Any]:
    if part.drafts is None:
        return [part.streams, part.source, part.arches]
    assessments: dict[Assessment, int] = {}
    # Most drafts share one object, and hashing it takes as long as all else of a draft.
    places: dict[int, int] = {}
    for one in part.drafts:
        if id(one.assessment) not in places:
            places[id(one.assessment)] = assessments.setdefault(one.assessment, len(assessments))
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
                places[id(one.assessment)],
                one.cleared_from,
                one.later,
            ]
            for one in part.drafts
        ],
        part.rows,
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
    own = texts(streams), maybe_text(source), texts(arches)
    if not rest:
        return Part(scheme, *own)
    fixes, assessments, drafts, rows, updates = rest
    its_drafts = _Drafts([_assessment(*row[:7], texts(row[7])) for row in assessments], drafts)
    part = Part(scheme, *own, pairs(fixes), its_drafts, ranked(rows), pairs(updates))
    # So that whatever cannot be, a version that is refused too, is found here, where it is damage.
    object.__setattr__(part, "columns", part.columns_of(*its_drafts.numbers()))
    _ = part.update_keys
    return part


class _Drafts(Sequence[Draft]):
    """Drafts from their rows, each made when somebody looks at it."""

    __slots__ = ("_assessments", "_columns", "_made")

    def __init__(self, assessments: Sequence[Assessment], rows: Any) -> None:
        self._columns = columns(rows, _STATES)
        self._assessments = [assessments[place] for place in self._columns[6]]
        self._made: dict[int, Draft] = {}

    def numbers(self) -> tuple[list[Any], list[Any], Sequence[Any], list[int]]:
        """What :meth:`Part.columns_of` takes."""
        _, fixes, *_, cleared, later = self._columns
        return fixes, later, cleared, [one.priority.rank for one in self._assessments]

    def __len__(self) -> int:
        return len(self._assessments)

    def __getitem__(self, place: Any) -> Any:
        made = self._made.get(place)
        if made is None:
            vulnerabilities, fixes, advisories, deciding, states, reboots, _, cleared, later = self._columns
            made = self._made[place] = Draft(
                vulnerabilities[place],
                tuple(fixes[place]),
                advisories[place],
                deciding[place],
                states[place],
                reboots[place],
                self._assessments[place],
                cleared[place],
                later[place],
            )
        return made

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, _Drafts | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))


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
    texts([rule, reason])
    if type(exploited) is not bool or not _is_within(score, 10) or not _is_within(epss, 1):
        raise ValueError("an assessment is not what it should be")
    return Assessment(_PRIORITIES[priority], rule, _BASES[basis], reason, score, exploited, epss, refused)


def _is_within(value: Any, most: int) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value <= most)
