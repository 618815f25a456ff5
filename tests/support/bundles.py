"""A bundle without a publisher: of a store that is there already."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from advisories.fetch.bundle import create_bundle
from advisories.fetch.cache import Cache
from advisories.fetch.manifest import Fetched, Manifest, Stored

__all__ = ["bundle_in"]


def bundle_in(folder: Path, store: Path) -> Path:
    """Write ``advisories.tar`` into a folder: of AlmaLinux's store, which is said to have no files of its feed."""
    data, when = store.read_bytes(), datetime(2024, 1, 1, tzinfo=UTC)
    digest = hashlib.sha256(data).hexdigest()
    feed = Fetched("almalinux-osv", "https://example.org/all.zip", (), (), "", when, "")
    path = f"stores/almalinux/{digest[:16]}.db"
    stored = Stored("almalinux", path, len(data), digest, ("almalinux-osv",), ("",), (1,), (when,), when)
    cache = Cache(str(folder / "cache-of-the-bundle"))
    with cache.locked():
        (place := Path(cache.place(path))).parent.mkdir(parents=True)
        place.write_bytes(data)
        cache.commit(Manifest({"almalinux-osv": feed}, {"almalinux": stored}))
    target = folder / "advisories.tar"
    create_bundle(cache, ["almalinux"], str(target))
    return target
