"""The schemas of our JSON reports, which refer to each other."""

import json
from importlib import resources
from typing import Any

import jsonschema
from referencing import Registry, Resource

__all__ = ["schema", "validator"]


def schema(name: str) -> dict[str, Any]:
    """The schema of a form of report: ``report``, ``plan`` or ``verification``."""
    document: dict[str, Any] = json.loads(
        resources.files("advisories.reports").joinpath(f"schemas/{name}.schema.json").read_text()
    )
    return document


def validator(name: str) -> jsonschema.Draft202012Validator:
    """A validator of a form of report; its schema is checked."""
    reports, own = schema("report"), schema(name)
    jsonschema.Draft202012Validator.check_schema(own)
    registry: Registry[Any] = Registry().with_resource(reports["$id"], Resource.from_contents(reports))
    return jsonschema.Draft202012Validator(own, registry=registry)
