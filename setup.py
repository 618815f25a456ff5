"""The extensions and their flavours, and archives that come out the same twice. All else is in pyproject.toml.

``VERCMP_BUILD`` chooses the flavour:

normal    for this very Python (the default)
symbols   the same with the debugging symbols that Python's flags and yours ask for, for packages of distributions
abi3      one binary for CPython 3.11 and later (the limited API)
sanitize  AddressSanitizer and UBSan, for ``make sanitize``
threads   ThreadSanitizer, for ``make threads``
fuzz      the former with the counters of libFuzzer, by Clang (``CC=clang``), for ``make fuzz-compiled``
trace     line tracing, without the GIL too, for ``make coverage``. Generated C lies beside the sources, where the
          plugin of coverage looks for it, so build this flavour in a copy of the tree

Build a flavour beside the others with ``python setup.py build --build-base build/NAME``: generated C
is kept apart, objects are kept apart by that folder only.

The same sources, tools and ``SOURCE_DATE_EPOCH`` give the same bytes, whatever the folder, the umask and the user.
setuptools sets the times in a wheel, and this file those in an sdist.
"""

import gzip
import json
import os
import re
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

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
    "advisories.sources._members",
    "advisories.models._keyed",
    "advisories.matching._standing",
    "advisories.store._draft_rows",
]

# Each interpreter of a process has its own objects and types: none is in a variable of C.
MACROS = [("CYTHON_USE_MODULE_STATE", "1"), ("CYTHON_USE_TYPE_SPECS", "1")]
# The lock of that state is Python's own from 3.13 on. On 3.12 it is one of POSIX: that of C11 would need glibc 2.34.
MACROS += [("__STDC_NO_THREADS__", "1")]
# Debugging symbols, which Python's own flags request, would be more than half of a wheel.
RELEASE = {"extra_compile_args": ["-g0"]}
CHECKED = ["-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
FLAVOURS = {
    "normal": RELEASE,
    "symbols": {},
    "abi3": {"define_macros": [("Py_LIMITED_API", "0x030B0000")], "py_limited_api": True, **RELEASE},
    "sanitize": {
        "extra_compile_args": ["-O1", *CHECKED, "-fsanitize=address,undefined"],
        "extra_link_args": ["-fsanitize=address,undefined"],
    },
    "threads": {
        "extra_compile_args": ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=thread"],
        "extra_link_args": ["-fsanitize=thread"],
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


def mode(path: Path) -> int:
    """The mode of a file or folder in an archive, whatever the umask was: that it can be run is all that counts."""
    return 0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644


class Linked(build_ext):
    """Extensions without the folder of this Python's library in them: they load nothing from there."""

    def build_extensions(self) -> None:
        linker = getattr(self.compiler, "linker_so", None)
        if linker:
            self.compiler.linker_so = [word for word in linker if not word.startswith(("-Wl,-rpath", "-Wl,-R"))]
        super().build_extensions()


class SourceArchive(sdist):
    """A tar archive whose members are sorted, have no owner, and are of the time of ``SOURCE_DATE_EPOCH``."""

    def make_archive(
        self, base_name: str, format: str, *places: Any, base_dir: str | None = None, **owners: Any
    ) -> str:
        if format != "gztar" or base_dir is None:
            return super().make_archive(base_name, format, *places, base_dir=base_dir, **owners)
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        name = f"{base_name}.tar.gz"
        with (
            open(name, "wb") as file,
            # Without a name, or the compressed file would have that of this folder in it.
            gzip.GzipFile("", "wb", 9, file, mtime=int(epoch or 0)) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for path in sorted(path for path in Path(base_dir).rglob("*") if path.is_file()):
                member = tarfile.TarInfo(path.as_posix())
                member.size = path.stat().st_size
                member.mode = mode(path)
                member.mtime = int(epoch or path.stat().st_mtime)
                with path.open("rb") as source:
                    archive.addfile(member, source)
        return name


class Wheel(bdist_wheel):
    """A wheel with a list of what is built into it (PEP 770), and with modes that do not depend on the umask."""

    def write_wheelfile(self, wheelfile_base: str, *others: Any, **named: Any) -> None:
        super().write_wheelfile(wheelfile_base, *others, **named)
        boms = Path(wheelfile_base, "sboms")
        boms.mkdir()
        boms.joinpath("vercmp.cdx.json").write_text(json.dumps(self.bill_of_materials(), indent=2) + "\n")
        for path in Path(self.bdist_dir).rglob("*"):
            path.chmod(mode(path))

    def bill_of_materials(self) -> dict[str, Any]:
        """CycloneDX without a time or a number of its own, so that it is the same twice.

        The C that Cython writes has functions of Cython's in it: they are in the wheel. setuptools is a tool alone.
        """

        def component(kind: str, name: str, version: str, **more: Any) -> dict[str, Any]:
            return {"type": kind, "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", **more}

        own = component("library", "vercmp", self.distribution.get_version(), **{"bom-ref": "vercmp"})
        cython = component("library", "cython", version("cython"), **{"bom-ref": "cython"})
        for one in (own, cython):
            one["licenses"] = [{"license": {"id": "Apache-2.0"}}]
        return {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "lifecycles": [{"phase": "build"}],
                "tools": {"components": [component("application", "setuptools", version("setuptools"))]},
                "component": own,
            },
            "components": [cython],
            "dependencies": [{"ref": "vercmp", "dependsOn": ["cython"]}, {"ref": "cython"}],
        }


setup(
    cmdclass={"bdist_wheel": Wheel, "build_ext": Linked, "sdist": SourceArchive},
    ext_modules=extensions,
    # As many extensions at once as there are processors.
    options={"build_ext": {"parallel": True}}
    | ({"bdist_wheel": {"py_limited_api": "cp311"}} if flavour == "abi3" else {}),
)
