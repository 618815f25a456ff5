"""What became of earlier findings, for people and for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from advisories.models import Finding, Inventory, Package, Priority
from advisories.reports import aside
from advisories.reports.chosen import Chosen
from advisories.reports.objects import (
    array,
    chosen_members,
    distribution_object,
    finding_object,
    statement_object,
    suppressed_objects,
)
from advisories.reports.text import alike, counted, printable, wrapped
from advisories.triage.baseline import EarlierFinding
from advisories.triage.cases import FindingState
from advisories.triage.verify import Verification, Verified

if TYPE_CHECKING:
    from advisories.models.statements import Statement
    from advisories.triage.select import Hidden

__all__ = ["SCHEMA", "NewFinding", "as_json", "as_text", "new_findings"]

#: The name and version of the JSON form, described by ``verification.schema.json``. A change that would break a reader
#: counts it up.
SCHEMA: Final = "advisories/verification/1"


@frozen
class NewFinding:
    """A finding of now that no earlier one is paired with, and why it is not shown where it is not.

    :ivar statements: those that set it aside.
    :ivar hidden: the choice that hides it.
    """

    finding: Finding
    statements: "tuple[Statement, ...]" = ()
    hidden: "Hidden | None" = None

    @property
    def shown(self) -> bool:
        """Whether it is neither set aside nor hidden."""
        return not self.statements and self.hidden is None


def new_findings(verification: Verification, chosen: Chosen) -> tuple[NewFinding, ...]:
    """The new findings, in their order, and which of them are shown."""
    by: dict[tuple[Package, str], tuple[Statement, ...]] = {}
    if chosen.suppression is not None:
        by = {_key(one.finding): one.statements for one in chosen.suppression.suppressed}
    found: list[NewFinding] = []
    for finding in verification.new:
        statements = by.get(_key(finding), ())
        found.append(NewFinding(finding, statements, None if statements else _hidden_for(finding, chosen)))
    return tuple(found)


def _key(finding: Finding) -> tuple[Package, str]:
    return finding.package, finding.vulnerability


def _hidden_for(finding: Finding, chosen: Chosen) -> "Hidden | None":
    if chosen.selection is None:
        return None
    from advisories.triage.select import hidden_for

    return hidden_for(finding, chosen.selection)


def as_text(verification: Verification, width: int | None = None, chosen: Chosen | None = None) -> Iterator[str]:
    """The lines for people: each state's findings by package and reason, what is new, and totals that add up.

    :param width: columns to wrap text at; None where lines may be of any length.
    :param chosen: what of the findings of now is shown; None where that is all.
    """
    yield from map(printable, _text(verification, width, chosen or Chosen(verification.findings)))


def as_json(verification: Verification, chosen: Chosen | None = None) -> Iterator[str]:
    """The lines of one JSON object, a finding a line, so that two can be compared line by line.

    :param chosen: as :func:`as_text`.
    """
    chosen = chosen or Chosen(verification.findings)
    new = new_findings(verification, chosen)
    baseline, inventory, coverage = verification.baseline, verification.inventory, verification.findings.coverage
    head = {
        "schema": SCHEMA,
        "baseline": {
            "source": baseline.source,
            "distribution": distribution_object(baseline.distribution),
            "judged_as": distribution_object(baseline.judged_as),
            "covered": baseline.covered,
            "running_kernel": baseline.running_kernel,
        },
        "inventory": {
            "source": inventory.source,
            "distribution": distribution_object(inventory.distribution),
            "judged_as": distribution_object(coverage.judged_as),
            "covered": coverage.covered,
            "running_kernel": inventory.running_kernel,
            "classes": {package_class.value: count for package_class, count in coverage.counts.items()},
        },
        "forced": verification.forced,
        "counts": {state.value: count for state, count in verification.counts.items()},
        "cases": {case.value: count for case, count in verification.cases.items()},
        "found": {
            "now": len(verification.findings),
            "paired": verification.paired,
            "new": len(new),
            "new_shown": sum(1 for one in new if one.shown),
            "new_set_aside": sum(1 for one in new if one.statements),
            "new_hidden": sum(1 for one in new if one.hidden),
        },
        **chosen_members(chosen),
    }
    yield "{"
    for name, value in head.items():
        yield f" {json.dumps(name)}: {json.dumps(value)},"
    yield from array("suppressed", suppressed_objects(chosen, inventory), ",")
    yield from array("new", (_new(one, inventory) for one in new), ",")
    yield from array("findings", (_row(row, verification) for row in verification.rows), "")
    yield "}"


# ---- text ----


def _text(verification: Verification, width: int | None, chosen: Chosen) -> Iterator[str]:
    yield from _head(verification, width)
    for state in FindingState:
        rows = verification.in_state(state)
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
    yield ""
    yield from _totals(verification, new)


def _not_shown(new: Sequence[NewFinding], chosen: Chosen, width: int | None) -> Iterator[str]:
    """What of the new and of the known findings is set aside or hidden, and what became of the statements."""
    hidden = Counter(one.hidden for one in new if one.hidden is not None)
    known = {reason: count - hidden[reason] for reason, count in chosen.hidden.items()}
    if chosen.suppression is not None:
        are_new = {_key(one.finding) for one in new if one.statements}
        for said, of_new in (("new", True), ("known", False)):
            yield ""
            yield from aside.set_aside(
                f"{said}, set aside",
                [one for one in chosen.suppression.suppressed if (_key(one.finding) in are_new) is of_new],
                width,
            )
        yield from aside.statements(chosen, width)
    yield from aside.hidden_line("new, not shown by choice", hidden, width)
    yield from aside.hidden_line("known, not shown by choice", known, width)


def _head(verification: Verification, width: int | None) -> Iterator[str]:
    baseline, inventory = verification.baseline, verification.inventory
    coverage = verification.findings.coverage
    suppressed = sum(1 for earlier in baseline.findings if earlier.suppressed)
    note = f", {suppressed} of them set aside" if suppressed else ""
    what = f"{counted(len(baseline.findings), 'earlier finding')} of {baseline.judged_as}{note}"
    yield from wrapped(f"{baseline.source}: {what}", width)
    if not baseline.covered:
        yield from wrapped("the feed of then did not cover the release: all that is found now is new", width)
    packages = f"{counted(coverage.packages, 'package')} of {inventory.distribution}"
    as_of = (
        "" if inventory.distribution == coverage.judged_as else f", judged by the advisories of {coverage.judged_as}"
    )
    yield from wrapped(f"{inventory.source}: {packages}{as_of}", width)
    if inventory.running_kernel != baseline.running_kernel:
        then, now = (kernel or "not known" for kernel in (baseline.running_kernel, inventory.running_kernel))
        yield f"running kernel {now}, then {then}"
    if verification.forced is not None:
        yield from wrapped(f"verified although the baseline seems to be of another host: {verification.forced}", width)
    if not coverage.covered:
        yield from wrapped(
            f"NOT COVERED: the feed has no advisories of {coverage.judged_as}. "
            "Nothing was judged: this is no clean bill.",
            width,
        )


def _reasons(rows: Sequence[Verified], width: int | None) -> Iterator[str]:
    """Each package that was installed then; below it each reason, and the vulnerabilities it stands for."""
    for of_package in alike(rows, lambda row: row.earlier.instance):
        earlier = of_package[0].earlier
        arch = f" ({earlier.arch})" if earlier.arch else ""
        yield from wrapped(f"{earlier.name} {earlier.version}{arch}", width, 2)
        for same in alike(of_package, lambda row: (row.case, row.reason)):
            yield from wrapped(same[0].reason, width, 4)
            yield from wrapped(", ".join(row.earlier.vulnerability for row in same), width, 8)


def _totals(verification: Verification, new: Sequence[NewFinding]) -> Iterator[str]:
    rows = [(state.value, count) for state, count in verification.counts.items()]
    rows.append(("earlier findings", len(verification.rows)))
    width = max(len(name) for name, _ in rows)
    for name, count in rows:
        yield f"{name:{width}}  {count:6}"
    now = len(verification.findings)
    yield f"{'findings now':{width}}  {now:6} = {verification.paired} known + {len(new)} new"
    shown, set_aside = (sum(1 for one in new if one.shown), sum(1 for one in new if one.statements))
    if shown < len(new):
        hidden = len(new) - shown - set_aside
        yield f"{'new':{width}}  {len(new):6} = {shown} shown + {set_aside} set aside + {hidden} not shown by choice"


# ---- JSON ----


def _new(new: NewFinding, inventory: Inventory) -> dict[str, Any]:
    return {
        **finding_object(new.finding, inventory),
        "shown": new.shown,
        "statements": [statement_object(statement) for statement in new.statements],
        "hidden": None if new.hidden is None else new.hidden.value,
    }


def _row(row: Verified, verification: Verification) -> dict[str, Any]:
    earlier, package = row.earlier, row.package
    return {
        "instance": earlier.instance,
        "vulnerability": earlier.vulnerability,
        "state": row.state.value,
        "case": row.case.value,
        "reason": row.reason,
        "then": _then(earlier),
        "installed": None
        if package is None
        else {"package": package.name, "version": package.version, "arch": package.arch, "state": package.state.value},
        "now": None if row.now is None else _now(row.now),
    }


def _then(earlier: EarlierFinding) -> dict[str, Any]:
    return {
        "package": earlier.name,
        "version": earlier.version,
        "arch": earlier.arch,
        "notices": list(earlier.notices),
        "status": earlier.status.value,
        "fixed_version": earlier.fixed_version,
        "fix_state": earlier.fix_state.value,
        "channel": earlier.channel,
        "presence": earlier.presence.value,
        "priority": earlier.priority.value,
        "suppressed": earlier.suppressed,
    }


def _now(finding: Finding) -> dict[str, Any]:
    return {
        "instance": finding.instance,
        "vulnerability": finding.vulnerability,
        "notices": list(finding.advisories),
        "status": finding.status.value,
        "fixed_version": finding.fixed_version,
        "fix_state": finding.fix_state.value,
        "channel": finding.channel,
        "presence": finding.presence.value,
        "pending_restart": finding.pending_restart,
        "priority": finding.priority.value,
    }
