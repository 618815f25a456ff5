"""Write examples/almalinux-9 from the real host and the real feed: facts only, in our own form.

    python tools/make_example.py HOST.json ADVISORIES_FOLDER examples/almalinux-9

HOST.json is a vuls scan result of an AlmaLinux 9 host. ADVISORIES_FOLDER holds AlmaLinux's OSV records. Of the host:
names, versions, architectures, source packages, module labels, the running kernel. Made of these: the same host
after two packages were upgraded and a kernel was installed that does not run yet, for README's round trip. Of the
records that name a package of the host: ids, CVEs, those packages, fixed versions, dates, the severity word and the
module stream. No sentence of either.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_RATING = re.compile(r"(?:(Critical|Important|Moderate|Low): )?(?:([\w.-]+:[\w.-]+) )?")


def host_lines(host: dict[str, Any]) -> Iterator[str]:
    sources = {
        binary: f"{name}-{source['version'].rpartition(':')[2]}.src.rpm"
        for name, source in host["SrcPackages"].items()
        for binary in source["binaryNames"]
    }
    yield f"# os-release ID=almalinux VERSION_ID={host['release']}"
    yield f"# uname -r {host['runningKernel']['release']}"
    for name, package in sorted(host["packages"].items()):
        epoch, colon, version = package["version"].rpartition(":")
        yield "\t".join(
            [
                *(name, epoch if colon and epoch != "0" else "(none)", version, package["release"], package["arch"]),
                *(sources.get(name, "(none)"), "(none)", package["modularitylabel"] or "(none)"),
            ]
        )


def upgraded(lines: Iterable[str]) -> Iterator[str]:
    """The host after curl was upgraded and a kernel was installed beside the one that runs."""
    for line in lines:
        name = line.split("\t")[0]
        yield line.replace("14.el9", "40.el9_8.5") if name in ("curl", "libcurl") else line
        if name in ("kernel", "kernel-core", "kernel-modules"):
            yield line.replace("70.13.1.el9_0", "687.39.1.el9_8")


def record(advisory: dict[str, Any], names: set[str]) -> dict[str, Any] | None:
    affected = [
        {
            "package": {"ecosystem": entry["package"]["ecosystem"], "name": entry["package"]["name"]},
            "ranges": [
                {"type": spans["type"], "events": [dict(event) for event in spans["events"]]}
                for spans in entry["ranges"]
            ],
        }
        for entry in advisory["affected"]
        if entry["package"]["ecosystem"] == "AlmaLinux:9" and entry["package"]["name"] in names
    ]
    if not affected:
        return None
    found = _RATING.match(advisory["summary"])
    rating, stream = found.groups() if found else (None, None)
    subject = stream or affected[0]["package"]["name"]
    return {
        "id": advisory["id"],
        "summary": f"{rating}: {subject}" if rating else subject,
        "published": advisory["published"],
        "modified": advisory["modified"],
        "related": [id for id in advisory["related"] if id.startswith("CVE-")],
        "affected": affected,
    }


def main(host_file: str, advisories: str, target: str) -> None:
    host = json.loads(Path(host_file).read_text("utf-8"))
    names = set(host["packages"])
    folder = Path(target)
    lines = list(host_lines(host))
    for name, one in (("host.tsv", lines), ("after.tsv", upgraded(lines))):
        folder.joinpath(name).write_text("".join(f"{line}\n" for line in one), "utf-8")
    records = (
        record(json.loads(path.read_text("utf-8")), names) for path in sorted(Path(advisories).rglob("AL[SBE]A*.json"))
    )
    folder.joinpath("advisories.jsonl").write_text(
        "".join(json.dumps(kept, separators=(",", ":")) + "\n" for kept in records if kept), "utf-8"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
