"""What a command does not import: each module that it does not use would lengthen every run."""

import subprocess
import sys

import pytest
from places import EXAMPLE

from advisories import compile_store

# For its colours argparse imports what imports this, from Python 3.14 on.
OF_ARGPARSE = {"inspect"} if sys.version_info >= (3, 14) else set()
UNUSED = {
    *({"inspect"} - OF_ARGPARSE),
    *(
        "attr",
        "attrs",
        "platform",
        "pkgutil",
        "shutil",
        "textwrap",
        "pathlib",
        "urllib",
        "csv",
        "zipfile",
        "tempfile",
        "subprocess",
    ),
    *("advisories.readers.feeds.registry", "advisories.readers.statements", "advisories.matching.explain"),
    *("advisories.triage.plan", "advisories.triage.verify", "advisories.triage.suppress", "advisories.reports.lint"),
}


def loaded(*words: str) -> set[str]:
    code = (
        f"import sys; from advisories.cli import main; sys.argv[1:] = {list(words)}\n"
        "try: main()\n"
        "finally: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout
    return set(done.stderr.split())


def test_a_list_and_a_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = tmp_path_factory.mktemp("light") / "advisories.db"
    compile_store([EXAMPLE / "advisories.jsonl"], store)
    found = loaded("match", "--inventory", str(EXAMPLE / "host.tsv"), "--feed", str(store))
    assert {"advisories.store.reader", "advisories.matching.match"} <= found
    assert UNUSED & found == set()


def test_help() -> None:
    found = loaded("match", "--help")
    assert "advisories.cli.match" in found
    assert ((UNUSED - {"textwrap"}) | {"json", "sqlite3", "advisories.reports.findings_text"}) & found == set()


#: What matches, which a list and a report of before need not.
MATCHING = {
    "advisories.index.feed",
    "advisories.matching.match",
    "advisories.matching.rules",
    "advisories.triage.pipeline",
}


@pytest.mark.parametrize("command", ["match", "fix", "verify", "list", "lint", "report", "fetch", "check", "config"])
def test_help_of_a_command_imports_no_matching(command: str) -> None:
    assert MATCHING & loaded(command, "--help") == set()


def test_a_list_imports_no_matching() -> None:
    assert MATCHING & loaded("list", str(EXAMPLE / "host.tsv"), "-q", "--format", "tsv") == set()


def test_the_version_imports_no_command() -> None:
    assert not [name for name in loaded("--version") if name == "advisories.cli.match"]
