"""Coverage-guided fuzzing of rpm's database in SQLite and its write-ahead log, with Atheris: ``make fuzz``.

The input is a list of changes to a whole database and its log. What is read are packages and refusals whose numbers add
up, or an error that says why there are none; no package is made up that is in neither file.
"""

import sqlite3
import struct
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

with atheris.instrument_imports(include=["advisories.readers.inventories"]):
    from advisories.models.errors import UnreadableSource
    from advisories.readers.inventories import rpm_database

from rpm_files import named


def _files() -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rpmdb.sqlite")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        for number in range(20):
            blob = named(f"a{number}")
            connection.execute("INSERT INTO Packages (blob) VALUES (?)", (blob,))
            connection.commit()
            if number == 10:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        both = path.read_bytes(), Path(f"{path}-wal").read_bytes()
        connection.close()
    return both


DATABASE, LOG = _files()
_CHANGE = struct.Struct(">IB")


def one_input(changes: bytes) -> None:
    both = bytearray(DATABASE + LOG)
    for place, value in _CHANGE.iter_unpack(changes[: len(changes) // _CHANGE.size * _CHANGE.size]):
        both[place % len(both)] ^= value
    data, log = bytes(both[: len(DATABASE)]), bytes(both[len(DATABASE) :])
    for logged in (log, None):
        try:
            listing = rpm_database.read_with_log(data, logged, "fuzz")
        except UnreadableSource:
            continue
        assert listing.report.kept == len(listing.packages)
        for package in listing.packages:
            assert package.name.encode() in data or (logged and package.name.encode() in logged)


def main() -> None:
    # The last argument is the folder of seeds, which libFuzzer adds its discoveries to.
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, place in enumerate((16, 28, 100, len(DATABASE) // 2, len(DATABASE) + 8, len(DATABASE) + 40)):
        (corpus / f"change-{number}").write_bytes(_CHANGE.pack(place, 0xFF))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
