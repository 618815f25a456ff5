# cython: language_level=3
"""The stanzas of a list, found in one pass over its bytes, and the values of those that are as most are.

A stanza is a run of lines that are not empty. It is as most are where an empty line is behind it, every line is a field
of another name or goes on with the field above it, and each value that is taken stands on one line of text that can be
printed. Any other is left to :mod:`advisories.readers.inventories.stanzas`, which knows what is refused and why.
"""

cimport cython
from cpython.bytes cimport PyBytes_AsString, PyBytes_Size
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp

cdef enum:
    # Fields of a stanza that are told apart, and columns: a stanza with more is left to the reader.
    MOST_FIELDS = 64
    MOST_COLUMNS = 16

ctypedef const unsigned char* text_t


cdef struct Name:
    text_t letters
    Py_ssize_t length
    uint64_t begins   # up to eight letters in lower case, as a number


cdef struct Value:
    Py_ssize_t begin
    Py_ssize_t end


cdef inline unsigned char lower(unsigned char c) noexcept nogil:
    return c | 0x20 if c'A' <= c <= c'Z' else c


cdef inline bint is_blank(unsigned char c) noexcept nogil:
    return c == c' ' or c == c'\t' or c == c'\r'


cdef inline Name name_of(text_t letters, Py_ssize_t length) noexcept nogil:
    cdef Name name
    cdef Py_ssize_t i
    name.letters, name.length, name.begins = letters, length, 0
    for i in range(min(length, <Py_ssize_t>8)):
        name.begins = name.begins << 8 | lower(letters[i])
    return name


cdef inline bint is_same(Name* one, Name* other) noexcept nogil:
    """Whether two names are the same, in upper or lower case."""
    cdef Py_ssize_t i
    if one.begins != other.begins or one.length != other.length:
        return False
    for i in range(8, one.length):
        if lower(one.letters[i]) != lower(other.letters[i]):
            return False
    return True


@cython.final
@cython.auto_pickle(False)
cdef class Stanzas:
    """Iterates over the stanzas of a list. Of each the values of *columns*, or None for one that is left to the reader.

    :param columns: names of fields, in lower case. An empty value is None, and so is a missing one.
    :param others: fields of which no stanza has one that is as most are, in lower case.
    :ivar number: of the first line of the stanza that was given last.
    :ivar begin: where that stanza begins.
    :ivar end: where it ends, without the end of its last line.
    :ivar is_whole: whether an empty line is behind it.
    """

    cdef bytes _data
    cdef tuple _names
    cdef list _last
    cdef text_t _text
    cdef Py_ssize_t _size, _place, _line
    cdef Py_ssize_t _columns, _all
    cdef bint _has_marks
    cdef Name _wanted[MOST_COLUMNS]
    cdef Value _kept[MOST_COLUMNS]
    cdef readonly Py_ssize_t number, begin, end
    cdef readonly bint is_whole

    def __cinit__(self, bytes data not None, tuple columns not None, tuple others not None):
        cdef Py_ssize_t i
        self._data = data
        self._names = columns + others
        self._text = <text_t>PyBytes_AsString(data)
        self._size = PyBytes_Size(data)
        self._line = 1
        self._columns = len(columns)
        self._all = len(self._names)
        self._last = [None] * self._columns
        if self._all > MOST_COLUMNS:
            raise ValueError(f"more than {MOST_COLUMNS} columns")
        for i in range(self._all):
            self._wanted[i] = name_of(<text_t>PyBytes_AsString(self._names[i]), PyBytes_Size(self._names[i]))
            self._kept[i].begin = self._kept[i].end = 0
        self._has_marks = (
            memchr(self._text, 0, self._size) != NULL or memchr(self._text, c'\r', self._size) != NULL
        )

    def __iter__(self):
        return self

    def __next__(self):
        cdef text_t text = self._text
        cdef Py_ssize_t size = self._size
        cdef bint is_usual
        cdef Value found[MOST_COLUMNS]
        while self._place < size and text[self._place] == c'\n':
            self._place += 1
            self._line += 1
        if self._place == size:
            raise StopIteration
        self.number = self._line
        self.begin = self._place
        is_usual = self._fields(found)
        self.is_whole = self._place < size
        self.end = self._place - 1 if text[self._place - 1] == c'\n' else self._place
        if not is_usual or not self.is_whole or self._columns == 0:
            return None
        if self._has_marks and (
            memchr(text + self.begin, 0, self.end - self.begin) != NULL
            or memchr(text + self.begin, c'\r', self.end - self.begin) != NULL
        ):
            return None
        return self._values(found)

    cdef bint _fields(self, Value* found) noexcept:
        """Go behind a stanza. Whether its lines are as most are, and where the values stand."""
        cdef text_t text = self._text
        cdef Py_ssize_t size = self._size, place = self._place
        cdef Py_ssize_t colon, end, count = 0, i
        cdef Py_ssize_t column = -1
        cdef Name names[MOST_FIELDS]
        cdef Name* name
        cdef void* newline
        cdef bint is_usual = True
        for i in range(self._columns):
            found[i].begin = found[i].end = 0
        while place < size and text[place] != c'\n':
            colon = place
            while colon < size and c'!' <= text[colon] <= c'~' and text[colon] != c':':
                colon += 1
            newline = memchr(text + colon, c'\n', size - colon)
            end = <text_t>newline - text if newline != NULL else size
            if not is_usual:
                pass
            elif text[place] == c' ' or text[place] == c'\t':
                # Of a field that is taken the value stands on one line. So does that of the first line's field.
                is_usual = count > 0 and column < 0
            elif colon == place or colon >= end or text[colon] != c':' or count == MOST_FIELDS:
                is_usual = False
            else:
                name = &names[count]
                name[0] = name_of(text + place, colon - place)
                for i in range(count):
                    if is_same(&names[i], name):
                        is_usual = False
                        break
                count += 1
                column = self._column(name)
                if column >= self._columns:
                    is_usual = False
                elif column >= 0:
                    found[column].begin, found[column].end = colon + 1, end
            self._line += 1
            place = end + 1 if newline != NULL else size
        self._place = place
        return is_usual

    cdef inline Py_ssize_t _column(self, Name* name) noexcept:
        """The place among the columns and the other fields that a name has. -1 for a field of no interest."""
        cdef Py_ssize_t i
        for i in range(self._all):
            if is_same(&self._wanted[i], name):
                return i
        return -1

    cdef list _values(self, Value* found):
        """The values of columns as texts. None where one is no text that can be printed."""
        cdef text_t text = self._text
        cdef list values = [None] * self._columns
        cdef Py_ssize_t i, k, begin, end, length
        cdef unsigned char highest
        for i in range(self._columns):
            begin, end = found[i].begin, found[i].end
            while begin < end and is_blank(text[begin]):
                begin += 1
            while begin < end and is_blank(text[end - 1]):
                end -= 1
            if begin == end:
                continue
            length = end - begin
            # Neighbours often share a maintainer, an architecture, a source.
            if (
                self._kept[i].end - self._kept[i].begin == length
                and memcmp(text + self._kept[i].begin, text + begin, length) == 0
            ):
                values[i] = self._last[i]
                continue
            highest = 0
            for k in range(begin, end):
                if text[k] < 0x20 or text[k] == 0x7F:
                    return None
                highest |= text[k]
            try:
                value = PyUnicode_DecodeUTF8(<const char*>(text + begin), length, NULL)
            except UnicodeDecodeError:
                return None
            if highest >= 0x80 and not value.isprintable():
                return None
            self._kept[i].begin, self._kept[i].end = begin, end
            self._last[i] = values[i] = value
        return values

