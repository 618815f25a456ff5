"""The next step after an error: what you can do about a source that cannot be read."""

import errno
import os
from itertools import islice

from advisories.cli.recognising import place_of
from advisories.models.errors import ForeignBaseline, UnknownFormat, UnreadableBaseline, UnreadableSource

__all__ = ["next_step"]

# As the reader of rpm's databases says it of another database of SQLite, and a store of another file.
_NO_RPM_DATABASE = "not a whole rpm database"
_NO_STORE = "not a store of advisories"

# So many names of a folder are looked at for one that was meant.
_LOOKED_AT = 10_000


def next_step(error: Exception) -> str | None:
    """A sentence, or None where the error itself has it."""
    if isinstance(error, UnknownFormat):
        return place_of(error.source) or "Examples: advisories match --help"
    if isinstance(error, ForeignBaseline):
        return "With --force it is verified all the same"
    if isinstance(error, UnreadableBaseline):
        return "Write one with: advisories match --format json"
    if type(error) is not UnreadableSource or error.source == "-":
        return None
    if error.why.startswith(_NO_RPM_DATABASE):
        return place_of(error.source)
    if error.why == _NO_STORE:
        return f"advisories compile -o NAME.db {error.source} makes one of a feed"
    if error.why == os.strerror(errno.ENOENT):
        return _of_missing(error.source)
    if error.why == os.strerror(errno.EACCES):
        return "Run the command as a user who may read it"
    if error.why == os.strerror(errno.EISDIR):
        return "Name a file in it"
    return None


def _of_missing(path: str) -> str | None:
    """What the path may have meant, or how far it is there."""
    folder, name = os.path.split(path)
    while folder and not os.path.isdir(folder):
        parent, name = os.path.split(folder)
        if parent == folder:
            return None
        folder = parent
    try:
        with os.scandir(folder or ".") as found:
            names = [entry.name for entry in islice(found, _LOOKED_AT)]
        shown = folder or os.getcwd()
    except OSError:
        return None
    from difflib import get_close_matches  # only an error needs it

    near = get_close_matches(name, names, n=1)
    return f"Did you mean {os.path.join(folder, near[0])}?" if near else f"There is no {name} in {shown}"
