"""Go: the modules that a program is built from, as Go writes them into it, and its standard library.

A module that another one replaces is not in the program: the other one is. One that a folder replaces has an unknown
version, ``(devel)``, and so does the program's own module where it was not built from a version. The version of Go is
that of ``stdlib``, as SemVer writes it: ``go1.22rc1`` is ``1.22.0-rc.1``. The command ``go`` itself is the package
``toolchain`` too, which the vulnerability database has beside ``stdlib``.

Source: Go, ``debug/buildinfo`` (both forms: until 1.17 addresses of texts, since then the texts themselves) and
``runtime/debug.ParseBuildInfo``.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, Passed, checked
from advisories.sources.elf import Elf

__all__ = ["WHAT", "read"]

#: What messages call it.
WHAT: Final = "modules of Go"
_MAGIC: Final = b"\xff Go buildinf:"
_SECTION: Final = b".go.buildinfo"
# The beginning of a record: the magic, the bytes of an address, flags. Behind it stand addresses or texts.
_HEAD: Final = 32
_ADDRESS_BYTES, _FLAGS = 14, 15
_BIG_ENDIAN, _INLINE = 1, 2
_ALIGN: Final = 16
# How much of a program's data is searched where it has no sections.
_SEARCHED: Final = 1 << 20
# Bytes of both texts. Programs with a thousand modules have 100,000.
_MOST: Final = 1 << 24
# What stands around the list of modules.
_MARK: Final = 16
# A ``b`` and a number are of the branch with BoringCrypto, which was apart until Go 1.19.
_VERSION: Final = re.compile(
    r"go(\d+)\.(\d+)(?:\.(\d+))?(?:(alpha|beta|rc)(\d+))?(?:b\d+)?(?:[-+ ].*)?", re.ASCII | re.DOTALL
)
_COMMAND: Final = "path\tcmd/go\n"
_NO_VERSION: Final = "(devel)"


def read(program: Elf, name: str) -> Iterator[Item]:
    """The modules of a program. None for what was not built by Go."""
    begin = _place(program)
    if begin is None:
        return
    head = program.content(begin, _HEAD, "its build information")
    if not head.startswith(_MAGIC):
        raise Unreadable("its build information is damaged")
    version, modules = _inline(program, begin) if head[_FLAGS] & _INLINE else _by_address(program, head)
    modules = modules[_MARK:-_MARK] if len(modules) > 2 * _MARK and modules[-_MARK - 1 :][:1] == b"\n" else b""
    yield from _standard_library(version, is_toolchain=modules.startswith(_COMMAND.encode()))
    if modules:
        yield from _modules(_text(modules))
    else:
        yield Passed("programs of Go without a list of their modules")


def _place(program: Elf) -> int | None:
    """Where the record of a program begins. None where it has none."""
    if program.has_sections:
        found = program.section(_SECTION)
        return found[0] if found is not None and found[1] >= _HEAD else None
    found = program.data()
    if found is None:
        return None
    begin, size = found
    data = program.content(begin, min(size, _SEARCHED), "its data")
    place = data.find(_MAGIC)
    while place >= 0 and place % _ALIGN:
        place = data.find(_MAGIC, place + 1)
    return begin + place if 0 <= place <= len(data) - _HEAD else None


def _inline(program: Elf, begin: int) -> tuple[bytes, bytes]:
    place = begin + _HEAD
    texts = []
    for _ in range(2):
        length = shift = 0
        while True:
            byte = program.content(place, 1, "its build information")[0]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 63:
                break
        texts.append(_held(program.content, place, length))
        place += length
    return texts[0], texts[1]


def _by_address(program: Elf, head: bytes) -> tuple[bytes, bytes]:
    size = head[_ADDRESS_BYTES]
    if size not in (4, 8):
        raise Unreadable("its build information is damaged")
    order: Literal["big", "little"] = "big" if head[_FLAGS] & _BIG_ENDIAN else "little"
    texts = []
    for number in range(2):
        begin = _ALIGN + number * size
        address = int.from_bytes(head[begin : begin + size], order)
        if not address:
            texts.append(b"")
            continue
        # A text of Go is an address and a length.
        text = program.at(address, 2 * size, "its build information")
        begin, length = (int.from_bytes(part, order) for part in (text[:size], text[size:]))
        texts.append(_held(program.at, begin, length) if length else b"")
    return texts[0], texts[1]


def _held(take: Callable[[int, int, str], bytes], begin: int, length: int) -> bytes:
    if length > _MOST:
        raise Unreadable(f"its build information claims {length} bytes")
    return take(begin, length, "its build information")


def _standard_library(data: bytes, *, is_toolchain: bool) -> Iterator[Item]:
    text = _text(data)
    match = _VERSION.match(text)
    if match is None:
        yield Passed("programs of Go of a version that is no release of it")
        return
    major, minor, patch, stage, number = match.groups()
    version = f"{major}.{minor}.{patch or 0}"
    whole = f"{version}-{stage}.{number}" if stage else version
    yield checked("stdlib", whole)
    if is_toolchain:
        yield checked("toolchain", whole)


def _modules(text: str) -> Iterator[Item]:
    waiting: tuple[str, str] | None = None
    for line in text.split("\n"):
        kind, *fields = line.split("\t")
        if kind == "=>" and waiting is not None:
            path, version = (*fields, "", "")[:2]
            waiting = (path, version) if version else (waiting[0], _NO_VERSION)
            continue
        if waiting is not None:
            yield checked(*waiting)
            waiting = None
        if kind in ("mod", "dep"):
            path, version = (*fields, "", "")[:2]
            waiting = path, version or _NO_VERSION
    if waiting is not None:
        yield checked(*waiting)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unreadable("its build information is not UTF-8") from None
