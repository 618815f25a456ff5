"""A compiled feed on disk: one SQLite file. Reading, writing and checking one load when you need them."""

from advisories.store.open import open_feed, read_feed

__all__ = ["open_feed", "read_feed"]
