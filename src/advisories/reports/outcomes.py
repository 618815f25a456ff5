"""What became of earlier findings, in few words and in the order in which readers want them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from advisories.reports.lines import alike, counted
from advisories.triage.cases import FindingState

if TYPE_CHECKING:
    from advisories.reports.verification_document import NewObject, VerificationObject, VerifiedObject

__all__ = ["OUTCOMES", "Outcome", "Rows", "new_rows", "not_shown", "packages_now", "rows_of"]


class Outcome(NamedTuple):
    """States that mean the same for what you do next.

    :ivar short: a word for the head of a column.
    :ivar colour: the class of its colour in charts.
    """

    title: str
    short: str
    colour: str
    states: tuple[FindingState, ...]


#: Each state is in one of these.
OUTCOMES: Final = (
    Outcome(
        "still vulnerable",
        "stands",
        "high",
        (FindingState.STILL_VULNERABLE, FindingState.UPGRADED_STILL_VULNERABLE, FindingState.RESIDUAL),
    ),
    Outcome("undecidable", "unsure", "unsure", (FindingState.UNDECIDABLE,)),
    Outcome("fixed once restarted", "restart", "medium", (FindingState.FIXED_PENDING_RESTART,)),
    Outcome(
        "not in the records or the list any more",
        "gone",
        "none",
        (FindingState.ADVISORY_WITHDRAWN, FindingState.ADVISORY_REVISED, FindingState.INVENTORY_REVISED),
    ),
    Outcome("fixed or removed", "fixed", "fix", (FindingState.FIXED, FindingState.PACKAGE_REMOVED)),
)


class Rows(NamedTuple):
    """Findings of one package and one reason.

    :ivar state: what became of them, or their priority where they are new.
    """

    package: str
    version: str
    state: str
    reason: str
    vulnerabilities: tuple[str, ...]


def rows_of(earlier: "Sequence[VerifiedObject]", outcome: Outcome) -> Iterator[Rows]:
    """The earlier findings of an outcome, by state, package and reason."""
    for state in outcome.states:
        found = [row for row in earlier if row["state"] == state]
        for same in alike(found, lambda row: (row["instance"], row["case"], row["reason"])):
            was = same[0]["baseline"]
            ids = tuple(row["vulnerability"] for row in same)
            yield Rows(was["package"], was["version"], state.value, same[0]["reason"], ids)


def new_rows(new: "Sequence[NewObject]") -> Iterator[Rows]:
    """The new findings that are shown, by package and cause."""
    shown = [one for one in new if one["shown"]]
    for same in alike(shown, lambda one: (one["instance"], one["priority"], one["cause"])):
        first, ids = same[0], tuple(one["vulnerability"] for one in same)
        yield Rows(first["package"], first["version"], first["priority"], first["cause"], ids)


def packages_now(content: "VerificationObject") -> str:
    """How many packages of each class there are, as a sentence."""
    classes = content["inventory"]["classes"]
    listed = ", ".join(f"{count} {name}" for name, count in classes.items() if count)
    return f"{counted(sum(classes.values()), 'package')} now: {listed or '0'}."


def not_shown(content: "VerificationObject") -> str:
    """How many findings are not listed, as a sentence. Empty where all are."""
    found = content["found"]
    counts = (
        (found["new_suppressed"], "new ones suppressed by statements"),
        (found["new_hidden"], "new ones hidden by choice"),
        (found["earlier_hidden"], "earlier ones hidden by choice"),
    )
    parts = [f"{count} {what}" for count, what in counts if count]
    total = sum(count for count, _ in counts)
    return f"{counted(total, 'finding')} not listed: {', '.join(parts)}." if parts else ""
