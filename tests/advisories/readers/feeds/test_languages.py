"""Packages of npm, Go, Cargo and RubyGems: names and versions as lists and records write them, ranges, and no order."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import DEBIAN12, deb
from advisories_stores import in_store
from oracles import file, run

import vercmp
from advisories import Feed, match, read_feed, read_inventory
from advisories.distros.language_versions import in_scheme
from advisories.index.records import version_key
from advisories.models import SCHEME_OF_TYPE, Advisory, Inventory, Package, PackageClass, Status
from advisories.readers.feeds.osv import read
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

Unpack = Callable[[str], Path]

ECOSYSTEMS = {"npm": "npm", "golang": "Go", "cargo": "crates.io", "gem": "RubyGems"}
types = pytest.mark.parametrize("type", ECOSYSTEMS)


def event(*pairs: str) -> list[dict[str, str]]:
    return [dict([pair.split("=")]) for pair in pairs]


def entry(type: str, name: str, *events: str, kind: str = "ECOSYSTEM", **more: Any) -> dict[str, Any]:
    ranges = [{"type": kind, "events": event(*events)}] if events else []
    return {"package": {"ecosystem": ECOSYSTEMS[type], "name": name}, "ranges": ranges, **more}


def feed_of(*entries: dict[str, Any], **more: Any) -> Feed:
    document = {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "affected": entries, **more}
    found = read(Document("feed.json", "feed.json", json.dumps(document).encode(), True), DEFAULT_LIMITS)
    return Feed([item for item in found if isinstance(item, Advisory)])


def status(feed: Feed, type: str, name: str, version: str) -> str:
    """The class of one package, the same from a store."""
    inventory = Inventory(DEBIAN12, (deb("bash", "5.2-1"), Package(type, name, version)))
    findings = match(inventory, feed)
    (its_class,) = (one for package, one in findings.coverage.classes if package.type == type)
    return its_class.value


# The schema has no range of SemVer for RubyGems.
@pytest.mark.parametrize(
    ("type", "kind"),
    [(type, kind) for type in ECOSYSTEMS for kind in ("ECOSYSTEM", "SEMVER") if (type, kind) != ("gem", "SEMVER")],
)
def test_ranges(type: str, kind: str) -> None:
    feed = feed_of(entry(type, "x", "introduced=1.0.0", "fixed=1.2.0", "introduced=2.0.0", "fixed=2.0.1", kind=kind))
    wanted = {"0.9.9": "clean", "1.0.0": "affected", "1.10.0": "clean", "1.1.9": "affected", "1.2.0": "clean"}
    wanted |= {"2.0.0": "affected", "2.0.1": "clean", "3.0.0": "clean"}
    assert {version: status(feed, type, "x", version) for version in wanted} == wanted


@types
def test_last_affected_listed_and_limits(type: str) -> None:
    feed = feed_of(
        entry(type, "last", "introduced=0", "last_affected=1.2.3"),
        entry(type, "listed", versions=["1.0.0", "1.2.0"]),
        entry(type, "limited", "introduced=1.0.0", "limit=2.0.0"),
        entry(type, "never", "introduced=0", "fixed=0"),
        entry(type, "ever", "introduced=0"),
    )
    wanted = {
        ("last", "0.0.1"): "affected",
        ("last", "1.2.3"): "affected",
        ("last", "1.2.4"): "clean",
        ("listed", "1.0.0"): "affected",
        ("listed", "1.1.0"): "clean",
        ("limited", "1.9.0"): "affected",
        ("limited", "2.0.0"): "clean",
        ("never", "1.0.0"): "clean",
        ("ever", "1.0.0"): "affected",
    }
    assert {one: status(feed, type, *one) for one in wanted} == wanted


@types
def test_withdrawn_is_no_finding(type: str) -> None:
    feed = feed_of(entry(type, "x", "introduced=0"), withdrawn="2026-01-02T00:00:00Z")
    assert status(feed, type, "x", "1.0.0") != "affected"


def test_before_a_release() -> None:
    """Plain order, as OSV evaluates: a pre-release of the fixed version is affected. npm's own ranges differ."""
    semver = feed_of(entry("npm", "x", "introduced=0", "fixed=1.2.0", kind="SEMVER"))
    gem = feed_of(entry("gem", "x", "introduced=0", "fixed=1.2.0"))
    assert (status(semver, "npm", "x", "1.2.0-rc.1"), status(gem, "gem", "x", "1.2.0.rc1")) == ("affected", "affected")
    assert (status(semver, "npm", "x", "1.2.0+build"), status(gem, "gem", "x", "1.2")) == ("clean", "clean")


@pytest.mark.parametrize(
    ("type", "before", "fixed"),
    [
        ("npm", ["v1.1.9", "=1.1.9", " 1.1.9", "1.2.0beta", "1.1"], ["v1.2.0", "= 1.2.0", "01.2.0"]),
        ("golang", ["v1.1.9", "v1.1.9+incompatible", "v0.0.0-20190905194746-02993c407bfb"], ["v1.2.0+incompatible"]),
        ("gem", ["1.1.9-java", "1.1.9-x86_64-linux", "1.2.0-a"], ["1.2.0-x86_64-linux-musl", "1.2.0-x64-mingw-ucrt"]),
    ],
)
def test_versions_as_lists_write_them(type: str, before: list[str], fixed: list[str]) -> None:
    feed = feed_of(entry(type, "x", "introduced=0", "fixed=1.2.0"))
    assert {version: status(feed, type, "x", version) for version in before} == dict.fromkeys(before, "affected")
    assert {version: status(feed, type, "x", version) for version in fixed} == dict.fromkeys(fixed, "clean")


def test_the_standard_library_of_go() -> None:
    events = ("introduced=0", "fixed=1.21.12", "introduced=1.22.0-0", "fixed=1.22.5")
    feed = feed_of(entry("golang", "stdlib", *events, kind="SEMVER"), entry("golang", "toolchain", *events))
    wanted = {
        **dict.fromkeys(
            ["go1.21.11", "v1.21.11", "1.21.11", "go1.21rc2", "1.22rc1", "go1.22.4 X:boringcrypto"], "affected"
        ),
        **dict.fromkeys(["go1.21.12", "v1.22.5", "1.22.5", "go1.23"], "clean"),
        **dict.fromkeys(["(devel)", "devel go1.23-1234"], "undecidable"),
    }
    for name in ("stdlib", "toolchain"):
        assert {version: status(feed, "golang", name, version) for version in wanted} == wanted


@types
def test_what_has_no_order_is_undecidable(type: str) -> None:
    feed = feed_of(
        entry(type, "x", "introduced=0", "fixed=1.2.0", versions=["0.1.x"]),
        entry(type, "y", "introduced=0", "fixed=one"),
        entry(type, "z", "introduced=0", "fixed="),
    )
    assert status(feed, type, "x", "(devel)") == "undecidable"
    assert status(feed, type, "x", "") == "undecidable"
    assert status(feed, type, "x", "0.1.x") == "affected"  # the same text is listed
    assert status(feed, type, "x", "1.2.0") == "clean"  # listed versions without order hide and doubt nothing
    assert status(feed, type, "y", "1.0.0") == "undecidable"
    assert status(feed, type, "z", "1.0.0") == "undecidable"
    assert status(feed, type, "other", "(devel)") == "clean"


def test_two_numbers_of_a_record() -> None:
    """npm takes ``<1.2`` for ``<1.2.0`` and ``<=1.2`` for ``<1.3.0``. OSV has no meaning of either."""
    feed = feed_of(
        entry("npm", "x", "introduced=0", "fixed=1.2", kind="SEMVER"),
        entry("npm", "y", "introduced=0", "last_affected=1.2"),
    )
    assert [status(feed, "npm", "x", version) for version in ("1.1.9", "1.2.0")] == ["affected", "clean"]
    assert [status(feed, "npm", "y", version) for version in ("1.2.0", "1.2.5", "9.0.0")] == ["undecidable"] * 3


@pytest.mark.parametrize(
    ("type", "recorded", "installed", "verdict"),
    [
        ("npm", "@babel/traverse", "@babel/traverse", "affected"),
        ("npm", "@babel/traverse", "traverse", "clean"),
        ("npm", "JSONStream", "jsonstream", "affected"),
        ("golang", "github.com/BurntSushi/toml", "github.com/burntsushi/toml", "affected"),
        ("golang", "github.com/blang/semver/v4", "github.com/blang/semver", "clean"),
        ("golang", "github.com/hashicorp/vault", "github.com/hashicorp/vault/api", "clean"),
        ("cargo", "Deno", "deno", "affected"),
        ("cargo", "serde_v8", "serde-v8", "affected"),
        ("gem", "RedCloth", "redcloth", "unchecked"),
        ("gem", "activerecord-session_store", "activerecord-session_store", "affected"),
    ],
)
def test_names(type: str, recorded: str, installed: str, verdict: str) -> None:
    feed = feed_of(entry(type, recorded, "introduced=0"))
    assert status(feed, type, installed, "1.0.0") == verdict


@pytest.mark.parametrize(
    ("purl", "name", "version"),
    [
        ("pkg:npm/%40babel/core@7.0.0", "@babel/core", "7.0.0"),
        ("pkg:golang/github.com/blang/semver@v4.0.0?package-id=1#v4", "github.com/blang/semver/v4", "v4.0.0"),
        ("pkg:golang/github.com/blang/semver/v4@v4.0.0?type=module", "github.com/blang/semver/v4", "v4.0.0"),
        ("pkg:golang/github.com/a/b@v4.0.0?type=package#c", "github.com/a/b", "v4.0.0"),
        ("pkg:golang/google.golang.org/genproto@v0.1.0#googleapis/api", "google.golang.org/genproto", "v0.1.0"),
        ("pkg:golang/stdlib@1.21.3", "stdlib", "1.21.3"),
        ("pkg:gem/nokogiri@1.13.0?platform=x86_64-linux", "nokogiri", "1.13.0"),
        ("pkg:cargo/serde_v8@0.1.0", "serde_v8", "0.1.0"),
        ("pkg:maven/org.keycloak/keycloak-parent@1.0.Final", "org.keycloak:keycloak-parent", "1.0.Final"),
    ],
)
def test_package_urls(purl: str, name: str, version: str) -> None:
    (package,) = read_inventory(io.BytesIO(purl.encode() + b"\n")).packages
    assert (package.name, package.version) == (name, version)


def test_a_list_without_versions() -> None:
    text = b"pkg:golang/crypto/aes\npkg:maven/a/b\npkg:npm/a\npkg:gem/b@1\n"
    inventory = read_inventory(io.BytesIO(text))
    assert inventory.report is not None
    assert dict(inventory.report.skips) == {
        "packages of type golang without a version": 1,
        "packages of type maven without a version": 1,
    }
    assert [rejection.why for rejection in inventory.report.rejections] == ["a purl without version"]


@types
def test_no_language_is_clean_without_its_feed(type: str) -> None:
    """Not by another language's records, nor by the distribution's."""
    (other,) = [one for one in ECOSYSTEMS if one != type][:1]
    feed = feed_of(entry(other, "x", "introduced=0"))
    assert status(feed, type, "x", "1.0.0") == "not-covered"


def test_maven_is_listed_and_not_covered() -> None:
    package = {"ecosystem": "Maven", "name": "org.a:b"}
    ranges = [{"type": "ECOSYSTEM", "events": event("introduced=0", "fixed=2.0")}]
    document = {
        "id": "GHSA-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": package, "ranges": ranges}],
    }
    _, skip = read(Document("feed.json", "feed.json", json.dumps(document).encode(), True), DEFAULT_LIMITS)
    assert str(skip.why) == "ecosystem Maven: maven versions have no order here"
    assert [(loss.package, str(loss.distribution)) for loss in skip.losses] == [("org.a:b", "maven rolling")]
    assert status(feed_of(entry("npm", "x", "introduced=0")), "maven", "org.a:b", "1.0") == "not-covered"


def test_languages_alone_need_no_release() -> None:
    several = read_inventory(io.BytesIO(b"pkg:npm/x@1.0.0\npkg:gem/y@1.0\n"))
    assert (several.distribution, several.distribution_source) == (None, None)
    covering = feed_of(entry("npm", "x", "introduced=0"), entry("gem", "z", "introduced=0"))
    findings = match(several, covering)
    assert findings.coverage.covered
    assert [(one.package.name, one.status) for one in findings] == [("x", Status.AFFECTED)]
    part = match(several, feed_of(entry("npm", "x", "introduced=0")))
    assert not part.coverage.covered
    assert part.coverage.packages_in(PackageClass.NOT_COVERED) == (Package("gem", "y", "1.0"),)


@types
def test_an_entry_that_is_lost_is_counted_for_its_package(type: str) -> None:
    commits = {"type": "GIT", "repo": "x", "events": event("introduced=0")}
    lost = {"package": {"ecosystem": ECOSYSTEMS[type], "name": "Lost"}, "ranges": [commits]}
    document = {
        "id": "GHSA-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [lost, entry(type, "x", "introduced=0")],
    }
    opened = read_feed(io.BytesIO(json.dumps([document]).encode()))
    inventory = Inventory(DEBIAN12, (Package(type, "Lost", "1.0.0"), Package(type, "fine", "1.0.0")))
    coverage = match(inventory, opened).coverage
    assert {package.name: one.value for package, one in coverage.classes}["Lost"] == "unchecked"
    assert "records-skipped" in {one.value for one in coverage.assumptions}


def test_a_store_gives_the_same(tmp_path: Path) -> None:
    advisories = list(
        feed_of(
            entry("npm", "@a/b", "introduced=0", "fixed=v1.2.0", versions=["v1.0.0", "x"]),
            entry("golang", "github.com/A/b", "introduced=0", "last_affected=1.2.0+incompatible"),
            entry("gem", "c", "introduced=1.0.a", "fixed=1.2.0-java"),
            entry("cargo", "d", "introduced=0.0.0-0", "fixed=0.4.16", kind="SEMVER"),
        )
    )
    stored = in_store(advisories, tmp_path / "feed.db")
    packages = [
        *(Package("npm", "@a/b", version) for version in ("1.1.0", "1.2.0", "x", "y")),
        *(Package("golang", "github.com/a/B", version) for version in ("v1.2.0", "v1.2.1")),
        *(Package("gem", "c", version) for version in ("1.0.rc1", "1.0.A", "1.2", "1.2.0-java")),
        *(Package("cargo", "d", version) for version in ("0.0.0-0", "0.4.16")),
    ]
    inventory = Inventory(DEBIAN12, tuple(packages))
    plain, from_store = match(inventory, Feed(advisories)), match(inventory, stored)
    assert [one.to_dict("") for one in plain] == [one.to_dict("") for one in from_store]
    assert plain.coverage.classes == from_store.coverage.classes
    found = {(one.package.name, one.package.version): one.status.value for one in plain}
    assert found == {
        ("@a/b", "1.1.0"): "affected",
        ("@a/b", "x"): "affected",
        ("@a/b", "y"): "undecidable",
        ("github.com/a/B", "v1.2.0"): "affected",
        ("c", "1.0.rc1"): "affected",
        ("d", "0.0.0-0"): "affected",
    }


_LOOSE = """
const SemVer = require("/usr/share/nodejs/semver/classes/semver.js");
const read = (text) => { try { return new SemVer(text, { loose: true }).version; } catch { return null; } };
process.stdout.write(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(read)));
"""


def test_loose_versions_as_npm_reads_them() -> None:
    """Whatever npm makes of a text of three numbers has the same key here."""
    file(Path("/usr/share/nodejs/semver/classes/semver.js"), "node-semver")
    ends = [
        "",
        "beta",
        "-beta",
        "-beta.01",
        "beta.1",
        "-",
        "-0",
        "-00",
        "-a..b",
        ".4",
        "+b",
        "-a+b",
        " ",
        "_1",
        "-a_b",
        "é",
    ]
    texts = [
        f"{before}{core}{end}"
        for before in ("", "v", "=", " v", "=v ", "vv", "x")
        for core in ("1.2.3", "01.2.03")
        for end in ends
    ]
    printed = run(["node", "-e", _LOOSE], input=json.dumps(texts).encode())
    for text, version in zip(texts, json.loads(printed), strict=True):
        if version is None:
            with pytest.raises(vercmp.InvalidVersion):
                version_key(text, "semver", epoch=True)
        else:
            assert version_key(text, "semver", epoch=True) == vercmp.semver.sort_key(version), text


@pytest.mark.parametrize("scheme", ["semver", "gem", "rpm", "dpkg", "apk", "pep440"])
def test_what_a_scheme_has_stays(scheme: str) -> None:
    """Written anew it is the same, and what no form fits is left alone."""
    for text in (
        "1.2.3",
        "1.0.0-rc.1+build",
        "1.0.a",
        "",
        "(devel)",
        "1:2-3",
        "9" * 5000,
        f"{'9' * 5000}.1",
        "go",
        "v",
        "٣.1.2",
    ):
        once = in_scheme(scheme, text)
        assert in_scheme(scheme, once) == once
        if scheme not in ("semver", "gem"):
            assert once == text


def test_types_and_schemes() -> None:
    assert {type: SCHEME_OF_TYPE[type] for type in ECOSYSTEMS} == {
        "npm": "semver",
        "golang": "semver",
        "cargo": "semver",
        "gem": "gem",
    }


def test_real_records_of_languages(unpacked: Unpack) -> None:
    """Each fixed version of real records clears, and what is just before it does not."""
    seen = 0
    for archive in ("osv-schema-testdata", "vuln-list-update-testdata", "redhat-csaf-vex-sboms"):
        for path in sorted(unpacked(f"feeds/{archive}").rglob("*.json")):
            if not any(f'"{name}"'.encode() in path.read_bytes() for name in ECOSYSTEMS.values()):
                continue
            try:
                found = read(Document(path.name, path.name, path.read_bytes(), True), DEFAULT_LIMITS)
            except Exception:  # another document
                continue
            for advisory in (item for item in found if isinstance(item, Advisory) and item.withdrawn is None):
                for one in advisory.affected:
                    if one.type in ECOSYSTEMS and len(one.ranges) == 1 and one.ranges[0].fixed:
                        fixed = one.ranges[0].fixed
                        before = f"{fixed}-0" if one.type != "gem" else f"{fixed}.a"
                        feed = Feed([Advisory(advisory.id, affected=(one,))])
                        assert status(feed, one.type, one.package, fixed) == "clean"
                        if "-" not in fixed:
                            assert status(feed, one.type, one.package, before) == "affected"
                        seen += 1
    assert seen > 10
