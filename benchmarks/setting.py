"""On what it was measured, as far as it says something to others."""

import platform
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from benchmarks import floor, records


def facts() -> dict[str, str]:
    """Name to value, in a fixed order."""
    return {
        "vercmp": f"{metadata.version('vercmp')}, {floor.flavour_of_core()} build",
        "versions": "real archives"
        if records.DATA.is_dir()
        else "those of the repository: the real archives are not there",
        "Python": f"{platform.python_implementation()} {platform.python_version()}{_optimised()}",
        "Cython": metadata.version("Cython"),
        "compiler": f"{_compiler()}, `{_flags()}`",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _optimised() -> str:
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return ", profile-guided" if "--enable-optimizations" in arguments else ", not profile-guided"


def _compiler() -> str:
    command = (sysconfig.get_config_var("CC") or "cc").split()[0]
    try:
        said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return platform.python_compiler()
    return said.splitlines()[0]


def _flags() -> str:
    """What matters of the flags extensions are compiled with."""
    flags = (sysconfig.get_config_var("CFLAGS") or "").split()
    return " ".join(dict.fromkeys(flag for flag in flags if flag.startswith(("-O", "-m", "-flto", "-fwrapv"))))


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
