"""``rpm -qa``: plain ``name-version-release.arch`` lines, or the recommended tab-separated ones.

The recommended form is one line a package with :data:`QUERY_FORMAT` as ``--queryformat``. It carries what the plain
form cannot: the epoch, the source package, the vendor, the module stream. Its last columns may be missing, from
``ARCH`` on. Without vendor and label it may have blanks in place of tabs.

The plain form comes with architecture or without, with ``.rpm`` behind it, as ``--nevra``, and with the dates of
``--last``. In a plain list without any epoch, epochs are *unknown*. If some line shows one, an epoch that another line
does not show is 0 (rule 4).

A list with any other columns is read by the format it states in front (:mod:`advisories.readers.inventories.columns`),
else by the content of its columns: architectures, source packages, epochs and module labels. The first three others are
name, version and release. Comments and empty lines are ignored.

What stands in the place of an epoch, and is another number (a size, a time), leaves epochs unknown.

The distribution is that of the one package that carries a distribution's release files.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from advisories.distros.nevra import ARCHES, NEVRA, module_of, split, without_epoch
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import NO_MODULE, STATE_OF_RPM, Module, Package, State
from advisories.models.patterns import pattern
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.columns import MOST, by_format, column, cut, numbered, stated_format
from advisories.readers.inventories.head import SEEN, Head
from advisories.readers.inventories.heading import KERNEL_RELEASE
from advisories.readers.lines import CUT, is_cut
from advisories.readers.listing import Listing
from advisories.readers.package_names import check_evr, check_name
from advisories.readers.releases import release_of_packages
from advisories.sources.dates import moment_of

__all__ = ["QUERY_FORMAT", "read", "sniff"]

#: The recommended ``rpm -qa --queryformat``. rpm before 4.14 does not know MODULARITYLABEL: leave the last column out.
QUERY_FORMAT: Final = (
    r"%{NAME}\t%{EPOCH}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{MODULARITYLABEL}\n"
)

_COLUMNS: Final = (5, 6, 7, 8)
_NONE: Final = "(none)"
# What --last prints behind a package, with one blank behind a long one: a date in the words of some language, which has
# a time of day in it.
_LAST: Final = pattern(r"(\S+)\s+\S.*\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}\b.*")
# Keys imported into the rpm database appear as packages of this name.
_KEYS: Final = "gpg-pubkey"
# Where there is no such text, no line shows an epoch.
_EPOCH: Final = pattern(r"[0-9)]:")
_EVR: Final = pattern(r"(?:[^\s/]+-)?(?:[0-9]+|\(none\)):[^\s/-]+-[^\s/-]+|[0-9]+:[^\s/]+-[^\s/-]+-[^\s/-]+")
_SEPARATED: Final = pattern(r"[\s,;|=]+")
_NO_WORD: Final = pattern(r"\W")
# So much of an architecture is taken for the beginning of one: x86, noa, aar.
_SHOWS_ARCH: Final = 3
# Signs that are in no name, version or release.
_SIGN: Final = pattern(r"[,;|=]")
# No package has a name of numbers alone, and the release of a kernel begins with them.
_NUMBERS: Final = pattern(r"[0-9]+(?:\.[0-9]+)+")
_DIGIT: Final = pattern(r"[0-9]")
# Most lines that are one, at a glance: of printable ASCII, without these signs.
_ASCII: Final = "!-+.0-9<>-{}~"
_PLAIN_LINE: Final = re.compile(
    rf"[{_ASCII}-]+-(?:[0-9]+:)?(?=[^:-]*[0-9])[{_ASCII}]+-[0-9A-Za-z][{_ASCII}]*(?<!\.rpm)"
)
# Architectures that no other kind of list has.
_PLAIN_ARCHES: Final = frozenset(("noarch", "x86_64", "i686", "aarch64", "ppc64le"))

# The packages that show what numbers in front of versions are, and how many sources are needed for it.
_FIRST: Final = 200
_ENOUGH: Final = 10
_NO_EPOCH: Final = "a number in the place of an epoch, which most packages do not have"

# The fields of a row by the name of the tag, lower case: signs that are in no value.
_FIELDS: Final[Mapping[str, str]] = {
    "name": "",
    "epoch": ":-",
    "epochnum": ":-",
    "version": "-",
    "release": "-",
    "arch": ".-",
    "sourcerpm": "",
    "modularitylabel": "",
    "installtime": "",
    "buildtime": "",
    "size": "",
    "sigmd5": "",
    "evr": "",
    "nvr": "",
    "nvra": "",
    "nevr": "",
    "nevra": "",
}
# Formats that print what the plain form is.
_PLAIN_FORMAT: Final = pattern(
    r"(?:%\{NAME\}-(?:%\{EPOCH(?:NUM)?\}:)?%\{VERSION\}-%\{RELEASE\}(?:\.%\{ARCH\})?|%\{NE?VRA?\})(?:\.rpm)?(?:\\n)?"
)
_WHOLE: Final = ("nevra", "nevr", "nvra", "nvr")
_DIST: Final = pattern(r"\S*\.(?:el|fc|amzn|cm|azl|ph|mga|oe|an|al|module[_+])[0-9]\S*|[0-9][0-9.]*")
_LABEL: Final = pattern(r"[^:\s]+:[^:\s]+:[^:\s]+:\S+")
# A list with a column of these is of updates (``dnf updateinfo list``): its versions are the fixed ones.
_ADVISORY: Final = pattern(r"[A-Za-z][A-Za-z0-9-]*-(?:19|20)[0-9]{2}[:-][A-Za-z0-9:_-]+")
_KINDS: Final[Mapping[str, Callable[[str], object]]] = {
    "advisory": lambda value: _ADVISORY.fullmatch(value),
    "arch": ARCHES.__contains__,
    "sourcerpm": lambda value: value.endswith((".src.rpm", ".nosrc.rpm")),
    "modularitylabel": lambda value: _LABEL.fullmatch(value),
    "epoch": str.isdecimal,
    "nevra": lambda value: _whole(value),
}


def sniff(head: Head) -> bool | None:
    """True where each of the first lines is a form above with an architecture that only rpm has.

    None, where no other reader takes the list, for a comment ``queryformat``, half of the first lines in a form above,
    or columns that are recognised.
    """
    lines, front = head.lines, head.front
    if _are_plain(lines) and _format_of(front, "showformat") is None:
        return True
    if _format_of(front, "queryformat") is not None or _are_forms(lines):
        return None
    # A line alone that has a word and a number in it is not a list.
    fields = _fields_of(lines) if len(lines) > 1 else None
    known = fields is not None and not {"arch", "evr", "nevra", "release"}.isdisjoint(fields.values())
    return None if known else False


def _format_of(text: str, kind: str) -> str | None:
    """The format that a list states in front. Few lists have the word at all."""
    return stated_format(text, kind) if kind in text else None


def _are_plain(lines: Sequence[str]) -> bool:
    """Whether each line, but for keys, is a form above with an architecture that only rpm has."""
    packages = [line for line in lines if not line.startswith(_KEYS)]
    return bool(packages) and all(map(_is_plain, packages))


def _is_plain(line: str) -> bool:
    columns = line.split("\t")
    if len(columns) == 1:
        return _PLAIN_LINE.fullmatch(line) is not None and line.rpartition(".")[2] in _PLAIN_ARCHES
    return _fixed(line) is not None and columns[4] in _PLAIN_ARCHES


def _are_forms(lines: Iterable[str]) -> bool:
    """Whether a line has the recommended form, or a plain one with an architecture, or half of the lines a plain one.

    A few lines of other lists have a plain form too.
    """
    seen = whole = 0
    for line in lines:
        seen += 1
        if _PLAIN_LINE.fullmatch(line) is not None:
            is_whole, has_arch = True, line.rpartition(".")[2] in ARCHES
        else:
            parts = _whole(line)
            is_whole, has_arch = parts is not None, parts is not None and parts.arch is not None
        if has_arch or _fixed(line) is not None:
            return True
        whole += is_whole
        if whole * 2 >= SEEN:
            return True
    return seen > 0 and whole * 2 >= seen


def _whole(line: str) -> NEVRA | None:
    parts = split(_without_date(line.strip()))
    if parts is None or parts.name.isdecimal():  # the year of a date
        return None
    # A Debian package's name has dashes too, and seldom digits behind two of them.
    return parts if _DIGIT.search(parts.version) is not None and _SIGN.search(line) is None else None


def _fixed(line: str) -> list[str] | None:
    """The columns of the recommended form, its beginning, or its form with blanks. None for another line."""
    if "\t" not in line and " " not in line:
        return None
    columns = line.split("\t") if "\t" in line else line.split(" ")
    if len(columns) not in _COLUMNS[: None if "\t" in line else 2]:
        return None
    epoch, arch = columns[1], columns[4]
    is_form = (epoch == _NONE or epoch == "" or epoch.isdecimal()) and (arch in ARCHES or arch in ("", _NONE))
    return columns if is_form else None


def _without_date(line: str) -> str:
    if " " not in line:
        return line
    match = _LAST.fullmatch(line)
    return match[1] if match and _ADVISORY.fullmatch(match[1]) is None else line


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not a package is rejected.

    Raises :class:`UnreadableSource` for ambiguous columns.
    """
    collector = Collector(source)
    text = data.decode("utf-8", "surrogateescape")
    lines = numbered(text)
    if not text.endswith("\n") and _is_cut(text, [line for _, line in lines[-2:]]):
        collector.reject_rest(*lines.pop(), CUT)
    # An epoch that one plain line shows, the others would show too.
    shown = ":" in text and _EPOCH.search(text) is not None and any(_shows_epoch(line) for _, line in lines)
    make = _maker(text, [line for _, line in lines], shown, source) or _of_forms(text, lines, shown)
    collector.add_all(lines, make, lambda number, line: (number, line))
    if not _are_epochs(collector.packages[:_FIRST]) and not _are_epochs(collector.packages):
        collector.skips[_NO_EPOCH] += sum(":" in package.version for package in collector.packages)
        collector.packages[:] = [
            evolve(package, version=without_epoch(package.version), epoch_known=False) for package in collector.packages
        ]
    return collector.listing(*release_of_packages(collector.packages))


def _are_epochs(packages: Sequence[Package]) -> bool:
    """Whether numbers in front of versions are epochs: of most source packages those are missing, 0 or the same."""
    sources: dict[str, str] = {}
    for package in packages:
        epoch = package.version.partition(":")[0] if ":" in package.version else ""
        sources[package.source_name or package.name] = epoch.lstrip("0")
    shown = [epoch for epoch in sources.values() if epoch]
    return len(shown) < _ENOUGH or 4 * len(shown) < 3 * len(sources) or 2 * len(set(shown)) < len(shown)


def _is_cut(text: str, last: Sequence[str]) -> bool:
    """Whether the last line is cut: in the architecture, or above it where the line above has one at its end."""
    if not last or last[-1].endswith(_NONE):
        return False
    word = _last_word(last[-1])
    is_part = len(word) >= _SHOWS_ARCH and word not in ARCHES and any(arch.startswith(word) for arch in ARCHES)
    return is_part or is_cut(text, last, lambda line: _last_word(line) in ARCHES)


def _last_word(line: str) -> str:
    return _NO_WORD.split(line.removesuffix(".rpm"))[-1]


def _shows_epoch(line: str) -> bool:
    """Whether a word of a line is a version, or a package's full name, with an epoch."""
    return any(_EVR.fullmatch(word) is not None for word in _SEPARATED.split(line))


_Make = Callable[[str], Package]


def _maker(text: str, lines: Sequence[str], shown: bool, source: str) -> _Make | None:
    """What makes packages of the lines of a list in columns, None for one of the forms above.

    :param shown: epochs are, where there are any.
    """
    format = _format_of(text, "queryformat")
    if format is not None and _PLAIN_FORMAT.fullmatch(format) is None:
        names, row = by_format(format, "queryformat", _FIELDS, source)
        if not _are_enough(names):
            raise UnreadableSource(source, "the list has no names or versions: print %{NAME}, %{VERSION}, %{RELEASE}")

        def of_format(line: str) -> Package:
            values = row(_printable(line))
            if values is None:
                raise Unreadable("not of the format in the list's comment")
            return _of_fields(dict(zip(names, values, strict=True)), shown)

        return of_format
    if format is not None or _are_forms(lines[:SEEN]):
        return None
    fields = _fields_of(lines)
    if fields is None:
        return None
    if "advisory" in fields.values():
        raise UnreadableSource(source, "a list of advisories, whose packages are updates and not what is installed")
    split_row = cut(lines)

    def of_row(line: str) -> Package:
        row = split_row(_printable(line))
        if len(row) <= max(fields):
            raise Unreadable(f"{len(row)} columns")
        return _of_fields({name: row[place] for place, name in fields.items()}, shown)

    return of_row


def _are_enough(names: Iterable[str]) -> bool:
    names = set(names)
    return not names.isdisjoint(_WHOLE) or ("name" in names and ("evr" in names or {"version", "release"} <= names))


def _fields_of(lines: Sequence[str]) -> dict[int, str] | None:
    """The tags of columns by their content, by place. None where the columns are not rpm's."""
    if not lines:
        return None
    rows = list(map(cut(lines), lines))
    width = sorted(map(len, rows))[len(rows) // 10]
    cells = [["" if value == _NONE else value for value in row] for row in rows]
    kinds = [column(cells, place, _KINDS) for place in range(width)]
    fields: dict[int, str] = {}
    others: list[int] = []
    for place, kind in enumerate(kinds):
        values = Counter(row[place] for row in rows if len(row) > place)
        # Sizes and times are numbers too: an epoch is missing or 0, most times.
        is_number = kind == "epoch" and values[_NONE] + values["0"] < len(rows) / 2
        if kind is None or is_number or kind in fields.values():
            # What is missing nearly everywhere may be an epoch, a vendor, a label. A broken row does not change that.
            if values[_NONE] < MOST * len(rows):
                others.append(place)
        else:
            fields[place] = kind
    if "nevra" in fields.values():
        return fields
    # No version has a dash.
    second = [row[others[1]] for row in rows if len(others) > 1 and len(row) > others[1]]
    dashes = sum("-" in value for value in second) * 2 > len(rows)
    names = ("name", "version", "release") if len(others) > 2 and not dashes else ("name", "evr")
    places = others[: len(names)]
    if len(places) < len(names) or not _like_versions(rows, places):
        return None
    return fields | dict(zip(places, names, strict=True))


def _like_versions(rows: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Whether names have letters, and releases the digits that they have."""
    whole = [row for row in rows if len(row) > max(places)]
    last = [row[places[-1]] for row in whole]
    named = sum(row[places[0]][:1].isalpha() for row in whole) * 2 > len(rows)
    if len(places) == 2:
        return named and sum("-" in value and _DIST.fullmatch(value) is not None for value in last) * 2 > len(rows)
    return named and sum(map(bool, map(_DIST.fullmatch, last))) * 2 > len(rows)


def _printable(line: str) -> str:
    if (line.replace("\t", "") if "\t" in line else line).isprintable():
        return line
    try:
        line.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start} of the line") from None
    raise Unreadable("characters that cannot be printed")


def _of_forms(text: str, lines: Sequence[tuple[int, str]], shown: bool) -> _Make:
    """What makes packages of the lines of a list in one of the forms above: rows of it have columns alike."""
    of_form = partial(_of_form, shown)
    widths = Counter([line.count("\t") + 1 for _, line in lines]) if "\t" in text else Counter[int]()
    forms = [width for width in widths if width in _COLUMNS]
    if len(forms) < 2:
        return of_form
    most = max(forms, key=lambda width: (widths[width], width))

    def of_width(line: str) -> Package:
        width = line.count("\t") + 1
        if width != most and width in forms:
            raise Unreadable(f"{width} columns, and most rows have {most}")
        return of_form(line)

    return of_width


def _of_form(shown: bool, line: str) -> Package:
    if not line.isprintable():
        _printable(line)
    if "\t" in line:
        return _columns(line.split("\t"))
    if " " not in line:
        return _plain(line, shown)
    columns = _fixed(line)
    return _plain(_without_date(line.strip()), shown) if columns is None else _columns(columns)


def _columns(columns: list[str]) -> Package:
    if len(columns) not in _COLUMNS:
        raise Unreadable(f"{len(columns)} columns; the recommended form has {_COLUMNS[-1]}")
    missing = [_NONE] * (_COLUMNS[-1] - len(columns))
    name, epoch, version, release, arch, source, vendor, label = [*columns, *missing]
    return _package(name, epoch, version, release, arch, source, vendor, label)


def _of_fields(fields: Mapping[str, str], shown: bool) -> Package:
    """The package of a row's values, by the names of tags, lower case."""
    values = {name: value.strip() for name, value in fields.items()}
    whole = next((values[name] for name in _WHOLE if name in values), None)
    if whole is None and "evr" in values:
        whole = f"{values.get('name', '')}-{values['evr']}"
    parts = (
        split(whole) if whole is not None else NEVRA(values["name"], None, values["version"], values["release"], None)
    )
    if parts is None or _NONE in (parts.version, parts.release):
        raise Unreadable("not name-version-release.arch")
    epoch = values.get("epoch", values.get("epochnum"))
    seconds = values.get("installtime", "")
    package = _package(
        parts.name,
        epoch if epoch is not None else parts.epoch or _NONE,
        parts.version,
        parts.release,
        values.get("arch") or parts.arch or _NONE,
        values.get("sourcerpm", _NONE),
        values.get("vendor", _NONE),
        values.get("modularitylabel", _NONE),
    )
    return evolve(
        package,
        epoch_known=epoch is not None or shown,
        installed_at=moment_of(int(seconds))
        if seconds.isascii() and seconds.isdecimal() and len(seconds) < 11
        else None,
    )


def _package(
    name: str, epoch: str, version: str, release: str, arch: str, source: str, vendor: str, label: str
) -> Package:
    if not name or not version or not release or " " in name + version + release:
        raise Unreadable("no name, version or release")
    check_name("rpm", name)
    check_evr(f"{version}-{release}")
    shown = epoch not in ("", _NONE)
    if shown and not (epoch.isascii() and epoch.isdecimal()):
        raise Unreadable(f"not an epoch: {epoch!a}")
    built_from = split(source) if source not in ("", _NONE) else None
    return Package(
        "rpm",
        name,
        f"{epoch}:{version}-{release}" if shown else f"{version}-{release}",
        arch=_value(arch),
        source_name=built_from.name if built_from else None,
        source_version=built_from.evr if built_from else None,
        # The name of a source rpm never shows its epoch.
        source_epoch_known=False,
        module=_module(release, _value(label)),
        vendor=_value(vendor),
        state=STATE_OF_RPM.get(name, State.INSTALLED),
    )


def _plain(line: str, shown: bool) -> Package:
    parts = split(line)
    if parts is None:
        raise Unreadable("not name-version-release.arch")
    name, epoch, version, release, arch = parts
    if name[0].isdigit() and _NUMBERS.fullmatch(name) is not None:
        raise Unreadable(KERNEL_RELEASE)
    if name.isdecimal():
        raise Unreadable("a date in the place of a package")
    check_name("rpm", name)
    evr = f"{epoch}:{version}-{release}" if epoch else f"{version}-{release}"
    check_evr(evr)
    return Package(
        "rpm", name, evr, arch, shown, module=_module(release, None), state=STATE_OF_RPM.get(name, State.INSTALLED)
    )


def _value(column: str) -> str | None:
    return None if column in ("", _NONE) else column


def _module(release: str, label: str | None) -> Module:
    return module_of(release, label) if label or ".module" in release else NO_MODULE
