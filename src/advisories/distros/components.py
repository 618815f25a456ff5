"""The components that a release's advisories are published in, with their sources, in ``components.tsv``.

Documents show which one they are of: secdb by its repository, Debian's lists by the kind of their advisories,
updateinfo by the name of its collection. A host has the components that its release enables by default.

``enabled`` in the table is *yes*, *no*, the first release (*from 3.3*), or when: *standard* and *extended* are the
phases of a release's support (:mod:`advisories.distros.lifecycle`). Debian's second list begins with the second one,
and the first stays needed.
"""

from datetime import date
from functools import cache, lru_cache
from typing import Final

from advisories.distros.lifecycle import support_of
from advisories.models.distribution import Distribution, filed_under
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.patterns import pattern

__all__ = ["Component", "component_of", "components_of", "enabled_components"]

_NUMBER: Final = pattern(r"[0-9]+")
_WORD: Final = pattern(r"[a-z0-9]+")
# Amazon's repositories beside the main one, as collections and as a host's lists call them. They are many, and each is
# a component of its name: amazon-linux-2---kernel-5.10, amzn2extra-kernel-5.10, kernel-livepatch.
_EXTRA: Final = pattern(r"(?:amazon-linux-[0-9]+---?|@?amzn2extra-)(.+)")
_MAIN: Final = pattern(r"amazon-linux-(?:[0-9]+|ami)|@?amzn2-core|@?amazonlinux")


@frozen
class Component(Noun):
    """A row of the table.

    :ivar name: of the component, ``community`` or ``DLA``.
    :ivar words: which of these in the name of a repository or a collection shows it.
    :ivar enabled: *yes*, *no*, *from* a release, *standard* or *extended*.
    :ivar source: where it was read.
    """

    name: str
    words: frozenset[str]
    enabled: str
    source: str


@cache
def components_of(id: str) -> tuple[Component, ...]:
    """The components of a distribution's releases. Empty where its advisories have none.

    >>> [component.name for component in components_of("alpine")]
    ['main', 'community']
    """
    rows = rows_of("advisories.distros", "components.tsv", ("distribution", "component", "words", "enabled"))
    return tuple(
        Component(name, frozenset(words.split()), enabled, source)
        for of, name, words, enabled, source in rows
        if of == id
    )


@lru_cache(maxsize=4096)
def component_of(id: str, name: str) -> str | None:
    """The component that a repository or a collection of this name is. None where the table has none.

    >>> component_of("almalinux", "almalinux-9-for-x86_64-baseos-rpms__9_default")
    'baseos'
    >>> component_of("alpine", "https://dl-cdn.alpinelinux.org/alpine/v3.20/community")
    'community'
    >>> component_of("amzn", "amzn2extra-docker"), component_of("almalinux", "epel")
    ('docker', None)
    """
    if id == "amzn":
        extra = _EXTRA.fullmatch(name)
        return extra[1] if extra else "core" if _MAIN.fullmatch(name) else None
    words = frozenset(_WORD.findall(name.lower()))
    return next((one.name for one in components_of(id) if not words.isdisjoint(one.words)), None)


def enabled_components(distribution: Distribution, on: date | None) -> tuple[str, ...]:
    """The components that a release enables by default on a day. Without a day those of every phase of its support.

    >>> enabled_components(Distribution("debian", "12"), date(2024, 1, 1))
    ('DSA',)
    >>> enabled_components(Distribution("debian", "10"), date(2024, 1, 1))
    ('DSA', 'DLA')
    """
    filed = filed_under(distribution)
    support = support_of(filed)
    is_extended = support is not None and support.extended is not None and (on is None or on > support.standard)
    return tuple(
        one.name
        for one in components_of(filed.id)
        if one.enabled in ("yes", "standard")
        or (one.enabled == "extended" and is_extended)
        or (one.enabled.startswith("from ") and _is_since(filed.release or "", one.enabled.removeprefix("from ")))
    )


def _is_since(release: str, first: str) -> bool:
    """Whether a release is not before another one. One that is no number (edge) is later than any."""
    own, least = (tuple(map(int, _NUMBER.findall(one))) for one in (release, first))
    return not own or own >= least
