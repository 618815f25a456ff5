"""``make machines``: what is missing is named, and nothing runs without it."""

import importlib.util
import sys
from types import ModuleType

import pytest
from places import ROOT


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("machines", ROOT / "tools" / "machines.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    sys.modules.pop("pythons", None)
    return found


def test_a_missing_program_is_named_with_its_package(
    machines: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machines.shutil, "which", lambda name: None if name == "qemu-s390x-static" else name)
    monkeypatch.setattr(machines, "prepare", lambda place: pytest.fail("nothing may run"))
    assert machines.main(["build/machines", "s390x"]) == 1
    said = capsys.readouterr().err
    assert said == "missing: qemu-s390x-static\non Debian 12: apt-get install qemu-user-static\n"


def test_an_unknown_machine_is_an_error(machines: ModuleType) -> None:
    for name in ("vax", machines.HERE):
        with pytest.raises(SystemExit):
            machines.main(["build/machines", name])


def test_what_is_listed_is_there(machines: ModuleType) -> None:
    assert machines.LACKING.keys() <= machines.MACHINES.keys()
    assert [name for name in machines.COMPILED if not (ROOT / name).exists()] == []
