"""This machine's package list, for ``--host``: from its package manager, ``os-release`` and ``uname -r``.

The one reader that starts a program (``rpm``) and reads this machine's name of its kernel (``os.uname``). Every other
reader touches only its source.
"""

import io
import os
import subprocess
from pathlib import Path
from typing import Final

from attrs import evolve

from advisories.models.errors import UnreadableSource
from advisories.models.packages import Inventory
from advisories.readers import inventories
from advisories.readers.inventories.root import distribution_of_root, read_root
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["this_host"]

_DPKG_STATUS: Final = Path("var/lib/dpkg/status")
_RPM_DATABASES: Final = (Path("var/lib/rpm"), Path("usr/lib/sysimage/rpm"))
_TIMEOUT: Final = 300


def this_host(root: Path = Path("/"), limits: Limits = DEFAULT_LIMITS) -> Inventory:
    """The packages that the package manager of this machine has installed.

    dpkg's database comes first: where it is filled, rpm is a tool and not the machine's package manager.

    :param root: where the file system begins.

    Raises :class:`~advisories.models.errors.UnreadableSource` where there is no package database, or rpm fails.
    """
    inventory = _listed(root, limits)
    distribution, where = distribution_of_root(root)
    return evolve(
        inventory,
        distribution=distribution or inventory.distribution,
        distribution_source=where if distribution else inventory.distribution_source,
        running_kernel=os.uname().release if root == Path("/") else None,
    )


def _listed(root: Path, limits: Limits) -> Inventory:
    status = root / _DPKG_STATUS
    if (status.is_file() and status.stat().st_size) or not any((root / one).is_dir() for one in _RPM_DATABASES):
        return read_root(root, limits)
    # Rpm changes into a root that is named, which only the superuser may. So / is not named.
    elsewhere = [] if root == Path("/") else ["--root", str(root)]
    command = ["rpm", *elsewhere, "-qa", "--queryformat", inventories.QUERY_FORMAT]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=True)
    except FileNotFoundError:  # a machine with rpm's database and without rpm
        return read_root(root, limits)
    except OSError as error:
        raise UnreadableSource("rpm -qa", error.strerror or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise UnreadableSource("rpm -qa", f"no answer in {_TIMEOUT} seconds") from error
    except subprocess.CalledProcessError as error:
        text = error.stderr.decode("utf-8", "replace").strip()
        raise UnreadableSource("rpm -qa", f"exit status {error.returncode}: {text}") from error
    return inventories.read_stream(io.BytesIO(done.stdout), "rpm -qa", limits)
