"""Many globs at once: those that fit a text are looked up by what they have literally, not each tried."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

__all__ = ["Globs", "Numbered", "is_glob"]


def is_glob(pattern: str) -> bool:
    """Whether a text may fit others than itself."""
    return "*" in pattern or "?" in pattern or "[" in pattern


class Globs:
    """Globs, as :func:`fnmatch.fnmatchcase` reads them.

    >>> list(Globs(["lib*", "*-dev", "libc6", "*"]).fitting("libc6"))
    [0, 2, 3]
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns: Final = patterns
        # The places of patterns by a text that they have literally: the whole, or the rarest of several. The empty one
        # is in every text.
        self._whole: Final[dict[str, list[int]]] = {}
        self._by_run: Final[dict[str, list[int]]] = {}
        runs = [[*_runs(pattern)] if is_glob(pattern) else [] for pattern in patterns]
        counts = Counter(run for several in runs for run in set(several))
        for place, pattern in enumerate(patterns):
            if is_glob(pattern):
                run = min(runs[place], key=lambda run: (counts[run], -len(run)), default="")
                self._by_run.setdefault(run, []).append(place)
            else:
                self._whole.setdefault(pattern, []).append(place)
        self._lengths: Final = sorted({len(run) for run in self._by_run})

    def fit(self, text: str | None) -> bool:
        """Whether a text fits any. What is not known never does."""
        return text is not None and next(self.fitting(text), None) is not None

    def fitting(self, text: str) -> Iterator[int]:
        """The places of the patterns that a text fits, in their order."""
        found = list(self._whole.get(text, ()))
        for run in self._runs_in(text):
            places = self._by_run[run]
            found += [place for place in places if fnmatchcase(text, self._patterns[place])]
        return iter(sorted(found))

    def _runs_in(self, text: str) -> set[str]:
        by_run = self._by_run
        return {
            run
            for length in self._lengths
            for start in range(len(text) - length + 1)
            if (run := text[start : start + length]) in by_run
        }


def _runs(pattern: str) -> Iterator[str]:
    """What stands between the wildcards of a pattern."""
    start = place = 0
    while place < len(pattern):
        end = place
        if pattern[place] == "[":
            # A bracket as the first character of the class is one of its characters. Without an end it is a literal.
            first = place + 2 if pattern.startswith("!", place + 1) else place + 1
            end = pattern.find("]", first + 1)
        elif pattern[place] not in "*?":
            end = -1
        if end >= 0:
            if start < place:
                yield pattern[start:place]
            place = start = end + 1
        else:
            place += 1
    if start < len(pattern):
        yield pattern[start:]


class Numbered:
    """Globs, each with the number of a statement."""

    def __init__(self, patterns: Sequence[tuple[str, int]]) -> None:
        self._globs: Final = Globs([pattern for pattern, _ in patterns])
        self._numbers: Final = [number for _, number in patterns]

    def fitting(self, texts: Iterable[str]) -> Iterator[int]:
        """The numbers of those that any of the texts fits."""
        return (self._numbers[place] for text in texts for place in self._globs.fitting(text))
