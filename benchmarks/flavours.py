"""The abi3 build against the normal one: the same timings in an environment each, in turns.

``python -m benchmarks.flavours`` builds both wheels, measures, and prints the table that is in the report too.
"""

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import vercmp
from benchmarks import corpora, floor, timing, wheels
from benchmarks.records import ROOT

FLAVOURS = ("normal", "abi3")
_RUNS = 7
_SECONDS_EACH = 0.1


class Flavour(NamedTuple):
    """One build: its wheel's size, and the shortest times of each work in nanoseconds an item."""

    wheel_bytes: int
    nanoseconds: dict[str, float]


def measure(folder: Path) -> dict[str, Flavour] | None:
    """Both flavours, or None where one of them cannot be built."""
    built = {flavour: wheels.build(flavour, folder / flavour) for flavour in FLAVOURS}
    pythons: dict[str, list[str]] = {}
    for flavour, wheel in built.items():
        if wheel is None:
            return None
        place = folder / flavour
        subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
        python = str(place / "venv" / "bin" / "python")
        install = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", str(wheel)]
        subprocess.run(install, check=True)
        (place / "floor").mkdir()
        pythons[flavour] = [python, "-m", "benchmarks.flavours", str(floor.build(flavour, place / "floor"))]
    versions = folder / "versions.json"
    versions.write_text(json.dumps(_inputs()), encoding="utf-8")
    best: dict[str, dict[str, float]] = {flavour: {} for flavour in FLAVOURS}
    for _ in range(_RUNS):
        for flavour, command in pythons.items():
            for name, taken in json.loads(_said(command, str(versions))).items():
                best[flavour][name] = min(best[flavour].get(name, float("inf")), taken)
    sizes = {flavour: wheel.stat().st_size for flavour, wheel in built.items() if wheel is not None}
    return {flavour: Flavour(sizes[flavour], best[flavour]) for flavour in FLAVOURS}


def _said(command: list[str], *arguments: str) -> str:
    """What a flavour's own Python prints; no other vercmp may get in front of the one it has installed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def table(measured: dict[str, Flavour]) -> list[str]:
    normal, abi3 = (measured[flavour] for flavour in FLAVOURS)
    lines = [
        "| | normal | abi3 | abi3 / normal |",
        "|---|---:|---:|---:|",
    ]
    for name, taken in normal.nanoseconds.items():
        other = abi3.nanoseconds[name]
        lines.append(f"| {name}, ns | {taken:.1f} | {other:.1f} | {other / taken:.2f} |")
    sizes = normal.wheel_bytes, abi3.wheel_bytes
    lines.append(f"| wheel, KiB | {sizes[0] / 1024:.0f} | {sizes[1] / 1024:.0f} | {sizes[1] / sizes[0]:.2f} |")
    return lines


def _inputs() -> dict[str, list[tuple[str, str, list[str], list[str]]]]:
    compared = [pairs for scheme in ("rpm", "dpkg") for pairs in corpora.pairs(scheme)]
    return {
        "pairs": [(pairs.scheme, pairs.name, pairs.lefts, pairs.rights) for pairs in compared],
        "versions": [(scheme, "", corpora.many(scheme).versions[: corpora.PAIRS], []) for scheme in ("rpm", "dpkg")],
    }


def _timed(floor_path: Path, inputs: Path) -> dict[str, float]:
    """What a flavour's own environment measures: nanoseconds an item."""
    if Path(sys.prefix) not in Path(vercmp.__file__).parents:
        raise SystemExit("the vercmp that is imported is not the one this flavour was installed as")
    empty = floor.load(floor_path).empty
    given = json.loads(inputs.read_text(encoding="utf-8"))
    works: dict[str, timing.Work] = {}
    count: dict[str, int] = {}
    for scheme, corpus, lefts, rights in given["pairs"]:
        name = f"`{scheme}.compare`, {corpus}"
        works[name] = timing.calls(vercmp.SCHEMES[scheme].compare, lefts, rights)
        count[name] = len(lefts)
    works["an empty call of two arguments"] = timing.calls(empty, lefts, rights)
    count["an empty call of two arguments"] = len(lefts)
    for scheme, _, versions, _ in given["versions"]:
        module = vercmp.SCHEMES[scheme]
        works[f"`{scheme}.sort_key`"] = timing.calls(module.sort_key, versions)
        works[f"`{scheme}.sort_keys`, an item"] = functools.partial(module.sort_keys, versions)
        works[f"`{scheme}.compare_many`, an item"] = functools.partial(module.compare_many, versions, versions[::-1])
        count.update(dict.fromkeys(list(works)[-3:], len(versions)))
    taken = timing.minima(works, seconds=_SECONDS_EACH)
    return {name: 1e9 * taken[name] / count[name] for name in works}


def main(arguments: list[str]) -> None:
    if arguments:
        print(json.dumps(_timed(Path(arguments[0]), Path(arguments[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="vercmp-flavours-") as folder:
        measured = measure(Path(folder))
    print("\n".join(table(measured)) if measured else "one of the flavours cannot be built here")


if __name__ == "__main__":
    main(sys.argv[1:])
