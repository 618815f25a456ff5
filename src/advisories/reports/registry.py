"""The registry of reports: which module writes what in which format."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from advisories.models.errors import UnknownReport
from advisories.models.printing import printable, printable_lines

if TYPE_CHECKING:
    from advisories.reports.document import Document
    from advisories.reports.findings import Report
    from advisories.reports.inventory import ListReport
    from advisories.reports.lint import LintReport
    from advisories.reports.lint_document import LintDocument
    from advisories.reports.plan import PlanReport
    from advisories.reports.plan_document import PlanDocument
    from advisories.reports.verification import VerificationReport
    from advisories.reports.verification_document import VerificationDocument

__all__ = ["FORMATS", "AnyDocument", "AnyReport", "Renderer", "formats", "render"]

#: What was just made: one class for each thing that is reported.
_Live: TypeAlias = "Report | PlanReport | VerificationReport | LintReport | ListReport"
#: The same as its JSON form has it, whether it was just made or read.
AnyDocument: TypeAlias = "Document | PlanDocument | VerificationDocument | LintDocument"
#: What ``render`` takes.
AnyReport: TypeAlias = "_Live | AnyDocument"

#: The module for each (what, format). A new format is its module and one line here.
FORMATS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("findings", "text"): "advisories.reports.findings_text",
        ("findings", "table"): "advisories.reports.findings_table",
        ("findings", "json"): "advisories.reports.findings_json",
        ("findings", "jsonl"): "advisories.reports.findings_jsonl",
        ("findings", "csv"): "advisories.reports.findings_csv",
        ("findings", "sarif"): "advisories.reports.findings_sarif",
        ("findings", "junit"): "advisories.reports.findings_junit",
        ("findings", "gitlab"): "advisories.reports.findings_gitlab",
        ("findings", "github"): "advisories.reports.findings_github",
        ("findings", "sas-json"): "advisories.reports.findings_sas_json",
        ("findings", "html"): "advisories.reports.findings_html",
        ("findings", "cyclonedx"): "advisories.reports.findings_cyclonedx",
        ("findings", "cyclonedx-1.7"): "advisories.reports.findings_cyclonedx_1_7",
        ("findings", "markdown"): "advisories.reports.findings_markdown",
        ("findings", "openvex"): "advisories.reports.findings_openvex",
        ("findings", "csaf-vex"): "advisories.reports.findings_csaf_vex",
        ("findings", "spdx"): "advisories.reports.findings_spdx",
        ("plan", "text"): "advisories.reports.plan_text",
        ("plan", "shell"): "advisories.reports.plan_shell",
        ("plan", "json"): "advisories.reports.plan_json",
        ("plan", "csv"): "advisories.reports.plan_csv",
        ("plan", "html"): "advisories.reports.plan_html",
        ("plan", "markdown"): "advisories.reports.plan_markdown",
        ("verification", "text"): "advisories.reports.verification_text",
        ("verification", "json"): "advisories.reports.verification_json",
        ("verification", "junit"): "advisories.reports.verification_junit",
        ("verification", "sas-json"): "advisories.reports.verification_sas_json",
        ("verification", "html"): "advisories.reports.verification_html",
        ("verification", "markdown"): "advisories.reports.verification_markdown",
        ("verification", "csv"): "advisories.reports.verification_csv",
        ("list", "text"): "advisories.reports.list_text",
        ("list", "tsv"): "advisories.reports.list_tsv",
        ("list", "cyclonedx"): "advisories.reports.list_cyclonedx",
        ("list", "spdx"): "advisories.reports.list_spdx",
        ("list", "syft"): "advisories.reports.list_syft",
        ("list", "purls"): "advisories.reports.list_purls",
        ("lint", "text"): "advisories.reports.lint_text",
        ("lint", "json"): "advisories.reports.lint_json",
        ("lint", "csv"): "advisories.reports.lint_csv",
        ("lint", "sarif"): "advisories.reports.lint_sarif",
        ("lint", "junit"): "advisories.reports.lint_junit",
        ("lint", "github"): "advisories.reports.lint_github",
        ("lint", "html"): "advisories.reports.lint_html",
        ("lint", "markdown"): "advisories.reports.lint_markdown",
    }
)


# What programs read keeps its data. What people read shows every character.
_FOR_PROGRAMS: Final = frozenset(
    {
        *("json", "csaf-vex", "cyclonedx", "cyclonedx-1.7", "gitlab", "jsonl", "openvex", "sarif", "sas-json", "spdx"),
        "syft",
    }
)
# What shows every character by itself: cells that are measured and have colours, cells between tabs.
_ESCAPED: Final = frozenset({"table", "tsv"})
# What is written from what was just made, as lists are. All other formats are written from the document of its JSON
# form.
_LIVE: Final = frozenset(
    {
        *(("findings", format) for format in ("text", "table", "json", "jsonl")),
        *(("plan", "text"), ("plan", "shell")),
        *(("verification", "text"), ("verification", "sas-json")),
    }
)
# What cannot be written from an earlier report: it has not all of it, and no script is made of what somebody else may
# have written.
_ONLY_LIVE: Final = _LIVE - {("findings", format) for format in ("table", "json", "jsonl")}
# The classes of the documents.
_DOCUMENTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "findings": ("advisories.reports.document", "Document"),
        "plan": ("advisories.reports.plan_document", "PlanDocument"),
        "verification": ("advisories.reports.verification_document", "VerificationDocument"),
        "lint": ("advisories.reports.lint_document", "LintDocument"),
    }
)


class Renderer(Protocol):
    """What the module of a format offers."""

    def render(self, report: AnyReport) -> Iterable[str]:
        """The lines of the report, without line ends. The same report gives the same lines."""


def formats(what: str, *, earlier: bool = False) -> tuple[str, ...]:
    """The formats of one kind of report.

    >>> formats("plan")
    ('text', 'shell', 'json', 'csv', 'html', 'markdown')

    :param earlier: only those that an earlier report can be written in.
    """
    left_out = _ONLY_LIVE if earlier else frozenset()
    if earlier and what not in _DOCUMENTS:
        return ()
    return tuple(format for kind, format in FORMATS if kind == what and (kind, format) not in left_out)


def render(report: AnyReport, format: str) -> Iterable[str]:
    """The lines of a report, without line ends. In what people read, what cannot be seen is escaped
    (:func:`advisories.models.printing.printable`). JSON is ASCII.

    >>> from advisories import match, read_feed, read_inventory
    >>> from advisories import Report
    >>> inventory = read_inventory("examples/almalinux-9/host.tsv")
    >>> feed = read_feed("examples/almalinux-9/advisories.jsonl")
    >>> lines = list(render(Report(inventory, feed, match(inventory, feed)), "text"))
    >>> lines[0]
    'examples/almalinux-9/host.tsv: 590 packages of almalinux 9.0, matched against the advisories of almalinux 9'

    :param report: a :class:`~advisories.reports.findings.Report` of findings, the report of a plan, a verification or
        lint, or an earlier one of these as :func:`~advisories.reports.reading.read_report` reads it.
    :param format: one of :func:`formats`.

    Raises :class:`~advisories.models.errors.UnknownReport` for a format that this kind of report does not have, and
    :class:`~advisories.models.errors.EmptyReport` for OpenVEX without findings.
    """
    if not hasattr(report, "what"):
        raise TypeError(
            "a Report, PlanReport, VerificationReport, LintReport or ListReport is expected, "
            f"not {type(report).__name__}"
        )
    module = FORMATS.get((report.what, format))
    if module is None:
        raise UnknownReport(report.what, format, formats(report.what))
    lines = cast(Renderer, import_module(module)).render(_as_written(report, format))
    if format in _ESCAPED:
        return lines
    if format in _FOR_PROGRAMS:
        # The one control character that JSON need not escape.
        escaped = (line.replace("\x7f", "\\u007f") if "\x7f" in line else line for line in lines)
        # A list may have a million packages.
        return escaped if report.what == "list" else list(escaped)
    return map(printable, lines) if report.what == "list" else printable_lines(lines)


def _as_written(report: AnyReport, format: str) -> AnyReport:
    """The report as its format takes it: most take a document."""
    what = report.what
    if what not in _DOCUMENTS:
        return report
    if hasattr(report, "content"):
        if (what, format) in _ONLY_LIVE:
            raise UnknownReport(f"an earlier report of {what}", format, formats(what, earlier=True))
        return report
    if (what, format) in _LIVE:
        return report
    module, name = _DOCUMENTS[what]
    return cast("AnyDocument", getattr(import_module(module), name).of(report))
