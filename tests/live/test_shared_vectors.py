"""Published version pairs and their order, each row measured with the real tool: read in place, both directions."""

import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vercmp


def rows(path: Path) -> Iterator[list[str]]:
    """Split on TAB alone: fields may be empty, and may hold any other white space."""
    for line in path.read_bytes().decode().split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


ORDERS: dict[str, tuple[int, Callable[[str, str], int], Callable[[str], bytes]]] = {
    "rpm": (4624, vercmp.rpm.rpmvercmp, vercmp.rpm.segment_key),
    "rpm_evr": (139, vercmp.rpm.compare, vercmp.rpm.sort_key),
    "dpkg": (14723, vercmp.dpkg.compare, vercmp.dpkg.sort_key),
    "apk": (14910, vercmp.apk.compare, vercmp.apk.sort_key),
    "pep440": (13716, vercmp.pep440.compare, vercmp.pep440.sort_key),
}


def is_semver(version: str) -> bool:
    try:
        return vercmp.validate(version, scheme="semver") == ()
    except vercmp.InvalidVersion:
        return False


def test_order_of_semver(shared: Path) -> None:
    """The pairs of versions that the specification has. The other tools took ``v`` and blanks before one."""
    seen, refused = 0, set()
    for a, b, order, source in rows(shared / "vectors" / "semver.tsv"):
        if not (is_semver(a) and is_semver(b)):
            refused |= {version for version in (a, b) if not is_semver(version)}
            continue
        want = int(order)
        assert vercmp.semver.compare(a, b) == want, (a, b, source)
        assert vercmp.semver.compare(b, a) == -want, (b, a, source)
        keys = vercmp.semver.sort_keys([a, b])
        assert (keys[0] > keys[1]) - (keys[0] < keys[1]) == want, (a, b, source)
        seen += 1
    assert seen == 176
    assert len(refused) == 15
    assert all(version.lstrip().startswith("v") for version in refused)


@pytest.mark.parametrize("name", ORDERS)
def test_order(shared: Path, name: str) -> None:
    expected_count, compare, key = ORDERS[name]
    seen = 0
    for a, b, order, source in rows(shared / "vectors" / f"{name}.tsv"):
        want = int(order)
        assert compare(a, b) == want, (a, b, source)
        assert compare(b, a) == -want, (b, a, source)
        assert (key(a) > key(b)) - (key(a) < key(b)) == want, (a, b, source)
        seen += 1
    assert seen == expected_count


def test_dpkg_validity(shared: Path) -> None:
    seen = 0
    for version, status, message in rows(shared / "vectors" / "dpkg_validity.tsv"):
        seen += 1
        if status == "error":
            with pytest.raises(vercmp.InvalidVersion) as caught:
                vercmp.validate(version, scheme="dpkg")
            assert caught.value.reason == message
        else:
            assert vercmp.validate(version, scheme="dpkg") == ((message,) if status == "warning" else ())
    assert seen == 500


def test_apk_validity(shared: Path) -> None:
    """As apk-tools 3; what only apk-tools 2 takes is refused."""
    seen = 0
    for version, _, valid, _, _ in rows(shared / "vectors" / "apk_validity.tsv"):
        seen += 1
        if valid == "1":
            assert vercmp.validate(version, scheme="apk") == ()
        else:
            with pytest.raises(vercmp.InvalidVersion):
                vercmp.validate(version, scheme="apk")
    assert seen == 227


def test_versions_of_alpine_are_ordered_or_refused_with_a_reason(shared: Path, tmp_path: Path) -> None:
    """Every version of 112 Alpine root file systems and of the secdb of 2020-06; none is lost."""
    data = shared / "data"
    installed: list[str] = []
    with tarfile.open(data / "inventories" / "apk-installed.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            for line in file.read().decode("utf-8").split("\n") if file else ():
                if line.startswith("V:"):
                    installed.append(line[2:])
    fixed: list[str] = []
    with tarfile.open(data / "feeds" / "alpine-secdb-2020-06.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and member.name.endswith((".yaml", ".yml")) else None
            for line in file.read().decode("utf-8").split("\n") if file else ():
                found = re.fullmatch(r" +['\"]?([^\s'\"]+)['\"]?: *", line)
                if found and found[1] not in ("pkg", "secfixes", "packages"):
                    fixed.append(found[1])
    counts = {name: refusals(versions) for name, versions in (("installed", installed), ("secdb", fixed))}
    assert counts == {"installed": INSTALLED_APKS, "secdb": SECDB}


def refusals(versions: list[str]) -> tuple[int, dict[str, str]]:
    """How many there are, and those refused with the reason."""
    refused: dict[str, str] = {}
    for version in versions:
        try:
            vercmp.apk.sort_key(version)
        except vercmp.InvalidVersion as error:
            refused[version] = error.reason
    return len(versions), refused


AFTER_LETTER = "digit that follows a letter, as only apk-tools 2 allows"
AFTER_DOT = "no digit after a dot"
DASH = "- that begins no single -r"
INSTALLED_APKS = (1571, {"3.3.3p1-r3": AFTER_LETTER})
SECDB = (
    4265,
    {
        "6.6.2p1-r0": AFTER_LETTER,
        **dict.fromkeys(["2.7.16-33", "4.10-1-r1", "57-1-r2", "1.11-20-r0"], DASH),
        **dict.fromkeys(["4.8.0.-r1", "1.7.5.-r1", "1.18.-r2", "1.0.4.-r0", "0.12.5.-r0", "2.15.r-r1"], AFTER_DOT),
        **dict.fromkeys(["0.8.21.r2", "10.2.26.r0", "10.2.24.r0", "10.2.22.r0"], AFTER_DOT),
    },
)
