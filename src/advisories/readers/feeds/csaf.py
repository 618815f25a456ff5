"""CSAF 2.0 and drafts of 2.1: security advisories, and VEX documents with the status of every product.

The product tree joins components to platforms (:mod:`advisories.readers.feeds.csaf_products`). How each status is read:

- ``fixed``, ``first_fixed``, ``recommended``: fixed in the component's version. A fix of the source package is skipped
  where the same version of a binary package stands beside it, and else is the source's.
- ``known_affected``: affected, every version of it. The category and details of the remediation give the fix state
  (:mod:`advisories.distros.fix_states`). Beside a fix of the same package of the release, the fix shows until when.
- ``first_affected``, ``last_affected``, and ranges of versions: the bounds of what is affected.
- ``known_not_affected``: that version is not affected, or none is where the component has no version.
- ``under_investigation``, ``unknown``: affected as far as anybody knows.

A document is one advisory where its vulnerabilities have the same statuses. Else each set of statuses is one, with the
first CVE behind its id. A document whose id is a CVE gets its publisher in front:
``REDHAT-CVE-2024-1234``. Source: OASIS, *Common Security Advisory Framework 2.0* and the drafts of 2.1, and Red Hat's
and SUSE's own notes on their documents.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.distros.nevra import without_epoch
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference, Severity
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve, frozen
from advisories.models.packages import Module
from advisories.models.reading import Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids, kind_of_id
from advisories.readers.feeds.csaf_products import NOT_ITS_PACKAGES, Broken, Product, ProductTree, Stem, Why
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, Place, json_type, list_in, looks_like_json, object_in, text_in, values
from advisories.sources.limits import Limits
from vercmp import rpm

__all__ = ["claims", "read", "sniff"]

# In this order: the first fix that there is counts.
_FIXED: Final = ("first_fixed", "fixed", "recommended")
_AFFECTED: Final = ("known_affected", "under_investigation", "unknown")
_BOUNDS: Final = ("first_affected", "last_affected")
_NEGATIVE: Final = "known_not_affected"
_STATUSES: Final = (*_FIXED, *_AFFECTED, *_BOUNDS, _NEGATIVE)
_LETTERED: Final = re.compile(r"[A-Z]{2}[SBE]A-")
_PARTS: Final = re.compile(rb'"product_(?:identification_helper|status)"\s*:')
_MARK: Final = re.compile(rb'"csaf_version"\s*:|"category"\s*:\s*"csaf_')
# Documents that hold nothing any more: the category of CSAF 2.1, and Red Hat's status.
_WITHDRAWN: Final = "csaf_withdrawn"
# Those that have vulnerabilities, and for each the statuses of products. Source: CSAF 2.0, 4.4 and 4.5.
_OF_VULNERABILITIES: Final = ("csaf_security_advisory", "csaf_vex")
_DELETED: Final = "deleted"
_SCORES: Final = (("cvss_v2", "CVSS_V2"), ("cvss_v3", "CVSS_V3"), ("cvss_v4", "CVSS_V4"))
_DATABASES: Final = (("red hat", "redhat"), ("suse", "suse"), ("openeuler", "openeuler"))
_LTSS: Final = "ltss"
_EVERY_VERSION: Final = (Range(),)
_Item = Advisory | Rejection | Skip


def sniff(head: bytes, name: str) -> bool:
    """``csaf_version``, or a category of CSAF."""
    return looks_like_json(head) and _MARK.search(head) is not None


def claims(head: bytes, name: str) -> bool:
    """JSON with what identifies products, or with their statuses."""
    return looks_like_json(head) and _PARTS.search(head) is not None


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

    stem: Stem
    epoch_known: bool
    ranges: tuple[Range, ...]
    versions: tuple[str, ...]
    state: FixState
    negative: bool = False


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
        self._source = document.source
        self._remarks = Remarks(Place(document.source, at, self._id))
        # Products that groups were taken apart into.
        self._expanded = 0

    def items(self) -> Iterator[_Item]:
        """The advisories, then what was refused or skipped."""
        content = object_in(self._content, "product_tree", "")
        # A document of a CVE has the statuses of all streams of a release.
        tree = ProductTree(content, self._source, every_stream=self._about.get("category") == "csaf_vex")
        groups = _groups_in(content)
        found: dict[tuple[Affected, ...], list[tuple[dict[str, Any], str]]] = {}
        any_lost = False
        for number, entry in enumerate(list_in(self._content, "vulnerabilities", "")):
            path = f"vulnerabilities[{number}]"
            try:
                if not isinstance(entry, dict):
                    raise Malformed(path, f"an object is expected, not {json_type(entry)}")
                found.setdefault(self._entries(entry, path, tree, groups), []).append((entry, path))
            except Malformed as malformed:
                # What names no product could be about any: once a document.
                ids = _ids_of_products(entry)
                self._remarks.malformed(malformed, () if any_lost and not ids else _all_lost(tree, ids))
                any_lost = any_lost or not ids
        published, modified = (self._date(name) for name in ("initial_release_date", "current_release_date"))
        # One tuple for all, as a document of n vulnerabilities and n references would hold n times n otherwise.
        references = tuple(self._references())
        is_gone = self._about.get("category") == _WITHDRAWN or self._tracking.get("status") == _DELETED
        if not (is_gone or self._content.get("vulnerabilities")) and self._is_about_vulnerabilities():
            # SUSE has documents of CVEs that concern no product of it.
            lost = _all_lost(tree, ()) if any(tree.everything()) else ()
            if lost:
                self._remarks.refuse("vulnerabilities", "a document without vulnerabilities", losses=lost)
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
                withdrawn=(modified or published) if is_gone else None,
                references=references,
                reboot_suggested=any(_needs_restart(entry) for entry, _ in same),
                known_exploited=any(bool(entry.get("first_known_exploitation_dates")) for entry, _ in same),
            )
        yield from self._remarks.found

    def _is_about_vulnerabilities(self) -> bool:
        """Whether a document is of a kind that has vulnerabilities. Others may be about updates alone."""
        is_of_updates = kind_of_id(self._id) in (Kind.BUGFIX, Kind.ENHANCEMENT)
        return self._about.get("category") in _OF_VULNERABILITIES and not is_of_updates

    # ---- statuses ----

    def _entries(
        self, entry: dict[str, Any], path: str, tree: ProductTree, groups: dict[str, list[Any]]
    ) -> tuple[Affected, ...]:
        states = self._states(entry, path, groups)
        products = _Products(self._listed(entry, path, tree))
        arches: dict[_Key, dict[str, None]] = {}
        for status, id, product in products.listed:
            if len(arches) > self._limits.affected:
                raise Malformed(f"{path}.product_status", f"more than the limit of {self._limits.affected}")
            key = products.key(status, product, _state(status, states.get(id)))
            if isinstance(key, Broken):
                self._remarks.refuse(path, key, losses=key.losses)
            elif isinstance(key, Why):
                self._remarks.skip(path, key)
            elif key is not None:
                arches.setdefault(key, {})[product.arch or ""] = None
        return tuple([_affected(key, tuple(named)) for key, named in arches.items()])

    def _listed(self, entry: dict[str, Any], path: str, tree: ProductTree) -> Iterator[tuple[str, str, Product]]:
        """The statuses of packages of releases, with the id of each product."""
        status = object_in(entry, "product_status", f"{path}.")
        if not any(status.values()) and self._is_about_vulnerabilities():
            raise Malformed(f"{path}.product_status", "a vulnerability without the status of a product")
        for name in status:
            if name not in _STATUSES:
                losses = _all_lost(tree, _list(status[name]))
                self._remarks.refuse(
                    f"{path}.product_status", f"a status that is not known: {str(name)[:40]!a}", losses=losses
                )
        for name in _STATUSES:
            for id in list_in(status, name, f"{path}.product_status."):
                product = tree.product(id) if isinstance(id, str) else _without_id(tree)
                if isinstance(product, Broken):
                    self._remarks.refuse(f"{path}.product_status.{name}", product, losses=product.losses)
                elif isinstance(product, Why):
                    self._remarks.skip(path, product)
                else:
                    yield name, id, product
                    if product.either and name not in _FIXED:
                        yield name, id, product.as_binary()

    def _states(self, entry: dict[str, Any], path: str, groups: dict[str, list[Any]]) -> dict[str, FixState]:
        """The fix states of products, as their first remediation gives them."""
        states: dict[str, FixState] = {}
        taken: set[str] = set()
        for number, remedy in enumerate(list_in(entry, "remediations", f"{path}.")):
            if not isinstance(remedy, dict):
                raise Malformed(f"{path}.remediations[{number}]", f"an object is expected, not {json_type(remedy)}")
            state = fix_states(Vocabulary.CSAF_REMEDIATIONS).get(str(remedy.get("category")))
            if state is None:
                continue
            details = str(remedy.get("details")).lower()
            overriding = fix_states(Vocabulary.CSAF_DETAILS).items()
            state = next((other for word, other in overriding if details.startswith(word)), state)
            named = list_in(remedy, "product_ids", f"{path}.remediations[{number}].")
            for id in named:
                if isinstance(id, str):
                    states.setdefault(id, state)
            for group in list_in(remedy, "group_ids", f"{path}.remediations[{number}]."):
                # A product's first remediation counts: a group that comes again adds nothing.
                if isinstance(group, str) and group not in taken:
                    taken.add(group)
                    if self._expanded + len(groups.get(group, ())) > self._limits.expansions:
                        why = f"groups of more than {self._limits.expansions} products"
                        raise Malformed(f"{path}.remediations", self._limits.beyond("expansions", why))
                    self._expanded += len(groups.get(group, ()))
                    for id in groups.get(group, ()):
                        if isinstance(id, str):
                            states.setdefault(id, state)
        return states

    # ---- the rest ----

    def _severities(self, same: list[tuple[dict[str, Any], str]], several: bool) -> Iterator[Severity]:
        found: dict[Severity, None] = {}
        for entry, path in same:
            cve = next(iter(cve_ids(entry.get("cve"))), None) if several else None
            for where, score in self._scores(entry, path):
                for name, type in _SCORES:
                    data = score.get(name) if isinstance(score, dict) else None
                    if data is None:
                        continue
                    vector = data.get("vectorString") if isinstance(data, dict) else None
                    if isinstance(vector, str) and vector.isprintable():
                        found[Severity(type, vector, self._database or "vendor", cve)] = None
                    else:
                        self._remarks.refuse(f"{where}.{name}", "a score without a vector")
        return iter(found)

    def _scores(self, entry: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
        """The scores of CSAF 2.0 and the metrics of 2.1, with the path of each."""
        for member in ("scores", "metrics"):
            try:
                scores = list_in(entry, member, f"{path}.")
            except Malformed as malformed:
                self._remarks.malformed(malformed)
                continue
            for number, score in enumerate(scores):
                if member == "scores":
                    yield f"{path}.scores[{number}]", score
                else:
                    yield f"{path}.metrics[{number}].content", score.get("content") if isinstance(score, dict) else None

    def _rating(self, entries: list[dict[str, Any]]) -> str | None:
        severity = self._about.get("aggregate_severity")
        words = [severity.get("text")] if isinstance(severity, dict) else []
        words += [
            threat.get("details")
            for entry in entries
            for threat in _objects(entry.get("threats"))
            if threat.get("category") == "impact"
        ]
        words += [
            content.get("qualitative_severity_rating")
            for entry in entries
            for metric in _objects(entry.get("metrics"))
            for content in _objects([metric.get("content")])
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


class _Products:
    """The products of one vulnerability, by status, and what each means beside the others."""

    def __init__(self, listed: Iterable[tuple[str, str, Product]]) -> None:
        self.listed = list(listed)
        products = [product for _, _, product in self.listed]
        self._builds: dict[tuple[str, str | None, Distribution], set[str | None]] = {}
        if any(product.is_longer for product in products):
            for product in products:
                if not product.is_longer:
                    build = product.name, product.evr, product.distribution
                    self._builds.setdefault(build, set()).add(product.channel)
        self._modules: set[tuple[Distribution, str | None, Module]] = set()
        if any(product.is_module for product in products):
            self._modules = {_place_of(product.stem) for product in products if not product.is_module}
        # Of the first fixed version, the others and the recommended one, the earliest that there is counts.
        self._of_fixes: dict[Stem, int] = {}
        for status, _, product in self.listed:
            if status in _FIXED:
                stem, rank = self._stem(product), _FIXED.index(status)
                self._of_fixes[stem] = min(rank, self._of_fixes.get(stem, rank))
        self._fixes: dict[Stem, dict[str, None]] = {}
        self._fixed_binaries: set[tuple[Distribution, str | None, str]] = set()
        self._affected: dict[Stem, list[tuple[str, Product]]] = {}
        self._bounded: dict[Stem, _Key | None] = {}
        # The packages that minor releases have a fix of or are affected by, with all before a dot of their releases.
        self._in_minors: set[tuple[str, Names, str]] | None = None
        for status, _, product in self.listed:
            if status != _NEGATIVE and not product.is_module:
                self._add(status, product)

    def _add(self, status: str, product: Product) -> None:
        stem = self._stem(product)
        if status in _FIXED:
            if _FIXED.index(status) != self._of_fixes[stem]:
                return
            fixes = self._fixes.setdefault(stem, {})
            for version in _fixes_of(product):
                if version not in fixes and stem.names is Names.BINARY:
                    self._fixed_binaries.add((stem.distribution, stem.channel, without_epoch(version)))
                fixes[version] = None
            return
        self._affected.setdefault(stem, []).append((status, product))
        if status in _BOUNDS or product.ranges:
            self._bounded[stem] = None

    def _stem(self, product: Product) -> Stem:
        stem = product.stem
        if product.is_longer and stem.channel is None:
            # SUSE's product for SAP has the builds of a release's LTSS, while the release itself does not.
            others = self._builds.get((stem.name, product.evr, stem.distribution), ())
            return evolve(stem, channel=_LTSS) if _LTSS in others and None not in others else stem
        return stem

    def key(self, status: str, product: Product, state: FixState) -> _Key | Why:
        """What a status of a product becomes. Where it is left out or refused: why."""
        stem = self._stem(product)
        if product.is_module and (status in _FIXED or _place_of(stem) in self._modules):
            # Its packages have a status of their own.
            return Why(NOT_ITS_PACKAGES)
        if status == _NEGATIVE:
            return self._negative(stem, product)
        if status in _FIXED and _FIXED.index(status) != self._of_fixes[stem]:
            return Why("a fix behind the first one")
        versions = _fixes_of(product)
        if status in _FIXED and not versions:
            return Broken.of("a fix without a version", product.name, product.distribution)
        if status in _FIXED and stem.names is Names.SOURCE:
            beside = [(stem.distribution, stem.channel, without_epoch(version)) for version in versions]
            if self._fixed_binaries.issuperset(beside):
                return Why("source packages")
        if stem in self._bounded:
            key = self._bounded[stem] = self._bounded[stem] or self._within(stem, product, state)
            return key
        if status in _FIXED:
            ranges = tuple([Range(None, version) for version in versions])
            return _Key(stem, product.epoch_known, ranges, (), state)
        if stem in self._fixes or evolve(stem, names=Names.BINARY) in self._fixes:
            if product.evr is None:
                return Why("affected before the fix that stands beside it")
            return _Key(stem, product.epoch_known, (), (product.evr,), state)
        return _Key(stem, product.epoch_known, _EVERY_VERSION, (), state)

    def _negative(self, stem: Stem, product: Product) -> _Key | Why:
        """Not affected: in a version, a range or at all. What contradicts other statuses is too unsure."""
        if product.evr is not None or product.ranges:
            versions = () if product.evr is None else (product.evr,)
            return _Key(stem, product.epoch_known, product.ranges, versions, FixState.UNKNOWN, negative=True)
        if stem in self._fixes or stem in self._affected:
            return Why("not affected, and affected as well")
        if product.minor is not None and self._is_in_older(stem):
            return Why("not affected in the newest minor release, and affected in an older one")
        return _Key(stem, product.epoch_known, (), (), FixState.UNKNOWN, negative=True)

    def _is_in_older(self, stem: Stem) -> bool:
        """Whether a package of a release as a whole is affected or fixed in a minor release."""
        if self._in_minors is None:
            self._in_minors = {
                (one.name, one.names, release[: dot.start()])
                for one in (*self._fixes, *self._affected)
                for release in (str(one.distribution.release),)
                for dot in re.finditer(r"\.", release)
            }
        return (stem.name, stem.names, str(stem.distribution.release)) in self._in_minors

    def _within(self, stem: Stem, product: Product, state: FixState) -> _Key:
        """Everything that is known of a package where the versions affected have bounds."""
        fixes = sorted(self._fixes.get(stem, ()), key=rpm.sort_key)
        ranges = _closed(_ranges_of(self._affected[stem]), fixes)
        return _Key(stem, product.epoch_known, ranges, (), FixState.FIXED if fixes else state)


def _place_of(stem: Stem) -> tuple[Distribution, str | None, Module]:
    return stem.distribution, stem.channel, stem.module


def _fixes_of(product: Product) -> tuple[str, ...]:
    """The versions that a product stands for as a fix: its own, or the first of each range."""
    if product.evr is not None:
        return (product.evr,)
    return tuple([one.introduced for one in product.ranges if one.introduced is not None])


def _ranges_of(affected: Iterable[tuple[str, Product]]) -> list[Range]:
    """The ranges that are affected: those of products, and from each first version to the last that follows it."""
    found: list[Range] = []
    first: list[str] = []
    last: list[str] = []
    for status, product in affected:
        if status in _BOUNDS and product.evr is not None:
            (first if status == "first_affected" else last).append(product.evr)
        elif product.evr is not None:
            found.append(Range(product.evr, None, product.evr))
        else:
            found.extend(product.ranges or _EVERY_VERSION)
    last.sort(key=rpm.sort_key)
    ends = [rpm.sort_key(one) for one in last]
    for version in sorted(first, key=rpm.sort_key):
        place = bisect_left(ends, rpm.sort_key(version))
        found.append(Range(version, None, last[place] if place < len(last) else None))
    if last and not any(rpm.compare(one, last[0]) <= 0 for one in first):
        found.append(Range(None, None, last[0]))
    # Several architectures have the same.
    return sorted(dict.fromkeys(found), key=lambda one: b"" if one.introduced is None else rpm.sort_key(one.introduced))


def _closed(ranges: list[Range], fixes: list[str]) -> tuple[Range, ...]:
    """The ranges, each with the first fix behind its end and before the next range."""
    if not fixes:
        return tuple(ranges)
    found: list[Range] = []
    keys = [rpm.sort_key(fix) for fix in fixes]
    for number, one in enumerate(ranges):
        end = one.last_affected or one.introduced
        after = ranges[number + 1].introduced if number + 1 < len(ranges) else None
        place = 0 if end is None else bisect_right(keys, rpm.sort_key(end))
        if one.limit is not None:
            place = max(place, bisect_left(keys, rpm.sort_key(one.limit)))
        closes = place < len(keys) and (after is None or keys[place] <= rpm.sort_key(after))
        found.append(Range(one.introduced, fixes[place]) if closes else one)
    return tuple(found)


def _state(status: str, of_remedy: FixState | None) -> FixState:
    """The fix state of a product, whose remediation says more where it is affected."""
    if of_remedy is not None and status in ("known_affected", *_BOUNDS):
        return of_remedy
    return FixState.UNKNOWN if status == _NEGATIVE else fix_states(Vocabulary.CSAF_STATUSES)[status]


def _affected(key: _Key, arches: tuple[str, ...]) -> Affected:
    stem = key.stem
    return Affected(
        stem.name,
        "rpm",
        stem.distribution,
        stem.names,
        key.ranges,
        key.versions,
        key.state,
        key.negative,
        () if {"", "noarch", "src"} & set(arches) else tuple(sorted(arches)),
        stem.module,
        stem.channel,
        key.epoch_known,
    )


def _ids_of_products(entry: Any) -> list[Any]:
    """The products that the statuses of a vulnerability name. Empty where it shows that there may be others."""
    listed = entry.get("product_status") if isinstance(entry, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(one, list | None) for one in listed.values()):
        return []
    return [id for one in listed.values() for id in _list(one)]


def _all_lost(tree: ProductTree, ids: Iterable[Any]) -> tuple[Loss, ...]:
    """The packages of releases among products: of all where none is named. Where there are none, anything."""
    ids = list(ids) or list(tree.everything())
    if not ids:
        return (Loss(),)
    found: dict[Loss, None] = {}
    for id in ids:
        product = tree.product(id) if isinstance(id, str) else _without_id(tree)
        if isinstance(product, Product):
            found[Loss(product.name, product.distribution)] = None
        elif isinstance(product, Broken):
            found.update(dict.fromkeys(product.losses))
    return tuple(found)


def _without_id(tree: ProductTree) -> Broken:
    """A product that is no text: it may be any of the document's."""
    broken = Broken("a product that is no text")
    broken.losses = _all_lost(tree, ())
    return broken


def _groups_in(tree: dict[str, Any]) -> dict[str, list[Any]]:
    """The products of the groups of a product tree, by the id of the group."""
    groups = list_in(tree, "product_groups", "product_tree.")
    return {str(one.get("group_id")): _list(one.get("product_ids")) for one in _objects(groups)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of an array, and nothing where it is none."""
    return [one for one in _list(value) if isinstance(one, dict)]


def _needs_restart(entry: dict[str, Any]) -> bool:
    remedies = entry.get("remediations")
    return any(
        isinstance(remedy, dict)
        and isinstance(remedy.get("restart_required"), dict)
        and remedy["restart_required"].get("category") in ("machine", "system", "parent")
        for remedy in (remedies if isinstance(remedies, list) else ())
    )
