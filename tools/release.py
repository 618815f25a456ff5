"""What a release needs beside `make dist`: its time, and a look at the tag before anything is built.

python tools/release.py epoch       prints the time of the sources, for SOURCE_DATE_EPOCH
python tools/release.py check TAG   fails where the tag, pyproject.toml and CHANGELOG.md do not name the same version
"""

import argparse
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

__all__ = ["epoch", "objections"]

ROOT: Final = Path(__file__).resolve().parents[1]


def epoch(root: Path = ROOT) -> int:
    """When the sources were last changed, in seconds since 1970: the last commit, or in an unpacked sdist its own time.

    Any folder without both, such as an export of git, ends with a message: a time of today would differ tomorrow.
    """
    if (root / ".git").exists():
        command = ["git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return int(done.stdout)
        raise SystemExit(f"git names no commit: {done.stderr.strip()}\nset SOURCE_DATE_EPOCH yourself")
    if (root / "PKG-INFO").exists():
        return int((root / "PKG-INFO").stat().st_mtime)
    raise SystemExit("neither a clone nor an unpacked sdist: set SOURCE_DATE_EPOCH yourself")


def objections(tag: str, root: Path = ROOT) -> list[str]:
    """Why this tag is no release of these sources, in sentences. None where it is one."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((.*)\)$", changes, re.MULTILINE)
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, and pyproject.toml has version {version}: the tag must be v{version}")
    if newest is None:
        found.append("CHANGELOG.md has no section such as '## 1.2.3 (2026-12-31)'")
    else:
        if newest[1] != version:
            found.append(f"the newest section of CHANGELOG.md is {newest[1]}, and pyproject.toml has {version}")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", newest[2]):
            found.append(f"the newest section of CHANGELOG.md has no date but ({newest[2]})")
    if "Nothing is released yet." in changes:
        found.append("CHANGELOG.md states that nothing is released yet")
    left = sorted(path.name for path in (root / "changes").glob("*.md") if path.name != "README.md")
    if left:
        found.append(f"changes/ has fragments that no section has: {', '.join(left)} (make changelog)")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("epoch")
    commands.add_parser("check").add_argument("tag")
    options = parser.parse_args()
    if options.command == "epoch":
        print(epoch())
    elif found := objections(options.tag):
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
