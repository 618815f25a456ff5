"""The rows of the lint: what was found of advisories that leave names out, then packages by their first entry."""

from typing import Final

from advisories.index.completeness import flaws_of_completions
from advisories.index.lint import flaws_of, published_records
from advisories.index.records import GroupKey
from advisories.models.reading import Flaw, FlawKind
from advisories.models.words import Names
from advisories.store.rows import Row
from advisories.store.tables import is_ordered
from advisories.store.updating.changes import Older
from advisories.store.updating.completing import Exchange
from advisories.store.updating.drawing import Drawing
from advisories.store.updating.numbering import Numbers
from advisories.store.updating.packages import Packages

__all__ = ["flaw_rows"]


def flaw_rows(older: Older, exchanged: Exchange, numbers: Numbers, packages: Packages, drawing: Drawing) -> list[Row]:
    """The rows of the lint of the new store."""
    lint = _Lint(older, exchanged, numbers, packages, drawing)
    distributions = packages.distributions
    return [
        (
            number,
            flaw.kind.value,
            flaw.advisory,
            flaw.package,
            None if flaw.distribution is None else distributions[flaw.distribution],
            flaw.why,
        )
        for number, flaw in enumerate([*lint.of_completions(), *lint.of_packages()])
    ]


class _Lint:
    def __init__(
        self, older: Older, exchanged: Exchange, numbers: Numbers, packages: Packages, drawing: Drawing
    ) -> None:
        self._older: Final = older
        self._exchanged: Final = exchanged
        self._numbers: Final = numbers
        self._packages: Final = packages
        self._drawing: Final = drawing

    def of_completions(self) -> list[Flaw]:
        """By advisory, of those that stay and those that come."""
        found = [
            flaw
            for flaw in self._older.store.flaws
            if flaw.kind is FlawKind.RECORD_INCOMPLETE and flaw.advisory not in self._exchanged.gone
        ]
        for one in self._numbers.order:
            if missing := self._exchanged.left_out(one):
                found += flaws_of_completions(self._exchanged.added[one], missing)
        return sorted(found, key=lambda flaw: flaw.advisory)

    def of_packages(self) -> list[Flaw]:
        """By the first entry of the package."""
        by_key: dict[GroupKey, list[Flaw]] = {}
        worked_out = set(self._packages.keys)
        names_of = self._names()
        for flaw in self._older.store.flaws:
            of = flaw.distribution
            if flaw.kind is FlawKind.RECORD_INCOMPLETE:
                continue
            assert of is not None
            assert flaw.package is not None
            names = names_of[of.id, of.release or "", flaw.package]
            keys = [(of.id, of.release or "", one, flaw.package) for one in names]
            if len(keys) > 1:
                # Source or binary packages of one name: which of them it is about does not stand there.
                worked_out.update(keys)
            elif keys[0] not in self._packages.keys:
                by_key.setdefault(keys[0], []).append(flaw)
        for key in worked_out & self._packages.by_key.keys():
            by_key[key] = self._worked_out(key)
        return [flaw for key in sorted(filter(by_key.get, by_key), key=self._first_entry) for flaw in by_key[key]]

    def _names(self) -> dict[tuple[str, str, str], set[Names]]:
        """By release and name, whether source or binary packages have it."""
        found: dict[tuple[str, str, str], set[Names]] = {}
        for target in self._packages.old:
            distribution, name, names, _ = target
            if distribution is not None and is_ordered(target):
                found.setdefault((distribution.id, distribution.release or "", name), set()).add(names)
        return found

    def _worked_out(self, key: GroupKey) -> list[Flaw]:
        records = self._drawing.of_key.get(key)
        if records is None:
            group = self._older.store.group(key)
            records = list(group.records) if group is not None else []
        return list(flaws_of(published_records(records)))

    def _first_entry(self, key: GroupKey) -> int:
        numbers, firsts = self._numbers, list[int]()
        for target in self._packages.by_key[key]:
            firsts += [number for number, *_ in numbers.coming.get(target, ())]
            package = self._packages.old.get(target)
            if package is not None:
                its = self._older.rows("SELECT number FROM affected WHERE package = ? ORDER BY number", package.number)
                firsts += [numbers.entries[number] for (number,) in its if number not in numbers.gone][:1]
        return min(firsts)
