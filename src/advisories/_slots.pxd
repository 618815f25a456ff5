# cython: language_level=3
"""For other Cython modules of this package: ``from advisories._slots cimport Slots``."""

cimport cython
from cpython.object cimport PyObject

cdef enum:
    MOST_SLOTS = 32

@cython.final
cdef class Slots:
    cdef object _type
    cdef dict _places
    # Those below are kept by these.
    cdef tuple _slots, _values, _names
    cdef PyObject* _slot[MOST_SLOTS]
    cdef PyObject* _value[MOST_SLOTS]
    cdef Py_ssize_t _offset[MOST_SLOTS]
    cdef Py_ssize_t _count, _required

    cdef Py_ssize_t place(self, str name) except -1
    """Which of the slots a field is."""

    cdef object new(self)
    """Another object of the class, with the values of the one that stands for all."""

    cdef int put(self, object it, Py_ssize_t place, object value) except -1
    """Set a field of an object that nobody has seen yet."""
