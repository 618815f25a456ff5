"""What an SBOM says itself that it does not list: by its compositions, and by its references (rule 0). What others put
around an SBOM. And whose the packages of languages are that Syft lists beside those of a system.

Where the whole is stated to be incomplete, each package has the assumption ``inventory-partial``. What is missing of a
part alone is skipped and counted as packages without a verdict. What is ``unknown`` or ``not_specified`` says nothing.

Sources: CycloneDX 1.6, ``compositions`` and the external reference ``bom``. SPDX 2.3, *Relationships* and *External
document references*, and 3.0, ``ExternalMap``. GitHub's REST API, *Export a software bill of materials*. in-toto,
*Statement* v1. Docker's ``buildx imagetools inspect``, its template ``.SBOM``.
"""

from collections.abc import Iterable
from typing import Any, Final

from advisories.models.assumptions import Assumption
from advisories.models.frozen import evolve
from advisories.models.packages import SYSTEM_TYPES
from advisories.models.reading import LIST
from advisories.readers.collector import Collector
from advisories.readers.inventories.languages.owners import is_of_packages

__all__ = ["HAS", "OF", "Composition", "doubt_owners", "skip_elsewhere", "skip_other_lists", "unwrapped"]

# The members that lead to an SBOM in what GitHub exports, in an attestation of in-toto, in one of cosign before its
# version 2, and in what buildx prints of one platform. And a member of every SBOM in JSON.
_AROUND: Final = (("sbom",), ("predicate",), ("predicate", "Data"), ("SPDX",))
_MARKS: Final = ("spdxVersion", "bomFormat", "@graph")

_OF_PARTS: Final = "packages of components that the document states to be incomplete: not listed"
_OTHER_LISTS: Final = "packages of components that have a list of their own elsewhere: not read"
_ELSEWHERE: Final = "packages of other documents that this one refers to: not read"
#: Relationships of SPDX 2 and 3 from what has a package to that package.
HAS: Final = frozenset(
    {"CONTAINS", "DEPENDS_ON", "DESCRIBES", "DYNAMIC_LINK", "STATIC_LINK"}
    | {"contains", "dependsOn", "describes", "hasDynamicLink", "hasStaticLink"}
)
#: The same from the package to what has it.
OF: Final = frozenset({"CONTAINED_BY", "DEPENDENCY_OF", "DESCRIBED_BY", "PACKAGE_OF", "RUNTIME_DEPENDENCY_OF"})


def unwrapped(document: Any) -> tuple[Any, str]:
    """The SBOM in a decoded document, or that itself, and what stands in front of positions in it."""
    if not _is_sbom(document):
        for path in _AROUND:
            inner = document
            for name in path:
                inner = inner.get(name) if isinstance(inner, dict) else None
            if _is_sbom(inner):
                return inner, "".join(f"{name}." for name in path)
    return document, ""


def _is_sbom(value: Any) -> bool:
    return isinstance(value, dict) and any(mark in value for mark in _MARKS)


class Composition:
    """What a CycloneDX document states of its own completeness.

    :ivar subject: the ``bom-ref`` of what the document is about. None where it has none.
    :ivar stated: its ``compositions``, as JSON has them.
    :ivar broken: where the document breaks off, and why. None where it is whole.
    """

    def __init__(self) -> None:
        self.subject: object = None
        self.stated: object = None
        self.broken: tuple[str, str] | None = None

    def check(self, collector: Collector) -> None:
        """Reject the list where the whole is incomplete, and doubt each package that was kept. Count other parts."""
        if self.broken is not None:
            position, why = self.broken
            collector.reject_rest(position, LIST, why)
            return
        parts: set[str] = set()
        for number, one in enumerate(self.stated if isinstance(self.stated, list) else ()):
            aggregate = one.get("aggregate") if isinstance(one, dict) else None
            if not isinstance(aggregate, str) or not aggregate.startswith("incomplete"):
                continue
            named = [*_references(one.get("assemblies")), *_references(one.get("dependencies"))]
            if self.subject in named or not (named or one.get("vulnerabilities")):
                collector.reject_rest(f"compositions[{number}]", LIST, f"it states of itself that it is {aggregate}")
                return
            parts.update(named)
        if parts:
            collector.skip(_OF_PARTS, len(parts))


def _references(values: object) -> list[str]:
    return [one for one in values if isinstance(one, str)] if isinstance(values, list) else []


def skip_other_lists(collector: Collector, component: dict[str, Any]) -> None:
    """Count a component of CycloneDX whose own list is another document, and that has no components here."""
    references = component.get("externalReferences")
    if not isinstance(references, list) or component.get("components"):
        return
    if any(isinstance(one, dict) and one.get("type") == "bom" for one in references):
        collector.skip(_OTHER_LISTS)


def skip_elsewhere(collector: Collector, elements: Iterable[str]) -> None:
    """Count the elements of other documents that one of SPDX has, each once."""
    if times := len(set(elements)):
        collector.skip(_ELSEWHERE, times)


def doubt_owners(collector: Collector) -> None:
    """Doubt the packages of languages of a document that Syft wrote, where packages of a system have files.

    Syft lists what a package of the system brought of a language beside it. Its own JSON shows whose that is. In
    CycloneDX nothing does, and in SPDX nothing shows who built the owner.
    """
    packages = collector.packages
    if SYSTEM_TYPES.isdisjoint(package.type for package in packages):
        return
    for number, package in enumerate(packages):
        if package.type not in SYSTEM_TYPES and any(map(_is_of_packages, package.locations)):
            packages[number] = evolve(package, doubts=package.doubts | {Assumption.OWNER_UNKNOWN})


def _is_of_packages(location: str) -> bool:
    return is_of_packages(location.lstrip("/").encode("utf-8", "surrogateescape"))
