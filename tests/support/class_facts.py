"""Prints what is seen of every frozen class of advisories, as JSON: as it is, or as attrs itself makes it.

The word `attrs` as an argument puts attrs in the place of the module that stands for it.
"""

import copy
import importlib
import inspect
import json
import pickle
import pkgutil
import re
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from types import ModuleType
from typing import Any, get_type_hints

import attrs

# attrs has `__ne__` as object has it, and `__replace__` in newer versions.
BESIDE = {"__ne__", "__replace__", "__attrs_base_of_slotted__", "__frozen_definition__"}


def put_attrs_in_its_place() -> None:
    stand_in: Any = ModuleType("advisories.models.frozen")
    for name in ("Factory", "evolve", "field", "frozen"):
        setattr(stand_in, name, getattr(attrs, name))
    stand_in.has_fields = attrs.has
    stand_in.names_of = lambda kind, compared=False: tuple(
        [one.name for one in attrs.fields(kind) if one.eq or not compared]
    )
    sys.modules[stand_in.__name__] = stand_in


def tried(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def value(field: Any, more: str = "") -> object:
    return {} if field.converter else (field.name + more,)


def filled(kind: type, changed: Collection[str] = ()) -> Any:
    # A method that checks what is given would refuse these values.
    bare: Any = kind.__new__(kind)
    bare.__setstate__({one.name: value(one, "!" if one.name in changed else "") for one in attrs.fields(kind)})
    return bare


def made(kind: type, names: Collection[str]) -> object:
    bare = type("Bare", (kind,), {"__slots__": (), "__attrs_post_init__": lambda _: None})
    one = bare(**{field.alias: value(field) for field in attrs.fields(kind) if field.init and field.name in names})
    return [text(getattr(one, field.name, "none")) for field in attrs.fields(kind)]


def shown(fact: object) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", str(fact))


def text(value: object) -> str:
    shown = repr(value)
    return type(value).__name__ if " at 0x" in shown else shown


def calls(kind: Any) -> Iterator[object]:
    fields = attrs.fields(kind)
    names = [field.name for field in fields]
    one, same = filled(kind), filled(kind)
    for given in (names, [field.name for field in fields if field.default is attrs.NOTHING], []):
        yield tried(lambda given=given: made(kind, given))  # type: ignore[misc]
    yield tried(lambda: kind(*names, "more")), tried(lambda: kind(*names[:1], **{names[0]: 1}))
    yield tried(lambda: kind(other=1)), tried(lambda: kind(*names[:1]))
    yield one == same, one != same, one == object(), one.__eq__(object()) is NotImplemented
    yield [one == filled(kind, {name}) for name in names]
    if kind.__hash__ is not object.__hash__:
        yield tried(lambda: hash(one) == hash(same))
        yield [tried(lambda name=name: hash(one) == hash(filled(kind, {name}))) for name in names]  # type: ignore[misc]


def facts(kind: Any, hints: dict[str, Any]) -> Iterator[object]:
    fields = attrs.fields(kind)
    names = [field.name for field in fields]
    one, same = filled(kind), filled(kind)
    # The first calls go another way than those after them.
    for _ in range(2):
        yield from calls(kind)
        for _ in range(100):
            tried(lambda: hash(one) + (one == same))
    yield sorted(set(vars(kind)) - BESIDE)
    yield kind.__doc__, [base.__name__ for base in kind.__mro__], sorted(kind.__slots__), kind.__match_args__
    yield str(inspect.signature(kind)).replace("_Nothing.NOTHING", "NOTHING")
    yield get_type_hints(kind.__init__, localns=hints), kind.__init__.__qualname__, kind.__init__.__module__
    for field in fields:
        yield field.name, field.alias, field.init, field.eq, field.hash, field.kw_only, field.type, text(field.default)
        yield field.converter is None, field.repr is True, field.repr is False
    yield tried(lambda: repr(one)), one.__getstate__()
    yield tried(lambda: setattr(one, names[0], 1)), tried(lambda: delattr(one, names[0]))
    yield tried(lambda: setattr(one, "more", 1))
    if kind.__reduce__ is object.__reduce__:
        yield tried(lambda: pickle.loads(pickle.dumps(one)) == one), tried(lambda: copy.copy(one) == one)
    yield attrs.asdict(one, recurse=False) == {name: getattr(one, name) for name in names}


def print_facts() -> None:
    import advisories

    # The frames of Spark are of an extra, which need not be here.
    hints: dict[str, Any] = {"date": date, "datetime": datetime, "DataFrame": Any}
    for module in pkgutil.walk_packages(advisories.__path__, "advisories."):
        if not module.name.endswith("__main__"):
            for name, kind in vars(importlib.import_module(module.name)).items():
                if isinstance(kind, type) and kind.__module__.startswith("advisories."):
                    hints[name] = kind
    classes = [kind for kind in hints.values() if "__attrs_attrs__" in vars(kind)]
    found = {f"{kind.__module__}.{kind.__qualname__}": [shown(fact) for fact in facts(kind, hints)] for kind in classes}
    print(json.dumps(found))


if __name__ == "__main__":
    if "attrs" in sys.argv[1:]:
        put_attrs_in_its_place()
    print_facts()
