"""``vercmp.testing`` passes right comparators. It catches each wrong one by facts alone, and by chance alone."""

import functools
import itertools
import pickle
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable

import hypothesis
import pytest
import reference
from examples import examples
from hypothesis import given

import vercmp
import vercmp.testing
from vercmp.testing import (
    LAWS,
    OrderError,
    check_keys,
    check_order,
    nasty_versions,
    random_versions,
    shrinking,
    version_pairs,
    versions,
)
from vercmp.testing.orders import ORDERS
from vercmp.testing.rules import RULES

Compare = Callable[[str, str], int]


def by(key: Callable[[str], object]) -> Compare:
    """The comparator of a key that Python can order."""
    key = functools.cache(key)

    def compare(a: str, b: str) -> int:
        x, y = key(a), key(b)
        return int(x > y) - int(x < y)  # type: ignore[operator]  # only keys of orderable types are given

    return compare


def after(change: Callable[[str], str], compare: Compare) -> Compare:
    """What compares right, but not what it was given."""
    change = functools.cache(change)
    return lambda a, b: compare(change(a), change(b))


def substituted(pattern: str, replacement: str, compare: Compare) -> Compare:
    return after(lambda version: re.sub(pattern, replacement, version), compare)


# --- comparators that people write ------------------------------------------------------------------------------------

RPM = vercmp.rpm.compare
DPKG = vercmp.dpkg.compare
SEMVER = vercmp.semver.compare
GEM = vercmp.gem.compare


def numbers_between_dots(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def rpm_by_tokens(rank: Callable[[str], object], token: str = r"[A-Za-z]+|[0-9]+|~|\^") -> Compare:
    """Version and release as lists of ranked tokens, without epochs: for faults within one list."""

    def segment(text: str) -> list[object]:
        return [*map(rank, re.findall(token, text)), (1,)]

    def key(version: str) -> tuple[object, ...]:
        evr = vercmp.rpm.split(version)
        epoch = (evr.epoch or "0").lstrip("0")
        release = [] if evr.release is None else segment(evr.release)
        return len(epoch), epoch, segment(evr.version), release

    return by(key)


def right_rank(token: str) -> tuple[object, ...]:
    if token == "~":
        return (0,)
    if token == "^":
        return (2,)
    if token[0] in "0123456789":
        digits = token.lstrip("0")
        return 4, len(digits), digits
    return 3, token


def letters_above_digits(token: str) -> tuple[object, ...]:
    rank = right_rank(token)
    return (5, *rank[1:]) if rank[0] == 3 else rank


def zeros_count(token: str) -> tuple[object, ...]:
    return (4, len(token), token) if token[0] in "0123456789" else right_rank(token)


def one_zero_off(token: str) -> tuple[object, ...]:
    """Strips leading zeros, but never the one before the last digit."""
    if token[0] not in "0123456789":
        return right_rank(token)
    digits = token[:-2].lstrip("0") + token[-2:]
    return 4, len(digits), digits


def machine_word(bits: int) -> Callable[[str], tuple[object, ...]]:
    def rank(token: str) -> tuple[object, ...]:
        return (4, int(token) % (1 << bits)) if token[0] in "0123456789" else right_rank(token)

    return rank


def longer_wins(token: str) -> tuple[object, ...]:
    """The end below everything, as lists of plain tokens have it."""
    rank = right_rank(token)
    return (2, *rank) if rank[0] == 0 else rank


def release_only_if_both(a: str, b: str) -> int:
    """The relation of rpm's dependencies, taken for the order."""
    if vercmp.rpm.split(a).release is None or vercmp.rpm.split(b).release is None:
        a, b = (version.rpartition("-")[0] or version for version in (a, b))
    return RPM(a, b)


def first_dash(version: str) -> str:
    """The release or revision after the first dash. Later dashes are dropped."""
    head, dash, tail = version.partition("-")
    return head + dash + tail.replace("-", "")


def dpkg_part_by_ascii(text: str) -> list[object]:
    """Letters, digits and tildes in their place, the rest among the letters by its code."""
    runs = re.findall(r"([^0-9]*)([0-9]*)", text)
    return [([-1 if c == "~" else ord(c) for c in run] + [0], int(digits or 0)) for run, digits in runs]


def dpkg_by_ascii(version: str) -> tuple[object, ...]:
    parts = vercmp.dpkg.split(version)
    return int(parts.epoch or 0), dpkg_part_by_ascii(parts.version), dpkg_part_by_ascii(parts.revision or "")


def missing_zero_is_less(version: str) -> tuple[object, ...]:
    """No digits below the digit 0."""
    parts = vercmp.dpkg.split(version)

    def part(text: str) -> list[object]:
        runs = re.findall(rb"([^0-9]*)([0-9]*)", text.encode())
        return [
            ([reference._dpkg_weight(byte) for byte in run] + [0], int(digits or b"-1"))
            for run, digits in runs[:-1] or runs
        ]

    return int(parts.epoch or 0), part(parts.version), part(parts.revision or "0")


def semver_by_identifiers(rank: Callable[[str], object], end: object = (0,), separator: str = r"\.") -> Compare:
    """Numbers right, and the pre-release as a list of ranked identifiers: for faults within it."""

    def key(version: str) -> tuple[object, ...]:
        parts = vercmp.semver.split(version)
        numbers = [(len(number), number) for number in parts[:3]]
        if parts.prerelease is None:
            return numbers, 1
        return numbers, 0, [*map(rank, re.split(separator, parts.prerelease)), end]

    return by(key)


def right_identifier(text: str) -> tuple[object, ...]:
    return (1, len(text), text) if text.isdigit() else (2, text)


def numbers_above_texts(text: str) -> tuple[object, ...]:
    return (3, *right_identifier(text)[1:]) if text.isdigit() else right_identifier(text)


def semver_with_pre_release_above(version: str) -> tuple[object, ...]:
    *numbers, prerelease, _ = vercmp.semver.split(version)
    return [(len(number), number) for number in numbers], [*map(right_identifier, (prerelease or "").split("."))]


def gem_by_segments(
    end: tuple[object, ...] = ((1, 0, ""),), letters: int = 0, split: str = r"\d+|[A-Za-z]+"
) -> Compare:
    """Segments with too little left out: what is behind the last one is *end*."""

    def key(version: str) -> tuple[object, ...]:
        segments: list[tuple[object, ...]] = []
        for run in re.findall(split, version.strip().replace("-", ".pre.")):
            digits = run.lstrip("0")
            segments.append((1, len(digits), digits) if run[0].isdigit() else (letters, 0, run))
        while segments and segments[-1] == (1, 0, ""):
            segments.pop()
        return (*segments, *end)

    return by(key)


WRONG: dict[str, dict[str, Compare]] = {
    "rpm": {
        "as text": by(str),
        "numbers between dots": by(numbers_between_dots),
        "letters in any case": after(str.lower, RPM),
        "no tilde": substituted("~", ".", RPM),
        "no caret": substituted(r"\^", ".", RPM),
        "caret as tilde": substituted(r"\^", "~", RPM),
        "no epoch": substituted(r"\A[0-9]*:", "", RPM),
        "any text is an epoch": substituted(r"\A[^0-9:-]+:", "1:", RPM),
        "epoch as text": by(lambda version: ((vercmp.rpm.split(version).epoch or "0"), vercmp.rpm.sort_key(version))),
        "release after the first dash": after(first_dash, RPM),
        "no release is an empty one": substituted(r"\A([^-]*)\Z", r"\1-", RPM),
        "no release is any": release_only_if_both,
        "no release at all": substituted(r"-[^-]*\Z", "", RPM),
        "letters above digits": rpm_by_tokens(letters_above_digits),
        "zeros count": rpm_by_tokens(zeros_count),
        "one zero off": rpm_by_tokens(one_zero_off),
        "32-bit numbers": rpm_by_tokens(machine_word(32)),
        "64-bit numbers": rpm_by_tokens(machine_word(64)),
        "the end below all": rpm_by_tokens(longer_wins),
        "letters of Unicode": rpm_by_tokens(right_rank, r"[^\W\d_]+|[0-9]+|~|\^"),
        "one character a token": rpm_by_tokens(right_rank, r"[A-Za-z]|[0-9]+|~|\^"),
        "separators join": after(lambda version: re.sub(r"[._+]", "", version), RPM),
        "the other way round": lambda a, b: -RPM(a, b),
        "whether below": lambda a, b: RPM(a, b) < 0,
    },
    "rpmvercmp": {
        "as text": by(str),
        "the whole EVR": lambda a, b: RPM(a or "~", b or "~"),
        "no empty string": RPM,
    },
    "dpkg": {
        "as text": by(str),
        "no epoch": substituted(r"\A[^:]*:", "", DPKG),
        "epoch as text": by(lambda version: (vercmp.dpkg.split(version).epoch or "0", vercmp.dpkg.sort_key(version))),
        "epoch after the last colon": by(lambda version: vercmp.dpkg.sort_key(re.sub(r":(?=.*:)", "", version))),
        "revision after the first dash": after(first_dash, DPKG),
        "no revision is less than 0": by(
            lambda v: (vercmp.dpkg.sort_key(v), vercmp.dpkg.split(v).revision is not None)
        ),
        "no revision at all": substituted(r"-[^-]*\Z", "", DPKG),
        "no tilde": substituted("~", "+", DPKG),
        "letters in any case": after(str.lower, DPKG),
        "by ASCII": by(dpkg_by_ascii),
        "no digits are less than 0": by(missing_zero_is_less),
        "64-bit numbers": substituted(r"[0-9]{20,}", lambda m: str(int(m[0]) % (1 << 64)), DPKG),  # type: ignore[arg-type]  # re.sub takes a function too
        "space counts": by(lambda version: (vercmp.dpkg.sort_key(version), version.startswith(" "))),
        "rpm": RPM,
    },
    "semver": {
        "as text": by(str),
        "numbers between dots": by(numbers_between_dots),
        "letters in any case": after(str.lower, SEMVER),
        "the build counts": by(
            lambda version: (vercmp.semver.sort_key(version), vercmp.semver.split(version).build or "")
        ),
        "no pre-release": substituted(r"-[^+]*", "", SEMVER),
        "a pre-release is above": by(semver_with_pre_release_above),
        "identifiers as text": semver_by_identifiers(lambda text: (1, text)),
        "the pre-release as one text": semver_by_identifiers(lambda text: (1, text), separator=r"\Z"),
        "numbers above texts": semver_by_identifiers(numbers_above_texts),
        "fewer identifiers are more": semver_by_identifiers(right_identifier, end=(9,)),
        "dashes part identifiers": semver_by_identifiers(right_identifier, separator="[.-]"),
        "floating point": semver_by_identifiers(
            lambda text: (1, float(text), "") if text.isdigit() and len(text) < 300 else right_identifier(text)
        ),
        "64-bit numbers": substituted(r"[0-9]{20,}", lambda m: str(int(m[0]) % (1 << 64)), SEMVER),  # type: ignore[arg-type]  # re.sub takes a function too
        "rpm": RPM,
        "the other way round": lambda a, b: -SEMVER(a, b),
    },
    "gem": {
        "as text": by(str),
        "numbers between dots": by(numbers_between_dots),
        "letters in any case": after(str.lower, GEM),
        "no pre-release": substituted(r"[.]?[A-Za-z-].*", "", GEM),
        "the end is below": gem_by_segments(end=((-1, ""),)),
        "letters above numbers": gem_by_segments(letters=2),
        "letters as one": gem_by_segments(split=r"\d+|[A-Za-z][A-Za-z0-9]*"),
        "zeros at the end count": by(lambda version: (vercmp.gem.sort_key(version), version.count("0"))),
        "zeros before letters count": gem_by_segments(),
        "no zeros count": substituted(r"\.0+(?=\.|\Z)", "", GEM),
        "a dash is a dot": substituted("-", ".", GEM),
        "a dash ends it": substituted("-.*", "", GEM),
        "64-bit numbers": substituted(r"[0-9]{20,}", lambda m: str(int(m[0][-4000:]) % (1 << 64)), GEM),  # type: ignore[arg-type]  # re.sub takes a function too
        "rpm": RPM,
        "dpkg": DPKG,
        "the other way round": lambda a, b: -GEM(a, b),
    },
}
CASES = [(scheme, name) for scheme, wrong in WRONG.items() for name in wrong]


def disagrees(compare: Compare, scheme: str, a: str, b: str, *, raising: bool) -> bool:
    """Whether it answers wrong, or with *raising*: whether it raises."""
    try:
        got = compare(a, b)
    except Exception:
        return raising
    return not raising and (got > 0) - (got < 0) != ORDERS[scheme].compare(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_facts_alone_catch_it(scheme: str, name: str) -> None:
    compare = WRONG[scheme][name]
    with pytest.raises(OrderError) as caught:
        check_order(compare, scheme=scheme, laws=["vectors"])
    error = caught.value
    assert error.law in ("vectors", "answers")
    assert error.scheme == scheme
    raising = error.law == "answers"
    assert disagrees(compare, scheme, *error.versions, raising=raising)
    length = len("".join(error.versions))
    facts = itertools.chain.from_iterable(ORDERS[scheme].facts(valid_only=False))
    short = sorted((version for version in facts if len(version) < length), key=len)
    for a, b in itertools.product(short, repeat=2):
        if len(a) + len(b) < length:
            assert not disagrees(compare, scheme, a, b, raising=raising), "a shorter one"


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "name"), CASES)
def test_chance_alone_catches_it(scheme: str, name: str) -> None:
    compare = WRONG[scheme][name]
    with pytest.raises(OrderError) as caught:
        check_order(compare, scheme=scheme, laws=["agrees"])
    error = caught.value
    assert error.law in ("agrees", "answers")
    a, b = error.versions
    assert disagrees(compare, scheme, a, b, raising=error.law == "answers")
    if error.law == "agrees":
        assert error.wanted == ORDERS[scheme].compare(a, b)
        assert error.got != error.wanted
        # The smallest: without any one character it is no counterexample, or no version.
        for x, y in [
            *((a[:i] + a[i + 1 :], b) for i in range(len(a))),
            *((a, b[:i] + b[i + 1 :]) for i in range(len(b))),
        ]:
            if all(ORDERS[scheme].accepts(version, valid_only=False) for version in (x, y)):
                assert not disagrees(compare, scheme, x, y, raising=False), (x, y)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ORDERS)
@pytest.mark.parametrize("seed", [None, 1])
def test_ours_pass(scheme: str, seed: int | None) -> None:
    order = ORDERS[scheme]
    check_order(order.compare, scheme=scheme, seed=seed)
    check_keys(order.sort_key, scheme=scheme, seed=seed, max_examples=examples(200))


@pytest.mark.slow
@pytest.mark.parametrize("scheme", reference.ORDERS)
def test_the_slow_reference_passes(scheme: str) -> None:
    check_keys(lambda version: reference.ORDERS[scheme](version), scheme=scheme, max_examples=examples(100))


@pytest.mark.slow
def test_the_right_tokens_pass() -> None:
    """Else the wrong ones above might be wrong for another reason than the one they name."""
    check_order(rpm_by_tokens(right_rank), scheme="rpm")


def test_any_sign_convention() -> None:
    check_order(lambda a, b: 1000 * RPM(a, b), scheme="rpm", max_examples=50)


# --- the laws ---------------------------------------------------------------------------------------------------------


def by_length_in_a_ring(a: str, b: str) -> int:
    """Everything is below something, round and round."""
    return {0: 0, 1: 1, 2: -1}[(len(a) - len(b)) % 3]


BREAKERS: dict[str, Compare] = {
    "reflexive": lambda a, b: RPM(a, b) or 1,
    "antisymmetric": lambda a, b: 0 if a == b else 1,
    "transitive": by_length_in_a_ring,
    "agrees": by(len),
}


@pytest.mark.parametrize("law", LAWS)
def test_each_law_is_held(law: str) -> None:
    with pytest.raises(OrderError) as caught:
        check_order(BREAKERS[law], scheme="rpm", laws=[law])
    error = caught.value
    assert error.law == law
    assert len(error.versions) == LAWS[law].arity
    assert (error.got, error.wanted) in {(got, wanted) for got in (-1, 0, 1) for wanted in (-1, 0, 1) if got != wanted}
    assert LAWS[law].meaning in str(error)


@pytest.mark.slow
def test_an_order_that_is_not_ours_keeps_the_laws_of_orders() -> None:
    check_order(by(str), scheme="rpm", laws=["reflexive", "antisymmetric", "transitive"])


def test_intransitive_like_a_missing_release_that_is_any() -> None:
    with pytest.raises(OrderError) as caught:
        check_order(release_only_if_both, scheme="rpm", laws=["reflexive", "antisymmetric", "transitive"])
    assert caught.value.law == "transitive"
    assert sorted(map(len, caught.value.versions))[-1] <= 3
    assert str(caught.value).count("compare(") == 3


def test_no_such_law_or_scheme() -> None:
    with pytest.raises(ValueError, match="unknown law 'total', use one of vectors, reflexive"):
        check_order(RPM, scheme="rpm", laws=["total"])
    for call in (versions, nasty_versions, version_pairs):
        with pytest.raises(vercmp.UnknownScheme):
            call("cobol")
    with pytest.raises(vercmp.UnknownScheme, match="rpm, rpmvercmp, dpkg"):
        check_order(RPM, scheme="cobol")


# --- comparators that do not answer -----------------------------------------------------------------------------------


class Unhappy(Exception):
    pass


def raises_on_tilde(a: str, b: str) -> int:
    if "~" in a:
        raise Unhappy(a)
    return RPM(a, b)


@pytest.mark.parametrize("laws", [["vectors"], list(LAWS)])
def test_one_that_raises(laws: list[str]) -> None:
    with pytest.raises(OrderError, match=r"raised Unhappy: ~") as caught:
        check_order(raises_on_tilde, scheme="rpm", laws=laws)
    error = caught.value
    assert error.law == "answers"
    assert isinstance(error.got, Unhappy)
    assert error.__cause__ is error.got
    assert error.wanted is None
    assert error.versions == ("~", "0")


def test_a_wrong_answer_weighs_more_than_none() -> None:
    def both(a: str, b: str) -> int:
        return 5 if a == b == "1.0" else raises_on_tilde(a, b)

    with pytest.raises(OrderError) as caught:
        check_order(both, scheme="rpm")
    assert (caught.value.law, caught.value.versions) == ("vectors", ("1.0", "1.0"))


@pytest.mark.slow
@pytest.mark.parametrize("answer", [None, "<", 1.0])
@pytest.mark.parametrize("laws", [["vectors"], ["agrees"]])
def test_one_that_returns_no_integer(answer: object, laws: list[str]) -> None:
    with pytest.raises(OrderError, match="which is no integer") as caught:
        check_order(lambda a, b: answer, scheme="dpkg", laws=laws)  # type: ignore[arg-type,return-value]  # that is the fault
    assert caught.value.law == "answers"
    assert caught.value.got == answer


@pytest.mark.parametrize("laws", [["vectors"], ["agrees"], list(LAWS)])
def test_one_that_answers_by_chance(laws: list[str]) -> None:
    rng = random.Random(4)
    with pytest.raises(OrderError, match="the answer changes from call to call") as caught:
        check_order(lambda a, b: rng.choice((-1, 0, 1)), scheme="rpm", laws=laws)
    assert caught.value.law == "repeats"


def test_one_that_remembers() -> None:
    """A wrong answer to the first call only."""
    seen: set[tuple[str, str]] = set()

    def compare(a: str, b: str) -> int:
        new = (a, b) not in seen
        seen.add((a, b))
        return 5 if new and len(seen) > 50 else RPM(a, b)

    with pytest.raises(OrderError) as caught:
        check_order(compare, scheme="rpm", laws=["agrees"])
    assert caught.value.law == "repeats"


def test_keyboard_interrupt_goes_through() -> None:
    def interrupted(a: str, b: str) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_order(interrupted, scheme="rpm")


@pytest.mark.slow
def test_python_cannot_read_long_numbers() -> None:
    """More digits than int() converts: no fact is that long, so chance must find it."""

    def key(version: str) -> list[int]:
        return [int(digits) for digits in re.findall("[0-9]+", version)]

    def compare(a: str, b: str) -> int:
        key(a), key(b)
        return RPM(a, b)

    check_order(compare, scheme="rpm", laws=["vectors"])
    with pytest.raises(OrderError) as caught:
        check_order(compare, scheme="rpm")
    assert isinstance(caught.value.got, ValueError)
    assert max(map(len, caught.value.versions)) > 4300
    assert len(str(caught.value)) < 1000


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_wrong_keys() -> None:
    with pytest.raises(OrderError) as caught:
        check_keys(str, scheme="dpkg")
    assert caught.value.law == "vectors"
    with pytest.raises(OrderError) as caught:
        check_keys(lambda version: vercmp.rpm.sort_key(version)[:-1], scheme="rpm", laws=["agrees"])
    assert caught.value.law == "agrees"


class Unordered:
    def __lt__(self, other: object) -> bool:
        return False


@pytest.mark.slow
def test_keys_that_do_not_sort() -> None:
    with pytest.raises(OrderError, match="TypeError") as caught:
        check_keys(lambda version: object(), scheme="rpm")  # type: ignore[arg-type,return-value]  # that is the fault
    assert caught.value.law == "answers"
    with pytest.raises(OrderError, match="neither equal nor one below the other"):
        check_keys(lambda version: Unordered(), scheme="rpm", laws=["agrees"])


def test_keys_that_raise() -> None:
    with pytest.raises(OrderError, match="ValueError: ") as caught:
        check_keys(numbers_between_dots, scheme="dpkg", laws=["agrees"])
    assert isinstance(caught.value.__cause__, ValueError)


# --- valid versions only ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_comparators_that_refuse_what_dpkg_warns_of() -> None:
    def strict(a: str, b: str) -> int:
        for version in (a, b):
            if vercmp.dpkg.validate(version):
                raise ValueError(version)
        return DPKG(a, b)

    check_order(strict, scheme="dpkg", valid_only=True)
    with pytest.raises(OrderError):
        check_order(strict, scheme="dpkg")


def test_valid_only_still_shrinks_to_valid_versions() -> None:
    with pytest.raises(OrderError) as caught:
        check_order(WRONG["dpkg"]["no tilde"], scheme="dpkg", valid_only=True, laws=["agrees"])
    assert all(vercmp.dpkg.validate(version) == () for version in caught.value.versions)


# --- the error --------------------------------------------------------------------------------------------------------


def test_the_error_is_complete_and_travels() -> None:
    with pytest.raises(AssertionError) as caught:
        check_order(by(str), scheme="dpkg")
    error = caught.value
    assert isinstance(error, OrderError)
    assert str(error) == "not the order of dpkg, law 'vectors': compare('0', '+') is 1, and must be -1"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.versions) == (str(error), error.versions)


def test_the_same_every_time_unless_seeded() -> None:
    found: list[list[tuple[str, str]]] = []
    for seed in (None, None, 1, 1, 2):
        calls: list[tuple[str, str]] = []
        check_order(
            lambda a, b, calls=calls: calls.append((a, b)) or RPM(a, b),  # type: ignore[misc]  # mypy cannot infer the default
            scheme="rpm",
            max_examples=30,
            seed=seed,
            laws=["agrees"],
        )
        found.append(calls)
    assert found[0] == found[1] != found[2] == found[3] != found[4]


def test_within_a_property_test_of_ones_own() -> None:
    @hypothesis.settings(
        max_examples=3, database=None, deadline=None, suppress_health_check=[hypothesis.HealthCheck.nested_given]
    )
    @given(hypothesis.strategies.sampled_from(list(vercmp.SCHEMES)))
    def run(scheme: str) -> None:
        check_order(vercmp.SCHEMES[scheme].compare, scheme=scheme, max_examples=5, laws=["agrees"])

    run()


# --- strategies -------------------------------------------------------------------------------------------------------

# A busy machine is no fault of a strategy.
patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])


@pytest.mark.parametrize("scheme", ORDERS)
def test_versions_are_valid(scheme: str) -> None:
    @patient
    @given(versions(scheme))
    def run(version: str) -> None:
        assert ORDERS[scheme].warnings(version) == ()

    run()


@pytest.mark.parametrize("scheme", ORDERS)
def test_nasty_versions_and_pairs_are_accepted(scheme: str) -> None:
    @patient
    @given(nasty_versions(scheme), version_pairs(scheme))
    def run(version: str, pair: tuple[str, str]) -> None:
        for one in (version, *pair):
            assert ORDERS[scheme].accepts(one, valid_only=False)

    run()


def found(strategy: hypothesis.strategies.SearchStrategy[object], wanted: Callable[..., bool]) -> bool:
    settings = hypothesis.settings(
        patient, max_examples=20_000, database=None, derandomize=True, phases=[hypothesis.Phase.generate]
    )
    hypothesis.find(strategy, wanted, settings=settings)
    return True


@pytest.mark.parametrize("scheme", ORDERS)
def test_nasty_versions_reach_everything(scheme: str) -> None:
    nasty = nasty_versions(scheme)
    if not ORDERS[scheme].lenient:
        strict: list[Callable[[str], bool]] = [
            lambda version: any(int(digits[:50]) >= 1 << 31 for digits in re.findall("[0-9]+", version)),
            lambda version: re.search(r"(?<![0-9])0+[1-9]", version) is not None,
            lambda version: version.count(".") >= 3,
            lambda version: len(re.findall("[a-z]+", version)) >= 3,
        ]
        assert all(found(nasty, wanted) for wanted in strict)
        return
    wants: list[Callable[[str], bool]] = [
        lambda version: not version.isascii(),
        lambda version: max(version, default="") > "\uffff",
        lambda version: any(int(digits[:50]) >= 1 << 64 for digits in re.findall("[0-9]+", version)),
        lambda version: len(version) > 4300,
        lambda version: "~~" in version,
        lambda version: ".." in version,
        lambda version: "\n" in version or "\x01" in version,
        lambda version: version.endswith("~"),
        lambda version: re.search(r"(?<![0-9])0+[1-9]", version) is not None,
        lambda version: not re.search("[0-9]", version),
    ]
    if scheme != "dpkg":
        wants.append(lambda version: "^~" in version)
    if scheme == "rpmvercmp":
        wants.append(lambda version: version == "")
    for wanted in wants:
        assert found(nasty, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ORDERS)
def test_pairs_are_near(scheme: str) -> None:
    pairs = version_pairs(scheme)
    compare = ORDERS[scheme].compare
    wants: list[Callable[[tuple[str, str]], bool]] = [
        lambda pair: pair[0] == pair[1],
        lambda pair: pair[0] != pair[1] and compare(*pair) == 0,
        lambda pair: len(pair[1]) == len(pair[0]) + 1 and compare(*pair) < 0,
        lambda pair: len(pair[1]) == len(pair[0]) + 1 and compare(*pair) > 0,
        lambda pair: pair[1].startswith(pair[0]) and len(pair[1]) > len(pair[0]) + 3,
        lambda pair: pair[0].startswith(pair[1]) and len(pair[0]) > len(pair[1]) + 3,
        lambda pair: len(pair[0]) == len(pair[1]) and sum(x != y for x, y in zip(*pair, strict=True)) == 1,
    ]
    for wanted in wants:
        assert found(pairs, wanted)


# --- versions by chance, without hypothesis ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("valid_only", [False, True])
@pytest.mark.parametrize("scheme", ORDERS)
def test_families(scheme: str, valid_only: bool) -> None:
    order = ORDERS[scheme]
    equal = unlike = 0
    for family in itertools.islice(
        random_versions.families(scheme, random.Random(5), size=16, valid_only=valid_only), 300
    ):
        assert 2 <= len(family) <= 16 or family[0] == ""
        assert len(set(family)) == len(family)
        for version in family:
            assert order.accepts(version, valid_only=valid_only)
            assert not set(version) & set("\0\t\n\r\v\f\x85\u2028\u2029")
            assert len(version) <= 200
        for a, b in itertools.combinations(family, 2):
            equal += order.compare(a, b) == 0
            unlike += order.compare(a, b) != 0
    assert equal > unlike / 100


@pytest.mark.parametrize("scheme", ORDERS)
def test_families_repeat(scheme: str) -> None:
    first, again, other = (
        list(itertools.islice(random_versions.families(scheme, random.Random(seed)), 5)) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_pairs_are_of_families_and_both_ways() -> None:
    pairs = list(itertools.islice(random_versions.pairs("rpm", random.Random(1)), 144))
    assert {(b, a) for a, b in pairs} == set(pairs)


# --- shrinking --------------------------------------------------------------------------------------------------------


def shrink(versions: tuple[str, ...], fails: Callable[..., bool], rounds: int = 1000) -> tuple[str, ...]:
    return shrinking.shrunk(
        versions, lambda candidates: next((of for of in candidates if fails(*of)), None), rounds=rounds
    )


def test_shrinks_to_the_least() -> None:
    assert shrink(("3.14-zebra", "2.7~rc"), lambda a, b: True) == ("", "")
    assert shrink(("3.14-zebra", "2.7~rc"), lambda a, b: "~" in b) == ("", "~")
    assert shrink(("3.14-zebra", "2.7~rc"), lambda a, b: len(a) > 1 and b != "") == ("00", "0")
    assert shrink(("xxy",), lambda a: "y" in a) == ("y",)
    assert shrink(("1", "2"), lambda a, b: a == "1" and b == "2") == ("1", "2")


def test_shrinks_what_must_stay_alike() -> None:
    for pair in (("1.2.3-foo", "1.2.3-fop"), ("foo-1.2.3", "fop-1.2.3"), ("1.2.3-foo-1.2.3", "1.2.3-fop-1.2.3")):
        assert shrink(pair, lambda a, b: len(a) == len(b) and a < b) == ("0", "1")


def test_shrinking_ends() -> None:
    calls = 0

    def fails(*_: str) -> bool:
        nonlocal calls
        calls += 1
        return False

    assert shrink(("9" * 5000, "8" * 5000), fails) == ("9" * 5000, "8" * 5000)
    assert calls < 5000
    assert len(shrink(("9" * 5000,), lambda a: len(a) >= 4301)[0]) < 4500
    assert len(shrink(("abcdefgh" * 4,), lambda a: len(a) >= 2, rounds=1)[0]) < 32


# --- imports ----------------------------------------------------------------------------------------------------------


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_without_hypothesis() -> None:
    without = "import sys; sys.modules['hypothesis'] = None; import vercmp.testing, vercmp.testing.conformance\n"
    checks = "vercmp.testing.check_order(vercmp.rpm.compare, scheme='rpm', max_examples=5, laws=['agrees'])"
    done = python(without + checks)
    assert (done.returncode, done.stderr) == (0, "")
    done = python(without + "from vercmp.testing import versions")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "a strategy of vercmp.testing needs a library: pip install hypothesis (extra testing)\n"
    )


def test_only_a_strategy_imports_hypothesis() -> None:
    loaded = "import sys; print('hypothesis' in sys.modules)\n"
    done = python(
        "import vercmp, vercmp.testing, vercmp.testing.conformance\n"
        "vercmp.testing.check_keys(vercmp.rpm.sort_key, scheme='rpm', max_examples=5, laws=['agrees'])\n"
        f"{loaded}vercmp.testing.versions\n{loaded}"
    )
    assert done.stdout == "False\nTrue\n", done.stderr


def test_no_other_names() -> None:
    assert set(vercmp.testing.__all__) <= set(dir(vercmp.testing))
    with pytest.raises(AttributeError, match="has no attribute 'version'"):
        assert vercmp.testing.version  # type: ignore[attr-defined]  # that is the fault


def test_vercmp_imports_none_of_it() -> None:
    done = python("import sys, vercmp; vercmp.compare('1', '2', scheme='rpm'); print(*sys.modules)")
    modules = set(done.stdout.split())
    assert "vercmp.schemes" in modules
    for name in ("vercmp.testing", "hypothesis", "json", "importlib.resources"):
        assert name not in modules, name


def test_a_budget_ends_the_check_and_the_result_shows_it() -> None:
    def slow(a: str, b: str) -> int:
        time.sleep(0.0005)
        return vercmp.rpm.compare(a, b)

    start = time.monotonic()
    checked = check_order(slow, scheme="rpm", budget=0.2)
    assert time.monotonic() - start < 30
    assert 0 < checked.pairs < checked.of_pairs
    assert checked.families < 1000
    whole = check_order(vercmp.apk.compare, scheme="apk", max_examples=3)
    assert (whole.pairs, whole.families) == (whole.of_pairs, 3)
    assert check_keys(vercmp.apk.sort_key, scheme="apk", max_examples=3, laws=["agrees"]).of_pairs == 0
    for budget in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="more than 0 seconds"):
            check_order(slow, scheme="rpm", budget=budget)


@pytest.mark.parametrize("name", RULES)
def test_the_rules_of_an_order(name: str) -> None:
    """Every fact has a rule, the last rule holds for all, and no rule is without a fact that it alone names."""
    rules = RULES[name]
    versions = [version for group in ORDERS[name].facts(valid_only=False) for version in group]
    named = {rules.first(rules.of(a, b)).name for a, b in itertools.product(versions[::3], repeat=2)}
    assert rules.of("", "") & (1 << (len(rules.rules) - 1))
    assert len({rule.name for rule in rules.rules}) == len(rules.rules)
    assert named <= {rule.name for rule in rules.rules}
    assert set(RULES) == set(ORDERS)
    assert len(named) > len(rules.rules) / 2
