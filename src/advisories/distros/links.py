"""Where publishers show an advisory or a CVE: addresses made from ids, for records without a link of their own."""

from functools import cache
from typing import Final

from advisories.models.distribution import Distribution
from advisories.models.facts import rows_of

__all__ = ["link_to"]

#: Characters of ids. An id with any other is not written into an address.
_OF_IDS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:._")


@cache
def _addresses() -> dict[str, str]:
    return {prefix: address for prefix, address, _ in rows_of("advisories.distros", "links.tsv", ("prefix", "address"))}


def link_to(id: str, distribution: Distribution | None = None) -> str | None:
    """The address of an advisory or a CVE. None where the table has none for its id.

    >>> link_to("CVE-2024-3094")
    'https://www.cve.org/CVERecord?id=CVE-2024-3094'
    >>> link_to("ALSA-2022:4584", Distribution("almalinux", "9.0"))
    'https://errata.almalinux.org/9/ALSA-2022-4584.html'

    :param distribution: the release it is read for: some publishers have it in their addresses.
    """
    address = _addresses().get(id[: id.find("-") + 1])
    if address is None or not _OF_IDS.issuperset(id):
        return None
    major = (distribution.release or "").partition(".")[0] if distribution else ""
    if "{major}" in address and not major.isdecimal():
        return None
    return address.format(id=id, rest=id[id.find("-") + 1 :], major=major, dashed=id.replace(":", "-"))
