"""Runs ``orders.pyx``, which it builds in ``build/fuzz``, on the versions of the vectors: ``make sanitize``.

python tests/fuzz/orders.py SCHEME RUNS
"""

import json
import os
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "build" / "fuzz"
FLAGS = "-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"


def build() -> None:
    script = (
        "import sys; from Cython.Build import cythonize; from setuptools import Extension, setup; "
        f"setup(name='orders', ext_modules=cythonize([Extension('orders', [{str(HERE / 'orders.pyx')!r}])], "
        f"build_dir={str(BUILT / 'c')!r}), script_args=['--quiet', 'build_ext', '--build-lib', {str(BUILT)!r}, "
        f"'--build-temp', {str(BUILT / 'o')!r}])"
    )
    environment = {name: text for name, text in os.environ.items() if name != "LD_PRELOAD"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment | {"CFLAGS": FLAGS, "LDFLAGS": FLAGS})


def main() -> None:
    scheme, runs = sys.argv[1], int(float(sys.argv[2]))
    build()
    sys.path.insert(0, str(BUILT))
    import orders

    text = resources.files("vercmp.testing").joinpath("vectors", f"{scheme}.tsv").read_text(encoding="ascii")
    lines = [line.split("\t", 1)[1] for line in text.splitlines() if not line.startswith("#")]
    seeds = [json.loads(f'"{line}"').encode() for line in lines]
    begun = time.monotonic()
    broken = orders.run(scheme, seeds, runs, time.time_ns())
    if broken is not None:
        raise SystemExit("law {} does not hold of {!r} and {!r}".format(*broken))
    print(f"{scheme}: {runs} pairs in {time.monotonic() - begun:.0f} seconds")


if __name__ == "__main__":
    main()
