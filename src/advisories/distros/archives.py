"""Which repository is of which channel, and whose archive an address is.

``channels.tsv`` has suites, ids, services and products (the whole name) and addresses (a part) that show a channel.
``archives.tsv`` has addresses that show a distribution's own archive, with the release in the one group where the
address has it. A row without a distribution is of archives that look like one. Of several rows the first counts.
"""

import re
from functools import cache, lru_cache
from typing import Final

from advisories.distros.vendors import third_party_maintainers
from advisories.models.facts import rows_of
from advisories.models.patterns import pattern

__all__ = ["archive_of", "channel_shown"]

# Repositories of what a channel has beside its packages: symbols for debuggers, and sources.
_NOT_INSTALLED: Final = pattern(r"[-/](?:debug|debuginfo|source|SRPMS)(?:[-/]|$)")


@lru_cache(maxsize=1 << 12)
def channel_shown(id: str, name: str, address: str) -> str | None:
    """The channel of a distribution that a repository, service or product shows. None where it shows none.

    >>> channel_shown("ubuntu", "jammy-infra-security", "https://mirror.example/ubuntu")
    'esm-infra'
    >>> channel_shown("rhel", "rhel-8-for-x86_64-baseos-eus-debug-rpms", "") is None
    True
    """
    if _NOT_INSTALLED.search(name) or _NOT_INSTALLED.search(address):
        return None
    for names, addresses, channel in _channels(id):
        if (names is not None and names.fullmatch(name)) or (addresses is not None and addresses.search(address)):
            return channel
    return None


@lru_cache(maxsize=1 << 12)
def archive_of(type: str, address: str) -> tuple[str, str | None] | None:
    """The distribution whose archive an address is, and the release that it shows. None for anybody else's.

    >>> archive_of("apk", "https://dl-cdn.alpinelinux.org/alpine/edge/testing")
    ('alpine', 'edge')
    >>> archive_of("deb", "http://deb.debian.org/debian"), archive_of("deb", "https://download.docker.com/linux/debian")
    (('debian', None), None)
    """
    for id, shape in _archives(type):
        match = shape.search(address)
        if match is not None:
            is_other = not id or (type == "deb" and _is_of_third_party(address))
            return None if is_other else (id, match[1] if shape.groups else None)
    return None


def _is_of_third_party(address: str) -> bool:
    """Whether the host of an address is in the domain of a known builder of debs."""
    host = address.partition("//")[2].partition("/")[0].partition(":")[0].lower()
    labels = host.split(".")
    domains = {".".join(labels[place:]) for place in range(len(labels))}
    return not domains.isdisjoint(third_party_maintainers())


@cache
def _channels(id: str) -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str] | None, str], ...]:
    rows = rows_of("advisories.distros", "channels.tsv", ("distribution", "name", "address", "channel"))
    return tuple((_pattern(name), _pattern(address), channel) for of, name, address, channel, _ in rows if of == id)


@cache
def _archives(type: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = rows_of("advisories.distros", "archives.tsv", ("type", "distribution", "address"))
    return tuple((id, re.compile(address, re.ASCII)) for of, id, address, _ in rows if of == type)


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text, re.ASCII) if text else None
