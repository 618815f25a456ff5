from typing import final

@final
class Slots:
    def __new__(cls, prototype: object) -> Slots: ...

def answer_calls(prototype: object) -> None: ...
