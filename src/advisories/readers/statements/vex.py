"""What the readers of VEX share: the walk over a document's records, and their package URLs, times and prose."""

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.reading import Rejection, Skip
from advisories.models.statements import Purl, Revision, Statement
from advisories.readers import collector
from advisories.readers.statements.products import purl_of
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, Value, json_type

__all__ = [
    "NO_PURL",
    "NO_VERSION",
    "Remarks",
    "digest_of",
    "is_of_any_version",
    "is_purl",
    "object_of",
    "one_line",
    "revision_of",
    "statements_of",
]

#: Why a product is skipped.
NO_PURL: Final = "a product that is no package URL"
NO_VERSION: Final = "a fix without a version"


def is_purl(text: str) -> bool:
    """Whether a text is meant as a package URL."""
    return text[:4].lower() == "pkg:"


def is_of_any_version(purl: Purl, components: Iterable[Purl]) -> bool:
    """Whether a product is about more than one version of a package. A fix of that would suppress every version.

    Packages inside of an image of one version need none.
    """
    return purl.version is None and (not components or any(one.version is None for one in components))


def one_line(record: dict[str, Any], name: str, path: str) -> str:
    """A free text on one line, with a mark for every character that cannot be printed. Empty if it is missing.

    Raises :class:`~advisories.sources.json.Malformed` for anything but a text.
    """
    value = record.get(name)
    if not isinstance(value, str | None):
        raise Malformed(f"{path}{name}", f"a string is expected, not {json_type(value)}")
    text = " ".join((value or "").split())
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def object_of(value: Value) -> dict[str, Any]:
    """The object that a document has to be. Raises :class:`~advisories.sources.json.Malformed`."""
    if not isinstance(value.content, dict):
        raise Malformed("$", f"an object is expected, not {json_type(value.content)}")
    return value.content


def digest_of(document: Document) -> str:
    """The digest of a file, for :func:`revision_of`. A byte order mark makes no other document."""
    return hashlib.sha256(document.data.removeprefix(codecs.BOM_UTF8)).hexdigest()


def revision_of(
    name: tuple[str, ...],
    id: object,
    version: object,
    dates: Iterable[object],
    digest: str,
) -> Revision | None:
    """Which revision a document is. None where it has no id. Letter case and blanks make no other document.

    :param name: the format, and what else an id is unique in.
    :param dates: when it was changed, as it writes these. The latest counts, and none where one cannot be read.
    :param digest: of the document.
    """
    if not isinstance(id, str) or not id.strip():
        return None
    is_whole = isinstance(version, int) and not isinstance(version, bool)
    text = str(version) if is_whole else version.strip() if isinstance(version, str) else ""
    moments = [_moment(one) for one in dates if one is not None]
    known = [one for one in moments if one is not None]
    date = max(known, default=None) if len(known) == len(moments) else None
    document = " ".join(" ".join([*name, id]).casefold().split())
    return Revision(document, text or None, date, digest)


def _moment(value: object) -> datetime | None:
    """A moment of RFC 3339. None for anything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None


class Remarks(collector.Remarks):
    """Parts of a document that were refused or skipped, and the values that are refused most often.

    :param place: of the document. Its id stands for what belongs to no record.
    """

    def begin(self, id: str) -> None:
        """From here on, remarks are about the record `id`."""
        self._place = evolve(self._place, id=id)

    def broken(self, malformed: Malformed) -> Rejection:
        """A whole record that cannot be read."""
        place = self._place
        return Rejection(place.source, place.at(malformed.path), place.id, malformed.why)

    def time(self, record: dict[str, Any], name: str, path: str) -> datetime | None:
        """A moment of RFC 3339. None where it is missing, or refused because it cannot be read."""
        text = record.get(name)
        if text is None:
            return None
        time = _moment(text)
        if time is not None:
            return time
        self.refuse(f"{path}{name}", "not a timestamp with an offset from UTC")
        return None

    def since(
        self, record: dict[str, Any], names: Iterable[str], path: str, default: datetime | None
    ) -> datetime | None:
        """The latest of a record's moments, else the one of its document. None where one of them cannot be read.

        A broken one may be later than any other, so nothing stands in for it.
        """
        times = [self.time(record, name, path) for name in names if record.get(name) is not None]
        known = [time for time in times if time is not None]
        if len(known) < len(times):
            return None
        return max(known, default=default)

    def purl(self, text: str, path: str) -> Purl | None:
        """A package URL. None where it is broken, and refused."""
        try:
            return purl_of(text)
        except UnreadableSource as error:
            self.refuse(path, error.why)
            return None


def statements_of(
    records: list[Any],
    name: str,
    remarks: Remarks,
    ids_of: Callable[[dict[str, Any], str], tuple[str, ...]],
    read: Callable[[dict[str, Any], str, tuple[str, ...]], Iterable[Statement]],
) -> Iterator[Statement | Rejection | Skip]:
    """The statements of a document's records, one after the other, with the remarks about each record.

    A broken record is rejected, and its neighbours stay.

    :param name: of the array that they are in.
    :param ids_of: the names of a record's vulnerability, at least one, of the record and its path.
    :param read: a record's statements, of the record, its path and these names.
    """
    yield from remarks.taken()
    for number, record in enumerate(records):
        path = f"{name}[{number}]"
        remarks.begin(path)
        try:
            if not isinstance(record, dict):
                raise Malformed(path, f"an object is expected, not {json_type(record)}")
            ids = tuple(dict.fromkeys(id.strip() for id in ids_of(record, path)))
            if not all(ids):
                raise Malformed(path, "a vulnerability without a name")
            remarks.begin(ids[0])
            yield from read(record, path, ids)
        except Malformed as malformed:
            yield remarks.broken(malformed)
        yield from remarks.taken()
