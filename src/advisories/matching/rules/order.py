"""Rule 16: the order of findings."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import Final

import vercmp
from advisories.index.records import version_key
from advisories.models.packages import SCHEME_OF_TYPE, Package

__all__ = ["order_of_packages", "order_of_vulnerabilities"]


# ---- 16. Order ----

_NUMBER: Final = re.compile(r"([0-9]+)")


@lru_cache(maxsize=1 << 13)
def order_of_packages(package: Package) -> tuple[str, str, bytes, str]:
    """Rule 16: by name, architecture, version. A version without an order comes first."""
    key = b""
    if package.type in SCHEME_OF_TYPE:
        with suppress(vercmp.InvalidVersion):
            key = version_key(package.version, SCHEME_OF_TYPE[package.type], epoch=True)
    return package.name, package.arch or "", key, package.version


@lru_cache(maxsize=1 << 16)
def order_of_vulnerabilities(vulnerability: str) -> tuple[object, ...]:
    """Rule 16: as text, with the numbers in it compared as numbers."""
    return (*_numbers(vulnerability), vulnerability)


def _numbers(text: str) -> tuple[object, ...]:
    # A number without leading zeros sorts by its length and then as text, however long it is.
    parts = _NUMBER.split(text)
    return tuple((len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts))
