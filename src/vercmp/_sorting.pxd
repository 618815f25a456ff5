# cython: language_level=3
"""The keys of versions in one buffer, for what sorts them here and for columns."""

from libc.stdint cimport int64_t, uint64_t

from vercmp._engine cimport Turns, write_key_t

cdef struct Entry:
    uint64_t eight
    Py_ssize_t place


cdef struct Stretch:
    # Entries whose keys are equal before *depth*.
    Py_ssize_t start
    Py_ssize_t end
    Py_ssize_t depth


cdef class _Keys:
    cdef write_key_t write
    cdef Py_ssize_t factor
    cdef object sort_key
    cdef bint asked
    cdef Turns turns
    cdef unsigned char* bytes
    cdef Py_ssize_t size
    cdef Py_ssize_t room

    cdef int reserve(self, Py_ssize_t more) except -1
    cdef int append(self, object version) except -1
    cdef Py_ssize_t write_next(self, const char* data, Py_ssize_t size) except -2
    cdef int worked(self, Py_ssize_t work) except -1


cdef class _Order:
    # All keys one after the other, with eight bytes behind them that are only read.
    cdef const unsigned char* bytes
    # The key of a place ends where that of the next begins.
    cdef const int64_t* starts
    cdef Py_ssize_t count
    cdef Py_ssize_t room
    cdef bint reverse
    cdef Entry* entries
    cdef Entry* other
    cdef Py_ssize_t work

    cdef int make_room(self, Py_ssize_t room, bint reverse) except -1
    cdef void take(self, Py_ssize_t place) noexcept
    cdef int sort_all(self, const unsigned char* bytes, const int64_t* starts, Py_ssize_t size) except -1
    cdef Py_ssize_t place(self, Py_ssize_t i) noexcept
    cdef int worked(self, Py_ssize_t work) except -1 nogil
    cdef uint64_t eight_of(self, Py_ssize_t place, Py_ssize_t depth) noexcept nogil
    cdef int is_below(self, const Entry* a, const Entry* b, Py_ssize_t depth) except -1 nogil
    cdef int insert(self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t depth) except -1 nogil
    cdef int distribute(self, Py_ssize_t start, Py_ssize_t end, uint64_t different) except -1 nogil
    cdef int sort(self) except -1 nogil
    cdef Py_ssize_t sort_stretch(self, Stretch stretch, Stretch* waiting) except -1 nogil
    cdef Py_ssize_t length_of(self, Py_ssize_t place) noexcept nogil
