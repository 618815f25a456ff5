"""What is compiled to be measured: the empty Cython call, compiled as the core is, and orders called from C."""

import functools
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

_SOURCE = Path(__file__).parent / "_empty.pyx"
_FROM_C = Path(__file__).parent / "_from_c.pyx"
_FLAVOURS: dict[str, dict[str, Any]] = {
    "normal": {},
    "abi3": {"define_macros": [("Py_LIMITED_API", "0x030B0000")], "py_limited_api": True},
}


def flavour_of_core() -> str:
    import vercmp._rpmvercmp

    return "abi3" if ".abi3." in Path(vercmp._rpmvercmp.__file__).name else "normal"


def build(flavour: str, folder: Path) -> Path:
    """Compile the floor into *folder*; the path of the extension module."""
    return _compiled(_SOURCE, folder, **_FLAVOURS[flavour])


def _compiled(source: Path, folder: Path, **options: Any) -> Path:
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    extension = Extension(source.stem, [str(shutil.copy(source, folder))], **options)
    extensions = cythonize([extension], quiet=True, compiler_directives={"language_level": 3}, include_path=sys.path)
    command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = str(folder)
    command.build_temp = str(folder / "objects")
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(source.stem))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.name.partition(".")[0], path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no extension module of this Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def _module() -> ModuleType:
    # The folder may go once the module is loaded.
    with tempfile.TemporaryDirectory(prefix="vercmp-floor-") as folder:
        return load(build(flavour_of_core(), Path(folder)))


def empty() -> Callable[[object, object], int]:
    """A call with two arguments that does nothing."""
    function: Callable[[object, object], int] = _module().empty
    return function


def empty_one() -> Callable[[object], object]:
    """A call with one argument that does nothing, and returns it."""
    function: Callable[[object], object] = _module().empty_one
    return function


@functools.cache
def from_c() -> ModuleType | None:
    """``Pairs(lefts, rights)`` with its ``ours`` and ``libapt``. None where the headers of libapt are not."""
    from setuptools.errors import CompileError, LinkError

    with tempfile.TemporaryDirectory(prefix="vercmp-floor-") as folder:
        try:
            return load(_compiled(_FROM_C, Path(folder), libraries=["apt-pkg"]))
        except (CompileError, LinkError):
            return None
