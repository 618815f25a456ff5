"""Moments, also after 2038, when the clock of a machine with 32 bits ends."""

import os
import re
import struct
from datetime import UTC, datetime

import pytest
from places import SRC

from advisories.sources import openat2
from advisories.sources.dates import moment_of


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (1700000000.25, datetime(2023, 11, 14, 22, 13, 20, 250000, UTC)),
        (2**31, datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
        (2**32 - 1, datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)),
        (253402300799, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_moments(seconds: float, moment: datetime) -> None:
    assert moment_of(seconds) == moment


@pytest.mark.parametrize("seconds", [253402300800, -(10**11), 10**400, float("inf"), float("nan"), 1e300])
def test_what_is_no_moment(seconds: float) -> None:
    with pytest.raises((OverflowError, ValueError)):
        moment_of(seconds)


def test_nothing_asks_the_clock_of_the_machine() -> None:
    """Its own conversions end with the clock."""
    asking = re.compile(r"\.(?:fromtimestamp|utcfromtimestamp|localtime|gmtime|mktime)\(")
    assert [str(path) for path in SRC.rglob("*.py") if asking.search(path.read_text(encoding="utf-8"))] == []


def test_large_files_are_opened() -> None:
    """Where addresses have 32 bits, the kernel refuses a file of 2 GiB without this flag. Elsewhere it is 0."""
    large = getattr(os, "O_LARGEFILE", 0)
    if hasattr(os, "O_PATH"):
        assert struct.unpack("=QQQ", openat2._how(os.O_RDONLY))[0] == os.O_RDONLY | large
        assert struct.unpack("=QQQ", openat2._how(os.O_PATH))[0] == os.O_PATH
