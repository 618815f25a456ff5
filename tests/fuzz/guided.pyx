# cython: language_level=3
"""What is compiled under libFuzzer, which chooses bytes by the branches that they reach: ``make fuzz-compiled``.

This is a program, not a module. Python begins in it once, and the targets of the orders never enter it again. Input lies
in memory of exactly its size, and so does room for keys: AddressSanitizer sees one byte too many.

===================================  ===============================================================================
``TARGET``                           what the bytes are
===================================  ===============================================================================
``rpm``, ``dpkg``, ``apk``,          two versions with a line feed between: the laws of ``order_laws.pxd``
``pep440``, ``semver``, ``gem``
``intervals``                        groups of intervals: an index answers as looking at each interval does
``pickles``                          the arrays that an index is restored of: refused, or the index of its own pickle
``headers``                          where in a tar archive's header what stands: refused, or a name below the root
===================================  ===============================================================================
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport UINT32_MAX, int64_t, uint32_t
from libc.stdio cimport fprintf, stderr
from libc.stdlib cimport abort, free, getenv, malloc
from libc.string cimport memchr, memcmp, memcpy, memset, strcmp

from advisories.sources._members cimport BLOCK, LONGEST_NAME, Header, read_header
from order_laws cimport Order, broken_law, order_of, room_of, text_t
from vercmp._intervals cimport Bound, Entry, IntervalIndex, Query, Store

cdef extern from "Python.h" nogil:
    int PyImport_AppendInittab(const char* name, void* (*begin)() noexcept nogil)
    void Py_InitializeEx(int signals)
    int PyRun_SimpleString(const char* source)

cdef extern from *:
    """
    PyMODINIT_FUNC PyInit_guided(void);
    """
    void* PyInit_guided() noexcept nogil

cdef enum:
    # Intervals of an input, and bounds of a group whose neighbours are looked for: what is there is compared with each.
    MANY = 32
    ASKED = 4
    # Of a header: its checksum, and what is behind that.
    CHECKSUM = 148
    TYPE = 156

cdef struct Interval:
    text_t low
    Py_ssize_t low_size
    text_t high
    Py_ssize_t high_size
    # Its number from one on, or the negative number.
    int64_t payload
    # Whether no interval before it, and not its low bound, is that bound.
    bint low_is_new
    bint high_is_new

cdef Order order = order_of(b"")
cdef bint of_pickles = False
cdef bint of_headers = False


cdef public int LLVMFuzzerInitialize(int* count, char*** arguments) noexcept nogil:
    """Before Python: this module is a part of the program."""
    PyImport_AppendInittab(b"guided", PyInit_guided)
    Py_InitializeEx(0)
    if PyRun_SimpleString(b"import guided"):
        abort()
    return 0


cdef public int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) noexcept nogil:
    if order.compare != NULL:
        pair(data, <Py_ssize_t> size)
    elif of_headers:
        hold_of_header(data, <Py_ssize_t> size)
    else:
        with gil:
            look_into(data, <Py_ssize_t> size)
    return 0


cdef unsigned char* copied(const unsigned char* data, Py_ssize_t size) noexcept nogil:
    cdef unsigned char* copy = <unsigned char*> malloc(size)
    memcpy(copy, data, size)
    return copy


cdef void pair(const unsigned char* data, Py_ssize_t size) noexcept nogil:
    cdef const unsigned char* cut = <const unsigned char*> memchr(data, c"\n", size) if size else NULL
    cdef Py_ssize_t left_size = cut - data if cut != NULL else size
    cdef Py_ssize_t right_size = size - left_size - 1 if cut != NULL else 0
    cdef unsigned char* left = copied(data, left_size)
    cdef unsigned char* right = copied(data + size - right_size, right_size)
    cdef unsigned char* left_key = <unsigned char*> malloc(room_of(&order, left_size))
    cdef unsigned char* right_key = <unsigned char*> malloc(room_of(&order, right_size))
    cdef int broken = broken_law(&order, left, left_size, right, right_size, left_key, right_key)
    if broken:
        fprintf(stderr, b"law %d does not hold\n", broken)
        abort()
    free(left)
    free(right)
    free(left_key)
    free(right_key)


cdef void hold_of_header(text_t data, Py_ssize_t size) noexcept nogil:
    """Pieces of a header: half its place, its length, its bytes. The rest is zeros, and the checksum right, but for a
    piece that begins in it."""
    cdef unsigned char* block = <unsigned char*> malloc(BLOCK)
    cdef Py_ssize_t at = 0, place, length, i
    cdef unsigned int total = 8 * c" "
    cdef bint is_summed = True
    cdef Header header, again
    memset(block, 0, BLOCK)
    while at + 2 < size:
        place, length = 2 * data[at], data[at + 1]
        at += 2
        length = min(length, min(size - at, BLOCK - place))
        memcpy(block + place, data + at, length)
        at += length
        is_summed = is_summed and not (CHECKSUM <= place < TYPE)
    if is_summed:
        for i in range(BLOCK):
            total += block[i] if i < CHECKSUM or i >= TYPE else 0
        write_sum(block, total)
    if read_header(block, &header):
        hold_of_name(header.name, header.name_size)
        if header.size < 0 or header.target_size < 0 or header.target_size > 100:
            broken(b"sizes")
        # As it was read, it is read again.
        if header.name_size <= 100:
            memset(block, 0, 100)
            memcpy(block, header.name, header.name_size)
            block[345] = 0
            total = 8 * c" "
            for i in range(BLOCK):
                total += block[i] if i < CHECKSUM or i >= TYPE else 0
            write_sum(block, total)
            if (
                not read_header(block, &again)
                or again.name_size != header.name_size
                or memcmp(again.name, header.name, header.name_size)
                or again.size != header.size
                or again.is_executable != header.is_executable
            ):
                broken(b"read again")
    free(block)


cdef void write_sum(unsigned char* block, unsigned int total) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(5, -1, -1):
        block[CHECKSUM + i] = c"0" + (total & 7)
        total >>= 3
    block[CHECKSUM + 6] = 0
    block[CHECKSUM + 7] = c" "


cdef void hold_of_name(const unsigned char* name, Py_ssize_t size) noexcept nogil:
    """No part is empty, nor leads out of a folder."""
    cdef Py_ssize_t i, begin = 0
    if size > LONGEST_NAME or (size and memchr(name, 0, size) != NULL):
        broken(b"a name")
    for i in range(size + 1 if size else 0):
        if i == size or name[i] == c"/":
            if i == begin or (name[begin] == c"." and (i - begin == 1 or (i - begin == 2 and name[begin + 1] == c"."))):
                broken(b"a part")
            begin = i + 1


cdef void broken(const char* law) noexcept nogil:
    fprintf(stderr, b"broken: %s\n", law)
    abort()


cdef void look_into(text_t data, Py_ssize_t size) noexcept:
    try:
        if of_pickles:
            hold_of_pickles(data, size)
        else:
            hold_of_intervals(data, size)
    except BaseException:
        import traceback

        traceback.print_exc()
        abort()


cdef void hold(bint law, str what) except *:
    if not law:
        raise AssertionError(what)


cdef inline int compare_bytes(text_t a, Py_ssize_t a_size, text_t b, Py_ssize_t b_size) noexcept nogil:
    cdef int order = memcmp(a, b, <size_t> min(a_size, b_size)) if a_size and b_size else 0
    return order if order else (a_size > b_size) - (a_size < b_size)


cdef inline bint holds(const Interval* interval, text_t key, Py_ssize_t size) noexcept nogil:
    return (
        (interval.low == NULL or compare_bytes(interval.low, interval.low_size, key, size) <= 0)
        and (interval.high == NULL or compare_bytes(key, size, interval.high, interval.high_size) < 0)
    )


cdef bint comes_before(const Interval* a, const Interval* b) noexcept nogil:
    """The promised order of payloads. Equal ones keep the order that they were given in."""
    cdef bint a_opens = a.low == NULL or a.low_size == 0
    cdef bint b_opens = b.low == NULL or b.low_size == 0
    cdef int order
    if a_opens != b_opens:
        return a_opens
    if not a_opens:
        order = compare_bytes(a.low, a.low_size, b.low, b.low_size)
    elif a.high == NULL or b.high == NULL:
        order = (a.high == NULL) - (b.high == NULL)
    else:
        order = compare_bytes(a.high, a.high_size, b.high, b.high_size)
    return order < 0 or (order == 0 and a < b)


cdef Py_ssize_t read_bound(text_t data, Py_ssize_t size, Py_ssize_t at, int code, text_t* bound,
                           Py_ssize_t* bound_size) noexcept nogil:
    bound[0] = data + at
    bound_size[0] = min(<Py_ssize_t> (code & 3), size - at)
    return at + bound_size[0]


cdef Py_ssize_t read_groups(text_t data, Py_ssize_t size, Interval* intervals, Py_ssize_t* count,
                            Py_ssize_t* ends, Py_ssize_t* groups) noexcept nogil:
    """Where the bytes that are left over begin. A byte is what comes next, the length of a bound or its byte."""
    cdef Interval* interval
    cdef Py_ssize_t at = 0
    cdef unsigned char what
    count[0] = 0
    groups[0] = 1
    while at < size and data[at] != 0xFF and count[0] < MANY:
        what = data[at]
        at += 1
        if what & 0x80:
            ends[groups[0] - 1] = count[0]
            groups[0] += 1
        interval = &intervals[count[0]]
        interval[0] = Interval(NULL, 0, NULL, 0, count[0] + 1 if what & 0x40 else -count[0] - 1, False, False)
        if what & 1:
            at = read_bound(data, size, at, what >> 2, &interval.low, &interval.low_size)
        if what & 2:
            at = read_bound(data, size, at, what >> 4, &interval.high, &interval.high_size)
        count[0] += 1
    ends[groups[0] - 1] = count[0]
    return at


cdef void add_group(IntervalIndex index, const Interval* interval, Py_ssize_t count) except *:
    """As ``IntervalIndex.read`` does, from memory of exactly the size."""
    cdef Bound* bound = <Bound*> malloc(2 * count * sizeof(Bound))
    cdef Entry* entry = <Entry*> malloc(count * sizeof(Entry))
    cdef Store bounds = Store(<char*> bound, 0, 0)
    cdef Store entries = Store(<char*> entry, count * sizeof(Entry), 0)
    cdef Py_ssize_t i
    for i in range(count):
        entry[i] = Entry(0, UINT32_MAX, interval[i].payload)
        if interval[i].low != NULL and interval[i].low_size > 0:
            bound[0] = Bound(interval[i].low, interval[i].low_size, 2 * i)
            bound += 1
        if interval[i].high != NULL:
            bound[0] = Bound(interval[i].high, interval[i].high_size, 2 * i + 1)
            bound += 1
    bounds.used = <char*> bound - bounds.data
    index.give_slots(&bounds, &entries)
    index.add(&bounds, &entries)
    free(bounds.data)
    free(entries.data)


cdef void ask(Query* queries, Py_ssize_t* count, uint32_t group, text_t key, Py_ssize_t size) noexcept nogil:
    queries[count[0]] = Query(key, size, group, 0)
    count[0] += 1


cdef void ask_beside(Query* queries, Py_ssize_t* count, uint32_t group, text_t bound, Py_ssize_t size,
                     unsigned char* behind) noexcept nogil:
    """A bound, the first key behind it, and its beginning."""
    ask(queries, count, group, bound, size)
    memcpy(behind, bound, size)
    behind[size] = 0
    ask(queries, count, group, behind, size + 1)
    ask(queries, count, group, bound, max(size - 1, <Py_ssize_t> 0))


cdef bint is_new(const Interval* interval, Py_ssize_t count, text_t bound, Py_ssize_t size) noexcept nogil:
    """Whether none of the intervals has this bound. An empty low bound is none."""
    cdef Py_ssize_t i
    for i in range(count):
        if interval[i].low != NULL and interval[i].low_size > 0:
            if compare_bytes(interval[i].low, interval[i].low_size, bound, size) == 0:
                return False
        if interval[i].high != NULL and compare_bytes(interval[i].high, interval[i].high_size, bound, size) == 0:
            return False
    return True


cdef void mark_new_bounds(Interval* interval, Py_ssize_t count) noexcept nogil:
    cdef Interval* one
    cdef Py_ssize_t i
    for i in range(count):
        one = &interval[i]
        one.low_is_new = one.low != NULL and one.low_size > 0 and is_new(interval, i, one.low, one.low_size)
        one.high_is_new = one.high != NULL and is_new(interval, i, one.high, one.high_size) and (
            not one.low_is_new or compare_bytes(one.low, one.low_size, one.high, one.high_size) != 0
        )


cdef int64_t position_of(const Interval* interval, Py_ssize_t count, text_t key, Py_ssize_t size) noexcept nogil:
    """Twice the distinct bounds below the key, and one more where one equals it."""
    cdef int64_t below = 0, equal = 0
    cdef Py_ssize_t i
    cdef int order
    for i in range(count):
        if interval[i].low_is_new:
            order = compare_bytes(interval[i].low, interval[i].low_size, key, size)
            equal += order == 0
            below += order < 0
        if interval[i].high_is_new:
            order = compare_bytes(interval[i].high, interval[i].high_size, key, size)
            equal += order == 0
            below += order < 0
    return 2 * below + equal


cdef int broken_answer(const Interval* intervals, const Interval* interval, Py_ssize_t count, const Query* query,
                       const int64_t* payload, int64_t hits) noexcept nogil:
    """0 where these are the payloads of the intervals that hold the key: as many, each of one that does, in order."""
    cdef const Interval* before = NULL
    cdef const Interval* found
    cdef int64_t wanted = 0, i, number
    for i in range(count):
        wanted += holds(&interval[i], query.key, query.size)
    if hits != wanted:
        return 1
    for i in range(hits):
        number = payload[i] if payload[i] > 0 else -payload[i]
        found = intervals + number - 1
        if number < 1 or found < interval or found >= interval + count or found.payload != payload[i]:
            return 2
        if not holds(found, query.key, query.size):
            return 3
        if before != NULL and not comes_before(before, found):
            return 4
        before = found
    return 0


cdef void hold_of_group(IntervalIndex index, uint32_t group, const Interval* intervals, const Interval* interval,
                        Py_ssize_t count, text_t rest, Py_ssize_t rest_size) except *:
    cdef unsigned char behind[4 * ASKED]
    cdef Query queries[3 * ASKED + 3]
    cdef int64_t offsets[3 * ASKED + 4]
    cdef int64_t positions[3 * ASKED + 3]
    cdef int64_t* payloads
    cdef Py_ssize_t asked = 0, bounds = 0, i, k
    ask(queries, &asked, group, rest, rest_size)
    ask(queries, &asked, group, rest, 0)
    ask(queries, &asked, group, rest + min(rest_size, 1), min(max(rest_size - 1, <Py_ssize_t> 0), <Py_ssize_t> 2))
    for i in range(count):
        if interval[i].low != NULL and bounds < ASKED:
            ask_beside(queries, &asked, group, interval[i].low, interval[i].low_size, behind + 4 * bounds)
            bounds += 1
        if interval[i].high != NULL and bounds < ASKED:
            ask_beside(queries, &asked, group, interval[i].high, interval[i].high_size, behind + 4 * bounds)
            bounds += 1
    offsets[0] = 0
    index.count_all(queries, 0, asked, offsets)
    payloads = <int64_t*> malloc(offsets[asked] * sizeof(int64_t))
    index.fill_all(queries, 0, asked, payloads)
    index.place_all(queries, 0, asked, positions)
    for i in range(asked):
        hold(
            not broken_answer(intervals, interval, count, &queries[i], payloads + offsets[i], offsets[i + 1] - offsets[i]),
            "stab_many",
        )
        hold(positions[i] == position_of(interval, count, queries[i].key, queries[i].size), "positions")
    one = index.stab(group, rest[:rest_size])
    hold(len(one) == offsets[1], "stab")
    for k in range(offsets[1]):
        hold(one[k] == payloads[k], "stab")
    free(payloads)


cdef bint same(const Store* a, const Store* b) noexcept nogil:
    return a.used == b.used and memcmp(a.data, b.data, a.used) == 0


cdef void hold_of_pickle(IntervalIndex index) except *:
    """What a pickle restores has the same bytes in every array."""
    restore, parts = index.__reduce__()
    cdef IntervalIndex again = restore(*parts)
    hold(
        same(&index._groups, &again._groups)
        and same(&index._keys, &again._keys)
        and same(&index._slots, &again._slots)
        and same(&index._opens, &again._opens)
        and same(&index._windows, &again._windows)
        and same(&index._entries, &again._entries),
        "restored",
    )
    hold(
        index._count == again._count and index._given == again._given and index._empty == again._empty,
        "counts of what was restored",
    )


cdef IntervalIndex nothing():
    """An index that :meth:`add` may add to."""
    cdef IntervalIndex index = IntervalIndex(())
    index._groups.used = 0
    return index


cdef void hold_of_intervals(text_t data, Py_ssize_t size) except *:
    """The first byte is whether the index is pickled, which takes as long as all the rest. Then come groups."""
    cdef Interval intervals[MANY]
    cdef Py_ssize_t ends[MANY + 1]
    cdef Py_ssize_t count, groups, g, at, first
    if not size:
        return
    at = 1 + read_groups(data + 1, size - 1, intervals, &count, ends, &groups)
    cdef IntervalIndex index = nothing()
    first = 0
    for g in range(groups):
        add_group(index, intervals + first, ends[g] - first)
        mark_new_bounds(intervals + first, ends[g] - first)
        first = ends[g]
    index.finish()
    first = 0
    for g in range(groups):
        hold_of_group(index, <uint32_t> g, intervals, intervals + first, ends[g] - first, data + at, size - at)
        first = ends[g]
    if data[0] % 16 == 1:
        hold_of_pickle(index)


cdef bytes words_of(text_t data, Py_ssize_t count):
    """A number a byte. Those from 240 on stand for ones that no index has."""
    cdef bytes words = PyBytes_FromStringAndSize(NULL, 4 * count)
    cdef uint32_t* word = <uint32_t*> <char*> words
    cdef Py_ssize_t i
    for i in range(count):
        word[i] = <uint32_t> data[i] << (24 if data[i] >= 240 else 0)
    return words


cdef bytes long_words_of(text_t data, Py_ssize_t count):
    cdef bytes words = PyBytes_FromStringAndSize(NULL, 8 * count)
    cdef int64_t* word = <int64_t*> <char*> words
    cdef Py_ssize_t i
    for i in range(count):
        word[i] = <int64_t> data[i] << (24 if data[i] >= 240 else 0)
    return words


cdef void hold_of_pickles(text_t data, Py_ssize_t size) except *:
    """First how many numbers or bytes each part has, then the parts."""
    cdef text_t parts[5]
    cdef Py_ssize_t counts[5]
    cdef Py_ssize_t at = 5, i
    cdef uint32_t group, end
    if size < 5:
        return
    for i in range(5):
        parts[i] = data + at
        counts[i] = min(<Py_ssize_t> data[i], size - at)
        at += counts[i]
    cdef IntervalIndex index = nothing()
    try:
        index.load(
            words_of(parts[0], counts[0]),
            words_of(parts[1], counts[1]),
            parts[2][:counts[2]],
            words_of(parts[3], counts[3]),
            long_words_of(parts[4], counts[4]),
        )
    except ValueError:
        return
    for group in range(<uint32_t> min(index._count, <Py_ssize_t> 8)):
        for end in range(4):
            index.stab(group, parts[2][:min(counts[2], <Py_ssize_t> end)])
    hold_of_pickle(index)


def begin():
    global order, of_pickles, of_headers
    cdef const char* target = getenv(b"TARGET")
    if target == NULL:
        raise SystemExit("give TARGET: rpm, dpkg, apk, pep440, semver, gem, intervals, pickles or headers")
    order = order_of(target)
    of_pickles = strcmp(target, b"pickles") == 0
    of_headers = strcmp(target, b"headers") == 0
    if order.compare == NULL and not (of_pickles or of_headers) and strcmp(target, b"intervals"):
        raise SystemExit(f"there is no TARGET {target.decode(errors='replace')}")


begin()
