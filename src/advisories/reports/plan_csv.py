"""The plan as comma-separated values: a header, what to know first, and a row for each package of a step, each finding
that stays, that upgrades bring, and that statements suppress.

``kind`` of a row is ``caveat``, ``change``, ``stays``, ``brings`` or ``suppressed``. ``text`` is why it is listed.
Lists have blanks between.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.models.reading import shown_source
from advisories.reports.cells import Cells
from advisories.reports.plan_steps import becomes, commands_of
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import FindingObject
    from advisories.reports.plan_document import PlanDocument, PlannedObject, PlanObject

__all__ = ["render"]

_COLUMNS: Final = (
    *("kind", "level", "inventory", "step", "action", "source", "package", "arch", "version", "becomes", "findings"),
    *("vulnerabilities", "priority", "fixed_version", "fix_state", "channel", "reason", "text", "advisories"),
    *("restart", "after_restart", "warnings", "command", "instance"),
)


def render(document: "PlanDocument") -> Iterator[str]:
    """The lines of the report."""
    cells = Cells()
    yield ",".join(_COLUMNS)
    for row in _rows(document.content):
        row["inventory"] = shown_source(document.content["inventory"])
        yield cells.row(row.get(name) for name in _COLUMNS)


def _rows(content: "PlanObject") -> Iterator[dict[str, str | None]]:
    for one in content["caveats"]:
        about = " ".join(one["instances"])
        yield {"kind": "caveat", "level": one["level"], "reason": one["id"], "text": one["text"], "instance": about}
    for number, step in enumerate(content["steps"], 1):
        common: dict[str, str | None] = {
            "kind": "change",
            "step": str(number),
            "action": step["action"],
            "source": step["source"],
            "text": step["text"],
            "advisories": " ".join(step["advisories"]),
            "restart": step["restart"],
            "after_restart": "yes" if step["after_restart"] else "no",
            "warnings": " ".join(step["warnings"]),
            "command": "; ".join(commands_of(step, content)),
        }
        for change in step["packages"]:
            found = [one for one in step["clears"] if one["instance"] == change["instance"]]
            ids = dict.fromkeys([one["vulnerability"] for one in found])
            yield common | {
                "package": change["package"],
                "arch": change["arch"],
                "version": change["version"],
                "becomes": becomes(change, step),
                "findings": str(len(found)),
                "vulnerabilities": " ".join(ids),
                "priority": found[0]["priority"] if found else None,
                "instance": change["instance"],
            }
    for stay in content["stays"]:
        yield {"kind": "stays", **_finding(stay), "reason": stay["reason"], "text": stay["text"]}
    for brought in content["brings"]:
        yield {"kind": "brings", **_finding(brought), "text": brought["cause"]}
    for entry in content["suppressed"]:
        why = " | ".join(map(statement_text, entry["statements"]))
        yield {"kind": "suppressed", **_finding(entry["finding"]), "text": why}


def _finding(finding: "PlannedObject | FindingObject") -> dict[str, str | None]:
    return {
        "package": finding["package"],
        "version": finding["version"],
        "findings": "1",
        "vulnerabilities": finding["vulnerability"],
        "priority": finding["priority"],
        "fixed_version": finding["fixed_version"],
        "fix_state": finding["fix_state"],
        "channel": finding["channel"],
        "instance": finding["instance"],
    }
