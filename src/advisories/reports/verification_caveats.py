"""What a verification leaves open, in the form of what a report of findings leaves open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.distros.identity import instance_of
from advisories.models.findings import PackageClass
from advisories.reports.caveats import Caveat, Level
from advisories.reports.lines import counted, feed_age
from advisories.reports.verification import VerificationReport, earlier_findings

if TYPE_CHECKING:
    from advisories.models.findings import Coverage

__all__ = ["verification_caveats"]


def verification_caveats(report: VerificationReport) -> list[Caveat]:
    """What is open, errors first."""
    found = list(_caveats(report))
    return sorted(found, key=lambda one: list(Level).index(one.level))


def _caveats(report: VerificationReport) -> Iterator[Caveat]:
    verification = report.verification
    coverage = verification.findings.coverage
    if not coverage.covered:
        what = f"Not covered: the feed has no advisories of {coverage.judged_as}."
        yield Caveat("release-not-covered", Level.ERROR, what)
    if not verification.baseline.covered:
        what = "The baseline's feed did not cover the release: every current finding is new."
        yield Caveat("baseline-not-covered", Level.WARNING, what)
    if verification.forced is not None:
        what = f"Verified although the baseline seems to be of another host: {verification.forced}."
        yield Caveat("other-host", Level.WARNING, what)
    yield from _packages(coverage)
    hidden = sum(earlier_findings(verification, report.chosen)[1].values())
    if hidden:
        what = f"{counted(hidden, 'earlier finding')} not shown by choice."
        yield Caveat("hidden", Level.NOTE, what)
    age = feed_age(coverage.feed_newest, report.on)
    yield Caveat("feed-age", Level.NOTE, f"{age[:1].upper()}{age[1:]}.")


def _packages(coverage: "Coverage") -> Iterator[Caveat]:
    by_class = coverage.by_class()
    for package_class in (PackageClass.NOT_COVERED, PackageClass.THIRD_PARTY):
        packages = by_class[package_class]
        if packages:
            what = f"{counted(len(packages), 'package')} not checked: {package_class.meaning}."
            yield Caveat(package_class.value, Level.WARNING, what, tuple(map(instance_of, packages)))
    for assumption, count in coverage.assumptions.items():
        what = f"Assumed of {counted(count, 'package')}: {assumption.meaning}. You can {assumption.advice}."
        yield Caveat(assumption.value, Level.WARNING, what)
