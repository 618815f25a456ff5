"""The beginning of a package list, by which readers say whether it is theirs."""

import re
from typing import Final

__all__ = ["Head"]

# Lines that are looked at, at most.
_SEEN: Final = 20
_FRONT: Final = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*")


class Head:
    """The beginning of a list. What several readers ask of it is found out once."""

    def __init__(self, data: bytes) -> None:
        #: The bytes; of a long JSON object its end follows.
        self.data: Final = data
        #: Whether a JSON object may be there: there are quotation marks, and no array begins.
        self.may_be_object: Final = b'"' in data and not data.startswith(b"[")
        self._front: str | None = None
        self._text: str | None = None
        self._lines: list[str] | None = None

    @property
    def front(self) -> str:
        """The comments and empty lines in front."""
        if self._front is None:
            match = _FRONT.match(self.data)
            self._front = match[0].decode("utf-8", "replace") if match else ""
        return self._front

    @property
    def text(self) -> str:
        """The first lines as they are."""
        if self._text is None:
            self._text = b"\n".join(self.data.split(b"\n", _SEEN)[:_SEEN]).decode("utf-8", "replace")
        return self._text

    @property
    def lines(self) -> list[str]:
        """The first lines, without their ends, but for empty ones and comments."""
        if self._lines is None:
            lines = self.text.split("\n")
            self._lines = [line for line in lines if line and line[0] != "#" and not line.isspace()]
        return self._lines
