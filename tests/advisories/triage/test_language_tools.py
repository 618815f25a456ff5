"""Packages of languages: the commands of their tools, what may be written into them, and what is restarted."""

import pytest
from advisories_reference import DEBIAN12, deb

from advisories import Feed, match
from advisories.distros.package_managers import LANGUAGE_TOOLS, MANAGERS, Item, is_safe, manager_for
from advisories.distros.restarts import Restart, restart_after, restarts_machine, row_of
from advisories.models import Advisory, Affected, Distribution, Inventory, Names, Package, Range
from advisories.reports import Report, render
from advisories.reports.details import fix_command
from advisories.reports.plan import PlanReport
from advisories.triage.plan import plan


@pytest.mark.parametrize(
    ("type", "name", "version", "exact", "newest"),
    [
        ("pypi", "jinja2", "3.1.3", "pip install --upgrade jinja2==3.1.3", "pip install --upgrade jinja2"),
        ("npm", "@babel/core", "7.23.2", "npm install @babel/core@7.23.2", "npm install @babel/core@latest"),
        ("golang", "golang.org/x/text", "0.3.8", "go get golang.org/x/text@v0.3.8", "go get golang.org/x/text@latest"),
        ("cargo", "hyper", "0.14.12", "cargo update hyper", "cargo update hyper"),
        ("gem", "rails", "7.0.8.1", "gem install rails:7.0.8.1", "gem install rails"),
    ],
)
def test_words(type: str, name: str, version: str, exact: str, newest: str) -> None:
    tool = manager_for(type, MANAGERS["apt-get"])
    assert tool is LANGUAGE_TOOLS[type]
    assert is_safe(type, [Item(name, version)])
    assert str(tool.upgraded([Item(name, version)])) == exact
    assert str(tool.upgraded([Item(name)], exact=False)) == newest


@pytest.mark.parametrize(
    ("type", "names"),
    [
        (
            "npm",
            [
                "a/b",
                "-g",
                "@a",
                "@-a/b",
                "../a",
                "./a",
                "git+ssh://x",
                "a.tgz",
                "a b",
                "a;b",
                "",
                "a@b",
                "~/a",
                "file:a",
            ],
        ),
        ("golang", ["stdlib", "toolchain", "-u", "./...", "a.b/../c", "a.b/c d", "a.b/c;d", "/a.b", "a.b/-x", ""]),
        ("pypi", ["-r", "a.whl", "a.tar.gz", "./a", "a[b]", "a;b", "git+x", ""]),
        ("cargo", ["-p", "a/b", "a@1", "1a", "a b", ""]),
        ("gem", ["a.gem", "-x", "a:b", "a/b", ""]),
    ],
)
def test_what_no_command_has(type: str, names: list[str]) -> None:
    assert [name for name in names if is_safe(type, [Item(name)])] == []


@pytest.mark.parametrize("type", LANGUAGE_TOOLS)
@pytest.mark.parametrize("version", ["", "-1", "1;x", "latest", "1.0.0 --x", "../1", "1.0.0@x"])
def test_versions_that_no_command_has(type: str, version: str) -> None:
    assert not is_safe(type, [Item("a.b/c" if type == "golang" else "a", version)])


def affected(package: Package, fixed: str) -> Affected:
    return Affected(
        package.name, package.type, Distribution(package.type, "rolling"), Names.BINARY, (Range(None, fixed),)
    )


PACKAGES = (
    Package("npm", "lodash", "4.17.20"),
    Package("golang", "golang.org/x/text", "v0.3.6"),
    Package("golang", "stdlib", "1.21.3"),
    Package("gem", "openssl", "2.0.0"),
)
HOST = Inventory(DEBIAN12, (deb("bash", "5.2-1", source_name="bash", source_version="5.2-1"), *PACKAGES))
FEED = Feed(
    [
        Advisory("GHSA-1", affected=(affected(PACKAGES[0], "4.17.21"),)),
        Advisory("GO-1", affected=(affected(PACKAGES[1], "0.3.8"), affected(PACKAGES[2], "1.21.12"))),
        Advisory("GHSA-2", affected=(affected(PACKAGES[3], "2.2.0"),)),
        Advisory("DSA-1", affected=(Affected("bash", "deb", DEBIAN12, Names.SOURCE, (Range(None, "5.3-1"),)),)),
    ]
)


def test_commands_of_findings() -> None:
    found = {one.package.name: fix_command(one, MANAGERS["apt-get"]) for one in match(HOST, FEED)}
    assert found == {
        "bash": "apt-get install --only-upgrade bash:amd64",
        "lodash": "npm install lodash@latest",
        "golang.org/x/text": "go get golang.org/x/text@latest",
        "stdlib": None,
        "openssl": "gem install openssl",
    }


@pytest.mark.parametrize("format", ["markdown", "html", "sarif", "gitlab", "csv", "json"])
def test_one_command_of_the_system_has_none_of_languages(format: str) -> None:
    text = "\n".join(render(Report(HOST, FEED, match(HOST, FEED)), format))
    assert "npm install lodash@latest" in text or format in ("markdown",)
    assert "apt-get install --only-upgrade bash:amd64 lodash" not in text
    assert "apt-get install --only-upgrade lodash" not in text


def test_a_plan_runs_none_of_them() -> None:
    report = PlanReport(HOST, plan(HOST, FEED), MANAGERS["apt-get"])
    text = "\n".join(render(report, "text"))
    for line in ("npm install lodash@4.17.21", "go get golang.org/x/text@v0.3.8", "gem install openssl:2.2.0"):
        assert f"   in its project: {line}\n" in text
    assert "no command: its names" in text  # of the standard library
    script = render(report, "shell")
    assert any(line.strip() == "# in its project: npm install lodash@4.17.21" for line in script)
    assert not any(line.strip().startswith("step ") and "bash" not in line for line in render(report, "shell"))


@pytest.mark.parametrize("name", ["openssl", "linux-firmware", "kernel", "glibc", "anything"])
@pytest.mark.parametrize("type", LANGUAGE_TOOLS)
def test_a_name_that_a_package_of_the_system_has_too(type: str, name: str) -> None:
    package = Package(type, name, "1.0.0")
    row = row_of(package)
    assert row is not None
    assert (row.what, restarts_machine(package)) == ("a package of a language", False)


def test_programs_are_restarted() -> None:
    assert {
        one.package.name: restart_after(one) for one in match(HOST, FEED) if one.package.type != "deb"
    } == dict.fromkeys((package.name for package in PACKAGES), Restart.SERVICES)
