"""What is known to be vulnerable: advisories and the packages they are about."""

from datetime import datetime
from enum import StrEnum
from functools import cached_property

from advisories.models.distribution import Distribution
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, shortened
from advisories.models.packages import NO_MODULE, Module
from advisories.models.words import (
    TEXT_OR_NONE,
    Explained,
    Names,
    check_kinds,
    check_members,
    check_several,
    check_texts,
)

__all__ = ["Advisory", "Affected", "Enrichment", "FixState", "Kind", "Range", "Reference", "Severity"]


class Kind(StrEnum):
    """The kind of an advisory, by its publisher's word."""

    SECURITY = "security"
    BUGFIX = "bugfix"
    ENHANCEMENT = "enhancement"
    UNKNOWN = "unknown"


class FixState(Explained):
    """Whether the distribution has a fix, or plans one (rule 10)."""

    FIXED = "fixed", "a later version is free of it"
    NOT_FIXED = "not-fixed", "there is no fix yet"
    WONT_FIX = "wont-fix", "it will not be fixed"
    DEFERRED = "deferred", "the fix waits for another occasion, such as a point release"
    END_OF_LIFE = "end-of-life", "the release, or the package in it, is not supported any more"
    UNDER_INVESTIGATION = "under-investigation", "it is being investigated"
    UNKNOWN = "unknown", "it is not known whether there will be a fix"


@frozen
class Range(Noun):
    """A half-open range of versions, ``[introduced, upper)``.

    The upper end is one of `fixed`, just above `last_affected`, and `limit`, which is no fix. Without any the range is
    open. A `fixed` of ``"0"`` means that no version was ever affected (rule 3). TypeError is raised for a bound that is
    neither a text nor None.

    :ivar introduced: None for "from the first version on".
    """

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (
            self.introduced.__class__ in TEXT_OR_NONE
            and self.fixed.__class__ in TEXT_OR_NONE
            and self.last_affected.__class__ in TEXT_OR_NONE
            and self.limit.__class__ in TEXT_OR_NONE
        ):
            check_texts(self, "introduced", "fixed", "last_affected", "limit", optional=True)


@frozen(cache_hash=True)
class Affected(Noun):
    """One package that an advisory is about.

    :ivar package: the name of a source or a binary package, by `names`.
    :ivar type: the purl type, which decides the version scheme.
    :ivar distribution: the release it applies to. A language's ecosystem stands for one (``pypi``, rolling). None means
        a release that is not known here.
    :ivar ranges: the affected versions. Several ranges are a union.
    :ivar versions: further affected versions, one by one.
    :ivar fix_state: whether the distribution has a fix, or plans one.
    :ivar negative: the package is *not* affected: in these ranges and versions, or at all where there are none.
    :ivar arches: the architectures it is limited to. Empty means any.
    :ivar module: the module streams it applies to.
    :ivar channel: the channel that carries the fix. None means a public one.
    :ivar epoch_known: False where the record cannot show an epoch (rule 4). Epochs are left out on both sides then.
    :ivar source: for a binary package's name, the source whose builds it is about alone (rule 2). None means any.
    :ivar in_archive: the version of the package that the release's archive has, where the feed shows it (rule 1b).
    :ivar completed: the advisory does not name the package: it names documentation of the same source alone, in this
        version (rule 0, ``record-incomplete``). Only records have such entries, never advisories.
    """

    package: str
    type: str
    distribution: Distribution | None
    names: Names
    ranges: tuple[Range, ...] = field(default=(), repr=shortened)
    versions: tuple[str, ...] = field(default=(), repr=shortened)
    fix_state: FixState = FixState.UNKNOWN
    negative: bool = False
    arches: tuple[str, ...] = field(default=(), repr=shortened)
    module: Module = NO_MODULE
    channel: str | None = None
    epoch_known: bool = True
    source: str | None = None
    completed: bool = False
    in_archive: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.package.__class__ is self.type.__class__ is str):
            check_texts(self, "package", "type")
        # A member of an enumeration of texts is equal to its text.
        if self.names.__class__ is not Names and self.names not in tuple(Names):
            check_kinds(self, Names, "names")
        if not (self.versions.__class__ is self.arches.__class__ is tuple and self.ranges.__class__ is tuple):
            check_several(self, "ranges", "versions", "arches")
        # Whatever is neither true nor false would be true.
        if self.negative is not False or self.epoch_known is not True or self.completed is not False:
            check_kinds(self, bool, "negative", "epoch_known", "completed")
        if self.module is not NO_MODULE or self.distribution.__class__ is not Distribution:
            check_kinds(self, Module, "module")
            check_kinds(self, Distribution, "distribution", optional=True)
        if self.channel is not None or self.source is not None or self.in_archive is not None:
            check_texts(self, "channel", "source", "in_archive", optional=True)
        for one in self.ranges:
            if one.__class__ is not Range:
                check_members(self, Range, "ranges")
        for arch in self.arches:
            if arch.__class__ is not str:
                check_members(self, str, "arches")


@frozen
class Severity(Noun):
    """A severity, as a vendor or a database rates it.

    :ivar type: ``CVSS_V2``, ``CVSS_V3``, ``CVSS_V4``, or the name of a vendor's own scale.
    :ivar score: the vector, or the vendor's word.
    :ivar source: ``vendor``, or the name of another database.
    :ivar cve: the vulnerability it rates. None means the advisory as a whole.
    """

    type: str
    score: str
    source: str = "vendor"
    cve: str | None = None


@frozen
class Reference(Noun):
    """A link: its type in OSV's words (``ADVISORY``, ``REPORT``, ``FIX``, ...) and its address."""

    type: str
    url: str


@frozen
class Advisory(Noun):
    """A publisher's record of one update or vulnerability.

    :ivar id: the publisher's id, such as ``ALSA-2022:4584``.
    :ivar kind: security, bugfix, enhancement or unknown.
    :ivar cves: the CVE ids of its own vulnerabilities, sorted, each once.
    :ivar affected: the packages it is about.
    :ivar database: the publisher's short name (``almalinux``). Empty where it is not known.
    :ivar rating: the vendor's severity word in lower case. None where there is none.
    :ivar severities: vectors and other scales.
    :ivar published: None where the source has no readable date. All dates are aware.
    :ivar modified: when it changed last. For an update that shows no such date it is when that was published. Else it
        is when its feed was made, where the feed shows it. A CVE's publication is no such date.
    :ivar withdrawn: when it was withdrawn. A withdrawn advisory never matches (rule 15).
    :ivar aliases: other ids of the same vulnerability that are no CVE.
    :ivar reboot_suggested: the publisher recommends a restart after the update.
    :ivar known_exploited: an authority lists it as exploited.
    """

    id: str
    kind: Kind = Kind.UNKNOWN
    cves: tuple[str, ...] = field(default=(), repr=shortened)
    affected: tuple[Affected, ...] = field(default=(), repr=shortened)
    database: str = ""
    rating: str | None = None
    severities: tuple[Severity, ...] = field(default=(), repr=shortened)
    published: datetime | None = None
    modified: datetime | None = None
    withdrawn: datetime | None = None
    aliases: tuple[str, ...] = field(default=(), repr=shortened)
    references: tuple[Reference, ...] = field(default=(), repr=shortened)
    reboot_suggested: bool = False
    known_exploited: bool = False

    def __attrs_post_init__(self) -> None:
        if self.id.__class__ is not str:
            check_texts(self, "id")
        # Whatever is no moment would be one at which it was withdrawn.
        if self.withdrawn is not None and self.withdrawn.__class__ is not datetime:
            check_kinds(self, datetime, "withdrawn", optional=True)
        if self.cves.__class__ is not tuple or self.affected.__class__ is not tuple:
            check_several(self, "cves", "affected")
        for one in self.affected:
            if one.__class__ is not Affected:
                check_members(self, Affected, "affected")
        if self.reboot_suggested is not False or self.known_exploited is not False:
            check_kinds(self, bool, "reboot_suggested", "known_exploited")

    @cached_property
    def vulnerabilities(self) -> tuple[str, ...]:
        """The names of its findings: its CVEs, or its own id where it names none."""
        return self.cves or (self.id,)


@frozen
class Enrichment(Noun):
    """What another source knows of one CVE. It adds to every advisory that names the CVE.

    :ivar source: its short name: ``cisa-kev``, ``first-epss``, ``nvd``, ``cve.org``.
    :ivar known_exploited: since when it is listed as exploited. None where this source does not list it.
    :ivar epss: the probability of exploitation in the next 30 days, from 0 to 1. None where this source has none.
    :ivar severities: vectors.
    :ivar modified: the date of the source's record, aware.
    """

    cve: str
    source: str
    known_exploited: datetime | None = None
    epss: float | None = None
    severities: tuple[Severity, ...] = field(default=(), repr=shortened)
    modified: datetime | None = None
