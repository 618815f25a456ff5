"""Coverage-guided fuzzing of every reader of feeds, package lists and statements, with Atheris: ``make fuzz``.

    python tests/fuzz/readers.py                          the readers, one a line
    python tests/fuzz/readers.py inventories/rpm-qa -runs=1000000 build/fuzz/inventories/rpm-qa

Seeds and words are those of the golden cases, and what broke a reader once (``tests/fuzz/seeds``). Only errors of ours
come out, and counts add up. Options are libFuzzer's. The last argument is a folder for what it finds.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# Only what is read is watched: the readers of all formats take seconds to prepare.
with atheris.instrument_imports(include=["advisories.readers", "advisories.sources"]):
    import fuzzed
    from json_mutations import changed

    fuzzed.load(*sys.argv[1:2])


def main() -> None:
    if len(sys.argv) == 1:
        print(*fuzzed.TARGETS, sep="\n")
        return
    program, target, *options, folder = sys.argv
    if target not in fuzzed.TARGETS:
        raise SystemExit(f"there is no {target}: python {program} lists the readers")
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in fuzzed.seeds(target):
        (corpus / f"{seed.parent.name}-{seed.name}").write_bytes(seed.read_bytes())
    words = corpus.with_name(f"{corpus.name}.words")
    words.write_text(fuzzed.dictionary(target))
    arguments = [program, f"-dict={words}", *options, folder]
    atheris.Setup(arguments, lambda data: fuzzed.check(target, data), custom_mutator=_mutated)
    atheris.Fuzz()


def _mutated(data: bytes, most: int, seed: int) -> bytes:
    """Of JSON every other time a document that is still one. Else as libFuzzer changes bytes."""
    found = changed(data, seed) if seed % 2 else None
    return atheris.Mutate(data, most) if found is None or len(found) > most else found


if __name__ == "__main__":
    main()
