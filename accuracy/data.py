"""Where the real data is, and its archives unpacked below build/accuracy. It is no part of the repository."""

import bz2
import gzip
import tarfile
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["BUILD", "PAGE", "file_of", "files_of", "unpacked"]

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = ROOT.parent / "shared" / "data"
BUILD: Final = ROOT / "build" / "accuracy"
PAGE: Final = ROOT / "docs" / "accuracy.md"


@cache
def unpacked(name: str) -> Path:
    """The folder of an archive (``feeds/almalinux-osv``), or a packed file of its own without its ``.bz2``.

    :raises FileNotFoundError: the real data is not beside this checkout.
    """
    place = BUILD / "data" / name.replace("/", "-")
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.new")
    if (packed := DATA / f"{name}.bz2").is_file():
        fresh.write_bytes(bz2.decompress(packed.read_bytes()))
    else:
        with tarfile.open(DATA / f"{name}.tar.xz") as archive:
            # Python has filters from 3.11.4 on.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(fresh)
    return fresh.rename(place)


def files_of(name: str, pattern: str) -> list[Path]:
    """The files of an archive whose path ends so, sorted. A plain file is its own."""
    found = unpacked(name)
    if found.is_file():
        return [found]
    return sorted(path for path in found.rglob(pattern.rpartition("/")[2]) if path.is_file() and path.match(pattern))


def file_of(name: str, pattern: str) -> Path:
    """The one file of an archive whose path ends so, without its compression."""
    (path,) = files_of(name, pattern)
    if path.suffix != ".gz":
        return path
    plain = BUILD / "data" / path.stem
    if not plain.exists():
        plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain
