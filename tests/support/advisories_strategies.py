"""Hosts and feeds by chance, dense enough to hit each other."""

from collections.abc import Sequence
from datetime import UTC, datetime

from advisories_reference import ALMA9, DEBIAN12, host
from attrs import evolve, frozen
from hypothesis import strategies as st

from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
    State,
)

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

# ---- everything the rules know, rpm and deb ----


@frozen
class Kinds:
    """What hosts and feeds of one family are made of.

    :ivar release: of the host; its channels are drawn.
    :ivar others: releases that records may be of besides.
    """

    type: str
    release: Distribution
    others: tuple[Distribution, ...]
    versions: Sequence[str]
    arches: tuple[str, ...]
    vendors: tuple[str | None, ...]
    channels: tuple[str | None, ...] = (None,)
    modules: st.SearchStrategy[Module] = MODULES

    def inventories(self) -> st.SearchStrategy[Inventory]:
        versions = st.sampled_from(self.versions)
        packages = st.builds(
            Package,
            st.just(self.type),
            NAMES,
            versions,
            st.sampled_from([*self.arches, *self.arches, "noarch", None]),
            epoch_known=st.sampled_from([True, True, False]),
            source_name=st.sampled_from([None, "bash", "source"]),
            source_version=st.sampled_from([None, *self.versions]),
            source_epoch_known=st.sampled_from([True, True, False]),
            module=self.modules,
            vendor=st.sampled_from(self.vendors),
            state=st.sampled_from([State.INSTALLED] * 4 + [State.CONFIG_FILES, State.HALF_INSTALLED]),
        )
        channels = st.frozensets(st.sampled_from([one for one in self.channels if one] or ["none"]), max_size=1)
        return st.builds(
            lambda found, channels: host(*found, distribution=evolve(self.release, channels=channels)),
            st.lists(packages, min_size=1, max_size=4),
            channels,
        )

    def advisories(self) -> st.SearchStrategy[list[Advisory]]:
        ends = st.none() | st.sampled_from([None, *self.versions])
        usual = st.builds(Range, ends, st.sampled_from([None, *self.versions]))
        ranges = st.one_of(usual, usual, usual, st.builds(Range, ends, ends | st.sampled_from(["0", ""]), ends, ends))
        affected = st.builds(
            Affected,
            st.sampled_from(["bash", "kernel-core", "source"]),
            st.just(self.type),
            st.sampled_from([self.release] * 4 + [*self.others]),
            st.sampled_from(Names),
            st.lists(ranges, min_size=1, max_size=2).map(tuple),
            st.sampled_from([(), (), *[(version,) for version in self.versions[::3]]]),
            fix_state=st.just(FixState.FIXED),
            arches=st.sampled_from([(), (), (), self.arches[:1], self.arches[1:], ("noarch",)]),
            module=self.modules,
            channel=st.sampled_from(self.channels),
        )
        negative = st.builds(
            lambda entry, everywhere: evolve(
                entry, negative=True, **({"ranges": (), "versions": ()} if everywhere else {})
            ),
            affected,
            st.booleans(),
        )
        return st.lists(
            st.builds(
                Advisory,
                st.sampled_from([f"X-{number}" for number in range(12)]),
                st.sampled_from([Kind.SECURITY, Kind.SECURITY, Kind.BUGFIX]),
                CVES.map(lambda cves: tuple(sorted(cves))),
                st.lists(st.one_of(affected, affected, affected, negative), min_size=1, max_size=3).map(tuple),
                withdrawn=st.sampled_from([None, None, None, WITHDRAWN]),
            ),
            min_size=1,
            max_size=5,
            unique_by=lambda advisory: advisory.id,
        )

    @property
    def covered(self) -> Advisory:
        """A record that makes a feed cover the release, and states nothing."""
        entry = Affected("covered", self.type, self.release, Names.BINARY, (Range(None, "0"),))
        return Advisory("X-0000", affected=(entry,), kind=Kind.SECURITY)


_RPM = [
    f"{epoch}{version}{release}"
    for epoch in ("", "", "0:", "1:")
    for version in ("1.0", "1.1")
    for release in ("", "-1.el9", "-2.el9_0", "-3.el9_0", "-1.el9_2", "-4.el9_2", "-2.ksplice1.el9")
]
_DEB = [
    f"{epoch}{version}"
    for epoch in ("", "", "1:")
    for version in ("1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0~rc1-1", "1.0", "2-1", "not a version")
]
FAMILIES = {
    "rpm": Kinds(
        "rpm", ALMA9, (Distribution("almalinux", "8"),), _RPM, ("x86_64", "aarch64"), (None, None, "AlmaLinux", "Other")
    ),
    "debian": Kinds(
        "deb",
        DEBIAN12,
        (Distribution("debian", "unstable"), Distribution("debian", "unstable"), Distribution("debian", "13")),
        _DEB,
        ("amd64", "arm64"),
        (None, None, "Debian", "Other"),
        modules=st.just(NO_MODULE),
    ),
    "ubuntu": Kinds(
        "deb",
        Distribution("ubuntu", "22.04"),
        (Distribution("ubuntu", "20.04"),),
        _DEB,
        ("amd64", "arm64"),
        (None,),
        (None, None, "esm-apps", "fips"),
        modules=st.just(NO_MODULE),
    ),
}
