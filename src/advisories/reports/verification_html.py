"""A verification as one page of HTML: what stands, what was fixed since, and what is new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from advisories.models.findings import Priority
from advisories.reports.charts import bar, head, legend
from advisories.reports.lines import counted
from advisories.reports.outcomes import OUTCOMES, Rows, head_lines, new_rows, not_shown, rows_of
from advisories.reports.page import footer, page, text, tools
from advisories.reports.verification import VerificationReport, earlier_findings, new_findings
from advisories.triage.verify import Verified

__all__ = ["render"]

# A fold with more rows is closed at first.
_OPEN: Final = 60
# More vulnerabilities of one package and reason are in a fold.
_LISTED: Final = 24


def render(report: VerificationReport) -> Iterator[str]:
    """The lines of the page."""
    source = report.verification.inventory.source
    yield from page(f"{counted(len(report.verification.rows), 'earlier finding')}: {source}", _body(report))


def _body(report: VerificationReport) -> Iterator[str]:
    verification = report.verification
    baseline, inventory = verification.baseline, verification.inventory
    new = new_findings(verification, report.chosen)
    earlier, hidden = earlier_findings(verification, report.chosen)
    facts = (
        f"baseline {baseline.source}",
        f"{baseline.judged_as}",
        counted(verification.findings.coverage.packages, "package"),
        *([] if report.on is None else [f"as of {report.on}"]),
    )
    yield '<header class="top"><div><p class="eyebrow">What became of earlier findings</p>'
    yield f"<h1>{text(inventory.source)}</h1>"
    yield f'<ul class="facts">{"".join(f"<li>{text(fact)}</li>" for fact in facts)}</ul></div>'
    yield from tools()
    yield "</header><main>"
    yield from _first(report)
    listed = [Rows(*rows) for rows in new_rows(new)]
    yield from _summary(earlier, sum(len(rows.vulnerabilities) for rows in listed))
    if left := not_shown(report, new, sum(hidden.values())):
        yield f'<p class="again">{text(left)}</p>'
    yield "</section>"
    yield from _section("new", "New findings", "high", listed)
    for number, outcome in enumerate(OUTCOMES):
        title = f"{outcome.title[:1].upper()}{outcome.title[1:]}"
        yield from _section(f"outcome-{number}", title, outcome.colour, list(rows_of(earlier, outcome)))
    yield from footer()


def _first(report: VerificationReport) -> Iterator[str]:
    lines = list(head_lines(report))
    level = "warning" if any(grave for grave, _ in lines) else "note"
    title = "Not everything was checked" if level == "warning" else "What was checked"
    yield f'<section class="coverage {level}" aria-labelledby="coverage-title"><h2 id="coverage-title">{title}</h2>'
    yield '<ul class="caveats">'
    for grave, line in sorted(lines, key=lambda one: not one[0]):
        word = "warning" if grave else "note"
        yield f'<li class="{word}"><span class="tag">{word}</span> <span>{text(line)}</span></li>'
    yield "</ul></section>"


def _summary(earlier: Sequence[Verified], new: int) -> Iterator[str]:
    outcomes = {state: outcome for outcome in OUTCOMES for state in outcome.states}
    counts = Counter((row.baseline.priority, outcomes[row.state].title) for row in earlier)
    yield '<section aria-labelledby="summary-title"><h2 id="summary-title">At a glance</h2><ul class="tiles">'
    yield f'<li class="{"high" if new else "plain"}"><b>{new:,}</b> new</li>'
    for outcome in OUTCOMES:
        total = sum(counts[priority, outcome.title] for priority in Priority)
        yield f'<li class="{outcome.colour if total else "plain"}"><b>{total:,}</b> {outcome.title}</li>'
    yield '</ul><figure class="wide"><figcaption id="chart-outcomes">'
    yield "What became of earlier findings, by their priority then</figcaption>"
    yield legend((outcome.colour, outcome.title) for outcome in OUTCOMES)
    yield head("chart-outcomes", "Priority", "all", *(outcome.short for outcome in OUTCOMES))
    most = max([1, *(sum(counts[one, outcome.title] for outcome in OUTCOMES) for one in Priority)])
    for priority in Priority:
        numbers = [counts[priority, outcome.title] for outcome in OUTCOMES]
        parts = bar(zip((outcome.colour for outcome in OUTCOMES), numbers, strict=True), most)
        cells = "".join(f"<td>{number:,}</td>" for number in (sum(numbers), *numbers))
        yield f'<tr><th scope="row">{priority.value}</th><td class="drawn">{parts}</td>{cells}</tr>'
    yield "</tbody></table></figure>"


def _section(id: str, title: str, colour: str, rows: Sequence[Rows]) -> Iterator[str]:
    """A part of the page, unless it would be empty."""
    if not rows:
        return
    total = sum(len(one.vulnerabilities) for one in rows)
    yield f'<section aria-labelledby="{id}"><h2 id="{id}">{title}: {counted(total, "finding")}</h2>'
    yield f"<details{' open' if len(rows) <= _OPEN else ''}><summary>By package and reason</summary>"
    yield '<div class="causes">'
    for one in rows:
        name = f'{text(one.package)} <bdi class="reason">{text(one.version)}</bdi>'
        yield f'<article class="cause {colour}"><h3>{name}</h3>'
        yield f'<p><span class="tag">{text(one.state)}</span> <bdi>{text(one.reason)}</bdi></p>'
        ids = f'<ul class="ids">{"".join(f"<li>{text(id)}</li>" for id in one.vulnerabilities)}</ul>'
        many = len(one.vulnerabilities)
        fold = f"<details><summary>{counted(many, 'vulnerability')}</summary>{ids}</details>"
        yield f"{ids if many <= _LISTED else fold}</article>"
    yield "</div></details></section>"
