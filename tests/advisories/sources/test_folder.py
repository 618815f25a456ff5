"""Folders as trees: the kernel and the walk find the same, and so does a process whose root the folder is."""

import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given, settings
from trees import NAMES, SPECS, build, seen

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources import folder, openat2, tree
from advisories.sources.folder import Folder
from advisories.sources.tree import Kind, Status, content, contents, file_at

HAS_CALL = sys.platform == "linux" and openat2.is_there(os.open("/", os.O_RDONLY))
WAYS = ["kernel", "walk"] if HAS_CALL else ["walk"]

Way = Callable[[Path], Folder]


def opened(path: Path, way: str) -> Folder:
    """A folder whose names are resolved in one of the two ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "is_there", lambda root: way == "kernel")
        return Folder(path)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_this_kernel_has_the_call() -> None:
    """Else the kernel's way is tested nowhere."""
    release = os.uname().release.split(".")
    if sys.platform == "linux" and (int(release[0]), int(release[1])) >= (5, 6):
        assert HAS_CALL or os.environ.get("CI") != "true"


# ---- one law ----

ORACLE = """
import errno, json, os, sys
real = os.open("/", os.O_RDONLY)
for line in sys.stdin:
    root, names = json.loads(line)
    os.chroot(root)
    os.chdir("/")
    answers = []
    for name in names:
        try:
            handle = os.open("/" + name, os.O_RDONLY)
            try:
                folder = os.path.isdir("/" + name)
                answers.append(sorted(os.listdir(handle)) if folder else os.read(handle, 99).decode())
            finally:
                os.close(handle)
        except OSError as error:
            answers.append(None if error.errno == errno.ENOENT else ["error", error.strerror])
    os.fchdir(real)
    os.chroot(".")
    print(json.dumps(answers), flush=True)
"""


@pytest.fixture(scope="module")
def chroot() -> Iterator[Callable[[Path, list[str]], list[object]]]:
    """What a process finds at names, whose root a folder is."""
    with subprocess.Popen(
        [sys.executable, "-c", ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(root: Path, names: list[str]) -> list[object]:
            assert process.stdin is not None
            assert process.stdout is not None
            print(json.dumps([str(root), names]), file=process.stdin, flush=True)
            return [tuple(one) if one and one[0] == "error" else one for one in json.loads(process.stdout.readline())]

        yield ask
        process.stdin.close()


@contextmanager
def built(spec: dict[str, str]) -> Iterator[Path]:
    """A root of a spec, in folders that have other files of the same names."""
    with tempfile.TemporaryDirectory() as outside:
        root = Path(outside, "a", "b", "root")
        build(root, spec)
        for above in (Path(outside), Path(outside, "a"), Path(outside, "a", "b")):
            for name in "abc":
                if not (above / name).exists():
                    (above / name).write_text("outside")
        yield root


class TestOneLaw:
    """What is at a name does not depend on who resolves it, and is never outside the root."""

    @pytest.mark.skipif(not HAS_CALL, reason="this kernel has no openat2, or a sandbox forbids it")
    @given(SPECS, NAMES)
    @settings(max_examples=examples(200), deadline=None)
    def test_kernel_and_walk(self, spec: dict[str, str], names: list[str]) -> None:
        with built(spec) as path, closing(opened(path, "kernel")) as one, closing(opened(path, "walk")) as other:
            for name in names:
                found = seen(one, name)
                assert found == seen(other, name)
                assert found != "outside"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may change the root")
    @given(spec=SPECS, names=NAMES)
    @settings(max_examples=examples(200), deadline=None)
    def test_walk_and_another_root(
        self, chroot: Callable[[Path, list[str]], list[object]], spec: dict[str, str], names: list[str]
    ) -> None:
        with built(spec) as path, closing(opened(path, "walk")) as root:
            assert [seen(root, name) for name in names] == chroot(path, names)

    def test_handles_are_closed(self, tmp_path: Path, way: str) -> None:
        build(tmp_path / "root", {"a/b": "inside", "c": "->a/../a/b", "a/c": "->c"})
        before = len(os.listdir("/dev/fd"))
        with closing(opened(tmp_path / "root", way)) as root:
            for name in ("a/b", "c", "a/c", "a", "nothing", "a/b/c", "c/..", "a/nothing/.."):
                seen(root, name)
                with suppress(UnreadableSource):
                    root.target(name.encode())
        assert len(os.listdir("/dev/fd")) == before


class TestFolders:
    def test_forty_links(self, tmp_path: Path, way: str) -> None:
        """As many as the kernel follows, and the error names the first."""
        (tmp_path / "0").write_text("inside")
        for number in range(1, 42):
            (tmp_path / str(number)).symlink_to(str(number - 1))
        with closing(opened(tmp_path, way)) as root:
            assert content(root, b"40", 100) == b"inside"
            with pytest.raises(UnreadableSource) as caught:
                content(root, b"41", 100)
        assert (caught.value.source, caught.value.why) == (f"{tmp_path}/41", os.strerror(errno.ELOOP))

    def test_links(self, tmp_path: Path, way: str) -> None:
        build(tmp_path / "root", {"a": "inside", "b": "->../../a", "c": "->/../c2/./", "c2/a": "x"})
        with closing(opened(tmp_path / "root", way)) as root:
            assert root.target(b"b") == b"../../a"
            assert root.target(b"a") is None
            assert root.target(b".") is None
            assert root.target(b"nothing") is None
            assert content(root, b"b", 100) == b"inside"
            assert root.entries(b"c", 1) == [b"a"]
            with pytest.raises(UnreadableSource, match="Not a directory"):
                root.target(b"a/b")

    def test_what_is_no_file(self, tmp_path: Path, way: str) -> None:
        """It is named, not opened, and never waited for."""
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "folder").mkdir()
        with socket.socket(socket.AF_UNIX) as listening:
            before = os.getcwd()
            os.chdir(tmp_path)  # the name of a socket has a hundred bytes at most
            try:
                listening.bind("socket")
            finally:
                os.chdir(before)
        with closing(opened(tmp_path, way)) as root:
            for name, kind in (("pipe", "a named pipe"), ("folder", "a folder"), ("socket", "a socket")):
                with pytest.raises(UnreadableSource, match=f"/{name}: {kind}, where a regular file is expected"):
                    content(root, name.encode(), 100)
            with pytest.raises(UnreadableSource, match="Not a directory"):
                root.entries(b"pipe", 100)
            assert root.entries(b"nothing", 100) is None
        with closing(opened(Path("/dev"), way)) as root:
            status = root.stat(b"null")
            assert status is not None
            assert status.kind is Kind.DEVICE

    def test_limits(self, tmp_path: Path, way: str) -> None:
        (tmp_path / "a").write_bytes(bytes(200_000))
        (tmp_path / "b").touch()
        with closing(opened(tmp_path, way)) as root:
            assert content(root, b"a", 200_000) == bytes(200_000)
            with pytest.raises(LimitExceeded, match="/a: larger than the limit of 199999 bytes"):
                content(root, b"a", 199_999)
            assert len(root.entries(b".", 2) or ()) == 2
            with pytest.raises(LimitExceeded, match="more files than the limit of 1"):
                root.entries(b".", 1)

    def test_names(self, tmp_path: Path, way: str) -> None:
        """Bytes, whether or not they are UTF-8. None has a NUL or more than 255."""
        name = b"caf\xe9"
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as stream:
            stream.write(b"inside")
        with closing(opened(tmp_path, way)) as root:
            assert root.entries(b".", 9) == [name]
            assert content(root, name, 9) == b"inside"
            assert content(root, b"a\0b", 9) is None
            assert content(root, b"", 9) is None
            with pytest.raises(UnreadableSource, match=r"/caf\\xe9/x: Not a directory"):
                content(root, name + b"/x", 9)
            with pytest.raises(UnreadableSource, match=os.strerror(errno.ENAMETOOLONG)):
                content(root, b"n" * 300, 9)

    def test_deep(self, tmp_path: Path) -> None:
        """A walk holds no more handles than it may."""
        (tmp_path / "/".join("a" * 300)).mkdir(parents=True)
        with closing(opened(tmp_path, "walk")) as root:
            assert root.stat(b"/".join([b"a"] * 256)) is not None
            with pytest.raises(UnreadableSource, match="more than 256 folders deep"):
                root.stat(b"/".join([b"a"] * 300))

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="nothing: No such file"):
            Folder(tmp_path / "nothing")


class TestTheCall:
    """Where it is missing, forbidden or undecided, the walk does its work."""

    @pytest.mark.parametrize("why", [errno.ENOSYS, errno.EPERM, errno.E2BIG, errno.EINVAL, errno.EAGAIN])
    def test_refused(self, why: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_text("inside")
        monkeypatch.setattr(openat2, "_call", lambda: (lambda *_: -1, lambda: why))
        with closing(Folder(tmp_path)) as root:
            assert content(root, b"a", 9) == b"inside"

    def test_no_ctypes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_text("inside")
        monkeypatch.setitem(sys.modules, "ctypes", None)
        openat2._call.cache_clear()
        with closing(Folder(tmp_path)) as root:
            assert content(root, b"a", 9) == b"inside"

    @pytest.mark.skipif(not HAS_CALL, reason="this kernel has no openat2, or a sandbox forbids it")
    def test_undecided(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The kernel asks for another try, again and again."""
        (tmp_path / "a").write_text("inside")
        with closing(opened(tmp_path, "kernel")) as root:
            monkeypatch.setattr(openat2, "_call", lambda: (lambda *_: -1, lambda: errno.EAGAIN))
            assert content(root, b"a", 9) == b"inside"


SWAP = """
import os, sys
root, outside = sys.argv[1:]
os.chdir(root)
while True:
    for target in ("../../../.." + outside, "real", outside):
        os.symlink(target, "new")
        os.replace("new", "link")
    os.rename("etc", "aside")
    os.symlink(outside, "etc")
    os.unlink("etc")
    os.rename("aside", "etc")
"""


@contextmanager
def changing(script: str, *arguments: str) -> Iterator[None]:
    """While another process runs this."""
    command = [sys.executable, "-c", f"print(flush=True)\n{script}", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        yield
    finally:
        process.kill()
        process.wait()


def test_nobody_leads_out(tmp_path: Path, way: str) -> None:
    """Links and folders are exchanged all the time, for links that lead out."""
    outside = tmp_path / "outside"
    build(outside, {"a": "outside"})
    build(tmp_path / "root", {"real/a": "inside", "etc/a": "inside", "link": "->real"})
    found: set[bytes | None] = set()
    wanted = {b"inside", None}  # None: a link leads out, to where nothing is in the root
    end = time.monotonic() + 30
    with changing(SWAP, str(tmp_path / "root"), str(outside)), closing(opened(tmp_path / "root", way)) as root:
        for number in count():
            if number > 5000 and (wanted <= found or time.monotonic() > end):
                break
            try:
                found.add(content(root, (b"link/a", b"etc/a", b"etc/../link/a")[number % 3], 100))
            except UnreadableSource as error:
                found.add(error.why.encode())
    assert wanted <= found
    assert b"outside" not in found


class TestTogether:
    """Files that belong together are read as they were at one moment."""

    def test_at_rest(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("1")
        with closing(Folder(tmp_path)) as root:
            assert contents(root, (b"a", b"b"), 9) == [b"1", None]

    def test_a_change(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the first while the second is read: both are read again."""
        real, changes = content, iter(["2", "3"])

        def late(root: tree.Tree, name: bytes, limit: int) -> bytes | None:
            if name == b"b":
                for text in changes:
                    (tmp_path / "new").write_text(text)
                    os.replace(tmp_path / "new", tmp_path / "a")
                    break
            return real(root, name, limit)

        monkeypatch.setattr(tree, "content", late)
        (tmp_path / "a").write_text("1")
        with closing(Folder(tmp_path)) as root:
            assert contents(root, (b"a", b"b"), 9) == [b"3", None]

    def test_no_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Restless:
            source = "root"
            count = 0

            def stat(self, name: bytes) -> Status:
                self.count += 1
                return Status(Kind.FILE, 1, name, self.count)

        monkeypatch.setattr(tree, "content", lambda *_: b"")
        with pytest.raises(UnreadableSource, match="root/a: it changes while it is read"):
            contents(Restless(), (b"a",), 9)  # type: ignore[arg-type]  # nothing else is asked of it

    def test_another_by_now(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was a file when it was looked at, and is a pipe when it is opened."""
        os.mkfifo(tmp_path / "a")
        monkeypatch.setattr(folder, "file_at", lambda *_: True)
        with closing(Folder(tmp_path)) as root, pytest.raises(UnreadableSource, match="it changes while it is read"):
            content(root, b"a", 9)
        assert file_at.__module__ == "advisories.sources.tree"
