"""Test any version order against our facts and laws.

    from vercmp.testing import check_order

    def test_my_order():
        check_order(my_compare, scheme="rpm")

:func:`check_order` tests a comparator twice. First come the packaged vectors: facts that were measured with the real
tools. Then come generated versions, which must obey every law of :data:`LAWS`. The first broken law raises an
:exc:`OrderError` with the smallest counterexample found. :func:`check_keys` does the same for a function that turns a
version into something that sorts.

The strategies :func:`versions`, :func:`nasty_versions` and :func:`version_pairs` are for property tests of your own.
They alone need hypothesis: ``pip install hypothesis`` (extra ``testing``).

Every function here takes the names of :data:`vercmp.SCHEMES`, and ``rpmvercmp``: one version or release string, as
librpm's function of that name orders it.

The command ``vercmp conformance`` tests programs in any language.
"""

from typing import TYPE_CHECKING, Any

from vercmp.testing.checks import Checked, Comparator, OrderError, check_keys, check_order
from vercmp.testing.laws import LAWS, Law

if TYPE_CHECKING:
    from vercmp.testing.strategies import nasty_versions, version_pairs, versions

__all__ = [
    "LAWS",
    "Checked",
    "Comparator",
    "Law",
    "OrderError",
    "check_keys",
    "check_order",
    "nasty_versions",
    "version_pairs",
    "versions",
]

_STRATEGIES = frozenset({"nasty_versions", "version_pairs", "versions"})


def __getattr__(name: str) -> Any:
    # hypothesis takes a third of a second to import, so only its users wait for it.
    if name in _STRATEGIES:
        from vercmp.testing import strategies

        return getattr(strategies, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_STRATEGIES})
