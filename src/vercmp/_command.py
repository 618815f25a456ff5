"""The command ``vercmp``: compare, sort, max, key, validate, conformance, vectors.

Text in and out is UTF-8, whatever the locale. A line ends with a line feed, and all before that belongs to the version.
A bad line is reported on standard error with its number, the other lines are still answered, and the exit status is 2.
With ``--strict`` the first bad line ends the run.
"""

import argparse
import io
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, cast

import vercmp
from vercmp import SCHEMES, InvalidVersion, UnknownScheme
from vercmp._console import abandon, hold_standard_descriptors, usage_text, write_error
from vercmp.schemes import scheme_named

__all__ = ["run"]

# Exit statuses of compare, as rpmdev-vercmp has them.
_FIRST_NEWER = 11
_SECOND_NEWER = 12
_REFUSED = 1
_DIFFERENT = 1
_BAD_INPUT = 2
# The exit statuses that a shell gives a program ended by a signal: 128 and the number of SIGPIPE or SIGINT.
_BROKEN_PIPE = 141
_INTERRUPTED = 130

_SIGNS = {-1: "<", 0: "=", 1: ">"}
# Stands in the output for a line without an answer, so that output and input stay in step.
_NO_ANSWER = "?"
_CHUNK = 1 << 16
# Longer lines end the run: a device may never have a line end.
_LONGEST_LINE = 1 << 26

_EXAMPLES = """\
examples:
  vercmp compare --scheme rpm 1.0~rc1 1.0        prints <, and the exit status is 12
  vercmp sort --scheme dpkg < versions.txt       one version a line
  vercmp key --scheme apk 1.2.3-r0               bytes that sort, in hexadecimal

Put versions that begin with - after --. Bad input: exit status 2.
"""


class _BadInput(Exception):
    """A version or line that you cannot use."""


class _Stop(Exception):
    """The first bad input of a strict run, already reported."""


class _Complaints:
    """Reports bad input at once, and counts it for the exit status."""

    def __init__(self, command: str, strict: bool) -> None:
        self._command = command
        self._strict = strict
        self.count = 0

    def add(self, where: str, reason: object) -> None:
        self.count += 1
        _complain(f"vercmp {self._command}: {where}: {reason}")
        if self._strict:
            raise _Stop


def _complain(text: str) -> None:
    write_error(_visible(text))


def _visible(text: str) -> str:
    """The text in ASCII, with controls escaped."""
    escaped = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in escaped)


def _lines() -> Iterator[list[bytes]]:
    """Lines of standard input, as many as are there at a time, so that a waiting program gets its answers."""
    stream = cast(io.BufferedIOBase, sys.stdin.buffer)
    # The parts of a line that has not ended yet.
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read1(_CHUNK):
        first, *more = chunk.split(b"\n")
        parts.append(first)
        size += len(first)
        if more:
            yield [b"".join(parts), *more[:-1]]
            parts = more[-1:]
            size = len(more[-1])
        if size > _LONGEST_LINE:
            raise _BadInput(f"longer than {_LONGEST_LINE} bytes")
    if size:
        yield [b"".join(parts)]


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadInput(f"not UTF-8: byte {error.start + 1} is 0x{raw[error.start]:02x}") from None


def _write(lines: Iterable[str]) -> None:
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
    sys.stdout.buffer.flush()


def _sources(arguments: Sequence[str]) -> Iterator[list[tuple[str, bytes]]]:
    """The input and where it comes from, in lists as it arrives: the arguments, or else lines of standard input."""
    if arguments:
        if len(arguments) == 1 and os.path.isfile(arguments[0]):
            why = "taken for a version, and there is a file of this name. < reads its lines"
            _complain(f"vercmp: {arguments[0]}: {why}")
        # Back to the original bytes, whatever the locale made of them.
        yield [(f"version {number}", os.fsencode(argument)) for number, argument in enumerate(arguments, 1)]
        return
    number = 1
    try:
        for lines in _lines():
            yield [(f"line {number + i}", line) for i, line in enumerate(lines)]
            number += len(lines)
    except _BadInput as error:
        raise _BadInput(f"line {number}: {error}") from None


def _compare(options: argparse.Namespace, complaints: _Complaints) -> int:
    compare = SCHEMES[options.scheme].compare
    if options.versions:
        try:
            sign = compare(*(_text(os.fsencode(version)) for version in options.versions))
        except (InvalidVersion, _BadInput) as error:
            _complain(f"vercmp compare: {error}")
            return _BAD_INPUT
        _write([_SIGNS[sign]])
        return {-1: _SECOND_NEWER, 0: 0, 1: _FIRST_NEWER}[sign]
    for inputs in _sources([]):
        answers = []
        try:
            for where, raw in inputs:
                answer = _NO_ANSWER
                try:
                    pair = _text(raw).split("\t")
                    if len(pair) != 2:
                        raise _BadInput(f"expected A TAB B, found {len(pair) - 1} tabs")
                    answer = _SIGNS[compare(*pair)]
                except (InvalidVersion, _BadInput) as error:
                    complaints.add(where, error)
                answers.append(answer)
        finally:
            _write(answers)
    return 0


def _keyed(options: argparse.Namespace, complaints: _Complaints) -> Iterator[list[tuple[str, bytes] | None]]:
    """Versions with their keys, or None for bad input, in lists as the input arrives."""
    sort_key = SCHEMES[options.scheme].sort_key
    for inputs in _sources(options.versions):
        keyed: list[tuple[str, bytes] | None] = []
        try:
            for where, raw in inputs:
                one = None
                try:
                    version = _text(raw)
                    one = version, sort_key(version)
                except (InvalidVersion, _BadInput) as error:
                    complaints.add(where, error)
                keyed.append(one)
        except _Stop:
            yield keyed
            raise
        yield keyed


def _accepted(options: argparse.Namespace, complaints: _Complaints) -> Iterator[tuple[str, bytes]]:
    return (one for one in itertools.chain.from_iterable(_keyed(options, complaints)) if one is not None)


def _sort(options: argparse.Namespace, complaints: _Complaints) -> int:
    keyed = sorted(_accepted(options, complaints), key=lambda one: one[1], reverse=options.reverse)
    if options.unique:
        keyed = [next(group) for _, group in itertools.groupby(keyed, key=lambda one: one[1])]
    _write(version for version, _ in keyed)
    return 0


def _max(options: argparse.Namespace, complaints: _Complaints) -> int:
    newest = max(_accepted(options, complaints), key=lambda one: one[1], default=None)
    if newest is None:
        _complain("vercmp max: no version")
        return _BAD_INPUT
    _write([newest[0]])
    return 0


def _key(options: argparse.Namespace, complaints: _Complaints) -> int:
    for keyed in _keyed(options, complaints):
        _write(_NO_ANSWER if one is None else one[1].hex() for one in keyed)
    return 0


def _validate(options: argparse.Namespace, complaints: _Complaints) -> int:
    validate = SCHEMES[options.scheme].validate
    refused = False
    for inputs in _sources(options.versions):
        remarks = []
        try:
            for where, raw in inputs:
                try:
                    version = _text(raw)
                    remarks += [f"warning\t{version}\t{warning}" for warning in validate(version)]
                except _BadInput as error:
                    complaints.add(where, error)
                except InvalidVersion as error:
                    refused = True
                    remarks.append(f"error\t{error.version}\t{error.reason}")
                    if options.strict:
                        return _REFUSED
        finally:
            _write(remarks)
    return _REFUSED if refused else 0


def _conformance(options: argparse.Namespace, complaints: _Complaints) -> int:
    # Here, so that no other command waits for it.
    from vercmp.testing import conformance, conformance_reports

    program = conformance.Program(options.command, options.timeout)
    try:
        report = conformance.check_program(
            program, options.scheme, pairs=options.pairs, seed=options.seed, valid_only=options.valid_only
        )
    except UnknownScheme as error:
        _complain(f"vercmp conformance: {error}")
        return _BAD_INPUT
    except conformance.ProgramFailed as error:
        _complain(f"vercmp conformance: {options.command[0]}: {error}")
        return _BAD_INPUT
    _write(conformance_reports.FORMATS[options.format](report, options.scheme, options.seed))
    return _DIFFERENT if report.broken else 0


def _vectors(options: argparse.Namespace, complaints: _Complaints) -> int:
    from vercmp.testing import vector_pairs

    try:
        pairs = vector_pairs.pairs(options.scheme, strangers=options.pairs, seed=options.seed)
    except UnknownScheme as error:
        _complain(f"vercmp vectors: {error}")
        return _BAD_INPUT
    _write(vector_pairs.FORMATS[options.format](pairs))
    return 0


class _Version(argparse.Action):
    """``--version``, read only when you use it because that is slow."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"vercmp {vercmp.__version__}")
        parser.exit()


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError
    return seconds


# argparse prints these names in "invalid ... value".
_not_negative.__name__ = "number"
_seconds.__name__ = "number of seconds"


def _scheme_name(name: str) -> str:
    """A name of the registry, for it or for one of the names that others give the scheme."""
    try:
        return scheme_named(name)
    except UnknownScheme as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        # argparse itself leaves with 0 where this cannot be written.
        sys.stdout.write(self.format_help())
        sys.stdout.flush()

    def error(self, message: str) -> NoReturn:
        # argparse itself prints the usage, and on standard output where standard error is closed.
        _complain(usage_text(self.prog, message))
        raise SystemExit(_BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="vercmp",
        description="Order package versions exactly as rpm, dpkg, apk, Python, SemVer and RubyGems do.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version of vercmp")
    # Without prog, argparse would format a usage on every start.
    commands = parser.add_subparsers(metavar="COMMAND", required=True, prog="vercmp")

    def command(
        name: str, run: Callable[[argparse.Namespace, _Complaints], int], help: str, description: str, example: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=help,
            description=f"{help[0].upper()}{help[1:]}. {description}",
            epilog=f"Example: {example}",
            allow_abbrev=False,
        )
        added.set_defaults(run=run, name=name, parser=added, strict=False)
        return added

    def scheme(to: argparse.ArgumentParser) -> None:
        names = "{" + ",".join(SCHEMES) + "}"
        to.add_argument("--scheme", required=True, type=_scheme_name, metavar=names, help="the order to use")

    def strict(to: argparse.ArgumentParser) -> None:
        to.add_argument("--strict", action="store_true", help="stop at the first bad input")

    def versions(to: argparse.ArgumentParser) -> None:
        scheme(to)
        strict(to)
        to.add_argument("versions", nargs="*", metavar="VERSION", help="without any: the lines of standard input")

    compare = command(
        "compare",
        _compare,
        "print <, = or > for two versions",
        "The exit status is rpmdev-vercmp's: 0 equal, 11 A is newer, 12 B is newer. Without A and B, each line of "
        "standard input is A TAB B, each line of output is its answer (? for bad input), and the exit status is 0.",
        "vercmp compare --scheme rpm 1.0~rc1 1.0",
    )
    scheme(compare)
    strict(compare)
    compare.add_argument("versions", nargs="*", metavar="A B")
    sort = command(
        "sort",
        _sort,
        "sort versions",
        "Equal versions keep the order of the input.",
        "vercmp sort --scheme dpkg --reverse 1.0 1.0~rc1 1:0.9",
    )
    versions(sort)
    sort.add_argument("--reverse", action="store_true", help="newest first")
    sort.add_argument(
        "--unique", action="store_true", help="print only the first of equal versions, whatever their text"
    )
    versions(
        command(
            "max", _max, "print the newest version", "Of equal versions, the first.", "vercmp max --scheme apk 1.9 1.10"
        )
    )
    versions(
        command(
            "key",
            _key,
            "print sort keys in hexadecimal",
            "They sort as the versions do: as text, as bytes, and in a database. For bad input the line is ?.",
            "vercmp key --scheme rpm 1.0-1",
        )
    )
    versions(
        command(
            "validate",
            _validate,
            "print the errors and warnings of the scheme's tool",
            "One line for each: error or warning, TAB, the version, TAB, the reason. A good version prints nothing. "
            "The exit status is 1 where a version is an error.",
            "vercmp validate --scheme dpkg 1.0_1",
        )
    )
    check = command(
        "conformance",
        _conformance,
        "test a program that compares versions",
        "It reads lines A TAB B in UTF-8 and prints a line -1, 0 or 1 for each. Exit status: 0 it conforms, 1 it does "
        "not, 2 it does not run or does not answer.",
        "vercmp conformance --scheme rpm -- ./my-comparator",
    )
    check.usage = "vercmp conformance --scheme SCHEME [OPTION ...] -- PROGRAM [ARGUMENT ...]"
    check.add_argument("--scheme", required=True, help=f"the order to test: {', '.join(SCHEMES)} or rpmvercmp")
    check.add_argument("--pairs", type=_not_negative, default=100_000, help="how many pairs to generate (%(default)s)")
    check.add_argument("--seed", type=int, default=0, help="for other generated pairs (%(default)s)")
    check.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="for each run, of at most 20000 pairs (%(default)g)",
    )
    check.add_argument("--valid-only", action="store_true", help="leave out versions that the scheme's tool warns of")
    check.add_argument("--format", choices=("text", "json", "tap"), default="text", help="of the result (%(default)s)")
    facts = command(
        "vectors",
        _vectors,
        "print how the real tool orders versions, for table tests in any language",
        "A line is a TAB b TAB -1, 0 or 1, or a list of such lists in JSON. Neighbours in the order come first.",
        "vercmp vectors --scheme rpm --format json > rpm.json",
    )
    facts.add_argument("--scheme", required=True, help=f"the order: {', '.join(SCHEMES)} or rpmvercmp")
    facts.add_argument(
        "--pairs", type=_not_negative, default=1000, help="how many pairs that are no neighbours (%(default)s)"
    )
    facts.add_argument("--seed", type=int, default=0, help="for other such pairs (%(default)s)")
    facts.add_argument("--format", choices=("tsv", "json"), default="tsv", help="of the output (%(default)s)")
    return parser


def run(argv: Sequence[str] | None) -> int:
    """Run the command line and return its exit status. Wrong usage exits with 2, as argparse does."""
    try:
        if None in (sys.stdin, sys.stdout, sys.stderr):
            hold_standard_descriptors()
        return _main(list(sys.argv[1:] if argv is None else argv))
    except SystemExit:
        # What argparse printed may not have been written yet.
        if sys.stdout is not None:
            try:
                sys.stdout.flush()
            except OSError as error:
                _complain(f"vercmp: standard output: {error.strerror or error}")
                abandon(sys.stdout)
                raise SystemExit(_BAD_INPUT) from None
        raise
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        _complain(f"vercmp: {error}")
        if sys.stdout is not None:
            abandon(sys.stdout)
        return _BAD_INPUT
    except Exception as error:
        if os.environ.get("VERCMP_DEBUG"):
            raise
        text = f": {error}" if str(error) else ""
        _complain(f"vercmp: {type(error).__name__}{text}. With VERCMP_DEBUG=1 you see where")
        return _BAD_INPUT


def _main(arguments: list[str]) -> int:
    program: list[str] = []
    # All after -- belongs to the program, options too.
    if arguments[:1] == ["conformance"] and "--" in arguments:
        at = arguments.index("--")
        arguments, program = arguments[:at], arguments[at + 1 :]
    options = _parser().parse_args(arguments)
    if options.name == "conformance":
        if not program:
            options.parser.error("give a program: -- PROGRAM [ARGUMENT ...]")
        options.command = program
    if options.name == "compare" and len(options.versions) not in (0, 2):
        options.parser.error("give two versions, or none to read pairs from standard input")
    complaints = _Complaints(options.name, options.strict)
    if sys.stdin is None or sys.stdout is None:
        _complain("vercmp: standard input and output must be open")
        return _BAD_INPUT
    try:
        status: int = options.run(options, complaints)
    except _Stop:
        status = 0
    except BrokenPipeError:
        # The reader has closed the pipe.
        abandon(sys.stdout)
        return _BROKEN_PIPE
    except OSError as error:
        _complain(f"vercmp {options.name}: {error}")
        abandon(sys.stdout)
        return _BAD_INPUT
    except _BadInput as error:
        _complain(f"vercmp {options.name}: {error}")
        return _BAD_INPUT
    except ImportError as error:
        # The scheme needs a library that is not installed.
        _complain(f"vercmp {options.name}: {error}")
        return _BAD_INPUT
    return _BAD_INPUT if complaints.count else status
