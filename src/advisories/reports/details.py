"""What is published about a finding, for reports: package URL, links, vectors, dates, and the command of the fix."""

import json
from collections.abc import Collection, Iterable
from itertools import chain
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any, Final

from advisories.distros.links import link_to
from advisories.distros.package_managers import Item, Manager, is_safe, manager_for, manager_of
from advisories.distros.package_urls import package_url
from advisories.models.advisories import Advisory, FixState, Severity
from advisories.models.findings import Finding, Presence
from advisories.models.lazy import lazy_property
from advisories.models.nouns import plain
from advisories.models.patterns import pattern

if TYPE_CHECKING:
    from advisories.index.feed import Feed
    from advisories.models.packages import Inventory, Package

__all__ = ["Details", "fix_command"]


# The id of an advisory in an address.
_ID: Final = pattern("[A-Z]+-[0-9]{4}(?:[-:]|%3A)[0-9]+")


class Details:
    """What the feed has about the findings of a host. Its advisories are read at once, and each thing is made once."""

    def __init__(self, inventory: "Inventory", feed: "Feed", ids: Collection[str]) -> None:
        """
        :param ids: the advisories that the findings name.
        """
        self._host: Final = inventory.distribution
        self._feed: Final = feed
        self._advisories: Final = feed.summaries(ids)
        self._links: Final[dict[str, tuple[list[dict[str, str]], str]]] = {}
        self._members: Final[dict[tuple[str, tuple[str, ...]], dict[str, Any]]] = {}
        self._purls: Final[dict[int, str]] = {}
        self._commands: Final[dict[int, str | None]] = {}
        self._has_enrichments: Final = bool(feed.enrichment_counts)

    @classmethod
    def of(cls, inventory: "Inventory", feed: "Feed", findings: Iterable[Finding]) -> "Details":
        """The details of some findings."""
        return cls(inventory, feed, {id for finding in findings for id in finding.advisories})

    def of_package(self, finding: Finding) -> dict[str, Any]:
        """The members that depend on the package and its fix, whatever the vulnerability."""
        published, modified = self.dates(finding.evidence.advisory)
        return {
            "purl": self.purl(finding.package),
            "published": published,
            "modified": modified,
            "fix_command": self.fix_command(finding),
            "layer": plain(finding.package.layer),
        }

    def of_vulnerability(self, vulnerability: str, finding: Finding) -> dict[str, Any]:
        """The members that depend on the vulnerability."""
        # Findings of packages that were built together have all but the title in common.
        rest = self._members.get((vulnerability, finding.advisories))
        if rest is None:
            advisories = self._advisories_of(finding)
            rest = self._members[vulnerability, finding.advisories] = {
                "aliases": _aliases(vulnerability, advisories),
                "links": [link for id in _ids(vulnerability, finding) for link in self._links_of(id)[0]],
                "vectors": self._vectors(vulnerability, advisories),
            }
        return {"vulnerability": vulnerability, "title": f"{vulnerability} in {finding.package.name}", **rest}

    def text_of_vulnerability(self, vulnerability: str, finding: Finding) -> str:
        """The JSON of :meth:`of_vulnerability` behind the title, without the last brace."""
        advisories = self._advisories_of(finding)
        links = ", ".join(filter(None, [self._links_of(id)[1] for id in _ids(vulnerability, finding)]))
        aliases, vectors = _aliases(vulnerability, advisories), self._vectors(vulnerability, advisories)
        return f'"aliases": {_text(aliases)}, "links": [{links}], "vectors": {_text(vectors)}'

    def _advisories_of(self, finding: Finding) -> list[Advisory]:
        known = self._advisories
        return [known[id] for id in finding.advisories if id in known]

    def purl(self, package: "Package") -> str:
        """The package URL of a package."""
        purl = self._purls.get(id(package))
        if purl is None:
            purl = self._purls[id(package)] = package_url(package, self._host)
        return purl

    def dates(self, advisory: str) -> tuple[str | None, str | None]:
        """When an advisory was published, and when it was modified."""
        known = self._advisories.get(advisory)
        return (None, None) if known is None else (plain(known.published), plain(known.modified))

    def fix_command(self, finding: Finding) -> str | None:
        """The command that upgrades the package of a finding, where that clears it (:func:`fix_command`)."""
        if not _has_command(finding, manager_for(finding.package.type, self._manager)):
            return None
        # Whatever is found in a package, its command is the same.
        key = id(finding.package)
        if key not in self._commands:
            self._commands[key] = fix_command(finding, self._manager)
        return self._commands[key]

    @lazy_property
    def _manager(self) -> Any:
        return None if self._host is None else manager_of(self._host)

    def _links_of(self, id: str) -> tuple[list[dict[str, str]], str]:
        """The links of an id, one or none, and their JSON without brackets."""
        links = self._links.get(id)
        if links is None:
            own = _own_links(self._advisories.get(id))
            # A rebuild's advisory has a link to the one that it was made from too: that is no page of this id.
            ours = [url for url in own if _names(url, id)] or [url for url in own if not _ID.search(url)]
            url = next(iter(ours), None) or link_to(id, self._host) or next(iter(own), None)
            if url is None:
                links = [], ""
            else:
                text = f'{{"id": {quoted(id)}, "url": {quoted(url)}}}'
                links = [{"id": id, "url": url}], text
            self._links[id] = links
        return links

    def _vectors(self, vulnerability: str, advisories: Iterable[Advisory]) -> list[dict[str, str]]:
        rated = [s for one in advisories for s in one.severities if s.cve in (None, vulnerability)]
        if self._has_enrichments:
            rated += [severity for one in self._feed.enrichments(vulnerability) for severity in one.severities]
        return [_vector(severity) for severity in dict.fromkeys(rated)]


def fix_command(finding: Finding, manager: Manager | None) -> str | None:
    """The command that upgrades the package of a finding to its newest version. None where the host has no fix, and
    for kernels. Of a package of a language it is its tool's, for the project or environment that has it.

    :param manager: the host's.
    """
    package = finding.package
    manager = manager_for(package.type, manager)
    if manager is None or not _has_command(finding, manager):
        return None
    item = Item(package.name, None, package.arch)
    return str(manager.upgraded([item], exact=False)) if is_safe(manager.type, [item]) else None


def _has_command(finding: Finding, manager: Manager | None) -> bool:
    return (
        finding.fix_state is FixState.FIXED
        and finding.fixed_version is not None
        and finding.channel is None
        and finding.presence is Presence.INSTALLED
        and manager is not None
        and manager.type == finding.package.type
    )


def _vector(severity: Severity) -> dict[str, str]:
    return {"source": severity.source, "type": severity.type, "vector": severity.score}


def _text(values: list[Any]) -> str:
    return json.dumps(values) if values else "[]"


def _ids(vulnerability: str, finding: Finding) -> tuple[str, ...]:
    ids = finding.advisories
    return ids if vulnerability in ids else (*ids, vulnerability)


def _aliases(vulnerability: str, advisories: Iterable[Advisory]) -> list[str]:
    """Other ids of a vulnerability: those of the advisories that are about it alone."""
    about = [one.aliases for one in advisories if one.aliases and one.vulnerabilities == (vulnerability,)]
    return [alias for alias in dict.fromkeys(chain.from_iterable(about)) if alias != vulnerability]


def _own_links(advisory: Advisory | None) -> list[str]:
    """The addresses of the web that an advisory has for advisories."""
    references = () if advisory is None else advisory.references
    links = [reference.url for reference in references if reference.type == "ADVISORY"]
    return [url for url in links if url.startswith(("https://", "http://")) and url.isprintable()]


def _names(url: str, id: str) -> bool:
    """Whether an address is about an id, in one of the ways to write a colon in it."""
    return any(written in url for written in (id, id.replace(":", "-"), id.replace(":", "%3A")))
