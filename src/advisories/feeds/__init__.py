"""Readers of advisory feeds: one format a file, all of them in the literal registry."""

from advisories.feeds.documents import Document
from advisories.feeds.registry import FORMATS, FeedReader, Item, Reading, read, read_stream

__all__ = ["FORMATS", "Document", "FeedReader", "Item", "Reading", "read", "read_stream"]
