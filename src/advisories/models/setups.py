"""What a host has set up about where its packages come from, as its own files show it."""

from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.words import Explained

__all__ = ["Setup", "SetupKind"]


class SetupKind(Explained):
    """What is set up.

    :ivar meaning: in a few words.
    """

    RELEASE = "release", "a repository of a release"
    CHANNEL = "channel", "a repository, service or product of a channel (rule 8)"
    STREAM = "stream", "a module stream"
    OTHER = "other", "a repository of somebody else, or one that no table has"


@frozen
class Setup(Noun):
    """One thing that a host has set up for its packages, and the file that shows it.

    :ivar name: the release (``debian 12``), the channel (``esm-infra``), the stream (``nodejs:18``), or of another
        repository its address or id.
    :ivar by: how the file names it: a suite with components, an id, a service, a product.
    :ivar is_on: whether it is enabled.
    :ivar is_security: whether it has the security updates of a release, where that is a repository of its own.
    :ivar source: the file, below the root.
    :ivar line: where in it. None for files without lines to speak of.
    """

    kind: SetupKind
    name: str
    by: str
    is_on: bool
    is_security: bool
    source: str
    line: int | None

    @property
    def place(self) -> str:
        """The file and the line.

        >>> Setup(SetupKind.STREAM, "nodejs:18", "nodejs", True, False, "etc/dnf/modules.d/nodejs.module", 1).place
        'etc/dnf/modules.d/nodejs.module line 1'
        """
        return self.source if self.line is None else f"{self.source} line {self.line}"
