"""A stream that a thread reads ahead of whoever takes of it: unpacking takes as long as all other work on an image."""

from queue import SimpleQueue
from threading import Thread
from typing import Final

from advisories.sources.compression import Readable

__all__ = ["ReadingAhead"]

# What is read at once. Each time costs a switch between the threads.
_CHUNK: Final = 1 << 20
# How many chunks are read ahead at most.
_MOST_AHEAD: Final = 8


class ReadingAhead:
    """The same bytes, and whatever reading them raises, in its place. Close it: that ends the thread.

    Less than a chunk takes no thread, and neither does a platform, or a limit on threads, that gives none. Nobody else
    reads the stream until it is closed. By then more of it may have been read than was taken.

    :param stream: whose reads have all bytes that were asked for, but for the last.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._ready = b""
        self._is_whole = False
        self._is_closed = False
        self._found: SimpleQueue[bytes | BaseException] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._thread: Thread | None = None
        self._is_alone = False

    def read(self, size: int = -1) -> bytes:
        """As of any stream, but at most a chunk."""
        if not self._ready:
            self._ready = self._next()
        if size < 0 or size >= len(self._ready):
            data, self._ready = self._ready, b""
        else:
            data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def close(self) -> None:
        """Read no further. It waits for one chunk at most."""
        self._is_closed = self._is_whole = True
        self._ready = b""
        if self._thread is not None:
            self._room.put(None)
            self._thread.join()
            self._thread = None

    def _next(self) -> bytes:
        if self._is_whole:
            return b""
        if self._thread is None:
            data = self._stream.read(_CHUNK)
            if len(data) == _CHUNK and not self._is_alone:
                self._start()
        else:
            found = self._found.get()
            if isinstance(found, BaseException):
                self._is_whole = True
                raise found
            data = found
            self._room.put(None)
        self._is_whole = not data
        return data

    def _start(self) -> None:
        thread = Thread(target=self._run, name="advisories: reading ahead")
        try:
            thread.start()
        except RuntimeError:
            self._is_alone = True
        else:
            self._thread = thread
            for _ in range(_MOST_AHEAD):
                self._room.put(None)

    def _run(self) -> None:
        data = b"any"
        while data:
            self._room.get()
            if self._is_closed:
                return
            try:
                data = self._stream.read(_CHUNK)
            except BaseException as error:
                self._found.put(error)
                return
            self._found.put(data)
