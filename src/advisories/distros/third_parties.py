"""Whether the distribution built a package that is installed, or somebody else (rule 13).

:mod:`advisories.distros.vendors` has the tables.
"""

import re
from functools import lru_cache
from typing import Final

from advisories.distros.dist_tags import is_of_another
from advisories.distros.lines import REBUILT_LINES, line_of
from advisories.distros.rebuilds import without_rebuild
from advisories.distros.vendors import (
    own_maintainers,
    third_party_maintainers,
    third_party_repositories,
    third_party_versions,
    third_party_words,
    vendors_of,
)
from advisories.models.distribution import Distribution, family_of, filed_under
from advisories.models.packages import Package

__all__ = ["is_own", "is_third_party"]

_ADDRESS: Final = re.compile(r"<([^<>]*)>\s*$")


def is_third_party(package: Package, distribution: Distribution) -> bool:
    """Rule 13: whether somebody else built the package. An unknown vendor is taken for the distribution's.

    A deb's version decides first, then its ``Origin``, then its maintainer. An rpm's ``Vendor`` decides. Where the list
    shows none, its repository or version may. A version may be a third party's, or another distribution's.
    """
    family = family_of(distribution)
    if family is not None and package.type != family.type:
        return False
    if package.type == "deb" and _is_third_party_by_version(package, distribution):
        return True
    vendors = vendors_of(distribution.id)
    if package.vendor and vendors:
        is_own = package.vendor.strip().casefold().startswith(vendors)
        # Whose line has records of its own is judged by these (rule 8).
        return not is_own and line_of(filed_under(distribution), package.name, package.version) not in REBUILT_LINES
    if package.type == "deb":
        # Docker builds the packages of its hardened images, as it builds docker-ce for other distributions.
        is_dockers = distribution.id == "dhi-debian"
        return package.maintainer is not None and not is_dockers and _is_third_party_by_maintainer(package.maintainer)
    if package.type != "rpm":
        return False
    repository = package.repository
    return _is_third_party_by_version(package, distribution) or (
        repository is not None and third_party_repositories("rpm").match(repository.removeprefix("@")) is not None
    )


def is_own(package: Package, distribution: Distribution | None) -> bool | None:
    """Whether the distribution itself built a package that a database of the system has. None where nothing shows it.

    Unlike :func:`is_third_party` this takes nothing for granted. rpm's database has the vendor of each package, so one
    without was built by somebody else. dpkg's has an ``Origin`` of few packages, and the maintainer of each. apk's has
    neither.

    :param distribution: None where it is unknown. Nobody judges packages of the system then, or those of another
        package manager than the distribution's.
    """
    family = None if distribution is None else family_of(distribution)
    if distribution is None or family is None or package.type != family.type or is_third_party(package, distribution):
        return False
    vendors = vendors_of(distribution.id)
    if package.vendor and vendors:
        return True
    if package.type == "deb":
        own = own_maintainers(distribution.id)
        return True if package.maintainer is not None and _is_of(package.maintainer, own) else None
    return False if package.type == "rpm" and vendors else None


def _is_third_party_by_version(package: Package, distribution: Distribution) -> bool:
    if is_of_another(package.type, package.version, distribution):
        return True
    words = third_party_words(package.type)
    version, source = package.version, package.source_version or ""
    if words.search(version) is None and (not source or source == version or words.search(source) is None):
        return False
    shows = third_party_versions(package.type)
    built = without_rebuild(version) if package.type == "deb" else version
    return shows.search(built) is not None or shows.search(source) is not None


def _is_third_party_by_maintainer(maintainer: str) -> bool:
    return _is_of(maintainer, third_party_maintainers())


@lru_cache(maxsize=4096)
def _is_of(maintainer: str, known: frozenset[str]) -> bool:
    """Whether a maintainer is one of these addresses, or of one of these domains."""
    found = _ADDRESS.search(maintainer)
    address = (found[1] if found is not None else maintainer).strip().lower()
    if address in known:
        return True
    domain = address.rpartition("@")[2] if "@" in address else ""
    while domain and domain not in known:
        domain = domain.partition(".")[2]
    return bool(domain)
