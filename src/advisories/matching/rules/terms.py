"""The terms of the rules: what is looked up, how it compares with a record, and what is decided of it."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from advisories.distros.lines import MAIN_LINE
from advisories.index.records import Interval, Record, epoch_of, intervals_with_epoch
from advisories.models.advisories import Range
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import Note
from advisories.models.frozen import field, frozen
from advisories.models.nouns import outlined
from advisories.models.packages import Module
from advisories.models.words import Names

__all__ = ["EPOCHS_LEFT_OUT", "EPOCH_UNKNOWN", "NONE", "Comparison", "Decision", "Fix", "Outcome", "Query"]


class Outcome(Enum):
    """The result of comparing a query with a record's ranges."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNDECIDABLE = "undecidable"


@frozen
class Query:
    """A name and version to look up.

    :ivar distribution: the release whose records apply, as filed.
    :ivar key: the version's key (without its epoch where that is unknown), None where the scheme refuses the version.
    :ivar refused: the reason then.
    :ivar lacks_release: an rpm version without its release (rule 5).
    :ivar assumptions: those of every comparison with it.
    :ivar notes: of the rules that applied before any record was compared.
    :ivar rank: 0 for the package and its source. The records of a query of a higher rank count for a vulnerability that
        no record of a lower rank names.
    :ivar epochs_shown: whether it is for records that show an epoch, or for the others alone. None means all (rule 13).
    :ivar line: the line of builds that the package is in (rule 8). None where nothing shows it.
    :ivar sources: the names of the source of a binary package, where they are known (rule 2).
    :ivar as_published: leave out what advisories leave out (rule 0).
    :ivar lists_epochs: whether the list shows the epochs of binary packages, also where that of the source is unknown.
    """

    names: Names
    name: str
    version: str
    epoch_known: bool
    module: Module
    arch: str | None
    scheme: str
    distribution: Distribution
    key: bytes | None
    refused: str | None = None
    lacks_release: bool = False
    assumptions: frozenset[Assumption] = frozenset()
    notes: tuple[Note, ...] = field(default=(), repr=outlined)
    rank: int = 0
    epochs_shown: bool | None = None
    line: str | None = MAIN_LINE
    sources: tuple[str, ...] = ()
    as_published: bool = False
    lists_epochs: bool = False

    def intervals(self, record: Record) -> tuple[Interval, ...]:
        """The record's ranges as this query is compared with them: with epochs, or without (rule 4).

        A record that cannot show epochs has the query's.
        """
        if not self.epoch_known:
            return record.epochless
        return record.intervals if record.affected.epoch_known else self._with_own_epoch(record.affected.ranges)

    def _with_own_epoch(self, ranges: tuple[Range, ...]) -> tuple[Interval, ...]:
        return intervals_with_epoch(ranges, self.scheme, epoch_of(self.version, self.scheme)) if self.key else ()

    def versions(self, record: Record) -> frozenset[bytes]:
        """The versions that the record lists, with epochs or without (rule 4)."""
        if not self.epoch_known:
            return record.epochless_versions
        if record.affected.epoch_known:
            return record.versions
        listed = tuple(Range(introduced=version) for version in record.affected.versions)
        return frozenset(interval.low for interval in self._with_own_epoch(listed) if interval.low is not None)


@frozen
class Comparison:
    """One query against one record that is not excluded.

    :ivar inside: the intervals that hold the version. Empty where only a listed version is equal to it.
    :ivar listed: the record lists the version.
    :ivar why: the reason of an undecidable outcome.
    :ivar notes: of the rules that applied, those of the query first.
    """

    query: Query
    record: Record
    outcome: Outcome
    assumptions: frozenset[Assumption] = frozenset()
    inside: tuple[Interval, ...] = field(default=(), repr=outlined)
    listed: bool = False
    why: str = ""
    notes: tuple[Note, ...] = field(default=(), repr=outlined)


@frozen
class Fix:
    """A fixed version that a record of a vulnerability names, and the comparison with that record."""

    key: bytes
    version: str
    comparison: Comparison


@frozen
class Decision:
    """What the comparisons with all records of one vulnerability give together (rules 8 and 9).

    :ivar inside: the comparisons that make it affected. Empty where it is cleared.
    :ivar undecided: those that cannot be decided.
    :ivar fixes: every fix that the records name, lowest first.
    :ivar doubts: notes of the negative records that are too unsure to clear it.
    :ivar cleared: a note of the rule that cleared it, or the first of several. None where none did.
    :ivar assumptions: what the outcome rests on (rule 0), beyond what the comparisons do where it is affected.
    """

    inside: Sequence[Comparison] = field(default=(), repr=outlined)
    undecided: Sequence[Comparison] = field(default=(), repr=outlined)
    fixes: Sequence[Fix] = field(default=(), repr=outlined)
    doubts: tuple[Note, ...] = field(default=(), repr=outlined)
    cleared: Note | None = None
    assumptions: frozenset[Assumption] = frozenset()


NONE: Final = frozenset[Assumption]()
EPOCH_UNKNOWN: Final = frozenset({Assumption.EPOCH_UNKNOWN})
EPOCHS_LEFT_OUT: Final = Note(4, "the epoch is unknown: epochs are left out on both sides")
