"""From sources to a feed: a store is opened in place, everything else is read."""

from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

from advisories.index.feed import Feed
from advisories.sources.documents import is_database, path_of, stream_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from advisories.readers.feeds.registry import Reading

__all__ = ["Source", "open_feed", "read_feed"]

#: A path of a file, folder, archive or store, or an open binary stream, which messages call ``-``.
Source = str | PathLike[str] | BinaryIO


def open_feed(*sources: Source, limits: Limits = DEFAULT_LIMITS) -> Feed:
    """The feed of one or more sources. The content decides what each of them is.

    One store alone is opened in place, whatever its size: its records are read when they are needed. Close such a feed,
    or use it in a ``with`` statement. It pickles as the store's path and digest. Everything else is read as
    :func:`read_feed` does.

    Raises as :func:`read_feed`, and :class:`~advisories.models.errors.DamagedStore` for a store that is cut off.
    """
    if len(sources) != 1 or not isinstance(sources[0], str | PathLike) or not is_database(sources[0]):
        return read_feed(*sources, limits=limits)
    from advisories.store.reader import Store  # sqlite3 only where there is a store

    return Feed.over(Store(path_of(sources[0])))


def read_feed(*sources: Source, limits: Limits = DEFAULT_LIMITS) -> Feed:
    """The feed of one or more sources, read into memory.

    A source is a file, folder or archive of any known format, a store as a file, or a stream of all but a store.

    Raises :class:`~advisories.models.errors.UnreadableSource` where a source cannot be read,
    :class:`~advisories.models.errors.UnknownFormat` where no reader recognises a file,
    :class:`~advisories.models.errors.LimitExceeded` beyond a limit, and
    :class:`~advisories.models.errors.EmptySource` where no record could be kept. No source at all is a
    :class:`TypeError`.
    """
    if not sources:
        raise TypeError("one or more sources are expected")
    for source in sources:
        if not isinstance(source, str | PathLike):
            stream_of(source)
    return Feed.from_readings([_reading(source, limits) for source in sources])


def _reading(source: Source, limits: Limits) -> "Reading":
    from advisories.readers.feeds.registry import read, read_stream  # only where no store is opened in place

    if not isinstance(source, str | PathLike):
        return read_stream(source, limits=limits)
    from pathlib import Path

    path = Path(source)
    if is_database(source):
        from advisories.store.as_source import StoreReading

        return StoreReading(path)
    return read(path, limits)
