# cython: language_level=3
"""How much memory things take, where addresses may have 32 bits: there a product wraps around that never does in 64."""

from libc.stdint cimport int64_t

cdef extern from *:
    const Py_ssize_t PY_SSIZE_T_MAX


cdef inline size_t room_for(int64_t count, size_t each) except 0:
    """The bytes of so many items and one more. MemoryError where no object can have as many."""
    if not 0 <= count < PY_SSIZE_T_MAX // <Py_ssize_t> each:
        raise MemoryError()
    return <size_t> (count + 1) * each


cdef inline Py_ssize_t room_for_key(Py_ssize_t factor, Py_ssize_t size) except -1:
    """The most bytes of a key: *factor* for each byte of its version, and 16. MemoryError as above."""
    if size > (PY_SSIZE_T_MAX - 64) // factor:
        raise MemoryError()
    return factor * size + 16
