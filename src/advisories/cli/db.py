"""``advisories db``: what the cache has, and what differs between two feeds."""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from advisories.cli.cached import cache_of
from advisories.cli.options import add_cache, add_limit, not_empty, one_of
from advisories.cli.terminal import DONE, FAILED, UsageProblem, print_lines, warn, warn_of_rejections

if TYPE_CHECKING:
    from advisories.index.feed import Feed
    from advisories.models.advisories import Advisory, Affected
    from advisories.models.findings import Finding, Findings, PackageResult
    from advisories.models.packages import Package
    from advisories.sources.limits import Limits

__all__ = ["HELP", "add_options", "run"]

_ACTIONS = ("status", "search", "diff")

HELP = """\
what the cache has, and what differs between two feeds

status shows each store with its feeds, their dates and what verified them.
search finds advisories by id, CVE or package, which may be globs. diff shows
which advisories are in, out or changed between two feeds, and with a package
list which findings come and go.

example:
  advisories db diff yesterday.db today.db --inventory packages.txt

exit status:
  0 done, also where nothing is found or nothing differs
  2 wrong usage, unreadable input, or a cache that is damaged
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("action", metavar="status|search|diff", type=one_of("action", _ACTIONS), help="what to do")
    command.add_argument(
        "words", metavar="ID|FEED", nargs="*", help="search: ids, CVEs or packages; diff: the two feeds"
    )
    command.add_argument("--feed", metavar="PATH", action="append", default=[], help="search: here (the whole cache)")
    command.add_argument(
        "--inventory", metavar="PATH", type=not_empty, help="diff: a package list; - is standard input"
    )
    command.add_argument("--distro", metavar="ID:RELEASE", help="diff: match as this release")
    add_cache(command)
    add_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if options.action == "status":
        if options.words:
            raise UsageProblem(f"db status takes no words: {' '.join(options.words)}")
        return _printed(_status(options))
    if options.action == "search":
        if not all(options.words or [""]):
            raise UsageProblem("db search takes an id, a CVE or a package")
        return _printed(_search(options))
    if len(options.words) != 2:
        raise UsageProblem("db diff takes two feeds, the older one first")
    return _printed(_diff(options))


def _printed(lines: Iterator[str]) -> int:
    return DONE if print_lines(lines) else FAILED


def _status(options: argparse.Namespace) -> Iterator[str]:
    cache = cache_of(options)
    manifest = cache.manifest()
    if not manifest.stores:
        warn(f"{cache.path}: nothing is there yet: advisories fetch DISTRO")
    for store in manifest.stores.values():
        where = cache.checked(store)
        yield f"{store.unit}: {sum(store.kept):,} records, compiled {store.compiled:%Y-%m-%d %H:%M} UTC: {where}"
        for name, kept, newest in zip(store.feeds, store.kept, store.newest, strict=True):
            feed = manifest.feeds[name]
            when = f", the newest of {newest:%Y-%m-%d}" if newest else ", without dates"
            by = f" by the mirror {feed.mirror}" if feed.mirror else ""
            yield f"  {name}: {kept:,} records{when}, as of {feed.checked:%Y-%m-%d %H:%M} UTC{by}: {feed.address}"
            verified = sorted({one for file in feed.files for one in file.verified})
            unverified = sorted({one for file in feed.files for one in file.unverified})
            yield f"    verified: {', '.join(['TLS', *verified])}"
            if unverified:
                yield f"    not verified: {', '.join(unverified)}"


def _feeds(options: argparse.Namespace) -> list[str]:
    if options.feed:
        return list(options.feed)
    cache = cache_of(options)
    found = [cache.checked(store) for store in cache.manifest().stores.values()]
    if not found:
        raise UsageProblem(f"{cache.path}: nothing is there yet. Fetch it, or add --feed PATH")
    return found


def _search(options: argparse.Namespace) -> Iterator[str]:
    from advisories.cli.inputs import limits_of

    words: list[str] = options.words
    count = 0
    for path in _feeds(options):
        for advisory in _read(path, limits_of(options)):
            named = _has(words, (advisory.id, *advisory.cves, *advisory.aliases))
            for entry in advisory.affected:
                if named or _has(words, (entry.package,)):
                    count += 1
                    yield _found(advisory, entry)
    if not count:
        warn(f"nothing is called {' or '.join(words)}")


def _read(path: str, limits: "Limits") -> "Feed":
    """A feed. What was rejected of it is printed: it may be what you look for, or what seems to be out."""
    from advisories.cli.inputs import read_feed

    feed = read_feed([path], limits)
    warn_of_rejections(feed.reports, f"advisories lint {path} has them all")
    return feed


def _has(words: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), word.lower()) for word in words for name in names)


def _found(advisory: "Advisory", entry: "Affected") -> str:
    also = [cve for cve in advisory.cves if cve != advisory.id]
    cves = f" ({', '.join(also[:3])}{', ...' if len(also) > 3 else ''})" if also else ""
    fixed = sorted({one.fixed for one in entry.ranges if one.fixed is not None})
    state = "not affected" if entry.negative else f"fixed in {', '.join(fixed)}" if fixed else entry.fix_state.value
    return f"{advisory.id}{cves}: {entry.package} of {entry.distribution}: {state}"


def _diff(options: argparse.Namespace) -> Iterator[str]:
    from advisories.cli.inputs import limits_of
    from advisories.index.differences import changes

    limits = limits_of(options)
    old, new = (_read(path, limits) for path in options.words)
    counts = Counter[str]()
    for change in changes(old, new):
        counts[change.what] += 1
        packages = ", ".join(change.packages[:5]) + (", ..." if len(change.packages) > 5 else "")
        how = f" ({', '.join(change.fields)})" if change.fields else ""
        yield f"{change.what}: {change.id}{how}: {packages or 'no package'}"
    yield f"advisories: {counts['in']} in, {counts['out']} out, {counts['changed']} changed, of {len(old)} before"
    if options.inventory:
        yield from _findings(options, old, new)


def _findings(options: argparse.Namespace, old: "Feed", new: "Feed") -> Iterator[str]:
    from advisories.cli.inputs import limits_of, read_packages
    from advisories.matching.match import MatchPolicy, match
    from advisories.models.distribution import Distribution
    from advisories.models.findings import PackageClass

    inventory = read_packages(options.inventory, limits_of(options))
    if inventory.report is not None:
        warn_of_rejections([inventory.report], f"advisories list {options.inventory} has them all")
    judge_as = Distribution.parse(options.distro) if options.distro else None
    if inventory.distribution is None and judge_as is None:
        raise UsageProblem(f"{inventory.source}: the list does not show its distribution. Add --distro ID:RELEASE")
    policy = MatchPolicy(judge_as=judge_as)
    matched = [match(inventory, feed, policy) for feed in (old, new)]
    for path, one in zip(options.words, matched, strict=True):
        counts = one.coverage.counts
        if counts[PackageClass.NOT_COVERED] == one.coverage.packages - counts[PackageClass.NOT_INSTALLED]:
            what = judge_as or inventory.distribution or "these packages"
            raise UsageProblem(f"{path}: no advisories of {what}, so which findings come and go is not known")
    before, after = ({_key(one): one for one in findings} for findings in matched)
    was, now = (dict(findings.coverage.judged()) for findings in matched)
    for key in sorted(after.keys() - before.keys()):
        yield f"comes: {after[key].vulnerability}: {after[key].cause}{_open(matched[0], was, old, after[key], 'was')}"
    for key in sorted(before.keys() - after.keys()):
        yield f"goes: {before[key].vulnerability}: {before[key].cause}{_open(matched[1], now, new, before[key], 'now')}"
    same = before.keys() & after.keys()
    changed = [key for key in sorted(same) if before[key].fixed_version != after[key].fixed_version]
    for key in changed:
        fixes = before[key].fixed_version or "no fix", after[key].fixed_version or "no fix"
        yield f"changes: {after[key].vulnerability}: {after[key].package.name}: {', now '.join(fixes)}"
    come, go = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    yield f"findings: {come} come, {go} go, {len(changed)} change, {len(same) - len(changed)} stay"
    yield from _unchecked(*matched)


def _open(
    findings: "Findings", results: "Mapping[Package, PackageResult]", feed: "Feed", finding: "Finding", when: str
) -> str:
    """What a package without a finding is, where that is not clean: what goes need not be fixed."""
    from advisories.models.distribution import language_of
    from advisories.models.findings import PackageClass

    package = finding.package
    result = results[package]
    release = language_of(package.type) or findings.coverage.judged_as
    names = {package.name, package.source_name or package.name, finding.evidence.name}
    assumed = {one.value for one in result.assumptions} if result.package_class is PackageClass.UNCHECKED else set()
    # A package with other findings is never unchecked.
    if release is not None and any(map(feed.losses(release).concern, names)):
        assumed.add("records-skipped")
    if assumed:
        return f" ({when} not known: {', '.join(sorted(assumed))})"
    is_known = result.package_class in (PackageClass.AFFECTED, PackageClass.UNDECIDABLE, PackageClass.CLEAN)
    return "" if is_known else f" ({when} {result.package_class.value})"


def _unchecked(old: "Findings", new: "Findings") -> Iterator[str]:
    """How many packages neither feed gives a verdict of, and what that rests on. Nothing where there are none."""
    from advisories.models.findings import PackageClass

    for one in (PackageClass.UNCHECKED, PackageClass.NOT_COVERED):
        before, after = (findings.coverage.counts[one] for findings in (old, new))
        if before or after:
            yield f"{one.value}: {before:,} packages before, {after:,} now"
    for findings, when in ((old, "before"), (new, "now")):
        for assumption, count in findings.coverage.assumptions.items():
            yield f"assumed {when} of {count:,}: {assumption.value}: {assumption.meaning}"


def _key(finding: "Finding") -> tuple[str, str]:
    return finding.instance, finding.vulnerability
