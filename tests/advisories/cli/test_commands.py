"""The command line beyond matching: what is suppressed or hidden, and plans."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_schemas import validator

from advisories import cli
from advisories.distros.package_managers import MANAGERS

LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\nzsh-5.8-9.el9.x86_64\n"
IGNORE = '[[ignore]]\nid = "CVE-2024-1000"\nreason = "not reachable"\nuntil = 2024-06-30\n'
# Two rules are about bash, the second about zsh too.
RULES = """\
[[ignore]]
package = "bas*"
versions = { before = "6" }
fix-state = "fixed"
until = 2024-06-30
owner = "ops"
reason = "later"

[[ignore]]
id = ["CVE-2024-1000", "ALSA-2024:2000"]
reason = "not reachable"
"""


def osv(package: str, cve: str, fixed: str, summary: str = "Important: x") -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    return {
        "id": f"ALSA-2024:{cve[-4:]}",
        "summary": summary,
        "related": [cve],
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


def vex(status: str, cve: str = "CVE-2024-1000", author: str = "somebody") -> dict[str, Any]:
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.org/vex",
        "author": author,
        "timestamp": "2024-01-01T00:00:00Z",
        "version": 1,
        "statements": [
            {
                "vulnerability": {"name": cve},
                "products": [{"@id": "pkg:rpm/almalinux/bash"}],
                "status": status,
                "justification": "vulnerable_code_not_in_execute_path",
            }
        ],
    }


Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command on a small host, with files of the arguments' names written beside it."""
    (tmp_path / "list").write_text(LIST)
    records = [osv("bash", "CVE-2024-1000", "5.1.8-6.el9"), osv("zsh", "CVE-2024-2000", "5.8-11.el9", "Low: x")]
    (tmp_path / "feed.json").write_text(json.dumps(records))

    def run(command: str, *words: str, **files: str | dict[str, Any]) -> Ran:
        for name, content in files.items():
            (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        here = [str(tmp_path / word) if word in files else word for word in words]
        inputs = [] if "--inventory" in words else ["--inventory", str(tmp_path / "list")]
        inputs += ["--feed", str(tmp_path / "feed.json")]
        status = cli.main([command, *inputs, *here])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def report(out: str) -> dict[str, Any]:
    return valid("report", out)


def valid(form: str, out: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(out)
    validator(form).validate(result)
    return result


class TestIgnoring:
    def test_what_is_suppressed_stays_in_the_report(self, run: Run) -> None:
        status, out, err = run("match", "--format", "json", "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE)
        result = report(out)
        assert (status, err) == (0, "")
        assert [finding["package"] for finding in result["findings"]] == ["zsh"]
        (suppressed,) = result["suppressed"]
        assert suppressed["finding"]["vulnerability"] == "CVE-2024-1000"
        assert [(one["position"], one["until"]) for one in suppressed["statements"]] == [("line 1", "2024-06-30")]
        assert suppressed["statements"][0]["packages"] == []
        assert result["statements"]["outcomes"]["applied"] == 1
        assert result["statements"]["noted"][0]["fixable"] == [
            {"instance": "rpm/bash/x86_64", "vulnerability": "CVE-2024-1000"}
        ]
        assert result["coverage"]["classes"]["affected"] == 2

    @pytest.mark.parametrize("command", ["match", "fix", "verify"])
    def test_the_text_says_what_of_which_package_by_whom_until_when_and_why(
        self, run: Run, command: str, tmp_path: Path
    ) -> None:
        files: dict[str, Any] = {"rules": RULES, "old.json": run("match", "--format", "json")[1]}
        baseline = ("--baseline", "old.json") if command == "verify" else ()
        _, out, err = run(command, *baseline, "--ignore", "rules", "--on", "2024-06-30", **files)
        assert err == ""
        lines = out.replace(str(tmp_path / "rules"), "rules").splitlines()
        heading = "known, suppressed: 2 findings" if command == "verify" else "suppressed: 2 findings"
        begin = lines.index(heading)
        one = "rules: line 1: ignored: any vulnerability of bas* before 6 (fixed), by ops, until 2024-06-30: later"
        two = "rules: line 9: ignored: CVE-2024-1000, ALSA-2024:2000: not reachable"
        assert lines[begin : begin + 8] == [
            heading,
            f"  1: {one}; and {two}",
            "      bash 5.1.8-4.el9 (x86_64): CVE-2024-1000",
            f"  1: {two}",
            "      zsh 5.8-9.el9 (x86_64): CVE-2024-2000",
            "  rules: 2 statements: 2 applied",
            f"  has a fix now: CVE-2024-1000: {one}",
            f"  has a fix now: CVE-2024-1000, CVE-2024-2000: {two}",
        ]

    def test_statements_of_others_with_the_same_reason_stand_together(self, run: Run, tmp_path: Path) -> None:
        document = vex("not_affected")
        (first,) = document["statements"]
        second = {"vulnerability": {"name": "CVE-2024-2000"}, "products": [{"@id": "pkg:rpm/almalinux/zsh"}]}
        document["statements"].append(first | second)
        _, out, _ = run("match", "--ignore", "vex.json", **{"vex.json": document})
        lines = out.replace(str(tmp_path / "vex.json"), "vex.json").splitlines()
        begin = lines.index("suppressed: 2 findings")
        assert lines[begin + 1 : begin + 4] == [
            "  2: vex.json: statements[0] and 1 more: not_affected, by somebody: vulnerable_code_not_in_execute_path",
            "      bash 5.1.8-4.el9 (x86_64): CVE-2024-1000",
            "      zsh 5.8-9.el9 (x86_64): CVE-2024-2000",
        ]

    def test_what_became_of_the_statements_of_each_source(self, run: Run, tmp_path: Path) -> None:
        """Those about unknown products too, and what of a document is skipped or refused."""
        document = vex("not_affected")
        (first,) = document["statements"]
        for purl in ("pkg:rpm/almalinux/ksh", "pkg:rpm/almalinux/zsh", "pkg:deb/debian/bash", "pkg:oci/image"):
            document["statements"].append(first | {"products": [{"@id": purl, "subcomponents": []}]})
        document["statements"][-1]["products"].append({"@id": "https://example.org/product"})
        document["statements"].append({"vulnerability": {"name": "CVE-2024-1"}})
        files = {"vex.json": document, "rules": IGNORE}
        words = ("--ignore", "vex.json", "--ignore", "rules", "--on", "2024-07-01")
        out = run("match", *words, **files)[1].replace(str(tmp_path), "")
        assert (
            "  /vex.json: 5 statements: 1 applied, 1 no such finding, 1 not installed, 2 about other products; "
            "1 rejected; skipped (1): a product that is no package URL"
        ) in out.splitlines()
        assert "  /rules: 1 statement: 0 applied, 1 expired" in out.splitlines()
        statements = report(run("match", "--format", "json", *words, **files)[1])["statements"]
        own, theirs = (one["outcomes"] for one in reversed(statements["sources"]))
        assert {name: count for name, count in theirs.items() if count} == {
            "applied": 1,
            "no-finding": 1,
            "not-installed": 1,
            "other-product": 2,
        }
        assert {name: theirs[name] + own[name] for name in own} == statements["outcomes"]
        product = ("--product", "pkg:oci/image")
        assert "1 not installed, 1 about other products" in run("match", *words, *product, **files)[1]

    def test_every_report_holds_them_in_one_form(self, run: Run) -> None:
        old = run("match", "--format", "json")[1]
        words = ("--format", "json", "--ignore", "rules", "--on", "2024-06-30", "--priority", "high")
        files: dict[str, Any] = {"rules": RULES, "old.json": old}
        matched = report(run("match", *words, **files)[1])
        planned = valid("plan", run("fix", *words, **files)[1])
        verified = valid("verification", run("verify", "--baseline", "old.json", *words, **files)[1])
        assert [one["finding"]["package"] for one in matched["suppressed"]] == ["bash", "zsh"]
        for name in ("statements", "hidden"):
            assert matched[name] == planned[name] == verified[name]
        assert planned["suppressed"] == verified["suppressed"]
        for ours, theirs in zip(matched["suppressed"], planned["suppressed"], strict=True):
            assert ours["statements"] == theirs["statements"]
            assert ours["finding"].items() >= theirs["finding"].items()
        (statement, _) = matched["suppressed"][0]["statements"]
        assert (statement["packages"], statement["fix_states"]) == (["bas*"], ["fixed"])
        assert (statement["versions"], statement["location"]) == ({"from": None, "before": "6"}, None)

    @pytest.mark.parametrize("command", ["match", "fix", "verify"])
    def test_a_file_without_a_rule_is_counted_too(self, run: Run, command: str) -> None:
        files: dict[str, Any] = {"rules": "# none\n", "old.json": run("match", "--format", "json")[1]}
        baseline = ("--baseline", "old.json") if command == "verify" else ()
        assert "suppressed: 0 findings" in run(command, *baseline, "--ignore", "rules", **files)[1]

    def test_a_rule_that_has_expired(self, run: Run) -> None:
        _, out, _ = run("match", "--ignore", "rules", "--on", "2024-07-01", rules=IGNORE)
        assert "suppressed: 0 findings" in out
        assert "expired: " in out
        assert "ignored: CVE-2024-1000, until 2024-06-30: not reachable" in out

    def test_what_is_suppressed_does_not_fail(self, run: Run) -> None:
        assert run("match", "--fail-on", "high")[0] == run("match", "--fail-on", "High")[0] == 1
        assert run("match", "--fail-on", "high", "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE)[0] == 0
        assert run("match", "--fail-on", "low", "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE)[0] == 1

    def test_openvex(self, run: Run) -> None:
        _, out, _ = run("match", "--ignore", "vex.json", **{"vex.json": vex("not_affected")})
        assert "suppressed: 1 finding\n" in out
        assert "vulnerable_code_not_in_execute_path" in out

    def test_statements_that_disagree(self, run: Run) -> None:
        documents = {"a.json": vex("not_affected"), "b.json": vex("affected", author="else")}
        words = ("--ignore", "a.json", "--ignore", "b.json")
        _, out, _ = run("match", *words, **documents)
        assert "kept, as statements disagree: rpm/bash/x86_64" in out
        result = report(run("match", "--format", "json", *words, **documents)[1])
        assert len(result["findings"]) == 2
        assert [one["vulnerability"] for one in result["statements"]["disputed"]] == ["CVE-2024-1000"]

    def test_a_wrong_rule_is_named_with_its_line(self, run: Run) -> None:
        status, out, err = run("match", "--ignore", "rules", rules='[[ignore]]\nreason = "x"\ncve = "CVE-2024-1"\n')
        assert (status, out) == (2, "")
        assert "line 3: cve: not a key of a rule" in err

    def test_every_mistake_has_a_line_of_its_own(self, run: Run, tmp_path: Path) -> None:
        status, _, err = run("match", "--ignore", "rules", rules="[[ignore]]\nid = 1\n")
        assert (status, err.replace(str(tmp_path), "").splitlines()) == (
            2,
            [
                "advisories: /rules: line 1: ignore: a rule needs a reason",
                "advisories: /rules: line 2: id: a string is expected, not a number",
            ],
        )
        _, _, err = run("match", "--ignore", "t.toml", **{"t.toml": "[[ignore]]\nid =\n"})
        assert err.replace(str(tmp_path), "") == "advisories: /t.toml: line 2: not TOML: Invalid value\n"

    def test_a_product_that_is_no_purl(self, run: Run) -> None:
        status, out, err = run("match", "--product", "minio")
        assert (status, out) == (2, "")
        assert "minio: not a purl" in err

    def test_a_wrong_day(self, run: Run) -> None:
        status, _, err = run("match", "--on", "30.6.2024")
        assert (status, err) == (2, "advisories: --on 30.6.2024: not a day. Write it as 2026-12-31\n")

    def test_a_broken_statement_is_named_and_strict_makes_it_an_error(self, run: Run) -> None:
        document = vex("not_affected")
        document["statements"].append({"vulnerability": {"name": "CVE-2024-1"}})
        files = {"vex.json": document}
        status, out, err = run("match", "--ignore", "vex.json", "--format", "json", **files)
        assert (status, "statements[1]" in err) == (0, True)
        assert [(one["read"], one["kept"]) for one in report(out)["statements"]["sources"]] == [(2, 1)]
        assert run("match", "--ignore", "vex.json", "--strict", **files)[0] == 2


class TestSelection:
    @pytest.mark.parametrize(
        ("words", "shown", "hidden"),
        [
            ((), ["bash", "zsh"], {}),
            (("--priority", "high"), ["bash"], {"priority": 1}),
            (("--priority", "High"), ["bash"], {"priority": 1}),
            (("--priority", "high", "--priority", "low"), ["bash", "zsh"], {}),
            (("--package", "z*"), ["zsh"], {"package": 1}),
            (("--advisory", "alsa-2024:1000"), ["bash"], {"advisory": 1}),
            (("--fix-state", "wont-fix"), [], {"fix-state": 2}),
            (("--presence", "running"), [], {"presence": 2}),
            (("--only-fixable", "--without-headers"), ["bash", "zsh"], {}),
        ],
    )
    def test_what_is_hidden_is_counted(
        self, run: Run, words: tuple[str, ...], shown: list[str], hidden: dict[str, int]
    ) -> None:
        result = report(run("match", "--format", "json", *words)[1])
        assert [finding["package"] for finding in result["findings"]] == shown
        assert result["hidden"] == hidden

    def test_the_text_says_so(self, run: Run) -> None:
        _, out, _ = run("match", "--priority", "low")
        assert "not shown by choice: 1 finding (1 by priority)" in out
        (total,) = [line.split() for line in out.splitlines() if line.startswith("total")]
        assert total == ["total", "1", "1", "1", "1"]

    @pytest.mark.parametrize("command", ["match", "fix", "verify"])
    def test_names_that_nothing_has_are_warned_of(self, run: Run, command: str) -> None:
        """A typing mistake would pass any check."""
        baseline = ("--baseline", "old.json") if command == "verify" else ()
        files = {"old.json": run("match", "--format", "json")[1]}
        words = ("--package", "opnssl", "--package", "z*", "--advisory", "cve-2024-2001", "--advisory", "alsa-2024:*")
        status, _, err = run(command, *baseline, *words, **files)
        assert (status, err.splitlines()) == (
            0,
            [
                "advisories: --package opnssl: no installed package has this name, nor the source package of one",
                "advisories: --advisory cve-2024-2001: no advisory of the feed has this id, "
                "nor a vulnerability that one names",
            ],
        )
        for gate in {"match": ["--fail-on"], "verify": ["--fail-on", "--fail-on-new"]}.get(command, []):
            status, _, err = run(command, *baseline, *words, gate, "high", **files)
            blind = "advisories: a gate about --advisory cve-2024-2001 alone can never fail: nothing is known of it"
            assert (status, err.splitlines()[-1]) == (2, blind)

    def test_a_check_that_can_never_fail_is_refused(self, run: Run) -> None:
        result = "advisories: --fail-on high can never fail where only --priority low, medium is shown\n"
        words = ("--fail-on", "high", "--priority", "low", "--priority", "medium", "--priority", "low")
        assert run("match", *words) == (2, "", result)
        assert run("verify", "--baseline", "none", *words) == (2, "", result)
        assert run("match", "--fail-on", "medium", "--priority", "high")[0] == 1
        assert run("match", "--fail-on", "low", "--priority", "low")[0] == 1

    def test_what_is_hidden_does_not_fail(self, run: Run) -> None:
        assert run("match", "--fail-on", "high", "--package", "zsh")[0] == 0


class TestOptions:
    @pytest.mark.parametrize(
        "words",
        [
            ("--inventory", "a", "--inventory", "b"),
            ("--distro", "almalinux:9", "--distro", "almalinux:8"),
            ("--fail-on", "high", "--fail-on", "low"),
        ],
    )
    def test_an_option_of_one_value_is_given_once(
        self, run: Run, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            run("match", *words)
        assert stopped.value.code == 2
        assert f": {words[0]}: given more than once" in capsys.readouterr().err

    @pytest.mark.parametrize("words", [("--ignor", "rules"), ("--prio", "low"), ("--form=json",)])
    def test_options_are_given_by_their_whole_names(
        self, run: Run, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            run("match", *words)
        assert stopped.value.code == 2
        assert "unrecognized arguments" in capsys.readouterr().err


class TestPolicy:
    def test_the_choices_of_matching(self, run: Run) -> None:
        columns = ["bash", "1", "5.1.8", "4.el9", "x86_64", "(none)", "Somebody", "(none)"]
        words = ("--format", "json", "--inventory", "columns", "--distro", "almalinux:9")
        files = {"columns": "\t".join(columns) + "\n"}
        assert report(run("match", *words, **files)[1])["coverage"]["classes"]["third-party"] == 1
        judged = report(run("match", *words, "--include-third-party", **files)[1])
        assert judged["coverage"]["classes"]["unchecked"] == 1
        assert "epoch-unknown" in report(run("match", "--format", "json")[1])["coverage"]["assumptions"]
        zero = report(run("match", "--format", "json", "--unknown-epoch-is-zero")[1])
        assert "epoch-unknown" not in zero["coverage"]["assumptions"]


class TestOrder:
    def test_by_rank_what_is_exploited_comes_first(self, run: Run) -> None:
        kev = {
            "catalogVersion": "2024.01.01",
            "vulnerabilities": [{"cveID": "CVE-2024-2000", "dateAdded": "2024-01-01"}],
        }
        words = ("--feed", "kev.json", "--format", "json")
        named = [report(run("match", *words, *more, **{"kev.json": kev})[1]) for more in ((), ("--order", "rank"))]
        assert [[finding["package"] for finding in result["findings"]] for result in named] == [
            ["bash", "zsh"],
            ["zsh", "bash"],
        ]
        assert "[known exploited" in run("match", *words[:2], **{"kev.json": kev})[1]


class TestEndOfSupport:
    """By the day of ``--on``, else today."""

    LATE = ("--on", "2032-06-01")

    @pytest.mark.parametrize(
        ("words", "result", "ended"),
        [
            ((), "standard support until 2032-05-31", False),
            (("--on", "2032-05-31"), "standard support until 2032-05-31", False),
            (LATE, "standard support ended on 2032-05-31", True),
            ((*LATE, "--ignore", "rules"), "standard support ended on 2032-05-31", True),
        ],
    )
    def test_reports(self, run: Run, words: tuple[str, ...], result: str, ended: bool) -> None:
        assert run("match", *words, rules=IGNORE)[1].splitlines()[1] == result
        support = report(run("match", *words, "--format", "json", rules=IGNORE)[1])["inventory"]["support"]
        assert (support["standard"], support["standard_ended"]) == ("2032-05-31", ended)

    def test_plans(self, run: Run, tmp_path: Path) -> None:
        result = (
            "almalinux 9.4: standard support ended on 2032-05-31; what has no fix yet gets none by standard support"
        )
        repository = {"repository": "bash-5.1.8-9.el9.x86_64\n"}
        of_zsh = ("fix", "--available", "repository")
        assert f"  {result}" in run(*of_zsh, *self.LATE, **repository)[1].splitlines()
        assert "standard support" not in run(*of_zsh, **repository)[1]
        assert "standard support" not in run("fix", *self.LATE)[1]  # nothing stays
        for words, day in (((), None), (self.LATE, "2032-05-31"), (("--on", "2032-05-31"), None)):
            plan = json.loads(run("fix", "--format", "json", *words)[1])
            assert plan["standard_support_ended"] == day


class TestFix:
    def test_text(self, run: Run) -> None:
        status, out, err = run("fix")
        assert (status, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].endswith("list: 2 findings: 2 cleared by 2 steps, 0 stay")
        assert "   $ dnf upgrade bash-5.1.8-6.el9.x86_64" in lines

    @pytest.mark.parametrize(
        ("own", "words", "versions_of"),
        [
            ("ID=almalinux VERSION_ID=9.4", (), None),
            ("ID=rocky VERSION_ID=9.4", ("--distro", "almalinux:9"), "almalinux"),
            ("ID=rocky VERSION_ID=9.4", ("--distro", "almalinux:9", "--available", "list"), None),
        ],
    )
    def test_versions_of_another_distribution(
        self, run: Run, own: str, words: tuple[str, ...], versions_of: str | None
    ) -> None:
        files = {"list": f"# os-release {own}\n{LIST.partition(chr(10))[2]}"}
        result = valid("plan", run("fix", "--format", "json", *words, **files)[1])
        assert (result["versions_of"] or {"id": None})["id"] == versions_of
        if versions_of is not None:
            assert result["steps"][0]["commands"] == [["dnf", "upgrade", "bash.x86_64"]]

    def test_versions_of_the_distribution_that_packages_are_taken_from(self, run: Run) -> None:
        record = osv("bash", "CVE-2024-1000", "5.1-6ubuntu1.1")
        record["affected"][0]["package"]["ecosystem"] = "Ubuntu:22.04:LTS"
        mint = '# os-release ID=linuxmint VERSION_ID="21.2"\nbash\t5.1-6ubuntu1\n'
        result = valid("plan", run("fix", "--format", "json", **{"list": mint, "feed.json": record})[1])
        assert (result["versions_of"], result["steps"][0]["commands"]) == (
            None,
            [["apt-get", "install", "--only-upgrade", "bash=5.1-6ubuntu1.1"]],
        )

    def test_json_fits_its_schema(self, run: Run) -> None:
        result = valid("plan", run("fix", "--format", "json", "--order", "gain")[1])
        assert (result["manager"], result["clears"], len(result["steps"])) == ("dnf", 2, 2)
        assert result["manager"] in MANAGERS

    def test_only_what_is_shown_is_planned(self, run: Run) -> None:
        assert ": 1 finding: 1 cleared by 1 step, 0 stay" in run("fix", "--priority", "low")[1]
        choices = ("--ignore", "rules", "--on", "2024-06-30")
        assert "bash" not in run("fix", *choices, rules=IGNORE)[1].partition("suppressed: ")[0].split("\n", 2)[2]

    def test_what_is_not_planned_for_is_counted(self, run: Run) -> None:
        choices = ("--ignore", "rules", "--on", "2024-06-30", "--priority", "high")
        for result in (
            "note (suppressed): 1 finding suppressed by statements: not planned for.",
            "note (hidden): 1 finding not shown by choice: not planned for.",
        ):
            assert result in run("fix", *choices, rules=IGNORE)[1].splitlines()
            assert f"# {result}" in run("fix", *choices, "--format", "shell", rules=IGNORE)[1].splitlines()
        as_json = valid("plan", run("fix", *choices, "--format", "json", rules=IGNORE)[1])
        assert (len(as_json["suppressed"]), as_json["hidden"], as_json["findings"]) == (1, {"priority": 1}, 0)

    def test_at_least_and_by_advisory(self, run: Run) -> None:
        assert "$ dnf upgrade 'bash >= 5.1.8-6.el9'" in run("fix", "--at-least")[1]
        assert "$ dnf upgrade --advisory=ALSA-2024:1000" in run("fix", "--by-advisory")[1]

    def test_what_repositories_have(self, run: Run) -> None:
        status, out, _ = run("fix", "--available", "repository", repository="bash-5.1.8-9.el9.x86_64\n")
        assert (status, "bash-5.1.8-9.el9" in out) == (0, True)
        assert "no-update (1)" in out

    def test_an_index_as_repositories_publish_it(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "repository").write_bytes(gzip.compress(b"bash-5.1.8-9.el9.x86_64\n"))
        status, out, _ = run("fix", "--available", str(tmp_path / "repository"))
        assert (status, "bash-5.1.8-9.el9" in out) == (0, True)

    def test_repositories_of_another_family(self, run: Run) -> None:
        status, out, err = run("fix", "--available", "repository", repository="pkg:deb/debian/bash@5.2-1?arch=amd64\n")
        assert (status, out) == (2, "")
        assert err.endswith("not the repositories of this host: deb packages, and the list has rpm\n")

    def test_a_release_that_is_not_covered(self, run: Run) -> None:
        status, out, err = run("fix", "--distro", "almalinux:8")
        assert (status, out) == (3, "")
        assert "NOT COVERED" in err

    @pytest.mark.parametrize("option", ["--available", "--ignore", "--feed"])
    def test_standard_input_once(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["fix", "--inventory", "-", "--feed", "x", option, "-"]) == 2
        assert "not several" in capsys.readouterr().err


class TestVerify:
    """Earlier reports come from the command itself, so that what it writes is what it reads."""

    def baseline(self, run: Run, *words: str, **files: Any) -> str:
        return run("match", "--format", "json", *words, **files)[1]

    def test_nothing_new(self, run: Run) -> None:
        status, out, err = run("verify", "--baseline", "old.json", **{"old.json": self.baseline(run)})
        assert (status, err) == (0, "")
        assert "still-vulnerable: 2 findings" in out
        assert "nothing new" in out

    def test_what_was_suppressed_then_is_verified_too(self, run: Run) -> None:
        old = self.baseline(run, "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE)
        status, out, _ = run("verify", "--baseline", "old.json", "--format", "json", **{"old.json": old})
        assert status == 0
        result = json.loads(out)
        assert result["schema"] == "advisories/verification/3"
        assert sorted(row["baseline"]["suppressed"] for row in result["findings"]) == [False, True]

    def test_new_findings_fail(self, run: Run) -> None:
        old = json.loads(self.baseline(run))
        old["findings"] = [finding for finding in old["findings"] if finding["package"] == "zsh"]
        files = {"old.json": old}
        verify = ("verify", "--baseline", "old.json")
        assert run(*verify, **files)[0] == 0
        words = ("--ignore", "rules", "--on", "2024-06-30")
        for gate in ("--fail-on", "--fail-on-new"):
            assert run(*verify, gate, "high", **files)[0] == 1
            assert run(*verify, gate, "never", **files)[0] == 0
            assert run(*verify, gate, "high", *words, rules=IGNORE, **files)[0] == 0
            assert run(*verify, gate, "low", "--package", "zsh", **files)[0] == (gate == "--fail-on")
        assert run(*verify, "--fail-on-new", "high", "--priority", "low", **files)[0] == 2
        assert run(*verify, "--unknown-priority", "low", **files)[0] == 2

    def test_what_still_stands_fails(self, run: Run) -> None:
        """Thousands of findings that still stood passed ``--fail-on``, as none of them was new."""
        files: dict[str, Any] = {"old.json": self.baseline(run)}
        verify = ("verify", "--baseline", "old.json")
        assert run(*verify, "--fail-on", "high", **files)[0] == 1
        assert run(*verify, "--fail-on-new", "low", **files)[0] == 0
        assert run(*verify, "--fail-on", "high", "--package", "zsh", **files)[0] == 0
        words = ("--ignore", "rules", "--on", "2024-06-30", "--fail-on", "high")
        assert run(*verify, *words, rules=IGNORE, **files)[0] == 0
        status, out, err = run(*verify, "--fail-on", "high", "--format", "json", "-o", "csv=/dev/null", **files)
        assert (status, bool(out), err) == (1, True, "")
        status, _, err = run(*verify, "--fail-on", "high", "-o", "csv=/dev/null", **files)
        assert (status, err) == (1, "advisories: --fail-on high: there are findings at or above it\n")
        assert run(*verify, "--fail-on", "low", list=LIST.split("bash")[0] + "zsh-5.8-11.el9.x86_64\n", **files)[0] == 0

    def test_what_the_baseline_suppressed_stands_if_nothing_suppresses_it_now(self, run: Run) -> None:
        old = self.baseline(run, "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE)
        words = ("verify", "--baseline", "old.json", "--fail-on", "high")
        assert run(*words, **{"old.json": old})[0] == 1
        assert run(*words, "--ignore", "rules", "--on", "2024-06-30", rules=IGNORE, **{"old.json": old})[0] == 0

    def test_new_findings_that_are_not_shown_say_why(self, run: Run, tmp_path: Path) -> None:
        empty = json.loads(self.baseline(run)) | {"findings": []}
        files: dict[str, Any] = {"rules": IGNORE, "old.json": empty}
        words = ("--baseline", "old.json", "--ignore", "rules", "--on", "2024-06-30", "--priority", "high")
        status, out, err = run("verify", *words, **files)
        assert (status, err) == (0, "")
        lines = out.replace(str(tmp_path / "rules"), "rules").splitlines()
        begin = lines.index("new: 0 findings")
        assert lines[begin:] == [
            "new: 0 findings",
            "",
            "new, suppressed: 1 finding",
            "  1: rules: line 1: ignored: CVE-2024-1000, until 2024-06-30: not reachable",
            "      bash 5.1.8-4.el9 (x86_64): CVE-2024-1000",
            "",
            "known, suppressed: 0 findings",
            "  rules: 1 statement: 1 applied",
            "  has a fix now: CVE-2024-1000: rules: line 1: ignored: CVE-2024-1000, until 2024-06-30: not reachable",
            "new, not shown by choice: 1 finding (1 by priority)",
            "",
            *lines[-16:],
        ]
        assert lines[-5:-3] == [
            "current findings                2 = 0 known + 2 new",
            "new                             2 = 0 shown + 1 suppressed + 1 not shown by choice",
        ]
        result = valid("verification", run("verify", *words, "--format", "json", **files)[1])
        (bash, zsh) = result["new"]
        assert (bash["shown"], bash["hidden"], bash["statements"][0]["position"]) == (False, None, "line 1")
        assert bash["statements"] == result["suppressed"][0]["statements"]
        assert (zsh["shown"], zsh["hidden"], zsh["statements"]) == (False, "priority", [])
        counts = {"current": 2, "paired": 0, "new": 2, "new_shown": 0, "new_suppressed": 1, "new_hidden": 1}
        assert result["found"] == counts | {"earlier_hidden": 0}
        shown = valid("verification", run("verify", *words[:2], "--format", "json", **files)[1])
        assert [(one["shown"], one["statements"], one["hidden"]) for one in shown["new"]] == [(True, [], None)] * 2

    def test_known_findings_that_are_suppressed_or_hidden(self, run: Run) -> None:
        files: dict[str, Any] = {"rules": IGNORE, "old.json": self.baseline(run)}
        words = ("--ignore", "rules", "--on", "2024-06-30", "--priority", "high")
        lines = run("verify", "--baseline", "old.json", *words, **files)[1].splitlines()
        assert {
            "nothing new",
            "known, suppressed: 1 finding",
            "known, not shown by choice: 1 finding (1 by priority)",
        } < {*lines}

    @pytest.mark.parametrize(
        ("words", "packages"),
        [
            (("--package", "bash"), ["bash"]),
            (("--package", "b*"), ["bash"]),
            (("--package", "zsh"), ["zsh"]),
            (("--package", "bash", "--package", "zsh"), ["bash", "zsh"]),
            (("--advisory", "CVE-2024-1000"), ["bash"]),
            (("--advisory", "alsa-2024:2000"), ["zsh"]),
            (("--priority", "high"), ["bash"]),
            (("--package", "zsh", "--priority", "high"), []),
            (("--fix-state", "wont-fix"), []),
            ((), ["bash", "zsh"]),
        ],
    )
    def test_what_is_chosen_is_chosen_of_earlier_findings_too(
        self, run: Run, words: tuple[str, ...], packages: list[str]
    ) -> None:
        old = self.baseline(run)
        files: dict[str, Any] = {"old.json": old}
        options = ("verify", "--baseline", "old.json", *words)
        result = valid("verification", run(*options, "--format", "json", **files)[1])
        assert [row["baseline"]["package"] for row in result["findings"]] == packages
        assert result["found"]["earlier_hidden"] == 2 - len(packages)
        assert result["counts"]["still-vulnerable"] == 2
        status, out, err = run(*options, **files)
        assert (status, err) == (0, "")
        for package in ("bash", "zsh"):
            assert (f"  {package} 5." in out) is (package in packages)
        hidden = 2 - len(packages)
        assert ("still-vulnerable: " in out) is bool(packages)
        assert ("earlier, not shown by choice: " in out) is bool(hidden)
        total = f"= {len(packages)} shown + {hidden} not shown by choice"
        assert any(line.startswith("earlier findings ") and line.endswith(total) for line in out.splitlines()) is bool(
            hidden
        )

    def test_names_of_the_baseline_are_no_mistakes(self, run: Run) -> None:
        files: dict[str, Any] = {"old.json": self.baseline(run), "list": LIST.replace("bash", "dash")}
        words = ("--package", "bash", "--advisory", "CVE-2024-1000")
        status, out, err = run("verify", "--baseline", "old.json", *words, **files)
        assert (status, err) == (0, "")
        assert "package-removed: 1 finding" in out
        _, _, err = run("verify", "--baseline", "old.json", "--package", "nobody", "--advisory", "CVE-1", **files)
        assert "--package nobody: no installed package" in err
        assert "--advisory CVE-1: no advisory of the feed" in err

    def test_a_row_is_shown_for_its_current_finding_too(self, run: Run) -> None:
        old = json.loads(self.baseline(run))
        for finding in old["findings"]:
            finding["priority"], finding["rule"] = "Low", "V3"
        files = {"old.json": old}
        result = json.loads(
            run("verify", "--baseline", "old.json", "--priority", "high", "--format", "json", **files)[1]
        )
        assert [row["baseline"]["package"] for row in result["findings"]] == ["bash"]

    def test_only_as_urgent_as_fail_on(self, run: Run) -> None:
        old = json.loads(self.baseline(run))
        old["findings"] = [finding for finding in old["findings"] if finding["package"] == "bash"]
        assert run("verify", "--baseline", "old.json", "--fail-on-new", "high", **{"old.json": old})[0] == 0
        assert run("verify", "--baseline", "old.json", "--fail-on-new", "low", **{"old.json": old})[0] == 1

    def test_another_hosts_report(self, run: Run) -> None:
        old = json.loads(self.baseline(run))
        old["inventory"]["distribution"] = {"id": "debian", "release": "12", "channels": []}
        status, out, err = run("verify", "--baseline", "old.json", **{"old.json": old})
        assert (status, out) == (2, "")
        assert "debian" in err
        assert run("verify", "--baseline", "old.json", "--force", **{"old.json": old})[0] in (0, 1)

    def test_a_report_that_cannot_be_read(self, run: Run) -> None:
        status, _, err = run("verify", "--baseline", "old.json", **{"old.json": "{"})
        assert (status, "old.json" in err) == (2, True)
        hidden = self.baseline(run, "--priority", "low")
        assert run("verify", "--baseline", "old.json", **{"old.json": hidden})[0] == 2

    def test_a_release_that_is_not_covered(self, run: Run) -> None:
        words = ("--baseline", "old.json", "--distro", "almalinux:8")
        status, out, _ = run("verify", *words, **{"old.json": self.baseline(run)})
        assert (status, "Not covered: " in out) == (3, True)
