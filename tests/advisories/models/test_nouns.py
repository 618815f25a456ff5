"""Nouns refuse what a person got wrong, at once."""

import pickle
from typing import Any, cast

import pytest

from advisories.models import PACKAGE_TYPES, SCHEME_OF_TYPE, Advisory, Affected, Distribution, Names, Package, Range
from advisories.models.errors import AdvisoriesError, UnknownPackageType


@pytest.mark.parametrize(
    ("type", "message"),
    [
        ("dpkg", "unknown package type 'dpkg': did you mean deb?"),
        ("DEB", "unknown package type 'DEB': did you mean deb?"),
        ("redhat", "unknown package type 'redhat': did you mean rpm?"),
        ("golan", "unknown package type 'golan': did you mean golang?"),
        ("", "unknown package type '': write one of alpm, apk, "),
        ("something", "unknown package type 'something': write one of alpm, apk, "),
    ],
)
def test_an_unknown_type_of_package(type: str, message: str) -> None:
    with pytest.raises(UnknownPackageType) as raised:
        Package(type, "bash", "1-1")
    assert str(raised.value).startswith(message)
    assert isinstance(raised.value, AdvisoriesError)
    assert isinstance(raised.value, ValueError)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_package_types() -> None:
    assert set(SCHEME_OF_TYPE) < set(PACKAGE_TYPES)
    assert sorted(PACKAGE_TYPES) == list(PACKAGE_TYPES)
    assert [Package(type, "name", "1").type for type in PACKAGE_TYPES] == list(PACKAGE_TYPES)


wrong = cast(Any, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Package(wrong, "a", "1"), "Package.type must be str, not int"),
        (lambda: Package(cast(Any, []), "a", "1"), "Package.type must be str, not list"),
        (lambda: Package("rpm", wrong, "1"), "Package.name must be str, not int"),
        (lambda: Package("rpm", "a", cast(Any, None)), "Package.version must be str, not NoneType"),
        (lambda: Distribution(wrong, "1"), "Distribution.id must be str, not int"),
        (lambda: Distribution("debian", cast(Any, 12)), "Distribution.release must be str or None, not int"),
        (lambda: Distribution("rhel", "9", cast(Any, "eus")), "Distribution.channels must be frozenset, not str"),
        (lambda: Distribution.parse(wrong), "a distribution is written as str, not int"),
        (lambda: Range(wrong), "Range.introduced must be str or None, not int"),
        (lambda: Range(None, wrong), "Range.fixed must be str or None, not int"),
        (lambda: Range(last_affected=wrong), "Range.last_affected must be str or None, not int"),
        (lambda: Range(limit=wrong), "Range.limit must be str or None, not int"),
        (lambda: Affected(wrong, "rpm", None, Names.BINARY), "Affected.package must be str, not int"),
        (lambda: Affected("a", wrong, None, Names.BINARY), "Affected.type must be str, not int"),
        (lambda: Advisory(wrong), "Advisory.id must be str, not int"),
    ],
)
def test_wrong_types(make: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        make()
    assert str(raised.value) == message


def test_a_kind_of_text_is_a_text() -> None:
    class Text(str):
        __slots__ = ()

    assert Package(Text("rpm"), Text("a"), Text("1")) == Package("rpm", "a", "1")
    assert Range(Text("1")) == Range("1")
