"""What all tests share: the real data beside the checkout, unpacked once a session, and what is tested."""

import bz2
import gc
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from lacking import ModuleWithout, calling
from places import LIVE, SHARED

from advisories import Feed
from advisories.store import read_feed

# How long an example takes is the machine's, not the code's: nothing fails for being slow on a busy one.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For `make quick`: what states no number of examples itself has a tenth of them.
settings.register_profile("quick", settings.get_profile("unhurried"), max_examples=10)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what reads real data or lies in ``tests/live``. Other tests of more than a second carry the mark."""
    for item in items:
        if LIVE in item.path.parents or "shared" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end: the many collections of tests need not walk it."""
    gc.collect()
    gc.freeze()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return ModuleWithout.from_parent(parent, path=module_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    return (yield from calling())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    return (yield from calling())


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of text as long as they are: what is laid out in columns has tests that set this otherwise."""
    monkeypatch.setenv("COLUMNS", "100000")


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache of advisories but one that a test makes: that of whoever runs the tests has nothing to do with them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(SHARED.parent / "no-cache-of-these-tests"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; it is no part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return SHARED


def pytest_report_header() -> str:
    """Say which build of the extensions is tested; ``make sanitize`` must not test another one by accident."""
    import vercmp._dpkg

    built = Path(vercmp._dpkg.__file__)
    expected = os.environ.get("VERCMP_EXPECTED_LIB")
    if expected and Path(expected).resolve() not in built.resolve().parents:
        raise pytest.UsageError(f"the tested extension is {built}, not one below {expected}")
    return f"vercmp: {built.name}"


Unpack = Callable[[str], Path]


def extract(archive: Path, folder: Path) -> None:
    """Unpack all of an archive, by tar and xz where they are: Python resolves the path of each of 33,000 files."""
    if shutil.which("tar") and shutil.which("xz"):
        subprocess.run(["tar", "-xJf", archive, "--no-same-owner", "-C", folder], check=True)
        return
    with tarfile.open(archive) as packed:
        # Python has filters from 3.11.4 on.
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(folder)


@pytest.fixture(scope="session")
def unpacked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Unpack:
    """A function from an archive's name (``feeds/almalinux-osv``) to the folder it is unpacked in."""
    folders: dict[str, Path] = {}

    def unpack(name: str) -> Path:
        if name not in folders:
            archive = shared / "data" / f"{name}.tar.xz"
            if not archive.is_file():
                pytest.skip(f"{name} is not in the shared data")
            folder = tmp_path_factory.mktemp(name.replace("/", "-"))
            extract(archive, folder)
            folders[name] = folder
        return folders[name]

    return unpack


@pytest.fixture(scope="session")
def almalinux_folder(unpacked: Unpack) -> Path:
    """The whole AlmaLinux OSV feed."""
    return unpacked("feeds/almalinux-osv")


@pytest.fixture(scope="session")
def almalinux(almalinux_folder: Path) -> Feed:
    """The same, read."""
    return read_feed(almalinux_folder)


@pytest.fixture(scope="session")
def ubuntu_oval(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function from a codename to its OVAL, unpacked."""
    folder = tmp_path_factory.mktemp("ubuntu-oval")

    def unpack(codename: str) -> Path:
        name = f"com.ubuntu.{codename}.cve.oval.xml"
        path = folder / name
        if not path.exists():
            packed = shared / "data/feeds/ubuntu-oval-2021-02" / f"{name}.bz2"
            if not packed.is_file():
                pytest.skip(f"{packed.name} is not in the shared data")
            path.write_bytes(bz2.decompress(packed.read_bytes()))
        return path

    return unpack
