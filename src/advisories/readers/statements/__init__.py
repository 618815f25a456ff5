"""Readers of statements that suppress findings: one format a file, all of them in the literal registry."""

from advisories.readers.statements.products import purl_of
from advisories.readers.statements.registry import FORMATS, StatementReader, Statements, read, read_stream

__all__ = ["FORMATS", "StatementReader", "Statements", "purl_of", "read", "read_stream"]
