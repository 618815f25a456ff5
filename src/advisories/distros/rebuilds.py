"""What counts the rebuilds of one source in a deb's version (a binNMU)."""

import re
from typing import Final

__all__ = ["without_rebuild"]

_REBUILD: Final = re.compile(r"\+b[0-9]+$")


def without_rebuild(version: str) -> str:
    """A deb's version without what counts rebuilds of one source, which is no part of the source's version.

    >>> without_rebuild("5.2.15-2+b8")
    '5.2.15-2'
    """
    return _REBUILD.sub("", version) if "+b" in version else version
