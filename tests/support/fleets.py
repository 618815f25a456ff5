"""Fleets as ``match_many`` has them, in the rows of an engine: what engines are held against."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from advisories import Feed, MatchPolicy, match_many
from advisories.models import Finding, Inventory, Package, PackageClass
from advisories.models.nouns import plain

__all__ = ["Rows", "by_match", "rows_of"]

#: By the name of a table, its rows as texts, sorted.
Rows = Mapping[str, Sequence[str]]
COVERAGE = ("host", "judged_as", "covered", "packages", "not_security", "feed_newest", "installed_later")


def by_match(named: Sequence[tuple[str, Inventory]], feed: Feed, policy: MatchPolicy) -> Rows:
    """What the tables of an engine must have."""
    findings: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    coverage: list[dict[str, Any]] = []
    assumptions: list[dict[str, Any]] = []
    found = match_many([inventory for _, inventory in named], feed, policy)
    for (host, _), (_, one) in zip(named, found, strict=True):
        findings += [{"host": host, **_package(finding.package), **_finding(finding)} for finding in one]
        covered = one.coverage
        for package, result in covered.judged():
            assumed = sorted(assumption.value for assumption in result.assumptions)
            of = {"class": result.package_class.value, "assumptions": assumed, "problem": None}
            classes.append({"host": host, **_package(package), **of})
        assumptions += [
            {"host": host, "assumption": assumption.value, "packages": count}
            for assumption, count in covered.assumptions.items()
        ]
        counts = {name.value.replace("-", "_"): count for name, count in covered.counts.items()}
        whole = covered.to_dict()
        newest = covered.feed_newest
        facts = {
            "host": host,
            "judged_as": None if covered.judged_as is None else str(covered.judged_as),
            "covered": covered.covered,
            "packages": covered.packages,
            "not_security": covered.not_security,
            "feed_newest": newest.timestamp() if newest else None,
            "installed_later": whole["installed_later"],
        }
        coverage.append({**facts, **counts})
    return _texts({"findings": findings, "classes": classes, "coverage": coverage, "assumptions": assumptions})


def _finding(finding: Finding) -> dict[str, Any]:
    fields = plain(finding.to_dict())
    for name in ("package", "version", "arch", "locations"):
        del fields[name]
    fields["assumptions"].sort()
    return dict(fields)


def _package(package: Package) -> dict[str, Any]:
    return {
        "type": package.type,
        "name": package.name,
        "version": package.version,
        "arch": package.arch,
        "locations": list(package.locations),
        "location": package.location,
        "repository": package.repository,
        "state": package.state.value,
        "vendor": package.vendor,
    }


def rows_of(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Rows:
    """The rows of an engine's tables, as :func:`by_match` has them."""
    package = ("host", "type", "name", "version", "arch", "locations", "location", "repository", "state", "vendor")
    findings = [{**row, "assumptions": sorted(row["assumptions"])} for row in tables["findings"]]
    classes = [
        {
            **{name: row[name] for name in (*package, "class", "problem")},
            "assumptions": sorted(row["assumptions"] or ()),
        }
        for row in tables["classes"]
    ]
    counts = [one.value.replace("-", "_") for one in PackageClass]
    coverage = [{name: row[name] for name in (*COVERAGE, *counts)} for row in tables["coverage"]]
    for row in coverage:
        row["feed_newest"] = row["feed_newest"].timestamp() if row["feed_newest"] else None
    return _texts(
        {"findings": findings, "classes": classes, "coverage": coverage, "assumptions": list(tables["assumptions"])}
    )


def _texts(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Rows:
    return {name: sorted(json.dumps(row, sort_keys=True) for row in rows) for name, rows in tables.items()}
