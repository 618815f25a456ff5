"""SBOMs that say themselves that they are not whole, and what others put around an SBOM."""

import json
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from advisories import cli, read_inventory
from advisories.models.assumptions import Assumption
from advisories.models.errors import EmptySource
from advisories.models.packages import Inventory
from advisories.models.reading import unlisted_packages

pytest.importorskip("packageurl")

PURL = "pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64&distro=almalinux-9.4"
OF_PARTS = "packages of components that the document states to be incomplete: not listed"
OTHER_LISTS = "packages of components that have a list of their own elsewhere: not read"
ELSEWHERE = "packages of other documents that this one refers to: not read"


def cyclonedx(*compositions: Any, **more: Any) -> dict[str, Any]:
    component = {"type": "library", "bom-ref": "bash", "name": "bash", "version": "5", "purl": PURL, **more}
    subject = {"type": "container", "bom-ref": "image", "name": "app"}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": subject}}
    return {**document, "components": [component], "compositions": list(compositions)}


def xml(*compositions: Any, references: str = "", inner: str = "") -> str:
    def one(stated: dict[str, Any]) -> str:
        parts = [
            f"<{name}>{''.join(f'<{tag} ref={json.dumps(ref)}/>' for ref in stated[name])}</{name}>"
            for name, tag in (("assemblies", "assembly"), ("dependencies", "dependency"))
            if name in stated
        ]
        return f"<composition><aggregate>{stated['aggregate']}</aggregate>{''.join(parts)}</composition>"

    purl = PURL.replace("&", "&amp;")
    return (
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><component type="container" bom-ref="image">'
        '<name>app</name></component></metadata><components><component type="library" bom-ref="bash"><name>bash</name>'
        f"<version>5</version><purl>{purl}</purl>{references}{inner}</component></components>"
        f"<compositions>{''.join(map(one, compositions))}</compositions></bom>"
    )


def spdx(*relationships: tuple[str, str, str]) -> dict[str, Any]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": PURL}
    names = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    return {
        "spdxVersion": "SPDX-2.3",
        "externalDocumentRefs": [{"externalDocumentId": "DocumentRef-b", "spdxDocument": "https://a.example/b"}],
        "packages": [{"SPDXID": "SPDXRef-1", "name": "bash", "externalRefs": [reference]}],
        "relationships": [dict(zip(names, one, strict=True)) for one in relationships],
    }


def tags(*relationships: tuple[str, str, str]) -> str:
    lines = [f"Relationship: {' '.join(one)}" for one in relationships]
    head = ["SPDXVersion: SPDX-2.3", "ExternalDocumentRef: DocumentRef-b https://a.example/b SHA1: 00"]
    package = ["PackageName: bash", "SPDXID: SPDXRef-1", f"ExternalRef: PACKAGE-MANAGER purl {PURL}"]
    return "\n".join([*head, *package, *lines, ""])


def spdx_3(kind: str, other: str) -> dict[str, Any]:
    document = {"type": "SpdxDocument", "spdxId": "urn:0", "import": [{"externalSpdxId": "urn:9"}]}
    package = {"type": "software_Package", "spdxId": "urn:1", "name": "bash", "software_packageUrl": PURL}
    relation = {"type": "Relationship", "from": "urn:1", "relationshipType": kind, "to": [other]}
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [document, package, relation]}


def read(document: Any) -> Inventory:
    text = document if isinstance(document, str) else json.dumps(document)
    return read_inventory(BytesIO(text.encode()), name="sbom")


def skips(document: Any) -> tuple[tuple[str, int], ...]:
    inventory = read(document)
    assert inventory.report is not None
    assert (inventory.report.kept, inventory.report.rejected) == (1, 0)
    assert not inventory.packages[0].doubts
    assert unlisted_packages(inventory.report) == sum(times for _, times in inventory.report.skips)
    return inventory.report.skips


@pytest.mark.parametrize("form", [cyclonedx, xml])
class TestCompositions:
    @pytest.mark.parametrize("aggregate", ["incomplete", "incomplete_third_party_only"])
    @pytest.mark.parametrize("parts", [{}, {"assemblies": ["image"]}, {"dependencies": ["bash", "image"]}])
    def test_the_whole_is_incomplete(self, form: Any, aggregate: str, parts: dict[str, Any]) -> None:
        inventory = read(form({"aggregate": "complete"}, {"aggregate": aggregate, **parts}))
        assert inventory.report is not None
        (rejection,) = inventory.report.rejections
        assert (rejection.position, rejection.is_of_the_whole) == ("compositions[1]", True)
        assert rejection.text == f"the list: it states of itself that it is {aggregate}"
        assert [package.doubts for package in inventory.packages] == [{Assumption.INVENTORY_PARTIAL}]

    def test_parts_are_incomplete(self, form: Any) -> None:
        found = [{"aggregate": "incomplete", name: ["bash"]} for name in ("assemblies", "dependencies")]
        assert skips(form(*found)) == ((OF_PARTS, 1),)

    @pytest.mark.parametrize("aggregate", ["complete", "unknown", "not_specified", ""])
    def test_nothing_is_said(self, form: Any, aggregate: str) -> None:
        assert skips(form({"aggregate": aggregate})) == ()


def test_the_vulnerabilities_are_incomplete() -> None:
    """Which says nothing of the components."""
    assert skips(cyclonedx({"aggregate": "incomplete", "vulnerabilities": ["1"]})) == ()
    assert skips(
        cyclonedx(None, {"aggregate": 1}, {"aggregate": "incomplete", "assemblies": [1], "dependencies": ["x"]})
    )


def test_a_component_with_its_own_list() -> None:
    references = [{"type": "bom", "url": "https://a.example/bash.cdx.json"}]
    text = '<externalReferences><reference type="bom"><url>https://a.example/x</url></reference></externalReferences>'
    assert skips(cyclonedx(externalReferences=references)) == ((OTHER_LISTS, 1),)
    assert skips(xml(references=text)) == ((OTHER_LISTS, 1),)
    inner = {"type": "file", "name": "x"}
    (only,) = read(cyclonedx(externalReferences=references, components=[inner])).report.skips  # type: ignore[union-attr]
    same = read(
        xml(references=text, inner='<components><component type="file"><name>x</name></component></components>')
    )
    assert same.report is not None
    assert same.report.skips == (only,) == (("entries of type file, which are no packages", 1),)
    assert skips(cyclonedx(externalReferences=[{"type": "vcs", "url": "https://a.example"}, None])) == ()


@pytest.mark.parametrize("form", [spdx, tags])
@pytest.mark.parametrize(
    ("relationship", "is_of_it"),
    [
        (("SPDXRef-1", "CONTAINS", "DocumentRef-b:SPDXRef-2"), True),
        (("SPDXRef-DOCUMENT", "DEPENDS_ON", "DocumentRef-b:SPDXRef-DOCUMENT"), True),
        (("DocumentRef-b:SPDXRef-2", "PACKAGE_OF", "SPDXRef-1"), True),
        (("DocumentRef-b:SPDXRef-2", "CONTAINS", "SPDXRef-1"), False),
        (("SPDXRef-DOCUMENT", "COPY_OF", "DocumentRef-b:SPDXRef-2"), False),
        (("SPDXRef-1", "CONTAINS", "SPDXRef-2"), False),
    ],
)
def test_elements_of_other_documents(form: Any, relationship: tuple[str, str, str], is_of_it: bool) -> None:
    assert skips(form(relationship, relationship)) == (((ELSEWHERE, 1),) if is_of_it else ())


@pytest.mark.parametrize(
    ("kind", "other", "is_of_it"),
    [("contains", "urn:9", True), ("dependsOn", "urn:9", True), ("copiedTo", "urn:9", False), ("contains", "x", False)],
)
def test_elements_of_other_documents_in_version_3(kind: str, other: str, is_of_it: bool) -> None:
    assert skips(spdx_3(kind, other)) == (((ELSEWHERE, 1),) if is_of_it else ())


@pytest.mark.parametrize(
    ("document", "words", "status"),
    [
        (cyclonedx({"aggregate": "incomplete"}), [], 2),
        (cyclonedx({"aggregate": "incomplete"}), ["--accept", "inventory-partial"], 0),
        (cyclonedx({"aggregate": "incomplete"}), ["--strict"], 2),
        (spdx(("SPDXRef-1", "CONTAINS", "DocumentRef-b:SPDXRef-2")), ["--fail-on-unchecked", "0"], 1),
        (cyclonedx(externalReferences=[{"type": "bom"}]), ["--fail-on-unchecked", "0"], 1),
    ],
)
def test_the_gate(
    document: Any, words: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {
        "id": "A-1",
        "modified": "2024-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-1.el9"}]}],
            }
        ],
    }
    (tmp_path / "feed.json").write_text(json.dumps(record))
    (tmp_path / "sbom.json").write_text(json.dumps(document))
    found = cli.main(["match", str(tmp_path / "sbom.json"), "--feed", str(tmp_path / "feed.json"), *words])
    printed = capsys.readouterr()
    assert found == status, printed
    assert "states of itself" in printed.err or ": not read" in printed.out + printed.err


# What puts something around an SBOM, and what stands in front of positions then.
AROUND: dict[str, tuple[Callable[[Any], Any], str]] = {
    "GitHub": (lambda sbom: {"sbom": sbom}, "sbom."),
    "in-toto": (
        lambda sbom: {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "_", "digest": {"sha256": "0" * 64}}],
            "predicateType": "https://spdx.dev/Document",
            "predicate": sbom,
        },
        "predicate.",
    ),
    "cosign": (lambda sbom: {"predicate": {"Data": sbom, "Timestamp": "2022-01-01T00:00:00Z"}}, "predicate.Data."),
    "buildx": (lambda sbom: {"SPDX": sbom}, "SPDX."),
}
SBOMS = {
    "CycloneDX": cyclonedx({"aggregate": "incomplete", "assemblies": ["bash"]}),
    "SPDX 2": spdx(("SPDXRef-1", "CONTAINS", "DocumentRef-b:SPDXRef-9")),
    "SPDX 3": spdx_3("contains", "urn:9"),
}


@pytest.mark.parametrize("form", SBOMS)
@pytest.mark.parametrize("by", AROUND)
def test_what_is_put_around(by: str, form: str) -> None:
    around, _ = AROUND[by]
    inner, whole = read(SBOMS[form]), read(around(SBOMS[form]))
    assert whole.packages == inner.packages != ()
    assert (whole.distribution, whole.report.skips) == (inner.distribution, inner.report.skips)


@pytest.mark.parametrize("by", AROUND)
def test_places_in_what_is_put_around(by: str) -> None:
    around, above = AROUND[by]
    broken = spdx()
    broken["packages"] += ["bash", {"name": "b", "versionInfo": "1"}]
    positions = [one.position for one in read(around(broken)).report.rejections]
    assert positions == [f"{above}packages[1]", f"{above}packages[2]"]
    nested = cyclonedx(components=[7])
    positions = [one.position for one in read(around(nested)).report.rejections]
    assert positions == [f"{above}components[0].components[0]"]


@pytest.mark.parametrize("by", AROUND)
def test_of_real_documents(by: str, unpacked: Callable[[str], Path]) -> None:
    around, _ = AROUND[by]
    folder = unpacked("inventories/sboms")
    contents: list[Any] = []
    for path in sorted(folder.rglob("*.*x.json")):
        with suppress(ValueError):  # one of them is no JSON
            contents.append(json.loads(path.read_bytes()))
    assert len(contents) > 20
    for content in contents:
        assert read_or_not(around(content)) == read_or_not(content)


def read_or_not(document: Any) -> object:
    """The packages and the skips of a document, or the words for a document without any package."""
    try:
        found = read(document)
    except EmptySource as error:
        return str(error).partition(";")[0]
    return found.packages, found.distribution, found.report.skips, len(found.report.rejections)


@pytest.mark.parametrize("document", [{"sbom": [spdx()]}, {"predicate": {"predicate": spdx()}}, {"other": spdx()}])
def test_of_what_is_put_around_nothing_else(document: Any) -> None:
    with pytest.raises(EmptySource):
        read(document)
