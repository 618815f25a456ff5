"""Trivy on a list of packages: ``trivy sbom --offline-scan`` of a CycloneDX document that has the list.

Its database is compiled by its makers' own ``trivy-db``, of the published facts in the form that it reads: AlmaLinux's
errata, and the parts of Debian's tracker.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from accuracy.facts import Fact, Facts
from accuracy.lists import Installed
from accuracy.places import Place

__all__ = [
    "System",
    "alma",
    "compiled",
    "debian",
    "errata",
    "found_by_trivy",
    "notices",
    "prepared",
    "program",
    "version",
    "vulnerabilities_of",
    "write_sbom",
]


class System(NamedTuple):
    """A release, in Trivy's words.

    :ivar name: of the distribution, in package URLs too.
    :ivar type: of its package URLs.
    :ivar codename: by which the distribution's own files name it. Empty where they do not.
    """

    name: str
    type: str
    release: str
    codename: str = ""


def alma(release: str) -> System:
    """A release of AlmaLinux."""
    return System("alma", "rpm", release)


def debian(release: str, codename: str) -> System:
    """A release of Debian."""
    return System("debian", "deb", release, codename)


_METADATA: Final = {"Version": 2, "NextUpdate": "2099-01-01T00:00:00Z", "UpdatedAt": "2099-01-01T00:00:00Z"}


def program() -> str | None:
    """The command: that of the variable ``TRIVY``, or of the path. None where it or ``trivy-db`` (``TRIVY_DB``) is
    missing.
    """
    return shutil.which(os.environ.get("TRIVY") or "trivy") if _compiler() is not None else None


def _compiler() -> str | None:
    return shutil.which(os.environ.get("TRIVY_DB") or "trivy-db")


@cache
def version() -> str | None:
    """Of the command, or where ``go install`` built it that of its module. None where there is none."""
    if (command := program()) is None:
        return None
    printed = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if printed == "dev" and shutil.which("go") is not None:
        built = subprocess.run(["go", "version", "-m", command], capture_output=True, text=True, check=True).stdout
        printed = next(line.split()[2] for line in built.splitlines() if line.split()[:1] == ["mod"])
    return printed.removeprefix("v")


def compiled(cache: Path, facts: Facts, system: System) -> None:
    """Compile the database of a release into a folder."""
    compiler = _compiler()
    assert compiler is not None
    for name, content in _documents(facts, system):
        file = cache / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), "utf-8")
    only = ["--only-update", system.name]
    build = [compiler, "build", "--cache-dir", str(cache), *only, "--output-dir", str(cache / "db")]
    subprocess.run(build, check=True, capture_output=True)
    (cache / "db" / "metadata.json").write_text(json.dumps(_METADATA), "utf-8")


def _documents(facts: Facts, system: System) -> Iterator[tuple[str, Any]]:
    """The files of which ``trivy-db`` compiles, by their names."""
    if system.name == "alma":
        for number, erratum in enumerate(errata(facts)):
            yield f"vuln-list/{system.name}/{system.release}/errata/{number:06}.json", erratum
        return
    tracker = "vuln-list-debian/tracker"
    yield f"{tracker}/distributions.json", {system.codename: {"major-version": system.release}}
    # It wants each of the folders.
    for folder in ("source", "updates-source", "CVE"):
        yield f"{tracker}/{folder}/none.json", {}
    for kind in ("DSA", "DLA"):
        yield f"{tracker}/{kind}/none.json", {}
    for notice in notices(facts, system):
        id = notice["Header"]["ID"]
        yield f"{tracker}/{id[:3]}/{id}.json", notice


def errata(facts: Facts) -> Iterator[dict[str, Any]]:
    """An erratum for each advisory, in the order of their ids: of two fixes of one CVE the database keeps the last."""
    for id, same in _by_advisory(facts):
        yield {
            "updateinfo_id": id,
            "references": [{"type": "cve", "id": one, "href": one} for one in same[0].ids],
            "pkglist": {"packages": [_package(one.package, one.fixed or "") for one in same]},
        }


def _by_advisory(facts: Facts) -> list[tuple[str, list[Fact]]]:
    found: dict[str, list[Fact]] = {}
    for fact in chain.from_iterable(facts.by_package.values()):
        found.setdefault(fact.advisory, []).append(fact)
    return sorted(found.items())


def _package(name: str, fixed: str) -> dict[str, str]:
    epoch, _, rest = fixed.rpartition(":")
    number, _, release = rest.rpartition("-")
    return {"name": name, "epoch": epoch or "0", "version": number, "release": release, "arch": "x86_64"}


def notices(facts: Facts, system: System) -> Iterator[dict[str, Any]]:
    """A DSA or DLA each: the vulnerabilities that it is about, and the packages with their fixes."""
    for id, same in _by_advisory(facts):
        about = {"Type": "xref", "Bugs": [one for one in same[0].ids if one != id]}
        packages = [
            {
                "Type": "package",
                "Release": system.codename,
                "Package": one.package,
                "Kind": "fixed",
                "Version": one.fixed,
            }
            for one in same
            if one.fixed is not None
        ]
        yield {"Header": {"ID": id}, "Annotations": [about, *packages]}


def write_sbom(path: Path, installed: Sequence[Installed], system: System) -> None:
    """A CycloneDX document of a list. A package's reference is its place in the list."""
    components: list[dict[str, Any]] = [
        {"type": "operating-system", "bom-ref": "system", "name": system.name, "version": system.release}
    ]
    for number, one in enumerate(installed):
        epoch, _, rest = one.version.rpartition(":")
        qualifiers = f"arch={one.arch}&distro={system.name}-{system.release}" + (f"&epoch={epoch}" if epoch else "")
        purl = f"pkg:{system.type}/{system.name}/{quote(one.name, safe='')}@{quote(rest, safe='')}?{qualifiers}"
        component = {"type": "library", "bom-ref": str(number), "purl": purl, "name": one.name, "version": one.version}
        if system.type == "deb":
            of = {"SrcName": one.source, "SrcVersion": one.source_version}
            component["properties"] = [{"name": f"aquasecurity:trivy:{name}", "value": of[name]} for name in of]
        components.append(component)
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    path.write_text(json.dumps(head | {"components": components}), "utf-8")


def prepared(folder: Path, cache: Path) -> list[str]:
    """The command for the document ``sbom.cdx.json`` in a folder, with the database in another one."""
    command = program()
    assert command is not None
    offline = ["--skip-db-update", "--skip-version-check", "--offline-scan"]
    scan = [command, "sbom", str(folder / "sbom.cdx.json"), "--cache-dir", str(cache), *offline]
    return [*scan, "--scanners", "vuln", "--format", "json", "--quiet"]


def found_by_trivy(cache: Path, installed: Sequence[Installed], system: System) -> set[Place]:
    """Packages and vulnerabilities.

    :param cache: of :func:`compiled`.
    """
    with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
        folder = Path(scratch)
        write_sbom(folder / "sbom.cdx.json", installed, system)
        done = subprocess.run(prepared(folder, cache), capture_output=True, text=True, check=True)
    return {
        Place(*installed[int(found["PkgIdentifier"]["BOMRef"])][:3], found["VulnerabilityID"])
        for found in vulnerabilities_of(json.loads(done.stdout))
    }


def vulnerabilities_of(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All vulnerabilities of a report."""
    for result in report.get("Results") or ():
        yield from result.get("Vulnerabilities") or ()
