"""A JSON document with something else in it: bytes that change at random are seldom JSON."""

import json
import random
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["changed"]

_OTHERS: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1.5, 10**30, 1e308, "", "x", "\0", "\ud800", "9" * 5000, "1.2.3-4", "2024-13-45T99:99:99Z",
    "pkg:rpm/a/b@1", [], {}, [[]], [{}], {"": ""}, [None], [0, "x"], {"x": {"x": []}},
)  # fmt: skip


def changed(data: bytes, seed: int) -> bytes | None:
    """The document with one to three of its values or members changed. None for what is no JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(value))
        if not places:
            return json.dumps(chance.choice(_OTHERS)).encode()
        holder, key = chance.choice(places)
        _change(holder, key, chance, places)
    try:
        text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    except RecursionError:
        return None
    if chance.random() < 0.1:
        text = _with_a_key_twice(text, chance)
    return text.encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where each value below a value stands."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


def _change(holder: Any, key: Any, chance: random.Random, places: list[tuple[Any, Any]]) -> None:
    other, other_key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        holder[key] = json.loads(json.dumps(other[other_key]))
    elif kind == 2 and isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), json.loads(json.dumps(holder[key])))
    elif kind == 3 and isinstance(holder, dict):
        holder[str(other_key)] = holder.pop(key)
    elif kind == 4 and isinstance(holder[key], str) and holder[key]:
        text = holder[key]
        place = chance.randrange(len(text))
        holder[key] = (
            text[:place] + chance.choice(["", "\0", ":", "-", " ", "\n", "é", "9" * 30, text]) + text[place + 1 :]
        )
    else:
        holder[key] = json.loads(json.dumps(chance.choice(_OTHERS)))


def _with_a_key_twice(text: str, chance: random.Random) -> str:
    place = text.find("{", chance.randrange(len(text)))
    key = text[place + 1 : text.find(":", place)] if place >= 0 else ""
    return f"{text[: place + 1]}{key}: [], {text[place + 1 :]}" if key.startswith('"') else text
