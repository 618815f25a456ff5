"""Sentences about what the files of a host show of its repositories, channels and module streams."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from advisories.models.setups import Setup, SetupKind
from advisories.reports.lines import named

__all__ = ["channels_line", "no_security", "others"]

# How many repositories are named. JSON has all.
_NAMED: Final = 12


def channels_line(setups: Iterable[Setup]) -> str:
    """The channels and streams that are on, each with its place. Empty where there are none.

    >>> channels_line([Setup(SetupKind.STREAM, "nodejs:18", "", True, False, "etc/dnf/modules.d/nodejs.module", 1)])
    'set up: nodejs:18 (etc/dnf/modules.d/nodejs.module line 1)'
    """
    shown = {
        one.name: one.place
        for one in reversed(list(setups))
        if one.is_on and one.kind in (SetupKind.CHANNEL, SetupKind.STREAM)
    }
    found = [f"{name} ({place})" for name, place in sorted(shown.items())]
    return f"set up: {', '.join(found)}" if found else ""


def no_security(setups: Sequence[Setup], release: str | None) -> Iterator[str]:
    """A sentence where apt has repositories of the release, and none with its security updates."""
    own = [one for one in setups if one.kind is SetupKind.RELEASE and one.is_on and one.source.startswith("etc/apt/")]
    if own and release is not None and release[:1].isdigit() and not any(one.is_security for one in own):
        yield (
            f"No repository with security updates is set up, beside {own[0].place}: the host cannot install fixes that "
            "are there alone"
        )


def others(setups: Iterable[Setup]) -> Iterator[str]:
    """A sentence about repositories that no table has, or that are somebody else's."""
    found = [f"{one.name} ({one.place})" for one in setups if one.kind is SetupKind.OTHER and one.is_on]
    if found:
        yield (
            f"Repositories beside the distribution's are set up: {named(found, _NAMED)}. What comes from there counts "
            "as the distribution's where its builder, version or maintainer shows nothing else"
        )
