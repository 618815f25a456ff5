"""YAML without tags, anchors and repeated keys: mappings, lists and texts. ``1.10`` is a text.

PyYAML's loader in C reads it, of the extra ``yaml``.
"""

import re
from functools import cache
from typing import Any, Final

from advisories.sources.extras import extra_library

__all__ = ["RefusedYaml", "yaml_value"]

# How deep lists and mappings may be inside of each other.
_DEPTH: Final = 100
# Entries, keys and values that begin inside of each other in one line.
_IN_A_LINE: Final = re.compile(rb"(?:[-?:][ \t]+){50}")


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
    # Built without libyaml it has no loader in C.
    yaml = extra_library(source, "yaml", "pyyaml", "yaml", "YAML", ("CBaseLoader", "YAMLError", "load"))
    try:
        # Few texts have one of these signs, or so many brackets. Those are looked at event by event.
        if b"&" in data or b"*" in data or max(data.count(b"["), data.count(b"{")) > _DEPTH or _is_indented(data):
            _check_events(data)
        return yaml.load(data, Loader=_loader())
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise RefusedYaml("-" if mark is None else f"line {mark.line + 1}", f"not YAML: {first}") from error
    except RecursionError:
        raise RefusedYaml("-", "nested too deeply") from None


def _is_indented(data: bytes) -> bool:
    """Whether a text may have blocks inside of each other beyond the depth: by indentation, or by signs in a line.

    PyYAML up to 6.0.3 ends the process there, which the event by event look does not.
    """
    return b" " * _DEPTH in data or _IN_A_LINE.search(data) is not None


def _check_events(data: bytes) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(data, Loader=yaml.CBaseLoader):
        line = f"line {event.start_mark.line + 1}"  # type: ignore[union-attr]
        if getattr(event, "anchor", None) is not None:
            raise RefusedYaml(line, "anchors and aliases of YAML are not read")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEPTH:
                raise RefusedYaml(line, "nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


@cache
def _loader() -> Any:
    import yaml

    class Loader(yaml.CBaseLoader):
        """The library keeps the last of several values of a key."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            mapping = super().construct_mapping(node, deep)
            if len(mapping) < len(node.value):
                seen: set[str] = set()
                for key, _ in node.value:
                    name = self.construct_object(key, deep)
                    if name in seen:
                        why = f"the key {str(name)[:40]!a} stands twice in one mapping"
                        raise yaml.constructor.ConstructorError(None, None, why, key.start_mark)
                    seen.add(name)
            return mapping

    return Loader
