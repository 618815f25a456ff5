"""Workflow commands of GitHub Actions, which a run and its pull request show as annotations."""

from typing import Final

from advisories.models.printing import printable
from advisories.reports.caveats import Level

__all__ = ["SHOWN", "annotation"]

#: How many annotations of a level GitHub shows for a step.
SHOWN: Final = 10
_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def annotation(level: Level, title: str, text: str, file: str = "", line: int = 1) -> str:
    """A command.

    :param file: what it is about, a path from the root of the repository. Empty for none.
    :param line: of the file.
    """
    place = f"file={_value(file)},line={line}," if file else ""
    return f"::{_COMMANDS[level]} {place}title={_value(title)}::{_data(text)}"


def _data(text: str) -> str:
    """A message as the runner reads it: what would begin a new command is escaped."""
    return printable(text).replace("%", "%25")


def _value(text: str) -> str:
    """A property's value, which a colon or a comma would end."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
