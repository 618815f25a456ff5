"""OVAL 5 definitions of vulnerabilities and patches, over packages of dpkg and rpm.

Source of the meaning: the OVAL language 5.11, *Definitions*, *Linux* (``dpkginfo``, ``rpminfo``), and what OpenSCAP
1.3.7 makes of the same files. A definition's criteria are a Boolean tree. The reader brings it into clauses. Each means
*this release, this package in this range*, perhaps with a module, architectures or a signature, and is an affected
entry. A tree that means anything else is refused with its id, and never read in part.

A definition becomes one advisory. If it is of class *patch* and names one vendor's advisory (``RHSA-2019:4268``), it is
called so, else by the definition's own id.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Final, TypeVar

from attrs import evolve, frozen

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.distros.nevra import built_as_module
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference, Severity
from advisories.models.distribution import FAMILIES, Distribution
from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE, Module
from advisories.models.reading import Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids, kind_of_id
from advisories.readers.releases import from_product
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Place, looks_like_json
from advisories.sources.limits import Limits
from advisories.sources.xml_text import elements, first_child, local, text_of

__all__ = ["claims", "read", "sniff"]

_Item = Advisory | Rejection | Skip

_MARK: Final = b"oval_definitions"
# Criteria nest a few levels deep. SUSE's need the most, four.
_DEPTH: Final = 64


def sniff(head: bytes, name: str) -> bool:
    """The root element ``oval_definitions``."""
    return _MARK in head and not looks_like_json(head)


def claims(head: bytes, name: str) -> bool:
    """A file called ``*oval*.xml``."""
    return re.search(r"oval.*\.xml$", name, re.IGNORECASE) is not None


def read(document: Document, limits: Limits) -> Iterator[_Item]:
    """The definitions of one document. Never raises because of its content."""
    library = _Library(_release_of_name(document.name))
    damage: Rejection | None = None
    for element in elements(document, depth=2):
        if isinstance(element, Rejection):
            damage = element
        else:
            library.take(element)
    for definition in library.definitions:
        yield from _advisory(definition, library, document.source, limits)
    if damage is not None:
        yield damage


class _DoesNotFit(Exception):
    """A definition means something that no affected entry can express: why."""


# ---- what a document holds ----


@frozen
class _Bound:
    """The version an installed one is compared with, and how."""

    operation: str
    version: str


@frozen
class _State:
    """A state, as far as it is about packages: at most one bound, architectures, a signature, a flavour, a release."""

    bound: _Bound | None = None
    arches: tuple[str, ...] = ()
    signed: bool = False
    flavour: bool = False
    release: bool = False
    problem: str = ""


@frozen
class _Test:
    family: str
    check: str
    existence: str
    comment: str
    object: str
    states: tuple[str, ...]


@frozen
class _Leaf:
    """A criterion or an extended definition."""

    reference: str
    comment: str
    extends: bool = False
    negated: bool = False


@frozen
class _Criteria:
    operator: str
    nodes: tuple["_Criteria | _Leaf", ...]
    negated: bool = False


@frozen
class _Definition:
    id: str
    kind: str
    title: str
    platforms: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    rating: str
    vectors: tuple[str, ...]
    patchable: str
    dates: tuple[str, str]
    criteria: _Criteria | None
    problem: str = ""


class _Library:
    """The parts of a document that refer to one another by id."""

    def __init__(self, release: Distribution | None) -> None:
        #: The release in the document's name, for documents that have it nowhere else.
        self.release: Final = release
        self.definitions: Final[list[_Definition]] = []
        self.products: Final[dict[str, str]] = {}
        self.tests: Final[dict[str, _Test]] = {}
        self.objects: Final[dict[str, tuple[str, ...] | str]] = {}
        self.states: Final[dict[str, _State]] = {}
        self.variables: Final[dict[str, tuple[str, ...]]] = {}
        self._entries: Final[dict[tuple[object, ...], tuple[Affected, ...]]] = {}

    def take(self, element: ElementTree.Element) -> None:
        """Keep what matters of an element. Elements of other kinds are not about packages."""
        kind, id = local(element), element.get("id", "")
        if kind == "definition":
            definition = _definition(element, id)
            self.definitions.append(definition)
            if definition.kind == "inventory":
                self.products[id] = definition.title
        elif kind.endswith("_test"):
            self.tests[id] = _test(element, kind.removesuffix("_test"))
        elif kind in ("dpkginfo_object", "rpminfo_object"):
            self.objects[id] = _names(element)
        elif kind in ("dpkginfo_state", "rpminfo_state"):
            self.states[id] = _state(element)
        elif kind == "constant_variable":
            self.variables[id] = tuple(text_of(value) for value in element if local(value) == "value")

    def names(self, test: _Test) -> tuple[str, ...]:
        """The packages a test is about."""
        names = self.objects.get(test.object)
        if isinstance(names, str):
            names = self.variables.get(names)
        if not names:
            raise _DoesNotFit(f"object {test.object} does not name packages one by one")
        return names

    def state(self, test: _Test) -> _State:
        """The states of a test as one: all of them hold."""
        merged = _State()
        for reference in test.states:
            state = self.states.get(reference)
            if state is None:
                raise _DoesNotFit(f"state {reference} is not there, or not about packages")
            if state.problem:
                raise _DoesNotFit(f"state {reference}: {state.problem}")
            if merged.bound and state.bound:
                raise _DoesNotFit("two versions in one test")
            merged = _State(
                merged.bound or state.bound,
                merged.arches or state.arches,
                merged.signed or state.signed,
                merged.flavour or state.flavour,
                merged.release or state.release,
            )
        return merged

    def entries(self, clause: "_Clause", distribution: Distribution, fix_state: FixState) -> tuple[Affected, ...]:
        """The affected entries of a clause. Definitions share them, as they share tests."""
        key = (clause.names, clause.bound, clause.arches, clause.module, distribution, fix_state)
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = tuple(_entries(clause, distribution, fix_state))
        return found


def _definition(element: ElementTree.Element, id: str) -> _Definition:
    metadata = first_child(element, "metadata")
    metadata = ElementTree.Element("metadata") if metadata is None else metadata
    about = first_child(metadata, "advisory")
    about = metadata if about is None else about
    criteria = first_child(element, "criteria")
    problem, tree = "", None
    try:
        tree = None if criteria is None else _criteria(criteria, 0)
    except _DoesNotFit as error:
        problem = str(error)
    affected = [child for child in metadata if local(child) == "affected"]
    return _Definition(
        id,
        element.get("class", ""),
        text_of(first_child(metadata, "title")),
        tuple(text_of(platform) for one in affected for platform in one if local(platform) == "platform"),
        tuple(
            (child.get("source", ""), child.get("ref_id", "").strip(), child.get("ref_url", ""))
            for child in metadata
            if local(child) == "reference"
        ),
        text_of(first_child(about, "severity")).lower(),
        tuple(vector for cve in about if local(cve) == "cve" and (vector := cve.get("cvss3", cve.get("cvss2", "")))),
        text_of(first_child(metadata, "patchable")).lower(),
        (_date_text(about, "issued", "public_date", "advisory_date"), _date_text(about, "updated")),
        tree,
        problem,
    )


def _date_text(element: ElementTree.Element, *names: str) -> str:
    child = first_child(element, *names)
    return "" if child is None else child.get("date", "") or text_of(child)


def _criteria(element: ElementTree.Element, depth: int) -> _Criteria:
    if depth > _DEPTH:
        raise _DoesNotFit(f"criteria nested more than {_DEPTH} deep")
    nodes: list[_Criteria | _Leaf] = []
    for child in element:
        kind = local(child)
        negated = child.get("negate", "false") in ("true", "1")
        if kind == "criteria":
            nodes.append(_criteria(child, depth + 1))
        elif kind in ("criterion", "extend_definition"):
            extends = kind == "extend_definition"
            reference = child.get("definition_ref" if extends else "test_ref", "")
            nodes.append(_Leaf(reference, child.get("comment", ""), extends, negated))
        elif kind != "notes":
            raise _DoesNotFit(f"criteria with an element {kind}")
    return _Criteria(element.get("operator", "AND"), tuple(nodes), element.get("negate", "false") in ("true", "1"))


def _test(element: ElementTree.Element, family: str) -> _Test:
    # OVAL's element names: <object object_ref="..."/>, and <state state_ref="..."/> as often as there are states.
    object = first_child(element, "object")
    return _Test(
        family,
        element.get("check", ""),
        element.get("check_existence", "at_least_one_exists"),
        element.get("comment", ""),
        "" if object is None else object.get("object_ref", ""),
        tuple(child.get("state_ref", "") for child in element if local(child) == "state")
        if element.get("state_operator", "AND") == "AND"
        else ("(any of several)",),
    )


def _names(element: ElementTree.Element) -> tuple[str, ...] | str:
    """The package names of an object, or the id of the variable that holds them. Nothing where it is more than that."""
    children = list(element)
    if len(children) != 1 or local(children[0]) != "name":
        return ()
    (name,) = children
    if name.get("operation", "equals") != "equals":
        return ()
    return name.get("var_ref") or ((text_of(name),) if text_of(name) else ())


_OPERATIONS: Final = frozenset({"less than", "less than or equal", "equals", "greater than or equal"})
_FLAVOUR: Final = re.compile(r"ksplice|fips")
_ARCHES: Final = re.compile(r"\(?(\w+(?:\|\w+)*)\)?", re.ASCII)


def _state(element: ElementTree.Element) -> _State:
    state = _State()
    for child in element:
        kind, text, operation = local(child), text_of(child), child.get("operation", "equals")
        if child.get("var_ref") or not text:
            return _State(problem=f"{kind} without a value of its own")
        if kind == "evr" and operation in _OPERATIONS:
            state = evolve(state, bound=_Bound(operation, _without_zero_epoch(text)))
        elif kind == "arch" and operation in ("equals", "pattern match") and (match := _ARCHES.fullmatch(text)):
            state = evolve(state, arches=tuple(sorted(match[1].split("|"))))
        elif kind == "signature_keyid":
            state = evolve(state, signed=True)
        elif kind == "release" and operation == "pattern match" and _FLAVOUR.search(text):
            state = evolve(state, flavour=True)
        elif kind in ("version", "name") and operation in ("equals", "pattern match"):
            state = evolve(state, release=True)
        else:
            return _State(problem=f"{kind} by operation {operation!a} of {text[:60]!a}")
    return state


def _without_zero_epoch(version: str) -> str:
    """OVAL writes every epoch out. Package managers print none where it is zero."""
    rest = version.removeprefix("0:")
    return version if not rest or ":" in rest else rest


# ---- clauses ----


@frozen
class _Clause:
    """What has to hold together, all of it of one instance: a release, and packages of which one is in a range.

    :ivar release: None as long as none is named.
    :ivar names: None as long as no package is named.
    """

    release: Distribution | None = None
    names: tuple[str, ...] | None = None
    bound: _Bound | None = None
    arches: tuple[str, ...] = ()
    module: Module | None = None
    comment: str = ""
    unknown_product: str = ""


_ALWAYS: Final = _Clause()
# How many clauses a definition may have. More is an attack or a mistake. The largest real one, a kernel, has 2,348.
_CLAUSES: Final = 200_000
_Sized = TypeVar("_Sized", bound=Sequence[object])

_RELEASE_PACKAGES: Final = frozenset(name for family in FAMILIES.values() for name in family.release_packages)
_MODULE: Final = re.compile(r"Module (\S+:\S+) is enabled")
_INSTALLED: Final = re.compile(r"(?:Check that )?(.+?) (?:is|must be) installed\.?")
_BOOTS: Final = re.compile(r"is set to boot up on next boot$")


def _clauses(node: _Criteria | _Leaf, library: _Library) -> list[_Clause]:
    """A tree in disjunctive form. Raises :class:`_DoesNotFit`."""
    if node.negated:
        raise _DoesNotFit("a negated criterion")
    if isinstance(node, _Leaf):
        return _of_extended(node, library) if node.extends else _of_test(node, library)
    parts = [_clauses(child, library) for child in node.nodes]
    if node.operator == "OR":
        return _within_limit([clause for part in parts for clause in part])
    if node.operator != "AND":
        raise _DoesNotFit(f"criteria joined by {node.operator}")
    found = [_ALWAYS]
    for part in parts:
        _within_limit(range(len(found) * len(part)))
        found = [both for one, other in product(found, part) if (both := _both(one, other)) is not None]
    return found


def _within_limit(clauses: _Sized) -> _Sized:
    if len(clauses) > _CLAUSES:
        raise _DoesNotFit(f"criteria of more than {_CLAUSES} clauses")
    return clauses


def _both(one: _Clause, other: _Clause) -> _Clause | None:
    """Both clauses at once. None where they exclude each other."""
    if one is _ALWAYS:
        return other
    if other is _ALWAYS:
        return one
    if one.release and other.release and one.release != other.release:
        return None
    if one.names and other.names and one.names != other.names:
        raise _DoesNotFit(f"needs {one.names[0]} and {other.names[0]} together")
    if one.bound and other.bound and one.bound != other.bound:
        raise _DoesNotFit(f"two versions of {(one.names or ('?',))[0]} together")
    if one.module and other.module and one.module != other.module:
        raise _DoesNotFit(f"needs modules {one.module} and {other.module} together")
    if one.arches and other.arches and one.arches != other.arches:
        raise _DoesNotFit(f"two lists of architectures for {(one.names or ('?',))[0]}")
    return _Clause(
        one.release or other.release,
        one.names or other.names,
        one.bound or other.bound,
        one.arches or other.arches,
        one.module or other.module,
        one.comment or other.comment,
        one.unknown_product or other.unknown_product,
    )


def _of_extended(leaf: _Leaf, library: _Library) -> list[_Clause]:
    title = library.products.get(leaf.reference)
    if title is None:
        raise _DoesNotFit(f"extends {leaf.reference}, which is no inventory definition of this document")
    return [_product(title)]


def _product(text: str) -> _Clause:
    match = _INSTALLED.fullmatch(text)
    if match is None:
        raise _DoesNotFit(f"a test of a release that names none: {text[:60]!a}")
    release = from_product(match[1])
    return _Clause(release=release) if release else _Clause(unknown_product=match[1])


def _of_test(leaf: _Leaf, library: _Library) -> list[_Clause]:
    test = library.tests.get(leaf.reference)
    if test is None:
        raise _DoesNotFit(f"test {leaf.reference} is not there")
    if test.family in ("dpkginfo", "rpminfo"):
        return _of_packages(leaf, test, library)
    if test.family == "rpmverifyfile":
        # "none satisfy" is the opposite: a way to be vulnerable on no release.
        return [] if test.check == "none satisfy" else [_product(leaf.comment)]
    if test.family == "textfilecontent54":
        module = _MODULE.fullmatch(leaf.comment)
        if module is not None:
            return [_Clause(module=Module.of(module[1]))]
        if _BOOTS.search(leaf.comment):
            return [_ALWAYS]
        if _INSTALLED.fullmatch(leaf.comment):  # of a release, by its file in /etc
            return [_product(leaf.comment)]
    if test.family == "uname":
        # Which kernel runs, or is to run, is up to the host. Every installed one is matched (rule 11).
        return [_ALWAYS]
    raise _DoesNotFit(f"a {test.family} test: {leaf.comment[:60]!a}")


def _of_packages(leaf: _Leaf, test: _Test, library: _Library) -> list[_Clause]:
    if test.existence != "at_least_one_exists" or test.check not in ("at least one", "all"):
        raise _DoesNotFit(f"a test that needs {test.existence}, {test.check}")
    state = library.state(test)
    if state.release:
        if state.bound is not None:
            raise _DoesNotFit("a version and an EVR in one test")
        return [_product(leaf.comment)]
    # Who signed a package is up to the host as well. Third parties' packages are not matched (rule 13).
    names = library.names(test)
    if state.arches and state.bound is None and _RELEASE_PACKAGES.issuperset(names):
        return [_Clause(arches=state.arches)]  # the host's architecture, as Oracle tests it
    # Its flavour shows in the release of the fix (rule 7).
    if (state.signed or state.flavour) and state.bound is None:
        return [_ALWAYS]
    return [_Clause(names=names, bound=state.bound, arches=state.arches, comment=leaf.comment)]


# ---- advisories ----


def _advisory(definition: _Definition, library: _Library, source: str, limits: Limits) -> Iterator[_Item]:
    id = definition.id
    if definition.kind not in ("vulnerability", "patch"):
        yield Skip(source, id, id, f"a definition of class {definition.kind or '(none)'}")
        return
    try:
        if not id:
            raise _DoesNotFit("a definition without id")
        if definition.problem:
            raise _DoesNotFit(definition.problem)
        if definition.criteria is None:
            raise _DoesNotFit("a definition without criteria")
        affected, unknown = _affected(definition, _clauses(definition.criteria, library), library)
        if len(affected) > limits.affected:
            raise _DoesNotFit(f"more entries than the limit of {limits.affected}")
    except _DoesNotFit as error:
        yield Rejection(source, id or "a definition", definition.title or id, str(error))
        return
    remarks = Remarks(Place(source, "", id))
    for name in unknown:
        remarks.skip(id, f"product {name}: no release of a distribution that is known")
    published, modified = (_date(text, id, remarks) for text in definition.dates)
    yield Advisory(
        id=_advisory_id(definition) or id,
        kind=_kind(definition),
        cves=_cves(definition),
        affected=affected,
        database=affected[0].distribution.id if affected and affected[0].distribution else "",
        rating=definition.rating or None,
        severities=tuple(_severities(definition)),
        published=published,
        modified=modified,
        aliases=(id,) if _advisory_id(definition) else (),
        references=tuple(
            Reference("ADVISORY", url) for kind, _, url in definition.references if url and kind != "BUGZILLA"
        ),
    )
    yield from remarks.found


def _affected(
    definition: _Definition, clauses: Sequence[_Clause], library: _Library
) -> tuple[tuple[Affected, ...], list[str]]:
    """The entries of a definition, each once, and the products that are not known."""
    found: dict[Affected, None] = {}
    unknown: dict[str, None] = {}
    for clause in clauses:
        if clause.names is None:
            raise _DoesNotFit("is true without any package")
        release = clause.release
        if release is None and not clause.unknown_product:
            release = _only_release(definition, library)
        if release is None:
            unknown[clause.unknown_product] = None
            continue
        found.update(dict.fromkeys(library.entries(clause, release, _fix_state(clause, definition))))
    return tuple(found), list(unknown)


def _only_release(definition: _Definition, library: _Library) -> Distribution:
    """The release of a definition that tests none: its platform's, or, where that has no number, the document's."""
    releases = {from_product(platform) for platform in definition.platforms}
    release = releases.pop() if len(releases) == 1 else None
    release = release or library.release
    if release is None:
        raise _DoesNotFit("has no release; rename the file as it was published (cbl-mariner-2.0-oval.xml)")
    return release


_RELEASE_IN_NAME: Final = re.compile(r"(cbl-mariner|azurelinux)-([0-9]+\.[0-9]+)", re.ASCII)


def _release_of_name(name: str) -> Distribution | None:
    match = _RELEASE_IN_NAME.match(name)
    product = {"cbl-mariner": "CBL-Mariner", "azurelinux": "Azure Linux"}
    return from_product(f"{product[match[1]]} {match[2]}") if match else None


def _entries(clause: _Clause, distribution: Distribution, fix_state: FixState) -> Iterator[Affected]:
    bound, family = clause.bound, FAMILIES[distribution.id]
    ranges, versions = _ranges(bound)
    module = clause.module or (
        UNKNOWN_MODULE if family.modular and bound is not None and built_as_module(bound.version) else NO_MODULE
    )
    for name in clause.names or ():
        yield Affected(
            package=name,
            type=family.type,
            distribution=distribution,
            names=Names.BINARY,
            ranges=ranges,
            versions=versions,
            fix_state=fix_state,
            arches=clause.arches,
            module=module,
            channel=_channel(distribution, ranges),
        )


# Canonical's definitions show its Pro archives in the versions built for them alone.
_BUILT_FOR_PRO: Final = re.compile(r"[+~]esm[0-9]+$", re.ASCII)


def _channel(distribution: Distribution, ranges: Iterable[Range]) -> str | None:
    if distribution.id != "ubuntu":
        return None
    return "pro" if any(_BUILT_FOR_PRO.search(bounds.fixed or "") for bounds in ranges) else None


def _ranges(bound: _Bound | None) -> tuple[tuple[Range, ...], tuple[str, ...]]:
    if bound is None:
        return (Range(),), ()
    version = bound.version
    match bound.operation:
        case "less than":
            return (Range(fixed=version),), ()
        case "less than or equal":
            return (Range(last_affected=version),), ()
        case "greater than or equal":
            return (Range(introduced=version),), ()
        case _:
            return (), (version,)


def _fix_state(clause: _Clause, definition: _Definition) -> FixState:
    if clause.bound is not None and clause.bound.operation == "less than":
        return FixState.FIXED
    if definition.patchable == "false":
        return FixState.NOT_FIXED
    states = fix_states(Vocabulary.UBUNTU_OVAL).items()
    return next((state for words, state in states if words in clause.comment), FixState.UNKNOWN)


def _date(text: str, id: str, remarks: Remarks) -> datetime | None:
    if not text:
        return None
    try:
        return date_of(text)
    except ValueError:
        remarks.refuse(id, f"not a date: {text[:60]!a}")
        return None


_ADVISORY: Final = re.compile(r"(?!CVE-)[A-Z]{2,6}-[\w:.-]+", re.ASCII)
# The prefix of an advisory shows its kind in Red Hat's family alone.
_LETTERED: Final = re.compile(r"[A-Z]{2}[SBE]A-", re.ASCII)


def _cves(definition: _Definition) -> tuple[str, ...]:
    return cve_ids([id for _, id, _ in definition.references])


def _advisory_id(definition: _Definition) -> str | None:
    """The vendor's id of the update that a *patch* definition is about, where there is one alone."""
    if definition.kind != "patch":
        return None
    found = {id for _, id, _ in definition.references if _ADVISORY.fullmatch(id)}
    return found.pop() if len(found) == 1 else None


def _kind(definition: _Definition) -> Kind:
    advisory = _advisory_id(definition)
    return kind_of_id(advisory) if advisory is not None and _LETTERED.match(advisory) else Kind.SECURITY


def _severities(definition: _Definition) -> Iterator[Severity]:
    """A vector, where there is one CVE alone for it to belong to. ``5.7/CVSS:3.0/...`` has the score in front."""
    if len(_cves(definition)) != 1 or len(definition.vectors) != 1:
        return
    score, _, vector = definition.vectors[0].partition("/")
    vector = vector if score.replace(".", "").isdecimal() else definition.vectors[0]
    yield Severity(f"CVSS_V{vector[5]}" if vector.startswith("CVSS:") else "CVSS_V2", vector)
