"""Rule 0, *source-unknown*: which source package a list shows without naming it, and what is no package at all."""

import json
from collections.abc import Callable
from io import BytesIO

import pytest

import advisories
from advisories.models.packages import Inventory


def read(text: str) -> Inventory:
    return advisories.read_inventory(BytesIO(text.encode()))


def sources(text: str) -> list[tuple[str, str | None, str | None]]:
    return [(package.name, package.source_name, package.source_version) for package in read(text).packages]


def skips(text: str) -> dict[str, int]:
    report = read(text).report
    assert report is not None
    return dict(report.skips)


DEB = "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64"
WITH_UPSTREAM = f"{DEB}&upstream=openssl"
BASH = "pkg:deb/debian/bash@5.2.15-2%2Bb8?arch=amd64"
APK = "pkg:apk/alpine/musl@1.2.4-r1?arch=x86_64"
RPM = "pkg:rpm/almalinux/bash@5.1.8-6.el9?arch=x86_64&epoch=1"
OWN = ("bash", "bash", "5.2.15-2")


def cyclonedx(*purls: str) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "components": [{"type": "library", "purl": one} for one in purls]})


def spdx(*purls: str) -> str:
    def package(purl: str) -> dict[str, object]:
        reference = {"referenceType": "purl", "referenceLocator": purl}
        return {"name": "p", "externalRefs": [reference]}

    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": list(map(package, purls))})


def syft(*purls: str) -> str:
    return json.dumps({"artifacts": [{"name": "p", "purl": one} for one in purls]})


def lines(*purls: str) -> str:
    return "\n".join(purls)


Form = Callable[..., str]
FORMS = pytest.mark.parametrize("form", [lines, cyclonedx, spdx, syft])


@FORMS
class TestPurls:
    def test_no_upstream_in_the_list_shows_no_source(self, form: Form) -> None:
        assert sources(form(DEB, BASH)) == [("libssl3", None, None), ("bash", None, None)]

    def test_one_upstream_shows_those_of_its_type(self, form: Form) -> None:
        assert sources(form(BASH, WITH_UPSTREAM, APK)) == [
            OWN,
            ("libssl3", "openssl", "3.0.11-1"),
            ("musl", None, None),
        ]

    def test_the_epoch_of_an_rpm_is_its_source_s(self, form: Form) -> None:
        other = "pkg:rpm/almalinux/zlib@1.2.11-40.el9?arch=x86_64&upstream=zlib-1.2.11-40.el9.src.rpm"
        assert sources(form(RPM, other))[0] == ("bash", "bash", "1:5.1.8-6.el9")
        without = RPM.replace("&epoch=1", "")
        assert sources(form(without, other))[0] == ("bash", "bash", "5.1.8-6.el9")

    @pytest.mark.parametrize(
        "purl", [f"{DEB}&arch=arm64", f"{DEB}&arch=amd64", f"{DEB}&ARCH=all", f"{DEB}&epoch=1&epoch=2"]
    )
    def test_a_qualifier_twice_is_refused(self, form: Form, purl: str) -> None:
        inventory = read(form(purl, BASH))
        assert [package.name for package in inventory.packages] == ["bash"]
        assert inventory.report is not None
        (rejection,) = inventory.report.rejections
        assert "twice" in rejection.why

    def test_virtual_packages_of_apk_are_none(self, form: Form) -> None:
        text = form(APK, "pkg:apk/alpine/.build-deps@20240101.101010")
        assert [name for name, _, _ in sources(text)] == ["musl"]
        assert skips(text) == {"virtual packages of apk, which hold no software": 1}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"source": ""}, ("bash", "5.2.15-2")),
        ({"source": "", "sourceVersion": ""}, ("bash", "5.2.15-2")),
        ({"maintainer": "x"}, (None, None)),
        (None, (None, None)),
    ],
)
def test_syft_shows_that_a_source_has_the_packages_name(metadata: object, expected: tuple[str, str]) -> None:
    text = json.dumps({"artifacts": [{"name": "bash", "purl": BASH, "metadata": metadata}]})
    assert sources(text) == [("bash", *expected)]


class TestDpkg:
    @pytest.mark.parametrize(
        "text",
        [
            "Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2+b8\n",
            "# showformat ${Package} ${Version} (${Source})\nbash 5.2.15-2+b8 ()\n",
            "openssh-client\t1:9.2p1-2\topenssh\nbash\t5.2.15-2+b8\t\nopenssh-server\t1:9.2p1-2\topenssh\n"
            "libgcc-s1\t12.2.0-14\tgcc-12\n",
        ],
    )
    def test_a_source_of_the_packages_name_is_left_out(self, text: str) -> None:
        assert OWN in sources(text)

    @pytest.mark.parametrize(
        "text",
        [
            "bash\t5.2.15-2+b8\nlibc6:amd64\t2.36-9\n",
            "# showformat ${Package} ${Version}\nbash 5.2.15-2+b8\n",
            "# showformat ${Package} ${Version} ${source:Package}\nbash 5.2.15-2+b8 \n",
        ],
    )
    def test_a_list_without_sources_shows_none(self, text: str) -> None:
        assert ("bash", None, None) in sources(text)


class TestApk:
    @pytest.mark.parametrize(
        "text",
        [
            "P:musl\nV:1.2.4-r1\no:musl\n\nP:.build-deps\nV:20240101.101010\nA:noarch\n",
            "P:musl\nV:1.2.4-r1\no:musl\n\nP:build-deps\nV:20240101.101010\nT:virtual meta package\n",
            "musl-1.2.4-r1\n.build-deps-20240101.101010\n",
            "musl-1.2.4-r1 x86_64 {musl} (MIT) [installed]\n.build-deps-20240101.101010 noarch {} () [installed]\n",
            "musl-1.2.4-r1\n.build-deps-0-r0\n",
        ],
    )
    def test_virtual_packages_are_none(self, text: str) -> None:
        assert [name for name, _, _ in sources(text)] == ["musl"]
        assert skips(text) == {"virtual packages of apk, which hold no software": 1}

    def test_a_name_that_no_origin_shows_stays_unknown(self) -> None:
        assert sources("musl-1.2.4-r1\nbusybox-1.36.1-r2\n") == [("musl", None, None), ("busybox", None, None)]
        with_origin = "P:.x\nV:1-r0\no:.x\n"
        assert sources(with_origin) == [(".x", ".x", "1-r0")]


@pytest.mark.parametrize(
    ("column", "repository"),
    [
        ("@baseos", "baseos"),
        ("@amzn2extra-docker", "amzn2extra-docker"),
        ("updates", "updates"),
        ("@updates/7", "updates/7"),
        ("@System", None),
        ("@anaconda", None),
        ("@anaconda/2019", None),
        ("@@commandline", None),
        ("installed", None),
        ("<unknown>", None),
    ],
)
def test_the_repository_of_dnf(column: str, repository: str | None) -> None:
    (package,) = read(f"Installed Packages\nbash.x86_64  5.1.8-6.el9  {column}\n").packages
    assert package.repository == repository


@FORMS
def test_the_repository_of_a_purl(form: Form) -> None:
    with_id, without = read(form(f"{RPM}&repository_id=baseos", RPM.replace("bash", "zsh"))).packages
    assert (with_id.repository, without.repository) == ("baseos", None)


def test_virtual_packages_of_trivy_are_none() -> None:
    musl = {"Name": "musl", "Version": "1.2.4-r1", "Arch": "x86_64", "SrcName": "musl", "AnalyzedBy": "apk"}
    virtual = {"Name": ".build-deps", "Version": "20240101.101010", "Arch": "noarch", "AnalyzedBy": "apk"}
    text = json.dumps([musl, virtual])
    assert [name for name, _, _ in sources(text)] == ["musl"]
    assert skips(text) == {"virtual packages of apk, which hold no software": 1}
