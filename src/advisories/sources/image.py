"""Images as tools save them, over any tree: an OCI layout, or an archive of ``docker save``. Which image, which layers.

An index is followed to the manifest of one platform. Every document is held to its digest, and whoever reads the layers
holds them to theirs.

Sources: the OCI image specification 1.1, *Image Layout*, *Image Index*, *Image Manifest*, *Image Configuration*.
Docker's image specification 1.2, *Combined Image JSON + Filesystem Changeset Format*.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.json_fields import Fields, Malformed
from advisories.models.packages import Image, Layer
from advisories.sources.json import without_repeats
from advisories.sources.tree import Kind, Tree, content, place

__all__ = ["LayerFile", "SavedImage", "image_in", "platform_of"]

_INDEX: Final = b"index.json"
_SAVED: Final = b"manifest.json"
# Bytes of an index, manifest or configuration. Registries take four million at most.
_MOST: Final = 1 << 22
# Manifests of all indexes together, and how deep these may stand in each other.
_MOST_MANIFESTS: Final = 1000
_DEEPEST: Final = 8
_MOST_LAYERS: Final = 1000
# How many images a message lists.
_MOST_LISTED: Final = 20

_DIGEST: Final = re.compile(r"(sha256|sha384|sha512):([0-9a-f]{64,128})")
_BLOB: Final = re.compile(r"blobs/(sha256|sha384|sha512)/([0-9a-f]{64,128})")
_HEX: Final = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.json)?")
_OCI, _DOCKER = "application/vnd.oci.image.", "application/vnd.docker."
_INDEXES: Final = (f"{_OCI}index.v1+json", f"{_DOCKER}distribution.manifest.list.v2+json")
_MANIFESTS: Final = (f"{_OCI}manifest.v1+json", f"{_DOCKER}distribution.manifest.v2+json")
_CONFIGURATIONS: Final = (f"{_OCI}config.v1+json", f"{_DOCKER}container.image.v1+json")
_LAYERS: Final = re.compile(
    r"application/vnd\.(?:oci\.image\.layer\.(?P<oci>nondistributable\.)?v1\.tar"
    r"|docker\.image\.rootfs\.(?P<docker>foreign\.)?diff\.tar)(?:[.+](?:gzip|zstd))?"
)
_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_ATTACHED: Final = "vnd.docker.reference.type"
# Other names of architectures: those of kernels.
_ARCHITECTURES: Final = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "arm64v8": "arm64",
    "armv8l": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i386": "386",
    "i686": "386",
    "loongarch64": "loong64",
}


@frozen
class LayerFile:
    """A layer, and where it is.

    :ivar name: of its file in the tree.
    :ivar digest: of the file. None where the image does not state it.
    :ivar content_digest: of its content, unpacked. None as above.
    :ivar is_foreign: whether images may leave it out, because it may not be handed on.
    :ivar why: why it cannot be read. None where nothing is known against it.
    """

    layer: Layer
    name: bytes
    digest: str | None
    content_digest: str | None
    is_foreign: bool
    why: str | None = None


@frozen
class SavedImage:
    """An image with its layers, the lowest first."""

    image: Image
    layers: tuple[LayerFile, ...]


@frozen
class _Candidate:
    """An image that may be meant.

    :ivar digest: of its manifest, or of its configuration in an archive without manifests.
    :ivar entry: what leads to its layers: a manifest, or the entry of a saved archive. None where the file is missing.
    """

    names: tuple[str, ...]
    digest: str
    platform: str | None
    entry: Fields | None

    def __str__(self) -> str:
        missing = "" if self.entry is not None else ", which is not in it"
        return f"{self.names[0] if self.names else self.digest} ({self.platform or 'no platform'}{missing})"


def platform_of(text: str) -> str:
    """A platform as images have it, from other ways of writing it.

    >>> platform_of("linux/arm64"), platform_of("x86_64"), platform_of("linux/arm64/v8"), platform_of("linux/armv7l")
    ('linux/arm64', 'linux/amd64', 'linux/arm64', 'linux/arm/v7')
    """
    system, mark, architecture = text.lower().partition("/")
    if not mark:
        system, architecture = "linux", text.lower()
    architecture = _ARCHITECTURES.get(architecture, architecture)
    return f"{system}/{architecture.removesuffix('/v8') if architecture.startswith('arm64') else architecture}"


def image_in(tree: Tree, platform: str | None = None, usual: str | None = None) -> SavedImage:
    """The image of a tree, or the one of several that is for a platform.

    :param platform: as :func:`platform_of` takes it. Another image is an error.
    :param usual: the platform that is meant where there are several images.

    Raises :class:`UnreadableSource` where none, or more than one, is meant, with those that there are. So it does where
    ``index.json`` and ``manifest.json``, which today's archives of ``docker save`` both have, name different images.
    """
    platform, usual = (None if one is None else platform_of(one) for one in (platform, usual))
    is_layout = _is_file(tree, _INDEX)
    candidates = list(_of_layout(tree) if is_layout else _of_saved(tree))
    chosen = _chosen(candidates, tree.source, platform, usual)
    assert chosen.entry is not None
    if is_layout and _is_file(tree, _SAVED):
        _hold_one_set(tree, chosen, candidates)
    return _by_manifest(tree, chosen, chosen.entry) if is_layout else _by_entry(tree, chosen, chosen.entry)


def _chosen(candidates: Sequence[_Candidate], source: str, platform: str | None, usual: str | None) -> _Candidate:
    there = {one.digest: one for one in reversed(candidates) if one.entry is not None}
    found = list(there.values())
    if platform is not None:
        found = [one for one in found if _is_for(one.platform, platform)]
    elif len(found) > 1:
        found = [one for one in found if usual is not None and _is_for(one.platform, usual)] or found
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(str, candidates[:_MOST_LISTED])) or "none"
    if len(candidates) > _MOST_LISTED:
        listed = f"{listed}, and {len(candidates) - _MOST_LISTED} more"
    if not found:
        wanted = "" if platform is None else f" for {platform}"
        raise UnreadableSource(source, f"no image{wanted} in it. There are: {listed}")
    platforms = {one.platform for one in found}
    advice = "choose one with --platform" if len(platforms) == len(found) else "save one alone"
    raise UnreadableSource(source, f"several images, {advice}. There are: {listed}")


def _is_for(platform: str | None, wanted: str) -> bool:
    """Whether an image is for a platform. One without a variant is for each."""
    return platform is not None and (platform == wanted or platform.startswith(f"{wanted}/"))


# ---- an OCI layout ----


def _of_layout(tree: Tree) -> Iterator[_Candidate]:
    waiting: list[tuple[bytes, str | None, tuple[str, ...], int]] = [(_INDEX, None, (), 0)]
    count = 0
    while waiting:
        name, digest, names, depth = waiting.pop()
        with _reading(tree, name):
            index = _document(tree, name, digest)
            for one in index.children("manifests"):
                count += 1
                if count > _MOST_MANIFESTS or depth > _DEEPEST:
                    why = f"more than {_MOST_MANIFESTS} manifests, or indexes more than {_DEEPEST} deep"
                    raise LimitExceeded(place(tree, name), why)
                yield from _of_descriptor(tree, one, names, depth, waiting)


def _of_descriptor(
    tree: Tree,
    descriptor: Fields,
    names: tuple[str, ...],
    depth: int,
    waiting: list[tuple[bytes, str | None, tuple[str, ...], int]],
) -> Iterator[_Candidate]:
    """The image of a descriptor. An index in an index is added to those that wait."""
    annotations = _texts_of(descriptor, "annotations")
    own = tuple(annotations[key] for key in _NAMES if key in annotations) or names
    digest, media_type = descriptor.text("digest"), _text(descriptor, "mediaType")
    name = _blob(descriptor, digest)
    if media_type in _INDEXES:
        if _is_file(tree, name):
            waiting.append((name, digest, own, depth + 1))
        else:
            yield _Candidate(own, digest, None, None)
        return
    if _ATTACHED in annotations:
        return  # what somebody attests of another image
    if media_type not in _MANIFESTS:
        raise UnreadableSource(place(tree, name), f"of an unknown media type: {media_type!a:.100}")
    if not _is_file(tree, name):
        yield _Candidate(own, digest, _platform(descriptor), None)
        return
    with _reading(tree, name):
        manifest = _document(tree, name, digest)
        platform = _platform(descriptor)
        if platform is None:
            configuration = manifest.child("config")
            file = _blob(configuration, configuration.text("digest"))
            if _is_file(tree, file) and _text(configuration, "mediaType") in _CONFIGURATIONS:
                with _reading(tree, file):
                    platform = _platform_in(_document(tree, file, configuration.text("digest")))
        yield _Candidate(own, digest, platform, manifest)


def _by_manifest(tree: Tree, chosen: _Candidate, manifest: Fields) -> SavedImage:
    name = _blob(manifest, chosen.digest)
    with _reading(tree, name):
        configuration = manifest.child("config")
        media_type = _text(configuration, "mediaType")
        if media_type not in _CONFIGURATIONS:
            raise UnreadableSource(place(tree, name), f"no image of a file system, but {media_type!a:.100}")
        layers = manifest.children("layers")
        _hold_layers(tree, name, layers)
        states = [_layer_state(one) for one in layers]
        file = _blob(configuration, configuration.text("digest"))
    with _reading(tree, file):
        document = _document(tree, file, configuration.text("digest"))
        contents = document.child("rootfs").texts("diff_ids")
        if len(contents) != len(layers):
            why = f"digests of {len(contents)} layers, where the manifest has {len(layers)}"
            raise UnreadableSource(place(tree, file), why)
        history = _history(document, len(layers))
        found = [
            LayerFile(Layer(digest, line), blob, digest, content, is_foreign, why)
            for (digest, blob, is_foreign, why), content, line in zip(states, contents, history, strict=True)
        ]
        return SavedImage(_image(chosen, chosen.digest, configuration.text("digest"), document), tuple(found))


def _layer_state(descriptor: Fields) -> tuple[str, bytes, bool, str | None]:
    """The digest of a layer, its file, whether it is foreign, and why it cannot be read."""
    digest, media_type = descriptor.text("digest"), descriptor.text("mediaType")
    name = _blob(descriptor, digest)
    match = _LAYERS.fullmatch(media_type)
    if match is None:
        kind = "an encrypted layer" if media_type.endswith("+encrypted") else "a layer of an unknown media type"
        return digest, name, False, f"{kind}: {media_type!a:.100}"
    return digest, name, any(match.groups()), None


# ---- what docker save writes ----


def _of_saved(tree: Tree) -> Iterator[_Candidate]:
    if not _is_file(tree, _SAVED):
        raise UnreadableSource(tree.source, f"an OCI layout without {_INDEX.decode()}")
    with _reading(tree, _SAVED):
        entries = _value(tree, _SAVED, None)
        if not isinstance(entries, list):
            raise Malformed("-", "an array is expected")
        if len(entries) > _MOST_MANIFESTS:
            raise LimitExceeded(place(tree, _SAVED), f"more than {_MOST_MANIFESTS} images")
        for number, value in enumerate(entries):
            entry = Fields(value, f"[{number}]")
            names = entry.texts("RepoTags") if entry.has("RepoTags") and entry.value("RepoTags") is not None else ()
            file = _path(entry.text("Config"))
            if not _is_file(tree, file):
                yield _Candidate(names, entry.text("Config"), None, None)
                continue
            with _reading(tree, file):
                document, digest = _configuration_of(tree, file)
                yield _Candidate(names, digest, _platform_in(document), entry)


def _hold_one_set(tree: Tree, chosen: _Candidate, candidates: Sequence[_Candidate]) -> None:
    """Raise :class:`UnreadableSource` where the two lists of an archive name different images.

    Other readers go by the other list. The one for older readers may leave out images of other platforms.
    """
    own = {_configured(tree, one) for one in candidates if one.entry is not None}
    saved = {_id_in(one): one for one in _of_saved(tree)}
    mine = _configured(tree, chosen)
    others = [one for id, one in saved.items() if id not in own]
    if mine not in saved:
        others += [one for one in saved.values() if chosen.platform is None or one.platform == chosen.platform]
    if others or not saved:
        listed = ", ".join(map(str, others[:_MOST_LISTED])) or "none"
        why = (
            f"{_INDEX.decode()} and {_SAVED.decode()} name different images: {chosen}, id {mine}, and {listed}. "
            "Save the image anew, or take out one of the two files"
        )
        raise UnreadableSource(tree.source, why)


def _configured(tree: Tree, candidate: _Candidate) -> str:
    """The digest of the configuration of a manifest: the image's id."""
    assert candidate.entry is not None
    with _reading(tree, _blob(candidate.entry, candidate.digest)):
        return candidate.entry.child("config").text("digest")


def _id_in(candidate: _Candidate) -> str:
    """The same of an entry of a saved archive. The name of the file shows it."""
    name = candidate.digest if candidate.entry is None else candidate.entry.text("Config")
    match = _BLOB.fullmatch(name)
    if match is not None:
        return f"{match[1]}:{match[2]}"
    match = _HEX.fullmatch(name) if candidate.entry is None else None
    return candidate.digest if match is None else f"sha256:{match[1]}"


def _configuration_of(tree: Tree, name: bytes) -> tuple[Fields, str]:
    """The configuration of a saved image, and its digest. Where its name is one, it has to be the same."""
    data = content(tree, name, _MOST) or b""
    digest = hashlib.sha256(data).hexdigest()
    match = _HEX.fullmatch(name.decode("utf-8", "replace"))
    if match is not None and match[1] != digest:
        raise UnreadableSource(place(tree, name), f"its digest is sha256:{digest}, where its name is another")
    return _document(tree, name, None), f"sha256:{digest}"


def _by_entry(tree: Tree, chosen: _Candidate, entry: Fields) -> SavedImage:
    file = _path(entry.text("Config"))
    with _reading(tree, _SAVED):
        layers = entry.texts("Layers")
        _hold_layers(tree, _SAVED, layers)
    with _reading(tree, file):
        document = _document(tree, file, None)
        contents = document.child("rootfs").texts("diff_ids")
        if len(contents) != len(layers):
            why = f"digests of {len(contents)} layers, where there are {len(layers)}"
            raise UnreadableSource(place(tree, file), why)
        found = [
            LayerFile(Layer(digest, line), _path(name), None, digest, is_foreign=False)
            for name, digest, line in zip(layers, contents, _history(document, len(layers)), strict=True)
        ]
        return SavedImage(_image(chosen, None, chosen.digest, document), tuple(found))


# ---- configurations ----


def _image(chosen: _Candidate, digest: str | None, id: str, configuration: Fields) -> Image:
    inner = configuration.child("config") if configuration.has("config") and configuration.value("config") else None
    labels = {} if inner is None else _texts_of(inner, "Labels")
    name = chosen.names[0] if chosen.names else None
    platform = chosen.platform or _platform_in(configuration)
    return Image(name, digest, id, platform, tuple(sorted(labels.items())))


def _history(configuration: Fields, layers: int) -> list[str | None]:
    """The line of each layer. None for all where the lines are not as many."""
    lines: list[str | None] = []
    if configuration.has("history") and configuration.value("history") is not None:
        for one in configuration.children("history"):
            if not (one.has("empty_layer") and one.value("empty_layer")):
                lines.append(_text(one, "created_by"))
    return lines if len(lines) == layers else [None] * layers


def _platform(descriptor: Fields) -> str | None:
    if not descriptor.has("platform") or descriptor.value("platform") is None:
        return None
    return _platform_in(descriptor.child("platform"))


def _platform_in(fields: Fields) -> str | None:
    system, architecture, variant = (_text(fields, name) for name in ("os", "architecture", "variant"))
    if not system or not architecture:
        return None
    return platform_of("/".join(filter(None, (system, architecture, variant))))


# ---- documents ----


def _path(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hold_layers(tree: Tree, name: bytes, layers: Sequence[object]) -> None:
    if len(layers) > _MOST_LAYERS:
        raise LimitExceeded(place(tree, name), f"more than {_MOST_LAYERS} layers")


def _is_file(tree: Tree, name: bytes) -> bool:
    status = tree.stat(name)
    return status is not None and status.kind is Kind.FILE


def _blob(fields: Fields, digest: str) -> bytes:
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise Malformed(fields.place("digest"), f"no digest: {digest!a:.100}")
    return f"blobs/{match[1]}/{match[2]}".encode()


def _text(fields: Fields, name: str) -> str | None:
    return fields.text_or_null(name) if fields.has(name) else None


def _texts_of(fields: Fields, name: str) -> dict[str, str]:
    """An object of texts. Empty where it is missing or null."""
    if not fields.has(name) or fields.value(name) is None:
        return {}
    fields.child(name)
    value = fields.value(name)
    if not all(isinstance(one, str) for one in value.values()):
        raise Malformed(fields.place(name), "an object of strings is expected")
    return dict(value)


@contextmanager
def _reading(tree: Tree, name: bytes) -> Iterator[None]:
    """What is malformed is an error that names the file."""
    try:
        yield
    except Malformed as error:
        raise UnreadableSource(place(tree, name), f"{error.path}: {error.why}") from error


def _document(tree: Tree, name: bytes, digest: str | None) -> Fields:
    return Fields(_value(tree, name, digest))


def _value(tree: Tree, name: bytes, digest: str | None) -> Any:
    """A document of JSON. It is held to its digest.

    Raises :class:`UnreadableSource` for one that is missing, and :class:`LimitExceeded`.
    """
    data = content(tree, name, _MOST)
    if data is None:
        raise UnreadableSource(place(tree, name), "the image is not complete: it is not there")
    if digest is not None:
        found = hashlib.new(digest.partition(":")[0], data).hexdigest()
        if found != digest.partition(":")[2]:
            why = f"its digest is {digest.partition(':')[0]}:{found}, where {digest} is stated"
            raise UnreadableSource(place(tree, name), why)
    try:
        return json.loads(data, object_pairs_hook=without_repeats)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(place(tree, name), f"not JSON: {error}") from error
