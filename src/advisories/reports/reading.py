"""An earlier report of findings, read back to be written in another format."""

from os import PathLike
from typing import Any, BinaryIO, Final, cast

from advisories.index.feed import Feed
from advisories.models.distribution import Distribution
from advisories.models.findings import Finding
from advisories.models.json_fields import Fields, Malformed
from advisories.models.json_types import check
from advisories.models.packages import Inventory
from advisories.models.schemas import REPORT
from advisories.reports.details import Details, target_of
from advisories.reports.document import Document, ReportObject
from advisories.reports.objects import reported_object
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.triage.baseline import json_report, refused

__all__ = ["read_report"]

# Version 2 lacks what is published about findings. Version 1 does not show what was unchecked either.
_EARLIER: Final = "advisories/report/2"


def read_report(source: str | PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Document:
    """A JSON report of ``match``, of this version or the one before. The file may be compressed.

    Of the version before, what is published about a finding is made of its ids alone. Members that are not known are
    ignored.

    :param source: a path, or an open binary stream, which messages call ``-``.

    Raises :class:`~advisories.models.errors.UnreadableBaseline` with the place of a missing or wrong member, and
    :class:`~advisories.models.errors.UnreadableSource` where there is nothing to read.
    """
    content, name = json_report(source, limits)
    with refused(name):
        fields = Fields(content)
        schema = fields.value("schema")
        if schema == _EARLIER:
            content = _completed(fields)
        elif schema != REPORT:
            raise Malformed("schema", f"{REPORT!r} or {_EARLIER!r} is expected. Match again for a report that has all")
        check(content, ReportObject)
    return Document(cast(ReportObject, content))


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
        "inventory": {**fields.value("inventory"), "image": None},
        "target": target_of(None, source),
        "suppressed": [
            {"finding": completed(one.child("finding")), "statements": one.value("statements")}
            for one in fields.children("suppressed")
        ],
        "findings": [completed(one) for one in fields.children("findings")],
    }
