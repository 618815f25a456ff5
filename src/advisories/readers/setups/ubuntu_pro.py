"""The status that Ubuntu's Pro client last wrote down: ``/var/lib/ubuntu-advantage/status.json``.

Source: ubuntu-pro-client, ``pro status --format json``: ``attached``, ``services`` with ``name`` and ``status``.
"""

from collections.abc import Iterator
from typing import Any

from advisories.models.reading import Rejection
from advisories.readers.collector import Collector, decoded
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, refused

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The services. Each is off where the host is not attached to a subscription."""
    collector = Collector(source)
    status: Any = decoded(data, collector)
    for one in collector.rejections:
        yield refused(source, None, one.what, one.why)
    if collector.rejections:
        return
    if not isinstance(status, dict) or not isinstance(status.get("attached"), bool):
        yield refused(source, None, "the document", "no status of a Pro client: attached is missing")
        return
    services = status.get("services", [])
    if not isinstance(services, list):
        yield refused(source, None, "services", "a list is expected")
        return
    for number, service in enumerate(services):
        name = service.get("name") if isinstance(service, dict) else None
        if not isinstance(name, str):
            yield refused(source, None, f"services[{number}]", "a service without a name")
            continue
        is_on = status["attached"] and service.get("status") == "enabled"
        yield as_entry(Entry(EntryKind.SERVICE, name, is_on=is_on), source)
