"""The baseline: an earlier match of a host, taken from its findings or read from its JSON report.

A report of which one finding cannot be read is rejected as a whole: the findings that were not read would look new.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from os import PathLike
from typing import Any, BinaryIO, Final, Self

from advisories.index.feed import Feed
from advisories.models.distribution import Distribution
from advisories.models.errors import UnreadableBaseline
from advisories.models.findings import Finding, Findings
from advisories.models.frozen import field, frozen
from advisories.models.json_fields import SHOWN, Fields, Malformed, json_type
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Inventory
from advisories.models.reading import Rejection
from advisories.models.schemas import READABLE_REPORTS, check_version
from advisories.sources.documents import Document, documents, documents_of_stream, stream_of
from advisories.sources.json import value_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["Baseline", "BaselineFeed", "json_report", "read_baseline", "refused"]

_A_REPORT: Final = "a JSON report of match"


@frozen
class BaselineFeed(Noun):
    """The feed of an earlier match, as far as its report shows it. A later one that has less proves nothing.

    :ivar advisories: how many it had.
    :ivar formats: of its sources.
    :ivar newest: when the advisory that changed last was modified, of the sources that have the release. None where
        none has a date.
    """

    advisories: int
    formats: frozenset[str]
    newest: datetime | None

    @classmethod
    def of(cls, feed: Feed, newest: datetime | None) -> Self:
        """Those of a feed."""
        words = [word for report in feed.reports for word in report.format.split(", ") if word]
        return cls(len(feed), frozenset(words), newest)

    def lacking(self, later: "BaselineFeed") -> str | None:
        """What a later feed has less, in a sentence. None where it has all of this, as far as that shows."""
        if missing := sorted(self.formats - later.formats) if later.formats else []:
            return f"the feed has no {' nor '.join(missing)} records, and the baseline's had"
        if later.advisories < self.advisories:
            return f"the feed has fewer advisories, {later.advisories}, than the baseline's, {self.advisories}"
        if self.newest is not None and (later.newest is None or later.newest < self.newest):
            now = "has no date" if later.newest is None else f"is of {later.newest:%Y-%m-%d}"
            return f"the newest advisory of the feed {now}, and the baseline's was of {self.newest:%Y-%m-%d}"
        return None


@frozen
class Baseline(Noun):
    """An earlier match of a host, to verify later ones against.

    Its findings are as a report has them (:meth:`~advisories.models.Finding.as_reported`), wherever it comes from.

    :ivar distribution: the host's. None where it was not known.
    :ivar judged_as: the release whose advisories were used.
    :ivar running_kernel: as ``uname -r`` printed it.
    :ivar findings: in the order of the report, without the suppressed ones.
    :ivar suppressed: the findings that the report lists as suppressed. They are verified like the others.
    :ivar covered: whether the feed covered that release. Without that there are no findings of its packages.
    :ivar source: where it was read from. Not compared.
    :ivar feed: what the advisories were. None where that is not known. Not compared.
    :ivar packages: how many packages the list had. None where that is not known. Not compared.
    """

    distribution: Distribution | None
    judged_as: Distribution | None
    running_kernel: str | None
    findings: tuple[Finding, ...] = field(repr=outlined)
    suppressed: tuple[Finding, ...] = field(default=(), repr=outlined)
    covered: bool = True
    source: str = field(default="", eq=False)
    feed: BaselineFeed | None = field(default=None, eq=False)
    packages: int | None = field(default=None, eq=False)

    @classmethod
    def of(cls, inventory: Inventory, findings: Findings, feed: Feed | None = None) -> Self:
        """The baseline of a match: equal to the one read from its JSON report.

        :param feed: that it was matched against. Without it, an advisory that is gone counts as withdrawn even if a
            later feed has less.
        """
        coverage = findings.coverage
        return cls(
            inventory.distribution,
            coverage.judged_as,
            inventory.running_kernel,
            tuple([finding.as_reported(inventory.source) for finding in findings]),
            (),
            coverage.covered,
            inventory.source,
            None if feed is None else BaselineFeed.of(feed, coverage.feed_newest),
            coverage.packages,
        )


def read_baseline(source: str | PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Baseline:
    """The baseline in a JSON report of ``match``, of this version or the one before. The file may be compressed.

    Members that are not known are ignored.

    :param source: a path, or an open binary stream, which messages call ``-``.

    Raises :class:`~advisories.models.errors.UnreadableBaseline` with the place of a missing or wrong member,
    :class:`~advisories.models.errors.OtherVersion` for a report of another version, and
    :class:`~advisories.models.errors.UnreadableSource` where there is nothing to read.
    """
    content, name = json_report(source, limits)
    with refused(name):
        return _baseline(content, name)


def json_report(source: str | PathLike[str] | BinaryIO, limits: Limits) -> tuple[Any, str]:
    """The content of a JSON report that may be compressed, and the name of its source. Raises as above."""
    document = _document(source, limits)
    value = value_of(document)
    if isinstance(value, Rejection):
        raise UnreadableBaseline(document.source, value.position, _A_REPORT, value.why)
    return value.content, document.source


@contextmanager
def refused(source: str) -> Iterator[None]:
    """Makes of what is malformed in a report the error about its source."""
    try:
        yield
    except _MalformedFinding as wrong:
        raise UnreadableBaseline(source, wrong.path, wrong.what, wrong.why) from None
    except Malformed as wrong:
        raise UnreadableBaseline(source, wrong.path, _A_REPORT, wrong.why) from None


class _MalformedFinding(Malformed):
    """As its parent, in a finding whose name is known."""

    def __init__(self, path: str, what: str, why: str) -> None:
        super().__init__(path, why)
        self.what = what


def _document(source: str | PathLike[str] | BinaryIO, limits: Limits) -> Document:
    if isinstance(source, str | PathLike):
        name, found = os.fspath(source), list(documents(source, limits))
    else:
        name, found = "-", list(documents_of_stream(stream_of(source), "-", limits))
    if len(found) != 1 or not isinstance(found[0], Document):
        raise UnreadableBaseline(name, "-", _A_REPORT, "a folder or an archive is not a report")
    return found[0]


def _baseline(content: object, source: str) -> Baseline:
    report = Fields(content)
    schema = report.value("schema") if report.has("schema") else None
    if not isinstance(schema, str) or schema not in READABLE_REPORTS:
        check_version(source, schema, READABLE_REPORTS)
        shown = repr(schema)[:SHOWN] if isinstance(schema, str) else json_type(schema)
        expected = " or ".join(map(repr, READABLE_REPORTS))
        raise Malformed("schema", f"{expected} is expected, not {shown if report.has('schema') else 'nothing'}")
    inventory, coverage = report.child("inventory"), report.child("coverage")
    if len(report.child("hidden")):
        raise Malformed("hidden", "findings were hidden by choice (--priority and its like), and would look new")
    names, listed = READABLE_REPORTS[schema], inventory.text("source") if inventory.has("source") else ""
    return Baseline(
        _distribution(inventory, "distribution"),
        _distribution(coverage, "judged_as"),
        inventory.text_or_null("running_kernel"),
        tuple([_finding(entry, listed, names) for entry in report.children("findings")]),
        tuple([_finding(entry.child("finding"), listed, names) for entry in report.children("suppressed")]),
        coverage.boolean("covered"),
        source,
        _feed(report.child("feed"), coverage),
        coverage.whole("packages") if coverage.has("packages") else None,
    )


def _feed(feed: Fields, coverage: Fields) -> BaselineFeed:
    newest = coverage.text_or_null("feed_newest")
    try:
        moment = None if newest is None else datetime.fromisoformat(newest)
    except ValueError:
        raise Malformed(coverage.place("feed_newest"), "a moment is expected") from None
    if moment is not None and moment.tzinfo is None:
        raise Malformed(coverage.place("feed_newest"), "a moment with an offset is expected")
    formats = [word for one in feed.children("sources") for word in one.text("format").split(", ") if word]
    return BaselineFeed(feed.whole("advisories"), frozenset(formats), moment)


def _finding(fields: Fields, source: str, names: Mapping[str, str]) -> Finding:
    try:
        return Finding.from_dict(fields, source, names)
    except Malformed as wrong:
        known = [fields.value(name) for name in ("instance", "vulnerability") if fields.has(name)]
        what = " ".join(text[:SHOWN] for text in known if isinstance(text, str) and text.isprintable())
        raise _MalformedFinding(wrong.path, what or "a finding", wrong.why) from None


def _distribution(fields: Fields, name: str) -> Distribution | None:
    if fields.value(name) is None:
        return None
    value = fields.child(name)
    return Distribution(value.text("id"), value.text_or_null("release"), frozenset(value.texts("channels")))
