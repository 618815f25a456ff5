"""Until when releases are supported, against Debian's own table of releases."""

import csv
from datetime import date
from pathlib import Path

import oracles
import pytest

from advisories.distros.lifecycle import Support, support_of, support_table
from advisories.models import Distribution
from advisories.models.distribution import normalised

# Debian's package distro-info-data.
DISTRO_INFO = Path("/usr/share/distro-info")


@pytest.mark.parametrize(("id", "extended"), [("debian", "eol-lts"), ("ubuntu", "eol-esm")])
def test_as_distro_info_has_it(id: str, extended: str) -> None:
    compared = 0
    with oracles.file(DISTRO_INFO / f"{id}.csv", "distro-info-data").open() as stream:
        for row in csv.DictReader(stream):
            release = (row["version"] or "").removesuffix(" LTS")
            found = support_of(normalised(id, release))
            if found is not None:
                assert str(found.standard) == row["eol"], release
                assert (str(found.extended) if found.extended else None) == (row[extended] or None), release
                compared += 1
    # The table of a machine may be older or newer than ours, by a few releases.
    assert compared >= 0.9 * sum(1 for other, _ in support_table() if other == id)


def test_service_packs_have_days_of_their_own() -> None:
    days = [support_of(Distribution("openeuler", f"22.03-LTS-SP{number}")) for number in (1, 2)]
    assert [str(day and day.standard) for day in days] == ["2024-12-31", "2024-03-31"]
    # Without its service pack a release has no day.
    assert support_of(Distribution("openeuler", "22.03")) is None


def test_derivatives() -> None:
    esm = Support(date(2027, 6, 1), date(2032, 4, 21), "ESM", "distro-info-data 0.58+deb12u6")
    assert support_of(Distribution("ubuntu", "22.04")) == support_of(Distribution("linuxmint", "21.2")) == esm
    # CentOS has its own, not those of the distribution whose advisories it takes.
    centos = support_of(Distribution("centos", "8.5"))
    assert centos is not None
    assert centos.standard == date(2021, 12, 31)
    for unknown in (Distribution("debian", None), Distribution("nobody", "1"), Distribution("wolfi", "rolling")):
        assert support_of(unknown) is None
