# cython: language_level=3
"""The C surface of RubyGems' order, for other Cython modules: ``from vercmp._gem cimport gem_compare``.

UTF-8 in, no Python object touched, no exception, no GIL needed. A NUL is refused.
"""

cdef int gem_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                     const char** reason) noexcept nogil
"""-1, 0, 1 of two versions. 2 where *a* is refused, 3 where *b* is: ``reason[0]`` is why."""

cdef Py_ssize_t gem_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                              const char** reason) noexcept nogil
"""Write the sort key at *out*, which has room for 3 * *size* + 16 bytes. Returns its length, or -1 with ``reason[0]``."""
