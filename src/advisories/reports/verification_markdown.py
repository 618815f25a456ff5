"""A verification as Markdown for the summary of a job on GitHub: what stands, what was fixed since, and what is new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from advisories.models.findings import Priority
from advisories.reports.lines import counted
from advisories.reports.markdown_text import MOST, Block, code, fitting, size, text
from advisories.reports.outcomes import OUTCOMES, Rows, head_lines, new_rows, not_shown, rows_of
from advisories.reports.verification import VerificationReport, earlier_findings, new_findings
from advisories.triage.verify import Verified

__all__ = ["render"]

# Rows of one fold. An outcome with more has several.
_FOLDED: Final = 400


def render(report: VerificationReport) -> list[str]:
    """The lines of the summary."""
    verification = report.verification
    new = new_findings(verification, report.chosen)
    earlier, hidden = earlier_findings(verification, report.chosen)
    rows = list(new_rows(new))
    lines = [f"## {counted(len(verification.rows), 'earlier finding')}: {text(verification.inventory.source)}", ""]
    lines += [f"Baseline: {text(verification.baseline.source)}.", ""]
    told = sorted(head_lines(report), key=lambda one: not one[0])
    lines += [f"> [!{'WARNING' if told[0][0] else 'NOTE'}]", *(f"> - {text(line)}" for _, line in told), ""]
    lines += _table(earlier, rows)
    if left := not_shown(report, new, sum(hidden.values())):
        lines += ["", text(left)]
    lines += [""]
    blocks = [*_folds("New", rows)]
    for outcome in OUTCOMES:
        blocks += _folds(f"{outcome.title[:1].upper()}{outcome.title[1:]}", list(rows_of(earlier, outcome)))
    return lines + fitting(blocks, MOST - size(lines))


def _table(earlier: Sequence[Verified], new: Sequence[Rows]) -> Iterator[str]:
    counts = Counter((row.state, row.baseline.priority) for row in earlier)
    fresh = Counter[str]()
    for rows in new:
        fresh[rows.state] += len(rows.vulnerabilities)
    yield f"| | {' | '.join(priority.value for priority in Priority)} | All |"
    yield f"|---|{'---:|' * (len(Priority) + 1)}"
    yield _counts("**new**", [fresh[priority.value] for priority in Priority])
    for outcome in OUTCOMES:
        numbers = [sum(counts[state, priority] for state in outcome.states) for priority in Priority]
        yield _counts(outcome.title, numbers)


def _counts(title: str, numbers: Sequence[int]) -> str:
    return f"| {title} | {' | '.join(map(str, (*numbers, sum(numbers))))} |"


def _folds(title: str, rows: Sequence[Rows]) -> Iterator[Block]:
    for part, at in enumerate(range(0, len(rows), _FOLDED), 1):
        some = rows[at : at + _FOLDED]
        total = sum(len(one.vulnerabilities) for one in some)
        more = f", part {part}" if part > 1 else ""
        lines = [
            f"<details><summary><b>{title}</b>{more}: {counted(total, 'finding')}</summary>",
            "",
            "| Package | | Why | Vulnerabilities |",
            "|---|---|---|---|",
            *(
                f"| {text(one.package)} {code(one.version)} | {text(one.state)} | {text(one.reason)} | "
                f"{', '.join(map(text, one.vulnerabilities))} |"
                for one in some
            ),
            "",
            "</details>",
            "",
        ]
        yield Block(lines, total)
