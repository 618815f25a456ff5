"""The frozen classes of attrs, without what attrs does at import.

attrs writes five methods for each class when the class is made, and compiles them. The command makes sixty classes and
uses half of them, each for a method or two: importing attrs and making the classes was half of what a short list
takes. Here a method is written once it was called a few times, the first of which go field by field, and attrs is
imported when somebody looks at the fields of a class by :func:`attrs.fields` and the like. A written ``__init__`` fills
all slots by one compiled call (:mod:`advisories.models._slots`). Type checkers see attrs
itself, and you see what attrs makes: tests make every class both ways and compare.

Only the options that are used are here. A class without slots, a base class that is frozen too, and ``super()`` without
arguments are not among them.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib import import_module
from reprlib import recursive_repr
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from advisories.models._slots import Slots

__all__ = ["Factory", "evolve", "field", "frozen", "has_fields", "names_of"]

# Where a class keeps its definition, and the slot of a hash that is kept: that of attrs.
_DEFINITION: Final = "__frozen_definition__"
_KEPT_HASH: Final = "_attrs_cached_hash"


# Compiling a method takes as long as a few hundred calls without one.
_FEW: Final = 20
# One that changes copies is long, and saves less at each call.
_SEVERAL: Final = 100


_set_anyway: Final = object.__setattr__


class _Nothing:
    def __repr__(self) -> str:
        return "NOTHING"


_NOTHING: Final = _Nothing()


class _Factory:
    """What makes a default for each object, from the object itself with `takes_self`."""

    __slots__ = ("factory", "takes_self")

    def __init__(self, factory: Callable[..., Any], takes_self: bool = False) -> None:
        self.factory = factory
        self.takes_self = takes_self


class _Field:
    """How a field differs from a plain one."""

    __slots__ = ("converter", "default", "eq", "hash", "init", "repr")

    def __init__(
        self, default: Any, init: bool, repr: Any, eq: bool, hash: bool | None, converter: Callable[[Any], Any] | None
    ) -> None:
        self.default = default
        self.init = init
        self.repr = repr
        self.eq = eq
        self.hash = eq if hash is None else hash
        self.converter = converter


def _field(
    *,
    default: Any = _NOTHING,
    factory: Callable[[], Any] | None = None,
    init: bool = True,
    repr: bool | Callable[[Any], str] = True,
    eq: bool = True,
    hash: bool | None = None,
    converter: Callable[[Any], Any] | None = None,
) -> Any:
    return _Field(default if factory is None else _Factory(factory), init, repr, eq, hash, converter)


class _Definition:
    """A class as it was written: its fields by name, and its options."""

    __slots__ = (
        "checks",
        "compared",
        "evolve",
        "evolved",
        "fields",
        "hashed",
        "keeps_hash",
        "kind",
        "made",
        "options",
        "owner",
    )

    def __init__(self, fields: Mapping[str, _Field], options: Mapping[str, Any]) -> None:
        self.fields = fields
        self.options = options
        self.keeps_hash = options["cache_hash"]
        self.owner: Any = None
        # Objects of two classes with equal fields differ by their class's name.
        self.kind = 0
        self.checks = False
        self.made = self.compared = self.hashed = self.evolved = 0
        #: What makes changed copies, once it is written.
        self.evolve: Callable[..., Any] | None = None

    # ---- the first few calls ----

    def fill(self, one: Any, /, *values: Any, **given: Any) -> None:
        """What ``__init__`` does. What it refuses, that refuses in Python's words."""
        place, count, named = 0, len(values), 0
        for name, field in self.fields.items():
            value = field.default
            if field.init:
                if place < count:
                    value = values[place]
                    place += 1
                elif given and (argument := name.lstrip("_")) in given:
                    value = given[argument]
                    named += 1
                elif value is _NOTHING:
                    return self.init()(one, *values, **given)  # type: ignore[no-any-return]
            if value.__class__ is _Factory:
                value = value.factory(one) if value.takes_self else value.factory()
            if value is not _NOTHING:
                _set_anyway(one, name, value if field.converter is None else field.converter(value))
        if place < count or named < len(given):
            return self.init()(one, *values, **given)  # type: ignore[no-any-return]
        if self.checks:
            one.__attrs_post_init__()
        if self.keeps_hash:
            _set_anyway(one, _KEPT_HASH, None)
        return None

    def is_equal(self, one: Any, other: Any) -> Any:
        """What ``__eq__`` returns."""
        if other.__class__ is not one.__class__:
            return NotImplemented
        self.compared += 1
        if self.compared > _FEW:
            return self.equals()(one, other)
        same: Any = True
        for name, field in self.fields.items():
            if field.eq and same:
                same = getattr(one, name) == getattr(other, name)
        return same

    def hash_of(self, one: Any) -> int:
        """What ``__hash__`` returns."""
        self.hashed += 1
        if self.hashed > _FEW:
            return self.hashes()(one)  # type: ignore[no-any-return]
        found: int | None = getattr(one, _KEPT_HASH) if self.keeps_hash else None
        if found is None:
            found = hash((self.kind, *[getattr(one, name) for name, field in self.fields.items() if field.hash]))
            if self.keeps_hash:
                _set_anyway(one, _KEPT_HASH, found)
        return found

    def evolved_of(self, one: Any, changes: dict[str, Any]) -> Any:
        """What :func:`evolve` returns."""
        if self.evolve is not None:
            return self.evolve(one, **changes)
        self.evolved += 1
        if self.evolved > _SEVERAL:
            self.evolve = self.evolves()
        for name, field in self.fields.items():
            argument = name.lstrip("_")
            if field.init and argument not in changes:
                changes[argument] = getattr(one, name)
        return self.owner(**changes)

    # ---- methods ----

    def init(self) -> Any:
        """The method ``__init__``."""
        parameters: list[str] = []
        values: dict[str, str] = {}
        given: dict[str, Any] = {"NOTHING": _NOTHING}
        for name, one in self.fields.items():
            if not one.init and one.default is _NOTHING:
                continue
            value = argument = name.lstrip("_")
            if isinstance(one.default, _Factory):
                given[f"_make_{name}"] = one.default.factory
                made = f"_make_{name}({'self' if one.default.takes_self else ''})"
                value = f"{made} if {argument} is NOTHING else {argument}" if one.init else made
                parameters += [f"{argument}=NOTHING"] if one.init else []
            elif one.default is not _NOTHING:
                given[f"_default_{name}"] = one.default
                parameters += [f"{argument}=_default_{name}"] if one.init else []
                value = argument if one.init else f"_default_{name}"
            else:
                parameters.append(argument)
            if one.converter is not None:
                given[f"_convert_{name}"] = one.converter
                value = f"_convert_{name}({value})"
            values[name] = value
        if self.keeps_hash:
            values[_KEPT_HASH] = "None"
        if any(isinstance(one.default, _Factory) and one.default.takes_self for one in self.fields.values()):
            # A factory sees the fields in front of its own.
            lines = [f"_fill_{name}(self, ({value},))" for name, value in values.items()]
            given |= {f"_fill_{name}": Slots(self.owner, (name,)).fill for name in values}
        else:
            lines = [f"_fill(self, ({''.join(f'{value}, ' for value in values.values())}))"]
            given["_fill"] = Slots(self.owner, values).fill
        if self.checks:
            lines.append("self.__attrs_post_init__()")
        made = self.method("__init__", ["self", *parameters], lines, given)
        annotations = self.owner.__annotations__
        made.__annotations__ = {"return": None} | {
            name.lstrip("_"): annotations[name]
            for name, one in self.fields.items()
            if one.init and one.converter is None
        }
        return made

    def equals(self) -> Any:
        """The method ``__eq__``."""
        same = [f"self.{name} == other.{name}" for name, one in self.fields.items() if one.eq]
        lines = ["if other.__class__ is not self.__class__:", "    return NotImplemented"]
        return self.method("__eq__", ["self", "other"], [*lines, f"return {' and '.join(same) or True}"], {})

    def hashes(self) -> Any:
        """The method ``__hash__``."""
        given: dict[str, Any] = {"kind": self.kind}
        whole = f"hash((kind, {''.join(f'self.{name}, ' for name, one in self.fields.items() if one.hash)}))"
        if not self.keeps_hash:
            return self.method("__hash__", ["self"], [f"return {whole}"], given)
        given["keep"] = getattr(self.owner, _KEPT_HASH).__set__
        lines = [f"if self.{_KEPT_HASH} is None:", f"    keep(self, {whole})", f"return self.{_KEPT_HASH}"]
        return self.method("__hash__", ["self"], lines, given)

    def evolves(self) -> Any:
        """The method ``__replace__``."""
        names = [name for name, one in self.fields.items() if one.init]
        parameters = [f"{name.lstrip('_')}=NOTHING" for name in names]
        values = [f"self.{name} if {name.lstrip('_')} is NOTHING else {name.lstrip('_')}" for name in names]
        given = {"NOTHING": _NOTHING, "_kind": self.owner}
        star = ["*"] if names else []
        return self.method(
            "__replace__", ["self", "/", *star, *parameters], [f"return _kind({', '.join(values)})"], given
        )

    def method(self, name: str, parameters: list[str], lines: list[str], given: dict[str, Any]) -> Any:
        """Write a method, and put it into the class."""
        body = "\n".join(f"  {line}" for line in lines)
        text = f"def make({', '.join(given)}):\n def {name}({', '.join(parameters)}):\n{body}\n return {name}"
        namespace: dict[str, Any] = {}
        # Type hints of the method are found where the class is.
        exec(text, vars(import_module(self.owner.__module__)), namespace)
        made = namespace["make"](**given)
        made.__qualname__ = f"{self.owner.__qualname__}.{name}"
        made.__module__ = self.owner.__module__
        made.__doc__ = f"Method generated for class {self.owner.__qualname__}."
        setattr(self.owner, name, made)
        return made

    def by_attrs(self) -> Any:
        """The class as attrs makes it."""
        import attrs

        namespace: dict[str, Any] = {
            "__module__": self.owner.__module__,
            "__qualname__": self.owner.__qualname__,
            "__annotations__": self.owner.__annotations__,
        }
        for name, one in self.fields.items():
            default = one.default
            if default is _NOTHING:
                default = attrs.NOTHING
            elif isinstance(default, _Factory):
                default = attrs.Factory(default.factory, default.takes_self)  # type: ignore[call-overload]
            namespace[name] = attrs.field(
                default=default,
                init=one.init,
                repr=one.repr,
                eq=one.eq,
                hash=None if one.hash is one.eq else one.hash,
                converter=one.converter,
            )
        kind = type(self.owner)(self.owner.__name__, self.owner.__bases__, namespace)
        return attrs.frozen(kind, **self.options)


class _WrittenInit:
    """``__init__`` until it is written: for the first objects, or for who looks at it."""

    def __init__(self, definition: _Definition) -> None:
        self.definition = definition

    def __get__(self, one: Any, owner: Any = None) -> Any:
        definition = self.definition
        definition.made += 1
        # Python 3.13 binds it to the class itself, for a signature.
        if one is None or definition.made > _FEW or isinstance(one, type):
            return definition.init().__get__(one, owner)
        return partial(definition.fill, one)


class _ByAttrs:
    """An attribute of the class that attrs makes of the same definition."""

    def __init__(self, definition: _Definition) -> None:
        self.definition = definition

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: Any, owner: Any = None) -> Any:
        made = getattr(self.definition.by_attrs(), self.name)
        setattr(self.definition.owner, self.name, made)
        return made


def _frozen(
    kind: type | None = None, *, repr: bool = True, eq: bool = True, cache_hash: bool = False
) -> type | Callable[[type], type]:
    if kind is None:
        return lambda kind: _made(kind, {"repr": repr, "eq": eq, "cache_hash": cache_hash})
    return _made(kind, {"repr": repr, "eq": eq, "cache_hash": cache_hash})


_PLAIN: Final = _Field(_NOTHING, True, True, True, None, None)


def _made(kind: type, options: Mapping[str, bool]) -> type:
    own = dict(vars(kind))
    fields = {}
    for name, annotation in kind.__annotations__.items():
        if annotation is ClassVar or getattr(annotation, "__origin__", None) is ClassVar:
            continue
        given = own.pop(name, _PLAIN)
        fields[name] = given if isinstance(given, _Field) else _Field(given, True, True, True, None, None)
    definition = _Definition(MappingProxyType(fields), options)
    cached = {name: value.func for name, value in own.items() if isinstance(value, cached_property)}
    kept = (_KEPT_HASH,) if options["cache_hash"] else ()
    methods: dict[str, Any] = {
        _DEFINITION: definition,
        "__attrs_attrs__": _ByAttrs(definition),
        "__attrs_props__": _ByAttrs(definition),
        "__match_args__": tuple([name for name, one in fields.items() if one.init]),
        "__qualname__": kind.__qualname__,
        "__slots__": (*fields, "__weakref__", *cached, *kept),
        "__init__": _WrittenInit(definition),
        "__setattr__": _set,
        "__delattr__": _delete,
        "__getstate__": _state,
        "__setstate__": _restore,
        "__replace__": _evolve,
    }
    if options["repr"]:
        methods["__repr__"] = _repr
    if options["eq"]:
        # Plain functions: what a descriptor raises here, an interruption too, is taken for "not comparable".
        methods["__eq__"] = lambda self, other: definition.is_equal(self, other)
        methods["__hash__"] = lambda self: definition.hash_of(self)
    if cached:
        methods["__getattr__"] = _getter_of(cached)
    for name in (*cached, "__dict__", "__weakref__"):
        own.pop(name, None)
    definition.checks = hasattr(kind, "__attrs_post_init__")
    definition.kind = hash((kind.__module__, kind.__qualname__))
    definition.owner = type(kind)(kind.__name__, kind.__bases__, methods | own)
    return definition.owner  # type: ignore[no-any-return]


def _getter_of(cached: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any, str], Any]:
    """``__getattr__``, which works out attributes at their first use into slots of their own."""

    def getter(self: Any, name: str) -> Any:
        if name not in cached:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        value = cached[name](self)
        _set_anyway(self, name, value)
        return value

    return getter


@recursive_repr()
def _repr(self: Any) -> str:
    rows = []
    for name, one in getattr(self, _DEFINITION).fields.items():
        if one.repr is not False:
            value = getattr(self, name) if one.init else getattr(self, name, _NOTHING)
            rows.append(f"{name}={repr(value) if one.repr is True else one.repr(value)}")
    return f"{type(self).__qualname__.rsplit('>.', 1)[-1]}({', '.join(rows)})"


def _set(self: Any, name: str, value: Any) -> None:
    from attrs.exceptions import FrozenInstanceError

    raise FrozenInstanceError


def _delete(self: Any, name: str) -> None:
    from attrs.exceptions import FrozenInstanceError

    raise FrozenInstanceError


def _state(self: Any) -> dict[str, Any]:
    return {name: getattr(self, name) for name in getattr(self, _DEFINITION).fields}


def _restore(self: Any, state: Mapping[str, Any]) -> None:
    definition = getattr(self, _DEFINITION)
    if state.keys() != definition.fields.keys():
        # What this release does not know would be lost, and what it needs would not be there.
        differing = ", ".join(sorted(state.keys() ^ definition.fields.keys()))
        kind = type(self).__qualname__
        raise ValueError(
            f"a pickled {kind} of another release: they differ in {differing}. Make it again from its source"
        )
    for name in definition.fields:
        _set_anyway(self, name, state[name])
    if definition.keeps_hash:
        _set_anyway(self, _KEPT_HASH, None)


def _evolve(noun: Any, /, **changes: Any) -> Any:
    kind = type(noun)
    definition = vars(kind).get(_DEFINITION)
    if definition is None:
        from attrs import evolve

        return evolve(noun, **changes)
    return definition.evolved_of(noun, changes)


def has_fields(kind: type) -> bool:
    """Whether it is a class of attrs, as :func:`attrs.has` has it."""
    return _DEFINITION in vars(kind) or hasattr(kind, "__attrs_attrs__")


def names_of(kind: type, *, compared: bool = False) -> tuple[str, ...]:
    """The names of the fields of a class of attrs.

    :param compared: only those that are compared.
    """
    definition = vars(kind).get(_DEFINITION)
    if definition is not None:
        return tuple([name for name, one in definition.fields.items() if one.eq or not compared])
    from attrs import fields

    return tuple([one.name for one in fields(kind) if one.eq or not compared])


if TYPE_CHECKING:
    from attrs import Factory, evolve, field, frozen
else:
    Factory, evolve, field, frozen = _Factory, _evolve, _field, _frozen
