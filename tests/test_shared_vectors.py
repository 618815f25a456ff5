"""Published version pairs and their order, each row measured with the real tool: read in place, both directions."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vercmp


def rows(path: Path) -> Iterator[list[str]]:
    """Split on TAB alone: fields may be empty, and may hold any other white space."""
    for line in path.read_bytes().decode().split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


ORDERS: dict[str, tuple[int, Callable[[str, str], int], Callable[[str], bytes]]] = {
    "rpm": (4624, vercmp.rpm.rpmvercmp, vercmp.rpm.segment_key),
    "rpm_evr": (139, vercmp.rpm.compare, vercmp.rpm.sort_key),
    "dpkg": (14723, vercmp.dpkg.compare, vercmp.dpkg.sort_key),
}


@pytest.mark.parametrize("name", ORDERS)
def test_order(shared: Path, name: str) -> None:
    expected_count, compare, key = ORDERS[name]
    seen = 0
    for a, b, order, source in rows(shared / "vectors" / f"{name}.tsv"):
        want = int(order)
        assert compare(a, b) == want, (a, b, source)
        assert compare(b, a) == -want, (b, a, source)
        assert (key(a) > key(b)) - (key(a) < key(b)) == want, (a, b, source)
        seen += 1
    assert seen == expected_count


def test_dpkg_validity(shared: Path) -> None:
    seen = 0
    for version, status, message in rows(shared / "vectors" / "dpkg_validity.tsv"):
        seen += 1
        if status == "error":
            with pytest.raises(vercmp.InvalidVersion) as caught:
                vercmp.validate(version, scheme="dpkg")
            assert caught.value.reason == message
        else:
            assert vercmp.validate(version, scheme="dpkg") == ((message,) if status == "warning" else ())
    assert seen == 500
