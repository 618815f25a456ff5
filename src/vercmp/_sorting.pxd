# cython: language_level=3
"""The keys of versions in one buffer, for what sorts them here and for columns."""

from vercmp._engine cimport Turns, write_key_t


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
