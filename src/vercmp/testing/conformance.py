"""``vercmp conformance``: test a program, in any language, with our vectors and with generated pairs.

The program reads pairs, one ``a TAB b`` a line in UTF-8, and answers each with a line ``-1``, ``0`` or ``1``, or ``?``
where it refuses a version. It may answer at once, or after it has read them all: a thread writes the pairs of a batch
while we read the answers, so neither side waits for the other's buffer. Each batch is a new run of the program.
"""

import contextlib
import functools
import itertools
import os
import random
import re
import selectors
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from vercmp.testing import random_versions, shrinking
from vercmp.testing.orders import Order, find
from vercmp.testing.rules import RULES, Rule, Rules
from vercmp.testing.shrinking import Versions

__all__ = ["Broken", "Difference", "Program", "ProgramFailed", "Report", "check_program"]

Pair = tuple[str, str]

# Small enough for a program that starts another one for each pair. Large enough to start it seldom.
_BATCH = 20_000
# At most so many starts of the program to shrink a counterexample.
_SHRINKING_RUNS = 100
# Versions as packagers write them.
_REALISTIC = re.compile(r"[0-9][0-9A-Za-z.+~^:_!-]{0,39}", re.ASCII)
# None stands for a refusal.
_ANSWERS: Mapping[bytes, int | None] = {b"-1": -1, b"0": 0, b"1": 1, b"?": None}
_LONGEST_ANSWER = 8
# How many bytes a program may print beyond its answers. Then it is stopped.
_SLACK = 1 << 16
_READ = 1 << 16
_SHOWN = 60
_POLL = 0.005
_GRACE = 5.0
_LATE = "not done within"


class ProgramFailed(Exception):
    """The program gives no result: it does not start, dies, hangs, or does not follow the protocol."""


class Difference(NamedTuple):
    """One pair that the program orders in another way than the scheme's real tool.

    :ivar got: the program's answer, None where it refuses a version.
    :ivar wanted: the real tool's.
    """

    a: str
    b: str
    got: int | None
    wanted: int


class Broken(NamedTuple):
    """A rule of the order that the program breaks.

    :ivar pairs: how many wrong answers it explains. What several rules explain is counted once.
    :ivar smallest: the smallest counterexample, shrunk until it has nothing to spare.
    :ivar realistic: the smallest one of versions as packagers write them, None where there is none.
    """

    rule: Rule
    pairs: int
    smallest: Difference
    realistic: Difference | None


class Report(NamedTuple):
    """How many pairs were compared, how many answers differ, and which rules are broken.

    :ivar vectors: pairs of the packaged facts.
    :ivar different_vectors: those of them with a wrong answer.
    :ivar generated: random pairs.
    :ivar different_generated: those of them with a wrong answer.
    :ivar refused: pairs that the program refuses, though the real tool takes both versions without a warning. They are
        among those that differ.
    :ivar doubtful: pairs that the program refuses, and the real tool takes with a warning. They do not differ.
    :ivar broken: the rules that are broken, in their order.
    :ivar asked: for each rule of the order, the number of pairs that it is the most special rule of.
    """

    vectors: int
    different_vectors: int
    generated: int
    different_generated: int
    refused: int
    doubtful: int
    broken: tuple[Broken, ...]
    asked: tuple[tuple[Rule, int], ...]


class Program:
    """A program that compares pairs.

    :ivar command: the program and its arguments. No shell runs them.
    :ivar timeout: seconds for one run over one batch.
    """

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.command = list(command)
        self.timeout = timeout

    def answers(self, pairs: Sequence[Pair]) -> list[int | None]:
        """One answer for each pair, None where it refuses one. Raises :exc:`ProgramFailed`."""
        text = "".join(f"{a}\t{b}\n" for a, b in pairs).encode()
        output, status, complaint = self._run(text, len(pairs))
        lines = output.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        if complaint is None and status:
            complaint = f"ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        if complaint is not None:
            # The text that it wrote instead of answers often explains why.
            first = f". The first is {_shown(lines[0])}" if lines and lines[0].strip() not in _ANSWERS else ""
            raise ProgramFailed(f"{complaint}, after {len(lines)} lines of output for {len(pairs)} pairs{first}")
        answers: list[int | None] = []
        for number, (line, (a, b)) in enumerate(zip(lines, pairs, strict=False), 1):
            if line.strip() not in _ANSWERS:
                raise ProgramFailed(
                    f"line {number} of its output, for {a!a} and {b!a}, is {_shown(line)}, not -1, 0, 1 or ?"
                )
            answers.append(_ANSWERS[line.strip()])
        if len(lines) != len(pairs):
            raise ProgramFailed(f"ended well, but with {len(lines)} answers to {len(pairs)} pairs")
        return answers

    def _run(self, text: bytes, expected: int) -> tuple[bytes, int, str | None]:
        """Output, exit status, and why it was stopped. None where it ended by itself."""
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A group of its own, so that what it started ends with it.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            if isinstance(error, FileNotFoundError) and os.path.exists(self.command[0]):
                why = "the interpreter that its first line names is not there"
            raise ProgramFailed(f"does not start: {why}") from error
        assert process.stdin is not None
        assert process.stdout is not None
        writer = threading.Thread(target=_feed, args=(process.stdin, text), daemon=True)
        writer.start()
        deadline = time.monotonic() + self.timeout
        output = bytearray()
        try:
            complaint = _read_all(process.stdout, output, deadline, _LONGEST_ANSWER * expected + _SLACK)
            if complaint is None and not _ends(process.pid, deadline):
                complaint = _LATE
        finally:
            # The process is not reaped yet, so the group is still its own. Its children could hold the pipes open.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            # Nobody reads any more, unless a child has left the group. Then the thread stays behind.
            writer.join(_GRACE)
            process.stdout.close()
        return bytes(output), status, complaint if complaint != _LATE else f"{_LATE} {self.timeout:g} seconds"


def _shown(line: bytes) -> str:
    return f"{line[:_SHOWN]!r}{'...' if len(line) > _SHOWN else ''}"


def _feed(pipe: IO[bytes], text: bytes) -> None:
    # A program may stop reading. Its answers decide.
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(text)


def _read_all(pipe: IO[bytes], output: bytearray, deadline: float, limit: int) -> str | None:
    """Read to the end. Returns why it could not, or None."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(pipe.fileno(), _READ)
            if not chunk:
                return None
            output += chunk
            if len(output) > limit:
                return "prints far more than the answers"
    return _LATE


def _ends(pid: int, deadline: float) -> bool:
    """Wait until the process has ended, without reaping it. False where it has not in time."""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def check_program(program: Program, scheme: str, *, pairs: int, seed: int, valid_only: bool) -> Report:
    """Let the program compare every pair of the vectors, then *pairs* generated ones.

    :param scheme: a name of :data:`vercmp.SCHEMES`, or ``rpmvercmp``.
    :param seed: the same seed makes the same pairs.
    :param valid_only: leave out versions that the scheme's tool warns of.

    Raises :exc:`ProgramFailed`, and :exc:`vercmp.UnknownScheme`.
    """
    order = find(scheme)
    groups = order.facts(valid_only=valid_only)
    ranked = [(rank, version) for rank, group in enumerate(groups) for version in group]
    facts = (
        ((a, b), (rank_a > rank_b) - (rank_a < rank_b))
        for (rank_a, a), (rank_b, b) in itertools.product(ranked, repeat=2)
    )
    made = random_versions.pairs(scheme, random.Random(seed), valid_only=valid_only)
    generated = (((a, b), order.compare(a, b)) for a, b in itertools.islice(made, pairs))
    tally = _Tally(RULES[scheme], order)
    vectors, different_vectors = tally.compared(program, facts)
    _, different_generated = tally.compared(program, generated)
    return Report(
        vectors,
        different_vectors,
        pairs,
        different_generated,
        tally.refused,
        tally.doubtful,
        _broken(program, order, tally, valid_only),
        tuple((rule, tally.asked[at]) for at, rule in enumerate(tally.rules.rules)),
    )


def _size(difference: Difference) -> tuple[int, list[str]]:
    return shrinking.size((difference.a, difference.b))


def _smaller(a: Difference | None, b: Difference | None) -> Difference | None:
    return min((one for one in (a, b) if one is not None), key=_size, default=None)


class _Alike:
    """Wrong answers for pairs that the same rules hold for: how many, and the smallest."""

    def __init__(self) -> None:
        self.count = 0
        self.smallest: Difference | None = None
        self.realistic: Difference | None = None

    def add(self, difference: Difference) -> None:
        self.count += 1
        self.smallest = _smaller(self.smallest, difference)
        if _REALISTIC.fullmatch(difference.a) and _REALISTIC.fullmatch(difference.b):
            self.realistic = _smaller(self.realistic, difference)


class _Tally:
    """What a program answered. Of wrong answers it keeps a few for each set of rules, however many there are."""

    def __init__(self, rules: Rules, order: Order) -> None:
        self.rules = rules
        self.asked = [0] * len(rules.rules)
        self.refused = 0
        self.doubtful = 0
        self.wrong: defaultdict[int, _Alike] = defaultdict(_Alike)
        self._is_plain = functools.lru_cache(maxsize=1 << 16)(lambda version: not order.warnings(version))

    def compared(self, program: Program, questions: Iterable[tuple[Pair, int]]) -> tuple[int, int]:
        """How many pairs there were, and how many answers differ."""
        compared = different = 0
        for batch in _batches(questions):
            answers = program.answers([pair for pair, _ in batch])
            for ((a, b), wanted), got in zip(batch, answers, strict=True):
                bits = self.rules.of(a, b)
                self.asked[(bits & -bits).bit_length() - 1] += 1
                if got == wanted:
                    continue
                if got is None:
                    if not (self._is_plain(a) and self._is_plain(b)):
                        self.doubtful += 1
                        continue
                    self.refused += 1
                different += 1
                self.wrong[bits].add(Difference(a, b, got, wanted))
            compared += len(batch)
        return compared, different


def _broken(program: Program, order: Order, tally: _Tally, valid_only: bool) -> tuple[Broken, ...]:
    """The rules that explain all wrong answers. The simplest pairs are looked at first: few rules hold for them."""
    found: list[Broken] = []
    left = dict(tally.wrong)
    while left:
        bits = min(left, key=lambda bits: (bits.bit_count(), _size(left[bits].smallest)))  # type: ignore[arg-type]
        smallest = left[bits].smallest
        assert smallest is not None
        shrunk = _shrunk(program, order, smallest, valid_only, tally.rules, bits)
        # No rule came in while it shrank, so each round explains a rule that is new.
        rule = tally.rules.first(tally.rules.of(shrunk.a, shrunk.b))
        place = 1 << tally.rules.rules.index(rule)
        alike = [left.pop(other) for other in list(left) if other & place]
        realistic = functools.reduce(_smaller, (one.realistic for one in alike), None)
        found.append(Broken(rule, sum(one.count for one in alike), shrunk, realistic))
    return tuple(sorted(found, key=lambda broken: tally.rules.rules.index(broken.rule)))


def _batches(questions: Iterable[tuple[Pair, int]]) -> Iterator[list[tuple[Pair, int]]]:
    remaining = iter(questions)
    while batch := list(itertools.islice(remaining, _BATCH)):
        yield batch


def _shrunk(
    program: Program, order: Order, difference: Difference, valid_only: bool, rules: Rules, bits: int
) -> Difference:
    """The smallest difference near this one, of the same rules. One run answers all candidates of a step."""
    found = difference

    def first_different(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal found
        accepted = [
            (a, b)
            for a, b in candidates
            if not rules.of(a, b) & ~bits and all(order.accepts(v, valid_only=valid_only) for v in (a, b))
        ]
        try:
            answers = program.answers(accepted)
        except ProgramFailed:
            # It answered for the difference found. That it fails for a smaller one changes nothing.
            return None
        for (a, b), got in zip(accepted, answers, strict=True):
            wanted = order.compare(a, b)
            if got != wanted and (got is None) == (difference.got is None):
                found = Difference(a, b, got, wanted)
                return a, b
        return None

    shrinking.shrunk((difference.a, difference.b), first_different, rounds=_SHRINKING_RUNS)
    return found
