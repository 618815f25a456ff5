"""Verifications as a page and as a summary of a job: every finding is in one outcome, and no text is markup."""

import re

from advisories_reference import advisory, affected, as_read, host, rpm
from github_markdown import MENTION, TAGS, Shown
from made_report import HOSTILE
from page_elements import Elements, harmless

from advisories import Feed, match, verify
from advisories.models.printing import printable
from advisories.reports import render
from advisories.reports.markdown_text import MOST
from advisories.reports.outcomes import OUTCOMES
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline
from advisories.triage.cases import FindingState

FEED = Feed(
    [
        advisory("ALSA-1", affected("bash", "2-1"), affected("vim", "9-1"), cves=["CVE-1", "CVE-2"], rating="high"),
        advisory("ALSA-2", affected("zsh", None), cves=["CVE-3"], rating="low"),
        advisory("ALSA-3", affected("tar", "3-1"), cves=["CVE-4"]),
    ]
)
BEFORE = host(rpm("bash", "1-1"), rpm("vim", "8-1"), rpm("zsh", "1-1"))
AFTER = host(rpm("bash", "2-1"), rpm("vim", "8-2"), rpm("zsh", "1-1"), rpm("tar", "1-1"), rpm("nginx", "1", vendor="x"))


def verified() -> VerificationReport:
    return VerificationReport(verify(Baseline.of(BEFORE, match(BEFORE, FEED)), AFTER, FEED))


def written(report: VerificationReport, format: str) -> str:
    return "\n".join(render(report, format)) + "\n"


def test_each_state_is_in_one_outcome() -> None:
    states = [state for outcome in OUTCOMES for state in outcome.states]
    assert sorted(states) == sorted(FindingState)


def test_the_page_has_what_stands_was_fixed_and_is_new() -> None:
    made = written(verified(), "html")
    harmless(made, scripts=1)
    shown = "".join(Elements(made).inside["text"])
    for words in ("New findings: 1 finding", "Still vulnerable: 3 findings", "Fixed or removed: 2 findings"):
        assert words in shown
    assert "bash was upgraded from 1-1 to 2-1, which is the fix 2-1 (ALSA-1)" in shown
    assert "Undecidable:" not in shown
    assert made.index("Not everything was checked") < made.index("At a glance") < made.index("New findings")
    assert "5 packages now: 3 affected, 1 clean, 1 third-party." in shown


def test_the_summary_has_the_same() -> None:
    made = written(verified(), "markdown")
    for line in (
        "| **new** | 0 | 1 | 0 | 1 |",
        "| still vulnerable | 2 | 0 | 1 | 3 |",
        "| fixed or removed | 2 | 0 | 0 | 2 |",
    ):
        assert line in made
    assert "> [!WARNING]" in made
    assert made.count("<details>") == made.count("</details>") == 3


def test_hostile_names_are_harmless() -> None:
    names = [name for name in HOSTILE if name.isascii() and "\0" not in name]
    old = host(*(rpm(name, "1-1") for name in names))
    now = host(*(rpm(name, "2-1") for name in names))
    feed = as_read(advisory(name, *(affected(name, "2-1") for name in names)) for name in names)
    report = VerificationReport(verify(Baseline.of(old, match(old, feed)), now, feed))
    made = written(report, "html")
    harmless(made, scripts=1)
    plain = "".join(Elements(made).inside["text"])
    assert all(printable(name) in plain for name in names)
    summary = written(report, "markdown")
    shown = Shown(summary)
    assert shown.tags <= TAGS
    assert shown.links == []
    assert not any(MENTION.search(piece) for piece in shown.pieces)
    assert all(printable(name) in shown.text for name in names)


def test_a_great_one_fits() -> None:
    old = host(*(rpm(f"package-{number}", "1-1") for number in range(9000)))
    feed = Feed([advisory("ALSA-1", *(affected(f"package-{number}", "2-1") for number in range(9000)))])
    report = VerificationReport(verify(Baseline.of(old, match(old, feed)), old, feed))
    made = written(report, "markdown")
    assert len(made.encode()) <= MOST
    left = re.search(r"Left out, .*: (\d+) findings", made)
    assert left is not None
    assert made.count("| still-vulnerable |") + int(left[1]) == 9000
