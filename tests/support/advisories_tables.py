"""The tables of the pages below, made from the code and its facts: ``python tests/support/advisories_tables.py`` writes
them anew.

A table of a page stands behind a comment ``<!-- table: NAME -->``, up to the next empty line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

import format_table
import written_list
from places import ROOT, SRC

from advisories.distros.fix_states import Vocabulary
from advisories.distros.signed import Naming
from advisories.matching.rules import ARCH_ALIASES
from advisories.matching.rules.table import RULES
from advisories.models import Assumption, FixState, PackageClass, Presence
from advisories.models.distribution import (
    ADDITIVE_CHANNELS,
    ADVISORIES_OF,
    BRANCH_CHANNELS,
    CHANNEL_OPENED_BY,
    CHANNELS,
    COMPATIBLE_WITH,
    OPEN_CHANNELS,
    normalised,
)
from advisories.models.facts import rows_of

PAGES: Final = (
    ROOT / "docs/guide/verdicts.md",
    ROOT / "docs/guide/reports.md",
    ROOT / "docs/guide/inventories.md",
    ROOT / "docs/reference/facts.md",
)
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
        yield str(rule.number), rule.name, rule.summary, words(*where)


def facts(table: str) -> list[tuple[str, ...]]:
    """The rows of a table of facts, by its path in the package."""
    package, name = f"advisories/{table}".rsplit("/", 1)
    columns = (SRC / "advisories" / table).read_text(encoding="utf-8").partition("\n")[0].split("\t")
    return list(rows_of(package.replace("/", "."), name, tuple(columns[:-1])))


def _fix_words() -> _Rows:
    yield "who, where", "word", "fix state", "source"
    for vocabulary, word, state, source in facts("distros/fix_states.tsv"):
        yield Vocabulary(vocabulary).meaning, f"`{word}`", f"`{state}`", source


_KERNELS: Final[Mapping[tuple[str, str], tuple[str, str, str]]] = {
    ("rpm", "flavour"): ("rpm: Red Hat's family, Fedora, Oracle, Amazon", "", "yes"),
    ("rpm", "part"): ("and each with", "", "yes"),
    ("amazon", "line"): ("rpm: Amazon Linux 2023's newer lines, with the same parts", "", "yes"),
    ("suse", "flavour"): ("rpm: SUSE", "kernel-", "yes"),
    ("suse", "part"): ("and each with", "", "yes"),
    ("photon", "flavour"): ("rpm: Photon OS", "", "yes"),
    ("deb", "part"): ("deb: with `-RELEASE-FLAVOUR` behind", "linux-", "by their names"),
    ("deb", "metapackage part"): ("deb: metapackages, without a release behind", "linux-", "no"),
    ("deb", "metapackage"): ("deb: metapackages, where the list shows no sources", "linux-", "no"),
    ("apk", "flavour"): ("apk", "linux-", "no"),
}


def _kernels() -> _Rows:
    yield "packages", "names", "install side by side", "source"
    for (_, _, source), rows in groupby(facts("distros/kernels.tsv"), lambda row: (row[0], row[1], row[3])):
        found = list(rows)
        packages, before, beside = _KERNELS[found[0][0], found[0][1]]
        yield packages, words(*(before + row[2] for row in found)), beside, source


def _kernel_lines() -> _Rows:
    yield "distribution", "release", "line of its own kernel", "source"
    for id, release, line, source in facts("distros/kernel_lines.tsv"):
        yield f"`{id}`", release, line, source


def _signed() -> _Rows:
    yield "built of", "version", "advisories name", "their records count", "source"
    for built_from, version, advisories, naming, source in facts("distros/signed_sources.tsv"):
        named = "nothing" if advisories == "-" else f"`{advisories}`"
        cells = (f"`{built_from}`", f"`{version}`", named, Naming(naming).meaning)
        yield (*(cell.replace("|", "\\|") for cell in cells), source)


def _vendors() -> _Rows:
    yield "distribution", "`Vendor` or `Origin` begins with", "source"
    for id, begins, source in facts("distros/vendors.tsv"):
        yield f"`{id}`", f"`{begins}`", source


def _maintainers() -> _Rows:
    yield "distribution", "domain of `Maintainer`", "source"
    for id, domain, source in facts("distros/maintainers.tsv"):
        yield f"`{id}`", f"`{domain}`", source


def _third_parties() -> _Rows:
    yield "packages", "shown by", "text", "source"
    for type, shown_by, text, _, source in facts("distros/third_parties.tsv"):
        yield type, shown_by, f"`{text}`".replace("|", "\\|"), source


def _dist_tags() -> _Rows:
    yield "packages", "version", "builders", "counts the releases of", "source"
    for type, builders, numbered, version, _, source in facts("distros/dist_tags.tsv"):
        counted = words(*numbered.split()) if numbered else ""
        yield type, f"`{version}`".replace("|", "\\|"), words(*builders.split()), counted, source


def _release_packages() -> _Rows:
    yield "distribution", "package", "version", "release", "source"
    for _, ids, package, version, release, source in facts("distros/release_packages.tsv"):
        shown = "the number" if release.startswith("\\") else release
        yield words(*ids.split()), f"`{package}`", f"`{version}`".replace("|", "\\|"), shown, source


def _rebuilds() -> _Rows:
    yield "judged by", "builder", "suffix", "source"
    for judged_by, builder, _, suffix, source in facts("distros/rebuilds.tsv"):
        yield f"`{judged_by}`", builder, f"`{suffix}`".replace("|", "\\|"), source


def _components() -> _Rows:
    yield "distribution", "component", "words", "enabled by default", "source"
    for id, component, shown, enabled, source in facts("distros/components.tsv"):
        yield f"`{id}`", f"`{component}`", words(*shown.split()), enabled, source


def _repositories_of_channels() -> _Rows:
    yield "distribution", "channel", "name", "address", "source"
    for id, name, address, channel, source in facts("distros/channels.tsv"):
        yield f"`{id}`", f"`{channel}`", _code(name), _code(address), source


def _archives() -> _Rows:
    yield "packages", "distribution", "address", "source"
    for type, id, address, source in facts("distros/archives.tsv"):
        yield type, f"`{id}`" if id else "somebody else's", _code(address), source


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _support() -> _Rows:
    yield "distribution", "releases", "standard support until", "extended support until", "source"
    for id, release, standard, extended, by, source in facts("distros/support.tsv"):
        yield f"`{id}`", release, standard, f"{by} {extended}" if extended else "", source


def _codenames() -> _Rows:
    yield "distribution", "codename", "release", "source"
    for id, codename, release, source in facts("models/codenames.tsv"):
        yield f"`{id}`", f"`{codename}`", release, source


def _channels() -> _Rows:
    yield "channel", "opened by", "hosts without it"
    for channel in sorted(ADDITIVE_CHANNELS | set(CHANNEL_OPENED_BY)):
        opened = sorted(CHANNEL_OPENED_BY.get(channel, {channel}))
        yield f"`{channel}`", words(*opened), "are affected, and see where the fix is"
    for channel in sorted(BRANCH_CHANNELS):
        yield f"`{channel}`", f"`{channel}`", "are cleared by its fixes where their build is of its minor release"
    yield "any other (`fips`, `docker`, ...)", "its own name, or a build of it", "are not affected by its records"


_RELATIONS: Final = {
    "channel": "goes on from the public builds",
    "branch": "branch",
    "line": "line",
    "source": "source",
}


def _builds() -> _Rows:
    yield "distribution", "related by", "name", "builds show it by", "source"
    for id, kind, line, names, versions, repositories, channels, _, source in facts("distros/lines.tsv"):
        shown = [
            (what, text)
            for what, text in zip(("name", "version", "repository"), (names, versions, repositories), strict=True)
            if text
        ]
        by = ", ".join(f"{what} `{text}`" for what, text in shown) or "nothing"
        name = f"`{line}`" if line else words(*channels.split()) or "the main line"
        yield f"`{id}`", _RELATIONS[kind], "its own" if kind == "source" else name, by.replace("|", "\\|"), source


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
        yield f"`{id}`", ", ".join(releases), f"`{of}`, the same release" if same else ", ".join(shown)
    assert normalised("centos", "9").id not in {of for of, _ in ADVISORIES_OF.values()}


def _compatible() -> _Rows:
    yield "distribution", "releases", "made to be compatible with"
    for id, (of, releases) in COMPATIBLE_WITH.items():
        yield f"`{id}`", ", ".join(releases), f"`{of}`, the same release"


def _meanings(head: str, words: type[PackageClass] | type[Assumption] | type[FixState] | type[Presence]) -> _Rows:
    yield head, "when"
    for word in words:
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
        "signed sources": _signed(),
        "lines of kernels": _kernel_lines(),
        "vendors": _vendors(),
        "maintainers": _maintainers(),
        "third parties": _third_parties(),
        "dist tags": _dist_tags(),
        "packages of releases": _release_packages(),
        "rebuilds": _rebuilds(),
        "architectures": _arches(),
        "channels": _channels(),
        "channels of distributions": _channels_of(),
        "builds": _builds(),
        "derivatives": _derivatives(),
        "compatible": _compatible(),
        "support": _support(),
        "components": _components(),
        "repositories of channels": _repositories_of_channels(),
        "archives": _archives(),
        "codenames": _codenames(),
        "formats": format_table.rows(),
        "lists": written_list.rows(),
        "formats of commands": format_table.kinds(),
        "formats of plans": format_table.rows_of("plan"),
        "formats of verifications": format_table.rows_of("verification"),
        "formats of lint": format_table.rows_of("lint"),
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
    for path in PAGES:
        path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8")
