"""Which findings to show: by priority, fix state, presence, package and advisory. Pure.

What is not shown is counted, by the first reason in the order of :class:`Hidden`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from advisories.distros.kernels import Role, kernel_of
from advisories.distros.signed import as_advised
from advisories.index.feed import Feed
from advisories.models.advisories import FixState
from advisories.models.findings import Finding, Presence, Priority
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, ordered, outlined, shortened
from advisories.models.packages import Inventory, Package
from advisories.models.words import check_kinds, check_members, check_words

__all__ = [
    "EVERYTHING",
    "Hidden",
    "Selected",
    "Selection",
    "hidden_for",
    "is_fixable",
    "is_named",
    "select",
    "unknown_advisories",
    "unknown_packages",
]


class Hidden(StrEnum):
    """Why a finding is not shown: the first reason that applies."""

    PRIORITY = "priority"
    FIX_STATE = "fix-state"
    PRESENCE = "presence"
    PACKAGE = "package"
    ADVISORY = "advisory"
    NO_FIX = "no-fix"
    HEADERS = "headers"


@frozen
class Selection(Noun):
    """What to show: findings that fit every criterion. Without arguments, everything.

    :ivar priorities: the priorities to show.
    :ivar fix_states: the fix states to show.
    :ivar presences: the presences to show.
    :ivar packages: names, or globs of names, of installed or source packages. Empty is any.
    :ivar advisories: ids, or globs of ids, of vulnerabilities or advisories, in any case. Empty is any.
    :ivar only_fixable: show only what has a fix that the host can have.
    :ivar with_headers: show kernel headers too. They carry every advisory of the kernel and never run.

    ValueError is raised for a word that is none of its kind (``high`` for ``High``), TypeError for another type.
    """

    priorities: frozenset[Priority] = field(default=frozenset(Priority), repr=ordered)
    fix_states: frozenset[FixState] = field(default=frozenset(FixState), repr=ordered)
    presences: frozenset[Presence] = field(default=frozenset(Presence), repr=ordered)
    packages: tuple[str, ...] = field(default=(), repr=shortened)
    advisories: tuple[str, ...] = field(default=(), repr=shortened)
    only_fixable: bool = False
    with_headers: bool = True

    def __attrs_post_init__(self) -> None:
        # A word that no finding has would hide them all, and one text would be taken for its letters.
        check_words(self, Priority, "priorities")
        check_words(self, FixState, "fix_states")
        check_words(self, Presence, "presences")
        check_members(self, str, "packages", "advisories")
        check_kinds(self, bool, "only_fixable", "with_headers")


EVERYTHING = Selection()


@frozen
class Selected(Noun):
    """The findings that a selection shows, and how many it hides.

    :ivar shown: the findings to show, in their order.
    :ivar hidden: how many are hidden, by reason, every reason named.
    """

    shown: tuple[Finding, ...] = field(repr=outlined)
    hidden: Mapping[Hidden, int] = field(converter=MappingProxyType[Hidden, int], hash=False)

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy does not pickle.
        return type(self), (self.shown, dict(self.hidden))

    @property
    def hidden_count(self) -> int:
        """How many are hidden."""
        return sum(self.hidden.values())


def select(findings: Iterable[Finding], selection: Selection = EVERYTHING) -> Selected:
    """Split findings into those to show and a count of the hidden ones by reason. None is lost."""
    shown: list[Finding] = []
    hidden = Counter[Hidden]()
    for finding in findings:
        reason = hidden_for(finding, selection)
        if reason is None:
            shown.append(finding)
        else:
            hidden[reason] += 1
    return Selected(tuple(shown), {reason: hidden[reason] for reason in Hidden})


def hidden_for(finding: Finding, selection: Selection) -> Hidden | None:
    """Why a selection hides a finding. None where it shows it."""
    if finding.priority not in selection.priorities:
        return Hidden.PRIORITY
    if finding.fix_state not in selection.fix_states:
        return Hidden.FIX_STATE
    if finding.presence not in selection.presences:
        return Hidden.PRESENCE
    package = finding.package
    if selection.packages and not any(
        is_named(name, selection.packages) for name in _names_of(package, finding.source)
    ):
        return Hidden.PACKAGE
    if selection.advisories and not _is_of_advisory(finding, selection.advisories):
        return Hidden.ADVISORY
    if selection.only_fixable and not is_fixable(finding):
        return Hidden.NO_FIX
    if not selection.with_headers:
        kernel = kernel_of(package)
        if kernel is not None and kernel.role is Role.HEADERS:
            return Hidden.HEADERS
    return None


def unknown_packages(selection: Selection, inventory: Inventory) -> tuple[str, ...]:
    """The packages of a selection that are the name of no installed package, nor of the source package of one."""
    if not selection.packages:
        return ()
    instances = [package for package in inventory.instances if package.state.on_disk]
    names = {name for package in instances for name in _names_of(package, package.source_name)}
    return tuple(pattern for pattern in selection.packages if not any(is_named(name, (pattern,)) for name in names))


def _names_of(package: Package, source: str | None) -> tuple[str | None, ...]:
    """The names that a selection may give a package, of a signed kernel also the source that advisories name."""
    advised = as_advised(package)
    return (package.name, source) if advised is None else (package.name, source, advised.source_name)


def unknown_advisories(selection: Selection, feed: Feed) -> tuple[str, ...]:
    """The ids of a selection that no advisory of a feed has, nor a vulnerability that one names."""
    ids = [id.upper() for id in feed.ids()] if selection.advisories else []
    return tuple(pattern for pattern in selection.advisories if not any(fnmatchcase(id, pattern.upper()) for id in ids))


def _is_of_advisory(finding: Finding, patterns: Iterable[str]) -> bool:
    ids = [id.upper() for id in (finding.vulnerability, *finding.advisories)]
    return any(fnmatchcase(id, pattern.upper()) for pattern in patterns for id in ids)


def is_named(name: str | None, patterns: Iterable[str]) -> bool:
    """Whether a package's name is one of these, or fits one of these globs. A name that is not known never does."""
    return name is not None and any(fnmatchcase(name, pattern) for pattern in patterns)


def is_fixable(finding: Finding) -> bool:
    """Whether the host can have a fixed version. One in a channel that it lacks does not count."""
    return finding.fixed_version is not None and finding.channel is None
