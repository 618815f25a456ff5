"""What having vercmp costs before it compares anything: size of the wheel, size and time of the import."""

import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

_ROUNDS = 200
# The resident size in KiB, by what /proc says; 0 where there is none.
_RESIDENT = """
def resident():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    except OSError:
        return 0
"""
_IMPORT = f"""
import sys
sys.path.insert(0, sys.argv[1])
{_RESIDENT}
before, modules = resident(), set(sys.modules)
import vercmp
print(resident() - before, len(set(sys.modules) - modules))
"""


class Footprint(NamedTuple):
    wheel_bytes: int
    # Of the package vercmp alone, on disk: what import may read.
    package_bytes: int
    extension_bytes: int
    bare_seconds: float
    import_seconds: float
    resident_kib: int
    modules: int


def measure(wheel: Path, folder: Path) -> Footprint:
    """Unpack the wheel in *folder* and import it from there: an editable install would add its own machinery."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
        inside = [entry for entry in packed.infolist() if entry.filename.startswith("vercmp/")]
    bare = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1])", str(folder)]
    ours = [*bare[:3], f"{bare[3]}; import vercmp", str(folder)]
    best = {"bare": float("inf"), "ours": float("inf")}
    for _ in range(_ROUNDS):
        for name, command in (("bare", bare), ("ours", ours)):
            start = time.perf_counter()
            subprocess.run(command, check=True)
            best[name] = min(best[name], time.perf_counter() - start)
    said = subprocess.run(
        [sys.executable, "-I", "-c", _IMPORT, str(folder)], check=True, capture_output=True, text=True
    ).stdout.split()
    return Footprint(
        wheel_bytes=wheel.stat().st_size,
        package_bytes=sum(entry.file_size for entry in inside),
        extension_bytes=sum(entry.file_size for entry in inside if entry.filename.endswith((".so", ".pyd"))),
        bare_seconds=best["bare"],
        import_seconds=best["ours"] - best["bare"],
        resident_kib=int(said[0]),
        modules=int(said[1]),
    )
