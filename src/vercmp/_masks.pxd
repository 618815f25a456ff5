# cython: language_level=3
"""Where two texts first differ, and what lies around it, by masks: ``_masks.h``.

Rules of no scheme are here, but what rpm and dpkg have in common: the last ``-`` parts a version from what follows, and
digits are numbers.
"""

cdef extern from "_masks.h" nogil:
    cdef struct marks:
        unsigned long long digits
        unsigned long long dashes
        unsigned long long unusual
    marks marks_of(const unsigned char* at, Py_ssize_t size, char bound, char odd)
    int common_of(const unsigned char* a, const marks* x, const unsigned char* b, const marks* y, Py_ssize_t size)
    const bint MASKS_ARE_CHEAP
    int lowest_of(unsigned long long mask)
    int highest_of(unsigned long long mask)

cdef enum:
    # A mask has room for 64 bytes. One less, so that what follows the last byte has a bit too.
    LONGEST_MARKED = 63
    UNDECIDED = 9


cdef inline bint is_for_masks(const unsigned char* a, Py_ssize_t a_size,
                              const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    """Whether masks hold both. In plain C they cost more than the tokens of texts that differ at once."""
    if not 0 < a_size <= LONGEST_MARKED or not 0 < b_size <= LONGEST_MARKED:
        return False
    return MASKS_ARE_CHEAP or a[0] == b[0]


cdef struct Difference:
    # Of each text: the first byte that differs, or where the shorter one ends, and where the slot ends that it lies in.
    const unsigned char* a
    const unsigned char* a_end
    const unsigned char* b
    const unsigned char* b_end
    int common  # how many bytes are alike before it
    int a_digits  # how many digits follow in each
    int b_digits
    bint after_digit  # these go on with a number that both have begun


cdef inline unsigned long long below(int place) noexcept nogil:
    return (1ULL << place) - 1


cdef inline bint find_difference(const unsigned char* a, Py_ssize_t a_size, const marks* x,
                                 const unsigned char* b, Py_ssize_t b_size, const marks* y,
                                 Difference* found) noexcept nogil:
    """Of texts without a NUL. False where the difference lies in unlike slots: behind the last dash of one text only."""
    cdef int common = common_of(a, x, b, y, min(a_size, b_size))
    cdef bint a_dash = x.dashes >> common != 0
    cdef bint b_dash = y.dashes >> common != 0
    if a_dash != b_dash and x.dashes & below(common):
        return False
    found.common = common
    found.a = a + common
    found.b = b + common
    found.a_end = a + (highest_of(x.dashes) if a_dash else a_size)
    found.b_end = b + (highest_of(y.dashes) if b_dash else b_size)
    found.a_digits = lowest_of(~(x.digits >> common))
    found.b_digits = lowest_of(~(y.digits >> common))
    found.after_digit = (x.digits << 1 >> common) & 1
    return True


cdef inline int order_of_numbers(const unsigned char* a, const marks* x, const Difference* found) noexcept nogil:
    """-1 or 1 where the texts first differ in numbers that begin at one place, else UNDECIDED.

    Of numbers as long as each other, the first digit that differs decides. Else the longer one is greater, but for
    leading zeros.
    """
    cdef unsigned long long others
    cdef unsigned char first
    if found.a_digits == found.b_digits:
        if found.a_digits == 0:
            return UNDECIDED
        return -1 if found.a[0] < found.b[0] else 1
    if found.after_digit:
        others = ~x.digits & below(found.common)
        first = a[highest_of(others) + 1 if others else 0]
    elif found.a_digits == 0 or found.b_digits == 0:
        return UNDECIDED
    else:
        first = found.a[0] if found.a_digits > found.b_digits else found.b[0]
    if first == c'0':
        return UNDECIDED
    return -1 if found.a_digits < found.b_digits else 1
