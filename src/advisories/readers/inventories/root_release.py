"""The distribution of a root file system, by the files that name it."""

from collections.abc import Callable
from typing import Final

from advisories.models.distribution import Distribution, codenames_of, filed_under
from advisories.readers.releases import (
    from_debian_version,
    from_os_release,
    from_release_file,
    is_sid,
    parse_os_release,
)
from advisories.sources.tree import Tree, contents

__all__ = ["distribution_of_root"]

_OS_RELEASES: Final = ("etc/os-release", "usr/lib/os-release")
# What a file holds whose content was lost.
_NOTHING: Final = "\0 \t\r\n"
# Bytes of a release file. Real ones have a thousand.
_MOST: Final = 1 << 20


def distribution_of_root(tree: Tree) -> tuple[Distribution | None, str | None]:
    """The distribution of a root, and the file that shows it.

    A derivative keeps its parent's files beside its own. So the first file that names a distribution decides which one
    it is, and a later file may only add the release. None where os-release is empty, and where its two places, of which
    one is a link to the other, have two releases of one distribution: then both stand in what shows it.

    Raises :class:`~advisories.models.errors.UnreadableSource` for a file that is there and cannot be read: a later one
    would name another distribution.
    """
    debian_version = _text(tree, "etc/debian_version") or ""
    sources: tuple[tuple[str, Callable[[str], Distribution | None]], ...] = (
        ("etc/os-release", lambda text: from_os_release(parse_os_release(text), debian_version)),
        ("usr/lib/os-release", lambda text: from_os_release(parse_os_release(text), debian_version)),
        # Oracle's has a redhat-release too, in Red Hat's words.
        ("etc/oracle-release", from_release_file),
        ("etc/redhat-release", from_release_file),
        ("etc/system-release", from_release_file),
        ("etc/SuSE-release", from_release_file),
        ("etc/lsb-release", _of_lsb),
        ("etc/debian_version", from_debian_version),
        ("etc/alpine-release", from_release_file),
    )
    several = _two_releases(tree, debian_version)
    if several is not None:
        return None, several
    unsure: tuple[Distribution | None, str | None] = None, None
    is_emptied = False
    for name, parse in sources:
        text = debian_version if name == "etc/debian_version" else _text(tree, name)
        if name in _OS_RELEASES:
            is_emptied |= text is not None and not text.strip(_NOTHING)
        elif is_emptied and unsure[0] is None:
            return None, None  # what is left would show the parent of a derivative
        distribution = parse(text) if text is not None else None
        if distribution is None or (unsure[0] is not None and distribution.id != unsure[0].id):
            continue
        if distribution.release is not None:
            return distribution, name
        if is_sid(text or "") or (is_sid(debian_version) and codenames_of(distribution.id)):
            return distribution, name
        unsure = unsure if unsure[0] is not None else (distribution, name)
    return unsure


def _two_releases(tree: Tree, debian_version: str) -> str | None:
    """Why nobody knows the release: one os-release has another than the other. None where they agree."""
    found = [from_os_release(parse_os_release(_text(tree, name) or ""), debian_version) for name in _OS_RELEASES]
    first, second = found
    if first is None or second is None or None in (first.release, second.release):
        return None
    if first.id != second.id or filed_under(first) == filed_under(second):
        return None
    return " and ".join(f"{name} shows {one}" for name, one in zip(_OS_RELEASES, found, strict=True))


def _text(tree: Tree, name: str) -> str | None:
    (data,) = contents(tree, (name.encode(),), _MOST)
    return None if data is None else data.decode("utf-8", "replace")


def _of_lsb(text: str) -> Distribution | None:
    fields = parse_os_release(text)
    return from_os_release({"ID": fields.get("DISTRIB_ID", ""), "VERSION_ID": fields.get("DISTRIB_RELEASE", "")})
