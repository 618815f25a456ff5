# cython: language_level=3
"""ASCII classes, and searching bytes eight at a time. Nothing here depends on the machine's byte order or locale."""

from libc.string cimport memcpy

cdef extern from *:
    """
    #define EACH_BYTE 0x0101010101010101ULL
    """
    const unsigned long long EACH_BYTE


cdef inline bint is_digit(unsigned char c) noexcept nogil:
    return <unsigned char> (c - c'0') < 10


cdef inline bint is_letter(unsigned char c) noexcept nogil:
    return <unsigned char> ((c | 0x20) - c'a') < 26


cdef inline unsigned long long eight_at(const unsigned char* at) noexcept nogil:
    cdef unsigned long long eight
    memcpy(&eight, at, 8)
    return eight


cdef inline unsigned long long has_byte(unsigned long long eight, unsigned char byte) noexcept nogil:
    """Not 0 exactly where one of the eight is *byte*."""
    cdef unsigned long long zeros = eight ^ (EACH_BYTE * byte)
    return (zeros - EACH_BYTE) & ~zeros & (EACH_BYTE << 7)


cdef inline unsigned long long has_below(unsigned long long eight, unsigned char bound) noexcept nogil:
    """Not 0 exactly where one of the eight is below *bound*, which is at most 0x80."""
    return (eight - EACH_BYTE * bound) & ~eight & (EACH_BYTE << 7)


cdef inline const unsigned char* after_last(const unsigned char* start, const unsigned char* end,
                                            unsigned char byte) noexcept nogil:
    """The place behind the last *byte* of the stretch, or its start where there is none."""
    while end - start >= 8 and not has_byte(eight_at(end - 8), byte):
        end -= 8
    while end > start and end[-1] != byte:
        end -= 1
    return end


cdef inline Py_ssize_t common_prefix(const unsigned char* a, const unsigned char* a_end,
                                     const unsigned char* b, const unsigned char* b_end) noexcept nogil:
    """How many bytes both begin with."""
    cdef Py_ssize_t limit = min(a_end - a, b_end - b)
    cdef Py_ssize_t i = 0
    while i + 8 <= limit and eight_at(a + i) == eight_at(b + i):
        i += 8
    while i < limit and a[i] == b[i]:
        i += 1
    return i
