"""How long each release is supported: dates with their sources, in ``support.tsv``. A date without a source is unknown.

*Standard* support is for everybody. *Extended* support follows it under a name of its own. Debian's LTS is free.
Ubuntu's ESM, Red Hat's ELS and SUSE's LTSS are sold. A source that gives a month means its last day here.
Nothing here reads the clock: you pass the day.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType

from advisories.models.distribution import FAMILIES, Distribution, filed_under
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun

__all__ = ["Support", "support_of", "support_table"]


@frozen
class Support(Noun):
    """How long a release gets security fixes.

    :ivar standard: the last day of standard support.
    :ivar extended: the last day of extended support. None where there is none.
    :ivar extended_by: the name of extended support. None where there is none.
    :ivar source: where the dates were read.
    """

    standard: date
    extended: date | None
    extended_by: str | None
    source: str

    def text(self, on: date | None = None) -> str:
        """Both dates in words. With a day, what was over by then reads as ended.

        >>> support = Support(date(2024, 8, 14), date(2026, 8, 31), "LTS", "")
        >>> support.text()
        'standard support until 2024-08-14, LTS until 2026-08-31'
        >>> support.text(date(2025, 1, 1))
        'standard support ended on 2024-08-14, LTS until 2026-08-31'
        """
        times = [("standard support", self.standard)]
        if self.extended is not None and self.extended_by is not None:
            times.append((self.extended_by, self.extended))
        return ", ".join(f"{what} {'ended on' if on and day < on else 'until'} {day}" for what, day in times)


@cache
def support_table() -> Mapping[tuple[str, str], Support]:
    """The whole table: the support of each release by distribution and release, as its advisories are filed."""
    return MappingProxyType(
        {
            (id, release): Support(
                date.fromisoformat(standard), date.fromisoformat(extended) if extended else None, by or None, source
            )
            for id, release, standard, extended, by, source in rows_of(
                "advisories.distros", "support.tsv", ("distribution", "release", "standard", "extended", "extended_by")
            )
        }
    )


@lru_cache(maxsize=1024)
def support_of(distribution: Distribution) -> Support | None:
    """The support of a release. None where the release or its dates are unknown.

    A distribution without dates of its own has those of the release whose advisories it uses.

    >>> support = support_of(Distribution("debian", "11.4"))
    >>> str(support.standard), support.extended_by, str(support.extended)
    ('2024-08-14', 'LTS', '2026-08-31')
    >>> support_of(Distribution("debian", "unstable")) is None
    True
    """
    family = FAMILIES.get(distribution.id)
    if family is None or distribution.release is None:
        return None
    table, release = support_table(), family.release(distribution.release)
    if not any(id == distribution.id for id, _ in table):
        filed = filed_under(Distribution(distribution.id, release))
        return table.get((filed.id, filed.release or ""))
    return table.get((distribution.id, release))
