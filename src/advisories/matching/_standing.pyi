from collections.abc import Callable, Iterable, Sequence
from typing import final

@final
class Columns:
    def __new__(
        cls,
        keys: Iterable[bytes],
        fixes: list[Sequence[int]],
        later: list[int | None],
        cleared: list[bytes | None],
        ranks: list[int],
        rows: Iterable[Iterable[int]],
        branch_of_fix: Callable[[int], str | None] | None,
        /,
    ) -> Columns: ...
    def stand(
        self, key: bytes, branch: str | None, /
    ) -> tuple[tuple[int, int, int], list[tuple[int, int, int]]] | None: ...
    def __sizeof__(self) -> int: ...
