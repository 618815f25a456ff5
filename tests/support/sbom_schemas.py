"""The official schemas of the formats of SBOM and VEX: the first error of a document of ours, or None."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Final

import jsonschema
import pytest
from csaf.csaf import v20
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from places import SHARED
from spdx_python_model import v3_0_1

__all__ = ["error_of"]


def _cyclonedx(version: str, text: str) -> str | None:
    error = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text)
    return None if error is None else str(error)


@cache
def _openvex_schema() -> jsonschema.Draft202012Validator:
    path = SHARED / "schemas/openvex-0.2.0.schema.json"
    if not path.is_file():
        pytest.skip("OpenVEX's schema is not beside this checkout")
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(json.loads(path.read_text()), format_checker=checker)


def _openvex(text: str) -> str | None:
    return next((error.message for error in _openvex_schema().iter_errors(json.loads(text))), None)


def _csaf(text: str) -> str | None:
    """By the schema, and by every test that the standard calls mandatory."""
    report = v20.validate(json.loads(text), preset="basic")
    broken = [error for result in report.results if result.group != "informative" for error in result.errors]
    return f"{broken[0].instance_path}: {broken[0].message}" if broken else None


def _spdx(text: str) -> str | None:
    """By the classes that are made of the model's SHACL: types, cardinalities, patterns, closed lists."""
    found = v3_0_1.SHACLObjectSet()
    try:
        v3_0_1.JSONLDDeserializer().read(BytesIO(text.encode()), found)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    missing = found.link()
    return f"no element {min(missing)}" if missing else None


_VALIDATORS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "cyclonedx": lambda text: _cyclonedx("1.6", text),
    "cyclonedx-1.7": lambda text: _cyclonedx("1.7", text),
    "openvex": _openvex,
    "csaf-vex": _csaf,
    "spdx": _spdx,
}


def error_of(format: str, text: str) -> str | None:
    """The first error of a document. None where it is valid."""
    return _VALIDATORS[format](text)
