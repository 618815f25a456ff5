"""What to tell a package manager for a step of a plan."""

from collections.abc import Iterator

from attrs import evolve

from advisories.distros.package_managers import Command, Item, Manager, is_safe
from advisories.models import Finding
from advisories.triage.plan import Action, Change, Step

__all__ = ["commands"]


def commands(
    step: Step,
    manager: Manager,
    *,
    exact: bool = True,
    by_advisory: bool = False,
    by_name: bool = False,
    ask: bool = True,
) -> tuple[Command, ...]:
    """What to tell the package manager; nothing where it does not handle such packages, or where a name or version
    looks like none of its family and is not written into a command.

    :param exact: ask for the plan's versions to the letter, else for these or later ones; so too where an rpm's has no
        release, as none is called so.
    :param by_advisory: name advisories or CVEs where the package manager takes them, the findings have such names and
        the step removes nothing.
    :param by_name: ask for what is newest of a name: versions and advisories are another distribution's.
    :param ask: let the package manager ask before it does anything.
    """
    items = list(dict.fromkeys(_item(change, step) for change in step.changes))
    if any(change.package.type != manager.type for change in step.changes):
        return ()
    if by_name and step.action is not Action.REMOVE:
        items = list(dict.fromkeys(evolve(item, version=None) for item in items))
    if by_advisory and not by_name and step.action is not Action.REMOVE:
        command = _for_advisories(step, manager, ask)
        if command is not None:
            return (command,)
    if not is_safe(manager.type, items):
        return ()
    # An rpm's version alone stands for all of its releases: when it is removed the one that runs perhaps among them.
    is_whole = manager.type != "rpm" or all("-" in item.version for item in items if item.version)
    if step.action is Action.REMOVE:
        return (manager.without(items, ask=ask),) if is_whole else ()
    exact = exact and is_whole
    if step.action is Action.INSTALL:
        return (manager.installed(items, exact=exact, ask=ask),)
    return (manager.upgraded(items, exact=exact, ask=ask),)


def _for_advisories(step: Step, manager: Manager, ask: bool) -> Command | None:
    """How the package manager is asked by advisory or CVE; None where it cannot be, or where a finding has neither."""
    by = manager.by_advisory
    if by is None:
        return None
    advisories: set[str] = set()
    cves: set[str] = set()
    for finding in _last_of(step):
        # Records of one CVE each are called by it, with a prefix at most: repositories know no such advisory.
        if by.advisory is not None and "CVE-" not in finding.evidence.advisory:
            advisories.add(finding.evidence.advisory)
        elif finding.vulnerability.startswith("CVE-"):
            cves.add(finding.vulnerability)
        else:
            return None
    if not is_safe(manager.type, (), (*advisories, *cves)):
        return None
    return manager.for_advisories(sorted(advisories), sorted(cves), ask=ask)


def _last_of(step: Step) -> Iterator[Finding]:
    """The findings whose fixes are the versions of the step: what fixes the others is older, and comes with these."""
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
