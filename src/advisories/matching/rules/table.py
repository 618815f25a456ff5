"""The rules by number, as evidence and pages name them. Matching does not need this list."""

from collections.abc import Callable
from typing import Final

from advisories.distros.third_parties import is_third_party
from advisories.index.records import version_key
from advisories.matching.rules.comparing import epoch_may_matter, range_outcome, release_missing, with_known_epoch
from advisories.matching.rules.deciding import (
    cleared_by_negative,
    fix_state_of,
    makes_findings,
    of_first_names,
    unsure_negatives,
)
from advisories.matching.rules.doubts import line_doubt, source_doubts
from advisories.matching.rules.excluding import (
    arch_applies,
    channel_applies,
    completion_applies,
    epoch_applies,
    flavour_applies,
    is_withdrawn,
    line_applies,
    module_applies,
    source_applies,
)
from advisories.matching.rules.fixes import cleared_by_fixes, cleared_by_unstable, pick_fix, reachable
from advisories.matching.rules.kernels import pending_restarts, presences, same_slot
from advisories.matching.rules.lists import contradicts_release
from advisories.matching.rules.lookups import is_removed, queries, rebuilt, state_remark
from advisories.matching.rules.order import order_of_packages, order_of_vulnerabilities
from advisories.matching.rules.scopes import backport_scope, branches, minor_releases, scope_assumed
from advisories.matching.rules.terms import Query
from advisories.models.frozen import frozen

__all__ = ["RULES", "Rule"]


@frozen
class Rule:
    """A rule of matching, as evidence and pages name it.

    :ivar number: in the guide ``verdicts.md``, in evidence (:class:`~advisories.models.Note`) and in explanations.
    :ivar summary: the rule in short.
    :ivar functions: that implement it.
    """

    number: int
    name: str
    summary: str
    functions: tuple[Callable[..., object], ...]


#: All of them, by number.
RULES: Final = (
    Rule(
        0,
        "nothing is clean by accident",
        "a package without a finding is *unchecked* where anything was unknown that could turn that. What was assumed "
        "is counted",
        (source_doubts, with_known_epoch, epoch_may_matter, completion_applies),
    ),
    Rule(
        1,
        "scope",
        "a record applies to its release only. Unstable's fix clears a Debian release without one. `~bpoN+M` builds "
        "are judged by the next release, sloppy ones by the one behind it. Another distribution's advisories are an "
        "explicit choice. Of a list that is of another release nothing is clean",
        (scope_assumed, backport_scope, cleared_by_unstable, contradicts_release),
    ),
    Rule(
        2,
        "names",
        "a record names a source or a binary package, and is compared with that version. A deb without source "
        "information loses its binNMU suffix. Signed packages are compared as the source that advisories name. "
        "Metapackages of kernels have no finding",
        (queries, source_applies, of_first_names),
    ),
    Rule(
        3,
        "ranges",
        "half-open. Installed = fixed is not affected, and fixed `0` is never affected. Listed versions match "
        "exactly. Several ranges are a union",
        (range_outcome,),
    ),
    Rule(
        4,
        "epoch",
        "a list that cannot show epochs is compared without them on both sides. A range turned upside down by that is "
        "undecidable",
        (Query.intervals, Query.versions, version_key),
    ),
    Rule(5, "release missing", "an rpm version without release that ties is undecidable", (release_missing,)),
    Rule(
        6,
        "module streams",
        "equal streams, or none and none, are compared. Unknown on either side is an assumption",
        (module_applies,),
    ),
    Rule(
        7,
        "architecture, flavour",
        "lists of architectures with aliases. Builds for ksplice and FIPS match their own kind",
        (arch_applies, flavour_applies),
    ),
    Rule(
        8,
        "channels, branches, lines",
        "a fix in a channel clears who has reached it. rpm: an equal fix, the one of the own minor release, or the "
        "trunk's clears. deb, apk: the highest clears. Records of another line are no concern",
        (minor_releases, branches, channel_applies, line_applies, line_doubt, reachable, cleared_by_fixes, pick_fix),
    ),
    Rule(
        9,
        "negative records",
        "*not affected* removes findings where it is sure",
        (cleared_by_negative, unsure_negatives),
    ),
    Rule(
        10,
        "kinds, fix states",
        "bug fixes and enhancements without a CVE are counted. What has no fix is a finding with its fix state",
        (makes_findings, fix_state_of),
    ),
    Rule(
        11,
        "kernels",
        "every installed kernel is matched: running, residual or standby. A running kernel's finding waits for a "
        "restart where a standby kernel is free of it",
        (presences, same_slot, pending_restarts),
    ),
    Rule(12, "removed packages", "dpkg's third status word decides", (is_removed, state_remark)),
    Rule(
        13,
        "third party",
        "not judged by the distribution's advisories, but counted. A derivative's rebuild is judged without what it "
        "adds to the version, and without an epoch that the record does not have",
        (is_third_party, rebuilt, epoch_applies),
    ),
    Rule(
        14,
        "undecidable",
        "a version that has no order makes an undecidable finding with the reason, on either side",
        (range_outcome,),
    ),
    Rule(15, "withdrawn", "withdrawn advisories never match", (is_withdrawn,)),
    Rule(
        16,
        "order",
        "priority, package, architecture, version, vulnerability",
        (order_of_packages, order_of_vulnerabilities),
    ),
)
