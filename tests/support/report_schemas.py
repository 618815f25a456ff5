"""The schemas of our JSON reports."""

import json
from importlib import resources
from typing import Any

import jsonschema

__all__ = ["schema", "validator"]


def schema(name: str) -> dict[str, Any]:
    """The schema of a form of report: ``report``, ``plan``, ``verification`` or ``lint``."""
    document: dict[str, Any] = json.loads(
        resources.files("advisories.reports").joinpath(f"schemas/{name}.schema.json").read_text()
    )
    return document


def validator(name: str) -> jsonschema.Draft202012Validator:
    """A validator of a form of report; its schema is checked."""
    own = schema(name)
    jsonschema.Draft202012Validator.check_schema(own)
    return jsonschema.Draft202012Validator(own)
