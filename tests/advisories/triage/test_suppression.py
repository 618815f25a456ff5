"""Suppressed findings: golden cases and a truth table in ``cases/suppression``, laws, real documents and hosts."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from places import GOLDEN

from advisories import Feed, match
from advisories.models import (
    Advisory,
    Assessment,
    Basis,
    Distribution,
    Evidence,
    Finding,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Presence,
    Priority,
    State,
    Status,
)
from advisories.models.statements import Product, Statement, StatementStatus, VersionRange
from advisories.readers import inventories
from advisories.readers import statements as ignores
from advisories.store import read_feed
from advisories.triage import listed
from advisories.triage import select as selection
from advisories.triage.suppress import Outcome, Suppression, aliases_of, suppress

Unpack = Callable[[str], Path]
FILES = GOLDEN / "suppression"
SUSE = "pkg/fetch/suse/csaf_vex/testdata/golden"
TODAY = date(2026, 1, 1)
MODULES = {"none": Module(True), "unknown": Module(False)}
ASSUMED = Assessment(Priority.MEDIUM, "A0", Basis.ASSUMED, "no vector and no rating")


def finding(package: Package, vulnerability: str, advisories: tuple[str, ...] = ("EX-1",), **more: Any) -> Finding:
    fixed = more.pop("fixed_version", None)
    state = more.pop("fix_state", FixState.FIXED if fixed else FixState.NOT_FIXED)
    values: dict[str, Any] = {
        "package": package,
        "instance": f"{package.type}/{package.name}",
        "source": package.source_name,
        "source_version": package.source_version,
        "vulnerability": vulnerability,
        "advisories": advisories,
        "status": Status.AFFECTED,
        "cause": "because",
        "fixed_version": fixed,
        "fix_state": state,
        "channel": None,
        "presence": Presence.INSTALLED,
        "pending_restart": False,
        "restart_required": False,
        "assessment": ASSUMED,
        "assumptions": (),
        "evidence": Evidence(advisories[0], package.name, Names.BINARY, package.version, None, fixed, None),
    }
    return Finding(**(values | more))


# ---- golden cases ----

GOLDEN = sorted(FILES.glob("*.toml"))


def test_there_are_cases() -> None:
    assert len(GOLDEN) >= 8
    assert {path.suffix for path in FILES.iterdir()} == {".toml", ".tsv"}


def finding_of(entry: dict[str, Any]) -> Finding:
    package = Package(
        entry.get("type", "rpm"),
        entry["package"],
        entry.get("version", "5.1.8-4.el9"),
        "x86_64",
        source_name=entry.get("source"),
        source_version=entry.get("source-version"),
        source_epoch_known=entry.get("source-epoch-known", True),
        location=entry.get("location"),
        locations=tuple(entry.get("locations", ())),
        module=MODULES.get(entry.get("module", "none")) or Module.of(entry["module"]),
    )
    more = {"fix_state": FixState(entry["fix-state"])} if "fix-state" in entry else {}
    return finding(
        package,
        entry["vulnerability"],
        tuple(entry.get("advisories", ("EX-1",))),
        fixed_version=entry.get("fixed"),
        channel=entry.get("channel"),
        **more,
    )


def statements_of(case: dict[str, Any]) -> Iterator[Statement]:
    documents = [entry for name in ("openvex", "csaf", "cyclonedx") for entry in case.get(name, [])]
    texts = [entry["text"] for entry in ([case["ignore"]] if "ignore" in case else []) + documents]
    for text in texts:
        found = ignores.read_stream(BytesIO(text.encode()), "statements")
        assert not found.report.rejections
        yield from found.statements


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = tomllib.loads(path.read_text())
    findings = [finding_of(entry) for entry in case["findings"]]
    statements = list(statements_of(case))
    inventory = host(
        *dict.fromkeys(one.package for one in findings),
        distribution=Distribution.parse(case.get("distribution", "almalinux:9")),
    )
    found = suppress(
        findings,
        statements,
        case.get("on", TODAY),
        inventory,
        aliases=case.get("aliases", {}),
        scanned=[ignores.purl_of(text) for text in case.get("scanned", ())],
    )
    expected = case["expected"]
    adds_up(findings, found)
    assert [shown(one.finding, one.statements, statements) for one in found.suppressed] == expected["suppressed"]
    assert [report.outcome.value for report in found.statements] == expected["outcomes"]
    assert [shown(one.finding, one.statements, statements) for one in found.disputes] == expected.get("disputes", [])
    fixable = [shown(one, (report.statement,), statements) for report in found.fixable for one in report.fixable]
    assert fixable == expected.get("fixable", [])
    for name in ("findings", "undecided"):
        if name in expected:
            assert [getattr(report, name) for report in found.statements] == expected[name]
    for report in found.statements:
        assert bool(report.why) is bool(report.undecided)


def shown(one: Finding, by: tuple[Statement, ...], statements: list[Statement]) -> str:
    numbers = ", ".join(str(statements.index(statement) + 1) for statement in by)
    return f"{one.package.name} {one.vulnerability}: {numbers}"


def adds_up(findings: Any, found: Suppression) -> None:
    """Kept and suppressed are the findings, in their order; what statements count is what was done."""
    assert Counter(found.kept) + Counter(one.finding for one in found.suppressed) == Counter(findings)
    order = {id(one): number for number, one in enumerate(findings)}
    for part in (found.kept, [one.finding for one in found.suppressed], [one.finding for one in found.disputes]):
        numbers = [order[id(one)] for one in part if id(one) in order]
        assert numbers == sorted(numbers)
    assert {one.finding for one in found.disputes} <= set(found.kept)
    assert all(one.statements for one in found.suppressed)
    assert all(statement.status.suppresses for one in found.suppressed for statement in one.statements)
    assert sum(report.suppressed for report in found.statements) == sum(len(one.statements) for one in found.suppressed)
    for report in found.statements:
        assert (report.suppressed > 0) is (report.outcome is Outcome.APPLIED)
    assert [report for reports in found.by_outcome().values() for report in reports] == sorted(
        found.statements, key=lambda report: list(Outcome).index(report.outcome)
    )


# ---- the truth table of package URLs ----

ROWS = [line for line in (FILES / "purls.tsv").read_text().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("row", ROWS)
def test_purls(row: str) -> None:
    text, release, type, name, version, arch, source, source_version, module, epoch, answer = row.split("\t")
    package = Package(
        type,
        name,
        version,
        None if arch == "-" else arch,
        epoch_known=epoch == "yes",
        source_name=None if source == "-" else source,
        source_version=None if source_version == "-" else source_version,
        source_epoch_known=epoch == "yes",
        module=MODULES.get(module) or Module.of(module),
    )
    inventory = host(package, distribution=None if release == "-" else Distribution.parse(release))
    statement = Statement("a", "1", StatementStatus.FIXED, ("CVE-1",), products=(Product(ignores.purl_of(text)),))
    found = suppress([finding(package, "CVE-1")], [statement], TODAY, inventory)
    wanted = {
        "yes": Outcome.APPLIED,
        "no": Outcome.NOT_INSTALLED if text.startswith(f"pkg:{type}/") else Outcome.OTHER_PRODUCT,
        "unsure": Outcome.UNDECIDED,
    }
    assert found.statements[0].outcome is wanted[answer], found.statements[0].why
    assert len(found.kept) == (answer != "yes")


def test_every_answer_is_in_the_table() -> None:
    assert {row.rpartition("\t")[2] for row in ROWS} == {"yes", "no", "unsure"}
    assert len(ROWS) > 50


# ---- laws ----

PACKAGES = [
    rpm("bash", "5.1.8-4.el9", source_name="bash", source_version="5.1.8-4.el9"),
    rpm("openssl-libs", "1:3.0.7-25.el9", source_name="openssl", source_version="3.0.7-25.el9"),
    rpm("bash", "5.1.8-6.el9", arch="aarch64", epoch_known=False),
    rpm("zsh", "5.8"),
]
IDS = ["CVE-2024-1", "CVE-2024-2", "EX-1", "EX-2"]
FINDINGS = st.builds(
    finding,
    st.sampled_from(PACKAGES[:3]),
    st.sampled_from(IDS[:2]),
    st.sampled_from([("EX-1",), ("EX-2",), ("EX-1", "EX-2")]),
    fixed_version=st.sampled_from([None, "9-9"]),
)
PURLS = st.sampled_from(
    [
        "pkg:rpm/almalinux/bash",
        "pkg:rpm/almalinux/bash@5.1.8-4.el9",
        "pkg:rpm/almalinux/bash?arch=x86_64",
        "pkg:rpm/almalinux/openssl?arch=src",
        "pkg:rpm/redhat/bash",
        "pkg:rpm/almalinux/bash?repository_id=x",
        "pkg:oci/image",
    ]
).map(ignores.purl_of)
PRODUCTS = st.builds(Product, PURLS, st.lists(PURLS, max_size=1).map(tuple))
RANGES = st.builds(VersionRange, st.sampled_from([None, "5.1.8-5", "1:1"]), st.sampled_from([None, "5.2", "1:4"]))
RULES = st.builds(
    Statement,
    st.just("rules"),
    st.sampled_from(["line 1", "line 2"]),
    st.just(StatementStatus.IGNORED),
    st.lists(st.sampled_from(IDS), max_size=2).map(tuple),
    st.lists(st.sampled_from(["bash", "openssl*", "zsh"]), min_size=1, max_size=2).map(tuple),
    st.none() | RANGES,
    fix_states=st.sampled_from([(), (FixState.FIXED,), (FixState.NOT_FIXED,)]),
    until=st.sampled_from([None, date(2025, 12, 31), TODAY]),
)
VEX = st.builds(
    Statement,
    st.just("vex"),
    st.just("statements[0]"),
    st.sampled_from([status for status in StatementStatus if status is not StatementStatus.IGNORED]),
    st.lists(st.sampled_from(IDS), min_size=1, max_size=2).map(tuple),
    products=st.lists(PRODUCTS, min_size=1, max_size=2).map(tuple),
    owner=st.sampled_from(["A", "B", None]),
    timestamp=st.sampled_from([None, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]),
)
STATED = st.lists(RULES | VEX, max_size=6)
HOST = host(*PACKAGES)


class TestLaws:
    """Suppression never changes what is found, only how it is shown."""

    @given(st.lists(FINDINGS, max_size=8), STATED)
    def test_kept_and_suppressed_are_the_findings(self, findings: list[Finding], statements: list[Statement]) -> None:
        adds_up(findings, suppress(findings, statements, TODAY, HOST))

    @given(st.lists(FINDINGS, max_size=8), STATED)
    def test_without_statements_that_suppress_everything_is_kept(
        self, findings: list[Finding], statements: list[Statement]
    ) -> None:
        never = [one for one in statements if not one.status.suppresses]
        assert suppress(findings, never, TODAY, HOST).kept == tuple(findings)

    @given(st.lists(FINDINGS, max_size=8), STATED, st.randoms())
    def test_the_order_of_statements_does_not_matter(
        self, findings: list[Finding], statements: list[Statement], random: Any
    ) -> None:
        before = suppress(findings, statements, TODAY, HOST)
        random.shuffle(statements)
        assert suppress(findings, statements, TODAY, HOST).kept == before.kept

    @given(st.lists(FINDINGS, max_size=8), STATED, VEX)
    def test_one_more_affected_keeps_more(
        self, findings: list[Finding], statements: list[Statement], more: Statement
    ) -> None:
        more = evolve(more, status=StatementStatus.AFFECTED, owner="C")
        kept = suppress(findings, statements, TODAY, HOST).kept
        assert not Counter(kept) - Counter(suppress(findings, [*statements, more], TODAY, HOST).kept)

    @given(st.lists(FINDINGS, max_size=8), STATED, RULES)
    def test_one_more_rule_suppresses_more(
        self, findings: list[Finding], statements: list[Statement], more: Statement
    ) -> None:
        kept = suppress(findings, statements, TODAY, HOST).kept
        assert not Counter(suppress(findings, [*statements, more], TODAY, HOST).kept) - Counter(kept)

    @given(st.lists(FINDINGS, max_size=8), STATED, st.dates())
    def test_later_never_suppresses_more(self, findings: list[Finding], statements: list[Statement], day: date) -> None:
        first, last = sorted((day, TODAY))
        # Statements of a day to come are no law's: they hold later.
        statements = [one for one in statements if one.timestamp is None or one.timestamp.date() <= first]
        kept = suppress(findings, statements, first, HOST).kept
        assert not Counter(kept) - Counter(suppress(findings, statements, last, HOST).kept)


@given(st.lists(FINDINGS, max_size=8), STATED, st.dates())
def test_what_is_of_a_day_to_come_suppresses_nothing(
    findings: list[Finding], statements: list[Statement], day: date
) -> None:
    """And takes nobody's place, but where it keeps findings."""
    early = [one for one in statements if one.timestamp is None or (one.timestamp.date() - day).days <= 1]
    kept = Counter(suppress(findings, statements, day, HOST).kept)
    assert not Counter(suppress(findings, early, day, HOST).kept) - kept


def test_a_moment_is_no_day() -> None:
    with pytest.raises(TypeError, match="a day is expected"):
        suppress([], [], datetime(2026, 1, 1, tzinfo=UTC), HOST)


def test_what_was_removed_is_not_installed() -> None:
    removed = deb("bash", "5.2-1", state=State.CONFIG_FILES)
    product = Product(ignores.purl_of("pkg:deb/debian/bash"))
    statements = Statement("a", "1", StatementStatus.FIXED, ("CVE-1",), products=(product,))
    rule = Statement("a", "1", StatementStatus.IGNORED, ("CVE-1",), ("bash",))
    for state, outcome in ((State.CONFIG_FILES, Outcome.NOT_INSTALLED), (State.INSTALLED, Outcome.NO_FINDING)):
        inventory = host(evolve(removed, state=state), distribution=DEBIAN12)
        found = suppress([], [statements, rule], TODAY, inventory)
        assert [report.outcome for report in found.statements] == [outcome, outcome]


def test_a_rule_without_an_id_is_compared_once_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def is_named(name: str | None, patterns: Iterable[str]) -> bool:
        compared.append(str(name))
        return selection.is_named(name, patterns)

    monkeypatch.setattr(listed, "is_named", is_named)
    bash = rpm("bash", "5.1-1")
    older = VersionRange(None, "5.0")
    rules = [Statement("a", str(n), StatementStatus.IGNORED, packages=("ba*",), versions=older) for n in range(20)]
    findings = [finding(bash, f"CVE-2024-{n}") for n in range(50)]
    assert len(suppress(findings, rules, TODAY, host(bash)).kept) == 50
    # Once for the findings, once for what is not installed, each by its own and by its source's name.
    assert compared == ["bash", "None"] * (2 * len(rules))


def test_aliases_are_looked_up_in_the_feed() -> None:
    bash = rpm("bash", "5.1.8-4.el9")
    entry = affected("bash", "5.1.8-6.el9")
    feed = Feed(
        [
            Advisory("EX-1", Kind.SECURITY, ("CVE-2024-1", "CVE-2024-2"), (entry,), aliases=("GHSA-1",)),
            advisory("EX-2", entry, cves=["CVE-2024-3"]),
        ]
    )
    findings = match(host(bash), feed)
    aliases = aliases_of(findings, feed)
    assert aliases == {"EX-1": ("GHSA-1",)}
    by_alias = Statement("a", "1", StatementStatus.IGNORED, ("GHSA-1",))
    found = suppress(findings, [by_alias], TODAY, host(bash), aliases=aliases)
    assert [one.vulnerability for one in found.kept] == ["CVE-2024-3"]
    # Two vulnerabilities of one advisory are not each other's aliases.
    by_cve = Statement("a", "1", StatementStatus.IGNORED, ("CVE-2024-1",))
    found = suppress(findings, [by_cve], TODAY, host(bash), aliases=aliases)
    assert [one.vulnerability for one in found.kept] == ["CVE-2024-2", "CVE-2024-3"]


# ---- real hosts and documents ----


def real_host(unpacked: Unpack, name: str) -> Inventory:
    (path,) = unpacked("inventories/hosts").rglob(f"{name}.json")
    return inventories.read(path)


RULES_FOR_A_REAL_HOST = """
[[ignore]]                       # 1
package = "kernel"
versions = { before = "5.14.0-100" }
reason = "the source package: all parts of the kernel that runs"

[[ignore]]                       # 2
id = "ALSA-2023:3559"
package = "c-ares"
until = 2026-12-31
reason = "accepted"
owner = "ops"

[[ignore]]                       # 3
id = "ALSA-2023:3559"
until = 2024-01-01
reason = "expired"

[[ignore]]                       # 4
package = "acl"
fix-state = "not-fixed"
reason = "until there is a fix, and there is one"

[[ignore]]                       # 5
package = "nginx"
reason = "not installed"
"""


def test_a_real_host(unpacked: Unpack, almalinux: Feed) -> None:
    inventory = real_host(unpacked, "alma_9")
    findings = match(inventory, almalinux)
    statements = ignores.read_stream(BytesIO(RULES_FOR_A_REAL_HOST.encode()), "rules.toml").statements
    found = suppress(findings, statements, TODAY, inventory, aliases=aliases_of(findings, almalinux))
    adds_up(findings, found)
    kernels = sum(1 for one in findings if one.source == "kernel")
    assert kernels > 4000
    outcomes = [report.outcome for report in found.statements]
    assert outcomes == ["applied", "applied", "expired", "no-finding", "not-installed"]
    assert [report.suppressed for report in found.statements] == [kernels, 1, 0, 0, 0]
    assert len(found.suppressed) == kernels + 1
    # Both are of the source package acl.
    assert {one.package.name for one in found.statements[3].fixable} == {"acl", "libacl"}
    assert found.statements[2].findings == 1


def test_real_documents(unpacked: Unpack) -> None:
    """Docker's statements on a real Debian 13, of which glibc's old CVEs are open: facts of Debian's tracker."""
    statements = ignores.read(unpacked("feeds/dhi-openvex")).statements
    inventory = real_host(unpacked, "debian_13")
    cves = ["CVE-2018-20796", "CVE-2019-9192", "CVE-2019-1010022", "CVE-2025-8058"]
    debian13 = Distribution("debian", "13")
    glibc = affected("glibc", None, distribution=debian13, names=Names.SOURCE)
    feed = Feed([advisory(cve, glibc, cves=[cve]) for cve in cves])
    findings = match(inventory, feed)
    assert {one.source for one in findings} == {"glibc"}
    found = suppress(findings, statements, TODAY, inventory)
    adds_up(findings, found)
    installed = {"libc-bin", "libc-dev-bin", "libc-l10n", "libc6", "libc6-dev", "locales"}
    assert {one.package.name for one in findings} == installed
    # They list glibc's packages one by one, and its source without saying that it is one; locales is not listed.
    assert Counter(one.package.name for one in found.kept) == dict.fromkeys(installed, 1) | {"locales": 4}
    assert Counter(one.finding.vulnerability for one in found.suppressed) == dict.fromkeys(cves[:3], 5)
    assert {outcome: len(reports) for outcome, reports in found.by_outcome().items() if reports} == {
        Outcome.APPLIED: 270,
        Outcome.NO_FINDING: 2116,
        Outcome.NOT_INSTALLED: 4115,
        Outcome.OTHER_PRODUCT: 204,
    }
    # None of it is statements of another distribution's packages.
    elsewhere = evolve(inventory, distribution=Distribution("ubuntu", "26.04"))
    assert suppress(findings, statements, TODAY, elsewhere).kept == tuple(findings)


def test_red_hats_statements_on_real_hosts(unpacked: Unpack) -> None:
    """What Red Hat calls not affected is no finding by its own documents. By another's record it is suppressed."""
    folder = unpacked("feeds/claircore-testdata")
    paths = [path for path in sorted(folder.rglob("cve-*.json")) if b'"csaf_version"' in path.read_bytes()]
    statements = [statement for path in paths for statement in ignores.read(path).statements]
    vendors = read_feed(*paths)
    for name, count in (("rhel_610", 4), ("rhel_73", 6), ("rhel_10", 10)):
        inventory = real_host(unpacked, name)
        findings = match(inventory, vendors)
        found = suppress(findings, statements, TODAY, inventory)
        adds_up(findings, found)
        assert (len(findings), len(found.kept), len(found.disputes)) == (count, count, 0)
        assert len(found.by_outcome()[Outcome.STATED]) == 3
    inventory = real_host(unpacked, "rhel_73")
    rhel7 = Distribution("rhel", "7")
    # curl of RHEL 7 is older than the flaw; openssl 1.0.2 has the other, out of support.
    feed = Feed(
        [
            advisory(
                "A", *[affected(one, None, distribution=rhel7) for one in ("curl", "libcurl")], cves=["CVE-2023-38545"]
            ),
            advisory("B", affected("openssl-libs", None, distribution=rhel7), cves=["CVE-2024-0727"]),
        ]
    )
    findings = match(inventory, feed)
    found = suppress(findings, statements, TODAY, inventory)
    adds_up(findings, found)
    assert [one.finding.package.name for one in found.suppressed] == ["curl", "libcurl"]
    ((statement,),) = {one.statements for one in found.suppressed}
    assert (statement.status, statement.ids) == (StatementStatus.NOT_AFFECTED, ("CVE-2023-38545",))
    assert [one.package.name for one in found.kept] == ["openssl-libs"]
    # None of it is statements of a rebuild, or of another release.
    for elsewhere in (Distribution("centos", "7"), Distribution("rhel", "9")):
        other = evolve(inventory, distribution=elsewhere)
        assert suppress(findings, statements, TODAY, other).kept == tuple(findings)


def test_suses_statements_on_a_real_host(unpacked: Unpack) -> None:
    """They have no package URLs: the product tree alone has the release and the package."""
    statements = ignores.read(unpacked("feeds/vuls-data-update-fetch-fixtures") / SUSE).statements
    inventory = real_host(unpacked, "sles12")
    sles = Distribution("sles", "12.5")
    names = ("samba-libs", "libsmbconf0", "bash")
    entries = [affected(name, None, distribution=sles) for name in names]
    findings = match(inventory, Feed([advisory("A", *entries, cves=["CVE-2023-5568"])]))
    found = suppress(findings, statements, TODAY, inventory)
    assert [one.finding.package.name for one in found.suppressed] == ["samba-libs"]
    # One of them is not listed there, the other is no part of samba.
    assert {one.package.name for one in found.kept} == {"libsmbconf0", "bash"}
