"""Ranges of versions in the notation that is standard: ``vers:deb/>=1.0|<2.0``.

Source of the rules: the VERS specification of Ecma TC54 (Clause 5, *How to parse and validate VERS*). A range is read
as strictly as it says: versions in order, each once, comparators that make sense beside one another. :func:`normalize`
takes what is merely untidy.

>>> affected = parse("vers:deb/>=1.0|<1.2-3|!=1.1-1")
Traceback (most recent call last):
    ...
vercmp.vers.InvalidVers: invalid VERS 'vers:deb/>=1.0|<1.2-3|!=1.1-1': '1.1-1' stands after '1.2-3', and is earlier
>>> affected = parse("vers:deb/>=1.0|!=1.1-1|<1.2-3")
>>> affected.contains("1.2-2"), affected.contains("1.1-1"), affected.contains("1.2-3")
(True, False, False)

Where the specification is silent or contradicts itself:

- A range of ``!=`` alone is everything else. The steps of the specification would find nothing in it.
- Of versions that a scheme refuses, one alone is read, for there is nothing to sort. It contains nothing: ``contains``
  raises.
- ``pypi``: a constraint without a local version takes no notice of the local version that you ask about, as PEP 440
  has it.
- ``npm`` and ``golang``: a ``v`` before a version is left out.

Types without an order here (``nuget``, ``maven``) are parsed, and their ``contains`` raises
:exc:`vercmp.UnknownScheme`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from vercmp import _native
from vercmp._ranges import EVERYTHING, Interval, above, complement, intersection, union
from vercmp.errors import InvalidVersion
from vercmp.names import NAMES
from vercmp.schemes import SCHEMES, unknown_scheme

__all__ = [
    "COMPARATORS",
    "SCHEME_OF_TYPE",
    "InvalidVers",
    "Vers",
    "from_intervals",
    "from_native",
    "normalize",
    "parse",
]

#: The comparators of :attr:`Vers.constraints`. ``=`` is not written in the text of a range.
COMPARATORS: Final = ("=", "!=", "<", "<=", ">", ">=", "*")

#: The scheme of each VERS type that has an order here.
SCHEME_OF_TYPE: Final = {type: row.scheme for row in NAMES for type in row.vers}

Constraint = tuple[str, str]

_LOWER: Final = frozenset({">", ">="})
_UPPER: Final = frozenset({"<", "<="})
_TYPE: Final = re.compile(r"[a-z][a-z0-9.-]*+", re.ASCII)
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)
_LOWER_CASE: Final = re.compile(r"%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f])", re.ASCII)
_ENCODED: Final = frozenset("><=!*|% ")
_BLANK: Final = re.compile(r"[ \t\n\r\f\v]", re.ASCII)
_SHOWN: Final = 120
# These are written with a leading "v" by some, and mean the same.
_PREFIXED: Final = frozenset({"npm", "golang"})


class InvalidVers(ValueError):
    """A text is no range, or a range that VERS cannot express.

    :ivar text: what you gave.
    :ivar reason: why.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + "..."
        return f"invalid VERS {shown!a}: {self.reason}"


class Vers:
    """A range of versions of one type. :func:`parse` and its neighbours make them.

    Ranges are equal where their types and constraints are.

    :ivar scheme: the VERS type, as the text has it: ``deb``.
    :ivar constraints: pairs of a comparator (:data:`COMPARATORS`) and a version, in order.
    """

    __slots__ = ("_intervals", "constraints", "scheme")

    scheme: Final[str]
    constraints: Final[tuple[Constraint, ...]]

    def __init__(self, scheme: str, constraints: tuple[Constraint, ...]) -> None:
        self.scheme = scheme
        self.constraints = constraints
        self._intervals: tuple[Interval, ...] | None = None

    def contains(self, version: str) -> bool:
        """Whether a version is in the range.

        >>> parse("vers:rpm/<1:2.0-5").contains("1:2.0~rc1-1")
        True

        Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`vercmp.compare`, also for a version of the
        range that its scheme refuses, and :exc:`vercmp.UnknownScheme` for a type without an order.
        """
        key = self._key_of(version)
        return any((low is None or low <= key) and (high is None or key < high) for low, high in self.intervals())

    __contains__ = contains

    def intervals(self) -> tuple[Interval, ...]:
        """The range as disjoint intervals of sort keys, lowest first: from *low* on, below *high*. None has no bound.

        They are what :class:`vercmp.IntervalIndex` takes. For ``pypi``, keys of versions with a local part lie above
        the version without it.

        Raises as :meth:`contains`.
        """
        if self._intervals is None:
            self._intervals = _intervals_of(self.constraints, _order_of(self.scheme))
        return self._intervals

    def to_native(self) -> str:
        """The range as the package manager of its type writes it: ``>=1.0,<2.0``.

        Alternatives are joined by ``||``, also where only advisories do so. Raises :exc:`vercmp.UnknownScheme` for a
        type without a notation here.
        """
        return _native.write(self.scheme, self.constraints)

    def _key_of(self, version: str) -> bytes:
        order = _order_of(self.scheme)
        if SCHEME_OF_TYPE[self.scheme] == "pep440" and not any("+" in bound for _, bound in self.constraints):
            order(version)
            version = version.partition("+")[0]
        return order(version)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vers):
            return NotImplemented
        return (self.scheme, self.constraints) == (other.scheme, other.constraints)

    def __hash__(self) -> int:
        return hash((self.scheme, self.constraints))

    def __str__(self) -> str:
        return f"vers:{self.scheme}/" + "|".join(map(_written, self.constraints))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def parse(text: str) -> Vers:
    """Read a range, as strictly as the specification.

    >>> parse("vers:npm/1.2.3|>=2.0.0|<5.0.0").constraints
    (('=', '1.2.3'), ('>=', '2.0.0'), ('<', '5.0.0'))

    Raises :exc:`InvalidVers` for everything that the specification calls an error, and :exc:`TypeError`.
    """
    scheme, body = _split(text, text)
    if _BLANK.search(text):
        raise InvalidVers(text, "white space is not permitted: a blank in a version is %20")
    constraints = _constraints(text, body)
    if scheme in SCHEME_OF_TYPE and len(constraints) > 1:
        _check_order(text, constraints, _keys(text, scheme, constraints))
    return Vers(scheme, constraints)


def normalize(text: str) -> Vers:
    """Read a range that is untidy, and put it in order: blanks, upper case, ``=``, order, repetition, redundancy.

    >>> str(normalize("vers:pypi/ 0.0.2 | >=3.0 | 0.0.1 | >=4"))
    'vers:pypi/0.0.1|0.0.2|>=3.0'

    What is left out as redundant follows the specification (*Simplifying constraints*): of ``>=1`` and ``>=2`` the
    first remains, as the wider of the two.

    Raises :exc:`InvalidVers`, :exc:`TypeError`, and :exc:`vercmp.UnknownScheme` for a type without an order.
    """
    scheme, body = _split(text.strip() if isinstance(text, str) else text, text, fold=True)
    tidy = "|".join(_tidy(part) for part in body.split("|"))
    constraints = _constraints(text, _upper_triplets(tidy))
    if constraints == (("*", ""),):
        return Vers(scheme, constraints)
    _order_of(scheme)
    keyed: dict[bytes, Constraint] = {}
    for key, constraint in zip(_keys(text, scheme, constraints), constraints, strict=True):
        before = keyed.setdefault(key, constraint)
        if before[0] != constraint[0]:
            raise InvalidVers(text, f"{before[1]!a} stands there twice, with {before[0]} and with {constraint[0]}")
    return Vers(scheme, tuple(_simplified([keyed[key] for key in sorted(keyed)])))


def from_native(text: str, *, scheme: str) -> Vers:
    """The range that a package manager or an advisory writes in its own way.

    Every type takes comparators that are joined by blanks or commas (all must hold) and by ``||`` (one must hold), as
    GitHub's advisories have them. Beside these, ``npm`` takes the ranges of node-semver, ``cargo`` the requirements of
    Cargo, ``pypi`` the specifiers of PEP 440, ``gem`` the ``~>`` of RubyGems, ``deb`` the ``<<`` and ``>>`` of dpkg.

    >>> str(from_native("~1.6.5 || >=1.7.2", scheme="npm"))
    'vers:npm/>=1.6.5|<1.7.0|>=1.7.2'
    >>> str(from_native(">=1.0a1,<1.0.5||==2.*", scheme="pypi"))
    'vers:pypi/>=1.0a1|<1.0.5|>=2.dev0|<3.dev0'

    VERS knows the order of versions and no more. npm's rule that pre-releases are in a range only where it names one,
    and PEP 440's that ``<1.0`` leaves out ``1.0rc1`` and ``>1.0`` leaves out ``1.0.post1``, have no place in it: these
    versions are in the range.

    Raises :exc:`InvalidVers` where the text is none, or no version can be in it, :exc:`vercmp.UnknownScheme`, and
    :exc:`TypeError`.
    """
    if not isinstance(text, str):
        raise TypeError(f"a range must be str, not {type(text).__name__}")
    order = _order_of(scheme)
    known: dict[bytes, str] = {}

    def intervals(comparator: str, version: str) -> tuple[Interval, ...]:
        if comparator == "*":
            return EVERYTHING
        try:
            key = order(version)
        except InvalidVersion as error:
            raise InvalidVers(text, str(error)) from error
        known.setdefault(key, version)
        return _of_one(comparator, key)

    found = [
        intersection([union(part for one in clause for part in intervals(*one)) for clause in clauses])
        for clauses in _native.read(scheme, text, lambda reason: InvalidVers(text, reason))
    ]
    return _from(scheme, union(part for one in found for part in one), known, text)


def from_intervals(intervals: Iterable[Interval], versions: Iterable[str], *, scheme: str) -> Vers:
    """The range of intervals of sort keys, as :meth:`Vers.intervals` gives them. They may overlap.

    Keys cannot be turned back into versions. Give those that stand at the bounds, among others in any order.

    >>> range = parse("vers:rpm/>=1.0-1|<1.2-1")
    >>> from_intervals(range.intervals(), ["1.2-1", "1.0-1"], scheme="rpm") == range
    True

    Raises :exc:`InvalidVers` where a bound is no version of *versions*, or the intervals are empty, and as
    :meth:`Vers.contains`.
    """
    order = _order_of(scheme)
    if isinstance(versions, str):
        raise TypeError("versions must be an iterable of versions, not one str: put it into a list")
    known: dict[bytes, str] = {}
    for version in versions:
        known.setdefault(order(version), version)
    return _from(scheme, union(intervals), known, f"vers:{scheme}/")


def _from(scheme: str, intervals: Sequence[Interval], known: dict[bytes, str], text: str) -> Vers:
    if not intervals:
        raise InvalidVers(text, "no version is in it")
    if tuple(intervals) == EVERYTHING:
        return Vers(scheme, (("*", ""),))

    def bound(place: bytes, comparators: tuple[str, str]) -> Constraint:
        """A place in the order, and how it is written at a version and just above one."""
        version = known.get(place)
        if version is not None:
            return comparators[0], version
        version = known.get(place[:-1]) if place.endswith(b"\0") else None
        if version is None:
            raise InvalidVers(text, f"no version has the key {place.hex()}, which is a bound")
        return comparators[1], version

    found: list[Constraint] = []
    before: bytes | None = None
    for low, high in intervals:
        if low is not None and before is not None and low == above(before) and before in known:
            # Only this version is between the two.
            found[-1] = ("!=", known[before])
        elif low is not None and high == above(low) and low in known:
            found.append(("=", known[low]))
            before = None
            continue
        elif low is not None:
            found.append(bound(low, (">=", ">")))
        before = high
        if high is not None:
            found.append(bound(high, ("<", "<=")))
    return Vers(scheme, tuple(found))


def _split(text: str, original: str, *, fold: bool = False) -> tuple[str, str]:
    """The type and the constraints of a text."""
    if not isinstance(text, str):
        raise TypeError(f"a range must be str, not {type(text).__name__}")
    if not text.isascii():
        raise InvalidVers(original, "a character that is not ASCII: it is percent-encoded")
    head, colon, rest = text.partition(":")
    scheme, slash, body = rest.partition("/")
    if fold:
        head, scheme = head.strip().lower(), scheme.strip().lower()
    if not colon or head != "vers":
        raise InvalidVers(original, "it does not begin with 'vers:'")
    if not slash:
        raise InvalidVers(original, "no '/' after the type")
    if not _TYPE.fullmatch(scheme):
        raise InvalidVers(original, f"{scheme!a} is no type: a small letter, then small letters, digits, '.' and '-'")
    if scheme == "invalid":
        raise InvalidVers(original, "the type 'invalid' is reserved for what is invalid")
    if not body:
        raise InvalidVers(original, "no constraint after the '/'")
    return scheme, body


def _constraints(text: str, body: str) -> tuple[Constraint, ...]:
    if body == "*":
        return (("*", ""),)
    if body.startswith("|") or body.endswith("|"):
        raise InvalidVers(text, f"a {'leading' if body.startswith('|') else 'trailing'} '|' is not permitted")
    return tuple([_constraint(text, part) for part in body.split("|")])


def _constraint(text: str, part: str) -> Constraint:
    if not part:
        raise InvalidVers(text, "nothing between two '|'")
    if part.startswith("*"):
        raise InvalidVers(text, "'*' stands for every version, alone")
    if part.startswith("="):
        raise InvalidVers(text, f"{part!a}: a version that is equal stands without '='")
    comparator = next((sign for sign in (">=", "<=", "!=", "<", ">") if part.startswith(sign)), "")
    written = part[len(comparator) :]
    if not written:
        raise InvalidVers(text, f"no version after {comparator!a}")
    wrong = next((char for char in written if char != "%" and (char in _ENCODED or not char.isprintable())), None)
    if wrong is not None:
        raise InvalidVers(text, f"{wrong!a} in the version {written!a} is not percent-encoded")
    if _PERCENT.search(written):
        raise InvalidVers(text, f"the version {written!a} has an invalid percent-encoding")
    if _LOWER_CASE.search(written):
        raise InvalidVers(text, f"the percent-encoding of {written!a} has small letters")
    try:
        return comparator or "=", unquote_to_bytes(written).decode()
    except UnicodeDecodeError:
        raise InvalidVers(text, f"the version {written!a} is no UTF-8") from None


def _tidy(part: str) -> str:
    """A constraint without the blanks around its comparator and its version, and without a needless ``=``."""
    bare = part.strip()
    version = bare.lstrip("<>=!*")
    comparator = bare[: len(bare) - len(version)]
    return ("" if comparator in ("=", "==") else comparator) + version.strip()


def _upper_triplets(body: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}", lambda found: found[0].upper(), body)


def _written(constraint: Constraint) -> str:
    comparator, version = constraint
    encoded = "".join(
        char if char.isascii() and char.isprintable() and char not in _ENCODED else _percent(char) for char in version
    )
    return encoded if comparator == "=" else comparator + encoded


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _order_of(type: str) -> Callable[[str], bytes]:
    """The sort keys of a type."""
    scheme = SCHEME_OF_TYPE.get(type)
    if scheme is None:
        raise unknown_scheme(type, SCHEME_OF_TYPE)
    key = SCHEMES[scheme].sort_key
    if type not in _PREFIXED:
        return key

    def without_prefix(version: str) -> bytes:
        return key(version[1:] if isinstance(version, str) and version[:1] == "v" else version)

    return without_prefix


def _keys(text: str, type: str, constraints: Iterable[Constraint]) -> list[bytes]:
    order = _order_of(type)
    try:
        return [order(version) for _, version in constraints]
    except InvalidVersion as error:
        raise InvalidVers(text, str(error)) from error


def _check_order(text: str, constraints: Sequence[Constraint], keys: Sequence[bytes]) -> None:
    """The rules of Clause 5.4 about what follows what."""
    for i in range(1, len(keys)):
        (_, before), (_, version) = constraints[i - 1], constraints[i]
        if keys[i] == keys[i - 1]:
            raise InvalidVers(text, f"{version!a} stands there twice")
        if keys[i] < keys[i - 1]:
            raise InvalidVers(text, f"{version!a} stands after {before!a}, and is earlier")
    standing = [constraint for constraint in constraints if constraint[0] != "!="]
    bound: Constraint | None = None
    for i, constraint in enumerate(standing):
        comparator, version = constraint
        if i and standing[i - 1][0] == "=" and comparator in _UPPER:
            raise InvalidVers(text, f"{comparator}{version} follows {standing[i - 1][1]}, which it contains")
        if comparator == "=":
            if bound is not None and bound[0] in _LOWER:
                raise InvalidVers(text, f"{version} follows {''.join(bound)}, which contains it")
            continue
        if bound is not None and (bound[0] in _LOWER) == (comparator in _LOWER):
            raise InvalidVers(text, f"{''.join(constraint)} follows {''.join(bound)}: one of them is redundant")
        bound = constraint


def _simplified(constraints: Sequence[Constraint]) -> list[Constraint]:
    """Sorted constraints, each version once, without what is redundant."""
    found: list[Constraint] = []
    excluded = [constraint for constraint in constraints if constraint[0] == "!="]
    for constraint in constraints:
        comparator = constraint[0]
        if comparator == "!=":
            continue
        if found and found[-1][0] in _LOWER and (comparator == "=" or comparator in _LOWER):
            continue
        while comparator in _UPPER and found and (found[-1][0] == "=" or found[-1][0] in _UPPER):
            found.pop()
        found.append(constraint)
    kept = {*found, *excluded}
    return [constraint for constraint in constraints if constraint in kept]


def _intervals_of(constraints: Sequence[Constraint], order: Callable[[str], bytes]) -> tuple[Interval, ...]:
    if constraints == (("*", ""),):
        return EVERYTHING
    points: list[Interval] = []
    excluded: list[Interval] = []
    rays: list[tuple[str, bytes]] = []
    for comparator, version in constraints:
        key = order(version)
        if comparator == "=":
            points.append((key, above(key)))
        elif comparator == "!=":
            excluded.append((key, above(key)))
        else:
            rays.append((comparator, key))
    found = list(points)
    low: bytes | None = None
    for comparator, key in rays:
        place = above(key) if comparator in ("<=", ">") else key
        if comparator in _LOWER:
            low = place
        else:
            found.append((low, place))
    if rays and rays[-1][0] in _LOWER:
        found.append((low, None))
    included = union(found) if found else EVERYTHING
    return intersection([included, complement(union(excluded))])


def _of_one(comparator: str, key: bytes) -> tuple[Interval, ...]:
    """The set of one constraint."""
    match comparator:
        case "=":
            return ((key, above(key)),)
        case "!=":
            return ((None, key), (above(key), None))
        case "<":
            return ((None, key),)
        case "<=":
            return ((None, above(key)),)
        case ">":
            return ((above(key), None),)
    return ((key, None),)
