"""Where the installed command ``vercmp`` begins, as ``python -m vercmp`` does."""

from vercmp.__main__ import main

__all__ = ["main"]
