"""The findings as text: every cause as a sentence, totals by priority, and the packages that were not checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from advisories.distros.lifecycle import support_of
from advisories.matching.rules import presences
from advisories.models.findings import Basis, Coverage, Finding, PackageClass, Presence, Priority, Status
from advisories.reports import suppressed
from advisories.reports.assumed import assumption_lines
from advisories.reports.findings import Report
from advisories.reports.lines import by_choice, counted, feed_age, named, wrapped

__all__ = ["render"]

# How many packages of a class that was not checked are named. JSON has all.
_NAMED = 12


def render(report: Report) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from _head(report)
    by_priority = _by_priority(report.chosen.shown)
    for priority, findings in by_priority.items():
        if findings:
            yield ""
            yield f"{priority.value}: {counted(len(findings), 'finding')}"
            yield from _causes(findings, report.width)
    yield ""
    yield from _totals(by_priority, report.width)
    yield from suppressed.text(report.chosen, report.width)
    yield from suppressed.hidden_line("not shown by choice", report.chosen.hidden, report.width)
    yield ""
    yield from _coverage(report)


def _by_priority(findings: Iterable[Finding]) -> Mapping[Priority, Sequence[Finding]]:
    """The findings of each priority, with an entry for every priority."""
    found: dict[Priority, list[Finding]] = {priority: [] for priority in Priority}
    for finding in findings:
        found[finding.assessment.priority].append(finding)
    return found


def _head(report: Report) -> Iterator[str]:
    inventory, coverage = report.inventory, report.findings.coverage
    own = inventory.distribution
    borrowed = "" if own == coverage.judged_as else f", matched against the advisories of {coverage.judged_as}"
    yield from wrapped(f"{inventory.source}: {counted(coverage.packages, 'package')} of {own}{borrowed}", report.width)
    support = None if own is None else support_of(own)
    if support is not None:
        yield support.text(report.on)
    if inventory.running_kernel:
        kernels = presences(inventory.packages, inventory.running_kernel).values()
        note = "" if not kernels or Presence.RUNNING in kernels else ", none of those in the list"
        yield f"running kernel {inventory.running_kernel}{note}"
    for read in report.feed.reports:
        rejected = f", {read.rejected} rejected" if read.rejected else ""
        yield from wrapped(f"{read.source}: {counted(read.kept, 'record')}{rejected}", report.width)
    yield feed_age(report.findings.coverage.feed_newest, report.on)


def _causes(findings: Sequence[Finding], width: int | None) -> Iterator[str]:
    """A sentence for each cause, with its vulnerabilities below."""
    for (sentence, *_), same in groupby(_by_cause(findings), key=lambda f: (f.cause, *_remarks(f), f.instance)):
        group = list(same)
        remarks = _remarks(group[0])
        note = f" [{', '.join(remarks)}]" if remarks else ""
        yield from wrapped(f"{sentence}{note}", width, 2)
        vulnerabilities = [finding.vulnerability for finding in group]
        if vulnerabilities != [group[0].evidence.advisory]:
            yield from wrapped(", ".join(vulnerabilities), width, 6)


def _by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of one cause together, the causes in the order of their first finding: packages keep their order."""
    place: dict[tuple[str, ...], int] = {}
    for number, finding in enumerate(findings):
        place.setdefault((finding.cause, *_remarks(finding), finding.instance), number)
    return sorted(findings, key=lambda finding: place[(finding.cause, *_remarks(finding), finding.instance)])


def _remarks(finding: Finding) -> tuple[str, ...]:
    remarks: list[str] = ["known exploited"] if finding.assessment.known_exploited else []
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


def _totals(by_priority: Mapping[Priority, Sequence[Finding]], width: int | None) -> Iterator[str]:
    findings = [finding for found in by_priority.values() for finding in found]
    rows = [("priority", "findings", "vulnerabilities", "packages", "with fix")]
    rows += [(priority.value, *_row(found)) for priority, found in by_priority.items()]
    rows.append(("total", *_row(findings)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first = row[0].ljust(widths[0])
        yield "  ".join((first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)))).rstrip()
    for count, what in (
        (
            sum(1 for finding in findings if finding.assessment.score is None),
            "without an impact score: add a feed with vectors, such as NVD's or CVE's records",
        ),
        (
            sum(1 for finding in findings if finding.assessment.refused),
            "with an invalid vector; the next source was used",
        ),
        (
            sum(1 for finding in findings if finding.assessment.basis is Basis.ASSUMED),
            f"without a severity, assumed {Priority.MEDIUM.value}",
        ),
    ):
        if count:
            yield from wrapped(f"{counted(count, 'finding')} of these {what}", width)


def _row(findings: Sequence[Finding]) -> tuple[str, str, str, str]:
    return (
        str(len(findings)),
        str(len({finding.vulnerability for finding in findings})),
        str(len({finding.instance for finding in findings})),
        str(sum(1 for finding in findings if finding.fixed_version is not None)),
    )


def _checked(coverage: Coverage) -> str:
    """What was checked where the release is not covered."""
    if coverage.counts[PackageClass.NOT_COVERED] == coverage.packages:
        return "No packages were checked."
    return "Only packages of languages were checked."


def _coverage(report: Report) -> Iterator[str]:
    coverage = report.findings.coverage
    counts = ", ".join(f"{count} {name.value}" for name, count in coverage.counts.items() if count)
    yield from wrapped(f"packages: {coverage.packages} = {counts or '0'}", report.width)
    by_class = coverage.by_class()
    for package_class in (PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED):
        packages = by_class[package_class]
        if packages and coverage.covered:
            names = [f"{package.name} {package.version}".rstrip() for package in packages]
            yield from wrapped(f"{package_class.value}: {named(names, _NAMED)}", report.width)
    if not coverage.covered:
        releases = ", ".join(str(release) for release in report.feed.releases) or "no release"
        yield from wrapped(
            f"NOT COVERED: the feed has no advisories of {coverage.judged_as}; it has those of {releases}. "
            f"{_checked(coverage)}{by_choice(coverage.judged_as, report.feed.releases)}",
            report.width,
        )
    yield from assumption_lines(coverage, report.inventory.distribution or coverage.judged_as, report.width)
    if coverage.installed_later:
        yield from wrapped(
            f"{counted(coverage.installed_later, 'package')} installed after the newest advisory of the feed "
            f"({coverage.feed_newest:%Y-%m-%d}): it does not have later vulnerabilities",
            report.width,
        )
    if coverage.not_security:
        yield from wrapped(
            f"{coverage.not_security} bugfix or enhancement updates apply too: without a CVE, they are not findings",
            report.width,
        )
