"""A store is the feed it was compiled from: the same advisories, records, findings and reports; opened at once."""

import json
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import attrs
import pytest
from advisories_reference import ALMA9, advisory, affected, host, rpm
from advisories_stores import ENRICHMENTS, FEEDS, PACKAGES, assert_same, entries, in_store, is_ordered
from examples import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from places import EXAMPLE, GOLDEN

import vercmp
import vercmp.testing
from advisories import Feed, cli, match
from advisories.index.records import NO_UPPER, grouped, record_of
from advisories.models import (
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Enrichment,
    Loss,
    Names,
    Package,
    Range,
    ReadReport,
    Reference,
    Rejection,
    Scope,
    Severity,
)
from advisories.models.errors import DamagedStore, UnreadableSource
from advisories.readers import inventories
from advisories.store import open_feed, read_feed
from advisories.store.compiling import compile_store
from advisories.store.reader import Store
from advisories.store.schema import APPLICATION_ID, PAGE_SIZE, SCHEMA, SCHEMA_VERSION
from advisories.store.spans import span_rows, spans_of

MATCH_CASES = sorted((GOLDEN / "match").iterdir())

thorough = settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for stores that one test after the other replaces."""
    return tmp_path_factory.mktemp("stores") / "feed.db"


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the bundled example."""
    target = tmp_path_factory.mktemp("example") / "feed.db"
    compile_store([EXAMPLE / "advisories.jsonl"], target)
    return target


class TestTheSame:
    @thorough
    @given(FEEDS, ENRICHMENTS, st.lists(PACKAGES, min_size=1, max_size=5))
    def test_any_feed(
        self, path: Path, advisories: list[Advisory], enrichments: list[Enrichment], packages: list[Package]
    ) -> None:
        stored = in_store(advisories, path, enrichments)
        expected = Feed(advisories, stored.reports, enrichments)
        event(f"flaws: {min(len(expected.flaws), 2)}")
        assert_same(stored, expected)
        inventory = host(*packages)
        assert match(inventory, open_feed(path)) == match(inventory, expected)
        for one in expected:
            assert stored.advisory(one.id) == one
        assert stored.advisory("no such id") is None
        assert stored.ids() == expected.ids()

    @pytest.mark.parametrize("case", MATCH_CASES, ids=lambda case: case.name)
    def test_golden_cases(self, case: Path, path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        feeds = sorted(case.glob("feed*"))
        compile_store(feeds, path)
        assert_same(open_feed(path), read_feed(*feeds))
        arguments = ["match", "--inventory", str(case / "inventory.txt"), "--format", "json"]
        arguments += json.loads((case / "expected.json").read_text())["arguments"]
        found = []
        for sources in (feeds, [path]):
            status = cli.main([*arguments, *[word for feed in sources for word in ("--feed", str(feed))]])
            found.append((status, *capsysbinary.readouterr()))
        assert found[0] == found[1]

    def test_the_example(self, example: Path) -> None:
        expected = read_feed(EXAMPLE / "advisories.jsonl")
        assert_same(open_feed(example), expected)
        inventory = inventories.read(EXAMPLE / "host.tsv")
        assert match(inventory, open_feed(example)) == match(inventory, expected)

    def test_the_whole_almalinux_feed(self, almalinux: Feed, almalinux_folder: Path, path: Path) -> None:
        compile_store([almalinux_folder], path)
        assert_same(open_feed(path), almalinux)

    def test_nothing_of_the_nouns_is_left_out(self) -> None:
        """A field that joins one of these belongs into the schema too."""
        assert names(Advisory) == (
            *("id", "kind", "cves", "affected", "database", "rating", "severities", "published", "modified"),
            *("withdrawn", "aliases", "references", "reboot_suggested", "known_exploited"),
        )
        assert names(Affected) == (
            *("package", "type", "distribution", "names", "ranges", "versions", "fix_state", "negative", "arches"),
            *("module", "channel", "epoch_known", "source", "completed", "in_archive"),
        )
        assert names(Range) == ("introduced", "fixed", "last_affected", "limit")
        assert names(Severity) == ("type", "score", "source", "cve")
        assert names(Enrichment) == ("cve", "source", "known_exploited", "epss", "severities", "modified")
        assert names(Reference) == ("type", "url")
        assert names(ReadReport) == (
            *("source", "format", "read", "kept", "rejections", "skips", "scopes", "losses", "newest"),
            "unread_types",  # of package lists alone
        )
        assert names(Rejection) == ("source", "position", "what", "why", "extent", "losses")
        assert names(Scope) == ("distribution", "part", "advisories", "single")
        assert names(Loss) == ("package", "distribution", "advisory")


def names(noun: type) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(noun))


class TestSpans:
    @thorough
    @given(entries(types=("rpm", "deb")))
    def test_there_and_back(self, entry: Affected) -> None:
        """What the rows say is what the record says, keys and all, and they hold its candidates' keys."""
        bare = Advisory("A")
        record = record_of(bare, entry)
        rows = tuple(span_rows(entry, record))
        scheme = SCHEME_OF_TYPE[entry.type] if record.unordered is None else None
        what = spans_of(rows, len(entry.ranges), len(entry.versions), scheme)
        assert (what.ranges, what.listed) == (entry.ranges, entry.versions)
        if record.unordered is None:
            assert (what.intervals, what.epochless) == (record.intervals, record.epochless)
            assert (what.versions, what.epochless_versions) == (record.versions, record.epochless_versions)
            assert (what.epochless is what.intervals) is (record.epochless is record.intervals)
        group = grouped({"x": [record]})["x"]
        keys = {key for row in rows for key in row[5:]} | {b"", b"\x80", b"\xf0"}
        keys |= {key + b"\0" for key in keys}
        for key in {key for key in keys if key < NO_UPPER}:
            for low, high, epoch in ((5, 6, True), (7, 8, False)):
                held, is_candidate = (
                    any(row[low] <= key < row[high] for row in rows),
                    bool(group.candidates(key, epoch=epoch)),
                )
                # Of a record that cannot show an epoch the rows may hold more: what another record shows decides.
                assert held >= is_candidate if not entry.epoch_known else held is is_candidate

    @pytest.mark.parametrize("scheme", sorted(vercmp.SCHEMES))
    def test_no_key_is_above_no_upper(self, scheme: str) -> None:
        @settings(max_examples=examples(500), deadline=None)
        @given(vercmp.testing.nasty_versions(scheme) | vercmp.testing.versions(scheme))
        def check(version: str) -> None:
            assert b"" < vercmp.sort_key(version, scheme=scheme) + b"\0" < NO_UPPER

        check()


class TestOpening:
    def test_nothing_hangs_on_the_size(self, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Opening runs the same few statements for any store; none of them reads a table that grows."""
        said: list[str] = []
        connect = sqlite3.connect

        def traced(*arguments: object, **more: object) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **more)  # type: ignore[call-overload]
            connection.set_trace_callback(said.append)
            return connection

        monkeypatch.setattr(sqlite3, "connect", traced)
        feed = open_feed(example)
        assert len(feed) == 384
        assert [statement for statement in said if "PRAGMA" not in statement] == [
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
            "SELECT name, value FROM meta",
        ]
        del said[:]
        feed.group(ALMA9, Names.BINARY, "bash")
        assert len(said) < 12
        plans = [row for statement in said for row in feed_plan(example, statement)]
        small = ("distribution", "channel", "module", "stream")
        assert not [plan for plan in plans if "SCAN" in plan and not plan.endswith(small)]

    def test_matching_reads_the_rows_of_its_packages_alone(self, example: Path) -> None:
        feed = open_feed(example)
        match(host(rpm("bash", "5.1.8-4.el9")), feed)
        backing = feed._backing
        assert isinstance(backing, Store)
        assert len(backing._loader._bare) < 5

    def test_nothing_appears_beside_it(self, example: Path) -> None:
        before = sorted(example.parent.iterdir())
        feed = open_feed(example)
        match(inventories.read(EXAMPLE / "host.tsv"), feed)
        list(feed)
        assert sorted(example.parent.iterdir()) == before == [example]

    def test_a_read_only_folder_will_do(self, example: Path, tmp_path: Path) -> None:
        copy = tmp_path / "read-only" / "feed.db"
        copy.parent.mkdir()
        copy.write_bytes(example.read_bytes())
        copy.chmod(0o400)
        copy.parent.chmod(0o500)
        assert len(list(open_feed(copy))) == 384
        copy.parent.chmod(0o700)

    @pytest.mark.parametrize("name", ["a b.db", "a?b#c%20.db", "ü.db", "-.db"])
    def test_any_name(self, example: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / name).write_bytes(example.read_bytes())
        monkeypatch.chdir(tmp_path)
        assert open_feed(name).releases == (ALMA9,)

    def test_it_pickles_as_its_path_and_digest(self, example: Path, tmp_path: Path) -> None:
        copy = tmp_path / "feed.db"
        copy.write_bytes(example.read_bytes())
        pickled = pickle.dumps(open_feed(copy))
        assert len(pickled) < 400
        again = pickle.loads(pickled)
        assert len(list(again)) == 384
        in_store([advisory("ALSA-1", affected("bash", "2-1"))], copy)
        assert len(list(again)) == 384  # it goes on reading the file it opened
        with pytest.raises(UnreadableSource, match="another store than before"):
            pickle.loads(pickled)
        copy.unlink()
        with pytest.raises(UnreadableSource, match="No such file"):
            pickle.loads(pickled)

    @pytest.mark.slow
    def test_threads_share_it(self, example: Path) -> None:
        inventory = inventories.read(EXAMPLE / "host.tsv")
        expected = match(inventory, open_feed(example))
        feed = open_feed(example)
        barrier = threading.Barrier(4)
        found: list[object] = []

        def run() -> None:
            barrier.wait()
            found.append((match(inventory, feed), len(list(feed)), feed.flaws, feed.advisory("ALSA-2023:2523")))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [(expected, 384, (), feed.advisory("ALSA-2023:2523"))] * 4

    def test_sqlite_is_imported_only_for_a_store(self) -> None:
        code = "import sys, advisories, advisories.cli.entry; print('sqlite3' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"

    def test_matching_loads_nothing_that_writes(self, example: Path) -> None:
        code = (
            "import sys; from advisories import cli;"
            f"cli.main(['match', '--inventory', {str(EXAMPLE / 'host.tsv')!r}, '--feed', {str(example)!r}]);"
            "print(*sorted(sys.modules), file=sys.stderr)"
        )
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stderr.split()
        assert "advisories.store.reader" in loaded
        unwanted = {"hashlib", "tempfile", "secrets", "fcntl", "advisories.readers.feeds.osv"}
        unwanted |= {f"advisories.store.{name}" for name in ("compiling", "writing", "checking", "tables")}
        assert unwanted.isdisjoint(loaded)


def feed_plan(store: Path, statement: str) -> list[str]:
    """How SQLite carries out a statement."""
    with sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    connection.close()
    return [row[3] for row in rows]


class TestRefusals:
    """What is no store of this version, or not all of one, is refused when it is opened, with the reason."""

    def refused(self, path: Path, *said: str) -> None:
        with pytest.raises(UnreadableSource) as caught:
            Store(path)
        for words in (str(path), *said):
            assert words in str(caught.value)

    def test_truncated_anywhere(self, example: Path, tmp_path: Path) -> None:
        data = example.read_bytes()
        copy = tmp_path / "feed.db"
        for size in [*range(PAGE_SIZE, len(data), PAGE_SIZE), 99, 100, 101, len(data) - 1]:
            copy.write_bytes(data[:size])
            self.refused(copy, "truncated")
        copy.write_bytes(data + b"\0")
        self.refused(copy, "too long")

    @pytest.mark.parametrize("content", [b"", b"SQLite", b"some text\n" * 100, b'{"id": "ALSA-1"}', b"PK\x03\x04" * 50])
    def test_other_files(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "feed.db"
        path.write_bytes(content)
        self.refused(path, "not a store of advisories")

    def test_no_file(self, tmp_path: Path) -> None:
        self.refused(tmp_path / "missing", "No such file")
        self.refused(tmp_path, "not a regular file")
        os.mkfifo(tmp_path / "pipe")
        self.refused(tmp_path / "pipe", "not a regular file")

    def test_another_database(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE x (y)")
        connection.close()
        self.refused(path, "an SQLite database, but not a store of advisories")

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            (
                f"PRAGMA user_version = {SCHEMA_VERSION + 1}",
                f"schema of the store has version {SCHEMA_VERSION + 1}, and",
            ),
            ("UPDATE meta SET value = 99 WHERE name = 'key_version'", "layout of the store's keys has version 99, and"),
            ("DELETE FROM meta WHERE name = 'newest'", "its newest is missing"),
            ("UPDATE meta SET value = 'x' WHERE name = 'advisories'", "its advisories is missing"),
            ("UPDATE meta SET value = x'00' WHERE name = 'digest'", "its digest is missing"),
            ("DROP TABLE alias", "its tables are not those of schema"),
            ("CREATE VIEW v AS SELECT 1", "its tables are not those of schema"),
            ("PRAGMA journal_mode = WAL", "its header contradicts itself"),
        ],
    )
    def test_other_versions(self, example: Path, tmp_path: Path, statement: str, said: str) -> None:
        copy = tmp_path / "feed.db"
        copy.write_bytes(example.read_bytes())
        with sqlite3.connect(copy) as connection:
            connection.execute(statement)
        connection.close()
        self.refused(copy, said)

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM interval WHERE rowid_is_gone",
            "DELETE FROM affected",
            "DELETE FROM interval",
            "DELETE FROM cve",
            "DELETE FROM advisory",
            "DELETE FROM module",
            "DELETE FROM distribution",
            "UPDATE affected SET fix_state = 'perhaps'",
            "UPDATE affected SET negative = 2",
            "UPDATE affected SET module = 77",
            "UPDATE affected SET ranges = 5000000000000",
            "UPDATE affected SET ranges = -1, versions = 2",
            "UPDATE affected SET arches = 1",
            "UPDATE advisory SET kind = 'x'",
            "UPDATE advisory SET published = 'yesterday'",
            "UPDATE advisory SET cves = 'many'",
            "UPDATE interval SET fixed = 5.5",
            "UPDATE interval SET upper_key = 'text'",
            "UPDATE interval SET version = 'x'",
            "UPDATE package SET names = 'both'",
            "UPDATE package SET distribution = 55",
            "UPDATE package SET entries = entries + 1",
            "UPDATE kind SET kind = 'x' || kind",
            "UPDATE source SET kept = kept + 1",
            "UPDATE source SET rejections = 3",
            "INSERT INTO flaw VALUES (0, 'x', 'y', NULL, NULL, 'z')",
        ],
    )
    def test_contradictions(self, example: Path, tmp_path: Path, statement: str) -> None:
        """They are found where they matter, as an error that names the file, and never as another exception."""
        copy = tmp_path / "feed.db"
        copy.write_bytes(example.read_bytes())
        with sqlite3.connect(copy) as connection:
            if "rowid_is_gone" in statement:
                statement = "DELETE FROM interval WHERE affected = (SELECT max(number) FROM affected)"
            # The types of the schema would mend a number in a column of texts.
            connection.execute(statement)
        connection.close()

        def ask() -> None:
            feed = open_feed(copy)
            inventory = inventories.read(EXAMPLE / "host.tsv")
            match(inventory, feed)
            # Drafts decide about these. The records themselves are read where the rules do.
            for package in inventory.packages:
                feed.records(ALMA9, Names.BINARY, package.name)
            list(feed)
            _ = feed.kinds, feed.flaws, feed.reports, feed.releases

        if statement in ("UPDATE package SET distribution = 55", "UPDATE interval SET fixed = 5.5"):
            return  # no row is found, or it becomes the text '5.5': the digest tells
        with pytest.raises(DamagedStore, match="damaged"):
            ask()

    def test_the_header_says_what_it_is(self, example: Path) -> None:
        connection = sqlite3.connect(f"file:{example}?mode=ro&immutable=1", uri=True)
        values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        assert values == [APPLICATION_ID, SCHEMA_VERSION]
        assert APPLICATION_ID.to_bytes(4, "big") == b"vadv"
        found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        assert tuple(sql for (sql,) in found) == SCHEMA
        connection.close()


def test_what_has_no_order_is_stored_too(path: Path) -> None:
    entry = Affected("left-pad", "npm", None, Names.SOURCE, (Range("1", "2"),), ("3",))
    feed = in_store([Advisory("GHSA-1", affected=(entry,))], path)
    assert not is_ordered(entry)
    assert feed.unordered == {"npm": 1}
    assert [one.affected for one in feed] == [(entry,)]
    assert feed.releases == ()
