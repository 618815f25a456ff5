"""The work of readers grows as their documents do, whatever is many in them."""

import json
import re
import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from advisories_reference import DEBIAN12, deb, host
from growth import Shape, csaf_document, grows_in_proportion, memory_grows_in_proportion, time_grows_in_proportion
from rpm_files import berkeley, named, ndb

from advisories.models import Package
from advisories.readers import feeds, inventories, statements
from advisories.readers.inventories.source_map import read_sources
from advisories.readers.setups.conclusion import concluded
from advisories.readers.setups.entry import Entry
from advisories.readers.setups.of_root import FileRead
from advisories.readers.setups.registry import reader_of

Read = Callable[[], object]


def _feed(data: str, name: str) -> Read:
    encoded = data.encode()
    return lambda: list(feeds.read_stream(BytesIO(encoded), name))


def _json(content: object, name: str) -> Read:
    return _feed(json.dumps(content), name)


def _list(content: object) -> Read:
    data = (content if isinstance(content, str) else json.dumps(content)).encode()
    return lambda: inventories.read_stream(BytesIO(data))


def _statements(content: object) -> Read:
    data = json.dumps(content).encode()
    return lambda: statements.read_stream(BytesIO(data), "vex.json")


def _cve(number: int, year: int = 2024) -> str:
    return f"CVE-{year}-{number:04}"


# ---- OSV ----


def _osv_record(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "modified": "2024-01-02T00:00:00Z", **more}


def _osv_entry(name: str, *fixed: str, ecosystem: str = "AlmaLinux:9", **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": one}]} for one in fixed]
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, **more}


def _osv_one_id(n: int) -> Read:
    records = [_osv_record("ALSA-2024:1", affected=[_osv_entry(f"p{i}", "1-1")]) for i in range(n)]
    return _feed("\n".join(map(json.dumps, records)), "all.jsonl")


def _osv_ranges(n: int) -> Read:
    """An entry of n ranges."""
    entry = _osv_entry("p", *[f"{i}-1" for i in range(n)])
    return _json(_osv_record("ALSA-2024:1", aliases=[_cve(1)], affected=[entry]), "ALSA-2024:1.json")


def _osv_entries_of_ranges(n: int) -> Read:
    """Entries that differ in their last range alone."""
    entries = [_osv_entry(f"p{i}", *["1-1"] * 3, f"{i}-1") for i in range(n)]
    return _json(_osv_record("ALSA-2024:1", affected=entries), "ALSA-2024:1.json")


def _osv_aliases(n: int) -> Read:
    """n CVEs, as many names that are none, and references and severities."""
    more = {
        "aliases": [_cve(i) for i in range(n)] + [f"GHSA-{i}" for i in range(n)],
        "upstream": [_cve(i, 2023) for i in range(n)],
        "references": [{"type": "WEB", "url": f"https://example.org/{i}"} for i in range(n)],
        "severity": [{"type": "CVSS_V3", "score": f"CVSS:3.1/{i}"} for i in range(n)],
    }
    return _json(_osv_record("ALSA-2024:1", affected=[_osv_entry("p", "1-1")], **more), "ALSA-2024:1.json")


def _osv_broken(n: int) -> Read:
    """n entries that cannot be read."""
    entries = [{"package": {"ecosystem": "AlmaLinux:9", "name": f"p{i}"}, "ranges": [1]} for i in range(n)]
    return _json(_osv_record("ALSA-2024:1", affected=[_osv_entry("p", "1-1"), *entries]), "ALSA-2024:1.json")


def _osv_binaries(n: int) -> Read:
    """A source package of Ubuntu's with n binaries."""
    binaries = {f"b{i}": "1-1" for i in range(n)}
    entry = _osv_entry("p", "1-1", ecosystem="Ubuntu:22.04:LTS", ecosystem_specific={"binaries": [binaries]})
    return _json(_osv_record("UBUNTU-CVE-2024-1", affected=[entry]), "UBUNTU-CVE-2024-1.json")


# ---- secdb, trackers, enrichments ----


def _secdb(n: int) -> Read:
    """One package with n fixes, and n packages with one."""
    fixes = {f"1.{i}-r0": [_cve(i), f"XSA-{i}"] for i in range(n)}
    packages = [{"pkg": {"name": "p", "secfixes": fixes}}]
    packages += [{"pkg": {"name": f"p{i}", "secfixes": {"1-r0": [_cve(1)]}}} for i in range(n)]
    head = {"apkurl": "", "distroversion": "v3.19", "reponame": "main"}
    return _json({**head, "packages": packages}, "main.json")


def _secdb_identifiers(n: int) -> Read:
    """An entry with n names of one vulnerability."""
    names = " ".join([_cve(1), *[f"XSA-{i}" for i in range(n)]])
    fixes = {"1-r0": [names], "2-r0": [f"{_cve(1)} XSA-{i}" for i in range(n)]}
    head = {"apkurl": "", "distroversion": "v3.19", "reponame": "main"}
    return _json({**head, "packages": [{"pkg": {"name": "p", "secfixes": fixes}}]}, "main.json")


def _debian_status(**more: Any) -> dict[str, Any]:
    return {"status": "resolved", "repositories": {"bookworm": "1-1"}, "fixed_version": "1-1", "urgency": "low", **more}


def _debian_tracker(n: int) -> Read:
    """One vulnerability of n packages, and n of one package."""
    issue = {"scope": "local", "releases": {"bookworm": _debian_status(), "trixie": _debian_status()}}
    packages = {f"p{i}": {_cve(1): issue} for i in range(n)}
    return _json({**packages, "p": {_cve(i): issue for i in range(n)}}, "tracker.json")


def _debian_repositories(n: int) -> Read:
    """n archives of a release, and n releases that are not known."""
    releases = {f"r{i}": _debian_status() for i in range(n)}
    releases["bookworm"] = _debian_status(repositories={f"r{i}": f"{i}-1" for i in range(n)})
    return _json({"p": {_cve(1): {"scope": "local", "releases": releases}}}, "tracker.json")


def _debian_advisories(n: int) -> Read:
    """An advisory of n CVEs and n packages."""
    lines = ["[01 Jan 2024] DSA-5000-1 bash - security update", "\t{" + " ".join(map(_cve, range(n))) + "}"]
    lines += [f"\t[bookworm] - p{i} {i}-1" for i in range(n)]
    return _feed("\n".join(lines) + "\n", "list")


def _ubuntu_tracker(n: int) -> Read:
    """n packages in all pockets, with a priority each."""
    lines = ["Candidate: CVE-2024-1000", "PublicDate: 2024-01-01 00:00:00 UTC", "References:"]
    lines += [f" https://example.org/{i}" for i in range(n)]
    lines += ["Priority: high", *[f"Priority_p{i}: r{i}" for i in range(n)]]
    lines += [f"{pocket}_p{i}: released (1.{i})" for i in range(n) for pocket in ("jammy", "esm-apps/jammy", "focal")]
    return _feed("\n".join(lines) + "\n", "CVE-2024-1000")


def _ubuntu_tracker_damaged(n: int) -> Read:
    """n candidates, and n lines that are no status."""
    lines = [f"Candidate: CVE-2024-{i:04}" for i in range(n)] + [f"jammy_p{i} released" for i in range(n)]
    return _feed("\n".join(lines) + "\n", "CVE-2024-1000")


def _kev(n: int) -> Read:
    rows = [{"cveID": _cve(i), "dateAdded": "2024-01-01"} for i in range(n)]
    head = {"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2024.01.01", "count": n}
    return _json({**head, "vulnerabilities": rows}, "kev.json")


def _nvd_record(id: str, **more: Any) -> dict[str, Any]:
    return {"cve": {"id": id, "sourceIdentifier": "x", "vulnStatus": "Analyzed", "metrics": {}, **more}}


def _nvd(n: int) -> Read:
    """n records of one CVE, and one with n metrics and as many configurations, half of them in one another."""
    metric = {"source": "nvd@nist.gov", "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}
    nested: dict[str, Any] = {}
    for _ in range(min(n // 2, 200)):
        nested = {"nodes": [nested], "children": [{"cpeMatch": []}]}
    configurations = [nested, *[{"nodes": [{"cpeMatch": [{"criteria": f"cpe:{i}"}]}]} for i in range(n)]]
    large = _nvd_record(_cve(2), metrics={"cvssMetricV31": [metric] * n}, configurations=configurations)
    records = [_nvd_record(_cve(1)) for _ in range(n)]
    return _json({"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [*records, large]}, "nvd.json")


def _cve5(n: int) -> Read:
    metric = {"cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}
    record = {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": _cve(1), "state": "PUBLISHED"},
        "containers": {"cna": {"metrics": [metric] * n}, "adp": [{"metrics": [metric]} for _ in range(n)]},
    }
    return _json(record, "cve.json")


def _epss(n: int) -> Read:
    rows = [f"{_cve(i % 9)},0.25,0.9" for i in range(n)]
    return _feed("\n".join(["#model_version:v2023.03.01", "cve,epss,percentile", *rows]) + "\n", "epss.csv")


# ---- advisories of Ubuntu's, and updateinfo ----


def _usn_sources(n: int) -> Read:
    """n sources with a binary each in one of a hundred pockets."""
    release = {
        "sources": {f"s{i}": {"version": "1"} for i in range(n)},
        "binaries": {f"b{i}": {"version": "1", "pocket": f"pocket{i % 9}", "source": f"s{i}"} for i in range(n)},
    }
    return _json({"1-1": {"id": "1-1", "isummary": "", "cves": [], "releases": {"jammy": release}}}, "database.json")


def _usn_pockets(n: int) -> Read:
    """n sources without binaries, and as many pockets as there may be."""
    release = {
        "sources": {f"s{i}": {"version": "1"} for i in range(n)},
        "binaries": {f"b{i}": {"version": "1", "pocket": f"pocket{i}"} for i in range(99)},
    }
    return _json({"1-1": {"id": "1-1", "isummary": "", "cves": [], "releases": {"jammy": release}}}, "database.json")


def _package(name: str, version: str = "1") -> str:
    return f'<package name="{name}" version="{version}" release="1.el9" epoch="0" arch="x86_64"/>'


def _update(number: int, content: str, references: str = "") -> str:
    head = f'<update type="security"><id>ALSA-2024:{number}</id><references>{references}</references>'
    return f"{head}<pkglist>{content}</pkglist></update>"


def _updates(n: int) -> Read:
    """n updates, with collections whose names are of no component that is known."""
    updates = [
        _update(i, f'<collection short="c{i}"><name>Name {i}</name>{_package(f"p{i}")}</collection>') for i in range(n)
    ]
    return _feed(f"<updates>{''.join(updates)}</updates>", "updateinfo.xml")


def _updates_of_one_id(n: int) -> Read:
    updates = [_update(1, f'<collection short="c">{_package(f"p{i}")}</collection>') for i in range(n)]
    return _feed(f"<updates>{''.join(updates)}</updates>", "updateinfo.xml")


def _collections(n: int) -> Read:
    """An update of n collections, each with a package in another version."""
    content = "".join(f'<collection short="c{i}">{_package("p", str(i))}</collection>' for i in range(n))
    references = "".join(f'<reference id="{_cve(i)}" title="{_cve(i)} {_cve(i, 2023)}" href="h"/>' for i in range(n))
    return _feed(f"<updates>{_update(1, content, references)}</updates>", "updateinfo.xml")


# ---- CSAF ----


def _csaf(n: int, **vulnerability: Any) -> Read:
    purls = [f"pkg:rpm/redhat/p@{i}-1?arch=x86_64" for i in range(n)]
    document = csaf_document(purls, [{"cve": _cve(1), **vulnerability}])
    return _json(document, "cve-2024-1.json")


def _csaf_versions(n: int) -> Read:
    """n builds of one package, half of them with the fix and half affected."""
    listed = [f"P:p{i}" for i in range(n)]
    return _csaf(n, product_status={"fixed": listed[: n // 2], "known_affected": listed[n // 2 :]})


def _csaf_remediations(n: int) -> Read:
    """A remediation, a score and a threat for each product."""
    listed = [f"P:p{i}" for i in range(n)]
    remedies = [{"category": "vendor_fix", "details": "d", "product_ids": [one]} for one in listed]
    threats = [{"category": "impact", "details": "Low", "product_ids": [one]} for one in listed]
    scores = [
        {"products": [one], "cvss_v3": {"vectorString": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H"}}
        for one in listed
    ]
    return _csaf(n, product_status={"fixed": listed}, remediations=remedies, threats=threats, scores=scores)


# ---- lists ----


def _component(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "library", "name": "p", "purl": f"pkg:rpm/x/p{number}@1?arch=x86_64&distro=almalinux-9", **more}


def _cyclonedx_deep(n: int) -> Read:
    """n components that are all in one another, and as many in the last."""
    depth = min(n, 300)
    inner: list[Any] = [_component(i) for i in range(n)]
    for i in range(depth):
        inner = [_component(n + i, components=inner)]
    return _list({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": inner})


def _cyclonedx_broken(n: int) -> Read:
    """n components that cannot be read, with n properties beside them."""
    parts: list[Any] = [_component(1, properties=[{"name": f"n{i}", "value": "v"} for i in range(n)])]
    parts += [{"type": "library", "purl": "pkg:broken"} for _ in range(n)]
    return _list({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": parts})


def _cyclonedx_xml(n: int) -> Read:
    def component(number: int, more: str = "") -> str:
        return (
            f'<component type="library"><name>p</name><purl>pkg:rpm/x/p{number}@1?arch=x86_64</purl>{more}</component>'
        )

    flat = "".join(component(i) for i in range(n))
    for i in range(60):
        flat = component(n + i, f"<components>{flat}</components>")
    return _list(f'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>{flat}</components></bom>')


def _spdx_package(*purls: str, id: str = "p") -> dict[str, Any]:
    references = [{"referenceCategory": "x", "referenceType": "purl", "referenceLocator": purl} for purl in purls]
    return {"SPDXID": f"SPDXRef-{id}", "name": "p", "externalRefs": references}


def _spdx(n: int) -> Read:
    """A package of n purls, one of n repositories, n packages, and n relationships."""
    purls = [f"pkg:rpm/x/p{i}@1?arch=x86_64" for i in range(n)]
    repositories = [f"pkg:rpm/x/q@1?arch=x86_64&repository_id=r{i}" for i in range(n)]
    packages = [_spdx_package(*purls), _spdx_package(*repositories)]
    packages += [_spdx_package(f"pkg:rpm/x/o{i}@1?arch=x86_64", id=str(i)) for i in range(n)]
    relationships = [
        {"spdxElementId": f"SPDXRef-{i}", "relationshipType": "CONTAINS", "relatedSpdxElement": f"SPDXRef-{j}"}
        for i in range(n)
        for j in (0, i)
    ]
    return _list({"spdxVersion": "SPDX-2.3", "packages": packages, "relationships": relationships})


def _spdx_3(n: int) -> Read:
    """A package of n identifiers, and n packages."""
    identifiers = [{"externalIdentifierType": "packageUrl", "identifier": f"pkg:rpm/x/p{i}@1"} for i in range(n)]
    graph = [{"type": "software_Package", "name": "p", "externalIdentifier": identifiers}]
    graph += [{"type": "software_Package", "name": "p", "software_packageUrl": f"pkg:rpm/x/q{i}@1"} for i in range(n)]
    return _list({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph})


def _spdx_tags(n: int) -> Read:
    lines = ["SPDXVersion: SPDX-2.3"]
    for i in range(n):
        purl = f"ExternalRef: PACKAGE-MANAGER purl pkg:rpm/x/p{i}@1"
        lines += ["PackageName: p", f"SPDXID: SPDXRef-{i}", purl, "PackageSourceInfo: <text>a", "b</text>"]
        lines += [f"Relationship: SPDXRef-{i} CONTAINS SPDXRef-0"]
    return _list("\n".join(lines) + "\n")


def _vuls(n: int) -> Read:
    """n sources of n binaries."""
    binaries = {f"p{i}": {"name": f"p{i}", "version": "1-1", "release": "", "arch": "amd64"} for i in range(n)}
    sources = {f"s{i}": {"name": f"s{i}", "version": "1-1", "binaryNames": [f"p{i}"]} for i in range(n)}
    sources["s"] = {"name": "s", "version": "1-1", "binaryNames": [f"p{i}" for i in range(n)]}
    head = {"jsonVersion": 4, "family": "debian", "release": "12.4"}
    return _list({**head, "packages": binaries, "SrcPackages": sources})


def _syft(n: int) -> Read:
    artifacts = [
        {
            "id": str(i),
            "name": f"p{i}",
            "version": "1-1",
            "type": "deb",
            "locations": [{"path": f"/{j}"} for j in range(3)],
            "purl": f"pkg:deb/debian/p{i}@1-1?arch=amd64",
        }
        for i in range(n)
    ]
    relationships = [{"parent": str(i), "child": "0", "type": "contains"} for i in range(n)]
    head = {"distro": {"id": "debian", "versionID": "12"}, "schema": {"version": "16.0.0", "url": "syft"}}
    return _list({"artifacts": artifacts, "artifactRelationships": relationships, **head})


def _rpm_ndb(n: int) -> Read:
    """n packages, as many that no slot leads to, one of n kilobytes, and slots that all lead to it."""
    data = bytearray(ndb([*(named(f"p{i}") for i in range(2 * n)), named("long", 1000 * n)], free=1))
    slot, last = 32 + 16 * n, 32 + 16 * 2 * n
    for place in range(slot, last, 16):
        data[place + 8 : place + 16] = data[last + 8 : last + 16]
    return lambda: inventories.read_stream(BytesIO(data))


def _rpm_berkeley(n: int) -> Read:
    """n packages, one of n kilobytes, and records that all claim its pages."""
    data = berkeley([*(named(f"p{i}", 2000) for i in range(2 * n)), named("long", 1000 * n)], size=512, buckets=n)
    (long,) = re.finditer(struct.pack("<I", len(named("long", 1000 * n))), data)
    claim, size = data[long.start() - 8 : long.end()], struct.pack("<I", len(named("p1", 2000)))
    data = re.sub(rb"\x03\0\0\0(?s:....)" + re.escape(size), claim.replace(b"\\", rb"\\"), data, count=n)
    return lambda: inventories.read_stream(BytesIO(data))


# ---- statements ----


def _openvex_document(*entries: dict[str, Any]) -> Read:
    head = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "timestamp": "2024-01-01T00:00:00Z"}
    return _statements({**head, "author": "a", "statements": entries})


def _openvex_statements(n: int) -> Read:
    """n statements, one of n products with components of their own, and one with n aliases."""
    products = [{"@id": f"pkg:oci/p{i}", "subcomponents": [{"@id": f"pkg:rpm/x/s{i}"}]} for i in range(n)]
    one = {"vulnerability": {"name": _cve(1)}, "status": "affected", "products": products}
    names = {"name": _cve(1), "aliases": [f"A-{i}" for i in range(n)]}
    many = [{**one, "products": [{"@id": f"pkg:rpm/x/s{i}"}]} for i in range(n)]
    return _openvex_document(one, {**one, "vulnerability": names, "products": products[:1]}, *many)


def _cyclonedx_affects(n: int) -> Read:
    """A vulnerability that affects n components in n versions, and has n references."""
    parts = [_component(i, **{"bom-ref": f"p{i}"}) for i in range(n)]
    affects = [{"ref": f"p{i}", "versions": [{"version": str(j)} for j in range(3)]} for i in range(n)]
    affects += [{"ref": "p0", "versions": [{"version": str(j)} for j in range(n)]}]
    references = [{"id": f"R-{i}"} for i in range(n)]
    found = [{"id": _cve(1), "references": references, "analysis": {"state": "exploitable"}, "affects": affects}]
    return _statements({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": parts, "vulnerabilities": found})


# ---- sources of a list ----


def _completed(index: str, packages: list[Package]) -> Read:
    sources, inventory = read_sources(BytesIO(index.encode())), host(*packages, distribution=DEBIAN12)
    return lambda: sources.complete(inventory)


def _sources_of_builds(n: int) -> Read:
    """n builds of one version, each for another architecture."""
    index = "".join(f"Package: p\nVersion: 1-1\nArchitecture: a{i}\nSource: s\n\n" for i in range(n))
    return _completed(index, [deb("p", "1-1", arch=f"a{i}") for i in range(n)])


def _sources_of_versions(n: int) -> Read:
    """n versions of a source, and as many builds that are later than all of them."""
    index = "".join(f"Package: s\nBinary: p\nVersion: 1.{i}-1\n\n" for i in range(n))
    return _completed(index, [deb("p", f"2.{i}-1") for i in range(n)])


# ---- what a root has set up ----


def _setups(n: int) -> Read:
    """n repositories of each kind, values of n lines, and what is concluded of a host of n packages."""
    texts = {
        "apt-list": "".join(f"deb http://deb.debian.org/debian suite{i} main\n" for i in range(n)),
        "apt-sources": f"Types: deb\nURIs: http://x/debian\nSuites: sid\nComponents:{' a' * n}\nX:\n" + " y\n" * n,
        "apk-repositories": "".join(f"@t{i} http://x/alpine/edge/r{i}\n" for i in range(n)),
        "rpm-repo": "".join(f"[r{i}-eus]\nbaseurl=http://x/{i}\n" for i in range(n)) + "a=b\n" + " c\n" * n,
        "dnf-module": "".join(f"[m{i}]\nstate=enabled\nstream={i}\n" for i in range(n)),
    }
    packages = tuple(Package("apk", f"p{i}", "1", repository=f"@t{i}") for i in range(n))

    def read() -> object:
        files = []
        for format, text in texts.items():
            found = list(reader_of(format).read(text.encode(), format))
            entries = tuple(one for one in found if isinstance(one, Entry))
            files.append(FileRead(format, format, entries, ()))
        return concluded(files, DEBIAN12, packages)

    return read


_SHAPES = [
    *(_sources_of_builds, _sources_of_versions),
    *(_osv_one_id, _osv_ranges, _osv_entries_of_ranges, _osv_aliases, _osv_broken, _osv_binaries),
    *(_secdb, _secdb_identifiers, _debian_tracker, _debian_repositories, _debian_advisories),
    *(_ubuntu_tracker, _ubuntu_tracker_damaged, _kev, _nvd, _cve5, _epss, _usn_sources, _usn_pockets),
    *(_updates, _updates_of_one_id, _collections, _csaf_versions, _csaf_remediations),
    *(_cyclonedx_deep, _cyclonedx_broken, _cyclonedx_xml, _spdx, _spdx_3, _spdx_tags, _vuls, _syft),
    *(_rpm_ndb, _rpm_berkeley),
    *(_openvex_statements, _cyclonedx_affects, _setups),
]


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape, 120)


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__[1:])
def test_memory_of(shape: Shape) -> None:
    # Between 400 and 800 repositories several tables of Python double at once.
    memory_grows_in_proportion(shape, 800 if shape is _setups else 400)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [_osv_aliases, _ubuntu_tracker, _updates, _setups])
def test_time_of(shape: Shape) -> None:
    """Names that are looked up in a tuple, and what a cache holds while there are few."""
    time_grows_in_proportion(shape)


def test_a_deep_position_is_shown_by_its_end() -> None:
    inner: list[Any] = [1]
    for number in range(30):
        inner = [_component(number, components=inner)]
    report = inventories.read_stream(
        BytesIO(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": inner}).encode())
    ).report
    assert report is not None
    (lost,) = report.rejections
    assert lost.position.startswith("...")
    assert lost.position.endswith(".components[0].components[0]")
    assert len(lost.position) < 250
