"""Files of repositories and module streams before the real apt-get, dnf and zypper: what is on is what they have."""

import json
import os
import re
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import oracles
import pytest
from examples import examples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from advisories.models import Module, SetupKind
from advisories.models.reading import Rejection
from advisories.readers import inventories
from advisories.readers.setups.entry import Entry
from advisories.readers.setups.of_root import entries_of
from advisories.readers.setups.registry import reader_of
from advisories.sources.folder import Folder

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

KEY = "PGP PUBLIC KEY BLOCK-----"
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
    some("", f"Signed-By:\n -----BEGIN {KEY}\n .\n ab=\n -----END {KEY}", "# c", "\t", "Architectures: amd64"),
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
@example(line='deb http://a.b/debian ./ "m')
@example(line="deb http://a.b/debian ./ [m")
@example(line='deb http://a.b/debian ./ ""')
@example(line='deb http://a.b/debian st main "c d')
@example(line='deb http://a.b/debian st main c"x d')
@example(line='deb http://a.b/debian st "main')
@example(line='deb http://a.b/debian "st main')
@example(line='deb "http://a.b/debian st main')
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


ASSIGNMENTS = st.tuples(
    some("Dir::Etc::sourceparts", "dir::etc::SourceList", "Dir::Etc", "Dir::Etc::SourceParts", "APT::x", "#clear"),
    some('"/srv/parts"', '"other"', '"/srv/x.list"', '"x.list"', '"srv"', '"/srv"', '"/dev/null"', '"-"', '""')
    | some("/srv/parts", "Dir::Etc::SourceParts", '"/srv/parts/"', '"../../srv/parts"'),
    some(";", ";", "; // c", ";\n# c", "; /* x */"),
).map(lambda one: f"{one[0]} {one[1]}{one[2]}\n")
NESTED = st.lists(ASSIGNMENTS, max_size=2).map(
    lambda inner: (
        f"Dir {{ Etc {{ {''.join(one.replace('Dir::Etc::', '').replace('dir::etc::', '') for one in inner)} }}; }};\n"
    )
)
OPTION_FILES = st.dictionaries(
    some("apt.conf", "apt.conf.d/10a", "apt.conf.d/20b.conf", "apt.conf.d/30c.off", "apt.conf.d/4 d", "apt.conf.d/.5"),
    st.lists(ASSIGNMENTS | NESTED, max_size=3).map("".join),
    max_size=3,
)
NAMES = some(
    "a.list", "b c.list", "-d.list", "e:f.list", "g+h.list", "i.j.list", "k.LIST", "_l.list", "m~.list", "n.sources"
)
FOLDERS = ("etc/apt/sources.list.d", "etc/apt/other", "srv/parts", "srv/sources.list.d")
FILES = ("etc/apt/sources.list", "srv/x.list", "etc/apt/x.list", "srv/sources.list")


@SETTINGS
@given(options=OPTION_FILES, name=NAMES)
def test_where_apt_looks(options: dict[str, str], name: str) -> None:
    """What apt fetches from, wherever its options say that the files are."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for part in (*FOLDERS, "etc/apt/apt.conf.d", "var/lib/apt/lists/partial", "var/lib/dpkg", "usr/share"):
            (root / part).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        (root / "usr/share/dpkg").symlink_to("/usr/share/dpkg")
        for file, text in options.items():
            (root / "etc/apt" / file).write_text(text)
        for number, path in enumerate((*FILES, *[f"{one}/{name}" for one in FOLDERS])):
            line = f"deb http://h{number}/debian bookworm main\n"
            stanza = f"Types: deb\nURIs: http://h{number}/debian\nSuites: bookworm\nComponents: main\n"
            (root / path).write_text(stanza if path.endswith(".sources") else line)
        first = root / "first.conf"
        first.write_text(f'RootDir "{root}";\nAPT::Architecture "amd64";\nAPT::Architectures {{ "amd64"; }};\n')
        command = ["apt-get", "indextargets", "--no-release-info", "--format", "$(CREATED_BY) $(SITE)"]
        try:
            printed = oracles.run(["env", f"APT_CONFIG={first}", *command]).decode()
        except subprocess.CalledProcessError:
            return  # it refuses an option, and so it does nothing at all
        found = {line.split()[1] for line in printed.splitlines() if line.startswith("Packages ")}
        with closing(Folder(root)) as tree:
            files = entries_of(tree)
        assert {one.address for file in files for one in file.entries} == found, printed


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


REPOSITORY_NAMES = ("a", "b c", "d+e", ".f", "-g", "(h)", "ä", "i.repo", "#j")
WHERE_DNF_LOOKS = """
import dnf.conf, dnf.conf.read, json, sys
conf = dnf.conf.Conf()
conf.read(sys.argv[1])
conf.config_file_path = sys.argv[1]
conf.reposdir = [sys.argv[2] + one for one in conf.reposdir]
found = [repo.id for repo in dnf.conf.read.RepoReader(conf, {}) if repo.enabled]
json.dump(sorted(found), sys.stdout)
"""


@pytest.mark.parametrize(
    "option",
    ["", "reposdir=/srv/x", "reposdir=/srv/x, /srv/y", "reposdir=/srv/y /srv/x", "reposdir=", "reposdir='/srv/x'",
     "reposdir=/srv/x\nreposdir=/srv/y", "reposdir=\n  /srv/x\n  /srv/y", "Reposdir=/srv/x", "reposdir=/srv/x,,"],
)  # fmt: skip
def test_where_dnf_looks(option: str, tmp_path: Path) -> None:
    """Files of odd names in folders that dnf's own file names, and repositories in that file itself."""
    folders = ("etc/yum.repos.d", "etc/yum/repos.d", "etc/distro.repos.d", "srv/x", "srv/y")
    for number, folder in enumerate(folders):
        (tmp_path / folder).mkdir(parents=True)
        for place, name in enumerate(REPOSITORY_NAMES):
            (tmp_path / folder / f"{name}.repo").write_text(f"[r{number}-{place}]\nname=x\nbaseurl=http://x\n")
        (tmp_path / folder / "y.REPO").write_text(f"[upper{number}]\nname=x\nbaseurl=http://x\n")
        (tmp_path / folder / "z.repo").write_text(f"[bad id]\nname=x\nbaseurl=http://x\n[z{number}]\nname=x\n")
    (tmp_path / "etc/dnf").mkdir()
    conf = tmp_path / "etc/dnf/dnf.conf"
    conf.write_text(f"[main]\n{option}\n[inside]\nname=x\nbaseurl=http://x\n")
    python = str(oracles.file(Path("/usr/lib/python3/dist-packages/dnf"), "python3-dnf") and "/usr/bin/python3")
    of_dnf = json.loads(oracles.run([python, "-c", WHERE_DNF_LOOKS, str(conf), str(tmp_path)]))
    with closing(Folder(tmp_path)) as tree:
        files = entries_of(tree)
    assert sorted(one.name for file in files for one in file.entries) == of_dnf
    assert {one.what for file in files for one in file.rejections} <= {"bad id"}


@pytest.mark.parametrize("option", ["", "reposdir = /srv/x", "configdir = /srv", "configdir=/a\nreposdir=/srv/x"])
def test_where_zypper_looks(option: str, tmp_path: Path) -> None:
    """Zypper reads the options of the machine that it runs on, so it is given the file, whose paths have the root."""
    for number, folder in enumerate(("etc/zypp/repos.d", "srv/x", "srv/repos.d")):
        (tmp_path / folder).mkdir(parents=True)
        for place, name in enumerate(REPOSITORY_NAMES):
            (tmp_path / folder / f"{name}.repo").write_text(f"[r{number}-{place}]\nbaseurl=http://x/\nenabled=1\n")
    conf = tmp_path / "etc/zypp/zypp.conf"
    conf.write_text(f"[main]\n{option}\n")
    printed = oracles.run(["env", f"ZYPP_CONF={conf}", "zypper", "--root", str(tmp_path), "--xmlout", "lr"]).decode()
    with closing(Folder(tmp_path)) as tree:
        files = entries_of(tree)
    assert {one.name for file in files for one in file.entries} == set(re.findall(r'alias="([^"]*)"', printed))


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
