"""Builds ``guided.pyx`` and runs one of its targets under libFuzzer: ``make fuzz-compiled``. It needs Clang.

python tests/fuzz/guided.py                       prints the targets
python tests/fuzz/guided.py --clang               prints the compiler
python tests/fuzz/guided.py --build               builds the program in build/fuzz-compiled
python tests/fuzz/guided.py TARGET [OPTION ...]   runs it with these options of libFuzzer

Clang is ``CLANG`` of the environment, else ``clang`` or the newest ``clang-N`` on the path. Options of libFuzzer are
``-runs=100000000`` or the name of a file to run once.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import sysconfig
from contextlib import suppress
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = ROOT / "build" / "fuzz-compiled"
ORDERS = ("rpm", "dpkg", "apk", "pep440", "semver", "gem")
TARGETS = (*ORDERS, "intervals", "pickles", "headers")
#: Groups, with and without bounds, a damaged pickle, and headers: ``guided.pyx`` says what each byte is.
SEEDS = {
    "intervals": [b"", b"\x01\x13\x01a\x02bc\x57a\x00b\xffa", b"\0\x55a\x59a\x55b\x81\x16c\x57adb"],
    "headers": [
        b"\0\x06./a//b\x32\x080000755\0\x3e\x0c00000000017\0\x4e\x010\x80\x09\0ustar\x0000\xac\x04\0pfx",
        b"\0\x02..\x32\x080000644\0\x3e\x0c00000000000\0\x4e\x025t",
        b"\0\x01a\x32\x080000644\0\x3e\x0c00000000000\0\x4e\x042b/c\x4a\x08010000\0 ",
    ],
    "pickles": [b"\0\0\0\0\0", b"\3\2\2\5\3\2\1\1\1\1ab\0\1\1\1\1\7\5\3", b"\3\1\1\1\1\1\1\0\xf0a\0\1"],
}
_SMALLEST = b"int LLVMFuzzerTestOneInput() { return 0; }"


def clang() -> str:
    """The first compiler that makes a program of libFuzzer's: Debian packs the runtime libraries by themselves."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    found = {path.name for folder in folders if folder.is_dir() for path in folder.glob("clang-*")}
    versions = sorted((int(name[6:]) for name in found if re.fullmatch(r"clang-\d+", name)), reverse=True)
    named = os.environ.get("CLANG")
    flags = ["-x", "c", "-fsanitize=fuzzer,address,undefined", "-o", os.devnull, "-"]
    for compiler in [named] if named else ["clang", *(f"clang-{version}" for version in versions)]:
        with suppress(FileNotFoundError):
            tried = subprocess.run(
                [compiler, *flags],
                input=_SMALLEST,
                capture_output=True,
                check=False,
            )
            if tried.returncode == 0:
                return compiler
    raise SystemExit("make fuzz-compiled needs Clang and its runtime libraries: clang and libclang-rt-dev, or CLANG=")


def build() -> Path:
    """The program, built anew."""
    compiler = clang()
    environment = os.environ | {"CC": compiler, "VERCMP_BUILD": "fuzz"}
    flavour = ["build", "--build-base", str(BUILT / "modules"), "--build-lib", str(BUILT / "lib")]
    subprocess.run([sys.executable, "setup.py", "--quiet", *flavour], check=True, cwd=ROOT, env=environment)
    generated, program = BUILT / "guided.c", BUILT / "guided"
    translate = [
        "-m",
        "cython",
        "-I",
        str(HERE),
        "-I",
        str(ROOT / "src"),
        "-o",
        str(generated),
        str(HERE / "guided.pyx"),
    ]
    subprocess.run([sys.executable, *translate], check=True)
    value = sysconfig.get_config_var
    python = [f"-I{sysconfig.get_path('include')}", f"-L{value('LIBDIR')}", f"-L{value('LIBPL')}"]
    python += [f"-lpython{value('LDVERSION')}", *f"{value('LIBS')} {value('SYSLIBS')} {value('LINKFORSHARED')}".split()]
    # The laws are not what is to be reached: no counters in them.
    flags = ["-O2", "-g", "-w", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run([compiler, *flags, "-c", str(generated), "-o", f"{program}.o", *python[:1]], check=True)
    linked = ["-fsanitize=fuzzer,address,undefined", f"{program}.o", "-o", str(program), *python[1:]]
    subprocess.run([compiler, *linked], check=True)
    return program


def seeds(target: str) -> list[bytes]:
    """Pairs of neighbouring versions of the vectors, or what this file has."""
    if target in SEEDS:
        return SEEDS[target]
    text = resources.files("vercmp.testing").joinpath("vectors", f"{target}.tsv").read_text(encoding="ascii")
    lines = [line.split("\t", 1)[1] for line in text.splitlines() if not line.startswith("#")]
    versions = [json.loads(f'"{line}"').encode() for line in lines]
    return [b"\n".join(pair) for pair in itertools.pairwise(versions)]


def main() -> None:
    if not sys.argv[1:]:
        print(*TARGETS)
        return
    if sys.argv[1] == "--clang":
        print(clang())
        return
    if sys.argv[1] == "--build":
        build()
        return
    target, *options = sys.argv[1:]
    program = BUILT / "guided"
    if not program.exists():
        build()
    corpus = BUILT / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    environment = os.environ | {
        "TARGET": target,
        "PYTHONHOME": sys.base_prefix,
        "PYTHONPATH": str(BUILT / "lib"),
        "PYTHONMALLOC": "malloc",
        # Python keeps what it made of itself. Where memory was taken is not remembered, which is a third of the time: a
        # find is run again with ASAN_OPTIONS=malloc_context_size=30.
        "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=1:" + os.environ.get("ASAN_OPTIONS", ""),
    }
    # Files are run, folders are corpora: never both.
    inputs = [] if any(not option.startswith("-") for option in options) else [str(corpus)]
    os.execve(program, [str(program), f"-artifact_prefix={BUILT}/{target}-", *options, *inputs], environment)


if __name__ == "__main__":
    main()
