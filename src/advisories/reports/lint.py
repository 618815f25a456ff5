"""What is wrong with feeds: what readers refused or left aside, by reason, and flaws of what they kept."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from advisories.index.feed import Feed
from advisories.models import Extent, Flaw, FlawKind, ReadReport, Rejection
from advisories.reports.objects import read_object

__all__ = ["SCHEMA", "as_json", "as_text"]

#: The name and version of the JSON form. A change that would break a reader counts it up.
SCHEMA: Final = "advisories/lint/1"

# How many examples of one reason, and of one kind of flaw, the text shows; JSON has all.
_SHOWN: Final = 5


def as_text(feed: Feed) -> Iterator[str]:
    """The lines of a report for people."""
    for report in feed.reports:
        yield f"{report.source} ({report.format or 'no known format'})"
        yield f"  {report.read} records read, {report.kept} kept, {report.rejected} refused"
        for extent, what in ((Extent.RECORD, "refused"), (Extent.PART, "a part refused")):
            for why, same in _by_reason(report, extent):
                yield f"  {what} ({len(same)}): {why}"
                yield from (f"    {one.source}: {one.position}: {one.what}" for one in same[:_SHOWN])
                yield from _rest(len(same), "    ")
        for why, times in report.skips:
            yield f"  left aside ({times}): {why}"
    releases = ", ".join(map(str, feed.releases)) or "no release"
    yield f"{len(feed)} advisories of {releases}"
    for source, count in sorted(feed.enrichment_counts.items()):
        yield f"{count} CVEs of {source}"
    if feed.duplicates:
        yield f"{feed.duplicates} read again under the id of another"
    for type, entries in sorted(feed.unordered.items()):
        yield f"{entries} affected entries of type {type}, whose versions have no order here"
    for kind, flaws in _by_kind(feed):
        yield f"{kind.value} ({len(flaws)})"
        yield from (f"  {_where(flaw)}: {flaw.why}" for flaw in flaws[:_SHOWN])
        yield from _rest(len(flaws), "  ")
    if not feed.flaws:
        yield "no flaws in what was kept"


def as_json(feed: Feed) -> Iterator[str]:
    """The same, all of it, as one JSON object."""
    yield json.dumps(
        {
            "schema": SCHEMA,
            "sources": [_source(report) for report in feed.reports],
            "advisories": len(feed),
            "releases": [{"id": release.id, "release": release.release} for release in feed.releases],
            "kinds": {kind.value: count for kind, count in feed.kinds.items()},
            "enrichments": dict(sorted(feed.enrichment_counts.items())),
            "duplicates": feed.duplicates,
            "unordered": dict(sorted(feed.unordered.items())),
            "flaws": {
                kind.value: [
                    {
                        "advisory": flaw.advisory,
                        "package": flaw.package,
                        "distribution": None if flaw.distribution is None else str(flaw.distribution),
                        "why": flaw.why,
                    }
                    for flaw in flaws
                ]
                for kind, flaws in _by_kind(feed)
            },
        },
        indent=1,
    )


def _source(report: ReadReport) -> dict[str, Any]:
    return {
        **read_object(report),
        "rejections": [
            {
                "why": why,
                "extent": extent.value,
                "count": len(same),
                "where": [{"source": one.source, "position": one.position, "what": one.what} for one in same],
            }
            for extent in Extent
            for why, same in _by_reason(report, extent)
        ],
    }


def _by_reason(report: ReadReport, extent: Extent) -> list[tuple[str, list[Rejection]]]:
    """The most frequent reason first."""
    counts = Counter(one.why for one in report.rejections if one.extent is extent)
    by_reason: dict[str, list[Rejection]] = {why: [] for why, _ in counts.most_common()}
    for one in report.rejections:
        if one.extent is extent:
            by_reason[one.why].append(one)
    return list(by_reason.items())


def _by_kind(feed: Feed) -> list[tuple[FlawKind, list[Flaw]]]:
    by_kind: dict[FlawKind, list[Flaw]] = {kind: [] for kind in FlawKind}
    for flaw in feed.flaws:
        by_kind[flaw.kind].append(flaw)
    return [(kind, flaws) for kind, flaws in by_kind.items() if flaws]


def _where(flaw: Flaw) -> str:
    return f"{flaw.advisory}, {flaw.package} of {flaw.distribution}" if flaw.package else flaw.advisory


def _rest(count: int, indent: str) -> Iterator[str]:
    if count > _SHOWN:
        yield f"{indent}and {count - _SHOWN} more"
