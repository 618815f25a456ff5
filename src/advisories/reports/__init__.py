"""From findings to text: one format a file, all of them in the literal registry."""

from advisories.reports.registry import FORMATS, Renderer, Report, render

__all__ = ["FORMATS", "Renderer", "Report", "render"]
