"""A digest that a thread computes while whoever reads goes on: hashing takes as long as all other work on an image."""

import hashlib
from queue import SimpleQueue
from threading import Thread
from typing import Final

__all__ = ["Hashing"]

# What is handed over at once. Each time costs a switch between the threads.
_CHUNK: Final = 1 << 20
# How many chunks wait at most.
_MOST_WAITING: Final = 8


class Hashing:
    """The digest of bytes that come piece by piece. Close it, or take the digest: both end the thread.

    Less than a chunk takes no thread, and neither does a platform, or a limit on threads, that gives none.

    :param name: of the kind of digest, as :mod:`hashlib` has it.
    """

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self._hash = hashlib.new(name)
        self._pieces: list[bytes] = []
        self._size = 0
        self._work: SimpleQueue[bytes | None] = SimpleQueue()
        self._done: SimpleQueue[None] = SimpleQueue()
        self._waiting = 0
        self._is_closed = False
        self._thread: Thread | None = None
        self._is_alone = False

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= _CHUNK:
            self._hand_over()

    def hexdigest(self) -> str:
        """The digest, when all bytes are in it."""
        self._end()
        for piece in self._pieces:
            self._hash.update(piece)
        self._pieces, self._size = [], 0
        return self._hash.hexdigest()

    def close(self) -> None:
        """Give the digest up. It waits for one chunk at most."""
        self._is_closed = True
        self._end()

    def _hand_over(self) -> None:
        if self._thread is None and not self._is_alone:
            self._start()
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._size = [], 0
        if self._thread is None:
            self._hash.update(data)
            return
        if self._waiting == _MOST_WAITING:
            self._done.get()
            self._waiting -= 1
        self._work.put(data)
        self._waiting += 1

    def _start(self) -> None:
        thread = Thread(target=self._run, name="advisories: a digest")
        try:
            thread.start()
        except RuntimeError:
            self._is_alone = True
        else:
            self._thread = thread

    def _end(self) -> None:
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread, self._is_alone = None, True

    def _run(self) -> None:
        while (data := self._work.get()) is not None:
            if not self._is_closed:
                self._hash.update(data)
            self._done.put(None)
