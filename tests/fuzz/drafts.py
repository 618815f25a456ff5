"""Coverage-guided fuzzing of the drafts of a store, with Atheris: ``make fuzz``.

The first byte chooses the scheme, and the rest is the text of a row of the table ``draft``. It is damage, or drafts
that match whatever is installed, and are the same when they are written and read again.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

with atheris.instrument_imports(include=["advisories.store.drafts", "advisories.matching.drafts"]):
    import hostile_drafts

from json_mutations import changed

from advisories.matching.drafts import draft_group
from advisories.store import read_feed
from advisories.store.drafts import text_of

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = ("rpm", "dpkg")
# As long as the input may be: enough for two fixes of a few vulnerabilities.
MOST = 4096


def one_input(data: bytes) -> None:
    text = data[1:].decode("utf-8", "replace")
    hostile_drafts.check(text, SCHEMES[data[:1] == b"\1"])


def _seeds() -> set[bytes]:
    feeds = [ROOT / "examples" / "almalinux-9" / "advisories.jsonl", *ROOT.glob("tests/cases/match/*/feed*")]
    found = set()
    for feed in map(read_feed, feeds):
        for release in feed.releases:
            for id, version, names, name in feed._backing._entries:  # type: ignore[attr-defined]
                if (id, version) == (release.id, release.release or ""):
                    text = text_of(draft_group(feed, release, names, name))
                    found.update([bytes([place]) + text.encode() for place in (0, 1) if text and len(text) < MOST])
    return found


def _mutated(data: bytes, most: int, seed: int) -> bytes:
    """Every other time a text that is still JSON. Else as libFuzzer changes bytes."""
    found = changed(data[1:], seed) if seed % 2 else None
    return atheris.Mutate(data, most) if found is None or len(found) >= most else data[:1] + found


def main() -> None:
    # The last argument is the folder of seeds, which libFuzzer adds its discoveries to.
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(sorted(_seeds())):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(sys.argv, one_input, custom_mutator=_mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
