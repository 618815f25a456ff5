"""Whether a JSON report agrees with itself: what was changed by hand, or cut, is refused before it is written anew.

Each number of a report is one of the things that it lists, or a sum of others. A report whose numbers are not those
of its findings would be a wrong answer in every format. Commands are made again from the names of packages: another
command is somebody else's, and you might run it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from advisories.distros.package_managers import MANAGERS
from advisories.models.advisories import FixState
from advisories.models.findings import Basis, PackageClass, Presence, Priority, Status
from advisories.models.json_fields import SHOWN, Malformed
from advisories.models.reading import Extent
from advisories.models.schemas import LINT, PLAN, REPORT, VERIFICATION
from advisories.reports.alerts import Fixes, layer_of
from advisories.reports.plan_steps import commands_of
from advisories.triage.cases import CASES, Case

__all__ = ["check_consistency"]


def check_consistency(content: Any) -> None:
    """Check a report that is as its types have it.

    Raises :class:`~advisories.models.json_fields.Malformed` with the path and the reason for the first part that does
    not agree with another.
    """
    _OF_FORM[content["schema"]](content)


def _same(path: str, stated: object, found: object, what: str) -> None:
    if stated != found:
        raise Malformed(path, f"{stated} is stated, and {what}: {found}")


# ---- findings ----


def _findings(content: Any) -> None:
    coverage = content["coverage"]
    _coverage(coverage)
    _same("inventory.packages", content["inventory"]["packages"], coverage["packages"], "coverage.packages is another")
    kernel, listed = (content["inventory"][name] for name in ("running_kernel", "running_kernel_listed"))
    if listed is not None and kernel is None:
        raise Malformed("inventory.running_kernel_listed", "no running kernel is known")
    reads = [("inventory.read", content["inventory"]["read"])] if content["inventory"]["read"] else []
    reads += [(f"feed.sources[{number}]", one) for number, one in enumerate(content["feed"]["sources"])]
    for path, read in reads:
        _read(read, path)
    _statements(content)
    feed = content["feed"]
    _same("feed.advisories", feed["advisories"], sum(feed["kinds"].values()), "feed.kinds add up to another number")
    if feed["age_days"] is not None and coverage["feed_newest"] is None:
        raise Malformed("feed.age_days", "no advisory of the feed has a date")
    listed_findings = [(f"findings[{number}]", one) for number, one in enumerate(content["findings"])]
    suppressed = [(f"suppressed[{number}].finding", one["finding"]) for number, one in enumerate(content["suppressed"])]
    fixes = Fixes(content)
    newest = [coverage["feed_newest"], *[one["newest"] for one in feed["sources"]]]
    latest = max(map(datetime.fromisoformat, filter(None, newest)), default=None)
    for path, finding in (*listed_findings, *suppressed):
        _finding(finding, path, fixes, latest)
    _order(content["findings"])
    _packages(content, [finding for _, finding in (*listed_findings, *suppressed)])


def _coverage(coverage: Any) -> None:
    packages, classes = coverage["packages"], coverage["classes"]
    _same("coverage.packages", packages, sum(classes.values()), "coverage.classes add up to another number")
    for word, instances in coverage["not_judged"].items():
        _same(f"coverage.classes.{word}", classes[word], len(instances), "coverage.not_judged lists another number")
    unchecked, assumptions = coverage["unchecked"], coverage["assumptions"]
    _same("coverage.classes.unchecked", classes[PackageClass.UNCHECKED], len(unchecked), "another number is listed")
    for number, one in enumerate(unchecked):
        for word in one["assumptions"]:
            if word not in assumptions:
                raise Malformed(f"coverage.unchecked[{number}]", f"coverage.assumptions lacks {word}")
    for word, count in assumptions.items():
        least = sum(word in one["assumptions"] for one in unchecked)
        if not least <= count <= packages:
            path = f"coverage.assumptions.{word}"
            raise Malformed(path, f"{count} is stated, of {packages} packages, and {least} unchecked ones rest on it")


def _read(read: Any, path: str) -> None:
    _same(f"{path}.read", read["read"], read["kept"] + read["rejected"], "kept and rejected add up to another number")
    found = sum(one.get("count", 1) for one in read["rejections"] if one["extent"] == Extent.RECORD)
    _same(f"{path}.rejected", read["rejected"], found, "its rejections are another number")


def _statements(content: Any) -> None:
    statements = content["statements"]
    if statements is None:
        if content["suppressed"]:
            raise Malformed("suppressed", "findings are suppressed, and there are no statements")
        return
    for number, read in enumerate(statements["sources"]):
        _read(read, f"statements.sources[{number}]")
    for word, count in statements["outcomes"].items():
        found = sum(read["outcomes"][word] for read in statements["sources"])
        _same(f"statements.outcomes.{word}", count, found, "the sources add up to another number")


_PRIORITIES: Final[Mapping[str, Priority]] = {
    "H": Priority.HIGH,
    "M": Priority.MEDIUM,
    "L": Priority.LOW,
    "A": Priority.MEDIUM,
    "V1": Priority.HIGH,
    "V2": Priority.MEDIUM,
    "V3": Priority.LOW,
}


def _finding(finding: Any, path: str, fixes: Fixes, latest: datetime | None) -> None:
    rule = finding["rule"]
    expected = _PRIORITIES.get(rule) or _PRIORITIES[rule[0]]
    _same(f"{path}.priority", finding["priority"], expected.value, f"that of rule {rule} is another")
    if (rule == "A0") is not (finding["basis"] == Basis.ASSUMED):
        raise Malformed(f"{path}.basis", f"{finding['basis']} is stated, and the rule is {rule}")
    _same(
        f"{path}.title", finding["title"], f"{finding['vulnerability']} in {finding['package']}", "it is about another"
    )
    type, _, rest = finding["instance"].partition("/")
    if not rest.startswith(f"{finding['package']}/"):
        raise Malformed(f"{path}.instance", f"it is no instance of {finding['package'][:SHOWN]}")
    if not finding["purl"].startswith(f"pkg:{type}/"):
        raise Malformed(f"{path}.purl", f"it is not of the type of the instance, {type[:SHOWN]}")
    if finding["pending_restart"] and finding["presence"] != Presence.RUNNING:
        raise Malformed(f"{path}.pending_restart", "only a running kernel waits for a restart")
    if finding["fix_command"] is not None:
        _command(finding, path, fixes)
    if latest is not None and finding["modified"] is not None and datetime.fromisoformat(finding["modified"]) > latest:
        raise Malformed(f"{path}.modified", f"{finding['modified']} is later than the newest advisory of the feed")


def _command(finding: Any, path: str, fixes: Fixes) -> None:
    installs = (
        finding["fix_state"] == FixState.FIXED
        and finding["fixed_version"] is not None
        and finding["channel"] is None
        and finding["presence"] == Presence.INSTALLED
    )
    if not installs or fixes.command(finding) is None:
        shown = repr(finding["fix_command"])[:SHOWN]
        raise Malformed(f"{path}.fix_command", f"{shown} is not the command that upgrades the package on this host")


def _order(findings: Iterable[Any]) -> None:
    last = 0
    for number, finding in enumerate(findings):
        rank = Priority(finding["priority"]).rank
        if rank < last:
            raise Malformed(f"findings[{number}]", "it stands behind findings of a lower priority")
        last = rank


def _packages(content: Any, findings: list[Any]) -> None:
    """The packages with findings are as many as are counted. Fewer, where a choice hides some."""
    classes = content["coverage"]["classes"]
    # Packages that differ in what a report does not have are as many as have one vulnerability.
    times = Counter((_known_by(one), one["vulnerability"], one["status"]) for one in findings)
    affected, all_of = dict[Any, int](), dict[Any, int]()
    for (known, _, status), count in times.items():
        all_of[known] = max(all_of.get(known, 0), count)
        if status == Status.AFFECTED:
            affected[known] = max(affected.get(known, 0), count)
    sure = sum(affected.values())
    counts = {PackageClass.AFFECTED: sure, PackageClass.UNDECIDABLE: sum(all_of.values()) - sure}
    if content["hidden"]:
        if sum(counts.values()) > sum(classes[word] for word in counts):
            what = f"{sum(counts.values())} packages have findings, and coverage.classes has fewer"
            raise Malformed("coverage.classes", what)
        return
    for word, count in counts.items():
        _same(f"coverage.classes.{word}", classes[word], count, "the findings are of another number of packages")


def _known_by(finding: Any) -> tuple[Any, ...]:
    return (
        *(finding["instance"], finding["version"], finding["purl"], finding["source"], finding["source_version"]),
        *finding["locations"],
        layer_of(finding),
    )


# ---- plans, verifications and lint ----


def _age(content: Any) -> None:
    """The age of the feed is the days from its newest advisory to the day of the report."""
    newest, day, age = content["feed_newest"], content["day"], content["feed_age_days"]
    found = None
    if newest is not None and day is not None:
        found = (date.fromisoformat(day) - datetime.fromisoformat(newest).date()).days
    _same("feed_age_days", age, found, "the days from feed_newest to day are another number")


def _plan(content: Any) -> None:
    _age(content)
    _statements(content)
    steps = content["steps"]
    _same("clears", content["clears"], sum(len(step["clears"]) for step in steps), "the steps clear another number")
    _same("findings", content["findings"], content["clears"] + len(content["stays"]), "clears and stays add up")
    for number, step in enumerate(steps):
        path = f"steps[{number}]"
        for priority, count in step["gain"].items():
            found = sum(one["priority"] == priority for one in step["clears"])
            _same(f"{path}.gain.{priority}", count, found, "it clears another number of them")
        # Commands of tools of languages are for their projects, and no format but texts shows them.
        if content["manager"] in MANAGERS and len(commands_of(step, content)) != len(step["commands"]):
            raise Malformed(f"{path}.commands", f"not all are commands of {content['manager']} about its packages")


def _verification(content: Any) -> None:
    _age(content)
    _statements(content)
    found, rows = content["found"], content["findings"]
    everything = len(rows) + found["earlier_hidden"]
    for name in ("counts", "cases"):
        _same(name, sum(content[name].values()), everything, "the earlier findings are another number")
    for number, row in enumerate(rows):
        state = CASES[Case(row["case"])][0]
        _same(f"findings[{number}].state", row["state"], state.value, f"that of the case {row['case']} is another")
    for name, word in (("counts", "state"), ("cases", "case")):
        for value, count in content[name].items():
            listed = sum(row[word] == value for row in rows)
            if listed > count or (listed < count and not found["earlier_hidden"]):
                _same(f"{name}.{value}", count, listed, "another number of findings is listed")
    _same("found.current", found["current"], found["paired"] + found["new"], "paired and new add up to another number")
    new = content["new"]
    _same("found.new", found["new"], len(new), "new lists another number")
    shown, stated = sum(one["shown"] for one in new), sum(bool(one["statements"]) for one in new)
    numbers = {"new_shown": shown, "new_suppressed": stated, "new_hidden": len(new) - shown - stated}
    for name, number in numbers.items():
        _same(f"found.{name}", found[name], number, "new lists another number of these")


def _lint(content: Any) -> None:
    for number, read in enumerate(content["sources"]):
        _read(read, f"sources[{number}]")
        for place, reason in enumerate(read["rejections"]):
            listed = len(reason["where"])
            path = f"sources[{number}].rejections[{place}].count"
            _same(path, reason["count"], listed, "it lists another number of places")
    _same("advisories", content["advisories"], sum(content["kinds"].values()), "kinds add up to another number")


_OF_FORM: Final[Mapping[str, Callable[[Any], None]]] = {
    REPORT: _findings,
    PLAN: _plan,
    VERIFICATION: _verification,
    LINT: _lint,
}
