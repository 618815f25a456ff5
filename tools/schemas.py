"""Writes the schemas of our JSON reports from the types of their documents: ``python tools/schemas.py``."""

import ast
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union

from advisories.models.json_types import EVERY, Format, Within
from advisories.reports import document, lint_document, plan_document, verification_document

FOLDER = Path(__file__).resolve().parents[1] / "src/advisories/reports/schemas"
#: The type of each schema, by the schema's name.
FORMS: dict[str, Any] = {
    "report": document.ReportObject,
    "plan": plan_document.PlanObject,
    "verification": verification_document.VerificationObject,
    "lint": lint_document.LintObject,
}
_SIMPLE = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
# Words that stand once, and are referred to.
_NAMED = {"Assumption": "assumption"}


def path(name: str) -> Path:
    """Where a schema is."""
    return FOLDER / f"{name}.schema.json"


def text(name: str) -> str:
    """A schema as its file has it. It stands alone: what forms have in common is in each."""
    form = FORMS[name]
    used = list(dict.fromkeys(_used(form)))[1:]
    whole = _object(form)
    (version,) = typing.get_args(typing.get_type_hints(form)["schema"])
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vercmp:{version.replace('/', ':')}",
        "title": whole.pop("description"),
        **whole,
        "additionalProperties": False,
        "$defs": {_name(one): _object(one) if typing.is_typeddict(one) else {"enum": list(one)} for one in used},
    }
    return json.dumps(schema, indent=2) + "\n"


def _used(type: Any) -> Iterator[Any]:
    """The types that have a definition of their own, in the order in which they are met."""
    if typing.is_typeddict(type):
        yield type
        for member in typing.get_type_hints(type, include_extras=True).values():
            yield from _used(member)
    elif getattr(type, "__name__", "") in _NAMED:
        yield type
    else:
        for argument in typing.get_args(type):
            yield from _used(argument)


def _name(type: Any) -> str:
    if type.__name__ in _NAMED:
        return _NAMED[type.__name__]
    name = re.sub("(?<=[a-z])(?=[A-Z])", "_", type.__name__.removesuffix("Object"))
    return name.lower()


def _object(type: Any) -> dict[str, Any]:
    described = _described(type)
    members = typing.get_type_hints(type, include_extras=True)
    found: dict[str, Any] = {"type": "object"}
    if summary := " ".join((type.__doc__ or "").partition(":ivar")[0].split()):
        found["description"] = summary
    found["properties"] = {
        name: _schema(member) | ({"description": described[name]} if name in described else {})
        for name, member in members.items()
    }
    found["required"] = list(members)
    return found


def _described(type: Any) -> dict[str, str]:
    """What each member is, by its name: also those that a type has of others."""
    described: dict[str, str] = {}
    for base in _bases(type):
        described |= _described(base)
    for part in (type.__doc__ or "").split(":ivar ")[1:]:
        name, _, what = part.partition(": ")
        described[name] = " ".join(what.replace("``", "").split())
    return described


def _bases(type: Any) -> Iterator[Any]:
    """The types that a type is made of, by its source: at run time Python 3.11 knows ``dict`` alone."""
    for base in _definitions(type.__module__).get(type.__name__, []):
        if isinstance(base, ast.Name) and typing.is_typeddict(known := getattr(sys.modules[type.__module__], base.id)):
            yield known


@cache
def _definitions(module: str) -> dict[str, list[ast.expr]]:
    """What each class of a module is made of."""
    source = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: one.bases for one in source.body if isinstance(one, ast.ClassDef)}


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
        return {"$ref": f"#/$defs/{_name(type)}"}
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
    for name in FORMS:
        path(name).write_text(text(name), encoding="utf-8")
