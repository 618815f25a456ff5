"""The findings as SPDX 3.0.1, in JSON-LD, with the profiles software and security.

Of SPDX 2.3, a package has references to addresses, and no place for a statement. In 3.0.1 an assessment relates a
vulnerability to packages: affected, not affected, fixed or under investigation, with its CVSS.

- The packages are those with a finding. What was listed contains them, and that list is *incomplete*.
- A vulnerability has a VEX assessment for each set of packages for which the same holds, and one for each vector.
- Causes, priorities and assumptions are ``statusNotes``. The comment of the document has what the report leaves open.

Source: SPDX, specification 3.0.1, profiles *Core*, *Software* and *Security*.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any, Final

from advisories.models.patterns import pattern
from advisories.models.statements import StatementStatus
from advisories.reports.alerts import tool_version
from advisories.reports.vex import (
    LABELS,
    Rating,
    Stated,
    commands_of,
    id_of,
    image_of,
    issued,
    left_open,
    links_of,
    names_of,
    ratings_of,
    serial,
    shape_of,
    stated,
    utc,
)

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding, ReportObject

__all__ = ["render"]

_CVE: Final = pattern("CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)
#: In front of the name of each element, until the number of the document is known.
_UNNUMBERED: Final = "urn:uuid:00000000-0000-0000-0000-000000000000#"
_CREATED: Final = "_:creation"
#: The kind of assessment, and how it relates a vulnerability to packages.
_ASSESSMENTS: Final = {
    StatementStatus.AFFECTED: ("Affected", "affects"),
    StatementStatus.NOT_AFFECTED: ("NotAffected", "doesNotAffect"),
    StatementStatus.FIXED: ("Fixed", "fixedIn"),
    StatementStatus.UNDER_INVESTIGATION: ("UnderInvestigation", "underInvestigationFor"),
}
_Names = Mapping[tuple[str, str], str]


def render(document: "Document") -> Iterator[str]:
    """The lines of the document, an element on each."""
    content = document.content
    elements = [dumps(_created(content)), *_Graph(content).texts()]
    number = serial(elements)
    yield "{"
    yield ' "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",'
    yield ' "@graph": ['
    last = len(elements) - 1
    for place, element in enumerate(elements):
        yield f"  {element.replace(_UNNUMBERED, f'urn:uuid:{number}#')}{',' if place < last else ''}"
    yield " ]"
    yield "}"


def _created(content: "ReportObject") -> dict[str, Any]:
    return {
        "type": "CreationInfo",
        "@id": _CREATED,
        "specVersion": "3.0.1",
        "created": issued(content),
        "createdBy": [f"{_UNNUMBERED}agent"],
        "createdUsing": [f"{_UNNUMBERED}tool"],
    }


class _Graph:
    """The elements of a document, as JSON, each with a name."""

    def __init__(self, content: "ReportObject") -> None:
        self._content: Final = content
        self._statements: Final = stated(content)
        self._packages: Final = {
            id: f"{_UNNUMBERED}package-{number}"
            for number, id in enumerate(names_of(self._statements, "instance"), start=1)
        }
        self._made: Final[dict[tuple[Any, ...], str]] = {}
        self._sources: Final[dict[str, str]] = {}
        self._ids: Final[list[str]] = []

    def texts(self) -> list[str]:
        """The document and the list of packages first."""
        parts = [*self._software(), *self._security()]
        sources = [self._element("Organization", id, name=name or "-") for name, id in self._sources.items()]
        about = [
            self._element("SoftwareAgent", f"{_UNNUMBERED}agent", name="advisories"),
            self._element("Tool", f"{_UNNUMBERED}tool", name=f"advisories {tool_version()}"),
            *sources,
        ]
        whole = self._element(
            "SpdxDocument",
            f"{_UNNUMBERED}document",
            name=f"Findings of {self._content['target']['name']}",
            comment="\n".join(left_open(self._content)),
            profileConformance=["core", "software", "security"],
            rootElement=[f"{_UNNUMBERED}packages"],
            element=list(self._ids),
        )
        return [whole, *about, *parts]

    def _element(self, type: str, id: str, **members: Any) -> str:
        self._ids.append(id)
        return dumps({"type": type, "spdxId": id, "creationInfo": _CREATED, **members})

    def _software(self) -> Iterator[str]:
        target, distribution = self._content["target"], self._content["inventory"]["distribution"]
        image = image_of(self._content)
        subject, system = f"{_UNNUMBERED}subject", f"{_UNNUMBERED}system"
        ids = [*([system] if distribution else []), *self._packages.values()]
        yield self._element(
            "software_Sbom",
            f"{_UNNUMBERED}packages",
            name="The packages with findings",
            rootElement=[subject],
            element=[subject, *ids],
        )
        yield self._element(
            "software_Package",
            subject,
            name=target["name"],
            software_primaryPurpose="container" if target["digest"] else "other",
            **({"software_packageVersion": target["digest"]} if target["digest"] else {}),
            **({"software_packageUrl": image} if image is not None else {}),
        )
        if distribution is not None:
            release = distribution["release"]
            yield self._element(
                "software_Package",
                system,
                name=distribution["id"],
                software_primaryPurpose="operatingSystem",
                **({"software_packageVersion": release} if release else {}),
            )
        first = {id_of(one): one for statement in self._statements for one in reversed(statement.findings)}
        for id, name in self._packages.items():
            yield self._element("software_Package", name, **_package(first[id]))
        if ids:
            yield self._element(
                "Relationship",
                f"{_UNNUMBERED}contains",
                relationshipType="contains",
                completeness="incomplete",
                **{"from": subject, "to": ids},
            )

    def _security(self) -> Iterator[str]:
        by_vulnerability: dict[str, list[Stated]] = {}
        for statement in self._statements:
            by_vulnerability.setdefault(statement.finding["vulnerability"], []).append(statement)
        for number, (vulnerability, statements) in enumerate(by_vulnerability.items(), start=1):
            id = f"{_UNNUMBERED}vulnerability-{number}"
            yield self._element("security_Vulnerability", id, **_vulnerability(vulnerability, statements))
            for place, statement in enumerate(statements, start=1):
                yield self._assessment(f"{id}-vex-{place}", id, statement)
            yield from self._ratings(id, statements)

    def _assessment(self, id: str, vulnerability: str, statement: Stated) -> str:
        key = shape_of(statement)
        rest = self._made.get(key)
        if rest is None:
            members = {"to": self._to([statement]), **_said(statement)}
            rest = self._made[key] = dumps(members)[1:]
        self._ids.append(id)
        kind, relation = _ASSESSMENTS[statement.status]
        return (
            f'{{"type": "security_Vex{kind}VulnAssessmentRelationship", "spdxId": "{id}", '
            f'"creationInfo": "{_CREATED}", "relationshipType": "{relation}", "from": "{vulnerability}", {rest}'
        )

    def _ratings(self, id: str, statements: Iterable[Stated]) -> Iterator[str]:
        rated: dict[Rating, list[Stated]] = {}
        for statement in statements:
            for rating in dict.fromkeys(ratings_of(statement.finding)):
                if rating.method is not None:
                    rated.setdefault(rating, []).append(statement)
        for place, (rating, of) in enumerate(rated.items(), start=1):
            version = str(rating.method)[0]
            yield self._element(
                f"security_CvssV{version}VulnAssessmentRelationship",
                f"{id}-cvss-{place}",
                relationshipType="hasAssessmentFor",
                security_score=rating.score,
                **({} if version == "2" else {"security_severity": rating.severity}),
                security_vectorString=rating.vector,
                suppliedBy=self._source(rating.source),
                **{"from": id, "to": self._to(of)},
            )

    def _to(self, statements: Iterable[Stated]) -> list[str]:
        return list(dict.fromkeys([self._packages[id_of(one)] for of in statements for one in of.findings]))

    def _source(self, name: str) -> str:
        return self._sources.setdefault(name, f"{_UNNUMBERED}source-{len(self._sources) + 1}")


def _package(finding: "ReportedFinding") -> dict[str, Any]:
    purl, source, version = finding["purl"], finding["source"], finding["source_version"]
    built = {"software_sourceInfo": f"built package from: {source} {version}"} if source and version else {}
    return {
        "name": finding["package"],
        "software_packageVersion": finding["version"],
        "software_packageUrl": purl,
        "externalIdentifier": [
            {"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": purl}
        ],
        **built,
    }


def _vulnerability(id: str, statements: list[Stated]) -> dict[str, Any]:
    links = dict.fromkeys([link for one in statements for link in links_of(one.finding)])
    aliases = dict.fromkeys([alias for one in statements for alias in one.finding["aliases"]])
    own = [url for name, url in links if name == id]
    others = [url for name, url in links if name != id]
    members: dict[str, Any] = {"name": id, "externalIdentifier": [_identifier(one) for one in (id, *aliases)]}
    if own:
        members["externalIdentifier"][0]["identifierLocator"] = own
    if others:
        members["externalRef"] = [
            {"type": "ExternalRef", "externalRefType": "securityAdvisory", "locator": [url]} for url in others
        ]
    return members


def _identifier(id: str) -> dict[str, Any]:
    kind = "cve" if _CVE.fullmatch(id) else "securityOther"
    return {"type": "ExternalIdentifier", "externalIdentifierType": kind, "identifier": id}


def _said(statement: Stated) -> dict[str, Any]:
    """The members of an assessment that do not depend on the vulnerability."""
    finding, status = statement.finding, statement.status
    made: dict[str, Any] = {"security_statusNotes": "\n".join(statement.notes)}
    for name, moment in (("published", finding["published"]), ("modified", finding["modified"])):
        if moment is not None:
            made[f"security_{name}Time"] = utc(moment)
    if status is StatementStatus.AFFECTED:
        made["security_actionStatement"] = "\n".join([statement.action, *commands_of(statement)])
    elif status is StatementStatus.NOT_AFFECTED:
        label = LABELS.get(statement.label or "")
        if label is not None:
            first, *rest = label.split("_")
            made["security_justificationType"] = first + "".join(map(str.capitalize, rest))
        made["security_impactStatement"] = statement.reason
    return made
