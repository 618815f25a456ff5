"""What stands in front of a list: marks of an encoding, and comments with what the package database does not know.

Comments in front of a text list may name the release and the running kernel of its host::

    # os-release ID=almalinux VERSION_ID=9.0
    # uname -r 5.14.0-70.13.1.el9_0.x86_64

Any other comment there is skipped, except the format of a list that was printed in a format of its own
(:mod:`advisories.readers.inventories.columns`), and facts of a list that ``advisories list`` wrote
(:mod:`advisories.readers.inventories.carried`).
"""

import codecs
from typing import Final

from advisories.models.distribution import Distribution
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.patterns import pattern
from advisories.readers.lines import DAMAGE
from advisories.readers.releases import from_os_release, the_release

__all__ = ["FORMAT", "KERNEL_RELEASE", "Heading", "of_list"]

#: The comment with a format, in the word of dpkg-query or of rpm. The readers of their lists use it.
FORMAT: Final = pattern(r"#\s*(showformat|queryformat)\s(.*)")

#: What a line that ``uname -r`` printed is, where packages are expected.
KERNEL_RELEASE: Final = "the release of a kernel, as uname -r prints it, and no package"
# The comments that are left for readers.
_KEPT: Final = pattern(r"#\s*(?:showformat|queryformat|advisories)\s")
_OS_RELEASE: Final = pattern(r"#\s*os-release\s+(.*)")
_UNAME: Final = pattern(r"#\s*uname -r\s+(\S+)\s*")
_FIELD: Final = pattern(r"(?<![A-Z_])([A-Z_]++)=(?:\"([^\"]*)\"|'([^']*)'|(\S*))")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@frozen
class Heading:
    """The content of the comments in front of a list.

    :ivar distribution: None where they name none, or several.
    :ivar distribution_source: where they name several, which ones, else the header. None where they name none.
    :ivar running_kernel: as ``uname -r`` prints it. None where they name none, or several.
    """

    distribution: Distribution | None = None
    distribution_source: str | None = None
    running_kernel: str | None = None


_NONE: Final = Heading()


def of_list(data: bytes, source: str) -> tuple[Heading, bytes]:
    """The heading of a list, and the list in UTF-8 with empty lines in its place. Lines that CR alone ends, LF ends.

    Raises :class:`UnreadableSource` for broken UTF-16.
    """
    if data.startswith(_UTF_16):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableSource(source, f"its first bytes are a mark of UTF-16, and it is not: {error}") from error
    data = _ended_by_lf(data.removeprefix(codecs.BOM_UTF8))
    if not data.startswith(b"#"):
        return _NONE, data
    distributions: list[Distribution | None] = []
    kernels: dict[str, None] = {}
    kept: list[bytes] = []
    place = 0
    while data.startswith(b"#", place):
        end = data.find(b"\n", place) + 1 or len(data)
        comment, newline, _ = data[place:end].partition(b"\n")
        place = end
        line = comment.decode("utf-8", "replace").rstrip("\r")
        if match := _OS_RELEASE.match(line):
            fields = {key: double or single or plain for key, double, single, plain in _FIELD.findall(match[1])}
            distributions.append(from_os_release(fields))
        elif match := _UNAME.fullmatch(line):
            kernels[match[1]] = None
        kept.append((comment if _KEPT.match(line) or DAMAGE.search(line) else b"") + newline)
    kernel = next(iter(kernels)) if len(kernels) == 1 else None
    return Heading(*the_release(distributions, "the list's header"), kernel), b"".join(kept) + _ended_by_lf(
        data[place:]
    )


def _ended_by_lf(data: bytes) -> bytes:
    """A text in which CR ends every line, with LF. Anything else as it is."""
    if b"\r" not in data or b"\0" in data or b"\n" in data.strip():
        return data
    return data.replace(b"\r", b"\n")
