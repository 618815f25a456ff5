"""The options that commands share, and the words they take.

A word that an option does not know is an error that names the nearest one.
"""

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from advisories.models.assumptions import Assumption
from advisories.models.packages import LANGUAGE_TYPES
from advisories.models.words import nearest

__all__ = [
    "ASSUMPTIONS",
    "FIX_STATES",
    "NEVER",
    "PRESENCES",
    "PRIORITIES",
    "UNKNOWN_PRIORITIES",
    "OneOf",
    "SomeOf",
    "add_cache",
    "add_choices",
    "add_fail_on",
    "add_fail_on_new",
    "add_flag",
    "add_format",
    "add_inputs",
    "add_limit",
    "add_network",
    "add_order",
    "add_packages",
    "add_width",
    "days",
    "not_empty",
    "one_of",
    "share",
]

#: The words of priorities, the most urgent first.
PRIORITIES: Final = ("high", "medium", "low")
#: What --fail-on takes where no finding fails: an option wins over the configuration, which may have a priority.
NEVER: Final = "never"
#: The assumptions of rule 0, as coverage counts them.
ASSUMPTIONS: Final = tuple(assumption.value for assumption in Assumption)
#: How findings count in the gate whose priority nobody knows (rule A0): as a priority, or not at all.
UNKNOWN_PRIORITIES: Final = (*PRIORITIES, "ignore")
#: The words of fix states.
FIX_STATES: Final = ("fixed", "not-fixed", "wont-fix", "deferred", "end-of-life", "under-investigation", "unknown")
#: The words of presence: where an installed package stands.
PRESENCES: Final = ("installed", "running", "residual", "standby", "unknown")

# What people write for a priority, and what it is called here: vendors' words, as rules V1 to V3 rank them.
_PRIORITY_WORDS: Final = MappingProxyType(
    {"critical": "high", "important": "high", "moderate": "medium", "negligible": "low", "minor": "low"}
)
_FIX_STATE_WORDS: Final = MappingProxyType(
    {"unfixed": "not-fixed", "affected": "not-fixed", "will_not_fix": "wont-fix", "eol": "end-of-life"}
)
_PACKAGE_TYPE_WORDS: Final = MappingProxyType(
    {
        "python": "pypi",
        "node": "npm",
        "ruby": "gem",
        "java": "maven",
        "go": "golang",
        "rust": "cargo",
        "languages": "library",
    }
)
_NO_WORDS: Final[Mapping[str, str]] = MappingProxyType({})


class OneOf:
    """The `type` of an option that takes one of some words, in upper or lower case.

    :ivar words: the words, for help and completion.
    """

    def __init__(self, what: str, words: Sequence[str], meant: Mapping[str, str]) -> None:
        self.words = tuple(words)
        self._what = what
        self._meant = meant

    def __call__(self, text: str) -> str:
        word = text.lower()
        if word in self.words:
            return word
        near = self._meant.get(word) or nearest(word, self.words)
        hint = f": did you mean {near}?" if near else "."
        raise argparse.ArgumentTypeError(f"unknown {self._what} {text!r}{hint} Use one of: {', '.join(self.words)}")


class SomeOf(OneOf):
    """The `type` of an option that takes some of these words, with commas between. Given twice, neither list wins."""

    def __call__(self, text: str) -> list[str]:  # type: ignore[override]
        return [OneOf.__call__(self, word.strip()) for word in text.split(",")]


def one_of(what: str, words: Sequence[str], meant: Mapping[str, str] = _NO_WORDS) -> OneOf:
    """The `type` of an option that takes one of these words, in upper or lower case.

    :param what: what the words are, for the error: a priority, a format.
    :param meant: words of others for the same things.

    >>> one_of("priority", PRIORITIES)("High")
    'high'
    """
    return OneOf(what, words, meant)


def days(text: str) -> int:
    """The `type` of an option that takes a number of days."""
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)


def not_empty(text: str) -> str:
    """A text with something in it: a variable that nobody has set would choose nothing, and pass a gate."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty: give a value, or leave the option out")
    return text


def share(text: str) -> float:
    """The `type` of an option that takes a share, such as ``5`` or ``5%``.

    >>> share("2.5%")
    2.5
    """
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 100%")
    return number


def add_flag(command: argparse.ArgumentParser, name: str, help: str) -> None:
    """Add an option that takes no value."""
    command.add_argument(name, action="store_true", help=help)


def add_cache(command: argparse.ArgumentParser) -> None:
    """Add ``--cache``."""
    command.add_argument(
        "--cache",
        metavar="FOLDER",
        type=not_empty,
        help="where fetched advisories are (advisories in XDG_CACHE_HOME, else in ~/.cache)",
    )


def add_network(command: argparse.ArgumentParser) -> None:
    """Add the options of what is fetched, and from where."""
    group = command.add_argument_group("fetching")
    group.add_argument(
        "--mirror",
        metavar="URL",
        type=not_empty,
        help="fetch from below this address, where each publisher's files are by host and path",
    )
    group.add_argument(
        "--ca-bundle",
        metavar="PATH",
        type=not_empty,
        help="certificates to trust (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, else those of the system)",
    )
    group.add_argument(
        "--keyring",
        metavar="PATH",
        type=not_empty,
        help="publishers' keys, as gpg exports them, to check signatures by gpgv",
    )
    group.add_argument(
        "--without", metavar="FEED", action="append", default=[], help="a feed to leave out, such as nvd (repeatable)"
    )
    group.add_argument(
        "--also", metavar="FEED", action="append", default=[], help="a feed to add, such as redhat-vex (repeatable)"
    )
    add_flag(command, "--offline", "never fetch: use what is there")


class _AsInventory(argparse.Action):
    """The package list without an option in front."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        namespace.inventory = values


def add_packages(command: argparse.ArgumentParser) -> None:
    """Add the options that name the packages, and what their list does not show."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--inventory",
        metavar="PATH",
        help="a package list, a saved image, or a root file system as a folder or tar archive; - is standard input",
    )
    what.add_argument(
        "listed",
        metavar="INVENTORY",
        nargs="?",
        action=_AsInventory,
        default=argparse.SUPPRESS,
        help="the same as --inventory INVENTORY",
    )
    what.add_argument("--host", action="store_true", help="this machine's own package database")
    command.add_argument(
        "--platform",
        metavar="PLATFORM",
        type=_platform,
        help="of an archive with several images, the one for this platform, such as linux/arm64 (this machine's)",
    )
    command.add_argument(
        "--pkg-types",
        metavar="TYPES",
        type=SomeOf("package type", ("os", "library", *LANGUAGE_TYPES), _PACKAGE_TYPE_WORDS),
        help="what to look for in a root or image: os, and library for packages of all languages, or some of "
        f"{', '.join(LANGUAGE_TYPES)} (all but maven; with --host os alone)",
    )
    command.add_argument(
        "--sources",
        metavar="PATH",
        action="append",
        default=[],
        help="the source packages of a list without any: an archive's Packages or Sources index, or a full list "
        "(repeatable)",
    )
    command.add_argument(
        "--distro",
        metavar="ID:RELEASE",
        type=not_empty,
        help="match as this release, such as almalinux:9; channels follow: ubuntu:18.04+esm-infra",
    )
    what_runs = "the kernel the host runs, as uname -r prints it"
    command.add_argument("--running-kernel", metavar="RELEASE", type=not_empty, help=what_runs)


def add_inputs(command: argparse.ArgumentParser) -> None:
    """Add the options that name the packages, the advisories, and how they are matched."""
    add_packages(command)
    command.add_argument(
        "--feed",
        metavar="PATH",
        action="append",
        default=[],
        help="advisories (those of the cache): a file, a folder, an archive, a store, or - for standard input "
        "(repeatable)",
    )
    add_flag(command, "--include-third-party", "match packages of other vendors than the distribution too")
    add_flag(command, "--unknown-epoch-is-zero", "take an epoch that the list does not show for 0")
    alone = "compare only what advisories name, where they name a source's documentation alone"
    add_flag(command, "--as-published", alone)
    command.add_argument(
        "--max-feed-age",
        metavar="DAYS",
        type=days,
        help="packages without a finding are unchecked if the newest advisory is older, and match exits with 1",
    )
    add_cache(command)
    add_flag(command, "--fetch", "bring the cache up to date first, where no --feed is given")
    add_network(command)
    add_limit(command)
    strict = "exit with 2 where packages, statements or records of the host were rejected, or anything was assumed"
    add_flag(command, "--strict", strict)
    command.add_argument(
        "--accept",
        metavar="ASSUMPTION",
        type=one_of("assumption", ASSUMPTIONS),
        action="append",
        default=[],
        help="an assumption that --strict lets pass, such as epoch-unknown (repeatable). inventory-partial needs it "
        "without --strict too",
    )


def _platform(text: str) -> str:
    if not re.fullmatch(r"\w+(?:/\w+){0,2}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no platform. Write it as linux/arm64")
    return text


def add_limit(command: argparse.ArgumentParser) -> None:
    """Add ``--limit``, which changes a budget of what is read."""
    command.add_argument(
        "--limit",
        metavar="NAME=NUMBER",
        type=_limit,
        action="append",
        default=[],
        help="a budget of what is read, such as document=2G, where a message names it (repeatable)",
    )


_MULTIPLES: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _limit(text: str) -> tuple[str, int]:
    """A budget's name and number. Raises :class:`argparse.ArgumentTypeError` for what is neither."""
    from advisories.sources.limits import LIMIT_NAMES

    name, _, number = text.partition("=")
    one_of("limit", LIMIT_NAMES)(name)
    digits = number.rstrip("KMGTkmgt")
    multiple = _MULTIPLES.get(number[len(digits) :].upper())
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or multiple is None:
        raise argparse.ArgumentTypeError(f"{name} takes a number, such as {name}=2000 or {name}=2G, not {number!a}")
    return name, int(digits) * multiple


def add_format(
    command: argparse.ArgumentParser,
    formats: Iterable[str],
    usual: str = "text",
    meant: Mapping[str, str] = _NO_WORDS,
) -> None:
    """Add ``--format``, which takes one of these. Without it the report is the usual one.

    :param meant: words of others for the same formats.
    """
    words = tuple(formats)
    command.add_argument(
        "--format",
        metavar="FORMAT",
        type=one_of("format", words, meant),
        help=f"the format on standard output: {_listed(words)} ({usual})",
    )


def add_width(command: argparse.ArgumentParser) -> None:
    """Add ``--width``, which takes a number of columns."""
    command.add_argument(
        "--width",
        metavar="COLUMNS",
        type=_columns,
        help="the columns of text and tables, at least 40; 0 for lines of any length (COLUMNS, or the terminal's, "
        "else 80)",
    )


def _columns(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of columns")
    return int(text)


def add_fail_on(command: argparse.ArgumentParser, help: str) -> None:
    """Add ``--fail-on``, which takes a priority."""
    command.add_argument(
        "--fail-on",
        metavar="PRIORITY",
        type=one_of("priority", (*PRIORITIES, NEVER), _PRIORITY_WORDS),
        help=f"{help}: {_listed((*PRIORITIES, NEVER))}",
    )
    command.add_argument(
        "--unknown-priority",
        metavar="PRIORITY",
        type=one_of("priority", UNKNOWN_PRIORITIES, _PRIORITY_WORDS),
        help=f"how a finding counts for --fail-on if nobody rated it: {_listed(UNKNOWN_PRIORITIES)} (high)",
    )


def add_fail_on_new(command: argparse.ArgumentParser) -> None:
    """Add ``--fail-on-new``, which takes a priority."""
    command.add_argument(
        "--fail-on-new",
        metavar="PRIORITY",
        type=one_of("priority", (*PRIORITIES, NEVER), _PRIORITY_WORDS),
        help=f"exit with 1 if a new finding that is shown is this urgent or more: {_listed((*PRIORITIES, NEVER))}",
    )


def add_order(command: argparse.ArgumentParser, words: Sequence[str], help: str) -> None:
    """Add ``--order``, which takes one of these words, the first unless you choose."""
    check = one_of("order", words)
    command.add_argument("--order", metavar="ORDER", type=check, default=words[0], help=f"{help} ({words[0]})")


def add_choices(command: argparse.ArgumentParser) -> None:
    """Add the options about which findings are suppressed, and which of the others are shown."""
    _add_statements(command)
    _add_selection(command)


def _add_statements(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("findings to suppress (they stay in the report, with the statement)")
    group.add_argument(
        "--ignore",
        metavar="PATH",
        action="append",
        help="an ignore file or VEX; - is standard input (repeatable; .advisories-ignore.toml, where there is one)",
    )
    group.add_argument(
        "--on",
        metavar="DATE",
        type=not_empty,
        help="the day for which ignore rules hold (today), and for which support has ended",
    )
    group.add_argument(
        "--product",
        metavar="PURL",
        action="append",
        default=[],
        help="the image that was listed, for VEX about packages inside of it (repeatable)",
    )


def _add_selection(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("findings to show (the others are counted)")
    for option, metavar, check, what in (
        ("--priority", "PRIORITY", one_of("priority", PRIORITIES, _PRIORITY_WORDS), _listed(PRIORITIES)),
        ("--fix-state", "STATE", one_of("fix state", FIX_STATES, _FIX_STATE_WORDS), _listed(FIX_STATES)),
        ("--presence", "PRESENCE", one_of("presence", PRESENCES), _listed(PRESENCES)),
        ("--package", "NAME", not_empty, "a package or source package, or a glob of names"),
        ("--advisory", "ID", not_empty, "a CVE or an advisory, or a glob of ids"),
    ):
        group.add_argument(
            option, metavar=metavar, type=check, action="append", default=[], help=f"only {what} (repeatable)"
        )
    group.add_argument("--only-fixable", action="store_true", help="only what has a fix that the host can have")
    group.add_argument("--without-headers", action="store_true", help="no findings of kernel headers")


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
