"""The orders that you can test against, and the grammars of their versions: the data of every generator.

A new scheme is one entry of :data:`ORDERS`. Its grammar is a sequence of :class:`Part`. A grammar may also make invalid
versions, because generators drop those that ``warnings`` refuses.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from vercmp import apk, dpkg, gem, pep440, rpm, semver
from vercmp.errors import InvalidVersion
from vercmp.schemes import unknown_scheme
from vercmp.testing import facts

__all__ = ["ORDERS", "Order", "Part", "find"]


class Part(NamedTuple):
    """One stretch of a version: *least* to *most* times one piece from each of *pools*, in that sequence.

    The first piece of a pool is the simplest. Counterexamples shrink towards it.
    """

    least: int
    most: int
    pools: tuple[tuple[str, ...], ...]


class Order(NamedTuple):
    """One order: our functions, the facts about it, and the grammars of its versions.

    :ivar warnings: raises :exc:`vercmp.InvalidVersion` where the real tool refuses a version, else returns its
        warnings.
    :ivar vectors: the name of its file of facts.
    :ivar plain: the grammar of versions as packagers write them.
    :ivar nasty: the grammar of versions that nobody expects, and that the order accepts.
    :ivar rewrites: patterns and replacements. Most of them leave a version equal to itself.
    :ivar alphabet: the characters to insert: those with a meaning in the order, and some without.
    :ivar lenient: whether the real tool accepts nearly every text, so that versions need no grammar.
    """

    compare: Callable[[str, str], int]
    sort_key: Callable[[str], bytes]
    warnings: Callable[[str], tuple[str, ...]]
    vectors: str
    plain: tuple[Part, ...]
    nasty: tuple[Part, ...]
    rewrites: tuple[tuple[str, str], ...]
    alphabet: str
    lenient: bool

    def accepts(self, version: str, *, valid_only: bool) -> bool:
        """Whether the real tool accepts the version. With *valid_only*: without a warning."""
        try:
            return not (self.warnings(version) and valid_only)
        except InvalidVersion:
            return False

    def facts(self, *, valid_only: bool) -> tuple[tuple[str, ...], ...]:
        """Groups of equal versions, ascending."""
        groups = facts.ordered(self.vectors)
        if not valid_only:
            return groups
        kept = (tuple(version for version in group if not self.warnings(version)) for group in groups)
        return tuple(group for group in kept if group)


def _rpm_segment_warnings(version: str) -> tuple[str, ...]:
    """librpm's rpmvercmp accepts every C string, even the empty one."""
    rpm.segment_key(version)
    return ()


_NUMBERS = ("1", "2", "0", "9", "10", "11", "99", "100", "2023", "20230415", "01", "007")
# Around the limits of machine words, Python's limit of digits to convert, and nothing but zeros.
_HUGE = (
    "2147483647",
    "2147483648",
    "4294967296",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1" + "0" * 39,
    "9" * 40,
    "0" * 20 + "1",
    "00",
    "000",
    "7" * 4400,
)
_SEPARATORS = (".", "-", "_", "+", ":", "~", "^", "..", "~~", "^^", "~^", "^~", ".~", "~.", "-~", " ", ",", "/", "!")
# Digits and letters of Unicode but not of C. Combining, wide and astral ones. One that lower case makes longer.
_FOREIGN = ("\xe9", "\u03b1", "\u0663", "\xb2", "\u0130", "e\u0301", "\U0001f4e6", "\ufeff", "\xa0", "\x7f", "\x01")
_LETTERS = ("a", "b", "z", "A", "Z", "aa", "ab", "rc", "alpha", "a" * 64)

_APK_SUFFIXES = ("_p", "_rc", "_alpha", "_beta", "_pre", "_cvs", "_svn", "_git", "_hg")
_APK_HUGE = ("2147483648", "18446744073709551615", "9223372036854775808", "007", "000", "010")
_PEP440_HUGE = ("223", "224", "255", "65536", "18446744073709551616", "9" * 40, "7" * 4300, "000")
_PEP440_MARKS = ("", ".", "-", "_")
# A number must follow every separator, so the empty one stands alone.
_PEP440_COUNTS = ("1", "00", *_PEP440_HUGE)
# No number has a leading zero. 2**53, where JavaScript's numbers end, is among the limits.
_SEMVER_NUMBERS = ("1", "0", "2", "9", "10", "11", "99", "100", "2023", "20230415")
_SEMVER_HUGE = (
    *("109", "110", "237", "238", "2157", "2158", "2285", "2286", "2147483648", "9007199254740992"),
    *("18446744073709551615", "18446744073709551616", "1" + "0" * 39, "9" * 40, "7" * 4300),
)
_SEMVER_PLAIN = ("rc", "alpha", "beta", "rc.1", "alpha.1", "beta.2", "beta.11", "rc1", "0", "20230415", "dev-1")
_SEMVER_TEXTS = ("a", "A", "-", "--", "0-", "-0", "01a", "1a", "a1", "a-b", "rc", "rc1", "aB", "Z" * 64)
_GEM_HUGE = (
    *("131", "132", "2179", "2180", "65536", "2147483648", "18446744073709551615", "18446744073709551616"),
    *("1" + "0" * 39, "9" * 40, "0" * 20 + "1", "00", "000", "7" * 4400),
)
_GEM_PLAIN = ("rc1", "pre", "beta", "rc", "alpha", "beta2", "pre1", "rc10", "a", "dev", "x86", "rc.1")
_GEM_TEXTS = ("a", "A", "Z", "z", "aa", "ab", "pre", "prd", "prf", "a1", "a0", "1a", "0a", "a0b", "a00b", "Z" * 64)

_RPM_UPSTREAM = (
    Part(1, 1, (_NUMBERS,)),
    Part(0, 3, ((".",), _NUMBERS)),
    Part(
        0,
        1,
        (
            ("~", "^", "", ".", "_", "+"),
            ("rc1", "a", "b", "p1", "beta2", "git1", "20230415git0a1b2c3", "post0", "final"),
        ),
    ),
)
_RPM_RELEASE_TAIL = Part(
    0,
    2,
    (
        (
            ".el9",
            ".el9_2",
            ".el10",
            ".fc38",
            ".amzn2",
            ".1",
            "_1",
            ".alma.1",
            ".rocky",
            "+7.0",
            ".module+el8.9.0+12+0a1b2c3d",
            ".module_el8.10.0+3+ffffffff",
            "~bootstrap",
            "^20230415",
            "a",
        ),
    ),
)
_RPM_NASTY = (Part(1, 9, (_NUMBERS + _LETTERS + _SEPARATORS + _FOREIGN + _HUGE,)),)
_RPM_REWRITES = (
    (r"(?<![0-9])(?=[0-9])", "0"),
    (r"(?<![0-9])0+(?=[0-9])", ""),
    (r"[._+]", "_"),
    (r"[._+]", ".."),
    (r"(?<=[A-Za-z])(?=[0-9])", "."),
    (r"(?<=[0-9])(?=[A-Za-z])", "+"),
    (r"\Z", "."),
    (r"(?=[~^])", "."),
    (r"(?<=[~^])", "\xe9"),
)
# A dash, a tilde and a caret stand here twice: comparators most often misread where they are.
_RPM_ALPHABET = "01a.~^-9zAZ:_+ \xe9-~^"

#: Every order by its name: the schemes, and the parts of them that other programs offer alone.
ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "rpm": Order(
            compare=rpm.compare,
            sort_key=rpm.sort_key,
            warnings=rpm.validate,
            vectors="rpm.tsv",
            plain=(
                Part(0, 1, (("0", "1", "2", "10", "01"), (":",))),
                *_RPM_UPSTREAM,
                Part(0, 1, (("-",), ("1", "2", "0", "0.1", "10", "427"))),
                _RPM_RELEASE_TAIL,
            ),
            nasty=(
                Part(0, 1, (("0", "1", "", "00", "a", "1a", "~", " ", *_HUGE), (":",))),
                *_RPM_NASTY,
                Part(0, 1, (("-",), ("", "1", "0", "~", "^", "a", "\xe9", *_HUGE))),
            ),
            rewrites=(*_RPM_REWRITES, (r"\A(?=[^:]*\Z)", "0:"), (r"\A0*:", "")),
            alphabet=_RPM_ALPHABET,
            lenient=True,
        ),
        # One version or release string: librpm's function of that name. Many programs have only this part.
        "rpmvercmp": Order(
            compare=rpm.rpmvercmp,
            sort_key=rpm.segment_key,
            warnings=_rpm_segment_warnings,
            vectors="rpmvercmp.tsv",
            plain=(*_RPM_UPSTREAM, Part(0, 1, ((".",), ("1", "el9", "el9_2", "fc38")))),
            nasty=(Part(0, 9, _RPM_NASTY[0].pools),),
            rewrites=_RPM_REWRITES,
            alphabet=_RPM_ALPHABET,
            lenient=True,
        ),
        "dpkg": Order(
            compare=dpkg.compare,
            sort_key=dpkg.sort_key,
            warnings=dpkg.validate,
            vectors="dpkg.tsv",
            plain=(
                Part(0, 1, (("1", "0", "2", "10", "01"), (":",))),
                Part(1, 1, (_NUMBERS,)),
                Part(0, 3, ((".",), _NUMBERS)),
                Part(
                    0,
                    2,
                    (
                        ("~", "+", "", ".", "-"),
                        ("rc1", "a", "b", "dfsg", "dfsg1", "ds1", "git20230415.0a1b2c3", "really1.9", "alpha2", "~"),
                    ),
                ),
                Part(0, 1, (("-",), ("1", "2", "0", "10", "0ubuntu1", "1.1", "0+deb12u1"))),
                Part(
                    0,
                    2,
                    (
                        (
                            "+b1",
                            "+deb12u1",
                            "+deb12u10",
                            "~deb11u1",
                            "~bpo12+1",
                            "ubuntu1",
                            "ubuntu0.22.04.1",
                            "build1",
                            "+nmu1",
                            ".1",
                            "~",
                            "~~",
                        ),
                    ),
                ),
            ),
            nasty=(
                Part(0, 1, (("0", "1", "+1", "-0", "00", " 2", "2147483647", "0000000000000001"), (":",))),
                Part(1, 9, (_NUMBERS + _LETTERS + _SEPARATORS + _FOREIGN + _HUGE,)),
                Part(0, 1, (("-",), ("0", "1", "00", "~", "a", "+", ".", "\xe9", *_HUGE))),
            ),
            rewrites=(
                (r"(?<![0-9])(?=[0-9])", "0"),
                (r"(?<![0-9])0+(?=[0-9])", ""),
                (r"\A(?=[^:]*\Z)", "0:"),
                (r"\A0*:", ""),
                (r"\A([^-]*)\Z", r"\1-0"),
                (r"-0+\Z", ""),
                (r"(?<=[^0-9-])\Z", "0"),
                (r"(?<=[^0-9])(?=-[^-]*\Z)", "0"),
                (r"\A|\Z", " "),
            ),
            alphabet="01a.~+-9zAZ:_ \xe9-~",
            lenient=True,
        ),
        "apk": Order(
            compare=apk.compare,
            sort_key=apk.sort_key,
            warnings=apk.validate,
            vectors="apk.tsv",
            plain=(
                Part(1, 1, (_NUMBERS,)),
                Part(0, 3, ((".",), _NUMBERS)),
                Part(0, 1, (("a", "b", "z"),)),
                Part(0, 2, (_APK_SUFFIXES, ("", "1", "2", "0", "10", "20240229"))),
                Part(0, 1, (("-r",), ("0", "1", "2", "10", "01"))),
            ),
            nasty=(
                Part(1, 1, (_NUMBERS + _APK_HUGE,)),
                Part(0, 4, ((".",), _NUMBERS + _APK_HUGE)),
                Part(0, 1, (("a", "p", "z"),)),
                Part(0, 4, (_APK_SUFFIXES, ("", "0", "00", *_NUMBERS, *_APK_HUGE))),
                Part(0, 1, (("~",), ("0", "00", "a", "f", "1a2b3c", "e" * 40))),
                Part(0, 1, (("-r",), ("0", "00", *_NUMBERS, *_APK_HUGE))),
            ),
            rewrites=(
                (r"(?<=-r)(?=[0-9])", "0"),
                (r"\A(?=[0-9])", "0"),
                (r"(?<=[a-z])(?=[0-9])", "0"),
                (r"(?<![0-9])0+(?=[0-9])", ""),
                (r"(?<=\.)(?=[0-9])", "0"),
                (r"-r[0-9]+\Z", ""),
            ),
            alphabet="01.a_~-rpgit9cz",
            lenient=False,
        ),
        "pep440": Order(
            compare=pep440.compare,
            sort_key=pep440.sort_key,
            warnings=pep440.validate,
            vectors="pep440.tsv",
            plain=(
                Part(0, 1, (("1", "0", "2"), ("!",))),
                Part(1, 1, (_NUMBERS,)),
                Part(0, 3, ((".",), _NUMBERS)),
                Part(0, 1, (("rc", "a", "b"), ("1", "0", "2", "10"))),
                Part(0, 1, ((".post",), ("1", "0", "2"))),
                Part(0, 1, ((".dev",), ("1", "0", "2", "20240229"))),
                Part(0, 1, (("+",), ("1", "local", "ubuntu.1", "1.local", "g1a2b3c"))),
            ),
            nasty=(
                Part(0, 1, (("v", "V", " ", "\n"),)),
                Part(0, 1, (_NUMBERS + _PEP440_HUGE, ("!",))),
                Part(1, 1, (_NUMBERS + _PEP440_HUGE,)),
                Part(0, 4, ((".",), _NUMBERS + _PEP440_HUGE)),
                Part(0, 1, (_PEP440_MARKS, ("ALPHA", "beta", "c", "pre", "RC"), _PEP440_MARKS, _PEP440_COUNTS)),
                Part(0, 1, (_PEP440_MARKS, ("post", "rev", "r", "POST"), _PEP440_COUNTS)),
                Part(0, 1, (_PEP440_MARKS, ("dev", "DEV"), _PEP440_COUNTS)),
                Part(0, 1, (("+",), ("0", "00", "a", "A-1", "1_a", "10", "9", "a.1.b.02", "z" * 64))),
            ),
            rewrites=(
                (r"(?<![0-9])(?=[0-9])", "0"),
                (r"(?<![0-9])0+(?=[0-9])", ""),
                (r"(?<=[0-9])(?=\Z|[abr.+])", ".0"),
                (r"\A", "v"),
                (r"\A(?=[^!]*\Z)", "0!"),
                (r"[._-](?=[a-z])", "-"),
                (r"rc", "c"),
                (r"\Z", " "),
            ),
            alphabet="01.abrc+!-_devpost9 ",
            lenient=False,
        ),
        "semver": Order(
            compare=semver.compare,
            sort_key=semver.sort_key,
            warnings=semver.validate,
            vectors="semver.tsv",
            plain=(
                Part(1, 1, (_SEMVER_NUMBERS, (".",), _SEMVER_NUMBERS, (".",), _SEMVER_NUMBERS)),
                Part(0, 1, (("-",), _SEMVER_PLAIN)),
                Part(0, 1, (("+",), ("1", "build.5", "20230415", "g1a2b3c", "incompatible"))),
            ),
            nasty=(
                Part(1, 1, (_SEMVER_NUMBERS + _SEMVER_HUGE, (".",))),
                Part(1, 1, (_SEMVER_NUMBERS + _SEMVER_HUGE, (".",))),
                Part(1, 1, (_SEMVER_NUMBERS + _SEMVER_HUGE,)),
                Part(0, 1, (("-",), _SEMVER_NUMBERS + _SEMVER_HUGE + _SEMVER_TEXTS)),
                # Behind a third number they make no version.
                Part(0, 4, ((".",), _SEMVER_NUMBERS + _SEMVER_HUGE + _SEMVER_TEXTS)),
                Part(0, 1, (("+",), ("0", "00", "-", "001", "a.0.01", "A-1", "z" * 64))),
            ),
            rewrites=(
                (r"\A[^+]*\Z", r"\g<0>+1"),
                (r"\+.*\Z", ""),
                (r"\+.*\Z", "+01.a"),
                (r"(?<=\+)", "0"),
                (r"(?<=\+)", "-."),
                (r"\A[^+]*\Z", r"\g<0>+-"),
                (r"-[^+]*", ""),
                (r"(?<=[.-])(?=[a-z])", "1."),
            ),
            alphabet="01.a-+9zAZrc2b-.",
            lenient=False,
        ),
        "gem": Order(
            compare=gem.compare,
            sort_key=gem.sort_key,
            warnings=gem.validate,
            vectors="gem.tsv",
            plain=(
                Part(1, 1, (_NUMBERS,)),
                Part(0, 3, ((".",), _NUMBERS)),
                Part(0, 1, ((".", "-", ".0."), _GEM_PLAIN)),
                Part(0, 1, ((".",), ("1", "0", "2", "10"))),
            ),
            nasty=(
                Part(0, 1, ((" ", "\n", "\t \r\f\v"),)),
                Part(1, 1, (_NUMBERS + _GEM_HUGE,)),
                Part(0, 5, ((".",), _NUMBERS + _GEM_HUGE + _GEM_TEXTS)),
                Part(0, 1, (("-", "-0.", "--"), _NUMBERS + _GEM_HUGE + _GEM_TEXTS)),
                Part(0, 4, ((".",), _NUMBERS + _GEM_HUGE + _GEM_TEXTS + ("-", "a-b", "0-0"))),
                Part(0, 1, ((" ", "\n"),)),
            ),
            rewrites=(
                (r"(?<![0-9])(?=[0-9])", "0"),
                (r"(?<![0-9])0+(?=[0-9])", ""),
                (r"\Z", ".0"),
                (r"(\.0+)+\Z", ""),
                (r"(?<=[0-9])(?=[.][A-Za-z])", ".0"),
                (r"(\.0+)+(?=[.]?[A-Za-z])", ""),
                (r"(?<=[0-9])\.(?=[A-Za-z])", ""),
                (r"(?<=[0-9])(?=[A-Za-z])", "."),
                (r"-", ".pre."),
                (r"\A", " "),
                (r"\Z", "\n"),
                (r"\A0\Z", ""),
            ),
            alphabet="01.a-9zAZprec2b-. \n_+",
            lenient=False,
        ),
    }
)


def find(name: str) -> Order:
    """The order of that name. Raises :exc:`vercmp.UnknownScheme`."""
    try:
        return ORDERS[name]
    except KeyError:
        raise unknown_scheme(name, ORDERS) from None
