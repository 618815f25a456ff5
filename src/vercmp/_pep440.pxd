# cython: language_level=3
"""The C surface of PEP 440's keys, for other Cython modules: ``from vercmp._pep440 cimport pep440_write_key``.

UTF-8 in, no Python object touched, no exception, no GIL needed.
"""

cdef Py_ssize_t pep440_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                                 const char** reason) noexcept nogil
"""Write the sort key of a normal form at *out*, which has room for 2 * *size* + 16 bytes, and return its length.

-1 for every other text, valid or not: ask :mod:`vercmp.pep440`. ``reason[0]`` is NULL.
"""
