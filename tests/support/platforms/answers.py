"""What has to be the same on every machine: keys, indexes, a store and findings, a line with the digest of each.

python answers.py FOLDER [OTHER] writes a store and pickles into FOLDER, and reads the pickles that another machine left
in OTHER. ``make machines`` compares what two machines print.
"""

import hashlib
import pickle
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from random import Random

import advisories
import vercmp
from vercmp.testing import orders, random_versions

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "almalinux-9"


def digest(parts: Iterable[bytes]) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def versions(scheme: str) -> list[str]:
    """20,000 of the shapes that random pairs have, the same in every run."""
    choose = random_versions.chooser(Random(scheme))
    order = orders.find(scheme)
    return [random_versions.made(order, choose) for _ in range(20_000)]


def keys(scheme: str, some: list[str]) -> list[bytes]:
    made = []
    for version in some:
        try:
            made.append(vercmp.sort_key(version, scheme=scheme))
        except vercmp.InvalidVersion as error:
            made.append(str(error).encode("utf-8", "backslashreplace"))
    return made


def signs(scheme: str, some: list[str]) -> bytes:
    """Each version beside the next one."""
    made = bytearray()
    for a, b in pairwise(some):
        try:
            made.append(vercmp.compare(a, b, scheme=scheme) + 1)
        except vercmp.InvalidVersion:
            made.append(9)
    return bytes(made)


def stabbed(index: vercmp.IntervalIndex, some: list[bytes]) -> bytes:
    return repr([index.stab(0, key) for key in some]).encode()


def main(folder: Path, other: Path | None = None) -> None:
    for line in (ROOT / "tests" / "data" / "keys.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        scheme, version, key = line.split("\t")
        assert vercmp.sort_key(version, scheme=scheme).hex() == key, line
    for scheme in sorted(vercmp.SCHEMES):
        some = versions(scheme)
        made = keys(scheme, some)
        print(scheme, "keys", digest(made))
        print(scheme, "signs", digest([signs(scheme, some)]))
        valid = sorted(set(made))
        index = vercmp.IntervalIndex(
            [[(low, high, at) for at, (low, high) in enumerate(zip(valid, valid[7:], strict=False))]]
        )
        print(scheme, "index", digest([stabbed(index, valid)]))
        (folder / f"{scheme}.pickle").write_bytes(pickle.dumps(index))
        if other is not None:
            index = pickle.loads((other / f"{scheme}.pickle").read_bytes())
            assert stabbed(index, valid) == stabbed(pickle.loads(pickle.dumps(index)), valid)
        print(scheme, "pickled index", digest([stabbed(index, valid)]))
    store = folder / "feed.db"
    store.unlink(missing_ok=True)
    advisories.compile_store([EXAMPLE / "advisories.jsonl"], store)
    print("store", digest([store.read_bytes()]))
    inventory = advisories.read_inventory(EXAMPLE / "host.tsv")
    for feed in (EXAMPLE / "advisories.jsonl", store):
        with advisories.open_feed(feed) as opened:
            found = advisories.match(inventory, opened)
            print("findings", len(found), digest(f"{one.vulnerability} {one.cause}".encode() for one in found))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
