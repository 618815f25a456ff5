from collections.abc import Iterable
from typing import Any, final

@final
class Slots:
    def __init__(self, owner: type, names: Iterable[str]) -> None: ...
    def fill(self, one: object, values: tuple[Any, ...]) -> None: ...
