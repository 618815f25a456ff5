"""The lines of ``rpm -qa`` and ``dpkg-query -W``."""

from importlib import import_module
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import advisories
from advisories.distros.nevra import ARCHES
from advisories.models import Package
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.reading import Unreadable
from advisories.readers.inventories import dpkg_query, rpm_qa
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.registry import FORMATS

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
signs = st.sampled_from([*PIECES, "\t", "\t\t", " ", "\r", "\0", "\x1f", "\x7f", "\x80", "\u00e9", "\u2028", "\udcff"])
loose = st.lists(signs, max_size=14).map("".join)
words = st.lists(st.sampled_from(["a", "b1", "-", ".", "+", "1", "2.0", ":", "(none)", "_"]), max_size=4).map("".join)
arches = st.sampled_from(["x86_64", "noarch", "amd64", "", "(none)", "none"])
rpms = st.one_of(loose, st.builds("{}-{}-{}.{}{}".format, words, words, words, arches, st.sampled_from(["", ".rpm"])))


@given(rpms)
@example("a-1-.rpm")
@example("a-1-1.rpm")
@example("a-b-1.x86_64")
@example("a-1:a-1")
@example("a-x-1")
@example("a-1:1-1.x86_64")
@example("a-1:x-1")
def test_the_quick_pattern_agrees_with_the_split(line: str) -> None:
    if rpm_qa._PLAIN_LINE.fullmatch(line) is not None:
        parts = rpm_qa._whole(line)
        assert parts is not None
        assert (parts.arch is not None) == (line.rpartition(".")[2] in ARCHES)


@given(loose)
def test_any_line(line: str) -> None:
    for make in (lambda line: rpm_qa._of_form(True, line), dpkg_query._of_columns):
        try:
            package = make(line)
        except Unreadable:
            continue
        assert package.name
        assert f"{package.name}{package.version}".isprintable()


BASH = Package("rpm", "bash", "5.1.8-4.el9", "x86_64")


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("bash-5.1.8-4.el9", Package("rpm", "bash", "5.1.8-4.el9")),
        ("bash-5.1.8-4.el9.x86_64", BASH),
        ("bash-5.1.8-4.el9.x86_64.rpm", BASH),
        ("openssl-libs-1:3.0.1-20.el9_0.x86_64", Package("rpm", "openssl-libs", "1:3.0.1-20.el9_0", "x86_64")),
        (
            "bash\t(none)\t5.1.8\t4.el9\tx86_64",
            Package("rpm", "bash", "5.1.8-4.el9", "x86_64", source_epoch_known=False),
        ),
        (
            "bash\t0\t5.1.8\t4.el9\tx86_64\tbash-5.1.8-4.el9.src.rpm",
            Package(
                "rpm",
                "bash",
                "0:5.1.8-4.el9",
                "x86_64",
                source_name="bash",
                source_version="5.1.8-4.el9",
                source_epoch_known=False,
            ),
        ),
        (
            "openssl-libs\t1\t3.0.1\t20.el9_0\tx86_64\topenssl-3.0.1-20.el9_0.src.rpm\tRed Hat, Inc.\t(none)",
            Package(
                "rpm",
                "openssl-libs",
                "1:3.0.1-20.el9_0",
                "x86_64",
                source_name="openssl",
                source_version="3.0.1-20.el9_0",
                source_epoch_known=False,
                vendor="Red Hat, Inc.",
            ),
        ),
    ],
)
def test_forms_of_rpm(line: str, package: Package) -> None:
    assert rpm_qa._of_form(True, line) == package


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("bash\t5.2.15-2+b7", Package("deb", "bash", "5.2.15-2+b7")),
        ("libc6:amd64\t2.36-9+deb12u8", Package("deb", "libc6", "2.36-9+deb12u8", "amd64")),
        (
            "installed\tlibssl3\t3.0.15-1\tamd64\topenssl\t3.0.15-1\t\tDebian OpenSSL Team <team@example.org>",
            Package(
                "deb",
                "libssl3",
                "3.0.15-1",
                "amd64",
                source_name="openssl",
                source_version="3.0.15-1",
                maintainer="Debian OpenSSL Team <team@example.org>",
            ),
        ),
    ],
)
def test_forms_of_dpkg(line: str, package: Package) -> None:
    assert dpkg_query._of_columns(line) == package


versions = st.sampled_from(["1.0", "2.36-9", "5.1.8-4.el9", "1:3.0.1-20.el9_0", "1.2.5-r0", "0"])
forms = st.sampled_from(
    [
        "{}-{}-{}.{}",
        "{}\t(none)\t{}\t{}\t{}",
        "{}\t0\t{}\t{}\t{}\t\t\t",
        "gpg-pubkey-{}-{}.(none)",
        "{}\t{}",
        "{}.{} {} @{}",
        "installed\t{}\t{}\t{}\t{}\t\t\t",
    ]
)
rpm_arches = st.sampled_from(["x86_64", "noarch", "aarch64", "s390x", "amd64", "src"])
plain_lines = st.builds(str.format, forms, st.sampled_from(["bash", "python3-a", "x"]), versions, versions, rpm_arches)


@given(st.lists(plain_lines, min_size=1, max_size=4), st.sampled_from(["", "# showformat ${Package}-${Version}\n"]))
def test_no_other_reader_takes_a_plain_list_of_rpm(lines: list[str], front: str) -> None:
    """So it does not matter that rpm's reader is the first in the registry."""
    data = (front + "\n".join(lines)).encode()
    if rpm_qa.sniff(Head(data)):
        taken = {name for name, module in FORMATS.items() if import_module(module).sniff(Head(data))}
        assert taken == {"rpm-qa"}
        assert not front


class TestKernelReleases:
    """``uname -r`` prints no package. Read as one, it would be a host with nothing to find."""

    RELEASES = (
        "5.14.0-70.13.1.el9_0.x86_64",
        "6.1.0-18-amd64",
        "5.15.0-91-generic",
        "6.6.7-0-lts",
        "5.4.17-2136.300.7.el8uek.x86_64",
        "5.3.18-150300.59.43-default",
        "5.15.173.1-2.cm2",
        "4.19.232-1.ph3",
        "6.12.8",
        "Linux host 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux",
    )

    @pytest.mark.parametrize("text", RELEASES)
    @pytest.mark.parametrize("times", [1, 2])
    def test_alone_they_are_no_list(self, text: str, times: int) -> None:
        with pytest.raises((UnknownFormat, EmptySource), match="the release of a kernel, as uname -r prints it"):
            advisories.read_inventory(BytesIO(f"{text}\n".encode() * times))

    @pytest.mark.parametrize("text", RELEASES)
    @pytest.mark.parametrize(
        "list",
        [
            "bash-5.1.8-6.el9.x86_64\nzlib-1.2-40.el9.x86_64\n389-ds-base-1.4-1.el9.x86_64\n7zip-22.01-1.el9.noarch\n",
            "bash\t5.2-1\nzlib1g\t1:1.2.13-1\n0ad\t0.26-1\n7zip\t22.01-1\n",
            "bash-5.2.21-r0\nzlib-1.3.1-r0\n7zip-23.01-r0\nmusl-1.2.4-r2\n",
        ],
    )
    def test_among_packages_they_are_rejected(self, text: str, list: str) -> None:
        inventory = advisories.read_inventory(BytesIO(f"{list}{text}\n".encode()))
        assert len(inventory.packages) == 4
        assert inventory.report is not None
        assert [one.position for one in inventory.report.rejections] == ["line 5"]

    def test_a_heading_alone_is_no_list(self) -> None:
        with pytest.raises(EmptySource, match="the list has a heading and no packages"):
            advisories.read_inventory(BytesIO(b"# os-release ID=debian VERSION_ID=12\n# uname -r 6.1.0-18-amd64\n"))
