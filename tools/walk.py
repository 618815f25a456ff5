"""Count how often control changes from one file of ours to another while a two-package list is matched.

    python tools/walk.py                  the number on the first line, then its parts
    python tools/walk.py --by-edge        and the 40 busiest pairs of files (--by-call: the functions entered most)
    /path/to/old/.venv/bin/python tools/walk.py     the same of another checkout, or set PYTHONPATH to its src

``advisories match`` runs in this process on two packages and three advisories, once as text and once as JSON. That is
done twice. The first time imports everything, fills every cache and is reported apart. The second time counts.

A *change* is a call that enters a file of ``advisories`` or ``vercmp`` from another such file. The caller is the
nearest frame of ours: the standard library, other packages, what attrs generates (`<attrs generated ...>`) and
`models/frozen.py`, which stands for attrs, are looked through, so a callback counts if it stands in another file than
the code that handed it on. Resuming a generator is a call too, and counts if the code that resumes it stands in another
file. A return does not count. Code that runs because of an import (module bodies, decorators) never counts. Compiled
modules are looked through as well: the interpreter reports no calls of theirs. Extras change the path a little, so
compare environments with the same ones.
"""

import argparse
import contextlib
import importlib
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

PACKAGES = ("advisories", "vercmp")
FORMATS = ("text", "json")
INSTEAD_OF_ATTRS = "advisories/models/frozen.py"

INVENTORY = """\
# os-release ID=almalinux VERSION_ID=9.0
bash-5.1.8-4.el9.x86_64
openssl-libs-1:3.0.1-20.el9_0.x86_64
"""

# One that affects each package, and one that openssl-libs has reached.
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
ADVISORIES: tuple[tuple[str, str, str, str, str, str | None], ...] = (
    ("ALSA-2022:1000", "Important: bash", "CVE-2022-10001", "bash", "5.1.8-6.el9_1", None),
    ("ALSA-2022:1001", "Moderate: openssl", "CVE-2022-10002", "openssl-libs", "1:3.0.1-41.el9_0", VECTOR),
    ("ALSA-2022:1002", "Low: openssl", "CVE-2022-10003", "openssl-libs", "1:3.0.1-18.el9_0", None),
)
FINDINGS = {("bash", "CVE-2022-10001"), ("openssl-libs", "CVE-2022-10002")}


class Place(NamedTuple):
    """A function of ours, by its file (relative to the folder of the packages) and its name."""

    file: str
    function: str


class Walk:
    """The changes of file between :meth:`start` and :meth:`stop`, summed over all such stretches."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.edges: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[tuple[str, Place]] = Counter()
        self.files: set[str] = set()
        self._folders = folders
        self._relative: dict[str, str | None] = {}
        self._importing = 0

    def start(self) -> None:
        sys.setprofile(self._event)

    def stop(self) -> None:
        sys.setprofile(None)
        self._importing = 0

    @property
    def changes(self) -> int:
        return self.edges.total()

    def _event(self, frame: FrameType, event: str, _: Any) -> None:
        if event not in ("call", "return"):
            return
        code = frame.f_code
        if code.co_name == "<module>":
            self._importing += 1 if event == "call" else -1
            return
        if event == "return" or self._importing:
            return
        file = self._ours(code.co_filename)
        if file is None:
            return
        self.files.add(file)
        caller = self._caller(frame)
        if caller is not None and caller != file:
            self.edges[caller, file] += 1
            self.calls[caller, Place(file, code.co_qualname)] += 1

    def _caller(self, frame: FrameType) -> str | None:
        """The file of the nearest frame of ours outside this one."""
        outer = frame.f_back
        while outer is not None:
            file = self._ours(outer.f_code.co_filename)
            if file is not None:
                return file
            outer = outer.f_back
        return None

    def _ours(self, name: str) -> str | None:
        """The path of a file of ours below the folder that holds its package, None for all other files."""
        if name not in self._relative:
            path = Path(name)
            found = [folder for folder in self._folders if path.is_relative_to(folder)]
            relative = path.relative_to(found[0].parent).as_posix() if found else None
            self._relative[name] = None if relative == INSTEAD_OF_ATTRS else relative
        return self._relative[name]


def record(identifier: str, summary: str, cve: str, name: str, fixed: str, vector: str | None) -> dict[str, Any]:
    """An advisory as OSV writes it."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    return {
        "id": identifier,
        "summary": summary,
        "published": "2022-06-01T00:00:00Z",
        "modified": "2022-06-02T00:00:00Z",
        "related": [cve],
        **({"severity": [{"type": "CVSS_V3", "score": vector}]} if vector else {}),
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": name},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


@contextlib.contextmanager
def captured() -> Iterator[io.TextIOWrapper]:
    """Standard output as a buffer."""
    output = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(output):
        yield output


def run(main: Callable[[list[str]], int], walk: Walk, arguments: list[str]) -> str:
    """What the command prints. Raises RuntimeError if it fails."""
    with captured() as output:
        walk.start()
        try:
            status = main(arguments)
        finally:
            walk.stop()
    if status:
        raise RuntimeError(f"advisories {' '.join(arguments)}: exit status {status}")
    output.flush()
    written: bytes = output.buffer.getvalue()  # type: ignore[attr-defined]
    return written.decode("utf-8")


def walks() -> tuple[dict[str, Walk], dict[str, Walk]]:
    """The first call and the second one, by format."""
    # This module hands `main` on, wherever the command itself stands.
    main = importlib.import_module("advisories.cli").main
    folders = tuple(Path(str(importlib.import_module(name).__file__)).parent for name in PACKAGES)
    first = {name: Walk(folders) for name in FORMATS}
    second = {name: Walk(folders) for name in FORMATS}
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder, "packages.txt")
        inventory.write_text(INVENTORY, "utf-8")
        feed = Path(folder, "feed")
        feed.mkdir()
        for row in ADVISORIES:
            feed.joinpath(f"{row[0]}.json").write_text(json.dumps(record(*row)), "utf-8")
        for counted in (first, second):
            for name in FORMATS:
                arguments = ["match", "--inventory", str(inventory), "--feed", str(feed), "--format", name]
                written = run(main, counted[name], arguments)
                if name == "json":
                    check(written)
    return first, second


def check(report: str) -> None:
    """Refuse to count a walk that found something else."""
    found = {(finding["package"], finding["vulnerability"]) for finding in json.loads(report)["findings"]}
    if found != FINDINGS:
        raise RuntimeError(f"the findings are {sorted(found)}, not {sorted(FINDINGS)}")


def total(walks: dict[str, Walk]) -> int:
    return sum(walk.changes for walk in walks.values())


def main() -> None:
    parser = argparse.ArgumentParser(description="Count changes of file while a two-package list is matched.")
    parser.add_argument("--by-edge", action="store_true", help="list the busiest pairs of files")
    parser.add_argument("--by-call", action="store_true", help="list the functions entered most from another file")
    parser.add_argument("--rows", type=int, default=40, help="how many rows of each list (40)")
    options = parser.parse_args()
    first, second = walks()
    edges = sum((walk.edges for walk in second.values()), Counter[tuple[str, str]]())
    calls = sum((walk.calls for walk in second.values()), Counter[tuple[str, Place]]())
    files = set().union(*(walk.files for walk in second.values()))
    print(f"{total(second)} changes of file")
    print(f"    of these: {', '.join(f'{walk.changes} for {name}' for name, walk in second.items())}")
    print(f"    {len(edges)} pairs of files, {len(files)} files visited")
    print(f"    {total(first)} in the first call, which fills caches")
    if options.by_edge:
        print()
        for (caller, file), count in edges.most_common(options.rows):
            print(f"{count:6}  {caller} -> {file}")
    if options.by_call:
        print()
        for (caller, place), count in calls.most_common(options.rows):
            print(f"{count:6}  {caller} -> {place.file}: {place.function}")


if __name__ == "__main__":
    main()
