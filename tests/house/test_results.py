"""Laws of what the library hands out: a bounded repr, pickles, copies, comparisons, and a plain JSON form.

The objects are those of the bundled example, so that rows are as many and as long as those of a real host. Nouns of
any content are in the laws of the models.
"""

import copy
import json
import pickle
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from places import EXAMPLE, SRC

import advisories
from advisories.distros.package_managers import manager_of
from advisories.matching.explain import Explanation
from advisories.models import Finding, Findings, Inventory, Priority
from advisories.models.nouns import Noun, outlined, plain
from advisories.readers.listing import Listing
from advisories.readers.statements.registry import read_statements
from advisories.reports.findings import Report
from advisories.reports.lint import LintReport
from advisories.reports.plan import PlanReport
from advisories.reports.verification import NewFinding, VerificationReport
from advisories.store.checking import check_store
from advisories.store.compiling import compile_store
from advisories.triage.baseline import Baseline
from advisories.triage.pipeline import Triaged, triage
from advisories.triage.plan import plan
from advisories.triage.select import Hidden, Selection, select
from advisories.triage.verify import verify

# The longest repr of a real result.
MOST: Final = 5_000
IGNORED: Final = """
[[ignore]]
id = ["*"]
package = "kernel*"
reason = "planned"
"""


def public() -> Iterator[type]:
    """Every attrs class that a module names in its ``__all__``."""
    for path in sorted((SRC / "advisories").rglob("*.py")):
        name = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        if not name.endswith("__main__") and ".cli" not in name:
            module = import_module(name)
            for public in getattr(module, "__all__", ()):
                value = getattr(module, public)
                if isinstance(value, type) and attrs.has(value) and value.__module__ == name:
                    yield value


def inside(value: Any, found: dict[type, Any], depth: int = 0) -> None:
    """The first object of every class in a result."""
    kind = type(value)
    if isinstance(value, tuple | list | Findings):
        for one in value[:50]:
            inside(one, found, depth)
    elif attrs.has(kind) and (kind not in found or depth == 0):
        found.setdefault(kind, value)
        for field in attrs.fields(kind):
            inside(getattr(value, field.name), found, depth + 1)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("results")
    rules = folder / "rules.toml"
    rules.write_text(IGNORED, encoding="utf-8")
    feed = advisories.read_feed(EXAMPLE / "advisories.jsonl")
    # A part of the host has as many rows as a repr can have, and takes less time.
    host, after = (
        attrs.evolve(
            whole, packages=tuple([one for one in whole.packages if one.name[0] in "abc" or one.name == "kernel-core"])
        )
        for whole in (advisories.read_inventory(EXAMPLE / f"{name}.tsv") for name in ("host", "after"))
    )
    findings = advisories.match(host, feed)
    statements = read_statements(rules)
    selection = Selection(priorities=frozenset({Priority.HIGH}))
    triaged = triage(host, feed, findings=findings, statements=[statements], on=date(2024, 1, 1), selection=selection)
    verification = verify(Baseline.of(host, findings), after, feed)
    planned = plan(host, feed, findings=findings)
    first = findings[0]
    compiled = compile_store([EXAMPLE / "advisories.jsonl"], folder / "feed.db")
    assert host.report is not None
    assert host.distribution is not None
    return {
        "inventory": host,
        "feed": feed,
        "store": advisories.open_feed(folder / "feed.db"),
        "findings": findings,
        "coverage": findings.coverage,
        "finding": first,
        "explanation": advisories.explain(host, feed, first.package.name, first.vulnerability)[0],
        "policy": advisories.MatchPolicy(),
        "limits": advisories.Limits(),
        "listing": Listing(host.packages, host.report),
        "statements": statements,
        "triaged": triaged,
        "shown whole": Triaged(findings),
        "selected": select(findings, selection),
        "selection": selection,
        "suppression": triaged.suppression,
        "baseline": Baseline.of(host, findings),
        "verification": verification,
        "plan": planned,
        "compiled": compiled,
        "checked": check_store(folder / "feed.db"),
        "report": Report(host, feed, findings, chosen=triaged),
        "lint report": LintReport(feed),
        "plan report": PlanReport(host, planned, manager_of(host.distribution), chosen=triaged),
        "verification report": VerificationReport(verification, chosen=triaged),
        "new finding": NewFinding(first, statements.statements),
    }


def test_results(results: Mapping[str, Any]) -> None:
    found: dict[type, Any] = {}
    for result in results.values():
        inside(result, found)
    classes = set(public())
    assert len(classes & set(found)) > 35
    objects = {**results, **{kind.__name__: one for kind, one in found.items() if kind in classes}}
    # All at once: most of them hold the same findings.
    pickled, copied = pickle.loads(pickle.dumps(objects)), copy.deepcopy(objects)
    for name, one in objects.items():
        assert len(repr(one)) < MOST, name
        for again in (pickled[name], copied[name], copy.copy(one)):
            assert again == one, name
            assert hash(again) == hash(one), name
        if hasattr(one, "to_dict"):
            form = one.to_dict()
            assert json.loads(json.dumps(form, allow_nan=False)) == form, name
            assert plain(one) == form, name


@pytest.mark.parametrize(
    "name",
    [
        *("finding", "findings", "coverage", "feed", "baseline", "plan", "verification", "suppression", "triaged"),
        *("selected", "selection", "statements", "listing", "compiled", "checked", "policy", "limits", "inventory"),
    ],
)
def test_results_have_a_plain_form(results: Mapping[str, Any], name: str) -> None:
    assert results[name].to_dict()


def test_examples_of_plain_forms(results: Mapping[str, Any]) -> None:
    findings: Findings = results["findings"]
    triaged: Triaged = results["triaged"]
    form = findings.to_dict()
    assert len(form["findings"]) == len(findings) > 100
    assert form["findings"][0] == plain(findings[0])
    assert form["coverage"] == findings.coverage.to_dict()
    explanation: Explanation = results["explanation"]
    finding: Finding | None = explanation.finding
    assert finding is not None
    assert explanation.to_dict()["finding"] == finding.to_dict()
    assert triaged.to_dict()["shown"] == [one.to_dict() for one in triaged.shown]
    assert results["shown whole"].to_dict()["shown"] == form["findings"]


def test_what_is_hidden_is_read_by_reason(results: Mapping[str, Any]) -> None:
    triaged: Triaged = results["triaged"]
    assert triaged.hidden[Hidden.PRIORITY] > 0
    assert triaged.hidden == dict(triaged.hidden)
    assert Triaged(triaged.findings).hidden == {}
    with pytest.raises(TypeError):
        triaged.hidden[Hidden.PRIORITY] = 0  # type: ignore[index]
    assert pickle.loads(pickle.dumps(triaged)).hidden == triaged.hidden


def test_feeds_compare(results: Mapping[str, Any]) -> None:
    feed, store = results["feed"], results["store"]
    again = advisories.read_feed(EXAMPLE / "advisories.jsonl")
    assert again == feed
    assert hash(again) == hash(feed)
    assert advisories.Feed(feed) != feed  # it has no report of what was read
    assert feed != store
    assert feed != 1
    assert store != 1
    assert store == advisories.open_feed(Path(results["compiled"].path))


def test_an_outline_has_three_rows_and_a_count() -> None:
    inventory = Inventory(None, ())
    assert outlined(()) == "()"
    assert outlined((1,)) == "(1,)"
    assert outlined((1, 2, 3, 4)) == "(1, 2, 3, ... 4 in all)"
    assert outlined(frozenset({2, 1})) == "frozenset(1, 2)"
    assert outlined(("a" * 200,)) == f"('{'a' * 119}...,)"
    assert issubclass(type(inventory), Noun)
