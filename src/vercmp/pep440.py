"""Versions in the order of Python: PEP 440, parsed by the ``packaging`` library, and compared as bytes.

Source of the rules: the version specifiers specification (PEP 440) and ``packaging.version.Version``. The order is that
class's, local versions included. ``packaging`` is imported with the first version that you parse. Keys of the usual
forms are then written by ``_pep440.pyx``, in C, and those of all others here.

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

A number n below 224 is one byte, ``NUMBER`` + n. A larger one is 0xe7 + the count of its bytes, then the bytes,
big-endian, without leading zeros. Above 15 bytes it is 0xf7, then the count in four bytes, then the bytes.

The key is the epoch, the components of the release without trailing zeros, one phase, and the rest of that phase:

=====================  ============  ===========================================
byte                   phase         what follows
=====================  ============  ===========================================
0x00                   ``DEV``       a number, then a tail: ``1.0.dev3``
0x01 0x02 0x03         ``PRE``       a number, then a tail: ``1.0a1 1.0b1 1.0rc1``
0x04                   ``FINAL``     nothing: ``1.0``
0x05                   ``LOCAL``     segments: ``1.0+ubuntu.1``
0x06                   ``POST``      a number, then a tail: ``1.0.post1``
=====================  ============  ===========================================

=====================  ============  ===========================================
byte                   tail          what follows
=====================  ============  ===========================================
0x00                   ``DEV``       a number, then a tail
0x04                   ``FINAL``     nothing
0x05                   ``LOCAL``     segments
0x06                   ``POST``      a number, then a tail
=====================  ============  ===========================================

A segment of a local version is 0x01, its text, 0x00, or it is 0x02 and a number. 0x00 follows the last. No key is the
beginning of another.

>>> sort_key("1.2.0").hex(" ")
'07 08 09 04'
>>> sort_key("1!2.0rc1.post3.dev4+a.5").hex(" ")
'08 09 03 08 06 0a 00 0b 05 01 61 00 02 0c 00'
"""

import functools
from typing import TYPE_CHECKING, NamedTuple

from vercmp._pep440 import compare, compare_many, sort_key, sort_keys
from vercmp.errors import InvalidVersion

if TYPE_CHECKING:
    from packaging.version import Version

__all__ = [
    "PythonVersion",
    "above_local",
    "compare",
    "compare_many",
    "sort_key",
    "sort_keys",
    "split",
    "validate",
]

_PRE = {"a": b"\x01", "b": b"\x02", "rc": b"\x03"}
_FINAL = b"\x04"
_LOCAL = b"\x05"
_POST = b"\x06"
_DEV = b"\x00"
_TEXT = b"\x01"
_DIGITS = b"\x02"
_END = b"\x00"
_NUMBER = 0x07
_SMALL = 224  # numbers below it are one byte
_MEDIUM = 15  # the tag holds the count of bytes up to so many


class PythonVersion(NamedTuple):
    """The parts of a PEP 440 version, as normalised text. None is a missing part.

    :ivar epoch: the number before ``!``.
    :ivar release: the dotted numbers.
    :ivar pre: ``a1``, ``b2``, ``rc3``.
    :ivar post: the number of the post-release.
    :ivar dev: the number of the developmental release.
    :ivar local: the local version, after ``+``.
    """

    epoch: str | None
    release: str
    pre: str | None
    post: str | None
    dev: str | None
    local: str | None


@functools.cache
def _parser() -> type["Version"]:
    try:
        from packaging.version import Version
    except Exception as error:
        from vercmp._libraries import is_missing  # only an error needs it

        missing = is_missing(error, "packaging")
        why = "" if missing else f", and the installed one cannot be imported ({type(error).__name__}: {error})"
        step = "pip install packaging" if missing else "pip install --upgrade --force-reinstall packaging"
        raise ImportError(f"the scheme pep440 needs the packaging library{why}: {step}") from error
    return Version


def _parse(version: str, argument: str) -> "Version":
    if not isinstance(version, str):
        raise TypeError(f"{argument} must be str, not {type(version).__name__}")
    try:
        return _parser()(version)
    except ValueError as error:
        raise InvalidVersion(version, "pep440", _reason(version, error)) from None


def _reason(version: str, error: ValueError) -> str:
    """Why the version is invalid. packaging gives no reason, so this finds those that are easy to name."""
    if "\0" in version:
        return "NUL character"
    if not version.isprintable() and any("\ud800" <= character <= "\udfff" for character in version):
        return "lone surrogate"
    if not version.strip():
        return "empty version"
    # packaging raises a subclass of its own for the grammar. A plain ValueError is int()'s limit of digits.
    return "a number has too many digits" if type(error) is ValueError else "does not follow PEP 440"


@functools.lru_cache(4096)
def _number(value: int) -> bytes:
    if value < _SMALL:
        return bytes([_NUMBER + value])
    size = (value.bit_length() + 7) // 8
    if size <= _MEDIUM:
        return bytes([_NUMBER + _SMALL + size]) + value.to_bytes(size, "big")
    return bytes([_NUMBER + _SMALL + _MEDIUM + 1]) + size.to_bytes(4, "big") + value.to_bytes(size, "big")


def _segments(local: str) -> bytes:
    items = (
        _DIGITS + _number(int(segment)) if segment.isdecimal() else _TEXT + segment.encode("ascii") + _END
        for segment in local.split(".")
    )
    return b"".join([*items, _END])


def _key(version: "Version") -> bytes:
    release = version.release
    last = len(release)
    while last > 1 and release[last - 1] == 0:
        last -= 1
    items = [_number(version.epoch), *map(_number, release[:last])]
    pre, post, dev, local = version.pre, version.post, version.dev, version.local
    if pre is not None:
        items += (_PRE[pre[0]], _number(pre[1]))
    if post is not None:
        items += (_POST, _number(post))
    if dev is not None:
        items += (_DEV, _number(dev))
    items += (_FINAL,) if local is None else (_LOCAL, _segments(local))
    return b"".join(items)


def _parsed_key(version: str, argument: str) -> bytes:
    """The sort key of any version, for what ``_pep440.pyx`` leaves."""
    return _key(_parse(version, argument))


def above_local(key: bytes, /) -> bytes:
    """Bytes above the key of a version and of its local versions, and below every later version's key.

    A local version has none but itself. With it a specifier's ``<=`` and ``==`` are ranges of keys: where a specifier
    names no local version, they leave that of a candidate out.

    >>> above_local(sort_key("1.0")) > sort_key("1.0+cu126"), above_local(sort_key("1.0")) < sort_key("1.0.post0.dev0")
    (True, True)
    """
    return key[:-1] + _POST if key.endswith(_FINAL) else key + _END


def split(version: str, /) -> PythonVersion:
    """Cut a version into its normalised parts, as ``packaging`` does. Raises as :func:`compare`.

    >>> split("1!2.0-alpha.3+Ubuntu-1")
    PythonVersion(epoch='1', release='2.0', pre='a3', post=None, dev=None, local='ubuntu.1')
    """
    parsed = _parse(version, "version")
    return PythonVersion(
        epoch=str(parsed.epoch) if parsed.epoch else None,
        release=".".join(map(str, parsed.release)),
        pre=None if parsed.pre is None else f"{parsed.pre[0]}{parsed.pre[1]}",
        post=None if parsed.post is None else str(parsed.post),
        dev=None if parsed.dev is None else str(parsed.dev),
        local=parsed.local,
    )


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where ``packaging`` refuses the version, else return an empty tuple."""
    _parse(version, "version")
    return ()
