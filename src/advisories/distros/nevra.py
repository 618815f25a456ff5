"""Cuts rpm package names apart: ``name-[epoch:]version-release[.arch][.rpm]``. Nothing else does."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE, Module
from advisories.models.patterns import pattern
from vercmp import InvalidVersion, rpm

__all__ = ["ARCHES", "NEVRA", "built_as_module", "module_of", "split", "without_epoch"]

#: What may stand behind the last dot as an architecture. A release may itself end in a dot and a word (``1.el9.alma``),
#: so only these count. Source: rpm's ``rpmrc`` (``arch_compat``), and distributions' own (``x86_64_v2``).
ARCHES: Final = frozenset(
    word
    for line in (
        "noarch src nosrc",
        "x86_64 x86_64_v2 x86_64_v3 x86_64_v4 amd64 ia32e athlon geode pentium3 pentium4 i386 i486 i586 i686",
        "aarch64 arm64 armv3l armv4b armv4l armv4tl armv5tl armv5tel armv5tejl armv6l armv6hl armv7l armv7hl armv7hnl",
        "armv8l ppc ppc8260 ppc8560 ppc32dy4 ppciseries ppcpseries ppc64 ppc64iseries ppc64p7 ppc64pseries ppc64le",
        "s390 s390x riscv riscv32 riscv64 riscv128 loongarch64 ia64 alpha alphaev5 alphaev56 alphaev6 alphaev67",
        "alphapca56 mips mipsel mips64 mips64el mipsr6 mipsr6el mips64r6 mips64r6el sh3 sh4 sh4a m68k m68kmint",
        "sparc sparcv8 sparcv9 sparcv9v sparc64 sparc64v",
    )
    for word in line.split()
)

# A release that modularity's build service made carries the word in its dist tag: ``.module_el8.6.0+...`` (AlmaLinux),
# ``.module+el8.6.0+...`` (Red Hat, Rocky), ``.module_f31+...`` (Fedora).
_MODULAR: Final = pattern(r"\.module[_+](?:el|f)[0-9]", re.ASCII)
_LABEL: Final = pattern(r"([^:\s]+:[^:\s]+)(?::.*)?")


class NEVRA(NamedTuple):
    """The parts. None is a part that is not there."""

    name: str
    epoch: str | None
    version: str
    release: str
    arch: str | None

    @property
    def evr(self) -> str:
        """``[epoch:]version-release``."""
        evr = f"{self.version}-{self.release}"
        return evr if self.epoch is None else f"{self.epoch}:{evr}"


def split(text: str) -> NEVRA | None:
    """The parts of a package's full name. None for any other text.

    >>> split("bash-5.1.8-4.el9.x86_64.rpm")
    NEVRA(name='bash', epoch=None, version='5.1.8', release='4.el9', arch='x86_64')
    >>> split("openssl-libs-1:3.0.1-20.el9_0")
    NEVRA(name='openssl-libs', epoch='1', version='3.0.1', release='20.el9_0', arch=None)
    """
    text = text.removesuffix(".rpm")
    parts = text.rsplit("-", 2)
    if len(parts) != 3 or "/" in text or text.split() != [text]:
        return None
    name, version, tail = parts
    if not (name and version and tail):
        return None
    release, _, arch = tail.rpartition(".")
    known: str | None = arch
    if not release or arch not in ARCHES:
        release, known = release if release and arch == "(none)" else tail, None
    if ":" in text:
        epoch, _, rest = version.partition(":")
        if rest and (epoch.isdecimal() or epoch == "(none)"):  # %{EPOCH} of none
            # Digits of other scripts are no number to rpm.
            return NEVRA(name, epoch.replace("(none)", "0"), rest, release, known) if epoch.isascii() else None
        epoch, _, rest = name.partition(":")
        if rest and epoch.isdecimal():  # the older way to write it, as yum does
            return NEVRA(rest, epoch, version, release, known) if epoch.isascii() else None
    return NEVRA(name, None, version, release, known)


def without_epoch(evr: str) -> str:
    """``version-release``, or the version alone, of an EVR.

    What rpm does not read as a version stays as it is.

    >>> without_epoch("1:3.0.1-20.el9_0"), without_epoch("3.0.1")
    ('3.0.1-20.el9_0', '3.0.1')
    """
    try:
        _, version, release = rpm.split(evr)
    except InvalidVersion:
        return evr
    return version if release is None else f"{version}-{release}"


@lru_cache(maxsize=1 << 13)
def built_as_module(version: str) -> bool:
    """Whether modularity's build service made a build, by its release or whole version."""
    return ".module" in version and _MODULAR.search(version) is not None


def module_of(release: str, label: str | None = None) -> Module:
    """The module stream of an installed package, from its release and its ``MODULARITYLABEL``.

    Without a label, a release that modularity's build service made comes from an unknown stream. Any other comes from
    none.

    >>> str(module_of("1.module+el9.3.0+1+abc", "nodejs:20:9030020231:rhel9")), str(module_of("4.el9"))
    ('nodejs:20', 'none')
    """
    if label and (match := _LABEL.fullmatch(label)):
        return Module.of(match[1])
    return UNKNOWN_MODULE if built_as_module(release) else NO_MODULE
