"""The rules of each order, so that a wrong answer gets a name: tilde, caret, leading zeros, epoch and so on.

A rule holds for versions with something in them. The first rule of an order that holds for a wrong pair names it, so
special rules stand before general ones. The last one holds for every pair: where it is broken itself, others may hide
behind it.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["RULES", "Rule", "Rules"]


class Rule(NamedTuple):
    """A rule of an order.

    :ivar name: a few words.
    :ivar meaning: what the real tool does, in a sentence.
    :ivar pattern: what a version has that the rule is about.
    :ivar once: the rule is about pairs of which one version alone has it.
    """

    name: str
    meaning: str
    pattern: str
    once: bool = False


class Rules:
    """The rules of one order, as bits: one for each rule that holds for a pair, the lowest bit the first rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._patterns = [re.compile(rule.pattern) for rule in self.rules]
        self._once = sum(1 << at for at, rule in enumerate(self.rules) if rule.once)
        self._of_version = functools.lru_cache(maxsize=1 << 16)(self._searched)

    def of(self, a: str, b: str) -> int:
        """The rules that hold for a pair. The last one always does."""
        one, other = self._of_version(a), self._of_version(b)
        return ((one | other) & ~self._once) | ((one ^ other) & self._once)

    def first(self, bits: int) -> Rule:
        """The most special of some rules."""
        return self.rules[(bits & -bits).bit_length() - 1]

    def _searched(self, version: str) -> int:
        return sum(1 << at for at, pattern in enumerate(self._patterns) if pattern.search(version))


_LONG: Final = Rule("long numbers", "digits are a number of any length", r"[0-9]{10}")
_ZEROS: Final = Rule("leading zeros", "zeros before a number do not count", r"(?<![0-9])0[0-9]")
_NUMBERS: Final = Rule("numbers", "digits compare as numbers, and one number more is greater", r"")

_RPM_SEGMENTS: Final = (
    Rule("tilde", "a tilde is below everything, even the end", "~"),
    Rule("caret", "a caret is above the end, and below all else but a tilde", r"\^"),
    _LONG,
    _ZEROS,
    Rule(
        "other characters", "a byte that is no ASCII letter or digit ends a run, and is dropped", r"[^0-9A-Za-z~^.:_+-]"
    ),
    Rule("letters", "a number is above letters, and letters compare by their bytes", "[A-Za-z]"),
    Rule("separators", "separators end a run, and it does not matter which and how many", r"[._+]"),
)

#: The rules of every order of ``vercmp.testing``, by its name.
RULES: Final[Mapping[str, Rules]] = MappingProxyType(
    {
        "rpm": Rules(
            (
                Rule("epoch", "digits before the first colon come first, and count as 0 where there are none", ":"),
                Rule("missing release", "a missing release is below every release", r"-", once=True),
                *_RPM_SEGMENTS,
                Rule("release", "what follows the last dash comes last", "-"),
                _NUMBERS,
            )
        ),
        "rpmvercmp": Rules((*_RPM_SEGMENTS, Rule("dash and colon", "they are separators here", "[-:]"), _NUMBERS)),
        "dpkg": Rules(
            (
                Rule("epoch", "the number before the first colon comes first, and is 0 where there is none", ":"),
                Rule("tilde", "a tilde is below everything, even the end", "~"),
                _LONG,
                _ZEROS,
                Rule("white space", "blanks around a version do not count", r"\A\s|\s\Z"),
                Rule("other characters", "they are above letters, by their bytes", r"[^0-9A-Za-z~.:+ -]"),
                Rule("missing revision", "a missing revision is 0", "-", once=True),
                Rule("letters", "letters are below all other characters but a tilde and the end", "[A-Za-z]"),
                Rule("dot and plus", "they are above letters, by their bytes", "[.+]"),
                Rule("revision", "what follows the last dash comes last", "-"),
                _NUMBERS,
            )
        ),
        "apk": Rules(
            (
                Rule("commit", "a hash after a tilde compares as text", "~"),
                Rule(
                    "suffix before",
                    "_alpha, _beta, _pre and _rc are below the version without them",
                    "_(?:alpha|beta|pre|rc)",
                ),
                Rule(
                    "suffix after",
                    "_cvs, _svn, _git, _hg and _p are above the version without them",
                    "_(?:cvs|svn|git|hg|p(?!re))",
                ),
                _LONG,
                Rule(
                    "leading zeros",
                    "behind a dot, a number with a leading zero compares as a fraction",
                    r"(?<![0-9])0[0-9]",
                ),
                Rule("letter", "a letter after the numbers is above none", "[0-9][a-z]"),
                Rule("revision", "-r and a number come last, and -r0 is above none", "-r"),
                _NUMBERS,
            )
        ),
        "pep440": Rules(
            (
                Rule("epoch", "the number before the ! comes first, and is 0 where there is none", "!"),
                Rule("local version", "a local version is above the same version without it", r"\+"),
                Rule("development release", "it is below the release that it leads to", "(?i:dev)"),
                Rule("post-release", "it is above the release that it follows", r"(?i:post|rev|r(?!c))|[0-9]-[0-9]"),
                Rule("pre-release", "it is below its release: alpha, beta, rc", "(?i:a|b|c|pre)"),
                _LONG,
                _ZEROS,
                Rule("white space and v", "they do not count", r"\s|[vV]"),
                Rule("trailing zeros", "1.0 is 1", r"\.0+(?![0-9.])"),
                _NUMBERS,
            )
        ),
        "semver": Rules(
            (
                Rule("build", "what follows a plus does not count", r"\+"),
                Rule("long numbers", "digits are a number of any length", r"[0-9]{10}"),
                Rule("missing pre-release", "a version is above its pre-releases", "-", once=True),
                Rule(
                    "letters",
                    "identifiers with letters or dashes compare by their bytes, and are above numbers",
                    r"-.*[A-Za-z-]",
                ),
                Rule("pre-release", "numbers compare as numbers, and one identifier more is greater", "-"),
                _NUMBERS,
            )
        ),
        "gem": Rules(
            (
                Rule("dash", "a dash is .pre.", "-"),
                Rule("white space", "blanks around a version do not count", r"\s"),
                Rule("letters", "letters make a pre-release: they are below a number, and below the end", "[A-Za-z]"),
                _LONG,
                _ZEROS,
                Rule("trailing zeros", "1.0 is 1", r"\.0+(?![0-9.])"),
                _NUMBERS,
            )
        ),
    }
)
