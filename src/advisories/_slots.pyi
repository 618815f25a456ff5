from collections.abc import Callable
from typing import final

@final
class Slots:
    def __new__(cls, prototype: object) -> Slots: ...

def package_init(prototype: object) -> Callable[..., None]: ...
