"""Families of near versions, each version against each other, by us and by the real library.

    python tests/support/conformance.py [--pairs N] [--seed N] [--order NAME]

runs 100 million pairs an order. ``test_random.py`` runs two million of each in every test run.
"""

import argparse
import itertools
import random
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from oracles import Against, Oracle, Packaging, RubyGems, SemVer, signed

import vercmp
from vercmp.testing.random_versions import families


def rpmvercmp_many(a: list[str], b: list[str]) -> list[int]:
    return list(map(vercmp.rpm.rpmvercmp, a, b))


def assert_all_pairs(
    versions: list[str],
    compare_many: Callable[[list[str], list[str]], list[int]],
    key: Callable[[str], bytes],
    oracle: Against,
) -> None:
    """Sorted by key, each version must be above all before its equals, and below all after them."""
    ordered = sorted(versions, key=key)
    groups = [list(group) for _, group in itertools.groupby(ordered, key=key)]
    above = 0
    for group in groups:
        row = b"\x01" * above + b"\x00" * len(group) + b"\xff" * (len(ordered) - above - len(group))
        for version in group:
            assert oracle.against(version, ordered) == row, version
            assert signed(compare_many([version] * len(ordered), ordered)) == row, version
        above += len(group)
    assert above == len(versions)


def _in_archives(version: str) -> bool:
    """libapt agrees with what libdpkg takes without a word, but for blanks around it and a sign before the epoch."""
    return version == version.strip() and version[0] not in "+-"


def _any(version: str) -> bool:
    return True


class Run(NamedTuple):
    """Families of which order, which of their versions, ours, and the real one."""

    scheme: str
    valid_only: bool
    admits: Callable[[str], bool]
    compare_many: Callable[[list[str], list[str]], list[int]]
    key: Callable[[str], bytes]
    library: Callable[[], Against]


RUNS: dict[str, Run] = {
    "librpm-evr": Run(
        "rpm", False, _any, vercmp.rpm.compare_many, vercmp.rpm.sort_key, partial(Oracle, "librpm", "evr")
    ),
    "librpm-segment": Run(
        "rpmvercmp", False, _any, rpmvercmp_many, vercmp.rpm.segment_key, partial(Oracle, "librpm", "segment")
    ),
    "libdpkg": Run(
        "dpkg", False, _any, vercmp.dpkg.compare_many, vercmp.dpkg.sort_key, partial(Oracle, "libdpkg", "deb")
    ),
    "packaging": Run("pep440", False, _any, vercmp.pep440.compare_many, vercmp.pep440.sort_key, Packaging),
    "semver": Run("semver", False, _any, vercmp.semver.compare_many, vercmp.semver.sort_key, SemVer),
    "rubygems": Run("gem", False, _any, vercmp.gem.compare_many, vercmp.gem.sort_key, RubyGems),
    "libapt": Run(
        "dpkg", True, _in_archives, vercmp.dpkg.compare_many, vercmp.dpkg.sort_key, partial(Oracle, "libapt", "deb")
    ),
}


def run(name: str, pairs: int, seed: int) -> int:
    """Check at least so many pairs; returns how many it were."""
    ours = RUNS[name]
    oracle = ours.library()
    checked = 0
    for relatives in families(ours.scheme, random.Random(seed), size=128, valid_only=ours.valid_only):
        family = [version for version in relatives if ours.admits(version)]
        assert_all_pairs(family, ours.compare_many, ours.key, oracle)
        checked += len(family) ** 2
        if checked >= pairs:
            break
    return checked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000_000)
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--order", choices=RUNS, action="append")
    options = parser.parse_args()
    for name in options.order or RUNS:
        start = time.monotonic()
        checked = run(name, options.pairs, options.seed)
        print(f"{name}: {checked:,} pairs, no difference ({time.monotonic() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
