"""What readers of lists share: packages kept, entries refused, things left aside; decoding JSON; choosing files."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from advisories.distributions import from_release_packages
from advisories.inventories.listing import Listing
from advisories.models import Distribution, Package, Rejection

__all__ = [
    "Gathering",
    "LeftAside",
    "Unreadable",
    "decoded",
    "distribution_of_all",
    "few",
    "release_of_packages",
    "text_of",
]

# How many of a package's files are kept.
_FEW: Final = 3
# How much of a refused entry is shown.
_SHOWN: Final = 80

_T = TypeVar("_T")


def release_of_packages(packages: Iterable[Package]) -> Distribution | None:
    """The distribution whose release files one of these rpm packages carries; None where none does, or several do."""
    versions = {
        package.name: package.version.rpartition(":")[2].rpartition("-")[0]
        for package in packages
        if "-release" in package.name
    }
    return from_release_packages(versions)


class Unreadable(Exception):
    """Why an entry is no package."""


class LeftAside(Exception):
    """Why an entry is understood and not listed: a source package, a type of package without an order here."""


class Gathering:
    """What comes of a list, entry by entry."""

    def __init__(self, source: str) -> None:
        self.packages: Final[list[Package]] = []
        self.rejections: Final[list[Rejection]] = []
        self.skips: Final[Counter[str]] = Counter()
        self._source = source
        self._read = 0

    def add(self, position: str | int, what: str, make: Callable[[_T], Package], entry: _T) -> None:
        """The package that `make` makes of an entry; a rejection or something left aside where it raises so.

        :param position: as of a :class:`Rejection`, or the number of a line.
        """
        try:
            package = make(entry)
        except LeftAside as aside:
            self.skips[str(aside)] += 1
            return
        except Unreadable as unreadable:
            self.reject(position, what, str(unreadable))
            return
        self._read += 1
        self.packages.append(package)

    def reject(self, position: str | int, what: str, why: str) -> None:
        """An entry that is refused; of a long text its beginning is shown."""
        self._read += 1
        place = f"line {position}" if isinstance(position, int) else position
        shown = what[:_SHOWN]
        self.rejections.append(Rejection(self._source, place, shown if shown.isprintable() else ascii(shown), why))

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
            None if distribution is None else distribution_source,
            running_kernel,
            tuple(sorted(self.skips.items())),
        )


def decoded(data: bytes, gathering: Gathering) -> Any:
    """The value of a JSON document; None and a rejection where there is none."""
    import json  # only where there is JSON

    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        gathering.reject(f"byte {error.start}", "the document", "not UTF-8")
    except json.JSONDecodeError as error:
        gathering.reject(f"line {error.lineno}, column {error.colno}", "the document", f"not JSON: {error.msg}")
    except RecursionError:
        gathering.reject("-", "the document", "nested too deeply")
    except ValueError as error:  # a number with thousands of digits
        gathering.reject("-", "the document", f"not JSON: {error}")
    return None


def text_of(entry: Mapping[str, Any], name: str) -> str | None:
    """A member that is a text that can be printed, None where it is missing, null or empty; raises `Unreadable`."""
    value = entry.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.isprintable():
        raise Unreadable(f"{name} is no text that can be printed")
    return value


def distribution_of_all(found: Iterable[Distribution | None]) -> Distribution | None:
    """The one distribution that entries name; None where they name none, or several."""
    named = {distribution for distribution in found if distribution is not None}
    return named.pop() if len(named) == 1 else None


def few(files: Iterable[str]) -> tuple[str, ...]:
    """A few of a package's files: executables first, then libraries, then the rest; each by length and name."""
    return tuple(sorted(files, key=_weight)[:_FEW])


def _weight(path: str) -> tuple[int, int, str]:
    folder, _, name = path.rpartition("/")
    is_program = folder.endswith(("/bin", "/sbin", "/libexec")) or folder in ("bin", "sbin")
    kind = 0 if is_program else 1 if ".so" in name else 2
    return kind, len(path), path
