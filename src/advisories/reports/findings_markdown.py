"""The findings as Markdown for the summary of a job on GitHub: what was not checked, numbers, and a fold for each fix.

GitHub refuses a summary of more than 1 MiB. What would not fit is left out, the least urgent first, and counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from advisories.models.findings import Priority
from advisories.reports.caveats import caveats, day_of, release_of
from advisories.reports.document import Document
from advisories.reports.fix_commands import fix_commands, is_fixable, not_in_commands
from advisories.reports.lines import counted
from advisories.reports.markdown_text import MOST, Block, alert, code, fitting, linked, size, suppressed_blocks, text
from advisories.reports.tags import tags_of

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = ["render"]

# Bytes of it for commands, and for the statements of suppressed findings.
_SHARE: Final = 200_000
# Findings of one fold. A fix with more has several.
_FOLDED: Final = 400


def render(document: Document) -> list[str]:
    """The lines of the summary."""
    content = document.content
    lines = [*_title(content), ""]
    counts = ", ".join(f"{count} {name}" for name, count in content["coverage"]["classes"].items() if count)
    lines += alert(caveats(content), f"Packages: {counts or '0'}.")
    if content["findings"]:
        lines += ["", *_table(document), "", "### What to do", ""]
        lines += fitting(map(Block, _what_to_do(content)), _SHARE)
        lines += ["", "### Findings by fix", ""]
    else:
        lines += ["", "No findings, of the packages that were checked."]
    left = MOST - size(lines)
    suppressed = fitting(suppressed_blocks(content["suppressed"]), min(_SHARE, left // 2), "suppressed ")
    lines += fitting(_folds(document), left - size(suppressed))
    return lines + suppressed


def _title(content: "ReportObject") -> Iterator[str]:
    target, day = content["target"], day_of(content)
    yield f"## {counted(len(content['findings']), 'finding')}: {text(target['name'])}"
    yield ""
    digest = f" {code(target['digest'])}" if target["digest"] else ""
    on = "" if day is None else f", as of {day}"
    packages = counted(content["coverage"]["packages"], "package")
    yield f"{packages}, matched against the advisories of {text(release_of(content))}{on}.{digest}"


def _table(document: Document) -> Iterator[str]:
    yield "| Priority | Findings | With a fix | Vulnerabilities | Packages |"
    yield "|---|---:|---:|---:|---:|"
    for priority in Priority:
        yield _counts(priority.value, [one for one in document.findings if one["priority"] == priority])
    yield _counts("**All**", document.findings)
    exploited = {one["vulnerability"] for one in document.findings if one["known_exploited"]}
    if exploited:
        yield ""
        yield f"**Known to be exploited: {', '.join(map(text, sorted(exploited)))}**"


def _counts(name: str, findings: "Sequence[ReportedFinding]") -> str:
    numbers = (
        len(findings),
        sum(map(is_fixable, findings)),
        len({one["vulnerability"] for one in findings}),
        len({one["instance"] for one in findings}),
    )
    return f"| {name} | {' | '.join(map(str, numbers))} |"


def _what_to_do(content: "ReportObject") -> Iterator[list[str]]:
    for one in fix_commands(content):
        about = f"{one.title} ({counted(one.packages, 'package')}, {counted(one.clears, 'finding')} with a fix):"
        yield [about, "", "```sh", one.command, "```", ""]
    for sentence in not_in_commands(content):
        yield [f"- not by a command: {text(sentence)}"]
    yield ["- `advisories fix` has the whole plan: kernels, channels, restarts, and the lowest sufficient versions"]


def _folds(document: Document) -> Iterator[Block]:
    """A fold for each fix of a source package, in the order of their first finding."""
    fixes: dict[tuple[str, str | None, str], list[ReportedFinding]] = {}
    for one in document.findings:
        fixes.setdefault((one["source"] or one["package"], one["fixed_version"], one["fix_state"]), []).append(one)
    for (name, version, state), findings in fixes.items():
        to = f"to {code(version)}" if version is not None else f"({text(state)})"
        for at in range(0, len(findings), _FOLDED):
            some = findings[at : at + _FOLDED]
            counts = [(priority, sum(one["priority"] == priority for one in some)) for priority in Priority]
            numbers = ", ".join(f"{count} {priority.value}" for priority, count in counts if count)
            more = f", from {at + 1} on" if at else ""
            lines = [
                f"<details><summary><b>{text(name)}</b> {to}{more}: {numbers}</summary>",
                "",
                "| Priority | Vulnerabilities | Packages | Advisories | |",
                "|---|---|---|---|---|",
                *_rows(some),
                "",
                "</details>",
                "",
            ]
            yield Block(lines, len(some))


def _rows(findings: "Iterable[ReportedFinding]") -> Iterator[str]:
    """Vulnerabilities of the same packages, priority and advisories are in a row together."""
    packages: dict[tuple[str, ...], list[str]] = {}
    for one in findings:
        links = {link["id"]: link["url"] for link in one["links"]}
        advisories = ", ".join(linked(id, links.get(id)) for id in one["advisories"])
        vulnerability = linked(one["vulnerability"], links.get(one["vulnerability"]))
        key = (one["priority"], advisories, ", ".join(map(text, tags_of(one))), vulnerability)
        packages.setdefault(key, []).append(f"{text(one['package'])} {code(one['version'])}")
    rows: dict[tuple[str, ...], list[str]] = {}
    for (priority, advisories, tags, vulnerability), names in packages.items():
        rows.setdefault((priority, ", ".join(dict.fromkeys(names)), advisories, tags), []).append(vulnerability)
    for (priority, named, advisories, tags), vulnerabilities in rows.items():
        yield f"| {priority} | {', '.join(vulnerabilities)} | {named} | {advisories} | {tags} |"
