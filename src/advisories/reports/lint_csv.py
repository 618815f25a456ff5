"""The lint report as comma-separated values: a header, what is wrong in sentences, and a row for each problem.

``kind`` of a row is ``summary`` or ``problem``. ``rule`` is the kind of the problem, and ``what`` the advisory.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from advisories.reports.caveats import Level
from advisories.reports.cells import Cells
from advisories.reports.lint_problems import headline, lint_caveats, problems, releases_text

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument

__all__ = ["render"]

_COLUMNS: Final = ("kind", "level", "rule", "file", "line", "position", "what", "package", "release", "why")


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the report."""
    cells = Cells()
    yield ",".join(_COLUMNS)
    counts = f"{headline(document.content)}. Of {releases_text(document.content)}."
    yield cells.row(["summary", Level.NOTE.value, "counts", *[""] * 6, counts])
    for caveat in lint_caveats(document.content):
        yield cells.row(["summary", caveat.level.value, caveat.id, *[""] * 6, caveat.text])
    for one in problems(document.content):
        line = None if one.line is None else str(one.line)
        head = ["problem", one.level.value, one.rule, one.file, line, one.position]
        yield cells.row([*head, one.what, one.package, one.release, one.why])
