"""Real feeds from a real nginx, under each publisher's address: by a proxy that leads every host to this machine."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from publisher import Authority, authority_in

from advisories import cli, open_feed
from advisories.fetch.cache import Cache
from advisories.fetch.publishers import publishers

Unpack = Callable[[str], Path]
Run = Callable[..., tuple[int, str, str]]

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log combined;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  gzip on; gzip_types application/json application/xml text/xml; gzip_min_length 100;
  types {{ application/json json; application/xml xml; }} default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    root {folder}/files/$host;
    location = /slow.bin {{ limit_rate 50k; }}
  }}
}}
"""


class Nginx:
    """A server with files below ``files/HOST``, and what it has answered."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def put(self, address: str, source: Path | bytes, date: float = 1_760_000_000) -> None:
        """Have a file under an address."""
        path = self.folder / "files" / address.removeprefix("https://").replace("%20", " ")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            path.write_bytes(source)
        else:
            shutil.copyfile(source, path)
        os.utime(path, (date, date))

    def answers(self) -> list[tuple[str, int, int]]:
        """Path, status and bytes of each answer since the last look."""
        time.sleep(0.05)
        log = self.folder / "access.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.write_bytes(b"")
        found = []
        for line in lines:
            _, request, rest, *_ = line.split('"')
            status, count = rest.split()
            found.append((request.split()[1], int(status), int(count)))
        return found


def leading_to(port: int) -> socket.socket:
    """A proxy that connects to this port, whatever host it is to connect to."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def connect(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            assert head.startswith(b"CONNECT ")
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=connect, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates of every publisher, by an authority that only these tests trust."""
    return authority_in(tmp_path_factory.mktemp("authority"), tuple(sorted({one.host for one in publishers()})))


@pytest.fixture(scope="module")
def nginx(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The server. It runs for all tests of this file."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        assert not os.environ.get("CI"), "nginx is not installed"
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "files").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, port=port, certificate=authority.server, key=authority.key, user=user)
    )
    with subprocess.Popen([program, "-c", configuration, "-p", folder, "-e", folder / "error.log"]) as server:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield Nginx(folder, port)
        server.terminate()


@pytest.fixture
def run(
    nginx: Nginx,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Runs a command behind the proxy, with a cache of its own."""
    nginx.answers()
    proxy = leading_to(nginx.port)
    for name in ("http_proxy", "all_proxy", "no_proxy", "https_proxy", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ADVISORIES_WITHOUT", "nvd")

    def command(*words: object) -> tuple[int, str, str]:
        status = cli.main([str(word) for word in words])
        out, err = capfd.readouterr()
        return status, out, err

    yield command
    proxy.close()


def put_facts(nginx: Nginx, unpacked: Unpack) -> None:
    """KEV as it is, and a small EPSS."""
    kev = next(unpacked("feeds/cisa-kev").rglob("known_exploited_vulnerabilities.json"))
    nginx.put("https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json", kev)
    (epss,) = unpacked("feeds/vuls-data-update-fetch-fixtures").rglob("epss_scores-2023-03-07.csv.gz")
    nginx.put("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", epss)


def test_almalinux(nginx: Nginx, run: Run, unpacked: Unpack, tmp_path: Path) -> None:
    put_facts(nginx, unpacked)
    # A record of several releases lies in each of their folders.
    found = {path.name: path for path in sorted(unpacked("feeds/almalinux-osv").rglob("AL?A-*.json"))}
    documents = list(found.values())
    archive, index = tmp_path / "all.zip", []
    base = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in documents:
            made.write(path, path.name)
            index.append(f"{json.loads(path.read_bytes())['modified']},{path.stem}\n")
    index.sort(reverse=True)
    nginx.put(f"{base}/all.zip", archive, date=1_790_000_000)
    nginx.put(f"{base}/modified_id.csv", "".join(index).encode(), date=1_790_000_000)
    status, out, err = run("fetch", "almalinux")
    assert status == 0, err
    assert f"{base}/all.zip: {len(documents):,} of {len(documents):,} records kept" in out
    first = nginx.answers()
    assert [status for _, status, _ in first] == [200] * 4
    # Nothing new: one request a file, and not a byte.
    assert run("fetch")[1] == "almalinux: nothing new\n"
    again = nginx.answers()
    assert [(status, count) for _, status, count in again] == [(304, 0)] * 3
    # One record changes: it comes alone.
    changed = json.loads(documents[0].read_bytes())
    changed["modified"] = "2026-11-01T00:00:00Z"
    nginx.put(f"{base}/{documents[0].name}", json.dumps(changed).encode())
    index = [line for line in index if documents[0].stem not in line]
    text = f"{changed['modified']},{documents[0].stem}\n{''.join(index)}"
    nginx.put(f"{base}/modified_id.csv", text.encode(), date=1_795_000_000)
    status, out, err = run("fetch")
    assert status == 0, err
    paths = [path.rpartition("/")[2] for path, status, _ in nginx.answers() if status == 200]
    assert paths == ["modified_id.csv", documents[0].name]
    manifest = (cache := Cache(str(tmp_path / "cache"))).manifest()
    with open_feed(cache.checked(manifest.stores["almalinux"])) as feed:
        assert len(feed) == len(documents)
        assert str(feed.newest) == "2026-11-01 00:00:00+00:00"
        assert sum(feed.enrichment_counts.values()) > 1000


def test_history_of_azure_linux(nginx: Nginx, run: Run, unpacked: Unpack, tmp_path: Path) -> None:
    """Dated versions of one file: each newer one is taken, and an older one is not."""
    put_facts(nginx, unpacked)
    history = sorted(unpacked("feeds/azurelinux-oval").rglob("azurelinux-3.0-oval.2024-*.xml"))
    address = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/azurelinux-3.0-oval.xml"
    stores = []
    for number, path in enumerate(history[:3]):
        nginx.put(address, path, date=1_700_000_000 + number * 1_000_000)
        status, out, err = run("fetch", "azurelinux:3.0")
        assert status == 0, err
        cache = Cache(str(tmp_path / "cache"))
        store = Path(cache.checked(cache.manifest().stores["azurelinux-3"]))
        kept = tmp_path / f"{number}.db"
        shutil.copyfile(store, kept)
        stores.append(kept)
    # What nginx packs on the way lies there packed, and costs less than the file has.
    (_, _, count), *_ = [one for one in nginx.answers() if one[0].endswith("oval.xml")]
    assert count < history[0].stat().st_size / 4
    out = run("db", "diff", stores[0], stores[-1])[1]
    assert " in, " in out.splitlines()[-1]
    assert not out.splitlines()[-1].startswith("advisories: 0 in")
    nginx.put(address, history[0], date=1_600_000_000)
    status, _, err = run("fetch")
    assert status == 2
    assert "older than the one" in err


@pytest.mark.parametrize(
    ("unit", "archive", "files"),
    [
        ("bionic", "", {"com.ubuntu.bionic.cve.oval.xml.bz2": "com.ubuntu.bionic.cve.oval.xml.bz2"}),
        ("mariner:1.0", "feeds/azurelinux-oval", {"cbl-mariner-1.0-oval.xml": "cbl-mariner-1.0-oval.xml"}),
    ],
)
def test_oval(
    nginx: Nginx, run: Run, unpacked: Unpack, shared: Path, unit: str, archive: str, files: dict[str, str]
) -> None:
    from advisories.fetch.publishers import feeds_of, unit_of

    put_facts(nginx, unpacked)
    (feed,) = feeds_of(unit_of(unit), without=["kev", "epss", "nvd"])
    folder = unpacked(archive) if archive else shared / "data" / "feeds"
    name = feed.address.rpartition("/")[2]
    paths = [path for path in folder.rglob("*") if path.name == files.get(name, name)]
    if not paths:
        paths = [path for path in folder.rglob("*bionic*") if path.is_file()]
    nginx.put(feed.address, paths[0])
    status, out, err = run("fetch", unit)
    assert status == 0, err
    assert f"  {feed.address}: " in out
    assert run("fetch")[1].endswith(": nothing new\n")


def test_the_rest_of_a_large_file(nginx: Nginx, run: Run, authority: Authority, tmp_path: Path) -> None:
    """nginx continues what was begun, and shows by its tag that it is the same file."""
    from contextlib import closing

    from advisories.fetch.client import Client
    from advisories.fetch.network import FetchFailed, Network, Patience, proxies_in

    data = os.urandom(3_000_000)
    address = "https://secdb.alpinelinux.org/large.bin"
    nginx.put(address, data)
    patience = Patience(attempts=1)
    network = Network(str(authority.bundle), proxies_in(os.environ), patience=patience)

    def stop(address: str, done: int, size: int | None) -> None:
        if done > 1_000_000 and not stopped:
            stopped.append(done)
            raise ConnectionError("stopped")

    stopped: list[int] = []
    with closing(Client(network, str(tmp_path), 1 << 30, stop)) as client:
        with pytest.raises(FetchFailed, match="cut off after"):
            client.fetch(address)
        found = client.fetch(address)
    assert found is not None
    assert Path(found.path).read_bytes() == data
    statuses = [(status, count) for _, status, count in nginx.answers()]
    assert statuses[-1][0] == 206
    assert statuses[-1][1] == len(data) - stopped[0]
