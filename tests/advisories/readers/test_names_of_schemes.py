"""What others call the orders: one table of names, and what is read goes by it."""

import pytest

from advisories.models.packages import SCHEME_OF_TYPE
from advisories.readers.releases import _ECOSYSTEM_FORMS, REBUILDERS
from vercmp.names import NAMES, SCHEME_OF_NAME

# Ecosystems that are of several distributions, and one that has no order.
WITHOUT_A_NAME = {*REBUILDERS, "Docker Hardened Images", "Maven"}


def test_types_of_packages() -> None:
    assert dict(SCHEME_OF_TYPE) == {row.purl: row.scheme for row in NAMES if row.purl}


@pytest.mark.parametrize("ecosystem", sorted(set(_ECOSYSTEM_FORMS) - WITHOUT_A_NAME))
def test_ecosystems_of_osv(ecosystem: str) -> None:
    assert ecosystem in SCHEME_OF_NAME


def test_no_ecosystem_is_of_another_type() -> None:
    known = {name for row in NAMES for name in row.osv}
    assert known <= set(_ECOSYSTEM_FORMS)
