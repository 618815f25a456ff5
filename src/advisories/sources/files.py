"""Whole files, within the limits."""

from pathlib import Path

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources.limits import Limits

__all__ = ["contents"]


def contents(path: Path, limits: Limits) -> bytes:
    """The bytes of a file.

    Raises :class:`UnreadableSource` for one that cannot be read, :class:`LimitExceeded` for one that is too long.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limits.inventory + 1)
    except OSError as error:
        raise UnreadableSource(str(path), error.strerror or str(error)) from error
    if len(data) > limits.inventory:
        raise LimitExceeded(str(path), f"larger than the limit of {limits.inventory} bytes")
    return data
