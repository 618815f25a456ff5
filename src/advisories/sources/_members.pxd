# cython: language_level=3
"""The header of a member as C has it, for the fuzzer that looks into it."""

from libc.stdint cimport int64_t

cdef enum:
    BLOCK = 512
    # A directory, a slash and a name.
    LONGEST_NAME = 155 + 1 + 100

cdef struct Header:
    int64_t size
    bint is_executable
    const unsigned char* target
    Py_ssize_t target_size
    unsigned char name[LONGEST_NAME]
    Py_ssize_t name_size


cdef bint read_header(const unsigned char* block, Header* header) noexcept nogil
