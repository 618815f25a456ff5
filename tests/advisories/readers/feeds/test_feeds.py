"""Reading OSV: what each record becomes, and what becomes of records that are broken."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import ALMA9
from advisories_stores import in_store
from attrs import evolve
from depth import TOO_DEEP

from advisories import DEFAULT_LIMITS, Feed, Limits
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Extent,
    FixState,
    Kind,
    Module,
    Names,
    Range,
    ReadReport,
    Reference,
    Rejection,
    Severity,
    Skip,
)
from advisories.models.errors import EmptySource, LimitExceeded, UnknownFormat, UnreadableSource
from advisories.readers import feeds
from advisories.readers.feeds import Item, Reading
from advisories.store import open_feed, read_feed

Unpack = Callable[[str], Path]


def record(id: str = "ALSA-2024:0001", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "summary": "Important: bash security update",
        "related": ["CVE-2024-1000"],
        "published": "2024-01-02T03:04:05Z",
        "modified": "2024-02-03T04:05:06Z",
        "affected": [entry()],
    } | more


def entry(*events: dict[str, str], ecosystem: str = "AlmaLinux:9", name: str = "bash", **more: Any) -> dict[str, Any]:
    timeline = list(events) or [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]
    return {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": timeline}],
    } | more


def reading(content: object, limits: Limits = DEFAULT_LIMITS) -> Reading:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return feeds.read_stream(io.BytesIO(data), "feed.json", limits)


def items(content: object, limits: Limits = DEFAULT_LIMITS) -> list[Item]:
    return list(reading(content, limits))


def advisory(content: object) -> Advisory:
    (found,) = items(content)
    assert isinstance(found, Advisory)
    return found


def rejections(found: list[Item]) -> list[tuple[str, str, str]]:
    return [(item.position, item.what, item.why) for item in found if isinstance(item, Rejection)]


def ids(found: list[Item]) -> list[str]:
    return [item.id for item in found if isinstance(item, Advisory)]


class TestRecords:
    def test_an_advisory(self) -> None:
        assert advisory(record(references=[{"type": "ADVISORY", "url": "https://example.org/1"}])) == Advisory(
            "ALSA-2024:0001",
            Kind.SECURITY,
            ("CVE-2024-1000",),
            (Affected("bash", "rpm", ALMA9, Names.BINARY, (Range(None, "5.1.8-6.el9"),), fix_state=FixState.FIXED),),
            "almalinux",
            "important",
            (),
            datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
            references=(Reference("ADVISORY", "https://example.org/1"),),
        )

    @pytest.mark.parametrize(
        ("id", "kind"), [("ALSA-1", Kind.SECURITY), ("ALBA-1", Kind.BUGFIX), ("ALEA-1", Kind.ENHANCEMENT)]
    )
    def test_kinds_of_almalinux(self, id: str, kind: Kind) -> None:
        assert advisory(record(id)).kind is kind

    @pytest.mark.parametrize(
        ("summary", "rating"),
        [
            ("Critical: x security update", "critical"),
            ("Low: x: y", "low"),
            ("bash bug fix update", None),
            ("new module: ruby:3.3", None),
            ("ALSA-2024:0001: php:8.0 security update (Important)", "important"),
            ("", None),
            (None, None),
            (7, None),
        ],
    )
    def test_ratings_of_almalinux(self, summary: object, rating: str | None) -> None:
        assert advisory(record(summary=summary)).rating == rating

    @pytest.mark.parametrize(
        ("summary", "fixed", "module"),
        [
            ("Important: nodejs:20 security update", "1-1.module_el9.3.0+1+ab", Module.of("nodejs:20")),
            ("Important: nodejs:20 security update", "1-1.el9", NO_MODULE),
            ("Important: varnish security update", "1-1.module_el8.9.0+1+ab", UNKNOWN_MODULE),
            ("Important: 389-ds:1.4 security update", "1-1.module+el8.9.0+1+ab", Module.of("389-ds:1.4")),
            ("Moderate: idm:DL1 and idm:client security", "1-1.module_el8+1", Module.of("idm:DL1", "idm:client")),
            ("Important: httpd:2.4/mod_http2 security update", "1-1.module_el9.3.0+1", Module.of("httpd:2.4")),
            ("new module: container-tools:rhel8", "1-1.module_el8.3.0+1", Module.of("container-tools:rhel8")),
        ],
    )
    def test_modules_of_almalinux(self, summary: str, fixed: str, module: Module) -> None:
        events = [{"introduced": "0"}, {"fixed": fixed}]
        (affected,) = advisory(record(summary=summary, affected=[entry(*events)])).affected
        assert affected.module == module

    def test_which_ids_are_its_vulnerabilities(self) -> None:
        related: dict[str, Any] = {
            "related": ["CVE-2024-1", "CVE-2024-1000", "ALSA-2"],
            "affected": [entry(ecosystem="Rocky Linux:9")],
        }
        assert advisory(record(**related)).cves == ("CVE-2024-1000",)  # CVE-2024-1 is no CVE id: too short
        assert advisory(record("RLSA-1", **related)).cves == ("CVE-2024-1000",)
        assert advisory(record("RLSA-1", **related, upstream=["CVE-2024-2000"])).cves == ("CVE-2024-2000",)
        aliased = advisory(record("GHSA-1", **related, aliases=["CVE-2024-3000", "GO-1"]))
        assert (aliased.cves, aliased.aliases) == (("CVE-2024-3000",), ("GO-1",))
        assert advisory(record("GHSA-1", **related)).cves == ()

    def test_an_id_may_name_its_cve(self) -> None:
        ubuntu: dict[str, Any] = {"affected": [entry(ecosystem="Ubuntu:22.04:LTS")], "related": []}
        assert advisory(record("UBUNTU-CVE-2024-51988", **ubuntu)).cves == ("CVE-2024-51988",)
        assert advisory(record("CVE-2024-51988", **ubuntu)).cves == ("CVE-2024-51988",)

    def test_severities(self) -> None:
        severity = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}, {"type": "Ubuntu", "score": "Medium"}]
        found = advisory(record("UBUNTU-CVE-2024-1000", severity=severity, affected=[entry(ecosystem="Ubuntu:22.04")]))
        assert found.rating == "medium"
        assert found.severities == (
            Severity("CVSS_V3", "CVSS:3.1/AV:N", "ubuntu"),
            Severity("Ubuntu", "Medium", "ubuntu"),
        )

    def test_source_names(self) -> None:
        found = advisory(record("DSA-1", affected=[entry({"introduced": "0"}, ecosystem="Debian:12")]))
        (affected,) = found.affected
        assert (affected.type, affected.names, affected.fix_state) == ("deb", Names.SOURCE, FixState.NOT_FIXED)
        assert affected.distribution == Distribution("debian", "12")

    def test_channels(self) -> None:
        found = advisory(record("USN-1", affected=[entry(ecosystem="Ubuntu:Pro:FIPS-updates:18.04:LTS")]))
        (affected,) = found.affected
        assert (affected.distribution, affected.channel) == (Distribution("ubuntu", "18.04"), "fips-updates")

    def test_withdrawn(self) -> None:
        found = advisory(record(withdrawn="2024-05-06T00:00:00+02:00"))
        assert found.withdrawn == datetime(2024, 5, 5, 22, tzinfo=UTC)


class TestRanges:
    @pytest.mark.parametrize(
        ("events", "ranges"),
        [
            ("introduced 0", [Range()]),
            ("introduced 1-1", [Range("1-1")]),
            ("introduced 0 fixed 2-1", [Range(None, "2-1")]),
            ("introduced 0 fixed 0", [Range(None, "0")]),
            ("fixed 2-1 introduced 1-1", [Range("1-1", "2-1")]),
            ("introduced 3-1 fixed 4-1 introduced 0 fixed 2-1", [Range(None, "2-1"), Range("3-1", "4-1")]),
            ("introduced 10-1 fixed 9-1 introduced 0", [Range(None, "9-1"), Range("10-1")]),
            ("introduced 0 fixed 1-1 fixed 2-1", [Range(None, "1-1")]),
            ("introduced 0 introduced 1-1 fixed 2-1", [Range(None, "2-1")]),
            ("introduced 0 last_affected 2-1", [Range(None, last_affected="2-1")]),
            ("introduced 2-1 last_affected 2-1", [Range("2-1", last_affected="2-1")]),
            ("last_affected 2-1 introduced 2-1", [Range("2-1", last_affected="2-1")]),
            ("introduced 0 fixed 1-1 introduced 1-1 fixed 2-1", [Range(None, "1-1"), Range("1-1", "2-1")]),
            ("introduced 0 limit 2-1", [Range(None, limit="2-1")]),
            ("introduced 0 limit 2-1 limit 10-1", [Range(None, limit="10-1")]),
            ("introduced 0 limit 2-1 limit *", [Range()]),
            ("introduced 0 fixed 3-1 limit 2-1", [Range(None, "3-1", limit="2-1")]),
        ],
    )
    def test_timelines(self, events: str, ranges: list[Range]) -> None:
        words = events.split()
        timeline = [{kind: version} for kind, version in zip(words[::2], words[1::2], strict=True)]
        (affected,) = advisory(record(affected=[entry(*timeline)])).affected
        assert list(affected.ranges) == ranges

    def test_a_range_without_order_hides_no_other(self) -> None:
        git = {"type": "GIT", "repo": "https://example.org", "events": [{"introduced": "0"}]}
        both = entry()
        both["ranges"].insert(0, git)
        found = items(record(affected=[both, entry(name="only-git", ranges=[git]), entry(name="zsh")]))
        kept, *left = found
        assert isinstance(kept, Advisory)
        assert [affected.package for affected in kept.affected] == ["bash", "zsh"]
        assert [(type(item), item.position) for item in left if not isinstance(item, Advisory)] == [
            (Skip, "affected[0]"),
            (Skip, "affected[1]"),
        ]

    def test_listed_versions(self) -> None:
        (affected,) = advisory(record(affected=[entry(ranges=[], versions=["1-1", "2-1"])])).affected
        assert (affected.ranges, affected.versions) == ((), ("1-1", "2-1"))
        assert affected.fix_state is FixState.UNKNOWN

    def test_versions_without_order_stay(self) -> None:
        events = [{"introduced": "1 2"}, {"fixed": "2-1"}]
        (affected,) = advisory(record("DSA-1", affected=[entry(*events, ecosystem="Debian:12")])).affected
        assert affected.ranges == (Range("1 2", "2-1"),)


@pytest.mark.parametrize(
    ("ecosystem", "left"),
    [
        ("AlmaLinux", "no release"),
        ("Ubuntu:22.04:LTS:for:Another:Product", "no release"),
        ("Ubuntu:FIPS:22.04:LTS", "no release"),
        ("Red Hat:ocp_tools:4.15::el9", "no release"),
        ("SUSE:Package Hub 12", "no release"),
        ("Hex", "no release"),
    ],
)
def test_ecosystems_that_are_left_aside(ecosystem: str, left: str) -> None:
    kept, skip = items(record(affected=[entry(ecosystem=ecosystem)]))
    assert isinstance(kept, Advisory)
    assert kept.affected == ()
    assert isinstance(skip, Skip)
    assert left in skip.why
    assert ecosystem in skip.why


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"package": {"name": "x"}}, "affected[1].package.ecosystem"),
    ({"package": {"ecosystem": "AlmaLinux:9"}}, "affected[1].package.name"),
    ({"package": {"ecosystem": "AlmaLinux:9", "name": "a\x1b[31m"}}, "affected[1].package.name"),
    ({"package": "bash"}, "affected[1].package"),
    (entry(ranges={}), "affected[1].ranges"),
    (entry(ranges=[7]), "affected[1].ranges[0]"),
    (entry(ranges=[{"type": 7, "events": []}]), "affected[1].ranges[0].type"),
    (entry(ranges=[{"events": []}]), "affected[1].ranges[0].type"),
    (entry(ranges=[{"type": "ECOSYSTEM"}]), "affected[1].ranges[0].events"),
    (entry({"fixed": "1-1"}), "affected[1].ranges[0].events"),
    (entry({"introduced": "0", "fixed": "1-1"}), "affected[1].ranges[0].events[0]"),
    (entry({"introduced": "0"}, {"repaired": "1"}), "affected[1].ranges[0].events[1]"),
    (entry({"introduced": 0}), "affected[1].ranges[0].events[0]"),  # type: ignore[dict-item]
    (entry({"introduced": "0"}, {"fixed": "1"}, {"last_affected": "2"}), "affected[1].ranges[0].events"),
    (entry(versions="1-1"), "affected[1].versions"),
    (entry(versions=[1]), "affected[1].versions"),
]


@pytest.mark.parametrize(("broken", "path"), BROKEN, ids=[path + str(n) for n, (_, path) in enumerate(BROKEN)])
def test_a_broken_entry_leaves_its_neighbours(broken: dict[str, Any], path: str) -> None:
    source = reading(record(affected=[entry(), broken, entry(name="zsh")]))
    kept, rejection = source
    assert isinstance(kept, Advisory)
    assert [affected.package for affected in kept.affected] == ["bash", "zsh"]
    assert isinstance(rejection, Rejection)
    assert (rejection.position, rejection.what, rejection.extent) == (path, "ALSA-2024:0001", Extent.PART)
    report = source.report()
    assert (report.read, report.kept, report.rejected, len(report.rejections)) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("broken", "position"),
    [
        ({"affected": []}, "[1]: id"),
        ({"id": ""}, "[1]: id"),
        ({"id": 5}, "[1]: id"),
        ({"id": "A\u202eB"}, "[1]: id"),
        ({"id": "\ud800"}, "[1]: id"),
        ({"id": "X-1", "affected": {}}, "[1]: affected"),
        ({"id": "X-1", "aliases": "CVE-2024-1000"}, "[1]: aliases"),
        ({"id": "X-1", "withdrawn": "some day"}, "[1]: withdrawn"),
        ({"id": "X-1", "withdrawn": True}, "[1]: withdrawn"),
        ([], "[1]: $"),
        (None, "[1]: $"),
        ("ALSA-1", "[1]: $"),
    ],
)
def test_a_broken_record_leaves_its_neighbours(broken: object, position: str) -> None:
    source = reading([record("ALSA-1"), broken, record("ALSA-3")])
    found = list(source)
    assert ids(found) == ["ALSA-1", "ALSA-3"]
    ((where, _, _),) = rejections(found)
    assert where == position
    report = source.report()
    assert (report.read, report.kept, report.rejected) == (3, 2, 1)


@pytest.mark.parametrize("date", ["yesterday", "0000-00-00T00:00:00Z", "2024-13-01T00:00:00Z", 12, "9999999-01-01"])
def test_an_absurd_date_leaves_the_record(date: object) -> None:
    kept, rejection = items(record(published=date))
    assert isinstance(kept, Advisory)
    assert kept.published is None
    assert kept.modified is not None
    assert isinstance(rejection, Rejection)
    assert (rejection.position, rejection.extent) == ("published", Extent.PART)


class TestDocuments:
    def test_truncated(self) -> None:
        data = json.dumps(record()).encode()
        for cut in (1, 20, len(data) // 2, len(data) - 1):
            ((position, what, why),) = rejections(items(data[:cut]))
            assert (position, what) == ("byte 0", "feed.json")
            assert why.startswith("not JSON")

    def test_truncated_array_keeps_what_was_whole(self) -> None:
        data = json.dumps([record("ALSA-1"), record("ALSA-2"), record("ALSA-3")]).encode()
        found = items(data[:-10])
        assert ids(found) == ["ALSA-1", "ALSA-2"]
        ((position, what, why),) = rejections(found)
        assert data[int(position.removeprefix("byte ")) :].startswith(b'{"id": "ALSA-3"')
        assert what == "[2]"
        assert "not read further" in why

    @pytest.mark.parametrize("tail", [b"", b"]", b" x", b"]]", b"] {}"])
    def test_garbage_after_an_array(self, tail: bytes) -> None:
        found = items(json.dumps([record()]).encode()[:-1] + tail)
        assert ids(found) == ["ALSA-2024:0001"]
        assert len(rejections(found)) == (tail != b"]")

    def test_garbage_after_a_record(self) -> None:
        found = items(json.dumps(record()).encode() + b" {")
        assert ids(found) == ["ALSA-2024:0001"]
        assert rejections(found)[0][2] == "more after the end of the record"

    def test_one_a_line(self) -> None:
        lines = [json.dumps(record(f"ALSA-{n}")).encode() for n in range(4)]
        lines[1] = lines[1][:-5]
        lines[2] = lines[2].replace(b"bash", b"b\xffsh")
        found = items(b"\n".join(lines) + b"\n")
        assert ids(found) == ["ALSA-0", "ALSA-3"]
        assert [position for position, _, _ in rejections(found)] == ["line 2", "line 3"]

    def test_not_utf8(self) -> None:
        data = json.dumps(record(), indent=1).encode().replace(b"bash", b"b\xffsh")
        ((position, _, why),) = rejections(items(data))
        assert (position, why) == (f"byte {data.index(bytes([255]))}", "not UTF-8")

    def test_a_bom_is_no_matter(self) -> None:
        assert ids(items(b"\xef\xbb\xbf" + json.dumps([record()]).encode())) == ["ALSA-2024:0001"]
        assert advisory(b"\xef\xbb\xbf\r\n" + json.dumps(record()).encode()).rating == "important"

    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_what_goes_too_deep(self, opening: bytes) -> None:
        deep = b'{"id":"ALSA-9","affected":' + opening * TOO_DEEP
        assert len(rejections(items(deep))) == 1
        found = items(b"[" + json.dumps(record()).encode() + b"," + deep)
        assert ids(found) == ["ALSA-2024:0001"]
        assert len(rejections(found)) == 1
        closed = b'{"id":"ALSA-9","affected":' + b"[" * TOO_DEEP + b"]" * TOO_DEEP + b"}"
        found = items(json.dumps(record()).encode() + b"\n" + closed + b"\n" + json.dumps(record("ALSA-2")).encode())
        assert ids(found) == ["ALSA-2024:0001", "ALSA-2"]
        assert rejections(found)[0][::2] == ("line 2", "nested too deeply")

    def test_numbers_with_thousands_of_digits(self) -> None:
        found = items(b'{"id":"ALSA-9","database_specific":' + b"9" * 50_000 + b"}")
        assert len(rejections(found)) == 1

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "empty.json").write_bytes(b" \n")
        assert rejections(list(feeds.read(tmp_path)))[0][2] == "empty"
        with pytest.raises(EmptySource, match=r"no record in it; the first of 1 refused: .*empty\.json"):
            read_feed(tmp_path)

    def test_no_feed_at_all(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("nothing of interest")
        with pytest.raises(UnknownFormat, match="osv"):
            list(feeds.read(path))
        with pytest.raises(EmptySource, match=r"no record in it; skipped \(1\): a file of no feed format$"):
            read_feed(tmp_path)
        with pytest.raises(UnreadableSource, match="No such file"):
            list(feeds.read(tmp_path / "missing"))


class TestFoldersAndArchives:
    def fill(self, folder: Path) -> None:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "one.json").write_text(json.dumps(record("ALSA-1")))
        (folder / "a" / "two.json").write_text(json.dumps([record("ALSA-2"), record("ALSA-3")]))
        (folder / "broken.json").write_bytes(b"\x00\xff")
        (folder / "README").write_text("about")

    def test_folder(self, tmp_path: Path) -> None:
        self.fill(tmp_path)
        (tmp_path / "loop").symlink_to(tmp_path)
        os.mkfifo(tmp_path / "pipe.json")
        source = feeds.read(tmp_path)
        found = list(source)
        assert sorted(ids(found)) == ["ALSA-1", "ALSA-2", "ALSA-3"]
        report = source.report()
        assert (report.read, report.kept, report.rejected) == (4, 3, 1)
        assert report.skips == (("a file of no feed format", 1), ("a link to a folder", 1), ("no regular file", 1))
        assert report.rejections[0].source == str(tmp_path / "broken.json")

    def test_zip(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        self.fill(folder)
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        source = feeds.read(path)
        found = list(source)
        assert sorted(ids(found)) == ["ALSA-1", "ALSA-2", "ALSA-3"]
        report = source.report()
        assert (report.read, report.kept, report.rejected, dict(report.skips)) == (
            4,
            3,
            1,
            {"a file of no feed format": 1},
        )
        assert report.rejections[0].source == f"{path}!broken.json"

    def archive(self, path: Path, **members: bytes) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(f"{name}.json", data)
        return path

    def test_a_truncated_zip(self, tmp_path: Path) -> None:
        whole = self.archive(tmp_path / "whole.zip", one=json.dumps(record()).encode() * 50).read_bytes()
        (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UnreadableSource, match="not a whole zip archive"):
            list(feeds.read(tmp_path / "cut.zip"))

    def test_a_damaged_member_leaves_its_neighbours(self, tmp_path: Path) -> None:
        path = self.archive(tmp_path / "x.zip", a=json.dumps(record("ALSA-1")).encode(), b=os.urandom(3000))
        data = bytearray(path.read_bytes())
        at = data.index(b"b.json") + 500
        data[at : at + 4] = bytes(255 - byte for byte in data[at : at + 4])
        path.write_bytes(data)
        found = list(feeds.read(path))
        assert ids(found) == ["ALSA-1"]
        assert "cannot be unpacked" in rejections(found)[0][2]

    def test_a_bomb(self, tmp_path: Path) -> None:
        good = json.dumps(record()).encode()
        path = self.archive(tmp_path / "bomb.zip", bomb=b'{"id":"' + b"A" * 3_000_000 + b'"}', good=good)
        limits = evolve(DEFAULT_LIMITS, ratio=100, ratio_from=10_000)
        found = list(feeds.read(path, limits))
        assert ids(found) == ["ALSA-2024:0001"]
        assert rejections(found)[0][2].startswith("unpacks to more than 100 times its size")

    def test_other_limits(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        small = json.dumps(record()).encode()
        large = json.dumps(record("ALSA-2", details="x" * 5000)).encode()
        for name, data in (("large", large), ("small", small)):
            (tmp_path / "folder" / f"{name}.json").write_bytes(data)
        archive = self.archive(tmp_path / "x.zip", large=large, small=small)
        limits = evolve(DEFAULT_LIMITS, document=2000)
        for source in (tmp_path / "folder", archive):
            found = list(feeds.read(source, limits))
            assert ids(found) == ["ALSA-2024:0001"]
            assert rejections(found)[0][2].startswith("larger than the limit of 2000 bytes")
            with pytest.raises(LimitExceeded, match="limit of 1"):
                list(feeds.read(source, evolve(DEFAULT_LIMITS, members=1)))
        with pytest.raises(LimitExceeded, match="limit of 2000 bytes"):
            list(feeds.read(tmp_path / "folder" / "large.json", limits))
        with pytest.raises(LimitExceeded, match="limit of 2000 bytes"):
            items(large, limits)
        with pytest.raises(LimitExceeded, match="more than the limit of 3000 bytes"):
            list(feeds.read(archive, evolve(DEFAULT_LIMITS, archive=3000)))
        assert rejections(items(record(affected=[entry()] * 3), evolve(DEFAULT_LIMITS, affected=2)))[0][0] == "affected"
        many = record(affected=[entry(versions=["1"] * 3), entry(name="zsh")])
        kept, rejection = items(many, evolve(DEFAULT_LIMITS, versions=2))
        assert isinstance(kept, Advisory)
        assert [affected.package for affected in kept.affected] == ["zsh"]
        assert isinstance(rejection, Rejection)

    def test_a_million_versions(self) -> None:
        found = advisory(record(affected=[entry(versions=[f"{n}-1" for n in range(1_000_000)])]))
        assert len(found.affected[0].versions) == 1_000_000


class TestFeed:
    def test_no_sources_are_no_feed(self, tmp_path: Path) -> None:
        """A glob that finds nothing would otherwise be a feed that covers nothing."""
        with pytest.raises(TypeError, match=r"one or more sources are expected"):
            read_feed(*tmp_path.glob("*.json"))
        with pytest.raises(TypeError, match=r"a path or a binary stream is expected, not list"):
            read_feed([tmp_path])  # type: ignore[arg-type]

    def test_repr_says_what_is_in_it(self, tmp_path: Path) -> None:
        one = advisory(record())
        in_store([one], tmp_path / "feed.db")
        assert repr(Feed([one])) == repr(open_feed(tmp_path / "feed.db")) == "<Feed: 1 advisory of almalinux 9>"
        assert repr(Feed(())) == "<Feed: 0 advisories of no release>"
        many = advisory(record(affected=[entry(ecosystem=f"AlmaLinux:{number}") for number in range(5, 10)]))
        assert repr(Feed([one, many])) == "<Feed: 1 advisory of almalinux 5, almalinux 6, almalinux 7 and 2 more>"

    def test_the_same_id_twice(self) -> None:
        old = advisory(record(modified="2024-01-01T00:00:00Z", affected=[entry(name="old")]))
        new = advisory(record(modified="2024-01-02T00:00:00Z", affected=[entry(name="new")]))
        for order in ([old, new], [new, old], [new, old, new]):
            feed = Feed(order)
            assert tuple(feed) == (new,)
            assert feed.conflicts == ()
            assert feed.duplicates == len(order) - 1
            assert not feed.records(ALMA9, Names.BINARY, "old")
        without = evolve(old, modified=None)
        assert tuple(Feed([new, without])) == (new,)

    def test_contradictions_are_put_together(self) -> None:
        one = advisory(record(affected=[entry(name="one")], related=["CVE-2024-1111"]))
        two = advisory(record(affected=[entry(name="two")], related=["CVE-2024-2222"]))
        gone = evolve(two, withdrawn=datetime(2024, 1, 1, tzinfo=UTC))
        assert tuple(Feed([one, two])) == tuple(Feed([two, one]))
        feed = Feed([one, two])
        assert feed.conflicts == ("ALSA-2024:0001",)
        (united,) = feed
        assert united.cves == ("CVE-2024-1111", "CVE-2024-2222")
        assert {affected.package for affected in united.affected} == {"one", "two"}
        (standing,) = Feed([one, gone])
        assert standing.withdrawn is None
        assert {affected.package for affected in standing.affected} == {"one"}

    def test_what_has_no_order_is_counted(self) -> None:
        entries = (
            Affected("x", "npm", None, Names.BINARY, (Range(),)),
            Affected("x", "alpm", Distribution("arch", "rolling"), Names.SOURCE, (Range(),)),
        )
        feed = Feed([Advisory("A-1", affected=entries)], [ReadReport("a feed", "test", 1, 1)])
        assert feed.unordered == {"npm": 1, "alpm": 1}
        assert feed.releases == ()

    def test_it_travels(self) -> None:
        feed = Feed([advisory(record())])
        again = pickle.loads(pickle.dumps(feed))
        assert tuple(again) == tuple(feed)
        assert again.records(ALMA9, Names.BINARY, "bash") == feed.records(ALMA9, Names.BINARY, "bash") != ()


def test_real_records_of_other_databases(unpacked: Unpack) -> None:
    """Genuine records of about fifteen databases: none crashes, none vanishes."""
    folder = unpacked("feeds/vuls-data-update-fetch-fixtures")
    counts: dict[str, tuple[int, int, int]] = {}
    for osv in sorted(folder.rglob("osv/testdata/golden")):
        source = feeds.read(osv)
        kept = [item for item in source if isinstance(item, Advisory)]
        report = source.report()
        records = [json.loads(path.read_text()) for path in osv.rglob("*.json")]
        assert report.read == report.kept == len(records)
        assert sorted(advisory.id for advisory in kept) == sorted(record["id"] for record in records)
        entries, left = sum(len(advisory.affected) for advisory in kept), sum(count for _, count in report.skips)
        if osv.parts[-4] != "suse":  # its entries have binary packages in them
            assert entries + left == sum(len(record.get("affected") or ()) for record in records)
        counts[osv.parts[-4]] = (report.kept, entries, left)
    assert counts == {
        "alma": (4, 33, 0),
        "alpine": (2, 10, 0),
        "chainguard": (1, 4, 0),
        "debian": (3, 3, 0),
        "echo": (1, 1, 0),
        "minimos": (1, 8, 0),
        "openeuler": (1, 2, 0),
        "redhat": (3, 32, 1),
        "rocky": (2, 2, 0),
        "suse": (4, 100, 6),
        "ubuntu": (3, 13, 0),
        "wolfi": (1, 4, 0),
    }


def test_large_real_records(unpacked: Unpack) -> None:
    folder = unpacked("feeds/suse-oval-and-ubuntu-osv")
    for name in ("UBUNTU-CVE-2020-0305", "UBUNTU-CVE-2025-71115"):
        (path,) = folder.rglob(f"{name}.json")
        (found,) = [item for item in feeds.read(path) if isinstance(item, Advisory)]
        assert found.id == name
        assert found.cves == (name.removeprefix("UBUNTU-"),)
        assert len(found.affected) > 5
        assert {affected.names for affected in found.affected} == {Names.SOURCE}
        assert Feed([found]).covers(Distribution("ubuntu", "22.04"))
