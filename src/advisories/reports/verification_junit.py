"""The verification as a JUnit report: a test case for each package with earlier or new findings.

A package fails where one of its earlier findings stands, waits for a restart or cannot be decided, and where it has a
new one. It passes where all of them are gone, and its output has the reasons.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from advisories.reports.alerts import host_name
from advisories.reports.details import target_of
from advisories.reports.junit import Case, junit, of_caveats
from advisories.reports.objects import statement_object
from advisories.reports.statement_text import statement_text
from advisories.reports.verification import VerificationReport, earlier_findings, key, new_findings
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.cases import FindingState

if TYPE_CHECKING:
    from advisories.models.statements import Statement

__all__ = ["render"]

# States in which nothing is left to do.
_DONE = frozenset(
    {
        FindingState.FIXED,
        FindingState.PACKAGE_REMOVED,
        FindingState.ADVISORY_WITHDRAWN,
        FindingState.ADVISORY_REVISED,
        FindingState.INVENTORY_REVISED,
    }
)


def render(report: VerificationReport) -> Iterator[str]:
    """The lines of the report."""
    verification = report.verification
    host = host_name(target_of(None, verification.inventory.source)["name"] or "")
    properties = {
        "target": host,
        "baseline": host_name(verification.baseline.source),
        "release": str(verification.findings.coverage.judged_as),
        "day": report.on.isoformat() if report.on else "",
    }
    suites = {"coverage": list(of_caveats(verification_caveats(report))), "packages": list(_packages(report, host))}
    yield from junit(suites, host, properties)


def _packages(report: VerificationReport, host: str) -> Iterator[Case]:
    verification, chosen = report.verification, report.chosen
    suppression = chosen.suppression
    why = {key(one.finding): one.statements for one in suppression.suppressed} if suppression else {}
    found: dict[str, tuple[list[str], list[str], list[str]]] = {}

    def of(instance: str) -> tuple[list[str], list[str], list[str]]:
        return found.setdefault(instance, ([], [], []))

    for row in earlier_findings(verification, chosen)[0]:
        open_, done, _ = of(row.baseline.instance)
        line = f"{row.state.value}: {row.baseline.vulnerability}: {row.reason}"
        if row.state in _DONE:
            done.append(line)
        elif row.current is not None and key(row.current) in why:
            of(row.baseline.instance)[2].append(f"{line} ({_texts(why[key(row.current)])})")
        else:
            open_.append(line)
    for new in new_findings(verification, chosen):
        line = f"new: {new.finding.vulnerability}: {new.finding.cause}"
        if new.statements:
            of(new.finding.instance)[2].append(f"{line} ({_texts(new.statements)})")
        elif new.shown:
            of(new.finding.instance)[0].append(line)
    for instance, (open_, done, suppressed) in found.items():
        printed = [*done, *[f"suppressed: {line}" for line in suppressed]]
        if open_:
            counts = Counter([line.partition(":")[0] for line in open_])
            message = ", ".join(f"{count} {word}" for word, count in counts.items())
            yield host, instance, "failure", next(iter(counts)), message, open_, printed
        elif suppressed and not done:
            yield host, instance, "skipped", "suppressed", f"{len(suppressed)} suppressed", suppressed, ()
        else:
            yield host, instance, "", "", "", (), printed


def _texts(statements: "Iterable[Statement]") -> str:
    objects: Any = [statement_object(statement) for statement in statements]
    return ", ".join(map(statement_text, objects))
