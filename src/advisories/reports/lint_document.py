"""What a report of lint carries: the members of its JSON form, by type.

``schemas/lint.schema.json`` is made from these types, and a report that is read is checked against them. All formats
are written from a :class:`LintDocument`.
"""

from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypedDict, cast

from advisories.models.advisories import Kind
from advisories.models.json_types import EVERY, Moment
from advisories.models.reading import Extent, FlawKind, ReadReport
from advisories.models.schemas import LINT
from advisories.reports.document import Count, DistributionObject
from advisories.reports.lint import LintReport, by_kind, by_reason
from advisories.reports.objects import distribution_object, read_object

__all__ = ["FlawObject", "LintDocument", "LintObject", "ReasonObject", "SourceObject"]


class PlaceObject(TypedDict):
    """Where something is that was rejected.

    :ivar source: The file, with !member for a member of an archive.
    :ivar position: Such as line 12, or a path in JSON.
    :ivar what: The id or name, else a piece of the text.
    """

    source: str
    position: str
    what: str


class ReasonObject(TypedDict):
    """What was rejected for one reason."""

    why: str
    extent: Extent
    count: Count
    where: list[PlaceObject]


class SourceObject(TypedDict):
    """What a reader did with one source: read = kept + rejected.

    :ivar format: Empty where it is of no known format.
    :ivar rejections: By reason, the most frequent first.
    :ivar skipped: What was deliberately not read, by reason.
    :ivar newest: When the advisory that changed last was modified, or else published. Null where none has a date.
    """

    source: str
    format: str
    read: Count
    kept: Count
    rejected: Count
    rejections: list[ReasonObject]
    skipped: dict[str, Count]
    newest: Moment | None


class FlawObject(TypedDict):
    """Something wrong with a record that was kept.

    :ivar package: Null where the flaw is the advisory's as a whole.
    :ivar distribution: The release in words.
    """

    advisory: str
    package: str | None
    distribution: str | None
    why: str


class LintObject(TypedDict):
    """Report of `advisories lint`

    :ivar schema: Name and version of this form.
    :ivar advisories: How many there are.
    :ivar kinds: Advisories by kind.
    :ivar enrichments: CVEs with data of others than the publishers of advisories, by source.
    :ivar duplicates: Advisories that were read again under the id of another.
    :ivar unordered: Affected entries of types whose versions have no order here, by type.
    :ivar flaws: By kind, without an entry for other kinds.
    """

    schema: Literal["advisories/lint/2"]
    sources: list[SourceObject]
    advisories: Count
    releases: list[DistributionObject]
    kinds: Annotated[dict[Kind, Count], EVERY]
    enrichments: dict[str, Count]
    duplicates: Count
    unordered: dict[str, Count]
    flaws: dict[FlawKind, list[FlawObject]]


class LintDocument:
    """A report of lint as its JSON form has it.

    :param content: the whole form. Nobody changes it.
    :param width: the columns that text is wrapped at. None for lines of any length.
    """

    what: ClassVar = "lint"

    def __init__(self, content: LintObject, width: int | None = None) -> None:
        self.content: Final = content
        self.width: Final = width

    @classmethod
    def of(cls, report: LintReport) -> Self:
        """The document of a feed."""
        feed = report.feed
        content = {
            "schema": LINT,
            "sources": list(map(_source, feed.reports)),
            "advisories": len(feed),
            "releases": list(map(distribution_object, feed.releases)),
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
        return cls(cast(LintObject, content), report.width)

    def __repr__(self) -> str:
        return f"<LintDocument: {self.content['advisories']} advisories>"

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, LintDocument) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


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
