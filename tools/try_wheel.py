"""Tries an installed vercmp: python tools/try_wheel.py, by the interpreter that it is installed for, from any folder.

Every module is imported, compiled ones from the installed place, and the commands are run on the bundled host.
"""

import importlib.metadata
import json
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "almalinux-9"
HOST = [f"--inventory={EXAMPLE / 'host.tsv'}", f"--feed={EXAMPLE / 'advisories.jsonl'}"]


def command(*arguments: str) -> str:
    """What a command that is beside this interpreter prints."""
    program, *rest = arguments
    path = Path(sysconfig.get_path("scripts"), program)
    return subprocess.run([str(path), *rest], capture_output=True, text=True, check=True).stdout


def main() -> None:
    files = importlib.metadata.files("vercmp") or []
    compiled = [file for file in files if str(file).endswith(tuple(EXTENSION_SUFFIXES))]
    assert compiled, "nothing compiled is installed"
    for file in compiled:
        name = ".".join(file.parent.parts) + "." + file.name.partition(".")[0]
        found = importlib.import_module(name).__file__
        assert found is not None
        assert Path(found).samefile(file.locate()), f"{name} is that of {found}"
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
    (bom,) = (file for file in files if file.parent.name == "sboms")
    listed = [one["purl"] for one in json.loads(bom.read_text())["components"]]
    where = f"{sys.version.split()[0]}{'' if lock else ' without GIL'}"
    findings = len(report["findings"])
    print(f"{where}: {len(compiled)} extensions, {findings} findings of the bundled host, {', '.join(listed)} built in")


if __name__ == "__main__":
    main()
