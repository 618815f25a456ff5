"""Where processor time goes: which module of ours was at work, looked at every few milliseconds.

What a module calls outside our packages (SQLite, ``json``) counts as that module's own. Importing counts as *imports*,
whatever is imported. ``python -m benchmarks.sampling ARGUMENT ...`` runs the command ``advisories`` and writes the
samples to standard error, as JSON.
"""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Final

__all__ = ["IMPORTS", "of_process", "of_work"]

IMPORTS: Final = "imports"
# The kernel looks at its own pace, mostly every 4 ms.
_EVERY: Final = 0.001
_OURS: Final = ("advisories.", "vercmp.")


def of_work(work: Callable[[], object], seconds: float = 3.0) -> Counter[str]:
    """The samples of a work that is repeated for so long, by module."""
    found: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        found[_at_work(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    end = time.perf_counter() + seconds
    try:
        work()
        while time.perf_counter() < end:
            work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return found


def of_process(arguments: Iterable[str], rounds: int = 10) -> Counter[str]:
    """The samples of ``advisories`` with these arguments, in processes of their own, from their first import on."""
    found: Counter[str] = Counter()
    for _ in range(rounds):
        command = [sys.executable, "-m", "benchmarks.sampling", *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        found.update(json.loads(done.stderr.splitlines()[-1]))
    return found


def _at_work(frame: FrameType | None) -> str:
    """The innermost module of ours, or that something is imported. Empty where it is neither."""
    module = ""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name == "importlib._bootstrap":
            return IMPORTS
        if not module and name.startswith(_OURS):
            module = name
        frame = frame.f_back
    return module


def _command() -> None:
    from advisories.cli import main

    main(sys.argv[1:])


if __name__ == "__main__":
    print(json.dumps(of_work(_command, seconds=0)), file=sys.stderr)
