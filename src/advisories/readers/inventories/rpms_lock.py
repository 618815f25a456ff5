"""``rpms.lock.yaml``, the lock file of rpm-lockfile-prototype: the packages that a build installs, by architecture.

``name`` and ``evr`` name a package, ``sourcerpm`` its source. A missing epoch is 0. PyYAML, of the extra ``yaml``,
reads the YAML.
"""

import re
from typing import Any, Final

from advisories.distros.nevra import module_of, split
from advisories.models.packages import Package
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing

__all__ = ["read", "sniff"]

_MARK: Final = re.compile(rb"^lockfileVersion:", re.MULTILINE)


def sniff(head: Head) -> bool:
    """``lockfileVersion`` and ``arches`` at the beginning of lines."""
    return (
        b":" in head.data  # as in few lists of lines, which spares them the rest
        and b"lockfileVersion:" in head.data
        and _MARK.search(head.data) is not None
        and re.search(rb"^arches:", head.data, re.MULTILINE) is not None
    )


def read(data: bytes, source: str) -> Listing:
    """The packages of all architectures."""
    from advisories.sources.yaml_text import RefusedYaml, yaml_value  # only where there is such a list

    collector = Collector(source)
    try:
        document = yaml_value(data, source)
    except RefusedYaml as refused:
        collector.reject(refused.place, "the document", refused.why)
        return collector.listing()
    arches = document.get("arches") if isinstance(document, dict) else None
    if not isinstance(arches, list):
        collector.reject("arches", "the document", "a list is expected")
        return collector.listing()
    for number, one in enumerate(arches):
        packages = one.get("packages") if isinstance(one, dict) else None
        arch = one.get("arch") if isinstance(one, dict) else None
        for place, entry in enumerate(packages if isinstance(packages, list) else ()):
            name = entry.get("name") if isinstance(entry, dict) else None
            collector.add(f"arches[{number}].packages[{place}]", str(name), _package, (entry, arch))
    return collector.listing()


def _package(listed: tuple[Any, Any]) -> Package:
    entry, arch = listed
    if not isinstance(entry, dict):
        raise Unreadable("a mapping is expected")
    name, evr, url, sourcerpm = texts_of(entry, ("name", "evr", "url", "sourcerpm"))
    if name is None or evr is None or "-" not in evr:
        raise Unreadable("no name or evr")
    file = split((url or "").rpartition("/")[2])
    built_from = split(sourcerpm or "")
    return Package(
        "rpm",
        name,
        evr,
        file.arch if file and file.arch else arch if isinstance(arch, str) else None,
        source_name=built_from.name if built_from else None,
        source_version=built_from.evr if built_from else None,
        source_epoch_known=False,
        module=module_of(evr),
    )
