"""What stands in front of a list: marks of an encoding, and comments that say what the package database does not know.

Lines that begin with ``#`` in front of a text list may say the release and the running kernel of its host::

    # os-release ID=almalinux VERSION_ID=9.0
    # uname -r 5.14.0-70.13.1.el9_0.x86_64

Any other comment there is passed over, but for the format of a list that was printed in one of its own choice
(:mod:`advisories.readers.inventories.columns`).
"""

import codecs
import re
from typing import Final

from attrs import frozen

from advisories.models import Distribution
from advisories.models.errors import UnreadableSource
from advisories.readers.releases import from_os_release, the_release

__all__ = ["FORMAT", "Heading", "of_list"]

#: The comment that says a format, in dpkg-query's word or rpm's; read by the readers of their lists.
FORMAT: Final = re.compile(r"#\s*(showformat|queryformat)\s(.*)")

_OS_RELEASE: Final = re.compile(r"#\s*os-release\s+(.*)")
_UNAME: Final = re.compile(r"#\s*uname -r\s+(\S+)\s*")
_FIELD: Final = re.compile(r"([A-Z_]+)=(?:\"([^\"]*)\"|'([^']*)'|(\S*))")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@frozen
class Heading:
    """What the comments in front of a list say.

    :ivar distribution: None where they say none, or several, and
    :ivar distribution_source: then, which these are; None where they say none.
    :ivar running_kernel: as ``uname -r`` prints it.
    """

    distribution: Distribution | None = None
    distribution_source: str | None = None
    running_kernel: str | None = None


_NONE: Final = Heading()


def of_list(data: bytes, source: str) -> tuple[Heading, bytes]:
    """The heading of a list, and the list in UTF-8 without it: empty lines stand where comments stood.

    Raises :class:`UnreadableSource` for UTF-16 that is none.
    """
    if data.startswith(_UTF_16):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableSource(source, f"its first bytes say UTF-16, which it is not: {error}") from error
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.startswith(b"#"):
        return _NONE, data
    distributions: list[Distribution | None] = []
    kernel = None
    kept: list[bytes] = []
    rest = data
    while rest.startswith(b"#"):
        comment, newline, rest = rest.partition(b"\n")
        line = comment.decode("utf-8", "replace").rstrip("\r")
        if match := _OS_RELEASE.match(line):
            fields = {key: double or single or plain for key, double, single, plain in _FIELD.findall(match[1])}
            distributions.append(from_os_release(fields))
        elif match := _UNAME.fullmatch(line):
            kernel = match[1]
        kept.append((comment if FORMAT.match(line) else b"") + newline)
    return Heading(*the_release(distributions, "the list's header"), kernel), b"".join(kept) + rest
