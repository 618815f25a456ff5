"""Package versions in the exact order of rpm, dpkg, apk and Python, and as bytes that sort in that order."""

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
    "__version__",
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

#: The version of the installed distribution.
__version__: str


def __getattr__(name: str) -> str:
    # The metadata take longer to read than everything here takes to import.
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("vercmp")
        except PackageNotFoundError as error:
            raise AttributeError("vercmp is not installed, so it has no __version__") from error
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
