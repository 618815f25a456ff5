"""Which source package of Ubuntu's the kernel is of that a uname test of its OVAL is about."""

import re
from typing import Final

from advisories.distros.kernels import own_line
from advisories.models.distribution import Distribution
from advisories.readers.feeds.oval_documents import DoesNotFit

__all__ = ["kernel_source"]

# What a source called linux, or linux-hwe, builds.
_GENERIC: Final = frozenset({"generic", "generic-lpae", "generic-64k", "lowlatency", "lowlatency-64k", "virtual"})
_UNAME: Final = re.compile(r"\^?([0-9]+\.[0-9]+)\\?\.[0-9]+-\\d\+\(?((?:-[a-z0-9-]+\|?)+)\)?\$?", re.ASCII)
_TITLED: Final = re.compile(r"\blinux(?:-[a-z0-9.]+)*", re.ASCII)


def kernel_source(stated: str, uname: str, title: str, distribution: Distribution) -> str:
    """The source package of the kernels that run as a pattern shows.

    :param stated: the source that the test's comment names. Empty where it names none.
    :param title: of the definition. Titles of Ubuntu's advisories list sources.

    Raises :class:`DoesNotFit` where nothing shows it, with the sources that it may be.

    >>> focal = Distribution("ubuntu", "20.04")
    >>> kernel_source("", r"5.15.0-\\d+(-generic|-generic-64k|-generic-lpae)", "USN-5622-1 -- linux", focal)
    'linux-hwe-5.15'
    """
    if stated:
        return stated
    candidates: list[str] = []
    match = _UNAME.fullmatch(uname)
    if match:
        version: str = match[1]
        flavours = {flavour.removeprefix("-") for flavour in match[2].split("|")}
        own = own_line(distribution)
        major, minor = version.split(".")
        if flavours <= _GENERIC and "generic" in flavours:
            if version == own:
                return "linux"
            if own is not None and (int(major), int(minor)) >= (5, 4):
                return f"linux-hwe-{version}"
            candidates = ["linux", "linux-hwe", f"linux-hwe-{version}"]
        else:
            for flavour in sorted(flavours):
                candidates += [f"linux-{flavour}", f"linux-{flavour}-{version}"]
            titled = set(_TITLED.findall(title))
            found = [name for name in candidates if name in titled]
            if len(flavours) == len(found) == 1:
                return found[0]
    why = f"the source package of the kernels that run as {uname[:60]!a} of {distribution} is not known"
    raise DoesNotFit(why, tuple(candidates))
