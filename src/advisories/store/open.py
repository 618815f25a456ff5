"""Opening a store as a feed."""

from pathlib import Path

from advisories.index.feed import Feed
from advisories.store.reader import Store

__all__ = ["open_feed"]


def open_feed(path: str | Path) -> Feed:
    """The feed of a store that ``advisories compile`` wrote. Opening is instant: records are read when they are needed.

    The feed pickles as the path and the digest of the store. Raises :class:`~advisories.models.errors.UnreadableSource`
    where the file cannot be read, or is no store of this version.
    """
    return Feed.over(Store(path))
