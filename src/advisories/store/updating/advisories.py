"""The rows of advisories, and of what others know of CVEs."""

from collections import Counter
from datetime import datetime
from typing import Final

from advisories.store.spool import Rows, Spool
from advisories.store.tables import rows_of_advisory, rows_of_enrichment
from advisories.store.updating.changes import Changes, copied
from advisories.store.updating.completing import Exchange
from advisories.store.updating.numbering import Numbers
from advisories.store.updating.pieces import Parts
from advisories.store.writing import Copied, Pieces

__all__ = ["AdvisoryRows", "enrichment_rows"]

_TABLES: Final = ("advisory", "cve", "alias", "severity", "reference")


class AdvisoryRows:
    """The rows of advisories.

    :ivar tables: by their names.
    :ivar dates: when the added advisories were modified or published, by number.
    :ivar kinds: how many added advisories there are of each kind.
    """

    def __init__(self, exchanged: Exchange, numbers: Numbers, spool: Spool) -> None:
        self.tables: Final = {name: Parts() for name in _TABLES}
        self.dates: Final[dict[int, datetime]] = {}
        self.kinds: Final[Counter[str]] = Counter()
        for run in numbers.runs:
            if isinstance(run, tuple):
                self._copy(run, numbers.advisories[run[0]] - run[0])
                continue
            own = {name: Rows(spool) for name in _TABLES}
            number = numbers.new[run]
            kind, date = rows_of_advisory(number, exchanged.added, run, exchanged.origins[run], own)
            self.kinds[kind] += 1
            if date is not None:
                self.dates[number] = date
            for table, parts in self.tables.items():
                parts.add(list(own[table]))

    def _copy(self, run: tuple[int, int], more: int) -> None:
        for table, parts in self.tables.items():
            column, *behind = ("number",) if table == "advisory" else ("advisory", "ordinal")
            parts.add(copied(table, {column: f"{column} + {more}"}, column, run, (column, *behind)))


def enrichment_rows(changes: Changes, spool: Spool) -> dict[str, Pieces]:
    """The rows of what others know of CVEs, by table."""
    if changes.enrichments is None:
        parts = {"enrichment": Parts(), "vector": Parts()}
        parts["enrichment"].add(Copied("INSERT INTO main.enrichment SELECT * FROM older.enrichment ORDER BY number"))
        parts["vector"].add(Copied("INSERT INTO main.vector SELECT * FROM older.vector ORDER BY enrichment, ordinal"))
        return dict(parts)
    rows = {"enrichment": Rows(spool), "vector": Rows(spool)}
    for number, (one, source) in enumerate(changes.enrichments):
        rows_of_enrichment(number, one, source, rows)
    return dict(rows)
