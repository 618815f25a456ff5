"""Changes what is compiled of matching in one place at a time, and some test must fail: ``make mutation-compiled``.

    python tools/mutate_compiled.py                        every change of both modules
    python tools/mutate_compiled.py _standing 40 43        those of one module, from the 40th to before the 43rd

mutmut knows Python alone. A change is a bound that is flipped, a condition that is turned, a step that is left out, a
check that does not refuse. What survives is printed with its line: a test is missing, or the change changes nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TREE: Final = ROOT / "build" / "mutation"
#: The modules, and the tests that hold them, the quickest first.
MODULES: Final = {
    "advisories/matching/_standing": ("matching/test_standing.py",),
    "advisories/store/_draft_rows": ("store/test_draft_rows.py", "store/test_drafts.py"),
}
#: What is written, and what takes its place.
CHANGES: Final = (
    (" <= ", " < "),
    (" < ", " <= "),
    (" >= ", " > "),
    (" > ", " >= "),
    (" == ", " != "),
    (" != ", " == "),
    (" is not None", " is None"),
    (" is not ", " is "),
    (" not in ", " in "),
    (" or ", " and "),
    (" and ", " or "),
    (" + 1", ""),
    (" - 1", ""),
    (" += 1", " -= 1"),
    ("= NONE", "= UNSEEN"),
    ("return NONE", "return UNSEEN"),
    ("if ", "if not "),
    ("continue", "pass"),
    ("raise ", "pass  # "),
)
_DOCSTRING: Final = re.compile(r'""".*?"""', re.DOTALL)
# A test that runs so long is one that never ends.
_PATIENCE: Final = 600


def mutants(text: str) -> Iterator[tuple[int, str, str]]:
    """The line of each change, the line as it is then, and the whole text."""
    within = {
        number
        for found in _DOCSTRING.finditer(text)
        for number in range(text.count("\n", 0, found.start()), text.count("\n", 0, found.end()) + 1)
    }
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number in within or line.lstrip().startswith(("#", "cdef enum", "from ", "cimport ")):
            continue
        for old, new in CHANGES:
            for place in [found.start() for found in re.finditer(re.escape(old), line)]:
                if line.count('"', 0, place) % 2:
                    # A word of a message.
                    continue
                changed = line[:place] + new + line[place + len(old) :]
                yield number + 1, changed.strip(), "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def built(module: str, text: str) -> bool:
    """Whether the module can be compiled from a text. It takes its place in the copied tree then."""
    source = TREE / "src" / f"{module}.pyx"
    source.write_text(text)
    generated = source.with_suffix(".c")
    translated = subprocess.run(
        [sys.executable, "-m", "cython", "-3", "-I", str(TREE / "src"), "-o", str(generated), str(source)],
        capture_output=True,
        check=False,
    )
    if translated.returncode:
        return False
    target = source.with_name(f"{source.stem}{sysconfig.get_config_var('EXT_SUFFIX')}")
    compiler = ["cc", "-O1", "-w", "-shared", "-fPIC", "-fwrapv", f"-I{sysconfig.get_path('include')}"]
    target.unlink(missing_ok=True)
    compiled = subprocess.run([*compiler, "-o", str(target), str(generated)], capture_output=True, check=False)
    return compiled.returncode == 0


def passes(tests: tuple[str, ...]) -> bool:
    """Whether all tests of a module pass. A process that crashes, or does not end, does not."""
    environment = os.environ | {"PYTHONPATH": str(TREE / "src"), "VERCMP_EXPECTED_LIB": str(TREE / "src")}
    options = ["-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    paths = [f"tests/advisories/{test}" for test in tests]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main(chosen: str = "", begin: str = "0", end: str = "1000000") -> None:
    """Try the changes of the modules whose names end so, and print what survives."""
    if not TREE.exists():
        shutil.copytree(ROOT / "src", TREE / "src", ignore=shutil.ignore_patterns("__pycache__"))
    tried = caught = refused = 0
    for module, tests in MODULES.items():
        if not module.endswith(chosen):
            continue
        text = (ROOT / "src" / f"{module}.pyx").read_text()
        if not built(module, text) or not passes(tests):
            raise SystemExit(f"{module}: it does not compile, or its tests fail, without any change")
        for number, line, changed in list(mutants(text))[int(begin) : int(end)]:
            if not built(module, changed):
                refused += 1
                continue
            tried += 1
            if passes(tests):
                print(f"survives: {module}.pyx:{number}: {line}", flush=True)
            else:
                caught += 1
        built(module, text)
    print(f"{caught} of {tried} caught, {refused} more do not compile")


if __name__ == "__main__":
    main(*sys.argv[1:])
