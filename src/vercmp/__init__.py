"""Package versions ordered exactly as rpm, dpkg, apk and Python order them, and as bytes whose plain order is that."""

from vercmp import apk, dpkg, pep440, rpm
from vercmp._intervals import IntervalIndex
from vercmp.errors import InvalidVersion, UnknownScheme
from vercmp.schemes import KEY_VERSION, SCHEMES, compare, compare_many, sort_key, sort_keys, validate

__all__ = [
    "KEY_VERSION",
    "SCHEMES",
    "IntervalIndex",
    "InvalidVersion",
    "UnknownScheme",
    "apk",
    "compare",
    "compare_many",
    "dpkg",
    "pep440",
    "rpm",
    "sort_key",
    "sort_keys",
    "validate",
]
