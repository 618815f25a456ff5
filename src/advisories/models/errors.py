"""What can go wrong before matching starts: each error says where, what and why.

Matching itself never raises for what it could not matcher (that is in the coverage), and a broken record of a
readable source is a :class:`~advisories.models.Rejection`, not an exception.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisories.models.reading import Rejection

__all__ = [
    "AdvisoriesError",
    "DamagedStore",
    "EmptySource",
    "ForeignBaseline",
    "InvalidIgnoreFile",
    "LimitExceeded",
    "UnknownChannel",
    "UnknownDistribution",
    "UnknownFormat",
    "UnknownReport",
    "UnreadableBaseline",
    "UnreadableSource",
    "UnwritableStore",
]


class AdvisoriesError(Exception):
    """The parent of all errors of this package."""


class UnreadableSource(AdvisoriesError):
    """A file, folder, archive or stream that cannot be read at all.

    :ivar source: the path as it was given, or ``-`` for standard input.
    :ivar why: what the operating system or the container format said.
    """

    def __init__(self, source: str, why: str) -> None:
        super().__init__(source, why)
        self.source = source
        self.why = why

    def __str__(self) -> str:
        return f"{self.source}: {self.why}"


class UnknownFormat(UnreadableSource):
    """A source whose content no reader of the registry recognises. ``why`` lists the formats there are."""


class UnknownReport(AdvisoriesError, LookupError):
    """A report in a format that it does not have.

    :ivar what: the kind of report: findings, plan, verification or lint.
    :ivar format: the name that was given.
    :ivar formats: the names there are.
    """

    def __init__(self, what: str, format: str, formats: tuple[str, ...]) -> None:
        super().__init__(what, format, formats)
        self.what = what
        self.format = format
        self.formats = formats

    def __str__(self) -> str:
        return f"unknown format {self.format!r}: a report of {self.what} is one of {', '.join(self.formats)}"


class LimitExceeded(UnreadableSource):
    """A source beyond a stated limit (size, number of members, ratio of an archive)."""


class EmptySource(UnreadableSource):
    """A list without one package, or a feed without one record: an error, never an empty host or a clean bill."""


class DamagedStore(UnreadableSource):
    """A store that is cut off, contradicts itself, or cannot be read as the database it is."""


class InvalidIgnoreFile(UnreadableSource):
    """A file of ignore rules with mistakes in it, refused as a whole: a rule that is lost would show what was to be set
    aside, one that is half read could hide what was not.

    :ivar problems: every mistake, with its line.
    """

    def __init__(self, source: str, problems: tuple["Rejection", ...]) -> None:
        super().__init__(source, "; ".join(f"{one.position}: {one.said}" for one in problems))
        self.args = (source, problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UnreadableBaseline(UnreadableSource):
    """An earlier report of which something cannot be read. It is refused as a whole: of half a baseline, the findings
    that were not read would be called new.

    :ivar position: a JSON path such as ``findings[3].status``, or ``byte 4096`` where it is not JSON.
    :ivar what: the finding concerned as far as it is known, else what kind of file it should be.
    """

    def __init__(self, source: str, position: str, what: str, why: str) -> None:
        super().__init__(source, why)
        self.args = (source, position, what, why)
        self.position = position
        self.what = what

    def __str__(self) -> str:
        return f"{self.source}: {self.position}: {self.what}: {self.why}"


class ForeignBaseline(AdvisoriesError):
    """An earlier report that seems to be of another host than the package list it is verified against.

    :ivar baseline: where the report was read from.
    :ivar inventory: where the package list was read from.
    :ivar why: what tells them apart.
    """

    def __init__(self, baseline: str, inventory: str, why: str) -> None:
        super().__init__(baseline, inventory, why)
        self.baseline = baseline
        self.inventory = inventory
        self.why = why

    def __str__(self) -> str:
        return f"{self.baseline}: the baseline seems to be of another host than {self.inventory}: {self.why}"


class UnwritableStore(AdvisoriesError):
    """A store that could not be written; what was there before is as it was.

    :ivar path: the file that was to be written.
    :ivar why: what the operating system or the database said.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class UnknownDistribution(AdvisoriesError):
    """A distribution that the table does not know, or one without the release that it needs.

    :ivar text: what was asked for.
    :ivar known: the distributions there are.
    :ivar id: the distribution that was meant, where only its release is missing.
    """

    def __init__(self, text: str, known: tuple[str, ...], id: str | None = None) -> None:
        super().__init__(text, known, id)
        self.text = text
        self.known = known
        self.id = id

    def __str__(self) -> str:
        if self.id is not None:
            return f"{self.text!r} names no release; say {self.id}:RELEASE"
        return f"unknown distribution {self.text!r}; say ID:RELEASE with one of: {', '.join(self.known)}"


class UnknownChannel(AdvisoriesError):
    """A channel that no feed knows of a distribution: taken for one, it would open nothing and not be missed.

    :ivar text: what was asked for.
    :ivar channel: the channel in it.
    :ivar id: the distribution, and
    :ivar known: its channels.
    """

    def __init__(self, text: str, channel: str, id: str, known: tuple[str, ...]) -> None:
        super().__init__(text, channel, id, known)
        self.text = text
        self.channel = channel
        self.id = id
        self.known = known

    def __str__(self) -> str:
        has = f"of {self.id} there are: {', '.join(self.known)}" if self.known else f"{self.id} has none"
        return f"unknown channel {self.channel!r} in {self.text!r}; {has}"
