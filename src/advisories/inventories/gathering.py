"""What readers of lists share: packages kept, entries refused, things left aside; decoding JSON; choosing files."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from advisories.distributions import filed_under, from_release_packages
from advisories.inventories.listing import Listing
from advisories.models import Distribution, Package, Rejection

__all__ = [
    "Gathering",
    "LeftAside",
    "Unreadable",
    "decoded",
    "few",
    "release_of_packages",
    "text_of",
    "the_release",
]

_BOM: Final = b"\xef\xbb\xbf"
# How many of a package's files are kept.
_FEW: Final = 3

_T = TypeVar("_T")


def the_release(found: Iterable[Distribution | None], where: str) -> tuple[Distribution | None, str | None]:
    """The one release that entries of a list name, and where; of several that are filed apart none, and which they are.

    Minor releases of one are that one. Naming none is no distribution and no reason.
    """
    named = {distribution for distribution in found if distribution is not None}
    if len(named) > 1:
        shown = ", ".join(sorted(map(str, named)))
        named = {filed_under(distribution) for distribution in named}
        if len(named) > 1:
            return None, f"several releases by {where}: {shown}"
    return (named.pop(), where) if named else (None, None)


def release_of_packages(packages: Iterable[Package]) -> tuple[Distribution | None, str | None]:
    """The distribution whose release files one of these rpm packages carries, as :func:`the_release` says it."""
    carriers = {
        (package.name, package.version.rpartition(":")[2].rpartition("-")[0])
        for package in packages
        if "-release" in package.name
    }
    return the_release((from_release_packages({name: version}) for name, version in carriers), "a package of the list")


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

    def add(self, position: str, what: str, make: Callable[[_T], Package], entry: _T) -> None:
        """The package that `make` makes of an entry; a rejection or something left aside where it raises so."""
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

    def reject(self, position: str, what: str, why: str) -> None:
        """An entry that is refused."""
        self._read += 1
        self.rejections.append(Rejection(self._source, position, what if what.isprintable() else ascii(what), why))

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


def decoded(data: bytes, gathering: Gathering) -> Any:
    """The value of a JSON document; None and a rejection where there is none."""
    import json  # only where there is JSON

    try:
        return json.loads(data.removeprefix(_BOM).decode("utf-8"))
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


def few(files: Iterable[str]) -> tuple[str, ...]:
    """A few of a package's files: executables first, then libraries, then the rest; each by length and name."""
    return tuple(sorted(files, key=_weight)[:_FEW])


def _weight(path: str) -> tuple[int, int, str]:
    folder, _, name = path.rpartition("/")
    is_program = folder.endswith(("/bin", "/sbin", "/libexec")) or folder in ("bin", "sbin")
    kind = 0 if is_program else 1 if ".so" in name else 2
    return kind, len(path), path
