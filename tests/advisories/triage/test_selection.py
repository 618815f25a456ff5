"""What is shown and what is hidden: every criterion alone, laws, and a real host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from advisories_reference import DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from advisories import Feed, match
from advisories.models import Finding, FixState, Names, Presence, Priority, State
from advisories.readers import inventories
from advisories.triage.select import (
    EVERYTHING,
    Hidden,
    Selection,
    is_fixable,
    select,
    unknown_advisories,
    unknown_packages,
)

Unpack = Callable[[str], Path]

FEED = Feed(
    [
        advisory(
            "ALSA-2024:0001", affected("kernel", "2.0-1", names=Names.SOURCE), cves=["CVE-2024-1"], rating="critical"
        ),
        advisory("ALSA-2024:0002", affected("bash", "2.0-1"), cves=["CVE-2024-2"], rating="low"),
        advisory("ALSA-2024:0003", affected("zlib"), cves=["CVE-2024-3"], rating="moderate"),
    ]
)
HOST = host(
    rpm("kernel", "1.0-1", source_name="kernel", source_version="1.0-1"),
    rpm("kernel", "1.0-2", source_name="kernel", source_version="1.0-2"),
    rpm("kernel-headers", "1.0-2", source_name="kernel", source_version="1.0-2"),
    rpm("bash", "1.0-1"),
    rpm("zlib", "1.0-1"),
    kernel="1.0-2.x86_64",
)
FINDINGS = tuple(match(HOST, FEED))


def shown(selection: Selection) -> list[str]:
    found = select(FINDINGS, selection)
    assert len(found.shown) + found.hidden_count == len(FINDINGS)
    assert set(found.hidden) == set(Hidden)
    return [f"{one.package.name} {one.package.version}" for one in found.shown]


ALL = ["kernel 1.0-1", "kernel 1.0-2", "kernel-headers 1.0-2", "zlib 1.0-1", "bash 1.0-1"]


def test_a_signed_kernel_is_selected_by_what_advisories_name() -> None:
    image = deb("linux-image-6.12.57+deb12-amd64", "6.12.57-1", source_name="linux-signed-6.12-amd64")
    inventory = host(image, distribution=DEBIAN12)
    record = affected("linux-6.12", "6.12.63-1", distribution=DEBIAN12, names=Names.SOURCE)
    found = tuple(match(inventory, Feed([advisory("DSA-1", record, cves=["CVE-2024-1"])])))
    for name in ("linux-6.12", "linux-signed-6.12-amd64", image.name):
        assert len(select(found, Selection(packages=(name,))).shown) == 1
        assert not unknown_packages(Selection(packages=(name,)), inventory)
    assert not select(found, Selection(packages=("linux",))).shown
    assert unknown_packages(Selection(packages=("linux",)), inventory) == ("linux",)


@pytest.mark.parametrize(
    ("selection", "left", "reason"),
    [
        (Selection(priorities=frozenset({Priority.MEDIUM})), ["zlib 1.0-1"], Hidden.PRIORITY),
        (Selection(fix_states=frozenset({FixState.NOT_FIXED})), ["zlib 1.0-1"], Hidden.FIX_STATE),
        (Selection(presences=frozenset({Presence.RESIDUAL})), ["kernel 1.0-1"], Hidden.PRESENCE),
        (Selection(packages=("kernel",)), ["kernel 1.0-1", "kernel 1.0-2", "kernel-headers 1.0-2"], Hidden.PACKAGE),
        (Selection(packages=("*-headers", "b?sh")), ["kernel-headers 1.0-2", "bash 1.0-1"], Hidden.PACKAGE),
        (Selection(advisories=("cve-2024-2", "ALSA-*:0003")), ["zlib 1.0-1", "bash 1.0-1"], Hidden.ADVISORY),
        (Selection(only_fixable=True), [one for one in ALL if one != "zlib 1.0-1"], Hidden.NO_FIX),
        (Selection(with_headers=False), [one for one in ALL if "headers" not in one], Hidden.HEADERS),
    ],
)
def test_each_criterion(selection: Selection, left: list[str], reason: Hidden) -> None:
    assert shown(EVERYTHING) == ALL
    assert shown(selection) == left
    assert {name: count for name, count in select(FINDINGS, selection).hidden.items() if count} == {
        reason: len(ALL) - len(left)
    }


def test_the_first_reason_counts() -> None:
    nothing = Selection(priorities=frozenset(), packages=("none",), with_headers=False)
    assert dict(select(FINDINGS, nothing).hidden) == dict.fromkeys(Hidden, 0) | {Hidden.PRIORITY: 5}


def test_what_asks_for_nothing_there_is() -> None:
    selection = Selection(
        packages=("bash", "opnssl", "kernel*", "gone"), advisories=("cve-2024-?", "CVE-2024-9", "alsa-*")
    )
    inventory = evolve(HOST, packages=(*HOST.packages, rpm("gone", "1-1", state=State.CONFIG_FILES)))
    assert unknown_packages(selection, inventory) == ("opnssl", "gone")
    assert unknown_advisories(selection, FEED) == ("CVE-2024-9",)
    assert (unknown_packages(EVERYTHING, HOST), unknown_advisories(EVERYTHING, FEED)) == ((), ())


def test_a_fix_in_a_channel_that_the_host_lacks_is_none() -> None:
    entry = affected("bash", "2.0-1", channel="els")
    (found,) = match(host(rpm("bash", "1.0-1")), Feed([advisory("ALSA-1", entry, cves=["CVE-2024-1"])]))
    assert (found.fixed_version, found.channel) == ("2.0-1", "els")
    assert not is_fixable(found)


SELECTIONS = st.builds(
    Selection,
    st.frozensets(st.sampled_from(Priority), min_size=2),
    st.frozensets(st.sampled_from([FixState.FIXED, FixState.NOT_FIXED]), min_size=1),
    st.just(frozenset(Presence)) | st.frozensets(st.sampled_from(Presence), min_size=2),
    st.sampled_from([(), ("kernel*",), ("bash", "zlib")]),
    st.sampled_from([(), ("CVE-2024-*",), ("ALSA-2024:0001",)]),
    st.booleans(),
    st.booleans(),
)


@given(SELECTIONS, st.permutations(FINDINGS))
def test_nothing_is_lost_and_each_is_judged_alone(selection: Selection, findings: list[Finding]) -> None:
    found = select(findings, selection)
    assert len(found.shown) + found.hidden_count == len(findings)
    assert list(found.shown) == [one for one in findings if select([one], selection).shown]
    assert select(found.shown, selection).shown == found.shown


def test_a_real_host(unpacked: Unpack, almalinux: Feed) -> None:
    (path,) = unpacked("inventories/hosts").rglob("alma_9.json")
    findings = tuple(match(inventories.read(path), almalinux))
    high = sum(1 for one in findings if one.priority is Priority.HIGH)
    found = select(findings, Selection(priorities=frozenset({Priority.HIGH}), presences=frozenset({Presence.RUNNING})))
    assert 0 < len(found.shown) < high
    assert found.hidden[Hidden.PRIORITY] == len(findings) - high
    assert len(found.shown) + found.hidden_count == len(findings)
    assert select(findings).shown == findings
