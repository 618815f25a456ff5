"""This machine's package list, for ``--host``: from its package manager, ``os-release`` and ``uname -r``.

The one reader that starts a program (``rpm``) and reads this machine's name of its kernel (``os.uname``). Every other
reader touches only its source.
"""

import io
import os
import subprocess
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory
from advisories.models.reading import SYSTEM, Rejection
from advisories.readers import inventories
from advisories.readers.collector import Collector
from advisories.readers.inventories.languages.choice import ALL, NOT_LOOKED_FOR, OS, chosen
from advisories.readers.inventories.languages.scan import Scan
from advisories.readers.inventories.root import has_dpkg, read_root, with_setups
from advisories.readers.inventories.root_release import distribution_of_root
from advisories.readers.inventories.wholeness import of_another_system, with_rejections
from advisories.sources.folder import Folder
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.tree import Kind, Tree

__all__ = ["this_host"]

_RPM_DATABASES: Final = (b"var/lib/rpm", b"usr/lib/sysimage/rpm")
_TIMEOUT: Final = 300


def this_host(
    root: Path = Path("/"), limits: Limits = DEFAULT_LIMITS, package_types: Iterable[str] | None = None
) -> Inventory:
    """The packages that the package manager of this machine has installed.

    dpkg's database comes first: where it is filled, rpm is a tool and not the machine's package manager.

    :param root: where the file system begins.
    :param package_types: as of :func:`~advisories.read_inventory`. Without it no package of a language is looked for: a
        machine may have millions of files.

    Raises :class:`~advisories.models.errors.UnreadableSource` where there is no package database, or rpm fails.
    """
    with closing(Folder(root)) as tree:
        types = chosen(package_types or (OS,))
        inventory = _listed(tree, root, limits, Scan(types, limits), types)
    return evolve(inventory, running_kernel=os.uname().release if root == Path("/") else None)


def _listed(tree: Tree, root: Path, limits: Limits, scan: Scan, types: Collection[str]) -> Inventory:
    # What rpm lists has no files, which show what of a language is whose.
    if types or has_dpkg(tree, limits) or not any(_is_folder(tree, name) for name in _RPM_DATABASES):
        return read_root(tree, limits, scan)
    # Rpm changes into a root that is named, which only the superuser may. So / is not named.
    elsewhere = [] if root == Path("/") else ["--root", str(root)]
    command = ["rpm", *elsewhere, "-qa", "--queryformat", inventories.QUERY_FORMAT]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=True)
    except FileNotFoundError:  # a machine with rpm's database and without rpm
        return read_root(tree, limits, scan)
    except OSError as error:
        raise UnreadableSource("rpm -qa", error.strerror or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise UnreadableSource("rpm -qa", f"no answer in {_TIMEOUT} seconds") from error
    except subprocess.CalledProcessError as error:
        text = error.stderr.decode("utf-8", "replace").strip()
        raise UnreadableSource("rpm -qa", f"exit status {error.returncode}: {text}") from error
    inventory = inventories.read_stream(io.BytesIO(done.stdout), "rpm -qa", limits)
    inventory = _with_messages(inventory, done.stderr.decode("utf-8", "replace").splitlines())
    distribution, where = distribution_of_root(tree)
    if distribution is not None or where is not None:
        inventory = evolve(inventory, distribution=distribution, distribution_source=where)
    why = of_another_system(distribution, inventory.packages)
    rejections = [] if why is None else [Rejection(inventory.source, "-", SYSTEM, why)]
    return with_rejections(with_setups(tree, inventory), rejections)


def _with_messages(inventory: Inventory, lines: list[str]) -> Inventory:
    """With what rpm wrote beside the list: it leaves out a package whose header is damaged, and succeeds."""
    collector = Collector("rpm -qa")
    collector.skip(NOT_LOOKED_FOR, unread_types=ALL)
    for line in lines:
        if line.startswith("error:"):
            collector.reject("-", "a message of rpm", line)
        else:
            collector.skip(f"a message of rpm: {line}")
    assert inventory.report is not None  # it was read
    collector.absorb(inventory.report)
    return evolve(inventory, report=collector.report(inventory.format))


def _is_folder(tree: Tree, name: bytes) -> bool:
    status = tree.stat(name)
    return status is not None and status.kind is Kind.FOLDER
