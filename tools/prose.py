"""Measure our prose: forms of say, tell and ask, and semicolons, per 1,000 words.

    python tools/prose.py                 one line a measure, exit status 1 where one is not under the limit
    python tools/prose.py --by-file       and the files with most hits (also: --by-folder)
    python tools/prose.py --show PATH     every hit of a file or folder, with its line
    python tools/prose.py PATH ...        the same of other files or folders (.md, .py, .pyx)

Docs are README and its neighbours, docs/ and examples/. Docstrings are those of src/, with its comments. Code is not
prose and does not count: fenced, indented and literal blocks, inline code, roles, table cells that hold nothing else,
doctests with their output, link targets and URLs, comments for tools.
"""

import argparse
import ast
import re
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ("*.md", "docs/**/*.md", "examples/**/*.md")
DOCSTRINGS: Final = ("src/**/*.py", "src/**/*.pyx")
BUILT: Final = ROOT / "docs" / "_build"

# Hits per 1,000 words: every measure has to be under it, in docs and in docstrings with comments.
LIMIT: Final = 2.0

# What is counted. The three verbs are a measure each and one together.
PATTERNS: Final = {
    "say": re.compile(r"\b(?:say|says|said|saying)\b", re.IGNORECASE),
    "tell": re.compile(r"\b(?:tell|tells|told|telling)\b", re.IGNORECASE),
    "ask": re.compile(r"\b(?:ask|asks|asked|asking)\b", re.IGNORECASE),
    "semicolon": re.compile(";"),
}
MEASURES: Final = {
    "say": ("say",),
    "tell": ("tell",),
    "ask": ("ask",),
    "say, tell and ask together": ("say", "tell", "ask"),
    "semicolons": ("semicolon",),
}
WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")

# What is no prose, in the order in which it is taken out. None of it goes over an empty line.
_INLINE: Final = (
    # Code and roles: `x`, ``x``, {doc}`x`, :func:`x`.
    re.compile(r"(?:\{[\w:+-]+\}|:[\w:+-]+:)?(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL),
    # Where a link leads to: [text](target), and [name]: target.
    re.compile(r'(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"\n]*")?\)'),
    re.compile(r"^ {0,3}\[[^\]\n]+\]:.*$", re.MULTILINE),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"</?[A-Za-z][^<>\n]*>"),
    re.compile(r"\b[a-z][a-z+.-]*://[^\s)>\]]+"),
    re.compile(r"&#?\w+;"),
    # The names of fields in docstrings: `:param version:`.
    re.compile(r"^[ \t]*:[a-z]+(?: [^:\n]+)?:", re.MULTILINE),
)
_FENCE: Final = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_DIRECTIVE: Final = re.compile(r"\s*\.\. (?:[\w:-]+::|_[^:]+:)")
_CODE_DIRECTIVE: Final = re.compile(r"\s*\.\. (?:code|code-block|sourcecode|doctest|testcode|literalinclude|math)::")
_FOR_TOOLS: Final = re.compile(r"#(?:!|\s*(?:cython|distutils|mypy|noqa|pragma|ruff|type):)")
_STRING: Final = re.compile(r'\s*[rRuU]?("""|\'\'\'|"|\')')


class Prose(NamedTuple):
    """Prose as it stands in a file: the line of its first line, and its text with blanks for all that is no prose."""

    line: int
    text: str


class Count:
    """Words, and hits by the name of their pattern."""

    def __init__(self, words: int = 0, hits: Counter[str] | None = None) -> None:
        self.words = words
        self.hits = hits or Counter()

    def __add__(self, other: "Count") -> "Count":
        return Count(self.words + other.words, self.hits + other.hits)

    def rate(self, measure: str) -> float:
        """Hits per 1,000 words."""
        return 1000 * sum(self.hits[name] for name in MEASURES[measure]) / max(self.words, 1)


def blank(text: str) -> str:
    """As many blanks, in as many lines."""
    return re.sub(r"[^\n]", " ", text)


def without_inline(text: str) -> str:
    for pattern in _INLINE:
        text = pattern.sub(lambda found: blank(found[0]), text)
    return text


def without_code_cells(line: str) -> str:
    """A line of a Markdown table without what stands between codes that are alone in their cell."""
    if not line.lstrip().startswith("|"):
        return line
    return "|".join(cell if WORD.search(cell) else blank(cell) for cell in line.split("|"))


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def without_doctests(lines: list[str]) -> list[str]:
    """Lines without those from a prompt to the next empty line."""
    kept = []
    inside = False
    for line in lines:
        inside = line.lstrip().startswith(">>>") or (inside and bool(line.strip()))
        kept.append("" if inside else line)
    return kept


def markdown(text: str) -> Prose:
    """The prose of a page."""
    kept: list[str] = []
    fence = ""
    # How deep the text of the list item stands in which we are.
    item = 0
    code = False
    after_blank = True
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            kept.append("")
            continue
        if found:
            fence = found[1]
            kept.append("")
            continue
        if not line.strip():
            after_blank = True
            kept.append("")
            continue
        marker = _ITEM.match(line)
        code = indent_of(line) >= item + 4 and (code or after_blank)
        if not code:
            if marker:
                item = marker.end()
            elif after_blank and indent_of(line) < item:
                item = 0
        after_blank = False
        kept.append("" if code else line)
    prose = without_inline("\n".join(without_doctests(kept)))
    return Prose(1, "\n".join(map(without_code_cells, prose.split("\n"))))


def docstring(line: int, text: str) -> Prose:
    """The prose of a docstring."""
    kept: list[str] = []
    # Deeper than this is a literal block, or one of commands by its own paragraph. None outside of one.
    literal: int | None = None
    lines = text.split("\n")
    # The first line stands behind the quotes. It is as deep as the others are.
    base = before = min((indent_of(each) for each in lines[1:] if each.strip()), default=0)
    for each in without_doctests(lines):
        if not each.strip():
            kept.append("")
            continue
        depth = indent_of(each) if kept else base
        if literal is not None and depth > literal:
            kept.append("")
            continue
        if kept and not kept[-1] and depth >= base + 4 and before == base:
            literal = base
            kept.append("")
            continue
        before = depth
        literal = depth if each.rstrip().endswith("::") or _CODE_DIRECTIVE.match(each) else None
        kept.append("" if _DIRECTIVE.match(each) else each)
    return Prose(line, without_inline("\n".join(kept)))


def comments(found: Iterable[tuple[int, int, str]]) -> Iterator[Prose]:
    """The prose of comments, each with its line and column. Those below one another are one text."""
    start, last, kept = 0, (0, 0), list[str]()
    for line, column, text in found:
        if (line - 1, column) != last:
            yield Prose(start, without_inline("\n".join(kept)))
            start, kept = line, []
        last = line, column
        kept.append("" if _FOR_TOOLS.match(text) else text.lstrip("#: "))
    yield Prose(start, without_inline("\n".join(kept)))


def python(text: str) -> Iterator[Prose]:
    """The docstrings and comments of a Python module."""
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    yield from comments((*token.start, token.string) for token in tokens if token.type == tokenize.COMMENT)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            # As it is written, so that lines are those of the file.
            written = ast.get_source_segment(text, first.value) or ""
            opened = _STRING.match(written)
            if opened:
                yield docstring(first.lineno, written[opened.end() :].removesuffix(opened[1]))


def cython(text: str) -> Iterator[Prose]:
    """The docstrings and comments of a Cython module.

    A docstring is a string that begins the file or a block, but not C in an extern block. A comment has its own line.
    """
    lines = text.split("\n")
    yield from comments(
        (number, indent_of(line), line.strip()) for number, line in enumerate(lines, 1) if line.lstrip().startswith("#")
    )
    before = ":"
    place = 0
    while place < len(lines):
        line = lines[place]
        opened = _STRING.match(line)
        if opened and before.endswith(":") and not before.startswith("cdef extern"):
            start = place
            written = line[opened.end() :]
            while opened[1] not in written and len(opened[1]) == 3 and place + 1 < len(lines):
                place += 1
                written += "\n" + lines[place]
            yield docstring(start + 1, written.partition(opened[1])[0])
        code = lines[place].partition("#")[0].strip() if not opened else lines[place].strip()
        before = code or before
        place += 1


def read(path: Path) -> list[Prose]:
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        return [markdown(text)]
    return list(python(text) if path.suffix == ".py" else cython(text))


def hits(prose: Iterable[Prose]) -> Iterator[tuple[int, list[str]]]:
    """Lines with hits, by number, and the names of their patterns, one for each hit."""
    for start, text in prose:
        for number, line in enumerate(text.split("\n"), start):
            found = [name for name, pattern in PATTERNS.items() for _ in pattern.finditer(line)]
            if found:
                yield number, found


def count(path: Path) -> Count:
    prose = read(path)
    words = sum(1 for each in prose for _ in WORD.finditer(each.text))
    return Count(words, Counter(name for _, found in hits(prose) for name in found))


def files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    return sorted(path for path in found if not path.is_relative_to(BUILT))


def below(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """A file itself, or the files of a folder that have one of these suffixes."""
    if path.is_file():
        return [path] if path.suffix in suffixes else []
    if not path.is_dir():
        raise SystemExit(f"prose: no such file or folder: {path}")
    return files(path, [f"**/*{suffix}" for suffix in suffixes])


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def show(paths: Iterable[Path]) -> None:
    """Print each line with hits as the file has it."""
    for path in paths:
        lines = path.read_text("utf-8").split("\n")
        for number, found in sorted(hits(read(path))):
            print(f"{shown(path)}:{number}: [{', '.join(found)}] {lines[number - 1].strip()}")


def table(counts: dict[Path, Count], rows: int) -> None:
    """Print the files or folders with most hits. The last two columns are per 1,000 words."""
    print(f"\n{'hits':>6} {'words':>6} {'say':>5} {'tell':>5} {'ask':>5} {';':>5} {'verbs/k':>8} {';/k':>6}")
    for path, one in sorted(counts.items(), key=lambda item: (-item[1].hits.total(), item[0]))[:rows]:
        numbers = " ".join(f"{one.hits[name]:5}" for name in PATTERNS)
        rates = f"{one.rate('say, tell and ask together'):8.1f} {one.rate('semicolons'):6.1f}"
        print(f"{one.hits.total():6} {one.words:6} {numbers} {rates}  {shown(path)}")


def by_folder(counts: dict[Path, Count]) -> dict[Path, Count]:
    folders: defaultdict[Path, Count] = defaultdict(Count)
    for path, one in counts.items():
        folders[path.parent] += one
    return folders


def report(kinds: dict[str, Count], limit: float) -> bool:
    """Print one line a measure. Returns whether all are under the limit."""
    held = True
    for measure in MEASURES:
        rates = {name: one.rate(measure) for name, one in kinds.items()}
        above = any(rate >= limit for rate in rates.values())
        held = held and not above
        rates["total"] = sum(kinds.values(), Count()).rate(measure)
        written = ", ".join(f"{name} {rate:.1f}" for name, rate in rates.items())
        print(f"{measure}: {written}{f' (limit: under {limit:g})' if above else ''}")
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the prose of docs, docstrings and comments.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (our docs and src)")
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"hits per 1,000 words that are too many ({LIMIT})")
    parser.add_argument("--by-file", action="store_true", help="list the files with most hits")
    parser.add_argument("--by-folder", action="store_true", help="list the folders with most hits")
    parser.add_argument("--rows", type=int, default=40, help="how many rows of each list (40)")
    parser.add_argument("--show", type=Path, metavar="PATH", help="list every hit of a file or folder, nothing else")
    options = parser.parse_args()
    if options.show:
        show(below(options.show, (".md", ".py", ".pyx")))
        return 0
    docs = files(ROOT, DOCS)
    docstrings = files(ROOT, DOCSTRINGS)
    if options.paths:
        docs = [file for path in options.paths for file in below(path, (".md",))]
        docstrings = [file for path in options.paths for file in below(path, (".py", ".pyx"))]
    found = {
        "docs": {path: count(path) for path in docs},
        "docstrings and comments": {path: count(path) for path in docstrings},
    }
    kinds = {name: sum(counts.values(), Count()) for name, counts in found.items() if counts}
    print(f"Per 1,000 words, of {' and '.join(f'{one.words:,} of {name}' for name, one in kinds.items())}:")
    held = report(kinds, options.limit)
    counts = {**found["docs"], **found["docstrings and comments"]}
    if options.by_folder:
        table(by_folder(counts), options.rows)
    if options.by_file:
        table(counts, options.rows)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
