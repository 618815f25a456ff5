"""The collector's own bound: a source that is refused entry by entry without end."""

import pytest

from advisories.models.errors import LimitExceeded
from advisories.readers.collector import Collector
from advisories.sources.limits import DEFAULT_LIMITS


def test_refused_entries_have_a_bound() -> None:
    collector = Collector("list")
    for number in range(DEFAULT_LIMITS.rejections):
        collector.reject(number, "x", "no package")
    with pytest.raises(LimitExceeded, match="more than 200000 entries refused, the first: list: line 0: x"):
        collector.reject("-", "x", "no package")
