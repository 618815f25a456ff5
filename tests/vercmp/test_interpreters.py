"""Every interpreter of a process orders versions alike: no object or type of one is in another.

This module is imported by each of them, so it has no pytest: that imports decimal, with which several interpreters of
CPython 3.12.1 end the process.
"""

import json
from pathlib import Path

from few_versions import VERSIONS
from interpreters import answers_of

import vercmp


def answers() -> dict[str, object]:
    """What every interpreter must answer alike, made by all that is compiled."""
    found: dict[str, object] = {}
    for scheme, versions in VERSIONS.items():
        keys = vercmp.sort_keys(versions, scheme=scheme)
        assert keys == [vercmp.sort_key(version, scheme=scheme) for version in versions]
        # So many that sorting lets go of the lock, and takes it again to look for signals.
        many = vercmp.sorted_versions(versions * 20_000, scheme=scheme)
        assert set(vercmp.compare_many(many, many[1:] + many[-1:], scheme=scheme)) == {-1, 0}
        found[scheme] = [[key.hex() for key in keys], many[::20_000], refusal(scheme)]
    index = vercmp.IntervalIndex([[(None, b"b", 1), (b"a", b"c", 2)]])
    found["index"] = index.stab(0, b"a")
    return found


def refusal(scheme: str) -> str:
    try:
        vercmp.compare("1\0", "1", scheme=scheme)
    except vercmp.InvalidVersion as error:
        return str(error)
    raise AssertionError(scheme)


def test_every_interpreter_orders_alike(tmp_path: Path) -> None:
    expected = json.loads(json.dumps(answers()))
    assert answers_of("test_interpreters", Path(__file__).parent, tmp_path) == [expected] * 4
