"""The commands of each family's package manager that upgrade, install and remove, as lists of words.

Package names and versions are hostile input. What is written into a command has to look like a name, version,
architecture or advisory of its family, to the letter. Anything else is refused (:func:`is_safe`), and nothing is
escaped. Words that begin with a dash cannot be written, so none is taken for an option. apt-get would take a name that
it does not know for a regular expression, which others match. An option keeps it from that, from apt 2.0 on.
Sources: apt-get(8), dnf(8) *Specifying packages*, yum(8), zypper(8), apk(8), tdnf's ``--help`` and Photon OS's guide.

Tools of languages change the project or the environment that they are run in. Sources: *pip install*, *npm install* and
its package specs, *go get*, *cargo update*, *gem install*.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from advisories.models.distribution import Distribution, family_of, filed_under
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun

__all__ = [
    "LANGUAGE_TOOLS",
    "MANAGERS",
    "ByAdvisory",
    "Command",
    "Item",
    "Manager",
    "is_safe",
    "manager_for",
    "manager_of",
]


@frozen
class Command(Noun):
    """A command as the words that a process is started with. As text, quoted for a POSIX shell."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join(self.words)


@frozen
class Item(Noun):
    """A package in a command.

    :ivar version: the version to bring it to, or to remove. None for whatever there is.
    :ivar arch: None where it is not known, or not needed.
    """

    name: str
    version: str | None = None
    arch: str | None = None


@frozen
class ByAdvisory:
    """The options of a program that choose fixes by advisory or CVE.

    :ivar word: the program's command.
    :ivar cve: the option that takes a CVE.
    :ivar advisory: the option that takes a vendor's advisory. None where it knows CVEs alone.
    """

    word: str
    cve: str
    advisory: str | None = None


_Spec = Callable[[Item], str]


@frozen
class Manager:
    """A row of the table.

    :ivar name: of the program.
    :ivar type: the purl type of the packages it takes.
    :ivar upgrade: the words before the packages of an upgrade.
    :ivar install: the same for a package that is to stand beside another version of itself.
    :ivar remove: the same for a removal.
    :ivar exactly: how a package of one version is named.
    :ivar at_least: how a package of that version or a later one is named. A bare name where there is no such form.
    :ivar removed: how an installed package is named that is to be removed.
    :ivar yes: the words behind the program's that keep it from a question.
    :ivar literal: the words that keep it from taking an unknown name for a regular expression, used where a name has a
        character of one. None where it takes no name so.
    :ivar by_advisory: its options for advisories and CVEs. None without.
    """

    name: str
    type: str
    upgrade: tuple[str, ...]
    install: tuple[str, ...]
    remove: tuple[str, ...]
    exactly: _Spec
    at_least: _Spec
    removed: _Spec
    yes: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()
    by_advisory: ByAdvisory | None = None

    def upgraded(self, items: Iterable[Item], *, exact: bool = True, confirm: bool = True) -> Command:
        """The command that brings installed packages to their versions, or with `exact` unset at least to them."""
        return self._command(self.upgrade, self.exactly if exact else self.at_least, items, confirm)

    def installed(self, items: Iterable[Item], *, exact: bool = True, confirm: bool = True) -> Command:
        """The command that installs packages, beside what is there of them."""
        return self._command(self.install, self.exactly if exact else self.at_least, items, confirm)

    def without(self, items: Iterable[Item], *, confirm: bool = True) -> Command:
        """The command that removes packages of exactly these versions."""
        return self._command(self.remove, self.removed, items, confirm)

    def for_advisories(self, advisories: Sequence[str], cves: Iterable[str], *, confirm: bool = True) -> Command | None:
        """The command that installs the fixes of these advisories and CVEs. None where there is no such option."""
        by = self.by_advisory
        if by is None or (advisories and by.advisory is None):
            return None
        options = [f"{by.advisory}={id}" for id in advisories] + [f"{by.cve}={id}" for id in cves]
        return Command((self.name, *(() if confirm else self.yes), by.word, *options))

    def _command(self, words: tuple[str, ...], spec: _Spec, items: Iterable[Item], confirm: bool) -> Command:
        items = tuple(items)
        specs = dict.fromkeys(map(spec, items))
        for text in specs:
            if text.startswith("-"):
                raise AssertionError(f"{text} would be an option")
        literal = self.literal if any("." in item.name or "+" in item.name for item in items) else ()
        return Command((self.name, *(() if confirm else self.yes), *literal, *words, *specs))


def _name(item: Item) -> str:
    return item.name


def _deb(item: Item) -> str:
    arch = item.arch if item.arch != "all" else None
    if arch is None and item.name.endswith("+"):
        # Where apt-get does not know such a name, the sign at its end is the wish to install what is before it.
        arch = "native"
    name = f"{item.name}:{arch}" if arch else item.name
    return f"{name}={item.version}" if item.version else name


def _deb_unpinned(item: Item) -> str:
    return _deb(Item(item.name, None, item.arch))


def _nevra(item: Item) -> str:
    arch = f".{item.arch}" if item.arch else ""
    return f"{item.name}-{item.version}{arch}" if item.version else f"{item.name}{arch}"


@frozen
class _Relation:
    """Names a package in relation to a version. No closure, so that managers pickle."""

    operator: str

    def __call__(self, item: Item) -> str:
        return f"{item.name}{self.operator}{item.version}" if item.version else item.name


def _like_dnf(name: str, at_least: _Spec, upgrade: str, install: str = "install", advisories: bool = True) -> Manager:
    return Manager(
        name,
        "rpm",
        (upgrade,),
        (install,),
        ("remove",),
        _nevra,
        at_least,
        _nevra,
        ("-y",),
        by_advisory=ByAdvisory(upgrade, "--cve", "--advisory") if advisories else None,
    )


#: Every package manager, by its program's name.
MANAGERS: Final[Mapping[str, Manager]] = MappingProxyType(
    {
        "apt-get": Manager(
            "apt-get",
            "deb",
            ("install", "--only-upgrade"),
            ("install",),
            ("purge",),
            _deb,
            _deb_unpinned,
            _deb_unpinned,
            ("-y",),
            ("-o", "APT::Cmd::Pattern-Only=true"),
        ),
        # Its `upgrade` puts a kernel beside the old one. `install` would take kernel-core, which provides it, instead.
        "dnf": _like_dnf("dnf", _Relation(" >= "), "upgrade", "upgrade"),
        "yum": _like_dnf("yum", _name, "update"),
        "tdnf": _like_dnf("tdnf", _name, "update", advisories=False),
        "zypper": Manager(
            "zypper",
            "rpm",
            # Where it knows no such package, it would take another one that provides it.
            ("install", "--name"),
            ("install", "--name"),
            ("remove", "--name"),
            _Relation("="),
            _Relation(">="),
            _Relation("="),
            ("--non-interactive",),
            by_advisory=ByAdvisory("patch", "--cve"),
        ),
        # A version in `apk add` would stay as a demand for good.
        "apk": Manager("apk", "apk", ("upgrade",), ("add",), ("del",), _name, _name, _name),
    }
)


def _spec_of_npm(item: Item) -> str:
    return f"{item.name}@{item.version or 'latest'}"


def _newest_of_npm(item: Item) -> str:
    return f"{item.name}@latest"


def _spec_of_go(item: Item) -> str:
    return f"{item.name}@v{item.version.removeprefix('v')}" if item.version else f"{item.name}@latest"


#: The tools of languages, by the type of their packages.
LANGUAGE_TOOLS: Final[Mapping[str, Manager]] = MappingProxyType(
    {
        "pypi": Manager(
            "pip", "pypi", ("install", "--upgrade"), ("install",), ("uninstall",), _Relation("=="), _name, _name
        ),
        "npm": Manager("npm", "npm", ("install",), ("install",), ("uninstall",), _spec_of_npm, _newest_of_npm, _name),
        "golang": Manager("go", "golang", ("get",), ("get",), ("get",), _spec_of_go, _newest_of_npm, _name),
        # It takes no version of several packages.
        "cargo": Manager("cargo", "cargo", ("update",), ("add",), ("remove",), _name, _name, _name),
        "gem": Manager("gem", "gem", ("install",), ("install",), ("uninstall",), _Relation(":"), _name, _Relation(":")),
    }
)


def manager_for(type: str, own: Manager | None) -> Manager | None:
    """What upgrades packages of a type on a host: its own package manager, or the tool of their language. None without.

    >>> manager_for("npm", MANAGERS["apt-get"]).name, manager_for("rpm", MANAGERS["apt-get"])
    ('npm', None)

    :param own: the host's.
    """
    return own if own is not None and own.type == type else LANGUAGE_TOOLS.get(type)


# Where it is not the package type that decides. Releases before the first that has dnf, as filed.
_OF_ID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sles": "zypper",
        "sle-micro": "zypper",
        "opensuse-leap": "zypper",
        "opensuse-leap-micro": "zypper",
        "opensuse-tumbleweed": "zypper",
        "opensuse-slowroll": "zypper",
        "photon": "tdnf",
        "mariner": "tdnf",
        "azurelinux": "tdnf",
    }
)
_YUM_UP_TO: Final[Mapping[str, int]] = MappingProxyType(
    {"rhel": 7, "centos": 7, "scientific": 7, "ol": 7, "amzn": 2, "fedora": 21, "alinux": 2, "anolis": 7}
)
_OF_TYPE: Final[Mapping[str, str]] = MappingProxyType({"deb": "apt-get", "rpm": "dnf", "apk": "apk"})


def manager_of(distribution: Distribution) -> Manager | None:
    """The package manager of a release. None for a distribution that the table does not know.

    >>> manager_of(Distribution("rhel", "7")).name, manager_of(Distribution("almalinux", "9")).name
    ('yum', 'dnf')
    """
    family = family_of(distribution)
    if family is None:
        return None
    last = _YUM_UP_TO.get(distribution.id)
    major = (filed_under(distribution).release or "").partition(".")[0]
    if last is not None and major.isdecimal() and int(major) <= last:
        return MANAGERS["yum"]
    name = _OF_ID.get(distribution.id) or _OF_TYPE.get(family.type)
    return MANAGERS[name] if name else None


# Behind a dot at the end of an rpm's name or version, rpm's words for architectures are one to dnf and zypper, and rpm
# itself makes a file of it, which they install.
_NO_RPM_ENDING: Final = (
    r"(?!.*\.(?:rpm|noarch|(?:no)?src|i[3-6]86|athlon|geode|pentium[34]|ia32e|ia64|amd64|x86_64(?:_v[0-9])?"
    r"|(?:aarch|alpha|arm|loongarch|m68k|mips|ppc|riscv|s390|sh[345]|sparc)[0-9a-z]*)$)"
)
# What may be written into a command, by package type: name, version.
_NAMES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        # A dash at the end makes apt-get remove the package, also behind an architecture.
        "deb": re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.]", re.ASCII),
        "rpm": re.compile(_NO_RPM_ENDING + r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", re.ASCII),
        # What holds the end of a file's name is one to `apk add`.
        "apk": re.compile(r"(?!.*\.apk)[A-Za-z0-9_][A-Za-z0-9_.+-]*", re.ASCII),
        # What looks like a file is one to pip, npm and gem. Without a scope, npm takes a slash for one of GitHub.
        "pypi": re.compile(
            r"(?!.*\.(?:whl|zip|tgz|tbz|txz|tlz|tar|gz|bz2|xz|lzma)$)[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII
        ),
        "npm": re.compile(
            r"(?!.*\.(?:tgz|tar|gz)$)(?:@[A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII
        ),
        # The standard library is no module: its path has no dot.
        "golang": re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[A-Za-z0-9_][A-Za-z0-9._~-]*)*", re.ASCII),
        "cargo": re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII),
        "gem": re.compile(r"(?!.*\.gem$)[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII),
    }
)
_SEMVER: Final = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_VERSIONS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        # A plus at the end would be the wish to install the version before it, where there is no such one.
        "deb": re.compile(r"[0-9A-Za-z](?:[A-Za-z0-9.+~:-]*[A-Za-z0-9.~])?", re.ASCII),
        "rpm": re.compile(_NO_RPM_ENDING + r"(?:[0-9]+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?", re.ASCII),
        "apk": re.compile(r"[0-9][a-z0-9._~-]*", re.ASCII),
        "pypi": re.compile(r"[0-9](?:[0-9A-Za-z.!+_-]*[0-9A-Za-z])?", re.ASCII),
        **dict.fromkeys(("npm", "golang", "cargo"), _SEMVER),
        "gem": re.compile(r"[0-9][0-9A-Za-z.]*", re.ASCII),
    }
)
_ARCH: Final = re.compile(r"(?!rpm$)[a-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", re.ASCII)
_ADVISORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]*", re.ASCII)


def is_safe(type: str, items: Sequence[Item], advisories: Iterable[str] = ()) -> bool:
    """Whether all of these look like names, versions, architectures and advisories, so that commands may hold them.

    >>> is_safe("rpm", [Item("bash", "5.1.8-6.el9", "x86_64")]), is_safe("rpm", [Item("bash; reboot", "1-1")])
    (True, False)
    """
    names, versions = _NAMES.get(type), _VERSIONS.get(type)
    if names is None or versions is None:
        return False
    return all(
        names.fullmatch(item.name)
        and (item.version is None or versions.fullmatch(item.version))
        and (item.arch is None or _ARCH.fullmatch(item.arch))
        for item in items
    ) and all(map(_ADVISORY.fullmatch, advisories))
