"""The lint report as text: what was rejected or skipped, by reason, and flaws of the records that were kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.models.reading import Extent, shown_source
from advisories.reports.caveats import release_text
from advisories.reports.lines import counted, rejected_text, wrapped

if TYPE_CHECKING:
    from advisories.reports.lint_document import FlawObject, LintDocument, SourceObject

__all__ = ["render"]

# How many examples of one reason, and of one kind of flaw, are shown. JSON has all.
_SHOWN: Final = 5


def render(document: "LintDocument") -> list[str]:
    """The lines of the report."""
    return [
        line
        for whole in _lines(document)
        for line in wrapped(whole.lstrip(" "), document.width, len(whole) - len(whole.lstrip(" ")))
    ]


def _lines(document: "LintDocument") -> Iterator[str]:
    content = document.content
    for read in content["sources"]:
        yield f"{shown_source(read['source'])} ({read['format'] or 'no known format'})"
        yield f"  {counted(read['read'], 'record')} read, {read['kept']} kept, {_rejected(read)}"
        for reason in read["rejections"]:
            what = "rejected" if reason["extent"] == Extent.RECORD else "a part rejected"
            yield f"  {what} ({reason['count']}): {reason['why']}"
            yield from (
                f"    {shown_source(at['source'])}: {at['position']}: {at['what']}" for at in reason["where"][:_SHOWN]
            )
            yield from _rest(reason["count"], "    ")
        for why, count in read["skipped"].items():
            yield f"  skipped ({count}): {why}"
    releases = ", ".join(map(release_text, content["releases"])) or "no release"
    yield f"{counted(content['advisories'], 'advisory')} of {releases}"
    for source, count in content["enrichments"].items():
        yield f"{count} CVEs of {source}"
    if content["duplicates"]:
        yield f"{content['duplicates']} read again under the id of another"
    for type, entries in content["unordered"].items():
        yield f"{entries} affected entries of type {type}, whose versions have no order here"
    for kind, flaws in content["flaws"].items():
        yield f"{kind} ({len(flaws)})"
        yield from (f"  {_where(flaw)}: {flaw['why']}" for flaw in flaws[:_SHOWN])
        yield from _rest(len(flaws), "  ")
    if not any(content["flaws"].values()):
        yield "no flaws in what was kept"


def _where(flaw: "FlawObject") -> str:
    return f"{flaw['advisory']}, {flaw['package']} of {flaw['distribution']}" if flaw["package"] else flaw["advisory"]


def _rest(count: int, indent: str) -> Iterator[str]:
    if count > _SHOWN:
        yield f"{indent}and {count - _SHOWN} more"


def _rejected(read: "SourceObject") -> str:
    parts = sum(one["count"] for one in read["rejections"] if one["extent"] == Extent.PART)
    return rejected_text(read["rejected"], read["rejected"] + parts) or "0 rejected"
