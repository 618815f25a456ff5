"""What comes out of rpm's databases, whatever their kind: headers, and what was not read."""

from typing import Final

from advisories.models.frozen import frozen

__all__ = ["WHOLE", "Damage", "Row"]

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
