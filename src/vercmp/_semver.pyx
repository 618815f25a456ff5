# cython: language_level=3
"""The order of Semantic Versioning 2.0.0, as a comparison and as bytes.

A version has these parts in this order. Only the three numbers must be there:

- three numbers with ``.`` between them
- ``-`` and identifiers with ``.`` between them: the pre-release
- ``+`` and identifiers with ``.`` between them: the build

    ``1.20.3-rc.1+build.5``

An identifier is of ``0-9A-Za-z-`` and not empty. One of digits alone is a number. No number has a leading zero, but an
identifier of the build may. Numbers have any length.

Versions compare part by part, and the build does not count. Numbers compare as numbers, other identifiers as ASCII text.
Where two versions go on with different parts:

- behind the three numbers: a pre-release  <  none
- behind an identifier: the end of the pre-release  <  a number  <  another identifier

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

First the three numbers, each of the block 0x00 - 0xff: 0 to 237 in one byte, to 2,285 in two, ... (``_numbers.pxd``).
Then ``RELEASE`` where there is no pre-release, else the items of its identifiers and ``END``.

===========  =====================  ==================================================================================
byte         item                   what follows in the item
===========  =====================  ==================================================================================
0x00         ``END``
0x01 - 0x80  an identifier that     0 to 109 in one byte, to 2,157 in two, ...
             is a number
0x81 - 0xbf  the first character    nothing, or bytes of 0xc0 - 0xfe, one a further character. Both blocks have the
             of another identifier  characters in ASCII's order: ``-``, ``0-9``, ``A-Z``, ``a-z``
0xff         ``RELEASE``
===========  =====================  ==================================================================================

The next item ends the text of an identifier, because every further character is above all beginnings of items. So a dot
has no byte, and no key is longer than its version. No key is the beginning of another, so ``key + b"\\0"`` is above *key*
and below every greater key.

>>> sort_key("1.2.3").hex(" ")
'01 02 03 ff'
>>> sort_key("1.2.3-rc.1").hex(" ")
'01 02 03 b7 e7 02 00'
>>> sort_key("1.2.3+build.5") == sort_key("1.2.3")
True
"""

from libc.string cimport memcmp

from vercmp cimport _engine
from vercmp._bytes cimport is_digit
from vercmp._engine cimport REFUSED_A, REFUSED_B, text_refusal
from vercmp._numbers cimport FIXED_TAGS, compare_numbers, put_number

cdef enum Kind:
    # The kinds of parts. The build belongs to the last one.
    MAJOR
    MINOR
    PATCH
    NUMBER_PART
    TEXT_PART
    LAST
    INVALID

cdef enum:
    # First bytes of key items.
    END = 0x00
    NUMBER = 0x01
    TEXT = 0x81
    MORE_TEXT = 0xC0
    RELEASE = 0xFF
    DOUBLES = 8
    CORE = 0x00
    CORE_SINGLES = 0x100 - CORE - FIXED_TAGS - DOUBLES
    SINGLES = TEXT - NUMBER - FIXED_TAGS - DOUBLES

cdef struct Cursor:
    const unsigned char* at
    const unsigned char* end

cdef struct Part:
    Kind kind
    const unsigned char* start  # a number's digits, or the text of an identifier or of the build
    Py_ssize_t size
    const char* reason  # NULL but for INVALID


cdef inline int rank(unsigned char c) noexcept nogil:
    """The place of an identifier's character in ASCII's order, 0 to 62. -1 for any other."""
    if is_digit(c):
        return 1 + c - c'0'
    if <unsigned char> (c - c'a') < 26:
        return 37 + c - c'a'
    if <unsigned char> (c - c'A') < 26:
        return 11 + c - c'A'
    return 0 if c == c'-' else -1


cdef inline void invalid(Part* part, const char* reason) noexcept nogil:
    part.kind = INVALID
    part.reason = reason


cdef inline void take_number(Cursor* cursor, Part* part, Kind kind) noexcept nogil:
    part.kind = kind
    part.reason = NULL
    part.start = cursor.at
    while cursor.at < cursor.end and is_digit(cursor.at[0]):
        cursor.at += 1
    part.size = cursor.at - part.start
    if part.size == 0:
        invalid(part, b"does not begin with a digit" if kind == MAJOR else b"no digit after a dot")
    elif part.size > 1 and part.start[0] == c'0':
        invalid(part, b"number with a leading zero")


cdef inline void take_identifier(Cursor* cursor, Part* part) noexcept nogil:
    cdef bint digits = True
    part.start = cursor.at
    while cursor.at < cursor.end and rank(cursor.at[0]) >= 0:
        digits = digits and is_digit(cursor.at[0])
        cursor.at += 1
    part.size = cursor.at - part.start
    part.kind = NUMBER_PART if digits else TEXT_PART
    if cursor.at < cursor.end and cursor.at[0] != c'.' and cursor.at[0] != c'+':
        invalid(part, b"character that no identifier holds")
    elif part.size == 0:
        invalid(part, b"empty identifier in the pre-release")
    elif digits and part.size > 1 and part.start[0] == c'0':
        invalid(part, b"number with a leading zero")


cdef inline void take_build(Cursor* cursor, Part* part) noexcept nogil:
    cdef const unsigned char* identifier = cursor.at
    part.kind = LAST
    part.start = cursor.at
    while True:
        if cursor.at < cursor.end and rank(cursor.at[0]) >= 0:
            cursor.at += 1
        elif cursor.at < cursor.end and cursor.at[0] != c'.':
            invalid(part, b"character that no identifier holds")
            return
        elif cursor.at == identifier:
            invalid(part, b"empty identifier in the build")
            return
        elif cursor.at == cursor.end:
            part.size = cursor.at - part.start
            return
        else:
            cursor.at += 1
            identifier = cursor.at


cdef inline void next_part(Cursor* cursor, Part* part) noexcept nogil:
    """The one tokenizer, for compare, keys and validate. *part* holds the part before, and becomes the next one."""
    cdef unsigned char c = cursor.at[0] if cursor.at < cursor.end else 0
    if part.kind < PATCH:
        if c == c'.':
            cursor.at += 1
            take_number(cursor, part, MINOR if part.kind == MAJOR else PATCH)
        elif c == 0 or c == c'-' or c == c'+':
            invalid(part, b"fewer than three numbers")
        else:
            invalid(part, b"character that no number holds")
    elif c == c'+':
        cursor.at += 1
        take_build(cursor, part)
    elif c == 0:
        part.kind = LAST
        part.size = 0
    elif part.kind > PATCH or c == c'-':
        # Behind an identifier that is valid only a dot is left.
        cursor.at += 1
        take_identifier(cursor, part)
    else:
        invalid(part, b"more than three numbers" if c == c'.' else b"neither - nor + after the third number")


cdef inline const char* rest_refusal(Cursor* cursor, Part* part) noexcept nogil:
    """Why the version is invalid, from this part on. NULL where it is valid."""
    while part.kind < LAST:
        next_part(cursor, part)
    return part.reason


cdef inline int compare_parts(const Part* a, const Part* b) noexcept nogil:
    """Two parts of one kind."""
    cdef int result
    if a.kind != TEXT_PART:
        return compare_numbers(a.start, a.size, b.start, b.size)
    result = memcmp(a.start, b.start, min(a.size, b.size))
    if result == 0:
        return (a.size > b.size) - (a.size < b.size)
    return -1 if result < 0 else 1


cdef inline int compare_kinds(Kind before, const Part* a, const Part* b) noexcept nogil:
    """Two valid parts of different kinds, and the kind of the equal ones before them."""
    if a.kind != LAST and b.kind != LAST:
        return -1 if a.kind == NUMBER_PART else 1
    # Behind the three numbers the end is a release.
    return 1 if (a.kind == LAST) == (before == PATCH) else -1


cdef int semver_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                        const char** reason) noexcept nogil:
    cdef Cursor x = Cursor(a, a + a_size)
    cdef Cursor y = Cursor(b, b + b_size)
    cdef Part p, q
    cdef Kind before
    cdef int result = 0
    cdef const char* b_refusal = text_refusal(b, b_size)
    reason[0] = text_refusal(a, a_size)
    if reason[0] != NULL:
        return REFUSED_A
    take_number(&x, &p, MAJOR)
    if b_refusal == NULL:
        take_number(&y, &q, MAJOR)
        while p.kind < LAST and p.kind == q.kind:
            result = compare_parts(&p, &q)
            if result:
                break
            before = p.kind
            next_part(&x, &p)
            next_part(&y, &q)
            if p.kind < INVALID and q.kind < INVALID and p.kind != q.kind:
                result = compare_kinds(before, &p, &q)
        b_refusal = rest_refusal(&y, &q)
    reason[0] = rest_refusal(&x, &p)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = b_refusal
    return result if b_refusal == NULL else REFUSED_B


cdef Py_ssize_t semver_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                                 const char** reason) noexcept nogil:
    cdef Cursor cursor = Cursor(version, version + size)
    cdef Part part
    cdef Kind before = MAJOR
    cdef unsigned char* at = out
    cdef Py_ssize_t i
    reason[0] = text_refusal(version, size)
    if reason[0] != NULL:
        return -1
    take_number(&cursor, &part, MAJOR)
    while part.kind < LAST:
        if part.kind == TEXT_PART:
            at[0] = <unsigned char> (TEXT + rank(part.start[0]))
            for i in range(1, part.size):
                at[i] = <unsigned char> (MORE_TEXT + rank(part.start[i]))
            at += part.size
        else:
            # Zero is the empty run of digits.
            if part.start[0] == c'0':
                part.size = 0
            if part.kind == NUMBER_PART:
                at = put_number(at, part.start, part.size, NUMBER, SINGLES, DOUBLES)
            else:
                at = put_number(at, part.start, part.size, CORE, CORE_SINGLES, DOUBLES)
        before = part.kind
        next_part(&cursor, &part)
    if part.kind == INVALID:
        reason[0] = part.reason
        return -1
    at[0] = RELEASE if before == PATCH else END
    return at + 1 - out


def compare(a, b, /):
    """Order two versions as Semantic Versioning 2.0.0 does: -1, 0 or 1. The build does not count.

    >>> compare("1.2.0-rc.1", "1.2.0"), compare("1.2.0+a", "1.2.0+b"), compare("1.10.0", "1.9.0")
    (-1, 0, 1)

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` where the specification
    has no such version (see :func:`vercmp.semver.validate`), or for a NUL character or a lone surrogate.
    """
    return _engine.compare(a, b, semver_compare, b"semver")


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    >>> sort_key("1.0.0-1") < sort_key("1.0.0-a") < sort_key("1.0.0-a.1") < sort_key("1.0.0") < sort_key("1.0.1-0")
    True

    Raises as :func:`compare`.
    """
    return _engine.key(version, semver_write_key, 1, b"semver")


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _engine.compare_many(a, b, semver_compare, b"semver")


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    return _engine.keys(versions, semver_write_key, 1, b"semver")


def parts(version, /):
    """The three numbers, the pre-release and the build, as text. A missing part is empty. Raises as :func:`compare`."""
    cdef Py_ssize_t size = 0
    cdef const unsigned char* data = _engine.utf8(version, &size, b"semver", b"version")
    cdef const char* reason = text_refusal(data, size)
    cdef Cursor cursor = Cursor(data, data + size)
    cdef const unsigned char* start
    cdef const unsigned char* end
    cdef list numbers = []
    cdef Part part
    if reason != NULL:
        _engine.refuse(version, b"semver", reason)
    take_number(&cursor, &part, MAJOR)
    while part.kind <= PATCH:
        numbers.append(text(part.start, part.start + part.size))
        next_part(&cursor, &part)
    # Of a pre-release the first identifier is here, and the last one ends where the build begins.
    start = end = part.start
    while part.kind < LAST:
        end = part.start + part.size
        next_part(&cursor, &part)
    if part.kind == INVALID:
        _engine.refuse(version, b"semver", part.reason)
    return (*numbers, text(start, end), text(part.start, part.start + part.size))


cdef str text(const unsigned char* start, const unsigned char* end):
    return (<const char*> start)[:end - start].decode("ascii")
