"""Golden documents with a value replaced, taken out, repeated or huge: only our errors, and counts that add up.

Every format of the registries that is JSON is here by itself.
"""

import copy
import json
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import GOLDEN

from advisories import match, read_feed, read_inventory
from advisories.models import Advisory, Enrichment, Rejection, Skip
from advisories.models.errors import AdvisoriesError
from advisories.models.reading import Extent, Part
from advisories.models.statements import Revision, Statement
from advisories.readers import feeds, inventories
from advisories.readers import statements as ignores
from advisories.readers.collector import Collector
from advisories.reports import Report, render
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.triage.baseline import read_baseline

# What a root has set up is no feed and no list, and has tests of its own.
INPUTS = sorted(p for p in (GOLDEN / "formats").glob("*/*/input.json*") if p.parents[1].name != "setups")
REGISTRIES = {"feeds": feeds.FORMATS, "ignores": ignores.FORMATS, "inventories": inventories.FORMATS}
_SETTINGS = settings(
    max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_Path = tuple[str | int, ...]

MANY = 100_000
REPLACEMENTS: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge": 10**40,
    "float": 1.5,
    "empty text": "",
    "text": "x",
    "control": "\x00\x1b\u202e",
    "surrogate": "\ud800",
    "empty list": [],
    "list": [None, 1, "x", [], {}],
    "empty object": {},
    "object": {"": None, "x": {"x": []}},
    "deep": None,
    "long text": "x" * MANY,
    "long list": [{}] * 1000,
}


def _deep(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


REPLACEMENTS["deep"] = _deep(400)


def paths(value: Any, path: _Path = ()) -> Iterator[_Path]:
    """The way to every value in a value."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


def at(value: Any, path: _Path) -> Any:
    for key in path:
        value = value[key]
    return value


def read(path: Path, data: bytes) -> list[Any] | None:
    """The items, with counts that were checked. None where the reader raises one of our errors."""
    kind, format = path.parts[-3:-1]
    reader = import_module(REGISTRIES[kind][format])
    try:
        if kind == "inventories":
            listing = reader.read(data, path.name)
            assert listing.report.kept == len(listing.packages)
            return [*listing.packages, *listing.report.rejections]
        document = Document(path.name, path.name, data, True)
        items = list(reader.read(document) if kind == "ignores" else reader.read(document, DEFAULT_LIMITS))
    except AdvisoriesError:
        return None
    collector = Collector(path.name)
    for item in items:
        assert isinstance(item, Advisory | Enrichment | Revision | Statement | Rejection | Skip | Part)
        if not isinstance(item, Part):
            collector.take(item)
    report = collector.report("test")
    assert report.kept + report.rejected == report.read
    return items


def text_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def _ids(path: Path) -> str:
    return f"{path.parents[1].name}-{path.parent.name}"


def whole(path: Path) -> Any:
    data = path.read_bytes()
    try:
        return json.loads(data)
    except ValueError:  # one record a line
        return [json.loads(line) for line in data.splitlines() if line.startswith(b"{")]


@pytest.mark.parametrize("path", INPUTS, ids=_ids)
@_SETTINGS
@given(data=st.data())
def test_any_value_of_another_shape(path: Path, data: st.DataObject) -> None:
    value = whole(path)
    place = data.draw(st.sampled_from(sorted(paths(value), key=repr)))
    how = data.draw(st.sampled_from([*REPLACEMENTS, "gone", "renamed", "many"]))
    changed = copy.deepcopy(value)
    if not place:
        changed = REPLACEMENTS.get(how)
    else:
        parent, key = at(changed, place[:-1]), place[-1]
        if how == "gone":
            del parent[key]
        elif how == "renamed" and isinstance(parent, dict):
            parent[""] = parent.pop(key)
        elif how == "many":
            parent[key] = [parent[key]] * 300
        else:
            parent[key] = REPLACEMENTS.get(how)
    read(path, text_of(changed))


@pytest.mark.parametrize("how", ["long text", "deep", "surrogate", "huge", "null", "list", "object"])
@pytest.mark.parametrize("path", INPUTS, ids=_ids)
def test_every_value_in_turn(path: Path, how: str) -> None:
    value = whole(path)
    for place in paths(value):
        changed = copy.deepcopy(value)
        if place:
            at(changed, place[:-1])[place[-1]] = REPLACEMENTS[how]
        else:
            changed = REPLACEMENTS[how]
        read(path, text_of(changed))


@pytest.mark.parametrize("path", INPUTS, ids=_ids)
def test_a_repeated_key_hides_nothing(path: Path) -> None:
    """Whatever object has a key twice: it is refused, or nothing of it was of any matter."""
    value = whole(path)
    usual = read(path, text_of(value))
    assert usual
    for place in paths(value):
        parent = at(value, place)
        if not isinstance(parent, dict) or not parent:
            continue
        key = next(iter(parent))
        hidden = json.dumps({key: parent[key]})[1:-1]
        mark = "@@here@@"
        changed = copy.deepcopy(value)
        if place:
            at(changed, place[:-1])[place[-1]] = mark
        else:
            changed = mark
        for spaced in (hidden, hidden.replace('":', '" :', 1)):
            rest = json.dumps(parent)[1:-1]
            text = json.dumps(changed).replace(json.dumps(mark), "{" + spaced + ", " + rest + "}")
            found = read(path, text.encode())
            refused = [one.why for one in found or () if isinstance(one, Rejection) and one.extent is Extent.RECORD]
            # An object of records is read member by member: then both are there.
            is_whole = found is not None and len(found) > len(usual) and all(one in found for one in usual)
            assert found is None or is_whole or any("stands twice in one" in why for why in refused), (place, found)


def _baselines() -> dict[str, Any]:
    """A report of each version that ``verify`` reads."""
    found = {path.stem: json.loads(path.read_bytes()) for path in (GOLDEN / "baselines").rglob("*.json")}
    inventory = read_inventory(BytesIO(b"# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\n"))
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}]
    affected = {"package": {"ecosystem": "AlmaLinux:9", "name": "bash"}, "ranges": ranges}
    feed = read_feed(BytesIO(text_of({"id": "ALSA-2024:1", "affected": [affected]})))
    findings = match(inventory, feed)
    assert findings
    report = Report(inventory, feed, findings)
    return {**found, "present": json.loads("\n".join(render(report, "json")))}


@pytest.mark.parametrize("how", [*REPLACEMENTS, "gone", "renamed"])
@pytest.mark.parametrize("version", ["report", "present"])
def test_a_baseline_of_another_shape(version: str, how: str) -> None:
    """It is read, or refused with a place."""
    value = _baselines()[version]
    for place in paths(value):
        changed = copy.deepcopy(value)
        if not place:
            changed = REPLACEMENTS.get(how)
        elif how == "gone":
            del at(changed, place[:-1])[place[-1]]
        elif how == "renamed":
            parent = at(changed, place[:-1])
            if isinstance(parent, dict):
                parent[""] = parent.pop(place[-1])
        else:
            at(changed, place[:-1])[place[-1]] = REPLACEMENTS[how]
        try:
            baseline = read_baseline(BytesIO(text_of(changed)))
        except AdvisoriesError:
            continue
        json.dumps(baseline.to_dict())
