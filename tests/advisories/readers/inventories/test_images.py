"""Saved images: which one, its newest state, and of each package the layer that it came with."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from archives import Row, gzipped, tar_of
from attrs import evolve
from images import DOCKER, OCI, Layout, saved, saved_archive, sha256, text_of

from advisories import DEFAULT_LIMITS, read_inventory
from advisories.models import Assumption, Image, Inventory, Layer
from advisories.models.errors import AdvisoriesError, LimitExceeded, UnreadableSource
from advisories.readers import inventories

STATUS = "var/lib/dpkg/status"
RELEASE: Row = ("etc/os-release", "file", "ID=debian\nVERSION_ID=12\n")


def stanza(**versions: str) -> str:
    return "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n" for name, version in versions.items()
    )


def layer(*rows: Row, **versions: str) -> bytes:
    """A layer with these files, and dpkg's database of these packages."""
    return tar_of(*rows, *([(STATUS, "file", stanza(**versions))] if versions else []))


def read(data: bytes, **more: Any) -> Inventory:
    return read_inventory(io.BytesIO(data), **more)


def _content(archive: bytes, digest: str) -> bytes:
    """The file of this digest in an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            if file is not None and sha256(data := file.read()) == digest:
                return data
    raise AssertionError(digest)


def unread(inventory: Inventory) -> dict[str, str]:
    """The layers that could not be read, and why. Then each package is of a list that is not whole."""
    assert inventory.report is not None
    assert all(Assumption.INVENTORY_PARTIAL in one.doubts for one in inventory.packages)
    return {one.what: one.why for one in inventory.report.rejections if one.source == f"-!{one.what}"}


def shown(inventory: Inventory) -> dict[str, str | None]:
    """The packages, with the line of the layer that each came with."""
    return {f"{one.name} {one.version}": one.layer and one.layer.history for one in inventory.packages}


# A package of which the configuration is left.
GONE = "Package: {}\nStatus: deinstall ok config-files\nVersion: 1\n\n"
BASE = layer(RELEASE, bash="1", zlib="1")
UPGRADE = layer(bash="2", zlib="1", curl="1")


def in_folder(rows: list[Row], folder: Path) -> Path:
    for name, _, text in rows:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def made(form: str, folder: Path) -> "bytes | Path":
    """The same image in one of the forms that tools write."""
    layout = Layout()
    pack, _, form = form.rpartition(" ")
    packer: dict[str, tuple[Callable[[bytes], bytes], str]] = {
        "": (bytes, "tar"),
        "gzip": (gzipped, "tar+gzip"),
        "zstd": (zstandard.ZstdCompressor().compress, "tar+zstd"),
    }
    if form == "saved":
        return saved_archive(BASE, UPGRADE)
    if form == "compressed":
        return gzipped(saved_archive(BASE, UPGRADE))
    rows = layout.rows(
        layout.image(
            BASE,
            UPGRADE,
            pack=packer[pack][0],
            kind=packer[pack][1],
            annotations={"org.opencontainers.image.ref.name": "app:1"},
        )
    )
    if form == "both":  # as docker writes it today
        rows += [one for one in saved(BASE, UPGRADE) if one[0] == "manifest.json"]
    return in_folder(rows, folder / "layout") if form == "folder" else tar_of(*rows)


FORMS = ("saved", "compressed", "archive", "gzip archive", "zstd archive", "folder", "gzip folder", "both")


class TestForms:
    @pytest.mark.parametrize("form", FORMS)
    def test_the_same_image(self, form: str, tmp_path: Path) -> None:
        source = made(form, tmp_path)
        found = read(source) if isinstance(source, bytes) else read_inventory(source)
        assert shown(found) == {"bash 2": "step 2", "zlib 1": "step 1", "curl 1": "step 2"}
        assert str(found.distribution) == "debian 12"
        assert found.format == "image"
        assert found.image is not None
        assert (found.image.name, found.image.platform) == ("app:1", "linux/amd64")
        assert found.image.labels == (("maintainer", "somebody"),)
        assert [one.instance for one in found.packages] == ["deb/bash/-", "deb/zlib/-", "deb/curl/-"]

    def test_digests(self) -> None:
        """Those of the manifest and its layers, and where there are no manifests, those of what there is."""
        layout = Layout()
        descriptor = layout.image(BASE, pack=gzipped, kind="tar+gzip")
        found = read(tar_of(*layout.rows(descriptor)))
        assert found.image is not None
        assert found.image.digest == descriptor["digest"]
        assert found.packages[0].layer == Layer(sha256(gzipped(BASE)), "step 1")
        rows = saved(BASE, name=None)
        found = read(tar_of(*rows))
        id = f"sha256:{rows[0][0].removesuffix('.json')}"
        assert found.image == Image(None, None, id, "linux/amd64", (("maintainer", "somebody"),))
        assert found.packages[0].layer == Layer(sha256(BASE), "step 1")

    def test_layers_without_an_end(self) -> None:
        """umoci writes such ones, and does not fill the last block either. Their digests show a cut."""
        end = BASE.rstrip(b"\0")
        for length in (len(end), -(-len(end) // 512) * 512):
            assert shown(read(saved_archive(BASE[:length]))) == {"bash 1": "step 1", "zlib 1": "step 1"}
        cut = end[:-9]
        assert unread(read(saved_archive(UPGRADE, cut))) == {
            sha256(cut): "not a whole tar archive: it ends in the middle of a member, at member 3"
        }
        assert unread(read(saved_archive(cut))) == {
            sha256(cut): "not a whole tar archive: it ends in the middle of a member, at member 3"
        }

    @pytest.mark.parametrize("form", ["estargz", "zstd:chunked"])
    def test_layers_that_are_read_in_parts(self, form: str) -> None:
        """Their tools put each file into a stream of its own, and behind all a list that others pass over."""
        pieces = [BASE[place : place + 512] for place in range(0, len(BASE), 512)]
        if form == "estargz":
            footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0%016xSTARGZ\x01\0\0\xff\xff\0\0\0\0\0\0\0\0" % 1
            packed, kind = b"".join(map(gzipped, pieces)) + footer, "tar+gzip"
        else:
            skipped = b"\x50\x2a\x4d\x18" + (9).to_bytes(4, "little") + b"manifest!"
            packed, kind = b"".join(map(zstandard.ZstdCompressor().compress, pieces)) + skipped, "tar+zstd"
        layout = Layout()
        found = read(tar_of(*layout.rows(layout.image(BASE, pack=lambda layer: packed, kind=kind))))
        assert shown(found) == {"bash 1": "step 1", "zlib 1": "step 1"}

    def test_linked_layers(self) -> None:
        """As skopeo writes them: the same layer by another name."""
        rows = saved(BASE)
        (config, _, text), (name, _, data), manifest = rows
        linked: list[Row] = [(config, "file", text), ("x.tar", "file", data), (name, "link", "../x.tar"), manifest]
        assert len(read(tar_of(*linked)).packages) == 2

    def test_a_root_with_a_file_of_such_a_name(self) -> None:
        found = read(tar_of(("manifest.json", "file", "[]"), RELEASE, (STATUS, "file", stanza(bash="1"))))
        assert (found.format, found.image) == ("root", None)


class TestLayers:
    """A package came with the first layer from which on each has it, in its version."""

    @pytest.mark.parametrize(
        ("layers", "expected"),
        [
            ([BASE, layer(("x", "file", "y"))], {"bash 1": "step 1", "zlib 1": "step 1"}),
            ([BASE, layer(bash="1")], {"bash 1": "step 1"}),
            ([BASE, layer(zlib="1"), BASE], {"bash 1": "step 3", "zlib 1": "step 1"}),
            ([BASE, UPGRADE, BASE], {"bash 1": "step 3", "zlib 1": "step 1"}),
            ([layer(RELEASE), layer(("x", "file", "")), BASE], {"bash 1": "step 3", "zlib 1": "step 3"}),
            ([BASE, layer(("var/lib/dpkg/.wh.status", "file", "")), BASE], {"bash 1": "step 3", "zlib 1": "step 3"}),
            ([BASE, layer(("var/.wh..wh..opq", "file", ""), bash="1")], {"bash 1": "step 1"}),
            ([BASE, layer((STATUS, "device", "")), layer(bash="1")], {"bash 1": "step 1"}),
        ],
    )
    def test_of_a_package(self, layers: list[bytes], expected: dict[str, str]) -> None:
        assert shown(read(saved_archive(*layers))) == expected

    @pytest.mark.parametrize(
        ("layers", "expected"),
        [
            ([BASE, UPGRADE], {}),  # another version of a package is no removal
            ([BASE, layer(bash="1")], {"zlib 1": ("step 1", "step 2")}),
            ([BASE, layer(bash="2"), layer(bash="3")], {"zlib 1": ("step 1", "step 2")}),
            ([BASE, UPGRADE, layer(zlib="1")], {"bash 2": ("step 2", "step 3"), "curl 1": ("step 2", "step 3")}),
            ([BASE, layer(bash="1"), layer(bash="1", zlib="2")], {}),  # it is there again
            ([BASE, layer(bash="1"), BASE, layer(bash="1")], {"zlib 1": ("step 3", "step 4")}),
            ([BASE, layer(("var/lib/dpkg/.wh.status", "file", "")), layer(bash="1")], {"zlib 1": ("step 1", "step 2")}),
            ([BASE, layer((STATUS, "device", "")), layer(bash="1")], {"zlib 1": ("step 1", "step 3")}),
            ([BASE, layer((STATUS, "file", stanza(bash="1") + GONE.format("zlib")))], {"zlib 1": ("step 1", "step 2")}),
        ],
    )
    def test_what_a_layer_removed(self, layers: list[bytes], expected: dict[str, tuple[str, str]]) -> None:
        """What no database has from a layer on, in no version. It is named with its layer and that which removed it."""
        found = read(saved_archive(*layers))
        removed = {
            f"{one.package.name} {one.package.version}": (
                one.package.layer and one.package.layer.history,
                one.layer.history,
            )
            for one in found.removed
        }
        assert removed == expected
        assert not {one.package for one in found.removed} & {one for one in found.packages if one.state.on_disk}

    def test_another_architecture_is_another_package(self) -> None:
        text = stanza(a="1").replace("Version", "Architecture: amd64\nVersion")
        other = text.replace("amd64", "i386")
        found = read(saved_archive(tar_of(RELEASE, (STATUS, "file", text + other)), tar_of((STATUS, "file", text))))
        assert [(one.package.name, one.package.arch) for one in found.removed] == [("a", "i386")]

    def test_what_a_lower_layer_has_and_cannot_be_read(self) -> None:
        """It concerns no package that is installed now, and is counted."""
        found = read(saved_archive(BASE, layer((STATUS, "device", "")), layer(bash="1")))
        assert found.report is not None
        why = (
            "packages up to a layer below the last, for their layers alone: a device, where a regular file is expected"
        )
        assert dict(found.report.skips) == {why: 1}
        with pytest.raises(UnreadableSource, match="a device, where a regular file is expected"):
            read(saved_archive(BASE, layer((STATUS, "device", ""))))

    def test_of_parts(self) -> None:
        """Distroless images have a file for each package."""
        part = "var/lib/dpkg/status.d/"
        layers = [
            layer(RELEASE, (f"{part}a", "file", stanza(a="1"))),
            layer((f"{part}b", "file", stanza(b="1")), (f"{part}b.md5sums", "file", "0  usr/bin/b\n")),
        ]
        found = read(saved_archive(*layers))
        assert shown(found) == {"a 1": "step 1", "b 1": "step 2"}
        assert found.packages[1].locations == ("/usr/bin/b",)

    def test_real_databases(self, unpacked: Callable[[str], Path]) -> None:
        """An rpm database over another, with the log beside it."""
        folders = [path.parent for path in sorted(unpacked("inventories/rpm-databases").rglob("rpmdb.sqlite"))]
        first, second = folders[0], folders[-1]
        layers = [
            tar_of(
                *(
                    (f"var/lib/rpm/{name}", "file", (folder / name).read_bytes())
                    for name in ("rpmdb.sqlite", "rpmdb.sqlite-wal")
                    if (folder / name).is_file()
                )
            )
            for folder in (first, second)
        ]
        if not (second / "rpmdb.sqlite-wal").is_file():
            layers[1] = tar_of(
                ("var/lib/rpm/rpmdb.sqlite", "file", (second / "rpmdb.sqlite").read_bytes()),
                ("var/lib/rpm/.wh.rpmdb.sqlite-wal", "file", ""),
            )
        found = read(saved_archive(*layers))
        was, now = inventories.read(first / "rpmdb.sqlite"), inventories.read(second / "rpmdb.sqlite")
        assert found.packages == now.packages
        kept = {(one.name, one.version, one.arch) for one in was.packages}
        for one in found.packages:
            is_kept = (one.name, one.version, one.arch) in kept
            assert one.layer is not None
            assert one.layer.history == ("step 1" if is_kept else "step 2")

    def test_many_databases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A link to another of two databases in each of many layers is little to read, and much to look at."""
        monkeypatch.setattr("advisories.readers.inventories.image._MOST_LOOKED_AT", 5000)
        found = read(saved_archive(BASE, UPGRADE, BASE))
        assert shown(found) == {"bash 1": "step 3", "zlib 1": "step 1"}
        found = read(saved_archive(BASE, UPGRADE, BASE, UPGRADE, BASE))
        assert shown(found) == {"bash 1": None, "zlib 1": None}
        assert found.report is not None
        assert dict(found.report.skips) == {
            "the layers of packages, and what layers removed: more databases in all layers than are looked at": 1
        }

    def test_history_of_another_length(self) -> None:
        found = read(saved_archive(BASE, history=[{"created_by": "x"}, {"created_by": "y"}]))
        assert shown(found) == {"bash 1": None, "zlib 1": None}
        empty = {"created_by": "ENV a=b", "empty_layer": True}
        found = read(saved_archive(BASE, history=[empty, {"created_by": "ADD"}, empty]))
        assert shown(found) == {"bash 1": "ADD", "zlib 1": "ADD"}


class TestChoice:
    def several(self) -> bytes:
        layout = Layout()
        one, other = layer(RELEASE, amd="1"), layer(RELEASE, arm="1")
        inner = layout.index(
            layout.image(one),
            layout.image(other, platform="linux/arm64/v8"),
            layout.image(other, platform="linux/arm/v7"),
        )
        attestation = layout.image(BASE, platform="unknown/unknown")
        attestation["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
        missing = {**layout.image(BASE, platform="linux/s390x"), "digest": sha256(b"missing")}
        return tar_of(*layout.rows(layout.index(inner, attestation, missing)))

    @pytest.mark.parametrize(
        ("platform", "usual", "package"),
        [
            ("linux/arm64", None, "arm"),
            ("linux/aarch64", "linux/amd64", "arm"),
            ("linux/amd64", None, "amd"),
            (None, "x86_64", "amd"),
            (None, "linux/arm64", "arm"),
            ("linux/arm", None, "arm"),
        ],
    )
    def test_a_platform(self, platform: str | None, usual: str | None, package: str) -> None:
        found = read(self.several(), platform=platform, usual_platform=usual)
        assert [one.name for one in found.packages] == [package]

    @pytest.mark.parametrize("usual", [None, "linux/riscv64"])
    def test_several(self, usual: str | None) -> None:
        with pytest.raises(UnreadableSource) as caught:
            read(self.several(), usual_platform=usual)
        why = caught.value.why
        assert why.startswith("several images, choose one with --platform. There are: ")
        for platform in ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x, which is not in it"):
            assert f"({platform})" in why
        assert "unknown" not in why

    @pytest.mark.parametrize("platform", ["linux/s390x", "windows/amd64"])
    def test_none(self, platform: str) -> None:
        with pytest.raises(UnreadableSource, match=rf"no image for {platform} in it\. There are: "):
            read(self.several(), platform=platform)

    def test_the_only_one(self) -> None:
        """It is read on any machine, and refused where another platform is meant."""
        layout = Layout()
        data = tar_of(*layout.rows(layout.image(BASE, platform="linux/s390x", states_platform=False)))
        found = read(data, usual_platform="linux/amd64")
        assert found.image is not None
        assert found.image.platform == "linux/s390x"
        with pytest.raises(UnreadableSource, match=r"no image for linux/amd64 in it\. There are: .*\(linux/s390x\)"):
            read(data, platform="linux/amd64")

    def test_several_of_one_platform(self) -> None:
        """Of docker save with several names. Two names of one image are one."""
        one, other = saved(BASE), saved(UPGRADE, name="other:1")
        entries = [json.loads(rows[-1][2])[0] for rows in (one, other, saved(BASE, name="app:latest"))]
        rows = [*one[:-1], *other[:-1]]
        with pytest.raises(
            UnreadableSource, match=r"several images, save one alone. There are: app:1 \(linux/amd64\), other:1"
        ):
            read(tar_of(*rows, ("manifest.json", "file", text_of(entries))))
        found = read(tar_of(*rows, ("manifest.json", "file", text_of([entries[0], entries[2]]))))
        assert found.image is not None
        assert found.image.name == "app:1"


class TestTwoLists:
    """Archives of today's docker have a list for older readers beside the index. Where the two differ, nobody knows
    which image is meant.
    """

    @staticmethod
    def rows(*names: dict[str, Any], layout: Layout, entries: list[tuple[bytes, str]]) -> bytes:
        """An archive whose index names these images, and whose other list has images of a layer and a platform."""
        rows = layout.rows(*names)
        listed = []
        for one, platform in entries:
            config, data, manifest = saved(one, platform=platform)
            rows += [config, data]
            listed += json.loads(manifest[2])
        return tar_of(*rows, ("manifest.json", "file", text_of(listed)))

    def test_the_same(self) -> None:
        layout = Layout()
        data = self.rows(layout.image(BASE), layout=layout, entries=[(BASE, "linux/amd64")])
        assert len(read(data).packages) == 2

    def test_another_image(self) -> None:
        layout = Layout()
        for entries in (
            [(UPGRADE, "linux/amd64")],
            [(BASE, "linux/amd64"), (UPGRADE, "linux/amd64")],
            [(UPGRADE, "linux/arm64")],
            [],
        ):
            with pytest.raises(UnreadableSource, match=r"index.json and manifest.json name different images: sha256:"):
                read(self.rows(layout.image(BASE), layout=layout, entries=entries))

    def test_other_platforms(self) -> None:
        """The list for older readers has one image of an index of several."""
        layout = Layout()
        names = [layout.image(BASE), layout.image(UPGRADE, platform="linux/arm64")]
        data = self.rows(*names, layout=layout, entries=[(BASE, "linux/amd64")])
        assert len(read(data, platform="linux/amd64").packages) == 2
        assert len(read(data, platform="linux/arm64").packages) == 3
        data = self.rows(*names, layout=layout, entries=[(UPGRADE, "linux/amd64")])
        for platform in ("linux/amd64", "linux/arm64"):
            with pytest.raises(UnreadableSource, match="name different images"):
                read(data, platform=platform)

    def test_a_damaged_list(self) -> None:
        layout = Layout()
        rows = layout.rows(layout.image(BASE))
        for text in ("{}", "[{}]", "[", '[{"Config": "../x", "Layers": []}]'):
            with pytest.raises(UnreadableSource):
                read(tar_of(*rows, ("manifest.json", "file", text)))


class TestErrors:
    def broken(self, **replaced: bytes) -> bytes:
        """An image of which some files are others."""
        return tar_of(*((name, kind, replaced.get(name, text)) for name, kind, text in saved(BASE)))

    def test_digests(self) -> None:
        rows = saved(BASE)
        config, name = rows[0][0], rows[1][0]
        found = read(self.broken(**{name: UPGRADE}))
        assert unread(found) == {sha256(BASE): f"its digest is {sha256(UPGRADE)}, where {sha256(BASE)} is stated"}
        with pytest.raises(UnreadableSource, match="where its name is another"):
            read(self.broken(**{config: b"{}"}))
        for which in range(3):
            layout = Layout()
            data = layout.rows(layout.image(BASE, pack=gzipped, kind="tar+gzip"))
            path, kind, text = data[2 + which]
            assert isinstance(text, bytes)
            changed = text.replace(b"a", b"b", 1) if text[:1] == b"{" else gzipped(UPGRADE)
            data[2 + which] = (path, kind, changed)
            if which == 1:  # the layer
                (why,) = unread(read(tar_of(*data))).values()
                assert re.fullmatch(r"its digest is sha256:\w+, where sha256:\w+ is stated", why)
                continue
            with pytest.raises(UnreadableSource, match=r"its digest is sha256:\w+, where sha256:\w+ is stated"):
                read(tar_of(*data))

    def test_a_layer_that_lies_about_its_content(self) -> None:
        layout = Layout()
        data = json.loads(layout.blobs[layout.image(BASE)["digest"]])
        config = json.loads(layout.blobs[data["config"]["digest"]])
        config["rootfs"]["diff_ids"] = [sha256(UPGRADE)]
        data["config"] = layout.put(text_of(config), f"{OCI}config.v1+json")
        descriptor = layout.put(text_of(data), f"{OCI}manifest.v1+json")
        found = read(tar_of(*layout.rows(descriptor)))
        assert unread(found) == {sha256(BASE): f"its digest is {sha256(BASE)}, where {sha256(UPGRADE)} is stated"}

    @pytest.mark.parametrize("number", range(2))
    def test_missing_files(self, number: int) -> None:
        rows = saved(BASE)
        del rows[number]
        with pytest.raises(UnreadableSource, match=r"no image in it|not complete: this layer is not there"):
            read(tar_of(*rows))

    def test_foreign_layers(self) -> None:
        """They may be missing. What the others have is read, and the report names the one that is not there."""
        layout = Layout()
        manifest = json.loads(layout.blobs[layout.image(BASE, UPGRADE)["digest"]])
        gone = manifest["layers"][0] | {"mediaType": f"{DOCKER}image.rootfs.foreign.diff.tar.gzip"}
        manifest["layers"][0] = gone
        descriptor = layout.put(text_of(manifest), f"{OCI}manifest.v1+json")
        rows = layout.rows(descriptor)
        assert shown(read(tar_of(*rows)))["zlib 1"] == "step 1"
        without = [row for row in rows if not row[0].endswith(gone["digest"][7:])]
        found = read(tar_of(*without))
        assert found.report is not None
        (rejection,) = found.report.rejections
        assert (rejection.source, rejection.what) == (f"-!{gone['digest']}", gone["digest"])
        assert rejection.why == "a foreign layer, which the image refers to and does not have"
        assert shown(found)["zlib 1"] == "step 2"

    @pytest.mark.parametrize(
        ("kind", "why"),
        [
            ("tar+gzip+encrypted", "an encrypted layer: 'application/vnd.oci.image.layer.v1.tar"),
            ("squashfs", "a layer of an unknown media type: 'application/vnd.oci.image.layer.v1.squashfs'"),
        ],
    )
    def test_layers_of_other_kinds(self, kind: str, why: str) -> None:
        layout = Layout()
        with pytest.raises(UnreadableSource, match=why.replace("+", r"\+")):
            read(tar_of(*layout.rows(layout.image(BASE, kind=kind))))

    def test_what_is_no_image(self) -> None:
        layout = Layout()
        config = layout.put(b"{}", "application/vnd.cncf.helm.config.v1+json")
        chart = layout.put(text_of({"config": config, "layers": []}), f"{OCI}manifest.v1+json")
        with pytest.raises(UnreadableSource, match=r"no image of a file system, but 'application/vnd\.cncf\.helm"):
            read(tar_of(*layout.rows(chart)))
        other = layout.put(b"{}", "application/vnd.docker.distribution.manifest.v1+prettyjws")
        with pytest.raises(UnreadableSource, match=r"of an unknown media type: 'application/vnd\.docker\.dist"):
            read(tar_of(*layout.rows(other)))

    def test_a_cut_archive(self) -> None:
        """Wherever it ends: half of an image is no list. Inside of a layer, the message has its digest."""
        layout = Layout()
        archives = [
            (saved_archive(BASE, UPGRADE), [sha256(BASE), sha256(UPGRADE)]),
            (tar_of(*layout.rows(layout.image(BASE, UPGRADE, pack=gzipped, kind="tar+gzip"))), list(layout.blobs)),
        ]
        layers = {sha256(pack(one)) for one in (BASE, UPGRADE) for pack in (bytes, gzipped)}
        for data, digests in archives:
            end = len(data.rstrip(b"\0"))
            for cut in range(0, end, 509):
                with pytest.raises(AdvisoriesError):
                    read(data[:cut])
            for digest in digests:
                damaged = data.replace(_content(data, digest), b"\x1f\x8b" + bytes(len(_content(data, digest)) - 2))
                if digest in layers:
                    assert list(unread(read(damaged))) == [digest]
                    continue
                with pytest.raises(UnreadableSource, match=f"!{digest}: |/{digest[7:]}"):
                    read(damaged)

    def test_two_databases(self) -> None:
        """A package manager that was copied into the image of another: both list what is there."""
        apk = "P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\n"
        found = read(saved_archive(BASE, layer(("lib/apk/db/installed", "file", apk))))
        assert shown(found) == {"bash 1": "step 1", "zlib 1": "step 1", "musl 1.2.4-r2": "step 2"}
        gone = read(saved_archive(BASE, layer(("lib/apk/db/installed", "file", apk), ("var/.wh.lib", "file", ""))))
        assert shown(gone) == {"musl 1.2.4-r2": "step 2"}
        assert sorted(one.package.name for one in gone.removed) == ["bash", "zlib"]

    def test_a_database_that_is_edited(self) -> None:
        """A layer takes a package out of apk's database. Its files show whether it is out of the image too."""
        release: Row = ("etc/os-release", "file", "ID=alpine\nVERSION_ID=3.19.1\n")

        def database(*names: str) -> Row:
            stanzas = (
                f"P:{name}\nV:1-r0\nA:x86_64\nL:MIT\no:{name}\nF:etc\nR:{name}\nF:usr/bin\nR:{name}\nR:{name}2\n\n"
                for name in names
            )
            return "lib/apk/db/installed", "file", "".join(stanzas)

        def program(name: str) -> list[Row]:
            return [(place, "file", "") for place in (f"etc/{name}", f"usr/bin/{name}", f"usr/bin/{name}2")]

        base = layer(release, database("tool", "other"), *program("tool"), *program("other"))
        whiteouts: list[Row] = [("usr/bin/.wh.tool", "file", ""), ("usr/bin/.wh.tool2", "file", "")]
        edited = read(saved_archive(base, layer(database("other"))))
        assert edited.report is not None
        assert [one.why for one in edited.report.rejections] == [
            f"a layer took tool out of a database, and the files are there still: {sha256(layer(database('other')))}"
        ]
        assert {doubt for package in edited.packages for doubt in package.doubts} == {Assumption.INVENTORY_PARTIAL}
        for rows in (
            [database("other"), *whiteouts],  # removed, but for a changed file of its configuration
            [database("other"), whiteouts[0]],  # not all of it is there
            [database("other", "renamed"), *program("tool")],  # of another package now
        ):
            whole = read(saved_archive(base, layer(*rows)))
            assert whole.report is not None
            assert [one.why for one in whole.report.rejections] == []
            assert not any(package.doubts for package in whole.packages)
        # Removed in one layer, and back in the next one.
        back = read(saved_archive(base, layer(database("other")), layer(database("other", "tool"))))
        assert back.report is not None
        assert back.report.rejections == ()

    def test_a_database_of_holes(self) -> None:
        """A sparse file may be of any size, and is read from no archive."""
        header = tarfile.TarInfo(STATUS)
        header.type, header.size = tarfile.GNUTYPE_SPARSE, 0
        block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
        block[386 : 386 + 24] = b"%011o\0%011o\0" % (8 << 30, 0)  # one piece, at eight billion
        block[483:495] = b"%011o\0" % (8 << 30)
        block[148:156] = b"%06o\0 " % (sum(block) - sum(block[148:156]) + 8 * 32)
        with pytest.raises(UnreadableSource, match="a sparse file, which is not read"):
            read(saved_archive(BASE, bytes(block) + bytes(1024)))

    @pytest.mark.parametrize("layers", [[], [layer(("bin/app", "file", "x"))]])
    def test_no_database(self, layers: list[bytes]) -> None:
        """An image from scratch is no clean one."""
        with pytest.raises(UnreadableSource, match="no package database of dpkg, rpm or apk"):
            read(saved_archive(*layers))

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"{",
            b"{}",
            b"[]",
            b"[1]",
            b"[{}]",
            b'[{"Config": 1}]',
            b'[{"Config": "../../etc/passwd", "Layers": []}]',
            b'[{"Config": "a\\u0000b", "Layers": []}]',
            b'[{"Config": "\\ud800", "Layers": []}]',
            b"[" * 100_000,
            b'[{"Config": "a", "Config": "b"}]',
        ],
    )
    def test_damaged_documents(self, text: bytes) -> None:
        with pytest.raises(UnreadableSource):
            read(self.broken(**{"manifest.json": text}))
        with pytest.raises(UnreadableSource):
            read(tar_of(("index.json", "file", text)))

    @pytest.mark.parametrize(
        "change",
        [
            {"rootfs": None},
            {"rootfs": {"diff_ids": []}},
            {"rootfs": {"diff_ids": [1]}},
            {"rootfs": {"diff_ids": ["md5:1"]}},
            {"history": 1},
            {"config": 1},
            {"config": {"Labels": {"a": 1}}},
            {"os": 1},
        ],
    )
    def test_damaged_configurations(self, change: dict[str, Any]) -> None:
        with pytest.raises(UnreadableSource):
            read(saved_archive(BASE, **change))

    def test_an_index_in_itself(self) -> None:
        """Nothing has its own digest in it, but depth has a bound as well."""
        layout = Layout()
        descriptor = layout.image(BASE)
        for _ in range(20):
            descriptor = layout.index(descriptor)
        with pytest.raises(LimitExceeded, match="indexes more than 8 deep"):
            read(tar_of(*layout.rows(descriptor)))
        many = layout.index(*[layout.image(BASE)] * 1001)
        with pytest.raises(LimitExceeded, match="more than 1000 manifests"):
            read(tar_of(*layout.rows(many)))

    def test_many_images(self) -> None:
        """Those behind the limit could not be chosen."""
        rows = [(name, kind, data) for name, kind, data in saved(BASE) if name != "manifest.json"]
        manifest = json.dumps(
            [{"Config": "c.json", "RepoTags": [f"x:{number}"], "Layers": []} for number in range(1001)]
        )
        with pytest.raises(LimitExceeded, match="more than 1000 images"):
            read(tar_of(*rows, ("manifest.json", "file", manifest)))

    def test_many_layers(self) -> None:
        with pytest.raises(LimitExceeded, match="more than 1000 layers"):
            read(saved_archive(*[b""] * 1001))

    def test_layers_all_together(self) -> None:
        """Their files count together."""
        layers = [layer(*((f"{number}{name}", "file", "") for name in "abc"), bash="1") for number in range(5)]
        with pytest.raises(LimitExceeded, match="--limit members=NUMBER"):
            read(saved_archive(*layers), limits=evolve(DEFAULT_LIMITS, members=16))

    def test_a_name_that_leads_out_of_a_folder(self, tmp_path: Path) -> None:
        rows = saved(BASE)
        (tmp_path / "outside").write_bytes(BASE)
        folder = in_folder(rows, tmp_path / "image")
        (folder / rows[1][0]).unlink()
        (folder / rows[1][0]).symlink_to(tmp_path / "outside")
        with pytest.raises(UnreadableSource, match="not complete: this layer is not there"):
            read_inventory(folder)
