"""What readers kept, rejected and skipped."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from advisories.models.distribution import Distribution
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, shortened

__all__ = [
    "LIST",
    "SYSTEM",
    "Extent",
    "Flaw",
    "FlawKind",
    "Loss",
    "Part",
    "ReadReport",
    "Rejection",
    "Scope",
    "Skip",
    "Skipped",
    "Unreadable",
    "shown_source",
    "unlisted_packages",
]


def shown_source(source: str) -> str:
    """A source as reports name it: nobody who gets a report knows what a dash was.

    >>> shown_source("packages.txt"), shown_source("-")
    ('packages.txt', 'standard input')
    """
    return "standard input" if source == "-" else source


#: What a rejection is about where the packages of a root's or image's system could not be read.
SYSTEM: Final = "the packages of the system"
#: The same where a part of a list is missing that states how long it is.
LIST: Final = "the list"
# How the digest of a layer begins, which is what a rejection of it is about.
_DIGESTS: Final = ("sha256:", "sha384:", "sha512:")


class FlawKind(StrEnum):
    """What is wrong with a record that was kept: what a feed's lint counts."""

    #: A range whose lower end is above its upper. It holds no version.
    UPSIDE_DOWN = "upside-down"
    #: A version that the scheme refuses. What it might hold is undecidable (rule 14).
    VERSION_REFUSED = "version-refused"
    #: A version that the scheme accepts with a warning.
    VERSION_WARNED = "version-warned"
    #: A range from the first version on that holds the beginning of another range of the same advisory and package.
    NO_LOWER_BOUND = "no-lower-bound"
    #: A fix without an epoch that is later, epochs left out, than another fix of the package that has one.
    NO_EPOCH = "no-epoch"
    #: For one vulnerability, one record has a version as affected and another as not affected.
    CONTRADICTION = "contradiction"
    #: One id with two contents, modified at the same moment. They were merged.
    CONFLICT = "conflict"
    #: An advisory names of a source its documentation or its list of symbols alone (rule 0). The source's other names
    #: are compared with the same version.
    RECORD_INCOMPLETE = "record-incomplete"


class Extent(StrEnum):
    """How much a rejection took with it."""

    #: A whole record: an advisory, a package.
    RECORD = "record"
    #: A part of a record that was kept: one affected entry, one date.
    PART = "part"


@frozen
class Loss(Noun):
    """An affected entry of which nothing was kept, as far as it could be read (rule 0, ``records-skipped``).

    Whom it concerns: the package of that release. Without a package all packages of the release, without a release the
    package of any release, and without both every package.

    :ivar package: the name of a binary or a source package. None where it could not be read.
    :ivar distribution: the release. One without a number stands for all releases of that distribution. None where it
        could not be read.
    :ivar advisory: the id of the record that was lost as a whole. The same id, kept from elsewhere, makes up for it.
    """

    package: str | None = None
    distribution: Distribution | None = None
    advisory: str | None = None


def order_of_losses(loss: Loss) -> tuple[str, ...]:
    """The order of losses: by release, package and advisory."""
    of = loss.distribution
    return of.id if of else "", (of.release if of else "") or "", loss.package or "", loss.advisory or ""


@frozen
class Part(Noun):
    """A component of a release that a document is of: ``main`` of Alpine 3.20, the list ``DLA`` of Debian.

    :ivar distribution: the release. One without a number stands for all releases of that distribution.
    :ivar name: as :mod:`advisories.distros.components` writes it.
    """

    distribution: Distribution
    name: str


@frozen
class Scope(Noun):
    """How much of a release a source has (rule 0, ``feed-partial``).

    :ivar distribution: the release, or all releases of a distribution where it has no number.
    :ivar part: the component that the documents are of, empty where they show none.
    :ivar advisories: how many advisories of the release they have.
    :ivar single: how many of these came in a document each, with no index that shows that they are all.
    """

    distribution: Distribution
    part: str = ""
    advisories: int = 0
    single: int = 0


@frozen
class Rejection(Noun):
    """Something that could not be read: where, what, and why. Its neighbours were kept.

    :ivar source: the file, with ``!member`` for a member of an archive, or ``-`` for standard input.
    :ivar position: ``line 12``, ``byte 4096``, or a JSON path such as ``affected[3].ranges[0]``.
    :ivar what: the id or name of the record or package, else a piece of the text.
    :ivar why: the reason.
    :ivar extent: a whole record, or a part of one that was kept.
    :ivar losses: the affected entries that went with it. None where the reader does not know: of a whole record
        anything may have been lost, of a part nothing was.
    """

    source: str
    position: str
    what: str
    why: str
    extent: Extent = Extent.RECORD
    losses: tuple[Loss, ...] | None = field(default=None, repr=False)

    @property
    def lost(self) -> tuple[Loss, ...]:
        """The affected entries that went with it, as far as they are known."""
        if self.losses is None:
            return (Loss(),) if self.extent is Extent.RECORD else ()
        return self.losses

    @property
    def is_of_the_whole(self) -> bool:
        """Whether it is about a layer, the packages of the system or a cut list. Nobody knows how much is missing."""
        return self.what in (SYSTEM, LIST) or self.what.startswith(_DIGESTS)

    @property
    def text(self) -> str:
        """What and why. Why alone for a document as a whole: its file is the source already."""
        own = self.source.rpartition("!")[2].rpartition("/")[2]
        return self.why if self.what == own else f"{self.what}: {self.why}"

    def __str__(self) -> str:
        return f"{self.source}: {self.position}: {self.text}"


@frozen
class Flaw(Noun):
    """Something wrong with a record that was kept. Matching uses the record as far as it goes.

    :ivar advisory: the advisory's id.
    :ivar package: the package concerned. None where the flaw is the advisory's as a whole.
    :ivar distribution: the package's release, or None.
    :ivar why: what is wrong, in words.
    """

    kind: FlawKind
    advisory: str
    package: str | None
    distribution: Distribution | None
    why: str

    def __str__(self) -> str:
        what = f"{self.advisory}, {self.package} of {self.distribution}" if self.package else self.advisory
        return f"{what}: {self.why} ({self.kind.value})"


@frozen
class Skip(Noun):
    """Something understood and skipped by rule (a GIT range, a file of no feed format). Counted, no error.

    Fields as :class:`Rejection`'s. Most of what is skipped is about something else, and nothing is lost with it.
    """

    source: str
    position: str
    what: str
    why: str
    losses: tuple[Loss, ...] = field(default=(), repr=False)


@frozen
class ReadReport(Noun):
    """What a reader did with one source: ``read == kept + rejected``, asserted.

    :ivar source: as it was given.
    :ivar format: the name of the reader in its registry.
    :ivar read: records or packages seen.
    :ivar kept: how many of these were kept.
    :ivar rejections: everything rejected. Those of extent *part* belong to records that were kept.
    :ivar skips: each reason for skipping something by rule, with a count.
    :ivar scopes: how much of each release it has, by release and component.
    :ivar losses: the affected entries that were lost, each once, sorted.
    :ivar newest: when the advisory that changed last was modified, or else published. None where none has a date.
    :ivar unread_types: of a package list, the types of packages of which more may be installed than it has: they were
        not looked for, or what shows them was passed over. Sorted. None where that is not known.
    """

    source: str
    format: str
    read: int
    kept: int
    rejections: tuple[Rejection, ...] = field(default=(), repr=shortened)
    skips: tuple[tuple[str, int], ...] = field(default=(), repr=shortened)
    scopes: tuple[Scope, ...] = field(default=(), repr=shortened)
    losses: tuple[Loss, ...] = field(default=(), repr=shortened)
    newest: datetime | None = None
    unread_types: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if self.read != self.kept + self.rejected:
            raise AssertionError(f"{self.source}: {self.read} read, {self.kept} kept, {self.rejected} rejected")

    @property
    def rejected(self) -> int:
        """How many whole records were rejected."""
        return sum(1 for rejection in self.rejections if rejection.extent is Extent.RECORD)


#: How the reasons begin for which a package is not listed although it may be installed: its type has no order here, or
#: nothing identifies it. Images have their packages beside them.
_UNLISTED: Final = "packages of "
_IMAGES: Final = ("packages of type oci:", "packages of type docker:")


def unlisted_packages(report: ReadReport) -> int:
    """How many packages of a list were skipped although they may be installed, so that they have no verdict."""
    return sum(count for why, count in report.skips if why.startswith(_UNLISTED) and not why.startswith(_IMAGES))


class Unreadable(Exception):
    """Why an entry is no package."""


class Skipped(Exception):
    """Why an entry is understood and not listed: a source package, a type of package without an order here."""
