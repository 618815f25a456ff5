"""Reading a saved image of half a gigabyte in each form, beside ``tar -tf`` of the same.

``python -m benchmarks.saved_images`` makes the images in a temporary folder and prints this alone.
``python -m benchmarks.saved_images IMAGE.tar ...`` takes yours. Wall times need a machine that does nothing else.
"""

import gzip
import hashlib
import io
import json
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_ROUNDS = 3
_LAYERS = 4
# Of each layer: so many files, from a pool of so many bytes of words, larger than the window of either compression.
_FILES, _POOL = 6_000, 1 << 24
_SMALLEST, _LARGEST = 1_500, 4_000_000
_PACKAGES = 400
# Members of a saved image that are longer are layers.
_LAYER_FROM = 100_000
_UNPACKED_BY = {b"\x1f\x8b": "gzip -dc |", b"\x28\xb5": "zstd -dc |"}
_DIGEST = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
_ABOUT = """\
Images with the same {layers} layers, {size:,} MB of tar archives with {files:,} files, read by a process of its own:
{packages:,} packages with the layer that each came with. The reference lists the archive and each layer in it, with
`tar`, `gzip` and `zstd`. Seconds are those of the wall's clock, and behind them of the processor. The goals are 1.5
times the time of the reference, and 150 MB above a process that reads nothing.

The reference does less: every layer is held to its digest, so all of it is hashed, by a thread beside the walk. SHA-256
of all layers alone takes {floor} here. From a pipe the image goes to a temporary file first. So it does in the
reference of these lines: `tar` lists no layers of a pipe.
"""


class _Taken(NamedTuple):
    """Seconds."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.2f}, {self.processor:.2f}"


def main(paths: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        images = [Path(path) for path in paths] or _made(Path(folder))
        print("\n".join(report(images)))


def report(images: Sequence[Path]) -> list[str]:
    """The section of images."""
    lines = ["| image | `tar -tf`, layers too | `advisories list` | ratios | MB |", "|---|---|---|---|---:|"]
    for image in images:
        ours = f"{sys.executable} -m advisories list %s --format tsv"
        listed = f"tar -tf {{0}} ; {_listing(image, '{0}')}"
        copied = f"copy=$(mktemp) ; cat {image} | cat > $copy ; {listed.format('$copy')} ; rm $copy"
        for form, command, reference in (
            ("", ours % image, listed.format(image)),
            (" from a pipe", f"cat {image} | {ours % '-'}", copied),
        ):
            taken = [_least(command), _least(reference)]
            ratios = _Taken(*(ours / theirs for ours, theirs in zip(*taken, strict=True)))
            lines.append(f"| {image.name}{form} | {taken[1]} | {taken[0]} | {ratios} | {_peak(command)} |")
    image = images[0]
    files = len(_printed(_listing(image, str(image))).splitlines())
    packages = sum(not line.startswith(("#", "type\t")) for line in _printed(ours % image).splitlines())
    about = _ABOUT.format(
        layers=len(_layers(image)),
        size=image.stat().st_size // 10**6,
        files=files,
        packages=packages,
        floor=_least(f'{sys.executable} -c "{_DIGEST}" {image}'),
    )
    idle = f"A process that reads nothing has {_peak(f'{sys.executable} -m advisories --version')} MB."
    return ["## Images", "", *about.splitlines(), "", *lines, "", idle, ""]


def _listing(image: Path, file: str) -> str:
    """The command that lists each layer.

    :param file: where the image is by then.
    """
    return " ; ".join(f"tar -xOf {file} {name} | {by} tar -tf -" for name, by in _layers(image))


def _layers(image: Path) -> list[tuple[str, str]]:
    """The names of layers, and what unpacks each."""
    found = []
    with tarfile.open(image) as archive:
        for member in archive:
            if member.isfile() and member.size >= _LAYER_FROM:
                stream = archive.extractfile(member)
                assert stream is not None
                found.append((member.name, _UNPACKED_BY.get(stream.read(2), "")))
    return found


def _least(command: str) -> _Taken:
    return _Taken(*map(min, zip(*(_taken(command) for _ in range(_ROUNDS)), strict=True)))


def _taken(command: str) -> _Taken:
    used, begin = _used(), time.perf_counter()
    _printed(command)
    return _Taken(time.perf_counter() - begin, _used() - used)


def _printed(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode("utf-8", "replace")


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak(command: str) -> int:
    """The most memory of a process of a command in MB, by a process that waits for it alone."""
    program = "import resource, subprocess, sys; subprocess.run(['sh', '-c', sys.argv[1]], stdout=subprocess.DEVNULL); "
    program += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", program, command], check=True, capture_output=True, text=True)
    return int(done.stdout) // 1000


# ---- making them ----


def _made(folder: Path) -> list[Path]:
    layers = [_layer(number) for number in range(_LAYERS)]
    images = [_saved(folder / "docker.tar", layers)]
    forms: dict[str, Callable[[bytes], bytes]] = {"gzip": lambda layer: gzip.compress(layer, 6)}
    try:
        import zstandard
    except ImportError:
        pass
    else:
        forms["zstd"] = zstandard.ZstdCompressor().compress
    return images + [_layout(folder / f"oci-{name}.tar", name, layers, packed) for name, packed in forms.items()]


def _saved(path: Path, layers: Sequence[bytes]) -> Path:
    config = _configuration(layers)
    name = f"{_sha256(config)}.json"
    files = {name: config, **{f"{_sha256(layer)}/layer.tar": layer for layer in layers}}
    entry = {"Config": name, "RepoTags": ["app:1"], "Layers": list(files)[1:]}
    return _archive(path, {**files, "manifest.json": json.dumps([entry]).encode()})


def _layout(path: Path, form: str, layers: Sequence[bytes], packed: Callable[[bytes], bytes]) -> Path:
    kind = "application/vnd.oci.image."
    files = {}

    def described(data: bytes, media_type: str) -> dict[str, object]:
        files[f"blobs/sha256/{_sha256(data)}"] = data
        return {"mediaType": f"{kind}{media_type}", "digest": f"sha256:{_sha256(data)}", "size": len(data)}

    manifest = {
        "schemaVersion": 2,
        "config": described(_configuration(layers), "config.v1+json"),
        "layers": [described(packed(layer), f"layer.v1.tar+{form}") for layer in layers],
    }
    index = {"schemaVersion": 2, "manifests": [described(json.dumps(manifest).encode(), "manifest.v1+json")]}
    files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    files["index.json"] = json.dumps(index).encode()
    return _archive(path, files)


def _configuration(layers: Sequence[bytes]) -> bytes:
    return json.dumps(
        {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_sha256(layer)}" for layer in layers]},
            "history": [{"created_by": f"step {number}"} for number in range(len(layers))],
        }
    ).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            _add(archive, name, data)
    return path


def _layer(number: int) -> bytes:
    """Files of which most are small and a few have most of the bytes, in words as texts and programs have them."""
    chance = random.Random(number)
    words = [chance.randbytes(chance.randrange(2, 12)) for _ in range(5000)]
    pool = b" ".join(chance.choices(words, k=_POOL // 8))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for file in range(_FILES):
            size = min(int(_SMALLEST * chance.paretovariate(0.9)), _LARGEST)
            begin = chance.randrange(len(pool) - _LARGEST)
            _add(archive, f"usr/share/layer{number}/folder{file // 40}/file{file}", pool[begin : begin + size])
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
