"""Versions as rpm orders them: ``[epoch:]version[-release]``, an EVR.

Source of the rules: librpm 4.18 and 6.1 (``rpmvercmp``, ``rpmverParse``, ``rpmverCmp``, ``rpmverOverlap``) and
rpm-version(7). The order itself, and the layout of the keys, are in ``_rpmvercmp.pyx``.
"""

from typing import NamedTuple

from vercmp._rpmvercmp import check as _check
from vercmp._rpmvercmp import compare, compare_many, rpmvercmp, segment_key, sort_key, sort_keys

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

_DIGITS = frozenset("0123456789")

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
    """The parts of an rpm version, as text; None is a part that is not there (an empty one may be).

    The epoch stays text because librpm sets no bound to it: ``1:2.0-3`` is ``("1", "2.0", "3")``.
    """

    epoch: str | None
    version: str
    release: str | None


def split(version: str, /) -> EVR:
    """Cut an EVR into its parts as librpm's ``rpmverParse`` does.

    The epoch is what stands before a ``:``, only where that is nothing but digits (none at all is a present, empty
    epoch, and counts as 0); the release is what stands after the last ``-``.

    >>> split("1:2.0-rc-3.el9")
    EVR(epoch='1', version='2.0-rc', release='3.el9')
    >>> split("1a:2.0")
    EVR(epoch=None, version='1a:2.0', release=None)

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    _check(version)
    head, colon, rest = version.partition(":")
    epoch = head if colon and _DIGITS.issuperset(head) else None
    body = version if epoch is None else rest
    name, dash, release = body.rpartition("-")
    return EVR(epoch, name, release) if dash else EVR(epoch, body, None)


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where librpm refuses the version; its warnings otherwise, and it has none.

    librpm refuses the empty version and nothing else.

    >>> validate("no version at all")
    ()
    """
    _check(version)
    return ()


def satisfies(version: str, operator: str, required: str, /, *, version_operator: str = "=") -> bool:
    """Whether a provided version meets a requirement, as rpm's dependencies ask (librpm's ``rpmverOverlap``).

    This is *not* :func:`compare`: a missing or empty release matches any release where equality is admitted. The
    operators are ``<``, ``<=``, ``=`` (or ``==``), ``>=``, ``>``; *version_operator* is the provider's own, since
    ``Provides: foo >= 1`` is allowed too: the question is then whether the two ranges share a version.

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
    # A range that opens towards the other side's version reaches it whatever the other side admits.
    if sign:
        return sign in admitted or -sign in provided
    return bool(admitted & provided)


def _admitted(operator: str) -> frozenset[int]:
    try:
        return _OPERATORS[operator]
    except KeyError:
        raise ValueError(f"unknown operator {operator!r}; there are: {', '.join(_OPERATORS)}") from None
