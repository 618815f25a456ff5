"""Real versions, and pairs of them as whoever matches advisories meets them.

Sets of pairs are small, about 1,000, so that they stay in the processor's cache: over 20,000 pairs of strings scattered
in memory every comparator, an empty one included, is measured by the cache misses of walking the list. What a matcher
compares was mostly read a moment ago.
"""

import functools
import itertools
import json
import random
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import vercmp
from benchmarks import records

PAIRS = 1_000
SORTED = 60_000
SORTED_PEP440 = 100_000
_SEED = 20_260_801

_DPKG_FAMILIES = frozenset({"debian", "ubuntu"})
_APK_FAMILIES = frozenset({"alpine"})
_EXAMPLE = records.ROOT / "examples" / "almalinux-9"
_VECTORS = records.ROOT / "src" / "vercmp" / "testing" / "vectors"

# Peers refuse, or warn of, more than this.
_USUAL_DPKG = re.compile(r"([0-9]+:)?[0-9][A-Za-z0-9.+~]*(-[A-Za-z0-9.+~]+)?")

Pair = tuple[str, str]


class Pairs(NamedTuple):
    """Two lists of versions, compared place by place."""

    scheme: str
    name: str
    what: str
    lefts: list[str]
    rights: list[str]


class Versions(NamedTuple):
    """A list of versions, in no order."""

    scheme: str
    name: str
    what: str
    versions: list[str]


def pairs(scheme: str) -> list[Pairs]:
    """The sets of pairs of a scheme, real where the data is there, else of what the repository itself holds."""
    return _PAIRS[scheme]()


def corpora(scheme: str) -> list[Versions]:
    """Distinct versions of a scheme, for what depends on the text alone."""
    return _CORPORA[scheme]()


@functools.cache
def many(scheme: str) -> Versions:
    """Versions of a whole archive or feed, shuffled, equal ones as often as they occur there."""
    if scheme == "dpkg":
        rows = records.archive_packages()
        listed = [version for suite, _, version in rows or () if suite == "bookworm"]
        what = "versions of Debian 12's binary packages"
    else:
        rows = records.fixed_versions()
        listed = [version for _, _, version in rows or ()]
        what = "fixed versions of AlmaLinux's advisories"
    if not rows:
        listed, what = _bundled(scheme), "versions of the bundled data, repeated"
        listed = list(itertools.islice(itertools.cycle(listed), SORTED))
    random.Random(_SEED).shuffle(listed)
    return Versions(scheme, "many", what, _fresh(listed[:SORTED]))


def pep440_pairs() -> Pairs:
    """Upstream versions that PEP 440 reads too: for scale, the pairs of the dpkg order have no such reading."""
    from packaging.version import InvalidVersion, Version

    chosen = []
    for corpus in pairs("dpkg"):
        for pair in zip(corpus.lefts, corpus.rights, strict=True):
            upstream = tuple(vercmp.dpkg.split(version).version.partition("+")[0] for version in pair)
            try:
                Version(upstream[0]), Version(upstream[1])
            except InvalidVersion:
                continue
            chosen.append((upstream[0], upstream[1]))
    return _sample("pep440", "upstream", "upstream versions of the dpkg pairs, where PEP 440 reads both", chosen)


@functools.cache
def _rpm_pairs() -> list[Pairs]:
    fixed, hosts = records.fixed_versions(), records.host_packages()
    found = []
    if fixed is not None:
        of_package: dict[Pair, set[str]] = {}
        for ecosystem, package, version in fixed:
            of_package.setdefault((ecosystem, package), set()).add(version)
        found.append(
            _sample(
                "rpm",
                "feed",
                "two consecutive fixed versions of one package in AlmaLinux's advisories",
                itertools.chain.from_iterable(_neighbours("rpm", versions) for versions in of_package.values()),
            )
        )
    if hosts is not None:
        found.append(
            _sample(
                "rpm",
                "host",
                "installed version and the one its repositories offer, on rpm hosts",
                ((installed, offered) for family, _, installed, offered in hosts if offered and _is_rpm(family)),
            )
        )
    listed = many("rpm").versions
    found.append(_sample("rpm", "random", f"two {many('rpm').what}", _random_pairs(listed)))
    if fixed is None:
        found.append(_sample("rpm", "example", "neighbours of the bundled example", _neighbours("rpm", set(listed))))
    return found


@functools.cache
def _dpkg_pairs() -> list[Pairs]:
    rows = records.archive_packages()
    listed, what = many("dpkg").versions, many("dpkg").what
    found = []
    if rows is not None:
        main = {package: version for suite, package, version in rows if suite == "bookworm"}
        security = [(package, version) for suite, package, version in rows if suite == "bookworm-security"]
        found.append(
            _sample(
                "dpkg",
                "security",
                "a Debian 12 binary package's version in main and in security",
                ((main[package], version) for package, version in security if main.get(package, version) != version),
            )
        )
    found.append(_sample("dpkg", "neighbours", f"neighbours in order: {what}", _neighbours("dpkg", set(listed))))
    found.append(_sample("dpkg", "random", f"two {what}", _random_pairs(listed)))
    return found


@functools.cache
def _rpm_corpora() -> list[Versions]:
    fixed, hosts = records.fixed_versions(), records.host_packages()
    found = []
    if fixed is not None:
        found.append(_distinct("rpm", "feed", "fixed versions of AlmaLinux's advisories", (row[2] for row in fixed)))
    if hosts is not None:
        installed = (row[2] for row in hosts if _is_rpm(row[0]))
        found.append(_distinct("rpm", "hosts", "installed on rpm hosts", installed))
    return found or [_distinct("rpm", "example", "the bundled example", _bundled("rpm"))]


@functools.cache
def _dpkg_corpora() -> list[Versions]:
    archive, hosts = records.archive_packages(), records.host_packages()
    found = []
    if archive is not None:
        versions = (row[2] for row in archive)
        found.append(_distinct("dpkg", "archive", "Debian 12's binary packages, main and security", versions))
    if hosts is not None:
        installed = (row[2] for row in hosts if row[0] in _DPKG_FAMILIES)
        found.append(_distinct("dpkg", "hosts", "installed on Debian and Ubuntu hosts", installed))
    return found or [_distinct("dpkg", "vectors", "the bundled vectors", _bundled("dpkg"))]


@functools.cache
def _apk_pairs() -> list[Pairs]:
    listed = _vectors("apk")
    what = "versions of Alpine packages, of the packaged vectors"
    return [
        _sample("apk", "neighbours", f"neighbours in order: {what}", _neighbours("apk", set(listed))),
        _sample("apk", "random", f"two {what}", _random_pairs(listed)),
    ]


@functools.cache
def pep440_versions() -> list[str]:
    """Upstream versions of Debian's packages that PEP 440 reads too, shuffled, repeated where there are too few."""
    from packaging.version import InvalidVersion, Version

    def is_readable(version: str) -> bool:
        try:
            Version(version)
        except InvalidVersion:
            return False
        return True

    upstream = {version: vercmp.dpkg.split(version).version.partition("+")[0] for version in set(many("dpkg").versions)}
    readable = {version for version in set(upstream.values()) if is_readable(version)}
    listed = [upstream[version] for version in many("dpkg").versions if upstream[version] in readable]
    return _fresh(itertools.islice(itertools.cycle(listed), SORTED_PEP440))


_PAIRS = {"rpm": _rpm_pairs, "dpkg": _dpkg_pairs, "apk": _apk_pairs}
_CORPORA = {"rpm": _rpm_corpora, "dpkg": _dpkg_corpora}


def _is_rpm(family: str) -> bool:
    return family not in _DPKG_FAMILIES and family not in _APK_FAMILIES


def _bundled(scheme: str) -> list[str]:
    """What the repository holds: the example's host for rpm; for dpkg the vectors nobody warns of or refuses."""
    if scheme == "rpm":
        lines = (_EXAMPLE / "host.tsv").read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        return [f"{epoch}:{version}-{release}".removeprefix("(none):") for _, epoch, version, release, *_ in rows]
    return [version for version in _vectors("dpkg") if _USUAL_DPKG.fullmatch(version)]


def _vectors(scheme: str) -> list[str]:
    lines = (_VECTORS / f"{scheme}.tsv").read_text(encoding="ascii").split("\n")
    return [json.loads(f'"{line[2:]}"') for line in lines if line[:1] in ("<", "=")]


def _neighbours(scheme: str, versions: Iterable[str]) -> Iterator[Pair]:
    """Neighbours in the scheme's order, that are not equal in it."""
    key = vercmp.SCHEMES[scheme].sort_key
    ordered = sorted(versions, key=lambda version: (key(version), version))
    return ((a, b) for a, b in itertools.pairwise(ordered) if key(a) != key(b))


def _random_pairs(versions: list[str]) -> Iterator[Pair]:
    choice = random.Random(_SEED).choice
    return ((choice(versions), choice(versions)) for _ in range(PAIRS))


def _sample(scheme: str, name: str, what: str, of: Iterable[Pair]) -> Pairs:
    """At most PAIRS of them, each either way round at random."""
    generator = random.Random(_SEED)
    found = list(of)
    chosen = generator.sample(found, min(PAIRS, len(found)))
    turned = [pair if generator.random() < 0.5 else pair[::-1] for pair in chosen]
    return Pairs(scheme, name, what, _fresh(a for a, _ in turned), _fresh(b for _, b in turned))


def _distinct(scheme: str, name: str, what: str, versions: Iterable[str]) -> Versions:
    return Versions(scheme, name, what, sorted(set(versions)))


def _fresh(versions: Iterable[str]) -> list[str]:
    """Each its own object, close together in memory: as a reader has just made them."""
    return [version.encode().decode() for version in versions]
