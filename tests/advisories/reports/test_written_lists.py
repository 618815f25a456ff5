"""What ``advisories list`` writes: golden files, the schemas of others, and the same list when it is read back."""

import json
from io import BytesIO

import pytest
from advisories_reference import advisory, affected, host, rpm
from cyclonedx.model.bom import Bom
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from list_schemas import error_of
from made_report import HOSTILE
from places import GOLDEN
from written_list import LOSSLESS, READ_BACK, golden, reread, same, whole_list, written

from advisories import Feed, match
from advisories.distros.identity import identified
from advisories.models import Assumption, Distribution, Inventory, Module, Package, State
from advisories.models.errors import AdvisoriesError
from advisories.models.frozen import evolve, names_of
from advisories.models.printing import printable
from advisories.readers import inventories
from advisories.readers.inventories.carried import FACTS, carried_package, package_facts
from advisories.reports import formats
from advisories.reports.losses import losses

VALIDATED = ("cyclonedx", "spdx", "syft")


@pytest.mark.parametrize(("name", "text"), list(golden()), ids=[name for name, _ in golden()])
def test_the_made_list(name: str, text: str) -> None:
    """A difference that is meant: ``python tests/support/written_list.py`` writes them anew."""
    assert (GOLDEN / "reports" / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("format", LOSSLESS)
def test_it_is_the_same_list_when_it_is_read_back(format: str) -> None:
    back = reread(whole_list(), format)
    assert same(back) == same(whole_list())
    assert back.format == format
    assert same(reread(back, format)) == same(back)


@pytest.mark.parametrize("format", LOSSLESS)
def test_little_is_known_of_a_list(format: str) -> None:
    """No release, no package with a source, a vendor or an architecture."""
    little = evolve(whole_list(), distribution=None, distribution_source=None, running_kernel=None, image=None)
    little = evolve(little, packages=identified((Package("deb", "a", "1"), Package("deb", "b", "2"))))
    little = evolve(little, report=inventories.read_stream(BytesIO(b"a\t1\nb\t2\n")).report)
    assert same(reread(little, format)) == same(little)


def test_every_field_of_a_package_is_carried() -> None:
    """A field that is added needs a fact, and its place in the made list."""
    default = Package("rpm", "x", "1-1")
    for name in set(names_of(Package)) - {"type", "name", "version", "instance"}:
        assert any(getattr(package, name) != getattr(default, name) for package in whole_list().packages), name
    for package in whole_list().packages:
        facts = package_facts(package)
        assert set(facts) <= set(FACTS)
        back = carried_package(package.type, package.name, package.version, facts)
        assert back == package
        assert back.installed_at == package.installed_at


@pytest.mark.parametrize("format", VALIDATED)
def test_it_is_valid(format: str) -> None:
    assert error_of(format, written(whole_list(), format)) is None
    assert error_of(format, written(host(rpm("bash", "1-1"), distribution=None), format)) is None


@pytest.mark.parametrize(
    ("format", "word", "other"),
    [
        ("cyclonedx", '"type": "library"', '"type": "no such type"'),
        ("spdx", '"relationshipType": "CONTAINS"', '"relationshipType": "NO_SUCH"'),
        ("spdx", '"annotationType": "OTHER"', '"annotationType": "NO_SUCH"'),
        ("syft", '"locations": [{"path": ', '"locations": [{"paht": '),
    ],
)
def test_the_validators_see_what_is_wrong(format: str, word: str, other: str) -> None:
    text = written(whole_list(), format)
    assert word in text
    assert error_of(format, text.replace(word, other, 1)) is not None


# ---- what package URLs lose ----


def test_what_package_urls_lose_is_named() -> None:
    assert list(losses(whole_list(), "purls")) == [
        "it has no packages that are not installed (3 left out)",
        "it has another spelling of names (2 packages)",
        "it has another spelling of versions (1 package)",
        "it has no vendors (3 packages)",
        "it has no repositories (1 package)",
        "it has no maintainers (1 package)",
        "it has no places of packages (3 packages)",
        "it has no layers of packages (4 packages)",
        "it has no times of installation (1 package)",
        "it has no doubts about packages (1 package)",
        "it has no states of packages (1 package)",
        "it has other sources, or none (2 packages)",
        "it has no mark for an epoch that is known, beside others that are not (2 packages)",
        "it does not tell copies of one package apart (1 copy)",
    ]
    assert [list(losses(whole_list(), format)) for format in LOSSLESS] == [[]] * len(LOSSLESS)


def test_package_urls_take_nothing_for_granted() -> None:
    """An epoch that is not known is not 0 when they are read back, and a source that is not known not its own."""
    packages = rpm("a", "1-1", epoch_known=False), rpm("b", "1-1", source_name="s", source_version="1-1")
    back = reread(host(*packages), "purls").packages
    assert [package.epoch_known for package in back] == [False, False]
    assert [package.source_name for package in back] == [None, "s"]
    plain = reread(host(packages[1], rpm("c", "1-1", source_name="c", source_version="1-1")), "purls").packages
    assert [package.epoch_known for package in plain] == [True, True]


def test_package_urls_come_first() -> None:
    """Syft looks at the first line to recognise a list of them, and passes over lines that are none."""
    first, second, *rest = written(whole_list(), "purls").splitlines()
    assert first.startswith("pkg:rpm/almalinux/bash@")
    assert second == "# advisories packages 11"
    assert sum(line.startswith("pkg:") for line in rest) == 10


# ---- lists that were changed ----


@pytest.mark.parametrize("format", ["tsv", "purls"])
def test_a_part_of_a_list_in_lines(format: str) -> None:
    lines = written(whole_list(), format).splitlines(keepends=True)
    rows = [number for number, line in enumerate(lines) if not line.startswith(("#", "type\t"))]
    for gone in rows[1:]:
        part = inventories.read_stream(BytesIO("".join(lines[:gone] + lines[gone + 1 :]).encode()))
        report = part.report
        assert report is not None
        assert report.rejections[-1].is_of_the_whole
        assert all(Assumption.INVENTORY_PARTIAL in one.doubts for one in part.packages)
        assert "a part of the list is missing or repeated" in report.rejections[-1].why
    text = "".join(lines).encode()
    for end in range(text.index(b"\n", text.index(b"# advisories packages")) + 1, len(text) - 1):
        try:
            cut = inventories.read_stream(BytesIO(text[:end])).report
        except AdvisoriesError:
            continue
        assert cut is not None
        assert [one for one in cut.rejections if one.source == "-"], end


def test_a_package_url_of_another_package() -> None:
    """Somebody changed a version, and not the package URL beside it."""
    for format in VALIDATED:
        text = written(host(rpm("bash", "5.1-1.el9"), rpm("zsh", "1-1")), format)
        changed = text.replace('"5.1-1.el9"', '"9.9-1.el9"')
        assert changed != text
        back = inventories.read_stream(BytesIO(changed.encode()))
        assert [package.name for package in back.packages] == ["zsh"]
        assert back.report is not None
        assert [one.why for one in back.report.rejections] == ["its package URL is of another package"]


def test_a_package_url_in_another_spelling() -> None:
    """Programs that pass lists on write the same URL in other ways."""
    for format in VALIDATED:
        text = written(whole_list(), format)
        changed = text.replace("@1:", "@1%3A").replace("&distro=almalinux-9.2", "").replace("?distro=almalinux-9.2", "")
        assert changed != text
        assert same(inventories.read_stream(BytesIO(changed.encode()))) == same(whole_list())


@pytest.mark.parametrize(
    "fact",
    [
        {"state": "gone"},
        {"doubts": "no-such-doubt"},
        {"installed": "yesterday"},
        {"files": "/a"},
        {"files": "[1]"},
        {"module": "[1]"},
    ],
    ids=str,
)
def test_a_fact_that_is_none_is_rejected(fact: dict[str, str]) -> None:
    (entry,) = [
        line for line in written(host(rpm("a", "1-1")), "syft").splitlines() if '"id": "0000000000000001"' in line
    ]
    artifact = json.loads(entry.strip().rstrip(","))
    text = written(host(rpm("a", "1-1"), rpm("b", "1-1")), "syft")
    changed = artifact["advisories"] | fact
    text = text.replace(json.dumps(artifact["advisories"]), json.dumps(changed), 1)
    back = inventories.read_stream(BytesIO(text.encode()))
    assert [package.name for package in back.packages] == ["b"]
    assert back.report is not None
    assert back.report.rejected == 1


@pytest.mark.parametrize(
    "line",
    [
        *(
            'image {"name": 1}',
            "image",
            'skipped [0, "a"]',
            'skipped [true, "a"]',
            "rejected []",
            "what 1",
            "layer [1, 2]",
        ),
        *(
            'version "x"',
            'distribution "debian 12"',
            "distribution {}",
            'contradiction "a',
            "packages x",
            "packages -1",
        ),
    ],
)
def test_a_fact_of_a_list_that_is_none_is_rejected(line: str) -> None:
    first, *rest = written(host(rpm("a", "1-1")), "tsv").splitlines(keepends=True)
    back = inventories.read_stream(BytesIO("".join([first, f"# advisories {line}\n", *rest]).encode()))
    assert len(back.packages) == 1
    assert back.report is not None
    assert len(back.report.rejections) == 1


def test_rejections_come_along() -> None:
    """A list that was read in part stays one, however often it is written: ``--strict`` sees it."""
    for format in READ_BACK:
        back = reread(reread(whole_list(), format), format)
        assert back.report is not None
        assert back.report.rejected == 1
        assert back.report.skips == (("an empty file", 2),)


def test_a_table_without_its_comments() -> None:
    lines = [line for line in written(whole_list(), "tsv").splitlines(keepends=True) if not line.startswith("#")]
    back = inventories.read_stream(BytesIO("".join(lines).encode()))
    assert [evolve(one, layer=None) for one in back.packages] == list(whole_list().packages)
    assert back.distribution is None
    assert back.report is not None
    why = "a table without its comments: what was rejected when it was written is not known"
    assert back.report.skips == ((why, 1),)


def test_components_in_a_document_of_another_program() -> None:
    """Who puts documents together may keep components and drop metadata. What is not known stays not known."""
    packages = (
        Package("deb", "a", "1", "amd64", vendor="Debian"),
        Package("deb", "b", "1", "amd64", source_name="s", source_version="1"),
    )
    other = {"type": "library", "name": "c", "version": "1", "purl": "pkg:deb/debian/c@1?arch=amd64&distro=debian-12"}
    text = written(Inventory(Distribution("debian", "12"), packages), "cyclonedx")
    document = json.loads(text)
    del document["metadata"]
    document["components"].append(other)
    back = inventories.read_stream(BytesIO(json.dumps(document).encode()))
    assert [(one.name, one.source_name, one.vendor) for one in back.packages] == [
        ("a", None, "Debian"),
        ("b", "s", None),
        ("c", None, None),
    ]
    assert str(back.distribution) == "debian 12"


def unordered(package: tuple[object, ...]) -> str:
    return repr([sorted(value) if isinstance(value, tuple) else value for value in package])


@pytest.mark.filterwarnings("ignore:The Component this BOM is describing")
def test_cyclonedx_in_xml() -> None:
    """Its library writes the same document as XML, and reads it back."""
    bom = Bom.from_json(json.loads(written(whole_list(), "cyclonedx")))
    text = make_outputter(bom, OutputFormat.XML, SchemaVersion.V1_6).output_as_string()
    back = same(inventories.read_stream(BytesIO(text.encode())))
    # The library has components, and the places of each, in an order of its own.
    assert sorted(map(unordered, back["packages"])) == sorted(map(unordered, same(whole_list())["packages"]))
    assert {name: back[name] for name in ("about", "removed")} == {
        name: same(whole_list())[name] for name in ("about", "removed")
    }


@pytest.mark.filterwarnings("ignore:The Component this BOM is describing")
def test_blanks_around_a_value_in_xml() -> None:
    """A maintainer may end in a blank, and so may a path. Line ends and indents are the document's."""
    package = Package("deb", "a", "1", maintainer=" A <a@b> ", locations=("/a ",))
    inventory = evolve(whole_list(), packages=identified((package, Package("deb", "b", "1"))), removed=())
    bom = Bom.from_json(json.loads(written(inventory, "cyclonedx")))
    text = make_outputter(bom, OutputFormat.XML, SchemaVersion.V1_6).output_as_string()
    for form in (
        text,
        text.replace("> A <", ">\n      A <"),
        text.replace("<value>", "<value>\n ").replace("</value>", "\n </value>"),
    ):
        back = inventories.read_stream(BytesIO(form.encode()))
        (found,) = [one for one in back.packages if one.name == "a"]
        assert (found.maintainer or "").strip() == "A <a@b>"
    assert [one for one in inventories.read_stream(BytesIO(text.encode())).packages if one.name == "a"] == [package]


# ---- laws ----

TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)


def is_seen(value: object) -> bool:
    """Whether a text shows what it is. No reader takes another one."""
    return printable(str(value)) == str(value) and "\ufffd" not in str(value)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "arch": TEXTS,
        "source_name": TEXTS,
        "source_version": TEXTS,
        "vendor": TEXTS,
        "maintainer": TEXTS,
        "repository": TEXTS,
        "location": TEXTS,
        "locations": st.lists(TEXTS, max_size=3).map(tuple),
        "epoch_known": st.booleans(),
        "source_epoch_known": st.booleans(),
        "state": st.sampled_from(State),
        "module": st.sampled_from([Module(True), Module(False), Module.of("a:1")]),
        "doubts": st.frozensets(st.sampled_from(Assumption), max_size=2),
    },
)
SEEN = st.builds(
    lambda type, name, version, changes: Package(type, name, version, **changes),
    st.sampled_from(["rpm", "deb", "apk", "pypi", "npm", "golang"]),
    TEXTS,
    TEXTS,
    CHANGES,
).filter(lambda package: all(map(is_seen, package.to_dict().values())))


@settings(max_examples=examples(150))
@given(packages=st.lists(SEEN, min_size=1, max_size=4), channels=st.frozensets(st.sampled_from(["esm-apps", "fips"])))
def test_any_list_is_the_same_when_it_is_read_back(packages: list[Package], channels: frozenset[str]) -> None:
    packages.append(Package("deb", "installed", "1"))
    inventory = Inventory(Distribution("ubuntu", "18.04", channels), identified(tuple(packages)))
    inventory = evolve(inventory, distribution_source="x", report=whole_list().report)
    for format in LOSSLESS:
        back = same(reread(inventory, format))
        assert back["packages"] == same(inventory)["packages"], format
        assert back["about"] == same(inventory)["about"], format


@settings(max_examples=examples(50))
@given(text=st.text(max_size=20), hostile=st.sampled_from(HOSTILE), format=st.sampled_from(formats("list")))
def test_any_name_is_harmless(text: str, hostile: str, format: str) -> None:
    name = f"{text}{hostile}"
    package = rpm(name, f"1{hostile}", vendor=text, source_name=name, locations=(hostile,), location=text)
    inventory = host(package, rpm("bash", "1-1"), distribution=Distribution(text or "x", hostile))
    inventory = evolve(inventory, source=name, running_kernel=text, distribution_source=hostile)
    lines = written(inventory, format).split("\n")[:-1]
    assert all(line.replace("\t", "").isprintable() for line in lines)
    if format in VALIDATED:
        assert json.loads("\n".join(lines))
        assert "\n".join(lines).isascii()
    if format == "tsv":
        assert len({line.count("\t") for line in lines if not line.startswith("#")}) == 1
    if format == "text":
        return
    back = inventories.read_stream(BytesIO("\n".join([*lines, ""]).encode()))
    assert "bash" in {package.name for package in back.packages}
    assert len(back.packages) == 2 or (back.report and back.report.rejected)


FEED = Feed(
    [
        advisory("A-1", affected("bash", "2-1"), affected("a", "1:1-1"), cves=["CVE-2026-1"]),
        advisory("A-2", affected("npm", "2:1-1", module=Module.of("nodejs:18")), cves=["CVE-2026-2"]),
    ]
)


@pytest.mark.parametrize("format", LOSSLESS)
def test_a_match_of_it_is_the_same(format: str) -> None:
    found, again = (match(one, FEED) for one in (whole_list(), reread(whole_list(), format)))
    assert [finding.to_dict() for finding in found] == [finding.to_dict() for finding in again]
    assert found.coverage.to_dict() == again.coverage.to_dict()


def test_packages_are_written_one_by_one() -> None:
    """A list of a million has no more memory than its nouns, beside the names of its entries in CycloneDX."""
    import tracemalloc

    from advisories.reports import render
    from advisories.reports.inventory import ListReport

    few = host(*[rpm(f"p{number}", "1-1", vendor="x") for number in range(200)])
    many = evolve(few, packages=few.packages * 20)
    for format in (*LOSSLESS, "purls"):
        peaks: list[int] = []
        for inventory in (few, many):
            tracemalloc.start()
            assert sum(1 for _ in render(ListReport(inventory), format)) >= len(inventory.packages)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] * 10, format
