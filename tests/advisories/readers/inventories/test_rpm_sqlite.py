"""rpm's database in SQLite whose pages lead in circles or claim too much: an error, soon, and in little memory."""

import sqlite3
import struct
import tempfile
from pathlib import Path
from typing import Any

import pytest

from advisories.models.errors import UnreadableSource
from advisories.readers.inventories import rpm_database, rpm_sqlite

PAGE = 512
TABLE = b"CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob)"
# Pages below one another, at most: SQLite follows 20.
DEEP = 17


def varint(number: int) -> bytes:
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(number & 0x7F | 0x80)
    return bytes(found[::-1])


def record(*values: int | bytes) -> bytes:
    types = b"".join(b"\1" if isinstance(one, int) else varint(13 + 2 * len(one)) for one in values)
    data = b"".join(struct.pack(">b", one) if isinstance(one, int) else one for one in values)
    return varint(len(types) + 1) + types + data


def row(number: int, *values: int | bytes) -> bytes:
    content = record(*values)
    return varint(len(content)) + varint(number) + content


def page(head: bytes, cells: list[bytes], before: bytes = b"") -> bytes:
    """A page of a tree: its head up to the count of cells, then where they begin, and the rest of the head."""
    body, end, places = bytearray(PAGE), PAGE, b""
    for cell in cells:
        end -= len(cell)
        body[end : end + len(cell)] = cell
        places += struct.pack(">H", end)
    start = before + head[:1] + bytes(2) + struct.pack(">HHB", len(cells), end, 0) + head[1:] + places
    body[: len(start)] = start
    return bytes(body)


def leaf(*cells: bytes) -> bytes:
    return page(b"\x0d", list(cells))


def fan(child: int, before: bytes = b"") -> bytes:
    """A page above another, which it names forty times."""
    cells = [struct.pack(">I", child) + varint(number) for number in range(1, 40)]
    return page(b"\x05" + struct.pack(">I", child), cells, before)


def file(*pages: bytes) -> bytes:
    """A database of pages, the first of which is that of its schema and leaves room for the head of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any")
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("CREATE TABLE any_table (a)")
        connection.commit()
        connection.close()
        head = path.read_bytes()[:100]
    found = bytearray(b"".join(pages))
    found[:100] = head
    found[28:32] = struct.pack(">I", len(pages))
    return bytes(found)


def schema(root: int, sql: bytes = TABLE) -> bytes:
    return row(1, b"table", b"Packages", b"Packages", root, sql)


def log() -> bytes:
    """A whole log without a page."""
    head = struct.pack(">IIIIII", 0x377F0682, 3007000, PAGE, 0, 1, 2)
    first = second = 0
    for one, other in struct.iter_unpack("<II", head):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return head + struct.pack(">II", first, second)


def read(data: bytes, beside: bytes | None = None) -> Any:
    return rpm_database.read_with_log(data, beside, "rpmdb.sqlite")


def test_whole() -> None:
    """What is made here is a database: its row is refused, for it has no header."""
    data = file(page(b"\x0d", [schema(2)], bytes(100)), leaf(row(1, 0, b"x")))
    assert [one.why for one in read(data).report.rejections] == ["no header"]


@pytest.mark.parametrize("beside", [None, log()], ids=["alone", "with-a-log"])
def test_a_schema_without_end(beside: bytes | None) -> None:
    """Forty to the power of seventeen rows by the same few pages."""
    pages = [fan(2, bytes(100)), *(fan(number + 1) for number in range(2, DEEP)), leaf(schema(DEEP + 1)), leaf()]
    data = bytearray(file(*pages))
    data[18:20] = b"\2\2"
    with pytest.raises(UnreadableSource, match="not a whole rpm database"):
        read(bytes(data), beside)


@pytest.mark.parametrize("sql", [TABLE, b"CREATE TABLE Packages(hnum, blob)"])
def test_rows_without_end(sql: bytes) -> None:
    """Also where SQLite would have to sort them."""
    pages = [page(b"\x0d", [schema(2, sql)], bytes(100)), *(fan(number + 1) for number in range(2, DEEP))]
    data = file(*pages, leaf(*(row(number, 0, b"x" * 100) for number in range(1, 4))))
    with pytest.raises(UnreadableSource, match="more comes out of it than is in it"):
        read(data)


@pytest.mark.parametrize("claimed", [100_000, 900_000_000])
def test_a_chain_in_a_circle(claimed: int) -> None:
    """A value claims more than the whole file, of pages that lead to themselves."""
    types = b"\1" + varint(12 + 2 * claimed)
    content = varint(len(types) + 1) + types
    size = len(content) + 1 + claimed
    least = (PAGE - 12) * 32 // 255 - 23
    stored = least + (size - least) % (PAGE - 4)
    stored = stored if stored <= PAGE - 35 else least
    cell = varint(size) + varint(1) + (content + bytes(stored))[:stored] + struct.pack(">I", 3)
    data = file(page(b"\x0d", [schema(2)], bytes(100)), leaf(cell), struct.pack(">I", 3) + bytes(PAGE - 4))
    with pytest.raises(UnreadableSource, match=r"string or blob too big|malformed"):
        read(data)


def test_no_room_for_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rpm_sqlite.Path, "write_bytes", full)
    with pytest.raises(UnreadableSource, match="not read: No space left on device"):
        read(file(page(b"\x0d", [schema(2)], bytes(100)), leaf()), log())
