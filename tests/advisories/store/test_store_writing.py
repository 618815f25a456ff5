"""Writing stores: the same bytes for the same input, the old file or the new one whatever happens, and taking over."""

import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected
from advisories_stores import KILLS, assert_same, in_store
from places import EXAMPLE, GOLDEN, LIBRARY

from advisories import cli
from advisories.models.errors import EmptySource, UnreadableSource, UnwritableStore
from advisories.models.texts import whole_text
from advisories.store import compiling, open_feed, read_feed
from advisories.store.checking import check_store
from advisories.store.compiling import compile_store, read_sources
from advisories.store.reader import Store
from advisories.store.schema import READER_VERSION

RECORDS = EXAMPLE / "advisories.jsonl"
FEEDS = [
    *sorted(GOLDEN.glob("match/*/feed.json")),
    *sorted(GOLDEN.glob("formats/feeds/*/input*")),
]

Write = Callable[..., Path]


def record(id: str, fixed: str = "2-1", modified: str = "2024-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "related": ["CVE-2024-1000"],
        "modified": modified,
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    } | more


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes records as a feed of this name."""

    def write(name: str, *records: dict[str, Any]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(records))
        return path

    return write


class TestBytes:
    def test_the_same_input_is_the_same_file(self, tmp_path: Path) -> None:
        one, other = tmp_path / "one.db", tmp_path / "other.db"
        compile_store([RECORDS], one)
        code = "import sys; from advisories.store import compiling; compiling.compile_store(sys.argv[1:2], sys.argv[2])"
        command = [sys.executable, "-c", code, str(RECORDS), str(other)]
        subprocess.run(
            command,
            check=True,
            env={"PYTHONPATH": str(LIBRARY), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "C"},
        )
        assert one.read_bytes() == other.read_bytes()

    def test_the_order_of_records_does_not_matter(self, write: Write, tmp_path: Path) -> None:
        records = [record(f"ALSA-{number}", f"{number}-1") for number in range(20)]
        contents = []
        for turn in (records, records[::-1]):
            feed = write("feed.json", *turn)
            compile_store([feed], tmp_path / "feed.db")
            contents.append(Store(tmp_path / "feed.db"))
        assert list(contents[0]) == list(contents[1])
        assert contents[0].digest != contents[1].digest  # for the digest of the source is another

    def test_the_digest_is_that_of_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "feed.db"
        in_store([advisory("ALSA-1", affected("bash", "2-1"))], path)
        data = path.read_bytes()
        digest = Store(path).digest
        assert data.count(bytes.fromhex(digest)) == 1
        assert hashlib.sha256(data.replace(bytes.fromhex(digest), bytes(32))).hexdigest() == digest

    def test_the_digest_of_a_source(self, tmp_path: Path) -> None:
        """As the docs say: so that anybody can tell whether a store is of these files."""
        folder = tmp_path / "feed"
        (folder / "b").mkdir(parents=True)
        files = {"a.json": json.dumps(record("ALSA-1")).encode(), "b/c.json": json.dumps(record("ALSA-2")).encode()}
        files["z.txt"] = b"no feed"
        for name, content in files.items():
            (folder / name).write_bytes(content)
        expected = hashlib.sha256()
        for name in ("a.json", "z.txt", "b/c.json"):  # a folder's own files before its folders
            expected.update(name.encode() + b"\0" + len(files[name]).to_bytes(8, "big") + files[name])
        (source,) = read_sources([folder], tmp_path / "feed.db")
        assert source.digest == expected.hexdigest()
        with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        expected = hashlib.sha256()
        for name in sorted(files):
            expected.update(name.encode() + b"\0" + len(files[name]).to_bytes(8, "big") + files[name])
        (source,) = read_sources([tmp_path / "feed.zip"], tmp_path / "feed.db")
        assert source.digest == expected.hexdigest()
        (source,) = read_sources([folder / "a.json"], tmp_path / "feed.db")
        content = files["a.json"]
        assert source.digest == hashlib.sha256(b"\0" + len(content).to_bytes(8, "big") + content).hexdigest()

    def test_what_the_readers_make_of_known_files(self) -> None:
        """Older stores are taken over from: where this changes, count READER_VERSION up with the digest here."""
        hashed = hashlib.sha256()
        for source in [RECORDS, *FEEDS]:
            feed = read_feed(source)
            text = whole_text((list(feed), feed.all_enrichments()))
            hashed.update(text.encode("utf-8", "surrogatepass"))
        assert (READER_VERSION, hashed.hexdigest()) == (15, DIGEST_OF_READING)


DIGEST_OF_READING = "c102ba139642a32a523bd95b42e6e12442bacbd3629cd57a85bdb13048f9644f"


class TestTakingOver:
    """Compiling onto a store reads what has changed; the file is the one that reading everything makes."""

    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The sources that were read, not taken over."""
        found: list[str] = []
        actual = compiling._read

        def reading(source: str, *more: Any, **others: Any) -> compiling.Source:
            found.append(Path(source).name)
            return actual(source, *more, **others)

        monkeypatch.setattr(compiling, "_read", reading)
        return found

    def again(self, sources: list[Path], path: Path, read: list[str]) -> list[str]:
        """What compiling onto a store reads; the outcome is the same as from nothing."""
        compile_store(sources, path.with_name("fresh.db"))
        del read[:]
        compile_store(sources, path)
        assert path.read_bytes() == path.with_name("fresh.db").read_bytes()
        path.with_name("fresh.db").unlink()
        assert not check_store(path).problems
        assert_same(open_feed(path), read_feed(*sources))
        return list(read)

    def test_only_what_changed_is_read(self, write: Write, tmp_path: Path, read: list[str]) -> None:
        one = write("one.json", record("ALSA-1"), {}, record("ALSA-2", "1-1"), record("ALSA-2", "3-1"))
        two = write("two.json", record("ALSA-3"), record("ALSA-4"), record("ALSA-4", modified="2023-01-01T00:00:00Z"))
        path = tmp_path / "feed.db"
        assert self.again([one, two], path, read) == ["one.json", "two.json"]
        assert open_feed(path).conflicts == ("ALSA-2",)
        assert open_feed(path).duplicates == 2
        assert self.again([one, two], path, read) == []
        write("two.json", record("ALSA-3"), record("ALSA-5"))
        assert self.again([one, two], path, read) == ["two.json"]
        assert self.again([two, one], path, read) == []
        assert self.again([two], path, read) == []
        assert self.again([one, two], path, read) == ["one.json"]
        assert self.again([one, RECORDS, two], path, read) == ["advisories.jsonl"]

    def test_what_other_sources_had_a_say_in_is_read(self, write: Write, tmp_path: Path, read: list[str]) -> None:
        one = write("one.json", record("ALSA-1"), record("ALSA-2"))
        two = write("two.json", record("ALSA-2", modified="2025-01-01T00:00:00Z"))
        three = write("three.json", record("ALSA-3"))
        path = tmp_path / "feed.db"
        self.again([one, two, three], path, read)
        assert self.again([one, two, three], path, read) == ["one.json", "two.json"]
        # What was one source's alone is no longer.
        assert self.again([three], path, read) == []
        write("two.json", record("ALSA-3", "9-1"))
        assert self.again([three, two], path, read) == ["two.json", "three.json"]
        assert self.again([three, three], path, read) == ["three.json", "three.json"]

    def test_a_damaged_or_other_store_gives_nothing(self, write: Write, tmp_path: Path, read: list[str]) -> None:
        one = write("one.json", record("ALSA-1"))
        path = tmp_path / "feed.db"
        assert self.again([one], path, read) == ["one.json"]
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        assert self.again([one], path, read) == ["one.json"]
        path.write_bytes(path.read_bytes()[:4096])
        assert self.again([one], path, read) == ["one.json"]

    def test_stores_are_sources(self, write: Write, tmp_path: Path) -> None:
        sources = [
            write("one.json", record("ALSA-1"), {}, record("GIT-1", affected=[])),
            write("two.json", record("ALSA-2")),
        ]
        stores = []
        for source in sources:
            stores.append(source.with_suffix(".db"))
            compile_store([source], stores[-1])
        for mixed in (stores, [sources[0], stores[1]]):
            compile_store(mixed, tmp_path / "all.db")
            feed = open_feed(tmp_path / "all.db")
            assert list(feed) == list(read_feed(*sources))
            assert [(report.read, report.kept, report.rejected) for report in feed.reports] == [(3, 2, 1), (1, 1, 0)]
        compile_store([tmp_path / "all.db"], tmp_path / "all.db")  # onto itself
        assert list(open_feed(tmp_path / "all.db")) == list(read_feed(*sources))


class TestFailing:
    """Whatever goes wrong, what was there before stays, and nothing is left lying about."""

    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        path = tmp_path / "feed.db"
        in_store([advisory("OLD-1", affected("bash", "2-1"))], path)
        return path

    def assert_untouched(self, old: Path) -> None:
        assert [one.id for one in open_feed(old)] == ["OLD-1"]
        assert not [path for path in old.parent.iterdir() if path.name.startswith(".advisories-")]

    def test_sources(self, old: Path, write: Write) -> None:
        for source, error in (
            (old.parent / "missing", UnreadableSource),
            (write("empty.json", {"id": 5, "affected": []}), EmptySource),
            (old.parent / "none", UnreadableSource),
        ):
            with pytest.raises(error):
                compile_store([source], old)
            self.assert_untouched(old)

    def test_a_full_disk(self, old: Path) -> None:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        command = [sys.executable, "-m", "advisories", "compile", str(RECORDS), "-o", str(old)]
        done = subprocess.run(command, capture_output=True, check=False, preexec_fn=limit)
        assert done.returncode == 2
        assert str(old).encode() in done.stderr
        assert b"Traceback" not in done.stderr
        self.assert_untouched(old)

    def test_places_that_cannot_be_written(self, old: Path, tmp_path: Path) -> None:
        feed = tmp_path / "feed.json"
        feed.write_text(json.dumps(record("ALSA-1")))
        for output, said in (
            (tmp_path / "no" / "folder.db", f"folder.db: there is no folder {tmp_path / 'no'}$"),
            (tmp_path, "a folder: name a file in it$"),
            (Path("/dev/null"), "not a regular file"),
            (feed, "no store, and it is not replaced"),
        ):
            with pytest.raises(UnwritableStore, match=said):
                compile_store([feed], output)
        assert json.loads(feed.read_text())["id"] == "ALSA-1"
        self.assert_untouched(old)

    def test_links_and_modes(self, old: Path, tmp_path: Path) -> None:
        other = tmp_path / "elsewhere"
        other.mkdir()
        link = other / "feed.db"
        link.symlink_to(old)
        before = os.umask(0o027)
        try:
            compile_store([RECORDS], link)
        finally:
            os.umask(before)
        assert link.is_symlink()
        assert len(open_feed(old)) == 384
        assert old.stat().st_mode & 0o777 == 0o640

    def test_leftovers_of_the_dead_are_removed(self, old: Path) -> None:
        import fcntl

        dead, living = (old.parent / f".advisories-{name}.compiling" for name in ("dead", "living"))
        dead.write_bytes(b"half a store")
        with living.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            compile_store([RECORDS], old)
            assert living.exists()
            assert not dead.exists()


def start(*arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "advisories", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_a_whole_store(tmp_path: Path) -> None:
    """`STORE_KILLS=300` for the whole proof."""
    path = tmp_path / "feed.db"
    sources = [RECORDS, FEEDS[0]]
    expected = {}
    for source in sources:
        compile_store([source], path)
        expected[Store(path).digest] = source
    began = time.monotonic()
    assert start("compile", sources[0], "-o", path).communicate() == (None, b"")
    lasts = time.monotonic() - began
    chance = random.Random(os.getpid())
    killed = 0
    outcomes = set()
    for number in range(KILLS):
        writer = start("compile", sources[number % 2], "-o", path)
        if number % 4:
            # While its file is being written.
            while writer.poll() is None and not list(tmp_path.glob(".advisories-*.compiling")):
                time.sleep(0.0005)
            time.sleep(lasts * chance.uniform(0, 0.1))
        else:
            time.sleep(lasts * chance.uniform(0, 1.1))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        killed += writer.returncode == -signal.SIGKILL
        if writer.returncode == 0:
            # The machine has less to do than when the time was taken.
            lasts *= 0.8
        outcomes.add(Store(path).digest)
        assert not check_store(path).problems
    assert outcomes <= expected.keys()
    assert killed >= KILLS // 2
    compile_store(sources, path)
    assert [one.name for one in tmp_path.iterdir()] == ["feed.db"]


READER = """
import sys, time
from advisories import match, open_feed, read_inventory
inventory = read_inventory(sys.argv[2])
seen = set()
until = time.monotonic() + 2.5
while time.monotonic() < until:
    feed = open_feed(sys.argv[1])
    found = len(match(inventory, feed))
    assert len(list(feed)) == len(feed)
    seen.add((len(feed), found))
print(sorted(seen))
"""


@pytest.mark.slow
def test_readers_see_whole_stores_while_two_write(tmp_path: Path) -> None:
    path = tmp_path / "feed.db"
    host = RECORDS.with_name("host.tsv")
    writers = "import sys, time; from advisories.store.compiling import compile_store\n"
    writers += (
        "until = time.monotonic() + 2.5\nwhile time.monotonic() < until: compile_store(sys.argv[1:2], sys.argv[2])"
    )
    compile_store([RECORDS], path)
    writing = [
        subprocess.Popen([sys.executable, "-c", writers, str(source), str(path)])
        for source in (RECORDS, GOLDEN / "match/another-distributions-feed/feed.json")
    ]
    reading = [
        subprocess.Popen([sys.executable, "-c", READER, str(path), str(host)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    # Of the host, each feed finds so much.
    allowed = {(384, 5484), (1, 1)}
    for reader in reading:
        out, _ = reader.communicate()
        assert reader.returncode == 0
        assert {tuple(pair) for pair in json.loads(out.decode().replace("(", "[").replace(")", "]"))} <= allowed
    assert [writer.wait() for writer in writing] == [0, 0]
    assert not check_store(path).problems
    assert [one.name for one in tmp_path.iterdir()] == ["feed.db"]


class TestCommands:
    def test_compile(self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        feed = write("feed.json", record("ALSA-1"), {})
        path = tmp_path / "feed.db"
        for how in ("read", f"unchanged, taken over from {path}"):
            assert cli.main(["compile", str(feed), "-o", str(path)]) == 0
            out, err = capsys.readouterr()
            assert out.splitlines() == [
                f"{feed}: 1 of 2 records kept, 1 rejected ({how})",
                f"{path}: 1 advisory of almalinux 9",
            ]
            assert err == f"advisories: {feed}: [1]: id: (no id): a record without id\n"
        before = path.read_bytes()
        assert cli.main(["compile", "--strict", str(feed), "-o", str(path)]) == 2
        assert "1 rejected, and --strict makes that an error" in capsys.readouterr().err
        assert path.read_bytes() == before

    def test_standard_input(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "advisories", "compile", "-", "-o", str(tmp_path / "feed.db")]
        done = subprocess.run(command, input=RECORDS.read_bytes(), capture_output=True, check=True)
        assert done.stdout.startswith(b"-: 384 of 384 records kept")
        assert len(open_feed(tmp_path / "feed.db")) == 384

    def test_check(self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        git = {"package": {"ecosystem": "Hex", "name": "x"}, "ranges": []}
        feed = write("feed.json", record("ALSA-1"), record("ALSA-1", "3-1"), {}, record("X-1", affected=[git]))
        path = tmp_path / "feed.db"
        compile_store([feed], path)
        assert cli.main(["check", str(path)]) == 0
        lines = capsys.readouterr().out.splitlines()
        digest = Store(path).digest
        assert lines == [
            "ok: opened: its header, length, tables and versions (2 advisories)",
            f"ok: the digest of the file, {digest}",
            "ok: the database's own integrity check",
            "ok: every row: 2 advisories rebuilt, 2 affected entries, 2 intervals with the keys of their versions",
            f"source: {feed} (osv), SHA-256 {Store(path).provenance[0].digest}",
            "  4 records read, 3 kept, 1 rejected",
            f"  rejected (record): {feed}: [2]: id: (no id): a record without id",
            "  skipped (1): ecosystem Hex: no release of a distribution that is known",
            "lint: 1 conflict",
            "  ALSA-1: two contents of one id and date (conflict)",
            f"{path}: whole",
        ]
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data)
        assert cli.main(["check", str(path)]) == 2
        assert "WRONG: the digest of the file is" in capsys.readouterr().out
        assert cli.main(["check", str(feed)]) == 2
        assert f"{feed}: not a store of advisories" in capsys.readouterr().err

    def test_match_with_stores(self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        listing = tmp_path / "list.txt"
        listing.write_text("# os-release ID=almalinux VERSION_ID=9.4\nbash-1-1.x86_64\nzsh-5.8-9.el9.x86_64\n")
        nameless = {name: value for name, value in record("ALSA-0").items() if name != "id"}
        one = write("one.json", record("ALSA-1"), nameless)
        two = write("two.json", record("ALSA-2", related=["CVE-2024-2000"]))
        stores = [tmp_path / "one.db", tmp_path / "two.db"]
        for source, store in zip((one, two), stores, strict=True):
            compile_store([source], store)
        found = []
        for feeds in ((one, two), (stores[0], two), stores):
            arguments = [word for feed in feeds for word in ("--feed", str(feed))]
            assert cli.main(["match", "--inventory", str(listing), *arguments, "--format", "json"]) == 0
            out, err = capsys.readouterr()
            assert "[1]: id: (no id): a record without id" in err
            report = json.loads(out)
            found.append((report["findings"], [(one["read"], one["rejected"]) for one in report["feed"]["sources"]]))
        assert found[0] == found[1] == found[2]
        assert len(found[0][0]) == 2
        stores[0].write_bytes(stores[0].read_bytes()[:4096])
        assert cli.main(["match", "--inventory", str(listing), "--feed", str(stores[0])]) == 2
        assert f"{stores[0]}: truncated" in capsys.readouterr().err

    def test_progress_is_for_terminals(self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import pty

        # A line of other tests' width is more than a terminal takes that nobody reads.
        monkeypatch.setenv("COLUMNS", "80")
        feed = write("feed.json", record("ALSA-1"))
        command = [sys.executable, "-m", "advisories", "compile", str(feed), "-o", str(tmp_path / "feed.db")]
        assert subprocess.run(command, capture_output=True, check=True).stderr == b""
        ours, theirs = pty.openpty()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
        os.close(theirs)
        said = os.read(ours, 4096)
        os.close(ours)
        assert said.startswith(f"\r{feed}: 0 records"[:60].encode())
        assert b"\n" not in said
        assert said.endswith(b" \r")


def test_a_path_with_a_nul(tmp_path: Path) -> None:
    """A configuration file or another program may have one. It is our error, not Python's."""
    feed = tmp_path / "feed.json"
    feed.write_text('{"id": "A-1"}')
    for run in (lambda: check_store("a\0b"), lambda: compile_store(str(feed), "a\0b")):
        with pytest.raises(UnreadableSource, match="a path with a NUL in it"):
            run()
