"""``advisories list``: what was read of an image, a root file system or a package list, for other programs too."""

import argparse
import os
from datetime import UTC, datetime

from advisories.cli.inputs import partial_status, read_list, strict_status
from advisories.cli.options import add_flag, add_format, add_limit, add_packages, add_width
from advisories.cli.outputs import add_outputs, check_outputs, formats_of, write_reports
from advisories.cli.terminal import FAILED, UsageProblem, columns, is_terminal, warn
from advisories.sources.dates import moment_of

__all__ = ["HELP", "add_options", "run"]


HELP = """\
the packages of an image, a root file system or a list, as an SBOM or a table

Read what match reads, and write what was found. Every other command reads it
back as the same list.

example:
  advisories list image.tar -o cyclonedx=image.cdx.json -o tsv=image.tsv

exit status:
  0 done
  2 wrong usage, unreadable input, output that cannot be written, or with
    --strict anything rejected
"""

# What people write for a format, and what is meant.
_MEANT = {
    "json": "syft",
    "syft-json": "syft",
    "cyclonedx-json": "cyclonedx",
    "cdx": "cyclonedx",
    "spdx-json": "spdx",
    "purl": "purls",
    "table": "text",
    "csv": "tsv",
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    from advisories.reports.registry import formats

    add_packages(command)
    add_format(command, formats("list"), "text on a terminal, else tsv", _MEANT)
    add_outputs(command, formats("list"))
    add_width(command)
    add_limit(command)
    add_flag(command, "--strict", "exit with 2 where a package was rejected")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.inventory import ListReport
    from advisories.reports.losses import losses

    check_outputs(options, [path for path in (options.inventory, *options.sources) if path is not None])
    inventory, rejected = read_list(options)
    usual = "text" if is_terminal() else "tsv"
    if not write_reports(ListReport(inventory, _now(), columns(options)), options, usual):
        return FAILED
    for format in formats_of(options, usual):
        for loss in losses(inventory, format):
            warn(f"{format}: {loss}")
    failed = partial_status(inventory, options)
    return strict_status(rejected, strict=options.strict) or failed


def _now() -> datetime:
    """The time, or that of ``SOURCE_DATE_EPOCH``. Source: reproducible-builds.org, its specification."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return datetime.now(UTC) if given is None else moment_of(int(given))
    except (ValueError, OverflowError):
        raise UsageProblem(f"SOURCE_DATE_EPOCH: {given!r} is no number of seconds") from None
