"""Package URLs that are written: right for each family, as the library of the specification writes them, and read back
as the package they were written of.
"""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from advisories_reference import deb, rpm
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_table import ARCHIVES, read
from packageurl import PackageURL

from advisories.distros.package_urls import package_url
from advisories.models import SCHEME_OF_TYPE, Distribution, Inventory, Module, Package, State
from advisories.models.distribution import normalised
from advisories.readers import inventories
from advisories.readers.purls import distributions_of, package_of

Unpack = Callable[[str], Path]

ALMA, DEBIAN, ALPINE = Distribution("almalinux", "9.4"), Distribution("debian", "12"), Distribution("alpine", "3.19")
OWN = {"source_name": "bash", "source_version": "1-1"}

#: A package, its release, and its package URL.
FAMILIES = {
    "an epoch is a qualifier of rpm": (
        rpm("bind", "32:9.16-1.el9"),
        ALMA,
        "pkg:rpm/almalinux/bind@9.16-1.el9?arch=x86_64&distro=almalinux-9.4&epoch=32",
    ),
    "an epoch of 0 is not written": (rpm("a", "0:1-1"), None, "pkg:rpm/a@1-1?arch=x86_64"),
    "an epoch that is not known is not written": (
        rpm("a", "7:1-1", epoch_known=False),
        None,
        "pkg:rpm/a@1-1?arch=x86_64",
    ),
    "a source rpm is named as its file, which shows no epoch": (
        rpm("bind-libs", "32:9.16-1.el9", source_name="bind", source_version="32:9.16-1.el9"),
        None,
        "pkg:rpm/bind-libs@9.16-1.el9?arch=x86_64&epoch=32&upstream=bind-9.16-1.el9.src.rpm",
    ),
    "a module stream": (
        rpm("nodejs", "1:20.9-1.module_el9", module=Module.of("nodejs:20")),
        ALMA,
        "pkg:rpm/almalinux/nodejs@20.9-1.module_el9?arch=x86_64&distro=almalinux-9.4&epoch=1&rpmmod=nodejs:20",
    ),
    "an epoch of deb is in the version": (
        deb("bash", "1:5.2~rc1+b2-1"),
        DEBIAN,
        "pkg:deb/debian/bash@1:5.2~rc1%2Bb2-1?arch=amd64&distro=debian-12",
    ),
    "a source of the same name and version is not written": (
        deb("bash", "1-1", **OWN),
        None,
        "pkg:deb/bash@1-1?arch=amd64",
    ),
    "a source of another name": (
        deb("libc6", "2.36-9", source_name="glibc", source_version="2.36-9"),
        None,
        "pkg:deb/libc6@2.36-9?arch=amd64&upstream=glibc",
    ),
    "a source of another version": (
        deb("bash", "1-1+b1", **OWN),
        None,
        "pkg:deb/bash@1-1%2Bb1?arch=amd64&upstream=bash%401-1",
    ),
    "apk": (
        Package("apk", "libstdc++", "13.2-r0", "x86_64", source_name="gcc", source_version="13.2-r0"),
        ALPINE,
        "pkg:apk/alpine/libstdc%2B%2B@13.2-r0?arch=x86_64&distro=alpine-3.19&upstream=gcc",
    ),
    "apk has no upper case": (Package("apk", "R", "4-r0", "x86_64"), None, "pkg:apk/r@4-r0?arch=x86_64"),
    "pypi has neither upper case nor underscores, and no release": (
        Package("pypi", "Flask_SQLAlchemy", "3.1+local"),
        DEBIAN,
        "pkg:pypi/flask-sqlalchemy@3.1%2Blocal",
    ),
    "npm has a scope": (Package("npm", "@babel/Core", "7.0.0"), DEBIAN, "pkg:npm/%40babel/core@7.0.0"),
    "the path of a module of Go": (
        Package("golang", "github.com/blang/semver/v4", "v4.0.0+incompatible"),
        DEBIAN,
        "pkg:golang/github.com/blang/semver/v4@v4.0.0%2Bincompatible",
    ),
    "maven has a group": (Package("maven", "org.a:b", "1.0"), None, "pkg:maven/org.a/b@1.0"),
    "cargo": (Package("cargo", "serde_v8", "0.1.0"), None, "pkg:cargo/serde_v8@0.1.0"),
    "a release that moves on is not written": (
        deb("bash", "1-1"),
        Distribution("debian", "rolling"),
        "pkg:deb/debian/bash@1-1?arch=amd64&distro=debian",
    ),
    "a package that was removed has no version": (deb("bash", ""), None, "pkg:deb/bash?arch=amd64"),
}

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def canonical(text: str) -> str:
    """As the library writes it. It writes the escapes of some types in lower case, which RFC 3986 advises against."""
    return _ESCAPE.sub(lambda match: match[0].upper(), PackageURL.from_string(text).to_string())


@pytest.mark.parametrize("case", FAMILIES)
def test_each_family(case: str) -> None:
    package, distribution, expected = FAMILIES[case]
    text = package_url(package, distribution)
    assert text == expected
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("id", "namespace"),
    [
        *(("rhel", "redhat"), ("ol", "oracle"), ("amzn", "amazon"), ("sles", "suse"), ("opensuse-leap", "opensuse")),
        *((id, id) for id in ("almalinux", "rocky", "centos", "fedora", "photon", "debian", "ubuntu", "alpine")),
    ],
)
def test_namespaces_are_read_as_the_distribution(id: str, namespace: str) -> None:
    type = {"debian": "deb", "ubuntu": "deb", "alpine": "apk"}.get(id, "rpm")
    text = package_url(Package(type, "a", "1-1", "x86_64"), Distribution(id, "15.4"))
    assert text.startswith(f"pkg:{type}/{namespace}/a@1-1?")
    assert distributions_of([text]) == {normalised(id, "15.4")}


#: What names and versions are made of, and what a damaged list may have there.
_SIGNS = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/")
_TEXT = st.text(_SIGNS, min_size=1, max_size=8)


@settings(max_examples=examples(300))
@given(
    st.builds(
        Package,
        st.sampled_from(sorted(SCHEME_OF_TYPE)),
        _TEXT,
        _TEXT,
        st.none() | _TEXT,
        source_name=st.none() | _TEXT,
        source_version=st.none() | _TEXT,
        module=st.builds(Module.of, _TEXT),
    ),
    st.sampled_from([None, ALMA, DEBIAN, Distribution("opensuse-tumbleweed", None)]),
)
def test_any_text_is_written_as_the_library_writes_it(package: Package, distribution: Distribution | None) -> None:
    text = package_url(package, distribution)
    assert canonical(text) == text
    assert text.isascii()


@given(st.text(min_size=1, max_size=6))
def test_no_name_breaks_it(name: str) -> None:
    text = package_url(Package("deb", name, name, name, source_name=name, source_version="1"), None)
    assert text.isascii()
    assert text.isprintable()
    assert not set(' "<>\\') & set(text)


# ---- real lists ----

#: Of a larger list every so many packages are looked at: all of Debian's archive takes as long as all others together.
_LARGE, _STEP = 20_000, 8


@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_package_of_real_lists(unpacked: Unpack, archive: str) -> None:
    """Each package URL is canonical, and our reader makes the same package of it. The lists of them too, sources and
    all.
    """
    seen: set[str] = set()
    for _, inventory in read(archive, unpacked(f"inventories/{archive}")):
        if inventory is None:
            continue
        packages = inventory.packages[:: _STEP if len(inventory.packages) > _LARGE else 1]
        written = {package_url(one, inventory.distribution): one for one in packages if one.state is State.INSTALLED}
        for text, package in written.items():
            if text in seen:
                continue
            seen.add(text)
            assert canonical(text) == text
            found = package_of(text)
            assert (found.type, found.name, found.arch) == (package.type, name_of(package), package.arch)
            assert found.version == (package.version if package.epoch_known else package.version.rpartition(":")[2])
            assert found.module == package.module or not package.module.known
        if written:
            same_sources(inventory, written)
    assert seen


def name_of(package: Package) -> str:
    return package.name.lower() if package.type in ("apk", "npm", "pypi") else package.name


def same_sources(inventory: Inventory, written: dict[str, Package]) -> None:
    """The list of package URLs gives the same sources as the list, wherever any package has another source."""
    again = inventories.read_stream(BytesIO("\n".join(written).encode()))
    assert len(again.packages) == len(written)
    known = {one.type for one in written.values() if one.source_name not in (None, one.name)}
    for found, package in zip(again.packages, written.values(), strict=True):
        if package.type in known and package.source_name is not None and package.source_version is not None:
            assert found.source_name == package.source_name
            if package.type == "rpm":  # the file name of a source rpm has no epoch
                found = evolve(found, source_version=(found.source_version or "").rpartition(":")[2])
                package = evolve(package, source_version=package.source_version.rpartition(":")[2])
            assert found.source_version == package.source_version
