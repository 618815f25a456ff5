"""The orders and the key layouts once more, slow and obvious, written from the rules and from the layout tables."""

import functools
import itertools
import re
from collections.abc import Callable

from packaging.version import Version

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


_APK_PART = re.compile(
    r"(?P<number>\.?[0-9]+)|(?P<letter>[a-z])|_(?P<suffix>[a-z]+)(?P<count>[0-9]*)|~(?P<hash>.*?)(?=-|$)|-r(?P<revision>[0-9]+)"
)
# From what makes a version smallest to what makes it greatest.
_APK_RANKS = [
    "alpha",
    "beta",
    "pre",
    "rc",
    "end",
    "revision",
    "hash",
    "count",
    "cvs",
    "svn",
    "git",
    "hg",
    "p",
    "letter",
    "number",
]


def apk(text: str) -> tuple[object, ...]:
    parts: list[tuple[int, object]] = []
    for found in _APK_PART.finditer(text):
        part = found.groupdict()
        if part["number"]:
            digits = part["number"].lstrip(".")
            as_text = len(parts) > 0 and digits[0] == "0"
            parts.append((_APK_RANKS.index("number"), (0, digits) if as_text else (1, int(digits))))
        elif part["letter"] or part["hash"]:
            kind = "letter" if part["letter"] else "hash"
            parts.append((_APK_RANKS.index(kind), part[kind]))
        elif part["suffix"]:
            parts.append((_APK_RANKS.index(part["suffix"]), 0))
            if part["count"]:
                parts.append((_APK_RANKS.index("count"), int(part["count"])))
        else:
            parts.append((_APK_RANKS.index("revision"), int(part["revision"])))
    return (*parts, (_APK_RANKS.index("end"), 0))


def pep440(text: str) -> tuple[object, ...]:
    return (Version(text),)


_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([^+]*))?(?:\+.*)?", re.ASCII)


def semver(text: str) -> tuple[object, ...]:
    found = _SEMVER.fullmatch(text)
    assert found is not None
    numbers = [(len(found[i]), found[i]) for i in (1, 2, 3)]
    if found[4] is None:
        return (numbers, 1)
    identifiers = found[4].split(".")
    return (numbers, 0, [(0, len(one), one) if one.isdigit() else (1, one) for one in identifiers])


_ZERO = (1, 0, "")


def gem_segments(text: str) -> list[tuple[int, int, str]]:
    """Letters below numbers, without what does not count: zeros before the first letters, and at the end."""
    segments = []
    for run in re.findall("[0-9]+|[A-Za-z]+", text.replace("-", ".pre.")):
        digits = run.lstrip("0")
        segments.append((1, len(digits), digits) if run[0].isdigit() else (0, 0, run))
    release = list(itertools.takewhile(lambda segment: segment[0] == 1, segments))
    rest = segments[len(release) :]
    for some in (release, rest):
        while some and some[-1] == _ZERO:
            some.pop()
    return release + rest


@functools.total_ordering
class Gem:
    """Segments with zeros without end behind them."""

    def __init__(self, text: str) -> None:
        self.segments = gem_segments(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gem) and self.segments == other.segments

    def __lt__(self, other: "Gem") -> bool:
        pairs = list(itertools.zip_longest(self.segments, other.segments, fillvalue=_ZERO))
        return [a for a, _ in pairs] < [b for _, b in pairs]

    __hash__ = None  # type: ignore[assignment]  # only compared


def gem(text: str) -> tuple[object, ...]:
    return (Gem(text),)


ORDERS: dict[str, Callable[[str], tuple[object, ...]]] = {
    "rpm": rpm,
    "dpkg": dpkg,
    "apk": apk,
    "pep440": pep440,
    "semver": semver,
    "gem": gem,
}


def compare(a: str, b: str, scheme: str) -> int:
    x, y = ORDERS[scheme](a), ORDERS[scheme](b)
    return (x > y) - (x < y)  # type: ignore[operator]  # tuples of like shape


# --- keys, version 1: the tables of _numbers.pxd and of the schemes ---------------------------------------------------


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
                dotted = False  # the byte of the dot holds it
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


_APK_NUMBERS = (range(0x68, 0x100), 8)
_APK_REVISIONS = (range(0x05, 0x45), 3)
_APK_BYTES = dict(
    zip(["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"], [0, 1, 2, 3, *range(0x47, 0x4C)], strict=True)
)


def apk_key(text: str) -> bytes:
    key = b""
    for found in _APK_PART.finditer(text):
        part = found.groupdict()
        if part["number"]:
            digits = part["number"].lstrip(".")
            if key == b"" or digits[0] != "0":
                key += number(digits, *_APK_NUMBERS)
            elif digits == "0":
                key += b"\x66"
            else:
                nibbles = [int(digit) + 1 for digit in digits[1:]] + [0]
                nibbles += [0] * (len(nibbles) % 2)
                key += b"\x67" + bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))
        elif part["letter"]:
            key += bytes([0x4C + ord(part["letter"]) - ord("a")])
        elif part["suffix"]:
            key += bytes([_APK_BYTES[part["suffix"]]])
            if part["count"]:
                key += b"\x46" + number(part["count"], *_APK_NUMBERS)
        elif part["hash"]:
            key += b"\x45" + part["hash"].encode() + b"\0"
        else:
            return key + number(part["revision"], *_APK_REVISIONS)
    return key + b"\x04"


def _pep440_number(value: int) -> bytes:
    if value < 224:
        return bytes([7 + value])
    size = (value.bit_length() + 7) // 8
    tag = bytes([0xE7 + size]) if size <= 15 else b"\xf7" + size.to_bytes(4, "big")
    return tag + value.to_bytes(size, "big")


def pep440_key(text: str) -> bytes:
    version = Version(text)
    release = list(version.release)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    key = b"".join(map(_pep440_number, [version.epoch, *release]))
    if version.pre:
        key += bytes([["", "a", "b", "rc"].index(version.pre[0])]) + _pep440_number(version.pre[1])
    if version.post is not None:
        key += b"\x06" + _pep440_number(version.post)
    if version.dev is not None:
        key += b"\x00" + _pep440_number(version.dev)
    if version.local is None:
        return key + b"\x04"
    key += b"\x05"
    for segment in version.local.split("."):
        key += b"\x02" + _pep440_number(int(segment)) if segment.isdigit() else b"\x01" + segment.encode() + b"\0"
    return key + b"\0"


_SEMVER_CORE = (range(0x100), 8)
_SEMVER_NUMBERS = (range(0x01, 0x81), 8)
_SEMVER_CHARACTERS = "-0123456789" + _LETTERS


def semver_key(text: str) -> bytes:
    found = _SEMVER.fullmatch(text)
    assert found is not None
    key = b"".join(number(found[i], *_SEMVER_CORE) for i in (1, 2, 3))
    if found[4] is None:
        return key + b"\xff"
    for identifier in found[4].split("."):
        if identifier.isdigit():
            key += number(identifier, *_SEMVER_NUMBERS)
        else:
            first, *others = map(_SEMVER_CHARACTERS.index, identifier)
            key += bytes([0x81 + first, *(0xC0 + other for other in others)])
    return key + b"\x00"


_GEM_NUMBERS = (range(0x36, 0xCC), 8)


def gem_key(text: str) -> bytes:
    key = b""
    zeros = 0
    for segment in gem_segments(text):
        if segment == _ZERO:
            zeros += 1
            continue
        if segment[0] == 1:
            key += b"\x36" * zeros + number(segment[2], *_GEM_NUMBERS)
        else:
            first, *others = map(_LETTERS.index, segment[2])
            key += b"\x34" * zeros + bytes([first, *(0xCC + other for other in others)])
        zeros = 0
    return key + b"\x35"


KEYS: dict[str, Callable[[str], bytes]] = {
    "rpm": rpm_key,
    "dpkg": dpkg_key,
    "apk": apk_key,
    "pep440": pep440_key,
    "semver": semver_key,
    "gem": gem_key,
}
