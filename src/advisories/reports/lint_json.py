"""The lint report as one JSON object, with every rejection and every flaw: ``schemas/lint.schema.json``."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument

__all__ = ["render"]


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the report."""
    yield from json.dumps(document.content, indent=1).splitlines()
