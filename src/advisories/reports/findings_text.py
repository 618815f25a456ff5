"""The findings as text: every cause as a sentence, totals by priority, and the packages that were not checked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from advisories.distros.lifecycle import support_of
from advisories.matching.rules import presences
from advisories.models.findings import Basis, Coverage, Finding, FindingGroup, PackageClass, Presence, Priority, Status
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


def render(report: Report) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from _head(report)
    by_priority = report.groups()
    for priority, groups in by_priority.items():
        if groups:
            yield ""
            yield f"{priority.value}: {counted(sum([len(names) for _, names, _ in groups]), 'finding')}"
            yield from _causes(groups, report.width)
    yield ""
    yield from _totals(by_priority, report.width)
    yield from suppressed.text(report.chosen, report.width)
    yield from suppressed.hidden_line("not shown by choice", report.chosen.hidden, report.width)
    yield ""
    yield from _coverage(report)


def _head(report: Report) -> Iterator[str]:
    inventory, coverage = report.inventory, report.findings.coverage
    own = inventory.distribution
    borrowed = "" if own == coverage.judged_as else f", matched against the advisories of {coverage.judged_as}"
    image = inventory.image
    name = report.target or (image and image.name) or inventory.source
    yield from wrapped(f"{name}: {counted(coverage.packages, 'package')} of {own}{borrowed}", report.width)
    if image is not None:
        yield from wrapped(
            f"image {image.digest or image.id}, {image.platform or 'of an unknown platform'}", report.width
        )
    if inventory.removed:
        removed = counted(len(inventory.removed), "package")
        yield f"{removed} of its lower layers {'is' if len(inventory.removed) == 1 else 'are'} not there any more"
    support = None if own is None else support_of(own)
    if support is not None:
        yield support.text(report.on)
    if inventory.running_kernel:
        kernels = presences(inventory.packages, inventory.running_kernel).values()
        note = "" if not kernels or Presence.RUNNING in kernels else ", none of those in the list"
        yield f"running kernel {inventory.running_kernel}{note}"
    if inventory.report is not None and inventory.report.skips:
        reasons = named([f"{times} {why}" for why, times in inventory.report.skips], _NAMED)
        yield from wrapped(f"skipped of the list: {reasons}", report.width)
    for read in report.feed.reports:
        rejected = f", {read.rejected} rejected" if read.rejected else ""
        yield from wrapped(f"{read.source}: {counted(read.kept, 'record')}{rejected}", report.width)
    yield feed_age(report.findings.coverage.feed_newest, report.on)


def _causes(groups: Sequence[FindingGroup], width: int | None) -> Iterator[str]:
    """A sentence for each cause, with its vulnerabilities below, the causes in the order of their first finding."""
    by_cause: dict[tuple[str, str, str], list[FindingGroup]] = {}
    for group in groups:
        finding = group[0]
        by_cause.setdefault((finding.cause, _note(finding), finding.instance), []).append(group)
    for (sentence, note, _), same in by_cause.items():
        yield from wrapped(f"{sentence}{note}", width, 2)
        first, vulnerabilities, _ = same[0]
        if len(same) > 1:
            vulnerabilities = _together(same)
        if len(vulnerabilities) > 1 or vulnerabilities[0] != first.evidence.advisory:
            yield from wrapped(", ".join(vulnerabilities), width, 6)


def _together(groups: Sequence[FindingGroup]) -> Sequence[str]:
    """The vulnerabilities of several groups, by package and place."""
    packages = {id(package): number for number, package in enumerate([finding.package for finding, _, _ in groups])}
    rows = [
        (packages[id(finding.package)], place, name)
        for finding, names, places in groups
        for name, place in zip(names, places, strict=True)
    ]
    return [name for _, _, name in sorted(rows)]


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


def _totals(by_priority: Mapping[Priority, Sequence[FindingGroup]], width: int | None) -> Iterator[str]:
    every = [group for groups in by_priority.values() for group in groups]
    table = [("priority", "findings", "vulnerabilities", "packages", "with fix")]
    table += [(priority.value, *_counts(groups)) for priority, groups in by_priority.items()]
    table.append(("total", *_counts(every)))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        first = line[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        yield "  ".join((first, *rest)).rstrip()
    without_score = sum([len(names) for finding, names, _ in every if finding.assessment.score is None])
    refused = sum([len(names) for finding, names, _ in every if finding.assessment.refused])
    assumed = sum([len(names) for finding, names, _ in every if finding.assessment.basis is _ASSUMED])
    for count, what in (
        (without_score, "without an impact score: add a feed with vectors, such as NVD's or CVE's records"),
        (refused, "with an invalid vector; the next source was used"),
        (assumed, f"without a severity, assumed {Priority.MEDIUM.value}"),
    ):
        if count:
            yield from wrapped(f"{counted(count, 'finding')} of these {what}", width)


def _counts(groups: Sequence[FindingGroup]) -> tuple[str, str, str, str]:
    return (
        str(sum([len(names) for _, names, _ in groups])),
        str(len(set().union(*[names for _, names, _ in groups]))),
        str(len({finding.instance for finding, _, _ in groups})),
        str(sum([len(names) for finding, names, _ in groups if finding.fixed_version is not None])),
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
