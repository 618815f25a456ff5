"""Every host beside every tool that there is for it."""

import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from accuracy import data, facts, joins, lists, openscap, osv_scanner, trivy_sbom
from accuracy.comparing import Comparison, Theirs, compared
from accuracy.hosts import FEEDS, Host
from accuracy.ours import Ours
from accuracy.places import Place
from advisories import Feed, read_feed, read_inventory

__all__ = ["PACKAGE_AND_ADVISORY", "PACKAGE_AND_VULNERABILITY", "VULNERABILITY", "measured"]

VULNERABILITY = "vulnerabilities of the host"
PACKAGE_AND_VULNERABILITY = "packages and vulnerabilities"
PACKAGE_AND_ADVISORY = "packages and advisories"


def measured(hosts: Sequence[Host]) -> Iterator[Comparison]:
    """The comparisons of each host. A tool that is not installed has none, or its recorded ones."""
    for host in hosts:
        ours = Ours(read_inventory(host.path), _feed(host.feed), host.release)
        if FEEDS[host.feed].facts is not None:
            yield _by_join(host, ours)
            if host.feed.endswith("OSV") and osv_scanner.program() is not None:
                yield _by_osv_scanner(host, ours)
            if host.feed == "AlmaLinux OSV" and trivy_sbom.program() is not None:
                yield _by_trivy(host, ours)
        else:
            yield from _by_openscap(host, ours)


@cache
def _feed(name: str) -> Feed:
    return read_feed(*FEEDS[name].files())


@cache
def _facts(name: str, part: str) -> facts.Facts:
    feed = FEEDS[name]
    assert feed.facts is not None
    return facts.Facts.of(feed.facts(feed.files(), part))


def _by_join(host: Host, ours: Ours) -> Comparison:
    type, known = FEEDS[host.feed].type, _facts(host.feed, host.part)
    installed = lists.installed_of(host.path)
    places: dict[Place, facts.Fact | None] = {}
    for place, fact in joins.joined(installed, known, type):
        places.setdefault(place, fact)
    theirs = Theirs(f"join by {joins.ORDERS[type][0]}", places, installed, known.left_out, known.named)
    return compared(host.name, host.feed, PACKAGE_AND_VULNERABILITY, ours, ours.by_place, theirs)


def _by_osv_scanner(host: Host, ours: Ours) -> Comparison:
    installed = lists.installed_of(host.path)
    found = osv_scanner.advisories_by_osv_scanner(host.path, installed, FEEDS[host.feed].files(), host.part)
    known = _facts(host.feed, host.part)
    facts_of = {(fact.package, fact.advisory): fact for same in known.by_package.values() for fact in same}
    places = {place: facts_of.get((place.name, place.id)) for place in found}
    theirs = Theirs(f"osv-scanner {osv_scanner.version()}", places, installed, {}, known.named)
    return compared(host.name, host.feed, PACKAGE_AND_ADVISORY, ours, ours.by_advisory, theirs)


@cache
def _database(feed: str, part: str) -> Path:
    """Trivy's database of a part of a feed."""
    folder = data.BUILD / "trivy" / part.replace(":", "-")
    shutil.rmtree(folder, ignore_errors=True)
    trivy_sbom.compiled(folder, _facts(feed, part), trivy_sbom.alma(part.partition(":")[2]))
    return folder


def _by_trivy(host: Host, ours: Ours) -> Comparison:
    installed, known = lists.installed_of(host.path), _facts(host.feed, host.part)
    system = trivy_sbom.alma(host.part.partition(":")[2])
    found = trivy_sbom.found_by_trivy(_database(host.feed, host.part), installed, system)
    # Of several fixes of one vulnerability the database has the last advisory's.
    last = {
        (fact.package, id): fact
        for fact in sorted(chain.from_iterable(known.by_package.values()), key=lambda fact: fact.advisory)
        for id in fact.ids
    }
    places = {place: last.get((place.name, place.id)) for place in found}
    theirs = Theirs(f"Trivy {trivy_sbom.version()}", places, installed, {}, known.named)
    return compared(host.name, host.feed, PACKAGE_AND_VULNERABILITY, ours, ours.by_place, theirs)


def _by_openscap(host: Host, ours: Ours) -> Iterator[Comparison]:
    if (version := openscap.version()) is not None:
        (oval,) = FEEDS[host.feed].files()
        installed = lists.installed_of(host.path)
        if FEEDS[host.feed].type == "deb":
            found = openscap.true_by_openscap(oval, installed, host.part)
        else:
            found = openscap.true_by_database(oval, host.path)
        theirs = Theirs(f"OpenSCAP {version}", {Place("", "", "", id): None for id in found}, installed)
        yield compared(host.name, host.feed, VULNERABILITY, ours, ours.by_id, theirs)
    if host.recorded:
        version, found = openscap.recorded(data.file_of("truth/openscap", host.recorded))
        theirs = Theirs(f"OpenSCAP {version}, recorded", {Place("", "", "", id): None for id in found})
        yield compared(host.name, host.feed, VULNERABILITY, ours, ours.by_id, theirs)
