"""A store as Parquet, for joins by bytes on any engine: candidates, which :func:`advisories.match` decides about.

``intervals.parquet`` has a row for each range of versions of each entry, ``cves.parquet`` the CVEs of each advisory.
The metadata of both has the digest of the store and the version of the keys. :data:`CANDIDATES` is the join.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import vercmp
from advisories.engines.columns import arrow, schema_of
from advisories.models.errors import OtherVersion, UnreadableSource
from advisories.store.open import open_feed
from advisories.store.opening import connect

if TYPE_CHECKING:
    import pyarrow

__all__ = ["CANDIDATES", "INTERVAL_COLUMNS", "check_export", "export_store"]

#: The columns of ``intervals.parquet``. A version is a candidate of a row where ``introduced_key`` <= key <
#: ``upper_key``, and where its epoch is not known, by the two without epochs. ``distribution`` is null for languages.
INTERVAL_COLUMNS: Final[Mapping[str, str]] = {
    "distribution": "text",
    "release": "text",
    "names": "text",
    "name": "text",
    "type": "text",
    "introduced_key": "key",
    "upper_key": "key",
    "bare_introduced_key": "key",
    "bare_upper_key": "key",
    "introduced": "text",
    "fixed": "text",
    "last_affected": "text",
    "range_limit": "text",
    "version": "text",
    "advisory": "text",
    "entry": "number",
    "kind": "text",
    "withdrawn": "truth",
    "negative": "truth",
    "fix_state": "text",
    "channel": "text",
}
_INTERVALS: Final = """
SELECT distribution.id, distribution.release, package.names, package.name, package.type,
    introduced_key, upper_key, bare_introduced_key, bare_upper_key,
    introduced, fixed, last_affected, range_limit, version,
    advisory.id, affected.number, advisory.kind, advisory.withdrawn IS NOT NULL, negative, fix_state, affected.channel
FROM package JOIN "interval" ON "interval".package = package.number
JOIN affected ON affected.package = package.number AND affected.number = "interval".affected
JOIN advisory ON advisory.number = affected.advisory
LEFT JOIN distribution ON distribution.number = package.distribution
ORDER BY package.number, upper_key, affected.number, ordinal
"""
_FILES: Final = ("intervals.parquet", "cves.parquet")
_CVES: Final = "SELECT advisory.id, cve.cve FROM cve JOIN advisory ON advisory.number = cve.advisory ORDER BY 1, 2"
_ROWS: Final = 65_536

#: The join of a fleet's names and versions with the records that may concern them, for DuckDB and Spark. ``queries``
#: is the view of :class:`advisories.engines.duckdb.Fleet`, and ``intervals`` the file. A record is there as often as it
#: has ranges that hold the version. Every finding's record is among them.
CANDIDATES: Final = """
select queries.*, intervals.advisory, intervals.entry, intervals.fixed
from queries join intervals
on queries.distribution = intervals.distribution and coalesce(queries.release, '') = coalesce(intervals.release, '')
and queries.names = intervals.names and queries.name = intervals.name
where not intervals.withdrawn and (
    queries.key is null
    or (queries.epoch_known and intervals.introduced_key <= queries.key and queries.key < intervals.upper_key)
    or (
        not queries.epoch_known
        and intervals.bare_introduced_key <= queries.key and queries.key < intervals.bare_upper_key
    )
)
"""


def export_store(store: str | os.PathLike[str], folder: str | os.PathLike[str]) -> tuple[int, int]:
    """Write a store as two files of Parquet into a folder. Files of these names are replaced, each at once.

    Text that is not Unicode is written with backslashes.

    :param store: the path of a store (``advisories compile``).
    :returns: how many intervals and how many CVEs of advisories were written.

    Raises :class:`~advisories.models.errors.UnreadableSource` for what is no store of this version, :exc:`ImportError`
    where pyarrow is missing, and :exc:`OSError` where the folder cannot be written.
    """
    path = os.fspath(store)
    with open_feed(path), closing(connect(path)) as database:
        digest = bytes(database.execute("SELECT value FROM meta WHERE name = 'digest'").fetchone()[0])[-32:].hex()
        metadata = {"store": digest, "key_version": str(vercmp.KEY_VERSION)}
        of_cves = {"advisory": "text", "cve": "text"}
        return (
            _write(Path(folder, _FILES[0]), database, _INTERVALS, INTERVAL_COLUMNS, metadata),
            _write(Path(folder, _FILES[1]), database, _CVES, of_cves, metadata),
        )


def check_export(folder: str | os.PathLike[str]) -> str:
    """Check that the keys of exported files are those that this release makes. Joined with others, records get lost.

    :param folder: the one of :func:`export_store`.
    :returns: the digest of the store that they were written of.

    Raises :class:`~advisories.models.errors.OtherVersion` for keys of another layout,
    :class:`~advisories.models.errors.UnreadableSource` for files that are not both of one export, and
    :exc:`ImportError` where pyarrow is missing.
    """
    pyarrow = arrow("parquet")
    digests = set[str]()
    for name in _FILES:
        path = os.path.join(folder, name)
        try:
            found = pyarrow.parquet.read_metadata(path).metadata or {}
            version, digest = int(found[b"key_version"]), found[b"store"].decode("ascii")
        except (OSError, ValueError, KeyError) as error:
            raise UnreadableSource(path, f"not an exported store: {error or type(error).__name__}") from error
        if version != vercmp.KEY_VERSION:
            raise OtherVersion(path, "the layout of its keys", version, (vercmp.KEY_VERSION,), "export the store again")
        digests.add(digest)
    if len(digests) > 1:
        raise UnreadableSource(os.fspath(folder), f"{' and '.join(_FILES)} are of different stores: export again")
    return digests.pop()


def _write(
    path: Path, database: sqlite3.Connection, query: str, columns: Mapping[str, str], metadata: Mapping[str, str]
) -> int:
    pyarrow = arrow("parquet")

    schema = schema_of(columns).with_metadata(metadata)
    draft = path.with_name(f".{path.name}.writing")
    count = 0
    try:
        with pyarrow.parquet.ParquetWriter(draft, schema) as writer:
            for batch in _batches(database.execute(query), schema):
                count += batch.num_rows
                writer.write_batch(batch)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def _batches(cursor: sqlite3.Cursor, schema: "pyarrow.Schema") -> "Iterator[pyarrow.RecordBatch]":
    pyarrow = arrow()

    while rows := cursor.fetchmany(_ROWS):
        arrays = []
        for column, field in zip(zip(*rows, strict=True), schema, strict=True):
            cells: Any = column
            if pyarrow.types.is_string(field.type):
                cells = [one.decode("utf-8", "backslashreplace") if isinstance(one, bytes) else one for one in column]
            elif pyarrow.types.is_boolean(field.type):
                cells = [None if one is None else bool(one) for one in column]
            arrays.append(pyarrow.array(cells, field.type))
        yield pyarrow.RecordBatch.from_arrays(arrays, schema=schema)
