"""The client against a server with every bad habit: a file is there whole and as it was sent, or not at all."""

import base64
import gzip
import hashlib
import random
import socket
import ssl
import sys
import threading
import time
from contextlib import closing
from email.utils import formatdate
from pathlib import Path

import pytest
from publisher import HASTE, Authority, Behaviour, Handler, Publisher, authority_in, full_disk, serving

from advisories.fetch import client as module
from advisories.fetch.client import Client
from advisories.fetch.network import FetchFailed, Network
from advisories.models.errors import MissingExtra
from advisories.models.frozen import evolve

ADDRESS = "https://example.org/data/feed.json"
DATA = random.Random(1).randbytes(300_000)


def parts_in(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "parts").iterdir())


def once(first: Behaviour, *, times: int = 1) -> Behaviour:
    """A behaviour for the first requests. Those after them are answered well."""
    left = [times]

    def answer(handler: Handler, data: bytes) -> bool:
        if left[0]:
            left[0] -= 1
            return first(handler, data)
        return False

    return answer


def status(code: int, data: bytes = b"", **headers: str) -> Behaviour:
    """Answers with a status. An underscore in a header's name is a dash."""

    def answer(handler: Handler, _: bytes) -> bool:
        handler.answer(code, data, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return answer


def cut(at: int) -> Behaviour:
    """Hangs up after so many bytes of the content."""

    def answer(handler: Handler, data: bytes) -> bool:
        digest = hashlib.sha256(data).hexdigest()[:16]
        handler.answer(200, data[:at], {"ETag": f'"{digest}"'}, length=len(data))
        handler.hang_up()
        return True

    return answer


def test_a_file(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.put(ADDRESS, DATA)
    found = client.fetch(ADDRESS)
    assert found is not None
    assert Path(found.path).read_bytes() == DATA
    assert (found.address, found.size, found.sha256) == (ADDRESS, len(DATA), hashlib.sha256(DATA).hexdigest())
    assert parts_in(tmp_path) == [".part"]
    ((_, headers),) = publisher.requests
    assert headers["User-Agent"] == "advisories"
    assert headers["Accept-Encoding"] == "identity"


def test_nothing_new_costs_a_request_and_no_byte(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.put(ADDRESS, DATA)
    found = client.fetch(ADDRESS)
    assert found is not None
    Path(found.path).unlink()
    sent = publisher.sent
    assert client.fetch(ADDRESS, etag=found.etag, modified=found.modified) is None
    assert client.fetch(ADDRESS, modified=found.modified) is None
    assert (publisher.sent, client.requests) == (sent, 3)
    assert parts_in(tmp_path) == []


def test_nothing_new_where_nothing_was(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = status(304)
    with pytest.raises(FetchFailed, match="nothing new, though nothing was there: status 304"):
        client.fetch(ADDRESS)


@pytest.mark.parametrize("seed", range(12))
def test_what_was_cut_off_goes_on_from_there(client: Client, publisher: Publisher, seed: int) -> None:
    at = random.Random(seed).randrange(1, len(DATA))
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = once(cut(at))
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()
    (_, first), (_, second) = publisher.requests
    assert "Range" not in first
    assert second["Range"].startswith("bytes=")
    assert second["If-Range"] == found.etag
    assert publisher.sent <= len(DATA) + 1


def test_another_process_goes_on_too(
    client: Client, publisher: Publisher, authority: Authority, tmp_path: Path
) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = once(cut(100_000), times=3)
    with pytest.raises(FetchFailed, match=r"cut off after 100000 .*\(3 attempts\)"):
        client.fetch(ADDRESS)
    assert parts_in(tmp_path) == [".json", ".part"]
    publisher.sent = 0
    network = Network(str(authority.bundle), mirror=publisher.mirror, patience=HASTE)
    with closing(Client(network, str(tmp_path / "parts"), 1 << 20)) as another:
        found = another.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()
    assert publisher.sent == len(DATA) - 100_000
    assert parts_in(tmp_path) == [".part"]


def test_a_part_of_a_file_that_has_changed_is_given_up(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)

    def cut_and_change(handler: Handler, data: bytes) -> bool:
        cut(200_000)(handler, data)
        publisher.files[path] = DATA[::-1]
        return True

    publisher.behaviours[path] = once(cut_and_change)
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA[::-1]).hexdigest()


def of_another_part(handler: Handler, data: bytes) -> bool:
    if "Range" not in handler.headers:
        return cut(1000)(handler, data)
    handler.answer(206, data[5000:], {"Content-Range": f"bytes 5000-{len(data) - 1}/{len(data)}"})
    return True


def satisfied_by_nothing(handler: Handler, data: bytes) -> bool:
    if "Range" not in handler.headers:
        return cut(1000)(handler, data)
    handler.answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
    return True


@pytest.mark.parametrize("behaviour", [of_another_part, satisfied_by_nothing])
def test_a_part_that_does_not_fit_is_given_up(client: Client, publisher: Publisher, behaviour: Behaviour) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = once(behaviour, times=2)
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({"ETag": '"1"'}, {"ETag": '"2"'}),
        ({"ETag": '"1"'}, {"ETag": 'W/"1"'}),
        ({"ETag": '"1"'}, {}),
        ({"Last-Modified": formatdate(1, usegmt=True)}, {"Last-Modified": formatdate(2, usegmt=True)}),
    ],
)
def test_a_server_that_ignores_if_range(
    client: Client, publisher: Publisher, first: dict[str, str], later: dict[str, str]
) -> None:
    """The file that it continues is as long as the one that was begun, and another one."""
    path = publisher.put(ADDRESS, DATA)

    def ignorant(handler: Handler, data: bytes) -> bool:
        if "Range" not in handler.headers and len(publisher.requests) == 1:
            handler.answer(200, data[::-1][:1000], first, length=len(data))
            handler.hang_up()
        elif begin := handler.headers.get("Range"):
            at = int(begin.removeprefix("bytes=").removesuffix("-"))
            handler.answer(206, data[at:], {"Content-Range": f"bytes {at}-{len(data) - 1}/{len(data)}", **later})
        else:
            handler.answer(200, data, later)
        return True

    publisher.behaviours[path] = ignorant
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()


def test_a_continued_file_need_not_repeat_its_date(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)

    def brief(handler: Handler, data: bytes) -> bool:
        if begin := handler.headers.get("Range"):
            at = int(begin.removeprefix("bytes=").removesuffix("-"))
            handler.answer(206, data[at:], {"Content-Range": f"bytes {at}-{len(data) - 1}/{len(data)}"})
        else:
            handler.answer(200, data[:1000], {"Last-Modified": formatdate(1, usegmt=True)}, length=len(data))
            handler.hang_up()
        return True

    publisher.behaviours[path] = brief
    assert client.fetch(ADDRESS) is not None
    assert len(publisher.requests) == 2


@pytest.mark.parametrize("length", [None, "-1", "1e3", ""])
@pytest.mark.parametrize("cut_at", [1000, len(DATA)])
def test_an_answer_that_nothing_ends_but_its_connection(
    client: Client, publisher: Publisher, tmp_path: Path, length: str | None, cut_at: int
) -> None:
    """Whether all of it came cannot be known, so it is not taken, and it is not asked for again."""
    path = publisher.put(ADDRESS, DATA)

    def endless(handler: Handler, data: bytes) -> bool:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n")
        handler.wfile.write(b"" if length is None else f"Content-Length: {length}\r\n".encode())
        handler.wfile.write(b"\r\n" + data[:cut_at])
        handler.hang_up()
        return True

    publisher.behaviours[path] = endless
    with pytest.raises(FetchFailed, match="without a length and not in chunks, so nothing shows that it is whole"):
        client.fetch(ADDRESS)
    assert len(publisher.requests) == 1
    assert parts_in(tmp_path) == []


def test_a_weak_tag_shows_nothing_of_bytes(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)

    def weakly(handler: Handler, data: bytes) -> bool:
        handler.answer(200, data[:1000], {"ETag": 'W/"1"', "Last-Modified": formatdate(0)}, length=len(data))
        handler.hang_up()
        return True

    publisher.behaviours[path] = once(weakly)
    assert client.fetch(ADDRESS) is not None
    assert all("Range" not in headers for _, headers in publisher.requests)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(client: Client, publisher: Publisher, waits: list[float], code: int) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = once(status(code), times=2)
    assert client.fetch(ADDRESS) is not None
    assert len(waits) == 2
    # Each pause is up to twice as long as the one before, and shortened by chance.
    assert 0 < waits[0] <= 2 * HASTE.pause
    publisher.behaviours[path] = status(code)
    with pytest.raises(FetchFailed, match=rf"^{ADDRESS}: status {code} \(3 attempts\)$"):
        client.fetch(ADDRESS)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 418, 204, 201])
def test_what_will_not_pass_is_not(client: Client, publisher: Publisher, waits: list[float], code: int) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = status(code)
    with pytest.raises(FetchFailed, match=rf"^{ADDRESS}: status {code}$"):
        client.fetch(ADDRESS)
    assert waits == []


def test_a_server_says_when_to_come_back(client: Client, publisher: Publisher, waits: list[float]) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = once(status(429, Retry_After="7"))
    assert client.fetch(ADDRESS) is not None
    publisher.behaviours[path] = once(status(503, Retry_After=formatdate(time.time() + 50, usegmt=True)))
    assert client.fetch(ADDRESS) is not None
    publisher.behaviours[path] = once(status(503, Retry_After="soon"))
    assert client.fetch(ADDRESS) is not None
    assert waits[0] == 7
    assert 45 < waits[1] <= 50
    assert waits[2] < 1
    # By its own clock, where that is hours ahead of ours, or behind.
    for hours in (5, -5):
        now = time.time() + hours * 3600

        def ahead(handler: Handler, now: float = now) -> None:
            handler.send_response_only(503)
            handler.send_header("Date", formatdate(now, usegmt=True))
            handler.send_header("Retry-After", formatdate(now + 8, usegmt=True))
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        publisher.behaviours[path] = once(lambda handler, data, ahead=ahead: (ahead(handler), True)[1])
        assert client.fetch(ADDRESS) is not None
        assert waits[-1] == 8
    publisher.behaviours[path] = status(429, Retry_After="3600")
    with pytest.raises(FetchFailed, match="the server asks to come back in 3600 seconds"):
        client.fetch(ADDRESS)


def test_a_shorter_file_than_announced(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    path = publisher.put(ADDRESS, DATA)

    def short(handler: Handler, data: bytes) -> bool:
        handler.answer(200, data[:-1], length=len(data))
        handler.hang_up()
        return True

    publisher.behaviours[path] = short
    with pytest.raises(FetchFailed, match="cut off after 299999"):
        client.fetch(ADDRESS)


def test_a_longer_file_than_announced_is_one_of_that_length(client: Client, publisher: Publisher) -> None:
    # HTTP knows no other: what follows belongs to nobody. Its checksum or its format shows it.
    path = publisher.put(ADDRESS, DATA)

    def long(handler: Handler, data: bytes) -> bool:
        handler.answer(200, data, length=len(data) - 5)
        handler.hang_up()
        return True

    publisher.behaviours[path] = long
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.size == len(DATA) - 5


def without_a_length(handler: Handler, data: bytes) -> bool:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data)
    handler.hang_up()
    return True


def in_chunks(handler: Handler, data: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for begin in range(0, len(data), 1000):
        piece = data[begin : begin + 1000]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")
    return True


def half_of_the_chunks(handler: Handler, data: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data[:1000])
    handler.hang_up()
    return True


def test_a_file_in_chunks(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = in_chunks
    found = client.fetch(ADDRESS)
    assert found is not None
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()
    publisher.behaviours[path] = half_of_the_chunks
    with pytest.raises(FetchFailed, match="cut off after"):
        client.fetch(ADDRESS)


@pytest.mark.parametrize("behaviour", [None, in_chunks, without_a_length])
def test_a_file_beyond_the_limit(
    client: Client, publisher: Publisher, tmp_path: Path, behaviour: Behaviour | None
) -> None:
    path = publisher.put(ADDRESS, bytes((1 << 20) + 1))
    if behaviour is not None:
        publisher.behaviours[path] = behaviour
    with pytest.raises(FetchFailed, match=r"larger than the limit of 1048576 bytes \(--limit download=NUMBER"):
        client.fetch(ADDRESS)
    assert parts_in(tmp_path) == []


def test_an_empty_answer(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.put(ADDRESS, b"")
    with pytest.raises(FetchFailed, match="an empty answer"):
        client.fetch(ADDRESS)
    assert parts_in(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!DOCTYPE html><html><body>Welcome to our network", "application/octet-stream"),
        (b"\xef\xbb\xbf  \n<HTML>", "application/json"),
        (b"anything", "text/html; charset=utf-8"),
        (b"anything", "Application/XHTML+xml"),
    ],
)
def test_a_page_of_a_network_that_wants_you_to_log_in(
    client: Client, publisher: Publisher, tmp_path: Path, data: bytes, kind: str
) -> None:
    path = publisher.put(ADDRESS, data)
    publisher.behaviours[path] = status(200, data, Content_Type=kind)
    with pytest.raises(FetchFailed, match="a page of HTML instead of the file"):
        client.fetch(ADDRESS)
    assert parts_in(tmp_path) == []


def test_redirects_stay_on_the_host(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.files["/elsewhere"] = DATA
    for code in (301, 302, 303, 307, 308):
        publisher.behaviours[path] = status(code, Location="/elsewhere")
        found = client.fetch(ADDRESS)
        assert found is not None
        assert found.address == ADDRESS
    for target, why in (
        ("https://evil.example/feed.json", "it leads to another host, 'evil.example'"),
        (f"https://localhost:{publisher.port + 1}/x", "it leads to another host"),
        (f"http://localhost:{publisher.port}/elsewhere", "which is not https"),
        ("file:///etc/passwd", "which is not https"),
        ("//evil.example/x", "it leads to another host"),
        ("", "leads on more than 5 times"),
        (path, "leads on more than 5 times"),
    ):
        publisher.behaviours[path] = status(302, Location=target)
        with pytest.raises(FetchFailed, match=why):
            client.fetch(ADDRESS, hosts=["codeload.github.com"])
    assert parts_in(tmp_path) == [".part"]


def test_a_compressed_answer_lies_there_as_it_was_sent(client: Client, publisher: Publisher) -> None:
    text = b'{"a": 1}' * 1000
    path = publisher.put(ADDRESS, text)
    publisher.behaviours[path] = status(200, gzip.compress(text), Content_Encoding="gzip")
    found = client.fetch(ADDRESS, packed=True)
    assert found is not None
    assert gzip.decompress(Path(found.path).read_bytes()) == text
    assert publisher.requests[0][1]["Accept-Encoding"] == "gzip"
    publisher.behaviours[path] = status(200, b"x", Content_Encoding="br")
    with pytest.raises(FetchFailed, match="an encoding that was not asked for: 'br'"):
        client.fetch(ADDRESS)


def drip(handler: Handler, data: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    for byte in data[:1000]:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.02)
    handler.hang_up()
    return True


def drip_of_headers(handler: Handler, data: bytes) -> bool:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        handler.wfile.write(f"X-{number}: 1\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.02)
    handler.hang_up()
    return True


@pytest.mark.parametrize("behaviour", [drip, drip_of_headers])
def test_a_slow_drip_is_given_up(client: Client, publisher: Publisher, behaviour: Behaviour) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = behaviour
    client._network = evolve(client._network, patience=evolve(HASTE, attempts=1, grace=0.5))  # type: ignore[misc]
    begin = time.monotonic()
    with pytest.raises(FetchFailed):
        client.fetch(ADDRESS)
    # The server would go on for twenty seconds.
    assert time.monotonic() - begin < 10


def test_silence_is_given_up(client: Client, publisher: Publisher) -> None:
    path = publisher.put(ADDRESS, DATA)
    done = threading.Event()

    def silent(handler: Handler, data: bytes) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:100])
        done.wait(10)
        return True

    publisher.behaviours[path] = silent
    patience = evolve(HASTE, attempts=1, silence=0.2, grace=60)
    client._network = evolve(client._network, patience=patience)  # type: ignore[misc]
    with pytest.raises(FetchFailed, match="cut off after 100 bytes"):
        client.fetch(ADDRESS)
    done.set()


def test_a_host_that_is_not_there(authority: Authority, tmp_path: Path, waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host, why in ((f"localhost:{port}", "Connection refused"), ("no-such-host.invalid", "")):
        network = Network(str(authority.bundle), patience=HASTE)
        match = rf"^https://{host}/x: .*{why}.* \(3 attempts\)$"
        client = Client(network, str(tmp_path), 1000, sleep=waits.append)
        with closing(client), pytest.raises(FetchFailed, match=match):
            client.fetch(f"https://{host}/x")


def test_certificates_are_looked_at(publisher: Publisher, tmp_path: Path, waits: list[float]) -> None:
    publisher.put(ADDRESS, DATA)
    network = Network(mirror=publisher.mirror, patience=HASTE)
    client = Client(network, str(tmp_path), 1000, sleep=waits.append)
    with closing(client), pytest.raises(FetchFailed, match="its certificate is not trusted: "):
        client.fetch(ADDRESS)
    assert waits == []
    assert publisher.requests == []


def test_a_certificate_of_another_name(tmp_path: Path, waits: list[float]) -> None:
    authority = authority_in(tmp_path, ("elsewhere.example",))
    with serving(authority) as publisher:
        network = Network(str(authority.bundle), mirror=publisher.mirror, patience=HASTE)
        client = Client(network, str(tmp_path), 1000, sleep=waits.append)
        with closing(client), pytest.raises(FetchFailed, match="is not trusted: Hostname mismatch"):
            client.fetch(ADDRESS)
    assert waits == []


def test_old_protocols_are_refused(authority: Authority, publisher: Publisher) -> None:
    network = Network(str(authority.bundle), mirror=publisher.mirror, patience=HASTE)
    with closing(Client(network, "/nowhere", 1000)) as client:
        pool = client._pool(publisher.mirror)
        assert pool.connection_pool_kw["ssl_minimum_version"] is ssl.TLSVersion.TLSv1_2


def test_a_mirror_is_https() -> None:
    with pytest.raises(FetchFailed, match="a mirror begins with https://"):
        Network(mirror="http://localhost/")


@pytest.mark.parametrize(
    "mirror", ["https://", "https:///feeds", "https://name:secret@", "https://a/?token=secret", "https://a/#secret"]
)
def test_a_mirror_that_can_be_none(mirror: str) -> None:
    with pytest.raises(FetchFailed, match="the mirror: ") as refused:
        Network(mirror=mirror)
    assert "secret" not in str(refused.value)


def test_two_folders_of_a_host_are_two_mirrors() -> None:
    names = [
        Network(mirror=f"https://name:secret@{text}").mirror_name
        for text in ("A.example", "a.example/", "a.example/old", "a.example/new/", "a.example:444/new")
    ]
    assert names == ["a.example", "a.example", "a.example/old", "a.example/new", "a.example:444/new"]
    assert Network().mirror_name == ""


def test_a_mirror_or_proxy_that_is_no_address(authority: Authority, publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="the mirror: no address: ") as refused:
        Network(mirror="https://name:secret@[")
    assert "secret" not in str(refused.value)
    for proxy in ("http://localhost:99999", "http://[", "http://localhost:x"):
        network = Network(str(authority.bundle), {"https": proxy}, publisher.mirror, patience=HASTE)
        with closing(Client(network, str(tmp_path), 1000)) as client, pytest.raises(FetchFailed, match="the proxy has"):
            client.fetch(ADDRESS)


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("socks5://somebody:secret@localhost:1080", "a proxy of 'socks5' cannot be used, only one of http or https"),
        ("http://", "the proxy has no address: no host is in it"),
        ("https://somebody:secret@", "the proxy has no address: no host is in it"),
        ("file:///etc/proxy", "a proxy of 'file' cannot be used"),
    ],
)
def test_a_proxy_that_can_never_be_used_is_not_waited_for(
    publisher: Publisher, authority: Authority, tmp_path: Path, waits: list[float], proxy: str, why: str
) -> None:
    network = Network(str(authority.bundle), {"https": proxy}, publisher.mirror, patience=HASTE)
    client = Client(network, str(tmp_path), 1000, sleep=waits.append)
    with closing(client), pytest.raises(FetchFailed, match=why) as refused:
        client.fetch(ADDRESS)
    assert "secret" not in str(refused.value)
    assert waits == []


@pytest.mark.parametrize(
    ("text", "address", "login"),
    [
        ("http://proxy:3128", "http://proxy:3128", None),
        ("proxy:3128", "http://proxy:3128", None),
        ("https://some%20body:p%40ss@proxy", "https://proxy", "some body:p@ss"),
        ("http://somebody@[::1]:3128", "http://[::1]:3128", "somebody:"),
    ],
)
def test_the_address_of_a_proxy(text: str, address: str, login: str | None) -> None:
    """As in any address, what stands behind a percent sign is a byte of the name or the password."""
    assert module._proxy(text, ADDRESS) == (address, login)


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_bundle_without_certificates(tmp_path: Path, waits: list[float], text: str) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(text)
    with pytest.raises(FetchFailed, match=r"ca\.pem: no certificates that can be trusted: ."):
        Client(Network(str(bundle), patience=HASTE), str(tmp_path), 1000, sleep=waits.append)


def test_the_login_of_a_mirror_is_sent_and_never_shown(
    authority: Authority, publisher: Publisher, tmp_path: Path
) -> None:
    path = publisher.put(ADDRESS, DATA)
    mirror = publisher.mirror.replace("https://", "https://some%20body:s%40cret@")
    network = Network(str(authority.bundle), mirror=mirror, patience=HASTE)
    name = f"localhost:{publisher.port}"
    assert (network.login, network.mirror, network.mirror_name) == ("some body:s@cret", publisher.mirror, name)
    with closing(Client(network, str(tmp_path), 1 << 20)) as client:
        assert client.fetch(ADDRESS) is not None
        ((_, headers),) = publisher.requests
        given = {name.lower(): value for name, value in headers.items()}["authorization"]
        assert base64.b64decode(given.removeprefix("Basic ")) == b"some body:s@cret"
        publisher.behaviours[path] = lambda handler: handler.answer(302, b"", {"Location": "http://elsewhere/"})
        with pytest.raises(FetchFailed) as redirected:
            client.fetch(ADDRESS)
    untrusted = Network(mirror=mirror, patience=HASTE)
    with closing(Client(untrusted, str(tmp_path), 1000)) as client, pytest.raises(FetchFailed) as refused:
        client.fetch(ADDRESS)
    with pytest.raises(FetchFailed) as plain:
        Network(mirror="http://somebody:s%40cret@localhost/")
    for text in map(str, (redirected.value, refused.value, plain.value, repr(network), repr(untrusted))):
        assert "cret" not in text
        assert "body" not in text


def test_without_urllib3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    with pytest.raises(MissingExtra, match=r"pip install urllib3 zstandard \(extra fetch\)"):
        Client(Network(), ".", 1)


@pytest.mark.parametrize(
    ("exempt", "host", "is_exempt"),
    [
        ("", "a.example", False),
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        (".example", "a.example", True),
        ("example", "a.example", True),
        ("b.example, a.example", "a.example", True),
        ("ample", "a.example", False),
        (",", "a.example", False),
        ("*.example", "a.example", True),
        ("*.a.example", "b.a.example", True),
        ("*.a.example", "a.example", True),
        ("a.example:443", "a.example", True),
        ("a.example:8443", "a.example", False),
        ("*.example:443", "a.example", True),
        ("A.Example", "a.example", True),
        ("::1", "::1", True),
        ("[::1]", "::1", True),
        ("[::1]:443", "::1", True),
        ("[::1]:1", "::1", False),
        ("*", "::1", True),
        ("*.", "a.example", False),
    ],
)
def test_hosts_without_a_proxy(exempt: str, host: str, is_exempt: bool) -> None:
    assert module._is_exempt(host, 443, exempt) is is_exempt


def test_a_full_disk(client: Client, publisher: Publisher) -> None:
    publisher.put(ADDRESS, DATA)
    with full_disk(100_000), pytest.raises(FetchFailed, match="cannot be kept: File too large"):
        client.fetch(ADDRESS)


@pytest.mark.parametrize("etag", ['"a\r\nX: 1"', "no quotes", '"\u20ac"', '"\x00"', '"' + "a" * 2000 + '"', "W/", '"'])
def test_a_tag_that_is_none_is_not_sent(client: Client, publisher: Publisher, etag: str) -> None:
    """It may come from a bundle, or from a server."""
    publisher.put(ADDRESS, DATA)
    assert client.fetch(ADDRESS, etag=etag, modified="yesterday\r\nX: 1") is not None
    ((_, headers),) = publisher.requests
    assert not {"If-None-Match", "If-Modified-Since", "X"} & set(headers)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Mon, 01 Jan 0900 00:00:00 GMT", "Thu, 99 Oct 2025 08:53:20 GMT", "\x00"]
)
def test_a_date_that_is_none(client: Client, publisher: Publisher, text: str) -> None:
    assert module.moment_of(text) is None
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = status(200, DATA, Last_Modified=text.replace("\x00", "?"))
    assert client.fetch(ADDRESS) is not None


@pytest.mark.parametrize("target", ["https://[bad/x", "https://localhost:port/x", "https://user@localhost/x"])
def test_a_redirect_to_what_is_no_address(client: Client, publisher: Publisher, target: str) -> None:
    path = publisher.put(ADDRESS, DATA)
    publisher.behaviours[path] = status(302, Location=target)
    with pytest.raises(FetchFailed, match="it leads to"):
        client.fetch(ADDRESS)
