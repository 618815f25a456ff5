"""Completion in the shells themselves: what a tab makes of the beginning of a word."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from advisories import cli

# What is typed, up to the tab, and the words that the command then has. There is one file: report.json.
TYPED = {
    "advisories mat": ["match"],
    "advisories match --fail-on h": ["match", "--fail-on", "high"],
    "advisories match --fail-on=med": ["match", "--fail-on=medium"],
    "advisories verify --only": ["verify", "--only-fixable"],
    "advisories match -o sar": ["match", "-o", "sarif="],
    "advisories match --output=cyclonedx-": ["match", "--output=cyclonedx-1.7="],
    "advisories match -o json=rep": ["match", "-o", "json=report.json"],
    "advisories fix --format sh": ["fix", "--format", "shell"],
    "advisories match --pkg-types os,py": ["match", "--pkg-types", "os,pypi"],
    "advisories match --pkg-types=np": ["match", "--pkg-types=npm"],
    "advisories match --fix-state wo": ["match", "--fix-state", "wont-fix"],
    "advisories match --accept epo": ["match", "--accept", "epoch-unknown"],
    "advisories match --distro ubuntu:22.0": ["match", "--distro", "ubuntu:22.04"],
    "advisories match --distro wol": ["match", "--distro", "wolfi"],
    "advisories match --limit docu": ["match", "--limit", "document="],
    "advisories match --feed rep": ["match", "--feed", "report.json"],
    "advisories match --host --ignore rep": ["match", "--host", "--ignore", "report.json"],
    "advisories report rep": ["report", "report.json"],
    "advisories fetch almal": ["fetch", "almalinux"],
    "advisories fetch opensuse-l": ["fetch", "opensuse-leap"],
    "advisories fetch debian almal": ["fetch", "debian", "almalinux"],
    "advisories fetch --also redhat-v": ["fetch", "--also", "redhat-vex"],
    "advisories bundle ver": ["bundle", "verify"],
    "advisories db st": ["db", "status"],
    "advisories config expl": ["config", "explain"],
    "advisories completion zs": ["completion", "zsh"],
}
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set bell-style none'; PS1=; "),
    "zsh": (["zsh", "-f", "-i"], "unsetopt PROMPT_SP PROMPT_CR; PS1=; autoload -U compinit; compinit -D -u; "),
}


def without(shell: str) -> bool:
    return not (shutil.which(shell) or "CI" in os.environ)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with one file for people, and the script of each shell out of sight."""
    (tmp_path / "report.json").touch()
    for shell in ("bash", "zsh", "fish"):
        assert cli.main(["completion", shell]) == 0
        (tmp_path / f".{shell}").write_text(capsys.readouterr().out)
    return tmp_path


class Session:
    """A shell on a terminal of its own, where the command prints its words."""

    def __init__(self, shell: str, folder: Path) -> None:
        words, start = START[shell]
        with warnings.catch_warnings():
            # Threads of other tests, which Python 3.12 and later warn of, do not concern a child that becomes a shell.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process, self._terminal = pty.fork()
        if not self._process:
            os.chdir(folder)
            os.execvpe(words[0], words, {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder)})
        self._send(f"""{start}source ./.{shell}; advisories() {{ printf '<%s>' "$@"; echo "|""do""ne|"; }}\n""")
        self._send("advisories\n")
        self._until("|done|")

    def words(self, typed: str) -> list[str]:
        self._send(f"{typed}\t\n")
        return re.findall(r"<([^<>]*)>", self._until("|done|"))

    def close(self) -> None:
        with suppress(OSError):
            os.kill(self._process, 9)
        os.waitpid(self._process, 0)
        os.close(self._terminal)

    def _send(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _until(self, mark: str) -> str:
        found, end = "", time.monotonic() + 20
        while mark not in found:
            assert time.monotonic() < end, found
            if select.select([self._terminal], [], [], 0.5)[0]:
                found += os.read(self._terminal, 1 << 16).decode()
        return found


@pytest.fixture(params=list(START))
def session(request: pytest.FixtureRequest, folder: Path) -> Iterator[Session]:
    if without(request.param):
        pytest.skip(f"{request.param} is not installed")
    found = Session(request.param, folder)
    yield found
    found.close()


def test_values_in_a_shell(session: Session) -> None:
    assert {typed: session.words(typed) for typed in TYPED} == TYPED


@pytest.mark.skipif(without("fish"), reason="fish is not installed")
@pytest.mark.parametrize("typed", TYPED)
def test_values_in_fish(folder: Path, typed: str) -> None:
    command = ["fish", "--no-config", "-c", 'source .fish; complete -C "$argv"', typed]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    offered = {line.partition("\t")[0] for line in done.stdout.splitlines()}
    assert TYPED[typed][-1] in offered
    if TYPED[typed][-1] != "report.json":
        assert len(offered) == 1, offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_and_word_is_there(folder: Path, shell: str) -> None:
    from advisories.cli.entry import option_names
    from advisories.cli.options import ASSUMPTIONS, FIX_STATES
    from advisories.reports import formats

    text = (folder / f".{shell}").read_text()
    options = {name for names in option_names().values() for name in names}
    assert [
        one for one in (*option_names(), *options, *ASSUMPTIONS, *FIX_STATES, *formats("plan")) if one not in text
    ] == []
