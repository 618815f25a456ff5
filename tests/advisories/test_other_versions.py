"""What another release wrote is refused where this one does not read it: by file, version, what is read, what to do."""

import json
import pickle
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLE

import vercmp
from advisories import AdvisoriesError, check_store, compile_store, open_feed, read_baseline, read_feed, read_inventory
from advisories.cli import main
from advisories.fetch.cache import Cache
from advisories.matching.drafts import RULES_VERSION
from advisories.models.errors import OtherVersion, UnreadableSource
from advisories.models.packages import Package
from advisories.models.schemas import LINT, PLAN, READABLE_REPORTS, REPORT, VERIFICATION
from advisories.reports.reading import read_report
from advisories.store.opening import AGAIN
from advisories.store.schema import READER_VERSION, SCHEMA_VERSION
from advisories.store.writing import _sign

HOST = EXAMPLE / "host.tsv"
FORMS = {"report": REPORT, "plan": PLAN, "verification": VERIFICATION, "lint": LINT}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "feed.db"
    compile_store([EXAMPLE / "advisories.jsonl"], path)
    return path


def changed(store: Path, folder: Path, statement: str) -> Path:
    """A store as another release would write it, with the digest that it has then."""
    path = folder / "changed.db"
    shutil.copy(store, path)
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with open(path, "r+b") as file:
        _sign(file)
    return path


def in_meta(name: str, value: int) -> str:
    return f"UPDATE meta SET value = {value} WHERE name = '{name}'"


STORES = [
    (f"PRAGMA user_version = {SCHEMA_VERSION + 1}", SCHEMA_VERSION + 1, SCHEMA_VERSION),
    (f"PRAGMA user_version = {SCHEMA_VERSION - 1}", SCHEMA_VERSION - 1, SCHEMA_VERSION),
    (in_meta("key_version", vercmp.KEY_VERSION + 1), vercmp.KEY_VERSION + 1, vercmp.KEY_VERSION),
]


@pytest.mark.parametrize(("statement", "found", "read"), STORES, ids=lambda one: str(one))
def test_a_store(
    store: Path, tmp_path: Path, statement: str, found: int, read: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(store, tmp_path, statement)
    newer = "upgrade vercmp, or " if found > read else ""
    why = f"{path}: .* has version {found}, and this release reads version {read}: {newer}{re.escape(AGAIN)}"
    for use in (open_feed, read_feed, check_store):
        with pytest.raises(OtherVersion, match=f"^{why}$") as raised:
            use(path)
        assert (raised.value.found, raised.value.read) == (found, (read,))
    output = str(tmp_path / "out.db")
    commands = (
        ["match", str(HOST), "--feed", str(path)],
        ["check", str(path)],
        ["lint", str(path)],
        ["compile", "-o", output, str(path)],
    )
    for command in commands:
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert (out, re.findall(f"^advisories: {why}$", err, re.MULTILINE)) == ("", [err.splitlines()[-1]]), command
    assert not Path(output).exists()
    # What cannot be taken over is read anew.
    shutil.copy(path, output)
    assert main(["compile", "-q", "-o", output, str(EXAMPLE / "advisories.jsonl")]) == 0
    assert Path(output).read_bytes() == store.read_bytes()


@pytest.mark.slow
def test_a_store_of_other_readers(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is whole, and what it has was read otherwise: you see that wherever it is matched."""
    for version in (READER_VERSION - 1, READER_VERSION + 1):
        path = changed(store, tmp_path, in_meta("reader_version", version))
        assert check_store(path).problems == ()
        assert not open_feed(path).has_own_readers
        assert main(["match", str(HOST), "--feed", str(path), "--format", "csv"]) == 0
        assert f"{path}: compiled by another version, which read its sources otherwise" in capsys.readouterr().err
    assert open_feed(store).has_own_readers
    assert read_feed(EXAMPLE / "advisories.jsonl").has_own_readers


def test_a_store_of_other_rules_cannot_be_checked(store: Path, tmp_path: Path) -> None:
    path = changed(store, tmp_path, in_meta("rules_version", RULES_VERSION + 1))
    with pytest.raises(OtherVersion, match=f"rules .* version {RULES_VERSION + 1}, and this release reads version"):
        check_store(path)


@pytest.fixture(scope="module")
def reports(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {name: folder / f"{name}.json" for name in FORMS}
    feed = ["--feed", str(store), "-q", "--format", "text"]
    main(["match", str(HOST), *feed, "-o", f"json={paths['report']}"])
    main(["fix", str(HOST), *feed, "-o", f"json={paths['plan']}"])
    main(["verify", str(HOST), *feed, "--baseline", str(paths["report"]), "-o", f"json={paths['verification']}"])
    main(["lint", str(EXAMPLE / "advisories.jsonl"), "-q", "-o", f"json={paths['lint']}"])
    return {name: json.loads(path.read_bytes()) for name, path in paths.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_report(reports: dict[str, Any], tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, _, version = FORMS[form].rpartition("/")
    path = tmp_path / "report.json"
    assert reports[form]["schema"] == FORMS[form]
    path.write_text(json.dumps(reports[form] | {"schema": f"{name}/{int(version) + 1}"}))
    why = f"{path}: {name} has version {int(version) + 1}, and this release reads versions? {version}.*: "
    step = "upgrade vercmp, or make the report again"
    with pytest.raises(OtherVersion, match=f"^{why}{step}$"):
        read_report(path)
    assert main(["report", str(path), "-o", f"csv={tmp_path / 'out.csv'}"]) == 2
    assert re.fullmatch(f"advisories: {why}{step}\n", capsys.readouterr().err)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
def test_a_baseline(reports: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    name, _, version = REPORT.rpartition("/")
    assert [one.rpartition("/")[2] for one in READABLE_REPORTS] == ["3", "2", "1"]
    path.write_text(json.dumps(reports["report"] | {"schema": f"{name}/{int(version) + 1}"}))
    with pytest.raises(
        OtherVersion, match=r"report has version 4, and this release reads versions 3, 2 and 1: upgrade"
    ):
        read_baseline(path)
    path.write_text(json.dumps(reports["report"] | {"schema": f"{name}/1"}))
    with pytest.raises(OtherVersion, match=r"report has version 1, and this release reads versions 3 and 2: make the"):
        read_report(path)


@pytest.mark.parametrize("format", ["tsv", "purls", "cyclonedx", "spdx", "syft"])
def test_a_list(tmp_path: Path, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts of another version may mean something else: none of its packages is read."""
    path = tmp_path / "list"
    assert main(["list", "-q", str(HOST), "-o", f"{format}={path}"]) == 0
    capsys.readouterr()
    text = path.read_text()
    newer, times = re.subn(
        r'(# advisories version |:list:version", "value": "|advisories(?:": |:)\{\\?"version\\?": \[)1\b',
        r"\g<1>2",
        text,
        count=1,
    )
    assert (read_inventory(path).packages != (), times) == (True, 1), text[:2000]
    path.write_text(newer)
    with pytest.raises(
        OtherVersion, match=f"^{path}: the list has version 2, and this release reads version 1: upgrade"
    ):
        read_inventory(path)


def test_a_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    manifest = tmp_path / "cache" / "manifest.json"
    manifest.write_text('{"schema": "advisories-cache/2", "feeds": {}, "stores": {}}')
    with pytest.raises(OtherVersion, match=r"manifest\.json: .* has version 2, and .* reads version 1: upgrade"):
        Cache(str(tmp_path / "cache")).manifest()
    assert main(["db", "status", "--cache", str(tmp_path / "cache")]) == 2
    assert "upgrade vercmp, or fetch into another folder" in capsys.readouterr().err


def test_a_pickled_index() -> None:
    make, (layout, *rest) = vercmp.IntervalIndex([[(b"1", b"2", 7)]]).__reduce__()
    with pytest.raises(
        ValueError, match=f"layout {layout + 1}, and this release of vercmp reads layout {layout}: load"
    ):
        make(layout + 1, *rest)


def test_a_pickled_store(store: Path, tmp_path: Path) -> None:
    """It is its path and digest, so what is at the path decides."""
    path = tmp_path / "changed.db"
    shutil.copy(store, path)
    with open_feed(path) as feed:
        pickled = pickle.dumps(feed)
    changed(store, tmp_path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(OtherVersion):
        pickle.loads(pickled)


@pytest.mark.parametrize("change", [{"colour": "red"}, {"name": None}])
def test_a_pickled_noun(change: dict[str, str | None]) -> None:
    """A field that this release does not know is not dropped, and one that it needs is not left out."""
    package = Package("rpm", "bash", "5.1-1")
    state = package.__getstate__()
    other = Package.__new__(Package)
    other.__setstate__(state)
    assert other == package
    state = {name: value for name, value in (state | change).items() if value is not None or name not in change}
    with pytest.raises(ValueError, match=f"a pickled Package of another release: they differ in {next(iter(change))}"):
        Package.__new__(Package).__setstate__(state)


def test_the_error_pickles() -> None:
    error = OtherVersion("feed.db", "the store", 9, (8,), "compile it again")
    other = pickle.loads(pickle.dumps(error))
    assert (str(other), other.found, other.read) == (str(error), 9, (8,))
    assert isinstance(error, UnreadableSource)
    assert isinstance(error, AdvisoriesError)
