"""A version of as many numbers as a test likes, in every scheme."""

from collections.abc import Iterable


def dotted(numbers: Iterable[int], scheme: str) -> str:
    """The numbers with dots between them. SemVer has more than three only in a pre-release."""
    text = ".".join(map(str, numbers))
    return f"1.0.0-{text}" if scheme == "semver" else text
