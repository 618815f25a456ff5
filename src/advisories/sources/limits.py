"""How much a reader takes before it refuses: explicit, generous, and the same for every format."""

from advisories.models.frozen import frozen, names_of
from advisories.models.nouns import Noun

__all__ = ["DEFAULT_LIMITS", "LIMIT_NAMES", "Limits"]

_MEBIBYTE = 1 << 20


@frozen
class Limits(Noun):
    """Bounds on input. What is beyond one is a rejection or an error that names the bound. Nothing is cut silently.

    On the command line you set one by ``--limit NAME=NUMBER``.

    :ivar document: bytes of one file or archive member, unpacked.
    :ivar archive: bytes of all members of one archive, unpacked.
    :ivar members: files in one archive or folder.
    :ivar ratio: how many times larger than its packed form what is above `ratio_from` bytes may be. Deflate reaches
        1032 on constant bytes. A Red Hat advisory of a kernel as CSAF, packed by xz, reaches 370. It counts through all
        layers, from the bytes of the source.
    :ivar list_ratio: the same for a compressed package list. Those of hosts reach 10, and an SBOM in SPDX 26.
    :ivar ratio_from: for members that unpack to fewer bytes the ratio does not count.
    :ivar affected: affected entries of one record.
    :ivar versions: enumerated versions of one affected entry.
    :ivar inventory: bytes of one package list, unpacked.
    :ivar lines: lines of one package list.
    :ivar packages: packages of one list. Each takes up to a thousand bytes of memory, however short its line is.
    :ivar rejections: entries and records of one source that are refused one by one.
    :ivar nodes: XML elements of one record.
    :ivar download: bytes of one file that is fetched, as it is sent.
    :ivar expansions: what the parts that a document refers to (criteria, variables, groups) are taken apart into,
        beyond what it has itself.
    """

    document: int = 512 * _MEBIBYTE
    archive: int = 32 * 1024 * _MEBIBYTE
    members: int = 4_000_000
    ratio: int = 2000
    list_ratio: int = 100
    ratio_from: int = 8 * _MEBIBYTE
    affected: int = 1_000_000
    versions: int = 2_000_000
    inventory: int = 256 * _MEBIBYTE
    lines: int = 10_000_000
    packages: int = 1_000_000
    rejections: int = 200_000
    nodes: int = 1_000_000
    expansions: int = 1_000_000
    download: int = 8 * 1024 * _MEBIBYTE

    def beyond(self, name: str, why: str) -> str:
        """Why something is refused, and how to allow more.

        >>> Limits(lines=5).beyond("lines", "more lines than 5")
        'more lines than 5 (--limit lines=NUMBER allows more)'
        """
        assert name in LIMIT_NAMES, name
        return f"{why} (--limit {name}=NUMBER allows more)"


#: What you can set, by name.
LIMIT_NAMES = names_of(Limits)

DEFAULT_LIMITS = Limits()
