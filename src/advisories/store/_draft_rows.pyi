from collections.abc import Mapping
from typing import Any, TypeVar

_State = TypeVar("_State")

def texts(values: object, /) -> tuple[str, ...]: ...
def maybe_text(value: object, /) -> str | None: ...
def pairs(values: object, /) -> tuple[tuple[str, str], ...]: ...
def ranked(values: object, /) -> tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]: ...
def columns(
    rows: object, states: Mapping[str, _State], /
) -> tuple[
    list[str],
    list[list[Any]],
    list[tuple[str, ...]],
    list[str],
    list[_State],
    list[bool],
    list[int],
    list[str | None],
    list[Any],
]: ...
