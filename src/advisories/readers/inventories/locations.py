"""A few of a package's files, to show where it is."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from advisories.models.packages import Package

__all__ = ["See", "few", "few_paths"]

#: What sees all files of each package: folders, with a last ``/`` each, names, and in which folder each of these is.
See = Callable[[Package, Sequence[str], Sequence[str], Sequence[int]], None]

_PROGRAMS: Final = ("/bin/", "/sbin/", "/libexec/")
_BARE_PROGRAMS: Final = ("bin/", "sbin/", "libexec/")
# How many of a package's files are kept.
_FEW: Final = 3


def few(folders: Sequence[str], names: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """A few of a package's files: executables, then libraries, then the rest, each by length and name.

    :param folders: with a last ``/`` each.
    :param names: of files, and
    :param places: in which of the folders each of them is.
    """
    has_programs = [folder.endswith(_PROGRAMS) or folder in _BARE_PROGRAMS for folder in folders]
    found: list[str] = []
    if True in has_programs:
        files = zip(places, names, strict=True)
        found = _shortest([folders[place] + name for place, name in files if has_programs[place]], _FEW)
    if len(found) < _FEW:
        libraries: list[str] = []
        others: list[str] = []
        for place, name in zip(places, names, strict=True):
            if not has_programs[place]:
                (libraries if ".so" in name else others).append(folders[place] + name)
        for paths in (libraries, others):
            if paths and len(found) < _FEW:
                found += _shortest(paths, _FEW - len(found))
    return tuple(found)


def few_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """The same of whole paths."""
    parts = [path.rpartition("/") for path in paths]
    folders = [f"{folder}{slash}" for folder, slash, _ in parts]
    return few(folders, [name for _, _, name in parts], range(len(parts)))


def _shortest(paths: list[str], most: int) -> list[str]:
    if len(paths) > most:
        longest = sorted(map(len, paths))[most - 1]
        paths = [path for path in paths if len(path) <= longest]
    printable = sorted(filter(str.isprintable, paths))
    printable.sort(key=len)
    return printable[:most]
