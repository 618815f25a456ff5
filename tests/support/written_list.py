"""A made list that has something of everything, written in each format and read back.

Run as a program, it writes the golden files. Its rows are a table of the page *Package lists*.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from unittest.mock import patch

from places import GOLDEN

from advisories.distros.identity import identified
from advisories.models import (
    UNKNOWN_MODULE,
    Assumption,
    Distribution,
    Extent,
    Image,
    Inventory,
    Layer,
    Module,
    Package,
    ReadReport,
    Rejection,
    Removed,
    Setup,
    SetupKind,
    State,
)
from advisories.models.frozen import names_of
from advisories.readers import inventories
from advisories.reports import formats, render
from advisories.reports.inventory import ListReport

__all__ = ["LOSSLESS", "READ_BACK", "golden", "reread", "rows", "same", "whole_list", "written"]

#: The formats that programs read, and so do our own readers.
READ_BACK: Final = tuple(format for format in formats("list") if format != "text")
#: Those that lose nothing.
LOSSLESS: Final = tuple(format for format in READ_BACK if format != "purls")
_BASE = Layer(f"sha256:{'1' * 64}", "/bin/sh -c #(nop) ADD file:0f1e in / ")
_UPDATE = Layer(f"sha256:{'2' * 64}", None)
_DAY = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def whole_list() -> Inventory:
    """Packages of every kind, of an image, with something rejected and skipped when it was read."""
    packages = (
        Package(
            "rpm",
            "bash",
            "5.1.8-9.el9",
            "x86_64",
            source_name="bash",
            source_version="5.1.8-9.el9",
            source_epoch_known=False,
            vendor="AlmaLinux",
            locations=("/usr/bin/bash", "/usr/bin/with, comma"),
            installed_at=_DAY,
            layer=_BASE,
        ),
        Package(
            "rpm",
            "openssl-libs",
            "1:3.0.7-27.el9",
            "x86_64",
            source_name="openssl",
            source_version="1:3.0.7-27.el9",
            vendor="AlmaLinux",
            repository="baseos",
            layer=_UPDATE,
        ),
        Package("rpm", "nodejs", "1:18-1.module_el9.2.0+3+a", "x86_64", module=Module.of("nodejs:18"), layer=_UPDATE),
        Package("rpm", "npm", "1:8-1.module_el9.2.0+3+a", "x86_64", module=UNKNOWN_MODULE, layer=_UPDATE),
        Package("rpm", "unknown-epoch", "2-1.el9", "noarch", epoch_known=False, vendor="Somebody Else, Inc."),
        Package("rpm", "zero-epoch", "0:2-1.el9", None, doubts=frozenset({Assumption.NOT_IN_ARCHIVE})),
        Package("rpm", "gpg-pubkey", "8d50eb2d-5d0c4f2b", None, state=State.PSEUDO),
        Package(
            "deb", "libc6", "2.36-9", "amd64", source_name="glibc", source_version="2.36-9", maintainer="A <a@b.c>"
        ),
        Package("deb", "gone", "1:1-1", "amd64", source_name="gone", source_version="1-1", state=State.CONFIG_FILES),
        Package("deb", "half", "1-1", "amd64", source_name="half", state=State.HALF_INSTALLED),
        Package("deb", "never", "", "amd64", state=State.NOT_INSTALLED),
        Package("apk", "musl", "1.2.4-r2", "x86_64", source_name="musl", source_version="1.2.4-r2"),
        Package("pypi", "Zope.Interface", "6.0", location="/a/METADATA", locations=("/a/METADATA",)),
        Package("pypi", "Zope.Interface", "6.0", location="/b/METADATA", locations=("/b/METADATA",)),
    )
    gone = Package("rpm", "curl", "7.76-1.el9", "x86_64", vendor="AlmaLinux", layer=_BASE)
    rejections = (
        Rejection("host.txt", "line 7", "what?", "characters that cannot be printed"),
        Rejection("layer", "-", "sha256:33", "a foreign layer", Extent.PART),
    )
    return Inventory(
        Distribution("almalinux", "9.2", frozenset({"extras"})),
        identified(packages),
        "5.14.0-284.el9.x86_64",
        "/srv/images/app.tar",
        "image",
        "etc/os-release",
        ReadReport(
            "app.tar",
            "image",
            len(packages) + 1,
            len(packages),
            rejections,
            (("an empty file", 2),),
            unread_types=("npm",),
        ),
        Image("registry.example/app:1", f"sha256:{'a' * 64}", f"sha256:{'b' * 64}", "linux/amd64", (("a", "b\nc"),)),
        tuple(Removed(one, Layer(f"sha256:{'3' * 64}", "rm")) for one in identified((gone,))),
        (
            Setup(SetupKind.STREAM, "nodejs:18", "nodejs:18", True, False, "etc/dnf/modules.d/nodejs.module", 1),
            Setup(SetupKind.OTHER, "http://x/y", "sid main", False, True, "etc/apt/sources.list", None),
        ),
        ("the release is almalinux 9.2, and nothing is of it",),
    )


def written(inventory: Inventory, format: str) -> str:
    """The list in a format."""
    return "".join(f"{line}\n" for line in render(ListReport(inventory, _DAY), format))


def reread(inventory: Inventory, format: str) -> Inventory:
    """The list as our reader has it after it was written in a format."""
    return inventories.read_stream(BytesIO(written(inventory, format).encode()))


def same(inventory: Inventory) -> dict[str, Any]:
    """All of a list but its file and its format: fields that nouns do not compare, too."""
    report = inventory.report
    assert report is not None
    return {
        "packages": [tuple(getattr(one, name) for name in names_of(Package)) for one in inventory.packages],
        "about": (inventory.distribution, inventory.distribution_source, inventory.running_kernel, inventory.image),
        "removed": inventory.removed,
        "set up": (inventory.setups, inventory.contradictions),
        "report": (report.read, report.kept, report.rejections, report.skips, report.unread_types),
    }


def golden() -> Iterator[tuple[str, str]]:
    """The names of the golden files, and what is in them, whatever version writes them."""
    with patch("importlib.metadata.version", return_value="0.1.0"):
        for format in formats("list"):
            yield f"list.{format}", written(whole_list(), format)


_FIELDS: Final[Mapping[str, Callable[[Package], object]]] = {
    "epoch": lambda package: (package.version, package.epoch_known),
    "architecture": lambda package: package.arch,
    "source": lambda package: package.source_name,
    "its version": lambda package: (package.source_version, package.source_epoch_known),
    "module": lambda package: package.module,
    "vendor": lambda package: (package.vendor, package.maintainer),
    "repository": lambda package: package.repository,
    "state": lambda package: package.state,
    "files": lambda package: (package.location, package.locations),
    "layer": lambda package: package.layer,
    "doubts": lambda package: package.doubts,
}
_WHOLES: Final[Mapping[str, Callable[[Inventory], object]]] = {
    "release, channels": lambda whole: (whole.distribution, whole.distribution_source),
    "running kernel": lambda whole: whole.running_kernel,
    "image": lambda whole: whole.image,
    "what is set up": lambda whole: (whole.setups, whole.contradictions),
    "rejected, skipped, unread": lambda whole: (
        whole.report and (whole.report.rejections, whole.report.skips, whole.report.unread_types)
    ),
}


def rows() -> Iterator[tuple[str, ...]]:
    """The head, then a row for each format, by what is read back."""
    yield "format", *_FIELDS, *_WHOLES
    whole = whole_list()
    for format in READ_BACK:
        back = reread(whole, format)
        there = whole.packages
        if len(back.packages) < len(there):  # those that are not installed are left out
            there = tuple(package for package in there if package.state.on_disk)
        pairs = list(zip(there, back.packages, strict=True))
        cells = [all(field(package) == field(other) for package, other in pairs) for field in _FIELDS.values()]
        cells += [field(whole) == field(back) for field in _WHOLES.values()]
        yield f"`{format}`", *("yes" if cell else "" for cell in cells)


if __name__ == "__main__":
    for name, text in golden():
        (GOLDEN / "reports" / name).write_text(text, encoding="utf-8")
