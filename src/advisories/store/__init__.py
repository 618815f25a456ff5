"""A compiled feed on disk: one SQLite file. Writing and checking one are modules of their own, loaded when needed."""

from advisories.store.open import open_feed
from advisories.store.reader import Store

__all__ = ["Store", "open_feed"]
