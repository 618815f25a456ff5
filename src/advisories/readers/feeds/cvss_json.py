"""CVSS vectors as NVD and CVE records carry them."""

from collections.abc import Iterator
from typing import Any, Final

from advisories.models.advisories import Severity
from advisories.sources.json import Malformed, json_type

__all__ = ["severity_of"]

_TYPES: Final = (("CVSS:4.", "CVSS_V4"), ("CVSS:3.", "CVSS_V3"), ("AV:", "CVSS_V2"))


def severity_of(data: Any, source: str, path: str) -> Iterator[Severity]:
    """The vector of a CVSS object. Raises :class:`Malformed` for a text that begins as no vector does."""
    if not isinstance(data, dict):
        raise Malformed(path, f"an object is expected, not {json_type(data)}")
    vector = data.get("vectorString")
    if vector is None:
        return
    text = vector.strip("()") if isinstance(vector, str) else ""
    type = next((type for begin, type in _TYPES if text.startswith(begin)), None)
    if type is None or not text.isprintable():
        raise Malformed(f"{path}.vectorString", f"not a vector: {str(vector)[:40]!a}")
    yield Severity(type, text, source)
