"""A scanner in sixty lines: it reads, matches, suppresses, plans, and writes what it found.

    python examples/scanner.py LIST FEED [IGNORE ...]

It exits with 1 for a finding of high priority or that nobody rated, and for a package that was not checked: what nobody
looked at is not clean. It exits with 2 for what cannot be read, and with 3 where the feed does not cover the release.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import advisories
from advisories.distros.package_managers import manager_of
from advisories.models.findings import PackageClass, Priority
from advisories.triage.commands import commands
from advisories.triage.pipeline import Triaged, triage


def scan(listing: str, feed: advisories.Feed, rules: Sequence[str]) -> tuple[advisories.Report, list[str]]:
    """The report of a package list, and the commands that clear what can be cleared."""
    inventory = advisories.read_inventory(listing)
    today = datetime.now(UTC).date()  # the library has no clock: you have one
    chosen: Triaged = triage(inventory, feed, statements=[advisories.read_statements(path) for path in rules], on=today)
    plan = advisories.plan(inventory, feed, findings=chosen.shown)
    manager = None if inventory.distribution is None else manager_of(inventory.distribution)
    steps = [] if manager is None else [str(one) for step in plan.steps for one in commands(step, manager)]
    return advisories.Report(inventory, feed, chosen.findings, chosen=chosen, on=today), steps


def status(report: advisories.Report) -> int:
    """The exit status. What was not checked is printed, and fails: findings of an assumed priority too (rule A0)."""
    coverage, listed, shown = report.findings.coverage, report.inventory.report, report.chosen.shown
    checked = (PackageClass.CLEAN, PackageClass.AFFECTED, PackageClass.NOT_INSTALLED)
    others = {one.value: coverage.counts[one] for one in PackageClass if one not in checked}
    others |= {"rejected": listed.rejected if listed else 0, "without a rating": sum(one.rule == "A0" for one in shown)}
    sys.stderr.writelines(lines := [f"not checked: {count} {what}\n" for what, count in others.items() if count])
    return int(bool(lines) or any(one.priority is Priority.HIGH for one in shown)) if coverage.covered else 3


def main(listing: str = "", source: str = "", *rules: str) -> int:
    """Scan one list, and write ``report.json`` and ``report.html``."""
    try:
        if not source:
            raise advisories.AdvisoriesError(__doc__)
        # Opened once, a feed serves any number of lists and threads. A store is opened without reading all of it.
        with advisories.open_feed(source) as feed:
            report, steps = scan(listing, feed, rules)
            for format in ("json", "html"):
                Path(f"report.{format}").write_text("\n".join(advisories.render(report, format)), encoding="utf-8")
            print(*steps, sep="\n")
            return status(report)
    except advisories.AdvisoriesError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
