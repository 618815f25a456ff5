"""A feed's document with a field damaged: what it had found is still found, or its package is unchecked (rule 0).

Every format of the registry is here. A damage that nobody can see, since it makes another right document of it, is
named beside its format with the reason. What others know of a CVE stays as bad as it was, or something is refused or
skipped.
"""

import json
import re

import pytest
from damages import damaged
from small_feeds import csaf, debian_tracker, osv_record, oval, secdb, updateinfo

from advisories import match
from advisories.index.feed import Feed
from advisories.matching.priority import assess
from advisories.models import Advisory, Affected, Distribution, Enrichment, Inventory, Package, Range
from advisories.models.advisories import FixState, Kind
from advisories.models.assumptions import Assumption
from advisories.models.findings import Assessment, PackageClass
from advisories.models.reading import ReadReport, Scope
from advisories.models.words import Names
from advisories.readers.feeds.registry import FORMATS, read_documents
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

USN = {
    "7000-1": {
        "id": "7000-1",
        "isummary": "x",
        "timestamp": 1722470400,
        "cves": ["CVE-2024-1000"],
        "releases": {"jammy": {"sources": {"bash": {"version": "5.2"}}, "binaries": {"bash": {"version": "5.2"}}}},
    }
}
TRACKED = """Candidate: CVE-2024-1000
PublicDate: 2024-01-01 00:00:00 UTC
References:
 https://vendor.example/CVE-2024-1000
Description:
 A shell.
Notes:
Bugs:
Priority: high
Patches_bash:
upstream_bash: released (5.2)
jammy_bash: released (5.2)
focal_bash: needed
"""
LIST = """[01 Jan 2024] DSA-5001-1 zsh - security update
\t{CVE-2024-1001}
\t[bookworm] - zsh 5.9-4
[01 Jan 2024] DSA-5000-1 bash - security update
\t{CVE-2024-1000}
\t[bookworm] - bash 5.2.21-2
"""
TRACKER = json.loads(debian_tracker()) | {"zsh": json.loads(debian_tracker())["bash"]}
RHEL9, DEBIAN12, JAMMY = Distribution("rhel", "9"), Distribution("debian", "12"), Distribution("ubuntu", "22.04")

#: For each format the name of a document, the document, and the release of its host.
DOCUMENTS: dict[str, tuple[str, bytes, Distribution]] = {
    "osv": ("a.json", json.dumps(osv_record("ALSA-2024:1000", "AlmaLinux:9")).encode(), Distribution("almalinux", "9")),
    "csaf": ("a.json", csaf("RHSA-2024:1000"), RHEL9),
    "oval": (
        "com.example.oval.xml",
        oval("Red Hat Enterprise Linux 9", "0:5.1.8-6.el9", fact="redhat-release 9"),
        RHEL9,
    ),
    "updateinfo": ("updateinfo.xml", updateinfo("ALSA-2024:1000", "almalinux-9"), Distribution("almalinux", "9")),
    "ubuntu-tracker": ("CVE-2024-1000", TRACKED.encode(), JAMMY),
    "usn": ("database-all.json", json.dumps(USN).encode(), JAMMY),
    "debian-tracker": ("tracker.json", json.dumps(TRACKER).encode(), DEBIAN12),
    "debian-advisories": ("list", LIST.encode(), DEBIAN12),
    "secdb": ("main.json", secdb("v3.19", "main"), Distribution("alpine", "3.19")),
}

_V31, _V2 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:N/AC:L/Au:N/C:C/I:C/A:C"
_V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


def _nvd(metrics: object, **more: object) -> bytes:
    record = {
        "id": "CVE-2024-1000",
        "sourceIdentifier": "cve@vendor.example",
        "vulnStatus": "Analyzed",
        "lastModified": "2024-01-01T00:00:00.000",
        "metrics": metrics,
    }
    answer = {"resultsPerPage": 1, "startIndex": 0, "totalResults": 1, "format": "NVD_CVE", "version": "2.0"}
    return json.dumps(answer | {"vulnerabilities": [{"cve": record | more}]}).encode()


def _cve5(metrics: object, added: object) -> bytes:
    metadata = {"cveId": "CVE-2024-1000", "state": "PUBLISHED", "dateUpdated": "2024-01-01T00:00:00.000Z"}
    containers = {"cna": {"metrics": metrics}, "adp": [{"title": "x", "metrics": added}]}
    return json.dumps({"dataType": "CVE_RECORD", "cveMetadata": metadata, "containers": containers}).encode()


_LISTED = [{"cveID": f"CVE-2024-100{n}", "dateAdded": "2024-01-01"} for n in range(2)]
_BY_NVD = {"source": "nvd@nist.gov", "type": "Primary"}
#: What others know of a CVE: for each case the format, the name of the document, and the document.
ENRICHMENTS: dict[str, tuple[str, str, bytes]] = {
    "kev": (
        "kev",
        "kev.json",
        json.dumps({"title": "x", "catalogVersion": "2024.01.01", "count": 2, "vulnerabilities": _LISTED}).encode(),
    ),
    "kev, CSV": (
        "kev",
        "kev.csv",
        b"cveID,product,dateAdded\nCVE-2024-1001,x,2024-01-02\nCVE-2024-1000,x,2024-01-01\n",
    ),
    "epss": (
        "epss",
        "epss.csv",
        b"#model_version:v2023.03.01,score_date:2024-01-01T00:00:00+0000\ncve,epss,percentile\n"
        b"CVE-2024-1001,0.25,0.9\nCVE-2024-1000,0.9,0.99\n",
    ),
    "nvd": (
        "nvd",
        "a.json",
        _nvd({"cvssMetricV31": [_BY_NVD | {"cvssData": {"version": "3.1", "vectorString": _V31}}]}),
    ),
    "nvd, 2.0": ("nvd", "a.json", _nvd({"cvssMetricV2": [_BY_NVD | {"cvssData": {"vectorString": _V2}}]})),
    "nvd, exploited": ("nvd", "a.json", _nvd({}, cisaExploitAdd="2024-01-01", cisaActionDue="2024-02-01")),
    "cve5": ("cve5", "a.json", _cve5([{"format": "CVSS", "cvssV3_1": {"version": "3.1", "vectorString": _V31}}], [])),
    "cve5, 4.0": ("cve5", "a.json", _cve5([], [{"format": "CVSS", "cvssV4_0": {"vectorString": _V40}}])),
    "cve5, exploited": (
        "cve5",
        "a.json",
        _cve5([], [{"other": {"type": "kev", "content": {"dateAdded": "2024-01-01", "reference": "x"}}}]),
    ),
}

#: Damages that make another right document: of which place, and how, as patterns.
_ANOTHER_NAME = "'(?:unknown|n/a|\\?|BASH|bashx)' for .*|name '.*'|upper|x|its name (?:upper|plural)"
RIGHT: dict[str, tuple[tuple[str, str], ...]] = {
    "osv": (
        # The schema wants no entries, and a record that is not there is nobody's mistake.
        (r"affected", r"gone|None for it|\[\] for it"),
        (r"affected\.0", "gone"),
        (r"affected\.0\.package\.name", _ANOTHER_NAME.replace(" for .*", " for it")),
        # rpm has a place for 0x, and the host is below it.
        (r".*\.introduced", "x"),
    ),
    "csaf": (),
    "oval": (
        (r".*/rpminfo_object/name", _ANOTHER_NAME),
        # Without an operation two texts have to be equal.
        (r".*/rpminfo_state/evr", "operation gone"),
    ),
    "updateinfo": (
        (r"updates/update(?:/pkglist(?:/collection(?:/package)?)?)?", "gone"),
        (r".*/package", _ANOTHER_NAME),
    ),
    "ubuntu-tracker": ((r"jammy_bash: .*", "gone"),),
    "usn": (
        (r"7000-1", "gone"),
        # The database has advisories without packages.
        (r".*\.releases", r"\{\} for it|.*\{'x': 'y'\} for it|in an object"),
        (r".*\.jammy", r"gone|\{\} for it|its name plural"),
        (r".*\.sources\.bash", _ANOTHER_NAME),
    ),
    "debian-tracker": (
        (r"bash(?:\.CVE-2024-1000)?", "gone"),
        (r"bash", r"\{\} for it|its name (?:upper|plural)"),
        # A codename that is not known is another release's.
        (r".*\.releases", r"\{'x': 'y'\} for it|in an object"),
        (r".*\.bookworm", "its name plural"),
    ),
    "debian-advisories": (
        # Nothing is left that shows what it was.
        ("whole", "empty|zeros|a page|UTF-16"),
        (r".*\[bookworm\] - bash .*", "gone|'unknown' for 'bash'"),
    ),
    "secdb": (
        # Releases begin without packages.
        (r"packages", r"None for it|'' for it|\[\] for it"),
        (r"packages\.0(?:\.pkg\.secfixes\..*)?", "gone"),
        (r"packages\.0\.pkg\.name", _ANOTHER_NAME.replace(" for .*", " for it")),
        (r"packages\.0\.pkg\.secfixes", r"\{\} for it"),
    ),
}

# Nothing requires these: NVD has CVEs that nobody rated, and a CVE record metrics of those alone who give some.
_EMPTY = r"gone|None for it|\[\] for it|\{\} for it|\{'x': 'y'\} for it|in an object|its name empty"
_LINE = r"gone|'[ ]?' for .*"
RIGHT_ENRICHMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "kev": (),
    "kev, CSV": (("CVE-2024-1000,.*", _LINE),),
    # It is published compressed, and that shows where it breaks off between two lines.
    "epss": (("CVE-2024-1000,.*", _LINE), ("whole", "cut 5")),
    "nvd": ((r"vulnerabilities\.0\.cve\.metrics(?:\.cvssMetricV31(?:\.0)?)?", _EMPTY),),
    "nvd, 2.0": ((r"vulnerabilities\.0\.cve\.metrics(?:\.cvssMetricV2(?:\.0)?)?", _EMPTY),),
    "nvd, exploited": ((r"vulnerabilities\.0\.cve\.cisaExploitAdd", "gone|None for it|its name empty"),),
    "cve5": ((r"containers\.cna(?:\.metrics(?:\.0)?)?", _EMPTY),),
    "cve5, 4.0": ((r"containers\.adp(?:\.0(?:\.metrics(?:\.0)?)?)?", _EMPTY),),
    "cve5, exploited": ((r"containers\.adp(?:\.0(?:\.metrics(?:\.0)?)?)?", _EMPTY),),
}

INSTALLED = {"rpm": "0-0.el9", "deb": "0-0", "apk": "0-r0"}


@pytest.fixture(params=sorted(DOCUMENTS))
def format(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_format_is_here() -> None:
    enrichments = {format for format, _, _ in ENRICHMENTS.values()}
    assert not DOCUMENTS.keys() & enrichments
    assert DOCUMENTS.keys() | enrichments == FORMATS.keys()


def _host(distribution: Distribution) -> Inventory:
    type = "apk" if distribution.id == "alpine" else "deb" if distribution.id in ("debian", "ubuntu") else "rpm"
    version = INSTALLED[type]
    package = Package(
        type,
        "bash",
        version,
        {"rpm": "x86_64", "deb": "amd64", "apk": "x86_64"}[type],
        source_name="bash",
        source_version=version,
    )
    return Inventory(distribution, (package,))


def _judged(format: str, name: str, data: bytes) -> str:
    """What becomes of the package: beside a feed that has the whole release, and nothing of this package."""
    reading = read_documents("folder", [Document(f"folder/{name}", name, data, alone=False)], DEFAULT_LIMITS)
    advisories = [one for one in reading.records() if isinstance(one, Advisory)]
    release = DOCUMENTS[format][2]
    host = _host(release)
    other = Affected("other", host.packages[0].type, release, Names.SOURCE, (Range(),), (), FixState.NOT_FIXED)
    whole = ReadReport("whole", "osv", 1, 1, scopes=(Scope(release, "", 200),))
    feed = Feed([Advisory("OTHER-1", Kind.SECURITY, (), (other,)), *advisories], [whole, reading.report()], [])
    findings = match(host, feed)
    ((_, result),) = findings.coverage.judged()
    if result.package_class is PackageClass.UNCHECKED:
        # A component that the feed lacks is no word on what was damaged.
        return "unchecked" if result.assumptions - {Assumption.FEED_PARTIAL} else "quiet"
    return "quiet" if result.package_class is PackageClass.CLEAN else "found"


def test_what_is_not_damaged_is_found(format: str) -> None:
    name, data, _ = DOCUMENTS[format]
    assert _judged(format, name, data) == "found"
    assert _judged(format, name, data.replace(b"bash", b"zzzz")) == "quiet"


def test_no_damage_is_quiet(format: str) -> None:
    name, data, _ = DOCUMENTS[format]
    quiet = [(place, how) for place, how, other in damaged(data) if _judged(format, name, other) == "quiet"]
    _are_right(quiet, RIGHT.get(format, ()))


def _are_right(quiet: list[tuple[str, str]], right: tuple[tuple[str, str], ...]) -> None:
    """What is quiet is named here, and what is named here and found all the same has to go."""
    wrong = []
    seen: set[tuple[str, str]] = set()
    for place, how in quiet:
        fitting = next((one for one in right if re.fullmatch(one[0], place) and re.fullmatch(one[1], how)), None)
        if fitting is None:
            wrong.append((place, how))
        else:
            seen.add(fitting)
    assert wrong == []
    assert seen == set(right)


def _assessed(name: str, data: bytes) -> tuple[Assessment, ReadReport]:
    """What is known of the CVE by a document alone, and the report of it."""
    reading = read_documents("folder", [Document(f"folder/{name}", name, data, alone=False)], DEFAULT_LIMITS)
    known = [one for one in reading.records() if isinstance(one, Enrichment) and one.cve == "CVE-2024-1000"]
    return assess("CVE-2024-1000", [], Feed([], [], known).enrichments("CVE-2024-1000")), reading.report()


def _is_better(one: Assessment, before: Assessment) -> bool:
    """Whether a CVE is less urgent than before, by anything that orders findings."""
    return (
        one.priority.rank > before.priority.rank
        or one.known_exploited < before.known_exploited
        or (one.epss or 0.0) < (before.epss or 0.0)
        or (one.score or 0.0) < (before.score or 0.0)
    )


@pytest.mark.parametrize("case", sorted(ENRICHMENTS))
def test_no_damage_of_what_others_know_is_quiet(case: str) -> None:
    _, name, data = ENRICHMENTS[case]
    before, report = _assessed(name, data)
    assert report.rejections == ()
    assert report.skips == ()
    assert before.known_exploited or before.epss == 0.9 or before.rule == "H1"
    quiet = []
    for place, how, other in damaged(data):
        now, report = _assessed(name, other)
        if _is_better(now, before) and not (report.rejections or report.skips or now.refused):
            quiet.append((place, how))
    _are_right(quiet, RIGHT_ENRICHMENTS[case])
