"""Plans: what is upgraded to which version, what that clears, what stays, and the commands of package managers."""

import json
import shlex
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from advisories_strategies import ADVISORIES, COVERED, FAMILIES, INVENTORIES
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT
from report_schemas import validator

import vercmp
from advisories import Feed, MatchPolicy, match
from advisories.distros.identity import instance_of
from advisories.distros.kernels import kernel_of
from advisories.distros.package_managers import MANAGERS, Item, is_safe, manager_of
from advisories.distros.restarts import KERNEL, OF_LANGUAGES, ROWS, Restart, restarts_machine, row_of
from advisories.index.records import version_key
from advisories.models import (
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Distribution,
    Finding,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    Range,
    State,
)
from advisories.models.distribution import FAMILIES as DISTRIBUTIONS
from advisories.models.distribution import filed_under, language_of
from advisories.readers import inventories
from advisories.reports import render
from advisories.reports.plan import PlanReport
from advisories.store import read_feed
from advisories.triage.commands import commands
from advisories.triage.plan import Action, Order, Plan, StayReason, plan

UBUNTU = Distribution("ubuntu", "18.04")


def planned(inventory: Inventory, *advisories: Advisory, **choices: Any) -> Plan:
    return plan(inventory, Feed(advisories), **choices)


def versions(made: Plan) -> dict[str, str | None]:
    """What each package is brought to."""
    return {
        change.package.name: change.becomes.version if change.becomes else None
        for step in made.steps
        for change in step.changes
    }


def commands_of(made: Plan, name: str, **how: Any) -> list[str]:
    return [str(command) for step in made.steps for command in commands(step, MANAGERS[name], **how)]


def debian(package: str, fixed: str | None, **more: Any) -> Any:
    return affected(package, fixed, distribution=DEBIAN12, names=Names.SOURCE, **more)


class TestVersions:
    def test_the_lowest_that_clears_all(self) -> None:
        made = planned(
            host(rpm("bash", "5.1-1.el9")),
            advisory("A-1", affected("bash", "5.1-3.el9")),
            advisory("A-2", affected("bash", "5.1-10.el9")),
        )
        (step,) = made.steps
        assert (step.action, step.source, versions(made)) == (Action.UPGRADE, "bash", {"bash": "5.1-10.el9"})
        assert [finding.vulnerability for finding in step.clears] == ["A-1", "A-2"]
        assert (step.gain, step.advisories, made.stays, made.brings) == ((0, 2, 0), ("A-1", "A-2"), (), ())

    def test_a_version_that_is_inside_the_next_range_is_not_enough(self) -> None:
        made = planned(
            host(rpm("bash", "1.0-1")),
            advisory("A-1", affected("bash", ranges=(Range(None, "1.2-1"), Range("1.5-1", "1.8-1")))),
            advisory("A-2", affected("bash", "1.6-1")),
        )
        assert versions(made) == {"bash": "1.8-1"}
        assert (made.clears, made.stays) == (2, ())

    def test_what_the_version_does_not_clear_stays(self) -> None:
        made = planned(
            host(rpm("bash", "1.0-1")),
            advisory("A-1", affected("bash", ranges=(Range(None, "1.2-1"), Range("1.5-1")))),
            advisory("A-2", affected("bash", "1.6-1")),
        )
        assert versions(made) == {"bash": "1.6-1"}
        (stay,) = made.stays
        assert (stay.finding.vulnerability, stay.reason) == ("A-1", StayReason.NOT_FIXED)
        assert stay.text == "1.6-1 does not clear it: there is no fix yet"

    def test_what_it_brings_is_listed(self) -> None:
        made = planned(
            host(rpm("bash", "1.0-1")),
            advisory("A-1", affected("bash", "1.2-1")),
            advisory("A-2", affected("bash", "2.0-1", introduced="1.1-1")),
        )
        assert [finding.vulnerability for finding in made.brings] == ["A-2"]

    def test_packages_of_one_source_and_version_move_together(self) -> None:
        made = planned(
            host(
                rpm("openssl", "1:3.0-1", source_name="openssl"),
                rpm("openssl-libs", "1:3.0-1", source_name="openssl"),
                rpm("openssl-perl", "1:2.9-1", source_name="openssl"),
            ),
            advisory("A-1", affected("openssl", "1:3.0-2")),
            advisory("A-2", affected("openssl-libs", "1:3.0-3")),
        )
        assert len(made.steps) == 1
        assert versions(made) == {"openssl": "1:3.0-3", "openssl-libs": "1:3.0-3"}

    def test_one_of_them_without_a_finding_moves_too(self) -> None:
        made = planned(
            host(rpm("a", "1-1", source_name="s"), rpm("b", "1-1", source_name="s"), rpm("c", "1-1", source_name="t")),
            advisory("A-1", affected("a", "1-2")),
        )
        assert versions(made) == {"a": "1-2", "b": "1-2"}

    def test_one_that_is_built_from_another_version_does_not(self) -> None:
        made = planned(
            host(
                deb("a", "3-1", source_name="s", source_version="1-1"),
                deb("b", "3-1", source_name="s", source_version="2-1"),
                distribution=DEBIAN12,
            ),
            advisory("A-1", debian("s", "1-2")),
        )
        ((change,),) = (step.changes for step in made.steps)
        assert (change.package.name, change.becomes and change.becomes.source_version) == ("a", "1-2")

    def test_what_is_not_on_disk_does_not(self) -> None:
        made = planned(
            host(
                deb("a", "1-1", source_name="s", source_version="1-1"),
                deb("b", "1-1", source_name="s", source_version="1-1", state=State.CONFIG_FILES),
                distribution=DEBIAN12,
            ),
            advisory("A-1", debian("s", "1-2")),
        )
        assert versions(made) == {"a": "1-2"}

    def test_a_rebuild_gets_its_sources_version(self) -> None:
        tool = deb("tool", "1:2.0-1+b2", source_name="tools", source_version="1:2.0-1")
        made = planned(host(tool, distribution=DEBIAN12), advisory("A-1", debian("tools", "1:2.0-3")))
        assert versions(made) == {"tool": "1:2.0-3"}
        assert commands_of(made, "apt-get") == ["apt-get install --only-upgrade tool:amd64=1:2.0-3"]

    def test_a_binary_with_numbers_of_its_own_is_named_without_them(self) -> None:
        tool = deb("tool", "7.5-1", source_name="tools", source_version="2.0-1")
        made = planned(host(tool, distribution=DEBIAN12), advisory("A-1", debian("tools", "2.0-3")))
        (change,) = made.steps[0].changes
        assert change.version is None
        assert change.becomes is not None
        assert (change.becomes.version, change.becomes.source_version) == ("7.5-1", "2.0-3")
        assert commands_of(made, "apt-get") == ["apt-get install --only-upgrade tool:amd64"]
        assert made.clears == 1

    def test_the_source_of_an_rpm_shows_no_epoch(self) -> None:
        record = affected("tools", "2.0-3", names=Names.SOURCE)
        tool = rpm("tool", "1:2.0-1", source_name="tools", source_version="2.0-1", source_epoch_known=False)
        assert versions(planned(host(tool), advisory("A-1", record))) == {"tool": "1:2.0-3"}

    def test_a_source_of_another_epoch_is_no_version_of_the_binary(self) -> None:
        record = affected("tools", "2.0-3", names=Names.SOURCE)
        tool = rpm("tool", "1:2.0-1", source_name="tools", source_version="2.0-1")
        ((change,),) = (step.changes for step in planned(host(tool), advisory("A-1", record)).steps)
        assert (change.version, change.becomes and change.becomes.source_version) == (None, "2.0-3")

    def test_by_both_names_the_higher_counts_where_the_source_shows_no_epoch(self) -> None:
        tool = rpm("tool", "1:2.0-1", source_name="tools", source_version="2.0-1", source_epoch_known=False)
        records = (affected("tool", "1:2.0-2"), affected("tools", "2.0-3", names=Names.SOURCE))
        made = planned(host(tool), advisory("A-1", records[0]), advisory("A-2", records[1]))
        assert (versions(made), made.clears) == ({"tool": "1:2.0-3"}, 2)

    def test_an_epoch_that_is_taken_for_zero(self) -> None:
        tool = rpm("tool", "2.0-1", epoch_known=False)
        feed = Feed([advisory("A-1", affected("tool", "1:1.0-1"))])
        assert plan(host(tool), feed).steps == ()
        assert versions(plan(host(tool), feed, MatchPolicy(unknown_epoch_is_zero=True))) == {"tool": "1:1.0-1"}

    def test_by_both_names_the_higher_counts(self) -> None:
        tool = rpm("tool", "2.0-1", source_name="tools", source_version="2.0-1")
        records = (affected("tool", "2.0-3"), affected("tools", "2.0-2", names=Names.SOURCE))
        made = planned(host(tool), *(advisory(f"A-{n}", record) for n, record in enumerate(records)))
        assert (versions(made), made.clears) == ({"tool": "2.0-3"}, 2)

    def test_a_list_without_epochs(self) -> None:
        made = planned(
            host(rpm("mariadb-libs", "5.5.52-1.el7", epoch_known=False)),
            advisory("A-1", affected("mariadb-libs", "1:5.5.56-2.el7")),
        )
        assert (versions(made), made.clears) == ({"mariadb-libs": "1:5.5.56-2.el7"}, 1)

    def test_a_backport_stays_one(self) -> None:
        tool = deb("tool", "6.12-1~bpo12+1", source_name="tool", source_version="6.12-1~bpo12+1")
        made = planned(
            host(tool, distribution=DEBIAN12),
            advisory("A-1", affected("tool", "6.12-2", distribution=Distribution("debian", "13"), names=Names.SOURCE)),
            advisory("A-2", debian("covered", "0")),
        )
        assert (versions(made), made.clears) == ({"tool": "6.12-2~bpo12+1"}, 1)

    def test_only_the_findings_you_give(self) -> None:
        inventory = host(rpm("a", "1-1"), rpm("b", "1-1"))
        feed = Feed([advisory("A-1", affected("a", "1-2")), advisory("A-2", affected("b", "1-2"))])
        findings = [finding for finding in match(inventory, feed) if finding.package.name == "b"]
        made = plan(inventory, feed, findings=findings)
        assert (versions(made), made.clears, made.stays) == ({"b": "1-2"}, 1, ())


class TestStays:
    @pytest.mark.parametrize("state", [state for state in FixState if state is not FixState.FIXED])
    def test_the_distributions_word(self, state: FixState) -> None:
        made = planned(host(rpm("bash", "1-1")), advisory("A-1", affected("bash", fix_state=state)))
        (stay,) = made.stays
        assert (made.steps, stay.reason.value) == ((), state.value)

    def test_a_channel(self) -> None:
        record = affected("bash", "4.4-2", distribution=UBUNTU, names=Names.BINARY, channel="esm-infra")
        made = planned(host(deb("bash", "4.4-1"), distribution=UBUNTU), advisory("A-1", record))
        (stay,) = made.stays
        assert stay.reason is StayReason.NEEDS_CHANNEL
        assert stay.text == "the fix 4.4-2 is in esm-infra, which the host does not have"
        has_it = Distribution("ubuntu", "18.04", frozenset({"esm-infra"}))
        assert planned(host(deb("bash", "4.4-1"), distribution=has_it), advisory("A-1", record)).clears == 1

    def test_undecidable(self) -> None:
        made = planned(host(rpm("bash", "1")), advisory("A-1", affected("bash", "1-2")))
        assert [stay.reason for stay in made.stays] == [StayReason.UNDECIDABLE]


class TestKernels:
    RECORD = advisory("A-1", affected("kernel-core", "5.14.0-500.el9"), affected("kernel-modules", "5.14.0-500.el9"))
    OLD, NEW, FIXED = (f"5.14.0-{number}.el9" for number in (70, 400, 500))

    def kernels(self, *of: str, running: str | None = None) -> Inventory:
        kernel = None if running is None else f"{running}.x86_64"
        packages = [rpm(name, version) for version in of for name in ("kernel-core", "kernel-modules")]
        return host(*packages, kernel=kernel)

    def test_the_newest_is_replaced_beside_it_and_the_others_are_removed(self) -> None:
        made = planned(self.kernels(self.OLD, self.NEW, running=self.NEW), self.RECORD)
        install, remove = made.steps
        assert (install.action, install.restart, install.after_restart) == (Action.INSTALL, Restart.MACHINE, False)
        assert {change.package.version for change in install.changes} == {self.NEW}
        assert (remove.action, remove.restart, remove.after_restart) == (Action.REMOVE, None, True)
        assert {change.package.version for change in remove.changes} == {self.OLD, self.NEW}
        assert [finding.package.version for finding in remove.clears] == [self.OLD, self.OLD]
        assert (made.clears, made.restart) == (4, Restart.MACHINE)
        assert {package.version for package in made.after.packages} == {self.FIXED}
        assert commands_of(made, "dnf") == [
            f"dnf upgrade kernel-core-{self.FIXED}.x86_64 kernel-modules-{self.FIXED}.x86_64",
            f"dnf remove kernel-core-{self.NEW}.x86_64 kernel-core-{self.OLD}.x86_64"
            f" kernel-modules-{self.NEW}.x86_64 kernel-modules-{self.OLD}.x86_64",
        ]

    def test_what_was_replaced_is_removed_though_it_clears_nothing(self) -> None:
        inventory = self.kernels(self.NEW, running=self.NEW)
        made = planned(inventory, self.RECORD)
        install, remove = made.steps
        assert (len(install.clears), remove.clears, remove.after_restart) == (2, (), True)
        lines = list(render(PlanReport(inventory, made, MANAGERS["dnf"]), "text"))
        assert "   replaced by what was installed beside it" in lines

    def test_parts_of_one_kernel_are_installed_together(self) -> None:
        def part(name: str, version: str) -> Package:
            return rpm(name, version, source_name="kernel", source_version=version)

        packages = [
            part(name, version) for version in (self.OLD, self.NEW) for name in ("kernel-core", "kernel-modules")
        ]
        inventory = host(*packages, part("bpftool", self.NEW), kernel=f"{self.NEW}.x86_64")
        made = planned(inventory, advisory("A-1", affected("kernel-core", self.FIXED)))
        assert commands_of(made, "dnf") == [
            f"dnf upgrade kernel-core-{self.FIXED}.x86_64 kernel-modules-{self.FIXED}.x86_64",
            f"dnf remove kernel-core-{self.NEW}.x86_64 kernel-core-{self.OLD}.x86_64"
            f" kernel-modules-{self.NEW}.x86_64 kernel-modules-{self.OLD}.x86_64",
        ]

    def test_a_kernel_that_comes_with_its_headers_is_started_by_a_restart(self) -> None:
        parts = [
            rpm(name, self.NEW, source_name="kernel", source_version=self.NEW)
            for name in ("kernel-core", "kernel-devel")
        ]
        inventory = host(*parts, kernel=f"{self.NEW}.x86_64")
        made = planned(inventory, advisory("A-1", affected("kernel-devel", self.FIXED)))
        install, remove = made.steps
        assert (install.restart, remove.after_restart, made.restart) == (Restart.MACHINE, True, Restart.MACHINE)
        assert "then: sh $0 after-restart" in "\n".join(render(PlanReport(inventory, made, MANAGERS["dnf"]), "shell"))

    def test_no_release_no_removal(self) -> None:
        inventory = host(rpm("kernel-core", "5.14.0"), rpm("kernel-core", self.FIXED), kernel=f"{self.FIXED}.x86_64")
        made = planned(inventory, advisory("A-1", affected("kernel-core", "5.14.1-1")))
        assert any(step.action is Action.REMOVE for step in made.steps)
        assert not any("5.14.0.x86_64" in line for line in commands_of(made, "dnf"))

    @pytest.mark.parametrize("arch", [None, "x86_64"])
    def test_where_the_one_that_runs_is_not_listed_none_is_removed_at_once(self, arch: str | None) -> None:
        running = self.FIXED if arch is None else "5.14.0-300.el9"
        packages = [rpm("kernel-core", version, arch=arch) for version in (self.OLD, self.FIXED, "5.14.0-600.el9")]
        made = planned(host(*packages, kernel=f"{running}.x86_64"), self.RECORD)
        (step,) = made.steps
        assert (step.action, step.restart, step.after_restart) == (Action.REMOVE, Restart.MACHINE, True)

    def test_headers_beside_each_other_wait_for_nothing(self) -> None:
        inventory = host(rpm("kernel-devel", self.OLD), rpm("kernel-devel", self.NEW), kernel=f"{self.NEW}.x86_64")
        made = planned(inventory, advisory("A-1", affected("kernel-devel", self.FIXED)))
        assert [(step.action, step.after_restart) for step in made.steps] == [
            (Action.INSTALL, False),
            (Action.REMOVE, False),
        ]
        assert made.restart is None

    def test_a_standby_one_without_findings_needs_a_restart_alone(self) -> None:
        made = planned(self.kernels(self.OLD, self.FIXED, running=self.OLD), self.RECORD)
        (step,) = made.steps
        assert (step.action, step.restart, step.after_restart) == (Action.REMOVE, Restart.MACHINE, True)

    def test_a_residual_one_is_removed_at_once(self) -> None:
        made = planned(self.kernels(self.OLD, self.FIXED, running=self.FIXED), self.RECORD)
        (step,) = made.steps
        assert (step.action, step.restart, step.after_restart) == (Action.REMOVE, None, False)

    def test_where_it_is_not_known_what_runs(self) -> None:
        made = planned(self.kernels(self.OLD, self.FIXED), self.RECORD)
        (step,) = made.steps
        assert (step.restart, step.after_restart) == (Restart.MACHINE, True)

    def test_debian(self) -> None:
        def image(release: str, version: str) -> Package:
            name = f"linux-image-{release}-amd64"
            return deb(name, version, source_name="linux", source_version=version)

        inventory = host(
            image("6.1.0-9", "6.1.27-1"),
            image("6.1.0-18", "6.1.76-1"),
            distribution=DEBIAN12,
            kernel="6.1.0-18-amd64",
        )
        made = planned(inventory, advisory("A-1", debian("linux", "6.1.90-1")))
        assert commands_of(made, "apt-get") == [
            "apt-get install linux-image-amd64",
            "apt-get -o APT::Cmd::Pattern-Only=true purge linux-image-6.1.0-9-amd64:amd64",
        ]
        assert made.clears == 2

    @pytest.mark.parametrize("offered", [False, True])
    def test_signed_kernels_of_debian(self, offered: bool) -> None:
        def image(release: str, version: str) -> Package:
            source = version.replace("-", "+")
            name = f"linux-image-6.1.0-{release}-amd64"
            return deb(name, version, source_name="linux-signed-amd64", source_version=source)

        inventory = host(image("18", "6.1.76-1"), distribution=DEBIAN12, kernel="6.1.0-18-amd64")
        # linux-signed-amd64 6.1.90+1 sorts after 6.1.90-2, and is not as late.
        available = [image("20", "6.1.90-1"), image("21", "6.1.90-2")] if offered else None
        made = planned(inventory, advisory("A-1", debian("linux", "6.1.90-2")), available=available)
        assert (made.clears, made.stays) == (1, ())
        install = commands_of(made, "apt-get")[0]
        assert install.endswith("linux-image-6.1.0-21-amd64:amd64=6.1.90-2" if offered else "linux-image-amd64")

    def test_a_signed_image_goes_with_its_modules(self) -> None:
        def kernel(release: str) -> list[Package]:
            version = f"{release}.110"
            named = (("image", "linux-signed-aws"), ("modules", "linux-aws"))
            return [
                deb(f"linux-{part}-{release}-aws", version, source_name=source, source_version=version)
                for part, source in named
            ]

        installed = [*kernel("5.15.0-91"), *kernel("5.15.0-100")]
        inventory = host(*installed, distribution=UBUNTU, kernel="5.15.0-100-aws")
        record = affected("linux-aws", "5.15.0-200.110", distribution=UBUNTU, names=Names.SOURCE)
        made = planned(inventory, advisory("A-1", record), available=kernel("5.15.0-200"))
        assert [[change.name for change in step.changes] for step in made.steps] == [
            ["linux-image-5.15.0-200-aws", "linux-modules-5.15.0-200-aws"],
            [f"linux-{part}-5.15.0-{one}-aws" for part in ("image", "modules") for one in ("100", "91")],
        ]
        assert {package.name for package in made.after.packages} == {one.name for one in kernel("5.15.0-200")}

    @pytest.mark.parametrize(
        ("metapackages", "expected"),
        [
            (("amd64", "6.12-amd64"), "linux-image-6.12-amd64"),
            (("6.12-amd64",), "linux-image-6.12-amd64"),
            (("amd64",), "linux-image-amd64"),
            (("6.12-cloud-amd64", "amd64"), "linux-image-6.12-amd64"),
            (("5.10-amd64",), "linux-image-amd64"),
        ],
    )
    def test_the_metapackage_of_a_line(self, metapackages: Sequence[str], expected: str) -> None:
        signed = "linux-signed-6.12-amd64"
        inventory = host(
            deb("linux-image-6.12.57+deb12-amd64", "6.12.57-1~deb12u1", source_name=signed),
            *(deb(f"linux-image-{name}", "6.12.57-1~deb12u1", source_name=signed) for name in metapackages),
            distribution=DEBIAN12,
        )
        made = planned(inventory, advisory("A-1", debian("linux-6.12", "6.12.63-1~deb12u1")))
        (command,) = commands_of(made, "apt-get")
        assert command.split()[-2:] == ["install", expected]

    @pytest.mark.parametrize(
        ("name", "version", "source", "fix", "command"),
        [
            ("grub-efi-amd64-signed", "1+2.06+13+deb12u1", "grub2", "2.06-13+deb12u2", "=1+2.06+13+deb12u2"),
            ("fwupd-amd64-signed", "1:1.4+1", "fwupd-efi", "1:1.6-1", "=1:1.6+1"),
            # The numbers before the version that is signed are of a later signature, which nothing shows.
            ("shim-signed", "1.39~1+deb12u1+15.7-1~deb12u1", "shim", "15.8-1~deb12u1", ""),
        ],
    )
    def test_what_is_signed(self, name: str, version: str, source: str, fix: str, command: str) -> None:
        inventory = host(deb(name, version), distribution=DEBIAN12)
        made = planned(inventory, advisory("A-1", debian(source, fix)))
        assert (made.clears, made.stays) == (1, ())
        assert commands_of(made, "apt-get") == [f"apt-get install --only-upgrade {name}:amd64{command}"]

    def test_the_metapackage_that_is_installed(self) -> None:
        inventory = host(
            deb("linux-image-4.15.0-20-generic", "4.15.0-20.21", source_name="linux"),
            deb("linux-image-virtual", "4.15.0.20.23", source_name="linux-meta"),
            distribution=UBUNTU,
        )
        record = affected("linux-image-4.15.0-20-generic", "4.15.0-99.1", distribution=UBUNTU)
        assert commands_of(planned(inventory, advisory("A-1", record)), "apt-get") == [
            "apt-get install linux-image-virtual"
        ]

    @pytest.mark.parametrize(
        ("release", "parts", "installed", "expected"),
        [
            ("6.1.0-18", "headers-#-amd64 headers-#-common", "", "linux-headers-amd64"),
            ("6.1.0-18", "image-#-amd64 headers-#-common", "", "linux-headers-amd64 linux-image-amd64"),
            ("6.1.0-18", "image-#-rt-amd64", "image-6.1.0-18-amd64-dbg image-amd64-dbg", "linux-image-rt-amd64"),
            ("5.15.0-100", "headers-# headers-#-generic", "", "linux-headers-generic"),
            ("5.15.0-100", "aws-headers-# headers-#-aws", "", "linux-headers-aws"),
            ("5.15.0-100", "tools-# tools-#-generic", "tools-common", "linux-tools-generic"),
            ("5.15.0-100", "cloud-tools-#-generic", "cloud-tools-common", "linux-cloud-tools-generic"),
            (
                "5.15.0-91",
                "hwe-5.15-headers-# headers-#-generic image-#-generic hwe-5.15-tools-#",
                "image-generic-hwe-20.04",
                "linux-headers-generic-hwe-20.04 linux-image-generic-hwe-20.04 linux-tools-generic-hwe-20.04",
            ),
        ],
    )
    def test_what_brings_the_next_one(self, release: str, parts: str, installed: str, expected: str) -> None:
        version = f"{release}.110"
        packages = [
            deb(f"linux-{part.replace('#', release)}", version, source_name="linux", source_version=version)
            for part in parts.split()
        ]
        packages += [deb(f"linux-{name}", version, source_name="linux-meta") for name in installed.split()]
        record = affected("linux", f"{release}9.1", distribution=UBUNTU, names=Names.SOURCE)
        made = planned(host(*packages, distribution=UBUNTU), advisory("A-1", record))
        (command,) = commands_of(made, "apt-get")
        assert sorted(command.rpartition(" install ")[2].split()) == expected.split()
        assert made.clears == len(parts.split())

    def test_headers_that_installs_replace(self) -> None:
        made = planned(
            host(rpm("kernel-headers", self.OLD), kernel=self.OLD), advisory("A-1", affected("kernel-headers", "6-1"))
        )
        assert made.steps[0].action is Action.UPGRADE


class TestAvailable:
    FEED = (advisory("A-1", affected("bash", "1-3")), advisory("A-2", affected("bash", "1-5")))

    def test_the_lowest_that_reaches(self) -> None:
        made = planned(
            host(rpm("bash", "1-1")),
            *self.FEED,
            available=[rpm("bash", "1-4"), rpm("bash", "1-6"), rpm("bash", "1-9"), rpm("zsh", "1-5")],
        )
        assert (versions(made), made.clears) == ({"bash": "1-6"}, 2)

    @pytest.mark.parametrize(("had", "has"), [("x86_64", "noarch"), ("noarch", "x86_64")])
    def test_the_architecture_that_is_offered(self, had: str, has: str) -> None:
        made = planned(host(rpm("bash", "1-1", arch=had)), *self.FEED, available=[rpm("bash", "1-6", arch=has)])
        assert commands_of(made, "dnf") == [f"dnf upgrade bash-1-6.{has}"]
        assert [(package.arch, package.version) for package in made.after.packages] == [(has, "1-6")]

    def test_the_architecture_of_the_host_where_several_are_offered(self) -> None:
        inventory = host(rpm("bash", "1-1", arch="noarch"), rpm("glibc", "1-1"), rpm("zsh", "1-1", arch="noarch"))
        offered = [rpm("bash", "1-6", arch=arch) for arch in ("i686", "x86_64")]
        assert commands_of(planned(inventory, *self.FEED, available=offered), "dnf") == ["dnf upgrade bash-1-6.x86_64"]

    def test_the_architecture_that_is_installed_where_the_repositories_list_none(self) -> None:
        made = planned(host(rpm("bash", "1-1")), *self.FEED, available=[rpm("bash", "1-6", arch=None)])
        assert commands_of(made, "dnf") == ["dnf upgrade bash-1-6.x86_64"]

    def test_no_architecture_where_the_list_has_none(self) -> None:
        made = planned(host(rpm("bash", "1-1", arch=None)), *self.FEED, available=[rpm("bash", "1-6", arch="i686")])
        assert commands_of(made, "dnf") == ["dnf upgrade bash-1-6"]

    def test_what_the_feed_promises_and_the_repositories_lack(self) -> None:
        made = planned(host(rpm("bash", "1-1")), *self.FEED, available=[rpm("bash", "1-4"), rpm("bash", "1-1")])
        assert (versions(made), made.clears) == ({"bash": "1-4"}, 1)
        (stay,) = made.stays
        assert (stay.finding.vulnerability, stay.reason) == ("A-2", StayReason.NO_UPDATE)

    def test_nothing_newer(self) -> None:
        made = planned(host(rpm("bash", "1-1")), *self.FEED, available=[rpm("bash", "1-1"), rpm("bash", "0:1-0")])
        assert (made.steps, [stay.reason for stay in made.stays]) == ((), [StayReason.NO_UPDATE] * 2)

    def test_another_architecture_is_no_update(self) -> None:
        made = planned(host(rpm("bash", "1-1")), *self.FEED, available=[rpm("bash", "1-9", arch="aarch64")])
        assert not made.steps

    def test_another_stream_is_no_update(self) -> None:
        nine, twelve = Module.of("postgresql:9.6"), Module.of("postgresql:12")
        record = affected("postgresql", "9.6.22-1.module_el8", module=nine)
        made = planned(
            host(rpm("postgresql", "9.6.20-1.module_el8", module=nine)),
            advisory("A-1", record),
            available=[rpm("postgresql", "12.5-1.module_el8", module=twelve)],
        )
        assert (made.steps, [stay.reason for stay in made.stays]) == ((), [StayReason.NO_UPDATE])

    def test_what_somebody_else_built_is_no_update_unless_it_is_judged_too(self) -> None:
        offered = [rpm("bash", "1-3", vendor="AlmaLinux"), rpm("bash", "1-9", vendor="Somebody Else")]
        made = planned(host(rpm("bash", "1-1")), *self.FEED, available=offered)
        assert (versions(made), made.clears) == ({"bash": "1-3"}, 1)
        made = planned(
            host(rpm("bash", "1-1")), *self.FEED, available=offered, policy=MatchPolicy(include_third_party=True)
        )
        assert (versions(made), made.clears) == ({"bash": "1-9"}, 2)

    def test_a_list_without_epochs_is_compared_without_them(self) -> None:
        made = planned(
            host(rpm("bash", "5.1-1", epoch_known=False)),
            advisory("A-1", affected("bash", "1:5.1-3")),
            available=[rpm("bash", "1:5.0-1"), rpm("bash", "1:5.1-3")],
        )
        assert (versions(made), made.clears) == ({"bash": "1:5.1-3"}, 1)

    def test_a_version_without_an_order_is_none_of_the_updates(self) -> None:
        made = planned(
            host(deb("a", "1-1"), distribution=DEBIAN12),
            advisory("A-1", debian("a", "1-2")),
            available=[deb("a", "?"), deb("a", "1-3")],
        )
        assert versions(made) == {"a": "1-3"}

    def test_a_debian_kernel_has_its_real_name(self) -> None:
        old, new = (
            deb(f"linux-image-6.1.0-{release}-amd64", version, source_name="linux", source_version=version)
            for release, version in (("18", "6.1.76-1"), ("21", "6.1.90-1"))
        )
        inventory = host(old, distribution=DEBIAN12, kernel="6.1.0-18-amd64")
        made = planned(inventory, advisory("A-1", debian("linux", "6.1.90-1")), available=[new])
        assert commands_of(made, "apt-get") == [
            "apt-get -o APT::Cmd::Pattern-Only=true install linux-image-6.1.0-21-amd64:amd64=6.1.90-1",
            "apt-get -o APT::Cmd::Pattern-Only=true purge linux-image-6.1.0-18-amd64:amd64",
        ]
        assert made.after.packages == (new,)


class TestOrder:
    INVENTORY = host(rpm("a", "1-1"), rpm("b", "1-1"))
    FEED = (
        advisory("A-1", affected("a", "1-2"), rating="critical"),
        advisory("A-2", affected("b", "1-2"), cves=["CVE-2024-1", "CVE-2024-2"], rating="critical"),
    )

    @pytest.mark.parametrize(("order", "names"), [(Order.LIST, ["a", "b"]), (Order.GAIN, ["b", "a"])])
    def test_of_the_steps(self, order: Order, names: list[str]) -> None:
        assert [step.source for step in planned(self.INVENTORY, *self.FEED, order=order).steps] == names


# ---- laws ----


def assert_kept(inventory: Inventory, feed: Feed, made: Plan) -> None:
    """Every finding is cleared by one step or stays; once all is done, what stays and what was brought is found."""
    handled = [*(finding for step in made.steps for finding in step.clears), *(stay.finding for stay in made.stays)]
    assert Counter(map(_named, handled)) == Counter(map(_named, match(inventory, feed)))
    left = {(finding.package, finding.vulnerability) for finding in match(made.after, feed)}
    # A kernel has its next one installed beside it, and is removed later: what it became first counts.
    becomes = {change.package: change.becomes for step in reversed(made.steps) for change in step.changes}
    for step in made.steps:
        for finding in step.clears:
            assert (becomes[finding.package], finding.vulnerability) not in left
    expected = {(becomes.get(s.finding.package, s.finding.package), s.finding.vulnerability) for s in made.stays}
    assert left == expected | {(finding.package, finding.vulnerability) for finding in made.brings}


@settings(max_examples=examples(150), deadline=None)
@given(INVENTORIES, ADVISORIES, st.sampled_from(Order), st.booleans())
def test_a_plan_clears_what_it_says_and_nothing_else(
    inventory: Inventory, advisories: Sequence[Advisory], order: Order, running: bool
) -> None:
    if not running:
        inventory = Inventory(inventory.distribution, inventory.packages)
    feed = Feed([*advisories, COVERED])
    assert_kept(inventory, feed, plan(inventory, feed, order=order))


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_so_does_one_of_any_family_and_of_what_repositories_have(family: str, data: st.DataObject) -> None:
    kinds = FAMILIES[family]
    inventory, advisories = data.draw(kinds.inventories()), data.draw(kinds.advisories())
    offered = data.draw(st.none() | kinds.inventories())
    feed = Feed([*advisories, kinds.covered])
    assert_kept(inventory, feed, plan(inventory, feed, available=None if offered is None else offered.packages))


@settings(max_examples=examples(200), deadline=None)
@given(INVENTORIES, ADVISORIES)
def test_versions_only_rise_and_are_named_by_the_feed(inventory: Inventory, advisories: Sequence[Advisory]) -> None:
    named = {r.fixed for one in advisories for entry in one.affected for r in entry.ranges}
    for step in planned(inventory, *advisories, COVERED).steps:
        for change in step.changes:
            if change.becomes is not None:
                before, after = change.package.version, change.becomes.version
                assert after in named
                if change.package.epoch_known:
                    assert vercmp.compare(before, after, scheme=SCHEME_OF_TYPE[change.package.type]) < 0
            else:
                assert kernel_of(change.package) is not None


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_so_do_the_versions_of_any_family_and_of_its_sources(family: str, data: st.DataObject) -> None:
    kinds = FAMILIES[family]
    inventory, advisories = data.draw(kinds.inventories()), data.draw(kinds.advisories())
    for step in planned(inventory, *advisories, kinds.covered).steps:
        for change in step.changes:
            package, later = change.package, change.becomes
            if later is not None:
                own = _compared(package.version, later.version, package.type, package.epoch_known)
                assert own <= 0
                if package.source_version and later.source_version:
                    versions = package.source_version, later.source_version
                    source = _compared(*versions, package.type, package.source_epoch_known)
                    assert own < 0 or source < 0
                    # Where the two are one version, the binary's order, with its epochs, is the source's.
                    assert source <= 0 or later.source_version == later.version


def _compared(before: str, after: str, type: str, epoch: bool) -> int:
    """-1 where a version rises, in an order with epochs or without; what has no order is below everything."""
    left, right = (
        version_key(version, SCHEME_OF_TYPE[type], epoch=epoch) if "not a version" not in version else b""
        for version in (before, after)
    )
    return (left > right) - (left < right)


def _named(finding: Finding) -> tuple[str, Package, str]:
    return finding.instance, finding.package, finding.vulnerability


# ---- commands ----


class TestManagers:
    def test_every_family_has_one(self) -> None:
        for id, family in DISTRIBUTIONS.items():
            manager = manager_of(Distribution(id, "9"))
            assert (manager is None) is (language_of(family.type) is not None)
            assert manager is None or manager.type == family.type

    @pytest.mark.parametrize(
        ("release", "name"),
        [
            ("debian:12", "apt-get"),
            ("ubuntu:22.04", "apt-get"),
            ("rhel:7.9", "yum"),
            ("rhel:8", "dnf"),
            ("amzn:2018.03", "yum"),
            ("amzn:2", "yum"),
            ("amzn:2023", "dnf"),
            ("sles:15.5", "zypper"),
            ("opensuse-leap:15.6", "zypper"),
            ("alpine:3.19", "apk"),
            ("photon:5.0", "tdnf"),
            ("azurelinux:3.0", "tdnf"),
        ],
    )
    def test_of_a_release(self, release: str, name: str) -> None:
        manager = manager_of(Distribution.parse(release))
        assert manager is not None
        assert manager.name == name

    def test_of_an_unknown_one(self) -> None:
        assert manager_of(Distribution("nobody", "1")) is None

    @pytest.mark.parametrize(
        ("name", "exact", "words"),
        [
            ("dnf", True, "dnf -y upgrade bash-1:5.1-2.x86_64"),
            ("dnf", False, "dnf -y upgrade 'bash >= 1:5.1-2'"),
            ("yum", True, "yum -y update bash-1:5.1-2.x86_64"),
            ("yum", False, "yum -y update bash"),
            ("tdnf", True, "tdnf -y update bash-1:5.1-2.x86_64"),
            ("tdnf", False, "tdnf -y update bash"),
            ("zypper", True, "zypper --non-interactive install --name bash=1:5.1-2"),
            ("zypper", False, "zypper --non-interactive install --name 'bash>=1:5.1-2'"),
        ],
    )
    def test_words(self, name: str, exact: bool, words: str) -> None:
        made = planned(host(rpm("bash", "1:5.1-1")), advisory("A-1", affected("bash", "1:5.1-2")))
        assert commands_of(made, name, exact=exact, confirm=False) == [words]

    @pytest.mark.parametrize("name", ["dnf", "yum", "zypper"])
    def test_what_is_of_two_architectures_is_named_once_where_none_is_written(self, name: str) -> None:
        inventory = host(rpm("bash", "5.1-1"), rpm("bash", "5.1-1", arch="i686"))
        (command,) = commands_of(planned(inventory, advisory("A-1", affected("bash", "5.1-2"))), name, exact=False)
        assert command.count("bash") == 1

    def test_apt_get_and_apk(self) -> None:
        item = Item("bash", "5.1-2", "i386")
        assert str(MANAGERS["apt-get"].upgraded([item])) == "apt-get install --only-upgrade bash:i386=5.1-2"
        assert str(MANAGERS["apt-get"].upgraded([item], exact=False)) == "apt-get install --only-upgrade bash:i386"
        assert str(MANAGERS["apk"].upgraded([item])) == "apk upgrade bash"

    def test_apt_get_takes_no_name_for_an_expression(self) -> None:
        manager = MANAGERS["apt-get"]
        words = "apt-get -y -o APT::Cmd::Pattern-Only=true install --only-upgrade libstdc++6=12.2.0-14 bash"
        assert str(manager.upgraded([Item("libstdc++6", "12.2.0-14"), Item("bash")], confirm=False)) == words
        assert manager.without([Item("g++", "4:12.2.0-3", "all")]).words[-1] == "g++:native"
        assert manager.without([Item("g++", "4:12.2.0-3", "amd64")]).words[-1] == "g++:amd64"

    def test_an_epoch_of_zero_is_not_written(self) -> None:
        made = planned(host(rpm("bash", "5.1-1")), advisory("A-1", affected("bash", "0:5.1-2")))
        assert commands_of(made, "dnf") == ["dnf upgrade bash-5.1-2.x86_64"]

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("dnf", "dnf upgrade 'bash >= 5.2'"),
            ("yum", "yum update bash"),
            ("tdnf", "tdnf update bash"),
            ("zypper", "zypper install --name 'bash>=5.2'"),
        ],
    )
    def test_a_version_without_a_release_is_the_least_to_take(self, name: str, words: str) -> None:
        made = planned(host(rpm("bash", "5.1-1")), advisory("A-1", affected("bash", "5.2")))
        assert commands_of(made, name) == [words]

    def test_by_advisory(self) -> None:
        made = planned(
            host(rpm("bash", "5.1-1")),
            advisory("ALSA-2024:1", affected("bash", "5.1-2"), cves=["CVE-2024-1", "CVE-2024-2"]),
        )
        assert commands_of(made, "dnf", by_advisory=True) == ["dnf upgrade --advisory=ALSA-2024:1"]
        assert commands_of(made, "yum", by_advisory=True) == ["yum update --advisory=ALSA-2024:1"]
        assert commands_of(made, "zypper", by_advisory=True) == ["zypper patch --cve=CVE-2024-1 --cve=CVE-2024-2"]
        assert commands_of(made, "tdnf", by_advisory=True) == ["tdnf update bash-5.1-2.x86_64"]

    def test_by_advisory_those_too_that_fix_it_above_the_first_fix(self) -> None:
        made = planned(
            host(rpm("bash", "1.0-1")),
            advisory("A-1", affected("bash", "1.2-1"), cves=["CVE-2024-1"]),
            advisory("A-2", affected("bash", "1.8-1", introduced="1.5-1"), cves=["CVE-2024-1"]),
            advisory("A-3", affected("bash", "1.6-1"), cves=["CVE-2024-3"]),
        )
        (step,) = made.steps
        assert (versions(made), step.advisories) == ({"bash": "1.8-1"}, ("A-1", "A-2", "A-3"))
        assert commands_of(made, "dnf", by_advisory=True) == ["dnf upgrade --advisory=A-2"]

    def test_by_advisory_none_that_a_later_one_replaces(self) -> None:
        made = planned(
            host(rpm("bash", "1.0-1"), rpm("bash-libs", "1.0-1", source_name="bash")),
            advisory("A-1", affected("bash", "1.2-1"), cves=["CVE-2024-1"]),
            advisory("A-2", affected("bash", "1.4-1"), affected("bash-libs", "1.4-1"), cves=["CVE-2024-2"]),
            advisory("A-3", affected("bash-libs", "1.3-1"), cves=["CVE-2024-3"]),
        )
        assert commands_of(made, "dnf", by_advisory=True) == ["dnf upgrade --advisory=A-2"]

    def test_by_name_where_the_versions_are_of_another_release(self) -> None:
        inventory = host(rpm("bash", "1.0-1"))
        made = planned(inventory, advisory("A-1", affected("bash", "1.2-1"), cves=["CVE-2024-1"]))
        report = PlanReport(inventory, made, MANAGERS["dnf"], by_advisory=True, versions_of=UBUNTU)
        (step,) = made.steps
        assert [str(command) for command in report.commands(step)] == ["dnf upgrade bash.x86_64"]
        assert any(f"those of {UBUNTU}" in line for line in render(report, "text"))
        assert any(f"The versions are those of {UBUNTU}" in line for line in render(report, "shell"))
        written = json.loads("".join(render(report, "json")))
        validator("plan").validate(written)
        assert (written["versions_of"]["id"], written["steps"][0]["commands"]) == (
            UBUNTU.id,
            [["dnf", "upgrade", "bash.x86_64"]],
        )

    def test_by_advisory_where_the_records_have_none(self) -> None:
        made = planned(
            host(rpm("bash", "5.1-1")), advisory("REDHAT-CVE-2024-1", affected("bash", "5.1-2"), cves=["CVE-2024-1"])
        )
        assert commands_of(made, "dnf", by_advisory=True) == ["dnf upgrade --cve=CVE-2024-1"]
        nameless = planned(host(rpm("bash", "5.1-1")), advisory("SUSE-1", affected("bash", "5.1-2")))
        assert commands_of(nameless, "zypper", by_advisory=True) == ["zypper install --name bash=5.1-2"]

    def test_packages_of_another_kind_are_nothing_for_it(self) -> None:
        made = planned(host(rpm("bash", "5.1-1")), advisory("A-1", affected("bash", "5.1-2")))
        assert commands_of(made, "apt-get") == []

    HOSTILE = (
        "-y",
        "--root=/",
        "a b",
        "a;reboot",
        "$(reboot)",
        "`reboot`",
        "a\nreboot",
        "a'b",
        "*",
        "@group",
        "/etc/passwd",
        "https://example.org/a.rpm",
        "a=b",
        "a>=1",
        "ä",
        "a\x00",
        "",
        "\u202e",
    )

    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("type", ["deb", "rpm", "apk"])
    def test_what_looks_like_nothing_of_its_family_is_not_written(self, type: str, text: str) -> None:
        assert not is_safe(type, [Item(text, "1-1")])
        assert not is_safe(type, [Item("bash", "1-1", text)]) or text == ""
        assert not is_safe(type, [Item("bash", text)])
        assert not is_safe(type, [], [text])

    def test_a_dash_at_the_end_would_have_apt_get_remove(self) -> None:
        assert not is_safe("deb", [Item("bash-")])
        assert not is_safe("deb", [Item("bash", "1.0-")])
        assert is_safe("deb", [Item("g++", "4:12.2.0-3"), Item("tool", "1.0+b1")])
        own = deb("linux-image-6.1.0", "6.1.27-1", source_name="linux", source_version="6.1.27-1")
        made = planned(host(own, distribution=DEBIAN12), advisory("A-1", debian("linux", "6.1.90-1")))
        assert (made.clears, commands_of(made, "apt-get")) == (1, [])

    @pytest.mark.parametrize("arch", ["noarch", "src", "x86_64", "i586", "aarch64", "ppc64le", "s390x", "armv7hl"])
    def test_an_architecture_at_the_end_would_be_another_package(self, arch: str) -> None:
        assert not is_safe("rpm", [Item(f"bash.{arch}", "5.1-1.el9", arch)])
        assert not is_safe("rpm", [Item("bash", f"5.1-1.el9.{arch}")])
        assert is_safe("rpm", [Item(f"bash-{arch}", "5.1-1.el9", arch), Item(f"bash.{arch}-libs", f"1.{arch}.1-1")])

    @pytest.mark.parametrize(
        ("type", "item"),
        [
            ("rpm", Item("bash.rpm")),
            ("rpm", Item("bash", "5.1-1.rpm")),
            ("rpm", Item("bash", "5.1-1", "rpm")),
            ("apk", Item("bash.apk")),
        ],
    )
    def test_a_file_of_that_name_would_be_installed(self, type: str, item: Item) -> None:
        assert not is_safe(type, [item])

    def test_a_plus_at_the_end_of_a_version_would_have_it_install_the_one_before_it(self) -> None:
        assert not is_safe("deb", [Item("bash", "1.0+")])

    @given(st.text(), st.text(), st.none() | st.text())
    def test_whatever_is_written_is_a_word_and_no_option(self, name: str, version: str, arch: str | None) -> None:
        item = Item(name, version, arch)
        for manager in MANAGERS.values():
            if is_safe(manager.type, [item]):
                for command in (manager.upgraded([item]), manager.installed([item]), manager.without([item])):
                    assert tuple(shlex.split(str(command))) == command.words
                    assert not command.words[-1].startswith("-")

    def test_real_names_and_versions_are_all_written(self, unpacked: Callable[[str], Path]) -> None:
        refused: Counter[str] = Counter()
        for path in unpacked("inventories/hosts").rglob("*.json"):
            for package in inventories.read(path).packages:
                if package.state.on_disk and not is_safe(
                    package.type, [Item(package.name, package.version, package.arch or None)]
                ):
                    refused[f"{package.name} {package.version}"] += 1
        assert not refused


# ---- reports ----


def hostile_plan() -> PlanReport:
    inventory = Inventory(
        ALMA9,
        (rpm("bash", "1-1"), rpm("evil\nreboot", "1-1"), rpm("$(reboot)", "1-1")),
        source="list\nreboot",
    )
    entries = [affected(package.name, "1-2") for package in inventory.packages]
    return PlanReport(inventory, planned(inventory, advisory("A-1", *entries)), MANAGERS["dnf"])


class TestReports:
    def test_text(self) -> None:
        lines = list(render(hostile_plan(), "text"))
        assert all(line.isprintable() for line in lines)
        assert lines[0] == "list\\nreboot: 3 findings: 3 cleared by 3 steps, 0 stay"
        assert "   $ dnf upgrade bash-1-2.x86_64" in lines
        assert sum("no command" in line for line in lines) == 2
        assert lines[1:3] == [
            "warning (coverage-unknown): The plan has no coverage: it does not show what was not checked.",
            "warning (by-hand): 2 steps without a command, to be done by hand.",
        ]

    def test_json(self) -> None:
        report = json.loads("".join(render(hostile_plan(), "json")))
        validator("plan").validate(report)
        assert [step["commands"] for step in report["steps"]] == [[], [["dnf", "upgrade", "bash-1-2.x86_64"]], []]

    def test_the_shell_runs_the_commands_and_nothing_else(self, tmp_path: Path) -> None:
        script, log = tmp_path / "plan.sh", tmp_path / "log"
        lines = list(render(hostile_plan(), "shell"))
        whole = "3 findings cleared by 3 steps, of which this script does not do 2: they are its comments"
        assert lines[1] == f"# list\\nreboot: {whole}"
        script.write_text("\n".join(lines) + "\n")
        for name in ("dnf", "reboot"):
            tool = tmp_path / "bin" / name
            tool.parent.mkdir(exist_ok=True)
            tool.write_text(f'#!/bin/sh\nprintf "%s|" {name} "$@" >> {log}\n')
            tool.chmod(0o755)
        environment = {"PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin"}
        subprocess.run(["sh", str(script)], env=environment, check=True, capture_output=True)
        assert log.read_text() == "dnf|-y|upgrade|bash-1-2.x86_64|"
        subprocess.run(["sh", str(script), "after-restart"], env=environment, check=True, capture_output=True)
        assert log.read_text() == "dnf|-y|upgrade|bash-1-2.x86_64|"
        wrong = subprocess.run(["sh", str(script), "all"], env=environment, check=False, capture_output=True)
        assert wrong.returncode == 2

    def test_the_shell_goes_on_behind_a_step_that_failed_and_says_so(self, tmp_path: Path) -> None:
        inventory = host(rpm("bash", "1-1"), rpm("curl", "1-1"), rpm("zsh", "1-1"))
        records = [advisory(f"A-{name}", affected(name, "1-2")) for name in ("bash", "curl", "zsh")]
        script, log, tool = tmp_path / "plan.sh", tmp_path / "log", tmp_path / "dnf"
        script.write_text(
            "\n".join(render(PlanReport(inventory, planned(inventory, *records), MANAGERS["dnf"]), "shell"))
        )
        tool.write_text(f'#!/bin/sh\necho "$3" >> {log}\n[ "$3" != bash-1-2.x86_64 ]\n')
        tool.chmod(0o755)
        ran = subprocess.run(
            ["sh", str(script)],
            env={"PATH": f"{tmp_path}:/bin:/usr/bin"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert (ran.returncode, ran.stderr) == (1, "failed: dnf -y upgrade bash-1-2.x86_64\n")
        assert log.read_text().split() == ["bash-1-2.x86_64", "curl-1-2.x86_64", "zsh-1-2.x86_64"]

    def test_the_shell_keeps_what_has_to_wait(self) -> None:
        kernels = TestKernels()
        inventory = kernels.kernels(kernels.OLD, kernels.NEW, running=kernels.NEW)
        report = PlanReport(inventory, planned(inventory, kernels.RECORD), MANAGERS["dnf"])
        text = "\n".join(render(report, "shell"))
        before, after = text.split("\nafter-restart)")
        assert "dnf -y upgrade kernel-core" in before
        assert "echo 'restart the machine'" in before
        assert "dnf -y remove kernel-core" in after
        assert "remove" not in before

    @pytest.mark.parametrize("running", [TestKernels.NEW, TestKernels.OLD, "5.14.0-300.el9", None])
    @pytest.mark.parametrize(
        ("runs", "status"),
        [
            ("5.14.0-400.el9.x86_64", 1),
            ("5.14.0-70.el9.x86_64", 1),
            ("5.14.0-70.el9.x86_64+debug", 1),
            ("5.14.0-70.el9_1.x86_64", 0),
            ("5.14.0-500.el9.x86_64", 0),
        ],
    )
    def test_the_shell_removes_no_kernel_that_runs(
        self, tmp_path: Path, running: str | None, runs: str, status: int
    ) -> None:
        kernels = TestKernels()
        inventory = kernels.kernels(kernels.OLD, kernels.NEW, running=running)
        report = PlanReport(inventory, planned(inventory, kernels.RECORD), MANAGERS["dnf"])
        assert self.after_restart(report, tmp_path, runs) == (status, status == 0)

    @pytest.mark.parametrize(("runs", "status"), [("6.1.0-1-amd64", 1), ("6.1.0-18-amd64", 0), ("6.1.0-18-rt", 0)])
    def test_the_shell_removes_none_of_debian(self, tmp_path: Path, runs: str, status: int) -> None:
        images = [deb(f"linux-image-6.1.0-{one}-amd64", f"6.1.{one}-1", source_name="linux") for one in (1, 18)]
        inventory = host(*images, distribution=DEBIAN12)
        made = planned(inventory, advisory("A-1", affected(images[0].name, "6.1.18-1", distribution=DEBIAN12)))
        report = PlanReport(inventory, made, MANAGERS["apt-get"])
        assert self.after_restart(report, tmp_path, runs) == (status, status == 0)

    @pytest.mark.parametrize(("runs", "status"), [("6.4.0-150600.23.7-default", 1), ("6.4.0-150600.23.17-default", 0)])
    def test_the_shell_removes_none_of_suse(self, tmp_path: Path, runs: str, status: int) -> None:
        leap = Distribution("opensuse-leap", "15.6")
        inventory = host(
            *(rpm("kernel-default", f"6.4.0-150600.23.{one}.1") for one in (7, 17)),
            distribution=leap,
        )
        record = affected("kernel-default", "6.4.0-150600.23.17.1", distribution=leap)
        report = PlanReport(inventory, planned(inventory, advisory("A-1", record)), MANAGERS["zypper"])
        assert self.after_restart(report, tmp_path, runs) == (status, status == 0)

    def after_restart(self, report: PlanReport, folder: Path, runs: str) -> tuple[int, bool]:
        """The script's exit status and whether it expected for anything where such a kernel runs."""
        assert report.manager is not None
        log = folder / "log"
        for name, does in (("uname", f"echo {runs}"), (report.manager.name, f'echo "$*" >> {log}')):
            (folder / name).write_text(f"#!/bin/sh\n{does}\n")
            (folder / name).chmod(0o755)
        script = "\n".join(render(report, "shell")).encode()
        ran = subprocess.run(
            ["sh", "-s", "after-restart"],
            input=script,
            env={"PATH": f"{folder}:/bin:/usr/bin"},
            check=False,
            capture_output=True,
        )
        return ran.returncode, log.exists()

    def test_without_a_package_manager(self) -> None:
        report = hostile_plan()
        lines = list(render(PlanReport(report.inventory, report.plan, None), "text"))
        assert sum("no command" in line for line in lines) == 3


# ---- restarts ----


@pytest.mark.parametrize(
    ("package", "restart"),
    [
        (rpm("kernel-core", "5-1"), Restart.MACHINE),
        (rpm("kernel-headers", "5-1"), None),
        (rpm("linux-firmware", "5-1"), Restart.MACHINE),
        (deb("intel-microcode", "5-1"), Restart.MACHINE),
        (rpm("glibc", "5-1"), Restart.SERVICES),
        (deb("libc6", "5-1"), Restart.SERVICES),
        (rpm("openssl-libs", "5-1"), Restart.SERVICES),
        (deb("libssl1.1", "5-1"), Restart.SERVICES),
        (deb("libssl3t64", "5-1"), Restart.SERVICES),
        (rpm("systemd", "5-1"), Restart.SERVICES),
        (rpm("dbus-broker", "5-1"), Restart.SERVICES),
        (rpm("bash", "5-1"), None),
        (rpm("glibc-headers", "5-1"), None),
    ],
)
def test_what_has_to_be_restarted(package: Package, restart: Restart | None) -> None:
    row = row_of(package)
    assert (row and row.restart) == restart
    assert restarts_machine(package) == (restart is Restart.MACHINE)


def test_the_page_shows_the_tables() -> None:
    page = (ROOT / "docs/guide/fixing.md").read_text()
    for row in (KERNEL, *ROWS, OF_LANGUAGES):
        names = " ".join(f"`{name}`" for name in row.names.split()).replace("|", "\\|")
        assert f"\n| {row.restart.value} | {row.what} | {names} | {row.why} |\n" in page
    assert page.count("\n| machine | ") + page.count("\n| services | ") == len(ROWS) + 2
    for name, manager in MANAGERS.items():
        version, arch = {"deb": ("2.0-1", None), "rpm": ("2.0-1.el9", "x86_64"), "apk": ("2.0-r0", None)}[manager.type]
        tool = [Item("tool", version, arch)]
        cells = (
            manager.upgraded(tool),
            manager.upgraded(tool, exact=False),
            manager.installed(tool),
            manager.without(tool),
            manager.for_advisories(["ALSA-2024:1"], []) or manager.for_advisories([], ["CVE-2024-1"]),
        )
        shown = " | ".join("" if command is None else f"`{command}`" for command in cells)
        assert f"\n| {name} | {shown} |\n" in page


def test_microcode_asks_for_the_machine() -> None:
    (finding,) = match(host(rpm("microcode_ctl", "1-1")), Feed([advisory("A-1", affected("microcode_ctl", "1-2"))]))
    assert finding.restart_required


def test_every_row_of_the_table_is_of_real_packages(unpacked: Callable[[str], Path]) -> None:
    names = {
        package.name
        for path in unpacked("inventories/hosts").rglob("*.json")
        for package in inventories.read(path).packages
    }
    for row in ROWS:
        assert any(row.holds(name) for name in names), row.what


# ---- real hosts ----


@pytest.mark.parametrize("name", ["alma_9.json", "rocky_9.json", "oracle_9.json"])
def test_real_hosts_are_clean_on_paper(name: str, almalinux: Feed, unpacked: Callable[[str], Path]) -> None:
    (path,) = unpacked("inventories/hosts").rglob(name)
    inventory = inventories.read(path)
    policy = MatchPolicy(judge_as=Distribution.parse("almalinux:9"))
    found = match(inventory, almalinux, policy)
    made = plan(inventory, almalinux, policy, order=Order.GAIN)
    assert (made.clears, made.stays) == (len(found), ())
    assert [step.gain for step in made.steps] == sorted([step.gain for step in made.steps], reverse=True)
    assert len(match(made.after, almalinux, policy)) == len(made.brings) == 0
    assert len({instance_of(change.package) for step in made.steps for change in step.changes}) >= len(
        {finding.instance for finding in found}
    )


def test_fixes_for_pro_alone_stay_on_a_host_without_it(
    ubuntu_oval: Callable[[str], Path], unpacked: Callable[[str], Path]
) -> None:
    feed = read_feed(ubuntu_oval("trusty"))
    (path,) = unpacked("inventories/hosts").rglob("ubuntu_1404.json")
    inventory = inventories.read(path)
    made = plan(inventory, feed)
    built_for_pro = [finding for finding in match(inventory, feed) if "esm" in (finding.fixed_version or "")]
    assert len(built_for_pro) > 100
    needing = [stay.finding for stay in made.stays if stay.reason is StayReason.NEEDS_CHANNEL]
    # Of some packages the definitions name a public version too that is later than the one built for Pro.
    cleared = {_named(finding) for step in made.steps for finding in step.clears}
    assert {_named(finding) for finding in built_for_pro} <= cleared | {_named(finding) for finding in needing}
    assert {_named(finding) for finding in needing} <= {_named(finding) for finding in built_for_pro}
    assert not any("esm" in (becomes or "") for becomes in versions(made).values())
    assert len(match(made.after, feed)) == len(made.stays) + len(made.brings)
    policy = MatchPolicy(judge_as=Distribution.parse("ubuntu:14.04+esm-infra"))
    entitled = plan(inventory, feed, policy)
    assert entitled.clears > made.clears
    assert StayReason.NEEDS_CHANNEL not in {stay.reason for stay in entitled.stays}


class TestWarnings:
    """Rule 8: what an upgrade leaves."""

    @staticmethod
    def warnings(distribution: Distribution, name: str, version: str, fixed: str) -> tuple[str, ...]:
        released = filed_under(distribution)
        package = Package("rpm", name, version, "x86_64", source_name=name, source_version=version)
        record = Affected(name, "rpm", released, Names.BINARY, (Range(None, fixed),), fix_state=FixState.FIXED)
        feed = Feed([Advisory("A-1", Kind.SECURITY, ("CVE-2024-1000",), (record,))])
        (step,) = plan(Inventory(distribution, (package,), None, "a list", "test"), feed).steps
        return step.warnings

    def test_a_minor_release(self) -> None:
        leaves = "bash leaves the minor release 9.4 for 9.5"
        assert self.warnings(Distribution("rhel", "9.4"), "bash", "1-1.el9_4", "2-1.el9_5") == (leaves,)
        assert self.warnings(Distribution("rhel", "9"), "bash", "1-1.el9_4", "2-1.el9_5") == (leaves,)
        assert self.warnings(Distribution("rhel", "9.5"), "bash", "1-1.el9_4", "2-1.el9_5") == ()
        assert self.warnings(Distribution("rhel", "9.4"), "bash", "1-1.el9_4", "2-1.el9_4") == ()
        assert self.warnings(Distribution("rhel", "9.4"), "bash", "1-1.el9", "2-1.el9_4") == ()

    def test_a_line_that_nothing_shows(self) -> None:
        distribution = Distribution("amzn", "2")
        package = Package("rpm", "runc", "1.1.7-4.amzn2", "x86_64")
        record = Affected("runc", "rpm", distribution, Names.BINARY, (Range(None, "1.1.11-1.amzn2"),), channel="docker")
        feed = Feed([Advisory("ALAS2DOCKER-1", Kind.SECURITY, ("CVE-2024-1000",), (record,))])
        (step,) = plan(Inventory(distribution, (package,), None, "a list", "test"), feed).steps
        assert step.warnings == ("nothing shows which line of builds runc is of: the fix may be of another",)
