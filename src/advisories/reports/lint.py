"""What a lint report is made from: a feed, its rejected records by reason, and its flaws by kind."""

from collections import Counter
from typing import ClassVar

from advisories.index.feed import Feed
from advisories.models.frozen import frozen
from advisories.models.reading import Extent, Flaw, FlawKind, ReadReport, Rejection

__all__ = ["LintReport", "by_kind", "by_reason"]


@frozen
class LintReport:
    """A feed whose records are reported: what was rejected or skipped, and the flaws of the rest.

    :ivar width: the columns that text is wrapped at. None for lines of any length.
    """

    feed: Feed
    width: int | None = None

    what: ClassVar = "lint"


def by_reason(report: ReadReport, extent: Extent) -> list[tuple[str, list[Rejection]]]:
    """The rejections of one extent by reason, the most frequent reason first."""
    counts = Counter(one.why for one in report.rejections if one.extent is extent)
    found: dict[str, list[Rejection]] = {why: [] for why, _ in counts.most_common()}
    for one in report.rejections:
        if one.extent is extent:
            found[one.why].append(one)
    return list(found.items())


def by_kind(feed: Feed) -> list[tuple[FlawKind, list[Flaw]]]:
    """The flaws of each kind that has any, in the order of the kinds."""
    found: dict[FlawKind, list[Flaw]] = {kind: [] for kind in FlawKind}
    for flaw in feed.flaws:
        found[flaw.kind].append(flaw)
    return [(kind, flaws) for kind, flaws in found.items() if flaws]
