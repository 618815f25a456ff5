"""The frozen classes are what attrs makes of the same source, and making them imports no attrs."""

import json
import os
import subprocess
import sys

import attrs
import oracles
import pytest
from places import EXAMPLE, TESTS

from advisories.models._slots import Slots
from advisories.models.advisories import Advisory, Kind
from advisories.models.findings import Note
from advisories.models.frozen import Factory, evolve, field, frozen, has_fields, names_of
from advisories.models.packages import Package


def facts(*of: str) -> dict[str, list[str]]:
    command = [sys.executable, TESTS / "support" / "class_facts.py", *of]
    # Sets are in the same order in both.
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": "0"})
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_each_class_is_as_attrs_makes_it() -> None:
    import ssl  # noqa: F401 - both programs import every module

    oracles.module("attrs", "25.4")  # earlier ones leave out what it adds
    ours, theirs = facts(), facts("attrs")
    assert len(ours) > 100
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert ours[name] == theirs[name], name


def test_matching_imports_no_attrs() -> None:
    example = [f"--inventory={EXAMPLE / 'host.tsv'}", f"--feed={EXAMPLE / 'advisories.jsonl'}"]
    code = f"import sys; from advisories.cli import main; main(['match', *{example}]); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "advisories.matching.match" in loaded
    assert {"attr", "attrs"}.isdisjoint(loaded)


def test_a_class_of_attrs_over_a_noun_keeps_its_fields() -> None:
    @attrs.frozen
    class Marked(Note):
        mark: str = ""

    one = Marked(3, "text", "x")
    assert repr(evolve(one, rule=4)) == repr(attrs.evolve(one, rule=4))
    assert evolve(one, rule=4).mark == "x"
    assert names_of(Marked) == ("rule", "text", "mark")
    assert has_fields(Marked)
    assert not has_fields(int)
    assert one.to_dict() == {"rule": 3, "text": "text", "mark": "x"}


def test_a_class_shows_its_parameters_before_any_object_is_made() -> None:
    """Also as Python 3.13 looks: it binds what is in the class to the class."""
    code = (
        "import inspect; from advisories.models.reading import Skip; "
        "static = inspect.getattr_static(Skip, '__init__'); static = static.__get__(Skip, type); "
        "print(*inspect.signature(Skip).parameters); print(*inspect.signature(static).parameters)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert shown.splitlines() == ["source position what why losses"] * 2


@frozen
class _Chained:
    first: int
    second: int = field(default=Factory(lambda self: self.first + 1, takes_self=True))
    third: int = field(default=0, converter=lambda value: value * 2)
    _fourth: str = "x"
    fifth: int = field(default=7, init=False)


@pytest.mark.parametrize("one", [Advisory("A-1"), Package("rpm", "a", "1-1"), Note(3, "text"), _Chained(1)])
def test_copies_are_changed_as_attrs_changes_them(one: Advisory | Package | Note | _Chained) -> None:
    """Whether the method is written yet or not."""
    name, value = {Advisory: ("kind", Kind.BUGFIX), Package: ("arch", "noarch"), Note: ("text", "x")}.get(
        type(one), ("fourth", "y")
    )
    for _ in range(150):
        assert repr(evolve(one, **{name: value})) == repr(attrs.evolve(one, **{name: value}))  # type: ignore[misc]
        assert evolve(one) is not one
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        evolve(one, other=1)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        evolve(one, **{name: value}, _fourth=1)  # type: ignore[call-overload]


def test_a_checked_class_checks_copies_too() -> None:
    package = Package("rpm", "a", "1-1")
    for _ in range(150):
        with pytest.raises(TypeError, match="must be str"):
            evolve(package, version=1)
        evolve(package)


def test_factories_and_converters_of_many_objects() -> None:
    for number in range(50):
        one = _Chained(number)
        assert (one.first, one.second, one.third, one._fourth, one.fifth) == (number, number + 1, 0, "x", 7)
        assert _Chained(number, 5, 1, "z") == evolve(one, second=5, third=1, fourth="z")


def test_slots_are_filled_at_once() -> None:
    note = object.__new__(Note)
    slots = Slots(Note, ("rule", "text"))
    slots.fill(note, (3, "text"))
    assert note == Note(3, "text")
    for _ in range(3):
        slots.fill(note, (4, "more"))
    assert note == Note(4, "more")
    for wrong in ((), (1,), (1, 2, 3)):
        with pytest.raises(TypeError, match="2 slots"):
            slots.fill(note, wrong)
    with pytest.raises(TypeError):
        slots.fill(object(), (1, "x"))
    with pytest.raises(TypeError):
        slots.fill(note, [1, "x"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is no slot"):
        Slots(Note, ("__init__",))
    with pytest.raises(KeyError):
        Slots(Note, ("other",))
