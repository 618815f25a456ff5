"""What is counted: one package and one id on a host, and a difference about it."""

from typing import NamedTuple

__all__ = ["Difference", "Place"]


class Place(NamedTuple):
    """One installed package and the id of a vulnerability, or of an advisory where a tool reports those.

    :ivar name: empty, as are version and arch, where a tool reports ids of the host alone.
    """

    name: str
    version: str
    arch: str
    id: str


class Difference(NamedTuple):
    """One place that one side alone has.

    :ivar rule: the number of the rule that makes the difference, None where nothing explains it.
    :ivar reason: a word for the kind of the difference, in the table of reasons.
    :ivar evidence: package, versions and advisory, and what the feed states.
    """

    place: Place
    rule: int | None
    reason: str
    evidence: str
