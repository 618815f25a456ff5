"""Distributions and their releases: one table of what is particular about each, and of its names.

Codenames are in ``codenames.tsv``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from advisories.models._keyed import Keyed
from advisories.models.errors import UnknownChannel, UnknownDistribution
from advisories.models.facts import rows_of
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, ordered
from advisories.models.patterns import pattern
from advisories.models.words import TEXT_OR_NONE, Names, check_texts, nearest

__all__ = [
    "ADDITIVE_CHANNELS",
    "ADVISORIES_OF",
    "BRANCH_CHANNELS",
    "CHANNELS",
    "CHANNEL_OPENED_BY",
    "COMPATIBLE_WITH",
    "FAMILIES",
    "OPEN_CHANNELS",
    "ROLLING",
    "UNSTABLE",
    "Distribution",
    "Family",
    "codenames_of",
    "compatible",
    "family_of",
    "filed_under",
    "has_channel",
    "is_additive",
    "is_branch",
    "language_of",
    "name_filed_under",
    "next_release",
    "normalised",
]


@frozen(eq=False)
class Distribution(Keyed, Noun):
    """A release of a distribution: ``debian 12``, ``ubuntu 22.04 {esm-infra}``, ``rhel 8.6 {eus}``.

    :ivar id: the ``ID`` of os-release(5).
    :ivar release: as that distribution writes it. None where it is not known.
    :ivar channels: the update channels of the host beyond the public ones.
    """

    id: str
    release: str | None
    channels: frozenset[str] = field(default=frozenset(), repr=ordered)

    def __attrs_post_init__(self) -> None:
        # Only what is wrong costs a call.
        if self.id.__class__ is not str or self.release.__class__ not in TEXT_OR_NONE:
            check_texts(self, "id")
            check_texts(self, "release", optional=True)
        if self.channels.__class__ is not frozenset:
            raise TypeError(f"Distribution.channels must be frozenset, not {type(self.channels).__name__}")
        self._compare_by((self.id, self.release, self.channels))

    @classmethod
    def parse(cls, text: str) -> "Distribution":
        """The distribution of a text: ``ID:RELEASE`` or a codename, and the host's channels, each behind a ``+``.

        A space or a dash may stand for the colon.

        >>> print(Distribution.parse("Debian:bookworm"), Distribution.parse("almalinux-9.4"), sep=", ")
        debian 12, almalinux 9.4
        >>> print(Distribution.parse("jammy"), Distribution.parse("rhel:8.4+eus"), sep=", ")
        ubuntu 22.04, rhel 8.4 {eus}

        Raises :class:`~advisories.models.errors.UnknownDistribution` for an id or a codename that no table has, and for
        a missing release. Raises :class:`~advisories.models.errors.UnknownChannel` for a channel that neither the
        distribution has nor the one whose advisories it uses.
        """
        return _parsed(text)

    def __str__(self) -> str:
        text = f"{self.id} {self.release or '(release unknown)'}"
        return f"{text} {{{', '.join(sorted(self.channels))}}}" if self.channels else text


#: The release of a distribution that has none.
ROLLING: Final = "rolling"
#: Debian's release that has no number.
UNSTABLE: Final = "unstable"
# Releases that have no number in a distribution whose others have.
_UNNUMBERED: Final = (UNSTABLE, "testing")


def _as_is(release: str) -> str:
    return release


def major(release: str) -> str:
    return release.partition(".")[0]


def _major_minor(release: str) -> str:
    return ".".join(release.split(".")[:2])


def _debian(release: str) -> str:
    # Up to 3.1 the second number made another release. Since then it counts point releases (6.0 was the first 6).
    return _major_minor(release) if release.startswith(("2.", "3.")) else major(release)


def rolling(release: str) -> str:
    del release
    return ROLLING


def _amazon(release: str) -> str:
    # "2 (Karoo)" and "2023.3.20240312". The first Amazon Linux, 2018.03 and before, was numbered by years.
    number = release.split(" ")[0]
    first = major(number)
    return "1" if first.startswith("201") else first if first in ("1", "2") or first.startswith("202") else number


def _alpine(release: str) -> str:
    # Repositories, OSV and secdb write v3.18, hosts 3.18.4. Edge has the number of the branch to come, and a mark.
    return "edge" if _ALPINE_EDGE.search(release) else _major_minor(release.removeprefix("v"))


def _suse(release: str) -> str:
    # Written as people do, 15 SP4. A release without a service pack has the number 15.
    return _SERVICE_PACK.sub(r".\1", release)


_SERVICE_PACK: Final = pattern(r"[ -]?[sS][pP]([0-9]+)\Z", re.ASCII)


def _photon(release: str) -> str:
    return _major_minor(release if "." in release else f"{release}.0")


_ALPINE_EDGE: Final = pattern(r"_(?:alpha|beta|git)", re.ASCII)


def _upper(release: str) -> str:
    # Suffixes such as LTS-SP1 are upper case wherever openEuler writes them.
    return release.upper()


@frozen
class Family:
    """One row of the table: what is particular about a distribution.

    :ivar type: the purl type of its packages.
    :ivar ecosystem: its name in OSV. Empty where OSV has none.
    :ivar names: what OSV records of that ecosystem name (OSV schema, *Defined ecosystems*). AlmaLinux's records name
        binary packages instead, as their content shows.
    :ivar release: from a host's release to the one its advisories are filed under.
    :ivar aliases: other ids that people and tools write.
    :ivar codenames: the distribution whose codenames its releases have. Empty means none.
    :ivar release_packages: packages whose version is the release (rpm only).
    :ivar modular: whether its packages come in module streams.
    """

    type: str
    ecosystem: str = ""
    names: Names = Names.SOURCE
    release: Callable[[str], str] = _as_is
    aliases: tuple[str, ...] = ()
    codenames: str = ""
    release_packages: tuple[str, ...] = ()
    modular: bool = False


_BINARY = Names.BINARY


def codenames_of(id: str) -> Mapping[str, str]:
    """The releases of a distribution by codename, in lower case, from ``codenames.tsv``. Empty where it has none.

    >>> codenames_of("debian")["bookworm"]
    '12'
    """
    family = FAMILIES.get(id)
    return _codenames(family.codenames if family else "")


@cache
def _codenames(of: str) -> Mapping[str, str]:
    rows = rows_of("advisories.models", "codenames.tsv", ("distribution", "codename", "release"))
    return MappingProxyType({name: release for id, name, release, _ in rows if id == of})


#: Every distribution the package knows, by its os-release ID. A new one is one line here.
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "almalinux": Family(
            "rpm",
            "AlmaLinux",
            _BINARY,
            major,
            aliases=("alma",),
            release_packages=("almalinux-release",),
            modular=True,
        ),
        "rocky": Family(
            "rpm",
            "Rocky Linux",
            Names.SOURCE,
            major,
            aliases=("rockylinux", "rocky-linux"),
            release_packages=("rocky-release",),
            modular=True,
        ),
        "rhel": Family(
            "rpm",
            "Red Hat",
            _BINARY,
            major,
            aliases=("redhat", "redhatenterprise", "redhatenterpriseserver"),
            release_packages=(
                "redhat-release",
                *("redhat-release-server", "redhat-release-workstation"),
                *("redhat-release-client", "redhat-release-computenode"),
            ),
            modular=True,
        ),
        # OpenShift's nodes: builds of several minor releases of RHEL, numbered as OpenShift is.
        "rhcos": Family("rpm", release=_major_minor),
        "centos": Family(
            "rpm",
            release=major,
            release_packages=("centos-release", "centos-linux-release"),
            modular=True,
        ),
        # What RHEL's next minor release will be. The rebuild has the same ID, and NAME alone tells them apart.
        "centos-stream": Family("rpm", release=major, release_packages=("centos-stream-release",), modular=True),
        "scientific": Family("rpm", release=major, release_packages=("sl-release",)),
        "alinux": Family("rpm", release=major, release_packages=("alinux-release",), modular=True),
        "anolis": Family("rpm", release=major, release_packages=("anolis-release",), modular=True),
        "ol": Family(
            "rpm",
            release=major,
            aliases=("oracle", "oraclelinux", "oracleserver"),
            release_packages=("oraclelinux-release",),
            modular=True,
        ),
        "fedora": Family(
            "rpm",
            release_packages=("fedora-release", "fedora-release-common"),
            modular=True,
        ),
        # Fedora's packages built as the next RHEL would be.
        "eln": Family("rpm", aliases=("fedora-eln",)),
        "amzn": Family("rpm", release=_amazon, aliases=("amazon",), release_packages=("system-release",)),
        # The packages of SUSE's products for one release are the same. Only the desktop's os-release differs.
        "sles": Family(
            "rpm",
            "SUSE",
            release=_suse,
            aliases=(
                "suse",
                "sled",
                *("sles_sap", "sle_hpc", "sle_rt"),
                "suse linux enterprise server",
                "suse.linux.enterprise.server",
                "suse.linux.enterprise.desktop",
            ),
            release_packages=("sles-release",),
        ),
        # Called SUSE MicroOS 5.0, SLE Micro 5.1 to 5.5 and SL Micro since 6.0.
        "sle-micro": Family(
            "rpm",
            "SUSE",
            aliases=(
                *("sl-micro", "suse-microos", "sle-micro-rancher", "slem"),
                *("suse linux enterprise micro", "suse.linux.enterprise.micro"),
            ),
            release_packages=("SUSE-MicroOS-release", "SLE-Micro-release", "SL-Micro-release"),
        ),
        "opensuse-leap": Family("rpm", "openSUSE", aliases=("opensuse.leap",)),
        "opensuse-leap-micro": Family("rpm", "openSUSE"),
        # MicroOS and its desktops have Tumbleweed's packages, from its own repositories.
        "opensuse-tumbleweed": Family(
            "rpm",
            "openSUSE",
            release=rolling,
            aliases=("opensuse.tumbleweed", "opensuse-microos", "opensuse-aeon", "opensuse-kalpa", "aeon", "kalpa"),
        ),
        # Snapshots of Tumbleweed, a month old, with fixes of its own.
        "opensuse-slowroll": Family("rpm", release=rolling),
        "mageia": Family("rpm", "Mageia", release=major),
        "openeuler": Family("rpm", "openEuler", release=_upper),
        "photon": Family("rpm", "Photon OS", _BINARY, _photon, release_packages=("photon-release",)),
        "azurelinux": Family("rpm", "Azure Linux", release=major, release_packages=("azurelinux-release",)),
        "mariner": Family(
            "rpm",
            release=_major_minor,
            aliases=("cbl-mariner",),
            release_packages=("mariner-release",),
        ),
        "debian": Family("deb", "Debian", release=_debian, codenames="debian"),
        "ubuntu": Family(
            "deb",
            "Ubuntu",
            release=_major_minor,
            codenames="ubuntu",
        ),
        # Raspbian builds Debian's packages anew, for another architecture, in the same versions.
        "raspbian": Family("deb", release=_debian, codenames="debian"),
        "linuxmint": Family("deb", release=major),
        "lmde": Family("deb", release=major),
        "pop": Family("deb", release=_major_minor),
        "elementary": Family("deb", release=major),
        "zorin": Family("deb", release=major),
        "echo": Family("deb", "Echo", release=rolling),
        "alpine": Family("apk", "Alpine", release=_alpine),
        "alpaquita": Family("apk", "Alpaquita"),
        "bellsoft-hardened-containers": Family("apk", "BellSoft Hardened Containers"),
        # OSV's records of these list the packages that were built, not only what they were built from.
        "wolfi": Family("apk", "Wolfi", _BINARY, rolling),
        "chainguard": Family("apk", "Chainguard", _BINARY, rolling),
        "minimos": Family("apk", "MinimOS", _BINARY, rolling),
        "cleanstart": Family("apk", "CleanStart", _BINARY, rolling),
        # Docker's hardened images have the ID dhi, whichever of the two they are made of.
        "dhi-alpine": Family("apk", "Docker Hardened Images", _BINARY, _alpine),
        "dhi-debian": Family("deb", "Docker Hardened Images", _BINARY, _debian, codenames="debian"),
        # Ecosystems of languages, which hosts of any distribution have packages of. Maven's versions have no order.
        "pypi": Family("pypi", "PyPI", _BINARY, rolling),
        "npm": Family("npm", "npm", _BINARY, rolling),
        "golang": Family("golang", "Go", _BINARY, rolling),
        "cargo": Family("cargo", "crates.io", _BINARY, rolling),
        "gem": Family("gem", "RubyGems", _BINARY, rolling),
        "maven": Family("maven", "Maven", _BINARY, rolling),
    }
)

ID_OF_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {alias: id for id, family in FAMILIES.items() for alias in (id, *family.aliases)}
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

#: Distributions with advisories of their own whose releases of these numbers are made to be compatible with another's.
#: Most packages have the same versions, but each distribution builds some in its own way: the choice is yours alone.
COMPATIBLE_WITH: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "almalinux": ("rhel", ("8", "9", "10")),
        "rocky": ("rhel", ("8", "9", "10")),
        "ol": ("rhel", ("5", "6", "7", "8", "9", "10")),
    }
)

_LANGUAGES: Final[Mapping[str, Distribution]] = MappingProxyType(
    {type: Distribution(type, ROLLING) for type in ("pypi", "npm", "golang", "cargo", "gem", "maven")}
)
_SEPARATORS: Final = pattern(r"[-_.]+")

#: Which entitlements of a host open a feed's channel, where it is not the one of that name alone. "Pro" may mean either
#: of Ubuntu's two ESM archives, in a feed or on a host.
CHANNEL_OPENED_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "pro": frozenset({"pro", "esm-infra", "esm-apps"}),
        "esm-infra": frozenset({"pro", "esm-infra"}),
        "esm-apps": frozenset({"pro", "esm-apps"}),
    }
)

#: Channels whose builds go on from the public ones, so that they compare with them. Every other channel but a branch is
#: a line of its own: FIPS, Amazon's extras. How builds show them is in ``lines.tsv`` of :mod:`advisories.distros`.
ADDITIVE_CHANNELS: Final = frozenset(
    {"pro", "esm-infra", "esm-infra-legacy", "esm-apps", "els", "ltss", "ltss-extended-security", "espos", "bcl"}
)

#: Channels of a minor release, whose builds are a branch of the major release's.
BRANCH_CHANNELS: Final = frozenset({"eus", "aus", "tus", "e4s"})

#: The channels that feeds know, by distribution. Others have none. Ubuntu's are the archives of Pro, SUSE's are what
#: is sold for longer than a service pack is supported. Root and TuxCare build several distributions' packages anew.
CHANNELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "almalinux": ("tuxcare",),
        "alpine": ("root", "tuxcare"),
        "centos-stream": ("tuxcare",),
        "debian": ("root", "tuxcare"),
        "ol": ("tuxcare",),
        "rhel": ("eus", "aus", "tus", "e4s", "els", "tuxcare"),
        "sles": ("ltss", "ltss-extended-security", "espos", "bcl"),
        "ubuntu": (
            *("pro", "esm-infra", "esm-infra-legacy", "esm-apps"),
            *("fips", "fips-updates", "fips-preview", "realtime", "bluefield"),
            *("root", "tuxcare"),
        ),
    }
)

#: Distributions whose channels are of any name: Amazon's extras (``kernel-5.15``) are many, and made as needed.
OPEN_CHANNELS: Final = frozenset({"amzn"})


@lru_cache(maxsize=1024)
def family_of(distribution: Distribution) -> Family | None:
    """The row of the table, None for a distribution it does not know."""
    return FAMILIES.get(distribution.id)


@lru_cache(maxsize=4096)
def normalised(id: str, release: str | None, channels: frozenset[str] = frozenset()) -> Distribution:
    """The distribution of an id or alias and a release or codename. What is unknown stays as it was written.

    >>> str(normalised("debian", "bookworm")), str(normalised("alma", "9.0"))
    ('debian 12', 'almalinux 9.0')
    """
    known = ID_OF_NAME.get(id.strip().lower(), id.strip().lower())
    release = release.strip() if release else None
    if known == "centos" and release and release.lower().startswith("stream"):  # as vuls writes it: stream9
        known, release = "centos-stream", release[len("stream") :].strip()
    if known == "dhi" and release:  # the number shows what the image is made of
        known = "dhi-alpine" if major(release.removeprefix("v")) == "3" else "dhi-debian"
    family = FAMILIES.get(known)
    if family and family.codenames and release:
        release = codenames_of(known).get(release.lower(), release)
    if family and family.release is rolling:
        release = ROLLING
    return Distribution(known, release or None, channels)


@lru_cache(maxsize=4096)
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
    """Those of some releases that are compatible with this one by the table, itself left out.

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
    """What a release, as its advisories are filed, is compatible with. None where nothing is known to be."""
    id, releases = COMPATIBLE_WITH.get(filed.id, (filed.id, None))
    if filed.release is None or (filed.release not in releases if releases is not None else id not in _BASES):
        return None
    return id, filed.release


_BASES: Final = frozenset(of for of, _ in COMPATIBLE_WITH.values())


@lru_cache(maxsize=64)
def language_of(type: str) -> Distribution | None:
    """The ecosystem of a language's packages, by their purl type, as a distribution. None for packages of a release.

    >>> str(language_of("pypi"))
    'pypi rolling'
    """
    return _LANGUAGES.get(type)


@lru_cache(maxsize=1 << 16)
def name_filed_under(type: str, name: str) -> str:
    """The name under which advisories of a package are filed.

    In Python's names case, ``-``, ``_`` and ``.`` make no difference (the packaging specifications, *Names and
    normalization*). crates.io takes no two names that differ in case, ``-`` and ``_`` alone, and records have such
    names. Package URLs of npm and Go are in lower case by their specification, while records have the names as they
    are.

    >>> name_filed_under("pypi", "Flask_SQLAlchemy"), name_filed_under("deb", "libX11")
    ('flask-sqlalchemy', 'libX11')
    >>> name_filed_under("golang", "github.com/BurntSushi/toml"), name_filed_under("cargo", "serde_v8")
    ('github.com/burntsushi/toml', 'serde-v8')
    """
    match type:
        case "pypi":
            return _SEPARATORS.sub("-", name).lower()
        case "cargo":
            return name.replace("_", "-").lower()
        case "npm" | "golang":
            return name.lower()
    return name


def has_channel(distribution: Distribution, channel: str) -> bool:
    """Whether the host is entitled to a feed's channel."""
    return not CHANNEL_OPENED_BY.get(channel, frozenset({channel})).isdisjoint(distribution.channels)


def is_additive(channel: str) -> bool:
    """Whether a channel's fixes concern hosts without it too. They are affected, and see where the fix is."""
    return channel in ADDITIVE_CHANNELS


def is_branch(channel: str) -> bool:
    """Whether a channel is of a minor release, whose builds are a branch of the major release's."""
    return channel in BRANCH_CHANNELS


def next_release(distribution: Distribution) -> Distribution | None:
    """The release that follows, where releases are counted (Debian). None elsewhere."""
    release = distribution.release
    if distribution.id != "debian" or release is None or not release.isdecimal():
        return None
    return Distribution("debian", str(int(release) + 1), distribution.channels)


def _parsed(text: str) -> Distribution:
    if not isinstance(text, str):
        raise TypeError(f"a distribution is written as str, not {type(text).__name__}")
    written, *channels = text.split("+")
    name, release = _cut(written.strip())
    distribution = normalised(name, release, frozenset(channel.lower() for channel in channels if channel))
    family = FAMILIES.get(distribution.id)
    if family is None:
        near = nearest(distribution.id, ID_OF_NAME)
        raise UnknownDistribution(text, tuple(FAMILIES), None, near and ID_OF_NAME[near])
    if distribution.release is None:
        raise UnknownDistribution(text, (), distribution.id)
    codenames = codenames_of(distribution.id)
    if codenames and not distribution.release[:1].isdigit() and distribution.release not in _UNNUMBERED:
        near = nearest(distribution.release.lower(), codenames)
        raise UnknownDistribution(text, tuple(codenames), distribution.id, near)
    filed = filed_under(distribution)
    known = CHANNELS.get(filed.id, ())
    unknown = sorted(distribution.channels.difference(known))
    if unknown and filed.id not in OPEN_CHANNELS:
        raise UnknownChannel(text, unknown[0], filed.id, known)
    return distribution


def _cut(text: str) -> tuple[str, str]:
    """The name and the release of a text, either of which may be missing."""
    name, colon, release = text.partition(":")
    if colon or name.lower() in ID_OF_NAME:
        return name, release
    named = next((id for id in ("debian", "ubuntu") if text.lower() in codenames_of(id)), None)
    if named is not None:
        return named, text
    # An id may have dashes in it, and so may a release: the longest id counts.
    ends = [at for at, sign in enumerate(text) if sign in " -"]
    end = next((at for at in reversed(ends) if text[:at].lower() in ID_OF_NAME), None)
    if end is None and ends and text[ends[-1] + 1 :][:1].isdigit():
        end = ends[-1]
    return (text, "") if end is None else (text[:end], text[end + 1 :])
