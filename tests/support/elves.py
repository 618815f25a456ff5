"""Programs of a few hundred bytes, in each class and byte order of ELF."""

import struct
from collections.abc import Mapping

__all__ = ["go_program", "program"]


def program(
    sections: Mapping[bytes, bytes],
    *,
    bits: int = 64,
    order: str = "<",
    data: bytes = b"",
    flags: int = 2,
    memory: int = 0,
) -> bytes:
    """A program with these sections, and with a writable segment of some data where there is any.

    :param memory: bytes of the segment when the program runs.
    """
    wide = bits == 64
    names = b"\0" + b"\0".join((*sections, b".shstrtab")) + b"\0"
    head = 64 if wide else 52
    pieces = [data, *sections.values(), names]
    places = []
    body = bytearray(head)
    for piece in pieces:
        body += bytes(-len(body) % 16)
        places.append(len(body))
        body += piece
    segments = len(body)
    segment = (1, flags, places[0], 0x1000, 0, len(data), max(memory, len(data)), 1)
    body += struct.pack(order + "IIQQQQQQ", *segment) if wide else struct.pack(order + "IIIIIIII", *segment_32(segment))
    table = len(body)
    rows = [(0, 0, 0, 0)]
    rows += [
        (names.index(b"\0" + name + b"\0") + 1, 1, places[number], len(pieces[number]))
        for number, name in enumerate((*sections, b".shstrtab"), 1)
    ]
    for name, kind, place, size in rows:
        fields = name, kind, 0, 0, place, size, 0, 0, 1, 0
        body += struct.pack(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"), *fields)
    body[:16] = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    counts = head, 56 if wide else 32, 1, 64 if wide else 40, len(rows), len(rows) - 1
    fields = (2, 62, 1, 0, segments, table if sections else 0, 0, *counts)
    body[16:head] = struct.pack(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), *fields)
    return bytes(body)


def segment_32(segment: tuple[int, ...]) -> tuple[int, ...]:
    kind, flags, place, address, _, size, memory, align = segment
    return kind, place, address, 0, size, memory, flags, align


def _length(data: bytes) -> bytes:
    number, found = len(data), b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number]) + data


def go_program(version: str, modules: str, **more: object) -> bytes:
    """A program as Go 1.18 and later write it."""
    listed = b"a" * 16 + modules.encode() + b"b" * 16 if modules else b""
    record = b"\xff Go buildinf:\x08\x02" + bytes(16) + _length(version.encode()) + _length(listed)
    return program({b".text": b"x", b".go.buildinfo": record}, **more)  # type: ignore[arg-type]
