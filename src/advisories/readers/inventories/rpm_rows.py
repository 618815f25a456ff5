"""How rpm's databases begin, and what comes out of them, whatever their kind: headers, and what was not read."""

from typing import Final

from advisories.models.frozen import frozen

__all__ = ["BERKELEY", "BERKELEY_HASH", "BERKELEY_PLACE", "NDB", "SQLITE", "WHOLE", "Damage", "Row"]

#: How a file begins.
SQLITE: Final = b"SQLite format 3\0"
NDB: Final = b"RpmP"
#: Where one of Berkeley DB has its mark, that of a hash with the byte order, and any, that of a B-tree among them.
BERKELEY_PLACE: Final = slice(12, 16)
BERKELEY_HASH: Final = {b"\x00\x06\x15\x61": ">", b"\x61\x15\x06\x00": "<"}
BERKELEY: Final = (*BERKELEY_HASH, b"\x00\x05\x31\x62", b"\x62\x31\x05\x00")

#: A package's number in the database, where its header stands, and the header.
Row = tuple[object, str, object]

#: Where a damage is that has no place of its own.
WHOLE: Final = "the rest of the database"


@frozen
class Damage:
    """What was not read.

    :ivar where: which part of the database.
    :ivar why: in words.
    :ivar position: as of a rejection.
    """

    where: str
    why: str
    position: str = "-"
