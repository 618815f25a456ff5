"""What is particular about a finding, in a few words each."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding

__all__ = ["tags_of"]


def tags_of(finding: "ReportedFinding") -> tuple[str, ...]:
    """Words for what a reader should not miss, and what was assumed."""
    return (
        *(["known exploited"] if finding["known_exploited"] else []),
        *([] if finding["presence"] == "installed" else [f"{finding['presence']} kernel"]),
        *(["restart pending"] if finding["pending_restart"] else []),
        *([f"fixed in {finding['channel']}"] if finding["channel"] else []),
        *([finding["status"]] if finding["status"] != "affected" else []),
        *finding["assumptions"],
    )
