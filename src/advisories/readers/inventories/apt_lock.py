"""The lock file of rules_distroless: the Debian packages that images are made of, by architecture.

``packages`` have ``name``, ``version`` and ``arch``. The address of the archive's file contains a folder that is named
after the source package (Debian Policy for archives: ``pool/COMPONENT/PREFIX/SOURCE/``). The source's version is
unknown.
"""

from typing import Any, Final

from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing

__all__ = ["read", "sniff"]

_MARK: Final = pattern(rb'\s*\{\s*"packages"\s*:\s*\[')
_TEXTS: Final = ("name", "version", "arch")
_POOL: Final = pattern(r"/pool/(?:updates/)?[^/]+/[^/]+/([a-z0-9][a-z0-9+.-]+)/")


def sniff(head: Head) -> bool:
    """The first member is ``packages``, with objects that have ``key`` and ``urls``."""
    return _MARK.match(head.data) is not None and b'"key"' in head.data and b'"urls"' in head.data


def read(data: bytes, source: str) -> Listing:
    """The packages of all architectures."""
    collector = Collector(source)
    collector.add_members(decoded(data, collector), "packages", _package)
    return collector.listing()


def _package(entry: Any) -> Package:
    if not isinstance(entry, dict):
        raise Unreadable("an object is expected")
    name, version, arch = texts_of(entry, _TEXTS)
    if name is None or version is None:
        raise Unreadable("no name or version")
    urls = entry.get("urls")
    source_name = None
    for url in urls if isinstance(urls, list) else ():
        place = _POOL.search(url) if isinstance(url, str) else None
        if place is not None and source_name != (folder := place[1]):
            if source_name is not None:  # files in several folders leave it open
                source_name = None
                break
            source_name = folder
    return Package("deb", name, version, arch, source_name=source_name)
