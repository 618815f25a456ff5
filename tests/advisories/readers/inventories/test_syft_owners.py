"""Packages of languages that Syft lists beside the package of the system that brought them: judged once, or with the
assumption that nobody knows."""

import json
from io import BytesIO
from typing import Any

import pytest

from advisories import read_inventory
from advisories.models import Assumption, Inventory

SITE = "/usr/lib/python3/dist-packages"
DISTRO = {"id": "debian", "versionID": "12"}
DEBIAN = "Debian Python Team <x@tracker.debian.org>"
OWNED = "packages of type pypi that one of type {0} owns: judged as that package"


def deb(maintainer: str = DEBIAN, files: tuple[str, ...] = (f"{SITE}/idna-3.3.egg-info/PKG-INFO",)) -> dict[str, Any]:
    metadata = {"maintainer": maintainer, "source": "", "files": [{"path": path} for path in files]}
    return {"id": "1", "type": "deb", "purl": "pkg:deb/debian/python3-idna@3.3-1?arch=all", "metadata": metadata}


def python(*paths: str, id: str = "2", **annotations: str) -> dict[str, Any]:
    places = paths or (f"{SITE}/idna-3.3.egg-info/PKG-INFO",)
    locations = [{"path": path, "annotations": annotations} for path in places]
    return {"id": id, "type": "python", "purl": "pkg:pypi/idna@3.3", "locations": locations}


OWNS = {"parent": "1", "child": "2", "type": "ownership-by-file-overlap"}


def read(*artifacts: object, relationships: object = (OWNS,), distro: object = DISTRO) -> Inventory:
    document = {"artifacts": artifacts, "artifactRelationships": relationships, "distro": distro}
    return read_inventory(BytesIO(json.dumps(document).encode()))


def seen(inventory: Inventory) -> tuple[dict[str, set[str]], dict[str, int]]:
    assert inventory.report is not None
    return {one.type: {str(doubt) for doubt in one.doubts} for one in inventory.packages}, dict(inventory.report.skips)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_distributions_own(is_reversed: bool) -> None:
    artifacts = [deb(), python()]
    assert seen(read(*(artifacts[::-1] if is_reversed else artifacts))) == ({"deb": set()}, {OWNED.format("deb"): 1})


@pytest.mark.parametrize(
    ("maintainer", "distro", "path"),
    [
        ("AMD <x@amd.com>", DISTRO, SITE),  # nobody's advisories judge it
        (DEBIAN, {"id": "nosuch", "versionID": "1"}, SITE),
        (DEBIAN, None, SITE),
        (DEBIAN, DISTRO, "/opt/x"),
    ],
)
def test_of_somebody_else(maintainer: str, distro: object, path: str) -> None:
    path = f"{path}/idna-3.3.egg-info/PKG-INFO"
    found = seen(read(deb(maintainer, (path,)), python(path), distro=distro))
    assert found == ({"deb": set(), "pypi": set()}, {})


def test_of_nobody_knows_whom() -> None:
    found = seen(read(deb("Somebody <x@gmail.com>"), python()))
    assert found == ({"deb": {"maker-unknown"}}, {OWNED.format("deb"): 1})


def test_of_apk() -> None:
    apk = {"id": "1", "type": "apk", "purl": "pkg:apk/alpine/py3-idna@3.3-r0", "metadata": {"files": [{"path": "/x"}]}}
    found = seen(read(apk, python(), distro={"id": "alpine", "versionID": "3.20.1"}))
    assert found == ({"apk": set()}, {OWNED.format("apk"): 1})


def test_a_copy_in_another_place() -> None:
    """One entry for two places: one of both may be nobody's."""
    found = seen(read(deb(), python(f"{SITE}/idna-3.3.egg-info/PKG-INFO", "/srv/idna-3.3.egg-info/PKG-INFO")))
    assert found == ({"deb": set(), "pypi": set()}, {})


def test_what_supports_it_is_no_place() -> None:
    package = python()
    package["locations"][0]["annotations"]["evidence"] = "primary"
    package["locations"].append({"path": f"{SITE}/RECORD", "annotations": {"evidence": "supporting"}})
    assert seen(read(deb(), package))[1] == {OWNED.format("deb"): 1}


@pytest.mark.parametrize(
    "relationships",
    [
        [],
        None,
        [1, {}, {"parent": 1, "child": [], "type": "ownership-by-file-overlap"}],
        [{**OWNS, "type": "contains"}],
        [{**OWNS, "parent": "3"}],
        [{**OWNS, "parent": "2", "child": "1"}],
    ],
)
def test_without_an_owner(relationships: object) -> None:
    assert seen(read(deb(), python(), relationships=relationships)) == ({"deb": set(), "pypi": set()}, {})


def test_an_owner_that_cannot_be_read() -> None:
    """It is rejected, so nobody judges what it owns."""
    inventory = read({**deb(), "purl": "pkg:deb/debian/python3-idna"}, python())
    assert [one.type for one in inventory.packages] == ["pypi"]


@pytest.mark.parametrize("path", [f"{SITE}/x", "/usr/local/lib/x", "/app/x"])
@pytest.mark.parametrize(
    "files", [[], [{"path": "/etc/x", "digest": {"algorithm": "md5", "value": "1"}, "isConfigFile": True}], None]
)
def test_without_lists_of_files(path: str, files: object) -> None:
    """Of a slimmed image: the deb may have brought it, where debs have files."""
    package = deb()
    package["metadata"]["files"] = files
    found, _ = seen(read(package, python(path), relationships=[]))
    assert found == {"deb": set(), "pypi": {Assumption.OWNER_UNKNOWN} if path.startswith(SITE) else set()}


@pytest.mark.parametrize(("type", "is_known"), [("apk", True), ("deb", False)])
def test_one_of_many_without_files(type: str, is_known: bool) -> None:
    """Packages of apk and rpm may have none. dpkg's have a folder for their documentation at least."""
    files = {"files": [{"path": "/usr/bin/x"}]}
    packages = [
        {"id": str(number), "type": type, "purl": f"pkg:{type}/x/a{number}@1-r0", "metadata": metadata}
        for number, metadata in enumerate((files, {}), 5)
    ]
    found, _ = seen(read(*packages, python(), relationships=[], distro=None))
    assert found["pypi"] == (set() if is_known else {"owner-unknown"})


def test_what_a_program_names() -> None:
    """A note in a program is no entry of a database, and has no files."""
    note = {**deb(files=()), "id": "9", "metadataType": "elf-binary-package-note-json-payload"}
    assert seen(read(deb(), note, python(), relationships=[]))[0]["pypi"] == set()


class TestSboms:
    """Syft's CycloneDX and SPDX do not show whose it is. Trivy leaves out what packages of the system own."""

    DEB = "pkg:deb/debian/python3-idna@3.3-1?arch=all&distro=debian-12"

    def cyclonedx(self, path: str, property: str, system: str) -> dict[str, Any]:
        properties = [{"name": property, "value": path}]
        components = [
            {"type": "library", "name": "python3-idna", "version": "3.3-1", "purl": system},
            {
                "type": "library",
                "name": "idna",
                "version": "3.3",
                "purl": "pkg:pypi/idna@3.3",
                "properties": properties,
            },
        ]
        return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}

    def spdx(self, path: str, words: str, system: str) -> dict[str, Any]:
        references = [[{"referenceType": "purl", "referenceLocator": purl}] for purl in (system, "pkg:pypi/idna@3.3")]
        packages = [
            {"SPDXID": "SPDXRef-1", "name": "python3-idna", "versionInfo": "3.3-1", "externalRefs": references[0]},
            {"SPDXID": "SPDXRef-2", "name": "idna", "versionInfo": "3.3", "externalRefs": references[1]},
        ]
        return {"spdxVersion": "SPDX-2.3", "packages": [packages[0], packages[1] | {"sourceInfo": f"{words}: {path}"}]}

    @pytest.mark.parametrize(
        ("form", "words", "is_of_syft"),
        [
            ("cyclonedx", "syft:location:0:path", True),
            ("cyclonedx", "aquasecurity:trivy:FilePath", False),
            ("spdx", "acquired package info from installed python package manifest file", True),
            ("spdx", "found at", False),
        ],
    )
    @pytest.mark.parametrize("path", [f"{SITE}/idna-3.3.egg-info/PKG-INFO", "/usr/local/lib/x", "/app/x"])
    @pytest.mark.parametrize("system", [DEB, "pkg:npm/x@1.0.0"])
    def test_where_it_lies(self, form: str, words: str, is_of_syft: bool, path: str, system: str) -> None:
        document = getattr(self, form)(path, words, system)
        found, _ = seen(read_inventory(BytesIO(json.dumps(document).encode())))
        is_doubted = is_of_syft and path.startswith(SITE) and system == self.DEB
        assert found["pypi"] - {"system-unknown"} == ({"owner-unknown"} if is_doubted else set())
