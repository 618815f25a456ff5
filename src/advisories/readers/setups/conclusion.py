"""What the files of a root show together: its release, its channels, and where they contradict each other.

Nothing is chosen silently. A channel that one file has and another denies counts as one that the host lacks, with the
assumption ``channel-unknown``. Repositories of another release beside the host's own make every package of the kind one
of an unknown release: ``release-mixed``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisories.distros.archives import archive_of, channel_shown
from advisories.distros.components import component_of
from advisories.distros.lines import channels_shown
from advisories.distros.vendors import third_party_repositories
from advisories.models.assumptions import Assumption
from advisories.models.distribution import (
    CHANNELS,
    UNSTABLE,
    Distribution,
    codenames_of,
    family_of,
    filed_under,
    is_branch,
    normalised,
)
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.setups import Setup, SetupKind
from advisories.readers.setups.entry import Entry, EntryKind
from advisories.readers.setups.of_root import FileRead

__all__ = ["Conclusion", "concluded"]

_TYPE_OF: Final[Mapping[str, str]] = {
    "apt-list": "deb",
    "apt-sources": "deb",
    "apk-repositories": "apk",
    "rpm-repo": "rpm",
    "rpm-variable": "rpm",
    "zypp-repo": "rpm",
    "content-manifest": "rpm",
}
# The types of packages that come from a release's repositories.
_SYSTEM: Final = frozenset(_TYPE_OF.values())
# Who acts by a file: what one has and the other denies is a contradiction.
_WITNESS: Final[Mapping[str, str]] = {
    "apt-list": "apt",
    "apt-sources": "apt",
    "ubuntu-pro": "the Pro client",
    "zypp-repo": "zypper",
    "suse-product": "the products",
}
_RIVALS: Final = (("the Pro client", "apt"), ("the products", "zypper"))
# Names of suites that mean another release each time one comes out.
_MOVING: Final = frozenset({"stable", "oldstable", "oldoldstable", "proposed-updates", "latest-stable", "devel"})
_SUITES: Final[Mapping[str, str]] = {"testing": "testing", "experimental": "experimental", "rc-buggy": "experimental"}
_SERVICE_PACK: Final = pattern(r"[.-](?:SP)?")


@frozen
class Conclusion(Noun):
    """What the files of a root show together.

    :ivar distribution: with its channels, and the release where repositories alone show it.
    :ivar distribution_source: what shows the distribution, where repositories do. None leaves it as it was.
    :ivar contradictions: sentences without an end.
    :ivar packages: with what is assumed of each.
    """

    distribution: Distribution | None
    distribution_source: str | None
    setups: tuple[Setup, ...]
    contradictions: tuple[str, ...]
    packages: tuple[Package, ...]


@frozen
class _Sign(Noun):
    """One entry, and what it shows.

    :ivar release: of the archive. None where it shows none, or is no archive of a distribution.
    :ivar moving: the name of a suite that means one release after another.
    """

    format: str
    entry: Entry
    setup: Setup
    release: Distribution | None = None
    moving: str = field(default="")


def concluded(files: Sequence[FileRead], own: Distribution | None, packages: tuple[Package, ...]) -> Conclusion:
    """The conclusion from all files of a root.

    :param own: the distribution by the files that name it.
    """
    signs = list(_signs(files, own))
    own, where = _completed(own, signs)
    setups, contradictions = _shown(signs), []
    channels, disputed, found = _channels(files, signs, own, packages)
    contradictions += found
    foreign = _foreign(signs, own)
    if foreign:
        first: dict[str, str] = {}
        for one in foreign:
            first.setdefault(str(one.release), one.setup.place)
        found = [f"{place} is of {release}" for release, place in first.items()]
        contradictions.append(f"the release is {own}, and {', and '.join(found)}")
    is_unsure = bool(disputed) or any(not one.is_whole for one in files)
    mixed = {_TYPE_OF[one.format] for one in foreign}
    distribution = own if own is None else evolve(own, channels=own.channels | channels)
    return Conclusion(
        distribution,
        where,
        setups,
        tuple(contradictions),
        tuple(_assumed(packages, mixed, _tags(signs, own), is_unsure=is_unsure)),
    )


# ---- one entry ----


def _signs(files: Sequence[FileRead], own: Distribution | None) -> Iterator[_Sign]:
    variables = {one.name: one.value for file in files for one in file.entries if one.kind is EntryKind.VARIABLE}
    for file in files:
        for entry in file.entries:
            if entry.kind is not EntryKind.VARIABLE:
                yield _sign(file, entry, own, variables)
            elif entry.name == "releasever" and own is not None and own.release is not None:
                pinned = normalised(own.id, entry.value)
                setup = Setup(SetupKind.RELEASE, str(pinned), entry.name, True, False, file.source, entry.line)
                yield _Sign(file.format, entry, setup, pinned)


def _sign(file: FileRead, entry: Entry, own: Distribution | None, variables: Mapping[str, str]) -> _Sign:
    type = _TYPE_OF.get(file.format, "")
    address = _filled(entry.address, variables)
    channel = channel_shown(filed_under(own).id, entry.name, address) if own is not None else None
    kind, name, release, moving, is_security = SetupKind.OTHER, address or entry.name, None, "", False
    if entry.kind is EntryKind.STREAM:
        kind, name = SetupKind.STREAM, entry.name
    elif channel is not None:
        kind, name = SetupKind.CHANNEL, channel
        archive = archive_of(type, address) if type == "rpm" else None
        release = None if archive is None or archive[1] is None else _of_address(*archive)
    elif type:
        release, moving, is_security = _release(type, entry, address)
        if release is not None or moving or _is_own(type, entry, address, own):
            shown = release or (None if moving or own is None else own)
            kind, name = SetupKind.RELEASE, str(evolve(shown, channels=frozenset()) if shown else moving)
    by = " ".join((entry.name, *entry.parts)) or (f"@{entry.tag}" if entry.tag else address)
    setup = Setup(kind, name, by, entry.is_on, is_security, file.source, entry.line)
    return _Sign(file.format, entry, setup, release, moving)


def _filled(address: str, variables: Mapping[str, str]) -> str:
    value = variables.get("releasever")
    return address if value is None else address.replace("$releasever", value).replace("${releasever}", value)


def _release(type: str, entry: Entry, address: str) -> tuple[Distribution | None, str, bool]:
    """The release of a distribution's own archive, or the name that moves from one to the next, and whether it has
    security updates alone. Nothing for the archives of others.
    """
    archive = archive_of(type, address)
    if archive is None:
        return None, "", False
    id, shown = archive
    if type != "deb":
        return (None, shown, False) if shown in _MOVING else (_of_address(id, shown), "", False)
    suite, _, pocket = entry.name.replace("/updates", "-security").partition("-")
    if suite in _MOVING:
        return None, suite, pocket == "security"
    release = _SUITES.get(suite) or codenames_of(id).get(suite) or (UNSTABLE if suite == UNSTABLE else None)
    return (normalised(id, release) if release else None), "", pocket == "security"


def _of_address(id: str, shown: str | None) -> Distribution | None:
    """The release that an address shows, as its advisories are filed, with the minor release of a branch."""
    family = family_of(Distribution(id, None))
    if shown is None:
        return filed_under(normalised(id, "rolling")) if family and id not in ("rhel", "debian", "ubuntu") else None
    release = normalised(id, _SERVICE_PACK.sub(".", shown) if id == "sles" else shown)
    return filed_under(release) if family is not None and family.type == "apk" else release


def _is_own(type: str, entry: Entry, address: str, own: Distribution | None) -> bool:
    """Whether a repository is the distribution's own, of a release that nothing shows."""
    if archive_of(type, address) is not None:
        return True
    if type != "rpm" or own is None or third_party_repositories("rpm").match(entry.name):
        return False
    return component_of(filed_under(own).id, entry.name) is not None or "$releasever" in address


# ---- the release ----


def _completed(own: Distribution | None, signs: Sequence[_Sign]) -> tuple[Distribution | None, str | None]:
    """The distribution, of Debian's testing and unstable with the one release that its repositories show."""
    if own is None or own.release is not None or own.id != "debian":
        return own, None
    shown = {one.release: one.setup.place for one in signs if _counts(one) and one.release and one.release.id == own.id}
    if len(shown) != 1 or any(one.moving for one in signs if _counts(one)):
        return own, None
    ((release, where),) = shown.items()
    return evolve(release, channels=own.channels), where


def _counts(sign: _Sign) -> bool:
    """Whether any package may be from a repository."""
    return sign.setup.kind is SetupKind.RELEASE and sign.setup.is_on and sign.entry.tag is None


def _foreign(signs: Sequence[_Sign], own: Distribution | None) -> list[_Sign]:
    """The repositories of other releases, which packages may be from.

    Of rpms the builder shows another distribution, not another release of the same.
    """
    if own is None or own.release is None:
        shown = {one.release for one in signs if _counts(one) and one.release}
        return [one for one in signs if _counts(one) and one.release] if len(shown) > 1 else []
    return [one for one in signs if _counts(one) and one.release and _is_foreign(one, own)]


def _is_foreign(sign: _Sign, own: Distribution) -> bool:
    assert sign.release is not None
    mine, other = filed_under(own), filed_under(sign.release)
    if _TYPE_OF.get(sign.format) == "rpm" and mine.id != other.id:
        return False
    if sign.release == Distribution(own.id, own.release):
        return False
    return (mine.id, mine.release) != (other.id, other.release)


# ---- channels ----


def _channels(
    files: Sequence[FileRead], signs: Sequence[_Sign], own: Distribution | None, packages: Sequence[Package]
) -> tuple[frozenset[str], frozenset[str], list[str]]:
    """The channels of a host, those that files contradict each other about, and how they do."""
    if own is None:
        return frozenset(), frozenset(), []
    known = CHANNELS.get(filed_under(own).id, ())
    read = {_WITNESS[file.format] for file in files if file.format in _WITNESS}
    by_channel: dict[str, list[_Sign]] = {}
    for sign in signs:
        if sign.setup.kind is SetupKind.CHANNEL and sign.setup.name in known:
            by_channel.setdefault(sign.setup.name, []).append(sign)
    on: set[str] = set()
    disputed: dict[str, str] = {}
    for channel, of in by_channel.items():
        having = [one for one in of if one.setup.is_on]
        if not having:
            continue
        why = _denied(channel, of, read) or _other_minor(channel, having, own, signs)
        if why is None:
            on.add(channel)
        else:
            disputed[channel] = why
    contradictions = list(disputed.values())
    shown = _shown_by_builds(packages, own, on.union(disputed)) if "apt" in read else None
    if shown is not None:
        contradictions.append(shown)
        disputed[shown] = shown
    return frozenset(on), frozenset(disputed), contradictions


def _denied(channel: str, of: Iterable[_Sign], read: set[str]) -> str | None:
    """Why a channel that something has is denied by its rival. None where it is not."""
    states: dict[str, dict[bool, str]] = {}
    for sign in of:
        witness = _WITNESS.get(sign.format)
        if witness is not None:
            states.setdefault(witness, {}).setdefault(sign.setup.is_on, sign.setup.place)
    for pair in _RIVALS:
        for one, other in (pair, pair[::-1]):
            has = states.get(one, {}).get(True)
            rival = states.get(other, {})
            if has is None or True in rival:
                continue
            if False in rival:
                return f"{channel} is on in {has}, and off in {rival[False]}"
            # The Pro client writes down each service that there is. What it does not have it may not know yet.
            if other in read and other in ("apt", "zypper"):
                return f"{channel} is on in {has}, and no repository of it is set up"
    return None


def _other_minor(channel: str, having: Iterable[_Sign], own: Distribution, signs: Iterable[_Sign]) -> str | None:
    """Why a channel of a minor release or service pack is of another one than the host. None where it is not."""
    pinned = next((one for one in signs if one.entry.kind is EntryKind.VARIABLE), None)
    for sign in having:
        release = sign.release.release if sign.release is not None else None
        if release is None and sign.entry.kind is EntryKind.PRODUCT:
            release = sign.entry.value
        elif release is None and pinned is not None and "$releasever" in sign.entry.address:
            release = pinned.entry.value
        if not release or not own.release or "." not in own.release or ("." not in release and is_branch(channel)):
            continue
        if release != own.release and (is_branch(channel) or own.id == "sles"):
            return f"{channel} is of {release} in {sign.setup.place}, and the release is {own}"
    return None


def _shown_by_builds(packages: Sequence[Package], own: Distribution, known: set[str]) -> str | None:
    """Why builds of a channel that nothing has set up are a contradiction. None where there are none."""
    id = filed_under(own).id
    found = [
        package
        for package in packages
        if package.type == "deb"
        and package.state.on_disk
        and (shown := channels_shown(id, package.version))
        and shown.isdisjoint(known)
    ]
    if not found:
        return None
    first = f"{found[0].name} {found[0].version}"
    count = "1 package is a build" if len(found) == 1 else f"{len(found)} packages are builds"
    return f"{count} of ESM, such as {first}, and no repository of it is set up"


# ---- packages ----


def _tags(signs: Sequence[_Sign], own: Distribution | None) -> Mapping[str, tuple[str, bool]]:
    """The repository of each tag of apk, and whether it is one of the host's own release."""
    found: dict[str, tuple[str, bool]] = {}
    for sign in signs:
        if sign.entry.tag is not None:
            is_own = own is not None and sign.release is not None and not _is_foreign(sign, own)
            before = found.get(sign.entry.tag)
            found[sign.entry.tag] = sign.entry.address, is_own and (before is None or before[1])
    return found


def _assumed(
    packages: Iterable[Package], mixed: set[str], tags: Mapping[str, tuple[str, bool]], *, is_unsure: bool
) -> Iterator[Package]:
    for package in packages:
        doubts = package.doubts
        if is_unsure and package.type in _SYSTEM:
            doubts |= {Assumption.CHANNEL_UNKNOWN}
        repository = package.repository
        if package.type in mixed:
            doubts |= {Assumption.RELEASE_MIXED}
        if package.type == "apk" and repository is not None and repository.removeprefix("@") in tags:
            repository, is_own = tags[repository.removeprefix("@")]
            if is_own and package.type not in mixed:
                doubts -= {Assumption.RELEASE_MIXED}
        if doubts != package.doubts or repository != package.repository:
            yield evolve(package, doubts=doubts, repository=repository)
        else:
            yield package


def _shown(signs: Sequence[_Sign]) -> tuple[Setup, ...]:
    """What is on, and of each channel that is on nowhere one entry that is off."""
    on = {(one.setup.kind, one.setup.name) for one in signs if one.setup.is_on}
    off: dict[str, Setup] = {}
    for one in signs:
        if one.setup.kind is SetupKind.CHANNEL and (one.setup.kind, one.setup.name) not in on:
            off.setdefault(one.setup.name, one.setup)
    kept = [
        one.setup
        for one in signs
        if one.setup.is_on and (one.setup.kind is not SetupKind.OTHER or one.entry.kind is EntryKind.REPOSITORY)
    ]
    return tuple(dict.fromkeys((*kept, *off.values())))
