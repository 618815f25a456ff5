"""Packages of languages in a tree: a walk finds their files, and what no package of the system owns is read.

Of a compressed archive there is no way to a file once it has passed, so all of its files are looked at then, and what
they show is kept.
"""

import shutil
from collections.abc import Collection, Hashable, Iterable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.models.packages import Layer, Package
from advisories.models.reading import Rejection, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.languages import python
from advisories.readers.inventories.languages.choice import ALL, NOT_LOOKED_FOR
from advisories.readers.inventories.languages.found import Found, Item, Passed, Unread, items
from advisories.readers.inventories.languages.owners import Maker, Owners, maker_of
from advisories.readers.inventories.languages.registry import FILES, PROGRAMS
from advisories.readers.inventories.languages.unread import ENDS, unread
from advisories.readers.listing import Listing
from advisories.sources.compression import Readable
from advisories.sources.elf import MAGIC, Elf
from advisories.sources.limits import Limits
from advisories.sources.tree import Tree, WalkedFile, place

__all__ = ["Scan"]

# What the kernel shows in a running system's root, and what containers of others are mounted in.
_WITHOUT: Final = frozenset({b"proc", b"sys", b"dev", b"run"})
# A file that passes stays in memory up to this size. A larger one goes into a temporary file.
_IN_MEMORY: Final = 1 << 24
# Beginnings of programs of other systems: Windows, and macOS in both orders of bytes, and for several machines.
_OTHERS: Final = (b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")
_PACKED_BY_UPX: Final = b"UPX!"
_PACKED: Final = "programs packed by UPX, which show nothing"
_SCRIPT: Final = "scripts with an archive behind them (zipapps of Python, Java): not looked into"
_ZIP: Final = b"PK\x03\x04"
# How the names of libraries end that programs load. Go and Rust build such too.
_LIBRARIES: Final = (b".so",)
# By type. Case makes no difference here, and does where a reader says so.
_ENDS: Final = {type: tuple(end.lower() for end in reader.ENDS) for type, reader in FILES.items()}
_BEGINNING: Final = 1024
# Packages of others that are named, each with a count.
_MOST_OWNERS: Final = 30
_MISSED: Final = "what of languages it brought is listed beside it"
_OWNER_UNKNOWN: Final = frozenset({Assumption.OWNER_UNKNOWN})


class Scan:
    """What is looked for in one source.

    :param types: of packages of languages. Files of other types are counted, where their names show them.
    :ivar layers: the layers of an image, in the order of their numbers. Empty for anything else.
    :ivar assumed: the packages of the system that own files of languages, and count as the distribution's although
        nothing shows who built them.
    """

    def __init__(self, types: Collection[str], limits: Limits) -> None:
        self.layers: Final[list[Layer]] = []
        self.assumed: Final[set[Package]] = set()
        self._owners: set[str] = set()
        self._types = types
        self._limits = limits
        self._files = FILES if types else {}
        self._programs = {type: reader for type, reader in PROGRAMS.items() if type in types}
        self._other_programs = {type: reader for type, reader in PROGRAMS.items() if type not in types}
        self._ends = tuple(end for type in self._files for end in _ENDS[type])
        self._of_programs = _LIBRARIES if self._programs else ()
        # In lower case, of whatever is wanted by its name.
        self._any_end = (*self._ends, *self._of_programs, *(end.lower() for end in ENDS if types))
        # By what a file's name shows: a hard link may have another name, of which more is to be read.
        self._seen: dict[tuple[Hashable, str | None], dict[str, tuple[Item, ...]]] = {}
        self._found: list[WalkedFile] = []
        self._collector = Collector("")

    # ---- while an archive passes ----

    def wants(self, name: bytes, is_executable: bool) -> bool:
        """Whether a file may show packages, or is counted. Libraries of programs need not be executable."""
        if is_executable:
            return True
        if not name.lower().endswith(self._any_end):
            return False
        return (
            name.endswith(self._of_programs)
            or (bool(self._types) and name.endswith(ENDS) and unread(name) is not None)
            or self._by_name(name) is not None
        )

    def look(self, identity: Hashable, name: bytes, size: int, stream: Readable) -> None:
        """Look at a file that passes."""
        type = self._by_name(name)
        what = unread(name) if type is None else None
        if what is not None:
            self._seen[identity, type] = {"": (Passed(what),)}
            return
        if type not in self._types if type is not None else not self._programs:
            self._seen[identity, type] = {}
            return
        head = b"" if type is not None else stream.read(_BEGINNING)
        if type is None and not head.startswith(MAGIC):
            self._seen[identity, type] = self._of_no_program(head)
            return
        if size > self._limits.document:
            why = self._limits.beyond("document", f"larger than the limit of {self._limits.document} bytes")
            self._seen[identity, type] = {type or "": (Unread("", why),)}
            return
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            file.write(head)
            shutil.copyfileobj(cast(BinaryIO, stream), file)
            file.seek(0)
            self._seen[identity, type] = self._read(cast(BinaryIO, file), name, size)

    # ---- in the whole tree ----

    def find(self, tree: Tree) -> Owners:
        """Walk through a tree. What is returned has to see the files of the packages of the system.

        Raises :class:`LimitExceeded`.
        """
        self._collector = Collector(tree.source)
        self._found = []
        self._owners.clear()
        self.assumed.clear()
        if not self._types:
            return Owners(tree, ())
        try:
            found = tree.walk(
                self.wants, _WITHOUT, self._limits.members, lambda name, why: self._refuse(tree, name, why)
            )
            self._found = _without_named(sorted(found, key=lambda one: one.name))
        except LimitExceeded as error:
            raise LimitExceeded(error.source, self._limits.beyond("members", error.why)) from error
        return Owners(tree, (one.name for one in self._found))

    def _refuse(self, tree: Tree, name: bytes, why: str) -> None:
        self._collector.take(Rejection(place(tree, name), "-", _text(name), why))

    def listing(self, tree: Tree, owners: Owners, distribution: Distribution | None) -> Listing:
        """The packages of the files that were found and are not judged as the package of the system that owns them.

        :param distribution: of the root.
        """
        collector = self._collector
        if not self._types:
            collector.skip(NOT_LOOKED_FOR, unread_types=ALL)
        makers = {
            name: maker_of(owner, name, distribution, is_program=self._by_name(name) is None)
            for name, owner in owners.packages.items()
        }
        owned = {name: owner for name, owner in owners.packages.items() if makers[name] is not Maker.OTHER}
        known = {name for name in owned if makers[name] is Maker.OWN or self._by_name(name) is not None}
        unseen = [
            one
            for one in self._found
            if one.name not in known and (one.identity, self._by_name(one.name)) not in self._seen
        ]
        tree.pass_again(unseen, self)  # such as a hard link, whose content passed by another name
        is_missed = False
        for one in self._found:
            type = self._by_name(one.name)
            owner = owned.get(one.name)
            if owner is not None:
                self._skip_owned(tree, one, owner, is_assumed=makers[one.name] is Maker.ASSUMED)
                continue
            if type is not None and type not in self._types:
                what = self._files[type].WHAT
                collector.skip(f"files of {what}: not looked into (--pkg-types os,library does)", unread_types=(type,))
                continue
            missed = unread(one.name) if type is None else None
            if missed is not None:
                collector.skip(missed)
                continue
            if type is None:
                for other, reader in self._other_programs.items():
                    why = f"programs: not looked into for {reader.WHAT} (--pkg-types os,library does)"
                    collector.skip(why, unread_types=(other,))
                if not self._programs:
                    continue
            doubts = _OWNER_UNKNOWN if one.name not in makers and owners.may_be_missed(one.name) else frozenset()
            for kind, read in self._items(tree, one).items():
                for item in read:
                    self._take(tree, one, kind, item, doubts)
                if _shows_package(read):
                    is_missed |= bool(doubts)
                    if one.name in makers:
                        self._skip_owner(owners.packages[one.name], kind)
        for package in owners.missed if is_missed else ():
            collector.skip(f"the files of a package of type {package.type}, which no list names: {_MISSED}")
        return collector.listing()

    def _skip_owned(self, tree: Tree, file: WalkedFile, owner: Package, *, is_assumed: bool) -> None:
        """Count a file that its owner decides about. Programs of the distribution's own packages are not opened."""
        type, whats = self._by_name(file.name), list[str]()
        if type is not None:
            whats = [f"files of {self._files[type].WHAT}"]
        elif is_assumed:
            found = self._items(tree, file).items()
            whats = [f"programs with {self._what(kind)}" for kind, read in found if _shows_package(read)]
        why = ", whose maker nothing shows" if is_assumed else ""
        for what in whats:
            self._collector.skip(f"{what} that a package of type {owner.type} owns{why}: judged as that package")
        if whats and is_assumed and owner.type == "deb":
            self.assumed.add(owner)

    def _skip_owner(self, owner: Package, type: str) -> None:
        """Count that the owner of a file does not decide, which the distribution did not build."""
        if owner.name not in self._owners and len(self._owners) == _MOST_OWNERS:
            name = "other packages"
        else:
            self._owners.add(owner.name)
            name = owner.name
        self._collector.skip(
            f"{name} as the owner of {self._what(type)}, which are none of the distribution's: they are listed"
        )

    def _take(self, tree: Tree, file: WalkedFile, type: str, item: Item, doubts: frozenset[Assumption]) -> None:
        if isinstance(item, Passed):
            self._collector.skip(item.why, unread_types=item.types)
        elif isinstance(item, Unread):
            name = _text(file.name) + item.inner
            self._collector.reject(name, f"a file of {self._what(type)}", item.why)
        else:
            self._collector.keep(self._package(file, type, item, doubts))

    def _what(self, type: str) -> str:
        reader = self._files.get(type) or self._programs.get(type)
        return reader.WHAT if reader is not None else "a program"

    def _package(self, file: WalkedFile, type: str, found: Found, doubts: frozenset[Assumption]) -> Package:
        path = f"/{_text(file.name)}"
        reader = self._files.get(type)
        location = (reader.location(path) if reader is not None else path) + found.inner
        layer = self.layers[file.layer - 1] if 0 < file.layer <= len(self.layers) else None
        locations = (path + found.inner,)
        return Package(
            type, found.name, found.version, location=location, locations=locations, layer=layer, doubts=doubts
        )

    def _items(self, tree: Tree, file: WalkedFile) -> dict[str, tuple[Item, ...]]:
        seen = self._seen.get((file.identity, self._by_name(file.name)))
        if seen is not None:
            return seen
        try:
            stream = tree.open(file.name)
            if stream is None:
                return {}
            with stream:
                return self._read(stream, file.name, file.size)
        except UnreadableSource as error:
            return {"": (Unread("", error.why),)}
        except OSError as error:
            return {"": (Unread("", error.strerror or str(error)),)}

    # ---- one file ----

    def _by_name(self, name: bytes) -> str | None:
        """The type of packages that a file's name shows."""
        lower = name.lower()
        if not lower.endswith(self._ends):
            return None
        for type, reader in self._files.items():
            if lower.endswith(_ENDS[type]) and reader.wants(name):
                return type
        return None

    def _read(self, file: BinaryIO, name: bytes, size: int) -> dict[str, tuple[Item, ...]]:
        type = self._by_name(name)
        if type is not None:
            return {type: items(self._files[type].read(file, _text(name)))}
        head = file.read(_BEGINNING)
        if not head.startswith(MAGIC):
            return self._of_no_program(head)
        try:
            program = Elf(file, size)
        except Unreadable as error:
            return {"": (Unread("", str(error)),)}
        found = {type: items(reader.read(program, _text(name))) for type, reader in self._programs.items()}
        if not any(found.values()) and _PACKED_BY_UPX in head:
            return {"": (Passed(_PACKED, tuple(PROGRAMS)),)}
        return {type: read for type, read in found.items() if read}

    def _of_no_program(self, head: bytes) -> dict[str, tuple[Item, ...]]:
        if head.startswith(b"#!") and _ZIP in head:
            return {"": (Passed(_SCRIPT, ("pypi", "maven")),)}
        if head.startswith(_OTHERS):
            return {"": (Passed("programs of Windows and macOS, whose modules are not read"),)}
        return {}


def _without_named(files: list[WalkedFile]) -> list[WalkedFile]:
    """Without the files beside which another one names their package."""
    names = {one.name for one in files}
    return [one for one in files if python.named_by(one.name) not in names]


def _shows_package(read: Iterable[Item]) -> bool:
    return any(isinstance(item, Found) for item in read)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
