"""Root folders and packages made with the real dpkg."""

from pathlib import Path

import oracles

MAINTAINER = "Debian Kernel Team <debian-kernel@lists.debian.org>"


def empty_root(root: Path) -> Path:
    """A root folder of Debian 12 without a package, which takes those of amd64 and i386."""
    (root / "var/lib/dpkg/updates").mkdir(parents=True)
    (root / "var/lib/dpkg/info").mkdir()
    for name in ("status", "available"):
        (root / "var/lib/dpkg" / name).touch()
    (root / "var/lib/dpkg/arch").write_text("amd64\ni386\n")
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    return root


def built_deb(
    folder: Path, name: str, version: str, arch: str, source: str, more: str = "", *, configuration: bool = False
) -> Path:
    """A package without files, or with one of configuration, built in a folder of its own.

    :param more: further fields; the maintainer is Debian's where they name none.
    """
    maintainer = "" if "Maintainer:" in more else f"Maintainer: {MAINTAINER}\n"
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nSource: {source}\n{more}"
        f"{maintainer}Description: empty\n"
    )
    if configuration:
        (tree / "etc").mkdir()
        (tree / f"etc/{name}.conf").write_text("x\n")
        (tree / "DEBIAN/conffiles").write_text(f"/etc/{name}.conf\n")
    path = folder / "package.deb"
    oracles.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(path)])
    return path


def dpkg(root: Path, *arguments: str) -> None:
    """Run dpkg on a root folder."""
    options = ["--force-not-root", "--force-bad-path", "--force-architecture", "--log=/dev/null"]
    oracles.run(["dpkg", f"--root={root}", *options, *arguments])
