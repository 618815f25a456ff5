"""Package versions in the exact order of rpm, dpkg, apk, Python, SemVer and RubyGems, and as bytes that sort so."""

# Nothing is imported here: an interruption or an error would end the command with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from vercmp import apk as apk
    from vercmp import arrow as arrow
    from vercmp import dpkg as dpkg
    from vercmp import gem as gem
    from vercmp import names as names
    from vercmp import pep440 as pep440
    from vercmp import rpm as rpm
    from vercmp import semver as semver
    from vercmp import vers as vers
    from vercmp._intervals import IntervalIndex as IntervalIndex
    from vercmp.errors import InvalidVersion as InvalidVersion
    from vercmp.errors import UnknownScheme as UnknownScheme
    from vercmp.schemes import KEY_VERSION as KEY_VERSION
    from vercmp.schemes import SCHEMES as SCHEMES
    from vercmp.schemes import argsort as argsort
    from vercmp.schemes import compare as compare
    from vercmp.schemes import compare_many as compare_many
    from vercmp.schemes import max_version as max_version
    from vercmp.schemes import sort_key as sort_key
    from vercmp.schemes import sort_keys as sort_keys
    from vercmp.schemes import sorted_versions as sorted_versions
    from vercmp.schemes import validate as validate

# Where each name is, and what is a module itself.
_MODULES: "Final" = {
    "IntervalIndex": "vercmp._intervals",
    "InvalidVersion": "vercmp.errors",
    "KEY_VERSION": "vercmp.schemes",
    "SCHEMES": "vercmp.schemes",
    "UnknownScheme": "vercmp.errors",
    "argsort": "vercmp.schemes",
    "compare": "vercmp.schemes",
    "compare_many": "vercmp.schemes",
    "max_version": "vercmp.schemes",
    "sort_key": "vercmp.schemes",
    "sort_keys": "vercmp.schemes",
    "sorted_versions": "vercmp.schemes",
    "validate": "vercmp.schemes",
}
_SUBMODULES: "Final" = ("apk", "arrow", "dpkg", "errors", "gem", "names", "pep440", "rpm", "schemes", "semver", "vers")

#: The version of the installed distribution.
__version__: str

__all__ = [
    "KEY_VERSION",
    "SCHEMES",
    "IntervalIndex",
    "InvalidVersion",
    "UnknownScheme",
    "__version__",
    "apk",
    "argsort",
    "arrow",
    "compare",
    "compare_many",
    "dpkg",
    "gem",
    "max_version",
    "names",
    "pep440",
    "rpm",
    "semver",
    "sort_key",
    "sort_keys",
    "sorted_versions",
    "validate",
    "vers",
]


def __getattr__(name: str) -> "Any":
    # The metadata take longer to read than everything here takes to import.
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("vercmp")
        except PackageNotFoundError as error:
            raise AttributeError("vercmp is not installed, so it has no __version__") from error
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"vercmp.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
