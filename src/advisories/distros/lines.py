"""Channels, branches and lines: how the builds of one name are related (rule 8). The table is ``lines.tsv``.

A *channel* goes on from the public builds (ESM, ELS, LTSS). A *branch* is of one trunk: a minor release of Red Hat's
family. A *line* is apart, as FIPS, Amazon's extras and Oracle's UEK are: the records of one line neither affect nor
clear the builds of another. A *source* is a kernel with a source package of its own: its name parts it from the others.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from advisories.models.distribution import Distribution, has_channel, is_additive, is_branch
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen
from advisories.models.packages import Package
from advisories.models.words import Names

__all__ = [
    "FLAVOURS",
    "LINED",
    "LINED_BY_CHANNEL",
    "MAIN_LINE",
    "REBUILT_LINES",
    "Relation",
    "branch_of",
    "channels_shown",
    "has_own_source",
    "is_sole_channel",
    "leaves",
    "line_of",
    "lines_of_record",
    "may_hide_lines",
    "names_of_line",
    "opens",
    "relations",
]

#: The line of a build that is in no other one.
MAIN_LINE: Final = ""
#: The lines of every rpm distribution, by the word that a version of theirs has.
FLAVOURS: Final = ("ksplice", "fips")
#: The distributions that have lines beyond :data:`FLAVOURS`.
LINED: Final = frozenset({"almalinux", "alpine", "amzn", "centos-stream", "debian", "ol", "rhel", "ubuntu"})
#: Those of them whose records show their line by their channel alone: a record without one is of the main line.
LINED_BY_CHANNEL: Final = frozenset({"almalinux", "alpine", "centos-stream", "debian"})
#: Lines of vendors that build other distributions' packages anew, and publish records of them.
REBUILT_LINES: Final = frozenset({"root", "tuxcare"})

_COLUMNS: Final = ("distribution", "kind", "line", "names", "versions", "repositories", "channels", "known")


@frozen
class Relation:
    """A row of the table.

    :ivar distribution: an id, an id and a release (``amzn 2``), or ``rpm`` for every distribution of rpm packages.
    :ivar kind: ``channel``, ``branch``, ``line`` or ``source``.
    :ivar line: the name. It may refer to a group of the pattern that decided (``kernel-\\1``). Empty is the main line.
    :ivar names: package names of the line alone, or with `versions` those that its versions tell apart. None means any.
    :ivar versions: a part of the version that shows it.
    :ivar repositories: the repository that shows it, as lists write it.
    :ivar channels: the channels that records of it are in. ``*`` means the one of the line's name.
    :ivar known: names under which a feed that has the line has records of it.
    """

    distribution: str
    kind: str
    line: str
    names: re.Pattern[str] | None
    versions: re.Pattern[str] | None
    repositories: re.Pattern[str] | None
    channels: tuple[str, ...]
    known: tuple[tuple[Names, str], ...]

    def shown_by(self, name: str, version: str, repository: str | None) -> str | None:
        """The name of the line where a build shows it, else None."""
        if self.names is not None and self.names.fullmatch(name) is None:
            return None
        found: re.Match[str] | None = None
        if self.versions is not None:
            found = self.versions.search(version)
        elif self.repositories is not None:
            found = self.repositories.fullmatch(repository or "")
        elif self.names is not None:
            return self.line
        return None if found is None else found.expand(self.line)


def relations() -> tuple[Relation, ...]:
    """The whole table, in its order. Of several rows that a build fits the first counts."""
    return tuple(map(_relation, _rows()))


def _rows() -> Sequence[tuple[str, ...]]:
    return rows_of("advisories.distros", "lines.tsv", _COLUMNS)


def _relation(row: tuple[str, ...]) -> Relation:
    id, kind, line, names, versions, repositories, channels, known, _ = row
    return Relation(
        id,
        kind,
        line,
        _pattern(names),
        _pattern(versions),
        _pattern(repositories),
        tuple(channels.split()),
        tuple((Names(word), name) for word, _, name in (one.partition(":") for one in known.split())),
    )


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text, re.ASCII) if text else None


@cache
def _of(id: str, release: str | None, kind: str) -> tuple[Relation, ...]:
    # A run needs few of the rows, and patterns are slow to compile.
    return tuple(_relation(row) for row in _rows() if row[1] == kind and row[0] in (id, f"{id} {release}"))


@cache
def _marks(id: str, release: str | None) -> tuple[re.Pattern[str], re.Pattern[str], bool] | None:
    """What names and versions of a line look like, and whether a repository may show one. None where there is no line.

    A build of neither is in no line: one look at each shows that for nearly all.
    """
    rows = _of(id, release, "line")
    if not rows:
        return None
    names = [row.names.pattern for row in rows if row.names is not None and row.versions is None]
    versions = [row.versions.pattern for row in rows if row.versions is not None]
    of_names, of_versions = (
        re.compile("|".join([f"(?:{one})" for one in many]) or "(?!)", re.ASCII) for many in (names, versions)
    )
    return of_names, of_versions, any(row.repositories is not None for row in rows)


@lru_cache(maxsize=1 << 14)
def line_of(distribution: Distribution, name: str, version: str, repository: str | None = None) -> str | None:
    """The line of a build, :data:`MAIN_LINE` for most. None where nothing shows it.

    :param distribution: as its advisories are filed.

    >>> ol, amazon = Distribution("ol", "8"), Distribution("amzn", "2")
    >>> line_of(ol, "kernel-uek", "5.4.17-2136.320.1.el8uek"), line_of(ol, "bash", "4.4.20-4.el8_6")
    ('UEKR6', '')
    >>> line_of(amazon, "kernel", "5.10.199-190.747.amzn2"), line_of(amazon, "runc", "1.1.7-4.amzn2")
    ('kernel-5.10', None)
    """
    marks = _marks(distribution.id, distribution.release)
    if marks is None:
        return MAIN_LINE
    names, versions, may_hide = marks
    if not may_hide and names.fullmatch(name) is None and versions.search(version) is None:
        return MAIN_LINE
    for row in _of(distribution.id, distribution.release, "line"):
        line = row.shown_by(name, version, repository)
        if line is not None:
            return line
    return None if may_hide else MAIN_LINE


def may_hide_lines(distribution: Distribution) -> bool:
    """Whether builds of a release may be in a line that neither name nor version shows, but a repository does."""
    marks = _marks(distribution.id, distribution.release)
    return marks is not None and marks[2]


@lru_cache(maxsize=1 << 14)
def lines_of_record(
    distribution: Distribution, name: str, channel: str | None, versions: tuple[str, ...]
) -> frozenset[str] | None:
    """The lines that a record is about. None means every line of its name.

    Its name shows the line, else its channel, else the versions that it names.

    :param versions: the fixed versions, or where there are none others that the record names.

    >>> lines_of_record(Distribution("amzn", "2"), "runc", "docker", ("1.1.11-1.amzn2",))
    frozenset({'docker'})
    >>> lines_of_record(Distribution("ol", "8"), "kernel-uek", None, ()) is None
    True
    """
    rows = _of(distribution.id, distribution.release, "line")
    for row in rows:
        if row.names is not None and row.versions is None and row.names.fullmatch(name):
            return frozenset({row.line})
    if channel is not None and not is_additive(channel) and not is_branch(channel):
        return frozenset({next((row.line for row in rows if channel in row.channels), channel)})
    by_version = [row for row in rows if row.versions is not None and (not row.names or row.names.fullmatch(name))]
    if versions:
        return frozenset(_by_version(by_version, name, one) for one in versions)
    # A channel parts Ubuntu's lines. Elsewhere the record may be about any line that only versions tell apart.
    parted = any(not row.channels or "*" in row.channels for row in by_version)
    return None if parted else frozenset({MAIN_LINE})


def _by_version(rows: Iterable[Relation], name: str, version: str) -> str:
    shown = (row.shown_by(name, version, None) for row in rows)
    return next((line for line in shown if line is not None), MAIN_LINE)


def names_of_line(distribution: Distribution, line: str) -> tuple[tuple[Names, str], ...]:
    """The names under which a feed that knows a line has records of it."""
    rows = _of(distribution.id, distribution.release, "line")
    fits = [row for row in rows if row.line == line or re.fullmatch(r"(.*)\\1", row.line)]
    return tuple(dict.fromkeys(one for row in fits for one in row.known))


@lru_cache(maxsize=1 << 12)
def is_sole_channel(distribution: Distribution, line: str, channel: str) -> bool:
    """Whether a line has this channel and no other: who has its builds has the channel.

    >>> ubuntu, amazon = Distribution("ubuntu", "20.04"), Distribution("amzn", "2")
    >>> is_sole_channel(ubuntu, "fips", "fips"), is_sole_channel(amazon, "docker", "docker")
    (False, True)
    """
    rows = _of(distribution.id, distribution.release, "line")
    channels = {one for row in rows if row.line == line for one in row.channels}
    return channels == {channel} if channels else line == channel


@lru_cache(maxsize=1 << 12)
def has_own_source(id: str, source: str) -> bool:
    """Whether a source package is one of several kernels, each with a source of its own.

    >>> [has_own_source(*one) for one in (("debian", "linux-6.12"), ("debian", "linux"), ("ubuntu", "linux-base"))]
    [True, False, False]
    """
    return any(row.names is not None and row.names.fullmatch(source) for row in _of(id, None, "source"))


@lru_cache(maxsize=1 << 14)
def branch_of(version: str) -> str | None:
    """The minor release that an rpm was built for, by its dist tag. None for a build of the trunk.

    >>> branch_of("5.14.0-427.50.2.el9_4"), branch_of("1.2-3.module+el8.6.0+14480+c0a3aa0f"), branch_of("4.2-1.el9")
    ('9.4', '8.6', None)
    """
    for row in _of("rpm", None, "branch"):
        assert row.versions is not None
        *_, last = (None, *row.versions.finditer(version))
        if last is not None:
            return last.expand(row.line)
    return None


def leaves(distribution: Distribution, package: Package, later: Package) -> Iterator[tuple[str, str, str]]:
    """What a package leaves where it becomes another build of it: a minor release, a channel or a line.

    :returns: the kind of what it leaves, its name, and the name of what it becomes a build of.

    >>> rhel, old = Distribution("rhel", "9"), Package("rpm", "kernel", "5.14.0-427.42.1.el9_4")
    >>> list(leaves(rhel, old, Package("rpm", "kernel", "5.14.0-503.23.2.el9_5")))
    [('the minor release', '9.4', '9.5')]
    """
    if package.type == "rpm":
        before, after = branch_of(package.version), branch_of(later.version)
        # A build without a dist tag of a minor release may be of any.
        if before is not None and after is not None and before != after:
            yield "the minor release", before, after
    if distribution.id in LINED:
        old, new = (line_of(distribution, one.name, one.version, one.repository) for one in (package, later))
        if new is not None and old is not None and old != new:
            yield "the line", old or _MAIN, new or _MAIN
        channels = [channels_shown(distribution.id, one.version) for one in (package, later)]
        if channels[0] and not channels[1]:
            yield "the channel", " or ".join(sorted(channels[0])), "the public builds"


_MAIN: Final = "of the distribution itself"


def opens(host: Distribution, channel: str, version: str) -> bool:
    """Whether a host has a channel, because it states so or because a build of this version shows it."""
    return has_channel(host, channel) or channel in channels_shown(host.id, version)


@lru_cache(maxsize=1 << 12)
def channels_shown(id: str, version: str) -> frozenset[str]:
    """The channels of which one has this build, as its version shows.

    >>> sorted(channels_shown("ubuntu", "4.4-5ubuntu1+esm1")), sorted(channels_shown("ubuntu", "4.4-5ubuntu1"))
    (['esm-apps', 'esm-infra', 'esm-infra-legacy', 'pro'], [])
    """
    rows = _of(id, None, "channel")
    shown = [row for row in rows if row.versions is not None and row.versions.search(version)]
    return frozenset(channel for row in shown for channel in row.channels)
