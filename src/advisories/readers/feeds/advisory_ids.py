"""What the ids of advisories and vulnerabilities say."""

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from advisories.models import Kind

__all__ = ["cve_ids", "kind_of_notice"]
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)


def cve_ids(*candidates: object) -> tuple[str, ...]:
    """The CVE ids among texts and lists of texts, each once, by year and number."""
    return by_number(text for text in texts_among(candidates) if _CVE.fullmatch(text))


def texts_among(candidates: tuple[object, ...]) -> list[str]:
    listed = [one for candidate in candidates for one in (candidate if isinstance(candidate, list) else [candidate])]
    return [one for one in listed if isinstance(one, str)]


def by_number(cves: Iterable[str]) -> tuple[str, ...]:
    found = set(cves)
    return tuple(sorted(found, key=_cve_order)) if len(found) > 1 else tuple(found)


def _cve_order(cve: str) -> tuple[int, int]:
    _, year, number = cve.split("-")
    return int(year), int(number)


def kind_of_notice(id: str) -> Kind:
    """Red Hat's family: the letter before the last of the prefix, as in RHSA, ALBA, RLEA."""
    return _KIND_LETTERS.get(id[2:3], Kind.UNKNOWN)


_KIND_LETTERS: Final = MappingProxyType({"S": Kind.SECURITY, "B": Kind.BUGFIX, "E": Kind.ENHANCEMENT})
