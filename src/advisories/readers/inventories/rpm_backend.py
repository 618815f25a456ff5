"""Which kind of database rpm is set up to use in a root: ``%_db_backend`` of its macros."""

from collections.abc import Iterator
from typing import Final

from advisories.models.patterns import pattern
from advisories.sources.tree import Tree, content

__all__ = ["file_of_backend"]

# In rpm's order: a later one goes before an earlier one.
_MACROS: Final = (
    (b"usr/lib/rpm", b"macros"),
    (b"usr/lib/rpm/macros.d", b"macros."),
    (b"etc/rpm", b"macros."),
    (b"etc/rpm", b"macros"),
)
_BACKEND: Final = pattern(rb"(?m)^%_db_backend[ \t]+(\w+)[ \t]*$")
_FILES: Final = {b"sqlite": b"rpmdb.sqlite", b"ndb": b"Packages.db", b"bdb": b"Packages", b"bdb_ro": b"Packages"}
# Bytes of one file of macros, where rpm's own has 50,000, and how many there are in a folder.
_MOST: Final = 1 << 20
_MOST_FILES: Final = 10_000


def file_of_backend(tree: Tree) -> bytes | None:
    """The name of the database's file. None where no macro decides it.

    Raises :class:`~advisories.models.errors.UnreadableSource` for macros that cannot be read.
    """
    found = None
    for name in _files(tree):
        for backend in _BACKEND.findall(content(tree, name, _MOST) or b""):
            found = _FILES.get(backend)
    return found


def _files(tree: Tree) -> Iterator[bytes]:
    for folder, start in _MACROS:
        if start.endswith(b"."):
            for part in sorted(tree.entries(folder, _MOST_FILES) or ()):
                if part.startswith(start):
                    yield b"%s/%s" % (folder, part)
        else:
            yield b"%s/%s" % (folder, start)
