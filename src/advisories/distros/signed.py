"""The sources that advisories name where a deb is built of another: a source of signatures, or of metapackages.

Secure boot needs signed files. Debian and Ubuntu build them of sources of their own, which few advisories name. The
facts are in ``signed_sources.tsv``. A source without a row there is the one that advisories name.
"""

import re
from functools import cache, lru_cache
from typing import Final

from advisories.models.facts import rows_of
from advisories.models.frozen import evolve, frozen
from advisories.models.nouns import Noun
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.words import Explained

__all__ = ["AdvisedSource", "Naming", "advised_sources", "as_advised"]


class Naming(Explained):
    """How the records of an advised source count beside those of the source that a package is built of."""

    INSTEAD = "instead", "instead of those of the package's own source"
    BESIDE = "beside", "with those of the package's own source, as both have one version"
    ELSE = "else", "where no record of an earlier name is about the vulnerability"


@frozen
class AdvisedSource(Noun):
    """A source package that advisories name.

    :ivar version: of that source, as the package's version shows it.
    :ivar before: what stands before that version in the package's.
    :ivar joint: what joins upstream version and revision in the package's version.
    """

    name: str
    version: str
    naming: Naming
    before: str = ""
    joint: str = "-"

    def written(self, version: str) -> str:
        """The version of a package that is built of another version of the source, with the same signature.

        >>> advised_sources("grub-efi-amd64-signed", "1+2.06+13+deb12u2")[0].written("2.06-13+deb12u3")
        '1+2.06+13+deb12u3'
        """
        upstream, dash, revision = version.rpartition("-")
        return f"{self.before}{upstream}{dash and self.joint}{revision}"


@lru_cache(maxsize=1 << 12)
def advised_sources(built_from: str, version: str) -> tuple[AdvisedSource, ...] | None:
    """The sources that advisories name for a package, first choice first. None for a source without a row.

    Empty for the metapackages of a source: advisories name none.

    :param built_from: the source that the package is built of.
    :param version: the package's own, without what counts rebuilds.

    >>> advised_sources("linux-signed-6.12-amd64", "6.12.100-1~deb12u1")[0].name
    'linux-6.12'
    >>> advised_sources("grub-efi-amd64-signed", "1+2.06+13+deb12u2")[0].version
    '2.06-13+deb12u2'
    >>> advised_sources("linux-meta-aws", "5.15.0.1050.48"), advised_sources("bash", "5.2-1")
    ((), None)
    """
    found: list[AdvisedSource] = []
    for source, versions, name, naming in _rows():
        match = source.fullmatch(built_from)
        if match is None:
            continue
        shown = versions.fullmatch(version)
        if name == _NONE:
            return ()
        if shown is not None:
            parts = shown.groups()
            joint = version[shown.end(1) : shown.start(2)] if len(parts) == 2 else "-"
            found.append(AdvisedSource(match.expand(name), "-".join(parts), naming, version[: shown.start(1)], joint))
    return tuple(found) or None


def as_advised(package: Package) -> Package | None:
    """A signed kernel as a build of the source that advisories name. None for all other packages.

    >>> image = Package("deb", "linux-image-6.1.0-18-amd64", "6.1.76-1+b1", source_name="linux-signed-amd64")
    >>> linux = as_advised(image)
    >>> linux and (linux.source_name, linux.source_version)
    ('linux', '6.1.76-1')
    """
    source = package.source_name
    if package.type != "deb" or source is None or not source.startswith("linux-signed"):
        return None
    advised = advised_sources(source, _REBUILD.sub("", package.version))
    return evolve(package, source_name=advised[0].name, source_version=advised[0].version) if advised else None


_REBUILD: Final = pattern(r"\+b[0-9]+$")
_NONE: Final = "-"


@cache
def _rows() -> tuple[tuple[re.Pattern[str], re.Pattern[str], str, Naming], ...]:
    rows = rows_of("advisories.distros", "signed_sources.tsv", ("built_from", "version", "advisories", "naming"))
    namings = {naming.value: naming for naming in Naming}
    return tuple(
        (re.compile(source), re.compile(version), name, namings[naming]) for source, version, name, naming, _ in rows
    )
