"""What a reader of package lists hands on."""

from advisories.models.distribution import Distribution
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Image, Package, Removed
from advisories.models.reading import ReadReport
from advisories.models.setups import Setup

__all__ = ["Listing"]


@frozen
class Listing(Noun):
    """The content of one list.

    :ivar packages: the entries that were kept, those that are not installed among them.
    :ivar report: what was read, kept, rejected and skipped. The registry fills in the format.
    :ivar distribution: as the list itself shows it. None where it does not.
    :ivar distribution_source: what shows it. Where the list names several, which they are.
    :ivar running_kernel: as ``uname -r`` prints it, where the list carries it.
    :ivar image: that the list was read from, where the list carries it.
    :ivar removed: what layers of the image removed.
    :ivar setups: what the root that the list was written of has set up, and so are the contradictions in it.
    """

    packages: tuple[Package, ...] = field(repr=outlined)
    report: ReadReport
    distribution: Distribution | None = None
    distribution_source: str | None = None
    running_kernel: str | None = None
    image: Image | None = None
    removed: tuple[Removed, ...] = field(default=(), repr=outlined)
    setups: tuple[Setup, ...] = field(default=(), repr=outlined)
    contradictions: tuple[str, ...] = ()
