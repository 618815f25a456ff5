"""What a report of findings can name of its fixes: the commands that upgrade packages, and what no such command clears.

The plan (``advisories fix``) has the whole of it. A report that was read is not trusted: a command is written anew.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from advisories.distros.package_managers import LANGUAGE_TOOLS, Item, is_safe, manager_of
from advisories.models.advisories import FixState
from advisories.models.distribution import Distribution
from advisories.models.findings import Presence, Priority
from advisories.reports.lines import counted

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = ["FixCommand", "fix_commands", "is_fixable", "not_in_commands"]


class FixCommand(NamedTuple):
    """A command, and what it is for.

    :ivar title: which packages it upgrades.
    :ivar clears: how many findings are of these packages and have a fix that it installs.
    """

    title: str
    command: str
    packages: int
    clears: int


def is_fixable(finding: "ReportedFinding") -> bool:
    """Whether the host can have a fixed version. One in a channel that it lacks does not count."""
    return finding["fixed_version"] is not None and finding["channel"] is None


def fix_commands(content: "ReportObject") -> Iterator[FixCommand]:
    """One command for the packages of the most urgent findings, and one for all of them. A single one where that is
    the same."""
    urgent = [finding for finding in content["findings"] if finding["priority"] == Priority.HIGH]
    first = _command(content, urgent, "Packages with findings of priority High first")
    every = _command(content, content["findings"], "All packages with a fix")
    if first is not None and every is not None and first.packages < every.packages:
        yield first
    if every is not None:
        yield every


def not_in_commands(content: "ReportObject") -> list[str]:
    """What the commands leave alone, a sentence each, with the number of findings."""
    return [
        f"{counted(count, 'finding')}: {why}"
        for why, count in Counter(map(_why_not, content["findings"])).items()
        if why
    ]


_MEANINGS: Final = {state: state.meaning for state in FixState}


def _why_not(finding: "ReportedFinding") -> str:
    """Why no command of a report clears a finding. Empty where one does."""
    type = finding["instance"].partition("/")[0]
    if finding["fix_command"] is not None:
        return "" if type not in LANGUAGE_TOOLS else "in the projects of languages' packages, by their own tools"
    if finding["fixed_version"] is None:
        return f"no fix, {_MEANINGS[finding['fix_state']]}"
    if finding["channel"] is not None:
        return f"the fix is in {finding['channel']}, which the host does not have"
    if finding["presence"] != Presence.INSTALLED:
        return "of kernels, whose fix is installed beside them and needs a restart"
    return "the package manager does not take the name, version or type of the package"


def _command(content: "ReportObject", findings: "Iterable[ReportedFinding]", title: str) -> FixCommand | None:
    own = content["inventory"]["distribution"]
    manager = None if own is None else manager_of(Distribution(own["id"], own["release"]))
    if manager is None:
        return None
    items: dict[Item, int] = {}
    for finding in findings:
        if finding["fix_command"] is not None and finding["instance"].partition("/")[0] == manager.type:
            item = Item(finding["package"], None, finding["arch"])
            items[item] = items.get(item, 0) + 1
    safe = [item for item in items if is_safe(manager.type, [item])]
    if not safe:
        return None
    command = str(manager.upgraded(safe, exact=False))
    return FixCommand(title, command, len(safe), sum(items[item] for item in safe))
