"""Packages that no record names have a shorter way to their results. The long one, by queries, is the law."""

import re
from datetime import UTC, datetime
from functools import cache

import pytest
from advisories_reference import advisory, affected, host
from hypothesis import assume, given
from hypothesis import strategies as st

from advisories import Feed, MatchPolicy, match
from advisories.distros import dist_tags, kernels, lines, release_marks, restarts, vendors
from advisories.matching import rules
from advisories.matching.evaluate import evaluate, result_of_unnamed
from advisories.matching.match import Matcher, matcher_for
from advisories.matching.rules.scopes import BACKPORT
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Assumption,
    Distribution,
    Module,
    Names,
    Package,
    PackageClass,
    State,
)
from advisories.models.distribution import filed_under
from advisories.models.reading import Loss, ReadReport, Rejection

RELEASES = {
    "rpm": [("almalinux", "9"), ("rhel", "8"), ("ol", "8"), ("amzn", "2"), ("amzn", "2023"), ("opensuse-leap", "15.5")],
    "deb": [("debian", "12"), ("ubuntu", "22.04"), ("raspbian", "12"), ("linuxmint", "21")],
    "apk": [("alpine", "3.18"), ("wolfi", "rolling")],
}
TYPES = {Distribution(*release): type for type, releases in RELEASES.items() for release in releases}
FEEDS = ("bare", "of sources", "with losses", "stale", "of a channel")


def feed(distribution: Distribution, kind: str) -> Feed:
    """A feed that covers a release, and names nothing that a package is called here."""
    release = _filed(distribution)
    other = affected("no-such-package", "1-1", distribution=release)
    more: dict[str, object] = {}
    match kind:
        case "of sources":
            other = affected("no-such-package", "1-1", distribution=release, names=Names.SOURCE)
        case "of a channel":
            other = affected("no-such-package", "1-1", distribution=release, channel="esm")
        case "with losses":
            lost = tuple(Loss(name, release) for name in ("lost", "kernel-doc"))
            rejection = Rejection("a source", "line 1", "a record", "why", losses=lost)
            more["reports"] = [ReadReport("a source", "test", 1, 0, (rejection,), losses=lost)]
    return Feed([advisory("A-1", other)], **more)  # type: ignore[arg-type]


def _filed(distribution: Distribution) -> Distribution:
    filed = filed_under(distribution)
    return Distribution(filed.id, filed.release)


def matcher(distribution: Distribution, kind: str) -> Matcher:
    policy = MatchPolicy(oldest_feed=datetime(2030, 1, 1, tzinfo=UTC) if kind == "stale" else None)
    return matcher_for(feed(distribution, kind), distribution, frozenset(), policy)


MATCHERS = {(one, kind): matcher(one, kind) for one in TYPES for kind in FEEDS}


def words_of(pattern: str) -> st.SearchStrategy[str]:
    printable = st.characters(min_codepoint=32, max_codepoint=126)
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=printable)


@cache
def names_of(type: str, release: Distribution) -> st.SearchStrategy[str]:
    """Names that rules look at, and plain ones."""
    known = {"bash", "lost", "kernel-doc", "linux-libc-dev", "grub-efi-amd64-signed", "shim-signed", "linux-base"}
    known |= vendors.sets_up_third_party(type) | set(release_marks._packages(type, release.id))
    known |= kernels.side_by_side_rpms() if type == "rpm" else set()
    known |= {f"linux-{word}-6.1.0-18-amd64" for word in kernels.kernel_words("deb", "part")}
    known |= {f"linux-{word}" for group in ("deb", "apk") for word in kernels.kernel_words(group, "flavour")}
    patterns = [one for row in restarts.ROWS for one in row.names.split()]
    patterns += [row.names.pattern for row in lines.relations() if row.names is not None]
    return st.just("zlib") | st.sampled_from(sorted(known)) | st.one_of([words_of(one) for one in patterns])


@cache
def marks_of(type: str, release: Distribution) -> st.SearchStrategy[str]:
    """Parts of versions that rules look at."""
    patterns = [BACKPORT.pattern]
    patterns += [] if type == "apk" else [vendors.third_party_versions(type).pattern]
    patterns += [tag.pattern.pattern for tag in dist_tags._tags(type)]
    patterns += [row.versions.pattern for row in lines.relations() if row.versions is not None]
    patterns += [suffix.pattern for _, _, suffix in vendors.rebuild_suffixes(release.id)]
    plain = ["", ".el9", ".el8_10", ".fc38", "+deb12u1", "~deb12u1", "ubuntu0.22.04.1", "+b3", "-r0", ".fips", ".amzn2"]
    return st.sampled_from(plain) | st.one_of([words_of(one) for one in patterns])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Matcher, Package]:
    distribution, kind = draw(st.sampled_from(sorted(MATCHERS, key=str)))
    type, release = TYPES[distribution], _filed(distribution)
    names, marks = names_of(type, release), marks_of(type, release)
    versions = st.builds("{}{}{}".format, st.sampled_from(["1.2-3", "1:5.15.0-1", "2-1", ""]), marks, marks)
    doubts = st.sampled_from([Assumption.CHANNEL_UNKNOWN, Assumption.SOURCE_UNKNOWN, Assumption.NOT_IN_ARCHIVE])
    package = Package(
        type,
        draw(names),
        draw(versions),
        "x86_64",
        source_name=draw(st.none() | names),
        source_version=draw(st.none() | versions),
        epoch_known=draw(st.booleans()),
        source_epoch_known=draw(st.booleans()),
        module=draw(st.sampled_from([NO_MODULE, NO_MODULE, UNKNOWN_MODULE, Module.of("nodejs:20")])),
        vendor=draw(st.sampled_from([None, "AlmaLinux", "Debian", "Somebody"])),
        maintainer=draw(st.sampled_from([None, "Debian <x@debian.org>", "PPA <x@pgdg.org>", "deb@nodesource.com"])),
        state=draw(st.sampled_from([State.INSTALLED, State.HALF_INSTALLED, State.CONFIG_FILES])),
        repository=draw(st.sampled_from([None, "amzn2-core", "amzn2extra-docker", "community", "main", "epel"])),
        doubts=draw(st.frozensets(doubts, max_size=2)),
    )
    return MATCHERS[distribution, kind], package


@given(cases())
def test_the_result_is_that_of_the_long_way(case: tuple[Matcher, Package]) -> None:
    of, package = case
    context = of.context_of(package)
    names = rules.only_names(package, context.host)
    queries = of.queries(package)
    assume(names is not None and queries)
    assert names is not None
    looked_up = {(one.distribution, one.names, one.name) for one in queries}
    assert looked_up == {(context.host, Names.BINARY, names[0]), (context.host, Names.SOURCE, names[1])}
    assume(not any(context.feed.groups(looked_up)))
    assert result_of_unnamed(package, names, context) == evaluate(package, queries, context, {})


def test_a_rebuild_with_a_colon_behind_its_epoch() -> None:
    """Without the epoch what is left would be cut at that colon. A list with such a version must not end the match."""
    package = Package("deb", "bash", "1:5.0-1:4devuan1", "amd64")
    record = affected("bash", "6.0-1", distribution=Distribution("debian", "12"), names=Names.SOURCE)
    findings = match(host(package, distribution=Distribution("debian", "12")), Feed([advisory("A-1", record)]))
    assert [finding.fixed_version for finding in findings] == ["6.0-1"]


@pytest.mark.parametrize(("type", "id"), [("pypi", "pypi"), ("npm", "npm"), ("gem", "gem"), ("golang", "golang")])
def test_a_language_that_the_feed_does_not_cover(type: str, id: str) -> None:
    """A list of nothing else is of the language's ecosystem, as a list of debs is of Debian."""
    of_alma = Feed([advisory("A-1", affected("bash", "1-1"))])
    inventory = host(Package(type, "one", "1.0"), Package(type, "two", "1.0"), distribution=Distribution(id, "rolling"))
    findings = match(inventory, of_alma)
    assert {result.package_class for _, result in findings.coverage.judged()} == {PackageClass.NOT_COVERED}
