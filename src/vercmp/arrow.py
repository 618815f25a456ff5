"""Columns of versions as columns of sort keys: for pyarrow, Polars, DuckDB, pandas and every other library of Arrow.

Columns come and go by the Arrow C data interface, without a Python object for a row, and without a library: nothing is
imported here. ``_columns.pyx`` reads and writes the layout.

>>> import pyarrow, pyarrow.compute
>>> versions = pyarrow.array(["1.10", "1.9", "1.9~rc1"])
>>> keys = pyarrow.array(sort_keys(versions, scheme="dpkg"))
>>> versions.take(pyarrow.compute.sort_indices(keys)).to_pylist()
['1.9~rc1', '1.9', '1.10']
"""

from typing import Protocol

from vercmp._columns import Column, KeyColumn
from vercmp.schemes import scheme_named

__all__ = ["ArrowArray", "ArrowStream", "Column", "KeyColumn", "sort_keys"]


class ArrowArray(Protocol):
    """An array of the Arrow PyCapsule interface, such as ``pyarrow.Array``."""

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...


class ArrowStream(Protocol):
    """A stream of arrays of the Arrow PyCapsule interface, such as ``pyarrow.ChunkedArray`` or ``polars.Series``."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


def sort_keys(versions: ArrowArray | ArrowStream, *, scheme: str | ArrowArray | ArrowStream) -> KeyColumn:
    """The sort key of each version of a column: bytes in the order of :func:`vercmp.compare`.

    A null stays null. A version that the scheme refuses becomes null, and so does one whose own scheme is unknown or
    null. Nothing is raised for it: :attr:`KeyColumn.refused` has its row and the error, and :attr:`KeyColumn.reasons`
    is a column of the reasons.

    :param versions: text (``utf8``, ``large_utf8``, ``utf8_view``), or a dictionary of text, of which each entry has
        its key once.
    :param scheme: as for :func:`vercmp.compare`. Or a column of such names, one for each version. Compare keys of rows
        of one scheme only: join by the scheme too.

    Raises :exc:`TypeError` for a column of anything else, :exc:`ValueError` for a broken one and where the lengths
    differ, :exc:`OSError` where its stream ends in an error, and :exc:`vercmp.UnknownScheme` for a name that is not in
    a column.
    """
    if versions is None:
        raise TypeError("versions must be a column of Arrow, not NoneType")
    if hasattr(scheme, "__arrow_c_array__") or hasattr(scheme, "__arrow_c_stream__"):
        return KeyColumn(versions, None, scheme)
    return KeyColumn(versions, scheme_named(scheme), None)
