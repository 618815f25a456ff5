"""Parts that several JSON reports share: findings, statements, releases, sources, and arrays with an entry a line."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from advisories.distros.identity import instance_of
from advisories.distros.restarts import restart_after
from advisories.models.distribution import Distribution
from advisories.models.findings import Coverage, Finding, PackageClass
from advisories.models.nouns import plain
from advisories.models.packages import Inventory
from advisories.models.reading import ReadReport, Rejection
from advisories.triage.pipeline import Triaged

if TYPE_CHECKING:
    from advisories.models.statements import Statement
    from advisories.reports.details import Details
    from advisories.triage.suppress import StatementReport, Suppression

__all__ = [
    "array",
    "array_of_texts",
    "chosen_members",
    "coverage_object",
    "distribution_object",
    "finding_object",
    "grouped",
    "read_object",
    "reported_objects",
    "shared_objects",
    "statement_object",
    "streamed",
    "suppressed_objects",
]


def array(name: str, entries: Iterable[dict[str, Any]], end: str) -> list[str]:
    """The lines of a member that is an array, an entry on each.

    :param end: a comma, or nothing for the last member.
    """
    return array_of_texts(name, map(json.dumps, entries), end)


def array_of_texts(name: str, entries: Iterable[str], end: str) -> list[str]:
    """:func:`array` of entries that are JSON already."""
    return list(streamed(name, entries, end))


def streamed(name: str, entries: Iterable[str], end: str) -> Iterator[str]:
    """:func:`array_of_texts` of many entries, one line after the other."""
    yield f" {json.dumps(name)}: ["
    before = None
    for entry in entries:
        if before is not None:
            yield f"  {before},"
        before = entry
    if before is not None:
        yield f"  {before}"
    yield f" ]{end}"


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Values by name."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def distribution_object(distribution: Distribution | None) -> dict[str, Any] | None:
    """A release with its channels. None where it is not known."""
    if distribution is None:
        return None
    return {
        "id": distribution.id,
        "release": distribution.release,
        "channels": sorted(distribution.channels),
    }


def finding_object(finding: Finding, inventory: Inventory) -> dict[str, Any]:
    """A finding as ``report.schema.json`` has it: what it is, and what to restart after its fix."""
    members = finding.to_dict(inventory.source)
    members["restart"] = plain(restart_after(finding))
    return members


def reported_object(finding: Finding, details: "Details", inventory: Inventory) -> dict[str, Any]:
    """:func:`finding_object` with what is published about the finding."""
    return details.of_vulnerability(finding.vulnerability, finding) | _shared_members(finding, details, inventory)


def shared_objects(rows: Iterable[tuple[str, Finding]], inventory: Inventory) -> Iterator[tuple[str, Any]]:
    """The vulnerability of each row, with :func:`finding_object` of its finding, one object for rows that share one."""
    known: dict[int, tuple[dict[str, Any], Finding]] = {}
    for vulnerability, finding in rows:
        made = known.get(id(finding))
        if made is None:
            made = known[id(finding)] = finding_object(finding, inventory), finding
        yield vulnerability, made[0]


def reported_objects(
    rows: Iterable[tuple[str, Finding]], details: "Details", inventory: Inventory
) -> Iterator[dict[str, Any]]:
    """:func:`reported_object` of each row: of its finding, with the vulnerability beside it."""
    # What rows share is made once, by its number, which it has as long as it is kept.
    known: dict[int, tuple[dict[str, Any], Finding]] = {}
    for vulnerability, finding in rows:
        made = known.get(id(finding))
        if made is None:
            made = known[id(finding)] = _shared_members(finding, details, inventory), finding
        yield {**details.of_vulnerability(vulnerability, finding), **made[0]}


def _shared_members(finding: Finding, details: "Details", inventory: Inventory) -> dict[str, Any]:
    """The members that do not depend on the vulnerability."""
    members = finding_object(finding, inventory) | details.of_package(finding)
    del members["vulnerability"]
    return members


def read_object(report: ReadReport) -> dict[str, Any]:
    """The counts of a reader, as ``report.schema.json`` has it."""
    return {
        "source": report.source,
        "format": report.format,
        "read": report.read,
        "kept": report.kept,
        "rejected": report.rejected,
        "rejections": [_rejection(rejection) for rejection in report.rejections],
        "skipped": dict(report.skips),
        "newest": plain(report.newest),
    }


def coverage_object(coverage: Coverage) -> dict[str, Any]:
    """What was checked and what was not."""
    unchecked = coverage.packages_in(PackageClass.UNCHECKED)
    assumed = coverage.assumed if unchecked else {}
    not_judged = (PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED)
    return {
        **coverage.to_dict(),
        "not_judged": {
            package_class.value: [instance_of(package) for package in coverage.packages_in(package_class)]
            for package_class in not_judged
        },
        "unchecked": [
            {"instance": instance_of(package), "assumptions": [one.value for one in assumed[package]]}
            for package in unchecked
        ],
    }


def _rejection(rejection: Rejection) -> dict[str, str]:
    return {
        "source": rejection.source,
        "position": rejection.position,
        "what": rejection.what,
        "why": rejection.why,
        "extent": rejection.extent.value,
    }


def chosen_members(chosen: Triaged) -> dict[str, Any]:
    """The members about statements, and about findings hidden by choice."""
    return {
        "statements": None if chosen.suppression is None else _statements(chosen.suppression, chosen),
        "hidden": {reason.value: count for reason, count in chosen.hidden.items() if count},
    }


def suppressed_objects(
    chosen: Triaged, inventory: Inventory, details: "Details | None" = None
) -> Iterator[dict[str, Any]]:
    """The suppressed findings, each with its statements.

    :param details: what is published about them. None leaves it out.
    """
    for one in chosen.suppression.suppressed if chosen.suppression else ():
        finding = one.finding
        yield {
            "finding": reported_object(finding, details, inventory) if details else finding_object(finding, inventory),
            "statements": [statement_object(statement) for statement in one.statements],
        }


def statement_object(statement: "Statement") -> dict[str, Any]:
    """A statement as ``report.schema.json`` has it."""
    versions = statement.versions
    return {
        "source": statement.source,
        "position": statement.position,
        "status": statement.status.value,
        "ids": list(statement.ids),
        "packages": list(statement.packages),
        "versions": None if versions is None else {"from": versions.from_, "before": versions.before},
        "location": statement.location,
        "fix_states": [state.value for state in statement.fix_states],
        "reason": statement.reason,
        "justification": statement.justification,
        "owner": statement.owner,
        "until": None if statement.until is None else statement.until.isoformat(),
    }


def _statements(suppression: "Suppression", chosen: Triaged) -> dict[str, Any]:
    from advisories.triage.suppress import Outcome, is_noted

    def outcomes(reports: "Sequence[StatementReport]") -> dict[str, int]:
        counts = Counter(one.outcome for one in reports)
        return {outcome.value: counts[outcome] for outcome in Outcome}

    return {
        "sources": [{**read_object(read), "outcomes": outcomes(reports)} for read, reports in chosen.by_source()],
        "outcomes": outcomes(suppression.statements),
        "noted": [
            {
                **statement_object(one.statement),
                "outcome": one.outcome.value,
                "findings": one.findings,
                "suppressed": one.suppressed,
                "why": one.why,
                "fixable": [_known_by(finding) for finding in one.fixable],
            }
            for one in suppression.statements
            if is_noted(one)
        ],
        "disputed": [
            {**_known_by(dispute.finding), "statements": [statement_object(one) for one in dispute.statements]}
            for dispute in suppression.disputes
        ],
    }


def _known_by(finding: Finding) -> dict[str, str]:
    return {"instance": finding.instance, "vulnerability": finding.vulnerability}
