"""The work of ``verify`` grows as the baseline, the host and the feed do."""

from collections.abc import Callable

import pytest
from advisories_reference import advisory, affected, host, rpm
from growth import Shape, grows_in_proportion, time_grows_in_proportion

from advisories import Feed, match
from advisories.models import Advisory, Inventory, Package
from advisories.triage.baseline import Baseline
from advisories.triage.verify import Verification, verify

_CVE = ["CVE-2024-0001"]


def _verified(before: Inventory, after: Inventory, records: list[Advisory]) -> Callable[[], Verification]:
    feed = Feed(records)
    baseline = Baseline.of(before, match(before, feed))
    return lambda: verify(baseline, after, feed, force=True)


def _kernels(n: int, above: int = 0) -> list[Package]:
    return [rpm("kernel", f"5-{above + i}.el9") for i in range(n)]


_KERNEL = [advisory("A", affected("kernel", "9-1"), cves=_CVE)]


def _verify_kernels_that_stay(n: int) -> Callable[[], object]:
    inventory = host(*_kernels(n), kernel="5-1.el9.x86_64")
    return _verified(inventory, inventory, _KERNEL)


def _verify_kernels_that_changed(n: int) -> Callable[[], object]:
    records = [advisory("A", affected("kernel", f"5-{n}.el9"), cves=_CVE)]
    before, after = host(*_kernels(n), kernel="5-1.el9.x86_64"), host(*_kernels(n, n), kernel=f"5-{n}.el9.x86_64")
    return _verified(before, after, records)


def _verify_kernels_beside_free_ones(n: int) -> Callable[[], object]:
    records = [advisory("A", affected("kernel", f"5-{n}.el9"), cves=_CVE)]
    before = host(*_kernels(n), kernel="5-1.el9.x86_64")
    after = host(*_kernels(2 * n), kernel="5-1.el9.x86_64")
    return _verified(before, after, records)


def _verify_kernels_without_the_running_one(n: int) -> Callable[[], object]:
    records = [advisory("A", affected("kernel", f"5-{n}.el9"), cves=_CVE)]
    return _verified(host(*_kernels(n)), host(*_kernels(2 * n)), records)


def _verify_headers(n: int) -> Callable[[], object]:
    records = [advisory("A", affected("kernel-devel", f"5-{n}.el9"), cves=_CVE)]
    packages = [rpm("kernel-devel", f"5-{i}.el9") for i in range(2 * n)]
    return _verified(host(*packages[:n]), host(*packages), records)


def _verify_cves_of_kernels(n: int) -> Callable[[], object]:
    """A few kernels with n vulnerabilities each."""
    records = [advisory(f"A-{i}", affected("kernel", "9-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)]
    inventory = host(*_kernels(3), kernel="5-1.el9.x86_64")
    return _verified(inventory, inventory, records)


def _verify_kernels_of_other_places(n: int) -> Callable[[], object]:
    """n kernels of one version, each at a place of its own, and in the baseline at others."""
    records = [advisory("A", affected("kernel", "9-1"), cves=_CVE)]
    before, after = (
        host(*[rpm("kernel", "5-1.el9", location=f"/{root}/{i}") for i in range(n)]) for root in ("a", "b")
    )
    return _verified(before, after, records)


def _verify_kernels_of_architectures(n: int) -> Callable[[], object]:
    """n kernels, each of another architecture, and in the current list of none."""
    records = [advisory("A", affected("kernel", "9-1"), cves=_CVE)]
    before, after = (
        host(*[rpm("kernel", f"5-{i}.el9", arch=arch and f"a{i}") for i in range(n)]) for arch in ("a", None)
    )
    return _verified(before, after, records)


def _verify_copies(n: int) -> Callable[[], object]:
    """n versions of one package, whose identity is one."""
    packages = [rpm("bash", f"{i}-1") for i in range(n)]
    records = [advisory("A", affected("bash", f"{2 * n}-1"), cves=_CVE)]
    return _verified(host(*packages), host(*packages), records)


def _verify_architectures(n: int) -> Callable[[], object]:
    """n packages of one name, each of another architecture, and as many findings that show none."""
    before = [rpm("bash", f"{i}-1", arch=None) for i in range(n)]
    after = [rpm("bash", "1-1", arch=f"a{i}") for i in range(n)]
    records = [advisory("A", affected("bash", f"{2 * n}-1"), cves=_CVE)]
    return _verified(host(*before), host(*after), records)


def _verify_revised(n: int) -> Callable[[], object]:
    """n records of one package are gone, and as many others are there."""
    packages = host(rpm("bash", "1-1"))
    old = Feed([advisory(f"A-{i}", affected("bash", "2-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)])
    new = Feed([advisory(f"B-{i}", affected("bash", "1-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)])
    baseline = Baseline.of(packages, match(packages, old))
    return lambda: verify(baseline, packages, new)


def _verify_upgraded(n: int) -> Callable[[], object]:
    """A package with n findings, upgraded beyond the fix of each."""
    records = [advisory(f"A-{i}", affected("bash", "2-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)]
    return _verified(host(rpm("bash", "1-1")), host(rpm("bash", "3-1")), records)


_SHAPES = [
    _verify_kernels_that_stay,
    _verify_kernels_that_changed,
    _verify_kernels_beside_free_ones,
    _verify_kernels_without_the_running_one,
    _verify_headers,
    _verify_cves_of_kernels,
    _verify_kernels_of_other_places,
    _verify_kernels_of_architectures,
    _verify_copies,
    _verify_architectures,
    _verify_revised,
    _verify_upgraded,
]


@pytest.mark.parametrize("shape", _SHAPES, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape)


@pytest.mark.slow
def test_time_of_architectures() -> None:
    time_grows_in_proportion(_verify_architectures, 1000)


def test_few_of_many_architectures_are_named() -> None:
    records = [advisory("A", affected("bash", "9-1"), cves=_CVE)]
    after = host(*[rpm("bash", "1-1", arch=f"a{i:02}") for i in range(11)])
    (row,) = _verified(host(rpm("bash", "1-1", arch=None)), after, records)().rows
    assert row.reason == (
        "bash is installed for a00, a01, a02, a03, a04, a05, a06, a07 and 3 more, and which one it was is not known"
    )
