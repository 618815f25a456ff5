"""Which release is meant: one table that normalises what people, hosts and feeds write.

A :class:`~advisories.models.Distribution` carries the ``ID`` of os-release(5) and the release in the form that the
distribution's *advisories are filed under*, or the fuller one a host reports; :func:`filed_under` leads from the
second to the first. What the table does not know stays unknown: a function says None or raises
:class:`~advisories.errors.UnknownDistribution`; nothing is guessed.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from advisories.errors import UnknownDistribution
from advisories.models import Distribution, Names

__all__ = [
    "FAMILIES",
    "ROLLING",
    "UNSTABLE",
    "Family",
    "family_of",
    "filed_under",
    "from_ecosystem",
    "from_option",
    "from_os_release",
    "from_product",
    "from_release_packages",
    "has_channel",
    "is_additive",
    "next_release",
    "normalised",
]

#: The release of a distribution that has none.
ROLLING: Final = "rolling"
#: Debian's release that has no number.
UNSTABLE: Final = "unstable"


def _as_is(release: str) -> str:
    return release


def _major(release: str) -> str:
    return release.partition(".")[0]


def _major_minor(release: str) -> str:
    return ".".join(release.split(".")[:2])


def _debian(release: str) -> str:
    # Up to 3.1 the second number made another release; since then it counts point releases (6.0 was the first 6).
    return _major_minor(release) if release.startswith(("2.", "3.")) else _major(release)


def _rolling(release: str) -> str:
    del release
    return ROLLING


def _upper(release: str) -> str:
    # Suffixes such as LTS-SP1 are upper case wherever openEuler writes them.
    return release.upper()


@frozen
class Family:
    """One row of the table: what is particular about a distribution.

    :ivar type: the purl type of its packages.
    :ivar ecosystem: its name in OSV; empty where OSV has none.
    :ivar names: what OSV records of that ecosystem name (OSV schema, *Defined ecosystems*; AlmaLinux's records say
        otherwise and name binary packages, which their content shows).
    :ivar release: from a host's release to the one its advisories are filed under.
    :ivar aliases: other ids people and tools write.
    :ivar codenames: names of releases.
    :ivar release_packages: packages whose version is the release (rpm only).
    :ivar modular: whether its packages come in module streams.
    :ivar vendors: beginnings of rpm's ``Vendor`` or dpkg's ``Origin``, lower case, of its own packages; empty: any.
    """

    type: str
    ecosystem: str = ""
    names: Names = Names.SOURCE
    release: Callable[[str], str] = _as_is
    aliases: tuple[str, ...] = ()
    codenames: Mapping[str, str] = field(factory=dict)
    release_packages: tuple[str, ...] = ()
    modular: bool = False
    vendors: tuple[str, ...] = ()


_BINARY = Names.BINARY

_DEBIAN_CODENAMES = {
    "woody": "3.0",
    "sarge": "3.1",
    "etch": "4",
    "lenny": "5",
    "squeeze": "6",
    "wheezy": "7",
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
    "sid": UNSTABLE,
}

_UBUNTU_CODENAMES = {
    "trusty": "14.04",
    "utopic": "14.10",
    "vivid": "15.04",
    "wily": "15.10",
    "xenial": "16.04",
    "yakkety": "16.10",
    "zesty": "17.04",
    "artful": "17.10",
    "bionic": "18.04",
    "cosmic": "18.10",
    "disco": "19.04",
    "eoan": "19.10",
    "focal": "20.04",
    "groovy": "20.10",
    "hirsute": "21.04",
    "impish": "21.10",
    "jammy": "22.04",
    "kinetic": "22.10",
    "lunar": "23.04",
    "mantic": "23.10",
    "noble": "24.04",
    "oracular": "24.10",
    "plucky": "25.04",
    "questing": "25.10",
}

#: Every distribution the package knows, by its os-release ID. A new one is one line here.
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "almalinux": Family(
            "rpm",
            "AlmaLinux",
            _BINARY,
            _major,
            aliases=("alma",),
            release_packages=("almalinux-release",),
            modular=True,
            vendors=("almalinux",),
        ),
        "rocky": Family(
            "rpm",
            "Rocky Linux",
            Names.SOURCE,
            _major,
            aliases=("rockylinux", "rocky-linux"),
            release_packages=("rocky-release",),
            modular=True,
            vendors=("rocky",),
        ),
        "rhel": Family(
            "rpm",
            "Red Hat",
            _BINARY,
            _major,
            aliases=("redhat",),
            release_packages=("redhat-release", "redhat-release-server"),
            modular=True,
            vendors=("red hat",),
        ),
        "centos": Family(
            "rpm",
            release=_major,
            release_packages=("centos-release", "centos-linux-release", "centos-stream-release"),
            modular=True,
            vendors=("centos", "red hat"),
        ),
        "ol": Family(
            "rpm",
            release=_major,
            aliases=("oracle", "oraclelinux"),
            release_packages=("oraclelinux-release",),
            modular=True,
            vendors=("oracle",),
        ),
        "fedora": Family(
            "rpm",
            release_packages=("fedora-release", "fedora-release-common"),
            modular=True,
            vendors=("fedora",),
        ),
        "amzn": Family("rpm", aliases=("amazon",), release_packages=("system-release",), vendors=("amazon",)),
        "sles": Family("rpm", "SUSE", aliases=("suse",), vendors=("suse",)),
        "opensuse-leap": Family("rpm", "openSUSE", vendors=("opensuse", "suse")),
        "opensuse-tumbleweed": Family("rpm", "openSUSE", release=_rolling, vendors=("opensuse", "suse")),
        "mageia": Family("rpm", "Mageia", release=_major, vendors=("mageia",)),
        "openeuler": Family("rpm", "openEuler", release=_upper),
        "photon": Family("rpm", "Photon OS", _BINARY, _major_minor, vendors=("vmware",)),
        "azurelinux": Family("rpm", "Azure Linux", release=_major, vendors=("microsoft",)),
        "mariner": Family("rpm", release=_major_minor, aliases=("cbl-mariner",), vendors=("microsoft",)),
        "debian": Family("deb", "Debian", release=_debian, codenames=_DEBIAN_CODENAMES, vendors=("debian",)),
        "ubuntu": Family(
            "deb",
            "Ubuntu",
            release=_major_minor,
            codenames=_UBUNTU_CODENAMES,
            vendors=("ubuntu", "canonical", "debian"),
        ),
        "alpine": Family("apk", "Alpine", release=_major_minor),
        "wolfi": Family("apk", "Wolfi", release=_rolling),
        "chainguard": Family("apk", "Chainguard", release=_rolling),
    }
)

_ID_OF: Final[Mapping[str, str]] = MappingProxyType(
    {alias: id for id, family in FAMILIES.items() for alias in (id, *family.aliases)}
)

# Distributions without advisories of their own whose packages are those of another: these releases only. CentOS Stream
# (also ID=centos, from release 8 on beside the rebuild, alone since 9) is ahead of RHEL and has no advisories.
_ADVISORIES_OF: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {("centos", major): "rhel" for major in ("5", "6", "7", "8")}
)

# Which entitlements of a host open a feed's channel. OSV's "Pro" does not tell Ubuntu's two ESM archives apart.
_CHANNEL_OPENED_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"pro": frozenset({"pro", "esm-infra", "esm-apps"})}
)

# Channels whose builds follow the public ones, so that they compare with them; every other channel (FIPS) replaces
# packages by a line of its own and speaks only of hosts that use it.
_ADDITIVE: Final = frozenset({"pro", "esm-infra", "esm-apps"})


def family_of(distribution: Distribution) -> Family | None:
    """The row of the table, None for a distribution it does not know."""
    return FAMILIES.get(distribution.id)


def normalised(id: str, release: str | None, channels: frozenset[str] = frozenset()) -> Distribution:
    """The distribution of an id or alias and a release or codename; what is unknown is kept as it was written.

    >>> str(normalised("debian", "bookworm")), str(normalised("alma", "9.0"))
    ('debian 12', 'almalinux 9.0')
    """
    known = _ID_OF.get(id.strip().lower(), id.strip().lower())
    family = FAMILIES.get(known)
    release = release.strip() if release else None
    if family and release:
        release = family.codenames.get(release.lower(), release)
    if family and family.release is _rolling:
        release = ROLLING
    return Distribution(known, release or None, channels)


def filed_under(distribution: Distribution) -> Distribution:
    """The release whose advisories apply: ``almalinux 9.0`` has those of ``almalinux 9``, ``centos 7`` of ``rhel 7``.

    >>> str(filed_under(Distribution("almalinux", "9.0"))), str(filed_under(Distribution("centos", "7")))
    ('almalinux 9', 'rhel 7')
    """
    family = FAMILIES.get(distribution.id)
    if family is None or distribution.release is None:
        return distribution
    release = family.release(distribution.release)
    return Distribution(_ADVISORIES_OF.get((distribution.id, release), distribution.id), release, distribution.channels)


def has_channel(distribution: Distribution, channel: str) -> bool:
    """Whether the host is entitled to a feed's channel."""
    return not _CHANNEL_OPENED_BY.get(channel, frozenset({channel})).isdisjoint(distribution.channels)


def is_additive(channel: str) -> bool:
    """Whether a channel's fixes concern hosts without it too: they are affected, and see where the fix is."""
    return channel in _ADDITIVE


def next_release(distribution: Distribution) -> Distribution | None:
    """The release that follows, where releases are counted (Debian); None elsewhere."""
    release = distribution.release
    if distribution.id != "debian" or release is None or not release.isdecimal():
        return None
    return Distribution("debian", str(int(release) + 1), distribution.channels)


def from_option(text: str) -> Distribution:
    """The distribution of a command line's ``ID:RELEASE``.

    >>> str(from_option("almalinux:9")), str(from_option("ubuntu:jammy"))
    ('almalinux 9', 'ubuntu 22.04')

    Raises :class:`UnknownDistribution` for an id the table does not know and for a missing release.
    """
    id, _, release = text.partition(":")
    distribution = normalised(id, release)
    if distribution.id not in FAMILIES or distribution.release is None:
        raise UnknownDistribution(text, tuple(FAMILIES))
    return distribution


def from_os_release(fields: Mapping[str, str]) -> Distribution | None:
    """The distribution of the fields of an os-release(5) file; None without an ``ID``.

    A release the file does not say (Debian's testing and unstable) stays None.
    """
    id = fields.get("ID")
    if not id:
        return None
    return normalised(id, fields.get("VERSION_ID"))


def from_release_packages(packages: Mapping[str, str]) -> Distribution | None:
    """The distribution of an rpm list, by the one package that carries its release files.

    :param packages: versions (without epoch and release) by name. None where none or several distributions' are there.
    """
    found = {
        normalised(id, packages[name])
        for id, family in FAMILIES.items()
        for name in family.release_packages
        if name in packages
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def from_ecosystem(text: str) -> tuple[Distribution, str | None] | None:
    """The release and channel of an OSV ecosystem; None for an ecosystem or release the table does not know.

    >>> distribution, channel = from_ecosystem("Ubuntu:Pro:18.04:LTS")
    >>> str(distribution), channel
    ('ubuntu 18.04', 'pro')

    Source of the forms: OSV schema 1.7, *Defined ecosystems*, and the records themselves.
    """
    name, _, rest = text.partition(":")
    if name in _ECOSYSTEM_FORMS:
        form, id = _ECOSYSTEM_FORMS[name]
        parsed = form(rest)
        if parsed is None:
            return None
        release, channel = parsed
        return filed_under(normalised(id, release)), channel
    if name == "openSUSE":
        return _opensuse(rest)
    if name == "Red Hat":
        return _red_hat(rest)
    return None


# The names vendors give their products, in OVAL and elsewhere: what stands behind the name is no part of it.
_PRODUCTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.ASCII), id)
    for pattern, id in (
        (r"Ubuntu ([0-9]{1,2}\.[0-9]{2})\b", "ubuntu"),
        (r"Debian(?: GNU/Linux)? ([0-9.]+)$", "debian"),
        (r"Red Hat Enterprise Linux ([0-9.]+)$", "rhel"),
        (r"Oracle Linux ([0-9.]+)$", "ol"),
        (r"AlmaLinux ([0-9.]+)$", "almalinux"),
        (r"(?:VMware )?Photon(?: OS)? ([0-9.]+)$", "photon"),
        (r"(?:CBL-)?Mariner ([0-9.]+)$", "mariner"),
        (r"Azure Linux ([0-9.]+)$", "azurelinux"),
        (r"openSUSE Leap ([0-9.]+)(?: NonFree)?$", "opensuse-leap"),
        (r"openSUSE (Tumbleweed)$", "opensuse-tumbleweed"),
        (r"SUSE Linux Enterprise Server ([0-9]+(?: SP[0-9]+)?)(?:-LTSS)?$", "sles"),
    )
)


def from_product(name: str) -> Distribution | None:
    """The release that a vendor's name of a product means, as advisories are filed; None for one the table lacks.

    >>> str(from_product("Ubuntu 18.04 LTS")), str(from_product("Red Hat Enterprise Linux 8"))
    ('ubuntu 18.04', 'rhel 8')
    >>> str(from_product("SUSE Linux Enterprise Server 15 SP3")), str(from_product("Photon OS 3"))
    ('sles 15.3', 'photon 3.0')
    """
    for pattern, id in _PRODUCTS:
        match = pattern.match(name.strip())
        if match is not None:
            release = match[1].replace(" SP", ".")
            if id == "photon" and "." not in release:
                release = f"{release}.0"
            return filed_under(normalised(id, release))
    return None


_Form = Callable[[str], tuple[str, str | None] | None]


def _plain(rest: str) -> tuple[str, str | None] | None:
    return (rest, None) if re.fullmatch(r"[0-9][\w.-]*", rest, re.ASCII) else None


def _without_release(rest: str) -> tuple[str, str | None] | None:
    return (ROLLING, None) if not rest else None


def _alpine(rest: str) -> tuple[str, str | None] | None:
    return (rest[1:], None) if re.fullmatch(r"v[0-9]+\.[0-9]+", rest, re.ASCII) else None


def _ubuntu(rest: str) -> tuple[str, str | None] | None:
    # [Pro:][FLAVOUR:]RELEASE[:LTS]; anything behind names a product on top, which is another distribution's business.
    match = re.fullmatch(r"(Pro:)?(?:([A-Za-z][\w-]*):)?([0-9]+\.[0-9]+)(?::LTS)?", rest, re.ASCII)
    if match is None:
        return None
    pro, flavour, release = match.groups()
    if not pro:
        return (release, None) if flavour is None else None
    return release, flavour.lower() if flavour else "pro"


def _suse(rest: str) -> tuple[str, str | None] | None:
    match = re.fullmatch(r"Linux Enterprise Server ([0-9]+)(?: SP([0-9]+))?", rest, re.ASCII)
    if match is None:
        return None
    major, service_pack = match.groups()
    return (f"{major}.{service_pack}" if service_pack else major), None


def _opensuse(rest: str) -> tuple[Distribution, str | None] | None:
    if rest == "Tumbleweed":
        return Distribution("opensuse-tumbleweed", ROLLING), None
    leap = re.fullmatch(r"Leap ([0-9]+\.[0-9]+)", rest, re.ASCII)
    return (Distribution("opensuse-leap", leap[1]), None) if leap else None


def _red_hat(rest: str) -> tuple[Distribution, str | None] | None:
    # The rest is the tail of a CPE: product:version:update:edition.
    product, _, tail = rest.partition(":")
    release = tail.partition(":")[0]
    if not release:
        return None
    if product in ("enterprise_linux", "rhel"):
        return Distribution("rhel", _major(release)), None
    stream = re.fullmatch(r"rhel_(eus|aus|tus|e4s)", product)
    if stream:
        return Distribution("rhel", release), stream[1]
    return None


_ECOSYSTEM_FORMS: Final[Mapping[str, tuple[_Form, str]]] = MappingProxyType(
    {
        "AlmaLinux": (_plain, "almalinux"),
        "Rocky Linux": (_plain, "rocky"),
        "Debian": (_plain, "debian"),
        "Ubuntu": (_ubuntu, "ubuntu"),
        "Alpine": (_alpine, "alpine"),
        "Mageia": (_plain, "mageia"),
        "openEuler": (_plain, "openeuler"),
        "Photon OS": (_plain, "photon"),
        "Azure Linux": (_plain, "azurelinux"),
        "SUSE": (_suse, "sles"),
        "Wolfi": (_without_release, "wolfi"),
        "Chainguard": (_without_release, "chainguard"),
    }
)
