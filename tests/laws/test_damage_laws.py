"""A feed's document with a field damaged: what it had found is still found, or its package is unchecked (rule 0).

Every format of the registry is here. A damage that nobody can see, since it makes another right document of it, is
named beside its format with the reason.
"""

import json
import re

import pytest
from damages import damaged
from small_feeds import csaf, debian_tracker, osv_record, oval, secdb, updateinfo

from advisories import match
from advisories.index.feed import Feed
from advisories.models import Advisory, Affected, Distribution, Inventory, Package, Range
from advisories.models.advisories import FixState, Kind
from advisories.models.assumptions import Assumption
from advisories.models.findings import PackageClass
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
ENRICHMENTS = {"cve5", "nvd", "kev", "epss"}

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
        # SUSE has definitions that are about no package.
        (r".*/definition/criteria", "gone"),
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

INSTALLED = {"rpm": "0-0.el9", "deb": "0-0", "apk": "0-r0"}


@pytest.fixture(params=sorted(DOCUMENTS))
def format(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_format_is_here() -> None:
    assert DOCUMENTS.keys() == FORMATS.keys() - ENRICHMENTS


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
    seen: set[tuple[str, str]] = set()

    def is_right(place: str, how: str) -> bool:
        for right in RIGHT.get(format, ()):
            if re.fullmatch(right[0], place) and re.fullmatch(right[1], how):
                seen.add(right)
                return True
        return False

    assert [one for one in quiet if not is_right(*one)] == []
    # What is named here and found all the same has to go.
    assert seen == set(RIGHT.get(format, ()))
