"""What names and versions of packages are made of.

A list that another program quoted, joined or encoded twice has texts that look like names and are none: ``"bash``,
``host:bash``, ``libstdc%2B%2B6``. No record names such a package, so that it would be clean.

Sources: rpm's ``build/parsePreamble.c`` (``ALLOWED_CHARS_NAME``, ``ALLOWED_CHARS_EVR``), dpkg's
``pkg_name_is_illegal``, apk-tools' ``apk_package``. What is left of a macro (``%{name}``) is no name here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from advisories.models.patterns import pattern

__all__ = ["ends_in_arch", "is_evr", "is_name", "is_odd_version"]

_NAMES: Final[Mapping[str, re.Pattern[str]]] = {
    "apk": pattern(r"[A-Za-z0-9_.][A-Za-z0-9._+-]*"),
    "deb": pattern(r"[A-Za-z0-9][A-Za-z0-9._+-]*"),
    "rpm": pattern(r"[A-Za-z0-9_][A-Za-z0-9._+-]*"),
}
# As dnf and yum print names. No rpm that is known ends so, though rpm allows it.
_ARCHES: Final = (".x86_64", ".noarch", ".i686", ".aarch64", ".ppc64le", ".s390x")
# What stands in no version of an advisory and has a place in rpm's order all the same, and a version with a letter in
# front: rpm has that below every number. It refuses less than what follows.
_ODD_VERSION: Final = pattern(r"[^\0!#-+\-.-:=?-Z\[-`a-{}~\ud800-\udfff]|\A(?:[0-9]+:)?[vV][0-9]", re.ASCII)
_EVR: Final = pattern(r"[A-Za-z0-9._+~^:-]*")


def is_name(type: str, name: str) -> bool:
    """Whether a system's manager can name a package of this type so. Names of other types are anything."""
    form = _NAMES.get(type)
    return form is None or form.fullmatch(name) is not None


def ends_in_arch(type: str, name: str) -> bool:
    """Whether an rpm's name seems to be its name and its architecture."""
    return type == "rpm" and name.endswith(_ARCHES)


def is_evr(evr: str) -> bool:
    """Whether it can be a version and release of rpm."""
    return _EVR.fullmatch(evr) is not None


# Advisories have the same version for many names.
@lru_cache(maxsize=1 << 12)
def is_odd_version(version: str | None) -> bool:
    """Whether a bound of a range is no version that an rpm has, although rpm's order has a place for it."""
    return version is not None and _ODD_VERSION.search(version) is not None
