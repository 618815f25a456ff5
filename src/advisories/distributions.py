"""Which release is meant: one table that normalises what people, hosts and feeds write.

A :class:`~advisories.models.Distribution` carries the ``ID`` of os-release(5) and the release in the form that the
distribution's *advisories are filed under*, or the fuller one a host reports; :func:`filed_under` leads from the
second to the first. What the table does not know stays unknown: a function says None or raises
:class:`~advisories.errors.UnknownDistribution`; nothing is guessed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from advisories.errors import UnknownChannel, UnknownDistribution
from advisories.models import Distribution, Names

__all__ = [
    "ADDITIVE_CHANNELS",
    "ADVISORIES_OF",
    "CHANNELS",
    "CHANNEL_OPENED_BY",
    "COMPATIBLE_WITH",
    "FAMILIES",
    "OPEN_CHANNELS",
    "ROLLING",
    "UNSTABLE",
    "Family",
    "compatible",
    "family_of",
    "filed_under",
    "from_cpe",
    "from_debian_version",
    "from_ecosystem",
    "from_identifier",
    "from_option",
    "from_os_release",
    "from_product",
    "from_release_file",
    "from_release_packages",
    "has_channel",
    "is_additive",
    "language_of",
    "name_filed_under",
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


def _amazon(release: str) -> str:
    # "2 (Karoo)" and "2023.3.20240312"; of the first Amazon Linux, 2018.03 and before, the number is the year's.
    number = release.split(" ")[0]
    first = _major(number)
    return "1" if first.startswith("201") else first if first in ("1", "2") or first.startswith("202") else number


def _alpine(release: str) -> str:
    # Repositories, OSV and secdb write v3.18; hosts write 3.18.4.
    return _major_minor(release.removeprefix("v"))


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
_OF_UBUNTU = ("ubuntu", "canonical", "debian")

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
    "duke": "15",
    "sid": UNSTABLE,
}

_UBUNTU_CODENAMES = {
    "warty": "4.10",
    "hoary": "5.04",
    "breezy": "5.10",
    "dapper": "6.06",
    "edgy": "6.10",
    "feisty": "7.04",
    "gutsy": "7.10",
    "hardy": "8.04",
    "intrepid": "8.10",
    "jaunty": "9.04",
    "karmic": "9.10",
    "lucid": "10.04",
    "maverick": "10.10",
    "natty": "11.04",
    "oneiric": "11.10",
    "precise": "12.04",
    "quantal": "12.10",
    "raring": "13.04",
    "saucy": "13.10",
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
    "resolute": "26.04",
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
            aliases=("redhat", "redhatenterprise", "redhatenterpriseserver"),
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
        "scientific": Family(
            "rpm", release=_major, release_packages=("sl-release",), vendors=("scientific linux", "red hat")
        ),
        "alinux": Family(
            "rpm", release=_major, release_packages=("alinux-release",), modular=True, vendors=("alibaba",)
        ),
        "anolis": Family(
            "rpm", release=_major, release_packages=("anolis-release",), modular=True, vendors=("openanolis",)
        ),
        "ol": Family(
            "rpm",
            release=_major,
            aliases=("oracle", "oraclelinux", "oracleserver"),
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
        "amzn": Family(
            "rpm", release=_amazon, aliases=("amazon",), release_packages=("system-release",), vendors=("amazon",)
        ),
        # The packages of SUSE's products for one release are the same; os-release tells only the desktop's apart.
        "sles": Family(
            "rpm",
            "SUSE",
            aliases=(
                "suse",
                "sled",
                "sles_sap",
                "suse linux enterprise server",
                "suse.linux.enterprise.server",
                "suse.linux.enterprise.desktop",
            ),
            release_packages=("sles-release",),
            vendors=("suse",),
        ),
        "sle-micro": Family("rpm", "SUSE", aliases=("sl-micro", "suse-microos"), vendors=("suse",)),
        "opensuse-leap": Family("rpm", "openSUSE", aliases=("opensuse.leap",), vendors=("opensuse", "suse")),
        "opensuse-leap-micro": Family("rpm", "openSUSE", vendors=("opensuse", "suse")),
        "opensuse-tumbleweed": Family(
            "rpm", "openSUSE", release=_rolling, aliases=("opensuse.tumbleweed",), vendors=("opensuse", "suse")
        ),
        "mageia": Family("rpm", "Mageia", release=_major, vendors=("mageia",)),
        "openeuler": Family("rpm", "openEuler", release=_upper),
        "photon": Family(
            "rpm", "Photon OS", _BINARY, _major_minor, release_packages=("photon-release",), vendors=("vmware",)
        ),
        "azurelinux": Family(
            "rpm", "Azure Linux", release=_major, release_packages=("azurelinux-release",), vendors=("microsoft",)
        ),
        "mariner": Family(
            "rpm",
            release=_major_minor,
            aliases=("cbl-mariner",),
            release_packages=("mariner-release",),
            vendors=("microsoft",),
        ),
        "debian": Family("deb", "Debian", release=_debian, codenames=_DEBIAN_CODENAMES, vendors=("debian",)),
        "ubuntu": Family(
            "deb",
            "Ubuntu",
            release=_major_minor,
            codenames=_UBUNTU_CODENAMES,
            vendors=_OF_UBUNTU,
        ),
        # Their own packages are few, beside those of Ubuntu or Debian that they take as they are; Raspbian builds
        # Debian's anew, for another architecture, in the same versions.
        "raspbian": Family("deb", release=_debian, codenames=_DEBIAN_CODENAMES, vendors=("debian", "raspbian")),
        "linuxmint": Family("deb", release=_major, vendors=_OF_UBUNTU),
        "lmde": Family("deb", release=_major, vendors=("debian",)),
        "pop": Family("deb", release=_major_minor, vendors=_OF_UBUNTU),
        "elementary": Family("deb", release=_major, vendors=_OF_UBUNTU),
        "zorin": Family("deb", release=_major, vendors=_OF_UBUNTU),
        "echo": Family("deb", "Echo", release=_rolling),
        "alpine": Family("apk", "Alpine", release=_alpine),
        "alpaquita": Family("apk", "Alpaquita"),
        "bellsoft-hardened-containers": Family("apk", "BellSoft Hardened Containers"),
        # OSV's records of these list the packages that were built, not only what they were built from.
        "wolfi": Family("apk", "Wolfi", _BINARY, _rolling),
        "chainguard": Family("apk", "Chainguard", _BINARY, _rolling),
        "minimos": Family("apk", "MinimOS", _BINARY, _rolling),
        "cleanstart": Family("apk", "CleanStart", _BINARY, _rolling),
        # A language's ecosystem, which hosts of any distribution have packages of.
        "pypi": Family("pypi", "PyPI", _BINARY, _rolling),
    }
)

_ID_OF: Final[Mapping[str, str]] = MappingProxyType(
    {alias: id for id, family in FAMILIES.items() for alias in (id, *family.aliases)}
)
_ID_OF_RELEASE_PACKAGE: Final[Mapping[str, str]] = MappingProxyType(
    {name: id for id, family in FAMILIES.items() for name in family.release_packages}
)

#: Distributions without advisories of their own whose packages are those of another: these releases only. CentOS Stream
#: (also ID=centos, from release 8 on beside the rebuild, alone since 9) is ahead of RHEL and has no advisories.
ADVISORIES_OF: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = MappingProxyType(
    {
        "centos": ("rhel", {"5": "5", "6": "6", "7": "7", "8": "8"}),
        "scientific": ("rhel", {"5": "5", "6": "6", "7": "7"}),
        "raspbian": ("debian", {"8": "8", "9": "9", "10": "10", "11": "11", "12": "12", "13": "13"}),
        "linuxmint": (
            "ubuntu",
            {"17": "14.04", "18": "16.04", "19": "18.04", "20": "20.04", "21": "22.04", "22": "24.04"},
        ),
        "lmde": ("debian", {"3": "9", "4": "10", "5": "11", "6": "12", "7": "13"}),
        "elementary": ("ubuntu", {"5": "18.04", "6": "20.04", "7": "22.04", "8": "24.04"}),
        "zorin": ("ubuntu", {"15": "18.04", "16": "20.04", "17": "22.04", "18": "24.04"}),
        "pop": ("ubuntu", {"18.04": "18.04", "20.04": "20.04", "22.04": "22.04", "24.04": "24.04"}),
    }
)

#: Distributions with advisories of their own whose releases of these numbers are made to be compatible with another's:
#: mostly the same packages in the same versions, but for what each builds in its own way. So it is never done unasked.
COMPATIBLE_WITH: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "almalinux": ("rhel", ("8", "9", "10")),
        "rocky": ("rhel", ("8", "9", "10")),
        "ol": ("rhel", ("5", "6", "7", "8", "9", "10")),
    }
)

_LANGUAGES: Final[Mapping[str, Distribution]] = MappingProxyType({"pypi": Distribution("pypi", ROLLING)})
_SEPARATORS: Final = re.compile(r"[-_.]+")

#: Which entitlements of a host open a feed's channel, where it is not the one of that name alone. "Pro" does not tell
#: Ubuntu's two ESM archives apart, in a feed or on a host.
CHANNEL_OPENED_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "pro": frozenset({"pro", "esm-infra", "esm-apps"}),
        "esm-infra": frozenset({"pro", "esm-infra"}),
        "esm-apps": frozenset({"pro", "esm-apps"}),
    }
)

#: Channels whose builds follow the public ones, so that they compare with them; every other channel (FIPS, EUS)
#: replaces packages by a line of its own and speaks only of hosts that use it.
ADDITIVE_CHANNELS: Final = frozenset({"pro", "esm-infra", "esm-infra-legacy", "esm-apps", "els"})

#: The channels that feeds know of each distribution; no other has any. Ubuntu's are the archives of Pro.
CHANNELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "rhel": ("eus", "aus", "tus", "e4s", "els"),
        "ubuntu": (
            *("pro", "esm-infra", "esm-infra-legacy", "esm-apps"),
            *("fips", "fips-updates", "fips-preview", "realtime"),
        ),
    }
)

#: Distributions whose channels are of any name: Amazon's extras (``kernel-5.15``) are many, and made as needed.
OPEN_CHANNELS: Final = frozenset({"amzn"})


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
    id, releases = ADVISORIES_OF.get(distribution.id, (distribution.id, {}))
    if release in releases:
        return Distribution(id, releases[release], distribution.channels)
    return Distribution(distribution.id, release, distribution.channels)


def compatible(distribution: Distribution, releases: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """Those of some releases that are compatible with this one by the table; not itself.

    >>> found = compatible(Distribution("rocky", "9.4"), [Distribution("almalinux", "9"), Distribution("rhel", "8")])
    >>> [str(one) for one in found]
    ['almalinux 9']
    """
    own, base = filed_under(distribution), _base_of(filed_under(distribution))
    return tuple(
        one
        for one in releases
        # A minor stream of a release (rhel 8.6) is a line of builds of its own.
        if base is not None and one == filed_under(one) and one.id != own.id and _base_of(one) == base
    )


def _base_of(filed: Distribution) -> tuple[str, str] | None:
    """What a release, as its advisories are filed, is compatible with; None where nothing is known to be."""
    id, releases = COMPATIBLE_WITH.get(filed.id, (filed.id, None))
    if filed.release is None or (filed.release not in releases if releases is not None else id not in _BASES):
        return None
    return id, filed.release


_BASES: Final = frozenset(of for of, _ in COMPATIBLE_WITH.values())


def language_of(type: str) -> Distribution | None:
    """The ecosystem of a language's packages, by their purl type, as a distribution; None for packages of a release.

    >>> str(language_of("pypi"))
    'pypi rolling'
    """
    return _LANGUAGES.get(type)


def name_filed_under(type: str, name: str) -> str:
    """The name under which advisories of a package are filed. Python's names are not told apart by case, ``-``, ``_``
    and ``.`` (the packaging specifications, *Names and normalization*).

    >>> name_filed_under("pypi", "Flask_SQLAlchemy"), name_filed_under("deb", "libX11")
    ('flask-sqlalchemy', 'libX11')
    """
    return _SEPARATORS.sub("-", name).lower() if type == "pypi" else name


def has_channel(distribution: Distribution, channel: str) -> bool:
    """Whether the host is entitled to a feed's channel."""
    return not CHANNEL_OPENED_BY.get(channel, frozenset({channel})).isdisjoint(distribution.channels)


def is_additive(channel: str) -> bool:
    """Whether a channel's fixes concern hosts without it too: they are affected, and see where the fix is."""
    return channel in ADDITIVE_CHANNELS


def next_release(distribution: Distribution) -> Distribution | None:
    """The release that follows, where releases are counted (Debian); None elsewhere."""
    release = distribution.release
    if distribution.id != "debian" or release is None or not release.isdecimal():
        return None
    return Distribution("debian", str(int(release) + 1), distribution.channels)


def from_option(text: str) -> Distribution:
    """The distribution of a command line's ``ID:RELEASE``, and the channels that the host has, each behind a ``+``.

    >>> str(from_option("almalinux:9")), str(from_option("ubuntu:jammy")), str(from_option("rhel:8.4+eus"))
    ('almalinux 9', 'ubuntu 22.04', 'rhel 8.4 {eus}')

    Raises :class:`UnknownDistribution` for an id the table does not know and for a missing release, and
    :class:`UnknownChannel` for a channel that is none of the distribution's, or of the one whose advisories it takes.
    """
    id, _, release = text.partition(":")
    release, *channels = release.split("+")
    distribution = normalised(id, release, frozenset(channel.lower() for channel in channels if channel))
    if distribution.id not in FAMILIES or distribution.release is None:
        raise UnknownDistribution(text, tuple(FAMILIES), distribution.id if distribution.id in FAMILIES else None)
    filed = filed_under(distribution)
    known = CHANNELS.get(filed.id, ())
    unknown = sorted(distribution.channels.difference(known))
    if unknown and filed.id not in OPEN_CHANNELS:
        raise UnknownChannel(text, unknown[0], filed.id, known)
    return distribution


def from_os_release(fields: Mapping[str, str]) -> Distribution | None:
    """The distribution of the fields of an os-release(5) file; None without an ``ID``.

    Without a ``VERSION_ID`` the ``VERSION_CODENAME`` says the release, where the table has it. A release that the file
    does not say stays None: Debian's testing and unstable name the codename of the next one, both of them, and only
    ``PRETTY_NAME`` shows it (``trixie/sid``).
    """
    id = fields.get("ID")
    if not id:
        return None
    # Mint's edition on Debian counts its releases anew, under the same ID.
    if id.lower() == "linuxmint" and fields.get("NAME", "").startswith("LMDE"):
        return normalised("lmde", fields.get("VERSION_ID"))
    # openEuler's service packs are releases of their own, and only VERSION tells them apart: "20.03 (LTS-SP1)".
    openeuler = _OPENEULER.fullmatch(fields.get("VERSION", "")) if id.lower() == "openeuler" else None
    if openeuler:
        return normalised(id, "-".join(openeuler.groups()))
    distribution = normalised(id, fields.get("VERSION_ID"))
    family, codename = FAMILIES.get(distribution.id), fields.get("VERSION_CODENAME", "").lower()
    if distribution.release is not None or family is None or codename not in family.codenames:
        return distribution
    return distribution if fields.get("PRETTY_NAME", "").endswith("/sid") else normalised(id, codename)


_OPENEULER: Final = re.compile(r"([0-9.]+) \((LTS(?:-SP[0-9]+)?)\)", re.ASCII)


def from_identifier(text: str) -> Distribution | None:
    """The distribution of an id and a release with a dash between, or of a codename, as a purl's ``distro`` has it.

    None for what the table does not know.

    >>> str(from_identifier("debian-12")), str(from_identifier("opensuse-leap-15.3")), str(from_identifier("jammy"))
    ('debian 12', 'opensuse-leap 15.3', 'ubuntu 22.04')
    """
    if text.lower() in _ID_OF:
        return normalised(text, None)
    named = next((id for id in ("debian", "ubuntu") if text.lower() in FAMILIES[id].codenames), None)
    if named is not None:
        return normalised(named, text)
    id, _, release = text.rpartition("-")
    distribution = normalised(id, release)
    return distribution if distribution.id in FAMILIES else None


# The sentences of the release files that were there before os-release(5), and the id of each.
_RELEASE_FILES: Final = tuple(
    (re.compile(pattern, re.ASCII), id)
    for pattern, id in (
        (r"Red Hat Enterprise Linux.* release ([0-9.]+)", "rhel"),
        (r"Scientific Linux(?: CERN SLC)? release ([0-9.]+)", "scientific"),
        (r"openEuler release ([0-9.]+)(?: \((LTS(?:-SP[0-9]+)?)\))?", "openeuler"),
        (r"Anolis OS release ([0-9.]+)", "anolis"),
        (r"Alibaba Cloud Linux(?: \(Aliyun Linux\))? release ([0-9.]+)", "alinux"),
        (r"(?:VMware )?Photon(?: OS| Linux)? ([0-9.]+)", "photon"),
        (r"(?:CBL-)?Mariner ([0-9]+\.[0-9]+)", "mariner"),
        (r"(?:Microsoft )?Azure Linux ([0-9]+\.[0-9]+)", "azurelinux"),
        (r"openSUSE(?: Leap)? ([0-9.]+) [^\n]*\nVERSION = ", "opensuse-leap"),
        (r"SUSE Linux Enterprise (?:Server|Desktop) ([0-9]+) [^\n]*\nVERSION = [0-9]+\nPATCHLEVEL = ([0-9]+)", "sles"),
        (r"CentOS(?: Linux| Stream)? release ([0-9.]+)", "centos"),
        (r"AlmaLinux release ([0-9.]+)", "almalinux"),
        (r"Rocky Linux release ([0-9.]+)", "rocky"),
        (r"Oracle Linux Server release ([0-9.]+)", "ol"),
        (r"Fedora release ([0-9]+)", "fedora"),
        (r"Amazon Linux(?: AMI)? release ([0-9.]+)", "amzn"),
        (r"([0-9]+\.[0-9]+)\.[0-9]+(?:_[a-z0-9]+)?$", "alpine"),
    )
)


def from_release_file(text: str) -> Distribution | None:
    """The distribution of ``redhat-release`` and its like, ``SuSE-release`` or ``alpine-release``; None for others.

    >>> str(from_release_file("CentOS Linux release 7.6.1810 (Core)")), str(from_release_file("3.10.9"))
    ('centos 7.6.1810', 'alpine 3.10')
    >>> str(from_release_file("SUSE Linux Enterprise Server 11 (x86_64)\\nVERSION = 11\\nPATCHLEVEL = 4"))
    'sles 11.4'
    """
    for pattern, id in _RELEASE_FILES:
        match = pattern.match(text.strip())
        if match is not None:
            joined = "." if id == "sles" else "-"
            return normalised(id, joined.join(part for part in match.groups() if part and part != "0"))
    return None


def from_debian_version(text: str) -> Distribution | None:
    """The distribution of ``debian_version``: a number, or codenames of what is being made; None for others.

    >>> str(from_debian_version("12.5")), str(from_debian_version("trixie/sid"))
    ('debian 12.5', 'debian (release unknown)')
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)*", text, re.ASCII):
        return normalised("debian", text)
    return normalised("debian", None) if re.fullmatch(r"[a-z]+/sid", text, re.ASCII) else None


def from_release_packages(packages: Mapping[str, str]) -> Distribution | None:
    """The distribution of an rpm list, by the one package that carries its release files.

    :param packages: versions (without epoch and release) by name. None where none or several distributions' are there.
    """
    found = {
        normalised(_ID_OF_RELEASE_PACKAGE[name], version)
        for name, version in packages.items()
        if name in _ID_OF_RELEASE_PACKAGE
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
    form = _ECOSYSTEM_FORMS.get(name)
    return None if form is None else form(rest)


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


_Place = tuple[Distribution, str | None]


@lru_cache(maxsize=4096)
def from_cpe(text: str) -> tuple[Distribution, str | None] | None:
    """The release and channel of a product's CPE, in either binding; None for one that is no release here.

    >>> distribution, channel = from_cpe("cpe:/a:redhat:rhel_eus:8.6::appstream")
    >>> str(distribution), channel
    ('rhel 8.6', 'eus')
    >>> str(from_cpe("cpe:/o:suse:sles:15:sp5")[0])
    'sles 15.5'

    Source: NISTIR 7695, *CPE: Naming*; Red Hat's and SUSE's own names.
    """
    text = text.removeprefix("cpe:2.3:").removeprefix("cpe:/")
    part, _, rest = text.partition(":")
    vendor, _, rest = rest.partition(":")
    if part not in ("a", "o") or not rest:
        return None
    if vendor == "redhat":
        return _red_hat(rest)
    product, version, update = (*rest.split(":"), "", "")[:3]
    if vendor == "suse" and product in ("sles", "sled", "sles_sap") and version:
        pack = update[2:] if update.startswith("sp") else ""
        return filed_under(normalised("sles", f"{version}.{pack}" if pack else version)), None
    if vendor == "opensuse" and product in ("leap", "tumbleweed"):
        return filed_under(normalised(f"opensuse-{product}", version)), None
    if vendor.lower() == "openeuler" and version:
        return filed_under(normalised("openeuler", version)), None
    return None


_Form = Callable[[str], _Place | None]


def _filed(id: str, release: str) -> _Place:
    return filed_under(normalised(id, release)), None


def _by_form(id: str, pattern: str) -> _Form:
    """The form of an ecosystem whose suffix is the release, or has it in the pattern's one group."""
    form = re.compile(pattern, re.ASCII)

    def place(rest: str) -> _Place | None:
        match = form.fullmatch(rest)
        return None if match is None else _filed(id, match[1])

    return place


def _numbered(id: str) -> _Form:
    return _by_form(id, r"([0-9][\w.-]*)")


def _without_release(id: str) -> _Form:
    return lambda rest: None if rest else (Distribution(id, ROLLING), None)


_AZURE: Final = _numbered("azurelinux")


def _azure(rest: str) -> _Place | None:
    # Its first two releases were called CBL-Mariner, and still are by their own os-release.
    if rest in ("1", "2"):
        return Distribution("mariner", f"{rest}.0"), None
    return _AZURE(rest)


def _ubuntu(rest: str) -> _Place | None:
    # [Pro:][FLAVOUR:]RELEASE[:LTS]; anything behind names a product on top, which is another distribution's business.
    match = re.fullmatch(r"(Pro:)?(?:([A-Za-z][\w-]*):)?([0-9]+\.[0-9]+)(?::LTS)?", rest, re.ASCII)
    if match is None:
        return None
    pro, flavour, release = match.groups()
    if flavour and not pro:
        return None
    return filed_under(normalised("ubuntu", release)), (flavour.lower() if flavour else "pro") if pro else None


# What SUSE builds for a release comes as many products, and a host may have any of them: its modules (all of the system
# since 15), extensions, and the products of longer support. Modules for all of 12 name no service pack, hence no
# release; what is made for one customer or board (Teradata, Raspberry Pi) has builds of its own.
_SLE: Final = re.compile(
    r"(?:Linux Enterprise (?:Server(?: for SAP [Aa]pplications| LTSS Extended Security| Business Critical Linux)?"
    r"|Desktop|High Performance Computing|Real Time|Software Development Kit|Workstation Extension"
    r"|High Availability Extension|Live Patching|Module for [\w ,&-]+(?! 12$))|Real Time Module)"
    r" (1[0-9])(?: SP([0-9]+)|\.([0-9]+))?(?:-(?:LTSS|ESPOS|BCL))?",
    re.ASCII,
)
_SLE_MICRO: Final = _by_form("sle-micro", r"Linux (?:Enterprise )?Micro(?: for Rancher)? ([0-9]+\.[0-9]+)")


def _suse(rest: str) -> _Place | None:
    match = _SLE.fullmatch(rest)
    if match is None:
        return _SLE_MICRO(rest)
    release, service_pack, minor = match.groups()
    return _filed("sles", f"{release}.{service_pack or minor}" if service_pack or minor else release)


_LEAP: Final = _by_form("opensuse-leap", r"Leap ([0-9]+\.[0-9]+)(?: NonFree)?")
_LEAP_MICRO: Final = _by_form("opensuse-leap-micro", r"Leap Micro ([0-9]+\.[0-9]+)")


def _opensuse(rest: str) -> _Place | None:
    if rest == "Tumbleweed":
        return Distribution("opensuse-tumbleweed", ROLLING), None
    return _LEAP(rest) or _LEAP_MICRO(rest)


def _red_hat(rest: str) -> _Place | None:
    # The rest is the tail of a CPE: product:version:update:edition.
    product, _, tail = rest.partition(":")
    release = tail.partition(":")[0]
    if not release:
        return None
    if product in ("enterprise_linux", "rhel"):
        return Distribution("rhel", _major(release)), None
    stream = re.fullmatch(r"(?:rhel|enterprise_linux)_(eus|aus|tus|e4s|els)", product)
    if stream is None:
        return None
    # Extended life is of the whole major release, the others of a minor one.
    return Distribution("rhel", _major(release) if stream[1] == "els" else release), stream[1]


_ECOSYSTEM_FORMS: Final[Mapping[str, _Form]] = MappingProxyType(
    {
        "AlmaLinux": _numbered("almalinux"),
        "Rocky Linux": _numbered("rocky"),
        "Red Hat": _red_hat,
        "SUSE": _suse,
        "openSUSE": _opensuse,
        "openEuler": _numbered("openeuler"),
        "Mageia": _numbered("mageia"),
        "Photon OS": _numbered("photon"),
        "Azure Linux": _azure,
        "Debian": _by_form("debian", r"([0-9][\w.-]*|sid|unstable)"),
        "Ubuntu": _ubuntu,
        "Echo": _without_release("echo"),
        "Alpine": _by_form("alpine", r"v([0-9]+\.[0-9]+)"),
        "Alpaquita": _by_form("alpaquita", r"([0-9]+|stream)"),
        "BellSoft Hardened Containers": _by_form("bellsoft-hardened-containers", r"([0-9]+|stream)"),
        "Wolfi": _without_release("wolfi"),
        "Chainguard": _without_release("chainguard"),
        "MinimOS": _without_release("minimos"),
        "CleanStart": _without_release("cleanstart"),
        "PyPI": _without_release("pypi"),
    }
)
