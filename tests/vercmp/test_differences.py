"""What masks show at the first difference is what the tokens decide, and refusals have the same reasons."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

import vercmp

SIGNS = "019aZ.-~^:+ \0é"
SHORT = ["".join(signs) for size in range(3) for signs in itertools.product(SIGNS, repeat=size)]

schemes = pytest.mark.parametrize("scheme", ["rpm", "dpkg"])


@schemes
@pytest.mark.parametrize(
    ("prefix", "suffix"),
    [("", ""), ("1:", "-1"), ("0", ".1-2"), ("10-a", "9"), ("1.0-1.el9_", "-1"), ("1." * 30, "1-2a")],
)
def test_short_pairs_are_decided_as_their_keys_are(scheme: str, prefix: str, suffix: str) -> None:
    order = vercmp.SCHEMES[scheme]
    outcomes: list[bytes | str] = []
    texts = [f"{prefix}{short}{suffix}" for short in SHORT]
    for text in texts:
        try:
            outcomes.append(order.sort_key(text))
        except vercmp.InvalidVersion as error:
            outcomes.append(str(error))
    for (a, one), (b, other) in itertools.product(zip(texts, outcomes, strict=True), repeat=2):
        if isinstance(one, bytes) and isinstance(other, bytes):
            assert order.compare(a, b) == (one > other) - (one < other), (a, b)
            continue
        with pytest.raises(vercmp.InvalidVersion) as caught:
            order.compare(a, b)
        assert str(caught.value) == (one if isinstance(one, str) else other)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package built as on machines without SSE2, from a copy of the tree: builds of one tree share folders."""
    copy = tmp_path_factory.mktemp("plain")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, copy)
    subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build", "--build-lib", "built"],
        cwd=copy,
        env=os.environ | {"CPPFLAGS": "-DVERCMP_PLAIN_MASKS"},
        check=True,
        timeout=600,
    )
    return copy / "built"


@pytest.mark.slow
@schemes
@pytest.mark.parametrize("build", ["installed", "plain"])
def test_every_short_pair_by_tokens(scheme: str, build: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    library = request.getfixturevalue("plain") if build == "plain" else Path(vercmp.__file__).parents[1]
    fuzzed = ROOT / "tests" / "fuzz" / "orders.py"
    subprocess.run(
        [sys.executable, fuzzed, scheme, "1e6", "--unsanitized", "--built", tmp_path],
        env=os.environ | {"PYTHONPATH": str(library)},
        check=True,
        timeout=600,
    )
