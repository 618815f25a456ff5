"""The ignore file: TOML, a table ``[[ignore]]`` for each rule. Its page is ``docs/guide/ignoring.md``.

One mistake refuses the whole file, and every mistake is named with its line.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from advisories.models.advisories import FixState
from advisories.models.errors import InvalidIgnoreFile
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Rejection
from advisories.models.statements import Statement, StatementStatus, VersionRange
from advisories.sources.documents import Document
from advisories.sources.json import SHOWN
from advisories.sources.toml_lines import NotToml, Path, content_of, lines_of
from vercmp import InvalidVersion, compare

__all__ = ["KEYS", "read", "sniff"]

#: Everything that may stand in a rule.
KEYS: Final = ("id", "package", "versions", "location", "fix-state", "until", "reason", "owner")

_RULES: Final = "ignore"
_BOUNDS: Final = ("from", "before")
# A rule needs one of these. A range of versions means nothing without a package.
_NARROWING: Final = ("id", "package", "location", "fix-state")
_BOM: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(r"[ \t]*(?:#.*|\[\[?[ \t]*[\w\"'].*|[\w\"'][^=]*=.*)?", re.DOTALL)
_NAMED: Final = re.compile(r"^[ \t]*(?:\[\[[ \t]*ignore[ \t]*\]\]|ignore[ \t]*=)", re.MULTILINE)
_NO_VERSION: Final = re.compile(r"[0-9]+:(?:-|\Z)")
# Names and places that only a glob of all fits together.
_NAMES: Final = ("bash", "Xz", "0ad", "libstdc++6", "perl-A::B", "@scope/name", "github.com/a/b")
_PLACES: Final = ("/usr/bin/x", "/var/lib/dpkg/status", "/opt/App.jar", "/0")
_TYPES: Final[Mapping[type, str]] = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "a table",
    datetime: "a date with a time",
    date: "a date",
}


def sniff(head: bytes, alone: bool) -> bool:
    """A text whose first line that is neither empty nor a comment is a header or a key, or that has no such line.

    Among other files, a text that names ``ignore``.
    """
    if b"\0" in head:
        return False
    text = head.removeprefix(_BOM).decode("utf-8", "replace")
    if not alone:
        return _NAMED.search(text) is not None
    lines = (line.strip() for line in text.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return _LINE.fullmatch(first) is not None


def read(document: Document) -> Iterator[Statement]:
    """The rules of a file. Raises :class:`~advisories.models.errors.InvalidIgnoreFile`."""
    text, content = _parsed(document)
    lines = lines_of(text)
    problems: list[Rejection] = []
    statements: list[Statement] = []

    def refuse(path: Path, what: str, why: str) -> None:
        number = next(lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines)
        problems.append(Rejection(document.source, f"line {number}", what, why))

    for key in content:
        if key != _RULES:
            refuse((key,), _shown(key), f"not a key of an ignore file; rules are tables [[{_RULES}]]")
    rules = content.get(_RULES, [])
    if not isinstance(rules, list):
        refuse((_RULES,), _RULES, f"an array of tables is expected, [[{_RULES}]], not {_type(rules)}")
        rules = []
    for number, entry in enumerate(rules):
        path: Path = (_RULES, number)
        if (_RULES, number) not in lines:
            # Of an array of inline tables, only its first line is known.
            path = (_RULES,)
        if isinstance(entry, dict):
            rule = _Rule(entry, path, refuse)
            statements.append(rule.statement(document.source, f"line {lines[path]}"))
        else:
            refuse(path, _RULES, f"a table is expected, not {_type(entry)}")
    if problems:
        # By line: unknown keys were found first.
        raise InvalidIgnoreFile(document.source, tuple(sorted(problems, key=lambda one: int(one.position[5:]))))
    yield from statements


def _parsed(document: Document) -> tuple[str, dict[str, Any]]:
    """The text, with the newlines of TOML, and its content."""
    data = document.data.removeprefix(_BOM)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _broken(document, 1 + data.count(b"\n", 0, error.start), "not UTF-8") from error
    try:
        return text, content_of(text)
    except NotToml as error:
        raise _broken(document, error.line, error.why) from error


def _broken(document: Document, line: int, why: str) -> InvalidIgnoreFile:
    return InvalidIgnoreFile(
        document.source,
        (Rejection(document.source, f"line {line}", document.name, "".join(filter(str.isprintable, why))),),
    )


class _Rule:
    """One table. Its mistakes go to `refuse`."""

    def __init__(self, entry: Mapping[str, Any], path: Path, refuse: Callable[[Path, str, str], None]) -> None:
        self._entry = entry
        self._path = path
        self._refuse_at = refuse

    def statement(self, source: str, position: str) -> Statement:
        for key in self._entry:
            if key not in KEYS:
                self._refuse(key, f"not a key of a rule; there are: {', '.join(KEYS)}")
        packages = self._texts("package")
        if not any(key in self._entry for key in _NARROWING):
            self._refuse("", f"a rule needs one of {', '.join(_NARROWING)}, or it would ignore everything")
        location, states = self._text("location"), self._fix_states()
        # Beside another key it narrows nothing, and is most likely a mistake where it is written plainly.
        is_alone = sum(key in self._entry for key in _NARROWING) == 1
        for pattern in packages:
            if _fits_all(pattern, _NAMES if is_alone else ()):
                self._refuse("package", "matches everything; remove it")
        if location and _fits_all(location, _PLACES if is_alone else ()):
            self._refuse("location", "matches everything; remove it")
        if is_alone and set(states) == set(FixState):
            self._refuse("fix-state", "all of them, which matches everything; remove it")
        if "versions" in self._entry and "package" not in self._entry:
            self._refuse("versions", "versions needs package")
        if "reason" not in self._entry:
            self._refuse("", "a rule needs a reason")
        return Statement(
            source,
            position,
            StatementStatus.IGNORED,
            self._texts("id"),
            packages,
            self._versions(),
            location,
            states,
            until=self._until(),
            reason=self._text("reason", lines=True) or "",
            owner=self._text("owner"),
        )

    def _refuse(self, key: str, why: str, *below: str) -> None:
        self._refuse_at((*self._path, *([key] if key else []), *below), _shown(".".join((key or _RULES, *below))), why)

    def _checked(self, key: str, value: Any, *below: str, lines: bool = False) -> str | None:
        if not isinstance(value, str):
            self._refuse(key, f"a string is expected, not {_type(value)}", *below)
            return None
        text = " ".join(value.split()) if lines else value
        if not text.strip() or not text.isprintable():
            self._refuse(key, "empty, or with characters that cannot be printed", *below)
            return None
        return text

    def _text(self, key: str, *, lines: bool = False) -> str | None:
        return self._checked(key, self._entry[key], lines=lines) if key in self._entry else None

    def _texts(self, key: str) -> tuple[str, ...]:
        """A string, or an array of strings."""
        value = self._entry.get(key, [])
        if value == [] and key in self._entry:
            self._refuse(key, "an empty array")
        texts = [self._checked(key, one) for one in (value if isinstance(value, list) else [value])]
        return tuple(dict.fromkeys(text for text in texts if text is not None))

    def _fix_states(self) -> tuple[FixState, ...]:
        states = {state.value: state for state in FixState}
        words = self._texts("fix-state")
        for word in words:
            if word not in states:
                self._refuse("fix-state", f"not a fix state: {word[:SHOWN]}; there are: {', '.join(states)}")
        return tuple(states[word] for word in words if word in states)

    def _versions(self) -> VersionRange | None:
        bounds = self._entry.get("versions")
        if bounds is None:
            return None
        if not isinstance(bounds, dict):
            self._refuse("versions", f'a table is expected, as {{ from = "1.0", before = "2.0" }}, not {_type(bounds)}')
            return None
        if not bounds:
            self._refuse("versions", "neither from nor before")
        for name in bounds:
            if name not in _BOUNDS:
                self._refuse("versions", f"not a bound of a range; there are: {', '.join(_BOUNDS)}", name)
        first, before = (self._bound(bounds[name], name) if name in bounds else None for name in _BOUNDS)
        if first is not None and before is not None and _is_upside_down(first, before):
            self._refuse("versions", f"an empty range: {first[:SHOWN]} is not earlier than {before[:SHOWN]}")
        return VersionRange(first, before)

    def _bound(self, value: Any, name: str) -> str | None:
        text = self._checked("versions", value, name)
        if text is None:
            return None
        if any(map(str.isspace, text)):
            self._refuse("versions", "blanks in a version", name)
        elif _NO_VERSION.match(text):
            self._refuse("versions", "no version after the epoch", name)
        else:
            return text
        return None

    def _until(self) -> date | None:
        value = self._entry.get("until")
        if value is None:
            return None
        if isinstance(value, datetime):
            if value.tzinfo is None:
                self._refuse("until", "a time without a zone; write the date alone, or add Z or an offset")
                return None
            try:
                return value.astimezone(UTC).date()
            except OverflowError:
                self._refuse("until", "a time outside of the days of UTC")
                return None
        if not isinstance(value, date):
            self._refuse("until", f"a date is expected, as 2026-12-31 without quotes, not {_type(value)}")
            return None
        return value


def _fits_all(pattern: str, texts: tuple[str, ...]) -> bool:
    """Whether a glob fits whatever there may be. It is tried with texts that have nothing in common.

    :param texts: without any, only a glob that is written plainly does.
    """
    is_plain = not pattern.strip("*?")
    return "*" in pattern and (is_plain or (bool(texts) and all(fnmatchcase(text, pattern) for text in texts)))


def _is_upside_down(first: str, before: str) -> bool:
    """Whether nothing is between two versions in any order: a rule does not name the type of its packages."""
    nothing: list[bool] = []
    for scheme in SCHEME_OF_TYPE.values():
        with suppress(InvalidVersion):
            nothing.append(compare(first, before, scheme=scheme) >= 0)
    return all(nothing)


def _type(value: object) -> str:
    return _TYPES.get(type(value), "a time of day")


def _shown(key: str) -> str:
    return key[:SHOWN] if key.isprintable() else ascii(key)[:SHOWN]
