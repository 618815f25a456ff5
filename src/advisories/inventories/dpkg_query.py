"""``dpkg-query -W``, ``dpkg -l`` and image manifests: a line a package.

The recommended form is one line a package with :data:`QUERY_FORMAT` as ``--showformat``. The default of ``dpkg-query
-W``, which image manifests have too, is ``name[:arch] TAB version``: it says neither the state (a removed package with
configuration files left is taken for installed) nor the source package. ``dpkg -l`` says the state.

Sources: dpkg-query(1), *OPTIONS* and the table of states that ``dpkg -l`` prints above its list.
"""

import re
from collections.abc import Callable
from typing import Final

from advisories.inventories.gathering import Gathering, Unreadable
from advisories.inventories.listing import Listing
from advisories.models import Package, State

__all__ = ["QUERY_FORMAT", "read", "sniff"]

#: The recommended ``dpkg-query -W --showformat``.
QUERY_FORMAT: Final = (
    r"${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Origin}"
    r"\t${Maintainer}\n"
)

_COLUMNS: Final = 8
_STATES: Final = {state.value: state for state in State if state is not State.PSEUDO}
#: The second letter of ``dpkg -l``.
_LETTERS: Final = {
    "n": State.NOT_INSTALLED,
    "c": State.CONFIG_FILES,
    "H": State.HALF_INSTALLED,
    "U": State.UNPACKED,
    "F": State.HALF_CONFIGURED,
    "W": State.TRIGGERS_AWAITED,
    "t": State.TRIGGERS_PENDING,
    "i": State.INSTALLED,
}
_TABLE_HEAD: Final = re.compile(r"(?:Desired=|\| Status=|\|/ Err|\|\|/ |\+\+\+-)")
_TABLE: Final = re.compile(r"[uihrp]([ncHUFWti])[ R]? +(\S+) +(\S+)(?: +(\S+))?(?: .*)?")
_NAME: Final = re.compile(r"([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?")
_SEEN: Final = 50


def sniff(head: bytes) -> bool:
    """The head of ``dpkg -l``, or the columns of the other forms in the first line and in most of those behind it."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:_SEEN] if line.strip()]
    if not lines or _TABLE_HEAD.match(lines[0]):
        return bool(lines)
    return _is_columns(lines[0]) and sum(map(_is_columns, lines)) * 2 >= len(lines)


def _is_columns(line: str) -> bool:
    columns = line.split("\t")
    if len(columns) == _COLUMNS:
        return columns[0] in _STATES
    return len(columns) == 2 and _NAME.fullmatch(columns[0]) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a list; a line that is none is a rejection."""
    gathering = Gathering(source)
    in_table = False
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.decode("utf-8", "replace").rstrip("\r")
        if not line.strip():
            continue
        if _TABLE_HEAD.match(line):
            in_table = True
            continue
        make: Callable[[str], Package] = _of_table if in_table else _of_columns
        gathering.add(f"line {number}", line[:80], make, line)
    return gathering.listing()


def _of_columns(line: str) -> Package:
    columns = line.split("\t")
    if not line.replace("\t", "").isprintable():
        raise Unreadable("characters that cannot be printed")
    if len(columns) == 2:
        name, arch = _name(columns[0])
        return _package(name, columns[1].strip(), arch, State.INSTALLED if columns[1].strip() else State.NOT_INSTALLED)
    if len(columns) != _COLUMNS or columns[0] not in _STATES:
        raise Unreadable(f"{len(columns)} columns; the recommended form has {_COLUMNS}, the default 2")
    state, name, version, arch, source, source_version, origin, maintainer = [column.strip() for column in columns]
    return _package(
        _name(name)[0],
        version,
        arch or None,
        _STATES[state],
        source or None,
        source_version or None,
        origin or None,
        maintainer or None,
    )


def _of_table(line: str) -> Package:
    match = _TABLE.fullmatch(line)
    if match is None or not line.isprintable():
        raise Unreadable("not a line of dpkg -l")
    letter, full_name, version, arch = match.groups()
    name, qualifier = _name(full_name)
    none = "<none>"
    state = _LETTERS[letter]
    version = "" if version == none else version
    return _package(name, version, qualifier or (None if arch == none else arch), state)


def _name(text: str) -> tuple[str, str | None]:
    match = _NAME.fullmatch(text)
    if match is None:
        raise Unreadable(f"not a package name: {text[:40]!a}")
    return match[1], match[2]


def _package(
    name: str,
    version: str,
    arch: str | None,
    state: State,
    source: str | None = None,
    source_version: str | None = None,
    origin: str | None = None,
    maintainer: str | None = None,
) -> Package:
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
