# cython: language_level=3
"""What an index is made of, for the fuzzer that looks into one. ``_intervals.pyx`` says what each array holds."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef struct Group:
    int64_t keys
    uint32_t slots
    uint32_t opens
    uint32_t windows


cdef struct Slot:
    uint32_t key
    uint32_t ended


cdef struct Window:
    uint32_t entries
    uint32_t hits


cdef struct Entry:
    uint32_t low
    uint32_t high
    int64_t payload


cdef struct Bound:
    const unsigned char* data
    Py_ssize_t size
    Py_ssize_t place  # while sorting: twice the interval's place, and 1 for the high one


cdef struct Query:
    const unsigned char* key
    Py_ssize_t size
    uint32_t group
    uint32_t slot


cdef struct Store:
    char* data
    size_t used
    size_t room


cdef class IntervalIndex:
    cdef Store _groups
    cdef Store _keys
    cdef Store _slots
    cdef Store _opens
    cdef Store _windows
    cdef Store _entries
    cdef Py_ssize_t _count
    cdef Py_ssize_t _given
    cdef Py_ssize_t _empty

    cdef int read(self, list given, Store* bounds, Store* intervals) except -1
    cdef int give_slots(self, Store* bounds, Store* intervals) except -1
    cdef str at(self, Py_ssize_t i)
    cdef int64_t payload_of(self, object payload, Py_ssize_t i) except? -1
    cdef int append_bound(self, Store* bounds, object value, Py_ssize_t i, bint is_high) except -1
    cdef int keep_what_holds_a_key(self, Store* bounds, Store* intervals) except -1
    cdef int add(self, Store* bounds, Store* intervals) except -1
    cdef int begin_group(self) except -1
    cdef int add_opens(self, Slot* slots, uint64_t last, const Entry* entry, uint64_t count, uint64_t opens) except -1
    cdef int add_windows(self, uint64_t last, const Entry* entry, uint64_t count, uint64_t lows) except -1
    cdef size_t add_list(self, size_t before, uint32_t first, const Entry* begun, uint64_t count) except? 0
    cdef int finish(self) except -1
    cdef const Group* group_of(self, object number) except NULL
    cdef uint32_t slot_of(self, const Group* group, const unsigned char* key, Py_ssize_t size) noexcept nogil
    cdef const int64_t* open_hits(self, const Group* group, uint32_t slot, uint32_t* count) noexcept nogil
    cdef const Entry* window_of(self, const Group* group, uint32_t slot, uint32_t* hits) noexcept nogil
    cdef int64_t position_of(self, const Group* group, const unsigned char* key, Py_ssize_t size) noexcept nogil
    cdef Query* queries_of(self, object groups, tuple keys) except NULL
    cdef bint read_buffer(self, object groups, Query* queries, Py_ssize_t n) except -1
    cdef int read_numbers(self, tuple groups, Query* queries, Py_ssize_t n) except -1
    cdef uint32_t checked_group(self, int64_t number, Py_ssize_t i) except? 0
    cdef void count_all(self, Query* queries, Py_ssize_t first, Py_ssize_t end, int64_t* offsets) noexcept nogil
    cdef void fill_all(self, const Query* queries, Py_ssize_t first, Py_ssize_t last, int64_t* out) noexcept nogil
    cdef void place_all(self, const Query* queries, Py_ssize_t first, Py_ssize_t end, int64_t* out) noexcept nogil
    cdef list lows_of(self, const Group* group, uint32_t last)
    cdef int load(self, bytes shapes, bytes sizes, bytes keys, bytes places, bytes payloads) except -1
