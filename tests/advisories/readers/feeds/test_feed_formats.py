"""Feeds of every format but OSV and OVAL: what small documents become, damage anywhere, and the real ones counted."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, deb, host, rpm
from depth import TOO_DEEP
from places import ROOT

import vercmp
from advisories import Feed, match
from advisories.distros.fix_states import NO_WORD, Vocabulary, fix_states
from advisories.distros.kernels import kernel_of
from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Enrichment,
    Extent,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    PackageClass,
    Range,
    Rejection,
    Severity,
    Skip,
)
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.reading import Loss
from advisories.readers import feeds
from advisories.readers.feeds import registry
from advisories.readers.feeds.registry import FORMATS, Item
from advisories.readers.inventories import read as read_inventory
from advisories.store import read_feed

Unpack = Callable[[str], Path]


@pytest.fixture
def items(tmp_path: Path) -> Callable[..., list[Item]]:
    """A function from a document (a text, or a value for JSON) to what its reader yields."""

    def read(content: Any, name: str = "document", format: str | None = None) -> list[Item]:
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        path = tmp_path / name
        path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        reading = feeds.read(path)
        found = list(reading)
        assert format in (None, reading.report().format)
        return found

    return read


def kept(found: list[Item]) -> list[Advisory]:
    return [item for item in found if isinstance(item, Advisory)]


def refused(found: list[Item]) -> list[str]:
    return [f"{item.position}: {item.why}" for item in found if isinstance(item, Rejection)]


def deb_entry(package: str, release: Distribution, fixed: str | None, state: FixState, **more: Any) -> Affected:
    ranges = more.pop("ranges", (Range(None, fixed),))
    return Affected(package, "deb", release, Names.SOURCE, ranges, (), state, **more)


BIONIC, TRUSTY = Distribution("ubuntu", "18.04"), Distribution("ubuntu", "14.04")

TRACKED = """Candidate: CVE-2020-1000
PublicDate: 2020-03-24 15:15:00 UTC
References:
 https://example.org/1
Description:
 bionic_not: a status in a text
Priority: medium
Priority_other: low
CVSS:
 nvd: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H

Patches_pkg:
upstream_pkg: released (2.0)
trusty_pkg: ignored (out of standard support)
trusty/esm_pkg: released (1.0-1ubuntu1+esm1)
xenial_pkg: DNE
bionic_pkg: released (1.2-1ubuntu0.1)
eoan_pkg: not-affected (2.0-1)
focal_pkg: not-affected (code not present)
devel_pkg: needed
bionic_other: needs-triage
focal_other: pending (3.0-1)
disco_other: deferred (2020-04-01)
cosmic_other: ignored (low risk)
"""


class TestUbuntuTracker:
    def test_statuses(self, items: Callable[..., list[Item]]) -> None:
        found = items(TRACKED, "CVE-2020-1000", "ubuntu-tracker")
        general, other = kept(found)
        assert (general.id, general.cves, general.rating) == ("UBUNTU-CVE-2020-1000", ("CVE-2020-1000",), "medium")
        assert general.severities == (Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "nvd"),)
        eoan, focal = Distribution("ubuntu", "19.10"), Distribution("ubuntu", "20.04")
        assert general.affected == (
            deb_entry("pkg", TRUSTY, None, FixState.END_OF_LIFE),
            deb_entry("pkg", TRUSTY, "1.0-1ubuntu1+esm1", FixState.FIXED, channel="esm-infra"),
            deb_entry("pkg", BIONIC, "1.2-1ubuntu0.1", FixState.FIXED),
            deb_entry("pkg", eoan, "2.0-1", FixState.FIXED),
            deb_entry("pkg", focal, None, FixState.UNKNOWN, ranges=(), negative=True),
        )
        assert (other.id, other.rating) == ("UBUNTU-CVE-2020-1000/low", "low")
        assert [one.fix_state.value for one in other.affected] == [
            "under-investigation",
            "not-fixed",
            "deferred",
            "wont-fix",
        ]
        assert sorted(item.why for item in found if isinstance(item, Skip)) == [
            "a package that is not in a release",
            "status of devel",
            "status of upstream",
        ]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("bionic_x: released", "released, without a version"),
            ("bionic_x: wrong (1)", "an unknown status: 'wrong'"),
            ("bionic_pkg: needed", "a second status, and another one: the first stands"),
            ("nonsense", "not a field"),
            (": nobody's", "not a field"),
            ("bionic: needed", "not a status"),
        ],
    )
    def test_a_broken_line_takes_none_with_it(self, items: Callable[..., list[Item]], line: str, why: str) -> None:
        found = items(f"{TRACKED}{line}\n")
        assert [len(one.affected) for one in kept(found)] == [5, 4]
        assert refused(found) == [f"line {TRACKED.count(chr(10)) + 1}: {why}"]
        assert all(item.extent is Extent.PART for item in found if isinstance(item, Rejection))

    def test_an_id_that_is_none(self, items: Callable[..., list[Item]]) -> None:
        for id in ("../../etc/passwd", "CVE 1", "x\x1b"):
            found = items(TRACKED.replace("CVE-2020-1000", id, 1))
            assert not kept(found)
            assert len(refused(found)) == 1

    def test_esm_in_a_verdict(self, items: Callable[..., list[Item]]) -> None:
        feed = Feed(kept(items(TRACKED)))
        package = deb("pkg", "1.0-1ubuntu1")
        (finding,) = match(Inventory(TRUSTY, (package,)), feed)
        assert (finding.fixed_version, finding.channel) == ("1.0-1ubuntu1+esm1", "esm-infra")
        entitled = Distribution("ubuntu", "14.04", frozenset({"esm-infra"}))
        (finding,) = match(Inventory(entitled, (package,)), feed)
        assert finding.channel is None


DEBIAN = {
    "curl": {
        "CVE-2024-1000": {
            "debianbug": 1,
            "releases": {
                "bookworm": {"status": "resolved", "fixed_version": "7.88.1-10+deb12u5", "urgency": "not yet assigned"},
                "bullseye": {"status": "open", "urgency": "low**", "nodsa": "Minor", "nodsa_reason": "postponed"},
                "sid": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
                "buster": {"status": "open", "urgency": "end-of-life"},
                "experimental": {"status": "open"},
            },
        }
    },
    "wget": {"CVE-2024-1000": {"releases": {"bookworm": {"status": "undetermined", "urgency": "high"}}}},
    "zlib": {"TEMP-0000000-ABCDEF": {"releases": {"bookworm": {"status": "open", "nodsa_reason": "", "nodsa": ""}}}},
}


class TestDebianTracker:
    def test_statuses(self, items: Callable[..., list[Item]]) -> None:
        found = items(DEBIAN, "json", "debian-tracker")
        one, temporary = kept(found)
        assert (one.id, one.cves, one.rating) == ("DEBIAN-CVE-2024-1000", ("CVE-2024-1000",), "high")
        debian = {release: Distribution("debian", release) for release in ("10", "11", "12", "unstable")}
        assert one.affected == (
            deb_entry("curl", debian["12"], "7.88.1-10+deb12u5", FixState.FIXED),
            deb_entry("curl", debian["11"], None, FixState.DEFERRED),
            deb_entry("curl", debian["unstable"], "0", FixState.FIXED),
            deb_entry("curl", debian["10"], None, FixState.END_OF_LIFE),
            deb_entry("wget", debian["12"], None, FixState.UNDER_INVESTIGATION),
        )
        assert (temporary.id, temporary.cves) == ("DEBIAN-TEMP-0000000-ABCDEF", ())
        assert [item.why for item in found if isinstance(item, Skip)] == ["release experimental: not known"]

    def test_unstable_clears_what_has_no_fix(self, items: Callable[..., list[Item]]) -> None:
        """Rule 1a, with records of the tracker."""
        releases = {
            "bookworm": {"status": "open", "urgency": "low"},
            "sid": {"status": "resolved", "fixed_version": "2.0-1", "urgency": "low"},
        }
        feed = Feed(kept(items({"a": {"CVE-2024-1000": {"releases": releases}}})))
        for version, affected in (("1.9-1", True), ("2.0-1", False)):
            assert bool(match(Inventory(DEBIAN12, (deb("a", version),)), feed)) is affected


DEBIAN_ADVISORIES = """[02 Apr 2023] DSA-5381-1 tomcat9 - security update
\t{CVE-2022-42252 CVE-2022-45143}
\t[bullseye] - tomcat9 9.0.43-2~deb11u6
\tNOTE: something
\t[buster] - tomcat9 <not-affected> (Vulnerable code not present)
[wrong] DSA-1-1 broken - date
\t[bullseye] - x 1.0
nonsense
[August 26th, 2005] DTSA-1-1 kismet - various
\t[etch] - kismet 2005.08.R1-0.1etch1 (high)
\t[moon] - kismet 1
\tbroken
"""


class TestDebianAdvisories:
    def test_advisories(self, items: Callable[..., list[Item]]) -> None:
        found = items(DEBIAN_ADVISORIES, "list", "debian-advisories")
        first, second, third = kept(found)
        assert (first.id, first.cves, str(first.published)) == (
            "DSA-5381-1",
            ("CVE-2022-42252", "CVE-2022-45143"),
            "2023-04-02 00:00:00+00:00",
        )
        bullseye, buster = Distribution("debian", "11"), Distribution("debian", "10")
        assert first.affected == (
            deb_entry("tomcat9", bullseye, "9.0.43-2~deb11u6", FixState.FIXED),
            deb_entry("tomcat9", buster, None, FixState.UNKNOWN, ranges=(), negative=True),
        )
        assert (second.id, second.published) == ("DSA-1-1", None)
        assert (third.id, str(third.published)) == ("DTSA-1-1", "2005-08-26 00:00:00+00:00")
        assert refused(found) == [
            "line 6: not a date: 'wrong'",
            "line 8: not the beginning of an advisory",
            "line 12: not a package of a release",
        ]

    def test_a_list_that_is_cut(self, items: Callable[..., list[Item]]) -> None:
        """The newest stand first: a cut loses every older advisory, and what is left reads as a whole list."""
        newest = "[02 Apr 2023] DSA-5381-1 tomcat9 - an update\n\t{CVE-2022-42252}\n\t[bullseye] - tomcat9 9.0-2\n"
        older = "[01 Apr 2023] DSA-5380-1 bash - an update\n\t{CVE-2022-45143}\n\t[bullseye] - bash 5.1-3\n"
        for end in range(len(newest), len(newest + older)):
            cut = (newest + older)[:end]
            if cut.endswith("\n"):
                continue
            found = items(cut, "list", "debian-advisories")
            number = 1 + cut.count("\n")
            assert f"line {number}: it ends in the middle of a line: it may be cut" in refused(found), cut
        # In the middle of a heading: nothing else of the older advisory shows that there was one.
        feed = read_feed(BytesIO((newest + older[:34]).encode()), BytesIO(newest.replace("DSA", "DLA").encode()))
        debian = Distribution("debian", "11")
        bash = Package("deb", "bash", "5.1-2", "amd64", source_name="bash", source_version="5.1-2")
        host = Inventory(debian, (bash,))
        assert match(host, feed).coverage.counts[PackageClass.UNCHECKED] == 1


SECDB = {
    "distroversion": "v3.18",
    "reponame": "main",
    "apkurl": "{{urlprefix}}/x",
    "packages": [
        {"pkg": {"name": "openssl", "secfixes": {"3.1.1-r0": ["CVE-2023-1000 XSA-1"], "0": ["CVE-2020-1000"]}}},
        {
            "pkg": {
                "name": "xen",
                "secfixes": {"4.17-r1": ["XSA-2", "CVE_2023-3000", "CVE-2023-1000"], "4.18-r0": ["?"]},
            }
        },
        {"pkg": {}},
    ],
}
SECDB_YAML = """---
distroversion: v3.18
reponame: main
packages:
  - pkg:
      name: openssl
      secfixes:
        1.10:
          - CVE-2023-1000
"""


class TestSecdb:
    def test_json(self, items: Callable[..., list[Item]]) -> None:
        found = items(SECDB, "main.json", "secdb")
        by_id = {one.id: one for one in kept(found)}
        assert sorted(by_id) == [
            "alpine-3.18-main:CVE-2020-1000",
            "alpine-3.18-main:CVE-2023-1000",
            "alpine-3.18-main:CVE-2023-3000",
            "alpine-3.18-main:XSA-2",
        ]
        one = by_id["alpine-3.18-main:CVE-2023-1000"]
        assert [(entry.package, entry.ranges[0].fixed) for entry in one.affected] == [
            ("openssl", "3.1.1-r0"),
            ("xen", "4.17-r1"),
        ]
        assert one.aliases == ("XSA-1",)
        assert refused(found) == [
            "packages[1].pkg.secfixes.4.18-r0: not an identifier: '?'",
            "packages[2].pkg.name: a string is expected, not null",
        ]

    def test_yaml_keeps_versions_as_they_are_written(self, items: Callable[..., list[Item]]) -> None:
        (one,) = kept(items(SECDB_YAML, "main.yaml", "secdb"))
        assert one.affected[0].ranges == (Range(None, "1.10"),)

    def test_yaml_that_was_cut_in_a_line_concerns_the_whole_release(self, items: Callable[..., list[Item]]) -> None:
        """What is there is a whole document: nothing else shows it."""
        text = SECDB_YAML + "        1.11:\n          - CVE-2023-2000\n"
        for place in range(text.index("        1.11"), len(text)):
            lost = [one for one in items(text[:place], "main.yaml") if isinstance(one, Rejection) and one.lost]
            assert bool(lost) == (text[place - 1] != "\n"), text[:place]
            of_all = {Loss(None, Distribution("alpine", "3.18")), Loss()}
            assert not lost or any(not of_all.isdisjoint(one.lost) for one in lost)

    @pytest.mark.parametrize("ids", [None, [], ""])
    def test_a_fix_of_nothing_is_counted(self, items: Callable[..., list[Item]], ids: object) -> None:
        """Alpine's own have some, such as heimdal 7.4.0-r0 in 3.6."""
        packages = [{"pkg": {"name": "heimdal", "secfixes": {"7.4.0-r0": ids, "7.5-r0": ["CVE-2017-17439"]}}}]
        found = items({**SECDB, "packages": packages})
        assert len(kept(found)) == 1
        (skip,) = (one for one in found if isinstance(one, Skip))
        assert skip.why == "a fixed version without an identifier"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (SECDB_YAML.replace("name: openssl", "name: &a openssl"), "anchors and aliases of YAML are not read"),
            (f"{SECDB_YAML}  x: [", "not YAML"),
            ("distroversion: moon\n", "not a release: 'moon'"),
            ("apkurl: x\nurlprefix: y\n", "of no distribution that is known"),
        ],
    )
    def test_what_is_refused(self, items: Callable[..., list[Item]], text: str, why: str) -> None:
        (problem,) = refused(items(text, "main.yaml"))
        assert why in problem

    def test_verdicts(self, items: Callable[..., list[Item]]) -> None:
        feed = Feed(kept(items(SECDB)))
        alpine = Distribution("alpine", "3.18.4")
        package = Package("apk", "libssl3", "3.1.0-r4", "x86_64", source_name="openssl", source_version="3.1.0-r4")
        found = match(Inventory(alpine, (package,)), feed)
        assert [(one.vulnerability, one.fixed_version) for one in found] == [("CVE-2023-1000", "3.1.1-r0")]
        fixed = Package("apk", "libssl3", "3.1.1-r0", source_name="openssl", source_version="3.1.1-r0")
        assert not match(Inventory(alpine, (fixed,)), feed)


def updates(id: str = "ALSA-2024:1", packages: str = "", module: str = "", **more: str) -> str:
    packages = packages or '<package name="bash" epoch="0" version="5.1" release="2.el9" arch="x86_64"/>'
    return (
        f'<?xml version="1.0"?><updates><update type="{more.get("type", "security")}"><id>{id}</id>'
        '<severity>Important</severity><issued date="2024-01-02 03:04:05"/>'
        f"<release>{more.get('release', '')}</release>"
        '<references><reference href="https://x/" id="CVE-2024-1000" type="cve" title="CVE-2024-1000"/></references>'
        f'<pkglist><collection short="{more.get("short", "")}"><name>{more.get("name", "")}</name>{module}{packages}'
        f"</collection></pkglist>{more.get('end', '')}</update></updates>"
    )


class TestUpdateinfo:
    def test_an_update(self, items: Callable[..., list[Item]]) -> None:
        packages = "".join(
            f'<package name="bash" epoch="1" version="5.1" release="2.el9" arch="{arch}"><reboot_suggested/></package>'
            for arch in ("x86_64", "aarch64", "src")
        )
        found = items(updates(packages=packages), "updateinfo.xml", "updateinfo")
        (one,) = kept(found)
        assert (one.kind, one.rating, one.cves, one.reboot_suggested) == (
            Kind.SECURITY,
            "important",
            ("CVE-2024-1000",),
            True,
        )
        assert one.affected == (
            Affected(
                "bash",
                "rpm",
                ALMA9,
                Names.BINARY,
                (Range(None, "1:5.1-2.el9"),),
                (),
                FixState.FIXED,
                arches=("aarch64", "x86_64"),
            ),
        )

    @pytest.mark.parametrize(
        ("id", "release", "more", "distribution"),
        [
            ("ALSA-2024:1", "2.el8_5", {}, "almalinux 8"),
            ("RLSA-2024:1", "2.el9", {}, "rocky 9"),
            ("RHSA-2024:1", "2.el7", {}, "rhel 7"),
            ("ELSA-2024-1", "2.0.1.el8", {}, "ol 8"),
            ("ALAS-2011-1", "1.18.amzn1", {}, "amzn 1"),
            ("ALAS2-2018-939", "38.79.amzn2.0.1", {}, "amzn 2"),
            ("ALAS2023-2023-001", "3.amzn2023.0.2", {}, "amzn 2023"),
            ("FEDORA-2017-85b23ed72d", "1.fc27", {}, "fedora 27"),
            ("openEuler-SA-2023-1", "1.oe2203sp1", {}, "openeuler 22.03-LTS-SP1"),
            ("openSUSE-2021-1", "lp153.1", {"name": "openSUSE Leap 15.3"}, "opensuse-leap 15.3"),
            ("SUSE-2021-1", "1.2", {"release": "SUSE Linux Enterprise Server 15 SP3"}, "sles 15.3"),
            ("ALSA-2024:1", "2", {}, None),
            ("XYZ-1", "2.el9", {}, None),
        ],
    )
    def test_which_release(
        self, items: Callable[..., list[Item]], id: str, release: str, more: dict[str, str], distribution: str | None
    ) -> None:
        package = f'<package name="bash" version="5.1" release="{release}" arch="x86_64"/>'
        found = items(updates(id, package, **more))
        (one,) = kept(found)
        assert [str(entry.distribution) for entry in one.affected] == ([distribution] if distribution else [])
        assert len([item for item in found if isinstance(item, Skip)]) == (distribution is None)

    def test_modules(self, items: Callable[..., list[Item]]) -> None:
        package = '<package name="nodejs" version="20" release="1.module_el9.3.0+1+a" arch="x86_64"/>'
        (named,) = kept(items(updates(packages=package, module='<module name="nodejs" stream="20"/>')))
        (unnamed,) = kept(items(updates(packages=package)))
        assert named.affected[0].module == Module.of("nodejs:20")
        assert unnamed.affected[0].module == UNKNOWN_MODULE

    def test_extras_of_amazon_are_a_channel(self, items: Callable[..., list[Item]]) -> None:
        package = '<package name="kernel" version="5.15" release="20.amzn2" arch="x86_64"/>'
        (one,) = kept(items(updates("ALAS2KERNEL-5.15-1", package, short="amazon-linux-2---kernel-5.15")))
        assert one.affected[0].channel == "kernel-5.15"
        inventory = Inventory(Distribution("amzn", "2"), (rpm("kernel", "4.14.0-1.amzn2"),))
        assert not match(inventory, Feed([one]))

    def test_damage(self, items: Callable[..., list[Item]]) -> None:
        whole = updates(end="<x>é</x>")
        for cut in range(30, len(whole) - 12, 7):
            found = items(whole[:cut], "updateinfo.xml")
            assert len(refused(found)) == 1
        entity = whole.replace("<updates>", '<!DOCTYPE updates [<!ENTITY a "b">]><updates>')
        assert refused(items(entity)) == ["line 1, column 0: a document type declaration: entities are not read"]


def csaf(vulnerabilities: list[dict[str, Any]], id: str = "RHSA-2024:1") -> dict[str, Any]:
    def product(id: str, **helper: str) -> dict[str, Any]:
        return {"category": "x", "product": {"product_id": id, "name": id, "product_identification_helper": helper}}

    platforms = {"9": "cpe:/a:redhat:enterprise_linux:9::appstream", "8E": "cpe:/a:redhat:rhel_eus:8.6::baseos"}
    components = {
        "bash-0:5.1-2.el9.x86_64": "pkg:rpm/redhat/bash@5.1-2.el9?arch=x86_64",
        "bash-0:5.1-2.el9.aarch64": "pkg:rpm/redhat/bash@5.1-2.el9?arch=aarch64",
        "bash-0:5.1-2.el9.src": "pkg:rpm/redhat/bash@5.1-2.el9?arch=src",
        "ssl": "pkg:rpm/redhat/openssl-libs@3.0-1.el9?arch=x86_64&epoch=1",
        "kernel": "pkg:rpm/redhat/kernel?arch=src",
        "node": "pkg:rpm/redhat/nodejs@20-1.module%2Bel9?arch=x86_64&rpmmod=nodejs:20:9030",
        "js": "pkg:npm/left-pad@1",
    }
    branches = [product(name, cpe=cpe) for name, cpe in platforms.items()]
    branches += [product(name, purl=purl) for name, purl in components.items()]
    relationships = [
        {
            "category": "default_component_of",
            "full_product_name": {"product_id": f"{platform}:{component}", "name": "x"},
            "product_reference": component,
            "relates_to_product_reference": platform,
        }
        for platform in platforms
        for component in components
    ]
    return {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": {"name": "Red Hat Product Security"},
            "aggregate_severity": {"text": "Important"},
            "tracking": {"id": id, "current_release_date": "2024-01-02T00:00:00Z"},
        },
        "product_tree": {"branches": [{"branches": branches}], "relationships": relationships},
        "vulnerabilities": vulnerabilities,
    }


def vulnerability(cve: str, **status: list[str]) -> dict[str, Any]:
    return {"cve": cve, "product_status": status}


RHEL9 = Distribution("rhel", "9")


class TestCsaf:
    def test_statuses(self, items: Callable[..., list[Item]]) -> None:
        one = vulnerability(
            "CVE-2024-1000",
            fixed=[
                "9:bash-0:5.1-2.el9.x86_64",
                "9:bash-0:5.1-2.el9.aarch64",
                "9:bash-0:5.1-2.el9.src",
                "9:ssl",
                "9:node",
            ],
            known_affected=["9:kernel", "8E:kernel", "9:js"],
            known_not_affected=["8E:ssl"],
            under_investigation=["nothing"],
        )
        one["remediations"] = [
            {"category": "no_fix_planned", "details": "Out of support scope", "product_ids": ["9:kernel"]},
            {"category": "none_available", "details": "Fix deferred", "product_ids": ["8E:kernel"]},
        ]
        one["scores"] = [{"cvss_v3": {"vectorString": "CVSS:3.1/AV:N"}, "products": []}]
        found = items(csaf([one]), "x.json", "csaf")
        (advisory,) = kept(found)
        assert (advisory.id, advisory.kind, advisory.cves, advisory.rating) == (
            "RHSA-2024:1",
            Kind.SECURITY,
            ("CVE-2024-1000",),
            "important",
        )
        eus = Distribution("rhel", "8.6")
        entries = [
            (
                entry.package,
                entry.names.value,
                str(entry.distribution),
                entry.channel,
                entry.ranges[0].fixed if entry.ranges else entry.versions,
                entry.fix_state.value if not entry.negative else "negative",
                entry.arches,
                str(entry.module),
            )
            for entry in advisory.affected
        ]
        assert entries == [
            ("bash", "binary", "rhel 9", None, "5.1-2.el9", "fixed", ("aarch64", "x86_64"), "none"),
            ("openssl-libs", "binary", "rhel 9", None, "1:3.0-1.el9", "fixed", ("x86_64",), "none"),
            ("nodejs", "binary", "rhel 9", None, "20-1.module+el9", "fixed", ("x86_64",), "nodejs:20"),
            ("kernel", "source", "rhel 9", None, None, "end-of-life", (), "none"),
            ("kernel", "source", str(eus), "eus", None, "deferred", (), "none"),
            ("openssl-libs", "binary", str(eus), "eus", ("1:3.0-1.el9",), "negative", ("x86_64",), "none"),
        ]
        assert advisory.severities == (Severity("CVSS_V3", "CVSS:3.1/AV:N", "redhat"),)
        assert sorted(item.why for item in found if isinstance(item, Skip)) == [
            "components of type npm",
            "source packages",
        ]

    def test_vulnerabilities_that_differ_are_advisories_of_their_own(self, items: Callable[..., list[Item]]) -> None:
        same = [vulnerability(f"CVE-2024-{n}", fixed=["9:ssl"]) for n in (1000, 1001)]
        (one,) = kept(items(csaf(same)))
        assert (one.id, one.cves) == ("RHSA-2024:1", ("CVE-2024-1000", "CVE-2024-1001"))
        found = kept(items(csaf([*same, vulnerability("CVE-2024-1002", fixed=["9:bash-0:5.1-2.el9.x86_64"])])))
        assert [(one.id, one.cves[-1]) for one in found] == [
            ("RHSA-2024:1/CVE-2024-1000", "CVE-2024-1001"),
            ("RHSA-2024:1/CVE-2024-1002", "CVE-2024-1002"),
        ]

    def test_a_name_with_dashes_is_no_name_with_a_version(self, items: Callable[..., list[Item]]) -> None:
        document = csaf([vulnerability("CVE-2024-1000", known_affected=["sles:libs", "sles:built"])])
        names = {"sles": "SUSE Linux Enterprise Server 12 SP5", "libs": "samba-client-libs", "built": "ctdb-4.19-1.2"}
        ids = [{"product_id": id, "name": name} for id, name in names.items()]
        document["product_tree"]["full_product_names"] = ids
        document["product_tree"]["relationships"] += [
            {
                "full_product_name": {"product_id": f"sles:{id}"},
                "product_reference": id,
                "relates_to_product_reference": "sles",
            }
            for id in ("libs", "built")
        ]
        (one,) = kept(items(document))
        assert [entry.package for entry in one.affected] == ["samba-client-libs", "ctdb"]

    def test_a_document_called_like_a_cve(self, items: Callable[..., list[Item]]) -> None:
        (one,) = kept(items(csaf([vulnerability("CVE-2024-1000", fixed=["9:ssl"])], "CVE-2024-1000")))
        assert one.id == "REDHAT-CVE-2024-1000"

    def test_verdicts(self, items: Callable[..., list[Item]]) -> None:
        feed = Feed(kept(items(csaf([vulnerability("CVE-2024-1000", fixed=["9:ssl"], known_affected=["9:kernel"])]))))
        kernel = Package(
            "rpm", "kernel-core", "5.14-1.el9", "x86_64", source_name="kernel", source_version="5.14-1.el9"
        )
        found = match(Inventory(RHEL9, (rpm("openssl-libs", "3.0-1.el9"), kernel)), feed)
        assert [(one.package.name, one.fixed_version, one.fix_state.value) for one in found] == [
            ("kernel-core", None, "not-fixed"),
            ("openssl-libs", "1:3.0-1.el9", "fixed"),
        ]


def words(table: Mapping[str, FixState]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("word", "state"), table.items(), ids=table)


class TestWordsOfFixStates:
    """Rule 10: each word of the published table is read so."""

    @words(fix_states(Vocabulary.DEBIAN_TRACKER))
    def test_debians_tracker(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        status: dict[str, str] = {"status": word, "urgency": "low", "fixed_version": "1-1"}
        if word in ("no-dsa", "postponed", "ignored"):
            status |= {"status": "open", "nodsa": "Minor", "nodsa_reason": "" if word == "no-dsa" else word}
        elif word == "end-of-life":
            status |= {"status": "open", "urgency": word, "nodsa": "Minor"}
        found = items({"x": {"CVE-2024-1000": {"releases": {"bookworm": status}}}}, "json", "debian-tracker")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.DEBIAN_ADVISORIES))
    def test_debians_notices(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        found = items(f"[02 Apr 2023] DSA-1-1 x - y\n\t[bullseye] - x <{word}>\n", "list", "debian-advisories")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.UBUNTU_TRACKER))
    def test_ubuntus_tracker(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        status = f"{word} (1-1)" if word.startswith("released") else word.replace(NO_WORD, "")
        found = items(f"Candidate: CVE-2020-1000\nbionic_x: {status}\n", "CVE-2020-1000", "ubuntu-tracker")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.CSAF_STATUSES))
    def test_csafs_statuses(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        found = items(csaf([vulnerability("CVE-2024-1000", **{word: ["9:ssl"]})]), "x.json", "csaf")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.CSAF_REMEDIATIONS))
    def test_csafs_remediations(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        one = vulnerability("CVE-2024-1000", known_affected=["9:kernel"])
        one["remediations"] = [{"category": word, "details": "Affected", "product_ids": ["9:kernel"]}]
        found = items(csaf([one]), "x.json", "csaf")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.CSAF_DETAILS))
    def test_csafs_details(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        one = vulnerability("CVE-2024-1000", known_affected=["9:kernel"], under_investigation=["9:ssl"])
        details = f"{word.capitalize()} x"
        one["remediations"] = [{"category": "none_available", "details": details, "product_ids": ["9:kernel", "9:ssl"]}]
        found = items(csaf([one]), "x.json", "csaf")
        states = {entry.package: entry.fix_state for one in kept(found) for entry in one.affected}
        assert states == {"kernel": state, "openssl-libs": FixState.UNDER_INVESTIGATION}

    @words(fix_states(Vocabulary.OSV_COMPONENTS))
    @pytest.mark.parametrize("member", ["latest_event_status", "status"])
    def test_chainguards_osv(self, items: Callable[..., list[Item]], member: str, word: str, state: FixState) -> None:
        entry = {
            "package": {"ecosystem": "Chainguard", "name": "x", "purl": "pkg:apk/chainguard/x?arch=x86_64"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            "ecosystem_specific": {"components": [5, {}, {member: 5}, {member: word.replace("-", "_")}]},
        }
        found = items({"id": "CGA-1", "modified": "2024-01-01T00:00:00Z", "affected": [entry]}, "a.json")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]

    @words(fix_states(Vocabulary.OSV_URGENCIES))
    def test_debians_osv(self, items: Callable[..., list[Item]], word: str, state: FixState) -> None:
        entry = {
            "package": {"ecosystem": "Debian:12", "name": "x"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            "ecosystem_specific": {"urgency": word},
        }
        found = items({"id": "DEBIAN-CVE-2024-1000", "modified": "2024-01-01T00:00:00Z", "affected": [entry]}, "a.json")
        assert [entry.fix_state for one in kept(found) for entry in one.affected] == [state]


NVD = {
    "format": "NVD_CVE",
    "vulnerabilities": [
        {
            "cve": {
                "id": "CVE-2024-1000",
                "lastModified": "2024-05-01T00:00:00.000",
                "cisaExploitAdd": "2024-04-01",
                "metrics": {
                    "cvssMetricV31": [
                        {"source": "nvd@nist.gov", "cvssData": {"vectorString": "CVSS:3.1/AV:N"}},
                        {"source": "x", "cvssData": {"vectorString": "nonsense"}},
                    ],
                    "cvssMetricV2": [{"source": "x", "cvssData": {"vectorString": "(AV:N/AC:L/Au:N/C:P/I:P/A:P)"}}],
                },
            }
        },
        {"cve": {"id": "CVE-2024-1001", "vulnStatus": "Rejected"}},
    ],
}

CVE = {
    "dataType": "CVE_RECORD",
    "cveMetadata": {"cveId": "CVE-2024-1000", "state": "PUBLISHED", "dateUpdated": "2024-05-01T00:00:00"},
    "containers": {
        "cna": {"metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N"}}]},
        "adp": [{"metrics": [{"other": {"type": "kev", "content": {"dateAdded": "2024-04-01"}}}]}],
    },
}


class TestEnrichment:
    def test_kev(self, items: Callable[..., list[Item]]) -> None:
        entries = [
            {"cveID": "CVE-2024-1000", "dateAdded": "2024-05-01"},
            {"cveID": "x"},
            {"cveID": "CVE-2024-1", "dateAdded": "x"},
        ]
        found = items({"catalogVersion": "1", "vulnerabilities": entries}, "kev.json", "kev")
        as_csv = items("cveID,vendor,dateAdded\nCVE-2024-1000,v,2024-05-01\nx,,\n", "kev.csv", "kev")
        assert isinstance(found[0], Enrichment)
        assert found[0] == as_csv[0]
        assert (found[0].cve, str(found[0].known_exploited)) == ("CVE-2024-1000", "2024-05-01 00:00:00+00:00")
        assert len(refused(found)) == 2
        assert len(refused(as_csv)) == 1

    def test_epss(self, items: Callable[..., list[Item]]) -> None:
        text = "#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\ncve,epss,percentile\n"
        found = items(
            f"{text}CVE-2024-1000,0.25,0.9\nCVE-2024-1001,1.5,1\nx,0.1,1\nCVE-2024-1002,nan,1\n", format="epss"
        )
        assert isinstance(found[0], Enrichment)
        assert (found[0].epss, str(found[0].modified)) == (0.25, "2023-03-07 00:00:00+00:00")
        assert len(refused(found)) == 3

    def test_nvd(self, items: Callable[..., list[Item]]) -> None:
        found = items(NVD, "nvd.json", "nvd")
        assert isinstance(found[0], Enrichment)
        assert found[0].severities == (
            Severity("CVSS_V3", "CVSS:3.1/AV:N", "nvd"),
            Severity("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "cna"),
        )
        assert str(found[0].known_exploited) == "2024-04-01 00:00:00+00:00"
        assert refused(found) == [
            "vulnerabilities[0].cve: metrics.cvssMetricV31[1].cvssData.vectorString: not a vector: 'nonsense'"
        ]
        assert [item.why for item in found if isinstance(item, Skip)] == ["a rejected CVE"]

    def test_cve_records(self, items: Callable[..., list[Item]]) -> None:
        (found,) = items(CVE, "CVE-2024-1000.json", "cve5")
        assert isinstance(found, Enrichment)
        assert found.severities == (Severity("CVSS_V3", "CVSS:3.1/AV:N", "cve.org"),)
        assert str(found.known_exploited) == "2024-04-01 00:00:00+00:00"

    def test_a_feed_of_enrichments_alone(self, items: Callable[..., list[Item]], tmp_path: Path) -> None:
        items(CVE, "cve.json")
        feed = read_feed(tmp_path / "cve.json")
        assert (len(feed), dict(feed.enrichment_counts)) == (0, {"cve.org": 1})


def changed(value: Any, wrong: Any) -> Iterator[Any]:
    """The value with each of its parts replaced, one at a time."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: one} for one in (wrong, *changed(inner, wrong)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from ([*value[:place], one, *value[place + 1 :]] for one in (wrong, *changed(inner, wrong)))


SMALL_CSAF = csaf([vulnerability("CVE-2024-1000", fixed=["9:ssl"], known_affected=["9:kernel"])])
SMALL_CSAF["product_tree"]["relationships"] = SMALL_CSAF["product_tree"]["relationships"][3:6]
JSONS = {
    "debian": DEBIAN,
    "secdb": SECDB,
    "csaf": SMALL_CSAF,
    "nvd": NVD,
    "cve5": CVE,
    "kev": {"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2024-1000", "dateAdded": "2024-05-01"}]},
}


class TestBadInput:
    @pytest.mark.parametrize("name", JSONS)
    def test_any_value_in_any_place(self, items: Callable[..., list[Item]], name: str) -> None:
        for wrong in (None, 7, "x\x1b", [], {}, [1], "\ud800", "9999-99-99"):
            for document in changed(JSONS[name], wrong):
                try:
                    found = items(document, "a.json")
                except UnknownFormat:
                    continue
                assert all(isinstance(item, Advisory | Enrichment | Rejection | Skip) for item in found)

    @pytest.mark.parametrize("name", JSONS)
    def test_cut_off_anywhere(self, items: Callable[..., list[Item]], name: str) -> None:
        text = json.dumps(JSONS[name])
        for cut in range(1, len(text), max(len(text) // 60, 1)):
            try:
                found = items(text[:cut], "a.json")
            except UnknownFormat:
                continue
            assert refused(found)

    def test_deep_nesting(self, items: Callable[..., list[Item]]) -> None:
        deep: dict[str, Any] = {}
        for _ in range(300):
            deep = {"branches": [deep]}
        document = csaf([])
        document["product_tree"] = deep
        assert "nested more than 50 deep" in refused(items(document))[0]
        text = '{"csaf_version": "2.0", "x": ' + "[" * TOO_DEEP
        assert "nested too deeply" in refused(items(text))[0]


#: Formats of which a document is all that its publisher has of its releases, or of a component of one.
WHOLE = frozenset({"updateinfo", "debian-tracker", "debian-advisories", "secdb"})


def test_every_format_is_decided_to_be_whole_or_not() -> None:
    """By omission a new format would be whole, and an excerpt of it would make packages clean."""
    decided = Counter([*WHOLE, *registry._RECORDS, *registry._EITHER, *registry._ENRICHMENTS])
    assert decided == Counter(FORMATS.keys()), "a row of the registry: see docs/guide/adding-a-format.md"


def test_every_format_has_its_page() -> None:
    pages = "".join(path.read_text() for path in (ROOT / "docs/reference").glob("*.md"))
    assert [name for name in FORMATS if f"`{name}`" not in pages] == []


USN = {
    "id": "7000-1",
    "isummary": "x",
    "timestamp": 1722470400.25,
    "action": "In general, a standard system update will make all the necessary changes.\n",
    "cves": ["CVE-2024-1001"],
    "releases": {"bionic": {"sources": {"tool": {"version": "1.2-3ubuntu0.1"}}}},
}


class TestUbuntusAdvisories:
    """The database of USN; what one advisory becomes is in ``cases/formats/feeds/usn``."""

    @pytest.fixture
    def database(self, unpacked: Unpack) -> Path:
        fixtures = "pkg/fetch/ubuntu/usndb/testdata"
        return unpacked("feeds/vuls-data-update-fetch-fixtures") / fixtures

    @pytest.mark.parametrize(
        ("action", "reboot"),
        [
            ("After a standard system update you need to reboot your computer to make\nall the changes.", True),
            ("After a standard system upgrade you need to reboot your\ncomputer to effect the changes.", True),
            ("After a standard system update you need to restart your computer.", True),
            ("After a standard system update you need to restart your session.", False),
            ("After a standard system update you need to restart all QEMU virtual machines.", False),
            ("In general, a standard system update will make all the necessary changes.", False),
            (None, False),
            (["reboot your computer"], False),
        ],
    )
    def test_what_the_action_requests(self, items: Callable[..., list[Item]], action: Any, reboot: bool) -> None:
        (found,) = kept(items({**USN, "action": action}, "7000-1.json", "usn"))
        assert found.reboot_suggested is reboot

    def test_one_and_many(self, items: Callable[..., list[Item]]) -> None:
        alone = items(USN, "7000-1.json", "usn")
        assert alone == items({"7000-1": USN}, "database-all.json", "usn") == items([USN], "all.json", "usn")
        assert items({"7000-1": {**USN, "id": "USN-7000-1"}}, "database.json", "usn") == alone

    def test_a_source_in_two_pockets_has_an_entry_of_each(self, items: Callable[..., list[Item]]) -> None:
        binaries = {
            "tool": {"version": "1.2-3", "source": "tool", "pocket": "security"},
            "tool-extra": {"version": "1.2-3", "source": "tool", "pocket": "esm-apps"},
            "own": {"version": "9", "source": "owns", "pocket": "updates"},
            "other": {"version": "8", "source": "owns", "pocket": "updates"},
        }
        release = {"sources": {"tool": {"version": "1.2-3"}}, "allbinaries": binaries}
        (found,) = kept(items({**USN, "releases": {"bionic": release}}, "7000-1.json", "usn"))
        # What is built in several versions has no version that is its source's.
        assert {(one.package, one.channel) for one in found.affected} == {("tool", None), ("tool", "esm-apps")}

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"id": "seven"}, "id: not the number of an advisory: 'seven'"),
            ({"releases": []}, "releases: an object is expected, not an array"),
            ({"cves": "CVE-2024-1"}, "cves: an array is expected, not a string"),
            ({"timestamp": 1e300}, "timestamp: not the seconds of a date"),
            ({"timestamp": True}, "timestamp: not the seconds of a date"),
            ({"releases": {"bionic": None}}, "releases.bionic: an object is expected, not null"),
            (
                {"releases": {"bionic": {"sources": {"tool": {"version": ""}}}}},
                "releases.bionic.sources.tool.version: empty, or with characters that cannot be printed",
            ),
            (
                {"releases": {"bionic": {"sources": {"to\nol": {"version": "1"}}}}},
                "releases.bionic.sources.'to\\nol': empty, or with characters that cannot be printed",
            ),
            (
                {"releases": {"bionic": {"allbinaries": {"tool": {"version": "1", "pocket": 7}}}}},
                "releases.bionic.allbinaries.tool.pocket: a string is expected, not a number",
            ),
        ],
    )
    def test_what_is_not_as_it_is_written(
        self, items: Callable[..., list[Item]], changed: dict[str, Any], why: str
    ) -> None:
        found = items({"7000-1": {**USN, **changed}, "7001-1": {**USN, "id": "7001-1"}}, "all.json", "usn")
        assert f"7000-1: {why}" in refused(found)
        assert "USN-7001-1" in {one.id for one in kept(found)}

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            ('{"7000-1": {"id": "7000-1", "releases": {}}, "7001-1": {"id": ', "not JSON: Expecting value"),
            ('{"7000-1": {"id": "7000-1", "releases": {}} "7001-1": {}}', "not JSON: the object does not end here"),
            ('{"7000-1": {"id": "7000-1", "releases": {}}, 7: {}}', "not JSON: the name of a member is expected"),
            ('{"7000-1": {"id": "7000-1", "releases": {}}', "not JSON: the object does not end here"),
            ('{"7000-1": {"id": "7000-1", "releases": {}}} {}', "more after the end of the object"),
            ('{"7000-1": {"id": "7000-1", "releases": {}}, "7001-1": ' + "[" * 100_000, "nested too deeply"),
        ],
    )
    def test_what_was_read_before_the_damage_stays(self, items: Callable[..., list[Item]], data: str, why: str) -> None:
        found = items(data, "database-all.json", "usn")
        assert [one.id for one in kept(found)] == ["USN-7000-1"]
        (problem,) = refused(found)
        assert why in problem

    def test_the_split_database_is_the_same(self, database: Path) -> None:
        whole = kept(list(feeds.read(database / "fixtures/happy/database-all.json.bz2")))
        split = kept(list(feeds.read(database / "golden")))
        assert {one.id: one.reboot_suggested for one in whole} == {
            "USN-2274-1": True,
            "USN-4011-1": False,
            "USN-6342-1": True,
        }

        def plain(found: list[Advisory]) -> Any:
            return {one.id: (one.cves, one.published, frozenset(one.affected), one.reboot_suggested) for one in found}

        assert plain(whole) == plain(split)

    def test_a_real_host_restarts_by_the_advisory(self, database: Path, unpacked: Unpack) -> None:
        inventory = read_inventory(next(unpacked("inventories/hosts").rglob("ubuntu_1804.json")))
        feed = read_feed(database / "golden")
        found = match(inventory, feed)
        image = "linux-image-4.15.0-208-generic"
        (one,) = [one for one in found if (one.package.name, one.vulnerability) == (image, "CVE-2023-20593")]
        # USN names linux-signed too, and both have one version (rule 2).
        assert one.evidence.name == "linux"
        assert (one.fixed_version, one.channel, one.restart_required) == ("4.15.0-216.227", "esm-infra", True)
        # What only requires a kernel has no finding: the kernel has.
        meta = next(package for package in inventory.packages if package.name == "linux-virtual")
        assert kernel_of(meta) is None
        assert meta not in {one.package for one in found}

    @pytest.mark.parametrize(
        ("cve", "package", "release", "fixed", "restart"),
        [
            ("CVE-2019-10906", ("python3-jinja2", "2.10-1", "jinja2"), "18.04", "2.10-1ubuntu0.18.04.1", False),
            ("CVE-2014-4699", ("linux-libc-dev", "3.13.0-29.53", "linux"), "14.04", "3.13.0-30.55", True),
        ],
    )
    def test_beside_the_tracker_it_adds_what_has_to_be_restarted(
        self,
        database: Path,
        unpacked: Unpack,
        cve: str,
        package: tuple[str, str, str],
        release: str,
        fixed: str,
        restart: bool,
    ) -> None:
        tracker = next(unpacked("feeds/ubuntu-cve-tracker-2020-06").rglob(cve))
        name, version, source = package
        installed = deb(name, version, source_name=source, source_version=version)
        here = host(installed, distribution=Distribution("ubuntu", release))
        (alone,) = match(here, read_feed(tracker))
        assert (alone.fixed_version, alone.restart_required) == (fixed, False)
        (both,) = [one for one in match(here, read_feed(tracker, database / "golden")) if one.vulnerability == cve]
        assert both.advisories[0] == f"UBUNTU-{cve}"
        assert both.advisories[1].startswith("USN-")
        assert (both.fixed_version, both.restart_required) == (fixed, restart)


#: Every archive of feeds, read as it is: the formats found in it, records read and kept, parts refused, and affected
#: entries. What is refused of the fixtures of other tools is broken on purpose, cut out of its document, or what a page
#: of the reference says is not read.
REAL = [
    ("almalinux-osv.tar.xz", "osv", 5680, 5680, 0, 71329),
    ("alpine-secdb-2020-06.tar.xz", "secdb", 11454, 11454, 0, 12005),
    # Two versions in the place of one.
    ("azurelinux-oval.tar.xz", "oval", 16472, 14464, 7, 14464),
    ("cisa-kev.tar.xz", "kev", 2808, 2808, 0, 0),
    ("clair-history.tar.xz", "oval", 181, 181, 0, 2835),
    ("claircore-history.tar.xz", "oval, csaf", 687, 687, 0, 6656),
    ("claircore-testdata.tar.xz", "secdb, nvd, epss, kev, oval, csaf, osv", 285, 284, 0, 1650),
    ("createrepo_c-testdata.tar.xz", "updateinfo", 10, 9, 1, 0),
    ("debian-security-tracker-2023-04.tar.xz", "debian-advisories", 9148, 9148, 2, 10729),
    # OpenVEX: statements about findings, and no feed.
    ("dhi-openvex.tar.xz", "", 0, 0, 0, 0),
    ("osv-schema-testdata.tar.xz", "osv, csaf", 30, 30, 0, 770),
    ("redhat-csaf-vex-sboms.tar.xz", "csaf, cve5, osv", 62, 61, 0, 3047),
    ("suse-oval-and-ubuntu-osv.tar.xz", "osv, oval", 9341, 9341, 0, 93819),
    # Another tool's own database.
    ("trivy-detector-fixtures.tar.xz", "", 0, 0, 0, 0),
    ("ubuntu-cve-tracker-2020-06.tar.xz", "ubuntu-tracker", 33893, 33893, 771, 389856),
    ("ubuntu-oval-2021-02", "oval", 18824, 18824, 0, 321308),
    ("updateinfo-samples-fermitools.tar.xz", "updateinfo", 30, 30, 0, 0),
    (
        "vuln-list-update-testdata.tar.xz",
        "osv, secdb, updateinfo, debian-advisories, debian-tracker, oval, ubuntu-tracker",
        # Two that are called compressed, and are texts.
        143,
        90,
        # Nine of them for lists of Debian's advisories and files of Ubuntu's tracker without an end of line.
        10,
        264,
    ),
    (
        "vuls-data-update-fetch-fixtures.tar.xz",
        "osv, oval, updateinfo, secdb, csaf, kev, debian-tracker, epss, ubuntu-tracker, usn, nvd",
        # An excerpt of KEV, which states how many entries the whole had.
        488,
        454,
        0,
        2784,
    ),
    (
        "vunnel-testdata.tar.xz",
        "osv, secdb, debian-advisories, debian-tracker, epss, csaf, kev, oval",
        # Another excerpt of KEV, and a text called `.tar.zst`.
        430,
        397,
        18,
        660,
    ),
]


@pytest.mark.parametrize(("name", "formats", "read", "whole", "parts", "entries"), REAL, ids=[one[0] for one in REAL])
def test_every_archive(shared: Path, name: str, formats: str, read: int, whole: int, parts: int, entries: int) -> None:
    source = shared / "data/feeds" / name
    if not source.exists():
        pytest.skip(f"{name} is not in the shared data")
    reading = feeds.read(source)
    counted = sum(len(item.affected) for item in reading if isinstance(item, Advisory))
    report = reading.report()
    refused_parts = len(report.rejections) - report.rejected
    assert (report.format, report.read, report.kept, refused_parts, counted) == (formats, read, whole, parts, entries)
    assert report.read == report.kept + report.rejected


# The marks of the process's own memory: getrusage's begins with that of the process it was forked from.
MEASURED = """
import re, sys
from advisories import read_feed
feed = read_feed(sys.argv[1])
status = open("/proc/self/status").read()
peak, now = (int(re.search(rf"{name}:\\s+([0-9]+) kB", status)[1]) for name in ("VmHWM", "VmRSS"))
print(peak - now)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts the pages of a process as Linux does")
@pytest.mark.parametrize("name", ["suse-oval-and-ubuntu-osv.tar.xz", "ubuntu-cve-tracker-2020-06.tar.xz"])
def test_memory_is_bounded(shared: Path, name: str) -> None:
    source = shared / "data/feeds" / name
    if not source.exists():
        pytest.skip(f"{name} is not in the shared data")
    done = subprocess.run([sys.executable, "-c", MEASURED, source], capture_output=True, text=True, check=True)
    # Nothing where what is kept at the end is the most that was ever there.
    assert 0 <= int(done.stdout) < 300 * 1024


def test_no_archive_is_left_out(shared: Path) -> None:
    found = {path.name for path in (shared / "data/feeds").iterdir()}
    assert found - {one[0] for one in REAL} == set()


def pairs_of(advisory: Advisory) -> set[tuple[str, str, str | None]]:
    """What an advisory fixes: package, release, version; epochs of zero left away."""
    return {
        (entry.package, str(entry.distribution), (one.fixed or "").removeprefix("0:"))
        for entry in advisory.affected
        for one in entry.ranges
        if one.fixed is not None
    }


def test_csaf_and_the_osv_made_of_it(unpacked: Unpack) -> None:
    """Red Hat's documents, and the OSV records that the schema's own tool made of them, name the same fixes."""
    folder = unpacked("feeds/osv-schema-testdata") / "osv-schema-testdata/tools/redhat/testdata"
    seen = 0
    for path in sorted((folder / "CSAF").glob("*.json")):
        others = [one for one in (folder / "OSV").glob("*.json") if one.stem.lower() == path.stem.lower()]
        if not others:
            continue
        ours, theirs = (
            {pair for item in feeds.read(one) if isinstance(item, Advisory) for pair in pairs_of(item)}
            for one in (path, others[0])
        )
        assert ours <= theirs, path.name
        # The records list source packages as if they were installed; beside their binaries we leave them out.
        text = path.read_text()
        for name, _, version in theirs - ours:
            bare = version.rpartition(":")[2]
            assert f"{name}@{bare}?arch=src".replace("+", "%2B") in text.replace("+", "%2B"), (path.name, name)
        seen += len(ours)
    assert seen


def test_a_real_alpine_image_against_its_secdb(unpacked: Unpack) -> None:
    """Every finding of a real package list is reproduced by a loop over the feed."""
    release = Distribution("alpine", "3.10")
    folder = unpacked("inventories/trivy-packages") / "trivy-fanal-packages-golden-HEAD"
    inventory = read_inventory(folder / "alpine-310.json.golden")
    feed = read_feed(unpacked("feeds/alpine-secdb-2020-06"))
    found = match(Inventory(release, inventory.packages), feed)
    expected: set[tuple[str, str]] = set()
    for package in inventory.packages:
        version = package.source_version or package.version
        for advisory in feed:
            fixes = [
                entry.ranges[0].fixed or ""
                for entry in advisory.affected
                if entry.distribution == release and entry.package == (package.source_name or package.name)
            ]
            if fixes and all(fix != "0" and vercmp.apk.compare(version, fix) < 0 for fix in fixes):
                expected.update((package.name, name) for name in advisory.vulnerabilities)
    assert {(one.package.name, one.vulnerability) for one in found} == expected
    assert ("libcrypto1.1", "CVE-2019-1549") in expected


def test_an_empty_feed(tmp_path: Path) -> None:
    (tmp_path / "updateinfo.xml").write_text("<updates/>")
    with pytest.raises(EmptySource):
        read_feed(tmp_path / "updateinfo.xml")
    assert host(rpm("bash", "1-1")).packages


class TestKevAsCsv:
    """A field over several lines is no row of CISA's: one stray quote took 98 of 100 rows along."""

    HEAD = "cveID,vendorProject,dateAdded,notes"
    ROWS = tuple(f"CVE-2024-{number},x,2024-01-02,y" for number in range(1000, 1100))

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ('CVE-2024-1,"x,2024-01-02,y', "not CSV: unexpected end of data"),
            ('CVE-2024-1,"x"z,2024-01-02,y', "not CSV: ',' expected after '\"'"),
            ("CVE-2024-1,x,2024-01-02", "3 fields, and there are 4 columns"),
            ("CVE-2024-1,x,2024-01-02,y,z", "5 fields, and there are 4 columns"),
            ("CVE-2024-1", "1 fields, and there are 4 columns"),
            ("CVE-2024-1,x\0,2024-01-02,y", None),
            ("x" * 200_000, "not CSV: field larger than field limit (131072)"),
            ("CVE-2024-1,x,2024-01-02,y\rCVE-2024-2,x,2024-01-02,y", None),
        ],
    )
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_broken_row_leaves_the_others(
        self, items: Callable[..., list[Item]], row: str, why: str | None, end: str
    ) -> None:
        text = end.join([self.HEAD, *self.ROWS[:2], row, *self.ROWS[2:], ""])
        found = items(text.encode(), "kev.csv", "kev")
        assert len([one for one in found if isinstance(one, Enrichment)]) >= 100
        refused = [one for one in found if isinstance(one, Rejection)]
        if why is not None:
            assert [(one.position, one.why) for one in refused] == [("line 4", why)]
