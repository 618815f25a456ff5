"""Each row of the table, from a server that has the publisher's files in the publisher's shape."""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from places import GOLDEN, ROOT
from publisher import Publisher, Run, zipped
from small_feeds import (
    debian_tracker,
    of_nvd,
    osv_archive,
    osv_index,
    osv_record,
    oval,
    red_hat,
    repomd,
    secdb,
    updateinfo,
)

from advisories import open_feed
from advisories.fetch.cache import Cache
from advisories.fetch.publishers import EVERY, feeds_of, publishers, unit_of
from advisories.models.distribution import FAMILIES
from advisories.models.errors import UnknownDistribution
from advisories.readers.feeds import FORMATS

Shape = Mapping[str, bytes]


def in_bucket(name: str, ecosystem: str) -> Shape:
    base = f"https://osv-vulnerabilities.storage.googleapis.com/{name}"
    records = [osv_record("TEST-2024:0001", ecosystem)]
    return {f"{base}/all.zip": osv_archive(records), f"{base}/modified_id.csv": osv_index(records)}


def a_repository(base: str, document: bytes, *, above: Mapping[str, bytes] | None = None) -> Shape:
    packed = gzip.compress(document)
    digest = hashlib.sha256(packed).hexdigest()
    return {
        **(above or {}),
        f"{base}repodata/repomd.xml": repomd(f"repodata/{digest}-updateinfo.xml.gz", digest, len(packed)),
        f"{base}repodata/{digest}-updateinfo.xml.gz": packed,
    }


def golden(format: str) -> bytes:
    (path,) = (GOLDEN / "formats" / "feeds" / format).glob("input*")
    return path.read_bytes()


def main_of(name: str, data: bytes) -> Shape:
    return {address_of(name): data}


def address_of(name: str) -> str:
    (found,) = (one.address for one in publishers() if one.name == name)
    return found


MIRRORS = "https://cdn.amazonlinux.com/al2023/core/guids/0123/x86_64/"
SALSA = "https://salsa.debian.org/security-tracker-team/security-tracker/raw/master/data"
#: By row: what is fetched with it, and what its publisher then has.
SHAPES: Final[Mapping[str, tuple[str, Callable[[], Shape]]]] = {
    "almalinux-osv": ("almalinux:9", lambda: in_bucket("AlmaLinux", "AlmaLinux:9")),
    "alpine-main": (
        "alpine:3.20",
        lambda: {
            f"https://secdb.alpinelinux.org/v3.20/{one}.json": secdb("v3.20", one) for one in ("main", "community")
        },
    ),
    "alpine-community": (
        "alpine:edge",
        lambda: {f"https://secdb.alpinelinux.org/edge/{one}.json": secdb("edge", one) for one in ("main", "community")},
    ),
    "alpaquita-osv": ("alpaquita:23", lambda: in_bucket("Alpaquita", "Alpaquita:23")),
    "amazon-2": (
        "amzn:2",
        lambda: a_repository(
            "https://cdn.amazonlinux.com/2/core/2.0/x86_64/0123/",
            updateinfo("ALAS2-2024-0001", "amazon-linux-2", sender="linux-security@amazon.com", release="1.amzn2"),
            above={address_of("amazon-2"): b"https://cdn.amazonlinux.com/2/core/2.0/x86_64/0123\n"},
        ),
    ),
    "amazon-2023": (
        "amzn:2023.5.20240708",
        lambda: a_repository(
            MIRRORS,
            updateinfo("ALAS2023-2024-001", "amazon-linux-2023", sender="x@amazon.com", release="1.amzn2023"),
            above={address_of("amazon-2023"): f"http://other.example/\n{MIRRORS}\n".encode()},
        ),
    ),
    "azurelinux-oval": ("azurelinux:3.0", lambda: main_of("azurelinux-oval", oval("Azure Linux", "0:5.1-1.azl3"))),
    "mariner-1-oval": ("mariner:1.0", lambda: main_of("mariner-1-oval", oval("CBL-Mariner", "0:5.1-1.cm1"))),
    "mariner-2-oval": ("mariner:2.0", lambda: main_of("mariner-2-oval", oval("CBL-Mariner", "0:5.1-1.cm2"))),
    "cargo-osv": ("cargo", lambda: in_bucket("crates.io", "crates.io")),
    "chainguard-secdb": ("chainguard", lambda: main_of("chainguard-secdb", secdb("", "chainguard"))),
    "debian-tracker": ("debian:12", lambda: main_of("debian-tracker", debian_tracker())),
    "debian-dsa": (
        "debian:12",
        lambda: {f"{SALSA}/DSA/list": golden("debian-advisories"), address_of("debian-tracker"): debian_tracker()},
    ),
    "debian-dla": (
        "debian:12",
        lambda: {
            f"{SALSA}/DLA/list": golden("debian-advisories").replace(b"DSA-5000-1", b"DLA-5000-1"),
            address_of("debian-tracker"): debian_tracker(),
        },
    ),
    "fedora-updates": (
        "fedora:41",
        lambda: a_repository(
            "https://dl.fedoraproject.org/pub/fedora/linux/updates/41/Everything/x86_64/",
            updateinfo("FEDORA-2024-0123456789", "F41", sender="updates@fedoraproject.org", release="1.fc41"),
        ),
    ),
    "gem-osv": ("gem", lambda: in_bucket("RubyGems", "RubyGems")),
    "golang-osv": ("golang", lambda: in_bucket("Go", "Go")),
    "minimos-osv": ("minimos", lambda: in_bucket("MinimOS", "MinimOS")),
    "mageia-osv": ("mageia:9", lambda: in_bucket("Mageia", "Mageia:9")),
    "npm-osv": ("npm", lambda: in_bucket("npm", "npm")),
    "openeuler-osv": ("openeuler:24.03-LTS", lambda: in_bucket("openEuler", "openEuler:24.03-LTS")),
    "opensuse-leap-oval": (
        "opensuse-leap:15.5",
        lambda: {
            "https://ftp.suse.com/pub/projects/security/oval/opensuse.leap.15.5-affected.xml.gz": gzip.compress(
                oval("openSUSE Leap 15.5", "0:5.1-1", fact="openSUSE-release 15.5")
            )
        },
    ),
    "opensuse-tumbleweed-oval": (
        "opensuse-tumbleweed",
        lambda: main_of("opensuse-tumbleweed-oval", gzip.compress(oval("openSUSE Tumbleweed", "0:5.1-1"))),
    ),
    "oracle-oval": ("ol:9", lambda: main_of("oracle-oval", oval("Oracle Linux 9", "0:5.1-6.el9"))),
    "photon-oval": (
        "photon:5.0",
        lambda: {
            "https://packages.broadcom.com/photon/photon_oval_definitions/com.vmware.phsa-photon5.xml": oval(
                "VMware Photon OS 5.0", "0:5.1-1.ph5"
            )
        },
    ),
    "pypi-osv": ("pypi", lambda: in_bucket("PyPI", "PyPI")),
    "redhat-csaf": ("rhel:9", lambda: red_hat("advisories")),
    "redhat-vex": ("centos:7", lambda: {**red_hat("advisories"), **red_hat("vex")}),
    "rocky-osv": ("rocky:9", lambda: in_bucket("Rocky%20Linux", "Rocky Linux:9")),
    "sles-oval": (
        "sles:15.5",
        lambda: {
            "https://ftp.suse.com/pub/projects/security/oval/suse.linux.enterprise.server.15-affected.xml.gz": (
                gzip.compress(oval("SUSE Linux Enterprise Server 15 SP5", "0:5.1", fact="sles-release 15.5"))
            )
        },
    ),
    "sle-micro-oval": (
        "sle-micro:5.3",
        lambda: {
            "https://ftp.suse.com/pub/projects/security/oval/suse.linux.enterprise.micro.5.3-affected.xml.gz": (
                gzip.compress(oval("SUSE Linux Enterprise Micro 5.3", "0:5.1", fact="SLE-Micro-release 5.3"))
            )
        },
    ),
    "ubuntu-oval": (
        "jammy",
        lambda: {
            "https://security-metadata.canonical.com/oval/com.ubuntu.jammy.cve.oval.xml.bz2": oval(
                "Ubuntu 22.04 LTS", "0:5.1-6", kind="dpkginfo"
            )
        },
    ),
    "ubuntu-usn": (
        "ubuntu:22.04",
        lambda: {
            **SHAPES["ubuntu-oval"][1](),
            "https://usn.ubuntu.com/usn-db/database.json": golden("usn"),
        },
    ),
    "wolfi-secdb": ("wolfi", lambda: main_of("wolfi-secdb", secdb("", "os"))),
    "kev": ("wolfi", lambda: {**SHAPES["wolfi-secdb"][1](), **main_of("kev", golden("kev"))}),
    "epss": ("wolfi", lambda: {**SHAPES["wolfi-secdb"][1](), **main_of("epss", gzip.compress(golden("epss")))}),
    "nvd": ("wolfi", lambda: {**SHAPES["wolfi-secdb"][1](), **of_nvd(golden("nvd"))}),
    "cve-list": (
        "wolfi",
        lambda: {
            **SHAPES["wolfi-secdb"][1](),
            **main_of("cve-list", zipped({"cvelistV5-main/cves/2024/1xxx/CVE-2024-1000.json": golden("cve5")})),
        },
    ),
}


def test_every_row_has_a_shape() -> None:
    assert set(SHAPES) == {one.name for one in publishers()}


@pytest.mark.parametrize("name", SHAPES)
def test_a_row(run: Run, publisher: Publisher, cache: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, shape = SHAPES[name]
    for address, data in shape().items():
        publisher.put(address, data)
    (row,) = (one for one in publishers() if one.name == name)
    left_out = [one for one in ("kev", "epss", "nvd") if one != name]
    monkeypatch.setenv("ADVISORIES_WITHOUT", ",".join(left_out))
    also = ["--also", name] if row.use == "asked" else []
    status, out, err = run("fetch", unit, *also)
    assert status == 0, err
    manifest = Cache(str(cache)).manifest()
    (stored,) = manifest.stores.values()
    (feed,) = (feed for feed in manifest.feeds.values() if feed.publisher == name)
    assert feed.mirror == f"localhost:{publisher.port}"
    for file in feed.files:
        if "sha256" in row.checks or "meta" in row.checks:
            is_checked = ".tar." in file.address or file.address.endswith(".json.gz")
            assert ("sha256" in file.verified) is is_checked
        if "asc" in row.checks and ".tar." in file.address:
            assert file.unverified == ("signature: no keyring given",)
    with open_feed(Cache(str(cache)).checked(stored)) as found:
        assert len(found)
        assert (
            row.distribution == EVERY
            or found.covers(unit_of(unit).distribution)
            or not unit_of(unit).distribution.release
        )
        # Reports show where it was published, and nothing of this machine.
        for report in found.reports:
            assert report.source.startswith("https://")
            assert str(cache) not in repr(report.to_dict())
    requests = publisher.paths()
    assert set(requests) <= set(publisher.files)
    # The second time: one conditional request a file that shows changes, and no byte.
    sent = publisher.sent
    status, out, err = run("fetch", unit, *also)
    assert (status, err) == (0, "")
    assert out == f"{unit_of(unit).text}: nothing new\n"
    assert publisher.sent == sent
    assert all({"If-None-Match", "If-Modified-Since"} & set(headers) for _, headers in publisher.requests)
    assert len(publisher.requests) <= len(requests)
    # And a machine without a network takes it over.
    assert run("bundle", "create", cache / "bundle.tar")[0] == 0
    applied = run("bundle", "apply", cache / "bundle.tar", "--cache", cache.with_name("other"))
    assert applied == (0, f"{unit_of(unit).name}: applied\n", "")


# ---- the table ----


def test_the_table_is_of_what_there_is() -> None:
    rows = publishers()
    assert len({one.name for one in rows}) == len(rows)
    for one in rows:
        assert one.distribution == EVERY or one.distribution in FAMILIES, one.name
        assert one.format in FORMATS, one.name
        assert one.address.startswith("https://"), one.name
        assert one.use in ("usual", "asked", "unscored"), one.name
        assert one.scores in (("",) if one.distribution == EVERY else ("vectors", "rated", "none")), one.name
        assert re.fullmatch(r".+, 20\d\d-\d\d", one.source), one.name
        assert set(one.checks) <= {"sha256", "asc", "meta"}, one.name
    # Every format of feeds comes from somewhere, but for what git repositories alone have.
    assert set(FORMATS) - {one.format for one in rows} == {"ubuntu-tracker"}


def test_the_guide_has_every_row() -> None:
    page = (ROOT / "docs" / "guide" / "fetching.md").read_text(encoding="utf-8")
    rows = [line for line in page.partition("## Publishers")[2].splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == [one.name for one in publishers()]
    for line, one in zip(rows, publishers(), strict=True):
        assert f"`{one.address}`" in line
        assert f"| {one.format} |" in line


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("debian", "debian"),
        ("debian:sid", "debian"),
        ("bookworm", "debian"),
        ("raspbian:12", "debian"),
        ("linuxmint:21", "ubuntu-22.04"),
        ("centos:7", "rhel"),
        ("wolfi", "wolfi"),
        ("alpine:3.20.3", "alpine-3.20"),
        ("amzn:2023.5.20240708", "amzn-2023"),
        ("sles:15.5", "sles-15.5"),
    ],
)
def test_what_has_the_advisories_of_a_release(text: str, name: str) -> None:
    assert unit_of(text).name == name


@pytest.mark.parametrize("text", ["nosuch", "gentoo", "alpine", "ubuntu", "amzn:1", "azurelinux:9", "eln:1"])
def test_what_nobody_publishes(text: str) -> None:
    with pytest.raises(UnknownDistribution):
        unit_of(text)


def test_a_release_without_a_codename() -> None:
    with pytest.raises(UnknownDistribution, match="99"):
        feeds_of(unit_of("ubuntu:99.04"))


def test_facts_about_cves_come_with_what_rates_nothing() -> None:
    def names(text: str) -> list[str]:
        return [feed.name for feed in feeds_of(unit_of(text))]

    assert names("debian") == ["debian-tracker", "kev", "epss", "nvd"]
    assert names("almalinux") == ["almalinux-osv", "kev", "epss"]
