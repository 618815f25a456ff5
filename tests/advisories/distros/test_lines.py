"""Channels, branches and lines: the table, and what a build or a record shows."""

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.distros.lines import (
    FLAVOURS,
    LINED,
    MAIN_LINE,
    branch_of,
    has_own_source,
    is_sole_channel,
    leaves,
    line_of,
    lines_of_record,
    may_hide_lines,
    names_of_line,
    opens,
    relations,
)
from advisories.models import Distribution, Names, Package
from advisories.models.distribution import ADDITIVE_CHANNELS, BRANCH_CHANNELS, CHANNELS, FAMILIES

AMAZON2, AMAZON2023, OL8 = Distribution("amzn", "2"), Distribution("amzn", "2023"), Distribution("ol", "8")
RHEL7, UBUNTU = Distribution("rhel", "7"), Distribution("ubuntu", "20.04")


def test_the_table_is_of_one_mind_with_the_nouns() -> None:
    """Every channel of a distribution is in the table, as what it is."""
    kinds = {(row.distribution, one): row.kind for row in relations() for one in row.channels if one != "*"}
    for id, channels in CHANNELS.items():
        for channel in channels:
            expected = "channel" if channel in ADDITIVE_CHANNELS else "branch" if channel in BRANCH_CHANNELS else "line"
            assert kinds[id, channel] == expected
    assert {row.line for row in relations() if row.distribution == "rpm" and row.kind == "line"} == set(FLAVOURS)
    ids = {row.distribution.partition(" ")[0] for row in relations() if row.kind == "line"} - {"rpm"}
    assert ids == LINED
    assert {row.kind for row in relations()} == {"channel", "branch", "line", "source"}
    assert {row.distribution.partition(" ")[0] for row in relations()} - {"rpm"} <= set(FAMILIES)
    for row in relations():
        assert row.names or row.versions or row.repositories or row.kind in ("channel", "branch")


@pytest.mark.parametrize(
    ("distribution", "name", "version", "repository", "line"),
    [
        (OL8, "kernel-uek", "3.8.13-118.20.1.el7uek", None, "UEKR3"),
        (OL8, "kernel-uek", "4.1.12-124.48.6.el7uek", None, "UEKR4"),
        (OL8, "kernel-uek-devel", "4.14.35-2047.500.9.el7uek", None, "UEKR5"),
        (OL8, "kernel-uek", "5.4.17-2136.320.1.el8uek", None, "UEKR6"),
        (OL8, "bpftool", "5.15.0-204.147.6.2.el9uek", None, "UEKR7"),
        (OL8, "kernel-uek-core", "6.12.0-1.23.3.2.el9uek", None, "UEKR8"),
        (OL8, "kernel-uek", "7.1.0-1.el10uek", None, "UEK 7.1.0"),
        (OL8, "bpftool", "4.18.0-553.el8_10", None, MAIN_LINE),
        (AMAZON2, "kernel", "4.14.355-277.647.amzn2", None, MAIN_LINE),
        (AMAZON2, "kernel-tools", "5.4.250-166.369.amzn2", None, "kernel-5.4"),
        (AMAZON2, "kernel", "5.15.100-60.1.amzn2", "amzn2extra-kernel-5.10", "kernel-5.15"),  # the version decides
        (AMAZON2, "kernel-livepatch-5.10.205-195.804", "1.0-1.amzn2", None, "livepatch"),
        (AMAZON2, "runc", "1.1.7-4.amzn2", None, None),
        (AMAZON2, "runc", "1.1.7-4.amzn2", "@amzn2extra-docker", "docker"),
        (AMAZON2, "runc", "1.1.7-4.amzn2", "amzn2extra-docker/2/x86_64", "docker"),
        (AMAZON2, "runc", "1.1.7-4.amzn2", "amzn2-core", MAIN_LINE),
        (AMAZON2, "runc", "1.1.7-4.amzn2", "installed", None),
        (AMAZON2, "runc", "1.1.7-4.amzn2", "amzn2-core,amzn2extra-docker", None),  # two lines claim it
        (AMAZON2023, "kernel", "6.1.134-152.225.amzn2023", None, "kernel-6.1"),
        (AMAZON2023, "kernel6.12", "6.12.20-23.97.amzn2023", None, "kernel-6.12"),
        (AMAZON2023, "bash", "5.2.15-1.amzn2023.0.2", "amazonlinux", MAIN_LINE),
        (RHEL7, "kernel", "4.14.0-115.29.1.el7a", None, "kernel-alt"),
        (RHEL7, "kernel", "3.10.0-1160.el7", None, MAIN_LINE),
        (UBUNTU, "openssl", "1.1.1f-1ubuntu2.fips.18", None, "fips"),
        (UBUNTU, "openssl", "3.0.2-0ubuntu1.10+Fips1", None, "fips"),
        (UBUNTU, "linux-aws-fips", "5.4.0-1021.21", None, "fips"),
        (UBUNTU, "linux-realtime", "5.15.0-1030.33", None, "realtime"),
        (UBUNTU, "fipscheck", "1.5.0-3", None, MAIN_LINE),
        (Distribution("debian", "12"), "openssl", "3.0.11-1", None, MAIN_LINE),
    ],
)
def test_builds(distribution: Distribution, name: str, version: str, repository: str | None, line: str | None) -> None:
    assert line_of(distribution, name, version, repository) == line


@pytest.mark.parametrize(
    ("distribution", "name", "channel", "versions", "lines"),
    [
        (UBUNTU, "openssl", "fips-updates", (), {"fips"}),
        (UBUNTU, "openssl", None, (), {MAIN_LINE}),
        (UBUNTU, "openssl", "esm-infra", ("1.1.1f-1ubuntu2.24+esm1",), {MAIN_LINE}),
        (UBUNTU, "openssl", None, ("1.1.1f-1ubuntu2.fips.23",), {"fips"}),
        (UBUNTU, "linux-fips", None, ("5.4.0-1026.30",), {"fips"}),
        (AMAZON2, "runc", None, ("1.1.11-1.amzn2",), {MAIN_LINE}),
        (AMAZON2, "kernel", None, (), None),
        (AMAZON2, "kernel", "kernel-5.10", ("5.10.205-195.804.amzn2",), {"kernel-5.10"}),
        (OL8, "kernel-uek", None, ("5.4.17-1.el8uek", "5.15.0-1.el8uek"), {"UEKR6", "UEKR7"}),
        (RHEL7, "kernel", "eus", ("3.10.0-1.el7",), {MAIN_LINE}),
        (RHEL7, "kernel", None, ("4.14.0-115.36.1.el7a",), {"kernel-alt"}),
    ],
)
def test_records(
    distribution: Distribution, name: str, channel: str | None, versions: tuple[str, ...], lines: set[str] | None
) -> None:
    assert lines_of_record(distribution, name, channel, versions) == lines


@pytest.mark.parametrize(
    ("version", "branch"),
    [
        ("5.14.0-427.42.1.el9_4", "9.4"),
        ("32:9.11.26-4.el8_4.1", "8.4"),
        ("2.34-60.el9_2.7", "9.2"),
        ("2.34-60.el9", None),
        ("4.14.0-115.el7a", None),
        ("18.12.1-9.module+el8.6.0+21000+aaaa", "8.6"),
        ("9.6.22-1.module_el8.5.0+826+29c1ad77", "8.5"),
        ("1-1.fc39", None),
        ("1.0-1.el9_1.el9_3", "9.3"),
    ],
)
def test_branches(version: str, branch: str | None) -> None:
    assert branch_of(version) == branch


def test_channels_of_a_build() -> None:
    esm = Distribution("ubuntu", "20.04", frozenset({"esm-apps"}))
    assert opens(esm, "esm-apps", "1-1")
    assert not opens(UBUNTU, "esm-apps", "1-1")
    assert opens(UBUNTU, "esm-apps", "1-1ubuntu0.1~esm1")
    assert not opens(UBUNTU, "fips", "1-1+esm1")
    assert not opens(Distribution("debian", "12"), "esm-apps", "1-1+esm1")
    assert is_sole_channel(UBUNTU, "realtime", "realtime")
    assert not is_sole_channel(UBUNTU, "fips", "fips-updates")
    assert is_sole_channel(AMAZON2, "kernel-5.10", "kernel-5.10")
    assert not is_sole_channel(AMAZON2, "docker", "ecs")


def test_where_a_line_is_known() -> None:
    assert names_of_line(OL8, "UEKR6") == ((Names.BINARY, "kernel-uek"), (Names.BINARY, "kernel-uek-core"))
    assert (Names.SOURCE, "openssl") in names_of_line(UBUNTU, "fips")
    assert may_hide_lines(AMAZON2)
    assert not may_hide_lines(AMAZON2023)


@pytest.mark.parametrize(
    ("id", "source", "own"),
    [
        ("ubuntu", "linux-hwe-6.8", True),
        ("ubuntu", "linux-aws", True),
        ("ubuntu", "linux-lts-xenial", True),
        ("ubuntu", "linux", False),
        ("ubuntu", "linux-firmware", False),
        ("ubuntu", "linux-atm", False),
        ("debian", "linux-5.10", True),
        ("debian", "linux-base", False),
        ("rhel", "linux-6.12", False),
    ],
)
def test_kernels_with_a_source_of_their_own(id: str, source: str, own: bool) -> None:
    assert has_own_source(id, source) is own


def test_what_an_upgrade_leaves() -> None:
    def left(distribution: Distribution, type: str, name: str, old: str, new: str) -> list[tuple[str, str, str]]:
        return list(leaves(distribution, Package(type, name, old), Package(type, name, new)))

    assert left(OL8, "rpm", "kernel-uek", "5.4.17-1.el8uek", "5.15.0-1.el8uek") == [("the line", "UEKR6", "UEKR7")]
    assert left(UBUNTU, "deb", "openssl", "1-1ubuntu2.fips.1", "1-1ubuntu3") == [
        ("the line", "fips", "of the distribution itself")
    ]
    assert left(UBUNTU, "deb", "bash", "1-1+esm1", "1-2") == [
        ("the channel", "esm-apps or esm-infra or esm-infra-legacy or pro", "the public builds")
    ]
    assert left(RHEL7, "rpm", "bash", "1-1.el7_4", "1-2.el7_9") == [("the minor release", "7.4", "7.9")]
    assert left(RHEL7, "rpm", "bash", "1-1.el7", "1-2.el7_9") == []
    assert left(UBUNTU, "deb", "bash", "1-1", "1-1+esm1") == []


@settings(max_examples=examples(2000), deadline=None)
@given(
    st.sampled_from(sorted({tuple(row.distribution.split()) for row in relations() if row.kind == "line"})),
    st.sampled_from(["kernel", "kernel-uek", "linux-fips", "linux-aws-fips", "rootio-bash", "bash", "perf", "openssl"]),
    st.sampled_from(
        ["1:5.4.17-2136.el8uek", "5.10.199-190.amzn2", "1.2-3.root.io.1", "1-r10042", "1+tuxcare", "1-2.fips"]
    ),
    st.sampled_from([None, "amzn2extra-docker", "@amzn2extra-kernel-5.10/2", "main"]),
)
def test_a_look_at_all_rows_at_once_decides_as_each_row(
    of: tuple[str, ...], name: str, version: str, repository: str | None
) -> None:
    distribution = Distribution(of[0], of[1] if len(of) > 1 else "9")
    rows = [row for row in relations() if row.kind == "line" and row.distribution in (of[0], " ".join(of))]
    shown = (row.shown_by(name, version, repository) for row in rows)
    otherwise = None if any(row.repositories is not None for row in rows) else MAIN_LINE
    expected = next((line for line in shown if line is not None), otherwise)
    assert line_of(distribution, name, version, repository) == expected
