# cython: language_level=3
"""Where an rpm header says that its values are."""

from cpython.bytes cimport PyBytes_AsString
from libc.stdint cimport int32_t, uint32_t

cdef enum:
    # The two counts in front of the index, and an entry of it.
    COUNTS = 8
    ENTRY = 16


cdef inline uint32_t number_at(const unsigned char* at) noexcept nogil:
    return <uint32_t>at[0] << 24 | <uint32_t>at[1] << 16 | <uint32_t>at[2] << 8 | at[3]


def entry_of(bytes header not None, Py_ssize_t entries, uint32_t tag, /):
    """Type, offset and count of a tag, by the first entry of a header's index that has it; None where none has.

    Raises ValueError for more entries than there are bytes.
    """
    cdef const unsigned char* at = <const unsigned char*>PyBytes_AsString(header) + COUNTS
    cdef Py_ssize_t entry
    if entries < 0 or (len(header) - COUNTS) // ENTRY < entries:
        raise ValueError(f"{entries} entries in {len(header)} bytes")
    for entry in range(entries):
        if number_at(at) == tag:
            return number_at(at + 4), <int32_t>number_at(at + 8), number_at(at + 12)
        at += ENTRY
    return None
