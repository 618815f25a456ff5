"""Trivy's integration goldens: its own small feeds and package lists, matched here, give its findings."""

from collections.abc import Callable
from pathlib import Path

import pytest
from trivy_goldens import CASES, Case, without_zero

from advisories import match

Unpack = Callable[[str], Path]


@pytest.mark.parametrize("case", CASES, ids=[case.golden for case in CASES])
def test_the_same_findings(unpacked: Unpack, case: Case) -> None:
    truth = unpacked("truth/trivy-integration") / "trivy-integration/integration/testdata"
    lists = unpacked("inventories/trivy-packages") / "trivy-fanal-packages-golden-HEAD"
    host, feed, theirs = case.read(truth, lists)
    assert theirs
    findings = match(host, feed)
    ours = {(f.package.name, f.package.version, f.vulnerability, without_zero(f.fixed_version)) for f in findings}
    assert ours == theirs
