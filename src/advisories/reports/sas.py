"""Findings in the words of a cloud console's list of vulnerabilities: the answer of its call ``DescribeVulList``.

The names and codes are those of the models of ``alibabacloud-sas20181203`` 10.3. A record is an advisory of one host in
one state, with its CVEs and its packages: each package of a record has each of its CVEs, so nothing is lost by that.
``Caveats`` is ours: what was not checked has no place in the form.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from json import dumps
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from advisories.models.findings import Priority
from advisories.models.packages import SYSTEM_TYPES
from advisories.models.printing import printable
from advisories.reports.alerts import JsonTexts, separated
from advisories.reports.lines import named
from vercmp import dpkg, rpm

if TYPE_CHECKING:
    from advisories.reports.caveats import Caveat

__all__ = ["FIXED", "FIXED_RESTART", "IGNORED", "NOT_FOUND", "OPEN", "Host", "Row", "lines", "matched_range"]

#: Codes of ``Status``. The others are about what the console itself does.
OPEN: Final = 1
FIXED: Final = 7
FIXED_RESTART: Final = 8
IGNORED: Final = 10
NOT_FOUND: Final = 12

_NECESSITY: Final[Mapping[str, str]] = MappingProxyType(
    {Priority.HIGH: "asap", Priority.MEDIUM: "later", Priority.LOW: "nntf"}
)
# How many packages a record's name has.
_NAMED: Final = 3


class Host(NamedTuple):
    """What was listed: its name, whether that is an image's, its release, and the day of the report."""

    name: str
    is_image: bool
    os: str
    release: str
    day: date | None


class Row(NamedTuple):
    """One instance and one vulnerability.

    :ivar status: one of the codes above.
    :ivar detail: why it is listed, as a sentence.
    :ivar matched: what the version was compared with.
    """

    instance: str
    package: str
    version: str
    advisory: str
    vulnerability: str
    priority: str
    status: int
    detail: str
    matched: str
    path: str
    command: str
    tags: tuple[str, ...]


def lines(rows: "Iterable[Row]", host: Host, caveats: "Iterable[Caveat]") -> Iterator[str]:
    """The lines of the answer, a record on each."""
    records = list(_records(rows, host))
    yield f'{{"CurrentPage": 1, "PageSize": {len(records)}, "TotalCount": {len(records)},'
    shown = [
        {
            "Id": one.id,
            "Level": one.level.value,
            "Text": printable(one.text),
            "Instances": [*map(printable, one.instances)],
        }
        for one in caveats
    ]
    yield f'"Caveats": {dumps(shown)},'
    yield '"VulRecords": ['
    yield from separated(records)
    yield "]}"


def matched_range(name: str, introduced: str | None, fixed: str | None, last_affected: str | None) -> str:
    """The versions that are affected, in words.

    >>> matched_range("bash", None, "2-1", None)
    'bash version less than 2-1'
    """
    words = [f"{name} version"]
    words += [f"at least {introduced}"] if introduced is not None else []
    words += [f"less than {fixed}"] if fixed is not None else []
    words += [f"at most {last_affected}"] if last_affected is not None else []
    return " ".join(words) if len(words) > 1 else f"{name} any version"


def _milliseconds(day: date | None) -> int | None:
    """The beginning of a day as the console has times."""
    return None if day is None else int(datetime.combine(day, time(), UTC).timestamp()) * 1000


class _Of(NamedTuple):
    """What the packages of a record have in common."""

    kind: str
    advisory: str
    priority: str
    status: int
    tags: tuple[str, ...]
    cves: tuple[str, ...]


def _records(rows: "Iterable[Row]", host: Host) -> Iterator[str]:
    """Rows that differ in their vulnerability alone together, then the packages that have the same vulnerabilities."""
    together: dict[Row, list[str]] = {}
    for row in rows:
        together.setdefault(row._replace(vulnerability=""), []).append(row.vulnerability)
    found: dict[_Of, list[Row]] = {}
    for row, cves in together.items():
        kind = "cve" if row.instance.partition("/")[0] in SYSTEM_TYPES else "sca"
        of = _Of(kind, row.advisory, row.priority, row.status, row.tags, tuple(cves))
        found.setdefault(of, []).append(row)
    texts, constant = JsonTexts(), _constant(host)
    image = texts[host.name if host.is_image else ""]
    for of, packages in found.items():
        yield _record(of, packages, texts, constant, host, image)


def _constant(host: Host) -> str:
    members = {
        "InstanceName": printable(host.name),
        "OsName": printable(host.os),
        "OsVersion": printable(host.release),
        "Image": printable(host.name) if host.is_image else None,
        "LastTs": _milliseconds(host.day),
    }
    return dumps({name: value for name, value in members.items() if value is not None})[1:-1]


def _record(of: _Of, rows: list[Row], texts: JsonTexts, constant: str, host: Host, image: str) -> str:
    alias = texts[f"{of.advisory}: {named(list(dict.fromkeys([row.package for row in rows])), _NAMED)}"]
    tag, cves = texts[",".join(of.tags)], ", ".join([texts[cve] for cve in of.cves])
    packages = ", ".join([_package(row, texts, image) for row in rows])
    return (
        f'{{"Type": "{of.kind}", "Name": {texts[of.advisory]}, "AliasName": {alias}, '
        f'"Related": {texts[",".join(of.cves)]}, "Necessity": "{_NECESSITY[of.priority]}", "Status": {of.status}, '
        f'"Tag": {tag}, {constant}, "ExtendContentJson": {{"AliasName": {alias}, "Os": {texts[host.os]}, '
        f'"OsRelease": {texts[host.release]}, "Status": "{of.status}", "Tag": {tag}, "cveList": [{cves}], '
        f'"RpmEntityList": [{packages}]}}}}'
    )


def _package(row: Row, texts: JsonTexts, image: str) -> str:
    upstream = texts[_upstream(row.instance, row.version)]
    return (
        f'{{"Name": {texts[row.package]}, "FullVersion": {texts[row.version]}, "Version": {upstream}, '
        f'"MatchDetail": {texts[row.detail]}, "MatchList": [{texts[row.matched]}], "Path": {texts[row.path]}, '
        f'"UpdateCmd": {texts[row.command]}, "ImageName": {image}}}'
    )


def _upstream(instance: str, version: str) -> str:
    """The version without epoch and release."""
    try:
        if instance.startswith("rpm/"):
            return rpm.split(version).version
        return dpkg.split(version).version if instance.startswith("deb/") else version
    except ValueError:
        return version
