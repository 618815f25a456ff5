"""The part of the text reports about findings that are not listed: those that statements suppress, each with its
statements, those hidden by choice, and the outcome of every statement.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from advisories.models.findings import Finding
from advisories.models.reading import shown_source
from advisories.reports.lines import alike, counted, named, rejected_text, wrapped
from advisories.triage.pipeline import Triaged

if TYPE_CHECKING:
    from advisories.models.statements import Statement
    from advisories.triage.select import Hidden
    from advisories.triage.suppress import Suppressed, Suppression

__all__ = ["hidden_line", "statements", "suppressed", "text"]

# How many statements of one outcome, and how many disputes, are named. JSON has all.
_NAMED: Final = 12
# How many vulnerabilities of one package or of one rule are named.
_FEW: Final = 5


def text(chosen: Triaged, width: int | None) -> Iterator[str]:
    """The suppressed findings and the outcomes of the statements. Nothing without statements."""
    if chosen.suppression is not None:
        yield ""
        yield from suppressed("suppressed", chosen.suppression.suppressed, width)
        yield from statements(chosen, width)


def suppressed(title: str, findings: "Sequence[Suppressed]", width: int | None) -> Iterator[str]:
    """The number of suppressed findings, then each group of statements with its packages."""
    yield f"{title}: {counted(len(findings), 'finding')}"
    groups = alike(findings, lambda one: tuple(map(_group, one.statements)))
    for group in sorted(groups, key=len, reverse=True):
        columns = zip(*(one.statements for one in group), strict=True)
        because = "; and ".join(_together(tuple(dict.fromkeys(column))) for column in columns)
        yield from wrapped(f"{len(group)}: {because}", width, 2)
        for same in alike([one.finding for one in group], lambda finding: finding.package):
            package = same[0].package
            arch = f" ({package.arch})" if package.arch else ""
            yield from wrapped(f"{package.name} {package.version}{arch}: {_vulnerabilities(same)}", width, 6)


def hidden_line(title: str, hidden: "Mapping[Hidden, int]", width: int | None) -> Iterator[str]:
    """How many findings are hidden, and by which choice. Nothing where there are none."""
    if any(hidden.values()):
        reasons = ", ".join(f"{count} by {reason.value}" for reason, count in hidden.items() if count)
        yield from wrapped(f"{title}: {counted(sum(hidden.values()), 'finding')} ({reasons})", width)


def statements(chosen: Triaged, width: int | None) -> Iterator[str]:
    """The outcomes of each source of statements, counted, then one by one those that you should look at."""
    for read, reports in chosen.by_source():
        outcomes = Counter(one.outcome.value for one in reports)
        became = [f"{outcomes[name]} {words}" for name, words in _BECAME.items() if outcomes[name] or name == "applied"]
        lost = rejected_text(read.rejected, len(read.rejections))
        rejected = [lost] if lost else []
        skipped = [f"skipped ({count}): {why}" for why, count in read.skips]
        parts = "; ".join([f"{counted(len(reports), 'statement')}: {', '.join(became)}", *rejected, *skipped])
        yield from wrapped(f"{shown_source(read.source)}: {parts}", width, 2)
    if chosen.suppression is not None:
        yield from _noted(chosen.suppression, width)


def _noted(suppression: "Suppression", width: int | None) -> Iterator[str]:
    from advisories.triage.suppress import Outcome, is_noted

    for outcome, reports in suppression.by_outcome().items():
        of_note = [one for one in reports if is_noted(one)] if outcome is not Outcome.APPLIED else []
        yield from _some(
            _BECAME[outcome.value],
            [f"{_sentence(one.statement)}{f' ({one.why})' if one.why else ''}" for one in of_note],
            width,
        )
    yield from _some(
        "has a fix now",
        [f"{_vulnerabilities(one.fixable)}: {_sentence(one.statement)}" for one in suppression.fixable],
        width,
    )
    yield from _some(
        "kept, as statements disagree",
        [f"{one.finding.instance}: {'; '.join(map(_sentence, one.statements))}" for one in suppression.disputes],
        width,
    )


# By the outcome's value.
_BECAME: Final = {
    "applied": "applied",
    "expired": "expired",
    "contradicted": "contradicted by others",
    "superseded": "superseded by a later one",
    "stated": "suppress nothing",
    "undecided": "cannot be decided",
    "no-finding": "no such finding",
    "not-installed": "not installed",
    "other-product": "about other products",
}


def _some(title: str, lines: Sequence[str], width: int | None) -> Iterator[str]:
    for line in lines[:_NAMED]:
        yield from wrapped(f"{title}: {line}", width, 2)
    if len(lines) > _NAMED:
        yield f"  {title}: {len(lines) - _NAMED} more"


def _vulnerabilities(findings: Sequence[Finding]) -> str:
    return named(list(dict.fromkeys(finding.vulnerability for finding in findings)), _FEW)


def _group(statement: "Statement") -> Hashable:
    """The group a statement is listed in: your own rules each alone, others together where all but what they are about
    is equal.
    """
    from advisories.models.statements import StatementStatus

    if statement.status is StatementStatus.IGNORED:
        return statement
    return (statement.status, statement.owner, statement.until, statement.reason, statement.justification)


def _together(statements: "Sequence[Statement]") -> str:
    return _sentence(statements[0], len(statements) - 1)


def _sentence(statement: "Statement", like_it: int = 0) -> str:
    """A statement in words: its place, its status and what it is about, its owner, its last day, and why.

    :param like_it: how many more statements are equal but for what they are about.
    """
    more = f" and {like_it} more" if like_it else ""
    words = [f"{shown_source(statement.source)}: {statement.position}{more}: {statement.status.value}"]
    words.append(f": {named(statement.ids, _FEW)}" if statement.ids else ": any vulnerability")
    words.append(f" of {named(statement.packages, _FEW)}" if statement.packages else "")
    if statement.versions is not None:
        bounds = (("from", statement.versions.from_), ("before", statement.versions.before))
        words.extend(f" {name} {version}" for name, version in bounds if version is not None)
    words.append(f" at {statement.location}" if statement.location else "")
    words.append(f" ({', '.join(statement.fix_states)})" if statement.fix_states else "")
    words.append(f", by {statement.owner}" if statement.owner else "")
    words.append(f", until {statement.until}" if statement.until else "")
    why = statement.reason or statement.justification
    return "".join(words if not like_it else [words[0], *words[-2:]]) + (f": {why}" if why else "")
