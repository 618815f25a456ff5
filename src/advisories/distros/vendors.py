"""Who builds each distribution's own packages, who is a third party, and who rebuilds (rule 13).

``vendors.tsv`` has beginnings of rpm's ``Vendor`` and dpkg's ``Origin``. Its sources quote the text of each row. A
derivative takes most of its packages from Debian or Ubuntu as they are, so that its rows have the vendors of these too.

``maintainers.tsv`` has mail domains of which a deb's maintainer is one of the distribution's own. Debian's and Ubuntu's
own packages show no ``Origin`` once they are installed. Of Debian 12's 63,440 packages 57,658 have such a maintainer,
and the others addresses of their own, which prove nothing.

``third_parties.tsv`` has what shows a third party: a version, a repository's name, a maintainer's address or domain. A
version is there only where no distribution writes its own like that. A domain is there only where no distribution's own
archive has a maintainer of that domain: there, single addresses are. In a pattern of versions ``{codename}`` stands for
the codenames of Debian 7 and Ubuntu 12.04 and after them, ``{newer}`` for those of Debian 9 and Ubuntu 18.04 and after
them: before, Ubuntu's own updates ended so. The column of words has texts of which each such version has one, for a
quick look.

``rebuilds.tsv`` has the suffixes of those who rebuild a distribution's packages.

``third_party_repositories.tsv`` has packages that set up a third party's repository.
"""

import re
from functools import cache
from typing import Final

from advisories.models.distribution import codenames_of
from advisories.models.facts import rows_of

__all__ = [
    "own_maintainers",
    "rebuild_suffixes",
    "sets_up_third_party",
    "third_party_maintainers",
    "third_party_repositories",
    "third_party_versions",
    "third_party_words",
    "vendors_of",
]


@cache
def vendors_of(id: str) -> tuple[str, ...]:
    """Beginnings, in lower case, of the vendors of a distribution's own packages. Empty means any vendor.

    >>> vendors_of("centos"), vendors_of("alpine")
    (('centos', 'red hat'), ())
    """
    rows = rows_of("advisories.distros", "vendors.tsv", ("distribution", "begins"))
    return tuple(begins for distribution, begins, _ in rows if distribution == id)


@cache
def own_maintainers(id: str) -> frozenset[str]:
    """Mail domains, in lower case, of maintainers of a distribution's own debs.

    >>> sorted(own_maintainers("debian"))
    ['alioth-lists.debian.net', 'debian.org']
    """
    rows = rows_of("advisories.distros", "maintainers.tsv", ("distribution", "domain"))
    return frozenset(domain for distribution, domain, _ in rows if distribution == id)


@cache
def sets_up_third_party(type: str) -> frozenset[str]:
    """The packages of a type that set up the repository of a third party, such as ``epel-release``."""
    rows = rows_of("advisories.distros", "third_party_repositories.tsv", ("type", "package"))
    return frozenset(package for of, package, _ in rows if of == type)


@cache
def third_party_words(type: str) -> re.Pattern[str]:
    """The words of which a version has one that no distribution built, by type: a quick look in front of the next one.

    >>> third_party_words("deb").search("1.27.0-1~bookworm")[0], third_party_words("deb").search("1.27.0-1+deb12u1")
    ('bookworm', None)
    """
    words = {word for _, its_words in _third_parties(type, "version") for word in its_words.split()}
    # A pattern is quick where none of its parts is a group.
    words = words.difference(_MARKS).union(*map(_codenames, words.intersection(_MARKS)))
    return _any_of(sorted(map(re.escape, words)))


@cache
def third_party_versions(type: str) -> re.Pattern[str]:
    """What of a version shows that no distribution built the package, by type.

    >>> third_party_versions("deb").search("1.27.0-1~bookworm") is not None
    True
    """
    # Compiling it takes longer than all versions of a short list, few of which need it.
    return _any_of([_with_codenames(text) for text, _ in _third_parties(type, "version")])


@cache
def third_party_repositories(type: str) -> re.Pattern[str]:
    """The names of repositories that no distribution has, by type."""
    return _any_of([f"(?:{text})$" for text, _ in _third_parties(type, "repository")])


@cache
def third_party_maintainers() -> frozenset[str]:
    """Addresses and mail domains, in lower case, of maintainers of debs that no distribution builds."""
    return frozenset(text for text, _ in _third_parties("deb", "maintainer"))


@cache
def rebuild_suffixes(id: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Who rebuilds packages that are judged by a distribution's advisories, and what they add to the version.

    :returns: the builder, a mark that each such version has, and the suffix.

    >>> [builder for builder, _, suffix in rebuild_suffixes("debian") if suffix.search("1.3.0-3+rpi1")]
    ['Raspbian']
    """
    rows = rows_of("advisories.distros", "rebuilds.tsv", ("judged_by", "builder", "mark", "suffix"))
    return tuple((who, mark, re.compile(suffix, re.ASCII)) for of, who, mark, suffix, _ in rows if of == id)


def _third_parties(type: str, shown_by: str) -> list[tuple[str, str]]:
    """What shows a third party, and its words."""
    rows = rows_of("advisories.distros", "third_parties.tsv", ("type", "shown_by", "text", "words"))
    return [(text, words) for its_type, kind, text, words, _ in rows if (its_type, kind) == (type, shown_by)]


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    # Nothing matches the empty class of a type without rows.
    return re.compile("|".join(patterns) or r"[^\s\S]", re.ASCII)


# What stands for codenames, and the releases of which each distribution has the first of them.
_MARKS: Final = {"{codename}": {"debian": 7, "ubuntu": 12.04}, "{newer}": {"debian": 9, "ubuntu": 18.04}}


def _with_codenames(text: str) -> str:
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, f"(?:{'|'.join(_codenames(mark))})")
    return text


def _codenames(mark: str) -> list[str]:
    return [
        name
        for id, first in _MARKS[mark].items()
        for name, release in codenames_of(id).items()
        if release[0].isdigit() and float(release) >= first
    ]
