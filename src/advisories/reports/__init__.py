"""Reports: findings, plans, verifications and lint as lines of text. One format is one file, and one line in the
registry.
"""

from advisories.reports.findings import Report
from advisories.reports.registry import FORMATS, AnyReport, Renderer, formats, render

__all__ = ["FORMATS", "AnyReport", "Renderer", "Report", "formats", "render"]
