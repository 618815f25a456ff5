"""The findings as one page of HTML that opens from a file: what was not checked first, then the findings to search.

The page's script shows the findings from a block of data. Without a script a plain table has all of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from advisories.models.distribution import Distribution
from advisories.models.findings import PackageClass
from advisories.models.reading import shown_source
from advisories.reports.assumed import list_command
from advisories.reports.caveats import TITLES, Level, caveats, day_of
from advisories.reports.charts import bar, legend, summary
from advisories.reports.document import Document
from advisories.reports.fix_commands import fix_commands, is_fixable, not_in_commands
from advisories.reports.lines import counted, rejected_text
from advisories.reports.page import data_block, footer, header, page, text
from advisories.reports.page_data import data_of
from advisories.reports.page_parts import caveat_list
from advisories.reports.statement_text import statement_text
from advisories.reports.tags import tags_of

if TYPE_CHECKING:
    from advisories.reports.document import DistributionObject, ReadObject, ReportedFinding, ReportObject

__all__ = ["render"]


def render(document: Document) -> Iterator[str]:
    """The lines of the page."""
    content = document.content
    name = content["target"]["name"]
    yield from page(f"{counted(len(document.findings), 'finding')}: {name}", _body(document))


def _body(document: Document) -> Iterator[str]:
    content = document.content
    yield '<a class="skip" href="#findings">Skip to the findings</a>'
    yield from _header(content)
    yield "<main>"
    yield from _coverage(content)
    if content["findings"]:
        yield from summary(document)
        yield from _what_to_do(content)
    yield from _findings(content)
    yield from _sources(content)
    yield from footer()
    yield data_block("data", data_of(content))


# ---- the head, and what was not checked ----


def _header(content: "ReportObject") -> Iterator[str]:
    target, inventory, coverage = content["target"], content["inventory"], content["coverage"]
    facts = [f"{_release(inventory['distribution'])}", counted(coverage["packages"], "package")]
    if inventory["image"] and inventory["image"]["platform"]:
        facts.append(inventory["image"]["platform"])
    if inventory["running_kernel"]:
        facts.append(f"running kernel {inventory['running_kernel']}")
    if (day := day_of(content)) is not None:
        facts.append(f"as of {day}")
    yield from header("Installed packages and their vulnerabilities", target["name"], facts, target["digest"])


def _release(release: "DistributionObject | None") -> str:
    if release is None:
        return "release unknown"
    channels = f" {{{', '.join(release['channels'])}}}" if release["channels"] else ""
    return f"{release['id']} {release['release'] or '(release unknown)'}{channels}"


# The classes of coverage, with the class of their colour, in the order of the bar.
_CLASSES: Final = (
    (PackageClass.AFFECTED, "high"),
    (PackageClass.UNDECIDABLE, "medium"),
    (PackageClass.UNCHECKED, "unsure"),
    (PackageClass.THIRD_PARTY, "unsure2"),
    (PackageClass.NOT_COVERED, "unsure3"),
    (PackageClass.NOT_INSTALLED, "none"),
    (PackageClass.CLEAN, "fix"),
)


def _coverage(content: "ReportObject") -> Iterator[str]:
    coverage = content["coverage"]
    found = caveats(content)
    level = found[0].level if found else Level.NOTE
    yield f'<section class="coverage {level.value}" aria-labelledby="coverage-title">'
    yield f'<h2 id="coverage-title">{TITLES[level]}</h2>'
    counts: Mapping[str, int] = {str(name): count for name, count in coverage["classes"].items()}
    yield bar([(colour, counts[name.value]) for name, colour in _CLASSES], coverage["packages"])
    names = [(colour, f"<b>{counts[name]:,}</b> {name.value}") for name, colour in _CLASSES if counts[name]]
    yield f'<p class="sum">{coverage["packages"]:,} packages, each in one class:</p>{legend(names)}'
    yield from caveat_list(found)
    yield from _better_list(content)
    yield "</section>"


def _better_list(content: "ReportObject") -> Iterator[str]:
    own = content["inventory"]["distribution"] or content["coverage"]["judged_as"]
    if content["coverage"]["assumptions"] and (
        command := list_command(own and Distribution(own["id"], own["release"]))
    ):
        yield "<p>The command whose list shows everything that matching uses:</p>"
        yield f'<pre class="command" tabindex="0">{text(command)}</pre>'


# ---- what to do ----


def _what_to_do(content: "ReportObject") -> Iterator[str]:
    yield '<section aria-labelledby="todo-title">'
    yield '<h2 id="todo-title">What to do</h2>'
    commands = list(fix_commands(content))
    for one in commands:
        yield f"<h3>{text(one.title)}</h3>"
        yield f"<p>{counted(one.packages, 'package')}, {counted(one.clears, 'finding')} with a fix.</p>"
        yield f'<pre class="command" tabindex="0">{text(one.command)}</pre>'
    if not commands:
        yield "<p>No command of the package manager clears any of these findings by itself.</p>"
    left = not_in_commands(content)
    if left:
        yield f"<h3>{'What these commands leave' if commands else 'Why not'}</h3>"
        yield f"<ul>{''.join(f'<li>{text(one)}</li>' for one in left)}</ul>"
    restarts = Counter[str | None](one["restart"] for one in content["findings"] if is_fixable(one))
    for what, words in (("machine", "the machine"), ("services", "services that use what was upgraded")):
        if restarts[what]:
            yield f"<p>Restart {words} afterwards ({counted(restarts[what], 'finding')}).</p>"
    yield "<p>The whole plan has the order of steps, the lowest sufficient versions, kernels, channels and restarts: "
    yield "<code>advisories fix</code> with the same list and feeds.</p>"
    yield "</section>"


# ---- the findings ----


def _findings(content: "ReportObject") -> Iterator[str]:
    yield '<section id="findings" aria-labelledby="findings-title" tabindex="-1">'
    yield '<h2 id="findings-title">Findings</h2>'
    if not content["findings"] and not content["suppressed"]:
        yield "<p>No findings. That means what it says only for packages that were checked: see above.</p></section>"
        return
    found = caveats(content)
    if found and found[0].level is not Level.NOTE:
        yield f'<p class="again">{TITLES[found[0].level]}. <a href="#coverage-title">See what is missing</a>.</p>'
    yield '<form class="filters" id="filters" role="search" aria-label="Findings" hidden></form>'
    yield '<p id="shown" role="status"></p>'
    yield '<div id="table"></div>'
    yield "<noscript>"
    yield from _plain_table("Findings by package and fix", content["findings"])
    if content["suppressed"]:
        suppressed = content["suppressed"]
        yield from _plain_table("Suppressed findings", [one["finding"] for one in suppressed])
        yield f"<p>{counted(len(suppressed), 'finding')} suppressed by these statements:</p><ul>"
        for words in dict.fromkeys(words for one in suppressed for words in map(statement_text, one["statements"])):
            yield f"<li>{text(words)}</li>"
        yield "</ul>"
    yield "</noscript>"
    yield "</section>"


def _plain_table(caption: str, findings: "Iterable[ReportedFinding]") -> Iterator[str]:
    """A row for each cause, with the vulnerabilities that have it."""
    causes: dict[tuple[Any, ...], list[str]] = {}
    for one in findings:
        key = (one["package"], one["priority"], one["fixed_version"], one["fix_state"], one["cause"], *tags_of(one))
        causes.setdefault((one["instance"], key), []).append(one["vulnerability"])
    yield f'<table class="plain"><caption>{caption}</caption><thead><tr>'
    names = ("Package", "Priority", "Fixed in", "Cause", "Vulnerabilities")
    yield "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr></thead><tbody>"
    for (_, (package, priority, fixed, state, cause, *tags)), vulnerabilities in causes.items():
        note = f" [{', '.join(tags)}]" if tags else ""
        cells = (priority, fixed or state, f"{cause}{note}", ", ".join(vulnerabilities))
        yield _row(package, cells)
    yield "</tbody></table>"


def _row(name: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{text(name)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in cells)}</tr>'


# ---- where it all came from ----


def _sources(content: "ReportObject") -> Iterator[str]:
    inventory, statements = content["inventory"], content["statements"]
    reads: list[tuple[str, ReadObject]] = [("package list", inventory["read"])] if inventory["read"] else []
    reads += [("advisories", read) for read in content["feed"]["sources"]]
    reads += [("statements", read) for read in (statements["sources"] if statements else ())]
    yield '<section aria-labelledby="sources-title">'
    yield '<h2 id="sources-title">What was read</h2>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Sources"><table class="plain"><thead><tr>'
    names = ("Source", "What", "Format", "Kept", "Rejected", "Skipped deliberately")
    yield "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr></thead><tbody>"
    for what, read in reads:
        skipped = ", ".join(f"{why} ({count:,})" for why, count in read["skipped"].items()) or "nothing"
        # Parts of records that were kept count too.
        lost = rejected_text(read["rejected"], len(read["rejections"])) or "nothing"
        cells = (what, read["format"], f"{read['kept']:,} of {read['read']:,}", lost, skipped)
        yield _row(shown_source(read["source"]), cells)
    yield "</tbody></table></div>"
    rejections = [one for _, read in reads for one in read["rejections"]]
    if rejections:
        yield f"<details><summary>{counted(len(rejections), 'rejection')}</summary><ul>"
        for one in rejections:
            place = f"{shown_source(one['source'])}: {one['position']}: {one['what']}: {one['why']}"
            yield f"<li>{text(place)}</li>"
        yield "</ul></details>"
    if statements is not None and statements["noted"]:
        yield f"<details><summary>{counted(len(statements['noted']), 'statement')} to look at</summary><ul>"
        for noted in statements["noted"]:
            why = f" ({noted['why']})" if noted["why"] else ""
            yield f"<li><b>{noted['outcome']}</b>{text(why)}: {text(statement_text(noted))}</li>"
        yield "</ul></details>"
    support = inventory["support"]
    if support is not None:
        extended = f", {support['extended_by']} until {support['extended']}" if support["extended"] else ""
        dates = f"Standard support of the release until {support['standard']}{extended}"
        yield f"<p>{text(dates)} ({text(support['source'])}).</p>"
    yield "</section>"
