"""What a feed lacks: components, advisories, entries that were lost, names that an advisory leaves out (rule 0)."""

import json
import pickle
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, host, rpm

from advisories import Feed, match
from advisories.index import completeness
from advisories.index.completeness import is_documentation
from advisories.models import Assumption, Distribution, FlawKind, Loss, Module, Names, ReadReport, Scope
from advisories.models.errors import LimitExceeded
from advisories.store import open_feed, read_feed
from advisories.store.compiling import compile_store

ALPINE = Distribution("alpine", "3.20")
DEBIAN10 = Distribution("debian", "10")


def stored(feed: Feed, sources: list[Path], folder: Path) -> Feed:
    compile_store(sources, folder / "feed.db")
    return open_feed(folder / "feed.db")


def stored_twice(feed: Feed, sources: list[Path], folder: Path) -> Feed:
    compile_store(sources, folder / "first.db")
    compile_store([folder / "first.db"], folder / "feed.db")
    return open_feed(folder / "feed.db")


def taken_over(feed: Feed, sources: list[Path], folder: Path) -> Feed:
    compile_store(sources, folder / "feed.db")
    compile_store(sources, folder / "feed.db")
    return open_feed(folder / "feed.db")


WAYS: list[Callable[[Feed, list[Path], Path], Feed]] = [
    lambda feed, sources, folder: feed,
    lambda feed, sources, folder: pickle.loads(pickle.dumps(feed)),
    lambda feed, sources, folder: Feed(tuple(feed), feed.reports),
    stored,
    stored_twice,
    taken_over,
]
each_way = pytest.mark.parametrize(
    "way", WAYS, ids=["in memory", "pickled", "merged", "store", "store of a store", "taken over"]
)


def write(folder: Path, files: dict[str, Any]) -> list[Path]:
    """Files below a folder, JSON where they are no text. The topmost of them are sources."""
    for name, content in files.items():
        path = folder / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return sorted((folder / "sources").iterdir())


def secdb(repository: str, *packages: Any, release: str = "v3.20") -> dict[str, Any]:
    return {
        "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "urlprefix": "https://dl-cdn.example.org/alpine",
        "distroversion": release,
        "reponame": repository,
        "packages": list(packages) or [{"pkg": {"name": "busybox", "secfixes": {"1.36.1-r1": ["CVE-2024-1000"]}}}],
    }


def osv(id: str, name: str = "bash", ecosystem: str = "AlmaLinux:9", fixed: str = "5.1-2.el9") -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    return {
        "id": id,
        "modified": "2024-05-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges}],
    }


def updateinfo(id: str, collection: str, name: str = "bash", release: str = "2.el9", arch: str = "x86_64") -> str:
    return f"""<updates><update type="security"><id>{id}</id><issued date="2024-05-01"/><pkglist>
    <collection short="{collection}"><name>{collection}</name>
    <package name="{name}" version="5.1" release="{release}" epoch="0" arch="{arch}"/></collection>
    </pkglist></update></updates>"""


DSA = """[29 Mar 2023] DSA-5380-1 xorg-server - security update
\t{CVE-2023-1393}
\t[bullseye] - xorg-server 2:1.20.11-1+deb11u6
[02 Sep 2022] DSA-5222-1 dpdk - security update
\t[buster] - dpdk 18.11.11-1~deb10u2
"""
DLA = """[01 Apr 2023] DLA-3373-1 json-smart - security update
\t[buster] - json-smart 2.2-2+deb10u1
"""


class TestParts:
    @each_way
    @pytest.mark.parametrize(
        ("files", "distribution", "missing"),
        [
            ({"main.json": secdb("main")}, ALPINE, ("community",)),
            ({"c.json": secdb("community")}, ALPINE, ("main",)),
            ({"main.json": secdb("main"), "c.json": secdb("community")}, ALPINE, ()),
            # A folder is one source.
            ({"all/main.json": secdb("main"), "all/c.json": secdb("community")}, ALPINE, ()),
            # Of another release it is another's.
            ({"main.json": secdb("main"), "c.json": secdb("community", release="v3.19")}, ALPINE, ("community",)),
            # Another source has the release as a whole.
            (
                {
                    "main.json": secdb("main"),
                    "x/all.json": [osv(f"A-{n}", ecosystem="Alpine:v3.20") for n in range(100)],
                },
                ALPINE,
                (),
            ),
            ({"main.json": secdb("main"), "one.json": osv("A-1", ecosystem="Alpine:v3.20")}, ALPINE, ("community",)),
            ({"DSA": DSA}, DEBIAN10, ("DLA",)),
            ({"DLA": DLA}, DEBIAN10, ("DSA",)),
            ({"DSA": DSA, "DLA": DLA}, DEBIAN10, ()),
            ({"both": DSA + DLA}, DEBIAN10, ()),
            # In the day of the list Debian 11 had no long-term support yet.
            ({"DSA": DSA}, Distribution("debian", "11"), ()),
            ({"u.xml": updateinfo("ALSA-1", "almalinux-9-for-x86_64-baseos-rpms__9_default")}, ALMA9, ("appstream",)),
            (
                {"u.xml": updateinfo("RLSA-1", "rocky-linux-9-x86-64-appstream-rpms")},
                Distribution("rocky", "9.4"),
                ("baseos",),
            ),
            ({"u.xml": updateinfo("ALSA-1", "almalinux-9-for-x86_64-crb-rpms")}, ALMA9, ("baseos", "appstream")),
            ({"u.xml": updateinfo("ALSA-1", "updates")}, ALMA9, ()),
            (
                {
                    "a.xml": updateinfo("ALSA-1", "almalinux-9-for-x86_64-baseos-rpms"),
                    "b.xml": updateinfo("ALSA-2", "almalinux-9-for-x86_64-appstream-rpms"),
                },
                ALMA9,
                (),
            ),
            (
                {"u.xml": updateinfo("ALAS2KERNEL-5.15-1", "amazon-linux-2---kernel-5.15", release="1.amzn2")},
                Distribution("amzn", "2"),
                ("core",),
            ),
            ({"u.xml": updateinfo("ALAS2-1", "amazon-linux-2", release="1.amzn2")}, Distribution("amzn", "2"), ()),
        ],
    )
    def test_the_components_that_it_lacks(
        self, way: Any, files: dict[str, Any], distribution: Distribution, missing: tuple[str, ...], tmp_path: Path
    ) -> None:
        sources = write(tmp_path, files)
        feed = way(read_feed(*sources), sources, tmp_path)
        assert feed.missing_parts(distribution) == missing
        assert feed.missing_parts(Distribution("ubuntu", "22.04")) == ()

    def test_one_made_by_hand_lacks_nothing(self) -> None:
        feed = Feed([advisory("A", affected("bash", "2"))])
        assert feed.missing_parts(ALMA9) == ()
        assert not feed.is_excerpt(ALMA9)
        assert not feed.losses(ALMA9)
        assert feed.dates == {}

    def test_the_repository_of_a_package(self, tmp_path: Path) -> None:
        sources = write(
            tmp_path,
            {
                "u.xml": updateinfo("ALSA-1", "almalinux-9-for-x86_64-baseos-rpms"),
                "k.xml": updateinfo("ALAS2-1", "amazon-linux-2", release="1.amzn2"),
                "main.json": secdb("main"),
            },
        )
        feed, amazon = read_feed(*sources), Distribution("amzn", "2")
        lacking = ["appstream", "@appstream", "crb", "powertools", "almalinux-9-for-x86_64-appstream-rpms"]
        assert [feed.lacks_repository(ALMA9, name) for name in lacking] == [True] * 5
        assert [feed.lacks_repository(ALMA9, name) for name in ("baseos", "epel", "@System", "")] == [False] * 4
        assert feed.lacks_repository(ALPINE, "https://dl-cdn.alpinelinux.org/alpine/v3.20/community")
        assert not feed.lacks_repository(ALPINE, "https://dl-cdn.alpinelinux.org/alpine/v3.20/main")
        assert feed.lacks_repository(amazon, "amzn2extra-docker")
        assert not feed.lacks_repository(amazon, "amzn2-core")
        # A feed that shows no components of the release lacks none.
        assert not feed.lacks_repository(Distribution("rocky", "9"), "appstream")


CSAF = {
    "document": {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "publisher": {"name": "Red Hat Product Security"},
        "tracking": {"id": "RHSA-2024:1", "initial_release_date": "2024-05-01T00:00:00Z"},
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Red Hat",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "Red Hat Enterprise Linux BaseOS (v. 9)",
                        "product": {
                            "name": "Red Hat Enterprise Linux BaseOS (v. 9)",
                            "product_id": "BaseOS-9",
                            "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"},
                        },
                    },
                    {
                        "category": "product_version",
                        "name": "bash-0:5.1-2.el9.x86_64",
                        "product": {"name": "bash-0:5.1-2.el9.x86_64", "product_id": "bash-0:5.1-2.el9.x86_64"},
                    },
                ],
            }
        ],
        "relationships": [
            {
                "category": "default_component_of",
                "full_product_name": {"name": "bash of BaseOS", "product_id": "BaseOS-9:bash-0:5.1-2.el9.x86_64"},
                "product_reference": "bash-0:5.1-2.el9.x86_64",
                "relates_to_product_reference": "BaseOS-9",
            }
        ],
    },
    "vulnerabilities": [
        {"cve": "CVE-2024-1000", "product_status": {"fixed": ["BaseOS-9:bash-0:5.1-2.el9.x86_64"]}},
    ],
}


class TestExcerpts:
    @each_way
    @pytest.mark.parametrize(
        ("files", "distribution", "is_excerpt"),
        [
            ({"one.json": osv("ALSA-1")}, ALMA9, True),
            ({"99/all.json": [osv(f"ALSA-{n}") for n in range(99)]}, ALMA9, True),
            ({"100/all.json": [osv(f"ALSA-{n}") for n in range(100)]}, ALMA9, False),
            ({"x/1.json": osv("ALSA-1"), "x/2.json": osv("ALSA-2")}, ALMA9, True),
            ({"x/1.json": osv("ALSA-1"), "x/index.txt": "2024/1.json\n"}, ALMA9, False),
            ({"x/1.json": osv("ALSA-1"), "x/changes.csv": '"2024/1.json","2024-05-01T00:00:00Z"\n'}, ALMA9, False),
            # An index of more files than there are, or of others, shows the opposite.
            ({"x/1.json": osv("ALSA-1"), "x/index.txt": "2024/1.json\n2024/2.json\n"}, ALMA9, True),
            ({"x/1.json": osv("ALSA-1"), "x/index.txt": ""}, ALMA9, True),
            (
                {"x/1.json": osv("ALSA-1"), "x/index.txt": "2.json\n", "x/2.json": osv("B", ecosystem="AlmaLinux:8")},
                ALMA9,
                True,
            ),
            # Another source has the release as a whole.
            ({"one.json": osv("ALSA-1"), "u.xml": updateinfo("ALSA-2", "")}, ALMA9, False),
            ({"u.xml": updateinfo("ALSA-2", "")}, ALMA9, False),
            ({"one.json": osv("D-1", ecosystem="Debian:12"), "u.xml": updateinfo("ALSA-2", "")}, DEBIAN12, True),
            ({"csaf.json": CSAF}, Distribution("rhel", "9"), True),
            ({"csaf.json": CSAF}, ALMA9, False),
        ],
    )
    def test_few_documents_of_one_advisory(
        self, way: Any, files: dict[str, Any], distribution: Distribution, is_excerpt: bool, tmp_path: Path
    ) -> None:
        sources = write(tmp_path, files)
        feed = way(read_feed(*sources), sources, tmp_path)
        assert feed.is_excerpt(distribution) is is_excerpt

    @pytest.mark.parametrize(("name", "is_excerpt"), [("all.zip", False), ("some.zip", True)])
    def test_an_archive_of_all(self, name: str, is_excerpt: bool, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("ALSA-1.json", json.dumps(osv("ALSA-1")))
        assert read_feed(tmp_path / name).is_excerpt(ALMA9) is is_excerpt
        assert read_feed(tmp_path).is_excerpt(ALMA9) is is_excerpt

    def test_several_advisories_of_one_document_are_one(self, tmp_path: Path) -> None:
        """A CSAF document whose vulnerabilities differ."""
        whole = json.loads(json.dumps(CSAF))
        whole["vulnerabilities"].append(
            {"cve": "CVE-2024-2000", "product_status": {"known_affected": ["BaseOS-9:bash-0:5.1-2.el9.x86_64"]}}
        )
        (report,) = read_feed(*write(tmp_path, {"csaf.json": whole})).reports
        assert report.kept == 2
        assert [(scope.advisories, scope.single) for scope in report.scopes] == [(1, 1)]


class TestDates:
    @each_way
    def test_of_each_source(self, way: Any, tmp_path: Path) -> None:
        sources = write(tmp_path, {"a.json": osv("ALSA-1"), "b.json": secdb("main"), "c": DSA})
        feed = way(read_feed(*sources), sources, tmp_path)
        if len(feed.reports) == 3:
            dates = [datetime(2024, 5, 1, tzinfo=UTC), None, datetime(2023, 3, 29, tzinfo=UTC)]
            assert list(feed.dates.values()) == dates
            assert [name.rpartition("/")[2] for name in feed.dates] == ["a.json", "b.json", "c"]
        else:
            assert list(feed.dates.values()) == [datetime(2024, 5, 1, tzinfo=UTC)]

    @each_way
    def test_of_a_release(self, way: Any, tmp_path: Path) -> None:
        """A fresh source of another release hides no old one, and of two components the older one counts."""
        files = {
            "a.xml": updateinfo("ALSA-1", "almalinux-9-for-x86_64-baseos-rpms"),
            "b.xml": updateinfo("ALSA-2", "almalinux-9-for-x86_64-appstream-rpms").replace("2024-05", "2023-05"),
            "c": DSA,
            "d.json": secdb("main"),
            "e/all.json": {**osv("X-1", ecosystem="AlmaLinux:8"), "modified": "2026-01-01T00:00:00Z"},
        }
        sources = write(tmp_path, files)
        feed = way(read_feed(*sources), sources, tmp_path)
        newest = datetime(2026, 1, 1, tzinfo=UTC)
        assert feed.newest == newest
        # A store that is a source is one source, of one date.
        several = len(feed.reports) > 1
        assert feed.newest_of(ALMA9) == (datetime(2023, 5, 1, tzinfo=UTC) if several else newest)
        assert feed.newest_of(DEBIAN12) == (datetime(2023, 3, 29, tzinfo=UTC) if several else newest)
        assert feed.newest_of(ALPINE) == (None if several else newest)
        assert feed.newest_of(Distribution("ubuntu", "22.04")) == newest

    def test_of_one_made_by_hand(self) -> None:
        day = datetime(2024, 5, 1, tzinfo=UTC)
        assert Feed([advisory("A", affected("bash", "2"), modified=day)]).newest_of(ALMA9) == day


WITHOUT_ID = """<updates><update type="security"><pkglist><collection>
<package name="zsh" version="1" release="1.el9" arch="x86_64"/></collection></pkglist></update>
<update type="security"><id>ALSA-1</id><pkglist><collection>
<package name="bash" version="1" release="1.el9" arch="x86_64"/></collection></pkglist></update></updates>"""


class TestLosses:
    @each_way
    @pytest.mark.parametrize(
        ("files", "lost", "kept"),
        [
            # The name and the release of a lost entry are readable: that package of that release.
            (
                {"a.json": secdb("main", {"pkg": {"name": "zsh", "secfixes": 1}}, *secdb("main")["packages"])},
                [(ALPINE, "zsh")],
                [(ALPINE, "busybox"), (ALMA9, "zsh")],
            ),
            # Only the release: all its packages.
            (
                {"a.json": secdb("main", "zsh", *secdb("main")["packages"])},
                [(ALPINE, "zsh"), (ALPINE, "busybox")],
                [(ALMA9, "zsh")],
            ),
            ({"a": DSA + "[01 Apr 2023] DLA-1 zsh\n\t[buster] zsh\n"}, [(DEBIAN10, "bash")], [(DEBIAN12, "bash")]),
            (
                {"a": DSA + "[01 Apr 2023] DLA-1 zsh\n\t[buster] - zsh 1 2 3\n"},
                [(DEBIAN10, "zsh")],
                [(DEBIAN10, "bash"), (DEBIAN12, "zsh")],
            ),
            (
                {"a": DSA + "[01 Apr 2023] DLA!\n\t[buster] - zsh 1\n"},
                [(DEBIAN10, "zsh")],
                [(DEBIAN10, "bash"), (DEBIAN12, "zsh")],
            ),
            (
                {"a": DSA + "[01 Apr 2023] DLA-1 zsh\n\tnobody knows\n"},
                [(DEBIAN10, "zsh"), (DEBIAN12, "zsh")],
                [(ALMA9, "zsh")],
            ),
            # Of a release that is not known, of a package that was removed: nothing is lost.
            (
                {"a": DSA + "[01 Apr 2023] DLA-1 zsh\n\t[nowhere] zsh\n\t[buster] - zsh <removed>\n"},
                [],
                [(DEBIAN10, "zsh")],
            ),
            # Only the name: that name, in any release.
            ({"a.xml": WITHOUT_ID}, [(ALMA9, "zsh"), (DEBIAN12, "zsh")], [(ALMA9, "bash")]),
            (
                {"a.xml": updateinfo("ALSA-1", "x").replace('release="2.el9" epoch="0"', 'release="2.el9" epoch="x"')},
                [(ALMA9, "bash")],
                [(ALMA9, "zsh")],
            ),
            ({"a.xml": updateinfo("ALSA-1", "x", arch="src")}, [(ALMA9, "bash")], [(ALMA9, "zsh")]),
            # A source package beside binaries is not lost.
            (
                {
                    "a.xml": updateinfo("ALSA-1", "x").replace(
                        "</collection>", '<package name="bash" version="5.1" release="2.el9" arch="src"/></collection>'
                    )
                },
                [],
                [(ALMA9, "bash")],
            ),
            # What comes behind damage is of the releases before it.
            (
                {"a.xml": updateinfo("ALSA-1", "x").replace("</updates>", "<update><id>")},
                [(ALMA9, "zsh")],
                [(DEBIAN12, "zsh")],
            ),
            # Nothing of it is readable: the whole match.
            ({"a/1.json": osv("ALSA-1"), "a/2.json": "{"}, [(ALMA9, "zsh"), (DEBIAN12, "zsh")], []),
        ],
    )
    def test_whom_a_lost_entry_concerns(
        self,
        way: Any,
        files: dict[str, Any],
        lost: list[tuple[Distribution, str]],
        kept: list[tuple[Distribution, str]],
        tmp_path: Path,
    ) -> None:
        good = {"good.json": osv("ALSA-0", "good"), "zdebian": DSA}
        sources = write(tmp_path, good | files)
        feed = way(read_feed(*sources), sources, tmp_path)
        for distribution, name in lost:
            assert feed.losses(distribution).concern(name), (distribution, name)
        for distribution, name in kept:
            assert not feed.losses(distribution).concern(name), (distribution, name)

    @pytest.mark.parametrize(
        ("loss", "concerned"),
        [
            (Loss("bash", ALMA9, "ALSA-1"), False),
            (Loss("zsh", ALMA9, "ALSA-1"), True),
            (Loss(None, ALMA9, "ALSA-1"), False),
            (Loss(None, ALMA9, "ALSA-2"), True),
            (Loss(None, None, "ALSA-1"), False),
            (Loss(None, None, "ALSA-3"), True),
            (Loss("bash", ALMA9), True),
            (Loss("bash", Distribution("almalinux", None)), True),
            (Loss("bash", Distribution("almalinux", "8")), False),
            (Loss(None, DEBIAN12), False),
        ],
    )
    def test_what_is_kept_from_elsewhere_makes_up_for_it(self, loss: Loss, concerned: bool) -> None:
        kept = advisory("ALSA-1", affected("bash", "2")), advisory("ALSA-2")
        feed = Feed(kept, [ReadReport("a", "osv", 2, 2, losses=(loss,))])
        assert feed.losses(ALMA9).concern(loss.package or "anything") is concerned
        assert bool(feed.losses(ALMA9)) is concerned

    def test_no_package_is_concerned_by_a_lost_score(self, tmp_path: Path) -> None:
        sources = write(
            tmp_path,
            {
                "a.json": osv("ALSA-1"),
                "k/kev.json": {
                    "catalogVersion": "1",
                    "title": "x",
                    "vulnerabilities": [{"cveID": 1}, {"cveID": "CVE-2024-1000", "dateAdded": "2024-05-01"}],
                },
            },
        )
        feed = read_feed(*sources)
        assert sum(report.rejected for report in feed.reports) == 1
        assert not feed.losses(ALMA9)


def kernel(id: str, version: str, *names: str, **more: Any) -> Any:
    return advisory(id, *[affected(name, version, **more) for name in names], cves=[f"CVE-2024-{id[-4:]}"])


WHOLE = ("kernel", "kernel-core", "kernel-doc", "kernel-abi-stablelists", "kernel-modules-partner")


class TestIncompleteRecords:
    @pytest.mark.parametrize(
        ("name", "is_one"),
        [
            *(
                (name, True)
                for name in ("kernel-doc", "nodejs-docs", "ant-javadoc", "python3-help", "kernel-abi-whitelists")
            ),
            *((name, False) for name in ("httpd-tools", "doc", "kernel-doc-tools", "libabi-1", "docker", "helper")),
        ],
    )
    def test_names_of_documentation(self, name: str, is_one: bool) -> None:
        assert is_documentation(name) is is_one

    def test_the_other_names_are_compared_with_its_version(self) -> None:
        feed = Feed(
            [kernel("A-1001", "6.12-1", *WHOLE), kernel("A-1002", "6.12-2", "kernel-doc", "kernel-abi-stablelists")]
        )
        assert [entry.package for entry in feed.completions["A-1002"]] == [
            "kernel",
            "kernel-core",
            "kernel-modules-partner",
        ]
        old, new = rpm("kernel-core", "6.12-1"), rpm("kernel-core", "6.12-2")
        (finding,) = match(host(old), feed)
        assert (finding.vulnerability, finding.fixed_version) == ("CVE-2024-1002", "6.12-2")
        assert finding.assumptions == (Assumption.RECORD_INCOMPLETE,)
        assert not match(host(new), feed)
        assert Assumption.RECORD_INCOMPLETE not in match(host(new), feed).coverage.assumptions
        # What the advisory names is as it says, and the advisory stays as it was published.
        (finding,) = match(host(rpm("kernel-doc", "6.12-1")), feed)
        assert not finding.assumptions
        whole = feed.advisory("A-1002")
        assert whole is not None
        assert [entry.package for entry in whole.affected] == ["kernel-doc", "kernel-abi-stablelists"]
        (flaw,) = [flaw for flaw in feed.flaws if flaw.kind is FlawKind.RECORD_INCOMPLETE]
        assert (flaw.advisory, flaw.package, flaw.distribution) == ("A-1002", "kernel-abi-stablelists", ALMA9)
        assert (
            flaw.why == "names kernel-abi-stablelists and kernel-doc alone, and not 3 other packages of the same source"
        )

    @pytest.mark.parametrize(
        "other",
        [
            # It names a real part of the source.
            kernel("A-1002", "6.12-2", "kernel-doc", "kernel-modules-partner"),
            # No other advisory shows what else is of the source.
            kernel("A-1002", "6.12-2", "kea-doc"),
            kernel("A-1002", "6.12-2", "kernel-doc", module=Module.of("a:1")),
            kernel("A-1002", "6.12-2", "kernel-doc", names=Names.SOURCE),
            kernel("A-1002", "6.12-2", "kernel-doc", distribution=Distribution("almalinux", "8")),
            kernel("A-1002", "6.12-2", "kernel-doc", negative=True),
            kernel("A-1002", "0", "kernel-doc"),
            kernel("A-1002", "6.12-2", "httpd-tools"),
        ],
    )
    def test_what_is_complete(self, other: Any) -> None:
        assert not Feed([kernel("A-1001", "6.12-1", *WHOLE), other]).completions

    def test_names_of_other_versions_are_of_other_sources(self) -> None:
        both = advisory("A-1001", affected("a", "1-1"), affected("a-doc", "1-1"), affected("b", "2-1"))
        feed = Feed([both, kernel("A-1002", "1-2", "a-doc")])
        assert [entry.package for entry in feed.completions["A-1002"]] == ["a"]

    def test_an_epoch_is_the_name_s_own(self) -> None:
        both = advisory("A-1001", affected("a", "2:1-1"), affected("a-doc", "1-1"))
        feed = Feed([both, kernel("A-1002", "1-2", "a-doc")])
        assert [entry.ranges[0].fixed for entry in feed.completions["A-1002"]] == ["2:1-2"]

    @each_way
    def test_everywhere_alike(self, way: Any, tmp_path: Path) -> None:
        records = [
            {
                **osv("ALSA-1", name, fixed="1-1"),
                "affected": [one for each in WHOLE for one in osv("", each, fixed="1-1")["affected"]],
            }
            for name in ("x",)
        ]
        sources = write(tmp_path, {"a/all.json": [*records, osv("ALSA-2", "kernel-doc", fixed="1-2")]})
        plain = read_feed(*sources)
        feed = way(plain, sources, tmp_path)
        assert dict(feed.completions) == dict(plain.completions)
        assert list(feed.completions) == ["ALSA-2"]
        assert tuple(feed) == tuple(plain)
        assert feed.advisory("ALSA-2") == plain.advisory("ALSA-2")
        assert feed.flaws == plain.flaws
        assert feed.records(ALMA9, Names.BINARY, "kernel") == plain.records(ALMA9, Names.BINARY, "kernel")
        assert [(one.advisory.id, one.affected.completed) for one in feed.records(ALMA9, Names.BINARY, "kernel")] == [
            ("ALSA-1", False),
            ("ALSA-2", True),
        ]


def test_documentation_stands_for_packages_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many advisories that name it alone, and so many packages of its source, would be a square of entries."""
    monkeypatch.setattr(completeness, "_COMPLETED", 40)
    names = ["kernel-doc", "kernel", "kernel-core"]
    records = [advisory("A", *[affected(name, "1-1") for name in names], cves=["CVE-2024-0001"])]
    records += [advisory(f"B-{i}", affected("kernel-doc", f"{i + 2}-1"), cves=["CVE-2024-0001"]) for i in range(13)]
    assert len(Feed(records[:-1]).completions) == 12
    with pytest.raises(LimitExceeded, match="than the limit of 40"):
        Feed(records)


def test_scopes_of_a_source_that_is_read_twice_add_up(tmp_path: Path) -> None:
    sources = write(tmp_path, {"a.json": osv("ALSA-1")})
    compile_store(sources, tmp_path / "a.db")
    (report,) = read_feed(tmp_path / "a.db", *sources).reports[:1]
    assert report.scopes == (Scope(ALMA9, "", 1, 1),)


def test_almalinux_s_whole_feed(almalinux: Feed) -> None:
    """It lacks nothing, and of AlmaLinux 10's kernel advisories 36 of 62 name documentation alone."""
    for release in almalinux.releases:
        assert almalinux.missing_parts(release) == ()
        assert not almalinux.is_excerpt(release)
        assert not almalinux.losses(release)
    alma10 = Distribution("almalinux", "10")
    documentation = {record.advisory.id for record in almalinux.records(alma10, Names.BINARY, "kernel-doc")}
    kernels = almalinux.records(alma10, Names.BINARY, "kernel")
    assert {record.advisory.id for record in kernels} == documentation
    assert (len(kernels), sum(record.affected.completed for record in kernels)) == (62, 36)
    assert {entry.distribution for entries in almalinux.completions.values() for entry in entries} <= {
        alma10,
        Distribution("almalinux", "8"),
    }
