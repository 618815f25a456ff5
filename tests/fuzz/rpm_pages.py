"""Coverage-guided fuzzing of rpm's databases in ndb and Berkeley DB, with Atheris: ``make fuzz``.

The input is a list of changes to one of several whole databases. What is read are packages and refusals whose numbers
add up, or an error that says why there are none. No byte of the file is in two headers. After one change a list that is
shorter has a refusal, and of ndb nothing comes out that was not in it, but where its checksums are made anew.
"""

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

with atheris.instrument_imports(include=["advisories.readers.inventories"]):
    from advisories.models.errors import UnreadableSource
    from advisories.models.reading import Unreadable
    from advisories.readers.inventories import rpm_berkeley, rpm_database, rpm_ndb

from rpm_files import berkeley, named, ndb

HEADERS = [named(f"p{number}", size) for number, size in enumerate((0, 90, 300, 700, 1300, 20, 30))]
DATABASES = (
    ndb(HEADERS, free=1),
    berkeley(HEADERS, size=512),
    berkeley(HEADERS, size=512, order=">", checksums=True, buckets=3),
)
# The same with free blocks and checksums of ndb made anew.
KINDS = (*DATABASES, DATABASES[0])
NAMES = {f"p{number}" for number in range(len(HEADERS))}
_CHANGE = struct.Struct(">HB")


def one_input(changes: bytes) -> None:
    kind = changes[0] % len(KINDS) if changes else 0
    whole = KINDS[kind]
    data = bytearray(whole)
    count = 0
    for place, value in _CHANGE.iter_unpack(changes[1 : 1 + (len(changes) - 1) // _CHANGE.size * _CHANGE.size]):
        data[place % len(data)] ^= value
        count += value != 0
    if kind >= len(DATABASES):
        _with_checksums(data)
    _is_read_once(rpm_ndb.rows(bytes(data)) if whole is DATABASES[0] else rpm_berkeley.rows(bytes(data)), len(data))
    try:
        listing = rpm_database.read(bytes(data), "-")
    except UnreadableSource:
        return
    assert listing.report.kept == len(listing.packages)
    if count <= 1:
        assert len(listing.packages) == len(HEADERS) or listing.report.rejections
    if kind == 0:
        assert {package.name for package in listing.packages} <= NAMES


def _is_read_once(rows: Iterator[object], most: int) -> None:
    size = 0
    try:
        for row in rows:
            if isinstance(row, tuple):
                assert isinstance(row[2], bytes)
                size += len(row[2])
    except Unreadable:
        pass
    assert size <= most


def _with_checksums(data: bytearray) -> None:
    """Make the checksum of each blob that a slot leads to anew."""
    for place in range(32, 32 + 16 * 12, 16):
        _, _, block, count = struct.unpack_from("<4sIII", data, place)
        end = (block + count) * 16 - 12
        if 0 < block * 16 < end <= len(data) - 12:
            struct.pack_into("<I", data, end, zlib.adler32(data[block * 16 : end]))


def main() -> None:
    # The last argument is the folder of seeds, which libFuzzer adds its discoveries to.
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for kind, data in enumerate(KINDS):
        for place in (8, 12, 20, 26, 40, 56, 72, 88, 512 + 20, 512 + 26, 4096 + 4, len(data) - 20):
            seed = bytes([kind]) + _CHANGE.pack(place % len(data), 0x01)
            (corpus / f"change-{kind}-{place}").write_bytes(seed)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
