"""A statement in words, from its object in a report."""

from typing import TYPE_CHECKING

from advisories.models.reading import shown_source

if TYPE_CHECKING:
    from advisories.reports.document import StatementObject

__all__ = ["statement_text"]


def statement_text(statement: "StatementObject") -> str:
    """What a statement makes of the finding, by whom, until when, why, and where it is written."""
    words = [str(statement["status"]).replace("_", " ")]
    words += [f"by {statement['owner']}"] if statement["owner"] else []
    words += [f"until {statement['until']}"] if statement["until"] else []
    why = statement["reason"] or statement["justification"] or "no reason given"
    return f"{' '.join(words)}: {why} ({shown_source(statement['source'])}: {statement['position']})"
