"""Plain members of tar archives are read as the library's reader reads them, or left to it."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.errors import LimitExceeded
from advisories.models.frozen import evolve
from advisories.sources import documents
from advisories.sources.documents import Found, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.plain_tar import Ahead, plain_members

NAMES = ("a.json", "b/c.json", "./d", "e/../f", "f/.", "n" * 100, "n" * 200, "\xe9.json", "tab\t", "dir/")
CONTENTS = (b"", b"{}", b"x" * 511, b"x" * 512, b"x" * 70_000, b"\x1f\x8bno gzip", b"PK\x03\x04", b"x" * 257 + b"ustar")
FORMATS = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)
KINDS = (*[tarfile.REGTYPE] * 6, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, b"Z")


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w", format=draw(st.sampled_from(FORMATS))) as archive:
        for _ in range(draw(st.integers(0, 4))):
            member = tarfile.TarInfo(draw(st.sampled_from(NAMES)))
            content = draw(st.sampled_from(CONTENTS))
            member.size, member.type = len(content), draw(st.sampled_from(KINDS))
            member.uname, member.mtime = draw(st.sampled_from(("", "root", "\xe9"))), draw(st.sampled_from((0, 1, 1.5)))
            if member.type != tarfile.REGTYPE:
                member.size = 0
            try:
                archive.addfile(member, io.BytesIO(content))
            except ValueError:  # a name that is too long for the format
                continue
    data = bytearray(found.getvalue())
    for _ in range(draw(st.integers(0, 2))):
        # The headers: most of an archive is content.
        place = draw(st.integers(0, len(data) // 512 - 1)) * 512 + draw(st.integers(0, 511))
        data[place] = draw(st.sampled_from(b"\x00 07/a\x80\xff"))
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


def read(data: bytes, limits: Limits) -> tuple[list[Found], str]:
    found: list[Found] = []
    try:
        for one in documents_of_stream(io.BytesIO(data), "x", limits):
            found.append(one)
    except LimitExceeded as error:
        return found, error.why
    return found, ""


def nothing(stream: Any, largest: int) -> Iterator[tuple[str, bytes]]:
    del stream, largest
    yield from ()


@settings(max_examples=examples(600), deadline=None)
@given(archives(), st.sampled_from((2, 100_000)), st.sampled_from((600, 1 << 20)))
def test_as_the_library_reads_them(data: bytes, members: int, size: int) -> None:
    limits = evolve(DEFAULT_LIMITS, members=members, document=size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "plain_members", nothing)
        expected = read(data, limits)
    assert read(data, limits) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_plain_members_are_read_here(format: int) -> None:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w", format=format) as archive:
        for name in ("a.json", "b/c.json"):
            member = tarfile.TarInfo(name)
            member.size = 700
            archive.addfile(member, io.BytesIO(b"y" * 700))
    stream = Ahead(io.BytesIO(found.getvalue()))
    assert list(plain_members(stream, 1000)) == [("a.json", b"y" * 700), ("b/c.json", b"y" * 700)]
    assert not stream.read().strip(b"\0")
    assert list(plain_members(Ahead(io.BytesIO(found.getvalue())), 699)) == []
