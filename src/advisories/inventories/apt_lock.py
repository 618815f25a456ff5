"""The lock file of rules_distroless: the Debian packages that images are made of, by architecture.

``packages`` have ``name``, ``version`` and ``arch``; the address of the archive's file stands in the folder that is
named after its source package (Debian Policy of archives: ``pool/COMPONENT/PREFIX/SOURCE/``). The source's version is
not said.
"""

import re
from typing import Any, Final

from advisories.inventories._texts import texts_of
from advisories.inventories.gathering import Gathering, Unreadable, decoded
from advisories.inventories.head import Head
from advisories.inventories.listing import Listing
from advisories.models import Package

__all__ = ["read", "sniff"]

_MARK: Final = re.compile(rb'^\s*\{\s*"packages"\s*:\s*\[')
_POOL: Final = re.compile(r"/pool/(?:updates/)?[\w-]+/[a-z0-9]+/([a-z0-9][a-z0-9+.-]+)/[^/]+\.deb")


def sniff(head: Head) -> bool:
    """``packages`` as the first member, of objects with ``key`` and ``urls``."""
    return _MARK.match(head.data) is not None and b'"key"' in head.data and b'"urls"' in head.data


def read(data: bytes, source: str) -> Listing:
    """The packages of all architectures."""
    gathering = Gathering(source)
    document = decoded(data, gathering)
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, list):
        if document is not None:
            gathering.reject("packages", "the document", "an array is expected")
        return gathering.listing()
    for number, entry in enumerate(packages):
        name = entry.get("name") if isinstance(entry, dict) else None
        gathering.add(f"packages[{number}]", str(name), _package, entry)
    return gathering.listing()


def _package(entry: Any) -> Package:
    if not isinstance(entry, dict):
        raise Unreadable("an object is expected")
    name, version, arch = texts_of(entry, ("name", "version", "arch"))
    if name is None or version is None:
        raise Unreadable("no name or version")
    urls = entry.get("urls")
    places = [_POOL.search(url) for url in (urls if isinstance(urls, list) else ()) if isinstance(url, str)]
    sources = {place[1] for place in places if place}
    return Package(
        "deb",
        name,
        version,
        arch,
        source_name=sources.pop() if len(sources) == 1 else None,
    )
