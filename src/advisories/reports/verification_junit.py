"""The verification as a JUnit report: a test case for each package with earlier or new findings.

A package fails where one of its earlier findings stands, waits for a restart or cannot be decided, and where it has a
new one. It passes where all of them are gone, and its output has the reasons.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from advisories.reports.alerts import host_name
from advisories.reports.caveats import caveat_of, release_text
from advisories.reports.junit import Case, junit, of_caveats
from advisories.reports.members import target_of
from advisories.reports.statement_text import statement_text
from advisories.triage.cases import SETTLED

if TYPE_CHECKING:
    from advisories.reports.document import StatementObject
    from advisories.reports.verification_document import VerificationDocument, VerificationObject

__all__ = ["render"]


def render(document: "VerificationDocument") -> Iterator[str]:
    """The lines of the report."""
    content = document.content
    host = host_name(target_of(None, content["inventory"]["source"])["name"] or "")
    properties = {
        "target": host,
        "baseline": host_name(content["baseline"]["source"]),
        "release": release_text(content["inventory"]["judged_as"]),
        "day": content["day"] or "",
    }
    suites = {
        "coverage": list(of_caveats(map(caveat_of, content["caveats"]))),
        "packages": list(_packages(content, host)),
    }
    yield from junit(suites, host, properties)


def _packages(content: "VerificationObject", host: str) -> Iterator[Case]:
    why = {
        (one["finding"]["instance"], one["finding"]["vulnerability"]): one["statements"]
        for one in content["suppressed"]
    }
    found: dict[str, tuple[list[str], list[str], list[str]]] = {}

    def of(instance: str) -> tuple[list[str], list[str], list[str]]:
        return found.setdefault(instance, ([], [], []))

    for row in content["findings"]:
        open_, done, suppressed = of(row["instance"])
        line = f"{row['state']}: {row['vulnerability']}: {row['reason']}"
        current = row["current"]
        statements = why.get((current["instance"], current["vulnerability"])) if current is not None else None
        if row["state"] in SETTLED:
            done.append(line)
        elif statements is not None:
            suppressed.append(f"{line} ({_texts(statements)})")
        else:
            open_.append(line)
    for new in content["new"]:
        line = f"new: {new['vulnerability']}: {new['cause']}"
        if new["statements"]:
            of(new["instance"])[2].append(f"{line} ({_texts(new['statements'])})")
        elif new["shown"]:
            of(new["instance"])[0].append(line)
    for instance, (open_, done, suppressed) in found.items():
        printed = [*done, *[f"suppressed: {line}" for line in suppressed]]
        if open_:
            counts = Counter([line.partition(":")[0] for line in open_])
            message = ", ".join(f"{count} {word}" for word, count in counts.items())
            yield host, instance, "failure", next(iter(counts)), message, open_, printed
        elif suppressed and not done:
            yield host, instance, "skipped", "suppressed", f"{len(suppressed)} suppressed", suppressed, ()
        else:
            yield host, instance, "", "", "", (), printed


def _texts(statements: "Iterable[StatementObject]") -> str:
    return ", ".join(map(statement_text, statements))
