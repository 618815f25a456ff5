# cython: language_level=3
"""The order of RubyGems, as a comparison and as bytes.

A version is these in this order, with white space around. Only the digits must be there, and nothing at all is ``0``:

- digits
- ``.`` and letters or digits, any number of times
- ``-`` and letters, digits or dashes, then ``.`` and the same, any number of times

    ``1.20.3.rc1``, ``1.20.3-x86-linux``

Letters are ``A-Za-z``. A dash is read as ``.pre.``. The segments of a version are its runs of letters and its runs of
digits. Numbers have any length, and leading zeros do not count.

Behind the last segment there are zeros without end. Zeros right before the first run of letters do not count. Then
versions compare segment by segment: letters are below numbers. Letters compare as ASCII text, and a beginning is below
what it begins. So where versions go on with different segments:

    letters  <  zeros, then letters  <  the end  <  zeros, then a number  <  a number

Of zeros before letters more are above, because they are more like the end. Of zeros before a number fewer are above.

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

The items of its segments, and ``END``.

===========  =====================  ==================================================================================
byte         item                   what follows in the item
===========  =====================  ==================================================================================
0x00 - 0x33  the first letter       nothing, or bytes of 0xcc - 0xff, one a further letter. Both blocks have the
                                    letters in ASCII's order: ``A-Z``, ``a-z``
0x34         ``ZERO_BEFORE_TEXT``   nothing. It is there once for each zero
0x35         ``END``
0x36 - 0xcb  a number               0 to 131 in one byte, to 2,179 in two, ... (``_numbers.pxd``). Each zero before a
                                    number is the 0 of this block
===========  =====================  ==================================================================================

The next item ends the letters, because every further letter is above all beginnings of items. So a dot has no byte. A
key is at most one byte longer than its version, but for dashes, which are three letters each. No key is the beginning
of another, so ``key + b"\\0"`` is above *key* and below every greater key.

>>> sort_key("1.2.3").hex(" ")
'37 38 39 35'
>>> sort_key("1.0.0") == sort_key("1")
True
>>> sort_key("1.2.rc1").hex(" ")
'37 38 2b e8 37 35'
"""

from libc.string cimport memchr, memcmp

from vercmp cimport _engine
from vercmp._bytes cimport is_digit, is_letter
from vercmp._engine cimport REFUSED_A, REFUSED_B
from vercmp._numbers cimport FIXED_TAGS, compare_numbers, put_number

cdef enum Kind:
    # Of what comes next, in the order of unlike ones.
    TEXT
    ZEROS_AND_TEXT
    LAST
    ZEROS_AND_NUMBER
    NUMBER

cdef enum:
    # First bytes of key items.
    LETTER = 0x00
    ZERO_BEFORE_TEXT = 0x34
    END = 0x35
    DIGITS = 0x36
    MORE_LETTERS = 0xCC
    DOUBLES = 8
    SINGLES = MORE_LETTERS - DIGITS - FIXED_TAGS - DOUBLES
    # What is promised for a byte of version: a dash is three letters.
    FACTOR = 3

cdef struct Cursor:
    const unsigned char* at
    const unsigned char* end
    bint released  # whether letters have come

cdef struct Segment:
    const unsigned char* start  # letters, or digits without leading zeros
    Py_ssize_t size
    bint text
    bint last  # there was none

cdef struct Item:
    # A segment that is not zero, and how many zeros stand before it.
    Kind kind
    Py_ssize_t zeros
    Segment segment


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    return c == c' ' or <unsigned char> (c - c'\t') < 5


cdef inline void trim(Cursor* cursor) noexcept nogil:
    while cursor.at < cursor.end and is_blank(cursor.at[0]):
        cursor.at += 1
    while cursor.at < cursor.end and is_blank(cursor.end[-1]):
        cursor.end -= 1


cdef inline const char* refusal(const Cursor* cursor) noexcept nogil:
    """Why what is there is no version, without the white space around. NULL where it is one."""
    cdef const unsigned char* at = cursor.at
    cdef const unsigned char* end = cursor.end
    cdef const unsigned char* segment
    cdef bint dashes = False
    if at == end:
        return NULL
    if memchr(at, 0, end - at) != NULL:
        return b"NUL character"
    if not is_digit(at[0]):
        return b"does not begin with a digit"
    while at < end and is_digit(at[0]):
        at += 1
    if at < end and is_letter(at[0]):
        return b"letter before the first dot"
    while at < end:
        if at[0] == c'-':
            dashes = True
        elif at[0] != c'.':
            return b"character that no version holds"
        at += 1
        segment = at
        while at < end and (is_digit(at[0]) or is_letter(at[0]) or (dashes and at[0] == c'-')):
            at += 1
        if at == segment:
            if at < end and at[0] != c'.' and at[0] != c'-':
                return b"character that no version holds"
            return b"empty segment"
    return NULL


cdef inline void next_segment(Cursor* cursor, Segment* segment) noexcept nogil:
    """The one tokenizer, for compare, keys and parts, of a version that is valid."""
    segment.text = False
    segment.size = 0
    while cursor.at < cursor.end and cursor.at[0] == c'.':
        cursor.at += 1
    segment.start = cursor.at
    segment.last = cursor.at == cursor.end
    if segment.last:
        return
    if cursor.at[0] == c'-':
        cursor.at += 1
        segment.start = b"pre"
        segment.size = 3
        segment.text = True
    elif is_digit(cursor.at[0]):
        while segment.start < cursor.end and segment.start[0] == c'0':
            segment.start += 1
        cursor.at = segment.start
        while cursor.at < cursor.end and is_digit(cursor.at[0]):
            cursor.at += 1
        segment.size = cursor.at - segment.start
    else:
        while cursor.at < cursor.end and is_letter(cursor.at[0]):
            cursor.at += 1
        segment.size = cursor.at - segment.start
        segment.text = True


cdef inline void next_item(Cursor* cursor, Item* item) noexcept nogil:
    item.zeros = -1
    while True:
        item.zeros += 1
        next_segment(cursor, &item.segment)
        if item.segment.size or item.segment.last:
            break
    if item.segment.last:
        item.kind = LAST
    elif item.segment.text:
        if not cursor.released:
            item.zeros = 0
        cursor.released = True
        item.kind = ZEROS_AND_TEXT if item.zeros else TEXT
    else:
        item.kind = ZEROS_AND_NUMBER if item.zeros else NUMBER


cdef inline int compare_segments(const Segment* a, const Segment* b) noexcept nogil:
    """Two of one kind."""
    cdef int result
    if not a.text:
        return compare_numbers(a.start, a.size, b.start, b.size)
    result = memcmp(a.start, b.start, min(a.size, b.size))
    if result == 0:
        return (a.size > b.size) - (a.size < b.size)
    return -1 if result < 0 else 1


cdef inline int compare_items(const Item* a, const Item* b) noexcept nogil:
    if a.kind != b.kind:
        return -1 if a.kind < b.kind else 1
    if a.kind == LAST:
        return 0
    if a.zeros != b.zeros:
        return -1 if (a.zeros < b.zeros) == a.segment.text else 1
    return compare_segments(&a.segment, &b.segment)


cdef int gem_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                     const char** reason) noexcept nogil:
    cdef Cursor x = Cursor(a, a + a_size, False)
    cdef Cursor y = Cursor(b, b + b_size, False)
    cdef Item p, q
    cdef int result
    trim(&x)
    trim(&y)
    reason[0] = refusal(&x)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = refusal(&y)
    if reason[0] != NULL:
        return REFUSED_B
    while True:
        next_item(&x, &p)
        next_item(&y, &q)
        result = compare_items(&p, &q)
        if result or p.kind == LAST:
            return result


cdef inline int letter_rank(unsigned char c) noexcept nogil:
    """The place of a letter in ASCII's order, 0 to 51."""
    return c - c'A' if c <= c'Z' else 26 + c - c'a'


cdef Py_ssize_t gem_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                              const char** reason) noexcept nogil:
    cdef Cursor cursor = Cursor(version, version + size, False)
    cdef Item item
    cdef unsigned char* at = out
    cdef Py_ssize_t i
    trim(&cursor)
    reason[0] = refusal(&cursor)
    if reason[0] != NULL:
        return -1
    while True:
        next_item(&cursor, &item)
        if item.kind == LAST:
            at[0] = END
            return at + 1 - out
        for i in range(item.zeros):
            at[i] = ZERO_BEFORE_TEXT if item.segment.text else DIGITS
        at += item.zeros
        if item.segment.text:
            at[0] = <unsigned char> (LETTER + letter_rank(item.segment.start[0]))
            for i in range(1, item.segment.size):
                at[i] = <unsigned char> (MORE_LETTERS + letter_rank(item.segment.start[i]))
            at += item.segment.size
        else:
            at = put_number(at, item.segment.start, item.segment.size, DIGITS, SINGLES, DOUBLES)


def compare(a, b, /):
    """Order two versions as RubyGems' ``Gem::Version`` does: -1, 0 or 1.

    >>> compare("1.2.rc1", "1.2"), compare("1.2", "1.2.0"), compare("1.10", "1.9")
    (-1, 0, 1)

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` where RubyGems refuses
    the version (see :func:`vercmp.gem.validate`), or for a NUL character or a lone surrogate.
    """
    return _engine.compare(a, b, gem_compare, b"gem")


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    >>> sort_key("1.0.a") < sort_key("1.0.a.1") < sort_key("1.0.rc2") < sort_key("1.0.rc10") < sort_key("1.0")
    True

    Raises as :func:`compare`.
    """
    return _engine.key(version, gem_write_key, FACTOR, b"gem")


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _engine.compare_many(a, b, gem_compare, b"gem")


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    return _engine.keys(versions, gem_write_key, FACTOR, b"gem")


def parts(version, /):
    """The version without white space around, and the offset of its first letter or dash. Raises as :func:`compare`."""
    cdef Py_ssize_t size = 0
    cdef const unsigned char* data = _engine.utf8(version, &size, b"gem", b"version")
    cdef Cursor cursor = Cursor(data, data + size, False)
    cdef const unsigned char* at
    cdef const char* reason
    trim(&cursor)
    reason = refusal(&cursor)
    if reason != NULL:
        _engine.refuse(version, b"gem", reason)
    at = cursor.at
    while at < cursor.end and (is_digit(at[0]) or at[0] == c'.'):
        at += 1
    return (<const char*> cursor.at)[:cursor.end - cursor.at].decode("ascii"), at - cursor.at
