"""The command ``vercmp``: compare, sort, max, key, validate, conformance.

Text in and out is UTF-8 whatever the locale; a line ends with a line feed, and everything else before it belongs to the
version. What is wrong with one line is said on standard error with its number, the other lines are still done, and the
exit status is 2; with ``--strict`` the first such line ends the run.
"""

import argparse
import io
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, cast

from vercmp import SCHEMES, InvalidVersion, UnknownScheme
from vercmp.schemes import unknown_scheme

__all__ = ["main"]

# Exit statuses of compare, as rpmdev-vercmp has them.
_FIRST_NEWER = 11
_SECOND_NEWER = 12
_REFUSED = 1
_DIFFERENT = 1
_BAD_INPUT = 2
# What a shell says of a program that a signal ended: 128 and SIGPIPE's, SIGINT's number.
_BROKEN_PIPE = 141
_INTERRUPTED = 130

_SIGNS = {-1: "<", 0: "=", 1: ">"}
# Keeps the lines of output in step with those of input where there is no answer.
_NO_ANSWER = "?"
_CHUNK = 1 << 16


class _BadInput(Exception):
    """One version or line that cannot be used."""


class _Stop(Exception):
    """The first bad input of a strict run; it has been reported."""


class _Complaints:
    """Bad input as it is met: reported at once, and counted for the exit status."""

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
    # A closed standard error is no reason to fail otherwise than with the exit status.
    if sys.stderr is not None:
        print(text.encode("ascii", "backslashreplace").decode(), file=sys.stderr)


def _lines() -> Iterator[list[bytes]]:
    """Lines of standard input, as many at a time as have come, so that a waiting program gets its answers."""
    stream = cast(io.BufferedIOBase, sys.stdin.buffer)
    rest = b""
    while chunk := stream.read1(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            yield lines
    if rest:
        yield [rest]


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadInput(f"not UTF-8: byte {error.start + 1} is 0x{raw[error.start]:02x}") from None


def _write(lines: Iterable[str]) -> None:
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
    sys.stdout.buffer.flush()


def _sources(arguments: Sequence[str]) -> Iterator[list[tuple[str, bytes]]]:
    """The input with where it came from, in lists as it comes: the arguments, or else the lines of standard input."""
    if arguments:
        # Back to the bytes that they were, whatever the locale has made of them.
        yield [(f"version {number}", os.fsencode(argument)) for number, argument in enumerate(arguments, 1)]
        return
    number = 1
    for lines in _lines():
        yield [(f"line {number + i}", line) for i, line in enumerate(lines)]
        number += len(lines)


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
                        raise _BadInput(f"{len(pair) - 1} tabs, not one between two versions")
                    answer = _SIGNS[compare(*pair)]
                except (InvalidVersion, _BadInput) as error:
                    complaints.add(where, error)
                answers.append(answer)
        finally:
            _write(answers)
    return 0


def _keyed(options: argparse.Namespace, complaints: _Complaints) -> Iterator[list[tuple[str, bytes] | None]]:
    """Versions with their keys, None for what is refused, in lists as the input comes."""
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


def _accepted(options: argparse.Namespace, complaints: _Complaints) -> list[tuple[str, bytes]]:
    return [one for one in itertools.chain.from_iterable(_keyed(options, complaints)) if one is not None]


def _sort(options: argparse.Namespace, complaints: _Complaints) -> int:
    keyed = _accepted(options, complaints)
    keyed.sort(key=lambda one: one[1], reverse=options.reverse)
    if options.unique:
        keyed = [next(group) for _, group in itertools.groupby(keyed, key=lambda one: one[1])]
    _write(version for version, _ in keyed)
    return 0


def _max(options: argparse.Namespace, complaints: _Complaints) -> int:
    keyed = _accepted(options, complaints)
    if not keyed:
        _complain("vercmp max: no version")
        return _BAD_INPUT
    _write([max(keyed, key=lambda one: one[1])[0]])
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
    # Imported here: no other command should wait for it.
    from vercmp.testing import conformance

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
    _write(
        [
            f"{options.scheme}: {report.vectors} pairs of vectors, {report.different_vectors} different",
            f"{options.scheme}: {report.generated} generated pairs (seed {options.seed}), "
            f"{report.different_generated} different",
        ]
    )
    if report.smallest is None:
        return 0
    a, b, got, wanted = report.smallest
    _write([f"smallest: {a!a} against {b!a}: the program says {got}, {options.scheme} says {wanted}"])
    return _DIFFERENT


class _Version(argparse.Action):
    """``--version``: the metadata of the distribution are slow to read, so only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"vercmp {version('vercmp')}")
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


# What argparse calls the value in "invalid ... value".
_not_negative.__name__ = "number"
_seconds.__name__ = "number of seconds"


def _scheme_name(name: str) -> str:
    """A name of the registry; what is no order says why."""
    if name not in SCHEMES:
        raise argparse.ArgumentTypeError(str(unknown_scheme(name)))
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vercmp",
        description="Order package versions exactly as rpm, dpkg, apk and Python do.",
        epilog="Versions that begin with - go after --. Bad input: exit status 2.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version of vercmp")
    # Said, or argparse would format a usage to find it, on every start.
    commands = parser.add_subparsers(metavar="COMMAND", required=True, prog="vercmp")

    def command(
        name: str, run: Callable[[argparse.Namespace, _Complaints], int], help: str, description: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=help, description=f"{help[0].upper()}{help[1:]}. {description}", allow_abbrev=False
        )
        added.set_defaults(run=run, name=name, parser=added, strict=False)
        return added

    def scheme(to: argparse.ArgumentParser) -> None:
        names = "{" + ",".join(SCHEMES) + "}"
        to.add_argument("--scheme", required=True, type=_scheme_name, metavar=names, help="whose order")

    def strict(to: argparse.ArgumentParser) -> None:
        to.add_argument("--strict", action="store_true", help="stop at the first bad input")

    def versions(to: argparse.ArgumentParser) -> None:
        scheme(to)
        strict(to)
        to.add_argument("versions", nargs="*", metavar="VERSION", help="else standard input, one a line")

    compare = command(
        "compare",
        _compare,
        "print <, = or > for two versions",
        "Exit status as rpmdev-vercmp: 0 equal, 11 A is newer, 12 B is newer. Without A and B: each line of standard "
        "input is A TAB B, each line of output its answer (? for bad input), and the exit status is 0.",
    )
    scheme(compare)
    strict(compare)
    compare.add_argument("versions", nargs="*", metavar="A B")
    sort = command("sort", _sort, "sort versions", "Equal versions stay in the order they came in.")
    versions(sort)
    sort.add_argument("--reverse", action="store_true", help="newest first")
    sort.add_argument("--unique", action="store_true", help="of equal versions only the first, whatever their text")
    versions(command("max", _max, "print the newest version", "Of equal ones the first."))
    versions(
        command(
            "key",
            _key,
            "print sort keys in hexadecimal",
            "Their order as text, as bytes, or in a database is the order of the versions. Bad input: ?",
        )
    )
    versions(
        command(
            "validate",
            _validate,
            "print what the scheme's tool says of versions",
            "One line for a remark: error or warning, TAB, the version, TAB, the reason. Nothing for a version it says "
            "nothing of. Exit status 1 where it refuses one.",
        )
    )
    check = command(
        "conformance",
        _conformance,
        "test a program that compares versions",
        "It reads A TAB B a line in UTF-8 and prints -1, 0 or 1 a line. Exit status: 0 it conforms, 1 it does not, "
        "2 it cannot be run or does not answer.",
    )
    check.usage = "vercmp conformance --scheme SCHEME [OPTION ...] -- PROGRAM [ARGUMENT ...]"
    check.add_argument("--scheme", required=True, help=f"whose order: {', '.join(SCHEMES)} or rpmvercmp")
    check.add_argument(
        "--pairs", type=_not_negative, default=100_000, help="generated pairs, after the vectors (%(default)s)"
    )
    check.add_argument("--seed", type=int, default=0, help="of the generated pairs (%(default)s)")
    check.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="for each run, of at most 20000 pairs (%(default)g)",
    )
    check.add_argument("--valid-only", action="store_true", help="no versions that the scheme's tool warns of")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; wrong usage exits with 2 as argparse does."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    program: list[str] = []
    # What comes after -- is the program's own, options and all.
    if arguments[:1] == ["conformance"] and "--" in arguments:
        at = arguments.index("--")
        arguments, program = arguments[:at], arguments[at + 1 :]
    options = _parser().parse_args(arguments)
    if options.name == "conformance":
        if not program:
            options.parser.error("it needs a program: -- PROGRAM [ARGUMENT ...]")
        options.command = program
    if options.name == "compare" and len(options.versions) not in (0, 2):
        options.parser.error("it needs two versions, or none to read pairs from standard input")
    complaints = _Complaints(options.name, options.strict)
    if sys.stdin is None or sys.stdout is None:
        _complain("vercmp: standard input and output must be open")
        return _BAD_INPUT
    try:
        status: int = options.run(options, complaints)
    except _Stop:
        status = 0
    except BrokenPipeError:
        # Whoever read has enough.
        _abandon_output()
        return _BROKEN_PIPE
    except OSError as error:
        _complain(f"vercmp {options.name}: {error}")
        _abandon_output()
        return _BAD_INPUT
    except ImportError as error:
        # A scheme whose library is an extra that is not installed.
        _complain(f"vercmp {options.name}: {error}")
        return _BAD_INPUT
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _BAD_INPUT if complaints.count else status


def _abandon_output() -> None:
    """What could not be written must not be tried once more when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
