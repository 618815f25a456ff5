"""What a report does not show among its findings: those that statements set aside, each with its statements, those
that are hidden by choice, and what became of every statement. For people; every report says it in the same words.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from advisories.models import Finding
from advisories.reports.chosen import Chosen
from advisories.reports.text import alike, counted, named, wrapped

if TYPE_CHECKING:
    from advisories.models.statements import Statement
    from advisories.triage.select import Hidden
    from advisories.triage.suppress import Suppressed, Suppression

__all__ = ["hidden_line", "set_aside", "statements", "text"]

# How many statements of one outcome, and how many disputes, are named in the text; JSON has all.
_NAMED: Final = 12
# How many vulnerabilities of one package or of one rule are named.
_FEW: Final = 5


def text(chosen: Chosen, width: int | None) -> Iterator[str]:
    """What statements set aside, and what became of them, for people; nothing where none were given."""
    if chosen.suppression is not None:
        yield ""
        yield from set_aside("set aside", chosen.suppression.suppressed, width)
        yield from statements(chosen, width)


def set_aside(said: str, suppressed: "Sequence[Suppressed]", width: int | None) -> Iterator[str]:
    """Findings set aside, counted; then by the statements that do so, and below these by package."""
    yield f"{said}: {counted(len(suppressed), 'finding')}"
    groups = alike(suppressed, lambda one: tuple(map(_same, one.statements)))
    for group in sorted(groups, key=len, reverse=True):
        columns = zip(*(one.statements for one in group), strict=True)
        told = "; and ".join(_told_together(tuple(dict.fromkeys(column))) for column in columns)
        yield from wrapped(f"{len(group)}: {told}", width, 2)
        for same in alike([one.finding for one in group], lambda finding: finding.package):
            package = same[0].package
            arch = f" ({package.arch})" if package.arch else ""
            yield from wrapped(f"{package.name} {package.version}{arch}: {_vulnerabilities(same)}", width, 6)


def hidden_line(said: str, hidden: "Mapping[Hidden, int]", width: int | None) -> Iterator[str]:
    """How many findings are hidden, and by which choice; nothing where there are none."""
    if any(hidden.values()):
        reasons = ", ".join(f"{count} by {reason.value}" for reason, count in hidden.items() if count)
        yield from wrapped(f"{said}: {counted(sum(hidden.values()), 'finding')} ({reasons})", width)


def statements(chosen: Chosen, width: int | None) -> Iterator[str]:
    """What became of the statements: of each source how many, and one by one those that a person should look at."""
    for read, reports in chosen.by_source():
        outcomes = Counter(one.outcome.value for one in reports)
        became = [f"{outcomes[name]} {words}" for name, words in _BECAME.items() if outcomes[name] or name == "applied"]
        refused = [f"{read.rejected} refused"] if read.rejected else []
        left = [f"left aside ({times}): {why}" for why, times in read.skips]
        said = "; ".join([f"{counted(len(reports), 'statement')}: {', '.join(became)}", *refused, *left])
        yield from wrapped(f"{read.source}: {said}", width, 2)
    if chosen.suppression is not None:
        yield from _noted(chosen.suppression, width)


def _noted(suppression: "Suppression", width: int | None) -> Iterator[str]:
    from advisories.triage.suppress import Outcome, is_noted

    for outcome, reports in suppression.by_outcome().items():
        of_note = [one for one in reports if is_noted(one)] if outcome is not Outcome.APPLIED else []
        yield from _some(
            _BECAME[outcome.value],
            [f"{_told(one.statement)}{f' ({one.why})' if one.why else ''}" for one in of_note],
            width,
        )
    yield from _some(
        "has a fix now",
        [f"{_vulnerabilities(one.fixable)}: {_told(one.statement)}" for one in suppression.fixable],
        width,
    )
    yield from _some(
        "kept, as statements disagree",
        [f"{one.finding.instance}: {'; '.join(map(_told, one.statements))}" for one in suppression.disputes],
        width,
    )


# By the outcome's value.
_BECAME: Final = {
    "applied": "applied",
    "expired": "expired",
    "contradicted": "contradicted by others",
    "superseded": "superseded by a later one",
    "stated": "sets nothing aside",
    "undecided": "cannot be decided",
    "no-finding": "no such finding",
    "not-installed": "not installed",
    "other-product": "about other products",
}


def _some(said: str, each: Sequence[str], width: int | None) -> Iterator[str]:
    for one in each[:_NAMED]:
        yield from wrapped(f"{said}: {one}", width, 2)
    if len(each) > _NAMED:
        yield f"  {said}: {len(each) - _NAMED} more"


def _vulnerabilities(findings: Sequence[Finding]) -> str:
    return named(list(dict.fromkeys(finding.vulnerability for finding in findings)), _FEW)


def _same(statement: "Statement") -> Hashable:
    """What statements are told together by: rules of one's own each alone, those of others that say the same as one."""
    from advisories.models.statements import StatementStatus

    if statement.status is StatementStatus.IGNORED:
        return statement
    return (statement.status, statement.owner, statement.until, statement.reason, statement.justification)


def _told_together(statements: "Sequence[Statement]") -> str:
    return _told(statements[0], len(statements) - 1)


def _told(statement: "Statement", like_it: int = 0) -> str:
    """A statement as a sentence: where it stands, what it says of what, who says so, until when, and why.

    :param like_it: how many more say the same, of other vulnerabilities or packages.
    """
    more = f" and {like_it} more" if like_it else ""
    words = [f"{statement.source}: {statement.position}{more}: {statement.status.value}"]
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
