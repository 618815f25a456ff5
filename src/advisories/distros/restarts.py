"""What has to be restarted before a fix is in use: the machine, or the services that still run the old code.

An upgrade replaces files, but a process goes on with what it has loaded. Sources of the rows: the packages that
``needs-restarting`` of dnf-utils names, Debian's ``needrestart``, and the contents of the packages.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from advisories.distros.kernels import Role, kernel_of
from advisories.models.distribution import language_of
from advisories.models.findings import Finding
from advisories.models.frozen import frozen
from advisories.models.packages import Package

__all__ = ["KERNEL", "OF_LANGUAGES", "ROWS", "Restart", "Row", "restart_after", "restarts_machine", "row_of"]


class Restart(StrEnum):
    """What is restarted."""

    MACHINE = "machine"
    SERVICES = "services"


@frozen
class Row:
    """A row of the table.

    :ivar restart: what has to be restarted.
    :ivar what: the packages, in words.
    :ivar names: their names, with blanks between. Each is a whole regular expression, and begins with a sign as it is.
    :ivar why: the reason, and how to do it where that is not plain.
    """

    restart: Restart
    what: str
    names: str
    why: str

    def holds(self, name: str) -> bool:
        """Whether a package of this name is meant."""
        names = _beginning(self.names, name[:1])
        return names is not None and names.fullmatch(name) is not None


# Compiling all of them takes longer than matching a short list.
@cache
def _beginning(names: str, sign: str) -> re.Pattern[str] | None:
    """Those of the names that begin with this sign. None where no name does."""
    found = [name for name in names.split() if name[0] == sign]
    return re.compile("|".join(found), re.ASCII) if found else None


#: :func:`advisories.distros.kernels.kernel_of` finds kernels. No pattern here does.
KERNEL: Final = Row(Restart.MACHINE, "a kernel", "", "the old kernel runs until the machine starts the new one")

#: Packages of languages, whatever they are called.
OF_LANGUAGES: Final = Row(
    Restart.SERVICES,
    "a package of a language",
    "",
    "programs that have it loaded. What was built from it, as programs of Go and Rust are, is built again",
)

#: The rows below that of kernels. The first that holds the package counts.
ROWS: Final[Sequence[Row]] = (
    Row(
        Restart.MACHINE,
        "firmware and microcode",
        r"linux-firmware(-.+)? firmware-.+ kernel-firmware(-.+)? intel-microcode amd64-microcode microcode_ctl"
        r" ucode-(intel|amd) amd-ucode-firmware",
        "it is loaded when the machine starts",
    ),
    Row(
        Restart.SERVICES,
        "the C library",
        r"glibc(-common|-minimal-langpack|-32bit)? libc6(-.+)? libc-bin musl",
        "every process has it loaded: restarting the machine is the plain way",
    ),
    Row(
        Restart.SERVICES,
        "systemd",
        r"systemd(-libs|-udev|-pam|-timesyncd|-resolved|-sysv)? libsystemd0 libudev1 udev",
        "systemctl daemon-reexec, and the services that use its libraries",
    ),
    Row(
        Restart.SERVICES,
        "the message bus",
        r"dbus(-daemon|-broker|-libs|-common|-1|-user-session|-system-bus-common)? libdbus-1-3",
        "sessions and services hang on it: restarting the machine is the plain way",
    ),
    Row(
        Restart.SERVICES,
        "cryptography",
        r"openssl(-libs|-fips-provider|1\.1|-1_1|-3)? libopenssl[0-9_.]+(-.+)? lib(ssl|crypto)[0-9.]+(t64)? gnutls"
        r" libgnutls[0-9]+(t64)? nss(-softokn(-freebl)?|-util|-sysinit)? libnss3 mozilla-nss libgcrypt(20)?"
        r" libnettle[0-9]+(t64)? nettle krb5-libs libkrb5-3 libgssapi-krb5-2",
        "services that have it loaded",
    ),
    Row(
        Restart.SERVICES,
        "libraries that most services load",
        r"zlib(1g)? libz1 zlib-ng-compat pam libpam0g libpam-modules libselinux1? libcurl(-minimal)?"
        r" libcurl[34](-gnutls|t64-gnutls|t64)? libxml2(-2|-16)? libexpat1 expat libstdc\+\+6? liblzma5 xz-libs"
        r" sqlite-libs libsqlite3-0 pcre2? libpcre2-8-0 libpcre3",
        "services that have it loaded",
    ),
    Row(
        Restart.SERVICES,
        "services",
        r"openssh-server httpd(-core)? apache2(-bin)? nginx(-core|-full|-light)? mariadb-server(-.+)?"
        r" mysql-(community-)?server(-.+)? postgresql(-server|-[0-9]+)? redis(-server)? bind9? named samba"
        r" dovecot(-core|-imapd)? postfix exim4-daemon-.+ docker(\.io|-ce)? containerd(\.io)? rsyslog chrony ntpd?"
        r" cups(-daemon)? polkit policykit-1 polkitd sssd(-.+)? squid tomcat[0-9]* haproxy unbound dnsmasq(-base)?"
        r" NetworkManager network-manager",
        "the service itself, unless the package restarts it",
    ),
)


@lru_cache(maxsize=1 << 13)
def row_of(package: Package) -> Row | None:
    """The first row that holds a package. None where nothing has to be restarted.

    >>> row_of(Package("rpm", "glibc", "2.34-100.el9")).what
    'the C library'
    >>> row_of(Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1")).restart.value
    'machine'
    """
    if language_of(package.type) is not None:
        return OF_LANGUAGES
    kernel = kernel_of(package)
    if kernel is not None:
        return KERNEL if kernel.role is Role.KERNEL else None
    return _first(ROWS, package.name)


def _first(rows: Sequence[Row], name: str) -> Row | None:
    return next((row for row in rows if row.holds(name)), None)


# The rows below the last of them are no matter of the machine.
_TO_LAST_OF_MACHINE: Final = ROWS[: max(place for place, row in enumerate(ROWS) if row.restart is Restart.MACHINE) + 1]


def restarts_machine(package: Package) -> bool:
    """Whether a package's row, of :func:`row_of`, is one of the machine. Looks at no more rows than that takes."""
    if language_of(package.type) is not None:
        return False
    kernel = kernel_of(package)
    if kernel is not None:
        return kernel.role is Role.KERNEL
    row = _first(_TO_LAST_OF_MACHINE, package.name)
    return row is not None and row.restart is Restart.MACHINE


def restart_after(finding: Finding) -> Restart | None:
    """What to restart once a finding's package is upgraded: the machine if the finding requires it (by the table or its
    publisher), else what the table has. None for nothing.
    """
    if finding.restart_required:
        return Restart.MACHINE
    row = row_of(finding.package)
    return None if row is None else row.restart
