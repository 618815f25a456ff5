"""The verification as comma-separated values: a header, what is open, and a row for each earlier and each new finding.

``kind`` of a row is ``caveat``, ``earlier`` or ``new``. ``was`` and ``is`` are versions of the package, then and now. A
new finding has the choice or the statements that keep it from being listed elsewhere.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.models.reading import shown_source
from advisories.reports.cells import Cells
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.verification_document import VerificationDocument, VerificationObject

__all__ = ["render"]

_COLUMNS: Final = (
    *("kind", "inventory", "baseline", "state", "case", "package", "arch", "was", "is", "vulnerability", "priority"),
    *("fixed_version", "fix_state", "channel", "reason", "advisories", "pending_restart", "shown", "hidden"),
    *("statements", "instance"),
)


def render(document: "VerificationDocument") -> Iterator[str]:
    """The lines of the report."""
    cells, content = Cells(), document.content
    yield ",".join(_COLUMNS)
    whole = {name: shown_source(content[name]["source"]) for name in ("inventory", "baseline")}
    for row in _rows(content):
        yield cells.row((whole | row).get(name) for name in _COLUMNS)


def _rows(content: "VerificationObject") -> Iterator[dict[str, str | None]]:
    for caveat in content["caveats"]:
        about = " ".join(caveat["instances"])
        yield {
            "kind": "caveat",
            "state": caveat["level"],
            "case": caveat["id"],
            "reason": caveat["text"],
            "instance": about,
        }
    why = {
        (one["finding"]["instance"], one["finding"]["vulnerability"]): " | ".join(
            map(statement_text, one["statements"])
        )
        for one in content["suppressed"]
    }
    for row in content["findings"]:
        was, now, current = row["baseline"], row["installed"], row["current"]
        standing = current or was
        yield {
            "kind": "earlier",
            "state": row["state"],
            "case": row["case"],
            "package": was["package"],
            "arch": was["arch"],
            "was": was["version"],
            "is": None if now is None else now["version"],
            "vulnerability": row["vulnerability"],
            "priority": standing["priority"],
            "fixed_version": standing["fixed_version"],
            "fix_state": standing["fix_state"],
            "channel": standing["channel"],
            "reason": row["reason"],
            "advisories": " ".join(standing["advisories"]),
            "pending_restart": _flag(current is not None and current["pending_restart"]),
            "shown": "yes",
            "statements": None if current is None else why.get((current["instance"], current["vulnerability"])),
            "instance": row["instance"],
        }
    for new in content["new"]:
        yield {
            "kind": "new",
            "state": "new",
            "package": new["package"],
            "arch": new["arch"],
            "is": new["version"],
            "vulnerability": new["vulnerability"],
            "priority": new["priority"],
            "fixed_version": new["fixed_version"],
            "fix_state": new["fix_state"],
            "channel": new["channel"],
            "reason": new["cause"],
            "advisories": " ".join(new["advisories"]),
            "pending_restart": _flag(new["pending_restart"]),
            "shown": _flag(new["shown"]),
            "hidden": new["hidden"],
            "statements": " | ".join(map(statement_text, new["statements"])),
            "instance": new["instance"],
        }


def _flag(flag: bool) -> str:
    return "yes" if flag else "no"
