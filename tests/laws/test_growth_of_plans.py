"""The work of ``plan`` grows as the host and the feed do."""

from collections.abc import Callable

import pytest
from advisories_reference import DEBIAN12, advisory, affected, deb, host, rpm
from growth import Shape, grows_in_proportion, time_grows_in_proportion

from advisories import Feed, plan
from advisories.models import Names, Range
from advisories.triage.plan import StayReason

_CVE = ["CVE-2024-0001"]


def _plan_of_a_chain(n: int) -> Callable[[], object]:
    """Each fix is in the range of another record of the same vulnerability."""
    one = affected("bash", ranges=tuple(Range(f"{i}-1", f"{i + 1}-1") for i in range(n)))
    inventory, feed = host(rpm("bash", "0-1")), Feed([advisory("A", one, cves=_CVE)])
    return lambda: plan(inventory, feed)


def _plan_of_a_chain_of_records(n: int) -> Callable[[], object]:
    records = [advisory(f"A-{i:04}", affected("bash", f"{i + 1}-1", introduced=f"{i}-1"), cves=_CVE) for i in range(n)]
    inventory, feed = host(rpm("bash", "0-1")), Feed(records)
    return lambda: plan(inventory, feed)


def _plan_of_a_chain_of_vulnerabilities(n: int) -> Callable[[], object]:
    """The chain is one of n vulnerabilities."""
    records = [advisory(f"A-{i:04}", affected("bash", f"{i + 1}-1", introduced=f"{i}-1"), cves=_CVE) for i in range(n)]
    records += [advisory(f"B-{i:04}", affected("bash", "1-1"), cves=[f"CVE-2023-{i:04}"]) for i in range(n)]
    inventory, feed = host(rpm("bash", "0-1")), Feed(records)
    return lambda: plan(inventory, feed)


def _plan_of_chains(n: int) -> Callable[[], object]:
    """One chain, and n packages that have nothing to do with it."""
    records = [advisory(f"A-{i:04}", affected("bash", f"{i + 1}-1", introduced=f"{i}-1"), cves=_CVE) for i in range(n)]
    records += [advisory(f"B-{i:04}", affected(f"p{i}", "1-1"), cves=[f"CVE-2023-{i:04}"]) for i in range(n)]
    inventory, feed = host(rpm("bash", "0-1"), *[rpm(f"p{i}", "0-1") for i in range(n)]), Feed(records)
    return lambda: plan(inventory, feed)


def _plan_of_one_source(n: int) -> Callable[[], object]:
    """n packages of one source, each with a finding of its own."""
    packages = [rpm(f"p{i}", "0-1", source_name="s", source_version="0-1") for i in range(n)]
    records = [advisory(f"A-{i:04}", affected(f"p{i}", f"{i + 1}-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)]
    inventory, feed = host(*packages), Feed(records)
    return lambda: plan(inventory, feed)


def _plan_of_repositories(n: int) -> Callable[[], object]:
    """n builds in the repositories, and as many architectures of the package."""
    packages = [rpm("bash", "0-1", arch=f"a{i}") for i in range(n)]
    offered = [rpm("bash", f"{i + 1}-1", arch=f"a{i}") for i in range(n)]
    inventory, feed = host(*packages), Feed([advisory("A", affected("bash", "1-1"), cves=_CVE)])
    return lambda: plan(inventory, feed, available=offered)


def _plan_of_debian_kernels(n: int) -> Callable[[], object]:
    """n flavours of a kernel."""
    packages = [deb(f"linux-image-6.1.0-1-f{i}", "6.1.1-1", source_name="linux") for i in range(n)]
    packages += [deb(f"linux-image-f{i}", "6.1.1-1", source_name="linux-signed") for i in range(n)]
    feed = Feed([advisory("A", affected("linux", "6.1.2-1", distribution=DEBIAN12, names=Names.SOURCE), cves=_CVE)])
    inventory = host(*packages, distribution=DEBIAN12)
    return lambda: plan(inventory, feed)


_PLANS = [
    _plan_of_a_chain,
    _plan_of_a_chain_of_records,
    _plan_of_a_chain_of_vulnerabilities,
    _plan_of_chains,
    _plan_of_one_source,
    _plan_of_repositories,
    _plan_of_debian_kernels,
]


#: From how many on a chain is longer than what is tried.
_BEYOND = {
    "_plan_of_a_chain": 120,
    "_plan_of_a_chain_of_records": 120,
    "_plan_of_a_chain_of_vulnerabilities": 120,
    "_plan_of_chains": 120,
}


@pytest.mark.parametrize("shape", _PLANS, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape, _BEYOND.get(shape.__name__, 60))


@pytest.mark.slow
def test_time_of_debian_kernels() -> None:
    time_grows_in_proportion(_plan_of_debian_kernels, 1000)


@pytest.mark.parametrize("length", [50, 51])
def test_a_chain_longer_than_is_tried(length: int) -> None:
    """The plan goes as far as it may, and the finding stays with the reason."""
    one = affected("bash", ranges=tuple(Range(f"{i}-1", f"{i + 1}-1") for i in range(length)))
    made = plan(host(rpm("bash", "0-1")), Feed([advisory("A", one, cves=_CVE)]))
    if length == 50:
        assert [change.version for step in made.steps for change in step.changes] == ["50-1"]
        assert made.stays == ()
    else:
        (stay,) = made.stays
        assert stay.reason is StayReason.NO_UPDATE
        assert stay.text == (
            "50-1 does not clear it, nor do the 49 versions before it that were tried: 51-1 is the next fix"
        )


def test_the_highest_is_of_the_hosts_architecture_where_none_reaches() -> None:
    records = [advisory(f"A-{i}", affected("bash", f"{i}-1"), cves=[f"CVE-2024-{i:04}"]) for i in (1, 9)]
    inventory = host(rpm("bash", "0-1", arch="noarch"), rpm("zsh", "1-1"))
    offered = [rpm("bash", "1-1", arch="aarch64"), rpm("bash", "1-1")]
    (step,) = plan(inventory, Feed(records), available=offered).steps
    assert [change.becomes and change.becomes.arch for change in step.changes] == ["x86_64"]
