"""The plan as one page of HTML that opens from a file: what to know first, the commands, the steps, and what stays."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.models.distribution import Distribution
from advisories.models.findings import Priority
from advisories.models.reading import shown_source
from advisories.reports.assumed import settling_command
from advisories.reports.caveats import caveat_of
from advisories.reports.charts import bar, head, legend
from advisories.reports.lines import counted
from advisories.reports.page import footer, header, page, text
from advisories.reports.page_parts import OPEN, caveats_section, id_list, rows, suppressed_section
from advisories.reports.plan import BY_HAND, IN_THE_END, RESTARTS
from advisories.reports.plan_steps import all_commands, becomes, commands_of, facts, headline, ids_of, numbers, title

if TYPE_CHECKING:
    from advisories.reports.plan_document import PlanDocument, PlanObject, StayObject, StepObject

__all__ = ["render"]

# How many steps the chart has.
_CHARTED: Final = 10
_PRIORITIES: Final = tuple((priority.value.lower(), priority.value) for priority in Priority)


def render(document: "PlanDocument") -> Iterator[str]:
    """The lines of the page."""
    content = document.content
    yield from page(f"{headline(content)}: {content['inventory']}", _body(content))


def _body(content: "PlanObject") -> Iterator[str]:
    yield '<a class="skip" href="#commands-title">Skip to the commands</a>'
    yield from header("What to upgrade, and what stays", shown_source(content["inventory"]), facts(content))
    yield "<main>"
    own = content["distribution"]
    command = settling_command(content["assumptions"], own and Distribution(own["id"], own["release"]))
    yield from caveats_section(list(map(caveat_of, content["caveats"])), f"{headline(content)}.", command=command)
    yield from _summary(content)
    yield from _commands(content)
    yield from _steps(content)
    yield from _stays(content)
    yield from _brings(content)
    yield from suppressed_section(content["suppressed"])
    yield from footer()


def _summary(content: "PlanObject") -> Iterator[str]:
    counts = list(numbers(content))
    yield '<section aria-labelledby="summary-title"><h2 id="summary-title">At a glance</h2><ul class="tiles">'
    for priority, cleared, _ in counts:
        yield f'<li class="fix"><b>{cleared:,}</b> {priority.value} cleared</li>'
    yield f'<li class="{"high" if content["stays"] else "plain"}"><b>{len(content["stays"]):,}</b> stay</li>'
    yield f'<li class="plain"><b>{len(content["steps"]):,}</b> steps</li>'
    packages = sum(len(step["packages"]) for step in content["steps"])
    yield f'<li class="plain"><b>{packages:,}</b> packages</li></ul>'
    yield '<div class="charts">'
    yield '<figure><figcaption id="chart-cleared">Findings by priority</figcaption>'
    yield legend((("fix", "cleared"), ("none", "stay")))
    yield head("chart-cleared", "Priority", "cleared", "stay")
    most = max([1, *[cleared + stay for _, cleared, stay in counts]])
    for priority, cleared, stay in counts:
        drawn = bar((("fix", cleared), ("none", stay)), most)
        yield f'<tr><th scope="row">{priority.value}</th><td class="drawn">{drawn}</td>'
        yield f"<td>{cleared:,}</td><td>{stay:,}</td></tr>"
    yield "</tbody></table></figure>"
    yield from _by_step(content)
    yield "</div></section>"


def _by_step(content: "PlanObject") -> Iterator[str]:
    ranked = sorted(content["steps"], key=lambda step: [-step["gain"][priority] for priority in Priority])
    if not ranked:
        return
    more = f", of {len(ranked)}" if len(ranked) > _CHARTED else ""
    yield f'<figure><figcaption id="chart-steps">Steps that clear most findings of high priority{more}</figcaption>'
    yield legend(_PRIORITIES)
    yield head("chart-steps", "Step", *(word for _, word in _PRIORITIES))
    most = max([1, *[sum(step["gain"].values()) for step in ranked[:_CHARTED]]])
    for step in ranked[:_CHARTED]:
        drawn = bar([(name, step["gain"][Priority(word)]) for name, word in _PRIORITIES], most)
        cells = "".join(f"<td>{step['gain'][priority]:,}</td>" for priority in Priority)
        yield f'<tr><th scope="row">{text(step["source"])}</th><td class="drawn">{drawn}</td>{cells}</tr>'
    yield "</tbody></table></figure>"


def _commands(content: "PlanObject") -> Iterator[str]:
    yield '<section aria-labelledby="commands-title"><h2 id="commands-title">Commands</h2>'
    first, later = (all_commands(content, after_restart=after) for after in (False, True))
    if first:
        yield from _block(first)
    if not first and not later:
        yield "<p>No step has a command.</p>"
    if content["restart"] is not None:
        yield f"<p>In the end: {IN_THE_END[content['restart']]}.</p>"
    if later:
        yield "<h3>Once the machine was restarted</h3>"
        yield from _block(later)
    yield "</section>"


def _block(commands: list[str]) -> Iterator[str]:
    """Commands to copy, a line of the page each: the end of a line within one would be escaped."""
    first, *rest = map(text, commands)
    lines = [f'<pre class="command" tabindex="0">{first}', *rest]
    yield from lines[:-1]
    yield f"{lines[-1]}</pre>"


def _steps(content: "PlanObject") -> Iterator[str]:
    steps = content["steps"]
    if not steps:
        return
    yield f'<section aria-labelledby="steps-title"><h2 id="steps-title">{counted(len(steps), "step")}</h2>'
    yield f"<details{' open' if len(steps) <= OPEN else ''}><summary>In their order</summary>"
    yield '<div class="causes">'
    for number, step in enumerate(steps, 1):
        yield from _step(number, step, content)
    yield "</div></details></section>"


def _step(number: int, step: "StepObject", content: "PlanObject") -> Iterator[str]:
    yield f'<article class="cause fix"><h3>{number}. {text(title(step))}</h3>'
    yield f"<p>{text(step['text'])}.</p><ul>"
    for change in step["packages"]:
        arch = f" ({change['arch']})" if change["arch"] else ""
        yield f"<li><bdi>{text(change['package'] + arch)}</bdi> <bdi>{text(change['version'])}</bdi> \u2192 "
        yield f"<bdi>{text(becomes(change, step))}</bdi></li>"
    yield "</ul>"
    if step["clears"]:
        yield id_list(ids_of(step))
    for warning in step["warnings"]:
        yield f'<p class="again">{text(warning)}</p>'
    if step["restart"] is not None and not step["after_restart"]:
        yield f"<p>Then {RESTARTS[step['restart']]}.</p>"
    commands = commands_of(step, content)
    if commands:
        yield from _block(commands)
    else:
        yield f"<p>{BY_HAND[:1].upper()}{BY_HAND[1:]}.</p>"
    yield "</article>"


def _stays(content: "PlanObject") -> Iterator[str]:
    reasons: dict[str, list[StayObject]] = {}
    for stay in content["stays"]:
        reasons.setdefault(stay["reason"], []).append(stay)
    if not reasons:
        return
    yield '<section aria-labelledby="stays-title">'
    yield f'<h2 id="stays-title">What stays: {counted(len(content["stays"]), "finding")}</h2>'
    names = ("Package", "Vulnerability", "Priority", "Why")
    for reason, stays in reasons.items():
        cells = [
            (f"{one['package']} {one['version']}", one["vulnerability"], one["priority"], one["text"]) for one in stays
        ]
        yield f"<details{' open' if len(stays) <= OPEN else ''}><summary>{text(reason)}: "
        yield f"{counted(len(stays), 'finding')}</summary>"
        yield from rows(text(reason), names, cells)
        yield "</details>"
    yield "</section>"


def _brings(content: "PlanObject") -> Iterator[str]:
    brings = content["brings"]
    if brings:
        yield '<section aria-labelledby="brings-title">'
        yield f'<h2 id="brings-title">What the upgrades bring: {counted(len(brings), "finding")}</h2>'
        cells = [(one["package"], one["vulnerability"], one["priority"], one["cause"]) for one in brings]
        yield from rows("Findings afterwards", ("Package", "Vulnerability", "Priority", "Why"), cells)
        yield "</section>"
