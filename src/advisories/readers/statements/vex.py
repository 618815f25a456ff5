"""What the readers of VEX share: going through a document's records, and package URLs, times and prose out of them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from advisories.models import Extent, Rejection, Skip
from advisories.models.errors import UnreadableSource
from advisories.models.statements import Purl, Statement
from advisories.readers.statements.products import purl_of
from advisories.sources.json import Malformed, Value, json_type

__all__ = ["JUSTIFICATIONS", "NO_PURL", "Remarks", "is_purl", "object_of", "one_line", "statements_of"]

#: The labels of why a product is not affected, of OpenVEX and of CSAF's flags alike.
JUSTIFICATIONS: Final = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
#: Why a product is left aside.
NO_PURL: Final = "a product that is no package URL"


def is_purl(text: str) -> bool:
    """Whether a text is meant as a package URL."""
    return text[:4].lower() == "pkg:"


def one_line(record: dict[str, Any], name: str, path: str) -> str:
    """A free text on one line, with a mark for every character that cannot be printed; empty where it is missing.

    Raises :class:`~advisories.sources.json.Malformed` for what is no text.
    """
    value = record.get(name)
    if not isinstance(value, str | None):
        raise Malformed(f"{path}{name}", f"a string is expected, not {json_type(value)}")
    text = " ".join((value or "").split())
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def object_of(value: Value) -> dict[str, Any]:
    """The object that a document has to be; raises :class:`~advisories.sources.json.Malformed`."""
    if not isinstance(value.content, dict):
        raise Malformed("$", f"an object is expected, not {json_type(value.content)}")
    return value.content


class Remarks:
    """What of a document is refused or left aside besides whole records, until it is taken.

    :param at: where the document begins in its source; empty, or such as ``line 3: ``.
    """

    def __init__(self, source: str, at: str = "") -> None:
        self._source = source
        self._at = at
        self._found: list[Rejection | Skip] = []

    def taken(self) -> Iterator[Rejection | Skip]:
        """All of them, once."""
        found, self._found = self._found, []
        return iter(found)

    def broken(self, malformed: Malformed, id: str) -> Rejection:
        """A whole record that cannot be read."""
        return Rejection(self._source, f"{self._at}{malformed.path}", id, malformed.why)

    def refuse(self, path: str, id: str, why: str) -> None:
        """A part that cannot be read."""
        self._found.append(Rejection(self._source, f"{self._at}{path}", id, why, Extent.PART))

    def leave(self, path: str, id: str, why: str) -> None:
        """A part that is understood and says nothing here."""
        self._found.append(Skip(self._source, f"{self._at}{path}", id, why))

    def time(self, record: dict[str, Any], name: str, path: str, id: str) -> datetime | None:
        """A moment of RFC 3339; None where there is none, or none that can be read, which is refused."""
        text = record.get(name)
        if text is None:
            return None
        try:
            time = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            time = None
        if time is not None and time.tzinfo is not None:
            return time
        self.refuse(f"{path}{name}", id, "no timestamp with an offset, so that it cannot be told from when it is")
        return None

    def purl(self, text: str, path: str, id: str) -> Purl | None:
        """A package URL; None where it is a broken one, which is refused."""
        try:
            return purl_of(text)
        except UnreadableSource as error:
            self.refuse(path, id, error.why)
            return None


def statements_of(
    records: list[Any],
    name: str,
    remarks: Remarks,
    ids_of: Callable[[dict[str, Any], str], tuple[str, ...]],
    read: Callable[[dict[str, Any], str, tuple[str, ...]], Iterable[Statement]],
) -> Iterator[Statement | Rejection | Skip]:
    """The statements of a document's records, one after the other, and what is said of the rest; a broken record is
    refused and leaves its neighbours.

    :param name: of the array that they are in.
    :param ids_of: the names of a record's vulnerability, at least one, of the record and its path.
    :param read: a record's statements, of the record, its path and these names.
    """
    yield from remarks.taken()
    for number, record in enumerate(records):
        path = id = f"{name}[{number}]"
        try:
            if not isinstance(record, dict):
                raise Malformed(path, f"an object is expected, not {json_type(record)}")
            ids = ids_of(record, path)
            id = ids[0]
            yield from read(record, path, ids)
        except Malformed as malformed:
            yield remarks.broken(malformed, id)
        yield from remarks.taken()
