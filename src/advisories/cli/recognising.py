"""What a file is that was given in the wrong place: the feed as the list, the list as the feed, a report as either."""

import os
import re
from typing import Final

from advisories.models.errors import AdvisoriesError

__all__ = ["place_of"]

# A report names its schema first, as all writers of JSON here do.
_REPORT: Final = re.compile(rb'\{\s*"schema":\s*"advisories/report/')
_APPLICATION: Final = slice(68, 72)


def place_of(path: str) -> str | None:
    """A sentence with what the file is, and the option that takes it. None where it is nothing that any option takes.

    Only a regular file is read again: what came through a pipe is gone.
    """
    if not os.path.isfile(path):
        return None
    try:
        return _of_store(path) or _of_content(path)
    except (AdvisoriesError, OSError):
        return None


def _of_store(path: str) -> str | None:
    from advisories.store.schema import APPLICATION_ID, MAGIC

    with open(path, "rb") as file:
        header = file.read(_APPLICATION.stop)
    if header.startswith(MAGIC) and header[_APPLICATION] == APPLICATION_ID.to_bytes(4, "big"):
        return "It is a store of advisories, which --feed takes"
    return None


def _of_content(path: str) -> str | None:
    from advisories.readers.feeds.registry import format_of as feed_of
    from advisories.readers.inventories.registry import format_of as list_of
    from advisories.readers.statements.registry import format_of as statements_of
    from advisories.sources.documents import Document, documents
    from advisories.sources.limits import DEFAULT_LIMITS

    document = next((one for one in documents(path, DEFAULT_LIMITS) if isinstance(one, Document)), None)
    if document is None:
        return None
    if _REPORT.match(document.data):
        return "It is a report of advisories match, which advisories report and verify --baseline take"
    if format := feed_of(document):
        return f"It looks like a feed ({format}), which --feed takes"
    # An archive of lists is no list.
    if document.alone and (format := list_of(document.data)):
        return f"It looks like a package list ({format}), which --inventory takes"
    # Any file of TOML or INI may be meant as rules.
    if (format := statements_of(document)) and format != "ignore-file":
        return f"It looks like {format}, which --ignore takes"
    return None
