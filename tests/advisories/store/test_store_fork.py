"""A process that is forked while its threads read a store: the child reads the same, and its parent goes on."""

import gc
import inspect
import os
import pickle
import pkgutil
import select
import signal
import sqlite3
import struct
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from advisories_stores import in_store

import advisories
from advisories import Feed, match
from advisories.models.errors import UnreadableSource
from advisories.readers.inventories import read as read_inventory
from advisories.sources import sqlite
from advisories.store import open_feed
from advisories.store.checking import check_store
from advisories.store.database import Database
from advisories.store.reader import Store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")

#: Seconds after which a child hangs.
PATIENCE = 20.0

ADVISORIES = [advisory(f"ALSA-{number}", affected(f"package-{number % 7}", f"{number}-1")) for number in range(1, 40)]
_TEXTS = {1000: "bash", 1001: "5.1.8", 1002: "4.el9", 1022: "x86_64", 1044: "bash-5.1.8-4.el9.src.rpm"}
_STRINGS = [text.encode() + b"\0" for text in _TEXTS.values()]
#: A header of rpm.
HEADER = (
    struct.pack(">II", len(_TEXTS), sum(map(len, _STRINGS)))
    + b"".join(struct.pack(">IIiI", tag, 6, sum(map(len, _STRINGS[:i])), 1) for i, tag in enumerate(_TEXTS))
    + b"".join(_STRINGS)
)
HOST = host(*(rpm(f"package-{number}", "0:0.1-1") for number in range(7)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feed.db"
    in_store(ADVISORIES, path)
    return path


def start(work: Callable[[], object]) -> tuple[int, int]:
    """Fork, and give the child's number and a pipe with the pickle of its result or error."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of what is tested here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    status = 1
    signal.alarm(int(2 * PATIENCE))
    try:
        os.close(reading)
        try:
            result = work()
        except Exception as error:
            result = error
        with open(writing, "wb") as stream:
            pickle.dump(result, stream)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def finish(child: int, reading: int) -> Any:
    """The result of a child, which must come in time."""
    answer = b""
    try:
        with open(reading, "rb", buffering=0) as stream:
            while select.select([stream], [], [], PATIENCE)[0]:
                part = stream.read(1 << 16)
                if not part:
                    return pickle.loads(answer)
                answer += part
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    pytest.fail(f"the child hangs after {PATIENCE:g} seconds")


def in_child(work: Callable[[], object]) -> Any:
    return finish(*start(work))


@contextmanager
def held(lock: Any) -> Iterator[None]:
    """Another thread holds this in a ``with`` statement."""
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            is_held.set()
            may_end.wait(PATIENCE * 2)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(PATIENCE)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def everything(feed: Feed) -> tuple[object, ...]:
    return match(HOST, feed), list(feed), feed.flaws, feed.releases, feed.newest


@pytest.mark.parametrize("is_read_before", [False, True])
def test_the_child_reads_while_another_thread_holds_the_store(path: Path, is_read_before: bool) -> None:
    expected = everything(open_feed(path))
    store = Store(path)
    feed = Feed.over(store)
    if is_read_before:
        match(HOST, feed)
    with held(store._database):
        assert in_child(lambda: everything(feed)) == expected
    assert everything(feed) == expected


def test_a_child_of_the_child_reads(path: Path) -> None:
    store = Store(path)
    feed = Feed.over(store)

    def of_child() -> object:
        with held(store._database):
            of_its_child = in_child(lambda: everything(feed))
        return of_its_child, everything(feed)

    with held(store._database):
        of_both = in_child(of_child)
    assert of_both == (everything(feed),) * 2


def test_a_connection_is_not_carried_over(path: Path) -> None:
    """Nor closed in the child, whatever becomes of the store there. SQLite forbids both."""
    closed: list[object] = []
    one, other, third = (Database(str(path)) for _ in range(3))
    inherited = one._connection, other._connection

    def of_child() -> object:
        nonlocal other
        third.close()
        with one:
            is_new = one._connection is not inherited[0]
        one.close()
        del other
        for connection in inherited:
            closed.append(connection.execute("SELECT count(*) FROM advisory").fetchone())
        with pytest.raises(UnreadableSource, match="the store is closed"), third:
            pass
        return is_new, closed

    assert in_child(of_child) == (True, [(39,)] * 2)
    with third:
        assert third.rows("SELECT count(*) FROM advisory") == [(39,)]


def test_another_file_is_not_taken_for_the_store(path: Path) -> None:
    feed = open_feed(path)
    other = open_feed(path)
    expected = everything(other)
    in_store([advisory("ALSA-1", affected("bash", "2-1"))], path)

    def of_child() -> object:
        errors = []
        for _ in range(2):
            with pytest.raises(UnreadableSource) as raised:
                match(HOST, feed)
            errors.append(str(raised.value))
        return errors

    for error in in_child(of_child):
        assert "another store than before the fork" in error
    assert everything(feed) == expected  # the parent goes on with the file that it opened
    path.write_bytes(b"SQLite format 3\0 and then nothing")
    assert "truncated" in str(in_child(lambda: list(feed)))
    path.unlink()
    assert "No such file" in str(in_child(lambda: list(feed)))
    assert everything(feed) == expected


def test_the_same_file_once_more_is_the_store(path: Path) -> None:
    feed = open_feed(path)
    expected = everything(open_feed(path))
    path.unlink()
    in_store(ADVISORIES, path)
    assert in_child(lambda: everything(feed)) == expected


def test_a_closed_store_stays_closed(path: Path) -> None:
    feed = open_feed(path)
    feed.close()
    with pytest.raises(UnreadableSource, match="the store is closed"):
        raise in_child(lambda: list(feed))


def test_a_fork_by_the_thread_that_reads(path: Path) -> None:
    """A signal's handler may do that. It holds the lock in the child, too."""
    one = Database(str(path))
    with one:
        assert in_child(lambda: one.__exit__(None, None, None)) is None
        assert one.rows("SELECT count(*) FROM advisory") == [(39,)]


@pytest.mark.parametrize("gate", [sqlite.INSIDE, sqlite.AT_LENGTH])
def test_a_fork_waits_until_nobody_is_inside_sqlite(path: Path, gate: Any) -> None:
    """Its locks would stay locked in the child."""
    feed = open_feed(path)
    order: list[str] = []
    with held(gate):
        forking = threading.Thread(target=lambda: order.append(in_child(lambda: everything(feed)) and "forked"))
        forking.start()
        forking.join(0.2)
        order.append("left")
    forking.join(PATIENCE)
    assert order == ["left", "forked"]


def rpm_root(root: Path, *, has_log: bool) -> Path:
    """A root of AlmaLinux with a package, whose row is in the write-ahead log or in the file itself."""
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text("ID=almalinux\nVERSION_ID=9.4\n")
    at = root / "var/lib/rpm/rpmdb.sqlite"
    at.parent.mkdir(parents=True)
    with closing(sqlite3.connect(at, isolation_level=None)) as connection:
        if has_log:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
        connection.executemany("INSERT INTO Packages VALUES (?, ?)", [(number, HEADER) for number in range(1, 9)])
        state = {path: path.read_bytes() for path in at.parent.iterdir() if not path.name.endswith("-shm")}
    for path, data in state.items():
        path.write_bytes(data)
    return root


def uses(path: Path) -> dict[str, Callable[[], object]]:
    """Everything that uses SQLite, with the same result each time."""
    roots = {has_log: rpm_root(path.parent / f"root-{has_log}", has_log=has_log) for has_log in (False, True)}
    return {
        "store": lambda: everything(open_feed(path)),
        "check": lambda: check_store(path),
        "compile": lambda: in_store(ADVISORIES, path.parent / f"{threading.get_ident()}-{os.getpid()}.db") and None,
        "rpm": lambda: read_inventory(roots[False]).packages,
        "rpm with a log": lambda: read_inventory(roots[True]).packages,
    }


def test_whoever_is_inside_sqlite_holds_the_gate(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def gated(cls: Any, name: str) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any, **more: Any) -> Any:
            calls.append(name)
            assert sqlite.INSIDE._is_owned() or sqlite.AT_LENGTH._is_owned(), name  # type: ignore[attr-defined]
            return getattr(super(cls, self), name)(*arguments, **more)

        return call

    class Cursor(sqlite3.Cursor):
        pass

    class Connection(sqlite3.Connection):
        def execute(self, *arguments: Any) -> Any:
            calls.append("execute")
            assert sqlite.INSIDE._is_owned() or sqlite.AT_LENGTH._is_owned()  # type: ignore[attr-defined]
            return self.cursor(Cursor).execute(*arguments)

    for name in ("fetchone", "fetchmany", "fetchall", "__next__", "close"):
        setattr(Cursor, name, gated(Cursor, name))
    for name in ("executemany", "executescript", "commit", "close", "deserialize", "set_progress_handler", "setlimit"):
        setattr(Connection, name, gated(Connection, name))
    usual = sqlite3.connect

    def connect(*arguments: Any, **more: Any) -> Any:
        calls.append("connect")
        assert sqlite.INSIDE._is_owned()  # type: ignore[attr-defined]
        return usual(*arguments, factory=Connection, **more)

    works = uses(path)
    monkeypatch.setattr(sqlite3, "connect", connect)
    for work in works.values():
        work()
        gc.collect()
        assert {"connect", "execute", "close"} <= set(calls)
        calls.clear()


@pytest.mark.slow
def test_threads_use_sqlite_while_children_are_forked(path: Path) -> None:
    works = uses(path)
    expected = {name: work() for name, work in works.items()}
    assert len(expected["rpm"]) == len(expected["rpm with a log"]) == 8  # type: ignore[arg-type]
    may_end = threading.Event()
    wrong: list[str] = []

    def run(name: str) -> None:
        while not may_end.is_set():
            if works[name]() != expected[name]:
                wrong.append(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in works]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            for name, work in works.items():
                assert in_child(work) == expected[name]
    finally:
        may_end.set()
        for thread in threads:
            thread.join()
    assert not wrong


@pytest.mark.slow
def test_threads_read_while_children_are_forked(path: Path) -> None:
    expected = everything(open_feed(path))
    may_end = threading.Event()
    feed = open_feed(path)
    found: list[object] = []

    def run() -> None:
        while not may_end.is_set():
            found.append(everything(open_feed(path)) == everything(feed) == expected)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(100):
            assert in_child(lambda: everything(feed)) == expected
    finally:
        may_end.set()
        for thread in threads:
            thread.join()
    assert set(found) == {True}


def test_nothing_else_has_a_lock_that_a_child_inherits() -> None:
    """Python 3.11 gives each cached property one lock for all objects. attrs takes its own, without a lock."""
    found = 0
    for module in pkgutil.walk_packages(advisories.__path__, "advisories."):
        if module.name.endswith("__main__"):
            continue
        for _, cls in inspect.getmembers(import_module(module.name), inspect.isclass):
            for value in vars(cls).values():
                if isinstance(value, cached_property):
                    found += 1
                    assert isinstance(value.lock, nullcontext)
    assert found > 10
