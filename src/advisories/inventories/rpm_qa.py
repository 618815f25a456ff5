"""``rpm -qa``: plain ``name-version-release.arch`` lines, or the recommended tab-separated ones.

The recommended form is one line a package with :data:`QUERY_FORMAT` as ``--queryformat``; it carries what the plain
form cannot: the epoch, the source package, the vendor, the module stream. Lines that begin with ``#`` may say in front
what the package database does not know::

    # os-release ID=almalinux VERSION_ID=9.0
    # uname -r 5.14.0-70.13.1.el9_0.x86_64

Any other comment and empty lines are passed over. The recommended form is also read without its last columns, from
``ARCH`` on, and without vendor and label with blanks in place of tabs. The plain form comes with architecture or
without, with ``.rpm`` behind it, as ``--nevra``, and with the dates of ``--last``; an epoch is *unknown* in a plain
list in which no line shows one, and 0 where it is not shown in a list in which some line does (rule 4).

The distribution is the one the header says, else that of the one package that carries a distribution's release files.
"""

import re
from typing import Final

from attrs import evolve, frozen

from advisories.distributions import from_os_release
from advisories.inventories.gathering import release_of_packages, the_release
from advisories.inventories.listing import Listing
from advisories.inventories.nevra import module_of, split
from advisories.models import Distribution, Package, Rejection, State

__all__ = ["QUERY_FORMAT", "read", "sniff"]

#: The recommended ``rpm -qa --queryformat``. rpm before 4.14 does not know MODULARITYLABEL: leave the last column out.
QUERY_FORMAT: Final = (
    r"%{NAME}\t%{EPOCH}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{MODULARITYLABEL}\n"
)

_BOM: Final = b"\xef\xbb\xbf"
_COLUMNS: Final = (5, 6, 7, 8)
# name, epoch, version, release, architecture and perhaps the source rpm: none of them has blanks in it.
_BLANKS: Final = re.compile(r"\S+ (?:[0-9]+|\(none\)) \S+ \S+ \S+(?: \S+)?")
# What --last prints behind a package: a date in the words of some language, which has a time of day in it.
_LAST: Final = re.compile(r"(\S+)\s{2,}\S.*\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}\b.*")
_NONE: Final = "(none)"
_OS_RELEASE: Final = re.compile(r"#\s*os-release\s+(.*)")
_UNAME: Final = re.compile(r"#\s*uname -r\s+(\S+)\s*")
_FIELD: Final = re.compile(r"([A-Z_]+)=(?:\"([^\"]*)\"|(\S*))")
# Keys imported into the rpm database appear as packages of this name.
_KEYS: Final = "gpg-pubkey"
_SHOWN: Final = 80


def sniff(head: bytes) -> bool:
    """A line of the recommended form, or one that cuts into name, version and release, among the first ones."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n")[:50] if line.strip() and not line.startswith(b"#")]
    return any(_recognised(line.rstrip(b"\r").decode("utf-8", "replace")) for line in lines)


def _recognised(line: str) -> bool:
    if "\t" in line:
        return line.count("\t") + 1 in _COLUMNS
    return _BLANKS.fullmatch(line) is not None or split(_without_date(line)) is not None


def _without_date(line: str) -> str:
    match = _LAST.fullmatch(line)
    return match[1] if match else line


class _Unreadable(Exception):
    """Why a line is no package."""


@frozen
class _Header:
    distributions: tuple[Distribution | None, ...] = ()
    running_kernel: str | None = None


def read(data: bytes, source: str) -> Listing:
    """The packages of a list; what is no package is a rejection with its line."""
    packages: list[Package] = []
    rejections: list[Rejection] = []
    header = _Header()
    read = 0
    for number, raw in enumerate(data.removeprefix(_BOM).split(b"\n"), 1):
        raw = raw.rstrip(b"\r")
        if not raw.strip():
            continue
        if raw.startswith(b"#"):
            header = _header(raw.decode("utf-8", "replace"), header)
            continue
        read += 1
        try:
            packages.append(_package(_text(raw)))
        except _Unreadable as why:
            what = ascii(raw[:_SHOWN].decode("utf-8", "replace"))
            rejections.append(Rejection(source, f"line {number}", what, str(why)))
    if any(_shows_epoch(package) for package in packages):
        packages = [evolve(package, epoch_known=True) for package in packages]
    distribution, where = the_release(header.distributions, "the list's header")
    if where is None:
        distribution, where = release_of_packages(packages)
    return Listing(tuple(packages), tuple(rejections), read, distribution, where, header.running_kernel)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"not UTF-8 at byte {error.start} of the line") from None
    if not text.replace("\t", "").isprintable():
        raise _Unreadable("characters that cannot be printed")
    return text


def _header(line: str, header: _Header) -> _Header:
    match = _OS_RELEASE.match(line)
    if match:
        fields = {key: quoted or plain for key, quoted, plain in _FIELD.findall(match[1])}
        return evolve(header, distributions=(*header.distributions, from_os_release(fields)))
    match = _UNAME.match(line)
    return evolve(header, running_kernel=match[1]) if match else header


def _package(line: str) -> Package:
    if "\t" in line:
        return _columns(line.split("\t"))
    return _columns(line.split(" ")) if _BLANKS.fullmatch(line) else _plain(_without_date(line.strip()))


def _columns(columns: list[str]) -> Package:
    if len(columns) not in _COLUMNS:
        raise _Unreadable(f"{len(columns)} columns; the recommended form has {_COLUMNS[-1]}")
    missing = [_NONE] * (_COLUMNS[-1] - len(columns))
    name, epoch, version, release, arch, source, vendor, label = [*columns, *missing]
    if not name or not version or not release or " " in name + version + release:
        raise _Unreadable("no name, version or release")
    if epoch not in ("", _NONE) and not (epoch.isascii() and epoch.isdecimal()):
        raise _Unreadable(f"not an epoch: {epoch!a}")
    built_from = split(source) if source not in ("", _NONE) else None
    shown = epoch not in ("", _NONE)
    return Package(
        "rpm",
        name,
        f"{epoch}:{version}-{release}" if shown else f"{version}-{release}",
        arch=_said(arch),
        source_name=built_from.name if built_from else None,
        source_version=built_from.evr if built_from else None,
        # The name of a source rpm never shows its epoch.
        source_epoch_known=False,
        module=module_of(release, _said(label)),
        vendor=_said(vendor),
        state=_state(name),
    )


def _plain(line: str) -> Package:
    parts = split(line)
    if parts is None:
        raise _Unreadable("not name-version-release.arch")
    return Package(
        "rpm",
        parts.name,
        parts.evr,
        arch=parts.arch,
        epoch_known=parts.epoch is not None,
        module=module_of(parts.release),
        state=_state(parts.name),
    )


def _said(column: str) -> str | None:
    return None if column in ("", _NONE) else column


def _state(name: str) -> State:
    return State.PSEUDO if name == _KEYS else State.INSTALLED


def _shows_epoch(package: Package) -> bool:
    return ":" in package.version
