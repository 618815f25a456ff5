"""The programs of ``interop``, written from the page on the layout alone, write the keys of vercmp."""

import random
import re
from pathlib import Path

import oracles
import pytest
from places import DATA, ROOT

import vercmp
from vercmp.testing.facts import validity
from vercmp.testing.orders import find
from vercmp.testing.random_versions import chooser, edited, families, made

INTEROP = ROOT / "interop"


def golden(scheme: str) -> list[str]:
    rows = [line.split("\t") for line in (DATA / "keys.tsv").read_text("utf-8").split("\n")]
    return [row[1] for row in rows if row[0] == scheme]


def versions(scheme: str) -> list[str]:
    """The golden versions, the packaged ones, relatives of those, and what a nasty grammar makes, refused or not."""
    order, rng = find(scheme), random.Random(30)
    choose = chooser(rng)
    some = golden(scheme) + [version for group in order.facts(valid_only=False) for version in group]
    if scheme == "dpkg":
        some += [row.version for row in validity("dpkg_validity.tsv")]
    made_up = families(scheme, rng)
    for _ in range(30):
        some += next(made_up)
    nasty = [made(order, choose, nasty=True) for _ in range(1500)]
    some += nasty + [edited(version, order, choose) for version in nasty] + ["", " ", "0" * 30, "1" * 20_000, "1\0"]
    some += [
        f"{sign}{epoch}:1" for sign in ("", "+", "-", "\v", "\f -") for epoch in ("", "0", "00", "1", "2147483648")
    ]
    return [version for version in dict.fromkeys(some) if "\n" not in version]


def key(version: str, scheme: str) -> str:
    try:
        return vercmp.sort_key(version, scheme=scheme).hex()
    except vercmp.InvalidVersion:
        return "?"


def written(command: list[str], scheme: str, some: list[str]) -> list[str]:
    lines = "".join(f"{version}\n" for version in some).encode()
    return oracles.run([*command, scheme], input=lines).decode("ascii").splitlines()


def holds(command: list[str], scheme: str) -> None:
    some = versions(scheme)
    keys = [key(version, scheme) for version in some]
    assert len(some) > 4000
    assert 2 <= keys.count("?") < len(keys) / 2
    wrong = [row for row in zip(some, written(command, scheme, some), keys, strict=True) if row[1] != row[2]]
    assert wrong == []


@pytest.mark.parametrize("scheme", ["rpm", "dpkg", "apk", "semver"])
def test_javascript(scheme: str) -> None:
    holds(["node", str(INTEROP / "keys.js")], scheme)


def test_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GO111MODULE", "off")
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    program = str(tmp_path / "keys")
    oracles.run(["go", "build", "-o", program, str(INTEROP / "keys.go")])
    for scheme in ("rpm", "dpkg"):
        holds([program], scheme)


def test_the_examples_of_the_page() -> None:
    section, found = "", 0
    for line in (ROOT / "docs" / "guide" / "key-layout.md").read_text("utf-8").split("\n"):
        if line.startswith("## "):
            section = line[3:].lower()
        elif row := re.fullmatch(r"\| `?([^`| ]+)`? \| `((?:[0-9a-f]{2} ?)+)` \|", line):
            written = bytes.fromhex(row[2])
            if section == "numbers":
                assert vercmp.sort_key(f"{row[1]}:0", scheme="rpm") == written + vercmp.sort_key("0", scheme="rpm")[1:]
                found += 1
            elif len(written) > 1:
                assert vercmp.sort_key(row[1], scheme=section) == written
                found += 1
    assert found == 22
