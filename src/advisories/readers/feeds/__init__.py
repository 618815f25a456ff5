"""Readers of advisory feeds: one format a file, all of them in the literal registry."""

from advisories.readers.feeds.registry import FORMATS, FeedReader, Item, Reading, read, read_stream
from advisories.sources.documents import Document

__all__ = ["FORMATS", "Document", "FeedReader", "Item", "Reading", "read", "read_stream"]
