"""Which source package of Ubuntu's the kernel is of that a uname test of its OVAL is about."""

import re
from typing import Final

from advisories.distros.kernels import kernel_source as source_by_name
from advisories.models.distribution import Distribution
from advisories.models.packages import Package
from advisories.readers.feeds.oval_documents import DoesNotFit

__all__ = ["kernel_source"]

_UNAME: Final = re.compile(r"\^?([0-9]+\.[0-9]+)\\?\.([0-9]+)-\\d\+\(?((?:-[a-z0-9-]+\|?)+)\)?\$?", re.ASCII)
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
        line, patch = match[1], match[2]
        flavours = {flavour.removeprefix("-") for flavour in match[3].split("|")}
        # What builds the generic kernel builds the others of the pattern too.
        flavours = {"generic"} if "generic" in flavours else flavours
        images = [Package("deb", f"linux-image-{line}.{patch}-1-{one}", f"{line}.{patch}-1.1") for one in flavours]
        named = {source_by_name(image, distribution) for image in images}
        if len(named) == 1 and (name := named.pop()) is not None:
            return name
        for flavour in sorted(flavours):
            middle = "-hwe" if flavour == "generic" else f"-{flavour}"
            candidates += [f"linux{middle}", f"linux{middle}-{line}"]
        titled = set(_TITLED.findall(title))
        found = [name for name in candidates if name in titled]
        if len(flavours) == len(found) == 1:
            return found[0]
    why = f"the source package of the kernels that run as {uname[:60]!a} of {distribution} is not known"
    raise DoesNotFit(why, tuple(candidates))
