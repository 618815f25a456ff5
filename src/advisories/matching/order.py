"""Rule 16: the order of findings."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import Final

import vercmp
from advisories.models import (
    SCHEME_OF_TYPE,
    Package,
)

__all__ = ["order_of_packages", "order_of_vulnerabilities"]


# ---- 16. Order ----

_NUMBER: Final = re.compile(r"([0-9]+)")


def order_of_packages(package: Package) -> tuple[str, str, bytes, str]:
    """Rule 16: by name, architecture, version; what no order is known of comes first."""
    key = b""
    if package.type in SCHEME_OF_TYPE:
        with suppress(vercmp.InvalidVersion):
            key = vercmp.sort_key(package.version, scheme=SCHEME_OF_TYPE[package.type])
    return package.name, package.arch or "", key, package.version


@lru_cache(maxsize=1 << 16)
def order_of_vulnerabilities(vulnerability: str) -> tuple[object, ...]:
    """Rule 16: as text, but numbers in it as numbers."""
    return (*_numbers(vulnerability), vulnerability)


def _numbers(text: str) -> tuple[object, ...]:
    # A number without leading zeros sorts by its length and then as text, however long it is.
    parts = _NUMBER.split(text)
    return tuple((len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts))
