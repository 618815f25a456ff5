"""Compares what is read of images and roots with the lists of Trivy and Syft, package by package.

``python tools/peer_lists.py --trivy PROGRAM --syft PROGRAM IMAGE...`` prints a table, and with ``--show`` each
difference. An image is a saved one, and a root a folder. Nothing is fetched: both list packages without a database, but
for Trivy's of Java, in whose place an empty one stands. Archives are then known by what is in them, as they are here.
Grype reads images by Syft's library, and lists nothing without its database.
"""

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from advisories import read_inventory
from advisories.distros.package_urls import package_url
from advisories.models.packages import State

#: Type, name and version of a package, as all three can show them.
Row = tuple[str, str, str]

# As of trivy-java-db, ``pkg/db/db.go``.
_OF_JAVA = (
    "CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)",
    "CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)",
)
_UPDATED = {"Version": 1, "NextUpdate": "2999-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z"}
_GONE = {State.CONFIG_FILES, State.NOT_INSTALLED}
_UNKNOWN = {"(devel)", "unknown"}


def row_of(purl: str) -> Row:
    """What a package URL names, in one spelling: names and versions that its type takes for equal are."""
    body, _, query = purl.partition("#")[0].removeprefix("pkg:").partition("?")
    subpath = purl.partition("#")[2]
    type, _, path = body.partition("/")
    path, _, version = path.rpartition("@") if "@" in path.removeprefix("@") else (path, "", "")
    name, version = unquote(path), unquote(version)
    if type in ("deb", "rpm", "apk"):
        epoch = dict(parse_qsl(query)).get("epoch")
        version = f"{epoch}:{version}" if epoch and ":" not in version else version
        return type, name.rpartition("/")[2], version.removeprefix("0:")
    if type == "pypi":
        return type, re.sub(r"[-_.]+", "-", name).lower(), version
    if type == "golang":
        name = f"{name}/{subpath}" if subpath else name
        version = re.sub(r"^(?:go|v)(?=\d)", "", version)
        return type, name.lower(), "" if version.lower() in _UNKNOWN else version
    if type == "maven":  # archives without pom.properties show no group
        return type, name.rpartition("/")[2], version
    return type, name, version


def ours(source: Path) -> set[Row]:
    """What is read here. What was removed and left its configuration is not installed."""
    inventory = read_inventory(source, package_types=["os", "library"])
    return {row_of(package_url(one, inventory.distribution)) for one in inventory.packages if one.state not in _GONE}


def of_trivy(program: str, source: Path, cache: Path) -> set[Row]:
    """What Trivy lists."""
    java = cache / "java-db"
    if not java.exists():
        java.mkdir(parents=True)
        with closing(sqlite3.connect(java / "trivy-java.db")) as database:
            for statement in _OF_JAVA:
                database.execute(statement)
        (java / "metadata.json").write_text(json.dumps(_UPDATED))
    what = ["rootfs", str(source)]
    if _is_image(source):
        what = ["image", "--input", str(source if source.is_dir() else _unpacked(source, cache))]
    skips = ["--offline-scan", "--skip-db-update", "--skip-java-db-update", "--cache-dir", str(cache)]
    document = _output(program, what[0], "--quiet", "--format", "cyclonedx", *skips, *what[1:])
    return {row_of(one["purl"]) for one in document.get("components", ()) if one.get("purl")}


def of_syft(program: str, source: Path) -> set[Row]:
    """What Syft lists."""
    form = "oci-dir:" if source.is_dir() and _is_image(source) else "dir:" if source.is_dir() else ""
    document = _output(program, "scan", "--quiet", f"{form}{source}", "-o", "syft-json")
    rows = (row_of(one["purl"]) for one in document["artifacts"] if one.get("purl"))
    return {row for row in rows if row[0] != "generic"} | {
        (one["type"], one["name"], one["version"])
        for one in document["artifacts"]
        if not one.get("purl") or one["purl"].startswith("pkg:generic/")
    }


def _is_image(source: Path) -> bool:
    return source.is_file() or (source / "oci-layout").exists()


def _unpacked(source: Path, cache: Path) -> Path:
    """An OCI layout of an archive as a folder: Trivy reads it as that alone. What ``docker save`` wrote as it is."""
    with tarfile.open(source) as archive:
        names = {name.removeprefix("./") for name in archive.getnames()}
        if "oci-layout" not in names or "manifest.json" in names:
            return source
        into = cache / source.name
        archive.extractall(into, filter="data")
    return into


def _output(*command: str) -> dict:  # type: ignore[type-arg]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def table(name: str, lists: dict[str, set[Row]]) -> Iterator[str]:
    """A line for each type of packages: how many each lists, how many all do, and how many one alone or all but us."""
    here, *others = lists
    for type in sorted({row[0] for rows in lists.values() for row in rows}):
        of = {who: {row for row in rows if row[0] == type} for who, rows in lists.items()}
        theirs = set[Row]().union(*(of[who] for who in others))
        cells = [
            *(str(len(rows)) for rows in of.values()),
            str(len(set.intersection(*of.values()))),
            str(len(of[here] - theirs)),
            *(str(len(of[who] - of[here])) for who in others),
        ]
        yield f"| {name} | {type} | {' | '.join(cells)} |"


def differences(lists: dict[str, set[Row]]) -> Iterator[str]:
    """Each package that not all list, and who does."""
    for row in sorted(set[Row]().union(*lists.values())):
        who = [name for name, rows in lists.items() if row in rows]
        if len(who) < len(lists):
            yield "\t".join((*row, ", ".join(who)))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trivy", metavar="PROGRAM")
    parser.add_argument("--syft", metavar="PROGRAM")
    parser.add_argument("--show", action="store_true", help="each difference too")
    parser.add_argument("sources", metavar="IMAGE", nargs="+", type=Path)
    given = parser.parse_args(arguments)
    others = [name for name in ("trivy", "syft") if getattr(given, name)]
    heads = ["image", "type", "here", *others, "all", "only here", *(f"{name} and not here" for name in others)]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    shown = list[str]()
    with tempfile.TemporaryDirectory() as cache:
        for source in given.sources:
            lists = {"here": ours(source)}
            if given.trivy:
                lists["trivy"] = of_trivy(given.trivy, source, Path(cache))
            if given.syft:
                lists["syft"] = of_syft(given.syft, source)
            print(*table(source.name, lists), sep="\n", flush=True)
            shown += (f"{source.name}\t{line}" for line in differences(lists))
    if given.show:
        print(*shown, sep="\n")


if __name__ == "__main__":
    main()
