"""The charts of a page: bars as inline SVG beside the numbers that they show, so that nobody needs to see them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from advisories.models.findings import Priority
from advisories.models.reading import shown_source
from advisories.reports.caveats import day_of
from advisories.reports.document import Document
from advisories.reports.fix_commands import is_fixable
from advisories.reports.lines import counted
from advisories.reports.page import text

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = ["bar", "head", "legend", "summary"]

# How many packages the chart of packages has.
_CHARTED: Final = 10
_YEAR: Final = 365
_PRIORITIES: Final = tuple((priority.value.lower(), priority.value) for priority in Priority)
# What becomes of findings, as the first chart has it: class of the colour, words, and which findings they are.
_FIXES: Final = (("fix", "has a fix"), ("channel", "fix in a channel the host lacks"), ("none", "no fix"))


def bar(parts: Iterable[tuple[str, float]], whole: float) -> str:
    """A bar of parts, each with the class of its colour.

    >>> bar([("high", 1), ("low", 0), ("none", 1)], 4)[-62:]
    '<rect class="none" x="25" y="0" width="25" height="10"/></svg>'

    :param whole: what the width of the drawing stands for.
    """
    drawn, at = [], 0.0
    for name, size in parts:
        if size:
            width = 100 * size / (whole or 1)
            drawn.append(f'<rect class="{name}" x="{at:.4g}" y="0" width="{width:.4g}" height="10"/>')
            at += width
    return f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'


def legend(names: Iterable[tuple[str, str]]) -> str:
    """What the colours stand for: pairs of a class and words."""
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="{name}" width="10" height="10"/>'
        f"</svg>{words}</li>"
        for name, words in names
    )
    return f'<ul class="legend">{items}</ul>'


def _fix_class(finding: "ReportedFinding") -> str:
    if is_fixable(finding):
        return "fix"
    return "none" if finding["fixed_version"] is None else "channel"


def summary(document: Document) -> Iterator[str]:
    findings = document.findings
    yield '<section aria-labelledby="summary-title">'
    yield '<h2 id="summary-title">At a glance</h2>'
    yield '<ul class="tiles">'
    for name, word in _PRIORITIES:
        yield f'<li class="{name}"><b>{document.counts[Priority(word)]:,}</b> {word}</li>'
    exploited = sum(finding["known_exploited"] for finding in findings)
    yield f'<li class="{"exploited" if exploited else "plain"}"><b>{exploited:,}</b> known exploited</li>'
    yield f'<li class="plain"><b>{len({one["vulnerability"] for one in findings}):,}</b> vulnerabilities</li>'
    yield f'<li class="plain"><b>{len({one["instance"] for one in findings}):,}</b> packages</li>'
    yield "</ul>"
    yield '<div class="charts">'
    yield from _by_fix(findings)
    yield from _by_package(findings)
    yield from _feed_age(document.content)
    yield "</div>"
    yield "</section>"


def head(id: str, first: str, *names: str) -> str:
    """The head of a chart as a table: its rows' names, what is drawn, and the numbers of it."""
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    head = f'<th scope="col">{first}</th><td></td>{cells}'
    return f'<table class="chart" aria-labelledby="{id}"><thead><tr>{head}</tr></thead><tbody>'


def _by_fix(findings: "Iterable[ReportedFinding]") -> Iterator[str]:
    counts = Counter((finding["priority"], _fix_class(finding)) for finding in findings)
    shown = [(name, words) for name, words in _FIXES if name != "channel" or any(kind == name for _, kind in counts)]
    rows = [(word, [counts[Priority(word), name] for name, _ in shown]) for _, word in _PRIORITIES]
    most = max(sum(numbers) for _, numbers in rows)
    yield '<figure><figcaption id="chart-fix">Findings by priority and fix</figcaption>'
    yield legend(shown)
    yield head("chart-fix", "Priority", *(words for _, words in shown))
    for word, numbers in rows:
        parts = bar([(name, number) for (name, _), number in zip(shown, numbers, strict=True)], most)
        cells = "".join(f"<td>{number:,}</td>" for number in numbers)
        yield f'<tr><th scope="row">{word}</th><td class="drawn">{parts}</td>{cells}</tr>'
    yield "</tbody></table></figure>"


def _by_package(findings: "Iterable[ReportedFinding]") -> Iterator[str]:
    counts = Counter((finding["source"] or finding["package"], finding["priority"]) for finding in findings)
    totals = Counter[str]()
    for (package, _), count in counts.items():
        totals[package] += count
    ranked = sorted(totals, key=lambda package: (*(-counts[package, one] for one in Priority), package))
    most = max(totals[package] for package in ranked[:_CHARTED])
    more = f", of {len(ranked)}" if len(ranked) > _CHARTED else ""
    yield '<figure class="tall"><figcaption id="chart-package">'
    yield f"Source packages with most findings of high priority{more}</figcaption>"
    yield legend(_PRIORITIES)
    yield head("chart-package", "Source package", *(word for _, word in _PRIORITIES))
    for package in ranked[:_CHARTED]:
        parts = bar([(name, counts[package, Priority(word)]) for name, word in _PRIORITIES], most)
        cells = "".join(f"<td>{counts[package, one]:,}</td>" for one in Priority)
        yield f'<tr><th scope="row">{text(package)}</th><td class="drawn">{parts}</td>{cells}</tr>'
    yield "</tbody></table></figure>"


def _feed_age(content: "ReportObject") -> Iterator[str]:
    day = day_of(content)
    ages = [(read["source"], _age(read["newest"], day), read["newest"]) for read in content["feed"]["sources"]]
    most = max([_YEAR, *[age or 0 for _, age, _ in ages]])
    yield '<figure><figcaption id="chart-age">Age of the advisories</figcaption>'
    yield f'<p class="muted">A full bar is {counted(most, "day")}.</p>'
    yield head("chart-age", "Feed", "Newest", "Days old")
    for source, age, newest in ages:
        drawn = bar([("age", max(age or 0, 0))], most)
        yield f'<tr><th scope="row">{text(shown_source(source))}</th><td class="drawn">{drawn}</td>'
        yield f"<td>{text((newest or 'no date')[:10])}</td><td>{'unknown' if age is None else f'{age:,}'}</td></tr>"
    yield "</tbody></table></figure>"


def _age(newest: str | None, day: date | None) -> int | None:
    return None if newest is None or day is None else (day - date.fromisoformat(newest[:10])).days
