"""Coverage-guided fuzzing of the reader of tar and of layers over each other, with Atheris: ``make fuzz``.

Checksums of headers count as right, or nothing but them would be tried. Whatever a layer has, it is an error of ours,
or a tree of which every file is a piece of one of the layers.
"""

import io
import sys
import tarfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["advisories.sources"]):
    from advisories.models.errors import AdvisoriesError
    from advisories.sources import tar
    from advisories.sources.limits import Limits
    from advisories.sources.overlay import Overlay
    from advisories.sources.packed import Kept, Packed
    from advisories.sources.tree import Kind

LIMITS = Limits(members=2000, archive=1 << 20)
MOST = 200


def layer(format: int, *rows: tuple[str, bytes, bytes]) -> bytes:
    """An archive of (name, type, content or target), without what fills its last record."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, kind, data in rows:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.size = len(data) if kind == tarfile.REGTYPE else 0
            member.linkname = "" if kind == tarfile.REGTYPE else data.decode()
            archive.addfile(member, io.BytesIO(data))
    data = out.getvalue().rstrip(b"\0")
    return data + bytes(-len(data) % 512 + 1024)


FILE, FOLDER, LINK, HARD = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
BASE = layer(tarfile.USTAR_FORMAT, ("a/b", FILE, b"below"), ("a/c/d", FILE, b"below"), ("l", LINK, b"a"))
SEEDS = {
    "gnu": layer(tarfile.GNU_FORMAT, ("a" * 120, FILE, b"x"), ("l/e", HARD, b"l/b"), ("m", LINK, b"/l/../l/e")),
    "pax": layer(tarfile.PAX_FORMAT, ("é" * 60, FILE, b"x" * 600), ("a/.wh.b", FILE, b""), ("l", FOLDER, b"")),
    "whiteouts": layer(
        tarfile.USTAR_FORMAT, ("a/c/f", FILE, b"y"), ("a/.wh..wh..opq", FILE, b""), (".wh.l", FILE, b"")
    ),
}


def one_input(blob: bytes) -> None:
    view, kept = Overlay("fuzz", LIMITS), Kept(bool)
    try:
        for number, data in enumerate((BASE, blob), 1):
            packed = Packed(io.BytesIO(data), "fuzz", LIMITS, kept, needs_end=number == 1)
            view.add(packed, "fuzz", whiteouts=True)
    except AdvisoriesError:
        return
    waiting, seen = [b"."], 0
    while waiting and seen < MOST:
        folder = waiting.pop()
        for part in view.entries(folder, LIMITS.members) or ():
            name = folder + b"/" + part
            seen += 1
            try:
                status = view.stat(name)
                if status is None or view.target(name) is not None:
                    continue
                if status.kind is Kind.FOLDER:
                    waiting.append(name)
                elif status.kind is Kind.FILE:
                    stream = view.open(name)
                    assert stream is not None
                    content = stream.read()
                    assert len(content) == status.size
                    assert content in BASE or content in blob
            except AdvisoriesError:
                continue


def main() -> None:
    # The last argument is the folder of seeds, which libFuzzer adds its discoveries to.
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        (corpus / name).write_bytes(seed)
    tar._has_sum = lambda block, field: True
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
