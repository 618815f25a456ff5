"""Lists and feeds made of lines: cut, repeated or damaged anywhere, what was there is kept, skipped or rejected.

Every format of the registries whose golden case is a text of its own, and the other forms that its reader takes.
"""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

import fuzzed
import pytest
from attrs import evolve, field, frozen
from examples import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from advisories import DEFAULT_LIMITS, read_feed, read_inventory
from advisories.models import Advisory, Enrichment, Rejection
from advisories.models.assumptions import Assumption
from advisories.models.errors import AdvisoriesError
from advisories.models.reading import Extent
from advisories.readers import feeds, inventories
from advisories.sources.documents import Document

# What a program never writes into a line, and what may look like the end of one or like a blank.
NASTY = [
    *(b"\0", b"\r", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x1a", b"\xff", b"\x85", b"\xef\xbb\xbf"),
    *(sign.encode() for sign in ("\x85", "\u2028", "\u2029", "\xa0", "\u3000", "\u0663", "\ufffd", "\u202e")),
]
PLAIN = [b"\n", b"\r\n", b" ", b"\t", b"#", b":", b"-", b"\n\n", b"\n \n", b"x" * 5000]
ENDS = re.compile(rb"\0|\r(?!\n)|\x0b|\x0c|[\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]")
usual = settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))


def lines(data: bytes) -> list[bytes]:
    """The lines with anything in them."""
    return [line for line in data.split(b"\n") if line.strip(b" \t\r")]


def without_comments(data: bytes, end: bytes = b" \t\r") -> list[bytes]:
    """Without comments, but for those in which another line may be."""
    return [line for line in lines(data) if not line.startswith(b"#") or ENDS.search(line.rstrip(end))]


def of_lines(data: bytes) -> tuple[int, int]:
    return (len(lines(data)),) * 2


def of_lines_and_comments(data: bytes) -> tuple[int, int]:
    return len(without_comments(data)), len(without_comments(data, b"\r"))


def of_rows(data: bytes) -> tuple[int, int]:
    """A row may go on below, indented. Headings are no rows."""
    heading = re.compile(rb"(?:[A-Z][a-z]+ ){0,2}(?:[Pp]ackages|[Uu]pgrades)")
    found = [line for line in lines(data) if not heading.fullmatch(line.strip(b" \t\r"))]
    return sum(line[:1] not in (b" ", b"\t") for line in found), len(found)


def of_table(data: bytes) -> tuple[int, int]:
    """Lines of the table's head, right above its rule, are no rows."""
    heads = [line for line in lines(data) if line.startswith((b"+++-", b"|")) or re.search(rb"=[^\s/]+/", line)]
    return len(without_comments(data)) - len(heads), len(without_comments(data, b"\r"))


def of_columns(data: bytes) -> tuple[int, int]:
    if data.lstrip()[:1] == b"[":  # JSON, as a whole
        return 1, len(data)
    heads = [line for line in lines(data) if re.match(rb"Package +Version|-+ ", line)]
    return len(without_comments(data)) - len(heads), len(without_comments(data, b"\r"))


def of_stanzas(name: bytes, fields: bytes) -> Callable[[bytes], tuple[int, int]]:
    """Each name of a package, and each stanza without one. Each line of what has no fields. A last line without an end
    is a loss of the list.
    """
    field = re.compile(fields)

    def there(data: bytes) -> tuple[int, int]:
        found = 0
        for block in re.split(rb"\n\n+", data.replace(b"\r\n", b"\n")):
            rows = [row for row in block.split(b"\n") if row.strip(b" \t\r")]
            names = sum(row.startswith(name) for row in rows)
            found += max(names, 1) if any(map(field.match, rows)) else len(rows)
        is_cut = not data.endswith(b"\n")
        return found, found + is_cut

    return there


def of_written(data: bytes) -> tuple[int, int]:
    """The first line has the columns. The loss of the comments is one more."""
    return len(without_comments(data)) - 1, len(without_comments(data, b"\r")) + 1


def of_advisories(data: bytes) -> tuple[int, int]:
    """What is indented belongs to the line above it."""
    found = lines(data)
    return (sum(line[:1] not in (b" ", b"\t") for line in found) + (found[:1] != [] and found[0][:1] in b" \t"),) * 2


def of_scores(data: bytes) -> tuple[int, int]:
    headings = sum(re.fullmatch(rb"cve,epss(?:,[a-z_]+)*\r*", line) is not None for line in lines(data))
    return len(without_comments(data)) - headings, len(without_comments(data, b"\r")) - headings


def of_csv(data: bytes) -> tuple[int, int]:
    """The first line that is one has the columns."""
    return len(lines(data)) - 1, len(lines(data))


@frozen
class Kind:
    """A form of list.

    :ivar target: its reader.
    :ivar record: the text of the record with a number.
    :ivar there: how many records are in any bytes, at least and at most.
    :ivar head: what stands in front.
    :ivar neighbours: how many whole records on both sides of a damaged one show the columns.
    """

    target: str
    record: Callable[[int], str]
    there: Callable[[bytes], tuple[int, int]] = field(default=of_lines_and_comments)
    head: str = ""
    neighbours: int = 2


DPKG_8 = "installed\tp{0}x\t1.{0}-1\tamd64\tp{0}x\t1.{0}-1\tDebian\tA B <a@b.org>\n"
STATUS = (
    "Package: p{0}x\nStatus: install ok installed\nMaintainer: A B <a@b.org>\nArchitecture: amd64\nVersion: 1.{0}-1\n"
    "Description: a thing\n with more\n .\n of it\n\n"
)
APK = "C:Q1abc=\nP:p{0}x\nV:1.{0}-r0\nA:x86_64\nT:A thing\no:p{0}x\nm:A B <a@b.org>\nF:bin\nR:p{0}\nZ:Q1x=\n\n"
TABLE_HEAD = (
    "Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files\n|/ Err?=(none)/Reinst-required\n"
    "||/ Name           Version      Architecture Description\n"
    "+++-==============-============-============-=================================\n"
)
FORM = "p{0}x\t(none)\t1.{0}\t1.el9\tx86_64\tp{0}x-1.{0}-1.el9.src.rpm\tAlmaLinux\t(none)\n"
KINDS = {
    "dpkg-status": Kind("inventories/dpkg-status", STATUS.format, of_stanzas(b"Package:", rb"[!-9;-~]+:")),
    "apk-installed": Kind("inventories/apk-installed", APK.format, of_stanzas(b"P:", rb"[A-Za-z]:")),
    "rpm-qa": Kind("inventories/rpm-qa", "p{0}x-1.{0}-1.el9.x86_64\n".format),
    "rpm-qa-form": Kind("inventories/rpm-qa", FORM.format),
    "rpm-qa-stated": Kind(
        "inventories/rpm-qa", "p{0}x 1.{0} 1.el9\n".format, head="# queryformat %{NAME} %{VERSION} %{RELEASE}\\n\n"
    ),
    "dpkg-query": Kind("inventories/dpkg-query", "p{0}x\t1.{0}-1\n".format, of_table),
    "dpkg-query-form": Kind("inventories/dpkg-query", DPKG_8.format, of_table),
    "dpkg-query-stated": Kind(
        "inventories/dpkg-query", "p{0}x 1.{0}-1\n".format, of_table, "# showformat ${Package} ${Version}\\n\n"
    ),
    "rpm-qa-columns": Kind("inventories/rpm-qa", "p{0}x|(none)|1.{0}|1.el9|x86_64\n".format, neighbours=6),
    "dpkg-query-columns": Kind("inventories/dpkg-query", "p{0}x|1.{0}-1|amd64\n".format, of_table, neighbours=6),
    "dpkg-query-blanks": Kind("inventories/dpkg-query", "p{0}x  1.{0}-1  amd64\n".format, of_table, neighbours=6),
    "dpkg-l": Kind("inventories/dpkg-query", "ii  p{0}x         1.{0}-1     amd64  x\n".format, of_table, TABLE_HEAD),
    "apk-list": Kind("inventories/apk-list", "p{0}x-1.{0}-r0 x86_64 {{p}} (MIT) [installed]\n".format, of_lines),
    "apk-info": Kind("inventories/apk-list", "p{0}x-1.{0}-r0\n".format, of_lines),
    "apt-list": Kind(
        "inventories/apt-list", "p{0}x/stable,now 1.{0}-1 amd64 [installed]\n".format, of_lines, "Listing...\n"
    ),
    "dnf-list": Kind(
        "inventories/dnf-list", "p{0}x.x86_64   1.{0}-1.el9   @baseos\n".format, of_rows, "Installed Packages\n"
    ),
    "pip-list": Kind("inventories/pip-list", "p{0}x==1.{0}\n".format, of_columns),
    "pip-table": Kind(
        "inventories/pip-list",
        "p{0}x        1.{0}\n".format,
        of_columns,
        "Package    Version\n---------- -------\n",
    ),
    "tsv": Kind(
        "inventories/tsv",
        "deb\tp{0}x\t1.{0}-1\tinstalled\n".format,
        of_written,
        "type\tname\tversion\tstate\n",
    ),
    "purl": Kind("inventories/purl", "pkg:deb/debian/p{0}x@1.{0}-1?arch=amd64\n".format),
    "epss": Kind(
        "feeds/epss",
        "CVE-2024-1{0:04},0.5,0.9\n".format,
        of_scores,
        "#model_version:v2023.03.01,score_date:2024-05-01T00:00:00+0000\ncve,epss,percentile\n",
    ),
    "kev": Kind(
        "feeds/kev",
        "CVE-2024-1{0:04},A,2024-01-02\n".format,
        of_csv,
        "cveID,vendorProject,dateAdded\n",
    ),
    "debian-advisories": Kind(
        "feeds/debian-advisories",
        "[02 Apr 2023] DSA-{0}-1 p{0}x - a\n\t{{CVE-2023-1{0:04}}}\n\t[bullseye] - p{0}x 1.{0}-1\n".format,
        of_advisories,
    ),
}
FEEDS = [name for name, kind in KINDS.items() if kind.target.startswith("feeds/")]
LISTS = [name for name in KINDS if name not in FEEDS]


def whole(kind: Kind, numbers: Sequence[int]) -> bytes:
    return (kind.head + "".join(map(kind.record, numbers))).encode()


def counted(kind: Kind, data: bytes) -> tuple[int, int] | None:
    """How many records a reader kept, and how many it rejected or skipped. None for an error."""
    registry, _, name = kind.target.partition("/")
    try:
        if registry == "inventories":
            list_reader: Any = import_module(inventories.FORMATS[name])
            report = list_reader.read(data, "-").report
            assert report.read == report.kept + report.rejected
            return report.kept, report.rejected + sum(times for _, times in report.skips)
        reader: Any = import_module(feeds.FORMATS[name])
        items = list(reader.read(Document("-", name, data, True), DEFAULT_LIMITS))
    except AdvisoriesError:
        return None
    kept = sum(isinstance(one, Advisory | Enrichment) for one in items)
    return kept, sum(isinstance(one, Rejection) and one.extent is Extent.RECORD for one in items)


def changes(size: int) -> st.SearchStrategy[Callable[[bytes], bytes]]:
    place = st.integers(0, size)
    sign = st.sampled_from(NASTY + PLAIN)
    return st.one_of(
        st.builds(lambda at: lambda data: data[:at], place),
        st.builds(lambda at: lambda data: data[at:], place),
        st.builds(lambda at, to: lambda data: data[: min(at, to)] + data[max(at, to) :], place, place),
        st.builds(lambda at, to: lambda data: data[:at] + data[min(at, to) :], place, place),
        st.builds(lambda at, sign: lambda data: data[:at] + sign + data[at:], place, sign),
        st.builds(lambda at, sign: lambda data: data[:at] + sign + data[at + len(sign) :], place, sign),
        st.just(lambda data: data.replace(b"\n", b"\r\n")),
        st.builds(lambda other: lambda data: data + whole(KINDS[other], (7, 8)), st.sampled_from(list(KINDS))),
    )


def test_every_text_is_here() -> None:
    """Of a format that is neither JSON, XML, YAML nor TOML. What a root has set up is no list: it has its own tests."""
    golden = {
        target: [path.suffix for path in fuzzed.seeds(target) if path.name.startswith("input")]
        for target in fuzzed.TARGETS
        if not target.startswith("setups/")
    }
    texts = {target for target, ends in golden.items() if {"", ".txt", ".tsv", ".csv"} & set(ends)}
    own = {target for target in texts if not target.endswith(f"/{fuzzed.ANY}")}
    assert own == {kind.target for kind in KINDS.values()} - {"feeds/kev"} | {"feeds/ubuntu-tracker"}


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_list(name: str) -> None:
    kind = KINDS[name]
    data = whole(kind, range(1, 6))
    found = counted(kind, data)
    assert found is not None
    assert found[0] == 5
    low, high = kind.there(data)
    assert low <= sum(found) <= high
    again = counted(kind, data.replace(b"\n", b"\r\n"))
    assert again == found


@pytest.mark.parametrize("name", KINDS)
@usual
@given(data=st.data())
def test_what_was_there_adds_up(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    text = whole(kind, data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=6)))
    for change in data.draw(st.lists(changes(len(text)), min_size=1, max_size=3)):
        text = change(text)
    found = counted(kind, text)
    if found is None:
        event("an error")
        return
    low, high = kind.there(text)
    assert low <= sum(found) <= high, (found, text)


@pytest.mark.parametrize("sign", NASTY, ids=repr)
@pytest.mark.parametrize("name", KINDS)
def test_a_sign_anywhere_in_a_record_takes_no_neighbour_along(name: str, sign: bytes) -> None:
    kind = KINDS[name]
    before, record, behind = (
        whole(kind, numbers)[len(kind.head) :]
        for numbers in (range(kind.neighbours), (50,), range(60, 60 + kind.neighbours))
    )
    for place in range(len(record.rstrip(b"\n"))):
        found = counted(kind, kind.head.encode() + before + record[:place] + sign + record[place:] + behind)
        assert found is not None
        assert found[0] >= 2 * kind.neighbours, place
        assert sum(found) >= 2 * kind.neighbours + 1, place


TRACKED = (
    "Candidate: CVE-2023-0001\nPublicDate: 2023-01-02 00:00:00 UTC\nReferences:\n https://example.org/1\n"
    "Description:\n A thing.\nPriority: medium\n\nPatches_p:\n upstream: https://example.org/2\n"
)
STATUSES = [f"{release}_p{number}: released (1.{number})\n" for number in (1, 2) for release in ("jammy", "focal")]


def tracked(data: bytes) -> tuple[int, int] | None:
    """How many records and statuses of a file were kept or refused. None for an error."""
    reader: Any = import_module(feeds.FORMATS["ubuntu-tracker"])
    try:
        items = list(reader.read(Document("-", "CVE-2023-0001", data, True), DEFAULT_LIMITS))
    except AdvisoriesError:
        return None
    kept = [one for one in items if isinstance(one, Advisory)]
    refused = [one for one in items if isinstance(one, Rejection)]
    whole = sum(one.extent is Extent.RECORD for one in refused)
    return len(kept) + whole, sum(len(one.affected) for one in kept) + len(items) - len(kept) - whole


@pytest.mark.parametrize("sign", [*NASTY, b"\n", b" "], ids=repr)
def test_a_sign_anywhere_in_a_tracked_file(sign: bytes) -> None:
    """A status is kept, or a rejection is in its place."""
    front, statuses = TRACKED.encode(), "".join(STATUSES).encode()
    assert tracked(front + statuses) == (1, 4)
    for place in range(len(statuses)):
        found = tracked(front + statuses[:place] + sign + statuses[place:])
        assert found is not None
        records, entries = found
        assert records == 1
        assert entries >= 4, place
    for place in range(len(front)):
        assert tracked(front[:place] + sign + front[place:] + statuses) is not None


def test_two_tracked_files_in_one() -> None:
    """Whose a status is does not show: neither is kept, and both are counted."""
    other = TRACKED.replace("0001", "0002")
    assert tracked((TRACKED + "".join(STATUSES) + other + "".join(STATUSES)).encode()) == (2, 0)


@pytest.mark.parametrize("sign", NASTY, ids=repr)
def test_a_sign_anywhere_in_an_advisory_of_debian(sign: bytes) -> None:
    """Its entries are kept, or rejections are in their places, and so are its CVEs."""
    head, rest = b"[02 Apr 2023] DSA-1-1 p - a\n", b"\t{CVE-2023-10001}\n\t[bullseye] - p 1-1\n\t[bookworm] - q 1-1\n"
    reader: Any = import_module(feeds.FORMATS["debian-advisories"])
    for place in range(len(rest)):
        data = head + rest[:place] + sign + rest[place:]
        items = list(reader.read(Document("-", "list", data, True), DEFAULT_LIMITS))
        kept = [one for one in items if isinstance(one, Advisory)]
        refused = [one for one in items if isinstance(one, Rejection)]
        found = sum(len(one.cves) + len(one.affected) for one in kept) + len(refused)
        # A line that begins with a sign begins another advisory, and what is below belongs to it.
        assert found >= 3 or (rest[place - 1 : place] in (b"", b"\n") and refused[0].extent is Extent.RECORD), place
        names = {entry.package for one in kept for entry in one.affected}
        assert names <= {"p", "q"}, place
        assert all(one.lost for one in refused if "q" not in names or "p" not in names), place


TAGS = "PackageName: p{0}\nSPDXID: SPDXRef-{0}\nPackageVersion: 1\nExternalRef: PACKAGE-MANAGER purl {1}\n\n"


def tags(*numbers: int) -> bytes:
    return "".join(TAGS.format(number, f"pkg:deb/debian/p{number}x@1.{number}-1") for number in numbers).encode()


@pytest.mark.parametrize("sign", [*NASTY, b"\n", b"<text>"], ids=repr)
def test_a_sign_anywhere_in_a_document_of_tags(sign: bytes) -> None:
    reader: Any = import_module(inventories.FORMATS["spdx"])
    front, record, behind = tags(1), tags(2), tags(3)
    for place in range(len(record)):
        report = reader.read(front + record[:place] + sign + record[place:] + behind, "-").report
        assert report.kept >= 2, place
        assert report.read + sum(times for _, times in report.skips) >= 3, place


def test_a_text_of_several_lines_has_no_packages() -> None:
    reader: Any = import_module(inventories.FORMATS["spdx"])
    text = b"PackageComment: <text>a\nExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/forged@1\n</text>\n"
    found = reader.read(tags(1) + text + tags(2), "-")
    assert [package.name for package in found.packages] == ["p1x", "p2x"]
    assert found.report.rejections == ()
    open_text = text.replace(b"</text>", b"")
    found = reader.read(tags(1) + open_text + tags(2), "-")
    assert [package.name for package in found.packages] == ["p1x", "p2x"]
    assert [one.position for one in found.report.rejections] == ["line 6"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_other_ends_and_encodings(name: str) -> None:
    """As files: CR alone, UTF-16 with its mark. Without the mark it is an error."""
    data = whole(KINDS[name], range(1, 6))
    usual_list = read_inventory(BytesIO(data))
    assert len(usual_list.packages) == 5
    text = data.decode()
    for same in (
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + data,
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
    ):
        assert read_inventory(BytesIO(same)).packages == usual_list.packages
    for other in ("utf-16-le", "utf-16-be", "utf-32"):
        with pytest.raises(AdvisoriesError):
            read_inventory(BytesIO(text.encode(other)))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_twice(name: str) -> None:
    """Each package is counted as often as it is there, also where a mark of UTF-8 is in the middle."""
    data = whole(KINDS[name], range(1, 6))
    twice = read_inventory(BytesIO(data + data)).report
    assert twice is not None
    assert twice.kept == 10
    marked = read_inventory(BytesIO(data + b"\xef\xbb\xbf" + data)).report
    assert marked is not None
    assert marked.kept in (9, 10)
    assert marked.rejected + sum(times for _, times in marked.skips) >= 10 - marked.kept


@pytest.mark.parametrize("name", LISTS)
def test_a_cut_makes_nothing_up(name: str) -> None:
    """No package, and no source package, of a list that is cut has a name that the whole list has not."""
    kind = KINDS[name]
    numbers = range(11, 13 + 2 * kind.neighbours)
    data = whole(kind, numbers)
    reader: Any = import_module(inventories.FORMATS[kind.target.partition("/")[2]])
    packages = reader.read(data, "-").packages
    named = {package.name for package in packages}
    sources = {package.source_name for package in packages}
    for place in range(len(whole(kind, numbers[: 2 * kind.neighbours])), len(data)):
        found = reader.read(data[:place], "-").packages
        first = found[0]
        assert evolve(first, doubts=first.doubts - {Assumption.INVENTORY_PARTIAL}) == packages[0]
        assert {package.name for package in found} <= named, data[:place]
        assert {package.source_name for package in found[:-1]} <= sources, data[:place]
        # A package URL that is cut in its last value shows nothing.
        found = found[:-1] if name == "purl" else found
        assert {package.arch for package in found} <= {package.arch for package in packages}, data[:place]


# A last record that is cut, below so many whole ones, and as much of it as can be a whole one without its line end.
@pytest.mark.parametrize(
    ("name", "above", "cut", "whole_record"),
    [
        ("apk-installed", 0, "V:1.12-r0\n", "o:p12x\n"),
        ("apk-installed", 0, "A:x86_64\nT:A th", "o:p12x\n"),
        ("apk-installed", 2, "T:A thing\n", "<a@b.org>\n"),
        ("apk-installed", 2, "o:p12x\n", "<a@b.org>\n"),
        ("dpkg-l", 0, "1.12-1     amd6", "amd64  x"),
        ("dpkg-l", 0, "1.12-1     amd64", "amd64  x"),
        ("rpm-qa", 0, "el9.x86_6", "el9.x86_64"),
        ("rpm-qa", 0, "el9.x86", "el9.x86_64"),
        ("rpm-qa-columns", 0, "el9|x86_6", "el9|x86_64"),
        ("rpm-qa-columns", 6, "el9|x", "el9|x86_64"),
        ("dpkg-query", 2, "p12x\t", "p12x\t1.12"),
        ("dpkg-query-form", 2, "A B <a@b.org", "A B <a@b.org>"),
        ("dpkg-query-form", 2, "Debian\t", "A B <a@b.org>"),
        ("dpkg-query-columns", 6, "1.12-1|amd6", "1.12-1|amd64"),
        ("dpkg-query-blanks", 6, "1.12-1  a", "1.12-1  amd64"),
    ],
)
def test_a_last_record_without_its_end(name: str, above: int, cut: str, whole_record: str) -> None:
    kind = KINDS[name]
    first = kind.head + "".join(map(kind.record, range(12 - above, 12)))
    last = kind.record(12)
    for end, kept in ((cut, above), (whole_record, above + 1)):
        data = first + last[: last.index(end) + len(end)]
        is_cut = name == "apk-installed" and not data.endswith("\n")
        assert counted(kind, data.encode()) == (kept, above + 1 - kept + is_cut)


@pytest.mark.parametrize("name", ["dpkg-status", "apk-installed"])
def test_a_database_that_ends_in_a_line_is_not_whole(name: str) -> None:
    """Wherever that is: its program ends each line. The packages above are read, and nothing of the list is clean."""
    data = whole(KINDS[name], range(1, 6))
    reader: Any = import_module(inventories.FORMATS[name])
    for place in range(len(data) - 1, len(data) // 2, -1):
        report = reader.read(data[:place], "-").report
        lost = [one for one in report.rejections if one.is_of_the_whole]
        assert bool(lost) == (data[place - 1 : place] != b"\n"), data[:place]
        assert all(one.why == "the file ends in the middle of a line: it may be cut" for one in lost)
        assert report.kept >= 2


@pytest.mark.parametrize("gone", range(1, 8))
@pytest.mark.parametrize("name", ["rpm-qa-form", "dpkg-query-form"])
def test_a_row_without_one_of_its_tabs(name: str, gone: int) -> None:
    """Its values would be those of other columns."""
    kind = KINDS[name]
    columns = kind.record(3).split("\t")
    record = "\t".join([*columns[: gone - 1], "".join(columns[gone - 1 : gone + 1]), *columns[gone + 1 :]])
    assert counted(kind, f"{kind.record(1)}{kind.record(2)}{record}".encode()) == (2, 1)


def test_the_heading_of_another_list_is_no_comment() -> None:
    """Its release would be taken for that of the first."""
    first, second = "# os-release ID=rocky VERSION_ID=9.4\n", "# os-release ID=fedora VERSION_ID=40\n"
    found = read_inventory(BytesIO(f"{first}a-1-1.el9.x86_64\n{second}b-1-1.fc40.x86_64\n".encode()))
    assert found.report is not None
    assert [one.position for one in found.report.rejections] == ["line 3"]


def test_several_running_kernels_are_none() -> None:
    text = "# os-release ID=rocky VERSION_ID=9.4\n# uname -r 5.14.0-1.el9.x86_64\n{}a-1-1.el9.x86_64\n"
    assert read_inventory(BytesIO(text.format("").encode())).running_kernel == "5.14.0-1.el9.x86_64"
    other = text.format("# uname -r 5.14.0-2.el9.x86_64\n")
    assert read_inventory(BytesIO(other.encode())).running_kernel is None


@pytest.mark.parametrize("name", [*FEEDS, "ubuntu-tracker"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_feed_of_another_encoding_is_an_error(name: str, encoding: str) -> None:
    text = TRACKED + "".join(STATUSES) if name == "ubuntu-tracker" else whole(KINDS[name], range(1, 4)).decode()
    with pytest.raises(AdvisoriesError):
        read_feed(BytesIO(text.encode(encoding)))
