"""Several interpreters of one process (PEP 684) that answer the same question at once, each in a thread of its own."""

import importlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["answers_of"]


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
