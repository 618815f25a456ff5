# cython: language_level=3
"""The C surface of rpm's order, for other Cython modules: ``from vercmp._rpmvercmp cimport rpm_compare``.

UTF-8 in, no Python object touched, no exception, no GIL needed. A NUL is refused.
"""

cdef int rpm_segment_compare(const unsigned char* a, Py_ssize_t a_size,
                             const unsigned char* b, Py_ssize_t b_size) noexcept nogil
"""librpm's ``rpmvercmp``: -1, 0, 1 of two version (or two release) strings. It refuses nothing: give it no NUL."""

cdef int rpm_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                     const char** reason) noexcept nogil
"""-1, 0, 1 of two ``[epoch:]version[-release]``. 2 where *a* is refused, 3 where *b* is: ``reason[0]`` is why."""

cdef int rpm_compare_by_tokens(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                               const char** reason) noexcept nogil
"""The same by the rules alone: what ``rpm_compare`` asks where masks do not show the order, and is tested against."""

cdef Py_ssize_t rpm_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                              const char** reason) noexcept nogil
"""Write the sort key at *out*, which has room for *size* + 16 bytes. Returns its length, or -1 with ``reason[0]``."""
