"""An earlier JSON report as a baseline: what ``verify`` needs of it, each member checked.

A finding that cannot be read is an error of the whole report: of half a baseline, the rest would be called new.
Members that are not needed here may be missing or new; the schema's name and version has to be the report's.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from advisories.models import (
    SCHEME_OF_TYPE,
    Assumption,
    Distribution,
    FixState,
    Names,
    Presence,
    Priority,
    Rejection,
    Status,
)
from advisories.models.errors import UnreadableBaseline
from advisories.models.schemas import REPORT as SCHEMA
from advisories.sources.documents import Document, documents, documents_of_stream
from advisories.sources.json import SHOWN, Malformed, json_type, value_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.triage.baseline import Baseline, EarlierFinding

__all__ = ["read_baseline"]

_A_REPORT: Final = f"a report of {SCHEMA}"
_Word = TypeVar("_Word", bound=StrEnum)
_Object = Mapping[str, Any]
_WORDS: Final[Mapping[type[StrEnum], frozenset[str]]] = {
    words: frozenset(words) for words in (Status, FixState, Presence, Priority, Assumption, Names)
}


def read_baseline(source: str | Path | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Baseline:
    """The baseline that an earlier JSON report is; the file may be compressed.

    :param source: a path, or an open binary stream, called ``-``.

    Raises :class:`~advisories.models.errors.UnreadableBaseline` with the place of what is not as it should be, and
    :class:`~advisories.models.errors.UnreadableSource` where there is nothing to read.
    """
    document = _document(source, limits)
    value = value_of(document)
    if isinstance(value, Rejection):
        raise UnreadableBaseline(document.source, value.position, _A_REPORT, value.why)
    report = value.content
    try:
        return _baseline(report, document.source)
    except _Misplaced as wrong:
        raise UnreadableBaseline(document.source, wrong.path, wrong.what, wrong.why) from None
    except Malformed as wrong:
        raise UnreadableBaseline(document.source, wrong.path, _A_REPORT, wrong.why) from None


class _Misplaced(Malformed):
    """As its parent, of a finding whose name is known."""

    def __init__(self, path: str, what: str, why: str) -> None:
        super().__init__(path, why)
        self.what = what


def _document(source: str | Path | BinaryIO, limits: Limits) -> Document:
    if isinstance(source, str | Path):
        name, found = str(source), list(documents(source, limits))
    else:
        name, found = "-", list(documents_of_stream(source, "-", limits))
    if len(found) != 1 or not isinstance(found[0], Document):
        raise UnreadableBaseline(name, "-", _A_REPORT, "a folder or an archive is no report")
    return found[0]


def _baseline(report: object, source: str) -> Baseline:
    if not isinstance(report, dict):
        raise Malformed("-", f"an object is expected, not {json_type(report)}")
    schema = report.get("schema")
    if schema != SCHEMA:
        what = repr(schema)[:SHOWN] if isinstance(schema, str) else json_type(schema)
        raise Malformed("schema", f"{SCHEMA!r} is expected, not {what if 'schema' in report else 'nothing'}")
    inventory, coverage = _object(report, "inventory", ""), _object(report, "coverage", "")
    if _object(report, "hidden", ""):
        raise Malformed("hidden", "findings were hidden by choice (--priority and its like), and would be called new")
    findings = [_finding(entry, f"findings[{number}]") for number, entry in enumerate(_array(report, "findings", ""))]
    findings += _suppressed(report)
    return Baseline(
        _distribution(inventory, "distribution", "inventory."),
        _distribution(coverage, "judged_as", "coverage."),
        _text_or_null(inventory, "running_kernel", "inventory."),
        tuple(findings),
        _boolean(coverage, "covered", "coverage."),
        source,
    )


def _suppressed(report: _Object) -> Iterator[EarlierFinding]:
    """The findings that statements set aside, each in an object beside its statements."""
    for number, entry in enumerate(_array(report, "suppressed", "")):
        path = f"suppressed[{number}]"
        if not isinstance(entry, dict):
            raise Malformed(path, f"an object is expected, not {json_type(entry)}")
        yield _finding(_member(entry, "finding", f"{path}."), f"{path}.finding", suppressed=True)


def _finding(entry: object, path: str, *, suppressed: bool = False) -> EarlierFinding:
    if not isinstance(entry, dict):
        raise Malformed(path, f"an object is expected, not {json_type(entry)}")
    try:
        return _earlier(entry, f"{path}.", suppressed)
    except Malformed as wrong:
        known = [entry.get(name) for name in ("instance", "vulnerability")]
        what = " ".join(text[:SHOWN] for text in known if isinstance(text, str) and text.isprintable())
        raise _Misplaced(wrong.path, what or "a finding", wrong.why) from None


def _earlier(entry: _Object, path: str, suppressed: bool) -> EarlierFinding:
    instance, name = _text(entry, "instance", path), _text(entry, "package", path)
    type = instance.partition("/")[0]
    if type not in SCHEME_OF_TYPE or not instance.startswith(f"{type}/{name}/"):
        types = ", ".join(SCHEME_OF_TYPE)
        raise Malformed(f"{path}instance", f"TYPE/{name}/... is expected, a type being one of: {types}")
    evidence, inner = _object(entry, "evidence", path), f"{path}evidence."
    return EarlierFinding(
        instance=instance,
        type=type,
        name=name,
        version=_text(entry, "version", path),
        arch=_text_or_null(entry, "arch", path),
        source=_text_or_null(entry, "source", path),
        source_version=_text_or_null(entry, "source_version", path),
        vulnerability=_text(entry, "vulnerability", path),
        notices=tuple(_texts(entry, "notices", path)),
        status=_word(entry, "status", path, Status),
        cause=_text(entry, "cause", path),
        fixed_version=_text_or_null(entry, "fixed_version", path),
        fix_state=_word(entry, "fix_state", path, FixState),
        channel=_text_or_null(entry, "channel", path),
        presence=_word(entry, "presence", path, Presence),
        pending_restart=_boolean(entry, "pending_restart", path),
        priority=_word(entry, "priority", path, Priority),
        assumptions=tuple(
            [
                _as_word(text, f"{path}assumptions[{number}]", Assumption)
                for number, text in enumerate(_array(entry, "assumptions", path))
            ]
        ),
        names=_word(evidence, "names", inner, Names),
        compared=_text(evidence, "installed", inner),
        advisory=_text(evidence, "advisory", inner),
        suppressed=suppressed,
    )


# ---- members: each has to be there ----


def _member(record: _Object, name: str, path: str) -> Any:
    try:
        return record[name]
    except KeyError:
        raise Malformed(f"{path}{name}", "missing") from None


def _text(record: _Object, name: str, path: str) -> str:
    value = _member(record, name, path)
    if not isinstance(value, str):
        raise Malformed(f"{path}{name}", f"a string is expected, not {json_type(value)}")
    return value


def _text_or_null(record: _Object, name: str, path: str) -> str | None:
    value = _member(record, name, path)
    if not isinstance(value, str | None):
        raise Malformed(f"{path}{name}", f"a string or null is expected, not {json_type(value)}")
    return value


def _boolean(record: _Object, name: str, path: str) -> bool:
    value = _member(record, name, path)
    if not isinstance(value, bool):
        raise Malformed(f"{path}{name}", f"a boolean is expected, not {json_type(value)}")
    return value


def _array(record: _Object, name: str, path: str) -> list[Any]:
    value = _member(record, name, path)
    if not isinstance(value, list):
        raise Malformed(f"{path}{name}", f"an array is expected, not {json_type(value)}")
    return value


def _object(record: _Object, name: str, path: str) -> dict[str, Any]:
    value = _member(record, name, path)
    if not isinstance(value, dict):
        raise Malformed(f"{path}{name}", f"an object is expected, not {json_type(value)}")
    return value


def _texts(record: _Object, name: str, path: str) -> Iterator[str]:
    for number, value in enumerate(_array(record, name, path)):
        if not isinstance(value, str):
            raise Malformed(f"{path}{name}[{number}]", f"a string is expected, not {json_type(value)}")
        yield value


def _word(record: _Object, name: str, path: str, words: type[_Word]) -> _Word:
    return _as_word(_member(record, name, path), f"{path}{name}", words)


def _as_word(value: object, path: str, words: type[_Word]) -> _Word:
    if isinstance(value, str) and value in _WORDS[words]:
        return words(value)
    what = repr(value)[:SHOWN] if isinstance(value, str) else json_type(value)
    raise Malformed(path, f"one of {', '.join(words)} is expected, not {what}")


def _distribution(record: _Object, name: str, path: str) -> Distribution | None:
    if _member(record, name, path) is None:
        return None
    value, inner = _object(record, name, path), f"{path}{name}."
    channels = frozenset(_texts(value, "channels", inner))
    return Distribution(_text(value, "id", inner), _text_or_null(value, "release", inner), channels)
