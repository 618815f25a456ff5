"""The extensions and their flavours; everything else about the package is in pyproject.toml.

``VERCMP_BUILD`` chooses the flavour:

normal    for this very Python (the default)
abi3      one binary for CPython 3.11 and later (the limited API)
sanitize  AddressSanitizer and UBSan, for ``make sanitize``
trace     line tracing, for coverage of the .pyx files

Build a flavour beside the others with ``python setup.py build --build-base build/NAME``: generated C
is kept apart, objects are told apart by that folder only.
"""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

MODULES = [
    "vercmp._rpmvercmp",
    "vercmp._dpkg",
    "vercmp._apk",
    "vercmp._intervals",
    "advisories.readers.inventories._slots",
    "advisories.readers.inventories._files",
    "advisories.readers.inventories._header",
    "advisories.readers.inventories._rows",
    "advisories.readers.inventories._texts",
]

# Debugging symbols, which Python's own flags ask for, would be more than half of a wheel.
RELEASE = {"extra_compile_args": ["-g0"]}
FLAVOURS = {
    "normal": RELEASE,
    "abi3": {"define_macros": [("Py_LIMITED_API", "0x030B0000")], "py_limited_api": True, **RELEASE},
    "sanitize": {
        "extra_compile_args": [
            "-O1",
            "-g",
            "-fno-omit-frame-pointer",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
        ],
        "extra_link_args": ["-fsanitize=address,undefined"],
    },
    "trace": {"define_macros": [("CYTHON_TRACE", "1"), ("CYTHON_USE_SYS_MONITORING", "0")]},
}

flavour = os.environ.get("VERCMP_BUILD", "normal")
if flavour not in FLAVOURS:
    raise SystemExit(f"VERCMP_BUILD is {flavour!r}; there are: {', '.join(FLAVOURS)}")

setup(
    ext_modules=cythonize(
        [Extension(name, [f"src/{name.replace('.', '/')}.pyx"], **FLAVOURS[flavour]) for name in MODULES],
        build_dir=f"build/cython/{flavour}",
        compiler_directives={"language_level": 3, "linetrace": flavour == "trace"},
    ),
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if flavour == "abi3" else {},
)
