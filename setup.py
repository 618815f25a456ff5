"""The extensions and their flavours. Everything else about the package is in pyproject.toml.

``VERCMP_BUILD`` chooses the flavour:

normal    for this very Python (the default)
abi3      one binary for CPython 3.11 and later (the limited API)
sanitize  AddressSanitizer and UBSan, for ``make sanitize``
fuzz      these with the counters of libFuzzer, by Clang (``CC=clang``), for ``make fuzz-compiled``
trace     line tracing, without the GIL too, for ``make coverage``. Generated C lies beside the sources, where the
          plugin of coverage looks for it, so build this flavour in a copy of the tree

Build a flavour beside the others with ``python setup.py build --build-base build/NAME``: generated C
is kept apart, objects are kept apart by that folder only.
"""

import os
import re
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

MODULES = [
    "vercmp._rpmvercmp",
    "vercmp._dpkg",
    "vercmp._apk",
    "vercmp._pep440",
    "vercmp._semver",
    "vercmp._gem",
    "vercmp._sorting",
    "vercmp._columns",
    "vercmp._intervals",
    "advisories.models._slots",
    "advisories.readers.inventories._stanzas",
    "advisories.sources._colons",
    "advisories.models._keyed",
    "advisories.matching._standing",
    "advisories.store._draft_rows",
]

# Each interpreter of a process has its own objects and types: none is in a variable of C.
MACROS = [("CYTHON_USE_MODULE_STATE", "1"), ("CYTHON_USE_TYPE_SPECS", "1")]
# Debugging symbols, which Python's own flags request, would be more than half of a wheel.
RELEASE = {"extra_compile_args": ["-g0"]}
CHECKED = ["-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
FLAVOURS = {
    "normal": RELEASE,
    "abi3": {"define_macros": [("Py_LIMITED_API", "0x030B0000")], "py_limited_api": True, **RELEASE},
    "sanitize": {
        "extra_compile_args": ["-O1", *CHECKED, "-fsanitize=address,undefined"],
        "extra_link_args": ["-fsanitize=address,undefined"],
    },
    # The program that loads it brings the sanitizers along.
    "fuzz": {
        "extra_compile_args": [
            "-O2",
            *CHECKED,
            "-fsanitize=fuzzer-no-link,address,undefined",
            # Half again as many runs a second. The seeds have the words that comparisons would teach.
            "-fno-sanitize-coverage=trace-cmp",
            "-fsanitize-coverage-allowlist=tests/fuzz/counted.txt",
        ],
    },
    "trace": {
        "define_macros": [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")],
        "extra_compile_args": ["-O1", "-g0", "-w"],
    },
}

flavour = os.environ.get("VERCMP_BUILD", "normal")
if flavour not in FLAVOURS:
    raise SystemExit(f"VERCMP_BUILD is {flavour!r}; there are: {', '.join(FLAVOURS)}")

options = {**FLAVOURS[flavour], "define_macros": MACROS + FLAVOURS[flavour].get("define_macros", [])}
extensions = cythonize(
    [Extension(name, [f"src/{name.replace('.', '/')}.pyx"], **options) for name in MODULES],
    build_dir=None if flavour == "trace" else f"build/cython/{flavour}",
    compiler_directives={
        "language_level": 3,
        "linetrace": flavour == "trace",
        "freethreading_compatible": True,
        "subinterpreters_compatible": "own_gil",
    },
)

if flavour == "trace":
    # A traced function hands its result to the tracer as an object. Made of a C struct, that reads each pointer in it
    # as a text that NUL ends, which ours are not, and some are null. Nothing reads these objects: the tracer gets None.
    for extension in extensions:
        for source in map(Path, extension.sources):
            generated = source.read_text()
            harmless = re.sub(
                r"__Pyx_TraceReturnCValue\(__pyx_r, __pyx_convert__to_py_struct\w+,",
                "__Pyx_TraceReturnValue(Py_None,",
                generated,
            )
            if harmless != generated:
                source.write_text(harmless)

setup(
    ext_modules=extensions,
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if flavour == "abi3" else {},
)
