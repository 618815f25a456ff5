"""YAML without tags, anchors and repeated keys: mappings, lists and texts. ``1.10`` is a text.

PyYAML's parser in C reads it, of the extra ``yaml``, event by event: nodes of the library would take three times as
long, and one inside of the other, deep enough, ends the process (up to PyYAML 6.0.3).
"""

from typing import Any, Final

from advisories.sources.extras import extra_library

__all__ = ["RefusedYaml", "yaml_value"]

# How deep lists and mappings may be inside of each other.
_DEPTH: Final = 100
_NO_KEY: Final = object()


class RefusedYaml(Exception):
    """Why a text is not read as YAML.

    :ivar place: a line, or ``-``.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


def yaml_value(data: bytes, source: str) -> Any:
    """The value of the one document in a text.

    Raises :class:`RefusedYaml`, and :class:`~advisories.models.errors.MissingExtra` without PyYAML.
    """
    # Built without libyaml it has no parser in C.
    yaml = extra_library(source, "yaml", "pyyaml", "yaml", "YAML", ("CBaseLoader", "YAMLError", "parse"))
    try:
        return _value(yaml, data)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise RefusedYaml("-" if mark is None else f"line {mark.line + 1}", f"not YAML: {first}") from error


def _value(yaml: Any, data: bytes) -> Any:
    """The value that the events of the library make. Raises its errors, and :class:`RefusedYaml`."""
    documents: list[Any] = []
    # What the next value goes into, by which key of a mapping, and the same of what stands above it.
    into: Any = documents
    key: Any = _NO_KEY
    above: list[tuple[Any, Any]] = []
    collections = {yaml.SequenceStartEvent: list, yaml.MappingStartEvent: dict}
    for event in yaml.parse(data, Loader=yaml.CBaseLoader):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = event.value
        elif kind in collections:
            value = collections[kind]()
        elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
            into, key = above.pop()
            continue
        elif kind is yaml.AliasEvent:
            raise _refused(event, "anchors and aliases of YAML are not read")
        else:
            if kind is yaml.DocumentStartEvent and documents:
                raise _refused(event, "not YAML: another document begins")
            continue
        if event.anchor is not None:
            raise _refused(event, "anchors and aliases of YAML are not read")
        if into.__class__ is list:
            into.append(value)
        elif key is _NO_KEY:
            if kind is not yaml.ScalarEvent:
                raise _refused(event, "not YAML: a key is no text")
            if value in into:
                raise _refused(event, f"not YAML: the key {value[:40]!a} stands twice in one mapping")
            key = value
            continue
        else:
            into[key], key = value, _NO_KEY
        if kind is not yaml.ScalarEvent:
            above.append((into, key))
            into = value
            if len(above) > _DEPTH:
                raise _refused(event, "nested too deeply")
    return documents[0] if documents else None


def _refused(event: Any, why: str) -> RefusedYaml:
    return RefusedYaml(f"line {event.start_mark.line + 1}", why)
