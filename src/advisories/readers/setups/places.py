"""Where a root has its files of repositories: where they usually are, or where its programs are set up to look.

apt has ``Dir::Etc::sourceparts`` and its like, dnf, yum and tdnf ``reposdir`` and ``varsdir``, zypper ``reposdir`` and
``configdir``, apk ``repositories-file``. What of these options cannot be followed is a rejection.

Sources: apt.conf(5), dnf.conf(5), dnf5.conf(5), the comments of ``zypp.conf``, apk(8). Checked with
``apt-get indextargets``, dnf 4.14 and zypper 1.14.
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.reading import Rejection
from advisories.readers.lines import lines_of
from advisories.readers.setups import apt_conf
from advisories.readers.setups.entry import refused
from advisories.readers.setups.ini import Section, sections
from advisories.readers.setups.registry import OPTIONS, PLACES, Moved, Place, is_read
from advisories.sources.tree import Tree, content, place

__all__ = ["places_of"]

# Bytes of one file of options, files in one folder of them, and folders that an option may name.
_MOST: Final = 1 << 20
_FILES: Final = 1000
_FOLDERS: Final = 100
_USUAL: Final = {Moved.APT_LIST: "sources.list", Moved.APT_PARTS: "sources.list.d"}
_APT: Final = b"etc/apt/apt.conf"
_YUM: Final = b"etc/yum.conf"
_TDNF: Final = b"etc/tdnf/tdnf.conf"


def places_of(tree: Tree) -> Iterator[Place | Rejection]:
    """The places, in the order in which programs read them, and what of their options is not followed."""
    options = _Options(tree)
    options.look()
    yield from options.rejections
    done = set()
    for one in PLACES:
        names = options.moved.get(one.moved_by) if one.moved_by is not None else None
        if names is None:
            yield one
        elif (one.moved_by, one.format) not in done:
            done.add((one.moved_by, one.format))
            yield from (Place(one.format, name, one.end) for name in names)


class _Options:
    """What the options of a root's programs move, and what of them is not followed."""

    def __init__(self, tree: Tree) -> None:
        self.moved: Final[dict[Moved, list[bytes]]] = {}
        self.rejections: Final[list[Rejection]] = []
        self._tree: Final = tree

    def look(self) -> None:
        """Look at the options of every program."""
        found: dict[str, dict[bytes, bytes]] = {}
        for one in OPTIONS:
            found.setdefault(one.format, {}).update(self._read(one))
        self._of_apt(found["apt-options"])
        self._of_rpm(found["rpm-options"])
        self._of_zypp(found["zypp-options"])
        self._of_apk(found["apk-options"])

    # ---- files ----

    def _read(self, where: Place) -> dict[bytes, bytes]:
        """The files of a place that are there, in the order in which they are read."""
        names = [where.name]
        if where.end is not None:
            try:
                names = sorted(self._tree.entries(where.name, _FILES) or ())
            except UnreadableSource as error:
                self._refuse(where.name, None, where.name.decode(), error.why)
                return {}
            names = [b"%s/%s" % (where.name, name) for name in names if is_read(where, name)]
        found = {}
        for name in names:
            try:
                data = content(self._tree, name, _MOST)
            except UnreadableSource as error:
                self._refuse(name, None, name.decode("utf-8", "backslashreplace"), error.why)
                continue
            if data is not None:
                found[name] = data
        return found

    def _refuse(self, name: bytes, line: int | None, what: str, why: str) -> None:
        self.rejections.append(refused(place(self._tree, name), line, what, why))

    def _folders(self, file: bytes, texts: list[str]) -> list[bytes]:
        """The names in the tree of paths that an option of a file has."""
        found = []
        for text in texts[:_FOLDERS]:
            if not text.startswith("/"):
                self._refuse(
                    file, None, text, "a path of repositories that does not begin at the root, so it is not read"
                )
                continue
            found.append(posixpath.normpath(text).lstrip("/").encode("utf-8", "surrogateescape"))
        if len(texts) > _FOLDERS:
            self._refuse(file, None, texts[_FOLDERS], f"more than {_FOLDERS} folders of repositories")
        return [one for one in dict.fromkeys(found) if one]

    # ---- programs ----

    def _of_apt(self, files: dict[bytes, bytes]) -> None:
        values: dict[str, str | None] = {}
        last = b""
        main = files.pop(_APT, None)
        for name, data in files.items():
            last = self._take_options(name, data, values) or last
        path = apt_conf.path_of(values, "main", "apt.conf")
        if path is not None and _normal(path) == f"/{_APT.decode()}":
            others = {} if main is None else {_APT: main}
        else:  # the parts moved it
            others = {} if path is None else self._main_of_apt(last, path)
        for name, data in others.items():
            last = self._take_options(name, data, values) or last
        for moved, usual in _USUAL.items():
            path = apt_conf.path_of(values, moved.value, usual)
            usually = f"/etc/apt/{usual}"
            if path is None or _normal(path) != usually:
                self.moved[moved] = [] if path is None else self._folders(last, [path])

    def _main_of_apt(self, file: bytes, path: str) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for name in self._folders(file, [path]):
            found.update(self._read(Place("apt-options", name)))
        return found

    def _take_options(self, name: bytes, data: bytes, values: dict[str, str | None]) -> bytes | None:
        """Take the options of a file of apt. Its name where some of them are of folders."""
        found = None
        for option, value in apt_conf.assigned(data.decode("utf-8", "replace")):
            if option == apt_conf.INCLUDE:
                self._refuse(name, None, value or "", "options of apt in another file, which are not read")
            elif option == apt_conf.UNREAD:
                self._refuse(name, None, "the rest of the file", value or "")
            elif option.startswith("dir"):
                values[option], found = value, name
        return found

    def _of_rpm(self, files: dict[bytes, bytes]) -> None:
        if not files:
            return
        # The file of dnf's options counts before those beside it. Where dnf is, nothing reads yum's.
        of_dnf = [name for name in files if name not in (_YUM, _TDNF)]
        programs = [of_dnf or [name for name in files if name == _YUM], [name for name in files if name == _TDNF]]
        for moved, keys in ((Moved.RPM_REPOS, ("reposdir", "repodir")), (Moved.RPM_VARIABLES, ("varsdir",) * 2)):
            usual = [one.name for one in PLACES if one.moved_by is moved]
            names: list[bytes] = []
            for program, key in zip(programs, keys, strict=True):
                if not program:
                    continue
                found = None
                for name in program:
                    text = _main(files[name]).get(key)
                    if text is not None:
                        found = self._folders(name, [one.strip("'\"") for one in text.replace(",", " ").split()])
                names += usual if found is None else found
            if (names and set(names) != set(usual)) or not names:
                self.moved[moved] = list(dict.fromkeys(names))

    def _of_zypp(self, files: dict[bytes, bytes]) -> None:
        for name, data in files.items():
            values = _main(data)
            path = values.get("reposdir") or (f"{values['configdir']}/repos.d" if values.get("configdir") else None)
            if path is not None:
                self.moved[Moved.ZYPP_REPOS] = self._folders(name, [path])

    def _of_apk(self, files: dict[bytes, bytes]) -> None:
        for name, data in files.items():
            for number, line in enumerate(lines_of(data.decode("utf-8", "replace")), 1):
                option, _, value = line.strip().partition(" ")
                if option == "repositories-file":
                    # Then nothing else is read.
                    self.moved[Moved.APK_FILE] = self._folders(name, [value.strip()])
                    self.moved[Moved.APK_FOLDERS] = []
                elif option in ("repository", "X"):
                    self._refuse(name, number, value, "a repository among apk's options, which is not read")


def _normal(path: str) -> str:
    return posixpath.normpath(path).replace("//", "/")


def _main(data: bytes) -> dict[str, str]:
    """The options of the section of a program's own. What is no option is said where its repositories are read."""
    values: dict[str, str] = {}
    for section in sections(data, "options"):
        if isinstance(section, Section) and section.name == "main":
            values.update(section.values)
    return values
