"""The registry of report formats."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from advisories.reports.report import Report

__all__ = ["FORMATS", "Renderer", "Report", "render"]

#: Every report format and the module that writes it. A new one is its module and one line here.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "advisories.reports.table",
        "json": "advisories.reports.json",
    }
)


class Renderer(Protocol):
    """What a report format's module offers."""

    def render(self, report: Report) -> Iterator[str]:
        """The report's lines, without line ends; the same for the same report."""


def render(report: Report, format: str) -> Iterator[str]:
    """The lines of a report in a format of the registry."""
    return cast(Renderer, import_module(FORMATS[format])).render(report)
