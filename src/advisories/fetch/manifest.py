"""What a cache holds: one document, replaced as a whole. What it does not name is not there."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from advisories.models.errors import OtherVersion, UnreadableSource
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun
from advisories.models.schemas import version_in

__all__ = ["EMPTY", "Fetched", "Kept", "Manifest", "Stored", "manifest_of", "merged", "part_of", "text_of"]

_SCHEMA: Final = "advisories-cache"
_VERSION: Final = 1
SCHEMA: Final = f"{_SCHEMA}/{_VERSION}"
#: What a file of a cache may be called: nothing in it leads elsewhere.
_PATH: Final = re.compile(
    r"(?:feeds/[a-z0-9][a-z0-9.-]{0,59}/[0-9a-f]{16}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
    r"|stores/[a-z0-9][a-z0-9.-]{0,59}/[0-9a-f]{16}\.db)"
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@frozen
class Kept(Noun):
    """A file of a feed.

    :ivar path: in the cache.
    :ivar address: where the publisher has it.
    :ivar etag: as the server sent it, and
    :ivar modified: the publisher's own date (``Last-Modified``). Both for asking again.
    :ivar verified: by what it was checked, such as ``sha256`` or ``signature``.
    :ivar unverified: what is published to check it by and was not used, with the reason.
    """

    path: str
    address: str
    etag: str
    modified: str
    size: int
    sha256: str
    verified: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


@frozen
class Fetched(Noun):
    """A feed.

    :ivar publisher: its row of the table.
    :ivar address: where the publisher has it.
    :ivar files: its files, those that replace documents of others last.
    :ivar removed: documents that the publisher has removed since.
    :ivar until: up to when changes are in it for certain. Empty where nothing is known to be missing.
    :ivar checked: when the publisher last said that this is all there is.
    :ivar mirror: the mirror that it came from, by host and path. Empty where it came from the publisher.
    """

    publisher: str
    address: str
    files: tuple[Kept, ...]
    removed: tuple[str, ...]
    until: str
    checked: datetime
    mirror: str


@frozen
class Stored(Noun):
    """The store of a distribution.

    :ivar unit: what it is compiled for, as you write it.
    :ivar feeds: the names of the feeds that it was compiled from, in their order.
    :ivar digests: what these were, so that one that has changed since shows.
    :ivar kept: how many records each has, and
    :ivar newest: its newest date. None where its records have none.
    """

    unit: str
    path: str
    size: int
    sha256: str
    feeds: tuple[str, ...]
    digests: tuple[str, ...]
    kept: tuple[int, ...]
    newest: tuple[datetime | None, ...]
    compiled: datetime


@frozen
class Manifest(Noun):
    """Everything in a cache.

    :ivar feeds: by name.
    :ivar stores: by the name of their unit.
    """

    feeds: Mapping[str, Fetched] = field(factory=dict)
    stores: Mapping[str, Stored] = field(factory=dict)

    def paths(self) -> frozenset[str]:
        """Every file that it names."""
        return frozenset(
            [
                *[file.path for feed in self.feeds.values() for file in feed.files],
                *[store.path for store in self.stores.values()],
            ]
        )


def part_of(manifest: Manifest, names: Iterable[str]) -> Manifest:
    """The stores of these units, with the feeds that they are made of."""
    stores = {name: manifest.stores[name] for name in sorted(set(names))}
    feeds = {name: manifest.feeds[name] for store in stores.values() for name in store.feeds}
    return Manifest(MappingProxyType(feeds), MappingProxyType(stores))


def merged(manifest: Manifest, more: Manifest) -> Manifest:
    """A manifest with the feeds and stores of another one in the place of its own of the same names."""
    return Manifest(
        MappingProxyType({**manifest.feeds, **more.feeds}), MappingProxyType({**manifest.stores, **more.stores})
    )


EMPTY: Final = Manifest(MappingProxyType({}), MappingProxyType({}))


def text_of(manifest: Manifest) -> str:
    """A manifest as JSON, the same text for the same content."""
    value = {
        "schema": SCHEMA,
        "feeds": {name: feed.to_dict() for name, feed in sorted(manifest.feeds.items())},
        "stores": {name: store.to_dict() for name, store in sorted(manifest.stores.items())},
    }
    return json.dumps(value, indent=1) + "\n"


def manifest_of(text: bytes, source: str, again: str = "fetch into another folder (--cache)") -> Manifest:
    """The manifest of a text.

    :param again: what to do where another release wrote it.

    Raises :class:`~advisories.models.errors.UnreadableSource` for anything that :func:`text_of` does not write, and
    :class:`~advisories.models.errors.OtherVersion` for what another release does.
    """
    try:
        value = json.loads(text)
        if value["schema"] != SCHEMA:
            found = version_in(value["schema"], _SCHEMA)
            if found is not None:
                raise OtherVersion(source, f"the manifest of a cache ({_SCHEMA})", found, (_VERSION,), again)
            raise ValueError(f"its schema is {value['schema']!a}, not {SCHEMA}")
        if set(value) != {"schema", "feeds", "stores"}:
            raise ValueError("members that no manifest has")
        manifest = Manifest(
            MappingProxyType({_name(name): _fetched(one) for name, one in value["feeds"].items()}),
            MappingProxyType({_name(name): _stored(one) for name, one in value["stores"].items()}),
        )
        for name, store in manifest.stores.items():
            if not set(store.feeds) <= set(manifest.feeds):
                raise ValueError(f"the store {name} is made of feeds that are not there")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableSource(source, f"no manifest of a cache: {error}") from error
    return manifest


def _name(name: object) -> str:
    if not isinstance(name, str) or re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,59}", name) is None:
        raise ValueError(f"{name!a} is no name")
    return name


def _fetched(value: Any) -> Fetched:
    return Fetched(
        _text(value["publisher"]),
        _text(value["address"]),
        tuple([_kept(one) for one in value["files"]]),
        _texts(value["removed"]),
        _text(value["until"]),
        _date(value["checked"]),
        _text(value["mirror"]),
    )


def _kept(value: Any) -> Kept:
    return Kept(
        _path(value["path"]),
        _text(value["address"]),
        _text(value["etag"]),
        _text(value["modified"]),
        _count(value["size"]),
        _digest(value["sha256"]),
        _texts(value["verified"]),
        _texts(value["unverified"]),
    )


def _stored(value: Any) -> Stored:
    found = Stored(
        _text(value["unit"]),
        _path(value["path"]),
        _count(value["size"]),
        _digest(value["sha256"]),
        _texts(value["feeds"]),
        _texts(value["digests"]),
        tuple([_count(one) for one in value["kept"]]),
        tuple([None if one is None else _date(one) for one in value["newest"]]),
        _date(value["compiled"]),
    )
    if not found.feeds or len({len(found.feeds), len(found.digests), len(found.kept), len(found.newest)}) != 1:
        raise ValueError("a store whose feeds do not add up")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 10_000:
        raise ValueError("a text is expected")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("a list is expected")
    return tuple([_text(one) for one in value])


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a count is expected")
    return value


def _digest(value: Any) -> str:
    if _DIGEST.fullmatch(_text(value)) is None:
        raise ValueError(f"{value!a} is no SHA-256")
    return str(value)


def _path(value: Any) -> str:
    if _PATH.fullmatch(_text(value)) is None:
        raise ValueError(f"{value!a} is no path of a cache")
    return str(value)


def _date(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError(f"{value!a} has no time zone")
    return found
