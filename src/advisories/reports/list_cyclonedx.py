"""A list as a CycloneDX 1.6 document: a component for each package that is installed, and one for its
operating system.

What CycloneDX has no place for are properties. Those of a component begin with ``advisories:package:``, those of
``metadata`` with ``advisories:list:``. So nothing is lost, and other programs find the package URL, the publisher and
the places of a package where they expect them.

Source: CycloneDX, specification 1.6.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from json import dumps
from typing import Any, Final

from advisories.distros.package_urls import package_url
from advisories.models.packages import Package
from advisories.readers.inventories.carried import PREFIX, list_facts, package_facts
from advisories.reports.alerts import tool_version
from advisories.reports.inventory import ListReport
from advisories.reports.objects import streamed
from advisories.reports.vex import Numbered

__all__ = ["render"]

_SUBJECT: Final = "subject"
_SYSTEM: Final = "operating-system"


def render(report: ListReport) -> Iterator[str]:
    """The lines of the document, a component on each."""
    number = Numbered()
    yield "{"
    yield ' "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",'
    yield ' "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,'
    yield from number.seen([f' "metadata": {dumps(_metadata(report))},'])
    yield from number.seen(streamed("components", map(dumps, _components(report)), ","))
    yield f' "serialNumber": "urn:uuid:{number}"'
    yield "}"


def _metadata(report: ListReport) -> dict[str, Any]:
    subject = {"type": "application", "bom-ref": _SUBJECT, "name": report.name}
    if report.inventory.image is not None:
        subject["type"] = "container"
    if report.digest is not None:
        subject["version"] = report.digest
    if report.url is not None:
        subject["purl"] = report.url
    facts = [
        (f"list:{name}", value if isinstance(value, str) and not value.startswith('"') else dumps(value))
        for name, value in list_facts(report.inventory)
    ]
    return {
        "timestamp": report.moment,
        "tools": {"components": [{"type": "application", "name": "advisories", "version": tool_version()}]},
        "component": subject,
        "properties": _properties(facts),
    }


def _components(report: ListReport) -> Iterator[dict[str, Any]]:
    distribution = report.inventory.distribution
    if distribution is not None:
        system = {"type": _SYSTEM, "bom-ref": _SYSTEM, "name": distribution.id}
        if distribution.release is not None:
            system["version"] = distribution.release
        yield system
    times: Counter[str] = Counter()
    for package in report.installed:
        purl = package_url(package, distribution)
        times[purl] += 1
        yield _component(package, purl, purl if times[purl] == 1 else f"{purl} {times[purl]}")


def _component(package: Package, purl: str, ref: str) -> dict[str, Any]:
    facts = package_facts(package)
    facts.pop("files", None)
    component: dict[str, Any] = {"type": "library", "bom-ref": ref, "name": package.name}
    if package.vendor is not None:
        component["publisher"] = package.vendor
    component |= {"version": package.version, "purl": purl}
    if package.locations:
        component["evidence"] = {"occurrences": [{"location": place} for place in package.locations]}
    component["properties"] = _properties((f"package:{name}", value) for name, value in facts.items())
    return component


def _properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": f"{PREFIX}{name}", "value": value} for name, value in pairs]
