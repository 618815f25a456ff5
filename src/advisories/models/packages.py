"""What is installed: packages and inventories.

A version is a text here, as the package manager writes it. The package's type decides its order
(:data:`SCHEME_OF_TYPE`).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

from advisories.models._keyed import Keyed
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.errors import UnknownPackageType
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, ordered, shortened
from advisories.models.reading import ReadReport
from advisories.models.setups import Setup
from advisories.models.words import TEXT_OR_NONE, check_kinds, check_members, check_texts, nearest

__all__ = [
    "LANGUAGE_TYPES",
    "NO_MODULE",
    "PACKAGE_TYPES",
    "SCHEME_OF_TYPE",
    "STATE_OF_RPM",
    "SYSTEM_TYPES",
    "UNKNOWN_MODULE",
    "Image",
    "Inventory",
    "Layer",
    "Module",
    "Package",
    "Removed",
    "State",
    "check_package_type",
]

#: The version scheme (a name of :data:`vercmp.SCHEMES`) of each package type that has an order.
SCHEME_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "rpm": "rpm",
        "deb": "dpkg",
        "apk": "apk",
        "pypi": "pep440",
        **dict.fromkeys(("npm", "golang", "cargo"), "semver"),
        "gem": "gem",
    }
)

#: The package types there are: the types of package URLs. Source: the purl specification, *PURL-TYPES*.
PACKAGE_TYPES: Final = (
    *("alpm", "apk", "bazel", "bitbucket", "bitnami", "cargo", "chrome-extension", "cocoapods", "composer", "conan"),
    *("conda", "cpan", "cran", "deb", "docker", "gem", "generic", "github", "golang", "hackage", "hex", "huggingface"),
    *("julia", "luarocks", "maven", "mlflow", "npm", "nuget", "oci", "opam", "otp", "pub", "pypi", "qpkg", "rpm"),
    *("swid", "swift", "vscode-extension", "yocto"),
)
#: Those of packages of systems.
SYSTEM_TYPES: Final = frozenset({"deb", "rpm", "apk"})
#: Those of languages that are looked for in a root file system, beside the packages of the system.
LANGUAGE_TYPES: Final = ("pypi", "npm", "gem", "maven", "golang", "cargo")
_TYPES: Final = frozenset(PACKAGE_TYPES)
# Other names that people give them.
_MEANT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("dpkg", "apt", "debian", "ubuntu"), "deb"),
        **dict.fromkeys(("dnf", "yum", "zypper", "redhat", "fedora", "suse"), "rpm"),
        **dict.fromkeys(("alpine", "wolfi"), "apk"),
        **dict.fromkeys(("python", "pip", "wheel"), "pypi"),
        **dict.fromkeys(("go", "gomod"), "golang"),
        **dict.fromkeys(("ruby", "rubygems"), "gem"),
        **dict.fromkeys(("node", "javascript", "yarn"), "npm"),
        **dict.fromkeys(("rust", "crates.io"), "cargo"),
        **dict.fromkeys(("php", "packagist"), "composer"),
        **dict.fromkeys(("java", "gradle"), "maven"),
    }
)


def check_package_type(type: str) -> None:
    """Raise :class:`~advisories.models.errors.UnknownPackageType` for a type that package URLs do not have."""
    if type not in _TYPES:
        meant = _MEANT.get(type.lower()) or nearest(type.lower(), PACKAGE_TYPES)
        raise UnknownPackageType(type, PACKAGE_TYPES, meant)


class State(StrEnum):
    """How far a package is installed: the third word of dpkg's status, and one more for what is no software.

    Source of the words: dpkg(1), *Package states*.
    """

    INSTALLED = "installed"
    HALF_INSTALLED = "half-installed"
    UNPACKED = "unpacked"
    HALF_CONFIGURED = "half-configured"
    TRIGGERS_AWAITED = "triggers-awaited"
    TRIGGERS_PENDING = "triggers-pending"
    CONFIG_FILES = "config-files"
    NOT_INSTALLED = "not-installed"
    #: An entry of the database that carries no software: rpm keeps imported keys as packages named ``gpg-pubkey``.
    PSEUDO = "pseudo"

    #: Whether the package's files are there, all or some of them (rule 12).
    on_disk: bool

    # Every package has one. That of an enumeration is Python.
    __hash__ = str.__hash__


for _state in State:
    _state.on_disk = _state not in (State.CONFIG_FILES, State.NOT_INSTALLED, State.PSEUDO)

#: The state of rpm's packages of these names. All others in a list that shows no states are installed.
STATE_OF_RPM: Mapping[str, State] = MappingProxyType({"gpg-pubkey": State.PSEUDO})


@frozen(eq=False)
class Module(Keyed, Noun):
    """The module stream of a package or a record: none, unknown, or ``name:stream``.

    A record may allow several: one advisory is for ``virt:rhel`` and ``virt-devel:rhel``. A package has at most one.

    :ivar known: whether it is known at all. If not, `streams` is empty.
    :ivar streams: the streams, sorted. Empty and known means no module.
    """

    known: bool
    streams: tuple[str, ...] = field(default=(), repr=shortened)

    def __attrs_post_init__(self) -> None:
        if self.known.__class__ is not bool:
            # A stream in its place would be a module without streams.
            check_kinds(self, bool, "known")
        self._compare_by((self.known, self.streams))

    @classmethod
    def of(cls, *streams: str) -> Self:
        """The module of these streams, each ``name:stream``."""
        return cls(True, tuple(sorted(set(streams))))

    def __str__(self) -> str:
        return " or ".join(self.streams) if self.streams else ("none" if self.known else "unknown")


NO_MODULE = Module(True)
UNKNOWN_MODULE = Module(False)


@frozen
class Layer(Noun):
    """One layer of an image.

    :ivar digest: of its file, as the image's manifest has it. In an archive without manifests that of its content.
    :ivar history: the command that made it. None where the image does not show it.
    """

    digest: str
    history: str | None = None


@frozen
class Image(Noun):
    """The image that a list was read from.

    :ivar name: None where it has none.
    :ivar digest: of its manifest, as registries have it. None in an archive without manifests.
    :ivar id: the digest of its configuration, as ``docker images`` shows it.
    :ivar platform: ``linux/amd64``, or ``linux/arm/v7``. None where the image does not show it.
    :ivar labels: names and values, sorted.
    """

    name: str | None
    digest: str | None
    id: str
    platform: str | None = None
    labels: tuple[tuple[str, str], ...] = field(default=(), repr=shortened)


#: The fields of a package of which an empty text is None.
NOT_EMPTY: Final = ("arch", "source_name", "source_version", "vendor", "maintainer", "location", "repository")


@frozen(eq=False)
class Package(Keyed, Noun):
    """One *installed instance* of a package. Two kernels and two architectures are four packages.

    Raises :class:`~advisories.models.errors.UnknownPackageType` for a type that package URLs do not have, and TypeError
    for a type, name or version that is no text, and for a state, module or doubts of another kind.

    :ivar type: the purl type (``rpm``, ``deb``). It decides the version scheme.
    :ivar version: the whole version, ``[epoch:]version[-release]``. Empty only where the state is not-installed.
    :ivar arch: as the package manager writes it. None where the list has none. An empty one is None, and so is an empty
        source, vendor, maintainer, location or repository.
    :ivar epoch_known: False where the list cannot show an epoch (rule 4). The epoch in `version` then means nothing.
    :ivar source_name: the source package. None where the list has none.
    :ivar source_version: the source package's version, or None. A source rpm's has the epoch of an installed binary of
        its version and release, where that is positive.
    :ivar source_epoch_known: as `epoch_known`, for the source version.
    :ivar module: the module stream it was installed from.
    :ivar vendor: its builder, from rpm's ``Vendor`` or dpkg's ``Origin``. None counts as the distribution.
    :ivar maintainer: dpkg's ``Maintainer``.
    :ivar state: how far it is installed.
    :ivar location: the place of one of several copies (language packages). None for the system's package manager.
    :ivar locations: a few files it owns, or the database it was read from.
    :ivar repository: the repository it came from, as the list names it. None where the list has none.
    :ivar doubts: what the reader took for granted about it (rule 0).
    :ivar installed_at: when it was installed or upgraded, in UTC. None where the list has no time. Not compared: the
        same package in two lists is one package.
    :ivar layer: the layer that it came with. None where it was read from no image. Not compared.
    :ivar instance: the identity of the instance, stored by the reader. None in a package made by hand or by
        :func:`attrs.evolve`: :func:`advisories.distros.identity.instance_of` computes it. Not compared.
    """

    type: str
    name: str
    version: str
    arch: str | None = None
    epoch_known: bool = True
    source_name: str | None = None
    source_version: str | None = None
    source_epoch_known: bool = True
    module: Module = NO_MODULE
    vendor: str | None = None
    maintainer: str | None = None
    state: State = State.INSTALLED
    location: str | None = None
    locations: tuple[str, ...] = field(default=(), repr=shortened)
    repository: str | None = None
    doubts: frozenset[Assumption] = field(default=frozenset(), repr=ordered)
    installed_at: datetime | None = field(default=None, eq=False)
    layer: Layer | None = field(default=None, eq=False)
    instance: str | None = field(default=None, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Lists have tens of thousands of packages: only what is wrong costs a call.
        if not (self.type.__class__ is self.name.__class__ is self.version.__class__ is str and self.type in _TYPES):
            check_texts(self, "type", "name", "version")
            check_package_type(self.type)
        if not (self.state.__class__ is State and self.module.__class__ is Module):
            check_kinds(self, State, "state")
            check_kinds(self, Module, "module")
        if self.doubts.__class__ is not frozenset:
            check_kinds(self, frozenset, "doubts")
        for doubt in self.doubts:
            if doubt.__class__ is not Assumption:
                check_members(self, Assumption, "doubts")
        if self.epoch_known is not True or self.source_epoch_known is not True:
            check_kinds(self, bool, "epoch_known", "source_epoch_known")
        if not (
            self.arch.__class__ in TEXT_OR_NONE
            and self.source_name.__class__ in TEXT_OR_NONE
            and self.source_version.__class__ in TEXT_OR_NONE
            and self.vendor.__class__ in TEXT_OR_NONE
            and self.maintainer.__class__ in TEXT_OR_NONE
            and self.location.__class__ in TEXT_OR_NONE
            and self.repository.__class__ in TEXT_OR_NONE
        ):
            check_texts(self, *NOT_EMPTY, optional=True)
        if "" in (
            self.arch,
            self.source_name,
            self.source_version,
            self.vendor,
            self.maintainer,
            self.location,
            self.repository,
        ):
            # Tables write nothing so. No package has such an architecture, source or vendor: it is not known.
            for name in NOT_EMPTY:
                object.__setattr__(self, name, getattr(self, name) or None)
        self._compare_by(
            (
                self.type,
                self.name,
                self.version,
                self.arch,
                self.epoch_known,
                self.source_name,
                self.source_version,
                self.source_epoch_known,
                self.module,
                self.vendor,
                self.maintainer,
                self.state,
                self.location,
                self.locations,
                self.repository,
                self.doubts,
            )
        )

    def with_source_version(self, version: str) -> "Package":
        """The package with the whole version of its source. Faster than :func:`attrs.evolve`."""
        return Package(
            self.type,
            self.name,
            self.version,
            self.arch,
            self.epoch_known,
            self.source_name,
            version,
            True,
            self.module,
            self.vendor,
            self.maintainer,
            self.state,
            self.location,
            self.locations,
            self.repository,
            self.doubts,
            self.installed_at,
            self.layer,
        )


@frozen
class Removed(Noun):
    """A package that an image had, and that a later layer removed.

    :ivar package: as the layers below had it, with the layer that it came with.
    :ivar layer: that removed it: the first one from which on no database has a package of its name and architecture.
    """

    package: Package
    layer: Layer


def _listed(packages: tuple[Package, ...]) -> str:
    first = ", ".join(f"{package.name} {package.version}" for package in packages[:3])
    more = ", ..." if len(packages) > 3 else ""
    return f"<{len(packages)} packages: {first}{more}>" if packages else "()"


@frozen
class Inventory(Noun):
    """What is installed on one host, image or root file system.

    :ivar distribution: None where neither the list nor you named one, or where the list names several.
    :ivar packages: the installed instances, in the order of the list.
    :ivar running_kernel: as ``uname -r`` prints it. None where it is not known, and then no kernel is *running*.
    :ivar source: where it was read from.
    :ivar format: the name of the reader.
    :ivar distribution_source: where the distribution was found, in a few words, or which ones a list names.
    :ivar report: what the reader kept and rejected.
    :ivar image: the image that it was read from. None for anything else.
    :ivar removed: of an image, what its layers had and it has not any more. Nothing is matched with them.
    :ivar setups: the repositories, channels and module streams that its own files show. Empty for a list.
    :ivar contradictions: what these files, the release and the packages contradict each other about, in sentences.
    """

    distribution: Distribution | None
    packages: tuple[Package, ...] = field(repr=_listed)
    running_kernel: str | None = None
    source: str = ""
    format: str = ""
    distribution_source: str | None = None
    report: ReadReport | None = None
    image: Image | None = None
    removed: tuple[Removed, ...] = field(default=(), repr=shortened)
    setups: tuple[Setup, ...] = field(default=(), repr=shortened)
    contradictions: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.distribution, Distribution | None):
            raise TypeError(f"Inventory.distribution must be a Distribution or None, not {self.distribution!r:.80}")
        if not isinstance(self.packages, tuple) or {*map(type, self.packages)} - {Package}:
            check_members(self, Package, "packages")
            # What is added to a list later would be left out of what is remembered of it.
            object.__setattr__(self, "packages", tuple(self.packages))
        check_texts(self, "running_kernel", optional=True)
        if not self.running_kernel:
            # What nobody wrote is not known. A kernel of no name would be another than the installed ones.
            object.__setattr__(self, "running_kernel", None)
        check_kinds(self, ReadReport, "report", optional=True)
        check_kinds(self, Image, "image", optional=True)
        check_members(self, Removed, "removed")
        check_members(self, Setup, "setups")
        check_members(self, str, "contradictions")

    @cached_property
    def instances(self) -> tuple[Package, ...]:
        """The installed instances, each once, however often the list has it."""
        return tuple(dict.fromkeys(self.packages))
