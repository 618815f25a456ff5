"""Fleets as tables: a row for each package of each host, and a row for each host. It needs pyarrow.

Null means *not known*, never *none*, and an empty text is null, but for types, names, versions and states. A package of
which the epoch, the module stream, the source or the architecture is not known is compared without it, and carries the
assumption (rule 0). Columns that a table does not have are null.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from advisories.index.records import BUILDS, NO_BUILD, is_build
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.errors import UnknownPackageType
from advisories.models.packages import (
    NO_MODULE,
    NOT_EMPTY,
    SCHEME_OF_TYPE,
    UNKNOWN_MODULE,
    Inventory,
    Module,
    Package,
    State,
)
from vercmp._libraries import library
from vercmp.arrow import sort_keys

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "HOST_COLUMNS",
    "PACKAGE_COLUMNS",
    "arrow",
    "cell_of",
    "check_numbers",
    "distribution_of",
    "hosts_table",
    "package_batches",
    "package_of",
    "packages_table",
    "schema_of",
    "with_keys",
]

#: The columns of a table of packages that describe a package, and the Arrow type of each. Beside them stand ``host``
#: and ``installed_at``, and ``key`` with ``reason`` (:func:`with_keys`).
PACKAGE_COLUMNS: Final[Mapping[str, str]] = {
    "type": "text",
    "name": "text",
    "version": "text",
    "arch": "text",
    "epoch_known": "truth",
    "source_name": "text",
    "source_version": "text",
    "source_epoch_known": "truth",
    "module_known": "truth",
    "module_streams": "texts",
    "vendor": "text",
    "maintainer": "text",
    "state": "text",
    "location": "text",
    "locations": "texts",
    "repository": "text",
    "doubts": "texts",
}
#: The columns of a table of hosts. ``rejected`` counts the entries of the list that its reader could not read.
HOST_COLUMNS: Final[Mapping[str, str]] = {
    "host": "text",
    "distribution": "text",
    "release": "text",
    "channels": "texts",
    "running_kernel": "text",
    "rejected": "number",
}
# What a null is the same as, so that a package is one package however its row was made. Lists: an empty one.
_NULLS: Final = {"epoch_known": "false", "source_epoch_known": "false", "state": f"'{State.INSTALLED.value}'"}
_EMPTY: Final = frozenset({*NOT_EMPTY, "distribution", "release", "running_kernel"})


def cell_of(name: str, type: str, cell: str, empty_list: str) -> str:
    """The one form of a cell, in SQL: of texts that are empty or null, and of lists and truths that are null.

    :param name: its column, and
    :param type: the type of that.
    :param cell: the cell in its SQL type.
    :param empty_list: how an engine writes a list of nothing.
    """
    if name in _EMPTY:
        return f"nullif({cell}, '')"
    null = empty_list if type == "texts" else _NULLS.get(name)
    return cell if null is None else f"coalesce({cell}, {null})"


# Types of numbers in DuckDB and in Spark. A release such as 9 may be a whole one.
_NUMBER: Final = re.compile(
    r"(?:u?(?:tiny|small|big|huge)?int(?:eger)?|float|double|decimal|bignum)\b.*", re.IGNORECASE
)
_FRACTION: Final = re.compile(r"(?:float|double|decimal)\b.*", re.IGNORECASE)
_NEVER: Final = {"version": _NUMBER, "source_version": _NUMBER, "release": _FRACTION}


def check_numbers(
    table: str, types: Iterable[tuple[str, str]], wanted: Mapping[str, str], has_any: Callable[[str], bool]
) -> None:
    """Refuse versions and releases that are numbers: 1.10 became 1.1 before this table was made.

    :param table: what the table is called in the error.
    :param types: its columns, and what the engine calls the type of each.
    :param wanted: the columns that are read: :data:`PACKAGE_COLUMNS` or :data:`HOST_COLUMNS`.
    :param has_any: whether a column is not null anywhere. One that is may have any type.

    Raises :exc:`TypeError`.
    """
    for name, type in types:
        if name in wanted and name in _NEVER and _NEVER[name].fullmatch(type) and has_any(name):
            raise TypeError(f"{table}: the column {name} is {type}. It must be text, because the number 1.10 is 1.1")


# Rows of a batch, and about how many bytes of text: Arrow's plain texts end at 2 GiB a column.
_ROWS: Final = 65_536
_BYTES: Final = 1 << 28
_EXTRA: Final = "duckdb, or spark"


def arrow(*modules: str) -> Any:
    """The library pyarrow, with these modules of it.

    Raises :exc:`ImportError` where it is missing or broken, with what to do.
    """
    for module in modules:
        library(f"pyarrow.{module}", "pyarrow", _EXTRA, "a fleet")
    return library("pyarrow", "pyarrow", _EXTRA, "a fleet", ("RecordBatch", "Table"))


def schema_of(columns: Mapping[str, str]) -> "pyarrow.Schema":
    """The Arrow schema of columns. Raises :exc:`ImportError` where pyarrow is missing."""
    pyarrow = arrow()

    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "truth": pyarrow.bool_(),
        "number": pyarrow.int64(),
        "moment": pyarrow.timestamp("us", "UTC"),
        "key": pyarrow.large_binary(),
    }
    return pyarrow.schema([(name, types[type]) for name, type in columns.items()])


def packages_table(inventories: Iterable[tuple[str, Inventory]]) -> "pyarrow.Table":
    """The packages of some hosts, each instance once, with keys (:func:`with_keys`).

    :param inventories: each with the name of its host.

    Raises :exc:`ImportError` where pyarrow is missing.
    """
    pyarrow = arrow()

    batches = list(package_batches(inventories))
    schema = batches[0].schema if batches else with_keys(_batch([])).schema
    return pyarrow.Table.from_batches(batches, schema)


def package_batches(inventories: Iterable[tuple[str, Inventory]]) -> "Iterator[pyarrow.RecordBatch]":
    """:func:`packages_table` batch by batch, for what does not fit into memory: a file of Parquet, a stream.

    No column of a batch has 2 GiB of text, unless one text has.
    """
    rows: list[tuple[Any, ...]] = []
    size = 0
    for host, inventory in inventories:
        for package in inventory.instances:
            row = (host, *_row(package), package.installed_at)
            rows.append(row)
            size += sum([len(cell) for cell in row if cell.__class__ is str])
            if len(rows) == _ROWS or size > _BYTES:
                yield with_keys(_batch(rows))
                rows, size = [], 0
    if rows:
        yield with_keys(_batch(rows))


def hosts_table(inventories: Iterable[tuple[str, Inventory]]) -> "pyarrow.Table":
    """The hosts of these inventories. A host without packages is here alone, so that it is not forgotten."""
    pyarrow = arrow()

    rows = [_host(host, inventory) for host, inventory in inventories]
    columns = list(zip(*rows, strict=True)) or [()] * len(HOST_COLUMNS)
    schema = schema_of(HOST_COLUMNS)
    return pyarrow.table(
        [pyarrow.array(map(_plain, column), field.type) for column, field in zip(columns, schema, strict=True)], schema
    )


def _host(host: str, inventory: Inventory) -> tuple[Any, ...]:
    own = inventory.distribution
    rejected = None if inventory.report is None else inventory.report.rejected
    named = (None, None, ()) if own is None else (own.id, own.release, tuple(sorted(own.channels)))
    return (host, *named, inventory.running_kernel, rejected)


def _row(package: Package) -> tuple[Any, ...]:
    module = package.module
    return (
        package.type,
        package.name,
        package.version,
        package.arch,
        package.epoch_known,
        package.source_name,
        package.source_version,
        package.source_epoch_known,
        module.known,
        module.streams,
        package.vendor,
        package.maintainer,
        package.state.value,
        package.location,
        package.locations,
        package.repository,
        sorted([doubt.value for doubt in package.doubts]),
    )


def _batch(rows: list[tuple[Any, ...]]) -> "pyarrow.RecordBatch":
    pyarrow = arrow()

    schema = schema_of({"host": "text", **PACKAGE_COLUMNS, "installed_at": "moment"})
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pyarrow.array(map(_plain, column), field.type) for column, field in zip(columns, schema, strict=True)]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


# What Arrow cannot hold, and a text never begins with otherwise: a package with such a text is not judged.
_NOT_UNICODE: Final = "\0not Unicode: "


def _plain(cell: Any) -> Any:
    """A cell as Arrow takes it. A lone surrogate is no Unicode: the text is marked, so that its row is rejected."""
    if cell.__class__ is str:
        try:
            cell.encode()
        except UnicodeEncodeError:
            return _NOT_UNICODE + cell.encode("utf-8", "backslashreplace").decode()
    elif cell.__class__ is tuple or cell.__class__ is list:
        return [_plain(one) for one in cell]
    return cell


def with_keys(table: Any) -> Any:
    """A table or batch with two columns more: ``key``, the version's sort key, and ``reason``, why there is none.

    Compare keys of one ``type`` only. A null key is smaller than nothing, and joins leave it out: count the reasons.

    :param table: has the columns ``type`` and ``version``.

    Raises :exc:`ImportError` where pyarrow is missing, and :exc:`KeyError` where a column is.
    """
    pyarrow = arrow("compute")

    types = table.column("type")
    schemes = [SCHEME_OF_TYPE.get(type) for type in types.to_pylist()]
    versions = table.column("version")
    column = sort_keys(versions, scheme=pyarrow.array(schemes, pyarrow.string()))
    keys, reasons = pyarrow.array(column), pyarrow.array(column.reasons)
    is_word = _are_words(schemes, versions)
    if is_word is not None:
        keys = pyarrow.compute.if_else(is_word, pyarrow.scalar(None, keys.type), keys)
        why = pyarrow.compute.if_else(is_word, pyarrow.scalar(NO_BUILD, reasons.type), reasons)
        # What its scheme refuses has its scheme's reason.
        reasons = pyarrow.compute.coalesce(reasons, why)
    return table.append_column("key", keys).append_column("reason", reasons)


def _are_words(schemes: list[str | None], versions: Any) -> Any:
    """An array of whether each version is a word that stands in the place of one, or None where none is."""
    found = [
        scheme is not None and scheme in BUILDS and version is not None and not is_build(scheme, version)
        for scheme, version in zip(schemes, versions.to_pylist(), strict=True)
    ]
    return arrow().array(found) if any(found) else None


def package_of(row: Mapping[str, Any]) -> Package | str:
    """The package of a row, or the reason why it is none. No row is taken for a package by guessing.

    >>> package_of({"type": "rpm", "name": "bash", "version": None})
    'no version'
    >>> package_of({"type": "rpm", "name": "bash", "version": "5.1.8-4.el9"}).epoch_known
    False
    """
    get = row.get
    type, name, version = get("type"), get("name"), get("version")
    if not type or not name or version is None:
        return "no type" if not type else "no version" if name else "no name"
    texts = [cell for cell in row.values() if cell.__class__ is str]
    lists = [cell for cell in row.values() if cell.__class__ is list]
    if any(text.startswith(_NOT_UNICODE) for text in (*texts, *[one for some in lists for one in some if one])):
        return "a text that is not Unicode"
    if any(one is None for some in lists for one in some):
        return "a null in a list"
    streams = tuple(get("module_streams") or ())
    module = Module(True, streams) if get("module_known") else UNKNOWN_MODULE
    if get("module_known") is None:
        module = Module(True, streams) if streams else UNKNOWN_MODULE if type == "rpm" else NO_MODULE
    elif streams and not get("module_known"):
        return "a module stream, and it is not known"
    state, doubts = get("state"), get("doubts") or ()
    try:
        return Package(
            type,
            name,
            version,
            get("arch"),
            bool(get("epoch_known")),
            get("source_name"),
            get("source_version"),
            bool(get("source_epoch_known")),
            module,
            get("vendor"),
            get("maintainer"),
            State.INSTALLED if state is None else State(state),
            get("location"),
            tuple(get("locations") or ()),
            get("repository"),
            frozenset([_assumption(doubt) for doubt in doubts]),
        )
    except UnknownPackageType:
        return f"unknown type {type!r:.80}"
    except ValueError as error:
        return str(error)


_ASSUMPTIONS: Final = {one.value: one for one in Assumption}


def _assumption(word: str) -> Assumption:
    if word not in _ASSUMPTIONS:
        raise ValueError(f"unknown assumption {word!r:.80}")
    return _ASSUMPTIONS[word]


def distribution_of(row: Mapping[str, Any]) -> Distribution | None:
    """The release of a row of hosts. None where it has none."""
    id = row.get("distribution")
    return None if not id else Distribution(id, row.get("release"), frozenset(row.get("channels") or ()))
