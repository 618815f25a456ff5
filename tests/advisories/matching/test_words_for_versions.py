"""Rule 14: a word in the place of a version shows that the version is missing, whatever rpm and dpkg make of it.

To dpkg letters are above the end of a version, and to rpm they are below digits: ``latest`` cleared every record of
Debian, and a fix ``None`` cleared every package of rpm.
"""

from io import BytesIO
from typing import Any

import pytest
from advisories_reference import ALMA9, advisory, affected, host, rpm
from attrs import evolve

from advisories import Feed, match, read_inventory
from advisories.index.records import record_of, version_key
from advisories.models import Affected, Distribution, Names, Package, Range
from advisories.models.packages import SCHEME_OF_TYPE
from vercmp import InvalidVersion

DEBIAN12 = Distribution("debian", "12")
#: What programs write where they know no version: as a text, in Python, in JavaScript, in SPDX, in a template.
WORDS = ["latest", "unknown", "UNKNOWN", "None", "null", "undefined", "NOASSERTION", "N/A", "*", "any", "<unfixed>"]


def deb(version: str, source_version: str | None = None) -> Package:
    return Package("deb", "bash", version, "amd64", source_name="bash", source_version=source_version or version)


def of_source(range: Range) -> Any:
    return advisory("DSA-1", Affected("bash", "deb", DEBIAN12, Names.SOURCE, (range,)), cves=["CVE-2024-1000"])


def statuses(package: Package, record: Any) -> list[str]:
    distribution = DEBIAN12 if package.type == "deb" else ALMA9
    return [one.status.value for one in match(host(package, distribution=distribution), Feed([record]))]


@pytest.mark.parametrize("word", [*WORDS, "v2", "${Version}", "1.0%2Bdeb12u1"])
class TestPackages:
    def test_of_debian_it_is_undecidable(self, word: str) -> None:
        assert statuses(deb(word), of_source(Range(None, "2-1"))) == ["undecidable"]

    def test_so_is_that_of_the_source(self, word: str) -> None:
        assert statuses(deb("1-1", word), of_source(Range(None, "2-1"))) == ["undecidable"]

    def test_what_no_record_names_is_clean(self, word: str) -> None:
        package = Package("deb", "sed", word, "amd64", source_name="sed", source_version=word)
        assert statuses(package, of_source(Range(None, "2-1"))) == []


@pytest.mark.parametrize("word", WORDS)
class TestRpm:
    @pytest.mark.parametrize("release", ["", "-1.el9"])
    def test_a_package(self, word: str, release: str) -> None:
        record = advisory("A", affected("bash", "6-1", introduced="5-1"), cves=["CVE-2024-1000"])
        assert statuses(rpm("bash", word + release), record) == ["undecidable"]

    def test_a_fix_clears_nothing(self, word: str) -> None:
        record = advisory("A", affected("bash", word), cves=["CVE-2024-1000"])
        assert statuses(rpm("bash", "5-1"), record) == ["undecidable"]


@pytest.mark.parametrize("word", [*WORDS, "1:latest", ":"])
def test_a_word_among_versions_that_a_record_lists(word: str) -> None:
    """It ended the reading of the whole feed where it had a colon, and was a version where it had none."""
    entry = evolve(affected("bash", "0"), ranges=(), versions=("5-1", word))
    found = record_of(advisory("A", entry), entry)
    assert found.unordered is not None
    assert "no package has such a version" in found.unordered
    assert found.versions == {version_key("5-1", "rpm", epoch=True)}


@pytest.mark.parametrize("word", WORDS)
def test_what_begins_at_a_word_of_debian_begins_nowhere(word: str) -> None:
    assert statuses(deb("1-1"), of_source(Range(word, "2-1"))) == ["undecidable"]


@pytest.mark.parametrize(
    ("type", "version"),
    [
        ("deb", "1:0~rc1-1"),
        ("deb", "1.2.3+dfsg-1+deb12u1"),
        ("deb", "2.0_beta"),
        ("rpm", "v1.0-1"),
        ("rpm", "git20200101-1.el9"),
        ("rpm", "1:rc1-1"),
        ("rpm", "0^20200101-1"),
        ("rpm", "r7"),
    ],
)
def test_versions_of_builds_have_their_order(type: str, version: str) -> None:
    assert version_key(version, SCHEME_OF_TYPE[type], epoch=True)


@pytest.mark.parametrize("scheme", ["rpm", "dpkg"])
@pytest.mark.parametrize("epoch", [True, False])
@pytest.mark.parametrize("text", ["latest", "1:latest", "0:None"])
def test_the_reason(scheme: str, epoch: bool, text: str) -> None:
    with pytest.raises(InvalidVersion, match="no package has such a version"):
        version_key(text, scheme, epoch=epoch)


def test_a_list_of_selections_clears_nothing() -> None:
    """``dpkg --get-selections`` has ``install`` where ``dpkg-query -W`` has the version."""
    listed = evolve(read_inventory(BytesIO(b"bash\tinstall\nsed\tinstall\n")), distribution=DEBIAN12)
    (finding,) = match(listed, Feed([of_source(Range(None, "2-1"))]))
    assert finding.status.value == "undecidable"
