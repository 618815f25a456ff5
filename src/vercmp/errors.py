"""What can go wrong with a version: the text, or the scheme it is said to follow."""

__all__ = ["InvalidVersion", "UnknownScheme"]

# A version may be megabytes long; its error message should not be.
_SHOWN = 120


class InvalidVersion(ValueError):
    """A version that the scheme's real tool refuses, or that no scheme can take (a NUL, a lone surrogate).

    :ivar version: the text as it was given.
    :ivar scheme: the name of the scheme that refuses it.
    :ivar reason: why, in the real tool's words where it has any.
    """

    def __init__(self, version: str, scheme: str, reason: str) -> None:
        super().__init__(version, scheme, reason)
        self.version = version
        self.scheme = scheme
        self.reason = reason

    def __str__(self) -> str:
        shown = self.version if len(self.version) <= _SHOWN else self.version[:_SHOWN] + "..."
        return f"{shown!a} is no {self.scheme} version: {self.reason}"


class UnknownScheme(LookupError):
    """A scheme name that is not in :data:`vercmp.SCHEMES`.

    :ivar name: the name asked for.
    :ivar known: the names there are.
    :ivar reason: why it cannot be one, where that is known: a counterexample to its being an order.
    """

    def __init__(self, name: str, known: tuple[str, ...], reason: str | None = None) -> None:
        super().__init__(name, known, reason)
        self.name = name
        self.known = known
        self.reason = reason

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"unknown version scheme {self.name!r}{why}; there are: {', '.join(self.known)}"
