"""Writes ``report.schema.json`` from the types of :mod:`advisories.reports.document`: ``python tools/schemas.py``."""

import inspect
import json
import re
import typing
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union

from advisories.models.json_types import EVERY, Format, Within
from advisories.models.schemas import REPORT
from advisories.reports import document

PATH = Path(__file__).resolve().parents[1] / "src/advisories/reports/schemas/report.schema.json"
_SIMPLE = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
# Words that stand once, and are referred to.
_NAMED = {"Assumption": "assumption"}


def text() -> str:
    """The schema as the file has it."""
    types = [one for one in vars(document).values() if typing.is_typeddict(one) and one is not document.ReportObject]
    words = [one for one in vars(document).values() if getattr(one, "__name__", "") in _NAMED]
    whole = _object(document.ReportObject)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vercmp:{REPORT.replace('/', ':')}",
        "title": whole.pop("description"),
        **whole,
        "additionalProperties": False,
        "$defs": {
            **{_NAMED[one.__name__]: {"enum": list(map(str, one))} for one in words},
            **{_name(one): _object(one) for one in types},
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def _name(type: Any) -> str:
    name = re.sub("(?<=[a-z])(?=[A-Z])", "_", type.__name__.removesuffix("Object"))
    return name.lower()


def _object(type: Any) -> dict[str, Any]:
    described: dict[str, str] = {}
    for base in reversed(type.__orig_bases__ if hasattr(type, "__orig_bases__") else ()):
        if typing.is_typeddict(base):
            described |= _described(base)
    described |= _described(type)
    members = typing.get_type_hints(type, include_extras=True)
    found: dict[str, Any] = {"type": "object"}
    summary = inspect.getdoc(type)
    if summary and not summary.startswith("dict("):
        found["description"] = " ".join(summary.partition("\n\n:ivar")[0].split())
    found["properties"] = {
        name: _schema(member) | ({"description": described[name]} if name in described else {})
        for name, member in members.items()
    }
    found["required"] = list(members)
    return found


def _described(type: Any) -> dict[str, str]:
    parts = (inspect.getdoc(type) or "").split(":ivar ")[1:]
    return {
        name: " ".join(what.replace("``", "").split()) for name, _, what in (part.partition(": ") for part in parts)
    }


def _schema(type: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(type), typing.get_args(type)
    if type in _SIMPLE:
        return {"type": _SIMPLE[type]}
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        return _nullable(_schema(next(one for one in arguments if one is not NoneType)))
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is dict:
        names = {} if arguments[0] is str else {"propertyNames": _schema(arguments[0])}
        return {"type": "object", **names, "additionalProperties": _schema(arguments[1])}
    if origin is Literal:
        return {"const": arguments[0]} if len(arguments) == 1 else {"enum": list(map(str, arguments))}
    if typing.is_typeddict(type):
        return {"$ref": f"#/$defs/{_name(type)}", "unevaluatedProperties": False}
    if type.__name__ in _NAMED:
        return {"$ref": f"#/$defs/{_NAMED[type.__name__]}"}
    assert issubclass(type, StrEnum), type
    return {"enum": list(map(str, type))}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _annotated(type: Any, more: tuple[Any, ...]) -> dict[str, Any]:
    schema = _schema(type)
    for bound in more:
        if isinstance(bound, Within):
            schema |= {"minimum": bound.least} | ({} if bound.most is None else {"maximum": bound.most})
        elif isinstance(bound, Format):
            schema |= {"format": bound.name}
        elif bound is EVERY:
            names = schema.pop("propertyNames")["enum"]
            each = schema.pop("additionalProperties")
            schema |= {"properties": dict.fromkeys(names, each), "required": names, "additionalProperties": False}
    return schema


if __name__ == "__main__":
    PATH.write_text(text())
