"""updateinfo.xml, the advisories in a repository's metadata: Red Hat, AlmaLinux, Rocky, Oracle, Amazon, Fedora, others.

What is read of an ``update``: ``type``, ``id``, ``severity``, ``issued``, ``updated``, references (CVE ids in them),
``reboot_suggested``, and of each collection the module and the packages: name, epoch (none is 0), version, release,
architecture. Source packages are skipped: the binaries stand beside them.

An update has no reliable field for its release. Its id shows the distribution. The release is the first of these:

1. the ``dist`` tag of each package's release (``.el9``, ``.amzn2``, ``.fc38``, ``.oe2203sp1``),
2. the collection's name,
3. ``release``.

A package of which none shows the release is skipped, counted. So are the packages of an update whose id shows no
distribution that is known here. They are lost where their collection or the document's other ids show one: a document
is of one publisher.

A document is of one repository, which the names of its collections show (:mod:`advisories.distros.components`).

Sources: createrepo_c, ``updateinfo.xsd`` of libsolv, and dnf for ``reboot_suggested``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from advisories.distros.components import component_of
from advisories.distros.nevra import built_as_module
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference
from advisories.models.distribution import FAMILIES, Distribution, filed_under, normalised
from advisories.models.frozen import evolve, frozen
from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE, Module
from advisories.models.reading import Loss, Part, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.releases import from_product
from advisories.sources.dates import date_of, moment_of
from advisories.sources.documents import Document
from advisories.sources.json import Place, looks_like_json
from advisories.sources.limits import Limits
from advisories.sources.xml_text import elements, first_child, local, text_of

__all__ = ["claims", "read", "sniff"]

_MARK: Final = re.compile(rb"<updates\b")
_OF_UPDATES: Final = frozenset({"update", "pkglist", "collection", "package"})
_PARTS: Final = re.compile(rb"<(?:pkglist|collection)\b")
_KINDS: Final = {
    "security": Kind.SECURITY,
    "bugfix": Kind.BUGFIX,
    "recommended": Kind.BUGFIX,
    "enhancement": Kind.ENHANCEMENT,
    "newpackage": Kind.ENHANCEMENT,
    "feature": Kind.ENHANCEMENT,
    "optional": Kind.ENHANCEMENT,
}
# Whose an id is, by how it begins.
_PUBLISHERS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), id, database)
    for pattern, id, database in (
        (r"AL[SBE]A-", "almalinux", "almalinux"),
        (r"R[LX][SBE]A-", "rocky", "rocky"),
        (r"(?:RH|CE)[SBE]A-", "rhel", "redhat"),
        (r"EL[SBE]A-", "ol", "oracle"),
        (r"ALAS", "amzn", "amazon"),
        (r"FEDORA-(?!EPEL)", "fedora", "fedora"),
        (r"openEuler-", "openeuler", "openeuler"),
        (r"(?:open)?SUSE-", "", "suse"),
    )
)
# The same by the names of collections, for an id that shows nothing.
_OF_COLLECTIONS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), id)
    for pattern, id in (
        (r"almalinux|alma linux", "almalinux"),
        (r"rocky", "rocky"),
        (r"rhel-|Red Hat Enterprise Linux", "rhel"),
        (r"ol[0-9]|Oracle Linux", "ol"),
        (r"amazon-linux|amzn2", "amzn"),
        (r"Fedora [0-9]", "fedora"),
        (r"openEuler", "openeuler"),
        (r"openSUSE|SUSE|SLES?[ -]", ""),
    )
)
_IDS: Final = re.compile(rb"<id>\s*([^<\s]+)")
# The dist tag of a release. Several in one release are of layers, and the last is its own.
_TAGS: Final = {
    "almalinux": re.compile(r"\.el([0-9]+)"),
    "rocky": re.compile(r"\.el([0-9]+)"),
    "rhel": re.compile(r"\.el([0-9]+)"),
    "ol": re.compile(r"\.el([0-9]+)"),
    "amzn": re.compile(r"\.amzn([0-9]+)"),
    "fedora": re.compile(r"\.fc([0-9]+)"),
    "openeuler": re.compile(r"\.oe([0-9]{2})([0-9]{2})(sp[0-9]+)?"),
}
_MODULAR_TAG: Final = re.compile(r"\.module[_+](?:el|f)([0-9]+)")
_CHANNEL: Final = re.compile(r"amazon-linux-[0-9]+---?(.+)")
_COLLECTION: Final = re.compile(rb"<collection\b[^<>]*\sshort=[\"']([^\"']+)")
# How much of a document is looked through for the name of its first collections.
_HEAD: Final = 1 << 20
# A word without a number is nobody's id.
_AN_ID: Final = re.compile(r"(?=.*[0-9])[^\s<>,;]+")
_TRUE: Final = ("", "true", "1")
_NO_EPOCH: Final = ("", "0", "(none)")


def sniff(head: bytes, name: str) -> bool:
    """The root element ``updates``."""
    return _MARK.search(head) is not None and not looks_like_json(head)


def claims(head: bytes, name: str) -> bool:
    """A file called ``*updateinfo*.xml``, and XML with collections of packages."""
    if re.search(r"updateinfo[^/]*\.xml$", name) is not None:
        return True
    return _PARTS.search(head) is not None and not looks_like_json(head)


def read(document: Document, limits: Limits) -> Iterator[Advisory | Part | Rejection | Skip]:
    """The updates of one document, as they come. Where one is of another component, the component comes first."""
    names = [match[1].decode("utf-8", "replace") for match in _COLLECTION.finditer(document.data, 0, _HEAD)]
    part: Part | None = None
    releases: dict[Distribution, None] = {}
    of_names: dict[str, str | None] = {}
    element: Element | Rejection | None = None

    @cache
    def family_of_document() -> str | None:
        ids = (match[1].decode("utf-8", "replace") for match in _IDS.finditer(document.data))
        return next((found[0] for id in ids if (found := _publisher(id)) is not None), None)

    for element in elements(document, 1, limits):
        if isinstance(element, Rejection):
            # What comes behind the damage is of the releases before it, if there are any.
            lost = tuple([Loss(None, release) for release in releases])
            yield evolve(element, losses=lost) if lost and element.losses is None else element
        elif local(element) == "update":
            items = list(_update(element, document, limits, family_of_document))
            release = _release_of(items)
            if release is not None:
                releases[release] = None
                name = _component(release.id, _names_of(element))
                if name is None:
                    if release.id not in of_names:
                        of_names[release.id] = _component(release.id, names)
                    name = of_names[release.id]
                found = part if name is None else Part(release, name)
                if found is not None and found != part:
                    part = found
                    yield part
            yield from items
        elif any(local(one) in _OF_UPDATES for one in element.iter()):
            why, lost = f"an element {local(element)[:40]!a} in the place of an update", tuple(_named_in(element))
            yield Rejection(document.source, "-", document.name, why, losses=lost or None)
    if element is None and _MARK.search(document.data) is None:
        yield Rejection(document.source, "-", document.name, "no updates in it")


def _named_in(element: Element) -> Iterator[Loss]:
    """The packages that an element names, whatever they are of."""
    for name in dict.fromkeys(one.get("name") for one in element.iter() if one.get("version") and one.get("release")):
        yield Loss(name or None)


def _release_of(items: Iterable[object]) -> Distribution | None:
    """The release of the first entry of an update."""
    entries = (one for item in items if isinstance(item, Advisory) for one in item.affected)
    return next((one.distribution for one in entries if one.distribution is not None), None)


def _names_of(update: Element) -> Iterator[str]:
    """What the collections of an update are called."""
    for collection in update.iter():
        if local(collection) == "collection":
            yield from (collection.get("short", ""), text_of(first_child(collection, "name")))


def _component(id: str, names: Iterable[str]) -> str | None:
    return next((found for name in names if (found := component_of(id, name)) is not None), None)


def _publisher(id: str) -> tuple[str, str] | None:
    """The distribution and the publisher that an id shows. The distribution is empty where packages show it."""
    return next(((family, database) for begin, family, database in _PUBLISHERS if begin.match(id)), None)


def _update(
    update: Element, document: Document, limits: Limits, family_of_document: Callable[[], str | None]
) -> Iterator[Advisory | Rejection | Skip]:
    id = text_of(first_child(update, "id"))
    if not id or not id.isprintable() or not _AN_ID.fullmatch(id):
        lost = tuple(_named_in(update))
        what = ascii(id[:60]) if id else "(no id)"
        yield Rejection(document.source, "update", what, "an update without id", losses=lost or None)
        return
    publisher = _publisher(id)
    remarks = Remarks(Place(document.source, "", id))
    entries: tuple[Affected, ...] = ()
    if publisher is None:
        named = (family for name in _names_of(update) for begin, family in _OF_COLLECTIONS if begin.match(name))
        family = next(named, family_of_document())
        lost = () if family is None else tuple(_lost_of(update, family))
        remarks.skip(id, "packages of a publisher that is not known", lost)
    else:
        found = _Packages(remarks, id, publisher[0], text_of(first_child(update, "release")), limits)
        for collection in update.iter():
            if local(collection) == "collection":
                found.take(collection)
        found.take_rest(update)
        entries = found.entries()
        found.count_sources()
    references = [one for one in update.iter() if local(one) == "reference"]
    rating = text_of(first_child(update, "severity")).lower()
    published, modified = (_date(update, name, remarks) for name in ("issued", "updated"))
    yield Advisory(
        id=id,
        kind=_KINDS.get(update.get("type", ""), Kind.UNKNOWN),
        cves=_cves(id, references),
        affected=entries,
        database=publisher[1] if publisher else "",
        rating=rating if rating not in ("", "none") else None,
        published=published,
        modified=modified or published,
        references=tuple([Reference("ADVISORY", one.get("href", "")) for one in references if one.get("href")]),
        reboot_suggested=any(_is_true(one) for one in update.iter() if local(one) == "reboot_suggested"),
    )
    yield from remarks.found


def _lost_of(update: Element, family: str) -> Iterator[Loss]:
    """The packages of an update that is not read, by the distribution that it seems to be of."""
    stated = text_of(first_child(update, "release"))
    for collection in update.iter():
        if local(collection) == "collection":
            name = text_of(first_child(collection, "name")) or collection.get("short", "")
            for one in collection.iter():
                if one.get("version") and one.get("release") and one.get("arch") not in ("src", "nosrc"):
                    found = _distribution(family, one.get("release", ""), name, stated)
                    yield Loss(one.get("name") or None, found or (Distribution(family, None) if family else None))


def _cves(id: str, references: list[Element]) -> tuple[str, ...]:
    words = [id, *[one.get("id") or "" for one in references]]
    words += [word for one in references for word in re.findall(r"CVE-[0-9-]+", one.get("title") or "")]
    return cve_ids(words)


def _is_true(element: Element) -> bool:
    return text_of(element).lower() in _TRUE


def _date(update: Element, name: str, remarks: Remarks) -> datetime | None:
    element = first_child(update, name)
    text = element.get("date", "") if element is not None else ""
    if not text:
        return None
    try:
        # Some write seconds since 1970.
        if text.isdecimal() and len(text) > 8:
            return moment_of(int(text))
        return date_of(text)
    except (ValueError, OverflowError):
        remarks.refuse(name, f"not a date: {text[:40]!a}")
        return None


@frozen
class _Key:
    """What packages of several architectures have in common."""

    name: str
    evr: str
    distribution: Distribution
    module: Module
    channel: str | None


class _Packages:
    """The packages of an update. Those that differ in architecture alone are one entry."""

    def __init__(self, remarks: Remarks, id: str, family: str, release: str, limits: Limits) -> None:
        self._remarks = remarks
        self._id = id
        self._family = family
        self._release = release
        self._limits = limits
        self._arches: dict[_Key, dict[str, None]] = {}
        self._sources: list[Loss] = []
        self._taken: set[int] = set()

    def take(self, collection: Element) -> None:
        """The packages of one collection."""
        name = text_of(first_child(collection, "name")) or collection.get("short", "")
        channel = _CHANNEL.fullmatch(collection.get("short", "")) if self._family == "amzn" else None
        module = first_child(collection, "module")
        stream: Module | None = None
        if module is not None and module.get("name") and module.get("stream"):
            stream = Module.of(f"{module.get('name')}:{module.get('stream')}")
        # A collection inside of this one has packages of its own.
        todo = list(reversed(collection))
        while todo:
            package = todo.pop()
            if local(package) != "collection":
                todo += reversed(package)
            if local(package) == "package":
                self._taken.add(id(package))
                self._package(package, name, stream, channel[1] if channel else None)

    def take_rest(self, update: Element) -> None:
        """What looks like a package and stands in no collection, or is called otherwise."""
        for one in update.iter():
            name, release = one.get("name"), one.get("release")
            if (
                release
                and one.get("version")
                and id(one) not in self._taken
                and one.get("arch") not in ("src", "nosrc")
            ):
                self._refuse(name or "", "a package in no collection", self._of(release or "", ""))

    def _of(self, release: str, collection: str) -> Distribution | None:
        """The release of a package, or all of the publisher's where nothing shows it."""
        found = _distribution(self._family, release, collection, self._release)
        return found if found is not None or not self._family else Distribution(self._family, None)

    def _package(self, package: Element, collection: str, stream: Module | None, channel: str | None) -> None:
        name, version, release, arch = (package.get(one, "") for one in ("name", "version", "release", "arch"))
        epoch = package.get("epoch", "")
        if arch in ("src", "nosrc"):
            self._sources.append(Loss(name or None, _distribution(self._family, release, collection, self._release)))
            return
        if not (name and version and release) or not f"{name}{version}{release}{arch}{epoch}".isprintable():
            where = _distribution(self._family, release, collection, self._release)
            self._refuse(name, "a package without name, version or release", where)
            return
        distribution = _distribution(self._family, release, collection, self._release)
        if epoch not in _NO_EPOCH and not (epoch.isascii() and epoch.isdecimal()):
            self._refuse(name, f"not an epoch: {epoch[:20]!a}", distribution)
            return
        if distribution is None:
            # Of SUSE a name that is not known here is another product's. Without any it could be of any.
            whole = None if self._family == "" else Distribution(self._family, None)
            lost = () if whole is None and (collection or self._release) else (Loss(name, whole),)
            self._remarks.skip(self._id, "a package of which the release is not known", lost)
            return
        if stream is None:
            is_modular = FAMILIES[distribution.id].modular and built_as_module(f".{release}")
            stream = UNKNOWN_MODULE if is_modular else NO_MODULE
        evr = f"{version}-{release}" if epoch in _NO_EPOCH else f"{epoch}:{version}-{release}"
        key = _Key(name, evr, distribution, stream, channel)
        if key not in self._arches and len(self._arches) >= self._limits.affected:
            self._refuse(name, f"more packages than the limit of {self._limits.affected}", distribution)
            return
        self._arches.setdefault(key, {})[arch] = None

    def _refuse(self, name: str, why: str, distribution: Distribution | None) -> None:
        what = f"package {name}" if name.isprintable() else "package"
        self._remarks.refuse(what, why, losses=(Loss(name if name.isprintable() and name else None, distribution),))

    def count_sources(self) -> None:
        """Skip the source packages. Nothing is lost with those that stand beside binary ones."""
        for loss in self._sources:
            self._remarks.skip(self._id, "source packages", () if self._arches else (loss,))

    def entries(self) -> tuple[Affected, ...]:
        """One for each package, version, release and module, with its architectures."""
        return tuple(
            [
                Affected(
                    key.name,
                    "rpm",
                    key.distribution,
                    Names.BINARY,
                    (Range(None, key.evr),),
                    (),
                    FixState.FIXED,
                    arches=() if "noarch" in arches or "" in arches else tuple(sorted(arches)),
                    module=key.module,
                    channel=key.channel,
                )
                for key, arches in self._arches.items()
            ]
        )


@lru_cache(maxsize=4096)
def _distribution(family: str, release: str, collection: str, stated: str) -> Distribution | None:
    """The release that a package is of. None where nothing shows it."""
    tag = _TAGS.get(family)
    if tag is not None:
        tags = tag.findall(f".{release}") or _MODULAR_TAG.findall(f".{release}")
        if tags:
            last = tags[-1]
            if family == "openeuler":
                year, month, pack = last
                last = f"{year}.{month}-LTS{f'-{pack.upper()}' if pack else ''}"
            return filed_under(normalised(family, last))
    for text in (collection, stated):
        product = from_product(text)
        if product is not None and (not family or product.id == family):
            return product
    return None
