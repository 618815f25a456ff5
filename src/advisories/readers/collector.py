"""What readers of lists share: packages kept, entries refused, things left aside; decoding JSON; choosing files."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from advisories.models import Distribution, Package, Rejection
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.listing import Listing
from advisories.sources.json_decoding import REFUSED, quickly

__all__ = ["Collector", "decoded"]
# How much of a refused entry is shown.
_SHOWN: Final = 80

_K = TypeVar("_K")
_T = TypeVar("_T")


class Collector:
    """What comes of a list, entry by entry."""

    def __init__(self, source: str) -> None:
        self.packages: Final[list[Package]] = []
        self.rejections: Final[list[Rejection]] = []
        self.skips: Final[defaultdict[str, int]] = defaultdict(int)
        self._source = source
        self._read = 0

    def add(self, position: str | int, what: str, make: Callable[[_T], Package], entry: _T) -> None:
        """The package that `make` makes of an entry; a rejection or something left aside where it raises so.

        :param position: as of a :class:`Rejection`, or the number of a line.
        """
        try:
            package = make(entry)
        except Skipped as aside:
            self.skips[str(aside)] += 1
            return
        except Unreadable as unreadable:
            self.reject(position, what, str(unreadable))
            return
        self.keep(package)

    def add_all(
        self,
        entries: Iterable[tuple[_K, _T]],
        make: Callable[[_T], Package],
        told: Callable[[_K, _T], tuple[str | int, str]],
    ) -> None:
        """Each entry of a list as :meth:`add` does it.

        :param entries: with a number or key each, which
        :param told: makes position and name of, where an entry is refused: most are not.
        """
        before = len(self.packages)
        keep = self.packages.append
        for key, entry in entries:
            try:
                keep(make(entry))
            except Skipped as aside:
                self.skips[str(aside)] += 1
            except Unreadable as unreadable:
                self.reject(*told(key, entry), str(unreadable))
        self._read += len(self.packages) - before

    def keep(self, package: Package) -> None:
        """A package as it is."""
        self._read += 1
        self.packages.append(package)

    def reject(self, position: str | int, what: str, why: str) -> None:
        """An entry that is refused; of a long text its beginning is shown."""
        self._read += 1
        place = f"line {position}" if isinstance(position, int) else position
        self.rejections.append(Rejection(self._source, place, _shown(what), why))

    def listing(
        self,
        distribution: Distribution | None = None,
        distribution_source: str | None = None,
        running_kernel: str | None = None,
    ) -> Listing:
        """All of it."""
        return Listing(
            tuple(self.packages),
            tuple(self.rejections),
            self._read,
            distribution,
            distribution_source,
            running_kernel,
            tuple(sorted(self.skips.items())),
        )


def _shown(text: str) -> str:
    """The beginning of a text, escaped where it cannot be printed."""
    beginning = text[:_SHOWN]
    return beginning if beginning.isprintable() else ascii(beginning)


def decoded(data: bytes, collector: Collector) -> Any:
    """The value of a JSON document; None and a rejection where there is none."""
    value = quickly(data)
    if value is not REFUSED:
        return value
    import json  # only where there is JSON

    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        collector.reject(f"byte {error.start}", "the document", "not UTF-8")
    except json.JSONDecodeError as error:
        collector.reject(f"line {error.lineno}, column {error.colno}", "the document", f"not JSON: {error.msg}")
    except RecursionError:
        collector.reject("-", "the document", "nested too deeply")
    except ValueError as error:  # a number with thousands of digits
        collector.reject("-", "the document", f"not JSON: {error}")
    return None
