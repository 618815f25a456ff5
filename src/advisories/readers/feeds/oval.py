"""OVAL 5 definitions of vulnerabilities and patches, over packages of dpkg and rpm.

Source of the meaning: the OVAL language 5.11, and what OpenSCAP 1.3.7 makes of the same files. A definition's criteria
are a Boolean tree. :mod:`advisories.readers.feeds.oval_criteria` brings it into clauses, and
:mod:`advisories.readers.feeds.oval_entries` makes affected entries of them. What means anything else is a rejection
with the definition's id: part of it where the rest is kept, else all of it.

A definition becomes one advisory. If it is of class *patch* and names one vendor's advisory (``RHSA-2019:4268``), it is
called so, else by the definition's own id. Ubuntu's definitions of a package become one advisory for each CVE.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Final

from advisories.models.advisories import Advisory, Affected, Kind, Reference, Severity
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.reading import Loss, Rejection, Skip
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cves_within, kind_of_id
from advisories.readers.feeds.oval_criteria import Clause, Known, clauses_of, is_of_a_release
from advisories.readers.feeds.oval_documents import Criteria, Definition, DoesNotFit, Leaf, Library, Spent, Vector
from advisories.readers.feeds.oval_entries import Entries, Made, entries_of, release_of_name
from advisories.readers.releases import place_of_product
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Place, looks_like_json
from advisories.sources.limits import Limits
from advisories.sources.xml_text import elements

__all__ = ["claims", "read", "sniff"]

_Item = Advisory | Rejection | Skip

_MARK: Final = b"oval_definitions"
_PARTS: Final = re.compile(rb"<(?:\w+:)?(?:rpminfo|dpkginfo)_|<criteri(?:a|on)\b")
# How XML begins, in the encodings whose ASCII is ASCII. A page of a web server is none.
_BEGINNING: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?!!DOCTYPE html|html)[?!A-Za-z]", re.IGNORECASE)
# Definitions of other classes are not about vulnerabilities. Source: OVAL 5.11, *ClassEnumeration*.
_OTHER_CLASSES: Final = frozenset({"compliance", "inventory", "miscellaneous"})


def sniff(head: bytes, name: str) -> bool:
    """The root element ``oval_definitions``."""
    return _MARK in head and not looks_like_json(head)


def claims(head: bytes, name: str) -> bool:
    """A file called ``*oval*.xml``, XML with parts of OVAL, and a file called XML that is none."""
    if re.search(r"oval.*\.xml$", name, re.IGNORECASE) is not None:
        return True
    if not looks_like_json(head) and _PARTS.search(head) is not None:
        return True
    return name.lower().endswith(".xml") and _BEGINNING.match(head) is None


def read(document: Document, limits: Limits) -> Iterator[_Item]:
    """The definitions of one document. Never raises because of its content."""
    library = Library(release_of_name(document.name), limits)
    damages: list[Rejection] = []
    for element in elements(document, 2, limits):
        if isinstance(element, Rejection):
            damages.append(element)
        else:
            library.take(element)
    if not (damages or library.definitions or library.tests or _MARK in document.data):
        damages.append(Rejection(document.source, "-", document.name, "no definitions of OVAL in it"))
    damages += library.damages(document)
    # What comes behind a damage is of the releases before it, if there are any.
    platforms = [platform for one in library.definitions for platform in one.platforms] if damages else []
    places = [place for place in map(place_of_product, platforms) if place is not None]
    releases = dict.fromkeys([place[0] for place in places] + ([library.release] if library.release else []))
    known, made = Known(), Made()
    # The memory of each is free for the next ones.
    definitions = library.definitions
    definitions.reverse()
    while definitions:
        yield from _advisories(definitions.pop(), library, document.source, limits, known, made)
    for damage in damages:
        lost = [Loss(None, release) for release in releases]
        yield evolve(damage, losses=tuple(lost)) if lost else damage


# SUSE has a definition for a CVE that concerns no package of the product. Others have none there.
_WITHOUT_CRITERIA: Final = "oval:org.opensuse.security:"


def _advisories(
    definition: Definition, library: Library, source: str, limits: Limits, known: Known, made: Made
) -> Iterator[_Item]:
    id = definition.id
    if definition.kind in _OTHER_CLASSES:
        yield Skip(source, id, id, f"a definition of class {definition.kind}")
        return
    if definition.deprecated:
        yield Skip(source, id, id, "a deprecated definition: it holds no more")
        return
    if definition.kind not in ("vulnerability", "patch"):
        losses = _named((Loss(None, None, id),), definition, library, ())
        why = f"a definition of class {definition.kind or '(none)'!a}, which there is not"
        yield Rejection(source, id or "a definition", definition.title or id, why, losses=losses)
        return
    if id.startswith(_WITHOUT_CRITERIA) and not definition.problem and definition.criteria is None:
        yield Skip(source, id, id, "a definition without criteria: it is about no package")
        return
    cves = _cves(definition)
    try:
        parts = _parts(definition, library, limits, cves, known, made)
    except DoesNotFit as error:
        losses = _named((Loss(None, None, id),), definition, library, ())
        yield Rejection(source, id or "a definition", definition.title or id, str(error), losses=losses)
        return
    if not any(entries.affected for _, entries in parts):
        problems = [problem for _, entries in parts for problem in entries.problems]
        if problems:
            losses = tuple(evolve(loss, advisory=id) for _, lost in problems for loss in lost)
            losses = _named(losses, definition, library, ())
            yield Rejection(source, id, definition.title or id, problems[0][0], losses=losses)
            return
    remarks = Remarks(Place(source, "", id))
    shared = _Shared(definition)
    for own, entries in parts:
        yield _advisory(shared, own, cves, entries, library.made_at, remarks)
        for why in entries.skips:
            remarks.skip(id, why)
        for why, losses in entries.problems:
            remarks.refuse(id, why, definition.title or id, _named(losses, definition, library, entries.affected))
        yield from remarks.taken()


def _named(
    losses: Sequence[Loss], definition: Definition, library: Library, kept: Sequence[Affected]
) -> tuple[Loss, ...]:
    """Losses without a package or a release with those that the definition's tests and platforms name.

    What was kept is not lost. Nothing is lost of a definition whose platforms are of other products.
    """
    places = [place_of_product(platform) for platform in definition.platforms]
    releases: list[Distribution | None] = [place[0] for place in places if place is not None]
    releases = list(dict.fromkeys(releases)) or [library.release]
    if releases == [None] and any(sign.isdigit() for platform in definition.platforms for sign in platform):
        releases = []
    names: dict[str, None] = {}
    try:
        if any(loss.package is None for loss in losses):
            of_leaves = [_names_of(leaf, library) for leaf in _leaves(definition.criteria)]
            # What cannot be read may be any package.
            if None not in of_leaves:
                names.update((name, None) for of_leaf in of_leaves for name in of_leaf or ())
            lost = {loss.distribution for loss in losses if loss.distribution is not None}.union(releases)
            library.spend(len(names) * len(lost))
    except Spent:
        names = {}  # too many to name: any package of the releases
    of_release: dict[Distribution | None, set[str]] = {}
    for one in kept if names else ():
        of_release.setdefault(one.distribution, set()).add(one.package)
    found: dict[Loss, None] = {}
    for loss in losses:
        for release in releases if loss.distribution is None else [loss.distribution]:
            whole = of_release.get(release, ())
            for name in [loss.package] if loss.package or not names else [one for one in names if one not in whole]:
                found[Loss(name, release, loss.advisory)] = None
    return tuple(found)


def _leaves(node: Criteria | Leaf | None) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    elif node is not None:
        for child in node.nodes:
            yield from _leaves(child)


def _names_of(leaf: Leaf, library: Library) -> tuple[str, ...] | None:
    """The packages that a criterion tests, but for those that show the release of a host. None where it does not show
    which.
    """
    test = library.tests.get(leaf.reference)
    if leaf.extends or (test is not None and test.family not in ("dpkginfo", "rpminfo")):
        return ()
    if test is None:
        return None
    try:
        return tuple([name for name in library.names(test).names if not is_of_a_release(name)])
    except Spent:
        raise
    except DoesNotFit:
        return None


def _parts(
    definition: Definition, library: Library, limits: Limits, cves: tuple[str, ...], known: Known, made: Made
) -> list[tuple[tuple[str, ...], Entries]]:
    """What becomes an advisory each: CVEs, and the entries of them. Raises :class:`DoesNotFit`."""
    if not definition.id:
        raise DoesNotFit("a definition without id")
    if definition.problem:
        raise DoesNotFit(definition.problem)
    if definition.criteria is None:
        raise DoesNotFit("a definition without criteria")
    tests = {vector.test: vector.cve for vector in definition.vectors if vector.test and vector.cve}
    clauses = clauses_of(definition.criteria, library, tests, known)
    if not clauses:
        raise DoesNotFit("criteria that hold nowhere")
    parts = []
    for own, of_own in _by_cves(clauses, cves).items():
        entries = entries_of(definition, of_own, library, made)
        if len(entries.affected) > limits.affected:
            raise DoesNotFit(f"more entries than the limit of {limits.affected}")
        parts.append((own, entries))
    return parts


def _by_cves(clauses: list[Clause], cves: tuple[str, ...]) -> dict[tuple[str, ...], list[Clause]]:
    """The clauses by the CVEs that they are about. One that names none is about all of the definition."""
    if not [clause for clause in clauses if clause.cves]:
        return {cves: clauses}
    found: dict[tuple[str, ...], list[Clause]] = {}
    for clause in clauses:
        found.setdefault(clause.cves or cves, []).append(clause)
    return found


class _Shared:
    """What all advisories of a definition have of it, worked out once: n of them may have n references and vectors."""

    def __init__(self, definition: Definition) -> None:
        self.definition: Final = definition
        self.references: Final = tuple(
            [Reference("ADVISORY", url) for kind, _, url in definition.references if url and kind != "BUGZILLA"]
        )
        self.vendors: Final = _advisory_id(definition)
        #: The vendor's vectors first, with their places, by CVE. None is that of none.
        self._vectors: Final[dict[str | None, list[tuple[int, Vector]]]] = {}
        self._ratings: Final[dict[str, str]] = {}
        if not definition.vectors:
            return
        for place, one in enumerate(sorted(definition.vectors, key=lambda one: one.by_nvd)):
            self._vectors.setdefault(one.cve, []).append((place, one))
        for one in definition.vectors:
            if one.rating and one.cve:
                self._ratings.setdefault(one.cve, one.rating)

    def vectors(self, cves: tuple[str, ...]) -> list[Vector]:
        """The vectors of these CVEs, in their order, those that name none too where they are of one."""
        named: tuple[str | None, ...] = (*cves, None) if len(cves) == 1 else cves
        found = [one for cve in dict.fromkeys(named) for one in self._vectors.get(cve, ())]
        return [one for _, one in sorted(found, key=lambda one: one[0])]

    def rating(self, cves: tuple[str, ...]) -> str | None:
        """The definition's, or the one of its only CVE."""
        return self.definition.rating or (self._ratings.get(cves[0]) if len(cves) == 1 else None)


def _advisory(
    shared: _Shared,
    own: tuple[str, ...],
    cves: tuple[str, ...],
    entries: Entries,
    made_at: str,
    remarks: Remarks,
) -> Advisory:
    """The advisory of some CVEs of a definition, or of all.

    :param made_at: when the document was made. A definition without a date of its own changed then at the latest.
    """
    definition, vendors = shared.definition, shared.vendors
    id = vendors or definition.id
    published, modified = [_date(text, definition.id, remarks) if text else None for text in definition.dates]
    distribution = entries.affected[0].distribution if entries.affected else None
    return Advisory(
        id=id if own == cves else f"{id}/{own[0]}",
        kind=_kind(vendors),
        cves=own,
        affected=entries.affected,
        database=distribution.id if distribution else "",
        rating=shared.rating(own),
        severities=tuple(_severities(shared, own, remarks)) if definition.vectors else (),
        published=published,
        modified=modified or (published if vendors else None) or _made_at(made_at),
        aliases=(definition.id,) if id != definition.id or own != cves else (),
        references=shared.references,
    )


def _date(text: str, id: str, remarks: Remarks) -> datetime | None:
    try:
        return date_of(text)
    except ValueError:
        remarks.refuse(id, f"not a date: {text[:60]!a}")
        return None


@lru_cache(maxsize=1)
def _made_at(text: str) -> datetime | None:
    with suppress(ValueError):
        return date_of(text)
    return None


# ---- CVEs, ids, severities ----

_ADVISORY: Final = re.compile(r"(?!CVE-)(?:openSUSE|[A-Z]{2,6})-[\w:.-]+", re.ASCII)
# The prefix of an advisory shows its kind in Red Hat's family and SUSE's alone.
_LETTERED: Final = re.compile(r"[A-Z]{2}[SBE]A-|(?:open)?SUSE-[A-Z]U-", re.ASCII)


def _cves(definition: Definition) -> tuple[str, ...]:
    """By its references (``CVE-2019-10195``, ``Mitre CVE-2021-4024``, ``CVE:00001:CVE-2019-16168``) and ``cve``
    elements. The title counts where these name none.
    """
    named = [id for kind, id, _ in definition.references if kind != "BUGZILLA"]
    named += [vector.cve for vector in definition.vectors if vector.cve]
    return cves_within(*named) or cves_within(definition.title)


def _advisory_id(definition: Definition) -> str | None:
    """The vendor's id of the update that a *patch* definition is about, where there is one alone."""
    if definition.kind != "patch":
        return None
    found = {id for _, id, _ in definition.references if _ADVISORY.fullmatch(id)}
    return found.pop() if len(found) == 1 else None


def _kind(advisory: str | None) -> Kind:
    return kind_of_id(advisory) if advisory is not None and _LETTERED.match(advisory) else Kind.SECURITY


_SCORE: Final = re.compile(r"[0-9.]+/", re.ASCII)
_TYPES: Final = (("CVSS:4.", "CVSS_V4"), ("CVSS:3.", "CVSS_V3"), ("AV:", "CVSS_V2"))


def _severities(shared: _Shared, cves: tuple[str, ...], remarks: Remarks) -> Iterator[Severity]:
    """The vectors of the CVEs, the vendor's first. ``5.7/CVSS:3.0/...`` has the score in front."""
    seen: set[Severity] = set()
    for one in shared.vectors(cves):
        cve = one.cve or cves[0]
        for text in one.vectors:
            score = _SCORE.match(text)
            vector = text[score.end() :] if score else text
            type = next((type for begin, type in _TYPES if vector.startswith(begin)), None)
            if type is None:
                remarks.refuse(shared.definition.id, f"not a vector: {text[:60]!a}")
                continue
            severity = Severity(type, vector, "nvd" if one.by_nvd else "vendor", cve)
            if severity not in seen:
                seen.add(severity)
                yield severity
