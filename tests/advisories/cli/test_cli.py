"""The command: options, exit statuses, what goes where, and reports that fit their schema."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from advisories_reference import advisory, affected, host, rpm
from places import LIBRARY
from report_schemas import validator

from advisories import Feed, cli, match
from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Inventory,
    Package,
    Range,
    ReadReport,
    Rejection,
    State,
)
from advisories.readers.inventories.rpm_qa import QUERY_FORMAT
from advisories.reports import Report, render

LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\nzsh-5.8-9.el9.x86_64\n"


def osv(id: str = "ALSA-2024:0001", summary: str = "Moderate: x", fixed: str = "5.1.8-6.el9") -> dict[str, Any]:
    return {
        "id": id,
        "summary": summary,
        "related": ["CVE-2024-1000"],
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }


Files = Callable[..., list[str]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A function that writes a list and a feed and returns the arguments that name them."""

    def write(listing: str = LIST, feed: object = None) -> list[str]:
        (tmp_path / "list.txt").write_text(listing)
        (tmp_path / "feed.json").write_text(feed if isinstance(feed, str) else json.dumps(feed or [osv()]))
        return ["match", "--inventory", str(tmp_path / "list.txt"), "--feed", str(tmp_path / "feed.json")]

    return write


def test_a_list_that_names_two_releases(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    listing = "almalinux-release-9.4-1.el9.x86_64\nalmalinux-release-8.9-1.el8.x86_64\nbash-5.1.8-4.el9.x86_64\n"
    assert cli.main(files(listing)) == 2
    result = "several releases by a package of the list: almalinux 8.9, almalinux 9.4. Add --distro ID:RELEASE"
    assert result in capsys.readouterr().err
    assert cli.main([*files(listing), "--distro", "almalinux:9"]) == 0
    assert "1 finding" in capsys.readouterr().out


def test_text(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files()
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        f"{arguments[2]}: 2 packages of almalinux 9.4, matched against the advisories of almalinux 9",
        "standard support until 2032-05-31",
        f"{arguments[4]}: 1 record",
        "",
        "Medium: 1 finding",
        "  bash 5.1.8-4.el9 is earlier than 5.1.8-6.el9 (ALSA-2024:0001) [epoch-unknown]",
        "      CVE-2024-1000",
        "",
        "priority  findings  vulnerabilities  packages  with fix",
        "High             0                0         0         0",
        "Medium           1                1         1         1",
        "Low              0                0         0         0",
        "total            1                1         1         1",
        "",
        "packages: 2 = 1 affected, 1 unchecked",
        "warning (epoch-unknown): Assumed of 1 package: the list or the record cannot show epochs: they are left out on"
        " both sides (rule 4). You can list packages with their epochs.",
        "warning (feed-partial): Assumed of 1 package, 1 of them without a finding and so unchecked: the feed lacks a "
        "part of the release's advisories, or is an excerpt. You can add the missing parts, or the publisher's whole "
        "feed. These are zsh (x86_64).",
        "note (feed-age): Newest advisory of the feed: no date, age unknown.",
        "note (without-score): 1 finding without an impact score: add a feed with vectors, such as NVD's or CVE's "
        "records.",
        f"the list that shows all of it: rpm -qa --queryformat '{QUERY_FORMAT}'",
    ]


@pytest.mark.parametrize(
    ("word", "least", "status"),
    [
        ("Important", "high", 1),
        ("Important", "medium", 1),
        ("Important", "low", 1),
        ("Moderate", "high", 0),
        ("Moderate", "medium", 1),
        ("Moderate", "low", 1),
        ("Low", "high", 0),
        ("Low", "medium", 0),
        ("Low", "low", 1),
    ],
)
def test_fail_on(files: Files, word: str, least: str, status: int) -> None:
    arguments = files(feed=[osv(summary=f"{word}: x")])
    assert cli.main([*arguments, "--fail-on", least]) == status
    assert cli.main(arguments) == 0
    assert cli.main([*files(feed=[osv(fixed="1-1")]), "--fail-on", least]) == 0


@pytest.mark.parametrize("extra", [[], ["--strict"], ["--fail-on", "low"]])
def test_not_covered_is_status_3(files: Files, capsys: pytest.CaptureFixture[str], extra: list[str]) -> None:
    assert cli.main([*files(LIST.replace("9.4", "8.4")), *extra]) == 3
    out, err = capsys.readouterr()
    assert "error (release-not-covered): Not covered: the feed has no advisories of almalinux 8" in out
    assert "NOT COVERED: the feed has no advisories of almalinux 8, but of almalinux 9" in err


def test_a_feed_of_a_release_that_is_compatible_is_named(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    result = "almalinux 9 is compatible: --distro almalinux:9 matches against its advisories"
    rocky = LIST.replace("ID=almalinux", "ID=rocky")
    assert cli.main(files(rocky)) == 3
    out, err = capsys.readouterr()
    assert result in " ".join(out.split())
    assert f"but of almalinux 9. {result}" in err
    assert cli.main([*files(rocky), "--distro", "almalinux:9"]) == 0
    assert "warning (distribution-assumed): Assumed of 1 package" in capsys.readouterr().out
    assert cli.main(files(LIST.replace("ID=almalinux", "ID=fedora"))) == 3
    assert "made to be" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("listing", "feed", "result"),
    [
        ("bash-5.1.8-4.el9\n", None, "Add --distro ID:RELEASE"),
        ("", None, "the list is empty"),
        ("hello world\n", None, "not a package list of a known format"),
        (LIST, "no json at all", "no record in it; the first of 1 refused"),
        (LIST, "[]", "not a feed of a known format"),
        (LIST, [{}], "not a feed of a known format"),
    ],
)
def test_wrong_input_is_status_2(
    files: Files, capsys: pytest.CaptureFixture[str], listing: str, feed: object, result: str
) -> None:
    assert cli.main(files(listing, feed)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert result in err
    assert err.startswith("advisories: ")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["match"],
        ["match", "--feed", "x"],
        ["match", "--inventory", "x", "--host", "--feed", "x"],
        ["match", "--inventory", "x", "--feed", "x", "--fail-on", "severe"],
        ["match", "--inventory", "x", "--feed", "x", "--format", "xml"],
        ["other"],
    ],
)
def test_wrong_usage_is_status_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(options)
    assert stopped.value.code == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    command = f"advisories {options[0]}" if options[:1] == ["match"] else "advisories"
    assert error.startswith(f"{command}: ")
    assert error.endswith(f". See: {command} --help\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("", "advisories: COMMAND is missing. See: advisories --help"),
        ("match", "advisories match: no package list: give INVENTORY, --inventory PATH, or --host for this machine."),
        ("match list --fail-on", "advisories match: --fail-on: a value is missing. See: advisories match --help"),
        ("match list more", "advisories match: unrecognized arguments: more. See: advisories match --help"),
        (
            "match list --fial-on x",
            "advisories match: unrecognized arguments: --fial-on. Did you mean --fail-on? See: ",
        ),
        (
            "match list --fail-on hgih",
            "advisories match: --fail-on: unknown priority 'hgih': did you mean high? Use one",
        ),
        (
            "--feed=x match list",
            "advisories: --feed stands before the command: put it behind, as in advisories match --feed. See: ",
        ),
        ("explain", "advisories explain: PACKAGE and ID are missing. See: advisories explain --help"),
        ("verify list", "advisories verify: --baseline is missing. See: advisories verify --help"),
        ("bundle", "advisories bundle: create|verify|apply and FILE are missing. See: advisories bundle --help"),
        ("db", "advisories db: status|search|diff is missing. See: advisories db --help"),
        ("match list --host", "advisories match: --host: not allowed with INVENTORY. See: advisories match --help"),
    ],
)
def test_wrong_usage_is_one_line(words: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(words.split())
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(line)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"advisories {metadata.version('vercmp')}\n"


def test_more_wrong_usage(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files()
    assert cli.main([*arguments, "--distro", "nixos:23"]) == 2
    assert "unknown distribution 'nixos'" in capsys.readouterr().err
    assert cli.main([*arguments, "--distro", "alma"]) == 2
    assert capsys.readouterr().err == "advisories: 'alma' has no release: write almalinux:RELEASE\n"
    assert cli.main([*arguments[:2], "/does/not/exist", *arguments[3:]]) == 2
    assert "/does/not/exist: No such file or directory" in capsys.readouterr().err
    assert cli.main([*arguments, "--feed", "/does/not/exist"]) == 2
    assert "/does/not/exist: No such file or directory" in capsys.readouterr().err
    assert cli.main(["match", "--inventory", "-", "--feed", "-"]) == 2
    assert "not several" in capsys.readouterr().err


def test_rejections_are_named_and_strict_makes_them_an_error(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    broken = osv("ALSA-3")
    broken["affected"].append({"package": {"ecosystem": "AlmaLinux:9"}})
    nameless = {name: value for name, value in osv().items() if name != "id"}
    elsewhere = {**nameless, "affected": [{"package": {"ecosystem": "AlmaLinux:8", "name": "bash"}}]}
    arguments = files(LIST + "a broken line\n", [osv(), nameless, broken, elsewhere, {"summary": "x"}])
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        f"advisories: {arguments[2]}: line 4: a broken line: not name-version-release.arch",
        f"advisories: {arguments[4]}: [1]: id: (no id): a record without id",
        f"advisories: {arguments[4]}: [2]: affected[1].package.name: ALSA-3: an affected package without a name",
    ]
    assert "2 records, 3 rejected" in out
    assert cli.main([*arguments, "--strict"]) == 2
    strict, err = capsys.readouterr()
    assert strict == out, "a report that could be made is printed all the same"
    assert "advisories: 3 rejected, and --strict makes that an error\n" in err
    assert "assumed: epoch-unknown (1)" in err
    assert err.endswith("and --strict makes that an error. --accept lets one pass\n")
    assert cli.main([*files(LIST, [osv(), broken]), "--strict"]) == 2
    # What concerns another release, or nothing, is the feed's alone.
    accepted = ["--strict", "--accept", "epoch-unknown", "--accept", "feed-partial"]
    capsys.readouterr()
    assert cli.main([*files(LIST, [osv(), elsewhere, {"summary": "x"}]), *accepted]) == 0
    assert capsys.readouterr().err == ""
    # What concerns the host passes where you accept it.
    assert cli.main([*files(LIST, [osv(), broken]), *accepted, "--accept", "records-skipped"]) == 0
    assert "an affected package without a name" in capsys.readouterr().err


def test_many_rejections_are_not_all_shown(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(files(LIST + "x\n" * 100)) == 0
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 21
    assert err[-1] == "advisories: and 80 more; the JSON report of match has them all"
    assert cli.main([*files(LIST + "x\n" * 100), "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["inventory"]["read"]["rejections"]) == 100


def test_what_a_list_skips_is_printed(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    purls = "pkg:rpm/almalinux/bash@5.1.8-4.el9?arch=x86_64&distro=almalinux-9.4\npkg:hex/x@1\npkg:hex/y@1\n"
    arguments = files(purls)
    assert cli.main(arguments) == 0
    err = capsys.readouterr().err
    assert err == f"advisories: {arguments[2]}: skipped (2): packages of type hex: have no order here\n"


def test_a_folder_of_other_things_says_what_was_in_it(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "vex.json").write_text('{"@context": "https://openvex.dev/ns"}')
    assert cli.main([*files()[:3], "--feed", str(tmp_path / "others")]) == 2
    assert "others: no record in it; skipped (1): JSON of no feed format" in capsys.readouterr().err


def test_several_feeds(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(osv("ALSA-9", "Critical: x")))
    assert cli.main([*files(), "--feed", str(other), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [source["source"] for source in report["feed"]["sources"]] == [str(tmp_path / "feed.json"), str(other)]
    (finding,) = report["findings"]
    assert (finding["advisories"], finding["priority"]) == (["ALSA-2024:0001", "ALSA-9"], "High")


def test_standard_input(files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files()
    feed = json.dumps(osv()).encode()
    for options, data in (
        (["match", "--inventory", "-", *arguments[3:]], LIST.encode()),
        ([*arguments[:3], "--feed", "-"], feed),
    ):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert cli.main([*options, "--fail-on", "low"]) == 1
        assert "standard input: " in capsys.readouterr().out


def test_the_running_kernel(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    feed = [osv()]
    feed[0]["affected"][0]["package"]["name"] = "kernel-core"
    arguments = files(LIST + "kernel-core-5.1.8-4.el9.x86_64\n", feed)
    for options, presence in (([], "unknown"), (["--running-kernel", "5.1.8-4.el9.x86_64"], "running")):
        assert cli.main([*arguments, *options, "--format", "json"]) == 0
        (finding,) = json.loads(capsys.readouterr().out)["findings"]
        assert finding["presence"] == presence
    for release, is_open in (("5.1.8-4.el9.x86_64", False), ("5.1.8-5.el9.x86_64", True)):
        assert cli.main([*arguments, "--running-kernel", release]) == 0
        text = capsys.readouterr().out
        assert f"running kernel {release}" in text.splitlines()
        assert ("warning (running-kernel-unlisted): " in text) is is_open


def test_the_host(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files()
    status = cli.main(["match", "--host", *arguments[3:], "--format", "json"])
    out, err = capsys.readouterr()
    if Path("/var/lib/dpkg/status").is_file():
        assert status == 3  # a machine with dpkg is no AlmaLinux
        assert json.loads(out)["inventory"]["running_kernel"]
    else:
        assert status in (0, 2, 3)
        assert out or err


def process(arguments: list[str], **more: Any) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-m", "advisories", *arguments], capture_output=True, check=False, **more)


def test_as_a_process(files: Files) -> None:
    words = [*files(), "--fail-on", "medium", "--width", "0"]
    done = process(words)
    assert (done.returncode, done.stderr) == (1, b"")
    again = process(words, env={"PYTHONPATH": str(LIBRARY), "PYTHONHASHSEED": "7", "LANG": "C", "PYTHONUTF8": "0"})
    assert again.stdout == done.stdout
    assert process(["match", "--help"]).returncode == 0


def test_output_that_cannot_be_written(files: Files) -> None:
    """A full disk is no finding, and neither is a closed standard output or input."""
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "advisories", *files()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"advisories: standard output: ")
    for closing in (">&-", "<&-"):
        command = ["sh", "-c", f'exec "$0" -m advisories "$@" {closing}', sys.executable, *files()]
        closed = subprocess.run(command, capture_output=True, check=False)
        assert (closed.returncode, closed.stderr) == (2, b"advisories: standard input and output must be open\n")


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--fail-on", "medium"], 1)])
def test_a_broken_pipe_changes_no_verdict(files: Files, options: list[str], status: int) -> None:
    feed = []
    for number in range(3000):
        feed.append(osv(f"ALSA-{number}", fixed=f"6.{number}-1"))
        feed[-1]["related"] = [f"CVE-2024-{number + 1000}"]
    command = [sys.executable, "-m", "advisories", *files(feed=feed), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == status


@pytest.mark.parametrize("module", ["advisories", "advisories.cli.entry"])
def test_imports_are_light(module: str) -> None:
    """What only some runs need is imported by those."""
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert module in loaded
    assert {
        "json",
        "zipfile",
        "subprocess",
        "advisories.readers.feeds.osv",
        "advisories.reports.findings_json",
    }.isdisjoint(loaded)


class TestReports:
    def report(self, width: int | None = None, inventory: Inventory | None = None, *more: Advisory) -> Report:
        packages = (
            rpm("bash", "1-1", epoch_known=False, module=UNKNOWN_MODULE),
            rpm("zsh", "1", state=State.HALF_INSTALLED),
            rpm("gone", "1-1", state=State.CONFIG_FILES),
            *(rpm(f"other{number}", "1-1", vendor="Somebody") for number in range(20)),
        )
        records = [
            advisory(
                "ALSA-1", affected("bash", "2-1"), cves=[f"CVE-2024-{n}" for n in range(1000, 1040)], rating="low"
            ),
            advisory("ALSA-2", affected("zsh", "1-1"), cves=["CVE-2023-1000"], rating="critical"),
            advisory("ALSA-3", affected("bash", None)),
            *more,
        ]
        refused = Rejection("feed", "line 1", "x", "y")
        feed = Feed(records, [ReadReport("feed", "test", 4, 3, (refused,), (("why", 3),))])
        inventory = inventory or host(*packages, kernel="5.14.0-1.el9.x86_64")
        return Report(inventory, feed, match(inventory, feed), width)

    def test_a_feed_older_than_the_inventory(self) -> None:
        newest = datetime(2024, 5, 1, tzinfo=UTC)
        dated = advisory("ALSA-9", affected("tar", "2-1"), cves=["CVE-2024-9999"], modified=newest)
        inventory = host(rpm("tar", "1-1", installed_at=newest.replace(year=2025)))
        report = self.report(None, inventory, dated)
        lines = [line for line in render(report, "text") if "installed after" in line]
        assert lines == [
            "warning (installed-later): 1 package installed after the newest advisory of the feed (2024-05-01): "
            "it does not have later vulnerabilities."
        ]
        coverage = json.loads("".join(render(report, "json")))["coverage"]
        assert (coverage["feed_newest"], coverage["installed_later"]) == ("2024-05-01T00:00:00+00:00", 1)
        assert not [line for line in render(self.report(), "text") if "installed after" in line]

    @pytest.mark.parametrize("width", [40, 80, 120])
    def test_text_fits_the_terminal(self, width: int) -> None:
        lines = list(render(self.report(width), "text"))
        # A command is one line, to be copied.
        folded = [line for line in lines if "priority" not in line and not line.startswith("the list that shows")]
        assert max(map(len, folded)) <= width
        if width > 60:  # else the totals are lines of text
            text = " ".join(" ".join(lines).split())
            assert " ".join(" ".join(render(self.report(), "text")).split()) == text

    def test_text_says_everything(self) -> None:
        text = "\n".join(render(self.report(), "text"))
        for result in (
            "running kernel 5.14.0-1.el9.x86_64",
            "feed: 3 records, 1 rejected",
            "High: 1 finding",
            "zsh 1 cannot be judged: 1 and 1-1 differ in the release alone, and one has none (ALSA-2) [undecidable]",
            "bash 1-1 has no fix (ALSA-3) [module-unknown]",
            "packages: 23 = 1 affected, 1 undecidable, 20 third-party, 1 not-installed",
            "warning (third-party): 20 packages not checked: the vendor",
            "These are other0 1-1, other1 1-1,",
            "and 8 more",
            "These are gone 1-1.",
            "warning (epoch-unknown): Assumed of 1 package",
            "warning (priority-assumed): 1 finding without a severity, listed as Medium.",
        ):
            assert result in text

    def test_nothing_escapes_to_the_terminal(self) -> None:
        nasty = advisory("ALSA-9", affected("bash", "2\x1b[31m\u202e\ud800-1"), cves=["CVE-2024-9999"])
        inventory = host(rpm("bash", "1-\x1b[2J"))
        lines = list(render(self.report(None, inventory, nasty), "text"))
        assert all(line.isprintable() for line in lines)
        assert any("\\x1b[2J" in line for line in lines)
        "\n".join(render(self.report(None, inventory, nasty), "json")).encode("ascii")

    def test_json_fits_its_schema(self, files: Files) -> None:
        schema = json.loads(resources.files("advisories.reports").joinpath("schemas/report.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        reports = [
            self.report(),
            self.report(None, host(rpm("bash", "1-1"), distribution=None)),
            self.report(None, host(Package("pypi", "x", "1", location="/venv", locations=("/venv/x",)))),
        ]
        for report in reports:
            document = json.loads("\n".join(render(report, "json")))
            validator.validate(document)
            counts = document["coverage"]["classes"]
            assert sum(counts.values()) == document["coverage"]["packages"] == document["inventory"]["packages"]
            if document["findings"]:
                finding = document["findings"][0]
                for name in finding:
                    with pytest.raises(jsonschema.ValidationError):
                        validator.validate(document | {"findings": [{k: finding[k] for k in finding if k != name}]})
                with pytest.raises(jsonschema.ValidationError):
                    validator.validate(document | {"findings": [finding | {"status": "maybe"}]})
        done = process([*files(), "--format", "json"])
        validator.validate(json.loads(done.stdout))

    def test_locations(self) -> None:
        package = rpm("bash", "1-1", locations=("/usr/bin/bash",))
        document = json.loads("\n".join(render(self.report(None, host(package)), "json")))
        assert document["findings"][0]["locations"] == ["/usr/bin/bash"]
        document = json.loads("\n".join(render(self.report(), "json")))
        assert document["findings"][0]["locations"] == ["a list"]


class TestNouns:
    def test_counts_are_asserted(self) -> None:
        from advisories.matching.rules.order import order_of_packages
        from advisories.models import PackageClass
        from advisories.models.findings import Coverage, PackageResult

        with pytest.raises(AssertionError, match="2 read, 1 kept, 0 rejected"):
            ReadReport("x", "y", 2, 1)
        package = rpm("bash", "1-1")
        clean = PackageResult(PackageClass.CLEAN)
        with pytest.raises(AssertionError, match="not covered was judged"):
            Coverage((package,), [clean], False, None, order_of_packages)
        with pytest.raises(AssertionError, match="1 packages, 0 results"):
            Coverage((package,), [], True, None, order_of_packages)
        for claimed in (PackageClass.AFFECTED, PackageClass.UNDECIDABLE):
            with pytest.raises(AssertionError, match=r"a package is .*, but its findings are"):
                PackageResult(claimed)
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-1000"], rating="critical")])
        (result,) = match(host(package), feed)._results
        with pytest.raises(AssertionError, match="a package is clean, but its findings are"):
            PackageResult(PackageClass.CLEAN, None, result.rows)

    def test_findings_are_a_sequence_that_travels(self) -> None:
        import pickle

        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-1000", "CVE-2024-1001"])])
        findings = match(host(rpm("bash", "1-1", epoch_known=False)), feed)
        again = pickle.loads(pickle.dumps(findings))
        assert again == findings
        assert hash(again) == hash(findings)
        assert (len(findings), findings[0], findings[:1]) == (2, findings[-2], (findings[0],))
        assert findings.coverage.assumptions == again.coverage.assumptions == {"epoch-unknown": 1}
        assert findings != [*findings]
        assert "2 (2 Medium), packages: 1 affected" in repr(findings)

    def test_affected_needs_little(self) -> None:
        entry = Affected("bash", "rpm", None, "binary", (Range(),))  # type: ignore[arg-type]
        assert Feed([Advisory("A", affected=(entry,))]).unordered == {"rpm": 1}


def test_lint(files: Files, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def entry(fixed: str) -> dict[str, Any]:
        events = [{"introduced": "0"}, {"fixed": fixed}]
        package = {"ecosystem": "AlmaLinux:9", "name": "bash"}
        return {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}

    git = {"package": {"ecosystem": "Hex", "name": "x"}, "ranges": []}
    feed = tmp_path / "feed.json"
    records = [
        {"id": "ALSA-1", "modified": "2024-01-01T00:00:00Z", "affected": [entry("1:2-1")]},
        {"id": "ALSA-2", "modified": "2024-01-01T00:00:00Z", "affected": [entry("3-1"), entry("\0"), git]},
        {"id": 5, "affected": []},
    ]
    feed.write_text(json.dumps(records))
    assert cli.main(["lint", "--width", "0", str(feed)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        f"{feed} (osv)",
        "  3 records read, 2 kept, 1 rejected",
        "  rejected (1): a record without id",
        f"    {feed}: [2]: id: (no id)",
        "  skipped (1): ecosystem Hex: no release of a distribution that is known",
        "2 advisories of almalinux 9",
        "version-refused (1)",
        "  ALSA-2, bash of almalinux 9: invalid rpm version '\\x00': NUL character",
        "no-epoch (1)",
        "  ALSA-2, bash of almalinux 9: fixed in 3-1, without the epoch that 1:2-1 has in ALSA-1",
    ]
    assert cli.main(["lint", "--strict", "--format", "json", str(feed)]) == 2
    out, err = capsys.readouterr()
    result = json.loads(out)
    validator("lint").validate(result)
    assert (result["schema"], result["sources"][0]["rejected"]) == ("advisories/lint/2", 1)
    assert [flaw["advisory"] for flaw in result["flaws"]["no-epoch"]] == ["ALSA-2"]
    assert "3 rejected or flawed, and --strict makes that an error" in err
