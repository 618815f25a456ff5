"""The lint report as text: what was rejected or skipped, by reason, and flaws of the records that were kept."""

from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Extent, Flaw
from advisories.reports.lint import LintReport, by_kind, by_reason

__all__ = ["render"]

# How many examples of one reason, and of one kind of flaw, are shown. JSON has all.
_SHOWN: Final = 5


def render(report: LintReport) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: LintReport) -> Iterator[str]:
    feed = report.feed
    for read in feed.reports:
        yield f"{read.source} ({read.format or 'no known format'})"
        yield f"  {read.read} records read, {read.kept} kept, {read.rejected} rejected"
        for extent, what in ((Extent.RECORD, "rejected"), (Extent.PART, "a part rejected")):
            for why, same in by_reason(read, extent):
                yield f"  {what} ({len(same)}): {why}"
                yield from (f"    {one.source}: {one.position}: {one.what}" for one in same[:_SHOWN])
                yield from _rest(len(same), "    ")
        for why, count in read.skips:
            yield f"  skipped ({count}): {why}"
    releases = ", ".join(map(str, feed.releases)) or "no release"
    yield f"{len(feed)} advisories of {releases}"
    for source, count in sorted(feed.enrichment_counts.items()):
        yield f"{count} CVEs of {source}"
    if feed.duplicates:
        yield f"{feed.duplicates} read again under the id of another"
    for type, entries in sorted(feed.unordered.items()):
        yield f"{entries} affected entries of type {type}, whose versions have no order here"
    for kind, flaws in by_kind(feed):
        yield f"{kind.value} ({len(flaws)})"
        yield from (f"  {_where(flaw)}: {flaw.why}" for flaw in flaws[:_SHOWN])
        yield from _rest(len(flaws), "  ")
    if not feed.flaws:
        yield "no flaws in what was kept"


def _where(flaw: Flaw) -> str:
    return f"{flaw.advisory}, {flaw.package} of {flaw.distribution}" if flaw.package else flaw.advisory


def _rest(count: int, indent: str) -> Iterator[str]:
    if count > _SHOWN:
        yield f"{indent}and {count - _SHOWN} more"
