"""The machines that packages are built for, by the names that rpm, dpkg and apk have for them."""

from typing import Final

from advisories.distros.nevra import ARCHES

__all__ = ["MACHINES"]

# Names that rpm does not have: deb's, apk's and SUSE's.
_OTHERS: Final = frozenset(
    word
    for line in (
        "armel armhf armv7 hppa hurd-amd64 hurd-i386 kfreebsd-amd64 kfreebsd-i386 loong64 lpia powerpc powerpcspe",
        "ppc64el x32 x86 aarch64_ilp32",
    )
    for word in line.split()
)
#: Every name of a machine. Source packages are of none, and neither are packages that run everywhere.
MACHINES: Final = (ARCHES | _OTHERS) - {"noarch", "src", "nosrc"}
