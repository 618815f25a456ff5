"""What each OSV database does in its own way: one literal table of small functions, by the prefix of the record's id.

The OSV schema leaves room: what an id's prefix means, where the vendor's rating stands, which module stream a fix
belongs to. Everything that is particular to one database is here and nowhere else.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from advisories.models import NO_MODULE, UNKNOWN_MODULE, Kind, Module

__all__ = ["Database", "built_as_module", "cve_ids", "database_of", "kind_of_notice"]

#: A decoded OSV record.
Record = Mapping[str, Any]

# A release that modularity's build service made carries the word in its dist tag: ``.module_el8.6.0+...`` (AlmaLinux),
# ``.module+el8.6.0+...`` (Red Hat, Rocky), ``.module_f31+...`` (Fedora).
_MODULAR: Final = re.compile(r"\.module[_+](?:el|f)[0-9]", re.ASCII)
_STREAM: Final = re.compile(r"(?<![\w./:+-])([A-Za-z0-9][\w.+-]*:[\w.+-]+)(?=[\s/,;()]|$)", re.ASCII)
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)


def cve_ids(*candidates: object) -> tuple[str, ...]:
    """The CVE ids among texts and lists of texts, each once, by year and number."""
    found = {
        text
        for candidate in candidates
        for text in (candidate if isinstance(candidate, list) else [candidate])
        if isinstance(text, str) and _CVE.fullmatch(text)
    }
    return tuple(sorted(found, key=_cve_order))


def _cve_order(cve: str) -> tuple[int, int]:
    _, year, number = cve.split("-")
    return int(year), int(number)


def _own_cves(record: Record) -> tuple[str, ...]:
    """OSV 1.7: the record's own id, its aliases, and (for distributions) the upstream vulnerabilities it is about."""
    return cve_ids(record.get("id"), record.get("aliases"), record.get("upstream"))


def _cve_in_id(record: Record) -> tuple[str, ...]:
    """As `_own_cves`, and ids such as UBUNTU-CVE-2024-51988 name their CVE themselves."""
    id = record["id"]
    return cve_ids(id, id.partition("-")[2], record.get("aliases"), record.get("upstream"))


def _related_cves(record: Record) -> tuple[str, ...]:
    """AlmaLinux writes no aliases: the CVEs an erratum fixes are its related ids."""
    return cve_ids(record.get("related"), record.get("aliases"), record.get("upstream"))


def _security(record: Record) -> Kind:
    """OSV is a format for vulnerabilities; a database that publishes anything else says so in its id."""
    del record
    return Kind.SECURITY


def kind_of_notice(id: str) -> Kind:
    """Red Hat's family: the letter before the last of the prefix, as in RHSA, ALBA, RLEA."""
    return _KIND_LETTERS.get(id[2:3], Kind.UNKNOWN)


def _kind_by_letter(record: Record) -> Kind:
    return kind_of_notice(record["id"])


_KIND_LETTERS: Final = MappingProxyType({"S": Kind.SECURITY, "B": Kind.BUGFIX, "E": Kind.ENHANCEMENT})


def _no_rating(record: Record) -> None:
    del record


def _summary(record: Record) -> str:
    """The summary without the record's own id, which some repeat in front."""
    summary = record.get("summary")
    return summary.removeprefix(f"{record['id']}: ") if isinstance(summary, str) else ""


_RATINGS: Final = frozenset({"critical", "important", "moderate", "low"})


def _rating_in_summary(record: Record) -> str | None:
    """The first word, if a colon follows it; where it is missing there, a word in parentheses at the end."""
    summary = _summary(record)
    leading = summary.partition(":")[0].lower()
    if leading in _RATINGS:
        return leading
    trailing = summary[summary.rfind("(") + 1 :].lower()
    return trailing[:-1] if trailing.endswith(")") and trailing[:-1] in _RATINGS else None


def _rating_of_ubuntu(record: Record) -> str | None:
    """A severity of type Ubuntu carries Ubuntu's word."""
    for severity in record.get("severity") or ():
        if isinstance(severity, dict) and severity.get("type") == "Ubuntu":
            score = severity.get("score")
            return score.lower() if isinstance(score, str) else None
    return None


def built_as_module(version: str) -> bool:
    """Whether an rpm version's dist tag says that it was built as part of some module."""
    return _MODULAR.search(version) is not None


def _module_by_version(record: Record) -> Callable[[str], Module]:
    """Only the fixed version's dist tag speaks: built as part of some module, or of none."""
    del record
    return lambda fixed: UNKNOWN_MODULE if built_as_module(fixed) else NO_MODULE


def _module_in_summary(record: Record) -> Callable[[str], Module]:
    """The summary names the stream (``nodejs:20``), not always; the fixed version's dist tag says whether it counts.

    What looks like a stream beside a fix that no module built (``kernel:4.18.0``) is none. A summary that names two
    streams does not say which package is of which: either may be meant.
    """
    streams = _STREAM.findall(_without_rating(_summary(record)))
    module = Module.of(*streams) if streams else UNKNOWN_MODULE
    return lambda fixed: module if built_as_module(fixed) else NO_MODULE


def _without_rating(summary: str) -> str:
    first, _, rest = summary.partition(":")
    return rest if first.lower() in _RATINGS else summary


@frozen
class Database:
    """The particularities of one database; the defaults are what the OSV schema says.

    :ivar name: a short name for reports.
    :ivar cves: the CVEs a record is about.
    :ivar kind: security, bugfix, enhancement.
    :ivar rating: the vendor's word for the severity, lower case.
    :ivar module: for a record, the function from a fixed version to its module stream.
    """

    name: str
    cves: Callable[[Record], tuple[str, ...]] = _own_cves
    kind: Callable[[Record], Kind] = _security
    rating: Callable[[Record], str | None] = _no_rating
    module: Callable[[Record], Callable[[str], Module]] = _module_by_version


_ALMALINUX = Database("almalinux", _related_cves, _kind_by_letter, _rating_in_summary, _module_in_summary)
_ROCKY = Database("rocky", _own_cves, _kind_by_letter, _rating_in_summary, _module_in_summary)
_REDHAT = Database("redhat", _own_cves, _kind_by_letter)
_DEBIAN = Database("debian", _cve_in_id)
_UBUNTU = Database("ubuntu", _cve_in_id, rating=_rating_of_ubuntu)
_ALPINE = Database("alpine", _cve_in_id)
_OTHER = Database("")

_DATABASES: Final[Mapping[str, Database]] = MappingProxyType(
    {
        "ALSA": _ALMALINUX,
        "ALBA": _ALMALINUX,
        "ALEA": _ALMALINUX,
        "RLSA": _ROCKY,
        "RLBA": _ROCKY,
        "RLEA": _ROCKY,
        "RXSA": _ROCKY,
        "RHSA": _REDHAT,
        "RHBA": _REDHAT,
        "RHEA": _REDHAT,
        "DSA": _DEBIAN,
        "DLA": _DEBIAN,
        "DTSA": _DEBIAN,
        "DEBIAN": _DEBIAN,
        "USN": _UBUNTU,
        "LSN": _UBUNTU,
        "UBUNTU": _UBUNTU,
        "ALPINE": _ALPINE,
        "CVE": _OTHER,
    }
)


def database_of(id: str) -> Database:
    """The row for a record's id; a row of defaults for a database that has no particularities here."""
    return _DATABASES.get(id.partition("-")[0], _OTHER)
