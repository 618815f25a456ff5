"""The tables of *How a verdict is reached*, made from the code: ``python tests/advisories_tables.py`` writes them anew.

A table of the page stands behind a comment ``<!-- table: NAME -->``, up to the next empty line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from places import ROOT

from advisories.distros.fix_states import FIX_STATES
from advisories.distros.kernels import (
    AMAZON_LINES,
    APK_FLAVOURS,
    DEB_PARTS,
    PHOTON_FLAVOURS,
    RPM_FLAVOURS,
    RPM_PARTS,
    SUSE_FLAVOURS,
    SUSE_PARTS,
)
from advisories.matching.rules import ARCH_ALIASES, RULES, THIRD_PARTY_DOMAINS
from advisories.models import Assumption, FixState, PackageClass, Presence
from advisories.models.distribution import (
    ADDITIVE_CHANNELS,
    ADVISORIES_OF,
    CHANNEL_OPENED_BY,
    CHANNELS,
    COMPATIBLE_WITH,
    FAMILIES,
    OPEN_CHANNELS,
    normalised,
)

PAGE: Final = ROOT / "docs/guide/verdicts.md"
_MARK: Final = re.compile(r"<!-- table: ([a-z -]+) -->")
_Rows = Iterable[tuple[str, ...]]


def table(*rows: tuple[str, ...]) -> list[str]:
    """The lines of a table; the first row is its head."""
    head, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *rest]


def words(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _rules() -> _Rows:
    yield "", "rule", "in short", "where"
    for rule in RULES:
        where = [f"{one.__module__.removeprefix('advisories.')}.{one.__qualname__}" for one in rule.functions]
        yield str(rule.number), rule.name, rule.says, words(*where)


def _fix_words() -> _Rows:
    yield "who, where", "word", "fix state"
    for where, said in FIX_STATES.items():
        for word, state in said.items():
            yield where, f"`{word}`", f"`{state.value}`"


def _kernels() -> _Rows:
    yield "packages", "names", "install side by side"
    yield "rpm: Red Hat's family, Fedora, Oracle, Amazon", words(*RPM_FLAVOURS), "yes"
    yield "and each with", words(*filter(None, RPM_PARTS)), "yes"
    yield "rpm: Amazon Linux 2023's newer lines, with the same parts", words(*AMAZON_LINES), "yes"
    yield "rpm: SUSE, behind `kernel-`", words(*SUSE_FLAVOURS), "yes"
    yield "and each with", words(*filter(None, SUSE_PARTS)), "yes"
    yield "rpm: Photon OS", words(*PHOTON_FLAVOURS), "yes"
    yield "deb: with RELEASE-FLAVOUR behind", words(*(f"linux-{part}-" for part in DEB_PARTS)), "by their names"
    yield "apk: behind `linux-`", words(*APK_FLAVOURS), "no"


def _vendors() -> _Rows:
    yield "distribution", "`Vendor` or `Origin` begins with"
    for id, family in FAMILIES.items():
        if family.vendors:
            yield f"`{id}`", words(*family.vendors)


def _channels() -> _Rows:
    yield "channel", "opened by", "hosts without it"
    for channel in sorted(ADDITIVE_CHANNELS | set(CHANNEL_OPENED_BY)):
        opened = sorted(CHANNEL_OPENED_BY.get(channel, {channel}))
        yield f"`{channel}`", words(*opened), "are affected, and see where the fix is"
    yield "any other (`eus`, `fips`, `fips-updates`, ...)", "its own name", "are not spoken of"


def _channels_of() -> _Rows:
    yield "distribution", "channels"
    for id, channels in CHANNELS.items():
        yield f"`{id}`", words(*channels)
    for id in sorted(OPEN_CHANNELS):
        yield f"`{id}`", "of any name"
    yield "any other", "none"


def _derivatives() -> _Rows:
    yield "distribution", "releases", "judged by"
    for id, (of, releases) in ADVISORIES_OF.items():
        shown = [f"{release}: {of} {theirs}" for release, theirs in releases.items()]
        same = all(release == theirs for release, theirs in releases.items())
        yield f"`{id}`", ", ".join(releases), f"`{of}`, the same release" if same else "; ".join(shown)
    assert normalised("centos", "9").id not in {of for of, _ in ADVISORIES_OF.values()}


def _compatible() -> _Rows:
    yield "distribution", "releases", "made to be compatible with"
    for id, (of, releases) in COMPATIBLE_WITH.items():
        yield f"`{id}`", ", ".join(releases), f"`{of}`, the same release"


def _meanings(head: str, said: type[PackageClass] | type[Assumption] | type[FixState] | type[Presence]) -> _Rows:
    yield head, "when"
    for word in said:
        yield f"`{word.value}`", word.meaning


def _arches() -> _Rows:
    yield "written", "is"
    for alias, name in ARCH_ALIASES.items():
        yield f"`{alias}`", f"`{name}`"


TABLES: Final[Mapping[str, list[str]]] = {
    name: table(*rows)
    for name, rows in {
        "rules": _rules(),
        "classes": _meanings("class", PackageClass),
        "assumptions": _meanings("assumption", Assumption),
        "presences": _meanings("presence", Presence),
        "fix states": _meanings("fix state", FixState),
        "words of fix states": _fix_words(),
        "kernels": _kernels(),
        "vendors": _vendors(),
        "maintainers": [("mail domains of third parties",), *((f"`{one}`",) for one in sorted(THIRD_PARTY_DOMAINS))],
        "architectures": _arches(),
        "channels": _channels(),
        "channels of distributions": _channels_of(),
        "derivatives": _derivatives(),
        "compatible": _compatible(),
    }.items()
}


def rendered(page: str) -> str:
    """A page with its tables as the code has them."""
    return "\n".join(_lines(iter(page.split("\n"))))


def _lines(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        mark = _MARK.fullmatch(line)
        if mark:
            for old in lines:
                if not old:
                    break
            yield from TABLES[mark[1]]
            yield ""


def named(page: str) -> list[str]:
    """The tables that a page shows, in its order."""
    return _MARK.findall(page)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
