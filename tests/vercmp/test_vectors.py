"""The packaged facts: ours agree with every pair of them, and so do the real libraries, whenever they are here."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from oracles import Oracle, RubyGems, SemVer, dpkg_verdict, library, node_semver, signed
from packaging.version import Version
from places import ROOT

import vercmp
from vercmp.testing.facts import ordered, validity
from vercmp.testing.orders import ORDERS, Order

TOOL = ROOT / "tools" / "make_vectors.py"

# Which oracle knows the order of a name, and which library that needs.
ORACLES = {"rpm": ("librpm", "evr"), "rpmvercmp": ("librpm", "segment"), "dpkg": ("libdpkg", "deb")}


def ranked(order: Order) -> list[tuple[int, str]]:
    return [(rank, version) for rank, group in enumerate(ordered(order.vectors)) for version in group]


def test_every_scheme_has_facts() -> None:
    assert set(vercmp.SCHEMES) <= set(ORDERS)


@pytest.mark.parametrize("name", ORDERS)
def test_every_pair(name: str) -> None:
    order = ORDERS[name]
    facts = ranked(order)
    assert len(facts) >= 300
    assert len({version for _, version in facts}) == len(facts)
    keys = {version: order.sort_key(version) for _, version in facts}
    for (rank_a, a), (rank_b, b) in itertools.product(facts, repeat=2):
        wanted = (rank_a > rank_b) - (rank_a < rank_b)
        assert order.compare(a, b) == wanted, (a, b)
        assert (keys[a] > keys[b]) - (keys[a] < keys[b]) == wanted, (a, b)


def test_every_pair_of_pep440_by_packaging() -> None:
    facts = [(rank, Version(version)) for rank, version in ranked(ORDERS["pep440"])]
    for (rank_a, a), (rank_b, b) in itertools.product(facts, repeat=2):
        assert (a > b) - (a < b) == (rank_a > rank_b) - (rank_a < rank_b), (a, b)


def test_every_pair_of_semver_by_the_library_and_by_npm() -> None:
    facts = ranked(ORDERS["semver"])
    versions = [version for _, version in facts]
    # npm takes numbers to 2**53 - 1, beyond them a pre-release's are compared as floating point.
    small = [(rank, version) for rank, version in facts if not re.search("[0-9]{16}", version)]
    assert len(small) > 300
    for (rank, version), row in zip(small, node_semver([version for _, version in small]), strict=True):
        assert row == signed([(rank > other) - (rank < other) for other, _ in small]), version
    oracle = SemVer()
    for rank, version in facts:
        assert oracle.against(version, versions) == signed([(rank > other) - (rank < other) for other, _ in facts])


def test_every_pair_of_gem_by_rubygems() -> None:
    oracle = RubyGems()
    ranks = {version: rank for rank, version in ranked(ORDERS["gem"])}
    versions = oracle.alike(list(ranks))
    assert len(versions) >= 300
    for version in versions:
        rank = ranks[version]
        others = [ranks[other] for other in versions]
        assert oracle.against(version, versions) == signed([(rank > other) - (rank < other) for other in others])


@pytest.mark.parametrize("name", ORACLES)
def test_every_pair_by_the_real_library(name: str) -> None:
    oracle = Oracle(*ORACLES[name])
    facts = ranked(ORDERS[name])
    versions = [version for _, version in facts]
    for rank, version in facts:
        wanted = bytes(((rank > other) - (rank < other)) & 0xFF for other, _ in facts)
        assert oracle.against(version, versions) == wanted, version


def test_dpkg_validity() -> None:
    rows = validity("dpkg_validity.tsv")
    assert len(rows) >= 150
    for row in rows:
        try:
            warnings = vercmp.dpkg.validate(row.version)
        except vercmp.InvalidVersion as error:
            ours = ("error", error.reason)
        else:
            ours = ("warning", warnings[0]) if warnings else ("ok", "")
        assert ours == (row.state, row.message), row


def test_dpkg_validity_by_the_real_library() -> None:
    for row in validity("dpkg_validity.tsv"):
        assert dpkg_verdict(row.version) == (row.state, row.message), row


def test_dpkg_validity_has_every_message() -> None:
    messages = {(row.state, row.message) for row in validity("dpkg_validity.tsv")}
    assert {message for state, message in messages if state == "error"} == {
        "epoch in version is empty",
        "epoch in version is negative",
        "epoch in version is not number",
        "epoch in version is too big",
        "nothing after colon in version number",
        "revision number is empty",
        "version number is empty",
        "version string has embedded spaces",
        "version string is empty",
    }
    assert {message for state, message in messages if state == "warning"} == {
        "invalid character in revision number",
        "invalid character in version number",
        "version number does not start with digit",
    }
    assert ("ok", "") in messages


def test_the_tool_writes_what_is_packaged() -> None:
    library("librpm")  # skips where there is none
    command = [sys.executable, str(TOOL), "rpm.tsv", "rpmvercmp.tsv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # The header names the release that it was measured with. Another one has to have the same results.
    said = done.stderr.splitlines()
    assert all(" is of another release, with the same results as librpm " in line for line in said), done.stderr
    assert done.returncode == bool(said)


def test_the_files_are_plain() -> None:
    folder = Path(vercmp.__file__).parent / "testing" / "vectors"
    files = sorted(folder.glob("*.tsv"))
    assert {order.vectors for order in ORDERS.values()} <= {file.name for file in files}
    for file in files:
        text = file.read_bytes().decode("ascii")
        assert text.startswith("# "), file
        assert "Measured with" in text
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.replace("\t", " ").splitlines()), file
