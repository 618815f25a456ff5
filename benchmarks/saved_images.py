"""Reading a saved image of half a gigabyte, beside ``tar -tf`` and a digest of the same file.

``python -m benchmarks.saved_images`` makes the image in a temporary folder and prints this alone.
``python -m benchmarks.saved_images IMAGE.tar`` takes one of yours.
"""

import hashlib
import io
import json
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_ROUNDS = 3
_LAYERS = 4
# Of each layer: so many files of so many bytes.
_FILES, _BYTES = 6_000, 21_000
_PACKAGES = 400
_DIGEST = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
_ABOUT = """\
An archive of `docker save` with {layers} layers, {size:,} MB, read from a file by a process of its own: {packages:,}
packages with the layer that each came with. Every layer is held to its digest, so all of it is read and hashed.
`tar -tf` lists the archive, and each layer in it by a pipe. Times are those of the
processor, memory is the most that the process had. The goals are 1.5
times the time of the slower of the two, and 150 MB.
"""


def main(paths: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(paths[0]) if paths else _made(Path(folder) / "image.tar")
        print("\n".join(report(path)))


def report(image: Path) -> list[str]:
    """The section of an image."""
    ours = [sys.executable, "-m", "advisories", "list", str(image), "--format", "tsv"]
    layers = [name for name in _run(["tar", "-tf", str(image)])[1].split() if name.endswith("layer.tar")]
    listing = " ; ".join(f"tar -xOf {image} {name} | tar -tf -" for name in layers)
    works = {
        "`tar -tf`, layers too": ["sh", "-c", f"tar -tf {image} ; {listing}"],
        "SHA-256 by `hashlib`": [sys.executable, "-c", _DIGEST, str(image)],
        "`advisories list`": ours,
    }
    taken = {name: min(_run(command)[0] for _ in range(_ROUNDS)) for name, command in works.items()}
    slowest = max(seconds for name, seconds in taken.items() if name != "`advisories list`")
    lines = ["| what | s | ratio |", "|---|---:|---:|"]
    lines += [f"| {name} | {seconds:.2f} | {seconds / slowest:.2f} |" for name, seconds in taken.items()]
    packages = sum(not line.startswith(("#", "type\t")) for line in _run(ours)[1].splitlines())
    about = _ABOUT.format(layers=len(layers), size=image.stat().st_size // 10**6, packages=packages)
    idle = _peak([*ours[:3], "--version"])
    memory = f"The most memory: {_peak(ours):,} MB, and {idle:,} MB of a process that reads nothing."
    return ["## Images", "", *about.splitlines(), "", *lines, "", memory, ""]


def _run(command: Sequence[str]) -> tuple[float, str]:
    """The processor's time of a command, which other processes change little, and what it prints."""
    begin = _used()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return _used() - begin, done.stdout


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak(command: Sequence[str]) -> int:
    """The most memory of a command in MB, by a process that waits for it alone."""
    program = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
    program += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(_run([sys.executable, "-c", program, *command])[1]) // 1000


def _made(path: Path) -> Path:
    layers = [_layer(number) for number in range(_LAYERS)]
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    config = json.dumps(
        {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": digests},
            "history": [{"created_by": f"step {number}"} for number in range(_LAYERS)],
        }
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    files = {name: config, **{f"{digest[7:]}/layer.tar": layer for digest, layer in zip(digests, layers, strict=True)}}
    entry = {"Config": name, "RepoTags": ["app:1"], "Layers": list(files)[1:]}
    with tarfile.open(path, "w") as archive:
        for file, data in [*files.items(), ("manifest.json", json.dumps([entry]).encode())]:
            _add(archive, file, data)
    return path


def _layer(number: int) -> bytes:
    out = io.BytesIO()
    content = random.Random(number).randbytes(_BYTES)
    with tarfile.open(fileobj=out, mode="w") as archive:
        for file in range(_FILES):
            _add(archive, f"usr/share/layer{number}/folder{file % 100}/file{file}", content)
        _add(archive, "etc/os-release", b"ID=debian\nVERSION_ID=12\n")
        _add(archive, "var/lib/dpkg/status", "".join(_stanzas(number)).encode())
    return out.getvalue()


def _stanzas(number: int) -> Iterator[str]:
    for package in range(_PACKAGES * (number + 1) // _LAYERS):
        yield (
            f"Package: package{package}\nStatus: install ok installed\nArchitecture: amd64\nSource: source{package}\n"
            f"Version: 1.{package}-1\nMaintainer: Debian <d@debian.org>\nDescription: x\n{' y' * 200}\n\n"
        )


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


if __name__ == "__main__":
    main(sys.argv[1:])
