"""The findings as CycloneDX 1.6."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from advisories.reports.cyclonedx import lines_of

if TYPE_CHECKING:
    from advisories.reports.document import Document

__all__ = ["render"]


def render(document: "Document") -> Iterable[str]:
    """The lines of the document."""
    return lines_of(document.content, "1.6")
