"""A walk through a tree: every file that is wanted, once, whatever links there are, and the same in a folder and in
an archive of it."""

import io
import os
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from trees import SPECS, build

from advisories import DEFAULT_LIMITS
from advisories.models.errors import LimitExceeded
from advisories.sources.folder import Folder
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed
from advisories.sources.tree import Tree


def walked(tree: Tree, most: int = 1000) -> tuple[list[tuple[bytes, int, bool]], list[bytes]]:
    """Files with their sizes, and what was refused."""
    refused: list[bytes] = []
    found = tree.walk(lambda name, is_executable: True, (), most, lambda name, why: refused.append(name))
    return sorted((one.name, one.size, one.is_executable) for one in found), refused


def archived(root: Path) -> Overlay:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.add(root, ".")
    data.seek(0)
    tree = Overlay("x", DEFAULT_LIMITS)
    tree.add(Packed(data, "x", DEFAULT_LIMITS, Kept(bool)), "x")
    return tree


@given(SPECS)
def test_every_file_once(spec: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        build(root, spec)
        files = [Path(above, name) for above, _, names in os.walk(root) for name in names]
        paths = [path for path in files if not path.is_symlink()]
        for path in paths[::2]:
            path.chmod(0o755)
        expected = sorted(
            (os.fsencode(path.relative_to(root)), path.stat().st_size, bool(path.stat().st_mode & 0o111))
            for path in paths
        )
        with closing(Folder(root)) as tree:
            assert walked(tree) == (expected, [])
        assert walked(archived(root)) == (expected, [])


def test_a_limit(tmp_path: Path) -> None:
    build(tmp_path / "root", {f"a/{number}": "x" for number in range(9)})
    with closing(Folder(tmp_path / "root")) as folder:
        trees: list[Tree] = [folder, archived(tmp_path / "root")]
        for tree in trees:
            assert len(walked(tree, 10)[0]) == 9
            with pytest.raises(LimitExceeded, match="more files than the limit of 9"):
                walked(tree, 9)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A sparse file of an archive, which readers of tar understand differently."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, kind in (("a", tarfile.REGTYPE), ("b", tarfile.GNUTYPE_SPARSE)):
            member = tarfile.TarInfo(name)
            member.type = kind
            archive.addfile(member)
    data.seek(0)
    tree = Overlay("x", DEFAULT_LIMITS)
    tree.add(Packed(data, "x", DEFAULT_LIMITS, Kept(bool)), "x")
    found, refused = walked(tree)
    assert ([name for name, _, _ in found], refused) == ([b"a"], [b"b"])


def test_a_device_of_its_own(tmp_path: Path) -> None:
    """Of the names that are left out only those where another file system begins."""
    build(tmp_path / "root", {"proc/a": "x", "b": "x"})
    with closing(Folder(tmp_path / "root")) as tree:
        found = tree.walk(lambda name, is_executable: True, (b"proc",), 10, lambda name, why: None)
        assert sorted(one.name for one in found) == [b"b", b"proc/a"]
