"""Package versions ordered exactly as rpm and dpkg order them, and as bytes whose plain order is that order."""

from vercmp import dpkg, rpm
from vercmp.errors import InvalidVersion, UnknownScheme
from vercmp.schemes import KEY_VERSION, SCHEMES, compare, compare_many, sort_key, sort_keys, validate

__all__ = [
    "KEY_VERSION",
    "SCHEMES",
    "InvalidVersion",
    "UnknownScheme",
    "compare",
    "compare_many",
    "dpkg",
    "rpm",
    "sort_key",
    "sort_keys",
    "validate",
]
