"""The gauge of prose counts words of prose and nothing of code."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from places import ROOT

PAGE = """\
# A title that says four

Text says `what; it says`, {doc}`asked` and [told](says;x "y"); one.

    say; tell

- An item
  that is told; here

      ask;

```text
ask;
```

| `a`; `b` | asked; twice |
|---|---|
<https://said.example/;ask>&nbsp;
"""

MODULE = '''\
"""Says one thing; another::

    ask; tell

Then prose.
"""

NOT_ONE = """ask; ask"""  # pragma: no cover; ask
KEPT = "# ask;"  # What is told; here.

#: What `one;
#: asks;` is ours.


def function():
    """What :func:`asked` is told.

    >>> "say;"
    'say;'

        say;

    :param told: A value that is asked for.
    """
'''

CYTHON = '''\
# cython: language_level=3
"""Says one thing; another."""

cdef extern from *:
    """
    say; ask;
    """

# One says;
# another.
cdef int f(
    int a,
):
    """What is told,
    in two lines that say it."""
    return "told"
'''


@pytest.fixture(scope="module")
def prose() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prose", ROOT / "tools" / "prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["prose"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        (
            "page.md",
            PAGE,
            18,
            {1: ["say"], 3: ["say", "tell", "semicolon"], 8: ["tell", "semicolon"], 16: ["ask", "semicolon"]},
        ),
        ("module.py", MODULE, 22, {1: ["say", "semicolon"], 9: ["tell", "semicolon"], 16: ["tell"], 23: ["ask"]}),
        ("module.pyx", CYTHON, 16, {2: ["say", "semicolon"], 9: ["say", "semicolon"], 14: ["tell"], 15: ["say"]}),
    ],
)
def test_hits(
    prose: ModuleType, tmp_path: Path, name: str, text: str, words: int, expected: dict[int, list[str]]
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert dict(prose.hits(prose.read(path))) == expected
    assert prose.count(path).words == words
