"""The verification as text: each state's findings by package and reason, what is new, and totals that add up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from advisories.models.findings import Priority
from advisories.models.reading import shown_source
from advisories.reports import suppressed
from advisories.reports.assumed import better_list
from advisories.reports.caveats import caveat_line
from advisories.reports.lines import alike, counted, wrapped
from advisories.reports.verification import NewFinding, VerificationReport, earlier_findings, key, new_findings
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.cases import FindingState
from advisories.triage.pipeline import Triaged
from advisories.triage.verify import Verification, Verified

__all__ = ["render"]

_ALL: Final = "earlier findings"
# How many packages that were not checked are named of a kind.
_NAMED: Final = 12
# What the text has a line of its own for.
_ELSEWHERE: Final = frozenset({"disputed", "hidden", "statements"})


def render(report: VerificationReport) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: VerificationReport) -> Iterator[str]:
    verification, width, chosen = report.verification, report.width, report.chosen
    yield from _head(verification, width)
    earlier, hidden = earlier_findings(verification, chosen)
    for state in FindingState:
        rows = [row for row in earlier if row.state is state]
        if rows:
            yield ""
            yield f"{state.value}: {counted(len(rows), 'finding')}"
            yield from _reasons(rows, width)
    new = new_findings(verification, chosen)
    shown = [one.finding for one in new if one.shown]
    yield ""
    yield f"new: {counted(len(shown), 'finding')}" if new else "nothing new"
    for priority in Priority:
        found = [finding for finding in shown if finding.priority is priority]
        if found:
            yield f"  {priority.value}: {counted(len(found), 'finding')}"
            for same in alike(found, lambda finding: (finding.instance, finding.cause)):
                yield from wrapped(same[0].cause, width, 4)
                yield from wrapped(", ".join(finding.vulnerability for finding in same), width, 8)
    yield from _not_shown(new, chosen, width)
    yield from suppressed.hidden_line("earlier, not shown by choice", hidden, width)
    yield ""
    for line in _totals(verification, new, sum(hidden.values())):
        yield from [line] if width is None or len(line) <= width else wrapped(line, width)
    for caveat in verification_caveats(report):
        if caveat.id not in _ELSEWHERE:
            yield from wrapped(caveat_line(caveat, _NAMED), width)
    coverage, own = verification.findings.coverage, verification.inventory.distribution
    yield from better_list(coverage.assumptions, own or coverage.judged_as)


def _not_shown(new: Sequence[NewFinding], chosen: Triaged, width: int | None) -> Iterator[str]:
    """The new and the known findings that are suppressed or hidden, and the outcomes of the statements."""
    hidden = Counter(one.hidden for one in new if one.hidden is not None)
    known = {reason: count - hidden[reason] for reason, count in chosen.hidden.items()}
    if chosen.suppression is not None:
        are_new = {key(one.finding) for one in new if one.statements}
        for title, of_new in (("new", True), ("known", False)):
            yield ""
            yield from suppressed.suppressed(
                f"{title}, suppressed",
                [one for one in chosen.suppression.suppressed if (key(one.finding) in are_new) is of_new],
                width,
            )
        yield from suppressed.statements(chosen, width)
    yield from suppressed.hidden_line("new, not shown by choice", hidden, width)
    yield from suppressed.hidden_line("known, not shown by choice", known, width)


def _head(verification: Verification, width: int | None) -> Iterator[str]:
    baseline, inventory = verification.baseline, verification.inventory
    coverage = verification.findings.coverage
    note = f", {len(baseline.suppressed)} of them suppressed" if baseline.suppressed else ""
    what = f"{counted(len(verification.rows), 'earlier finding')} of {baseline.judged_as}{note}"
    yield from wrapped(f"{shown_source(baseline.source)}: {what}", width)
    packages = f"{counted(coverage.packages, 'package')} of {inventory.distribution or 'several languages'}"
    as_of = (
        ""
        if inventory.distribution == coverage.judged_as
        else f", matched against the advisories of {coverage.judged_as}"
    )
    yield from wrapped(f"{shown_source(inventory.source)}: {packages}{as_of}", width)


def _reasons(rows: Sequence[Verified], width: int | None) -> Iterator[str]:
    """Each package of the baseline, below it each reason with its vulnerabilities."""
    for of_package in alike(rows, lambda row: row.baseline.instance):
        package = of_package[0].baseline.package
        arch = f" ({package.arch})" if package.arch else ""
        yield from wrapped(f"{package.name} {package.version}{arch}", width, 2)
        for same in alike(of_package, lambda row: (row.case, row.reason)):
            yield from wrapped(same[0].reason, width, 4)
            yield from wrapped(", ".join(row.baseline.vulnerability for row in same), width, 8)


def _totals(verification: Verification, new: Sequence[NewFinding], hidden_rows: int) -> Iterator[str]:
    rows = [(state.value, count) for state, count in verification.counts.items()]
    rows.append((_ALL, len(verification.rows)))
    width = max(len(name) for name, _ in rows)
    for name, count in rows:
        of_them = f" = {count - hidden_rows} shown + {hidden_rows} not shown by choice" if hidden_rows else ""
        yield f"{name:{width}}  {count:6}{of_them if name == _ALL else ''}"
    current = len(verification.findings)
    yield f"{'current findings':{width}}  {current:6} = {verification.paired} known + {len(new)} new"
    shown, stated = (sum(1 for one in new if one.shown), sum(1 for one in new if one.statements))
    if shown < len(new):
        hidden = len(new) - shown - stated
        yield f"{'new':{width}}  {len(new):6} = {shown} shown + {stated} suppressed + {hidden} not shown by choice"
