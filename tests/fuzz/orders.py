"""Runs ``orders.pyx``, which it builds in ``build/fuzz``, on pairs of short texts and on the versions of the vectors.

``make sanitize`` does so under sanitizers, and ``tests/vercmp/test_differences.py`` without.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLAGS = "-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"

# Every sign that the rules of rpm or dpkg are about, with two of each kind that have an order among themselves.
SIGNS = [bytes([sign]) for sign in b"019aZ.-~^:+ \0\x80"]
# What stands around the short texts. Masks are read in sixteens, hold 63 bytes, and 64 do not fit.
PREFIXES = [b"", b"1:", b"0:0", b"1.0-", b"1:0a", b"1-1-", b"10", b"0", b"007", b"a~"] + [
    kind * (size // len(kind)) for size in (6, 14, 16, 30, 32, 46, 58, 60, 62, 64) for kind in (b"1.", b"9", b"-a")
]
SUFFIXES = [b"", b"9", b"-1", b".1-2.el9", b":1a"]
# Before the longest mask, across its end, and in each sixteen of a text alone.
AROUND = [(b"", b"9" * 62), (b"", b"9" * 63), (b"1." * 9, b".1" * 22), (b"1." * 17, b".1" * 10), (b"1." * 9, b".1" * 9)]


def build(built: Path, flags: str) -> None:
    script = (
        "import sys; from Cython.Build import cythonize; from setuptools import Extension, setup; "
        f"setup(name='orders', ext_modules=cythonize([Extension('orders', [{str(HERE / 'orders.pyx')!r}])], "
        f"build_dir={str(built / 'c')!r}), script_args=['--quiet', 'build_ext', '--build-lib', {str(built)!r}, "
        f"'--build-temp', {str(built / 'o')!r}])"
    )
    environment = {name: text for name, text in os.environ.items() if name != "LD_PRELOAD"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment | {"CFLAGS": flags, "LDFLAGS": flags})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scheme")
    parser.add_argument("runs", type=float)
    parser.add_argument("--longest", type=int, default=3, help="of the short texts that are paired, each with each")
    parser.add_argument("--built", type=Path, default=HERE.parents[1] / "build" / "fuzz")
    parser.add_argument("--unsanitized", action="store_true")
    options = parser.parse_args()
    scheme, runs = options.scheme, int(options.runs)
    build(options.built, "" if options.unsanitized else FLAGS)
    sys.path.insert(0, str(options.built))
    import orders

    text = resources.files("vercmp.testing").joinpath("vectors", f"{scheme}.tsv").read_text(encoding="ascii")
    lines = [line.split("\t", 1)[1] for line in text.splitlines() if not line.startswith("#")]
    seeds = [json.loads(f'"{line}"').encode() for line in lines]
    begun = time.monotonic()
    for texts in short_texts(options.longest) if scheme in ("rpm", "dpkg") else ():
        broken = orders.every_pair(scheme, texts)
        if broken is not None:
            raise SystemExit("decided otherwise than by tokens: {!r} and {!r}".format(*broken))
    broken = orders.run(scheme, seeds, runs, time.time_ns())
    if broken is not None:
        raise SystemExit("law {} does not hold of {!r} and {!r}".format(*broken))
    print(f"{scheme}: {runs} pairs in {time.monotonic() - begun:.0f} seconds")


def short_texts(longest: int) -> Iterator[list[bytes]]:
    """Texts to pair, each with each: the longest with nothing around them, shorter ones with everything."""
    texts = [
        [b"".join(signs) for size in range(length + 1) for signs in itertools.product(SIGNS, repeat=size)]
        for length in (longest, longest - 1)
    ]
    yield texts[0]
    for prefix, suffix in [*itertools.product(PREFIXES, SUFFIXES), *AROUND]:
        yield [prefix + text + suffix for text in texts[1]]


if __name__ == "__main__":
    main()
