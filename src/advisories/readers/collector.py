"""The one place where readers count: what they kept, rejected and skipped, and the report of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final, TypeVar

from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.errors import LimitExceeded
from advisories.models.frozen import evolve
from advisories.models.packages import Image, Package, Removed
from advisories.models.reading import Extent, Loss, ReadReport, Rejection, Scope, Skip, Skipped, Unreadable
from advisories.models.setups import Setup
from advisories.readers.listing import Listing
from advisories.sources.json import REFUSED, Malformed, Place, RepeatedKey, quickly, without_repeats
from advisories.sources.limits import DEFAULT_LIMITS

__all__ = ["LIST_LIMITS", "Collector", "Remarks", "decoded", "fill_source_epochs"]
_PARTIAL: Final = frozenset({Assumption.INVENTORY_PARTIAL})
# How much of a refused entry is shown.
_SHOWN: Final = 80

_K = TypeVar("_K")
_T = TypeVar("_T")


#: What collectors hold lists to. A reader of lists takes a text and gives packages: it has no limits to hand on.
LIST_LIMITS: Final = ContextVar("LIST_LIMITS", default=DEFAULT_LIMITS)


class Collector:
    """Counts what one source gives: records or packages kept, rejections, skips. :meth:`report` makes the report.

    Readers of feeds and statements yield items, which :meth:`take` counts. Readers of lists hand over entries, and the
    collector keeps their packages.

    :ivar packages: the packages of a list that were kept.
    :ivar rejections: what was refused, in order.
    :ivar skips: how often something was skipped, by reason.
    :ivar formats: the formats that were read, in order, as the keys.
    :ivar unread_types: as :class:`~advisories.models.reading.ReadReport` has them.
    :ivar is_partial: whether a list shows itself that more is installed than it has: it was cut, or states so. Nobody
        knows what then, and each of its packages carries that (rule 0).
    """

    def __init__(self, source: str) -> None:
        self.packages: Final[list[Package]] = []
        self.rejections: Final[list[Rejection]] = []
        self.skips: Final[defaultdict[str, int]] = defaultdict(int)
        self.formats: Final[dict[str, None]] = {}
        self.unread_types: set[str] | None = None
        self.is_partial = False
        self._source = source
        self._kept = 0
        self._read = 0
        self._limits: Final = LIST_LIMITS.get()

    # ---- items of a stream ----

    def take(self, item: object) -> bool:
        """Count one item of a reader. True for a record, False for a rejection or skip."""
        if isinstance(item, Rejection):
            self._read += item.extent is Extent.RECORD
            self.rejections.append(item)
            self._refuse_more()
            return False
        if isinstance(item, Skip):
            self.skips[item.why] += 1
            return False
        self._read += 1
        self._kept += 1
        return True

    def hold(self, count: int) -> None:
        """Count records that were kept elsewhere."""
        self._read += count
        self._kept += count

    def absorb(self, report: ReadReport) -> None:
        """Add the counts of a part of the source, such as one database of a root or one source of a store."""
        self._read += report.read
        self._kept += report.kept
        self.rejections.extend(report.rejections)
        self._refuse_more()
        for why, times in report.skips:
            self.skips[why] += times
        if report.unread_types is not None:
            self.unread_types = {*(self.unread_types or ()), *report.unread_types}

    def _refuse_more(self) -> None:
        if len(self.rejections) > DEFAULT_LIMITS.rejections:
            why = f"more than {DEFAULT_LIMITS.rejections} entries refused, the first: {self.rejections[0]}"
            raise LimitExceeded(self._source, why)

    # ---- entries of a list ----

    def add(self, position: str | int, what: str, make: Callable[[_T], Package], entry: _T) -> None:
        """Keep the package that `make` makes of an entry. Reject or skip the entry where `make` raises so.

        :param position: as of a :class:`Rejection`, or the number of a line.
        """
        try:
            package = make(entry)
        except Skipped as skipped:
            self.skips[str(skipped)] += 1
            return
        except Unreadable as unreadable:
            self.reject(position, what, str(unreadable))
            return
        self.keep(package)

    def add_all(
        self,
        entries: Iterable[tuple[_K, _T]],
        make: Callable[[_T], Package],
        place_of: Callable[[_K, _T], tuple[str | int, str]],
    ) -> None:
        """Each entry of a list as :meth:`add` does it.

        :param entries: with a number or key each, which
        :param place_of: turns into position and name where an entry is refused: most are not.
        """
        before = len(self.packages)
        keep = self.packages.append
        left = iter(entries)
        # As many entries at once as can be kept, so that nothing is counted one by one.
        while (first := next(left, None)) is not None:
            for key, entry in chain((first,), islice(left, self._limits.packages - len(self.packages))):
                try:
                    keep(make(entry))
                except Skipped as skipped:
                    self.skips[str(skipped)] += 1
                except Unreadable as unreadable:
                    self.reject(*place_of(key, entry), str(unreadable))
            self._hold_packages()
        self._read += len(self.packages) - before

    def keep_all(self, packages: Iterable[Package]) -> None:
        """Packages as they are. Whoever iterates them may refuse and skip other entries meanwhile."""
        before = len(self.packages)
        left = iter(packages)
        # As many at once as can be kept, as above.
        while (first := next(left, None)) is not None:
            self.packages.append(first)
            self.packages.extend(islice(left, self._limits.packages - len(self.packages) + 1))
            self._hold_packages()
        self._read += len(self.packages) - before

    def add_members(self, document: object, name: str, make: Callable[[Any], Package]) -> bool:
        """The packages of an array of a JSON document, as :meth:`add_all` does it.

        :param document: None where its error is counted already.
        :returns: False where it has no such array, which is rejected.
        """
        entries = document.get(name) if isinstance(document, dict) else None
        if not isinstance(entries, list):
            if document is not None:
                self.reject(name, "the document", "an array is expected")
            return False
        self.add_all(
            enumerate(entries),
            make,
            lambda number, entry: (f"{name}[{number}]", str(entry.get("name") if isinstance(entry, dict) else None)),
        )
        return True

    def keep(self, package: Package) -> None:
        """A package as it is."""
        self._read += 1
        self.packages.append(package)
        self._hold_packages()

    def _hold_packages(self) -> None:
        if len(self.packages) > self._limits.packages:
            why = f"more packages than the limit of {self._limits.packages}"
            raise LimitExceeded(self._source, self._limits.beyond("packages", why))

    @property
    def source(self) -> str:
        """What is read: a path, or ``-``."""
        return self._source

    def reject(self, position: str | int, what: str, why: str) -> None:
        """Refuse an entry. Of a long text the report shows the beginning."""
        place = f"line {position}" if isinstance(position, int) else position
        self.take(Rejection(self._source, place, _shown(what), why))

    def reject_rest(self, position: str | int, what: str, why: str) -> None:
        """:meth:`reject` of what is missing of a list that shows itself that more is installed than it has."""
        self.reject(position, what, why)
        self.is_partial = True

    def skip(self, why: str, times: int = 1, unread_types: Iterable[str] = ()) -> None:
        """Count what was understood and is deliberately not read.

        :param unread_types: the types of packages that it may show.
        """
        self.skips[why] += times
        if unread_types:
            self.unread_types = {*(self.unread_types or ()), *unread_types}

    # ---- results ----

    @property
    def kept(self) -> int:
        """How many records or packages were kept."""
        return self._kept + len(self.packages)

    def report(
        self,
        format: str | None = None,
        scopes: tuple[Scope, ...] = (),
        losses: tuple[Loss, ...] = (),
        newest: datetime | None = None,
    ) -> ReadReport:
        """The report up to here.

        :param format: instead of the :attr:`formats` that were read.
        :param scopes: of a feed's source, as :class:`ReadReport` has it, and so are the others.
        """
        return ReadReport(
            self._source,
            ", ".join(self.formats) if format is None else format,
            self._read,
            self.kept,
            tuple(self.rejections),
            tuple(sorted(self.skips.items())),
            scopes,
            losses,
            newest,
            None if self.unread_types is None else tuple(sorted(self.unread_types)),
        )

    def listing(
        self,
        distribution: Distribution | None = None,
        distribution_source: str | None = None,
        running_kernel: str | None = None,
        image: Image | None = None,
        removed: tuple[Removed, ...] = (),
        setups: tuple[Setup, ...] = (),
        contradictions: tuple[str, ...] = (),
        *,
        is_complete: bool = False,
    ) -> Listing:
        """The list. The source versions of rpms get their epochs where other packages of the list show them.

        :param is_complete: whether they have theirs as far as they are known.
        """
        if not is_complete:
            fill_source_epochs(self.packages)
        if self.is_partial:
            self.packages[:] = [evolve(one, doubts=one.doubts | _PARTIAL) for one in self.packages]
        packages, report = tuple(self.packages), self.report()
        named = distribution, distribution_source, running_kernel
        return Listing(packages, report, *named, image, removed, setups, contradictions)


def fill_source_epochs(packages: list[Package]) -> None:
    """Complete, in place, the source versions of rpms with the epochs that the names of source rpms never show.

    It is the positive epoch of an installed binary of that source rpm that has its version and release. Where there is
    none, or where there are several, the epoch stays unknown. A binary may have an epoch of its own, and the one with
    the source's name decides.
    """
    epochs: dict[tuple[str | None, str | None], dict[str, str]] = {}
    for package in packages:
        # Most have no epoch.
        if package.type == "rpm" and ":" in package.version and package.epoch_known and not package.source_epoch_known:
            epoch, _, rest = package.version.partition(":")
            if rest == package.source_version and epoch.isdecimal() and epoch.strip("0"):
                epochs.setdefault((package.source_name, rest), {})[package.name] = epoch
    if not epochs:
        return
    # Of each source the epoch that all of its binaries show, once.
    only = {key: one.pop() for key, found in epochs.items() if len(one := set(found.values())) == 1}
    for place, package in enumerate(packages):
        key = package.source_name, package.source_version
        found = None if package.source_epoch_known else epochs.get(key)
        if found and package.type == "rpm":
            shown = found.get(package.source_name or "") or only.get(key)
            if shown is not None:
                packages[place] = package.with_source_version(f"{shown}:{package.source_version}")


class Remarks:
    """Parts of one record that were refused or skipped. A reader yields them after the record.

    :ivar found: in order.
    """

    def __init__(self, place: Place) -> None:
        self.found: list[Rejection | Skip] = []
        self._place = place

    def refuse(self, path: str, why: str, what: str | None = None, losses: tuple[Loss, ...] = ()) -> None:
        """A part that cannot be read.

        :param path: below the record.
        :param what: instead of the record's id.
        :param losses: the affected entries that went with it. None for a date, a score, a reference.
        """
        place = self._place
        self.found.append(Rejection(place.source, place.at(path), what or place.id, why, Extent.PART, losses or None))

    def malformed(self, error: Malformed, losses: tuple[Loss, ...] = ()) -> None:
        """A part that cannot be read, by its error."""
        self.refuse(error.path, error.why, None, losses)

    def skip(self, path: str, why: str, losses: tuple[Loss, ...] = ()) -> None:
        """A part that is understood and deliberately not read.

        :param losses: the affected entries of which nothing is kept for it.
        """
        place = self._place
        self.found.append(Skip(place.source, place.at(path), place.id, why, losses))

    def taken(self) -> Iterator[Rejection | Skip]:
        """All of them up to here, once."""
        found, self.found = self.found, []
        return iter(found)


def _shown(text: str) -> str:
    """The beginning of a text, escaped where it cannot be printed."""
    beginning = text[:_SHOWN]
    return beginning if beginning.isprintable() else ascii(beginning)


def decoded(data: bytes, collector: Collector) -> Any:
    """The value of a JSON document. Where there is none: None, and a rejection."""
    value = quickly(data)
    if value is not REFUSED:
        return value
    import json  # only where there is JSON

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=without_repeats)
    except UnicodeDecodeError as error:
        collector.reject(f"byte {error.start}", "the document", "not UTF-8")
    except json.JSONDecodeError as error:
        collector.reject(f"line {error.lineno}, column {error.colno}", "the document", f"not JSON: {error.msg}")
    except RecursionError:
        collector.reject("-", "the document", "nested too deeply")
    except RepeatedKey as error:
        collector.reject("-", "the document", str(error))
    except ValueError as error:  # a number with thousands of digits
        collector.reject("-", "the document", f"not JSON: {error}")
    return None
