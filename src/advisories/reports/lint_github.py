"""What is wrong with a feed as workflow commands of GitHub Actions, at the file and line of what was rejected.

GitHub shows ten of each level for a step, so no more of a level are written. The last one has how many are left out.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.reports.annotations import SHOWN, annotation
from advisories.reports.caveats import Level
from advisories.reports.lines import counted
from advisories.reports.lint_problems import RULES, headline, lint_caveats, problems, releases_text, sources_text

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument

__all__ = ["render"]


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the report, a command each."""
    content = document.content
    commands: dict[Level, list[str]] = {level: [] for level in Level}
    title = f"advisories lint: {sources_text(content)}"
    commands[Level.NOTE].append(annotation(Level.NOTE, title, f"{headline(content)}. Of {releases_text(content)}."))
    for caveat in lint_caveats(content):
        # What RULES has is shown one by one.
        if caveat.id not in RULES:
            commands[caveat.level].append(annotation(caveat.level, caveat.id, caveat.text))
    found = list(problems(content))
    for level, made in commands.items():
        of_level = [one for one in found if one.level is level]
        room = max(SHOWN - len(made), 1)
        shown = of_level if len(of_level) <= room else of_level[: room - 1]
        made += [annotation(level, one.rule, one.text, one.file, one.line or 1) for one in shown]
        if len(shown) < len(of_level):
            left = counted(len(of_level) - len(shown), "more problem")
            made.append(annotation(level, "not all is shown", f"{left}. All other formats have them."))
        yield from made[:SHOWN]
