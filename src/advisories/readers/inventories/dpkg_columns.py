"""Columns of dpkg-query in any choice, by the format that a list states, or by their content.

Recognised are names, versions, architectures, states, ``Source`` and a maintainer. Of two columns of names, the one
with more different values is the binary package's. Of two columns of versions that differ, the source package's is the
one that ``Source`` shows, or that has no ``+bN``. Ambiguous columns are an error, and so is a list without versions.

Sources: dpkg-query(1), ``--showformat``. Debian Policy, *Sections* and *Priorities*.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import eq
from typing import Final

from advisories.distros.nevra import ARCHES
from advisories.distros.rebuilds import without_rebuild
from advisories.models.errors import UnreadableSource
from advisories.models.packages import Package, State
from advisories.models.patterns import pattern
from advisories.models.reading import Unreadable
from advisories.readers.inventories.columns import by_format, column, cut
from vercmp import InvalidVersion, dpkg

__all__ = [
    "LETTERS",
    "NAME",
    "RPM_RELEASE",
    "STATES",
    "are_columns",
    "ends_in_arch",
    "maker_by_content",
    "maker_by_format",
    "name_of",
    "package",
]

STATES: Final = {state.value: state for state in State if state is not State.PSEUDO}
#: The second letter of ``dpkg -l``.
LETTERS: Final = {
    "n": State.NOT_INSTALLED,
    "c": State.CONFIG_FILES,
    "H": State.HALF_INSTALLED,
    "U": State.UNPACKED,
    "F": State.HALF_CONFIGURED,
    "W": State.TRIGGERS_AWAITED,
    "t": State.TRIGGERS_PENDING,
    "i": State.INSTALLED,
}
NAME: Final = pattern(r"([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?")
_VERSION: Final = pattern(r"[0-9][A-Za-z0-9.+~:_-]*")
_SOURCE: Final = pattern(r"([a-z0-9][a-z0-9+.-]+)(?: \((\S+)\))?")
_ABBREVIATED: Final = pattern(r"[uihrp][ncHUFWti][ R]?")
_STATUS: Final = pattern(r"\S+ (?:ok|reinstreq) \S+")
# A single line with a word and a number is not a list.
_FEWEST: Final = 2
# A missing value makes a row shorter by one or two words. Free text varies more.
_FEW_MORE: Final = 2
_SAY: Final = "name the list's format in front of it, # showformat FORMAT"
_MISSING: Final = f"values are missing, which blanks do not show: {_SAY}"
_NO_VERSION: Final = "the list has no versions: print ${Version} too"

# The fields of a row by their names in --showformat, lower case: signs that are in no value, or its form.
_FIELDS: Final[Mapping[str, str | re.Pattern[str]]] = {
    "package": ":",
    "binary:package": "",
    "version": "",
    "architecture": ".:",
    "status": re.compile(r"\S+ \S+ \S+"),
    "db:status-status": "",
    "db:status-abbrev": re.compile(r"[a-zA-Z]{2}[ R]?"),
    "db:status-want": "",
    "db:status-eflag": "",
    "source": re.compile(r"\S*(?: \([^\s()]*\))?"),
    "source:package": ":",
    "source:version": "",
    "source:upstream-version": "",
    "section": "",
    "priority": "",
    "multi-arch": "",
    "installed-size": "",
}

# Architectures and releases that only rpm has show that columns are not dpkg's.
_ARCHES: Final = frozenset(
    word
    for line in (
        "all any amd64 arm64 armel armhf i386 ia64 kfreebsd-amd64 kfreebsd-i386 hurd-i386 loong64 m68k mips mipsel",
        "mips64 mips64el powerpc powerpcspe ppc64 ppc64el riscv64 s390 s390x sh4 sparc sparc64 x32 hppa alpha lpia",
    )
    for word in line.split()
)
_SEPARATED: Final = pattern(r"[\s|,;]")
_OF_RPM: Final = ARCHES - _ARCHES - {"src"}
#: What is in a release of rpm's, and such a release.
_RPM_TAG: Final = pattern(r"\.(?:el|fc|amzn|cm|azl|ph|mga|oe|module[_+])[0-9]")
RPM_RELEASE: Final = pattern(rf"\S*{_RPM_TAG.pattern}\S*")
_WANTED: Final = frozenset(("unknown", "install", "hold", "deinstall", "purge"))
_ERRORS: Final = frozenset(("ok", "reinstreq"))
# Words that look like names and are none: priorities, and sections (with an area in front).
_WORDS: Final = frozenset(
    word
    for line in (
        "required important standard optional extra debian-installer same foreign allowed no yes php python ruby rust",
        "science shells sound tasks tex text translations utils vcs video virtual web x11 xfce zope admin",
        "cli-mono comm database debug devel doc editors education electronics embedded fonts games gnome gnu-r",
        "gnustep golang graphics hamradio haskell httpd interpreters introspection java javascript kde kernel libdevel",
        "libs lisp localization mail math metapackages misc net news ocaml oldlibs otherosfs perl",
    )
    for word in line.split()
)


def ends_in_arch(line: str) -> bool:
    """Whether the last column of a line is an architecture of dpkg's."""
    return _SEPARATED.split(line)[-1] in _ARCHES


def _is_maintainer(value: str) -> bool:
    """Whether a value is a name and an address: ``A B <a@b>``."""
    name, sign, address = value.rpartition(" <")
    return bool(name and sign and address[:-1]) and address.endswith(">") and address.split() == [address]


_KINDS: Final[Mapping[str, Callable[[str], object]]] = {
    "db:status-status": STATES.__contains__,
    "db:status-abbrev": lambda value: _ABBREVIATED.fullmatch(value),
    "status": lambda value: _STATUS.fullmatch(value),
    "want": _WANTED.__contains__,
    "error": _ERRORS.__contains__,
    "architecture": _ARCHES.__contains__,
    "word": lambda value: value.rpartition("/")[2] in _WORDS,
    "number": str.isdecimal,
    "maintainer": lambda value: _is_maintainer(value),
    "version": lambda value: _VERSION.fullmatch(value),
    "name": lambda value: NAME.fullmatch(value),
    "source": lambda value: _SOURCE.fullmatch(value),
}


def are_columns(lines: Sequence[str]) -> bool:
    """Whether lines are in columns like dpkg's, and not like rpm's."""
    if len(lines) < _FEWEST or lines[0].rpartition(".")[2] in _OF_RPM:
        return False
    text = "".join(lines)
    if " " not in text and "\t" not in text and all(map(_RPM_TAG.search, lines)):
        return False
    if any(line.rpartition(".")[2] in _OF_RPM for line in lines):
        return False
    rows = list(map(cut(lines), lines))
    values = {value for row in rows for value in row}
    if "(none)" in values or any(value.rpartition(".")[2] in _OF_RPM for value in values):
        return False
    if sum(any(map(RPM_RELEASE.fullmatch, row)) for row in rows) * 2 > len(rows):
        return False
    kinds = _kinds(rows)
    return "name" in kinds and ("version" in kinds or "source" in kinds or " -- " in lines[0])


Make = Callable[[str], Package]


def maker_by_format(format: str, source: str) -> Make:
    """What makes packages of lines that were printed in a format.

    Raises :class:`UnreadableSource` for a format that will not do.
    """
    names, row = by_format(format, "showformat", _FIELDS, source)
    _has_all(names, source)
    has_sources = "source" in names

    def of_format(line: str) -> Package:
        values = row(line)
        if values is None or not line.replace("\t", "").isprintable():
            raise Unreadable("not of the format in the list's comment, or cut off at a width")
        return _of_fields(dict(zip(names, values, strict=True)), has_sources)

    return of_format


def maker_by_content(lines: list[str], source: str) -> Make:
    """What makes packages of lines, by what their columns hold.

    Raises :class:`UnreadableSource` for ambiguous columns.
    """
    split = cut(lines)
    fields = _recognised(list(map(split, lines)), source)
    _has_all(fields.values(), source)
    least = max(place for place, name in fields.items() if name in ("version", "binary:package"))
    # ${Source} is empty where the source package has the package's name, ${source:Package} never.
    has_sources = not {"source", "source:package"}.isdisjoint(fields.values())

    def of_row(line: str) -> Package:
        row = split(line)
        if len(row) <= least or not line.replace("\t", "").isprintable():
            raise Unreadable(f"{len(row)} columns, or characters that cannot be printed")
        return _of_fields({name: row[place] if place < len(row) else "" for place, name in fields.items()}, has_sources)

    return of_row


def _has_all(names: Iterable[str], source: str) -> None:
    names = set(names)
    if "version" not in names:
        raise UnreadableSource(source, _NO_VERSION)
    if names.isdisjoint(("package", "binary:package")):
        raise UnreadableSource(source, "the list has no names of packages: print ${Package} too")


def _kinds(rows: Sequence[Sequence[str]]) -> list[str | None]:
    """What the columns hold that most rows have, up to one of many words."""
    lengths = sorted(map(len, rows))
    width = lengths[len(rows) // 10]
    if lengths[-1] - lengths[0] > _FEW_MORE:
        width = min(width, lengths[0] + _FEW_MORE) - 1
    kinds = [column(rows, place, _KINDS) for place in range(width)]
    for place, kind in enumerate(kinds):
        if kind == "name" and any(" (" in row[place] for row in rows if len(row) > place):
            kinds[place] = "source"
    return kinds


def _recognised(rows: Sequence[Sequence[str]], source: str) -> dict[int, str]:
    """The fields of the columns, by place."""
    kinds = _kinds(rows)
    more = [row[len(kinds) :] for row in rows if len(row) > len(kinds)]
    if len(more) * 10 > len(rows) and all(len(rest) <= 2 and _SOURCE.fullmatch(" ".join(rest)) for rest in more):
        raise UnreadableSource(source, f"in some rows of {len(kinds)} columns {_MISSING}")
    if "version" not in kinds:
        raise UnreadableSource(source, _NO_VERSION)
    fields = {place: kind for place, kind in enumerate(kinds) if kind is not None and kind not in ("name", "version")}
    rows = [row for row in rows if len(row) >= len(kinds)]
    stated = [_stated_version(row, kinds) for row in rows]
    for kind, order, names in (
        ("name", _binary_names, ("binary:package", "source:package")),
        ("version", partial(_binary_versions, stated), ("version", "source:version")),
    ):
        places = [place for place, found in enumerate(kinds) if found == kind]
        if len(places) > 1:
            places = order([[row[place] for row in rows] for place in places], places)
        if len(places) > 2 or (len(places) == 2 and places[0] == places[1]):
            raise UnreadableSource(source, f"more than one column may be the binary package's {kind}: {_SAY}")
        fields.update(zip(places, names, strict=False))
    return fields


def _binary_names(columns: list[list[str]], places: list[int]) -> list[int]:
    """The places of binary and source packages: a source makes one or more binaries. Alike where that is not seen."""
    if len(columns) > 2:
        return [places[0]] * 2
    left, right = (len(set(values)) for values in columns)
    if left == right and columns[0] != columns[1]:
        return [places[0]] * 2
    return places if left >= right else places[::-1]


def _stated_version(row: Sequence[str], kinds: Sequence[str | None]) -> str | None:
    """The source package's version, where a row's ``Source`` shows it."""
    matches = [_SOURCE.fullmatch(row[place]) for place, kind in enumerate(kinds) if kind == "source"]
    return next((match[2] for match in matches if match), None)


def _binary_versions(stated_versions: list[str | None], columns: list[list[str]], places: list[int]) -> list[int]:
    """The places of binary and source versions, without the latter where it is upstream's."""
    upstream = [place for place, values in zip(places, columns, strict=True) if _is_upstream(values, columns)]
    kept = [(place, values) for place, values in zip(places, columns, strict=True) if place not in upstream]
    if len(kept) != 2:
        return [place for place, _ in kept] if len(kept) == 1 else [places[0]] * 2
    (left, ours), (right, theirs) = kept
    differ = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    rebuilt = any(without_rebuild(one) == other for one, other in differ)
    reverse = any(without_rebuild(other) == one for one, other in differ)
    if any(stated_versions):
        rebuilt, reverse = (
            all(version in (None, stated) for version, stated in zip(stated_versions, values, strict=True))
            for values in (theirs, ours)
        )
    if differ and rebuilt == reverse:
        return [left] * 2
    return [right, left] if reverse else [left, right]


def _is_upstream(values: list[str], columns: list[list[str]]) -> bool:
    """Whether these are the versions of another column without epoch and revision."""
    others = [other for other in columns if other is not values and other != values]
    least = 0.9 * len(values)
    return any(sum(map(eq, values, map(_upstream_of, other))) >= least for other in others)


def _upstream_of(version: str) -> str:
    try:
        return dpkg.split(version).version
    except InvalidVersion:
        return version


def _of_fields(fields: Mapping[str, str], has_sources: bool) -> Package:
    """The package of a row's values, by the fields' names in ``--showformat``.

    :param has_sources: whether a row without a source package has one of the package's own name.
    """
    values = {name: value.strip() for name, value in fields.items()}
    name, arch = name_of(values.get("binary:package") or values.get("package", ""))
    version = values["version"]
    if version and _VERSION.fullmatch(version) is None:
        raise Unreadable(f"not a version: {version[:40]!a}")
    source, source_version = values.get("source:package"), values.get("source:version")
    if values.get("source"):
        match = _SOURCE.fullmatch(values["source"])
        if match is None:
            raise Unreadable(f"not a source package: {values['source'][:40]!a}")
        source, source_version = match[1], source_version or match[2] or version
    elif has_sources and not source:
        source, source_version = name, source_version or without_rebuild(version)
    return package(
        name,
        version,
        values.get("architecture") or arch,
        _state(values, version),
        source or None,
        source_version or None,
        values.get("origin") or None,
        values.get("maintainer") or None,
    )


def _state(values: Mapping[str, str], version: str) -> State:
    word = values.get("db:status-status") or values.get("status", "").rpartition(" ")[2]
    letters = values.get("db:status-abbrev", "")
    if not word and not letters:
        return State.INSTALLED if version else State.NOT_INSTALLED
    state = STATES.get(word) if word else LETTERS.get(letters[1:2])
    if state is None:
        raise Unreadable(f"not a state: {(word or letters)[:40]!a}")
    return state


def name_of(text: str) -> tuple[str, str | None]:
    """A package's name and, behind a colon, its architecture."""
    match = NAME.fullmatch(text)
    if match is None:
        raise Unreadable(f"not a package name: {text[:40]!a}")
    return match[1], match[2]


def package(
    name: str,
    version: str,
    arch: str | None,
    state: State,
    source: str | None = None,
    source_version: str | None = None,
    origin: str | None = None,
    maintainer: str | None = None,
) -> Package:
    """The package of a line's values. Raises :class:`Unreadable` for an installed one without a version."""
    if " " in version or (not version and state is not State.NOT_INSTALLED):
        raise Unreadable("no version" if not version else f"not a version: {version!a}")
    return Package(
        "deb",
        name,
        version,
        arch,
        source_name=source,
        source_version=source_version,
        vendor=origin,
        maintainer=maintainer,
        state=state,
    )
