"""What each publisher's words say of a fix: the one table of rule 10, which readers ask and the pages show.

A word stands as the publisher writes it; ``(none)`` is no word where one is expected. Words that make no entry at all
(a package that is not in the release), or a negative one, are their reader's.

Sources: Debian's *security-tracker/doc*; the README of Ubuntu's CVE tracker and the comments of its OVAL; CSAF 2.0,
*Product Status* and *Remediations*, with Red Hat's use of the details; the OSV schema.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from advisories.models import FixState

__all__ = [
    "CSAF_DETAILS",
    "CSAF_REMEDIATIONS",
    "CSAF_STATUSES",
    "DEBIAN_NOTICES",
    "DEBIAN_TRACKER",
    "FIX_STATES",
    "NO_WORD",
    "OSV_URGENCIES",
    "UBUNTU_OVAL",
    "UBUNTU_TRACKER",
]

#: Where a publisher says nothing.
NO_WORD: Final = "(none)"

_Words = Mapping[str, FixState]

#: ``status`` of the tracker's JSON; ``nodsa_reason`` or ``no-dsa`` of what is open; the urgency that ends support.
DEBIAN_TRACKER: Final[_Words] = MappingProxyType(
    {
        "resolved": FixState.FIXED,
        "open": FixState.NOT_FIXED,
        # No notice of its own: a fix may come with a point release.
        "no-dsa": FixState.DEFERRED,
        "postponed": FixState.DEFERRED,
        "ignored": FixState.WONT_FIX,
        "end-of-life": FixState.END_OF_LIFE,
        "undetermined": FixState.UNDER_INVESTIGATION,
    }
)

#: The word in angles in place of a version, in DSA, DLA and DTSA; ``not-affected`` makes a negative entry.
DEBIAN_NOTICES: Final[_Words] = MappingProxyType(
    {
        "unfixed": FixState.NOT_FIXED,
        "no-dsa": FixState.DEFERRED,
        "postponed": FixState.DEFERRED,
        "ignored": FixState.WONT_FIX,
        "end-of-life": FixState.END_OF_LIFE,
        "undetermined": FixState.UNDER_INVESTIGATION,
        "not-affected": FixState.UNKNOWN,
    }
)

#: The status of a line, and what the reason of ``ignored`` may add.
UBUNTU_TRACKER: Final[_Words] = MappingProxyType(
    {
        "released": FixState.FIXED,
        "released-esm": FixState.FIXED,
        "needed": FixState.NOT_FIXED,
        "active": FixState.NOT_FIXED,
        # The fix is being made: its version is not published.
        "pending": FixState.NOT_FIXED,
        "needs-triage": FixState.UNDER_INVESTIGATION,
        NO_WORD: FixState.UNDER_INVESTIGATION,
        "deferred": FixState.DEFERRED,
        "ignored": FixState.WONT_FIX,
        "ignored (end of life)": FixState.END_OF_LIFE,
    }
)

#: Words of the comment of a criterion that asks only whether a package is installed.
UBUNTU_OVAL: Final[_Words] = MappingProxyType(
    {
        "decision has been made to defer": FixState.DEFERRED,
        "decision has been made to ignore": FixState.WONT_FIX,
        "is pending publication": FixState.NOT_FIXED,
        "is affected and needs fixing": FixState.NOT_FIXED,
        "is affected and may need fixing": FixState.NOT_FIXED,
        "may be vulnerable": FixState.UNDER_INVESTIGATION,
    }
)

#: ``product_status``; what a remediation says goes before ``known_affected``.
CSAF_STATUSES: Final[_Words] = MappingProxyType(
    {
        "fixed": FixState.FIXED,
        "first_fixed": FixState.FIXED,
        "recommended": FixState.FIXED,
        "known_affected": FixState.NOT_FIXED,
        "first_affected": FixState.NOT_FIXED,
        "last_affected": FixState.NOT_FIXED,
        "under_investigation": FixState.UNDER_INVESTIGATION,
    }
)

#: The category of a remediation, and
CSAF_REMEDIATIONS: Final[_Words] = MappingProxyType(
    {
        "no_fix_planned": FixState.WONT_FIX,
        "none_available": FixState.NOT_FIXED,
        "fix_planned": FixState.NOT_FIXED,
    }
)

#: the words its details begin with, which say more than the category.
CSAF_DETAILS: Final[_Words] = MappingProxyType(
    {"out of support": FixState.END_OF_LIFE, "fix deferred": FixState.DEFERRED}
)

#: Debian's ``urgency`` in OSV, of what has no fix.
OSV_URGENCIES: Final[_Words] = MappingProxyType({"end-of-life": FixState.END_OF_LIFE})

#: All of them, by who writes them and where. Formats that are not here know fixes alone (secdb, updateinfo), or say no
#: more than whether there is one (OSV, OVAL).
FIX_STATES: Final[Mapping[str, _Words]] = MappingProxyType(
    {
        "Debian's tracker, `status`, `nodsa_reason`, `urgency`": DEBIAN_TRACKER,
        "Debian's notices, `<word>`": DEBIAN_NOTICES,
        "Debian in OSV, `urgency`": OSV_URGENCIES,
        "Ubuntu's tracker, status": UBUNTU_TRACKER,
        "Ubuntu's OVAL, comment": UBUNTU_OVAL,
        "CSAF, `product_status`": CSAF_STATUSES,
        "CSAF, remediation's `category`": CSAF_REMEDIATIONS,
        "CSAF, remediation's `details`": CSAF_DETAILS,
    }
)
