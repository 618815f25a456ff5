"""Reports: findings, plans, verifications and lint as lines of text. One format is one file, and one line in the
registry.
"""

# Nothing is imported here: what has the formats in its options does not match.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from advisories.reports.findings import Report as Report
    from advisories.reports.registry import FORMATS as FORMATS
    from advisories.reports.registry import AnyReport as AnyReport
    from advisories.reports.registry import Renderer as Renderer
    from advisories.reports.registry import formats as formats
    from advisories.reports.registry import render as render

# Where each name is.
_MODULES: "Final" = {
    "FORMATS": "advisories.reports.registry",
    "AnyReport": "advisories.reports.registry",
    "Renderer": "advisories.reports.registry",
    "Report": "advisories.reports.findings",
    "formats": "advisories.reports.registry",
    "render": "advisories.reports.registry",
}

__all__ = ["FORMATS", "AnyReport", "Renderer", "Report", "formats", "render"]


def __getattr__(name: str) -> "Any":
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value
