"""Packages of languages that are not looked for, and of systems in folders of a root, such as those of containers.
Where a file shows some by its name, it is counted.
"""

import re
from typing import Final

__all__ = ["ENDS", "unread"]

#: How the names of such files end.
ENDS: Final = (
    b"/installed.json",
    b".deps.json",
    b".json",
    b"/status",
    b"/installed",
    b"/rpmdb.sqlite",
    b"/Packages.db",
    b"/Packages",
)
_FILES: Final = (
    (
        re.compile(rb"(?:.*/)?composer/installed\.json", re.DOTALL),
        "lists of packages of PHP (Composer): not looked for",
    ),
    (re.compile(rb"(?:.*/)?[^/]+\.deps\.json", re.DOTALL), "lists of packages of .NET (.deps.json): not looked for"),
    (re.compile(rb"(?:.*/)?conda-meta/[^/]+\.json", re.DOTALL), "packages of Conda (conda-meta): not looked for"),
    (
        re.compile(
            rb".+/var/lib/dpkg/status|(?!usr/lib/apk/).+/lib/apk/db/installed"
            rb"|.+/(?:var/lib|usr/lib/sysimage|usr/share)/rpm/(?:rpmdb\.sqlite|Packages(?:\.db)?)",
            re.DOTALL,
        ),
        "package databases in other folders of the root (containers, snapshots): not read, unless a link leads there",
    ),
)


def unread(name: bytes) -> str | None:
    """What is not looked for in a file of this name. None for any other."""
    return next((what for pattern, what in _FILES if pattern.fullmatch(name)), None)
