"""What a release needs beside `make dist`: its time, and a look at the tag before anything is built.

python tools/release.py epoch       prints the time of the sources, for SOURCE_DATE_EPOCH
python tools/release.py check TAG   fails where the tag, pyproject.toml and CHANGELOG.md do not name the same version,
                                    or where a page has what no release may have. --index: for one that goes to an index
"""

import argparse
import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

__all__ = ["epoch", "objections"]

ROOT: Final = Path(__file__).resolve().parents[1]
#: What pages state until there is a release, and what they state until there are two.
_NONE: Final = re.compile(r"[Nn]othing(?: of vercmp)? is released yet")
_FIRST: Final = re.compile(r"[Tt]here is no release to come from")
#: What they state until the package is on an index, where README.md is its page.
_NO_INDEX: Final = re.compile(r"on no index")


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


def objections(tag: str, root: Path = ROOT, *, index: bool = False) -> list[str]:
    """Why this tag is no release of these sources, in sentences. None where it is one.

    :param index: whether the release goes to an index.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, and pyproject.toml has version {version}: the tag must be v{version}")
    sections = re.findall(r"^## (.*)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    found += _of_sections(sections, version)
    stale = [_NONE, *([_FIRST] if len(sections) > 1 else []), *([_NO_INDEX] if index else [])]
    found += _of_pages(root, stale)
    left = sorted(path.name for path in (root / "changes").glob("*.md") if path.name != "README.md")
    if left:
        found.append(f"changes/ has fragments that no section has: {', '.join(left)} (make changelog)")
    return found


def _of_sections(sections: list[str], version: str) -> Iterator[str]:
    """What is wrong with the sections of the changelog. An earlier one may be of this version too, or have no date."""
    if not sections:
        yield "CHANGELOG.md has no section such as '## 1.2.3 (2026-12-31)'"
        return
    if (newest := sections[0].partition(" ")[0]) != version:
        yield f"the newest section of CHANGELOG.md is {newest}, and pyproject.toml has {version}"
    for section in sections:
        if not re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)", section):
            yield f"a section of CHANGELOG.md is no version with a date: ## {section}"
    numbers = [[int(number) for number in re.findall(r"\d+", section.partition(" ")[0])] for section in sections]
    for (later, earlier), name in zip(pairwise(numbers), sections[1:], strict=True):
        if later <= earlier:
            yield f"a section of CHANGELOG.md is below one that is not later: ## {name}"


def _of_pages(root: Path, stale: list[re.Pattern[str]]) -> Iterator[str]:
    """Each place of a page that is no longer true. The lines of earlier releases stay as they are."""
    for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("integrations/**/*.*")]):
        if "_build" in path.parts or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path == root / "CHANGELOG.md":
            text = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
        for pattern in stale:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path.relative_to(root).as_posix()}:{line} has {match[0]!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("epoch")
    check = commands.add_parser("check")
    check.add_argument("tag")
    check.add_argument("--index", action="store_true", help="the release goes to an index")
    options = parser.parse_args()
    if options.command == "epoch":
        print(epoch())
    elif found := objections(options.tag, index=options.index):
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
