# cython: language_level=3
"""Members of a tar archive by headers of the usual form, which nearly all are. Python takes longer for a header than
for all else that is done with a member.

Source: POSIX.1-2017, *pax*, ustar Interchange Format.
"""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from libc.stdint cimport int64_t
from libc.string cimport memchr, memcmp, memcpy

cdef enum:
    NAME = 100
    MODE = 100
    SIZE = 124
    TIME = 136
    CHECKSUM = 148
    TYPE = 156
    TARGET = 157
    MAGIC = 257
    PREFIX = 345
    PREFIX_SIZE = 155
    EXECUTABLE = 0o111


cdef class Member:
    """One member.

    :ivar name: below the root, without empty parts and ``.``. Empty for the root itself.
    :ivar kind: a :class:`~advisories.sources.tree.Kind`, :data:`~advisories.sources.tar.HARD_LINK`, or else why it
        cannot be read.
    :ivar size: bytes of its content.
    :ivar target: of a link of either kind.
    :ivar place: where its content begins in the archive.
    :ivar is_executable: whether anybody may execute it.
    """

    cdef readonly bytes name
    cdef readonly object kind  # an enumeration's member is no exact string
    cdef readonly object size  # a header may state more than any file has
    cdef readonly bytes target
    cdef readonly object place
    cdef readonly bint is_executable

    def __init__(self, bytes name not None, kind, size, bytes target not None, place, *, bint is_executable):
        self.name = name
        self.kind = kind
        self.size = size
        self.target = target
        self.place = place
        self.is_executable = is_executable


def plain_member(bytes data not None, Py_ssize_t begin, int64_t place, dict kinds not None, /):
    """The member whose header begins in some bytes, where the header has the usual form: octal numbers, a checksum that
    is right, no name that leads out of a folder, and content in files alone. None for any other header, also for one
    that is not whole: nothing is known of it then.

    :param begin: where the header begins.
    :param place: where the content begins in the archive.
    :param kinds: by the byte of each type that is read here. Zero, the type of old archives, has to be a file.
    """
    cdef const unsigned char* bytes_of = <const unsigned char*>PyBytes_AsString(data)
    cdef Header header
    if begin < 0 or PyBytes_Size(data) - begin < BLOCK:
        return None
    kind = kinds.get(bytes_of[begin + TYPE])
    if kind is None or not read_header(bytes_of + begin, &header):
        return None
    cdef Member member = Member.__new__(Member)
    member.name = PyBytes_FromStringAndSize(<const char*>header.name, header.name_size)
    member.kind = kind
    member.size = header.size
    member.target = PyBytes_FromStringAndSize(<const char*>header.target, header.target_size)
    member.place = place
    member.is_executable = header.is_executable
    return member


cdef bint read_header(const unsigned char* block, Header* header) noexcept nogil:
    """Whether a block is a header of the usual form. Of any other one nothing that is filled in counts."""
    cdef int64_t stated, mode
    cdef Py_ssize_t length = 0, i
    cdef unsigned int total = 8 * c' '
    cdef bint is_file = block[TYPE] == c'0' or block[TYPE] == 0
    if not number(block + CHECKSUM, 8, &stated):
        return False
    for i in range(CHECKSUM):
        total += block[i]
    for i in range(TYPE, BLOCK):
        total += block[i]
    if total != stated or not number(block + SIZE, TIME - SIZE, &header.size) or not number(block + MODE, 8, &mode):
        return False
    header.is_executable = mode & EXECUTABLE != 0
    if memcmp(block + MAGIC, "ustar", 6) == 0 and block[PREFIX]:
        length = before_nul(block + PREFIX, PREFIX_SIZE)
        memcpy(header.name, block + PREFIX, length)
        header.name[length] = c'/'
        length += 1
    i = before_nul(block, NAME)
    memcpy(header.name + length, block, i)
    length += i
    if (header.size and not is_file) or (is_file and length and header.name[length - 1] == c'/'):
        return False
    header.name_size = normalised(header.name, length)
    header.target = block + TARGET
    header.target_size = before_nul(header.target, NAME)
    return header.name_size >= 0


cdef inline Py_ssize_t before_nul(const unsigned char* text, Py_ssize_t size) noexcept nogil:
    cdef const void* end = memchr(text, 0, size)
    return size if end is NULL else <const unsigned char*>end - text


cdef inline bint number(const unsigned char* field, Py_ssize_t size, int64_t* value) noexcept nogil:
    """Whether a field is an octal number, with blanks and NUL around it. No field here has more than 36 bits."""
    cdef Py_ssize_t place = 0, first
    value[0] = 0
    while place < size and (field[place] == c' ' or field[place] == 0):
        place += 1
    first = place
    while place < size and c'0' <= field[place] <= c'7':
        value[0] = value[0] * 8 + field[place] - c'0'
        place += 1
    if place == first:
        return False
    while place < size:
        if field[place] != c' ' and field[place] != 0:
            return False
        place += 1
    return True


cdef Py_ssize_t normalised(unsigned char* text, Py_ssize_t size) noexcept nogil:
    """Take empty parts and ``.`` out of a name, in its place. Its length, or -1 where a part leads out of its folder."""
    cdef Py_ssize_t read = 0, written = 0, begin, length
    while read < size:
        begin = read
        while read < size and text[read] != c'/':
            read += 1
        length = read - begin
        read += 1
        if length == 0 or (length == 1 and text[begin] == c'.'):
            continue
        if length == 2 and text[begin] == c'.' and text[begin + 1] == c'.':
            return -1
        if written:
            text[written] = c'/'
            written += 1
        # What is written is never behind what was read: each part had a slash before it, or is the first.
        for place in range(begin, begin + length):
            text[written] = text[place]
            written += 1
    return written
