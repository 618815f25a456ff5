"""Whose the packages of languages in a Syft document are, by what it has of their files.

Syft lists what a package of the system brought of a language beside that package, and relates the two
(``ownership-by-file-overlap``). As in a root, the package of the system decides where the distribution built it. Where
the files of packages of the system are not there, as of a slimmed image, nobody knows whose the others are: an
assumption.

Source: Syft 1.57.1, ``internal/relationship/by_file_ownership.go`` and its JSON schema.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.inventories.languages.owners import Maker, is_of_packages, maker_of

__all__ = ["SyftOwners"]

_OWNS: Final = "ownership-by-file-overlap"
_OF_SYSTEMS: Final = ("deb", "rpm", "apk")
_PROGRAMS: Final = ("golang", "cargo")
# A package that a program itself names. No database lists it, nor its files.
_OF_A_PROGRAM: Final = "elf-binary-package-note-json-payload"


class SyftOwners:
    """The owners in a decoded document.

    :param distribution: of the document, where it is known.
    :param package_of: the package of an artifact. Raises :class:`Unreadable` and :class:`Skipped`.
    """

    def __init__(
        self, document: object, distribution: Distribution | None, package_of: Callable[[Any], Package]
    ) -> None:
        members = document if isinstance(document, dict) else {}
        artifacts = list(_objects(members.get("artifacts")))
        self._distribution = distribution
        self._package_of = package_of
        self._is_missed = _is_missed(artifacts)
        self._owners: dict[str, Package] = {}
        self._assumed: set[str] = set()
        self._packages: dict[str, Package | None] = {}
        by_id = {id: one for one in artifacts if isinstance(id := one.get("id"), str)}
        for one in _objects(members.get("artifactRelationships")):
            parent, child = by_id.get(_text(one, "parent")), by_id.get(_text(one, "child"))
            if one.get("type") == _OWNS and parent is not None and child is not None:
                self._relate(parent, child)

    def _relate(self, parent: dict[str, Any], child: dict[str, Any]) -> None:
        if parent.get("type") not in _OF_SYSTEMS or child.get("type") in _OF_SYSTEMS:
            return
        paths = _paths(child)
        if len(paths) != 1 or child["id"] in self._owners:  # of several places, some may be nobody's
            return
        owner, package = self._package(parent), self._package(child)
        if owner is None or package is None:
            return
        maker = maker_of(owner, paths[0], self._distribution, is_program=package.type in _PROGRAMS)
        if maker is not Maker.OTHER:
            self._owners[child["id"]] = owner
            if maker is Maker.ASSUMED and owner.type == "deb":
                self._assumed.add(parent["id"])

    def _package(self, artifact: dict[str, Any]) -> Package | None:
        """The package of an artifact, read once. None for one that is refused or skipped: counted where it stands."""
        id = artifact["id"]
        if id not in self._packages:
            try:
                self._packages[id] = self._package_of(artifact)
            except (Skipped, Unreadable):
                self._packages[id] = None
        return self._packages[id]

    def settled(self, artifact: dict[str, Any], package: Package) -> Package:
        """A package with what is assumed of it. Raises :class:`Skipped` where its owner is judged."""
        id = _text(artifact, "id")
        if id in self._assumed:
            return evolve(package, doubts=package.doubts | {Assumption.MAKER_UNKNOWN})
        if package.type in _OF_SYSTEMS:
            return package
        owner = self._owners.get(id)
        if owner is not None:
            raise Skipped(f"packages of type {package.type} that one of type {owner.type} owns: judged as that package")
        if self._is_missed and any(map(is_of_packages, _paths(artifact))):
            return evolve(package, doubts=package.doubts | {Assumption.OWNER_UNKNOWN})
        return package


def _is_missed(artifacts: list[dict[str, Any]]) -> bool:
    """Whether the files of a package of the system are not there. Of rpm and apk some have none."""
    of_system = [
        one for one in artifacts if one.get("type") in _OF_SYSTEMS and one.get("metadataType") != _OF_A_PROGRAM
    ]
    with_files = {one["type"] for one in of_system if _has_files(one)}
    return any(not _has_files(one) and (one["type"] == "deb" or one["type"] not in with_files) for one in of_system)


def _has_files(artifact: dict[str, Any]) -> bool:
    """More than the files of configuration, which dpkg's database itself names."""
    metadata = artifact.get("metadata")
    files = metadata.get("files") if isinstance(metadata, dict) else None
    return any(one.get("isConfigFile") is not True for one in _objects(files))


def _paths(artifact: dict[str, Any]) -> list[bytes]:
    """Where the files that show a package are, below the root."""
    places = [(one, path) for one in _objects(artifact.get("locations")) if (path := _text(one, "path"))]
    shown = [path for one, path in places if _evidence(one) in ("primary", None)]
    return [path.lstrip("/").encode("utf-8", "surrogateescape") for path in shown]


def _evidence(location: dict[str, Any]) -> object:
    annotations = location.get("annotations")
    return annotations.get("evidence") if isinstance(annotations, dict) else None


def _objects(entries: object) -> Iterator[dict[str, Any]]:
    return (one for one in (entries if isinstance(entries, list) else ()) if isinstance(one, dict))


def _text(members: dict[str, Any], name: str) -> str:
    text = members.get(name)
    return text if isinstance(text, str) else ""
