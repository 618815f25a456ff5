"""Lines that are cut in C are the packages that the reader of their list makes of them; the others are left to it."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from places import EXAMPLE

from advisories.distros.nevra import ARCHES
from advisories.models import Package
from advisories.readers.inventories import dpkg_query, rpm_qa
from advisories.readers.inventories._rows import Rows

LIST = EXAMPLE / "host.tsv"

# What lines are made of, and what is nearly that.
PIECES = [
    piece
    for line in (
        "- -- . .. : :: ~ ^ + _ / # % ( ) 0 1 22 a bash lib G x86_64 noarch amd64 src rpm .rpm .src.rpm .nosrc.rpm el9",
        "(none) gpg-pubkey .module .module_el8.6.0 nodejs:20 1:2.0-1.el9 1.el9.x86_64 AlmaLinux Debian",
        "installed config-files half-installed",
    )
    for piece in line.split()
]
signs = st.sampled_from([*PIECES, "\t", "\t\t", " ", "\r", "\0", "\x1f", "\x7f", "\x80", "\u00e9", "\u2028", "\ud800"])
loose = st.lists(signs, max_size=14).map("".join)
words = st.lists(st.sampled_from(["a", "b1", "-", ".", "+", "1", "2.0", ":", "(none)", "_"]), max_size=4).map("".join)
arches = st.sampled_from(["x86_64", "noarch", "amd64", "", "(none)", "none"])
columns = st.one_of(words, words, arches, loose, st.sampled_from(["installed", "config-files", "(none)", "", "5"]))
sources = st.one_of(st.builds("{}-{}-{}.src.rpm".format, words, words, words), words)
recommended = st.tuples(
    words, st.sampled_from(["", "(none)", "0", "12", "x"]), words, words, arches, sources, loose, words
)
rpms = st.one_of(
    loose,
    st.builds("{}-{}-{}.{}{}".format, words, words, words, arches, st.sampled_from(["", ".rpm"])),
    st.lists(columns, min_size=4, max_size=9).map("\t".join),
    st.builds(lambda row, size: "\t".join(row[:size]), recommended, st.integers(5, 8)),
)
states = st.sampled_from(["installed", "config-files", "not-installed", "other"])
debs = st.one_of(
    loose,
    st.builds("{}\t{}".format, words, words),
    st.lists(columns, min_size=1, max_size=9).map("\t".join),
    st.tuples(states, words, words, arches, words, words, loose, loose).map("\t".join),
)


def cut(rows: Rows, data: bytes) -> tuple[list[Package], list[tuple[int, bytes]]]:
    packages: list[Package] = []
    others: list[tuple[int, bytes]] = []
    assert rows.cut(data, packages, lambda number, line: others.append((number, line))) == len(packages)
    return packages, others


def holds(rows: Rows, make: Callable[[str], Package], line: str) -> None:
    """It is either handed on, as it stands, or the package that `make` makes of it."""
    data = line.encode("utf-8", "surrogatepass")
    packages, others = cut(rows, data)
    if not line or line.startswith("#"):
        assert (packages, others) == ([], [])
    elif packages:
        assert (packages, others) == ([make(line)], [])
    else:
        assert others == [(1, data)]


@given(rpms.filter(lambda line: "\n" not in line), st.booleans())
@example("a-1-1.x86_64.rpm.rpm", False)
@example("a-1:-1", True)
@example("a-1-.x86_64", True)
@example("a\t\t1\t1\t\ta-1-.src.rpm", True)
def test_rpms(line: str, shown: bool) -> None:
    holds(rpm_qa._rows(shown), lambda line: rpm_qa._of_form(shown, line), line)


@given(debs.filter(lambda line: "\n" not in line))
@example("a:\t1")
@example("a:b:c\t1")
def test_debs(line: str) -> None:
    holds(dpkg_query._rows(), dpkg_query._of_columns, line)


@pytest.mark.parametrize(
    "line",
    [
        "bash-5.1.8-4.el9",
        "bash-5.1.8-4.el9.x86_64",
        "bash-5.1.8-4.el9.x86_64.rpm",
        "openssl-libs-1:3.0.1-20.el9_0.x86_64",
        "bash\t(none)\t5.1.8\t4.el9\tx86_64",
        "bash\t0\t5.1.8\t4.el9\tx86_64\tbash-5.1.8-4.el9.src.rpm",
        "openssl-libs\t1\t3.0.1\t20.el9_0\tx86_64\topenssl-3.0.1-20.el9_0.src.rpm\tRed Hat, Inc.\t(none)",
    ],
)
def test_forms_of_rpm(line: str) -> None:
    packages, _ = cut(rpm_qa._rows(True), line.encode())
    assert packages == [rpm_qa._of_form(True, line)]


@pytest.mark.parametrize(
    "line",
    [
        "bash\t5.2.15-2+b7",
        "libc6:amd64\t2.36-9+deb12u8",
        "installed\tlibssl3\t3.0.15-1\tamd64\topenssl\t3.0.15-1\t\tDebian OpenSSL Team <team@example.org>",
        "config-files\tlinux-image\t6.1\tamd64\t\t\tDebian\t",
    ],
)
def test_forms_of_dpkg(line: str) -> None:
    packages, _ = cut(dpkg_query._rows(), line.encode())
    assert packages == [dpkg_query._of_columns(line)]


@given(
    st.lists(st.one_of(rpms, st.sampled_from(["# 1", "", "a-1-1.noarch"])), max_size=12), st.sampled_from(["", "\n"])
)
def test_lines_are_numbered_and_kept_in_order(lines: list[str], end: str) -> None:
    lines = [line.replace("\n", "") for line in lines]
    data = ("\n".join(lines) + end).encode("utf-8", "surrogatepass")
    one_by_one = [
        (number, cut(rpm_qa._rows(True), line.encode("utf-8", "surrogatepass"))) for number, line in enumerate(lines, 1)
    ]
    packages, others = cut(rpm_qa._rows(True), data)
    assert packages == [package for _, (made, _) in one_by_one for package in made]
    assert others == [(number, line) for number, (_, left) in one_by_one for _, line in left]


@given(st.lists(st.one_of(rpms, st.sampled_from(["# 1", "", "a-1-1.noarch"])), max_size=12), st.integers(-1, 14))
def test_all_lines_or_none(lines: list[str], most: int) -> None:
    lines = [line.replace("\n", "") for line in lines]
    first = "\n".join(lines[: None if most < 0 else most]).encode("utf-8", "surrogatepass")
    packages, others = cut(rpm_qa._rows(True), first)
    found = rpm_qa._rows(True).all("\n".join(lines).encode("utf-8", "surrogatepass"), most)
    assert found == (None if others else packages)


@given(st.lists(st.one_of(rpms, st.sampled_from(["a-release-1-1", "a-release\t\t1\t1\tnoarch"])), max_size=8))
def test_packages_of_releases(lines: list[str]) -> None:
    data = "\n".join(line.replace("\n", "") for line in lines).encode("utf-8", "surrogatepass")
    packages: list[Package] = []
    releases: list[Package] = []
    rpm_qa._rows(True).cut(data, packages, lambda number, line: None, releases)
    assert {package for package in packages if "-release" in package.name} <= set(releases) <= set(packages)


@given(rpms)
@example("a-1-.rpm")
@example("a-1-1.rpm")
@example("a-b-1.x86_64")
@example("a-1:a-1")
@example("a-x-1")
def test_a_glance_tells_what_splitting_tells(line: str) -> None:
    if rpm_qa._PLAIN_LINE.fullmatch(line) is not None:
        parts = rpm_qa._whole(line)
        assert parts is not None
        assert (parts.arch is not None) == (line.rpartition(".")[2] in ARCHES)


def test_a_real_host() -> None:
    """The bundled example: nearly all of its lines are cut in C."""
    packages, others = cut(rpm_qa._rows(True), LIST.read_bytes())
    assert len(others) * 20 < len(packages)


def test_what_is_raised_for_another_line_is_raised() -> None:
    def stop(number: int, line: bytes) -> None:
        raise LookupError(number, line)

    packages: list[Package] = []
    with pytest.raises(LookupError, match="2, b'no package'"):
        rpm_qa._rows(True).cut(b"a-1-1.noarch\nno package\nb-1-1.noarch", packages, stop)
    assert [package.name for package in packages] == ["a"]


def test_a_form_of_no_kind() -> None:
    with pytest.raises(NotImplementedError):
        Rows().cut(b"line", [], print)
