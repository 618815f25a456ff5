# cython: language_level=3
"""The order of apk, as a comparison and as bytes.

Rules: ``apk_version_validate`` and ``apk_version_compare`` of apk-tools 3.

A valid version has these parts in this order. Only the first must be there:

- a number
- ``.`` and a number, any number of times
- one lower-case letter
- suffixes, each ``_`` and a word, with a number or without
- ``~`` and a hash of ``0-9a-f``
- ``-r`` and a number

    ``1.20.3b_git20240229_p1~1a2b3c-r4``

Versions compare part by part. Hashes compare as text and all numbers as numbers, with one exception: after a dot, a
number with a leading zero compares as text, and is below all without. Where two versions go on with different parts,
the greater one goes on with the part further to the right of

    ``_alpha`` < ``_beta`` < ``_pre`` < ``_rc``  <  end  <  ``-rN``  <  ``~hash``  <  a suffix's number
    <  ``_cvs`` < ``_svn`` < ``_git`` < ``_hg`` < ``_p``  <  a letter  <  ``.`` and a number

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

One item a part, then ``END``. A revision is always the last part and needs none.

===========  =========================  ==============================================================
byte         item                       what follows in the item
===========  =========================  ==============================================================
0x00 - 0x03  ``PRE``: ``_alpha`` ...
0x04         ``END``
0x05 - 0x44  ``-rN``                    a number: 0 to 50 in one byte, to 817 in two, ... (``_numbers.pxd``)
0x45         ``HASH``                   its characters, then 0x00
0x46         ``SUFFIX_NUMBER``          a number of the block of the first number
0x47 - 0x4b  ``POST``: ``_cvs`` ...
0x4c - 0x65  a letter
0x66         ``ZERO``                   nothing: ``.0``
0x67         ``LEADING_ZERO``           the digits after the first 0, each 1 to 10 in four bits, then
                                        four bits of 0, to a whole byte: as text, a prefix is smaller
0x68 - 0xff  a number                   0 to 133 in one byte, to 2,181 in two, ... The first number of
                                        a version is of this block too
===========  =========================  ==============================================================

No key is the beginning of another, so ``key + b"\\0"`` is above *key* and below every greater key.

>>> sort_key("1.2.0-r3").hex(" ")
'69 6a 66 08'
>>> sort_key("1.2_rc1").hex(" ")
'69 6a 03 46 69 04'
>>> sort_key("01.2") == sort_key("1.2"), sort_key("1.02") == sort_key("1.2")
(True, False)
"""

from libc.string cimport memcmp, memcpy

from vercmp cimport _engine
from vercmp._bytes cimport is_digit
from vercmp._engine cimport REFUSED_A, REFUSED_B, text_refusal
from vercmp._numbers cimport FIXED_TAGS, compare_numbers, put_number

cdef enum Kind:
    # The kinds of parts, in the order in which they may follow one another.
    FIRST
    NUMBER_PART
    LETTER_PART
    SUFFIX
    SUFFIX_NUMBER_PART
    HASH_PART
    REVISION_PART
    LAST
    INVALID

cdef enum:
    # Suffixes by rank. Those below SUFFIX_NONE make a version smaller, the others greater.
    SUFFIX_NONE = 4

cdef enum:
    # First bytes of key items, in the order of the parts.
    PRE = 0x00
    END = 0x04
    REVISION = 0x05
    HASH = 0x45
    SUFFIX_NUMBER = 0x46
    POST = 0x47
    LETTER = 0x4C
    ZERO = 0x66
    LEADING_ZERO = 0x67
    NUMBER = 0x68
    REVISION_DOUBLES = 3
    REVISION_SINGLES = HASH - REVISION - FIXED_TAGS - REVISION_DOUBLES
    DOUBLES = 8
    SINGLES = 0x100 - NUMBER - FIXED_TAGS - DOUBLES

cdef struct Cursor:
    const unsigned char* at
    const unsigned char* end

cdef struct Part:
    Kind kind
    int suffix
    const unsigned char* start  # digits, the letter, or the hash
    Py_ssize_t size
    const char* reason  # of INVALID


cdef inline bint is_lower(unsigned char c) noexcept nogil:
    return <unsigned char> (c - c'a') < 26


cdef inline int suffix_rank(const unsigned char* word, Py_ssize_t size) noexcept nogil:
    """The rank of a suffix's word, -1 for an unknown one."""
    if size == 1:
        return 8 if word[0] == c'p' else -1
    if size == 2:
        return 3 if memcmp(word, b"rc", 2) == 0 else 7 if memcmp(word, b"hg", 2) == 0 else -1
    if size == 3:
        if memcmp(word, b"git", 3) == 0:
            return 6
        if memcmp(word, b"pre", 3) == 0:
            return 2
        if memcmp(word, b"svn", 3) == 0:
            return 5
        return 4 if memcmp(word, b"cvs", 3) == 0 else -1
    if size == 4:
        return 1 if memcmp(word, b"beta", 4) == 0 else -1
    return 0 if size == 5 and memcmp(word, b"alpha", 5) == 0 else -1


cdef inline void invalid(Part* part, const char* reason) noexcept nogil:
    part.kind = INVALID
    part.reason = reason


cdef inline void take_digits(Cursor* cursor, Part* part, const char* reason) noexcept nogil:
    part.start = cursor.at
    while cursor.at < cursor.end and is_digit(cursor.at[0]):
        cursor.at += 1
    part.size = cursor.at - part.start
    if part.size == 0:
        invalid(part, reason)


cdef inline void first_part(Cursor* cursor, Part* part) noexcept nogil:
    part.kind = FIRST
    part.suffix = SUFFIX_NONE
    take_digits(cursor, part, b"does not begin with a digit")


cdef inline void next_part(Cursor* cursor, Part* part) noexcept nogil:
    """The one tokenizer, for compare, keys and validate. *part* holds the part before, and becomes the next one."""
    cdef unsigned char c
    if cursor.at == cursor.end:
        part.kind = LAST
        return
    c = cursor.at[0]
    if is_lower(c):
        if part.kind > NUMBER_PART:
            invalid(part, b"letter that follows no number")
            return
        part.kind = LETTER_PART
        part.start = cursor.at
        part.size = 1
        cursor.at += 1
    elif is_digit(c):
        # No digit follows a number: it would be part of it.
        if part.kind != SUFFIX:
            invalid(part, b"digit that follows a letter, as only apk-tools 2 allows")
            return
        part.kind = SUFFIX_NUMBER_PART
        take_digits(cursor, part, b"")
    elif c == c'.':
        if part.kind > NUMBER_PART:
            invalid(part, b"dot that follows no number")
            return
        part.kind = NUMBER_PART
        cursor.at += 1
        take_digits(cursor, part, b"no digit after a dot")
    elif c == c'_':
        if part.kind > SUFFIX_NUMBER_PART:
            invalid(part, b"suffix after the hash or the revision")
            return
        part.kind = SUFFIX
        cursor.at += 1
        part.start = cursor.at
        while cursor.at < cursor.end and is_lower(cursor.at[0]):
            cursor.at += 1
        part.suffix = suffix_rank(part.start, cursor.at - part.start)
        if part.suffix < 0:
            invalid(part, b"unknown suffix")
    elif c == c'~':
        if part.kind >= HASH_PART:
            invalid(part, b"hash after the hash or the revision")
            return
        part.kind = HASH_PART
        cursor.at += 1
        part.start = cursor.at
        while cursor.at < cursor.end and (is_digit(cursor.at[0]) or <unsigned char> (cursor.at[0] - c'a') < 6):
            cursor.at += 1
        part.size = cursor.at - part.start
        if part.size == 0:
            invalid(part, b"no hexadecimal digit after ~")
    elif c == c'-':
        if part.kind >= REVISION_PART or cursor.end - cursor.at < 2 or cursor.at[1] != c'r':
            invalid(part, b"- that begins no single -r")
            return
        part.kind = REVISION_PART
        cursor.at += 2
        take_digits(cursor, part, b"no digit after -r")
    else:
        invalid(part, b"character that no version holds")


cdef const char* refusal(const unsigned char* version, Py_ssize_t size) noexcept nogil:
    """Why the version is invalid. NULL where it is valid."""
    cdef Cursor cursor = Cursor(version, version + size)
    cdef Part part
    cdef const char* reason = text_refusal(version, size)
    if reason != NULL:
        return reason
    first_part(&cursor, &part)
    while part.kind < LAST:
        next_part(&cursor, &part)
    return part.reason if part.kind == INVALID else NULL


cdef inline int compare_text(const Part* a, const Part* b) noexcept nogil:
    cdef int result = memcmp(a.start, b.start, min(a.size, b.size))
    if result == 0:
        return (a.size > b.size) - (a.size < b.size)
    return -1 if result < 0 else 1


cdef inline void strip_zeros(Part* part) noexcept nogil:
    while part.size and part.start[0] == c'0':
        part.start += 1
        part.size -= 1


cdef inline int compare_parts(Part* a, Part* b) noexcept nogil:
    """Two parts of one kind."""
    if a.kind == SUFFIX:
        return (a.suffix > b.suffix) - (a.suffix < b.suffix)
    if a.kind == LETTER_PART or a.kind == HASH_PART:
        return compare_text(a, b)
    if a.kind == NUMBER_PART and (a.start[0] == c'0' or b.start[0] == c'0'):
        return compare_text(a, b)
    strip_zeros(a)
    strip_zeros(b)
    return compare_numbers(a.start, a.size, b.start, b.size)


cdef inline unsigned char* put_leading_zero(unsigned char* out, const Part* part) noexcept nogil:
    cdef Py_ssize_t i
    cdef unsigned char nibble
    out[0] = LEADING_ZERO
    out += 1
    for i in range(1, part.size + 1):
        nibble = part.start[i] - c'0' + 1 if i < part.size else 0
        if i & 1:
            out[0] = nibble << 4
        else:
            out[0] |= nibble
            out += 1
    return out + (part.size & 1)


cdef inline unsigned char* put_part(unsigned char* out, Part* part) noexcept nogil:
    if part.kind == SUFFIX:
        out[0] = <unsigned char> (PRE + part.suffix if part.suffix < SUFFIX_NONE else POST + part.suffix - SUFFIX_NONE)
        return out + 1
    if part.kind == LETTER_PART:
        out[0] = LETTER + part.start[0] - c'a'
        return out + 1
    if part.kind == HASH_PART:
        out[0] = HASH
        memcpy(out + 1, part.start, part.size)
        out[1 + part.size] = 0
        return out + 2 + part.size
    if part.kind == NUMBER_PART and part.start[0] == c'0':
        if part.size == 1:
            out[0] = ZERO
            return out + 1
        return put_leading_zero(out, part)
    strip_zeros(part)
    if part.kind == REVISION_PART:
        return put_number(out, part.start, part.size, REVISION, REVISION_SINGLES, REVISION_DOUBLES)
    if part.kind == SUFFIX_NUMBER_PART:
        out[0] = SUFFIX_NUMBER
        out += 1
    return put_number(out, part.start, part.size, NUMBER, SINGLES, DOUBLES)


cdef int apk_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                     const char** reason) noexcept nogil:
    cdef Cursor x = Cursor(a, a + a_size)
    cdef Cursor y = Cursor(b, b + b_size)
    cdef Part p, q
    cdef int result
    reason[0] = refusal(a, a_size)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = refusal(b, b_size)
    if reason[0] != NULL:
        return REFUSED_B
    first_part(&x, &p)
    first_part(&y, &q)
    while p.kind == q.kind:
        if p.kind == LAST:
            return 0
        result = compare_parts(&p, &q)
        if result:
            return result
        next_part(&x, &p)
        next_part(&y, &q)
    if p.kind == SUFFIX and p.suffix < SUFFIX_NONE:
        return -1
    if q.kind == SUFFIX and q.suffix < SUFFIX_NONE:
        return 1
    # The earlier kind makes the greater version.
    return 1 if p.kind < q.kind else -1


cdef Py_ssize_t apk_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                              const char** reason) noexcept nogil:
    cdef Cursor cursor = Cursor(version, version + size)
    cdef Part part
    cdef Kind last = FIRST
    cdef unsigned char* at = out
    reason[0] = text_refusal(version, size)
    if reason[0] != NULL:
        return -1
    first_part(&cursor, &part)
    while part.kind < LAST:
        last = part.kind
        at = put_part(at, &part)
        next_part(&cursor, &part)
    if part.kind == INVALID:
        reason[0] = part.reason
        return -1
    if last != REVISION_PART:
        at[0] = END
        at += 1
    return at - out


def compare(a, b, /):
    """Order two versions as apk-tools 3 does: -1, 0 or 1.

    >>> compare("1.2_rc1", "1.2-r0"), compare("1.2_p1", "1.2-r0"), compare("1.10", "1.9")
    (-1, 1, 1)

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` where apk-tools 3 refuses
    the version (see :func:`vercmp.apk.validate`), or for a NUL character or a lone surrogate.
    """
    return _engine.compare(a, b, apk_compare, b"apk")


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    >>> sort_key("1.2_alpha3") < sort_key("1.2") < sort_key("1.2-r1") < sort_key("1.2a") < sort_key("1.2.0")
    True

    Raises as :func:`compare`.
    """
    return _engine.key(version, apk_write_key, 1, b"apk")


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _engine.compare_many(a, b, apk_compare, b"apk")


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    return _engine.keys(versions, apk_write_key, 1, b"apk")


def parts(version, /):
    """The numbers, letter, suffixes, hash and revision, as text. A missing part is empty. Raises as :func:`compare`."""
    cdef Py_ssize_t size = 0
    cdef const unsigned char* data = _engine.utf8(version, &size, b"apk", b"version")
    cdef const char* reason = refusal(data, size)
    cdef Cursor cursor = Cursor(data, data + size)
    cdef const unsigned char* numbers_end = data
    cdef const unsigned char* suffixes
    cdef const unsigned char* suffixes_end
    cdef str letter = ""
    cdef str hash = ""
    cdef str revision = ""
    cdef Part part
    if reason != NULL:
        _engine.refuse(version, b"apk", reason)
    first_part(&cursor, &part)
    while part.kind <= NUMBER_PART:
        numbers_end = cursor.at
        next_part(&cursor, &part)
    suffixes = numbers_end
    if part.kind == LETTER_PART:
        letter = text(part.start, cursor.at)
        suffixes = cursor.at
        next_part(&cursor, &part)
    suffixes_end = suffixes
    while part.kind == SUFFIX or part.kind == SUFFIX_NUMBER_PART:
        suffixes_end = cursor.at
        next_part(&cursor, &part)
    if part.kind == HASH_PART:
        hash = text(part.start, cursor.at)
        next_part(&cursor, &part)
    if part.kind == REVISION_PART:
        revision = text(part.start, cursor.at)
    return text(data, numbers_end), letter, text(suffixes, suffixes_end), hash, revision


cdef str text(const unsigned char* start, const unsigned char* end):
    return (<const char*> start)[:end - start].decode("ascii")
