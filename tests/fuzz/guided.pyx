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
``pickles``                          what an index is restored of: refused, or the index of its own pickle
===================================  ===============================================================================
"""

from libc.stdio cimport fprintf, stderr
from libc.stdlib cimport abort, free, getenv, malloc
from libc.string cimport memchr, memcpy, strcmp

from order_laws cimport Order, broken_law, order_of, room_of

from array import array

from vercmp._intervals import IntervalIndex, _restore

cdef extern from "Python.h" nogil:
    int PyImport_AppendInittab(const char* name, void* (*begin)() noexcept nogil)
    void Py_InitializeEx(int signals)
    int PyRun_SimpleString(const char* source)

cdef extern from *:
    """
    PyMODINIT_FUNC PyInit_guided(void);
    """
    void* PyInit_guided() noexcept nogil

cdef Order order = order_of(b"")
cdef bint of_pickles = False


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
    else:
        with gil:
            objects(data[:size])
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


cdef void objects(bytes data) noexcept:
    try:
        if of_pickles:
            hold_of_pickles(data)
        else:
            hold_of_intervals(data)
    except BaseException:
        import traceback

        traceback.print_exc()
        abort()


cdef tuple groups_of(bytes data):
    """Groups of intervals, and bytes that are left over. A byte is what comes next, the length of a bound or its byte."""
    cdef list groups = [[]]
    cdef list bounds
    cdef Py_ssize_t at = 0, size
    cdef unsigned char what
    while at < len(data) and data[at] != 0xFF:
        what = data[at]
        at += 1
        if what & 0x80:
            groups.append([])
        bounds = [None, None]
        for which in range(2):
            if what & (1 << which):
                size = (what >> (2 + 2 * which)) & 3
                bounds[which] = data[at:at + size]
                at += size
        groups[-1].append((bounds[0], bounds[1], at if what & 0x40 else -at))
    return groups, data[at:]


cdef tuple rank(tuple interval):
    """The promised order of payloads. Sorting keeps equal ones as they were given."""
    low, high, _ = interval
    return (True, low, False, b"") if low else (False, b"", high is None, high or b"")


cdef void hold(bint law, str what) except *:
    if not law:
        raise AssertionError(what)


cdef void hold_of_intervals(bytes data) except *:
    groups, rest = groups_of(data)
    cdef list numbers = []
    cdef list keys = []
    cdef list wanted = []
    cdef list positions = []
    index = IntervalIndex(groups)
    for number, group in enumerate(groups):
        ranked = sorted([(rank(interval), i, interval) for i, interval in enumerate(group)])
        bounds = sorted({bound for low, high, _ in group for bound in (low or None, high) if bound is not None})
        asked = {b"", rest, rest[1:3]}
        for bound in bounds[:16]:
            asked |= {bound, bound + b"\0", bound[:-1]}
        for key in asked:
            numbers.append(number)
            keys.append(key)
            wanted.append([
                payload for _, _, (low, high, payload) in ranked
                if (low is None or low <= key) and (high is None or key < high)
            ])
            below = 0
            while below < len(bounds) and bounds[below] < key:
                below += 1
            positions.append(2 * below + (below < len(bounds) and bounds[below] == key))
    offsets, payloads = index.stab_many(numbers, keys)
    for i in range(len(keys)):
        hold(index.stab(numbers[i], keys[i]) == wanted[i], "stab")
        hold(list(payloads[offsets[i]:offsets[i + 1]]) == wanted[i], "stab_many")
        hold(index.position(numbers[i], keys[i]) == positions[i], "position")
    hold(list(index.positions(array("q", numbers), keys)) == positions, "positions")
    restore, parts = index.__reduce__()
    again = restore(*parts)
    hold(again.stab_many(numbers, keys) == (offsets, payloads), "restored")
    hold(again.__reduce__() == (restore, parts), "pickled again")


cdef object numbers_of(str typecode, bytes raw):
    """A number a byte. Those from 240 on stand for ones that no index has."""
    return array(typecode, [<long long> byte << (24 if byte >= 240 else 0) for byte in raw])


cdef void hold_of_pickles(bytes data) except *:
    """First how many numbers or bytes each part has, then the parts."""
    cdef Py_ssize_t at = 5
    cdef list parts = []
    for size in data[:5]:
        parts.append(data[at:at + size])
        at += size
    if len(parts) < 5:
        return
    shapes, sizes, keys, places, payloads = parts
    try:
        index = _restore(
            1, numbers_of("I", shapes), numbers_of("I", sizes), keys, numbers_of("I", places),
            numbers_of("q", payloads), 0,
        )
    except ValueError:
        return
    for group in range(index.groups):
        for end in range(4):
            index.stab(group, keys[:end])
    hold(_restore(*index.__reduce__()[1]).__reduce__() == index.__reduce__(), "pickled again")


def begin():
    global order, of_pickles
    cdef const char* target = getenv(b"TARGET")
    if target == NULL:
        raise SystemExit("give TARGET: rpm, dpkg, apk, pep440, semver, gem, intervals or pickles")
    order = order_of(target)
    of_pickles = strcmp(target, b"pickles") == 0
    if order.compare == NULL and not of_pickles and strcmp(target, b"intervals"):
        raise SystemExit(f"there is no TARGET {target.decode(errors='replace')}")


begin()
