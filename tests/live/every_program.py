"""Reports of every real host, loaded by programs and libraries of their formats: ``make programs``.

It is run by hand and is no part of the suite: ``tests/support/oracles/reports/install.sh`` fetches the programs, and
large reports take them minutes. ``PROGRAMS`` is the folder they are in. ``FORMATS`` chooses formats, and ``LISTS``
package lists: those whose path has one of its words.
"""

import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen
from real_hosts import PAIRS, Pair, Unpack, feed_of, inventories_of

from advisories import Feed, match
from advisories.reports import Report, render
from advisories.reports.document import Document

_INTO: Final = Path(os.environ.get("PROGRAMS", "build/programs")).resolve()
_MULTITOOL: Final = _INTO / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
_JAVA: Final = ("java", "-Xmx6g", "-cp", f"{_INTO}/jars/*:{_INTO}/classes", "Reports")
_LISTS: Final = tuple(os.environ.get("LISTS", "").split())

#: Programs by their names here, the formats that each loads, and the command of ours that asks it.
PROGRAMS: Final = {
    "tools-java": (("spdx",), _JAVA),
    "surefire-report-parser": (("junit",), _JAVA),
    "csaf-validator-lib": (("csaf-vex",), ("node", "csaf.mjs")),
    "go": (("openvex", "cyclonedx", "cyclonedx-1.7", "csaf-vex", "junit"), (str(_INTO / "reports"),)),
}
_EVERY: Final = sorted({"sarif", *(format for formats, _ in PROGRAMS.values() for format in formats)})
FORMATS: Final = tuple(os.environ.get("FORMATS", "").split() or _EVERY)


@frozen
class Written:
    """A report in a file, and how many findings a reader of its format must find. None where it counts none."""

    format: str
    path: Path
    counted: int | None


def _counted(document: Document, format: str) -> int | None:
    """Of JUnit the packages. In OpenVEX copies of a package are one product. The verifier of SPDX counts nothing."""
    if format in ("spdx", "sarif"):
        return None
    keys = {"junit": ("instance",), "openvex": ("purl", "vulnerability")}.get(format, ("instance", "vulnerability"))
    return len({tuple(finding[key] for key in keys) for finding in document.findings})


@pytest.fixture(scope="module")
def feed(unpacked: Unpack, ubuntu_oval: Callable[[str], Path], almalinux: Feed) -> Callable[[str], Feed]:
    return cache(lambda name: feed_of(name, unpacked, ubuntu_oval, almalinux))


_CHOSEN: Final = [pair for pair in PAIRS if not _LISTS or any(word in pair.lists for word in _LISTS)]


@pytest.mark.parametrize("pair", _CHOSEN, ids=lambda pair: f"{pair.feed}-{pair.lists}-{pair.judge_as}")
def test_programs_load_every_report(pair: Pair, feed: Callable[[str], Feed], unpacked: Unpack, tmp_path: Path) -> None:
    written = list(_written(tmp_path, pair, feed(pair.feed), unpacked))
    for program, (formats, command) in PROGRAMS.items():
        if asked := [one for one in written if one.format in formats]:
            _loaded(program, command, asked)
    if asked := [one for one in written if one.format == "sarif"]:
        _validated(asked, tmp_path / "found.sarif")


def _written(folder: Path, pair: Pair, feed: Feed, unpacked: Unpack) -> Iterator[Written]:
    """Every report of the lists of a line."""
    for number, (path, inventory, policy) in enumerate(inventories_of(pair, unpacked)):
        document = Document.of(Report(inventory, feed, match(inventory, feed, policy), target=path.name))
        into = folder / str(number)
        into.mkdir()
        for format in FORMATS:
            if format != "openvex" or document.findings:  # without a statement there is none
                # Programs know JSON and XML by the ending.
                to = into / f"{path.name}.{format}{'.xml' if format == 'junit' else '.json'}"
                to.write_text("\n".join(render(document, format)))
                yield Written(format, to, _counted(document, format))


def _loaded(program: str, command: Sequence[str], asked: Sequence[Written]) -> None:
    """No error, and every finding is there."""
    lines = "".join(f"{one.format}\t{one.path}\n" for one in asked)
    began = time.monotonic()
    done = subprocess.run(command, input=lines, cwd=_INTO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    assert [path for path, *_ in answers] == [str(one.path) for one in asked]
    for one, (_, count, error, *more) in zip(asked, answers, strict=True):
        print(f"{program}\t{one.format}\t{one.path.name}\t{count}\t{error}", *more, sep="\t")
    print(f"{program}\t{time.monotonic() - began:.1f} seconds")
    for one, (_, count, error, *_) in zip(asked, answers, strict=True):
        assert (error, int(count)) == ("", int(count) if one.counted is None else one.counted), (program, one.path)


def _validated(asked: Sequence[Written], found: Path) -> None:
    """sarif-multitool reads each, and finds no more by its rules and GitHub's than that the tool has no address."""
    # Without the size, what is larger than 10 MB is passed over.
    options = ["--rule-kind", "Sarif;Gh;Ghas", "--max-file-size-in-kb", "1000000"]
    options += ["--output", str(found), "--log", "ForceOverwrite"]
    began = time.monotonic()
    command = [_MULTITOOL, "validate", *(one.path for one in asked), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.search(rf"Done\. {len(asked)} files scanned", done.stdout), done.stdout
    (run,) = json.loads(found.read_bytes())["runs"]
    rules = Counter((one["ruleId"], one.get("level", "warning")) for one in run["results"])
    print(f"sarif-multitool\tsarif\t{len(asked)} files\t{dict(rules)}\t{time.monotonic() - began:.1f} seconds")
    assert set(rules) <= {("SARIF2005", "warning")}
