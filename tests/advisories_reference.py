"""What the tests of ``advisories`` share: short ways to make nouns, and the slow obvious matcher they are held against.

The matcher is written from the rules alone, over texts and ``vercmp.compare``: no keys, no index, no module of
``advisories`` beyond the nouns. It knows what feeds of fixed versions need: rules 2 to 4, 6, 8, 10, 12 and 15.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import vercmp
from advisories.models import (
    NO_MODULE,
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
)

ALMA9 = Distribution("almalinux", "9")
DEBIAN12 = Distribution("debian", "12")


def rpm(name: str, version: str, **more: Any) -> Package:
    return Package("rpm", name, version, **({"arch": "x86_64"} | more))


def deb(name: str, version: str, **more: Any) -> Package:
    return Package("deb", name, version, **({"arch": "amd64"} | more))


def host(*packages: Package, distribution: Distribution | None = ALMA9, kernel: str | None = None) -> Inventory:
    return Inventory(distribution, packages, kernel, "a list", "test")


def affected(
    package: str,
    fixed: str | None = None,
    *,
    introduced: str | None = None,
    distribution: Distribution = ALMA9,
    names: Names = Names.BINARY,
    module: Module = NO_MODULE,
    **more: Any,
) -> Affected:
    type = "deb" if distribution.id in ("debian", "ubuntu") else "rpm"
    defaults: dict[str, Any] = {
        "ranges": (Range(introduced, fixed),),
        "fix_state": FixState.FIXED if fixed else FixState.NOT_FIXED,
    }
    return Affected(package, type, distribution, names, module=module, **(defaults | more))


def advisory(
    id: str, *entries: Affected, cves: Iterable[str] = (), kind: Kind = Kind.SECURITY, **more: Any
) -> Advisory:
    return Advisory(id, kind, tuple(cves), entries, **more)


# ---- the slow obvious matcher ----

Verdict = tuple[str, str, str, str]


def bare(version: str, scheme: str) -> str:
    """A version without its epoch."""
    epoch = vercmp.SCHEMES[scheme].split(version)[0]
    return version if epoch is None else version.partition(":")[2]


def slow_match(
    inventory: Inventory, advisories: Iterable[Advisory], release: Distribution
) -> dict[Verdict, str | None]:
    """(name, arch, version, vulnerability) of everything affected, with the fixed version."""
    by_name: dict[str, list[tuple[Advisory, Affected]]] = {}
    for one in advisories:
        if one.withdrawn is None and (one.cves or one.kind not in (Kind.BUGFIX, Kind.ENHANCEMENT)):
            for entry in one.affected:
                if entry.distribution == release:
                    by_name.setdefault(entry.package, []).append((one, entry))
    found: dict[Verdict, str | None] = {}
    for package in inventory.packages:
        if not package.state.on_disk:
            continue
        entries = [(one, entry) for one, entry in by_name.get(package.name, ()) if entry.names is Names.BINARY]
        entries = [(one, entry) for one, entry in entries if same_module(package.module, entry.module)]
        for vulnerability in {name for one, _ in entries for name in (one.cves or (one.id,))}:
            ranges = [
                range for one, entry in entries if vulnerability in (one.cves or (one.id,)) for range in entry.ranges
            ]
            verdict, fix = slow_verdict(package, ranges)
            if verdict:
                found[(package.name, package.arch or "", package.version, vulnerability)] = fix
    return found


def same_module(installed: Module, record: Module) -> bool:
    if not (installed.known and record.known):
        return True
    return installed.streams == record.streams or bool(set(installed.streams) & set(record.streams))


def slow_verdict(package: Package, ranges: list[Range]) -> tuple[bool, str | None]:
    """Whether a package is inside the union of ranges and no fix clears it; and the fix to name."""
    scheme = SCHEME_OF_TYPE[package.type]

    def compare(a: str, b: str) -> int:
        if not package.epoch_known:
            a, b = bare(a, scheme), bare(b, scheme)
        return vercmp.compare(a, b, scheme=scheme)

    installed = package.version
    inside = [
        range
        for range in ranges
        if (range.introduced is None or compare(range.introduced, installed) <= 0)
        and (range.fixed is None or compare(installed, range.fixed) < 0)
    ]
    fixes = [range.fixed for range in ranges if range.fixed is not None]
    standing = [range for range in inside if not slow_cleared(installed, range, fixes, compare)]
    if not standing:
        return False, None
    above = [fix for fix in fixes if compare(installed, fix) < 0]
    own = [fix for fix in above if minor_stream(fix) is not None and minor_stream(fix) == minor_stream(installed)]
    best: str | None = None
    for fix in own or above:
        if best is None or (compare(fix, best) > 0 if own else compare(fix, best) < 0):
            best = fix
    return True, best


def slow_cleared(installed: str, range: Range, fixes: list[str], compare: Any) -> bool:
    later = [fix for fix in fixes if range.introduced is None or compare(range.introduced, fix) < 0]
    if any(compare(installed, fix) == 0 for fix in later):
        return True
    own = [fix for fix in fixes if minor_stream(fix) is not None and minor_stream(fix) == minor_stream(installed)]
    if own:
        highest = own[0]
        for fix in own:
            if compare(fix, highest) > 0:
                highest = fix
        if highest in later and compare(installed, highest) >= 0:
            return True
    return range.fixed is None and bool(later) and all(compare(installed, fix) >= 0 for fix in later)


def minor_stream(version: str) -> str | None:
    tags = re.findall(r"\.el[0-9]+_[0-9]+", version)
    return tags[-1] if tags else None


# ---- real hosts ----


def query_format_lines(scan: Path) -> str:
    """A host of ``inventories/hosts`` as ``rpm -qa`` with the recommended query format would have listed it.

    The scan keeps no vendor, and source packages with an epoch that a source rpm's name cannot show.
    """
    host = json.loads(scan.read_text())
    built_from = {
        binary: f"{source['name']}-{source['version'].rpartition(':')[2]}.src.rpm"
        for source in host["SrcPackages"].values()
        for binary in source["binaryNames"]
    }
    family = {"alma": "almalinux", "redhat": "rhel"}.get(host["family"], host["family"])
    lines = [f"# os-release ID={family} VERSION_ID={host['release']}", f"# uname -r {host['runningKernel']['release']}"]
    for package in host["packages"].values():
        epoch, _, version = package["version"].rpartition(":")
        columns = (
            package["name"],
            epoch or "(none)",
            version,
            package["release"],
            package["arch"],
            built_from.get(package["name"], "(none)"),
            "(none)",
            package["modularitylabel"] or "(none)",
        )
        lines.append("\t".join(columns))
    return "\n".join(lines) + "\n"
