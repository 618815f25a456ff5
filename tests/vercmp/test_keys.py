"""The bytes themselves: stored keys outlive releases, so every one of these is for ever (of its KEY_VERSION).

After a change of the layout, and of ``KEY_VERSION``:
``python tests/vercmp/test_keys.py < tests/data/keys.tsv > new.tsv``.
"""

import itertools
import sys

import pytest
import reference
from places import DATA

import vercmp

GOLDEN = DATA / "keys.tsv"

NUMBERS = [
    *("0", "1", "9", "71", "72", "82", "83", "99", "100", "113", "114", "999", "2119", "2120", "2130", "2131", "6257"),
    *("6258", "65535", "65536", "133191", "133192", "137329", "137330", "16777216", "20240229", "33687623", "33687624"),
    *("131", "132", "2179", "2180", "133251", "133252"),
    *("109", "110", "237", "238", "2157", "2158", "2285", "2286", "133229", "133230", "133357", "133358"),
    *("33691761", "33691762", "4294967295", "4294967296", "1099511627775", "1099511627776", "281474976710656"),
    *(
        "72057594037927935",
        "72057594037927936",
        "9999999999999999999",
        "10000000000000000000",
        "9" * 20,
        "1" + "0" * 20,
    ),
    *("9" * 255, "9" * 256, "1" * 20_000),
]


def golden() -> list[tuple[str, str, str]]:
    lines = GOLDEN.read_text("utf-8").split("\n")
    assert lines[0].startswith(f"# sort keys of KEY_VERSION {vercmp.KEY_VERSION}")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(scheme, version, key) for scheme, version, key in rows]


def test_golden_keys() -> None:
    rows = golden()
    assert {scheme for scheme, _, _ in rows} == set(vercmp.SCHEMES)
    assert len(rows) > 150
    for scheme, version, key in rows:
        assert vercmp.sort_key(version, scheme=scheme).hex() == key, (scheme, version)


def test_layout_as_written() -> None:
    for scheme, version, _ in golden():
        assert vercmp.sort_key(version, scheme=scheme) == reference.KEYS[scheme](version), (scheme, version)


@pytest.mark.parametrize(
    ("scheme", "before"),
    [
        *((scheme, before) for scheme in ("rpm", "dpkg") for before in ("", "1.", "a", "0.0.", "1+", "1-")),
        *(("apk", before) for before in ("", "1_p", "1-r")),
        *(("pep440", before) for before in ("", "1!", "1a", "1.post", "1.dev", "1+")),
        *(("gem", before) for before in ("", "1.", "1.a", "1.a.0.", "1.1-")),
        *(("semver", before) for before in ("1.1.", "1.1.1-", "1.1.1-a.")),
    ],
)
def test_numbers_of_every_size(scheme: str, before: str) -> None:
    sys.set_int_max_str_digits(0)
    try:
        numbers = sorted({int(n) + step for n in NUMBERS for step in (-1, 0, 1) if int(n) + step >= 0})
        versions = [f"{before}{n}" for n in numbers]
        keys = vercmp.sort_keys(versions, scheme=scheme)
        assert keys == [reference.KEYS[scheme](version) for version in versions]
        assert keys == sorted(set(keys))
        assert [vercmp.compare(a, b, scheme=scheme) for a, b in itertools.pairwise(versions)] == [-1] * (len(keys) - 1)
        if scheme != "semver":
            assert vercmp.sort_keys([f"{before}000{n}" for n in numbers], scheme=scheme) == keys
    finally:
        sys.set_int_max_str_digits(4300)


def test_every_byte_in_every_place() -> None:
    characters = [chr(n) for n in range(1, 0x100)] + ["€", "𝄞"]
    for scheme in ("rpm", "dpkg"):
        order = reference.ORDERS[scheme]
        versions = [f"1{c}{after}" for c in characters if c not in " \t:" for after in ("", "~", "a", "1", ".", ".~")]
        if scheme == "dpkg":
            versions = [v for v in versions if not v.endswith("-")]
        keys = vercmp.sort_keys(versions, scheme=scheme)
        assert keys == [reference.KEYS[scheme](version) for version in versions]
        assert sorted(versions, key=dict(zip(versions, keys, strict=True)).__getitem__) == sorted(versions, key=order)


if __name__ == "__main__":
    print(f"# sort keys of KEY_VERSION {vercmp.KEY_VERSION}: scheme TAB version TAB key in hexadecimal (test_keys.py)")
    for scheme, version, _ in [line.split("\t") for line in sys.stdin.read().split("\n") if line.count("\t") == 2]:
        print(scheme, version, vercmp.sort_key(version, scheme=scheme).hex(), sep="\t")
