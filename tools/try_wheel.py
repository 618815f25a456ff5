"""Tries an installed vercmp: python tools/try_wheel.py, by the interpreter that it is installed for, from any folder.

Every extension is imported, and the commands are run on the bundled host. That holds for a wheel and for a package of a
distribution, where the list of installed files is missing and commands are in another folder than pip's.
python tools/try_wheel.py vercmp=NAME is for packages that call that command otherwise.
"""

import importlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "src"
EXAMPLE = SOURCES.parent / "examples" / "almalinux-9"
HOST = [f"--inventory={EXAMPLE / 'host.tsv'}", f"--feed={EXAMPLE / 'advisories.jsonl'}"]


def command(program: str, *rest: str) -> str:
    """What a command prints: the one beside this interpreter, else that of the path."""
    program = dict(word.split("=", 1) for word in sys.argv[1:]).get(program, program)
    beside = Path(sysconfig.get_path("scripts"), program)
    path = str(beside) if beside.exists() else shutil.which(program)
    assert path is not None, f"no command {program}"
    return subprocess.run([path, *rest], capture_output=True, text=True, check=True).stdout


def extensions() -> list[str]:
    """The names of all installed extensions, each imported."""
    found = []
    for package in ("vercmp", "advisories"):
        place = Path(importlib.import_module(package).__file__ or "").parent
        assert SOURCES not in place.parents, f"{package} is that of the sources: {place}"
        for path in sorted(place.rglob("*")):
            if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
                found.append(".".join([*path.relative_to(place.parent).parent.parts, path.name.partition(".")[0]]))
                assert Path(importlib.import_module(found[-1]).__file__ or "").samefile(path), found[-1]
    assert found, "nothing compiled is installed"
    return found


def main() -> None:
    compiled = extensions()
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    assert not lock or not sysconfig.get_config_var("Py_GIL_DISABLED"), "importing an extension turned the GIL on"
    for scheme, versions in {
        "rpm": ("1.0~rc1-1", "1.0-1"),
        "dpkg": ("1.0~rc1-1", "1.0-1"),
        "apk": ("1.0_rc1-r0", "1.0-r0"),
        "pep440": ("1.0rc1", "1.0"),
        "semver": ("1.0.0-rc.1", "1.0.0"),
        "gem": ("1.0.rc1", "1.0"),
    }.items():
        assert command("vercmp", "max", "--scheme", scheme, *reversed(versions)) == f"{versions[1]}\n", scheme
    report = json.loads(command("advisories", "match", *HOST, "--format", "json"))
    assert report["coverage"]["packages"] == 590
    assert len({finding["vulnerability"] for finding in report["findings"]}) > 100
    bom = importlib.metadata.distribution("vercmp").read_text("sboms/vercmp.cdx.json")
    listed = [one["purl"] for one in json.loads(bom)["components"]] if bom else ["nothing listed as"]
    where = f"{sys.version.split()[0]}{'' if lock else ' without GIL'}"
    findings = len(report["findings"])
    print(f"{where}: {len(compiled)} extensions, {findings} findings of the bundled host, {', '.join(listed)} built in")


if __name__ == "__main__":
    main()
