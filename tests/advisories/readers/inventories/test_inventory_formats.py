"""Package lists of every kind: small ones for each rule, real ones counted, and the tools themselves asked."""

import json
import os
import random
import re
import shutil
import sqlite3
import struct
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import oracles
import pytest
from attrs import evolve
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL
from places import ROOT
from rpm_files import header

from advisories import DEFAULT_LIMITS
from advisories.models import Assumption, Distribution, Inventory, Package, State
from advisories.models.errors import AdvisoriesError, EmptySource, LimitExceeded, UnreadableSource
from advisories.models.reading import Unreadable
from advisories.readers import inventories
from advisories.readers.inventories import rpm_database
from advisories.readers.inventories.dpkg_query import QUERY_FORMAT as DPKG_FORMAT
from advisories.readers.inventories.locations import few_paths
from advisories.readers.inventories.registry import FORMATS
from advisories.readers.inventories.rpm_qa import QUERY_FORMAT as RPM_FORMAT
from advisories.sources.purl import parsed

Unpack = Callable[[str], Path]


def read(text: str | bytes | dict[str, Any] | list[Any]) -> Inventory:
    data = json.dumps(text).encode() if isinstance(text, dict | list) else text
    return inventories.read_stream(BytesIO(data.encode() if isinstance(data, str) else data), "list")


def only(inventory: Inventory) -> Package:
    (package,) = inventory.packages
    return package


class TestApk:
    DATABASE = (
        "C:Q1x\nP:libssl3\nV:3.1.2-r0\nA:x86_64\no:openssl\nm:A B <a@b>\nF:lib\nR:libssl.so.3\nF:usr/bin\nR:tool\n\n"
        "P:musl\nV:1.2.4-r1\nA:x86_64\n\n"
    )

    def test_the_database(self) -> None:
        found = read(self.DATABASE)
        assert found.format == "apk-installed"
        assert found.packages == (
            Package(
                "apk",
                "libssl3",
                "3.1.2-r0",
                "x86_64",
                source_name="openssl",
                source_version="3.1.2-r0",
                maintainer="A B <a@b>",
                locations=("/usr/bin/tool", "/lib/libssl.so.3"),
            ),
            Package("apk", "musl", "1.2.4-r1", "x86_64"),
        )

    def test_a_broken_stanza_takes_none_with_it(self) -> None:
        broken = self.DATABASE.replace("P:musl\n", "\n\nP:a\nnonsense\n\nP:musl\n", 1)
        found = read(broken)
        assert [package.name for package in found.packages] == ["libssl3", "musl"]
        assert found.report is not None
        assert [(one.what, one.why) for one in found.report.rejections] == [("a", "not a field: 'nonsense'")]

    @pytest.mark.parametrize(
        ("line", "package"),
        [
            ("musl-1.2.4-r2", Package("apk", "musl", "1.2.4-r2")),
            ("musl-1.2.4-r2 - the musl C library", Package("apk", "musl", "1.2.4-r2")),
            (
                "libcrypto3-3.1.2-r0 x86_64 {openssl} (Apache-2.0) [installed]",
                Package("apk", "libcrypto3", "3.1.2-r0", "x86_64", source_name="openssl", source_version="3.1.2-r0"),
            ),
            ("font-7x13-1-2.0-r5", Package("apk", "font-7x13-1", "2.0-r5")),
        ],
    )
    def test_lines(self, line: str, package: Package) -> None:
        found = read(f"WARNING: opening /etc/apk: No such file\n{line}\n")
        assert (found.format, only(found)) == ("apk-list", package)

    def test_what_is_not_installed(self) -> None:
        with pytest.raises(EmptySource, match="not installed: list with apk list -I"):
            read("musl-1.2.4-r2 x86_64 {musl} (MIT)\n")


class TestDpkgQuery:
    def test_the_recommended_form(self) -> None:
        found = read(
            "installed\tlibssl3\t3.0.9-1\tamd64\topenssl\t3.0.9-1\t\tDebian OpenSSL Team <x@y>\n"
            "config-files\told\t1-1\tall\told\t1-1\tOther\tSomebody\n"
        )
        assert found.format == "dpkg-query"
        assert found.packages[0] == Package(
            "deb",
            "libssl3",
            "3.0.9-1",
            "amd64",
            source_name="openssl",
            source_version="3.0.9-1",
            maintainer="Debian OpenSSL Team <x@y>",
        )
        assert (found.packages[1].state, found.packages[1].vendor) == (State.CONFIG_FILES, "Other")

    def test_the_default_and_manifests(self) -> None:
        found = read("apt\t2.6.1\nlibc6:i386\t2.36-9\ngone\t\n")
        states = [(p.name, p.arch, p.state.value) for p in found.packages]
        assert states == [
            ("apt", None, "installed"),
            ("libc6", "i386", "installed"),
            ("gone", None, "not-installed"),
        ]

    def test_the_table(self) -> None:
        found = read(
            "Desired=Unknown/Install/Remove/Purge/Hold\n"
            "| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n"
            "|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n"
            "||/ Name           Version      Architecture Description\n"
            "+++-==============-============-============-=====\n"
            "ii  adduser        3.134        all          add and remove users\n"
            "rc  libfoo1:amd64  1:2-3        amd64        gone\n"
            "iHR broken         1            amd64        \n"
            "un  virtual        <none>       <none>       (no description available)\n"
        )
        assert [(p.name, p.version, p.arch, p.state.value) for p in found.packages] == [
            ("adduser", "3.134", "all", "installed"),
            ("libfoo1", "1:2-3", "amd64", "config-files"),
            ("broken", "1", "amd64", "half-installed"),
            ("virtual", "", None, "not-installed"),
        ]

    def test_broken_lines(self) -> None:
        found = read("apt\t2.6.1\nbase\t1\nApt\t2\napt\t2 3\na\tb\tc\n")
        assert found.report is not None
        assert (len(found.packages), [one.position for one in found.report.rejections]) == (
            2,
            ["line 3", "line 4", "line 5"],
        )

    def test_the_real_tool_prints_what_its_database_says(self, unpacked: Unpack, tmp_path: Path) -> None:
        """Every status file of the shared data through dpkg-query, in both forms."""
        seen = 0
        for number, status in enumerate(_files(unpacked("inventories/dpkg-status"), "*status")):
            folder = tmp_path / str(number)
            folder.mkdir()
            shutil.copy(status, folder / "status")
            (folder / "info").mkdir()
            command = ["dpkg-query", f"--admindir={folder}", "-W", "-f", DPKG_FORMAT]
            listed = read(oracles.run(command))
            database = inventories.read(status)
            assert Counter(map(_compared, listed.packages)) == Counter(map(_compared, database.packages))
            table = read(oracles.run(["dpkg", f"--admindir={folder}", "-l"]))
            installed = [package for package in database.packages if package.state is State.INSTALLED]
            shown = {(p.name, p.version) for p in table.packages if p.state is State.INSTALLED}
            # dpkg -l cuts long names and versions to the width of a terminal.
            assert len(shown & {(p.name, p.version) for p in installed}) > len(installed) * 0.9
            seen += len(listed.packages)
        assert seen > 3000


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def _compared(package: Package) -> Package:
    """What the list of dpkg-query can say of a package: the source is always said."""
    source = package.source_name or package.name
    version = package.source_version or package.version
    return evolve(package, source_name=source, source_version=version, maintainer=None, locations=())


PURLS = [
    ("pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12&upstream=curl-src%407.88.1-9", "curl-src", "7.88.1-9"),
    (
        "pkg:rpm/redhat/openssl-libs@3.0.7-18.el9_2?arch=x86_64&epoch=1&upstream=openssl-3.0.7-18.el9_2.src.rpm",
        "openssl",
        "1:3.0.7-18.el9_2",
    ),
    ("pkg:apk/alpine/libssl3@3.1.2-r0?arch=x86_64&upstream=openssl&distro=alpine-3.18.3", "openssl", "3.1.2-r0"),
]


def _purls(part: st.SearchStrategy[str], *hostile: str) -> st.SearchStrategy[str]:
    """Purls of such parts, and with such signs in other places."""
    key = st.sampled_from(["arch", "epoch", "a_b", "B", "a-b", *hostile])
    qualifiers = st.lists(st.builds("{}={}".format, key, part), min_size=1, max_size=3).map("&".join)
    return st.builds(
        "pkg:{}{}/{}/{}@{}{}".format,
        st.sampled_from(["", *hostile]),
        st.sampled_from(["rpm", "deb", "apk", "alpine", "RPM", "pypi"]),
        st.sampled_from(["redhat", "a.b-c", "Alpine", *hostile]),
        part,
        part,
        st.sampled_from(["", "#a", *hostile]) | qualifiers.map("?{}".format),
    )


_PLAIN = st.text("aZ0+.-_~^:", min_size=1, max_size=4) | st.sampled_from(["g%2B%2B", "1%3A2%7E1%5E3"])
_HOSTILE = ["", "%2b", "%20", "%2F", "%40", "%26", "%", "/", "@", "?", "#", "&", "=", " ", "\t", "\n", "é", "[", "a/b"]
_PURLS = _purls(_PLAIN) | _purls(st.builds("{}{}{}".format, _PLAIN, st.sampled_from(_HOSTILE), _PLAIN), *_HOSTILE)


class TestPurls:
    @settings(max_examples=examples(2000), deadline=None)
    @given(text=_PURLS)
    def test_the_parts_are_those_that_the_library_finds(self, text: str) -> None:
        try:
            by_library = PackageURL.from_string(re.sub("pkg:alpine/", "pkg:apk/alpine/", text, flags=re.IGNORECASE))
        except ValueError:
            with pytest.raises(Unreadable):
                parsed(text)
            return
        found = parsed(text)
        assert (found.text, found.type, found.name) == (text, by_library.type, by_library.name)
        assert (found.namespace, found.version) == (by_library.namespace or None, by_library.version or None)
        assert dict(found.qualifiers) == by_library.qualifiers
        assert found.qualifiers == tuple(sorted(found.qualifiers))
        assert found.subpath == (by_library.subpath or None)

    @pytest.mark.parametrize(("purl", "source", "source_version"), PURLS)
    def test_the_source_package(self, purl: str, source: str, source_version: str) -> None:
        package = only(read(purl))
        assert (package.source_name, package.source_version) == (source, source_version)

    def test_the_epoch_of_a_source_rpm(self) -> None:
        package = only(read(PURLS[1][0]))
        assert (package.version, package.source_epoch_known) == ("1:3.0.7-18.el9_2", True)
        assert only(read("pkg:rpm/fedora/a@1-1?arch=x86_64")).epoch_known

    def test_modules(self) -> None:
        purl = "pkg:rpm/redhat/nodejs@20.1-1.module+el9.3.0+1+a?arch=x86_64&rpmmod=nodejs:20:9030020:rhel9"
        assert str(only(read(purl)).module) == "nodejs:20"
        assert str(only(read(purl.partition("&rpmmod")[0])).module) == "unknown"

    def test_the_distribution(self) -> None:
        assert str(read(PURLS[2][0]).distribution) == "alpine 3.18.3"
        both = read("\n".join([PURLS[0][0], PURLS[2][0]]))
        assert both.distribution is None

    def test_what_is_left_aside_and_refused(self) -> None:
        found = read("# a list\npkg:hex/x@1\npkg:rpm/a@1-1?arch=src\npkg:deb/debian/a\nnothing\npkg:deb/debian/b@1\n")
        assert [package.name for package in found.packages] == ["b"]
        assert found.report is not None
        assert [one.position for one in found.report.rejections] == ["line 4", "line 5"]
        assert dict(found.report.skips) == {"packages of type hex: have no order here": 1, "source packages": 1}


CDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [
        {"type": "operating-system", "name": "debian", "version": "12"},
        {
            "type": "library",
            "purl": "pkg:deb/debian/curl@7.88.1-10?arch=amd64",
            "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}],
            "components": [{"type": "library", "purl": "pkg:deb/debian/inner@1?arch=amd64"}],
        },
        {"type": "file", "name": "x"},
    ],
}


@pytest.mark.parametrize(
    ("purl", "release"),
    [
        ("pkg:deb/debian/bash@5.2-1?os_distro=bookworm&os_name=debian&os_version=12", "debian 12"),
        ("pkg:apk/alpine/bash@5.2-r1?os_name=alpine&os_version=3.22", "alpine 3.22"),
        ("pkg:apk/dhi/bash@5.2-r1?os_distro=alpine&os_name=dhi&os_version=3.24", "dhi-alpine 3.24"),
        ("pkg:deb/dhi/bash@5.2-1?arch=amd64&distro=dhi-13", "dhi-debian 13"),
        ("pkg:deb/debian/bash@5.2-1?distro=debian-11&os_name=debian&os_version=12", "debian 11"),
        ("pkg:deb/debian/bash@5.2-1?os_name=debian", "None"),
        ("pkg:deb/debian/bash@5.2-1?os_name=nobodys&os_version=1", "None"),
    ],
)
def test_the_release_of_a_purl(purl: str, release: str) -> None:
    assert str(read(purl).distribution) == release


class TestSboms:
    def test_cyclonedx(self) -> None:
        found = read(CDX)
        assert (found.format, str(found.distribution)) == ("cyclonedx", "debian 12")
        assert [(p.name, p.locations) for p in found.packages] == [("curl", ("/var/lib/dpkg/status",)), ("inner", ())]

    def test_external_components_are_not_installed(self) -> None:
        known = {"type": "library", "name": "bash", "version": "1", "purl": "pkg:deb/debian/bash@1"}
        others = [
            {"type": "library", "name": "zsh", "versionRange": "vers:deb/>=1", "purl": "pkg:deb/debian/zsh"},
            {"type": "library", "name": "curl", "version": "1", "purl": "pkg:deb/debian/curl@1"},
        ]
        components = [known | {"isExternal": False}, *[one | {"isExternal": True} for one in others]]
        found = read({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": components})
        same = read(
            '<bom xmlns="http://cyclonedx.org/schema/bom/1.7"><components>'
            '<component type="library" isExternal="false"><purl>pkg:deb/debian/bash@1</purl></component>'
            '<component type="library" isExternal="true"><purl>pkg:deb/debian/zsh</purl></component>'
            '<component type="library" isExternal="true"><purl>pkg:deb/debian/curl@1</purl></component>'
            "</components></bom>"
        )
        assert [package.name for package in found.packages] == ["bash"]
        assert found.packages == same.packages
        assert found.report is not None
        assert same.report is not None
        assert found.report.skips == same.report.skips
        assert [count for _, count in found.report.skips] == [2]

    def test_cyclonedx_xml_is_the_same(self) -> None:
        found = read(
            '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>'
            '<component type="operating-system"><name>debian</name><version>12</version></component>'
            '<component type="library"><purl>pkg:deb/debian/curl@7.88.1-10?arch=amd64</purl><properties>'
            '<property name="syft:location:0:path">/var/lib/dpkg/status</property></properties><components>'
            '<component type="library"><purl>pkg:deb/debian/inner@1?arch=amd64</purl></component></components>'
            "</component>"
            '<component type="file"><name>x</name></component></components></bom>'
        )
        expected = read(CDX)
        assert set(found.packages) == set(expected.packages)
        assert found.distribution == expected.distribution

    def test_a_document_type_is_refused(self) -> None:
        text = '<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components/></bom>'
        with pytest.raises(AdvisoriesError):
            read(text)

    def test_spdx_in_its_three_forms(self) -> None:
        purl = "pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64"
        references = [{"referenceType": "purl", "referenceLocator": f"{purl}&repository_id={n}"} for n in "ab"]
        two = {"spdxVersion": "SPDX-2.3", "packages": [{"name": "bash", "externalRefs": references}, {"name": "x"}]}
        three = {
            "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
            "@graph": [{"type": "software_Package", "name": "bash", "software_packageUrl": purl}, {"type": "Other"}],
        }
        tags = (
            f"SPDXVersion: SPDX-2.3\n\nPackageName: bash\nExternalRef: PACKAGE-MANAGER purl {purl}\n\nPackageName: x\n"
        )
        bash = Package("rpm", "bash", "5.1.8-9.el9", "x86_64", source_epoch_known=False)
        assert only(read(two)) == evolve(bash, repository="a,b")
        assert {only(read(document)) for document in (three, tags)} == {bash}

    def test_what_trivy_says_beside_the_purl(self) -> None:
        properties = {"SrcName": "util-linux", "SrcVersion": "2.38.1", "SrcRelease": "5+deb12u1", "SrcEpoch": "0"}
        component = {
            "type": "library",
            "purl": "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u1?arch=amd64&distro=debian-12.5",
            "properties": [{"name": f"aquasecurity:trivy:{name}", "value": text} for name, text in properties.items()],
        }
        rpm = {
            "type": "library",
            "purl": "pkg:rpm/redhat/perl@5.16.3-299.el7?arch=x86_64&epoch=4&modularitylabel=perl:5.16:1:x",
            "properties": [
                {"name": "aquasecurity:trivy:SrcName", "value": "perl"},
                {"name": "aquasecurity:trivy:SrcVersion", "value": "5.16.3"},
                {"name": "aquasecurity:trivy:SrcRelease", "value": "299.el7"},
                {"name": "aquasecurity:trivy:SrcEpoch", "value": "4"},
                {"name": "aquasecurity:trivy:FilePath", "value": "/var/lib/rpm/Packages"},
            ],
        }
        found = read({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [component, rpm]})
        assert [(one.version, one.source_name, one.source_version) for one in found.packages] == [
            ("1:2.38.1-5+deb12u1", "util-linux", "2.38.1-5+deb12u1"),
            ("4:5.16.3-299.el7", "perl", "4:5.16.3-299.el7"),
        ]
        assert (found.packages[1].locations, str(found.packages[1].module)) == (("/var/lib/rpm/Packages",), "perl:5.16")
        purl = component["purl"]
        spdx = {
            "spdxVersion": "SPDX-2.3",
            "packages": [
                {"name": "debian", "versionInfo": "12.5", "primaryPackagePurpose": "OPERATING-SYSTEM"},
                {
                    "name": "bsdutils",
                    "sourceInfo": "built package from: util-linux 2.38.1-5+deb12u1",
                    "externalRefs": [{"referenceType": "purl", "referenceLocator": purl}],
                },
            ],
        }
        listed = read(spdx)
        assert listed.packages == found.packages[:1]
        assert (str(listed.distribution), listed.distribution_source) == (
            "debian 12.5",
            "the package of the operating system",
        )
        tags = (
            "SPDXVersion: SPDX-2.3\nPackageName: debian\nPackageVersion: 12.5\n"
            "PrimaryPackagePurpose: OPERATING-SYSTEM\nPackageName: bsdutils\n"
            "PackageSourceInfo: <text>built package from: util-linux 2.38.1-5+deb12u1</text>\n"
            f"ExternalRef: PACKAGE-MANAGER purl {purl}\n"
        )
        assert (read(tags).packages, read(tags).distribution) == (listed.packages, listed.distribution)

    def test_where_a_component_was_found(self) -> None:
        component = {
            "type": "library",
            "purl": "pkg:pypi/flask@2.0",
            "evidence": {"occurrences": [{"location": "/app/METADATA"}, {"location": "/other"}]},
        }
        found = read({"bomFormat": "CycloneDX", "components": [component]})
        assert (only(found).location, only(found).locations) == ("/app/METADATA", ("/app/METADATA",))
        text = (
            '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library">'
            "<purl>pkg:pypi/flask@2.0</purl><evidence><occurrences><occurrence><location>/app/METADATA</location>"
            "</occurrence></occurrences></evidence></component></components></bom>"
        )
        assert read(text).packages == found.packages
        info = "acquired package info from APK DB: /lib/apk/db/installed"
        references = [{"referenceType": "purl", "referenceLocator": "pkg:apk/alpine/musl@1.2.4-r1"}]
        spdx = {"spdxVersion": "SPDX-2.3", "packages": [{"name": "x", "sourceInfo": info, "externalRefs": references}]}
        assert only(read(spdx)).locations == ("/lib/apk/db/installed",)

    @pytest.mark.parametrize(
        ("query", "distribution"),
        [
            ({"name": "debian", "version": "12.5"}, "debian 12.5"),
            ({"name": "Red Hat Enterprise Linux", "version": "9"}, "rhel 9"),
            ({"name": "opensuse.leap", "version": "15.3"}, "opensuse-leap 15.3"),
            ({"name": "Nobody's", "version": "1"}, "None"),
        ],
    )
    def test_the_subject_of_a_document(self, query: dict[str, str], distribution: str) -> None:
        document = CDX | {"components": CDX["components"][1:], "metadata": {"component": query}}
        document["metadata"]["component"]["type"] = "operating-system"
        assert str(read(document).distribution) == distribution

    def test_what_syft_says_beside_the_purl(self) -> None:
        metadata = {
            "vendor": "AlmaLinux",
            "modularityLabel": "nodejs:20:9030020:rhel9",
            "files": [
                {"path": "/usr/bin", "digest": {"algorithm": "", "value": ""}},
                {"path": "/usr/bin/node", "digest": {"algorithm": "sha256", "value": "1"}},
            ],
        }
        purl = "pkg:rpm/almalinux/nodejs@20.1-1.module_el9.3.0+1+a?arch=x86_64&distro=almalinux-9.3"
        found = only(read({"artifacts": [{"name": "nodejs", "purl": purl, "metadata": metadata}]}))
        assert (found.vendor, str(found.module), found.locations) == ("AlmaLinux", "nodejs:20", ("/usr/bin/node",))

    def test_syft(self) -> None:
        found = read(
            {
                "artifacts": [
                    {"name": "musl", "purl": "pkg:apk/alpine/musl@1.2.4-r1", "locations": [{"path": "/lib/apk/db"}]},
                    {"name": "app", "purl": ""},
                ],
                "distro": {"id": "alpine", "versionID": "3.18.3"},
            }
        )
        assert (only(found).locations, str(found.distribution)) == (("/lib/apk/db",), "alpine 3.18.3")

    @pytest.mark.parametrize(
        ("distro", "release"),
        [
            ({"id": "debian", "versionCodename": "trixie", "prettyName": "Debian GNU/Linux trixie"}, "13"),
            ({"id": "debian", "versionCodename": "trixie", "prettyName": "Debian GNU/Linux trixie/sid"}, None),
            ({"id": "linuxmint", "name": "LMDE", "versionID": "6"}, "6"),
        ],
    )
    def test_distribution_of_syft(self, distro: dict[str, str], release: str | None) -> None:
        found = read({"artifacts": [{"name": "a", "purl": "pkg:deb/debian/a@1-1"}], "distro": distro})
        assert found.distribution == Distribution("lmde" if "name" in distro else "debian", release)

    @pytest.mark.parametrize(
        "document", [CDX, {"spdxVersion": "x", "packages": [{"externalRefs": []}]}, {"artifacts": [{}]}]
    )
    def test_any_value_in_any_place(self, document: Any) -> None:
        for wrong in (None, 1, "x", [], {}, [1], True, "\ud800"):
            for changed in _changed(document, wrong):
                try:
                    read(changed)
                except AdvisoriesError:
                    continue

    @pytest.mark.parametrize("text", ['{"bomFormat": 1', '{"bomFormat": ' + "[" * 20000, b'{"bomFormat": "\xff"}'])
    def test_no_json(self, text: str | bytes) -> None:
        with pytest.raises(EmptySource, match="no installed package; the first of 1 refused"):
            read(text)


def _changed(value: Any, wrong: Any) -> list[Any]:
    """The value with each of its parts replaced, one at a time."""
    found: list[Any] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [{**value, key: one} for one in [wrong, *_changed(inner, wrong)]]
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += [[*value[:place], one, *value[place + 1 :]] for one in [wrong, *_changed(inner, wrong)]]
    return found


def _purl(package: Package) -> PackageURL:
    """The purl of a package, as the specification has it: rpm's epoch and the source package as qualifiers."""
    epoch, _, version = package.version.rpartition(":") if package.type == "rpm" else ("", "", package.version)
    source = package.source_name
    if source and package.type != "apk":
        text = "{}-{}.src.rpm" if package.type == "rpm" else "{}@{}"
        source = text.format(source, package.source_version)
    module = str(package.module) if package.module.streams else None
    said = {"arch": package.arch, "epoch": epoch, "upstream": source, "rpmmod": module}
    qualifiers = {key: value for key, value in said.items() if value}
    return PackageURL(package.type, "vendor", package.name, version, qualifiers)


class TestSbomsOfDatabases:
    """An SBOM by the format's own library, of every version it writes, and the database it was made from."""

    @pytest.mark.parametrize("version", ["V1_2", "V1_3", "V1_4", "V1_5", "V1_6", "V1_7"])
    @pytest.mark.parametrize("form", ["JSON", "XML"])
    @pytest.mark.parametrize(
        ("archive", "database"),
        [
            ("dpkg-status", "*/var/lib/dpkg/status"),
            ("rpm-databases", "*/rpmdb.sqlite"),
            ("apk-installed", "v3.1?/*x86_64/installed"),
        ],
    )
    def test_the_same_packages(self, unpacked: Unpack, archive: str, database: str, form: str, version: str) -> None:
        found = _files(unpacked(f"inventories/{archive}"), "*")
        for path in [path for path in found if path.match(database)][:3]:
            packages = [one for one in inventories.read(path).packages if one.state is State.INSTALLED]
            components = [Component(name=one.name, version=one.version, purl=_purl(one)) for one in packages]
            bom = Bom(components=components)
            text = make_outputter(bom, OutputFormat[form], SchemaVersion[version]).output_as_string()
            sbom = read(text)
            assert sbom.format == "cyclonedx"
            assert sbom.report is not None
            assert not sbom.report.rejections
            assert {_known(one) for one in sbom.packages} == {_known(one) for one in packages}
            assert packages


def _known(package: Package) -> tuple[object, ...]:
    """What a purl can say. An epoch of 0 is none, and a module's stream is all that counts of it."""
    version = package.version.removeprefix("0:")
    source = (package.source_name, package.source_version) if package.type != "apk" else package.source_name
    return package.type, package.name, version, package.arch, source, package.module.streams


class TestScanners:
    def test_vuls(self) -> None:
        found = read(
            {
                "jsonVersion": 4,
                "family": "alma",
                "release": "9.0",
                "runningKernel": {"release": "5.14.0-70.el9.x86_64"},
                "packages": {
                    "a": {"name": "a", "version": "1:1", "release": "1.el9", "arch": "x86_64", "modularitylabel": ""}
                },
                "SrcPackages": {"s": {"name": "s", "version": "1:1-1.el9", "binaryNames": ["a"]}},
            }
        )
        assert (str(found.distribution), found.running_kernel) == ("almalinux 9.0", "5.14.0-70.el9.x86_64")
        package = only(found)
        assert (package.version, package.source_version, package.source_epoch_known) == ("1:1-1.el9", "1:1-1.el9", True)

    @pytest.mark.parametrize(
        ("family", "binary", "listed", "expected"),
        [
            # A revision shows another build. The binary's version stands in, with the source's epoch.
            ("debian", "1:9.16.27-1~deb11u1~bpo10+1", "1:9.11.5.P4+dfsg-5.1+deb10u7", "1:9.16.27-1~deb11u1~bpo10+1"),
            ("debian", "2.31-13+deb11u13", "2.31-13", "2.31-13+deb11u13"),
            ("debian", "7.74.0-1.3+b1", "7.74.0-1.3+deb11u16", "7.74.0-1.3"),
            ("debian", "5:1.2-3", "1.2-4", "1.2-3"),
            ("debian", "1.20.9", "1.20.13", "1.20.9"),
            ("ubuntu", "5.15.0-70.77", "5.15.0-69.76", "5.15.0-70.77"),
            ("alpine", "3.1.4-r1", "3.1.4-r2", "3.1.4-r1"),
            ("redhat", "5.14.0-70.el9", "5.14.0-162.el9", "5.14.0-70.el9"),
            # A binary may have a version of its own.
            ("debian", "1:2.38.1-5", "2.38.1-5", "2.38.1-5"),
            ("debian", "2:1.02.185-2", "2.03.16-2", "2.03.16-2"),
            ("debian", "4:10.2.1-1", "1.190", "1.190"),
            ("debian", "1.1.1-1+b3", "1.1.1-1", "1.1.1-1"),
            ("ubuntu", "7.7.0+7.0.0-14.14", "7.0.0-14.14", "7.0.0-14.14"),
            ("ubuntu", "1.59+15.8-0ubuntu2", "1.59", "1.59"),
            # Nothing shows the source's version.
            ("debian", "9.16.27-1", "9.11.5-3", None),
            ("redhat", "4.35.0-6.fc38", "3.89.0-2.fc38", None),
        ],
    )
    def test_vuls_has_one_version_of_a_source(
        self, family: str, binary: str, listed: str, expected: str | None
    ) -> None:
        version, _, revision = binary.rpartition("-")
        parts = {"version": version, "release": revision} if family == "redhat" else {"version": binary, "release": ""}
        scan = {"jsonVersion": 4, "family": family, "release": "9", "packages": {"a": {"name": "a", **parts}}}
        scan["SrcPackages"] = {"s": {"name": "s", "version": listed, "binaryNames": ["a"]}}
        package = only(read(scan))
        assert (package.source_name, package.source_version) == ("s", expected)
        assert package.doubts == ({Assumption.SOURCE_UNKNOWN} if expected is None else frozenset())

    def test_vuls_and_signed_packages(self) -> None:
        scan = {"jsonVersion": 4, "family": "debian", "release": "12", "packages": {}, "SrcPackages": {}}
        for name, version, source in (
            ("shim-signed", "1.51~1+deb12u1+16.1-2~deb12u1", "1.51~1+deb12u1"),
            ("linux-signed-amd64", "6.1.76-1", "6.1.76+1"),
        ):
            scan["packages"] |= {name: {"name": name, "version": version}}
            scan["SrcPackages"] |= {name: {"name": name, "version": source, "binaryNames": [name]}}
        assert [one.source_version for one in read(scan).packages] == ["1.51~1+deb12u1", "6.1.76+1"]

    def test_trivy(self) -> None:
        package = {"Name": "a", "Version": "1", "Release": "2.el8", "Epoch": 3, "Arch": "x86_64", "SrcName": "s"}
        package |= {"SrcVersion": "1", "SrcRelease": "2.el8", "SrcEpoch": 3}
        report = {
            "SchemaVersion": 2,
            "ArtifactName": "x",
            "Metadata": {"OS": {"Family": "alma", "Name": "8.5"}},
            "Results": [{"Class": "os-pkgs", "Packages": [package]}, {"Class": "lang-pkgs", "Packages": [{}]}],
        }
        found = read(report)
        assert (str(found.distribution), only(found)) == ("almalinux 8.5", only(read([package])))
        assert (only(found).version, only(found).source_version) == ("3:1-2.el8", "3:1-2.el8")

    def test_apt_lock(self) -> None:
        url = "https://snapshot.debian.org/archive/debian/20260818T205150Z/pool/main/g/gcc-14/libatomic1_14.2.0-19_s390x.deb"
        entry = {"arch": "s390x", "key": "libatomic1", "name": "libatomic1", "urls": [url], "version": "14.2.0-19"}
        found = read({"packages": [entry, {"name": "x"}, "y", entry | {"urls": [7]}], "version": 1})
        assert found.format == "apt-lock"
        package = Package("deb", "libatomic1", "14.2.0-19", "s390x", source_name="gcc-14")
        assert found.packages == (package, evolve(package, source_name=None))
        assert found.report is not None
        assert [one.position for one in found.report.rejections] == ["packages[1]", "packages[2]"]

    def test_rpms_lock(self) -> None:
        found = read(
            "lockfileVersion: 1\narches:\n- arch: x86_64\n  packages:\n  - url: https://x/a-1.10-1.el9.noarch.rpm\n"
            "    name: a\n    evr: 2:1.10-1.el9\n    sourcerpm: s-1.10-1.el9.src.rpm\n  - name: b\n"
        )
        package = only(found)
        assert (package.version, package.arch, package.source_name) == ("2:1.10-1.el9", "noarch", "s")
        assert found.report is not None
        assert len(found.report.rejections) == 1


class TestRoots:
    def root(self, path: Path, **files: str) -> Path:
        for name, text in files.items():
            target = path / name.replace("__", "/").replace("_DOT_", ".")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return path

    STATUS = "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\nArchitecture: amd64\n"

    def test_dpkg(self, tmp_path: Path) -> None:
        root = self.root(tmp_path, var__lib__dpkg__status=self.STATUS, etc__debian_version="12.5\n")
        self.root(tmp_path, var__lib__dpkg__info__bash_DOT_list="/.\n/bin\n/bin/bash\n/usr\n/usr/share\n/usr/share/x\n")
        found = inventories.read(root)
        assert (found.format, str(found.distribution), found.distribution_source) == (
            "root",
            "debian 12.5",
            "etc/debian_version",
        )
        assert only(found).locations == ("/bin/bash", "/usr/share/x")

    def test_distroless(self, tmp_path: Path) -> None:
        parts = {"var__lib__dpkg__status_DOT_d__base": self.STATUS.replace("Status: install ok installed\n", "")}
        root = self.root(tmp_path, **parts, var__lib__dpkg__status_DOT_d__base_DOT_md5sums="x  y\n")
        assert only(inventories.read(root)).name == "bash"

    def test_apk_and_release_files(self, tmp_path: Path) -> None:
        root = self.root(tmp_path, lib__apk__db__installed=TestApk.DATABASE)
        (root / "etc").mkdir()
        (root / "etc/alpine-release").write_text("3.18.4\n")
        found = inventories.read(root)
        assert (len(found.packages), str(found.distribution)) == (2, "alpine 3.18")

    def test_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="no package database"):
            inventories.read(tmp_path)

    def test_links_do_not_lead_out(self, tmp_path: Path) -> None:
        (tmp_path / "outside").write_text("ID=evil\nVERSION_ID=1\n")
        root = tmp_path / "root"
        self.root(root, var__lib__dpkg__status=self.STATUS, usr__lib__real="ID=debian\nVERSION_ID=12\n")
        (root / "etc").mkdir()
        os.symlink("../../../../../../usr/lib/real", root / "etc/os-release")
        assert str(inventories.read(root).distribution) == "debian 12"
        for target in ("/../outside", str(tmp_path / "outside"), "../../outside"):
            os.unlink(root / "etc/os-release")
            os.symlink(target, root / "etc/os-release")
            assert inventories.read(root).distribution is None

    def test_links_of_databases(self, tmp_path: Path) -> None:
        """Any link is followed as inside the root: of a database, its log, a list of files, a part."""
        outside, root = tmp_path / "outside", tmp_path / "root"
        self.root(root, var__lib__dpkg__real=self.STATUS, var__lib__dpkg__info__x="/.\n/bin\n/bin/sh\n")
        outside.mkdir()
        (outside / "list").write_text("/.\n/secret\n")
        (outside / "part").write_text(self.STATUS.replace("bash", "stolen"))
        os.symlink("/var/lib/dpkg/real", root / "var/lib/dpkg/status")
        os.symlink(outside / "list", root / "var/lib/dpkg/info/bash.list")
        (root / "var/lib/dpkg/status.d").mkdir()
        os.symlink(outside / "part", root / "var/lib/dpkg/status.d/stolen")
        os.symlink("../real", root / "var/lib/dpkg/status.d/bash")
        found = inventories.read(root)
        assert [(one.name, one.locations) for one in found.packages] == [("bash", ()), ("bash", ())]
        os.unlink(root / "var/lib/dpkg/info/bash.list")
        os.symlink("/var/lib/dpkg/info/x", root / "var/lib/dpkg/info/bash.list")
        assert inventories.read(root).packages[0].locations == ("/bin/sh",)
        # The log of another database.
        database(outside / "rpmdb.sqlite", header(*BASH), log=True)
        (root / "var/lib/rpm").mkdir()
        shutil.copy(outside / "rpmdb.sqlite.copy", root / "var/lib/rpm/rpmdb.sqlite")
        log = root / "var/lib/rpm/rpmdb.sqlite-wal"
        os.symlink(outside / "rpmdb.sqlite.copy-wal", log)
        assert {one.type for one in inventories.read(root).packages} == {"deb"}
        os.unlink(log)
        shutil.copy(outside / "rpmdb.sqlite.copy-wal", log)
        assert {one.type for one in inventories.read(root).packages} == {"deb", "rpm"}

    def test_distroless_lists_of_files(self, tmp_path: Path) -> None:
        root = self.root(
            tmp_path,
            var__lib__dpkg__status_DOT_d__base=self.STATUS,
            var__lib__dpkg__status_DOT_d__base_DOT_md5sums="0123  usr/share/doc/x\n4567  usr/bin/bash\n",
        )
        assert only(inventories.read(root)).locations == ("/usr/bin/bash", "/usr/share/doc/x")

    def test_the_manifest_of_distroless_rpms(self, tmp_path: Path) -> None:
        rows = (
            "bash\t5.1.8-1.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t4538\tx86_64\t0\t"
            "bash-5.1.8-1.cm2.src.rpm\n"
            "mariner-release\t2.0-9.cm2\t1653816591\t1653628955\tMicrosoft Corporation\t(none)\t580\tnoarch\t0\t"
            "mariner-release-2.0-9.cm2.src.rpm\n"
        )
        folder = tmp_path / "var/lib/rpmmanifest"
        folder.mkdir(parents=True)
        (folder / "container-manifest-2").write_text(rows)
        found = inventories.read(tmp_path)
        assert [(one.name, one.version.removeprefix("0:"), one.arch, one.source_name) for one in found.packages] == [
            ("bash", "5.1.8-1.cm2", "x86_64", "bash"),
            ("mariner-release", "2.0-9.cm2", "noarch", "mariner-release"),
        ]
        assert all(one.epoch_known for one in found.packages)
        # There is no file that says the release; the package of such files does.
        assert (str(found.distribution), found.distribution_source) == ("mariner 2.0", "a package of the list")

    def test_executables_and_libraries_come_first(self, tmp_path: Path) -> None:
        files = ["/.", "/usr", "/usr/bin", "/usr/bin/a", "/usr/lib", "/usr/lib/libx.so.1", "/usr/share", "/usr/share/s"]
        root = self.root(tmp_path, var__lib__dpkg__status=self.STATUS)
        self.root(tmp_path, **{"var__lib__dpkg__info__bash:amd64_DOT_list": "\n".join(files)})
        assert only(inventories.read(root)).locations == ("/usr/bin/a", "/usr/lib/libx.so.1", "/usr/share/s")

    def test_files_that_are_none(self, tmp_path: Path) -> None:
        """A file that claims to be huge is refused, and none is read in part."""
        root = self.root(tmp_path, var__lib__dpkg__status=self.STATUS)
        (root / "etc").mkdir()
        with (root / "etc/os-release").open("wb") as stream:
            stream.write(b"ID=debian\n")
            stream.truncate(1 << 40)
        with pytest.raises(LimitExceeded, match=r"etc/os-release: larger than the limit of 1048576 bytes"):
            inventories.read(root)
        with (root / "etc/os-release").open("r+b") as stream:
            stream.truncate(1 << 17)  # more than is read at once, whose end counts too
            stream.seek(0, os.SEEK_END)
            stream.write(b"\nVERSION_ID=12\n")
        assert str(inventories.read(root).distribution) == "debian 12"
        with (root / "var/lib/dpkg/status").open("r+b") as stream:
            stream.truncate(1 << 40)
        with pytest.raises(LimitExceeded):
            inventories.read(root, evolve(DEFAULT_LIMITS, inventory=1000))

    def test_what_is_left_aside_and_refused(self, tmp_path: Path) -> None:
        root = self.root(tmp_path, var__lib__dpkg__status=self.STATUS + "\nPackage: x\n")
        (root / "var/lib/rpm").mkdir(parents=True)
        database(root / "var/lib/rpm/rpmdb.sqlite", header(*BASH), b"")
        found = inventories.read(root)
        assert [one.type for one in found.packages] == ["deb", "rpm"]
        assert found.report is not None
        assert [one.why for one in found.report.rejections] == ["a stanza without Version", "no header"]
        assert (found.report.read, found.report.kept) == (4, 2)

    @pytest.mark.parametrize(
        ("files", "distribution"),
        [
            ({"etc__oracle-release": "Oracle Linux Server release 6.10\n",
              "etc__redhat-release": "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n"}, "ol 6.10"),
            ({"etc__redhat-release": "CentOS release 6.10 (Final)\n"}, "centos 6.10"),
            ({"etc__redhat-release": "Scientific Linux release 7.9 (Nitrogen)\n"}, "scientific 7.9"),
            ({"etc__redhat-release": "Anolis OS release 8.8\n"}, "anolis 8.8"),
            ({"etc__system-release": "Alibaba Cloud Linux release 3 (Soaring Falcon)\n"}, "alinux 3"),
            ({"etc__system-release": "Alibaba Cloud Linux (Aliyun Linux) release 2.1903 LTS (Hunting Beagle)\n"},
             "alinux 2.1903"),
            ({"etc__system-release": "openEuler release 20.03 (LTS-SP1)\n"}, "openeuler 20.03-LTS-SP1"),
            ({"etc__system-release": "Amazon Linux AMI release 2018.03\n"}, "amzn 2018.03"),
            ({"etc__SuSE-release": "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n"},
             "sles 11.4"),
            ({"etc__SuSE-release": "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n"},
             "sles 12"),
            ({"etc__SuSE-release": "openSUSE 42.1 (x86_64)\nVERSION = 42.1\nCODENAME = Malachite\n"},
             "opensuse-leap 42.1"),
            ({"etc__lsb-release": "DISTRIB_ID=LinuxMint\nDISTRIB_RELEASE=21.2\n"}, "linuxmint 21.2"),
            ({"etc__lsb-release": 'DISTRIB_ID="Ubuntu"\nDISTRIB_RELEASE="22.04"\n'}, "ubuntu 22.04"),
            ({"etc__os-release": 'NAME="openEuler"\nID="openEuler"\nVERSION="22.03 (LTS-SP3)"\nVERSION_ID="22.03"\n'},
             "openeuler 22.03-LTS-SP3"),
            ({"etc__os-release": 'NAME="LMDE"\nID=linuxmint\nVERSION_ID="6"\nID_LIKE=debian\n'}, "lmde 6"),
            ({"etc__os-release": 'ID=raspbian\nVERSION_ID="11"\nID_LIKE=debian\n', "etc__debian_version": "11.9\n"},
             "raspbian 11"),
            # What os-release does not say, another file does.
            ({"etc__os-release": "ID=debian\n", "etc__debian_version": "13.1\n"}, "debian 13.1"),
            ({"etc__os-release": "ID=debian\n", "etc__debian_version": "forky/sid\n"}, "debian (release unknown)"),
            ({"etc__os-release": "ID=nobody\nVERSION_ID=1\n"}, "nobody 1"),
            ({"etc__redhat-release": "Something else\n"}, "None"),
            # A derivative keeps its parent's files.
            ({"etc__os-release": "ID=parrot\nVERSION_CODENAME=lory\nDEBIAN_CODENAME=bookworm\n",
              "etc__debian_version": "12.6\n"}, "parrot (release unknown)"),
            ({"etc__os-release": "ID=nobara\n", "etc__redhat-release": "Fedora release 41 (Forty One)\n"},
             "nobara (release unknown)"),
            ({"etc__os-release": "ID=postmarketos\n", "etc__alpine-release": "3.20.3\n"},
             "postmarketos (release unknown)"),
            ({"etc__os-release": "ID=mx\nVERSION_ID=25\n", "etc__debian_version": "13.1\n"}, "mx 25"),
            # Testing and unstable, whatever other file has a number.
            ({"etc__os-release": "ID=debian\nVERSION_CODENAME=trixie\n", "etc__debian_version": "trixie/sid\n",
              "etc__lsb-release": "DISTRIB_ID=Debian\nDISTRIB_RELEASE=13\n"}, "debian (release unknown)"),
            ({"etc__os-release": "ID=debian\nVERSION_CODENAME=trixie\n", "etc__debian_version": "13.0\n"},
             "debian 13"),
            ({"etc__os-release": "ID=alpine\n", "etc__alpine-release": "3.22.0_alpha20250108\n"},
             "alpine 3.22.0_alpha20250108"),
            ({"etc__os-release": 'ID="centos"\nNAME="CentOS Stream"\nVERSION_ID="8"\n',
              "etc__redhat-release": "CentOS Stream release 8\n"}, "centos-stream 8"),
        ],
    )  # fmt: skip
    def test_release_files(self, tmp_path: Path, files: dict[str, str], distribution: str) -> None:
        root = self.root(tmp_path, var__lib__dpkg__status=self.STATUS, **files)
        assert str(inventories.read(root).distribution) == distribution

    def test_files_to_name(self) -> None:
        files = ["/usr/share/doc/a", "/usr/lib/liba.so.1", "/usr/bin/a", "/sbin/b", "/usr/bin/abc"]
        assert few_paths(files) == ("/sbin/b", "/usr/bin/a", "/usr/bin/abc")
        assert few_paths(files[:2]) == ("/usr/lib/liba.so.1", "/usr/share/doc/a")


BASH = (
    (1000, 6, 1, b"bash\0"),
    (1001, 6, 1, b"5.1.8\0"),
    (1002, 6, 1, b"4.el9\0"),
    (1008, 4, 1, struct.pack(">I", 1700640001)),
    (1022, 6, 1, b"x86_64\0"),
    (1044, 6, 1, b"bash-5.1.8-4.el9.src.rpm\0"),
    (1116, 4, 2, struct.pack(">II", 0, 1)),
    (1117, 8, 2, b"bash\0README\0"),
    (1118, 8, 2, b"/usr/bin/\0/usr/share/doc/\0"),
)


def database(path: Path, *blobs: bytes, log: bool = False) -> Path:
    connection = sqlite3.connect(path)
    if log:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.commit()
    if log:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.commit()
    if log:  # a copy of both, as of a host that is running
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{path}.copy{suffix}")
    connection.close()
    return path


def skips(path: Path) -> tuple[tuple[str, int], ...]:
    report = inventories.read(path).report
    assert report is not None
    return report.skips


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A database of forty packages, half of them in its write-ahead log."""
    path = tmp_path_factory.mktemp("small") / "rpmdb.sqlite"
    blobs = [header((1000, 6, 1, b"bash%d\0" % number), *BASH[1:]) for number in range(40)]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs[:20]])
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs[20:]])
    connection.commit()
    both = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    connection.close()
    return both


class TestRpmDatabase:
    def test_a_header(self, tmp_path: Path) -> None:
        epoch = header(*BASH, (1003, 4, 1, struct.pack(">I", 2)), (5096, 6, 1, b"bash:5:1:x\0"))
        found = inventories.read(database(tmp_path / "rpmdb.sqlite", header(*BASH), epoch))
        assert found.format == "rpm-database"
        assert found.packages[0] == Package(
            "rpm",
            "bash",
            "5.1.8-4.el9",
            "x86_64",
            source_name="bash",
            source_version="2:5.1.8-4.el9",  # the other one's epoch is the source's
            locations=("/usr/bin/bash", "/usr/share/doc/README"),
        )
        assert (found.packages[1].version, str(found.packages[1].module)) == ("2:5.1.8-4.el9", "bash:5")
        assert [package.installed_at for package in found.packages] == [
            datetime(2023, 11, 22, 8, 0, 1, tzinfo=UTC),
            datetime(2023, 11, 22, 8, 0, 1, tzinfo=UTC),
        ]

    def test_the_log_beside_it_is_applied(self, tmp_path: Path) -> None:
        database(tmp_path / "rpmdb.sqlite", header(*BASH), log=True)
        copy = tmp_path / "rpmdb.sqlite.copy"
        assert only(inventories.read(copy)).name == "bash"
        Path(f"{copy}-wal").unlink()
        with pytest.raises(EmptySource):
            inventories.read(copy)

    def test_what_is_missing_of_a_log_is_said(self, tmp_path: Path) -> None:
        path = database(tmp_path / "rpmdb.sqlite", *[header(*BASH)] * 3, log=True)
        copy, log = tmp_path / "rpmdb.sqlite.copy", tmp_path / "rpmdb.sqlite.copy-wal"
        whole = log.read_bytes()
        assert dict(skips(copy)) == {}
        assert dict(skips(path)) == {"a write-ahead log, if there was one: none is beside it": 1}
        frame = 24 + 4096
        pages = (len(whole) - 32) // frame
        flipped = bytearray(whole)
        flipped[32 + (pages - 1) * frame + 2000] ^= 1
        for damaged, why in (
            (bytes(flipped), f"of {pages} pages damaged, or never committed"),
            (whole[: 32 + frame // 2], "1 of 1 pages damaged, or never committed"),
            (b"no log" + whole[6:], "not applied: its header is damaged or cut off"),
            (whole[:20], "not applied: its header is damaged or cut off"),
        ):
            log.write_bytes(damaged)
            with pytest.raises((UnreadableSource, EmptySource), match=why):
                inventories.read(copy)
        # What is left over in it from before it was begun anew is no damage.
        log.write_bytes(whole + whole[32 : 32 + 8] + bytes(8) + whole[32 + 16 : 32 + frame])
        assert len(inventories.read(copy).packages) == 3
        assert not inventories.read(copy).report.rejections  # type: ignore[union-attr]

    def test_no_damage_of_a_log_is_silent(self, small: tuple[bytes, bytes]) -> None:
        """Any byte of its header, and of any page's, and any of the last page but its salts."""
        data, log = small
        frame = 24 + struct.unpack(">I", log[8:12])[0]
        begins = range(32, len(log), frame)
        places = [*range(32), *(begin + place for begin in begins[:-1] for place in (*range(24), 24, frame - 1))]
        places += [begins[-1] + place for place in (0, 7, 16, 23, 24, frame - 1)]
        for place in places:
            damaged = bytearray(log)
            damaged[place] ^= 0x55
            listing = rpm_database.read_with_log(data, bytes(damaged), "x")
            assert [one.what for one in listing.report.rejections] == ["its write-ahead log"], place
            assert {one.name for one in listing.packages} >= {f"bash{number}" for number in range(20)}
        assert rpm_database.read_with_log(data, log, "x").report.rejections == ()

    def test_the_folder_stays_as_it_is(self, tmp_path: Path) -> None:
        folder = tmp_path / "read-only"
        folder.mkdir()
        database(folder / "rpmdb.sqlite", header(*BASH), log=True)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        folder.chmod(0o555)
        try:
            for name in ("rpmdb.sqlite", "rpmdb.sqlite.copy"):
                assert only(inventories.read(folder / name)).name == "bash"
        finally:
            folder.chmod(0o755)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            ("CREATE VIEW Packages AS WITH RECURSIVE n(hnum, blob) AS (SELECT 1, x'00' UNION ALL SELECT hnum + 1, "
             "x'00' FROM n) SELECT * FROM n", "no table Packages"),
            ("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, a, blob AS (zeroblob(1 << 30)))", "that are computed"),
            ("CREATE TABLE Names (hnum, blob)", "no table Packages"),
            ("CREATE TABLE Packages (hnum)", "no such column: blob"),
        ],
    )  # fmt: skip
    def test_a_schema_that_is_none(self, tmp_path: Path, statement: str, why: str) -> None:
        connection = sqlite3.connect(tmp_path / "rpmdb.sqlite")
        connection.execute(statement)
        connection.commit()
        connection.close()
        with pytest.raises(UnreadableSource, match=why):
            inventories.read(tmp_path / "rpmdb.sqlite")

    @settings(max_examples=examples(150), deadline=None)
    @given(st.integers(0, 10**9), st.booleans())
    def test_any_damage(self, small: tuple[bytes, bytes], seed: int, of_log: bool) -> None:
        """A database with bytes changed or cut off: packages and refusals, or an error that says why; never a crash."""
        data, log = small
        if of_log:
            log = _damaged(log, seed)
        else:
            data = data[:16] + _damaged(data[16:], seed)
        for logged in (log, None):
            try:
                listing = rpm_database.read_with_log(data, logged, "x")
            except UnreadableSource:
                continue
            assert listing.report.kept == len(listing.packages)

    def test_neighbours_of_damage_survive(self, small: tuple[bytes, bytes]) -> None:
        """One byte anywhere in a header's text changes or refuses that package alone."""
        data, log = small
        whole = rpm_database.read_with_log(data, log, "x").packages
        assert len(whole) == 40
        place = data.index(b"bash17\0")
        damaged = rpm_database.read_with_log(data[:place] + b"\xff" + data[place + 1 :], None, "x")
        kept = {package.name for package in damaged.packages}
        assert kept == {package.name for package in rpm_database.read_with_log(data, None, "x").packages} - {"bash17"}
        assert [one.why for one in damaged.report.rejections] == ["tag 1000 has characters that cannot be printed"]

    @pytest.mark.parametrize(
        ("blob", "why"),
        [
            (b"", "no header"),
            (struct.pack(">II", 0xFFFFFFFF, 16), "a header that claims 4294967295 entries and 16 bytes"),
            (struct.pack(">II", 1, 0x7FFFFFFF), "a header that claims 1 entries and 2147483647 bytes"),
            (struct.pack(">II", 100, 100), "a header of 1708 bytes in 8"),
            (header(*BASH[1:]), "no tag 1000"),
            (header((1000, 6, 1, b"bash")), "tag 1000 has no end"),
            (header((1000, 4, 1, b"bash")), "tag 1000 is not a text"),
            (header(*BASH[:6], (1116, 4, 0x1000000, b"\0")), "tag 1116 claims 16777216 values"),
            (header(*BASH[:6], *BASH[7:]), "its list of files contradicts itself"),
            (
                header(*BASH[:6], (1116, 4, 2, struct.pack(">II", 0, 9)), *BASH[7:]),
                "its list of files contradicts itself",
            ),
        ],
    )
    def test_a_broken_header_takes_none_with_it(self, tmp_path: Path, blob: bytes, why: str) -> None:
        found = inventories.read(database(tmp_path / "rpmdb.sqlite", blob, header(*BASH)))
        assert only(found).name == "bash"
        assert found.report is not None
        assert [one.why for one in found.report.rejections] == [why]

    @pytest.mark.parametrize("name", ["na\xc3\xafve", "a\xff", "a\x1fb"])
    def test_files_of_other_characters(self, tmp_path: Path, name: str) -> None:
        names = (1117, 8, 2, name.encode("latin-1") + b"\0README\0")
        found = only(inventories.read(database(tmp_path / "rpmdb.sqlite", header(*BASH[:7], names, BASH[8]))))
        shown = name.encode("latin-1").decode("utf-8", "surrogateescape")
        programs = [f"/usr/bin/{shown}"] if shown.isprintable() else []
        assert found.locations == (*programs, "/usr/share/doc/README")
        listed = f"P:a\nV:1\nF:usr/bin\nR:{shown}\nF:usr/share/doc\nR:README\n".encode("utf-8", "surrogateescape")
        assert only(read(listed)).locations == found.locations

    @settings(max_examples=examples(400), deadline=None)
    @given(st.binary(max_size=200) | st.integers(0, 10**6).map(lambda seed: _damaged(header(*BASH), seed)))
    def test_any_bytes(self, blob: bytes) -> None:
        gathered = rpm_database.Collector("x")
        gathered.add("package 1", "package 1", rpm_database._package, blob)
        assert len(gathered.packages) + len(gathered.rejections) == 1

    def test_truncation(self, tmp_path: Path) -> None:
        whole = database(tmp_path / "rpmdb.sqlite", *[header(*BASH)] * 200).read_bytes()
        for cut in (16, 100, 4096, len(whole) // 2, len(whole) - 1):
            try:
                found = read(whole[:cut])
            except UnreadableSource:
                continue
            assert found.report is not None
            assert found.report.rejections

    def test_rpm_itself_says_the_same(self, unpacked: Unpack, tmp_path: Path) -> None:
        seen = 0
        folder = unpacked("inventories/rpm-databases")
        for number, path in enumerate(sorted(folder.rglob("rpmdb.sqlite"))):
            copy = tmp_path / str(number)
            copy.mkdir()
            shutil.copy(path, copy / "rpmdb.sqlite")
            ours = [evolve(package, locations=()) for package in inventories.read(path).packages]
            command = ["rpm", "--dbpath", str(copy), "-qa", "--queryformat", RPM_FORMAT]
            theirs = read(oracles.run(command)).packages
            assert Counter(ours) == Counter(theirs)
            seen += len(ours)
        assert seen == 177

    def test_the_list_beside_it_says_the_same(self, unpacked: Unpack) -> None:
        image = unpacked("inventories/rpm-databases") / "almalinux-micro-rpmdb/2022-05-09_al-9.0.1-beta-20220507"
        folder = unpacked("inventories/rpm-lists") / "almalinux-rpm-packages"
        listed = inventories.read(folder / f"{image.name}__rpm-packages-x86_64-micro.txt")
        database = inventories.read(image / "rpmdb.sqlite")
        # The list shows neither epochs nor architectures, and is of another one.
        in_database = sorted((one.name, one.version.rpartition(":")[2]) for one in database.packages)
        assert in_database == sorted((one.name, one.version) for one in listed.packages)
        assert len(in_database) > 20


class TestFormsOfRpm:
    """What rpm and dnf print of a real database, read as each of its forms."""

    @pytest.fixture
    def database(self, unpacked: Unpack, tmp_path: Path) -> Path:
        """A root that has it where rpm and dnf look for it, on Debian and elsewhere."""
        (original,) = unpacked("inventories/rpm-databases").rglob("*al9-20231122")
        for folder in ("var/lib/rpm", "root/.rpmdb"):
            shutil.copytree(original, tmp_path / folder)
        return tmp_path

    def rpm(self, database: Path, *arguments: str) -> Inventory:
        listed = oracles.run(["rpm", "--dbpath", str(database / "var/lib/rpm"), "-qa", *arguments])
        return read(listed)

    def test_rpm(self, database: Path) -> None:
        whole = inventories.read(database / "var/lib/rpm/rpmdb.sqlite")
        assert whole.distribution == Distribution("almalinux", "9.3")
        names = sorted((package.name, package.version) for package in whole.packages)
        blanks = "%{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH}"
        forms = [
            ["--last"],
            ["--queryformat", "%{NEVRA}\\n"],
            ["--queryformat", f"{blanks}\\n"],
            ["--queryformat", f"{blanks} %{{SOURCERPM}}\\n"],
            ["--queryformat", blanks.replace(" ", "\\t") + "\\n"],
            ["--queryformat", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm\\n"],
        ]
        for form in forms:
            listed = self.rpm(database, *form)
            assert (listed.format, listed.distribution) == ("rpm-qa", whole.distribution)
            assert sorted((package.name, package.version) for package in listed.packages) == names
        with_source = self.rpm(database, *forms[3])
        source = {package.name: package.source_name for package in whole.packages}
        assert {package.name: package.source_name for package in with_source.packages} == source

    def test_dnf(self, database: Path) -> None:
        command = ["dnf", "-q", "-C", f"--installroot={database}", "--releasever=9", "list", "--installed"]
        listed = read(oracles.run(["env", "HOME=/root", *command]))
        whole = inventories.read(database / "var/lib/rpm/rpmdb.sqlite")
        assert (listed.format, listed.distribution) == ("dnf-list", whole.distribution)
        # dnf lists no keys.
        expected = [(one.name, one.version, one.arch) for one in whole.packages if one.state is State.INSTALLED]
        assert sorted((one.name, one.version, one.arch) for one in listed.packages) == sorted(expected)
        assert all(package.epoch_known for package in listed.packages)

    def test_yum(self) -> None:
        text = (
            "Loaded plugins: fastestmirror\nLoading mirror speeds from cached hostfile\n"
            "Installed Packages\nopenssl-libs.x86_64    1:1.0.2k-19.el7    @base\n"
            "java-1.8.0-openjdk-headless.x86_64\n                       1:1.8.0.262.b10-0.el7_8\n"
            "                                          @updates\n"
            "kernel.x86_64      3.10.0-1160.el7   installed\nnot a row\n"
            "Available Packages\nzsh.x86_64   5.0.2-34.el7   base\n"
        )
        listed = read(text.encode())
        assert [(package.name, package.version) for package in listed.packages] == [
            ("openssl-libs", "1:1.0.2k-19.el7"),
            ("java-1.8.0-openjdk-headless", "1:1.8.0.262.b10-0.el7_8"),
            ("kernel", "3.10.0-1160.el7"),
        ]
        assert listed.report is not None
        assert [rejection.position for rejection in listed.report.rejections] == ["line 9"]
        assert dict(listed.report.skips) == {"packages that are not installed": 1, "remarks of dnf": 2}


def _damaged(blob: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(blob)
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(data[: chance.randint(len(data) // 2, len(data))])


def test_every_format_is_shown() -> None:
    page = (ROOT / "docs/guide/inventories.md").read_text()
    assert [format for format in FORMATS if f"`{format}`" not in page] == []
