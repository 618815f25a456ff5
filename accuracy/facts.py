"""Published feeds, read in the plainest way and by no reader of ours: a package, its fixed version, what it fixes.

What cannot be put so is left out and counted by the reason.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Fact", "Facts", "debian_lists", "osv", "ubuntu_tracker"]

CVE: Final = re.compile(r"CVE-[0-9]+-[0-9]+")


class Fact(NamedTuple):
    """One statement of a feed.

    :ivar source: the package is a source package.
    :ivar fixed: the version that is free of it. None where the feed states that there is none yet.
    :ivar ids: the vulnerabilities, or the advisory's id where it names none.
    """

    package: str
    source: bool
    fixed: str | None
    ids: tuple[str, ...]
    advisory: str


class Facts(NamedTuple):
    """All of a release.

    :ivar by_package: by whether it is a source package, and its name.
    :ivar left_out: what was left out, counted by the reason.
    """

    by_package: Mapping[tuple[bool, str], Sequence[Fact]]
    left_out: Mapping[str, int]

    @property
    def named(self) -> Mapping[str, set[str]]:
        """The packages that each advisory names in this release."""
        found: dict[str, set[str]] = {}
        for fact in chain.from_iterable(self.by_package.values()):
            found.setdefault(fact.advisory, set()).add(fact.package)
        return found

    @classmethod
    def of(cls, facts: Iterator[Fact | str]) -> "Facts":
        """Facts gathered. A text is the reason why something was left out."""
        found: dict[tuple[bool, str], list[Fact]] = {}
        left_out: Counter[str] = Counter()
        for fact in facts:
            if isinstance(fact, str):
                left_out[fact] += 1
            else:
                found.setdefault((fact.source, fact.package), []).append(fact)
        return cls(found, left_out)


def osv(paths: Sequence[Path], ecosystem: str) -> Iterator[Fact | str]:
    """OSV records of one ecosystem with its release (``AlmaLinux:9``)."""
    for path in paths:
        record = json.loads(path.read_bytes())
        cves = tuple(id for id in record.get("related", ()) if CVE.fullmatch(id))
        security = record["id"].startswith("ALSA")
        for affected in record["affected"]:
            if affected["package"]["ecosystem"] != ecosystem:
                continue
            if not cves and not security:
                yield "bug fixes and enhancements without a CVE"
                continue
            for span in affected["ranges"]:
                for event in span["events"]:
                    if "fixed" in event:
                        yield Fact(
                            affected["package"]["name"], False, event["fixed"], cves or (record["id"],), record["id"]
                        )


_NOTICE: Final = re.compile(r"\[[^\]]+\] (D[LS]A-\S+)")
_OF_RELEASE: Final = re.compile(r"\s+\[(\w+)\] - (\S+) (\S+)")


def debian_lists(paths: Sequence[Path], codename: str) -> Iterator[Fact | str]:
    """Debian's lists of DSA and DLA: source packages."""
    for path in paths:
        advisory, ids = "", ()
        for line in path.read_text("utf-8").splitlines():
            if notice := _NOTICE.match(line):
                advisory, ids = notice[1], ()
            elif line.lstrip().startswith("{"):
                ids = tuple(CVE.findall(line))
            elif (entry := _OF_RELEASE.match(line)) and entry[1] == codename:
                if entry[3] == "<not-affected>":
                    yield "entries that are not affected"
                elif not ids and "regression update" in line:
                    yield "regression updates"
                else:
                    fixed = None if entry[3].startswith("<") else entry[3]
                    yield Fact(entry[2], True, fixed, ids or (advisory,), advisory)


_STATUS: Final = re.compile(r"(\w+)_([a-z0-9][a-z0-9.+-]*): (\S+)(?: \((.*)\))?")
_OPEN: Final = {"needed", "needs-triage", "deferred", "pending", "ignored", "active"}


def ubuntu_tracker(paths: Sequence[Path], codename: str) -> Iterator[Fact | str]:
    """Ubuntu's tracker, a file for each CVE: source packages."""
    for path in paths:
        for line in path.read_text("utf-8", "replace").splitlines():
            if (status := _STATUS.fullmatch(line.strip())) and status[1] == codename:
                word, fixed = status[3], status[4]
                if word == "released":
                    yield (
                        Fact(status[2], True, fixed, (path.name,), path.name) if fixed else "released without a version"
                    )
                elif word in _OPEN:
                    yield Fact(status[2], True, None, (path.name,), path.name)
                else:
                    yield f"entries of the status {word}"
