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
from advisories.models.reading import Rejection
from advisories.readers.feeds.advisory_ids import cves_within
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.xml_text import children_of, first_child, local, name_of_tag, text_of

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

# OVAL's booleans.
_TRUE: Final = ("true", "1")
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


@frozen(eq=False)
class Leaf:
    """A criterion or an extended definition. Those of a document with the same content are one object."""

    reference: str
    comment: str
    extends: bool = False
    negated: bool = False


@frozen(eq=False)
class Criteria:
    """Criteria joined by an operator. Those of a document with the same content are one object."""

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


class _Nodes:
    """The criteria of a document by their content, as elements have it.

    :ivar leaves: by test or definition, comment, kind of element, and whether it is negated.
    :ivar criteria: by operator, nodes, and whether they are negated.
    """

    def __init__(self) -> None:
        self.leaves: Final[dict[tuple[str | None, str | None, str, str | None], Leaf]] = {}
        self.criteria: Final[dict[tuple[str, tuple[Criteria | Leaf, ...], bool], Criteria]] = {}


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
        self._nodes: Final = _Nodes()
        # Variables and objects that are about what uname shows.
        self._unames: Final[set[str]] = set()
        # Elements that are none of OVAL's and have definitions in them.
        self._others: Final[dict[str, None]] = {}

    def take(self, element: ElementTree.Element) -> None:
        """Keep what matters of an element. Elements of other kinds are not about packages."""
        kind, id = local(element), element.get("id", "")
        if kind == "definition":
            definition = definition_of(element, id, self._nodes)
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
            # What is no value hides one. A name without a text is refused.
            values = tuple(
                text_of(value) if local(value) == "value" else "" for value in element if local(value) != "notes"
            )
            self._variables[id] = Names(values, source=_source(element))
        elif kind == "timestamp":
            self.made_at = text_of(element)
        elif any(local(one) in _OF_DEFINITIONS for one in element.iter()):
            self._others.setdefault(kind)
        elif kind == "local_variable":
            parts = [part.get("object_ref", "") for part in element.iter() if local(part) == "object_component"]
            self._variables[id] = Names(tuple(parts))

    def damages(self, document: Document) -> Iterator[Rejection]:
        """What a whole document lacks: definitions that are called otherwise, or are none, beside tests."""
        for kind in self._others:
            yield Rejection(document.source, "-", document.name, f"an element {kind[:40]!a} with criteria in it")
        if self.tests and not self.definitions and not self._others:
            yield Rejection(document.source, "-", document.name, "tests without definitions")

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

_OF_DEFINITIONS: Final = frozenset({"definition", "criteria", "criterion"})
_OF_DEFINITION: Final = frozenset({"metadata", "notes", "Signature"})
# What stands for the first child of a name where there is none, and for that child's own children.
_NONE: Final = (None,)
_NO_CHILDREN: Final = ((),)


def definition_of(element: ElementTree.Element, id: str, nodes: _Nodes) -> Definition:
    """The definition of an element. What is wrong with its criteria is its `problem`.

    :param nodes: those of other definitions. Its own are added.
    """
    within = children_of(element)
    metadata = children_of(within.get("metadata", _NONE)[0])
    about = metadata.get("advisory", _NONE)[0]
    facts = metadata if about is None else children_of(about)
    criteria = within.get("criteria", _NONE)[0]
    problem, tree = "", None
    other = None if criteria is not None else next((kind for kind in within if kind not in _OF_DEFINITION), None)
    if other is not None:
        problem = f"a definition without criteria, and with an element {other[:40]!a}"
    try:
        tree = None if criteria is None else _criteria(criteria, 0, nodes)
    except DoesNotFit as error:
        problem = str(error)
    return Definition(
        id,
        element.get("class", ""),
        text_of(metadata.get("title", _NONE)[0]),
        tuple(
            [text_of(one) for affected in metadata.get("affected", ()) for one in affected if local(one) == "platform"]
        ),
        tuple(
            [
                (child.get("source", ""), child.get("ref_id", "").strip(), child.get("ref_url", ""))
                for child in metadata.get("reference", ())
            ]
        ),
        text_of(facts.get("severity", _NONE)[0]).lower(),
        tuple([_vector(child) for child in facts.get("cve", ())]),
        text_of(metadata.get("patchable", _NONE)[0]).lower(),
        (_date_text(facts, "issued", "public_date", "advisory_date"), _date_text(facts, "updated")),
        tuple(
            [
                (text_of(component), resolution.get("state", "").lower())
                for resolution in facts.get("affected", _NO_CHILDREN)[0]
                for component in resolution
            ]
        ),
        tuple([text_of(cpe) for one in facts.get("affected_cpe_list", ()) for cpe in one]),
        tree,
        problem,
        element.get("deprecated") in _TRUE,
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


def _date_text(children: Mapping[str, Sequence[ElementTree.Element]], *names: str) -> str:
    """The date of the first of these children that there is."""
    for name in names:
        if name in children:
            child = children[name][0]
            return child.get("date", "") or text_of(child)
    return ""


def _criteria(element: ElementTree.Element, depth: int, known: _Nodes) -> Criteria:
    if depth > _DEPTH:
        raise DoesNotFit(f"criteria nested more than {_DEPTH} deep")
    nodes: list[Criteria | Leaf] = []
    for child in element:
        kind, get = name_of_tag(child.tag), child.get
        if kind == "criteria":
            nodes.append(_criteria(child, depth + 1, known))
        elif kind == "criterion" or kind == "extend_definition":
            extends = kind == "extend_definition"
            content = get("definition_ref" if extends else "test_ref"), get("comment"), kind, get("negate")
            leaf = known.leaves.get(content)
            if leaf is None:
                reference, comment, _, negate = content
                leaf = known.leaves[content] = Leaf(reference or "", comment or "", extends, negate in _TRUE)
            nodes.append(leaf)
        elif kind != "notes":
            raise DoesNotFit(f"criteria with an element {kind}")
    if not nodes:
        raise DoesNotFit("criteria without a criterion")
    joined = element.get("operator", "AND"), tuple(nodes), element.get("negate") in _TRUE
    criteria = known.criteria.get(joined)
    if criteria is None:
        criteria = known.criteria[joined] = Criteria(*joined)
    return criteria


# ---- tests, objects, states ----


def _test(element: ElementTree.Element, family: str) -> Test:
    # OVAL's element names: <object object_ref="..."/>, and <state state_ref="..."/> as often as there are states.
    object = first_child(element, "object")
    return Test(
        family,
        element.get("check", ""),
        element.get("check_existence", "at_least_one_exists"),
        "" if object is None else object.get("object_ref", ""),
        tuple([child.get("state_ref", "") for child in element if local(child) == "state"])
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
        children = [child for child in children if local(child) == "pattern"]
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
