"""How the network is used: what to trust, whom to ask, and how patient to be. All of it is an argument."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun

__all__ = ["FetchFailed", "Network", "NotThere", "Patience", "mirrored", "proxies_in"]

_NO_PROXIES: Final[Mapping[str, str]] = MappingProxyType({})


class FetchFailed(UnreadableSource):
    """An address that cannot be fetched, or whose answer is not taken. What the cache had is as it was."""


class NotThere(FetchFailed):
    """An address that has nothing, as its server has it (404 and 410)."""


@frozen
class Patience(Noun):
    """How long to wait and how often to try.

    :ivar connect: seconds for a connection, and
    :ivar silence: seconds without a byte.
    :ivar least_rate: bytes a second below which an answer is given up, once `grace` seconds have passed.
    :ivar attempts: how often an address is tried.
    :ivar pause: seconds before the second attempt. Each later pause is twice as long, up to `longest_pause`, and each
        is shortened by chance, so that many hosts do not come back together.
    :ivar longest_wait: seconds that a server may ask to wait. Beyond that the fetch ends, and says until when.
    :ivar redirects: how many addresses one may lead on to.
    """

    connect: float = 20
    silence: float = 60
    least_rate: int = 1000
    grace: float = 60
    attempts: int = 5
    pause: float = 1
    longest_pause: float = 60
    longest_wait: float = 600
    redirects: int = 5


@frozen
class Network(Noun):
    """What the client is told about the network.

    :ivar bundle: a file of certificates to trust. None for those of the system.
    :ivar proxies: by scheme, as :func:`proxies_in` has them, with ``no`` for exceptions.
    :ivar mirror: an address in front of every publisher's host and path. None for the publishers themselves. A name and
        password in it are taken out of it, so that no message has them.
    :ivar login: these, as ``name:password``, for the mirror alone. None where it has none.
    :ivar agent: what the client calls itself.
    """

    bundle: str | None = None
    proxies: Mapping[str, str] = _NO_PROXIES
    mirror: str | None = None
    agent: str = "advisories"
    patience: Patience = Patience()
    login: str | None = field(init=False, repr=False)

    @property
    def mirror_name(self) -> str:
        """Which mirror it is: its host with port and path, without a password. Empty where there is none.

        Two folders of one host are two mirrors, of which one shows nothing of what the other has.
        """
        parts = urlsplit(self.mirror or "")
        return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"

    def __attrs_post_init__(self) -> None:
        login = None
        if self.mirror is not None:
            try:
                parts = urlsplit(self.mirror)
            except ValueError as error:
                # Not the text, in which a password may be.
                raise FetchFailed("the mirror", f"no address: {error}") from None
            before, at, netloc = parts.netloc.rpartition("@")
            mirror = urlunsplit(parts._replace(netloc=netloc))
            if parts.scheme == "https" and not netloc:
                raise FetchFailed("the mirror", "no address: no host is in it")
            if parts.query or parts.fragment:
                raise FetchFailed("the mirror", "its address ends in a path, without a question mark and #")
            if parts.scheme != "https":
                raise FetchFailed(mirror, "a mirror begins with https://")
            name, _, password = before.partition(":")
            login = f"{unquote(name)}:{unquote(password)}" if at else None
            object.__setattr__(self, "mirror", mirror)
        object.__setattr__(self, "login", login)


def mirrored(address: str, mirror: str | None) -> str:
    """Where an address is fetched: below the mirror, by host and path, where there is one.

    >>> mirrored("https://www.example.org/data/all.zip", "https://mirror.local/feeds/")
    'https://mirror.local/feeds/www.example.org/data/all.zip'
    """
    if mirror is None:
        return address
    parts = urlsplit(address)
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def proxies_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The proxies of an environment, as other programs read them: names in lower case win.

    >>> proxies_in({"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost"})
    {'https': 'http://proxy:3128', 'no': 'localhost'}
    """
    found: dict[str, str] = {}
    for what in ("https", "all", "no"):
        value = environment.get(f"{what}_proxy") or environment.get(f"{what.upper()}_PROXY")
        if value:
            found[what] = value
    return found
