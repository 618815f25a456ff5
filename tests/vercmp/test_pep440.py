"""PEP 440: what lies between a version and its last local version, by packaging's own specifiers."""

from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from vercmp import pep440
from vercmp.testing import nasty_versions

VERSIONS = nasty_versions("pep440") | st.builds(
    "{}{}{}".format,
    st.sampled_from(["1", "1.0", "1.0.1", "2!1"]),
    st.sampled_from(["", "rc1", ".dev1", ".post1", ".post0.dev0", "rc1.post2.dev3"]),
    st.sampled_from(["", "+cu126", "+cpu", "+1", "+a.1"]),
)


@settings(max_examples=examples(500))
@example("1.0", "1.0+cu126")
@example("1.0+cu126", "1.0+cu126.1")
@given(VERSIONS, VERSIONS)
def test_keys_of_what_a_specifier_is_equal_to(version: str, other: str) -> None:
    key = pep440.sort_key(version)
    held = key <= pep440.sort_key(other) < pep440.above_local(key)
    assert held is SpecifierSet(f"=={Version(version)}").contains(Version(other), prereleases=True)
