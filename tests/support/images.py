"""Images as tools save them, made in memory: the layers of each are bytes of tar archives."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from archives import Row, tar_of

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def text_of(value: object) -> bytes:
    return json.dumps(value).encode()


def configuration(layers: Sequence[bytes], platform: str = "linux/amd64", **more: Any) -> dict[str, Any]:
    """The configuration of an image, with a line of history for each layer."""
    system, architecture, *variant = platform.split("/")
    return {
        "os": system,
        "architecture": architecture,
        **({"variant": variant[0]} if variant else {}),
        "config": {"Labels": {"maintainer": "somebody"}},
        "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]},
        "history": [{"created_by": f"step {number}"} for number in range(1, len(layers) + 1)],
    } | more


class Layout:
    """An OCI layout that is being written.

    :ivar blobs: the documents and layers by their digests.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
        """Add a blob, and give its descriptor."""
        digest = sha256(data)
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def image(
        self,
        *layers: bytes,
        platform: str = "linux/amd64",
        pack: Callable[[bytes], bytes] = bytes,
        kind: str = "tar",
        states_platform: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        """Add an image, and give the descriptor of its manifest.

        :param more: what the descriptor has beside its own members.
        """
        config = self.put(text_of(configuration(layers, platform)), f"{OCI}config.v1+json")
        packed = [self.put(pack(layer), f"{OCI}layer.v1.{kind}") for layer in layers]
        manifest = {"schemaVersion": 2, "config": config, "layers": packed}
        system, architecture, *variant = platform.split("/")
        stated = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        more = {"platform": stated, **more} if states_platform else more
        return self.put(text_of(manifest), f"{OCI}manifest.v1+json", **more)

    def index(self, *descriptors: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Add an index, and give its descriptor."""
        return self.put(text_of({"schemaVersion": 2, "manifests": descriptors}), f"{OCI}index.v1+json", **more)

    def rows(self, *descriptors: dict[str, Any]) -> list[Row]:
        """The files of the layout, whose index names these."""
        return [
            ("oci-layout", "file", '{"imageLayoutVersion": "1.0.0"}'),
            ("index.json", "file", text_of({"schemaVersion": 2, "manifests": descriptors})),
            *((f"blobs/{digest.replace(':', '/')}", "file", data) for digest, data in self.blobs.items()),
        ]


def saved(*layers: bytes, name: str | None = "app:1", platform: str = "linux/amd64", **more: Any) -> list[Row]:
    """The files of an archive of ``docker save``, in the form without manifests.

    :param more: members of the configuration.
    """
    config = text_of(configuration(layers, platform, **more))
    file = f"{sha256(config)[7:]}.json"
    names = [f"{sha256(layer)[7:]}/layer.tar" for layer in layers]
    entry = {"Config": file, "RepoTags": [name] if name else None, "Layers": names}
    rows: dict[str, bytes] = {file: config, **dict(zip(names, layers, strict=True)), "manifest.json": text_of([entry])}
    return [(path, "file", data) for path, data in rows.items()]


def saved_archive(*layers: bytes, **more: Any) -> bytes:
    """An archive of :func:`saved`."""
    return tar_of(*saved(*layers, **more))
