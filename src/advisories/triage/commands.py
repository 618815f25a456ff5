"""The commands of a package manager for a step of a plan."""

from collections.abc import Iterator

from advisories.distros.package_managers import Command, Item, Manager, is_safe
from advisories.models.findings import Finding
from advisories.models.frozen import evolve
from advisories.triage.plan import Action, Change, Step

__all__ = ["commands"]


def commands(
    step: Step,
    manager: Manager,
    *,
    exact: bool = True,
    by_advisory: bool = False,
    by_name: bool = False,
    confirm: bool = True,
) -> tuple[Command, ...]:
    """The commands for a step. Nothing where the package manager does not handle such packages, or where a name or
    version does not look like one of its family: such a text is never written into a command.

    :param exact: take exactly the plan's versions instead of these or later ones. An rpm's version without release is
        always the least to take, as no build has that name.
    :param by_advisory: name advisories or CVEs where the package manager takes them, the findings have such names and
        the step removes nothing.
    :param by_name: take the newest of each name, where versions and advisories are another distribution's.
    :param confirm: let the package manager wait for a confirmation before it changes anything.
    """
    items = list(dict.fromkeys(_item(change, step) for change in step.changes))
    if any(change.package.type != manager.type for change in step.changes):
        return ()
    if by_name and step.action is not Action.REMOVE:
        items = list(dict.fromkeys(evolve(item, version=None) for item in items))
    if by_advisory and not by_name and step.action is not Action.REMOVE:
        command = _for_advisories(step, manager, confirm)
        if command is not None:
            return (command,)
    if not is_safe(manager.type, items):
        return ()
    # An rpm's version alone stands for all of its releases. Removed, the one that runs may be among them.
    is_whole = manager.type != "rpm" or all("-" in item.version for item in items if item.version)
    if step.action is Action.REMOVE:
        return (manager.without(items, confirm=confirm),) if is_whole else ()
    exact = exact and is_whole
    if step.action is Action.INSTALL:
        return (manager.installed(items, exact=exact, confirm=confirm),)
    return (manager.upgraded(items, exact=exact, confirm=confirm),)


def _for_advisories(step: Step, manager: Manager, confirm: bool) -> Command | None:
    """The command by advisory or CVE. None where there is no such option, or where a finding has neither."""
    by = manager.by_advisory
    if by is None:
        return None
    advisories: set[str] = set()
    cves: set[str] = set()
    for finding in _last_of(step):
        # Records of one CVE each have its id, with a prefix at most. Repositories know no such advisory.
        if by.advisory is not None and "CVE-" not in finding.evidence.advisory:
            advisories.add(finding.evidence.advisory)
        elif finding.vulnerability.startswith("CVE-"):
            cves.add(finding.vulnerability)
        else:
            return None
    if not is_safe(manager.type, (), (*advisories, *cves)):
        return None
    return manager.for_advisories(sorted(advisories), sorted(cves), confirm=confirm)


def _last_of(step: Step) -> Iterator[Finding]:
    """The findings whose fixes are the versions of the step. What fixes the others is older, and comes with these."""
    for change in step.changes:
        found = [finding for finding in (*step.clears, *step.raised_by) if finding.package.name == change.package.name]
        becomes = change.becomes or change.package
        versions = (becomes.version, becomes.source_version)
        yield from [finding for finding in found if finding.fixed_version in versions] or found


def _item(change: Change, step: Step) -> Item:
    package = change.package
    version = package.version if step.action is Action.REMOVE else change.version
    # A metapackage, of whatever architecture the kernel is.
    is_meta = change.name != package.name and change.version is None
    arch = (change.becomes or package).arch
    return Item(change.name, version and version.removeprefix("0:"), None if is_meta else arch)
