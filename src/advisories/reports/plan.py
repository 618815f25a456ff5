"""What a plan report is made from, and the sentences that its text and its script share."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Final

from advisories.distros.lifecycle import Support, support_of
from advisories.distros.package_managers import LANGUAGE_TOOLS, Command, Manager
from advisories.distros.restarts import Restart
from advisories.matching.rules.order import order_of_packages
from advisories.models.distribution import Distribution
from advisories.models.findings import Findings, Priority
from advisories.models.frozen import Factory, frozen
from advisories.models.packages import Inventory
from advisories.models.printing import printable
from advisories.reports.lines import counted
from advisories.triage.commands import commands
from advisories.triage.pipeline import Triaged
from advisories.triage.plan import Plan, Step

if TYPE_CHECKING:
    from advisories.index.feed import Feed

__all__ = ["BY_HAND", "IN_THE_END", "RESTARTS", "PlanReport", "cleared"]

#: What to restart behind one step.
RESTARTS: Final = {Restart.MACHINE: "restart the machine", Restart.SERVICES: "restart services that use it"}
#: What to restart behind all steps.
IN_THE_END: Final = {**RESTARTS, Restart.SERVICES: "restart the services that use what was upgraded"}
#: In place of a command.
BY_HAND: Final = "no command: its names, versions or type are not what the package manager takes"


@frozen
class PlanReport:
    """A plan, and how it is written down.

    :ivar inventory: the host as it is.
    :ivar manager: the package manager of its family. None where that is not known.
    :ivar exact: whether commands name exactly the plan's versions, else these or later ones.
    :ivar by_advisory: whether commands name advisories, where the package manager takes them.
    :ivar width: the columns that text is wrapped at. None for lines of any length.
    :ivar versions_of: whose versions they are, if another distribution's than the host's. Commands then leave versions
        out.
    :ivar chosen: the findings that are planned for, and those suppressed or hidden, which are not.
    :ivar on: the day on which support may have ended. None leaves that question out.
    :ivar feed: the advisories, for what they leave open. None leaves that out.
    """

    inventory: Inventory
    plan: Plan
    manager: Manager | None
    exact: bool = True
    by_advisory: bool = False
    width: int | None = None
    versions_of: Distribution | None = None
    chosen: Triaged = Factory(lambda: Triaged(Findings((), (), covered=False, judged_as=None, order=order_of_packages)))
    on: date | None = None
    feed: "Feed | None" = None

    what: ClassVar = "plan"

    @property
    def ended(self) -> Support | None:
        """The support of the release, if its standard support has ended on the day. None without a day."""
        own = self.inventory.distribution
        support = None if own is None else support_of(own)
        return support if support is not None and self.on is not None and support.standard < self.on else None

    def commands(self, step: Step, *, confirm: bool = True) -> tuple[Command, ...]:
        """The commands of a step. None where it has to be done by hand.

        :param confirm: whether the package manager waits for a confirmation.
        """
        return () if self.manager is None else self._commands(step, self.manager, confirm=confirm)

    def in_projects(self, step: Step) -> tuple[Command, ...]:
        """The commands of a step for packages of a language, by its tool. They are for the projects or environments
        that have the packages, so that no script runs them."""
        tool = LANGUAGE_TOOLS.get(step.changes[0].package.type) if step.changes else None
        return () if tool is None else self._commands(step, tool, confirm=True)

    def _commands(self, step: Step, manager: Manager, *, confirm: bool) -> tuple[Command, ...]:
        by_name = self.versions_of is not None
        found = commands(
            step, manager, exact=self.exact, by_advisory=self.by_advisory, by_name=by_name, confirm=confirm
        )
        # You could not see what a word with such characters does.
        return found if all(printable(word) == word for one in found for word in one.words) else ()


def cleared(step: Step) -> str:
    """What a step clears, as a sentence."""
    if not step.clears:
        return "replaced by what was installed beside it"
    gain = ", ".join(f"{priority.value} {count}" for priority, count in zip(Priority, step.gain, strict=True) if count)
    vulnerabilities = counted(len({finding.vulnerability for finding in step.clears}), "vulnerability")
    return f"clears {counted(len(step.clears), 'finding')} of {vulnerabilities} ({gain})"
