"""What can go wrong before and after matching. Each error names the place, the thing and the reason.

Matching itself raises nothing for a package that it cannot judge: the coverage has it. A broken record of a readable
source is a :class:`~advisories.models.Rejection`, not an exception.
"""

from typing import TYPE_CHECKING

from advisories.models.words import nearest

if TYPE_CHECKING:
    from advisories.models.reading import Rejection

__all__ = [
    "AdvisoriesError",
    "DamagedStore",
    "EmptyReport",
    "EmptySource",
    "ForeignBaseline",
    "ForeignSources",
    "InvalidIgnoreFile",
    "InvalidTemplate",
    "LimitExceeded",
    "MissingExtra",
    "OtherVersion",
    "PassesExceeded",
    "UnknownChannel",
    "UnknownDistribution",
    "UnknownFormat",
    "UnknownPackageType",
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
    :ivar why: the reason, from the operating system or the container format.
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
        return f"unknown format {self.format!r} for {self.what}: choose {' or '.join(self.formats)}"


class EmptyReport(AdvisoriesError):
    """A report with nothing in it that its format could have, where the format demands something.

    :ivar format: its name.
    :ivar why: what it demands, and what to write instead.
    """

    def __init__(self, format: str, why: str) -> None:
        super().__init__(format, why)
        self.format = format
        self.why = why

    def __str__(self) -> str:
        return f"{self.format}: {self.why}"


class MissingExtra(UnreadableSource):
    """A source that needs a library of an extra that is not installed, broken or too old. ``why`` names the extra.

    It concerns the source as a whole, also where only one file of a folder or archive needs the library: otherwise a
    feed would have fewer records on one host than on another.
    """


class LimitExceeded(UnreadableSource):
    """A source beyond a stated limit (size, number of members, ratio of an archive)."""


class OtherVersion(UnreadableSource):
    """A file that another release of this package wrote, in a form that this one does not read.

    :ivar what: what has a version: ``the store``, ``advisories/report``.
    :ivar found: the version of the file.
    :ivar read: the versions that this release reads, the newest first.
    :ivar again: how to make the file by this release.
    """

    def __init__(self, source: str, what: str, found: int, read: tuple[int, ...], again: str) -> None:
        newer = "upgrade vercmp, or " if found > max(read) else ""
        known = f"version {read[0]}"
        if len(read) > 1:
            known = f"versions {', '.join(map(str, read[:-1]))} and {read[-1]}"
        super().__init__(source, f"{what} has version {found}, and this release reads {known}: {newer}{again}")
        self.args = (source, what, found, read, again)
        self.what = what
        self.found = found
        self.read = read
        self.again = again


class PassesExceeded(LimitExceeded):
    """A file of a compressed archive or layer that would take one more pass over it than there may be. What is not
    compressed takes none.
    """


class EmptySource(UnreadableSource):
    """A list without a package, or a feed without a record. It never passes for an empty host or a clean result."""


class DamagedStore(UnreadableSource):
    """A store that is cut off, contradicts itself, or cannot be read as the database it is."""


class InvalidIgnoreFile(UnreadableSource):
    """A file of ignore rules with mistakes in it, rejected as a whole. A lost rule would show what you suppressed. A
    half-read one could hide what you did not.

    :ivar problems: every mistake, with its line.
    """

    def __init__(self, source: str, problems: tuple["Rejection", ...]) -> None:
        super().__init__(source, "; ".join(f"{one.position}: {one.text}" for one in problems))
        self.args = (source, problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InvalidTemplate(UnreadableSource):
    """A template with a mistake in it, or one that takes more than its budget.

    :ivar line: where in the template. None where that is not known.
    """

    def __init__(self, source: str, line: int | None, why: str) -> None:
        super().__init__(source, why)
        self.args = (source, line, why)
        self.line = line

    def __str__(self) -> str:
        return f"{self.source}: {self.why}" if self.line is None else f"{self.source}: line {self.line}: {self.why}"


class UnreadableBaseline(UnreadableSource):
    """An earlier report that cannot be read in part. It is rejected as a whole: findings that are not read would be
    reported as new.

    :ivar position: a JSON path such as ``findings[3].status``, or ``byte 4096`` where it is not JSON.
    :ivar what: the finding concerned as far as it is known, else the kind of file it should be.
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
    :ivar why: how they differ.
    """

    def __init__(self, baseline: str, inventory: str, why: str) -> None:
        super().__init__(baseline, inventory, why)
        self.baseline = baseline
        self.inventory = inventory
        self.why = why

    def __str__(self) -> str:
        return f"{self.baseline}: the baseline seems to be of another host than {self.inventory}: {self.why}"


class ForeignSources(AdvisoriesError):
    """A map of binary packages to source packages that has nothing of the package list it should complete.

    :ivar sources: where the map was read from.
    :ivar inventory: where the package list was read from.
    :ivar why: what it has instead.
    """

    def __init__(self, sources: str, inventory: str, why: str) -> None:
        super().__init__(sources, inventory, why)
        self.sources = sources
        self.inventory = inventory
        self.why = why

    def __str__(self) -> str:
        return f"{self.sources}: no sources of the packages of {self.inventory}: {self.why}"


class UnwritableStore(AdvisoriesError):
    """A store that could not be written. What was there before is unchanged.

    :ivar path: the file that was to be written.
    :ivar why: the reason, from the operating system or the database.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class UnknownDistribution(AdvisoriesError, ValueError):
    """A distribution or a release that the table does not have, or a release that is missing.

    :ivar text: as it was written.
    :ivar known: the ids there are, or the codenames where only the release is unknown.
    :ivar id: the distribution, where only its release is missing or unknown.
    :ivar nearest: the word you probably meant. None where none is near.
    """

    def __init__(self, text: str, known: tuple[str, ...], id: str | None = None, nearest: str | None = None) -> None:
        super().__init__(text, known, id, nearest)
        self.text = text
        self.known = known
        self.id = id
        self.nearest = nearest

    def __str__(self) -> str:
        name, _, release = self.text.partition("+")[0].partition(":")
        if self.id is None:
            what = f"unknown distribution {name!r}"
            other = f"write ID:RELEASE, where ID is one of {', '.join(self.known)}"
        elif self.known:
            what = f"unknown release {release or name!r} of {self.id}"
            other = f"write its number, or one of {', '.join(self.known)}"
        else:
            return f"{self.text!r} has no release: write {self.id}:RELEASE"
        return f"{what}: did you mean {self.nearest}?" if self.nearest else f"{what}: {other}"


class UnknownChannel(AdvisoriesError, ValueError):
    """A channel that no feed knows of a distribution. Accepted, it would open nothing, and nobody would notice.

    :ivar text: as it was written.
    :ivar channel: the channel in it.
    :ivar id: the distribution.
    :ivar known: its channels.
    """

    def __init__(self, text: str, channel: str, id: str, known: tuple[str, ...]) -> None:
        super().__init__(text, channel, id, known)
        self.text = text
        self.channel = channel
        self.id = id
        self.known = known

    def __str__(self) -> str:
        near = nearest(self.channel, self.known)
        meant = f": did you mean {near}?" if near else ":"
        has = f"{self.id} has {', '.join(self.known)}" if self.known else f"{self.id} has none"
        return f"unknown channel {self.channel!r} in {self.text!r}{meant} {has}"


class UnknownPackageType(AdvisoriesError, ValueError):
    """A package type that is no type of package URLs.

    :ivar type: as it was written.
    :ivar known: the types there are.
    :ivar nearest: the type you probably meant. None where none is near.
    """

    def __init__(self, type: str, known: tuple[str, ...], nearest: str | None = None) -> None:
        super().__init__(type, known, nearest)
        self.type = type
        self.known = known
        self.nearest = nearest

    def __str__(self) -> str:
        rest = f"did you mean {self.nearest}?" if self.nearest else f"write one of {', '.join(self.known)}"
        return f"unknown package type {self.type!r}: {rest}"
