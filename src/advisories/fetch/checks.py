"""What publishers publish to check a file by: sums of SHA-256, and signatures, which the real ``gpgv`` looks at."""

import gzip
import hashlib
import re
import shutil
import subprocess
from typing import Final

from advisories.fetch.network import FetchFailed

__all__ = ["check_meta", "check_signature", "check_sum", "sum_in"]

_SUM: Final = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_META: Final = re.compile(rb"^sha256:([0-9A-Fa-f]{64})\s*$", re.MULTILINE)
_TIMEOUT: Final = 60


def sum_in(text: bytes, address: str) -> str:
    """The SHA-256 in a file of one sum. Raises :class:`FetchFailed` where there is none, or several."""
    found = set(map(bytes.lower, _SUM.findall(text)))
    if len(found) != 1:
        raise FetchFailed(address, f"{len(found)} sums of SHA-256 where one is expected")
    return found.pop().decode()


def check_sum(address: str, sha256: str, published: str) -> None:
    """Raise :class:`FetchFailed` where a file is not the one of its published sum."""
    if sha256 != published:
        raise FetchFailed(address, f"not the file that was published: its SHA-256 is {sha256}, not {published}")


def check_meta(address: str, path: str, meta: bytes, limit: int) -> None:
    """Check a file of NVD, packed by gzip, by what its ``.meta`` has: the sum is that of its content.

    Raises :class:`FetchFailed` where it is another one.
    """
    found = _META.search(meta)
    if found is None:
        raise FetchFailed(address, "its .meta has no SHA-256")
    hashed, size = hashlib.sha256(), 0
    try:
        with gzip.open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                size += len(chunk)
                if size > limit:
                    raise FetchFailed(address, f"unpacks to more than {limit} bytes")
                hashed.update(chunk)
    except (OSError, EOFError) as error:
        raise FetchFailed(address, f"no whole gzip file: {error}") from None
    check_sum(address, hashed.hexdigest(), found[1].decode().lower())


def check_signature(address: str, path: str, signature: str, keyring: str | None) -> str:
    """Check the signature of a file by ``gpgv``. Why it could not be checked, else an empty text.

    :param keyring: the publisher's keys, as gpg exports them.

    Raises :class:`FetchFailed` for a signature that is wrong, or by a key that the keyring lacks.
    """
    if keyring is None:
        return "no keyring given"
    program = shutil.which("gpgv")
    if program is None:
        return "gpgv is not installed"
    # A name without a slash would be looked for in GnuPG's own folder.
    command = [program, "--keyring", f"./{keyring}" if "/" not in keyring else keyring, "--", signature, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False, env={"LC_ALL": "C"})
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise FetchFailed(address, f"its signature does not hold: {lines[-1].removeprefix('gpgv: ')}")
    return ""
