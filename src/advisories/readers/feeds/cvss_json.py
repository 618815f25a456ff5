"""CVSS vectors as NVD and CVE records carry them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from advisories.models.advisories import Severity
from advisories.sources.json import SHOWN, Malformed, json_type

__all__ = ["severity_of", "unread_members"]

_TYPES: Final = (("CVSS:4.", "CVSS_V4"), ("CVSS:3.", "CVSS_V3"), ("AV:", "CVSS_V2"))


def unread_members(record: Mapping[str, Any], names: Collection[str], begin: str = "") -> list[str]:
    """Why members are not read whose names are nearly one of `names`, or begin as all of those do.

    Nothing requires these members, so that a record without them is as right as one with them. A later version of CVSS
    has a member of its own.
    """
    plain = {_plain(name) for name in names}
    return [
        f"not read: {name[:SHOWN]!a}"
        for name in record
        if name not in names and (_plain(name) in plain or (begin and _plain(name).startswith(begin)))
    ]


def _plain(name: str) -> str:
    return name.strip().lower().rstrip("s")


def severity_of(data: Any, source: str, path: str) -> Iterator[Severity]:
    """The vector of a CVSS object. Raises :class:`Malformed` where it has none, or a text that begins as none does."""
    if not isinstance(data, dict):
        raise Malformed(path, f"an object is expected, not {json_type(data)}")
    vector = data.get("vectorString")
    if vector is None:
        raise Malformed(f"{path}.vectorString", "no vector")
    text = vector.strip("()") if isinstance(vector, str) else ""
    type = next((type for begin, type in _TYPES if text.startswith(begin)), None)
    if type is None or not text.isprintable():
        raise Malformed(f"{path}.vectorString", f"not a vector: {str(vector)[:40]!a}")
    yield Severity(type, text, source)
