"""Repositories of zypper: files as those of dnf (:mod:`~advisories.readers.setups.rpm_repo`), with ids of any signs."""

from collections.abc import Iterator

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry
from advisories.readers.setups.rpm_repo import repositories

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories, by their ids."""
    yield from repositories(data, source)
