"""The list of packages that settles assumptions (rule 0)."""

from collections.abc import Collection, Iterator
from typing import Final

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, family_of

__all__ = ["better_list", "list_command", "settling_command"]

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


def better_list(assumptions: Collection[str], own: Distribution | None) -> Iterator[str]:
    """:func:`settling_command` as a line of text. Nothing where there is none."""
    if command := settling_command(assumptions, own):
        yield f"the list that shows all of it: {command}"


def settling_command(assumptions: Collection[str], own: Distribution | None) -> str:
    """The command whose list settles some of these assumptions. Empty where there is none.

    :param own: the host's distribution.
    """
    return "" if _OF_THE_LIST.isdisjoint(assumptions) else list_command(own)


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
