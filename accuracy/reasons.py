"""Every kind of difference: whose rule it is, what we do, and whether we may be wrong."""

from typing import Final, NamedTuple

__all__ = ["REASONS", "Reason"]


class Reason(NamedTuple):
    """A kind of difference.

    :ivar rule: the number of the rule. None: nothing explains it.
    :ivar text: what we do and why, as sentences.
    :ivar doubt: how we may be wrong. Empty where the feed and the list decide it.
    """

    rule: int | None
    text: str
    doubt: str = ""


REASONS: Final = {
    "documentation": Reason(
        0,
        "The advisory names packages of documentation alone, such as `kernel-doc`. Its version stands for the other"
        " packages of that source. Each such finding has the assumption `record-incomplete`.",
        "The advisory may truly be about the documentation.",
    ),
    "backport": Reason(
        1,
        "A backport (`~bpo10+1`) is compared with the fixes of the release that it was made of.",
        "No feed has advisories of backports. Their version is all that shows what is in them.",
    ),
    "signed": Reason(
        2,
        "A signed kernel has a source of its own (`linux-signed-amd64`), which no advisory names. It is compared as"
        " `linux`, in the version that it signs.",
    ),
    "build": Reason(
        2,
        "The list has one version of a source, and the package is of another build of it. Its own version counts.",
        "The package's own version stands for its source's, which the list does not show.",
    ),
    "source": Reason(
        2,
        "The feed names the source package. The tool compares the binary package of that name alone, and the host has"
        " other packages of that source.",
        "A source's vulnerability may be in some of its packages alone.",
    ),
    "epoch": Reason(
        4,
        "The list shows no epochs. They are left out on both sides, where the other side takes a missing one for 0."
        " librpm, too, puts the version without its epoch at the fix or above it.",
        "Where an epoch was raised at the fix, leaving it out hides that.",
    ),
    "stream": Reason(6, "The record is of another module stream than the package."),
    "branch": Reason(
        8,
        "The feed has several fixes for the vulnerability. The version is one of them, or has reached the one of its"
        " own minor release (`el9_7`). The fix of a later minor release does not count against it.",
        "A later advisory may complete an earlier one.",
    ),
    "channel": Reason(
        8,
        "The release's own entry is *ignored*, for it is out of standard support. The entry of its extended support"
        " (`esm`) names the version from which it is not affected, and the package has reached that.",
        "Extended support is an archive of its own, whose builds may differ from the public ones.",
    ),
    "negative": Reason(
        9,
        "The release's own entry is *ignored*, for it is out of standard support. The entry of its extended support"
        " (`esm`) states that the package is not affected.",
        "Extended support is an archive of its own, whose builds may differ from the public ones.",
    ),
    "bugfix": Reason(
        10,
        "The advisory is a bug fix or an enhancement and names no CVE. The coverage counts it, and it is no finding.",
    ),
    "removed": Reason(
        12, "dpkg's third word of the status has the package as removed: its configuration alone is left."
    ),
    "third-party": Reason(13, "Somebody else than the distribution built the package."),
    "undecidable": Reason(
        14,
        "The fixed version in the feed has blanks, which dpkg refuses. The finding is *undecidable*, with that reason.",
        "It may be not affected: the feed's text has to be read by a person.",
    ),
    "unexplained": Reason(None, "Nothing explains it."),
}
