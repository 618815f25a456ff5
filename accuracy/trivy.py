"""What Trivy's own integration tests record: its findings by small feeds of its own, on lists of real images."""

from collections.abc import Iterator

from trivy_goldens import CASES, without_zero

from accuracy import data
from accuracy.comparing import Comparison, Theirs, compared
from accuracy.ours import Ours
from accuracy.places import Place

__all__ = ["measured"]


def measured(unit: str) -> Iterator[Comparison]:
    """A comparison of each recorded list of findings."""
    truth = data.unpacked("truth/trivy-integration") / "trivy-integration/integration/testdata"
    lists = data.unpacked("inventories/trivy-packages") / "trivy-fanal-packages-golden-HEAD"
    for case in CASES:
        inventory, feed, rows = case.read(truth, lists)
        ours = Ours(inventory, feed)
        # A fixed version is a part of what is compared.
        places = {
            Place(one.package.name, one.package.version, without_zero(one.fixed_version) or "", one.vulnerability): one
            for one in ours.findings
        }
        theirs = Theirs(
            "Trivy, recorded", {Place(name, version, fix or "", id): None for name, version, id, fix in rows}
        )
        listed = "its integration tests" if case.listed else "its integration tests, list taken from the findings"
        yield compared(case.golden, listed, unit, ours, places, theirs)
