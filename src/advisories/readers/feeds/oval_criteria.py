"""The criteria of an OVAL definition as clauses: each is one way in which the definition is true.

A clause means *this release, this package in this range*, perhaps with a module, architectures or a channel. A way that
means anything else is a clause with a problem, and becomes a rejection. It is never read in part.
"""

import re
from collections.abc import Sequence
from typing import Final

from advisories.models.distribution import FAMILIES, Distribution
from advisories.models.frozen import evolve, frozen
from advisories.models.packages import Module
from advisories.readers.feeds.advisory_ids import cves_within
from advisories.readers.feeds.oval_documents import Bound, Criteria, DoesNotFit, Leaf, Library, Spent, State, Test
from advisories.readers.releases import place_of_product

__all__ = ["Clause", "Known", "clauses_of", "is_of_a_release"]


@frozen(eq=False)
class Clause:
    """What has to hold together, all of it of one instance: a release, and packages of which one is in a range.

    A clause is equal to itself alone: what is made of it is remembered by it.

    :ivar release: None as long as none is named.
    :ivar channel: the channel of the release that the product's name shows.
    :ivar names: None as long as no package is named.
    :ivar source: the source package whose builds the names are, where the document states it.
    :ivar bounds: at most one lower and one upper one, or one version alone.
    :ivar negative: the packages are not affected.
    :ivar absent: packages that must not be installed.
    :ivar reached: the packages must not have reached the bound. A package that is not installed has not.
    :ivar uname: what ``uname -r`` shows, or a pattern of it.
    :ivar kernel: the source package of the running kernel, where the comment names it.
    :ivar running: the version of the running kernel, as far as ``uname -r`` shows it.
    :ivar cves: the CVEs that the clause alone is about. Empty where it is about all of the definition.
    :ivar unknown_product: a product that is no release of a distribution that is known.
    :ivar problem: why no affected entry can express the clause. Empty where one can.
    """

    release: Distribution | None = None
    channel: str | None = None
    names: tuple[str, ...] | None = None
    source: str | None = None
    bounds: tuple[Bound, ...] = ()
    negative: bool = False
    absent: tuple[str, ...] = ()
    arches: tuple[str, ...] = ()
    module: Module | None = None
    uname: str = ""
    kernel: str = ""
    running: Bound | None = None
    cves: tuple[str, ...] = ()
    comment: str = ""
    unknown_product: str = ""
    problem: str = ""


_ALWAYS: Final = Clause()
# How many clauses a definition may have. More is an attack or a mistake. The largest real one, a kernel, has 2,348.
_CLAUSES: Final = 200_000


class Known:
    """The clauses of criteria as they were made: definitions share them, as they share tests.

    :ivar of_nodes: of criteria, and of a criterion that is not negated: the clauses, what they spent, and how many
        criteria they count for.
    """

    def __init__(self) -> None:
        self.of_nodes: Final[dict[Criteria | Leaf, tuple[list[Clause], int, int]]] = {}
        # None of two that exclude each other.
        self._pairs: Final[dict[tuple[Clause, Clause], Clause | None]] = {}

    def all_of(self, one: Clause, others: Sequence[Clause]) -> list[Clause]:
        """A clause and each of others at once, but for those that exclude each other."""
        pairs, found = self._pairs, []
        for other in others:
            both = pairs.get((one, other), _ALWAYS)
            if both is _ALWAYS:
                both = _both(one, other)
                if len(pairs) < _PAIRS:
                    pairs[one, other] = both
            if both is not None:
                found.append(both)
        return found


# Pairs of clauses that are remembered.
_PAIRS: Final = 1 << 16


def clauses_of(criteria: Criteria, library: Library, cves: dict[str, str], known: Known) -> list[Clause]:
    """The criteria in disjunctive form.

    :param cves: the CVE that a test is about, by the test's id, where the definition states it.
    :param known: those of other definitions of the document.

    Raises :class:`DoesNotFit` for criteria of too many clauses.
    """
    leaves = _Leaves(library, cves, known)
    found = leaves.known_of((criteria,))
    return _clauses(criteria, leaves, library) if found is None else found[0][0]


def _clauses(node: Criteria | Leaf, leaves: "_Leaves", library: Library) -> list[Clause]:
    if isinstance(node, Leaf):
        library.allow(1)
        return _refused(leaves.clauses(node), "a negated criterion") if node.negated else leaves.clauses(node)
    known = leaves.known_of(node.nodes)
    if known is None:
        return _joined(node, [_clauses(child, leaves, library) for child in node.nodes], leaves.known, library)
    parts, spent, count = known
    before = library.left
    found = _joined(node, parts, leaves.known, library)
    if len(found) <= _FEW:
        leaves.known.of_nodes[node] = found, spent + before - library.left, count
    return found


# Criteria of more clauses are not remembered. They rarely come again, and nested ones would each hold all of them.
_FEW: Final = 8


def _joined(node: Criteria, parts: Sequence[list[Clause]], known: Known, library: Library) -> list[Clause]:
    """The clauses of criteria, made of those of their parts."""
    if node.operator == "OR" or node.negated:
        either = [clause for part in parts for clause in part]
        _within_limit(len(either))
        return _refused(either, "negated criteria") if node.negated else either
    if node.operator != "AND":
        return _refused([clause for part in parts for clause in part], f"criteria joined by {node.operator}")
    found = [_ALWAYS]
    for part in parts:
        count = len(found) * len(part)
        _within_limit(count)
        library.spend(count + sum([len(clause.absent) for clause in found]) * len(part))
        # Most are one release and some packages.
        if len(found) == 1:
            found = part if found[0] is _ALWAYS else known.all_of(found[0], part)
        else:
            found = [both for one in found for both in known.all_of(one, part)]
    return found


def _refused(clauses: list[Clause], why: str) -> list[Clause]:
    """What no entry can express, each with the packages that it is about."""
    return [evolve(clause, problem=clause.problem or why) for clause in clauses] or [Clause(problem=why)]


def _within_limit(clauses: int) -> None:
    if clauses > _CLAUSES:
        raise DoesNotFit(f"criteria of more than {_CLAUSES} clauses")


# ---- two clauses at once ----


def _both(one: Clause, other: Clause) -> Clause | None:
    """Both clauses at once. None where they exclude each other."""
    if one is _ALWAYS:
        return other
    if other is _ALWAYS:
        return one
    if one.release and other.release and one.release != other.release:
        return None
    names, bounds, negative = one.names or other.names, one.bounds or other.bounds, one.negative or other.negative
    problem = one.problem or other.problem
    if one.names and other.names and problem:
        names = _either(one.names, other.names)
    elif one.names and other.names:
        live = _live_patch(one, other)
        if live is not None:
            names, bounds = live.names, live.bounds
        elif one.names != other.names:
            problem = f"needs {one.names[0]} and {other.names[0]} together"
            names = _either(one.names, other.names)
        elif one.bounds and other.bounds and one.bounds != other.bounds:
            bounds = tuple(dict.fromkeys((*one.bounds, *other.bounds)))
            if not _are_a_range(bounds):
                problem = f"two versions of {one.names[0]} together"
        if one.negative is not other.negative:
            problem = problem or f"{one.names[0]} is affected and is not affected together"
    return Clause(
        one.release or other.release,
        one.channel or other.channel,
        names,
        one.source or other.source,
        bounds,
        negative,
        one.absent + other.absent,
        one.arches or other.arches,
        one.module or other.module,
        one.uname or other.uname,
        one.kernel or other.kernel,
        one.running or other.running,
        one.cves or other.cves,
        one.comment or other.comment,
        one.unknown_product or other.unknown_product,
        problem or _conflict(one, other, names),
    )


def _either(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """The packages that two clauses are about, but for those that show the release of a host: what is lost with a
    problem. None for many: it is what the definition names.
    """
    found = tuple(dict.fromkeys(name for name in (*one, *other) if not is_of_a_release(name)))
    return found if 0 < len(found) <= _NAMED else None


# Packages of a clause with a problem that are named one by one.
_NAMED: Final = 16


def _conflict(one: Clause, other: Clause, names: tuple[str, ...] | None) -> str:
    """What two clauses state of one thing in two ways. Empty where nothing is."""
    name = (names or ("?",))[0]
    if one.module and other.module and one.module != other.module:
        return f"needs modules {one.module} and {other.module} together"
    if one.arches and other.arches and one.arches != other.arches:
        return f"two lists of architectures for {name}"
    if one.channel and other.channel and one.channel != other.channel:
        return f"needs channels {one.channel} and {other.channel} together"
    if one.running and other.running and one.running != other.running:
        return "two versions of the running kernel together"
    if one.cves and other.cves and one.cves != other.cves:
        return f"is about {one.cves[0]} and {other.cves[0]} together"
    return ""


_UPPER: Final = frozenset({"less than", "less than or equal"})


def _are_a_range(bounds: tuple[Bound, ...]) -> bool:
    """Whether there is a lower and an upper bound, each once."""
    uppers = [bound.operation in _UPPER for bound in bounds]
    return sorted(uppers) == [False, True] and all(bound.operation != "equals" for bound in bounds)


# A live patch is of one build of a kernel, which its name shows: that this build is installed as well adds nothing.
_LIVE_PATCH: Final = re.compile(r"(?:kpatch-patch|kgraft-patch|kernel-livepatch)-")


def _is_live_patch(names: Sequence[str]) -> bool:
    return all(_LIVE_PATCH.match(name) for name in names)


def _live_patch(one: Clause, other: Clause) -> Clause | None:
    """Of a kernel's build and its live patch the live patch. None for other packages."""
    for live, kernel in ((one, other), (other, one)):
        of_kernel = all(name.startswith("kernel") for name in kernel.names or ()) and not _is_live_patch(
            kernel.names or ()
        )
        exact = all(bound.operation == "equals" for bound in kernel.bounds)
        if _is_live_patch(live.names or ()) and of_kernel and exact:
            return live
    return None


# ---- what one criterion states ----

_RELEASE_PACKAGES: Final = frozenset(name for family in FAMILIES.values() for name in family.release_packages)
_MODULE: Final = re.compile(r"Module ([^\s:]++:\S++) is enabled")
_INSTALLED: Final = re.compile(r"(?:Check that )?(.+?) (?:is|must be) installed\.?")
_BOOTS: Final = re.compile(r"is set to boot up on next boot$")
_KERNEL: Final = re.compile(r"Is kernel (linux[a-z0-9.+-]*) (?:currently )?running\??", re.ASCII)
# Ubuntu's definitions of a package name the CVE of each criterion first.
_OF_CVES: Final = re.compile(r"\((CVE-[^)]+)\) ")
_SOURCE: Final = re.compile(r"(?:\(CVE-[^)]+\) )?([a-z0-9][a-z0-9+.-]+) package in ", re.ASCII)
# 0:0-0, 0, 0:0.0.0.azl3: every version is above it.
_ZERO: Final = re.compile(r"0(?:\.0)*(?:-0(?:\.0)*)?(?:\.[a-z]+[0-9]+)?", re.ASCII)
# The version that a state limits, without its release: a text or a pattern of it.
_VERSION: Final = re.compile(r"\^?([0-9]+(?:\\?\.[0-9]+)*)\$?", re.ASCII)


class _Leaves:
    """Makes clauses of criteria and extended definitions."""

    def __init__(self, library: Library, cves: dict[str, str], known: Known) -> None:
        self.known: Final = known
        self._library: Final = library
        self._cves: Final = cves

    def clauses(self, leaf: Leaf) -> list[Clause]:
        """The clauses of a leaf: none where it is true on no release."""
        if leaf.reference in self._cves:
            cves = self._cves_of(leaf) or (self._cves[leaf.reference],)
            return self._of(leaf, cves)
        known = self.known.of_nodes.get(leaf)
        if known is not None and known[1] <= self._library.left:
            self._library.spend(known[1])
            return known[0]
        before = self._library.left
        found = self._of(leaf, self._cves_of(leaf))
        if not leaf.negated:
            self.known.of_nodes[leaf] = found, before - self._library.left, 1
        return found

    def known_of(self, nodes: Sequence[Criteria | Leaf]) -> tuple[list[list[Clause]], int, int] | None:
        """What :class:`Known` has of each of these, together. None where it lacks one.

        They count as they do one by one.
        """
        if self._cves:
            return None
        found = [one for one in map(self.known.of_nodes.get, nodes) if one is not None]
        spent = sum([one[1] for one in found])
        if len(found) < len(nodes) or spent > self._library.left:
            return None
        count = sum([one[2] for one in found])
        self._library.allow(count)
        self._library.spend(spent)
        return [one[0] for one in found], spent, count

    def _cves_of(self, leaf: Leaf) -> tuple[str, ...]:
        match = _OF_CVES.match(leaf.comment)
        return cves_within(match[1]) if match else ()

    def _of(self, leaf: Leaf, cves: tuple[str, ...]) -> list[Clause]:
        try:
            found = self._of_extended(leaf) if leaf.extends else self._of_test(leaf)
        except Spent:
            raise
        except DoesNotFit as error:
            # Packages that show the release of a host are not what is lost.
            names = error.names if error.names and not _are_of_a_release(error.names) else None
            return [Clause(names=names, problem=str(error))]
        return [evolve(clause, cves=cves) for clause in found] if cves else found

    def _of_extended(self, leaf: Leaf) -> list[Clause]:
        title = self._library.products.get(leaf.reference)
        if title is None:
            raise DoesNotFit(f"extends {leaf.reference}, which is no inventory definition of this document")
        return [_product(title)]

    def _of_test(self, leaf: Leaf) -> list[Clause]:
        test = self._library.tests.get(leaf.reference)
        if test is None:
            raise DoesNotFit(f"test {leaf.reference} is not there")
        if test.family in ("dpkginfo", "rpminfo"):
            return self._of_packages(leaf, test)
        if test.family == "rpmverifyfile":
            # "none satisfy" is the opposite: a way to be vulnerable on no release.
            return [] if test.check == "none satisfy" else [_product(leaf.comment)]
        if test.family == "textfilecontent54":
            return self._of_text(leaf, test)
        if test.family == "uname":
            state = self._library.state(test)
            match = _KERNEL.fullmatch(leaf.comment)
            return [Clause(uname=state.uname, kernel=match[1] if match else "", arches=state.arches)]
        if test.family == "variable" and self._library.is_of_uname(test):
            bound = self._library.state(test).bound
            if bound is None or bound.operation != "less than":
                raise DoesNotFit(f"the running kernel's version is not compared with a fix: {leaf.comment[:60]!a}")
            return [Clause(running=bound, comment=leaf.comment)]
        raise DoesNotFit(f"a {test.family} test: {leaf.comment[:60]!a}")

    def _of_text(self, leaf: Leaf, test: Test) -> list[Clause]:
        module = _MODULE.fullmatch(leaf.comment)
        if module is not None:
            return [Clause(module=Module.of(module[1]))]
        if _BOOTS.search(leaf.comment):
            return [_ALWAYS]
        if _INSTALLED.fullmatch(leaf.comment):  # of a release, by its file in /etc
            return [_product(leaf.comment)]
        return self._of_packages(leaf, test)  # of a list of packages

    def _of_packages(self, leaf: Leaf, test: Test) -> list[Clause]:
        try:
            state = self._library.state(test)
        except Spent:
            raise
        except DoesNotFit as error:
            raise DoesNotFit(str(error), self._library.names(test).names) from error
        if state.named or (state.version and state.version != "0" and state.bound is None):
            return [_product(leaf.comment)]
        object = self._library.names(test)
        names, bound = object.names, state.bound
        if test.existence == "none_exist" and not test.states:
            return [Clause(absent=names)]
        if test.check == "none satisfy" and bound and bound.operation == "greater than or equal":
            if not _is_live_patch(names):
                raise DoesNotFit(f"a test that needs {names[0]} to be earlier, or not to be installed", names)
            return [Clause(names=names, bounds=(Bound("less than", bound.version),), comment=leaf.comment)]
        if test.existence != "at_least_one_exists" or test.check not in ("at least one", "all"):
            raise DoesNotFit(f"a test of {names[0]} that needs {test.existence}, {test.check}", names)
        if _are_of_a_release(names):
            if bound and bound.operation in ("equals", "greater than or equal"):
                return [_product(leaf.comment)]  # of Tumbleweed, by a date
            if state.arches and bound is None:
                return [Clause(arches=state.arches)]  # the host's architecture, as Oracle tests it
        if state.version == "0":  # a version that no package has: SUSE's "is not affected"
            return [Clause(names=names, negative=True, arches=state.arches, comment=leaf.comment)]
        # Who signed a package is up to the host as well. Third parties' packages are not matched (rule 13). Its flavour
        # shows in the release of the fix (rule 7).
        if (state.signed or state.flavour) and bound is None:
            return [_ALWAYS]
        source = _SOURCE.match(leaf.comment)
        return [
            Clause(
                names=names,
                source=object.source or (source[1] if source else None),
                bounds=_bounds(state, names),
                arches=state.arches,
                comment=leaf.comment,
            )
        ]


def _bounds(state: State, names: Sequence[str]) -> tuple[Bound, ...]:
    """The bounds of a state. Every version is above zero."""
    bound = state.bound
    if bound is None or (bound.operation.startswith("greater") and _ZERO.fullmatch(bound.version)):
        return ()
    if not state.version:
        return (bound,)
    # Builds of one version, as Oracle tests the lines of its kernel: the least release begins the range.
    match = _VERSION.fullmatch(state.version)
    if match is None or bound.operation not in _UPPER:
        why = f"a version of {names[0]} by {state.version[:60]!a}, and one by {bound.operation}"
        raise DoesNotFit(why, tuple(names))
    return Bound("greater than or equal", match[1].replace("\\", "") + "-0"), bound


def _are_of_a_release(names: Sequence[str]) -> bool:
    return all(map(is_of_a_release, names))


def is_of_a_release(name: str) -> bool:
    """Whether a package of this name shows the release of its host."""
    return name in _RELEASE_PACKAGES or name.endswith("-release")


def _product(text: str) -> Clause:
    match = _INSTALLED.fullmatch(text)
    if match is None:
        raise DoesNotFit(f"a test of a release that names none: {text[:60]!a}")
    place = place_of_product(match[1])
    return Clause(release=place[0], channel=place[1]) if place else Clause(unknown_product=match[1])
