"""Statements that may suppress findings: one noun for your own ignore rules and for VEX."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from advisories.models.advisories import FixState
from advisories.models.distribution import Distribution, language_of
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, shortened
from advisories.models.packages import Module
from advisories.models.words import check_kinds, check_members, check_texts, check_words

__all__ = [
    "JUSTIFICATIONS",
    "SOURCE_ARCHES",
    "Product",
    "Purl",
    "Revision",
    "Statement",
    "StatementStatus",
    "VersionRange",
]

#: What stands as the architecture of a source package.
SOURCE_ARCHES: Final = ("src", "nosrc", "source")

#: The labels of why a product is not affected, of OpenVEX and of CSAF's flags alike.
JUSTIFICATIONS: Final = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)


class StatementStatus(StrEnum):
    """What a statement makes of the findings it selects: our own word first, then OpenVEX's labels for VEX."""

    #: You know them, and decided to leave them.
    IGNORED = "ignored"
    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    AFFECTED = "affected"
    UNDER_INVESTIGATION = "under_investigation"

    @property
    def suppresses(self) -> bool:
        """Whether it may suppress findings. The last two never do."""
        return self not in (StatementStatus.AFFECTED, StatementStatus.UNDER_INVESTIGATION)


@frozen
class VersionRange(Noun):
    """Installed versions, half-open: ``from <= version < before``. None is no bound.

    The package that it is compared with decides the order, by its type.
    """

    from_: str | None = None
    before: str | None = None

    def __attrs_post_init__(self) -> None:
        check_texts(self, "from_", "before", optional=True)


@frozen
class Purl(Noun):
    """A package URL in its parts.

    :ivar text: as it was written.
    :ivar type: in lower case. ``apk`` also for the older ``alpine``.
    :ivar version: the whole version, with the qualifier ``epoch`` in front of it. None means every version.
    :ivar qualifiers: name and value, sorted.
    """

    text: str
    type: str
    namespace: str | None
    name: str
    version: str | None = None
    qualifiers: tuple[tuple[str, str], ...] = field(default=(), repr=shortened)
    subpath: str | None = None

    def qualifier(self, name: str) -> str | None:
        """The value of a qualifier. None where it is not there."""
        return dict(self.qualifiers).get(name)

    @property
    def full_name(self) -> str:
        """The package's name as its ecosystem writes it: of a language's package with the namespace in front.

        That is ``@scope/name`` of npm, the path of a Go module, and ``group:artifact`` of Maven. Of packages of a
        system the namespace is the distribution.
        """
        if self.namespace is None or language_of(self.type) is None:
            return self.name
        name = f"{self.namespace}{':' if self.type == 'maven' else '/'}{self.name}"
        return f"{name}/{self.subpath}" if self.names_by_subpath else name

    @property
    def names_by_subpath(self) -> bool:
        """Whether the subpath is the end of a Go module's path.

        Syft writes three parts of it as namespace and name. In any other form, and with ``type=package`` of CycloneDX's
        tool for Go, the subpath is a folder of the module.
        """
        if self.type != "golang" or self.subpath is None or self.qualifier("type") == "package":
            return False
        return self.namespace is not None and self.namespace.count("/") == 1

    @property
    def is_source(self) -> bool:
        """Whether it names a source package: by its architecture, ``source`` or ``src``."""
        return self.qualifier("arch") in SOURCE_ARCHES


@frozen
class Product(Noun):
    """What a VEX statement is about.

    :ivar purl: a package, or a whole that has packages in it (an image).
    :ivar components: the packages inside it that the statement is limited to. Empty means all of it.
    :ivar distribution: the release that the document names beside the package URL, or None.
    :ivar module: the module stream that the document names there, or None.
    """

    purl: Purl
    components: tuple[Purl, ...] = field(default=(), repr=shortened)
    distribution: Distribution | None = None
    module: Module | None = None


@frozen
class Revision(Noun):
    """One revision of a VEX document. An earlier one than another that is given suppresses nothing.

    :ivar document: what is the same in all revisions: the format, and the document's own id.
    :ivar version: a whole number, or a version as Semantic Versioning has it. None where nothing shows one.
    :ivar date: when the document was changed last, aware. None where nothing shows it.
    :ivar digest: of the content, so that a copy is no other revision.
    """

    document: str
    version: str | None = None
    date: datetime | None = None
    digest: str = field(default="", repr=False)


@frozen
class Statement(Noun):
    """An ignore rule or a VEX statement. It selects the findings that fit every field below that is not empty.

    :ivar source: the file, with ``!member`` for a member of an archive, or ``-`` for standard input.
    :ivar position: ``line 12``, or a JSON path such as ``statements[3]``.
    :ivar ids: any of these ids or aliases of vulnerabilities, or ids of advisories. Case does not matter.
    :ivar packages: any of these names, or globs of names, of installed packages or of their source packages.
    :ivar versions: the installed package's version, or the source package's if `packages` names that.
    :ivar location: a glob for the package's location. ``*`` is any text, ``/`` included.
    :ivar fix_states: any of these fix states.
    :ivar products: any of these products.
    :ivar until: the last day on which it holds. None means for ever.
    :ivar reason: why, on one line.
    :ivar owner: the rule's owner, or the document's author.
    :ivar justification: the label of why a product is not affected, in the words of its format.
    :ivar timestamp: since when it holds, aware. A later statement of the same owner replaces an earlier one.
    :ivar revision: of the document that it stands in. None where that has no id.

    ValueError is raised for a word that is no fix state, TypeError for a field of another type.
    """

    source: str
    position: str
    status: StatementStatus
    ids: tuple[str, ...] = field(default=(), repr=shortened)
    packages: tuple[str, ...] = field(default=(), repr=shortened)
    versions: VersionRange | None = None
    location: str | None = None
    fix_states: tuple[FixState, ...] = field(default=(), repr=shortened)
    products: tuple[Product, ...] = field(default=(), repr=shortened)
    until: date | None = None
    reason: str = ""
    owner: str | None = None
    justification: str | None = None
    timestamp: datetime | None = None
    revision: Revision | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        check_kinds(self, StatementStatus, "status")
        check_members(self, str, "ids", "packages")
        check_words(self, FixState, "fix_states")
        check_members(self, Product, "products")
        check_kinds(self, VersionRange, "versions", optional=True)
        check_texts(self, "location", optional=True)

    def __str__(self) -> str:
        return f"{self.source}: {self.position}: {self.status.value}: {', '.join(self.ids) or 'any vulnerability'}"
