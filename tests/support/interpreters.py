"""Several interpreters of one process (PEP 684) that answer the same question at once, each in a thread of its own."""

import importlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["answers_of"]


# CPython 3.12.1 frees memory twice there: its module has no state for each interpreter.
_PROBE = """
import os, sys, threading
try:
    import _interpreters
except ImportError:
    import _xxsubinterpreters as _interpreters
run = _interpreters.exec if sys.version_info >= (3, 13) else _interpreters.run_string
threads = [threading.Thread(target=lambda: run(_interpreters.create(), "import datetime")) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
os._exit(0)
"""


def answers_of(module: str, place: Path, folder: Path, count: int = 4) -> list[object]:
    """What ``answers()`` of a module in the folder *place* returns in so many interpreters, as JSON shows it.

    They live in a process of their own, and it ends without a word to them: ``datetime`` of Python 3.13.0 breaks when a
    second interpreter ends.
    """
    places = [str(place), *[entry for entry in sys.path if entry]]
    ran = subprocess.run(
        [sys.executable, __file__, module, str(folder), str(count)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode < 0 and subprocess.run([sys.executable, "-c", _PROBE], capture_output=True).returncode < 0:
        from unittest import SkipTest

        raise SkipTest("this Python itself ends where two interpreters import datetime at once")
    assert ran.returncode == 0, ran.stderr
    return [json.loads(file.read_text()) for file in sorted(folder.iterdir())]


def _run(module: str, folder: str, count: int) -> None:
    is_new = sys.version_info >= (3, 13)
    interpreters = importlib.import_module("_interpreters" if is_new else "_xxsubinterpreters")
    execute = interpreters.exec if is_new else interpreters.run_string
    failures = []

    def run(number: int) -> None:
        code = (
            f"import sys; sys.path[:] = {sys.path!r}\n"
            f"import json, {module}\n"
            f"open({str(Path(folder) / f'{number}.json')!r}, 'w').write(json.dumps({module}.answers()))\n"
        )
        try:
            # What was raised is returned by 3.13, and raised anew before it.
            failed = execute(interpreters.create(), code)
        except Exception as error:
            failed = error
        if failed is not None:
            failures.append(getattr(failed, "formatted", failed))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(*failures, sep="\n", file=sys.stderr, flush=True)
    os._exit(len(failures))


if __name__ == "__main__":
    _run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
