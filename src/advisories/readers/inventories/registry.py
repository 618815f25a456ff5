"""The registry of package list formats, and reading a list of any of them."""

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cache
from importlib import import_module
from io import BytesIO
from os import PathLike
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol, cast

from advisories.distros.identity import identified
from advisories.distros.mistaken_versions import why_mistaken
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, family_of, language_of
from advisories.models.errors import EmptySource, LimitExceeded, UnknownFormat, UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import LANGUAGE_TYPES, SCHEME_OF_TYPE, Inventory, Package
from advisories.models.patterns import pattern
from advisories.readers.collector import LIST_LIMITS
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.heading import KERNEL_RELEASE, Heading, of_list
from advisories.readers.inventories.languages.choice import chosen
from advisories.readers.listing import Listing
from advisories.readers.releases import SHOWN_BY_PACKAGE, ecosystem_of, shown_by_package
from advisories.sources.compression import COMPRESSED, Rewound, compression_of, decoder_errors, read_whole, unpacked
from advisories.sources.documents import is_archive, is_folder, path_of, stream_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "FORMATS",
    "InventoryReader",
    "Listing",
    "content_of",
    "format_of",
    "inventory_of",
    "inventory_of_content",
    "read",
    "read_inventory",
    "read_stream",
]

#: Every list format and the module that reads it: the commonest with a plain mark first, columns of any kind last.
#: :func:`format_of` goes by this order. A new format is its module and one line here.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rpm-qa": "advisories.readers.inventories.rpm_qa",
        "dpkg-status": "advisories.readers.inventories.dpkg_status",
        "apk-installed": "advisories.readers.inventories.apk_installed",
        "rpm-database": "advisories.readers.inventories.rpm_database",
        "syft": "advisories.readers.inventories.syft",
        "apt-lock": "advisories.readers.inventories.apt_lock",
        "cyclonedx": "advisories.readers.inventories.cyclonedx",
        "spdx": "advisories.readers.inventories.spdx",
        "vuls": "advisories.readers.inventories.vuls",
        "trivy": "advisories.readers.inventories.trivy",
        "rpms-lock": "advisories.readers.inventories.rpms_lock",
        "purl": "advisories.readers.inventories.purl_list",
        "tsv": "advisories.readers.inventories.tsv",
        "apt-list": "advisories.readers.inventories.apt_list",
        "pip-list": "advisories.readers.inventories.pip_list",
        "dpkg-query": "advisories.readers.inventories.dpkg_query",
        "apk-list": "advisories.readers.inventories.apk_list",
        "dnf-list": "advisories.readers.inventories.dnf_list",
    }
)

# Bytes a reader may look at to recognise its format.
_HEAD: Final = 65536
# Lines of uname -r or -a, and nothing else.
# Those that lists are read for.
_TYPES: Final = frozenset((*SCHEME_OF_TYPE, *LANGUAGE_TYPES))
_KERNELS: Final = pattern(rb"\s*(?:(?:Linux \S+ )?[0-9]+\.[0-9]+[0-9A-Za-z.+_~-]*(?: #[^\n]*)?(?:\s+|$))+")
_TAIL: Final = 4096


# Formats of what scanners list of an image or root, whose distribution they name.
_OF_IMAGES: Final = frozenset({"syft", "trivy", "cyclonedx", "spdx"})


class InventoryReader(Protocol):
    """What a list format's module offers."""

    def sniff(self, head: Head) -> bool | None:
        """Whether this reader takes a list that begins like this. None takes it if no other reader does."""

    def read(self, data: bytes, source: str) -> Listing:
        """The entries of a list. An entry that is not a package never raises.

        :param source: for messages.
        """


def read_inventory(
    source: str | PathLike[str] | BinaryIO,
    *,
    name: str = "-",
    limits: Limits = DEFAULT_LIMITS,
    platform: str | None = None,
    usual_platform: str | None = None,
    package_types: Iterable[str] | None = None,
) -> Inventory:
    """The inventory of a package list, of a root file system as a folder or tar archive, or of a saved image. The
    content decides the format.

    :param source: a path, or an open binary stream. Either may be compressed.
    :param name: what messages call a stream.
    :param platform: of the image that is meant, such as ``linux/arm64``. Where it is not there, that is an error.
    :param usual_platform: of the image that is meant where there are several.
    :param package_types: what is looked for in a root or image beside the packages of the system: ``pypi``, ``npm``,
        ``gem``, ``golang``, ``cargo``, ``maven``, or ``library`` for all of them. ``os`` alone looks for nothing.
        Without it all but ``maven`` are looked for.

    Raises :class:`~advisories.models.errors.UnknownPackageType`,
    :class:`~advisories.models.errors.UnreadableSource`, :class:`~advisories.models.errors.LimitExceeded`,
    :class:`~advisories.models.errors.UnknownFormat`, and :class:`~advisories.models.errors.EmptySource` where no entry
    could be kept.
    """
    if isinstance(source, str | PathLike):
        return read(source, limits, platform, usual_platform, package_types)
    return read_stream(stream_of(source), name, limits, platform, usual_platform, package_types)


def read(
    source: str | PathLike[str],
    limits: Limits = DEFAULT_LIMITS,
    platform: str | None = None,
    usual_platform: str | None = None,
    package_types: Iterable[str] | None = None,
) -> Inventory:
    """The inventory of a package list, its format recognised by its content, or of what :func:`read_inventory` reads
    beside lists.

    A list may be compressed by gzip, bzip2, xz, lzma or Zstandard.

    Raises :class:`~advisories.models.errors.UnreadableSource`, :class:`~advisories.models.errors.LimitExceeded`,
    :class:`~advisories.models.errors.UnknownFormat`, and :class:`~advisories.models.errors.EmptySource` where no entry
    could be kept.
    """
    text = os.fspath(source)
    if is_folder(source):
        from pathlib import Path

        from advisories.readers.inventories.languages.scan import Scan
        from advisories.readers.inventories.root import holds_image, read_root  # only where there is a folder
        from advisories.sources.folder import Folder

        types = chosen(package_types)
        with closing(Folder(Path(source))) as tree:
            if not holds_image(tree):
                return read_root(tree, limits, Scan(types, limits))
            from advisories.readers.inventories.image import read_image

            return read_image(tree, limits, platform, usual_platform, types)
    try:
        with open(path_of(source), "rb") as stream:
            return read_stream(stream, text, limits, platform, usual_platform, package_types)
    except OSError as error:
        raise UnreadableSource(text, error.strerror or str(error)) from error


def read_stream(
    stream: BinaryIO,
    name: str = "-",
    limits: Limits = DEFAULT_LIMITS,
    platform: str | None = None,
    usual_platform: str | None = None,
    package_types: Iterable[str] | None = None,
) -> Inventory:
    """The inventory of an open stream, such as standard input, also compressed. Raises as :func:`read`."""
    types = chosen(package_types)
    try:
        first = Rewound(stream)
        if first.head.startswith(COMPRESSED) or is_archive(first.head):
            from advisories.readers.inventories import archives  # only where there may be one

            with archives.at_hand(first, stream, name, limits) as file:
                if archives.holds_archive(file, name, limits):
                    return archives.read_archive(file, name, limits, platform, usual_platform, types)
                data = read_whole(file, limits.inventory)
        else:
            data = read_whole(first, limits.inventory)
    except OSError as error:
        raise UnreadableSource(name, error.strerror or str(error)) from error
    return inventory_of_content(*_content(data, name, limits, None), name, limits)


def content_of(
    source: str | PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS, member: str | None = None
) -> tuple[Heading, bytes]:
    """The heading and the unpacked content of a file or stream with a list. It is not empty. Raises as :func:`read`.

    :param member: the file to read of a tar archive. None refuses archives.
    """
    if isinstance(source, str | PathLike):
        return _content_of_file(path_of(source), os.fspath(source), limits, member)
    return _content_of_stream(stream_of(source), "-", limits, member)


def _content_of_file(path: str, name: str, limits: Limits, member: str | None = None) -> tuple[Heading, bytes]:
    try:
        with open(path, "rb") as stream:
            data = stream.read(limits.inventory + 1)
    except OSError as error:
        raise UnreadableSource(name, error.strerror or str(error)) from error
    return _content(data if len(data) <= limits.inventory else None, name, limits, member)


def _content_of_stream(stream: BinaryIO, name: str, limits: Limits, member: str | None = None) -> tuple[Heading, bytes]:
    # One read of a stream that is not buffered, or does not block, may give a part of it.
    try:
        data = read_whole(stream, limits.inventory)
    except OSError as error:
        raise UnreadableSource(name, error.strerror or str(error)) from error
    return _content(data, name, limits, member)


def _content(data: bytes | None, name: str, limits: Limits, member: str | None) -> tuple[Heading, bytes]:
    """The heading and the content of a list. None for one that is too large."""
    if data is None:
        raise LimitExceeded(name, limits.beyond("inventory", f"larger than the limit of {limits.inventory} bytes"))
    compression = compression_of(data)
    if compression is not None:
        data = _unpacked(data, compression, name, limits)
    if member is not None and is_archive(data):
        data = _member(data, member, name, limits)
    if data.count(b"\n") > limits.lines:
        raise LimitExceeded(name, limits.beyond("lines", f"more lines than the limit of {limits.lines}"))
    heading, data = of_list(data, name)
    if not data or data.isspace():
        raise EmptySource(
            name, "the list is empty" if heading == Heading() else "the list has a heading and no packages"
        )
    if is_archive(data):
        raise UnknownFormat(name, "an archive; extract the package list from it")
    return heading, data


def inventory_of_content(heading: Heading, data: bytes, name: str, limits: Limits) -> Inventory:
    """The inventory of an unpacked list.

    Raises :class:`~advisories.models.errors.UnknownFormat` for anything else, and
    :class:`~advisories.models.errors.LimitExceeded` for too many packages.
    """
    if _KERNELS.fullmatch(data):
        raise UnknownFormat(name, f"{KERNEL_RELEASE}. List the packages, and give this with --running-kernel")
    format = format_of(data)
    if format is None:
        raise UnknownFormat(name, f"not a package list of a known format; there are: {', '.join(FORMATS)}")
    token = LIST_LIMITS.set(limits)
    try:
        return inventory_of(_reader(FORMATS[format]).read(data, name), name, format, heading)
    finally:
        LIST_LIMITS.reset(token)


def _member(archive: bytes, member: str, name: str, limits: Limits) -> bytes:
    """The content of a file of a tar archive."""
    import tarfile  # only where there is an archive

    try:
        with tarfile.open(fileobj=BytesIO(archive), mode="r:") as tar:
            header = tar.getmember(member)
            file = None if header.issparse() else tar.extractfile(header)
            if file is not None:
                return read_whole(file, limits.inventory) or b""
    except decoder_errors() as error:
        raise UnknownFormat(name, f"an archive without {member}: {error}") from error
    raise UnknownFormat(name, f"an archive in which {member} is no file")


def _unpacked(packed: bytes, compression: str, name: str, limits: Limits) -> bytes:
    """The content of a compressed list, within the limits. What is compressed twice stays compressed once."""
    stream = unpacked(Rewound(BytesIO(packed)), compression, name, limits, budget="list_ratio")
    data = read_whole(stream, limits.inventory)
    if data is None:
        why = f"unpacks to more than the limit of {limits.inventory} bytes"
        raise LimitExceeded(name, limits.beyond("inventory", why))
    return data


def format_of(data: bytes) -> str | None:
    """The first format whose reader takes a list, or None."""
    beginning = data[:_HEAD]
    if len(data) > _HEAD and data.lstrip()[:1] == b"{":
        # Members come in any order: CycloneDX's library for Python writes those that name the format last.
        beginning += data[-_TAIL:]
    head = Head(beginning)
    fallback = None
    for format, module in FORMATS.items():
        taken = _reader(module).sniff(head)
        if taken:
            return format
        if taken is None and fallback is None:
            fallback = format
    return fallback


@cache
def _reader(module: str) -> InventoryReader:
    return cast(InventoryReader, import_module(module))


def inventory_of(listing: Listing, source: str, format: str, heading: Heading) -> Inventory:
    """The inventory of a listing and its heading.

    Raises :class:`~advisories.models.errors.EmptySource` without an installed package, and
    :class:`~advisories.models.errors.UnreadableSource` where something else stands in the place of versions.
    """
    if not any(package.state.on_disk for package in listing.packages):
        refused = listing.report.rejections
        first = f"; the first of {len(refused)} refused: {refused[0]}" if refused else ""
        skipped = "".join(f"; skipped ({times}): {why}" for why, times in listing.report.skips)
        raise EmptySource(source, f"no installed package{first}{skipped}")
    why = why_mistaken(listing.packages)
    if why is not None:
        raise UnreadableSource(source, why)
    named_by = heading.distribution_source or listing.distribution_source
    distribution = listing.distribution if heading.distribution_source is None else heading.distribution
    if distribution is None and named_by is None:
        distribution, named_by = ecosystem_of(listing.packages)
    if distribution is not None and distribution.id in SHOWN_BY_PACKAGE:
        distribution = shown_by_package(distribution, listing.packages)
    unread_types = listing.report.unread_types
    if unread_types is None:  # a list of the system's packages has none of a language, whatever is installed
        unread_types = tuple(sorted(_TYPES.difference(package.type for package in listing.packages)))
    packages = listing.packages
    if format in _OF_IMAGES and distribution is not None and _lacks_system(distribution, packages):
        doubt = {Assumption.SYSTEM_UNKNOWN}  # the scanner could not read its database, or was not to
        packages = tuple([evolve(package, doubts=package.doubts | doubt) for package in packages])
    return Inventory(
        distribution=distribution,
        packages=identified(packages),
        running_kernel=heading.running_kernel or listing.running_kernel,
        source=source,
        format=format,
        distribution_source=named_by,
        report=evolve(listing.report, format=format, unread_types=unread_types),
        image=listing.image,
        removed=listing.removed,
        setups=listing.setups,
        contradictions=listing.contradictions,
    )


def _lacks_system(distribution: Distribution, packages: Iterable[Package]) -> bool:
    """Whether a list is of a distribution, and has packages of languages alone."""
    family = family_of(distribution)
    return (family is None or language_of(family.type) is None) and all(
        language_of(package.type) is not None for package in packages if package.state.on_disk
    )
