"""Facts as data: tables of tab-separated values that stand beside the modules that use them.

A table has a header, one fact a row, and a last column ``source``: where the fact was read. A table is read when it is
first used. This is the one module of the nouns that reads a file.
"""

from functools import cache
from importlib import import_module
from typing import Any

__all__ = ["rows_of"]


@cache
def rows_of(package: str, name: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The rows of a table without its header. The last cell of each row is its source.

    :param package: the package that the file is in, such as ``advisories.distros``.
    :param name: the file's name.
    :param columns: the columns before ``source`` that the table must have.

    >>> rows_of("advisories.models", "codenames.tsv", ("distribution", "codename", "release"))[0]
    ('debian', 'woody', '3.0', 'distro-info-data 0.58+deb12u6')
    """
    # What pkgutil does, which imports more than matching a short list needs.
    spec: Any = import_module(package).__spec__
    data: bytes = spec.loader.get_data(f"{spec.submodule_search_locations[0]}/{name}")
    head, *rows = (tuple(line.split("\t")) for line in data.decode().splitlines())
    if head != (*columns, "source"):
        raise AssertionError(f"{name} has the columns {head}")
    return tuple(rows)
