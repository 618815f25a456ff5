"""The Ubuntu CVE tracker: a file a CVE, with a line for each release and source package.

What is read: ``Candidate``, ``PublicDate``, ``Priority`` (also of a package and of a package of a release), ``CVSS``,
``References``, and the lines ``RELEASE_PACKAGE: status (detail)``.
:attr:`advisories.distros.fix_states.Vocabulary.UBUNTU_TRACKER` has the fix state of each status. A release may be of
ESM (``trusty/esm``, ``esm-infra/xenial``). Lines of upstream, of the release in development and of other products
(snaps, Ubuntu Core, phones) are skipped.

Source of the words: the tracker's own README. Ubuntu's OSV records show the meaning of a version behind
``not-affected``.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from advisories.distros.fix_states import NO_WORD, Vocabulary, fix_states
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference, Severity
from advisories.models.distribution import Distribution, codenames_of, normalised
from advisories.models.reading import Extent, Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.lines import BLANKS, is_plain, is_whole, lines_of
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Place
from advisories.sources.limits import Limits

__all__ = ["claims", "read", "sniff"]

_FIXED: Final = ("released", "released-esm")
_MARK: Final = re.compile(rb"^Candidate:[ \t]*\S", re.MULTILINE)
_NAME_OF_FILE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)
_STATUS: Final = re.compile(r"([a-z][a-z0-9./-]*)_([^\s:_]+):[ \t]*([A-Za-z-]*)[ \t]*(.*)")
# As much of a status as shows whose it is.
_BEGIN: Final = re.compile(r"([a-z][a-z0-9./-]*)_([^\s:_]+)")
_ANY_RELEASE: Final = Distribution("ubuntu", None)
_ID: Final = re.compile(r"[A-Z][A-Za-z]*-[0-9][\w-]*", re.ASCII)
_VERSION: Final = re.compile(r"\(?([0-9][A-Za-z0-9.+:~-]*)\)?")
_END: Final = re.compile(r"end[ -]of[ -]life|\beol\b|out of standard support|no longer supported", re.IGNORECASE)
_CVSS: Final = re.compile(r"(\S+):\s+(CVSS:([34])\.\S+)")
# Fields in front of statuses, whose text never looks like one.
_BEFORE_STATUSES: Final = ("Patches", "Tags", "Priority")
_WORDS_OF: Final = re.compile(r"(?<!\S)[a-z][a-z0-9./-]*_[^\s:_]+:", re.ASCII)
_FREE_TEXTS: Final = ("Description", "Notes", "References", "Ubuntu-Description", "Mitigation")
_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]", re.ASCII)
_LEADING: Final = re.compile(r"^[^A-Za-z#]+")
_EMPTY: Final = Range()


def sniff(head: bytes, name: str) -> bool:
    """``Candidate:`` with an id at the beginning of a line."""
    return not head.lstrip().startswith((b"{", b"[", b"<")) and _MARK.search(head) is not None


def claims(head: bytes, name: str) -> bool:
    """A file that is called like a CVE."""
    return _NAME_OF_FILE.fullmatch(name) is not None and not head.lstrip().startswith((b"{", b"["))


def read(document: Document, limits: Limits) -> Iterator[Advisory | Rejection | Skip]:
    """The advisory of one file, or one for each priority that its packages have."""
    text = document.data.decode("utf-8-sig", "replace")
    tracked = _Tracked(document, limits, is_plain=is_plain(document.data))
    for number, line in enumerate(lines_of(text), 1):
        tracked.take(number, line)
    yield from tracked.items()


class _Tracked:
    """The content of a file, line by line.

    :param is_plain: no line is damaged (:func:`advisories.readers.lines.is_plain`).
    """

    def __init__(self, document: Document, limits: Limits, *, is_plain: bool) -> None:
        self._document = document
        self._remarks = Remarks(Place(document.source, "", document.name))
        self._limits = limits
        self._is_plain = is_plain
        self._fields: dict[str, str] = {}
        self._others: list[tuple[int, str]] = []
        self._section = ""
        self._references: list[Reference] = []
        self._severities: list[Severity] = []
        self._ratings: dict[str, str] = {}
        self._entries: dict[tuple[str, str], Affected] = {}
        self._skips: dict[str, Skip] = {}

    def take(self, number: int, line: str) -> None:
        """One line."""
        is_more = not line or line[0] in " \t#"
        if not self._is_plain and self._is_damaged(number, line, is_more=is_more):
            return
        if is_more:
            if line:
                self._take_more(number, line.strip(BLANKS))
            return
        name, colon, value = line.partition(":")
        if not colon or not name or not (self._is_plain or (name.isascii() and name.isprintable())):
            self._refuse(number, line[:60], "not a field", _losses(line))
            return
        if not name[0].islower():
            if "_" in name and not name.startswith(_BEFORE_STATUSES) and _is_status(_LEADING.sub("", line).lower()):
                self._refuse(
                    number, line[:60], "not a field, and not a status", _losses(_LEADING.sub("", line).lower())
                )
                return
            self._section = name
            if name.startswith("Priority"):
                word = value.split()
                self._ratings[name[len("Priority_") :]] = word[0].lower() if word else ""
            elif name not in self._fields:
                self._fields[name] = value.strip(BLANKS)
            elif name == "Candidate":
                self._others.append((number, value.strip(BLANKS)))
            else:
                self._refuse(number, name, "a field twice: the first stands", ())
            return
        self._section = ""
        match = _STATUS.fullmatch(line.rstrip())
        if match is None:
            self._refuse(number, line[:60], "not a status", _losses(line))
            return
        self._status(number, *match.groups())

    def _is_damaged(self, number: int, line: str, *, is_more: bool) -> bool:
        """Whether a line cannot be read: then it is refused."""
        if "\ufffd" in line and (not is_more or self._section in ("References", "CVSS")):
            self._refuse(number, line[:60], "not UTF-8", () if is_more else _losses(line))
            return True
        if not is_whole(line):
            self._refuse(number, line[:60], "a NUL or a line end of another kind", _losses(line))
            return True
        return False

    def _take_more(self, number: int, line: str) -> None:
        """A line that continues the one above it, a comment, or an empty one."""
        if self._section == "References" and line:
            self._references.append(Reference("WEB", line))
        elif self._section == "CVSS" and (match := _CVSS.fullmatch(line)):
            self._severities.append(Severity(f"CVSS_V{match[3]}", match[2], match[1]))
        elif self._section not in _FREE_TEXTS and self._section and line and line[0] != "#" and _is_status(line):
            self._refuse(number, line[:60], "a status in the place of more text", _losses(line))
        elif not self._section and line and line[0] != "#":
            self._refuse(number, line[:60], "more text of no field", _losses(line))

    def _status(self, number: int, where: str, package: str, status: str, detail: str) -> None:
        if "_" in detail and (swallowed := next(filter(_is_status, _WORDS_OF.findall(detail)), None)):
            self._refuse(number, swallowed, "a status in the line of another one", _losses(f"{swallowed} "))
        if status == "DNE":
            self._skip(number, "a package that is not in a release")
            return
        place = _place(where)
        if place is None:
            self._skip(number, f"status of {where.partition('/')[0] if '/' in where else where}")
            return
        distribution, channel = place
        affected = _affected(package, distribution, channel, status, detail)
        key, why = (where, package), ""
        if isinstance(affected, str):
            why = affected
        elif key in self._entries:
            if self._entries[key] != affected:
                why = "a second status, and another one: the first stands"
        elif len(self._entries) >= self._limits.affected:
            why = f"more entries than the limit of {self._limits.affected}"
        else:
            self._entries[key] = affected
        if why:
            self._refuse(number, f"{where}_{package}", why, (Loss(package, distribution),))

    def items(self) -> Iterator[Advisory | Rejection | Skip]:
        """One for each priority. Where the file has no id, nothing but a rejection."""
        candidate = self._fields.get("Candidate", "")
        if not _ID.fullmatch(candidate):
            why = f"not an id: {candidate[:60]!a}"
            lost = tuple(dict.fromkeys(Loss(one.package, one.distribution) for one in self._entries.values()))
            lost = lost or (Loss(None, _ANY_RELEASE),)
            yield Rejection(self._document.source, "Candidate", self._document.name, why, losses=lost)
            return
        if self._others:
            # Whose a status is does not show. The releases of all may be concerned.
            lost = (Loss(None, _ANY_RELEASE),)
            for place, id in (("Candidate", candidate), *((f"line {number}", id) for number, id in self._others)):
                yield Rejection(
                    self._document.source, place, ascii(id[:60]), "several records in one file", losses=lost
                )
            return
        published = self._date()
        rated: dict[str, list[Affected]] = {}
        for (where, package), affected in self._entries.items():
            rating = self._ratings.get(f"{package}_{where}", self._ratings.get(package, self._ratings.get("", "")))
            rated.setdefault(rating, []).append(affected)
        general = self._ratings.get("", "")
        severities, references = tuple(self._severities), tuple(self._references)
        for rating in rated or {general: []}:
            yield Advisory(
                id=f"UBUNTU-{candidate}" if rating == general else f"UBUNTU-{candidate}/{rating or 'unrated'}",
                kind=Kind.SECURITY,
                cves=cve_ids(candidate),
                affected=tuple(rated.get(rating, ())),
                database="ubuntu",
                rating=rating if rating not in ("", "untriaged") else None,
                severities=severities,
                published=published,
                references=references,
            )
        yield from self._remarks.found
        if not self._document.data.endswith((b"\n", b"\r")):
            # The statuses stand last, and what is there is whole.
            last, lost = 1 + self._document.data.count(b"\n"), (Loss(None, _ANY_RELEASE),)
            why = "it ends in the middle of a line: it may be cut"
            yield Rejection(self._document.source, f"line {last}", self._document.name, why, Extent.PART, lost)

    def _date(self) -> datetime | None:
        text = self._fields.get("PublicDate", "")
        try:
            return date_of(text) if text and text != "unknown" else None
        except ValueError:
            self._remarks.refuse("PublicDate", f"not a date: {text[:60]!a}", self._fields["Candidate"])
            return None

    def _refuse(self, number: int, what: str, why: str, losses: tuple[Loss, ...]) -> None:
        what = what if what.isprintable() else ascii(what)
        self._remarks.refuse(f"line {number}", why, what, losses)

    def _skip(self, number: int, why: str) -> None:
        # Two thirds of all lines are skipped: one object a reason is enough to count them.
        skip = self._skips.get(why)
        if skip is None:
            skip = self._skips[why] = Skip(self._document.source, f"line {number}", self._document.name, why)
        self._remarks.found.append(skip)


def _losses(line: str) -> tuple[Loss, ...]:
    """What is lost with a line that is no status: whatever it may have been a status of."""
    if line[:1].isupper():
        return ()
    match = _BEGIN.match(line)
    if match is None:
        return (Loss(None, _ANY_RELEASE),)
    place = _place(match[1])
    is_whole = match.end() < len(line) and _PACKAGE.fullmatch(match[2])
    return (Loss(match[2] if is_whole else None, place[0]),) if place else ()


def _is_status(line: str) -> bool:
    """Whether a line has the status of a package in a release."""
    match = _BEGIN.match(line) if "_" in line else None
    return match is not None and line[match.end() :][:1] == ":" and _place(match[1]) is not None


@lru_cache(maxsize=1024)
def _place(where: str) -> tuple[Distribution, str | None] | None:
    """The release and channel at the beginning of a status line. None for what is no release of the distribution."""
    first, slash, second = where.partition("/")
    codenames = codenames_of("ubuntu")
    if not slash:
        return (normalised("ubuntu", first), None) if first in codenames else None
    if second == "esm" and first in codenames:
        return normalised("ubuntu", first), "esm-infra"
    if first in ("esm-infra", "esm-apps", "esm-infra-legacy") and second in codenames:
        return normalised("ubuntu", second), first
    return None


def _affected(
    package: str, distribution: Distribution, channel: str | None, status: str, detail: str
) -> Affected | str:
    """The entry of a status. A text for a status that is not known: why."""
    ranges: tuple[Range, ...] = (_EMPTY,)
    negative = False
    version, words = _VERSION.fullmatch(detail), fix_states(Vocabulary.UBUNTU_TRACKER)
    if status in _FIXED and version is not None:
        ranges, state = (Range(None, version[1]),), words[status]
        channel = "esm-infra" if status == "released-esm" else channel
    elif status in _FIXED:
        return "released, without a version"
    elif status == "not-affected":
        # A version is the first with the fix, and those below it may be affected. With a reason no version ever was.
        state = FixState.FIXED if version is not None else FixState.UNKNOWN
        negative = version is None
        ranges = () if version is None else (Range(None, version[1]),)
    elif (status or NO_WORD) in words:
        ended = status == "ignored" and _END.search(detail)
        state = words["ignored (end of life)" if ended else status or NO_WORD]
    else:
        return f"an unknown status: {status[:40]!a}"
    return Affected(package, "deb", distribution, Names.SOURCE, ranges, (), state, negative, channel=channel)
