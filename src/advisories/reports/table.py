"""The text report: totals by priority, every cause as a sentence, and what was not judged."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from advisories.lifecycle import support_of
from advisories.models import Basis, Finding, PackageClass, Presence, Priority, Status
from advisories.reports.report import Report

__all__ = ["render"]

# How many packages of a class that was not judged are named; the JSON report has all.
_NAMED = 12


def render(report: Report) -> Iterator[str]:
    """The lines of the report; characters that cannot be printed appear escaped."""
    for line in _lines(report):
        yield _printable(line)


def _lines(report: Report) -> Iterator[str]:
    yield from _head(report)
    for priority, findings in report.findings.by_priority().items():
        if findings:
            yield ""
            yield f"{priority.value}: {_counted(len(findings), 'finding')}"
            yield from _causes(findings, report.width)
    yield ""
    yield from _totals(report)
    yield ""
    yield from _coverage(report)


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in line)


def _counted(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _wrapped(text: str, width: int | None, indent: int = 0) -> Iterator[str]:
    first, rest = " " * indent, " " * (indent + 2)
    if width is None:
        yield first + text
        return
    yield from textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _head(report: Report) -> Iterator[str]:
    inventory, coverage = report.inventory, report.findings.coverage
    own = inventory.distribution
    judged = "" if own == coverage.judged_as else f", judged by the advisories of {coverage.judged_as}"
    yield from _wrapped(f"{inventory.source}: {_counted(coverage.packages, 'package')} of {own}{judged}", report.width)
    support = None if own is None else support_of(own)
    if support is not None:
        extended = f", {support.extended_by} until {support.extended}" if support.extended else ""
        yield f"standard support until {support.standard}{extended}"
    if inventory.running_kernel:
        yield f"running kernel {inventory.running_kernel}"
    for read in report.feed.reports:
        refused = f", {read.rejected} refused" if read.rejected else ""
        yield from _wrapped(f"{read.source}: {_counted(read.kept, 'advisory')}{refused}", report.width)


def _causes(findings: Sequence[Finding], width: int | None) -> Iterator[str]:
    """One sentence for each cause, the vulnerabilities it stands for below it."""
    for (sentence, *_), same in groupby(_by_cause(findings), key=lambda f: (f.cause, *_remarks(f), f.instance)):
        group = list(same)
        remarks = _remarks(group[0])
        note = f" [{', '.join(remarks)}]" if remarks else ""
        yield from _wrapped(f"{sentence}{note}", width, 2)
        vulnerabilities = [finding.vulnerability for finding in group]
        if vulnerabilities != [group[0].evidence.advisory]:
            yield from _wrapped(", ".join(vulnerabilities), width, 6)


def _by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """In the order of the first finding of each cause, so that packages stay in their order."""
    place: dict[tuple[str, ...], int] = {}
    for number, finding in enumerate(findings):
        place.setdefault((finding.cause, *_remarks(finding), finding.instance), number)
    return sorted(findings, key=lambda finding: place[(finding.cause, *_remarks(finding), finding.instance)])


def _remarks(finding: Finding) -> tuple[str, ...]:
    remarks: list[str] = []
    if finding.presence is not Presence.INSTALLED:
        remarks.append("not known to run" if finding.presence is Presence.UNKNOWN else finding.presence.value)
    if finding.pending_restart:
        remarks.append("fixed kernel installed, restart")
    if finding.channel:
        remarks.append(f"fixed in {finding.channel}")
    if finding.status is Status.UNDECIDABLE:
        remarks.append("undecidable")
    remarks.extend(assumption.value for assumption in finding.assumptions)
    return tuple(remarks)


def _totals(report: Report) -> Iterator[str]:
    rows = [("priority", "findings", "vulnerabilities", "packages", "with fix")]
    for priority, found in report.findings.by_priority().items():
        rows.append((priority.value, *_row(found)))
    rows.append(("total", *_row(tuple(report.findings))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first = row[0].ljust(widths[0])
        yield "  ".join((first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)))).rstrip()
    unscored = sum(1 for finding in report.findings if finding.score is None)
    if unscored:
        yield from _wrapped(
            f"{_counted(unscored, 'finding')} of these without an impact score: the feed has no vector; records of NVD "
            "or of CVE would add them",
            report.width,
        )
    assumed = sum(1 for finding in report.findings if finding.basis is Basis.ASSUMED)
    if assumed:
        yield from _wrapped(
            f"{_counted(assumed, 'finding')} of these without any word on severity, assumed {Priority.MEDIUM.value}",
            report.width,
        )


def _row(findings: Sequence[Finding]) -> tuple[str, str, str, str]:
    return (
        str(len(findings)),
        str(len({finding.vulnerability for finding in findings})),
        str(len({finding.instance for finding in findings})),
        str(sum(1 for finding in findings if finding.fixed_version is not None)),
    )


def _coverage(report: Report) -> Iterator[str]:
    coverage = report.findings.coverage
    counts = ", ".join(f"{count} {name.value}" for name, count in coverage.counts.items() if count)
    yield from _wrapped(f"packages: {coverage.packages} = {counts or '0'}", report.width)
    for package_class in (PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED):
        packages = coverage.packages_in(package_class)
        if packages and coverage.covered:
            names = [f"{package.name} {package.version}".rstrip() for package in packages]
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield from _wrapped(f"{package_class.value}: {', '.join(names[:_NAMED])}{more}", report.width)
    if not coverage.covered:
        releases = ", ".join(str(release) for release in report.feed.releases) or "no release"
        yield from _wrapped(
            f"NOT COVERED: the feed has no advisories of {coverage.judged_as}; it has those of {releases}. "
            "Nothing was judged: this is no clean bill.",
            report.width,
        )
    for assumption, count in coverage.assumptions.items():
        yield f"assumed ({assumption.value}): {_counted(count, 'package')}"
    if coverage.installed_later:
        yield from _wrapped(
            f"{_counted(coverage.installed_later, 'package')} installed after the newest advisory of the feed "
            f"({coverage.feed_newest:%Y-%m-%d}): what was found since then is not in it",
            report.width,
        )
    if coverage.not_security:
        yield from _wrapped(
            f"{coverage.not_security} bugfix or enhancement updates apply too; without a CVE they are no findings",
            report.width,
        )
