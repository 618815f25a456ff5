"""A verification as Markdown for the summary of a job on GitHub: what stands, what was fixed since, and what is new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from advisories.models.findings import Priority
from advisories.reports.caveats import caveat_of
from advisories.reports.lines import counted
from advisories.reports.markdown_text import MOST, Block, alert, code, fitting, size, suppressed_blocks, text
from advisories.reports.outcomes import OUTCOMES, Rows, new_rows, not_shown, packages_now, rows_of

if TYPE_CHECKING:
    from advisories.reports.verification_document import VerificationDocument, VerifiedObject

__all__ = ["render"]

# Rows of one fold. An outcome with more has several.
_FOLDED: Final = 400


def render(document: "VerificationDocument") -> list[str]:
    """The lines of the summary."""
    content = document.content
    earlier, rows = content["findings"], list(new_rows(content["new"]))
    lines = [f"## {counted(document.all_rows, 'earlier finding')}: {text(content['inventory']['source'])}", ""]
    lines += [f"Baseline: {text(content['baseline']['source'])}.", ""]
    lines += [*alert(list(map(caveat_of, content["caveats"])), packages_now(content)), ""]
    lines += _table(earlier, rows)
    if left := not_shown(content):
        lines += ["", text(left)]
    lines += [""]
    blocks = [*_folds("New", rows)]
    for outcome in OUTCOMES:
        blocks += _folds(f"{outcome.title[:1].upper()}{outcome.title[1:]}", list(rows_of(earlier, outcome)))
    room = MOST - size(lines)
    suppressed = fitting(suppressed_blocks(content["suppressed"]), room // 4, "suppressed ")
    return lines + fitting(blocks, room - size(suppressed)) + suppressed


def _table(earlier: "Sequence[VerifiedObject]", new: Sequence[Rows]) -> Iterator[str]:
    counts = Counter[tuple[str, str]]((row["state"], row["baseline"]["priority"]) for row in earlier)
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
