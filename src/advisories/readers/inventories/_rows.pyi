from collections.abc import Callable, Iterable, Mapping
from typing import final

from typing_extensions import disjoint_base

from advisories.models import Package, State
from advisories.readers.inventories._slots import Slots

@disjoint_base
class Rows:
    def cut(
        self,
        data: bytes,
        packages: list[Package],
        other: Callable[[int, bytes], object],
        releases: list[Package] | None = None,
    ) -> int: ...
    def all(self, data: bytes, most: int = -1) -> list[Package] | None: ...

@final
class RpmRows(Rows):
    def __new__(cls, plain: Slots, columned: Slots, arches: Iterable[str]) -> RpmRows: ...

@final
class DpkgRows(Rows):
    def __new__(cls, slots: Slots, states: Mapping[str, State]) -> DpkgRows: ...
