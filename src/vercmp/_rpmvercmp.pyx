# cython: language_level=3
"""The order of rpm, as a comparison and as bytes.

Rules: librpm's ``rpmvercmp`` and ``rpmverCmp`` (rpm 4.18, 6.1).

A version or release string is a list of tokens: ``~``, ``^``, maximal runs of ASCII letters, maximal runs of ASCII
digits. Every other byte is dropped, but ends a run. Lists compare lexicographically, with

    ``~``  <  end  <  ``^``  <  letters  <  digits

Letters compare bytewise (a prefix is smaller), digits as numbers of any length.

An EVR is ``[epoch:]version[-release]``. There is an epoch only where ``:`` follows leading digits. The release follows
the last ``-``. A missing epoch is 0. A missing release is below every present one, even the empty one.

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

=========  ==========================================================================================
slot       bytes
=========  ==========================================================================================
epoch      a number (``_numbers.pxd``) of the block ``NUMBER``
version    one item a token, then ``END``
release    the same, or the one byte ``NO_RELEASE`` where there is none
=========  ==========================================================================================

=============  ==========================  ==========================================================
byte           item                        why there
=============  ==========================  ==========================================================
0x00           ``NO_RELEASE``              below anything a release can begin with
0x01           ``TILDE``
0x02           ``END``
0x03           ``CARET``
0x04 - 0x6b    a letter                    2 bytes of the block a letter, ``A`` to ``Z`` then ``a`` to
                                           ``z``: the even one ends its run, the odd one goes on. So a
                                           run needs no terminator and its prefix is smaller
0x6c - 0xff    a number                    0 to 113 in one byte, to 6,257 in two, ... (``_numbers.pxd``)
=============  ==========================  ==========================================================

Every slot ends itself, and none is the beginning of another of its kind. So keys of parts concatenate, and
``key + b"\\0"`` is above *key* and below every greater key.

>>> sort_key("1.2").hex(" ")
'6c 6d 6e 02 00'
>>> sort_key("1:2.10-3.el9").hex(" ")
'6d 6e 76 02 6f 41 4e 75 02'
>>> sort_key("0:2.10-3.el9") == sort_key("2.10-3.el9") == b"\\x6c" + segment_key("2.10") + segment_key("3.el9")
True
"""

from libc.string cimport memchr

from vercmp cimport _engine
from vercmp._bytes cimport after_last, common_prefix, is_digit, is_letter
from vercmp._engine cimport REFUSED_A, REFUSED_B
from vercmp._masks cimport (
    LONGEST_MARKED,
    UNDECIDED,
    Difference,
    below,
    find_difference,
    highest_of,
    is_for_masks,
    lowest_of,
    marks,
    marks_of,
    order_of_numbers,
)
from vercmp._numbers cimport FIXED_TAGS, compare_numbers, put_number, put_run

cdef enum:
    # Ranks of tokens: the order of unlike tokens.
    RANK_TILDE
    RANK_END
    RANK_CARET
    RANK_LETTERS
    RANK_DIGITS

cdef enum:
    # First bytes of key items, in the order of the ranks.
    NO_RELEASE = 0x00
    TILDE = 0x01
    END = 0x02
    CARET = 0x03
    LETTER = 0x04
    NUMBER = 0x6C
    # Nine in ten numbers of AlmaLinux's advisories are below 100. Most others are below 6,000: builds, kernels.
    SINGLES = 114
    DOUBLES = 0x100 - NUMBER - FIXED_TAGS - SINGLES

cdef struct Cursor:
    const unsigned char* at
    const unsigned char* end

cdef struct Token:
    int rank
    const unsigned char* start  # letters, or digits without leading zeros
    Py_ssize_t size

cdef struct EVR:
    const unsigned char* epoch  # digits without leading zeros, or NULL
    Py_ssize_t epoch_size
    Cursor version
    Cursor release  # .at is NULL where there is none


cdef inline void next_token(Cursor* cursor, Token* token) noexcept nogil:
    """The one tokenizer. Keys alone read runs as they write them."""
    cdef const unsigned char* at = cursor.at
    cdef const unsigned char* end = cursor.end
    cdef unsigned char c
    token.start = at
    token.size = 0
    while at < end:
        c = at[0]
        if is_digit(c):
            while at < end and at[0] == c'0':
                at += 1
            token.rank = RANK_DIGITS
            token.start = at
            while at < end and is_digit(at[0]):
                at += 1
            token.size = at - token.start
            cursor.at = at
            return
        if is_letter(c):
            token.rank = RANK_LETTERS
            token.start = at
            at += 1
            while at < end and is_letter(at[0]):
                at += 1
            token.size = at - token.start
            cursor.at = at
            return
        at += 1
        if c == c'~' or c == c'^':
            token.rank = RANK_TILDE if c == c'~' else RANK_CARET
            cursor.at = at
            return
    token.rank = RANK_END
    cursor.at = at


cdef inline int compare_letters(const Token* a, const Token* b) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(min(a.size, b.size)):
        if a.start[i] != b.start[i]:
            return -1 if a.start[i] < b.start[i] else 1
    return (a.size > b.size) - (a.size < b.size)


cdef inline void skip_common_tokens(Cursor* a, Cursor* b) noexcept nogil:
    """Skip what both begin with, but not the run that the first difference is in or touches."""
    cdef const unsigned char* start = a.at
    cdef const unsigned char* at
    cdef Py_ssize_t common = common_prefix(a.at, a.end, b.at, b.end)
    at = start + common
    if at > start and is_digit(at[-1]):
        while at > start and is_digit(at[-1]):
            at -= 1
    else:
        while at > start and is_letter(at[-1]):
            at -= 1
    b.at += at - start
    a.at = at


cdef inline int compare_segments(Cursor a, Cursor b) noexcept nogil:
    skip_common_tokens(&a, &b)
    return compare_tokens(&a, &b)


cdef inline int compare_tokens(Cursor* a, Cursor* b) noexcept nogil:
    cdef Token x, y
    cdef int result
    while True:
        next_token(a, &x)
        next_token(b, &y)
        if x.rank != y.rank:
            return -1 if x.rank < y.rank else 1
        if x.rank == RANK_END:
            return 0
        result = 0
        if x.rank == RANK_DIGITS:
            result = compare_numbers(x.start, x.size, y.start, y.size)
        elif x.rank == RANK_LETTERS:
            result = compare_letters(&x, &y)
        if result:
            return result


cdef inline unsigned char* put_segment(unsigned char* out, Cursor cursor) noexcept nogil:
    cdef const unsigned char* at = cursor.at
    cdef const unsigned char* end = cursor.end
    cdef unsigned char c
    while at < end:
        c = at[0]
        if is_digit(c):
            at = put_run(&out, at, end, NUMBER, SINGLES, DOUBLES)
        elif is_letter(c):
            while True:
                c -= c'a' - 26 if c >= c'a' else c'A'
                out[0] = LETTER + 1 + 2 * c
                out += 1
                at += 1
                if at == end or not is_letter(at[0]):
                    break
                c = at[0]
            out[-1] -= 1
        else:
            at += 1
            if c == c'~' or c == c'^':
                out[0] = TILDE if c == c'~' else CARET
                out += 1
    out[0] = END
    return out + 1


cdef inline EVR split_evr(const unsigned char* version, Py_ssize_t size) noexcept nogil:
    """For compare, for keys and for :func:`vercmp.rpm.split`."""
    cdef const unsigned char* end = version + size
    cdef const unsigned char* at = version
    while at < end and is_digit(at[0]):
        at += 1
    return cut(version, end, at, after_last(at, end, c'-'))


cdef inline EVR cut(const unsigned char* version, const unsigned char* end,
                    const unsigned char* at, const unsigned char* dash) noexcept nogil:
    """The one EVR cutter, as librpm's ``rpmverParse``: *at* is behind the leading digits, *dash* behind the last one."""
    cdef EVR evr
    evr.epoch = NULL
    evr.epoch_size = 0
    evr.version.at = version
    if at < end and at[0] == c':':
        evr.version.at = at + 1
        evr.epoch = version
        while evr.epoch < at and evr.epoch[0] == c'0':
            evr.epoch += 1
        evr.epoch_size = at - evr.epoch
    if dash > at:
        evr.version.end = dash - 1
        evr.release.at = dash
    else:
        evr.version.end = end
        evr.release.at = NULL
    evr.release.end = end
    return evr


cdef int rpm_segment_compare(const unsigned char* a, Py_ssize_t a_size,
                             const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    return compare_segments(Cursor(a, a + a_size), Cursor(b, b + b_size))


cdef inline const char* refusal(const unsigned char* text, Py_ssize_t size) noexcept nogil:
    """Why rpm refuses a version or release string. NULL where it accepts it."""
    if memchr(text, 0, size) != NULL:
        return b"NUL character"
    return NULL


cdef inline const char* version_refusal(const unsigned char* version, Py_ssize_t size) noexcept nogil:
    if size == 0:
        return b"empty version"
    return refusal(version, size)


cdef int rpm_segment_order(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                           const char** reason) noexcept nogil:
    reason[0] = refusal(a, a_size)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = refusal(b, b_size)
    if reason[0] != NULL:
        return REFUSED_B
    return compare_segments(Cursor(a, a + a_size), Cursor(b, b + b_size))


cdef Py_ssize_t rpm_write_segment_key(const unsigned char* segment, Py_ssize_t size, unsigned char* out,
                                      const char** reason) noexcept nogil:
    reason[0] = refusal(segment, size)
    if reason[0] != NULL:
        return -1
    return put_segment(out, Cursor(segment, segment + size)) - out


cdef int rpm_compare_by_tokens(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                               const char** reason) noexcept nogil:
    cdef EVR x, y
    cdef int result
    reason[0] = version_refusal(a, a_size)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = version_refusal(b, b_size)
    if reason[0] != NULL:
        return REFUSED_B
    x = split_evr(a, a_size)
    y = split_evr(b, b_size)
    result = compare_numbers(x.epoch, x.epoch_size, y.epoch, y.epoch_size)
    if result == 0:
        result = compare_segments(x.version, y.version)
    if result == 0:
        if x.release.at == NULL or y.release.at == NULL:
            return (x.release.at != NULL) - (y.release.at != NULL)
        result = compare_segments(x.release, y.release)
    return result


cdef inline int compare_epochs(const unsigned char* a, Py_ssize_t a_size, const marks* x,
                               const unsigned char* b, Py_ssize_t b_size, const marks* y) noexcept nogil:
    """0 where neither has one. UNDECIDED where they are equal."""
    cdef EVR left = cut(a, a + a_size, a + lowest_of(~x.digits), a)
    cdef EVR right = cut(b, b + b_size, b + lowest_of(~y.digits), b)
    cdef int result
    if left.epoch == NULL and right.epoch == NULL:
        return 0
    result = compare_numbers(left.epoch, left.epoch_size, right.epoch, right.epoch_size)
    return result if result else UNDECIDED


cdef inline int compare_at_difference(const unsigned char* a, Py_ssize_t a_size,
                                      const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    """-1, 0 or 1 where masks show which tokens decide. Else UNDECIDED: all that is refused or unusual."""
    cdef marks x = marks_of(a, a_size, 0, 0)
    cdef marks y = marks_of(b, b_size, 0, 0)
    cdef Difference found
    cdef Cursor left, right
    cdef int result
    if x.unusual | y.unusual or not find_difference(a, a_size, &x, b, b_size, &y, &found):
        return UNDECIDED
    if found.common == a_size == b_size:
        return 0
    # Alike beyond their leading digits, both have the same epoch or none.
    if not ~x.digits & below(found.common):
        result = compare_epochs(a, a_size, &x, b, b_size, &y)
        if result:
            return result
    result = order_of_numbers(a, &x, &found)
    if result != UNDECIDED or (found.after_digit and found.a_digits != found.b_digits):
        return result
    left = Cursor(found.a, found.a_end)
    right = Cursor(found.b, found.b_end)
    if not found.after_digit:
        while left.at > a and is_letter(left.at[-1]):
            left.at -= 1
            right.at -= 1
    result = compare_tokens(&left, &right)
    return result if result else UNDECIDED


cdef int rpm_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                     const char** reason) noexcept nogil:
    cdef int result
    if is_for_masks(a, a_size, b, b_size):
        result = compare_at_difference(a, a_size, b, b_size)
        if result != UNDECIDED:
            reason[0] = NULL
            return result
    return rpm_compare_by_tokens(a, a_size, b, b_size, reason)


cdef Py_ssize_t rpm_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                              const char** reason) noexcept nogil:
    cdef EVR evr
    cdef unsigned char* at
    cdef marks marked
    cdef int dash
    reason[0] = NULL
    if 0 < size <= LONGEST_MARKED:
        marked = marks_of(version, size, 0, 0)
        if marked.unusual:
            reason[0] = version_refusal(version, size)
            return -1
        dash = highest_of(marked.dashes) + 1 if marked.dashes else 0
        evr = cut(version, version + size, version + lowest_of(~marked.digits), version + dash)
    else:
        reason[0] = version_refusal(version, size)
        if reason[0] != NULL:
            return -1
        evr = split_evr(version, size)
    at = put_number(out, evr.epoch, evr.epoch_size, NUMBER, SINGLES, DOUBLES)
    at = put_segment(at, evr.version)
    if evr.release.at == NULL:
        at[0] = NO_RELEASE
        at += 1
    else:
        at = put_segment(at, evr.release)
    return at - out


def compare(a, b, /):
    """Order two ``[epoch:]version[-release]`` strings as librpm's ``rpmverCmp`` does: -1, 0 or 1.

    >>> compare("1.0~rc1-1", "1.0-1")
    -1
    >>> compare("1.0-1", "0:1.0-1")
    0

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` for the empty version,
    a NUL character or a lone surrogate.
    """
    return _engine.compare(a, b, rpm_compare, b"rpm")


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    >>> sort_key("2.9-1") < sort_key("2.10-1") < sort_key("1:1.0-1")
    True

    Raises as :func:`compare`.
    """
    return _engine.key(version, rpm_write_key, 1, b"rpm")


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _engine.compare_many(a, b, rpm_compare, b"rpm")


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    return _engine.keys(versions, rpm_write_key, 1, b"rpm")


def rpmvercmp(a, b, /):
    """Order two version strings, or two release strings, as librpm's function of that name: -1, 0 or 1.

    The string has no epoch and no release, and it may be empty.

    >>> rpmvercmp("1.0^git1", "1.0")
    1
    >>> rpmvercmp("5.2-1", "5.2.1")
    0

    Raises :exc:`TypeError` and, for a NUL character or a lone surrogate, :exc:`vercmp.InvalidVersion`.
    """
    return _engine.compare(a, b, rpm_segment_order, b"rpm")


def segment_key(segment, /):
    """Bytes in the order of :func:`rpmvercmp`: the slot of a version or a release in a sort key.

    >>> sort_key("7:1.0-3.el9").endswith(segment_key("1.0") + segment_key("3.el9"))
    True

    Raises as :func:`rpmvercmp`.
    """
    return _engine.key(segment, rpm_write_segment_key, 1, b"rpm")


def check(version, /):
    """Raise as :func:`compare` would for this version."""
    cdef Py_ssize_t size = 0
    checked_utf8(version, &size)


def parts(version, /):
    """The epoch or None, the version, and the release or None, as text. Raises as :func:`compare`."""
    cdef Py_ssize_t size = 0
    cdef const unsigned char* data = checked_utf8(version, &size)
    cdef EVR evr = split_evr(data, size)
    return (
        None if evr.epoch == NULL else text(data, evr.version.at - 1),
        text(evr.version.at, evr.version.end),
        None if evr.release.at == NULL else text(evr.release.at, evr.release.end),
    )


cdef const unsigned char* checked_utf8(object version, Py_ssize_t* size) except NULL:
    cdef const unsigned char* data = _engine.utf8(version, size, b"rpm", b"version")
    cdef const char* reason = version_refusal(data, size[0])
    if reason != NULL:
        _engine.refuse(version, b"rpm", reason)
    return data


cdef str text(const unsigned char* start, const unsigned char* end):
    return (<const char*> start)[:end - start].decode("utf-8")
