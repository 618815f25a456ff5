"""The documents of a feed in the cache, under their publisher's addresses."""

import hashlib
from collections.abc import Iterator

from advisories.fetch.cache import Cache
from advisories.fetch.manifest import Fetched, Kept
from advisories.fetch.methods import CHANGES, NOTES
from advisories.fetch.network import FetchFailed
from advisories.fetch.publishers import Feed
from advisories.models.errors import MissingExtra, UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.reading import Rejection, Skip
from advisories.sources.documents import Document, Found, documents
from advisories.sources.limits import Limits

__all__ = ["digest_of_feed", "documents_of", "last_of", "named", "parts_of", "state_of"]


def state_of(feed: Fetched) -> str:
    """What a feed is made of, as a text: another one where any file with advisories changes."""
    files = [file.sha256 for file in feed.files if file.path.rpartition("/")[2] not in NOTES]
    return " ".join([*files, *feed.removed])


def digest_of_feed(feed: Fetched) -> str:
    """The SHA-256 of :func:`state_of`, in hexadecimal: the digest of the feed as a source of a store."""
    return hashlib.sha256(state_of(feed).encode("utf-8", "surrogatepass")).hexdigest()


def documents_of(cache: Cache, feed: Feed, fetched: Fetched, limits: Limits) -> Iterator[Found]:
    """The documents of a feed, each under its publisher's address, without those that others replace."""
    try:
        yield from _found(cache, feed, fetched, limits)
    except MissingExtra:
        raise
    except UnreadableSource as error:
        raise FetchFailed(fetched.address, error.why) from error


def _found(cache: Cache, feed: Feed, fetched: Fetched, limits: Limits) -> Iterator[Found]:
    wholes, changes = parts_of(fetched)
    depth = 2 if feed.publisher.method == "csaf" else 1
    replacing: list[Found] = []
    for file in changes:
        replacing += documents(cache.checked(file), limits)
    replaced = {last_of(one.source, depth) for one in replacing} | set(fetched.removed)
    for file in wholes:
        place = cache.checked(file)
        for one in documents(place, limits):
            if not (replaced and "!" in one.source and last_of(one.source, depth) in replaced):
                yield named(one, place, file.address)
    for one in replacing:
        yield named(one, one.source.partition("!")[0], fetched.address)


def parts_of(fetched: Fetched) -> tuple[list[Kept], list[Kept]]:
    """The files of a feed with advisories: those that are whole, and what has the documents that replace others."""
    files = [file for file in fetched.files if file.path.rpartition("/")[2] not in NOTES]
    changes = [file for file in files if file.path.endswith(f"/{CHANGES}")]
    return [file for file in files if file not in changes], changes


def last_of(source: str, depth: int) -> str:
    """The last parts of a member's path."""
    return "/".join(source.partition("!")[2].split("/")[-depth:])


def named(one: Found, place: str, address: str) -> Found:
    """What was found at a place, under its publisher's address."""
    assert isinstance(one, Document | Rejection | Skip)
    return evolve(one, source=f"{address}{one.source.removeprefix(place)}")
