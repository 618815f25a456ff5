"""Who publishes what, and where: the table ``publishers.tsv``, a row a feed.

A feed of the distribution ``*`` has facts about CVEs, for every distribution. What stands in braces in an address
comes from the release (``{release}``, ``{major}``, ``{codename}``, ``{branch}`` as Alpine has it) or from the day
(``{year}``).
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from advisories.models.distribution import FAMILIES, Distribution, codenames_of, filed_under, normalised
from advisories.models.errors import UnknownDistribution
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.words import nearest

__all__ = ["EVERY", "Feed", "Publisher", "Unit", "feeds_of", "publishers", "unit_of"]

#: The distribution of feeds that are about CVEs.
EVERY: Final = "*"

_COLUMNS: Final = (
    "name",
    "distribution",
    "releases",
    "use",
    "method",
    "format",
    "scores",
    "address",
    "checks",
    "hosts",
)
_NAME: Final = re.compile(r"\{(\w+)\}")


@frozen
class Publisher(Noun):
    """A row of the table.

    :ivar name: of the feed, for messages, options and folders.
    :ivar distribution: whose advisories it has, by the ID of os-release(5). ``*`` for facts about CVEs.
    :ivar releases: the only releases it has. Empty means any.
    :ivar use: *usual*, *asked* (where you name it), or *unscored* (where a distribution's own feeds rate nothing).
    :ivar method: how it is fetched: *file*, *osv*, *csaf*, *repository*, *mirrors*, *years*.
    :ivar format: its reader in the registry of feeds.
    :ivar scores: whether its records have *vectors*, are *rated*, or have *none* of both.
    :ivar address: where it is, of a repository or of CSAF the folder.
    :ivar checks: what is published to check it by: *sha256*, *asc*, *meta*.
    :ivar hosts: to which other hosts its own may lead.
    :ivar source: where the address was read, and when.
    """

    name: str
    distribution: str
    releases: tuple[str, ...]
    use: str
    method: str
    format: str
    scores: str
    address: str
    checks: tuple[str, ...]
    hosts: tuple[str, ...]
    source: str

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.address).hostname or ""

    @property
    def is_by_release(self) -> bool:
        """Whether each release has a feed of its own."""
        return bool(self.releases) or any(name != "year" for name in _NAME.findall(self.address))


@cache
def publishers() -> tuple[Publisher, ...]:
    """The table.

    >>> [one.address for one in publishers() if one.name == "debian-tracker"]
    ['https://security-tracker.debian.org/tracker/data/json']
    """
    return tuple(
        Publisher(
            *(name, distribution, tuple(releases.split()), use, method, format, scores, address),
            *(tuple(checks.split()), tuple(hosts.split()), source),
        )
        for name, distribution, releases, use, method, format, scores, address, checks, hosts, source in rows_of(
            "advisories.fetch", "publishers.tsv", _COLUMNS
        )
    )


@frozen
class Unit(Noun):
    """What one store is compiled for: a distribution, or one release where its publisher has a feed for each.

    :ivar name: for folders and messages: ``debian``, ``ubuntu-22.04``.
    :ivar distribution: the release, or the distribution without one.
    """

    name: str
    distribution: Distribution

    @property
    def text(self) -> str:
        """As you write it: ``ubuntu:22.04``."""
        of = self.distribution
        return of.id if of.release is None else f"{of.id}:{of.release}"

    def covers(self, distribution: Distribution) -> bool:
        """Whether it has the advisories of a release."""
        filed, own = filed_under(distribution), self.distribution
        return filed.id == own.id and own.release in (None, filed.release)


@frozen
class Feed(Noun):
    """A feed of a unit, with its address filled in.

    :ivar name: the publisher's, with the release where it is one's own.
    """

    name: str
    publisher: Publisher
    address: str


def unit_of(what: str | Distribution) -> Unit:
    """The unit that has the advisories of a release.

    >>> unit_of("debian:12").name, unit_of("debian").name, unit_of("centos:7").name, unit_of("jammy").name
    ('debian', 'debian', 'rhel', 'ubuntu-22.04')

    Raises :class:`~advisories.models.errors.UnknownDistribution` for a distribution that no table has, for one that
    nobody in the table publishes for, and where a release is missing that is needed.
    """
    distribution = _written(what) if isinstance(what, str) else what
    filed = filed_under(distribution)
    own = [one for one in publishers() if one.distribution == filed.id]
    if not own:
        known = tuple(sorted({one.distribution for one in publishers()} - {EVERY}))
        raise UnknownDistribution(str(filed.id), known, None, nearest(filed.id, known))
    if not any(one.is_by_release for one in own):
        return Unit(filed.id, Distribution(filed.id, None))
    if filed.release is None:
        raise UnknownDistribution(filed.id, (), filed.id)
    releases = [release for one in own for release in one.releases]
    if releases and filed.release not in releases:
        raise UnknownDistribution(f"{filed.id}:{filed.release}", tuple(releases), filed.id)
    place = re.sub(r"[^a-z0-9.]+", "-", f"{filed.id}-{filed.release}".lower())
    return Unit(place, Distribution(filed.id, filed.release))


def _written(text: str) -> Distribution:
    """The distribution of a text, which may lack the release."""
    try:
        return Distribution.parse(text)
    except UnknownDistribution as error:
        family = FAMILIES.get(error.id or "")
        if family is None or error.known or error.id is None:
            raise
        return normalised(error.id, None)


def feeds_of(unit: Unit, also: Iterable[str] = (), without: Iterable[str] = ()) -> tuple[Feed, ...]:
    """The feeds that the store of a unit is made of, its own first.

    :param also: names of feeds that are fetched only where they are asked for.
    :param without: names of feeds to leave out.

    >>> [feed.name for feed in feeds_of(unit_of("alpine:3.20"), without=["nvd"])]
    ['alpine-main-3.20', 'alpine-community-3.20', 'kev', 'epss']
    """
    wanted, unwanted = frozenset(also), frozenset(without)
    of = unit.distribution
    own = [
        one
        for one in publishers()
        if one.distribution in (of.id, EVERY) and (not one.releases or of.release in one.releases)
    ]
    rated = any(one.scores in ("rated", "vectors") for one in own if one.use == "usual")
    found: list[Feed] = []
    for one in own:
        is_used = one.use == "usual" or one.name in wanted or (one.use == "unscored" and not rated)
        if is_used and one.name not in unwanted:
            name = f"{one.name}-{of.release}" if one.is_by_release and not one.releases else one.name
            found.append(Feed(re.sub(r"[^a-z0-9.]+", "-", name.lower()), one, _filled(one.address, of)))
    return tuple(found)


def _filled(address: str, of: Distribution) -> str:
    release = of.release or ""
    if "{codename}" in address:
        named = {number: name for name, number in codenames_of(of.id).items()}
        if release not in named:
            raise UnknownDistribution(f"{of.id}:{release}", tuple(codenames_of(of.id)), of.id)
        address = address.replace("{codename}", named[release])
    branch = release if release == "edge" else f"v{release}"
    values = {"release": release, "major": release.partition(".")[0].partition("-")[0], "branch": branch}
    return _NAME.sub(lambda found: values.get(found[1], found[0]), address)
