"""Which release a text means: os-release, release files, products, CPEs, ecosystems, codenames."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from advisories.models.distribution import (
    FAMILIES,
    ID_OF_NAME,
    ROLLING,
    Distribution,
    codenames_of,
    filed_under,
    language_of,
    major,
    normalised,
)
from advisories.models.packages import Package
from advisories.readers.lines import BLANKS, lines_of

__all__ = [
    "REBUILDERS",
    "ecosystem_of",
    "from_cpe",
    "from_debian_version",
    "from_ecosystem",
    "from_identifier",
    "from_os_release",
    "from_product",
    "from_release_file",
    "from_release_packages",
    "is_misspelt",
    "is_sid",
    "lost_with",
    "parse_os_release",
    "place_of_product",
    "release_of_packages",
    "shown_by_package",
    "the_release",
]
_ID_OF_RELEASE_PACKAGE: Final[Mapping[str, str]] = MappingProxyType(
    {name: id for id, family in FAMILIES.items() for name in family.release_packages}
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of this module, compiled when it is first used: a run needs few of them."""
    return re.compile(pattern, re.ASCII)


def parse_os_release(text: str) -> dict[str, str]:
    """The fields of an os-release(5) file: shell assignments without expansions, values bare or quoted.

    >>> parse_os_release('ID="almalinux"\\nVERSION_ID="9.0"')
    {'ID': 'almalinux', 'VERSION_ID': '9.0'}
    """
    fields: dict[str, str] = {}
    for line in lines_of(text):
        name, equals, value = line.strip(BLANKS).partition("=")
        if equals and not name.startswith("#"):
            value = value.strip(BLANKS)
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            fields[name] = value
    return fields


def from_os_release(fields: Mapping[str, str], debian_version: str = "") -> Distribution | None:
    """The distribution of the fields of an os-release(5) file. None without an ``ID``.

    Without a ``VERSION_ID`` the ``VERSION_CODENAME`` shows the release, where the table has it. Where the file has no
    release it stays None. Debian's testing and unstable both have the codename of the next release there, and the end
    ``/sid`` alone shows it (``trixie/sid``).

    :param debian_version: the text of the file of that name. It may have ``/sid`` where os-release(5) has not.
    """
    id = fields.get("ID")
    if not id:
        return None
    id = next((other for own, name, mark, other in _VARIANTS if _is_variant(fields, own, name, mark)), id.lower())
    version = fields.get("VERSION_ID")
    if id == "fedora" and fields.get("REDHAT_BUGZILLA_PRODUCT_VERSION", "").lower() == "rawhide":
        return normalised(id, "rawhide")
    # openEuler's service packs are releases of their own, and VERSION alone has them: "20.03 (LTS-SP1)".
    openeuler = _compiled(_OPENEULER).fullmatch(fields.get("VERSION", "")) if id == "openeuler" else None
    if openeuler:
        return normalised(id, "-".join(openeuler.groups()))
    if id == "alpine" and fields.get("PRETTY_NAME", "").lower().endswith(" edge"):
        return normalised(id, version if version and "_" in version else "edge")
    distribution = normalised(id, version)
    codename = fields.get("VERSION_CODENAME", "").lower()
    if distribution.release is not None or codename not in codenames_of(distribution.id):
        return distribution
    texts = (debian_version, fields.get("PRETTY_NAME", ""), fields.get("VERSION", ""))
    return distribution if any(map(is_sid, texts)) else normalised(id, codename)


def is_sid(text: str) -> bool:
    """Whether a text of Debian's release, such as ``trixie/sid``, means testing or unstable.

    >>> is_sid("trixie/sid"), is_sid("13.1")
    (True, False)
    """
    return "/sid" in text


# Distributions that have another's ID: that ID, the field that tells them apart, how its text begins, and their own id.
_VARIANTS: Final = (
    # Docker's hardened images keep the versions of what they are made of.
    ("dhi", "ID_LIKE", ".*alpine", "dhi-alpine"),
    ("dhi", "ID_LIKE", ".*debian", "dhi-debian"),
    # Mint's edition on Debian counts its releases anew.
    ("linuxmint", "NAME", "LMDE", "lmde"),
    ("centos", "NAME", "CentOS Stream", "centos-stream"),
    ("fedora", "VARIANT_ID", "eln$", "eln"),
    # Before openSUSE 15 both had this ID.
    ("opensuse", "VERSION_ID", "[0-9]{8}$", "opensuse-tumbleweed"),
    ("opensuse", "VERSION_ID", r"42\.", "opensuse-leap"),
)


def _is_variant(fields: Mapping[str, str], id: str, name: str, mark: str) -> bool:
    return fields["ID"].lower() == id and _compiled(mark).match(fields.get(name, "")) is not None


_OPENEULER: Final = r"([0-9.]+) \((LTS(?:-SP[0-9]+)?)\)"


def from_identifier(text: str) -> Distribution | None:
    """The distribution of an id and a release with a dash between, or of a codename, as a purl's ``distro`` has it.

    None for what the table does not know.

    >>> str(from_identifier("debian-12")), str(from_identifier("opensuse-leap-15.3")), str(from_identifier("jammy"))
    ('debian 12', 'opensuse-leap 15.3', 'ubuntu 22.04')
    """
    if text.lower() in ID_OF_NAME:
        return normalised(text, None)
    named = next((id for id in ("debian", "ubuntu") if text.lower() in codenames_of(id)), None)
    if named is not None:
        return normalised(named, text)
    id, _, release = text.rpartition("-")
    distribution = normalised(id, release)
    return distribution if distribution.id in FAMILIES else None


# The sentences of the release files that were there before os-release(5), and the id of each.
_RELEASE_FILES: Final = (
    (r"Red Hat Enterprise Linux CoreOS release ([0-9.]+)", "rhcos"),
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
    (r"CentOS Stream release ([0-9.]+)", "centos-stream"),
    (r"CentOS(?: Linux)? release ([0-9.]+)", "centos"),
    (r"AlmaLinux release ([0-9.]+)", "almalinux"),
    (r"Rocky Linux release ([0-9.]+)", "rocky"),
    (r"Oracle Linux Server release ([0-9.]+)", "ol"),
    (r"Fedora release [0-9]+ \((Rawhide)\)", "fedora"),
    (r"Fedora release ([0-9]+)", "fedora"),
    (r"Amazon Linux(?: AMI)? release ([0-9.]+)", "amzn"),
    (r"([0-9]+\.[0-9]+(?:\.[0-9]+)?_(?:alpha|beta|git)[0-9]*)$", "alpine"),
    (r"([0-9]+\.[0-9]+)\.[0-9]+(?:_[a-z0-9]+)?$", "alpine"),
)


def from_release_file(text: str) -> Distribution | None:
    """The distribution of ``redhat-release`` and its like, ``SuSE-release`` or ``alpine-release``. None for others.

    >>> str(from_release_file("CentOS Linux release 7.6.1810 (Core)")), str(from_release_file("3.10.9"))
    ('centos 7.6.1810', 'alpine 3.10')
    >>> str(from_release_file("SUSE Linux Enterprise Server 11 (x86_64)\\nVERSION = 11\\nPATCHLEVEL = 4"))
    'sles 11.4'
    """
    for pattern, id in _RELEASE_FILES:
        match = _compiled(pattern).match(text.strip())
        if match is not None:
            joined = "." if id == "sles" else "-"
            release = joined.join(part for part in match.groups() if part and part != "0")
            return normalised(id, release.lower() if release.isalpha() else release)
    return None


def from_debian_version(text: str) -> Distribution | None:
    """The distribution of ``debian_version``: a number, or codenames of what is being made. None for others.

    >>> str(from_debian_version("12.5")), str(from_debian_version("trixie/sid"))
    ('debian 12.5', 'debian (release unknown)')
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)*", text, re.ASCII):
        return normalised("debian", text)
    return normalised("debian", None) if re.fullmatch(r"[a-z]+/sid", text, re.ASCII) else None


# What RHEL 5 and 6 write behind their release.
_VARIANT: Final = r"(?<=[0-9])(?:Server|Client|Workstation|ComputeNode)$"


def from_release_packages(packages: Mapping[str, str]) -> Distribution | None:
    """The distribution of an rpm list, by the one package that carries its release files.

    :param packages: versions (without epoch and release) by name. None where none or several distributions' are there.
    """
    found = {
        normalised(_ID_OF_RELEASE_PACKAGE[name], _compiled(_VARIANT).sub("", version))
        for name, version in packages.items()
        if name in _ID_OF_RELEASE_PACKAGE
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def from_ecosystem(text: str) -> tuple[Distribution, str | None] | None:
    """The release and channel of an OSV ecosystem. None for an ecosystem or release the table does not know.

    >>> distribution, channel = from_ecosystem("Ubuntu:Pro:18.04:LTS")
    >>> str(distribution), channel
    ('ubuntu 18.04', 'pro')

    Source of the forms: OSV schema 1.7, *Defined ecosystems*, and the records themselves.
    """
    name, _, rest = text.partition(":")
    form = _ECOSYSTEM_FORMS.get(name)
    return None if form is None else form(rest)


def lost_with(text: str) -> tuple[Distribution | None, ...]:
    """Whom an entry may concern whose OSV ecosystem :func:`from_ecosystem` does not know (rule 0, ``records-skipped``).

    Nobody where it is another product's, or of a language without packages here. Any release of a distribution where
    the ecosystem lacks the release, or has one that is none. A language's packages where something stands behind its
    ecosystem. Anybody (None) where the schema has no such ecosystem.

    >>> [str(one) for one in lost_with("Debian")], lost_with("Hex"), lost_with("Foo:1")
    (['debian (release unknown)'], (), (None,))
    """
    name, _, rest = text.partition(":")
    if name in _OTHER_ECOSYSTEMS or name in REBUILDERS:
        return ()
    if name in _LANGUAGES:
        return (Distribution(_LANGUAGES[name], ROLLING),)
    id = _RELEASES_LOST.get(name)
    if id is None:
        return () if name in _ECOSYSTEM_FORMS else (None,)
    # Of these a suffix is the release. Those of the others name products, where they have the form of one.
    form = _OF_PRODUCTS.get(name)
    is_of_another_product = form is not None and _compiled(form).fullmatch(rest)
    return () if is_of_another_product else (Distribution(id, None),)


def is_misspelt(id: str, codename: str) -> bool:
    """Whether a text in the place of a codename is one in another spelling, or none at all.

    A codename that the table does not have is of a release that is not known here.

    >>> is_misspelt("debian", "Bookworm "), is_misspelt("debian", "sarge-to-come"), is_misspelt("debian", "")
    (True, False, True)
    """
    plain = codename.strip().lower()
    return plain in codenames_of(id) or _compiled(r"[a-z][a-z0-9/.-]*").fullmatch(codename) is None


_Place = tuple[Distribution, str | None]

# The names vendors give their products, in OVAL and elsewhere: what stands behind the name is no part of it. SUSE's are
# those of its ecosystems in OSV.
_PRODUCTS: Final = (
    (r"Ubuntu (?:Pro (?:[A-Za-z][\w-]* )?)?([0-9]{1,2}\.[0-9]{2})\b", "ubuntu"),
    (r"Debian(?: GNU/Linux)? ([0-9.]+)$", "debian"),
    (r"Red Hat Enterprise Linux ([0-9.]+)$", "rhel"),
    (r"Oracle Linux ([0-9.]+)$", "ol"),
    (r"AlmaLinux ([0-9.]+)$", "almalinux"),
    (r"Anolis OS ([0-9.]+)$", "anolis"),
    (r"(?:VMware )?Photon(?: OS)? ([0-9.]+)$", "photon"),
    (r"(?:CBL-)?Mariner ([0-9.]+)$", "mariner"),
    (r"Azure Linux ([0-9.]+)$", "azurelinux"),
    (r"openEuler-([0-9]+\.[0-9]+(?:-LTS(?:-SP[0-9]+)?)?)$", "openeuler"),
    # As the OVAL of these releases calls them, the software development kit as well.
    (r"sles(1[01]-sp[0-9])(?:-sdk)?$", "sles"),
)


def from_product(name: str) -> Distribution | None:
    """The release that a vendor's name of a product means, as advisories are filed. None for one the table lacks.

    >>> str(from_product("Ubuntu 18.04 LTS")), str(from_product("Red Hat Enterprise Linux 8"))
    ('ubuntu 18.04', 'rhel 8')
    >>> str(from_product("SUSE Linux Enterprise Server 15 SP3")), str(from_product("Photon OS 3"))
    ('sles 15.3', 'photon 3.0')
    """
    place = place_of_product(name)
    return None if place is None else place[0]


@lru_cache(maxsize=4096)
def place_of_product(name: str) -> tuple[Distribution, str | None] | None:
    """The release of a product as :func:`from_product` gives it, and the channel that the name shows.

    >>> distribution, channel = place_of_product("SUSE Linux Enterprise Server 15 SP1-LTSS")
    >>> str(distribution), channel
    ('sles 15.1', 'ltss')
    """
    vendor, _, rest = name.strip().partition(" ")
    if vendor == "SUSE":
        return _suse(rest)
    if vendor == "openSUSE":
        return _opensuse(rest)
    if vendor == "Red" and (found := _red_hat_name(name.strip())) is not None:
        return found
    for pattern, id in _PRODUCTS:
        match = _compiled(pattern).match(name.strip())
        if match is not None:
            release = match[1].replace("-sp", ".")
            if id == "photon" and "." not in release:
                release = f"{release}.0"
            return _filed(id, release)
    return None


# Red Hat's names of a release, a minor release or one of its repositories: "Red Hat Enterprise Linux 8.6.0.z",
# "... AppStream EUS (v.8.6)", "... Server (v. 7 ELS)", "... 8.6 Extended Update Support".
_RED_HAT_NAME: Final = (
    r"Red Hat (?:CodeReady Linux Builder|Enterprise Linux)\b[A-Za-z0-9/ ]*?"
    r" (?:\(v\. ?(?P<inside>[0-9]+(?:\.[0-9]+)?)(?: ELS)?\)"
    r"|(?P<bare>[0-9]+(?:\.[0-9]+)?)(?P<old>\.0)?(?:\.[zZ])?(?P<after>(?:-els)?(?: [A-Za-z -]+)?))"
)
_STREAM_NAMES: Final = (
    (r"\b(?:EUS|Extended Update Support)\b", "eus"),
    (r"\b(?:AUS|Advanced (?:Mission Critical )?Update Support)\b", "aus"),
    (r"\b(?:TUS|Telecommunications Update Service)\b", "tus"),
    (r"\b(?:E4S|Update Services for SAP Solutions)\b", "e4s"),
    (r"(?:\bELS|-els|Extended Life-?[Cc]ycle Support)\b", "els"),
)
# What is a product of its own on top of a release. The others are the release's repositories.
_ON_TOP_OF_RHEL: Final = r"\bAI\b|\bfor (?!NFV|Real Time|SAP|Power|IBM|ARM|x86)"


def _red_hat_name(name: str) -> _Place | None:
    match = _compiled(_RED_HAT_NAME).fullmatch(name)
    if match is None or _compiled(_ON_TOP_OF_RHEL).search(name):
        return None
    release = match["inside"] or match["bare"]
    channel = next((channel for pattern, channel in _STREAM_NAMES if _compiled(pattern).search(name)), None)
    if match["after"] and channel is None:
        return None
    if channel is None and match["old"] and "." in release:
        channel = "eus"  # 8.6.0.z: minor releases that are past, by their present name
    # Extended life is of the whole major release, the others of a minor one.
    if channel in (None, "els"):
        return Distribution("rhel", major(release)), channel
    return (Distribution("rhel", release), channel) if "." in release else None


@lru_cache(maxsize=4096)
def from_cpe(text: str) -> tuple[Distribution, str | None] | None:
    """The release and channel of a product's CPE, in either binding. None for one that is no release here.

    >>> distribution, channel = from_cpe("cpe:/a:redhat:rhel_eus:8.6::appstream")
    >>> str(distribution), channel
    ('rhel 8.6', 'eus')
    >>> str(from_cpe("cpe:/o:suse:sles:15:sp5")[0])
    'sles 15.5'

    Source: NISTIR 7695, *CPE: Naming*, and Red Hat's and SUSE's own names.
    """
    text = text.removeprefix("cpe:2.3:").removeprefix("cpe:/")
    part, _, rest = text.partition(":")
    vendor, _, rest = rest.partition(":")
    if part not in ("a", "o") or not rest:
        return None
    if vendor == "redhat":
        return _red_hat(rest)
    product, version, update, edition = (*rest.split(":"), "", "", "")[:4]
    if vendor == "suse":
        return _suse_cpe(product, version, update, edition)
    if vendor == "opensuse" and product in ("leap", "leap-micro", "tumbleweed"):
        return filed_under(normalised(f"opensuse-{product}", version)), None
    if vendor.lower() == "openeuler" and version:
        return filed_under(normalised("openeuler", version)), None
    return None


# SUSE's CPEs of what it builds for a release: the server by any of its names, its modules and extensions. A suffix
# names longer support: sles-ltss, suse_sles_ltss, sle_hpc-espos.
_SUSE_CPE: Final = (
    r"(?:suse_)?(?:sles|sled|sles_sap|sle[-_]hpc|sle[-_]rt|suse-linux-enterprise-rt|sle-ha|sle-ha-geo|sle-we|sle-sdk"
    r"|sle-live-patching|sle-module-[a-z0-9-]+)(?:[-_](?P<longer>ltss-extended-security|ltss|espos|bcl))?"
)


def _suse_cpe(product: str, version: str, update: str, edition: str) -> _Place | None:
    if ID_OF_NAME.get(product) == "sle-micro" and version:
        return _filed("sle-micro", version)
    match = _compiled(_SUSE_CPE).fullmatch(product)
    if match is None or edition == "teradata" or not version[:1].isdecimal():
        return None
    pack = update[2:] if update.startswith("sp") else ""
    if version == "12" and not pack and product.startswith("sle-module-"):
        return None
    # Since 16 the update is the whole release: sles:16:16.0:server.
    release = update if update.startswith(f"{version}.") else f"{version}.{pack}" if pack else version
    return _filed("sles", release)[0], match["longer"]


_Form = Callable[[str], _Place | None]


def _filed(id: str, release: str) -> _Place:
    return filed_under(normalised(id, release)), None


def _by_form(id: str, pattern: str) -> _Form:
    """The form of an ecosystem whose suffix is the release, or has it in the pattern's one group."""

    def place(rest: str) -> _Place | None:
        match = _compiled(pattern).fullmatch(rest)
        return None if match is None else _filed(id, match[1])

    return place


def _numbered(id: str) -> _Form:
    return _by_form(id, r"([0-9]+(?:\.[0-9]+)*)")


def _without_release(id: str) -> _Form:
    return lambda rest: None if rest else (Distribution(id, ROLLING), None)


_AZURE: Final = _numbered("azurelinux")
_DHI_ALPINE: Final = _by_form("dhi-alpine", r"v?([0-9]+\.[0-9]+)")
_DHI_DEBIAN: Final = _by_form("dhi-debian", r"([0-9]+|[a-z]+)")


def _azure(rest: str) -> _Place | None:
    # Its first two releases were called CBL-Mariner, and still are by their own os-release.
    if rest in ("1", "2"):
        return Distribution("mariner", f"{rest}.0"), None
    return _AZURE(rest)


def _ubuntu(rest: str) -> _Place | None:
    # [Pro:][FLAVOUR:]RELEASE[:LTS][:PRODUCT]. A flavour or a product has an archive of its own, which is a channel.
    match = _compiled(_UBUNTU).fullmatch(rest)
    if match is None:
        return None
    pro, flavour, release, product = match.groups()
    channel = _UBUNTU_PRODUCTS.get(product or "") or (flavour.lower() if flavour else "pro" if pro else None)
    channel = _UBUNTU_PRODUCTS.get(channel or "", channel)
    # FIPS and the like are Pro's, and what another product is called is not known.
    if (product and product not in _UBUNTU_PRODUCTS) or (flavour and not pro and channel != "bluefield"):
        return None
    return filed_under(normalised("ubuntu", release)), channel


_UBUNTU: Final = r"(Pro:)?(?:([A-Za-z][\w-]*):)?([0-9]+\.[0-9]+)(?::LTS)?(?::([A-Za-z][\w:-]*))?"
_UBUNTU_PRODUCTS: Final = {
    "Realtime:Kernel": "realtime",
    "for:NVIDIA:BlueField": "bluefield",
    "nvidia-bluefield": "bluefield",
}


def _docker(rest: str) -> _Place | None:
    # LINEAGE:RELEASE. The images keep their lineage's versions and have an ID of their own, dhi.
    lineage, _, release = rest.partition(":")
    place = {"Alpine": _DHI_ALPINE, "Debian": _DHI_DEBIAN}.get(lineage)
    return None if place is None else place(release)


def _debian(rest: str) -> _Place | None:
    # A number, or the series where there is none yet.
    distribution = filed_under(normalised("debian", rest))
    is_known = rest in codenames_of("debian") or re.fullmatch(r"[0-9]+(?:\.[0-9]+)*|unstable", rest, re.ASCII)
    return (distribution, None) if is_known and distribution.release else None


def _rebuilt(vendor: str) -> _Form:
    """The form of an ecosystem of packages that a vendor builds anew for other distributions' releases.

    The vendor is a channel of those. Behind it stands a distribution's ecosystem, or its name in the vendor's words.
    Languages' ecosystems are not here: nothing shows on a host that a package of theirs is the vendor's.
    """

    def place(rest: str) -> _Place | None:
        name, _, release = rest.partition(":")
        if name in _REBUILT:
            if not _compiled(_NUMBER).fullmatch(release):
                return None
            id = _REBUILT[name]
            # Support of a minor release is of that alone (AlmaLinux:9.6).
            minor = Distribution(id, release) if id in _OF_MINOR_RELEASES and "." in release else None
            return minor or filed_under(normalised(id, release)), vendor
        form = None if name in _LANGUAGES else _ECOSYSTEM_FORMS.get(name)
        found = None if form is None or name in REBUILDERS else form(release)
        return None if found is None or found[1] is not None else (found[0], vendor)

    return place


_NUMBER: Final = r"v?[0-9]+(?:\.[0-9]+)*"
_REBUILT: Final = {
    "AlmaLinux": "almalinux",
    "Alpine": "alpine",
    "CentOS": "centos",
    "CentOS-Stream": "centos-stream",
    "OracleLinux": "ol",
    "RHEL": "rhel",
}
_OF_MINOR_RELEASES: Final = frozenset({"almalinux", "centos"})
#: OSV's ecosystems of packages that are built anew for other distributions' releases, and their channels.
REBUILDERS: Final[Mapping[str, str]] = MappingProxyType({"Root": "root", "TuxCare": "tuxcare"})


# What SUSE builds for a release comes as many products, and a host may have any of them: its modules (all of the system
# since 15) and extensions. Modules for all of 12 name no service pack, hence no release. What is made for one customer
# or board (Teradata, Raspberry Pi) has builds of its own. What is sold for longer than the release is supported is a
# channel of it.
_SLE: Final = (
    r"(?:Linux Enterprise (?:Server(?: for SAP [Aa]pplications)?"
    r"|Server (?P<name>LTSS Extended Security|Business Critical Linux)"
    r"|Desktop|High Performance Computing|Real Time|Software Development Kit|Workstation Extension"
    r"|High Availability(?: Extension)?|Live Patching|Module for [\w ,&-]+(?! 12$))|Real Time Module)"
    r" (?P<release>1[0-9])(?: SP(?P<pack>[0-9]+)|\.(?P<minor>[0-9]+))?(?:[- ](?P<suffix>LTSS|ESPOS|BCL))?"
)
_LONGER_SUPPORT: Final = {"LTSS Extended Security": "ltss-extended-security", "Business Critical Linux": "bcl"}
_SLE_MICRO: Final = _by_form("sle-micro", r"Linux (?:Enterprise )?Micro(?: for Rancher)? ([0-9]+\.[0-9]+)")


def _suse(rest: str) -> _Place | None:
    match = _compiled(_SLE).fullmatch(rest)
    if match is None:
        return _SLE_MICRO(rest)
    release, part = match["release"], match["pack"] or match["minor"]
    distribution, _ = _filed("sles", f"{release}.{part}" if part else release)
    suffix = match["suffix"]
    return distribution, suffix.lower() if suffix else _LONGER_SUPPORT.get(match["name"] or "")


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
    if not _compiled(_RELEASE_OF_CPE).fullmatch(release):
        return None
    if product in ("enterprise_linux", "rhel") or product in _PARTS_OF_RHEL:
        return Distribution("rhel", major(release)), None
    # EUS for longer goes by a name of its own, and its builds go on from those of EUS.
    stream = re.fullmatch(r"(?:rhel|enterprise_linux)_(eus|aus|tus|e4s|els)(?:_long_life)?", product)
    if stream is None:
        return None
    # Extended life is of the whole major release, the others of a minor one.
    return Distribution("rhel", major(release) if stream[1] == "els" else release), stream[1]


_RELEASE_OF_CPE: Final = r"[0-9]+(?:\.[0-9]+)*"
# Repositories of a release that have CPEs of their own.
_PARTS_OF_RHEL: Final = frozenset({"rhel_extras", "rhel_extras_rt", "rhel_extras_sap", "rhel_extras_sap_hana"})

_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {family.ecosystem: id for id, family in FAMILIES.items() if language_of(family.type) is not None}
)

_ECOSYSTEM_FORMS: Final[Mapping[str, _Form]] = MappingProxyType(
    {
        "AlmaLinux": _numbered("almalinux"),
        "Rocky Linux": _numbered("rocky"),
        "Red Hat": _red_hat,
        "SUSE": _suse,
        "openSUSE": _opensuse,
        "openEuler": _by_form("openeuler", r"([0-9]+\.[0-9]+(?:-LTS)?(?:-SP[0-9]+)?)"),
        "Mageia": _numbered("mageia"),
        "Photon OS": _numbered("photon"),
        "Azure Linux": _azure,
        "Debian": _debian,
        "Ubuntu": _ubuntu,
        "Echo": _without_release("echo"),
        "Alpine": _by_form("alpine", r"(v[0-9]+\.[0-9]+|edge)"),
        "Alpaquita": _by_form("alpaquita", r"([0-9]+|stream)"),
        "BellSoft Hardened Containers": _by_form("bellsoft-hardened-containers", r"([0-9]+|stream)"),
        "Wolfi": _without_release("wolfi"),
        "Chainguard": _without_release("chainguard"),
        "MinimOS": _without_release("minimos"),
        "CleanStart": _without_release("cleanstart"),
        "Docker Hardened Images": _docker,
        **{name: _rebuilt(channel) for name, channel in REBUILDERS.items()},
        **{name: _without_release(id) for name, id in _LANGUAGES.items()},
    }
)


# The distributions of ecosystems that are of a release each.
_RELEASES_LOST: Final = {
    "AlmaLinux": "almalinux",
    "Alpaquita": "alpaquita",
    "Alpine": "alpine",
    "Azure Linux": "azurelinux",
    "BellSoft Hardened Containers": "bellsoft-hardened-containers",
    "Debian": "debian",
    "Mageia": "mageia",
    "Photon OS": "photon",
    "Red Hat": "rhel",
    "Rocky Linux": "rocky",
    "SUSE": "sles",
    "Ubuntu": "ubuntu",
    "openEuler": "openeuler",
    "openSUSE": "opensuse-leap",
}
# The forms of other products than the releases of these: another name than the release's own, and Ubuntu's archives.
_OF_PRODUCTS: Final = {
    "Red Hat": r"(?!(?:enterprise_linux|rhel)(?:_(?:eus|aus|tus|e4s|els))?:)[a-z0-9][\w.:~+-]*",
    "SUSE": r"(?!Linux Enterprise (?:Server|Desktop) [0-9.]+(?: SP[0-9]+)?[A-Za-z])[A-Z][\w .,&:+()/-]*[\w)]",
    "Ubuntu": rf"(?!.*:(?!LTS(?::|$))[Ll][Tt][Ss])(?:{_UBUNTU}|(?![0-9]|Pro:?$)[A-Za-z][\w:-]*:[0-9.]+[\w:-]*)",
    "openSUSE": r"(?!Leap\b|[Tt]umbleweed)[A-Z][\w .,&:+()/-]*[\w)]",
}
# What else OSV's schema 1.7.5 defines, how osv.dev calls records without a package, and one that rebuilds anybody's.
_OTHER_ECOSYSTEMS: Final = frozenset(
    (
        *("Android", "Bioconductor", "Bitnami", "ConanCenter", "CRAN", "FreeBSD", "GHC", "GIT", "GitHub Actions"),
        *("Hackage", "Hex", "Homebrew", "Julia", "Kubernetes", "Linux", "NuGet", "OSS-Fuzz", "Packagist"),
        *("Pub", "Seal", "SwiftURL", "VSCode", "opam", "vcpkg"),
    )
)


def the_release(found: Iterable[Distribution | None], where: str) -> tuple[Distribution | None, str | None]:
    """The one release that entries of a list name, and where. Of several that are filed apart none, and which they are.

    Minor releases of one are that one. Where no entry names a release, both are None.
    """
    named = {distribution for distribution in found if distribution is not None}
    if len(named) > 1:
        shown = ", ".join(sorted(map(str, named)))
        named = {filed_under(distribution) for distribution in named}
        if len(named) > 1:
            return None, f"several releases by {where}: {shown}"
    return (named.pop(), where) if named else (None, None)


def release_of_packages(packages: Iterable[Package]) -> tuple[Distribution | None, str | None]:
    """The distribution whose release files one of these rpm packages carries, as :func:`the_release` gives it."""
    carriers = {
        (package.name, package.version.rpartition(":")[2].rpartition("-")[0])
        for package in packages
        if "-release" in package.name
    }
    return the_release((from_release_packages({name: version}) for name, version in carriers), "a package of the list")


#: Distributions that have another's ID, which a list may show alone: that ID, a package of theirs, and their own ID.
SHOWN_BY_PACKAGE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"centos": ("centos-stream-release", "centos-stream"), "fedora": ("fedora-release-eln", "eln")}
)


def ecosystem_of(packages: Iterable[Package]) -> tuple[Distribution | None, str | None]:
    """The ecosystem of a list of one language's packages alone, and what shows it. They are judged whatever their host
    is.
    """
    types = {package.type for package in packages}
    language = language_of(types.pop()) if len(types) == 1 else None
    return language, None if language is None else "the type of its packages"


def shown_by_package(distribution: Distribution, packages: Iterable[Package]) -> Distribution:
    """The distribution that a package of the list shows, where its ID is another's too (:data:`SHOWN_BY_PACKAGE`)."""
    name, own = SHOWN_BY_PACKAGE[distribution.id]
    shown = any(package.name == name and package.state.on_disk for package in packages)
    return normalised(own, distribution.release, distribution.channels) if shown else distribution
