# cython: language_level=3
"""The order of dpkg, as a comparison and as bytes.

Rules: libdpkg's ``parseversion`` and ``dpkg_version_compare`` (1.21).

A version is ``[epoch:]version[-revision]``: the epoch before the first ``:``, the revision after the last ``-``. Version
and revision are each a list of tokens: in turn a run of non-digits and a run of digits, both perhaps empty. A missing
revision is one empty pair. An empty run of digits is 0. Runs of non-digits compare character by character, with

    ``~``  <  the run's end  <  ASCII letters  <  bytes above 0x7f  <  every other ASCII character

libdpkg warns of bytes above 0x7f, and reads them as C's ``char``. They stand here where they stand on machines whose
``char`` is signed, such as x86-64. On other machines libdpkg puts them last.

Layout of a sort key, ``KEY_VERSION`` 1
---------------------------------------

=========  ==========================================================================================
slot       bytes
=========  ==========================================================================================
epoch      a number (``_numbers.pxd``) of the block ``NUMBER``
version    one item a character that is no digit, one a number, ``END``
revision   the same. The missing one is that of ``0``
=========  ==========================================================================================

==============  =======================  ============================================================
byte            item                     why there
==============  =======================  ============================================================
0x00            ``TILDE``
0x01            ``END``                  after a number, which only a run can follow
0x02 - 0x5b     a number                 it ends the run before it, so it stands where the run's end
                                         does: 0 to 71 in one byte, to 2,119 in two, ...
0x5c - 0x8f     a letter                 ``A`` to ``Z``, ``a`` to ``z``
0x90            ``HIGH``                 and then the byte, 0x80 to 0xff
0x91            ``BEFORE_PLUS``          and then the character, 0x01 to ``*``
0x92 0x93 0x94  ``+`` ``,`` ``-``
0x95            ``DOT_TILDE``            ``.~``
0x96 - 0xfa     ``.`` and a number       the most common run with what follows it: 0 to 82 in one byte, ...
0xfb            ``DOT``                  and then a letter or any other character's item
0xfc 0xfd       ``/`` ``:``
0xfe            ``AFTER_COLON``          and then the character, ``;`` to 0x7f
==============  =======================  ============================================================

Every slot ends itself, and none is the beginning of another. So keys of parts concatenate, and ``key + b"\\0"`` is above
*key* and below every greater key.

>>> sort_key("1.2").hex(" ")
'02 03 98 01 02 01'
>>> sort_key("1:2.10-3+deb12u1").hex(" ")
'03 04 a0 01 05 92 79 7a 77 0e 8a 03 01'
>>> sort_key("1.0") == sort_key("0:1.0-0") == sort_key("1.")
True
"""

from libc.string cimport memchr

from vercmp cimport _engine
from vercmp._bytes cimport after_last, common_prefix, eight_at, has_below, has_byte, is_digit, is_letter
from vercmp._engine cimport REFUSED_A, REFUSED_B
from vercmp._masks cimport (
    UNDECIDED,
    Difference,
    find_difference,
    highest_of,
    is_for_masks,
    marks,
    marks_of,
    order_of_numbers,
)
from vercmp._numbers cimport FIXED_TAGS, compare_numbers, put_number, put_run

cdef enum:
    # The end of a run weighs 0, ~ less, everything else more: libdpkg's order().
    WEIGHT_TILDE = -1
    WEIGHT_END = 0
    # Longest epoch that is not "too big": libdpkg holds it in an int.
    MAX_EPOCH = 0x7FFFFFFF

cdef enum:
    # First bytes of key items, in the order of their weights.
    TILDE = 0x00
    END = 0x01
    NUMBER = 0x02
    LETTER = 0x5C
    HIGH = 0x90
    BEFORE_PLUS = 0x91
    PLUS = 0x92
    COMMA = 0x93
    MINUS = 0x94
    DOT_TILDE = 0x95
    DOT_NUMBER = 0x96
    DOT = 0xFB
    SLASH = 0xFC
    COLON = 0xFD
    AFTER_COLON = 0xFE
    # Of the numbers in Debian 12's versions, after a dot or not, 97 in 100 are below 100.
    DOUBLES = 8
    SINGLES = LETTER - NUMBER - FIXED_TAGS - DOUBLES
    DOT_SINGLES = DOT - DOT_NUMBER - FIXED_TAGS - DOUBLES

cdef enum Kind:
    CHARACTER
    DIGITS
    LAST

cdef struct Cursor:
    const unsigned char* at
    const unsigned char* end
    bint after_number

cdef struct Token:
    Kind kind
    int weight
    const unsigned char* start  # digits without leading zeros
    Py_ssize_t size

cdef struct Version:
    const unsigned char* epoch  # digits without leading zeros
    Py_ssize_t epoch_size
    Cursor version
    Cursor revision
    # For split(): where the epoch's text ends (NULL: none) and whether there is a revision.
    const unsigned char* text
    const unsigned char* epoch_end
    bint has_revision


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    """The white space that libdpkg trims, and refuses inside a version. It only warns of all other."""
    return c == c' ' or c == c'\t'


cdef inline int weight_of(unsigned char c) noexcept nogil:
    if is_letter(c) or c >= 0x80:
        return c
    return WEIGHT_TILDE if c == c'~' else c + 0x100


cdef inline void next_token(Cursor* cursor, Token* token) noexcept nogil:
    """The one tokenizer: an empty run of digits is a token too. Keys alone read runs as they write them."""
    cdef const unsigned char* at = cursor.at
    cdef const unsigned char* end = cursor.end
    token.start = at
    token.size = 0
    if at < end and not is_digit(at[0]):
        token.kind = CHARACTER
        token.weight = weight_of(at[0])
        cursor.at = at + 1
        cursor.after_number = False
        return
    token.weight = WEIGHT_END
    if cursor.after_number:
        token.kind = LAST
        return
    while at < end and at[0] == c'0':
        at += 1
    token.kind = DIGITS
    token.start = at
    while at < end and is_digit(at[0]):
        at += 1
    token.size = at - token.start
    cursor.at = at
    cursor.after_number = True


cdef inline void skip_common_tokens(Cursor* a, Cursor* b) noexcept nogil:
    """Skip what both begin with, but not the number that the first difference is in or touches."""
    cdef const unsigned char* start = a.at
    cdef const unsigned char* at
    cdef Py_ssize_t common = common_prefix(a.at, a.end, b.at, b.end)
    at = start + common
    while at > start and is_digit(at[-1]):
        at -= 1
    b.at += at - start
    a.at = at


cdef inline int compare_parts(Cursor a, Cursor b) noexcept nogil:
    cdef Token x, y
    cdef int result
    skip_common_tokens(&a, &b)
    while True:
        next_token(&a, &x)
        next_token(&b, &y)
        if x.weight != y.weight:
            return -1 if x.weight < y.weight else 1
        if x.kind == LAST:
            return 0
        if x.kind == DIGITS:
            result = compare_numbers(x.start, x.size, y.start, y.size)
            if result:
                return result


cdef inline unsigned char* put_character(unsigned char* out, unsigned char c) noexcept nogil:
    if is_letter(c):
        out[0] = <unsigned char> (LETTER + c - (c'a' - 26 if c >= c'a' else c'A'))
        return out + 1
    if c == c'~':
        out[0] = TILDE
    elif c == c'+':
        out[0] = PLUS
    elif c == c',':
        out[0] = COMMA
    elif c == c'-':
        out[0] = MINUS
    elif c == c'/':
        out[0] = SLASH
    elif c == c':':
        out[0] = COLON
    else:
        out[0] = HIGH if c >= 0x80 else BEFORE_PLUS if c < c'+' else AFTER_COLON
        out[1] = c
        return out + 2
    return out + 1


cdef inline unsigned char* put_part(unsigned char* out, Cursor cursor) noexcept nogil:
    cdef const unsigned char* at = cursor.at
    cdef const unsigned char* end = cursor.end
    cdef bint after_number = False
    cdef unsigned char c
    while at < end:
        c = at[0]
        if is_digit(c):
            at = put_run(&out, at, end, NUMBER, SINGLES, DOUBLES)
            after_number = True
            continue
        at += 1
        after_number = False
        if c != c'.':
            out = put_character(out, c)
        elif at == end or is_digit(at[0]):
            at = put_run(&out, at, end, DOT_NUMBER, DOT_SINGLES, DOUBLES)
            after_number = True
        elif at[0] == c'~':
            out[0] = DOT_TILDE
            out += 1
            at += 1
        else:
            out[0] = DOT
            out += 1
    if not after_number:
        out[0] = NUMBER  # the empty run of digits
        out += 1
    out[0] = END
    return out + 1


cdef const char* parse_epoch(const unsigned char* at, const unsigned char* colon, Version* parsed) noexcept nogil:
    """Read the epoch as C's strtol does, with its six white space characters and its sign. NULL, or why it is refused.

    Without a leading digit it is "empty".
    """
    cdef bint negative = False
    cdef Py_ssize_t i
    cdef unsigned long long value = 0
    while at[0] == c' ' or <unsigned char> (at[0] - c'\t') < 5:
        at += 1
    if at[0] == c'+' or at[0] == c'-':
        negative = at[0] == c'-'
        at += 1
    if not is_digit(at[0]):
        return b"epoch in version is empty"
    parsed.epoch = at
    while at < colon:
        if not is_digit(at[0]):
            return b"epoch in version is not number"
        at += 1
    while parsed.epoch < colon and parsed.epoch[0] == c'0':
        parsed.epoch += 1
    parsed.epoch_size = colon - parsed.epoch
    for i in range(min(parsed.epoch_size, 11)):
        value = 10 * value + (parsed.epoch[i] - c'0')
    if negative and parsed.epoch_size:
        return b"epoch in version is negative"
    if value > MAX_EPOCH:
        return b"epoch in version is too big"
    return NULL


cdef inline unsigned long long low_or_colon(const unsigned char* at) noexcept nogil:
    """Not 0 where one of the eight bytes at *at* is below ``!``, or is ``:``."""
    return has_below(eight_at(at), c'!') | has_byte(eight_at(at), c':')


cdef inline bint is_plain(const unsigned char* at, Py_ssize_t size) noexcept nogil:
    """Nothing to trim or refuse, and no epoch: no blank, no control character, no colon."""
    cdef Py_ssize_t i = 0
    if size < 8:
        while i < size and at[i] > c' ' and at[i] != c':':
            i += 1
        return i == size
    while i + 8 < size:
        if low_or_colon(at + i):
            return False
        i += 8
    return low_or_colon(at + size - 8) == 0


cdef inline const char* parse(const unsigned char* at, Py_ssize_t size, Version* parsed) noexcept nogil:
    """Cut a version into its parts as libdpkg's parseversion does. NULL, or libdpkg's error."""
    cdef const unsigned char* end = at + size
    cdef const unsigned char* stop = end  # of the text, white space included
    cdef const unsigned char* colon
    cdef const unsigned char* dash = end
    cdef const unsigned char* scan
    cdef const char* reason
    parsed.text = at
    parsed.epoch = at
    parsed.epoch_size = 0
    parsed.epoch_end = NULL
    if size == 0 or not is_plain(at, size):
        if memchr(at, 0, size) != NULL:
            return b"NUL character"
        while at < end and is_blank(at[0]):
            at += 1
        if at == end:
            return b"version string is empty"
        scan = at
        while scan < end and not is_blank(scan[0]):
            scan += 1
        dash = scan
        while end > scan:
            if not is_blank(end[-1]):
                return b"version string has embedded spaces"
            end -= 1
        colon = <const unsigned char*> memchr(at, c':', end - at)
        parsed.text = at
        if colon != NULL:
            reason = parse_epoch(at, colon, parsed)
            if reason != NULL:
                return reason
            parsed.epoch_end = colon
            at = colon + 1
            if at == stop:
                return b"nothing after colon in version number"
    dash = after_last(at, dash, c'-')
    parsed.has_revision = dash > at
    parsed.version.at = at
    parsed.version.end = dash - 1 if parsed.has_revision else end
    parsed.version.after_number = False
    parsed.revision.at = dash if parsed.has_revision else end
    parsed.revision.end = end
    parsed.revision.after_number = False
    if parsed.has_revision and dash == end:
        return b"revision number is empty"
    if parsed.version.at == parsed.version.end:
        return b"version number is empty"
    return NULL


cdef bint has_invalid_character(const unsigned char* at, const unsigned char* end, const unsigned char* allowed,
                                Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t i
    while at < end:
        if not is_digit(at[0]) and not is_letter(at[0]):
            i = 0
            while i < count and allowed[i] != at[0]:
                i += 1
            if i == count:
                return True
        at += 1
    return False


cdef const char* warning_of(const Version* parsed) noexcept nogil:
    """libdpkg's warning of a version that it accepts: the first one, or NULL."""
    if not is_digit(parsed.version.at[0]):
        return b"version number does not start with digit"
    if has_invalid_character(parsed.version.at + 1, parsed.version.end, b".-+~:", 5):
        return b"invalid character in version number"
    if has_invalid_character(parsed.revision.at, parsed.revision.end, b".+~", 3):
        return b"invalid character in revision number"
    return NULL


cdef int dpkg_compare_by_tokens(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                                const char** reason) noexcept nogil:
    cdef Version x, y
    cdef int result
    reason[0] = parse(a, a_size, &x)
    if reason[0] != NULL:
        return REFUSED_A
    reason[0] = parse(b, b_size, &y)
    if reason[0] != NULL:
        return REFUSED_B
    result = compare_numbers(x.epoch, x.epoch_size, y.epoch, y.epoch_size)
    if result == 0:
        result = compare_parts(x.version, y.version)
    if result == 0:
        result = compare_parts(x.revision, y.revision)
    return result


cdef inline bint is_usual(const unsigned char* version, Py_ssize_t size, const marks* marked) noexcept nogil:
    """Nothing is refused or trimmed, and there is no epoch."""
    cdef int dash
    if marked.unusual:
        return False
    if not marked.dashes:
        return True
    dash = highest_of(marked.dashes)
    return 0 < dash < size - 1


cdef inline unsigned char skip_digit_epoch(const unsigned char** version, Py_ssize_t* size) noexcept nogil:
    """The digit, ``0`` where there is none. Any other epoch stays, and its colon is unusual."""
    cdef unsigned char digit
    if size[0] <= 2 or version[0][1] != c':' or not is_digit(version[0][0]):
        return c'0'
    digit = version[0][0]
    version[0] += 2
    size[0] -= 2
    return digit


cdef inline int weight_at(const unsigned char* at, const unsigned char* end, int digits) noexcept nogil:
    return WEIGHT_END if digits or at == end else weight_of(at[0])


cdef inline int compare_at_difference(const unsigned char* a, Py_ssize_t a_size,
                                      const unsigned char* b, Py_ssize_t b_size) noexcept nogil:
    """-1, 0 or 1 where masks show which tokens decide. Else UNDECIDED: all that is refused or unusual."""
    cdef marks x, y
    cdef Difference found
    cdef int result
    cdef int a_weight, b_weight
    cdef unsigned char a_epoch = skip_digit_epoch(&a, &a_size)
    cdef unsigned char b_epoch = skip_digit_epoch(&b, &b_size)
    x = marks_of(a, a_size, c' ', c':')
    y = marks_of(b, b_size, c' ', c':')
    if not is_usual(a, a_size, &x) or not is_usual(b, b_size, &y):
        return UNDECIDED
    if a_epoch != b_epoch:
        return -1 if a_epoch < b_epoch else 1
    if not find_difference(a, a_size, &x, b, b_size, &y, &found):
        return UNDECIDED
    if found.common == a_size == b_size:
        return 0
    result = order_of_numbers(a, &x, &found)
    if result != UNDECIDED or (found.after_digit and found.a_digits != found.b_digits):
        return result
    a_weight = weight_at(found.a, found.a_end, found.a_digits)
    b_weight = weight_at(found.b, found.b_end, found.b_digits)
    if a_weight == b_weight:
        return UNDECIDED
    return -1 if a_weight < b_weight else 1


cdef int dpkg_compare(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                      const char** reason) noexcept nogil:
    cdef int result
    if is_for_masks(a, a_size, b, b_size):
        result = compare_at_difference(a, a_size, b, b_size)
        if result != UNDECIDED:
            reason[0] = NULL
            return result
    return dpkg_compare_by_tokens(a, a_size, b, b_size, reason)


cdef Py_ssize_t dpkg_write_key(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                               const char** reason) noexcept nogil:
    cdef Version parsed
    cdef unsigned char* at
    reason[0] = parse(version, size, &parsed)
    if reason[0] != NULL:
        return -1
    at = put_number(out, parsed.epoch, parsed.epoch_size, NUMBER, SINGLES, DOUBLES)
    at = put_part(at, parsed.version)
    at = put_part(at, parsed.revision)
    return at - out


def compare(a, b, /):
    """Order two ``[epoch:]version[-revision]`` strings as dpkg does: -1, 0 or 1.

    >>> compare("1.0~rc1-1", "1.0-1")
    -1
    >>> compare("1.0", "0:1.0-0")
    0

    Raises :exc:`TypeError` where an argument is no :class:`str`, and :exc:`vercmp.InvalidVersion` where dpkg refuses it
    (see :func:`vercmp.dpkg.validate`), or for a NUL character or a lone surrogate.
    """
    return _engine.compare(a, b, dpkg_compare, b"dpkg")


def sort_key(version, /):
    """Bytes in the order of :func:`compare`, equal exactly where it returns 0.

    >>> sort_key("2.9-1") < sort_key("2.10-1~bpo12+1") < sort_key("2.10-1") < sort_key("1:1.0-1")
    True

    Raises as :func:`compare`.
    """
    return _engine.key(version, dpkg_write_key, 2, b"dpkg")


def compare_many(a, b, /):
    """:func:`compare` each version of *a* with the one at the same place of *b*: a list of -1, 0, 1.

    Raises :exc:`ValueError` where the lengths differ, else as :func:`compare`.
    """
    return _engine.compare_many(a, b, dpkg_compare, b"dpkg")


def sort_keys(versions, /):
    """The :func:`sort_key` of each version, as a list. Raises as :func:`compare`, at the first invalid version."""
    return _engine.keys(versions, dpkg_write_key, 2, b"dpkg")


def parts(version, /):
    """The epoch or None, the version, the revision or None, and dpkg's warning or None. Raises as :func:`compare`."""
    cdef Py_ssize_t size = 0
    cdef Version parsed
    cdef const unsigned char* data = _engine.utf8(version, &size, b"dpkg", b"version")
    cdef const char* message = parse(data, size, &parsed)
    if message != NULL:
        _engine.refuse(version, b"dpkg", message)
    message = warning_of(&parsed)
    return (
        None if parsed.epoch_end == NULL else text(parsed.text, parsed.epoch_end),
        text(parsed.version.at, parsed.version.end),
        text(parsed.revision.at, parsed.revision.end) if parsed.has_revision else None,
        None if message == NULL else message.decode("ascii"),
    )


cdef str text(const unsigned char* start, const unsigned char* end):
    return (<const char*> start)[:end - start].decode("utf-8")
