"""Shrink a counterexample until you can neither leave out a character nor make one plainer."""

from collections.abc import Callable, Iterator, Sequence

__all__ = ["Versions", "shrunk", "size"]

Versions = tuple[str, ...]

# The replacements of a character, plainest first. All others come after them, by code point.
_PLAIN = "01a."
_PLAINNESS = {
    **dict.fromkeys(range(len(_PLAIN)), "\x04"),
    **{ord(character): chr(at) for at, character in enumerate(_PLAIN)},
}
# From longer versions this many slices are left out, not each character: a number may have thousands of digits.
_EVERY_CHARACTER = 256
_SLICES = 32


def size(versions: Versions) -> tuple[int, list[str]]:
    """The measure: fewer characters are smaller, then plainer ones."""
    return sum(map(len, versions)), [version.translate(_PLAINNESS) for version in versions]


def _plainer(character: str) -> str:
    at = _PLAIN.find(character)
    return _PLAIN if at < 0 else _PLAIN[:at]


def _slices(longest: int) -> Iterator[tuple[int, int]]:
    """The whole, halves, quarters and so on, down to single characters where it is short enough."""
    least = 1 if longest <= _EVERY_CHARACTER else longest // _SLICES
    width = longest
    while width >= least:
        yield from ((start, start + width) for start in range(0, longest, width))
        width //= 2


def _smaller(versions: Versions) -> Iterator[Versions]:
    def with_one(at: int, version: str) -> Versions:
        return (*versions[:at], version, *versions[at + 1 :])

    for at, version in enumerate(versions):
        for start, end in _slices(len(version)):
            yield with_one(at, version[:start] + version[end:])
        for i, character in enumerate(version if len(version) <= _EVERY_CHARACTER else ""):
            for plain in _plainer(character):
                yield with_one(at, version[:i] + plain + version[i + 1 :])
    # Near versions often break a law only while they stay alike, so cut the same slice from all, by its distance from
    # the front or from the back.
    for start, end in _slices(max(map(len, versions))):
        yield tuple(version[:start] + version[end:] for version in versions)
        yield tuple(
            version[: max(0, len(version) - end)] + version[max(0, len(version) - start) :] for version in versions
        )
    for character in sorted({character for version in versions for character in version}):
        for plain in _plainer(character):
            yield tuple(version.replace(character, plain) for version in versions)


def shrunk(
    versions: Versions, first_failing: Callable[[Sequence[Versions]], Versions | None], *, rounds: int = 1000
) -> Versions:
    """The smallest versions that still fail, reached by one change at a time.

    :param first_failing: takes candidates, smallest first. Returns the first that still fails, or None.
    :param rounds: how often to call it at most.
    """
    for _ in range(rounds):
        limit = size(versions)
        candidates = sorted({other for other in _smaller(versions) if size(other) < limit}, key=size)
        found = first_failing(candidates)
        if found is None:
            break
        versions = found
    return versions
