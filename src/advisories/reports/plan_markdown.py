"""The plan as Markdown for the summary of a job or a ticket: what to know first, commands, and a fold for each step.

GitHub refuses a summary of more than 1 MiB. What would not fit is left out, the last steps first, and counted.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.reports.caveats import caveat_of
from advisories.reports.lines import counted, named
from advisories.reports.markdown_text import MOST, Block, alert, code, fitting, size, suppressed_blocks, text
from advisories.reports.plan import BY_HAND, IN_THE_END, RESTARTS
from advisories.reports.plan_steps import all_commands, becomes, commands_of, facts, headline, ids_of, numbers, title

if TYPE_CHECKING:
    from advisories.reports.plan_document import PlanDocument, PlanObject, StayObject, StepObject

__all__ = ["render"]

# Bytes of it for all commands together, for what stays, and for the statements of suppressed findings.
_SHARE: Final = 200_000
# Vulnerabilities that a step names. JSON and the page have all.
_NAMED: Final = 200
# Findings of one fold of what stays.
_FOLDED: Final = 400


def render(document: "PlanDocument") -> list[str]:
    """The lines of the summary."""
    content = document.content
    lines = [f"## {headline(content)}: {text(content['inventory'])}", ""]
    lines += [f"Plan for {text(', '.join(facts(content)))}. Nothing was changed.", ""]
    summary = f"What stays: {counted(len(content['stays']), 'finding')}."
    lines += [*alert(list(map(caveat_of, content["caveats"])), summary), "", *_table(content), ""]
    lines += fitting(_commands(content), _SHARE)
    left = MOST - size(lines)
    tail = fitting(_stays(content), min(_SHARE, left // 3))
    tail += fitting(_brings(content), min(_SHARE, left // 3))
    tail += fitting(suppressed_blocks(content["suppressed"]), min(_SHARE, left // 4), "suppressed ")
    return lines + fitting(_steps(content), left - size(tail)) + tail


def _table(content: "PlanObject") -> Iterator[str]:
    yield "| Priority | Cleared | Stay |"
    yield "|---|---:|---:|"
    for priority, cleared, stay in numbers(content):
        yield f"| {priority.value} | {cleared} | {stay} |"


def _commands(content: "PlanObject") -> Iterator[Block]:
    for after, name in ((False, "Commands"), (True, "Commands, once the machine was restarted")):
        commands = all_commands(content, after_restart=after)
        if commands:
            yield Block([f"### {name}", "", "```sh", *commands, "```", ""])
        restart = content["restart"]
        if not after and restart is not None:
            yield Block([f"In the end: {IN_THE_END[restart]}.", ""])


def _steps(content: "PlanObject") -> Iterator[Block]:
    if content["steps"]:
        yield Block(["### Steps", ""])
    for number, step in enumerate(content["steps"], 1):
        yield Block(list(_step(number, step, content)), len(step["clears"]))


def _step(number: int, step: "StepObject", content: "PlanObject") -> Iterator[str]:
    yield f"<details><summary>{number}. <b>{text(title(step))}</b>: {text(step['text'])}</summary>"
    yield ""
    yield "| Package | Architecture | Installed | Becomes |"
    yield "|---|---|---|---|"
    for change in step["packages"]:
        cells = (text(change["package"]), text(change["arch"] or ""), code(change["version"]))
        yield f"| {' | '.join(cells)} | {code(becomes(change, step))} |"
    yield ""
    if step["clears"]:
        yield f"- clears {named([text(id) for id in ids_of(step)], _NAMED)}"
    if step["advisories"]:
        yield f"- advisories {named([text(id) for id in step['advisories']], _NAMED)}"
    for warning in step["warnings"]:
        yield f"- **warning**: {text(warning)}"
    if step["restart"] is not None and not step["after_restart"]:
        yield f"- then {RESTARTS[step['restart']]}"
    if not commands_of(step, content):
        yield f"- {BY_HAND}"
    yield ""
    yield "</details>"
    yield ""


def _stays(content: "PlanObject") -> Iterator[Block]:
    reasons: dict[str, list[StayObject]] = {}
    for stay in content["stays"]:
        reasons.setdefault(stay["reason"], []).append(stay)
    if reasons:
        yield Block([f"### What stays: {counted(len(content['stays']), 'finding')}", ""])
    for reason, stays in reasons.items():
        for at in range(0, len(stays), _FOLDED):
            some = stays[at : at + _FOLDED]
            more = f", from {at + 1} on" if at else ""
            rows = [
                f"| {text(one['package'])} {code(one['version'])} | {text(one['vulnerability'])} | {one['priority']} | "
                f"{text(one['text'])} |"
                for one in some
            ]
            head = [f"<details><summary><b>{text(reason)}</b>{more}: {counted(len(some), 'finding')}</summary>", ""]
            head += ["| Package | Vulnerability | Priority | Why |", "|---|---|---|---|"]
            yield Block([*head, *rows, "", "</details>", ""], len(some))


def _brings(content: "PlanObject") -> Iterator[Block]:
    if content["brings"]:
        yield Block([f"### What the upgrades bring: {counted(len(content['brings']), 'finding')}", ""])
    for one in content["brings"]:
        yield Block([f"- {one['priority']}: {text(one['vulnerability'])}: {text(one['cause'])}"], 1)
    if content["brings"]:
        yield Block([""])
