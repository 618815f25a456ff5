"""Debian's lists of advisories, ``DSA/list``, ``DLA/list`` and ``DTSA/list`` of the security tracker.

A line that begins with a date in brackets begins an advisory. Indented lines below it name its CVEs in braces, and for
each release the source package with the version that fixes it, or a word in angles. Source: the tracker's
documentation, *security-tracker/doc*.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from advisories.distros.components import component_of
from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range
from advisories.models.distribution import Distribution, codenames_of, normalised
from advisories.models.reading import Extent, Loss, Part, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.lines import BLANKS, is_plain, is_whole, lines_of
from advisories.sources.documents import Document
from advisories.sources.json import Place
from advisories.sources.limits import Limits

__all__ = ["claims", "read", "sniff"]

_HEAD: Final = re.compile(r"\[([^\]]+)\] ((?:DSA|DLA|DTSA)-[0-9]+(?:-[0-9]+)?)(?: +\S.*)?")
_MARK: Final = re.compile(rb"\[[^][\n]+\] (?:DSA|DLA|DTSA)-[0-9]+")
_ANY_MARK: Final = re.compile(rb"^\[[^][\n]+\] (?:DSA|DLA|DTSA)-[0-9]+", re.MULTILINE)
# As much of an entry as shows which release and package it is about.
_BEGIN: Final = re.compile(r"\[([a-z-]+)\](?: - (\S+)(?= +\S))?")
_WITHIN: Final = re.compile(r"\[[a-z-]+\] - \S+ +\S+")
_NAME: Final = r"[a-z0-9][a-z0-9+.-]*"
_ENTRY: Final = re.compile(rf"\[([a-z-]+)\] - ({_NAME}) (?:<([a-z-]+)>|(\S+))(?: \(.*\))?")
# Words for a package that is not in a release any more.
_GONE: Final = ("removed", "itp")
_REMARKS: Final = ("NOTE:", "TODO:")
_DATE: Final = re.compile(r"([A-Za-z]{3})[a-z]* ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})", re.ASCII)


def sniff(head: bytes, name: str) -> bool:
    """The line of an advisory at the very beginning."""
    return _MARK.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


def claims(head: bytes, name: str) -> bool:
    """The line of an advisory anywhere."""
    return _ANY_MARK.search(head) is not None


# An entry may be of any of Debian's releases where its line does not show which.
_ANY_RELEASE: Final = Distribution("debian", None)


def read(document: Document, limits: Limits) -> Iterator[Advisory | Part | Rejection | Skip]:
    """The advisories of a list. One that cannot be read is a rejection with its line.

    The kind of the advisories is the list that they are of (:mod:`advisories.distros.components`).
    """
    part: Part | None = None
    plain = is_plain(document.data)
    block: list[str] = []
    first = 1
    for number, line in enumerate([*lines_of(document.data.decode("utf-8-sig", "replace")), "["], 1):
        if line and line[0] not in " \t":
            if block:
                head = _HEAD.fullmatch(block[0])
                name = component_of("debian", head[2].partition("-")[0]) if head else None
                if name is not None and (part is None or part.name != name):
                    part = Part(_ANY_RELEASE, name)
                    yield part
                yield from _advisory(document, first, block, plain=plain)
            block, first = [line.rstrip(BLANKS)], number
        elif line := line.strip(BLANKS):
            block.append(line)
    if not document.data.endswith((b"\n", b"\r")):
        # The newest stand first: what was cut off is every older advisory, and what is there is whole.
        last, lost = 1 + document.data.count(b"\n"), (Loss(None, _ANY_RELEASE),)
        why = "it ends in the middle of a line: it may be cut"
        yield Rejection(document.source, f"line {last}", document.name, why, Extent.PART, lost)


def _advisory(
    document: Document, first: int, block: list[str], *, plain: bool
) -> Iterator[Advisory | Rejection | Skip]:
    head = _HEAD.fullmatch(block[0])
    if head is None or not (plain or ("\ufffd" not in block[0] and block[0].isprintable())):
        within = _WITHIN.search(block[0])
        lines = [line for line in block[1:] if line.startswith("[")] + ([within[0]] if within else []) or [""]
        lost = tuple(dict.fromkeys(loss for line in lines for loss in _losses(line)))
        why = "not the beginning of an advisory"
        yield Rejection(document.source, f"line {first}", ascii(block[0][:60]), why, losses=lost)
        return
    date, id = head.groups()
    swallowed = _WITHIN.search(block[0])
    cves: tuple[str, ...] = ()
    entries: list[Affected] = []
    remarks = Remarks(Place(document.source, "", id))
    if swallowed is not None:
        remarks.refuse(
            f"line {first}", "a package of a release in the line of an advisory", losses=_losses(swallowed[0])
        )
    for number, line in enumerate(block[1:], first + 1):
        if not plain and (why := _damage(line)):
            remarks.refuse(f"line {number}", why, losses=_losses(line))
            continue
        if line.startswith("{"):
            words = line.strip("{} ").split()
            before, cves = len(cves), cve_ids([*cves, *words])
            # Where as many came as there are words, each of them is one.
            is_read = len(cves) == before + len(words) or set(cves).issuperset(words)
            if not line.endswith("}") or not is_read:
                others = [other for other in block[1:] if other.startswith("[")] + [
                    one[0] for one in _WITHIN.finditer(line)
                ]
                of_all = (loss for other in others or [""] for loss in _losses(other))
                remarks.refuse(f"line {number}", "not CVEs in braces", losses=tuple(dict.fromkeys(of_all)))
            continue
        if line.startswith(_REMARKS):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            remarks.refuse(f"line {number}", "not a package of a release", losses=_losses(line))
            continue
        codename, package, word, version = entry.groups()
        place = f"line {number}"
        if codename not in codenames_of("debian"):
            remarks.skip(place, f"release {codename}: not known")
        elif word in _GONE:
            remarks.skip(place, f"a package that is {word}")
        elif word is not None and word not in fix_states(Vocabulary.DEBIAN_ADVISORIES):
            remarks.refuse(place, f"an unknown word: {word}", losses=_losses(line))
        else:
            entries.append(_affected(package, codename, word, version))
    published = _date(date)
    if published is None:
        remarks.refuse(f"line {first}", f"not a date: {date[:40]!a}")
    yield Advisory(
        id=id,
        kind=Kind.SECURITY,
        cves=cves,
        affected=tuple(entries),
        database="debian",
        published=published,
        modified=published,
    )
    yield from remarks.found


def _damage(line: str) -> str:
    """Why an indented line cannot be read. Empty where it can."""
    if "\ufffd" in line:
        return "not UTF-8"
    if line.isprintable() or (line.startswith(_REMARKS) and is_whole(line)):
        return ""
    return "characters that cannot be printed"


def _losses(line: str) -> tuple[Loss, ...]:
    """What an indented line is about, as far as it shows. Names with damage in them are not read.

    Nothing is lost with a line of another release than those that are known.
    """
    match = _BEGIN.match(line)
    if match is None:
        return (Loss(None, _ANY_RELEASE),)
    if match[1] not in codenames_of("debian"):
        return ()
    package = match[2] if match[2] and re.fullmatch(_NAME, match[2]) else None
    return (Loss(package, normalised("debian", match[1])),)


def _affected(package: str, codename: str, word: str | None, version: str | None) -> Affected:
    distribution = normalised("debian", codename)
    if word is None:
        return Affected(package, "deb", distribution, Names.SOURCE, (Range(None, version),), (), FixState.FIXED)
    state = fix_states(Vocabulary.DEBIAN_ADVISORIES)[word]
    if word == "not-affected":
        return Affected(package, "deb", distribution, Names.SOURCE, (), (), state, negative=True)
    return Affected(package, "deb", distribution, Names.SOURCE, (Range(),), (), state)


# Most dates are those of several advisories.
@lru_cache(maxsize=4096)
def _date(text: str) -> datetime | None:
    """``02 Apr 2023``, or ``August 26th, 2005``."""
    if not text.isascii():  # digits of other scripts
        return None
    match = _DATE.fullmatch(text)
    text = f"{match[2]} {match[1]} {match[3]}" if match else text
    try:
        return datetime.strptime(text, "%d %b %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
