"""A verification as one page of HTML: what stands, what was fixed since, and what is new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from advisories.models.findings import Priority
from advisories.models.reading import shown_source
from advisories.reports.caveats import caveat_of, release_text
from advisories.reports.charts import bar, head, legend
from advisories.reports.lines import counted
from advisories.reports.outcomes import OUTCOMES, Rows, new_rows, not_shown, packages_now, rows_of
from advisories.reports.page import footer, header, page, text
from advisories.reports.page_parts import OPEN, caveats_section, id_list, suppressed_section

if TYPE_CHECKING:
    from advisories.reports.verification_document import VerificationDocument, VerificationObject, VerifiedObject

__all__ = ["render"]


def render(document: "VerificationDocument") -> Iterator[str]:
    """The lines of the page."""
    source = shown_source(document.content["inventory"]["source"])
    yield from page(f"{counted(document.all_rows, 'earlier finding')}: {source}", _body(document.content))


def _body(content: "VerificationObject") -> Iterator[str]:
    baseline, inventory = content["baseline"], content["inventory"]
    facts = (
        f"baseline {baseline['source']}",
        release_text(baseline["judged_as"]),
        counted(sum(inventory["classes"].values()), "package"),
        *([] if content["day"] is None else [f"as of {content['day']}"]),
    )
    yield from header("What became of earlier findings", shown_source(inventory["source"]), facts)
    yield "<main>"
    yield from caveats_section(list(map(caveat_of, content["caveats"])), packages_now(content))
    earlier, listed = content["findings"], [Rows(*rows) for rows in new_rows(content["new"])]
    yield from _summary(earlier, sum(len(rows.vulnerabilities) for rows in listed))
    if left := not_shown(content):
        yield f'<p class="again">{text(left)}</p>'
    yield "</section>"
    yield from _section("new", "New findings", "high", listed)
    for number, outcome in enumerate(OUTCOMES):
        title = f"{outcome.title[:1].upper()}{outcome.title[1:]}"
        yield from _section(f"outcome-{number}", title, outcome.colour, list(rows_of(earlier, outcome)))
    yield from suppressed_section(content["suppressed"])
    yield from footer()


def _summary(earlier: "Sequence[VerifiedObject]", new: int) -> Iterator[str]:
    outcomes = {state.value: outcome for outcome in OUTCOMES for state in outcome.states}
    counts = Counter((row["baseline"]["priority"], outcomes[row["state"]].title) for row in earlier)
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
    yield f"<details{' open' if len(rows) <= OPEN else ''}><summary>By package and reason</summary>"
    yield '<div class="causes">'
    for one in rows:
        name = f'{text(one.package)} <bdi class="reason">{text(one.version)}</bdi>'
        yield f'<article class="cause {colour}"><h3>{name}</h3>'
        yield f'<p><span class="tag">{text(one.state)}</span> <bdi>{text(one.reason)}</bdi></p>'
        yield f"{id_list(one.vulnerabilities)}</article>"
    yield "</div></details></section>"
