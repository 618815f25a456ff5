"""The command ``advisories``: paths in, a report out, and an exit status.

Exit status: 0 done; 1 findings at or above ``--fail-on``; 2 wrong usage, unreadable input, or rejected records with
``--strict``; 3 the feed does not cover the inventory's release. Only this module prints and exits.
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from advisories.reports import FORMATS

if TYPE_CHECKING:
    from advisories.feed import Feed
    from advisories.models import Findings, Inventory, Rejection

__all__ = ["main"]

_DONE: Final = 0
_FOUND: Final = 1
_WRONG: Final = 2
_NOT_COVERED: Final = 3
# 128 and the number of SIGINT, as shells say it.
_INTERRUPTED: Final = 130

# How many rejections are shown one by one on standard error; the JSON report has all.
_SHOWN: Final = 20

_PRIORITIES: Final = ("high", "medium", "low")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (the process's own by default) and return its exit status."""
    options = _parser().parse_args(arguments)
    if sys.stdin is None or sys.stdout is None:
        return _wrong("standard input and output must be open")
    # Half of the reading time would go into looking for cycles among millions of new objects; there are none.
    gc.disable()
    try:
        return _match(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        gc.enable()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="advisories", description="Installed packages against what is known to be vulnerable."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "match",
        help="what is affected, why, how bad it is, and what clears it",
        description="Match a package list against advisories.",
        epilog="Exit status: 0; 1 findings at or above --fail-on; 2 wrong usage, unreadable input, or rejected records "
        "with --strict; 3 the feed does not cover the release.",
    )
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--inventory", metavar="PATH", help="a package list; - is standard input")
    what.add_argument("--host", action="store_true", help="this machine's own package database")
    command.add_argument(
        "--feed",
        metavar="PATH",
        action="append",
        required=True,
        help="advisories: a file, a folder, a zip archive, or - for standard input; may be repeated",
    )
    command.add_argument("--distro", metavar="ID:RELEASE", help="the distribution, such as almalinux:9")
    command.add_argument("--running-kernel", metavar="RELEASE", help="what uname -r says on that host")
    command.add_argument("--format", choices=tuple(FORMATS), default="text", help="the report's format (text)")
    command.add_argument("--fail-on", choices=_PRIORITIES, help="exit with 1 if there are findings this urgent or more")
    command.add_argument("--strict", action="store_true", help="rejected records and packages are an error")
    return parser


def _match(options: argparse.Namespace) -> int:
    from advisories.errors import AdvisoriesError

    if options.inventory == "-" and "-" in options.feed:
        return _wrong("standard input can be the inventory or a feed, not both")
    try:
        return _report(options)
    except AdvisoriesError as error:
        return _wrong(str(error))


def _report(options: argparse.Namespace) -> int:
    from advisories.distributions import from_option
    from advisories.feed import Feed
    from advisories.feeds import read, read_stream
    from advisories.matching import MatchPolicy, match
    from advisories.reports import Report, render

    judge_as = from_option(options.distro) if options.distro else None
    inventory = _inventory(options)
    if inventory.distribution is None and judge_as is None:
        return _wrong(f"{inventory.source}: the list does not say of which distribution it is; say --distro ID:RELEASE")
    feed = Feed.from_readings(read_stream(sys.stdin.buffer) if path == "-" else read(path) for path in options.feed)
    rejections = _say_rejections(inventory, feed)
    if rejections and options.strict:
        return _wrong(f"{rejections} rejected, and --strict makes that an error")
    findings = match(inventory, feed, MatchPolicy(judge_as=judge_as))
    try:
        _print(render(Report(inventory, feed, findings, _width()), options.format))
    except BrokenPipeError:
        # Whoever read our output has seen enough; the verdict stands.
        _abandon_output()
    except OSError as error:
        _abandon_output()
        return _wrong(f"standard output: {error.strerror or error}")
    if not findings.coverage.covered:
        releases = ", ".join(str(release) for release in feed.releases) or "no release"
        _say(f"NOT COVERED: the feed has no advisories of {findings.coverage.judged_as}, but of {releases}")
        return _NOT_COVERED
    return _FOUND if options.fail_on and _reaches(findings, options.fail_on) else _DONE


def _inventory(options: argparse.Namespace) -> "Inventory":
    from attrs import evolve

    from advisories import inventories
    from advisories.distributions import from_option

    if options.host:
        from advisories.host import this_host

        inventory = this_host()
    elif options.inventory == "-":
        inventory = inventories.read_stream(sys.stdin.buffer)
    else:
        inventory = inventories.read(options.inventory)
    if options.running_kernel:
        inventory = evolve(inventory, running_kernel=options.running_kernel)
    if options.distro and inventory.distribution is None:
        inventory = evolve(inventory, distribution=from_option(options.distro), distribution_source="--distro")
    return inventory


def _say_rejections(inventory: "Inventory", feed: "Feed") -> int:
    """Name what was refused on standard error; how many there were."""
    rejections: list[Rejection] = [
        rejection
        for report in ((inventory.report,) if inventory.report else ()) + feed.reports
        for rejection in report.rejections
    ]
    for rejection in rejections[:_SHOWN]:
        _say(str(rejection))
    if len(rejections) > _SHOWN:
        _say(f"and {len(rejections) - _SHOWN} more; the JSON report names all")
    return len(rejections)


def _reaches(findings: "Findings", least: str) -> bool:
    rank = _PRIORITIES.index(least)
    return any(finding.priority.rank <= rank for finding in findings)


def _width() -> int | None:
    """The terminal's columns; None where standard output is no terminal, and lines may be long."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _print(lines: Iterable[str]) -> None:
    # A terminal or a pipe of another encoding gets what it cannot show escaped, not a traceback.
    encoding = sys.stdout.encoding or "utf-8"
    write = sys.stdout.buffer.write
    for line in lines:
        write(line.encode(encoding, "backslashreplace") + b"\n")
    sys.stdout.flush()


def _abandon_output() -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _say(text: str) -> None:
    shown = text if text.isprintable() else ascii(text)[1:-1]
    print(f"advisories: {shown}", file=sys.stderr)


def _wrong(text: str) -> int:
    _say(text)
    return _WRONG
