"""What a list that ``advisories list`` wrote has beside the package URLs of its packages: names with values.

A list in any format is read as it was written: what a package URL cannot show, such as the vendor, is a *fact* of the
package, and what is known of the whole, such as the image, a fact of the list. Each format keeps them where it has
room: properties, annotations, columns, comments. Their names and values are here.

Facts of a package are texts. ``state`` is there always, and shows that a package was written so. Facts of a list are
JSON values. A list is not trusted: its facts are checked as any other reader checks what it reads.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from advisories.distros.identity import identified
from advisories.distros.package_urls import package_url
from advisories.models.assumptions import OF_THE_LIST, Assumption
from advisories.models.distribution import Distribution, normalised
from advisories.models.errors import OtherVersion, UnknownPackageType
from advisories.models.frozen import evolve
from advisories.models.packages import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Image,
    Inventory,
    Layer,
    Module,
    Package,
    Removed,
    State,
)
from advisories.models.patterns import pattern
from advisories.models.reading import LIST, Extent, Rejection, Unreadable
from advisories.models.setups import Setup, SetupKind
from advisories.readers.collector import Collector
from advisories.readers.lines import CUT, is_comment
from advisories.readers.listing import Listing
from advisories.readers.purls import package_of

__all__ = [
    "COLUMNS",
    "FACTS",
    "PREFIX",
    "SPDX_SUBJECT",
    "Carried",
    "assumed_of",
    "carried_package",
    "comments_of",
    "facts_in",
    "facts_of",
    "list_facts",
    "package_facts",
]

#: What stands for the image or host in a list in SPDX.
SPDX_SUBJECT: Final = "SPDXRef-Subject"
#: In front of the names of facts, where a format has names of others too.
PREFIX: Final = "advisories:"
# What a comment begins with that has a fact of a list.
_COMMENT: Final = "# advisories "

# Counts up when a fact gets another meaning.
_VERSION: Final = 1
_TEXTS: Final[Mapping[str, str]] = {
    "arch": "arch",
    "source": "source_name",
    "source-version": "source_version",
    "vendor": "vendor",
    "maintainer": "maintainer",
    "repository": "repository",
    "location": "location",
}
_UNKNOWN: Final[Mapping[str, str]] = {"epoch": "epoch_known", "source-epoch": "source_epoch_known"}
_MODULE: Final = "module"
#: The facts of a package, in the order of columns. The last one is always there.
FACTS: Final = (*_TEXTS, _MODULE, "unknown", "doubts", "files", "layer", "installed", "state")
#: The columns of a table of packages.
COLUMNS: Final = ("type", "name", "version", *FACTS)

# Of a list: facts that are texts.
_TYPE: Final = pattern("pkg:([a-z-]+)/")
_PLAIN: Final = frozenset(("contradiction", "distribution-source", "running-kernel"))


def package_facts(package: Package) -> dict[str, str]:
    """The facts of a package beside its type, name and version.

    >>> package_facts(Package("rpm", "zsh", "5.8-9.el9", "x86_64", vendor="AlmaLinux"))
    {'arch': 'x86_64', 'vendor': 'AlmaLinux', 'state': 'installed'}
    """
    facts = {name: value for name, field in _TEXTS.items() if (value := getattr(package, field)) is not None}
    module = package.module
    if module.streams:
        plain = " ".join(module.streams)
        is_plain = not plain.startswith("[") and plain.split() == list(module.streams)
        facts[_MODULE] = plain if is_plain else json.dumps(module.streams)
    unknown = [name for name, field in _UNKNOWN.items() if not getattr(package, field)]
    unknown += [] if module.known else [_MODULE]
    if unknown:
        facts["unknown"] = " ".join(unknown)
    if package.doubts:
        facts["doubts"] = " ".join(sorted(package.doubts))
    if package.locations:
        facts["files"] = json.dumps(package.locations, ensure_ascii=False)
    if package.layer is not None:
        facts["layer"] = package.layer.digest
    if package.installed_at is not None:
        facts["installed"] = package.installed_at.isoformat()
    facts["state"] = package.state.value
    return facts


def carried_package(type: str, name: str, version: str, facts: Mapping[str, str]) -> Package:
    """The package of these facts. Raises :class:`~advisories.models.reading.Unreadable` for facts that are none.

    A text may be any: a maintainer's name in another encoding, a path with a blank of Unicode. What a package is known
    by has to be printable, as in every other list.
    """
    for what, text in (("name", name), ("version", version)):
        if not (text.isprintable() and "\ufffd" not in text):
            raise Unreadable(f"{what}: characters that cannot be printed")
    state = _value("state", facts["state"], State)
    if not (type and name and (version or state is State.NOT_INSTALLED)):
        raise Unreadable("a type, a name and a version are expected")
    unknown = facts.get("unknown", "").split()
    layer, installed = facts.get("layer"), facts.get("installed")
    files = _value("files", facts["files"], _texts) if "files" in facts else ()
    try:
        return Package(
            type,
            name,
            version,
            **{field: facts.get(fact) for fact, field in _TEXTS.items()},
            epoch_known="epoch" not in unknown,
            source_epoch_known="source-epoch" not in unknown,
            module=UNKNOWN_MODULE if _MODULE in unknown else _value(_MODULE, facts.get(_MODULE, ""), _module),
            state=state,
            locations=files,
            doubts=frozenset(_value("doubts", word, Assumption) for word in facts.get("doubts", "").split()),
            installed_at=None if installed is None else _value("installed", installed, datetime.fromisoformat),
            layer=None if layer is None else Layer(layer),
        )
    except UnknownPackageType as error:
        raise Unreadable(str(error)) from None


def _module(streams: str) -> Module:
    if streams.startswith("["):
        return Module.of(*_texts(streams))
    return Module.of(*streams.split()) if streams else NO_MODULE


def _setup(value: Any) -> Setup:
    """A setup of its fields. Raises ValueError, TypeError or KeyError for anything else."""
    name, by, source = (_text(value[field]) for field in ("name", "by", "source"))
    is_on, is_security, line = value["is_on"], value["is_security"], value["line"]
    if not (isinstance(is_on, bool) and isinstance(is_security, bool)):
        raise TypeError
    return Setup(_KINDS[value["kind"]], name, by, is_on, is_security, source, None if line is None else _number(line))


_KINDS: Final[Mapping[str, SetupKind]] = {kind.value: kind for kind in SetupKind}


def _value(what: str, text: str, make: Any) -> Any:
    try:
        return make(text)
    except (ValueError, RecursionError):
        raise Unreadable(f"{what}: {text[:40]!a} is none") from None


def _texts(text: str) -> tuple[str, ...]:
    texts = json.loads(text)
    if not (isinstance(texts, list) and all(isinstance(one, str) for one in texts)):
        raise ValueError
    return tuple(texts)


def facts_of(value: Any) -> dict[str, str]:
    """The facts of a package in a JSON object. None where no package was written so.

    Raises :class:`~advisories.models.reading.Unreadable` for facts that are no texts.
    """
    if not isinstance(value, dict) or not isinstance(value.get("state"), str):
        return {}
    facts = {name: value[name] for name in FACTS if name in value}
    if not all(isinstance(text, str) for text in facts.values()):
        raise Unreadable("a fact of a package that is no text")
    return facts


def facts_in(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The same among names with the prefix."""
    return facts_of({name.removeprefix(_OF_PACKAGE): text for name, text in pairs if name.startswith(_OF_PACKAGE)})


_OF_PACKAGE: Final = f"{PREFIX}package:"
_OF_LIST: Final = f"{PREFIX}list:"


def _check_purl(purl: str, package: Package, distribution: Distribution | None) -> None:
    """Check that a package URL is that of the package beside it, in any spelling: another program may have changed one
    of them.

    Raises :class:`~advisories.models.reading.Unreadable` where they contradict each other.
    """
    # One without a version is not installed, and has nothing to contradict.
    if purl != package_url(package, distribution) and package.version and _bare(package_of(purl)) != _bare(package):
        raise Unreadable("its package URL is of another package")


def _bare(package: Package) -> str:
    return package_url(evolve(package, source_name=None, module=NO_MODULE), None)


# ---- of a list ----


def list_facts(inventory: Inventory, *, with_absent: bool = True) -> Iterator[tuple[str, Any]]:
    """The facts of a list as a whole: what it is of, and what was rejected and skipped when it was read.

    Packages that are not installed are among them, with their places in the list: other programs would take an entry
    for one that is.

    :param with_absent: whether the format has no entries of these.

    The version of these facts comes first. A list in lines has two more: ``packages``, which is how many there are, and
    ``unknown``.
    """
    distribution, image, report = inventory.distribution, inventory.image, inventory.report
    yield "version", _VERSION
    if assumed := assumed_of(inventory.packages):
        yield "assumed", sorted(assumed)
    if distribution is not None:
        release, channels = distribution.release, sorted(distribution.channels)
        yield "distribution", {"id": distribution.id, "release": release, "channels": channels}
    if inventory.distribution_source is not None:
        yield "distribution-source", inventory.distribution_source
    if inventory.running_kernel is not None:
        yield "running-kernel", inventory.running_kernel
    if image is not None:
        yield "image", {**image.to_dict(), "labels": dict(image.labels)}
    packages = chain(inventory.packages, (one.package for one in inventory.removed))
    layers = {layer.digest: layer for package in packages if (layer := package.layer) is not None}
    for layer in (layers | {one.layer.digest: one.layer for one in inventory.removed}).values():
        yield "layer", [layer.digest, layer.history]
    for one in () if report is None else report.rejections:
        yield "rejected", [one.source, one.position, one.what, one.why, one.extent.value]
    for why, times in () if report is None else report.skips:
        yield "skipped", [times, why]
    if report is not None and report.unread_types is not None:
        yield "unread-types", list(report.unread_types)
    for setup in inventory.setups:
        yield "setup", setup.to_dict()
    for text in inventory.contradictions:
        yield "contradiction", text
    for gone in inventory.removed:
        package = gone.package
        yield "removed", [gone.layer.digest, package.type, package.name, package.version, package_facts(package)]
    for place, package in enumerate(inventory.packages) if with_absent else ():
        if not package.state.on_disk:
            yield "absent", [place, package.type, package.name, package.version, package_facts(package)]


def assumed_of(packages: Collection[Package]) -> frozenset[Assumption]:
    """What is assumed of a list as a whole: of each of its packages."""
    return frozenset([one for one in OF_THE_LIST if packages and all(one in package.doubts for package in packages)])


def comments_of(inventory: Inventory, written: int, unknown: Collection[str] = ()) -> Iterator[str]:
    """The facts of a list as comments, in a list in lines.

    :param written: how many packages it has.
    :param unknown: what of its packages is not known where nothing shows it.
    """
    doubts = [("unknown", sorted(unknown))] if unknown else []
    for name, value in (("packages", written), *doubts, *list_facts(inventory, with_absent=False)):
        yield f"{_COMMENT}{name} {json.dumps(value)}"


class Carried:
    """The facts of a list, taken one by one.

    :ivar distribution: None where no fact has one.
    :ivar distribution_source: what showed it.
    :ivar running_kernel: as ``uname -r`` prints it.
    :ivar image: that the list was read from.
    :ivar unknown: what of packages is not known where nothing shows it, *epoch* or *source*.
    :ivar assumed: what is assumed of each package.
    :ivar is_list: whether there was any fact of a list.
    :ivar is_complete: whether there was any fact, of a package too: what is not known there is not known.
    """

    def __init__(self, collector: Collector) -> None:
        self.distribution: Distribution | None = None
        self.distribution_source: str | None = None
        self.running_kernel: str | None = None
        self.image: Image | None = None
        self.is_list = False
        self.is_complete = False
        self.unknown: frozenset[str] = frozenset()
        self.assumed: frozenset[Assumption] = frozenset()
        self._count: int | None = None
        self._layers: Final[dict[str, Layer]] = {}
        self._removed: Final[list[Removed]] = []
        self._absent: Final[list[tuple[int, Package]]] = []
        self._setups: Final[list[Setup]] = []
        self._contradictions: Final[list[str]] = []
        self._collector: Final = collector

    def take(self, position: str, name: str, value: Any) -> None:
        """Take a fact. One that is none is rejected."""
        try:
            self._take(name, value)
        except (ValueError, TypeError, KeyError, AttributeError, Unreadable):
            self._collector.reject(position, name, "no fact of a list")

    def take_text(self, position: str, name: str, text: str) -> None:
        """Take a fact whose value is JSON, or a text where the fact is one."""
        try:
            value = text if name in _PLAIN and not text.startswith('"') else json.loads(text)
        except (ValueError, RecursionError):
            value = None
        self.take(position, name, value)

    def take_object(self, position: str, value: Any) -> None:
        """Take the facts of a JSON object: names with arrays of values. Anything else has none."""
        for name, values in value.items() if isinstance(value, dict) else ():
            for one in values if isinstance(values, list) else [None]:
                self.take(position, str(name), one)

    def take_properties(self, position: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Take the facts among names with the prefix."""
        for name, text in pairs:
            if name.startswith(_OF_LIST):
                self.take_text(position, name.removeprefix(_OF_LIST), text)

    def take_comments(self, text: str) -> None:
        """Take the facts of the comments of a list in lines."""
        if _COMMENT not in text:
            return
        for number, ended in enumerate(text.split("\n"), 1):
            line = ended.rstrip("\r")
            if line.startswith(_COMMENT) and is_comment(line):
                name, _, value = line.removeprefix(_COMMENT).partition(" ")
                self.take_text(f"line {number}", name, value.strip())

    def _take(self, name: str, value: Any) -> None:
        if name == "distribution":
            channels = frozenset(map(_text, value["channels"]))
            self.distribution = normalised(_text(value["id"]), _text_or_none(value["release"]), channels)
        elif name == "distribution-source":
            self.distribution_source = _text(value)
        elif name == "running-kernel":
            self.running_kernel = _text(value)
        elif name == "image":
            labels = tuple(sorted((_text(key), _text(text)) for key, text in value["labels"].items()))
            names = [_text_or_none(value[field]) for field in ("name", "digest", "platform")]
            self.image = Image(names[0], names[1], _text(value["id"]), names[2], labels)
        elif name == "layer":
            digest, history = value
            self._layers[_text(digest)] = Layer(digest, None if history is None else _text(history))
        elif name == "rejected":
            source, position, what, why, extent = map(_text, value)
            self._collector.take(Rejection(source, position, what, why, Extent(extent)))
        elif name == "skipped":
            times, why = value
            self._collector.skip(_text(why), _number(times))
        elif name == "unread-types":
            self._collector.unread_types = set(map(_text, value))
        elif name == "setup":
            self._setups.append(_setup(value))
        elif name == "contradiction":
            self._contradictions.append(_text(value))
        elif name == "absent":
            place, type, package, version, facts = value
            self._absent.append((int(place), carried_package(_text(type), package, version, facts_of(facts))))
        elif name == "removed":
            digest, type, package, version, facts = value
            one = carried_package(_text(type), package, version, facts_of(facts))
            self._removed.append(Removed(one, Layer(_text(digest))))
        elif name == "version" and value != _VERSION:
            if not isinstance(value, int):
                raise ValueError
            # Its facts may have other meanings: nothing of it is read.
            raise OtherVersion(self._collector.source, "the list", value, (_VERSION,), "write the list again")
        elif name == "unknown":
            self.unknown = frozenset(map(_text, value))
        elif name == "assumed":
            self.assumed = frozenset([_value("assumed", _text(one), Assumption) for one in value])
        elif name == "packages":
            self._count = _number(value)
        elif name != "version":
            raise ValueError
        self.is_list = self.is_complete = True

    @property
    def set_up(self) -> tuple[tuple[Setup, ...], tuple[str, ...]]:
        """What its root had set up, and what was contradictory in it."""
        return tuple(self._setups), tuple(self._contradictions)

    @property
    def has_release(self) -> bool:
        """Whether the facts show the release, or why there is none."""
        return self.distribution is not None or self.distribution_source is not None

    def listing(self, release: tuple[Distribution | None, str | None] = (None, None)) -> Listing:
        """The listing of what was collected, completed.

        :param release: what else shows it, and where. A document that somebody put together has packages with facts,
            and others.
        """
        self._complete()
        return self._collector.listing(
            *((self.distribution, self.distribution_source) if self.has_release else release),
            self.running_kernel,
            self.image,
            self.removed,
            *self.set_up,
            is_complete=True,
        )

    def package(
        self, purl: str, name: object, version: object, facts: Mapping[str, str], files: Sequence[str] = ()
    ) -> Package:
        """The package of an entry with a package URL.

        :param files: instead of those among the facts.

        Raises :class:`~advisories.models.reading.Unreadable` where facts are none, or are another package's.
        """
        type = _TYPE.match(purl)
        if type is None or not isinstance(name, str) or not isinstance(version, str | None):
            raise Unreadable("a package URL, a name and a version are expected")
        package = carried_package(type[1], name, version or "", facts)
        self.is_complete = True
        if files:
            package = evolve(package, locations=tuple(files))
        _check_purl(purl, package, self.distribution)
        return package

    def check_whole(self, text: str, entries: int) -> None:
        """Reject what is missing of a list in lines that was cut. Nobody knows then what else is installed (rule 0).

        :param entries: how many there are.
        """
        if self._count is None:
            return
        if not text.endswith("\n"):
            self._collector.reject("-", LIST, CUT)
        elif entries != self._count:
            why = f"{entries} packages, and {self._count} were written: a part of the list is missing or repeated"
            self._collector.reject("-", LIST, why)
        else:
            return
        self.assumed |= {Assumption.INVENTORY_PARTIAL}
        packages = self._collector.packages
        packages[:] = [evolve(package, doubts=package.doubts | self.assumed) for package in packages]

    def _complete(self) -> None:
        """Complete the packages that were kept: with those that are not installed, at their places, and with what made
        their layers.
        """
        packages = self._collector.packages
        if self._absent:
            there = list(packages)
            self._collector.keep_all(package for _, package in self._absent)
            packages[:] = _merged(there, sorted(self._absent, key=itemgetter(0)))
        if self._layers:
            packages[:] = map(self._placed, packages)

    def _placed(self, package: Package) -> Package:
        layer = package.layer and self._layers.get(package.layer.digest)
        return package if layer is None else evolve(package, layer=layer)

    @property
    def removed(self) -> tuple[Removed, ...]:
        """What layers of the image removed."""
        packages = identified(tuple(self._placed(one.package) for one in self._removed))
        layers = [self._layers.get(one.layer.digest, one.layer) for one in self._removed]
        return tuple(map(Removed, packages, layers))


def _merged(packages: Sequence[Package], others: Iterable[tuple[int, Package]]) -> list[Package]:
    """Packages, with others at places of the whole."""
    merged: list[Package] = []
    left = iter(packages)
    for place, package in others:
        merged += islice(left, max(0, place - len(merged)))
        merged.append(package)
    return [*merged, *left]


def _number(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
