"""JSON decoded by the library msgspec, of the extra ``fast``, where it is there.

msgspec is faster than the standard library's ``json``, and makes the same of what it takes. It refuses
more (``NaN``, half a surrogate pair, numbers that no float holds) and does not always say where; what it refuses, and
everything where it is not there, is left to the standard library.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

__all__ = ["REFUSED", "quickly"]

#: What :func:`quickly` returns for what is left to the standard library: no value of JSON is this.
REFUSED: Final = object()


def quickly(data: bytes) -> Any:
    """The value of a JSON text in UTF-8, the same that ``json.loads`` makes of it; or :data:`REFUSED`."""
    decode = _decoder()
    if decode is None:
        return REFUSED
    try:
        return decode(data)
    except (ValueError, RecursionError):
        return REFUSED


@cache
def _decoder() -> Callable[[bytes], Any] | None:
    try:
        import msgspec
    except ImportError:
        return None
    # Before 0.21 its errors are of another kind, and long ago it made floats of large integers.
    return msgspec.json.decode if issubclass(msgspec.DecodeError, ValueError) else None
