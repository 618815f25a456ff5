"""The identity of an installed instance: what an earlier report and a current list have in common."""

from typing import Final

from advisories.distros.kernels import side_by_side_rpms
from advisories.models.packages import PACKAGE_TYPES, Package

__all__ = ["identified", "in_words", "instance_of"]


def instance_of(package: Package) -> str:
    """The identity of an installed instance: type, name, architecture and location. Packages that install side by side
    have the version in it too, and so have crates: a program may have two versions of one.

    It is the stored one (`Package.instance`) where a reader stored it.

    >>> instance_of(Package("rpm", "bash", "5.1.8-4.el9", "x86_64"))
    'rpm/bash/x86_64'
    >>> instance_of(Package("rpm", "kernel-core", "5.14.0-70.el9", "x86_64"))
    'rpm/kernel-core/x86_64/5.14.0-70.el9'
    """
    return package.instance or _computed(package, side_by_side_rpms())


def identified(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    """These packages, each with its identity stored in it. For readers: nobody else holds the packages yet.

    >>> identified((Package("rpm", "bash", "5.1.8-4.el9", "x86_64"),))[0].instance
    'rpm/bash/x86_64'
    """
    store, side_by_side = object.__setattr__, side_by_side_rpms()
    for package in packages:
        store(package, "instance", _computed(package, side_by_side))
    return packages


def _computed(package: Package, side_by_side: frozenset[str]) -> str:
    text = f"{package.type}/{package.name}/{package.arch or '-'}"
    if package.type == "cargo" or (package.name in side_by_side and package.type == "rpm"):
        text = f"{text}/{package.version}"
    return f"{text}#{package.location}" if package.location else text


def in_words(instance: str) -> str:
    """The identity of an installed instance for people: its name, with what tells it from others. Any other text stays.

    >>> in_words("rpm/bash/x86_64"), in_words("rpm/kernel-core/x86_64/5.14.0-70.el9")
    ('bash (x86_64)', 'kernel-core 5.14.0-70.el9 (x86_64)')
    >>> in_words("npm/@babel/core/-#/app/node_modules/@babel/core/package.json")
    '@babel/core (npm, /app/node_modules/@babel/core/package.json)'
    >>> in_words("bash 5.1")
    'bash 5.1'
    """
    identity, _, location = instance.partition("#")
    type, _, rest = identity.partition("/")
    if type not in PACKAGE_TYPES or "/" not in rest:
        return instance
    name, _, arch = rest.rpartition("/")
    if type in _OF_SYSTEMS and "/" in name:  # it has its version behind the architecture
        name, arch, version = rest.split("/", 2)
        name = f"{name} {version}"
    elif type == "cargo" and name.endswith("/-"):
        name, arch = f"{name[:-2]} {arch}", "-"
    about = [
        *([] if type in _OF_SYSTEMS else [type]),
        *([] if arch == "-" else [arch]),
        *([location] if location else []),
    ]
    return f"{name} ({', '.join(about)})" if about else name


_OF_SYSTEMS: Final = frozenset({"apk", "deb", "rpm"})
