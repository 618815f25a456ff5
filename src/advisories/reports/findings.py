"""What a report of findings is made from."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, Final

from advisories.index.feed import Feed
from advisories.models.findings import Finding, FindingGroup, Findings, Priority, grouped
from advisories.models.frozen import Factory, frozen, names_of
from advisories.models.packages import Inventory
from advisories.triage.pipeline import Triaged

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Report"]


@frozen
class Report:
    """One match: its inputs, its findings, and which of these are shown.

    :ivar findings: all findings, with the coverage.
    :ivar width: the columns that text is wrapped at. None for lines of any length (a pipe, a file).
    :ivar chosen: the findings that are shown. All of them by default.
    :ivar on: the day for which the age of the feed and the end of support are computed. None leaves both out.
    :ivar target: the name of what was listed, such as an image's with its digest. None takes the list's name.
    :ivar colour: whether a table may have colours.
    :ivar gates: the gates of a pipeline that failed besides ``--fail-on``: the name of the option, and why in a
        sentence.
    """

    what: ClassVar = "findings"

    inventory: Inventory
    feed: Feed
    findings: Findings
    width: int | None = None
    chosen: Triaged = Factory(lambda self: Triaged(self.findings), takes_self=True)
    on: "date | None" = None
    target: str | None = None
    colour: bool = False
    gates: tuple[tuple[str, str], ...] = ()

    def rows(self) -> Iterator[tuple[str, Finding]]:
        """The vulnerability of each finding that is shown, with a finding that is right in all else."""
        shown = self.chosen.shown
        return shown.rows() if isinstance(shown, Findings) else ((one.vulnerability, one) for one in shown)

    def groups(self) -> Mapping[Priority, Sequence[FindingGroup]]:
        """The rows of each priority, every priority named, by package and finding."""
        shown = self.chosen.shown
        if isinstance(shown, Findings):
            return shown.groups()
        found: dict[Priority, list[tuple[str, Finding]]] = {priority: [] for priority in Priority}
        for row in self.rows():
            found[row[1].assessment.priority].append(row)
        return {priority: grouped(rows) for priority, rows in found.items()}

    def shared_rows(self) -> Iterator[tuple[str, Finding]]:
        """As :meth:`rows`. Findings that were chosen one by one share an object too, for what takes long for each."""
        if isinstance(self.chosen.shown, Findings):
            yield from self.rows()
            return
        # Findings that differ in their vulnerability alone are made of the same objects: that shows without comparing.
        same: dict[tuple[int, ...], Finding] = {}
        for vulnerability, finding in self.rows():
            yield vulnerability, same.setdefault(tuple(map(id, _PARTS(finding))), finding)


_PARTS: Final = attrgetter(*[name for name in names_of(Finding) if name != "vulnerability"])
