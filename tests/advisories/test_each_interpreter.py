"""Every interpreter of a process finds the same: the bundled host by its bundled advisories."""

import json
from pathlib import Path

from interpreters import answers_of
from places import ROOT

import advisories

EXAMPLE = ROOT / "examples" / "almalinux-9"


def answers() -> dict[str, object]:
    """How many findings there are of each priority, and some of their lines."""
    with advisories.open_feed(EXAMPLE / "advisories.jsonl") as feed:
        inventory = advisories.read_inventory(EXAMPLE / "host.tsv")
        findings = advisories.match(inventory, feed)
        causes = [finding.cause for finding in findings]
        return {"counts": len(causes), "causes": causes[::500]}


def test_every_interpreter_finds_the_same(tmp_path: Path) -> None:
    expected = json.loads(json.dumps(answers()))
    assert expected["counts"] > 5000
    assert answers_of("test_each_interpreter", Path(__file__).parent, tmp_path, count=2) == [expected] * 2
