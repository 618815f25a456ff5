"""Drafts in a store: the same after reading them back, used if the rules are today's, and checked like all rows."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from advisories_drafts import by_drafts, by_rules
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from advisories_stores import in_store
from examples import examples
from hostile_drafts import check
from hypothesis import given, settings
from hypothesis import strategies as st
from json_mutations import changed
from places import EXAMPLE, GOLDEN

from advisories import Feed, cli, match
from advisories.matching.drafts import RULES_VERSION, draft_group
from advisories.models import Distribution, Names, Severity
from advisories.models.errors import DamagedStore
from advisories.readers import inventories
from advisories.store import open_feed, read_feed
from advisories.store.checking import check_store
from advisories.store.compiling import compile_store
from advisories.store.drafts import text_of

VECTOR = Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "vendor")
RECORDS = [
    advisory("A-1", affected("bash", "2-1"), cves=["CVE-2024-1", "CVE-2024-2"], severities=(VECTOR,)),
    advisory("A-2", affected("bash", "3-1.el9_2"), cves=["CVE-2024-1"], rating="low"),
    advisory("A-3", affected("bash"), cves=["CVE-2024-3"]),
    advisory("A-4", affected("bash", "4-1", arches=("x86_64",)), cves=["CVE-2024-4"]),
    advisory("D-1", affected("bash", distribution=DEBIAN12, names=Names.SOURCE), cves=["CVE-2024-5"]),
    advisory(
        "D-2",
        affected("bash", "2", distribution=Distribution("debian", "unstable"), names=Names.SOURCE),
        cves=["CVE-2024-5"],
    ),
]
TEXT = text_of(draft_group(Feed(RECORDS), ALMA9, Names.BINARY, "bash"))
FEEDS = [EXAMPLE / "advisories.jsonl", *sorted(GOLDEN.glob("match/*/feed*"))]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "feed.db"
    in_store(RECORDS, path)
    return path


def test_a_store_matches_by_drafts_alone(store: Path) -> None:
    """No record is read where drafts decide."""
    feed = open_feed(store)
    inventory = host(rpm("bash", "1-1"), rpm("bash", "2-1", arch="noarch"), rpm("else", "1-1"))
    found = match(inventory, feed)
    assert not any(feed._backing._groups.values())  # type: ignore[attr-defined]
    assert list(found) == list(by_rules(inventory, Feed(RECORDS)))
    debian = host(deb("bash", "1", source_name="bash", source_version="1"), distribution=DEBIAN12)
    assert [finding.vulnerability for finding in match(debian, feed)] == ["CVE-2024-5"]
    newer = host(deb("bash", "2", source_name="bash", source_version="2"), distribution=DEBIAN12)
    assert not match(newer, feed)


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.parent.name)
def test_real_and_golden_feeds(path: Path, tmp_path: Path) -> None:
    """A store's matches are those of the feed in memory, for the drafts that are read back are those that were made."""
    store = tmp_path / "feed.db"
    compile_store([path], store)
    whole, stored = read_feed(path), open_feed(store)
    for release in whole.releases:
        for id, version, names, name in whole._backing._entries:  # type: ignore[attr-defined]
            if (id, version) == (release.id, release.release or ""):
                made = draft_group(whole, release, names, name)
                read = stored.drafts([(release, names, name)])
                assert read == {(release, names, name): None if made.is_empty else made}
    assert not check_store(store).problems
    lists = sorted(path.parent.glob("inventory.txt")) or [EXAMPLE / "host.tsv"]
    for inventory in map(inventories.read, lists):
        assert list(match(inventory, stored)) == list(by_rules(inventory, whole))


@pytest.mark.parametrize("version", [RULES_VERSION - 1, RULES_VERSION + 1])
def test_drafts_of_other_rules_are_not_used(
    store: Path, version: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'rules_version'", (version,))
        connection.execute("UPDATE draft SET body = '[]'")
    connection.close()
    feed = open_feed(store)
    assert not feed.has_own_rules
    inventory = host(rpm("bash", "1-1"), rpm("else", "1-1"))
    expected = list(by_rules(inventory, Feed(RECORDS)))
    assert list(match(inventory, feed)) == expected
    found, ways = by_drafts(inventory, feed)
    assert list(found) == expected
    assert ways.drafts == 1  # made anew, at the second look
    package_list = tmp_path / "host.tsv"
    package_list.write_text("# os-release ID=almalinux VERSION_ID=9\nbash\t0\t1\t1\tx86_64\t(none)\t(none)\t(none)\n")
    cli.main(["match", "--feed", str(store), "--inventory", str(package_list)])
    assert "compiled by another version. Matching takes longer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda body: "[]",
        lambda body: body.replace("CVE-2024-1", "CVE-2024-9"),
        lambda body: body.replace("A-2", "A-9"),
        lambda body: body.replace("3-1.el9_2", "9-1.el9_2"),
        lambda body: body.replace('"V3"', '"H1"'),
    ],
)
def test_check_finds_drafts_that_the_rules_do_not_make(store: Path, change: Callable[[str], str]) -> None:
    with sqlite3.connect(store) as connection:
        ((number, body),) = connection.execute("SELECT number, body FROM draft WHERE body LIKE '%A-2%'").fetchall()
        assert change(body) != body
        connection.execute("UPDATE draft SET body = ? WHERE number = ?", (change(body), number))
    connection.close()
    assert any("table draft" in problem for problem in check_store(store).problems)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[1]",
        "[[]]",
        "[" * 100_000,
        '[[[],null,[],[["2-1","A"],["1-1","A"]],[],[],[[[],[]],[[],[]],[[],[]]],[]]]',
        '[[[],null,[],[["","A"]],[],[],[[[],[]],[[],[]],[[],[]]],[]]]',
        '[[[],null,[],[],[],[],[[["CVE-1"],[0]],[[],[]],[[],[]]],[]]]',
        '[[[],null,[],[],[],[],[[["CVE-1"],[-1]],[[],[]],[[],[]]],[]]]',
        '[[[],null,[],[],[],[],[[["CVE-1"],[]],[[],[]],[[],[]]],[]]]',
        "[[[],null,[],[],[],[],[[[],[]],[[],[]]],[]]]",
        '[[[],null,[],[],[["High","H1","assumed","x",11,false,null,[]]],[],[[[],[]],[[],[]],[[],[]]],[]]]',
        '[[[],null,[],[],[["High","H1","assumed","x",NaN,false,null,[]]],[],[[[],[]],[[],[]],[[],[]]],[]]]',
    ],
)
def test_a_damaged_text_is_a_damaged_store(store: Path, body: str) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE draft SET body = ?", (body,))
    connection.close()
    with pytest.raises(DamagedStore, match="damaged"):
        match(host(rpm("bash", "1-1")), open_feed(store))


@settings(max_examples=examples(400), deadline=None)
@given(st.integers(1, 1 << 30), st.integers(1, 4))
def test_a_hostile_text_is_refused_or_matches(seed: int, times: int) -> None:
    """Whatever is read matches: nothing is found out only then."""
    assert TEXT is not None
    data = TEXT.encode()
    for turn in range(times):
        data = changed(data, seed + turn) or data
    if seed % 3 == 0:
        random = Random(seed)
        place = random.randrange(len(data))
        data = data[:place] + bytes([random.randrange(32, 127)]) + data[place + 1 :]
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        # A sign that was cut by the one put in its place.
        text = data.decode("utf-8", "replace")
    check(text, "rpm" if seed % 2 else "dpkg")


def test_the_rules_version_counts_up_with_the_rules() -> None:
    """Drafts of all golden feeds: where they change, RULES_VERSION counts up, so that no older drafts are used."""
    hashed = hashlib.sha256()
    for path in FEEDS:
        feed = read_feed(path)
        for id, release, names, name in sorted(feed._backing._entries):  # type: ignore[attr-defined]
            text = text_of(draft_group(feed, Distribution(id, release or None), names, name))
            hashed.update(json.dumps([id, release, names, name, text]).encode())
    assert (RULES_VERSION, hashed.hexdigest()) == (2, DIGEST_OF_DRAFTS)


DIGEST_OF_DRAFTS = "edcef873569ff9b109a2b9f5ab58f3d64b7297351132390d303795f2374f9d3e"
