"""A server that has publishers' files below their hosts, with TLS by an authority of its own, and every bad habit."""

import hashlib
import io
import resource
import shutil
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from advisories.fetch.network import Patience

__all__ = [
    "HASTE",
    "Authority",
    "Behaviour",
    "Handler",
    "Publisher",
    "Run",
    "authority_in",
    "full_disk",
    "serving",
    "zipped",
]

#: Runs a command: its status, standard output and standard error.
Run = Callable[..., tuple[int, str, str]]

#: Answers a request by itself, and returns whether it did.
Behaviour = Callable[["Handler", bytes], bool]
#: Pauses so short that a test waits for nothing, and as patient as ever with a busy machine.
HASTE = Patience(connect=20, silence=20, least_rate=1000, grace=20, attempts=3, pause=0.01, longest_wait=100)
#: The date of every file that was given none.
MODIFIED: Final = 1_760_000_000.0


class Authority:
    """Certificates: ``bundle`` is what to trust, ``server`` and ``key`` what a server shows."""

    def __init__(self, folder: Path) -> None:
        self.bundle: Final = folder / "ca.pem"
        self.server: Final = folder / "server.pem"
        self.key: Final = folder / "server.key"


def authority_in(folder: Path, names: tuple[str, ...] = ("localhost",)) -> Authority:
    """A new authority with a certificate for these names, by the real ``openssl``."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made = Authority(folder)
    key, request, extra = folder / "ca.key", folder / "server.csr", folder / "extra"
    extra.write_text(f"subjectAltName={','.join(f'DNS:{name}' for name in names)},IP:127.0.0.1\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for command in (
        ("req", "-x509", *curve, "-keyout", key, "-out", made.bundle, "-days", "2", "-subj", "/CN=test authority",
         "-addext", "keyUsage=critical,keyCertSign"),
        ("req", "-new", *curve, "-keyout", made.key, "-out", request, "-subj", "/CN=test"),
        ("x509", "-req", "-in", request, "-CA", made.bundle, "-CAkey", key, "-CAcreateserial", "-days", "2",
         "-extfile", extra, "-out", made.server),
    ):  # fmt: skip
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return made


class Handler(BaseHTTPRequestHandler):
    """Serves the files of its publisher: with ETags, dates, conditions and ranges, as nginx does."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        publisher = self.server.publisher
        publisher.requests.append((self.path, dict(self.headers)))
        with publisher.counted():
            data = publisher.files.get(self.path)
            behaviour = publisher.behaviours.get(self.path)
            if behaviour is not None and behaviour(self, data or b""):
                return
            if data is None:
                self.answer(404, b"no such file")
            else:
                self.serve(data)

    def serve(self, data: bytes) -> None:
        """A file as a good server has it."""
        modified = formatdate(self.server.publisher.dates.get(self.path, MODIFIED), usegmt=True)
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Last-Modified": modified, "Accept-Ranges": "bytes"}
        given = self.headers
        if "If-None-Match" in given:
            is_same = given["If-None-Match"] == etag
        elif "If-Modified-Since" in given:
            is_same = parsedate_to_datetime(given["If-Modified-Since"]) >= parsedate_to_datetime(modified)
        else:
            is_same = False
        if is_same:
            self.answer(304, b"", headers)
            return
        begin = given.get("Range", "")
        if begin and given.get("If-Range") in (None, etag, modified):
            at = int(begin.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {at}-{len(data) - 1}/{len(data)}"
            self.answer(206, data[at:], headers)
        else:
            self.answer(200, data, headers)

    def answer(
        self, status: int, data: bytes, headers: Mapping[str, str] | None = None, *, length: int | None = None
    ) -> None:
        """Any answer.

        :param length: what the answer says of its length, where that is not true.
        """
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        # Before it goes out: whoever has it may look at the count.
        self.server.publisher.count(data)
        self.wfile.write(data)

    def hang_up(self) -> None:
        """Close the connection in the middle of whatever there is."""
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    publisher: "Publisher"

    def handle_error(self, *_: object) -> None:
        pass


class Publisher:
    """What a server has, and what was asked of it.

    :ivar files: by path: a slash, the host, and the path there.
    :ivar dates: the dates of those that have another than the usual one.
    :ivar behaviours: by path, what answers instead.
    :ivar requests: the paths that were asked for, with the headers.
    :ivar sent: bytes of content that went out.
    :ivar most: the most requests at a time.
    """

    def __init__(self, port: int) -> None:
        self.mirror: Final = f"https://localhost:{port}"
        self.port: Final = port
        self.files: dict[str, bytes] = {}
        self.dates: dict[str, float] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.most = 0
        self._now = 0
        self._lock: Final = threading.Lock()

    def put(self, address: str, data: bytes) -> str:
        """Have a file under its publisher's address. Returns its path."""
        path = f"/{address.removeprefix('https://')}"
        self.files[path] = data
        return path

    def paths(self) -> list[str]:
        """What was asked for, in order. The log begins anew."""
        found = [path for path, _ in self.requests]
        self.requests.clear()
        return found

    def count(self, data: bytes) -> None:
        """Count content."""
        with self._lock:
            self.sent += len(data)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One more request at a time."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


@contextmanager
def serving(authority: Authority) -> Iterator[Publisher]:
    """A publisher with a server of its own on this machine."""
    server = _Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, authority.key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.publisher = Publisher(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.publisher
    finally:
        server.shutdown()
        with suppress(OSError):
            server.server_close()
        thread.join()


def zipped(documents: Mapping[str, bytes]) -> bytes:
    """A zip archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in documents.items():
            made.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file gets longer than so many bytes, as on a disk that is full. Not even one that pytest writes to."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
