from typing import Final, final

@final
class Member:
    name: Final[bytes]
    kind: Final[str]
    size: Final[int]
    target: Final[bytes]
    place: Final[int]
    is_executable: Final[bool]
    def __init__(
        self, name: bytes, kind: str, size: int, target: bytes, place: int, *, is_executable: bool
    ) -> None: ...

def plain_member(data: bytes, begin: int, place: int, kinds: dict[int, str], /) -> Member | None: ...
