"""Names of real lists are as their package manager has them: no record has one in other upper and lower case alone."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import evolve
from inventory_table import read
from real_hosts import FEEDS, sources_of
from released_lists import released_lists

from advisories import Feed, match
from advisories.distros.package_names import ends_in_arch, is_name
from advisories.index.records import lower_case
from advisories.models import Assumption, Distribution, Inventory, Package, PackageClass
from advisories.models.distribution import family_of
from advisories.readers import inventories
from advisories.store import read_feed

Unpack = Callable[[str], Path]

#: Distributions whose names are compared with those of all of them: each is built of the same sources.
EL = ("rhel", "centos", "almalinux", "rocky", "ol")


def names_of_records(unpacked: Unpack, almalinux: Feed) -> Mapping[str, set[str]]:
    """By the id of a distribution the names of rpm and apk that any record of any of its releases has."""
    found: dict[str, set[str]] = {}
    for name in FEEDS:
        if name.startswith("ubuntu"):
            continue
        feed = almalinux if name == "almalinux-osv" else read_feed(*sources_of(name, unpacked, unpacked))
        for affected in (affected for advisory in feed for affected in advisory.affected):
            if affected.distribution is not None and affected.type in ("rpm", "apk"):
                found.setdefault(affected.distribution.id, set()).add(affected.package)
    return found


def names_of(inventory: Inventory) -> set[str]:
    """Of the packages and of their sources."""
    packages = [one for one in inventory.packages if one.type in ("rpm", "apk")]
    return {name for one in packages for name in (one.name, one.source_name) if name is not None}


def in_lower_case(inventory: Inventory) -> Inventory:
    """The list as a program writes it that has no upper case."""

    def lower(package: Package) -> Package:
        source = package.source_name
        return evolve(package, name=package.name.lower(), source_name=source and source.lower())

    return evolve(inventory, packages=tuple(map(lower, inventory.packages)))


def all_lists(unpacked: Unpack) -> Iterator[tuple[str, str, set[str]]]:
    """The file of each list, the id of its distribution, and its names."""
    for file, inventory, release in released_lists(unpacked):
        yield file, release.id, names_of(inventory)
    for row, found in read("apk-installed", unpacked("inventories/apk-installed")):
        if found is not None:
            yield row.file, "alpine", names_of(found)


def test_no_true_list_is_in_doubt(unpacked: Unpack, almalinux: Feed) -> None:
    """Of any release of its family, so that a whole feed of any of them makes no doubt either."""
    of_records = names_of_records(unpacked, almalinux)
    seen = compared = 0
    for file, id, names in all_lists(unpacked):
        known = {name for one in (EL if id in EL else (id,)) for name in of_records.get(one, ())}
        in_other_case = {lower_case(name) for name in known} & {lower_case(name) for name in names - known}
        assert not in_other_case, file
        family = family_of(Distribution(id, None))
        assert family is not None
        kind = family.type
        assert not [name for name in names if not is_name(kind, name) or ends_in_arch(kind, name)], file
        seen += 1
        compared += len(names)
    assert (seen, compared) == (502, 34_890)


def test_a_host_in_lower_case(unpacked: Unpack, almalinux: Feed) -> None:
    (path,) = unpacked("inventories/hosts").rglob("alma_9.json")
    inventory = inventories.read(path)
    true, lower = match(inventory, almalinux).coverage, match(in_lower_case(inventory), almalinux).coverage
    assert not true.assumptions
    assert lower.unchecked == {Assumption.NAME_CASE: 73}
    lost = true.counts[PackageClass.AFFECTED] - lower.counts[PackageClass.AFFECTED]
    assert (lost, lower.counts[PackageClass.CLEAN]) == (73, true.counts[PackageClass.CLEAN])
