"""The lines about assumptions (rule 0): how many packages rest on each, what it means, and what you can do about it."""

from collections.abc import Iterator
from typing import Final

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, family_of
from advisories.models.findings import Coverage
from advisories.reports.lines import counted, wrapped

__all__ = ["assumption_lines", "list_command"]

# What a better list of the same host settles.
_OF_THE_LIST: Final = frozenset(
    {
        Assumption.SOURCE_UNKNOWN,
        Assumption.EPOCH_UNKNOWN,
        Assumption.MODULE_UNKNOWN,
        Assumption.ARCH_UNKNOWN,
        Assumption.VENDOR_UNKNOWN,
    }
)


def assumption_lines(coverage: Coverage, own: Distribution | None, width: int | None) -> Iterator[str]:
    """For each assumption how many packages rest on it, and what to do. Then the command that lists all there is.

    :param own: the host's distribution.
    """
    assumptions = coverage.assumptions
    if not assumptions:
        return
    unchecked = coverage.unchecked
    for assumption, count in assumptions.items():
        without = unchecked.get(assumption, 0)
        of_these = "" if not without else ", unchecked" if without == count else f", {without} of them unchecked"
        what = f"{counted(count, 'package')}{of_these}: {assumption.meaning}. You can {assumption.advice}"
        yield from wrapped(f"assumed ({assumption.value}): {what}", width)
    if not _OF_THE_LIST.isdisjoint(assumptions):
        command = list_command(own)
        if command:
            yield f"the list that shows all of it: {command}"


def list_command(own: Distribution | None) -> str:
    """The command of a family that lists packages with everything that matching uses. Empty where there is none."""
    family = None if own is None else family_of(own)
    type = None if family is None else family.type
    if type == "deb":
        from advisories.readers.inventories.dpkg_query import QUERY_FORMAT

        return f"dpkg-query -W --showformat '{QUERY_FORMAT}'"
    if type == "rpm":
        from advisories.readers.inventories.rpm_qa import QUERY_FORMAT

        return f"rpm -qa --queryformat '{QUERY_FORMAT}'"
    return "cat /lib/apk/db/installed" if type == "apk" else ""
