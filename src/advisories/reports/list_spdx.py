"""A list as an SPDX 2.3 document in JSON: a package for each package that is installed, in what was listed, and one for
its operating system.

What SPDX has no place for are annotations: of a package, an object of its facts, and of the document, an object with
an array for each name. So nothing is lost, and other programs find package URLs, suppliers and sources where they
expect them.

Source: SPDX, specification 2.3.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from json import dumps
from typing import Any, Final

from advisories.distros.package_urls import package_url
from advisories.models.packages import Package
from advisories.readers.inventories.carried import PREFIX, SPDX_SUBJECT, list_facts, package_facts
from advisories.reports.alerts import tool_version
from advisories.reports.inventory import ListReport
from advisories.reports.objects import grouped, streamed
from advisories.reports.vex import Numbered

__all__ = ["render"]

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_SYSTEM: Final = "SPDXRef-OperatingSystem"


def render(report: ListReport) -> Iterator[str]:
    """The lines of the document, a package on each."""
    number, tool = Numbered(), f"Tool: advisories-{tool_version()}"
    note = _Note(report.moment, tool)
    yield "{"
    yield f' "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "{_DOCUMENT}",'
    created = {"created": report.moment, "creators": [tool]}
    head = [
        f' "name": {dumps(report.name)},',
        f' "creationInfo": {dumps(created)},',
        f' "annotations": [{dumps(note.of(grouped(list_facts(report.inventory))))}],',
    ]
    yield from number.seen(head)
    yield from number.seen(streamed("packages", map(dumps, _packages(report, note)), ","))
    yield from streamed("relationships", map(dumps, _relationships(report)), ",")
    yield f' "documentNamespace": "urn:uuid:{number}"'
    yield "}"


class _Note:
    """Annotations of one document."""

    def __init__(self, moment: str, tool: str) -> None:
        self._always: Final = {"annotationDate": moment, "annotationType": "OTHER", "annotator": tool}

    def of(self, facts: Mapping[str, Any]) -> dict[str, str]:
        """The annotation with these facts."""
        return {**self._always, "comment": f"{PREFIX}{dumps(facts)}"}


def _packages(report: ListReport, note: _Note) -> Iterator[dict[str, Any]]:
    distribution = report.inventory.distribution
    subject = _package(SPDX_SUBJECT, report.name, report.digest)
    subject["primaryPackagePurpose"] = "OTHER" if report.inventory.image is None else "CONTAINER"
    if report.url is not None:
        subject["externalRefs"] = [_reference(report.url)]
    yield subject
    if distribution is not None:
        system = _package(_SYSTEM, distribution.id, distribution.release)
        yield {**system, "primaryPackagePurpose": "OPERATING-SYSTEM"}
    for number, package in enumerate(report.installed, 1):
        entry = _package(_id(number), package.name, package.version)
        entry["supplier"] = _supplier(package)
        source, version = package.source_name, package.source_version
        if source and version:
            entry["sourceInfo"] = f"built package from: {source} {version}"
        entry["externalRefs"] = [_reference(package_url(package, distribution))]
        entry["annotations"] = [note.of(package_facts(package))]
        yield entry


def _package(id: str, name: str, version: str | None) -> dict[str, Any]:
    versions = {} if version is None else {"versionInfo": version}
    return {"SPDXID": id, "name": name, **versions, "downloadLocation": "NOASSERTION", "filesAnalyzed": False}


def _supplier(package: Package) -> str:
    return "NOASSERTION" if package.vendor is None else f"Organization: {package.vendor}"


def _reference(url: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}


def _id(number: int) -> str:
    return f"SPDXRef-Package-{number}"


def _relationships(report: ListReport) -> Iterator[dict[str, str]]:
    yield {"spdxElementId": _DOCUMENT, "relationshipType": "DESCRIBES", "relatedSpdxElement": SPDX_SUBJECT}
    others = [] if report.inventory.distribution is None else [_SYSTEM]
    for id in chain(others, (_id(number) for number, _ in enumerate(report.installed, 1))):
        yield {"spdxElementId": SPDX_SUBJECT, "relationshipType": "CONTAINS", "relatedSpdxElement": id}
