"""Findings as data for the script of a page: what many of them have in common stands there once."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import vercmp
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.reports.page import as_json, is_link
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = ["data_of"]

# All of a finding but what depends on its vulnerability.
_SHARED: Final = (
    *("instance", "package", "version", "arch", "source", "source_version", "purl", "locations", "layer"),
    *("priority", "rule", "priority_reason", "score", "epss", "known_exploited", "vectors_refused", "basis"),
    *("status", "cause", "advisories", "fixed_version", "fix_state", "channel", "presence", "pending_restart"),
    *("restart", "fix_command", "assumptions", "evidence", "published", "modified"),
)
_shared_of: Final = itemgetter(*_SHARED)
_as_text: Final = json.JSONEncoder(sort_keys=True).encode


class _Once:
    """What stands in the data once, by its number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.values: Final[list[Any]] = []

    def number(self, key: Hashable, made: Callable[[], Any]) -> int:
        """The number of the value of a key, which is made for a new key alone."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.values)
            self.values.append(made())
        return number


def data_of(content: "ReportObject") -> str:
    """The findings, those that are suppressed last, as JSON.

    Each finding is three numbers: of what it shares, of its vulnerability, and of its statements (-1 for none).
    ``upto`` has the last fixed version of each instance with several.
    """
    shared, about, statements = _Once(), _Once(), _Once()
    known: dict[tuple[int, ...], int] = {}
    numbers: list[int] = []
    for finding in content["findings"]:
        numbers += _shared(finding, shared, known), _about(finding, about), -1
    for one in content["suppressed"]:
        texts = tuple(map(statement_text, one["statements"]))
        numbers += (
            _shared(one["finding"], shared, known),
            _about(one["finding"], about),
            statements.number(texts, partial(list, texts)),
        )
    return as_json(
        {
            "fields": _SHARED,
            "shared": shared.values,
            "about": about.values,
            "statements": statements.values,
            "upto": dict(_last_fixes(content["findings"])),
            "rows": numbers,
        }
    )


def _last_fixes(findings: "Iterable[ReportedFinding]") -> Iterator[tuple[str, str]]:
    """The last fixed version of each instance that has several, where their order is known."""
    versions: dict[str, set[str]] = {}
    for one in findings:
        if one["fixed_version"] is not None and one["channel"] is None:
            versions.setdefault(one["instance"], set()).add(one["fixed_version"])
    for instance, several in versions.items():
        scheme = SCHEME_OF_TYPE.get(instance.partition("/")[0])
        if len(several) > 1 and scheme is not None:
            with suppress(vercmp.InvalidVersion):
                yield instance, vercmp.max_version(sorted(several), scheme=scheme)


def _shared(finding: "ReportedFinding", shared: _Once, known: dict[tuple[int, ...], int]) -> int:
    values = _shared_of(finding)
    # The document keeps the values, and so their numbers. Those of one match are the same objects, which shows without
    # writing them. Those of a report that was read are equal.
    same = tuple(map(id, values))
    number = known.get(same)
    if number is None:
        number = known[same] = shared.number(_as_text(values), lambda: values)
    return number


def _about(finding: "ReportedFinding", about: _Once) -> int:
    links = tuple([(one["id"], one["url"]) for one in finding["links"]])
    vectors = tuple([(one["source"], one["type"], one["vector"]) for one in finding["vectors"]])
    key = finding["vulnerability"], tuple(finding["aliases"]), links, vectors
    return about.number(key, lambda: (*key[:2], [link for link in links if is_link(link[1])], vectors))
