"""CSAF 2.0: security advisories, and VEX documents with the status of every product.

The product tree joins components to platforms (:mod:`advisories.readers.feeds.csaf_products`). How each status is read:

- ``fixed``, ``first_fixed``, ``recommended``: fixed in the component's version.
- ``known_affected``: affected. The category and details of the remediation give the fix state
  (:mod:`advisories.distros.fix_states`).
- ``known_not_affected``: that version is not affected, or none is where the component has no version.
- ``under_investigation``: affected as far as anybody knows.

A document is one advisory where its vulnerabilities have the same statuses. Else each set of statuses is one, with the
first CVE behind its id. A document whose id is a CVE gets its publisher in front:
``REDHAT-CVE-2024-1234``. Source: OASIS, *Common Security Advisory Framework 2.0*, and Red Hat's and SUSE's own notes on
their documents.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference, Severity
from advisories.models.reading import Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids, kind_of_id
from advisories.readers.feeds.csaf_products import Product, ProductTree
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, Place, json_type, list_in, looks_like_json, object_in, text_in, values
from advisories.sources.limits import Limits

__all__ = ["read", "sniff"]

_FIXED: Final = ("fixed", "first_fixed", "recommended")
_AFFECTED: Final = ("known_affected", "first_affected", "last_affected", "under_investigation")
_LETTERED: Final = re.compile(r"[A-Z]{2}[SBE]A-")
_MARK: Final = re.compile(rb'"csaf_version"\s*:|"category"\s*:\s*"csaf_')
_SCORES: Final = (("cvss_v2", "CVSS_V2"), ("cvss_v3", "CVSS_V3"), ("cvss_v4", "CVSS_V4"))
_DATABASES: Final = (("red hat", "redhat"), ("suse", "suse"), ("openeuler", "openeuler"))
_EVERY_VERSION: Final = (Range(),)
_Item = Advisory | Rejection | Skip


def sniff(head: bytes, name: str) -> bool:
    """``csaf_version``, or a category of CSAF."""
    return looks_like_json(head) and _MARK.search(head) is not None


def read(document: Document, limits: Limits) -> Iterator[_Item]:
    """The advisories of a document, or of one document a line."""
    for value in values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        at = value.position
        id = document.name
        try:
            if not isinstance(value.content, dict):
                raise Malformed("$", f"an object is expected, not {json_type(value.content)}")
            about = object_in(value.content, "document", "")
            tracking = object_in(about, "tracking", "document.")
            id = text_in(tracking, "id", "document.tracking.")
            yield from _Reader(value.content, about, tracking, id, document, at, limits).items()
        except Malformed as malformed:
            yield Rejection(document.source, Place(document.source, at, id).at(malformed.path), id, malformed.why)
        except RecursionError:
            yield Rejection(document.source, Place(document.source, at, id).at("product_tree"), id, "nested too deeply")


@frozen
class _Key:
    """What components of several architectures have in common."""

    product: Product
    ranges: tuple[Range, ...]
    versions: tuple[str, ...]
    state: FixState
    negative: bool


class _Reader:
    """One document."""

    def __init__(
        self,
        content: dict[str, Any],
        about: dict[str, Any],
        tracking: dict[str, Any],
        id: str,
        document: Document,
        at: str,
        limits: Limits,
    ) -> None:
        self._content = content
        self._about = about
        self._tracking = tracking
        self._limits = limits
        publisher = str(object_in(about, "publisher", "document.").get("name")).lower()
        self._database = next((name for word, name in _DATABASES if word in publisher), "")
        self._id = f"{(self._database or 'csaf').upper()}-{id}" if cve_ids(id) else id
        self._remarks = Remarks(Place(document.source, at, self._id))

    def items(self) -> Iterator[_Item]:
        """The advisories, then what was refused or skipped."""
        tree = ProductTree(object_in(self._content, "product_tree", ""))
        found: dict[tuple[Affected, ...], list[tuple[dict[str, Any], str]]] = {}
        for number, entry in enumerate(list_in(self._content, "vulnerabilities", "")):
            path = f"vulnerabilities[{number}]"
            try:
                if not isinstance(entry, dict):
                    raise Malformed(path, f"an object is expected, not {json_type(entry)}")
                found.setdefault(self._entries(entry, path, tree), []).append((entry, path))
            except Malformed as malformed:
                self._remarks.malformed(malformed)
        published, modified = (self._date(name) for name in ("initial_release_date", "current_release_date"))
        for affected, same in (found or {(): []}).items():
            named = cve_ids(*[entry.get("cve") for entry, _ in same])
            yield Advisory(
                id=self._id if len(found) < 2 else f"{self._id}/{named[0] if named else same[0][1]}",
                kind=kind_of_id(self._id) if _LETTERED.match(self._id) else Kind.SECURITY,
                cves=named,
                affected=affected,
                database=self._database,
                rating=self._rating([entry for entry, _ in same]),
                severities=tuple(self._severities(same, len(named) > 1)),
                published=published,
                modified=modified,
                references=tuple(self._references()),
                reboot_suggested=any(_needs_restart(entry) for entry, _ in same),
            )
        yield from self._remarks.found

    # ---- statuses ----

    def _entries(self, entry: dict[str, Any], path: str, tree: ProductTree) -> tuple[Affected, ...]:
        status = object_in(entry, "product_status", f"{path}.")
        states = self._states(entry, path)
        arches: dict[_Key, dict[str, None]] = {}
        for name in (*_FIXED, *_AFFECTED, "known_not_affected"):
            for id in list_in(status, name, f"{path}.product_status."):
                if len(arches) > self._limits.affected:
                    raise Malformed(f"{path}.product_status", f"more than the limit of {self._limits.affected}")
                product = tree.product(id) if isinstance(id, str) else "a product that is no text"
                if isinstance(product, str):
                    self._remarks.skip(path, product)
                    continue
                key = _key(name, product, states.get(id))
                if isinstance(key, str):
                    self._remarks.skip(path, key)
                    continue
                arches.setdefault(key, {})[product.arch or ""] = None
        return tuple([_affected(key, tuple(named)) for key, named in arches.items()])

    def _states(self, entry: dict[str, Any], path: str) -> dict[str, FixState]:
        """The fix states of products, as their first remediation gives them."""
        states: dict[str, FixState] = {}
        for number, remedy in enumerate(list_in(entry, "remediations", f"{path}.")):
            if not isinstance(remedy, dict):
                raise Malformed(f"{path}.remediations[{number}]", f"an object is expected, not {json_type(remedy)}")
            state = fix_states(Vocabulary.CSAF_REMEDIATIONS).get(str(remedy.get("category")))
            if state is None:
                continue
            details = str(remedy.get("details")).lower()
            overriding = fix_states(Vocabulary.CSAF_DETAILS).items()
            state = next((other for word, other in overriding if details.startswith(word)), state)
            for id in list_in(remedy, "product_ids", f"{path}.remediations[{number}]."):
                if isinstance(id, str):
                    states.setdefault(id, state)
        return states

    # ---- the rest ----

    def _severities(self, same: list[tuple[dict[str, Any], str]], several: bool) -> Iterator[Severity]:
        found: dict[Severity, None] = {}
        for entry, path in same:
            cve = next(iter(cve_ids(entry.get("cve"))), None) if several else None
            for number, score in enumerate(self._scores(entry, path)):
                for name, type in _SCORES:
                    data = score.get(name) if isinstance(score, dict) else None
                    if data is None:
                        continue
                    vector = data.get("vectorString") if isinstance(data, dict) else None
                    if isinstance(vector, str) and vector.isprintable():
                        found[Severity(type, vector, self._database or "vendor", cve)] = None
                    else:
                        self._remarks.refuse(f"{path}.scores[{number}].{name}", "a score without a vector")
        return iter(found)

    def _scores(self, entry: dict[str, Any], path: str) -> list[Any]:
        try:
            return list_in(entry, "scores", f"{path}.")
        except Malformed as malformed:
            self._remarks.malformed(malformed)
            return []

    def _rating(self, entries: list[dict[str, Any]]) -> str | None:
        severity = self._about.get("aggregate_severity")
        words = [severity.get("text")] if isinstance(severity, dict) else []
        words += [
            threat.get("details")
            for entry in entries
            for threat in (entry.get("threats") if isinstance(entry.get("threats"), list) else ()) or ()
            if isinstance(threat, dict) and threat.get("category") == "impact"
        ]
        return next((word.strip().lower() for word in words if isinstance(word, str) and word.isprintable()), None)

    def _references(self) -> Iterator[Reference]:
        for one in list_in(self._about, "references", "document."):
            url = one.get("url") if isinstance(one, dict) else None
            if isinstance(url, str):
                yield Reference("ADVISORY" if one.get("category") == "self" else "WEB", url)

    def _date(self, name: str) -> datetime | None:
        text = self._tracking.get(name)
        if text is None:
            return None
        try:
            return date_of(text if isinstance(text, str) else "")
        except ValueError:
            self._remarks.refuse(f"document.tracking.{name}", f"not a date: {str(text)[:40]!a}")
            return None


def _key(status: str, product: Product, state: FixState | None) -> _Key | str:
    """A status of a product, whatever its architecture. A text where it is skipped: why."""
    bare = product.without_arch()
    if status in _FIXED:
        if product.evr is None:
            return "a fix without a version"
        if product.names is Names.SOURCE:
            return "source packages"
        return _Key(bare, (Range(None, product.evr),), (), fix_states(Vocabulary.CSAF_STATUSES)[status], False)
    if status == "known_not_affected":
        return _Key(bare, (), (product.evr,) if product.evr else (), FixState.UNKNOWN, True)
    if status == "under_investigation":
        state = None
    return _Key(bare, _EVERY_VERSION, (), state or fix_states(Vocabulary.CSAF_STATUSES)[status], False)


def _affected(key: _Key, arches: tuple[str, ...]) -> Affected:
    product = key.product
    return Affected(
        product.name,
        "rpm",
        product.distribution,
        product.names,
        key.ranges,
        key.versions,
        key.state,
        key.negative,
        () if {"", "noarch", "src"} & set(arches) else tuple(sorted(arches)),
        product.module,
        product.channel,
    )


def _needs_restart(entry: dict[str, Any]) -> bool:
    remedies = entry.get("remediations")
    return any(
        isinstance(remedy, dict)
        and isinstance(remedy.get("restart_required"), dict)
        and remedy["restart_required"].get("category") in ("machine", "system", "parent")
        for remedy in (remedies if isinstance(remedies, list) else ())
    )
