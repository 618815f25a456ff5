# cython: language_level=3
"""The sort keys of PEP 440 for the forms that ``packaging`` itself writes. ``pep440.py`` has the layout.

A normal form is, in ASCII, with numbers of at most 18 digits::

    [N!] N [.N]... [a N | b N | rc N] [.post N] [.dev N] [+ SEGMENT [. SEGMENT]...]

A segment is of ``a`` to ``z`` and digits. Numbers may have leading zeros. Every other text goes to ``packaging``, which
knows what it means and what is wrong with it. So do the first version, because ``packaging`` may be missing, and
versions longer than some hundred characters.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_Clear
from libc.string cimport memcmp

from vercmp._bytes cimport is_digit
from vercmp._engine cimport (
    AHEAD,
    FETCH,
    ITEM,
    STACK_KEY,
    TURN,
    Turns,
    clock,
    give_way,
    refuse_one_text,
    text_as_utf8,
    text_length,
)
from vercmp._numbers cimport put_big_endian

cdef enum:
    # First bytes of phases, of their tails, and of segments.
    DEV = 0x00
    ALPHA = 0x01
    BETA = 0x02
    CANDIDATE = 0x03
    FINAL = 0x04
    LOCAL = 0x05
    POST = 0x06
    END = 0x00
    TEXT = 0x01
    DIGITS = 0x02
    # A number: one byte below SMALL, else the count of its bytes stands on LARGE.
    NUMBER = 0x07
    SMALL = 224
    LARGE = NUMBER + SMALL
    # 10**18 - 1 is below 2**63. Longer runs, leading zeros counted, may exceed int()'s limit of digits.
    MOST_DIGITS = 18

# Whether a version was parsed, so that packaging is there.
cdef bint parsed_before = False


cdef inline const unsigned char* after_number(const unsigned char* at, const unsigned char* end,
                                              unsigned long long* value) noexcept nogil:
    """The place behind the number, or NULL where there is none or a long one."""
    cdef const unsigned char* start = at
    cdef unsigned long long number = 0
    while at < end and is_digit(at[0]):
        # It may wrap. Then the run is too long.
        number = 10 * number + (at[0] - c'0')
        at += 1
    value[0] = number
    if at == start or at - start > MOST_DIGITS:
        return NULL
    return at


cdef inline unsigned char* put(unsigned char* out, unsigned long long value) noexcept nogil:
    cdef int count = 1
    if value < SMALL:
        out[0] = <unsigned char> (NUMBER + value)
        return out + 1
    while count < 8 and value >> (8 * count):
        count += 1
    out[0] = <unsigned char> (LARGE + count)
    return put_big_endian(out + 1, value, count)


cdef inline bint begins(const unsigned char* at, const unsigned char* end, const char* word,
                        Py_ssize_t size) noexcept nogil:
    return end - at >= size and memcmp(at, word, size) == 0


cdef unsigned char* put_local(unsigned char* out, const unsigned char* at, const unsigned char* end) noexcept nogil:
    """Write the segments behind ``+`` and return the place after them, or NULL where they are none."""
    cdef const unsigned char* start
    cdef bint digits
    cdef unsigned long long value = 0
    while True:
        start = at
        digits = True
        while at < end and (is_digit(at[0]) or <unsigned char> (at[0] - c'a') < 26):
            digits = digits and is_digit(at[0])
            at += 1
        if at == start:
            return NULL
        if digits:
            if after_number(start, at, &value) == NULL:
                return NULL
            out[0] = DIGITS
            out = put(out + 1, value)
        else:
            out[0] = TEXT
            out += 1
            while start < at:
                out[0] = start[0]
                out += 1
                start += 1
            out[0] = END
            out += 1
        if at == end:
            out[0] = END
            return out + 1
        if at[0] != c'.':
            return NULL
        at += 1


cdef Py_ssize_t pep440_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                                 const char** reason) noexcept nogil:
    cdef const unsigned char* at = version
    cdef const unsigned char* end = version + size
    cdef unsigned char* to = out
    cdef unsigned char* kept
    cdef unsigned char letter
    cdef unsigned long long value = 0
    reason[0] = NULL
    at = after_number(at, end, &value)
    if at == NULL:
        return -1
    if at < end and at[0] == c'!':
        to = put(to, value)
        at = after_number(at + 1, end, &value)
        if at == NULL:
            return -1
    else:
        to[0] = NUMBER
        to += 1
    to = kept = put(to, value)
    while end - at > 1 and at[0] == c'.' and is_digit(at[1]):
        at = after_number(at + 1, end, &value)
        if at == NULL:
            return -1
        to = put(to, value)
        if value:
            kept = to
    to = kept
    if at == end:
        to[0] = FINAL
        return to + 1 - out
    letter = at[0]
    if letter == c'a' or letter == c'b' or letter == c'r':
        at += 1
        if letter == c'r':
            if at == end or at[0] != c'c':
                return -1
            at += 1
        at = after_number(at, end, &value)
        if at == NULL:
            return -1
        to[0] = ALPHA if letter == c'a' else BETA if letter == c'b' else CANDIDATE
        to = put(to + 1, value)
    if begins(at, end, b".post", 5):
        at = after_number(at + 5, end, &value)
        if at == NULL:
            return -1
        to[0] = POST
        to = put(to + 1, value)
    if begins(at, end, b".dev", 4):
        at = after_number(at + 4, end, &value)
        if at == NULL:
            return -1
        to[0] = DEV
        to = put(to + 1, value)
    if at == end:
        to[0] = FINAL
        return to + 1 - out
    if at[0] != c'+':
        return -1
    to[0] = LOCAL
    to = put_local(to + 1, at + 1, end)
    return -1 if to == NULL else to - out


cdef inline Py_ssize_t write(object version, unsigned char* out) noexcept:
    """The key's length at *out*, which has STACK_KEY bytes, or -1 where packaging is to be asked."""
    cdef const char* reason = NULL
    cdef Py_ssize_t size = 0
    cdef const char* data
    # A subclass of str may be another text to packaging than to us.
    if not parsed_before or type(version) is not str:
        return -1
    data = text_as_utf8(version, &size)
    if data == NULL:
        PyErr_Clear()
        return -1
    if 2 * size + 16 > STACK_KEY:
        return -1
    return pep440_write_key(<const unsigned char*> data, size, out, &reason)


cdef bytes asked_key(object version, str argument):
    """The key by packaging, which raises where it refuses the version or is missing."""
    global parsed_before
    from vercmp.pep440 import _parsed_key
    cdef bytes result = _parsed_key(version, argument)
    parsed_before = True
    return result


cdef inline int order(object a, object b) except -9:
    cdef unsigned char left[STACK_KEY]
    cdef unsigned char right[STACK_KEY]
    cdef Py_ssize_t left_size = write(a, left)
    cdef Py_ssize_t right_size = -1 if left_size < 0 else write(b, right)
    cdef int sign
    cdef bytes x, y
    if right_size < 0:
        x = asked_key(a, "a")
        y = asked_key(b, "b")
        return (x > y) - (x < y)
    # No key is the beginning of another.
    sign = memcmp(left, right, min(left_size, right_size))
    return (sign > 0) - (sign < 0)


cdef inline bytes key(object version):
    cdef unsigned char out[STACK_KEY]
    cdef Py_ssize_t size = write(version, out)
    if size < 0:
        return asked_key(version, "version")
    return PyBytes_FromStringAndSize(<const char*> out, size)


cdef inline int next_order(list lefts, list rights, Py_ssize_t i, Turns* turns) except -9:
    cdef object a = lefts[i]
    cdef object b = rights[i]
    FETCH(lefts, i + AHEAD)
    FETCH(rights, i + AHEAD)
    cdef int result = order(a, b)
    turns.work += ITEM + text_length(a) + text_length(b)
    if turns.work >= TURN:
        give_way(turns)
    return result


cdef inline bytes next_key(list versions, Py_ssize_t i, Turns* turns):
    FETCH(versions, i + AHEAD)
    cdef bytes result = key(versions[i])
    turns.work += ITEM + len(result)
    if turns.work >= TURN:
        give_way(turns)
    return result


def compare(a, b, /):
    """Order two versions as ``packaging.version.Version`` does: -1, 0 or 1.

    >>> compare("1.0rc1", "1.0"), compare("1.0", "1.0.0"), compare("1.0+local", "1.0")
    (-1, 0, 1)

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` where ``packaging``
    refuses the version.
    """
    return order(a, b)


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0. Raises as it does.

    >>> sort_key("1.0.dev3") < sort_key("1.0a1") < sort_key("1.0rc1") < sort_key("1.0") < sort_key("1.0.post1")
    True
    """
    return key(version)


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.

    >>> compare_many(["1.0", "2.0"], ["1.0.0", "2.0rc1"])
    [0, 1]
    """
    refuse_one_text(a, b"a")
    refuse_one_text(b, b"b")
    cdef list lefts = list(a)
    cdef list rights = list(b)
    cdef Py_ssize_t i
    cdef Turns turns = Turns(0, clock())
    if len(lefts) != len(rights):
        raise ValueError(f"a and b must be of one length, not {len(lefts)} and {len(rights)}")
    return [next_order(lefts, rights, i, &turns) for i in range(len(lefts))]


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    refuse_one_text(versions, b"versions")
    cdef list listed = list(versions)
    cdef Py_ssize_t i
    cdef Turns turns = Turns(0, clock())
    return [next_key(listed, i, &turns) for i in range(len(listed))]
