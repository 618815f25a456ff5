"""The orders and the key layouts once more, slow and obvious, written from the rules and from the layout tables."""

import itertools
import re
from collections.abc import Callable

# --- orders: a version as a value that Python's tuples order ---------------------------------------------------------

_RPM_TOKEN = re.compile(r"~|\^|[A-Za-z]+|[0-9]+")
_RPM_RANKS = {"~": 0, "end": 1, "^": 2, "letters": 3, "digits": 4}


def rpm_segment(text: str) -> tuple[tuple[int, ...], ...]:
    tokens: list[tuple[int, ...]] = []
    for token in _RPM_TOKEN.findall(text):
        if token in "~^":
            tokens.append((_RPM_RANKS[token],))
        elif token[0].isdigit():
            digits = token.lstrip("0")
            tokens.append((_RPM_RANKS["digits"], len(digits), *map(ord, digits)))
        else:
            tokens.append((_RPM_RANKS["letters"], *map(ord, token)))
    return (*tokens, (_RPM_RANKS["end"],))


def rpm(text: str) -> tuple[object, ...]:
    found = re.fullmatch(r"(?:([0-9]*):)?(.*?)(?:-([^-]*))?", text, re.DOTALL)
    assert found is not None
    epoch = (found[1] or "").lstrip("0")
    release = () if found[3] is None else rpm_segment(found[3])
    return ((len(epoch), epoch), rpm_segment(found[2]), release)


def _dpkg_weight(byte: int) -> int:
    character = chr(byte)
    if character == "~":
        return -1
    if character.isascii() and not character.isalpha():
        return byte + 256
    return byte


def dpkg_part(text: str) -> tuple[object, ...]:
    tokens: list[object] = []
    for run, digits in re.findall(rb"([^0-9]*)([0-9]*)", text.encode()):
        if run or digits or not tokens:
            number = digits.lstrip(b"0")
            tokens.append((*map(_dpkg_weight, run), 0))
            tokens.append((len(number), number))
    return (*tokens, (0,))


def dpkg(text: str) -> tuple[object, ...]:
    found = re.fullmatch(r"[ \t]*(?:\s*[+-]?([0-9]+):)?(.*?)(?:-([^-]*?))?[ \t]*", text, re.DOTALL)
    assert found is not None
    return (int(found[1] or 0), dpkg_part(found[2]), dpkg_part(found[3] or "0"))


ORDERS: dict[str, Callable[[str], tuple[object, ...]]] = {"rpm": rpm, "dpkg": dpkg}


def compare(a: str, b: str, scheme: str) -> int:
    x, y = ORDERS[scheme](a), ORDERS[scheme](b)
    return (x > y) - (x < y)  # type: ignore[operator]  # tuples of like shape


# --- keys, version 1: the tables of _numbers.pxd, _rpmvercmp.pyx and _dpkg.pyx ----------------------------------------


def number(digits: str, block: range, doubles: int) -> bytes:
    """A number in the block of tags: singles, doubles, then ten tags for the rest."""
    digits = digits.lstrip("0")
    value = int(digits[:20] or "0")  # of the longer ones only the digits are looked at
    singles = len(block) - doubles - 10
    start = 0
    for count, extra in ((singles, 0), (doubles, 1), (2, 2), (2, 3)):
        if value - start < count << (8 * extra):
            at = value - start
            tag = block[0] + (at >> (8 * extra))
            return bytes([tag]) + (at % (1 << (8 * extra))).to_bytes(extra, "big")
        start += count << (8 * extra)
        block = block[count:]
    if len(digits) <= 19:
        size = max(4, (value.bit_length() + 7) // 8)
        return bytes([block[size - 4]]) + value.to_bytes(size, "big")
    count_size = (len(digits).bit_length() + 7) // 8
    pairs = digits if len(digits) % 2 == 0 else "0" + digits
    packed = bytes(int(pairs[i : i + 2]) for i in range(0, len(pairs), 2))
    return bytes([block[5], count_size]) + len(digits).to_bytes(count_size, "big") + packed


_RPM_NUMBERS = (range(0x6C, 0x100), 24)
_DPKG_NUMBERS = (range(0x02, 0x5C), 8)
_DPKG_DOTTED = (range(0x96, 0xFB), 8)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def rpm_segment_key(text: str) -> bytes:
    key = b""
    for token in _RPM_TOKEN.findall(text):
        if token in "~^":
            key += b"\x01" if token == "~" else b"\x03"
        elif token[0].isdigit():
            key += number(token, *_RPM_NUMBERS)
        else:
            *going_on, last = (0x04 + 2 * _LETTERS.index(letter) for letter in token)
            key += bytes([*(letter + 1 for letter in going_on), last])
    return key + b"\x02"


def rpm_key(text: str) -> bytes:
    found = re.fullmatch(r"(?:([0-9]*):)?(.*?)(?:-([^-]*))?", text, re.DOTALL)
    assert found is not None
    release = b"\x00" if found[3] is None else rpm_segment_key(found[3])
    return number(found[1] or "", *_RPM_NUMBERS) + rpm_segment_key(found[2]) + release


def dpkg_part_key(text: str) -> bytes:
    key = b""
    tokens = re.findall(rb"([^0-9]*)([0-9]*)", text.encode())
    for run, digits in tokens[:-1] or tokens:
        dotted = False
        for byte, following in itertools.zip_longest(run, run[1:]):
            character = chr(byte)
            if dotted and character == "~":
                dotted = False  # the dot has said it
                continue
            dotted = character == "."
            if dotted:
                if following is not None:
                    key += b"\x95" if following == ord("~") else b"\xfb"
            elif character == "~":
                key += b"\x00"
            elif character in _LETTERS:
                key += bytes([0x5C + _LETTERS.index(character)])
            elif byte >= 0x80:
                key += bytes([0x90, byte])
            elif character in "+,-":
                key += bytes([0x92 + "+,-".index(character)])
            elif character in "/:":
                key += bytes([0xFC + "/:".index(character)])
            else:
                key += bytes([0x91 if byte < ord("+") else 0xFE, byte])
        key += number(digits.decode(), *(_DPKG_DOTTED if dotted else _DPKG_NUMBERS))
    return key + b"\x01"


def dpkg_key(text: str) -> bytes:
    found = re.fullmatch(r"[ \t]*(?:\s*[+-]?([0-9]+):)?(.*?)(?:-([^-]*?))?[ \t]*", text, re.DOTALL)
    assert found is not None
    return number(found[1] or "", *_DPKG_NUMBERS) + dpkg_part_key(found[2]) + dpkg_part_key(found[3] or "0")


KEYS: dict[str, Callable[[str], bytes]] = {"rpm": rpm_key, "dpkg": dpkg_key}
