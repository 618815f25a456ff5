"""What readers lose names the package and the release that lost it, as far as these can be read (rule 0)."""

import io
import json
from typing import Any

import pytest
from small_feeds import updateinfo

from advisories.models import Distribution, Loss
from advisories.readers.feeds.registry import read_documents, read_stream
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

DEBIAN12, JAMMY, MARINER = Distribution("debian", "12"), Distribution("ubuntu", "22.04"), Distribution("mariner", "2.0")
ANY_DEBIAN, ANY_UBUNTU = Distribution("debian", None), Distribution("ubuntu", None)


def losses_of(content: Any, name: str) -> tuple[Loss, ...]:
    data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    reading = read_stream(io.BytesIO(data), name)
    reading.records()
    return reading.report().losses


GOOD = {"CVE-2024-1000": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "1"}}}}


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        ({"bash": GOOD}, []),
        ({"bash": GOOD, "zsh": 1}, [Loss("zsh", ANY_DEBIAN)]),
        ({"bash": GOOD, "zsh": {"nothing": {}}}, [Loss("zsh", ANY_DEBIAN)]),
        ({"bash": GOOD, "zsh": {"CVE-2024-1000": {"releases": 1}}}, [Loss("zsh", ANY_DEBIAN)]),
        ({"bash": GOOD, "zsh": {"CVE-2024-1000": {"releases": {"bookworm": {}}}}}, [Loss("zsh", DEBIAN12)]),
        ({"bash": GOOD, "zsh": {"CVE-2024-1000": {"releases": {"nowhere": {}}}}}, []),
    ],
)
def test_debian_s_tracker(content: Any, lost: list[Loss]) -> None:
    assert list(losses_of(content, "tracker.json")) == lost


def secdb(**more: Any) -> dict[str, Any]:
    packages = [{"pkg": {"name": "bash", "secfixes": {"1-r0": ["CVE-2024-1000"]}}}]
    return {"apkurl": "x", "urlprefix": "x", "distroversion": "v3.20", "reponame": "main", "packages": packages} | more


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        (secdb(), []),
        (secdb(packages=1), [Loss(None, Distribution("alpine", "3.20"))]),
        (secdb(packages=[{"pkg": {"name": "zsh", "secfixes": 1}}]), [Loss("zsh", Distribution("alpine", "3.20"))]),
        (secdb(distroversion="3.20"), [Loss(None, Distribution("alpine", None))]),
        # Of a distribution that is not known here, and of nobody knows which.
        (secdb(distroversion=None, urlprefix="https://example.org/other"), []),
        (secdb(distroversion=None), [Loss()]),
        (secdb(distroversion=None, urlprefix="https://x.alpinelinux.org"), [Loss(None, Distribution("alpine", None))]),
        ({**secdb(), "Packages": secdb()["packages"], "packages": None}, []),
        ([secdb()], [Loss()]),
    ],
)
def test_secdb(content: Any, lost: list[Loss]) -> None:
    assert list(losses_of(content, "main.json")) == lost


TRACKED = "Candidate: CVE-2024-1000\nPublicDate: 2024-05-01\nReferences:\n https://example.org/\n"


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("jammy_bash: released (1)\n", []),
        ("jammy_bash: released (1)\njammy_zsh: released\n", [Loss("zsh", JAMMY)]),
        ("jammy_bash: released (1)\njammy_zsh: whatever\n", [Loss("zsh", JAMMY)]),
        ("jammy_bash: released (1)\njammy_zsh = released (1)\n", [Loss("zsh", JAMMY)]),
        ("jammy_bash: released (1)\njammy_bash: released (2)\n", [Loss("bash", JAMMY)]),
        ("jammy_bash: released (1)\nsomething else\n", [Loss(None, ANY_UBUNTU)]),
        ("jammy_bash: released (1)\nupstream_zsh = released (1)\nSome: field\nOther field\n", []),
    ],
)
def test_ubuntu_s_tracker(lines: str, lost: list[Loss]) -> None:
    assert list(losses_of(TRACKED + lines, "CVE-2024-1000")) == lost


def test_ubuntu_s_tracker_without_an_id() -> None:
    text = "Candidate: nothing\njammy_bash: released (1)\nfocal_bash: DNE\n"
    assert losses_of(text, "CVE-2024-1000") == (Loss("bash", JAMMY),)


def usn(jammy: Any, **more: Any) -> dict[str, Any]:
    return {"1-1": {"id": "1-1", "cves": ["CVE-2024-1000"], "releases": {"jammy": jammy}, **more}}


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        (usn({"sources": {"bash": {"version": "1"}}}), []),
        (usn({"sources": {"bash": {"version": 1}, "zsh": {"version": "1"}}}), [Loss("bash", JAMMY)]),
        (usn({"sources": 1}), [Loss(None, JAMMY)]),
        (usn({"binaries": {"bash": {"version": "1"}}}), [Loss("bash", JAMMY)]),
        (usn({"sources": {"bash": {"version": "1"}}}, releases=1), [Loss(None, ANY_UBUNTU)]),
    ],
)
def test_ubuntu_s_advisories(content: Any, lost: list[Loss]) -> None:
    assert list(losses_of(content, "database.json")) == lost


def oval(tests: str, platform: str = "CBL-Mariner", cut: bool = False) -> str:
    text = f"""<oval_definitions><definitions>
    <definition class="vulnerability" id="oval:x:def:1"><metadata><title>bash</title>
    <affected family="unix"><platform>{platform}</platform></affected>
    <reference ref_id="CVE-2024-1000" source="CVE"/></metadata>
    <criteria operator="AND">{tests}</criteria></definition></definitions>
    <tests><rpminfo_test id="t1" check="at least one"><object object_ref="o1"/><state state_ref="s1"/></rpminfo_test>
    <rpminfo_test id="t2" check="at least one"><object object_ref="o2"/><state state_ref="s2"/></rpminfo_test></tests>
    <objects><rpminfo_object id="o1"><name>bash</name></rpminfo_object>
    <rpminfo_object id="o2"><name>zsh</name></rpminfo_object></objects>
    <states><rpminfo_state id="s1"><evr datatype="evr_string" operation="less than">0:2-1.cm2</evr></rpminfo_state>
    <rpminfo_state id="s2"><evr datatype="evr_string" operation="not equal">0:2-1.cm2</evr></rpminfo_state></states>
    </oval_definitions>"""
    return text.removesuffix("</oval_definitions>") if cut else text


KEPT, LOST = '<criterion test_ref="t1"/>', '<criterion test_ref="t2"/>'


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        (oval(KEPT), []),
        (oval(LOST), [Loss("zsh", MARINER, "oval:x:def:1")]),
        (oval(f'<criteria operator="OR">{KEPT}{LOST}</criteria>'), [Loss("zsh", MARINER)]),
        (oval(KEPT, cut=True), [Loss(None, MARINER)]),
        (oval('<criterion test_ref="t3"/>'), [Loss(None, MARINER, "oval:x:def:1")]),
    ],
)
def test_oval(content: str, lost: list[Loss]) -> None:
    assert list(losses_of(content, "cbl-mariner-2.0-oval.xml")) == lost


def test_nothing_is_lost_of_a_product_that_is_not_known() -> None:
    assert losses_of(oval('<criterion test_ref="t3"/>', platform="Somebody's 7"), "oval.xml") == ()


class TestUpdatesOfAnUnknownPublisher:
    """A document is of one publisher: among its updates, one with an id of nobody is damaged."""

    ALMA9 = Distribution("almalinux", "9")

    def losses(self, *documents: bytes) -> tuple[Loss, ...]:
        whole = b"".join([one.partition(b"<updates>")[2].rpartition(b"</updates>")[0] for one in documents])
        document = Document("a/updateinfo.xml", "updateinfo.xml", b"<updates>" + whole + b"</updates>", alone=False)
        reading = read_documents("a", [document], DEFAULT_LIMITS)
        reading.records()
        return reading.report().losses

    def test_beside_updates_of_a_known_one(self) -> None:
        known, odd = updateinfo("ALSA-2024:1000", "baseos"), updateinfo("XLSA-2024:2000", "baseos")
        assert self.losses(known) == ()
        assert self.losses(known, odd) == self.losses(odd, known) == (Loss("bash", self.ALMA9),)

    @pytest.mark.parametrize("collection", ["almalinux-9-for-x86_64-baseos-rpms__9_default", "AlmaLinux 9"])
    def test_in_a_collection_of_a_known_one(self, collection: str) -> None:
        assert self.losses(updateinfo("XLSA-2024:2000", collection)) == (Loss("bash", self.ALMA9),)

    def test_of_a_document_of_suse_the_collection_shows_the_release(self) -> None:
        known = updateinfo("SUSE-2024-1000", "SUSE Linux Enterprise Server 15 SP3", release="1.1")
        odd = updateinfo("X-2024-1000", "SUSE Linux Enterprise Server 15 SP3", release="1.1")
        assert self.losses(known, odd) == (Loss("bash", Distribution("sles", "15.3")),)

    @pytest.mark.parametrize(
        ("id", "collection"), [("FEDORA-EPEL-2018-1", "Fedora EPEL 6"), ("SLID-11111", "Scientific Linux 6")]
    )
    def test_a_document_of_another_publisher(self, id: str, collection: str) -> None:
        """It is about another product, and concerns nobody who is judged."""
        assert self.losses(updateinfo(id, collection)) == ()


@pytest.mark.parametrize("name", ["all.zip", "a.tar.gz", "com.example.oval.xml.bz2", "b.tar.zst", "c.tgz"])
@pytest.mark.parametrize("data", [b"", b"<html><body>404</body></html>", b"P"])
def test_what_is_called_packed_and_is_not_may_have_been_anything(name: str, data: bytes) -> None:
    reading = read_documents("a", [Document(f"a/{name}", name, data, alone=False)], DEFAULT_LIMITS)
    assert reading.records() == []
    report = reading.report()
    assert [one.why for one in report.rejections] == ["neither compressed nor an archive, as its name has it"]
    assert report.losses == (Loss(),)


@pytest.mark.parametrize("name", ["00boilerplate.lzma", "00boilerplate.zip", "sources.gz", "notes.lzma"])
def test_what_is_called_as_a_package_is(name: str) -> None:
    reading = read_documents("a", [Document(f"a/{name}", name, b"Candidate:", alone=False)], DEFAULT_LIMITS)
    assert reading.records() == []
    assert reading.report().losses == ()


def test_what_a_browser_has_unpacked_is_read_by_its_content() -> None:
    reading = read_documents(
        "a", [Document("a/u.xml.gz", "u.xml.gz", updateinfo("ALSA-2024:1000", "baseos"), alone=False)], DEFAULT_LIMITS
    )
    assert len(reading.records()) == 1
    assert reading.report().losses == ()
