"""Kernels: which packages are one, which install side by side, and how each family names the running release.

The words of their names are in ``kernels.tsv``, each with its source. Metapackages that only pull in a kernel are no
kernels. Headers and tools have roles of their own.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from advisories.distros.signed import advised_sources
from advisories.models.distribution import Distribution
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.packages import Package
from advisories.models.patterns import pattern

__all__ = [
    "KernelPackage",
    "Role",
    "RunningKernel",
    "is_metapackage",
    "kernel_of",
    "kernel_source",
    "kernel_words",
    "metapackage_stem",
    "own_line",
    "running",
    "side_by_side_rpms",
    "slot_of",
    "unames",
]


class Role(StrEnum):
    """What a package of the kernel's source is."""

    #: Part of a bootable kernel: image or modules.
    KERNEL = "kernel"
    #: Headers and build files. They carry the kernel's advisories and never run (rule 11).
    HEADERS = "headers"
    #: Programs that are packaged with one kernel (Ubuntu's ``linux-tools-*``). They never boot either.
    TOOLS = "tools"


@frozen
class KernelPackage(Noun):
    """What a package name shows of a kernel.

    :ivar flavour: kernels of one flavour replace each other: ``kernel``, ``kernel-rt``, ``amd64``.
    :ivar release: the kernel's release as ``uname -r`` shows it, without architecture and flavour. None for headers
        that belong to no particular kernel.
    """

    role: Role
    flavour: str
    release: str | None

    @property
    def is_shared(self) -> bool:
        """Whether it is what the headers or tools of several flavours of one release have in common."""
        return self.role is not Role.KERNEL and self.flavour.partition("-")[0] in ("", "common")


@cache
def kernel_words(group: str, kind: str) -> tuple[str, ...]:
    """The words of kernel package names, from ``kernels.tsv``.

    :param group: ``rpm`` (Red Hat's family, Fedora, Oracle, Amazon), ``amazon``, ``suse``, ``photon``, ``deb``, ``apk``
    :param kind: ``flavour``, ``part``, ``line``, ``metapackage`` or ``metapackage part``. A part is one of the packages
        that a kernel is cut into. It stands behind the flavour, in deb before the release. A line is a name with the
        version of a newer kernel in it. Behind a part of metapackages stands a flavour, without a release.

    >>> kernel_words("amazon", "line")
    ('kernel6.12', 'kernel6.18')
    """
    rows = rows_of("advisories.distros", "kernels.tsv", ("group", "kind", "word"))
    return tuple(word for *key, word, _ in rows if key == [group, kind])


@cache
def _rpm_kernels() -> Mapping[str, tuple[Role, str]]:
    """The role and flavour of each rpm of a kernel, by its name.

    ``-devel`` packages install side by side like kernels. ``kernel-headers``, ``-tools``, ``-doc`` and ``-abi-*`` do
    not, and are no kernels.
    """
    flavours, parts = kernel_words("rpm", "flavour"), ("", *kernel_words("rpm", "part"))
    # SUSE's flavours stand behind the release in what uname shows. So do Photon's, which calls its kernels linux.
    suse, suse_parts = kernel_words("suse", "flavour"), ("", *kernel_words("suse", "part"))
    photon, lines = kernel_words("photon", "flavour"), kernel_words("amazon", "line")
    kernels = {f"{flavour}{part}": flavour for flavour in flavours for part in parts}
    kernels |= {f"kernel-{name}{part}": f"kernel-{name}" for name in suse for part in suse_parts}
    # uname does not show which line a kernel of Amazon Linux 2023 is of.
    kernels |= {f"{name}{part}": "kernel" for name in lines for part in parts}
    kernels |= {name: name for name in photon}
    headers = {f"{name}-devel": name for name in (*flavours, *(f"kernel-{name}" for name in suse), *photon)}
    headers |= {f"{name}-devel": "kernel" for name in lines}
    headers |= {"kernel-headers": "kernel", "kernel-uek-headers": "kernel-uek"}
    return {name: (Role.KERNEL, flavour) for name, flavour in kernels.items()} | {
        name: (Role.HEADERS, flavour) for name, flavour in headers.items()
    }


@cache
def side_by_side_rpms() -> frozenset[str]:
    """The names of rpms whose versions install side by side: kernels and their ``-devel`` packages.

    A deb has the kernel's release in its name, and an apk replaces the one before it.

    >>> "kernel-core" in side_by_side_rpms(), "kernel-headers" in side_by_side_rpms()
    (True, False)
    """
    return frozenset(
        name for name, (role, _) in _rpm_kernels().items() if role is Role.KERNEL or name.endswith("-devel")
    )


# A -base package of SUSE is built from another: behind the kernel's release stands its own, which begins with the same
# product.
_SUSE_PRODUCT: Final = pattern(r"-([0-9]{6})\.", re.ASCII)

# rpm: RELEASE.ARCH[+VARIANT...], up to Red Hat's 7 RELEASE.ARCH[.debug]. A release shows a real-time kernel itself.
# SUSE writes RELEASE-FLAVOUR, the release without its last number, which counts rebuilds.
_UNAME_ARCH: Final = pattern(r"\.(x86_64|aarch64|i[3-6]86|ppc64le|ppc64|s390x|riscv64|armv7hl)(?=\.|$)")
_PHOTON_UNAME: Final = pattern(r"(.+\.ph[0-9]+)(?:-([a-z]+))?")
_RT_RELEASE: Final = pattern(r"\.rt[0-9]")

# Debian and Ubuntu: linux-image-6.1.0-18-amd64. A name without a release behind the prefix is a metapackage: a number
# with a dot. Two flavours begin with a digit: 686 (and 686-pae), and MIPS's 4kc-malta and 5kc-malta.
_DEB_UNAME: Final = pattern(
    r"(?P<release>[0-9]+\.[0-9A-Za-z.+~]*(?:-(?![456]86\b|[45]kc-)[0-9][0-9A-Za-z.]*)*)"
    r"(?:-(?P<flavour>(?:[a-z]|[456]86|[45]kc)[0-9a-z-]*?))?"
)
# Those that the flavours of one of Ubuntu's lines share are named by the line: linux-hwe-5.15-headers-5.15.0-91.
_DEB_BESIDE: Final = pattern(
    rf"linux-(?:(?P<line>[a-z0-9.-]+?)-)??(?P<part>headers|cloud-tools|tools)-{_DEB_UNAME.pattern}"
)


@cache
def _deb_kernel() -> re.Pattern[str]:
    parts = "|".join(kernel_words("deb", "part"))
    return re.compile(rf"linux-(?:{parts})-(?!.*-dbg(?:sym)?$){_DEB_UNAME.pattern}(?:-unsigned)?")


# What metapackages are built of beside kernels. What is built of metapackages alone is in another table.
_BUILDS_KERNELS: Final = pattern(r"linux(?:-[0-9]+\.[0-9]+)?|linux-signed(?:-.+)?")
_LINE: Final = pattern(r"[0-9]+\.[0-9]+")


# No release of a kernel is in a name, but a line may be: linux-image-6.12-amd64, linux-image-generic-hwe-22.04.
# Scripts that all tools share are files of the kernel's source.
@cache
def _deb_metapackage() -> re.Pattern[str]:
    parts, names = "|".join(kernel_words("deb", "metapackage part")), "|".join(kernel_words("deb", "metapackage"))
    kernel = r"(?!.*[0-9]\.[0-9]+\.[0-9]|(?:.*-)?(?:common|host|dbgsym)$)"
    flavour = r"(?:(?P<line>[0-9]+\.[0-9]+)(?:-.+)?|(?![0-9]+\.).+)"
    return re.compile(rf"linux-{kernel}(?:(?P<part>{parts})-{flavour}|(?:{names})(?:-.+)?)")


@cache
def _suse_uname() -> re.Pattern[str]:
    return re.compile(rf"(.+)-({'|'.join(kernel_words('suse', 'flavour'))})")


# apk: an upgrade replaces the kernel. linux-lts 6.1.55-r0 runs as 6.1.55-0-lts.
@cache
def _apk_kernel() -> re.Pattern[str]:
    return re.compile(rf"linux-({'|'.join(kernel_words('apk', 'flavour'))})(-dev)?")


@cache
def _apk_uname() -> re.Pattern[str]:
    return re.compile(rf"([0-9].*)-([0-9]+)-({'|'.join(kernel_words('apk', 'flavour'))})")


def _built_in(release: str) -> str:
    """The release of the kernel that a ``-base`` package of SUSE's was built in: what stands before its own."""
    product = _SUSE_PRODUCT.search(release)
    own = release.find(f".{product[1]}.", product.end() + 1) if product else -1
    return release[:own] if own > 0 and own + 8 < len(release) else release


@lru_cache(maxsize=1 << 13)
def kernel_of(package: Package) -> KernelPackage | None:
    """What kernel a package belongs to. None for any other package, metapackages included.

    >>> kernel_of(Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1"))
    KernelPackage(role=<Role.KERNEL: 'kernel'>, flavour='amd64', release='6.1.0-18')
    >>> kernel_of(Package("deb", "linux-image-amd64", "6.1.76-1")) is None
    True
    """
    if package.type == "rpm":
        row = _rpm_kernels().get(package.name)
        if row is None:
            return None
        release = _without_epoch(package.version)
        return KernelPackage(row[0], row[1], _built_in(release) if package.name.endswith("-base") else release)
    if package.type == "deb" and package.name.startswith("linux-"):
        if package.name == "linux-libc-dev":
            return KernelPackage(Role.HEADERS, "", None)
        match = _deb_kernel().fullmatch(package.name)
        if match and not _is_of_line(package, match["release"]):
            return KernelPackage(Role.KERNEL, match["flavour"] or "", match["release"])
        match = _DEB_BESIDE.fullmatch(package.name)
        if match and not _is_of_line(package, match["release"]):
            role = Role.HEADERS if match["part"] == "headers" else Role.TOOLS
            return KernelPackage(role, match["flavour"] or "", match["release"])
    if package.type == "apk":
        if package.name == "linux-headers":
            return KernelPackage(Role.HEADERS, "", None)
        match = _apk_kernel().fullmatch(package.name)
        return KernelPackage(Role.HEADERS if match[2] else Role.KERNEL, match[1], package.version) if match else None
    return None


def _is_of_line(package: Package, release: str) -> bool:
    """Whether a deb's name has the line where others have the release of one kernel: ``linux-image-6.12-amd64``."""
    version = package.version
    same = version == release or version.startswith((f"{release}-", f"{release}~"))
    return _LINE.fullmatch(release) is not None and not same


@lru_cache(maxsize=1 << 13)
def is_metapackage(package: Package) -> bool:
    """Whether a deb is a metapackage that brings a kernel, its headers or its tools, and has nothing of them itself.

    Its source shows it, such as ``linux-meta``, else its name: no release is in it.

    >>> is_metapackage(Package("deb", "linux-image-amd64", "6.1.76-1"))
    True
    >>> is_metapackage(Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1"))
    False
    """
    name, source = package.name, package.source_name
    if package.type != "deb" or not name.startswith("linux-"):
        return False
    if source is not None and advised_sources(source, package.version) == ():
        return True
    if (source is not None and _BUILDS_KERNELS.fullmatch(source) is None) or kernel_of(package) is not None:
        return False
    match = _deb_metapackage().fullmatch(name)
    if match is None:
        return False
    line = match["line"]
    return (line is None or _is_of_line(package, line)) and (source is None or match["part"] is not None)


def own_line(distribution: Distribution) -> str | None:
    """The line of the kernel that a release of Debian or Ubuntu came with. None for others.

    >>> own_line(Distribution("ubuntu", "22.04"))
    '5.15'
    """
    return _own_lines().get((distribution.id, distribution.release))


@cache
def _own_lines() -> Mapping[tuple[str, str | None], str]:
    rows = rows_of("advisories.distros", "kernel_lines.tsv", ("distribution", "release", "line"))
    return {(id, release): line for id, release, line, _ in rows}


# Since Ubuntu 20.04, kernels of other lines than the release's own are of sources that are named by the line.
_NAMED_BY_LINE: Final = (5, 4)
_GENERIC: Final = frozenset({"", "generic", "generic-lpae", "generic-64k", "lpae", "virtual", "server"})


def kernel_source(package: Package, distribution: Distribution) -> str | None:
    """The source package that the name of a deb of a kernel shows, for lists that show no sources. None where it does
    not.

    >>> image = Package("deb", "linux-image-6.8.0-50-generic", "6.8.0-50.51~22.04.1")
    >>> kernel_source(image, Distribution("ubuntu", "22.04"))
    'linux-hwe-6.8'
    >>> kernel_source(image, Distribution("ubuntu", "24.04"))
    'linux'
    """
    own, kernel = own_line(distribution), kernel_of(package)
    if own is None or kernel is None:
        return None
    beside = _DEB_BESIDE.fullmatch(package.name)
    if beside is not None and beside["line"]:
        return f"linux-{beside['line']}"
    line = _LINE.match(kernel.release or own)
    if line is None:
        return None
    is_own = line[0] == own
    if distribution.id == "debian":
        return "linux" if is_own else f"linux-{line[0]}"
    flavour = "" if kernel.flavour in _GENERIC else kernel.flavour
    if is_own and not flavour:
        return "linux"
    if _number(line[0]) < _NAMED_BY_LINE or (flavour and _number(own) < _NAMED_BY_LINE):
        return None
    if flavour in ("", "lowlatency"):
        name = f"linux-{flavour}" if is_own else f"linux-{flavour}-hwe-{line[0]}"
        return name.replace("--", "-")
    return f"linux-{flavour}" if is_own and flavour != "oem" else f"linux-{flavour}-{line[0]}"


def _number(line: str) -> tuple[int, ...]:
    return tuple(map(int, line.split(".")))


def slot_of(package: Package) -> tuple[str, str | None, str] | None:
    """What side-by-side versions of a kernel or its headers share: type, architecture and name without release.

    None for packages that an upgrade replaces.

    >>> slot_of(Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1", "amd64"))
    ('deb', 'amd64', 'linux-image--amd64')
    >>> slot_of(Package("rpm", "kernel-headers", "5.14.0-70.el9", "x86_64")) is None
    True
    """
    kernel = kernel_of(package)
    if kernel is None:
        return None
    if package.type == "rpm":
        return (package.type, package.arch, package.name) if package.name in side_by_side_rpms() else None
    if package.type == "deb" and kernel.release is not None:
        return package.type, package.arch, package.name.replace(kernel.release, "")
    return None


def metapackage_stem(package: Package) -> str:
    """How the names of metapackages begin that bring the next version of a Debian or Ubuntu kernel's package.

    >>> metapackage_stem(Package("deb", "linux-aws-headers-5.15.0-1050", "5.15.0-1050.55"))
    'linux-headers-'
    >>> metapackage_stem(Package("deb", "linux-modules-5.15.0-1050-aws", "5.15.0-1050.55"))
    'linux-image-'
    """
    match = _DEB_BESIDE.fullmatch(package.name)
    return f"linux-{match['part']}-" if match else "linux-image-"


@frozen
class RunningKernel(Noun):
    """What ``uname -r`` shows, in the terms of :class:`KernelPackage`.

    :ivar arch: None where it shows none.
    :ivar lacks_rebuild: whether the release lacks the count of rebuilds at the end of the package's release (SUSE).
    """

    release: str
    flavour: str
    arch: str | None
    lacks_rebuild: bool = False

    def as_shown(self, release: str) -> str:
        """A package's release as ``uname -r`` would show it.

        >>> running("6.4.0-150600.23.17-default", "rpm").as_shown("6.4.0-150600.23.17.1")
        '6.4.0-150600.23.17'
        """
        return release.rpartition(".")[0] if self.lacks_rebuild else release


@lru_cache(maxsize=1024)
def running(uname: str, type: str) -> RunningKernel:
    """The kernel that runs, for a host with packages of a type.

    >>> running("5.14.0-70.13.1.el9_0.x86_64", "rpm")
    RunningKernel(release='5.14.0-70.13.1.el9_0', flavour='kernel', arch='x86_64', lacks_rebuild=False)
    >>> running("6.1.0-18-amd64", "deb").flavour
    'amd64'
    """
    if type == "deb":
        match = _DEB_UNAME.fullmatch(uname)
        release, flavour = (match["release"], match["flavour"] or "") if match else (uname, "")
        return RunningKernel(release, flavour, None)
    if type == "apk":
        match = _apk_uname().fullmatch(uname)
        return RunningKernel(f"{match[1]}-r{match[2]}", match[3], None) if match else RunningKernel(uname, "", None)
    photon = _PHOTON_UNAME.fullmatch(uname)
    if photon:
        return RunningKernel(photon[1], f"linux-{photon[2]}" if photon[2] else "linux", None)
    text, _, variants = uname.partition("+")
    arch = _UNAME_ARCH.search(text)
    release = text[: arch.start()] + text[arch.end() :] if arch else text
    suse = _suse_uname().fullmatch(release)
    if suse:
        return RunningKernel(suse[1], f"kernel-{suse[2]}", None, lacks_rebuild=True)
    if release.endswith(".debug"):
        release, variants = release.removesuffix(".debug"), "debug"
    base = "kernel-uek" if ".el" in release and "uek" in release else "kernel"
    if _RT_RELEASE.search(release):
        base = "kernel-rt"
    flavour = "-".join((base, *(variant for variant in variants.split("+") if variant)))
    return RunningKernel(release, flavour, arch[1] if arch else None)


def unames(package: Package) -> tuple[str, ...]:
    """What ``uname -r`` may show while this kernel runs, up to the architecture. Empty for a package that does not
    install side by side.

    >>> unames(Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1"))
    ('6.1.0-18-amd64',)
    >>> unames(Package("rpm", "kernel-default", "6.4.0-150600.23.17.1"))
    ('6.4.0-150600.23.17.1', '6.4.0-150600.23.17.1-default', '6.4.0-150600.23.17-default')
    """
    kernel = kernel_of(package)
    if kernel is None or kernel.role is not Role.KERNEL or kernel.release is None or slot_of(package) is None:
        return ()
    behind = kernel.flavour if package.type == "deb" else kernel.flavour.partition("-")[2]
    if not behind:
        return (kernel.release,)
    named = f"{kernel.release}-{behind}"
    if package.type == "deb":
        return (named,)
    return kernel.release, named, f"{kernel.release.rpartition('.')[0]}-{behind}"


def _without_epoch(version: str) -> str:
    epoch, colon, rest = version.partition(":")
    return rest if colon and epoch.isdecimal() else version
