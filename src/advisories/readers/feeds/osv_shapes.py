"""OSV records decoded by their shape, where msgspec is installed (the extra ``fast``).

The entries of an update repeat one another. Here all of an entry but its package stays bytes, and equal bytes are read
once. A record without entries, with members that the schema does not have, or of other types, has no shape, and neither
has one in which an object may have a key twice.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from advisories.sources import json
from advisories.sources.json import REFUSED, has_as_many_keys, quickly

__all__ = ["Shapes", "shapes"]

_MEMBERS: Final = (
    *("id", "modified", "published", "withdrawn", "aliases", "upstream", "related", "summary", "details"),
    *("severity", "references", "credits", "schema_version", "database_specific"),
)
_OTHERS: Final = ("versions", "severity", "ecosystem_specific", "database_specific")


class Shapes:
    """Decodes records. The entries of one have a ``package`` with ``name``, ``ecosystem`` and ``purl``.

    Two entries are equal where they have the same package, and the same bytes in all other members.
    """

    def __init__(self, decode: Callable[[bytes], Any], encode: Callable[[Any], bytes], missing: object) -> None:
        self._decode: Final = decode
        self._encode: Final = encode
        self._missing: Final = missing

    def members(self, data: bytes) -> dict[str, Any] | None:
        """The members of a record, as ``json`` decodes them, but the entries. None where the record has no shape."""
        try:
            record = self._decode(data)
            if not has_as_many_keys(data, self._encode(record)):
                return None
        except (ValueError, RecursionError):
            return None
        missing = self._missing
        members = {name: value for name in _MEMBERS if (value := getattr(record, name)) is not missing}
        members["affected"] = record.affected
        return members

    def ranges_alone(self, entry: Any) -> bytes | None:
        """The text of an entry's ranges. None where it has none, or has anything but these and its package."""
        missing = self._missing
        is_alone = (
            entry.ranges is not missing
            and entry.versions is missing
            and entry.severity is missing
            and entry.ecosystem_specific is missing
            and entry.database_specific is missing
        )
        return bytes(entry.ranges) if is_alone else None

    def rest(self, entry: Any) -> dict[str, Any] | None:
        """The members of an entry but its package, as ``json`` decodes them. None where a key may stand twice."""
        rest = {name: getattr(entry, name) for name in ("ranges", *_OTHERS)}
        rest = {name: quickly(bytes(value)) for name, value in rest.items() if value is not self._missing}
        return None if any(value is REFUSED for value in rest.values()) else rest


def shapes() -> Shapes | None:
    """What decodes records by their shape. None where msgspec is missing."""
    return None if json.fast_coders() is None else _shapes()


@cache
def _shapes() -> Shapes:
    from msgspec import UNSET, Raw, UnsetType, defstruct
    from msgspec.json import Decoder, encode

    missing: Any = UNSET
    package = defstruct("Package", [("name", str), ("ecosystem", str), ("purl", str | UnsetType, missing)], gc=False)
    raw: Any = Raw | UnsetType
    texts = [(name, raw, missing) for name in ("ranges", *_OTHERS)]
    entry: Any = defstruct("Entry", [("package", package), *texts], gc=False)
    members: Any = [(name, Any, missing) for name in _MEMBERS]
    record = defstruct("Record", [("affected", list[entry]), *members])
    return Shapes(Decoder(record).decode, encode, missing)
