"""The tables of facts: every row parses, is there once and names its source; none is read before it is used."""

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from advisories_tables import facts
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import LIBRARY, SRC

from advisories.distros.archives import archive_of, channel_shown
from advisories.distros.components import component_of, components_of, enabled_components
from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.distros.kernels import kernel_words, own_line
from advisories.distros.lifecycle import support_of, support_table
from advisories.distros.vendors import (
    _with_codenames,
    own_maintainers,
    rebuild_suffixes,
    third_party_maintainers,
    third_party_repositories,
    third_party_versions,
    third_party_words,
    vendors_of,
)
from advisories.models.distribution import CHANNELS, FAMILIES, Distribution, codenames_of, filed_under, normalised
from advisories.models.facts import rows_of

#: Each table of the package, and how many of its columns make a row what it is.
TABLES = {
    "distros/archives.tsv": 3,
    "distros/channels.tsv": 3,
    "distros/components.tsv": 2,
    "distros/dist_tags.tsv": 4,
    "distros/fix_states.tsv": 2,
    "distros/kernel_lines.tsv": 2,
    "distros/kernels.tsv": 3,
    "distros/lines.tsv": 6,
    "distros/links.tsv": 1,
    "distros/maintainers.tsv": 2,
    "distros/rebuilds.tsv": 2,
    "distros/release_packages.tsv": 4,
    "distros/signed_sources.tsv": 3,
    "distros/support.tsv": 2,
    "distros/third_parties.tsv": 4,
    "distros/third_party_repositories.tsv": 2,
    "distros/vendors.tsv": 2,
    "fetch/publishers.tsv": 1,
    "models/codenames.tsv": 2,
}


def grouped(words: Sequence[str]) -> bool:
    """Whether equal words stand together."""
    return len(set(words)) == 1 + sum(one != other for one, other in pairwise(words))


def test_all_tables_are_here() -> None:
    package = SRC / "advisories"
    assert sorted(TABLES) == sorted(path.relative_to(package).as_posix() for path in package.rglob("*.tsv"))


@pytest.mark.parametrize("table", TABLES)
def test_rows(table: str) -> None:
    lines = (SRC / "advisories" / table).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert not [line for line in lines if any(cell != cell.strip() for cell in line.split("\t"))]
    rows = facts(table)
    assert len(rows) == len(lines) - 1
    assert {len(row) for row in rows} == {lines[0].count("\t") + 1}
    assert all(row[-1] for row in rows), "every fact has its source"
    keys = [row[: TABLES[table]] for row in rows]
    assert len(keys) == len(set(keys)), "every fact is there once"
    assert grouped([key[0] for key in keys]) or len(keys[0]) == 1


def test_another_header_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"third_parties.tsv has the columns \('type', 'shown_by', "):
        rows_of("advisories.distros", "third_parties.tsv", ("host",))


def test_support() -> None:
    rows = facts("distros/support.tsv")
    assert len(support_table()) == len(rows)
    for id, release, standard, extended, by, _ in rows:
        # A release stands as hosts' are looked up.
        assert FAMILIES[id].release(release) == release
        assert bool(extended) is bool(by)
        assert not extended or date.fromisoformat(extended) > date.fromisoformat(standard)


def test_components() -> None:
    for id, name, shown, enabled, _ in facts("distros/components.tsv"):
        assert enabled in ("yes", "no", "standard", "extended", "from 3.3")
        assert [component_of(id, word) for word in shown.split()] == [name] * len(shown.split()) or id == "amzn"
        assert any(component.name == name for component in components_of(id))
    assert component_of("amzn", "amazon-linux-2") == component_of("amzn", "amzn2-core") == "core"
    assert component_of("amzn", "amazonlinux") == component_of("amzn", "amazon-linux-2023") == "core"
    assert component_of("amzn", "amazon-linux-2---kernel-5.10") == component_of("amzn", "amzn2extra-kernel-5.10")
    assert component_of("ubuntu", "jammy-updates/main") is None
    releases = {
        "3.2": ("main",),
        "3.3": ("main", "community"),
        "3.20": ("main", "community"),
        "edge": ("main", "community"),
    }
    for release, enabled in releases.items():
        assert enabled_components(Distribution("alpine", release), None) == enabled


def test_channels_and_archives() -> None:
    for id, name, address, channel, _ in facts("distros/channels.tsv"):
        assert channel in CHANNELS[id]
        assert bool(name) is not bool(address)
        assert channel_shown(id, "nothing", "http://nowhere.example/") is None
        assert re.compile(name or address)
    for type, id, address, _ in facts("distros/archives.tsv"):
        assert not id or FAMILIES[id].type == type
        assert re.compile(address).groups <= 1
        assert archive_of(type, "http://nowhere.example/") is None


def test_what_is_made_next_has_no_dates_of_a_release() -> None:
    for release in ("edge", "3.22.0_alpha20250108", "3.17_alpha20220715"):
        assert support_of(Distribution("alpine", release)) is None
    assert support_of(Distribution("alpine", "3.22.1")) == support_table()["alpine", "3.22"]
    for id in ("fedora", "eln"):
        assert support_of(Distribution(id, "rawhide")) is None
    assert support_of(Distribution("centos-stream", "8")) != support_of(Distribution("centos", "8"))
    assert support_of(Distribution("debian", "testing")) is None


def test_codenames() -> None:
    for id, codename, release, _ in facts("models/codenames.tsv"):
        assert FAMILIES[id].codenames == id
        assert codename == codename.lower()
        assert codenames_of(id)[codename] == release
        assert normalised(id, codename.title()) == filed_under(normalised(id, release))
    assert codenames_of("raspbian") == codenames_of("debian")
    assert not codenames_of("almalinux")
    assert not codenames_of("nobody")
    for family in FAMILIES.values():
        assert not family.codenames or codenames_of(family.codenames)


def test_vendors() -> None:
    for id, begins, source in facts("distros/vendors.tsv"):
        assert FAMILIES[id].type in ("rpm", "deb")
        assert begins == begins.casefold()
        assert begins in vendors_of(id)
        assert source.partition(": ")[2].casefold().startswith(begins), (
            "a source quotes the text that the row stands for"
        )
        assert source.startswith("Vendor" if FAMILIES[id].type == "rpm" else "Origin")


def test_maintainers() -> None:
    for id, domain, _ in facts("distros/maintainers.tsv"):
        assert FAMILIES[id].type == "deb"
        assert domain == domain.lower()
        assert domain in own_maintainers(id)
        # Docker's packages are its own in its hardened images alone.
        assert id == "dhi-debian" or not any(one.endswith(domain) for one in third_party_maintainers())


def test_third_parties() -> None:
    rows = facts("distros/third_parties.tsv")
    assert {(type, shown_by) for type, shown_by, *_ in rows} == {
        *(("deb", "version"), ("deb", "maintainer"), ("rpm", "version"), ("rpm", "repository"))
    }
    for type, shown_by, text, words, source in rows:
        assert bool(words) == (shown_by == "version")
        if shown_by == "version":
            example = source.split(" ")[-1]
            assert re.search(_with_codenames(text), example), f"{text} shows the version of its source"
            assert third_party_words(type).search(example)
            assert third_party_versions(type).search(example)
    maintainers = [text for _, shown_by, text, *_ in rows if shown_by == "maintainer"]
    assert maintainers == sorted(text.lower() for text in maintainers)
    assert third_party_maintainers() == set(maintainers)
    assert third_party_versions("apk").search("1.2-r0") is None


def test_no_version_of_a_distribution_shows_a_third_party() -> None:
    """Versions as the archives of Debian and Ubuntu have them, and releases as those of rpm distributions."""
    debs = (
        *("1.22.1-9+deb12u1", "7.88.1-10+deb12u12", "2.0.1-7+squeeze1", "0.97.8+dfsg-1~squeeze1", "6.0squeeze7"),
        *("1.8.5p2-1~bpo60+1", "2.58.4-1~bpo12+1", "17.0.11+9-1~deb12u1", "1:14.0.6-12", "5.10.1-17squeeze5"),
        *("1:5.1.6~rc2-0ubuntu1~xenial10", "3.13.0-100.147~precise1", "2:1.18.3-1ubuntu2.3~trusty4"),
        *("1:20151110.1-0xenial1", "1.7.7-0ubuntu0.15.04.1~ppa1", "1.3.2-1.1~build1", "0.12.21-10~build0.18.04.1"),
        *("2.74.1+ubuntu26.04.4", "1.13-2~ubuntu18.04", "0.7.5-5ubuntu27.13", "246.10-1debian1", "0.18.debian13"),
        *(
            "8.1~debian1-3",
            "1.3~build1",
            "3.3-1ubuntu22.04",
            "126.0+build2-0ubuntu0.20.04.1",
            "8.0.36-0ubuntu0.22.04.1",
            "1.1.0.125.gf243826-4",
        ),
        *("1.52.1+nmu1", "1.0+git20130406.adcd75b-3+rpi1", "2:4.17.12+dfsg-0+deb12u1", "1.51.1~22.04.1+1.2-3ubuntu0.1"),
    )
    assert not [version for version in debs if third_party_versions("deb").search(version)]
    rpms = (
        *("7.61.1-34.el8", "1.14.1-1.module_el8.5.0+2604+960c7771", "3.6.8-1.amzn2.0.1", "2.28-236.el8_9.12"),
        *("3.6-150600.3.3.1", "1:1.23.4-1.module_f38+16434+0e18d518", "1.24.4-5.rhaos4.11.git57d7127.el8"),
        *("20.10.9_ce-98.72.1", "4.18.0-80.el8.centos", "5.14.0-1.pm"),
    )
    assert not [version for version in rpms if third_party_versions("rpm").search(version)]


@settings(max_examples=examples(60))
@given(st.data())
def test_no_word_is_missed(data: st.DataObject) -> None:
    """What shows a third party has one of the words, and what shows a rebuild has its mark, which come first."""
    rows = [(type, text) for type, kind, text, *_ in facts("distros/third_parties.tsv") if kind == "version"]
    type, text = data.draw(st.sampled_from(rows))
    words, shows = third_party_words(type), third_party_versions(type)
    version = data.draw(st.from_regex(re.compile(_with_codenames(text), re.ASCII)))
    assert shows.search(version)
    assert words.search(version)
    _, mark, suffix = data.draw(st.sampled_from([*rebuild_suffixes("debian"), *rebuild_suffixes("ubuntu")]))
    assert mark in data.draw(st.from_regex(suffix))


@pytest.mark.parametrize(
    ("repository", "is_theirs"),
    [
        *(
            (name, True)
            for name in ("epel", "epel-testing", "ol8_developer_EPEL", "remi", "remi-safe", "elrepo-kernel")
        ),
        *((name, True) for name in ("rpmfusion-free-updates", "pgdg16", "docker-ce-stable", "nodesource-nodejs")),
        *((name, True) for name in ("mysql80-community", "nginx-stable", "mariadb", "google-chrome", "hashicorp")),
        *((name, False) for name in ("baseos", "rhel-9-for-x86_64-appstream-rpms", "ol9_UEKR7", "amzn2extra-docker")),
        *((name, False) for name in ("updates", "mariner-official-base", "rhel-epel", "remixed", "System")),
    ],
)
def test_repositories(repository: str, is_theirs: bool) -> None:
    assert (third_party_repositories("rpm").match(repository) is not None) is is_theirs


def test_rebuilds() -> None:
    for judged_by, builder, mark, suffix, source in facts("distros/rebuilds.tsv"):
        assert FAMILIES[judged_by].type == "deb"
        assert (builder, mark, re.compile(suffix, re.ASCII)) in rebuild_suffixes(judged_by)
        for example in source.partition(": ")[2].split(", "):
            found = re.search(suffix, example)
            assert found is not None, f"{suffix} is in the version of its source"
            assert mark in found[0]
    assert rebuild_suffixes("almalinux") == ()


def test_kernels() -> None:
    for group, kind, word, _ in facts("distros/kernels.tsv"):
        assert group in ("rpm", "amazon", "suse", "photon", "deb", "apk")
        assert kind in ("flavour", "part", "line", "metapackage", "metapackage part")
        assert word in kernel_words(group, kind)


def test_kernel_lines() -> None:
    for id, release, line, _ in facts("distros/kernel_lines.tsv"):
        assert FAMILIES[id].release(release) == release
        assert own_line(Distribution(id, release)) == line
    assert own_line(Distribution("debian", "sid")) is None


def test_fix_states() -> None:
    rows = facts("distros/fix_states.tsv")
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=list(Vocabulary).index)
    assert {row[0] for row in rows} == set(Vocabulary)
    for vocabulary, word, state, _ in rows:
        assert fix_states(Vocabulary(vocabulary))[word].value == state


def test_import_reads_no_table(tmp_path: Path) -> None:
    program = (
        "import sys, pkgutil; opened = [];"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])));"
        "import advisories, advisories.distros.kernels, advisories.distros.lifecycle, advisories.cli.entry;"
        "assert not [path for path in opened if path.endswith('.tsv')], opened;"
        "advisories.distros.kernels.side_by_side_rpms();"
        "assert [path for path in opened if path.endswith('.tsv')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env={"PYTHONPATH": str(LIBRARY)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
