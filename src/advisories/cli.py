"""The command ``advisories``: paths in, a report or a store out, and an exit status.

Exit status: 0 done; 1 findings at or above ``--fail-on``; 2 wrong usage, unreadable input, output that cannot be
written, a damaged store, or rejected records with ``--strict``; 3 the feed does not cover the inventory's release. Only
this module prints and exits.
"""

import argparse
import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from advisories.errors import AdvisoriesError
from advisories.reports import FORMATS

if TYPE_CHECKING:
    from advisories.feed import Feed
    from advisories.feeds import Reading
    from advisories.matching import MatchPolicy
    from advisories.models import Findings, Inventory, ReadReport, Rejection
    from advisories.store.checking import Checked
    from advisories.store.compiling import Compiled, Progress
    from advisories.store.reader import Provenance

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
        status: int = options.run(options)
        return status
    except AdvisoriesError as error:
        return _wrong(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        gc.enable()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="advisories", description="Installed packages against what is known to be vulnerable."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_match(commands)
    _add_explain(commands)
    _add_compile(commands)
    _add_check(commands)
    _add_lint(commands)
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_match(commands: _Commands) -> None:
    command = commands.add_parser(
        "match",
        help="what is affected, why, how bad it is, and what clears it",
        description="Match a package list against advisories.",
        epilog="Exit status: 0; 1 findings at or above --fail-on; 2 wrong usage, unreadable input, or rejected records "
        "with --strict; 3 the feed does not cover the release.",
    )
    _add_inputs(command)
    command.add_argument("--format", choices=tuple(FORMATS), default="text", help="the report's format (text)")
    command.add_argument("--fail-on", choices=_PRIORITIES, help="exit with 1 if there are findings this urgent or more")
    command.set_defaults(run=_match)


def _add_inputs(command: argparse.ArgumentParser) -> None:
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--inventory", metavar="PATH", help="a package list; - is standard input")
    what.add_argument("--host", action="store_true", help="this machine's own package database")
    command.add_argument(
        "--feed",
        metavar="PATH",
        action="append",
        required=True,
        help="advisories: a file, a folder, an archive, a store, or - for standard input; may be repeated",
    )
    command.add_argument("--distro", metavar="ID:RELEASE", help="the distribution, such as almalinux:9")
    command.add_argument("--running-kernel", metavar="RELEASE", help="what uname -r says on that host")
    command.add_argument("--strict", action="store_true", help="rejected records and packages are an error")


def _add_explain(commands: _Commands) -> None:
    command = commands.add_parser(
        "explain",
        help="why a package has a finding of a vulnerability, or has none",
        description="Each record of a vulnerability, the rule that decided, and the versions in their order.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, no such package in the list, or rejected records with "
        "--strict.",
    )
    command.add_argument("package", metavar="PACKAGE", help="a binary package, or the source package it is built from")
    command.add_argument("vulnerability", metavar="ID", help="a CVE, another id of it, or the id of an advisory")
    _add_inputs(command)
    command.set_defaults(run=_explain)


def _add_compile(commands: _Commands) -> None:
    command = commands.add_parser(
        "compile",
        help="advisories into a store that opens at once",
        description="Read advisories and write them as one file, a store, for match --feed and for SQL. Sources that "
        "have not changed since the store was written are taken over from it.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, output that cannot be written, or rejected records "
        "with --strict. Whatever was there before is whole until the new store is.",
    )
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    command.add_argument("-o", "--output", metavar="PATH", required=True, help="the store to write or replace")
    command.add_argument("--strict", action="store_true", help="rejected records are an error, and nothing is written")
    command.set_defaults(run=_compile)


def _add_check(commands: _Commands) -> None:
    command = commands.add_parser(
        "check",
        help="whether a store is whole, and where it came from",
        description="Verify all of a store, and print its sources, what was rejected of them, and its lint.",
        epilog="Exit status: 0; 2 it is damaged, or no store of this version.",
    )
    command.add_argument("store", metavar="PATH", help="the store")
    command.set_defaults(run=_check)


def _add_lint(commands: _Commands) -> None:
    command = commands.add_parser(
        "lint",
        help="what is wrong with advisories: what was refused, and flaws of what was kept",
        description="Read advisories, and say what was refused or left aside and why, and which records that were kept "
        "contradict others or have versions that are refused, warned of, upside down, without epoch or lower bound.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, or with --strict anything refused or flawed.",
    )
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="the report's format (text)")
    command.add_argument("--strict", action="store_true", help="what is refused or flawed is an error")
    command.set_defaults(run=_lint)


# ---- match ----


def _match(options: argparse.Namespace) -> int:
    from advisories.matching import match
    from advisories.reports import Report, render

    asked = _asked(options)
    if isinstance(asked, int):
        return asked
    inventory, feed, policy = asked
    findings = match(inventory, feed, policy)
    if not _printed(render(Report(inventory, feed, findings, _width()), options.format)):
        return _WRONG
    if not findings.coverage.covered:
        releases = ", ".join(str(release) for release in feed.releases) or "no release"
        _say(f"NOT COVERED: the feed has no advisories of {findings.coverage.judged_as}, but of {releases}")
        return _NOT_COVERED
    return _FOUND if options.fail_on and _reaches(findings, options.fail_on) else _DONE


def _explain(options: argparse.Namespace) -> int:
    from advisories.explaining import explain

    asked = _asked(options)
    if isinstance(asked, int):
        return asked
    explanations = explain(*asked[:2], options.package, options.vulnerability, asked[2])
    if not explanations:
        return _wrong(f"{asked[0].source}: no package {options.package} in the list")
    return _DONE if _printed(map(str, explanations)) else _WRONG


def _asked(options: argparse.Namespace) -> "tuple[Inventory, Feed, MatchPolicy] | int":
    """What to match, said what was rejected of it; an exit status where it cannot be."""
    if options.inventory == "-" and "-" in options.feed:
        return _wrong("standard input can be the inventory or a feed, not both")
    from advisories.distributions import from_option
    from advisories.matching import MatchPolicy

    judge_as = from_option(options.distro) if options.distro else None
    inventory = _inventory(options)
    if inventory.distribution is None and judge_as is None:
        which = inventory.distribution_source or "the list does not say of which distribution it is"
        return _wrong(f"{inventory.source}: {which}; say --distro ID:RELEASE")
    feed = _feed(options.feed)
    reports = ((inventory.report,) if inventory.report else ()) + feed.reports
    rejections = _say_rejections(reports, "the JSON report of match names all")
    if rejections and options.strict:
        return _wrong(f"{rejections} rejected, and --strict makes that an error")
    return inventory, feed, MatchPolicy(judge_as=judge_as)


def _feed(paths: Sequence[str]) -> "Feed":
    from advisories.feed import Feed
    from advisories.feeds.documents import is_database

    if len(paths) == 1 and is_database(paths[0]):
        return Feed.open(paths[0])
    return Feed.from_readings(map(_reading, paths))


def _reading(path: str) -> "Reading":
    from advisories.feeds import read, read_stream
    from advisories.feeds.documents import is_database

    if path == "-":
        return read_stream(sys.stdin.buffer)
    if is_database(path):
        from advisories.store.as_source import StoreReading

        return StoreReading(path)
    return read(path)


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


def _reaches(findings: "Findings", least: str) -> bool:
    rank = _PRIORITIES.index(least)
    return any(finding.priority.rank <= rank for finding in findings)


# ---- compile and check ----


def _compile(options: argparse.Namespace) -> int:
    from advisories.store.compiling import read_sources, write_store

    progress, end_progress = _progress()
    try:
        sources = read_sources(options.sources, options.output, standard_input=sys.stdin.buffer, progress=progress)
    finally:
        end_progress()
    reports = [source.report for source in sources]
    rejections = _say_rejections(reports, "advisories check names all")
    if rejections and options.strict:
        return _wrong(f"{rejections} rejected, and --strict makes that an error")
    compiled = write_store(sources, options.output)
    return _DONE if _printed(map(_printable, _summary(compiled))) else _WRONG


def _progress() -> "tuple[Progress | None, Callable[[], None]]":
    """What to tell progress, and what to call at its end: one line of a terminal, rewritten; nothing elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None, lambda: None
    import shutil

    width = shutil.get_terminal_size().columns - 1

    def show(text: str) -> None:
        sys.stderr.write(f"\r{text[:width]:{width}}\r")
        sys.stderr.flush()

    return lambda source, records: show(_printable(f"{source}: {records} records")), lambda: show("")


def _summary(compiled: "Compiled") -> Iterator[str]:
    for source in compiled.sources:
        report = source.report
        how = f"unchanged, taken over from {compiled.path}" if source.is_taken else "read"
        yield f"{report.source}: {report.kept} of {report.read} records kept, {report.rejected} refused ({how})"
    releases = ", ".join(str(release) for release in compiled.feed.releases) or "no release"
    number = len(compiled.feed)
    yield f"{compiled.path}: {number} {'advisory' if number == 1 else 'advisories'} of {releases}"


def _check(options: argparse.Namespace) -> int:
    from advisories.store.checking import check_store

    checked = check_store(options.store)
    printed = _printed(map(_printable, _verdict(options.store, checked)))
    return _DONE if printed and not checked.problems else _WRONG


def _verdict(path: str, checked: "Checked") -> Iterator[str]:
    for step in checked.steps:
        yield f"ok: {step}"
    for problem in checked.problems:
        yield f"WRONG: {problem}"
    for source in checked.provenance:
        yield from _told(source)
    kinds = Counter([flaw.kind.value for flaw in checked.flaws])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield f"lint: {counted or 'nothing'}"
    for flaw in checked.flaws:
        yield f"  {flaw}"
    yield f"{path}: {'damaged' if checked.problems else 'whole'}"


def _told(source: "Provenance") -> Iterator[str]:
    report = source.report
    yield f"source: {report.source} ({report.format}), SHA-256 {source.digest}"
    yield f"  {report.read} records read, {report.kept} kept, {report.rejected} refused"
    for rejection in report.rejections:
        yield f"  refused ({rejection.extent.value}): {rejection}"
    for why, times in report.skips:
        yield f"  left aside ({times}): {why}"


def _lint(options: argparse.Namespace) -> int:
    from advisories.reports import lint

    feed = _feed(options.sources)
    lines = lint.as_json(feed) if options.format == "json" else map(_printable, lint.as_text(feed))
    if not _printed(lines):
        return _WRONG
    wrong = len(feed.flaws) + sum([len(report.rejections) for report in feed.reports])
    if wrong and options.strict:
        return _wrong(f"{wrong} refused or flawed, and --strict makes that an error")
    return _DONE


# ---- the terminal ----


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


def _say_rejections(reports: Iterable["ReadReport"], where: str) -> int:
    """Name what was refused on standard error, and where all of it is named; how many there were."""
    rejections: list[Rejection] = [rejection for report in reports for rejection in report.rejections]
    for rejection in rejections[:_SHOWN]:
        _say(str(rejection))
    if len(rejections) > _SHOWN:
        _say(f"and {len(rejections) - _SHOWN} more; {where}")
    return len(rejections)


def _printed(lines: Iterable[str]) -> bool:
    """Print lines on standard output; whether whoever reads it got them, or has seen enough."""
    try:
        _print(lines)
    except BrokenPipeError:
        # The verdict stands.
        _abandon_output()
    except OSError as error:
        _abandon_output()
        _say(f"standard output: {error.strerror or error}")
        return False
    return True


def _abandon_output() -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]


def _say(text: str) -> None:
    print(f"advisories: {_printable(text)}", file=sys.stderr)


def _wrong(text: str) -> int:
    _say(text)
    return _WRONG
