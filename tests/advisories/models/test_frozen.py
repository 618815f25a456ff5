"""The frozen classes are what attrs makes of the same source, and making them imports no attrs."""

import json
import os
import subprocess
import sys

import attrs
from places import EXAMPLE, TESTS

from advisories.models.findings import Note
from advisories.models.frozen import evolve, has_fields, names_of


def facts(*of: str) -> dict[str, list[str]]:
    command = [sys.executable, TESTS / "support" / "class_facts.py", *of]
    # Sets are in the same order in both.
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": "0"})
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_each_class_is_as_attrs_makes_it() -> None:
    ours, theirs = facts(), facts("attrs")
    assert len(ours) > 100
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert ours[name] == theirs[name], name


def test_matching_imports_no_attrs() -> None:
    example = [f"--inventory={EXAMPLE / 'host.tsv'}", f"--feed={EXAMPLE / 'advisories.jsonl'}"]
    code = f"import sys; from advisories.cli import main; main(['match', *{example}]); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "advisories.matching.match" in loaded
    assert {"attr", "attrs"}.isdisjoint(loaded)


def test_a_class_of_attrs_over_a_noun_keeps_its_fields() -> None:
    @attrs.frozen
    class Marked(Note):
        mark: str = ""

    one = Marked(3, "text", "x")
    assert repr(evolve(one, rule=4)) == repr(attrs.evolve(one, rule=4))
    assert evolve(one, rule=4).mark == "x"
    assert names_of(Marked) == ("rule", "text", "mark")
    assert has_fields(Marked)
    assert not has_fields(int)
    assert one.to_dict() == {"rule": 3, "text": "text", "mark": "x"}
