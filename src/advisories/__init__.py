"""Installed packages against what is known to be vulnerable.

``import advisories`` gives you what people do, by verbs. Each name loads what it needs when you use it:

>>> import advisories
>>> inventory = advisories.read_inventory("examples/almalinux-9/host.tsv")
>>> feed = advisories.open_feed("examples/almalinux-9/advisories.jsonl")
>>> findings = advisories.match(inventory, feed)
>>> len(findings), findings[0].vulnerability
(5484, 'CVE-2026-54369')

The nouns are in :mod:`advisories.models`, and the errors in :mod:`advisories.models.errors`.
"""

# Nothing is imported here: an interruption would end the command with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from advisories.index.feed import Feed as Feed
    from advisories.matching.explain import explain as explain
    from advisories.matching.match import MatchPolicy as MatchPolicy
    from advisories.matching.match import match as match
    from advisories.matching.match import match_many as match_many
    from advisories.models.errors import AdvisoriesError as AdvisoriesError
    from advisories.readers.inventories.registry import read_inventory as read_inventory
    from advisories.readers.inventories.source_map import read_sources as read_sources
    from advisories.readers.inventories.this_host import this_host as this_host
    from advisories.readers.statements.registry import read_statements as read_statements
    from advisories.reports.findings import Report as Report
    from advisories.reports.registry import render as render
    from advisories.sources.limits import DEFAULT_LIMITS as DEFAULT_LIMITS
    from advisories.sources.limits import Limits as Limits
    from advisories.store.checking import check_store as check_store
    from advisories.store.compiling import compile_store as compile_store
    from advisories.store.open import open_feed as open_feed
    from advisories.store.open import read_feed as read_feed
    from advisories.triage.baseline import read_baseline as read_baseline
    from advisories.triage.plan import plan as plan
    from advisories.triage.select import Selection as Selection
    from advisories.triage.select import select as select
    from advisories.triage.suppress import suppress as suppress
    from advisories.triage.verify import verify as verify

# Where each name is. A new one is a word here and one above, for type checkers.
_MODULES: "Final" = {
    "AdvisoriesError": "advisories.models.errors",
    "DEFAULT_LIMITS": "advisories.sources.limits",
    "Feed": "advisories.index.feed",
    "Limits": "advisories.sources.limits",
    "MatchPolicy": "advisories.matching.match",
    "Report": "advisories.reports.findings",
    "Selection": "advisories.triage.select",
    "check_store": "advisories.store.checking",
    "compile_store": "advisories.store.compiling",
    "explain": "advisories.matching.explain",
    "match": "advisories.matching.match",
    "match_many": "advisories.matching.match",
    "open_feed": "advisories.store.open",
    "plan": "advisories.triage.plan",
    "read_baseline": "advisories.triage.baseline",
    "read_feed": "advisories.store.open",
    "read_inventory": "advisories.readers.inventories.registry",
    "read_sources": "advisories.readers.inventories.source_map",
    "read_statements": "advisories.readers.statements.registry",
    "render": "advisories.reports.registry",
    "select": "advisories.triage.select",
    "suppress": "advisories.triage.suppress",
    "this_host": "advisories.readers.inventories.this_host",
    "verify": "advisories.triage.verify",
}

__all__ = [
    "DEFAULT_LIMITS",
    "AdvisoriesError",
    "Feed",
    "Limits",
    "MatchPolicy",
    "Report",
    "Selection",
    "__version__",
    "check_store",
    "compile_store",
    "explain",
    "match",
    "match_many",
    "open_feed",
    "plan",
    "read_baseline",
    "read_feed",
    "read_inventory",
    "read_sources",
    "read_statements",
    "render",
    "select",
    "suppress",
    "this_host",
    "verify",
]


def __getattr__(name: str) -> "Any":
    if name == "__version__":
        from importlib.metadata import version

        return version("vercmp")
    from importlib import import_module

    if name == "models":
        return import_module("advisories.models")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
