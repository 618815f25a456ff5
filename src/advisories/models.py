"""The nouns: what is installed, what is known, and what was found. Frozen, without I/O and without version order.

Versions are text here, as the package manager or the advisory wrote them; which order they follow is decided by the
``type`` of the package (a purl type), in :data:`SCHEME_OF_TYPE`. Ranges are half-open everywhere.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Self

from attrs import field, frozen

from advisories._slots import answer_calls

__all__ = [
    "NO_MODULE",
    "SCHEME_OF_TYPE",
    "UNKNOWN_MODULE",
    "Advisory",
    "Affected",
    "Assessed",
    "Assessment",
    "Assumption",
    "Basis",
    "Distribution",
    "Enrichment",
    "Evidence",
    "Extent",
    "Finding",
    "FixState",
    "Flaw",
    "FlawKind",
    "Inventory",
    "Kind",
    "Module",
    "Names",
    "Package",
    "PackageClass",
    "Presence",
    "Priority",
    "Range",
    "ReadReport",
    "Reference",
    "Rejection",
    "Ruling",
    "Severity",
    "Skip",
    "State",
    "Status",
]

#: The version scheme (a name of :data:`vercmp.SCHEMES`) of each package type we order; types are purl types.
SCHEME_OF_TYPE: Mapping[str, str] = MappingProxyType({"rpm": "rpm", "deb": "dpkg", "apk": "apk", "pypi": "pep440"})


class _Explained(StrEnum):
    """Words with their meanings, as the pages show them.

    :ivar meaning: what it says, in a few words.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word


class Kind(StrEnum):
    """What an advisory is about, by its publisher's word."""

    SECURITY = "security"
    BUGFIX = "bugfix"
    ENHANCEMENT = "enhancement"
    UNKNOWN = "unknown"


class Names(StrEnum):
    """Whether a record names a source package or a binary one, and so which version it is compared with (rule 2)."""

    SOURCE = "source"
    BINARY = "binary"


class FixState(_Explained):
    """What the distribution says about a fix (rule 10)."""

    FIXED = "fixed", "a later version is free of it"
    NOT_FIXED = "not-fixed", "there is no fix yet"
    WONT_FIX = "wont-fix", "it will not be fixed"
    DEFERRED = "deferred", "the fix waits for another occasion, such as a point release"
    END_OF_LIFE = "end-of-life", "the release, or the package in it, is not supported any more"
    UNDER_INVESTIGATION = "under-investigation", "it is being investigated"
    UNKNOWN = "unknown", "nobody says whether there will be a fix"


class State(StrEnum):
    """How far a package is installed: the third word of dpkg's status, and what is no software at all.

    Source of the words: dpkg(1), *Package states*.
    """

    INSTALLED = "installed"
    HALF_INSTALLED = "half-installed"
    UNPACKED = "unpacked"
    HALF_CONFIGURED = "half-configured"
    TRIGGERS_AWAITED = "triggers-awaited"
    TRIGGERS_PENDING = "triggers-pending"
    CONFIG_FILES = "config-files"
    NOT_INSTALLED = "not-installed"
    #: An entry of the database that carries no software: rpm keeps imported keys as packages named ``gpg-pubkey``.
    PSEUDO = "pseudo"

    @property
    def on_disk(self) -> bool:
        """Whether the package's files are there, wholly or in part (rule 12)."""
        return self not in _OFF_DISK


_OFF_DISK = frozenset({State.CONFIG_FILES, State.NOT_INSTALLED, State.PSEUDO})


class Status(StrEnum):
    """The verdict of a finding."""

    AFFECTED = "affected"
    UNDECIDABLE = "undecidable"


class Presence(_Explained):
    """Where a package stands: kernels may be installed without running (rule 11)."""

    INSTALLED = "installed", "any package that is no kernel"
    RUNNING = "running", "the kernel that `uname -r` names"
    RESIDUAL = "residual", "a kernel older than the one that runs"
    STANDBY = "standby", "a newer kernel, or one of another flavour, that does not run"
    UNKNOWN = "unknown", "a kernel, where the list does not say which one runs"


class Priority(StrEnum):
    """How soon to act. Members are in falling order."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"

    @property
    def rank(self) -> int:
        """0 for the most urgent; sorts findings."""
        return _PRIORITY_RANK[self]


_PRIORITY_RANK = {priority: rank for rank, priority in enumerate(Priority)}


class Basis(StrEnum):
    """What a priority rests on."""

    KNOWN_EXPLOITED = "known-exploited"
    VENDOR_VECTOR = "vendor-vector"
    OTHER_VECTOR = "other-vector"
    VENDOR_RATING = "vendor-rating"
    ASSUMED = "assumed"


class Assumption(_Explained):
    """What a verdict took for granted because an input could not say it."""

    EPOCH_UNKNOWN = "epoch-unknown", "the list cannot show epochs: they are left out on both sides (rule 4)"
    MODULE_UNKNOWN = "module-unknown", "the package or the record does not say its module stream (rule 6)"
    RELEASE_ASSUMED = "release-assumed", "the inventory does not say its release"
    ARCH_UNKNOWN = "arch-unknown", "the record is for some architectures, and the list shows none (rule 7)"
    REBUILD = "rebuild", "somebody else built the fixed version, in another way"
    DISTRIBUTION_ASSUMED = (
        "distribution-assumed",
        "judged by another release's advisories, by explicit choice (rule 1)",
    )


class PackageClass(_Explained):
    """The coverage classes: every package of an inventory is in exactly one, the first that fits."""

    AFFECTED = "affected", "it has a finding"
    UNDECIDABLE = "undecidable", "a record applies, but the versions cannot be compared (rules 4, 5 and 14)"
    CLEAN = "clean", "judged, and nothing found"
    THIRD_PARTY = "third-party", "its vendor or maintainer is not the distribution (rule 13)"
    NOT_COVERED = (
        "not-covered",
        "the feed has no advisories of its release, or of its type: nothing was judged (rule 1)",
    )
    NOT_INSTALLED = "not-installed", "removed with its configuration left behind, or no software at all (rule 12)"


class FlawKind(StrEnum):
    """What is wrong with a record that was kept: what a feed's lint counts."""

    #: A range whose lower end is above its upper; it holds no version.
    UPSIDE_DOWN = "upside-down"
    #: A version that the scheme refuses; what it might hold is undecidable (rule 14).
    VERSION_REFUSED = "version-refused"
    #: A version that the scheme takes and that its own tool warns of.
    VERSION_WARNED = "version-warned"
    #: A range from the first version on that holds the beginning of another range of the same advisory and package.
    NO_LOWER_BOUND = "no-lower-bound"
    #: A fix without an epoch that is later, epochs left out, than another fix of the package that has one.
    NO_EPOCH = "no-epoch"
    #: One record says of a version that it is affected, another that it is not, for the same vulnerability.
    CONTRADICTION = "contradiction"
    #: One id, two contents, modified at the same moment; they were put together.
    CONFLICT = "conflict"


class Extent(StrEnum):
    """How much a rejection took with it."""

    #: A whole record: an advisory, a package.
    RECORD = "record"
    #: A part of a record that was kept: one affected entry, one date.
    PART = "part"


@frozen
class Distribution:
    """A release of a distribution: ``debian 12``, ``ubuntu 22.04 {esm-infra}``, ``rhel 8.6 {eus}``.

    :ivar id: the ``ID`` of os-release(5).
    :ivar release: as that distribution writes it; None where it is not known.
    :ivar channels: the update channels the host is entitled to beyond the public ones.
    """

    id: str
    release: str | None
    channels: frozenset[str] = frozenset()

    def __str__(self) -> str:
        text = f"{self.id} {self.release or '(release unknown)'}"
        return f"{text} {{{', '.join(sorted(self.channels))}}}" if self.channels else text


@frozen
class Module:
    """The module stream of a package or a record: none, unknown, or ``name:stream``.

    A record may allow several (one advisory for ``virt:rhel`` and ``virt-devel:rhel``); a package has one at most.

    :ivar known: False where nothing is known; `streams` is empty then.
    :ivar streams: the streams, sorted; empty and known means that it belongs to no module.
    """

    known: bool
    streams: tuple[str, ...] = ()

    @classmethod
    def of(cls, *streams: str) -> Self:
        """The module of these streams, each ``name:stream``."""
        return cls(True, tuple(sorted(set(streams))))

    def __str__(self) -> str:
        return " or ".join(self.streams) if self.streams else ("none" if self.known else "unknown")


NO_MODULE = Module(True)
UNKNOWN_MODULE = Module(False)


@frozen
class Rejection:
    """Something that could not be read: where, what, and why. Its neighbours were kept.

    :ivar source: the file, with ``!member`` for a member of an archive; ``-`` for standard input.
    :ivar position: ``line 12``, ``byte 4096``, or a JSON path such as ``affected[3].ranges[0]``.
    :ivar what: the record or package concerned as far as it is known (an id, a name), else a piece of the text.
    :ivar why: the reason.
    :ivar extent: a whole record, or a part of one that was kept.
    """

    source: str
    position: str
    what: str
    why: str
    extent: Extent = Extent.RECORD

    @property
    def said(self) -> str:
        """What and why; why alone where it is a document as a whole, called by its file: that is the source already."""
        own = self.source.rpartition("!")[2].rpartition("/")[2]
        return self.why if self.what == own else f"{self.what}: {self.why}"

    def __str__(self) -> str:
        return f"{self.source}: {self.position}: {self.said}"


@frozen
class Flaw:
    """Something wrong with a record that was kept and is judged as far as it goes.

    :ivar advisory: its id.
    :ivar package: the package concerned, of
    :ivar distribution: this release; None where the flaw is the advisory's as a whole.
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
class Skip:
    """Something understood and left aside by rule (a GIT range, a file of no feed format). Counted, no error.

    Fields as :class:`Rejection`'s.
    """

    source: str
    position: str
    what: str
    why: str


@frozen
class ReadReport:
    """What a reader did with one source: ``read == kept + rejected``, asserted.

    :ivar source: as it was given.
    :ivar format: the name of the reader in its registry.
    :ivar read: records or packages seen.
    :ivar kept: of these, those handed on.
    :ivar rejections: everything refused; those of extent *part* belong to records that were kept.
    :ivar skips: how often something was left aside by rule, by reason.
    """

    source: str
    format: str
    read: int
    kept: int
    rejections: tuple[Rejection, ...] = ()
    skips: tuple[tuple[str, int], ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.read != self.kept + self.rejected:
            raise AssertionError(f"{self.source}: {self.read} read, {self.kept} kept, {self.rejected} rejected")

    @property
    def rejected(self) -> int:
        """Whole records refused."""
        return sum(1 for rejection in self.rejections if rejection.extent is Extent.RECORD)


@frozen(cache_hash=True)
class Package:
    """One *installed instance* of a package. Two kernels and two architectures are four packages.

    :ivar type: the purl type (``rpm``, ``deb``); it decides the version scheme.
    :ivar version: the whole version, ``[epoch:]version[-release]``; empty only where the state is not-installed.
    :ivar arch: as the package manager writes it; None where the list does not say.
    :ivar epoch_known: False where the list could not show an epoch (rule 4); the epoch in `version` means nothing then.
    :ivar source_name: the source package; None where the list does not say.
    :ivar source_version: the source package's version, None likewise. Never completed from the binary's epoch.
    :ivar source_epoch_known: as `epoch_known`, of the source version.
    :ivar module: the module stream it was installed from.
    :ivar vendor: who built it, by rpm's ``Vendor`` or dpkg's ``Origin``; None is taken for the distribution.
    :ivar maintainer: dpkg's ``Maintainer``.
    :ivar state: how far it is installed.
    :ivar location: what tells copies of one package apart (language packages); None for the system's package manager.
    :ivar locations: files it owns, a few; else the database it was read from.
    :ivar installed_at: when it was installed or upgraded, in UTC; None where the list does not say. Not compared: the
        same package in two lists is one package.
    """

    type: str
    name: str
    version: str
    arch: str | None = None
    epoch_known: bool = True
    source_name: str | None = None
    source_version: str | None = None
    source_epoch_known: bool = True
    module: Module = NO_MODULE
    vendor: str | None = None
    maintainer: str | None = None
    state: State = State.INSTALLED
    location: str | None = None
    locations: tuple[str, ...] = ()
    installed_at: datetime | None = field(default=None, eq=False)


@frozen
class Inventory:
    """What is installed on one host, image or root file system.

    :ivar distribution: None where neither the list nor the caller said it, or the list says several.
    :ivar packages: the installed instances, in the order of the list.
    :ivar running_kernel: as ``uname -r`` prints it; None where it is not known (then no kernel is *running*).
    :ivar source: where it was read from.
    :ivar format: the name of the reader.
    :ivar distribution_source: where the distribution was learnt, in a few words; which ones a list says that says
        several.
    :ivar report: what the reader kept and rejected.
    """

    distribution: Distribution | None
    packages: tuple[Package, ...]
    running_kernel: str | None = None
    source: str = ""
    format: str = ""
    distribution_source: str | None = None
    report: ReadReport | None = None

    @cached_property
    def instances(self) -> tuple[Package, ...]:
        """The installed instances, each once, however often the list has it."""
        return tuple(dict.fromkeys(self.packages))


@frozen
class Range:
    """A half-open range of versions, ``[introduced, upper)``.

    The upper end is `fixed`; or just above `last_affected`; or `limit`, which ends the statement without being a fix;
    or open. `fixed` of ``"0"`` means that no version was ever affected (rule 3).

    :ivar introduced: None for "from the first version on".
    """

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


@frozen
class Affected:
    """One package that an advisory speaks about.

    :ivar package: its name, a source or a binary package's by `names`.
    :ivar type: the purl type, which decides the version scheme.
    :ivar distribution: the release it applies to; a language's ecosystem stands for one (``pypi``, rolling).
        None is one that is not known here.
    :ivar ranges: a union.
    :ivar versions: versions affected one by one, besides the ranges.
    :ivar fix_state: what the distribution says of a fix.
    :ivar negative: a statement that the package is *not* affected; ranges and versions then say where (none: all).
    :ivar arches: the architectures it is limited to; empty is any.
    :ivar module: the module streams it applies to.
    :ivar channel: the channel that carries the fix, where it is not a public one.
    """

    package: str
    type: str
    distribution: Distribution | None
    names: Names
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    fix_state: FixState = FixState.UNKNOWN
    negative: bool = False
    arches: tuple[str, ...] = ()
    module: Module = NO_MODULE
    channel: str | None = None


@frozen
class Severity:
    """A severity as somebody states it.

    :ivar type: ``CVSS_V2``, ``CVSS_V3``, ``CVSS_V4``, or the name of a vendor's own scale.
    :ivar score: the vector, or the vendor's word.
    :ivar source: who says so: ``vendor`` or the name of another database.
    :ivar cve: the vulnerability it is stated of; None for the advisory as a whole.
    """

    type: str
    score: str
    source: str = "vendor"
    cve: str | None = None


@frozen
class Reference:
    """A link: its type in OSV's words (``ADVISORY``, ``REPORT``, ``FIX``, ...) and its address."""

    type: str
    url: str


@frozen
class Advisory:
    """What a publisher said about one update or vulnerability.

    :ivar id: the publisher's id, such as ``ALSA-2022:4584``.
    :ivar kind: security, bugfix, enhancement or unknown.
    :ivar cves: the CVE ids it names as its own vulnerabilities, sorted, each once.
    :ivar affected: the packages it speaks about.
    :ivar database: who publishes it, a short name (``almalinux``); empty where it is not known.
    :ivar rating: the vendor's severity word as written, lower-cased; None where there is none.
    :ivar severities: vectors and other scales.
    :ivar published: None where the source gives none that can be read; aware, like the other dates.
    :ivar withdrawn: when it was withdrawn; a withdrawn advisory never matches (rule 15).
    :ivar aliases: other ids of the same vulnerability that are no CVE.
    :ivar reboot_suggested: the publisher says that the update needs a restart.
    :ivar known_exploited: somebody authoritative says that it is exploited.
    """

    id: str
    kind: Kind = Kind.UNKNOWN
    cves: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    database: str = ""
    rating: str | None = None
    severities: tuple[Severity, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    withdrawn: datetime | None = None
    aliases: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    reboot_suggested: bool = False
    known_exploited: bool = False

    @property
    def vulnerabilities(self) -> tuple[str, ...]:
        """What its findings are called: its CVEs, or its own id where it names none."""
        return self.cves or (self.id,)


@frozen
class Enrichment:
    """What somebody besides the distributions says of one CVE, to be read with every advisory that names it.

    :ivar source: who says so, a short name: ``cisa-kev``, ``first-epss``, ``nvd``, ``cve.org``.
    :ivar known_exploited: since when it is listed as exploited; None where this source does not list it.
    :ivar epss: the probability of exploitation in the next 30 days, from 0 to 1; None where this source has none.
    :ivar severities: vectors.
    :ivar modified: as of when; aware.
    """

    cve: str
    source: str
    known_exploited: datetime | None = None
    epss: float | None = None
    severities: tuple[Severity, ...] = ()
    modified: datetime | None = None


@frozen
class Ruling:
    """A rule of matching that had a say, by its number in the design, and what it said."""

    rule: int
    said: str


@frozen
class Evidence:
    """What a verdict was made of.

    :ivar advisory: the record that decided.
    :ivar name: the package name that record uses.
    :ivar names: whether that is a source or a binary package.
    :ivar installed: the version that was compared.
    :ivar rulings: the rules that had a say beyond the plain comparison.
    """

    advisory: str
    name: str
    names: Names
    installed: str
    introduced: str | None
    fixed: str | None
    last_affected: str | None
    rulings: tuple[Ruling, ...] = ()


@frozen
class Assessment:
    """The priority of a vulnerability, and what it rests on.

    :ivar rule: the row of the priority table.
    :ivar reason: why that row, as a sentence.
    :ivar score: the CVSS base score, None where there is no vector.
    :ivar known_exploited: somebody authoritative says that it is exploited.
    :ivar epss: the probability of exploitation in the next 30 days; None where nobody says.
    :ivar refused: CVSS vectors that are none, sorted; the next source was asked.
    """

    priority: Priority
    rule: str
    basis: Basis
    reason: str
    score: float | None = None
    known_exploited: bool = False
    epss: float | None = None
    refused: tuple[str, ...] = ()


class Assessed:
    """The parts of an assessment, for what has one."""

    __slots__ = ()

    assessment: Assessment

    @property
    def priority(self) -> Priority:
        """How soon to act."""
        return self.assessment.priority

    @property
    def rule(self) -> str:
        """The row of the priority table."""
        return self.assessment.rule

    @property
    def basis(self) -> Basis:
        """What the priority rests on."""
        return self.assessment.basis

    @property
    def score(self) -> float | None:
        """The CVSS base score, None where there is no vector."""
        return self.assessment.score


@frozen
class Finding(Assessed):
    """One installed instance and one vulnerability.

    :ivar package: the installed binary package.
    :ivar instance: its identity as text, stable between runs and across upgrades (kernels: one for each version).
    :ivar source: the source package's name and
    :ivar source_version: version, where they are known.
    :ivar vulnerability: its CVE, or the advisory's id where that names none.
    :ivar notices: the advisories whose range holds the installed version, sorted.
    :ivar cause: the reason as one sentence.
    :ivar fixed_version: the version that clears it; None where there is none.
    :ivar channel: the channel that carries the fix, where the host does not have it.
    :ivar pending_restart: a fixed kernel is installed and not running (rule 11).
    :ivar restart_required: clearing it needs a restart of the machine.
    :ivar assessment: its priority, what that rests on, and the signals about its exploitation.
    """

    package: Package
    instance: str
    source: str | None
    source_version: str | None
    vulnerability: str
    notices: tuple[str, ...]
    status: Status
    cause: str
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    presence: Presence
    pending_restart: bool
    restart_required: bool
    assessment: Assessment
    assumptions: tuple[Assumption, ...]
    evidence: Evidence


# Of these there are as many as packages and records, and setting their fields by name would be most of the time that
# reading takes.
for _prototype in (
    Package("", "", ""),
    Inventory(None, ()),
    Range(),
    Affected("", "", None, Names.SOURCE),
    Severity("", ""),
    Reference("", ""),
    Advisory(""),
):
    answer_calls(_prototype)
del _prototype
