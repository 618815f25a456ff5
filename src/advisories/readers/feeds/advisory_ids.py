"""CVEs and kinds of advisories, read from ids."""

import re
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from advisories.models.advisories import Kind

__all__ = ["cve_ids", "cves_within", "cves_within_ids", "kind_of_id"]

_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)
# A distribution's own id of a CVE: UBUNTU-CVE-2024-51988, ROOT-OS-DEBIAN-12-CVE-2024-51988.
_WITHIN: Final = re.compile(r"(?:[\w-]+-)?(CVE-[0-9]{4}-[0-9]{4,})", re.ASCII)
_KINDS: Final = MappingProxyType({"S": Kind.SECURITY, "B": Kind.BUGFIX, "E": Kind.ENHANCEMENT})


def cve_ids(*candidates: object) -> tuple[str, ...]:
    """The CVE ids among texts and lists of texts, each once, by year and number."""
    return _in_order(text for text in _texts_of(candidates) if _CVE.fullmatch(text))


def cves_within_ids(*candidates: object) -> tuple[str, ...]:
    """As :func:`cve_ids`, and of a distribution's own ids (``UBUNTU-CVE-2024-51988``) the CVEs that they name."""
    matches = [_WITHIN.fullmatch(text) for text in _texts_of(candidates)]
    return _in_order(match[1] for match in matches if match)


def cves_within(*texts: str) -> tuple[str, ...]:
    """The CVE ids anywhere in texts, each once, by year and number.

    >>> cves_within("Mitre CVE-2021-4024", "CVE:00001:CVE-2019-16168")
    ('CVE-2019-16168', 'CVE-2021-4024')
    """
    # No id goes on behind a space.
    return _in_order(_CVE.findall(" ".join(texts)))


@lru_cache(maxsize=64)
def kind_of_id(id: str) -> Kind:
    """The kind of an advisory by its id: RHSA, ALBA, RLEA of Red Hat's family, SUSE-SU, SUSE-RU and their like.

    SUSE's are security, recommended, feature and optional updates.
    """
    match = _SUSE.match(id)
    return _KINDS_OF_SUSE.get(match[1], Kind.UNKNOWN) if match else _KINDS.get(id[2:3], Kind.UNKNOWN)


_SUSE: Final = re.compile(r"(?:open)?SUSE(?:-([A-Z]{2})-)?", re.ASCII)
_KINDS_OF_SUSE: Final = MappingProxyType(
    {"SU": Kind.SECURITY, "RU": Kind.BUGFIX, "FU": Kind.ENHANCEMENT, "OU": Kind.ENHANCEMENT}
)


def _texts_of(candidates: tuple[object, ...]) -> list[str]:
    listed = [one for candidate in candidates for one in (candidate if isinstance(candidate, list) else [candidate])]
    return [one for one in listed if isinstance(one, str)]


def _in_order(cves: Iterable[str]) -> tuple[str, ...]:
    found = set(cves)
    return tuple(sorted(found, key=_year_and_number) if len(found) > 1 else found)


def _year_and_number(cve: str) -> tuple[int, int]:
    _, year, number = cve.split("-")
    return int(year), int(number)
