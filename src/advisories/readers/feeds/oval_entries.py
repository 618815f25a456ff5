"""The affected entries of an OVAL definition's clauses, and what of them no entry can express."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.distros.nevra import built_as_module
from advisories.models.advisories import Affected, FixState, Range
from advisories.models.distribution import CHANNELS, FAMILIES, Distribution, filed_under
from advisories.models.frozen import frozen
from advisories.models.lazy import lazy_property
from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE
from advisories.models.reading import Loss
from advisories.models.words import Names
from advisories.readers.feeds.oval_criteria import Clause
from advisories.readers.feeds.oval_documents import Bound, Definition, DoesNotFit, Library, Spent
from advisories.readers.feeds.oval_kernels import kernel_source
from advisories.readers.releases import from_cpe, from_product, place_of_product

__all__ = ["Entries", "Made", "entries_of", "release_of_name"]

_Place = tuple[Distribution, str | None]


class Made:
    """The entries of clauses as they were made: definitions share them, as they share tests.

    :ivar entries: by the clause, its place, and what else of a definition they depend on.
    """

    def __init__(self) -> None:
        self.entries: Final[dict[tuple[object, ...], dict[Affected, None]]] = {}
        self._abouts: Final[dict[tuple[object, ...], int]] = {}
        self._facts: Final[dict[tuple[object, ...], _Facts]] = {}

    def facts_of(self, definition: Definition) -> "_Facts":
        """What all clauses of a definition need of it, the same for all definitions that are equal in this."""
        about = definition.patchable, definition.resolutions
        key = definition.platforms, definition.cpes, about
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = _Facts(definition, self._abouts.setdefault(about, len(self._abouts)))
        return found


@frozen
class Entries:
    """What some clauses of a definition become.

    :ivar affected: the entries, each once.
    :ivar skips: what was understood and is not read, each reason once.
    :ivar problems: why no entry can express the rest, each reason once, with what is lost.
    """

    affected: tuple[Affected, ...]
    skips: tuple[str, ...]
    problems: tuple[tuple[str, tuple[Loss, ...]], ...]


class _Skipped(Exception):
    """A clause is understood and not read: why."""


def entries_of(definition: Definition, clauses: Sequence[Clause], library: Library, made: Made) -> Entries:
    """The entries of clauses. Raises :class:`Spent` where they are beyond the document's limit.

    :param library: of the document, with the release in its name.
    :param made: of other definitions of the document.
    """
    facts = made.facts_of(definition)
    known = facts.of_clauses
    if len(clauses) == 1 and (alone := facts.of_clause_alone.get(clauses[0])) is not None:
        library.spend(known[clauses[0]][0])
        return alone
    affected: dict[Affected, None] = {}
    skips: dict[str, None] = {}
    problems: dict[str, dict[Loss, None]] = {}
    are_negative = False
    for clause in clauses:
        found = known.get(clause)
        are_negative = are_negative or clause.negative or bool(clause.absent)
        try:
            if found is not None:
                library.spend(found[0])
                affected.update(found[1])
            else:
                _add_entries(affected, facts, clause, library, made, definition.title)
        except _Skipped as skipped:
            skips[str(skipped)] = None
        except Spent:
            raise
        except DoesNotFit as error:
            problems.setdefault(str(error), {}).update(dict.fromkeys(_losses(facts, clause, error.names)))
    kept = tuple(_without_contradictions(affected, skips) if are_negative else affected)
    entries = Entries(kept, tuple(skips), tuple([(why, tuple(losses)) for why, losses in problems.items()]))
    if len(clauses) == 1 and clauses[0] in known:
        facts.of_clause_alone[clauses[0]] = entries
    return entries


def _add_entries(
    affected: dict[Affected, None], facts: "_Facts", clause: Clause, library: Library, made: Made, title: str
) -> None:
    """Add the entries of a clause. Where they do not depend on the title they are remembered.

    Raises :class:`DoesNotFit` and :class:`_Skipped`: what was added before stays.
    """
    places = _places(facts, clause, library.release)
    spent = len(clause.names or ()) * len(places)
    library.spend(spent)
    is_shared = not (clause.problem or clause.absent or clause.names is None)
    for place in places:
        key = facts.about, clause, *place
        found = made.entries.get(key) if is_shared else None
        if found is None:
            found = dict.fromkeys(_entries(facts, clause, title, *place))
            if is_shared:
                made.entries[key] = found
        affected.update(found)
        if is_shared and len(places) == 1:
            facts.of_clauses[clause] = spent, found


class _Facts:
    """What all clauses of a definition need of it, worked out once: it may have n platforms and n clauses.

    :ivar about: a number for what a definition's entries depend on besides their clauses and places.
    :ivar of_clauses: what clauses of one place spent, and their entries.
    :ivar of_clause_alone: what a definition of such a clause alone becomes.
    """

    def __init__(self, definition: Definition, about: int) -> None:
        self.definition: Final = definition
        self.about: Final = about
        self.of_clauses: Final[dict[Clause, tuple[int, dict[Affected, None]]]] = {}
        self.of_clause_alone: Final[dict[Clause, Entries]] = {}
        self._minors: Final[dict[_Place, tuple[_Place, ...]]] = {}

    @lazy_property
    def places(self) -> set[_Place | None]:
        """The releases and channels of its platforms. None stands for what is not known."""
        return {place_of_product(platform) for platform in self.definition.platforms}

    @lazy_property
    def releases(self) -> tuple[Distribution | None, ...]:
        """The releases of its platforms. None alone where none is known."""
        found = map(from_product, self.definition.platforms)
        return tuple(dict.fromkeys(release for release in found if release is not None)) or (None,)

    @lazy_property
    def named(self) -> dict[_Place, None]:
        """The releases and channels that its CPEs name."""
        return dict.fromkeys(place for cpe in self.definition.cpes if (place := from_cpe(cpe)) is not None)

    @lazy_property
    def _states(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for component, state in self.definition.resolutions:
            found.setdefault(component.rpartition("/")[2], set()).add(state)
        return found

    def minors(self, place: _Place) -> tuple[_Place, ...]:
        """The minor releases of a release that its CPEs name."""
        if place not in self._minors:
            self._minors[place] = tuple(
                one for one in self.named if one[1] is not None and filed_under(one[0]) == place[0]
            )
        return self._minors[place]

    def stated(self, names: Iterable[str]) -> set[str]:
        """What the vendor does about these components."""
        return {state for name in names for state in self._states.get(name, ())}


def _losses(facts: _Facts, clause: Clause, names: tuple[str, ...]) -> Iterator[Loss]:
    """What is lost with a clause: its packages in its release, as far as it shows them."""
    releases = (clause.release,) if clause.release is not None else facts.releases
    for release in releases:
        for name in names or clause.names or (None,):
            yield Loss(name, release)


def _without_contradictions(affected: Iterable[Affected], skips: dict[str, None]) -> Iterator[Affected]:
    """Not affected in one product of a release, and affected in another one: it is not sure for the release."""
    positive = {(one.distribution, one.package) for one in affected if not one.negative}
    for one in affected:
        if one.negative and (one.distribution, one.package) in positive:
            what = f"{one.package} of {one.distribution}"
            skips[f"not affected in one product and affected in another: {what}"] = None
        else:
            yield one


# ---- releases ----


def _places(facts: _Facts, clause: Clause, release: Distribution | None) -> tuple[_Place, ...]:
    """The releases and channels of a clause: the one it tests, or the definition's.

    Red Hat's definitions of a minor release (EUS, AUS, TUS, E4S) test the major one. Their CPEs show which they are of.
    """
    place = _place(facts, clause, release)
    if place[0].id != "rhel" or place[1] is not None or not facts.named or place in facts.named:
        return (place,)
    return facts.minors(place) or (place,)


def _place(facts: _Facts, clause: Clause, release: Distribution | None) -> _Place:
    if clause.unknown_product:
        raise _Skipped(f"product {clause.unknown_product}: no release of a distribution that is known")
    if clause.release is not None:
        return clause.release, clause.channel
    place = next(iter(facts.places)) if len(facts.places) == 1 else None
    if place is not None:
        return place
    found = release or _of_builds(clause)
    if found is not None:
        return found, None
    if clause.problem:
        raise DoesNotFit(clause.problem)
    named = next((platform for platform in facts.definition.platforms if re.search(r"[0-9]", platform)), None)
    # Of a single place that is none: no other is left.
    if named is not None and (len(facts.places) == 1 or not facts.places):
        raise _Skipped(f"product {named}: no release of a distribution that is known")
    raise DoesNotFit("has no release; rename the file as it was published (cbl-mariner-2.0-oval.xml)")


_RELEASE_IN_NAME: Final = re.compile(r"(cbl-mariner|azurelinux)-([0-9]+\.[0-9]+)", re.ASCII)
_MICROSOFTS: Final = dict.fromkeys(("cbl-mariner", "cm"), "CBL-Mariner") | dict.fromkeys(
    ("azurelinux", "azl"), "Azure Linux"
)


def release_of_name(name: str) -> Distribution | None:
    """The release in the published name of a document of CBL-Mariner's or Azure Linux's. None for another name."""
    match = _RELEASE_IN_NAME.match(name)
    return from_product(f"{_MICROSOFTS[match[1]]} {match[2]}") if match else None


# The dist tag of their builds: 1.20.7-1.azl3, 2.35-4.cm2.
_DIST_TAG: Final = re.compile(r"\.(azl|cm)([0-9]+)$", re.ASCII)


def _of_builds(clause: Clause) -> Distribution | None:
    """The release that the versions were built for, where their dist tags show it."""
    tags = {match.groups() for bound in clause.bounds if (match := _DIST_TAG.search(bound.version))}
    if len(tags) != 1:
        return None
    product, number = tags.pop()
    return from_product(f"{_MICROSOFTS[product]} {number}.0")


# ---- entries ----

# Whose definitions name source packages, whatever the test is of. Debian writes the name of the tracker's source, and
# Azure Linux that of the spec file.
_BY_SOURCE: Final = frozenset({"debian", "raspbian", "mariner", "azurelinux"})


def _entries(
    facts: _Facts, clause: Clause, title: str, distribution: Distribution, channel: str | None
) -> list[Affected]:
    names, negative = clause.names, clause.negative
    about = f"{', '.join((names or (clause.kernel or 'a kernel',))[:3])} of {distribution}"
    if clause.problem:
        raise DoesNotFit(f"{clause.problem} ({about})" if names or clause.uname else f"{clause.problem}")
    if clause.absent:
        if names is None:
            raise DoesNotFit("is true without any package")
        if all(name.startswith(("kpatch-patch-", "kgraft-patch-", "kernel-livepatch-")) for name in clause.absent):
            raise _Skipped("a kernel without its live patch: the kernel's own advisory is about it")
        if clause.bounds or not set(clause.absent) <= set(names):
            raise DoesNotFit(f"needs {clause.absent[0]} not to be installed ({about})")
        # Red Hat's unaffected components: installed and not installed at once, which never holds.
        names, negative = clause.absent, True
    family = FAMILIES[distribution.id]
    kinds: tuple[Names, ...] = (Names.SOURCE,)
    bounds = clause.bounds
    if names is None:
        if not clause.uname:
            raise DoesNotFit("is true without any package")
        if family.type != "deb":
            raise DoesNotFit(f"is about the kernel that runs as {clause.uname[:60]} alone ({about})")
        names = (kernel_source(clause.kernel, clause.uname, title, distribution),)
        bounds = (clause.running,) if clause.running else ()
    else:
        kinds = _kinds(clause, negative, distribution)
    versions = tuple(bound.version for bound in bounds if bound.operation == "equals")
    ranges = () if versions or negative else _ranges(bounds, family.type)
    fixed = any(one.fixed is not None for one in ranges)
    module = clause.module or (
        UNKNOWN_MODULE if family.modular and any(built_as_module(bound.version) for bound in bounds) else NO_MODULE
    )
    fix_state = FixState.UNKNOWN if negative else FixState.FIXED if fixed else _fix_state(clause, facts)
    named = [(name, kind) for kind in kinds for name in names]
    if clause.source and any(map(_OF_ONE_BUILD.search, names)):
        named.append((clause.source, Names.SOURCE))
    channel = channel or _channel(clause, distribution, ranges)
    of_source = clause.source if family.type == "deb" else None
    return [
        Affected(
            name,
            family.type,
            distribution,
            kind,
            ranges,
            versions,
            fix_state,
            negative,
            clause.arches,
            module,
            channel,
            source=of_source if kind is Names.BINARY else None,
        )
        for name, kind in named
    ]


# Ubuntu's kernels have a build in their names, which its definitions list of the latest alone: the others are of the
# same source.
_OF_ONE_BUILD: Final = re.compile(r"^linux-.*-[0-9]+\.[0-9]+\.[0-9]+-[0-9]+(?:-|$)", re.ASCII)


def _kinds(clause: Clause, negative: bool, distribution: Distribution) -> tuple[Names, ...]:
    if distribution.id in _BY_SOURCE:
        return (Names.SOURCE,)
    # What SUSE has no fix for it names as it tracks it: by the source, or by a package of it.
    if not negative and not clause.bounds and clause.comment.endswith(" is affected"):
        return Names.BINARY, Names.SOURCE
    return (Names.BINARY,)


def _ranges(bounds: Sequence[Bound], type: str) -> tuple[Range, ...]:
    introduced = fixed = last = None
    for bound in bounds:
        match bound.operation:
            case "less than":
                fixed = bound.version
            case "less than or equal":
                last = bound.version
            case "greater than or equal":
                introduced = bound.version
            case _:
                if type != "rpm":
                    raise DoesNotFit(f"the first version above {bound.version} is not known")
                # The least version above: rpm orders a caret before everything but the end and a tilde.
                introduced = f"{bound.version}^"
    return (Range(introduced, fixed, last),)


# Ubuntu names the archive before the codename: "package in esm-infra/focal". In the versions built for Pro alone it
# shows as well.
_ARCHIVE: Final = re.compile(r" package in ([a-z-]+)/[a-z]+\b", re.ASCII)
_BUILT_FOR_PRO: Final = re.compile(r"[+~]esm[0-9]+$", re.ASCII)


def _channel(clause: Clause, distribution: Distribution, ranges: Iterable[Range]) -> str | None:
    if distribution.id != "ubuntu":
        return None
    archive = _ARCHIVE.search(clause.comment)
    if archive:
        if archive[1] not in CHANNELS["ubuntu"]:
            raise _Skipped(f"archive {archive[1]}: no channel of Ubuntu that is known")
        return archive[1]
    return "pro" if any(_BUILT_FOR_PRO.search(bounds.fixed or "") for bounds in ranges) else None


@cache
def _words_of_comments() -> tuple[tuple[str, FixState], ...]:
    return (*fix_states(Vocabulary.UBUNTU_OVAL).items(), *fix_states(Vocabulary.SUSE_OVAL).items())


def _fix_state(clause: Clause, facts: _Facts) -> FixState:
    if facts.definition.patchable == "false":
        return FixState.NOT_FIXED
    for words, state in _words_of_comments():
        if words in clause.comment:
            return state
    stated = facts.stated(clause.names or ())
    states = fix_states(Vocabulary.RED_HAT_OVAL)
    return states.get(stated.pop(), FixState.UNKNOWN) if len(stated) == 1 else FixState.UNKNOWN
