"""The one place that opens connections: conditional, resumable, patient, and to few hosts at once, by urllib3.

An answer goes to a file. What was cut off is continued where the server shows that it is the same file, else it begins
anew. Nothing that an answer has is believed before it is whole: :mod:`advisories.fetch.checks` looks at it then.
"""

import base64
import hashlib
import json
import os
import random
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from advisories.fetch.network import FetchFailed, Network, NotThere, mirrored
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.sources.extras import extra_library

__all__ = ["Answer", "Client", "Watcher", "moment_of"]

_CHUNK: Final = 1 << 16
#: At most so many connections to a host.
_CONNECTIONS: Final = 2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: What may be better the next time.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THERE: Final = frozenset({404, 410})
_TAG: Final = re.compile(r'(?:W/)?"[!#-~]{0,1000}"')
_FIRST_YEAR: Final = 1970
_PORT: Final = 443
# Of an address of IPv6 only where it stands in brackets.
_WITH_PORT: Final = re.compile(r"([^:]+|\[[0-9a-f:]+\]):([0-9]{1,5})")
_HTML: Final = (b"<!doctype html", b"<html")

Watcher = Callable[[str, int, int | None], None]


class _Response(Protocol):
    """What is used of urllib3's responses."""

    status: int
    headers: Mapping[str, str]

    def read1(self, amount: int, decode_content: bool) -> bytes: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


@frozen
class Answer(Noun):
    """A file that was fetched.

    :ivar address: where the publisher has it, whatever mirror it came from.
    :ivar path: where it lies now.
    :ivar etag: as the server sent it. Empty where it sent none.
    :ivar modified: the publisher's own date, as ``Last-Modified`` has it. Empty where it sent none.
    :ivar sha256: of its bytes as they lie there.
    """

    address: str
    path: str
    etag: str
    modified: str
    size: int
    sha256: str


class Client:
    """Fetches addresses into a folder of parts, which is yours alone.

    :param folder: where what is not yet whole lies, for another time.
    :param limit: the most bytes of one file.
    :param watch: called with an address, the bytes so far and those in all, where they are known.
    :param sleep: how it waits.

    Raises :class:`~advisories.models.errors.MissingExtra` without urllib3, and :class:`FetchFailed` where the file of
    certificates to trust has none.
    """

    def __init__(
        self,
        network: Network,
        folder: str,
        limit: int,
        watch: Watcher | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        members = ("PoolManager", "Timeout", "exceptions.HTTPError", "HTTPSConnectionPool", "BaseHTTPResponse")
        self._urllib3: Final = extra_library("fetch", "urllib3", "urllib3 zstandard", "fetch", "fetching", members)
        self._network: Final = network
        if network.bundle is not None:
            _check_bundle(network.bundle)
        self._login: Final[dict[str, str]] = {}
        if network.login is not None:
            # To the mirror's host alone: no address leads elsewhere then.
            self._login["Authorization"] = f"Basic {base64.b64encode(network.login.encode()).decode()}"
        self._folder: Final = folder
        self._limit: Final = limit
        self._watch: Final = watch or (lambda address, done, size: None)
        self._sleep: Final = sleep
        self._pools: Final[dict[str, Any]] = {}
        #: How many requests were sent, and bytes of content that came.
        self.requests = 0
        self.bytes = 0

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            pool.clear()

    # ---- what others call ----

    def fetch(
        self,
        address: str,
        *,
        etag: str = "",
        modified: str = "",
        hosts: Iterable[str] = (),
        packed: bool = False,
    ) -> Answer | None:
        """The file at an address, or None where it is still the one of this ETag and date.

        :param hosts: to which other hosts the address may lead.
        :param packed: whether the server may compress what it sends. It then has no checksum of its own.

        Raises :class:`FetchFailed`.
        """
        known = (
            {"If-None-Match": etag} if _is_tag(etag) else {"If-Modified-Since": modified} if _is_date(modified) else {}
        )
        patience = self._network.patience
        part = _Part(self._folder, address)
        why, pause = "", patience.pause
        for attempt in range(patience.attempts):
            if attempt:
                self._sleep(pause)
            headers = {"Accept-Encoding": "gzip" if packed else "identity", **known}
            begin = part.begin()
            if begin:
                # Another part of another file would be refused by its validator.
                headers = {"Accept-Encoding": "identity", "Range": f"bytes={begin}-", "If-Range": part.validator}
            try:
                response = self._followed(address, headers, frozenset(hosts))
            except _Passing as error:
                why = str(error)
                pause = self._next_pause(pause, {}, address)
                continue
            try:
                if response.status in _PASSING:
                    why = f"status {response.status}"
                    pause = self._next_pause(pause, response.headers, address)
                    continue
                if response.status == 304:
                    if not known:
                        raise FetchFailed(address, "the server has nothing new, though nothing was there: status 304")
                    return None
                if response.status == 416 and begin:
                    part.drop()
                    why = "the server has another file than the one that was begun"
                    continue
                if response.status == 206 and begin:
                    if not part.continues(response.headers):
                        part.drop()
                        why = "the server continued another part than the one that was missing"
                        continue
                elif response.status == 200:
                    part.start(response.headers)
                else:
                    kind = NotThere if response.status in _NOT_THERE else FetchFailed
                    raise kind(address, f"status {response.status}")
                try:
                    why = self._receive(response, part, address)
                    if not why:
                        return self._whole(part, address)
                except OSError as error:
                    raise FetchFailed(address, f"cannot be kept: {error.strerror or error}") from error
            finally:
                self._release(response)
        times = f" ({patience.attempts} attempts)" if patience.attempts > 1 else ""
        raise FetchFailed(address, f"{why}{times}")

    def text(self, address: str, *, hosts: Iterable[str] = (), limit: int = 1 << 22) -> bytes:
        """The content of a small file. Raises :class:`FetchFailed`, also where it is longer than the limit."""
        answer = self.fetch(address, hosts=hosts)
        assert answer is not None
        try:
            if answer.size > limit:
                raise FetchFailed(address, f"larger than {limit} bytes")
            with open(answer.path, "rb") as file:
                return file.read()
        finally:
            os.unlink(answer.path)

    # ---- requests ----

    def _followed(self, address: str, headers: Mapping[str, str], hosts: frozenset[str]) -> _Response:
        place = mirrored(address, self._network.mirror)
        allowed = {urlsplit(place).netloc} | ({*hosts} if self._network.mirror is None else set())
        for _ in range(self._network.patience.redirects + 1):
            response = self._request(place, headers)
            if response.status not in _REDIRECTS:
                return response
            self._release(response)
            try:
                target = urljoin(place, response.headers.get("Location", ""))
                parts = urlsplit(target)
            except ValueError:
                raise FetchFailed(address, "it leads to what is no address") from None
            if parts.scheme != "https":
                raise FetchFailed(address, f"it leads to {target!a}, which is not https")
            if parts.netloc not in allowed:
                raise FetchFailed(address, f"it leads to another host, {parts.netloc!a}")
            place = target
        raise FetchFailed(address, f"it leads on more than {self._network.patience.redirects} times")

    def _request(self, place: str, headers: Mapping[str, str]) -> _Response:
        errors = self._urllib3.exceptions
        self.requests += 1
        try:
            response: _Response = self._pool(place).request(
                "GET",
                place,
                headers={"User-Agent": self._network.agent, **self._login, **headers},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            return response
        except errors.LocationParseError as error:
            raise FetchFailed(place, f"no address: {error}") from None
        except (errors.HTTPError, OSError) as error:
            why = _reason(error)
            if _is_final(error):
                raise FetchFailed(place, why) from None
            raise _Passing(why) from None

    def _release(self, response: _Response) -> None:
        """Give the connection back: for more where all of the answer was read, else closed."""
        with suppress(self._urllib3.exceptions.HTTPError, OSError):
            if response.status in (206, 200) or response.read1(_CHUNK, decode_content=False):
                response.close()
        # What waits for a connection would wait for ever without this.
        response.release_conn()

    def _pool(self, place: str) -> Any:
        """The connections for an address: by the proxy of its scheme, or without one."""
        proxies, parts = self._network.proxies, urlsplit(place)
        by = proxies.get(parts.scheme) or proxies.get("all") or ""
        if by and _is_exempt(parts.hostname or "", parts.port or _PORT, proxies.get("no", "")):
            by = ""
        if by not in self._pools:
            patience = self._network.patience
            options: dict[str, Any] = {
                "maxsize": _CONNECTIONS,
                "block": True,
                "timeout": self._urllib3.Timeout(connect=patience.connect, read=patience.silence),
                "cert_reqs": "CERT_REQUIRED",
                "ca_certs": self._network.bundle,
                "ssl_minimum_version": ssl.TLSVersion.TLSv1_2,
            }
            if by:
                proxy, login = _proxy(by, place)
                headers = self._urllib3.make_headers(proxy_basic_auth=login)
                self._pools[by] = self._urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
            else:
                self._pools[by] = self._urllib3.PoolManager(**options)
            self._pools[by].pool_classes_by_scheme = _patient_pools(patience.grace)
        return self._pools[by]

    def _next_pause(self, pause: float, headers: Mapping[str, str], address: str) -> float:
        """The next pause: what the server asks for, else twice the last one, shortened by chance."""
        patience, asked = self._network.patience, headers.get("Retry-After")
        if asked is not None:
            seconds = _seconds(asked, headers.get("Date", ""))
            if seconds is not None:
                if seconds > patience.longest_wait:
                    raise FetchFailed(address, f"the server asks to come back in {seconds:.0f} seconds")
                return seconds
        return min(pause * 2, patience.longest_pause) * random.uniform(0.5, 1)

    # ---- content ----

    def _receive(self, response: _Response, part: "_Part", address: str) -> str:
        """Write what comes to the part. Why that ended too early, else an empty text."""
        size = part.total
        if size is not None and size > self._limit:
            part.drop()
            raise FetchFailed(address, self._too_large())
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            part.drop()
            raise FetchFailed(address, _PORTAL)
        begin, patience, count = time.monotonic(), self._network.patience, 0
        with open(part.path, "ab") as file:
            done = file.tell()
            self._watch(address, done, size)
            try:
                while chunk := response.read1(_CHUNK, decode_content=False):
                    done, count = done + len(chunk), count + len(chunk)
                    self.bytes += len(chunk)
                    if done > self._limit or (size is not None and done > size):
                        file.close()
                        part.drop()
                        raise FetchFailed(
                            address, self._too_large() if done > self._limit else "more than it announced"
                        )
                    file.write(chunk)
                    self._watch(address, done, size)
                    passed = time.monotonic() - begin
                    if passed > patience.grace and count < patience.least_rate * passed:
                        return f"too slow: {count} bytes in {passed:.0f} seconds"
            except (self._urllib3.exceptions.HTTPError, ssl.SSLError, ConnectionError, TimeoutError) as error:
                return f"cut off after {done} bytes: {_reason(error)}"
        if size is None and "chunked" not in response.headers.get("Transfer-Encoding", "").lower():
            # Closing the connection ends such an answer, and so does whatever cuts it off.
            part.drop()
            raise FetchFailed(address, "it came without a length and not in chunks, so nothing shows that it is whole")
        if size is not None and done != size:
            return f"cut off after {done} of {size} bytes"
        return ""

    def _too_large(self) -> str:
        return f"larger than the limit of {self._limit} bytes (--limit download=NUMBER allows more)"

    def _whole(self, part: "_Part", address: str) -> Answer:
        digest, size, head = hashlib.sha256(), 0, b""
        with open(part.path, "rb") as file:
            while chunk := file.read(1 << 20):
                head = head or chunk[:512]
                digest.update(chunk)
                size += len(chunk)
            os.fsync(file.fileno())
        if not size:
            part.drop()
            raise FetchFailed(address, "an empty answer")
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
            part.drop()
            raise FetchFailed(address, _PORTAL)
        answer = Answer(address, part.path, part.etag, part.modified, size, digest.hexdigest())
        part.finish()
        return answer


def _check_bundle(path: str) -> None:
    """Raise :class:`FetchFailed` for a file that has no certificate: trying again would not help."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        raise FetchFailed(path, f"no certificates that can be trusted: {_reason(error)}") from None


def _patient_pools(seconds: float) -> dict[str, Any]:
    """The pools of urllib3 with connections that wait so long for all headers of an answer, and not for each byte."""
    import socket
    from threading import Timer

    import urllib3

    class Connection(urllib3.connection.HTTPSConnection):
        def getresponse(self) -> Any:
            timer = Timer(seconds, self._give_up)
            timer.daemon = True
            timer.start()
            try:
                return super().getresponse()
            finally:
                timer.cancel()

        def _give_up(self) -> None:
            with suppress(OSError, TypeError):
                # Below TLS: its own shutdown would wait for the other side.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    return {"http": urllib3.HTTPConnectionPool, "https": Pool}


_PORTAL: Final = "a page of HTML instead of the file: a network that wants you to log in answers so"


class _Passing(Exception):
    """Why a request failed, which may be better the next time."""


class _Part:
    """A file that is not yet whole, and what shows that a later answer is about the same one."""

    def __init__(self, folder: str, address: str) -> None:
        name = hashlib.sha256(address.encode()).hexdigest()[:32]
        self.path: Final = os.path.join(folder, f"{name}.part")
        self._notes: Final = os.path.join(folder, f"{name}.json")
        self._address: Final = address
        self.etag = self.modified = ""
        self.total: int | None = None
        with suppress(OSError, ValueError, TypeError):
            with open(self._notes, "rb") as file:
                notes = json.loads(file.read(1 << 16))
            if notes["address"] == address and isinstance(notes["total"], int | None):
                self.etag, self.modified, self.total = str(notes["etag"]), str(notes["modified"]), notes["total"]

    @property
    def validator(self) -> str:
        """What ``If-Range`` may have: a strong ETag, else a date. Empty where neither is there."""
        if self.etag:
            return self.etag if self.etag.startswith('"') and _is_tag(self.etag) else ""
        return self.modified if _is_date(self.modified) else ""

    def begin(self) -> int:
        """From which byte on it is missing. 0 where nothing can be continued."""
        if self.validator and self.total is not None:
            with suppress(OSError):
                size = os.lstat(self.path).st_size
                if 0 < size < self.total:
                    return size
        return 0

    def start(self, headers: Mapping[str, str]) -> None:
        """Begin anew, with what the headers of an answer have."""
        self.drop()
        self.etag, self.modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
        length = headers.get("Content-Length", "")
        self.total = int(length) if length.isascii() and length.isdecimal() and len(length) < 18 else None
        if headers.get("Content-Encoding", "identity") not in ("identity", "gzip"):
            raise FetchFailed(self._address, f"an encoding that was not asked for: {headers['Content-Encoding']!a}")
        if self.validator and not headers.get("Content-Encoding"):
            notes = {"address": self._address, "etag": self.etag, "modified": self.modified, "total": self.total}
            with open(self._notes, "w", encoding="utf-8") as file:
                json.dump(notes, file)

    def continues(self, headers: Mapping[str, str]) -> bool:
        """Whether an answer has what is missing, to the end, of the same file: some servers ignore ``If-Range``.

        An answer to it has the ETag, and need not have the date (RFC 9110, 15.3.7).
        """
        if self.etag:
            is_same = headers.get("ETag") == self.etag
        else:
            is_same = headers.get("Last-Modified", self.modified) == self.modified
        return is_same and headers.get("Content-Range") == f"bytes {self.begin()}-{(self.total or 0) - 1}/{self.total}"

    def drop(self) -> None:
        """Forget it."""
        for path in (self.path, self._notes):
            with suppress(FileNotFoundError):
                os.unlink(path)
        self.etag = self.modified = ""
        self.total = None

    def finish(self) -> None:
        """Keep the file alone: it is whole."""
        with suppress(FileNotFoundError):
            os.unlink(self._notes)


def _proxy(text: str, place: str) -> tuple[str, str | None]:
    """The address of a proxy without what is secret in it, and its ``name:password``. None where it has none.

    Raises :class:`FetchFailed` for what is no proxy of HTTP. The text is not in it, as a password may be.
    """
    try:
        given = urlsplit(text if "://" in text else f"http://{text}")
        port = f":{given.port}" if given.port else ""
    except ValueError as error:
        raise FetchFailed(place, f"the proxy has no address: {error}") from None
    if given.scheme not in ("http", "https"):
        raise FetchFailed(place, f"a proxy of {given.scheme!a} cannot be used, only one of http or https")
    if not given.hostname:
        raise FetchFailed(place, "the proxy has no address: no host is in it")
    host = f"[{given.hostname}]" if ":" in given.hostname else given.hostname
    login = f"{unquote(given.username)}:{unquote(given.password or '')}" if given.username else None
    return f"{given.scheme}://{host}{port}", login


def _is_exempt(host: str, port: int, exempt: str) -> bool:
    """Whether ``NO_PROXY`` has a host: by its name, by a domain above it (``*.`` or not), or ``*``.

    A name may have a port.
    """
    for text in exempt.lower().split(","):
        name = text.strip()
        if (found := _WITH_PORT.fullmatch(name)) is not None:
            if int(found[2]) != port:
                continue
            name = found[1]
        if name == "*":
            return True
        name = name.removeprefix("*").lstrip(".").strip("[]")
        if name and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _seconds(text: str, now: str) -> float | None:
    """How long ``Retry-After`` asks to wait: a number of seconds, or a date.

    :param now: the server's own moment, as a date: its clock need not be ours.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    when = moment_of(text)
    return None if when is None else max((when - (moment_of(now) or datetime.now(UTC))).total_seconds(), 0)


def moment_of(text: str) -> datetime | None:
    """The moment of a date as HTTP writes it. None for anything else, and for what is before all of this."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if found.year < _FIRST_YEAR:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_tag(text: str) -> bool:
    """Whether a text is an ETag, and nothing that a header may not have."""
    return _TAG.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return text.isascii() and text.isprintable() and moment_of(text) is not None


def _reason(error: BaseException) -> str:
    *_, inner = _chain(error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {inner.verify_message}"
    return str(getattr(inner, "strerror", None) or inner or type(inner).__name__).partition(" (_ssl.c")[0]


def _is_final(error: BaseException) -> bool:
    """Whether trying again is useless: a certificate that is not trusted will not be so in a second."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it stands for."""
    nested: object = error
    while isinstance(nested, BaseException):
        yield nested
        first = nested.args[0] if nested.args else None
        nested = getattr(nested, "reason", None) or nested.__cause__ or first
