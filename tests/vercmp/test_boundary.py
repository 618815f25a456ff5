"""What every scheme does with wrong types, impossible text, megabytes, sequences and threads."""

import importlib.metadata
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from dotted import dotted

import vercmp
from vercmp import InvalidVersion, UnknownScheme
from vercmp.schemes import NOT_ORDERS
from vercmp.testing.orders import ORDERS
from vercmp.vers import SCHEME_OF_TYPE, from_intervals

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)


class Text(str):
    __slots__ = ()


@schemes
@pytest.mark.parametrize("wrong", [None, 1, 1.5, b"1.0", ["1.0"]], ids=repr)
def test_wrong_type_names_the_argument(scheme: str, wrong: object) -> None:
    kind = type(wrong).__name__
    with pytest.raises(TypeError, match=f"^a must be str, not {kind}$"):
        vercmp.compare(wrong, "1.0.0", scheme=scheme)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match=f"^b must be str, not {kind}$"):
        vercmp.compare("1.0.0", wrong, scheme=scheme)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match=f"^version must be str, not {kind}$"):
        vercmp.sort_key(wrong, scheme=scheme)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match=f"^version must be str, not {kind}$"):
        vercmp.validate(wrong, scheme=scheme)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(TypeError, match="must be str"):
        vercmp.sort_keys(["1.0.0", wrong], scheme=scheme)  # type: ignore[list-item]  # what is tested


@schemes
def test_one_text_is_no_sequence_of_versions(scheme: str) -> None:
    # Each of its characters is a version too: three keys for "1.0" would look like an answer.
    wrong = "must be an iterable of versions, not one str: put it into a list$"
    for text in ("1.0", "", Text("1.0")):
        for call in (vercmp.sort_keys, vercmp.sorted_versions, vercmp.argsort, vercmp.max_version, rangeless):
            with pytest.raises(TypeError, match=f"^versions {wrong}"):
                call(text, scheme=scheme)
        with pytest.raises(TypeError, match=f"^a {wrong}"):
            vercmp.compare_many(text, ["1", "2", "3"], scheme=scheme)
        with pytest.raises(TypeError, match=f"^b {wrong}"):
            vercmp.compare_many(["1", "2", "3"], text, scheme=scheme)


def rangeless(versions: str, scheme: str) -> object:
    type = next(type for type, name in SCHEME_OF_TYPE.items() if name == scheme)
    return from_intervals([(None, None)], versions, scheme=type)


def test_scheme_must_be_known() -> None:
    for call in (
        lambda scheme: vercmp.compare("1", "2", scheme=scheme),
        lambda scheme: vercmp.sort_key("1", scheme=scheme),
        lambda scheme: vercmp.validate("1", scheme=scheme),
        lambda scheme: vercmp.compare_many([], [], scheme=scheme),
        lambda scheme: vercmp.sort_keys([], scheme=scheme),
    ):
        with pytest.raises(UnknownScheme) as caught:
            call("cobol")
        assert str(caught.value) == f"unknown version scheme 'cobol', use one of {', '.join(vercmp.SCHEMES)}"
        with pytest.raises(TypeError, match="scheme must be str, not int"):
            call(3)
        with pytest.raises(TypeError, match="scheme must be str, not list"):
            call([])


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("debian", "dpkg"), ("apt", "dpkg"), ("RPM", "rpm"), ("python", "pep440"), ("wolfi", "apk"), ("dpgk", "dpkg"),
     ("NPM", "semver"), ("node", "semver"), ("go", "semver"), ("SemVer", "semver"), ("ruby", "gem"),
     ("cobol", None), ("", None), ("x" * 10_000, None)],
)  # fmt: skip
def test_the_nearest_scheme(name: str, nearest: str | None) -> None:
    with pytest.raises(UnknownScheme) as caught:
        vercmp.compare("1", "2", scheme=name)
    assert caught.value.nearest == nearest
    assert (f"(did you mean {nearest}?)" in str(caught.value)) == (nearest is not None)
    assert len(str(caught.value)) < 300


def test_the_version_costs_no_import() -> None:
    assert vercmp.__version__ == importlib.metadata.version("vercmp")
    code = "import sys, vercmp; assert 'importlib.metadata' not in sys.modules and vercmp.__version__"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="has no attribute 'version'"):
        assert vercmp.version  # type: ignore[attr-defined]  # that is the fault


@pytest.mark.parametrize("name", NOT_ORDERS)
def test_what_is_no_order_has_a_reason(name: str) -> None:
    for call in (lambda: vercmp.sort_key("1", scheme=name), lambda: vercmp.compare("1", "2", scheme=name)):
        with pytest.raises(UnknownScheme, match="no total order: 1") as caught:
            call()
        assert NOT_ORDERS[name] in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@schemes
@pytest.mark.parametrize(
    ("text", "reason"), [("1\0", "NUL character"), ("\0", "NUL character"), ("1\ud800", "lone surrogate")]
)
def test_text_no_version_can_be(scheme: str, text: str, reason: str) -> None:
    module = vercmp.SCHEMES[scheme]
    calls: list[Callable[[], object]] = [
        lambda: module.compare(text, "1.0.0"),
        lambda: module.compare("1.0.0", text),
        lambda: module.compare_many(["1.0.0", text], ["1.0.0", "1.0.0"]),
        lambda: module.sort_key(text),
        lambda: module.sort_keys([text]),
        lambda: module.validate(text),
        lambda: module.split(text),
    ]
    for call in calls:
        with pytest.raises(InvalidVersion) as caught:
            call()
        assert (caught.value.version, caught.value.scheme, caught.value.reason) == (text, scheme, reason)
        str(caught.value).encode("ascii")


@schemes
def test_errors_are_values(scheme: str) -> None:
    with pytest.raises(ValueError, match=f"invalid {scheme} version .*: ") as caught:
        vercmp.sort_key("1" * 1_000_000 + "\0", scheme=scheme)
    assert len(str(caught.value)) < 300
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.args) == (InvalidVersion, str(caught.value), caught.value.args)
    assert len(repr(again)) < 300
    assert repr(InvalidVersion("1", "rpm", "none")) == "InvalidVersion('1', 'rpm', 'none')"
    unknown = pickle.loads(pickle.dumps(UnknownScheme("x", ("rpm",))))
    assert isinstance(unknown, LookupError)
    assert str(unknown) == "unknown version scheme 'x', use one of rpm"


@schemes
def test_subclasses_of_str_are_text(scheme: str) -> None:
    assert vercmp.compare(Text("1.0.0"), "1.1.0", scheme=scheme) == -1
    assert vercmp.sort_key(Text("1.0.0"), scheme=scheme) == vercmp.sort_key("1.0.0", scheme=scheme)


@schemes
def test_many_is_each(scheme: str) -> None:
    a, b = ["1.0.0", "1.10.0", "2.1.0"], ["1.0.0", "1.9.0", "3.1.0"]
    assert vercmp.compare_many(a, b, scheme=scheme) == [0, 1, -1]
    assert vercmp.compare_many(iter(a), tuple(b), scheme=scheme) == [0, 1, -1]
    assert vercmp.compare_many([], [], scheme=scheme) == []
    assert vercmp.sort_keys(iter(a), scheme=scheme) == [vercmp.sort_key(v, scheme=scheme) for v in a]
    with pytest.raises(ValueError, match="of one length, not 3 and 2"):
        vercmp.compare_many(a, b[:2], scheme=scheme)
    with pytest.raises(TypeError):
        vercmp.sort_keys(3, scheme=scheme)  # type: ignore[arg-type]  # what is tested


MEGABYTES = 4_000_000


@pytest.mark.slow
@schemes
@pytest.mark.parametrize("unit", ["9", "0", "a", "1a", "1.", "~", "+", "é", ".~", "a~1+", "_"])
def test_megabytes(scheme: str, unit: str) -> None:
    body = unit * (MEGABYTES // len(unit))
    start = dotted([1], scheme)
    shorter, longer = start + body, start + body + unit + "1"
    module = vercmp.SCHEMES[scheme]
    try:
        assert module.compare(shorter, shorter) == 0
    except InvalidVersion:
        # rpm and dpkg take anything of this; the others say no, at the same length, and as fast.
        assert scheme not in ("rpm", "dpkg")
        with pytest.raises(InvalidVersion):
            module.sort_key(shorter)
        return
    order = module.compare(shorter, longer)
    assert order == -module.compare(longer, shorter)
    keys = module.sort_keys([shorter, longer])
    assert (keys[0] > keys[1]) - (keys[0] < keys[1]) == order
    assert len(keys[0]) <= 2 * len(shorter.encode()) + 16


@schemes
@pytest.mark.parametrize("length", [*range(120, 130), *range(244, 260)])
def test_keys_around_the_size_of_the_stack_buffer(scheme: str, length: int) -> None:
    module = vercmp.SCHEMES[scheme]
    version = dotted([1] * length, scheme)
    assert module.sort_key(version) < module.sort_key(version + ".1")


@pytest.mark.slow
@schemes
def test_eight_threads_on_the_same_strings(scheme: str) -> None:
    module = vercmp.SCHEMES[scheme]
    versions = [version for group in ORDERS[scheme].facts(valid_only=False) for version in group]
    assert len(versions) > 300
    rotated = versions[1:] + versions[:1]
    want = module.sort_keys(versions), module.compare_many(versions, rotated)

    def hammer(_: int) -> bool:
        return all((module.sort_keys(versions), module.compare_many(versions, rotated)) == want for _ in range(60))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(hammer, range(8)))
    finally:
        sys.setswitchinterval(interval)
