"""How the ecosystems of languages write versions, as their schemes have them.

Lists and records write one version in several ways. npm takes ``v1.2.3`` and ``=1.2.3``, and has written ``1.2.3beta``.
Go writes ``v1.2.3`` of modules and ``go1.21rc2`` of itself, and OSV writes ``1.2.3`` and ``1.21.0-rc.2`` of both.
RubyGems and SBOMs write the platform that a gem was built for behind its version.

Sources: npm's ``semver`` with ``loose``. Go, ``golang.org/x/mod/semver``, and the vulnerability database's versions of
``stdlib``. RubyGems, ``Gem::Platform``.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import vercmp
from advisories.models.patterns import pattern

__all__ = ["in_scheme"]

_IDENTIFIER: Final = r"[0-9A-Za-z-]++"
# What npm calls loose, and versions of one or two numbers. Before a dot the third number leaves its last digit to the
# pre-release: 1.2.03.4 is 1.2.0-3.4.
_LOOSE: Final = pattern(
    rf"[v=\s]*+(\d++)(?:\.(\d++)(?:\.(\d++|\d+(?=\d\.)))?)?(?:-?({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(\+[0-9A-Za-z.-]+)?\s*",
    re.ASCII,
)
# Behind a blank, a dash, a plus or a b stands who built it and how.
_OF_GO: Final = pattern(
    r"(?:go)?(\d+)\.(\d+)(?:\.(\d+))?(?:(alpha|beta|rc)(\d+))?(?:b\d+)?(?:[-+ ].*)?", re.ASCII | re.DOTALL
)
_STAGE_OF_TWO: Final = pattern(r"\d+\.\d+(?:alpha|beta|rc)\d+", re.ASCII)
# Behind the version: the kind of machine, where the system needs one, and the system.
_PLATFORM: Final = pattern(
    r"-(?:ruby|(?:[a-z0-9_]+-)?(?:aix|cygwin|dalvik|darwin|dotnet|freebsd|haiku|java|jruby|linux|macruby|mingw|mswin"
    r"|netbsd|openbsd|solaris|wasi|wasm)[a-z0-9._-]*)",
    re.ASCII,
)


def in_scheme(scheme: str, version: str, *, is_last: bool = False) -> str:
    """A version as its scheme writes it. Of a scheme or a form that is not here, the same text.

    >>> [in_scheme("semver", text) for text in ("v1.2.3+incompatible", "=1.2.3", "1.2.3beta", "go1.21rc2", "(devel)")]
    ['1.2.3+incompatible', '1.2.3', '1.2.3-beta', '1.21.0-rc.2', '(devel)']
    >>> in_scheme("gem", "1.13.0-x86_64-linux"), in_scheme("dpkg", "v1")
    ('1.13.0', 'v1')

    :param is_last: it is the last affected one. Of fewer than three numbers it may stand for all that begin so, and is
        left alone.
    """
    write = _WRITERS.get(scheme)
    return version if write is None else write(version, is_last)


@lru_cache(maxsize=1 << 12)
def _semver(version: str, is_last: bool) -> str:
    with suppress(vercmp.InvalidVersion):
        vercmp.semver.validate(version)
        return version
    if version.startswith("go") or _STAGE_OF_TWO.fullmatch(version):
        match = _OF_GO.fullmatch(version)
        if match is None:
            return version
        major, minor, patch, stage, count = match.groups()
        text = ".".join(map(_number, (major, minor, patch or "0")))
        return f"{text}-{stage}.{_number(count)}" if stage else text
    match = _LOOSE.fullmatch(version)
    if match is None:
        return version
    *numbers, prerelease, build = match.groups()
    if None in numbers and (is_last or prerelease):
        return version
    text = ".".join(_number(one or "0") for one in numbers)
    if prerelease is not None:
        text = f"{text}-{'.'.join(map(_number, prerelease.split('.')))}"
    return text + (build or "")


def _number(text: str) -> str:
    """Digits without leading zeros. Anything else is the same."""
    return (text.lstrip("0") or "0") if text.isdigit() else text


def _gem(version: str, is_last: bool) -> str:
    del is_last
    at = version.find("-")
    return version[:at] if at > 0 and _PLATFORM.fullmatch(version, at) else version


_WRITERS: Final[Mapping[str, Callable[[str, bool], str]]] = MappingProxyType({"semver": _semver, "gem": _gem})
