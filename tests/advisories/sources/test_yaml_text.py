"""YAML: anchors, repeated keys, depth and second documents are refused, whatever they look like."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisories.sources.yaml_text import RefusedYaml, yaml_value


def why(text: str | bytes) -> tuple[str, str]:
    with pytest.raises(RefusedYaml) as refused:
        yaml_value(text if isinstance(text, bytes) else text.encode(), "x")
    return refused.value.place, refused.value.why


def test_texts_stay_texts() -> None:
    assert yaml_value(b"a: 1.10\nb: [yes, 012, 2024-01-01, ~]\nc: {d: '&x *y'}\n", "x") == {
        "a": "1.10",
        "b": ["yes", "012", "2024-01-01", "~"],
        "c": {"d": "&x *y"},
    }
    assert yaml_value(b"a: x & y * z\n", "x") == {"a": "x & y * z"}


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x\n",
        "a: &_-9 1\n",
        "- &- 1\n",
        "&x a: 1\n",
        "a:\n  &x\n  - 1\n",
        "[&x a, *x ]",
        "? &x a\n: 1",
        "!!str &x a",
    ],
)
def test_anchors(text: str) -> None:
    assert why(text)[1] == "anchors and aliases of YAML are not read"


def test_aliases_that_grow() -> None:
    lines = ["a: &e0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 40):
        aliases = ", ".join([f"*e{number - 1}"] * 10)
        lines.append(f"a{number}: &e{number} [{aliases}]")
    begun = time.monotonic()
    assert why("\n".join(lines))[1] == "anchors and aliases of YAML are not read"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "x:\n  - {a: 1, 'a': 2}\n", "x: {? a : 1, a: 2}"])
def test_a_repeated_key(text: str) -> None:
    place, reason = why(text)
    assert reason == "not YAML: the key 'a' stands twice in one mapping"
    assert place.startswith("line ")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "\n".join(" " * n + "a:" for n in range(2000)),
        "[" * 200 + "]" * 200,
        "\n".join(" " * n + "-" for n in range(1500)),
        "? " * 50_000,
        "-  " * 50_000,
        "- ? " * 50_000,
        "? \t- " * 50_000,
        "\n".join(f"{' ' * 2 * n}? - a:" for n in range(49)) + " " + "? " * 50_000,
    ],
    ids=lambda text: text[:4].strip(),
)
def test_depth(text: str) -> None:
    assert "deep" in why(text)[1] or why(text)[1].startswith("not YAML")


@pytest.mark.parametrize(
    "text", [b"a: 1\n---\nb: 2\n", b"a: 1\n...\nb", b"a: \xff", b"a: \x00", b"[a", b"a: 1\nb", b"{a: {b: 1}: 2}"]
)
def test_what_is_no_document(text: bytes) -> None:
    assert why(text)[1].startswith("not YAML: ")


values = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans(), st.sampled_from([None, '"', "'"]))
def test_the_value_is_that_of_the_library(value: object, flow: bool, style: str | None) -> None:
    class WithoutAnchors(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    text = yaml.dump(value, Dumper=WithoutAnchors, default_flow_style=flow, default_style=style)
    assert yaml_value(text.encode(), "x") == yaml.load(text, Loader=yaml.BaseLoader)
