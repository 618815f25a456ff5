"""Archives as trees: one is as the folder it is made of, and layers are as the specification of images has them."""

import bz2
import errno
import hashlib
import io
import lzma
import os
import subprocess
from collections.abc import Callable
from contextlib import closing

import pytest
import zstandard
from archives import Row, files, gzipped, tar_of
from attrs import evolve
from examples import examples
from growth import grows_in_proportion
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import NAMES, SPECS, build, seen

from advisories import DEFAULT_LIMITS
from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources.folder import Folder
from advisories.sources.limits import Limits
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed
from advisories.sources.tree import Kind, content

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def overlay(
    *layers: "bytes | list[Row]",
    wants: Callable[[bytes], bool] = bool,
    limits: Limits = DEFAULT_LIMITS,
    whiteouts: bool = True,
) -> Overlay:
    """The tree of archives, each as its bytes or its rows."""
    tree, kept = Overlay("x", limits), Kept(wants)
    for number, layer in enumerate(layers, 1):
        data = layer if isinstance(layer, bytes) else tar_of(*layer)
        source = f"layer {number}"
        tree.add(Packed(io.BytesIO(data), source, limits, kept), source, whiteouts=whiteouts)
    return tree


def all_of(tree: Overlay, name: str = "") -> dict[str, object]:
    """What is at every name of a tree: a content, a target, or why it cannot be read."""
    found: dict[str, object] = {}
    for entry in sorted(tree.entries(name.encode() or b"/", 1000) or ()):
        path = f"{name}/{entry.decode()}"
        target = tree.target(path.encode())
        if target is not None:
            found[path] = f"->{target.decode()}"
            continue
        what = seen(tree, path)
        found |= all_of(tree, path) if isinstance(what, list) and what else {path: what}
    return found


# ---- one archive ----


@pytest.mark.slow
@given(spec=SPECS, names=NAMES)
@settings(max_examples=examples(100), deadline=None)
def test_as_the_folder(tmp_path_factory: pytest.TempPathFactory, spec: dict[str, str], names: list[str]) -> None:
    """What is at a name does not depend on whether the root is a folder or an archive of it by GNU tar."""
    root = tmp_path_factory.mktemp("case") / "root"
    build(root, spec)
    data = subprocess.run(["tar", "-C", str(root), "-cf", "-", "."], capture_output=True, check=True).stdout
    tree = overlay(data, whiteouts=False)
    with closing(Folder(root)) as folder:
        for name in names:
            assert seen(tree, name) == seen(folder, name)
            try:
                target = folder.target(name.encode())
            except UnreadableSource:
                continue
            assert tree.target(name.encode()) == target


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("wants", [True, False], ids=["kept", "passed"])
def test_compressed(packer: str, wants: bool) -> None:
    """A file that was not kept, and that a link leads to, is found by another pass."""
    rows: list[Row] = [("a", "file", "first" * 100_000), ("b/c", "file", "second"), ("d", "link", "b/c")]
    tree = overlay(PACKERS[packer](tar_of(*rows)), wants=lambda name: wants)
    assert content(tree, b"d", 100) == b"second"
    assert content(tree, b"a", 1 << 20) == b"first" * 100_000
    assert content(tree, b"a", 1 << 20) == b"first" * 100_000
    with pytest.raises(LimitExceeded):
        content(tree, b"a", 1000)


def test_twenty_passes() -> None:
    tree = overlay(gzipped(tar_of(*files(a="1"))), wants=lambda name: False)
    for _ in range(20):
        assert content(tree, b"a", 9) == b"1"
    with pytest.raises(LimitExceeded, match=r"a link leads to it, as to more than 20 files .* skopeo copy"):
        content(tree, b"a", 9)


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisories.sources.packed._MOST_KEPT", 50)
    tree = overlay(gzipped(tar_of(("a", "file", "1" * 2000), ("b", "file", bytes(range(256))), ("c", "file", "3"))))
    for _ in range(20):  # these take no pass
        assert content(tree, b"a", 2000) == b"1" * 2000
        assert content(tree, b"c", 9) == b"3"
    for _ in range(20):
        assert content(tree, b"b", 256) == bytes(range(256))
    with pytest.raises(LimitExceeded):
        content(tree, b"b", 256)


class TestDigests:
    """They are compared once all is read, and are the reason where the content cannot be read either."""

    @pytest.mark.parametrize("packer", PACKERS)
    def test_of_the_file(self, packer: str) -> None:
        data = PACKERS[packer](tar_of(*files(a="1" * 9999)))
        self.read(data, digest=data)
        self.read(data, digest=data, content=tar_of(*files(a="1" * 9999)))
        with pytest.raises(UnreadableSource, match=r"^layer: its digest is sha256:\w+, where sha256:\w+ is stated$"):
            self.read(data, digest=b"another")
        with pytest.raises(UnreadableSource, match="its digest is"):
            self.read(data, digest=data, content=b"another")
        with pytest.raises(UnreadableSource, match="its digest is"):
            self.read(data[:-600], digest=data)
        with pytest.raises(UnreadableSource, match="its digest is"):
            self.read(data + b"more", digest=data)

    def test_of_another_kind(self) -> None:
        with pytest.raises(UnreadableSource, match="a digest of an unknown kind: 'md5:1'"):
            list(Packed(io.BytesIO(b""), "layer", DEFAULT_LIMITS, Kept(bool), digest="md5:1").members())

    def read(self, data: bytes, digest: bytes, content: bytes | None = None) -> None:
        stated = f"sha256:{hashlib.sha256(digest).hexdigest()}"
        of_content = None if content is None else f"sha256:{hashlib.sha256(content).hexdigest()}"
        packed = Packed(io.BytesIO(data), "layer", DEFAULT_LIMITS, Kept(bool), digest=stated, content_digest=of_content)
        assert [member.name for member in packed.members()] == [b"a"]


# ---- layers ----

BASE: list[Row] = [("a/x", "file", "1"), ("a/y/z", "file", "1"), ("b", "file", "1"), ("l", "link", "a")]
A, L = {"/a/x": "1", "/a/y/z": "1"}, {"/l": "->a"}
WHOLE = {**A, "/b": "1", **L}
OPAQUE: Row = ("a/.wh..wh..opq", "file", "")
#: What layers over :data:`BASE` make of it.
LAYERS: dict[str, tuple[list[Row], dict[str, object]]] = {
    "nothing": ([], WHOLE),
    "a file over a file": ([("b", "file", "2")], {**A, "/b": "2", **L}),
    "a folder over a file": ([("b/c", "file", "2")], {**A, "/b/c": "2", **L}),
    "a file over a folder": ([("a", "file", "2")], {"/a": "2", "/b": "1", **L}),
    "a folder over a folder": ([("a", "folder", "")], WHOLE),
    "a folder over a link": ([("l", "folder", "")], {**A, "/b": "1", "/l": []}),
    "below a link": ([("l/w", "file", "2")], {"/a/w": "2", **A, "/b": "1", **L}),
    "removed": ([("a/.wh.x", "file", "")], {"/a/y/z": "1", "/b": "1", **L}),
    "a folder removed": ([(".wh.a", "file", "")], {"/b": "1", **L}),
    "removed below a link": ([("l/.wh.x", "file", "")], {"/a/y/z": "1", "/b": "1", **L}),
    "removed where nothing is": ([(".wh.q", "file", ""), ("q/.wh.x", "file", "")], WHOLE),
    "removed and made": ([("a/.wh.x", "file", ""), ("a/x", "file", "2")], {"/a/x": "2", "/a/y/z": "1", "/b": "1", **L}),
    "made and removed": ([("a/x", "file", "2"), ("a/.wh.x", "file", "")], {"/a/x": "2", "/a/y/z": "1", "/b": "1", **L}),
    "a folder removed and made": ([(".wh.a", "file", ""), ("a/w", "file", "2")], {"/a/w": "2", "/b": "1", **L}),
    "a folder made and removed": ([("a/w", "file", "2"), (".wh.a", "file", "")], {"/a/w": "2", "/b": "1", **L}),
    "opaque": ([OPAQUE], {"/a": [], "/b": "1", **L}),
    "opaque, then made": ([OPAQUE, ("a/y/w", "file", "2")], {"/a/y/w": "2", "/b": "1", **L}),
    "made, then opaque": ([("a/y/w", "file", "2"), OPAQUE], {"/a/y/w": "2", "/b": "1", **L}),
    "opaque at the root": ([(".wh..wh..opq", "file", ""), ("c", "file", "2")], {"/c": "2"}),
    "what aufs keeps": ([(".wh..wh.plnk", "folder", ""), (".wh..wh.aufs", "file", "")], WHOLE),
    "below a link to nothing": ([("q", "link", "nothing"), ("q/w", "file", "2")], {**WHOLE, "/q/w": "2"}),
    "below a link to itself": ([("q", "link", "q"), ("q/w", "file", "2")], {**WHOLE, "/q/w": "2"}),
    "below a link to a file": ([("q", "link", "b"), ("q/w", "file", "2")], {**WHOLE, "/q/w": "2"}),
    "twice": ([("b", "file", "2"), ("b", "file", "3")], {**A, "/b": "3", **L}),
    "a hard link to a lower file": ([("c", "hard", "a/x"), OPAQUE], {"/a": [], "/b": "1", "/c": "1", **L}),
    "a hard link to a link": ([("c", "hard", "l")], {**A, "/b": "1", "/c": "->a", **L}),
    "a hard link to itself": ([("b", "hard", "b")], WHOLE),
}  # fmt: skip


@pytest.mark.parametrize("case", LAYERS)
@pytest.mark.parametrize("packer", ["plain", "gzip"])
def test_layers(case: str, packer: str) -> None:
    rows, expected = LAYERS[case]
    assert all_of(overlay(*(PACKERS[packer](tar_of(*one)) for one in (BASE, rows)))) == expected


def test_no_whiteouts_in_a_root() -> None:
    """A root file system may have files of these names."""
    tree = overlay(files(a="1"), [(".wh.a", "file", "")], whiteouts=False)
    assert sorted(all_of(tree)) == ["/.wh.a", "/a"]


@pytest.mark.parametrize("target", ["later", "nothing", "folder", "l1", "a/x/../../.."])
def test_a_hard_link_to_what_is_not_there(target: str) -> None:
    """Its name is there, and reading it is an error: programs that extract such an archive fail."""
    rows: list[Row] = [
        ("folder/x", "file", ""),
        ("l1", "link", "l1"),
        ("status", "hard", target),
        ("later", "file", "1"),
    ]
    tree = overlay(rows)
    if target == "l1":
        assert tree.target(b"status") == b"l1"
        return
    with pytest.raises(UnreadableSource, match=f"x/status: a hard link to what is no file before it: {target}"):
        tree.stat(b"status")
    assert content(tree, b"later", 9) == b"1"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([(".wh.", "file", "")], "a whiteout of no file: .wh."),
        ([("a/.wh..", "file", "")], "a whiteout of no file: a/.wh.."),
        ([("a/.wh...", "file", "")], "a whiteout of no file: a/.wh..."),
        ([("./", "link", "/etc")], "a link in the place of the root"),
    ],
)
def test_refused(rows: list[Row], why: str) -> None:
    with pytest.raises(UnreadableSource, match=f"^layer 2: {why}"):
        overlay(files(x="1"), rows)


def test_links_stay_inside() -> None:
    tree = overlay([("a", "link", "/etc/passwd"), ("b", "link", "../../../etc/passwd"), ("c", "link", "/proc/self")])
    for name in (b"a", b"b", b"c"):
        assert tree.stat(name) is None


def test_what_is_no_file() -> None:
    tree = overlay([("p", "pipe", ""), ("d", "device", ""), ("f", "folder", "")])
    for name, kind in ((b"p", Kind.PIPE), (b"d", Kind.DEVICE), (b"f", Kind.FOLDER)):
        with pytest.raises(UnreadableSource, match=f"x/{name.decode()}: {kind}, where a regular file is expected"):
            tree.open(name)


def test_members() -> None:
    """Folders that nobody has named count too: a name may have two thousand."""
    limits = evolve(DEFAULT_LIMITS, members=1000)
    with pytest.raises(LimitExceeded, match="--limit members=NUMBER"):
        overlay([("a/" * 2000 + "b", "file", "")], limits=limits)
    with pytest.raises(LimitExceeded, match="x/a: more files than the limit of 1"):
        overlay(files(a__b="1", a__c="2")).entries(b"a", 1)


class TestWork:
    """What is in an archive is in proportion to it, whatever its members are."""

    def test_clearing(self) -> None:
        """A folder is cleared once in a layer, however often the layer is opaque there."""

        def shape(count: int) -> Callable[[], object]:
            again: list[Row] = [("a/.wh..wh..opq", "file", ""), (".wh.a", "file", "")]
            rows = [(f"a/{number}", "file", "") for number in range(count)]
            layers = [tar_of(*rows), tar_of(*rows, *again * count)]
            return lambda: overlay(*layers)

        grows_in_proportion(shape, 100)

    def test_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("advisories.sources.overlay._MOST_STEPS", 5000)
        rows: list[Row] = [("a", "folder", ""), ("l", "link", "a/../" * 200 + "a")]
        assert content(overlay([*rows, ("l/0", "file", "x")]), b"a/0", 9) == b"x"
        with pytest.raises(LimitExceeded, match="links with more than 5000 parts are followed"):
            overlay([*rows, *((f"{folder}{number}", "file", "") for number in range(20) for folder in ("l/", ""))])

    def test_a_link_changes_between_two_files_of_its_folder(self) -> None:
        """The folder of the member before is found again where something was replaced meanwhile."""
        rows: list[Row] = [("a", "folder", ""), ("b", "folder", ""), ("l", "link", "a"), ("l/1", "file", "x")]
        tree = overlay([*rows, ("l", "link", "b"), ("l/2", "file", "x")])
        assert [tree.stat(name) is not None for name in (b"a/1", b"a/2", b"b/1", b"b/2")] == [True, False, False, True]
        inside: list[Row] = [("a", "folder", ""), ("a/l", "link", "."), ("a/l/l", "file", ""), ("a/l/x", "file", "")]
        tree = overlay(inside)
        assert [tree.stat(name) is not None for name in (b"a/l/x", b"a/x")] == [True, False]


def test_forty_links() -> None:
    """As many as the kernel follows in one name."""
    rows: list[Row] = [("0", "file", "x"), *((str(number), "link", str(number - 1)) for number in range(1, 42))]
    tree = overlay(rows)
    assert content(tree, b"40", 9) == b"x"
    with pytest.raises(UnreadableSource, match=os.strerror(errno.ELOOP)):
        content(tree, b"41", 9)


SMALL = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "a/a", "a/b", "b/a", "a/a/a", ".wh.a", "a/.wh.b", "a/.wh..wh..opq", "b/.wh.a"]),
        st.sampled_from(["file", "folder"]),
        st.sampled_from(["1", "2"]),
    ).map(lambda row: (row[0], "file", "") if ".wh." in row[0] else row),
    max_size=6,
)


def is_one_state(rows: list[Row]) -> bool:
    """Whether no name is a file and a folder too."""
    named = {name for name, what, _ in rows if what == "file"}
    folders = {name[:place] for name, _, _ in rows for place, sign in enumerate(name) if sign == "/"}
    return named.isdisjoint(folders | {name for name, what, _ in rows if what == "folder"})


@pytest.mark.slow
@given(st.lists(SMALL.filter(is_one_state), max_size=3))
@settings(max_examples=examples(200), deadline=None)
def test_the_slow_view(layers: list[list[Row]]) -> None:
    """Each layer alone is a root of its own. Laid over what is below, it takes out first, and then puts in."""
    below: dict[str, str | None] = {}
    for rows in layers:
        own = overlay([row for row in rows if ".wh." not in row[0]])
        for name, _, _ in rows:
            folder, _, part = name.rpartition("/")
            if part == ".wh..wh..opq":
                below = {path: text for path, text in below.items() if not path.startswith(f"/{folder}/")}
            elif part.startswith(".wh."):
                gone = f"/{folder}/{part[4:]}" if folder else f"/{part[4:]}"
                below = {path: text for path, text in below.items() if path != gone and not path.startswith(f"{gone}/")}
        for path, text in every(own).items():
            if text is not None or below.get(path) is not None:
                below = {one: was for one, was in below.items() if one != path and not one.startswith(f"{path}/")}
            below[path] = text
    assert every(overlay(*layers)) == below


def every(tree: Overlay, name: str = "") -> dict[str, str | None]:
    """The content at every name of a tree, None for a folder."""
    found: dict[str, str | None] = {}
    for entry in tree.entries(name.encode() or b"/", 1000) or ():
        path = f"{name}/{entry.decode()}"
        status = tree.stat(path.encode())
        assert status is not None
        if status.kind is Kind.FOLDER:
            found[path] = None
            found |= every(tree, path)
        else:
            found[path] = (content(tree, path.encode(), 9) or b"").decode()
    return found
