"""Laws of every public noun: it pickles, copies and compares, its repr is bounded, and it has a plain JSON form."""

import copy
import json
import pickle
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories import models
from advisories.distros.kernels import KernelPackage, RunningKernel
from advisories.distros.lifecycle import Support
from advisories.distros.package_managers import Command, Item
from advisories.models import PACKAGE_TYPES, Advisory, Inventory, Package, ReadReport, Statement
from advisories.models.nouns import Noun, plain

NOUNS: Final = sorted(
    {
        value
        for name, value in vars(models).items()
        if name in models.__all__ and isinstance(value, type) and attrs.has(value)
    }
    | {Command, Item, KernelPackage, RunningKernel, Support},
    key=lambda noun: noun.__name__,
)
# The plain form of what was found is that of the report.
WITH_FORM: Final = [noun for noun in NOUNS if issubclass(noun, Noun)]
# The longest repr of a noun with short texts: it shows three rows of a field, and nouns hold nouns.
MOST: Final = 12_000
TEXTS: Final = st.text(max_size=6)
PLAIN: Final[dict[Any, st.SearchStrategy[Any]]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(0, 9),
    float: st.floats(0, 10),
    datetime: st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
    type(None): st.none(),
}


@cache
def of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type, as the annotation of a field has it."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin in (Union, UnionType):
        return st.one_of(*map(of, inside))
    if origin is tuple and inside[1:] == (...,):
        return st.lists(of(inside[0]), max_size=6).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of, inside))
    if origin is frozenset:
        return st.frozensets(of(inside[0]), max_size=4)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    fields = {field.alias: of(hints[field.name]) for field in attrs.fields(kind) if field.init}
    if kind is Package:
        fields["type"] = st.sampled_from(PACKAGE_TYPES)
    if kind is ReadReport:
        # What was read is what was kept and rejected.
        return st.builds(_report, *(fields[name] for name in ("source", "format", "kept", "rejections", "skips")))
    return st.builds(kind, **fields)


def _report(source: str, format: str, kept: int, rejections: tuple[Any, ...], skips: Any) -> ReadReport:
    whole = sum(one.extent is models.Extent.RECORD for one in rejections)
    return ReadReport(source, format, kept + whole, kept, rejections, skips)


each = pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)


@each
@settings(max_examples=examples(15))
@given(data=st.data())
def test_pickles_copies_and_compares(noun: type, data: st.DataObject) -> None:
    one, other = data.draw(of(noun)), data.draw(of(noun))
    for same in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one), attrs.evolve(one)):
        assert same == one
        assert hash(same) == hash(one)
        assert repr(same) == repr(one)
    assert (one == other) is (
        attrs.astuple(one, recurse=False) == attrs.astuple(other, recurse=False)
    ) or noun is Package
    assert one != object()


@settings(max_examples=examples(60))
@given(of(Package), TEXTS)
def test_a_package_with_the_version_of_its_source_has_all_else(package: Package, version: str) -> None:
    expected = attrs.evolve(package, source_version=version, source_epoch_known=True)
    found = package.with_source_version(version)
    assert found == expected
    assert attrs.astuple(found, recurse=False) == attrs.astuple(expected, recurse=False)


@each
@settings(max_examples=examples(15))
@given(data=st.data())
def test_the_repr_is_bounded(noun: type, data: st.DataObject) -> None:
    assert len(repr(data.draw(of(noun)))) < MOST


def test_a_repr_shows_the_first_rows_and_a_count() -> None:
    packages = tuple(Package("deb", f"lib{number}", "1-1") for number in range(60_000))
    shown = repr(Inventory(models.Distribution("debian", "12"), packages, source="status"))
    assert "packages=<60000 packages: lib0 1-1, lib1 1-1, lib2 1-1, ...>" in shown
    assert "source='status'" in shown
    assert "id='debian', release='12'" in shown
    assert len(shown) < 400
    assert "<2 packages: lib0 1-1, lib1 1-1>" in repr(Inventory(None, packages[:2]))
    advisory = Advisory("A-1", cves=tuple(f"CVE-2024-{number}" for number in range(9_000)))
    assert "cves=('CVE-2024-0', 'CVE-2024-1', 'CVE-2024-2', ... 9000 in all)" in repr(advisory)


@pytest.mark.parametrize("noun", WITH_FORM, ids=lambda noun: noun.__name__)
@settings(max_examples=examples(15))
@given(data=st.data())
def test_the_plain_form(noun: type, data: st.DataObject) -> None:
    one = data.draw(of(noun))
    form = one.to_dict()
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert list(form) == [field.name.rstrip("_") for field in attrs.fields(noun)]
    for field in attrs.fields(noun):
        value = getattr(one, field.name)
        assert form[field.name.rstrip("_")] == plain(value)
        if isinstance(value, date):
            assert type(value).fromisoformat(form[field.name]) == value


def test_examples_of_the_plain_form() -> None:
    package = Package("rpm", "bash", "5.1.8-4.el9", "x86_64", locations=("/usr/bin/bash",))
    form = package.to_dict()
    assert (form["state"], form["module"], form["locations"]) == (
        "installed",
        {"known": True, "streams": []},
        ["/usr/bin/bash"],
    )
    assert Statement("f", "line 1", models.StatementStatus.IGNORED, versions=models.VersionRange("1")).to_dict()[
        "versions"
    ] == {"from": "1", "before": None}
    assert plain({"a": {3, 1, 2}}) == {"a": [1, 2, 3]}
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(object())
