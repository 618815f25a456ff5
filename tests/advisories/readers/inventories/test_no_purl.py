"""Entries of SBOMs without a package URL: packages are rejected, and what is none is skipped and counted."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from advisories import cli, read_inventory
from advisories.models.packages import Inventory
from advisories.models.reading import unlisted_packages

pytest.importorskip("packageurl")

PURL = "pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64&distro=almalinux-9.4"


def cyclonedx(**component: Any) -> dict[str, Any]:
    components = [{"type": "library", "name": "bash", "version": "5", "purl": PURL}, component]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def spdx(*relationships: Any, **package: Any) -> dict[str, Any]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": PURL}
    packages = [
        {"SPDXID": "SPDXRef-1", "name": "bash", "externalRefs": [reference]},
        {"SPDXID": "SPDXRef-2", **package},
    ]
    return {"spdxVersion": "SPDX-2.3", "packages": packages, "relationships": list(relationships)}


def spdx_3(**package: Any) -> dict[str, Any]:
    first = {"type": "software_Package", "spdxId": "urn:1", "name": "bash", "software_packageUrl": PURL}
    document = {"type": "software_Sbom", "spdxId": "urn:0", "rootElement": ["urn:2"]}
    second = {"type": "software_Package", "spdxId": "urn:2", **package}
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [document, first, second]}


def syft(**artifact: Any) -> dict[str, Any]:
    distro = {"id": "almalinux", "versionID": "9.4"}
    return {"artifacts": [{"name": "bash", "type": "rpm", "purl": PURL}, artifact], "distro": distro}


def read(document: Any) -> Inventory:
    text = document if isinstance(document, str) else json.dumps(document)
    return read_inventory(BytesIO(text.encode()), name="sbom")


DESCRIBES = {
    "spdxElementId": "SPDXRef-DOCUMENT",
    "relationshipType": "DESCRIBES",
    "relatedSpdxElement": "SPDXRef-2",
}
TAGS = f"""SPDXVersion: SPDX-2.3
PackageName: bash
SPDXID: SPDXRef-1
ExternalRef: PACKAGE-MANAGER purl {PURL}
PackageName: openssl
SPDXID: SPDXRef-2
PackageVersion: 3.0.7
"""


@pytest.mark.parametrize(
    "document",
    [
        *(
            cyclonedx(type=kind, name="openssl", version="3.0.7", **more)
            for kind in ("library", "framework", "application", "platform", "firmware", "device-driver", "what?")
            for more in ({}, {"purl": ""})
        ),
        cyclonedx(name="openssl", version="3.0.7"),
        *(spdx(name="openssl", versionInfo="3.0.7", primaryPackagePurpose=kind) for kind in ("LIBRARY", "OTHER")),
        spdx(name="openssl", versionInfo="3.0.7"),
        # A document that describes several has no subject.
        spdx(DESCRIBES, {**DESCRIBES, "relatedSpdxElement": "SPDXRef-1"}, name="openssl", versionInfo="3.0.7"),
        {**spdx_3(name="x"), **spdx_3(name="openssl", software_packageVersion="3.0.7", spdxId="urn:3")},
        syft(name="openssl", version="3.0.7", type="rpm", purl=""),
        TAGS,
    ],
)
def test_a_package_is_rejected(document: Any) -> None:
    inventory = read(document)
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected) == (1, 1)
    assert "a package without a package URL" in inventory.report.rejections[0].why


@pytest.mark.parametrize(
    ("document", "why"),
    [
        *(
            (cyclonedx(type=kind, name="x"), f"entries of type {kind}, which are no packages")
            for kind in ("container", "cryptographic-asset", "data", "device", "file", "machine-learning-model")
        ),
        (
            cyclonedx(
                type="application", name="a.lock", properties=[{"name": "aquasecurity:trivy:Class", "value": "x"}]
            ),
            "files that list packages of applications",
        ),
        *(
            (spdx(name="x", primaryPackagePurpose=kind), f"entries of type {kind.lower()}, which are no packages")
            for kind in ("FILE", "ARCHIVE", "SOURCE", "CONTAINER", "DEVICE")
        ),
        (spdx(name="x", attributionTexts=["Class: lang-pkgs"]), "files that list packages of applications"),
        (spdx(name="x", annotations=[{"comment": "Class: lang-pkgs"}]), "files that list packages of applications"),
        (spdx(DESCRIBES, name="x"), "the subject of the document, which is no package in it"),
        (
            {**spdx(name="x"), "documentDescribes": ["SPDXRef-2"]},
            "the subject of the document, which is no package in it",
        ),
        (spdx_3(name="x"), "the subject of the document, which is no package in it"),
        (
            f"{TAGS}Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-2",
            "the subject of the document, which is no package in it",
        ),
        (syft(name="x", type="java-archive"), "packages of type java-archive: have no order here"),
    ],
)
def test_what_is_no_package_is_skipped(document: Any, why: str) -> None:
    inventory = read(document)
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected, inventory.report.skips) == (1, 0, ((why, 1),))


@pytest.mark.parametrize(("kind", "rejected"), [("library", 1), ("application", 1), ("file", 0), ("container", 0)])
def test_the_form_of_xml(kind: str, rejected: int) -> None:
    component = f'<component type="{kind}"><name>openssl</name><version>3.0.7</version></component>'
    first = f'<component type="library"><name>bash</name><purl>{PURL.replace("&", "&amp;")}</purl></component>'
    inventory = read(
        f'<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>{first}{component}</components></bom>'
    )
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected) == (1, rejected)


def test_components_of_xml_that_are_not_of_the_list() -> None:
    """The tools that wrote a document, its subject and what a component was made from, as in JSON."""
    purl = f"<purl>{PURL.replace('&', '&amp;')}</purl>"

    def one(name: str, *inner: str) -> str:
        return (
            f'<component type="application"><name>{name}</name>{purl.replace("bash", name)}{"".join(inner)}</component>'
        )

    def all_of(*found: str) -> str:
        return f"<components>{''.join(found)}</components>"

    subject = one("subject", all_of(one("in-subject")))
    made = one("bash", f"<pedigree><ancestors>{one('before', all_of(one('in-before')))}</ancestors></pedigree>")
    inventory = read(
        f'<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><tools>{all_of(one("tool"))}</tools>{subject}'
        f"</metadata>{all_of(one('above', all_of(one('inner'))), made)}</bom>"
    )
    assert sorted(package.name for package in inventory.packages) == ["above", "bash", "in-subject", "inner"]
    assert inventory.report is not None
    assert (inventory.report.rejected, inventory.report.skips) == (0, ())


def test_the_operating_system_is_the_distribution() -> None:
    inventory = read(cyclonedx(type="operating-system", name="almalinux", version="9.4"))
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected, inventory.report.skips) == (1, 0, ())
    assert inventory.distribution_source == "the component of the operating system"


def test_what_the_subject_contains_is_listed() -> None:
    """An image as the subject of a document may have its packages in itself."""
    inner = {"type": "library", "name": "zlib", "purl": PURL.replace("bash", "zlib"), "components": [{"name": "x"}]}
    document = cyclonedx(name="y", type="file") | {"metadata": {"component": {"name": "z", "components": [inner]}}}
    found = read(document)
    assert found.report is not None
    assert [one.name for one in found.packages] == ["zlib", "bash"]
    assert [(one.position, one.what) for one in found.report.rejections] == [
        ("metadata.component.components[0].components[0]", "x")
    ]


def test_packages_of_types_without_an_order_have_no_verdict() -> None:
    for purl, count in (("pkg:composer/a/b@1", 1), ("pkg:generic/x@1", 1), ("pkg:oci/image@sha256:1", 0)):
        inventory = read(cyclonedx(type="library", name="x", purl=purl))
        assert inventory.report is not None
        assert unlisted_packages(inventory.report) == count, purl


@pytest.mark.parametrize(
    "document",
    [cyclonedx(type="library", name="openssl", version="1"), spdx(name="openssl"), syft(name="openssl", type="rpm")],
)
def test_gates_see_a_package_without_a_package_url(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: dict[str, Any]
) -> None:
    bash = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "zsh"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1.el9"}]}],
    }
    (tmp_path / "sbom.json").write_text(json.dumps(document))
    (tmp_path / "feed.json").write_text(json.dumps([{"id": "ALSA-2024:1", "affected": [bash]}]))
    words = ["match", "--inventory", str(tmp_path / "sbom.json"), "--feed", str(tmp_path / "feed.json")]
    assert cli.main([*words, "--strict", "--accept", "feed-partial"]) == 2
    assert "1 rejected, and --strict makes that an error" in capsys.readouterr().err
    assert cli.main([*words, "--fail-on-unchecked", "50"]) == 1
    assert "2 of 2 packages have no verdict (1 unchecked, 1 rejected)" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "rejected"), [("os-pkgs", 1), ("lang-pkgs", 1), ("secret", 0), ("config", 0)])
def test_a_result_of_trivy_without_its_packages(kind: str, rejected: int) -> None:
    package = {"Name": "bash", "Version": "5.1.8", "Release": "9.el9", "Arch": "x86_64", "SrcName": "bash"}
    results = [{"Class": "os-pkgs", "Type": "alma", "Packages": [package]}, {"Class": kind, "Target": "x"}]
    inventory = read({"SchemaVersion": 2, "Metadata": {"OS": {"Family": "alma", "Name": "9.4"}}, "Results": results})
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected) == (1, rejected)
