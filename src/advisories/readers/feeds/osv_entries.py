"""The affected entries of OSV records: what each is about, and whom it may concern where it cannot be read.

Source of the meaning: the OSV schema's *affected[]*.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

from advisories.distros.language_versions import in_scheme
from advisories.distros.machines import MACHINES
from advisories.distros.nevra import built_as_module
from advisories.models.advisories import Affected, FixState, Range
from advisories.models.distribution import FAMILIES, Distribution, Family, language_of, name_filed_under
from advisories.models.frozen import evolve
from advisories.models.packages import LANGUAGE_TYPES, NO_MODULE, SCHEME_OF_TYPE, UNKNOWN_MODULE, Module
from advisories.models.reading import Loss
from advisories.models.words import Names
from advisories.readers.feeds.osv_databases import Database, Entry
from advisories.readers.feeds.osv_ranges import only_fix_in, ranges_of, until, versions_of
from advisories.readers.feeds.osv_shapes import Shapes
from advisories.readers.releases import REBUILDERS, from_ecosystem, lost_with
from advisories.sources.json import Malformed, json_type
from advisories.sources.limits import Limits

__all__ = ["ARCHES", "OF_EITHER_NAME", "Entries", "Unusual", "arches_of", "losses_of", "of_binaries"]


class Unusual(Exception):
    """Something that only looking at the whole record decides."""


# Of these the schema has source packages' names, and TuxCare's own records binary packages'. An rpm's source shows no
# epoch in a list, so that its binary packages are compared alone.
OF_EITHER_NAME: Final = frozenset(REBUILDERS.values())


def losses_of(entry: Any) -> tuple[Loss, ...]:
    """Whom an entry may concern of which nothing was kept, as far as it can be read."""
    package = entry.get("package") if isinstance(entry, dict) else None
    if package is None and isinstance(entry, dict) and _is_of_commits(entry):
        return ()
    if not isinstance(package, dict):
        return (Loss(),)
    name, ecosystem = package.get("name"), package.get("ecosystem")
    name = name if isinstance(name, str) and name and name.isprintable() else None
    if not isinstance(ecosystem, str) or not ecosystem:
        return _of_any_name(name, None)
    place = from_ecosystem(ecosystem)
    if place is None:
        return tuple([loss for distribution in lost_with(ecosystem) for loss in _of_any_name(name, distribution)])
    family = FAMILIES[place[0].id]
    return (Loss(None if name is None else name_filed_under(family.type, name), place[0]),)


def _of_any_name(name: str | None, distribution: Distribution | None) -> tuple[Loss, ...]:
    """The losses of a name as it stands, and as each language writes it."""
    if name is None:
        return (Loss(None, distribution),)
    names = dict.fromkeys([name, *[name_filed_under(type, name) for type in LANGUAGE_TYPES]])
    return tuple([Loss(one, distribution) for one in names])


def _is_of_commits(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is about a repository's commits and tags, of no package."""
    ranges = entry.get("ranges")
    types = [one.get("type") if isinstance(one, dict) else None for one in ranges] if isinstance(ranges, list) else []
    return bool(types) and all(type == "GIT" for type in types) and not entry.get("versions")


# What an entry holds but for the package, in the order of its fields up to the negative.
_Fields = tuple[str, Distribution, Names, tuple[Range, ...], tuple[str, ...], FixState, bool]
# The place of the architectures, which stand behind these.
ARCHES: Final = 7


class Entries:
    """Reads the affected entries of a record. Neighbours often differ in the package alone: the rest is read once."""

    def __init__(self, database: Database, module: Module, limits: Limits) -> None:
        self._database: Final = database
        self._module: Final = module
        self._limits: Final = limits
        self._ecosystem = ""
        self._entry: Entry = {}
        self._fields: tuple[_Fields | None, Module, str | None, Sequence[str]] = None, NO_MODULE, None, ()
        # The entry before with the package of the present one, and all that the two have but for the name. None where
        # the package may decide more than the name.
        self._like: dict[str, Any] | None = None
        self._rest: tuple[Any, ...] = ()

    def again(self, entry: Any) -> Affected | None:
        """An entry that differs from the one before in its package's name alone. None for any other: :meth:`read` it.

        Nearly all entries of an update are such. Binary packages that both list are those of the one before.
        """
        like = self._like
        if like is None or entry.__class__ is not dict:
            return None
        package = like["package"] = entry.get("package")
        if package.__class__ is not dict or entry != like or package.get("ecosystem") != self._ecosystem:
            return None
        name, purl = package.get("name"), package.get("purl")
        if name.__class__ is not str or not name or not name.isprintable():
            return None
        if purl is not None and (purl.__class__ is not str or "arch=" in purl):
            return None
        return Affected(name, *self._rest)

    def read(self, entry: Any, path: str) -> tuple[Affected | None, Sequence[str]]:
        """An entry, or None where nothing of it is ordered here. With it the reasons for what was skipped."""
        if not isinstance(entry, dict):
            raise Malformed(path, f"an object is expected, not {json_type(entry)}")
        package = entry.get("package")
        if package is None:
            return None, ("an entry without package",)
        if not isinstance(package, dict):
            raise Malformed(f"{path}.package", f"an object is expected, not {json_type(package)}")
        name, ecosystem = package.get("name"), package.get("ecosystem")
        if not isinstance(name, str) or not name or not name.isprintable():
            raise Malformed(f"{path}.package.name", "an affected package without a name")
        if not isinstance(ecosystem, str) or not ecosystem or not ecosystem.isprintable():
            raise Malformed(f"{path}.package.ecosystem", "an affected package without an ecosystem")
        if ecosystem != self._ecosystem or entry != {**self._entry, "package": package}:
            self._like = None
            self._fields = self._read_fields(entry, ecosystem, path)
            self._ecosystem, self._entry = ecosystem, entry
            self._see_what_is_alike()
        fields, module, channel, skipped = self._fields
        if fields is None:
            return None, skipped
        if channel is not None and self._database.channel is not None:
            channel = self._database.channel(entry, channel)
        purl = package.get("purl")
        arches = arches_of(purl) if isinstance(purl, str) and "arch=" in purl else ()
        return Affected(name_filed_under(fields[0], name), *fields, arches, module, channel), skipped

    def shared(self, entry: Any, ecosystem: str, decoder: Shapes) -> tuple[Any, ...]:
        """All but the package's name of entries that differ in their packages alone."""
        ranges = decoder.ranges_alone(entry)
        fixed = None if ranges is None else only_fix_in(ranges, self._database.range_types)
        place = _place_of(ecosystem) if fixed is not None else None
        if fixed is not None and place is not None:
            family, distribution, channel = place
            module = self._module if family.modular and built_as_module(fixed) else NO_MODULE
            ended = until(fixed), (), FixState.FIXED, False, ()
            return (family.type, distribution, family.names, *ended, module, channel)
        rest = decoder.rest(entry)
        if rest is None or "severity" in rest or not ecosystem.isprintable():
            raise Unusual
        fields, module, channel, skipped = self._read_fields(rest, ecosystem, "")
        if fields is None or skipped or language_of(fields[0]) is not None or channel in OF_EITHER_NAME:
            raise Unusual
        return (*fields, (), module, channel)

    def _see_what_is_alike(self) -> None:
        fields, module, channel, skipped = self._fields
        if (
            fields is not None
            and not skipped
            and language_of(fields[0]) is None
            and channel not in OF_EITHER_NAME
            and self._database.channel is None
            and "severity" not in self._entry
        ):
            self._like = dict(self._entry)
            self._rest = (*fields, (), module, channel)

    def _read_fields(
        self, entry: Entry, ecosystem: str, path: str
    ) -> tuple[_Fields | None, Module, str | None, Sequence[str]]:
        place = from_ecosystem(ecosystem)
        if place is None:
            return None, NO_MODULE, None, (f"ecosystem {ecosystem}: no release of a distribution that is known",)
        distribution, channel = place
        family = FAMILIES[distribution.id]
        scheme = SCHEME_OF_TYPE.get(family.type)
        if scheme is None:
            return None, NO_MODULE, None, (f"ecosystem {ecosystem}: {family.type} versions have no order here",)
        # The schema has this type for ecosystems of that order.
        types = self._database.range_types if scheme != "semver" else (*self._database.range_types, "SEMVER")
        ranges, skipped = ranges_of(entry, path, scheme, types)
        versions = tuple([in_scheme(scheme, version) for version in versions_of(entry, path, self._limits)])
        if not ranges and not versions:
            return None, NO_MODULE, None, skipped or ("an entry without ranges and versions",)
        fix_state = _fix_state(ranges, entry, self._database)
        module = _module_of(ranges, family, self._module)
        is_rebuilt = channel in OF_EITHER_NAME
        names = Names.BINARY if is_rebuilt and family.type == "rpm" else family.names
        fields = (family.type, distribution, names, ranges, versions, fix_state, False)
        return fields, module, channel, skipped


_ARCH: Final = re.compile(r"[?&]arch=([^&#]*)")


@lru_cache(maxsize=256)
def _arches_of_words(words: tuple[str, ...]) -> tuple[str, ...]:
    named = {word for text in words for word in unquote(text).lower().replace(",", " ").split()}
    return tuple(sorted(named)) if named <= MACHINES else ()


def arches_of(purl: str) -> tuple[str, ...]:
    """The machines that a purl is limited to (rule 7). Other words, such as ``source`` and ``all``, limit nothing."""
    return _arches_of_words(tuple(_ARCH.findall(purl)))


def of_binaries(affected: Affected, binaries: Mapping[str, str]) -> Iterator[Affected]:
    """The entries of a source package's binary packages, where the source is fixed from the first version on."""
    if all(range.introduced is None and range.fixed is not None for range in affected.ranges):
        for name, version in binaries.items():
            yield evolve(affected, package=name, names=Names.BINARY, ranges=until(version), versions=())


def _fix_state(ranges: tuple[Range, ...], entry: Entry, database: Database) -> FixState:
    for range in ranges:
        if range.fixed is not None:
            return FixState.FIXED
    if database.fix_state is not None and (stated := database.fix_state(entry)) is not None:
        return stated
    return FixState.NOT_FIXED if any(range.last_affected is None for range in ranges) else FixState.UNKNOWN


def _module_of(ranges: tuple[Range, ...], family: Family, module: Module) -> Module:
    """The module that built the ends of the ranges. Unknown where they differ, or where they do not show it.

    :param module: the one that the record names.
    """
    if not family.modular:
        return NO_MODULE
    if len(ranges) == 1 and ranges[0].last_affected is None and ranges[0].fixed is not None:
        return module if built_as_module(ranges[0].fixed) else NO_MODULE
    ends = [end for range in ranges for end in (range.fixed, range.last_affected) if end is not None]
    modules = {module if built_as_module(end) else NO_MODULE for end in ends}
    return modules.pop() if len(modules) == 1 else UNKNOWN_MODULE


@lru_cache(maxsize=1024)
def _place_of(ecosystem: str) -> tuple[Family, Distribution, str | None] | None:
    """Where the entries of an ecosystem are filed. None where more than their ranges decides about them."""
    place = from_ecosystem(ecosystem) if ecosystem.isprintable() else None
    if place is None:
        return None
    distribution, channel = place
    family = FAMILIES[distribution.id]
    if family.type not in SCHEME_OF_TYPE or language_of(family.type) is not None or channel in OF_EITHER_NAME:
        return None
    return family, distribution, channel
