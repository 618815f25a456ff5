"""What each OSV database does in its own way: one literal table of small functions, by the prefix of the record's id.

The OSV schema leaves room: for what an id's prefix means, where the vendor's rating stands, which module stream a fix
belongs to, and for everything in ``database_specific`` and ``ecosystem_specific``. What one database does with that
room is here and nowhere else. The functions get records whose lists are lists. Deeper down they may find anything, and
they pass over what is not as the database writes it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.models.advisories import FixState, Kind, Severity
from advisories.models.frozen import frozen
from advisories.models.packages import UNKNOWN_MODULE, Module
from advisories.models.patterns import pattern
from advisories.readers.feeds.advisory_ids import cve_ids, cves_within_ids, kind_of_id

__all__ = ["BY_FIELDS", "About", "Database", "about", "database_of"]

#: A decoded OSV record.
Record = Mapping[str, Any]
#: One of its affected entries.
Entry = Mapping[str, Any]

_STREAM: Final = re.compile(r"(?<![\w./:+-])([A-Za-z0-9][\w.+-]*:[\w.+-]+)(?=[\s/,;()]|$)", re.ASCII)


def _own_cves(record: Record) -> tuple[str, ...]:
    """OSV 1.7: the record's own id, its aliases, and (for distributions) the upstream vulnerabilities it is about."""
    return cves_within_ids(record.get("id"), record.get("aliases"), record.get("upstream"))


def _cves_of_advisory(record: Record) -> tuple[str, ...]:
    """A distribution's: before OSV 1.7 brought *upstream*, the CVEs of an advisory were its related ids."""
    return _own_cves(record) or cves_within_ids(record.get("related"))


def _cves_of_docker(record: Record) -> tuple[str, ...]:
    """Docker's ids name the CVE and the package, ``DHI-CVE-2024-1000-bash``. Its records have aliases too."""
    return _cves_of_advisory(record) or cve_ids(_WITHIN.findall(record["id"]))


_WITHIN: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)


def _related_cves(record: Record) -> tuple[str, ...]:
    """AlmaLinux writes no aliases: the CVEs that an advisory fixes are its related ids."""
    return cves_within_ids(record.get("related"), record.get("aliases"), record.get("upstream"))


def _security(record: Record) -> Kind:
    """OSV is a format for vulnerabilities. A database that publishes anything else shows it in its ids."""
    del record
    return Kind.SECURITY


def _kind_by_letter(record: Record) -> Kind:
    return kind_of_id(record["id"][:4])


def _kind_of_suse(record: Record) -> Kind:
    return kind_of_id(record["id"][:12])  # openSUSE-SU-, or with a year


def _specific(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _entries(record: Record) -> list[Entry]:
    return [entry for entry in record.get("affected") or () if isinstance(entry, dict)]


def _first_of(order: Sequence[str], words: Iterable[object]) -> str | None:
    """The first word of an order that is among some, however they are written."""
    found = {word.lower() for word in words if isinstance(word, str)}
    return next((word for word in order if word in found), None)


_WORDS: Final = ("critical", "important", "high", "moderate", "medium", "low", "negligible")


def _rating_of_database(record: Record) -> str | None:
    """Where a database rates with a word, most write it there (GitHub, openEuler, Bitnami)."""
    return _first_of(_WORDS, [_specific(record, "database_specific").get("severity")])


# Debian's words. What has none yet may be anything: it ranks where nothing is known.
_UNASSIGNED: Final = "not yet assigned"
_URGENCIES: Final = ("high", "medium", _UNASSIGNED, "low", "unimportant")


def _urgency(entry: Entry) -> str | None:
    urgency = _specific(entry, "ecosystem_specific").get("urgency")
    return urgency.lower().rstrip("*") if isinstance(urgency, str) else None  # asterisks: urgencies taken from NVD


def _rating_of_debian(record: Record) -> str | None:
    """The most urgent word of any release and package. None where one that might be worse has none yet."""
    word = _first_of(_URGENCIES, map(_urgency, _entries(record)))
    return None if word == _UNASSIGNED else word


def _fix_state_of_debian(entry: Entry) -> FixState | None:
    return fix_states(Vocabulary.OSV_URGENCIES).get(_urgency(entry) or "")


def _fix_state_of_components(entry: Entry) -> FixState | None:
    """The first in the order of fix states of what became of each vulnerable component of a package."""
    components = _specific(entry, "ecosystem_specific").get("components")
    known = fix_states(Vocabulary.OSV_COMPONENTS)
    states = {
        known.get(word.replace("_", "-"))
        for one in (components if isinstance(components, list) else ())
        if isinstance(one, dict) and isinstance(word := one.get("latest_event_status", one.get("status")), str)
    }
    return next((state for state in FixState if state in states), None)


def _summary(record: Record) -> str:
    """The summary without the record's own id, which some repeat in front."""
    summary = record.get("summary")
    return summary.removeprefix(f"{record['id']}: ") if isinstance(summary, str) else ""


_RATINGS: Final = frozenset({"critical", "important", "moderate", "low"})


def _rating_in_summary(record: Record) -> str | None:
    """The first word, if a colon follows it. Else a word in parentheses at the end."""
    summary = _summary(record)
    leading = summary.partition(":")[0].lower()
    if leading in _RATINGS:
        return leading
    trailing = summary[summary.rfind("(") + 1 :].lower()
    return trailing[:-1] if trailing.endswith(")") and trailing[:-1] in _RATINGS else None


def _rating_of_ubuntu(record: Record) -> str | None:
    """Ubuntu's word in a severity of type Ubuntu. Else the most urgent word of a package, or of a CVE."""
    stated = [one.get("score") for one in record.get("severity") or () if _is_of_ubuntu(one)]
    packages = [_specific(entry, "ecosystem_specific").get("ubuntu_priority") for entry in _entries(record)]
    by_cve = (severity.score for severity in _severities_of_ubuntu(record) if severity.type == "Ubuntu")
    return _first_of(_WORDS, stated) or _first_of(_WORDS, packages) or _first_of(_WORDS, by_cve)


def _is_of_ubuntu(severity: object) -> bool:
    return isinstance(severity, dict) and severity.get("type") == "Ubuntu"


def _severities_of_ubuntu(record: Record) -> Iterator[Severity]:
    """An advisory of several CVEs (USN) has a map of them with the severities of each, repeated at every package."""
    for entry in _entries(record):
        cves = _specific(_specific(entry, "database_specific"), "cves_map").get("cves")
        for one in cves if isinstance(cves, list) else ():
            if isinstance(one, dict) and isinstance(one.get("id"), str) and cve_ids(one["id"]):
                stated = one.get("severity")
                for severity in stated if isinstance(stated, list) else ():
                    if isinstance(severity, dict):
                        type, score = severity.get("type"), severity.get("score")
                        if isinstance(type, str) and isinstance(score, str):
                            yield Severity(type, score, "ubuntu", one["id"])


_PRO_ARCHIVE: Final = re.compile(r"[?&]distro=(?:(esm-[a-z-]+)/|[a-z]+/(esm)\b)", re.ASCII)


def _channel_of_ubuntu(entry: Entry, channel: str) -> str:
    """Which of Pro's archives carries a fix is in the purl: ``distro=esm-apps/xenial``, or, of 2019, ``trusty/esm``."""
    if channel != "pro":
        return channel
    purl = _specific(entry, "package").get("purl")
    match = _PRO_ARCHIVE.search(purl) if isinstance(purl, str) else None
    return channel if match is None else match[1] or "esm-infra"


def _binaries_of_suse(entry: Entry) -> Mapping[str, str]:
    """The binary packages of the update and their versions, as a list of objects. Each source repeats them all."""
    listed = _specific(entry, "ecosystem_specific").get("binaries")
    maps = [one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict)]
    return {name: version for one in maps for name, version in one.items() if name and isinstance(version, str)}


def _unknown_module(record: Record) -> Module:
    """Nothing but the fixed version's dist tag shows whether a module built it, and which one is not known."""
    del record
    return UNKNOWN_MODULE


def _module_in_summary(record: Record) -> Module:
    """The summary often names the stream (``nodejs:20``). The fixed version's dist tag decides whether that counts.

    What looks like a stream beside a fix that no module built (``kernel:4.18.0``) is none. Where a summary names two
    streams, either may be meant for any package.
    """
    streams = _STREAM.findall(_without_rating(_summary(record)))
    return Module.of(*streams) if streams else UNKNOWN_MODULE


def _without_rating(summary: str) -> str:
    first, _, rest = summary.partition(":")
    return rest if first.lower() in _RATINGS else summary


@frozen
class Database:
    """The particularities of one database. The defaults follow the OSV schema.

    :ivar name: a short name for reports.
    :ivar cves: the CVEs a record is about.
    :ivar kind: security, bugfix, enhancement.
    :ivar rating: the vendor's word for the severity, in lower case.
    :ivar module: of a record, the module stream of those of its fixes that a module built.
    :ivar severities: of a record, beyond those that the schema has a place for.
    :ivar fix_state: of an entry without a fix, what becomes of it. None where its ranges alone decide.
    :ivar channel: of an entry, the channel more exactly than by its ecosystem.
    :ivar binaries: of an entry that names a source package, the fixed versions of its binary packages.
    :ivar range_types: the types of ranges that are in the order of the ecosystem.
    :ivar is_by_entry: whether its functions of a record look at the entries, or it has functions of an entry's package.
    """

    name: str
    cves: Callable[[Record], tuple[str, ...]] = _own_cves
    kind: Callable[[Record], Kind] = _security
    rating: Callable[[Record], str | None] = _rating_of_database
    module: Callable[[Record], Module] = _unknown_module
    severities: Callable[[Record], Iterable[Severity]] | None = None
    fix_state: Callable[[Entry], FixState | None] | None = None
    channel: Callable[[Entry, str], str] | None = None
    binaries: Callable[[Entry], Mapping[str, str]] | None = None
    range_types: tuple[str, ...] = ("ECOSYSTEM",)
    is_by_entry: bool = False


class About(NamedTuple):
    """A record as a whole. The fields are its database and, by its ways, those of :class:`Database`."""

    database: Database
    cves: tuple[str, ...]
    kind: Kind
    rating: str | None
    module: Module
    severities: tuple[Severity, ...]


def _distribution(name: str) -> Database:
    return Database(name, _cves_of_advisory)


_ALMALINUX = Database("almalinux", _related_cves, _kind_by_letter, _rating_in_summary, _module_in_summary)
_ROCKY = Database("rocky", _cves_of_advisory, _kind_by_letter, _rating_in_summary, _module_in_summary)
_REDHAT = Database("redhat", _cves_of_advisory, _kind_by_letter, module=_module_in_summary)
_DEBIAN = Database(
    "debian", _cves_of_advisory, rating=_rating_of_debian, fix_state=_fix_state_of_debian, is_by_entry=True
)
_UBUNTU = Database(
    "ubuntu",
    _cves_of_advisory,
    rating=_rating_of_ubuntu,
    severities=_severities_of_ubuntu,
    channel=_channel_of_ubuntu,
    is_by_entry=True,
)
_SUSE = Database("suse", _cves_of_advisory, _kind_of_suse, binaries=_binaries_of_suse, is_by_entry=True)
# The type of its ranges is SemVer, its versions are dpkg's.
_ECHO = Database("echo", _cves_of_advisory, range_types=("ECOSYSTEM", "SEMVER"))
# What osv.dev makes of a CVE has the entries of the distributions in it, Debian's urgencies among them.
_CVE_RECORD = Database("", fix_state=_fix_state_of_debian)
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
        "SUSE": _SUSE,
        "openSUSE": _SUSE,
        "OESA": _distribution("openeuler"),
        "MGASA": _distribution("mageia"),
        "PHSA": _distribution("photon"),
        "AZL": _distribution("azurelinux"),
        "ALPINE": _distribution("alpine"),
        "CGA": Database("chainguard", _cves_of_advisory, fix_state=_fix_state_of_components),
        "MINI": _distribution("minimos"),
        "BELL": _distribution("bellsoft"),
        "CLEANSTART": _distribution("cleanstart"),
        "ECHO": _ECHO,
        "DHI": Database("docker", _cves_of_docker),
        "ROOT": _distribution("root"),
        "CLSA": _distribution("tuxcare"),
        "CVE": _CVE_RECORD,
    }
)


#: The id of a record of a database that is here and not :attr:`Database.is_by_entry`.
BY_FIELDS: Final = pattern(
    rb'"id"\s*:\s*"(?:%s)-' % "|".join(name for name, one in _DATABASES.items() if not one.is_by_entry).encode()
)


def database_of(id: str) -> Database:
    """The database of a record's id. One without particularities has defaults."""
    return _DATABASES.get(id.partition("-")[0], _OTHER)


def about(record: Record) -> About:
    """What the database of a record's id gives for the record as a whole."""
    database = database_of(record["id"])
    return About(
        database,
        database.cves(record),
        database.kind(record),
        database.rating(record),
        database.module(record),
        () if database.severities is None else tuple(database.severities(record)),
    )
