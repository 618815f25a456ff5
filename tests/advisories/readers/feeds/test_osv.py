"""OSV: what each database does in its own way, what is taken for a record at all, and the schema."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import DEBIAN12, deb, host, rpm
from depth import TOO_DEEP
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisories import DEFAULT_LIMITS, Feed, match
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Extent,
    FixState,
    Kind,
    Module,
    Names,
    Package,
    Range,
    Rejection,
    Severity,
    Skip,
    Status,
)
from advisories.models.errors import UnknownFormat
from advisories.models.reading import Loss
from advisories.readers import feeds
from advisories.readers.feeds import Item, osv
from advisories.readers.feeds.registry import format_of
from advisories.sources.documents import Document

Unpack = Callable[[str], Path]
JSON = Any

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L"


def entry(ecosystem: str, name: str = "bash", fixed: str | None = "2-1", **more: Any) -> dict[str, Any]:
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed is not None else [])
    package = {"ecosystem": ecosystem, "name": name}
    return {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]} | more


def record(id: str, *affected: JSON, **more: Any) -> dict[str, Any]:
    return {"id": id, "modified": "2024-02-03T04:05:06Z", "affected": list(affected)} | more


def read(content: object) -> list[Item]:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return list(osv.read(Document("feed.json", "feed.json", data, alone=True), DEFAULT_LIMITS))


def is_osv(data: bytes, name: str = "x") -> bool:
    return format_of(Document(name, name, data, alone=True)) == "osv"


def advisory(content: object) -> Advisory:
    (found,) = read(content)
    assert isinstance(found, Advisory)
    return found


def only(content: object) -> Affected:
    (affected,) = advisory(content).affected
    return affected


def affected_names(package: Package, distribution: Distribution, *records: dict[str, Any]) -> list[str]:
    """The advisories whose findings a package has."""
    findings = match(host(package, distribution=distribution), Feed([advisory(one) for one in records]))
    assert findings.coverage.covered
    assert all(finding.status is Status.AFFECTED for finding in findings)
    return sorted({id for finding in findings for id in finding.advisories})


def _range(*events: JSON, type: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": type, "events": list(events)}]}


_FIRST: dict[str, str] = {"introduced": "0"}
#: Packages of neighbours that have all else in common, and what that is.
NEIGHBOURS: list[dict[str, Any]] = [
    *({"name": name} for name in ("bash", "Foo_Bar", "", "zsh", "\n", 1, "bash")),
    *({"name": "a", "purl": purl} for purl in (1, None, "pkg:deb/debian/a", "pkg:apk/a/a?arch=x86_64")),
    *({"name": "a", "purl": f"pkg:deb/ubuntu/a@1?distro={archive}/jammy"} for archive in ("esm-apps", "esm-infra")),
    *({"name": "a", "ecosystem": ecosystem} for ecosystem in ("Debian:11", "npm", 1, "Debian:11")),
]
LIKE_NEIGHBOURS: list[dict[str, Any]] = [
    *(_range(_FIRST, {"fixed": fixed}) for fixed in ("1-1", "1.module+el8", "0", 1)),
    *(_range(_FIRST, {"fixed": "2"}, type=type) for type in ("GIT", "SEMVER", "")),
    *(_range({"introduced": "1"}, last) for last in ({"fixed": "2"}, {"last_affected": "2"}, {"limit": "2"})),
    *(_range(_FIRST, last) for last in ({"fixed": "2", "limit": "2"}, {"last_affected": "2"}, {"limit": "*"}, [])),
    *(_range(*events) for events in ([], [_FIRST], [_FIRST, {"fixed": "1"}, _FIRST | {"introduced": "2"}])),
    *({"ranges": ranges} for ranges in ([], None, 1, [[]], _range(_FIRST)["ranges"] * 2)),
    _range(_FIRST, {"fixed": "2"}) | {"severity": [{"type": "CVSS_V3", "score": VECTOR}]},
    _range(_FIRST, {"fixed": "2"}) | {"severity": 1},
    _range(_FIRST, {"fixed": "2"}) | {"ecosystem_specific": {"binaries": [{"bash": "1-1"}]}},
    _range(_FIRST) | {"ecosystem_specific": {"urgency": "unimportant"}},
    *({"versions": versions} for versions in (["1-1"], [], [1])),
    _range(_FIRST, {"fixed": "2"}, type="GIT") | {"versions": ["1-1"]},
]


def advisories_in(items: list[Item]) -> list[Advisory]:
    return [item for item in items if isinstance(item, Advisory)]


def reasons(items: list[Item]) -> list[str]:
    return [item.why for item in items if isinstance(item, Rejection | Skip)]


@pytest.mark.parametrize(
    ("arch", "arches"),
    [
        ("arch=x86_64", ("x86_64",)),
        ("distro=x&arch=AARCH64", ("aarch64",)),
        ("arch=x86_64&arch=s390x", ("s390x", "x86_64")),
        ("arch=amd64%2Carm64", ("amd64", "arm64")),
        ("arch=ppc64el#x", ("ppc64el",)),
        # No machine among them: nothing is limited, whatever else stands there.
        *((f"arch={word}", ()) for word in ("source", "src", "noarch", "all", "any", "", "binary")),
        ("arch=x86_64&arch=all", ()),
        ("search=x86_64", ()),
        ("distro=arch=x86_64", ()),
    ],
)
def test_a_purl_limits_an_entry_to_machines(arch: str, arches: tuple[str, ...]) -> None:
    one, other = entry("Chainguard"), entry("Chainguard", "zsh")
    one["package"]["purl"] = f"pkg:apk/chainguard/bash?{arch}"
    # What neighbours share is read once. The purl is each entry's own.
    found = advisory(record("CGA-1", one, other, one)).affected
    assert [affected.arches for affected in found] == [arches, (), arches]


@pytest.mark.parametrize("ecosystem", ["TuxCare:Ubuntu:18.04", "TuxCare:Alpine:v3.16", "Root:Debian:12"])
def test_rebuilt_packages_are_named_either_way(ecosystem: str) -> None:
    found = advisory(record("CLSA-2026:1", entry(ecosystem, "squid"))).affected
    assert {affected.names for affected in found} == set(Names)
    assert {affected.channel for affected in found} == {ecosystem.partition(":")[0].lower()}
    assert len({(affected.package, affected.ranges) for affected in found}) == 1


@pytest.mark.parametrize("release", ["AlmaLinux:9.6", "RHEL:8", "OracleLinux:7", "CentOS:7", "CentOS-Stream:8"])
def test_rebuilt_rpms_are_binary_packages(release: str) -> None:
    affected = only(record("CLSA-2026:1", entry(f"TuxCare:{release}", "squid")))
    assert (affected.names, affected.channel) == (Names.BINARY, "tuxcare")


def lost(content: object) -> list[tuple[str | None, str, str | None]]:
    found = [loss for item in read(content) for loss in getattr(item, "losses", None) or ()]
    return [(loss.package, str(loss.distribution), loss.advisory) for loss in found]


DEBIAN = {"ecosystem": "Debian:12", "name": "bash"}
COMMITS = {"type": "GIT", "repo": "https://x", "events": [{"introduced": "0"}]}


class TestLosses:
    """What of an entry is known of which nothing was kept (rule 0)."""

    @pytest.mark.parametrize(
        ("one", "package", "release"),
        [
            ({"package": DEBIAN, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}, "bash", "debian 12"),
            ({"package": DEBIAN, "ranges": [{"type": "CALVER", "events": []}]}, "bash", "debian 12"),
            ({"package": DEBIAN, "ranges": [COMMITS]}, "bash", "debian 12"),
            ({"package": DEBIAN}, "bash", "debian 12"),
            ({"package": DEBIAN, "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "1"}]}]}, "bash", "debian 12"),
            ({"package": DEBIAN, "versions": "1"}, "bash", "debian 12"),
            ({"package": {"ecosystem": "Debian:12"}}, None, "debian 12"),
            ({"package": {"ecosystem": "PyPI", "name": "A_B"}, "ranges": [COMMITS]}, "a-b", "pypi rolling"),
            # A release that none of the table's is, and none at all.
            ({"package": {"ecosystem": "AlmaLinux", "name": "bash"}}, "bash", "almalinux (release unknown)"),
            ({"package": {"ecosystem": "AlmaLinux:nine", "name": "bash"}}, "bash", "almalinux (release unknown)"),
            ({"package": {"ecosystem": "Ubuntu", "name": "bash"}}, "bash", "ubuntu (release unknown)"),
            ({"package": {"ecosystem": "Almalinux:9", "name": "bash"}}, "bash", "None"),
            ({"package": {"name": "bash"}}, "bash", "None"),
            ({"package": "bash"}, None, "None"),
            ("bash", None, "None"),
            ({"ranges": [{"type": "ECOSYSTEM", "events": []}]}, None, "None"),
        ],
    )
    def test_lost(self, one: JSON, package: str | None, release: str) -> None:
        assert lost(record("X-1", one, entry("Debian:12", "zsh"))) == [(package, release, None)]
        # A record that never matches loses nothing.
        assert lost(record("X-1", one, withdrawn="2024-01-01T00:00:00Z")) == []

    @pytest.mark.parametrize(
        "one",
        [
            {"ranges": [COMMITS]},
            {"package": DEBIAN, "ranges": [COMMITS], "versions": ["1"]},
            {"package": DEBIAN, "ranges": [{"type": "CALVER", "events": []}], "versions": ["1"]},
            {"package": {"ecosystem": "Hex", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "Red Hat:ocp_tools:4.15::el9", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "SUSE:Package Hub 12", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "Ubuntu:Pro:22.04:LTS:Another", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "TuxCare:Maven", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "Echo:PyPi", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "Seal:Debian", "name": "bash"}, "versions": ["1"]},
            {"package": {"ecosystem": "Hex"}},
        ],
    )
    def test_about_something_else_or_kept(self, one: JSON) -> None:
        assert lost(record("X-1", one)) == []

    def test_a_record_as_a_whole(self) -> None:
        entries = [entry("Debian:12"), entry("Hex", "x"), entry("Debian:12")]
        assert lost(record("X-1", *entries, withdrawn="someday")) == [("bash", "debian 12", "X-1")]
        assert lost(record("", *entries)) == [("bash", "debian 12", None)]
        (refused,) = read({"id": "X-1", "modified": "2024-02-03T04:05:06Z", "affected": {}})
        assert isinstance(refused, Rejection)
        assert refused.losses is None  # nobody knows

    def test_a_lost_entry_is_counted_by_its_reason(self) -> None:
        (_, skip) = read(record("X-1", {"package": DEBIAN, "ranges": [{"type": "CALVER", "events": []}]}))
        assert isinstance(skip, Skip)
        assert (skip.what, skip.why) == ("X-1", "a range of a type that is not known")


class TestIds:
    @pytest.mark.parametrize(
        ("id", "fields", "cves"),
        [
            # By OSV 1.7: the record's id, its aliases and what it is downstream of; not what is related.
            ("RHSA-2024:1", {"upstream": ["CVE-2024-6345"], "related": ["CVE-2024-9999", "GO-1"]}, ["CVE-2024-6345"]),
            ("CGA-1", {"upstream": ["GHSA-1", "CVE-2024-2000", "CVE-2023-1000"]}, ["CVE-2023-1000", "CVE-2024-2000"]),
            ("GHSA-1", {"aliases": ["CVE-2024-1000"], "related": ["CVE-2024-9999"]}, ["CVE-2024-1000"]),
            ("GHSA-1", {"related": ["CVE-2024-9999"]}, []),
            ("CVE-2024-1000", {"related": ["CVE-2024-9999"]}, ["CVE-2024-1000"]),
            # Before it, the advisories of distributions had their vulnerabilities among the related.
            ("RHBA-2024:1", {"related": ["CVE-2023-31315"]}, ["CVE-2023-31315"]),
            ("DSA-135", {"related": ["CVE-2002-0653"]}, ["CVE-2002-0653"]),
            ("DLA-1", {"related": ["CVE-2014-3466"], "upstream": []}, ["CVE-2014-3466"]),
            ("SUSE-SU-2015:0011-2", {"related": ["CVE-2012-1667"]}, ["CVE-2012-1667"]),
            ("openSUSE-SU-2016:1", {"related": ["CVE-2016-1704"]}, ["CVE-2016-1704"]),
            ("LSN-0108-1", {"related": ["CVE-2024-26800", "UBUNTU-CVE-2024-26800"]}, ["CVE-2024-26800"]),
            ("MGASA-2024-1", {"related": ["CVE-2024-1000"]}, ["CVE-2024-1000"]),
            # A distribution's own ids of CVEs name them.
            ("UBUNTU-CVE-2024-1000", {}, ["CVE-2024-1000"]),
            ("DEBIAN-CVE-2024-1000", {"related": ["CVE-2024-9999"]}, ["CVE-2024-1000"]),
            ("ALPINE-CVE-2024-1000", {}, ["CVE-2024-1000"]),
            ("ROOT-OS-DEBIAN-12-CVE-2024-1000", {}, ["CVE-2024-1000"]),
            ("USN-5614-1", {"upstream": ["UBUNTU-CVE-2021-3782"]}, ["CVE-2021-3782"]),
            ("DHI-CVE-2016-2781-coreutils", {}, ["CVE-2016-2781"]),
            ("DHI-CVE-2016-2781-coreutils", {"aliases": ["CVE-2016-2782"]}, ["CVE-2016-2782"]),
        ],
    )
    def test_cves(self, id: str, fields: dict[str, Any], cves: list[str]) -> None:
        assert list(advisory(record(id, **fields)).cves) == cves

    def test_aliases_are_the_ids_that_are_no_cve(self) -> None:
        assert advisory(record("GO-1", aliases=["CVE-2024-1000", "GHSA-1"])).aliases == ("GHSA-1",)
        assert advisory(record("CGA-1", upstream=["GHSA-1"])).aliases == ()

    @pytest.mark.parametrize(
        ("id", "kind"),
        [
            ("SUSE-SU-2024:1-1", Kind.SECURITY),
            ("SUSE-RU-2024:1-1", Kind.BUGFIX),
            ("SUSE-FU-2024:1-1", Kind.ENHANCEMENT),
            ("SUSE-OU-2024:1-1", Kind.ENHANCEMENT),
            ("SUSE-XX-2024:1-1", Kind.UNKNOWN),
            ("SUSE-", Kind.UNKNOWN),
            ("SUSE", Kind.UNKNOWN),
            ("openSUSE-SU-2024:1-1", Kind.SECURITY),
            ("RHBA-2024:1", Kind.BUGFIX),
            ("RXSA-2024:1", Kind.SECURITY),
            ("OESA-2024-1", Kind.SECURITY),
        ],
    )
    def test_kinds(self, id: str, kind: Kind) -> None:
        assert advisory(record(id)).kind is kind

    @pytest.mark.parametrize("id", ["../../etc/passwd", "SUSE-SU-403 Forbidden-1", "a/b\\c", "C:\\x", "%2e%2e", "."])
    def test_an_id_is_no_path(self, id: str) -> None:
        assert advisory(record(id)).id == id

    @pytest.mark.parametrize("id", ["A\nB", "A\x00", "A\x1b[31m", "\u202e", "\ud800", "", " "])
    def test_an_id_that_cannot_be_printed(self, id: str) -> None:
        (rejection,) = read(record(id))
        assert isinstance(rejection, Rejection)
        assert rejection.position == "id"

    @pytest.mark.parametrize("more", [{}, {"schema_version": "1.7.0"}])
    def test_an_index_takes_no_record_away(self, more: dict[str, Any]) -> None:
        """Lists of ids and dates are published beside the records; later, and empty, they would win."""
        bare = {"id": "CGA-1", "modified": "2025-01-01T00:00:00Z"} | more
        kept, skip = read([record("CGA-1"), bare])
        assert isinstance(kept, Advisory)
        assert isinstance(skip, Skip)
        assert skip.why == "an id and a date alone, as in an index of records"

    def test_withdrawn(self) -> None:
        gone = record("DSA-1", entry("Debian:12"), withdrawn="2024-05-06T00:00:00Z")
        assert affected_names(deb("bash", "1-1"), DEBIAN12, gone, record("DSA-2", entry("Debian:12"))) == ["DSA-2"]


class TestSeverities:
    def test_of_entries(self) -> None:
        """OSV 1.7: where packages differ, each has its own and the record none."""
        low, high = ([{"type": "CVSS_V3", "score": score}] for score in (LOCAL, VECTOR))
        found = advisory(
            record("AZL-1", entry("Azure Linux:3", severity=low), entry("Azure Linux:3", "zsh", severity=high))
        )
        assert found.severities == (
            Severity("CVSS_V3", LOCAL, "azurelinux"),
            Severity("CVSS_V3", VECTOR, "azurelinux"),
        )

    def test_each_once(self) -> None:
        found = advisory(record("X-1", severity=[{"type": "CVSS_V3", "score": VECTOR}] * 2))
        assert found.severities == (Severity("CVSS_V3", VECTOR, "vendor"),)

    @pytest.mark.parametrize("broken", [7, {}, {"type": "CVSS_V3"}, {"type": 1, "score": VECTOR}, None])
    def test_broken(self, broken: JSON) -> None:
        stated = [broken, {"type": "CVSS_V3", "score": VECTOR}]
        for found, path in (
            (read(record("X-1", severity=stated)), "severity[0]"),
            (read(record("X-1", entry("Debian:12", severity=stated))), "affected[0].severity[0]"),
        ):
            kept, rejection = found
            assert isinstance(kept, Advisory)
            assert len(kept.severities) == 1
            assert isinstance(rejection, Rejection)
            assert (rejection.position, rejection.extent) == (path, Extent.PART)

    @pytest.mark.parametrize("name", ["aliases", "upstream", "related", "references"])
    def test_broken_parts_of_other_lists(self, name: str) -> None:
        kept, rejection = read(record("X-1", **{name: [7]}))
        assert isinstance(kept, Advisory)
        assert isinstance(rejection, Rejection)
        assert (rejection.position, rejection.extent) == (f"{name}[0]", Extent.PART)

    @pytest.mark.parametrize(
        ("id", "fields", "rating"),
        [
            ("OESA-2021-1", {"database_specific": {"severity": "High"}}, "high"),
            ("GHSA-1", {"database_specific": {"severity": "MODERATE"}}, "moderate"),
            ("BIT-1", {"database_specific": {"severity": "Medium"}}, "medium"),
            ("X-1", {"database_specific": {"severity": "whatever"}}, None),
            ("X-1", {"database_specific": {"severity": ["high"]}}, None),
            ("RLSA-1", {"summary": "Important: bcel security update"}, "important"),
            ("RHSA-1", {"summary": "Red Hat Security Advisory: podman security update"}, None),
            ("UBUNTU-CVE-2024-1000", {"severity": [{"type": "Ubuntu", "score": "negligible"}]}, "negligible"),
        ],
    )
    def test_ratings(self, id: str, fields: dict[str, Any], rating: str | None) -> None:
        assert advisory(record(id, **fields)).rating == rating


class TestDebian:
    @pytest.mark.parametrize(
        ("urgencies", "rating"),
        [
            (["low", "medium**"], "medium"),
            (["unimportant"], "unimportant"),
            (["unimportant", "not yet assigned"], None),
            (["high", "not yet assigned"], "high"),
            (["medium", "not yet assigned"], "medium"),
            (["end-of-life", "low*"], "low"),
            (["end-of-life"], None),
            ([7, None], None),
            ([], None),
        ],
    )
    def test_urgency(self, urgencies: list[Any], rating: str | None) -> None:
        entries = [entry("Debian:12", ecosystem_specific={"urgency": urgency}) for urgency in urgencies]
        assert advisory(record("DEBIAN-CVE-2024-1000", *entries)).rating == rating

    @pytest.mark.parametrize("id", ["DEBIAN-CVE-2024-1000", "CVE-2024-1000"])
    def test_end_of_life(self, id: str) -> None:
        ended = {"urgency": "end-of-life"}
        found = advisory(
            record(
                id,
                entry("Debian:10", fixed=None, ecosystem_specific=ended),
                entry("Debian:11", fixed="2-1", ecosystem_specific=ended),
                entry("Debian:12", fixed=None, ecosystem_specific={"urgency": "unimportant"}),
            )
        )
        assert [(one.distribution and one.distribution.release, one.fix_state) for one in found.affected] == [
            ("10", FixState.END_OF_LIFE),
            ("11", FixState.FIXED),
            ("12", FixState.NOT_FIXED),
        ]

    def test_unfixed_stays_affected(self) -> None:
        unfixed = record("DEBIAN-CVE-2024-1000", entry("Debian:12", fixed=None))
        (finding,) = match(host(deb("bash", "1-1"), distribution=DEBIAN12), Feed([advisory(unfixed)]))
        assert (finding.vulnerability, finding.fix_state) == ("CVE-2024-1000", FixState.NOT_FIXED)


class TestUbuntu:
    @pytest.mark.parametrize(
        ("ecosystem", "purl", "channel"),
        [
            ("Ubuntu:16.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=xenial", None),
            ("Ubuntu:Pro:16.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=esm-apps/xenial", "esm-apps"),
            ("Ubuntu:Pro:16.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=esm-infra/xenial", "esm-infra"),
            ("Ubuntu:Pro:14.04:LTS", "pkg:deb/ubuntu/x@1?distro=esm-infra-legacy/trusty", "esm-infra-legacy"),
            ("Ubuntu:Pro:14.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=trusty/esm", "esm-infra"),
            ("Ubuntu:Pro:24.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=noble", "pro"),
            ("Ubuntu:Pro:14.04:LTS", None, "pro"),
            ("Ubuntu:Pro:FIPS:18.04:LTS", "pkg:deb/ubuntu/x@1?arch=source&distro=fips/bionic", "fips"),
        ],
    )
    def test_channels(self, ecosystem: str, purl: str | None, channel: str | None) -> None:
        one = entry(ecosystem)
        one["package"]["purl"] = purl
        assert only(record("UBUNTU-CVE-2024-1000", one)).channel == channel

    @pytest.mark.parametrize(
        ("channels", "needed"),
        [((), "esm-apps"), (("esm-infra",), "esm-apps"), (("esm-apps",), None), (("pro",), None)],
    )
    def test_where_a_fix_is(self, channels: tuple[str, ...], needed: str | None) -> None:
        one = entry("Ubuntu:Pro:16.04:LTS")
        one["package"]["purl"] = "pkg:deb/ubuntu/bash@2-1?arch=source&distro=esm-apps/xenial"
        installed = host(deb("bash", "1-1"), distribution=Distribution("ubuntu", "16.04", frozenset(channels)))
        (finding,) = match(installed, Feed([advisory(record("UBUNTU-CVE-2024-1000", one))]))
        assert (finding.fixed_version, finding.channel) == ("2-1", needed)

    def test_severities_of_the_cves_of_a_notice(self) -> None:
        cves = [
            {"id": "CVE-2024-1000", "severity": [{"type": "CVSS_V3", "score": VECTOR}]},
            {
                "id": "CVE-2024-2000",
                "severity": [{"type": "CVSS_V3", "score": LOCAL}, {"type": "Ubuntu", "score": "low"}],
            },
            {"id": "no id", "severity": [{"type": "CVSS_V3", "score": VECTOR}]},
        ]
        mapped = {"database_specific": {"cves_map": {"ecosystem": "Ubuntu:22.04:LTS", "cves": cves}}}
        upstream = ["UBUNTU-CVE-2024-1000", "UBUNTU-CVE-2024-2000"]
        entries = entry("Ubuntu:22.04:LTS", **mapped), entry("Ubuntu:24.04:LTS", **mapped)
        found = advisory(record("USN-1-1", *entries, upstream=upstream))
        assert found.severities == (
            Severity("CVSS_V3", VECTOR, "ubuntu", "CVE-2024-1000"),
            Severity("CVSS_V3", LOCAL, "ubuntu", "CVE-2024-2000"),
            Severity("Ubuntu", "low", "ubuntu", "CVE-2024-2000"),
        )
        assert found.rating == "low"
        findings = match(host(deb("bash", "1-1"), distribution=Distribution("ubuntu", "22.04")), Feed([found]))
        assert {finding.vulnerability: finding.priority.value for finding in findings} == {
            "CVE-2024-1000": "High",
            "CVE-2024-2000": "Low",
        }

    def test_priorities_of_packages(self) -> None:
        """Records of schema 1.6 have the word at each package."""
        entries = [
            entry("Ubuntu:22.04:LTS", ecosystem_specific={"ubuntu_priority": word}) for word in ("low", "medium")
        ]
        assert advisory(record("UBUNTU-CVE-2024-1000", *entries)).rating == "medium"


class TestSuse:
    BINARIES = {"ecosystem_specific": {"binaries": [{"libqt4": "4.8.6-7.1", "qt4-x11-tools": "4.8.6-7.3"}]}}  # noqa: RUF012

    def update(self, *ecosystems: str) -> dict[str, Any]:
        return record("SUSE-SU-2015:1-1", *[entry(name, "libqt4", "4.8.6-7.1", **self.BINARIES) for name in ecosystems])

    def test_source_and_binary_packages(self) -> None:
        found = advisory(self.update("SUSE:Linux Enterprise Server 12 SP1"))
        release = Distribution("sles", "12.1")
        fixed = {"fix_state": FixState.FIXED}
        assert found.affected == (
            Affected("libqt4", "rpm", release, Names.SOURCE, (Range(None, "4.8.6-7.1"),), **fixed),
            Affected("libqt4", "rpm", release, Names.BINARY, (Range(None, "4.8.6-7.1"),), **fixed),
            Affected("qt4-x11-tools", "rpm", release, Names.BINARY, (Range(None, "4.8.6-7.3"),), **fixed),
        )

    def test_products_of_one_release_say_it_once(self) -> None:
        products = ("Server 12 SP1", "Server for SAP Applications 12 SP1", "Desktop 12 SP1", "Server 12")
        found = advisory(self.update(*[f"SUSE:Linux Enterprise {product}" for product in products]))
        releases = Counter(one.distribution.release for one in found.affected if one.distribution)
        assert releases == {"12.1": 3, "12": 3}

    @pytest.mark.parametrize(
        ("package", "is_affected"),
        [
            # Lists without source packages are judged by the names of the binary ones.
            (rpm("qt4-x11-tools", "4.8.6-7.2"), True),
            (rpm("qt4-x11-tools", "4.8.6-7.3"), False),
            # Packages that the record does not list, by their source.
            (rpm("libqt4-demos", "4.8.6-6.1", source_name="libqt4", source_version="4.8.6-6.1"), True),
            (rpm("libqt4-demos", "4.8.6-7.1", source_name="libqt4", source_version="4.8.6-7.1"), False),
            (rpm("libqt4", "4.8.6-7.1", source_name="libqt4", source_version="4.8.6-7.1"), False),
        ],
    )
    def test_verdicts(self, package: Package, is_affected: bool) -> None:
        found = affected_names(package, Distribution("sles", "15.3"), self.update(self.BASE))
        assert found == (["SUSE-SU-2015:1-1"] if is_affected else [])

    BASE = "SUSE:Linux Enterprise Module for Basesystem 15 SP3"

    @pytest.mark.parametrize("binaries", [None, 7, {}, [], [7], [{"x": 7}], [{"": "1"}], {"x": "1"}])
    def test_binaries_of_another_form_say_nothing(self, binaries: JSON) -> None:
        one = entry(self.BASE, ecosystem_specific={"binaries": binaries})
        assert only(record("SUSE-SU-2015:1-1", one)).names is Names.SOURCE

    def test_what_has_no_fix_has_no_fixed_binaries(self) -> None:
        one = entry(self.BASE, fixed=None, **self.BINARIES)
        assert only(record("SUSE-SU-2015:1-1", one)).names is Names.SOURCE


class TestOthers:
    def test_modules_of_red_hat(self) -> None:
        built = "0:5.4.1-1.module+el8.5.0+10613+59a13ec4"
        entries = [entry("Red Hat:enterprise_linux:8::appstream", fixed=fixed) for fixed in (built, "0:1-1.el8")]
        for summary, module in (
            ("Red Hat Security Advisory: python39:3.9 security update", Module.of("python39:3.9")),
            ("Red Hat Security Advisory: security update", UNKNOWN_MODULE),
        ):
            found = advisory(record("RHSA-2024:1", *entries, summary=summary))
            assert [one.module for one in found.affected] == [module, NO_MODULE]

    def test_echo_writes_semver_for_its_debian_versions(self) -> None:
        one = entry("Echo", fixed="25.3+dfsg-1+e2")
        one["ranges"][0]["type"] = "SEMVER"
        affected = only(record("ECHO-1", one))
        assert (affected.type, affected.names, affected.ranges) == (
            "deb",
            Names.SOURCE,
            (Range(None, "25.3+dfsg-1+e2"),),
        )
        kept, skip = read(record("X-1", one))
        assert isinstance(kept, Advisory)
        assert (kept.affected, type(skip)) == ((), Skip)

    @pytest.mark.parametrize("ecosystem", ["Wolfi", "Chainguard", "MinimOS", "CleanStart"])
    def test_packages_by_their_own_name(self, ecosystem: str) -> None:
        """A record lists the packages of a build one by one, each affected or not."""
        id = ecosystem.lower()
        both = record("CGA-1", entry(ecosystem, "sync", "2-r1"), entry(ecosystem, "sync-compat", "0"))
        release = Distribution(id, "rolling")
        for name, expected in (("sync", ["CGA-1"]), ("sync-compat", [])):
            package = Package("apk", name, "1-r0", "x86_64", source_name="sync", source_version="1-r0")
            assert affected_names(package, release, both) == expected

    @pytest.mark.parametrize("ecosystem", ["Alpine:v3.19", "Alpaquita:23", "BellSoft Hardened Containers:stream"])
    def test_packages_by_their_source(self, ecosystem: str) -> None:
        assert only(record("X-1", entry(ecosystem))).names is Names.SOURCE

    def test_azure_linux_was_mariner(self) -> None:
        one = record("AZL-1", entry("Azure Linux:2", fixed="2-1.cm2"), entry("Azure Linux:3", fixed="2-1.azl3"))
        assert affected_names(rpm("bash", "1-1.cm2"), Distribution("mariner", "2.0.20240112"), one) == ["AZL-1"]
        assert affected_names(rpm("bash", "2-1.azl3"), Distribution("azurelinux", "3.0"), one) == []

    def test_versions_of_openeuler_have_no_epoch(self) -> None:
        """A source package's name in a list shows none either, and so they compare."""
        one = record("OESA-2021-1", entry("openEuler:20.03-LTS-SP1", "bind", "9.11.21-5.oe1"))
        release = Distribution("openeuler", "20.03-LTS-SP1")
        for version, expected in (("9.11.21-4.oe1", ["OESA-2021-1"]), ("9.11.21-5.oe1", [])):
            package = rpm(
                "bind-libs", f"32:{version}", source_name="bind", source_version=version, source_epoch_known=False
            )
            assert affected_names(package, release, one) == expected

    def test_neighbours_that_differ_in_one_thing(self) -> None:
        """The content of an entry is kept for the next that is equal. Any difference has to be seen."""
        plain = entry("Debian:12")
        others = (
            entry("Debian:11"),
            entry("Debian:12", fixed="3-1"),
            entry("Debian:12", versions=["1-1"]),
            entry("Debian:12", fixed=None, ecosystem_specific={"urgency": "end-of-life"}),
            entry("Debian:12", fixed=None),
        )
        for other in others:
            alone = [only(record("DSA-1", one)) for one in (plain, other, plain)]
            assert list(advisory(record("DSA-1", plain, other, plain)).affected) == alone

    @pytest.mark.parametrize("id", ["DSA-1", "USN-1", "CGA-1", "SUSE-SU-1", "ECHO-1"])
    @pytest.mark.parametrize(
        "ecosystem",
        [
            "Debian:12",
            "Ubuntu:Pro:22.04:LTS",
            "Root:Debian:12",
            "PyPI",
            "SUSE:Linux Enterprise Server 15 SP3",
            "AlmaLinux:8",
        ],
    )
    def test_each_is_read_as_if_it_stood_alone(self, id: str, ecosystem: str) -> None:
        for more in LIKE_NEIGHBOURS:
            entries = [{"package": {"ecosystem": ecosystem} | one} | more for one in NEIGHBOURS]
            for neighbours in (entries, [*entries[::-1], entry(ecosystem), {"package": entries[0]["package"]}]):
                of_all = read(record(id, *neighbours))
                apart = [item for one in neighbours for item in read(record(id, one))]
                (whole,), parts = advisories_in(of_all), advisories_in(apart)
                affected = [one for part in parts for one in part.affected]
                # SUSE's sources repeat the binary packages of all of them.
                assert list(whole.affected) == (list(dict.fromkeys(affected)) if id == "SUSE-SU-1" else affected)
                assert whole.severities == tuple(dict.fromkeys(one for part in parts for one in part.severities))
                assert reasons(of_all) == reasons(apart)

    @pytest.mark.parametrize(
        ("events", "why"),
        [
            ([{"introduced": "0"}, {"fixed": "2", "limit": "3"}], "one of introduced, fixed, last_affected and limit"),
            ([{"introduced": "0"}, {"fixed": None}], "one of introduced, fixed, last_affected and limit"),
            ([{"fixed": "2"}, {"fixed": "3"}], "no introduced event"),
        ],
    )
    def test_what_looks_like_the_usual_range(self, events: JSON, why: str) -> None:
        (whole, refused) = read(record("DSA-1", entry("Debian:12") | _range(*events)))
        assert isinstance(whole, Advisory)
        assert whole.affected == ()
        assert isinstance(refused, Rejection)
        assert why in refused.why

    @pytest.mark.parametrize("type", ["GIT", "SEMVER", "OTHER"])
    def test_the_usual_range_of_another_type(self, type: str) -> None:
        whole, skipped = read(record("DSA-1", entry("Debian:12") | _range(_FIRST, {"fixed": "2"}, type=type)))
        assert isinstance(whole, Advisory)
        assert whole.affected == ()
        assert isinstance(skipped, Skip)

    def test_a_broken_neighbour_says_nothing_for_the_next(self) -> None:
        broken = entry("Debian:12", versions=7)
        found = read(record("DSA-1", entry("Debian:12", "a"), broken, broken, entry("Debian:12", "b")))
        (kept, *rejected) = found
        assert isinstance(kept, Advisory)
        assert [one.package for one in kept.affected] == ["a", "b"]
        assert len(rejected) == 2


class TestWhatIsOsv:
    """JSON of other things is skipped. What may be a damaged record is reported."""

    OTHERS: tuple[JSON, ...] = (
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"modified": "x"}},
        {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": []},
        {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "statements": []},
        {"canonical_url": "https://example.org", "metadata_version": "2.0"},
        {"architecture": "amd64", "config": {}, "rootfs": {}},
        {"id": "oval:org.debian:def:1", "class": "patch", "metadata": {"affected": {}}},
        {"id": 369, "created_at": "2023-02-02", "affected": []},
        {"id": "X-1", "name": "x"},
        {"id": "X-1"},
        {"schema_version": "1.0", "data": [{"id": "X", "affected": []}]},
        {"vulns": [{"id": "X-1", "modified": "x"}]},
        [{"name": "x", "id": "X-1", "modified": "x"}],
        ["a", "b"],
        [[{"id": "X-1", "modified": "x"}]],
        [1, 2],
        [],
        {},
        None,
        7,
        "text",
    )

    @pytest.mark.parametrize("content", OTHERS, ids=[json.dumps(one)[:30] for one in OTHERS])
    def test_other_json(self, content: JSON, tmp_path: Path) -> None:
        for number, layout in enumerate((None, 2)):
            (tmp_path / f"{number}.json").write_text(json.dumps(content, indent=layout))
        (tmp_path / "record.json").write_text(json.dumps(record("DSA-1", entry("Debian:12"))))
        report = feeds.read(tmp_path)
        assert [item.id for item in report if isinstance(item, Advisory)] == ["DSA-1"]
        kind = "JSON" if isinstance(content, dict | list) else "a file"
        assert report.report().skips == ((f"{kind} of no feed format", 2),)
        with pytest.raises(UnknownFormat):
            list(feeds.read(tmp_path / "0.json"))

    def test_other_json_of_any_length(self) -> None:
        csaf = {"document": {"category": "csaf_vex"}, "vulnerabilities": [{"id": "X", "affected": []}]}
        for content in (csaf, {"bomFormat": "CycloneDX"}, ["x"], [1], {"id": "X-1", "name": "x"}):
            padded = [*content, *["x" * 9] * 9999] if isinstance(content, list) else content | {"x": "x" * 99999}
            assert not is_osv(json.dumps(padded).encode(), "x.json")

    @pytest.mark.parametrize(
        "order",
        [
            "id modified affected",
            "affected details id modified",
            "details id modified",
            "schema_version id summary details modified",
            "published withdrawn aliases related upstream severity references credits id modified affected",
        ],
    )
    @pytest.mark.parametrize("wrapped", [False, True])
    def test_records_in_any_order_of_members(self, order: str, wrapped: bool) -> None:
        long = record("X-1", details="x" * 20_000, summary='"quoted": {x}, [', schema_version="1.7.0")
        names = ("aliases", "related", "upstream", "severity", "references", "credits")
        lists: dict[str, JSON] = {name: [] for name in names}
        dates = dict.fromkeys(("published", "withdrawn"), "2024-01-01T00:00:00Z")
        whole = lists | dates | long
        one = {name: whole[name] for name in order.split()}
        data = json.dumps([one] if wrapped else one, indent=1).encode()
        assert is_osv(data)
        assert advisory(data).id == "X-1"

    def test_one_cut_anywhere_is_reported(self, tmp_path: Path) -> None:
        whole = json.dumps(record("DSA-1", entry("Debian:12"), aliases=["CVE-2024-1000"], published=None)).encode()
        for cut in range(len(whole)):
            (found,) = feeds.read_stream(io.BytesIO(whole[:cut]), "x.json")
            assert isinstance(found, Rejection), whole[:cut]

    @pytest.mark.parametrize("data", [b"\x00" * 5000, b"invalid json", b"{'id': 1}", b"{" * 20_000])
    def test_damaged(self, data: bytes) -> None:
        (found,) = feeds.read_stream(io.BytesIO(data), "x.json")
        assert isinstance(found, Rejection)

    def test_files_of_other_names(self) -> None:
        with pytest.raises(UnknownFormat):
            list(feeds.read_stream(io.BytesIO(b"invalid json"), "x.txt"))

    @given(st.binary(max_size=200))
    @example(b'{"id":"\\')
    @example(b'[{"id":1,')
    def test_never_raises(self, data: bytes) -> None:
        for name in ("x", "x.json"):
            is_osv(data, name)
        for prefix in (b"", b"{", b"[", b'{"id": ', b'{"id": "X-1", "affected": ['):
            is_osv(prefix + data)
            read(prefix + data)


# ---- broken anywhere ----

SPECIMENS: tuple[dict[str, Any], ...] = (
    record(
        "USN-1-1",
        entry(
            "Ubuntu:Pro:16.04:LTS",
            versions=["1-1"],
            ecosystem_specific={"ubuntu_priority": "low", "binaries": [{"binary_name": "x", "binary_version": "1"}]},
            database_specific={
                "cves_map": {"cves": [{"id": "CVE-2024-1000", "severity": [{"type": "CVSS_V3", "score": VECTOR}]}]}
            },
        ),
        upstream=["UBUNTU-CVE-2024-1000"],
        severity=[{"type": "Ubuntu", "score": "low"}],
        references=[{"type": "WEB", "url": "https://example.org"}],
        published="2024-01-01T00:00:00Z",
        withdrawn=None,
    ),
    record(
        "SUSE-SU-2015:1-1",
        entry("SUSE:Linux Enterprise Server 12", **TestSuse.BINARIES),
        related=["CVE-2024-1000"],
    ),
    record(
        "DEBIAN-CVE-2024-1000",
        entry("Debian:12", fixed=None, ecosystem_specific={"urgency": "end-of-life"}, severity=[]),
        database_specific={"severity": "high"},
    ),
    record("ALSA-2024:1", entry("AlmaLinux:9"), summary="Important: nodejs:20 security update", related=["CVE-1"]),
)
WRONG: tuple[JSON, ...] = (None, True, 7, 1.5, "", "x", "\x00", [], [None], [[]], ["x"], {}, {"x": 1}, {"id": "x"})


def replaced(value: JSON) -> Iterator[JSON]:
    """A value with each of its nodes replaced by each of the wrong ones, or, of an object, left out."""
    yield from WRONG
    places = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, child in places:
        for other in replaced(child):
            copy = value.copy()
            copy[key] = other
            yield copy
        if isinstance(value, dict):
            yield {name: child for name, child in value.items() if name != key}


@pytest.mark.parametrize("specimen", SPECIMENS, ids=[one["id"] for one in SPECIMENS])
def test_broken_anywhere(specimen: dict[str, Any]) -> None:
    assert all(isinstance(item, Advisory) for item in read(specimen))
    count = 0
    for broken in replaced(specimen):
        found = read([broken, record("X-2")])
        assert isinstance(found[-1], Advisory)
        first, *parts = found[:-1]
        assert isinstance(first, Advisory | Rejection | Skip)
        for item in parts:
            assert isinstance(item, Skip | Rejection)
            assert not isinstance(item, Rejection) or item.extent is Extent.PART
        count += 1
    assert count > 250


def test_what_goes_too_deep_in_what_databases_write() -> None:
    deep = (
        b'{"id":"SUSE-SU-1:1","affected":[{"ecosystem_specific":{"binaries":'
        + b"[" * TOO_DEEP
        + b"]" * TOO_DEEP
        + b"}}]}"
    )
    (rejection,) = read(deep)
    assert isinstance(rejection, Rejection)
    assert rejection.why == "nested too deeply"


@pytest.mark.parametrize("name", ["published", "modified", "withdrawn"])
@pytest.mark.parametrize(
    "date",
    ["", "x", "0000-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "99999-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"],
)
def test_absurd_dates(name: str, date: str) -> None:
    first, *rest = read(record("X-1") | {name: date})
    if name == "withdrawn":  # whether it stands is not known
        assert isinstance(first, Rejection)
        assert (first.position, first.extent, rest) == (name, Extent.RECORD, [])
    else:
        assert isinstance(first, Advisory)
        assert getattr(first, name) is None
        assert [(item.position, item.extent) for item in rest if isinstance(item, Rejection)] == [(name, Extent.PART)]


def test_nanoseconds() -> None:
    found = advisory(record("MAL-1") | {"modified": "2024-10-27T14:05:09.316165759Z"})
    assert found.modified is not None
    assert found.modified.microsecond == 316165


# ---- the schema ----

PACKAGES = st.text("abcxyz0123456789.+-_", min_size=1, max_size=8)
TEXTS = st.text(max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PREFIXES = (
    *("ALSA", "RLSA", "RHSA", "DSA", "DEBIAN-CVE", "UBUNTU-CVE", "CVE", "USN", "SUSE-SU", "openSUSE-SU", "OESA"),
    *("MGASA", "PHSA", "AZL", "CGA", "MINI", "ECHO", "GHSA", "x_"),
)
IDS = st.builds("{}-{}".format, st.sampled_from(PREFIXES), st.text("0123456789:-", min_size=1, max_size=8))
ECOSYSTEMS = st.sampled_from(
    (
        *("AlmaLinux:9", "Rocky Linux:8", "Red Hat:rhel_eus:8.8::baseos", "SUSE:Linux Enterprise Server 12 SP1"),
        *("openSUSE:Leap 15.3", "Mageia:9", "openEuler:20.03-LTS-SP1", "Photon OS:3.0", "Azure Linux:3", "Debian:12"),
        *("Debian", "Ubuntu:22.04:LTS", "Ubuntu:Pro:18.04:LTS", "Echo", "Alpine:v3.19", "Alpaquita:stream", "Wolfi"),
        *("MinimOS", "CleanStart", "TuxCare", "Root:Debian:12", "PyPI", "npm", "GIT", "Android:x"),
    )
)
VERSIONS = st.text("0123456789.-:~^+_abr ", max_size=6) | TEXTS
SEVERITIES = (
    st.lists(
        st.sampled_from(
            [
                {"type": "CVSS_V3", "score": VECTOR},
                {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"},
                {"type": "Ubuntu", "score": "low"},
            ]
        ),
        max_size=2,
    )
    | st.none()
)
DATES = st.datetimes().map(lambda date: date.isoformat() + "Z")


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, JSON]:
    type = draw(st.sampled_from(["ECOSYSTEM", "ECOSYSTEM", "SEMVER", "GIT"]))
    versions = st.text("0123456789abcdef", min_size=40, max_size=40) if type == "GIT" else VERSIONS
    end = draw(st.sampled_from(["fixed", "last_affected"]))
    kinds = ["introduced", *draw(st.lists(st.sampled_from(["introduced", end, "limit"]), max_size=4))]
    events = [{kind: draw(versions | st.just("0"))} for kind in draw(st.permutations(kinds))]
    for event in events:
        event |= draw(st.sampled_from([{}, {}, {"note": "x"}]))
    found: dict[str, JSON] = {"type": type, "events": events}
    return found | ({"repo": "https://example.org"} if type == "GIT" else {})


SPECIFIC_MEMBERS = ("binaries", "urgency", "ubuntu_priority", "severity", "cves_map", "availability", "x")
SPECIFIC = st.dictionaries(st.sampled_from(SPECIFIC_MEMBERS), ANYTHING, max_size=2) | st.sampled_from(
    [{"urgency": "end-of-life"}, {"binaries": [{"x": "1-1"}]}, {"severity": "High"}]
)


def _may_be_a_version(text: str) -> bool:
    """Whether a text has a number in it, and nothing that no version has."""
    return not set("0123456789").isdisjoint(text) and set(" \t,\u00a0\u200b").isdisjoint(text)


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "package": st.fixed_dictionaries({"ecosystem": ECOSYSTEMS, "name": PACKAGES}, optional={"purl": TEXTS}),
        "ranges": st.lists(ranges(), max_size=2),
        "versions": st.lists(VERSIONS.filter(_may_be_a_version), max_size=3),
        "severity": SEVERITIES,
        "ecosystem_specific": SPECIFIC,
        "database_specific": SPECIFIC,
    },
)
NAMED = st.lists(IDS, max_size=3)
REFERENCES = st.lists(st.fixed_dictionaries({"type": st.sampled_from(["WEB", "FIX"]), "url": TEXTS}), max_size=2)
RECORDS = st.fixed_dictionaries(
    {"id": IDS, "modified": DATES},
    optional={
        "schema_version": TEXTS,
        "published": DATES,
        "withdrawn": DATES,
        "aliases": NAMED | st.none(),
        "upstream": NAMED,
        "related": NAMED,
        "summary": TEXTS,
        "details": TEXTS,
        "affected": st.lists(ENTRIES, max_size=4) | st.none(),
        "references": REFERENCES | st.none(),
        "database_specific": SPECIFIC,
    },
)


@pytest.fixture(scope="session")
def schema(unpacked: Unpack) -> Draft202012Validator:
    (path,) = unpacked("feeds/osv-schema-testdata").rglob("validation/schema.json")
    return Draft202012Validator(json.loads(path.read_text()))


@given(valid=RECORDS, severity=SEVERITIES)
@settings(max_examples=examples(300))
def test_valid_records_are_read(valid: dict[str, Any], severity: list[JSON] | None) -> None:
    one = with_severity(valid, severity)
    assert is_osv(json.dumps(one).encode())
    first, *parts = read(one)
    if isinstance(first, Skip):
        assert one.keys() <= {"id", "modified", "schema_version"}
        return
    assert isinstance(first, Advisory)
    assert first.id == one["id"]
    # The schema has no order of versions.
    refused = [part.why for part in parts if isinstance(part, Rejection)]
    assert all(why.endswith("is below what was introduced first") for why in refused)
    # Nothing vanishes: of no entry is there neither anything kept nor anything reported.
    reported = {part.position.partition(".")[0] for part in parts}
    missing = [number for number in range(len(one.get("affected") or ())) if f"affected[{number}]" not in reported]
    assert bool(missing) <= bool(first.affected)


@given(valid=RECORDS, severity=SEVERITIES)
@settings(max_examples=examples(100))
def test_those_records_are_valid(
    schema: Draft202012Validator, valid: dict[str, Any], severity: list[JSON] | None
) -> None:
    schema.validate(with_severity(valid, severity))


def with_severity(valid: dict[str, Any], severity: list[JSON] | None) -> dict[str, Any]:
    """The record with severities of its own, if its entries have none: one of the two."""
    entries = valid.get("affected") or ()
    return valid if any("severity" in one for one in entries) else deepcopy(valid) | {"severity": severity}


# What the schema allows and is refused all the same, as nobody could act on it or read it in a report.
@pytest.mark.parametrize(
    ("change", "position", "extent"),
    [
        ({"id": "DSA-\x1b"}, "id", Extent.RECORD),
        ({"withdrawn": "2024-99-99T99:99:99Z"}, "withdrawn", Extent.RECORD),
        ({"published": "2024-12-31T23:59:60Z"}, "published", Extent.PART),
        ({"aliases": ["\x1b"]}, "aliases[0]", Extent.PART),
        ({"affected": [entry("Debian:12", "")]}, "affected[0].package.name", Extent.PART),
        ({"affected": [entry("Debian:12", "\x1b")]}, "affected[0].package.name", Extent.PART),
        ({"affected": [entry("Debian:\x1b")]}, "affected[0].package.ecosystem", Extent.PART),
    ],
)
def test_valid_and_refused(schema: Draft202012Validator, change: dict[str, Any], position: str, extent: Extent) -> None:
    one = record("DSA-1") | change
    schema.validate(one)
    (rejection,) = [item for item in read(one) if isinstance(item, Rejection)]
    assert (rejection.position, rejection.extent) == (position, extent)


REAL = (
    "osv-schema-testdata",
    "redhat-csaf-vex-sboms",
    "suse-oval-and-ubuntu-osv",
    "vuln-list-update-testdata",
    "vuls-data-update-fetch-fixtures",
    "vunnel-testdata",
)


#: What the real records have beside what is kept, by reason. The two of distributions are products on top of them:
#: OpenShift's tools and Package Hub.
SKIPPED = {
    "a range of type GIT": 1,
    "an entry without package": 4,
    "an id and a date alone, as in an index of records": 4,
    "ecosystem Red Hat": 1,
    "ecosystem SUSE": 6,
    "ecosystem Seal": 12,
    **{f"ecosystem {name}": count for name, count in (("Bitnami", 2), ("Hex", 1), ("Maven", 7))},
    **{f"ecosystem {name}": count for name, count in (("NuGet", 33), ("Packagist", 4), ("Pub", 1), ("SwiftURL", 1))},
}


def test_real_records_against_the_schema(unpacked: Unpack, schema: Draft202012Validator) -> None:
    """Every valid record is read without anything refused; of the invalid ones, all that can be understood."""
    valid, kept, entries = Counter[bool](), 0, 0
    skips, refused, losses = Counter[str](), Counter[str](), Counter[Loss]()
    for archive in REAL:
        for path in sorted(unpacked(f"feeds/{archive}").rglob("*.json")):
            data = path.read_bytes()
            # Another tool's own documents have records in them.
            if not is_osv(data, path.name) or "snapshots" in path.parts:
                continue
            found = read(data)
            try:
                valid[is_valid := schema.is_valid(json.loads(data))] += 1
            except ValueError:
                refused["no JSON"] += 1
                assert all(isinstance(item, Rejection) for item in found)
                continue
            assert not is_valid or not any(isinstance(item, Rejection) for item in found)
            refused.update(item.why for item in found if isinstance(item, Rejection))
            kept += sum(1 for item in found if isinstance(item, Advisory))
            entries += sum(len(item.affected) for item in found if isinstance(item, Advisory))
            skips.update(item.why.partition(":")[0] for item in found if isinstance(item, Skip))
            losses.update(loss for item in found if isinstance(item, Skip) for loss in item.losses)
    assert valid == {True: 101, False: 13}  # ten of Seal's ecosystems, two indexes, one timeline without a beginning
    assert refused == {"no JSON": 8}
    assert (kept, entries) == (112, 878)
    assert skips == SKIPPED
    assert {str(loss.distribution) for loss in losses} == {"maven rolling"}


def test_almalinux_against_the_schema(almalinux_folder: Path, schema: Draft202012Validator) -> None:
    """They are all read, too: see the tests of the whole feed."""
    for path in sorted(almalinux_folder.rglob("*.json"))[::40]:
        assert schema.is_valid(json.loads(path.read_bytes())), path.name
