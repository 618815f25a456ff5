"""Stanzas that are as most are, read in one pass, give what reading each exactly gives."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.frozen import evolve
from advisories.readers.inventories import dpkg_status
from advisories.readers.inventories._stanzas import Stanzas
from advisories.readers.listing import Listing

EXACT = evolve(dpkg_status._GRAMMAR, columns=(), others=())

STANZA = (
    "Package: one\nStatus: install ok installed\nMaintainer: A \xc9 <a@b.org>\nArchitecture: amd64\n"
    "Source: first (1.0-1)\nVersion: 1.0-1+b2\nDescription: a thing\n with more of it\n\n"
)
LINES = st.sampled_from(
    [
        *STANZA.strip("\n").split("\n"),
        *("package: Two", "VERSION:2", "Source: other", "Source: a b", "Source: x ( 1)", "Multi-Arch: same"),
        *("Binary: x", "Status: deinstall ok config-files", "Status: ok installed", "Status: hold ok installed"),
        *("Status: install ok not-installed", "Origin: \x85", "Maintainer: \u2028", "Origin:\tO\t ", "Origin: a\tb"),
        *(
            "Maintainer: \udce9",
            "Version:",
            "Package:",
            " more",
            "\tmore",
            " ",
            "",
            "no field",
            ": x",
            "X-Long-Name: y",
        ),
        *(
            "X-Long-Name-Too: y",
            "X-Long-Name-Two: y",
            "x-long-name-too: z",
            "A\xc9: x",
            "Version: 1\x00",
            "X: 1\rPackage: x",
        ),
    ]
)
TEXTS = st.tuples(st.lists(LINES, max_size=30).map("\n".join), st.sampled_from(["", "\n", "\n\n", "\r\n\r\n"])).map(
    "".join
)


def exactly(data: bytes) -> Listing:
    return EXACT.read(data, "-", dpkg_status._package).listing()


@settings(max_examples=examples(2000), deadline=None)
@given(TEXTS)
def test_any_stanzas_are_read_as_exactly(text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    assert dpkg_status.read(data, "-") == exactly(data)


@pytest.mark.parametrize("sign", [bytes([byte]) for byte in range(256)])
def test_any_byte_anywhere(sign: bytes) -> None:
    stanza = STANZA.replace("\xc9", "E").encode()
    for place in range(len(stanza)):
        data = stanza[:place] + sign + stanza[place + 1 :] + stanza.replace(b"one", b"two")
        assert dpkg_status.read(data, "-") == exactly(data), data


def test_most_stanzas_are_not_read_exactly() -> None:
    """A stanza of which no line is odd is taken as it is."""
    stanzas = Stanzas(STANZA.encode() * 2, (b"package", b"version", b"origin"), ())
    assert list(stanzas) == [["one", "1.0-1+b2", None]] * 2


@settings(max_examples=examples(1000), deadline=None)
@given(st.lists(st.sampled_from([b"\n", b"a: b", b" c", b"\r", b"\n\n"]), max_size=20).map(b"".join))
def test_stanzas_are_what_empty_lines_part(data: bytes) -> None:
    stanzas = Stanzas(data, (), ())
    found = [(stanzas.begin, stanzas.end, stanzas.number, stanzas.is_whole) for _ in stanzas]
    assert found == [
        (match.start(), match.end(), data[: match.start()].count(b"\n") + 1, data[match.end() :].startswith(b"\n\n"))
        for match in re.finditer(rb"[^\n]+(?:\n[^\n]+)*", data)
    ]


def test_more_fields_than_are_told_apart() -> None:
    """A stanza of a hundred fields is read exactly, and one of them twice is found."""
    many = "".join(f"X-{number}: x\n" for number in range(100))
    data = f"Package: one\nVersion: 1\n{many}\nPackage: two\nVersion: 1\n{many}x-99: x\n\n".encode()
    assert dpkg_status.read(data, "-") == exactly(data)
    assert [package.name for package in dpkg_status.read(data, "-").packages] == ["one"]


def test_too_many_columns() -> None:
    with pytest.raises(ValueError, match="columns"):
        Stanzas(b"", tuple(b"%d" % number for number in range(20)), ())
    with pytest.raises(TypeError):
        Stanzas(b"", ("package",), ())  # type: ignore[arg-type]


def test_real_databases(unpacked: Callable[[str], Path]) -> None:
    for name in ("inventories/dpkg-status", "inventories/debian-archive-bookworm"):
        for path in sorted(unpacked(name).rglob("*")):
            if path.name == "status" or path.name.endswith("security_main_amd64_Packages"):
                data = path.read_bytes()
                assert dpkg_status.read(data, "-") == exactly(data)
