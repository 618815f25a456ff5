"""Until when a release is supported: dates as facts, each with its source; what no source says stays unknown.

A release's *standard* support is what everybody gets. *Extended* support is a time after it under a name of its own:
Debian's LTS is everybody's too; Ubuntu's ESM, Red Hat's ELS and SUSE's LTSS are sold.
Nothing here asks what day it is: what is over is said of a day that somebody names.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from attrs import frozen

from advisories.models import Distribution
from advisories.models.distribution import FAMILIES, filed_under

__all__ = ["Support", "support_of"]


@frozen
class Support:
    """How long a release gets security fixes.

    :ivar standard: the last day of standard support.
    :ivar extended: the last day of extended support; None where there is none.
    :ivar extended_by: what extended support is called there; None where there is none.
    :ivar source: who says so.
    """

    standard: date
    extended: date | None
    extended_by: str | None
    source: str

    def said(self, on: date | None = None) -> str:
        """Both times in words; what was over on a day as over, where a day is given.

        >>> support = Support(date(2024, 8, 14), date(2026, 8, 31), "LTS", "")
        >>> support.said()
        'standard support until 2024-08-14, LTS until 2026-08-31'
        >>> support.said(date(2025, 1, 1))
        'standard support ended on 2024-08-14, LTS until 2026-08-31'
        """
        times = [("standard support", self.standard)]
        if self.extended is not None and self.extended_by is not None:
            times.append((self.extended_by, self.extended))
        return ", ".join(f"{what} {'ended on' if on and day < on else 'until'} {day}" for what, day in times)


@frozen
class _Dates:
    """Days by release: the last of standard support and, after a space, the last of extended support."""

    source: str
    days: Mapping[str, str]
    extended_by: str | None = None


# Sources that give a month are taken by its last day.
_DATES: Final[Mapping[str, _Dates]] = MappingProxyType(
    {
        "debian": _Dates(
            "distro-info-data 0.58+deb12u6",
            {
                "3.0": "2006-06-30",
                "3.1": "2008-03-31",
                "4": "2010-02-15",
                "5": "2012-02-06",
                "6": "2014-05-31 2016-02-29",
                "7": "2016-04-25 2018-05-31",
                "8": "2018-06-17 2020-06-30",
                "9": "2020-07-18 2022-06-30",
                "10": "2022-09-10 2024-06-30",
                "11": "2024-08-14 2026-08-31",
                "12": "2026-07-11 2028-06-30",
                "13": "2028-08-09 2030-06-30",
            },
            "LTS",
        ),
        "ubuntu": _Dates(
            "distro-info-data 0.58+deb12u6",
            {
                "4.10": "2006-04-30",
                "5.04": "2006-10-31",
                "5.10": "2007-04-13",
                "6.06": "2009-07-14",
                "6.10": "2008-04-25",
                "7.04": "2008-10-19",
                "7.10": "2009-04-18",
                "8.04": "2011-05-12",
                "8.10": "2010-04-30",
                "9.04": "2010-10-23",
                "9.10": "2011-04-30",
                "10.04": "2013-05-09",
                "10.10": "2012-04-10",
                "11.04": "2012-10-28",
                "11.10": "2013-05-09",
                "12.04": "2017-04-28 2019-04-26",
                "12.10": "2014-05-16",
                "13.04": "2014-01-27",
                "13.10": "2014-07-17",
                "14.04": "2019-04-25 2024-04-25",
                "14.10": "2015-07-23",
                "15.04": "2016-02-04",
                "15.10": "2016-07-28",
                "16.04": "2021-04-30 2026-04-23",
                "16.10": "2017-07-20",
                "17.04": "2018-01-13",
                "17.10": "2018-07-19",
                "18.04": "2023-05-31 2028-04-26",
                "18.10": "2019-07-18",
                "19.04": "2020-01-23",
                "19.10": "2020-07-17",
                "20.04": "2025-05-29 2030-04-23",
                "20.10": "2021-07-22",
                "21.04": "2022-01-20",
                "21.10": "2022-07-14",
                "22.04": "2027-06-01 2032-04-21",
                "22.10": "2023-07-20",
                "23.04": "2024-01-25",
                "23.10": "2024-07-11",
                "24.04": "2029-05-31 2034-04-25",
                "24.10": "2025-07-10",
                "25.04": "2026-01-15",
                "25.10": "2026-07-09",
                "26.04": "2031-05-29 2036-04-23",
            },
            "ESM",
        ),
        "rhel": _Dates(
            "Red Hat, Red Hat Enterprise Linux Life Cycle",
            {
                "4": "2012-02-29 2017-03-31",
                "5": "2017-03-31 2020-11-30",
                "6": "2020-11-30 2024-06-30",
                "7": "2024-06-30 2028-06-30",
                "8": "2029-05-31 2032-05-31",
                "9": "2032-05-31 2035-05-31",
                "10": "2035-05-31",
            },
            "ELS",
        ),
        "centos": _Dates(
            "The CentOS Project, end of life dates",
            {"5": "2017-03-31", "6": "2020-11-30", "7": "2024-06-30", "8": "2021-12-31"},
        ),
        "almalinux": _Dates(
            "AlmaLinux wiki, Release notes", {"8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31"}
        ),
        "rocky": _Dates("Rocky Linux wiki, Version guide", {"8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"}),
        "ol": _Dates(
            "Oracle, Lifetime Support Policy: Oracle Linux",
            {
                "6": "2021-03-31",
                "7": "2024-12-31",
                "8": "2029-07-31",
                "9": "2032-06-30",
            },
        ),
        "amzn": _Dates(
            "Amazon Linux user guides and FAQs", {"1": "2023-12-31", "2": "2026-06-30", "2023": "2029-06-30"}
        ),
        "fedora": _Dates(
            "Fedora, End of life releases and schedule",
            {
                "28": "2019-05-28",
                "29": "2019-11-26",
                "30": "2020-05-26",
                "31": "2020-11-24",
                "32": "2021-05-25",
                "33": "2021-11-30",
                "34": "2022-06-07",
                "35": "2022-12-13",
                "36": "2023-05-16",
                "37": "2023-12-05",
                "38": "2024-05-21",
                "39": "2024-11-26",
                "40": "2025-05-13",
                "41": "2025-12-15",
                "42": "2026-05-13",
            },
        ),
        "sles": _Dates(
            "SUSE, Product Support Lifecycle",
            {
                "11.4": "2019-03-31 2022-03-31",
                "12": "2016-06-30 2019-07-01",
                "12.1": "2017-05-31 2020-05-31",
                "12.2": "2018-03-31 2021-03-31",
                "12.3": "2019-06-30 2022-06-30",
                "12.4": "2020-06-30 2023-06-30",
                "12.5": "2024-10-31 2027-10-31",
                "15": "2019-12-31 2022-12-31",
                "15.1": "2021-01-31 2024-01-31",
                "15.2": "2021-12-31 2024-12-31",
                "15.3": "2022-12-31 2025-12-31",
                "15.4": "2023-12-31 2026-12-31",
                "15.5": "2024-12-31 2027-12-31",
                "15.6": "2025-12-31 2028-12-31",
                "15.7": "2031-07-31",
            },
            "LTSS",
        ),
        "opensuse-leap": _Dates(
            "openSUSE wiki, Lifetime",
            {
                "42.1": "2017-05-17",
                "42.2": "2018-01-26",
                "42.3": "2019-07-01",
                "15.0": "2019-12-03",
                "15.1": "2021-02-02",
                "15.2": "2022-01-04",
                "15.3": "2022-12-31",
                "15.4": "2023-12-07",
                "15.5": "2024-12-31",
                "15.6": "2026-04-30",
            },
        ),
        "alpine": _Dates(
            "Alpine Linux, Releases",
            {
                "3.0": "2016-05-01",
                "3.1": "2016-11-01",
                "3.2": "2017-05-01",
                "3.3": "2017-11-01",
                "3.4": "2018-05-01",
                "3.5": "2018-11-01",
                "3.6": "2019-05-01",
                "3.7": "2019-11-01",
                "3.8": "2020-05-01",
                "3.9": "2020-11-01",
                "3.10": "2021-05-01",
                "3.11": "2021-11-01",
                "3.12": "2022-05-01",
                "3.13": "2022-11-01",
                "3.14": "2023-05-01",
                "3.15": "2023-11-01",
                "3.16": "2024-05-23",
                "3.17": "2024-11-22",
                "3.18": "2025-05-09",
                "3.19": "2025-11-01",
                "3.20": "2026-04-01",
                "3.21": "2026-11-01",
                "3.22": "2027-05-01",
                "3.23": "2027-11-01",
            },
        ),
        "photon": _Dates(
            "endoflife.date, Photon OS",
            {"1.0": "2022-02-28", "2.0": "2022-12-01", "3.0": "2025-10-02", "4.0": "2027-10-11"},
        ),
        "mariner": _Dates("endoflife.date, Azure Linux", {"1.0": "2023-08-31", "2.0": "2025-07-31"}),
        "azurelinux": _Dates("endoflife.date, Azure Linux", {"3": "2027-08-31"}),
        "openeuler": _Dates(
            "endoflife.date, openEuler",
            {
                "20.03-LTS": "2021-03-31",
                "20.03-LTS-SP1": "2022-12-31",
                "20.03-LTS-SP2": "2022-04-30",
                "20.03-LTS-SP3": "2023-12-31",
                "20.03-LTS-SP4": "2025-11-30",
                "22.03-LTS": "2024-03-31",
                "22.03-LTS-SP1": "2024-12-31",
                "22.03-LTS-SP2": "2024-03-31",
                "22.03-LTS-SP3": "2025-12-31",
                "22.03-LTS-SP4": "2026-06-30",
                "23.03": "2023-09-30",
                "23.09": "2024-03-31",
                "24.03-LTS": "2026-05-31",
                "24.03-LTS-SP1": "2026-12-31",
                "24.03-LTS-SP2": "2026-03-31",
                "24.03-LTS-SP3": "2027-12-31",
                "24.03-LTS-SP4": "2027-03-31",
                "24.09": "2025-03-31",
                "25.03": "2025-09-30",
                "25.09": "2026-03-31",
                "26.09": "2027-03-31",
            },
        ),
        "anolis": _Dates("OpenAnolis, Life cycle policy", {"8": "2031-03-31"}),
        "alinux": _Dates(
            "Alibaba Cloud, Alibaba Cloud Linux lifecycle", {"2": "2024-03-31 2026-03-31", "3": "2031-03-31"}, "ELS"
        ),
        "mageia": _Dates(
            "endoflife.date, Mageia",
            {
                "1": "2012-12-01",
                "2": "2013-11-22",
                "3": "2014-11-26",
                "4": "2015-09-19",
                "5": "2017-12-31",
                "6": "2019-09-30",
                "7": "2021-06-30",
                "8": "2023-11-30",
            },
        ),
    }
)


def support_of(distribution: Distribution) -> Support | None:
    """The support of a release; of one that has no dates of its own, that of the release whose advisories it has.

    None where the release is unknown, or no source here names it; that says nothing about its support.

    >>> support = support_of(Distribution("debian", "11.4"))
    >>> str(support.standard), support.extended_by, str(support.extended)
    ('2024-08-14', 'LTS', '2026-08-31')
    >>> support_of(Distribution("debian", "unstable")) is None
    True
    """
    family = FAMILIES.get(distribution.id)
    if family is None or distribution.release is None:
        return None
    release = Distribution(distribution.id, family.release(distribution.release))
    if release.id not in _DATES:
        release = filed_under(release)
    dates = _DATES.get(release.id)
    days = dates.days.get(release.release or "") if dates else None
    if dates is None or days is None:
        return None
    standard, _, extended = days.partition(" ")
    return Support(
        date.fromisoformat(standard),
        date.fromisoformat(extended) if extended else None,
        dates.extended_by if extended else None,
        dates.source,
    )
