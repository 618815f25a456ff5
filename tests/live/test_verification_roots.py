"""A root folder that the real dpkg upgrades step by step, verified after each against its first report."""

import io
import os
from pathlib import Path

import pytest
from advisories_reference import DEBIAN12, advisory, affected
from advisories_roots import built_deb, dpkg, empty_root
from attrs import evolve

from advisories import Feed, match
from advisories.models import Inventory, Names
from advisories.readers import inventories
from advisories.reports import Report, render
from advisories.triage.baseline import read_baseline
from advisories.triage.cases import Case, FindingState
from advisories.triage.verify import verify

FEED = Feed(
    [
        advisory(f"DSA-{number}", affected(source, fix, distribution=DEBIAN12, names=Names.SOURCE), cves=[cve])
        for number, (source, fix, cve) in enumerate(
            [
                ("tools", "1:2.0-2", "CVE-2024-1111"),
                ("leftover", None, "CVE-2024-2222"),
                ("linux", "6.1.90-1", "CVE-2024-3333"),
            ]
        )
    ]
)
OLD, NEW = "linux-image-6.1.0-18-amd64", "linux-image-6.1.0-21-amd64"


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg gives the files of a root folder to root")
def test_step_by_step(tmp_path: Path) -> None:
    root = empty_root(tmp_path / "root")
    count = iter(range(99))

    def install(name: str, version: str, source: str, *, configuration: bool = False) -> None:
        path = built_deb(tmp_path / str(next(count)), name, version, "amd64", source, configuration=configuration)
        dpkg(root, "--install", str(path))

    def host(uname: str) -> Inventory:
        return evolve(inventories.read(root), running_kernel=uname)

    install("tool", "1:2.0-1+b2", "tools (1:2.0-1)")
    install("leftover", "3.1-1", "leftover", configuration=True)
    install(OLD, "6.1.76-1", "linux-signed-amd64 (6.1.76+1)")
    first = host("6.1.0-18-amd64")
    report = "\n".join(render(Report(first, FEED, match(first, FEED)), "json"))
    baseline = read_baseline(io.BytesIO(report.encode()))

    def cases(uname: str) -> dict[str, Case]:
        verification = verify(baseline, host(uname), FEED)
        assert verification.new == ()
        assert len(verification.rows) == 3
        return {row.baseline.package.name: row.case for row in verification.rows}

    running = "6.1.0-18-amd64"
    assert cases(running) == {"tool": Case.NOT_UPGRADED, "leftover": Case.NO_FIX, OLD: Case.NOT_UPGRADED}
    install("tool", "1:2.0-1+b3", "tools (1:2.0-1)")
    assert cases(running)["tool"] is Case.BELOW_FIX
    install("tool", "1:2.0-2", "tools")
    assert cases(running)["tool"] is Case.REACHED_FIX
    dpkg(root, "--remove", "leftover")
    assert cases(running)["leftover"] is Case.CONFIGURATION_LEFT
    install(NEW, "6.1.90-1", "linux-signed-amd64 (6.1.90+1)")
    assert cases(running)[OLD] is Case.RESTART
    running = "6.1.0-21-amd64"
    assert cases(running)[OLD] is Case.OLD_KERNEL
    dpkg(root, "--purge", "leftover", OLD)
    assert cases(running) == {"tool": Case.REACHED_FIX, "leftover": Case.REMOVED, OLD: Case.REACHED_FIX}
    counts = verify(baseline, host(running), FEED).counts
    assert (counts[FindingState.FIXED], counts[FindingState.PACKAGE_REMOVED]) == (2, 1)
