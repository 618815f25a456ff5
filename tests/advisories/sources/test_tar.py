"""The reader of tar: the standard library and GNU tar are its oracles, and what is damaged is an error."""

import io
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from archives import TYPES, tar_of
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories import DEFAULT_LIMITS
from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources import tar
from advisories.sources._members import plain_member
from advisories.sources.limits import Limits
from advisories.sources.tar import HARD_LINK, Tar, _has_sum, is_tar
from advisories.sources.tree import Kind

FORMATS = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
#: Names of every length that has a form of its own: in the field, with a prefix, in a header that extends it.
NAMES = st.text(st.sampled_from("ab/é\udcff"), min_size=1, max_size=9).flatmap(
    lambda text: st.sampled_from([text, text * 12, text * 40])
)
ROWS = st.lists(
    st.tuples(
        NAMES.filter(lambda name: name.strip("/")).map(lambda name: name.strip("/")),
        st.sampled_from(["file", "folder", "link", "pipe", "device"]),
        st.sampled_from(["", "x", "y" * 512, "z" * 700]),
    ),
    max_size=6,
)


def members(data: bytes, limits: Limits = DEFAULT_LIMITS, *, needs_end: bool = True) -> list[tuple[str, str, object]]:
    """Each member with its content or target."""
    found: list[tuple[str, str, object]] = []
    archive = Tar(io.BytesIO(data), "x.tar", limits, needs_end=needs_end)
    for member in archive:
        name = member.name.decode("utf-8", "surrogateescape")
        content = archive.content(member) if member.kind is Kind.FILE else member.target
        found.append((name, member.kind, content))
    return found


def refused(data: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(UnreadableSource) as caught:
        members(data, limits)
    return caught.value.why


KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: HARD_LINK,
    tarfile.FIFOTYPE: Kind.PIPE,
    tarfile.CHRTYPE: Kind.DEVICE,
    tarfile.BLKTYPE: Kind.DEVICE,
}


def of_the_library(data: bytes) -> list[tuple[str, str, object]]:
    found: list[tuple[str, str, object]] = []
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape", encoding="utf-8") as archive:
        for member in archive:
            name = "/".join(part for part in member.name.split("/") if part not in ("", "."))
            file = archive.extractfile(member) if member.isreg() else None
            content = member.linkname.encode("utf-8", "surrogateescape") if file is None else file.read()
            found.append((name, KINDS[member.type], content))
    return found


@pytest.mark.parametrize("format", FORMATS)
@given(rows=ROWS)
@settings(max_examples=examples(100), deadline=None)
def test_the_library_reads_the_same(format: int, rows: list[tuple[str, str, str]]) -> None:
    data = tar_of(*rows, format=format)
    assert members(data) == of_the_library(data)


@pytest.mark.parametrize("format", ["gnu", "oldgnu", "pax", "ustar", "v7"])
def test_gnu_tar(format: str, tmp_path: Path) -> None:
    """Every format that it writes, but for v7, which has no mark and is not taken for an archive."""
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / ("n" * (90 if format in ("ustar", "v7") else 200))).write_text("long")
    (root / "file").write_text("content")
    (root / "link").symlink_to("folder/../file")
    (root / "hard").hardlink_to(root / "file")
    done = subprocess.run(
        ["tar", f"--format={format}", "-C", str(root), "-cf", "-", "."], capture_output=True, check=True
    )
    assert members(done.stdout) == of_the_library(done.stdout)
    assert is_tar(done.stdout[:512]) is (format != "v7")


def test_nobody_leaves_out_a_byte() -> None:
    """Cut anywhere, it is an error. Only an archive that needs no end may end behind any member."""
    data = tar_of(("a", "file", "x" * 600), ("b" * 120, "file", "y"))
    end = data.index(bytes(1024), 2560)
    whole = members(data)
    assert len(whole) == 2
    for cut in range(1, end, 64):
        assert "not a whole tar archive" in refused(data[:cut])
    for cut in range(512, end + 1, 512):
        try:
            found = members(data[:cut], needs_end=False)
        except UnreadableSource:
            continue
        assert found == whole[:1] if cut < end else found == whole


@pytest.mark.parametrize("byte", [0, 100, 124, 148, 156, 257, 345])
def test_a_changed_header(byte: int) -> None:
    data = bytearray(tar_of(("a", "file", "x"), ("b", "file", "y")))
    data[1024 + byte] ^= 1
    assert refused(bytes(data)) == "not a whole tar archive: a damaged header: its checksum is another, at member 2"


def test_more_behind_the_end() -> None:
    data = tar_of(("a", "file", "x"))
    assert refused(data + data) == "not a whole tar archive: more after the archive's end, at member 2"
    assert len(members(data + bytes(5000))) == 1


class TestHeaders:
    def test_a_name_that_leads_out(self) -> None:
        assert "leads out of its folder: a/../../etc/passwd" in refused(tar_of(("a/../../etc/passwd", "file", "x")))

    def test_an_absolute_name(self) -> None:
        assert members(tar_of(("/etc//./passwd", "file", "x"))) == [("etc/passwd", Kind.FILE, b"x")]

    def test_long_names(self) -> None:
        assert "a name of more than 4096 bytes" in refused(tar_of(("a/" * 2049 + "b", "file", "x")))
        assert "a link to a name of more than 4096 bytes" in refused(tar_of(("a", "link", "a/" * 2049)))

    def test_a_header_of_many_bytes(self) -> None:
        assert "a header of more than 1048576 bytes" in refused(tar_of(("a" * (1 << 20), "file", "x")))

    def test_sizes(self) -> None:
        """Octal, binary, of pax: what is claimed and not there is a cut, what is beyond a limit is one of it."""
        data = tar_of(("a", "file", "x"))

        def sized(field: bytes) -> bytes:
            header = bytearray(data[:512])
            header[124:136] = field
            header[148:156] = b" " * 8
            header[148:156] = b"%06o\0 " % sum(header)
            return bytes(header) + data[512:]

        assert members(sized(b"\x80" + (1).to_bytes(11, "big"))) == [("a", Kind.FILE, b"x")]
        assert "a size below zero" in refused(sized(b"\xff" * 12))
        assert "no size" in refused(sized(b"00000000009\0"))
        assert "the middle of a member" in refused(sized(b"00000077777\0"))
        with pytest.raises(LimitExceeded, match="--limit archive=NUMBER"):
            members(sized(b"\x80" + (1 << 80).to_bytes(11, "big")))
        # The most that octal states, of a member behind 4 GiB of others.
        found = plain_member(sized(b"777777777777"), 0, 1 << 33, tar._PLAIN)
        assert found is not None
        assert (found.size, found.place) == ((1 << 36) - 1, 1 << 33)
        giant = tar_of(("a", "file", "x"), change=lambda member: member.pax_headers.update(size="9" * 19))
        with pytest.raises(LimitExceeded):
            members(giant)

    @pytest.mark.parametrize(
        "records", [b"12 path=a", b"8 path=a\n", b"99 path=a\n", b"x path=a\n", b"8 path\n", b"5 =a\n"]
    )
    def test_damaged_records(self, records: bytes) -> None:
        data = tar_of(("a", "file", records), ("b", "file", "x"), change=lambda member: None)
        header = bytearray(data[:512])
        header[156:157] = b"x"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        assert "a damaged header" in refused(bytes(header) + data[512:])

    def test_a_global_header_with_a_name(self) -> None:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", pax_headers={"path": "etc/passwd"}) as archive:
            archive.addfile(tarfile.TarInfo("a"))
        assert "a global header that names a member" in refused(out.getvalue())
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "of git"}) as archive:
            archive.addfile(tarfile.TarInfo("a"))
        assert members(out.getvalue()) == [("a", Kind.FILE, b"")]

    @pytest.mark.parametrize("kind", ["folder", "link", "pipe", "device"])
    def test_a_content_where_none_is(self, kind: str) -> None:
        """Some programs pass over it, and others read a header there."""
        data = tar_of(("a", "file", "x"), change=lambda member: setattr(member, "type", TYPES[kind]))
        assert "with a content: a" in refused(data)

    def test_a_folder_of_old(self) -> None:
        data = tar_of(("a/", "file", ""), change=lambda member: setattr(member, "type", tarfile.AREGTYPE))
        assert members(data) == [("a", Kind.FOLDER, b"")]
        assert "a folder with a content" in refused(
            tar_of(("a", "file", "x"), change=lambda m: setattr(m, "name", "a/"))
        )

    def test_an_unknown_kind(self) -> None:
        data = tar_of(
            ("a", "file", "x"), ("b", "file", "y"), change=lambda m: setattr(m, "type", b"Q" if m.name == "a" else b"0")
        )
        assert members(data)[0][1] == "a member of an unknown kind: Q"
        assert members(data)[1] == ("b", Kind.FILE, b"y")

    def test_sparse_files(self, tmp_path: Path) -> None:
        """They are known as such, and the member behind them is found."""
        with open(tmp_path / "sparse", "wb") as file:
            for place in range(0, 1 << 20, 1 << 15):  # more places than a header has room for
                file.seek(place)
                file.write(b"x")
        (tmp_path / "z").write_text("behind")
        for format in ("gnu", "pax --sparse-version=0.0", "pax --sparse-version=0.1", "pax --sparse-version=1.0"):
            command = ["tar", f"--format={format}".split(" ")[0], *format.split(" ")[1:], "-S", "-C", str(tmp_path)]
            data = subprocess.run([*command, "-cf", "-", "sparse", "z"], capture_output=True, check=True).stdout
            found = members(data)
            assert found[0][:2] == ("sparse", "a sparse file, which is not read"), format
            assert found[1] == ("z", Kind.FILE, b"behind")

    def test_members(self) -> None:
        with pytest.raises(LimitExceeded, match="--limit members=NUMBER"):
            members(tar_of(("a", "file", ""), ("b", "file", "")), evolve(DEFAULT_LIMITS, members=1))


@given(st.binary(max_size=2000), st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes(junk: bytes, begin: int, end: int) -> None:
    """They are members, or an error of ours."""
    data = tar_of(("a" * 120, "file", "x" * 700), ("b", "link", "c" * 120))
    for one in (junk, data[:begin] + junk + data[end:]):
        with suppress(UnreadableSource):
            members(one)


#: Where a field of a header begins and ends, and what programs write there, or should not.
FIELDS = st.one_of(
    st.tuples(st.just((0, 100)), st.sampled_from([b"a", b"./b//c", b"a/", b"../a", b"a/..", b".", b"", b"x" * 100])),
    st.tuples(st.just((345, 500)), st.sampled_from([b"p", b"p/..", b"./p/", b"p" * 155])),
    st.tuples(st.just((157, 257)), st.sampled_from([b"b", b"y" * 100, b"../b"])),
    st.tuples(st.just((156, 157)), st.sampled_from([bytes([byte]) for byte in b"\x000123456S7xgLKD"])),
    st.tuples(st.just((257, 265)), st.sampled_from([b"ustar  \0", b"ustar\x0000", b""])),
    st.tuples(
        st.sampled_from([(100, 108), (124, 136)]),
        st.sampled_from(
            [
                b"0000755",
                b" 755 \0",
                b"7 5",
                b"0000008",
                b"\x80\0\0\0\0\0\0\x01",
                b"\xff" * 8,
                b"",
                b"-1",
                b"\0\0007",
                b"+7",
            ]
        ),
    ),
)


@given(
    st.lists(FIELDS, max_size=3),
    st.sampled_from([b"%06o\0 ", b"%07o\0", b"%06o  ", b"0%o", b"%o", b" %06o\0"]),
    st.sampled_from([0, 0, 0, 1]),
)
@settings(max_examples=examples(300), deadline=None)
def test_headers_of_the_usual_form(changes: list[tuple[tuple[int, int], bytes]], form: bytes, error: int) -> None:
    """They are read at once, as by the rules of all headers, or left to these."""
    header = bytearray(tar_of(("a", "file", ""))[:512])
    for (begin, end), text in changes:
        header[begin:end] = text[: end - begin].ljust(end - begin, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = (form % (sum(header) + error))[:8].ljust(8, b"\0")
    data = bytes(header) + bytes(512) + tar_of(("b", "file", "y"))

    def read() -> tuple[list[object], str]:
        archive, found = Tar(io.BytesIO(data), "x.tar", DEFAULT_LIMITS), []
        try:
            for one in archive:
                found.append((one.name, one.kind, one.size, one.target, one.place, one.is_executable))
        except UnreadableSource as problem:
            return found, problem.why
        return found, ""

    at_once = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tar, "plain_member", lambda *_: None)
        assert read() == at_once


def test_most_headers_are_read_at_once() -> None:
    for format in FORMATS:
        data = tar_of(
            ("d/", "folder", ""), ("d/f", "file", "x"), ("l", "link", "d/f"), ("h", "hard", "d/f"), format=format
        )
        places = [0, 512, 1536, 2048]
        found = [plain_member(data, place, place + 512, tar._PLAIN) for place in places]
        assert [one and one.name for one in found] == [b"d", b"d/f", b"l", b"h"]
        assert plain_member(data[:-1], len(data) - 512, 0, tar._PLAIN) is None
        assert plain_member(data, -1, 0, tar._PLAIN) is None


@given(st.binary(min_size=512, max_size=512), st.booleans(), st.sampled_from([0, 1, 8, 65_521]))
def test_checksums_are_sums(block: bytes, ascii_only: bool, error: int) -> None:
    """That of a whole block of bytes below 128 is taken at once. Source: POSIX.1-2017, *ustar Interchange Format*."""
    if ascii_only:
        block = bytes(byte & 127 for byte in block)
    total = sum(block[:148] + b" " * 8 + block[156:])
    field = b"%06o\0 " % (total + error)
    assert _has_sum(block[:148] + field + block[156:], field) == (not error)
    highest = (b"\x7f" if ascii_only else b"\xff") * 512
    field = b"%06o\0 " % (highest[0] * 504 + 8 * 32 + error)
    assert _has_sum(highest[:148] + field + highest[156:], field) == (not error)
