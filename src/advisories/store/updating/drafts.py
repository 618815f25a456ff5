"""The rows of packages, and of drafts by the first package that has each."""

import hashlib
import marshal
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from advisories.index.records import GroupKey
from advisories.matching.drafts import content_of, draft_group
from advisories.models.distribution import Distribution
from advisories.store.drafts import text_of
from advisories.store.rows import Row, stored
from advisories.store.spool import Rows, Spool
from advisories.store.tables import is_ordered
from advisories.store.updating.changes import Older, copied, key_of, text_of_value
from advisories.store.updating.drawing import Drawing
from advisories.store.updating.packages import Packages
from advisories.store.updating.pieces import Parts

__all__ = ["package_rows"]

# Drafts that are looked up by their texts, and packages whose records are in memory at once.
_FEW: Final = 500


def package_rows(older: Older, packages: Packages, drawing: Drawing, spool: Spool) -> dict[str, Parts]:
    """The rows of packages and drafts, by table."""
    keys = (packages.keys | packages.drafted) & packages.by_key.keys()
    texts = _Texts(drawing, spool, packages.drafted)
    if len(keys) <= _FEW:
        texts.draw(keys)
        known = _drafts_of(older, texts.all())
    else:
        known = _drafts_that_stay(older, packages, keys)
    drafts = _DraftRows(spool)
    rows: list[Row] = []
    for number, target in enumerate(packages.order):
        distribution, name, names, type = target
        place: int | None = None
        if is_ordered(target):
            key = key_of(target)
            if key not in keys:
                place = drafts.place_of_older(packages.old[target].draft)
            else:
                if key not in texts:
                    texts.draw(_next_of(packages, number, keys))
                digest = texts[key]
                if digest in known:
                    place = drafts.place_of_older(known[digest])
                elif digest is not None:
                    place = drafts.place_of_text(digest, texts)
        of = None if distribution is None else packages.distributions[distribution]
        rows.append((number, of, name, names.value, type, packages.entries[target], place))
    found = Parts()
    found.add(rows)
    return {"package": found, "draft": drafts.finished()}


def _next_of(packages: Packages, number: int, keys: Collection[GroupKey]) -> Collection[GroupKey]:
    """Some of these keys: those of the packages from a number on."""
    found: dict[GroupKey, None] = {}
    for place in range(number, len(packages.order)):
        target = packages.order[place]
        if is_ordered(target) and (key := key_of(target)) in keys:
            found[key] = None
            if len(found) == _FEW:
                break
    return found.keys()


def _drafts_of(older: Older, texts: Iterable[str]) -> dict[bytes | None, int]:
    """The numbers of the drafts that are there already, by the digests of their texts."""
    return _by_digest(older, "body", sorted(texts))


def _drafts_that_stay(older: Older, packages: Packages, keys: Collection[GroupKey]) -> dict[bytes | None, int]:
    """The numbers of the drafts of other packages than these, by the digests of their texts."""
    stay = {row.draft for target, row in packages.old.items() if row.draft is not None and key_of(target) not in keys}
    return _by_digest(older, "number", sorted(stay))


def _by_digest(older: Older, column: str, wanted: Sequence[str | int]) -> dict[bytes | None, int]:
    found: dict[bytes | None, int] = {}
    for begin in range(0, len(wanted), _FEW):
        some = [stored(one) for one in wanted[begin : begin + _FEW]]
        listed = ",".join("?" * len(some))
        for body, number in older.rows(f"SELECT body, number FROM draft WHERE {column} IN ({listed})", *some):
            found[_digest_of(text_of_value(body))] = number
    return found


def _digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class _Texts:
    """The texts of drafts that are made anew, each once, by digests. Packages that were built together share them.

    :param drafted: the packages of which no entry comes or goes.
    """

    def __init__(self, drawing: Drawing, spool: Spool, drafted: Collection[GroupKey]) -> None:
        self._drawing: Final = drawing
        self._spool: Final = spool
        self._drafted: Final = drafted
        self._places: Final[dict[bytes, int]] = {}
        self._by_content: Final[dict[bytes, bytes | None]] = {}
        self._by_key: Final[dict[GroupKey, bytes | None]] = {}

    def draw(self, keys: Collection[GroupKey]) -> None:
        """Make the drafts of these packages."""
        with self._drawing.beside([key for key in keys if key in self._drafted]):
            for key in keys:
                self._draw(key)

    def _draw(self, key: GroupKey) -> None:
        release, names, name = Distribution(key[0], key[1]), key[2], key[3]
        content = content_of(self._drawing, release, names, name)
        # Version 2 has the same bytes for equal values.
        alike = None if content is None else hashlib.sha256(marshal.dumps(content, 2)).digest()
        if alike is not None and alike in self._by_content:
            self._by_key[key] = self._by_content[alike]
            return
        text = text_of(draft_group(self._drawing, release, names, name))
        digest: bytes | None = None
        if text is not None:
            digest = _digest_of(text)
            if digest not in self._places:
                self._places[digest] = self._spool.add(text)
        self._by_key[key] = digest
        if alike is not None:
            self._by_content[alike] = digest

    def __contains__(self, key: GroupKey) -> bool:
        return key in self._by_key

    def __getitem__(self, key: GroupKey) -> bytes | None:
        """The digest of a package's text. None where the rules decide all there is."""
        return self._by_key[key]

    def text(self, digest: bytes) -> str:
        """The text of a digest."""
        found: str = self._spool[self._places[digest]]
        return found

    def all(self) -> Iterator[str]:
        """All texts."""
        return map(self._spool.__getitem__, self._places.values())


class _DraftRows:
    """The rows of drafts, numbered as packages ask for them. Neighbours that stay neighbours are copied together."""

    def __init__(self, spool: Spool) -> None:
        self._spool: Final = spool
        self._parts: Final = Parts()
        self._numbers: Final[dict[int | bytes, int]] = {}
        # What is to be copied, or the rows that are made, behind all that has been added.
        self._begin = self._end = 0
        self._made = Rows(spool)

    def place_of_older(self, draft: int | None) -> int | None:
        """The number that a draft of the older store has now."""
        if draft is None:
            return None
        place = self._numbers.get(draft)
        if place is None:
            place = self._numbers[draft] = len(self._numbers)
            if self._begin < self._end == draft and not len(self._made):
                self._end += 1
            else:
                self._copy()
                self._begin, self._end, self._made = draft, draft + 1, Rows(self._spool)
        return place

    def place_of_text(self, digest: bytes, texts: _Texts) -> int:
        """The number of a draft that is made anew."""
        place = self._numbers.get(digest)
        if place is None:
            place = self._numbers[digest] = len(self._numbers)
            self._copy()
            if not len(self._made):
                self._parts.add(self._made)
            self._made.append((place, texts.text(digest)))
        return place

    def _copy(self) -> None:
        if self._begin < self._end:
            more = self._numbers[self._begin] - self._begin
            run = self._begin, self._end
            self._parts.add(copied("draft", {"number": f"number + {more}"}, "number", run, ("number",)))
        self._begin = self._end = 0

    def finished(self) -> Parts:
        """All of them."""
        self._copy()
        return self._parts
