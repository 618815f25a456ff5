"""The registry of files that show what a root has set up, and where they stand."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry

__all__ = ["FORMATS", "PATTERN", "PLACES", "Place", "SetupReader", "reader_of"]

#: Every format and the module that reads it. A new one is its module, one line here, and its places below.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "apt-list": "advisories.readers.setups.apt_list",
        "apt-sources": "advisories.readers.setups.apt_sources",
        "apk-repositories": "advisories.readers.setups.apk_repositories",
        "rpm-repo": "advisories.readers.setups.rpm_repo",
        "zypp-repo": "advisories.readers.setups.rpm_repo",
        "dnf-module": "advisories.readers.setups.dnf_module",
        "rpm-variable": "advisories.readers.setups.rpm_variable",
        "ubuntu-pro": "advisories.readers.setups.ubuntu_pro",
        "suse-product": "advisories.readers.setups.suse_product",
        "content-manifest": "advisories.readers.setups.content_manifest",
    }
)


@frozen
class Place(Noun):
    """Where files of a format stand.

    :ivar name: of the file, or of the folder where *end* is given.
    :ivar end: how the names of files in that folder end. None for a file.
    """

    format: str
    name: bytes
    end: bytes | None = None


#: Where each format stands, in the order in which programs read them.
PLACES: Final = (
    Place("apt-list", b"etc/apt/sources.list"),
    Place("apt-list", b"etc/apt/sources.list.d", b".list"),
    Place("apt-sources", b"etc/apt/sources.list.d", b".sources"),
    Place("ubuntu-pro", b"var/lib/ubuntu-advantage/status.json"),
    Place("apk-repositories", b"etc/apk/repositories"),
    Place("apk-repositories", b"etc/apk/repositories.d", b".list"),
    Place("apk-repositories", b"lib/apk/repositories.d", b".list"),
    Place("rpm-variable", b"etc/yum/vars", b""),
    Place("rpm-variable", b"etc/dnf/vars", b""),
    Place("rpm-repo", b"etc/yum.conf"),
    Place("rpm-repo", b"etc/dnf/dnf.conf"),
    Place("rpm-repo", b"etc/yum.repos.d", b".repo"),
    Place("rpm-repo", b"etc/yum/repos.d", b".repo"),
    Place("rpm-repo", b"etc/distro.repos.d", b".repo"),
    Place("dnf-module", b"etc/dnf/modules.d", b".module"),
    Place("content-manifest", b"root/buildinfo/content_manifests", b".json"),
    Place("zypp-repo", b"etc/zypp/repos.d", b".repo"),
    Place("suse-product", b"etc/products.d", b".prod"),
)

#: The same as a pattern of names.
PATTERN: Final = b"|".join(
    one.name.replace(b".", rb"\.") + (b"" if one.end is None else b"/[^/]+" + one.end.replace(b".", rb"\."))
    for one in PLACES
)


class SetupReader(Protocol):
    """What a format's module offers."""

    def read(self, data: bytes, source: str) -> Iterator[Entry | Rejection]:
        """The entries of a file, and what of it cannot be read. It never raises."""


def reader_of(format: str) -> SetupReader:
    """The module of a format."""
    return cast(SetupReader, import_module(FORMATS[format]))
