"""Versions in the order of rpm: ``[epoch:]version[-release]``, an EVR.

Source of the rules: librpm 4.18 and 6.1 (``rpmvercmp``, ``rpmverParse``, ``rpmverCmp``, ``rpmverOverlap``) and
rpm-version(7). ``_rpmvercmp.pyx`` holds the order itself and the layout of the keys.
"""

from typing import NamedTuple

from vercmp._rpmvercmp import check as _check
from vercmp._rpmvercmp import compare, compare_many, rpmvercmp, segment_key, sort_key, sort_keys
from vercmp._rpmvercmp import parts as _parts

__all__ = [
    "EVR",
    "compare",
    "compare_many",
    "rpmvercmp",
    "satisfies",
    "segment_key",
    "sort_key",
    "sort_keys",
    "split",
    "validate",
]

# The signs of the differences (-1 below, 0 equal, 1 above) that each operator admits.
_OPERATORS = {
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    "=": frozenset({0}),
    "==": frozenset({0}),
    ">=": frozenset({0, 1}),
    ">": frozenset({1}),
}


class EVR(NamedTuple):
    """The parts of an rpm version, as text. None is a missing part, and a present part may be empty.

    The epoch stays text because librpm has no limit for it: ``1:2.0-3`` is ``("1", "2.0", "3")``.

    :ivar epoch: the digits before ``:``.
    :ivar version: the upstream version.
    :ivar release: what stands after the last ``-``.
    """

    epoch: str | None
    version: str
    release: str | None


def split(version: str, /) -> EVR:
    """Cut an EVR into its parts as librpm's ``rpmverParse`` does.

    The epoch is the text before the first ``:``, where it has nothing but digits. It may have none: an empty epoch
    counts as 0. The release is the text after the last ``-``.

    >>> split("1:2.0-rc-3.el9")
    EVR(epoch='1', version='2.0-rc', release='3.el9')
    >>> split("1a:2.0")
    EVR(epoch=None, version='1a:2.0', release=None)

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    return EVR(*_parts(version))


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where librpm refuses the version, else return its warnings.

    librpm refuses the empty version and nothing else. It has no warnings.

    >>> validate("no version at all")
    ()
    """
    _check(version)
    return ()


def satisfies(version: str, operator: str, required: str, /, *, version_operator: str = "=") -> bool:
    """Whether a provided version meets a requirement, as in rpm's dependencies (librpm's ``rpmverOverlap``).

    This is *not* :func:`compare`: a missing or empty release matches any release where the operator admits equality.

    :param operator: ``<``, ``<=``, ``=`` (or ``==``), ``>=`` or ``>``.
    :param version_operator: the provider's own operator, for ``Provides: foo >= 1``. The result then is whether the
        two ranges share a version.

    >>> satisfies("1.0-5", "=", "1.0"), compare("1.0-5", "1.0")
    (True, 1)
    >>> satisfies("1.0", ">", "1.0-3")
    True

    Raises :exc:`ValueError` for an unknown operator, else as :func:`compare`.
    """
    admitted, provided = _admitted(operator), _admitted(version_operator)
    ours, theirs = split(version), split(required)
    sign = rpmvercmp(ours.epoch or "0", theirs.epoch or "0") or rpmvercmp(ours.version, theirs.version)
    if sign == 0:
        if ours.release and theirs.release:
            sign = rpmvercmp(ours.release, theirs.release)
        elif (ours.release and 0 in admitted) or (theirs.release and 0 in provided):
            return True
    # A range that is open towards the other version reaches it, whatever the other operator admits.
    if sign:
        return sign in admitted or -sign in provided
    return bool(admitted & provided)


def _admitted(operator: str) -> frozenset[int]:
    try:
        return _OPERATORS[operator]
    except KeyError:
        raise ValueError(f"unknown operator {operator!r}, use one of {', '.join(_OPERATORS)}") from None
