# cython: language_level=3
"""The C surface of dpkg's order, for other Cython modules: ``from vercmp._dpkg cimport dpkg_compare``.

UTF-8 in, no Python object touched, no exception, no GIL needed. A NUL is refused.
"""

cdef int dpkg_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                      const char** reason) noexcept nogil
"""-1, 0, 1 of two ``[epoch:]version[-revision]``. 2 where *a* is refused, 3 where *b* is: ``reason[0]`` is why."""

cdef int dpkg_compare_by_tokens(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                                const char** reason) noexcept nogil
"""The same by the rules alone: what ``dpkg_compare`` asks where masks do not show the order, and is tested against."""

cdef Py_ssize_t dpkg_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                               const char** reason) noexcept nogil
"""Write the sort key at *out*, which has room for 2 * *size* + 16 bytes. Its length, or -1 with ``reason[0]``."""
