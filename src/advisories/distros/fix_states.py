"""What each publisher's words mean for a fix (rule 10): one table, ``fix_states.tsv``.

A word stands as its publisher writes it. :data:`NO_WORD` is an absent word where one is expected. Words that make no
entry (a package that is not in the release) are their reader's.

Each row has its source.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from advisories.models.advisories import FixState
from advisories.models.facts import rows_of
from advisories.models.words import Explained

__all__ = ["NO_WORD", "Vocabulary", "fix_states"]

#: An absent word.
NO_WORD: Final = "(none)"


class Vocabulary(Explained):
    """A field in which a publisher states what it does about a fix. Its meaning names the publisher and the field.

    Formats that are not here only know whether there is a fix.
    """

    DEBIAN_TRACKER = "debian-tracker", "Debian's tracker, `status`, `nodsa_reason`, `urgency`"
    #: The word in angles in place of a version, in DSA, DLA and DTSA. ``not-affected`` makes a negative entry.
    DEBIAN_ADVISORIES = "debian-advisories", "Debian's advisories, `<word>`"
    #: Of what has no fix.
    OSV_URGENCIES = "osv-urgencies", "Debian in OSV, `urgency`"
    #: Of what has no fix: the last event of a component, with dashes for its underscores.
    OSV_COMPONENTS = "osv-components", "Chainguard in OSV, component's `latest_event_status`"
    #: The status of a line, and what the reason of ``ignored`` may add. ``pending``: the fix is not published yet.
    UBUNTU_TRACKER = "ubuntu-tracker", "Ubuntu's tracker, status"
    #: A part of the comment of a criterion that only tests whether a package is installed.
    UBUNTU_OVAL = "ubuntu-oval", "Ubuntu's OVAL, comment"
    #: A part of the comment of a criterion whose version every package has.
    SUSE_OVAL = "suse-oval", "SUSE's OVAL, comment"
    #: Of what is installed and has no fix.
    RED_HAT_OVAL = "red-hat-oval", "Red Hat's OVAL, `resolution`"
    #: A remediation overrides ``known_affected``.
    CSAF_STATUSES = "csaf-statuses", "CSAF, `product_status`"
    CSAF_REMEDIATIONS = "csaf-remediations", "CSAF, remediation's `category`"
    #: What the details begin with. They override the category.
    CSAF_DETAILS = "csaf-details", "CSAF, remediation's `details`"


@cache
def fix_states(vocabulary: Vocabulary) -> Mapping[str, FixState]:
    """The fix state of each word of a vocabulary, in the order of the table.

    >>> fix_states(Vocabulary.DEBIAN_TRACKER)["no-dsa"].value
    'deferred'
    """
    rows = rows_of("advisories.distros", "fix_states.tsv", ("vocabulary", "word", "state"))
    states = {state.value: state for state in FixState}
    return MappingProxyType({word: states[state] for of, word, state, _ in rows if of == vocabulary.value})
