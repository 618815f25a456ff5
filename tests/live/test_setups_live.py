"""Files of repositories and module streams before the real apt-get, dnf and zypper: what is on is what they have."""

import json
import os
import re
import subprocess
from pathlib import Path

import oracles
import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisories.models import Module, SetupKind
from advisories.models.reading import Rejection
from advisories.readers import inventories
from advisories.readers.setups.entry import Entry
from advisories.readers.setups.registry import reader_of

SETTINGS = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(format: str, text: str) -> tuple[list[Entry], list[Rejection]]:
    found = list(reader_of(format).read(text.encode(), "x"))
    return [one for one in found if isinstance(one, Entry)], [one for one in found if isinstance(one, Rejection)]


def some(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


# ---- apt-get ----

OPTIONS = some("", "[arch=amd64]", "[ arch=amd64 trusted=yes ]", "[arch=amd64", "[a]", "[ signed-by=/x#y ]", "[a=b]c")
ADDRESSES = some("http://a.b/debian", '"http://a.b/c"/d', "http://a.b/x#y", "file:///x", "a.b/debian", "")
SUITES = some("bookworm", "./", "x/y", '"ab"', "x/", "")
PARTS = some("", "main", "main contrib", "main # x", "main #x [", 'm"n"', "[xy]", '"m', "\tmain\r")
LINES = st.tuples(some("deb", "deb", "deb", "deb-src", "rpm", "#deb"), OPTIONS, ADDRESSES, SUITES, PARTS).map(" ".join)

FIELDS = st.tuples(
    some("Types: deb", "types:deb deb-src", "Types:\n deb-src\n deb", "Types: deb-src", "Types: rpm", "Types:", "X: y"),
    some(
        "URIs: http://a.b/debian",
        "uris:http://a.b/c http://d.e/f",
        "URIs:\n http://a.b/g\n http://h/i",
        "URIs: b",
        "URIs:",
    ),
    some("Suites: bookworm", "Suites: bookworm sid", "Suites: ./", "Suites: x/ y", "Suites: bookworm\n sid"),
    some("Components: main", "Components: main contrib", "Components:", "Components: main\n# c\n contrib", "#", ""),
    some("", "Enabled: no", "Enabled: yes", "Enabled: False", "Enabled: 0", "Enabled: 1", "Enabled: off", "Enabled: x"),
    some("", "Signed-By:\n -----BEGIN-----\n .\n ab=\n -----END-----", "# c", "\t", "Architectures: amd64"),
).map(lambda fields: "\n".join(filter(None, fields)))
STANZAS = st.tuples(st.lists(FIELDS, min_size=1, max_size=3), some("\n\n", "\n\n\n", "\n#x\n\n"), some("", "\n")).map(
    lambda one: one[1].join(one[0]) + one[2]
)


@pytest.fixture(scope="module")
def apt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("apt")
    for name in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "var/lib/apt/lists/partial"):
        (root / name).mkdir(parents=True)
    (root / "var/lib/dpkg").mkdir()
    (root / "var/lib/dpkg/status").touch()
    return root


def targets(root: Path, name: str, text: str) -> set[tuple[str, str, str]] | None:
    """Address, suite and component of what apt would fetch. None where it refuses the file."""
    path = root / "etc/apt/sources.list.d" / name
    path.write_text(text)
    options = ["-o", f"Dir={root}", "-o", f"Dir::State::status={root}/var/lib/dpkg/status"]
    format = "$(CREATED_BY)|$(SITE)|$(RELEASE)|$(COMPONENT)"
    command = ["apt-get", *options, "indextargets", "--no-release-info", "--format", format]
    try:
        printed = oracles.run(command).decode()
    except subprocess.CalledProcessError:
        return None
    finally:
        path.unlink()
    rows = [line.split("|")[1:] for line in printed.splitlines() if line.startswith("Packages|")]
    return {(address.rstrip("/"), suite, part.replace("$(COMPONENT)", "")) for address, suite, part in rows}


def ours(entries: list[Entry]) -> set[tuple[str, str, str]]:
    return {
        (one.address.replace("file:///", "file:/").partition("#")[0].rstrip("/"), one.name, part)
        for one in entries
        if one.is_on
        for part in one.parts or ("",)
    }


@SETTINGS
@given(line=LINES)
def test_lines_of_apt(apt: Path, line: str) -> None:
    entries, refused = read("apt-list", f"{line}\n")
    found = targets(apt, "x.list", f"{line}\n")
    assert bool(refused) is (found is None)
    assert found is None or {(one.partition("#")[0], *rest) for one, *rest in found} == ours(entries)


@SETTINGS
@given(text=STANZAS)
def test_stanzas_of_apt(apt: Path, text: str) -> None:
    entries, refused = read("apt-sources", text)
    found = targets(apt, "x.sources", text)
    assert bool(refused) is (found is None)
    assert found is None or found == ours(entries)


# ---- dnf and zypper ----

VALUES = some(
    *(
        "name=x",
        "baseurl=http://a/b",
        "baseurl = http://a/$releasever",
        "baseurl=\n  http://e/f",
        "mirrorlist=http://m",
    ),
    *("enabled=0", "enabled = 1", "enabled=No", "enabled=TRUE", "enabled=on", "enabled =  0  ", "Enabled=0"),
    *("# comment", ";c", "", "gpgcheck=1", "garbage", "=x", "name = y\n  z", "enabled=2"),
)
SECTIONS = st.tuples(some("[{}]", "[{}]", "[{}] ; c", "[{}", " [{}]", "[]"), st.lists(VALUES, max_size=5))


def repository_file(rows: list[tuple[str, list[str]]]) -> str:
    return "".join("\n".join((head.format(f"r{number}"), *values, "")) for number, (head, values) in enumerate(rows))


REPOSITORIES = st.lists(SECTIONS, min_size=1, max_size=3).map(repository_file)
DNF = """
import dnf, json, pathlib, sys, tempfile
found = []
for text in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "x.repo").write_text(text)
        base = dnf.Base()
        base.conf.reposdir, base.conf.config_file_path, base.conf.cachedir = [folder], "/dev/null", folder
        base.conf.substitutions["releasever"] = "9"
        base.read_all_repos()
        found.append({repo.id: bool(repo.enabled) for repo in base.repos.values()})
        base.close()
json.dump(found, sys.stdout)
"""


@settings(max_examples=examples(2), deadline=None)
@given(texts=st.lists(REPOSITORIES, min_size=30, max_size=30))
def test_repositories_of_dnf(texts: list[str]) -> None:
    """A file with a line that dnf refuses has none for it. Here the others count, and the line is a rejection."""
    python = str(oracles.file(Path("/usr/lib/python3/dist-packages/dnf"), "python3-dnf") and "/usr/bin/python3")
    found = json.loads(oracles.run([python, "-c", DNF], input=json.dumps(texts).encode()))
    for text, of_dnf in zip(texts, found, strict=True):
        entries, refused = read("rpm-repo", text)
        assert {one.name: one.is_on for one in entries} == of_dnf or (refused and not of_dnf), text


def test_repositories_of_zypper(tmp_path: Path) -> None:
    states = ("enabled=1", "enabled=0", "enabled = yes", "enabled=no", "enabled=True", "enabled=off", "")
    text = "".join(f"[r{n}]\nbaseurl=http://x/{n}\n{state}\n" for n, state in enumerate(states))
    (tmp_path / "etc/zypp/repos.d").mkdir(parents=True)
    (tmp_path / "etc/zypp/repos.d/x.repo").write_text(text)
    printed = oracles.run(["zypper", "--root", str(tmp_path), "--xmlout", "lr"]).decode()
    entries, refused = read("zypp-repo", text)
    assert refused == []
    assert len(entries) == len(states)
    found = dict(re.findall(r'alias="(r[0-9])"[^>]* enabled="([01])"', printed))
    assert found == {one.name: str(int(one.is_on)) for one in entries}


MODULES = """---
document: modulemd
version: 2
data:
  name: tool
  stream: "{stream}"
  version: 1
  context: abc
  arch: noarch
  summary: x
  description: x
  license: {{module: [MIT]}}
  artifacts: {{rpms: ["tool-0:{stream}-1.el9.noarch"]}}
...
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="dnf works in a root folder for root alone")
def test_module_streams_of_dnf(tmp_path: Path) -> None:
    """A stream that the real dnf enables, and a package of it that it installs: both show one stream."""
    root, repository = tmp_path / "root", tmp_path / "repository"
    (root / "etc/yum.repos.d").mkdir(parents=True)
    repository.mkdir()
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    (root / "etc/yum.repos.d/made.repo").write_text(f"[made]\nname=made\nbaseurl=file://{repository}\ngpgcheck=0\n")
    spec = tmp_path / "tool.spec"
    spec.write_text(
        "Name: tool\nVersion: 2\nRelease: 1.el9\nSummary: x\nLicense: x\nBuildArch: noarch\nVendor: AlmaLinux\n"
        "ModularityLabel: tool:2:1:abc\n%description\nx\n%files\n"
    )
    oracles.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {tmp_path}/top", str(spec)])
    (built,) = (tmp_path / "top").rglob("*.rpm")
    built.rename(repository / built.name)
    oracles.run(["createrepo_c", "--quiet", str(repository)])
    (tmp_path / "modules.yaml").write_text("".join(MODULES.format(stream=stream) for stream in ("1", "2")))
    oracles.run(["modifyrepo_c", "--mdtype=modules", str(tmp_path / "modules.yaml"), str(repository / "repodata")])
    options = [f"--installroot={root}", "--releasever=9", "--setopt=module_platform_id=platform:el9", "--assumeyes"]
    options += [
        f"--setopt=cachedir={root}/cache",
        f"--setopt=reposdir={root}/etc/yum.repos.d",
        "--setopt=plugins=false",
    ]
    for words in (["module", "enable", "tool:2"], ["install", "tool"]):
        oracles.run(["dnf", *options, *words])
    # Debian's rpm has its database elsewhere, and so does its dnf.
    elsewhere = root / oracles.run(["rpm", "--eval", "%_dbpath"]).decode().strip().lstrip("/")
    (root / "var/lib").mkdir(exist_ok=True)
    (root / "var/lib/rpm").symlink_to(os.path.relpath(elsewhere, root / "var/lib"))
    found = inventories.read(root)
    assert found.report is not None
    assert found.report.rejections == ()
    assert [one.name for one in found.setups if one.kind is SetupKind.STREAM and one.is_on] == ["tool:2"]
    assert [one.module for one in found.packages] == [Module.of("tool:2")]
    oracles.run(["dnf", *options, "module", "reset", "tool"])
    assert not any(one.kind is SetupKind.STREAM and one.is_on for one in inventories.read(root).setups)
