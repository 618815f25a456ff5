# cython: language_level=3
"""Sequences of versions into order: all keys one after the other in one buffer, and their places sorted by them.

No object is made for a key. What sorts is an entry of 16 bytes: eight bytes of the key as a number, and the place of
the version. Entries are sorted by those eight bytes, one byte at a time and the last one first, which keeps the order of
equal ones. Where eight bytes are equal, the next eight take their place. Few entries are sorted by insertion.

Since no key is the beginning of another, a key that has ended stands for itself, with zeros behind it.

The buffer grows by half. So memory is at most 50 bytes a version and two and a half times its key. Without entries
``max_version`` has room for two keys.
"""

from array import array
from itertools import islice

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals, PyErr_Clear
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove

from vercmp._apk cimport apk_write_key
from vercmp._dpkg cimport dpkg_write_key
from vercmp._engine cimport AHEAD, FETCH, ITEM, TURN, Turns, clock, give_way, refuse_one_text, text_as_utf8
from vercmp._gem cimport gem_write_key
from vercmp._pep440 cimport pep440_write_key
from vercmp._room cimport PY_SSIZE_T_MAX, room_for, room_for_key
from vercmp._rpmvercmp cimport rpm_write_key
from vercmp._semver cimport semver_write_key

cdef enum:
    # The most entries that are sorted by insertion.
    FEW = 48
    # Other threads run meanwhile where there is so much to sort: a fraction of a millisecond.
    MUCH = 1 << 16
    # So many versions of an iterator are kept in memory while the greatest is looked for.
    TOGETHER = 1024

@cython.final
@cython.auto_pickle(False)
cdef class _Keys:
    """The keys of versions, one after the other."""

    def __cinit__(self, str scheme, sort_key):
        # A scheme without a writer has its keys from sort_key alone.
        self.write = NULL
        self.factor = 2
        if scheme == "rpm":
            self.write = rpm_write_key
            self.factor = 1
        elif scheme == "dpkg":
            self.write = dpkg_write_key
        elif scheme == "apk":
            self.write = apk_write_key
            self.factor = 1
        elif scheme == "pep440":
            self.write = pep440_write_key
        elif scheme == "semver":
            self.write = semver_write_key
            self.factor = 1
        elif scheme == "gem":
            self.write = gem_write_key
            self.factor = 3
        self.sort_key = sort_key
        self.asked = False
        self.turns = Turns(0, clock())
        self.bytes = NULL
        self.size = 0
        self.room = 0

    def __dealloc__(self):
        PyMem_Free(self.bytes)

    cdef int reserve(self, Py_ssize_t more) except -1:
        """Make room for so many bytes, and eight that are only read."""
        cdef Py_ssize_t room
        cdef unsigned char* grown
        more += 8
        if self.room - self.size < more:
            if more > PY_SSIZE_T_MAX - self.size:
                raise MemoryError()
            room = self.size + more
            if self.room < PY_SSIZE_T_MAX // 4 and more < PY_SSIZE_T_MAX // 4:
                room = self.room + self.room // 2 + more
            grown = <unsigned char*> PyMem_Realloc(self.bytes, room)
            if grown == NULL:
                raise MemoryError()
            self.bytes = grown
            self.room = room
        return 0

    cdef Py_ssize_t write_next(self, const char* data, Py_ssize_t size) except -2:
        """Write the key of a version in UTF-8 behind the others, without keeping it. Returns its length.

        -1 where sort_key is needed: for the first version, for what a scheme needs before it can begin, and for all
        that is unusual or wrong.
        """
        cdef const char* reason = NULL
        if not self.asked or self.write == NULL:
            return -1
        self.reserve(room_for_key(self.factor, size))
        return self.write(<const unsigned char*> data, size, self.bytes + self.size, &reason)

    cdef int append(self, object version) except -1:
        cdef Py_ssize_t size = 0
        cdef Py_ssize_t length = -1
        cdef const char* data
        cdef bytes key
        if type(version) is str:
            data = text_as_utf8(version, &size)
            if data == NULL:
                PyErr_Clear()
            else:
                length = self.write_next(data, size)
        if length < 0:
            key = self.sort_key(version)
            length = len(key)
            self.reserve(length)
            memcpy(self.bytes + self.size, <const char*> key, length)
            self.asked = True
        self.size += length
        self.worked(ITEM + size + length)
        return 0

    cdef int worked(self, Py_ssize_t work) except -1:
        """Look for signals and waiting threads every few milliseconds."""
        self.turns.work += work
        if self.turns.work >= TURN:
            give_way(&self.turns)
        return 0


@cython.final
@cython.auto_pickle(False)
cdef class _Order:
    """Keys that stand one after the other, and places of them in order.

    Whoever makes it makes room, takes the places that take part, in their order, and sorts all.
    """

    def __cinit__(self):
        self.bytes = NULL
        self.starts = NULL
        self.count = 0
        self.room = 0
        self.reverse = False
        self.entries = NULL
        self.other = NULL
        self.work = 0

    def __dealloc__(self):
        PyMem_Free(self.entries)
        PyMem_Free(self.other)

    cdef int make_room(self, Py_ssize_t room, bint reverse) except -1:
        """For so many places."""
        self.room = room
        self.reverse = reverse
        self.entries = <Entry*> PyMem_Malloc(room_for(room, sizeof(Entry)))
        self.other = <Entry*> PyMem_Malloc(room_for(room, sizeof(Entry)))
        if self.entries == NULL or self.other == NULL:
            raise MemoryError()
        return 0

    cdef void take(self, Py_ssize_t place) noexcept:
        # Equal ones keep their order: what is read from its end is sorted from its end.
        self.entries[self.room - 1 - self.count if self.reverse else self.count].place = place
        self.count += 1

    cdef int sort_all(self, const unsigned char* bytes, const int64_t* starts, Py_ssize_t size) except -1:
        """By keys that have *size* bytes together, and stay where they are."""
        self.bytes = bytes
        self.starts = starts
        if self.reverse and self.count < self.room:
            memmove(self.entries, self.entries + self.room - self.count, self.count * sizeof(Entry))
        if size + ITEM * self.count < MUCH:
            self.sort()
        else:
            with nogil:
                self.sort()
        return 0

    cdef Py_ssize_t place(self, Py_ssize_t i) noexcept:
        return self.entries[self.count - 1 - i if self.reverse else i].place

    cdef int worked(self, Py_ssize_t work) except -1 nogil:
        """Look for signals every few milliseconds."""
        self.work += work
        if self.work >= TURN:
            self.work = 0
            with gil:
                PyErr_CheckSignals()
        return 0

    cdef uint64_t eight_of(self, Py_ssize_t place, Py_ssize_t depth) noexcept nogil:
        """Eight bytes of the key, big-endian, with zeros behind its end."""
        cdef const unsigned char* at = self.bytes + self.starts[place] + depth
        cdef Py_ssize_t left = self.starts[place + 1] - self.starts[place] - depth
        cdef uint64_t eight
        if left <= 0:
            return 0
        eight = (<uint64_t> at[0] << 56 | <uint64_t> at[1] << 48 | <uint64_t> at[2] << 40 | <uint64_t> at[3] << 32
                 | <uint64_t> at[4] << 24 | <uint64_t> at[5] << 16 | <uint64_t> at[6] << 8 | <uint64_t> at[7])
        return eight if left >= 8 else eight & ~(<uint64_t> 0xFFFFFFFFFFFFFFFFULL >> (8 * left))

    cdef int is_below(self, const Entry* a, const Entry* b, Py_ssize_t depth) except -1 nogil:
        """Whether one key is below another, of entries that have their eight bytes from *depth* on."""
        cdef Py_ssize_t left, right
        if a.eight != b.eight:
            return a.eight < b.eight
        depth += 8
        left = self.starts[a.place + 1] - self.starts[a.place] - depth
        right = self.starts[b.place + 1] - self.starts[b.place] - depth
        if left <= 0 or right <= 0:
            return 0
        left = min(left, right)
        self.worked(left)
        return memcmp(self.bytes + self.starts[a.place] + depth, self.bytes + self.starts[b.place] + depth,
                      left) < 0

    cdef int insert(self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t depth) except -1 nogil:
        cdef Py_ssize_t i, at
        cdef Entry moved
        for i in range(start + 1, end):
            moved = self.entries[i]
            at = i
            while at > start and self.is_below(&moved, &self.entries[at - 1], depth):
                self.entries[at] = self.entries[at - 1]
                at -= 1
            self.entries[at] = moved
        return 0

    cdef int distribute(self, Py_ssize_t start, Py_ssize_t end, uint64_t different) except -1 nogil:
        """Sort by the eight bytes, of which only the *different* ones are looked at."""
        cdef Py_ssize_t counts[256]
        cdef Py_ssize_t i, before, count
        cdef Entry* source = self.entries + start
        cdef Entry* target = self.other + start
        cdef Entry* swapped
        cdef int shift, byte
        end -= start
        for shift in range(0, 64, 8):
            if not (different >> shift) & 0xFF:
                continue
            for byte in range(256):
                counts[byte] = 0
            for i in range(end):
                counts[(source[i].eight >> shift) & 0xFF] += 1
            before = 0
            for byte in range(256):
                count = counts[byte]
                counts[byte] = before
                before += count
            for i in range(end):
                byte = (source[i].eight >> shift) & 0xFF
                target[counts[byte]] = source[i]
                counts[byte] += 1
            swapped = source
            source = target
            target = swapped
            self.worked(2 * end)
        if source != self.entries + start:
            memcpy(target, source, end * sizeof(Entry))
        return 0

    cdef int sort(self) except -1 nogil:
        # Stretches that wait are apart, and longer than FEW.
        cdef Stretch* waiting = NULL
        cdef Py_ssize_t room = self.count // FEW + 1
        cdef Py_ssize_t count = 1
        with gil:
            waiting = <Stretch*> PyMem_Malloc(room * sizeof(Stretch))
            if waiting == NULL:
                raise MemoryError()
        waiting[0] = Stretch(0, self.count, 0)
        try:
            while count:
                count -= 1
                count += self.sort_stretch(waiting[count], waiting + count)
        finally:
            with gil:
                PyMem_Free(waiting)
        return 0

    cdef Py_ssize_t sort_stretch(self, Stretch stretch, Stretch* waiting) except -1 nogil:
        """Sort by the next eight bytes. Returns how many stretches of it wait for those behind."""
        cdef Py_ssize_t start = stretch.start
        cdef Py_ssize_t depth = stretch.depth
        cdef Py_ssize_t i, end
        cdef Py_ssize_t count = 0
        cdef uint64_t different = 0
        cdef bint ended
        for i in range(start, stretch.end):
            self.entries[i].eight = self.eight_of(self.entries[i].place, depth)
            different |= self.entries[i].eight ^ self.entries[start].eight
        self.worked(stretch.end - start)
        if stretch.end - start <= FEW:
            self.insert(start, stretch.end, depth)
            return 0
        self.distribute(start, stretch.end, different)
        while start < stretch.end:
            end = start + 1
            while end < stretch.end and self.entries[end].eight == self.entries[start].eight:
                end += 1
            if end - start > FEW:
                ended = True
                for i in range(start, end):
                    ended = ended and self.length_of(self.entries[i].place) <= depth + 8
                if not ended:
                    waiting[count] = Stretch(start, end, depth + 8)
                    count += 1
            elif end - start > 1:
                self.insert(start, end, depth)
            start = end
        return count

    cdef Py_ssize_t length_of(self, Py_ssize_t place) noexcept nogil:
        return self.starts[place + 1] - self.starts[place]


@cython.final
@cython.auto_pickle(False)
cdef class _Sorter:
    """Versions, their keys, and their places in order."""

    cdef list versions
    cdef _Keys keys
    cdef _Order order
    cdef Py_ssize_t count
    # The key of a place ends where that of the next begins.
    cdef int64_t* starts

    def __cinit__(self, versions, str scheme, sort_key, bint reverse):
        cdef Py_ssize_t i
        refuse_one_text(versions, b"versions")
        self.versions = list(versions)
        self.keys = _Keys(scheme, sort_key)
        self.count = len(self.versions)
        self.starts = <int64_t*> PyMem_Malloc(room_for(self.count, sizeof(int64_t)))
        if self.starts == NULL:
            raise MemoryError()
        self.order = _Order()
        self.order.make_room(self.count, reverse)
        for i in range(self.count):
            FETCH(self.versions, i + AHEAD)
            self.starts[i] = self.keys.size
            self.keys.append(self.versions[i])
            self.order.take(i)
        self.starts[self.count] = self.keys.size
        self.order.sort_all(self.keys.bytes, self.starts, self.keys.size)

    def __dealloc__(self):
        PyMem_Free(self.starts)

    cdef inline object next_version(self, Py_ssize_t i):
        if i + AHEAD < self.count:
            FETCH(self.versions, self.order.place(i + AHEAD))
        return self.versions[self.order.place(i)]


def argsort(versions, str scheme, sort_key, bint reverse, /):
    """The places of the versions in order, as ``array("q")``.

    >>> from vercmp import dpkg
    >>> argsort(["1.10", "1.9", "1.9~rc1"], "dpkg", dpkg.sort_key, False)
    array('q', [2, 1, 0])
    """
    cdef _Sorter sorter = _Sorter(versions, scheme, sort_key, reverse)
    cdef Py_ssize_t i
    cdef long long* places = <long long*> sorter.order.other
    for i in range(sorter.count):
        places[i] = sorter.order.place(i)
    result = array("q")
    result.frombytes(PyBytes_FromStringAndSize(<const char*> places, sorter.count * sizeof(long long)))
    return result


def sorted_versions(versions, str scheme, sort_key, bint reverse, /):
    """The versions in order, as a list.

    >>> from vercmp import dpkg
    >>> sorted_versions(["1.10", "1.9", "1.9~rc1"], "dpkg", dpkg.sort_key, True)
    ['1.10', '1.9', '1.9~rc1']
    """
    cdef _Sorter sorter = _Sorter(versions, scheme, sort_key, reverse)
    cdef Py_ssize_t i
    return [sorter.next_version(i) for i in range(sorter.count)]


def max_version(versions, str scheme, sort_key, /):
    """The greatest version, and of equal ones the first. :exc:`ValueError` where there is none.

    >>> from vercmp import dpkg
    >>> max_version(["1.9", "1.10", "1.9~rc1"], "dpkg", dpkg.sort_key)
    '1.10'
    """
    refuse_one_text(versions, b"versions")
    cdef _Keys keys = _Keys(scheme, sort_key)
    cdef object greatest = None
    cdef bint found = False
    cdef Py_ssize_t kept = 0
    cdef Py_ssize_t length, i
    cdef list together
    iterator = iter(versions)
    while together := list(islice(iterator, TOGETHER)):
        for i in range(len(together)):
            FETCH(together, i + AHEAD)
            # The greatest key stands first, and the next one behind it.
            keys.size = kept
            keys.append(together[i])
            length = keys.size - kept
            if not found or memcmp(keys.bytes, keys.bytes + kept, min(kept, length)) < 0:
                memmove(keys.bytes, keys.bytes + kept, length)
                greatest = together[i]
                kept = length
                found = True
    if not found:
        raise ValueError("there are no versions")
    return greatest
