"""Readers of package lists: one format a file, all of them in the literal registry."""

from advisories.readers.inventories.registry import FORMATS, InventoryReader, Listing, read, read_stream
from advisories.readers.inventories.rpm_qa import QUERY_FORMAT

__all__ = ["FORMATS", "QUERY_FORMAT", "InventoryReader", "Listing", "read", "read_stream"]
