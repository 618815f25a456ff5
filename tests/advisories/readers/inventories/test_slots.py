"""Packages are made by the slots of their class: in all that can be seen as attrs makes them."""

import copy
import inspect
import pickle
import sys
import threading
from typing import Any

import pytest
from attrs import evolve, field, fields, frozen, make_class
from attrs.exceptions import FrozenInstanceError
from attrs.validators import instance_of
from hypothesis import given
from hypothesis import strategies as st

from advisories.models import UNKNOWN_MODULE, Module, Package, State
from advisories.readers.inventories._slots import Slots, answer_calls

# What attrs makes of the very same fields.
FIELDS = {one.name: field(default=one.default, eq=one.eq, type=one.type) for one in fields(Package)}
THEIRS = make_class("Package", FIELDS, frozen=True, slots=True, cache_hash=True)

texts = st.none() | st.text(max_size=3)
some_fields = st.fixed_dictionaries(
    {"type": st.sampled_from(["rpm", "deb"]), "name": st.text(max_size=3), "version": st.text(max_size=3)},
    optional={
        "arch": texts,
        "epoch_known": st.booleans(),
        "source_name": texts,
        "source_version": texts,
        "source_epoch_known": st.booleans(),
        "module": st.sampled_from([UNKNOWN_MODULE, Module.of("a:1")]),
        "vendor": texts,
        "maintainer": texts,
        "state": st.sampled_from(State),
        "location": texts,
        "locations": st.lists(st.text(max_size=3), max_size=2).map(tuple),
        "installed_at": st.none() | st.datetimes(),
    },
)


def values(package: Any) -> dict[str, Any]:
    return {one.name: getattr(package, one.name) for one in fields(type(package))}


@given(some_fields, some_fields)
def test_the_same_objects(some: dict[str, Any], others: dict[str, Any]) -> None:
    made, other = Package(**some), Package(**others)
    assert values(made) == values(THEIRS(**some))
    assert repr(made) == repr(THEIRS(**some))
    assert (made == other) == (THEIRS(**some) == THEIRS(**others))
    assert made != other or hash(made) == hash(other)
    assert evolve(made, **others) == Package(**(some | others))
    assert Package(*values(made).values()) == made
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made


def test_its_signature_is_that_of_its_fields() -> None:
    assert inspect.signature(Package) == inspect.signature(THEIRS)


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("rpm",), {}),
        (("rpm", "bash", "1"), {"release": "1"}),
        (("rpm", "bash", "1"), {"name": "bash"}),
        (("rpm", "bash", "1", *[None] * 13), {}),
    ],
)
def test_arguments_that_are_none_of_a_package(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Package(*args, **named)


def test_frozen() -> None:
    package = Package("rpm", "bash", "1")
    with pytest.raises(FrozenInstanceError):
        package.name = "zsh"  # type: ignore[misc]


def test_a_name_that_is_not_interned() -> None:
    name = "".join(["ven", "dor"])
    assert Package("rpm", "bash", "1", **{name: "Red Hat"}).vendor == "Red Hat"


def test_a_class_below() -> None:
    class Below(Package):
        pass

    assert values(Below("rpm", "bash", "1")) == values(Package("rpm", "bash", "1"))


def test_a_class_without_slots() -> None:
    @frozen(slots=False)
    class Loose:
        name: str = ""

    with pytest.raises(TypeError, match="not every field of Loose is a slot"):
        Slots(Loose())


def test_references_are_given_back() -> None:
    name = "".join(["a", "name"])
    before = sys.getrefcount(name)
    packages = [Package("rpm", name, "1", vendor=name) for _ in range(100)]
    assert sys.getrefcount(name) == before + 200
    with pytest.raises(TypeError):
        Package("rpm", name, "1", release=name)  # type: ignore[call-arg]
    packages.clear()
    assert sys.getrefcount(name) == before


def test_each_class_has_its_own() -> None:
    made = make_class("Made", FIELDS | {"vendor": field(default="Debian")}, frozen=True, slots=True)
    answer_calls(made("", "", ""))
    assert values(made("rpm", "bash", "1")) == values(Package("rpm", "bash", "1", vendor="Debian"))


def more() -> list[type]:
    """Classes whose objects are more than their filled slots."""
    made = [
        make_class("Made", {"a": one}, frozen=True, slots=True)
        for one in (
            field(default="", converter=str),
            field(default="", validator=instance_of(str)),
            field(default="", kw_only=True),
            field(default="", init=False),
            field(factory=list),
            field(default="", alias="b"),
        )
    ]

    @frozen
    class After:
        a: str = ""

        def __attrs_post_init__(self) -> None:
            pass

    @frozen
    class Own:
        a: str = ""

        def __new__(cls, *args: object) -> "Own":
            return super().__new__(cls)

    @frozen(init=False)
    class OwnInit:
        a: str = ""

        def __init__(self) -> None:
            object.__setattr__(self, "a", "")

    class Meta(type):
        pass

    @frozen
    class OfMeta(metaclass=Meta):
        a: str = ""

    return [*made, After, Own, OwnInit, OfMeta]


@pytest.mark.parametrize("cls", more())
def test_a_class_for_which_more_is_done(cls: type) -> None:
    with pytest.raises(TypeError, match=r"more is done for|not its default"):
        answer_calls(cls())


def test_an_object_with_other_values() -> None:
    with pytest.raises(TypeError, match=r"Package\.vendor is not its default"):
        answer_calls(Package("", "", "", vendor="Debian"))


def test_threads() -> None:
    made: list[Package] = []

    def make() -> None:
        made.extend([Package("rpm", str(number), "1") for number in range(2000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted({package.name for package in made}, key=int) == [str(number) for number in range(2000)]
