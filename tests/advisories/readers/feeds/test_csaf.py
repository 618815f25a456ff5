"""CSAF: products of SUSE, Red Hat and openEuler, drafts of 2.1, bounds of versions, damage, a missing library."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from advisories_reference import host, rpm

from advisories import Feed, match
from advisories.cli import main
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Module,
    Names,
    Range,
    Rejection,
    Severity,
    Skip,
)
from advisories.models.errors import MissingExtra
from advisories.readers import feeds
from advisories.readers.feeds import csaf_products
from advisories.sources.documents import Document, documents
from advisories.sources.json import Value, values
from advisories.sources.limits import DEFAULT_LIMITS

CVE = "CVE-2024-1000"
RED_HAT, SUSE, OPENEULER = "Red Hat Product Security", "SUSE Product Security Team", "openEuler"


def csaf(
    platforms: dict[str, str | None],
    components: dict[str, str | None],
    *vulnerabilities: dict[str, Any],
    publisher: str = RED_HAT,
    joins: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A document of platforms with CPEs and components with purls, each component joined to each platform.

    The id of a product is PLATFORM:COMPONENT. What is joined otherwise is in `joins`.
    """

    def product(id: str, **helper: str | None) -> dict[str, Any]:
        known = {name: value for name, value in helper.items() if value is not None}
        return {"product_id": id, "name": id, "product_identification_helper": known}

    listed = [{"category": "product_name", "product": product(id, cpe=cpe)} for id, cpe in platforms.items()]
    listed += [{"category": "product_version", "product": product(id, purl=purl)} for id, purl in components.items()]
    pairs = {f"{platform}:{component}": (component, platform) for platform in platforms for component in components}
    return {
        "document": {
            "category": more.get("category", "csaf_vex"),
            "csaf_version": "2.0",
            "publisher": {"name": publisher},
            "tracking": {
                "id": more.get("id", CVE),
                "status": more.get("status", "final"),
                "current_release_date": "2024-01-02T00:00:00Z",
            },
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "x", "branches": listed}],
            "relationships": [
                {
                    "full_product_name": {"product_id": id, "name": id},
                    "product_reference": component,
                    "relates_to_product_reference": platform,
                }
                for id, (component, platform) in (pairs | (joins or {})).items()
            ],
        },
        "vulnerabilities": list(vulnerabilities),
    }


def cve(**status: list[str]) -> dict[str, Any]:
    return {"cve": CVE, "product_status": status}


Read = Callable[[Any], tuple[list[Advisory], list[str], list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A function from a document to its advisories, what was refused, and what was skipped."""

    def found(document: Any) -> tuple[list[Advisory], list[str], list[str]]:
        path = tmp_path / "document.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        items = list(feeds.read(path))
        return (
            [item for item in items if isinstance(item, Advisory)],
            [item.why for item in items if isinstance(item, Rejection)],
            [item.why for item in items if isinstance(item, Skip)],
        )

    return found


def entries(read: Read, document: Any) -> tuple[Affected, ...]:
    ((advisory,), refused, _) = read(document)
    assert refused == []
    return advisory.affected


def places(affected: tuple[Affected, ...]) -> set[tuple[str, str | None]]:
    return {(str(one.distribution), one.channel) for one in affected}


RHEL9 = {"9": "cpe:/o:redhat:enterprise_linux:9"}


class TestSuse:
    FIX = "curl-8.0.1-150400.5.32.1.x86_64"

    @pytest.mark.parametrize(
        ("name", "cpe", "release", "channel"),
        [
            (
                "SUSE Linux Enterprise Module for Basesystem 15 SP5",
                "cpe:/o:suse:sle-module-basesystem:15:sp5",
                "sles 15.5",
                None,
            ),
            ("SUSE Linux Enterprise Module for Python 3 15 SP6", None, "sles 15.6", None),
            (
                "SUSE Linux Enterprise High Availability Extension 15 SP4",
                "cpe:/o:suse:sle-ha:15:sp4",
                "sles 15.4",
                None,
            ),
            ("SUSE Linux Enterprise Workstation Extension 12 SP5", "cpe:/o:suse:sle-we:12:sp5", "sles 12.5", None),
            ("SUSE Linux Enterprise Desktop 15 SP5", "cpe:/o:suse:sled:15:sp5", "sles 15.5", None),
            ("SUSE Linux Enterprise Server 15 SP1-LTSS", "cpe:/o:suse:sles-ltss:15:sp1", "sles 15.1", "ltss"),
            ("SUSE Linux Enterprise Server 11 SP4 LTSS", "cpe:/o:suse:suse_sles_ltss:11:sp4", "sles 11.4", "ltss"),
            ("SUSE Linux Enterprise Server 15 SP2-LTSS", None, "sles 15.2", "ltss"),
            (
                "SUSE Linux Enterprise High Performance Computing 15 SP3-ESPOS",
                "cpe:/o:suse:sle_hpc-espos:15:sp3",
                "sles 15.3",
                "espos",
            ),
            ("SUSE Linux Enterprise Server 16.0", "cpe:/o:suse:sles:16:16.0:server", "sles 16.0", None),
            ("SUSE Linux Enterprise Server 16.0", None, "sles 16.0", None),
            ("SUSE Linux Enterprise Micro 5.3", "cpe:/o:suse:sle-micro:5.3", "sle-micro 5.3", None),
            ("SUSE Linux Micro 6.0", "cpe:/o:suse:sl-micro:6.0", "sle-micro 6.0", None),
            ("SUSE Linux Micro 6.1", None, "sle-micro 6.1", None),
            ("openSUSE Leap 15.6", "cpe:/o:opensuse:leap:15.6", "opensuse-leap 15.6", None),
            ("openSUSE Leap 15.6", None, "opensuse-leap 15.6", None),
            ("openSUSE Tumbleweed", "cpe:/o:opensuse:tumbleweed", "opensuse-tumbleweed rolling", None),
            ("openSUSE Leap Micro 5.5", "cpe:/o:opensuse:leap-micro:5.5", "opensuse-leap-micro 5.5", None),
        ],
    )
    def test_products(self, read: Read, name: str, cpe: str | None, release: str, channel: str | None) -> None:
        document = csaf({name: cpe}, {self.FIX: None}, cve(recommended=[f"{name}:{self.FIX}"]), publisher=SUSE)
        (one,) = entries(read, document)
        assert (str(one.distribution), one.channel) == (release, channel)
        assert (one.package, one.names, one.ranges[0].fixed) == ("curl", Names.BINARY, "8.0.1-150400.5.32.1")
        assert one.epoch_known

    @pytest.mark.parametrize(
        "cpe", ["cpe:/o:suse:ses:7.1", "cpe:/o:suse:sles_teradata:12:sp3", "cpe:/o:suse:sle-module-web-scripting:12"]
    )
    def test_other_products(self, read: Read, cpe: str) -> None:
        document = csaf({"x": cpe}, {self.FIX: None}, cve(recommended=[f"x:{self.FIX}"]), publisher=SUSE)
        assert read(document)[2] == ["a platform that is no release of a distribution that is known"]

    @pytest.mark.parametrize(
        "name", ["samba-ad-dc-libs-32bit", "libgnutls-dane0-32bit", "samba-client-libs", "python3-foo-64bit", "a-b-3"]
    )
    def test_names_without_a_version(self, read: Read, name: str) -> None:
        """``samba-ad-dc-libs-32bit`` was samba-ad-dc in the version ``libs-32bit``, so that its record was lost."""
        platform = "SUSE Linux Enterprise Server 15 SP5"
        document = csaf({platform: None}, {name: None}, cve(known_affected=[f"{platform}:{name}"]), publisher=SUSE)
        (entry,) = entries(read, document)
        assert (entry.package, entry.ranges) == (name, (Range(),))

    @pytest.mark.parametrize("name", ["samba-libs-32bit-4.19.2-1.1", "a-b3-3", "curl-8.0.1-150400.5.32.1.x86_64"])
    def test_names_with_one(self, read: Read, name: str) -> None:
        platform = "SUSE Linux Enterprise Server 15 SP5"
        document = csaf({platform: None}, {name: None}, cve(recommended=[f"{platform}:{name}"]), publisher=SUSE)
        (entry,) = entries(read, document)
        assert entry.package == name.rsplit("-", 2)[0]

    def test_builds_of_ltss_for_sap(self, read: Read) -> None:
        """The product for SAP is supported for longer than the release, so its builds are those of LTSS by then."""
        server, ltss = "SUSE Linux Enterprise Server 15 SP1", "SUSE Linux Enterprise Server 15 SP1-LTSS"
        sap = "SUSE Linux Enterprise Server for SAP Applications 15 SP1"
        old, new = "zsh-5.6-1.1.x86_64", "zsh-5.6-2.1.x86_64"
        status = cve(recommended=[f"{server}:{old}", f"{sap}:{old}", f"{ltss}:{new}", f"{sap}:{new}"])
        document = csaf(dict.fromkeys((server, ltss, sap)), {old: None, new: None}, status, publisher=SUSE)
        found = {(one.ranges[0].fixed, one.channel) for one in entries(read, document)}
        assert found == {("5.6-1.1", None), ("5.6-2.1", "ltss")}
        alone = csaf({sap: None}, {new: None}, cve(recommended=[f"{sap}:{new}"]), publisher=SUSE)
        assert [one.channel for one in entries(read, alone)] == [None]

    def test_the_same_finding_as_of_osv(self, read: Read, tmp_path: Path) -> None:
        name = "SUSE Linux Enterprise Module for Basesystem 15 SP5"
        document = csaf({name: None}, {self.FIX: None}, cve(recommended=[f"{name}:{self.FIX}"]), publisher=SUSE)
        record = {
            "id": "SUSE-SU-2023:1",
            "modified": "2024-01-01T00:00:00Z",
            "upstream": [CVE],
            "affected": [
                {
                    "package": {"ecosystem": "SUSE:Linux Enterprise Module for Basesystem 15 SP5", "name": "curl"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "8.0.1-150400.5.32.1"}]}
                    ],
                }
            ],
        }
        package = rpm("curl", "8.0.1-150400.5.26.1", source_name="curl", source_version="8.0.1-150400.5.26.1")
        found = []
        for content in (document, record):
            (one,) = match(host(package, distribution=Distribution("sles", "15.5")), Feed(read(content)[0]))
            found.append((one.vulnerability, one.fixed_version, one.fix_state))
        assert found[0] == found[1] == (CVE, "8.0.1-150400.5.32.1", FixState.FIXED)


class TestEpochs:
    SP3: ClassVar = {"openEuler-22.03-LTS-SP3": "cpe:/a:openEuler:openEuler:22.03-LTS-SP3"}

    @pytest.mark.parametrize(
        ("component", "purl", "version", "known"),
        [
            ("openssl-libs-1.1.1m-33.oe2203sp3.x86_64.rpm", None, "1.1.1m-33.oe2203sp3", False),
            ("openssl-libs-1:1.1.1m-33.oe2203sp3.x86_64.rpm", None, "1:1.1.1m-33.oe2203sp3", True),
            ("openssl-libs-0:1.1.1m-33.oe2203sp3.x86_64", None, "0:1.1.1m-33.oe2203sp3", True),
            ("openssl-libs-1.1.1m-33.oe2203sp3.x86_64", None, "1.1.1m-33.oe2203sp3", True),
            ("x.rpm", "pkg:rpm/openeuler/openssl-libs@1.1.1m-33?arch=x86_64&epoch=1", "1:1.1.1m-33", True),
            ("x.rpm", "pkg:rpm/openeuler/openssl-libs@1.1.1m-33?arch=x86_64", "1.1.1m-33", True),
        ],
    )
    def test_a_file_name_shows_none(
        self, read: Read, component: str, purl: str | None, version: str, known: bool
    ) -> None:
        (platform,) = self.SP3
        document = csaf(self.SP3, {component: purl}, cve(fixed=[f"{platform}:{component}"]), publisher=OPENEULER)
        (one,) = entries(read, document)
        assert (one.package, one.ranges[0].fixed, one.epoch_known) == ("openssl-libs", version, known)
        assert str(one.distribution) == "openeuler 22.03-LTS-SP3"

    def test_a_platform_without_a_cpe(self, read: Read) -> None:
        document = csaf({"openEuler-24.03-LTS": None}, {"vim-9.0-2.noarch.rpm": None}, publisher=OPENEULER)
        document["vulnerabilities"] = [cve(fixed=["openEuler-24.03-LTS:vim-9.0-2.noarch.rpm"])]
        assert places(entries(read, document)) == {("openeuler 24.03-LTS", None)}


class TestRedHat:
    @pytest.mark.parametrize(
        ("name", "cpe", "release", "channel"),
        [
            ("Red Hat Enterprise Linux 8.10.z", "cpe:/a:redhat:enterprise_linux:8", "rhel 8", None),
            ("Red Hat Enterprise Linux 10.1.z", "cpe:/o:redhat:enterprise_linux:10.1", "rhel 10", None),
            ("Red Hat Enterprise Linux 8.6.0.z", "cpe:/a:redhat:rhel_aus:8.6::appstream", "rhel 8.6", "aus"),
            ("Red Hat Enterprise Linux 8.8.0.z", "cpe:/a:redhat:rhel_tus:8.8", "rhel 8.8", "tus"),
            ("Red Hat Enterprise Linux 9.4", "cpe:/a:redhat:rhel_e4s:9.4::appstream", "rhel 9.4", "e4s"),
            ("Red Hat Enterprise Linux 8.4.0.z", "cpe:/a:redhat:rhel_eus_long_life:8.4::baseos", "rhel 8.4", "eus"),
            ("Red Hat Enterprise Linux 7-els", "cpe:/o:redhat:rhel_els:7", "rhel 7", "els"),
            ("Red Hat Enterprise Linux AppStream EUS (v.8.6)", None, "rhel 8.6", "eus"),
            ("Red Hat Enterprise Linux BaseOS AUS (v. 8.2)", None, "rhel 8.2", "aus"),
            ("Red Hat Enterprise Linux Server (v. 7 ELS)", None, "rhel 7", "els"),
            ("Red Hat Enterprise Linux BaseOS (v. 9)", None, "rhel 9", None),
            ("Red Hat CodeReady Linux Builder (v. 9)", None, "rhel 9", None),
            ("Red Hat Enterprise Linux 8.6 Extended Update Support", None, "rhel 8.6", "eus"),
            ("Red Hat Enterprise Linux 8.8 Telecommunications Update Service", None, "rhel 8.8", "tus"),
            ("Red Hat Enterprise Linux 8.10.z", None, "rhel 8", None),
            ("Red Hat Enterprise Linux 8.6.0.z", None, "rhel 8.6", "eus"),
            ("Red Hat Enterprise Linux 7-els", None, "rhel 7", "els"),
        ],
    )
    def test_platforms(self, read: Read, name: str, cpe: str | None, release: str, channel: str | None) -> None:
        document = csaf({name: cpe}, {"a": "pkg:rpm/redhat/a@1-1?epoch=2"}, cve(fixed=[f"{name}:a"]))
        (one,) = entries(read, document)
        assert (str(one.distribution), one.channel, one.ranges[0].fixed) == (release, channel, "2:1-1")

    @pytest.mark.parametrize(
        "name",
        ["Red Hat Enterprise Linux AI (RHEL AI) 3", "Red Hat Satellite 6.13 for RHEL 8", "Red Hat Ceph Storage 8"],
    )
    def test_products_on_top(self, read: Read, name: str) -> None:
        document = csaf({name: None}, {"a": "pkg:rpm/redhat/a@1-1"}, cve(fixed=[f"{name}:a"]))
        assert read(document)[2] == ["a platform that is no release of a distribution that is known"]

    def test_a_fix_on_src_alone_is_the_sources(self, read: Read) -> None:
        components = {"bash.src": "pkg:rpm/redhat/bash@5.1-2.el9?arch=src&epoch=0"}
        (one,) = entries(read, csaf(RHEL9, components, cve(fixed=["9:bash.src"])))
        assert (one.package, one.names, one.arches) == ("bash", Names.SOURCE, ())
        assert one.ranges == (Range(None, "5.1-2.el9"),)
        parts = {"source_name": "bash", "source_version": "5.1-1.el9", "source_epoch_known": False}
        inventory = host(rpm("bash-devel", "5.1-1.el9", **parts), distribution=Distribution("rhel", "9"))
        ((advisory,), _, _) = read(csaf(RHEL9, components, cve(fixed=["9:bash.src"])))
        assert [one.fixed_version for one in match(inventory, Feed([advisory]))] == ["5.1-2.el9"]

    def test_binaries_beside_a_source_stand_for_it(self, read: Read) -> None:
        """Also of another epoch than the source's, and only in the same release and channel."""
        platforms = RHEL9 | {"9E": "cpe:/a:redhat:rhel_eus:9.4"}
        components = {
            "b": "pkg:rpm/redhat/bpftool@7-2.el9?epoch=0",
            "k": "pkg:rpm/redhat/kernel-core@7-2.el9?epoch=1",
            "s": "pkg:rpm/redhat/kernel@7-2.el9?arch=src&epoch=0",
        }
        one = csaf(platforms, components, cve(fixed=["9:b", "9:k", "9:s", "9E:s"]))
        assert [(one.package, one.channel, one.names.value) for one in entries(read, one)] == [
            ("bpftool", None, "binary"),
            ("kernel-core", None, "binary"),
            ("kernel", "eus", "source"),
        ]

    def test_what_is_affected_before_the_fix(self, read: Read) -> None:
        """Red Hat lists a package of a stream as affected beside its fix in the same stream."""
        components = {
            "firefox": "pkg:rpm/redhat/firefox",
            "firefox.src": "pkg:rpm/redhat/firefox?arch=src",
            "firefox-x11": "pkg:rpm/redhat/firefox-x11",
            "firefox-1": "pkg:rpm/redhat/firefox@1-1.el9?epoch=0",
            "firefox-1.src": "pkg:rpm/redhat/firefox@1-1.el9?arch=src&epoch=0",
        }
        affected = ["9:firefox", "9:firefox.src", "9:firefox-x11"]
        document = csaf(RHEL9, components, cve(fixed=["9:firefox-1", "9:firefox-1.src"], known_affected=affected))
        found = entries(read, document)
        assert [(one.package, one.names.value, one.ranges) for one in found] == [
            ("firefox", "binary", (Range(None, "1-1.el9"),)),
            ("firefox-x11", "binary", (Range(),)),
        ]
        assert sorted(read(document)[2]) == ["affected before the fix that stands beside it"] * 2 + ["source packages"]

    def test_the_newest_stream_is_the_releases_own(self, read: Read) -> None:
        """Of a document of a CVE: its CPE is that of EUS, although every host of the release gets it."""
        platforms = {
            "Red Hat Enterprise Linux 9.8.z": "cpe:/a:redhat:rhel_eus:9.8",
            "Red Hat Enterprise Linux 9.7.z": "cpe:/a:redhat:enterprise_linux:9",
            "Red Hat Enterprise Linux 9.6.z": "cpe:/a:redhat:rhel_eus:9.6",
            "Red Hat Enterprise Linux 10.0.z": "cpe:/o:redhat:enterprise_linux_eus:10.0",
            "Red Hat Enterprise Linux 10.1.z": "cpe:/o:redhat:enterprise_linux:10.1",
            "Red Hat Enterprise Linux 8.10.z": "cpe:/a:redhat:enterprise_linux:8",
            "Red Hat Enterprise Linux 8.8.0.z": "cpe:/a:redhat:rhel_eus:8.8",
        }
        components = {"a": "pkg:rpm/redhat/a@1-1?arch=src", "b": "pkg:rpm/redhat/b?arch=src"}
        status = cve(fixed=[f"{name}:a" for name in platforms], known_affected=["Red Hat Enterprise Linux 9.7.z:b"])
        document = csaf(platforms, components, status)
        assert places(entries(read, document)) == {
            ("rhel 9", None),
            ("rhel 9.6", "eus"),
            ("rhel 10.0", "eus"),
            ("rhel 10", None),
            ("rhel 8", None),
            ("rhel 8.8", "eus"),
        }
        advisory = csaf(platforms, components, status, category="csaf_security_advisory")
        assert ("rhel 9.8", "eus") in places(entries(read, advisory))

    def test_the_newest_stream_where_no_other_is_named(self, read: Read) -> None:
        platforms = {f"Red Hat Enterprise Linux 9.{n}.z": f"cpe:/a:redhat:rhel_eus:9.{n}" for n in (4, 6)}
        document = csaf(platforms, {"a": "pkg:rpm/redhat/a@1-1"}, cve(fixed=[f"{name}:a" for name in platforms]))
        assert places(entries(read, document)) == {("rhel 9", None), ("rhel 9.4", "eus")}
        # Its older documents name the release as a whole.
        document = csaf(
            platforms | {"Red Hat Enterprise Linux 9": "cpe:/o:redhat:enterprise_linux:9"},
            {"a": "pkg:rpm/redhat/a@1-1"},
            cve(fixed=[f"{name}:a" for name in platforms]),
        )
        assert places(entries(read, document)) == {("rhel 9.6", "eus"), ("rhel 9.4", "eus")}

    def test_a_newest_stream_that_is_not_affected_clears_no_older_one(self, read: Read) -> None:
        old, new = "Red Hat Enterprise Linux 9.6.z", "Red Hat Enterprise Linux 9.8.z"
        platforms = {old: "cpe:/a:redhat:rhel_eus:9.6", new: "cpe:/a:redhat:rhel_eus:9.8"}
        components = {"a": "pkg:rpm/redhat/a?arch=src", "b": "pkg:rpm/redhat/b?arch=src"}
        status = cve(known_affected=[f"{old}:a"], known_not_affected=[f"{new}:a", f"{new}:b"])
        document = csaf(platforms, components, status)
        assert [(one.package, one.channel, one.negative) for one in entries(read, document)] == [
            ("a", "eus", False),
            ("b", None, True),
        ]
        assert read(document)[2] == ["not affected in the newest minor release, and affected in an older one"]

    def test_modules(self, read: Read) -> None:
        components = {
            "purl": "pkg:rpm/redhat/nodejs?arch=src&rpmmod=nodejs:18",
            "nodejs:20/nodejs": None,
            "none": "pkg:rpm/redhat/bash?arch=src",
            "broken": "pkg:rpm/redhat/x?arch=src&rpmmod=rhel10",
        }
        found = entries(read, csaf(RHEL9, components, cve(known_affected=[f"9:{one}" for one in components])))
        assert {one.package + str(one.module): one.module for one in found} == {
            "nodejsnodejs:18": Module.of("nodejs:18"),
            "nodejsnodejs:20": Module.of("nodejs:20"),
            "bashnone": NO_MODULE,
            "xunknown": UNKNOWN_MODULE,
        }


class TestNames:
    """What a component without a version and an architecture is: a source, or a binary package."""

    def test_beside_sources_it_is_a_binary(self, read: Read) -> None:
        components = {"libcurl": "pkg:rpm/redhat/libcurl", "curl": "pkg:rpm/redhat/curl?arch=src"}
        found = entries(read, csaf(RHEL9, components, cve(known_affected=["9:libcurl", "9:curl"])))
        assert [(one.package, one.names.value) for one in found] == [("libcurl", "binary"), ("curl", "source")]

    @pytest.mark.parametrize("purl", [None, "pkg:rpm/redhat/kernel"])
    def test_alone_it_is_either(self, read: Read, purl: str | None) -> None:
        found = entries(read, csaf(RHEL9, {"kernel": purl}, cve(known_affected=["9:kernel"])))
        assert [one.names for one in found] == [Names.SOURCE, Names.BINARY]

    def test_of_others_it_is_a_binary(self, read: Read) -> None:
        name = "SUSE Linux Enterprise Server 15 SP5"
        found = entries(read, csaf({name: None}, {"curl": None}, cve(known_affected=[f"{name}:curl"]), publisher=SUSE))
        assert [one.names for one in found] == [Names.BINARY]


class TestNegatives:
    """Not affected in every version, beside a record of something else that it is."""

    @pytest.mark.parametrize(
        ("component", "purl", "cleared"),
        [
            ("kernel", "pkg:rpm/redhat/kernel", True),
            ("kernel", "pkg:rpm/redhat/kernel?arch=src", True),
            ("kernel", None, True),
            ("kernel-core", "pkg:rpm/redhat/kernel-core", True),
            ("kernel-rt", "pkg:rpm/redhat/kernel-rt?arch=src", False),
            ("kernel:9/kernel", None, False),
        ],
    )
    @pytest.mark.parametrize("epoch_known", [True, False])
    def test_by_name(self, read: Read, component: str, purl: str | None, cleared: bool, epoch_known: bool) -> None:
        ((negative,), _, _) = read(csaf(RHEL9, {component: purl}, cve(known_not_affected=[f"9:{component}"])))
        fix = Affected("kernel-core", "rpm", Distribution("rhel", "9"), Names.BINARY, (Range(None, "5.14-9"),))
        package = rpm(
            "kernel-core",
            "5.14-1",
            epoch_known=epoch_known,
            source_name="kernel",
            source_version="5.14-1",
            source_epoch_known=False,
        )
        feed = Feed([negative, Advisory("RHSA-1", cves=(CVE,), affected=(fix,), database="redhat")])
        found = match(host(package, distribution=Distribution("rhel", "9")), feed)
        assert len(found) == (0 if cleared else 1)

    def test_of_a_module(self, read: Read) -> None:
        ((negative,), _, _) = read(
            csaf(RHEL9, {"nodejs:20/nodejs": None}, cve(known_not_affected=["9:nodejs:20/nodejs"]))
        )
        fix = Affected(
            "npm", "rpm", Distribution("rhel", "9"), Names.BINARY, (Range(None, "9-9"),), module=UNKNOWN_MODULE
        )
        feed = Feed([negative, Advisory("RHSA-1", cves=(CVE,), affected=(fix,), database="redhat")])
        for stream, count in (("nodejs:20", 0), ("nodejs:18", 1)):
            package = rpm("npm", "9-1", source_name="nodejs", source_version="20-1", module=Module.of(stream))
            assert len(match(host(package, distribution=Distribution("rhel", "9")), feed)) == count

    def test_of_a_module_as_a_whole(self, read: Read) -> None:
        """Under the name of the source that a module is named after, where no package of it stands beside it."""
        module, package = "pkg:rpmmod/redhat/nodejs@18:8090", "pkg:rpm/redhat/npm?arch=src&rpmmod=nodejs:18"
        status = cve(known_not_affected=["9:m"])
        (one,) = entries(read, csaf(RHEL9, {"m": module}, status))
        assert (one.package, one.names, one.module) == ("nodejs", Names.SOURCE, Module.of("nodejs:18"))
        beside = csaf(RHEL9, {"m": module, "p": package}, cve(known_not_affected=["9:m", "9:p"]))
        assert [one.package for one in entries(read, beside)] == ["npm"]
        assert read(beside)[2] == ["a module, not its packages"]

    def test_beside_the_opposite(self, read: Read) -> None:
        components = {"a": "pkg:rpm/redhat/a?arch=src"}
        document = csaf(RHEL9, components, cve(known_affected=["9:a"], known_not_affected=["9:a"]))
        assert [one.negative for one in entries(read, document)] == [False]
        assert read(document)[2] == ["not affected, and affected as well"]


class TestBounds:
    """First and last affected versions, and ranges of versions."""

    def bounds(self, read: Read, **status: list[str]) -> list[tuple[Range, ...]]:
        components = {f"a-{n}": f"pkg:rpm/redhat/a@{n}-1?arch=x86_64" for n in range(1, 10)}
        document = csaf(
            RHEL9, components, cve(**{name: [f"9:a-{n}" for n in numbers] for name, numbers in status.items()})
        )
        return [one.ranges for one in entries(read, document)]

    @pytest.mark.parametrize(
        ("status", "ranges"),
        [
            ({"first_affected": "2", "last_affected": "4"}, (Range("2-1", None, "4-1"),)),
            ({"first_affected": "2"}, (Range("2-1"),)),
            ({"last_affected": "4"}, (Range(None, None, "4-1"),)),
            ({"first_affected": "2", "fixed": "5"}, (Range("2-1", "5-1"),)),
            ({"first_affected": "2", "last_affected": "4", "first_fixed": "5"}, (Range("2-1", "5-1"),)),
            ({"first_affected": "2", "last_affected": "4", "fixed": "3"}, (Range("2-1", None, "4-1"),)),
            (
                {"first_affected": "26", "last_affected": "48", "fixed": "59"},
                (Range("2-1", "5-1"), Range("6-1", "9-1")),
            ),
        ],
    )
    def test_first_and_last(self, read: Read, status: dict[str, str], ranges: tuple[Range, ...]) -> None:
        assert self.bounds(read, **{name: list(numbers) for name, numbers in status.items()}) == [ranges]

    @pytest.mark.parametrize(
        ("text", "ranges"),
        [
            ("vers:rpm/<1.2-3", (Range(None, limit="1.2-3"),)),
            ("vers:rpm/>=1.0-1|<1.2-3", (Range("1.0-1", limit="1.2-3"),)),
            ("vers:rpm/>=1.0-1|<=1.2-3", (Range("1.0-1", None, "1.2-3"),)),
            ("vers:rpm/>=1:1.0-1", (Range("1:1.0-1"),)),
            ("vers:rpm/>=1.0-1|<1.2-3|>=2.0-1|<2.1-1", (Range("1.0-1", limit="1.2-3"), Range("2.0-1", limit="2.1-1"))),
            ("vers:rpm/1.0-1|>=2.0-1", (Range("1.0-1", None, "1.0-1"), Range("2.0-1"))),
            ("vers:rpm/*", (Range(),)),
            ("vers:all/*", (Range(),)),
        ],
    )
    def test_ranges(self, read: Read, text: str, ranges: tuple[Range, ...]) -> None:
        assert [one.ranges for one in entries(read, self.of_range(text, "known_affected"))] == [ranges]
        (negative,) = entries(read, self.of_range(text, "known_not_affected"))
        assert (negative.negative, negative.ranges) == (True, ranges)

    def of_range(self, text: str, status: str, purl: str = "pkg:rpm/redhat/openssl?arch=src") -> dict[str, Any]:
        document = csaf(RHEL9, {"r": purl}, cve(**{status: ["9:r"]}))
        (listed,) = document["product_tree"]["branches"]
        listed["branches"][1] |= {"category": "product_version_range", "name": text}
        return document

    @pytest.mark.parametrize(
        "text",
        [
            "vers:rpm/>1.0-1",
            "vers:rpm/!=1.0-1",
            "vers:rpm/<2|<3",
            "vers:rpm/",
            "vers:deb/<1.0-1",
            "<1.2-3",
            "before 3.0",
        ],
    )
    def test_ranges_without_a_form_here(self, read: Read, text: str) -> None:
        _, (why,), _ = read(self.of_range(text, "known_affected"))
        assert why.startswith("openssl: a range ")
        assert why.endswith(", of rhel 9")

    def test_a_range_and_its_fix(self, read: Read) -> None:
        document = self.of_range("vers:rpm/>=1.0-1|<1.2-3", "known_affected", "pkg:rpm/redhat/openssl?arch=x86_64")
        fixed = csaf(RHEL9, {"f": "pkg:rpm/redhat/openssl@1.2-3?arch=x86_64"})["product_tree"]
        document["product_tree"]["branches"] += fixed["branches"]
        document["product_tree"]["relationships"] += fixed["relationships"]
        document["vulnerabilities"][0]["product_status"]["fixed"] = ["9:f"]
        assert [one.ranges for one in entries(read, document)] == [(Range("1.0-1", "1.2-3"),)]
        assert [one.fix_state for one in entries(read, document)] == [FixState.FIXED]


class TestDrafts:
    """CSAF 2.1: metrics, purls, paths of products, new statuses and categories."""

    def document(self, **more: Any) -> dict[str, Any]:
        document = csaf(RHEL9, {"a": None}, cve(fixed=["9:a"]) | more)
        document["document"]["csaf_version"] = "2.1"
        tree = document["product_tree"]
        helper = {"purls": ["pkg:generic/a@1", "pkg:rpm/redhat/a@1-1?arch=x86_64&epoch=3"]}
        tree["branches"][0]["branches"][1]["product"]["product_identification_helper"] = helper
        tree["product_paths"] = [
            {
                "beginning_product_reference": "a",
                "full_product_name": {"product_id": "9:a", "name": "x"},
                "subpaths": [{"category": "default_component_of", "next_product_reference": "9"}],
            }
        ]
        del tree["relationships"]
        return document

    def test_products(self, read: Read) -> None:
        (one,) = entries(read, self.document())
        assert (one.package, str(one.distribution), one.ranges) == ("a", "rhel 9", (Range(None, "3:1-1"),))

    def test_a_path_over_a_module(self, read: Read) -> None:
        document = self.document()
        tree = document["product_tree"]
        module = {
            "product_id": "m",
            "name": "m",
            "product_identification_helper": {"purls": ["pkg:rpmmod/redhat/n@20:1"]},
        }
        tree["full_product_names"] = [module]
        tree["product_paths"] = [
            {
                "beginning_product_reference": "m",
                "full_product_name": {"product_id": "9:m", "name": "x"},
                "subpaths": [{"category": "default_component_of", "next_product_reference": "9"}],
            },
            {
                "beginning_product_reference": "a",
                "full_product_name": {"product_id": "9:a", "name": "x"},
                "subpaths": [{"category": "default_component_of", "next_product_reference": "9:m"}],
            },
        ]
        assert [one.module for one in entries(read, document)] == [Module.of("n:20")]

    def test_metrics(self, read: Read) -> None:
        content = {"cvss_v3": {"vectorString": "CVSS:3.1/AV:N"}, "cvss_v4": {"vectorString": "CVSS:4.0/AV:N"}}
        metrics = [{"content": content, "products": ["9:a"]}, {"content": {"qualitative_severity_rating": "high"}}]
        ((advisory,), refused, _) = read(self.document(metrics=metrics, cwes=[{"id": "CWE-1"}]))
        assert advisory.severities == (
            Severity("CVSS_V3", "CVSS:3.1/AV:N", "redhat"),
            Severity("CVSS_V4", "CVSS:4.0/AV:N", "redhat"),
        )
        assert (advisory.rating, refused) == ("high", [])
        _, refused, _ = read(self.document(metrics=[{"content": {"cvss_v2": {"version": "2.0"}}}]))
        assert refused == ["a score without a vector"]

    def test_known_exploitation(self, read: Read) -> None:
        ((advisory,), _, _) = read(self.document(first_known_exploitation_dates=[{"date": "x"}]))
        assert advisory.known_exploited

    @pytest.mark.parametrize(("category", "status"), [("csaf_withdrawn", "final"), ("csaf_vex", "deleted")])
    def test_what_was_withdrawn(self, read: Read, category: str, status: str) -> None:
        document = csaf(RHEL9, {"a": "pkg:rpm/redhat/a@1-1"}, cve(fixed=["9:a"]), category=category, status=status)
        ((advisory,), _, _) = read(document)
        assert advisory.withdrawn is not None
        assert advisory.withdrawn == advisory.modified

    def test_statuses(self, read: Read) -> None:
        components = {"a": "pkg:rpm/redhat/a?arch=src"}
        (one,) = entries(read, csaf(RHEL9, components, cve(unknown=["9:a"])))
        assert (one.ranges, one.fix_state) == ((Range(),), FixState.UNDER_INVESTIGATION)
        _, refused, _ = read(csaf(RHEL9, components, cve(known_affected=["9:a"], perhaps_affected=["9:a"])))
        assert refused == ["a status that is not known: 'perhaps_affected'"]


class TestDamage:
    GOOD = "pkg:rpm/redhat/good@1-1?arch=x86_64"

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:rpm/redhat/a@1-1?arch=x86_64&arch=aarch64",
            "pkg:rpm/redhat/a@1-1?epoch=1&epoch=2",
            "pkg:rpm/redhat/a@1-1?epoch=one",
            "pkg:rpm/redhat/a@1-1?epoch=-1",
            "pkg:rpm",
            "pkg:rpm/",
            "rpm/redhat/a@1-1",
            "pkg:rpm/redhat/a%00b@1-1",
        ],
    )
    def test_broken_purls(self, read: Read, purl: str) -> None:
        """One is a counted rejection that names the release, and its neighbour stays."""
        document = csaf(RHEL9, {"bad": purl, "good": self.GOOD}, cve(fixed=["9:bad", "9:good"]))
        ((advisory,), (why,), _) = read(document)
        assert [one.package for one in advisory.affected] == ["good"]
        assert why.endswith(", of rhel 9")

    def test_a_fix_without_a_version(self, read: Read) -> None:
        document = csaf(RHEL9, {"a": "pkg:rpm/redhat/a", "good": self.GOOD}, cve(fixed=["9:a", "9:good"]))
        assert read(document)[1] == ["a: a fix without a version, of rhel 9"]

    def test_what_is_lost(self, tmp_path: Path) -> None:
        """The report of the feed has the package and the release of what was refused (rule 0)."""
        components = {
            "fix": "pkg:rpm/redhat/fix",
            "bad": "pkg:rpm/redhat/bad@1?arch=x&arch=y",
            "new": "pkg:rpm/redhat/new?arch=src",
            "good": self.GOOD,
        }
        status: Any = {"fixed": ["9:fix", "9:bad", "9:good", "9:gone"], "perhaps": ["9:new"]}
        document = csaf(RHEL9, components, cve(**status), cve(fixed={}, known_affected=["9:new"]))
        document["product_tree"]["relationships"].append(
            {
                "full_product_name": {"product_id": "9:gone", "name": "x"},
                "product_reference": "gone",
                "relates_to_product_reference": "9",
            }
        )
        path = tmp_path / "a.json"
        path.write_text(json.dumps(document))
        reading = feeds.read(path)
        reading.records()
        assert {(loss.package, str(loss.distribution)) for loss in reading.report().losses} == {
            ("fix", "rhel 9"),
            ("good", "rhel 9"),
            (None, "rhel 9"),
            ("new", "rhel 9"),
        }

    def test_the_first_fix_counts(self, read: Read) -> None:
        """What is recommended, or has the fix too, may be a later version."""
        components = {f"a-{n}": f"pkg:rpm/redhat/a@{n}-1?arch=x86_64" for n in range(1, 5)}
        status = cve(recommended=["9:a-4"], fixed=["9:a-2", "9:a-3"], first_fixed=["9:a-1"])
        document = csaf(RHEL9, components, status)
        assert [one.ranges for one in entries(read, document)] == [(Range(None, "1-1"),)]
        assert read(document)[2] == ["a fix behind the first one"] * 3
        (one,) = entries(read, csaf(RHEL9, components, cve(recommended=["9:a-4"], fixed=["9:a-2"])))
        assert one.ranges == (Range(None, "2-1"),)

    def test_a_purl_that_names_its_release(self, read: Read) -> None:
        components = {
            "a": "pkg:rpm/redhat/a@1-1?arch=x86_64&distro=rhel-9.4",
            "b": "pkg:deb/debian/b@1?distro=debian-12",
        }
        document = csaf({}, components, cve(fixed=["a", "b"]))
        assert places(entries(read, document)) == {("rhel 9", None)}
        assert read(document)[2] == ["a product that is no package of a release"]

    def test_a_release_without_rpms(self, read: Read) -> None:
        """It is not covered by what cannot be read."""
        document = csaf({"Debian 12": None}, {"curl": None}, cve(known_affected=["Debian 12:curl"]))
        assert read(document)[2] == ["a platform that is no release of a distribution that is known"]

    def test_groups_of_remediations(self, read: Read) -> None:
        one = cve(known_affected=["9:a"])
        one["remediations"] = [{"category": "no_fix_planned", "details": "x", "group_ids": ["g", 1, "none"]}]
        document = csaf(RHEL9, {"a": "pkg:rpm/redhat/a?arch=src"}, one)
        document["product_tree"]["product_groups"] = [{"group_id": "g", "product_ids": ["9:a"]}, 1]
        assert [one.fix_state for one in entries(read, document)] == [FixState.WONT_FIX]


class TestWithoutTheLibrary:
    """A missing extra is an error that names it, never fewer records."""

    @pytest.fixture(autouse=True)
    def blocked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from advisories.sources import purl

        monkeypatch.setitem(sys.modules, "packageurl", None)
        purl._library.cache_clear()
        purl.parsed.cache_clear()

    def document(self, purl: str | None) -> dict[str, Any]:
        component = "bash-5.1-1.el9.x86_64"
        return csaf(RHEL9, {component: purl}, cve(fixed=[f"9:{component}"]))

    @pytest.mark.parametrize("purl", ["pkg:rpm/redhat/bash", "pkg:rpm/redhat/bash@5.1-1.el9?arch=x86_64"])
    def test_purls(self, read: Read, purl: str) -> None:
        with pytest.raises(MissingExtra, match=r"pip install packageurl-python \(extra sbom\)"):
            read(self.document(purl))

    def test_a_folder_is_an_error_too(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps(self.document(None)))
        (tmp_path / "b.json").write_text(json.dumps(self.document("pkg:rpm/redhat/bash")))
        with pytest.raises(MissingExtra):
            list(feeds.read(tmp_path))

    def test_the_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "vex.json").write_text(json.dumps(self.document("pkg:rpm/redhat/bash")))
        (tmp_path / "list").write_text('# os-release ID="rhel" VERSION_ID="9.4"\nbash-5.1-1.el9.x86_64\n')
        feed, inventory = str(tmp_path / "vex.json"), str(tmp_path / "list")
        assert main(["match", "--inventory", inventory, "--feed", feed]) == 2
        assert "pip install packageurl-python (extra sbom)" in capsys.readouterr().err

    def test_names_need_none(self, read: Read) -> None:
        assert [one.package for one in entries(read, self.document(None))] == ["bash"]


# ---- real documents ----

NO_RELEASE = "a platform that is no release of a distribution that is known"
NO_PACKAGE = "a product that is no package of a release"
SOURCES = "source packages"
#: The documents of each archive, with archives inside of it, and how often each reason skips something.
REAL = {
    "claircore-history": (["claircore-history"], {NO_RELEASE: 2414, NO_PACKAGE: 7, SOURCES: 12}),
    "claircore-testdata": (
        [
            "claircore-testdata/rhel/vex/testdata",
            "claircore-testdata/rhel/vex/testdata/server/csaf_vex_2023-10-31.tar.zst",
            "claircore-testdata/test/acceptance/testdata",
        ],
        {NO_RELEASE: 2940, NO_PACKAGE: 18, SOURCES: 77},
    ),
    "osv-schema-testdata": (
        ["osv-schema-testdata/tools/redhat/testdata/CSAF"],
        {SOURCES: 105, "a module, not its packages": 3},
    ),
    "redhat-csaf-vex-sboms": (["etc/test-data/csaf"], {NO_RELEASE: 28272, NO_PACKAGE: 144, SOURCES: 1311}),
    "vuls-data-update-fetch-fixtures": (
        [
            "pkg/fetch/cisa/csaf/testdata/golden",
            "pkg/fetch/openeuler/csaf/testdata/fixtures",
            "pkg/fetch/openeuler/csaf/testdata/golden",
            "pkg/fetch/redhat/csaf/testdata/fixtures/csaf_advisories_2024-08-11.tar.zst",
            "pkg/fetch/redhat/csaf/testdata/fixtures",
            "pkg/fetch/redhat/vex/v1/testdata/fixtures/csaf_vex_2024-08-04.tar.zst",
            "pkg/fetch/redhat/vex/v2/testdata/fixtures/vex-archive.tar.zst",
            "pkg/fetch/suse/csaf/testdata/fixtures/csaf.tar.bz2",
            "pkg/fetch/suse/csaf_vex/testdata/fixtures/csaf-vex.tar.bz2",
        ],
        {NO_RELEASE: 1373, NO_PACKAGE: 2, SOURCES: 220, "affected before the fix that stands beside it": 2},
    ),
    "vunnel-testdata": (
        [
            "vunnel-testdata/tests/unit/providers/hummingbird/test-fixtures/input/advisories",
            "vunnel-testdata/tests/unit/providers/rhel/test-fixtures/csaf",
        ],
        {NO_RELEASE: 2, SOURCES: 92},
    ),
}
#: What names of products of releases begin with, but for what the page lists as skipped.
COVERED = re.compile(
    r"Red Hat Enterprise Linux (?!AI\b)|Red Hat CodeReady|openSUSE|openEuler"
    r"|SUSE Linux (?!Enterprise Server(?: 11 SP1-TERADATA| Teradata))"
)


@pytest.mark.parametrize("archive", REAL)
def test_real_documents(unpacked: Callable[[str], Path], archive: str) -> None:
    """Nothing of a release that is covered is skipped or refused without a reason that the page has."""
    places, expected = REAL[archive]
    root = unpacked(f"feeds/{archive}")
    page = (Path(__file__).parents[4] / "docs/reference/csaf.md").read_text()
    counts = Counter[str]()
    refused = Counter[str]()
    for place in places:
        path = root / place
        assert path.exists()
        for item in feeds.read(path):
            if isinstance(item, Skip) and not item.why.endswith("of no feed format"):
                counts[item.why] += 1
                assert not item.losses
            elif isinstance(item, Rejection):
                refused[item.why] += 1
    assert {why for why in counts if f"| {why} |" not in page and not why.startswith("components of type ")} == set()
    assert counts == expected
    # One names a product that it does not have, and one is named as an archive and is none, both on purpose.
    expected_refusals = (
        "not JSON: ",
        "a product that the document does not describe: ",
        "neither compressed nor an archive, as its name has it",
    )
    assert all(why.startswith(expected_refusals) for why in refused)
    platforms = {
        str(product["name"])
        for place in places
        for content in contents(root / place)
        for product in products(content.get("product_tree", {}).get("branches", []))
        if csaf_products._place(product) is None and "cpe" in product.get("product_identification_helper", {})
    }
    assert [name for name in platforms if COVERED.match(name)] == []


def contents(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a source."""
    for document in documents(path, DEFAULT_LIMITS):
        if isinstance(document, Document) and b"csaf_version" in document.data:
            for value in values(document):
                if isinstance(value, Value) and isinstance(value.content, dict):
                    yield value.content


def products(branches: list[Any]) -> Iterator[dict[str, Any]]:
    for branch in branches:
        if isinstance(branch.get("product"), dict):
            yield branch["product"]
        yield from products(branch.get("branches", []))
