"""Plans before the real apt-get, dnf and zypper: hosts and repositories made of empty packages, the plan's own commands
simulated there, and what the program would do held against what the plan says.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import oracles
import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected
from attrs import frozen

from advisories import Feed, MatchPolicy
from advisories.distros.kernels import slot_of
from advisories.distros.package_managers import MANAGERS, Item, is_safe
from advisories.models import Advisory, Distribution, Inventory, Names, Package
from advisories.readers import inventories
from advisories.triage.commands import commands
from advisories.triage.plan import Plan, plan

LEAP = Distribution("opensuse-leap", "15.6")

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="package managers simulate in a root folder for root alone")


@frozen
class Made:
    """A host in a folder and its repository, and what is to be said of it."""

    root: Path
    repository: Path


# ---- apt-get ----

# name, architecture, source, versions: the first is installed, the repository has all of them
DEBS = (
    ("tool", "amd64", "tools", ("1:2.0-1", "1:2.0-1+deb12u1", "1:2.0-1+deb12u2")),
    ("libtool1", "amd64", "tools", ("1:2.0-1", "1:2.0-1+deb12u1", "1:2.0-1+deb12u2")),
    ("libtool1", "i386", "tools", ("1:2.0-1", "1:2.0-1+deb12u1", "1:2.0-1+deb12u2")),
    ("odd+name", "all", "odd", ("0~rc1-1", "0~rc2-1")),
    ("foreign", "i386", "foreign", ("1-1", "1-2")),
    ("plus+", "all", "plus", ("1-1", "1-2")),
    ("plus", "all", "sum", ("1-1", "1-2")),
)
# The same, not installed.
OFFERED = (("foreign", "amd64", "foreign", ("1-1", "1-2")),)


def stanzas(latest: bool) -> Iterator[tuple[str, str]]:
    """The name of each package's file, and its control fields."""
    for name, arch, source, versions in (*DEBS, *(OFFERED if latest else ())):
        for version in versions if latest else versions[:1]:
            fields = f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nSource: {source}\nMulti-Arch: same\n"
            if arch == "all":
                fields = fields.replace("Multi-Arch: same\n", "")
            fields += "Maintainer: Debian Developers <developers@lists.debian.org>\nDescription: empty\n"
            yield f"{name}_{version.replace(':', '%3a')}_{arch}.deb", fields


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("apt")
    root, repository = folder / "root", folder / "repository"
    for path in ("var/lib/dpkg/info", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "etc/apt"):
        (root / path).mkdir(parents=True)
    repository.mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{repository} ./\n")
    status = "".join(
        fields.replace("\nVersion", "\nStatus: install ok installed\nVersion") + "\n" for _, fields in stanzas(False)
    )
    (root / "var/lib/dpkg/status").write_text(status)
    index: list[str] = []
    for number, (file, fields) in enumerate(stanzas(True)):
        tree = folder / str(number)
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(fields)
        oracles.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(repository / file)])
        data = (repository / file).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        index.append(f"{fields}Filename: ./{file}\nSize: {len(data)}\nSHA256: {digest}\n\n")
    (repository / "Packages").write_text("".join(index))
    return Made(root, repository)


def apt_get(made: Made, words: Iterable[str], *, check: bool = True) -> str:
    settings = {
        "Dir": made.root,
        "Dir::State::status": made.root / "var/lib/dpkg/status",
        "Dir::Etc::trusted": "/dev/null",
        "APT::Architecture": "amd64",
        "APT::Architectures": "amd64,i386",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    return oracles.run(["apt-get", *options, *words], check=check).decode()


def of_debian(fixed: str) -> list[Advisory]:
    return [
        advisory("DSA-1", affected("tools", fixed, distribution=DEBIAN12, names=Names.SOURCE)),
        advisory("DSA-2", affected("odd", "0~rc2-1", distribution=DEBIAN12, names=Names.SOURCE)),
    ]


def would_install(output: str) -> dict[str, str]:
    """From ``apt-get -s``: ``Inst name:arch [old] (new ...)``."""
    found = re.findall(r"^Inst (\S+) \[\S+\] \((\S+) [^)]*\[(\S+)\]\)", output, re.MULTILINE)
    return {f"{name.partition(':')[0]}:{arch}": version for name, version, arch in found}


def planned(made: Plan) -> dict[str, str]:
    return {
        f"{change.package.name}:{change.package.arch}": change.becomes.version
        for step in made.steps
        for change in step.changes
        if change.becomes is not None
    }


@pytest.mark.parametrize("available", [False, True])
def test_apt_get_would_do_what_the_plan_says(debian: Made, available: bool) -> None:
    apt_get(debian, ["update"])
    host = inventories.read(debian.root)
    offered = inventories.read(debian.repository / "Packages").packages if available else None
    made = plan(host, Feed(of_debian("1:2.0-1+deb12u1")), available=offered)
    assert made.clears == 4
    done: dict[str, str] = {}
    for step in made.steps:
        for command in commands(step, MANAGERS["apt-get"], confirm=False):
            done |= would_install(apt_get(debian, ["-s", *command.words[1:]]))
    assert done == planned(made)
    assert done["libtool1:i386"] == "1:2.0-1+deb12u1"


def test_apt_get_upgrades_what_is_installed_for_another_architecture_alone(debian: Made) -> None:
    apt_get(debian, ["update"])
    record = affected("foreign", "1-2", distribution=DEBIAN12, names=Names.SOURCE)
    (step,) = plan(inventories.read(debian.root), Feed([advisory("DSA-3", record)])).steps
    (command,) = commands(step, MANAGERS["apt-get"])
    assert would_install(apt_get(debian, ["-s", *command.words[1:]])) == {"foreign:i386": "1-2"}


def test_apt_get_would_take_a_sign_at_the_end_for_a_wish(debian: Made) -> None:
    apt_get(debian, ["update"])
    assert "Remv tool" in apt_get(debian, ["-s", "install", "--only-upgrade", "tool-"])
    assert "Remv tool" in apt_get(debian, ["-s", "install", "--only-upgrade", "tool:amd64-"])
    assert "Inst plus [1-1] (1-2" in apt_get(debian, ["-s", "install", "--only-upgrade", "plus=1-2+"])
    for item in (Item("tool-"), Item("tool", "1:2.0-"), Item("tool", None, "amd64-"), Item("plus", "1-2+")):
        assert not is_safe("deb", [item])


# What apt-get does not know, and would take for an expression that others match, or for a wish to install them.
EXPRESSIONS = ("t..l", "to+l", "libtool.", ".....1", "odd.name", "tool+", "plus++", "foreign+", "f.+n")


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("arch", ["amd64", "i386", "all", None])
def test_apt_get_takes_no_name_for_an_expression(debian: Made, name: str, arch: str | None) -> None:
    apt_get(debian, ["update"])
    manager = MANAGERS["apt-get"]
    items = [Item(name, version, arch) for version in (None, "1:2.0-1+deb12u1", "1-2")]
    for item in items:
        if is_safe("deb", [item]):
            for command in (
                manager.upgraded([item]),
                manager.upgraded([item], exact=False),
                manager.installed([item]),
                manager.without([item]),
            ):
                said = apt_get(debian, ["-s", *command.words[1:]], check=False)
                assert not re.search("^(Inst|Remv|Purg)", said, re.MULTILINE), (str(command), said)


def test_apt_get_would_take_them_so_if_not_told(debian: Made) -> None:
    """So that the test above has something to find."""
    apt_get(debian, ["update"])
    found = {
        name
        for name in EXPRESSIONS
        if re.search("^Purg|^Inst", apt_get(debian, ["-s", "purge", name], check=False), re.M)
    }
    assert found >= {"t..l", "odd.name", "tool+", "plus++"}


@pytest.mark.parametrize("arch", ["all", None])
def test_apt_get_upgrades_a_name_that_ends_in_a_plus(debian: Made, arch: str | None) -> None:
    apt_get(debian, ["update"])
    command = MANAGERS["apt-get"].upgraded([Item("plus+", "1-2", arch)])
    assert would_install(apt_get(debian, ["-s", *command.words[1:]])) == {"plus+:all": "1-2"}


def test_apt_get_takes_later_ones_where_asked_so(debian: Made) -> None:
    apt_get(debian, ["update"])
    made = plan(inventories.read(debian.root), Feed(of_debian("1:2.0-1+deb12u1")))
    (tools,) = [step for step in made.steps if step.source == "tools"]
    (command,) = commands(tools, MANAGERS["apt-get"], exact=False)
    assert set(would_install(apt_get(debian, ["-s", *command.words[1:]])).values()) == {"1:2.0-1+deb12u2"}


def test_apt_get_would_purge(debian: Made) -> None:
    command = MANAGERS["apt-get"].without([Item("libtool1", "1:2.0-1", "i386")])
    assert "Purg libtool1:i386 [1:2.0-1]" in apt_get(debian, ["-s", *command.words[1:]])


# ---- dnf and zypper ----

# name, epoch, version-releases: the first is installed, the repository has the rest
RPMS = (
    ("tool", 1, ("1.0-1.el9", "1.5-1.el9", "2.0-1.el9")),
    ("tool-libs", 1, ("1.0-1.el9", "1.5-1.el9", "2.0-1.el9")),
    ("odd+name", 0, ("1.0~rc1-1.el9", "1.0^git1-1.el9")),
    ("kernel", 0, ("5.14.0-70.el9", "5.14.0-100.el9")),
    ("kernel-core", 0, ("5.14.0-70.el9", "5.14.0-100.el9")),
    ("tool.noarch", 0, ("1.0-1.el9", "1.2-1.el9")),
    ("tool-1.5", 1, ("1.0-1.el9", "1.2-1.el9")),
)
PROVIDES = {
    "kernel": "installonlypkg(kernel)",
    # As Red Hat's has it.
    "kernel-core": "installonlypkg(kernel), kernel = %{version}-%{release}",
    "odd+name": "gone = 2.0-1.el9",
}


@pytest.fixture(scope="module")
def red_hat(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("dnf")
    root, repository = folder / "root", folder / "repository"
    (root / "etc").mkdir(parents=True)
    repository.mkdir()
    (root / "etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
    installed: list[str] = []
    for name, epoch, builds in RPMS:
        for number, build in enumerate(builds):
            version, _, release = build.partition("-")
            spec = folder / f"{name}-{number}.spec"
            spec.write_text(
                f"Name: {name}\nEpoch: {epoch}\nVersion: {version}\nRelease: {release}\nSummary: x\nLicense: x\n"
                f"Vendor: AlmaLinux\nBuildArch: noarch\n"
                f"{f'Provides: {PROVIDES[name]}' if name in PROVIDES else ''}\n"
                "%description\nx\n%files\n"
            )
            top = folder / f"{name}-{number}"
            oracles.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", str(spec)])
            (package,) = top.rglob("*.rpm")
            if number == 0:
                installed.append(str(package))
            else:
                package.rename(repository / package.name)
    rpm = ["rpm", "--root", str(root), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"]
    oracles.run([*rpm, "--install", "--justdb", "--nodeps", "--noscripts", "--nosignature", *installed])
    # Debian's rpm comparisons for its database elsewhere, and so does its dnf.
    elsewhere = oracles.run(["rpm", "--eval", "%_dbpath"]).decode().strip()
    if elsewhere != "/var/lib/rpm":
        link = root / elsewhere.lstrip("/")
        link.parent.mkdir(parents=True)
        link.symlink_to(root / "var/lib/rpm")
    oracles.run(["createrepo_c", "--quiet", str(repository)])
    return Made(root, repository)


def of_red_hat(release: Distribution) -> Feed:
    return Feed(
        [
            advisory("ALSA-1", affected("tool", "1:1.5-1.el9", distribution=release)),
            advisory("ALSA-2", affected("tool-libs", "1:1.2-1.el9", distribution=release)),
            advisory("ALSA-3", affected("odd+name", "0:1.0^git1-1.el9", distribution=release)),
            advisory(
                "ALSA-4",
                *(affected(name, "5.14.0-100.el9", distribution=release) for name in ("kernel", "kernel-core")),
            ),
        ]
    )


def dnf(made: Made, words: Iterable[str]) -> str:
    options = [f"--installroot={made.root}", "--releasever=9", f"--repofrompath=made,{made.repository}", "--repo=made"]
    options += ["--nogpgcheck", "--assumeno", f"--setopt=cachedir={made.root}/cache", "--setopt=plugins=false"]
    return oracles.run(["dnf", *options, *words], check=False).decode()


def would(output: str) -> set[tuple[str, str]]:
    """The table of a transaction: package and version of each line."""
    return set(re.findall(r"^ (\S+) +noarch +(\S+) +(?:made|@System|@@?\S+)", output, re.MULTILINE))


@pytest.mark.parametrize("exact", [True, False])
def test_dnf_would_do_what_the_plan_says(red_hat: Made, exact: bool) -> None:
    host = inventories.read(red_hat.root)
    # tool-libs has no build that is 1.2: it moves with tool where the repository is asked.
    offered = listed(red_hat)
    made = plan(host, of_red_hat(ALMA9), available=offered)
    assert (made.clears, made.stays) == (5, ())
    found: set[tuple[str, str]] = set()
    for step in made.steps:
        for command in commands(step, MANAGERS["dnf"], exact=exact):
            found |= would(dnf(red_hat, command.words[1:]))
    expected = {
        (change.package.name, (change.becomes or change.package).version.removeprefix("0:"))
        for step in made.steps
        for change in step.changes
    }
    if exact:
        assert found == expected
    else:
        assert {name for name, _ in found} == {name for name, _ in expected}
        assert ("tool", "1:2.0-1.el9") in found


@pytest.mark.parametrize("exact", [True, False])
def test_dnf_would_install_every_part_of_a_kernel_that_is_named(red_hat: Made, exact: bool) -> None:
    # Asked to install both, it takes kernel-core for what provides kernel.
    items = [Item(name, "5.14.0-100.el9") for name in ("kernel", "kernel-core")]
    command = MANAGERS["dnf"].installed(items, exact=exact)
    assert would(dnf(red_hat, command.words[1:])) == {(item.name, item.version) for item in items}


def test_dnf_would_take_what_is_newest_where_names_alone_are_said(red_hat: Made) -> None:
    made = plan(inventories.read(red_hat.root), of_red_hat(ALMA9))
    (tool,) = [step for step in made.steps if step.source == "tool"]
    (command,) = commands(tool, MANAGERS["dnf"], by_name=True)
    assert ("tool", "1:2.0-1.el9") in would(dnf(red_hat, command.words[1:]))


def test_dnf_would_pass_over_a_version_that_is_there_no_more(red_hat: Made) -> None:
    command = MANAGERS["dnf"].upgraded([Item("tool", "1:1.7-1.el9"), Item("odd+name", "1.0^git1-1.el9")])
    assert would(dnf(red_hat, command.words[1:])) == {("odd+name", "1.0^git1-1.el9")}


def listed(made: Made) -> tuple[Package, ...]:
    """What the repository has, as ``dnf repoquery`` lists it."""
    options = [f"--repofrompath=made,{made.repository}", "--repo=made", f"--setopt=cachedir={made.root}/cache"]
    path = made.root.parent / "available.txt"
    path.write_bytes(oracles.run(["dnf", "--quiet", *options, "repoquery"]))
    packages = inventories.read(path).packages
    assert len(packages) == sum(len(builds) - 1 for _, _, builds in RPMS)
    assert all(package.epoch_known for package in packages)
    return packages


def test_dnf_would_remove_the_kernel_that_is_named(red_hat: Made) -> None:
    command = MANAGERS["dnf"].without([Item("kernel-core", "5.14.0-70.el9", "noarch")])
    assert would(dnf(red_hat, command.words[1:])) == {("kernel-core", "5.14.0-70.el9")}


def test_a_name_that_ends_in_an_architecture_would_be_another_package(red_hat: Made) -> None:
    item = Item("tool.noarch", "1.2-1.el9")
    assert {name for name, _ in would(dnf(red_hat, MANAGERS["dnf"].upgraded([Item(item.name)]).words[1:]))} == {"tool"}
    zypper(red_hat, ["addrepo", "--no-gpgcheck", "--name", "made", str(red_hat.repository), "made"])
    zypper(red_hat, ["refresh"])
    words = MANAGERS["zypper"].upgraded([item], exact=False).words[2:]
    assert re.search(r"^\s*tool\s+\S+ -> ", zypper(red_hat, ["install", "--dry-run", "--details", *words]), re.M)
    assert not is_safe("rpm", [item])


@pytest.mark.parametrize("item", [Item("tool.rpm"), Item("tool", "9-1", "rpm"), Item("tool", "9-1.rpm")])
def test_a_name_that_ends_as_a_file_would_be_that_file(
    red_hat: Made, item: Item, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zypper(red_hat, ["addrepo", "--no-gpgcheck", "--name", "made", str(red_hat.repository), "made"])
    package = red_hat.repository / "tool-1.5-1.el9.noarch.rpm"
    monkeypatch.chdir(tmp_path)
    word = MANAGERS["dnf"].exactly(item)
    (tmp_path / word).write_bytes(package.read_bytes())
    assert ("tool", "1:1.5-1.el9") in would(dnf(red_hat, ["install", word]))
    assert "Plain RPM files cache" in zypper(red_hat, ["install", "--dry-run", "--details", word])
    assert not is_safe("rpm", [item])


def test_dnf_would_take_a_version_without_a_release_for_part_of_a_name(red_hat: Made) -> None:
    item = Item("tool", "1.5", "noarch")
    assert {name for name, _ in would(dnf(red_hat, MANAGERS["dnf"].upgraded([item]).words[1:]))} == {"tool-1.5"}
    record = affected("tool", "1:1.5", distribution=ALMA9)
    (step,) = plan(inventories.read(red_hat.root), Feed([advisory("ALSA-5", record)])).steps
    (command,) = commands(step, MANAGERS["dnf"])
    assert would(dnf(red_hat, command.words[1:])) == {("tool", "1:2.0-1.el9")}


def test_dnf_takes_advisories(red_hat: Made) -> None:
    command = MANAGERS["dnf"].for_advisories(["ALSA-2024:1", "ALSA-2024:2"], ["CVE-2024-1"])
    assert command is not None
    assert "Nothing to do." in dnf(red_hat, command.words[1:])


def zypper(made: Made, words: Iterable[str]) -> str:
    options = ["--root", str(made.root), "--non-interactive", "--no-gpg-checks"]
    return oracles.run(["zypper", *options, *words], check=False).decode()


@pytest.mark.parametrize("exact", [True, False])
def test_zypper_would_do_what_the_plan_says(red_hat: Made, exact: bool) -> None:
    zypper(red_hat, ["addrepo", "--no-gpgcheck", "--name", "made", str(red_hat.repository), "made"])
    zypper(red_hat, ["refresh"])
    read = inventories.read(red_hat.root)
    host = Inventory(LEAP, tuple(package for package in read.packages if slot_of(package) is None))
    policy = MatchPolicy(include_third_party=True)
    made = plan(host, of_red_hat(LEAP), policy, available=listed(red_hat))
    assert made.clears == 3
    for step in made.steps:
        for command in commands(step, MANAGERS["zypper"], exact=exact, confirm=False):
            word = command.words.index("install")
            said = zypper(red_hat, ["install", "--dry-run", "--details", *command.words[word + 1 :]])
            for change in step.changes:
                assert change.becomes is not None
                newest = not exact and change.package.name.startswith("tool")
                wanted = "1:2.0-1.el9" if newest else change.becomes.version.removeprefix("0:")
                assert re.search(rf"^\s*{re.escape(change.package.name)}\s+\S+ -> {re.escape(wanted)}\s", said, re.M), (
                    said
                )


def test_zypper_would_do_nothing_to_what_provides_a_name(red_hat: Made) -> None:
    zypper(red_hat, ["addrepo", "--no-gpgcheck", "--name", "made", str(red_hat.repository), "made"])
    zypper(red_hat, ["refresh"])
    assert "odd+name" in zypper(red_hat, ["remove", "--dry-run", "gone=2.0-1.el9"])
    tell, items = MANAGERS["zypper"], [Item("gone", "2.0-1.el9")]
    for command in (
        tell.upgraded(items),
        tell.upgraded(items, exact=False),
        tell.installed(items),
        tell.without(items),
    ):
        said = zypper(red_hat, [command.words[1], "--dry-run", *command.words[2:]])
        assert "odd+name" not in said


def test_zypper_takes_cves(red_hat: Made) -> None:
    command = MANAGERS["zypper"].for_advisories([], ["CVE-2024-1", "CVE-2024-2"], confirm=False)
    assert command is not None
    said = zypper(red_hat, [*command.words[2:3], "--dry-run", *command.words[3:]])
    assert "CVE-2024-1" in said
    assert "not found or is not needed" in said
