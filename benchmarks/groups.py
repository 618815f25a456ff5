"""What is timed: groups of works that do the same to the same versions, ours first, the floor last."""

import functools
import operator
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import vercmp
from benchmarks import corpora, floor, peers
from benchmarks.timing import Work, calls, slow_calls

# Names are headings of the report's rows, and by them its goals find what they matcher.
EMPTY = "an empty Cython call of two arguments"
COUNTED = "`match`, findings counted"
LIBRPM_JOIN = "join: both EVRs split, `rpm.labelCompare`"
UNIVERS_JOIN = "join: univers `RpmVersion(installed) < RpmVersion(fixed)`"
LABEL_COMPARE = "`rpm.labelCompare`, tuples split before"
APT = "`apt_pkg.version_compare`"
OURS_FROM_C = "`dpkg_compare`, from C"
APT_FROM_C = "libapt's `debVS.DoCmpVersion`, from C"
UNIVERS_RPM = "univers `RpmVersion(a) < RpmVersion(b)`"
UNIVERS_APK = "univers `AlpineLinuxVersion(a) < AlpineLinuxVersion(b)`"
IN_ORDER = "`vercmp.sorted_versions(versions, scheme=...)`"
APART = "texts made in another order"
BY_VERSION = "`sorted`, `key=packaging.version.Version`"
UNIVERS_DPKG = "univers `DebianVersion(a) < DebianVersion(b)`"
IN_COLUMN = "`pyarrow.array(vercmp.arrow.sort_keys(column, scheme=...))`"
BY_LIST = "`pyarrow.array(vercmp.sort_keys(column.to_pylist(), scheme=...))`"
RPM_VERSION_KEYS = "rpm-version: `EvrSortKey.parse(v)` of each, from and to Arrow"
UNIVERS_OBJECTS = "univers: `VERSION(v)` of each, from Arrow, objects that sort"
SORT_CMP = "`sorted`, `cmp_to_key` of "
ONE_BY_ONE = "`[vercmp.sort_key(v, scheme=...) for v in versions]`"
ONE_BY_ONE_OF_MODULE = "`[SCHEME.sort_key(v) for v in versions]`"


class Group(NamedTuple):
    """Works over one corpus. ``each`` is what a work is repeated for: times are divided by it."""

    scheme: str
    corpus: str
    what: str
    each: int
    works: dict[str, Work]


def comparisons() -> list[Group]:
    """Two strings in, their order out; what a peer wants beyond strings is made before the clock starts, and said."""
    makers = {"rpm": _rpm, "dpkg": _dpkg, "apk": _apk}
    return [make(pairs) for scheme, make in makers.items() for pairs in corpora.pairs(scheme)]


def segments() -> list[Group]:
    """One version or release string against another: all that rpm_vercmp does."""
    vercmp_module = peers.installed("rpm_vercmp")
    groups = []
    for pairs in corpora.pairs("rpm"):
        lefts = [vercmp.rpm.split(version).version for version in pairs.lefts]
        rights = [vercmp.rpm.split(version).version for version in pairs.rights]
        works: dict[str, Work] = {"`vercmp.rpm.rpmvercmp`": calls(vercmp.rpm.rpmvercmp, lefts, rights)}
        if vercmp_module is not None:
            works["rpm_vercmp `vercmp`"] = slow_calls(vercmp_module.vercmp, lefts, rights)
        groups.append(Group("rpm", pairs.name, f"{pairs.what}: the version parts", len(lefts), works))
    return groups


def scale() -> list[Group]:
    """Another order altogether, for scale: PEP 440 by ``packaging``."""
    packaging = peers.installed("packaging.version")
    if packaging is None:
        return []
    pairs = corpora.pep440_pairs()
    made = [list(map(packaging.Version, side)) for side in (pairs.lefts, pairs.rights)]
    works = {
        "`vercmp.dpkg.compare`": calls(vercmp.dpkg.compare, pairs.lefts, pairs.rights),
        "packaging `Version(a) < Version(b)`": slow_calls(
            _made_and_compared(packaging.Version), pairs.lefts, pairs.rights
        ),
        "packaging `a < b`, objects made before": calls(operator.lt, *made),
    }
    return [Group("dpkg", pairs.name, pairs.what, len(pairs.lefts), works)]


def batches() -> list[Group]:
    """The same versions one call each, and all in one call."""
    return [_batch(scheme) for scheme in ("rpm", "dpkg")]


def columns() -> list[Group]:
    """A whole archive from a column of Arrow to a column of keys."""
    if (pyarrow := peers.installed("pyarrow")) is None:
        return []
    return [_column(scheme, pyarrow) for scheme in ("rpm", "dpkg")]


def _column(scheme: str, pyarrow: Any) -> Group:
    corpus = corpora.many(scheme)
    column = pyarrow.array(corpus.versions)
    groups = pyarrow.array([f"package-{row % (len(column) // 100)}" for row in range(len(column))])
    schemes = pyarrow.array([scheme] * len(column))
    works: dict[str, Work] = {
        IN_COLUMN: lambda: pyarrow.array(vercmp.arrow.sort_keys(column, scheme=scheme)),
        BY_LIST: lambda: pyarrow.array(vercmp.sort_keys(column.to_pylist(), scheme=scheme), pyarrow.large_binary()),
        **dict(_peer_columns(scheme, column, pyarrow)),
        "`pyarrow.array(vercmp.arrow.sort_keys(...).argsort())`": lambda: pyarrow.array(
            vercmp.arrow.sort_keys(column, scheme=scheme).argsort()
        ),
        "`pyarrow.array(vercmp.argsort(column.to_pylist(), scheme=...))`": lambda: pyarrow.array(
            vercmp.argsort(column.to_pylist(), scheme=scheme)
        ),
        "`vercmp.arrow.sort_keys(...).argmax_by(groups)`, a hundredth as many": lambda: vercmp.arrow.sort_keys(
            column, scheme=scheme
        ).argmax_by(groups),
        "`vercmp.arrow.sort_keys`, a scheme for each row": lambda: vercmp.arrow.sort_keys(column, scheme=schemes),
    }
    return Group(scheme, "column", f"{len(column):,} {corpus.what}", len(column), works)


def _peer_columns(scheme: str, column: Any, pyarrow: Any) -> Iterator[tuple[str, Work]]:
    if scheme == "rpm" and (peer := peers.installed("rpm_version")) is not None:
        parse = peer.EvrSortKey.parse
        yield (
            RPM_VERSION_KEYS,
            lambda: pyarrow.array([parse(version) for version in column.to_pylist()], pyarrow.large_binary()),
        )
    if (univers := peers.installed("univers.versions")) is not None:
        kind = {"rpm": univers.RpmVersion, "dpkg": univers.DebianVersion}[scheme]
        yield UNIVERS_OBJECTS, lambda: [kind(version) for version in column.to_pylist()]


def sorts() -> list[Group]:
    """A whole archive into order."""
    return [_sort(scheme) for scheme in ("rpm", "dpkg")]


def python_sorts() -> list[Group]:
    """PEP 440's order, parsing included, which is packaging's on both sides."""
    packaging = peers.installed("packaging.version")
    if packaging is None:
        return []
    versions = corpora.pep440_versions()
    works: dict[str, Work] = {
        "`sorted`, `key=SCHEME.sort_key`": lambda: sorted(versions, key=vercmp.pep440.sort_key),
        IN_ORDER: lambda: vercmp.sorted_versions(versions, scheme="pep440"),
        BY_VERSION: lambda: sorted(versions, key=packaging.Version),
        "`list(map(Version, versions))`, parsing alone": lambda: list(map(packaging.Version, versions)),
    }
    what = f"{len(versions):,} upstream versions of Debian 12's packages that PEP 440 reads, shuffled"
    return [Group("pep440", "sorting", what, 1, works)]


def _rpm(pairs: corpora.Pairs) -> Group:
    works = {"`vercmp.rpm.compare`": calls(vercmp.rpm.compare, pairs.lefts, pairs.rights)}
    if (rpm := peers.rpm()) is not None:
        works[LABEL_COMPARE] = calls(rpm.labelCompare, _split(pairs.lefts), _split(pairs.rights))
        made = [list(map(rpm.ver, side)) for side in (pairs.lefts, pairs.rights)]
        works["`rpm.ver` `a < b`, objects made before"] = calls(operator.lt, *made)
    if (univers := peers.installed("univers.versions")) is not None:
        works[UNIVERS_RPM] = slow_calls(_made_and_compared(univers.RpmVersion), pairs.lefts, pairs.rights)
        plain = peers.installed("univers.rpm")
        if plain is not None:
            works["univers `rpm.compare_rpm_versions`"] = slow_calls(
                plain.compare_rpm_versions, pairs.lefts, pairs.rights
            )
    works[EMPTY] = calls(floor.empty(), pairs.lefts, pairs.rights)
    return Group("rpm", pairs.name, pairs.what, len(pairs.lefts), works)


def _dpkg(pairs: corpora.Pairs) -> Group:
    works = {"`vercmp.dpkg.compare`": calls(vercmp.dpkg.compare, pairs.lefts, pairs.rights)}
    if (apt_pkg := peers.apt_pkg()) is not None:
        works[APT] = calls(apt_pkg.version_compare, pairs.lefts, pairs.rights)
    if (debian := peers.installed("debian.debian_support")) is not None:
        kinds = {"NativeVersion": debian.NativeVersion}
        if apt_pkg is not None:
            kinds["AptPkgVersion"] = debian.AptPkgVersion
        for name, kind in kinds.items():
            works[f"python-debian `{name}(a) < {name}(b)`"] = slow_calls(
                _made_and_compared(kind), pairs.lefts, pairs.rights
            )
        works["python-debian `version_compare`"] = slow_calls(debian.version_compare, pairs.lefts, pairs.rights)
    if (univers := peers.installed("univers.versions")) is not None:
        works[UNIVERS_DPKG] = slow_calls(_made_and_compared(univers.DebianVersion), pairs.lefts, pairs.rights)
        plain = peers.installed("univers.debian")
        if plain is not None:
            works["univers `debian.compare_versions`"] = slow_calls(plain.compare_versions, pairs.lefts, pairs.rights)
    if (from_c := floor.from_c()) is not None:
        prepared = from_c.Pairs(pairs.lefts, pairs.rights)
        works |= {OURS_FROM_C: prepared.ours, APT_FROM_C: prepared.libapt}
    works[EMPTY] = calls(floor.empty(), pairs.lefts, pairs.rights)
    return Group("dpkg", pairs.name, pairs.what, len(pairs.lefts), works)


def _apk(pairs: corpora.Pairs) -> Group:
    works = {"`vercmp.apk.compare`": calls(vercmp.apk.compare, pairs.lefts, pairs.rights)}
    if (univers := peers.installed("univers.versions")) is not None:
        works[UNIVERS_APK] = slow_calls(_made_and_compared(univers.AlpineLinuxVersion), pairs.lefts, pairs.rights)
    works[EMPTY] = calls(floor.empty(), pairs.lefts, pairs.rights)
    return Group("apk", pairs.name, pairs.what, len(pairs.lefts), works)


def _batch(scheme: str) -> Group:
    corpus = corpora.many(scheme)
    versions = corpus.versions[: corpora.PAIRS]
    others = versions[1:] + versions[:1]
    module = vercmp.SCHEMES[scheme]
    sort_key, compare, empty_one = module.sort_key, module.compare, floor.empty_one()
    works: dict[str, Work] = {
        "`vercmp.sort_keys(versions, scheme=...)`": lambda: vercmp.sort_keys(versions, scheme=scheme),
        ONE_BY_ONE: lambda: [vercmp.sort_key(version, scheme=scheme) for version in versions],
        "`SCHEME.sort_keys(versions)`": lambda: module.sort_keys(versions),
        ONE_BY_ONE_OF_MODULE: lambda: [sort_key(version) for version in versions],
        "`list(map(SCHEME.sort_key, versions))`": lambda: list(map(sort_key, versions)),
        "`[empty(v) for v in versions]`, empty Cython calls": lambda: [empty_one(version) for version in versions],
        "`SCHEME.compare_many(versions, others)`": lambda: module.compare_many(versions, others),
        "`list(map(SCHEME.compare, versions, others))`": lambda: list(map(compare, versions, others)),
    }
    return Group(scheme, "bulk", f"{len(versions):,} {corpus.what}", len(versions), works)


def _sort(scheme: str) -> Group:
    corpus = corpora.many(scheme)
    versions = corpus.versions
    module = vercmp.SCHEMES[scheme]
    public = functools.partial(vercmp.sort_key, scheme=scheme)
    keys = module.sort_keys(versions)
    place = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    ranks = [place[key] for key in keys]
    # Beside each other in memory the texts come to the processor by themselves.
    apart = random.Random(0).sample(versions, len(versions))
    works: dict[str, Work] = {
        "`sorted`, `key=SCHEME.sort_key`": lambda: sorted(versions, key=module.sort_key),
        IN_ORDER: lambda: vercmp.sorted_versions(versions, scheme=scheme),
        f"... {APART}": lambda: vercmp.sorted_versions(apart, scheme=scheme),
        "`vercmp.argsort(versions, scheme=...)`": lambda: vercmp.argsort(versions, scheme=scheme),
        "`vercmp.max_version(versions, scheme=...)`": lambda: vercmp.max_version(versions, scheme=scheme),
        "`sorted`, `key=vercmp.sort_key` with the scheme": lambda: sorted(versions, key=public),
        f"`sorted`, `key=SCHEME.sort_key`, {APART}": lambda: sorted(apart, key=module.sort_key),
        "`sorted(SCHEME.sort_keys(versions))`, keys alone": lambda: sorted(module.sort_keys(versions)),
        "`sorted(keys)`, keys made before": lambda: sorted(keys),
        "`sorted(versions)`, as plain text": lambda: sorted(versions),
        f"{SORT_CMP}`operator.sub`, the versions' ranks": lambda: sorted(ranks, key=functools.cmp_to_key(operator.sub)),
        f"{SORT_CMP}`SCHEME.compare`": lambda: sorted(versions, key=functools.cmp_to_key(module.compare)),
        **dict(_peer_sorts(scheme, versions)),
    }
    return Group(scheme, "sorting", f"{len(versions):,} {corpus.what}, shuffled", 1, works)


def _peer_sorts(scheme: str, versions: list[str]) -> Iterator[tuple[str, Work]]:
    rpm, apt_pkg = peers.rpm(), peers.apt_pkg()
    if scheme == "rpm" and rpm is not None:
        split = _split(versions)
        yield f"{SORT_CMP}{LABEL_COMPARE}", lambda: sorted(split, key=functools.cmp_to_key(rpm.labelCompare))
    if scheme == "dpkg" and apt_pkg is not None:
        yield f"{SORT_CMP}{APT}", lambda: sorted(versions, key=functools.cmp_to_key(apt_pkg.version_compare))


def _split(versions: list[str]) -> list[tuple[str | None, ...]]:
    """The tuples librpm's binding wants; an epoch that is not there is None, which it is fastest with."""
    return [tuple(vercmp.rpm.split(version)) for version in versions]


def _made_and_compared(kind: Callable[[str], Any]) -> Callable[[str, str], bool]:
    return lambda a, b: bool(kind(a) < kind(b))
