"""Coverage-guided fuzzing of the reader of rpm's headers, with Atheris: ``make fuzz``.

A header is read to a package or refused with a reason, its neighbours in the same database are kept, and every text of
the package stands in the header: nothing outside of it is read.
"""

import struct
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

with atheris.instrument_imports(include=["advisories.readers.inventories"]):
    from advisories.readers.collector import Collector
    from advisories.readers.inventories import rpm_database

from rpm_files import header

_LEAST = [(1000, 6, 1, b"a\0"), (1001, 6, 1, b"1\0"), (1002, 6, 1, b"1\0")]
_WHOLE = [
    (1000, 6, 1, b"bash\0"),
    (1001, 6, 1, b"5.1.8\0"),
    (1002, 6, 1, b"4.module+el9\0"),
    (1003, 4, 1, struct.pack(">I", 2)),
    (1008, 4, 1, struct.pack(">I", 1700640001)),
    (1011, 6, 1, b"AlmaLinux\0"),
    (1022, 6, 1, b"x86_64\0"),
    (1044, 6, 1, b"bash-5.1.8-4.el9.src.rpm\0"),
    (1116, 4, 2, struct.pack(">II", 0, 1)),
    (1117, 8, 2, b"bash\0README\0"),
    (1118, 8, 2, b"/usr/bin/\0/usr/share/doc/\0"),
    (5096, 6, 1, b"bash:5:20230101:x\0"),
]


SEEDS = {"least": header(*_LEAST), "whole": header(*_WHOLE)}


def one_input(blob: bytes) -> None:
    collector = Collector("fuzz")
    for number, each in enumerate((SEEDS["least"], blob, SEEDS["least"]), 1):
        collector.add(f"package {number}", f"package {number}", rpm_database._package, each)
    assert len(collector.packages) + len(collector.rejections) == 3
    first, *others, last = collector.packages
    assert first == last
    assert first.name == "a"
    for package in others:
        for text in (package.name, package.arch, package.vendor):
            assert not text or text.encode() in blob


def main() -> None:
    # The last argument is the folder of seeds, which libFuzzer adds its discoveries to.
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        (corpus / name).write_bytes(seed)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
