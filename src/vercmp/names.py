"""What others call the schemes: types of package URLs, types of VERS, ecosystems of OSV.

Each name stands for one scheme. :func:`vercmp.compare` and its relatives take these names too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["NAMES", "SCHEME_OF_NAME", "Names"]


class Names(NamedTuple):
    """The names of one scheme's versions in one kind of package.

    :ivar scheme: the name in :data:`vercmp.SCHEMES`.
    :ivar purl: the type in package URLs, None where there is none. Source: the purl specification, *PURL-TYPES*.
    :ivar vers: the types in VERS, the usual one first. Source: the VERS specification, *VERS types*. ``alpine`` is what
        the published test suite writes for ``apk``.
    :ivar osv: the ecosystems in OSV, without their releases. Source: the OSV schema, *Defined ecosystems*.
    """

    scheme: str
    purl: str | None
    vers: tuple[str, ...]
    osv: tuple[str, ...]


_OF_RPM: Final = (
    *("AlmaLinux", "Azure Linux", "Mageia", "Photon OS", "Red Hat", "Rocky Linux", "SUSE", "openEuler"),
    "openSUSE",
)
_OF_APK: Final = (
    *("Alpaquita", "Alpine", "BellSoft Hardened Containers", "Chainguard", "CleanStart", "MinimOS", "Wolfi"),
)

#: Every name of every scheme. A type has one row.
NAMES: Final[tuple[Names, ...]] = (
    Names("rpm", "rpm", ("rpm",), _OF_RPM),
    Names("dpkg", "deb", ("deb",), ("Debian", "Echo", "Ubuntu")),
    Names("apk", "apk", ("apk", "alpine"), _OF_APK),
    Names("pep440", "pypi", ("pypi",), ("PyPI",)),
    Names("semver", None, ("semver",), ()),
    Names("semver", "npm", ("npm",), ("npm",)),
    Names("semver", "golang", ("golang",), ("Go",)),
    Names("semver", "cargo", ("cargo",), ("crates.io",)),
    Names("gem", "gem", ("gem",), ("RubyGems",)),
)

#: The scheme of each of these names. ``"Debian:12"`` is no name: leave out the release.
SCHEME_OF_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: row.scheme
        for row in NAMES
        for name in (row.scheme, *((row.purl,) if row.purl else ()), *row.vers, *row.osv)
    }
)
