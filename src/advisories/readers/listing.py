"""What a reader of package lists hands on."""

from attrs import frozen

from advisories.models import Distribution, Package, Rejection

__all__ = ["Listing"]


@frozen
class Listing:
    """What one list says.

    :ivar packages: the entries that were kept, those that are not installed among them.
    :ivar rejections: the entries that were refused.
    :ivar read: entries seen, counted apart from the other two.
    :ivar skips: how often something was understood and left aside, by reason; not counted in `read`.
    :ivar distribution: as far as the list itself tells, and
    :ivar distribution_source: by what; where it names several, which they are.
    :ivar running_kernel: as ``uname -r`` prints it, where the list carries it.
    """

    packages: tuple[Package, ...]
    rejections: tuple[Rejection, ...]
    read: int
    distribution: Distribution | None = None
    distribution_source: str | None = None
    running_kernel: str | None = None
    skips: tuple[tuple[str, int], ...] = ()
