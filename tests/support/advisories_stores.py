"""What the tests of stores share: feeds of every shape, and what makes two feeds the same."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from advisories_reference import ALMA9, DEBIAN12
from hypothesis import strategies as st

import vercmp.testing
from advisories import Feed
from advisories.distros.doubtful_entries import without_doubtful
from advisories.models import (
    SCHEME_OF_TYPE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Enrichment,
    FixState,
    Kind,
    Module,
    Names,
    Package,
    Range,
    ReadReport,
    Reference,
    Severity,
)
from advisories.models.frozen import evolve
from advisories.models.reading import Rejection, order_of_losses
from advisories.store import open_feed
from advisories.store.compiling import Source, write_store

#: Texts of any kind: empty ones, with NUL, with lone surrogates.
TEXTS = st.sampled_from(["", "x", "a b", "\0", "\ud800", "\U0001f600", "ü"]) | st.text(st.characters(), max_size=5)
_RPM = st.sampled_from(["1-1", "1:", "2-1", "10-1", "1:1-1", "0:1-1", "1:0.5-1", "2", "0", "", "\ud800"])
_DEB = st.sampled_from(["1-1", "2", "1:1", "1:2:3", "1 2", "0", "1:", ""])
_VERSIONS = {
    "rpm": _RPM | vercmp.testing.nasty_versions("rpm"),
    "deb": _DEB | vercmp.testing.nasty_versions("dpkg"),
    "apk": TEXTS,
    "pypi": TEXTS | st.sampled_from(["1.0", "1.0+a.1", "1.0rc1", "2004d"]),
}
DISTRIBUTIONS = st.sampled_from(
    [
        ALMA9,
        ALMA9,
        ALMA9,
        DEBIAN12,
        Distribution("almalinux", None),
        Distribution("almalinux", ""),
        Distribution("ubuntu", "22.04", frozenset({"esm", "fips"})),
        None,
    ]
)
MODULES = st.sampled_from([Module(True), Module(True), UNKNOWN_MODULE, Module.of("a:1"), Module.of("a:1", "b:2")])
PACKAGES_NAMED = st.sampled_from(["bash", "kernel-core", "x\ud800"])
_DATES = st.none() | st.datetimes(
    datetime(1990, 1, 1),
    datetime(2040, 1, 1),
    timezones=st.sampled_from([UTC, UTC, timezone(timedelta(hours=5, minutes=30))]),
)


@st.composite
def entries(draw: st.DrawFn, types: Sequence[str] = ("rpm", "rpm", "rpm", "deb", "apk", "pypi")) -> Affected:
    """An affected entry of any shape."""
    type = draw(st.sampled_from(types))
    version = _VERSIONS[type]
    end = st.none() | version
    usual = st.builds(Range, end, end)
    return Affected(
        draw(PACKAGES_NAMED),
        type,
        draw(DISTRIBUTIONS),
        draw(st.sampled_from(Names)),
        draw(st.lists(usual | st.builds(Range, end, end, end, end), max_size=3).map(tuple)),
        draw(st.just(()) | st.lists(version, max_size=3).map(tuple)),
        draw(st.sampled_from(FixState)),
        draw(st.booleans()),
        draw(st.just(()) | st.lists(st.sampled_from(["x86_64", "src", "noarch"]), max_size=2).map(tuple)),
        draw(MODULES),
        draw(st.none() | TEXTS),
        draw(st.booleans()),
        draw(st.none() | TEXTS),
        in_archive=draw(st.none() | TEXTS),
    )


@st.composite
def _advisories(draw: st.DrawFn) -> Advisory:
    return Advisory(
        draw(st.sampled_from([f"ALSA-{number}" for number in range(6)] + ["A\ud800"])),
        draw(st.sampled_from(Kind)),
        draw(st.lists(st.sampled_from(["CVE-2024-1111", "CVE-2024-2222", "CVE-2024-3333"]), max_size=2).map(tuple)),
        draw(st.lists(entries(), max_size=3).map(tuple)),
        draw(st.sampled_from(["", "almalinux"])),
        draw(st.none() | TEXTS),
        draw(_VECTORS),
        draw(_DATES),
        draw(st.none() | st.just(datetime(2024, 1, 1, tzinfo=UTC)) | _DATES),
        draw(st.none() | _DATES),
        draw(st.lists(TEXTS, max_size=2).map(tuple)),
        draw(st.lists(st.builds(Reference, TEXTS, TEXTS), max_size=2).map(tuple)),
        draw(st.booleans()),
        draw(st.booleans()),
    )


_VECTORS = st.lists(st.builds(Severity, TEXTS, TEXTS, TEXTS, st.none() | TEXTS), max_size=2).map(tuple)

#: What others know of CVEs, the same more than once among them.
ENRICHMENTS = st.lists(
    st.builds(
        Enrichment,
        st.sampled_from(["CVE-2024-1111", "CVE-2024-2222", "CVE-2024-3333", "\ud800"]),
        st.sampled_from(["cisa-kev", "nvd"]),
        _DATES,
        st.none() | st.floats(0, 1),
        _VECTORS,
        st.none() | st.just(datetime(2024, 1, 1, tzinfo=UTC)) | _DATES,
    ),
    max_size=5,
)

#: The advisories of a feed, with duplicates and conflicts among them.
FEEDS = st.lists(_advisories(), max_size=6)

#: Packages that such feeds speak of.
PACKAGES = st.builds(
    Package,
    st.just("rpm"),
    PACKAGES_NAMED,
    _RPM,
    st.sampled_from(["x86_64", None]),
    epoch_known=st.booleans(),
    module=MODULES,
)


def report_of(advisories: Sequence[Advisory | Enrichment], source: str = "generated") -> ReadReport:
    """The report of a reader that kept all of these."""
    return ReadReport(source, "test", len(advisories), len(advisories))


def in_store(advisories: Iterable[Advisory], path: Path, enrichments: Iterable[Enrichment] = ()) -> Feed:
    """A feed of a store of these advisories, and of what others know of CVEs."""
    kept, known = tuple(advisories), tuple(enrichments)
    refused = [item for item in without_doubtful(kept, "a test") if isinstance(item, Rejection)]
    losses = {loss for item in refused for loss in item.lost}
    report = evolve(report_of((*kept, *known)), losses=tuple(sorted(losses, key=order_of_losses)))
    write_store([Source(report, "0" * 64, kept, known)], path)
    return open_feed(path)


def assert_same(actual: Feed, expected: Feed) -> None:
    """Whether two feeds are the same in everything, record by record."""
    for name in ("reports", "releases", "kinds", "flaws", "conflicts", "duplicates", "unordered", "newest"):
        assert getattr(actual, name) == getattr(expected, name), name
    assert actual.enrichment_counts == expected.enrichment_counts
    enrichments = actual.all_enrichments()
    assert list(enrichments) == list(expected.all_enrichments())
    for cve in {one.cve for one in enrichments} | {"CVE-2024-9999"}:
        assert list(actual.enrichments(cve)) == list(expected.enrichments(cve))
    assert len(actual) == len(expected)
    assert list(actual) == list(expected)
    aliases = {advisory.id: advisory.aliases for advisory in expected if advisory.aliases}
    assert actual.aliases([*(advisory.id for advisory in expected), "no such id"]) == aliases
    keys = {
        (affected.distribution, affected.names, affected.package)
        for advisory in expected
        for affected in advisory.affected
        if affected.distribution is not None
    }
    actual.prefetch(keys)
    for key in keys:
        found, wanted = actual.group(*key), expected.group(*key)
        assert (found is None) is (wanted is None)
        if found is None or wanted is None:
            continue
        assert found.records == wanted.records
        assert (found.has_arches, found.has_unknown_module) == (wanted.has_arches, wanted.has_unknown_module)
        for one, other in zip(found.records, wanted.records, strict=True):
            assert (one.epochless is one.intervals) is (other.epochless is other.intervals)
            for ours, theirs in zip(one.intervals + one.epochless, other.intervals + other.epochless, strict=True):
                assert (ours.low, ours.high, ours.fixed) == (theirs.low, theirs.high, theirs.fixed)
            for interval in other.intervals:
                for bound in (interval.low, interval.high):
                    if bound is not None:
                        for epoch in (True, False):
                            assert found.candidates(bound, epoch=epoch) == wanted.candidates(bound, epoch=epoch)


def is_ordered(affected: Affected) -> bool:
    """Whether an entry is in a group."""
    return affected.distribution is not None and affected.type in SCHEME_OF_TYPE


#: How many times a writer is killed in one run of the tests; the whole proof is 300.
KILLS = int(os.environ.get("STORE_KILLS", "40"))
