"""Checksums, signatures and what changed, method by method: Red Hat's CSAF, repositories of rpm, NVD's years."""

import hashlib
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from places import GOLDEN
from publisher import Handler, Publisher, Run
from small_feeds import csaf, of_nvd, red_hat, repomd, secdb, updateinfo

from advisories import open_feed
from advisories.cli import cached
from advisories.fetch.cache import Cache
from advisories.fetch.client import Client

BASE = "https://security.access.redhat.com/data/csaf/v2/advisories/"
ARCHIVE = f"{BASE}csaf_advisories_2024-06-02.tar.gz"
FEDORA = "https://dl.fedoraproject.org/pub/fedora/linux/updates/41/Everything/x86_64/"


def publish(publisher: Publisher) -> None:
    for address, data in red_hat("advisories").items():
        publisher.put(address, data)


def asked(publisher: Publisher) -> list[str]:
    return [path.rpartition("/")[2] for path in publisher.paths()]


def ids(cache: Path, unit: str) -> list[str]:
    found = Cache(str(cache))
    with open_feed(found.checked(found.manifest().stores[unit])) as feed:
        return [one.id for one in feed]


# ---- Red Hat ----


def test_what_red_hat_changed_and_removed(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher)
    assert run("fetch", "rhel")[0] == 0
    assert asked(publisher) == [
        *("changes.csv", "deletions.csv", "archive_latest.txt"),
        *("csaf_advisories_2024-06-02.tar.gz", "csaf_advisories_2024-06-02.tar.gz.sha256"),
    ]
    assert ids(cache, "rhel") == ["RHSA-2024:0000", "RHSA-2024:0001", "RHSA-2024:0002"]
    publisher.put(f"{BASE}2024/rhsa-2024_0009.json", csaf("RHSA-2024:0009"))
    publisher.put(
        f"{BASE}changes.csv",
        b'"2024/rhsa-2024_0009.json","2024-06-09T00:00:00+00:00"\n'
        b'"2024/rhsa-2024_0001.json","2024-05-02T00:00:00+00:00"\n'
        b'"2024/rhsa-2024_0000.json","2024-05-01T00:00:00+00:00"\n',
    )
    publisher.put(f"{BASE}deletions.csv", b'"2024/rhsa-2024_0002.json","2024-06-08T00:00:00+00:00"\n')
    assert run("fetch", "rhel")[0] == 0
    assert asked(publisher) == ["changes.csv", "deletions.csv", "rhsa-2024_0009.json"]
    # The sum of the archive shows nothing of what came beside it.
    *_, archive, changes = Cache(str(cache)).manifest().feeds["redhat-csaf"].files
    assert archive.verified == ("sha256",)
    assert (changes.verified, changes.unverified) == ((), ("changed documents: by TLS alone",))
    assert "not verified: changed documents: by TLS alone, signature: no keyring given" in run("db", "status")[1]
    assert ids(cache, "rhel") == ["RHSA-2024:0000", "RHSA-2024:0001", "RHSA-2024:0009"]
    assert run("fetch", "rhel")[1] == "rhel: nothing new\n"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("csaf_advisories_2024-06-02.tar.gz.sha256", b"0" * 64, "not the file that was published"),
        ("csaf_advisories_2024-06-02.tar.gz.sha256", b"none", "0 sums of SHA-256 where one is expected"),
        ("csaf_advisories_2024-06-02.tar.gz.sha256", b"a" * 64 + b" " + b"b" * 64, "2 sums of SHA-256"),
        ("archive_latest.txt", b"../../etc/passwd", "it names no archive"),
        ("archive_latest.txt", b"csaf_advisories_2024-99-99.tar.gz", "status 404"),
        ("changes.csv", b'"../x.json","2024-05-02T00:00:00+00:00"\n', "no index of documents"),
        ("changes.csv", b'"2024/x.json"\n', "no index of documents"),
        ("changes.csv", b'"2024/x.json","yesterday"\n', "no index of documents"),
        ("deletions.csv", b"\x00", "no index of documents"),
    ],
)
def test_what_red_hat_would_never_have(
    run: Run, publisher: Publisher, cache: Path, name: str, data: bytes, why: str
) -> None:
    publish(publisher)
    publisher.put(f"{BASE}{name}", data)
    status, out, err = run("fetch", "rhel")
    assert status == 2
    assert out.startswith("rhel: no store: redhat-csaf missing")
    assert why in err
    assert Cache(str(cache)).manifest().stores == {}


def test_another_document_under_the_name_of_one(run: Run, publisher: Publisher, cache: Path) -> None:
    """It would take the place of the right one, and the right one would be nowhere."""
    publish(publisher)
    assert run("fetch", "rhel")[0] == 0
    changes = publisher.files[
        publisher.put(f"{BASE}changes.csv", b'"2024/rhsa-2024_0001.json","2024-06-09T00:00:00Z"\n')
    ]
    for wrong in (csaf("RHSA-2024:0002"), b"{}", b"[]", b'{"document": 1}', b"no JSON"):
        publisher.put(f"{BASE}2024/rhsa-2024_0001.json", wrong)
        status, out, err = run("fetch", "rhel")
        assert (status, out) == (2, "rhel: as it was\n")
        assert "rhsa-2024_0001.json: another document than its name has: " in err
    # An index that has a name twice: the latest date counts, wherever it stands.
    publisher.put(f"{BASE}2024/rhsa-2024_0001.json", csaf("RHSA-2024:0001", version="9.9-9.el9"))
    publisher.put(f"{BASE}changes.csv", changes + b'"2024/rhsa-2024_0001.json","2024-05-02T00:00:00+00:00"\n')
    asked(publisher)
    assert run("fetch", "rhel")[0] == 0
    assert "rhsa-2024_0001.json" in asked(publisher)


# ---- signatures ----


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of GnuPG with two keys, each exported."""
    if shutil.which("gpg") is None or shutil.which("gpgv") is None:
        assert not os.environ.get("CI"), "gpg is needed"
        pytest.skip("gpg is not installed")
    home = tmp_path_factory.mktemp("gpg", numbered=True)
    home.chmod(0o700)
    for name in ("publisher", "somebody"):
        gpg(home, "--quick-gen-key", "--passphrase", "", f"{name}@example.org", "ed25519", "sign", "never")
        gpg(home, "--output", home / f"{name}.gpg", "--export", f"{name}@example.org")
    return home


def gpg(home: Path, *words: object) -> None:
    command = ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def sign(keys: Path, who: str, data: bytes, tmp_path: Path) -> bytes:
    file, signature = tmp_path / "signed", tmp_path / "signed.asc"
    file.write_bytes(data)
    signature.unlink(missing_ok=True)
    gpg(keys, "--local-user", f"{who}@example.org", "--armor", "--output", signature, "--detach-sign", file)
    return signature.read_bytes()


def test_a_signature(run: Run, publisher: Publisher, cache: Path, keys: Path, tmp_path: Path) -> None:
    publish(publisher)
    data = publisher.files[f"/{ARCHIVE.removeprefix('https://')}"]
    keyring = keys / "publisher.gpg"
    status, _, err = run("fetch", "rhel", "--keyring", keyring)
    assert status == 2
    assert "tar.gz.asc: status 404" in err
    for who, what, why in (
        ("somebody", data, "No public key"),
        ("publisher", data + b"x", "BAD signature"),
    ):
        publisher.put(f"{ARCHIVE}.asc", sign(keys, who, what, tmp_path))
        status, out, err = run("fetch", "rhel", "--keyring", keyring)
        assert status == 2
        assert out.startswith("rhel: no store: redhat-csaf missing")
        assert "its signature does not hold" in err
        assert why in err
    publisher.put(f"{ARCHIVE}.asc", b"no signature")
    assert run("fetch", "rhel", "--keyring", keyring)[0] == 2
    publisher.put(f"{ARCHIVE}.asc", sign(keys, "publisher", data, tmp_path))
    assert run("fetch", "rhel", "--keyring", keyring)[0] == 0
    (file,) = [one for one in Cache(str(cache)).manifest().feeds["redhat-csaf"].files if one.address == ARCHIVE]
    assert (file.verified, file.unverified) == (("sha256", "signature"), ())
    assert "    verified: TLS, sha256, signature" in run("db", "status")[1]


def test_a_signature_without_gpgv(
    run: Run, publisher: Publisher, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(publisher)
    publisher.put(f"{ARCHIVE}.asc", b"a signature")
    keyring = tmp_path / "keys.gpg"
    keyring.write_bytes(b"")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert run("fetch", "rhel", "--keyring", keyring)[0] == 0
    out = run("db", "status")[1]
    assert "    not verified: signature: gpgv is not installed" in out


# ---- repositories ----


def repository(
    publisher: Publisher, document: bytes, *, href: str = "", sha256: str = "", kind: str = "sha256"
) -> None:
    digest = hashlib.sha256(document).hexdigest()
    href = href or f"repodata/{digest}-updateinfo.xml"
    index = repomd(href, sha256 or digest, len(document)).replace(b'type="sha256"', f'type="{kind}"'.encode())
    publisher.put(f"{FEDORA}repodata/repomd.xml", index)
    publisher.put(f"{FEDORA}{href}", document)


UPDATE = updateinfo("FEDORA-2024-0123456789", "F41", sender="updates@fedoraproject.org", release="1.fc41")


def test_a_repository(run: Run, publisher: Publisher, cache: Path) -> None:
    repository(publisher, UPDATE)
    assert run("fetch", "fedora:41")[0] == 0
    asked(publisher)
    (file,) = [one for one in Cache(str(cache)).manifest().feeds["fedora-updates-41"].files if "updateinfo" in one.path]
    assert file.verified == ("sha256",)
    # repomd.xml changes for other reasons too: then updateinfo costs nothing.
    path = publisher.put(f"{FEDORA}repodata/repomd.xml", b"")
    repository(publisher, UPDATE)
    publisher.files[path] = publisher.files[path].replace(b"<revision>1<", b"<revision>2<")
    sent = publisher.sent
    assert run("fetch", "fedora:41")[1] == "fedora:41: nothing new\n"
    assert publisher.sent - sent == len(publisher.files[path])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"sha256": "0" * 64}, "not the file that was published: its sha256 is"),
        ({"kind": "md5"}, "a checksum of a kind that proves nothing: 'md5'"),
        ({"kind": "sha"}, "a checksum of a kind that proves nothing: 'sha'"),
        ({"kind": "sha512"}, "not the file that was published: its sha512 is"),
        ({"href": "../../../../../../elsewhere.xml"}, "its updateinfo is not in the repository"),
        ({"href": "https://evil.example/updateinfo.xml"}, "its updateinfo is not in the repository"),
        ({"href": "/updateinfo.xml"}, "its updateinfo is not in the repository"),
        ({"href": "https://[/updateinfo.xml"}, "its updateinfo is not in the repository"),
    ],
)
def test_a_repository_that_is_wrong(
    run: Run, publisher: Publisher, cache: Path, more: dict[str, str], why: str
) -> None:
    repository(publisher, UPDATE, **more)
    status, _, err = run("fetch", "fedora:41")
    assert status == 2
    assert why in err
    assert Cache(str(cache)).manifest().stores == {}
    # And where a good one was before, with a file at the same address.
    repository(publisher, UPDATE, href="repodata/updateinfo.xml")
    assert run("fetch", "fedora:41")[0] == 0
    repository(publisher, UPDATE, href="repodata/updateinfo.xml", sha256="1" * 64)
    status, out, err = run("fetch", "fedora:41")
    assert (status, out) == (2, "fedora:41: as it was\n")
    assert "not the file that was published" in err


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (
            repomd("repodata/a.xml.gz", "0" * 64, 1).replace(b"</repomd>", b"")
            + repomd("repodata/b.xml.gz", "1" * 64, 1).partition(b"<revision>1</revision>")[2],
            "it has several of updateinfo, and which one counts is not known",
        ),
        (b"<repomd/>", "the repository has no updateinfo"),
        (b"<repomd><data type='updateinfo'/></repomd>", "no address or no checksum"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><repomd/>", "no index of a repository"),
        (b"no XML", "no index of a repository"),
    ],
)
def test_an_index_of_a_repository_that_is_none(run: Run, publisher: Publisher, index: bytes, why: str) -> None:
    repository(publisher, UPDATE)
    publisher.put(f"{FEDORA}repodata/repomd.xml", index)
    status, _, err = run("fetch", "fedora:41")
    assert status == 2
    assert why in err


@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"http://cdn.amazonlinux.com/x\n",
        b"https://evil.example/x/\n",
        b"https://cdn.amazonlinux.com/a/../b\n",
        b"https://[\n",
    ],
)
def test_a_list_of_mirrors_that_leads_elsewhere(run: Run, publisher: Publisher, text: bytes) -> None:
    publisher.put("https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list", text)
    status, _, err = run("fetch", "amzn:2023")
    assert status == 2
    assert "it names no repository on cdn.amazonlinux.com" in err


# ---- NVD ----


def test_years_of_nvd(run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv("ADVISORIES_WITHOUT", "kev,epss")
    publisher.put("https://packages.wolfi.dev/os/security.json", secdb("", "os"))
    for address, data in of_nvd((GOLDEN / "formats" / "feeds" / "nvd" / "input.json").read_bytes()).items():
        publisher.put(address, data)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    monkeypatch.setattr(cached, "moment", lambda: now)
    assert run("fetch", "wolfi")[0] == 0
    assert len([name for name in asked(publisher) if name.endswith(".json.gz")]) == now.year - 2002 + 2
    for days, files in ((5, 1), (7, now.year - 2002 + 2), (8, 1)):
        monkeypatch.setattr(cached, "moment", lambda days=days: now + timedelta(days=days))
        assert run("fetch", "wolfi")[0] == 0
        assert len([name for name in asked(publisher) if name.endswith(".json.gz")]) == files
    # A clock that was far ahead for a while, and is not any more.
    monkeypatch.setattr(cached, "moment", lambda: now + timedelta(days=300))
    assert run("fetch", "wolfi")[0] == 0
    asked(publisher)
    monkeypatch.setattr(cached, "moment", lambda: now + timedelta(days=9))
    assert run("fetch", "wolfi")[0] == 0
    assert len([name for name in asked(publisher) if name.endswith(".json.gz")]) > 1
    # The file of a new year may come a few days late. What it will have is in the one of what was modified.
    for day, status in ((1, 0), (6, 0), (7, 2)):
        monkeypatch.setattr(cached, "moment", lambda day=day: datetime(2027, 1, day, 12, tzinfo=UTC))
        assert run("fetch", "wolfi")[0] == status
    monkeypatch.setattr(cached, "moment", lambda: now)
    meta = publisher.put("https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-2024.meta", b"sha256:" + b"0" * 64)
    shutil.rmtree(cache)
    status, _, err = run("fetch", "wolfi")
    assert status == 2
    assert "nvdcve-2.0-2024.json.gz: not the file that was published: its SHA-256 is" in err
    publisher.files[meta] = b"nothing"
    assert "its .meta has no SHA-256" in run("fetch", "wolfi")[2]


# ---- connections ----


def test_one_connection_serves_many_files(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[object] = []
    real = Handler.setup
    monkeypatch.setattr(Handler, "setup", lambda self: (connections.append(self), real(self))[1])
    for number in range(10):
        address = f"https://example.org/{number}"
        publisher.put(address, b"x" * 1000)
        found = client.fetch(address)
        assert found is not None
        assert client.fetch(address, etag=found.etag) is None
    assert len(connections) == 1
    assert publisher.most == 1
