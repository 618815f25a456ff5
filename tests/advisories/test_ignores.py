"""Readers of ignore files and OpenVEX documents: what is taken, what is refused and where; real documents counted."""

import json
import pickle
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories import ignores
from advisories.errors import EmptySource, InvalidIgnoreFile, LimitExceeded, UnknownFormat, UnreadableSource
from advisories.ignores import Statements
from advisories.ignores.toml_lines import lines_of
from advisories.limits import Limits
from advisories.models import Extent, FixState
from advisories.statements import Product, Purl, Statement, StatementStatus, VersionRange

Unpack = Callable[[str], Path]

RULES = """\
# Accepted risks.
[[ignore]]
id = ["CVE-2024-1234", "RHSA-2024:0001"]
package = "kernel*"
versions = { from = "5.14.0-70", before = "5.14.0-100" }
location = "/boot/*"
fix-state = ["not-fixed", "wont-fix"]
until = 2026-12-31
reason = \"\"\"
Only the console is reachable,
[[ignore]]
package = "of the text"
\"\"\"
owner = "ops"

[[ignore]]   # two
"id" = 'CVE-2024-0001'
reason = "b"  # reason = "c"
"""


def read(text: str | bytes | dict[str, Any]) -> Statements:
    data = json.dumps(text) if isinstance(text, dict) else text
    return ignores.read_stream(BytesIO(data.encode() if isinstance(data, str) else data), "said")


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidIgnoreFile) as caught:
        read(text)
    assert {problem.source for problem in caught.value.problems} == {"said"}
    return [f"{one.position}: {one.what}: {one.why}" for one in caught.value.problems]


class TestIgnoreFile:
    def test_every_field(self) -> None:
        found = read(RULES)
        assert found.statements == (
            Statement(
                "said",
                "line 2",
                StatementStatus.IGNORED,
                ("CVE-2024-1234", "RHSA-2024:0001"),
                ("kernel*",),
                VersionRange("5.14.0-70", "5.14.0-100"),
                "/boot/*",
                (FixState.NOT_FIXED, FixState.WONT_FIX),
                until=date(2026, 12, 31),
                reason='Only the console is reachable, [[ignore]] package = "of the text"',
                owner="ops",
            ),
            Statement("said", "line 16", StatementStatus.IGNORED, ("CVE-2024-0001",), reason="b"),
        )
        assert (found.report.format, found.report.read, found.report.kept) == ("ignore-file", 2, 2)
        assert str(found.statements[1]) == "said: line 16: ignored: CVE-2024-0001"

    @pytest.mark.parametrize("text", [RULES.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + RULES.encode()])
    def test_windows_writes_the_same(self, text: bytes) -> None:
        assert read(text).statements == read(RULES).statements

    def test_other_ways_to_write_it(self) -> None:
        inline = 'ignore = [\n  { id = "A", reason = "a" },\n  { id = "B", reason = "b" },\n]\n'
        assert [(one.position, one.ids) for one in read(inline).statements] == [("line 1", ("A",)), ("line 1", ("B",))]
        dotted = '[[ignore]]\npackage = "a"\nversions.from = "1"\nreason = "r"\n'
        table = '[[ignore]]\npackage = "a"\nreason = "r"\n[ignore.versions]\nfrom = "1"\n'
        assert read(dotted).statements[0].versions == read(table).statements[0].versions == VersionRange("1", None)

    @pytest.mark.parametrize("text", ["# nothing yet\n", "\n\n", "ignore = []\n"])
    def test_a_file_without_a_rule_is_no_error(self, text: str) -> None:
        assert read(text).statements == ()

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ('reasons = "r"', "line 3: reasons: not a key of a rule"),
            ("until = 2026-01-01T00:00:00", "line 3: until: a time without a zone"),
            ("until = 12:00:00", "line 3: until: a date is expected, as 2026-12-31 without quotes, not a time of day"),
            ('until = "2026-01-01"', "line 3: until: a date is expected, as 2026-12-31 without quotes, not a string"),
            ("until = 9999-12-31T23:00:00-02:00", "line 3: until: a time that no day in UTC has"),
            ("until = 2026-02-30", "line 3: said: not TOML: Invalid date or datetime"),
            ("id = 5", "line 3: id: a string is expected, not a number"),
            ("id = []", "line 3: id: an empty array"),
            ('id = ["a", true]', "line 3: id: a string is expected, not a boolean"),
            ('id = " "', "line 3: id: empty, or with characters that cannot be printed"),
            ('id = "\\u001b[2J"', "line 3: id: empty, or with characters that cannot be printed"),
            ('fix-state = "wontfix"', "line 3: fix-state: not a fix state: wontfix; there are: fixed, not-fixed"),
            ('versions = "1.0"', "line 3: versions: a table is expected"),
            ("versions = {}", "line 3: versions: neither from nor before"),
            ('versions = { form = "1" }', "line 3: versions.form: not a bound of a range; there are: from, before"),
            ("versions = { from = 1.0 }", "line 3: versions.from: a string is expected, not a number"),
            ('location = "*"', "line 3: location: it fits everything"),
            ("[ignore.versions]\nto = 1", "line 4: versions.to: not a bound of a range"),
            ('owner = ["a"]', "line 3: owner: a string is expected, not an array"),
            ("reason = 'twice'", "line 3: said: not TOML: Cannot overwrite a value"),
            ("'\\u001b' = 1", "line 3: \\u001b: not a key of a rule"),
        ],
    )
    def test_a_mistake_is_named_with_its_line(self, lines: str, said: str) -> None:
        found = problems(f'[[ignore]]\nreason = "r"\n{lines}\n')
        assert any(one.startswith(said) for one in found), found

    def test_every_mistake_is_named(self) -> None:
        text = (
            'version = 1\n[[ignore]]\nreason = "no narrowing"\n[[ignore]]\nid = "a"\n[[ignore]]\n'
            'versions = { from = "1" }\nid = "b"\nreason = " "\n\n[[ignores]]\nid = "c"\n'
        )
        assert problems(text) == [
            "line 1: version: not a key of an ignore file; rules are tables [[ignore]]",
            "line 2: ignore: it would ignore everything: one of id, package, location, fix-state is needed",
            "line 4: ignore: no reason: say why it is ignored",
            "line 7: versions: versions of what? it needs a package",
            "line 9: reason: empty, or with characters that cannot be printed",
            "line 11: ignores: not a key of an ignore file; rules are tables [[ignore]]",
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[ignore]\nid = 'a'\n", "line 1: ignore: an array of tables is expected, [[ignore]], not a table"),
            ("\nignore = [1]\n", "line 2: ignore: a table is expected, not a number"),
            ("[a.b]\nc = 1\n", "line 1: a: not a key of an ignore file"),
            ("ignore = [\n", "line 1: said: not TOML"),
            ("[[ignore]]\nid = \n", "line 2: said: not TOML: Invalid value"),
            (b"[[ignore]]\nid = '\xff'\n", "line 2: said: not UTF-8"),
            (b"[[ignore]]\nid = 'a\rb'\n", "line 2: said: not TOML"),
            ("a = " + "[" * 100_000, "line 1: said: nested too deeply"),
            ("a = " + "9" * 10_000, "line 1: said: not TOML"),
            ("a = 1\n\x1b[2J\n", "line 2: said: not TOML"),
        ],
    )
    def test_what_is_no_ignore_file(self, text: str | bytes, said: str) -> None:
        found = problems(text)
        assert any(one.startswith(said) for one in found), found
        assert all(one.isprintable() for one in found)

    def test_the_error_says_all_of_it_and_can_be_pickled(self) -> None:
        with pytest.raises(UnreadableSource) as caught:
            read("[[ignore]]\nid = 1\n")
        error = caught.value
        assert isinstance(error, InvalidIgnoreFile)
        assert str(error).splitlines() == [
            "said: line 1: ignore: no reason: say why it is ignored",
            "said: line 2: id: a string is expected, not a number",
        ]
        again = pickle.loads(pickle.dumps(error))
        assert (again.source, again.problems, str(again)) == (error.source, error.problems, str(error))


class TestLines:
    def test_what_only_looks_like_a_header(self) -> None:
        text = (
            "a = '''\n[[t]]\n''''' # '''\n"  # 1 to 3: two quotes of the string's own
            'b = """x\\"""" # """\n'  # 4
            "[[t]] # [[t]]\n"  # 5
            "c = [ # ]\n  '[[t]]', [\n  1 ],\n]\n"  # 6 to 9
            '"d = e" = { f = "}" }\n'  # 10
            "[[ 't' ]]\n"  # 11
            "[t.u]\nx.y = 1\n"  # 12 and 13
            "[[t.v]]\n[[t.v]]\nz = 1"  # 14 to 16
        )
        tomllib.loads(text)
        found = lines_of(text)
        assert found == {
            ("a",): 1,
            ("b",): 4,
            ("t",): 5,
            ("t", 0): 5,
            ("t", 0, "c"): 6,
            ("t", 0, "d = e"): 10,
            ("t", 1): 11,
            ("t", 1, "u"): 12,
            ("t", 1, "u", "x"): 13,
            ("t", 1, "u", "x", "y"): 13,
            ("t", 1, "v"): 14,
            ("t", 1, "v", 0): 14,
            ("t", 1, "v", 1): 15,
            ("t", 1, "v", 1, "z"): 16,
        }

    @given(
        st.lists(
            st.sampled_from(
                [
                    '"""\n[[ignore]]\nx = 1\n"""',
                    "'''\n[[ignore]]\n'''",
                    '"# [[ignore]]"',
                    '\'"\' # """',
                    "[\n  1, # ]\n  '[',\n]",
                    '{ a = "{", b = [1] }',
                    '"""a\\\n   """',
                    '""',
                    '""""a"""',
                    "2026-01-01",
                ]
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_headers_are_found_behind_any_value(self, values: list[str]) -> None:
        text = "".join(f"[[ignore]] # {{\nvalue = {value}\n" for value in values)
        expected = [
            text.count("\n", 0, sum(len(f"[[ignore]] # {{\nvalue = {v}\n") for v in values[:n])) + 1
            for n in range(len(values))
        ]
        assert len(tomllib.loads(text)["ignore"]) == len(values)
        found = lines_of(text)
        assert [found["ignore", number] for number in range(len(values))] == expected
        assert [found["ignore", number, "value"] for number in range(len(values))] == [line + 1 for line in expected]


# ---- OpenVEX ----


def vex(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    about = {"@context": "https://openvex.dev/ns/v0.2.0", "author": "A", "timestamp": "2024-01-01T00:00:00Z"}
    return about | {"statements": list(statements)} | more


def said(**more: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": "pkg:deb/debian/bash"}]}
    return about | {"status": "fixed"} | more


class TestOpenVex:
    def test_version_0_2_0(self) -> None:
        statement = said(
            vulnerability={
                "@id": "https://nvd.nist.gov/vuln/detail/CVE-2024-1",
                "name": "CVE-2024-1",
                "aliases": ["GHSA-1"],
            },
            products=[
                {
                    "@id": "https://example.com/bash",
                    "identifiers": {"purl": "pkg:rpm/redhat/bash@5.1-2?epoch=1&arch=src"},
                },
                {"@id": "pkg:oci/minio", "subcomponents": [{"@id": "pkg:alpine/musl"}, {"@id": "pkg:alpine/musl"}]},
            ],
            status="not_affected",
            justification="component_not_present",
            status_notes="two\nlines\u001b[0m",
            timestamp="2024-02-01T02:00:00.123456789+02:00",
        )
        (found,) = read(vex(statement)).statements
        epoch, musl = (("arch", "src"), ("epoch", "1")), Purl("pkg:alpine/musl", "apk", "alpine", "musl")
        source = Purl("pkg:rpm/redhat/bash@5.1-2?epoch=1&arch=src", "rpm", "redhat", "bash", "1:5.1-2", epoch)
        assert source.is_source
        assert found == Statement(
            "said",
            "statements[0]",
            StatementStatus.NOT_AFFECTED,
            ("CVE-2024-1", "GHSA-1"),
            products=(Product(source), Product(Purl("pkg:oci/minio", "oci", None, "minio"), (musl,))),
            reason="two lines\N{REPLACEMENT CHARACTER}[0m",
            owner="A",
            justification="component_not_present",
            timestamp=datetime(2024, 2, 1, 0, 0, 0, 123456, tzinfo=UTC),
        )

    @pytest.mark.parametrize("context", ["", "/v0.0.1", "/v0.0.2"])
    def test_version_0_0(self, context: str) -> None:
        statement = {
            "vulnerability": "CVE-2024-1",
            "products": ["pkg:oci/minio", "pkg:oci/redis"],
            "subcomponents": ["pkg:apk/alpine/musl"],
            "status": "affected",
            "action_statement": "upgrade",
        }
        document = vex(statement, **{"@context": f"https://openvex.dev/ns{context}"})
        (found,) = read(document).statements
        musl = Purl("pkg:apk/alpine/musl", "apk", "alpine", "musl")
        assert [(one.purl.name, one.components) for one in found.products] == [("minio", (musl,)), ("redis", (musl,))]
        assert (found.reason, found.ids) == ("upgrade", ("CVE-2024-1",))
        # The document's.
        assert (found.timestamp, found.owner) == (datetime(2024, 1, 1, tzinfo=UTC), "A")

    @pytest.mark.parametrize(
        ("broken", "position", "why"),
        [
            ("x", "statements[1]", "an object is expected, not a string"),
            (said(vulnerability=None), "statements[1].vulnerability", "a string is expected, not null"),
            (said(vulnerability={}), "statements[1].vulnerability", "neither a name nor an @id"),
            (said(vulnerability={"name": "\u001b"}), "statements[1].vulnerability.name", "empty, or with characters"),
            (said(vulnerability={"name": "\ud800"}), "statements[1].vulnerability.name", "empty, or with characters"),
            (said(vulnerability={"name": "a", "aliases": [1]}), "statements[1].vulnerability.aliases[0]", "a string"),
            (said(status="ignored"), "statements[1].status", "not a status: ignored; there are: not_affected, fixed"),
            (said(status=None), "statements[1].status", "a string is expected, not null"),
            (said(status="not_affected"), "statements[1]", "not_affected without a justification"),
            (
                said(status="not_affected", justification="because"),
                "statements[1].justification",
                "not a justification",
            ),
            (said(products={}), "statements[1].products", "an array is expected, not an object"),
            (said(products=[]), "statements[1].products", "no product that is a package URL"),
            (said(products=[{"@id": "cpe:/a:b"}]), "statements[1].products", "no product that is a package URL"),
            (
                said(products=[{"@id": "pkg:oci/x", "subcomponents": [{"@id": "cpe:/a:b"}]}]),
                "statements[1].products",
                "no product that is a package URL",
            ),
            (said(impact_statement=1), "statements[1].impact_statement", "a string is expected, not a number"),
        ],
    )
    def test_a_broken_statement_leaves_its_neighbours(self, broken: Any, position: str, why: str) -> None:
        found = read(vex(said(), broken, said()))
        assert [one.position for one in found.statements] == ["statements[0]", "statements[2]"]
        (refused,) = [one for one in found.report.rejections if one.extent is Extent.RECORD]
        assert (refused.source, refused.position) == ("said", position)
        assert refused.why.startswith(why)
        assert str(refused).isprintable()
        assert (found.report.read, found.report.kept, found.report.rejected) == (3, 2, 1)

    @pytest.mark.parametrize(
        ("product", "why"),
        [
            (1, "an object is expected, not a number"),
            ({"@id": 1}, "a string is expected as its identifier, not a number"),
            ({"@id": "pkg:"}, "not a purl"),
            ({"@id": "pkg:rpm/redhat/bash@1-1?epoch=x"}, "not an epoch: 'x'"),
            ({"@id": "pkg:rpm/redhat/\u001bbash"}, "a purl with characters that cannot be printed"),
            ({"@id": "pkg:oci/x", "subcomponents": {}}, "an array is expected, not an object"),
        ],
    )
    def test_a_broken_product_leaves_its_neighbours(self, product: Any, why: str) -> None:
        found = read(vex(said(products=[product, {"@id": "pkg:deb/debian/bash"}])))
        assert [one.purl.name for one in found.statements[0].products] == ["bash"]
        (refused,) = found.report.rejections
        assert refused.extent is Extent.PART
        assert refused.why.startswith(why)
        assert found.report.read == found.report.kept == 1

    def test_products_that_are_no_package_urls_are_counted(self) -> None:
        found = read(vex(said(products=[{"@id": "cpe:/a:b"}, {"@id": "pkg:deb/debian/bash"}])))
        assert found.report.skips == (("a product that is no package URL", 1),)

    @pytest.mark.parametrize("time", ["2024-01-01T00:00:00", "2024-01-01", "yesterday", 5])
    def test_a_time_without_an_offset_is_none(self, time: object) -> None:
        for document, position in (
            (vex(said(timestamp=time), timestamp=None), "statements[0].timestamp"),
            (vex(said(), timestamp=time), "timestamp"),
        ):
            found = read(document)
            assert found.statements[0].timestamp is None
            (refused,) = found.report.rejections
            assert (refused.position, refused.extent) == (position, Extent.PART)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (json.dumps(vex(said(), **{"@context": "https://openvex.dev/ns/v9"})), "not a version of OpenVEX"),
            (json.dumps(vex(said()))[:-1], "not JSON"),
            (json.dumps(vex(said())).replace('"fixed"', "[" * 100_000 + "]" * 100_000), "nested too deeply"),
            (b'{"@context": "https://openvex.dev/ns", "author": "\xff"}', "not UTF-8"),
            (json.dumps(vex(said(), statements=1)), "an array is expected, not a number"),
            (json.dumps(vex(said(), author=["A"])), "a string is expected, not an array"),
            (json.dumps(vex(said(status="?"))), "not a status"),
            (json.dumps([vex(said())]), "an object is expected, not an array"),
        ],
    )
    def test_a_document_without_a_statement_that_is_kept(self, text: str | bytes, why: str) -> None:
        with pytest.raises(EmptySource, match=why):
            read(text)

    def test_a_byte_order_mark(self) -> None:
        assert read(b"\xef\xbb\xbf" + json.dumps(vex(said())).encode()).statements == read(vex(said())).statements


def test_a_package_url_of_ones_own() -> None:
    assert ignores.purl_of("pkg:oci/minio@sha256%3Aaa").version == "sha256:aa"
    for text in ("minio", "pkg:oci/\u001b", "pkg:rpm/redhat/bash@1-1?epoch=x"):
        with pytest.raises(UnreadableSource) as caught:
            ignores.purl_of(text)
        assert str(caught.value).isprintable()


# ---- sources ----


@pytest.mark.parametrize("text", ["", "{}", "- id: CVE-1\n", "<a b='c'/>", "\0\0", "PK\x03"])
def test_other_files_are_refused(text: str) -> None:
    if text:
        with pytest.raises((UnknownFormat, UnreadableSource)):
            read(text)
    else:
        assert read(text).statements == ()


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource):
        ignores.read(tmp_path / "missing")
    (tmp_path / "LICENSE").write_text("")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    with pytest.raises(EmptySource, match="no statement in it"):
        ignores.read(tmp_path)
    (tmp_path / "a.toml").write_text(RULES)
    (tmp_path / "b.json").write_text(json.dumps(vex(said())))
    found = ignores.read(tmp_path)
    assert [Path(one.source).name for one in found.statements] == ["a.toml", "a.toml", "b.json"]
    assert found.report.format == "ignore-file, openvex"
    assert found.report.skips == (("a file of no known format", 2),)
    with pytest.raises(LimitExceeded):
        ignores.read(tmp_path / "a.toml", Limits(document=20))


def test_real_documents(unpacked: Unpack) -> None:
    folder = unpacked("feeds/dhi-openvex")
    found = ignores.read(folder)
    report = found.report
    assert (report.read, report.kept, report.rejections, report.format) == (6705, 6705, (), "openvex")
    # The licence.
    assert report.skips == (("a file of no known format", 1),)
    assert len({one.source for one in found.statements}) == 107
    assert Counter(one.status.value for one in found.statements) == {
        "not_affected": 6525,
        "under_investigation": 170,
        "affected": 10,
    }
    products = [product for one in found.statements for product in one.products]
    assert Counter(product.purl.type for product in products).most_common(3) == [
        ("deb", 52634),
        ("docker", 6804),
        ("oci", 6804),
    ]
    assert len(set(products)) == 2468
    assert {one.owner for one in found.statements} == {"Docker Hardened Images <dhi@docker.com>"}
    assert all(one.timestamp is not None and one.timestamp.utcoffset() == timedelta(0) for one in found.statements)
    # One is being looked at, without a word.
    assert Counter(one.status for one in found.statements if not one.reason) == {"under_investigation": 1}
