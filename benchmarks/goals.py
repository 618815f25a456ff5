"""What we want to be, as ratios within one run; each is judged on every corpus it can be."""

from collections.abc import Iterable
from typing import NamedTuple

from benchmarks import groups
from benchmarks.groups import Group


class Goal(NamedTuple):
    """``wanted`` times faster than ``peer``; or with ``at_most``, at most ``wanted`` times as long."""

    text: str
    scheme: str
    ours: str
    peer: str
    wanted: float
    at_most: bool = False


class Judged(NamedTuple):
    goal: Goal
    ratios: dict[str, float]

    @property
    def met(self) -> bool | None:
        """None where nothing could be measured."""
        if not self.ratios:
            return None
        wanted, values = self.goal.wanted, self.ratios.values()
        return max(values) <= wanted if self.goal.at_most else min(values) >= wanted


_RPM, _DPKG = "`vercmp.rpm.compare`", "`vercmp.dpkg.compare`"
_SORTED = "`sorted`, `key=SCHEME.sort_key`"
_KEYS, _PUBLIC_KEYS = "`SCHEME.sort_keys(versions)`", "`vercmp.sort_keys(versions, scheme=...)`"

GOALS = (
    Goal("`rpm.compare` against `rpm.labelCompare` on split tuples", "rpm", _RPM, groups.LABEL_COMPARE, 3.5),
    Goal("`dpkg.compare` against `apt_pkg.version_compare`", "dpkg", _DPKG, groups.APT, 1.5),
    Goal("`rpm.compare` against univers", "rpm", _RPM, groups.UNIVERS_RPM, 200),
    Goal("`dpkg.compare` against univers", "dpkg", _DPKG, groups.UNIVERS_DPKG, 200),
    Goal("`apk.compare` against univers", "apk", "`vercmp.apk.compare`", groups.UNIVERS_APK, 20),
    Goal("sorting by `pep440.sort_key` against `Version`", "pep440", _SORTED, groups.BY_VERSION, 8),
    Goal("`rpm.compare` beside an empty call", "rpm", _RPM, groups.EMPTY, 3, at_most=True),
    Goal("`dpkg.compare` beside an empty call", "dpkg", _DPKG, groups.EMPTY, 3.3, at_most=True),
    Goal("`dpkg_compare` beside libapt, both from C", "dpkg", groups.OURS_FROM_C, groups.APT_FROM_C, 0.8, at_most=True),
    Goal("sorting by `dpkg.sort_key` against `apt_pkg`", "dpkg", _SORTED, groups.SORT_CMP + groups.APT, 10),
    Goal(
        "sorting by `rpm.sort_key` against `labelCompare`", "rpm", _SORTED, groups.SORT_CMP + groups.LABEL_COMPARE, 10
    ),
    Goal("`sorted_versions` against sorting by `apt_pkg`", "dpkg", groups.IN_ORDER, groups.SORT_CMP + groups.APT, 20),
    Goal(
        "`sorted_versions` against sorting by `labelCompare`",
        "rpm",
        groups.IN_ORDER,
        groups.SORT_CMP + groups.LABEL_COMPARE,
        20,
    ),
    Goal("`sort_keys` against calling `sort_key`, rpm", "rpm", _PUBLIC_KEYS, groups.ONE_BY_ONE, 2),
    Goal("`sort_keys` against calling `sort_key`, dpkg", "dpkg", _PUBLIC_KEYS, groups.ONE_BY_ONE, 2),
    Goal("... by the module's own functions, rpm", "rpm", _KEYS, groups.ONE_BY_ONE_OF_MODULE, 2),
    Goal("... by the module's own functions, dpkg", "dpkg", _KEYS, groups.ONE_BY_ONE_OF_MODULE, 2),
    Goal("keys from and to Arrow against lists, rpm", "rpm", groups.IN_COLUMN, groups.BY_LIST, 4),
    Goal("keys from and to Arrow against lists, dpkg", "dpkg", groups.IN_COLUMN, groups.BY_LIST, 4),
    Goal("keys from and to Arrow against rpm-version", "rpm", groups.IN_COLUMN, groups.RPM_VERSION_KEYS, 5),
    Goal("a host, findings counted, against the join by librpm", "rpm", groups.COUNTED, groups.LIBRPM_JOIN, 20),
    Goal("... against the join by univers", "rpm", groups.COUNTED, groups.UNIVERS_JOIN, 300),
)


def judge(measured: Iterable[tuple[Group, dict[str, float]]]) -> list[Judged]:
    known = list(measured)
    return [Judged(goal, dict(_ratios(goal, known))) for goal in GOALS]


def _ratios(goal: Goal, measured: list[tuple[Group, dict[str, float]]]) -> Iterable[tuple[str, float]]:
    for group, taken in measured:
        if group.scheme == goal.scheme and goal.ours in taken and goal.peer in taken:
            ratio = taken[goal.peer] / taken[goal.ours]
            yield group.corpus, 1 / ratio if goal.at_most else ratio
