"""OVAL as each publisher writes it, on small documents: CVEs and vectors, products, what is not affected, kernels."""

from collections.abc import Iterable
from typing import Any

import pytest

from advisories.models import Advisory, Affected, Distribution, FixState, Names, Range, Rejection, Severity, Skip
from advisories.readers.feeds import oval
from advisories.readers.feeds.oval_documents import DoesNotFit
from advisories.readers.feeds.oval_kernels import kernel_source
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

ROOT = "http://oval.mitre.org/XMLSchema/oval-definitions-5"


class Oval:
    """An OVAL document, made test by test."""

    def __init__(self, kind: str = "rpminfo") -> None:
        self.kind = kind
        self.parts: dict[str, list[str]] = {"tests": [], "objects": [], "states": [], "variables": []}

    def _add(self, test: str, object: str, state: str, attributes: str) -> str:
        id = f"{len(self.parts['tests']) + 1}"
        self.parts["objects"].append(object.replace("{id}", f"o:{id}"))
        if state:
            self.parts["states"].append(state.replace("{id}", f"s:{id}"))
        reference = f'<state state_ref="s:{id}"/>' if state else ""
        object_reference = f'<object object_ref="o:{id}"/>'
        self.parts["tests"].append(f'<{test} id="t:{id}" {attributes}>{object_reference}{reference}</{test}>')
        return f"t:{id}"

    def package(
        self,
        name: str,
        operation: str = "",
        version: str = "",
        comment: str = "",
        field: str = "evr",
        attributes: str = 'check="at least one"',
    ) -> str:
        """A criterion about a package: its version, compared by an operation."""
        text = f'<{field} operation="{operation}">{version}</{field}>' if operation else ""
        state = f'<{self.kind}_state id="{{id}}">{text}</{self.kind}_state>' if text else ""
        object = f'<{self.kind}_object id="{{id}}"><name>{name}</name></{self.kind}_object>'
        return criterion(self._add(f"{self.kind}_test", object, state, attributes), comment or f"{name} is tested")

    def product(self, name: str, package: str = "sles-release", version: str = "15.6") -> str:
        """A criterion about a product."""
        return self.package(package, "equals", version, f"{name} is installed", "version")

    def manifest(self, *names: str, version: str, comment: str, variable: str = "") -> str:
        """A criterion about packages in the manifest of an image."""
        lines = "".join(f"<value>^{name}(?::\\w+|)\\s+(.*)$</value>" for name in names)
        id = len(self.parts["variables"])
        self.parts["variables"].append(
            f'<constant_variable id="v:{id}" comment="{variable}">{lines}</constant_variable>'
        )
        pattern = f'<filename>manifest</filename><pattern operation="pattern match" var_ref="v:{id}"/>'
        object = f'<textfilecontent54_object id="{{id}}">{pattern}</textfilecontent54_object>'
        value = f'<subexpression datatype="debian_evr_string" operation="less than">{version}</subexpression>'
        state = f'<textfilecontent54_state id="{{id}}">{value}</textfilecontent54_state>'
        return criterion(self._add("textfilecontent54_test", object, state, 'check="at least one"'), comment)

    def uname(self, pattern: str, comment: str) -> str:
        """A criterion about the kernel that runs."""
        text = f'<os_release operation="pattern match">{pattern}</os_release>'
        state = f'<uname_state id="{{id}}">{text}</uname_state>'
        return criterion(self._add("uname_test", '<uname_object id="{id}"/>', state, 'check="at least one"'), comment)

    def running(self, version: str) -> str:
        """A criterion about the version of the kernel that runs."""
        local = '<concat><regex_capture><object_component object_ref="o:uname"/></regex_capture></concat>'
        self.parts["variables"].append(f'<local_variable id="v:running">{local}</local_variable>')
        self.parts["objects"].append('<uname_object id="o:uname"/>')
        object = '<variable_object id="{id}"><var_ref>v:running</var_ref></variable_object>'
        value = f'<value datatype="debian_evr_string" operation="less than">{version}</value>'
        state = f'<variable_state id="{{id}}">{value}</variable_state>'
        return criterion(self._add("variable_test", object, state, 'check="all"'), "kernel version comparison")

    def read(
        self,
        criteria: str,
        *,
        metadata: str = "<title>CVE-2024-1000</title>",
        kind: str = "vulnerability",
        name: str = "a.xml",
    ) -> list[Advisory | Rejection | Skip]:
        """What the reader makes of a document with one definition."""
        metadata = f"<metadata>{metadata}</metadata>"
        one = f'<definition class="{kind}" id="oval:test:def:1">{metadata}<criteria>{criteria}</criteria></definition>'
        body = "".join(f"<{part}>{''.join(all)}</{part}>" for part, all in self.parts.items())
        text = f'<oval_definitions xmlns="{ROOT}"><definitions>{one}</definitions>{body}</oval_definitions>'
        return list(oval.read(Document(name, name, text.encode(), alone=True), DEFAULT_LIMITS))

    def advisory(self, criteria: str, **more: Any) -> Advisory:
        """The only item, an advisory."""
        (one,) = self.read(criteria, **more)
        assert isinstance(one, Advisory), one
        return one


def criterion(test: str, comment: str) -> str:
    return f'<criterion test_ref="{test}" comment="{comment}"/>'


def any_of(*nodes: str) -> str:
    return f'<criteria operator="OR">{"".join(nodes)}</criteria>'


def all_of(*nodes: str) -> str:
    return f'<criteria operator="AND">{"".join(nodes)}</criteria>'


def shown(affected: Iterable[Affected]) -> list[tuple[object, ...]]:
    return [
        (one.package, one.names.value, str(one.distribution), one.channel, one.negative or one.fix_state.value)
        for one in affected
    ]


# ---- CVEs and vectors ----


@pytest.mark.parametrize(
    ("metadata", "cves"),
    [
        ('<reference ref_id="Mitre CVE-2021-4024" source="CVE"/>', ("CVE-2021-4024",)),
        ('<reference ref_id="SUSE CVE-2021-4024" source="SUSE CVE"/>', ("CVE-2021-4024",)),
        ('<reference ref_id="CVE:00001:CVE-2019-16168" source="CVE"/>', ("CVE-2019-16168",)),
        ('<reference ref_id=" CVE-2012-5252" source="CVE"/>', ("CVE-2012-5252",)),
        ("<advisory><cve>CVE-2021-4024 at SUSE</cve><cve>CVE-2021-4024 at NVD</cve></advisory>", ("CVE-2021-4024",)),
        ("<advisory><cve>CVE-2023-5764</cve><cve>CVE-2023-5115</cve></advisory>", ("CVE-2023-5115", "CVE-2023-5764")),
        ('<title>CVE-2024-1 on x</title><reference ref_id="CVE-2024-1000" source="CVE"/>', ("CVE-2024-1000",)),
        ("<title>CVE-2016-5405 389-ds-base</title>", ("CVE-2016-5405",)),
        ('<title>a</title><reference ref_id="CVE-2024-1000" source="BUGZILLA"/>', ()),
        ("<title>CVE-2013-NNN1 on Ubuntu</title>", ()),
    ],
)
def test_the_cves_of_a_definition(metadata: str, cves: tuple[str, ...]) -> None:
    one = Oval()
    criteria = one.product("SUSE Linux Enterprise Server 15 SP6") + one.package("curl", "less than", "0:2-1")
    assert one.advisory(criteria, metadata=metadata).cves == cves


VECTOR = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:L"
WORSE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
OLD = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
NVD = 'href="https://nvd.nist.gov/vuln/detail/CVE-2024-1000"'


@pytest.mark.parametrize(
    ("elements", "severities"),
    [
        (
            f'<cve cvss3="9.8/{WORSE}" {NVD}>CVE-2024-1000 at NVD</cve>'
            f'<cve cvss3="4.8/{VECTOR}" cvss4="9.3/{V4}">CVE-2024-1000 at SUSE</cve>',
            [("CVSS_V4", V4, "vendor"), ("CVSS_V3", VECTOR, "vendor"), ("CVSS_V3", WORSE, "nvd")],
        ),
        (f'<cve cvss3="9.8/{WORSE}" {NVD}>CVE-2024-1000</cve>', [("CVSS_V3", WORSE, "nvd")]),
        (f'<cve cvss_vector="{WORSE}" priority="low">CVE-2024-1000</cve>', [("CVSS_V3", WORSE, "nvd")]),
        (f'<cve cvss2="7.5/{OLD}">CVE-2024-1000</cve>', [("CVSS_V2", OLD, "vendor")]),
        (f'<cve cvss3="{WORSE}"/>', [("CVSS_V3", WORSE, "vendor")]),
        (f'<cve cvss3="{WORSE}">CVE-2024-1000</cve>' * 2, [("CVSS_V3", WORSE, "vendor")]),
        ("<cve>CVE-2024-1000</cve>", []),
    ],
)
def test_vectors_with_who_gave_them(elements: str, severities: list[tuple[str, str, str]]) -> None:
    one = Oval()
    criteria = one.product("SUSE Linux Enterprise Server 15 SP6") + one.package("curl", "less than", "0:2-1")
    metadata = f'<reference ref_id="Mitre CVE-2024-1000" source="CVE"/><advisory>{elements}</advisory>'
    found = one.advisory(criteria, metadata=metadata).severities
    assert found == tuple(Severity(type, vector, source, "CVE-2024-1000") for type, vector, source in severities)


def test_several_cves_have_a_vector_each() -> None:
    one = Oval()
    criteria = one.product("Oracle Linux 8", "oraclelinux-release", "^8") + one.package("curl", "less than", "0:2-1")
    vectors = {"CVE-2024-1000": WORSE, "CVE-2024-1001": VECTOR, "CVE-2024-1002": "9"}
    elements = "".join(f'<cve cvss3="{vector}">{cve}</cve>' for cve, vector in vectors.items())
    (kept, part) = one.read(criteria, metadata=f"<advisory>{elements}</advisory>")
    assert isinstance(kept, Advisory)
    assert [(one.cve, one.score) for one in kept.severities] == [("CVE-2024-1000", WORSE), ("CVE-2024-1001", VECTOR)]
    assert isinstance(part, Rejection)
    assert part.why == "not a vector: '9'"


def test_ubuntus_definition_of_a_package_is_an_advisory_for_each_cve() -> None:
    one = Oval("dpkginfo")
    first = one.package(
        "tar", "less than", "0:1-2", "(CVE-2024-1000) tar package in jammy was vulnerable but has been fixed"
    )
    second = one.package("tar", "", "", "(CVE-2024-1001) tar package in jammy is affected and needs fixing.")
    third = one.package("tar", "less than", "0:1-3", "tar package in jammy was vulnerable but has been fixed")
    elements = (
        f'<cve priority="low" cvss_vector="{WORSE}">CVE-2024-1000</cve><cve priority="high">CVE-2024-1001</cve>'
        '<cve priority="medium" test_ref="t:3">CVE-2024-1002</cve>'
    )
    metadata = (
        f"<title>tar</title><affected><platform>Ubuntu 22.04 LTS</platform></affected><advisory>{elements}</advisory>"
    )
    found = [item for item in one.read(any_of(first, second, third), metadata=metadata) if isinstance(item, Advisory)]
    assert [(item.id, item.cves, item.aliases, item.rating) for item in found] == [
        ("oval:test:def:1/CVE-2024-1000", ("CVE-2024-1000",), ("oval:test:def:1",), "low"),
        ("oval:test:def:1/CVE-2024-1001", ("CVE-2024-1001",), ("oval:test:def:1",), "high"),
        ("oval:test:def:1/CVE-2024-1002", ("CVE-2024-1002",), ("oval:test:def:1",), "medium"),
    ]
    assert [(item.affected[0].ranges, item.affected[0].fix_state.value) for item in found] == [
        ((Range(fixed="1-2"),), "fixed"),
        ((Range(),), "not-fixed"),
        ((Range(fixed="1-3"),), "fixed"),
    ]


# ---- SUSE ----


@pytest.mark.parametrize(
    ("id", "kind"),
    [("SUSE-SU-2022:1-1", "security"), ("openSUSE-RU-2022:1-1", "bugfix"), ("SUSE-FU-2022:1-1", "enhancement")],
)
def test_updates_of_other_kinds(id: str, kind: str) -> None:
    one = Oval()
    criteria = one.product("SUSE Linux Enterprise Server 15 SP6") + one.package("curl", "less than", "0:2-1")
    metadata = f'<title>an update</title><reference ref_id="{id}" source="SUSE-SU"/>'
    found = one.advisory(criteria, metadata=metadata, kind="patch")
    assert (found.id, found.kind.value) == (id, kind)


@pytest.mark.parametrize(
    ("product", "distribution", "channel"),
    [
        ("SUSE Linux Enterprise Server 15 SP1", "sles 15.1", None),
        ("SUSE Linux Enterprise Server 15 SP1-LTSS", "sles 15.1", "ltss"),
        ("SUSE Linux Enterprise Server 12 SP2-BCL", "sles 12.2", "bcl"),
        ("SUSE Linux Enterprise High Performance Computing 15 SP2-ESPOS", "sles 15.2", "espos"),
        ("SUSE Linux Enterprise Server for SAP Applications 15 SP1", "sles 15.1", None),
        ("SUSE Linux Enterprise Module for Basesystem 15 SP4", "sles 15.4", None),
        ("SUSE Linux Enterprise Server 16.0", "sles 16.0", None),
        ("SUSE Linux Enterprise Server for SAP applications 16.0", "sles 16.0", None),
        ("SUSE Linux Enterprise Micro 5.3", "sle-micro 5.3", None),
        ("SUSE Linux Micro 6.1", "sle-micro 6.1", None),
        ("openSUSE Leap 15.3", "opensuse-leap 15.3", None),
        ("openSUSE Leap Micro 5.3", "opensuse-leap-micro 5.3", None),
        ("openSUSE Tumbleweed", "opensuse-tumbleweed rolling", None),
        ("sles10-sp4", "sles 10.4", None),
        ("Anolis OS 23", "anolis 23", None),
    ],
)
def test_products(product: str, distribution: str, channel: str | None) -> None:
    one = Oval()
    found = one.advisory(one.product(product) + one.package("curl", "less than", "0:2-1")).affected
    assert shown(found) == [("curl", "binary", distribution, channel, "fixed")]


def test_tumbleweed_by_a_date() -> None:
    one = Oval()
    date = one.package("openSUSE-release", "greater than or equal", "0:20210101", "openSUSE Tumbleweed is installed")
    found = one.advisory(date + one.package("tar", "less than", "0:1.34-2.2", "tar-1.34-2.2 is installed")).affected
    assert shown(found) == [("tar", "binary", "opensuse-tumbleweed rolling", None, "fixed")]


def test_a_release_package_may_be_vulnerable_itself() -> None:
    one = Oval()
    product = one.product("SUSE Linux Enterprise Server 15 SP6")
    found = one.advisory(product + one.package("sle-live-patching-release", "less than", "0:15.6-2")).affected
    assert shown(found) == [("sle-live-patching-release", "binary", "sles 15.6", None, "fixed")]


@pytest.mark.parametrize("version", ["0:0-0", "0", "0:0", "0:0.0.0.azl3"])
def test_what_every_version_is_above_has_no_fix(version: str) -> None:
    """SUSE names the source, or a package of it: both are looked for."""
    one = Oval()
    product = one.product("SUSE Linux Enterprise Server 16.0", version="16.0")
    found = one.advisory(product + one.package("MozillaFirefox", "greater than", version, "MozillaFirefox is affected"))
    assert shown(found.affected) == [
        ("MozillaFirefox", "binary", "sles 16.0", None, "not-fixed"),
        ("MozillaFirefox", "source", "sles 16.0", None, "not-fixed"),
    ]
    assert {item.ranges for item in found.affected} == {(Range(),)}


def test_not_affected_beside_the_fix_of_another_package() -> None:
    one = Oval()
    sp6, sp4 = (one.product(f"SUSE Linux Enterprise Server 15 SP{number}") for number in (6, 4))
    fix = one.package("python3-certifi", "less than", "0:2018.1.18-150000.3.3.1", "python3-certifi-1 is installed")
    other = one.package("python-certifi", "equals", "0", "python-certifi is not affected", "version")
    found = one.advisory(any_of(all_of(sp6, fix), all_of(sp4, other))).affected
    assert shown(found) == [
        ("python3-certifi", "binary", "sles 15.6", None, "fixed"),
        ("python-certifi", "binary", "sles 15.4", None, True),
    ]


def test_affected_in_one_product_is_affected_in_the_release() -> None:
    """Rule 9: an unsure negative record suppresses nothing."""
    one = Oval()
    server, longer = (one.product(f"SUSE Linux Enterprise Server 15 SP1{suffix}") for suffix in ("", "-LTSS"))
    fix = one.package("curl", "less than", "0:2-1")
    no = one.package("curl", "equals", "0", "curl is not affected", "version")
    kept, skip = one.read(any_of(all_of(server, no), all_of(longer, fix)))
    assert isinstance(kept, Advisory)
    assert shown(kept.affected) == [("curl", "binary", "sles 15.1", "ltss", "fixed")]
    assert isinstance(skip, Skip)
    assert skip.why == "not affected in one product and affected in another: curl of sles 15.1"


def test_a_product_on_top_of_a_release_is_not_the_release() -> None:
    one = Oval()
    both = one.product("SUSE Linux Enterprise Server 15 SP4") + one.product("SUSE Manager Server 4.3")
    kept, skip = one.read(both + one.package("curl", "less than", "0:2-1"))
    assert isinstance(kept, Advisory)
    assert kept.affected == ()
    assert isinstance(skip, Skip)
    assert skip.why == "product SUSE Manager Server 4.3: no release of a distribution that is known"


def test_a_platform_without_a_release_that_is_known() -> None:
    one = Oval()
    platforms = "<affected><platform>openSUSE 12.1</platform><platform>openSUSE 12.1 Update</platform></affected>"
    kept, skip = one.read(one.package("curl", "less than", "0:2-1"), metadata=platforms)
    assert isinstance(kept, Advisory)
    assert isinstance(skip, Skip)
    assert skip.why == "product openSUSE 12.1: no release of a distribution that is known"


# ---- Red Hat, Oracle, Azure Linux, Debian ----


def test_unaffected_components() -> None:
    """Installed and not installed at once, which never holds: so Red Hat's definitions name what is not affected."""
    one = Oval()
    product = one.product("Red Hat Enterprise Linux 9", "redhat-release", "^9")
    there = one.package("zlib")
    missing = one.package("zlib", attributes='check="at least one" check_existence="none_exist"')
    assert shown(one.advisory(product + there + missing).affected) == [("zlib", "binary", "rhel 9", None, True)]


@pytest.mark.parametrize(
    ("cpes", "places"),
    [
        (("cpe:/a:redhat:enterprise_linux:8::appstream",), [("rhel 8", None)]),
        (("cpe:/a:redhat:rhel_eus:8.6::appstream", "cpe:/o:redhat:rhel_eus:8.6::baseos"), [("rhel 8.6", "eus")]),
        (
            ("cpe:/o:redhat:rhel_aus:8.4::baseos", "cpe:/o:redhat:rhel_tus:8.4"),
            [("rhel 8.4", "aus"), ("rhel 8.4", "tus")],
        ),
        (("cpe:/a:redhat:enterprise_linux:8", "cpe:/a:redhat:rhel_eus:8.6"), [("rhel 8", None)]),
        (("cpe:/a:redhat:ansible_engine:2.9::el8",), [("rhel 8", None)]),
        (("cpe:/a:redhat:rhel_eus:9.2",), [("rhel 8", None)]),
    ],
)
def test_red_hats_minor_releases_by_cpe(cpes: tuple[str, ...], places: list[tuple[str, str | None]]) -> None:
    """Rule 8: their definitions test the major release, and their fixes are of a branch."""
    one = Oval()
    criteria = one.product("Red Hat Enterprise Linux 8", "redhat-release", "^8") + one.package(
        "curl", "less than", "0:2-1"
    )
    listed = "".join(f"<cpe>{cpe}</cpe>" for cpe in cpes)
    metadata = f"<title>CVE-2024-1000</title><advisory><affected_cpe_list>{listed}</affected_cpe_list></advisory>"
    found = one.advisory(criteria, metadata=metadata).affected
    assert [(str(item.distribution), item.channel) for item in found] == places


def test_a_live_patch_shows_its_kernel_by_name() -> None:
    one = Oval()
    product = one.product("Red Hat Enterprise Linux 8", "redhat-release", "^8")
    kernel = one.package("kernel", "equals", "0:4.18.0-425.3.1.el8")
    patch = one.package("kpatch-patch-4_18_0-425_3_1", "less than", "0:1-6.el8")
    missing = one.package("kpatch-patch-4_18_0-425_3_1", attributes='check="at least one" check_existence="none_exist"')
    kept, skip = one.read(product + kernel + any_of(missing, patch))
    assert isinstance(kept, Advisory)
    assert [(item.package, item.ranges) for item in kept.affected] == [
        ("kpatch-patch-4_18_0-425_3_1", (Range(fixed="1-6.el8"),))
    ]
    assert isinstance(skip, Skip)
    assert skip.why == "a kernel without its live patch: the kernel's own advisory is about it"


def test_suses_live_patch_that_is_to_be_reached() -> None:
    one = Oval()
    product = one.product("SUSE Linux Enterprise Live Patching 12 SP1")
    kernel = one.package("kernel-default", "equals", "0:3.12.49-11.1")
    none = 'check="none satisfy"'
    patch = one.package("kgraft-patch-3_12_49-11-default", "greater than or equal", "0:3-2.1", attributes=none)
    found = one.advisory(product + kernel + patch).affected
    assert [(item.package, item.ranges) for item in found] == [
        ("kgraft-patch-3_12_49-11-default", (Range(fixed="3-2.1"),))
    ]


@pytest.mark.parametrize(("state", "why"), [("Will not fix", "wont-fix"), ("Affected", "not-fixed"), ("x", "unknown")])
def test_red_hats_resolutions(state: str, why: str) -> None:
    one = Oval()
    criteria = one.product("Red Hat Enterprise Linux 9", "redhat-release", "^9") + one.package("tar")
    resolution = f'<resolution state="{state}"><component>tar</component></resolution>'
    metadata = f"<title>CVE-2024-1000</title><advisory><affected>{resolution}</affected></advisory>"
    assert [item.fix_state.value for item in one.advisory(criteria, metadata=metadata).affected] == [why]


def test_a_line_of_oracles_kernel() -> None:
    """The builds of one version: those of other lines are outside."""
    one = Oval()
    product = one.product("Oracle Linux 6", "oraclelinux-release", "^6")
    line = one.package("kernel-uek", "less than", "0:4.1.12-124.93.1.el6uek")
    state = one.parts["states"][-1]
    one.parts["states"][-1] = state.replace("<evr", '<version operation="pattern match">^4\\.1\\.12$</version><evr')
    (found,) = one.advisory(product + line).affected
    assert found.ranges == (Range(introduced="4.1.12-0", fixed="4.1.12-124.93.1.el6uek"),)


def test_a_range_of_two_criteria() -> None:
    one = Oval()
    lower, upper = (
        one.package("golang", "greater than", "0:1.19-1.cm2"),
        one.package("golang", "less than", "0:1.20-1.cm2"),
    )
    (found,) = one.advisory(lower + upper).affected
    assert found.ranges == (Range(introduced="1.19-1.cm2^", fixed="1.20-1.cm2"),)


@pytest.mark.parametrize(
    ("name", "version", "distribution"),
    [
        ("cbl-mariner-2.0-oval.xml", "0:1-1", "mariner 2.0"),
        ("renamed.xml", "0:1.20.7-1.azl3", "azurelinux 3"),
        ("renamed.xml", "0:2.35-4.cm2", "mariner 2.0"),
    ],
)
def test_azure_linux_by_file_or_by_build_and_by_source(name: str, version: str, distribution: str) -> None:
    """Its definitions name spec files: libstdc++ is of gcc."""
    one = Oval()
    found = one.advisory(one.package("gcc", "less than", version), name=name).affected
    assert shown(found) == [("gcc", "source", distribution, None, "fixed")]


def test_builds_of_no_release_that_is_known() -> None:
    (refused,) = (one := Oval()).read(one.package("gcc", "less than", "0:1-1"), name="renamed.xml")
    assert isinstance(refused, Rejection)
    assert refused.why == "has no release; rename the file as it was published (cbl-mariner-2.0-oval.xml)"


def test_debian_by_source() -> None:
    one = Oval("dpkginfo")
    platform = "<affected><platform>Debian GNU/Linux 11</platform><product>php7.4</product></affected>"
    found = one.advisory(one.package("php7.4", "less than", "0:7.4.30-1+deb11u1"), metadata=platform).affected
    assert shown(found) == [("php7.4", "source", "debian 11", None, "fixed")]


# ---- Ubuntu ----

JAMMY = "<title>CVE-2024-1000</title><affected><platform>Ubuntu 22.04 LTS</platform></affected>"


@pytest.mark.parametrize(
    ("archive", "version", "channel"),
    [
        ("jammy", "1-2", None),
        ("jammy", "1-2~esm1", "pro"),
        ("esm-apps/jammy", "1-2", "esm-apps"),
        ("fips-updates/jammy", "1-2", "fips-updates"),
    ],
)
def test_a_binary_of_ubuntu_is_of_its_source_and_archive(archive: str, version: str, channel: str | None) -> None:
    one = Oval("dpkginfo")
    fixed = one.package(
        "ssh", "less than", f"0:{version}", f"openssh package in {archive} was vulnerable but has been fixed"
    )
    (found,) = one.advisory(fixed, metadata=JAMMY).affected
    assert (found.package, found.names, found.source, found.channel) == ("ssh", Names.BINARY, "openssh", channel)


def test_a_package_with_a_build_in_its_name_is_of_its_source() -> None:
    """A definition lists the latest build's name. Other builds of the kernel are of the same source."""
    one = Oval("dpkginfo")
    comment = "linux-aws package in jammy is affected and needs fixing."
    found = one.advisory(one.package("linux-image-5.15.0-1050-aws", comment=comment), metadata=JAMMY).affected
    assert [(item.package, item.names, item.source) for item in found] == [
        ("linux-image-5.15.0-1050-aws", Names.BINARY, "linux-aws"),
        ("linux-aws", Names.SOURCE, None),
    ]
    meta = one.package("linux-image-aws", comment="linux-meta-aws package in jammy is affected and needs fixing.")
    assert [item.names for item in one.advisory(meta, metadata=JAMMY).affected] == [Names.BINARY]


def test_an_archive_that_is_not_known() -> None:
    one = Oval("dpkginfo")
    kept, skip = one.read(one.package("ros", "", "", "ros package in ros-esm/jammy is affected"), metadata=JAMMY)
    assert isinstance(kept, Advisory)
    assert isinstance(skip, Skip)
    assert (kept.affected, skip.why) == ((), "archive ros-esm: no channel of Ubuntu that is known")


@pytest.mark.parametrize("variable", ["The 'libssh' package binaries", "Long Term Support"])
def test_the_manifest_of_an_image(variable: str) -> None:
    one = Oval("dpkginfo")
    line = one.manifest("libssh-4", "libstdc\\+\\+6", version="0.9.6-2", comment="Long Term Support", variable=variable)
    found = one.advisory(line, metadata=JAMMY).affected
    assert [item.package for item in found] == ["libssh-4", "libstdc++6"]
    assert {item.source for item in found} == {"libssh" if variable.startswith("The") else None}
    assert {item.ranges for item in found} == {(Range(fixed="0.9.6-2"),)}


BIONIC = "<title>CVE-2024-1000</title><affected><platform>Ubuntu 18.04 LTS</platform></affected>"
GENERIC = "4.15.0-\\d+(-generic|-lowlatency)"


def test_a_kernel_that_runs_is_of_the_source_that_is_named() -> None:
    one = Oval("dpkginfo")
    criteria = one.uname(GENERIC, "Is kernel linux running") + one.running("0:4.15.0-197")
    (found,) = one.advisory(criteria, metadata=BIONIC).affected
    expected = ("linux", Names.SOURCE, (Range(fixed="4.15.0-197"),), FixState.FIXED)
    assert (found.package, found.names, found.ranges, found.fix_state) == expected


def test_a_kernel_that_runs_and_has_no_fix() -> None:
    one = Oval("dpkginfo")
    comment = "linux-aws package in bionic is affected and needs fixing."
    criteria = one.uname(GENERIC, "Is kernel linux-aws running") + one.package("linux-aws-headers", "", "", comment)
    (found,) = one.advisory(criteria, metadata=BIONIC).affected
    assert (found.package, found.ranges, found.fix_state) == ("linux-aws-headers", (Range(),), FixState.NOT_FIXED)
    (found,) = one.advisory(one.uname(GENERIC, "Is kernel linux-aws running"), metadata=BIONIC).affected
    assert (found.package, found.ranges, found.fix_state) == ("linux-aws", (Range(),), FixState.UNKNOWN)


def test_a_kernel_of_a_source_that_nothing_shows_is_refused_with_its_release() -> None:
    one = Oval("dpkginfo")
    criteria = one.uname("4.15.0-\\d+(-azure)", "Is it running") + one.running("0:4.15.0-197")
    (refused,) = one.read(criteria, metadata=BIONIC)
    assert isinstance(refused, Rejection)
    assert refused.why.endswith("(-azure)' of ubuntu 18.04 is not known")
    assert [(loss.package, str(loss.distribution)) for loss in refused.losses or ()] == [
        ("linux-azure", "ubuntu 18.04"),
        ("linux-azure-4.15", "ubuntu 18.04"),
    ]


@pytest.mark.parametrize(
    ("release", "uname", "title", "source"),
    [
        ("18.04", GENERIC, "", "linux"),
        ("20.04", "5.4.0-\\d+(-generic|-generic-lpae|-lowlatency)", "", "linux"),
        ("20.04", "5.15.0-\\d+(-generic|-generic-64k)", "", "linux-hwe-5.15"),
        ("20.04", "5.15.0-\\d+(-aws)", "USN-1-1 -- linux, linux-aws, linux-aws-5.15 vulnerabilities", "linux-aws-5.15"),
        ("20.04", "5.4.0-\\d+(-aws)", "USN-1-1 -- linux kernel vulnerabilities", "linux-aws"),
        ("22.04", "5.15.0-\\d+-kvm", "", "linux-kvm"),
        ("22.04", "5.15.0-\\d+(-lowlatency|-lowlatency-64k)", "USN-1-1 -- linux vulnerabilities", None),
        ("18.04", "5.0.0-\\d+(-generic)", "USN-1-1 -- linux-hwe vulnerabilities", "linux-hwe"),
        ("18.04", "4.15.0-\\d+(-azure)", "USN-1-1 -- linux-azure, linux-azure-4.15 vulnerabilities", None),
        ("18.04", "4.15.0-\\d+(-azure)", "USN-1-1 -- linux-azure-4.15 vulnerabilities", "linux-azure-4.15"),
        ("18.04", ".*", "USN-1-1 -- linux vulnerabilities", None),
    ],
)
def test_the_source_of_a_kernel(release: str, uname: str, title: str, source: str | None) -> None:
    """As the names of packages show it, else by the titles of Ubuntu's advisories. Nothing is guessed."""
    distribution = Distribution("ubuntu", release)
    if source is None:
        with pytest.raises(DoesNotFit):
            kernel_source("", uname, title, distribution)
    else:
        assert kernel_source("", uname, title, distribution) == source
