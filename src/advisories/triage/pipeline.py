"""The steps of the command line in one call: match, suppress, select, rank. Pure, and the day is an argument.

:func:`triage` prints nothing. What a command would print about names that nothing has is in its result.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from advisories.index.feed import Feed
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy, match
from advisories.matching.priority import rank
from advisories.models.findings import Finding, Findings
from advisories.models.frozen import Factory, evolve, field, frozen, names_of
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Inventory
from advisories.models.reading import ReadReport
from advisories.models.statements import Purl
from advisories.triage.select import EVERYTHING, Hidden, Selection, select, unknown_advisories, unknown_packages

if TYPE_CHECKING:  # most runs have no statements, and suppression need not be imported for them
    from advisories.readers.statements import Statements
    from advisories.triage.suppress import StatementReport, Suppression

__all__ = ["Triaged", "triage"]


@frozen
class Triaged(Noun):
    """The findings of one match, those to show among them, and what became of the others. None is lost.

    :ivar findings: all of them, with the coverage.
    :ivar shown: the findings that are neither suppressed nor hidden.
    :ivar suppression: what statements did to the findings. None where there were no statements.
    :ivar hidden: how many findings the selection hides, by the first reason that applies.
    :ivar statements_read: what the readers of statements kept and rejected. The statements they kept are those of the
        suppression, in this order.
    :ivar selection: what was to be shown.
    :ivar unknown_packages: names in the selection that no installed package has, nor the source package of one.
    :ivar unknown_advisories: ids in the selection that no advisory of the feed has, nor a vulnerability of one.
    """

    findings: Findings
    shown: Sequence[Finding] = field(default=Factory(lambda self: self.findings, takes_self=True), repr=outlined)
    suppression: "Suppression | None" = None
    hidden: Mapping[Hidden, int] = field(
        default=MappingProxyType({}), converter=MappingProxyType[Hidden, int], hash=False
    )
    statements_read: tuple[ReadReport, ...] = field(default=(), repr=outlined)
    selection: Selection = EVERYTHING
    unknown_packages: tuple[str, ...] = field(default=(), repr=outlined)
    unknown_advisories: tuple[str, ...] = field(default=(), repr=outlined)

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy does not pickle.
        values = {name: getattr(self, name) for name in names_of(type(self))}
        return type(self), (*(values | {"hidden": dict(self.hidden)}).values(),)

    def to_dict(self) -> dict[str, Any]:
        """As that of every noun. What is shown is a list of findings."""
        return {**Noun.to_dict(self), "shown": [finding.to_dict() for finding in self.shown]}

    def by_source(self) -> "Iterator[tuple[ReadReport, Sequence[StatementReport]]]":
        """Each source of statements with what became of the statements it had."""
        reports = iter(self.suppression.statements if self.suppression else ())
        for read in self.statements_read:
            yield read, tuple(islice(reports, read.kept))


def triage(
    inventory: Inventory,
    feed: Feed,
    policy: MatchPolicy = DEFAULT_POLICY,
    *,
    findings: Findings | None = None,
    statements: "Sequence[Statements]" = (),
    on: date | None = None,
    scanned: Collection[Purl] = (),
    selection: Selection = EVERYTHING,
    ranked: bool = False,
) -> Triaged:
    """Match an inventory, suppress what statements suppress, and select what to show.

    :param findings: the findings of this inventory where you have them already. None matches.
    :param statements: ignore files and VEX documents as :mod:`advisories.readers.statements` reads them.
    :param on: the day for which ignore rules hold. Required with `statements`.
    :param scanned: package URLs of the image that was listed. See :func:`advisories.triage.suppress.suppress`.
    :param selection: what to show.
    :param ranked: order what is shown by :func:`advisories.matching.priority.rank` instead of by rule 16.

    Raises :class:`TypeError` for statements without a day, and what :func:`advisories.match` raises.
    """
    if findings is None:
        findings = match(inventory, feed, policy)
    suppression = None
    shown: Sequence[Finding] = findings
    if statements:
        if on is None:
            raise TypeError("statements need the day for which they hold: on")
        suppression = _suppression(findings, statements, on, inventory, feed, policy, scanned)
        shown = suppression.kept
    hidden: Mapping[Hidden, int] = MappingProxyType({})
    if selection != EVERYTHING:
        selected = select(shown, selection)
        shown, hidden = selected.shown, selected.hidden
    return Triaged(
        findings,
        rank(shown) if ranked else shown,
        suppression,
        hidden,
        tuple(one.report for one in statements),
        selection,
        unknown_packages(selection, inventory) if selection.packages else (),
        unknown_advisories(selection, feed) if selection.advisories else (),
    )


def _suppression(
    findings: Findings,
    statements: "Sequence[Statements]",
    on: date,
    inventory: Inventory,
    feed: Feed,
    policy: MatchPolicy,
    scanned: Collection[Purl],
) -> "Suppression":
    from advisories.triage.suppress import aliases_of, suppress

    if inventory.distribution is None:
        inventory = evolve(inventory, distribution=policy.judge_as)
    every = [one for each in statements for one in each.statements]
    aliases = aliases_of(findings, feed)
    revisions = [one for each in statements for one in each.revisions]
    return suppress(findings, every, on, inventory, aliases=aliases, scanned=scanned, revisions=revisions)
