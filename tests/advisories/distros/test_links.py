"""Addresses of advisories and CVEs: the rows of the table, and ids that are no part of an address."""

import re
from urllib.parse import urlsplit

import pytest
from advisories_tables import facts
from hypothesis import given
from hypothesis import strategies as st

from advisories.distros.links import link_to
from advisories.models import Distribution

ALMA = Distribution("almalinux", "9.4")
ROWS = {prefix: address for prefix, address, _ in facts("distros/links.tsv")}


@pytest.mark.parametrize("prefix", ROWS)
def test_a_row_is_an_address_of_https_with_the_id_in_it(prefix: str) -> None:
    address = ROWS[prefix]
    assert re.fullmatch(r"[A-Z][A-Z0-9]*-", prefix)
    assert set(re.findall(r"{(\w*)}", address)) <= {"id", "rest", "major", "dashed"}
    assert re.search(r"{(id|rest|dashed)}", address), "each id has an address of its own"
    assert address.startswith("https://")
    assert "{" not in urlsplit(address).netloc
    found = link_to(f"{prefix}2024:1234", ALMA)
    assert found is not None
    assert urlsplit(found).scheme == "https"
    assert "{" not in found
    assert "2024" in found


@pytest.mark.parametrize(
    ("id", "address"),
    [
        ("CVE-2024-3094", "https://www.cve.org/CVERecord?id=CVE-2024-3094"),
        ("ALSA-2022:4584", "https://errata.almalinux.org/9/ALSA-2022-4584.html"),
        ("RHSA-2017:2192", "https://access.redhat.com/errata/RHSA-2017:2192"),
        ("USN-5000-1", "https://ubuntu.com/security/notices/USN-5000-1"),
        ("DSA-5000-1", "https://security-tracker.debian.org/tracker/DSA-5000-1"),
        ("ALAS2-2024-1", "https://alas.aws.amazon.com/AL2/ALAS-2024-1.html"),
        ("GHSA-aaaa-bbbb-cccc", "https://github.com/advisories/GHSA-aaaa-bbbb-cccc"),
        ("NOBODY-1", None),
        ("CVE", None),
        ("", None),
        ("cve-2024-1", None),
    ],
)
def test_addresses(id: str, address: str | None) -> None:
    assert link_to(id, ALMA) == address


def test_an_address_with_a_release_needs_one() -> None:
    assert link_to("ALSA-2022:4584") is None
    assert link_to("ALSA-2022:4584", Distribution("almalinux", None)) is None
    assert link_to("ALSA-2022:4584", Distribution("almalinux", "../x")) is None


HOSTILE = ("<script>", '"', "'", " ", "\n", "\0", "/", "\\", "?", "#", "&", "%0a", "{0}", "@", "\u202e", "javascript")


@pytest.mark.parametrize("part", HOSTILE[:-1])
def test_hostile_ids_are_refused(part: str) -> None:
    for prefix in ROWS:
        assert link_to(f"{prefix}{part}", ALMA) is None
        assert link_to(f"{prefix}1{part}2", ALMA) is None


@given(st.sampled_from(sorted(ROWS)), st.text(max_size=12))
def test_an_address_is_always_one_of_the_row(prefix: str, rest: str) -> None:
    found = link_to(f"{prefix}{rest}", ALMA)
    if found is not None:
        assert urlsplit(found).netloc == urlsplit(ROWS[prefix]).netloc
        assert re.fullmatch(r"[A-Za-z0-9:/._?=-]+", found)
