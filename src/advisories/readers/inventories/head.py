"""The beginning of a package list, by which readers recognise their format."""

from typing import Final

from advisories.readers.lines import lines_of

__all__ = ["SEEN", "Head"]

#: How many lines show a list with a package a line, and how many where something else may stand in front.
SEEN: Final = 20
_SEEN_BEHIND: Final = 50
# With what comments and empty lines begin, in ASCII.
_FRONT: Final = frozenset(b"# \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f")


class Head:
    """The beginning of a list. What several readers need of it is computed once."""

    def __init__(self, data: bytes) -> None:
        #: The bytes. Of a long JSON object its end follows.
        self.data: Final = data
        #: Whether a JSON object may be there: there are quotation marks, and no array begins.
        self.may_be_object: Final = b'"' in data and not data.startswith(b"[")
        self._has_front: Final = data[:1] > b"~" or (data != b"" and data[0] in _FRONT)
        self._text: str | None = None
        self._lines: list[str] | None = None

    @property
    def front(self) -> str:
        """All of the text where comments or empty lines may be in front of it, else nothing."""
        return self.data.decode("utf-8", "replace") if self._has_front else ""

    @property
    def text(self) -> str:
        """The first lines, behind empty ones, as they are."""
        if self._text is None:
            data = self.data.lstrip() if self._has_front else self.data
            self._text = b"\n".join(data.split(b"\n", SEEN)[:SEEN]).decode("utf-8", "replace")
        return self._text

    @property
    def lines(self) -> list[str]:
        """These lines, without their ends, but for empty ones and comments."""
        if self._lines is None:
            lines = self.text.split("\n")
            self._lines = [line for line in lines if line and line[0] != "#" and not line.isspace()]
        return self._lines

    @property
    def more_lines(self) -> list[str]:
        """More of them, for lists with something else in front."""
        lines = lines_of(self.data.lstrip().decode("utf-8", "replace"))[:_SEEN_BEHIND]
        return [line for line in lines if line and line[0] != "#" and not line.isspace()]
