"""The verification as one JSON object, described by ``schemas/verification.schema.json``."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from advisories.reports.objects import array

if TYPE_CHECKING:
    from advisories.reports.verification_document import VerificationDocument

__all__ = ["render"]

_LISTS: Final = ("suppressed", "new", "findings")


def render(document: "VerificationDocument") -> Iterator[str]:
    """The lines of the report, a finding on each, so that you can compare two reports line by line."""
    content: dict[str, Any] = dict(document.content)
    yield "{"
    for name, value in content.items():
        if name not in _LISTS:
            yield f" {json.dumps(name)}: {json.dumps(value)},"
    for name in _LISTS:
        yield from array(name, content[name], "" if name == _LISTS[-1] else ",")
    yield "}"
