"""What SARIF reports of all kinds have in common."""

from typing import Final

from advisories.models.printing import printable

__all__ = ["SCHEMA", "braces", "plain"]

#: The schema of the committee.
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def plain(text: str) -> str:
    """A text as a message: braces are doubled, and nothing is a link by accident."""
    return braces(printable(text)).replace("](", "] (")


def braces(text: str) -> str:
    """A text without placeholders."""
    return text.replace("{", "{{").replace("}", "}}") if "{" in text or "}" in text else text
