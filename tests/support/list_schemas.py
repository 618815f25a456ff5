"""The official schemas of the formats of lists: the first error of a document of ours, or None."""

import json
import tempfile
from typing import Any, Final

import jsonschema
import sbom_schemas
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.json.json_parser import parse_from_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

__all__ = ["error_of"]


def _spdx(text: str) -> str | None:
    """By the model of SPDX's own tools: what the schema has, and what it cannot."""
    with tempfile.NamedTemporaryFile("w", suffix=".spdx.json", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        try:
            document = parse_from_file(file.name)
        except SPDXParsingError as error:
            return str(error.get_messages()[0])
    return next((one.validation_message for one in validate_full_spdx_document(document)), None)


def _syft(text: str) -> str | None:
    return next((error.message for error in _SYFT.iter_errors(json.loads(text))), None)


def _object(*required: str, texts: str = "", **properties: Any) -> dict[str, Any]:
    """The schema of an object: the members that it has to have, and which of them are texts."""
    own = {name: {"type": "string"} for name in texts.split()}
    return {"type": "object", "required": [*required, *own], "properties": own | properties}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_NUMBER: Final = {"type": "integer"}
_PLACE: Final = _object(texts="path accessPath", layerID={"type": "string"})
_FILES: Final = _array(_object(texts="path"))
# What Syft's JSON schema 16.1.13 demands of the parts that are written here. It allows further members everywhere.
_METADATA: Final = {
    "rpm-db-entry": _object(
        *("epoch", "size", "files"),
        texts="name version architecture release sourceRpm vendor",
        epoch={"type": ["integer", "null"]},
        size=_NUMBER,
        files=_FILES,
        modularityLabel={"type": "string"},
    ),
    "dpkg-db-entry": _object(
        *("installedSize", "files"),
        texts="package source version sourceVersion architecture maintainer",
        installedSize=_NUMBER,
        files=_FILES,
    ),
    "apk-db-entry": _object(
        *("size", "installedSize", "pullDependencies", "provides", "files"),
        texts="package originPackage maintainer version architecture url description pullChecksum gitCommitOfApkPort",
        size=_NUMBER,
        installedSize=_NUMBER,
        pullDependencies=_array({"type": "string"}),
        provides=_array({"type": "string"}),
        files=_FILES,
    ),
}
_ARTIFACT: Final = _object(
    *("locations", "licenses", "cpes"),
    texts="id name version type foundBy language purl",
    locations=_array(_PLACE),
    licenses=_array({}),
    cpes=_array({}),
) | {
    "allOf": [
        {
            "if": {"required": ["metadataType"], "properties": {"metadataType": {"const": type}}},
            "then": {"required": ["metadata"], "properties": {"metadata": schema}},
        }
        for type, schema in _METADATA.items()
    ]
}
_SYFT: Final = jsonschema.Draft202012Validator(
    _object(
        *("artifacts", "artifactRelationships", "source", "distro", "descriptor", "schema"),
        artifacts=_array(_ARTIFACT),
        artifactRelationships=_array({}),
        source=_object("metadata", texts="id name version type"),
        distro=_object(id={"type": "string"}, name={"type": "string"}, versionID={"type": "string"}),
        descriptor=_object(texts="name version"),
        schema=_object(texts="version url"),
    )
)


_VALIDATORS: Final = {
    "cyclonedx": lambda text: sbom_schemas.error_of("cyclonedx", text),
    "spdx": _spdx,
    "syft": _syft,
}


def error_of(format: str, text: str) -> str | None:
    """The first error of a document. None where it is valid."""
    return _VALIDATORS[format](text)
