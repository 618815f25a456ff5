"""Readers of ignore files and VEX documents: what is taken, what is refused and where; real documents counted."""

import json
import pickle
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.models import NO_MODULE, Distribution, Extent, FixState, Module
from advisories.models.errors import (
    AdvisoriesError,
    EmptySource,
    InvalidIgnoreFile,
    LimitExceeded,
    UnknownFormat,
    UnreadableSource,
)
from advisories.models.statements import Product, Purl, Statement, StatementStatus, VersionRange
from advisories.readers import statements as ignores
from advisories.readers.statements import Statements
from advisories.sources.limits import Limits
from advisories.sources.toml_lines import lines_of

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
            ("until = 9999-12-31T23:00:00-02:00", "line 3: until: a time outside of the days of UTC"),
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
            ('versions = { from = "zzz zzz" }', "line 3: versions.from: blanks in a version"),
            ('versions = { before = "1.0 " }', "line 3: versions.before: blanks in a version"),
            ('versions = { from = "1:" }', "line 3: versions.from: no version after the epoch"),
            ('versions = { before = "0:-1" }', "line 3: versions.before: no version after the epoch"),
            (
                'versions = { from = "2", before = "1" }',
                "line 3: versions: an empty range: 2 is not earlier than 1",
            ),
            ('versions = { from = "1.0", before = "1.0" }', "line 3: versions: an empty range"),
            ('versions = { from = "2:1", before = "1:5" }', "line 3: versions: an empty range"),
            ('location = "*"', "line 3: location: matches everything"),
            ("[ignore.versions]\nto = 1", "line 4: versions.to: not a bound of a range"),
            ('owner = ["a"]', "line 3: owner: a string is expected, not an array"),
            ("reason = 'twice'", "line 3: said: not TOML: Cannot overwrite a value"),
            ("'\\u001b' = 1", "line 3: \\u001b: not a key of a rule"),
        ],
    )
    def test_a_mistake_is_named_with_its_line(self, lines: str, said: str) -> None:
        found = problems(f'[[ignore]]\nreason = "r"\n{lines}\n')
        assert any(one.startswith(said) for one in found), found

    @pytest.mark.parametrize(
        ("first", "before"),
        [
            # Earlier to rpm, equal to dpkg.
            ("1.0", "1.0-0"),
            # Earlier to rpm, later to dpkg; the other way round.
            ("1.0.post1", "1.0.1"),
            ("1.0.1", "1.0^a"),
            # To Python packages alone.
            ("1.0a", "1.0"),
        ],
    )
    def test_a_range_that_some_order_fills_is_one(self, first: str, before: str) -> None:
        """Which order holds is known where the rule meets a package."""
        text = f'[[ignore]]\nreason = "r"\npackage = "a"\nversions = {{ from = "{first}", before = "{before}" }}\n'
        assert read(text).statements[0].versions == VersionRange(first, before)

    @pytest.mark.parametrize(
        "rule",
        [
            *(f'package = "{glob}"' for glob in ("*", "**", "?*", "*?", "[!~]*", "[!~]*?", "*[!~]", "[0-z]*")),
            'package = ["bash", "*?"]',
            *(f'location = "{glob}"' for glob in ("*", "/*", "/?*", "[/]*")),
            f"fix-state = {[state.value for state in FixState]}",
        ],
    )
    def test_a_rule_about_everything(self, rule: str) -> None:
        (problem,) = problems(f'[[ignore]]\nreason = "r"\n{rule}\n')
        assert "matches everything; remove it" in problem

    @pytest.mark.parametrize(
        "rule",
        [
            'package = "lib*"',
            'package = "[a-z]*"',
            'package = "*-dev"',
            'location = "/usr/*"',
            'fix-state = "wont-fix"',
        ],
    )
    def test_a_rule_about_many(self, rule: str) -> None:
        assert len(read(f'[[ignore]]\nreason = "r"\n{rule}\n').statements) == 1

    def test_a_place_that_narrows_nothing_beside_a_package(self) -> None:
        assert len(read('[[ignore]]\nreason = "r"\npackage = "bash"\nlocation = "/*"\n').statements) == 1

    def test_every_mistake_is_named(self) -> None:
        text = (
            'version = 1\n[[ignore]]\nreason = "no narrowing"\n[[ignore]]\nid = "a"\n[[ignore]]\n'
            'versions = { from = "1" }\nid = "b"\nreason = " "\n\n[[ignores]]\nid = "c"\n'
        )
        assert problems(text) == [
            "line 1: version: not a key of an ignore file; rules are tables [[ignore]]",
            "line 2: ignore: a rule needs one of id, package, location, fix-state, or it would ignore everything",
            "line 4: ignore: a rule needs a reason",
            "line 7: versions: versions needs package",
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
            ("[" + ".".join("a" * 400) + "]", "line 1: said: a key of more than 100 parts"),
            ("x = 1\ny = {" + ".".join("a" * 50_000) + " = 1}", "line 1: said: a key of more than 100 parts"),
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
            "said: line 1: ignore: a rule needs a reason",
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
    about: dict[str, Any] = {
        "vulnerability": {"name": "CVE-2024-1"},
        "products": [{"@id": "pkg:deb/debian/bash@5.2-1"}],
    }
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
        found = read(vex(said(products=[product, {"@id": "pkg:deb/debian/bash@5.2-1"}])))
        assert [one.purl.name for one in found.statements[0].products] == ["bash"]
        (refused,) = found.report.rejections
        assert refused.extent is Extent.PART
        assert refused.why.startswith(why)
        assert found.report.read == found.report.kept == 1

    def test_a_fix_without_a_version(self) -> None:
        every, one = {"@id": "pkg:deb/debian/bash"}, {"@id": "pkg:deb/debian/bash@5.2-1"}
        found = read(vex(said(products=[every, one]), said(products=[every]), said(products=[one])))
        assert [[one.purl.version for one in each.products] for each in found.statements] == [["5.2-1"], ["5.2-1"]]
        assert (found.report.skips, found.report.rejected) == ((("a fix without a version", 2),), 0)
        inside = {"@id": "pkg:oci/minio", "subcomponents": [every, one]}
        assert read(vex(said(products=[inside]), said())).report.skips == (("a fix without a version", 1),)
        at_digest = inside | {"@id": "pkg:oci/minio@sha256%3Aaa"}
        assert not read(vex(said(products=[at_digest]))).report.skips

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ({"action_statement": 5}, "a string is expected, not a number"),
            ({"justification": "no"}, "not a justification of OpenVEX: no"),
            ({"justification": 5}, "a string is expected, not a number"),
        ],
    )
    def test_what_keeps_findings_is_not_lost_for_its_words(self, words: dict[str, Any], why: str) -> None:
        found = read(vex(said(status="affected", **words)))
        assert [(one.status, one.reason) for one in found.statements] == [(StatementStatus.AFFECTED, "")]
        assert [(one.why, one.extent) for one in found.report.rejections] == [(why, Extent.PART)]

    def test_a_document_of_such_fixes_alone(self) -> None:
        found = read(vex(said(products=[{"@id": "pkg:deb/debian/bash"}])))
        assert (found.statements, found.report.skips) == ((), (("a fix without a version", 1),))

    @pytest.mark.parametrize("rest", ["@", "@?arch=amd64", "@#x", "@ "])
    def test_a_version_that_was_lost(self, rest: str) -> None:
        """``pkg:deb/debian/bash@$VERSION``, written without one, is not about every version."""
        found = read(vex(said(status="affected", products=[{"@id": f"pkg:deb/debian/bash{rest}"}]), said()))
        assert len(found.statements) == 1
        assert "a purl without a version behind its @" in [one.why for one in found.report.rejections]
        assert ignores.purl_of("pkg:npm/%40scope/name?vcs_url=git@x").name == "name"

    @pytest.mark.parametrize(
        ("names", "ids"),
        [
            ({"name": " CVE-2024-1 "}, ("CVE-2024-1",)),
            ({"name": "CVE-2024-1", "aliases": ["CVE-2024-1 "]}, ("CVE-2024-1",)),
            ({"@id": "https://nvd.nist.gov/vuln/detail/CVE-2024-1/"}, ("CVE-2024-1",)),
            ({"@id": "https://example.com/CVE-2024-1?a=b/c#d/e"}, ("CVE-2024-1",)),
            ({"@id": "https://example.com/"}, ("example.com",)),
        ],
    )
    def test_names_of_vulnerabilities(self, names: dict[str, Any], ids: tuple[str, ...]) -> None:
        (one,) = read(vex(said(vulnerability=names))).statements
        assert one.ids == ids

    def test_products_that_are_no_package_urls_are_counted(self) -> None:
        found = read(vex(said(products=[{"@id": "cpe:/a:b"}, {"@id": "pkg:deb/debian/bash@5.2-1"}])))
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


# ---- CSAF ----

RHEL9 = Distribution("rhel", "9")


def csaf(*vulnerabilities: Any, **more: Any) -> dict[str, Any]:
    """A document with packages of RHEL 9 (``9:bash`` and so on), one in a layered product, and two that are alone."""
    purls = {
        "bash": "pkg:rpm/redhat/bash",
        "build": "pkg:rpm/redhat/bash@5.1-2?arch=src&epoch=1",
        "node": "pkg:rpm/redhat/nodejs?rpmmod=nodejs:18",
        "broken": "pkg:rpm",
        "pip": "pkg:pypi/pip@24.2",
    }
    products: list[dict[str, Any]] = [
        {"product_id": id, "name": id, "product_identification_helper": {"purl": purl}} for id, purl in purls.items()
    ]
    cpes = {
        "9": "cpe:/o:redhat:enterprise_linux:9",
        "eus": "cpe:/a:redhat:rhel_eus:9.2",
        "sat": "cpe:/a:redhat:satellite:6",
    }
    products += [
        {"product_id": id, "name": id, "product_identification_helper": {"cpe": cpe}} for id, cpe in cpes.items()
    ]
    products += [{"product_id": "zlib", "name": "zlib"}, {"product_id": "box", "name": "A box"}]
    joins = [(platform, id) for platform in cpes for id in (*purls, "zlib", "box")]
    relationships = [
        {
            "product_reference": id,
            "relates_to_product_reference": platform,
            "full_product_name": {"product_id": f"{platform}:{id}", "name": "joined"},
        }
        for platform, id in joins
    ]
    tracking = {"id": "X", "current_release_date": "2024-01-01T00:00:00Z"}
    about = {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "P"}, "tracking": tracking}
    tree = {
        "full_product_names": products,
        "relationships": relationships,
        "product_groups": [{"group_id": "G", "product_ids": ["9:bash", "9:node"]}],
    }
    return {"document": about | more, "product_tree": tree, "vulnerabilities": list(vulnerabilities)}


def cve(statuses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"cve": "CVE-2024-1", "product_status": statuses} | more


class TestCsaf:
    def test_every_field(self) -> None:
        document = csaf(
            cve(
                {"known_not_affected": ["9:bash", "9:node", "9:zlib"], "known_affected": ["9:build"]},
                flags=[{"label": "component_not_present", "product_ids": ["9:zlib"]}],
                threats=[
                    {"category": "impact", "details": "Important"},
                    {"category": "impact", "details": "not\nbuilt\u001b", "group_ids": ["G"]},
                    {"category": "impact", "details": "a second word", "group_ids": ["G"]},
                    {"category": "exploit_status", "details": "seen"},
                ],
                remediations=[{"category": "no_fix_planned", "details": "Will not fix"}],
            )
        )
        found = read(document)
        assert found.report.format == "csaf"
        first, second, third = found.statements
        assert first == Statement(
            "said",
            "vulnerabilities[0].product_status.known_not_affected",
            StatementStatus.NOT_AFFECTED,
            ("CVE-2024-1",),
            products=(
                Product(ignores.purl_of("pkg:rpm/redhat/bash"), (), RHEL9, NO_MODULE),
                Product(ignores.purl_of("pkg:rpm/redhat/nodejs?rpmmod=nodejs:18"), (), RHEL9, Module.of("nodejs:18")),
            ),
            reason="not built\N{REPLACEMENT CHARACTER}",
            owner="P",
            timestamp=datetime(2024, 1, 1, tzinfo=UTC),
            revision=first.revision,
        )
        assert (first.revision,) == found.revisions
        assert (first.revision.document, first.revision.version) == ("csaf x", None)
        # Red Hat names its source packages where it gives no package URL.
        zlib = Purl("pkg:rpm/rhel/zlib", "rpm", "rhel", "zlib", None, (("arch", "src"),))
        assert second.products == (Product(zlib, (), RHEL9, NO_MODULE),)
        assert second.justification == second.reason == "component_not_present"
        assert (third.status, third.reason, third.justification) == (StatementStatus.AFFECTED, "Will not fix", None)
        assert third.products == (Product(ignores.purl_of("pkg:rpm/redhat/bash@5.1-2?arch=src&epoch=1"), (), RHEL9),)

    @pytest.mark.parametrize(
        ("status", "product", "why"),
        [
            ("known_not_affected", "9:box", "a product that is no package URL"),
            ("known_not_affected", "box", "a product that is no package URL"),
            ("known_not_affected", "sat:bash", "a platform that is no release of a distribution that is known"),
            ("known_not_affected", "9:pip", "components of type pypi"),
            ("known_not_affected", "eus:bash", "a package without a version in a channel"),
            ("fixed", "9:bash", "a fix without a version"),
        ],
    )
    def test_what_is_left_aside_is_counted(self, status: str, product: str, why: str) -> None:
        found = read(csaf(cve({status: [product], "known_affected": ["9:build"]})))
        assert found.report.skips == ((why, 1),)
        assert [one.status for one in found.statements] == [StatementStatus.AFFECTED]

    @pytest.mark.parametrize(
        "helper", [0, "x", [], ["x"], {"purl": []}, {"purl": {}}, {"purl": 0}, {"purls": "x"}, {"purls": {}}]
    )
    def test_a_package_url_that_is_no_text(self, helper: object) -> None:
        """Its name alone would be about every version, and keeps findings alone."""
        document = csaf(cve({"known_not_affected": ["9:bash"], "known_affected": ["9:build", "9:bash"]}))
        for one in document["product_tree"]["full_product_names"]:
            if one["product_id"] == "bash":
                one["product_identification_helper"] = helper
        found = read(document)
        assert [(one.status, len(one.products)) for one in found.statements] == [(StatementStatus.AFFECTED, 2)]
        assert [one.why for one in found.report.rejections] == ["a package URL that is no text"]

    def test_a_draft_suppresses_nothing(self) -> None:
        """It is for its publisher's own use, and may not stay as it is."""
        statuses = {"known_not_affected": ["9:bash"], "fixed": ["pip"], "known_affected": ["9:build"]}
        document = csaf(cve(statuses))
        document["document"]["tracking"]["status"] = "draft"
        found = read(document)
        assert [one.status for one in found.statements] == [StatementStatus.AFFECTED]
        assert found.report.skips == (("a statement of a draft", 2),)
        document["document"]["tracking"]["status"] = "interim"
        assert len(read(document).statements) == 3

    def test_a_product_that_is_not_described_is_refused(self) -> None:
        found = read(csaf(cve({"known_not_affected": ["unknown"], "known_affected": ["9:build"]})))
        assert [one.why for one in found.report.rejections] == [
            "a product that the document does not describe: 'unknown'"
        ]

    def test_a_product_that_is_joined_to_nothing(self) -> None:
        (one,) = read(csaf(cve({"fixed": ["pip"]}))).statements
        assert one.products == (Product(ignores.purl_of("pkg:pypi/pip@24.2")),)

    @pytest.mark.parametrize(
        "category", ["csaf_base", "csaf_informational_advisory", "csaf_security_incident_response"]
    )
    def test_other_categories_are_refused(self, category: str) -> None:
        with pytest.raises(EmptySource, match=f"not a category with statements: {category}"):
            read(csaf(cve({"fixed": ["pip"]}), category=category))

    def test_security_advisories_and_documents_one_a_line(self) -> None:
        one = csaf(cve({"fixed": ["pip"]}), category="csaf_security_advisory")
        found = read("".join(json.dumps(document) + "\n" for document in (one, csaf(), {"document": 1}, one)))
        where = "vulnerabilities[0].product_status.fixed"
        assert [one.position for one in found.statements] == [f"line 1: {where}", f"line 4: {where}"]
        assert [one.position for one in found.report.rejections] == ["line 3: document"]

    @pytest.mark.parametrize(
        ("broken", "position", "why"),
        [
            (1, "", "an object is expected, not a number"),
            ({"product_status": {}}, "", "neither a cve nor ids"),
            ({"ids": [1]}, ".ids[0]", "an object is expected"),
            ({"ids": [{"text": "\u001b"}]}, ".ids[0].text", "empty, or with characters"),
            (cve({}, cve=5), ".cve", "a string is expected, not a number"),
            (cve([]), ".product_status", "an object is expected, not an array"),
            (cve({"fixed": 1}), ".product_status.fixed", "an array is expected, not a number"),
            (cve({}, flags={}), ".flags", "an array is expected, not an object"),
        ],
    )
    def test_a_broken_vulnerability_leaves_its_neighbours(self, broken: Any, position: str, why: str) -> None:
        good = cve({"fixed": ["9:build"]})
        found = read(csaf(good, broken, good))
        assert [one.position[:18] for one in found.statements] == ["vulnerabilities[0]", "vulnerabilities[2]"]
        (refused,) = found.report.rejections
        assert (refused.position, refused.extent) == (f"vulnerabilities[1]{position}", Extent.RECORD)
        assert refused.why.startswith(why)

    @pytest.mark.parametrize(
        ("more", "position", "why"),
        [
            ({"product_status": {"fixed": [1, "pip"]}}, "product_status.fixed[0]", "a string is expected"),
            ({"product_status": {"fixed": ["broken", "pip"]}}, "product_status.fixed[0]", "not a purl"),
            ({"flags": [1]}, "flags[0]", "an object is expected"),
            ({"flags": [{"label": "because"}]}, "flags[0].label", "not a justification of CSAF: 'because'"),
            ({"threats": [{"details": 1}]}, "threats[0].details", "a string is expected"),
            ({"threats": [{"category": "impact", "product_ids": 1}]}, "threats[0].product_ids", "an array is expected"),
        ],
    )
    def test_a_broken_part_leaves_the_rest(self, more: dict[str, Any], position: str, why: str) -> None:
        found = read(csaf(cve({"fixed": ["pip"]}) | more))
        assert len(found.statements) == 1
        (refused,) = found.report.rejections
        assert (refused.position, refused.extent) == (f"vulnerabilities[0].{position}", Extent.PART)
        assert refused.why.startswith(why)

    @pytest.mark.parametrize(
        ("tree", "why"),
        [
            ([], "an object is expected"),
            ({"branches": 1}, "an array is expected"),
            ({"product_groups": [1]}, "an object is expected"),
            ({"product_groups": [{}]}, "a string is expected"),
        ],
    )
    def test_a_broken_tree(self, tree: Any, why: str) -> None:
        with pytest.raises(EmptySource, match=why):
            read(csaf(cve({"fixed": ["pip"]})) | {"product_tree": tree})


# ---- CycloneDX ----


def cyclonedx(*vulnerabilities: Any, **more: Any) -> dict[str, Any]:
    about = {"authors": [{"name": "A"}], "supplier": {"name": "S"}, "timestamp": "2024-01-01T00:00:00Z"}
    components = [
        {"bom-ref": "bash", "name": "bash", "purl": "pkg:deb/debian/bash@5.2"},
        {"bom-ref": "bare", "name": "bare", "version": "1.0", "purl": "pkg:deb/debian/bare"},
        {"bom-ref": "file", "name": "file"},
        {"bom-ref": "broken", "purl": "pkg:deb"},
    ]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": about, "components": components}
    return document | {"vulnerabilities": list(vulnerabilities)} | more


def analysed(state: str | None = "not_affected", refs: tuple[Any, ...] = ("bash",), **more: Any) -> dict[str, Any]:
    affects = [{"ref": ref} if isinstance(ref, str) else ref for ref in refs]
    return {"id": "CVE-2024-1", "affects": affects, "analysis": {"state": state}} | more


XML = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79">
  <metadata><timestamp>2024-01-01T00:00:00Z</timestamp><authors><author><name>A</name></author></authors></metadata>
  <components>
    <component type="library" bom-ref="os"><name>os</name><components>
      <component type="library" bom-ref="bash"><name>bash</name><purl>pkg:deb/debian/bash@5.2</purl></component>
    </components></component>
  </components>
  <vulnerabilities>
    <vulnerability>
      <id>CVE-2024-1</id>
      <references><reference><id>GHSA-1</id></reference></references>
      <analysis><state>not_affected</state><justification>code_not_present</justification><detail>d</detail></analysis>
      <affects><target><ref>bash</ref>
        <versions><version><version>5.1</version><status>affected</status></version></versions>
      </target></affects>
    </vulnerability>
  </vulnerabilities>
</bom>
"""


class TestCycloneDx:
    def test_every_field(self) -> None:
        one = analysed(
            references=[{"id": "GHSA-1", "source": {"name": "GitHub"}}, {"id": "CVE-2024-1"}],
            analysis={
                "state": "false_positive",
                "justification": "code_not_reachable",
                "detail": "two\nlines",
                "firstIssued": "2024-02-01T00:00:00Z",
                "lastUpdated": "2024-03-01T00:00:00+01:00",
            },
            refs=("bash", "bare"),
        )
        found = read(cyclonedx(one))
        assert found.report.format == "cyclonedx"
        assert found.statements == (
            Statement(
                "said",
                "vulnerabilities[0]",
                StatementStatus.NOT_AFFECTED,
                ("CVE-2024-1", "GHSA-1"),
                products=(
                    Product(ignores.purl_of("pkg:deb/debian/bash@5.2")),
                    # The version beside a package URL that has none.
                    Product(Purl("pkg:deb/debian/bare", "deb", "debian", "bare", "1.0")),
                ),
                reason="two lines",
                owner="A",
                justification="code_not_reachable",
                timestamp=datetime(2024, 2, 29, 23, tzinfo=UTC),
            ),
        )

    def test_without_them_the_documents(self) -> None:
        (one,) = read(cyclonedx(analysed(), metadata={"supplier": {"name": "S"}})).statements
        assert (one.owner, one.timestamp, one.reason, one.justification) == ("S", None, "", None)
        (one,) = read(
            cyclonedx(analysed(analysis={"state": "resolved", "firstIssued": "2024-02-01T00:00Z"}))
        ).statements
        assert one.timestamp == datetime(2024, 2, 1, tzinfo=UTC)
        (one,) = read(cyclonedx(analysed(analysis={"state": "resolved", "firstIssued": "?"}))).statements
        assert one.timestamp is None  # it may be later than any other

    def test_xml(self) -> None:
        (one,) = read(XML).statements
        assert (one.ids, one.owner, one.reason) == (("CVE-2024-1", "GHSA-1"), "A", "d")
        assert (one.status, one.justification) == (StatementStatus.NOT_AFFECTED, "code_not_present")
        assert [product.purl.version for product in one.products] == ["5.1"]
        assert one.timestamp == datetime(2024, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (XML.replace("</bom>", ""), "not XML"),
            (XML.replace("<components>", "<a>" * 5000 + "</a>" * 5000 + "<components>", 1), "nested too deeply"),
            (XML.replace("not_affected", "?"), "not a state"),
            (XML.replace("bom/1.4", "bom/1.3"), "not a version that is read here: 1.3"),
            (XML[: XML.index("  <vulnerabilities>")] + "</bom>", "without vulnerabilities"),
        ],
    )
    def test_broken_xml(self, text: str, why: str) -> None:
        with pytest.raises(EmptySource, match=why):
            read(text)

    def test_a_document_type_is_no_statement_file(self) -> None:
        with pytest.raises(UnknownFormat):
            read('<!DOCTYPE bom [<!ENTITY a "b">]>\n' + XML.partition("\n")[2])

    @pytest.mark.parametrize(
        ("refs", "why"),
        [
            (("file",), "a product that is no package URL"),
            (("unknown",), "a component of another document, or of none"),
            (("urn:cdx:11111111-395b-41f5-a30f-a58921a69b79/1",), "a component of another document, or of none"),
            (("urn:cdx:11111111-395b-41f5-a30f-a58921a69b79/1#bash",), "a component of another document, or of none"),
            (({"ref": "bash", "versions": [{"range": "vers:deb/<5.2"}]},), "a range of versions"),
        ],
    )
    def test_what_is_left_aside_is_counted(self, refs: tuple[Any, ...], why: str) -> None:
        found = read(cyclonedx(analysed(refs=refs), analysed(state="exploitable")))
        assert found.report.skips == ((why, 1),)
        assert [one.status for one in found.statements] == [StatementStatus.AFFECTED]

    @pytest.mark.parametrize(
        ("subject", "ref", "is_kept"),
        [
            (None, "pkg:deb/debian/bash", False),
            (None, "pkg:deb/debian/bash@5.2", True),
            (None, "bash", True),
            ("pkg:oci/app@sha256%3Aaa", "pkg:deb/debian/bash", True),
            ("pkg:oci/app", "pkg:deb/debian/bash@5.2", True),
            ("pkg:oci/app", "pkg:deb/debian/bash", False),
        ],
    )
    def test_a_fix_without_a_version(self, subject: str | None, ref: str, is_kept: bool) -> None:
        metadata = {} if subject is None else {"component": {"bom-ref": "subject", "purl": subject}}
        found = read(cyclonedx(analysed("resolved", refs=(ref,)), analysed("exploitable"), metadata=metadata))
        statuses = [one.status for one in found.statements]
        assert statuses == [StatementStatus.FIXED, StatementStatus.AFFECTED][not is_kept :]
        assert found.report.skips == (() if is_kept else (("a fix without a version", 1),))

    @pytest.mark.parametrize("purl", ["", "x", "pkg:oci", 0, [], {}, ["pkg:oci/app"]])
    def test_a_subject_that_cannot_be_read(self, purl: object) -> None:
        """What is stated of its components is about these alone, and not about packages of that name anywhere."""
        metadata = {"component": {"bom-ref": "subject", "purl": purl}}
        found = read(cyclonedx(analysed(), analysed("exploitable"), metadata=metadata))
        assert [one.status for one in found.statements] == [StatementStatus.AFFECTED]
        assert found.report.skips == (("a component of a subject whose package URL cannot be read", 1),)

    @pytest.mark.parametrize("words", [{"detail": 5}, {"justification": "no"}, {"justification": 5}])
    def test_what_keeps_findings_is_not_lost_for_its_words(self, words: dict[str, Any]) -> None:
        found = read(cyclonedx(analysed(analysis={"state": "exploitable"} | words)))
        assert [(one.status, one.reason) for one in found.statements] == [(StatementStatus.AFFECTED, "")]
        assert [one.extent for one in found.report.rejections] == [Extent.PART]

    def test_a_version_that_is_fixed(self) -> None:
        versions = [{"version": "5.2", "status": "unaffected"}]
        (one,) = read(cyclonedx(analysed("resolved", refs=({"ref": "bash", "versions": versions},)))).statements
        assert one.status is StatementStatus.NOT_AFFECTED

    def test_a_vulnerability_that_is_merely_listed(self) -> None:
        found = read(cyclonedx(analysed(state=None), analysed(analysis=None)))
        assert (found.statements, found.report.skips) == (
            (),
            (("a vulnerability without the state of an analysis", 2),),
        )

    @pytest.mark.parametrize(
        ("broken", "position", "why"),
        [
            ("x", "", "an object is expected, not a string"),
            (analysed(id=None), ".id", "neither an id nor references"),
            (analysed(id="\u001b"), ".id", "empty, or with characters"),
            (analysed(references=[1]), ".references[0]", "an object is expected"),
            (analysed(references=[{}]), ".references[0].id", "a string is expected"),
            (analysed(state="fixed"), ".analysis.state", "not a state: fixed; there are: not_affected"),
            (analysed(analysis=[]), ".analysis", "an object is expected"),
            (analysed(analysis={"state": "resolved", "justification": "x"}), ".analysis.justification", "not a justif"),
            (analysed(analysis={"state": "resolved", "detail": 1}), ".analysis.detail", "a string is expected"),
            (analysed(affects={}), ".affects", "an array is expected"),
        ],
    )
    def test_a_broken_vulnerability_leaves_its_neighbours(self, broken: Any, position: str, why: str) -> None:
        found = read(cyclonedx(analysed(), broken, analysed()))
        assert [one.position for one in found.statements] == ["vulnerabilities[0]", "vulnerabilities[2]"]
        (refused,) = found.report.rejections
        assert (refused.position, refused.extent) == (f"vulnerabilities[1]{position}", Extent.RECORD)
        assert refused.why.startswith(why)

    @pytest.mark.parametrize(
        ("target", "position", "why"),
        [
            (1, "vulnerabilities[0].affects[0]", "an object is expected"),
            ({}, "vulnerabilities[0].affects[0].ref", "a string is expected"),
            ({"ref": "broken"}, "components[3].purl", "not a purl"),
            ({"ref": "bash", "versions": 1}, "vulnerabilities[0].affects[0].versions", "an array is expected"),
            ({"ref": "bash", "versions": [1]}, "vulnerabilities[0].affects[0].versions[0]", "an object is expected"),
            (
                {"ref": "bash", "versions": [{"version": "1", "status": "?"}]},
                "vulnerabilities[0].affects[0].versions[0].status",
                "not a status of versions",
            ),
        ],
    )
    def test_a_broken_target_leaves_its_neighbours(self, target: Any, position: str, why: str) -> None:
        one = analysed() | {"affects": [target, {"ref": "bash"}]}
        found = read(cyclonedx(one))
        assert [product.purl.name for product in found.statements[0].products] == ["bash"]
        (refused,) = found.report.rejections
        assert (refused.position, refused.extent) == (position, Extent.PART)
        assert refused.why.startswith(why)

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"vulnerabilities": []}, "a CycloneDX document without vulnerabilities"),
            ({"vulnerabilities": 1}, "an array is expected"),
            ({"specVersion": "1.3"}, "not a version that is read here: 1.3"),
            ({"specVersion": None}, "a string is expected"),
            ({"metadata": []}, "an object is expected"),
            ({"metadata": {"authors": ["A"]}}, "an object is expected"),
        ],
    )
    def test_a_document_without_a_statement_that_is_kept(self, more: dict[str, Any], why: str) -> None:
        with pytest.raises(EmptySource, match=why):
            read(cyclonedx(analysed()) | more)

    def test_broken_components_leave_their_neighbours(self) -> None:
        document = cyclonedx(analysed())
        document["components"].insert(0, 1)
        found = read(document)
        assert [(one.position, one.extent) for one in found.report.rejections] == [("components[0]", Extent.PART)]
        assert len(found.statements) == 1


# ---- every format ----

#: A small document of each format, with a text in it that other text can stand for.
SMALL = {
    "openvex": json.dumps(vex(said(status_notes="HERE"))),
    "csaf": json.dumps(csaf(cve({"fixed": ["pip"]}, notes="HERE"))),
    "cyclonedx": json.dumps(cyclonedx(analysed(description="HERE"))),
    "ignore-file": '[[ignore]]\nid = "A"\nreason = "HERE"\n',
}
IN_JSON = [format for format in SMALL if format != "ignore-file"]


def test_every_format_has_a_small_document() -> None:
    assert set(SMALL) == set(ignores.FORMATS)


@pytest.mark.parametrize("format", SMALL)
class TestEveryFormat:
    def test_it_is_recognised_by_content(self, format: str, tmp_path: Path) -> None:
        found = read(SMALL[format])
        assert (found.report.format, len(found.statements)) == (format, 1)
        (tmp_path / "anything").write_text(SMALL[format])
        (tmp_path / "other").write_text("text")
        assert ignores.read(tmp_path).report.skips == (("a file of no known format", 1),)

    def test_a_byte_order_mark(self, format: str) -> None:
        assert read(b"\xef\xbb\xbf" + SMALL[format].encode()).statements == read(SMALL[format]).statements

    def test_what_is_no_text_is_refused(self, format: str) -> None:
        with pytest.raises(UnreadableSource, match="not UTF-8"):
            read(SMALL[format].encode().replace(b"HERE", b"\xff"))

    def test_the_limit_of_a_document(self, format: str) -> None:
        with pytest.raises(LimitExceeded):
            ignores.read_stream(BytesIO(SMALL[format].encode()), "said", Limits(document=20))

    @given(st.data())
    def test_damage_is_told_or_does_no_harm(self, format: str, data: st.DataObject) -> None:
        raw = bytearray(SMALL[format].encode())
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(raw) - 1))
            raw[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
        with suppress(AdvisoriesError):
            found = read(bytes(raw))
            assert all(str(one).isprintable() for one in (*found.statements, *found.report.rejections))


@pytest.mark.parametrize("format", IN_JSON)
class TestEveryFormatInJson:
    @pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
    def test_deep_json_is_refused(self, format: str, text: str) -> None:
        with pytest.raises(EmptySource, match="nested too deeply"):
            read(SMALL[format].replace('"HERE"', text))

    def test_a_document_that_is_cut_off(self, format: str) -> None:
        with pytest.raises(EmptySource, match="not JSON"):
            read(SMALL[format][:-1])


def test_a_list_beside_the_documents_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(cyclonedx()))
    (tmp_path / "b.json").write_text(SMALL["cyclonedx"])
    found = ignores.read(tmp_path)
    assert len(found.statements) == 1
    assert (found.report.rejections, found.report.skips) == ((), (("a CycloneDX document without vulnerabilities", 1),))


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
    with pytest.raises(EmptySource, match="no statement"):
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


VULS = "vuls-data-update-fetch-fixtures/pkg/fetch"
NO_RELEASE = "a platform that is no release of a distribution that is known"
NO_PURL = "a product that is no package URL"
IN_CHANNEL = "a package without a version in a channel"


@pytest.mark.parametrize(
    ("folder", "documents", "refused", "statuses", "types", "skips"),
    [
        (
            "redhat-csaf-vex-sboms",
            14,
            # A file that unpacks to too much.
            1,
            {"fixed": 389, "not_affected": 144, "affected": 1},
            {"rpm": 57995, "oci": 17937},
            {NO_RELEASE: 10282, NO_PURL: 197, "a CycloneDX document without vulnerabilities": 74},
        ),
        (
            "claircore-testdata",
            22,
            # A link within an archive, to what the archive does not have.
            1,
            {"affected": 15, "not_affected": 10, "fixed": 8},
            {"rpm": 1415, "oci": 123, "golang": 5, "pypi": 1},
            {NO_RELEASE: 2767, NO_PURL: 51},
        ),
        # One document a line, of which two are cut off.
        (
            "claircore-history",
            2,
            2,
            {"fixed": 4, "affected": 4, "not_affected": 3},
            {"rpm": 604, "oci": 3},
            {NO_RELEASE: 2375, NO_PURL: 43},
        ),
        (
            f"{VULS}/redhat/vex",
            20,
            0,
            {"affected": 28, "fixed": 16, "not_affected": 11},
            {"rpm": 3932},
            {NO_RELEASE: 6},
        ),
        (f"{VULS}/redhat/csaf", 8, 0, {"fixed": 18, "not_affected": 4}, {"rpm": 2132}, {NO_RELEASE: 8}),
        (
            f"{VULS}/suse/csaf_vex",
            2,
            0,
            {"not_affected": 2, "fixed": 2},
            {"rpm": 732},
            {NO_PURL: 554, IN_CHANNEL: 1014},
        ),
        (f"{VULS}/suse/csaf", 4, 0, {"fixed": 122}, {"rpm": 14164}, {NO_PURL: 2168}),
        # One of them is no JSON.
        (f"{VULS}/openeuler/csaf", 6, 1, {"fixed": 6}, {"rpm": 418}, {}),
        # Industrial products, known by name alone.
        (f"{VULS}/cisa/csaf", 0, 0, {}, {}, {NO_PURL: 4}),
    ],
)
def test_real_csaf(
    unpacked: Unpack,
    folder: str,
    documents: int,
    refused: int,
    statuses: dict[str, int],
    types: dict[str, int],
    skips: dict[str, int],
) -> None:
    archive, _, below = folder.partition("/")
    found = ignores.read(unpacked(f"feeds/{archive}") / below)
    said = found.statements
    assert Counter(one.status.value for one in said) == statuses
    assert len({one.source for one in said}) == documents
    products = [product for one in said for product in one.products]
    assert Counter(product.purl.type for product in products) == types
    assert Counter(dict(found.report.skips)) - Counter({"a file of no known format": 10_000}) == skips
    assert (len(found.report.rejections), found.report.kept) == (refused, len(said))
    assert all(one.owner and one.timestamp and one.ids for one in said)
    # A package of a distribution is one of a release; an image is known by its digest.
    assert all(product.distribution for product in products if product.purl.type == "rpm")
    assert all(product.purl.version for product in products if product.purl.type == "oci")
