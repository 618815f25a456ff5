"""Hosts and feeds by chance, dense enough to hit each other."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Kind,
    Module,
    Names,
    Package,
    Range,
    State,
)
from advisories_reference import ALMA9, host

NAMES = st.sampled_from(["bash", "kernel-core"])
EPOCHS = st.sampled_from(["", "", "0:", "1:", "2:"])
RELEASES = st.sampled_from(["1.el9", "2.el9_0", "3.el9_0", "1.el9_2", "4.el9_2", "2.module_el9.1.0+5+aa"])
RPM_VERSIONS = st.builds("{}{}-{}".format, EPOCHS, st.sampled_from(["1.0", "1.1", "1.1~rc1", "2.0"]), RELEASES)
MODULES = st.sampled_from([Module(True), Module(True), UNKNOWN_MODULE, Module.of("a:1"), Module.of("a:2")])
CVES = st.lists(st.sampled_from(["CVE-2024-1111", "CVE-2024-2222", "CVE-2024-3333"]), max_size=2, unique=True)
RANGES = st.builds(Range, st.none() | RPM_VERSIONS, st.none() | RPM_VERSIONS)

PACKAGES = st.builds(
    Package,
    st.just("rpm"),
    NAMES,
    RPM_VERSIONS,
    st.sampled_from(["x86_64", "i686"]),
    epoch_known=st.booleans(),
    module=MODULES,
    state=st.sampled_from([State.INSTALLED, State.INSTALLED, State.INSTALLED, State.CONFIG_FILES]),
)
AFFECTED = st.builds(
    Affected,
    NAMES,
    st.just("rpm"),
    st.sampled_from([ALMA9, ALMA9, ALMA9, Distribution("almalinux", "8")]),
    st.just(Names.BINARY),
    st.lists(RANGES, min_size=1, max_size=2).map(tuple),
    fix_state=st.just(FixState.FIXED),
    module=MODULES,
)
WITHDRAWN = datetime(2024, 5, 1, tzinfo=UTC)
ADVISORIES = st.lists(
    st.builds(
        Advisory,
        st.sampled_from([f"ALSA-{number}" for number in range(12)]),
        st.sampled_from([Kind.SECURITY, Kind.SECURITY, Kind.BUGFIX]),
        CVES.map(lambda cves: tuple(sorted(cves))),
        st.lists(AFFECTED, min_size=1, max_size=3).map(tuple),
        rating=st.sampled_from([None, "low", "critical"]),
        withdrawn=st.sampled_from([None, None, None, WITHDRAWN]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda advisory: advisory.id,
)
INVENTORIES = st.lists(PACKAGES, min_size=1, max_size=6).map(
    lambda packages: host(*packages, kernel="1.0-2.el9_0.x86_64")
)
COVERED = Advisory(
    "ALSA-0000", affected=(Affected("covered", "rpm", ALMA9, Names.BINARY, (Range(None, "0"),)),), kind=Kind.SECURITY
)
