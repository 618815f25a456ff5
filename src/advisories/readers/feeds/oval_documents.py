"""The parts of an OVAL document, which refer to one another by id: definitions, tests, objects, states, variables.

Source of the meaning: the OVAL language 5.11, *Definitions*, *Linux* (``dpkginfo``, ``rpminfo``), *Independent*
(``textfilecontent54``, ``variable``) and *UNIX* (``uname``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve, frozen, names_of
from advisories.readers.feeds.advisory_ids import cves_within
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.xml_text import children_of, first_child, local, text_of

__all__ = [
    "Bound",
    "Criteria",
    "Definition",
    "DoesNotFit",
    "Leaf",
    "Library",
    "Names",
    "Spent",
    "State",
    "Test",
    "Vector",
    "definition_of",
]

# Criteria nest a few levels deep. SUSE's need the most, four.
_DEPTH: Final = 64


class DoesNotFit(Exception):
    """A definition, or a way in which it can be true, means something that no affected entry can express: why.

    :ivar names: the packages that it is about, where these are not those of the clause.
    """

    def __init__(self, why: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.names = names


class Spent(DoesNotFit):
    """What the parts of a document are taken apart into is beyond the limit."""


# What each criterion of a document may be taken apart into before it counts. In real ones it is up to three, in whole
# documents, and in one definition up to thirty.
_FREE: Final = 64


@frozen
class Bound:
    """The version an installed one is compared with, and OVAL's name of the comparison."""

    operation: str
    version: str


@frozen
class State:
    """A state, as far as it is about packages or the running kernel.

    :ivar bound: of the whole version, or of what the running kernel shows of it.
    :ivar version: what the version without its release is, or a pattern of it. Empty where the state does not limit it.
    :ivar named: the state limits the package's own name.
    :ivar uname: what ``uname -r`` shows, or a pattern of it.
    :ivar problem: why it cannot be read. Empty where it can.
    """

    bound: Bound | None = None
    arches: tuple[str, ...] = ()
    version: str = ""
    named: bool = False
    signed: bool = False
    flavour: bool = False
    uname: str = ""
    problem: str = ""


@frozen
class Names:
    """The packages that an object is about.

    :ivar names: one by one.
    :ivar variable: the id of the variable that holds them instead. Empty where none does.
    :ivar source: the source package whose binaries they are, where the document states it.
    :ivar manifest: they are patterns of lines of a list of packages.
    """

    names: tuple[str, ...] = ()
    variable: str = ""
    source: str | None = None
    manifest: bool = False


@frozen
class Test:
    """A test. `family` is its element's name without ``_test``."""

    family: str
    check: str
    existence: str
    object: str
    states: tuple[str, ...]


@frozen
class Leaf:
    """A criterion or an extended definition."""

    reference: str
    comment: str
    extends: bool = False
    negated: bool = False


@frozen
class Criteria:
    """Criteria joined by an operator."""

    operator: str
    nodes: tuple["Criteria | Leaf", ...]
    negated: bool = False


@frozen
class Vector:
    """What a ``cve`` element states of one CVE.

    :ivar cve: None where its text names none.
    :ivar by_nvd: the vectors are NVD's, not the vendor's.
    :ivar vectors: CVSS vectors, perhaps with the score in front.
    :ivar rating: the vendor's word, lower case.
    :ivar test: the test that is about this CVE, where it names one.
    """

    cve: str | None
    by_nvd: bool
    vectors: tuple[str, ...]
    rating: str
    test: str


@frozen
class Definition:
    """A definition.

    :ivar references: source, id and address of each.
    :ivar criteria: None where it has none, or where `problem` is why they cannot be read.
    :ivar resolutions: what the vendor does about each component.
    :ivar cpes: the products that it is published for.
    """

    id: str
    kind: str
    title: str
    platforms: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    rating: str
    vectors: tuple[Vector, ...]
    patchable: str
    dates: tuple[str, str]
    resolutions: tuple[tuple[str, str], ...]
    cpes: tuple[str, ...]
    criteria: Criteria | None
    problem: str = ""
    deprecated: bool = False


class Library:
    """The parts of a document."""

    def __init__(self, release: Distribution | None, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits: Final = limits
        #: How much more :meth:`spend` takes.
        self.left = limits.expansions
        #: The release in the document's name, for documents that have it nowhere else.
        self.release: Final = release
        self.definitions: Final[list[Definition]] = []
        #: When the document was made, as it shows it. Empty where it does not.
        self.made_at = ""
        #: Titles of inventory definitions, by id.
        self.products: Final[dict[str, str]] = {}
        self.tests: Final[dict[str, Test]] = {}
        self._objects: Final[dict[str, Names]] = {}
        self._states: Final[dict[str, State]] = {}
        self._variables: Final[dict[str, Names]] = {}
        # Variables and objects that are about what uname shows.
        self._unames: Final[set[str]] = set()

    def take(self, element: ElementTree.Element) -> None:
        """Keep what matters of an element. Elements of other kinds are not about packages."""
        kind, id = local(element), element.get("id", "")
        if kind == "definition":
            definition = definition_of(element, id)
            self.definitions.append(definition)
            if definition.kind == "inventory":
                self.products[id] = definition.title
        elif kind.endswith("_test"):
            self.tests[id] = _test(element, kind.removesuffix("_test"))
        elif kind in ("dpkginfo_object", "rpminfo_object", "textfilecontent54_object"):
            self._objects[id] = _names(element, kind.startswith("text"))
        elif kind == "uname_object":
            self._unames.add(id)
        elif kind == "variable_object":
            self._objects[id] = Names(variable=text_of(first_child(element, "var_ref")))
        elif kind.endswith("_state"):
            self._states[id] = _state(element)
        elif kind == "constant_variable":
            values = tuple(text_of(value) for value in element if local(value) == "value")
            self._variables[id] = Names(values, source=_source(element))
        elif kind == "timestamp":
            self.made_at = text_of(element)
        elif kind == "local_variable":
            parts = [part.get("object_ref", "") for part in element.iter() if local(part) == "object_component"]
            self._variables[id] = Names(tuple(parts))

    def allow(self, criteria: int) -> None:
        """What so many criteria may be taken apart into besides."""
        self.left += _FREE * criteria

    def spend(self, count: int) -> None:
        """Count what something is taken apart into: clauses, names, entries. Raises :class:`Spent` beyond the limit.

        Criteria of n and n alternatives are n times n clauses, and a variable of n packages in n definitions is n times
        n entries. With this a document of any shape becomes so much as its size allows, and a million more.
        """
        if count > self.left:
            limit = self._limits.expansions
            raise Spent(self._limits.beyond("expansions", f"criteria and variables of more than {limit} parts"))
        self.left -= count

    def names(self, test: Test) -> Names:
        """The packages a test is about. Raises :class:`DoesNotFit`."""
        object = self._objects.get(test.object, _NO_NAMES)
        if object.variable:
            variable = self._variables.get(object.variable, _NO_NAMES)
            self.spend(len(variable.names))
            object = evolve(object, names=variable.names, source=object.source or variable.source)
        self.spend(len(object.names))
        names = tuple(map(_name_of_line, object.names)) if object.manifest else object.names
        if not names or "" in names:
            raise DoesNotFit(f"object {test.object} does not name packages one by one")
        return evolve(object, names=names) if object.manifest else object

    def is_of_uname(self, test: Test) -> bool:
        """Whether a variable's test is about what ``uname`` shows."""
        object = self._objects.get(test.object, _NO_NAMES)
        parts = self._variables.get(object.variable, _NO_NAMES).names
        return bool(parts) and self._unames.issuperset(parts)

    def state(self, test: Test) -> State:
        """The states of a test as one: all of them hold. Raises :class:`DoesNotFit`."""
        merged = _ANY_STATE
        self.spend(len(test.states))
        for reference in test.states:
            state = self._states.get(reference)
            if state is None:
                raise DoesNotFit(f"state {reference} is not there, or not about packages")
            if state.problem:
                raise DoesNotFit(f"state {reference}: {state.problem}")
            if merged is _ANY_STATE:
                merged = state
                continue
            if merged.bound and state.bound:
                raise DoesNotFit("two versions in one test")
            merged = State(*[getattr(merged, name) or getattr(state, name) for name in names_of(State)])
        return merged


_NO_NAMES: Final = Names()
_ANY_STATE: Final = State()


# ---- definitions ----


def definition_of(element: ElementTree.Element, id: str) -> Definition:
    """The definition of an element. What is wrong with its criteria is its `problem`."""
    within = children_of(element)
    metadata = children_of(_first(within, "metadata"))
    about = _first(metadata, "advisory")
    facts = metadata if about is None else children_of(about)
    criteria = _first(within, "criteria")
    problem, tree = "", None
    try:
        tree = None if criteria is None else _criteria(criteria, 0)
    except DoesNotFit as error:
        problem = str(error)
    return Definition(
        id,
        element.get("class", ""),
        text_of(_first(metadata, "title")),
        tuple(
            [text_of(one) for affected in metadata.get("affected", ()) for one in affected if local(one) == "platform"]
        ),
        tuple(
            [
                (child.get("source", ""), child.get("ref_id", "").strip(), child.get("ref_url", ""))
                for child in metadata.get("reference", ())
            ]
        ),
        text_of(_first(facts, "severity")).lower(),
        tuple([_vector(child) for child in facts.get("cve", ())]),
        text_of(_first(metadata, "patchable")).lower(),
        (_date_text(facts, "issued", "public_date", "advisory_date"), _date_text(facts, "updated")),
        tuple(_resolutions(_first(facts, "affected"))),
        tuple([text_of(cpe) for one in facts.get("affected_cpe_list", ()) for cpe in one]),
        tree,
        problem,
        element.get("deprecated", "false") in ("true", "1"),
    )


def _vector(element: ElementTree.Element) -> Vector:
    """SUSE names who made a statement in the text and the address. Ubuntu's tracker has NVD's vectors."""
    text, href = text_of(element), element.get("href", "")
    named = cves_within(text)
    own = [vector.strip() for name in ("cvss4", "cvss3", "cvss2") if (vector := element.get(name))]
    others = element.get("cvss_vector", "").strip()
    by_nvd = text.endswith("at NVD") or "nvd.nist.gov" in href
    return Vector(
        named[0] if named else None,
        bool(others) or by_nvd,
        (*own, *([others] if others else [])),
        "" if by_nvd else element.get("priority", element.get("impact", "")).lower(),
        element.get("test_ref", ""),
    )


def _resolutions(affected: ElementTree.Element | None) -> Iterator[tuple[str, str]]:
    for resolution in () if affected is None else affected:
        for component in resolution:
            yield text_of(component), resolution.get("state", "").lower()


def _first(children: Mapping[str, Sequence[ElementTree.Element]], name: str) -> ElementTree.Element | None:
    found = children.get(name)
    return found[0] if found else None


def _date_text(children: Mapping[str, Sequence[ElementTree.Element]], *names: str) -> str:
    """The date of the first of these children that there is."""
    child = next((children[name][0] for name in names if name in children), None)
    return "" if child is None else child.get("date", "") or text_of(child)


def _criteria(element: ElementTree.Element, depth: int) -> Criteria:
    if depth > _DEPTH:
        raise DoesNotFit(f"criteria nested more than {_DEPTH} deep")
    nodes: list[Criteria | Leaf] = []
    for child in element:
        kind = local(child)
        negated = child.get("negate", "false") in ("true", "1")
        if kind == "criteria":
            nodes.append(_criteria(child, depth + 1))
        elif kind in ("criterion", "extend_definition"):
            extends = kind == "extend_definition"
            reference = child.get("definition_ref" if extends else "test_ref", "")
            nodes.append(Leaf(reference, child.get("comment", ""), extends, negated))
        elif kind != "notes":
            raise DoesNotFit(f"criteria with an element {kind}")
    return Criteria(element.get("operator", "AND"), tuple(nodes), element.get("negate", "false") in ("true", "1"))


# ---- tests, objects, states ----


def _test(element: ElementTree.Element, family: str) -> Test:
    # OVAL's element names: <object object_ref="..."/>, and <state state_ref="..."/> as often as there are states.
    object = first_child(element, "object")
    return Test(
        family,
        element.get("check", ""),
        element.get("check_existence", "at_least_one_exists"),
        "" if object is None else object.get("object_ref", ""),
        tuple(child.get("state_ref", "") for child in element if local(child) == "state")
        if element.get("state_operator", "AND") == "AND"
        else ("(any of several)",),
    )


_SOURCE: Final = re.compile(r"(?:The )?'([a-z0-9][a-z0-9+.-]*)' package binaries\.?", re.ASCII)


def _source(element: ElementTree.Element) -> str | None:
    """Ubuntu's comments name the source package of its lists of binaries."""
    match = _SOURCE.fullmatch(element.get("comment", ""))
    return match[1] if match else None


def _names(element: ElementTree.Element, manifest: bool) -> Names:
    """The package names of an object, or the variable that holds them. Nothing where it is more than that."""
    children = list(element)
    if manifest:
        if text_of(first_child(element, "filename")) != "manifest":
            return _NO_NAMES
        (name,) = children = [child for child in children if local(child) == "pattern"] or [element]
    if len(children) != 1 or local(children[0]) not in ("name", "pattern"):
        return _NO_NAMES
    (name,) = children
    if name.get("operation", "equals") != ("pattern match" if manifest else "equals"):
        return _NO_NAMES
    variable, text = name.get("var_ref", ""), text_of(name)
    return Names((text,) if text and not variable else (), variable, _source(element), manifest)


# A line of an image's manifest, as Ubuntu's OVAL for such lists looks for it: the name, perhaps with an architecture.
_LINE: Final = re.compile(r"\^((?:[a-z0-9+.-]|\\[+.-])+)\(\?::\\w\+\|\)\\s\+\(\.\*\)\$", re.ASCII)


def _name_of_line(pattern: str) -> str:
    match = _LINE.fullmatch(pattern)
    return match[1].replace("\\", "") if match else ""


_OPERATIONS: Final = frozenset({"less than", "less than or equal", "equals", "greater than or equal", "greater than"})
_FLAVOUR: Final = re.compile(r"ksplice|fips")
_ARCHES: Final = re.compile(r"\(?(\w+(?:\|\w+)*)\)?", re.ASCII)
_VERSIONS: Final = frozenset({"evr_string", "debian_evr_string"})


def _state(element: ElementTree.Element) -> State:
    state = _ANY_STATE
    for child in element:
        kind, text, operation = local(child), text_of(child), child.get("operation", "equals")
        exact = operation in ("equals", "pattern match")
        if child.get("var_ref") or not text:
            return State(problem=f"{kind} without a value of its own")
        # A state of a version by itself, or of the one behind a name in a list, or of the one that uname shows.
        compares = kind == "evr" or (kind in ("subexpression", "value") and child.get("datatype") in _VERSIONS)
        if compares and operation in _OPERATIONS:
            state = evolve(state, bound=Bound(operation, _without_zero_epoch(text)))
        elif kind in ("arch", "processor_type") and exact and (match := _ARCHES.fullmatch(text)):
            state = evolve(state, arches=tuple(sorted(match[1].split("|"))))
        elif kind == "signature_keyid":
            state = evolve(state, signed=True)
        elif kind == "release" and operation == "pattern match" and _FLAVOUR.search(text):
            state = evolve(state, flavour=True)
        elif kind == "version" and exact:
            state = evolve(state, version=text)
        elif kind == "name" and exact:
            state = evolve(state, named=True)
        elif kind == "os_release" and exact:
            state = evolve(state, uname=text)
        else:
            return State(problem=f"{kind} by operation {operation!a} of {text[:60]!a}")
    return state


def _without_zero_epoch(version: str) -> str:
    """OVAL writes every epoch out. Package managers print none where it is zero."""
    rest = version.removeprefix("0:")
    return version if not rest or ":" in rest else rest
