"""``python -m accuracy.report``: compare everything, and write docs/accuracy.md and build/accuracy/differences.tsv."""

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import advisories
from accuracy import data, measuring, openscap, osv_scanner, page, trivy, trivy_sbom
from accuracy.hosts import FEEDS, HOSTS
from accuracy.page import Input

__all__ = ["main"]


def main() -> None:
    """Write both files."""
    comparisons = []
    for one in chain(measuring.measured(HOSTS), trivy.measured(measuring.PACKAGE_AND_VULNERABILITY)):
        print(page.row(one), file=sys.stderr, flush=True)
        comparisons.append(one)
    feeds = [_input(name, feed.what, feed.files()) for name, feed in FEEDS.items()]
    lists = [_input(*key, [path]) for key, path in _lists().items()]
    data.BUILD.mkdir(parents=True, exist_ok=True)
    (data.BUILD / "differences.tsv").write_text(page.tsv(comparisons), "utf-8")
    data.PAGE.write_text(page.page(comparisons, feeds, lists, dict(_versions())), "utf-8")


def _lists() -> dict[tuple[str, str], Path]:
    return {
        (host.name, f"{host.archive.partition('/')[2]}, `{host.pattern.rpartition('/')[2]}`"): host.path
        for host in HOSTS
    }


def _input(name: str, what: str, paths: Sequence[Path]) -> Input:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return Input(name, what, len(paths), digest.hexdigest()[:16])


def _versions() -> Iterator[tuple[str, str]]:
    yield "`advisories`", advisories.__version__
    yield "librpm", _first(["rpm", "--version"]).split()[-1]
    yield "libapt", _first(["apt-get", "--version"]).split()[1]
    yield "dpkg-query", _first(["dpkg-query", "--version"]).split()[-2]
    if (version := openscap.version()) is not None:
        yield "OpenSCAP", version
    if (version := osv_scanner.version()) is not None:
        yield "osv-scanner", version
    if (version := trivy_sbom.version()) is not None:
        yield "Trivy", version
    yield "Python", platform.python_version()


def _first(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return "not installed"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


if __name__ == "__main__":
    main()
