"""Who builds each distribution's own packages, and who is a third party (rule 13).

``vendors.tsv`` has beginnings of rpm's ``Vendor`` and dpkg's ``Origin``. Its sources quote the text of each row. A
derivative takes most of its packages from Debian or Ubuntu as they are, so that its rows have the vendors of these too.
``third_parties.tsv`` has mail domains of maintainers. A domain is there only where no distribution's own archive has a
maintainer of that domain. ``third_party_repositories.tsv`` has packages that set up a third party's repository.
"""

from functools import cache

from advisories.models.facts import rows_of

__all__ = ["sets_up_third_party", "third_party_domains", "vendors_of"]


@cache
def vendors_of(id: str) -> tuple[str, ...]:
    """Beginnings, in lower case, of the vendors of a distribution's own packages. Empty means any vendor.

    >>> vendors_of("centos"), vendors_of("alpine")
    (('centos', 'red hat'), ())
    """
    rows = rows_of("advisories.distros", "vendors.tsv", ("distribution", "begins"))
    return tuple(begins for distribution, begins, _ in rows if distribution == id)


@cache
def third_party_domains() -> frozenset[str]:
    """Mail domains, in lower case, of maintainers whose packages no distribution builds."""
    return frozenset(domain for domain, _ in rows_of("advisories.distros", "third_parties.tsv", ("domain",)))


@cache
def sets_up_third_party(type: str) -> frozenset[str]:
    """The packages of a type that set up the repository of a third party, such as ``epel-release``."""
    rows = rows_of("advisories.distros", "third_party_repositories.tsv", ("type", "package"))
    return frozenset(package for of, package, _ in rows if of == type)
