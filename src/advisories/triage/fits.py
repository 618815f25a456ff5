"""Whether a package is what a statement names, and why that is undecided where it is."""

from collections.abc import Callable, Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

import vercmp
from advisories.distros.nevra import split
from advisories.distros.package_names import is_odd_version
from advisories.index.records import version_key
from advisories.matching.rules import arch_applies, module_applies
from advisories.models.distribution import Distribution, filed_under, language_of, name_filed_under, normalised
from advisories.models.json_fields import SHOWN
from advisories.models.packages import SCHEME_OF_TYPE, SYSTEM_TYPES, Module, Package
from advisories.models.statements import Product, Purl, VersionRange
from advisories.models.words import Names
from advisories.readers.releases import from_identifier

__all__ = [
    "NO",
    "YES",
    "Answer",
    "all_of",
    "any_of",
    "filed_name",
    "in_range",
    "is_at",
    "is_narrow",
    "is_package",
    "is_placed",
    "is_whole",
    "key_of",
    "places_of",
    "version_of",
]


# Whether something fits, and why not where that is undecided.
Answer = tuple[bool, str]
YES: Final[Answer] = (True, "")
NO: Final[Answer] = (False, "")
# Qualifiers about where a package was downloaded, not about which it is.
_ORIGINS: Final = ("download_url", "vcs_url", "file_name")
# Qualifiers that are compared with a package. The version has `epoch` already.
_RELEASES: Final = ("distro", "os_version", "os_distro")
_COMPARED: Final = ("arch", "epoch", "upstream", "rpmmod", "os_name", *_RELEASES)


def key_of(package: Package, names: Names) -> bytes | None:
    """The key of a package's version, or of its source's. None where it has no order, or is not known."""
    scheme = SCHEME_OF_TYPE.get(package.type)
    version, epoch = version_of(package, names)
    try:
        return None if scheme is None or version is None else version_key(version, scheme, epoch=epoch)
    except vercmp.InvalidVersion:
        return None


def filed_name(purl: Purl) -> str:
    return name_filed_under(purl.type, purl.full_name)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Whether everything fits. A no weighs more than an undecided answer."""
    unsure = ""
    for fits, why in answers:
        if not fits and not why:
            return NO
        unsure = unsure or why
    return (not unsure, unsure)


def any_of(answers: Iterable[Answer]) -> Answer:
    """Whether anything fits. A yes weighs more than an undecided answer."""
    unsure = ""
    for fits, why in answers:
        if fits:
            return YES
        unsure = unsure or why
    return (False, unsure)


def is_at(pattern: str, package: Package) -> Answer:
    """Whether a package is at places that fit and nowhere else, as far as is known."""
    places = places_of(package)
    return (bool(places) and all(fnmatchcase(place, pattern) for place in places), "")


def places_of(package: Package) -> Sequence[str]:
    return (package.location,) if package.location else package.locations


def version_of(package: Package, names: Names) -> tuple[str | None, bool]:
    """The version that is compared, and whether its epoch is known."""
    if names is Names.BINARY:
        return package.version, package.epoch_known
    return package.source_version, package.source_epoch_known


def _compared(package: Package, names: Names, decide: Callable[[bytes, Callable[[str], bytes]], Answer]) -> Answer:
    """The answer of `decide` for an installed version's key and a way to make others. Undecided without an order.

    Epochs are left out on both sides where the list does not show them, as in matching.
    """
    scheme = SCHEME_OF_TYPE.get(package.type)
    version, epoch_known = version_of(package, names)
    if scheme is None:
        return False, f"versions of type {package.type} have no order here"
    if version is None:
        return False, f"the version of {package.name}'s source package is not listed"

    def key(text: str) -> bytes:
        return version_key(text, scheme, epoch=epoch_known)

    try:
        return decide(key(version), key)
    except vercmp.InvalidVersion as invalid:
        return False, str(invalid)


def in_range(versions: VersionRange, package: Package, names: Names) -> Answer:
    odd = next((bound for bound in (versions.from_, versions.before) if is_odd_version(bound)), None)
    if odd is not None and package.type == "rpm":
        return False, f"not a version: {odd[:SHOWN]!a}"

    def decide(ours: bytes, key: Callable[[str], bytes]) -> Answer:
        # Both bounds are read, so that a broken one shows whatever the other is.
        first = None if versions.from_ is None else key(versions.from_)
        before = None if versions.before is None else key(versions.before)
        if first is not None and before is not None and first >= before:
            return False, f"{versions.from_} is not earlier than {versions.before}"
        return ((first is None or first <= ours) and (before is None or ours < before), "")

    return _compared(package, names, decide)


def is_whole(scanned: Purl, product: Purl) -> bool:
    """Whether what was scanned is a product: equal, or more precise than it."""
    same = (scanned.type, scanned.namespace, scanned.name, scanned.subpath)
    if same != (product.type, product.namespace, product.name, product.subpath):
        return False
    return product.version in (None, scanned.version) and set(product.qualifiers) <= set(scanned.qualifiers)


def is_package(purl: Purl, package: Package, distribution: Distribution | None) -> Answer:
    """Whether a package URL is that of a package: its own, or with the architecture of sources its source package's."""
    if purl.type != package.type:
        return NO
    names = Names.SOURCE if purl.is_source else Names.BINARY
    name = package.source_name if purl.is_source else package.name
    if name is None or filed_name(purl) != name_filed_under(package.type, name):
        return NO
    arch = purl.qualifier("arch")
    return all_of(
        (
            _is_of_release(purl, distribution),
            _is_version(purl, package, names),
            _is_arch(arch, package) if arch and not purl.is_source else YES,
            _is_of_module(purl, package),
            _is_of_source(purl, package),
            _is_all_compared(purl),
        )
    )


def is_narrow(purl: Purl) -> Answer:
    """Whether a package URL of a system's package names a distribution or a version. By its name alone it is unsure.

    Source: the purl specification, which requires the namespace of ``deb``, ``rpm`` and ``apk``.
    """
    if purl.version is not None or purl.type not in SYSTEM_TYPES or _release(purl) is not None:
        return YES
    return False, f"{purl.text} names neither a distribution nor a version"


def is_placed(product: Product, package: Package, distribution: Distribution | None) -> Answer:
    """Whether a package is of the release and of the module stream that a document has beside the package URL."""
    wanted = product.distribution
    releases = (wanted.release,) if wanted is not None and wanted.release is not None else ()
    return all_of(
        (
            YES if wanted is None else _is_release((wanted.id,), releases, distribution),
            YES if product.module is None else _is_module(product.module, package),
        )
    )


def _is_version(purl: Purl, package: Package, names: Names) -> Answer:
    version = purl.version
    if version is None:
        return YES
    if SCHEME_OF_TYPE.get(package.type) == "semver" and _build(version) != _build(package.version):
        return NO
    return _compared(package, names, lambda ours, key: (ours == key(version), ""))


def _build(version: str) -> str:
    """What SemVer leaves out of its order. Another build may be another content."""
    return version.partition("+")[2]


def _is_of_release(purl: Purl, distribution: Distribution | None) -> Answer:
    """Whether the namespace is the distribution's, by any of its names, and the release the one of its advisories."""
    wanted = _release(purl)
    return YES if wanted is None else _is_release(*wanted, distribution)


def _is_release(ids: Collection[str], releases: Collection[str], distribution: Distribution | None) -> Answer:
    if distribution is None:
        return False, "the distribution of the list is not known"
    # Without more the family is meant: opensuse for opensuse-leap.
    if any(distribution.id != id and not distribution.id.startswith(f"{id}-") for id in ids):
        return NO
    if releases and distribution.release is None:
        return False, "the release of the list is not known"
    ours = filed_under(Distribution(distribution.id, distribution.release))
    return (all(filed_under(Distribution(distribution.id, release)) == ours for release in releases), "")


@lru_cache(maxsize=65536)
def _release(purl: Purl) -> tuple[frozenset[str], frozenset[str]] | None:
    """The ids of distributions and the releases that a package URL names. None where it names none."""
    written = [None if language_of(purl.type) is not None else purl.namespace, purl.qualifier("os_name")]
    ids = {normalised(id, None).id for id in written if id}
    releases: set[str] = set()
    for text in (purl.qualifier(name) for name in _RELEASES):
        if not text:
            continue
        whole = from_identifier(text)
        if whole is not None:
            ids.add(whole.id)
        release = whole.release if whole is not None else _codename(ids, text)
        if release is not None:
            releases.add(release)
    return (frozenset(ids), frozenset(releases)) if ids or releases else None


def _codename(ids: Iterable[str], text: str) -> str | None:
    """A release without its distribution: a number or codename of the one that is named beside it."""
    return next((normalised(id, text).release for id in sorted(ids)), text)


def _is_arch(arch: str, package: Package) -> Answer:
    fits, assumption = arch_applies(package.arch, (arch,))
    return (False, f"the architecture of {package.name} is not listed") if assumption else (fits, "")


def _is_of_module(purl: Purl, package: Package) -> Answer:
    label = purl.qualifier("rpmmod")
    return _is_module(Module.of(":".join(label.split(":")[:2])), package) if label else YES


def _is_module(module: Module, package: Package) -> Answer:
    fits, assumption = module_applies(package.module, module)
    return (False, f"the module of {package.name} is not known") if assumption else (fits, "")


def _is_of_source(purl: Purl, package: Package) -> Answer:
    upstream = purl.qualifier("upstream")
    if not upstream:
        return YES
    if package.source_name is None:
        return False, f"the source package of {package.name} is not listed"
    # The file name of a source rpm, or a name and perhaps a version.
    parts = split(upstream) if purl.type == "rpm" else None
    return (package.source_name == (parts.name if parts else upstream.partition("@")[0]), "")


def _is_all_compared(purl: Purl) -> Answer:
    others = [name for name, _ in purl.qualifiers if name not in _COMPARED and name not in _ORIGINS]
    if purl.subpath is not None and not purl.names_by_subpath:
        others.append("a subpath")
    return (not others, f"{purl.text} names {', '.join(others)}, which lists do not show" if others else "")
