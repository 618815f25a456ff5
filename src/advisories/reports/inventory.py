"""What a report of a list is made from: an inventory, to be written in the formats of others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar, Final

from advisories.distros.package_urls import image_url
from advisories.models.frozen import frozen
from advisories.models.packages import Inventory, Package
from advisories.models.reading import shown_source

__all__ = ["ListReport"]

_NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class ListReport:
    """An inventory that is written as a list.

    :ivar made: when it is made, for formats that have to have it.
    :ivar width: the columns that text is laid out in. None for lines of any length.
    """

    inventory: Inventory
    made: datetime = _NO_DATE
    width: int | None = 80

    what: ClassVar = "list"

    @property
    def name(self) -> str:
        """The name of what was listed, without folders."""
        from advisories.reports.alerts import host_name  # only SBOMs need it, and it imports what matches

        image, source = self.inventory.image, self.inventory.source
        own = shown_source(source) if source == "-" else host_name(source)
        return own if image is None else image.name or own

    @property
    def installed(self) -> Iterator[Package]:
        """The packages that are there, for formats in which an entry is one."""
        return (package for package in self.inventory.packages if package.state.on_disk)

    @property
    def digest(self) -> str | None:
        """The digest of the image that was listed. None for anything else, and where it has none."""
        return None if self.inventory.image is None else self.inventory.image.digest

    @property
    def url(self) -> str | None:
        """The package URL of the image that was listed."""
        return None if self.digest is None else image_url(self.name, self.digest)

    @property
    def moment(self) -> str:
        """When it is made, in whole seconds of UTC."""
        return self.made.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
