"""``dnf list --installed`` and ``yum list installed``: ``name.arch``, ``[epoch:]version-release``, repository.

The repository is the one behind ``@``, and none for a package of the installer or of a file. An epoch that is not shown
is 0. Lines in front of the heading are no packages, and packages below another heading
(*Available Packages*) are not installed. Both are skipped and counted. Older yum breaks a long row into several lines,
the later ones indented.

Headings are in the words of some language. Below one that is none of dnf's for what is installed, and without any, a
package is installed where ``@`` or ``installed`` shows it. Any other is rejected: it may be one that can be installed,
as those that ``dnf check-update`` prints are, without a heading.

Source: dnf 4.14, dnf(8), *List Command*, and its catalogs (``dnf.mo``). yum 3.4.
"""

import re
from collections.abc import Iterator
from typing import Final

from advisories.distros.nevra import ARCHES, module_of, split
from advisories.models.packages import STATE_OF_RPM, Package, State
from advisories.models.patterns import pattern
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, is_whole, lines_of
from advisories.readers.listing import Listing
from advisories.readers.package_names import check_evr, check_name
from advisories.readers.releases import release_of_packages

__all__ = ["read", "sniff"]

_HEADING: Final = re.compile(r"(?:[A-Z][a-z]+ ){0,2}(?:[Pp]ackages|[Uu]pgrades)")
_INSTALLED: Final = "installed packages"
# The same in the other languages of dnf, without case and the colon that some have.
_ALSO_INSTALLED: Final = frozenset(
    line.strip()
    for line in """
    asennetut paketit
    geïnstalleerde pakketten
    instalatutako paketeak
    instalirani paketi
    instalitaj pakoj
    installerade paket
    installerede pakker
    installierte pakete
    kurulu paketler
    nainstalované balíčky
    nainštalované balíčky
    pacchetti installati
    pachets instalâts
    pacotes instalados
    paket terpasang
    pakker som er installert
    paquetes instalados
    paquets installés
    paquets instal·lats
    telepített csomagok
    zainstalowane pakiety
    įdiegti paketai
    встановлені пакунки
    инсталирани пакети
    орнатылған дестелер
    установленные пакеты
    स्थापित केलेली संकुले
    ਇੰਸਟਾਲ ਹੋਏ ਪੈਕੇਜ
    સ્થાપિત થયેલ પેકેજો
    แพคเกจที่ติดตั้งแล้ว
    ჩადგმული პაკეტები
    インストール済みパッケージ
    已安装的软件包
    已安裝軟體包
    설치된 꾸러미
    """.strip().split("\n")
)
# A heading in any language: a few words, or letters that are not ASCII. Names, versions and remarks have these signs.
_NO_HEADING: Final = pattern(r"[0-9.@/<>=]|:.")
_MOST_WORDS: Final = 6
_COLUMNS: Final = 3
_NO_ROW: Final = "not name.arch, version-release and repository"
# What stands in place of a repository: the installer, a file, or nothing known.
_NO_REPOSITORY: Final = frozenset(("System", "installed", "commandline", "cmdline", "<unknown>"))


def sniff(head: Head) -> bool:
    """The heading of what is installed, or rows of three columns."""
    if b" " not in head.data and b"\t" not in head.data:
        return False
    lines = head.more_lines
    if any(_is_of_installed(line.rstrip()) for line in lines):
        return True
    return sum(_is_row(line.split()) for line in lines) * 2 > len(lines)


def _is_row(columns: list[str]) -> bool:
    return len(columns) == _COLUMNS and columns[0].rpartition(".")[2] in ARCHES and columns[1].count("-") == 1


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A row that is not a package is rejected with its line."""
    collector = Collector(source)
    lines = lines_of(data.decode("utf-8", "surrogateescape"))
    make = _other if any(_is_of_installed(line.strip(BLANKS)) for line in lines) else _shown
    for number, row, is_joined in _rows(lines):
        if not is_joined and (_HEADING.fullmatch(row) or _is_of_installed(row)):
            make = _package if _is_of_installed(row) else _other
            continue
        collector.add(number, row, make, row)
        if not is_joined and make is _package and _is_heading(row):
            make = _shown
    return collector.listing(*release_of_packages(collector.packages))


def _is_of_installed(row: str) -> bool:
    heading = row.lower().rstrip(":")
    return heading == _INSTALLED or heading in _ALSO_INSTALLED


def _is_heading(row: str) -> bool:
    """Whether a line that is no row looks like a heading in some language."""
    words = len(row.split())
    return words <= _MOST_WORDS and (words > 1 or not row.isascii()) and _NO_HEADING.search(row) is None


def _rows(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """The rows, each with the number of its first line, and whether it is of several lines put together."""
    row, first, is_joined = "", 0, False
    for number, line in enumerate(lines, 1):
        text = line.strip(BLANKS)
        if row and text and line[0] in (" ", "\t") and len(row.split()) + len(text.split()) <= _COLUMNS:
            row, is_joined = f"{row} {text}", True
            continue
        if row:
            yield first, row, is_joined
        row, first, is_joined = text, number, False
    if row:
        yield first, row, is_joined


def _other(row: str) -> Package:
    if not is_whole(row):
        raise Unreadable(_NO_ROW)
    raise Skipped("packages that are not installed" if _is_row(row.split()) else "remarks of dnf")


def _package(row: str) -> Package:
    columns = row.split()
    if not _is_row(columns) or not row.isprintable():
        raise Unreadable(_NO_ROW)
    name, _, arch = columns[0].rpartition(".")
    parts = split(f"{name}-{columns[1]}.{arch}")
    if parts is None:
        raise Unreadable(_NO_ROW)
    check_name("rpm", parts.name)
    check_evr(parts.evr)
    return Package(
        "rpm",
        parts.name,
        parts.evr,
        parts.arch,
        module=module_of(parts.release),
        state=STATE_OF_RPM.get(parts.name, State.INSTALLED),
        repository=_repository(columns[2]),
    )


def _shown(row: str) -> Package:
    """A package below a heading that nobody here can read, or below none."""
    package = _package(row)
    column = row.split()[-1]
    if not column.startswith("@") and column != "installed":
        raise Unreadable("nothing shows that it is installed: LC_ALL=C dnf list --installed has a heading that does")
    return package


def _repository(column: str) -> str | None:
    """The id of the repository that a package was installed from: what stands behind ``@``. None for the words below.

    >>> _repository("@amzn2extra-docker"), _repository("@System")
    ('amzn2extra-docker', None)
    """
    name = column.lstrip("@")
    return None if name.startswith("anaconda") or name in _NO_REPOSITORY else name or None
