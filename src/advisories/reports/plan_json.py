"""The plan as one JSON object, described by ``schemas/plan.schema.json``."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisories.reports.plan_document import PlanDocument

__all__ = ["render"]


def render(document: "PlanDocument") -> Iterator[str]:
    """The lines of the report."""
    yield from json.dumps(document.content, indent=1).splitlines()
