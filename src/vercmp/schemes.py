"""The registry of version schemes, and the functions that take a scheme by name.

The name may be one of :data:`SCHEMES`, or what others call the scheme (:data:`vercmp.names.SCHEME_OF_NAME`): ``dpkg``,
``deb``, ``Debian``.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from vercmp.errors import UnknownScheme
from vercmp.names import SCHEME_OF_NAME

__all__ = [
    "KEY_VERSION",
    "NOT_ORDERS",
    "SCHEMES",
    "Scheme",
    "argsort",
    "compare",
    "compare_many",
    "max_version",
    "scheme_named",
    "sort_key",
    "sort_keys",
    "sorted_versions",
    "unknown_scheme",
    "validate",
]

# The version of the layout of all keys. Databases hold keys for longer than a release, so any change of any byte of any
# key counts this up. The golden file tests/data/keys.tsv shows such a change.
KEY_VERSION = 1


class Scheme(Protocol):
    """The functions of a scheme module. All raise :exc:`TypeError` and :exc:`vercmp.InvalidVersion`."""

    def compare(self, a: str, b: str, /) -> int: ...
    def compare_many(self, a: Iterable[str], b: Iterable[str], /) -> list[int]: ...
    def sort_key(self, version: str, /) -> bytes: ...
    def sort_keys(self, versions: Iterable[str], /) -> list[bytes]: ...
    def split(self, version: str, /) -> tuple[str | None, ...]: ...
    def validate(self, version: str, /) -> tuple[str, ...]: ...


class Schemes(Mapping[str, Scheme]):
    """Modules by the names of their schemes. Each is imported when it is first looked up: most programs use one."""

    __slots__ = ("_modules", "found")

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        #: Those that were looked up.
        self.found: dict[str, Scheme] = {}

    def __getitem__(self, name: str, /) -> Scheme:
        found = self.found.get(name)
        if found is None:
            found = self.found[name] = cast(Scheme, import_module(self._modules[name]))
        return found

    def __contains__(self, name: object, /) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __repr__(self) -> str:
        return f"<schemes: {', '.join(self)}>"


#: Every scheme by its name. A new scheme is a module and one line here.
SCHEMES: Final = Schemes(
    {
        "rpm": "vercmp.rpm",
        "dpkg": "vercmp.dpkg",
        "apk": "vercmp.apk",
        "pep440": "vercmp.pep440",
        "semver": "vercmp.semver",
        "gem": "vercmp.gem",
    }
)

_LIBALPM = "no total order: 1.0-1 = 1.0 and 1.0 = 1.0-2, but 1.0-1 < 1.0-2"

#: Relations of versions that are no order, by their usual names, each with a counterexample. No bytes can sort like
#: them, so they have no scheme. Measured with libalpm 6.0.2 and maven-artifact 3.8.7.
NOT_ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "libalpm": _LIBALPM,
        "alpm": _LIBALPM,
        "pacman": _LIBALPM,
        "maven": "no total order: 1x < 1--rc and 1--rc < 1, but 1x > 1",
    }
)


def unknown_scheme(name: str, known: Iterable[str] = SCHEMES) -> UnknownScheme:
    """The error for a name that is not known. It gives the reason for a relation that is no order."""
    return UnknownScheme(name, tuple(known), NOT_ORDERS.get(name))


def scheme_named(name: str) -> str:
    """The name in :data:`SCHEMES` for one of these names or of :data:`vercmp.names.SCHEME_OF_NAME`.

    >>> scheme_named("deb"), scheme_named("Alpine"), scheme_named("rpm")
    ('dpkg', 'apk', 'rpm')

    Raises :exc:`TypeError` and :exc:`vercmp.UnknownScheme`.
    """
    if not isinstance(name, str):
        raise TypeError(f"scheme must be str, not {type(name).__name__}")
    if name in SCHEMES:
        return name
    try:
        return SCHEME_OF_NAME[name]
    except KeyError:
        raise unknown_scheme(name) from None


def _scheme(name: str) -> Scheme:
    try:
        return SCHEMES.found[name]
    except (KeyError, TypeError):
        return SCHEMES[scheme_named(name)]


def compare(a: str, b: str, *, scheme: str) -> int:
    """Order two versions as the scheme's real tool does: -1, 0 or 1.

    >>> compare("1.0~rc1", "1.0", scheme="rpm"), compare("1.0~rc1", "1.0", scheme="dpkg")
    (-1, -1)

    *scheme* is a name of :data:`vercmp.SCHEMES` or of :data:`vercmp.names.SCHEME_OF_NAME`, also below.

    Raises :exc:`TypeError` where a version is no :class:`str`, :exc:`vercmp.InvalidVersion` where the real tool refuses
    one, :exc:`vercmp.UnknownScheme` where there is no such scheme.
    """
    return _scheme(scheme).compare(a, b)


def sort_key(version: str, *, scheme: str) -> bytes:
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    No key is the beginning of another of its scheme, so "at most this version" is ``< key + b"\\0"``. The layout has
    the version :data:`KEY_VERSION`.

    >>> sorted(["1.10", "1.9", "1.9~rc1"], key=lambda version: sort_key(version, scheme="dpkg"))
    ['1.9~rc1', '1.9', '1.10']

    Raises as :func:`compare`.
    """
    return _scheme(scheme).sort_key(version)


def validate(version: str, *, scheme: str) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where the real tool refuses the version, else return the tool's warnings.

    >>> validate("1.0_1", scheme="dpkg")
    ('invalid character in version number',)

    Raises as :func:`compare`.
    """
    return _scheme(scheme).validate(version)


def compare_many(a: Iterable[str], b: Iterable[str], *, scheme: str) -> list[int]:
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    The compiled schemes need no Python call for a pair.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _scheme(scheme).compare_many(a, b)


def sort_keys(versions: Iterable[str], *, scheme: str) -> list[bytes]:
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version.

    The compiled schemes need no Python call for a version.
    """
    return _scheme(scheme).sort_keys(versions)


def sorted_versions(versions: Iterable[str], *, scheme: str, reverse: bool = False) -> list[str]:
    """The versions in order, as a list. Equal ones keep their order, also with *reverse*.

    ``sorted(versions, key=...)`` gives the same, in two or three times the time.

    >>> sorted_versions(["1.10", "1.9", "1.9~rc1"], scheme="dpkg")
    ['1.9~rc1', '1.9', '1.10']

    Raises as :func:`compare`, at the first invalid version.
    """
    from vercmp import _sorting  # which imports every scheme

    name = scheme_named(scheme)
    return _sorting.sorted_versions(versions, name, SCHEMES[name].sort_key, reverse)


def argsort(versions: Iterable[str], *, scheme: str, reverse: bool = False) -> "array[int]":
    """The places of the versions in order, as ``array("q")``: what else you have in lists or columns sorts by it.

    Equal versions keep their order, also with *reverse*.

    >>> names, versions = ["b", "c", "a"], ["1.10", "1.9", "1.9~rc1"]
    >>> [names[place] for place in argsort(versions, scheme="dpkg")]
    ['a', 'c', 'b']

    Raises as :func:`compare`, at the first invalid version.
    """
    from vercmp import _sorting  # which imports every scheme

    name = scheme_named(scheme)
    return _sorting.argsort(versions, name, SCHEMES[name].sort_key, reverse)


def max_version(versions: Iterable[str], *, scheme: str) -> str:
    """The greatest version, and of equal ones the first.

    >>> max_version(["1.9", "1.10", "1.9~rc1"], scheme="dpkg")
    '1.10'

    Raises :exc:`ValueError` where there are no versions, else as :func:`compare`, at the first invalid version.
    """
    from vercmp import _sorting  # which imports every scheme

    name = scheme_named(scheme)
    return _sorting.max_version(versions, name, SCHEMES[name].sort_key)
