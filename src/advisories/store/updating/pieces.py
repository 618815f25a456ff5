"""The rows of tables: those that are made, and those that are copied, in their order."""

from collections.abc import Iterator, Sequence
from typing import Final

from advisories.store.rows import Row, stored
from advisories.store.spool import Rows
from advisories.store.writing import Copied

__all__ = ["Parts"]


class Parts:
    """The rows of one table."""

    def __init__(self) -> None:
        self._parts: Final[list[Sequence[Row] | Rows | Copied]] = []

    def add(self, part: Sequence[Row] | Rows | Copied) -> None:
        """Add rows behind those there are. Rows of a spool may get more of them later."""
        if isinstance(part, Copied | Rows) or part:
            self._parts.append(part)

    def batches(self) -> Iterator[Sequence[Row] | Copied]:
        """All of them."""
        for part in self._parts:
            if isinstance(part, Rows):
                yield from part.batches()
                continue
            yield part if isinstance(part, Copied) else [tuple(map(stored, row)) for row in part]
