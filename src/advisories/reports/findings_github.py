"""The findings as workflow commands of GitHub Actions, which the run and the pull request show as annotations.

GitHub shows ten of each level for a step, so no more of a level are written. Findings of one source package are one
annotation: what is exploited first, then what has a fix, then the most findings. The last one of a level has how many
findings are left out. What the report leaves open comes first and counts with its level.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import vercmp
from advisories.models.findings import Priority
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.reports.alerts import Fixes, caveat_text, host_name, sentence
from advisories.reports.annotations import SHOWN, annotation
from advisories.reports.caveats import Level, caveats
from advisories.reports.fix_commands import is_fixable
from advisories.reports.lines import counted, named

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding, ReportObject

__all__ = ["render"]

_LEVELS: Final = {Priority.HIGH: Level.ERROR, Priority.MEDIUM: Level.WARNING, Priority.LOW: Level.NOTE}
_EXPLOITED: Final = itemgetter("known_exploited")
# How many packages, vulnerabilities and fixes of one annotation are named.
_NAMED: Final = 8


def render(document: "Document") -> Iterator[str]:
    """The lines of the report, a command each."""
    content, host = document.content, host_name(document.content["target"]["name"])
    commands: dict[Level, list[str]] = {level: [] for level in Level}
    commands[Level.NOTE].append(annotation(Level.NOTE, f"advisories: {host}", _summary(content)))
    for caveat in caveats(content):
        commands[caveat.level].append(annotation(caveat.level, host, caveat_text(caveat, _NAMED)))
    fixes = Fixes(content)
    for priority, level in _LEVELS.items():
        groups = _groups([finding for finding in content["findings"] if finding["priority"] == priority])
        made = commands[level]
        room = max(SHOWN - len(made), 1)
        shown = groups if len(groups) <= room else groups[: room - 1]
        made += [annotation(level, f"{priority.value}: {_packages(group)}", _fix(group, fixes)) for group in shown]
        rest = groups[len(shown) :]
        if rest:
            left = f"{counted(sum(map(len, rest)), 'more finding')} of {counted(len(rest), 'more source package')}"
            text = f"{left}. They are left out here and are in all other formats."
            made.append(annotation(level, f"{priority.value}: not all is shown", text))
    for of_level in commands.values():
        yield from of_level


def _groups(findings: "Sequence[ReportedFinding]") -> "list[list[ReportedFinding]]":
    """The findings of each source package, the most useful group first."""
    found: dict[str, list[ReportedFinding]] = {}
    for one in findings:
        found.setdefault(one["source"] or one["package"], []).append(one)
    return sorted(found.values(), key=_use)


def _use(group: "list[ReportedFinding]") -> tuple[bool, bool, int]:
    return not any(map(_EXPLOITED, group)), not any(map(is_fixable, group)), -len(group)


def _packages(group: "list[ReportedFinding]") -> str:
    return named(list(dict.fromkeys([f"{one['package']} {one['version']}" for one in group])), _NAMED)


def _fix(group: "list[ReportedFinding]", fixes: Fixes) -> str:
    ids = list(dict.fromkeys([one["vulnerability"] for one in group]))
    each = [(fixes.command(one), one) for one in group]
    commands = dict.fromkeys([command for command, _ in each if command])
    others = list(dict.fromkeys(map(fixes.text, _highest([one for command, one in each if not command]))))
    exploited = dict.fromkeys([one["vulnerability"] for one in group if one["known_exploited"]])
    unsure = [one for one in group if one["status"] == "undecidable"]
    notes = [f" Exploited: {named([*exploited], _NAMED)}."] if exploited else []
    notes += [f" {counted(len(unsure), 'finding')} undecidable: {sentence(unsure[0]['cause'])}"] if unsure else []
    more = [f"And {len(others) - _NAMED} more."] if len(others) > _NAMED else []
    ways = [*others[:_NAMED], *more, *([named([*commands], _NAMED)] if commands else [])]
    return f"{counted(len(ids), 'vulnerability')}: {named(ids, _NAMED)}.{''.join(notes)} {' '.join(ways)}"


def _highest(findings: "list[ReportedFinding]") -> "list[ReportedFinding]":
    """Of findings of one package that differ in the fixed version alone, one with the highest: it clears them all."""
    found: dict[tuple[object, ...], tuple[bytes, ReportedFinding]] = {}
    for one in findings:
        height = _height(one["instance"].partition("/")[0], one["fixed_version"])
        of = one["package"], one["channel"], one["fix_state"], one["restart"], one["pending_restart"]
        # A version without an order stands for itself.
        key = (*of, one["fixed_version"] if height is None else None)
        known = found.get(key)
        if known is None or (height is not None and height > known[0]):
            found[key] = height or b"", one
    return [one for _, one in found.values()]


def _height(type: str, version: str | None) -> bytes | None:
    """The key of a version. None where it has no order."""
    scheme = SCHEME_OF_TYPE.get(type)
    if version is None or scheme is None:
        return None
    try:
        return vercmp.sort_key(version, scheme=scheme)
    except vercmp.InvalidVersion:
        return None


def _summary(content: "ReportObject") -> str:
    findings, coverage = content["findings"], content["coverage"]
    counts = [(sum([one["priority"] == word for one in findings]), word.value) for word in Priority]
    listed = ", ".join(f"{count} {word}" for count, word in counts)
    classes = ", ".join(f"{count} {word}" for word, count in coverage["classes"].items() if count)
    return f"{counted(len(findings), 'finding')}: {listed}. {counted(coverage['packages'], 'package')}: {classes or 0}."
