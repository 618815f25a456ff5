# cython: language_level=3
"""Decimal numbers of any length as bytes whose order is the numbers' order.

A number is a run of ASCII digits without leading zeros (zero is the empty run), so nothing ever overflows.
A scheme gives its numbers a block of consecutive tags. ``singles`` of them stand for one number each, ``doubles`` of
them for 256 numbers each, and ten more follow. ``base`` is the first tag. In order:

====================  =====================  ==================================================================
tags                  bytes in all           numbers
====================  =====================  ==================================================================
``singles``           1                      0 .. singles - 1
``doubles``           2                      the next 256 * doubles
``TRIPLES`` = 2       3                      the next 2 * 2**16
``QUADS`` = 2         4                      the next 2 * 2**24: dates such as 20240229 are here
``WIDES`` = 5         5, 6, 7, 8, 9          the rest of 19 digits: the number itself, big-endian, 4 to 8 bytes
``LONG`` = 1          2 + k + (n + 1) // 2   n >= 20 digits: k, then n in k bytes big-endian, then two digits a byte
====================  =====================  ==================================================================

A number never has more bytes than digits (the empty run is one byte), and no number's bytes are the beginning of
another's.
"""

from vercmp._bytes cimport is_digit

cdef enum:
    TRIPLES = 2
    QUADS = 2
    WIDES = 5
    FIXED_TAGS = TRIPLES + QUADS + WIDES + 1
    # 10**19 - 1 < 2**64: the longest run of digits that always fits an unsigned 64-bit integer.
    WORD_DIGITS = 19


cdef inline int compare_numbers(const unsigned char* a, Py_ssize_t a_size,
                                const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    """-1, 0, 1 of two runs of digits without leading zeros: the longer is greater, then bytewise."""
    cdef Py_ssize_t i
    if a_size != b_size:
        return -1 if a_size < b_size else 1
    for i in range(a_size):
        if a[i] != b[i]:
            return -1 if a[i] < b[i] else 1
    return 0


cdef inline unsigned char* put_big_endian(unsigned char* out, unsigned long long value, int size) noexcept nogil:
    cdef int shift = 8 * (size - 1)
    while shift >= 0:
        out[0] = <unsigned char> ((value >> shift) & 0xFF)
        out += 1
        shift -= 8
    return out


cdef inline unsigned char* put_long_number(unsigned char* out, const unsigned char* digits, Py_ssize_t size,
                                           int tag) noexcept nogil:
    cdef int size_bytes = 1
    cdef Py_ssize_t i = 0
    while size_bytes < 8 and (<unsigned long long> size) >> (8 * size_bytes):
        size_bytes += 1
    out[0] = <unsigned char> tag
    out[1] = <unsigned char> size_bytes
    out = put_big_endian(out + 2, <unsigned long long> size, size_bytes)
    if size & 1:
        out[0] = digits[0] - c'0'
        out += 1
        i = 1
    while i < size:
        out[0] = 10 * (digits[i] - c'0') + (digits[i + 1] - c'0')
        out += 1
        i += 2
    return out


cdef inline unsigned char* put_number(unsigned char* out, const unsigned char* digits, Py_ssize_t size,
                                      int base, int singles, int doubles) noexcept nogil:
    """Write the number at *out* and return the place after it. *digits* has no leading zeros."""
    cdef unsigned long long value = 0
    cdef Py_ssize_t i
    if size > WORD_DIGITS:
        return put_long_number(out, digits, size, base + singles + doubles + FIXED_TAGS - 1)
    for i in range(size):
        value = 10 * value + (digits[i] - c'0')
    return put_value(out, value, base, singles, doubles)


cdef inline unsigned char* put_value(unsigned char* out, unsigned long long value,
                                     int base, int singles, int doubles) noexcept nogil:
    """The same of a number of at most ``WORD_DIGITS`` digits."""
    if value < <unsigned long long> singles:
        out[0] = <unsigned char> (base + value)
        return out + 1
    return put_wide_value(out, value, base, singles, doubles)


cdef inline unsigned char* put_wide_value(unsigned char* out, unsigned long long value,
                                          int base, int singles, int doubles) noexcept nogil:
    cdef unsigned long long rest
    cdef int wide
    base += singles
    rest = value - singles
    if rest < <unsigned long long> doubles << 8:
        out[0] = <unsigned char> (base + (rest >> 8))
        out[1] = <unsigned char> (rest & 0xFF)
        return out + 2
    base += doubles
    rest -= <unsigned long long> doubles << 8
    if rest < <unsigned long long> TRIPLES << 16:
        out[0] = <unsigned char> (base + (rest >> 16))
        return put_big_endian(out + 1, rest & 0xFFFF, 2)
    base += TRIPLES
    rest -= <unsigned long long> TRIPLES << 16
    if rest < <unsigned long long> QUADS << 24:
        out[0] = <unsigned char> (base + (rest >> 24))
        return put_big_endian(out + 1, rest & 0xFFFFFF, 3)
    base += QUADS
    wide = 4
    while wide < 8 and value >> (8 * wide):
        wide += 1
    out[0] = <unsigned char> (base + wide - 4)
    return put_big_endian(out + 1, value, wide)


cdef inline const unsigned char* put_run(unsigned char** out, const unsigned char* at, const unsigned char* end,
                                         int base, int singles, int doubles) noexcept nogil:
    """Write the number whose digits begin at *at*, leading zeros or not, in one go. Returns the place after them."""
    cdef const unsigned char* start = at
    cdef unsigned long long value = 0
    while at < end and is_digit(at[0]):
        value = 10 * value + (at[0] - c'0')
        at += 1
    if at - start <= WORD_DIGITS:
        out[0] = put_value(out[0], value, base, singles, doubles)
        return at
    while start < at and start[0] == c'0':
        start += 1
    out[0] = put_number(out[0], start, at - start, base, singles, doubles)
    return at
