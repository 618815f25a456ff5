"""What names and versions of packages are made of.

A list that another program quoted, joined or encoded twice has texts that look like names and are none: ``"bash``,
``host:bash``, ``libstdc%2B%2B6``. No record names such a package, so that it would be clean.

Sources: rpm's ``build/parsePreamble.c`` (``ALLOWED_CHARS_NAME``, ``ALLOWED_CHARS_EVR``), dpkg's
``pkg_name_is_illegal``, apk-tools' ``apk_package``. What is left of a macro (``%{name}``) is no name here.
"""

import re
from collections.abc import Mapping
from typing import Final

from advisories.models.reading import Unreadable

__all__ = ["check_evr", "check_name"]

_NAMES: Final[Mapping[str, re.Pattern[str]]] = {
    "apk": re.compile(r"[A-Za-z0-9_.][A-Za-z0-9._+-]*"),
    "deb": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*"),
    "rpm": re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*"),
}
_EVR: Final = re.compile(r"[A-Za-z0-9._+~^:-]*")


def check_name(type: str, name: str) -> None:
    """Raise :class:`~advisories.models.reading.Unreadable` for what no package of a system's manager can be named.

    Names of other types are anything.
    """
    form = _NAMES.get(type)
    if form is not None and form.fullmatch(name) is None:
        raise Unreadable(f"not a package name: {name[:40]!a}")


def check_evr(evr: str) -> None:
    """Raise :class:`~advisories.models.reading.Unreadable` for what no version and release of rpm can be."""
    if _EVR.fullmatch(evr) is None:
        raise Unreadable(f"not a version and release: {evr[:40]!a}")
