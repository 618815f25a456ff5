"""The states of an earlier finding, and every reason for them: one published table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["CASES", "SETTLED", "Case", "FindingState"]


class FindingState(StrEnum):
    """What became of an earlier finding. Each finding is in exactly one state."""

    FIXED = "fixed"
    FIXED_PENDING_RESTART = "fixed-pending-restart"
    STILL_VULNERABLE = "still-vulnerable"
    UPGRADED_STILL_VULNERABLE = "upgraded-still-vulnerable"
    RESIDUAL = "residual"
    PACKAGE_REMOVED = "package-removed"
    ADVISORY_WITHDRAWN = "advisory-withdrawn"
    ADVISORY_REVISED = "advisory-revised"
    INVENTORY_REVISED = "inventory-revised"
    UNDECIDABLE = "undecidable"


#: States in which nothing is left to do. In every other state the finding still stands, as far as anybody knows.
SETTLED: Final = frozenset(
    {
        FindingState.FIXED,
        FindingState.PACKAGE_REMOVED,
        FindingState.ADVISORY_WITHDRAWN,
        FindingState.ADVISORY_REVISED,
        FindingState.INVENTORY_REVISED,
    }
)


class Case(StrEnum):
    """Why an earlier finding is in its state. :data:`CASES` has the state and the meaning of each."""

    REACHED_FIX = "reached-fix"
    LOWER_FIX = "lower-fix"
    WENT_BACK = "went-back"
    STREAM_SWITCHED = "stream-switched"
    RESTART = "restart"
    RUNNING_UNKNOWN = "running-unknown"
    SAME_RELEASE = "same-release"
    NOT_UPGRADED = "not-upgraded"
    FIX_APPEARED = "fix-appeared"
    NO_FIX = "no-fix"
    WONT_FIX = "wont-fix"
    END_OF_LIFE = "end-of-life"
    NEEDS_CHANNEL = "needs-channel"
    DOWNGRADED = "downgraded"
    AFFECTED_AFTER_ALL = "affected-after-all"
    WOULD_RETURN = "would-return"
    RUNS_THOUGH_REMOVED = "runs-though-removed"
    BELOW_FIX = "below-fix"
    UPGRADED_NO_FIX = "upgraded-no-fix"
    FIX_RAISED = "fix-raised"
    OLD_KERNEL = "old-kernel"
    OLD_HEADERS = "old-headers"
    REMOVED = "removed"
    CONFIGURATION_LEFT = "configuration-left"
    WITHDRAWN = "withdrawn"
    ADVISORY_GONE = "advisory-gone"
    RANGE_REVISED = "range-revised"
    NEGATIVE_RECORD = "negative-record"
    OTHER_FIX = "other-fix"
    UNLISTED = "unlisted"
    OTHER_RELEASE = "other-release"
    LIST_HAS_MORE = "list-has-more"
    CANNOT_BE_COMPARED = "cannot-be-compared"
    THIRD_PARTY = "third-party"
    NOT_COVERED = "not-covered"
    RELEASE_NOT_COVERED = "release-not-covered"
    AMBIGUOUS = "ambiguous"
    RUNNING_NOT_LISTED = "running-not-listed"
    UNCHECKED = "unchecked"
    FEED_LACKS = "feed-lacks"


_STATES_OF_CASES: Final[Mapping[FindingState, Mapping[Case, str]]] = {
    FindingState.FIXED: {
        Case.REACHED_FIX: "upgraded to the fix of the baseline, or past it",
        Case.LOWER_FIX: "upgraded out of the affected range, not as far as the fix of the baseline, if any",
        Case.WENT_BACK: "went back to a version from before the vulnerability",
        Case.STREAM_SWITCHED: "another module stream is installed, which the advisory is not about",
    },
    FindingState.FIXED_PENDING_RESTART: {
        Case.RESTART: "a kernel that is free of it is installed and does not run yet",
        Case.RUNNING_UNKNOWN: "a kernel that is free of it is installed, and which kernel runs is not known",
        Case.SAME_RELEASE: "the kernel was replaced by one of the same release, so uname -r does not show which runs",
    },
    FindingState.STILL_VULNERABLE: {
        Case.NOT_UPGRADED: "the fix exists and is not installed",
        Case.FIX_APPEARED: "the baseline had no fix, now there is one, and it is not installed",
        Case.NO_FIX: "there is no fix yet",
        Case.WONT_FIX: "the distribution will not fix it",
        Case.END_OF_LIFE: "the release gets no fixes any more",
        Case.NEEDS_CHANNEL: "the fix is in a channel that the host does not have",
        Case.DOWNGRADED: "an earlier version than the baseline's is installed, affected too",
        Case.AFFECTED_AFTER_ALL: "it was undecidable in the baseline, and is affected",
        Case.WOULD_RETURN: "an earlier kernel runs, free of it, and this one is installed and boots next",
        Case.RUNS_THOUGH_REMOVED: "the kernel was removed from the disk and still runs",
    },
    FindingState.UPGRADED_STILL_VULNERABLE: {
        Case.BELOW_FIX: "upgraded, but not as far as the fix",
        Case.UPGRADED_NO_FIX: "upgraded, and there is no fix that the host can have",
        Case.FIX_RAISED: "upgraded to the fix of the baseline, but the current records name a later one, or none",
    },
    FindingState.RESIDUAL: {
        Case.OLD_KERNEL: "an old kernel is still installed and does not run",
        Case.OLD_HEADERS: "old headers or tools are still installed beside later ones that are free of it",
    },
    FindingState.PACKAGE_REMOVED: {
        Case.REMOVED: "it is not installed any more",
        Case.CONFIGURATION_LEFT: "it was removed, its configuration is left",
    },
    FindingState.ADVISORY_WITHDRAWN: {
        Case.WITHDRAWN: "the advisory was withdrawn",
        Case.ADVISORY_GONE: "the advisory is not in the feed any more, and no other names the package",
    },
    FindingState.ADVISORY_REVISED: {
        Case.RANGE_REVISED: "the version is in no range of the current records",
        Case.NEGATIVE_RECORD: "a current record marks it as not affected",
        Case.OTHER_FIX: "the version is cleared by another fix of the current records (rules 1 and 8)",
        Case.UNLISTED: "the advisory is in the feed and does not name the package any more",
        Case.OTHER_RELEASE: "it is now matched against the advisories of another release, which do not have it",
    },
    FindingState.INVENTORY_REVISED: {
        Case.LIST_HAS_MORE: "the version is the same, and the package list shows more of it now",
    },
    FindingState.UNDECIDABLE: {
        Case.CANNOT_BE_COMPARED: "a record applies, and cannot be compared",
        Case.THIRD_PARTY: "the package is not the distribution's now",
        Case.NOT_COVERED: "the feed does not cover packages of its kind",
        Case.RELEASE_NOT_COVERED: "the feed does not cover the release: no packages were checked",
        Case.AMBIGUOUS: "several installed packages may be the one of the baseline",
        Case.RUNNING_NOT_LISTED: "the kernel that runs is not in the list, and later than any that is",
        Case.UNCHECKED: "nothing was found now, and not all was known that could matter (rule 0)",
        Case.FEED_LACKS: "the advisory is not in the feed, which is smaller, older or another than the baseline's",
    },
}

#: Each case with its state and its meaning.
CASES: Final[Mapping[Case, tuple[FindingState, str]]] = MappingProxyType(
    {case: (state, meaning) for state, cases in _STATES_OF_CASES.items() for case, meaning in cases.items()}
)
