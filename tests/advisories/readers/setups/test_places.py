"""Files of repositories in places that the options of a root's programs name, and files with odd names."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from advisories.models import Assumption, Inventory
from advisories.readers import inventories
from advisories.readers.setups.apt_conf import assigned, path_of

DPKG = "var/lib/dpkg/status"
STATUS = (
    "Package: bash\nStatus: install ok installed\nVersion: 5.1-6ubuntu1\nMaintainer: U <u@ubuntu.com>\n"
    "Architecture: amd64\n\n"
)
UBUNTU = {"etc/os-release": "ID=ubuntu\nVERSION_ID=22.04\n", DPKG: STATUS}
ESM = "deb https://esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n"
SOURCES = "Types: deb\nURIs: https://esm.ubuntu.com/infra/ubuntu\nSuites: jammy-infra-security\nComponents: main\n"
RHEL = {
    "etc/os-release": 'ID=rhel\nVERSION_ID="8.6"\n',
    "var/lib/rpmmanifest/container-manifest-2": (
        "bash\t(none)\t5.1\t6\tx86_64\tbash-5.1-6.src.rpm\tRed Hat, Inc.\t(none)\n"
    ),
}
EUS = (
    "[rhel-8-for-x86_64-baseos-eus-rpms]\nenabled={}\n"
    "baseurl=https://cdn.redhat.com/content/eus/rhel8/8.6/x86_64/baseos/os\n"
)
ON = EUS.format(1)
SLES = {**RHEL, "etc/os-release": 'ID=sles\nVERSION_ID="15.4"\n'}
LTSS = (
    "[SLE-Product-SLES15-SP4-LTSS-Updates]\nenabled=1\nbaseurl=https://updates.suse.com/SUSE/Updates/{}/x86_64/update\n"
)
LTSS = LTSS.format("SLE-Product-SLES/15-SP4-LTSS")
ALPINE = {
    "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
    "lib/apk/db/installed": "P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\n",
    "etc/apk/repositories": "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n",
}
EDGE = "https://dl-cdn.alpinelinux.org/alpine/edge/main\n"


def read(root: Path, *files: Mapping[str, str]) -> Inventory:
    for name, text in (pair for one in files for pair in one.items()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return inventories.read(root)


def channels(inventory: Inventory) -> list[str]:
    assert inventory.distribution is not None
    return sorted(inventory.distribution.channels)


def refused(inventory: Inventory) -> list[str]:
    assert inventory.report is not None
    return [f"{one.source.rpartition('/')[2]}: {one.what}: {one.why}" for one in inventory.report.rejections]


class TestApt:
    @pytest.mark.parametrize(
        ("options", "files"),
        [
            ({"apt.conf": 'Dir::Etc::SourceParts "/srv/parts";\n'}, {"srv/parts/a.list": ESM}),
            ({"apt.conf.d/50x": 'Dir::Etc::sourceparts "other";\n'}, {"etc/apt/other/a.sources": SOURCES}),
            ({"apt.conf.d/x.conf": 'Dir { Etc { SourceList "/x.list"; }; };\n'}, {"x.list": ESM}),
            ({"apt.conf": 'Dir::Etc "srv";\n'}, {"srv/sources.list.d/a.list": ESM}),
            ({"apt.conf": '// Dir::Etc "srv";\n/* Dir::Etc "x"; */\n# Dir::Etc "y";\n'}, {"etc/apt/sources.list": ESM}),
            ({"apt.conf.d/x": "APT::Install-Recommends \"0\";\n"}, {"etc/apt/sources.list.d/-a:b.list": ESM}),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_apt_reads_is_read(self, options: dict[str, str], files: dict[str, str], tmp_path: Path) -> None:
        found = read(tmp_path, UBUNTU, {f"etc/apt/{name}": text for name, text in options.items()}, files)
        assert channels(found) == ["esm-infra"]
        assert refused(found) == []

    @pytest.mark.parametrize(
        ("options", "files"),
        [
            ({"apt.conf": 'Dir::Etc::sourceparts "/srv/parts";\n'}, {"etc/apt/sources.list.d/a.list": ESM}),
            ({"apt.conf": 'Dir::Etc::sourceparts "/dev/null";\n'}, {"etc/apt/sources.list.d/a.list": ESM}),
            ({"apt.conf": "#clear Dir::Etc::sourceparts;\n"}, {"etc/apt/sources.list.d/a.list": ESM}),
            ({"apt.conf": 'Dir::Etc::sourcelist "-";\n'}, {"etc/apt/sources.list": ESM}),
            ({"apt.conf.d/x.disabled": 'Dir::Etc "srv";\n'}, {"srv/sources.list": ESM}),
            *(({}, {f"etc/apt/sources.list.d/{name}": ESM}) for name in ("a b.list", "a+b.list", ".a.list", "a.LIST")),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_apt_does_not_read_is_not_read(
        self, options: dict[str, str], files: dict[str, str], tmp_path: Path
    ) -> None:
        found = read(tmp_path, UBUNTU, {f"etc/apt/{name}": text for name, text in options.items()}, files)
        assert channels(found) == []
        assert refused(found) == []

    def test_what_is_not_followed_is_a_rejection(self, tmp_path: Path) -> None:
        found = read(tmp_path, UBUNTU, {"etc/apt/apt.conf": '#include "/srv/apt.conf";\n'})
        assert refused(found) == ["apt.conf: /srv/apt.conf: options of apt in another file, which are not read"]
        assert Assumption.CHANNEL_UNKNOWN in found.packages[0].doubts

    def test_what_stands_behind_deep_braces_is_a_rejection(self, tmp_path: Path) -> None:
        """apt reads it, and the folder that it names may have a channel."""
        text = f'{"a { " * 60}{"};" * 60}\nDir::Etc::SourceParts "/srv/parts";\n'
        found = read(tmp_path, UBUNTU, {"etc/apt/apt.conf": text})
        assert refused(found) == ["apt.conf: the rest of the file: braces more than 50 deep in each other"]
        assert Assumption.CHANNEL_UNKNOWN in found.packages[0].doubts

    def test_options(self) -> None:
        text = 'A "b c"; A::B { C "d"; E { "f"; }; }; x y; #clear A; Dir::Etc::SourceList'
        assert list(assigned(text)) == [("a", "b c"), ("a::b::c", "d"), ("x", "y"), ("a", None)]
        assert list(assigned("{" * 10_000)) == [("#unread", "braces more than 50 deep in each other")]
        assert list(assigned("/*" * 100_000)) == []
        assert list(assigned("a /* b */ c; /* d")) == [("a", "c")]
        assert path_of({"dir": "/x", "dir::etc": "y"}, "sourcelist", "z") == "/x/y/z"
        assert path_of({"dir::etc::sourcelist": ""}, "sourcelist", "z") is None


class TestDnf:
    @pytest.mark.parametrize(
        ("options", "name"),
        [
            *(({}, f"etc/yum.repos.d/{name}.repo") for name in ("a b", "a+b,c", "(x)", "-x", "#x", "ä", "$x", " x")),
            *(
                ({"etc/dnf/dnf.conf": f"[main]\nreposdir={value}\n"}, "srv/repos/x.repo")
                for value in ("/srv/repos", "/a, /srv/repos", "/a /srv/repos/", "'/srv/repos'", "/a\n  /srv/repos")
            ),
            ({"etc/yum.conf": "[main]\nreposdir=/srv/repos\n"}, "srv/repos/x.repo"),
            ({"etc/yum.conf": "[main]\nreposdir=/a\n", "etc/dnf/dnf.conf": "[main]\n"}, "etc/yum.repos.d/x.repo"),
            ({"etc/tdnf/tdnf.conf": "[main]\nrepodir=/srv/repos\n"}, "srv/repos/x.repo"),
            ({"etc/dnf/libdnf5.conf.d/x.conf": "[main]\nreposdir=/srv/repos\n"}, "srv/repos/x.repo"),
            ({}, "usr/share/dnf5/repos.d/x.repo"),
            ({}, "etc/dnf/dnf.conf"),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_dnf_reads_is_read(self, options: dict[str, str], name: str, tmp_path: Path) -> None:
        found = read(tmp_path, RHEL, options, {name: ON})
        assert channels(found) == ["eus"]
        assert refused(found) == []

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            *(({}, f"etc/yum.repos.d/{name}") for name in (".x.repo", "x.REPO", "x.repo.rpmsave", ".repo", "x.repo~")),
            ({"etc/dnf/dnf.conf": "[main]\nreposdir=/srv/repos\n"}, "etc/yum.repos.d/x.repo"),
            ({"etc/dnf/dnf.conf": "[main]\nreposdir=\n"}, "etc/yum.repos.d/x.repo"),
            ({"etc/dnf/dnf.conf": "[other]\nreposdir=/srv\nenabled=0\n"}, "srv/x.repo"),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_dnf_does_not_read_is_not_read(self, options: dict[str, str], name: str, tmp_path: Path) -> None:
        found = read(tmp_path, RHEL, options, {name: ON})
        assert channels(found) == []
        assert refused(found) == []

    def test_what_is_not_followed_is_a_rejection(self, tmp_path: Path) -> None:
        found = read(tmp_path, RHEL, {"etc/dnf/dnf.conf": "[main]\nreposdir=repos\n"})
        why = "a path of repositories that does not begin at the root, so it is not read"
        assert refused(found) == [f"dnf.conf: repos: {why}"]
        found = read(tmp_path, RHEL, {"etc/dnf/dnf.conf": "", "etc/yum.repos.d/x.repo": ON.replace("rhel-8", "rhel 8")})
        assert "an id with other signs than letters, digits and _.:-, which dnf refuses" in refused(found)[0]
        assert channels(found) == []

    @pytest.mark.parametrize(
        ("files", "is_on"),
        [
            ({"etc/dnf/repos.override.d/99-x.repo": "[rhel-8-for-x86_64-baseos-eus-rpms]\nenabled=1\n"}, True),
            ({"etc/dnf/repos.override.d/x.repo": "[*-eus-*]\nenabled=1\n"}, True),
            ({"usr/share/dnf5/repos.override.d/x.repo": "[*]\nenabled=1\n"}, True),
            ({"usr/share/dnf5/repos.override.d/x.repo": "[*]\nenabled=1\n",
              "etc/dnf/repos.override.d/x.repo": "[*-eus-*]\nenabled=0\n"}, False),
            ({"etc/dnf/repos.override.d/x.repo": "[other]\nenabled=1\n"}, False),
            ({"etc/dnf/repos.override.d/x.repo": "[*]\npriority=1\n"}, False),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_dnf5_switches(self, files: dict[str, str], is_on: bool, tmp_path: Path) -> None:
        """``dnf config-manager setopt ID.enabled=1`` writes into a file of its own."""
        found = read(tmp_path, RHEL, {"etc/yum.repos.d/x.repo": EUS.format(0)}, files)
        assert channels(found) == (["eus"] if is_on else [])
        assert refused(found) == []

    def test_another_address(self, tmp_path: Path) -> None:
        name = "etc/dnf/repos.override.d/x.repo"
        found = read(tmp_path, RHEL, {"etc/yum.repos.d/x.repo": ON, name: "[*]\nbaseurl=http://x\n"})
        assert refused(found) == ["x.repo: *: another baseurl of a repository, which is not followed"]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("reposdir = /srv/zypp", "srv/zypp/x.repo"),
        ("configdir = /srv", "srv/repos.d/x.repo"),
        ("configdir = /etc/other\nreposdir = /srv/zypp", "srv/zypp/x.repo"),
        ("# reposdir = /srv/zypp\n  ## indented", "etc/zypp/repos.d/a b.repo"),
    ],
)
def test_what_zypper_reads_is_read(options: str, name: str, tmp_path: Path) -> None:
    found = read(tmp_path, SLES, {"etc/zypp/zypp.conf": f"[main]\n{options}\n", name: LTSS})
    assert channels(found) == ["ltss"]
    assert refused(found) == []


def test_what_zypper_does_not_read_is_not_read(tmp_path: Path) -> None:
    options = "[main]\nreposdir = /srv/zypp\n"
    assert channels(read(tmp_path, SLES, {"etc/zypp/zypp.conf": options, "etc/zypp/repos.d/x.repo": LTSS})) == []


def test_apk(tmp_path: Path) -> None:
    """A file hides one of its name, and an option names the only file that is read."""
    edge = {"lib/apk/repositories.d/x.list": EDGE}
    assert Assumption.RELEASE_MIXED in read(tmp_path, ALPINE, edge).packages[0].doubts
    own = {"etc/apk/repositories.d/x.list": ALPINE["etc/apk/repositories"]}
    assert not read(tmp_path, own).packages[0].doubts
    elsewhere = {"etc/apk/config": "timeout 60\nrepositories-file /srv/x\n", "srv/x": EDGE}
    assert [one.source for one in read(tmp_path, elsewhere).setups] == ["srv/x"]
    found = read(tmp_path, {"etc/apk/config": f"repository {EDGE}"})
    assert refused(found) == [f"config: {EDGE.strip()}: a repository among apk's options, which is not read"]
