"""How much a reader takes before it refuses: explicit, generous, and the same for every format."""

from attrs import frozen

from advisories.models.nouns import Noun

__all__ = ["DEFAULT_LIMITS", "Limits"]

_MEBIBYTE = 1 << 20


@frozen
class Limits(Noun):
    """Bounds on input. What is beyond one is a rejection or an error that names the bound. Nothing is cut silently.

    :ivar document: bytes of one file or archive member, unpacked.
    :ivar archive: bytes of all members of one archive, unpacked.
    :ivar members: files in one archive or folder.
    :ivar ratio: how many times larger than its packed form what is above `ratio_from` bytes may be. Deflate reaches
        1032 on constant bytes. A Red Hat advisory of a kernel as CSAF, packed by xz, reaches 370.
    :ivar ratio_from: for members that unpack to fewer bytes the ratio does not count.
    :ivar affected: affected entries of one record.
    :ivar versions: enumerated versions of one affected entry.
    :ivar inventory: bytes of one package list.
    """

    document: int = 512 * _MEBIBYTE
    archive: int = 32 * 1024 * _MEBIBYTE
    members: int = 4_000_000
    ratio: int = 2000
    ratio_from: int = 8 * _MEBIBYTE
    affected: int = 1_000_000
    versions: int = 2_000_000
    inventory: int = 1024 * _MEBIBYTE


DEFAULT_LIMITS = Limits()
