"""The findings as text: every cause as a sentence, totals by priority, and the packages that were not checked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from advisories.distros.lifecycle import support_of
from advisories.models.findings import Basis, Finding, FindingGroup, PackageClass, Presence, Priority, Status
from advisories.models.frozen import evolve
from advisories.models.reading import shown_source
from advisories.reports import suppressed
from advisories.reports.assumed import better_list
from advisories.reports.caveats import caveat_line, caveats_of
from advisories.reports.findings import Report
from advisories.reports.lines import counted, rejected_text, wrapped
from advisories.reports.members import head
from advisories.reports.set_up import channels_line

__all__ = ["render"]

# How many packages that were not checked are named of a kind. JSON has all.
_NAMED: Final = 12

# A member of an enumeration is slow to look up, and these are compared with those of each finding.
_INSTALLED: Final = Presence.INSTALLED
_UNKNOWN: Final = Presence.UNKNOWN
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
    yield from _coverage(report, by_priority)


def _head(report: Report) -> Iterator[str]:
    inventory, coverage = report.inventory, report.findings.coverage
    own = inventory.distribution
    borrowed = "" if own == coverage.judged_as else f", matched against the advisories of {coverage.judged_as}"
    image = inventory.image
    name = report.target or (image and image.name) or shown_source(inventory.source)
    yield from wrapped(
        f"{name}: {counted(coverage.packages, 'package')} of {own or 'several languages'}{borrowed}", report.width
    )
    if image is not None:
        yield from wrapped(
            f"image {image.digest or image.id}, {image.platform or 'of an unknown platform'}", report.width
        )
    support = None if own is None else support_of(own)
    if support is not None:
        yield support.text(report.on)
    if line := channels_line(inventory.setups):
        yield from wrapped(line, report.width)
    if inventory.running_kernel:
        yield f"running kernel {inventory.running_kernel}"
    for read in report.feed.reports:
        parts = filter(None, (counted(read.kept, "record"), rejected_text(read.rejected, len(read.rejections))))
        yield from wrapped(f"{shown_source(read.source)}: {', '.join(parts)}", report.width)


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
        remarks.append("not known to run" if finding.presence is _UNKNOWN else finding.presence.value)
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
    if width is not None and sum(widths) + 2 * (len(widths) - 1) > width:
        nouns = ("finding", "vulnerability", "package")
        for name, *counts, fixed in table[1:]:
            listed = [counted(int(count), noun) for count, noun in zip(counts, nouns, strict=True)]
            yield from wrapped(f"{name}: {', '.join(listed)}, {fixed} with a fix", width)
        return
    for line in table:
        first = line[0].ljust(widths[0])
        rest = [cell.rjust(wide) for cell, wide in zip(line[1:], widths[1:], strict=True)]
        yield "  ".join((first, *rest)).rstrip()


def _counts(groups: Sequence[FindingGroup]) -> tuple[str, str, str, str]:
    return (
        str(sum([len(names) for _, names, _ in groups])),
        str(len(set().union(*[names for _, names, _ in groups]))),
        str(len({finding.instance for finding, _, _ in groups})),
        str(sum([len(names) for finding, names, _ in groups if finding.fixed_version is not None])),
    )


_CLASSES: Final = {one.value: one for one in PackageClass}
# Caveats of which the text has more than a sentence elsewhere.
_ELSEWHERE: Final = frozenset({"disputed", "hidden", "statements", "support-ended", "suppressed"})


def _coverage(report: Report, by_priority: Mapping[Priority, Sequence[FindingGroup]]) -> Iterator[str]:
    coverage = report.findings.coverage
    counts = ", ".join(f"{count} {name.value}" for name, count in coverage.counts.items() if count)
    yield from wrapped(f"packages: {coverage.packages} = {counts or '0'}", report.width)
    for caveat in caveats_of(head(report), _counted(by_priority)):
        if caveat.id not in _ELSEWHERE:
            package_class = _CLASSES.get(caveat.id)
            packages = () if package_class is None else coverage.packages_in(package_class)
            names = tuple([f"{one.name} {one.version}".rstrip() for one in packages])
            named_here = evolve(caveat, instances=names or caveat.instances)
            yield from wrapped(caveat_line(named_here, _NAMED), report.width)
    own = report.inventory.distribution or coverage.judged_as
    yield from better_list(coverage.assumptions, own)


def _counted(by_priority: Mapping[Priority, Sequence[FindingGroup]]) -> Mapping[str, int]:
    """How many findings are not certain, by what is not certain of them."""
    counts = Counter[str]()
    for groups in by_priority.values():
        for finding, names, _ in groups:
            if finding.status is _UNDECIDABLE:
                counts["undecidable"] += len(names)
            if finding.presence is _UNKNOWN:
                counts["kernel-unknown"] += len(names)
            assessment = finding.assessment
            if assessment.basis is _ASSUMED:
                counts["priority-assumed"] += len(names)
            if assessment.refused:
                counts["vectors-refused"] += len(names)
            if assessment.score is None:
                counts["without-score"] += len(names)
    return counts
