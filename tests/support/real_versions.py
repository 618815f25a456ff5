"""Real versions of a scheme: those that the vectors have, and those of whole archives."""

import functools
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import vercmp
from vercmp.testing.orders import find

__all__ = ["MOST", "archived_versions", "real_versions"]

#: The most that are taken of an archive.
MOST = 60_000


def real_versions(scheme: str) -> list[str]:
    """What real tools were asked about, real versions of distributions among them, in no order. All are valid."""
    return _shuffled(version for group in find(scheme).facts(valid_only=True) for version in group)


def archived_versions(scheme: str, unpacked: Callable[[str], Path]) -> list[str]:
    """Versions of whole archives that the scheme takes, in no order.

    60,000 fixed versions of AlmaLinux's advisories, and as many of Debian's packages. All that the root file systems
    and the secdb of Alpine have, 5,805. For the schemes of languages the upstream versions in Debian that each takes.
    """
    return _archived(scheme, unpacked)


@functools.cache
def _archived(scheme: str, unpacked: Callable[[str], Path]) -> list[str]:
    if scheme == "rpm":
        return _shuffled(_of_almalinux(unpacked("feeds/almalinux-osv")))[:MOST]
    if scheme == "apk":
        found = [*_of_alpine(unpacked("inventories/apk-installed"), unpacked("feeds/alpine-secdb-2020-06"))]
    else:
        found = [*_of_debian(unpacked("inventories/debian-archive-bookworm"))]
        if scheme != "dpkg":
            found = [vercmp.dpkg.split(version).version.partition("+")[0] for version in found]
    return _shuffled(version for version in found if _is_valid(version, scheme))[:MOST]


def _of_almalinux(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.json")):
        for affected in json.loads(path.read_text("utf-8")).get("affected", ()):
            for span in affected.get("ranges", ()):
                yield from (event["fixed"] for event in span["events"] if "fixed" in event)


def _of_debian(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*_Packages")):
        with path.open(encoding="utf-8") as lines:
            yield from (line[9:].strip() for line in lines if line.startswith("Version: "))


def _of_alpine(installed: Path, secdb: Path) -> Iterator[str]:
    for path in sorted(path for path in installed.rglob("*") if path.is_file()):
        yield from re.findall(r"^V:(.+)$", path.read_text("utf-8", "replace"), re.MULTILINE)
    for path in sorted(secdb.rglob("*.y*ml")):
        yield from re.findall(r"^ +['\"]?([0-9][^\s'\"]*)['\"]?: *$", path.read_text("utf-8"), re.MULTILINE)


def _is_valid(version: str, scheme: str) -> bool:
    try:
        vercmp.validate(version, scheme=scheme)
    except vercmp.InvalidVersion:
        return False
    return True


def _shuffled(versions: Iterable[str]) -> list[str]:
    some = list(versions)
    random.Random(30).shuffle(some)
    return some
