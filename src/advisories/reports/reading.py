"""An earlier report of any kind, read back to be written in another format."""

from collections.abc import Mapping
from importlib import import_module
from os import PathLike
from types import MappingProxyType
from typing import Any, BinaryIO, Final

from advisories.index.feed import Feed
from advisories.models.distribution import Distribution
from advisories.models.findings import Finding
from advisories.models.json_fields import Fields, Malformed
from advisories.models.json_types import check
from advisories.models.packages import Inventory
from advisories.models.schemas import LINT, PLAN, REPORT, VERIFICATION, check_version
from advisories.reports.consistency import check_consistency
from advisories.reports.details import Details
from advisories.reports.members import target_of
from advisories.reports.objects import reported_object
from advisories.reports.registry import AnyDocument
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.triage.baseline import json_report, refused

__all__ = ["read_report"]

# Version 2 lacks what is published about findings. Version 1 does not show what was unchecked either.
_EARLIER: Final = "advisories/report/2"
# The module of each form, its type and its document.
_FORMS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        REPORT: ("advisories.reports.document", "ReportObject", "Document"),
        PLAN: ("advisories.reports.plan_document", "PlanObject", "PlanDocument"),
        VERIFICATION: ("advisories.reports.verification_document", "VerificationObject", "VerificationDocument"),
        LINT: ("advisories.reports.lint_document", "LintObject", "LintDocument"),
    }
)


def read_report(source: str | PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> AnyDocument:
    """A JSON report of ``match``, ``fix``, ``verify`` or ``lint``, of this version. Of ``match`` the one before is
    read too: what is published about a finding is then made of its ids alone. The file may be compressed.

    Members that are not known are ignored. A report that does not agree with itself is refused
    (:mod:`advisories.reports.consistency`): somebody changed or cut it.

    :param source: a path, or an open binary stream, which messages call ``-``.

    Raises :class:`~advisories.models.errors.UnreadableBaseline` with the place of a missing or wrong member,
    :class:`~advisories.models.errors.OtherVersion` for a report of another version, and
    :class:`~advisories.models.errors.UnreadableSource` where there is nothing to read.
    """
    content, name = json_report(source, limits)
    with refused(name):
        fields = Fields(content)
        schema = fields.value("schema")
        if schema == _EARLIER:
            content, schema = _completed(fields), REPORT
        found = _FORMS.get(schema) if isinstance(schema, str) else None
        if found is None:
            check_version(name, schema, (*_FORMS, _EARLIER))
            expected = " or ".join(map(repr, (*_FORMS, _EARLIER)))
            raise Malformed("schema", f"{expected} is expected. Make the report again for one that has all")
        module, form, document = found
        members = import_module(module)
        check(content, getattr(members, form))
        check_consistency(content)
    made: AnyDocument = getattr(members, document)(content)
    return made


def _completed(fields: Fields) -> dict[str, Any]:
    """A report of version 2 with the members that version 3 has more."""
    inventory = fields.child("inventory")
    source = inventory.text("source")
    own = inventory.child("distribution") if inventory.value("distribution") is not None else None
    distribution = None
    if own is not None:
        distribution = Distribution(own.text("id"), own.text_or_null("release"), frozenset(own.texts("channels")))
    host = Inventory(distribution, (), source=source)
    details = Details(host, Feed(()), ())

    def completed(finding: Fields) -> dict[str, Any]:
        return reported_object(Finding.from_dict(finding, source), details, host)

    return {
        **{name: fields.value(name) for name in ("feed", "coverage", "statements", "hidden")},
        "schema": REPORT,
        "gates": [],
        "inventory": {
            **fields.value("inventory"),
            "image": None,
            "running_kernel_listed": None,
            "setups": [],
            "contradictions": [],
        },
        "target": target_of(None, source),
        "suppressed": [
            {"finding": completed(one.child("finding")), "statements": one.value("statements")}
            for one in fields.children("suppressed")
        ],
        "findings": [completed(one) for one in fields.children("findings")],
    }
