"""Laws of every order in the registry, over generated versions; a new scheme is picked up by itself."""

import functools

import pytest
import reference
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import vercmp
from vercmp.testing import check_keys, check_order, nasty_versions, version_pairs, versions

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)


def any_versions(scheme: str) -> st.SearchStrategy[str]:
    return st.one_of(versions(scheme), nasty_versions(scheme))


@pytest.mark.slow
@schemes
def test_the_order_is_the_one_of_the_real_tool(scheme: str) -> None:
    """Reflexive, antisymmetric, transitive, and as in the packaged vectors."""
    module = vercmp.SCHEMES[scheme]
    check_order(module.compare, scheme=scheme, max_examples=examples(300))
    check_keys(module.sort_key, scheme=scheme, max_examples=examples(300))


@schemes
@given(data=st.data())
def test_keys_order_as_compare_does(scheme: str, data: st.DataObject) -> None:
    """Equal exactly where compare returns 0, never the beginning of another, and a zero byte is the next place."""
    module = vercmp.SCHEMES[scheme]
    a, b = data.draw(version_pairs(scheme))
    key_a, key_b = module.sort_key(a), module.sort_key(b)
    order = module.compare(a, b)
    assert (key_a > key_b) - (key_a < key_b) == order
    assert (key_a == key_b) == (order == 0)
    assert key_a == key_b or not (key_a.startswith(key_b) or key_b.startswith(key_a))
    assert (key_b < key_a + b"\0") == (order >= 0)


@schemes
@given(data=st.data())
def test_sorting_by_key_is_sorting_by_comparison(scheme: str, data: st.DataObject) -> None:
    module = vercmp.SCHEMES[scheme]
    some = data.draw(st.lists(any_versions(scheme), min_size=1, max_size=12))
    by_comparison = sorted(some, key=functools.cmp_to_key(module.compare))
    assert sorted(some, key=module.sort_key) == by_comparison
    greatest = max(some, key=module.sort_key)
    assert module.compare(greatest, by_comparison[-1]) == 0
    assert module.sort_keys(some) == [module.sort_key(version) for version in some]


@schemes
@given(data=st.data())
def test_parts_are_what_was_cut(scheme: str, data: st.DataObject) -> None:
    module = vercmp.SCHEMES[scheme]
    version = data.draw(any_versions(scheme))
    assert module.split(version) == module.split(version)
    module.validate(version)


@pytest.mark.parametrize("scheme", reference.ORDERS)
@given(data=st.data())
def test_as_the_slow_reference(scheme: str, data: st.DataObject) -> None:
    a, b = data.draw(version_pairs(scheme))
    assert vercmp.compare(a, b, scheme=scheme) == reference.compare(a, b, scheme)
    c = data.draw(any_versions(scheme))
    assert vercmp.compare(a, c, scheme=scheme) == reference.compare(a, c, scheme)
    assert vercmp.sort_key(c, scheme=scheme) == reference.KEYS[scheme](c)


@given(data=st.data())
def test_keys_of_rpm_parts_concatenate(data: st.DataObject) -> None:
    evr = data.draw(any_versions("rpm"))
    epoch, version, release = vercmp.rpm.split(evr)
    tail = b"\0" if release is None else vercmp.rpm.segment_key(release)
    key = vercmp.rpm.sort_key(evr)
    assert key.endswith(vercmp.rpm.segment_key(version) + tail)
    without_epoch = vercmp.rpm.sort_key(f"0:{evr.partition(':')[2] if epoch is not None else evr}")
    assert without_epoch[1:] == vercmp.rpm.segment_key(version) + tail


@given(data=st.data())
def test_keys_of_dpkg_parts_concatenate(data: st.DataObject) -> None:
    """The key of a version without revision ends where that with one goes on."""
    upstream, revision = data.draw(st.from_regex(r"[0-9][A-Za-z0-9.+~]{0,8}", fullmatch=True)), "1.2~3"
    with_revision, without = vercmp.dpkg.sort_key(f"{upstream}-{revision}"), vercmp.dpkg.sort_key(upstream)
    tail = vercmp.dpkg.sort_key("0")[-2:]
    assert without.endswith(tail)
    assert with_revision.startswith(without.removesuffix(tail))
