"""A publisher on this machine, and commands that trust it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from publisher import HASTE, Authority, Publisher, Run, authority_in, serving

from advisories import cli
from advisories.fetch.client import Client
from advisories.fetch.network import Network


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates for this machine."""
    return authority_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def publisher(authority: Authority) -> Iterator[Publisher]:
    """A server that trusts nobody and is trusted by :func:`run`."""
    with serving(authority) as found:
        yield found


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where :func:`run` has its cache."""
    return tmp_path / "cache"


@pytest.fixture
def run(
    publisher: Publisher,
    authority: Authority,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command with the cache, mirror and certificates of these tests: its status, and both its outputs."""
    monkeypatch.setenv("ADVISORIES_CACHE", str(cache))
    monkeypatch.setenv("ADVISORIES_MIRROR", publisher.mirror)
    monkeypatch.setenv("ADVISORIES_CA_BUNDLE", str(authority.bundle))
    monkeypatch.setenv("ADVISORIES_WITHOUT", "kev,epss,nvd")

    def command(*words: object) -> tuple[int, str, str]:
        try:
            status = cli.main([str(word) for word in words])
        except SystemExit as error:
            status = int(str(error.code))
        out, err = capfd.readouterr()
        return status, out, err

    return command


@pytest.fixture
def waits() -> list[float]:
    """How long :func:`client` has waited, without doing so."""
    return []


@pytest.fixture
def client(publisher: Publisher, authority: Authority, waits: list[float], tmp_path: Path) -> Iterator[Client]:
    """A client in haste, whose parts are in the folder ``parts``."""
    parts = tmp_path / "parts"
    parts.mkdir()
    network = Network(str(authority.bundle), mirror=publisher.mirror, patience=HASTE)
    made = Client(network, str(parts), 1 << 20, sleep=waits.append)
    yield made
    made.close()
