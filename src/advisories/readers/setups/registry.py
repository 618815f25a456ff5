"""The registry of files that show what a root has set up, and where they stand."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry

__all__ = ["FORMATS", "OPTIONS", "PATTERN", "PLACES", "Moved", "Place", "SetupReader", "is_read", "reader_of"]

#: Every format and the module that reads it. A new one is its module, one line here, and its places below.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "apt-list": "advisories.readers.setups.apt_list",
        "apt-sources": "advisories.readers.setups.apt_sources",
        "apk-repositories": "advisories.readers.setups.apk_repositories",
        "rpm-repo": "advisories.readers.setups.rpm_repo",
        "rpm-override": "advisories.readers.setups.rpm_override",
        "zypp-repo": "advisories.readers.setups.zypp_repo",
        "dnf-module": "advisories.readers.setups.dnf_module",
        "rpm-variable": "advisories.readers.setups.rpm_variable",
        "ubuntu-pro": "advisories.readers.setups.ubuntu_pro",
        "suse-product": "advisories.readers.setups.suse_product",
        "content-manifest": "advisories.readers.setups.content_manifest",
    }
)


class Moved(StrEnum):
    """What an option of a program moves."""

    APT_LIST = "sourcelist"
    APT_PARTS = "sourceparts"
    RPM_REPOS = "reposdir of rpm"
    RPM_VARIABLES = "varsdir"
    ZYPP_REPOS = "reposdir of zypp"
    APK_FILE = "repositories-file"
    APK_FOLDERS = "repositories.d"


@frozen
class Place(Noun):
    """Where files of a format stand.

    :ivar name: of the file, or of the folder where *end* is given.
    :ivar end: how the names of files in that folder end. None for a file.
    :ivar moved_by: what moves it elsewhere. None where nothing does.
    """

    format: str
    name: bytes
    end: bytes | None = None
    moved_by: Moved | None = None


# The names that apt reads in a folder. Other programs read all that are not hidden.
_OF_APT: Final = pattern(rb"[A-Za-z0-9_:-][A-Za-z0-9_:.-]*")


def is_read(where: Place, name: bytes) -> bool:
    """Whether the program of a place reads a file of that name in its folder.

    >>> sources = Place("apt-list", b"etc/apt/sources.list.d", b".list")
    >>> is_read(sources, b"a.list"), is_read(sources, b"a b.list"), is_read(sources, b"a.list.save")
    (True, False, False)
    """
    end = where.end or b""
    if name.startswith(b".") or not name.endswith(end):
        return False
    if where.format == "apt-options":
        return _OF_APT.fullmatch(name) is not None and (b"." not in name or name.endswith(b".conf"))
    return not where.format.startswith("apt-") or _OF_APT.fullmatch(name) is not None


#: Where the options of programs stand that move the places below, in the order in which they are read.
OPTIONS: Final = (
    Place("apt-options", b"etc/apt/apt.conf.d", b""),
    Place("apt-options", b"etc/apt/apt.conf"),
    Place("rpm-options", b"usr/share/dnf5/libdnf.conf.d", b".conf"),
    Place("rpm-options", b"etc/dnf/libdnf5.conf.d", b".conf"),
    Place("rpm-options", b"etc/dnf/dnf.conf"),
    Place("rpm-options", b"etc/yum.conf"),
    Place("rpm-options", b"etc/tdnf/tdnf.conf"),
    Place("zypp-options", b"etc/zypp/zypp.conf"),
    Place("apk-options", b"lib/apk/config"),
    Place("apk-options", b"etc/apk/config"),
)


#: Where each format stands, in the order in which programs read them.
PLACES: Final = (
    Place("apt-list", b"etc/apt/sources.list", None, Moved.APT_LIST),
    Place("apt-list", b"etc/apt/sources.list.d", b".list", Moved.APT_PARTS),
    Place("apt-sources", b"etc/apt/sources.list.d", b".sources", Moved.APT_PARTS),
    Place("ubuntu-pro", b"var/lib/ubuntu-advantage/status.json"),
    Place("apk-repositories", b"etc/apk/repositories", None, Moved.APK_FILE),
    Place("apk-repositories", b"etc/apk/repositories.d", b".list", Moved.APK_FOLDERS),
    Place("apk-repositories", b"lib/apk/repositories.d", b".list", Moved.APK_FOLDERS),
    Place("rpm-variable", b"usr/share/dnf5/vars.d", b"", Moved.RPM_VARIABLES),
    Place("rpm-variable", b"etc/yum/vars", b"", Moved.RPM_VARIABLES),
    Place("rpm-variable", b"etc/dnf/vars", b"", Moved.RPM_VARIABLES),
    Place("rpm-repo", b"etc/yum.conf"),
    Place("rpm-repo", b"etc/dnf/dnf.conf"),
    Place("rpm-repo", b"etc/yum.repos.d", b".repo", Moved.RPM_REPOS),
    Place("rpm-repo", b"etc/yum/repos.d", b".repo", Moved.RPM_REPOS),
    Place("rpm-repo", b"etc/distro.repos.d", b".repo", Moved.RPM_REPOS),
    Place("rpm-repo", b"usr/share/dnf5/repos.d", b".repo", Moved.RPM_REPOS),
    Place("rpm-override", b"usr/share/dnf5/repos.override.d", b".repo"),
    Place("rpm-override", b"etc/dnf/repos.override.d", b".repo"),
    Place("dnf-module", b"etc/dnf/modules.d", b".module"),
    Place("content-manifest", b"root/buildinfo/content_manifests", b".json"),
    Place("zypp-repo", b"etc/zypp/repos.d", b".repo", Moved.ZYPP_REPOS),
    Place("suse-product", b"etc/products.d", b".prod"),
)

#: The same as a pattern of names.
PATTERN: Final = b"|".join(
    one.name.replace(b".", rb"\.") + (b"" if one.end is None else b"/[^/]+" + one.end.replace(b".", rb"\."))
    for one in (*OPTIONS, *PLACES)
)


class SetupReader(Protocol):
    """What a format's module offers."""

    def read(self, data: bytes, source: str) -> Iterator[Entry | Rejection]:
        """The entries of a file, and what of it cannot be read. It never raises."""


def reader_of(format: str) -> SetupReader:
    """The module of a format."""
    return cast(SetupReader, import_module(FORMATS[format]))
