"""The package URL of an installed package, as scanners and SBOMs write it, and that of an image.

The namespace is the distribution: what the purl specification has for ``apk``, ``deb`` and ``rpm``, by the names that
other scanners use (``redhat`` for RHEL, ``opensuse`` for all of openSUSE). Of languages it is npm's scope, Maven's
group, and all but the last part of a Go module's path. These qualifiers are written: ``arch``, for
rpm ``epoch`` where it is not 0, ``distro``, ``upstream`` where the source package is known and differs in name or
version, ``rpmmod`` for a module stream. :mod:`advisories.readers.purls` reads all of them. What a package URL cannot
show is lost: that an epoch or a module stream is not known, and the epoch of a source rpm.

Sources: the purl specification (ECMA-427), and its definitions of the types. Syft for ``distro`` and ``upstream``. The
text is what the library ``packageurl`` writes, which is needed to read package URLs, and not to write them.
"""

from typing import Final

from advisories.models.distribution import ROLLING, Distribution
from advisories.models.packages import Package

__all__ = ["image_url", "package_url"]

# What is written as it is. All else is escaped, byte by byte. The value of a qualifier may have a slash.
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:")
_PLAIN_VALUE: Final = _PLAIN | {ord("/")}
_NAMESPACES: Final = {"rhel": "redhat", "ol": "oracle", "amzn": "amazon", "sles": "suse", "sle-micro": "suse"}
_SYSTEM: Final = frozenset({"apk", "deb", "rpm"})
# Types whose names have no upper case.
_LOWER: Final = frozenset({"apk", "npm", "pypi"})
# What stands in a name behind the namespace.
_SEPARATORS: Final = {"npm": "/", "golang": "/", "maven": ":"}


def package_url(package: Package, distribution: Distribution | None) -> str:
    """The package URL of an installed package.

    >>> bash = Package("rpm", "bash", "1:5.1.8-4.el9", "x86_64", source_name="bash", source_version="5.1.8-4.el9")
    >>> package_url(bash, Distribution("almalinux", "9.0"))
    'pkg:rpm/almalinux/bash@5.1.8-4.el9?arch=x86_64&distro=almalinux-9.0&epoch=1&upstream=bash-5.1.8-4.el9.src.rpm'

    :param distribution: the host's. None where it is not known.
    """
    type, version = package.type, package.version
    qualifiers: dict[str, str | None] = {}
    namespace = None
    if type in _SYSTEM:
        namespace = _namespace(distribution)
        qualifiers["arch"] = package.arch
        qualifiers["distro"] = _distro(distribution)
        qualifiers["upstream"] = _upstream(package)
    if type == "rpm":
        epoch, mark, rest = version.partition(":")
        if mark and epoch.isdecimal():
            version = rest
            qualifiers["epoch"] = epoch if package.epoch_known and epoch.strip("0") else None
        qualifiers["rpmmod"] = package.module.streams[0] if len(package.module.streams) == 1 else None
    name = package.name.lower() if type in _LOWER else package.name
    name = name.replace("_", "-") if type == "pypi" else name
    if type in _SEPARATORS:
        namespace, _, name = name.rpartition(_SEPARATORS[type])
    path = "/".join(_escaped(part) for part in (*(namespace or "").split("/"), name) if part)
    at = f"@{_escaped(version)}" if version else ""
    query = "&".join(f"{key}={_escaped(value, _PLAIN_VALUE)}" for key, value in sorted(qualifiers.items()) if value)
    return f"pkg:{type}/{path}{at}{'?' if query else ''}{query}"


def image_url(name: str, digest: str) -> str:
    """The package URL of an image.

    >>> image_url("registry.example/team/app:1.2", "sha256:1f")
    'pkg:oci/app@sha256:1f?repository_url=registry.example/team/app'

    :param name: with or without a tag. A digest names the same image whatever tags it has.
    """
    folder, slash, last = name.rpartition("/")
    last = last.partition(":")[0] or last
    where = f"?repository_url={_escaped(f'{folder}/{last}', _PLAIN_VALUE)}" if slash else ""
    return f"pkg:oci/{_escaped(last.lower())}@{_escaped(digest)}{where}"


def _namespace(distribution: Distribution | None) -> str | None:
    if distribution is None:
        return None
    id = distribution.id
    return _NAMESPACES.get(id) or ("opensuse" if id.startswith("opensuse") else id)


def _distro(distribution: Distribution | None) -> str | None:
    if distribution is None:
        return None
    release = distribution.release
    return distribution.id if release in (None, ROLLING) else f"{distribution.id}-{release}"


def _upstream(package: Package) -> str | None:
    source, version = package.source_name, package.source_version
    if source is None:
        return None
    if package.type == "rpm":
        # The file name of the source rpm.
        return f"{source}-{version.rpartition(':')[2]}.src.rpm" if version else source
    if source == package.name and version in (None, package.version):
        return None
    return source if version in (None, package.version) else f"{source}@{version}"


def _escaped(text: str, plain: frozenset[int] = _PLAIN) -> str:
    data = text.encode("utf-8", "replace")
    if plain.issuperset(data):
        return text
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in data)
