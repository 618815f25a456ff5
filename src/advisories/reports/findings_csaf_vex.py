"""The findings as a CSAF 2.0 document of the profile VEX: an entry for each vulnerability, with the status of each
package.

- The products are the packages with a finding, by package URL, in branches of vendor, name and version. Of an image
  with its digest they are parts of it, by relationships. Those of anything else stand by themselves.
- What is not affected has a flag, or the reason as its impact. What is affected has a remediation, with the commands.
- CSAF 2.0 has no CVSS 4.0. Such vectors are notes, and so are causes, priorities and assumptions.
- Notes of the document are what the report leaves open. A report without findings has no statement, which the profile
  demands: its category is ``csaf_base``.
- The publisher is nobody: a name and a URN of ours.

Source: OASIS, *Common Security Advisory Framework 2.0*, sections 3 and 4.5, with its tests 6.1.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from advisories.models.advisories import FixState
from advisories.models.patterns import pattern
from advisories.models.statements import StatementStatus
from advisories.reports.alerts import tool_version
from advisories.reports.objects import array, array_of_texts
from advisories.reports.vex import (
    LABELS,
    NAMESPACE,
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
    stated,
)

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportObject

__all__ = ["render"]

_CVE: Final = pattern("CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)
_STATUSES: Final = {
    StatementStatus.FIXED: "fixed",
    StatementStatus.AFFECTED: "known_affected",
    StatementStatus.NOT_AFFECTED: "known_not_affected",
    StatementStatus.UNDER_INVESTIGATION: "under_investigation",
}
_NOT_PLANNED: Final = (FixState.WONT_FIX, FixState.END_OF_LIFE)
_IMAGE: Final = "image"
# What test 6.1.31 takes for a range of versions.
_RANGE: Final = pattern("[<>]|after|all|before|earlier|later|prior|versions|through|[.](?:x\\b|[*])", re.IGNORECASE)
# In front of the name of a package that is a part of an image.
_ALONE: Final = "package "
_RESTARTS: Final = {"machine": "machine", "services": "service"}


def render(document: "Document") -> Iterator[str]:
    """The lines of the document, a vendor and a vulnerability on each."""
    content = document.content
    statements = stated(content)
    names = names_of(statements, "instance")
    by_vulnerability: dict[str, list[Stated]] = {}
    for statement in statements:
        by_vulnerability.setdefault(statement.finding["vulnerability"], []).append(statement)
    moment = issued(content)
    body = [
        ' "product_tree": {',
        *_product_tree(content, statements, names),
        " },",
        *array("vulnerabilities", (_vulnerability(id, of, names, moment) for id, of in by_vulnerability.items()), ""),
    ]
    about = _about(content, statements)
    number = serial([dumps(about), *body])
    about["tracking"]["id"] = f"advisories-{number}"
    yield "{"
    yield f' "document": {dumps(about)}{"," if statements else ""}'
    if statements:
        yield from body
    yield "}"


def _about(content: "ReportObject", statements: list[Stated]) -> dict[str, Any]:
    moment, note = issued(content), "\n".join(left_open(content))
    return {
        "category": "csaf_vex" if statements else "csaf_base",
        "csaf_version": "2.0",
        "lang": "en",
        "title": f"Findings of {content['target']['name']}",
        "publisher": {"category": "other", "name": "advisories", "namespace": f"urn:uuid:{NAMESPACE}"},
        "notes": [{"category": "summary", "title": "What the report leaves open", "text": note}],
        "tracking": {
            "id": "",
            "status": "final",
            "version": "1",
            "initial_release_date": moment,
            "current_release_date": moment,
            "revision_history": [{"date": moment, "number": "1", "summary": "The report of findings."}],
            "generator": {"engine": {"name": "advisories", "version": tool_version()}},
        },
    }


def _product_tree(
    content: "ReportObject", statements: list[Stated], names: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    """The packages by vendor, name and version. Of an image, ``names`` are those of its relationships to them."""
    image = image_of(content)
    first = {id_of(one): one for statement in statements for one in reversed(statement.findings)}
    tree: dict[str, dict[str, list[tuple[str, dict[str, Any]]]]] = {}
    joined = []
    if image is not None:
        about = {
            "product_id": _IMAGE,
            "name": content["target"]["name"],
            "product_identification_helper": {"purl": image},
        }
        vendor, _, name = content["target"]["name"].rpartition("/")
        tree[vendor or name] = {name or "-": [(content["target"]["digest"] or "-", about)]}
    for id, name in names.items():
        one = first[id]
        words = " ".join(filter(None, [one["package"], one["version"], one["arch"]]))
        whole: dict[str, Any] = {"product_id": name, "name": words}
        if image is not None:
            part = f"{_ALONE}{name}"
            joined.append(
                {
                    "category": "default_component_of",
                    "product_reference": part,
                    "relates_to_product_reference": _IMAGE,
                    "full_product_name": {"product_id": name, "name": f"{words} in {content['target']['name']}"},
                }
            )
            whole["product_id"] = part
        whole |= {"product_identification_helper": {"purl": one["purl"]}}
        products = tree.setdefault(_vendor(one["purl"]), {}).setdefault(one["package"] or "-", [])
        products.append((one["version"] or "-", whole))
    vendors = [
        f'{{"category": "vendor", "name": {dumps(vendor)}, "branches": {dumps(list(map(_branch, of.items())))}}}'
        for vendor, of in tree.items()
    ]
    yield from array_of_texts("branches", vendors, "" if image is None else ",")
    if image is not None:
        yield from array("relationships", joined, "")


def _branch(product: tuple[str, list[tuple[str, dict[str, Any]]]]) -> dict[str, Any]:
    name, versions = product
    leaves = [
        {"category": "patch_level" if _RANGE.search(version) else "product_version", "name": version, "product": whole}
        for version, whole in versions
    ]
    return {"category": "product_name", "name": name, "branches": leaves}


def _vendor(purl: str) -> str:
    """Who makes a package: the namespace of its package URL, such as a distribution's, else its type."""
    parts = purl.removeprefix("pkg:").partition("@")[0].split("/")
    return unquote("/".join(parts[1:-1]), errors="replace") or parts[0] or "-"


class _Products:
    """The ids of the products of some statements."""

    def __init__(self, names: Mapping[tuple[str, str], str]) -> None:
        self._names: Final = names

    def of(self, *statements: Stated) -> list[str]:
        return [self._names[id_of(finding)] for one in statements for finding in one.findings]


def _vulnerability(
    id: str, statements: list[Stated], names: Mapping[tuple[str, str], str], moment: str
) -> dict[str, Any]:
    products = _Products(names)
    aliases = dict.fromkeys([alias for one in statements for alias in one.finding["aliases"]])
    entry: dict[str, Any] = {}
    if _CVE.fullmatch(id):
        entry["cve"] = id
    ids = [one for one in (id, *aliases) if one != entry.get("cve")]
    if ids:
        entry["ids"] = [{"system_name": one.partition("-")[0] or "-", "text": one or "-"} for one in ids]
    status: dict[str, list[str]] = {}
    for one in statements:
        status.setdefault(_STATUSES[one.status], []).extend(products.of(one))
    entry["product_status"] = {name: list(dict.fromkeys(found)) for name, found in status.items()}
    entry["notes"] = list(_notes(statements))
    links = dict.fromkeys([link for one in statements for link in links_of(one.finding)])
    members = {
        "references": [{"category": "external", "summary": name or "-", "url": url} for name, url in links],
        "scores": list(_scores(statements, products)),
        "flags": list(_flags(statements, products, moment)),
        "threats": list(_threats(statements, products)),
        "remediations": [_remediation(one, products) for one in statements if one.status is StatementStatus.AFFECTED],
    }
    return entry | {name: found for name, found in members.items() if found}


def _notes(statements: Iterable[Stated]) -> Iterator[dict[str, str]]:
    found: dict[str, dict[str, None]] = {}
    for one in statements:
        finding = one.finding
        causes = found.setdefault("Cause", {})
        for of in one.findings:
            causes[of["cause"]] = None
            causes.update(dict.fromkeys([note["text"] for note in of["evidence"]["notes"]]))
        why = f"{finding['priority']} ({finding['rule']}): {finding['priority_reason']}"
        found.setdefault("Priority", {})[why] = None
        for rating in ratings_of(finding):
            if rating.method in (None, "4.0"):
                title = "CVSS 4.0" if rating.method else "Rating"
                found.setdefault(title, {})[f"{rating.vector} ({rating.source})"] = None
        for assumed in one.assumed:
            found.setdefault("Assumptions", {})[assumed] = None
        if one.by:
            found.setdefault("Statements", {})[one.why if one.is_ignored else f"{one.by}: {one.reason}"] = None
    for title, texts in found.items():
        yield {"category": "details" if title == "Cause" else "other", "title": title, "text": "\n".join(texts)}


def _scores(statements: Iterable[Stated], products: _Products) -> Iterator[dict[str, Any]]:
    """The first vector of each version for each product, as one product may have but one."""
    found: dict[tuple[Any, ...], list[Stated]] = {}
    for one in statements:
        rated = ratings_of(one.finding)
        v2, v3 = (next((one for one in rated if one.method in of), None) for of in (("2.0",), ("3.0", "3.1")))
        if v2 or v3:
            found.setdefault((v2, v3), []).append(one)
    for (v2, v3), of in found.items():
        score: dict[str, Any] = {"products": products.of(*of)}
        if v2 is not None:
            score["cvss_v2"] = {"version": "2.0", "vectorString": v2.vector, "baseScore": v2.score}
        if v3 is not None:
            score["cvss_v3"] = {
                "version": v3.method,
                "vectorString": v3.vector,
                "baseScore": v3.score,
                "baseSeverity": v3.severity.upper(),
            }
        yield score


def _flags(statements: Iterable[Stated], products: _Products, moment: str) -> Iterator[dict[str, Any]]:
    for one in statements:
        label = LABELS.get(one.label or "")
        if one.status is StatementStatus.NOT_AFFECTED and label is not None:
            yield {"label": label, "date": moment, "product_ids": products.of(one)}


def _threats(statements: list[Stated], products: _Products) -> Iterator[dict[str, Any]]:
    for one in statements:
        if one.status is StatementStatus.NOT_AFFECTED:
            yield {"category": "impact", "details": one.reason, "product_ids": products.of(one)}
    if any(one.finding["known_exploited"] for one in statements):
        yield {"category": "exploit_status", "details": "It is known to be exploited."}


def _remediation(statement: Stated, products: _Products) -> dict[str, Any]:
    finding = statement.finding
    state = finding["fix_state"]
    has_fix = finding["fixed_version"] is not None
    made: dict[str, Any] = {
        "category": "vendor_fix" if has_fix else "no_fix_planned" if state in _NOT_PLANNED else "none_available",
        "details": "\n".join([statement.action, *commands_of(statement)]),
        "product_ids": products.of(statement),
    }
    if has_fix:
        made["restart_required"] = {"category": _RESTARTS.get(finding["restart"] or "", "none")}
    return made
