"""apk's ``/etc/apk/world``: what it was told to install. Its database has a package for each of these words.

A word is a name, and a version or the tag of a repository behind it. The name may be one that a package provides
(``cmd:``, ``so:``). A word with ``!`` in front is one not to be installed.

Source: apk-tools, *apk-world(5)*.
"""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["lacking"]

_NAME: Final = re.compile(rb"[^<>=~@]+")
# A package's own name, and a line of what it provides.
_HAVING: Final = re.compile(rb"^[Pp]:(.*)$", re.MULTILINE)


def lacking(world: bytes, databases: Iterable[bytes]) -> list[bytes]:
    """The names of a world that no package has or provides, in order.

    >>> lacking(b"a b=1.0-r0 cmd:x@edge !d", [b"P:a\\nV:1\\np:cmd:x=1 so:y=1\\n"])
    [b'b']
    """
    wanted = {match[0] for word in world.split() if not word.startswith(b"!") and (match := _NAME.match(word))}
    for data in databases if wanted else ():
        for line in _HAVING.findall(data):
            wanted.difference_update(word.partition(b"=")[0] for word in line.split())
    return sorted(wanted)
