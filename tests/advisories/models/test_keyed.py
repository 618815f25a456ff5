"""What is looked up by the million is hashed and compared by the fields that are compared, and by all of them."""

import copy
import pickle

import pytest

from advisories.models import Assumption, Module, Package, State
from advisories.models._keyed import Keyed
from advisories.models.frozen import evolve, names_of

PACKAGE = Package("rpm", "bash", "5.1-1", "x86_64", source_name="bash", source_version="5.1-1")
#: Another value of each field that is compared.
OTHERS = {
    "type": "deb",
    "name": "zsh",
    "version": "5.1-2",
    "arch": None,
    "epoch_known": False,
    "source_name": None,
    "source_version": None,
    "source_epoch_known": False,
    "module": Module.of("a:1"),
    "vendor": "somebody",
    "maintainer": "somebody",
    "state": State.UNPACKED,
    "location": "/opt",
    "locations": ("/bin/bash",),
    "repository": "baseos",
    "doubts": frozenset({Assumption.EPOCH_UNKNOWN}),
}


def test_each_compared_field_counts() -> None:
    assert tuple(OTHERS) == names_of(Package, compared=True)
    same = evolve(PACKAGE)
    assert (same, hash(same)) == (PACKAGE, hash(PACKAGE))
    assert evolve(PACKAGE, installed_at=None) == PACKAGE
    others = {evolve(PACKAGE, **{name: value}) for name, value in OTHERS.items()}
    assert len(others | {PACKAGE}) == len(OTHERS) + 1


@pytest.mark.parametrize(
    "one", [PACKAGE, evolve(PACKAGE, locations=("a", "b")), Module.of("a:1", "b:2"), Module(False)]
)
def test_a_copy_is_compared_by_the_same_values(one: Package | Module) -> None:
    """Copies are made field by field, and find the values by their names."""
    for made in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert isinstance(made, Keyed)
        assert (made, hash(made)) == (one, hash(one))
        assert {one: 1}[made] == 1
    changed = copy.copy(one)
    changed.__setstate__({**one.__getstate__(), names_of(type(one))[0]: "x"})  # type: ignore[union-attr]
    assert changed != one


def test_what_is_of_another_class_differs() -> None:
    class Other(Package):
        __slots__ = ()

    assert Module(True) != (True, ())
    assert Module(True).__eq__((True, ())) is NotImplemented
    assert Other("rpm", "bash", "1-1") != Package("rpm", "bash", "1-1")


def test_values_must_have_a_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        Package("rpm", "bash", "1-1", locations=["/bin/bash"])  # type: ignore[arg-type]
