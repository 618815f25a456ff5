"""The findings as text: every cause as a sentence, totals by priority, and the packages that were not checked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, TypeAlias

from advisories.distros.lifecycle import support_of
from advisories.matching.rules import presences
from advisories.models.findings import Basis, Coverage, Finding, PackageClass, Presence, Priority, Status
from advisories.reports import suppressed
from advisories.reports.assumed import assumption_lines
from advisories.reports.findings import Report
from advisories.reports.lines import by_choice, counted, feed_age, named, wrapped

__all__ = ["render"]

# How many packages of a class that was not checked are named. JSON has all.
_NAMED: Final = 12

# A member of an enumeration is slow to look up, and these are compared with those of each finding.
_INSTALLED: Final = Presence.INSTALLED
_UNDECIDABLE: Final = Status.UNDECIDABLE
_ASSUMED: Final = Basis.ASSUMED

#: A vulnerability, and a finding that is right in all else.
_Row: TypeAlias = tuple[str, Finding]


def render(report: Report) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from _head(report)
    by_priority = _by_priority(report.rows())
    for priority, rows in by_priority.items():
        if rows:
            yield ""
            yield f"{priority.value}: {counted(len(rows), 'finding')}"
            yield from _causes(rows, report.width)
    yield ""
    yield from _totals(by_priority, report.width)
    yield from suppressed.text(report.chosen, report.width)
    yield from suppressed.hidden_line("not shown by choice", report.chosen.hidden, report.width)
    yield ""
    yield from _coverage(report)


def _by_priority(rows: Iterable[_Row]) -> Mapping[Priority, Sequence[_Row]]:
    """The rows of each priority, with an entry for every priority."""
    found: tuple[list[_Row], ...] = tuple([] for _ in Priority)
    for row in rows:
        found[row[1].assessment.priority.rank].append(row)
    return dict(zip(Priority, found, strict=True))


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


def _causes(rows: Sequence[_Row], width: int | None) -> Iterator[str]:
    """A sentence for each cause, with its vulnerabilities below, the causes in the order of their first finding."""
    for (sentence, note, _), (first, vulnerabilities) in _by_cause(rows).items():
        yield from wrapped(f"{sentence}{note}", width, 2)
        if vulnerabilities != [first.evidence.advisory]:
            yield from wrapped(", ".join(vulnerabilities), width, 6)


def _by_cause(rows: Sequence[_Row]) -> Mapping[tuple[str, str, str], tuple[Finding, list[str]]]:
    """The first finding and the vulnerabilities of each sentence, note and instance."""
    found: dict[tuple[str, str, str], tuple[Finding, list[str]]] = {}
    # Each object is looked at once. The rows keep it, and so its number.
    known: dict[int, list[str]] = {}
    for vulnerability, finding in rows:
        vulnerabilities = known.get(id(finding))
        if vulnerabilities is None:
            place = finding.cause, _note(finding), finding.instance
            _, vulnerabilities = found.setdefault(place, (finding, []))
            known[id(finding)] = vulnerabilities
        vulnerabilities.append(vulnerability)
    return found


def _note(finding: Finding) -> str:
    remarks = ["known exploited"] if finding.assessment.known_exploited else []
    if finding.presence is not _INSTALLED:
        remarks.append("not known to run" if finding.presence is Presence.UNKNOWN else finding.presence.value)
    if finding.pending_restart:
        remarks.append("fixed kernel installed, restart")
    if finding.channel:
        remarks.append(f"fixed in {finding.channel}")
    if finding.status is _UNDECIDABLE:
        remarks.append("undecidable")
    remarks.extend([assumption._value_ for assumption in finding.assumptions])
    return f" [{', '.join(remarks)}]" if remarks else ""


def _totals(by_priority: Mapping[Priority, Sequence[_Row]], width: int | None) -> Iterator[str]:
    names = [{vulnerability for vulnerability, _ in rows} for rows in by_priority.values()]
    tallies = [_tally(rows) for rows in by_priority.values()]
    every = [one for tally in tallies for one in tally]
    table = [("priority", "findings", "vulnerabilities", "packages", "with fix")]
    table += [
        (priority.value, *_counts(found, tally))
        for priority, found, tally in zip(by_priority, names, tallies, strict=True)
    ]
    table.append(("total", *_counts(set().union(*names), every)))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        first = line[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        yield "  ".join((first, *rest)).rstrip()
    without_score = sum([count for finding, count in every if finding.assessment.score is None])
    refused = sum([count for finding, count in every if finding.assessment.refused])
    assumed = sum([count for finding, count in every if finding.assessment.basis is _ASSUMED])
    for count, what in (
        (without_score, "without an impact score: add a feed with vectors, such as NVD's or CVE's records"),
        (refused, "with an invalid vector; the next source was used"),
        (assumed, f"without a severity, assumed {Priority.MEDIUM.value}"),
    ):
        if count:
            yield from wrapped(f"{counted(count, 'finding')} of these {what}", width)


def _counts(vulnerabilities: Set[str], tally: Sequence[tuple[Finding, int]]) -> tuple[str, str, str, str]:
    return (
        str(sum([count for _, count in tally])),
        str(len(vulnerabilities)),
        str(len({finding.instance for finding, _ in tally})),
        str(sum([count for finding, count in tally if finding.fixed_version is not None])),
    )


def _tally(rows: Sequence[_Row]) -> Sequence[tuple[Finding, int]]:
    """Each object once, and how many rows have it."""
    findings = [finding for _, finding in rows]
    counts = Counter(map(id, findings))
    each = dict(zip(map(id, findings), findings, strict=True))
    return [(finding, counts[number]) for number, finding in each.items()]


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
