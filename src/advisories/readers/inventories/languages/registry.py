"""Every reader of packages of languages, by the purl type of what it reads. A new one is its module and one line here,
and its type in :data:`~advisories.models.packages.LANGUAGE_TYPES`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol

from advisories.readers.inventories.languages import go, java, node, python, ruby, rust
from advisories.readers.inventories.languages.found import Item
from advisories.sources.elf import Elf

__all__ = ["FILES", "PROGRAMS", "FileReader", "ProgramReader"]


class FileReader(Protocol):
    """A module that reads files, which their names show."""

    @property
    def WHAT(self) -> str:
        """What messages call its packages."""

    @property
    def ENDS(self) -> tuple[bytes, ...]:
        """How the names of its files end."""

    def wants(self, name: bytes) -> bool:
        """Whether a file of this name shows packages."""

    def location(self, name: str) -> str:
        """What tells this copy of a package from others."""

    def read(self, file: BinaryIO, name: str) -> Iterator[Item]:
        """The packages of a file. Raises :class:`~advisories.models.reading.Unreadable`."""


class ProgramReader(Protocol):
    """A module that reads programs, which are files that somebody may execute."""

    @property
    def WHAT(self) -> str:
        """What messages call its packages."""

    def read(self, program: Elf, name: str) -> Iterator[Item]:
        """The packages of a program. Raises :class:`~advisories.models.reading.Unreadable`."""


FILES: Final[Mapping[str, FileReader]] = MappingProxyType({"pypi": python, "npm": node, "gem": ruby, "maven": java})

PROGRAMS: Final[Mapping[str, ProgramReader]] = MappingProxyType({"golang": go, "cargo": rust})
