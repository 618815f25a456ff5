"""The text of drafts, whatever it holds: it is refused, or matches and can be shown.

Nothing is found out only when a package is matched, for then it would be too late to call the store damaged.
"""

from collections.abc import Iterator

from advisories_reference import ALMA9, DEBIAN12, deb, rpm

from advisories.matching.drafts import Drafts
from advisories.matching.rules import Query, queries
from advisories.models import Names, Package
from advisories.models.findings import LaterRows
from advisories.store.drafts import drafts_from, text_of

__all__ = ["DAMAGE", "check"]

#: What a text that no store of ours has may raise: what a store turns into damage.
DAMAGE = (ValueError, LookupError, TypeError, RecursionError)
VERSIONS = ("1-1", "2-1", "2-1.el9_2", "3-1", "9-1", "1:1-1")


def _asked(scheme: str) -> Iterator[tuple[Package, Query]]:
    for version in VERSIONS:
        for arch in ("x86_64", "noarch", None):
            if scheme == "rpm":
                package = rpm("bash", version, arch=arch)
                yield package, queries(package, ALMA9)[0]
            else:
                package = deb("bash", version, arch=arch, source_name="bash", source_version=version)
                yield package, next(one for one in queries(package, DEBIAN12) if one.names is Names.SOURCE)


_ASKED = {scheme: list(_asked(scheme)) for scheme in ("rpm", "dpkg")}


def check(text: str, scheme: str) -> Drafts | None:
    """The drafts of a text. None where it is refused. Raises what nothing may raise."""
    try:
        drafts = drafts_from(text, scheme)
    except DAMAGE:
        return None
    for package, query in _ASKED[scheme]:
        found = drafts.found(package, query, "", False)
        rows = () if found is None else found[0]
        if isinstance(rows, LaterRows):
            assert rows.counts == tuple([sum(len(names) for _, names, _ in groups) for groups in rows.groups()])
            assert rows.counts == tuple(map(len, rows))
    written = text_of(drafts)
    assert drafts.is_empty if written is None else drafts_from(written, scheme) == drafts
    return drafts
