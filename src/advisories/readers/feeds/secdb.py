"""secdb of Alpine, Wolfi, Chainguard and others: for each source package the versions that fixed vulnerabilities.

JSON and YAML. A version ``0`` means that the package was never affected. An identifier may have others behind it
(``CVE-2019-1234 XSA-1``) and remarks. Each CVE is a vulnerability, and the rest are its aliases. Every document gives
one advisory a vulnerability, ``alpine-3.18-main:CVE-2023-1234``, so that no repository or release hides another.
Its repository is the component that it is of (:mod:`advisories.distros.components`).

PyYAML's parser in C, of the extra ``yaml``, reads YAML without resolving it: ``1.10`` is a text. Source: Alpine,
*secdb*, its README and ``secdb.py``.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from advisories.distros.components import component_of
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range
from advisories.models.distribution import ROLLING, Distribution, normalised
from advisories.models.reading import Extent, Loss, Part, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.sources.documents import Document
from advisories.sources.json import SHOWN, Malformed, json_type, list_in, looks_like_json, object_in, text_in, value_of
from advisories.sources.limits import Limits
from advisories.sources.yaml_text import RefusedYaml, yaml_value

__all__ = ["claims", "read", "sniff"]

_JSON_MARK: Final = re.compile(rb'"(?:apkurl|distroversion)"\s*:')
_YAML_MARK: Final = re.compile(rb"^(?:apkurl|distroversion):", re.MULTILINE)
_FIXES: Final = re.compile(rb"^\s*secfixes:|\"secfixes\"\s*:", re.MULTILINE)
_NAMES: Final = re.compile(r"(?:main|community|testing|non-free)\.ya?ml")
_RELEASE: Final = re.compile(r"v([0-9]+\.[0-9]+)", re.ASCII)
# Identifiers other than CVEs. Every other word is a remark.
_ALIAS: Final = re.compile(r"(?:XSA|TALOS|ZBX|GHSA|GO|RUSTSEC|PYSEC|OSV|wnpa-sec|VSV|CGA|MINI)-[\w-]+", re.ASCII)
# Ways to write a CVE that are no CVE.
_ODD_CVE: Final = re.compile(r"CVE[ _-]+([0-9]{4}-[0-9]{4,})(?=\b|_)", re.ASCII)
# What is published somewhere names a host.
_HOST: Final = re.compile(r"://[\w.-]+\.[a-z]+", re.ASCII)
_ROLLING: Final = (
    ("wolfi", "wolfi"),
    ("chainguard", "chainguard"),
    ("cgr.dev", "chainguard"),
    ("packages.mini.dev", "minimos"),
)


def sniff(head: bytes, name: str) -> bool:
    """``apkurl`` or ``distroversion`` as a member."""
    if looks_like_json(head):
        return _JSON_MARK.search(head) is not None
    return _YAML_MARK.search(head) is not None


def claims(head: bytes, name: str) -> bool:
    """``secfixes`` as a member, and the names of Alpine's repositories."""
    return _FIXES.search(head) is not None or _NAMES.fullmatch(name) is not None


def read(document: Document, limits: Limits) -> Iterator[Advisory | Part | Rejection | Skip]:
    """The advisories of one document, by vulnerability."""
    content = _content(document)
    if isinstance(content, Rejection):
        yield content
        return
    try:
        if not isinstance(content, dict):
            raise Malformed("$", f"an object is expected, not {json_type(content)}")
        distribution, scope = _scope(content)
    except Malformed as malformed:
        lost: tuple[Loss, ...] | None = None
        if isinstance(content, dict):
            # Alpine's alone have a release. What is of no distribution that is known is nothing that could be missed.
            where = f"{content.get('urlprefix')} {content.get('apkurl')}"
            is_alpine = isinstance(content.get("distroversion"), str) or "alpine" in where
            lost = (
                (Loss(None, Distribution("alpine", None)),) if is_alpine else () if _HOST.search(where) else (Loss(),)
            )
        yield Rejection(document.source, malformed.path, document.name, malformed.why, losses=lost)
        return
    repository = component_of(distribution.id, str(content.get("reponame")))
    if repository is not None:
        yield Part(distribution, repository)
    try:
        # YAML without tags has an empty text where nothing stands.
        if "packages" not in content:
            raise Malformed("packages", "a document without packages")
        packages = list_in(content, "packages", "") if content["packages"] != "" else []
    except Malformed as malformed:
        lost = (Loss(None, distribution),)
        yield Rejection(document.source, malformed.path, document.name, malformed.why, losses=lost)
        return
    if not looks_like_json(document.data[:SHOWN]) and not document.data.endswith((b"\n", b"\r")):
        # Nothing else shows where YAML was cut: what is there is a whole document.
        line, lost = 1 + document.data.count(b"\n"), (Loss(None, distribution),)
        why = "it ends in the middle of a line: it may be cut"
        yield Rejection(document.source, f"line {line}", document.name, why, Extent.PART, lost)
    found: dict[str, dict[tuple[str, str], None]] = {}
    aliases: dict[str, dict[str, None]] = {}
    for number, entry in enumerate(packages[: limits.affected]):
        yield from _package(document, f"packages[{number}]", entry, distribution, found, aliases)
    if len(packages) > limits.affected:
        why, lost = f"more than the limit of {limits.affected}", (Loss(None, distribution),)
        yield Rejection(document.source, "packages", document.name, why, losses=lost)
    for id in sorted(found):
        affected = tuple([_affected(name, version, distribution) for name, version in found[id]])
        yield Advisory(
            id=f"{scope}:{id}",
            kind=Kind.SECURITY,
            cves=cve_ids(id),
            affected=affected,
            database=distribution.id,
            aliases=tuple(aliases[id]) if cve_ids(id) else (id, *aliases[id]),
        )


def _content(document: Document) -> Any:
    if looks_like_json(document.data[:SHOWN]):
        value = value_of(document)
        return value if isinstance(value, Rejection) else value.content
    try:
        return yaml_value(document.data, document.source)
    except RefusedYaml as refused:
        return Rejection(document.source, refused.place, document.name, refused.why)


def _scope(content: dict[str, Any]) -> tuple[Distribution, str]:
    """The release that a document is of, and how its advisories' ids begin."""
    repository = content.get("reponame")
    repository = repository if isinstance(repository, str) and repository.isprintable() else ""
    version = content.get("distroversion")
    if isinstance(version, str):
        match = _RELEASE.fullmatch(version)
        if match is None and version != "edge":
            raise Malformed("distroversion", f"not a release: {version[:40]!a}")
        distribution = normalised("alpine", match[1] if match else version)
        return distribution, "-".join(filter(None, (distribution.id, distribution.release, repository)))
    where = f"{content.get('urlprefix')} {content.get('apkurl')}"
    for word, id in _ROLLING:
        if word in where.lower():
            return Distribution(id, ROLLING), "-".join(filter(None, (id, repository)))
    raise Malformed("urlprefix", "of no distribution that is known")


def _package(
    document: Document,
    path: str,
    entry: Any,
    distribution: Distribution,
    found: dict[str, dict[tuple[str, str], None]],
    aliases: dict[str, dict[str, None]],
) -> Iterator[Rejection | Skip]:
    name, lost = path, (Loss(None, distribution),)
    try:
        if not isinstance(entry, dict):
            raise Malformed(path, f"an object is expected, not {json_type(entry)}")
        package = object_in(entry, "pkg", f"{path}.")
        name = text_in(package, "name", f"{path}.pkg.")
        lost = (Loss(name, distribution),)
        if package.get("secfixes") is None:
            raise Malformed(f"{path}.pkg.secfixes", "a package without fixes")
        fixes = object_in(package, "secfixes", f"{path}.pkg.")
    except Malformed as malformed:
        yield Rejection(document.source, malformed.path, name, malformed.why, losses=lost)
        return
    for version, ids in fixes.items():
        place = f"{path}.pkg.secfixes.{version if version.isprintable() else ascii(version)}"
        if ids in (None, "", []) and version:
            yield Skip(document.source, place, name, "a fixed version without an identifier", lost)
            continue
        if not isinstance(ids, list) or not version:
            yield Rejection(document.source, place, name, "a list of identifiers is expected", Extent.PART, lost)
            continue
        for text in ids:
            named = _identifiers(text) if isinstance(text, str) else ((), ())
            if not named[0] and not named[1]:
                why = f"not an identifier: {str(text)[:40]!a}"
                yield Rejection(document.source, place, name, why, Extent.PART, lost)
            for id in named[0] or named[1][:1]:
                # One package may be fixed several times: every fix counts, and the highest decides.
                found.setdefault(id, {})[name, version] = None
                aliases.setdefault(id, {}).update(dict.fromkeys(one for one in named[1] if one != id))


def _identifiers(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The CVEs of an identifier, and what else it names."""
    text = _ODD_CVE.sub(r"CVE-\1 ", text)
    return cve_ids(text.split()), tuple(dict.fromkeys(_ALIAS.findall(text)))


def _affected(name: str, version: str, distribution: Distribution) -> Affected:
    return Affected(name, "apk", distribution, Names.SOURCE, (Range(None, version),), (), FixState.FIXED)
