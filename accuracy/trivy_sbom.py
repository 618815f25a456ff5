"""Trivy on a list of rpm packages: ``trivy sbom --offline-scan`` of a CycloneDX document that has the list.

Its database is compiled by its makers' own ``trivy-db``, of the published OSV files in the form of AlmaLinux's errata,
which is what that reads.
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
from typing import Any, Final
from urllib.parse import quote

from accuracy.facts import Fact, Facts
from accuracy.lists import Installed
from accuracy.places import Place

__all__ = ["compiled", "errata", "found_by_trivy", "prepared", "program", "version", "vulnerabilities_of", "write_sbom"]

# Its own name of AlmaLinux, in package URLs too.
_NAME: Final = "alma"
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


def compiled(cache: Path, facts: Facts, release: str) -> None:
    """Compile the database of a release into a folder."""
    compiler = _compiler()
    assert compiler is not None
    for number, erratum in enumerate(errata(facts)):
        file = cache / "vuln-list" / _NAME / release / "errata" / f"{number:06}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(erratum), "utf-8")
    build = [compiler, "build", "--cache-dir", str(cache), "--only-update", _NAME, "--output-dir", str(cache / "db")]
    subprocess.run(build, check=True, capture_output=True)
    (cache / "db" / "metadata.json").write_text(json.dumps(_METADATA), "utf-8")


def errata(facts: Facts) -> Iterator[dict[str, Any]]:
    """An erratum for each advisory, in the order of their ids: of two fixes of one CVE the database keeps the last."""
    by_advisory: dict[str, list[Fact]] = {}
    for fact in chain.from_iterable(facts.by_package.values()):
        by_advisory.setdefault(fact.advisory, []).append(fact)
    for id, same in sorted(by_advisory.items()):
        yield {
            "updateinfo_id": id,
            "references": [{"type": "cve", "id": one, "href": one} for one in same[0].ids],
            "pkglist": {"packages": [_package(one.package, one.fixed or "") for one in same]},
        }


def _package(name: str, fixed: str) -> dict[str, str]:
    epoch, _, rest = fixed.rpartition(":")
    number, _, release = rest.rpartition("-")
    return {"name": name, "epoch": epoch or "0", "version": number, "release": release, "arch": "x86_64"}


def write_sbom(path: Path, installed: Sequence[Installed], release: str) -> None:
    """A CycloneDX document of a list. A package's reference is its place in the list."""
    components = [{"type": "operating-system", "bom-ref": "system", "name": _NAME, "version": release}]
    for number, one in enumerate(installed):
        epoch, _, rest = one.version.rpartition(":")
        qualifiers = f"arch={one.arch}&distro={_NAME}-{release}" + (f"&epoch={epoch}" if epoch else "")
        purl = f"pkg:rpm/{_NAME}/{quote(one.name, safe='')}@{quote(rest, safe='')}?{qualifiers}"
        reference = {"type": "library", "bom-ref": str(number), "purl": purl}
        components.append(reference | {"name": one.name, "version": one.version})
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    path.write_text(json.dumps(head | {"components": components}), "utf-8")


def prepared(folder: Path, cache: Path) -> list[str]:
    """The command for the document ``sbom.cdx.json`` in a folder, with the database in another one."""
    command = program()
    assert command is not None
    offline = ["--skip-db-update", "--skip-version-check", "--offline-scan"]
    scan = [command, "sbom", str(folder / "sbom.cdx.json"), "--cache-dir", str(cache), *offline]
    return [*scan, "--scanners", "vuln", "--format", "json", "--quiet"]


def found_by_trivy(cache: Path, installed: Sequence[Installed], release: str) -> set[Place]:
    """Packages and vulnerabilities.

    :param cache: of :func:`compiled`.
    """
    with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
        folder = Path(scratch)
        write_sbom(folder / "sbom.cdx.json", installed, release)
        done = subprocess.run(prepared(folder, cache), capture_output=True, text=True, check=True)
    return {
        Place(*installed[int(found["PkgIdentifier"]["BOMRef"])][:3], found["VulnerabilityID"])
        for found in vulnerabilities_of(json.loads(done.stdout))
    }


def vulnerabilities_of(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All vulnerabilities of a report."""
    for result in report.get("Results") or ():
        yield from result.get("Vulnerabilities") or ()
