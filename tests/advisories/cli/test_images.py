"""Images on the command line: from a file and a pipe, their name, digest and layers in the report, and --platform."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import Row, gzipped, tar_of
from images import Layout, configuration, saved_archive, sha256, text_of
from report_schemas import validator

from advisories import cli
from advisories.reports.reading import read_report

STANZA = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n\n"
RECORDS = [
    {
        "id": f"DSA-{number}-1",
        "upstream": [f"CVE-2024-{number}"],
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": name},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
            }
        ],
    }
    for number, name in ((1001, "bash"), (1002, "curl"))
]
Run = Callable[..., tuple[int, Any, str]]


def layer(**versions: str) -> bytes:
    rows: list[Row] = [("etc/os-release", "file", "ID=debian\nVERSION_ID=12\n")]
    text = "".join(STANZA.format(name, version) for name, version in versions.items())
    return tar_of(*rows, ("var/lib/dpkg/status", "file", text))


BASE, TOP = layer(bash="1"), layer(bash="1", curl="1")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that matches an image from standard input or a path, and gives the status and the JSON report."""
    monkeypatch.chdir(tmp_path)
    Path("feed.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS))

    def run(image: bytes | str, *words: str) -> tuple[int, Any, str]:
        if isinstance(image, bytes):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(image)))
            image = "-"
        status = cli.main(["match", "--inventory", image, "--feed", "feed.jsonl", "--format", "json", *words])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else None, err

    return run


def layers(report: Any) -> dict[str, Any]:
    return {finding["package"]: finding["layer"] for finding in report["findings"]}


def test_a_report(run: Run) -> None:
    status, report, err = run(saved_archive(BASE, TOP))
    assert (status, err) == (0, "")
    validator("report").validate(report)
    assert report["inventory"]["format"] == "image"
    assert report["target"]["name"] == "app:1"
    assert report["target"]["digest"] is None  # an id is no digest of a manifest, by which others know the image
    assert report["inventory"]["image"] == {
        "name": "app:1",
        "digest": None,
        "id": sha256(text_of(configuration([BASE, TOP]))),
        "platform": "linux/amd64",
        "labels": {"maintainer": "somebody"},
        "removed": [],
    }
    assert layers(report) == {
        "bash": {"digest": sha256(BASE), "history": "step 1"},
        "curl": {"digest": sha256(TOP), "history": "step 2"},
    }


def test_what_a_layer_removed(run: Run) -> None:
    top = layer(bash="1")
    status, report, _ = run(saved_archive(layer(bash="1", zsh="5"), top), "-o", "text=a.txt")
    assert status == 0
    validator("report").validate(report)
    (removed,) = report["inventory"]["image"]["removed"]
    assert (removed["instance"], removed["version"]) == ("deb/zsh/amd64", "5")
    assert removed["layer"]["history"] == "step 1"
    assert removed["removed_by"] == {"digest": sha256(top), "history": "step 2"}
    assert "note (removed-packages): 1 package of lower layers of the image" in Path("a.txt").read_text()
    again = read_report(io.BytesIO(json.dumps(report).encode()))
    assert again.content["inventory"]["image"] == report["inventory"]["image"]


def test_a_list_of_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What is listed and matched has the same report, but for the name of the file and of its format."""
    image = saved_archive(layer(bash="1", zsh="5"), layer(bash="1", curl="1"))
    _, first, _ = run(image)
    for format in ("tsv", "cyclonedx", "spdx", "syft"):
        Path("image.tar").write_bytes(image)
        assert cli.main(["list", "image.tar", "-o", f"{format}=list"]) == 0
        assert capsys.readouterr().err == ""
        _, again, _ = run("list")
        for report in (first, again):
            del report["inventory"]["source"], report["inventory"]["format"], report["inventory"]["read"]
            for finding in report["findings"]:
                del finding["locations"]
        assert again == first
        _, first, _ = run(image)


def test_the_digest_of_a_manifest(run: Run) -> None:
    layout = Layout()
    descriptor = layout.image(BASE)
    _, report, _ = run(tar_of(*layout.rows(descriptor)), "-o", "text=a.txt")
    assert report["target"]["digest"] == report["inventory"]["image"]["digest"] == descriptor["digest"]
    assert f"image {descriptor['digest']}" in " ".join(Path("a.txt").read_text().splitlines())


def test_for_people(run: Run) -> None:
    _, report, _ = run(saved_archive(BASE), "-o", "text=a.txt", "-o", "html=a.html")
    digest = report["inventory"]["image"]["id"]
    lines = Path("a.txt").read_text().splitlines()
    assert lines[0] == "app:1: 1 package of debian 12"
    assert " ".join(lines[1:3]).startswith(f"image {digest}, linux/amd64 ")
    assert "<li>linux/amd64</li>" in Path("a.html").read_text()


def test_the_same_packages_in_other_layers(run: Run) -> None:
    """What is known of a package is no knowledge of its layer."""
    for images in ((BASE, TOP), (TOP,), (BASE, TOP)):
        _, report, _ = run(saved_archive(*images))
        assert layers(report)["curl"] == {"digest": sha256(images[-1]), "history": f"step {len(images)}"}


def test_a_target_of_your_own(run: Run) -> None:
    _, report, _ = run(saved_archive(BASE), "--target", "registry.example/app")
    assert report["target"] == {"name": "registry.example/app", "digest": None}
    _, report, _ = run(saved_archive(BASE, name=None))
    assert report["target"]["name"] == "standard input"
    Path("image.tar").write_bytes(saved_archive(BASE, name=None))
    _, report, _ = run("image.tar")
    assert report["target"]["name"] == "image.tar"


def test_a_root(run: Run) -> None:
    _, report, _ = run(gzipped(BASE))
    assert (report["inventory"]["format"], report["target"]["digest"]) == ("root", None)
    assert layers(report) == {"bash": None}


def two_platforms() -> bytes:
    layout = Layout()
    one = layout.image(layer(bash="1"), platform="linux/amd64")
    return tar_of(*layout.rows(one, layout.image(layer(curl="1"), platform="linux/arm64")))


@pytest.mark.parametrize(("platform", "package"), [("linux/arm64", "curl"), ("linux/amd64", "bash"), ("arm64", "curl")])
def test_a_platform(run: Run, platform: str, package: str) -> None:
    _, report, _ = run(two_platforms(), "--platform", platform)
    assert list(layers(report)) == [package]


@pytest.mark.parametrize(("machine", "package"), [("x86_64", "bash"), ("aarch64", "curl")])
def test_the_platform_of_this_machine(run: Run, machine: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6.1", "#1", machine)))
    assert list(layers(run(two_platforms())[1])) == [package]


def test_neither_of_several(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6.1", "#1", "riscv64")))
    status, report, err = run(two_platforms())
    assert (status, report) == (2, None)
    assert "several images, choose one with --platform. There are: " in err
    assert "(linux/amd64)" in err
    assert "(linux/arm64)" in err
    assert run(two_platforms(), "--platform", "linux/s390x")[0] == 2


@pytest.mark.parametrize("text", ["", "linux/", "linux/arm/v7/x", "a b"])
def test_what_is_no_platform(run: Run, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(two_platforms(), "--platform", text)
    assert "is no platform. Write it as linux/arm64" in capsys.readouterr().err


def test_a_platform_of_no_image(run: Run) -> None:
    status, _, err = run(gzipped(BASE), "--platform", "linux/amd64")
    assert (status, "--platform linux/amd64: - is no image" in err) == (2, True)


def test_names_for_people(run: Run) -> None:
    """What an image calls itself is escaped, as every text of an input."""
    name = "app\x1b[31m\u202e"
    status, _, err = run(saved_archive(name=name))
    assert status == 2
    assert "\x1b" not in err
    _, report, _ = run(saved_archive(BASE, name=name), "-o", "text=a.txt", "-o", "html=a.html")
    assert report["target"]["name"] == name
    for path in ("a.txt", "a.html"):
        assert not {"\x1b", "\u202e"} & set(Path(path).read_text())
