# cython: language_level=3
"""Which of many half-open intervals of bytes hold a key? Keys are bytes in plain order: nothing here knows versions.

A query is one binary search among the distinct bounds of its group. After that there are only integers. Where *s*
bounds are at most the key, the key is in *slot s*. All keys of one slot are in the same intervals: those with
``low <= s <= high``. ``low`` is 0 without a low bound, else one more than its place among the bounds. ``high`` is the
place of the high bound, or the number of bounds without one.

Nearly all of a distribution's advisories are intervals without low bound. They lie sorted by their high bound, so those
that hold a key are a stretch up to the last one, and a slot holds the place where it begins. Windows find the others
(Chazelle's filtering search, 1986). A window is a run of slots, with the list of all intervals that hold any of them.
Its list is at most twice as long as the hits of each of its slots. So a query reads at most two entries a hit, in one
sweep over neighbouring memory. Where a window ends, half its list began or ended within it, and an interval does either
once. So there are fewer than five entries for an interval. Real data needed 2.1 to 2.2.

Times of a query from the slot on, of prototypes:

=================================================  =====  =======  ======  ==============
intervals                                          hits   windows  scan    augmented tree
=================================================  =====  =======  ======  ==============
AlmaLinux's advisories                             3.4    42 ns    85      98
9,200 of a kernel, with bounds of stable branches  2,486  1.9 us   4.6     8.0
10,000 short ones                                  11     56 ns    7,009   337
=================================================  =====  =======  ======  ==============

Lists linked by containment took 6.1 us for the kernel and 178 ns for the short ones: a step a hit, but each a jump.
With lists of four times the hits, the windows take a third less memory, and the kernel takes twice the time.

Layout in memory
----------------

===========  ======================================================  ==============================================
array        an item                                                 how many
===========  ======================================================  ==============================================
``groups``   where its part of each array begins                     groups, and the end
``keys``     a byte of a bound                                       distinct bounds, joined, each group's in order
``slots``    where bound *s* begins in the group's ``keys``, and     for each group its distinct bounds, and the
             how many of its ``opens`` no key of the slot is in      end
``opens``    a payload                                               intervals without low bound, each group's by
                                                                     their high bound
``windows``  where the list of the slot's window begins in           slots of groups that have intervals with a low
             ``entries``, and how many of the list are hits          bound
``entries``  low, high, payload                                      for each window the intervals with a low bound
                                                                     that hold any of its slots, by that bound
===========  ======================================================  ==============================================

Places are unsigned 32-bit numbers. Those in ``keys`` and ``opens`` count from the group's own part. The arrays are
written once. A pickle holds none of them, only the intervals that they are built of. Loading checks those and builds
the arrays again, so no number of a pickle is ever used as a place.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_SIMPLE, PyBUF_STRIDED_RO, PyBUF_WRITABLE, PyBuffer_Release, PyObject_CheckBuffer,
    PyObject_GetBuffer,
)
from cpython.exc cimport PyErr_CheckSignals
from cpython.long cimport PyLong_AsLongLong
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.number cimport PyNumber_AsSsize_t
from libc.stdint cimport UINT32_MAX, int64_t, uint32_t, uint64_t
from libc.stdlib cimport qsort
from libc.string cimport memcmp, memcpy, memset, strcmp

from vercmp._room cimport PY_SSIZE_T_MAX, room_for

from array import array

cdef enum:
    # The layout of pickles. Counted up where their content changes.
    LAYOUT = 1
    # A window's list is at most this many times as long as the hits of any of its slots.
    LIST_TO_HITS = 2
    # Ctrl-C is looked for after so many keys of a query or intervals of a group, and after so many payloads.
    TURN = 1 << 18
    MANY_PAYLOADS = 1 << 24

cdef void* take(Store* store, size_t size) except NULL:
    """The place of *size* more bytes at the end. Earlier ones may move."""
    cdef size_t room = store.room
    cdef void* data
    if store.data == NULL or room - store.used < size:
        room = max(2 * room, store.used + size, <size_t> 64)
        data = PyMem_Realloc(store.data, room)
        if data == NULL:
            raise MemoryError()
        store.data = <char*> data
        store.room = room
    store.used += size
    return store.data + store.used - size


cdef int fit(Store* store) except -1:
    """Give back unused memory. At least one byte stays, so that the place is never NULL."""
    take(store, 0)
    cdef void* data = PyMem_Realloc(store.data, max(store.used, <size_t> 1))
    if data == NULL:
        raise MemoryError()
    store.data = <char*> data
    store.room = store.used
    return 0


cdef inline int compare_bytes(const unsigned char* a, Py_ssize_t a_size,
                              const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    cdef int order = memcmp(a, b, <size_t> min(a_size, b_size))
    return order if order else (a_size > b_size) - (a_size < b_size)


cdef int compare_bounds(const void* a, const void* b) noexcept nogil:
    cdef const Bound* x = <const Bound*> a
    cdef const Bound* y = <const Bound*> b
    return compare_bytes(x.data, x.size, y.data, y.size)


cdef inline uint32_t find_slot(const Slot* slots, const unsigned char* keys, uint32_t bounds,
                               const unsigned char* key, Py_ssize_t size) noexcept nogil:
    """How many of a group's bounds are at most the key."""
    cdef uint32_t low = 0
    cdef uint32_t high = bounds
    cdef uint32_t middle
    while low < high:
        middle = low + (high - low) // 2
        if compare_bytes(keys + slots[middle].key, slots[middle + 1].key - slots[middle].key, key, size) <= 0:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline bint is_int64(const char* format) noexcept nogil:
    """Whether the buffer's items are signed 64-bit numbers of this machine, if they have 8 bytes."""
    if format == NULL:
        return False
    if format[0] == c'@' or format[0] == c'=':
        format += 1
    return strcmp(format, b"q") == 0 or strcmp(format, b"l") == 0


cdef object zeros(int64_t count):
    room_for(count, sizeof(int64_t))
    return array("q", (0,)) * <Py_ssize_t> count


cdef object too_many(str what, object group):
    return OverflowError(f"group {group}: with it there are more than {UINT32_MAX:,} {what}")


cdef const Entry* sort_by_low(Store* out, Window* windows, uint64_t last, const Entry* entry, uint64_t count,
                              uint64_t lows) except NULL:
    """The intervals with a low bound by their low slots: a counting sort, in ``windows``. Equal ones stay as given."""
    cdef Entry* by_low = <Entry*> take(out, <size_t> lows * sizeof(Entry))
    cdef uint64_t i
    memset(windows, 0, <size_t> (last + 1) * sizeof(Window))
    for i in range(count):
        if 0 < entry[i].low < last:
            windows[entry[i].low + 1].entries += 1
    for i in range(last):
        windows[i + 1].entries += windows[i].entries
    for i in range(count):
        if entry[i].low > 0:
            by_low[windows[entry[i].low].entries] = entry[i]
            windows[entry[i].low].entries += 1
    return by_low


cdef void count_hits(Window* windows, uint64_t last, const Entry* by_low, uint64_t lows) noexcept nogil:
    cdef uint64_t i
    # One more from its low slot on, one less behind its high slot. The sums are right although differences wrap around.
    for i in range(lows):
        windows[by_low[i].low].hits += 1
        if by_low[i].high < last:
            windows[by_low[i].high + 1].hits -= 1
    for i in range(last):
        windows[i + 1].hits += windows[i].hits


@cython.final
cdef class IntervalIndex:
    """Finds the half-open intervals ``low <= key < high`` of bytes that hold a key, among groups of them.

    Which advisories affect an installed version? Sort keys make an affected range an interval of bytes. The index finds
    the ranges of a key with one binary search, and it compares no versions. Groups and payloads are numbers of yours:

    >>> from vercmp.rpm import sort_key
    >>> index = IntervalIndex([
    ...     [(None, sort_key("1:3.0.7-27.el9"), 2024), (sort_key("1:3.0.0"), sort_key("1:3.0.7-16.el9_2"), 2023)],
    ...     [(None, sort_key("5.14.0-427.13.1.el9_4"), 2024)],
    ... ])
    >>> [index.stab(0, sort_key(version)) for version in ("1:1.1.1k-12.el8", "1:3.0.7-6.el9_2", "1:3.0.7-27.el9")]
    [[2024], [2024, 2023], []]

    :param groups: an iterable of groups. A group is an iterable of tuples ``(low, high, payload)``. A bound is
        :class:`bytes`, or None where there is none. An empty low bound is none too. A payload is an :class:`int` of 64
        bits, with its sign.

    >>> index = IntervalIndex([[(None, b"c", 1), (b"b", b"e", 2), (b"d", None, 3)], [(None, None, 4)]])
    >>> index
    <IntervalIndex: 4 intervals in 2 groups>
    >>> index.stab(0, b"b"), index.stab(0, b"c"), index.stab(1, b"")
    ([1, 2], [2], [4])

    An interval holds no key where its low bound is not below its high one, or where its high bound is empty. No query
    finds it and :attr:`empty` counts it, but its bounds count for :meth:`position`.

    The payloads for one key come in this order: first the intervals without low bound, by rising high bound (none is
    the greatest), then the others by rising low bound. Equal ones keep the order that you gave.

    An index never changes, so threads may share it. You can pickle it, and a copy of it is itself.

    Raises :exc:`TypeError` where an interval is no :class:`tuple` or holds another type, :exc:`ValueError` where it is
    no tuple of three. Raises :exc:`OverflowError` where a payload does not fit 64 bits, where the distinct bounds of one
    group take 4 GiB or more, or where there are more than 4,294,967,295 of anything.
    """

    def __cinit__(self, groups, /):
        cdef Store bounds = Store(NULL, 0, 0)
        cdef Store intervals = Store(NULL, 0, 0)
        cdef Py_ssize_t work = 0
        try:
            for group in groups:
                try:
                    iterator = iter(group)
                except TypeError:
                    raise TypeError(
                        f"group {self._count}: must be an iterable of intervals, not {type(group).__name__}"
                    ) from None
                # The list keeps the bounds alive until they are copied.
                given = list(iterator)
                bounds.used = intervals.used = 0
                self.read(given, &bounds, &intervals)
                self.add(&bounds, &intervals)
                work += 1 + len(given)
                if work >= TURN:
                    work = 0
                    PyErr_CheckSignals()
            self.finish()
        finally:
            PyMem_Free(bounds.data)
            PyMem_Free(intervals.data)

    def __dealloc__(self):
        PyMem_Free(self._groups.data)
        PyMem_Free(self._keys.data)
        PyMem_Free(self._slots.data)
        PyMem_Free(self._opens.data)
        PyMem_Free(self._windows.data)
        PyMem_Free(self._entries.data)

    cdef int read(self, list given, Store* bounds, Store* intervals) except -1:
        """The distinct bounds of one group, in order, and its intervals by slots. Drops those that hold no key."""
        cdef Py_ssize_t i
        cdef tuple interval
        cdef Entry* entry
        for i in range(len(given)):
            item = given[i]
            if not isinstance(item, tuple):
                raise TypeError(f"{self.at(i)}: must be a tuple (low, high, payload), not {type(item).__name__}")
            interval = <tuple> item
            if len(interval) != 3:
                raise ValueError(f"{self.at(i)}: must be (low, high, payload), not a tuple of {len(interval)}")
            entry = <Entry*> take(intervals, sizeof(Entry))
            entry.low = 0
            entry.high = UINT32_MAX
            entry.payload = self.payload_of(interval[2], i)
            if interval[0] is not None:
                self.append_bound(bounds, interval[0], i, False)
            if interval[1] is not None:
                self.append_bound(bounds, interval[1], i, True)
        return self.give_slots(bounds, intervals)

    cdef int give_slots(self, Store* bounds, Store* intervals) except -1:
        """Sort the bounds of one group, leave each once, and give its intervals their slots.

        Until then a low slot is 0 and a high one UINT32_MAX, as for intervals without bounds.
        """
        cdef Bound* bound = <Bound*> bounds.data
        cdef Entry* entry = <Entry*> intervals.data
        cdef size_t bound_count = bounds.used // sizeof(Bound)
        cdef size_t distinct = 0
        cdef Py_ssize_t i, place
        if bound_count > 1:
            qsort(bound, bound_count, sizeof(Bound), compare_bounds)
        for i in range(<Py_ssize_t> bound_count):
            place = bound[i].place
            if distinct == 0 or compare_bounds(&bound[distinct - 1], &bound[i]) != 0:
                bound[distinct] = bound[i]
                distinct += 1
                if distinct >= UINT32_MAX:
                    raise too_many("distinct bounds", self._count)
            if place & 1:
                entry[place >> 1].high = <uint32_t> (distinct - 1)
            else:
                entry[place >> 1].low = <uint32_t> distinct
        bounds.used = distinct * sizeof(Bound)
        self.keep_what_holds_a_key(bounds, intervals)
        return 0

    cdef str at(self, Py_ssize_t i):
        return f"group {self._count}, interval {i}"

    cdef int64_t payload_of(self, object payload, Py_ssize_t i) except? -1:
        if not isinstance(payload, int):
            raise TypeError(f"{self.at(i)}: payload must be int, not {type(payload).__name__}")
        try:
            return PyLong_AsLongLong(payload)
        except OverflowError:
            raise OverflowError(f"{self.at(i)}: payload does not fit 64 bits") from None

    cdef int append_bound(self, Store* bounds, object value, Py_ssize_t i, bint is_high) except -1:
        cdef Bound* bound
        if not isinstance(value, bytes):
            which = "high" if is_high else "low"
            raise TypeError(f"{self.at(i)}: {which} must be bytes or None, not {type(value).__name__}")
        if not is_high and not value:
            return 0  # no key is below the empty bound
        bound = <Bound*> take(bounds, sizeof(Bound))
        bound.data = <const unsigned char*> <bytes> value
        bound.size = len(<bytes> value)
        bound.place = 2 * i + is_high
        return 0

    cdef int keep_what_holds_a_key(self, Store* bounds, Store* intervals) except -1:
        """Drop and count the intervals without any key. Those without high bound get the last slot."""
        cdef Entry* entry = <Entry*> intervals.data
        cdef Bound* bound = <Bound*> bounds.data
        cdef uint32_t last = <uint32_t> (bounds.used // sizeof(Bound))
        cdef size_t count = intervals.used // sizeof(Entry)
        cdef size_t kept = 0
        cdef size_t i
        for i in range(count):
            if entry[i].high == UINT32_MAX:
                entry[i].high = last
            elif entry[i].low > entry[i].high or bound[entry[i].high].size == 0:
                self._empty += 1
                continue
            entry[kept] = entry[i]
            kept += 1
        intervals.used = kept * sizeof(Entry)
        self._given += <Py_ssize_t> count
        return 0

    cdef int add(self, Store* bounds, Store* intervals) except -1:
        """Append a group: distinct bounds in order, and intervals that hold a key, ``low <= high <= len(bounds)``."""
        cdef const Bound* bound = <const Bound*> bounds.data
        cdef const Entry* entry = <const Entry*> intervals.data
        cdef uint64_t count = intervals.used // sizeof(Entry)
        cdef uint64_t last = bounds.used // sizeof(Bound)
        cdef uint64_t size = 0
        cdef uint64_t lows = 0
        cdef uint64_t i
        cdef Group* group
        cdef Slot* slots
        cdef char* keys
        for i in range(last):
            size += <uint64_t> bound[i].size
        if size > UINT32_MAX:
            raise OverflowError(f"group {self._count}: its distinct bounds take 4 GiB or more")
        for i in range(count):
            lows += entry[i].low > 0
        # Windows are at most as many as slots.
        if self._slots.used // sizeof(Slot) + last + 1 > UINT32_MAX:
            raise too_many("distinct bounds", self._count)
        if self._opens.used // sizeof(int64_t) + count - lows > UINT32_MAX:
            raise too_many("intervals", self._count)
        self.begin_group()
        slots = <Slot*> take(&self._slots, <size_t> (last + 1) * sizeof(Slot))
        keys = <char*> take(&self._keys, <size_t> size)
        size = 0
        for i in range(last):
            slots[i] = Slot(<uint32_t> size, 0)
            memcpy(keys + size, bound[i].data, <size_t> bound[i].size)
            size += <uint64_t> bound[i].size
        slots[last] = Slot(<uint32_t> size, 0)
        self.add_opens(slots, last, entry, count, count - lows)
        if lows:
            self.add_windows(last, entry, count, lows)
        self._count += 1
        return 0

    cdef int begin_group(self) except -1:
        cdef Group* group = <Group*> take(&self._groups, sizeof(Group))
        memset(group, 0, sizeof(Group))
        group.keys = <int64_t> self._keys.used
        group.slots = <uint32_t> (self._slots.used // sizeof(Slot))
        group.opens = <uint32_t> (self._opens.used // sizeof(int64_t))
        group.windows = <uint32_t> (self._windows.used // sizeof(Window))
        return 0

    cdef int add_opens(self, Slot* slots, uint64_t last, const Entry* entry, uint64_t count, uint64_t opens) except -1:
        """Payloads of intervals without low bound by their high slots: a counting sort. Equal ones stay as given."""
        cdef int64_t* payloads = <int64_t*> take(&self._opens, <size_t> opens * sizeof(int64_t))
        cdef uint64_t i
        for i in range(count):
            if entry[i].low == 0 and entry[i].high < last:
                slots[entry[i].high + 1].ended += 1
        for i in range(last):
            slots[i + 1].ended += slots[i].ended
        # slots[h].ended is the place of the next one with high slot h. At last it is where those of h + 1 begin.
        for i in range(count):
            if entry[i].low == 0:
                payloads[slots[entry[i].high].ended] = entry[i].payload
                slots[entry[i].high].ended += 1
        for i in reversed(range(1, last + 1)):
            slots[i].ended = slots[i - 1].ended
        slots[0].ended = 0
        return 0

    cdef int add_windows(self, uint64_t last, const Entry* entry, uint64_t count, uint64_t lows) except -1:
        """Cut the slots into windows, each as long as its list stays within LIST_TO_HITS."""
        cdef Window* windows = <Window*> take(&self._windows, <size_t> (last + 1) * sizeof(Window))
        cdef Store sorted_lows = Store(NULL, 0, 0)
        cdef const Entry* by_low
        cdef uint64_t slot, first, end, begun, next_begun, ahead, in_list, least
        cdef size_t list_start = self._entries.used
        try:
            by_low = sort_by_low(&sorted_lows, windows, last, entry, count, lows)
            count_hits(windows, last, by_low, lows)
            begun = next_begun = 0
            first = 0
            while first <= last:
                in_list = least = windows[first].hits
                next_begun = begun
                while next_begun < lows and by_low[next_begun].low == first:
                    next_begun += 1
                end = first
                while end < last:
                    ahead = next_begun
                    while ahead < lows and by_low[ahead].low == end + 1:
                        ahead += 1
                    if in_list + (ahead - next_begun) > LIST_TO_HITS * min(least, <uint64_t> windows[end + 1].hits):
                        break
                    in_list += ahead - next_begun
                    least = min(least, <uint64_t> windows[end + 1].hits)
                    next_begun = ahead
                    end += 1
                list_start = self.add_list(list_start, <uint32_t> first, &by_low[begun], next_begun - begun)
                for slot in range(first, end + 1):
                    windows[slot].entries = <uint32_t> (list_start // sizeof(Entry))
                begun = next_begun
                first = end + 1
        finally:
            PyMem_Free(sorted_lows.data)
        return 0

    cdef size_t add_list(self, size_t before, uint32_t first, const Entry* begun, uint64_t count) except? 0:
        """Append the list of a window that begins with slot *first*, and return its offset.

        It holds the entries of the list at the offset *before* that reach the window, and those that begin in it.
        """
        cdef size_t start = self._entries.used
        cdef size_t at = before
        cdef Entry* reached
        while at < start:
            if (<const Entry*> (self._entries.data + at)).high >= first:
                reached = <Entry*> take(&self._entries, sizeof(Entry))
                reached[0] = (<const Entry*> (self._entries.data + at))[0]
            at += sizeof(Entry)
        memcpy(take(&self._entries, <size_t> count * sizeof(Entry)), begun, <size_t> count * sizeof(Entry))
        if self._entries.used // sizeof(Entry) > UINT32_MAX:
            raise too_many("entries of windows", self._count)
        return start

    cdef int finish(self) except -1:
        self.begin_group()
        fit(&self._groups)
        fit(&self._keys)
        fit(&self._slots)
        fit(&self._opens)
        fit(&self._windows)
        fit(&self._entries)
        return 0

    # All below only reads.

    cdef const Group* group_of(self, object number) except NULL:
        """The group of that number. It ends where the next one begins."""
        cdef Py_ssize_t i = PyNumber_AsSsize_t(number, IndexError)
        if i < 0 or i >= self._count:
            raise IndexError(f"no group {i}: there are {self._count:,}")
        return <const Group*> self._groups.data + i

    cdef inline uint32_t slot_of(self, const Group* group, const unsigned char* key, Py_ssize_t size) noexcept nogil:
        return find_slot(
            <const Slot*> self._slots.data + group.slots,
            <const unsigned char*> self._keys.data + group.keys,
            group[1].slots - group.slots - 1,
            key,
            size,
        )

    cdef inline const int64_t* open_hits(self, const Group* group, uint32_t slot, uint32_t* count) noexcept nogil:
        cdef uint32_t ended = (<const Slot*> self._slots.data)[<size_t> group.slots + slot].ended
        count[0] = group[1].opens - group.opens - ended
        return <const int64_t*> self._opens.data + group.opens + ended

    cdef inline const Entry* window_of(self, const Group* group, uint32_t slot, uint32_t* hits) noexcept nogil:
        """The list with the slot's hits. It has exactly that many, so a reader that counts never passes its end."""
        cdef const Window* window
        hits[0] = 0
        if group[1].windows == group.windows:
            return NULL
        window = <const Window*> self._windows.data + group.windows + slot
        hits[0] = window.hits
        return <const Entry*> self._entries.data + window.entries

    cdef inline int64_t position_of(self, const Group* group, const unsigned char* key, Py_ssize_t size) noexcept nogil:
        cdef uint32_t slot = self.slot_of(group, key, size)
        cdef const Slot* below
        if slot == 0:
            return 0
        below = <const Slot*> self._slots.data + group.slots + slot - 1
        if <Py_ssize_t> (below[1].key - below.key) != size:
            return 2 * <int64_t> slot
        # The bound below is at most the key, and as long. So the key equals it, or is in the gap behind it.
        return 2 * <int64_t> slot - (memcmp(self._keys.data + group.keys + below.key, key, <size_t> size) == 0)

    def stab(self, group, key, /):
        """The payloads of a group's intervals that hold the key, in the order of the class.

        Raises :exc:`IndexError` where there is no such group, also for negative numbers. Raises :exc:`TypeError` where
        the group is no integer or the key no :class:`bytes`.
        """
        cdef const Group* found_group = self.group_of(group)
        cdef uint32_t slot, count, hits, i
        cdef const int64_t* opens
        cdef const Entry* entry
        cdef list found
        if not isinstance(key, bytes):
            raise TypeError(f"key must be bytes, not {type(key).__name__}")
        slot = self.slot_of(found_group, <const unsigned char*> <bytes> key, len(<bytes> key))
        opens = self.open_hits(found_group, slot, &count)
        found = [opens[i] for i in range(count)]
        entry = self.window_of(found_group, slot, &hits)
        while hits > 0:
            if entry.low <= slot and slot <= entry.high:
                found.append(entry.payload)
                hits -= 1
            entry += 1
        return found

    def position(self, group, key, /):
        """The key's place among the distinct bounds of a group, those of empty intervals included.

        It is ``2 * i`` where *i* bounds are below the key and none equals it, ``2 * i + 1`` where it equals bound *i*.
        Two keys of one position are in the same intervals and compare alike with every bound, so you can remember
        results by it. A group without bounds has only the position 0.

        >>> index = IntervalIndex([[(b"b", b"d", 1)]])
        >>> [index.position(0, key) for key in (b"a", b"b", b"c", b"d", b"e")]
        [0, 1, 2, 3, 4]

        Raises as :meth:`stab`.
        """
        cdef const Group* found_group = self.group_of(group)
        if not isinstance(key, bytes):
            raise TypeError(f"key must be bytes, not {type(key).__name__}")
        return self.position_of(found_group, <const unsigned char*> <bytes> key, len(<bytes> key))

    def stab_many(self, groups, keys, /):
        """:meth:`stab` each key in the group at the same place: ``(offsets, payloads)``, both ``array("q")``.

        The payloads for key *i* are ``payloads[offsets[i]:offsets[i + 1]]``. Other threads run during the search.

        :param groups: an iterable of integers. A buffer of signed 64-bit ones is fastest, such as an ``array("q")``.
        :param keys: an iterable of :class:`bytes`.

        >>> index = IntervalIndex([[(None, b"c", 1), (b"b", None, 2)], [(None, b"f", 3)]])
        >>> index.stab_many([0, 1, 0], [b"b", b"z", b"d"])
        (array('q', [0, 2, 2, 3]), array('q', [1, 2, 2]))

        Raises :exc:`ValueError` where the lengths differ, else as :meth:`stab`, with the place.
        """
        cdef tuple held = tuple(keys)
        cdef Py_ssize_t n = len(held)
        cdef Query* queries = self.queries_of(groups, held)
        cdef Py_buffer offsets_view, payloads_view
        cdef int64_t* places
        cdef Py_ssize_t first, end
        try:
            offsets = zeros(n + 1)
            PyObject_GetBuffer(offsets, &offsets_view, PyBUF_SIMPLE | PyBUF_WRITABLE)
            try:
                places = <int64_t*> offsets_view.buf
                for first in range(0, n, TURN):
                    PyErr_CheckSignals()
                    with nogil:
                        self.count_all(queries, first, min(first + TURN, n), places)
                payloads = zeros(places[n])
                PyObject_GetBuffer(payloads, &payloads_view, PyBUF_SIMPLE | PyBUF_WRITABLE)
                try:
                    # The buffer of an empty array is no place for numbers.
                    first = 0 if places[n] > 0 else n
                    while first < n:
                        PyErr_CheckSignals()
                        with nogil:
                            end = first + 1
                            while end < min(first + TURN, n) and places[end] - places[first] < MANY_PAYLOADS:
                                end += 1
                            self.fill_all(queries, first, end, <int64_t*> payloads_view.buf + places[first])
                        first = end
                finally:
                    PyBuffer_Release(&payloads_view)
            finally:
                PyBuffer_Release(&offsets_view)
        finally:
            PyMem_Free(queries)
        return offsets, payloads

    def positions(self, groups, keys, /):
        """The :meth:`position` of each key in the group at the same place, as ``array("q")``.

        Parameters and errors are those of :meth:`stab_many`.
        """
        cdef tuple held = tuple(keys)
        cdef Py_ssize_t n = len(held)
        cdef Query* queries = self.queries_of(groups, held)
        cdef Py_buffer view
        cdef Py_ssize_t first
        try:
            found = zeros(n)
            PyObject_GetBuffer(found, &view, PyBUF_SIMPLE | PyBUF_WRITABLE)
            try:
                for first in range(0, n, TURN):
                    PyErr_CheckSignals()
                    with nogil:
                        self.place_all(queries, first, min(first + TURN, n), <int64_t*> view.buf)
            finally:
                PyBuffer_Release(&view)
        finally:
            PyMem_Free(queries)
        return found

    cdef Query* queries_of(self, object groups, tuple keys) except NULL:
        """The queries for the loops without the GIL. They point into the keys, which the caller keeps alive."""
        cdef Py_ssize_t n = len(keys)
        cdef Query* queries = <Query*> PyMem_Malloc(room_for(n, sizeof(Query)))
        cdef Py_ssize_t i
        if queries == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                key = keys[i]
                if not isinstance(key, bytes):
                    raise TypeError(f"key {i} must be bytes, not {type(key).__name__}")
                queries[i].key = <const unsigned char*> <bytes> key
                queries[i].size = len(<bytes> key)
            if not (PyObject_CheckBuffer(groups) and self.read_buffer(groups, queries, n)):
                self.read_numbers(tuple(groups), queries, n)
        except BaseException:
            PyMem_Free(queries)
            raise
        return queries

    cdef bint read_buffer(self, object groups, Query* queries, Py_ssize_t n) except -1:
        """Read the groups' numbers from a buffer of 64-bit integers. False for any other buffer."""
        cdef Py_buffer view
        cdef Py_ssize_t i
        cdef int64_t number
        PyObject_GetBuffer(groups, &view, PyBUF_STRIDED_RO | PyBUF_FORMAT)
        try:
            if view.ndim != 1 or view.itemsize != 8 or not is_int64(view.format):
                return False
            check_lengths(view.shape[0], n)
            for i in range(n):
                memcpy(&number, <const char*> view.buf + i * view.strides[0], sizeof(number))
                queries[i].group = self.checked_group(number, i)
        finally:
            PyBuffer_Release(&view)
        return True

    cdef int read_numbers(self, tuple groups, Query* queries, Py_ssize_t n) except -1:
        cdef Py_ssize_t i
        check_lengths(len(groups), n)
        for i in range(n):
            queries[i].group = self.checked_group(PyNumber_AsSsize_t(groups[i], IndexError), i)
        return 0

    cdef uint32_t checked_group(self, int64_t number, Py_ssize_t i) except? 0:
        if number < 0 or number >= self._count:
            raise IndexError(f"key {i}: no group {number}: there are {self._count:,}")
        return <uint32_t> number

    cdef void count_all(self, Query* queries, Py_ssize_t first, Py_ssize_t end, int64_t* offsets) noexcept nogil:
        cdef const Group* group
        cdef Query* query
        cdef uint32_t opens, hits
        cdef int64_t total = offsets[first]
        cdef Py_ssize_t i
        for i in range(first, end):
            query = &queries[i]
            group = <const Group*> self._groups.data + query.group
            query.slot = self.slot_of(group, query.key, query.size)
            self.open_hits(group, query.slot, &opens)
            self.window_of(group, query.slot, &hits)
            total += <int64_t> opens + hits
            offsets[i + 1] = total

    cdef void fill_all(self, const Query* queries, Py_ssize_t first, Py_ssize_t last, int64_t* out) noexcept nogil:
        cdef const Group* group
        cdef const Entry* entry
        cdef const int64_t* opens
        cdef int64_t* end
        cdef uint32_t slot, count, hits
        cdef Py_ssize_t i
        for i in range(first, last):
            group = <const Group*> self._groups.data + queries[i].group
            slot = queries[i].slot
            opens = self.open_hits(group, slot, &count)
            memcpy(out, opens, count * sizeof(int64_t))
            out += count
            entry = self.window_of(group, slot, &hits)
            end = out + hits
            # Write first and count only hits: this costs less than a branch that is predicted wrongly.
            while out < end:
                out[0] = entry.payload
                out += (entry.low <= slot) & (slot <= entry.high)
                entry += 1

    cdef void place_all(self, const Query* queries, Py_ssize_t first, Py_ssize_t end, int64_t* out) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(first, end):
            out[i] = self.position_of(
                <const Group*> self._groups.data + queries[i].group, queries[i].key, queries[i].size
            )

    @property
    def groups(self):
        """How many groups there are."""
        return self._count

    @property
    def empty(self):
        """How many of the intervals hold no key."""
        return self._empty

    @property
    def nbytes(self):
        """How many bytes the arrays take: bounds, payloads and the places of both."""
        return (
            self._groups.used + self._keys.used + self._slots.used
            + self._opens.used + self._windows.used + self._entries.used
        )

    def __len__(self):
        """How many intervals you gave, empty ones included."""
        return self._given

    def __sizeof__(self):
        return object.__sizeof__(self) + self.nbytes

    def __repr__(self):
        return f"<IntervalIndex: {self._given:,} intervals in {self._count:,} groups>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo, /):
        return self

    def __reduce__(self):
        """The arguments of :func:`_restore`."""
        cdef const Group* group
        cdef const Slot* slots
        cdef const int64_t* opens
        cdef uint32_t last, ended, open_count, slot, i
        cdef Py_ssize_t g
        shapes, sizes, places, payloads = [], [], [], []
        for g in range(self._count):
            group = <const Group*> self._groups.data + g
            slots = <const Slot*> self._slots.data + group.slots
            opens = <const int64_t*> self._opens.data + group.opens
            last = group[1].slots - group.slots - 1
            open_count = group[1].opens - group.opens
            sizes += [slots[i + 1].key - slots[i].key for i in range(last)]
            for slot in range(last + 1):
                ended = slots[slot + 1].ended if slot < last else open_count
                places += [slot] * (ended - slots[slot].ended)
            payloads += [opens[i] for i in range(open_count)]
            lows = self.lows_of(group, last)
            for low, high, payload in lows:
                places += low, high
                payloads.append(payload)
            shapes += last, open_count, len(lows)
        keys = (<const char*> self._keys.data)[:self._keys.used]
        arrays = array("I", shapes), array("I", sizes), keys, array("I", places), array("q", payloads)
        return _restore, (LAYOUT, *arrays, self._empty)

    cdef list lows_of(self, const Group* group, uint32_t last):
        """``(low, high, payload)`` of each interval with a low bound, from the window that it begins in."""
        cdef const Window* windows = <const Window*> self._windows.data + group.windows
        cdef const Entry* entries = <const Entry*> self._entries.data
        cdef uint32_t slot, first
        cdef size_t i, end
        cdef list found = []
        if group[1].windows == group.windows:
            return found
        slot = 0
        while slot <= last:
            first = slot
            while slot < last and windows[slot + 1].entries == windows[first].entries:
                slot += 1
            # A list ends where the next one begins: in this group, in the next that has any, or at the end of all.
            if &windows[slot + 1] < <const Window*> (self._windows.data + self._windows.used):
                end = windows[slot + 1].entries
            else:
                end = self._entries.used // sizeof(Entry)
            for i in range(windows[first].entries, end):
                if entries[i].low >= first:
                    found.append((entries[i].low, entries[i].high, entries[i].payload))
            slot += 1
        return found

    cdef int load(self, bytes shapes, bytes sizes, bytes keys, bytes places, bytes payloads) except -1:
        """Turn an empty index into the pickled one: check everything, then build it as from its intervals."""
        cdef const uint32_t* shape = <const uint32_t*> <const char*> shapes
        cdef const uint32_t* size = <const uint32_t*> <const char*> sizes
        cdef const uint32_t* place = <const uint32_t*> <const char*> places
        cdef const int64_t* payload = <const int64_t*> <const char*> payloads
        cdef const unsigned char* key = keys
        cdef Store bounds = Store(NULL, 0, 0)
        cdef Store intervals = Store(NULL, 0, 0)
        cdef Bound* bound
        cdef Entry* entry
        cdef Py_ssize_t left = len(keys)
        cdef Py_ssize_t g
        cdef uint32_t i
        check_shapes(shapes, len(sizes) // 4, len(places) // 4, len(payloads) // 8)
        self._groups.used = self._slots.used = 0
        try:
            for g in range(len(shapes) // 12):
                bounds.used = intervals.used = 0
                for i in range(shape[0]):
                    if size[i] > left:
                        raise damaged("a bound is too long")
                    bound = <Bound*> take(&bounds, sizeof(Bound))
                    bound[0] = Bound(key, size[i], 0)
                    if i > 0 and compare_bounds(bound - 1, bound) >= 0:
                        raise damaged("bounds are out of order")
                    key += size[i]
                    left -= size[i]
                bound = <Bound*> bounds.data
                for i in range(shape[1] + shape[2]):
                    entry = <Entry*> take(&intervals, sizeof(Entry))
                    entry.low = 0
                    if i >= shape[1]:
                        entry.low = place[0]
                        place += 1
                    entry.high = place[0]
                    entry.payload = payload[i]
                    place += 1
                    if entry.low > entry.high or entry.high > shape[0] or (i >= shape[1] and entry.low == 0):
                        raise damaged("an interval has no such bound")
                    # Only the first bound can be empty. That is no low bound, and as a high one it holds no key.
                    if shape[0] > 0 and bound[0].size == 0 and (entry.low == 1 or entry.high == 0):
                        raise damaged("an interval has no such bound")
                size += shape[0]
                payload += shape[1] + shape[2]
                self._given += <Py_ssize_t> shape[1] + shape[2]
                self.add(&bounds, &intervals)
                shape += 3
            if left > 0:
                raise damaged("bytes are left over")
            self.finish()
        finally:
            PyMem_Free(bounds.data)
            PyMem_Free(intervals.data)
        return 0


cdef object damaged(str what):
    return ValueError(f"not a pickled IntervalIndex: {what}")


cdef bytes numbers(object given, str typecode, Py_ssize_t size):
    """The bytes of an array, as a copy that nobody can change."""
    if type(given) is not array or given.typecode != typecode or given.itemsize != size:
        raise damaged(f"no array of {typecode!r}")
    return given.tobytes()


cdef int check_shapes(bytes shapes, Py_ssize_t sizes, Py_ssize_t places, Py_ssize_t payloads) except -1:
    """Check that the groups take exactly all items. Each number is compared with the rest before it is subtracted."""
    cdef const uint32_t* shape = <const uint32_t*> <const char*> shapes
    cdef Py_ssize_t g
    if len(shapes) % 12:
        raise damaged("groups and arrays do not fit")
    for g in range(len(shapes) // 12):
        if shape[0] > sizes or shape[1] > places or shape[2] > (places - shape[1]) // 2:
            raise damaged("groups and arrays do not fit")
        sizes -= shape[0]
        places -= <Py_ssize_t> shape[1] + 2 * <Py_ssize_t> shape[2]
        payloads -= <Py_ssize_t> shape[1] + shape[2]
        if payloads < 0 or <uint64_t> shape[1] + shape[2] > UINT32_MAX:
            raise damaged("groups and arrays do not fit")
        shape += 3
    if sizes or places or payloads:
        raise damaged("groups and arrays do not fit")
    return 0


def _restore(layout, shapes, sizes, keys, places, payloads, empty, /):
    """The index of a pickle, or :exc:`ValueError`.

    :param layout: the layout of the pickle.
    :param shapes: for each group the counts of distinct bounds, of intervals without low bound, and of others.
    :param sizes: the length of each bound.
    :param keys: the bounds, joined.
    :param places: for each group the high slot of each interval without low bound, then both slots of each other.
    :param payloads: the payload of each interval.
    :param empty: how many more intervals hold no key.
    """
    cdef IntervalIndex index = IntervalIndex(())
    if type(layout) is not int or layout != LAYOUT:
        raise ValueError(
            f"a pickled IntervalIndex of layout {layout!r}, and this release of vercmp reads layout {LAYOUT}: "
            "load it with the release that wrote it, or make it again"
        )
    if type(keys) is not bytes:
        raise damaged("no bytes")
    if type(empty) is not int or not 0 <= empty < PY_SSIZE_T_MAX >> 3:
        raise damaged("no number of empty intervals")
    index.load(
        numbers(shapes, "I", 4), numbers(sizes, "I", 4), keys, numbers(places, "I", 4), numbers(payloads, "q", 8)
    )
    index._empty = empty
    index._given += index._empty
    return index


cdef int check_lengths(Py_ssize_t groups, Py_ssize_t keys) except -1:
    if groups != keys:
        raise ValueError(f"groups and keys must be of one length, not {groups} and {keys}")
    return 0
