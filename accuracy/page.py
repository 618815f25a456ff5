"""docs/accuracy.md: the result first, a row for each host and tool, and every kind of difference with its evidence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from accuracy.comparing import Comparison
from accuracy.hosts import FOREIGN
from accuracy.places import Difference
from accuracy.reasons import REASONS

__all__ = ["Input", "page", "row", "tsv"]

_SHOWN: Final = 2
_LONGEST: Final = 400


class Input(NamedTuple):
    """A feed or a list.

    :ivar digest: SHA-256 of its files, the content alone, in the order of their names.
    """

    name: str
    what: str
    files: int
    digest: str


_ABOUT: Final = """\
`make accuracy` writes this page. Do not edit it by hand. Where the real data is not beside the checkout, it has nothing
to compare.

## What is compared

| unit | what counts as one |
|---|---|
| packages and vulnerabilities | an installed package (name, version, architecture) and a CVE, or its advisory's id |
| packages and advisories | an installed package (name, version) and the id of an advisory |
| vulnerabilities of the host | a CVE, for tools that do not show the package |

*Agreed* has both sides. *Ours alone* and *theirs alone* are the differences, each by the
[rule](guide/verdicts.md#the-rules) that makes it. Together they are all that either side has.

Both sides have the same list and the same files of the feed:

- A **join** is what a short script would do: a package is affected where the feed names it, or its source package, in
  that release with a later fixed version, or without one. It is no part of `advisories`. It reads the published files
  and the lists by itself (lists of packages by `rpm` and `dpkg-query`), and librpm or libapt compares the versions. A
  difference to a join shows what a rule adds.
- **OpenSCAP** runs `oscap oval eval` on the publisher's file. The list becomes dpkg's status file or rpm's database.
  For Ubuntu, another file than `/etc/lsb-release` names the release. Nothing else is changed. *Recorded* results were
  made earlier, on another machine.
- **osv-scanner** runs `scan image --offline` on an image that has the list as rpm's database. The published OSV files,
  as they are, are its database. Its plugin for rpm (`os/rpm`) is named, which by default reads nothing. It shows bug
  fixes and enhancements as it shows vulnerabilities.
- **Trivy** runs `sbom --offline-scan` on a CycloneDX document of the list. Its makers' own `trivy-db` compiles its
  database. That reads AlmaLinux's errata, so the published OSV files are put in that form: ids, CVEs, packages and
  fixed versions, read as for the join. Of two fixes of one CVE the database keeps the last. *Recorded* findings are
  those of its own integration tests, for its own small feeds. There the fixed version is compared too. They name no
  version of Trivy. Where they have no list, it is the packages of the findings.
"""

_REPEAT: Final = """\
## Repeat it

`make accuracy` needs the headers of librpm and libapt ([building](building.md)), `rpm`, `rpmbuild` and `dpkg-query`. It
runs `oscap`, `osv-scanner` and `trivy` with `trivy-db` where they are installed. What was recorded needs none of them.

    go install github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.5.0
    go install github.com/aquasecurity/trivy/cmd/trivy@v0.74.0
    go install github.com/aquasecurity/trivy-db/cmd/trivy-db@v0.0.0-20260813095258-0e0340a01b57
    make accuracy OSV_SCANNER=~/go/bin/osv-scanner TRIVY=~/go/bin/trivy TRIVY_DB=~/go/bin/trivy-db

That is, for each list, with the feed's files in `DB/osv-scalibr/AlmaLinux/all.zip`:

    osv-scanner scan image --offline --local-db-path DB --experimental-plugins os/rpm \\
      --all-vulns --format json --archive IMAGE

and, for a database in `DB/db` that `trivy-db build --only-update alma` compiled:

    trivy sbom SBOM --cache-dir DB --skip-db-update --offline-scan --scanners vuln --format json

Grype reads a database that its makers publish. It could not be had where this page was made, so Grype has no row. To
compare with it, or with Trivy and the database that its makers publish, take a list, and state the tool's version and
its database's (`grype db status`, `trivy version`):

    advisories list examples/almalinux-9/host.tsv --format cyclonedx > host.cdx.json
    trivy sbom --format json host.cdx.json
    grype -o json sbom:host.cdx.json

Every difference is a line of `build/accuracy/differences.tsv`: the host, the feed, the tool, the side, the rule, the
kind, the package, the id and the evidence. If one of them is wrong, or is not fair to a tool, please open an issue with
that line.
"""


def page(
    comparisons: Sequence[Comparison], feeds: Sequence[Input], lists: Sequence[Input], versions: Mapping[str, str]
) -> str:
    """The whole page.

    :param versions: of what took part, by name.
    """
    return "\n".join(
        [
            "# Accuracy",
            "",
            *_result(comparisons),
            "",
            *_ABOUT.splitlines(),
            "",
            "| took part | version |",
            "|---|---|",
            *(f"| {name} | {version} |" for name, version in versions.items()),
            "",
            "## Hosts",
            "",
            *_hosts(comparisons),
            "",
            "## Differences",
            "",
            *_differences(comparisons),
            "## Where we may be wrong",
            "",
            *_doubts(comparisons),
            "",
            "## Left out",
            "",
            *_left_out(comparisons),
            "",
            "## Feeds and lists",
            "",
            "A digest is the first 16 digits of SHA-256 over the contents of the files, in the order of their paths.",
            "",
            *_inputs("feed", feeds),
            "",
            *_inputs("list", lists),
            "",
            *_REPEAT.splitlines(),
            "",
        ]
    )


def tsv(comparisons: Sequence[Comparison]) -> str:
    """Every difference, a line each."""
    lines = ["host\tfeed\ttool\tside\trule\tkind\tpackage\tversion\tarch\tid\tevidence"]
    for one in comparisons:
        for side, difference in _sided([one]):
            rule = "" if difference.rule is None else str(difference.rule)
            lines.append(
                "\t".join(
                    [
                        one.host,
                        one.feed,
                        one.tool,
                        side,
                        rule,
                        difference.reason,
                        *difference.place,
                        difference.evidence,
                    ]
                )
            )
    return "\n".join(lines) + "\n"


def row(one: Comparison) -> str:
    """The line of a host, a feed and a tool."""
    rules = Counter((side, difference.rule) for side, difference in _sided([one]))
    named = ", ".join(
        f"{side} by {'nothing known' if rule is None else f'rule {rule}'}: {count:,}"
        for (side, rule), count in sorted(
            rules.items(), key=lambda item: (item[0][0], -1 if item[0][1] is None else item[0][1])
        )
    )
    numbers = f"{one.agreed:,} | {len(one.ours_alone):,} | {len(one.theirs_alone):,}"
    return f"| {one.host} | {one.feed} | {one.tool} | {one.unit} | {numbers} | {named} |"


def _sided(comparisons: Iterable[Comparison]) -> Iterator[tuple[str, Difference]]:
    for one in comparisons:
        yield from (("ours", difference) for difference in one.ours_alone)
        yield from (("theirs", difference) for difference in one.theirs_alone)


def _result(comparisons: Sequence[Comparison]) -> Iterator[str]:
    sides = list(_sided(comparisons))
    union, agreed = sum(one.union for one in comparisons), sum(one.agreed for one in comparisons)
    ours = sum(side == "ours" for side, _ in sides)
    unexplained = sum(difference.rule is None for _, difference in sides)
    same = sum(one.union == one.agreed for one in comparisons)
    own = [one for one in comparisons if FOREIGN not in one.host]
    by_tool: dict[str, list[Comparison]] = {}
    for one in comparisons:
        by_tool.setdefault(one.tool, []).append(one)
    yield (
        f"{len(comparisons)} times a real host or image was matched here and by another tool, or a join with the real"
        f" libraries. Both sides agree on **{agreed:,} of {union:,}** results ({_share(agreed, union)}), and"
        f" {same} times on all. Of the {len(sides):,} differences {ours:,} are ours alone and {len(sides) - ours:,}"
        f" theirs alone. **{unexplained:,} are unexplained.** The others have their rule and evidence. Where the feed"
        f" is of the host's own distribution, both agree on {sum(one.agreed for one in own):,} of"
        f" {sum(one.union for one in own):,} ({_share(sum(one.agreed for one in own), sum(one.union for one in own))})."
    )
    yield ""
    yield "| tool | comparisons | agreed | ours alone | theirs alone | agreed, of all |"
    yield "|---|---:|---:|---:|---:|---:|"
    for tool, found in by_tool.items():
        both, all = sum(one.agreed for one in found), sum(one.union for one in found)
        ours, theirs = sum(len(one.ours_alone) for one in found), sum(len(one.theirs_alone) for one in found)
        yield f"| {tool} | {len(found)} | {both:,} | {ours:,} | {theirs:,} | {_share(both, all)} |"


def _share(part: int, whole: int) -> str:
    """Cut, not rounded: nothing is 100 % that is less."""
    return f"{part * 1000 // whole / 10} %" if whole else ""


def _hosts(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield "| host | feed | tool | unit | agreed | ours alone | theirs alone | differences |"
    yield "|---|---|---|---|---:|---:|---:|---|"
    yield from map(row, comparisons)


def _differences(comparisons: Sequence[Comparison]) -> Iterator[str]:
    for name, reason in REASONS.items():
        found = [
            (one, side, difference)
            for one in comparisons
            for side, difference in _sided([one])
            if difference.reason == name
        ]
        if not found:
            continue
        counts = Counter(side for _, side, _ in found)
        rule = "No rule" if reason.rule is None else f"Rule {reason.rule}"
        counted = " and ".join(f"{count:,} of {side} alone" for side, count in sorted(counts.items()))
        hosts = sorted({one.host for one, _, _ in found})
        yield f"**{rule}, `{name}`**: {counted}, on {len(hosts)} {'host' if len(hosts) == 1 else 'hosts'}."
        yield ""
        yield reason.text
        yield ""
        for one, _, difference in _examples(found):
            evidence = difference.evidence
            cut = evidence if len(evidence) <= _LONGEST else f"{evidence[:_LONGEST]} ..."
            yield f"- {one.host}, {one.tool}: `{cut}`"
        yield ""


def _examples(found: Sequence[tuple[Comparison, str, Difference]]) -> Iterator[tuple[Comparison, str, Difference]]:
    """Of different hosts, and of different packages where there is one host alone."""
    seen: set[str] = set()
    several = len({one.host for one, _, _ in found}) > 1
    for one, side, difference in found:
        key = one.host if several else difference.place.name
        if key not in seen and len(seen) < _SHOWN:
            seen.add(key)
            yield one, side, difference


def _doubts(comparisons: Sequence[Comparison]) -> Iterator[str]:
    counts = Counter(difference.reason for _, difference in _sided(comparisons))
    yield "These rules read more out of a feed or a list than is written there:"
    yield ""
    yield "| rule | kind | differences | how it may be wrong |"
    yield "|---|---|---:|---|"
    for name, reason in REASONS.items():
        if counts[name] and reason.doubt:
            yield f"| {reason.rule} | `{name}` | {counts[name]:,} | {reason.doubt} |"
    yield ""
    yield "Where both sides agree, both may be wrong: a feed that is wrong makes every tool wrong that reads it."
    yield (
        "Hosts of Rocky Linux, Oracle Linux and RHEL stand beside AlmaLinux's advisories, which are not theirs. They"
        " show how two sides read one feed, not what is wrong on those hosts."
    )


def _left_out(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield "| feed | the join leaves out | entries | hosts |"
    yield "|---|---|---:|---:|"
    hosts = Counter((one.feed, reason, count) for one in comparisons for reason, count in sorted(one.left_out.items()))
    for (feed, reason, count), times in hosts.items():
        yield f"| {feed} | {reason} | {count:,} | {times} |"
    yield ""
    yield from _NOT_HERE.splitlines()


_NOT_HERE: Final = """\
- Feeds that are here in excerpts alone (Red Hat, SUSE, Fedora, Oracle, Amazon, Rocky, Debian's tracker): on these hosts
  they have next to no findings.
- Alpine: no library of apk can be called here, and the feed has next to no findings for the lists.
- Packages of languages.
- Architectures: of an image that exists for several, x86-64 stands for all.
- 25 of Trivy's 40 recorded results: other forms and filters of the same findings, packages of languages, and images
  whose lists are not read here."""


def _inputs(kind: str, inputs: Sequence[Input]) -> Iterator[str]:
    yield f"| {kind} | what | files | digest |"
    yield "|---|---|---:|---|"
    for one in inputs:
        yield f"| {one.name} | {one.what} | {one.files:,} | `{one.digest}` |"
