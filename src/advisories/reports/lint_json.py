"""The lint report as one JSON object, with every rejection and every flaw."""

import json
from collections.abc import Iterator
from typing import Any

from advisories.models.reading import Extent, ReadReport
from advisories.models.schemas import LINT
from advisories.reports.lint import LintReport, by_kind, by_reason
from advisories.reports.objects import read_object

__all__ = ["render"]


def render(report: LintReport) -> Iterator[str]:
    """The lines of the report."""
    feed = report.feed
    document = {
        "schema": LINT,
        "sources": [_source(read) for read in feed.reports],
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
            for kind, flaws in by_kind(feed)
        },
    }
    yield from json.dumps(document, indent=1).splitlines()


def _source(read: ReadReport) -> dict[str, Any]:
    return {
        **read_object(read),
        "rejections": [
            {
                "why": why,
                "extent": extent.value,
                "count": len(same),
                "where": [{"source": one.source, "position": one.position, "what": one.what} for one in same],
            }
            for extent in Extent
            for why, same in by_reason(read, extent)
        ],
    }
