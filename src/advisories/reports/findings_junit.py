"""The findings as a JUnit report (``junit-10.xsd``), for the test pages of CI services: a test case for each package.

- A package with findings fails, one with suppressed findings alone is skipped, and so is one that was not checked.
- What the report leaves open is a suite of its own. A release that the feed does not cover is an error in it.
- A report does not name packages without findings: one passing test case has their number.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.models.findings import PackageClass
from advisories.reports.alerts import Fixes, host_name, sentence, shown_name
from advisories.reports.caveats import caveats, day_of, release_of
from advisories.reports.junit import Case, junit, of_caveats
from advisories.reports.lines import counted
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding, ReportObject

__all__ = ["render"]

_CLASSES: Final = {member.value: member.meaning for member in PackageClass}


def render(document: "Document") -> Iterator[str]:
    """The lines of the report."""
    content = document.content
    day = day_of(content)
    properties = {
        "target": shown_name(content),
        "digest": content["target"]["digest"] or "",
        "release": release_of(content),
        "day": day.isoformat() if day else "",
    }
    host = host_name(content["target"]["name"])
    yield from junit(
        {"coverage": list(_coverage(content)), "packages": list(_of_packages(content, host))}, host, properties
    )


def _coverage(content: "ReportObject") -> Iterator[Case]:
    yield from of_caveats(caveats(content))
    if clean := dict(content["coverage"]["classes"])[PackageClass.CLEAN]:
        said = f"{counted(clean, 'package')}: {_CLASSES['clean']}."
        yield "coverage", "packages without findings", "", "", "", (), [said]


def _of_packages(content: "ReportObject", host: str) -> "Iterator[Case]":
    """A case for each package that the report names: with findings, with suppressed ones, and not checked."""
    fixes = Fixes(content)
    shown: dict[str, list[ReportedFinding]] = {}
    suppressed: dict[str, list[str]] = {}
    for finding in content["findings"]:
        shown.setdefault(finding["instance"], []).append(finding)
    for entry in content["suppressed"]:
        why = ", ".join(map(statement_text, entry["statements"]))
        suppressed.setdefault(entry["finding"]["instance"], []).append(f"{entry['finding']['vulnerability']}: {why}")
    for instance, findings in shown.items():
        message = ", ".join(f"{count} {word}" for word, count in Counter([one["priority"] for one in findings]).items())
        about = f"{findings[0]['package']} {findings[0]['version']}: {counted(len(findings), 'finding')}, {message}"
        left = suppressed.pop(instance, [])
        printed = [f"suppressed: {one}" for one in left]
        yield host, instance, "failure", findings[0]["priority"], about, _lines(findings, fixes), printed
    for instance, texts in suppressed.items():
        about = f"{counted(len(texts), 'finding')} suppressed"
        yield host, instance, "skipped", "suppressed", about, texts, ()
    for package in content["coverage"]["unchecked"]:
        assumed = f"nothing found, but not all was known: {', '.join(package['assumptions'])}"
        yield host, package["instance"], "skipped", "unchecked", assumed, (), ()
    for word, instances in content["coverage"]["not_judged"].items():
        for instance in dict.fromkeys(instances):
            yield host, instance, "skipped", word, f"not checked: {_CLASSES[word]}", (), ()


def _lines(findings: "list[ReportedFinding]", fixes: Fixes) -> Iterator[str]:
    """A line for each cause, with its vulnerabilities, most urgent first."""
    by_cause: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in findings:
        by_cause.setdefault((finding["priority"], finding["cause"]), []).append(finding)
    for (priority, cause), same in by_cause.items():
        ids = ", ".join([finding["vulnerability"] for finding in same])
        yield f"{priority}: {sentence(cause)} {fixes.text(same[0])} {ids}"
