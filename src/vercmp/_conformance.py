"""``vercmp conformance``: put a program, in any language, to our vectors and to generated pairs.

The program reads pairs, ``a TAB b`` a line in UTF-8, and answers each with a line ``-1``, ``0`` or ``1``. It may answer
at once or after the last one: all pairs of a batch are written by a thread of their own while the answers are read, so
neither side waits for the other's buffer. Each batch is a new run of the program.
"""

import contextlib
import itertools
import os
import random
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from vercmp import _random_versions, _shrinking
from vercmp._orders import Order, find
from vercmp._shrinking import Versions

__all__ = ["Difference", "Program", "ProgramFailed", "Report", "conformance"]

Pair = tuple[str, str]

# Small enough for a program that starts another one for every pair, large enough to start it seldom.
_BATCH = 20_000
# A program is started this often to make a counterexample smaller, at most.
_SHRINKING_RUNS = 100
_ANSWERS = {b"-1": -1, b"0": 0, b"1": 1}
_LONGEST_ANSWER = 8
# What a program may print beyond the answers, before it is stopped for printing without end.
_SLACK = 1 << 16
_READ = 1 << 16
_SHOWN = 60
_POLL = 0.005
_GRACE = 5.0
_LATE = "not done within"


class ProgramFailed(Exception):
    """The program cannot be judged: it does not start, dies, hangs, or does not speak the protocol."""


class Difference(NamedTuple):
    """One pair that the program orders otherwise than the scheme's real tool."""

    a: str
    b: str
    got: int
    wanted: int


class Report(NamedTuple):
    """Pairs asked and different, of the vectors and of the generated ones, and the smallest difference."""

    vectors: int
    different_vectors: int
    generated: int
    different_generated: int
    smallest: Difference | None


class Program:
    """A program that answers pairs.

    :ivar command: it and its arguments; no shell is involved.
    :ivar timeout: seconds for one run over one batch.
    """

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.command = list(command)
        self.timeout = timeout

    def answers(self, pairs: Sequence[Pair]) -> list[int]:
        """One answer a pair. Raises :exc:`ProgramFailed`."""
        text = "".join(f"{a}\t{b}\n" for a, b in pairs).encode()
        output, status, complaint = self._run(text, len(pairs))
        lines = output.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        if complaint is None and status:
            complaint = f"ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        if complaint is not None:
            # What it wrote instead of answers often says why.
            first = f"; the first is {_shown(lines[0])}" if lines and lines[0].strip() not in _ANSWERS else ""
            raise ProgramFailed(f"{complaint}, after {len(lines)} lines of output for {len(pairs)} pairs{first}")
        answers: list[int] = []
        for number, (line, (a, b)) in enumerate(zip(lines, pairs, strict=False), 1):
            answer = _ANSWERS.get(line.strip())
            if answer is None:
                raise ProgramFailed(
                    f"line {number} of its output, for {a!a} and {b!a}, is {_shown(line)}, not -1, 0 or 1"
                )
            answers.append(answer)
        if len(lines) != len(pairs):
            raise ProgramFailed(f"ended well, but with {len(lines)} answers to {len(pairs)} pairs")
        return answers

    def _run(self, text: bytes, expected: int) -> tuple[bytes, int, str | None]:
        """Output, exit status, and why it had to be stopped, None where it ended by itself."""
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A group of its own, so that what it started ends with it.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ProgramFailed(f"does not start: {error}") from error
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
            # Not reaped yet, so the group is still its own. What it left behind there could hold the pipes open.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            # Nobody is left to read, unless something has left the group too; then the thread stays behind.
            writer.join(_GRACE)
            process.stdout.close()
        return bytes(output), status, complaint if complaint != _LATE else f"{_LATE} {self.timeout:g} seconds"


def _shown(line: bytes) -> str:
    return f"{line[:_SHOWN]!r}{'...' if len(line) > _SHOWN else ''}"


def _feed(pipe: IO[bytes], text: bytes) -> None:
    # A program that stops reading is judged by its answers.
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(text)


def _read_all(pipe: IO[bytes], output: bytearray, deadline: float, limit: int) -> str | None:
    """Read to the end; or say why not."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(pipe.fileno(), _READ)
            if not chunk:
                return None
            output += chunk
            if len(output) > limit:
                return "prints far more than was asked"
    return _LATE


def _ends(pid: int, deadline: float) -> bool:
    """Wait until the process has ended, without reaping it; False where it does not in time."""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def conformance(program: Program, scheme: str, *, pairs: int, seed: int, valid_only: bool) -> Report:
    """Ask the program for every pair of the vectors, then for *pairs* generated ones.

    :param scheme: a name of :data:`vercmp.SCHEMES`, or ``rpmvercmp``.
    :param seed: the same one makes the same pairs.
    :param valid_only: ask of no version that the scheme's tool warns of.

    Raises :exc:`ProgramFailed`, and :exc:`vercmp.UnknownScheme`.
    """
    order = find(scheme)
    groups = order.facts(valid_only=valid_only)
    ranked = [(rank, version) for rank, group in enumerate(groups) for version in group]
    facts = (
        ((a, b), (rank_a > rank_b) - (rank_a < rank_b))
        for (rank_a, a), (rank_b, b) in itertools.product(ranked, repeat=2)
    )
    made = _random_versions.pairs(scheme, random.Random(seed), valid_only=valid_only)
    generated = (((a, b), order.compare(a, b)) for a, b in itertools.islice(made, pairs))
    vectors, different_vectors, smallest_vector = _ask(program, facts)
    _, different_generated, smallest_generated = _ask(program, generated)
    found = [difference for difference in (smallest_vector, smallest_generated) if difference is not None]
    smallest = min(found, key=_size, default=None)
    if smallest is not None:
        smallest = _shrunk(program, order, smallest, valid_only)
    return Report(vectors, different_vectors, pairs, different_generated, smallest)


def _size(difference: Difference) -> tuple[int, list[str]]:
    return _shrinking.size((difference.a, difference.b))


def _ask(program: Program, questions: Iterable[tuple[Pair, int]]) -> tuple[int, int, Difference | None]:
    """How many were asked, how many answers differ, and the smallest difference."""
    asked = different = 0
    smallest: Difference | None = None
    for batch in _batches(questions):
        answers = program.answers([pair for pair, _ in batch])
        for ((a, b), wanted), got in zip(batch, answers, strict=True):
            if got != wanted:
                different += 1
                difference = Difference(a, b, got, wanted)
                smallest = difference if smallest is None else min(smallest, difference, key=_size)
        asked += len(batch)
    return asked, different, smallest


def _batches(questions: Iterable[tuple[Pair, int]]) -> Iterator[list[tuple[Pair, int]]]:
    remaining = iter(questions)
    while batch := list(itertools.islice(remaining, _BATCH)):
        yield batch


def _shrunk(program: Program, order: Order, difference: Difference, valid_only: bool) -> Difference:
    """The smallest difference near this one; all candidates of one step are asked in one run."""
    found = difference

    def first_different(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal found
        accepted = [(a, b) for a, b in candidates if all(order.accepts(v, valid_only=valid_only) for v in (a, b))]
        try:
            answers = program.answers(accepted)
        except ProgramFailed:
            # It has answered for what was found; that it cannot answer for something smaller does not undo it.
            return None
        for (a, b), got in zip(accepted, answers, strict=True):
            wanted = order.compare(a, b)
            if got != wanted:
                found = Difference(a, b, got, wanted)
                return a, b
        return None

    _shrinking.shrunk((difference.a, difference.b), first_different, rounds=_SHRINKING_RUNS)
    return found
